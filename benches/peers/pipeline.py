"""The stages of `kikitori run` in Python, with the libraries one would choose: prints seconds per stage as JSON.

    python pipeline.py calls.jsonl out/ [--processes 2]
"""

import argparse
import collections
import json
import multiprocessing
import pathlib
import resource
import time

import words

BATCH = 64
THRESHOLD = 10


def analyse(path, processes):
    """Per-consultation stages in worker processes."""
    lines = path.read_text("utf-8").splitlines()
    batches = [lines[i : i + BATCH] for i in range(0, len(lines), BATCH)]
    calls, seconds = [], collections.Counter()
    with multiprocessing.get_context("fork").Pool(processes, words.start_worker) as pool:
        for some, spent in pool.imap(words.batch, batches):
            calls += some
            seconds.update(spent)
    return calls, {step: round(s / processes, 3) for step, s in seconds.items()}


def term_matrix(calls):
    import numpy as np
    import scipy.sparse

    vocabulary = sorted({word for _, counts, _, _ in calls for word in counts})
    ids = {word: i for i, word in enumerate(vocabulary)}
    indices, data, indptr = [], [], [0]
    for _, counts, _, _ in calls:
        row = sorted((ids[word], n) for word, n in counts.items())
        indices += [i for i, _ in row]
        data += [n for _, n in row]
        indptr.append(len(indices))
    matrix = scipy.sparse.csr_matrix((np.array(data, np.float32), indices, indptr), shape=(len(calls), len(vocabulary)))
    df = np.bincount(matrix.indices, minlength=len(vocabulary))
    floor = min(max(3, len(calls) // 1000), 50)
    keep = np.flatnonzero((df >= floor) & (df <= 0.5 * len(calls)))
    return matrix, np.array(vocabulary, object), keep


def suppress(table, column="count"):
    """Primary suppression: counts of 1 to 9 are not shown."""
    small = table[column].between(1, THRESHOLD - 1)
    table["status"] = small.map({True: "suppressed", False: "shown"})
    table[column] = table[column].astype("Int32").mask(small)
    return table


def cross(a, b, columns):
    """Counts, shares and adjusted residuals of two columns."""
    import numpy as np
    import pandas as pd

    table = pd.crosstab(a, b)
    n = table.to_numpy()
    total, rows, cols = n.sum(), n.sum(1, keepdims=True), n.sum(0, keepdims=True)
    expected = rows * cols / max(total, 1)
    residual = (n - expected) / np.sqrt(np.maximum(expected * (1 - rows / total) * (1 - cols / total), 1e-12))
    long = table.stack().rename("count").reset_index()
    long.columns = [*columns, "count"]
    long["share"] = (n / np.maximum(rows, 1)).ravel()
    long["adjusted_residual"] = residual.ravel()
    return suppress(long)


def tables(calls, matrix, vocabulary, keep, found, labels, k):
    import numpy as np
    import pandas as pd

    reasons = words.REASON_DOMAINS
    frame = pd.DataFrame([call for call, *_ in calls])
    frame["theme"] = labels
    frame["probability"] = found["probability"].max(axis=1)
    frame["month"] = frame["received_at"].str[:7]
    utterances = pd.DataFrame(
        [(call["id"], i, *u) for call, _, us, _ in calls for i, u in enumerate(us)],
        columns=["consultation_id", "utterance", "speaker", "text", "removed"],
    )
    mentions = pd.DataFrame(
        [(row, call["id"], *m) for row, (call, _, _, ms) in enumerate(calls) for m in ms],
        columns=["row", "consultation_id", "utterance", "cue", "domain"],
    )
    mentions["explicit"] = mentions["cue"].isin(["request", "question"])
    recorded = frame["reason"].map(lambda r: {reasons.get(x) for x in r})
    asked = mentions[mentions.explicit].groupby("row")["domain"].agg(set).to_dict()
    told = mentions[~mentions.explicit].groupby("row")["domain"].agg(set).to_dict()
    latent = [sorted(told.get(i, set()) - recorded[i] - asked.get(i, set())) for i in range(len(frame))]
    frame["latent"] = latent
    coo = matrix.tocoo()
    terms = pd.DataFrame({"consultation": coo.row.astype("int32"), "term": vocabulary[coo.col], "count": coo.data.astype("int32")})
    terms["term"] = terms["term"].astype("category")

    out = {"analyst/consultations": frame, "analyst/utterances": utterances, "analyst/need_mentions": mentions, "analyst/term_frequencies": terms}
    kept = vocabulary[keep]
    out["dashboard/themes"] = pd.DataFrame({
        "theme": range(k), "size": np.bincount(labels, minlength=k), "group": found["groups"], "coherence": found["coherence"],
        "x": found["map"][:, 0], "y": found["map"][:, 1], "keywords": [list(kept[row]) for row in found["keywords"]],
    })
    per_call = mentions.drop_duplicates(["row", "domain"]).set_index("row")
    per_call = per_call.join(frame[["theme", "month", "outcome", "site", "caller_kind", "age_band", "sex", "prefecture", "stage"]])
    n = len(frame)
    needs = per_call.groupby("domain").size().rename("count").reset_index()
    p = needs["count"] / n
    centre, half = (p + 1.92 / n) / (1 + 3.84 / n), 1.96 * np.sqrt(p * (1 - p) / n + 0.96 / n**2) / (1 + 3.84 / n)
    needs["low"], needs["high"] = centre - half, centre + half
    out["dashboard/needs"] = suppress(needs)
    attributes = ["site", "caller_kind", "age_band", "sex", "prefecture", "stage"]
    for name, source, key in ("theme", frame, "theme"), ("need", per_call, "domain"):
        out[f"dashboard/{name}_by_period"] = cross(source[key], source["month"], [name, "month"])
        parts = [cross(source[key], source[a], [name, "value"]).assign(attribute=a) for a in attributes]
        out[f"dashboard/{name}_by_attribute"] = pd.concat(parts)
        out[f"dashboard/{name}_by_outcome"] = cross(source[key], source["outcome"], [name, "outcome"])
    out["dashboard/theme_by_need"] = cross(per_call["theme"], per_call["domain"], ["theme", "need"])
    for name, column in ("disease_share", "disease"), ("region_share", "prefecture"):
        share = frame[column].value_counts().rename("count").reset_index()
        out[f"dashboard/{name}"] = suppress(share.assign(share=share["count"] / n))
    presence = matrix[:, keep].copy()
    presence.data[:] = 1
    out["dashboard/keywords"], out["dashboard/cooccurrence"] = term_tables(presence, kept, labels, k)
    out["dashboard/quality"] = pd.DataFrame({"measure": ["coherence", "stability"], "value": [found["coherence"].mean(), found["stability"]]})
    return out


def term_tables(presence, kept, labels, k):
    """Keyness of terms per theme; Jaccard and PMI of pairs of the most frequent terms, overall and per theme."""
    import numpy as np
    import pandas as pd

    keywords, pairs = [], []
    df = np.asarray(presence.sum(axis=0)).ravel()
    n = presence.shape[0]
    for theme in [None, *range(k)]:
        rows = presence if theme is None else presence[labels == theme]
        own = np.asarray(rows.sum(axis=0)).ravel()
        top = np.argsort(-own)[:100]
        if theme is not None:
            expected = df * rows.shape[0] / n
            with np.errstate(divide="ignore", invalid="ignore"):
                g = 2 * np.nan_to_num(own * np.log(own / expected) + (df - own) * np.log((df - own) / np.maximum(df - expected, 1e-9)))
            for i in np.argsort(-g)[:50]:
                keywords.append((theme, kept[i], int(own[i]), g[i]))
        both = (rows[:, top].T @ rows[:, top]).toarray()
        a, b = np.triu_indices(len(top), 1)
        joint = both[a, b]
        jaccard = joint / np.maximum(own[top][a] + own[top][b] - joint, 1)
        best = np.argsort(-jaccard)[:500]
        for i in best:
            if joint[i] > 0:
                pmi = np.log2(joint[i] * rows.shape[0] / (own[top][a[i]] * own[top][b[i]]))
                pairs.append((-1 if theme is None else theme, kept[top[a[i]]], kept[top[b[i]]], int(joint[i]), jaccard[i], pmi))
    return (
        suppress(pd.DataFrame(keywords, columns=["theme", "term", "count", "log_likelihood"])),
        suppress(pd.DataFrame(pairs, columns=["theme", "term_a", "term_b", "count", "jaccard", "pmi"])),
    )


def write(out, tables):
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name, frame in tables.items():
        path = out / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = {"text", "id", "consultation_id", "keywords", "reason", "latent"}
        table = pa.Table.from_pandas(frame, preserve_index=False)
        columns = [c for c in table.column_names if c not in text]
        pq.write_table(table, path, compression="zstd", compression_level=3, write_page_index=True, write_statistics=columns, use_dictionary=columns)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("input", type=pathlib.Path)
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    arguments = arguments.parse_args()
    started = last = time.perf_counter()
    stages = {}

    def done(stage):
        nonlocal last
        now = time.perf_counter()
        stages[stage] = round(now - last, 3)
        last = now

    calls, parts = analyse(arguments.input, arguments.processes)
    done("read_segment_redact_needs")
    import numpy as np

    import themes

    done("import")
    matrix, vocabulary, keep = term_matrix(calls)
    counts = matrix[:, keep]
    presence = counts.copy()
    presence.data = np.ones_like(presence.data)
    done("term_matrix")
    weights = themes.bm25(counts)
    vectors = themes.lsa(weights)
    short = themes.is_short(presence)
    if not short:
        vectors = themes.sharpened(weights, vectors, presence)
    done("weights_lsa")
    k = themes.number_of_themes(vectors, counts, presence, arguments.processes)
    done("number_of_themes")
    labels, centroids = themes.consensus(vectors, k, themes.MEMBERS, 0)
    if short:
        labels = themes.refined(presence, labels, k)
        # A theme that lost all its calls is none.
        kept, labels = np.unique(labels, return_inverse=True)
        k = len(kept)
        centroids = themes.normalize(themes.one_hot(labels, k).T @ vectors)
    done("consensus")
    found = themes.describe(vectors, labels, centroids, counts, presence, k)
    done("describe_themes")
    made = tables(calls, matrix, vocabulary, keep, found, labels, k)
    done("counts")
    write(arguments.out, made)
    done("parquet")
    usage = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({
        "calls": len(calls), "utterances": sum(len(c[2]) for c in calls), "terms": len(keep), "themes": k,
        "mentions": sum(len(c[3]) for c in calls), "identifiers": sum(u[2] for c in calls for u in c[2]),
        "seconds": round(time.perf_counter() - started, 3), "stages": stages, "worker_seconds": parts, "peak_rss_mb": round(usage / 1024),
    }, ensure_ascii=False))


if __name__ == "__main__":
    main()

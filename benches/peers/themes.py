"""BM25, LSA, the number of themes, consensus, labels, map: the work kikitori does, by numpy and scikit-learn.

The constants are kikitori's (src/theme, src/vector); where they change there, change them here.
"""

import numpy as np
import scipy.cluster.hierarchy
import scipy.sparse
from joblib import Parallel, delayed
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

K1, B = 0.6, 0.75
RANK, MEMBERS = 50, 20
MAX_SHARE = 0.5
CANDIDATES = [*range(4, 13), *range(14, 25, 2)]
SEARCH_ROWS, SEARCH_RESAMPLES, SEARCH_RUNS = 3000, 6, 2
STABILITY_RESAMPLES, STABILITY_MEMBERS = 5, 5
MAX_ITERATIONS, REFINEMENTS = 100, 30
TOP_TERMS = 10
# Short texts are refined by their words, long ones are fitted once more with terms that tell parts apart weighing more.
SHORT_TEXT_TERMS, ROUNDS, SETTLED_SHARE = 60, 10, 1000
PROVISIONAL_PARTS, PROVISIONAL_MEMBERS, SHARPNESS = 12, 5, 0.15


def bm25(counts):
    """Weights of a CSR matrix of counts."""
    n = counts.shape[0]
    df = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log1p((n - df + 0.5) / (df + 0.5))
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    norm = K1 * (1 - B + B * lengths / lengths.mean())
    tf = counts.data
    data = idf[counts.indices] * tf * (K1 + 1) / (tf + np.repeat(norm, np.diff(counts.indptr)))
    return scipy.sparse.csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)


def lsa(weights, seed=0):
    return normalize(TruncatedSVD(RANK, n_oversamples=10, n_iter=4, random_state=seed).fit_transform(weights)).astype(np.float32)


def is_short(presence):
    return presence.nnz / presence.shape[0] <= SHORT_TEXT_TERMS


def information(presence, labels, k):
    """Mutual information of each term's presence and the part, less what chance gives, as a share of its entropy."""
    n = presence.shape[0]
    sizes = np.bincount(labels, minlength=k)[:, None]
    inside = (presence.T @ one_hot(labels, k)).T
    present = inside.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        cells = [(inside, present), (sizes - inside, n - present)]
        mutual = sum(np.where(both > 0, both / n * np.log(both * n / (sizes * all_)), 0).sum(axis=0) for both, all_ in cells)
        entropy = sum(np.where(p > 0, -p / n * np.log(p / n), 0) for p in (present, n - present))
        return np.clip(np.nan_to_num((mutual - (k - 1) / (2 * n)) / entropy), 0, 1)


def sharpened(weights, vectors, presence):
    labels, _ = consensus(vectors, PROVISIONAL_PARTS, PROVISIONAL_MEMBERS, 0)
    told = information(presence, labels, PROVISIONAL_PARTS)
    return lsa(weights @ scipy.sparse.diags((told / told.max()) ** SHARPNESS))


def one_hot(labels, k):
    return np.eye(k)[labels]


def refined(presence, labels, k):
    """Naive Bayes on presence, the call itself not being asked, until hardly any moves."""
    n, terms = presence.shape
    lengths = np.diff(presence.indptr)
    rows = np.repeat(np.arange(n), lengths)
    for _ in range(ROUNDS):
        counts = (presence.T @ one_hot(labels, k)).T
        totals, calls = counts.sum(axis=1), np.bincount(labels, minlength=k)
        scores = presence @ np.log(counts + 1).T - np.outer(lengths, np.log(totals + terms)) + np.log(calls + 1)
        own = np.bincount(rows, np.log(counts[labels[rows], presence.indices]), n)
        scores[np.arange(n), labels] = own - lengths * np.log(totals[labels] - lengths + terms) + np.log(calls[labels])
        new = scores.argmax(axis=1)
        moved = (new != labels).sum()
        labels = new
        if moved <= n // SETTLED_SHARE:
            break
    return labels


def strongest(presence, labels, k, sample):
    """The themes of all calls by what the words of the sample speak for."""
    counts = (presence[sample].T @ one_hot(labels, k)).T
    evidence = np.log(counts + 1) - np.log(counts.sum(axis=1, keepdims=True) + presence.shape[1])
    return (presence @ evidence.T + np.log(np.bincount(labels, minlength=k) + 1)).argmax(axis=1)


def k_means(vectors, k, seed, runs=1):
    return KMeans(k, n_init=runs, max_iter=MAX_ITERATIONS, random_state=seed).fit(vectors)


def nearest(centroids, vectors):
    return np.argmax(vectors @ normalize(centroids).T, axis=1)


def resampled(n, seed):
    return np.flatnonzero(np.random.default_rng(seed).random(n) < 0.8)


def resample(vectors, seed):
    return vectors[resampled(len(vectors), seed)]


def class_tf_idf(counts, labels, k):
    classes = scipy.sparse.csr_matrix((np.ones(len(labels)), (labels, np.arange(len(labels)))), shape=(k, len(labels))) @ counts
    classes = classes.toarray()
    total = classes.sum(axis=0)
    share = classes / np.maximum(classes.sum(axis=1, keepdims=True), 1)
    return share * np.log1p(classes.sum() / k / np.maximum(total, 1))


def coherence(presence, scores):
    """Mean NPMI of each theme's strongest terms."""
    n, out = presence.shape[0], []
    for row in scores:
        top = np.argsort(-row)[:TOP_TERMS]
        words = presence[:, top]
        both = (words.T @ words).toarray() / n
        p = np.diag(both)
        a, b = np.triu_indices(len(top), 1)
        joint = both[a, b]
        with np.errstate(divide="ignore", invalid="ignore"):
            npmi = np.log(joint / (p[a] * p[b])) / -np.log(joint)
        out.append(np.where(joint > 0, npmi, -1).mean())
    return np.array(out)


def mean_ari(labelings):
    pairs = [(a, b) for i, a in enumerate(labelings) for b in labelings[:i]]
    return np.mean([adjusted_rand_score(a, b) for a, b in pairs])


def candidate(k, vectors, samples, counts, presence):
    with threadpool_limits(1):
        fits = [nearest(k_means(s, k, i, SEARCH_RUNS).cluster_centers_, vectors) for i, s in enumerate(samples)]
        stability = mean_ari(fits)
        npmi = np.mean([coherence(presence, class_tf_idf(counts, fit, k)).mean() for fit in fits[:2]])
    # Coherence is published beside it and not part of the choice.
    return max(stability, 0) * np.log(k) ** 0.5, npmi


def number_of_themes(vectors, counts, presence, processes):
    rows = np.linspace(0, len(vectors) - 1, min(SEARCH_ROWS, len(vectors))).astype(int)
    vectors, counts, presence = vectors[rows], counts[rows], presence[rows]
    samples = [resample(vectors, i) for i in range(SEARCH_RESAMPLES)]
    # Threads, not processes: scikit-learn releases the lock where it counts, and nothing has to be copied.
    parallel = Parallel(n_jobs=processes, backend="threading")
    scores = parallel(delayed(candidate)(k, vectors, samples, counts, presence) for k in CANDIDATES)
    return CANDIDATES[int(np.argmax([score for score, _ in scores]))]


def consensus(vectors, k, members, seed):
    """Of many runs the one the others agree with most, then spherical k-means until nothing moves."""
    fits = [k_means(vectors, k, seed + i) for i in range(members)]
    agreement = [np.mean([adjusted_rand_score(a.labels_, b.labels_) for b in fits if b is not a]) for a in fits]
    labels = fits[int(np.argmax(agreement))].labels_
    for _ in range(REFINEMENTS):
        centroids = normalize(np.array([vectors[labels == t].mean(axis=0) for t in range(k)]))
        new = nearest(centroids, vectors)
        if (new == labels).all() or len(np.unique(new)) < k:
            break
        labels = new
    return labels, centroids


def describe(vectors, labels, centroids, counts, presence, k):
    scores = class_tf_idf(counts, labels, k)
    refits = []
    for i in range(STABILITY_RESAMPLES):
        sample = resampled(len(vectors), i)
        part, centres = consensus(vectors[sample], k, STABILITY_MEMBERS, 100 * i)
        if is_short(presence):
            refits.append(strongest(presence, refined(presence[sample], part, k), k, sample))
        else:
            refits.append(nearest(centres, vectors))
    stability = mean_ari([labels, *refits])
    similarity = vectors @ centroids.T
    exp = np.exp((similarity - similarity.max(axis=1, keepdims=True)) / 0.05)
    return {
        "keywords": np.argsort(-scores, axis=1)[:, :20],
        "coherence": coherence(presence, scores),
        "stability": stability,
        "probability": exp / exp.sum(axis=1, keepdims=True),
        "representatives": [np.argsort(-similarity[:, t])[:10] for t in range(k)],
        "groups": scipy.cluster.hierarchy.fcluster(scipy.cluster.hierarchy.linkage(centroids, "average", "cosine"), 6, "maxclust"),
        "map": PCA(2).fit_transform(centroids),
    }

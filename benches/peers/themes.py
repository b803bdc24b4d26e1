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


def k_means(vectors, k, seed, runs=1):
    return KMeans(k, n_init=runs, max_iter=MAX_ITERATIONS, random_state=seed).fit(vectors)


def nearest(centroids, vectors):
    return np.argmax(vectors @ normalize(centroids).T, axis=1)


def resample(vectors, seed):
    return vectors[np.random.default_rng(seed).random(len(vectors)) < 0.8]


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
    refits = [consensus(resample(vectors, i), k, STABILITY_MEMBERS, 100 * i)[1] for i in range(STABILITY_RESAMPLES)]
    stability = mean_ari([labels, *(nearest(c, vectors) for c in refits)])
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

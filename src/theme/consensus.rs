//! A partition that does not depend on luck: many k-means runs, and of the better half the one the others agree with most.

use std::collections::BTreeSet;

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_clustering::{KMeans, KMeansInit};
use ndarray::{Array2, ArrayView2};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;

use super::space::{similarities, unit};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::stat::agreement::Contingency;

/// Euclidean iterations of one k-means run, before the spherical ones: enough to undo an unlucky start.
const EUCLIDEAN_ITERATIONS: u64 = 3;

/// A run has settled when its centroids together move less than this.
const TOLERANCE: f32 = 1e-3;

/// Spherical iterations at most; most runs settle within 30.
const SPHERICAL_ITERATIONS: usize = 100;

/// A run has settled when at most one vector in this many changes its part.
const SETTLED_SHARE: usize = 2000;

/// A partition of unit vectors by the nearest of its centroids.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Partition {
    /// Themes × rank, unit rows.
    pub(super) centroids: Array2<f32>,
    /// For each vector the nearest centroid.
    pub(super) labels: Vec<u16>,
    /// Mean similarity to the nearest centroid.
    pub(super) similarity: f64,
}

impl Partition {
    /// Each vector to its nearest centroid; of equally near ones the first.
    pub(super) fn nearest(centroids: Array2<f32>, vectors: ArrayView2<'_, f32>) -> Self {
        let best: Vec<(u16, f32)> = (0..vectors.nrows())
            .into_par_iter()
            .map(|i| vectors.row(i).to_slice().map_or((0, 0.0), |vector| nearest(&centroids, vector)))
            .collect();
        let similarity = best.iter().map(|(_, s)| f64::from(*s)).sum::<f64>() / best.len().max(1) as f64;
        Self { centroids, labels: best.into_iter().map(|(l, _)| l).collect(), similarity }
    }

    /// Vectors per theme.
    pub(super) fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.centroids.nrows()];
        self.labels.iter().for_each(|l| sizes[usize::from(*l)] += 1);
        sizes
    }

    /// Spherical k-means from here until nothing moves (Dhillon & Modha 2001, doi:10.1023/A:1007612920971).
    fn refined(mut self, vectors: ArrayView2<'_, f32>) -> Self {
        for _ in 0..SPHERICAL_ITERATIONS {
            let next = Self::nearest(directions(&self, vectors), vectors);
            let moved = next.labels.iter().zip(&self.labels).filter(|(a, b)| a != b).count();
            self = next;
            if moved <= vectors.nrows() / SETTLED_SHARE {
                break;
            }
        }
        self
    }
}

/// The nearest centroid and the similarity to it.
pub(super) fn nearest(centroids: &Array2<f32>, vector: &[f32]) -> (u16, f32) {
    let mut best = (0, f32::NEG_INFINITY);
    for (label, similarity) in (0u16..).zip(similarities(centroids, vector)) {
        if similarity > best.1 {
            best = (label, similarity);
        }
    }
    best
}

/// Agreement of two partitions of the same vectors.
pub(super) fn contingency(a: &[u16], b: &[u16]) -> Contingency {
    Contingency::new(a.iter().zip(b).map(|(a, b)| (usize::from(*a), usize::from(*b))))
}

/// The mean direction of each part; an empty part keeps its centroid.
fn directions(partition: &Partition, vectors: ArrayView2<'_, f32>) -> Array2<f32> {
    let (k, rank) = partition.centroids.dim();
    let mut sums = Array2::<f64>::zeros((k, rank));
    for (vector, label) in vectors.rows().into_iter().zip(&partition.labels) {
        sums.row_mut(usize::from(*label)).iter_mut().zip(vector).for_each(|(s, v)| *s += f64::from(*v));
    }
    let mut centroids = partition.centroids.clone();
    for (sum, mut centroid) in sums.rows().into_iter().zip(centroids.rows_mut()) {
        let mut mean: Vec<f32> = sum.iter().map(|s| *s as f32).collect();
        if unit(&mut mean) {
            centroid.iter_mut().zip(mean).for_each(|(c, m)| *c = m);
        }
    }
    centroids
}

/// One run of k-means: linfa's with k-means++ (never `KMeansPara`: its result depends on the threads), finished on the sphere.
///
/// # Errors
/// When the distances are not finite, which unit vectors do not cause.
pub(super) fn k_means(vectors: ArrayView2<'_, f32>, k: usize, seed: u64) -> Result<Partition> {
    let rng = Xoshiro256Plus::seed_from_u64(seed);
    let dataset = DatasetBase::from(vectors);
    let model = KMeans::params_with_rng(k, rng)
        .n_runs(1)
        .max_n_iterations(EUCLIDEAN_ITERATIONS)
        .tolerance(TOLERANCE)
        .init_method(KMeansInit::KMeansPlusPlus)
        .fit(&dataset)
        .map_err(|e| Error::new(ErrorKind::Internal, Text::new("k-means が失敗しました", "k-means failed")).because(e))?;
    let mut centroids = model.centroids().clone();
    centroids.rows_mut().into_iter().for_each(|mut row| {
        if let Some(values) = row.as_slice_mut() {
            unit(values);
        }
    });
    Ok(Partition::nearest(centroids, vectors).refined(vectors))
}

/// The consensus and the runs it was chosen from.
pub(super) struct Consensus {
    /// The partition.
    pub(super) partition: Partition,
    /// All runs.
    pub(super) members: Vec<Partition>,
}

/// Runs k-means `members` times and takes, of the half with the nearest centroids, the run that agrees most with the others
/// of that half (the medoid under the adjusted Rand index).
///
/// On labelled news this agreed with people at least as well as the best run, the medoid of all, and partitions made of
/// co-memberships, and fits with different seeds agreed as often.
///
/// # Errors
/// As [`k_means`].
pub(super) fn consensus(vectors: ArrayView2<'_, f32>, k: usize, members: usize, seed: u64) -> Result<Consensus> {
    let k = k.min(distinct(vectors, k)).max(1);
    let runs = (0..members as u64).into_par_iter().map(|i| k_means(vectors, k, member_seed(seed, i))).collect::<Result<Vec<_>>>()?;
    let mut half: Vec<&Partition> = runs.iter().collect();
    half.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    half.truncate(runs.len().div_ceil(2));
    let agreement: Vec<Vec<f64>> =
        (0..half.len()).into_par_iter().map(|i| (0..i).map(|j| contingency(&half[i].labels, &half[j].labels).ari()).collect()).collect();
    let mean = |i: usize| (0..half.len()).filter(|j| *j != i).map(|j| agreement[i.max(j)][i.min(j)]).sum::<f64>();
    let mut medoid = 0;
    for i in 1..half.len() {
        if mean(i) > mean(medoid) {
            medoid = i;
        }
    }
    let partition = half[medoid].clone();
    Ok(Consensus { partition, members: runs })
}

/// Seeds of the members: far apart for neighbouring seeds (SplitMix64's increment).
fn member_seed(seed: u64, member: u64) -> u64 {
    seed.wrapping_mul(0x2545_F491_4F6C_DD1D).wrapping_add(member.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// How many different vectors there are; counting stops at `enough`.
fn distinct(vectors: ArrayView2<'_, f32>, enough: usize) -> usize {
    let mut seen = BTreeSet::new();
    for row in vectors.rows() {
        seen.insert(row.iter().map(|v| v.to_bits()).collect::<Vec<_>>());
        if seen.len() >= enough {
            break;
        }
    }
    seen.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three bundles of ten directions each, a few degrees wide.
    fn bundles() -> Array2<f32> {
        let mut values = Vec::new();
        for i in 0..30 {
            let wobble = (i / 3) as f32 * 0.01;
            let mut v = [wobble, 0.05 - wobble, wobble];
            v[i % 3] = 1.0;
            unit(&mut v);
            values.extend(v);
        }
        Array2::from_shape_vec((30, 3), values).unwrap()
    }

    #[test]
    fn clear_groups_are_found_with_any_seed() {
        let vectors = bundles();
        let truth: Vec<u16> = (0..30).map(|i| i % 3).collect();
        for seed in 0..5 {
            let found = consensus(vectors.view(), 3, 10, seed).unwrap().partition;
            assert_eq!(contingency(&found.labels, &truth).ari(), 1.0);
            assert_eq!(found.sizes(), [10, 10, 10]);
        }
    }

    #[test]
    fn no_more_parts_than_different_vectors() {
        let vectors = Array2::from_shape_vec((4, 2), vec![1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0]).unwrap();
        let found = consensus(vectors.view(), 4, 3, 1).unwrap().partition;
        assert_eq!(found.centroids.nrows(), 2);
        assert_eq!(found.labels[0], found.labels[1]);
        assert_ne!(found.labels[0], found.labels[2]);
    }
}

//! A partition that does not depend on luck: many k-means runs, and of the better half the one the others agree with most.

use std::collections::BTreeSet;

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::partition::{Partition, contingency, k_means};
use crate::error::Result;

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
    use ndarray::Array2;

    use super::super::space::unit;
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

//! A partition that does not depend on luck: what many k-means runs agree on, mended by moving centroids where they are
//! missed.

use std::collections::BTreeSet;

use ndarray::{Array2, ArrayView2};
use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;

use super::centroid::Centroids;
use super::coassociation::accumulated;
use super::partition::{Partition, k_means, places};
use super::space::unit;
use crate::error::Result;

/// Parts that might be given up, and parts that might be split, in each round of moves.
const MOVED: usize = 2;

/// Rounds of moves at most; most searches end after one or two.
const ROUNDS: u64 = 3;

/// A move must raise the mean similarity by this share, so that the last bits of sums do not choose.
const GAIN: f64 = 1e-5;

/// Up to so many vectors, calls are few: pairs of them can be looked at.
pub(super) const FEW: usize = 2000;

/// So many times more runs for few calls, and so many the more, the fewer they are: what hundreds of runs put together hardly
/// depends on luck, and they cost no more than twenty on many calls.
const RUNS_FOR_FEW: (usize, usize) = (10, 40);

/// Vectors all runs together look at, as a multiple of the members asked for.
const VECTORS_FOR_FEW: usize = 10_000;

/// How far the new centroid of a split leans towards the vector it is drawn to.
const LEAN: f32 = 0.3;

/// The consensus and the runs it was chosen from.
pub(super) struct Consensus {
    /// The partition.
    pub(super) partition: Partition,
    /// All runs.
    pub(super) members: Vec<Partition>,
}

/// Runs of k-means for so many vectors, where `members` are asked for.
pub(super) fn runs(vectors: usize, members: usize) -> usize {
    if vectors > FEW {
        return members;
    }
    members * (VECTORS_FOR_FEW / vectors.max(1)).clamp(RUNS_FOR_FEW.0, RUNS_FOR_FEW.1)
}

/// Of few calls, what many runs put together ([`accumulated`]), settled. Of more, the best of `members` runs of k-means and of
/// their joined centroids, mended by moves.
///
/// `docs/themes.md` has what this and its rivals gave on labelled texts of several lengths: against the run that agrees most
/// with the others, fits with different seeds agree more on four kinds of five, at about equal agreement with people.
///
/// # Errors
/// As [`k_means`].
pub(super) fn consensus(vectors: ArrayView2<'_, f32>, k: usize, members: usize, seed: u64) -> Result<Consensus> {
    let k = k.min(distinct(vectors, k)).max(1);
    let few = vectors.nrows() <= FEW;
    let members = runs(vectors.nrows(), members);
    let runs: Vec<Partition> =
        (0..members as u64).into_par_iter().map(|i| k_means(vectors, k, member_seed(seed, i))).collect::<Result<Vec<_>>>()?;
    if few {
        let parts = accumulated(&runs, k);
        let start = Partition::of_labels(parts, k, vectors);
        return Ok(Consensus { partition: Partition::settle(start.centroids, vectors), members: runs });
    }
    let mut half: Vec<&Partition> = runs.iter().collect();
    half.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    half.truncate(runs.len().div_ceil(2));
    let joined = Partition::settle(joined(&half), vectors);
    let start = if joined.similarity > half[0].similarity { joined } else { half[0].clone() };
    Ok(Consensus { partition: mended(start, vectors, seed), members: runs })
}

/// The centroids of several runs joined to one set: each run's centroids to the nearest of the first run's, until nothing
/// moves (Bradley & Fayyad 1998, "Refining initial points for k-means clustering").
fn joined(runs: &[&Partition]) -> Array2<f32> {
    let first = &runs[0].centroids;
    let rows: Vec<f32> = runs.iter().flat_map(|run| run.centroids.iter().copied()).collect();
    match Array2::from_shape_vec((runs.len() * first.nrows(), first.ncols()), rows) {
        Ok(all) => Partition::settle(first.clone(), all.view()).centroids,
        Err(_) => first.clone(),
    }
}

/// Moves the centroids that are missed least to the parts that hold together least, as long as that makes the whole better:
/// the swaps of Fränti 2018 (doi:10.1186/s40537-018-0122-y), tried where they are likeliest to help.
fn mended(mut best: Partition, vectors: ArrayView2<'_, f32>, seed: u64) -> Partition {
    for round in 0..ROUNDS {
        let moves = moves(&best, vectors);
        let tried: Vec<Partition> = moves
            .into_par_iter()
            .enumerate()
            .map(|(i, (from, to))| {
                let mut rng = Xoshiro256Plus::seed_from_u64(member_seed(seed, 1000 + round * 100 + i as u64));
                Partition::settle(with_move(&best, vectors, from, to, &mut rng), vectors)
            })
            .collect();
        let Some(next) = tried.into_iter().reduce(|a, b| if b.similarity > a.similarity { b } else { a }) else { break };
        if next.similarity <= best.similarity * (1.0 + GAIN) {
            break;
        }
        best = next;
    }
    best
}

/// Pairs of a part to give up and a part to split, likeliest first.
fn moves(partition: &Partition, vectors: ArrayView2<'_, f32>) -> Vec<(usize, usize)> {
    let k = partition.centroids.nrows();
    // What is lost where a part is given up, and what its vectors miss as it is.
    let (mut loss, mut spread) = (vec![0f64; k], vec![0f64; k]);
    for place in places(&Centroids::new(&partition.centroids), vectors) {
        let part = usize::from(place.label);
        loss[part] += f64::from(place.similarity - place.rival.max(-1.0));
        spread[part] += f64::from(1.0 - place.similarity);
    }
    let by = |values: &[f64], sign: f64| {
        let mut order: Vec<usize> = (0..k).collect();
        order.sort_by(|a, b| (sign * values[*a]).total_cmp(&(sign * values[*b])).then(a.cmp(b)));
        order.truncate(MOVED);
        order
    };
    let (cheap, loose) = (by(&loss, 1.0), by(&spread, -1.0));
    cheap.iter().flat_map(|from| loose.iter().filter(move |to| *to != from).map(|to| (*from, *to))).collect()
}

/// The centroids with that of `from` moved into the part `to`, towards one of its vectors.
fn with_move(partition: &Partition, vectors: ArrayView2<'_, f32>, from: usize, to: usize, rng: &mut Xoshiro256Plus) -> Array2<f32> {
    let mut centroids = partition.centroids.clone();
    let of_part: Vec<usize> = (0..partition.labels.len()).filter(|i| usize::from(partition.labels[*i]) == to).collect();
    // The upper bits are the good ones of this generator.
    let drawn = of_part.get((rng.next_u64() >> 32) as usize % of_part.len().max(1)).map(|i| vectors.row(*i));
    let mut moved = centroids.row(to).to_vec();
    if let Some(drawn) = drawn {
        moved.iter_mut().zip(drawn).for_each(|(m, d)| *m += LEAN * d);
    }
    if unit(&mut moved) {
        centroids.row_mut(from).iter_mut().zip(moved).for_each(|(c, m)| *c = m);
    }
    centroids
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
    use super::super::partition::contingency;
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
    fn a_centroid_that_two_groups_share_gets_help_from_one_that_is_not_missed() {
        let vectors = bundles();
        // Two centroids in the first bundle, one for the other two: spherical k-means alone stays there.
        let start = ndarray::array![[1.0_f32, 0.05, 0.0], [1.0, 0.0, 0.05], [0.0, 0.7, 0.7]];
        let stuck = Partition::settle(start, vectors.view());
        assert!(contingency(&stuck.labels, &(0..30).map(|i| i % 3).collect::<Vec<u16>>()).ari() < 0.9);
        let mended = mended(stuck, vectors.view(), 1);
        assert_eq!(mended.sizes(), [10, 10, 10]);
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

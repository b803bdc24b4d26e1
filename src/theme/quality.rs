//! How good is a clustering? Coherence of its keywords, and whether it comes back when the data change a little.

use ndarray::{ArrayView2, Axis};
use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;

use super::consensus::consensus;
use super::evidence::{Presence, evidence, refined};
use super::partition::{Partition, contingency};
use crate::error::Result;
use crate::stat::coherence::npmi;
use crate::term::{TermId, TermMatrix};

/// Keywords per theme that coherence and diversity look at.
pub(super) const TOP_TERMS: usize = 10;

/// Resampled fits.
const RESAMPLES: u64 = 5;

/// Share of the consultations in each resample, in percent.
const RESAMPLE_PERCENT: u64 = 80;

/// Mean NPMI over all pairs of each theme's strongest keywords, by their co-occurrence in consultations; 0 where a theme
/// has fewer than two keywords.
pub(super) fn coherence(
    matrix: &TermMatrix,
    rows: &[u32],
    keep: &[Option<TermId>],
    terms: usize,
    keywords: &[Vec<(TermId, f64)>],
) -> Vec<f64> {
    // For each term where it stands: theme and place among the theme's keywords.
    let mut places: Vec<Vec<(usize, usize)>> = vec![Vec::new(); terms];
    for (theme, words) in keywords.iter().enumerate() {
        for (place, (term, _)) in words.iter().take(TOP_TERMS).enumerate() {
            places[term.0 as usize].push((theme, place));
        }
    }
    let cells = TOP_TERMS * TOP_TERMS;
    let empty = || vec![0u64; keywords.len() * cells];
    let both = rows
        .par_iter()
        .fold(
            || (empty(), vec![0u16; keywords.len()]),
            |(mut both, mut masks), row| {
                masks.fill(0);
                for term in matrix.row(*row as usize).0 {
                    if let Some(id) = keep[*term as usize] {
                        places[id.0 as usize].iter().for_each(|(theme, place)| masks[*theme] |= 1 << place);
                    }
                }
                for (theme, mask) in masks.iter().enumerate().filter(|(_, m)| **m != 0) {
                    let present = || (0..TOP_TERMS).filter(|p| mask >> p & 1 == 1);
                    for a in present() {
                        present().for_each(|b| both[theme * cells + a * TOP_TERMS + b] += 1);
                    }
                }
                (both, masks)
            },
        )
        .map(|(both, _)| both)
        .reduce(empty, |mut a, b| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            a
        });
    let documents = rows.len() as u64;
    keywords
        .iter()
        .enumerate()
        .map(|(theme, words)| {
            let n = words.len().min(TOP_TERMS);
            let count = |a: usize, b: usize| both[theme * cells + a * TOP_TERMS + b];
            let pairs = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b)));
            let (sum, pairs) =
                pairs.fold((0.0, 0u32), |(s, p), (a, b)| (s + npmi(count(a, b), count(a, a), count(b, b), documents), p + 1));
            if pairs == 0 { 0.0 } else { sum / f64::from(pairs) }
        })
        .collect()
}

/// What resampled fits say about a partition.
pub(super) struct Stability {
    /// Mean ARI between all pairs of fits.
    pub(super) overall: f64,
    /// Per theme, the mean Jaccard overlap with the best-matching theme (Hennig 2007, doi:10.1016/j.csda.2006.11.025).
    pub(super) themes: Vec<f64>,
}

/// Clusters other seeds' samples of four fifths of the vectors in the same way and compares; `short` is given where the
/// partition was refined by words.
///
/// # Errors
/// As the clustering itself.
pub(super) fn stability(
    partition: &Partition,
    vectors: ArrayView2<'_, f32>,
    short: Option<&Presence<'_>>,
    members: usize,
    seed: u64,
) -> Result<Stability> {
    let k = partition.centroids.nrows();
    let refits = (1..=RESAMPLES)
        .into_par_iter()
        .map(|i| {
            let chosen = resample(vectors.nrows(), seed.wrapping_add(i));
            let sample = vectors.select(Axis(0), &chosen);
            let fit = consensus(sample.view(), k, members, seed.wrapping_add(i))?.partition;
            let all = Partition::nearest(fit.centroids.clone(), vectors);
            Ok(match short {
                Some(presence) => Partition { labels: refitted(presence, &chosen, &fit), ..all },
                None => all,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let all: Vec<&Partition> = std::iter::once(partition).chain(&refits).collect();
    let mut themes = vec![0.0; k];
    for refit in &refits {
        let table = contingency(&partition.labels, &refit.labels);
        for (theme, sum) in themes.iter_mut().enumerate().take(table.first().len()) {
            let overlap = |b: usize| {
                let both = table.both(theme, b);
                let union = table.first()[theme] + table.second()[b] - both;
                if union == 0 { 0.0 } else { both as f64 / union as f64 }
            };
            *sum += (0..table.second().len()).map(overlap).fold(0.0, f64::max) / RESAMPLES as f64;
        }
    }
    Ok(Stability { overall: mean_ari(&all.iter().map(|p| p.labels.as_slice()).collect::<Vec<_>>()), themes })
}

/// The themes of all rows by what the words of the `chosen` ones speak for.
fn refitted(presence: &Presence<'_>, chosen: &[usize], fit: &Partition) -> Vec<u16> {
    let rows: Vec<u32> = chosen.iter().map(|i| presence.rows[*i]).collect();
    let (sample, themes) = (Presence { rows: &rows, ..*presence }, fit.centroids.nrows());
    evidence(&sample, &refined(&sample, &fit.labels, &[], themes), themes).strongest(presence)
}

/// Mean adjusted Rand index over all pairs of labelings; 1 for a single one.
pub(super) fn mean_ari(labelings: &[&[u16]]) -> f64 {
    let pairs: Vec<(usize, usize)> = (0..labelings.len()).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
    let aris: Vec<f64> = pairs.par_iter().map(|(a, b)| contingency(labelings[*a], labelings[*b]).ari()).collect();
    if aris.is_empty() { 1.0 } else { aris.iter().sum::<f64>() / aris.len() as f64 }
}

/// Four fifths of so many rows, drawn one by one.
pub(super) fn resample(rows: usize, seed: u64) -> Vec<usize> {
    let mut rng = Xoshiro256Plus::seed_from_u64(seed);
    // The upper bits are the good ones of this generator.
    let chosen: Vec<usize> = (0..rows).filter(|_| (rng.next_u64() >> 32) % 100 < RESAMPLE_PERCENT).collect();
    if chosen.is_empty() { (0..rows).collect() } else { chosen }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::testing::TextMatrixBuilder;

    #[test]
    fn coherence_by_hand() {
        let mut b = TextMatrixBuilder::default();
        for row in [&["a", "b"][..], &["a", "b"], &["c"], &["d"]] {
            row.iter().for_each(|t| b.add(t));
            b.end_row();
        }
        let (vocabulary, matrix) = b.finish();
        let keep: Vec<_> = vocabulary.ids().map(Some).collect();
        let words = |ts: &[u32]| ts.iter().map(|t| (TermId(*t), 1.0)).collect::<Vec<_>>();
        // a and b always together: 1. c and d never: −1. A single word: 0. a–b 1, a–c −1, b–c −1: −1/3.
        let got = coherence(&matrix, &[0, 1, 2, 3], &keep, 4, &[words(&[0, 1]), words(&[2, 3]), words(&[0]), words(&[0, 1, 2])]);
        assert_eq!(&got[..3], [1.0, -1.0, 0.0]);
        assert!((got[3] + 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn equal_labelings_are_stable() {
        assert_eq!(mean_ari(&[&[0, 0, 1, 1], &[1, 1, 0, 0], &[0, 0, 1, 1]]), 1.0);
        assert_eq!(mean_ari(&[&[0, 1]]), 1.0);
    }
}

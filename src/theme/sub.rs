//! What is a big theme made of? Sub-themes, where it falls into parts that come back.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::ThemeId;
use super::partition::{Partition, contingency, k_means};
use super::quality::resample;
use super::tree::{best_cut, cut, ward};
use crate::error::Result;

/// A theme of fewer calls is not looked into.
const BIG: usize = 100;

/// A sub-theme has at least so many calls, and at least this share of its theme (one in so many).
const SMALLEST: (usize, usize) = (20, 10);

/// Sub-themes of a theme at most: more are themes of their own.
const MAX_PARTS: usize = 5;

/// Small clusters that are joined to sub-themes: at most so many, and each of so many calls on average.
const MICRO: (usize, usize) = (12, 20);

/// k-means runs, of which the one with the nearest centroids counts.
const RUNS: u64 = 3;

/// Resampled fits that a split must come back in.
const RESAMPLES: u64 = 3;

/// A split comes back when resampled ones agree with it as much as this (mean ARI): half of the way from chance to identity.
const COMES_BACK: f64 = 0.5;

/// The sub-themes of all themes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Split {
    /// For each sub-theme its theme, ascending.
    pub(super) themes: Vec<ThemeId>,
    /// Sub-themes × rank: unit vectors.
    pub(super) centroids: Array2<f32>,
    /// How well the split it belongs to comes back in resampled fits: mean ARI, up to 1.
    pub(super) stability: Vec<f64>,
}

impl Split {
    /// No theme has sub-themes.
    pub(super) fn none(rank: usize) -> Self {
        Self { themes: Vec::new(), centroids: Array2::zeros((0, rank)), stability: Vec::new() }
    }
}

/// Splits the big themes of a partition: small clusters of k-means, agglomerated by Ward's method, the tree cut where it parts
/// best. A split stays where each part is big enough and resampled splits agree with it.
///
/// # Errors
/// As [`k_means`].
pub(super) fn split(themes: &Partition, vectors: ArrayView2<'_, f32>, seed: u64) -> Result<Split> {
    let found = (0..themes.centroids.nrows())
        .into_par_iter()
        .map(|theme| {
            let rows: Vec<usize> = (0..themes.labels.len()).filter(|i| usize::from(themes.labels[*i]) == theme).collect();
            if rows.len() < BIG { Ok(None) } else { parts_that_come_back(vectors.select(Axis(0), &rows).view(), seed) }
        })
        .collect::<Result<Vec<_>>>()?;
    let mut out = Split::none(vectors.ncols());
    for (theme, parts) in found.into_iter().enumerate() {
        let Some((parts, stability)) = parts else { continue };
        for centroid in parts.centroids.rows() {
            out.themes.push(super::assign::theme_id(theme));
            out.stability.push(super::assign::rounded(stability));
            // A row has as many columns as the others: this cannot fail.
            let _ = out.centroids.push_row(centroid);
        }
    }
    Ok(out)
}

/// The parts of these vectors and how well they come back, if they do.
fn parts_that_come_back(vectors: ArrayView2<'_, f32>, seed: u64) -> Result<Option<(Partition, f64)>> {
    let Some(parts) = parts(vectors, None, seed)? else { return Ok(None) };
    let smallest = SMALLEST.0.max(vectors.nrows() / SMALLEST.1);
    if parts.sizes().iter().any(|size| *size < smallest) {
        return Ok(None);
    }
    let mut agreement = 0.0;
    for i in 1..=RESAMPLES {
        let sample = vectors.select(Axis(0), &resample(vectors.nrows(), seed.wrapping_add(i)));
        if let Some(again) = self::parts(sample.view(), Some(parts.centroids.nrows()), seed.wrapping_add(100 * i))? {
            let all = Partition::nearest(again.centroids, vectors);
            agreement += contingency(&parts.labels, &all.labels).ari() / RESAMPLES as f64;
        }
    }
    Ok((agreement >= COMES_BACK).then_some((parts, agreement)))
}

/// `wanted` parts of these vectors, or as many as part them best.
fn parts(vectors: ArrayView2<'_, f32>, wanted: Option<usize>, seed: u64) -> Result<Option<Partition>> {
    let micro = MICRO.0.min(vectors.nrows() / MICRO.1);
    let mut best: Option<Partition> = None;
    for run in 0..RUNS {
        let found = k_means(vectors, micro, seed.wrapping_add(1000 + run))?;
        if best.as_ref().is_none_or(|b| found.similarity > b.similarity) {
            best = Some(found);
        }
    }
    let Some(small) = best else { return Ok(None) };
    let tree = ward(small.centroids.view());
    let Some(number) = wanted.or_else(|| best_cut(&tree, 2..=MAX_PARTS.min(micro.div_ceil(2)))) else { return Ok(None) };
    let of_small = cut(&tree, small.centroids.nrows(), number);
    let labels = small.labels.iter().map(|l| super::assign::theme_id(of_small[usize::from(*l)]).0).collect();
    // As `apply` will see it: each call with the nearest sub-theme.
    Ok(Some(Partition::nearest(Partition::of_labels(labels, number, vectors).centroids, vectors)))
}

#[cfg(test)]
mod tests {
    use rand::{RngCore, SeedableRng};
    use rand_xoshiro::Xoshiro256Plus;

    use super::super::space::unit;
    use super::*;

    /// Unit vectors around e₀ (theme 0, in bundles that lean to one of `bundles` other axes) and around e₁ (theme 1).
    fn calls(bundles: usize) -> (Partition, Array2<f32>) {
        let mut rng = Xoshiro256Plus::seed_from_u64(1);
        let mut noise = || (rng.next_u64() >> 40) as f32 / (1u32 << 24) as f32 - 0.5;
        let mut vectors = Array2::zeros((400, 8));
        for (i, mut row) in vectors.rows_mut().into_iter().enumerate() {
            row.iter_mut().for_each(|v| *v = 0.2 * noise());
            row[usize::from(i >= 300)] += 1.0;
            if i < 300 && bundles > 0 {
                row[2 + i % bundles] += 0.7;
            }
            unit(row.as_slice_mut().unwrap());
        }
        let labels = (0..400u16).map(|i| u16::from(i >= 300)).collect();
        (Partition::of_labels(labels, 2, vectors.view()), vectors)
    }

    #[test]
    fn parts_that_are_there_are_found_and_others_are_not_made_up() {
        let (themes, vectors) = calls(3);
        let found = split(&themes, vectors.view(), 4).unwrap();
        assert_eq!(found.themes, [ThemeId(0); 3]);
        assert!(found.stability.iter().all(|s| *s > 0.95), "{:?}", found.stability);
        let subs = Partition::nearest(found.centroids, vectors.select(Axis(0), &(0..300).collect::<Vec<_>>()).view());
        let truth: Vec<u16> = (0..300).map(|i| i % 3).collect();
        assert_eq!(contingency(&subs.labels, &truth).ari(), 1.0);
        // One bundle of noise has no parts.
        let (themes, vectors) = calls(0);
        assert_eq!(split(&themes, vectors.view(), 4).unwrap(), Split::none(8));
    }

    #[test]
    fn small_themes_stay_whole() {
        let (themes, vectors) = calls(3);
        let few = vectors.select(Axis(0), &(0..60).collect::<Vec<_>>());
        let themes = Partition::of_labels(themes.labels[..60].to_vec(), 2, few.view());
        assert!(split(&themes, few.view(), 4).unwrap().themes.is_empty());
    }
}

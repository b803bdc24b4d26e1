//! How many themes are there?

use ndarray::Axis;
use rayon::prelude::*;

use super::ThemeCount;
use super::assign::rounded;
use super::class::ClassCounts;
use super::params::ValidThemeParams;
use super::partition::{Partition, k_means};
use super::quality::{TOP_TERMS, coherence, mean_ari, resample};
use super::space::{Space, systematic};
use crate::error::Result;
use crate::term::TermMatrix;

/// Consultations the search looks at: enough to see themes of one in a hundred, few enough to try fifteen numbers in
/// a few seconds.
const SEARCH_ROWS: usize = 3000;

/// Resampled fits per candidate.
const RESAMPLES: u64 = 6;

/// k-means runs per resampled fit, of which the one with the nearest centroids counts.
const RUNS: u64 = 2;

/// Themes of fewer consultations than this, on average, are no themes.
const MIN_MEAN_SIZE: usize = 12;

/// The candidates for `rows` consultations: every number up to 12, then every second.
fn candidates(rows: usize, (low, high): (usize, usize)) -> Vec<usize> {
    let high = high.min(rows / MIN_MEAN_SIZE).max(1);
    let low = low.min(high);
    (low..=high).filter(|k| *k <= 12 || k % 2 == 0 || *k == high).collect()
}

/// Tries each candidate and returns the curve, ascending by number of themes.
///
/// # Errors
/// As the clustering itself.
pub(super) fn curve(space: &Space, matrix: &TermMatrix, params: &ValidThemeParams) -> Result<Vec<ThemeCount>> {
    let all: Vec<u32> = (0u32..).take(space.sample.len()).collect();
    let chosen = systematic(&all, SEARCH_ROWS);
    let rows: Vec<u32> = chosen.iter().map(|i| space.sample[*i as usize]).collect();
    let indices: Vec<usize> = chosen.iter().map(|i| *i as usize).collect();
    let vectors = space.vectors.select(Axis(0), &indices);
    let samples: Vec<_> =
        (1..=RESAMPLES).map(|i| vectors.select(Axis(0), &resample(vectors.nrows(), params.seed.wrapping_add(i)))).collect();
    candidates(vectors.nrows(), params.range)
        .into_par_iter()
        .map(|k| {
            let fits = samples
                .iter()
                .zip(1u64..)
                .map(|(sample, i)| {
                    let runs = (0..RUNS)
                        .map(|run| k_means(sample.view(), k.min(sample.nrows()), params.seed.wrapping_add(i * 1000 + run)))
                        .collect::<Result<Vec<_>>>()?;
                    let best = runs.into_iter().reduce(|a, b| if b.similarity > a.similarity { b } else { a });
                    Ok(best.map(|b| Partition::nearest(b.centroids, vectors.view())))
                })
                .collect::<Result<Vec<_>>>()?;
            let fits: Vec<Partition> = fits.into_iter().flatten().collect();
            let stability = mean_ari(&fits.iter().map(|f| f.labels.as_slice()).collect::<Vec<_>>());
            let npmis = fits.iter().take(2).map(|fit| {
                let counts = ClassCounts::new(matrix, &rows, &space.keep, space.vocabulary.len(), k, |i| Some(usize::from(fit.labels[i])));
                let coherences = coherence(matrix, &rows, &space.keep, space.vocabulary.len(), &counts.keywords(TOP_TERMS));
                coherences.iter().sum::<f64>() / k as f64
            });
            let npmi = npmis.sum::<f64>() / fits.len().clamp(1, 2) as f64;
            Ok(ThemeCount { themes: k, stability: rounded(stability), npmi: rounded(npmi), score: rounded(score(k, stability)) })
        })
        .collect()
}

/// What the choice maximises: stability · √(ln k).
///
/// Stability alone prefers the fewest themes, which say least; ln k is what k themes of equal size can say at most
/// (entropy), and its root keeps doubtful detail from winning. On news of nine sections three seeds chose 10 or 11, on whole
/// articles as on first sentences. Coherence is published beside it and not part of it: it rises with k on long texts and
/// falls on short ones, and made the choice jump. There is no true number in calls, so the whole curve is published.
fn score(themes: usize, stability: f64) -> f64 {
    stability.max(0.0) * (themes as f64).ln().sqrt()
}

/// Scores nearer to the best than this share of it are as good: other resamples would order them otherwise.
const AS_GOOD: f64 = 0.03;

/// The smallest number of themes whose score is as good as the best: the curve is often flat at its top, and of two equal
/// accounts the simpler is the better (the rule of one standard error of Breiman et al. 1984, with a fixed margin).
pub(super) fn best(curve: &[ThemeCount]) -> usize {
    let top = curve.iter().map(|c| c.score).fold(0.0, f64::max);
    curve.iter().find(|c| c.score >= top * (1.0 - AS_GOOD)).map_or(1, |c| c.themes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_suit_the_size() {
        assert_eq!(candidates(7, (4, 24)), [1]);
        assert_eq!(candidates(40, (4, 24)), [3]);
        assert_eq!(candidates(60, (4, 24)), [4, 5]);
        assert_eq!(candidates(10_000, (4, 15)), [4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15]);
    }

    #[test]
    fn the_score_by_hand() {
        // 0.8 · √(ln 9) = 0.8 · 1.482304
        assert!((score(9, 0.8) - 1.185_843).abs() < 1e-6);
        assert_eq!(score(9, -0.1), 0.0);
    }

    #[test]
    fn the_smallest_of_those_as_good_wins() {
        let count = |themes, score| ThemeCount { themes, stability: 0.0, npmi: 0.0, score };
        assert_eq!(best(&[count(4, 0.2), count(5, 0.3), count(6, 0.3)]), 5);
        // 97 % of 1.2 is 1.164.
        assert_eq!(best(&[count(4, 1.16), count(5, 1.17), count(6, 1.1), count(7, 1.2)]), 5);
        assert_eq!(best(&[]), 1);
    }
}

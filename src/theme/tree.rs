//! Which themes belong together? Groups above the themes, and cutting a tree where it parts best.

use kodama::{Dendrogram, Method, linkage};
use ndarray::ArrayView2;

/// More groups than this are no overview.
const MAX_GROUPS: usize = 6;

/// For each theme its group, numbered by first appearance: Ward's method (Ward 1963, doi:10.1080/01621459.1963.10500845) on the
/// centroids, each counting once whatever its theme's size, cut where the tree parts best ([`best_cut`]).
pub(super) fn groups(centroids: ArrayView2<'_, f32>) -> Vec<usize> {
    let n = centroids.nrows();
    let tree = ward(centroids);
    // The widest gap is often that between two halves, which say nothing: about the root of the themes is an overview.
    let fewest = n.isqrt().clamp(2, MAX_GROUPS);
    let parts = best_cut(&tree, fewest..=MAX_GROUPS.min(n.div_ceil(2))).unwrap_or(1);
    cut(&tree, n, parts)
}

/// The tree of these rows by Ward's method.
pub(super) fn ward(rows: ArrayView2<'_, f32>) -> Dendrogram<f32> {
    let n = rows.nrows();
    let distance = |a: usize, b: usize| rows.row(a).iter().zip(rows.row(b)).map(|(x, y)| (x - y) * (x - y)).sum::<f32>().sqrt();
    let mut distances: Vec<f32> = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).map(|(a, b)| distance(a, b)).collect();
    linkage(&mut distances, n, Method::Ward)
}

/// The number of parts within `wanted` whose end costs most more than their making: the largest ratio of a merger's height to
/// that of the one before it; of equal ones the most parts. None where nothing in `wanted` can be had.
pub(super) fn best_cut(tree: &Dendrogram<f32>, wanted: std::ops::RangeInclusive<usize>) -> Option<usize> {
    let steps = tree.steps();
    let n = tree.observations();
    let mut best: Option<(usize, f32)> = None;
    for parts in wanted.rev().filter(|parts| (2..=n).contains(parts)) {
        let ends = steps[n - parts].dissimilarity;
        let before = (n - parts).checked_sub(1).map_or(0.0, |made| steps[made].dissimilarity);
        let jump = if before > 0.0 { ends / before } else { 1.0 };
        if best.is_none_or(|(_, b)| jump > b + 1e-6) {
            best = Some((parts, jump));
        }
    }
    best.map(|(parts, _)| parts)
}

/// For each of `rows` rows its part of `parts`, numbered by first appearance. (The tree of one row says it has none.)
pub(super) fn cut(tree: &Dendrogram<f32>, rows: usize, parts: usize) -> Vec<usize> {
    let mut joined: Vec<usize> = (0..rows).collect();
    // Step i joins two clusters to number rows + i; the first steps join the nearest.
    for (step, number) in tree.steps().iter().zip(rows..).take(rows.saturating_sub(parts)) {
        joined.push(number);
        joined[step.cluster1] = number;
        joined[step.cluster2] = number;
    }
    let root = |mut at: usize| {
        while joined[at] != at {
            at = joined[at];
        }
        at
    };
    let mut seen: Vec<usize> = Vec::new();
    (0..rows)
        .map(|row| {
            let part = root(row);
            seen.iter().position(|s| *s == part).unwrap_or_else(|| {
                seen.push(part);
                seen.len() - 1
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_group() {
        let centroids = ndarray::array![[1.0_f32, 0.0], [0.0, 1.0], [0.99, 0.01], [0.01, 0.99]];
        assert_eq!(groups(centroids.view()), [0, 1, 0, 1]);
    }

    #[test]
    fn few_themes_need_no_groups() {
        assert_eq!(groups(ndarray::array![[1.0_f32, 0.0]].view()), [0]);
        assert_eq!(groups(ndarray::array![[1.0_f32, 0.0], [0.0, 1.0]].view()), [0, 0]);
    }
}

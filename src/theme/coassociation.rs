//! A consensus for few calls: which calls do the runs put together?

use kodama::{Method, linkage};
use rayon::prelude::*;

use super::partition::Partition;
use super::tree::cut;

/// For each vector its part of `parts`: evidence accumulation (Fred & Jain 2005, doi:10.1109/TPAMI.2005.113). Two vectors are
/// as near as the share of runs that put them together, and the nearest are joined by average linkage.
///
/// Time and memory grow with the square of the vectors: for a few thousand.
pub(super) fn accumulated(runs: &[Partition], parts: usize) -> Vec<u16> {
    let rows = runs.first().map_or(0, |run| run.labels.len());
    // One vector's labels side by side: comparing two vectors is then one pass over both.
    let labels: Vec<u16> = (0..rows).flat_map(|row| runs.iter().map(move |run| run.labels[row])).collect();
    let of = |row: usize| &labels[row * runs.len()..(row + 1) * runs.len()];
    let mut apart: Vec<f32> = (0..rows)
        .into_par_iter()
        .flat_map_iter(|a| (a + 1..rows).map(move |b| (a, b)))
        .map(|(a, b)| of(a).iter().zip(of(b)).filter(|(a, b)| a != b).count() as f32 / runs.len() as f32)
        .collect();
    let tree = linkage(&mut apart, rows, Method::Average);
    cut(&tree, rows, parts).into_iter().map(|part| u16::try_from(part).unwrap_or(u16::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn run(labels: &[u16]) -> Partition {
        Partition { centroids: Array2::zeros((2, 1)), labels: labels.to_vec(), similarity: 0.0 }
    }

    #[test]
    fn what_most_runs_put_together_is_together() {
        // The third vector is twice with the first two and once with the last two.
        let runs = [run(&[0, 0, 0, 1, 1]), run(&[1, 1, 1, 0, 0]), run(&[0, 0, 1, 1, 1])];
        assert_eq!(accumulated(&runs, 2), [0, 0, 0, 1, 1]);
        assert_eq!(accumulated(&runs, 3), [0, 0, 1, 2, 2]);
        assert_eq!(accumulated(&runs, 1), [0; 5]);
    }

    #[test]
    fn one_vector_and_none() {
        assert_eq!(accumulated(&[run(&[0])], 1), [0]);
        assert!(accumulated(&[run(&[])], 1).is_empty());
    }
}

//! Smooth inverse frequency: common words say little, and what all texts share says nothing (Arora, Liang & Ma 2017).

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::error::Result;
use crate::term::TermMatrix;
use crate::vector::dense::{Tall, eigen};

/// The a of a/(a + p): Arora et al. found 10⁻³ to 10⁻⁴ equally good.
pub const SIF_A: f64 = 1e-3;

/// a/(a + p) for each word, p its share of all occurrences; 1 for a word that does not occur.
pub fn sif_weights(frequencies: impl IntoIterator<Item = u64>, a: f64) -> Vec<f32> {
    let frequencies: Vec<u64> = frequencies.into_iter().collect();
    let total = frequencies.iter().sum::<u64>().max(1) as f64;
    frequencies.into_iter().map(|f| (a / (a + f as f64 / total)) as f32).collect()
}

/// Consultations × dimension: for each row of counts the mean of its terms' vectors, each occurrence weighted by the
/// term's weight. Terms without a vector are left out; a row of none but these is zero.
///
/// `words` has a row per column of `matrix` ([`super::StaticEmbedding::word_vectors`] of its vocabulary), `weights` a number
/// ([`sif_weights`] of its frequencies). Time O(entries · dimension). The same for any number of threads.
pub fn document_vectors(matrix: &TermMatrix, words: ArrayView2<'_, f32>, weights: &[f32]) -> Array2<f32> {
    let width = words.ncols();
    let known: Vec<bool> = words.rows().into_iter().map(|row| row.iter().any(|v| *v != 0.0)).collect();
    let mut values = vec![0.0_f32; matrix.rows() * width];
    values.par_chunks_mut(width.max(1)).enumerate().for_each(|(row, out)| {
        let (terms, counts) = matrix.row(row);
        let (mut sum, mut occurrences) = (vec![0.0_f64; width], 0.0_f64);
        for (term, count) in terms.iter().zip(counts).filter(|(term, _)| known[**term as usize]) {
            let factor = f64::from(*count) * f64::from(weights[*term as usize]);
            sum.iter_mut().zip(words.row(*term as usize)).for_each(|(s, v)| *s += factor * f64::from(*v));
            occurrences += f64::from(*count);
        }
        if occurrences > 0.0 {
            out.iter_mut().zip(sum).for_each(|(o, s)| *o = (s / occurrences) as f32);
        }
    });
    Array2::from_shape_vec((matrix.rows(), width), values).unwrap_or_default()
}

/// Takes from every row its part along the direction that all rows share most (the first right singular vector).
///
/// Time O(rows · dimension²); memory for one copy of the rows in f64. The same for any number of threads.
///
/// # Errors
/// When the eigenvalues do not converge, which finite input does not cause.
pub fn remove_common(vectors: &mut Array2<f32>) -> Result<()> {
    let tall = Tall { values: vectors.iter().map(|v| f64::from(*v)).collect(), width: vectors.ncols() };
    let (values, axes) = eigen(&tall.gram())?;
    if values.first().is_none_or(|largest| *largest <= 0.0) {
        return Ok(());
    }
    let common = axes.column(0);
    for mut row in vectors.rows_mut() {
        let along: f64 = row.iter().zip(common).map(|(v, c)| f64::from(*v) * c).sum();
        row.iter_mut().zip(common).for_each(|(v, c)| *v = (f64::from(*v) - along * c) as f32);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn frequent_words_count_less() {
        // Shares 0.999, 0.001, 0 with a = 0.001: 0.001/1, 0.001/0.002, 1.
        let weights = sif_weights([999, 1, 0], 1e-3);
        assert!((weights[0] - 0.001).abs() < 1e-7 && (weights[1] - 0.5).abs() < 1e-7);
        assert!((weights[2] - 1.0).abs() < f32::EPSILON);
    }

    #[test]
    fn documents_are_weighted_means_of_what_is_known() {
        let row = |pairs: &[(&str, u16)]| pairs.iter().map(|(t, c)| ((*t).to_owned(), *c)).collect::<BTreeMap<_, _>>();
        let (_, matrix) = TermMatrix::of_texts(&[row(&[("a", 2), ("b", 1), ("c", 9)]), row(&[("c", 1)])]);
        let words = ndarray::array![[1.0, 0.0], [0.0, 4.0], [0.0, 0.0]];
        // (2 · 0.5 · (1, 0) + 1 · 1 · (0, 4)) / 3, c unknown.
        let vectors = document_vectors(&matrix, words.view(), &[0.5, 1.0, 1.0]);
        assert!((vectors[[0, 0]] - 1.0 / 3.0).abs() < 1e-6 && (vectors[[0, 1]] - 4.0 / 3.0).abs() < 1e-6);
        assert!(vectors.row(1).iter().all(|v| *v == 0.0));
    }

    #[test]
    fn what_all_share_goes() {
        // All rows are (5, ±1): the shared direction is (1, 0).
        let mut vectors = ndarray::array![[5.0, 1.0], [5.0, -1.0], [5.0, 1.0], [5.0, -1.0]];
        remove_common(&mut vectors).unwrap();
        for (row, y) in vectors.rows().into_iter().zip([1.0, -1.0, 1.0, -1.0]) {
            assert!(row[0].abs() < 1e-6 && (row[1] - y).abs() < 1e-6, "{row}");
        }
        remove_common(&mut Array2::zeros((3, 2))).unwrap();
    }
}

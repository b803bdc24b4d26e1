//! Two short calls without a common word: do they mean the same? Word vectors as a second view of the space.

use ndarray::{Array2, Axis, concatenate};

use super::space::unit;
use crate::error::Result;
use crate::term::Vocabulary;
use crate::vector::embedding::StaticEmbedding;
use crate::vector::{Lsa, WeightedMatrix, WordView};

/// The second view counts so much, divided by the terms a text: texts of five words share too few; from ten on the words that
/// they share say it better (`docs/themes.md`).
const WEIGHT_BY_TERMS: f64 = 3.0;

/// What it counts at most, as a share of the first view.
const HEAVIEST: f64 = 0.6;

/// A view that counts less is left out.
const LIGHTEST: f64 = 0.35;

/// Dimensions of the second view, as a share of the first one's (one in so many): more brought noise.
const DIMENSIONS: usize = 2;

/// The weight of the second view for texts of so many terms, if it is looked at.
pub(super) fn weight(terms_a_text: f64) -> Option<f64> {
    let weight = (WEIGHT_BY_TERMS / terms_a_text.max(1.0)).min(HEAVIEST);
    (weight >= LIGHTEST).then_some(weight)
}

/// Terms × dimension: the vector of each term from the middle of all, of length one; zeros where nothing is known of it.
pub(super) fn vectors(embedding: &StaticEmbedding, vocabulary: &Vocabulary) -> Array2<f32> {
    let mut vectors = embedding.word_vectors(vocabulary.ids().map(|id| vocabulary.term(id)));
    let mut sum = vec![0f64; vectors.ncols()];
    let mut known = 0u32;
    for row in vectors.rows().into_iter().filter(|row| row.iter().any(|v| *v != 0.0)) {
        sum.iter_mut().zip(row).for_each(|(s, v)| *s += f64::from(*v));
        known += 1;
    }
    let mean: Vec<f32> = sum.iter().map(|s| (s / f64::from(known.max(1))) as f32).collect();
    for mut row in vectors.rows_mut() {
        if row.iter().all(|v| *v == 0.0) {
            continue;
        }
        row.iter_mut().zip(&mean).for_each(|(v, m)| *v -= m);
        if !row.as_slice_mut().is_some_and(unit) {
            row.fill(0.0);
        }
    }
    vectors
}

/// The projection of both views side by side, and how many dimensions the second one has. It is scaled so that consultations are
/// on average as long in it as `weight` says, the first being one.
///
/// # Errors
/// As [`WordView::fit`].
pub(super) fn widened(first: &Lsa, matrix: &WeightedMatrix, words: &Array2<f32>, weight: f64) -> Result<(Array2<f32>, usize)> {
    let rank = first.projection.ncols() / DIMENSIONS;
    let mut second = WordView::fit(matrix, words.view(), rank)?;
    if second.energy <= 0.0 {
        return Ok((first.projection.clone(), 0));
    }
    let energy: f64 = first.singular_values.iter().map(|s| s * s).sum();
    let scale = (weight * (energy / second.energy).sqrt()) as f32;
    second.projection.iter_mut().for_each(|v| *v *= scale);
    let dimensions = second.projection.ncols();
    let both = concatenate(Axis(1), &[first.projection.view(), second.projection.view()]);
    Ok(both.map_or_else(|_| (first.projection.clone(), 0), |both| (both.as_standard_layout().into_owned(), dimensions)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_lean_on_word_vectors_and_long_ones_do_not() {
        assert_eq!([3.0, 5.0, 8.0].map(weight), [Some(0.6), Some(0.6), Some(0.375)]);
        assert_eq!([9.0, 125.0].map(weight), [None, None]);
    }

    #[test]
    fn the_second_view_has_its_share_of_the_length() {
        let mut matrix = WeightedMatrix::new(4);
        for i in 0..40u32 {
            matrix.push([(i % 4, 1.0 + (i % 3) as f32)]);
        }
        let lsa = Lsa::fit(&matrix, 4, 1).unwrap();
        let words = ndarray::array![[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]];
        let (both, dimensions) = widened(&lsa, &matrix, &words, 0.5).unwrap();
        assert_eq!((both.dim(), dimensions), ((4, 6), 2));
        let energy = |columns: std::ops::Range<usize>| -> f64 {
            let place = |row: usize, j: usize| {
                let (terms, weights) = matrix.row(row);
                terms.iter().zip(weights).map(|(t, w)| f64::from(w * both[[*t as usize, j]])).sum::<f64>()
            };
            (0..40).flat_map(|row| columns.clone().map(move |j| (row, j))).map(|(row, j)| place(row, j).powi(2)).sum()
        };
        assert!((energy(4..6) / energy(0..4) - 0.25).abs() < 1e-5);
        // Without any vector there is one view.
        assert_eq!(widened(&lsa, &matrix, &Array2::zeros((4, 2)), 0.5).unwrap().0.ncols(), 4);
    }
}

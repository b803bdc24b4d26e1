//! Words that mean the same, seen from far: consultations placed by the vectors of their words.

use ndarray::{Array2, ArrayView2};

use super::WeightedMatrix;
use super::dense::{Tall, eigen};
use crate::error::Result;

/// Where consultations stand by their words' vectors: the directions in which they differ most.
#[derive(Debug, Clone, PartialEq)]
pub struct WordView {
    /// Terms × rank: a row of weights times it is the place of that row.
    pub projection: Array2<f32>,
    /// The sum of the squared lengths of all rows' places.
    pub energy: f64,
}

impl WordView {
    /// The sums of the word vectors of each row of `matrix`, each word by its weight, on their leading `rank` principal axes (not
    /// centred, so that the view stays a product with the weights).
    ///
    /// `words` is terms × dimension; terms without a vector have zeros. Time O(entries · dimension + dimension³). The same for
    /// any number of threads.
    ///
    /// # Errors
    /// When the eigenvalues do not converge, which finite input does not cause.
    pub fn fit(matrix: &WeightedMatrix, words: ArrayView2<'_, f32>, rank: usize) -> Result<Self> {
        let words = Tall { values: words.iter().map(|v| f64::from(*v)).collect(), width: words.ncols() };
        let (values, axes) = eigen(&matrix.times(&words).gram())?;
        let rank = rank.min(values.iter().take_while(|value| **value > 0.0).count());
        let leading = Array2::from_shape_fn((words.width, rank), |(i, j)| axes[[i, j]]);
        let projection = words.times(&leading);
        let values_of = projection.values.iter().map(|v| *v as f32).collect();
        Ok(Self {
            projection: Array2::from_shape_vec((matrix.columns(), rank), values_of)
                .unwrap_or_else(|_| Array2::zeros((matrix.columns(), 0))),
            energy: values.iter().take(rank).sum(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_near_words_stand_near() {
        // Terms 0 and 1 have nearly the same vector, terms 2 and 3 another; term 4 has none.
        let words = ndarray::array![[1.0, 0.1, 0.0], [1.0, -0.1, 0.0], [0.0, 0.0, 2.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]];
        let mut matrix = WeightedMatrix::new(5);
        for terms in [[(0, 1.0), (4, 1.0)], [(1, 1.0), (4, 1.0)], [(2, 1.0), (4, 1.0)], [(3, 1.0), (4, 1.0)]] {
            matrix.push(terms);
        }
        let view = WordView::fit(&matrix, words.view(), 2).unwrap();
        assert_eq!(view.projection.dim(), (5, 2));
        // Places (0, 1), (0, 1), (2, 0), (2, 0): the axis of most energy first; 4 + 4 + 1 + 1.
        let place = |term: usize| (view.projection[[term, 0]].abs(), view.projection[[term, 1]].abs());
        let near = |a: (f32, f32), b: (f32, f32)| (a.0 - b.0).abs() < 1e-6 && (a.1 - b.1).abs() < 1e-6;
        assert!(near(place(0), (0.0, 1.0)) && near(place(1), (0.0, 1.0)) && near(place(2), (2.0, 0.0)) && near(place(4), (0.0, 0.0)));
        assert!((view.energy - 10.0).abs() < 1e-9);
        // No more axes than there are.
        assert_eq!(WordView::fit(&matrix, words.view(), 9).unwrap().projection.ncols(), 3);
        assert_eq!(WordView::fit(&matrix, Array2::zeros((5, 3)).view(), 2).unwrap().projection.dim(), (5, 0));
    }
}

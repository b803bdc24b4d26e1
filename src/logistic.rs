//! Logistic regression with an L2 penalty on sparse rows: the negative log likelihood + λ/2 ‖w‖² is minimised by L-BFGS (Liu & Nocedal
//! 1989), which takes rows of a hundred values out of fifty thousand columns as they are.

use argmin::core::{CostFunction, Executor, Gradient, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use ndarray::Array1;

/// Pairs of differences L-BFGS keeps.
const MEMORY: usize = 8;

/// A row: its columns with their values, and one bit for each of its classes.
pub(crate) type Row = (Vec<(u32, f32)>, u32);

/// What is to be learned: `K` classes, of which a row may have several; one binary regression a class, all in one go.
#[derive(Debug)]
pub(crate) struct Regression<const K: usize> {
    /// The rows.
    pub(crate) rows: Vec<Row>,
    /// How many columns there are.
    pub(crate) columns: usize,
    /// λ.
    pub(crate) penalty: f64,
}

/// Log odds: of each column, and the biases.
#[derive(Debug)]
pub(crate) struct Fitted<const K: usize> {
    /// By column.
    pub(crate) weights: Vec<[f32; K]>,
    /// What is so before anything is known.
    pub(crate) bias: [f32; K],
}

impl<const K: usize> Regression<K> {
    /// Minimises in `steps` steps at most; `None` where that is not possible. The same rows in the same order give the same figures.
    pub(crate) fn fit(self, steps: u64) -> Option<Fitted<K>> {
        let columns = self.columns;
        let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY);
        let start = Array1::zeros((columns + 1) * K);
        let solved = Executor::new(self, solver).configure(|state| state.param(start).max_iters(steps)).run().ok()?;
        let best = solved.state().get_best_param()?;
        let of = |column: usize| std::array::from_fn(|class| best[column * K + class] as f32);
        Some(Fitted { weights: (0..columns).map(of).collect(), bias: of(columns) })
    }

    /// Calls `each` with every row, the difference of its probabilities from its classes, and its negative log likelihood.
    fn rows(&self, parameters: &Array1<f64>, mut each: impl FnMut(&Row, [f64; K], f64)) {
        let weights = |column: usize| parameters.as_slice().and_then(|all| all.get(column * K..(column + 1) * K)).unwrap_or_default();
        for row in &self.rows {
            let mut scores = [0.0f64; K];
            scores.copy_from_slice(weights(self.columns));
            for (column, value) in &row.0 {
                let value = f64::from(*value);
                scores.iter_mut().zip(weights(*column as usize)).for_each(|(score, weight)| *score += value * weight);
            }
            let is = |class: usize| f64::from(row.1 >> class & 1);
            // −ln σ(s) = ln(1 + exp(−|s|)) + max(−s, 0).
            let loss = scores.iter().enumerate().map(|(class, score)| (-score.abs()).exp().ln_1p() + score.max(0.0) - is(class) * score);
            let loss = loss.sum();
            each(row, std::array::from_fn(|class| 1.0 / (1.0 + (-scores[class]).exp()) - is(class)), loss);
        }
    }
}

impl<const K: usize> CostFunction for Regression<K> {
    type Param = Array1<f64>;
    type Output = f64;

    fn cost(&self, parameters: &Self::Param) -> Result<f64, argmin::core::Error> {
        let mut loss = 0.0;
        self.rows(parameters, |_, _, of_row| loss += of_row);
        Ok(loss + self.penalty / 2.0 * parameters.iter().map(|w| w * w).sum::<f64>())
    }
}

impl<const K: usize> Gradient for Regression<K> {
    type Param = Array1<f64>;
    type Gradient = Array1<f64>;

    fn gradient(&self, parameters: &Self::Param) -> Result<Array1<f64>, argmin::core::Error> {
        let mut gradient = (parameters * self.penalty).to_vec();
        self.rows(parameters, |(columns, _), differences, _| {
            let bias = [(self.columns, 1.0)];
            for (column, value) in columns.iter().map(|(column, value)| (*column as usize, f64::from(*value))).chain(bias) {
                let cells = gradient[column * K..(column + 1) * K].iter_mut();
                cells.zip(differences).for_each(|(cell, difference)| *cell += value * difference);
            }
        });
        Ok(gradient.into())
    }
}

/// Log odds in hundredths, as tables of them are written: whole numbers add up to the same in any order.
#[allow(clippy::cast_possible_truncation, reason = "clamped before")]
pub(crate) fn hundredths(log_odds: f32) -> i16 {
    (log_odds * 100.0).round().clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(of: &[(u32, u32)]) -> Vec<Row> {
        of.iter().map(|(column, classes)| (vec![(*column, 1.0)], *classes)).collect()
    }

    #[test]
    fn without_a_penalty_the_log_odds_are_those_of_the_counts() {
        // Column 0: three of class 0, one of none. Column 1: one of class 1, one of none.
        let all = rows(&[(0, 1), (0, 1), (0, 1), (0, 0), (1, 2), (1, 0)]);
        let fitted = Regression::<2> { rows: all, columns: 2, penalty: 1e-9 }.fit(500).unwrap();
        let odds = |column: usize, class: usize| fitted.weights[column][class] + fitted.bias[class];
        assert!((odds(0, 0) - 3.0f32.ln()).abs() < 0.01, "{}", odds(0, 0));
        assert!(odds(1, 1).abs() < 0.01 && odds(0, 1) < -3.0);
    }

    #[test]
    fn rows_of_two_classes_teach_both() {
        let all = rows(&[(0, 3), (0, 3), (1, 0), (1, 0)]);
        let fitted = Regression::<2> { rows: all, columns: 2, penalty: 0.1 }.fit(200).unwrap();
        assert!((0..2).all(|class| fitted.weights[0][class] > 0.5 && fitted.weights[1][class] < -0.5));
        assert!((fitted.weights[0][0] - fitted.weights[0][1]).abs() < 1e-4);
    }
}

//! Learning a linear-chain conditional random field: the negative log likelihood of the labels given the features (Lafferty, McCallum
//! & Pereira 2001) + λ₁ ‖w‖₁ + λ₂/2 ‖w‖² is minimised by L-BFGS with the orthant-wise step for the first norm (OWL-QN: Andrew & Gao
//! 2007), which leaves most weights nought.

use std::sync::Mutex;

use argmin::core::{CostFunction, Executor, Gradient, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use ndarray::Array1;
use rayon::prelude::*;

use super::LABELS;

/// λ₁ and λ₂: of six pairs from 0.02 and 0.3 to 0.2 and 1.2, all within a point of each other on lines set aside, the one with the
/// fewest weights.
const FIRST: f64 = 0.2;
const SECOND: f64 = 0.3;
/// Pairs of differences L-BFGS keeps.
const MEMORY: usize = 8;
/// Steps at most: the figures are written with two decimals.
const STEPS: u64 = 120;
/// Texts are taken in this many parts, whatever the number of threads: their sums are added in order.
const PARTS: usize = 16;

/// One number per label.
type Labelled = [f64; LABELS];

/// Texts as sequences of characters, of which each has features and a label.
#[derive(Debug, Default)]
pub(super) struct Sequences {
    /// Of all characters.
    pub(super) features: Vec<u32>,
    /// Where the features of each character end.
    pub(super) ends: Vec<usize>,
    pub(super) labels: Vec<u8>,
    /// Where the characters of each text end.
    pub(super) texts: Vec<usize>,
}

impl Sequences {
    /// Adds a character of the text that comes next.
    pub(super) fn push(&mut self, features: impl IntoIterator<Item = u32>, label: u8) {
        self.features.extend(features);
        self.ends.push(self.features.len());
        self.labels.push(label);
    }

    /// Ends a text.
    pub(super) fn close(&mut self) {
        self.texts.push(self.labels.len());
    }

    /// The features of a character.
    pub(super) fn of(&self, character: usize) -> &[u32] {
        let start = character.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.features[start..self.ends[character]]
    }
}

/// Weights by feature and label, and by label and the label behind it.
#[derive(Debug)]
pub(super) struct Fitted {
    pub(super) weights: Vec<[f32; LABELS]>,
    pub(super) after: [[f32; LABELS]; LABELS],
}

/// What is to be minimised; parameters are the weights by feature and label, and behind them by label and next label.
struct Field {
    sequences: Sequences,
    /// How many features there are.
    features: usize,
    /// The gradient where the cost was last asked for: the solver asks for both, one after the other.
    last: Mutex<Option<(Array1<f64>, Array1<f64>)>>,
}

/// Learns the weights of `features` features; `None` where that is not possible. The same texts in the same order give the same weights.
pub(super) fn fit(sequences: Sequences, features: usize) -> Option<Fitted> {
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY).with_l1_regularization(FIRST / characters(&sequences)).ok()?;
    let start = Array1::zeros((features + LABELS) * LABELS);
    let field = Field { sequences, features, last: Mutex::new(None) };
    let solved = Executor::new(field, solver).configure(|state| state.param(start).max_iters(STEPS)).run().ok()?;
    let best = solved.state().get_best_param()?;
    #[allow(clippy::cast_possible_truncation, reason = "two decimals are written")]
    let row = |row: usize| std::array::from_fn(|label| best[row * LABELS + label] as f32);
    Some(Fitted { weights: (0..features).map(row).collect(), after: std::array::from_fn(|label| row(features + label)) })
}

/// How many characters there are; at least one.
fn characters(sequences: &Sequences) -> f64 {
    sequences.labels.len().max(1) as f64
}

impl Field {
    /// The negative log likelihood without the penalties, and its gradient.
    fn likelihood(&self, parameters: &[f64]) -> (f64, Vec<f64>) {
        let texts = &self.sequences.texts;
        let part = texts.len().div_ceil(PARTS).max(1);
        let parts: Vec<_> = (0..texts.len().div_ceil(part))
            .into_par_iter()
            .map(|n| {
                let mut gradient = vec![0.0; parameters.len()];
                let mut work = Work::default();
                let each = (n * part..((n + 1) * part).min(texts.len())).map(|text| {
                    let start = text.checked_sub(1).map_or(0, |before| texts[before]);
                    self.text(parameters, start, texts[text], &mut work, &mut gradient)
                });
                (each.sum::<f64>(), gradient)
            })
            .collect();
        let mut out = (0.0, vec![0.0; parameters.len()]);
        for (loss, gradient) in parts {
            out.0 += loss;
            out.1.iter_mut().zip(gradient).for_each(|(sum, value)| *sum += value);
        }
        out
    }

    /// What one text, the characters `start..end`, adds to both: the forward–backward algorithm, scaled (Rabiner 1989).
    fn text(&self, parameters: &[f64], start: usize, end: usize, work: &mut Work, gradient: &mut [f64]) -> f64 {
        let after: [Labelled; LABELS] =
            std::array::from_fn(|label| std::array::from_fn(|next| parameters[(self.features + label) * LABELS + next]));
        let odds = after.map(|row| row.map(f64::exp));
        let Work { scores, emitted, forward, scales, backward } = work;
        scores.clear();
        scores.extend((start..end).map(|character| {
            let mut sums = [0.0; LABELS];
            for feature in self.sequences.of(character) {
                let weights = &parameters[*feature as usize * LABELS..][..LABELS];
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
            }
            sums
        }));
        emitted.clear();
        forward.clear();
        scales.clear();
        let mut log = 0.0;
        for (i, scores) in scores.iter().enumerate() {
            let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let here = scores.map(|score| (score - largest).exp());
            let reached: Labelled = match forward.last() {
                Some(before) => {
                    std::array::from_fn(|label| (0..LABELS).map(|from| before[from] * odds[from][label]).sum::<f64>() * here[label])
                }
                None => here,
            };
            let scale: f64 = reached.iter().sum();
            log += scale.ln() + largest;
            forward.push(reached.map(|value| value / scale));
            scales.push(scale);
            emitted.push(here);
            let label = usize::from(self.sequences.labels[start + i]);
            log -= scores[label];
            if i > 0 {
                log -= after[usize::from(self.sequences.labels[start + i - 1])][label];
            }
        }
        backward.clear();
        backward.resize(scores.len(), [1.0; LABELS]);
        for i in (1..scores.len()).rev() {
            let beyond: Labelled = std::array::from_fn(|label| emitted[i][label] * backward[i][label] / scales[i]);
            for from in 0..LABELS {
                for label in 0..LABELS {
                    let flow = odds[from][label] * beyond[label];
                    gradient[(self.features + from) * LABELS + label] += forward[i - 1][from] * flow;
                }
                backward[i - 1][from] = (0..LABELS).map(|label| odds[from][label] * beyond[label]).sum();
            }
            let (from, label) = (self.sequences.labels[start + i - 1], self.sequences.labels[start + i]);
            gradient[(self.features + usize::from(from)) * LABELS + usize::from(label)] -= 1.0;
        }
        for i in 0..scores.len() {
            let mut difference: Labelled = std::array::from_fn(|label| forward[i][label] * backward[i][label]);
            difference[usize::from(self.sequences.labels[start + i])] -= 1.0;
            for feature in self.sequences.of(start + i) {
                let cells = &mut gradient[*feature as usize * LABELS..][..LABELS];
                cells.iter_mut().zip(difference).for_each(|(cell, value)| *cell += value);
            }
        }
        log
    }
}

/// What is kept from text to text so as not to be made anew.
#[derive(Debug, Default)]
struct Work {
    scores: Vec<Labelled>,
    emitted: Vec<Labelled>,
    forward: Vec<Labelled>,
    scales: Vec<f64>,
    backward: Vec<Labelled>,
}

impl CostFunction for Field {
    type Param = Array1<f64>;
    type Output = f64;

    fn cost(&self, parameters: &Self::Param) -> Result<f64, argmin::core::Error> {
        let (loss, mut gradient) = self.likelihood(parameters.as_slice().unwrap_or_default());
        // By character: the first step follows the gradient as it is, and must not leap.
        let each = characters(&self.sequences);
        gradient.iter_mut().zip(parameters).for_each(|(cell, weight)| *cell = (*cell + SECOND * weight) / each);
        let penalty = SECOND / 2.0 * parameters.iter().map(|w| w * w).sum::<f64>();
        if let Ok(mut last) = self.last.lock() {
            *last = Some((parameters.clone(), gradient.into()));
        }
        Ok((loss + penalty) / each)
    }
}

impl Gradient for Field {
    type Param = Array1<f64>;
    type Gradient = Array1<f64>;

    fn gradient(&self, parameters: &Self::Param) -> Result<Array1<f64>, argmin::core::Error> {
        let known = |field: &Self| field.last.lock().ok().and_then(|last| last.clone()).filter(|(at, _)| at == parameters);
        if let Some((_, gradient)) = known(self) {
            return Ok(gradient);
        }
        self.cost(parameters)?;
        known(self).map(|(_, gradient)| gradient).ok_or_else(|| argmin::core::Error::msg("no gradient"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of `(feature, label)`.
    fn sequences(texts: &[&[(u32, u8)]]) -> Sequences {
        let mut out = Sequences::default();
        for text in texts {
            text.iter().for_each(|(feature, label)| out.push([*feature], *label));
            out.close();
        }
        out
    }

    fn field(texts: &[&[(u32, u8)]], features: usize) -> Field {
        Field { sequences: sequences(texts), features, last: Mutex::new(None) }
    }

    /// Of two features.
    fn parameters() -> Vec<f64> {
        (0..(2 + LABELS) * LABELS).map(|n| (n * 7 % 11) as f64 / 5.0 - 1.0).collect()
    }

    #[test]
    fn the_likelihood_is_that_of_all_sequences_and_its_gradient_the_slope() {
        let field = field(&[&[(0, 1), (1, 0), (0, 2)], &[(1, 3)]], 2);
        let parameters = parameters();
        let score = |features: &[u32], labels: &[usize]| {
            let states: f64 = features.iter().zip(labels).map(|(f, l)| parameters[*f as usize * LABELS + l]).sum();
            states + labels.windows(2).map(|pair| parameters[(2 + pair[0]) * LABELS + pair[1]]).sum::<f64>()
        };
        let mut all: f64 = 0.0;
        for n in 0..LABELS.pow(3) {
            all += score(&[0, 1, 0], &[n / LABELS / LABELS, n / LABELS % LABELS, n % LABELS]).exp();
        }
        let one: f64 = (0..LABELS).map(|label| score(&[1], &[label]).exp()).sum();
        let expected = all.ln() - score(&[0, 1, 0], &[1, 0, 2]) + one.ln() - score(&[1], &[3]);
        let (loss, gradient) = field.likelihood(&parameters);
        assert!((loss - expected).abs() < 1e-9, "{loss} {expected}");
        for (n, slope) in gradient.iter().enumerate() {
            let moved = |by: f64| {
                let mut moved = parameters.clone();
                moved[n] += by;
                field.likelihood(&moved).0
            };
            let numeric = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((slope - numeric).abs() < 1e-6, "{n}: {slope} {numeric}");
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let texts: Vec<&[(u32, u8)]> = [&[(1, 0), (0, 1), (1, 1), (1, 0)][..], &[(1, 3), (1, 0), (0, 2)][..]].repeat(30);
        let parameters = parameters();
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let (loss, gradient) = pool.install(|| field(&texts, 2).likelihood(&parameters));
            (loss.to_bits(), gradient.into_iter().map(f64::to_bits).collect::<Vec<_>>())
        };
        assert!([2, 3, 5].into_iter().all(|threads| with(threads) == with(1)));
    }

    #[test]
    fn what_goes_on_is_learned_beside_what_is_seen() {
        // Feature 0 begins a name of two characters; feature 1 says nothing.
        let texts: Vec<&[(u32, u8)]> = [&[(1, 0), (0, 1), (1, 1), (1, 0)][..], &[(1, 0), (1, 0), (1, 0)][..]].repeat(20);
        let fitted = fit(sequences(&texts), 2).unwrap();
        assert!(fitted.weights[0][1] - fitted.weights[0][0] > 0.5, "{fitted:?}");
        assert!(fitted.after[1][1] > fitted.after[1][0] && fitted.after[1][1] > fitted.after[0][1], "{fitted:?}");
        // The norm leaves nothing of a label that is never seen but what is needed to rule it out.
        assert!(fitted.weights.iter().all(|row| row[2] <= 0.0 && row[3] <= 0.0), "{fitted:?}");
    }
}

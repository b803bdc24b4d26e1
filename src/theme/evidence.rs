//! Short calls: which words speak for which theme?
//!
//! A call of a few words stands almost anywhere in the latent space; its words themselves say more. Where texts are short,
//! the partition is therefore refined by naive Bayes on which terms are present (Nigam et al. 2000,
//! doi:10.1023/A:1007692713085), and new calls are judged in the same way.

use ndarray::Array2;
use pulp::Arch;
use rayon::prelude::*;

use super::consensus::FEW;
use crate::term::{TermId, TermMatrix};

/// Mean number of terms that count, up to which a call is short. Of labelled texts of 5 to 60 terms all gained, longer ones
/// did not: there the words repeat each other, and their evidence is no sum.
const SHORT_TEXT_TERMS: f64 = 60.0;

/// The same where calls are [`FEW`]: two hundred calls of 56 terms say too little of each term.
const SHORT_TEXT_TERMS_OF_FEW: f64 = 40.0;

/// Rounds of refinement at most; later ones move few.
const ROUNDS: usize = 10;

/// Refinement has settled when at most one call in this many changes its theme.
const SETTLED_SHARE: usize = 1000;

/// A round that would leave a theme fewer than one in this many of the calls it began with is not made: where a theme has a
/// dozen short calls, large themes swallow small ones round by round, and whoever asked for nine themes gets six.
const SMALLEST_SHARE: u32 = 4;

/// Themes whose scores are added at once.
const LANES: usize = 8;

/// What each term's presence says for each theme.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Terms × themes: ln P(term | theme), less its mean over the themes, so that 0 says nothing.
    pub weights: Array2<f32>,
    /// Themes: ln of the theme's share of the calls.
    pub bias: Vec<f32>,
}

impl Evidence {
    /// Replaces `out` by what the presence of `terms` says for each theme, in nats: differences of log probabilities.
    pub(super) fn scores(&self, terms: impl Iterator<Item = TermId>, out: &mut Vec<f32>) {
        out.clear();
        out.extend(&self.bias);
        let (weights, themes) = (self.weights.as_slice().unwrap_or_default(), self.bias.len());
        for term in terms {
            let at = term.0 as usize * themes;
            out.iter_mut().zip(&weights[at..at + themes]).for_each(|(o, w)| *o += w);
        }
    }

    /// The theme that each row's terms speak for most.
    pub(super) fn strongest(&self, presence: &Presence<'_>) -> Vec<u16> {
        let best = |scores: &mut Vec<f32>, i| {
            self.scores(presence.row(i), scores);
            strongest(scores)
        };
        (0..presence.rows.len()).into_par_iter().map_init(Vec::new, best).collect()
    }
}

/// The rows a fit looks at, as sets of terms.
pub(super) struct Presence<'a> {
    pub(super) matrix: &'a TermMatrix,
    pub(super) keep: &'a [Option<TermId>],
    /// Terms that count.
    pub(super) terms: usize,
    /// Rows of the corpus.
    pub(super) rows: &'a [u32],
}

impl Presence<'_> {
    /// The terms of the `i`-th row.
    pub(super) fn row(&self, i: usize) -> impl Iterator<Item = TermId> {
        self.matrix.row(self.rows[i] as usize).0.iter().filter_map(|term| self.keep[*term as usize])
    }
}

/// The mean number of terms up to which so many calls are short.
pub(super) fn longest_short_text(calls: usize) -> f64 {
    if calls <= FEW { SHORT_TEXT_TERMS_OF_FEW } else { SHORT_TEXT_TERMS }
}

/// How often terms are present in the calls of each theme.
struct Counts {
    /// Terms × themes.
    of_term: Vec<u32>,
    /// Per theme, of all terms together.
    of_theme: Vec<u64>,
    /// Per theme its calls.
    calls: Vec<u32>,
    terms: usize,
}

impl Counts {
    fn new(presence: &Presence<'_>, labels: &[u16], themes: usize) -> Self {
        let mut out =
            Self { of_term: vec![0; presence.terms * themes], of_theme: vec![0; themes], calls: vec![0; themes], terms: presence.terms };
        for (i, label) in labels.iter().enumerate() {
            let theme = usize::from(*label);
            out.calls[theme] += 1;
            for term in presence.row(i) {
                out.of_term[term.0 as usize * themes + theme] += 1;
                out.of_theme[theme] += 1;
            }
        }
        out
    }

    /// ln n for every n that a smoothed count can be (Laplace: one added to each).
    fn logarithms(&self) -> Vec<f32> {
        let largest = self.of_term.iter().copied().max().unwrap_or(0);
        (0..=largest + 1).map(|n| f64::from(n).ln() as f32).collect()
    }

    /// ln of the smoothed number of all terms of a theme, of which `less` are left out.
    fn log_total(&self, theme: usize, less: u64) -> f32 {
        ((self.of_theme[theme] - less + self.terms as u64) as f64).ln() as f32
    }

    fn log_calls(&self, theme: usize, less: u32) -> f32 {
        f64::from(self.calls[theme] - less + 1).ln() as f32
    }
}

/// Gives each row the theme its terms speak for most, the row itself not being asked, until hardly any moves.
///
/// Leaving the row out is what makes this work: a rare word of a call speaks for the theme of that call only because the call
/// is there. No theme is lost. Rows for which `held` is true keep their theme. Linear in the entries of the rows; the same for
/// any number of threads.
pub(super) fn refined(presence: &Presence<'_>, labels: &[u16], held: &[bool], themes: usize) -> Vec<u16> {
    let mut labels = labels.to_vec();
    let begin = sizes(&labels, themes);
    for _ in 0..ROUNDS {
        let counts = Counts::new(presence, &labels, themes);
        let ln = counts.logarithms();
        // A term's themes side by side, as many as fill whole registers.
        let (registers, arch) = (themes.div_ceil(LANES), Arch::new());
        let mut logs = vec![[0f32; LANES]; presence.terms * registers];
        for (row, of_term) in logs.chunks_exact_mut(registers.max(1)).zip(counts.of_term.chunks_exact(themes.max(1))) {
            row.as_flattened_mut().iter_mut().zip(of_term).for_each(|(log, n)| *log = ln[*n as usize + 1]);
        }
        let totals: Vec<f32> = (0..themes).map(|t| counts.log_total(t, 0)).collect();
        let calls: Vec<f32> = (0..themes).map(|t| counts.log_calls(t, 0)).collect();
        let next: Vec<u16> = labels
            .par_iter()
            .enumerate()
            .map_init(
                || (vec![[0f32; LANES]; registers], Vec::new()),
                |(scores, terms), (i, label)| {
                    if held.get(i).copied().unwrap_or(false) {
                        return *label;
                    }
                    let own = usize::from(*label);
                    terms.clear();
                    terms.extend(presence.row(i).map(|term| term.0 as usize));
                    arch.dispatch(|| sum_registers(scores, terms.iter().map(|term| &logs[term * registers..(term + 1) * registers])));
                    // One less, the row itself, and one more, Laplace's.
                    let without: f32 = terms.iter().map(|term| ln[counts.of_term[term * themes + own] as usize]).sum();
                    let length = u16::try_from(terms.len()).unwrap_or(u16::MAX);
                    let scores = &mut scores.as_flattened_mut()[..themes];
                    for (theme, score) in scores.iter_mut().enumerate() {
                        *score += calls[theme] - f32::from(length) * totals[theme];
                    }
                    scores[own] = without + counts.log_calls(own, 1) - f32::from(length) * counts.log_total(own, u64::from(length));
                    strongest(scores)
                },
            )
            .collect();
        if sizes(&next, themes).iter().zip(&begin).any(|(now, begin)| now * SMALLEST_SHARE < *begin) {
            break;
        }
        let moved = next.iter().zip(&labels).filter(|(a, b)| a != b).count();
        labels = next;
        if moved <= labels.len() / SETTLED_SHARE {
            break;
        }
    }
    labels
}

/// Calls of each theme.
fn sizes(labels: &[u16], themes: usize) -> Vec<u32> {
    let mut sizes = vec![0; themes];
    labels.iter().for_each(|label| sizes[usize::from(*label)] += 1);
    sizes
}

/// Replaces `sums` by the sum of `rows`; inlined, so that it is compiled for each kind of processor.
#[inline(always)]
fn sum_registers<'a>(sums: &mut [[f32; LANES]], rows: impl Iterator<Item = &'a [[f32; LANES]]> + Clone) {
    for (register, sum) in sums.iter_mut().enumerate() {
        let mut here = [0f32; LANES];
        for row in rows.clone() {
            here.iter_mut().zip(&row[register]).for_each(|(s, value)| *s += value);
        }
        *sum = here;
    }
}

/// What the terms of a partition speak for.
pub(super) fn evidence(presence: &Presence<'_>, labels: &[u16], themes: usize) -> Evidence {
    let counts = Counts::new(presence, labels, themes);
    let totals: Vec<f32> = (0..themes).map(|t| counts.log_total(t, 0)).collect();
    let ln = counts.logarithms();
    let mut weights: Vec<f32> = counts.of_term.iter().map(|n| ln[*n as usize + 1]).collect();
    for row in weights.chunks_exact_mut(themes.max(1)) {
        row.iter_mut().zip(&totals).for_each(|(w, total)| *w -= total);
        let mean = row.iter().sum::<f32>() / themes as f32;
        row.iter_mut().for_each(|w| *w -= mean);
    }
    let all = (labels.len() as f32 + themes as f32).ln();
    let bias = (0..themes).map(|t| counts.log_calls(t, 0) - all).collect();
    let weights = Array2::from_shape_vec((presence.terms, themes), weights).unwrap_or_else(|_| Array2::zeros((presence.terms, themes)));
    Evidence { weights, bias }
}

/// The first of the largest.
fn strongest(scores: &[f32]) -> u16 {
    let best = (1..scores.len()).fold(0, |best, i| if scores[i] > scores[best] { i } else { best });
    u16::try_from(best).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Vocabulary;
    use crate::term::testing::TextMatrixBuilder;

    fn counted(rows: &[&[&str]]) -> (Vocabulary, TermMatrix) {
        let mut b = TextMatrixBuilder::default();
        for row in rows {
            row.iter().for_each(|t| b.add(t));
            b.end_row();
        }
        b.finish()
    }

    #[test]
    fn a_call_in_the_wrong_theme_is_moved_by_its_words() {
        let (vocabulary, matrix) =
            counted(&[&["治験", "新薬"], &["治験", "募集"], &["新薬", "募集"], &["費用", "保険"], &["費用", "申請"], &["保険", "申請"]]);
        let keep: Vec<_> = vocabulary.ids().map(Some).collect();
        let presence = Presence { matrix: &matrix, keep: &keep, terms: vocabulary.len(), rows: &[0, 1, 2, 3, 4, 5] };
        assert_eq!(refined(&presence, &[0, 0, 1, 1, 1, 1], &[], 2), [0, 0, 0, 1, 1, 1]);
        let evidence = evidence(&presence, &[0, 0, 0, 1, 1, 1], 2);
        // Six terms, six presences in each theme: ln (3/12) against ln (1/12), their mean taken off: ±ln 3 / 2.
        let trial = vocabulary.find("治験").unwrap();
        let half = 3f32.ln() / 2.0;
        assert!((evidence.weights[[trial.0 as usize, 0]] - half).abs() < 1e-6);
        assert!((evidence.weights[[trial.0 as usize, 1]] + half).abs() < 1e-6);
        // Four calls of eight with Laplace's.
        assert!((evidence.bias[0] - 0.5f32.ln()).abs() < 1e-6);
        let mut scores = Vec::new();
        evidence.scores([trial, vocabulary.find("募集").unwrap()].into_iter(), &mut scores);
        assert!((scores[0] - scores[1] - 2.0 * 3f32.ln()).abs() < 1e-5);
    }

    #[test]
    fn a_word_of_one_call_alone_speaks_for_nothing() {
        // The third call shares 治験 with the first two; its own word must not hold it where it is.
        let (vocabulary, matrix) =
            counted(&[&["治験", "新薬"], &["治験", "新薬"], &["治験", "珍語"], &["費用", "保険"], &["費用", "保険"], &["費用", "保険"]]);
        let keep: Vec<_> = vocabulary.ids().map(Some).collect();
        let presence = Presence { matrix: &matrix, keep: &keep, terms: vocabulary.len(), rows: &[0, 1, 2, 3, 4, 5] };
        assert_eq!(refined(&presence, &[0, 0, 1, 1, 1, 1], &[], 2)[2], 0);
    }

    #[test]
    fn no_theme_is_swallowed() {
        // Every word is everywhere, so the larger theme explains each call better.
        let words = ["治験", "新薬", "費用", "保険", "申請", "募集"];
        let rows: Vec<[&str; 2]> = (0..16).map(|i| [words[i % 6], words[(i + 1) % 6]]).collect();
        let rows: Vec<&[&str]> = rows.iter().map(<[&str; 2]>::as_slice).collect();
        let (vocabulary, matrix) = counted(&rows);
        let keep: Vec<_> = vocabulary.ids().map(Some).collect();
        let ids: Vec<u32> = (0..16).collect();
        let presence = Presence { matrix: &matrix, keep: &keep, terms: vocabulary.len(), rows: &ids };
        let begin: Vec<u16> = ids.iter().map(|i| u16::from(*i >= 12)).collect();
        assert!(sizes(&refined(&presence, &begin, &[], 2), 2)[1] > 0);
    }
}

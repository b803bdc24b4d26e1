//! Which theme does a consultation belong to, and how surely?

use ndarray::Array2;
use rayon::prelude::*;

use super::centroid::Centroids;
use super::evidence::Evidence;
use super::partition::{Partition, contingency};
use super::space::{Placer, weighting};
use super::{Assignment, Theme, ThemeId, ThemeModel};
use crate::consultation::RecordType;
use crate::term::{TermId, TermMatrix, Vocabulary};

/// A further theme is named when its probability is at least this: with the usual ten themes, well above what
/// chance gives.
pub const OTHER_SHARE: f32 = 0.15;

/// Temperatures tried by the calibration: 0.01 to about 0.6, each 1.15 times the one before.
const TEMPERATURES: (f32, f32, usize) = (0.01, 1.15, 30);

/// Vectors the calibration looks at.
const CALIBRATION_ROWS: usize = 4000;

/// Values are published with six digits: libm's last bits differ between platforms.
pub(super) fn rounded(value: f64) -> f64 {
    let rounded = (value * 1e6).round() / 1e6;
    // No negative zero in tables.
    rounded + 0.0
}

impl ThemeModel {
    /// The themes of the consultations of another corpus, in its order. The same row gets the same answer in any company.
    ///
    /// `vocabulary` is the one `matrix` was counted with; terms the model does not know are left out, and a consultation
    /// without a known term has no theme. `records` says of each row whether it is a transcript or notes. Linear in the
    /// entries of `matrix`.
    pub fn apply(&self, vocabulary: &Vocabulary, matrix: &TermMatrix, records: &[RecordType]) -> Vec<Assignment> {
        let keep: Vec<Option<TermId>> = vocabulary.terms().map(|term| self.vocabulary.find(term)).collect();
        let documents = usize::try_from(self.documents).unwrap_or(usize::MAX);
        let bm25 = weighting(&self.vocabulary, documents, self.mean_length);
        let placer = || Placer::new(matrix, records, &keep, &bm25, &self.projection, &self.registers);
        let decision =
            Decision { centroids: &self.centroids, parts: &self.parts, evidence: self.evidence.as_ref(), temperature: self.temperature };
        let themes: Vec<ThemeId> = self.subs.iter().map(|sub| sub.theme).collect();
        let mut assignments = decision.assign(matrix.rows(), (&themes, &self.sub_centroids), placer);
        mark_emerging(&mut assignments, &self.themes);
        assignments
    }
}

/// Marks the calls that stand beyond the reach of their theme.
pub(super) fn mark_emerging(assignments: &mut [Assignment], themes: &[Theme]) {
    for assignment in assignments {
        assignment.emerging = assignment.theme.is_some_and(|theme| assignment.distance > themes[usize::from(theme.0)].reach);
    }
}

/// What decides which theme a call has: the nearest centroid or, where calls are short, what its words speak for.
pub(super) struct Decision<'a> {
    pub(super) centroids: &'a Array2<f32>,
    pub(super) parts: &'a [ThemeId],
    pub(super) evidence: Option<&'a Evidence>,
    pub(super) temperature: f32,
}

impl Decision<'_> {
    /// The themes of all rows. `subs` are the themes of the sub-themes, ascending, and their centroids.
    pub(super) fn assign<'a>(
        &self,
        rows: usize,
        subs: (&[ThemeId], &Array2<f32>),
        placer: impl Fn() -> Placer<'a> + Sync,
    ) -> Vec<Assignment> {
        let centroids = Centroids::new(self.centroids);
        let sub_centroids = Centroids::new(subs.1);
        (0..rows)
            .into_par_iter()
            .map_init(
                || (placer(), Vec::new(), Vec::new(), Vec::new()),
                |(placer, similarities, scores, of_subs), row| {
                    match placer.place(row) {
                        Some(vector) => {
                            centroids.similarities(vector, similarities);
                            sub_centroids.similarities(vector, of_subs);
                        }
                        None => return unclear(),
                    }
                    let mut assignment = match self.evidence {
                        Some(evidence) => {
                            evidence.scores(placer.terms(row), scores);
                            one(scores, similarities, self.parts, self.temperature)
                        }
                        None => one(similarities, similarities, self.parts, self.temperature),
                    };
                    assignment.part = part(assignment.theme, subs.0, of_subs);
                    assignment
                },
            )
            .collect()
    }
}

/// The nearest sub-theme of a theme, from 0; of equals the first.
fn part(theme: Option<ThemeId>, subs: &[ThemeId], similarities: &[f32]) -> Option<u16> {
    let own = subs.iter().zip(similarities).filter(|(sub, _)| Some(**sub) == theme).map(|(_, similarity)| *similarity);
    let mut best: Option<(u16, f32)> = None;
    for (i, similarity) in (0u16..).zip(own) {
        if best.is_none_or(|(_, top)| similarity > top) {
            best = Some((i, similarity));
        }
    }
    best.map(|(i, _)| i)
}

/// The assignment of a call that says nothing the themes know.
fn unclear() -> Assignment {
    Assignment { distance: 1.0, ..Assignment::default() }
}

/// The assignment for the scores of all parts and the similarities to them. A theme is as probable as its parts together; the
/// most probable wins, of equals the first.
fn one(scores: &[f32], similarities: &[f32], parts: &[ThemeId], temperature: f32) -> Assignment {
    let Some(top) = scores.iter().copied().reduce(f32::max) else { return unclear() };
    let themes = parts.iter().map(|theme| usize::from(theme.0) + 1).max().unwrap_or(0);
    let mut shares = vec![0f64; themes];
    let mut nearest = vec![f32::NEG_INFINITY; themes];
    for ((score, similarity), theme) in scores.iter().zip(similarities).zip(parts) {
        let theme = usize::from(theme.0);
        shares[theme] += (f64::from(score - top) / f64::from(temperature)).exp();
        nearest[theme] = nearest[theme].max(*similarity);
    }
    let sum: f64 = shares.iter().sum();
    let best = (0..themes).fold(0, |best, theme| if shares[theme] > shares[best] { theme } else { best });
    let probability = |theme: usize| rounded(shares[theme] / sum) as f32;
    let mut others: Vec<(ThemeId, f32)> =
        (0..themes).filter(|i| *i != best).map(|i| (theme_id(i), probability(i))).filter(|(_, p)| *p >= OTHER_SHARE).collect();
    others.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let distance = rounded(1.0 - f64::from(nearest[best])).max(0.0) as f32;
    Assignment { theme: Some(theme_id(best)), probability: probability(best), distance, part: None, emerging: false, others }
}

pub(super) fn theme_id(index: usize) -> ThemeId {
    ThemeId(u16::try_from(index).unwrap_or(u16::MAX))
}

/// The temperature at which a theme's probability is the share of k-means runs that put the consultation there: of a
/// geometric series the one with the least cross-entropy.
///
/// Each run's parts are taken for the theme they overlap most. Calls between two themes move from run to run, so this is
/// what "how surely" means here. `score` writes the scores of a vector's themes; `spread` is their unit: 1 for similarities,
/// more for log probabilities.
pub(super) fn calibrate(partition: &Partition, members: &[Partition], spread: f32, score: impl Fn(usize, &mut Vec<f32>) + Sync) -> f32 {
    let k = partition.centroids.nrows();
    let maps: Vec<Vec<usize>> = members.iter().map(|m| best_overlap(m, partition)).collect();
    let vectors = partition.labels.len();
    let step = vectors.div_ceil(CALIBRATION_ROWS).max(1);
    let rows: Vec<(Vec<f32>, Vec<f64>)> = (0..vectors)
        .step_by(step)
        .map(|row| {
            let mut shares = vec![0.0; k];
            for (member, map) in members.iter().zip(&maps) {
                shares[map[usize::from(member.labels[row])]] += 1.0 / members.len() as f64;
            }
            let mut scores = Vec::new();
            score(row, &mut scores);
            (scores, shares)
        })
        .collect();
    let (first, factor, count) = TEMPERATURES;
    let candidates: Vec<f32> = std::iter::successors(Some(first * spread), |t| Some(t * factor)).take(count).collect();
    let losses: Vec<f64> = candidates.par_iter().map(|t| rows.iter().map(|(s, p)| cross_entropy(s, p, f64::from(*t))).sum()).collect();
    let mut best = 0;
    for (i, loss) in losses.iter().enumerate() {
        // A relative margin, so that the last bits of exp and ln do not choose.
        if *loss < losses[best] * (1.0 - 1e-9) {
            best = i;
        }
    }
    candidates.get(best).copied().unwrap_or(first)
}

/// For each part of `member` the theme of `partition` it shares most vectors with.
fn best_overlap(member: &Partition, partition: &Partition) -> Vec<usize> {
    let table = contingency(&member.labels, &partition.labels);
    (0..member.centroids.nrows())
        .map(|a| {
            let both = |b: usize| if a < table.first().len() { table.both(a, b) } else { 0 };
            (0..table.second().len()).fold(0, |best, b| if both(b) > both(best) { b } else { best })
        })
        .collect()
}

/// −Σ pᵢ ln softmax(s / t)ᵢ.
fn cross_entropy(similarities: &[f32], shares: &[f64], temperature: f64) -> f64 {
    let top = similarities.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let scaled = |s: f32| f64::from(s - top) / temperature;
    let sum: f64 = similarities.iter().map(|s| scaled(*s).exp()).sum();
    let log_sum = sum.ln();
    similarities.iter().zip(shares).map(|(s, p)| p * (log_sum - scaled(*s))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: [ThemeId; 3] = [ThemeId(0), ThemeId(1), ThemeId(2)];

    #[test]
    fn a_merged_theme_is_as_probable_as_its_parts_together() {
        // Weights e⁰, e⁻¹, e⁻¹: the second and third together have 0.735759 of 1.735759, less than the first.
        let parts = [ThemeId(0), ThemeId(1), ThemeId(1)];
        let a = one(&[0.9, 0.8, 0.8], &[0.9, 0.8, 0.7], &parts, 0.1);
        assert_eq!((a.theme, a.others.len()), (Some(ThemeId(0)), 1));
        assert!((a.others[0].1 - 0.423_883).abs() < 1e-5);
        // With a little more each they win, and the distance is that to the nearer part.
        let b = one(&[0.9, 0.86, 0.86], &[0.9, 0.86, 0.7], &parts, 0.1);
        assert_eq!(b.theme, Some(ThemeId(1)));
        assert!((b.distance - 0.14).abs() < 1e-6);
    }

    #[test]
    fn softmax_by_hand() {
        // Similarities 0.9, 0.8, 0.1 at temperature 0.1: weights 1, e⁻¹, e⁻⁸; sum 1.368215.
        let a = one(&[0.9, 0.8, 0.1], &[0.9, 0.8, 0.1], &THREE, 0.1);
        assert_eq!(a.theme, Some(ThemeId(0)));
        assert!((a.probability - 0.730_879).abs() < 1e-5);
        assert!((a.distance - 0.1).abs() < 1e-6);
        assert_eq!(a.others.len(), 1);
        assert_eq!(a.others[0].0, ThemeId(1));
        assert!((a.others[0].1 - 0.268_876).abs() < 1e-5);
    }

    #[test]
    fn others_come_most_probable_first() {
        let a = one(&[0.50, 0.52, 0.51], &[0.50, 0.52, 0.51], &THREE, 1.0);
        assert_eq!(a.theme, Some(ThemeId(1)));
        assert_eq!(a.others.iter().map(|o| o.0).collect::<Vec<_>>(), [ThemeId(2), ThemeId(0)]);
    }

    #[test]
    fn no_themes_no_assignment() {
        assert_eq!(one(&[], &[], &[], 0.1).theme, None);
    }

    #[test]
    fn cross_entropy_of_a_sure_answer_is_least_when_cold() {
        let sure = |t| cross_entropy(&[0.9, 0.1], &[1.0, 0.0], t);
        assert!(sure(0.05) < sure(0.5));
        let torn = |t| cross_entropy(&[0.9, 0.1], &[0.6, 0.4], t);
        assert!(torn(0.05) > torn(0.5));
    }
}

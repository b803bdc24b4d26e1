//! How well do the themes found agree with people's labels, and with themselves?

use std::collections::BTreeMap;

use super::assign::rounded;
use super::fit::{fit, themes_of};
use super::params::ValidThemeParams;
use super::quality::{TOP_TERMS, mean_ari};
use super::{Theme, ThemeModel};
use crate::consultation::RecordType;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::stat::agreement::Contingency;
use crate::stat::c_v::mean_c_v;
use crate::term::{TermId, TermMatrix, TermSequences, Vocabulary};

/// Fits with different seeds that the stability is taken over, the fit that is judged included.
const SEEDS: u64 = 5;

/// Figures of merit against labels.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeEvaluation {
    /// Consultations.
    pub docs: usize,
    /// Themes.
    pub themes: usize,
    /// Normalised mutual information with the labels; consultations without a theme are a class of their own.
    pub nmi: f64,
    /// Adjusted Rand index with the labels.
    pub ari: f64,
    /// V-measure with the labels.
    pub v_measure: f64,
    /// Mean NPMI coherence of the themes.
    pub npmi: f64,
    /// Mean C_v coherence of the themes' ten strongest keywords.
    pub c_v: f64,
    /// Share of distinct terms among the themes' ten strongest keywords.
    pub diversity: f64,
    /// See [`super::ThemeQuality::silhouette`].
    pub silhouette: Option<f64>,
    /// Mean ARI between fits with five different seeds.
    pub stability: f64,
    /// Mean ARI between the fit and fits of other seeds to four fifths of the consultations each.
    pub bootstrap_stability: f64,
    /// Consultations without a theme.
    pub outliers: usize,
}

/// Fits as [`fit`] does and compares with `labels`, one per row of `matrix`; `texts` are the same rows in order. The model is
/// returned too. `mark` is called before and after each fit with another seed, from counts to themes of all rows, so that who
/// has a clock can time them.
///
/// # Errors
/// As [`fit`]; [`ErrorKind::Input`] when there is not one label per row, [`ErrorKind::Internal`] when there is not one text.
pub fn evaluate(
    vocabulary: &Vocabulary,
    matrix: &TermMatrix,
    texts: &TermSequences,
    records: &[RecordType],
    labels: &[String],
    params: &ValidThemeParams,
    mut mark: impl FnMut(),
) -> Result<(ThemeEvaluation, ThemeModel)> {
    if labels.len() != matrix.rows() {
        let (got, expected) = (labels.len(), matrix.rows());
        return Err(Error::new(
            ErrorKind::Input,
            Text::new(format!("ラベルが{expected}件必要ですが{got}件です"), format!("expected {expected} labels, got {got}")),
        ));
    }
    if texts.len() != matrix.rows() {
        return Err(Error::new(ErrorKind::Internal, Text::new("語の順序が失われました", "the order of the terms was lost")));
    }
    let (model, found) = fit(vocabulary, matrix, records, params)?;
    let themes = model.themes.len();
    // Rows without a theme are a class of their own: leaving them out would flatter.
    let none = u16::try_from(themes).unwrap_or(u16::MAX);
    let flat = |a: &[super::Assignment]| a.iter().map(|a| a.theme.map_or(none, |t| t.0)).collect::<Vec<u16>>();
    let mut labelings = vec![flat(&found.assignments)];
    for i in 1..SEEDS {
        let other = params.with_themes(themes).with_seed(params.seed.wrapping_add(i));
        mark();
        let assignments = themes_of(vocabulary, matrix, records, &other)?;
        mark();
        labelings.push(flat(&assignments));
    }
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    for label in labels {
        let next = ids.len();
        ids.entry(label).or_insert(next);
    }
    let pairs =
        labels.iter().zip(&labelings[0]).map(|(label, theme)| (ids.get(label.as_str()).copied().unwrap_or_default(), usize::from(*theme)));
    let table = Contingency::new(pairs);
    let evaluation = ThemeEvaluation {
        docs: matrix.rows(),
        themes,
        nmi: rounded(table.nmi()),
        ari: rounded(table.ari()),
        v_measure: rounded(table.v_measure()),
        npmi: found.quality.npmi,
        c_v: mean_c_v(texts, &keywords(&model, vocabulary)),
        diversity: found.quality.diversity,
        silhouette: found.quality.silhouette,
        stability: rounded(mean_ari(&labelings.iter().map(Vec::as_slice).collect::<Vec<_>>())),
        bootstrap_stability: found.quality.stability,
        outliers: found.assignments.iter().filter(|a| a.theme.is_none()).count(),
    };
    Ok((evaluation, model))
}

/// Per theme its strongest keywords, as terms of the corpus.
fn keywords(model: &ThemeModel, vocabulary: &Vocabulary) -> Vec<Vec<TermId>> {
    let terms =
        |theme: &Theme| theme.keywords.iter().take(TOP_TERMS).filter_map(|(id, _)| vocabulary.find(model.vocabulary.term(*id))).collect();
    model.themes.iter().map(terms).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::testing::TextMatrixBuilder;
    use crate::theme::ThemeParams;

    #[test]
    fn planted_labels_are_recovered() {
        let mut b = TextMatrixBuilder::default();
        let mut labels = Vec::new();
        let topics = [["治験", "新薬", "募集"], ["費用", "保険", "申請"], ["不安", "孤独", "涙"]];
        for i in 0..60 {
            topics[i % 3].iter().for_each(|w| b.add(w));
            b.end_row();
            labels.push(format!("label {}", i % 3));
        }
        let (vocabulary, matrix) = b.finish();
        let mut texts = TermSequences::default();
        (0..60).for_each(|i| texts.push(topics[i % 3].iter().filter_map(|w| vocabulary.find(w))));
        let params = ThemeParams { themes: Some(3), members: 4, ..ThemeParams::default() }.check().unwrap();
        let mut marks = 0;
        let (e, model) = evaluate(&vocabulary, &matrix, &texts, &[], &labels, &params, || marks += 1).unwrap();
        assert_eq!((marks, e.bootstrap_stability), (8, 1.0));
        assert_eq!((e.docs, e.themes, e.outliers), (60, 3, 0));
        assert_eq!((e.nmi, e.ari, e.v_measure, e.stability, e.diversity), (1.0, 1.0, 1.0, 1.0, 1.0));
        assert_eq!(model.themes.len(), 3);
        // The words of a theme are always together and never with others; its texts all stand at one place, far from the rest.
        assert_eq!(e.c_v, 1.0);
        assert!(e.silhouette.unwrap() > 0.99, "{e:?}");
        let error = evaluate(&vocabulary, &matrix, &texts, &[], &labels[1..], &params, || ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Input);
        let error = evaluate(&vocabulary, &matrix, &TermSequences::default(), &[], &labels, &params, || ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
    }
}

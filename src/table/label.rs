//! Theme labels that name no rare word.

use crate::analysis::Analysis;
use crate::disclose::Threshold;
use crate::theme::ThemeId;

/// The labels of a model's themes as they may be shown.
///
/// A label is made of keywords, and a model may have been fitted elsewhere: a keyword that fewer calls of this corpus use than
/// may be shown is left out of it.
pub(crate) struct ThemeLabels {
    codes: Vec<String>,
    themes: Vec<String>,
    groups: Vec<String>,
}

impl ThemeLabels {
    /// The labels, without words that fewer calls than `threshold` use.
    pub(crate) fn new(analysis: &Analysis, threshold: Threshold) -> Self {
        let themes = &analysis.model.themes;
        let rare = rare_keywords(analysis, threshold);
        let group = |(i, label): (usize, &String)| {
            if label.is_empty() || rare.iter().any(|term| label.contains(term)) { format!("群{i:03}") } else { label.clone() }
        };
        Self {
            codes: themes.iter().map(|theme| theme_code(theme.number)).collect(),
            themes: themes.iter().enumerate().map(|(i, _)| label(analysis, threshold, &rare, i)).collect(),
            groups: analysis.model.groups.iter().enumerate().map(group).collect(),
        }
    }

    /// The label of a theme; empty for a theme the model does not have.
    pub(crate) fn get(&self, id: ThemeId) -> &str {
        self.themes.get(usize::from(id.0)).map_or("", String::as_str)
    }

    /// The published code of a theme.
    pub(crate) fn code(&self, id: ThemeId) -> &str {
        self.codes.get(usize::from(id.0)).map_or("", String::as_str)
    }

    /// The label of a group of themes.
    pub(crate) fn group(&self, group: u16) -> &str {
        self.groups.get(usize::from(group)).map_or("", String::as_str)
    }

    /// Code and label of a theme, or of all calls.
    pub(crate) fn scope(&self, theme: Option<ThemeId>) -> (&str, &str) {
        theme.map_or_else(|| ("all", "全相談"), |id| (self.code(id), self.get(id)))
    }
}

/// The published code of a theme's number.
pub(crate) fn theme_code(number: u16) -> String {
    format!("{number:03}")
}

/// The keywords of a theme that enough calls use, strongest first.
pub(crate) fn keywords(analysis: &Analysis, threshold: Threshold, theme: usize) -> Vec<&str> {
    let terms = analysis.model.themes[theme].keywords.iter().map(|(id, _)| analysis.model.vocabulary.term(*id));
    terms.filter(|term| may_be_named(analysis, threshold, term)).collect()
}

/// Whether enough calls use a word.
pub(crate) fn may_be_named(analysis: &Analysis, threshold: Threshold, term: &str) -> bool {
    analysis.vocabulary.find(term).is_some_and(|id| analysis.vocabulary.document_frequency(id) >= threshold.get())
}

/// The keywords of all themes that may not be named.
fn rare_keywords(analysis: &Analysis, threshold: Threshold) -> Vec<&str> {
    let ids = analysis.model.themes.iter().flat_map(|t| &t.keywords);
    ids.map(|(id, _)| analysis.model.vocabulary.term(*id)).filter(|term| !may_be_named(analysis, threshold, term)).collect()
}

fn label(analysis: &Analysis, threshold: Threshold, rare: &[&str], theme: usize) -> String {
    let t = &analysis.model.themes[theme];
    if !t.label.is_empty() && !rare.iter().any(|term| t.label.contains(term)) {
        return t.label.clone();
    }
    let safe = keywords(analysis, threshold, theme);
    if safe.is_empty() { format!("テーマ{}", theme_code(t.number)) } else { safe[..safe.len().min(3)].join("・") }
}

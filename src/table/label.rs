//! Theme labels that name no rare word.

use crate::analysis::Analysis;
use crate::disclose::Threshold;
use crate::theme::{ThemeId, label_of};

/// The labels of a model's themes as they may be shown.
///
/// A label is made of keywords, and a model may have been fitted elsewhere: a keyword that fewer calls of this corpus use than
/// may be shown is left out of it.
pub(crate) struct ThemeLabels {
    codes: Vec<String>,
    themes: Vec<String>,
    groups: Vec<String>,
    sub_codes: Vec<String>,
    subs: Vec<String>,
}

impl ThemeLabels {
    /// The labels, without words that fewer calls than `threshold` use.
    pub(crate) fn new(analysis: &Analysis, threshold: Threshold) -> Self {
        let themes = &analysis.model.themes;
        let rare = rare_keywords(analysis, threshold);
        let group = |(i, label): (usize, &String)| {
            if label.is_empty() || rare.iter().any(|term| names(label, term)) { format!("群{i:03}") } else { label.clone() }
        };
        let sub_codes: Vec<String> = (0..analysis.model.subs.len()).map(|i| sub_code(analysis, i)).collect();
        Self {
            codes: themes.iter().map(|theme| theme_code(theme.number)).collect(),
            themes: themes.iter().enumerate().map(|(i, _)| label(analysis, threshold, &rare, i)).collect(),
            groups: analysis.model.groups.iter().enumerate().map(group).collect(),
            subs: (0..sub_codes.len()).map(|i| sub_label(analysis, threshold, i, &sub_codes[i])).collect(),
            sub_codes,
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

    /// The published code of a sub-theme, by its place in the model.
    pub(crate) fn sub_code(&self, sub: usize) -> &str {
        self.sub_codes.get(sub).map_or("", String::as_str)
    }

    /// The label of a sub-theme.
    pub(crate) fn sub(&self, sub: usize) -> &str {
        self.subs.get(sub).map_or("", String::as_str)
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

/// The code of a sub-theme: that of its theme and its place there, from 1.
fn sub_code(analysis: &Analysis, sub: usize) -> String {
    let subs = &analysis.model.subs;
    let theme = subs[sub].theme;
    let place = subs[..sub].iter().filter(|s| s.theme == theme).count() + 1;
    let number = analysis.model.themes.get(usize::from(theme.0)).map_or(theme.0, |t| t.number);
    format!("{}.{place}", theme_code(number))
}

/// The keywords of a sub-theme that enough calls use, strongest first.
pub(crate) fn sub_keywords(analysis: &Analysis, threshold: Threshold, sub: usize) -> Vec<&str> {
    let terms = analysis.model.subs[sub].keywords.iter().map(|(id, _)| analysis.model.vocabulary.term(*id));
    terms.filter(|term| may_be_named(analysis, threshold, term)).collect()
}

fn sub_label(analysis: &Analysis, threshold: Threshold, sub: usize, code: &str) -> String {
    let sub_theme = &analysis.model.subs[sub];
    let mut words = sub_theme.keywords.iter().map(|(id, _)| analysis.model.vocabulary.term(*id));
    let rare = words.any(|term| names(&sub_theme.label, term) && !may_be_named(analysis, threshold, term));
    if !sub_theme.label.is_empty() && !rare {
        return sub_theme.label.clone();
    }
    let safe = sub_keywords(analysis, threshold, sub);
    if safe.is_empty() { format!("小テーマ{code}") } else { label_of(&safe) }
}

/// What stands between the words of a label.
const BETWEEN: [&str; 9] = ["・", "からの", "への", "との", "での", "の", "を", "が", "に"];

/// Whether a label has this word: as a whole, between the others. A rare 仕 is not in 仕事.
fn names(label: &str, term: &str) -> bool {
    label.match_indices(term).any(|(at, _)| {
        let (before, after) = (&label[..at], &label[at + term.len()..]);
        (before.is_empty() || BETWEEN.iter().any(|b| before.ends_with(b)))
            && (after.is_empty() || BETWEEN.iter().any(|b| after.starts_with(b)))
    })
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
    if !t.label.is_empty() && !rare.iter().any(|term| names(&t.label, term)) {
        return t.label.clone();
    }
    let safe = keywords(analysis, threshold, theme);
    if safe.is_empty() { format!("テーマ{}", theme_code(t.number)) } else { label_of(&safe) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_in_a_label_as_a_whole() {
        assert!(names("治験・費用", "治験") && names("治験・費用", "費用") && names("稀語への受診", "稀語"));
        assert!(names("病院の稀語・予約", "稀語") && names("稀語", "稀語"));
        assert!(!names("お仕事・会社", "仕事") && !names("仕事・会社", "仕"));
    }
}

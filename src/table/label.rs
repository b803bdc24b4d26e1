//! Theme labels that name no rare word.

use crate::analysis::Analysis;
use crate::disclose::Threshold;
use crate::discover::DomainDiscovery;
use crate::term::{TermId, Vocabulary};
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
    shown(analysis, threshold, &analysis.model.vocabulary, &analysis.model.themes[theme].keywords)
}

/// Of the keywords those that enough calls use, strongest first.
fn shown<'a>(analysis: &Analysis, threshold: Threshold, vocabulary: &'a Vocabulary, keywords: &[(TermId, f64)]) -> Vec<&'a str> {
    let terms = keywords.iter().map(|(id, _)| vocabulary.term(*id));
    terms.filter(|term| may_be_named(analysis, threshold, term)).collect()
}

/// The keywords of a discovered need that enough calls use, strongest first.
pub(crate) fn need_keywords<'a>(analysis: &Analysis, threshold: Threshold, discovery: &'a DomainDiscovery, need: usize) -> Vec<&'a str> {
    shown(analysis, threshold, &discovery.model.vocabulary, &discovery.model.themes[need].keywords)
}

/// The label of a discovered need, without words that fewer calls use than may be shown.
pub(crate) fn need_label(analysis: &Analysis, threshold: Threshold, discovery: &DomainDiscovery, need: usize) -> String {
    let theme = &discovery.model.themes[need];
    let mut words = theme.keywords.iter().map(|(id, _)| discovery.model.vocabulary.term(*id));
    let is_rare = words.any(|term| names(&theme.label, term) && !may_be_named(analysis, threshold, term));
    safe_label(&theme.label, is_rare, &need_keywords(analysis, threshold, discovery, need), || format!("ニーズ{}", need_code(theme.number)))
}

/// The published code of a discovered need's number within its domain: from 01.
pub(crate) fn need_code(number: u16) -> String {
    format!("{:02}", u32::from(number) + 1)
}

/// The label unless a rare word is in it; else of the safe keywords; else the fallback.
fn safe_label(label: &str, is_rare: bool, safe: &[&str], fallback: impl FnOnce() -> String) -> String {
    match (label.is_empty() || is_rare, safe.is_empty()) {
        (false, _) => label.to_owned(),
        (true, false) => label_of(safe),
        (true, true) => fallback(),
    }
}

/// The code of a sub-theme: that of its theme and its place there, from 1.
pub(crate) fn sub_code(analysis: &Analysis, sub: usize) -> String {
    let subs = &analysis.model.subs;
    let theme = subs[sub].theme;
    let place = subs[..sub].iter().filter(|s| s.theme == theme).count() + 1;
    let number = analysis.model.themes.get(usize::from(theme.0)).map_or(theme.0, |t| t.number);
    format!("{}.{place}", theme_code(number))
}

/// The keywords of a sub-theme that enough calls use, strongest first.
pub(crate) fn sub_keywords(analysis: &Analysis, threshold: Threshold, sub: usize) -> Vec<&str> {
    shown(analysis, threshold, &analysis.model.vocabulary, &analysis.model.subs[sub].keywords)
}

fn sub_label(analysis: &Analysis, threshold: Threshold, sub: usize, code: &str) -> String {
    let sub_theme = &analysis.model.subs[sub];
    let mut words = sub_theme.keywords.iter().map(|(id, _)| analysis.model.vocabulary.term(*id));
    let rare = words.any(|term| names(&sub_theme.label, term) && !may_be_named(analysis, threshold, term));
    safe_label(&sub_theme.label, rare, &sub_keywords(analysis, threshold, sub), || format!("小テーマ{code}"))
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
    let is_rare = rare.iter().any(|term| names(&t.label, term));
    safe_label(&t.label, is_rare, &keywords(analysis, threshold, theme), || format!("テーマ{}", theme_code(t.number)))
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

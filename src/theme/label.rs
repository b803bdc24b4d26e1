//! What is a theme called? A short phrase that its callers use, or its most distinctive nouns.

use std::collections::BTreeSet;

use super::class::ClassCounts;
use super::{ThemeFit, ThemeModel};
use crate::term::{JOINT, TermId, TermMatrix, Vocabulary, written};

/// A label has at most this many nouns, where it has no phrase.
const NOUNS: usize = 3;

/// The longest label, in characters: what a legend of a chart holds.
const LABEL_CHARS: usize = 18;

/// What stands between the words of a label.
const SEPARATOR: &str = "・";

/// Phrases of a theme that are looked at.
const CANDIDATES: usize = 40;

/// What is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// What calls are about: 病院を探す is a name, 病院の紹介 a better one.
    Subjects,
    /// What callers want, lack or fear: 情報の提供 is a name, 情報が見つからない a better one.
    Needs,
}

impl Naming {
    /// A phrase must be as distinctive as the strongest words up to this share: one that few callers use is no name of a subject.
    /// Sentences are short, and say the same in many ways.
    fn as_distinctive(self) -> f64 {
        match self {
            Self::Subjects => 0.3,
            Self::Needs => 0.1,
        }
    }

    /// What a phrase with a predicate counts for beside one of nouns.
    fn predicate(self) -> f64 {
        match self {
            Self::Subjects => 0.7,
            Self::Needs => 3.0,
        }
    }
}

/// Phrases as distinctive as the best up to this share may be joined to it.
const AS_GOOD: f64 = 0.5;

/// Consultations and the phrases in them, rows as in the corpus the themes were fitted on.
#[derive(Debug, Clone, Copy)]
pub struct Phrases<'a> {
    /// The phrases.
    pub vocabulary: &'a Vocabulary,
    /// Which consultations use which.
    pub matrix: &'a TermMatrix,
}

/// Names themes and groups by phrases of their own callers.
///
/// A theme is called by the phrase that is most distinctive of it by the measure of its keywords (class-based tf-idf over the
/// consultations that use it), joined with others that share its head or its object (専門病院への受診・紹介), and completed by
/// its strongest noun; where no phrase stands out, by up to three nouns. Distinctive phrases as labels follow Mei, Shen & Zhai
/// 2007 (doi:10.1145/1281192.1281246). No word or phrase that fewer than `smallest` consultations use is in a label; names that
/// a guide or an earlier model gave stay. A theme without anything to call it by has an empty label.
pub fn name(model: &mut ThemeModel, fit: &ThemeFit, phrases: Phrases<'_>, naming: Naming, smallest: u32) {
    let vocabulary = phrases.vocabulary;
    let mut terms = 0u32;
    let keep: Vec<Option<TermId>> = vocabulary
        .ids()
        .map(|id| {
            let used = vocabulary.document_frequency(id) >= smallest;
            terms += u32::from(used);
            used.then(|| TermId(terms - 1))
        })
        .collect();
    let kept: Vec<TermId> = vocabulary.ids().filter(|id| keep[id.0 as usize].is_some()).collect();
    let rows: Vec<u32> = (0u32..).take(phrases.matrix.rows()).collect();
    let theme_of = |row: usize| fit.assignments.get(row).and_then(|a| a.theme).map(|t| usize::from(t.0));
    let counts = ClassCounts::new(phrases.matrix, &rows, &keep, kept.len(), model.themes.len(), theme_of);
    let texts = |found: Vec<Vec<(TermId, f64)>>| -> Vec<Vec<(&str, f64)>> {
        let text = |(id, weight): (TermId, f64)| (vocabulary.term(kept[id.0 as usize]), weight);
        found.into_iter().map(|phrases| phrases.into_iter().map(text).collect()).collect()
    };
    let of_themes = texts(counts.keywords(CANDIDATES));
    let groups: Vec<usize> = model.themes.iter().map(|t| usize::from(t.group)).collect();
    let of_groups = texts(counts.joined(&groups, model.groups.len()).keywords(CANDIDATES));

    let mut given: Vec<String> = Vec::new();
    let words = |keywords: &[(TermId, f64)], vocabulary: &Vocabulary| -> Vec<(String, f64)> {
        let used = keywords.iter().filter(|(id, _)| vocabulary.document_frequency(*id) >= smallest);
        used.map(|(id, weight)| (vocabulary.term(*id).to_owned(), *weight)).collect()
    };
    for (t, phrases) in of_themes.iter().enumerate() {
        let words = words(&model.themes[t].keywords, &model.vocabulary);
        let words: Vec<(&str, f64)> = words.iter().map(|(word, weight)| (word.as_str(), *weight)).collect();
        if !fit.named.get(t).copied().unwrap_or(false) {
            model.themes[t].label = compose(phrases, &words, &given, naming);
        }
        given.push(model.themes[t].label.clone());
    }
    let mut first = 0;
    while first < model.subs.len() {
        let theme = model.subs[first].theme;
        let parts = model.subs[first..].iter().take_while(|sub| sub.theme == theme).count();
        let own: Vec<u32> = rows.iter().copied().filter(|row| theme_of(*row as usize) == Some(usize::from(theme.0))).collect();
        let part_of = |i: usize| fit.assignments[own[i] as usize].part.map(usize::from);
        let counts = ClassCounts::new(phrases.matrix, &own, &keep, kept.len(), parts, part_of);
        for (sub, phrases) in model.subs[first..first + parts].iter_mut().zip(texts(counts.keywords(CANDIDATES))) {
            let words = words(&sub.keywords, &model.vocabulary);
            let words: Vec<(&str, f64)> = words.iter().map(|(word, weight)| (word.as_str(), *weight)).collect();
            sub.label = compose(&phrases, &words, &given, naming);
            given.push(sub.label.clone());
        }
        first += parts;
    }
    for (group, phrases) in of_groups.iter().enumerate() {
        let members: Vec<&str> = model.themes.iter().filter(|t| usize::from(t.group) == group).map(|t| t.label.as_str()).collect();
        model.groups[group] = match members[..] {
            [only] => only.to_owned(),
            _ => phrase(phrases, &[], &given, naming).unwrap_or_else(|| of_members(&members)),
        };
    }
}

/// A label of a group that no phrase names: how the names of its first themes begin. (Not of its largest: that would tell which
/// are.)
fn of_members(labels: &[&str]) -> String {
    let first = |label: &&str| label.split(SEPARATOR).next().unwrap_or_default().to_owned();
    let parts: Vec<String> = labels.iter().filter(|label| !label.is_empty()).map(first).take(NOUNS).collect();
    parts.join(SEPARATOR)
}

/// A label of keywords alone, before it is known which phrases callers use.
pub(super) fn label(keywords: &[(TermId, f64)], vocabulary: &Vocabulary) -> String {
    let words: Vec<(&str, f64)> = keywords.iter().map(|(id, weight)| (vocabulary.term(*id), *weight)).collect();
    nouns(&[], &words, 0)
}

/// A label of these words, strongest first.
pub(crate) fn label_of(words: &[&str]) -> String {
    let weighted: Vec<(&str, f64)> = words.iter().zip(1u32..).map(|(word, place)| (*word, 1.0 / f64::from(place))).collect();
    nouns(&[], &weighted, 0)
}

/// A label of these phrases and keywords, both strongest first; none of those `given`.
fn compose(phrases: &[(&str, f64)], keywords: &[(&str, f64)], given: &[String], naming: Naming) -> String {
    // A name that is given already says nothing: without its first noun it is another.
    let nouns_after = |skipped: usize| nouns(phrases, keywords, skipped);
    let nouns = || (0..NOUNS).map(nouns_after).find(|label| !given.contains(label)).unwrap_or_default();
    phrase(phrases, keywords, given, naming).unwrap_or_else(nouns)
}

/// A label with a phrase of two words, if one is distinctive enough.
fn phrase(phrases: &[(&str, f64)], keywords: &[(&str, f64)], given: &[String], naming: Naming) -> Option<String> {
    let strongest = keywords.iter().chain(phrases).map(|(_, weight)| *weight).fold(0.0, f64::max);
    let mut bound: Vec<(Phrase<'_>, f64)> = phrases.iter().filter_map(|(text, weight)| Some((Phrase::of(text)?, *weight))).collect();
    bound.iter_mut().filter(|(phrase, _)| !phrase.is_nominal()).for_each(|(_, weight)| *weight *= naming.predicate());
    bound.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (best, weight) in bound.iter().filter(|(_, weight)| *weight >= naming.as_distinctive() * strongest) {
        let good = bound.iter().filter(|(_, w)| *w >= AS_GOOD * weight).map(|(phrase, _)| phrase);
        let label = complete(best.joined(good), phrases, keywords);
        if !given.contains(&label) {
            return Some(label);
        }
    }
    None
}

/// The label with the strongest noun that it does not have, where there is room.
fn complete(label: String, phrases: &[(&str, f64)], keywords: &[(&str, f64)]) -> String {
    let room = LABEL_CHARS.saturating_sub(label.chars().count() + 1);
    let fits = |noun: &&str| noun.chars().count() <= room && !overlaps(&label, noun);
    let noun = strongest_nouns(phrases, keywords).into_iter().find(fits);
    noun.map_or_else(|| label.clone(), |noun| [label.as_str(), noun].join(SEPARATOR))
}

/// Up to three nouns behind the first `skipped`, none that holds another or is held by it; other words only where there is no
/// noun at all.
fn nouns(phrases: &[(&str, f64)], keywords: &[(&str, f64)], skipped: usize) -> String {
    let mut chosen: Vec<&str> = Vec::new();
    let others = keywords.iter().map(|(word, _)| *word);
    let mut length = 0;
    for noun in strongest_nouns(phrases, keywords).into_iter().skip(skipped) {
        let fits = chosen.is_empty() || length + 1 + noun.chars().count() <= LABEL_CHARS;
        if chosen.len() < NOUNS && fits && !chosen.iter().any(|c| overlaps(c, noun)) {
            length += noun.chars().count() + usize::from(!chosen.is_empty());
            chosen.push(noun);
        }
    }
    if chosen.is_empty() {
        chosen.extend(others.skip(skipped).take(NOUNS));
    }
    chosen.join(SEPARATOR)
}

/// Compounds and nouns among the keywords, strongest first.
fn strongest_nouns<'a>(phrases: &[(&'a str, f64)], keywords: &[(&'a str, f64)]) -> Vec<&'a str> {
    let compounds = phrases.iter().filter(|(text, _)| !text.contains(JOINT));
    let mut nouns: Vec<(&str, f64)> = keywords.iter().filter(|(word, _)| is_noun_like(word)).chain(compounds).copied().collect();
    nouns.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    // A compound may be both a keyword and a phrase.
    let mut seen = BTreeSet::new();
    nouns.into_iter().map(|(noun, _)| noun).filter(|noun| seen.insert(*noun)).collect()
}

fn overlaps(a: &str, b: &str) -> bool {
    a.contains(b) || b.contains(a)
}

/// Whether a term is a noun that says something: base forms of verbs and adjectives end in hiragana, and so do few content
/// nouns; a noun of one character is most often half a word.
fn is_noun_like(term: &str) -> bool {
    !matches!(term.chars().next_back(), Some('ぁ'..='ゖ')) && term.chars().nth(1).is_some()
}

/// A phrase of two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Phrase<'a> {
    object: &'a str,
    bond: &'a str,
    head: &'a str,
}

impl<'a> Phrase<'a> {
    /// None for a compound.
    fn of(text: &'a str) -> Option<Self> {
        let mut parts = text.split(JOINT);
        let phrase = Self { object: parts.next()?, bond: parts.next()?, head: parts.next()? };
        parts.next().is_none().then_some(phrase)
    }

    /// Whether nouns alone make it up: what binds them ends in の.
    fn is_nominal(&self) -> bool {
        self.bond.ends_with('の')
    }

    fn text(&self) -> String {
        written(&[self.object, self.bond, self.head].join(""))
    }

    /// With the first of `others` that shares its object or its head: AへのBとC are AへのB・C.
    fn joined<'b>(&self, others: impl Iterator<Item = &'b Phrase<'b>>) -> String {
        let own = self.text();
        // Predicates cannot be listed.
        if !self.is_nominal() {
            return own;
        }
        for other in others.filter(|o| o.bond == self.bond) {
            let label = if other.object == self.object && !overlaps(other.head, self.head) {
                format!("{}{}{}{SEPARATOR}{}", self.object, self.bond, self.head, other.head)
            } else if other.head == self.head && !overlaps(other.object, self.object) {
                format!("{}{SEPARATOR}{}{}{}", self.object, other.object, self.bond, self.head)
            } else {
                continue;
            };
            if label.chars().count() <= LABEL_CHARS {
                return label;
            }
        }
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(parts: [&str; 3]) -> String {
        parts.join(&JOINT.to_string())
    }

    #[test]
    fn phrases_that_share_a_word_are_joined() {
        let (visit, referral) = (phrase(["専門病院", "への", "受診"]), phrase(["専門病院", "への", "紹介"]));
        let phrases = [(visit.as_str(), 0.9), (referral.as_str(), 0.6), ("専門病院", 0.5)];
        assert_eq!(compose(&phrases, &[("病院", 1.0), ("受診", 0.9)], &[], Naming::Subjects), "専門病院への受診・紹介");
        let (trial, drug) = (phrase(["治験", "の", "情報"]), phrase(["新薬", "の", "情報"]));
        assert_eq!(compose(&[(&trial, 0.9), (&drug, 0.8)], &[("募集", 0.4)], &[], Naming::Subjects), "治験・新薬の情報・募集");
    }

    #[test]
    fn a_phrase_is_completed_by_a_noun_and_weak_ones_are_no_names() {
        let search = phrase(["病院", "を", "探す"]);
        assert_eq!(compose(&[(&search, 0.9)], &[("病院", 1.0), ("紹介状", 0.5)], &[], Naming::Subjects), "病院を探す・紹介状");
        assert_eq!(compose(&[(&search, 0.1)], &[("治験", 1.0), ("紹介状", 0.5)], &[], Naming::Subjects), "治験・紹介状");
        // A label is given once.
        let taken = ["病院を探す・紹介状".to_owned()];
        assert_eq!(compose(&[(&search, 0.9)], &[("病院", 1.0), ("紹介状", 0.5)], &taken, Naming::Subjects), "病院・紹介状");
    }

    #[test]
    fn a_need_is_called_by_what_is_done_or_not() {
        let (gives, lacks) = (phrase(["情報", "の", "提供"]), phrase(["情報", "が", "見つからない"]));
        let phrases = [(gives.as_str(), 0.3), (lacks.as_str(), 0.2)];
        let keywords = [("情報", 1.0), ("検索", 0.5)];
        assert_eq!(compose(&phrases, &keywords, &[], Naming::Needs), "情報が見つからない・検索");
        assert_eq!(compose(&phrases, &keywords, &[], Naming::Subjects), "情報の提供・検索");
    }

    #[test]
    fn a_group_without_a_phrase_is_called_by_its_first_themes() {
        assert_eq!(of_members(&["治験への参加・新薬", "", "痛み・薬", "費用", "仕事"]), "治験への参加・痛み・費用");
        assert_eq!(of_members(&[]), "");
    }

    #[test]
    fn labels_prefer_nouns_and_do_not_repeat_themselves() {
        let keywords = |words: &[&'static str]| words.iter().map(|w| (*w, 1.0)).collect::<Vec<_>>();
        assert_eq!(compose(&[], &[("高い", 0.9), ("治療費", 0.8), ("治療", 0.7), ("保険", 0.6)], &[], Naming::Subjects), "治療費・保険");
        assert_eq!(compose(&[], &keywords(&["高い", "泣く"]), &[], Naming::Subjects), "高い・泣く");
        assert_eq!(compose(&[], &[], &[], Naming::Subjects), "");
        let taken = ["治療費・保険".to_owned()];
        // Without its first noun, though that is both a keyword and a phrase.
        assert_eq!(nouns(&[("治療費", 0.7)], &[("治療費", 0.8), ("保険", 0.6)], 1), "保険");
        assert_eq!(compose(&[], &[("治療費", 0.8), ("保険", 0.6), ("申請", 0.5)], &taken, Naming::Subjects), "治療費・保険・申請");
        assert_eq!(compose(&[], &[("治療費", 0.8), ("保険", 0.6)], &taken, Naming::Subjects), "保険");
    }
}

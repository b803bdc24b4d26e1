//! Which words a text holds, read in one pass for all detectors, so that an expression is tried only where a word stands without
//! which it cannot match.
//!
//! The words follow from the expressions themselves, as in RE2's `FilteredRE2` (Cox 2010, *Regular Expression Matching in the Wild*);
//! an automaton of Aho & Corasick (1975) finds them all.

use daachorse::CharwiseDoubleArrayAhoCorasick;
use regex::{CaptureMatches, Match, Matches, Regex};
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind};

use super::lexis::{is_kanji, is_katakana};
use super::scene::Scene;
use crate::error::{Error, ErrorKind, Result, Text};

/// How many sets there may be.
const SETS: usize = 256;
/// The most words of a set: more make the automaton large and are hardly rarer.
const MOST_WORDS: usize = 160;
/// The least [`rarity`] of words worth looking for: の and 、 stand in every text.
const RARE: usize = 2;

/// A set of words of a [`Prefilter`], by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WordSet(u8);

/// The sets of which a text holds a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Present([u64; SETS / 64]);

impl Present {
    /// Whether the text holds a word of `set`.
    pub(super) fn has(&self, set: WordSet) -> bool {
        self.0[usize::from(set.0 / 64)] >> (set.0 % 64) & 1 != 0
    }

    fn add(&mut self, set: usize) {
        self.0[set / 64] |= 1 << (set % 64);
    }

    /// These sets and those.
    fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }
}

/// An expression that is tried only on texts that hold a word of its set.
#[derive(Debug)]
pub(super) struct Expression {
    regex: Regex,
    /// `None` where it needs no word that is rare.
    words: Option<WordSet>,
}

impl Expression {
    /// The expression, where the scene holds a word of it.
    fn tried<'e>(&'e self, scene: &Scene<'_>) -> Option<&'e Regex> {
        self.words.is_none_or(|words| scene.holds(words)).then_some(&self.regex)
    }

    /// Its matches in the text of `scene`.
    pub(super) fn find_iter<'e, 's>(&'e self, scene: &Scene<'s>) -> Tried<Matches<'e, 's>> {
        Tried(self.tried(scene).map(|regex| regex.find_iter(scene.text)))
    }

    /// Its matches in the text of `scene`, with their groups.
    pub(super) fn captures_iter<'e, 's>(&'e self, scene: &Scene<'s>) -> Tried<CaptureMatches<'e, 's>> {
        Tried(self.tried(scene).map(|regex| regex.captures_iter(scene.text)))
    }

    /// Its matches of the group `name` in the text of `scene`.
    pub(super) fn names<'s>(&self, scene: &Scene<'s>, name: &str) -> impl Iterator<Item = Match<'s>> {
        self.captures_iter(scene).filter_map(move |caps| caps.name(name))
    }

    /// Its first match in a part of the text of `scene`.
    pub(super) fn find<'s>(&self, scene: &Scene<'_>, part: &'s str) -> Option<Match<'s>> {
        self.tried(scene)?.find(part)
    }

    /// Its last match in a part of the text of `scene`.
    pub(super) fn find_last<'s>(&self, scene: &Scene<'_>, part: &'s str) -> Option<Match<'s>> {
        self.tried(scene)?.find_iter(part).last()
    }
}

/// The matches of an expression that is tried; otherwise none, at the cost of a look.
pub(super) struct Tried<I>(Option<I>);

impl<I: Iterator> Iterator for Tried<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.0.as_mut()?.next()
    }
}

/// Collects the sets of all detectors.
#[derive(Debug, Default)]
pub(super) struct PrefilterBuilder {
    sets: Vec<Vec<String>>,
    /// What was added, for the tests of all detectors together.
    #[cfg(test)]
    expressions: Vec<Added>,
}

/// An expression and its words.
#[cfg(test)]
pub(super) type Added = (Regex, Option<WordSet>);

impl PrefilterBuilder {
    /// The set of these words.
    ///
    /// # Errors
    /// When there are too many sets.
    pub(super) fn words(&mut self, words: &[&str]) -> Result<WordSet> {
        self.set(words.iter().map(|word| (*word).to_owned()).collect())
    }

    /// An expression with the words that it needs, if they are rare.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn expression(&mut self, pattern: &str) -> Result<Expression> {
        let regex = Regex::new(pattern).map_err(|e| fault().because(e))?;
        let hir = regex_syntax::parse(pattern).map_err(|e| fault().because(e))?;
        let words = required(&hir).filter(|words| rarity(words).0 >= RARE).map(|words| self.set(words)).transpose()?;
        #[cfg(test)]
        self.expressions.push((regex.clone(), words));
        Ok(Expression { regex, words })
    }

    fn set(&mut self, mut words: Vec<String>) -> Result<WordSet> {
        words.sort_unstable();
        words.dedup();
        let at = self.sets.iter().position(|set| *set == words).unwrap_or_else(|| {
            self.sets.push(words);
            self.sets.len() - 1
        });
        let number = u8::try_from(at);
        number.map(WordSet).map_err(|_| Error::new(ErrorKind::Internal, Text::new("語の組が多すぎます", "too many sets of words")))
    }

    /// The expressions and the words that were added.
    #[cfg(test)]
    pub(super) fn added(&mut self) -> (Vec<Added>, Vec<String>) {
        (std::mem::take(&mut self.expressions), self.sets.concat())
    }

    /// The automaton of all words.
    ///
    /// # Errors
    /// When it grows too large, which the tests rule out.
    pub(super) fn build(self) -> Result<Prefilter> {
        let mut words: Vec<(&str, Present)> = Vec::new();
        for (set, word) in self.sets.iter().enumerate().flat_map(|(set, words)| words.iter().map(move |word| (set, word.as_str()))) {
            let at = words.iter().position(|(known, _)| *known == word).unwrap_or_else(|| {
                words.push((word, Present::default()));
                words.len() - 1
            });
            words[at].1.add(set);
        }
        // A word tells of those it ends with, too, so that one word a place is enough.
        let ends =
            |word: &str| words.iter().filter(|(end, _)| word.ends_with(end)).fold(Present::default(), |all, (_, sets)| all.and(*sets));
        let sets: Vec<Present> = words.iter().map(|(word, _)| ends(word)).collect();
        let automaton = CharwiseDoubleArrayAhoCorasick::new(words.iter().map(|(word, _)| word)).map_err(|e| {
            Error::new(ErrorKind::Internal, Text::new("検出に使う語の表が作れません", "the detectors' words do not compile"))
                .because(e.to_string())
        })?;
        Ok(Prefilter { automaton, sets })
    }
}

/// The words of all sets. Immutable: one is shared by all threads.
pub(super) struct Prefilter {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    /// For each word, the sets that it or an end of it is of.
    sets: Vec<Present>,
}

impl Prefilter {
    /// The sets of which `text` holds a word. Linear in the text.
    pub(super) fn read(&self, text: &str) -> Present {
        let longest = self.automaton.find_overlapping_no_suffix_iter(text);
        longest.fold(Present::default(), |all, found| all.and(self.sets[found.value() as usize]))
    }
}

fn fault() -> Error {
    Error::new(ErrorKind::Internal, Text::new("検出に使う正規表現が誤っています", "a detector's expression is faulty"))
}

/// Words of which each match of an expression holds one, the rarest that are found; `None` where no certain word is needed.
fn required(hir: &Hir) -> Option<Vec<String>> {
    let inner = match hir.kind() {
        HirKind::Capture(group) => return required(&group.sub),
        HirKind::Repetition(repeated) if repeated.min > 0 => required(&repeated.sub),
        HirKind::Alternation(branches) => branches.iter().map(required).collect::<Option<Vec<_>>>().map(|sets| sets.concat()),
        HirKind::Concat(parts) => {
            let from = (1..parts.len()).filter_map(|i| beginnings(&Hir::concat(parts[i..].to_vec())));
            from.chain(parts.iter().filter_map(required)).max_by_key(|words| rarity(words))
        }
        _ => None,
    };
    inner.into_iter().chain(beginnings(hir)).max_by_key(|words| rarity(words))
}

/// The words one of which each match begins with, if they are few.
fn beginnings(hir: &Hir) -> Option<Vec<String>> {
    let words = Extractor::new().limit_class(64).extract(hir);
    let words = words.literals()?.iter().map(|word| String::from_utf8(word.as_bytes().to_vec()).ok());
    let words: Vec<String> = words.collect::<Option<_>>()?;
    (!words.is_empty() && words.len() <= MOST_WORDS && words.iter().all(|word| !word.is_empty())).then_some(words)
}

/// How rare the commonest of some words is, and, of words as rare, how few they are.
fn rarity(words: &[String]) -> (usize, std::cmp::Reverse<usize>) {
    (words.iter().map(|word| word.chars().map(weight).sum()).min().unwrap_or(0), std::cmp::Reverse(words.len()))
}

/// What a character adds to a word's rarity: there are thousands of kanji; katakana, letters and most signs are seldom.
fn weight(c: char) -> usize {
    let sign = c.is_ascii() && !c.is_ascii_digit() && !matches!(c, ' ' | '-' | '.');
    if is_kanji(c) {
        3
    } else if is_katakana(c) || sign {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pattern: &str) -> Option<Vec<String>> {
        required(&regex_syntax::parse(pattern).unwrap()).map(|mut words| {
            words.sort_unstable();
            words.dedup();
            words
        })
    }

    #[test]
    fn an_expression_needs_its_rarest_words() {
        assert_eq!(words(r"(?P<name>[ぁ-ん]{2,4})(?:くん|君)").unwrap(), ["くん", "君"]);
        // Of one digit and 日 the second is rarer.
        assert_eq!(words("[0-9]{1,2} ?日").unwrap(), ["日"]);
        assert_eq!(words(r"(?:[\p{Han}]{1,6}(?:へん|偏)|さんずい)の\p{Han}").unwrap(), ["さんずい", "へん", "偏"]);
        assert_eq!(words(r"(?:長男|次男)が(?P<name>\p{Han})").unwrap(), ["次男が", "長男が"]);
        // Either side may be what matches, and nothing is certain.
        assert_eq!(words(r"田中|\p{Han}"), None);
        assert_eq!(words("(?:田中)?"), None);
    }

    #[test]
    fn a_text_holds_words_also_where_they_overlap() {
        let mut builder = PrefilterBuilder::default();
        let [long, short, other] = [["という字"], ["いう"], ["字を"]].map(|words| builder.words(&words).unwrap());
        assert_eq!(builder.words(&["いう"]).unwrap(), short);
        let filter = builder.build().unwrap();
        let present = filter.read("永遠という字を書いて");
        assert!([long, short, other].iter().all(|set| present.has(*set)));
        assert!(![long, short, other].iter().any(|set| filter.read("永遠と言う").has(*set)));
    }
}

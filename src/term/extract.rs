//! From tokens to terms: content classes, dictionary compounds, negation, stop words.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::morphology::{ClassInfo, LemmaId, Lexicon, Pos, Token};

/// Words that do not count as terms.
#[derive(Debug, Clone, Default)]
pub struct WordLists {
    /// Base forms that occur in nearly every call and carry no theme.
    pub stop_words: BTreeSet<String>,
    /// Fillers and 相槌.
    pub fillers: BTreeSet<String>,
}

impl WordLists {
    /// One word a line; empty lines and lines that begin with `#` are left out.
    pub fn parse(stop_words: &str, fillers: &str) -> Self {
        let words = |text: &str| text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_owned).collect();
        Self { stop_words: words(stop_words), fillers: words(fillers) }
    }
}

/// A term as it is found: known base forms by id, everything else by its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term<'a> {
    /// A base form of a dictionary.
    Lemma(LemmaId),
    /// A word no dictionary knows, or a negated predicate (受けられない).
    Text(&'a str),
}

impl<'a> Term<'a> {
    /// The term as it is written.
    pub fn text(self, lexicon: &'a Lexicon) -> &'a str {
        match self {
            Self::Lemma(lemma) => lexicon.lemma_text(lemma).unwrap_or_default(),
            Self::Text(text) => text,
        }
    }
}

/// What a class of words contributes to the terms.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Never a term.
    None,
    /// A content noun.
    Noun,
    /// A content noun that takes する and できる: a negation after it belongs to it.
    VerbalNoun,
    /// An independent verb or adjective: its base form counts, and a following negation changes it.
    Predicate,
    /// A noun that no dictionary knows: a term only if it holds a letter and is longer than one character.
    Unknown,
}

/// Extracts terms from tokens: one per thread, with reusable buffers (a clone shares the tables).
#[derive(Clone)]
pub struct TermExtractor {
    lexicon: Arc<Lexicon>,
    roles: Arc<[Role]>,
    /// For every lemma: never a term (a stop word, a filler, no word at all).
    stopped: Arc<[bool]>,
    stop_texts: Arc<FxHashSet<Box<str>>>,
    buffer: String,
}

/// Terms longer than this are runs of noise (an unknown word in a recogniser's output), not words.
const MAX_TERM_CHARS: usize = 24;

/// How many tokens a negation may stand behind its predicate (受け・られ・ませ・ん).
const NEGATION_REACH: usize = 4;

impl TermExtractor {
    /// For one lexicon and its word lists.
    pub fn new(lexicon: Arc<Lexicon>, lists: &WordLists) -> Self {
        let roles = lexicon.classes().iter().map(role).collect();
        let stop_texts: FxHashSet<Box<str>> = lists.stop_words.union(&lists.fillers).map(|w| w.as_str().into()).collect();
        let stopped = lexicon.lemmas().map(|lemma| !is_word(lemma) || stop_texts.contains(lemma)).collect();
        Self { lexicon, roles, stopped, stop_texts: Arc::new(stop_texts), buffer: String::new() }
    }

    /// Calls `each` with every term of an utterance, in order, repetitions included.
    ///
    /// A term is the base form of a content noun, a dictionary concept (by its canonical name), or an independent verb
    /// or adjective. A predicate under negation is its negative form, together with a verbal noun right before it:
    /// 治療できない is another term than 治療できる.
    pub fn terms(&mut self, text: &str, tokens: &[Token], mut each: impl FnMut(Term<'_>)) {
        for (i, token) in tokens.iter().enumerate() {
            let role = self.roles[usize::from(token.class.0)];
            match role {
                Role::None => {}
                Role::Predicate => {
                    if self.write_negative(text, tokens, i) {
                        each(Term::Text(&self.buffer));
                    } else if token.lemma == LemmaId::SURFACE || !self.stopped[token.lemma.0 as usize] {
                        self.emit(token, text, &mut each);
                    }
                }
                Role::Noun | Role::VerbalNoun | Role::Unknown => {
                    if token.lemma != LemmaId::SURFACE {
                        if !self.stopped[token.lemma.0 as usize] {
                            each(Term::Lemma(token.lemma));
                        }
                    } else {
                        self.emit(token, text, &mut each);
                    }
                }
            }
        }
    }

    /// The words.
    pub(crate) fn lexicon(&self) -> &Arc<Lexicon> {
        &self.lexicon
    }

    /// What each class of words contributes to the terms.
    pub(super) fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Whether a token is a term by itself.
    pub(super) fn counts(&self, token: &Token, text: &str) -> bool {
        if self.roles[usize::from(token.class.0)] == Role::None {
            return false;
        }
        match token.lemma {
            LemmaId::SURFACE => is_word(token.surface(text)) && !self.stop_texts.contains(token.surface(text)),
            lemma => !self.stopped[lemma.0 as usize],
        }
    }

    /// The predicate at `at` as a term: its base form or its negative; none where it is no term.
    pub(super) fn predicate<'a>(&'a mut self, text: &'a str, tokens: &[Token], at: usize) -> Option<&'a str> {
        if self.write_negative(text, tokens, at) {
            return Some(&self.buffer);
        }
        let token = &tokens[at];
        self.counts(token, text).then(|| self.lexicon.lemma(token, text))
    }

    fn emit(&self, token: &Token, text: &str, each: &mut impl FnMut(Term<'_>)) {
        if token.lemma != LemmaId::SURFACE {
            return each(Term::Lemma(token.lemma));
        }
        let surface = token.surface(text);
        if is_word(surface) && surface.chars().nth(1).is_some() && !self.stop_texts.contains(surface) {
            each(Term::Text(surface));
        }
    }

    /// Writes the negative form of the predicate at `at` into the buffer, if a negation follows within the predicate.
    fn write_negative(&mut self, text: &str, tokens: &[Token], at: usize) -> bool {
        let mut suffix = None;
        let mut negated = false;
        for token in tokens[at + 1..].iter().take(NEGATION_REACH) {
            let class = self.lexicon.class(token.class);
            if is_negation(class) {
                // なければ, なきゃ: a duty, not a negation.
                negated = !class.conjugation_form.starts_with("仮定");
                break;
            }
            let is_suffix = class.pos == Pos::Verb && class.detail[0] == "接尾";
            let inside = is_suffix || class.pos == Pos::Auxiliary || (class.pos == Pos::Particle && class.detail[0] == "係助詞");
            if !inside {
                break;
            }
            if is_suffix {
                suffix = Some(token);
            }
        }
        if !negated {
            return false;
        }
        let token = &tokens[at];
        let class = self.lexicon.class(token.class);
        let lemma = self.lexicon.lemma(token, text);
        if lemma == "しれる" || lemma == "なる" || lemma == "いける" {
            // かもしれない, なければならない, てはいけない: grammar.
            return false;
        }
        self.buffer.clear();
        let verbal = at.checked_sub(1).map(|b| &tokens[b]).filter(|t| self.roles[usize::from(t.class.0)] == Role::VerbalNoun);
        let joined = verbal.filter(|_| matches!(lemma, "する" | "できる"));
        if let Some(noun) = joined {
            self.buffer.push_str(self.lexicon.lemma(noun, text));
        } else if token.lemma != LemmaId::SURFACE && self.stopped[token.lemma.0 as usize] && lemma != "できる" {
            return false;
        }
        match suffix {
            // 受け + られ + ない
            Some(suffix) => {
                self.buffer.push_str(token.surface(text));
                self.buffer.push_str(self.lexicon.lemma(suffix, text).trim_end_matches('る'));
                self.buffer.push_str("ない");
            }
            None => push_negative(&mut self.buffer, lemma, &class.conjugation_type),
        }
        true
    }
}

/// Appends the plain negative of a base form: 受ける → 受けない, 行く → 行かない, 高い → 高くない.
fn push_negative(out: &mut String, lemma: &str, conjugation: &str) {
    let mut stem = lemma.chars();
    let last = stem.next_back();
    let stem = stem.as_str();
    match (conjugation, last) {
        ("サ変・スル" | "サ変・−スル", _) => {
            out.push_str(stem.trim_end_matches('す'));
            out.push_str("しない");
        }
        ("カ変・クル", _) => out.push_str("こない"),
        ("カ変・来ル", _) => out.push_str("来ない"),
        (c, Some('い')) if c.starts_with("形容詞") => {
            out.push_str(stem);
            out.push_str("くない");
        }
        (c, Some(end)) if c.starts_with("五段") => {
            out.push_str(stem);
            out.push(match end {
                'う' => 'わ',
                'く' => 'か',
                'ぐ' => 'が',
                'す' => 'さ',
                'つ' => 'た',
                'ぬ' => 'な',
                'ぶ' => 'ば',
                'む' => 'ま',
                _ => 'ら',
            });
            out.push_str("ない");
        }
        (_, Some('る')) => {
            out.push_str(stem);
            out.push_str("ない");
        }
        _ => {
            out.push_str(lemma);
            out.push_str("ない");
        }
    }
}

fn role(class: &ClassInfo) -> Role {
    match class.pos {
        Pos::Noun if !class.known => Role::Unknown,
        Pos::Noun if class.is_person_name() => Role::None,
        Pos::Noun if class.detail[0] == "サ変接続" => Role::VerbalNoun,
        Pos::Noun if class.is_content_noun() => Role::Noun,
        Pos::Verb | Pos::Adjective if class.is_independent() => Role::Predicate,
        _ => Role::None,
    }
}

/// 助動詞 ない (特殊・ナイ), ぬ・ん・へん (特殊・ヌ, 不変化型).
fn is_negation(class: &ClassInfo) -> bool {
    class.pos == Pos::Auxiliary && matches!(class.conjugation_type.as_str(), "特殊・ナイ" | "特殊・ヌ" | "不変化型")
}

/// Whether a base form can be a word: a letter in it, no single kana or Latin letter, not endlessly long.
pub(super) fn is_word(lemma: &str) -> bool {
    let mut chars = lemma.chars();
    let (Some(first), second) = (chars.next(), chars.next()) else { return false };
    let letter = lemma.chars().any(|c| c.is_alphabetic() && c != 'ー');
    let single = second.is_none() && matches!(first, 'ぁ'..='ヿ' | 'a'..='z' | 'A'..='Z');
    letter && !single && lemma.chars().nth(MAX_TERM_CHARS).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negatives_are_words_a_person_would_say() {
        let negative = |lemma: &str, conjugation: &str| {
            let mut out = String::new();
            push_negative(&mut out, lemma, conjugation);
            out
        };
        assert_eq!(negative("受ける", "一段"), "受けない");
        assert_eq!(negative("分かる", "五段・ラ行"), "分からない");
        assert_eq!(negative("言う", "五段・ワ行促音便"), "言わない");
        assert_eq!(negative("する", "サ変・スル"), "しない");
        assert_eq!(negative("高い", "形容詞・アウオ段"), "高くない");
    }

    #[test]
    fn noise_is_no_word() {
        for noise in ["", "あ", "x", "1234", "!?", "ー…"] {
            assert!(!is_word(noise), "{noise}");
        }
        for word in ["癌", "GIST", "あし", "5-FU"] {
            assert!(is_word(word), "{word}");
        }
    }
}

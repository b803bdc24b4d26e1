//! From tokens to terms: content classes, dictionary compounds, negation, stop words.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::consultation::RecordType;
use crate::morphology::{ClassInfo, LemmaId, Lexicon, Pos, Token};
use crate::redact::RedactedUtterance;

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

/// What a class of words contributes to the terms.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Never a term.
    None,
    /// A content noun.
    Noun,
    /// An independent verb or adjective: its base form counts, and a following negation changes it.
    Predicate,
    /// A noun that is a term only if the dictionary did not know it, and only if it holds a letter.
    Unknown,
}

/// Extracts terms from tokens: one per thread, with reusable buffers.
pub struct TermExtractor {
    lexicon: Arc<Lexicon>,
    roles: Vec<Role>,
    negations: Vec<bool>,
    stops: FxHashSet<LemmaId>,
    stop_surfaces: Arc<BTreeSet<String>>,
    buffer: String,
}

/// Terms longer than this are runs of noise (an unknown word in a recogniser's output), not words.
const MAX_TERM_CHARS: usize = 24;

impl TermExtractor {
    /// For one lexicon and its word lists.
    pub fn new(lexicon: Arc<Lexicon>, lists: &WordLists) -> Self {
        let roles = lexicon.classes().iter().map(role).collect();
        let negations = lexicon.classes().iter().map(is_negation).collect();
        let all: BTreeSet<String> = lists.stop_words.union(&lists.fillers).cloned().collect();
        let stops = all.iter().filter_map(|w| lexicon.find_lemma(w)).collect();
        Self { lexicon, roles, negations, stops, stop_surfaces: Arc::new(all), buffer: String::new() }
    }

    /// Calls `each` with every term of an utterance, in order, repetitions included.
    ///
    /// A term is the base form of a content noun, a dictionary concept (by its canonical name), or an independent verb
    /// or adjective; a predicate under negation becomes its base form + ない (治療できない ≠ 治療できる).
    pub fn terms(&mut self, utterance: &RedactedUtterance, _record: RecordType, mut each: impl FnMut(&str)) {
        let tokens = &utterance.tokens;
        for (i, token) in tokens.iter().enumerate() {
            let role = self.roles[usize::from(token.class.0)];
            if role == Role::None {
                continue;
            }
            let lemma = self.lexicon.lemma(token, &utterance.text);
            if self.is_stopped(token, lemma) || !is_word(lemma) {
                continue;
            }
            match role {
                Role::None => {}
                Role::Noun => each(lemma),
                Role::Unknown => {
                    if lemma.chars().count() > 1 {
                        each(lemma);
                    }
                }
                Role::Predicate => {
                    if self.is_negated(tokens, i) {
                        self.buffer.clear();
                        self.buffer.push_str(lemma);
                        self.buffer.push_str("ない");
                        each(&self.buffer);
                    } else {
                        each(lemma);
                    }
                }
            }
        }
    }

    fn is_stopped(&self, token: &Token, lemma: &str) -> bool {
        if token.lemma == LemmaId::SURFACE { self.stop_surfaces.contains(lemma) } else { self.stops.contains(&token.lemma) }
    }

    /// Whether a negative auxiliary follows within the same predicate: auxiliaries and conjunctive particles between.
    fn is_negated(&self, tokens: &[Token], at: usize) -> bool {
        for token in tokens[at + 1..].iter().take(4) {
            if self.negations[usize::from(token.class.0)] {
                return true;
            }
            let class = self.lexicon.class(token.class);
            let inside = class.pos == Pos::Auxiliary
                || (class.pos == Pos::Verb && !class.is_independent())
                || (class.pos == Pos::Particle && matches!(class.detail[0].as_str(), "接続助詞" | "係助詞"));
            if !inside {
                return false;
            }
        }
        false
    }
}

fn role(class: &ClassInfo) -> Role {
    match class.pos {
        Pos::Noun if !class.known => Role::Unknown,
        Pos::Noun if class.is_person_name() => Role::None,
        Pos::Noun if class.is_content_noun() => Role::Noun,
        Pos::Verb | Pos::Adjective if class.is_independent() => Role::Predicate,
        _ => Role::None,
    }
}

/// 助動詞 ない (特殊・ナイ), ぬ・ん (不変化型, 特殊・ヌ) and the adjective ない that follows a predicate.
fn is_negation(class: &ClassInfo) -> bool {
    class.pos == Pos::Auxiliary && matches!(class.conjugation_type.as_str(), "特殊・ナイ" | "特殊・ヌ" | "不変化型")
}

/// Whether a base form can be a word: a letter in it, no single kana or digit, not endlessly long.
fn is_word(lemma: &str) -> bool {
    let mut chars = lemma.chars();
    let (Some(first), second) = (chars.next(), chars.next()) else { return false };
    let letter = lemma.chars().any(char::is_alphabetic);
    let single_kana = second.is_none() && matches!(first, 'ぁ'..='ヿ' | 'ｦ'..='ﾟ' | 'a'..='z' | 'A'..='Z');
    letter && !single_kana && lemma.chars().nth(MAX_TERM_CHARS).is_none()
}

//! What a detector sees: one utterance with its tokens, their bits, its digits, and what the call said before.

use rustc_hash::FxHashMap;

use super::digits::Digits;
use super::lexis::{Flags, Lexis, flag};
use super::prefilter::{Present, WordSet};
use super::{IdentifierSpan, IdentifierType};
use crate::morphology::Token;

/// One utterance and its surroundings.
pub(super) struct Scene<'a> {
    /// Normalised text.
    pub(super) text: &'a str,
    /// Its morphemes.
    pub(super) tokens: &'a [Token],
    /// The bits of each token.
    pub(super) flags: &'a [Flags],
    /// All bits of all tokens.
    pub(super) seen: Flags,
    /// What one of the last utterances asked for (bits of [`flag::CUES`]).
    pub(super) asked: Flags,
    /// The digits of the text; empty when it has none.
    pub(super) digits: &'a Digits,
    /// The words of the detectors that the text holds.
    pub(super) present: Present,
    /// The lists.
    pub(super) lexis: &'a Lexis,
}

impl<'a> Scene<'a> {
    /// Whether the text holds a word of this set.
    pub(super) fn holds(&self, words: WordSet) -> bool {
        self.present.has(words)
    }

    /// The token as it stands in the text.
    pub(super) fn surface(&self, i: usize) -> &'a str {
        self.tokens.get(i).map_or("", |t| t.surface(self.text))
    }

    /// Whether token `i` has one of these bits.
    pub(super) fn has(&self, i: usize, flags: Flags) -> bool {
        self.flags.get(i).is_some_and(|f| f & flags != 0)
    }

    /// Where token `i` begins.
    pub(super) fn start(&self, i: usize) -> usize {
        self.tokens.get(i).map_or(self.text.len(), |t| t.start as usize)
    }

    /// Where token `i` ends.
    pub(super) fn end(&self, i: usize) -> usize {
        self.tokens.get(i).map_or(self.text.len(), |t| t.end as usize)
    }

    /// The text of tokens `a..b`, with what stands between them.
    pub(super) fn joined(&self, a: usize, b: usize) -> &'a str {
        if a < b { &self.text[self.start(a)..self.end(b - 1)] } else { "" }
    }

    /// Whether nothing stands between tokens `i` and `i + 1`.
    pub(super) fn touches(&self, i: usize) -> bool {
        i + 1 < self.tokens.len() && self.tokens[i].end == self.tokens[i + 1].start
    }

    /// What follows byte `at`.
    pub(super) fn after(&self, at: usize) -> &'a str {
        &self.text[at.min(self.text.len())..]
    }

    /// What stands before byte `at`.
    pub(super) fn before(&self, at: usize) -> &'a str {
        &self.text[..at.min(self.text.len())]
    }

    /// Whether one of these cues stands in the utterance or was asked for just before it.
    pub(super) fn about(&self, cues: Flags) -> bool {
        (self.seen | self.asked) & cues != 0
    }

    /// A span of bytes.
    pub(super) fn span(&self, start: usize, end: usize, kind: IdentifierType) -> IdentifierSpan {
        let byte = |b: usize| u32::try_from(b).unwrap_or(u32::MAX);
        IdentifierSpan { start: byte(start), end: byte(end), kind }
    }
}

/// The last `chars` characters of `text`.
pub(super) fn tail(text: &str, chars: usize) -> &str {
    let start = text.char_indices().rev().take(chars).last().map_or(text.len(), |(i, _)| i);
    &text[start..]
}

/// How long a question waits for its answer, in utterances.
const QUESTION_LASTS: u8 = 2;

/// The cues that wait for an answer.
const WAITING: [Flags; 5] = [flag::NAME_CUE, flag::PHONE_CUE, flag::BIRTH_CUE, flag::ADDRESS_CUE, flag::RECORD_CUE];

/// What is remembered of a call while it is read.
#[derive(Debug, Default)]
pub(super) struct CallContext {
    /// For each of [`WAITING`], how many utterances it still waits.
    waiting: [u8; WAITING.len()],
    /// Names found with certainty, and whether each is nothing but a name.
    pub(super) names: FxHashMap<Box<str>, bool>,
}

impl CallContext {
    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.waiting = Default::default();
        self.names.clear();
    }

    /// What the utterances just before asked for.
    pub(super) fn asked(&self) -> Flags {
        WAITING.iter().zip(self.waiting).fold(0, |flags, (cue, left)| if left > 0 { flags | cue } else { flags })
    }

    /// Goes on to the next utterance after one with the bits `seen`.
    pub(super) fn pass(&mut self, seen: Flags) {
        for (cue, left) in WAITING.iter().zip(&mut self.waiting) {
            *left = if seen & cue != 0 { QUESTION_LASTS } else { left.saturating_sub(1) };
        }
    }
}

//! Words: which morphemes does an utterance consist of, and what are they?
//!
//! A [`Lexicon`] is read once and shared; each thread has one [`Segmenter`]. Tokens are small copies: their class and
//! lemma were resolved for every word of the dictionary beforehand, so no token is ever asked for its details.

mod class;
mod concept;
mod lexicon;
mod segmenter;

pub use class::{ClassInfo, Pos, WordClass};
pub use concept::{Concept, ConceptId, ConceptKind, Concepts, DiseaseCodes};
pub use lexicon::{LemmaId, Lexicon};
pub use segmenter::Segmenter;

/// One morpheme of a normalised text: 16 bytes, no references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// First byte in the text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The base form; [`LemmaId::SURFACE`] for words no dictionary knows.
    pub lemma: LemmaId,
    /// Part of speech and conjugation.
    pub class: WordClass,
}

impl Token {
    /// The token as it stands in `text`.
    pub fn surface<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start as usize..self.end as usize]
    }
}

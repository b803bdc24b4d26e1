//! Who must not be found: identifiers are found in text and morphemes and replaced by typed placeholders.
//!
//! Useful for: deciding what of a caller's words may be kept. Not for: counting words, judging needs.
//! [`RedactedUtterance`] is the only thing later stages see of what was said.
//!
//! A [`Redactor`] reads one call at a time: each utterance is normalised, segmented and looked over by the detectors that
//! have a reason to (`detector/`, one a file; `prefilter` tells which expressions can match at all); names the call repeats are found in a second pass; then every span is
//! replaced by one placeholder token. Out of its scope: a striking story identifies without any of these.

mod context;
mod detector;
mod digits;
pub mod evaluate;
mod lexis;
mod lists;
mod policy;
mod prefilter;
mod redactor;
mod repeated;
mod scene;
mod span;
mod words;

pub use crate::consultation::IdentifierType;
pub use context::{ContextLearner, ContextTable};
pub use lists::{Certainty, IdentifierLists, WordList};
pub use policy::{Action, Policy};
pub use redactor::Redactor;
pub use span::IdentifierSpan;

use crate::consultation::Speaker;
use crate::morphology::Token;

/// An utterance without identifiers: normalised text with placeholders, and its tokens (one token per placeholder).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedactedUtterance {
    /// Who speaks.
    pub speaker: Speaker,
    /// Normalised text in which each identifier is a placeholder such as 〔氏名〕.
    pub text: String,
    /// The morphemes of `text`, byte offsets into it.
    pub tokens: Vec<Token>,
    /// The types of the identifiers removed, in order.
    pub removed: Vec<IdentifierType>,
}

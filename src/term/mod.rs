//! Counts: which content words does each consultation use, how often, and in how many consultations?
//!
//! Useful for: vectors, labels, co-occurrence. Not for: finding needs (that wants the unfiltered tokens).

mod counts;
mod extract;
mod matrix;
mod phrase;
mod sequence;
#[cfg(test)]
pub(crate) mod testing;
mod weight;

pub use counts::Counts;
pub use extract::{Term, TermExtractor, WordLists};
pub use matrix::{TermMatrix, TermMatrixBuilder, Vocabulary};
pub use phrase::PhraseExtractor;
pub(crate) use phrase::{JOINT, written};
pub use sequence::TermSequences;
pub use weight::{BM25_B, BM25_K1, Bm25, bm25};

/// Index of a term in its [`Vocabulary`]: the rank of the term in code point order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TermId(pub u32);

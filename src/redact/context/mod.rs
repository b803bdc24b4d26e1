//! What the words around a token say for its being a name: a windowed maximum entropy classifier (Ratnaparkhi 1996; Borthwick
//! 1999), learned from marked texts ([`learn`]).
//!
//! Lists and rules know names that are listed and sentences somebody thought of; this knows what names look like where neither
//! does: 「うちの蒼真が」, 「木下製作所に勤めて」. Only tokens that may be a name at all are asked ([`Look::may_name`]).

mod feature;
mod learn;
mod table;

pub(super) use feature::TRIGGERS;
pub use learn::ContextLearner;
pub use table::ContextTable;
pub(super) use table::ContextWeights;

use super::IdentifierType;

/// The types that context tells, in the order of the columns of the table; the others have shapes of their own.
pub(super) const TYPES: [IdentifierType; 3] = [IdentifierType::Person, IdentifierType::Facility, IdentifierType::Address];

/// One number per type: a weight, a score or a probability.
pub(super) type PerType = [f32; TYPES.len()];

//! What stands around a character says for its being a part of a name: a linear-chain conditional random field over characters
//! (Lafferty, McCallum & Pereira 2001), learned from marked texts ([`learn`]).
//!
//! Lists and rules know names that are listed and sentences somebody thought of; this knows what names look like where neither
//! does: 「うちの蒼真が」, 「木下製作所に勤めて」, and names that the dictionary cuts where it should not.

mod chain;
mod feature;
mod field;
mod learn;
mod table;

pub(super) use chain::ContextChain;
pub use learn::ContextLearner;
pub use table::ContextTable;

use super::IdentifierType;

/// The types that context tells, in the order of the columns of the table; the others have shapes of their own.
pub(super) const TYPES: [IdentifierType; 3] = [IdentifierType::Person, IdentifierType::Facility, IdentifierType::Address];

/// What a character may be: no part of a name, and a part of one of each type.
const LABELS: usize = TYPES.len() + 1;

/// The label of what is no name.
const NONE: usize = 0;

/// One number per label.
type PerLabel = [f32; LABELS];

//! What stands around a character says for its being a part of an identifier: a linear-chain conditional random field over characters
//! (Lafferty, McCallum & Pereira 2001), learned from marked texts ([`learn`]).
//!
//! Lists and rules know names that are listed, numbers of the usual shapes and sentences somebody thought of; this knows what
//! identifiers look like where neither does: 「うちの蒼真が」, 「木下製作所に勤めて」, 「六日の朝」, 「八九一、〇〇一四」.

mod chain;
mod feature;
mod field;
mod learn;
mod table;

pub(super) use chain::ContextChain;
pub use learn::ContextLearner;
pub use table::ContextTable;

use super::IdentifierType;

/// The types that context tells, in the order of the columns of the table.
pub(super) const TYPES: [IdentifierType; 8] = [
    IdentifierType::Person,
    IdentifierType::Facility,
    IdentifierType::Address,
    IdentifierType::Date,
    IdentifierType::Phone,
    IdentifierType::Email,
    IdentifierType::RecordId,
    IdentifierType::Age,
];

/// The type as which one is learned: what is said of a day does not say whether somebody was born on it, accounts and web addresses are
/// read aloud as mail addresses are, and a postal code is a number like others.
fn learned_as(kind: IdentifierType) -> IdentifierType {
    match kind {
        IdentifierType::BirthDate => IdentifierType::Date,
        IdentifierType::Account | IdentifierType::Url => IdentifierType::Email,
        IdentifierType::PostalCode => IdentifierType::RecordId,
        other => other,
    }
}

/// What a character may be: no part of an identifier, and a part of one of each type.
const LABELS: usize = TYPES.len() + 1;

/// The label of what is no identifier.
const NONE: usize = 0;

/// One number per label.
type PerLabel = [f32; LABELS];

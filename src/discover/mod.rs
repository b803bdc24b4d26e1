//! Discovered needs: what, concretely, do callers want, lack or fear within each need domain?
//!
//! Useful for: clusters of the sentences that express a need, with names from their own words. Not for: finding those sentences
//! (that is `need`), nor themes of whole calls.

mod find;
mod statement;

pub use find::{Discovered, DomainDiscovery, DomainModel, apply, discover};
pub use statement::{Statement, Statements, StatementsBuilder};

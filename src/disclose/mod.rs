//! Disclosure control: which cells of a table may be shown?
//!
//! Useful for: deciding, once for all tables of a run, which counts are published, and which must be hidden because they
//! are small or because others would give a small one away. Not for: counting, or writing tables.
//!
//! All counts that are published together enter one [`Ledger`], with the sums that hold between them; tables receive only
//! what [`Ledger::decide`] lets through ([`Shown`]), so that a table cannot print a count it should not know.

mod decide;
mod known;
mod ledger;
mod threshold;
mod widen;

pub use ledger::{CellId, Decided, Ledger};
pub use threshold::{Shown, Threshold};

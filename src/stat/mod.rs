//! Statistics: formulas with their sources, over counts; no text, no tables.

pub mod agreement;
pub mod coherence;

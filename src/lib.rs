//! kikitori (聞き取り): text mining of Japanese hotline transcripts, from calls to themes, needs and safe tables.

// Tests read fixtures and write to temporary folders.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod error;

pub mod consultation;
pub mod morphology;
mod logistic;
pub mod redact;
pub mod term;
pub mod vector;
pub mod theme;
pub mod code;
pub mod need;
pub mod discover;
pub mod analysis;
pub mod stat;
pub mod disclose;
pub mod coding;
pub mod table;
pub mod audit;
pub mod sample;
pub mod pipeline;
pub mod io;
pub mod cli;

pub use error::{Error, ErrorKind, Lang, Result};

//! kikitori (聞き取り): text mining of Japanese hotline transcripts, from calls to themes, needs and safe tables.

pub mod error;

pub mod analysis;
pub mod cli;
pub mod consultation;
pub mod disclose;
pub mod io;
pub mod morphology;
pub mod need;
pub mod pipeline;
pub mod redact;
pub mod stat;
pub mod table;
pub mod term;
pub mod theme;
pub mod vector;

pub use error::{Error, ErrorKind, Lang, Result};

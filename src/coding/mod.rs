//! Judging kikitori against people: which utterances do coders read, how far do they agree, and what would chance find?
//!
//! Useful for: sheets for human coders, their agreement and kikitori's against it, negative controls. Not for: coding rules
//! of an analyst (that is `code`), gold files (that is `need::evaluate`). It sees redacted words only.

pub mod control;
pub mod gold;
pub mod guide;
pub mod mark;
pub mod sample;
pub mod score;
pub mod sheet;

pub use gold::gold;
pub use mark::{Coding, Mark};
pub use sample::{Sample, SampleParams, Sampler};
pub use score::{Scored, score};
pub use sheet::{CodedRow, CodedSheet, SheetRow};

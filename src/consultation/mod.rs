//! What was said: one [`Consultation`] is one call, its [`Attributes`] and its [`Utterance`]s.
//!
//! This folder answers "what does a centre's row mean?". It knows nothing about files, words or themes.

pub mod attribute;
pub mod date;
pub mod identifier;
pub mod intake;
pub mod normalise;

pub use attribute::{Attribute, AttributeId, Attributes, CodeId, CodeList, Profile};
pub use identifier::IdentifierType;
pub use normalise::Normalised;

use chrono::NaiveDateTime;

/// One call as it was read: raw text, never published and never logged.
#[derive(Debug, Clone, PartialEq)]
pub struct Consultation {
    /// The centre's own id; only its keyed pseudonym leaves the pipeline.
    pub id: String,
    /// When the call came in, in Japan's local time.
    pub received_at: Option<NaiveDateTime>,
    /// A transcript or a counsellor's notes.
    pub record_type: RecordType,
    /// The coded metadata.
    pub attributes: Attributes,
    /// What the counsellor wrote as the disease: free text, read by the dictionary, never published as it is.
    pub disease_text: String,
    /// The turns, in order.
    pub utterances: Vec<Utterance>,
}

/// One speaker's stretch of speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    /// Who speaks.
    pub speaker: Speaker,
    /// The words, as they stand in the record.
    pub text: String,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Speaker {
    /// 相談者: patient, family, clinician: whoever called.
    Caller,
    /// 相談員.
    Counsellor,
    /// The record does not say (notes, or a transcript without speakers).
    Unknown,
}

impl Speaker {
    /// The published code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Counsellor => "counsellor",
            Self::Unknown => "unknown",
        }
    }
}

/// How a call was put on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordType {
    /// 逐語: what was said, turn by turn.
    Verbatim,
    /// 要約記録: a counsellor's notes.
    Notes,
}

impl RecordType {
    /// The published code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Verbatim => "verbatim",
            Self::Notes => "notes",
        }
    }
}

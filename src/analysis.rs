//! All the core returns: the compact corpus and what was found in it. Tables are made from nothing else.

use std::fmt;

use chrono::NaiveDateTime;

use crate::code::{CodeBook, CodingId};
use crate::consultation::{Attributes, Profile, RecordType};
use crate::discover::Discovered;
use crate::morphology::{ConceptId, Concepts};
use crate::need::CallNeeds;
use crate::term::{TermMatrix, Vocabulary};
use crate::theme::{ThemeFit, ThemeModel};

/// A keyed pseudonym of a consultation's id: 128 bits of keyed BLAKE3, written as `c` and 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pseudonym(pub [u8; 16]);

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("c")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One consultation without its text.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Keyed pseudonym.
    pub id: Pseudonym,
    /// When it came in, Japan's local time.
    pub received_at: Option<NaiveDateTime>,
    /// Transcript or notes.
    pub record_type: RecordType,
    /// Coded metadata.
    pub attributes: Attributes,
    /// Diseases found in the disease field, else in the text: ascending, unique.
    pub diseases: Vec<ConceptId>,
    /// Number of utterances.
    pub utterances: u32,
    /// Needs per domain.
    pub needs: CallNeeds,
    /// Codes of the rule file: ascending.
    pub codes: Box<[CodingId]>,
}

/// A whole corpus, analysed.
#[derive(Debug)]
pub struct Analysis {
    /// What the attributes are and which values they take (open lists complete).
    pub profile: Profile,
    /// The rare-cancer dictionary, for names and codes of diseases.
    pub concepts: Concepts,
    /// The codes of the rule file.
    pub codes: CodeBook,
    /// τ: the strength from which a need that is told, but neither asked for nor recorded, is latent.
    pub tau: f64,
    /// The calls in input order.
    pub calls: Vec<Call>,
    /// All terms of the corpus.
    pub vocabulary: Vocabulary,
    /// Calls × all terms, rows as `calls`.
    pub matrix: TermMatrix,
    /// The theme model used.
    pub model: ThemeModel,
    /// Themes of the calls, rows as `calls`.
    pub fit: ThemeFit,
    /// Needs that were discovered within the domains.
    pub discovered: Discovered,
}

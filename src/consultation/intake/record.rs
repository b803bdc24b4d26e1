//! What a reader hands over: one row of an export, before anything is known about its meaning.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use unicode_normalization::UnicodeNormalization;

use crate::consultation::Utterance;
use crate::error::{Place, Problem, RejectReason};

/// The column under which a file that is one consultation (text, WebVTT, SRT) gives its name without extension as id.
pub const FILE_ID: &str = "@file";
/// The column under which such a file gives text without speakers.
pub const FILE_TEXT: &str = "@text";
/// The column under which such a file gives its turns.
pub const FILE_TURNS: &str = "@turns";

/// One row of an export: cells under the export's own column names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// File and row.
    pub place: Place,
    /// Column name and cell, in the order of the export. Names are shared by all rows of a file.
    pub fields: Vec<(Arc<str>, Cell)>,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text; numbers and dates as they are written.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
    /// A list of `{speaker, text}`.
    Turns(Vec<Utterance>),
    /// A list of something else where turns could stand.
    Unusable,
}

impl Default for Cell {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Cell {
    /// The cell as one text: lists joined by 、, turns by line ends.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::List(items) => Cow::Owned(items.join("、")),
            Self::Turns(turns) => Cow::Owned(turns.iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join("\n")),
            Self::Unusable => Cow::Borrowed(""),
        }
    }

    /// Whether there is nothing in it but white space and control characters.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => is_blank(text),
            Self::List(items) => items.iter().all(|i| is_blank(i)),
            Self::Turns(turns) => turns.iter().all(|t| is_blank(&t.text)),
            Self::Unusable => false,
        }
    }
}

/// Whether `text` has nothing to read: white space, control characters, byte-order marks.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(is_blank_char)
}

pub(super) fn is_blank_char(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}')
}

/// An id as it is compared and made a pseudonym: NFKC, so that Ａ１ and A1 are one record, without white space at the ends.
pub(super) fn normal_id(cell: &str) -> String {
    let id = cell.trim();
    if id.is_ascii() { id.to_owned() } else { id.nfkc().collect::<String>().trim().to_owned() }
}

/// The ids met so far: of several rows with one id the first counts, the others are rejects.
#[derive(Debug, Default)]
pub struct SeenIds(FxHashSet<[u8; 16]>);

impl SeenIds {
    /// Admits the id of the row at `place`.
    ///
    /// # Errors
    /// `DuplicateId` when the id was admitted before.
    pub fn admit(&mut self, id: &str, place: &Place) -> Result<(), Problem> {
        // 128 bits of BLAKE3 instead of the ids: 16 bytes per call, and no two ids collide in practice.
        let mut key = [0; 16];
        key.copy_from_slice(&blake3::hash(id.as_bytes()).as_bytes()[..16]);
        if self.0.insert(key) {
            return Ok(());
        }
        Err(Problem { place: place.clone(), reason: RejectReason::DuplicateId })
    }
}

//! From a row to a consultation: what does a centre's row mean?
//!
//! A reader gives a [`RawRecord`]: cells under the export's own header names. [`Intake`] knows which header is which
//! field or attribute ([`Mapping`]), codes the metadata and splits the text into utterances. It is pure: one row in,
//! one [`Consultation`] or one [`Problem`] out, whatever came before it.

mod coding;
mod label;
mod mapping;
mod record;
mod turns;

pub use label::speaker;
pub(crate) use mapping::looks_like_header;
pub use mapping::{Field, Mapping};
pub use record::{Cell, FILE_ID, FILE_TEXT, FILE_TURNS, RawRecord, SeenIds};
pub use turns::{prefix as speaker_prefix, sentences};

use std::path::Path;
use std::sync::Arc;

use self::coding::AttributeCoder;
use self::mapping::{Columns, Target};
use super::{AttributeId, Attributes, CodeList, Consultation, Profile, RecordType, Utterance, date};
use crate::error::{Error, ErrorKind, Problem, RejectReason, Result, Text};

/// What a record type can be called, unless [`Intake::with_record_types`] brings another list.
const RECORD_TYPES: &str = include_str!("../../dictionaries/code-lists/record_type.csv");

/// Cells that say "no date".
const NO_DATE: [&str; 9] = ["不明", "不詳", "未記入", "なし", "-", "ー", "n/a", "null", "nan"];

/// How much one row may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest text of one consultation, in characters (Unicode scalars).
    pub max_chars: usize,
}

impl Limits {
    /// Thirty hours of talk: what is longer is a file read wrongly, not a call.
    pub const DEFAULT_MAX_CHARS: usize = 2_000_000;
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_chars: Self::DEFAULT_MAX_CHARS }
    }
}

/// Turns rows into consultations. Immutable but for its count of unknown values; shared by all threads.
#[derive(Debug)]
pub struct Intake {
    columns: Columns,
    attributes: Vec<AttributeCoder>,
    record_types: CodeList,
    limits: Limits,
}

/// How often a closed attribute held a value that its code list does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownValues {
    /// The attribute.
    pub attribute: AttributeId,
    /// Its published name.
    pub name: String,
    /// Its Japanese label.
    pub label_ja: String,
    /// How many values.
    pub count: u64,
    /// Some of them, short and distinct; none unless asked for ([`Intake::remembering_unknown`]).
    pub values: Vec<String>,
}

impl UnknownValues {
    /// The warning for people; never with the values, since it goes to logs.
    pub fn text(&self) -> Text {
        let Self { name, label_ja, count, .. } = self;
        Text::new(
            format!(
                "「{label_ja}」（{name}）にコード表にない値が{count}件ありました。kikitori.toml の [values.{name}] に \"値\" = \"コード\" と書くと数えられます（どの値かは、端末で kikitori check を実行すると分かります）"
            ),
            format!(
                "{count} values of \"{name}\" are not in its code list; write \"value\" = \"code\" under [values.{name}] in kikitori.toml to have them counted (kikitori check shows them on a terminal)"
            ),
        )
    }
}

impl Intake {
    /// An intake for rows of `profile`'s kind. Columns that `mapping` does not name are found by the profile's header
    /// names. The code lists of open attributes are taken as they stand: see [`Intake::open_values`].
    ///
    /// # Errors
    /// When `mapping` names a field or attribute the profile does not have, or one column for two of them.
    pub fn new(mapping: &Mapping, profile: &Profile, limits: Limits) -> Result<Self> {
        Ok(Self {
            columns: Columns::new(mapping, profile)?,
            attributes: profile.iter().map(|(id, attribute)| AttributeCoder::new(id, attribute)).collect(),
            record_types: CodeList::parse("code-lists/record_type.csv", RECORD_TYPES)?,
            limits,
        })
    }

    /// Takes the names of the record types from `list`, whose codes must be `verbatim` and `notes`.
    #[must_use]
    pub fn with_record_types(mut self, list: CodeList) -> Self {
        self.record_types = list;
        self
    }

    /// Keeps a few of the values that closed code lists do not know, for a person who writes the mapping. They are codes of a
    /// form, not what was said; a long one may be a slip into the wrong column and is not kept.
    #[must_use]
    pub fn remembering_unknown(mut self) -> Self {
        self.attributes.iter_mut().for_each(AttributeCoder::remember);
        self
    }

    /// Whether rows with these `columns` can become consultations at all: there must be an id, a text or turns, and,
    /// where `complete` (a table with a header), every column the mapping names.
    ///
    /// # Errors
    /// A sentence that lists the columns seen and says how to map them.
    pub fn check_columns(&self, file: &Path, columns: &[Arc<str>], complete: bool) -> Result<()> {
        self.columns.check(file, columns, complete)
    }

    /// The values of open attributes (such as sites) in `raw`, trimmed and NFKC-normalised.
    ///
    /// Open attributes have no list beforehand: a first survey of all rows collects these values, gives them to
    /// [`CodeList::from_values`] together with the list's own labels, and makes the intake from a profile with these
    /// lists. So the codes depend on the corpus and not on the order of its rows.
    pub fn open_values(&self, raw: &RawRecord) -> Vec<(AttributeId, String)> {
        let mut out = Vec::new();
        let cells = self.columns.assign(raw);
        for coder in self.attributes.iter().filter(|a| a.is_open()) {
            if let Some(index) = cells.attribute(coder.id()) {
                coder.values(&raw.fields[index].1, &mut |value| out.push((coder.id(), value)));
            }
        }
        out
    }

    /// The consultation that `raw` records.
    ///
    /// # Errors
    /// `MissingId`, `BadDate` (a date cell that holds something else), `BadTurns`, `EmptyText`, `TextTooLong`: the row
    /// is to be rejected, with the column where one is at fault.
    pub fn consultation(&self, mut raw: RawRecord) -> Result<Consultation, Problem> {
        let cells = self.columns.assign(&raw);
        let fault = |raw: &RawRecord, field: Option<Field>, reason: RejectReason| {
            let mut place = raw.place.clone();
            let column = field.and_then(|f| cells.field(f)).map(|i| raw.fields[i].0.to_string());
            // A file that is one consultation has no columns: its readers' names for them mean nothing to people.
            place.column = column.filter(|name| ![FILE_ID, FILE_TEXT, FILE_TURNS].contains(&name.as_str()));
            Problem { place, reason }
        };
        let id = cells.field(Field::Id).map(|i| record::normal_id(&raw.fields[i].1.text())).unwrap_or_default();
        if id.is_empty() {
            return Err(fault(&raw, Some(Field::Id), RejectReason::MissingId));
        }
        let received_at = match cells.field(Field::ReceivedAt).map(|i| raw.fields[i].1.text()) {
            Some(cell) if !says_no_date(&cell) => match date::parse(&cell) {
                Some(moment) => Some(moment),
                None => return Err(fault(&raw, Some(Field::ReceivedAt), RejectReason::BadDate)),
            },
            _ => None,
        };
        let stated = cells.field(Field::RecordType).and_then(|i| self.record_type(&raw.fields[i].1.text()));
        let mut pairs = Vec::new();
        for coder in &self.attributes {
            if let Some(index) = cells.attribute(coder.id()) {
                coder.code(&raw.fields[index].1, &mut pairs);
            }
        }
        let disease_text = cells.field(Field::Disease).map(|i| raw.fields[i].1.text().trim().to_owned()).unwrap_or_default();

        let turns = match cells.field(Field::Turns).map(|i| std::mem::take(&mut raw.fields[i].1)) {
            Some(cell) => turns::nested(cell, stated).map_err(|reason| fault(&raw, Some(Field::Turns), reason))?,
            None => Vec::new(),
        };
        let (utterances, field) = if turns.is_empty() {
            let cell = cells.field(Field::Text).map(|i| std::mem::take(&mut raw.fields[i].1)).unwrap_or_default();
            (turns::from_cell(cell, stated), Field::Text)
        } else {
            (turns, Field::Turns)
        };
        if utterances.is_empty() {
            return Err(fault(&raw, Some(field), RejectReason::EmptyText));
        }
        if self.too_long(&utterances) {
            return Err(fault(&raw, Some(field), RejectReason::TextTooLong));
        }
        let record_type = stated.unwrap_or_else(|| detected_type(&utterances));
        Ok(Consultation { id, received_at, record_type, attributes: Attributes::new(pairs), disease_text, utterances })
    }

    /// Values that the closed code lists do not know, so far, by attribute; attributes without any are left out.
    pub fn unknown_values(&self) -> Vec<UnknownValues> {
        self.attributes.iter().filter_map(AttributeCoder::unknown_values).collect()
    }

    /// The longest text in characters this intake accepts.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    fn record_type(&self, cell: &str) -> Option<RecordType> {
        let code = self.record_types.find(cell)?;
        [RecordType::Verbatim, RecordType::Notes].into_iter().find(|t| t.code() == self.record_types.get(code).code)
    }

    fn too_long(&self, utterances: &[Utterance]) -> bool {
        // A character is at least one byte: most calls are short enough without being counted.
        let bytes: usize = utterances.iter().map(|u| u.text.len()).sum();
        bytes > self.limits.max_chars && utterances.iter().map(|u| u.text.chars().count()).sum::<usize>() > self.limits.max_chars
    }
}

/// Speakers make a transcript, their absence makes notes.
fn detected_type(utterances: &[Utterance]) -> RecordType {
    let spoken = utterances.iter().any(|u| u.speaker != super::Speaker::Unknown);
    if spoken { RecordType::Verbatim } else { RecordType::Notes }
}

fn says_no_date(cell: &str) -> bool {
    let key = super::attribute::lookup_key(cell);
    key.is_empty() || NO_DATE.contains(&key.as_str())
}

/// The error for a mapping key, with what is known about it.
fn config_error(key: &str, ja: String, en: String) -> Error {
    Error::new(ErrorKind::Config, Text::new(ja, en)).column(format!("columns.{key}"))
}

/// Every field and attribute as a target, fields first.
fn targets(profile: &Profile) -> impl Iterator<Item = (String, Target)> + '_ {
    let fields = Field::ALL.into_iter().map(|f| (f.name().to_owned(), Target::Field(f)));
    fields.chain(profile.iter().map(|(id, a)| (a.name.clone(), Target::Attribute(id))))
}

#[cfg(test)]
mod tests;

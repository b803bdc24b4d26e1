//! The sheet that people fill in: its columns, and a row as it is written and as it comes back.

use super::Coding;
use crate::consultation::{RecordType, Speaker};
use crate::need::NeedDomain;

/// The version of the columns and signs; a sheet says it, so that a later kikitori can still read it.
pub const SHEET_VERSION: u32 = 1;

/// The columns beside those of the domains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Version of the sheet and fingerprint of the sample: `1-…`.
    Version,
    /// Position in the sheet, from 1.
    Number,
    /// Pseudonym of the call, `#`, turn.
    Id,
    /// Who codes.
    Coder,
    /// Transcript or notes.
    Record,
    /// The turn before, with its speaker.
    Before,
    /// Who speaks.
    Speaker,
    /// What is to be judged.
    Text,
    /// A domain.
    Domain(NeedDomain),
    /// Whether the row was read.
    Done,
    /// Whatever the coder wants to say.
    Comment,
}

impl Column {
    /// All columns in order.
    pub fn all() -> Vec<Self> {
        let before = [Self::Version, Self::Number, Self::Id, Self::Coder, Self::Record, Self::Before, Self::Speaker, Self::Text];
        let domains = NeedDomain::ALL.into_iter().map(Self::Domain);
        before.into_iter().chain(domains).chain([Self::Done, Self::Comment]).collect()
    }

    /// What stands in the header.
    pub fn title(self) -> String {
        match self {
            Self::Version => "版".into(),
            Self::Number => "番号".into(),
            Self::Id => "発話ID".into(),
            Self::Coder => "判定者".into(),
            Self::Record => "記録".into(),
            Self::Before => "前の発話".into(),
            Self::Speaker => "話し手".into(),
            Self::Text => "発話".into(),
            Self::Domain(domain) => format!("{} {}", domain.code(), domain.label_ja()),
            Self::Done => "済".into(),
            Self::Comment => "コメント".into(),
        }
    }

    /// The column a header means: by title, and a domain also by its code or its name alone.
    pub fn of_title(title: &str) -> Option<Self> {
        let plain = |text: &str| -> String {
            let text = crate::consultation::Normalised::new(text).text;
            text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
        };
        let title = plain(title);
        Self::all().into_iter().find(|column| match column {
            Self::Domain(domain) => title == plain(&column.title()) || title == domain.code() || title == plain(domain.label_ja()),
            _ => title == plain(&column.title()),
        })
    }
}

/// An utterance to be judged, redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRow {
    /// Pseudonym of the call, `#`, index of the turn.
    pub id: String,
    /// Transcript or notes.
    pub record: RecordType,
    /// The turn before.
    pub before: Option<(Speaker, String)>,
    /// Who speaks.
    pub speaker: Speaker,
    /// The words.
    pub text: String,
}

impl SheetRow {
    /// The cell of [`Column::Before`]: who spoke, and what.
    pub fn before_cell(&self) -> String {
        let cell = |(speaker, text): &(Speaker, String)| match speaker {
            Speaker::Unknown => text.clone(),
            speaker => format!("{}：{text}", speaker_label(*speaker)),
        };
        self.before.as_ref().map(cell).unwrap_or_default()
    }

    /// The cell of [`Column::Speaker`]: of notes nobody speaks.
    pub fn speaker_cell(&self) -> &'static str {
        match (self.speaker, self.record) {
            (Speaker::Unknown, RecordType::Notes) => "記録",
            (speaker, _) => speaker_label(speaker),
        }
    }

    /// What [`SheetRow::before_cell`] was made of.
    pub fn read_before(cell: &str) -> Option<(Speaker, String)> {
        let told = [Speaker::Caller, Speaker::Counsellor].into_iter().find_map(|speaker| {
            let rest = cell.strip_prefix(speaker_label(speaker))?;
            Some((speaker, rest.strip_prefix(['：', ':'])?.to_owned()))
        });
        told.or_else(|| (!cell.is_empty()).then(|| (Speaker::Unknown, cell.to_owned())))
    }
}

/// What a sheet calls a speaker.
fn speaker_label(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::Caller => "相談者",
        Speaker::Counsellor => "相談員",
        Speaker::Unknown => "不明",
    }
}

/// What a sheet calls a kind of record.
pub fn record_label(record: RecordType) -> &'static str {
    match record {
        RecordType::Verbatim => "逐語",
        RecordType::Notes => "要約記録",
    }
}

/// A row as it came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodedRow {
    /// The utterance.
    pub row: SheetRow,
    /// Its needs; `None` where the coder did not read it.
    pub coding: Option<Coding>,
    /// The coder's comment.
    pub comment: String,
}

/// A coder's sheet as it came back; its ids are unique.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodedSheet {
    /// Fingerprint of the sample; empty where the column is gone.
    pub sample: String,
    /// Who coded; empty where nobody said.
    pub coder: String,
    /// The rows in the order of the file.
    pub rows: Vec<CodedRow>,
}

impl CodedSheet {
    /// Rows that were read.
    pub fn coded(&self) -> usize {
        self.rows.iter().filter(|row| row.coding.is_some()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_known_by_title_code_or_name() {
        for column in Column::all() {
            assert_eq!(Column::of_title(&column.title()), Some(column));
        }
        let trial = Some(Column::Domain(NeedDomain::Trial));
        for title in ["trial", "ＴＲＩＡＬ", "治験・新薬・遺伝子パネル検査", " trial　治験・新薬・遺伝子パネル検査 "]
        {
            assert_eq!(Column::of_title(title), trial, "{title}");
        }
        assert_eq!((Column::of_title("発話id"), Column::of_title("備考")), (Some(Column::Id), None));
    }

    #[test]
    fn the_turn_before_keeps_its_speaker() {
        let row =
            |before| SheetRow { id: "c#1".into(), record: RecordType::Verbatim, before, speaker: Speaker::Caller, text: "はい".into() };
        for speaker in [Speaker::Caller, Speaker::Counsellor, Speaker::Unknown] {
            let before = Some((speaker, "どうされましたか：".to_owned()));
            assert_eq!(SheetRow::read_before(&row(before.clone()).before_cell()), before);
        }
        assert_eq!((row(None).before_cell().as_str(), SheetRow::read_before("")), ("", None));
    }
}

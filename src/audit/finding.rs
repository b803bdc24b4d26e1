//! What an audit finds, in words that name tables, columns and codes only.

use serde::Serialize;

use crate::error::Text;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A hidden count is known too narrowly.
    Recoverable,
    /// A count that is printed nowhere is proved to be small.
    SmallRest,
    /// A small count is printed.
    SmallCount,
    /// One table shows what another hides, or another number for the same calls.
    ShownElsewhere,
    /// A number is printed that was computed from a hidden count.
    Derived,
    /// Free text, or a column for it.
    FreeText,
    /// A pseudonym, an address, a telephone number.
    Identifier,
    /// A file's footer holds the smallest and largest value of a column of text or ids.
    Footer,
    /// The numbers contradict each other, so that nothing can be said about them.
    Inconsistent,
    /// A count that both runs show differs by a small number.
    Difference,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// In which table.
    pub table: String,
    /// In which column.
    pub column: String,
    /// The row, from 1; 0 where it is not about one.
    pub row: usize,
    /// The cell: codes, never values of text.
    pub cell: String,
    /// Between which numbers it lies, where that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<(i64, i64)>,
}

impl Finding {
    /// A finding about a column of a table.
    pub fn new(kind: FindingKind, table: &str, column: &str) -> Self {
        Self::at(kind, table, column, 0)
    }

    pub(super) fn at(kind: FindingKind, table: &str, column: &str, row: usize) -> Self {
        Self { kind, table: table.to_owned(), column: column.to_owned(), row, cell: String::new(), interval: None }
    }

    /// One line for people.
    pub fn text(&self) -> Text {
        let (ja, en) = match self.kind {
            FindingKind::Recoverable => ("秘匿した件数が絞り込めます", "a hidden count can be narrowed down"),
            FindingKind::SmallRest => ("引き算で小さい件数が分かります", "a subtraction gives a small count"),
            FindingKind::SmallCount => ("小さい件数が公表されています", "a small count is printed"),
            FindingKind::ShownElsewhere => {
                ("秘匿した件数がほかの表に出ているか、値が食い違います", "another table shows what this one hides, or another number")
            }
            FindingKind::Derived => ("秘匿した件数から計算した値が出ています", "a number computed from a hidden count is printed"),
            FindingKind::FreeText => ("自由記述、または定義にない列があります", "free text, or a column that the schema does not have"),
            FindingKind::Identifier => ("個人や相談を指す値があります", "a value points to a person or a call"),
            FindingKind::Footer => ("本文やIDの統計がファイルに残っています", "the footer holds statistics of text or ids"),
            FindingKind::Inconsistent => {
                ("公表値が互いに矛盾していて、検査できません", "the numbers contradict each other and cannot be audited")
            }
            FindingKind::Difference => ("前の公表との差が小さい件数です", "the difference to the older publication is small"),
        };
        let mut place = self.table.clone();
        if !self.column.is_empty() {
            place.push_str(&format!(".{}", self.column));
        }
        let cell = if self.cell.is_empty() { String::new() } else { format!(" [{}]", self.cell) };
        let interval = self.interval.map_or_else(String::new, |(low, high)| format!(" {low}–{high}"));
        let (row_ja, row_en) =
            if self.row > 0 { (format!(" {}行目", self.row), format!(" row {}", self.row)) } else { Default::default() };
        Text::new(format!("{place}{row_ja}{cell}{interval}: {ja}"), format!("{place}{row_en}{cell}{interval}: {en}"))
    }
}

//! What a published table is: its name, its columns with their meaning, and the order of its rows.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit};

/// Version of the published tables' names, columns and meanings. Raised when a reader would have to change.
pub const SCHEMA_VERSION: &str = "1";

/// Who may read a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// `dashboard/`: aggregates only, nothing below the threshold.
    Dashboard,
    /// `analyst/`: row level, pseudonymised and redacted.
    Analyst,
    /// Beside the two folders: about the run itself.
    Run,
}

impl Zone {
    /// The published code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Analyst => "analyst",
            Self::Run => "run",
        }
    }
}

/// What a column is for: decides how it is encoded and whether the file says its smallest and largest value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Identifies the row together with the other keys; codes, never a person.
    Key,
    /// A name for people beside a code.
    Label,
    /// A count of calls, mentions or occurrences.
    Count,
    /// Any other number or date.
    Measure,
    /// A pseudonym or an input's own name: no dictionary, no statistics.
    Id,
    /// A word counted in text: repeats often, so dictionary-encoded, but no statistics.
    Term,
    /// Free text: no dictionary, no statistics.
    Text,
}

impl Role {
    /// The code in `kikitori schema`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Label => "label",
            Self::Count => "count",
            Self::Measure => "measure",
            Self::Id => "id",
            Self::Term => "term",
            Self::Text => "text",
        }
    }

    /// Whether values repeat so much that a dictionary pays.
    pub fn has_dictionary(self) -> bool {
        !matches!(self, Self::Id | Self::Text | Self::Measure)
    }

    /// Whether the footer may hold smallest and largest values: never of what a caller said or of whom a row is about.
    pub fn has_statistics(self) -> bool {
        !matches!(self, Self::Id | Self::Term | Self::Text)
    }
}

/// The type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8.
    Text,
    /// 32 bits, so that browsers keep it a number.
    Int,
    /// 64 bits, rounded to six decimals.
    Float,
    /// True or false.
    Bool,
    /// A day, in Japan.
    Date,
    /// Milliseconds, UTC.
    Timestamp,
    /// A list of scalars (analyst only).
    List(&'static ColumnType),
    /// A list of records (analyst only).
    Records(&'static [(&'static str, ColumnType)]),
}

impl ColumnType {
    /// The Arrow type.
    pub fn arrow(self) -> DataType {
        // Readers of other languages know list elements by this name only.
        let list = |element: DataType| DataType::List(Arc::new(Field::new("element", element, false)));
        match self {
            Self::Text => DataType::Utf8,
            Self::Int => DataType::Int32,
            Self::Float => DataType::Float64,
            Self::Bool => DataType::Boolean,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            Self::List(element) => list(element.arrow()),
            Self::Records(members) => list(DataType::Struct(record_fields(members))),
        }
    }

    /// How many Parquet columns it takes.
    pub(crate) fn leaves(self) -> usize {
        match self {
            Self::Records(members) => members.len(),
            _ => 1,
        }
    }

    /// The name in `kikitori schema`.
    pub fn name(self) -> String {
        match self {
            Self::Text => "text".into(),
            Self::Int => "int32".into(),
            Self::Float => "float64".into(),
            Self::Bool => "boolean".into(),
            Self::Date => "date".into(),
            Self::Timestamp => "timestamp (ms, UTC)".into(),
            Self::List(element) => format!("list<{}>", element.name()),
            Self::Records(members) => {
                let members: Vec<String> = members.iter().map(|(name, kind)| format!("{name}: {}", kind.name())).collect();
                format!("list<{{{}}}>", members.join(", "))
            }
        }
    }
}

pub(crate) fn record_fields(members: &[(&'static str, ColumnType)]) -> Fields {
    members.iter().map(|(name, kind)| Field::new(*name, kind.arrow(), false)).collect()
}

/// One documented column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnSpec {
    /// snake_case.
    pub name: Cow<'static, str>,
    /// Type of the values.
    pub kind: ColumnType,
    /// Whether a value can be missing.
    pub nullable: bool,
    /// What it is for.
    pub role: Role,
    /// Meaning and unit, Japanese.
    pub doc_ja: Cow<'static, str>,
    /// Meaning and unit, English.
    pub doc_en: Cow<'static, str>,
}

impl ColumnSpec {
    /// A column that always has a value.
    pub const fn new(name: &'static str, kind: ColumnType, role: Role, doc_ja: &'static str, doc_en: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), kind, nullable: false, role, doc_ja: Cow::Borrowed(doc_ja), doc_en: Cow::Borrowed(doc_en) }
    }

    /// A code that identifies the row.
    pub const fn key(name: &'static str, doc_ja: &'static str, doc_en: &'static str) -> Self {
        Self::new(name, ColumnType::Text, Role::Key, doc_ja, doc_en)
    }

    /// A name for people.
    pub const fn label(name: &'static str, doc_ja: &'static str, doc_en: &'static str) -> Self {
        Self::new(name, ColumnType::Text, Role::Label, doc_ja, doc_en)
    }

    /// A count that may be suppressed: NULL then. A column [`ColumnSpec::status`] follows it.
    pub const fn count(name: &'static str, doc_ja: &'static str, doc_en: &'static str) -> Self {
        Self::new(name, ColumnType::Int, Role::Count, doc_ja, doc_en).or_null()
    }

    /// Says of the count before it whether it is shown.
    pub const fn status(name: &'static str) -> Self {
        Self::label(
            name,
            "左の件数の状態。published：公表、zero：0件、suppressed：秘匿（件数はNULL。ほかの値を守るための秘匿では0件のこともある）、missing：この行に件数はない",
            "state of the count before it. published: shown, zero: nobody, suppressed: hidden (the count is NULL; where it protects another, it may be zero), missing: this row has no count",
        )
    }

    /// A number that is NULL where it is not defined or would give a suppressed count away.
    pub const fn measure(name: &'static str, doc_ja: &'static str, doc_en: &'static str) -> Self {
        Self::new(name, ColumnType::Float, Role::Measure, doc_ja, doc_en).or_null()
    }

    /// The same column, with values that can be missing.
    pub const fn or_null(mut self) -> Self {
        self.nullable = true;
        self
    }

    fn arrow(&self) -> Field {
        Field::new(self.name.as_ref(), self.kind.arrow(), self.nullable)
    }
}

/// One published table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSpec {
    /// File name without extension.
    pub name: &'static str,
    /// Who may read it.
    pub zone: Zone,
    /// What one row is, Japanese.
    pub doc_ja: &'static str,
    /// What one row is, English.
    pub doc_en: &'static str,
    /// The columns, without the two every table ends with ([`TableSpec::run_columns`]).
    pub columns: Cow<'static, [ColumnSpec]>,
    /// The columns rows are sorted by, most significant first, ascending: of the whole table, or within each row group
    /// where a table is written while it is read (`utterances`, `need_mentions`).
    pub sort: &'static [&'static str],
}

impl TableSpec {
    /// The columns every table ends with: from which run, in which schema.
    pub fn run_columns() -> [ColumnSpec; 2] {
        [
            ColumnSpec::key("run_id", "実行ID", "id of the run"),
            ColumnSpec::key("schema_version", "表の定義の版", "version of the tables' schema"),
        ]
    }

    /// Path below the run's folder.
    pub fn path(&self) -> String {
        match self.zone {
            Zone::Run => format!("{}.parquet", self.name),
            zone => format!("{}/{}.parquet", zone.code(), self.name),
        }
    }

    /// The Arrow schema of the batches that `rows` functions make: without the run columns.
    pub fn row_schema(&self) -> Schema {
        Schema::new(self.columns.iter().map(ColumnSpec::arrow).collect::<Vec<_>>())
    }

    /// The Arrow schema as published.
    pub fn schema(&self) -> Schema {
        Schema::new(self.columns.iter().chain(&Self::run_columns()).map(ColumnSpec::arrow).collect::<Vec<_>>())
    }

    /// Position of a column.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }
}

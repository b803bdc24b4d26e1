//! Building record batches row by row, checked against the table's columns.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, ListArray, RecordBatch, StringBuilder, StructArray,
    TimestampMillisecondBuilder,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field};
use chrono::{NaiveDate, NaiveDateTime};

use super::schema::{ColumnType, TableSpec, record_fields};
use crate::disclose::Shown;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::stat::round6;

/// Japan's local time is nine hours ahead of UTC, all year.
const JST_OFFSET_MS: i64 = 9 * 3600 * 1000;

/// Rows of one table: values are given column by column, row after row, in the order of the specification.
pub(crate) struct Rows<'s> {
    spec: &'s TableSpec,
    columns: Vec<Column>,
    at: usize,
    rows: usize,
    faulty: Option<usize>,
}

impl<'s> Rows<'s> {
    /// No rows yet.
    pub(crate) fn new(spec: &'s TableSpec) -> Self {
        Self { spec, columns: spec.columns.iter().map(|c| Column::new(c.kind)).collect(), at: 0, rows: 0, faulty: None }
    }

    /// Rows so far.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.text_or_null(Some(value))
    }

    pub(crate) fn text_or_null(&mut self, value: Option<&str>) -> &mut Self {
        self.put(|c| c.text(value))
    }

    pub(crate) fn int(&mut self, value: impl TryInto<i32>) -> &mut Self {
        let value = saturate(value);
        self.put(|c| c.int(Some(value)))
    }

    pub(crate) fn int_or_null(&mut self, value: Option<i32>) -> &mut Self {
        self.put(|c| c.int(value))
    }

    /// Rounds to six decimals; what is not a finite number becomes NULL.
    pub(crate) fn float(&mut self, value: Option<f64>) -> &mut Self {
        self.put(|c| c.float(value))
    }

    pub(crate) fn bool(&mut self, value: bool) -> &mut Self {
        self.put(|c| c.bool(value))
    }

    /// A count and its status: two columns.
    pub(crate) fn count(&mut self, count: Shown) -> &mut Self {
        self.int_or_null(count.value().map(saturate)).text(count.status())
    }

    /// No count belongs here: two columns.
    pub(crate) fn no_count(&mut self) -> &mut Self {
        self.int_or_null(None).text("missing")
    }

    pub(crate) fn date(&mut self, value: Option<NaiveDate>) -> &mut Self {
        let days = value.map(|d| saturate(d.signed_duration_since(NaiveDate::default()).num_days()));
        self.put(|c| match c {
            Column::Date(b) => {
                b.append_option(days);
                true
            }
            _ => false,
        })
    }

    /// A moment given in Japan's local time.
    pub(crate) fn time(&mut self, value: Option<NaiveDateTime>) -> &mut Self {
        let ms = value.map(|t| t.and_utc().timestamp_millis() - JST_OFFSET_MS);
        self.put(|c| match c {
            Column::Timestamp(b) => {
                b.append_option(ms);
                true
            }
            _ => false,
        })
    }

    /// A list: `fill` gives the elements' values one after the other (member after member for records).
    pub(crate) fn list(&mut self, fill: impl FnOnce(&mut Elements<'_>)) -> &mut Self {
        self.put(|c| match c {
            Column::List { ends, members, .. } => {
                let mut elements = Elements { members, at: 0, sound: true };
                fill(&mut elements);
                let sound = elements.sound && elements.at == 0;
                ends.push(saturate(members.first().map_or(0, Column::len)));
                sound
            }
            _ => false,
        })
    }

    fn put(&mut self, append: impl FnOnce(&mut Column) -> bool) -> &mut Self {
        if !append(&mut self.columns[self.at]) {
            self.faulty.get_or_insert(self.at);
        }
        self.at += 1;
        if self.at == self.columns.len() {
            self.at = 0;
            self.rows += 1;
        }
        self
    }

    /// The batch.
    ///
    /// # Errors
    /// A value of another type than its column, or an unfinished row: a bug in the table's code.
    pub(crate) fn finish(self) -> Result<RecordBatch> {
        let fault = |column: usize| {
            let name = self.spec.columns.get(column).map_or("", |c| c.name.as_ref());
            Error::new(
                ErrorKind::Internal,
                Text::new(
                    format!("表 {} の値が列の定義と合いません", self.spec.name),
                    format!("the values of table {} do not fit its columns", self.spec.name),
                ),
            )
            .column(name)
        };
        if let Some(column) = self.faulty.or((self.at != 0).then_some(self.at)) {
            return Err(fault(column));
        }
        let schema = Arc::new(self.spec.row_schema());
        let arrays = self.columns.into_iter().map(Column::finish).collect::<Option<Vec<_>>>().ok_or_else(|| {
            Error::new(ErrorKind::Internal, Text::new("リスト列の長さが合いません", "a list column's members differ in length"))
        })?;
        RecordBatch::try_new(schema, arrays)
            .map_err(|e| Error::new(ErrorKind::Internal, Text::new("表を組み立てられません", "cannot build the table")).because(e))
    }
}

/// The elements of one list.
pub(crate) struct Elements<'a> {
    members: &'a mut [Column],
    at: usize,
    sound: bool,
}

impl Elements<'_> {
    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.put(|c| c.text(Some(value)))
    }

    pub(crate) fn int(&mut self, value: impl TryInto<i32>) -> &mut Self {
        let value = saturate(value);
        self.put(|c| c.int(Some(value)))
    }

    pub(crate) fn float(&mut self, value: f64) -> &mut Self {
        self.put(|c| c.float(Some(value)))
    }

    pub(crate) fn bool(&mut self, value: bool) -> &mut Self {
        self.put(|c| c.bool(value))
    }

    fn put(&mut self, append: impl FnOnce(&mut Column) -> bool) -> &mut Self {
        self.sound &= append(&mut self.members[self.at]);
        self.at = (self.at + 1) % self.members.len();
        self
    }
}

/// Counts and offsets beyond INT32 do not occur (a chunk is bounded); a saturated value is better than a wrapped one.
fn saturate(value: impl TryInto<i32>) -> i32 {
    value.try_into().unwrap_or(i32::MAX)
}

enum Column {
    Text(StringBuilder),
    Int(Int32Builder),
    Float(Float64Builder),
    Bool(BooleanBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMillisecondBuilder),
    List { ends: Vec<i32>, members: Vec<Column>, kind: ColumnType },
}

impl Column {
    fn new(kind: ColumnType) -> Self {
        match kind {
            ColumnType::Text => Self::Text(StringBuilder::new()),
            ColumnType::Int => Self::Int(Int32Builder::new()),
            ColumnType::Float => Self::Float(Float64Builder::new()),
            ColumnType::Bool => Self::Bool(BooleanBuilder::new()),
            ColumnType::Date => Self::Date(Date32Builder::new()),
            ColumnType::Timestamp => Self::Timestamp(TimestampMillisecondBuilder::new().with_timezone("UTC")),
            ColumnType::List(element) => Self::List { ends: vec![0], members: vec![Self::new(*element)], kind },
            ColumnType::Records(members) => {
                Self::List { ends: vec![0], members: members.iter().map(|(_, kind)| Self::new(*kind)).collect(), kind }
            }
        }
    }

    fn text(&mut self, value: Option<&str>) -> bool {
        if let Self::Text(b) = self {
            b.append_option(value);
            return true;
        }
        false
    }

    fn int(&mut self, value: Option<i32>) -> bool {
        if let Self::Int(b) = self {
            b.append_option(value);
            return true;
        }
        false
    }

    fn float(&mut self, value: Option<f64>) -> bool {
        if let Self::Float(b) = self {
            b.append_option(value.filter(|v| v.is_finite()).map(round6));
            return true;
        }
        false
    }

    fn bool(&mut self, value: bool) -> bool {
        if let Self::Bool(b) = self {
            b.append_value(value);
            return true;
        }
        false
    }

    fn len(&self) -> usize {
        use arrow::array::ArrayBuilder;
        match self {
            Self::Text(b) => b.len(),
            Self::Int(b) => b.len(),
            Self::Float(b) => b.len(),
            Self::Bool(b) => b.len(),
            Self::Date(b) => b.len(),
            Self::Timestamp(b) => b.len(),
            Self::List { ends, .. } => ends.len() - 1,
        }
    }

    fn finish(self) -> Option<ArrayRef> {
        Some(match self {
            Self::Text(mut b) => Arc::new(b.finish()),
            Self::Int(mut b) => Arc::new(b.finish()),
            Self::Float(mut b) => Arc::new(b.finish()),
            Self::Bool(mut b) => Arc::new(b.finish()),
            Self::Date(mut b) => Arc::new(b.finish()),
            Self::Timestamp(mut b) => Arc::new(b.finish()),
            Self::List { ends, members, kind } => {
                let mut arrays = members.into_iter().map(Self::finish).collect::<Option<Vec<_>>>()?;
                let DataType::List(field) = kind.arrow() else { return None };
                let values: ArrayRef = match kind {
                    ColumnType::Records(members) => Arc::new(StructArray::try_new(record_fields(members), arrays, None).ok()?),
                    _ => arrays.pop()?,
                };
                let field: Arc<Field> = field;
                Arc::new(ListArray::try_new(field, OffsetBuffer::new(ScalarBuffer::from(ends)), values, None).ok()?)
            }
        })
    }
}

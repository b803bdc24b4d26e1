//! Parquet, one record batch at a time.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StructArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, TimeUnit, TimestampMicrosecondType};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{DateTime, TimeDelta};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::json::{is_speaker_key, is_text_key};
use super::{Row, Rows, column_names, input};
use crate::consultation::intake::{Cell, RawRecord, speaker};
use crate::consultation::{Speaker, Utterance};
use crate::error::{Error, Place, Result};
use crate::io::encoding::unreadable;

/// Rows decoded at once: a few megabytes of transcripts.
const BATCH_ROWS: usize = 1024;

/// A Parquet file.
pub(super) struct ParquetRows {
    path: PathBuf,
    columns: Vec<Arc<str>>,
    reader: ParquetRecordBatchReader,
    batch: Vec<Column>,
    length: usize,
    next: usize,
    row: u64,
}

/// The error for a file that is no whole Parquet file.
pub(super) fn damaged(path: &Path) -> Error {
    input(
        path,
        "Parquetとして読めません。途中で切れているか、対応していない圧縮（zstd と snappy を読めます）です",
        "not readable as Parquet: cut short, or compressed in a way that is not supported (zstd and snappy are)",
    )
}

impl ParquetRows {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|e| unreadable(path, e))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| damaged(path).because(e))?;
        let names: Vec<&str> = builder.schema().fields().iter().map(|f| f.name().as_str()).collect();
        let columns = column_names(&names);
        let reader = builder.with_batch_size(BATCH_ROWS).build().map_err(|e| damaged(path).because(e))?;
        Ok(Self { path: path.to_owned(), columns, reader, batch: Vec::new(), length: 0, next: 0, row: 0 })
    }

    pub(super) fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }
}

impl Rows for ParquetRows {
    fn next_row(&mut self) -> Result<Option<Row>> {
        while self.next == self.length {
            let Some(batch) = self.reader.next() else { return Ok(None) };
            let batch: RecordBatch = batch.map_err(|e| damaged(&self.path).because(e))?;
            self.batch =
                batch.columns().iter().map(Column::new).collect::<Result<_, ArrowError>>().map_err(|e| damaged(&self.path).because(e))?;
            (self.length, self.next) = (batch.num_rows(), 0);
        }
        let i = self.next;
        self.next += 1;
        self.row += 1;
        let place = Place { file: self.path.clone(), row: self.row, column: None };
        let fields = self.columns.iter().cloned().zip(self.batch.iter().map(|c| c.cell(i))).collect();
        Ok(Some(Ok(RawRecord { place, fields })))
    }
}

/// A column of a batch in the form its cells are taken from.
enum Column {
    Text(ArrayRef),
    Number(ArrayRef),
    /// Microseconds; whether they count from 1970 in UTC (else they are local time).
    Moment(ArrayRef, bool),
    Texts(ArrayRef),
    Turns {
        list: ArrayRef,
        speaker: Option<usize>,
        text: usize,
    },
    Unusable,
    Other(ArrayRef),
}

impl Column {
    fn new(array: &ArrayRef) -> Result<Self, ArrowError> {
        let text_like = |t: &DataType| matches!(t, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        Ok(match array.data_type() {
            t if text_like(t) => Self::Text(cast(array, &DataType::LargeUtf8)?),
            DataType::Dictionary(_, values) if text_like(values) => Self::Text(cast(array, &DataType::LargeUtf8)?),
            DataType::Float16 | DataType::Float32 | DataType::Float64 => Self::Number(cast(array, &DataType::Float64)?),
            DataType::Timestamp(_, zone) => {
                let plain = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
                Self::Moment(cast(array, &plain)?, zone.is_some())
            }
            DataType::List(item) | DataType::LargeList(item) | DataType::ListView(item) => match item.data_type() {
                t if text_like(t) => {
                    let to = DataType::LargeList(Arc::new(Field::new("element", DataType::LargeUtf8, true)));
                    Self::Texts(cast(array, &to)?)
                }
                DataType::Struct(fields) => {
                    let at = |is: fn(&str) -> bool| fields.iter().position(|f| is(f.name()) && text_like(f.data_type()));
                    match at(is_text_key) {
                        Some(text) => {
                            let list = cast(array, &DataType::LargeList(Arc::clone(item)))?;
                            Self::Turns { list, speaker: at(is_speaker_key), text }
                        }
                        None => Self::Unusable,
                    }
                }
                _ => Self::Unusable,
            },
            DataType::Struct(_) | DataType::Map(..) | DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Self::Unusable,
            DataType::Null => Self::Text(cast(array, &DataType::LargeUtf8)?),
            _ => Self::Other(Arc::clone(array)),
        })
    }

    fn cell(&self, i: usize) -> Cell {
        match self {
            Self::Unusable => Cell::Unusable,
            Self::Text(a) | Self::Number(a) | Self::Moment(a, _) | Self::Texts(a) | Self::Turns { list: a, .. } | Self::Other(a)
                if a.is_null(i) =>
            {
                Cell::default()
            }
            Self::Text(array) => Cell::Text(array.as_string::<i64>().value(i).to_owned()),
            Self::Number(array) => Cell::Text(number(array.as_primitive::<Float64Type>().value(i))),
            Self::Moment(array, utc) => Cell::Text(moment(array.as_primitive::<TimestampMicrosecondType>().value(i), *utc)),
            Self::Texts(array) => Cell::List(texts(&array.as_list::<i64>().value(i))),
            Self::Turns { list, speaker, text } => Cell::Turns(turns(list.as_list::<i64>().value(i).as_struct(), *speaker, *text)),
            Self::Other(array) => {
                let shown = ArrayFormatter::try_new(array, &FormatOptions::default()).map(|f| f.value(i).to_string());
                shown.map_or(Cell::Unusable, Cell::Text)
            }
        }
    }
}

/// pandas makes floats of integers with gaps: the id 1 is 1.0.
fn number(value: f64) -> String {
    if value.is_nan() {
        String::new()
    } else if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value:.0}")
    } else {
        value.to_string()
    }
}

/// The moment in Japan's local time.
fn moment(micros: i64, utc: bool) -> String {
    let shift = TimeDelta::hours(if utc { 9 } else { 0 });
    let moment = DateTime::from_timestamp_micros(micros).and_then(|m| m.naive_utc().checked_add_signed(shift));
    moment.map_or_else(|| micros.to_string(), |m| m.format("%Y-%m-%dT%H:%M:%S").to_string())
}

fn texts(array: &ArrayRef) -> Vec<String> {
    array.as_string::<i64>().iter().flatten().map(str::to_owned).collect()
}

fn turns(array: &StructArray, who: Option<usize>, text: usize) -> Vec<Utterance> {
    let strings = |i: usize| cast(array.column(i), &DataType::LargeUtf8).ok();
    let Some(said) = strings(text) else { return Vec::new() };
    let labels = who.and_then(strings);
    let speaker_at = |i: usize| {
        let labels = labels.as_ref()?;
        if labels.is_null(i) { None } else { speaker(labels.as_string::<i64>().value(i)) }
    };
    let said = said.as_string::<i64>();
    said.iter()
        .enumerate()
        .filter_map(|(i, text)| Some(Utterance { speaker: speaker_at(i).unwrap_or(Speaker::Unknown), text: text?.to_owned() }))
        .collect()
}

//! The words of a few calls, read back from a table of utterances: the run that wrote it has forgotten them.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use arrow::array::{AsArray, BooleanArray};
use arrow::datatypes::Int32Type;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowPredicateFn, ParquetRecordBatchReaderBuilder, RowFilter};

use crate::error::{Error, ErrorKind, Result, Text};
use crate::table::analyst::Passage;

/// The utterances of the calls with these pseudonyms, by pseudonym and position. Reads the column of ids, and of the others only
/// the rows that are wanted.
///
/// # Errors
/// A file that is no table of utterances, or cannot be read.
pub fn read_passages(path: &Path, wanted: &BTreeSet<String>) -> Result<Vec<Passage>> {
    let fault = |cause: Box<dyn std::error::Error + Send + Sync>| {
        Error::new(ErrorKind::Table, Text::new("書いた発話の表を読み返せません", "the table of utterances cannot be read back"))
            .at(path, 0)
            .because(cause)
    };
    let file = File::open(path).map_err(|e| fault(e.into()))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| fault(e.into()))?;
    let ids = ProjectionMask::columns(builder.parquet_schema(), ["consultation_id"]);
    let columns = ProjectionMask::columns(builder.parquet_schema(), ["consultation_id", "utterance_index", "speaker", "text"]);
    let chosen = wanted.clone();
    let filter = ArrowPredicateFn::new(ids, move |batch| {
        let ids = batch.column(0).as_string::<i32>();
        Ok(ids.iter().map(|id| Some(id.is_some_and(|id| chosen.contains(id)))).collect::<BooleanArray>())
    });
    let reader =
        builder.with_projection(columns).with_row_filter(RowFilter::new(vec![Box::new(filter)])).build().map_err(|e| fault(e.into()))?;
    let mut passages = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|e| fault(e.into()))?;
        let text = |name: &str| batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
        let index = batch.column_by_name("utterance_index").and_then(|column| column.as_primitive_opt::<Int32Type>());
        let (Some(id), Some(index), Some(speaker), Some(words)) = (text("consultation_id"), index, text("speaker"), text("text")) else {
            return Err(fault("a column is missing".into()));
        };
        passages.extend((0..batch.num_rows()).map(|row| Passage {
            id: id.value(row).to_owned(),
            index: index.value(row),
            speaker: speaker.value(row).to_owned(),
            text: words.value(row).to_owned(),
        }));
    }
    passages.sort_by(|a, b| (&a.id, a.index).cmp(&(&b.id, b.index)));
    Ok(passages)
}

//! Writing tables as Parquet that every reader likes: pure from batches to bytes, over any [`Write`].
//!
//! Rows are collected into row groups of a fixed size whatever the sizes of the batches, sorted, and their columns encoded
//! in parallel in the current thread pool; the bytes depend on the rows alone.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, DynComparator, RecordBatch, StringArray};
use arrow::compute::{SortColumn, SortOptions, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use crate::error::{Error, ErrorKind, Result, Text};
use crate::table::{ColumnType, SCHEMA_VERSION, TableSpec, columns_json};

/// Rows per row group: DuckDB's own unit of parallel reading.
pub const ROW_GROUP_ROWS: usize = 122_880;
/// Rows per data page at most: what a reader decodes to get at one row.
const PAGE_ROWS: usize = 20_000;
/// The page limit is looked at after each write batch, so it must divide [`PAGE_ROWS`].
const WRITE_BATCH_ROWS: usize = 1_000;
/// ZSTD level: beyond 3, time doubles for a few per cent.
const ZSTD_LEVEL: i32 = 3;

/// What a file says of its run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableMeta {
    /// Id of the run: in the last columns and in the key–value metadata.
    pub run_id: String,
    /// Further key–value metadata, in this order.
    pub extra: Vec<(String, String)>,
}

/// Writes one table batch by batch. Memory: one row group.
pub struct TableWriter<W: Write + Send> {
    spec: TableSpec,
    schema: SchemaRef,
    run: [ArrayRef; 2],
    file: SerializedFileWriter<W>,
    groups: ArrowRowGroupWriterFactory,
    pending: Vec<RecordBatch>,
    pending_rows: usize,
    groups_written: usize,
    rows: u64,
}

impl<W: Write + Send> TableWriter<W> {
    /// Opens a file of table `spec` on `sink`.
    ///
    /// # Errors
    /// A sink that refuses the first bytes.
    pub fn new(spec: &TableSpec, sink: W, meta: &TableMeta) -> Result<Self> {
        let schema: SchemaRef = Arc::new(spec.schema());
        let options = ArrowWriterOptions::new().with_properties(properties(spec, meta)?);
        let writer = ArrowWriter::try_new_with_options(sink, schema.clone(), options).map_err(|e| fault(spec, e))?;
        let (file, groups) = writer.into_serialized_writer().map_err(|e| fault(spec, e))?;
        let constant = |value: &str| -> ArrayRef { Arc::new(StringArray::from_iter_values(std::iter::repeat_n(value, ROW_GROUP_ROWS))) };
        Ok(Self {
            run: [constant(&meta.run_id), constant(SCHEMA_VERSION)],
            spec: spec.clone(),
            schema,
            file,
            groups,
            pending: Vec::new(),
            pending_rows: 0,
            groups_written: 0,
            rows: 0,
        })
    }

    /// Adds rows as a `rows` function of `table` makes them: without the run columns.
    ///
    /// # Errors
    /// Rows of another schema, or a sink that refuses bytes.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.schema().fields() != self.spec.row_schema().fields() {
            return Err(Error::new(
                ErrorKind::Internal,
                Text::new(
                    format!("表 {} の行が列の定義と合いません", self.spec.name),
                    format!("the rows do not have the columns of table {}", self.spec.name),
                ),
            ));
        }
        let mut from = 0;
        while from < batch.num_rows() {
            let rows = (batch.num_rows() - from).min(ROW_GROUP_ROWS - self.pending_rows);
            self.pending.push(batch.slice(from, rows));
            self.pending_rows += rows;
            from += rows;
            if self.pending_rows == ROW_GROUP_ROWS {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes what is pending and the footer; gives the sink back with the number of rows.
    ///
    /// # Errors
    /// A sink that refuses bytes.
    pub fn finish(mut self) -> Result<(W, u64)> {
        self.flush()?;
        self.file.finish().map_err(|e| fault(&self.spec, e))?;
        let sink = self.file.into_inner().map_err(|e| fault(&self.spec, e))?;
        Ok((sink, self.rows))
    }

    fn flush(&mut self) -> Result<()> {
        if self.pending_rows == 0 {
            return Ok(());
        }
        let spec = &self.spec;
        let rows = concat_batches(&Arc::new(spec.row_schema()), &self.pending).map_err(|e| fault(spec, e))?;
        self.pending.clear();
        let rows = sorted(spec, rows)?;
        let run = self.run.iter().map(|constant| constant.slice(0, self.pending_rows));
        let arrays: Vec<ArrayRef> = rows.columns().iter().cloned().chain(run).collect();
        let mut leaves = Vec::new();
        for (field, array) in self.schema.fields().iter().zip(&arrays) {
            leaves.extend(compute_leaves(field, array).map_err(|e| fault(spec, e))?);
        }
        let writers = self.groups.create_column_writers(self.groups_written).map_err(|e| fault(spec, e))?;
        let chunks = writers
            .into_par_iter()
            .zip(leaves)
            .map(|(mut writer, leaf)| {
                writer.write(&leaf)?;
                writer.close()
            })
            .collect::<Vec<_>>();
        let mut group = self.file.next_row_group().map_err(|e| fault(spec, e))?;
        for chunk in chunks {
            chunk.and_then(|c| c.append_to_row_group(&mut group)).map_err(|e| fault(spec, e))?;
        }
        group.close().map_err(|e| fault(spec, e))?;
        self.rows += self.pending_rows as u64;
        self.pending_rows = 0;
        self.groups_written += 1;
        Ok(())
    }
}

/// A whole table as the bytes of its file.
///
/// # Errors
/// Rows of another schema.
pub fn to_bytes(spec: &TableSpec, batches: &[RecordBatch], meta: &TableMeta) -> Result<Vec<u8>> {
    let mut writer = TableWriter::new(spec, Vec::new(), meta)?;
    batches.iter().try_for_each(|batch| writer.write(batch))?;
    Ok(writer.finish()?.0)
}

/// `rows` in the order of the table's sort columns.
fn sorted(spec: &TableSpec, rows: RecordBatch) -> Result<RecordBatch> {
    let keys: Vec<&ArrayRef> = spec.sort.iter().filter_map(|name| rows.column_by_name(name)).collect();
    if keys.is_empty() || in_order(&keys).map_err(|e| fault(spec, e))? {
        return Ok(rows);
    }
    let columns: Vec<SortColumn> = keys.iter().map(|key| SortColumn { values: (*key).clone(), options: Some(SORT_OPTIONS) }).collect();
    let order = lexsort_to_indices(&columns, None).map_err(|e| fault(spec, e))?;
    take_record_batch(&rows, &order).map_err(|e| fault(spec, e))
}

const SORT_OPTIONS: SortOptions = SortOptions { descending: false, nulls_first: false };

/// Whether rows already stand in order, as most tables come: a pass is far cheaper than a sort.
fn in_order(keys: &[&ArrayRef]) -> Result<bool, arrow::error::ArrowError> {
    let comparators =
        keys.iter().map(|key| arrow::array::make_comparator(key, key, SORT_OPTIONS)).collect::<Result<Vec<DynComparator>, _>>()?;
    let rows = keys.first().map_or(0, |key| key.len());
    Ok((1..rows).all(|i| comparators.iter().map(|compare| compare(i - 1, i)).find(|o| o.is_ne()).is_none_or(|o| o.is_lt())))
}

fn properties(spec: &TableSpec, meta: &TableMeta) -> Result<WriterProperties> {
    let zstd = ZstdLevel::try_new(ZSTD_LEVEL).map_err(|e| fault(spec, e))?;
    let mut leaf = 0;
    let mut first_leaf = Vec::new();
    for column in spec.columns.iter() {
        first_leaf.push(leaf);
        leaf += column.kind.leaves();
    }
    let sorting = spec
        .sort
        .iter()
        .filter_map(|name| spec.position(name))
        .filter_map(|at| i32::try_from(first_leaf[at]).ok())
        .map(|column_idx| SortingColumn { column_idx, descending: false, nulls_first: false })
        .collect();
    let pairs = [
        ("run_id", meta.run_id.clone()),
        ("schema_version", SCHEMA_VERSION.to_owned()),
        ("table", spec.name.to_owned()),
        ("description_ja", spec.doc_ja.to_owned()),
        ("description_en", spec.doc_en.to_owned()),
        ("columns", columns_json(spec).to_string()),
    ];
    let pairs = pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).chain(meta.extra.iter().cloned());
    // Closed by default: a column has statistics and a dictionary only where its role allows.
    let mut builder = WriterProperties::builder()
        .set_created_by(concat!("kikitori ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(zstd))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(WRITE_BATCH_ROWS)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_dictionary_enabled(false)
        .set_bloom_filter_enabled(false)
        .set_sorting_columns(Some(sorting))
        .set_key_value_metadata(Some(pairs.map(|(k, v)| KeyValue::new(k, v)).collect()));
    for column in spec.columns.iter().chain(&TableSpec::run_columns()) {
        let path = |tail: &[&str]| ColumnPath::new([column.name.as_ref()].iter().chain(tail).map(|part| (*part).to_owned()).collect());
        let paths = match column.kind {
            ColumnType::List(_) => vec![path(&["list", "element"])],
            ColumnType::Records(members) => members.iter().map(|(name, _)| path(&["list", "element", name])).collect(),
            _ => vec![path(&[])],
        };
        for path in paths {
            builder = builder.set_column_dictionary_enabled(path.clone(), column.role.has_dictionary());
            if column.role.has_statistics() {
                builder = builder.set_column_statistics_enabled(path, EnabledStatistics::Page);
            }
        }
    }
    Ok(builder.build())
}

fn fault(spec: &TableSpec, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(
        ErrorKind::Table,
        Text::new("表を書けません。空き容量と権限を確かめてください", "cannot write the table; check free space and permissions"),
    )
    .at(spec.path(), 0)
    .because(cause)
}

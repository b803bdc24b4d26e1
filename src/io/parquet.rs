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
        // Writes the footer, too.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclose::Threshold;
    use crate::table::{DASHBOARD, Overview, Role, RunFacts, all_specs, analyst, testing};
    use arrow::array::AsArray;
    use arrow::datatypes::Int32Type;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
    use parquet::file::page_index::column_index::ColumnIndexMetaData;

    fn meta() -> TableMeta {
        TableMeta { run_id: "20250401-0123456789abcdef".into(), extra: vec![("threshold".into(), "10".into())] }
    }

    fn footer(bytes: &[u8]) -> ParquetMetaData {
        let bytes = bytes::Bytes::copy_from_slice(bytes);
        ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional).parse_and_finish(&bytes).unwrap()
    }

    fn read(bytes: &[u8]) -> Vec<RecordBatch> {
        let bytes = bytes::Bytes::copy_from_slice(bytes);
        ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap().map(|b| b.unwrap()).collect()
    }

    /// All tables of a random corpus that are made from the analysis.
    fn tables(calls: usize) -> Vec<(TableSpec, Vec<RecordBatch>)> {
        let analysis = testing::analysis(3, calls, 4);
        let threshold = Threshold::default();
        let overview = Overview::new(&analysis, threshold, RunFacts::default());
        let mut out: Vec<(TableSpec, Vec<RecordBatch>)> =
            DASHBOARD.iter().map(|t| (t.spec.clone(), vec![(t.rows)(&overview).unwrap()])).collect();
        let consultations = analyst::consultations::batches(&analysis, threshold).map(|b| b.unwrap()).collect();
        out.push((analyst::consultations::spec(&analysis.profile), consultations));
        let terms = analyst::term_frequencies::batches(&analysis).map(|b| b.unwrap()).collect();
        out.push((analyst::term_frequencies::SPEC.clone(), terms));
        out
    }

    #[test]
    fn what_is_written_is_read_with_run_and_version() {
        for (spec, batches) in tables(300) {
            let bytes = to_bytes(&spec, &batches, &meta()).unwrap();
            let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
            let back = read(&bytes);
            assert_eq!(back.iter().map(RecordBatch::num_rows).sum::<usize>(), rows, "{}", spec.name);
            for batch in &back {
                assert_eq!(batch.schema().fields(), spec.schema().fields(), "{}", spec.name);
                assert!(batch.column_by_name("run_id").unwrap().as_string::<i32>().iter().all(|v| v == Some(&meta().run_id)));
            }
            let footer = footer(&bytes);
            let pairs = footer.file_metadata().key_value_metadata().unwrap();
            let value = |key: &str| pairs.iter().find(|p| p.key == key).and_then(|p| p.value.clone());
            assert_eq!(value("run_id"), Some(meta().run_id));
            assert_eq!(value("schema_version").as_deref(), Some(SCHEMA_VERSION));
            assert_eq!(value("threshold").as_deref(), Some("10"));
            // A table without rows has no groups of them.
            assert_eq!(footer.row_groups().len(), usize::from(rows > 0), "{}", spec.name);
            assert!(footer.row_groups().iter().all(|group| group.sorting_columns().unwrap().len() == spec.sort.len()));
        }
    }

    #[test]
    fn the_footer_says_nothing_about_ids_and_text() {
        for (spec, batches) in tables(300) {
            let bytes = to_bytes(&spec, &batches, &meta()).unwrap();
            let footer = footer(&bytes);
            let secret = |path: &str| {
                let name = path.split('.').next().unwrap();
                spec.columns.iter().any(|c| c.name == name && !c.role.has_statistics())
            };
            for group in footer.row_groups() {
                for (i, column) in group.columns().iter().enumerate() {
                    let path = column.column_path().string();
                    assert!(column.bloom_filter_offset().is_none());
                    let bounded = footer.column_index().is_some_and(|index| !matches!(index[0][i], ColumnIndexMetaData::NONE));
                    assert_eq!(column.statistics().is_some(), !secret(&path), "{}.{path}", spec.name);
                    assert_eq!(bounded, !secret(&path), "{}.{path} has page bounds", spec.name);
                }
            }
        }
        // The pseudonyms and terms do not stand in the footer in any other way.
        let (spec, batches) = tables(300).pop().unwrap();
        let bytes = to_bytes(&spec, &batches, &meta()).unwrap();
        let length = u32::from_le_bytes(bytes[bytes.len() - 8..bytes.len() - 4].try_into().unwrap()) as usize;
        let footer = String::from_utf8_lossy(&bytes[bytes.len() - 8 - length..]).into_owned();
        let id = batches[0].column(0).as_string::<i32>().value(0).to_owned();
        assert!(!footer.contains(&id) && !footer.contains("共通0"));
        assert!(spec.columns.iter().any(|c| c.role == Role::Term));
    }

    #[test]
    fn row_groups_and_pages_keep_their_size_and_order() {
        // 130,000 rows in falling order, in batches of 7,000: two row groups, each sorted, pages of at most 20,000 rows.
        let spec = analyst::term_frequencies::SPEC.clone();
        let schema = Arc::new(spec.row_schema());
        let batch = |rows: std::ops::Range<i32>| {
            let ids = StringArray::from_iter_values(rows.clone().map(|i| format!("c{:07}", 9_999_999 - i)));
            let terms = StringArray::from_iter_values(rows.clone().map(|i| format!("語{}", i % 7)));
            let compounds = arrow::array::BooleanArray::from(vec![false; rows.len()]);
            let counts = arrow::array::Int32Array::from_iter_values(rows);
            RecordBatch::try_new(schema.clone(), vec![Arc::new(ids), Arc::new(terms), Arc::new(compounds), Arc::new(counts)]).unwrap()
        };
        let batches: Vec<RecordBatch> = (0..130_000).step_by(7_000).map(|from| batch(from..(from + 7_000).min(130_000))).collect();
        let bytes = to_bytes(&spec, &batches, &meta()).unwrap();
        assert_eq!(bytes, to_bytes(&spec, &[batch(0..130_000)], &meta()).unwrap(), "the size of the batches is not seen");
        let footer = footer(&bytes);
        let rows: Vec<i64> = footer.row_groups().iter().map(|g| g.num_rows()).collect();
        assert_eq!(rows, [122_880, 130_000 - 122_880]);
        for (group, columns) in footer.row_groups().iter().zip(footer.offset_index().unwrap()) {
            for index in columns {
                let mut starts: Vec<i64> = index.page_locations().iter().map(|p| p.first_row_index).collect();
                starts.push(group.num_rows());
                assert!(starts.windows(2).all(|w| w[1] - w[0] <= 20_000), "{starts:?}");
            }
        }
        let counts: Vec<i32> = read(&bytes).iter().flat_map(|b| b.column(3).as_primitive::<Int32Type>().values().to_vec()).collect();
        assert_eq!((counts[0], counts[122_879], counts[122_880]), (122_879, 0, 129_999));
    }

    #[test]
    fn the_number_of_threads_is_not_seen() {
        let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let write = || tables(400).iter().map(|(spec, rows)| to_bytes(spec, rows, &meta()).unwrap()).collect::<Vec<_>>();
        let one = pool(1).install(write);
        assert!(one == pool(3).install(write));
    }

    #[test]
    fn every_table_can_be_empty() {
        for spec in all_specs(&testing::profile()) {
            let bytes = to_bytes(&spec, &[], &meta()).unwrap();
            assert_eq!(footer(&bytes).file_metadata().num_rows(), 0);
        }
    }

    #[test]
    fn rows_of_another_table_are_refused() {
        let all = tables(20);
        let error = to_bytes(&all[0].0, &all[1].1, &meta()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
    }
}

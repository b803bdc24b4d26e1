//! Reading published tables back, as a stranger would: for the audit.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::ParquetMetaData;

use super::fs;
use super::manifest::{self, MANIFEST_FILE, POINTER_FILE};
use super::publish::{Staging, Zone};
use crate::audit::{Finding, FindingKind, Table};
use crate::error::{Error, ErrorKind, Result, Text};

/// A publication on the disk: a dashboard, with or without the run around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The folder of the dashboard tables.
    pub dashboard: PathBuf,
    /// The folder of the row-level tables, where there is one.
    pub analyst: Option<PathBuf>,
    /// The threshold that the run's manifest names.
    pub threshold: Option<u32>,
}

impl Publication {
    /// What lies at `path`: an output folder (its newest run), a run's folder, or a dashboard alone.
    ///
    /// # Errors
    /// A folder without a single table.
    pub fn find(path: &Path) -> Result<Self> {
        let run = if path.join(POINTER_FILE).is_file() { manifest::resolve_latest(path)? } else { path.to_owned() };
        let threshold = if run.join(MANIFEST_FILE).is_file() {
            u32::try_from(manifest::open_manifest(&run)?.method.threshold).ok().filter(|threshold| *threshold > 0)
        } else {
            None
        };
        let dashboard = if run.join("dashboard").is_dir() { run.join("dashboard") } else { run.clone() };
        if tables_in(&dashboard)?.is_empty() {
            return Err(Error::new(
                ErrorKind::Input,
                Text::new(
                    "公開された表（.parquet）がありません。出力先・実行・dashboard のどれかのフォルダを指定してください",
                    "no published tables (.parquet) here; give the folder of an output, a run or a dashboard",
                ),
            )
            .at(path, 0));
        }
        let analyst = Some(run.join("analyst")).filter(|folder| folder.is_dir());
        Ok(Self { dashboard, analyst, threshold })
    }

    /// The dashboard of a run that is not published yet.
    pub fn staged(staging: &Staging, threshold: u32) -> Self {
        Self { dashboard: staging.folder(Zone::Dashboard), analyst: None, threshold: Some(threshold) }
    }

    /// The dashboard tables.
    ///
    /// # Errors
    /// A file that is no Parquet file.
    pub fn tables(&self) -> Result<Vec<Table>> {
        tables_in(&self.dashboard)?.iter().map(|path| read_table(path)).collect()
    }

    /// The table of calls, where there is one.
    ///
    /// # Errors
    /// A file that is no Parquet file.
    pub fn consultations(&self) -> Result<Option<Table>> {
        let path = self.analyst.as_ref().map(|folder| folder.join("consultations.parquet")).filter(|path| path.is_file());
        path.map(|path| read_table(&path)).transpose()
    }

    /// Columns of text or ids whose values stand in the footer of a row-level table, or of a dashboard's.
    ///
    /// # Errors
    /// A file that is no Parquet file.
    pub fn footers(&self) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for folder in [Some(&self.dashboard), self.analyst.as_ref()].into_iter().flatten() {
            for path in tables_in(folder)? {
                let builder = open(&path)?;
                let roles = roles(builder.metadata());
                let secret = |column: &str| matches!(roles.get(column).map(String::as_str), Some("id" | "text" | "term"));
                let mut columns: Vec<String> = Vec::new();
                for chunk in builder.metadata().row_groups().iter().flat_map(|group| group.columns()) {
                    let name = chunk.column_path().parts().first().cloned().unwrap_or_default();
                    let told = chunk.statistics().is_some() || chunk.bloom_filter_offset().is_some();
                    if told && secret(&name) && !columns.contains(&name) {
                        columns.push(name);
                    }
                }
                let table = name_of(&path);
                findings.extend(columns.into_iter().map(|column| Finding::new(FindingKind::Footer, &table, &column)));
            }
        }
        Ok(findings)
    }
}

fn tables_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let names = fs::names(folder)?;
    Ok(names.iter().filter(|name| name.ends_with(".parquet")).map(|name| folder.join(name)).collect())
}

fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn read_table(path: &Path) -> Result<Table> {
    let builder = open(path)?;
    let roles = roles(builder.metadata());
    let reader = builder.build().map_err(|e| damaged(path).because(e))?;
    let batches = reader.collect::<Result<Vec<_>, _>>().map_err(|e| damaged(path).because(e))?;
    Ok(Table::new(&name_of(path), &batches, &roles))
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(path).map_err(fs::read_error(path))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| damaged(path).because(e))
}

/// Column → role, as the file's own metadata say.
fn roles(metadata: &ParquetMetaData) -> BTreeMap<String, String> {
    let pairs = metadata.file_metadata().key_value_metadata();
    let columns = pairs.and_then(|pairs| pairs.iter().find(|pair| pair.key == "columns")?.value.as_deref());
    let columns: Vec<serde_json::Value> = columns.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let text = |column: &serde_json::Value, key: &str| column.get(key).and_then(|v| v.as_str()).map(str::to_owned);
    columns.iter().filter_map(|column| Some((text(column, "name")?, text(column, "role")?))).collect()
}

fn damaged(path: &Path) -> Error {
    Error::new(ErrorKind::Table, Text::new("Parquetとして読めません", "not readable as Parquet")).at(path, 0)
}

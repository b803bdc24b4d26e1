//! Exports of any supported format, read row by row: what stands in the file?
//!
//! [`Source`] opens a file or a folder and yields [`RawRecord`]s; what they mean is decided by
//! [`Intake`](crate::consultation::intake::Intake). A bad row is a [`Problem`] and the next row is read; only the disk
//! and a damaged container (a truncated workbook) end a file. Rows are read one at a time, except XLSX, whose format
//! wants the whole sheet in memory.

mod cues;
mod delimited;
mod json;
mod parquet;
mod plain;
mod workbook;

use std::collections::VecDeque;
use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::encoding::{self, Encoding};
use crate::consultation::intake::{Cell, Intake, Limits, RawRecord};
use crate::error::{Error, ErrorKind, Problem, Result, Text};

/// How files are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// The encoding of text files; found per file when not given.
    pub encoding: Option<Encoding>,
    /// The sheet of a workbook; the first when not given.
    pub sheet: Option<String>,
    /// The longest text of one consultation in characters; also bounds what a reader holds in memory.
    pub max_chars: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { encoding: None, sheet: None, max_chars: Limits::DEFAULT_MAX_CHARS }
    }
}

impl ReadOptions {
    /// The longest line or record in bytes that is held at all: any text of `max_chars`, escaped as JSON may escape it
    /// (six bytes a character, and metadata beside it), and never so little that a long call is taken for a broken file.
    fn line_limit(&self) -> usize {
        const LEAST_BYTES: usize = 32 << 20;
        self.max_chars.saturating_mul(8).saturating_add(1 << 20).max(LEAST_BYTES)
    }
}

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-, tab- or semicolon-separated values with a header row.
    Delimited,
    /// An Excel workbook.
    Workbook,
    /// One JSON object a line.
    Json,
    /// Parquet.
    Parquet,
    /// One consultation as plain text.
    Plain,
    /// One consultation as WebVTT or SRT.
    Cues,
}

impl Format {
    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delimited => "CSV/TSV",
            Self::Workbook => "XLSX",
            Self::Json => "JSONL",
            Self::Parquet => "Parquet",
            Self::Plain => "text",
            Self::Cues => "WebVTT/SRT",
        }
    }

    /// Whether a file is one consultation, without columns.
    pub fn is_transcript(self) -> bool {
        matches!(self, Self::Plain | Self::Cues)
    }

    /// By extension; content decides later where the two disagree.
    fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match extension.as_str() {
            "csv" | "tsv" | "tab" => Self::Delimited,
            "xlsx" | "xlsm" | "xls" => Self::Workbook,
            "jsonl" | "ndjson" | "json" => Self::Json,
            "parquet" => Self::Parquet,
            "txt" => Self::Plain,
            "vtt" | "srt" => Self::Cues,
            _ => return None,
        })
    }

    /// By the first bytes and the extension.
    fn of_file(path: &Path) -> Result<Self> {
        let mut head = Vec::new();
        File::open(path).and_then(|f| f.take(4096).read_to_end(&mut head)).map_err(|e| encoding::unreadable(path, e))?;
        if head.is_empty() {
            return Err(encoding::empty_file(path));
        }
        let named = Self::of_name(path);
        if !named.is_some_and(Self::is_transcript) && head.iter().all(|b| *b == 0) && only_nul(path)? {
            return Err(input(
                path,
                "中身が空（NULバイトだけ）です。書き出し直してください",
                "the file holds nothing but NUL bytes; export it again",
            ));
        }
        if head.starts_with(b"PAR1") {
            return Ok(Self::Parquet);
        }
        if head.starts_with(b"PK\x03\x04") {
            return Ok(Self::Workbook);
        }
        if head.starts_with(b"\xd0\xcf\x11\xe0") {
            return Err(input(
                path,
                "古い形式（.xls）か、パスワードの付いたブックです。パスワードなしの .xlsx か CSV で保存し直してください",
                "an old .xls workbook, or one with a password; save it as .xlsx without password or as CSV",
            ));
        }
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
        if text.starts_with(b"WEBVTT") {
            return Ok(Self::Cues);
        }
        match named {
            Some(Self::Workbook) => Err(workbook::damaged(path)),
            Some(Self::Parquet) => Err(parquet::damaged(path)),
            Some(Self::Json) if text.trim_ascii_start().starts_with(b"[") => Err(input(
                path,
                "JSONの配列です。1行に1件のJSONオブジェクト（JSONL）にしてください",
                "a JSON array; write one JSON object a line (JSONL)",
            )),
            // Excel saves "Unicode text" as a table with tabs and the extension txt.
            Some(Self::Plain)
                if text.split(|b| matches!(b, b'\n' | b'\r')).next().is_some_and(|l| l.iter().filter(|b| **b == b'\t').count() >= 2) =>
            {
                Ok(Self::Delimited)
            }
            Some(format) => Ok(format),
            None if text.trim_ascii_start().starts_with(b"{") => Ok(Self::Json),
            None => Err(input(
                path,
                "対応していない形式です（CSV、TSV、XLSX、JSONL、Parquet、TXT、VTT、SRT を読めます）",
                "not a supported format (CSV, TSV, XLSX, JSONL, Parquet, TXT, VTT and SRT are)",
            )),
        }
    }
}

/// What was found about a file before its rows are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// As the user named it.
    pub path: PathBuf,
    /// Its format.
    pub format: Format,
    /// Its encoding, for text formats.
    pub encoding: Option<Encoding>,
    /// Its columns: the header of a table, the keys of the first JSON objects; none for transcripts.
    pub columns: Vec<Arc<str>>,
    /// The sheets of a workbook.
    pub sheets: Vec<String>,
}

/// Rows of one file. `Ok(None)` is the end, `Err` the end of everything.
trait Rows: Send {
    fn next_row(&mut self) -> Result<Option<Row>>;
}

/// A row, or why it is none.
pub type Row = Result<RawRecord, Problem>;

/// A file or a folder of exports: an iterator over its rows in order.
///
/// The outer result is the disk's: after an error nothing follows. The inner one is the row's: a problem is one reject.
pub struct Source {
    files: Vec<SourceFile>,
    skipped: Vec<PathBuf>,
    options: ReadOptions,
    queue: VecDeque<usize>,
    current: Option<Box<dyn Rows>>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("files", &self.files).field("skipped", &self.skipped).finish_non_exhaustive()
    }
}

impl Source {
    /// Opens a file, or all supported files directly in a folder, by name. In a folder that also holds tables, `.txt`
    /// files are taken for remarks about them and passed over (see [`Source::skipped`]).
    ///
    /// # Errors
    /// The path does not exist, a folder without any supported file, an empty file, a file without header, a format or
    /// encoding that cannot be read: each says what to do.
    pub fn open(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self> {
        let path = path.as_ref();
        let meta = fs::metadata(path).map_err(|e| encoding::unreadable(path, e))?;
        let (paths, skipped) = if meta.is_dir() { list(path)? } else { (vec![path.to_owned()], Vec::new()) };
        let mut files = Vec::with_capacity(paths.len());
        let mut current = None;
        let mut queue: VecDeque<usize> = (0..paths.len()).collect();
        let single = paths.len() == 1;
        for path in paths {
            let (file, rows) = open_file(&path, options, single)?;
            files.push(file);
            if single {
                current = rows;
                queue.clear();
            }
        }
        Ok(Self { files, skipped, options: options.clone(), queue, current })
    }

    /// The files in reading order.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// Files of the folder that are not read: of no supported format, hidden, or `.txt` beside tables.
    pub fn skipped(&self) -> &[PathBuf] {
        &self.skipped
    }

    /// The skipped files a person may miss: not those that editors leave, and not the configuration.
    pub fn overlooked(&self) -> impl Iterator<Item = &Path> {
        let expected = |path: &Path| hidden(path) || path.file_name().is_some_and(|n| n == super::config::CONFIG_FILE);
        self.skipped.iter().map(PathBuf::as_path).filter(move |path| !expected(path))
    }

    /// Whether the rows can become consultations under `intake`'s mapping.
    ///
    /// # Errors
    /// For the first file without a column for text or id, or without one that the mapping names.
    pub fn check(&self, intake: &Intake) -> Result<()> {
        let tables = self.files.iter().filter(|f| !f.format.is_transcript() && !f.columns.is_empty());
        for file in tables {
            intake.check_columns(&file.path, &file.columns, file.format != Format::Json).map_err(|error| match file.sheets.len() {
                0 | 1 => error,
                _ => error.with_advice(&workbook::other_sheets(&file.sheets)),
            })?;
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<Option<Row>> {
        loop {
            if let Some(rows) = &mut self.current {
                if let Some(row) = rows.next_row()? {
                    return Ok(Some(row));
                }
                self.current = None;
            }
            let Some(next) = self.queue.pop_front() else { return Ok(None) };
            let file = &self.files[next];
            // The encoding was found when the file was first seen.
            let options = ReadOptions { encoding: file.encoding.or(self.options.encoding), ..self.options.clone() };
            self.current = open_file(&file.path, &options, true)?.1;
        }
    }
}

impl Iterator for Source {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.advance().transpose();
        if let Some(Err(_)) = &item {
            self.current = None;
            self.queue.clear();
        }
        item
    }
}

/// Looks at a file and, where `rows`, gets ready to read it.
fn open_file(path: &Path, options: &ReadOptions, rows: bool) -> Result<(SourceFile, Option<Box<dyn Rows>>)> {
    let format = match Format::of_file(path) {
        // An empty transcript is an empty consultation; its neighbours in the folder are still read.
        Err(_) if Format::of_name(path).is_some_and(Format::is_transcript) && fs::metadata(path).is_ok_and(|m| m.len() == 0) => {
            Format::Plain
        }
        other => other?,
    };
    let mut encoding = None;
    let (mut columns, mut sheets) = (Vec::new(), Vec::new());
    let opened: Option<Box<dyn Rows>> = match format {
        Format::Delimited => {
            let found = encoding::of_file(path, options.encoding)?;
            encoding = Some(found);
            let reader = delimited::Delimited::open(path, found, options)?;
            columns = reader.columns().to_vec();
            Some(Box::new(reader))
        }
        Format::Json => {
            let found = encoding::of_file(path, options.encoding)?;
            encoding = Some(found);
            columns = json::columns(path, found, options)?;
            if rows { Some(Box::new(json::JsonLines::open(path, found, options)?)) } else { None }
        }
        Format::Workbook => {
            let reader = workbook::Workbook::open(path, options)?;
            columns = reader.columns().to_vec();
            sheets = reader.sheets().to_vec();
            Some(Box::new(reader))
        }
        Format::Parquet => {
            let reader = parquet::ParquetRows::open(path)?;
            columns = reader.columns().to_vec();
            Some(Box::new(reader))
        }
        Format::Plain | Format::Cues => Some(Box::new(plain::Transcript::new(path, format, options))),
    };
    Ok((SourceFile { path: path.to_owned(), format, encoding, columns, sheets }, opened.filter(|_| rows)))
}

/// Whether a file that begins with NUL bytes has nothing else: what a copy that broke off leaves.
fn only_nul(path: &Path) -> Result<bool> {
    let mut only = true;
    super::fs::for_each_piece(path, |piece| only &= piece.iter().all(|b| *b == 0))?;
    Ok(only)
}

/// Whether there is something to read at `path` at all; cheap, for before the long work.
///
/// # Errors
/// The path does not exist or may not be looked at.
pub fn require(path: &Path) -> Result<()> {
    fs::metadata(path).map(drop).map_err(|e| encoding::unreadable(path, e))
}

/// The supported files of a folder by name, and the others.
fn list(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let failed = |e: std::io::Error| encoding::unreadable(folder, e);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    let table = |path: &Path| Format::of_name(path).is_some_and(|f| !f.is_transcript());
    let tables = paths.iter().any(|p| table(p) && !hidden(p));
    let wanted = |path: &PathBuf| match Format::of_name(path) {
        None => false,
        Some(Format::Plain) => !tables && !hidden(path),
        Some(_) => !hidden(path),
    };
    let (read, skipped): (Vec<_>, Vec<_>) = paths.into_iter().partition(wanted);
    if read.is_empty() {
        return Err(input(
            folder,
            "読めるファイルがありません（CSV、TSV、XLSX、JSONL、Parquet、TXT、VTT、SRT。下の階層は見ません）",
            "no file to read in this folder (CSV, TSV, XLSX, JSONL, Parquet, TXT, VTT, SRT; folders below are not searched)",
        ));
    }
    Ok((read, skipped))
}

/// Whether it is a file that editors and Excel leave while a document is open.
fn hidden(path: &Path) -> bool {
    path.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with('.') || n.starts_with("~$"))
}

/// An error about the content of a whole file.
fn input(path: &Path, ja: impl Into<String>, en: impl Into<String>) -> Error {
    Error::new(ErrorKind::Input, Text::new(ja, en)).at(path, 0)
}

/// The error for a table without header.
fn no_header(path: &Path) -> Error {
    input(path, "見出し行がありません。1行目に列の名前を書いてください", "there is no header; the first row must name the columns")
}

/// Header cells as column names: trimmed, without line ends, `列3` where there is none.
fn column_names<S: AsRef<str>>(cells: &[S]) -> Vec<Arc<str>> {
    let name = |(i, cell): (usize, &S)| {
        let name: String = cell.as_ref().trim().chars().filter(|c| !c.is_control() && *c != '\u{feff}').collect();
        if name.is_empty() { format!("列{}", i + 1).into() } else { name.into() }
    };
    cells.iter().enumerate().map(name).collect()
}

/// A row of cells under `columns`; `None` for one without any content (spreadsheets append such rows).
fn row_of(place: crate::error::Place, columns: &[Arc<str>], cells: Vec<String>) -> Option<RawRecord> {
    if cells.iter().all(|c| c.trim().is_empty()) {
        return None;
    }
    Some(RawRecord { place, fields: columns.iter().cloned().zip(cells.into_iter().map(Cell::Text)).collect() })
}

#[cfg(test)]
pub(crate) mod tests;

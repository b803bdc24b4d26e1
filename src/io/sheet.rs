//! Sheets for human coders: written as CSV or XLSX, read back as coders and Excel leave them; and what kikitori itself decided,
//! beside them, for nobody's eyes before the coding is done.

mod decisions;
mod read;
#[cfg(test)]
mod tests;
mod workbook;

pub use decisions::{Decisions, read_decisions};
pub use read::read_sheet;

use std::io;
use std::path::{Path, PathBuf};

use super::fs::{self, Access, Action, io_error};
use crate::coding::guide;
use crate::coding::score::Disagreement;
use crate::coding::sheet::{Column, SHEET_VERSION, record_label};
use crate::coding::{CodedSheet, SheetRow};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::need::NeedDomain;

/// The forms of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetFormat {
    /// UTF-8 with a byte-order mark, CRLF, every cell quoted: what Excel in Japan opens without being asked.
    Csv,
    /// An Excel workbook with lists to choose from and a second sheet, 手引き.
    Workbook,
}

impl SheetFormat {
    /// By extension.
    ///
    /// # Errors
    /// Another extension than `.csv` and `.xlsx`.
    pub fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("xlsx") => Ok(Self::Workbook),
            _ => {
                let text = Text::new("ファイル名は .csv か .xlsx で終えてください", "the name of the file must end in .csv or .xlsx");
                Err(Error::new(ErrorKind::Config, text).at(path, 0))
            }
        }
    }
}

/// A sheet to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewSheet<'a> {
    /// Fingerprint of the sample.
    pub sample: &'a str,
    /// Who will code; may be empty.
    pub coder: &'a str,
    /// The rows in order.
    pub rows: &'a [&'a SheetRow],
}

impl NewSheet<'_> {
    /// The cell of a row; columns that the coder fills in are empty.
    fn cell(&self, number: usize, row: &SheetRow, column: Column) -> String {
        match column {
            Column::Version => format!("v{SHEET_VERSION}-{}", self.sample),
            Column::Number => number.to_string(),
            Column::Id => row.id.clone(),
            Column::Coder => self.coder.to_owned(),
            Column::Record => record_label(row.record).to_owned(),
            Column::Before => row.before_cell(),
            Column::Speaker => row.speaker_cell().to_owned(),
            Column::Text => row.text.clone(),
            Column::Domain(_) | Column::Done | Column::Comment => String::new(),
        }
    }
}

/// Refuses a path where something stands already: it may be a sheet that somebody has filled in.
///
/// # Errors
/// The file exists, or the folder does not.
pub fn check_target(path: &Path) -> Result<()> {
    if fs::exists(path) {
        return Err(io_error(Action::Write, path, io::ErrorKind::AlreadyExists.into()));
    }
    if !fs::is_dir(fs::parent(path)) {
        return Err(io_error(Action::Write, path, io::ErrorKind::NotFound.into()));
    }
    Ok(())
}

/// Writes a new file that its owner alone can read.
///
/// # Errors
/// As [`check_target`], and when the disk refuses.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    check_target(path)?;
    fs::write_atomic(path, bytes, Access::Private)
}

/// Where kikitori's decisions stand: `sheet.csv.kikitori.json`.
pub fn decisions_path(sheet: &Path) -> PathBuf {
    with_suffix(sheet, "kikitori.json")
}

/// Where the guide of a CSV stands, which has no second sheet: `sheet.csv.手引き.txt`.
pub fn guide_path(sheet: &Path) -> PathBuf {
    with_suffix(sheet, "手引き.txt")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".");
    name.push(suffix);
    path.with_file_name(name)
}

/// The bytes of a sheet: the same for the same rows, everywhere and always.
///
/// # Errors
/// A bug only.
pub fn sheet_bytes(sheet: &NewSheet<'_>, format: SheetFormat) -> Result<Vec<u8>> {
    match format {
        SheetFormat::Workbook => workbook::bytes(sheet).map_err(|e| internal().because(e)),
        SheetFormat::Csv => {
            let columns = Column::all();
            let rows = (1..).zip(sheet.rows).map(|(number, row)| columns.iter().map(|c| sheet.cell(number, row, *c)).collect());
            csv_bytes(columns.iter().map(|c| c.title()).collect(), rows)
        }
    }
}

/// The guide as text.
pub fn guide_bytes() -> Vec<u8> {
    let mut text = String::from("\u{feff}手引き\r\n\r\n");
    for (number, step) in (1..).zip(guide::STEPS) {
        text.push_str(&format!("{number}. {step}\r\n"));
    }
    text.push_str("\r\n領域\r\n\r\n");
    for domain in NeedDomain::ALL {
        text.push_str(&format!("{}\r\n    {}\r\n", Column::Domain(domain).title(), guide::meaning(domain)));
    }
    text.into_bytes()
}

/// A domain on which coders differ a line, with the words and room for what they settle on.
///
/// # Errors
/// A bug only.
pub fn disagreements_bytes(a: &CodedSheet, b: &CodedSheet, disagreements: &[Disagreement]) -> Result<Vec<u8>> {
    let title = |sheet: &CodedSheet, letter: &str| match sheet.coder.as_str() {
        "" => format!("{letter}の判定"),
        coder => format!("{letter}の判定（{coder}）"),
    };
    let header = ["発話ID", "領域", &title(a, "A"), &title(b, "B"), "合意", "前の発話", "話し手", "発話", "Aのコメント", "Bのコメント"];
    let by_id = |sheet: &'_ CodedSheet| -> std::collections::BTreeMap<String, usize> {
        (0..).zip(&sheet.rows).map(|(i, row)| (row.row.id.clone(), i)).collect()
    };
    let (in_a, in_b) = (by_id(a), by_id(b));
    let line = |d: &Disagreement| {
        let first = in_a.get(&d.id).map(|i| &a.rows[*i])?;
        let second = in_b.get(&d.id).map(|i| &b.rows[*i])?;
        let row = &first.row;
        let domain = Column::Domain(d.domain).title();
        let before = row.before_cell();
        let cells: [&str; 10] = [&d.id, &domain, d.a, d.b, "", &before, row.speaker_cell(), &row.text, &first.comment, &second.comment];
        Some(cells.map(str::to_owned).to_vec())
    };
    csv_bytes(header.map(str::to_owned).to_vec(), disagreements.iter().filter_map(line))
}

/// Lines of CSV for Excel.
fn csv_bytes(header: Vec<String>, rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .from_writer(b"\xef\xbb\xbf".to_vec());
    for row in std::iter::once(header).chain(rows) {
        writer.write_record(row.iter().map(|cell| neutral(cell))).map_err(|e| internal().because(e))?;
    }
    writer.into_inner().map_err(|e| internal().because(e.into_error()))
}

/// What makes a spreadsheet take a cell for a formula (OWASP, CSV injection).
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell that no spreadsheet computes.
fn neutral(cell: &str) -> String {
    if cell.starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() }
}

/// What [`neutral`] was given.
fn natural(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA)).unwrap_or(cell)
}

fn internal() -> Error {
    Error::new(ErrorKind::Internal, Text::new("判定用の表を作れません", "cannot make the sheet"))
}

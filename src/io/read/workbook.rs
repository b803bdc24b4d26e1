//! XLSX: the first sheet or a named one. Numbers and dates are mended to what the cell shows.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use calamine::{Data, Reader, Xlsx, XlsxError};

use super::{ReadOptions, Row, Rows, column_names, input, no_header, row_of};
use crate::consultation::date;
use crate::error::{Error, ErrorKind, Place, Result, Text};
use crate::io::encoding::unreadable;

/// The rows of a sheet after its header.
pub(super) struct Workbook {
    path: PathBuf,
    columns: Vec<Arc<str>>,
    sheets: Vec<String>,
    /// The sheet's cells in row order; taken as they are read.
    rows: std::vec::IntoIter<(u64, Vec<String>)>,
}

/// The error for a file that is no whole workbook.
pub(super) fn damaged(path: &Path) -> Error {
    input(
        path,
        "XLSXとして読めません。途中で切れているか、別の形式のファイルです。もう一度書き出してください",
        "not readable as XLSX: cut short, or a file of another kind; export it again",
    )
}

/// The error for a ZIP archive without a workbook in it: cut short, or a file of another kind.
fn no_workbook(path: &Path) -> Error {
    let named = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("xlsx") || e.eq_ignore_ascii_case("xlsm"));
    if named {
        return damaged(path);
    }
    input(
        path,
        "対応していない形式（ZIP／Word など）です。展開するか、CSVかXLSXで保存し直してください",
        "not a supported format (ZIP, Word or the like); unpack it, or save it as CSV or XLSX",
    )
}

/// The advice for a workbook whose sheet lacks a column.
pub(super) fn other_sheets(sheets: &[String]) -> Text {
    Text::new(
        format!(
            "このブックのシート：{}。別のシートを読むには、設定の [input] に sheet = \"シートの名前\" と書いてください",
            sheets.join("、")
        ),
        format!("the sheets of this workbook: {}; to read another, write sheet = \"name\" under [input]", sheets.join(", ")),
    )
}

impl Workbook {
    pub(super) fn open(path: &Path, options: &ReadOptions) -> Result<Self> {
        let file = File::open(path).map_err(|e| unreadable(path, e))?;
        // The cause may name parts of the archive, never cells.
        let mut book: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(|e: XlsxError| no_workbook(path).because(e))?;
        let names = book.sheet_names();
        let sheet = match &options.sheet {
            Some(wanted) => names.iter().find(|n| n.trim() == wanted.trim()).ok_or_else(|| {
                Error::new(
                    ErrorKind::Config,
                    Text::new(
                        format!("シート「{wanted}」がありません。あったシート：{}", names.join("、")),
                        format!("there is no sheet \"{wanted}\"; sheets seen: {}", names.join(", ")),
                    ),
                )
                .at(path, 0)
                .column("input.sheet")
            })?,
            None => names.first().ok_or_else(|| no_workbook(path))?,
        };
        let range = book.worksheet_range(sheet).map_err(|e| damaged(path).because(e))?;
        let top = range.start().map_or(0, |(row, _)| u64::from(row));
        let mut rows = range
            .rows()
            .enumerate()
            .map(|(i, row)| (top + i as u64 + 1, row.iter().map(cell).collect::<Vec<_>>()))
            .filter(|(_, row)| row.iter().any(|c| !c.trim().is_empty()))
            .collect::<Vec<_>>()
            .into_iter();
        let (_, header) = rows.next().ok_or_else(|| no_header(path))?;
        Ok(Self { path: path.to_owned(), columns: column_names(&header), sheets: names, rows })
    }

    pub(super) fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    /// The names of all sheets.
    pub(super) fn sheets(&self) -> &[String] {
        &self.sheets
    }
}

impl Rows for Workbook {
    fn next_row(&mut self) -> Result<Option<Row>> {
        for (row, cells) in self.rows.by_ref() {
            let place = Place { file: self.path.clone(), row, column: None };
            if let Some(raw) = row_of(place, &self.columns, cells) {
                return Ok(Some(Ok(raw)));
            }
        }
        Ok(None)
    }
}

fn cell(data: &Data) -> String {
    match data {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        // Excel keeps every number as a float: the id 1 is 1.0.
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::Float(number) => number.to_string(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(moment) => {
            let serial = moment.as_f64();
            date::from_excel_serial(serial).map_or_else(|| serial.to_string(), |m| m.format("%Y-%m-%dT%H:%M:%S").to_string())
        }
        // #N/A and the like hold nothing.
        Data::Error(_) | Data::Empty => String::new(),
    }
}

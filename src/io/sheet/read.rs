//! A sheet as it comes back: saved by Excel in whatever encoding, rows sorted or missing, signs written in any habit.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::fs;
use super::super::read::{Format, ReadOptions, Source};
use super::natural;
use crate::coding::mark::is_done;
use crate::coding::sheet::{Column, SHEET_VERSION};
use crate::coding::{CodedRow, CodedSheet, Coding, Mark, SheetRow};
use crate::consultation::intake::{RawRecord, speaker};
use crate::consultation::{RecordType, Speaker};
use crate::error::{Error, ErrorKind, Place, Result, Text};
use crate::need::NeedDomain;

/// Reads a coder's sheet.
///
/// # Errors
/// A file that is no sheet, a column that is gone, an id that stands twice or is gone, or a cell that is no sign: by file, row
/// and column, and never with what stands there.
pub fn read_sheet(path: &Path) -> Result<CodedSheet> {
    if fs::is_dir(path) {
        return Err(fs::io_error(fs::Action::Read, path, std::io::ErrorKind::IsADirectory.into()));
    }
    let source = Source::open(path, &ReadOptions::default())?;
    let Some(file) = source.files().first().filter(|f| matches!(f.format, Format::Delimited | Format::Workbook)) else {
        let text = Text::new("判定用の表（CSVかXLSX）ではありません", "not a sheet for coding (CSV or XLSX)");
        return Err(Error::new(ErrorKind::Input, text).at(path, 0));
    };
    let columns = layout(path, &file.columns)?;
    let mut reading = Reading { columns, sheet: CodedSheet::default(), seen: BTreeMap::new(), first: None, more: 0 };
    for row in source {
        let row = row?.map_err(|problem| {
            let error = Error::new(ErrorKind::Input, problem.reason.text());
            at(error, &problem.place, problem.place.column.as_deref())
        })?;
        reading.row(&row)?;
    }
    reading.finish(path)
}

/// Which column stands where.
fn layout(path: &Path, titles: &[std::sync::Arc<str>]) -> Result<BTreeMap<Column, usize>> {
    let mut columns = BTreeMap::new();
    let fault = |column: &str, ja: &str, en: &str| Error::new(ErrorKind::Input, Text::new(ja, en)).at(path, 1).column(column);
    for (i, title) in titles.iter().enumerate() {
        let Some(column) = Column::of_title(title) else { continue };
        if columns.insert(column, i).is_some() {
            return Err(fault(&column.title(), "この列が二つあります。一つにしてください", "this column stands twice; keep one"));
        }
    }
    let needed = [Column::Id, Column::Done].into_iter().chain(NeedDomain::ALL.into_iter().map(Column::Domain));
    for column in needed {
        if !columns.contains_key(&column) {
            let (ja, en) = (
                "この列がありません。kikitori coding sheet が書いた見出しのまま、判定のシートを先頭にしてください",
                "this column is missing; keep the header that `kikitori coding sheet` wrote, with its sheet first in the workbook",
            );
            return Err(fault(&column.title(), ja, en));
        }
    }
    Ok(columns)
}

/// The error about a cell.
fn at(error: Error, place: &Place, column: Option<&str>) -> Error {
    let error = error.at(&place.file, place.row);
    match column {
        Some(column) => error.column(column),
        None => error,
    }
}

struct Reading {
    columns: BTreeMap<Column, usize>,
    sheet: CodedSheet,
    /// The row of each id.
    seen: BTreeMap<String, u64>,
    /// The first cell that is no sign, and how many follow.
    first: Option<(Place, NeedDomain)>,
    more: usize,
}

impl Reading {
    fn cell(&self, row: &RawRecord, column: Column) -> String {
        let cell = self.columns.get(&column).and_then(|i| row.fields.get(*i)).map(|(_, cell)| cell.text());
        natural(cell.as_deref().unwrap_or_default().trim()).to_owned()
    }

    fn row(&mut self, row: &RawRecord) -> Result<()> {
        let fault =
            |column: Column, ja: String, en: String| at(Error::new(ErrorKind::Input, Text::new(ja, en)), &row.place, Some(&column.title()));
        let (mut coding, mut marked) = (Coding::default(), false);
        for domain in NeedDomain::ALL {
            match Mark::read(&self.cell(row, Column::Domain(domain))) {
                Ok(None) => {}
                Ok(Some(mark)) => {
                    coding.add(Some(domain), mark);
                    marked = true;
                }
                Err(_) if self.first.is_none() => self.first = Some((row.place.clone(), domain)),
                Err(_) => self.more += 1,
            }
        }
        let done = marked || is_done(&self.cell(row, Column::Done));
        let id = self.cell(row, Column::Id);
        if id.is_empty() {
            if done {
                return Err(fault(Column::Id, "判定があるのに発話IDがありません".into(), "coded, but without an id".into()));
            }
            return Ok(());
        }
        if let Some(first) = self.seen.insert(id.clone(), row.place.row) {
            return Err(fault(
                Column::Id,
                format!("同じ発話IDが{first}行目にもあります。どちらかを消してください"),
                format!("line {first} has the same id; remove one of them"),
            ));
        }
        self.origin(row)?;
        let notes = self.cell(row, Column::Record).starts_with("要約");
        self.sheet.rows.push(CodedRow {
            row: SheetRow {
                id,
                record: if notes { RecordType::Notes } else { RecordType::Verbatim },
                before: SheetRow::read_before(&self.cell(row, Column::Before)),
                speaker: speaker(&self.cell(row, Column::Speaker)).unwrap_or(Speaker::Unknown),
                text: self.cell(row, Column::Text),
            },
            coding: done.then_some(coding),
            comment: self.cell(row, Column::Comment),
        });
        Ok(())
    }

    /// Whose sheet it is, and of which sample: of the first row that says so.
    fn origin(&mut self, row: &RawRecord) -> Result<()> {
        if self.sheet.coder.is_empty() {
            self.sheet.coder = self.cell(row, Column::Coder);
        }
        if !self.sheet.sample.is_empty() {
            return Ok(());
        }
        let cell = self.cell(row, Column::Version);
        let Some((version, sample)) = cell.strip_prefix('v').and_then(|rest| rest.split_once('-')) else { return Ok(()) };
        if version.parse::<u32>().is_ok_and(|version| version > SHEET_VERSION) {
            let text = Text::new(
                format!(
                    "新しい版の kikitori が書いた表です（この kikitori が読めるのは版{SHEET_VERSION}まで）。kikitori を更新してください"
                ),
                format!("written by a newer kikitori (this one reads version {SHEET_VERSION}); update kikitori"),
            );
            return Err(at(Error::new(ErrorKind::Input, text), &row.place, Some(&Column::Version.title())));
        }
        sample.clone_into(&mut self.sheet.sample);
        Ok(())
    }

    fn finish(self, path: &Path) -> Result<CodedSheet> {
        if let Some((place, domain)) = self.first {
            let (mut ja, mut en) = (
                "判定として読めません。明（求めている）か暗（語っている）と書くか、空けてください".to_owned(),
                "not a sign; write 明 (asked for) or 暗 (told), or leave it empty".to_owned(),
            );
            if self.more > 0 {
                ja.push_str(&format!("（読めないセルはほかに{}か所）", self.more));
                en.push_str(&format!(" ({} more cells cannot be read)", self.more));
            }
            return Err(at(Error::new(ErrorKind::Input, Text::new(ja, en)), &place, Some(&Column::Domain(domain).title())));
        }
        if self.sheet.rows.is_empty() {
            let text = Text::new("見出しだけで、行がありません", "there is a header but no rows");
            return Err(Error::new(ErrorKind::Input, text).at(path, 0));
        }
        Ok(self.sheet)
    }
}

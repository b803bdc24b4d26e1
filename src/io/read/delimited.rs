//! CSV and TSV as call logs export them: a header, quoted cells that hold whole transcripts with line ends, and now and
//! then a quote that nobody closed.
//!
//! The csv crate reads past an unclosed quote to the end of the file; a lost quote must not cost the rest of the night's
//! calls. So lines are assembled here: a quote that turns out not to be closed rejects its row, and reading resumes at
//! the line after the one where it opened.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{ReadOptions, Row, Rows, column_names, no_header, row_of};
use crate::error::{Place, Problem, RejectReason, Result};
use crate::io::encoding::{self, Encoding, Line, Lines};

/// A delimited file after its header.
pub(super) struct Delimited {
    path: PathBuf,
    columns: Vec<Arc<str>>,
    records: Records,
}

impl Delimited {
    pub(super) fn open(path: &Path, encoding: Encoding, options: &ReadOptions) -> Result<Self> {
        let limit = options.line_limit();
        let delimiter = delimiter(path, encoding, limit)?;
        let lines = Lines::open(path, encoding, limit)?;
        let mut records = Records { lines, delimiter, limit, pending: VecDeque::new(), later: String::new(), later_ends: Vec::new() };
        let header = records.next_record().map_err(|e| encoding::unreadable(path, e))?;
        let cells = match header {
            Some(Record { cells, fault: None, .. }) if cells.iter().any(|c| !c.trim().is_empty()) => cells,
            _ => return Err(no_header(path)),
        };
        Ok(Self { path: path.to_owned(), columns: column_names(&cells), records })
    }

    pub(super) fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    fn place(&self, row: u64, column: Option<usize>) -> Place {
        let column = column.and_then(|i| self.columns.get(i)).map(ToString::to_string);
        Place { file: self.path.clone(), row, column }
    }
}

impl Rows for Delimited {
    fn next_row(&mut self) -> Result<Option<Row>> {
        loop {
            let Some(record) = self.records.next_record().map_err(|e| encoding::unreadable(&self.path, e))? else { return Ok(None) };
            let Record { row, mut cells, fault } = record;
            if let Some((reason, cell)) = fault {
                return Ok(Some(Err(Problem { place: self.place(row, cell), reason })));
            }
            // Empty cells beyond the header are a spreadsheet's habit and hold nothing.
            while cells.len() > self.columns.len() && cells.last().is_some_and(|c| c.trim().is_empty()) {
                cells.pop();
            }
            if cells.iter().all(|c| c.trim().is_empty()) {
                continue;
            }
            if cells.len() != self.columns.len() {
                return Ok(Some(Err(Problem { place: self.place(row, None), reason: RejectReason::WrongWidth })));
            }
            if let Some(raw) = row_of(self.place(row, None), &self.columns, cells) {
                return Ok(Some(Ok(raw)));
            }
        }
    }
}

/// The delimiter: tab for `.tsv`, else what the first line has most of.
fn delimiter(path: &Path, encoding: Encoding, limit: usize) -> Result<char> {
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("tsv") || e.eq_ignore_ascii_case("tab")) {
        return Ok('\t');
    }
    let mut lines = Lines::open(path, encoding, limit)?;
    while let Some(line) = lines.next_line().map_err(|e| encoding::unreadable(path, e))? {
        if line.text.trim().is_empty() {
            continue;
        }
        let count = |delimiter: char| line.text.matches(delimiter).count();
        // The comma wins a tie.
        return Ok([',', '\t', ';'].into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(','));
    }
    Err(no_header(path))
}

/// The cells of one record, or what is wrong with it and in which cell.
struct Record {
    row: u64,
    cells: Vec<String>,
    fault: Option<(RejectReason, Option<usize>)>,
}

/// A line set aside.
struct Held {
    number: u64,
    text: String,
    fault: Option<RejectReason>,
}

/// Lines assembled to records.
struct Records {
    lines: Lines,
    delimiter: char,
    limit: usize,
    /// Lines to read again after an unclosed quote.
    pending: VecDeque<Held>,
    /// Lines of the record being assembled after the one where its open quote stands: one text, and where each ends.
    later: String,
    later_ends: Vec<(u64, usize, Option<RejectReason>)>,
}

/// What a line did to the record.
enum Fed {
    Complete,
    Open,
    /// A closing quote with something behind it, on another line than the opening one: the quote belongs to a later row.
    Stray,
}

/// A record being assembled.
struct Assembly {
    delimiter: char,
    cells: Vec<String>,
    cell: String,
    quoted: bool,
    /// The line in which the open quote stands.
    opened: u64,
}

impl Assembly {
    fn feed(&mut self, number: u64, line: &str) -> Fed {
        let mut rest = line;
        loop {
            if self.quoted {
                let Some(at) = rest.find('"') else {
                    self.cell.push_str(rest);
                    self.cell.push('\n');
                    return Fed::Open;
                };
                self.cell.push_str(&rest[..at]);
                rest = &rest[at + 1..];
                if let Some(after) = rest.strip_prefix('"') {
                    self.cell.push('"');
                    rest = after;
                } else if rest.is_empty() {
                    self.quoted = false;
                    self.end_cell();
                    return Fed::Complete;
                } else if let Some(after) = rest.strip_prefix(self.delimiter) {
                    self.quoted = false;
                    self.end_cell();
                    rest = after;
                } else if number == self.opened {
                    // "彼は"はい"と" : a quote that should have been doubled.
                    self.cell.push('"');
                } else {
                    return Fed::Stray;
                }
            } else if let Some(inner) = rest.strip_prefix('"') {
                self.quoted = true;
                self.opened = number;
                rest = inner;
            } else if let Some(at) = rest.find(self.delimiter) {
                self.cell.push_str(&rest[..at]);
                self.end_cell();
                rest = &rest[at + self.delimiter.len_utf8()..];
            } else {
                self.cell.push_str(rest);
                self.end_cell();
                return Fed::Complete;
            }
        }
    }

    fn end_cell(&mut self) {
        self.cells.push(std::mem::take(&mut self.cell));
    }
}

impl Records {
    fn next_record(&mut self) -> std::io::Result<Option<Record>> {
        let mut record = Assembly { delimiter: self.delimiter, cells: Vec::new(), cell: String::new(), quoted: false, opened: 0 };
        let mut first = 0;
        let mut fault: Option<(RejectReason, Option<usize>)> = None;
        loop {
            let reused = self.pending.pop_front();
            let line = match &reused {
                Some(held) => Line { number: held.number, text: &held.text, fault: held.fault },
                None => match self.lines.next_line()? {
                    Some(line) => line,
                    None if first == 0 => return Ok(None),
                    // The file ends inside a quoted cell.
                    None => return Ok(Some(self.give_up(first, &record))),
                },
            };
            if first == 0 && line.text.is_empty() && line.fault.is_none() {
                continue;
            }
            let outcome = record.feed(line.number, line.text);
            if first == 0 {
                first = line.number;
            }
            if line.number == record.opened {
                // A cell opens here: the lines before are settled.
                self.later.clear();
                self.later_ends.clear();
            } else if line.number > first {
                // Kept in case the quote is never closed.
                self.later.push_str(line.text);
                self.later_ends.push((line.number, self.later.len(), line.fault));
            }
            let line_fault = line.fault;
            if let Some(reason) = line_fault {
                fault = fault.or(Some((reason, None)));
            }
            match outcome {
                Fed::Complete => {
                    self.later.clear();
                    self.later_ends.clear();
                    return Ok(Some(Record { row: first, cells: record.cells, fault }));
                }
                Fed::Open if self.later.len() <= self.limit => {}
                Fed::Open | Fed::Stray => return Ok(Some(self.give_up(first, &record))),
            }
        }
    }

    /// Rejects the record and reads the lines after the one with the open quote again.
    fn give_up(&mut self, first: u64, record: &Assembly) -> Record {
        let mut end = self.later.len();
        for (i, (number, _, fault)) in self.later_ends.iter().enumerate().rev() {
            let start = i.checked_sub(1).map_or(0, |before| self.later_ends[before].1);
            self.pending.push_front(Held { number: *number, text: self.later[start..end].to_owned(), fault: *fault });
            end = start;
        }
        self.later.clear();
        self.later_ends.clear();
        let row = if record.opened == 0 { first } else { record.opened };
        Record { row, cells: Vec::new(), fault: Some((RejectReason::UnclosedQuote, Some(record.cells.len()))) }
    }
}

//! Files that are one consultation each: plain text, WebVTT, SRT. The name without extension is the id.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Format, ReadOptions, Row, Rows, cues};
use crate::consultation::intake::{Cell, FILE_ID, FILE_TEXT, FILE_TURNS, RawRecord};
use crate::error::{Place, Problem, RejectReason, Result};
use crate::io::encoding::{self, Encoding, Lines, unreadable};

/// A transcript to be read.
pub(super) struct Transcript {
    path: PathBuf,
    format: Format,
    stated: Option<Encoding>,
    limit: usize,
    done: bool,
}

impl Transcript {
    pub(super) fn new(path: &Path, format: Format, options: &ReadOptions) -> Self {
        Self { path: path.to_owned(), format, stated: options.encoding, limit: options.line_limit(), done: false }
    }

    fn problem(&self, row: u64, reason: RejectReason) -> Row {
        Err(Problem { place: Place { file: self.path.clone(), row, column: None }, reason })
    }

    fn read(&self) -> Result<Row> {
        let bytes = fs::metadata(&self.path).map_err(|e| unreadable(&self.path, e))?.len();
        if bytes == 0 {
            return Ok(self.problem(0, RejectReason::EmptyText));
        }
        if bytes > self.limit as u64 {
            return Ok(self.problem(0, RejectReason::TextTooLong));
        }
        let encoding = match encoding::of_file(&self.path, self.stated) {
            Ok(encoding) => encoding,
            Err(_) if fs::read(&self.path).is_ok_and(|b| b.trim_ascii().is_empty()) => return Ok(self.problem(0, RejectReason::EmptyText)),
            Err(other) => return Err(other),
        };
        let mut lines = Lines::open(&self.path, encoding, self.limit)?;
        let mut text = String::new();
        while let Some(line) = lines.next_line().map_err(|e| unreadable(&self.path, e))? {
            // Half a conversation is not the conversation: one bad line rejects the file.
            if let Some(reason) = line.fault {
                let row = line.number;
                return Ok(self.problem(row, reason));
            }
            text.push_str(line.text);
            text.push('\n');
        }
        let content = match self.format {
            Format::Cues => match cues::parse(&text) {
                cues::Spoken::Turns(turns) => (FILE_TURNS.into(), Cell::Turns(turns)),
                cues::Spoken::Text(text) => (FILE_TEXT.into(), Cell::Text(text)),
                cues::Spoken::Nothing => return Ok(self.problem(0, RejectReason::NoCues)),
            },
            _ => (FILE_TEXT.into(), Cell::Text(text)),
        };
        let id = self.path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let place = Place { file: self.path.clone(), row: 0, column: None };
        Ok(Ok(RawRecord { place, fields: vec![(FILE_ID.into(), Cell::Text(id)), content] }))
    }
}

impl Rows for Transcript {
    fn next_row(&mut self) -> Result<Option<Row>> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(None);
        }
        self.read().map(Some)
    }
}

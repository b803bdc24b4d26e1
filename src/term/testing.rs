//! A small corpus for tests: rows of texts, no lexicon.

use std::collections::BTreeMap;

use super::{TermMatrix, Vocabulary};

/// Counts rows of words as [`super::TermMatrixBuilder`] does.
#[derive(Default)]
pub(crate) struct TextMatrixBuilder {
    rows: Vec<BTreeMap<String, u16>>,
    row: BTreeMap<String, u16>,
}

impl TextMatrixBuilder {
    pub(crate) fn add(&mut self, term: &str) {
        *self.row.entry(term.to_owned()).or_default() += 1;
    }

    pub(crate) fn end_row(&mut self) {
        self.rows.push(std::mem::take(&mut self.row));
    }

    pub(crate) fn finish(self) -> (Vocabulary, TermMatrix) {
        TermMatrix::of_texts(&self.rows)
    }
}

//! `term_frequencies`: how often each call uses each term: the document × word matrix to take away.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::super::column;
use super::super::rows::Rows;
use super::super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use super::by_pseudonym;
use crate::analysis::Analysis;
use crate::error::Result;
use crate::term::TermId;

/// Rows per batch, about: a batch ends with a call.
const BATCH_ROWS: usize = 65_536;

const COLUMNS: &[ColumnSpec] = &[
    column::CONSULTATION_ID,
    ColumnSpec::new("term", ColumnType::Text, Role::Term, "語", "term"),
    ColumnSpec::new(
        "compound",
        ColumnType::Bool,
        Role::Key,
        "辞書にない複合語か（その中の語も別に数えている）",
        "whether it is a compound that no dictionary has; its words are counted, too",
    ),
    ColumnSpec::new("count", ColumnType::Int, Role::Count, "その相談での出現回数", "occurrences in the call"),
];

/// The table.
pub static SPEC: TableSpec = TableSpec {
    name: "term_frequencies",
    zone: Zone::Analyst,
    doc_ja: "語と複合語の出現回数：一行が一件の相談の一つの語",
    doc_en: "a term, word or compound, in a call",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["consultation_id", "term"],
};

/// The rows, in batches, by pseudonym and term.
pub fn batches(analysis: &Analysis) -> impl Iterator<Item = Result<RecordBatch>> + '_ {
    let order = by_pseudonym(analysis);
    let mut next = 0;
    std::iter::from_fn(move || {
        if next == order.len() {
            return None;
        }
        let mut rows = Rows::new(&SPEC);
        while next < order.len() && rows.len() < BATCH_ROWS {
            let row = order[next] as usize;
            let id = analysis.calls[row].id.to_string();
            let (terms, counts) = analysis.matrix.row(row);
            for (term, count) in terms.iter().zip(counts) {
                let term = TermId(*term);
                rows.text(&id).text(analysis.vocabulary.term(term)).bool(analysis.vocabulary.is_compound(term)).int(*count);
            }
            next += 1;
        }
        Some(rows.finish())
    })
}

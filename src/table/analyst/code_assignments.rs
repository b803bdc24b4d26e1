//! `code_assignments`: which codes the coding rules give each call: the flat form of the list in `consultations`.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::super::column;
use super::super::facet::coding_code;
use super::super::rows::Rows;
use super::super::schema::{ColumnSpec, TableSpec, Zone};
use super::by_pseudonym;
use crate::analysis::Analysis;
use crate::error::Result;

/// Rows per batch, about: a batch ends with a call.
const BATCH_ROWS: usize = 65_536;

const COLUMNS: &[ColumnSpec] = &[column::CONSULTATION_ID, column::CODE_ID, column::CODE_NAME];

/// The table.
pub static SPEC: TableSpec = TableSpec {
    name: "code_assignments",
    zone: Zone::Analyst,
    doc_ja: "コーディングルールの結果：一行が一件の相談の一つのコード",
    doc_en: "a code of a call",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["consultation_id", "code_id"],
};

/// The rows, in batches, by pseudonym and code.
pub fn batches(analysis: &Analysis) -> impl Iterator<Item = Result<RecordBatch>> + '_ {
    let order = by_pseudonym(analysis);
    let mut next = 0;
    std::iter::from_fn(move || {
        if next == order.len() {
            return None;
        }
        let mut rows = Rows::new(&SPEC);
        while next < order.len() && rows.len() < BATCH_ROWS {
            let call = &analysis.calls[order[next] as usize];
            if !call.codes.is_empty() {
                let id = call.id.to_string();
                for code in &call.codes {
                    rows.text(&id).text(&coding_code(*code)).text(analysis.codes.name(*code));
                }
            }
            next += 1;
        }
        Some(rows.finish())
    })
}

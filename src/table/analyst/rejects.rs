//! `rejects`: an input row that was not accepted: where it is and why.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::super::rows::Rows;
use super::super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use crate::error::{Problem, Result};

const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::new("file", ColumnType::Text, Role::Id, "入力ファイル", "input file"),
    ColumnSpec::new("row", ColumnType::Int, Role::Measure, "行番号（1から。0はファイル全体）", "row, from 1; 0: the whole file"),
    ColumnSpec::new("column", ColumnType::Text, Role::Id, "列", "column").or_null(),
    ColumnSpec::key("reason", "理由の符号", "code of the reason"),
    ColumnSpec::label("reason_ja", "理由", "the reason, in Japanese"),
];

/// The table.
pub static SPEC: TableSpec = TableSpec {
    name: "rejects",
    zone: Zone::Run,
    doc_ja: "受け付けなかった入力行：一行が一つの行",
    doc_en: "an input row that was not accepted",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["file", "row", "reason"],
};

/// The rows, in the order given.
///
/// # Errors
/// A bug only.
pub fn rows(problems: &[Problem]) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    for problem in problems {
        // Separators differ between systems; a published path does not.
        let file = problem.place.file.to_string_lossy().replace('\\', "/");
        rows.text(&file).int(problem.place.row).text_or_null(problem.place.column.as_deref());
        rows.text(problem.reason.code()).text(&problem.reason.text().ja);
    }
    rows.finish()
}

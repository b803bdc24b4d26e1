//! `codes`: how many calls the coding rules give each code: KH Coder's 単純集計.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::write_interval;
use super::cube::{Slice, Subject};
use super::facet::coding_code;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::error::Result;

const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::key(
        "code_id",
        "コードの番号（ルールファイル内の順、3桁）。ファイルを変えると変わる",
        "number of the code: its place in the rule file, three digits; it changes with the file",
    ),
    column::CODE_NAME,
    ColumnSpec::count(
        "calls",
        "このコードが付いた相談件数（一件に複数のコードが付いてよい）",
        "calls with the code; a call can have several",
    ),
    ColumnSpec::status("calls_status"),
    ColumnSpec::count("n", "全相談件数", "all calls"),
    ColumnSpec::status("n_status"),
    ColumnSpec::measure("share", "calls ÷ n", "calls / n"),
    column::SHARE_LOW,
    column::SHARE_HIGH,
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "codes",
    zone: Zone::Dashboard,
    doc_ja: "コーディングルールのコード：一行が一つのコード",
    doc_en: "a code of the coding rules",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["code_id"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let (cube, codes) = (&overview.cube, &overview.analysis.codes);
    let n = cube.get(Subject::All, Slice::ALL);
    for id in codes.ids() {
        let calls = cube.get(Subject::Code(id), Slice::ALL);
        rows.text(&coding_code(id)).text(codes.name(id)).count(calls).count(n).float(calls.share_of(n));
        write_interval(&mut rows, calls, n);
    }
    rows.finish()
}

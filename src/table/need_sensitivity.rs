//! `need_sensitivity`: how many calls would have each latent need, were τ another.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::write_interval;
use super::cube::{Slice, Subject};
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use crate::error::Result;
use crate::need::NeedDomain;

const COLUMNS: &[ColumnSpec] = &[
    column::NEED,
    column::NEED_LABEL,
    ColumnSpec::new(
        "tau",
        ColumnType::Float,
        Role::Key,
        "τ：潜在とみなす、暗示の手がかりの重みの和の下限",
        "τ: the sum of the weights of implicit cues from which a need is latent",
    ),
    ColumnSpec::new(
        "in_use",
        ColumnType::Bool,
        Role::Label,
        "この実行のほかの表で使っているτか",
        "whether it is the τ of the other tables of this run",
    ),
    ColumnSpec::count("count", "そのτのとき、このニーズが潜在する相談件数", "calls in which the need is latent at that τ"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "全相談件数", "all calls"),
    ColumnSpec::status("n_status"),
    column::SHARE,
    column::SHARE_LOW,
    column::SHARE_HIGH,
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "need_sensitivity",
    zone: Zone::Dashboard,
    doc_ja: "τの感度：τを変えたとき、それぞれのニーズが潜在する相談の件数",
    doc_en: "sensitivity to τ: calls in which each need would be latent at other values of τ",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["need", "tau"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let cube = &overview.cube;
    let n = cube.get(Subject::All, Slice::ALL);
    for domain in NeedDomain::ALL {
        for (at, tau) in overview.nested.taus.iter().enumerate() {
            let count = overview.nested.latent[domain.index()][at];
            rows.text(domain.code()).text(domain.label_ja()).float(Some(*tau)).bool(*tau == overview.analysis.tau);
            rows.count(count).count(n).float(count.share_of(n));
            write_interval(&mut rows, count, n);
        }
    }
    rows.finish()
}

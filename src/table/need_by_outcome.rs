//! `need_by_outcome`: how calls that express each need ended (転帰).

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::cross;
use super::cube::{Expression, Subject};
use super::facet::FacetKind;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::error::Result;
use crate::need::NeedDomain;

const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::key(
        "level",
        "outcome：転帰、connected：つながったか",
        "outcome: the recorded outcome; connected: whether the caller was connected",
    ),
    ColumnSpec::key(
        "code",
        "転帰の符号、または yes・no・open。missing は記載なし",
        "code of the outcome, or yes, no, open; missing: not recorded",
    ),
    ColumnSpec::label("label_ja", "転帰の名前", "name of the outcome"),
    ColumnSpec::key("connected", "つながったか。yes、no、open、missing", "whether the caller was connected: yes, no, open, missing"),
    column::NEED,
    column::NEED_LABEL,
    column::EXPRESSION,
    ColumnSpec::count("count", "その転帰の、そのニーズを表した相談件数", "calls with the outcome that express the need"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "その転帰の相談件数", "calls with the outcome"),
    ColumnSpec::status("n_status"),
    column::SHARE,
    column::SHARE_LOW,
    column::SHARE_HIGH,
    column::RESIDUAL,
    column::P_VALUE,
    column::Q_VALUE,
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "need_by_outcome",
    zone: Zone::Dashboard,
    doc_ja: "転帰×ニーズ領域の件数と偏り",
    doc_en: "calls per outcome and need domain, with deviation",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["level", "code", "need", "expression"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let cube = &overview.cube;
    let levels = [("outcome", cube.finer(FacetKind::Connected)), ("connected", cube.facet(FacetKind::Connected))];
    for (level, facet) in levels.into_iter().filter_map(|(level, facet)| Some((level, facet?))) {
        for expression in Expression::CROSSED {
            let subjects = NeedDomain::ALL.map(|d| Subject::Need(d, expression));
            for cell in cross(cube, facet, &subjects) {
                let (value, domain) = (&facet.values[cell.value], NeedDomain::ALL[cell.subject]);
                rows.text(level).text(&value.code).text(&value.label_ja).text(cube.coarse_code(facet, cell.value));
                rows.text(domain.code()).text(domain.label_ja()).text(expression.code());
                cell.write_counts(&mut rows);
                cell.write_interval(&mut rows);
                cell.write_tests(&mut rows);
            }
        }
    }
    rows.finish()
}

//! `theme_by_need`: how needs meet themes.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::cross;
use super::cube::{Expression, Slice, Subject};
use super::facet::FacetKind;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::error::Result;
use crate::need::NeedDomain;
use crate::stat::crosstab::lift;

const COLUMNS: &[ColumnSpec] = &[
    column::THEME_ID,
    column::THEME_LABEL,
    column::NEED,
    column::NEED_LABEL,
    column::EXPRESSION,
    ColumnSpec::count("count", "そのテーマの、そのニーズを表した相談件数", "calls of the theme that express the need"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "そのテーマの相談件数", "calls of the theme"),
    ColumnSpec::status("n_status"),
    column::SHARE,
    column::SHARE_LOW,
    column::SHARE_HIGH,
    ColumnSpec::measure("lift", "リフト：独立のときの何倍か", "lift: how many times as often as independence says"),
    column::RESIDUAL,
    column::P_VALUE,
    column::Q_VALUE,
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "theme_by_need",
    zone: Zone::Dashboard,
    doc_ja: "相談テーマ×ニーズ領域の件数とリフト",
    doc_en: "calls per theme and need domain, with lift",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["theme_id", "need", "expression"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let cube = &overview.cube;
    let all = cube.get(Subject::All, Slice::ALL);
    let Some(facet) = cube.facet(FacetKind::Theme) else { return rows.finish() };
    for expression in Expression::CROSSED {
        let subjects = NeedDomain::ALL.map(|d| Subject::Need(d, expression));
        for cell in cross(cube, facet, &subjects) {
            let (theme, domain) = (&facet.values[cell.value], NeedDomain::ALL[cell.subject]);
            let of_need = cube.get(subjects[cell.subject], Slice::ALL);
            let lift = match (cell.count.value(), cell.n.value(), of_need.value(), all.value()) {
                (Some(both), Some(theme), Some(need), Some(all)) => lift(both, theme, need, all),
                _ => None,
            };
            rows.text(&theme.code).text(&theme.label_ja).text(domain.code()).text(domain.label_ja()).text(expression.code());
            cell.write_counts(&mut rows);
            cell.write_interval(&mut rows);
            rows.float(lift);
            cell.write_tests(&mut rows);
        }
    }
    rows.finish()
}

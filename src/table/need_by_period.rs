//! `need_by_period`: how many calls expressed each need in each month and 年度.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::write_interval;
use super::cube::{Subject, crossed_needs};
use super::facet::FacetKind;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use crate::disclose::Shown;
use crate::error::Result;
use chrono::NaiveDate;

const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::key("period_type", "month：月、fiscal_year：年度（4月から3月）", "month, or fiscal_year (April to March)"),
    ColumnSpec::key(
        "period",
        "月（2024-04）または年度（2024）。missing は受付日なし",
        "month (2024-04) or fiscal year (2024); missing: no date",
    ),
    ColumnSpec::label("period_label_ja", "期間の名前", "name of the period"),
    ColumnSpec::new("period_start", ColumnType::Date, Role::Measure, "期間の初日", "first day of the period").or_null(),
    column::NEED,
    column::NEED_LABEL,
    column::EXPRESSION,
    ColumnSpec::count("count", "その期間の、そのニーズを表した相談件数", "calls in the period that express the need"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "その期間の相談件数", "calls in the period"),
    ColumnSpec::status("n_status"),
    column::SHARE,
    column::SHARE_LOW,
    column::SHARE_HIGH,
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "need_by_period",
    zone: Zone::Dashboard,
    doc_ja: "期間（月・年度）×ニーズ領域の件数",
    doc_en: "calls per period (month and fiscal year) and need domain",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["period_type", "period", "need", "expression"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let cube = &overview.cube;
    for kind in [FacetKind::FiscalYear, FacetKind::Month] {
        let Some(facet) = cube.facet(kind) else { continue };
        for value in 0..facet.values.len() {
            let slice = cube.slice(facet, value);
            let n = cube.get(Subject::All, slice);
            let v = &facet.values[value];
            // A period without calls is a point of the series; calls without a date are a row only where there are any.
            if v.start.is_none() && n == Shown::Zero {
                continue;
            }
            for (domain, expression) in crossed_needs() {
                rows.text(&facet.name).text(&v.code).text(&v.label_ja);
                rows.date(v.start.and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1)));
                let count = cube.get(Subject::Need(domain, expression), slice);
                rows.text(domain.code()).text(domain.label_ja()).text(expression.code());
                rows.count(count).count(n).float(count.share_of(n));
                write_interval(&mut rows, count, n);
            }
        }
    }
    rows.finish()
}

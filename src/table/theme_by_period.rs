//! `theme_by_period`: how many calls of each theme came in each month and 年度.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::cube::Subject;
use super::facet::FacetKind;
use super::label::ThemeLabels;
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
    column::THEME_ID,
    column::THEME_LABEL,
    ColumnSpec::count("count", "その期間の、そのテーマの相談件数", "calls of the theme in the period"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "その期間の相談件数", "calls in the period"),
    ColumnSpec::status("n_status"),
    column::SHARE,
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "theme_by_period",
    zone: Zone::Dashboard,
    doc_ja: "期間（月・年度）×相談テーマの件数",
    doc_en: "calls per period (month and fiscal year) and theme",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["period_type", "period", "theme_id"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let cube = &overview.cube;
    let labels = ThemeLabels::new(overview.analysis, overview.threshold);
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
            for theme in cube.themes() {
                rows.text(&facet.name).text(&v.code).text(&v.label_ja);
                rows.date(v.start.and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1)));
                let count = cube.get(Subject::Theme(theme), slice);
                rows.text(labels.code(theme)).text(labels.get(theme)).count(count).count(n).float(count.share_of(n));
            }
        }
    }
    rows.finish()
}

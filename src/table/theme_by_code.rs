//! `theme_by_code`: how the analyst's codes meet the themes that were found.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::cross;
use super::cube::{Slice, Subject};
use super::facet::{FacetKind, coding_code};
use super::label::ThemeLabels;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::error::Result;
use crate::stat::crosstab::lift;

const COLUMNS: &[ColumnSpec] = &[
    column::THEME_ID,
    column::THEME_LABEL,
    column::CODE_ID,
    column::CODE_NAME,
    ColumnSpec::count("count", "そのテーマの、そのコードが付いた相談件数", "calls of the theme with the code"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "そのテーマの相談件数", "calls of the theme"),
    ColumnSpec::status("n_status"),
    column::SHARE,
    column::RESIDUAL,
    column::P_VALUE,
    ColumnSpec::measure(
        "q_value",
        "Benjamini–Hochbergのq値（公表セル全体を一つの検定の族とする）",
        "Benjamini–Hochberg q-value; the family is the shown cells",
    ),
    ColumnSpec::measure("lift", "リフト：独立のときの何倍か", "lift: how many times as often as independence says"),
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "theme_by_code",
    zone: Zone::Dashboard,
    doc_ja: "相談テーマ×コーディングルールのコードの件数と偏り",
    doc_en: "calls per theme and code of the coding rules, with deviation",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["theme_id", "code_id"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let (cube, codes) = (&overview.cube, &overview.analysis.codes);
    let labels = ThemeLabels::new(overview.analysis, overview.threshold);
    let Some(facet) = cube.facet(FacetKind::Theme) else { return rows.finish() };
    let ids: Vec<_> = codes.ids().collect();
    let subjects: Vec<Subject> = ids.iter().map(|id| Subject::Code(*id)).collect();
    let all = cube.get(Subject::All, Slice::ALL).value();
    let themes: Vec<_> = cube.themes().collect();
    for cell in cross(cube, facet, &subjects) {
        // The last value is "no theme".
        let Some(theme) = themes.get(cell.value) else { continue };
        let total = cube.get(subjects[cell.subject], Slice::ALL).value();
        let lift = match (cell.count.value(), cell.n.value(), total, all) {
            (Some(both), Some(theme), Some(code), Some(all)) => lift(both, theme, code, all),
            _ => None,
        };
        let id = ids[cell.subject];
        rows.text(labels.code(*theme)).text(labels.get(*theme)).text(&coding_code(id)).text(codes.name(id));
        cell.write_counts(&mut rows);
        cell.write_tests(&mut rows);
        rows.float(lift);
    }
    rows.finish()
}

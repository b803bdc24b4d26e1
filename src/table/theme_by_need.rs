//! `theme_by_need`: how needs meet themes.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::cube::{Slice, Subject, crossed_needs};
use super::facet::FacetKind;
use super::label::ThemeLabels;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::error::Result;
use crate::stat::crosstab::lift;

const COLUMNS: &[ColumnSpec] = &[
    column::THEME_ID,
    column::THEME_LABEL,
    ColumnSpec::key("need", "ニーズ領域の符号", "code of the need domain"),
    ColumnSpec::label("need_label_ja", "ニーズ領域の名前", "name of the need domain"),
    ColumnSpec::key(
        "expression",
        "表出のしかた。any：明示または暗示、latent：潜在（暗示され、明示も記録もされていない）",
        "how it is expressed. any: asked for or told; latent: told, but neither asked for nor recorded",
    ),
    ColumnSpec::count("count", "そのテーマの、そのニーズを表した相談件数", "calls of the theme that express the need"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "そのテーマの相談件数", "calls of the theme"),
    ColumnSpec::status("n_status"),
    column::SHARE,
    ColumnSpec::measure("lift", "リフト：独立のときの何倍か", "lift: how many times as often as independence says"),
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
    let labels = ThemeLabels::new(overview.analysis, overview.threshold);
    let all = cube.get(Subject::All, Slice::ALL);
    let Some(facet) = cube.facet(FacetKind::Theme) else { return rows.finish() };
    for (value, theme) in cube.themes().enumerate() {
        let n = cube.get(Subject::Theme(theme), Slice::ALL);
        for (domain, expression) in crossed_needs() {
            let subject = Subject::Need(domain, expression);
            let count = cube.get(subject, cube.slice(facet, value));
            let margins = (count.value(), n.value(), cube.get(subject, Slice::ALL).value(), all.value());
            let lift = match margins {
                (Some(both), Some(theme), Some(need), Some(all)) => lift(both, theme, need, all),
                _ => None,
            };
            rows.text(labels.code(theme)).text(labels.get(theme));
            rows.text(domain.code()).text(domain.label_ja()).text(expression.code());
            rows.count(count).count(n).float(count.share_of(n)).float(lift);
        }
    }
    rows.finish()
}

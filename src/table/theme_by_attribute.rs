//! `theme_by_attribute`: which callers bring which theme.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::cross;
use super::cube::Subject;
use super::label::ThemeLabels;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::error::Result;

const COLUMNS: &[ColumnSpec] = &[
    column::ATTRIBUTE,
    column::ATTRIBUTE_LABEL,
    column::VALUE,
    column::VALUE_LABEL,
    column::THEME_ID,
    column::THEME_LABEL,
    ColumnSpec::count("count", "その属性値の、そのテーマの相談件数", "calls with the value and the theme"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "その属性値の相談件数", "calls with the value"),
    ColumnSpec::status("n_status"),
    column::SHARE,
    column::RESIDUAL,
    column::P_VALUE,
    column::Q_VALUE,
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "theme_by_attribute",
    zone: Zone::Dashboard,
    doc_ja: "属性値×相談テーマの件数と偏り。属性はプロファイルの全属性と、記録種別・年度・地域・疾患群",
    doc_en: "calls per attribute value and theme, with deviation; all attributes of the profile, record type, fiscal year, region, disease group",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["attribute", "code", "theme_id"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let labels = ThemeLabels::new(overview.analysis, overview.threshold);
    let mut rows = Rows::new(&SPEC);
    let cube = &overview.cube;
    for facet in cube.facets().iter().filter(|f| f.is_attribute()) {
        let subjects: Vec<Subject> = cube.themes().map(Subject::Theme).collect();
        for cell in cross(cube, facet, &subjects) {
            let (value, Subject::Theme(theme)) = (&facet.values[cell.value], subjects[cell.subject]) else { continue };
            rows.text(&facet.name).text(&facet.label_ja).text(&value.code).text(&value.label_ja);
            rows.text(labels.code(theme)).text(labels.get(theme));
            cell.write_counts(&mut rows);
            cell.write_tests(&mut rows);
        }
    }
    rows.finish()
}

//! `theme_by_outcome`: how calls of each theme ended (転帰).

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::cross;
use super::cube::Subject;
use super::facet::FacetKind;
use super::label::ThemeLabels;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::error::Result;

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
    column::THEME_ID,
    column::THEME_LABEL,
    ColumnSpec::count("count", "その転帰の、そのテーマの相談件数", "calls with the outcome and the theme"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "その転帰の相談件数", "calls with the outcome"),
    ColumnSpec::status("n_status"),
    column::SHARE,
    column::RESIDUAL,
    column::P_VALUE,
    column::Q_VALUE,
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "theme_by_outcome",
    zone: Zone::Dashboard,
    doc_ja: "転帰×相談テーマの件数と偏り",
    doc_en: "calls per outcome and theme, with deviation",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["level", "code", "theme_id"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let labels = ThemeLabels::new(overview.analysis, overview.threshold);
    let mut rows = Rows::new(&SPEC);
    let cube = &overview.cube;
    let levels = [("outcome", cube.finer(FacetKind::Connected)), ("connected", cube.facet(FacetKind::Connected))];
    for (level, facet) in levels.into_iter().filter_map(|(level, facet)| Some((level, facet?))) {
        let subjects: Vec<Subject> = cube.themes().map(Subject::Theme).collect();
        for cell in cross(cube, facet, &subjects) {
            let (value, Subject::Theme(theme)) = (&facet.values[cell.value], subjects[cell.subject]) else { continue };
            rows.text(level).text(&value.code).text(&value.label_ja).text(cube.coarse_code(facet, cell.value));
            rows.text(labels.code(theme)).text(labels.get(theme));
            cell.write_counts(&mut rows);
            cell.write_tests(&mut rows);
        }
    }
    rows.finish()
}

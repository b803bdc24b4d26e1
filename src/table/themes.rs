//! `themes`: what people call about.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::write_interval;
use super::cube::{Slice, Subject};
use super::label::ThemeLabels;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::error::Result;

const COLUMNS: &[ColumnSpec] = &[
    column::THEME_ID,
    ColumnSpec::label(
        "theme_label_ja",
        "相談テーマの名前（相談者の言い回し、なければ特徴語から）",
        "name of the theme: a phrase its callers use, or its keywords",
    ),
    ColumnSpec::key("group_id", "上位群の番号（3桁）", "number of the group above it, three digits"),
    ColumnSpec::label("group_label_ja", "上位群の名前", "name of the group"),
    ColumnSpec::label("keywords_ja", "特徴語（強い順、「、」区切り）", "distinctive terms, strongest first, separated by 、"),
    ColumnSpec::count("calls", "このテーマを主とする相談件数", "calls whose main theme it is"),
    ColumnSpec::status("calls_status"),
    ColumnSpec::count("n", "全相談件数", "all calls"),
    ColumnSpec::status("n_status"),
    ColumnSpec::measure("share", "calls ÷ n", "calls / n"),
    column::SHARE_LOW,
    column::SHARE_HIGH,
    ColumnSpec::measure("coherence", "特徴語のNPMI一貫性（−1から1）", "NPMI coherence of its keywords, −1 to 1"),
    ColumnSpec::measure(
        "stability",
        "再標本化したときの再現性（平均Jaccard、0から1）",
        "mean Jaccard with the best-matching theme of resampled fits, 0 to 1",
    ),
    ColumnSpec::measure("map_x", "地図の横位置（−1から1）", "position on the map, −1 to 1"),
    ColumnSpec::measure("map_y", "地図の縦位置（−1から1）", "position on the map, −1 to 1"),
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "themes",
    zone: Zone::Dashboard,
    doc_ja: "相談テーマ：一行が一つのテーマ",
    doc_en: "a theme",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["theme_id"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let (cube, model) = (&overview.cube, &overview.analysis.model);
    let labels = ThemeLabels::new(overview.analysis, overview.threshold);
    let n = cube.get(Subject::All, Slice::ALL);
    for (theme, id) in model.themes.iter().zip(cube.themes()) {
        let calls = cube.get(Subject::Theme(id), Slice::ALL);
        let group = labels.group(theme.group);
        rows.text(labels.code(id)).text(labels.get(id)).text(&format!("{:03}", theme.group)).text(group);
        rows.text(&overview.keywords(usize::from(id.0)).join("、")).count(calls).count(n).float(calls.share_of(n));
        write_interval(&mut rows, calls, n);
        rows.float(Some(theme.coherence)).float(Some(theme.stability)).float(Some(theme.x)).float(Some(theme.y));
    }
    rows.finish()
}

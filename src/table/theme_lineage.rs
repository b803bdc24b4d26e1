//! `theme_lineage`: how the themes of this model follow from those of the model before.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::label::{ThemeLabels, may_be_named, theme_code};
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::error::Result;

const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::key(
        "previous_theme_id",
        "前のモデルでの相談テーマの番号（3桁）。新しく現れたテーマはNULL",
        "number of the theme in the model before, three digits; NULL: the theme appeared",
    )
    .or_null(),
    ColumnSpec::label("previous_theme_label_ja", "前のモデルでの名前", "its name in the model before"),
    ColumnSpec::key(
        "theme_id",
        "相談テーマの番号（3桁）。なくなったテーマはNULL",
        "number of the theme, three digits; NULL: the theme vanished",
    )
    .or_null(),
    ColumnSpec::label("theme_label_ja", "相談テーマの名前", "name of the theme"),
    column::RELATION,
    ColumnSpec::measure(
        "share_of_previous",
        "前のテーマの相談のうち、いまこのテーマにあるものの割合（0.01刻み。小さい件数が分かるときはNULL）",
        "share of the old theme's calls that are in this theme now, in hundredths; NULL where it would tell a small count",
    ),
    ColumnSpec::measure(
        "share_of_theme",
        "このテーマの相談のうち、前のテーマにあったものの割合（同上）",
        "share of this theme's calls that were in the old theme; as above",
    ),
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "theme_lineage",
    zone: Zone::Dashboard,
    doc_ja: "相談テーマの系譜：前のモデルのどのテーマが、いまのどのテーマに続くか。fit --from で作ったモデルを使ったときだけ行がある",
    doc_en: "which theme of the model before goes on as which theme; rows only where a model made by fit --from is used",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["previous_theme_id", "theme_id"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let analysis = overview.analysis;
    let labels = ThemeLabels::new(analysis, overview.threshold);
    for descent in &analysis.model.lineage {
        // An old label is made of words, too, and these may be rare by now.
        let safe = descent.previous_label.split('・').all(|term| may_be_named(analysis, overview.threshold, term));
        let theme = analysis.model.themes.iter().find(|theme| Some(theme.number) == descent.theme);
        rows.text_or_null(descent.previous.map(theme_code).as_deref()).text(if safe { &descent.previous_label } else { "" });
        rows.text_or_null(descent.theme.map(theme_code).as_deref()).text(theme.map_or("", |theme| labels.get(theme.id)));
        rows.text(descent.relation.code()).float(descent.share_of_previous).float(descent.share_of_theme);
    }
    rows.finish()
}

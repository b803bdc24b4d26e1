//! `keywords`: which words are a theme's own, and which are frequent.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::label::ThemeLabels;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use crate::error::Result;

const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::key("theme_id", "相談テーマの番号（3桁）。all は全相談", "number of the theme, three digits; all: all calls"),
    column::THEME_LABEL,
    ColumnSpec::new("rank", ColumnType::Int, Role::Measure, "強い順の順位（1から）", "rank, 1 for the strongest"),
    ColumnSpec::new("term", ColumnType::Text, Role::Term, "語", "term"),
    ColumnSpec::count("count", "その語が現れた相談件数", "calls that use the term"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "テーマの相談件数（all は全相談）", "calls of the theme (all: all calls)"),
    ColumnSpec::status("n_status"),
    column::SHARE,
    ColumnSpec::measure(
        "c_tf_idf",
        "クラスTF-IDF（Grootendorst 2022）。all の行はNULL",
        "class-based tf-idf (Grootendorst 2022); NULL for all",
    ),
    ColumnSpec::measure(
        "g2",
        "特徴度：対数尤度比G²（Dunning 1993、相談件数による。負は他より少ない）",
        "keyness: log-likelihood ratio G² (Dunning 1993) over calls; negative: less than elsewhere",
    ),
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "keywords",
    zone: Zone::Dashboard,
    doc_ja: "語の統計：一行が一つの語（テーマごと、または全相談）。公表の下限以上の相談に現れた語だけ",
    doc_en: "a term, per theme or overall; only terms that enough calls use",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["theme_id", "rank"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let labels = ThemeLabels::new(overview.analysis, overview.threshold);
    for scope in &overview.terms.scopes {
        let (code, label) = labels.scope(scope.theme);
        for (rank, keyword) in (1..).zip(&scope.keywords) {
            let rank: i32 = rank;
            rows.text(code).text(label).int(rank).text(overview.analysis.vocabulary.term(keyword.term));
            rows.count(keyword.count).count(scope.n).float(keyword.count.share_of(scope.n));
            rows.float(keyword.c_tf_idf).float(keyword.g2);
        }
    }
    rows.finish()
}

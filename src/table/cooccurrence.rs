//! `cooccurrence`: which words are used in the same calls.

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
    ColumnSpec::new("term_a", ColumnType::Text, Role::Term, "語（符号順で先）", "term, the first in code point order"),
    ColumnSpec::new("term_b", ColumnType::Text, Role::Term, "語（符号順で後）", "the other term"),
    ColumnSpec::count("count", "両方の語が現れた相談件数", "calls that use both"),
    ColumnSpec::status("count_status"),
    ColumnSpec::measure("jaccard", "Jaccard係数", "Jaccard index"),
    ColumnSpec::measure("pmi", "自己相互情報量（ビット）", "pointwise mutual information in bits"),
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "cooccurrence",
    zone: Zone::Dashboard,
    doc_ja: "共起：一行が一組の語（テーマごとに最も強い60組、全相談で200組）。公表の下限以上の相談に共に現れた組だけ",
    doc_en: "a pair of terms: the 60 strongest per theme and 200 overall; only pairs that enough calls use",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["theme_id", "rank"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let labels = ThemeLabels::new(overview.analysis, overview.threshold);
    let vocabulary = &overview.analysis.vocabulary;
    for scope in &overview.terms.scopes {
        let (code, label) = labels.scope(scope.theme);
        for (rank, edge) in (1..).zip(&scope.edges) {
            let rank: i32 = rank;
            rows.text(code).text(label).int(rank).text(vocabulary.term(edge.terms.0)).text(vocabulary.term(edge.terms.1));
            rows.count(edge.count).float(edge.jaccard).float(edge.pmi);
        }
    }
    rows.finish()
}

//! `quality`: how far the figures can be trusted.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::cube::{Slice, Subject};
use super::emerging_terms::emerging_calls;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use crate::disclose::Shown;
use crate::error::Result;

const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::key("metric", "指標の符号", "code of the metric"),
    ColumnSpec::new(
        "themes",
        ColumnType::Int,
        Role::Measure,
        "テーマ数の候補（テーマ数の選択曲線の行だけ）",
        "candidate number of themes, in the rows of the choice curve",
    )
    .or_null(),
    ColumnSpec::label("label_ja", "指標の名前", "name of the metric"),
    ColumnSpec::label("label_en", "指標の英語名", "English name of the metric"),
    ColumnSpec::count("count", "件数の指標の値", "the value of a metric that is a count"),
    ColumnSpec::status("count_status"),
    ColumnSpec::measure("value", "件数でない指標の値", "the value of a metric that is not a count"),
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "quality",
    zone: Zone::Dashboard,
    doc_ja: "品質：一行が一つの指標",
    doc_en: "a figure of merit of the run",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["metric", "themes"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let (cube, quality) = (&overview.cube, &overview.analysis.fit.quality);
    let calls = cube.get(Subject::All, Slice::ALL);
    let unassigned = cube.get(Subject::NoTheme, Slice::ALL);
    let rejected = u32::try_from(overview.facts.rejected).unwrap_or(u32::MAX);
    let read = calls.value().map_or(Shown::Suppressed, |calls| overview.threshold.primary(calls.saturating_add(rejected)));
    // Read less accepted is rejected: hidden together.
    let rejected = overview.threshold.primary(rejected);
    let read = read.hidden_with(rejected);
    let emerging = emerging_calls(overview.analysis, overview.threshold);
    for (metric, ja, en, count) in [
        ("calls", "受け付けた相談件数", "calls accepted", calls),
        ("rows_read", "読んだ行数", "rows read", read),
        ("rows_rejected", "受け付けなかった行数", "rows rejected", rejected),
        ("calls_without_theme", "テーマのない相談件数", "calls without a theme", unassigned),
        ("emerging_calls", "モデルで説明しきれない相談件数", "calls that the model does not explain", emerging),
    ] {
        rows.text(metric).int_or_null(None).text(ja).text(en).count(count).float(None);
    }
    let themes = overview.analysis.model.themes.len();
    for (metric, ja, en, value) in [
        ("reject_rate", "受け付けなかった行の割合", "share of rows rejected", rejected.share_of(read)),
        ("coverage", "テーマのある相談の割合", "share of calls with a theme", unassigned.share_of(calls).map(|s| 1.0 - s)),
        ("emerging_share", "モデルで説明しきれない相談の割合", "share of calls that the model does not explain", emerging.share_of(calls)),
        ("themes", "テーマ数", "number of themes", Some(themes as f64)),
        (
            "stability",
            "テーマの安定性（種を変えたときの平均ARI、モデルの適用では再現性の平均）",
            "mean ARI between seeds; of an applied model its themes' mean",
            Some(quality.stability),
        ),
        ("coherence", "特徴語の一貫性（平均NPMI）", "mean NPMI coherence", Some(quality.npmi)),
        ("diversity", "特徴語の多様性（重ならない語の割合）", "share of distinct keywords", Some(quality.diversity)),
        ("silhouette", "テーマの離れ方（平均シルエット係数）", "mean silhouette of the calls", quality.silhouette),
    ] {
        rows.text(metric).int_or_null(None).text(ja).text(en).no_count().float(value);
    }
    for candidate in &quality.curve {
        for (metric, ja, en, value) in [
            ("curve_stability", "テーマ数の選択：安定性", "choice of the number of themes: stability", candidate.stability),
            ("curve_coherence", "テーマ数の選択：一貫性", "choice of the number of themes: coherence", candidate.npmi),
            ("curve_score", "テーマ数の選択：評価値", "choice of the number of themes: score", candidate.score),
        ] {
            rows.text(metric).int(candidate.themes).text(ja).text(en).no_count().float(Some(value));
        }
    }
    rows.finish()
}

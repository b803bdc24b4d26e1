//! `need_lineage`: how the discovered needs of this model follow from those of the model before.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::discovered_needs::domain;
use super::label::{may_be_named, need_code, need_label};
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::error::Result;

const COLUMNS: &[ColumnSpec] = &[
    column::NEED_OR_EMERGING,
    column::NEED_LABEL,
    ColumnSpec::key(
        "previous_discovered_id",
        "前のモデルでの領域の中の番号（2桁）。新しく現れたニーズはNULL",
        "its number in the model before, two digits; NULL: the need appeared",
    )
    .or_null(),
    ColumnSpec::label("previous_discovered_label_ja", "前のモデルでの名前", "its name in the model before"),
    ColumnSpec::key(
        "discovered_id",
        "領域の中の番号（2桁）。なくなったニーズはNULL",
        "number within the domain, two digits; NULL: the need vanished",
    )
    .or_null(),
    column::DISCOVERED_LABEL,
    column::RELATION,
    ColumnSpec::measure(
        "share_of_previous",
        "前のニーズの文のうち、いまこのニーズにあるものの割合（0.01刻み。小さい件数が分かるときはNULL）",
        "share of the old need's sentences that are in this one now, in hundredths; NULL where it would tell a small count",
    ),
    ColumnSpec::measure(
        "share_of_need",
        "このニーズの文のうち、前のニーズにあったものの割合（同上）",
        "share of this need's sentences that were in the old one; as above",
    ),
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "need_lineage",
    zone: Zone::Dashboard,
    doc_ja: "見つかったニーズの系譜：前のモデルのどのニーズが、いまのどのニーズに続くか。fit --from で作ったモデルを使ったときだけ行がある",
    doc_en: "which discovered need of the model before goes on as which; rows only where a model made by fit --from is used",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["need", "previous_discovered_id", "discovered_id"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let (analysis, threshold) = (overview.analysis, overview.threshold);
    for discovery in &analysis.discovered.domains {
        let (code, label) = domain(discovery.domain);
        for descent in &discovery.model.lineage {
            // An old label is made of words, too, and these may be rare by now.
            let safe = descent.previous_label.split('・').all(|term| may_be_named(analysis, threshold, term));
            let need = discovery.model.themes.iter().position(|need| Some(need.number) == descent.theme);
            let now = need.map(|need| need_label(analysis, threshold, discovery, need)).unwrap_or_default();
            rows.text(code).text(label);
            rows.text_or_null(descent.previous.map(need_code).as_deref()).text(if safe { &descent.previous_label } else { "" });
            rows.text_or_null(descent.theme.map(need_code).as_deref()).text(&now);
            rows.text(descent.relation.code()).float(descent.share_of_previous).float(descent.share_of_theme);
        }
    }
    rows.finish()
}

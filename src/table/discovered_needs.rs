//! `discovered_needs`: what, concretely, callers want, lack or fear within each domain.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::write_interval;
use super::cube::{Slice, Subject};
use super::label::{need_code, need_keywords, need_label};
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::discover::DomainDiscovery;
use crate::error::Result;
use crate::need::NeedDomain;

/// The code where no domain explains the statements.
const EMERGING: (&str, &str) = ("emerging", "どの領域でもないもの");

/// Keywords that are named.
const KEYWORDS: usize = 10;

const COLUMNS: &[ColumnSpec] = &[
    column::NEED_OR_EMERGING,
    column::NEED_LABEL,
    column::DISCOVERED_ID,
    column::DISCOVERED_LABEL,
    ColumnSpec::label("keywords_ja", "特徴語（強い順、「、」区切り）", "keywords, strongest first"),
    ColumnSpec::count("statements", "このニーズを語った文の数", "sentences that express it"),
    ColumnSpec::status("statements_status"),
    ColumnSpec::count("calls", "このニーズを表した相談件数", "calls that express it"),
    ColumnSpec::status("calls_status"),
    ColumnSpec::count("n", "全相談件数", "all calls"),
    ColumnSpec::status("n_status"),
    ColumnSpec::measure("share", "calls ÷ n", "calls / n"),
    column::SHARE_LOW,
    column::SHARE_HIGH,
    ColumnSpec::count(
        "latent_calls",
        "このニーズを表し、その領域が潜在している相談件数",
        "calls that express it and in which its domain is latent",
    ),
    ColumnSpec::status("latent_calls_status"),
    ColumnSpec::measure("latent_share", "latent_calls ÷ calls", "latent_calls / calls"),
    ColumnSpec::measure(
        "stability",
        "再標本化したときの再現性（平均Jaccard、0から1）",
        "how well it comes back under resampling: mean Jaccard, 0 to 1",
    ),
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "discovered_needs",
    zone: Zone::Dashboard,
    doc_ja: "領域の中に見つかったニーズ：ニーズを語った文を、語によってまとめたもの",
    doc_en: "needs discovered within the domains: clusters of the sentences that express a need",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["need", "discovered_id"],
};

/// Code and name of the domain.
pub(super) fn domain(of: Option<NeedDomain>) -> (&'static str, &'static str) {
    of.map_or(EMERGING, |domain| (domain.code(), domain.label_ja()))
}

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let cube = &overview.cube;
    let n = cube.get(Subject::All, Slice::ALL);
    for (at, (discovery, need)) in overview.analysis.discovered.needs().enumerate() {
        let DomainDiscovery { model, .. } = discovery;
        let (code, label) = domain(discovery.domain);
        let [calls, latent] = overview.nested.discovered[at];
        let statements = u32::try_from(discovery.statements(need).count()).unwrap_or(u32::MAX);
        let statements = overview.threshold.primary(statements).hidden_with(calls);
        let mut keywords = need_keywords(overview.analysis, overview.threshold, discovery, need);
        keywords.truncate(KEYWORDS);
        rows.text(code).text(label).text(&need_code(model.themes[need].number));
        rows.text(&need_label(overview.analysis, overview.threshold, discovery, need)).text(&keywords.join("、"));
        rows.count(statements).count(calls).count(n).float(calls.share_of(n));
        write_interval(&mut rows, calls, n);
        rows.count(latent).float(latent.share_of(calls)).float(Some(model.themes[need].stability));
    }
    rows.finish()
}

//! `needs`: what callers want, lack or fear.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::write_interval;
use super::cube::{Expression, Slice, Subject};
use super::facet::FacetKind;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::disclose::Shown;
use crate::error::Result;
use crate::need::NeedDomain;

/// Value of an outcome that connected the caller to nothing, in the column `connected` of its code list.
const NOT_CONNECTED: &str = "no";

const COLUMNS: &[ColumnSpec] = &[
    column::NEED,
    column::NEED_LABEL,
    ColumnSpec::label("need_label_en", "ニーズ領域の英語名", "English name of the need domain"),
    ColumnSpec::count("mentions", "このニーズの表出数（一件の相談に複数あってよい）", "mentions of the need; a call can have several"),
    ColumnSpec::status("mentions_status"),
    ColumnSpec::count("n", "全相談件数", "all calls"),
    ColumnSpec::status("n_status"),
    ColumnSpec::count("calls", "このニーズを表した相談件数（明示または暗示）", "calls that express the need, asked for or told"),
    ColumnSpec::status("calls_status"),
    ColumnSpec::measure("share", "calls ÷ n", "calls / n"),
    column::SHARE_LOW,
    column::SHARE_HIGH,
    ColumnSpec::count("explicit_calls", "明示した（依頼・質問した）相談件数", "calls that ask for it"),
    ColumnSpec::status("explicit_calls_status"),
    ColumnSpec::measure("explicit_share", "explicit_calls ÷ n", "explicit_calls / n"),
    ColumnSpec::measure("explicit_share_low", "同 95%信頼区間の下限（Wilson 1927）", "lower end of its 95 % interval (Wilson 1927)"),
    ColumnSpec::measure("explicit_share_high", "同 上限", "upper end of it"),
    ColumnSpec::count("implicit_calls", "暗示した（困難・不安などを語った）相談件数", "calls that tell of it"),
    ColumnSpec::status("implicit_calls_status"),
    ColumnSpec::measure("implicit_share", "implicit_calls ÷ n", "implicit_calls / n"),
    ColumnSpec::measure("implicit_share_low", "同 95%信頼区間の下限（Wilson 1927）", "lower end of its 95 % interval (Wilson 1927)"),
    ColumnSpec::measure("implicit_share_high", "同 上限", "upper end of it"),
    ColumnSpec::count(
        "latent_calls",
        "潜在している（暗示され、明示も記録もされていない）相談件数",
        "calls in which it is latent: told, but neither asked for nor recorded",
    ),
    ColumnSpec::status("latent_calls_status"),
    ColumnSpec::measure("latent_share", "latent_calls ÷ n", "latent_calls / n"),
    ColumnSpec::measure("latent_share_low", "同 95%信頼区間の下限（Wilson 1927）", "lower end of its 95 % interval (Wilson 1927)"),
    ColumnSpec::measure("latent_share_high", "同 上限", "upper end of it"),
    ColumnSpec::count(
        "unmet_calls",
        "このニーズを表し、どこにもつながらずに終わった（転帰が情報提供のみ・傾聴のみなど）相談件数",
        "calls that express it and whose outcome connected the caller to nothing",
    ),
    ColumnSpec::status("unmet_calls_status"),
    ColumnSpec::measure("unmet_share", "unmet_calls ÷ calls", "unmet_calls / calls"),
    ColumnSpec::measure("unmet_share_low", "同 95%信頼区間の下限（Wilson 1927）", "lower end of its 95 % interval (Wilson 1927)"),
    ColumnSpec::measure("unmet_share_high", "同 上限", "upper end of it"),
    ColumnSpec::count(
        "latent_unmet_calls",
        "このニーズが潜在し、どこにもつながらずに終わった相談件数",
        "calls in which it is latent and whose outcome connected the caller to nothing",
    ),
    ColumnSpec::status("latent_unmet_calls_status"),
    ColumnSpec::measure("latent_unmet_share", "latent_unmet_calls ÷ latent_calls", "latent_unmet_calls / latent_calls"),
    ColumnSpec::measure("latent_unmet_share_low", "同 95%信頼区間の下限（Wilson 1927）", "lower end of its 95 % interval (Wilson 1927)"),
    ColumnSpec::measure("latent_unmet_share_high", "同 上限", "upper end of it"),
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "needs",
    zone: Zone::Dashboard,
    doc_ja: "ニーズ領域：一行が一つの領域",
    doc_en: "a need domain",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["need"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let cube = &overview.cube;
    let n = cube.get(Subject::All, Slice::ALL);
    let unconnected = cube.facet(FacetKind::Connected).and_then(|facet| {
        let value = facet.values.iter().position(|v| v.code == NOT_CONNECTED)?;
        Some(cube.slice(facet, value))
    });
    for domain in NeedDomain::ALL {
        let calls = Expression::ALL.map(|e| cube.get(Subject::Need(domain, e), Slice::ALL));
        let mentions: u64 = overview.analysis.calls.iter().map(|c| u64::from(c.needs.mentions[domain.index()])).sum();
        let mentions = overview.threshold.primary(u32::try_from(mentions).unwrap_or(u32::MAX)).hidden_with(calls[0]);
        rows.text(domain.code()).text(domain.label_ja()).text(domain.label_en()).count(mentions).count(n);
        for calls in calls {
            rows.count(calls).float(calls.share_of(n));
            write_interval(&mut rows, calls, n);
        }
        for expression in Expression::CROSSED {
            let subject = Subject::Need(domain, expression);
            // A profile without outcomes publishes none.
            let whole = cube.get(subject, Slice::ALL);
            let unmet = unconnected.map_or(Shown::Suppressed, |slice| cube.get(subject, slice));
            rows.count(unmet).float(unmet.share_of(whole));
            write_interval(&mut rows, unmet, whole);
        }
    }
    rows.finish()
}

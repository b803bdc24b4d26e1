//! `disease_share`: which diseases people call about.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::write_interval;
use super::cube::{Slice, Subject};
use super::facet::FacetKind;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::error::Result;
use crate::morphology::DiseaseCodes;

const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::key("level", "group：疾患群、disease：疾患", "group or disease"),
    ColumnSpec::key("disease_group", "疾患群。missing は疾患の記載なし", "group of the disease; missing: none found"),
    ColumnSpec::key("disease", "疾患の標準名。群の行では空", "canonical name of the disease; empty in the row of a group"),
    ColumnSpec::label("label_en", "英語名", "English name"),
    ColumnSpec::key("icdo3", "ICD-O-3形態コード（確かめられないものは空）", "ICD-O-3 morphology; empty where not verified"),
    ColumnSpec::key("rarecare_tier1", "RARECAREnet 第1層", "RARECAREnet tier 1"),
    ColumnSpec::key("rarecare_tier2", "RARECAREnet 第2層", "RARECAREnet tier 2"),
    ColumnSpec::key("ncrc_organ", "希少がん分類 臓器群（A）", "NCRC rare cancer list: organ group (A)"),
    ColumnSpec::key("ncrc_histology", "希少がん分類 組織型群（B）", "NCRC rare cancer list: histology group (B)"),
    ColumnSpec::count("count", "その疾患の相談件数", "calls with the disease"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "全相談件数", "all calls"),
    ColumnSpec::status("n_status"),
    column::SHARE,
    column::SHARE_LOW,
    column::SHARE_HIGH,
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "disease_share",
    zone: Zone::Dashboard,
    doc_ja: "疾患割合：一行が一つの疾患または疾患群（一件の相談に複数あってよい）",
    doc_en: "a disease or a group of diseases; a call can have several",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["level", "disease_group", "disease"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let cube = &overview.cube;
    let n = cube.get(Subject::All, Slice::ALL);
    for (level, kind) in [("group", FacetKind::DiseaseGroup), ("disease", FacetKind::Disease)] {
        let Some(facet) = cube.facet(kind) else { continue };
        for (at, value) in facet.values.iter().enumerate() {
            // "None found" is one row, among the groups.
            if kind == FacetKind::Disease && at == facet.missing() {
                continue;
            }
            let count = cube.get(Subject::All, cube.slice(facet, at));
            let codes = value.concept.and_then(|id| overview.analysis.concepts.get(id).codes.as_ref());
            let code = |of: fn(&DiseaseCodes) -> &String| codes.map_or("", |c| of(c));
            let name = if kind == FacetKind::Disease { value.code.as_str() } else { "" };
            rows.text(level).text(cube.coarse_code(facet, at)).text(name).text(&value.label_en);
            rows.text(code(|c| &c.icdo3)).text(code(|c| &c.rarecare_tier1)).text(code(|c| &c.rarecare_tier2));
            rows.text(code(|c| &c.ncrc_organ)).text(code(|c| &c.ncrc_histology));
            rows.count(count).count(n).float(count.share_of(n));
            write_interval(&mut rows, count, n);
        }
    }
    rows.finish()
}

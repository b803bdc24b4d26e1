//! `code_by_attribute`: which callers' calls have which code: KH Coder's cross-tabulation of codes and a variable.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::{Crossed, cross};
use super::cube::Subject;
use super::facet::coding_code;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use crate::error::Result;
use crate::stat::crosstab::chi_square;

const COLUMNS: &[ColumnSpec] = &[
    column::ATTRIBUTE,
    column::ATTRIBUTE_LABEL,
    column::VALUE,
    column::VALUE_LABEL,
    column::CODE_ID,
    column::CODE_NAME,
    ColumnSpec::count("count", "その属性値の、そのコードが付いた相談件数", "calls with the value and the code"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "その属性値の相談件数", "calls with the value"),
    ColumnSpec::status("n_status"),
    column::SHARE,
    column::RESIDUAL,
    column::P_VALUE,
    column::Q_VALUE,
    ColumnSpec::measure(
        "chi2",
        "属性とコードの有無のクロス表のχ²値（Pearson、連続性の補正なし）。同じ属性・コードの行では同じ値。\
         公表セルだけから計算する。一件が複数の値をとる属性ではNULL",
        "Pearson's χ² of attribute × with or without the code, no continuity correction; the same in all rows of an \
         attribute and code. From shown cells alone; NULL where a call can have several values of the attribute",
    ),
    ColumnSpec::new("chi2_df", ColumnType::Int, Role::Measure, "その自由度", "its degrees of freedom").or_null(),
    ColumnSpec::measure("chi2_p_value", "そのp値", "its p-value"),
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "code_by_attribute",
    zone: Zone::Dashboard,
    doc_ja: "属性値×コーディングルールのコードの件数と偏り。属性はプロファイルの全属性と、記録種別・年度・地域・疾患群",
    doc_en: "calls per attribute value and code of the coding rules, with deviation; all attributes of the profile, record type, fiscal year, region, disease group",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["attribute", "code", "code_id"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let (cube, codes) = (&overview.cube, &overview.analysis.codes);
    let ids: Vec<_> = codes.ids().collect();
    let subjects: Vec<Subject> = ids.iter().map(|id| Subject::Code(*id)).collect();
    for facet in cube.facets().iter().filter(|f| f.is_attribute()) {
        let cells = cross(cube, facet, &subjects);
        let tests: Vec<Option<(f64, u32, f64)>> = (0..subjects.len())
            .map(|subject| facet.is_partition(&overview.analysis.profile).then(|| test(&cells, subject)).flatten())
            .collect();
        for cell in &cells {
            let (value, id) = (&facet.values[cell.value], ids[cell.subject]);
            rows.text(&facet.name).text(&facet.label_ja).text(&value.code).text(&value.label_ja);
            rows.text(&coding_code(id)).text(codes.name(id));
            cell.write_counts(&mut rows);
            cell.write_tests(&mut rows);
            let test = tests[cell.subject];
            rows.float(test.map(|t| t.0)).int_or_null(test.and_then(|t| t.1.try_into().ok())).float(test.map(|t| t.2));
        }
    }
    rows.finish()
}

/// χ² of with and without the code × the values whose two counts are shown.
fn test(cells: &[Crossed], subject: usize) -> Option<(f64, u32, f64)> {
    let shown = cells.iter().filter(|c| c.subject == subject).filter_map(|c| Some((c.count.value()?, c.n.value()?)));
    let (with, without): (Vec<u32>, Vec<u32>) = shown.map(|(count, n)| (count, n.saturating_sub(count))).unzip();
    chi_square(&[with, without])
}

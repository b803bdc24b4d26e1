//! `need_by_attribute`: which callers have which need.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::cross;
use super::cube::{Expression, Subject};
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::error::Result;
use crate::need::NeedDomain;

const COLUMNS: &[ColumnSpec] = &[
    column::ATTRIBUTE,
    column::ATTRIBUTE_LABEL,
    column::VALUE,
    column::VALUE_LABEL,
    column::NEED,
    column::NEED_LABEL,
    column::EXPRESSION,
    ColumnSpec::count("count", "その属性値の、そのニーズを表した相談件数", "calls with the value that express the need"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "その属性値の相談件数", "calls with the value"),
    ColumnSpec::status("n_status"),
    column::SHARE,
    column::SHARE_LOW,
    column::SHARE_HIGH,
    column::RESIDUAL,
    column::P_VALUE,
    column::Q_VALUE,
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "need_by_attribute",
    zone: Zone::Dashboard,
    doc_ja: "属性値×ニーズ領域の件数と偏り。属性はプロファイルの全属性と、記録種別・年度・地域・疾患群",
    doc_en: "calls per attribute value and need domain, with deviation; all attributes of the profile, record type, fiscal year, region, disease group",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["attribute", "code", "need", "expression"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let cube = &overview.cube;
    for facet in cube.facets().iter().filter(|f| f.is_attribute()) {
        for expression in Expression::CROSSED {
            let subjects = NeedDomain::ALL.map(|d| Subject::Need(d, expression));
            for cell in cross(cube, facet, &subjects) {
                let (value, domain) = (&facet.values[cell.value], NeedDomain::ALL[cell.subject]);
                rows.text(&facet.name).text(&facet.label_ja).text(&value.code).text(&value.label_ja);
                rows.text(domain.code()).text(domain.label_ja()).text(expression.code());
                cell.write_counts(&mut rows);
                cell.write_interval(&mut rows);
                cell.write_tests(&mut rows);
            }
        }
    }
    rows.finish()
}

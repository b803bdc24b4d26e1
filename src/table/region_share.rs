//! `region_share`: where people call from.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::column;
use super::crossing::write_interval;
use super::cube::{Slice, Subject};
use super::facet::FacetKind;
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use crate::error::Result;

const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::key("level", "prefecture：都道府県、region：地域", "prefecture or region"),
    ColumnSpec::key(
        "code",
        "都道府県番号（JIS X 0401、2桁）または地域名。missing は記載なし",
        "number of the prefecture (JIS X 0401, two digits) or name of the region; missing: not recorded",
    ),
    ColumnSpec::label("label_ja", "名前", "name"),
    ColumnSpec::label("label_en", "英語名", "English name"),
    ColumnSpec::key("region", "地域", "region"),
    ColumnSpec::new("tile_x", ColumnType::Int, Role::Measure, "升目地図の列（左から0）", "column on the tile map, from 0 at the left")
        .or_null(),
    ColumnSpec::new("tile_y", ColumnType::Int, Role::Measure, "升目地図の行（上から0）", "row on the tile map, from 0 at the top")
        .or_null(),
    ColumnSpec::count("count", "相談件数", "calls"),
    ColumnSpec::status("count_status"),
    ColumnSpec::count("n", "全相談件数", "all calls"),
    ColumnSpec::status("n_status"),
    column::SHARE,
    column::SHARE_LOW,
    column::SHARE_HIGH,
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "region_share",
    zone: Zone::Dashboard,
    doc_ja: "地域別：一行が一つの都道府県または地域",
    doc_en: "a prefecture or a region",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["level", "code"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let cube = &overview.cube;
    let n = cube.get(Subject::All, Slice::ALL);
    let levels = [("prefecture", cube.finer(FacetKind::Region)), ("region", cube.facet(FacetKind::Region))];
    for (level, facet) in levels.into_iter().filter_map(|(level, facet)| Some((level, facet?))) {
        for (at, value) in facet.values.iter().enumerate() {
            let count = cube.get(Subject::All, cube.slice(facet, at));
            let tile = |axis: &str| value.extra.get(axis).and_then(|t| t.parse::<i32>().ok());
            rows.text(level).text(&value.code).text(&value.label_ja).text(&value.label_en).text(cube.coarse_code(facet, at));
            rows.int_or_null(tile("tile_x")).int_or_null(tile("tile_y")).count(count).count(n).float(count.share_of(n));
            write_interval(&mut rows, count, n);
        }
    }
    rows.finish()
}

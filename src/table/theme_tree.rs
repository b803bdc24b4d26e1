//! `theme_tree`: themes, the groups above them and the parts of the big ones.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use super::cube::{Slice, Subject};
use super::label::{ThemeLabels, sub_keywords};
use super::overview::Overview;
use super::rows::Rows;
use super::schema::{ColumnSpec, TableSpec, Zone};
use crate::error::Result;

const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::key(
        "node_id",
        "節の番号。群はgと3桁、テーマは3桁、小テーマはテーマの番号と点と順番（007.1）",
        "number of the node: g and three digits for a group, three digits for a theme, theme, point and place for a sub-theme (007.1)",
    ),
    ColumnSpec::key("level", "group：群、theme：相談テーマ、sub：小テーマ", "group, theme or sub"),
    ColumnSpec::key("parent_id", "上の節の番号。群はNULL", "node above; NULL for groups").or_null(),
    ColumnSpec::label("label_ja", "名前", "name"),
    ColumnSpec::label(
        "keywords_ja",
        "特徴語（強い順、「、」区切り）。小テーマでは、同じテーマのほかの小テーマとの違い。群は空",
        "distinctive terms, strongest first; of a sub-theme against the others of its theme; empty for groups",
    ),
    ColumnSpec::count("calls", "相談件数", "calls"),
    ColumnSpec::status("calls_status"),
    ColumnSpec::measure("share", "calls ÷ 上の節の件数（群では全相談）", "calls / calls of the node above, of a group: of all calls"),
    ColumnSpec::measure(
        "stability",
        "再現性。テーマは再標本化したときの平均Jaccard、小テーマは分け方の平均ARI（Hubert & Arabie 1985）。群はNULL",
        "of a theme mean Jaccard of resampled fits, of sub-themes mean ARI (Hubert & Arabie 1985) of resampled splits; NULL for groups",
    ),
];

/// The table.
pub(super) static SPEC: TableSpec = TableSpec {
    name: "theme_tree",
    zone: Zone::Dashboard,
    doc_ja: "相談テーマの木：群、相談テーマ、大きなテーマの中の小テーマ",
    doc_en: "the tree of themes: groups, themes, and sub-themes of big themes",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["node_id"],
};

pub(super) fn rows(overview: &Overview<'_>) -> Result<RecordBatch> {
    let mut rows = Rows::new(&SPEC);
    let (cube, model) = (&overview.cube, &overview.analysis.model);
    let labels = ThemeLabels::new(overview.analysis, overview.threshold);
    let calls = |subject| cube.get(subject, Slice::ALL);
    let (all, group_code) = (calls(Subject::All), |group: usize| format!("g{group:03}"));
    for (group, id) in (0u16..).take(model.groups.len()).enumerate() {
        let n = calls(Subject::Group(group));
        rows.text(&group_code(group)).text("group").text_or_null(None).text(labels.group(id)).text("");
        rows.count(n).float(n.share_of(all)).float(None);
    }
    for (theme, id) in model.themes.iter().zip(cube.themes()) {
        let (n, group) = (calls(Subject::Theme(id)), usize::from(theme.group));
        rows.text(labels.code(id)).text("theme").text(&group_code(group)).text(labels.get(id));
        rows.text(&overview.keywords(usize::from(id.0)).join("、"));
        rows.count(n).float(n.share_of(calls(Subject::Group(group)))).float(Some(theme.stability));
    }
    for (i, sub) in model.subs.iter().enumerate() {
        let n = calls(Subject::Sub(i));
        rows.text(labels.sub_code(i)).text("sub").text(labels.code(sub.theme)).text(labels.sub(i));
        rows.text(&sub_keywords(overview.analysis, overview.threshold, i).join("、"));
        rows.count(n).float(n.share_of(calls(Subject::Theme(sub.theme)))).float(Some(sub.stability));
    }
    rows.finish()
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::Int32Type;

    use super::*;
    use crate::disclose::Threshold;
    use crate::table::{RunFacts, testing};

    #[test]
    fn parts_add_up_to_what_is_above_and_small_ones_are_not_given_back() {
        for (calls, themes) in [(2000, 6), (150, 4), (60, 3)] {
            let analysis = testing::analysis(5, calls, themes);
            let overview = Overview::new(&analysis, Threshold::default(), RunFacts::default());
            let batch = rows(&overview).unwrap();
            let text = |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>().clone();
            let (nodes, parents, status) = (text("node_id"), text("parent_id"), text("calls_status"));
            let counts = batch.column_by_name("calls").unwrap().as_primitive::<Int32Type>().clone();
            let value = |row: usize| (!counts.is_null(row)).then(|| counts.value(row));
            assert_eq!(batch.num_rows(), usize::from(themes.div_ceil(2) + themes) + analysis.model.subs.len());
            for row in 0..batch.num_rows() {
                let children: Vec<usize> =
                    (0..batch.num_rows()).filter(|c| !parents.is_null(*c) && parents.value(*c) == nodes.value(row)).collect();
                let hidden = children.iter().filter(|c| status.value(**c) == "suppressed").count();
                if children.is_empty() {
                    continue;
                }
                if let (Some(total), 0) = (value(row), hidden) {
                    assert_eq!(children.iter().map(|c| value(*c).unwrap_or(0)).sum::<i32>(), total, "{}", nodes.value(row));
                }
                // One hidden part of a total that is shown would be known by subtraction.
                assert!(value(row).is_none() || hidden != 1, "{} of {calls} calls", nodes.value(row));
            }
        }
    }
}

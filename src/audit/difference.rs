//! Night after night: what does the difference of two publications tell?

use super::cell::{CellName, cells};
use super::finding::{Finding, FindingKind};
use super::protection::Protection;
use super::published::Table;

/// Counts that both publications show and that differ by a small number: so many calls came, or went, in between.
///
/// Themes, groups and terms are compared only where the themes are the same in both (a model that is applied, not made anew).
pub(super) fn differences(new: &[Table], old: &[Table], protection: Protection) -> Vec<Finding> {
    let (before, after) = (cells(old), cells(new));
    let same_themes = names_of_themes(new) == names_of_themes(old);
    let comparable = |name: &&CellName| same_themes || !(of_themes(&name.subject) || of_themes(&name.slice));
    let mut findings = Vec::new();
    for name in after.keys().filter(comparable) {
        let (Some(new), Some(old)) = (&after[name].value, before.get(name).and_then(|cell| cell.value)) else { continue };
        if protection.is_small((new - old).abs()) {
            let (table, column) = &after[name].place;
            let mut finding = Finding::at(FindingKind::Difference, table, column, 0);
            finding.cell = name.to_string();
            finding.interval = Some((new - old, new - old));
            findings.push(finding);
        }
    }
    findings
}

fn of_themes(name: &str) -> bool {
    ["theme=", "group=", "sub=", "found", "statements="].iter().any(|start| name.starts_with(start))
}

fn names_of_themes(tables: &[Table]) -> Vec<(String, String)> {
    let themes = tables.iter().filter(|t| t.name == "themes");
    themes.flat_map(|t| (0..t.rows).map(|row| (t.text("theme_id", row).to_owned(), t.text("theme_label_ja", row).to_owned()))).collect()
}

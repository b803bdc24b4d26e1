//! What stands in the tables in the open: small counts, numbers computed from hidden ones, text and identifiers.

use std::sync::LazyLock;

use regex::Regex;

use super::finding::{Finding, FindingKind};
use super::protection::Protection;
use super::published::{Column, Table, Values};

/// Characters of a name or keyword at most: one part between ・ and 、. Free text is longer, or has a full stop.
const LONGEST_NAME: usize = 60;

/// The roles that columns of a dashboard table may have.
const ROLES: [&str; 5] = ["key", "label", "count", "measure", "term"];

/// Counts, and the columns computed from them.
const DERIVED: &[(&str, &[&str])] = &[
    ("count", &["share", "share_low", "share_high", "adjusted_residual", "p_value", "q_value", "lift", "c_tf_idf", "g2", "jaccard", "pmi"]),
    ("calls", &["share", "share_low", "share_high"]),
    ("explicit_calls", &["explicit_share", "explicit_share_low", "explicit_share_high"]),
    ("implicit_calls", &["implicit_share", "implicit_share_low", "implicit_share_high"]),
    ("latent_calls", &["latent_share", "latent_share_low", "latent_share_high"]),
    ("unmet_calls", &["unmet_share", "unmet_share_low", "unmet_share_high"]),
    ("latent_unmet_calls", &["latent_unmet_share", "latent_unmet_share_low", "latent_unmet_share_high"]),
    ("n", &["share", "share_low", "share_high", "adjusted_residual", "p_value", "q_value", "lift", "g2"]),
];

/// A pseudonym, a mail address, a telephone number.
static IDENTIFIER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"c[0-9a-f]{32}|[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+\.[0-9A-Za-z.-]+|0\d{1,4}[-‐－ー(（]\d{1,4}[-‐－ー)）]\d{3,4}|\b0\d{9,10}\b")
        .ok()
});

/// Looks at every value of every dashboard table.
pub(super) fn look(tables: &[Table], protection: Protection) -> Vec<Finding> {
    let mut findings = Vec::new();
    for table in tables {
        for column in &table.columns {
            let at = |kind, row| Finding::at(kind, &table.name, &column.name, row);
            let flat = !matches!(column.values, Values::Lists(_) | Values::Other);
            if !flat || !(ROLES.contains(&column.role.as_str()) || column.role.is_empty()) {
                findings.push(at(FindingKind::FreeText, 0));
            }
            match &column.values {
                Values::Int(values) if is_count(table, column) => {
                    let small = values.iter().enumerate().filter(|(_, v)| v.is_some_and(|v| protection.is_small(v)));
                    findings.extend(small.map(|(row, _)| at(FindingKind::SmallCount, row + 1)));
                }
                Values::Text(values) => findings.extend(values.iter().enumerate().filter_map(|(row, v)| {
                    let value = v.as_deref()?;
                    if column.name == "run_id" {
                        return None;
                    }
                    if IDENTIFIER.as_ref().is_some_and(|identifier| identifier.is_match(value)) {
                        return Some(at(FindingKind::Identifier, row + 1));
                    }
                    is_free(value).then(|| at(FindingKind::FreeText, row + 1))
                })),
                _ => {}
            }
        }
        findings.extend(derived(table));
    }
    findings
}

/// A count: its file says so, or a status stands beside it.
fn is_count(table: &Table, column: &Column) -> bool {
    column.role == "count" || table.column(&format!("{}_status", column.name)).is_some()
}

fn is_free(value: &str) -> bool {
    let long = value.split(['・', '、']).any(|part| part.chars().count() > LONGEST_NAME);
    long || value.contains(['。', '？', '！', '\n'])
}

/// Numbers beside a hidden count that were computed from it.
fn derived(table: &Table) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (count, numbers) in DERIVED.iter().filter(|(count, _)| table.column(count).is_some()) {
        for number in *numbers {
            for row in (0..table.rows).filter(|row| table.int(count, *row).is_none() && table.float(number, *row).is_some()) {
                findings.push(Finding::at(FindingKind::Derived, &table.name, number, row + 1));
            }
        }
    }
    findings
}

/// The whole numbers that a printed share of a known base allows for a hidden count, per table, column of the count and row.
pub(super) fn told_by_shares(tables: &[Table]) -> Vec<(&Table, &'static str, usize, (i64, i64))> {
    /// Half of the last printed decimal.
    const ROUNDING: f64 = 5.1e-7;
    let mut told = Vec::new();
    for table in tables {
        for (count, share) in
            [("count", "share"), ("calls", "share"), ("explicit_calls", "explicit_share"), ("implicit_calls", "implicit_share")]
        {
            for row in (0..table.rows).filter(|row| table.column(count).is_some() && table.int(count, *row).is_none()) {
                if let (Some(share), Some(n)) = (table.float(share, row), table.int("n", row)) {
                    let n = n as f64;
                    told.push((table, count, row, (((share - ROUNDING) * n).ceil() as i64, ((share + ROUNDING) * n).floor() as i64)));
                }
            }
        }
    }
    told
}

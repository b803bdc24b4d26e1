//! What holds for every dashboard table.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int32Type};
use proptest::prelude::*;

use super::schema::{Role, TableSpec, Zone};
use super::{ColumnType, DASHBOARD, Overview, RunFacts, all_specs, testing};
use crate::disclose::Threshold;

fn column<'b>(batch: &'b RecordBatch, name: &str) -> &'b ArrayRef {
    batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"))
}

fn int(batch: &RecordBatch, name: &str, row: usize) -> Option<i32> {
    let values = column(batch, name).as_primitive::<Int32Type>();
    (!values.is_null(row)).then(|| values.value(row))
}

fn text<'b>(batch: &'b RecordBatch, name: &str, row: usize) -> &'b str {
    column(batch, name).as_string::<i32>().value(row)
}

fn float(batch: &RecordBatch, name: &str, row: usize) -> Option<f64> {
    let values = column(batch, name).as_primitive::<Float64Type>();
    (!values.is_null(row)).then(|| values.value(row))
}

/// No count from 1 to threshold − 1; each status says what the count is.
fn check_counts(spec: &TableSpec, batch: &RecordBatch, threshold: Threshold) {
    for column in spec.columns.iter().filter(|c| c.role == Role::Count) {
        for row in 0..batch.num_rows() {
            let count = int(batch, &column.name, row);
            assert!(count.is_none_or(|c| c == 0 || c >= threshold.get() as i32), "{}.{} shows {count:?}", spec.name, column.name);
            let status = text(batch, &format!("{}_status", column.name), row);
            let fits = match status {
                "published" => count.is_some_and(|c| c > 0),
                "zero" => count == Some(0),
                "suppressed" => count.is_none(),
                "missing" => count.is_none() && spec.name == "quality",
                _ => false,
            };
            assert!(fits, "{}.{}: {count:?} is not {status}", spec.name, column.name);
        }
    }
}

/// What is derived from a hidden count is NULL.
fn check_derived(spec: &TableSpec, batch: &RecordBatch) {
    let derived: &[(&str, &[&str])] = &[
        (
            "count",
            &["share", "share_low", "share_high", "adjusted_residual", "p_value", "q_value", "lift", "c_tf_idf", "g2", "jaccard", "pmi"],
        ),
        ("calls", &["share", "share_low", "share_high"]),
        ("explicit_calls", &["explicit_share", "explicit_share_low", "explicit_share_high"]),
        ("implicit_calls", &["implicit_share", "implicit_share_low", "implicit_share_high"]),
        ("latent_calls", &["latent_share", "latent_share_low", "latent_share_high"]),
        ("unmet_calls", &["unmet_share", "unmet_share_low", "unmet_share_high"]),
        ("latent_unmet_calls", &["latent_unmet_share", "latent_unmet_share_low", "latent_unmet_share_high"]),
        ("n", &["share", "share_low", "share_high", "adjusted_residual", "p_value", "q_value", "lift", "g2", "latent_share"]),
    ];
    for (count, measures) in derived {
        if spec.name == "quality" || spec.position(count).is_none() {
            continue;
        }
        for measure in measures.iter().filter(|m| spec.position(m).is_some()) {
            for row in (0..batch.num_rows()).filter(|r| int(batch, count, *r).is_none()) {
                assert_eq!(float(batch, measure, row), None, "{}.{measure} of a hidden {count}", spec.name);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_small_count_in_any_dashboard_table(seed: u64, calls in 0usize..400, themes in 1u16..6, rejected in 0u64..30) {
        let analysis = testing::analysis(seed, calls, themes);
        let threshold = Threshold::default();
        let overview = Overview::new(&analysis, threshold, RunFacts { rejected });
        for table in DASHBOARD {
            let batch = (table.rows)(&overview).unwrap();
            check_counts(table.spec, &batch, threshold);
            check_derived(table.spec, &batch);
        }
    }

    /// Themes make up all calls, in all and in each value: one hidden theme must not be the difference.
    #[test]
    fn totals_give_no_theme_back(seed: u64, calls in 20usize..600, themes in 2u16..6) {
        let analysis = testing::analysis(seed, calls, themes);
        let overview = Overview::new(&analysis, Threshold::default(), RunFacts::default());
        for table in DASHBOARD.iter().filter(|t| ["theme_by_attribute", "theme_by_period", "theme_by_outcome"].contains(&t.spec.name)) {
            let batch = (table.rows)(&overview).unwrap();
            let keys: Vec<&str> = table.spec.sort.iter().copied().filter(|k| *k != "theme_id").collect();
            let mut groups: std::collections::BTreeMap<Vec<&str>, Vec<usize>> = std::collections::BTreeMap::new();
            for row in 0..batch.num_rows() {
                groups.entry(keys.iter().map(|k| text(&batch, k, row)).collect()).or_default().push(row);
            }
            for (key, rows) in groups {
                let Some(total) = int(&batch, "n", rows[0]) else { continue };
                let known: i32 = rows.iter().filter_map(|r| int(&batch, "count", *r)).sum();
                let rest = total - known;
                prop_assert!(rest == 0 || rest >= 10, "{} {key:?}: {rest} calls are hidden or without a theme", table.spec.name);
            }
        }
    }
}

#[test]
fn a_large_corpus_is_mostly_shown() {
    let analysis = testing::analysis(7, 6_000, 4);
    let overview = Overview::new(&analysis, Threshold::default(), RunFacts { rejected: 20 });
    let rows = |name: &str| (DASHBOARD.iter().find(|t| t.spec.name == name).unwrap().rows)(&overview).unwrap();
    let themes = rows("themes");
    assert_eq!(themes.num_rows(), 4);
    assert!((0..4).all(|r| int(&themes, "calls", r).is_some()));
    // Shares are counts over n, to six decimals.
    let expected = f64::from(int(&themes, "calls", 0).unwrap()) / 6_000.0;
    assert!((float(&themes, "share", 0).unwrap() - expected).abs() < 1e-6);
    // Six thousand calls over three 年度, and no call is counted twice.
    let period = rows("theme_by_period");
    let years: i32 = (0..period.num_rows())
        .filter(|r| text(&period, "period_type", *r) == "fiscal_year" && text(&period, "theme_id", *r) == "000")
        .map(|r| int(&period, "n", r).unwrap())
        .sum();
    assert_eq!(years, 6_000);
    let attribute = rows("theme_by_attribute");
    let covered: std::collections::BTreeSet<&str> = (0..attribute.num_rows()).map(|r| text(&attribute, "attribute", r)).collect();
    for name in ["caller_kind", "site", "outcome", "reason", "record_type", "fiscal_year", "region", "disease_group"] {
        assert!(covered.contains(name), "{name} is not among {covered:?}");
    }
    let outcome = rows("need_by_outcome");
    assert!((0..outcome.num_rows()).any(|r| text(&outcome, "level", r) == "connected" && text(&outcome, "code", r) == "yes"));
    assert!(rows("keywords").num_rows() > 100 && rows("cooccurrence").num_rows() > 100);
    assert_eq!(rows("region_share").num_rows(), 48 + 9 + 2, "48 codes and 9 regions, and not recorded in either");
}

#[test]
fn names_are_unique_documented_and_flat_where_dashboards_read() {
    let specs = all_specs(&testing::profile());
    let mut names: Vec<&str> = specs.iter().map(|s| s.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), specs.len());
    for spec in &specs {
        let mut columns: Vec<&str> = spec.columns.iter().map(|c| c.name.as_ref()).collect();
        columns.sort_unstable();
        columns.dedup();
        assert_eq!(columns.len(), spec.columns.len(), "{}", spec.name);
        assert!(spec.sort.iter().all(|s| spec.position(s).is_some()), "{}", spec.name);
        for c in spec.columns.iter() {
            assert!(!c.doc_ja.is_empty() && !c.doc_en.is_empty());
            let nested = matches!(c.kind, ColumnType::List(_) | ColumnType::Records(_));
            assert!(!(nested && spec.zone == Zone::Dashboard), "{}.{} is nested", spec.name, c.name);
            assert!(!(c.role == Role::Text && spec.zone == Zone::Dashboard), "{}.{} is free text", spec.name, c.name);
        }
    }
}

//! Promise: the themes of today are there tomorrow, and a refit says what became of each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use parquet::record::{Field, Row};

use crate::support::{kikitori, publish, root, rows};

/// The sample calls of the fiscal years `years`, as a file.
fn calls_of(folder: &Path, name: &str, years: &[&str]) -> std::path::PathBuf {
    let source = std::fs::read_to_string(root().join("corpus-samples/hotline/calls.jsonl")).unwrap();
    let of_years = source.lines().filter(|line| {
        let call: serde_json::Value = serde_json::from_str(line).unwrap();
        let (year, month) = call["received_at"].as_str().unwrap().split_at(4);
        // A fiscal year begins in April.
        let fiscal = year.parse::<u16>().unwrap() - u16::from(month < "-04");
        years.contains(&fiscal.to_string().as_str())
    });
    let path = folder.join(name);
    std::fs::write(&path, of_years.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    path
}

fn fit(input: &Path, model: &Path, more: &[&str]) -> serde_json::Value {
    let mut arguments = vec!["--quiet", "--json", "fit", "--input", input.to_str().unwrap(), "--model", model.to_str().unwrap()];
    arguments.extend(more);
    let output = kikitori(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn optional(row: &Row, column: &str) -> Option<String> {
    match row.get_column_iter().find(|(name, _)| *name == column) {
        Some((_, Field::Str(text))) => Some(text.clone()),
        Some((_, Field::Null)) => None,
        other => panic!("column {column} is {other:?}"),
    }
}

/// Call → theme, of a run.
fn themes(run: &Path) -> BTreeMap<String, Option<String>> {
    let rows = rows(&run.join("analyst/consultations.parquet"));
    rows.iter().map(|row| (optional(row, "consultation_id").unwrap(), optional(row, "theme_id"))).collect()
}

#[test]
fn a_model_of_two_years_reads_the_third_and_a_refit_keeps_identities() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "0123456789abcdef0123456789abcdef").unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let years: BTreeSet<String> = {
        let run = publish(&root().join("corpus-samples"), &folder.path().join("look"), &[]);
        rows(&run.join("analyst/consultations.parquet")).iter().filter_map(|row| optional(row, "fiscal_year")).collect()
    };
    let years: Vec<&str> = years.iter().map(String::as_str).collect();
    assert_eq!(years.len(), 3, "{years:?}");
    let [past, all] =
        [("past", &years[..2]), ("all", &years[..])].map(|(name, years)| calls_of(folder.path(), &format!("{name}.jsonl"), years));
    let third = calls_of(folder.path(), "third.jsonl", &years[2..]);
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    fit(&past, &old, &["--themes", "6"]);

    // The third year under the old model: its numbers and no others.
    let with = |model: &Path| ["--model", model.to_str().unwrap(), "--key-file", key.to_str().unwrap()].map(str::to_owned);
    let run = |input: &Path, out: &str, model: &Path| {
        let arguments = with(model);
        publish(input, &folder.path().join(out), &arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let applied = run(&third, "third", &old);
    let numbers: BTreeSet<String> = (0..6).map(|n| format!("{n:03}")).collect();
    assert!(themes(&applied).values().flatten().all(|theme| numbers.contains(theme)));
    assert!(rows(&applied.join("dashboard/theme_lineage.parquet")).is_empty());
    let manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(applied.join("_manifest.json")).unwrap()).unwrap();
    assert!(manifest["quality"]["diversity"].as_f64().unwrap() > 0.5, "{}", manifest["quality"]);

    // All years under the old model and under the one that follows from it.
    let report = fit(&all, &new, &["--from", old.to_str().unwrap(), "--themes", "7"]);
    let (before, after) = (themes(&run(&all, "before", &old)), run(&all, "after", &new));
    let lineage = rows(&after.join("dashboard/theme_lineage.parquet"));
    let after = themes(&after);
    let mut olds = BTreeSet::new();
    let mut news = BTreeSet::new();
    let mut continued = 0;
    for row in &lineage {
        let (previous, theme, relation) =
            (optional(row, "previous_theme_id"), optional(row, "theme_id"), optional(row, "relation").unwrap());
        match relation.as_str() {
            "continued" => {
                continued += 1;
                assert_eq!(previous, theme);
                // At least a third of the calls of either are in both, as the rule says.
                let of = |calls: &BTreeMap<String, Option<String>>| {
                    calls.iter().filter(|(_, t)| **t == theme).map(|(id, _)| id.clone()).collect::<BTreeSet<_>>()
                };
                let (was, is) = (of(&before), of(&after));
                assert!(3 * was.intersection(&is).count() >= was.union(&is).count(), "{theme:?}");
            }
            "appeared" => assert_eq!(previous, None),
            "vanished" => assert_eq!(theme, None),
            other => assert!(["split", "merged"].contains(&other)),
        }
        olds.extend(previous);
        news.extend(theme);
    }
    assert!(continued >= 3, "{continued} of 6 go on");
    assert_eq!(report["lineage"]["continued"], continued);
    // Every theme of either model is accounted for, and a new one has a number that was never given.
    assert_eq!(olds, numbers);
    assert_eq!(news, after.values().flatten().cloned().collect());
    assert_eq!(news.len(), 7);
    assert!(news.difference(&numbers).all(|new| new.as_str() > "005"));
}

/// A discovered need: its domain and its number there.
type Need = (String, String);

/// The needs of a table by the number in `column`, where there is one.
fn needs(rows: &[Row], column: &str) -> BTreeSet<Need> {
    rows.iter().filter_map(|row| Some((optional(row, "need")?, optional(row, column)?))).collect()
}

#[test]
fn discovered_needs_keep_their_numbers_from_night_to_night() {
    let folder = tempfile::tempdir().unwrap();
    let all = folder.path().join("all.jsonl");
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    assert!(kikitori(&["--quiet", "sample", "--calls", "1500", "--seed", "5", "--out", &path(&all)]).status.success());
    let calls = std::fs::read_to_string(&all).unwrap();
    let part = |name: &str, range: std::ops::Range<usize>| {
        let file = folder.path().join(name);
        std::fs::write(&file, calls.lines().skip(range.start).take(range.len()).map(|line| format!("{line}\n")).collect::<String>())
            .unwrap();
        file
    };
    let (past, tonight) = (part("past.jsonl", 0..1200), part("tonight.jsonl", 1200..1500));
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    assert!(fit(&past, &old, &["--themes", "6"])["discovered_needs"].as_u64().unwrap() > 20);
    let table = |input: &Path, model: &Path, table: &str| {
        let out = folder.path().join(format!("{table}-{}-{}", path(input).len(), model.file_name().unwrap().to_str().unwrap()));
        rows(&publish(input, &out, &["--model", &path(model)]).join(format!("dashboard/{table}.parquet")))
    };

    // A night alone has too few calls to discover much: it is read under the needs of the model.
    let before = needs(&table(&past, &old, "discovered_needs"), "discovered_id");
    let night = table(&tonight, &old, "discovered_needs");
    assert_eq!(needs(&night, "discovered_id"), before);
    assert!(table(&tonight, &old, "need_lineage").is_empty());

    fit(&all, &new, &["--themes", "6", "--from", &path(&old)]);
    let lineage = table(&all, &new, "need_lineage");
    assert_eq!(needs(&lineage, "previous_discovered_id"), before);
    let after = table(&all, &new, "discovered_needs");
    assert_eq!(needs(&lineage, "discovered_id"), needs(&after, "discovered_id"));
    let label = |rows: &[Row], need: &Need, id: &str, label: &str| {
        let row = rows.iter().find(|row| (optional(row, "need"), optional(row, id)) == (Some(need.0.clone()), Some(need.1.clone())));
        optional(row.unwrap(), label).unwrap()
    };
    let mut continued = 0;
    for row in lineage.iter().filter(|row| optional(row, "relation").as_deref() == Some("continued")) {
        let need = (optional(row, "need").unwrap(), optional(row, "discovered_id").unwrap());
        assert_eq!(optional(row, "previous_discovered_id").as_ref(), Some(&need.1));
        // Names stay, too, unless they hold a word that has become rare.
        let previous = label(&lineage, &need, "previous_discovered_id", "previous_discovered_label_ja");
        assert!(previous.is_empty() || previous == label(&after, &need, "discovered_id", "discovered_label_ja"));
        continued += 1;
    }
    assert!(2 * continued > before.len(), "{continued} of {} go on", before.len());
    // A new need has a number that none had.
    let highest = |domain: &str| before.iter().filter(|need| need.0 == domain).map(|need| need.1.clone()).max();
    for row in lineage.iter().filter(|row| optional(row, "relation").as_deref() == Some("appeared")) {
        let domain = optional(row, "need").unwrap();
        assert!(optional(row, "discovered_id") > highest(&domain), "{domain}");
    }
}

#[test]
fn a_model_is_the_same_bytes_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let input = root().join("corpus-samples");
    let files = |threads: &str| {
        let model = folder.path().join(threads);
        fit(&input, &model, &["--threads", threads]);
        let files = std::fs::read_dir(model).unwrap().map(|entry| entry.unwrap());
        files.map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap())).collect::<BTreeMap<_, _>>()
    };
    let one = files("1");
    assert_eq!(one.len(), 2);
    assert!(one == files("2") && one == files("8"));
}

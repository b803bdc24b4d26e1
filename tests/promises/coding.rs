//! Promise: two people can judge what kikitori finds without seeing it, and what they say is counted rightly.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{kikitori, root};

/// Identifiers that stand in no dictionary and no sample.
const CANARIES: [&str; 4] = ["塚越谷鷺太郎", "090-4471-9982", "kanaria-himitsu@example.jp", "SECRETID-5530"];

fn succeed(arguments: &[&str]) -> String {
    let output = kikitori(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn sheet(out: &Path, more: &[&str]) {
    let mut arguments = vec!["--quiet", "coding", "sheet", "--out", out.to_str().unwrap()];
    arguments.extend(more);
    succeed(&arguments);
}

fn beside(sheet: &Path) -> PathBuf {
    PathBuf::from(format!("{}.kikitori.json", sheet.display()))
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn cells(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn write(path: &Path, rows: &[Vec<String>]) {
    let mut writer = csv::Writer::from_path(path).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.flush().unwrap();
}

/// kikitori's own decisions by id: code of domain → sign.
fn decisions(path: &Path) -> BTreeMap<String, BTreeMap<String, &'static str>> {
    let of = |line: &serde_json::Value| {
        let need = |need: &serde_json::Value| {
            let sign = if need["explicit"] == true { "明" } else { "暗" };
            (need["domain"].as_str().unwrap_or("other").to_owned(), sign)
        };
        (line["id"].as_str().unwrap().to_owned(), line["needs"].as_array().unwrap().iter().map(need).collect())
    };
    json(path)["decisions"].as_array().unwrap().iter().map(of).collect()
}

/// A coder who sees what kikitori sees, and `also` marks trials in every tenth row, and stops after `rows`.
fn code(sheet: &Path, out: &Path, rows: usize, also: bool) {
    let known = decisions(&beside(sheet));
    let mut table = cells(sheet);
    let column = |title: &str| table[0].iter().position(|t| t == title || t.starts_with(&format!("{title} "))).unwrap();
    let (id, done, trial) = (column("発話ID"), column("済"), column("trial"));
    let columns: BTreeMap<String, usize> =
        table[0].iter().enumerate().filter_map(|(i, t)| Some((t.split_once(' ')?.0.to_owned(), i))).collect();
    for (i, row) in table.iter_mut().skip(1).take(rows).enumerate() {
        for (domain, sign) in &known[&row[id]] {
            row[columns[domain]] = (*sign).to_owned();
        }
        if also && i % 10 == 0 {
            row[trial] = "2".into();
        }
        row[done] = "済".into();
    }
    write(out, &table);
}

#[test]
fn a_sheet_is_blind_stratified_and_the_same_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (name, threads, seed) in [("a.csv", "1", "7"), ("b.csv", "3", "7"), ("c.csv", "2", "8"), ("a.xlsx", "1", "7"), ("b.xlsx", "3", "7")]
    {
        sheet(&path(name), &["--utterances", "120", "--threads", threads, "--seed", seed]);
    }
    let bytes = |name: &str| std::fs::read(path(name)).unwrap();
    assert!(bytes("a.csv") == bytes("b.csv") && bytes("a.xlsx") == bytes("b.xlsx"));
    assert_ne!(bytes("a.csv"), bytes("c.csv"));
    assert_eq!(json(&beside(&path("a.csv")))["decisions"], json(&beside(&path("b.xlsx")))["decisions"]);
    // 120 rows, by nobody but callers and note takers, none coded.
    let table = cells(&path("a.csv"));
    assert_eq!(table.len(), 121);
    let speaker = table[0].iter().position(|t| t == "話し手").unwrap();
    let first = table[0].iter().position(|t| t.starts_with("access ")).unwrap();
    for row in &table[1..] {
        assert!(row[speaker] == "相談者" || row[speaker] == "記録", "{row:?}");
        assert!(row[first..].iter().all(String::is_empty), "{row:?}");
    }
    // Every stratum is drawn from, and the order of the rows does not tell the strata apart.
    let decided = json(&beside(&path("a.csv")));
    let strata = decided["strata"].as_array().unwrap();
    assert!(strata.len() > 10 && strata.iter().all(|s| s["drawn"].as_u64().unwrap() >= 1), "{strata:?}");
    let found: Vec<bool> = decided["decisions"].as_array().unwrap().iter().map(|d| !d["needs"].as_array().unwrap().is_empty()).collect();
    let half = |rows: &[bool]| rows.iter().filter(|found| **found).count();
    let (above, below) = (half(&found[..60]), half(&found[60..]));
    assert!(above.abs_diff(below) < 20, "{above} and {below}");
    assert_eq!(decided["blake3"].as_str().unwrap(), blake3_of(&bytes("a.csv")));
}

fn blake3_of(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

#[test]
fn nothing_recorded_and_nothing_identifying_stands_in_a_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("calls.jsonl");
    let mut lines = String::new();
    for i in 0..12 {
        lines.push_str(&format!(
            r#"{{"id":"{id}-{i}","turns":[{{"speaker":"counsellor","text":"{name}さんですね。"}},{{"speaker":"caller","text":"もしもし、{name}と申します。電話は{phone}、メールは{mail}です。"}},{{"speaker":"caller","text":"=SUM(1) 治療のことで、どこの病院がいいでしょうか。"}}]}}"#,
            name = CANARIES[0],
            phone = CANARIES[1],
            mail = CANARIES[2],
            id = CANARIES[3],
        ));
        lines.push('\n');
    }
    std::fs::write(&input, lines).unwrap();
    let out = folder.path().join("a.csv");
    let arguments = ["coding", "sheet", "--input", input.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let output = kikitori(&arguments);
    assert!(output.status.success());
    for (place, bytes) in [
        ("sheet", std::fs::read(&out).unwrap()),
        ("decisions", std::fs::read(beside(&out)).unwrap()),
        ("stdout", output.stdout),
        ("stderr", output.stderr),
    ] {
        let text = String::from_utf8(bytes).unwrap();
        assert!(CANARIES.iter().all(|canary| !text.contains(canary)), "{place}: {text}");
        // Whoever runs the command may be a coder.
        assert!(place != "stdout" || !text.contains("ニーズ"), "{text}");
    }
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.contains("〔氏名〕") && text.contains("\"'=SUM(1)"), "{text}");
    #[cfg(unix)]
    for file in [&out, &beside(&out)] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    // A sheet that may be filled in is never overwritten.
    let again = kikitori(&arguments);
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), text);
}

#[test]
fn two_coders_are_scored_and_their_agreement_becomes_gold() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let text = |name: &str| path(name).to_str().unwrap().to_owned();
    sheet(&path("sheet.csv"), &["--utterances", "200"]);
    code(&path("sheet.csv"), &path("a.csv"), 200, false);
    code(&path("sheet.csv"), &path("b.csv"), 150, true);
    let decided = beside(&path("sheet.csv"));
    let mut arguments = vec!["coding", "score"];
    let files = [text("a.csv"), text("b.csv"), text("talk.csv"), text("gold.jsonl")];
    arguments.extend([files[0].as_str(), &files[1], "--kikitori", decided.to_str().unwrap()]);
    arguments.extend(["--disagreements", &files[2], "--gold", &files[3], "--json"]);
    let scored: serde_json::Value = serde_json::from_str(&succeed(&arguments)).unwrap();
    assert_eq!((&scored["rows"]["a"], &scored["rows"]["b"], &scored["rows"]["both"]), (&200.into(), &150.into(), &150.into()));
    // Apart from trials the two say the same.
    for (domain, row) in scored["agreement"]["domains"].as_object().unwrap() {
        let alike = row["observed"] == 1.0;
        assert_eq!(alike, domain != "trial", "{domain}: {row}");
    }
    let disagreements = scored["disagreements"].as_array().unwrap();
    assert!(
        !disagreements.is_empty() && disagreements.len() <= 15 && disagreements.iter().all(|d| d["domain"] == "trial" && d["b"] == "暗")
    );
    // The first coder said what kikitori says, so far as domains go; against both, kikitori is right wherever they agree.
    let against = &scored["kikitori"];
    assert_eq!(against["a"]["sample"]["domains"]["access"]["f1"], 1.0);
    assert_eq!(against["agreed"]["sample"]["explicit"]["f1"], 1.0);
    assert!(against["b"]["sample"]["domains"]["trial"]["recall"].as_f64().unwrap() < 1.0);
    let talk = cells(&path("talk.csv"));
    assert_eq!(talk.len(), disagreements.len() + 1);
    assert!(talk[0].contains(&"合意".to_owned()) && talk[1].iter().any(|cell| cell.starts_with("trial ")), "{:?}", talk[0]);
    let gold: serde_json::Value = serde_json::from_str(&succeed(&["eval", "needs", &files[3]])).unwrap();
    assert!(gold["need"]["f1"].as_f64().unwrap() > 0.8, "{gold}");
    // For people, in both languages; the words stay in the files.
    let ja = succeed(&["coding", "score", &files[0], &files[1], "--kikitori", decided.to_str().unwrap()]);
    assert!(ja.contains("二人とも判定した発話 150件") && ja.contains("専門の医師・施設につながる") && ja.contains("c"), "{ja}");
    let en = succeed(&["--lang", "en", "coding", "score", &files[0], &files[1]]);
    assert!(en.contains("150 utterances coded by both") && en.contains("Second opinion"), "{en}");
    let sheet = cells(&path("sheet.csv"));
    let words = sheet[0].iter().position(|t| t == "発話").unwrap();
    let long: Vec<&String> = sheet[1..].iter().map(|row| &row[words]).filter(|w| w.chars().count() > 12).collect();
    assert!(long.len() > 50 && long.iter().all(|w| !ja.contains(w.as_str())));
}

#[test]
fn sheets_that_cannot_be_scored_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    sheet(&path("sheet.csv"), &["--utterances", "30"]);
    code(&path("sheet.csv"), &path("a.csv"), 30, false);
    let mut table = cells(&path("a.csv"));
    let trial = table[0].iter().position(|t| t.starts_with("trial ")).unwrap();
    table[7][trial] = "たぶん".into();
    write(&path("bad.csv"), &table);
    let fail = |a: &str, b: &str| {
        let output = kikitori(&["coding", "score", path(a).to_str().unwrap(), path(b).to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let said = fail("a.csv", "bad.csv");
    assert!(said.contains("bad.csv 8行目 「trial ") && !said.contains("たぶん") && said.lines().count() == 1, "{said}");
    let said = fail("a.csv", "sheet.csv");
    assert!(said.contains("二人とも判定した発話がありません（Aは30件、Bは0件を判定）"), "{said}");
    assert!(fail("a.csv", "a.csv").contains("同じファイル"));
    let output = kikitori(&["coding", "sheet", "--out", path("a.txt").to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&output.stderr).contains(".csv か .xlsx"));
}

#[test]
fn callers_have_more_needs_than_counsellors_and_reasons_belong_to_their_calls() {
    let arguments = ["--quiet", "coding", "controls", "--input", root().join("corpus-samples").to_str().unwrap()].map(str::to_owned);
    let with = |more: &[&str]| succeed(&arguments.iter().map(String::as_str).chain(more.iter().copied()).collect::<Vec<_>>());
    let one = with(&["--json", "--threads", "1"]);
    assert_eq!(one, with(&["--json", "--threads", "3"]));
    let figures: serde_json::Value = serde_json::from_str(&one).unwrap();
    // Counsellors ask, as callers do; they tell of no needs of their own.
    assert!(figures["roles"]["need_ratio"].as_f64().unwrap() > 1.0, "{figures}");
    assert!(figures["roles"]["told_ratio"].as_f64().unwrap() > 1.5, "{figures}");
    let confirmed = &figures["reasons"]["confirmed"];
    assert!(confirmed["share"].as_f64().unwrap() > confirmed["shuffled"].as_f64().unwrap(), "{figures}");
    assert!(confirmed["p"].as_f64().unwrap() <= 0.05, "{figures}");
    // Nobody learns of fewer than ten calls.
    let mut counts = Vec::new();
    for row in figures["reasons"]["domains"].as_object().unwrap().values().filter(|row| row.is_object()) {
        counts.extend([&row["count"], &row["of"]].map(|n| n.as_u64().unwrap()));
        counts.push(row["of"].as_u64().unwrap() - row["count"].as_u64().unwrap());
    }
    assert!(!counts.is_empty() && counts.iter().all(|n| *n == 0 || *n >= 10), "{counts:?}");
    let ja = with(&[]);
    assert!(ja.contains("陰性対照1") && ja.contains("陰性対照2") && ja.contains("秘匿"), "{ja}");
    assert!(with(&["--lang", "en"]).contains("Negative control 2"));
}

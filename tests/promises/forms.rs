//! Promise: the same calls as CSV (CP932), XLSX and JSONL give the same tables, and no row disappears.

use crate::support::{assert_same_tables, kikitori, latest, manifest, publish, root, rows, text};

#[test]
fn three_forms_of_the_corpus_give_the_same_tables() {
    let folder = tempfile::tempdir().unwrap();
    let hotline = root().join("corpus-samples/hotline");
    let run = |form: &str| publish(&hotline.join(format!("calls.{form}")), &folder.path().join(form), &[]);
    let (csv, xlsx, jsonl) = (run("csv"), run("xlsx"), run("jsonl"));
    assert_same_tables(&csv, &xlsx);
    assert_same_tables(&csv, &jsonl);
}

#[test]
fn accepted_plus_rejected_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("broken.jsonl");
    let mut lines: Vec<String> =
        std::fs::read_to_string(root().join("corpus-samples/hotline/calls.jsonl")).unwrap().lines().map(str::to_owned).collect();
    lines.insert(3, "{broken".into());
    lines.insert(9, r#"{"id":"X1","text":"   "}"#.into());
    lines.insert(20, r#"{"id":"X2","received_at":"きのう","text":"相談です。"}"#.into());
    lines.insert(30, r#"{"text":"番号がありません。"}"#.into());
    lines.insert(40, lines[0].clone());
    std::fs::write(&input, lines.join("\n")).unwrap();
    let out = folder.path().join("out");
    let output = kikitori(&["--quiet", "run", "--input", input.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let run = latest(&out);
    let counts = &manifest(&run)["counts"];
    let count = |key: &str| counts[key].as_u64().unwrap();
    assert_eq!(count("read"), lines.len() as u64);
    assert_eq!(count("accepted") + count("rejected"), count("read"));
    assert_eq!(count("rejected"), 5, "{}", String::from_utf8_lossy(&output.stderr));
    let rejects = rows(&run.join("rejects.parquet"));
    let mut reasons: Vec<String> = rejects.iter().map(|r| text(r, "reason")).collect();
    reasons.sort();
    assert_eq!(reasons, ["bad_date", "bad_json", "duplicate_id", "empty_text", "missing_id"]);
    assert_eq!(rows(&run.join("analyst/consultations.parquet")).len() as u64, count("accepted"));
}

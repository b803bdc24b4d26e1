//! Promise: bad input gets one clear sentence that names the file and what to do; nothing is half written.

use std::path::Path;

use crate::support::{kikitori, latest, manifest, root};

/// Runs on a file of these bytes and returns exit code, stderr, and the folder.
fn run_on(name: &str, bytes: &[u8]) -> (i32, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join(name);
    std::fs::write(&input, bytes).unwrap();
    let (code, stderr) = run_path(&input, &folder.path().join("out"));
    (code, stderr, folder)
}

fn run_path(input: &Path, out: &Path) -> (i32, String) {
    let output = kikitori(&["--quiet", "run", "--input", input.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// Failed with code 2, one line that names `words`, nothing published.
fn assert_refused(result: &(i32, String, tempfile::TempDir), words: &[&str]) {
    let (code, stderr, folder) = result;
    assert_eq!(*code, 2, "{stderr}");
    let lines: Vec<&str> = stderr.lines().filter(|l| l.starts_with("エラー: ")).collect();
    assert_eq!(lines.len(), 1, "{stderr}");
    for word in words {
        assert!(lines[0].contains(word), "「{word}」 is missing in: {}", lines[0]);
    }
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(!folder.path().join("out/latest.json").exists());
}

#[test]
fn a_missing_file() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stderr) = run_path(&folder.path().join("ない.csv"), &folder.path().join("out"));
    assert!(!folder.path().join("out").exists(), "the output folder is made only when there is something to read");
    assert_refused(&(code, stderr, folder), &["ない.csv"]);
}

#[test]
fn a_folder_without_transcripts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("空")).unwrap();
    std::fs::write(folder.path().join("空/memo.pdf"), "x").unwrap();
    let (code, stderr) = run_path(&folder.path().join("空"), &folder.path().join("out"));
    assert_refused(&(code, stderr, folder), &["空"]);
}

#[test]
fn an_empty_file() {
    assert_refused(&run_on("empty.csv", b""), &["empty.csv", "空"]);
}

#[test]
fn columns_that_nothing_maps() {
    let refused = run_on("log.csv", "列A,列B\n1,こんにちは\n".as_bytes());
    assert_refused(&refused, &["log.csv", "2列ありますが", "kikitori init"]);
}

#[test]
fn a_configuration_that_maps_a_column_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("log.csv");
    std::fs::write(&input, "番号,本文\n1,相談です。\n").unwrap();
    let config = folder.path().join("kikitori.toml");
    std::fs::write(&config, "[columns]\nid = \"番号\"\ntext = \"逐語\"\n").unwrap();
    let out = folder.path().join("out");
    let output = kikitori(&[
        "--quiet",
        "run",
        "--config",
        config.to_str().unwrap(),
        "--input",
        input.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    let result = (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap(), folder);
    assert_refused(&result, &["逐語"]);
}

#[test]
fn an_unknown_configuration_key() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("kikitori.toml");
    std::fs::write(&config, "[themes]\ncuont = 5\n").unwrap();
    let out = folder.path().join("out");
    let output = kikitori(&["--quiet", "run", "--config", config.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let result = (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap(), folder);
    assert_refused(&result, &["kikitori.toml", "cuont", "count"]);
}

#[test]
fn unknown_names_of_columns_and_attributes_are_found_in_the_configuration() {
    for (text, words) in [
        ("[columns]\nid = \"id\"\ntxet = \"text\"\n", ["kikitori.toml 3行目", "columns.txet", "「text」のことですか"]),
        ("[values.sxe]\n\"a\" = \"b\"\n", ["kikitori.toml 1行目", "values.sxe", "「sex」のことですか"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("kikitori.toml"), text).unwrap();
        let input = folder.path().join("log.csv");
        std::fs::write(&input, "id,text\n1,相談です。\n").unwrap();
        let (code, stderr) = run_path(&input, &folder.path().join("out"));
        assert_refused(&(code, stderr, folder), &words);
    }
}

#[test]
fn a_header_without_rows() {
    assert_refused(&run_on("log.csv", "相談ID,相談記録\n".as_bytes()), &["log.csv", "見出しだけ"]);
}

#[test]
fn errors_are_json_where_results_are() {
    for arguments in [["--json", "run", "--input", "no-such-file.csv"], ["--json", "run", "--inptu", "x"]] {
        let output = kikitori(&arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        let error: serde_json::Value = serde_json::from_str(stderr.lines().last().unwrap()).unwrap();
        assert!(error["error"].is_string() && error["kind"].is_string(), "{stderr}");
    }
}

#[test]
fn utf_16_without_its_mark_is_refused_and_with_it_is_read() {
    let text = "相談ID,相談記録\r\n1,治療のことで相談したいです。\r\n2,病院を探しています。\r\n3,不安で眠れません。\r\n";
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_refused(&run_on("utf16.csv", &units), &["utf16.csv", "UTF-16"]);
    let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
    let (code, stderr, folder) = run_on("utf16.csv", &marked);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(manifest(&latest(&folder.path().join("out")))["counts"]["accepted"], 3);
}

#[test]
fn a_truncated_workbook() {
    let whole = std::fs::read(root().join("corpus-samples/hotline/calls.xlsx")).unwrap();
    assert_refused(&run_on("calls.xlsx", &whole[..whole.len() / 2]), &["calls.xlsx"]);
}

#[test]
fn an_unclosed_quote_costs_one_row_and_names_it() {
    let mut csv = String::from("相談ID,相談記録\n");
    for i in 0..30 {
        let text = if i == 10 {
            "\"閉じない引用符です".to_owned()
        } else {
            ["専門の病院を探しています。", "夜は不安で眠れません。", "費用と制度を知りたいです。"][i % 3].to_owned()
        };
        csv.push_str(&format!("{i},{text}\n"));
    }
    let (_, stderr, folder) = run_on("quote.csv", csv.as_bytes());
    let run = latest(&folder.path().join("out"));
    let counts = &manifest(&run)["counts"];
    let count = |key: &str| counts[key].as_u64().unwrap();
    assert_eq!(count("accepted") + count("rejected"), count("read"));
    assert!(count("accepted") >= 29, "{counts} {stderr}");
    let rejects = crate::support::rows(&run.join("rejects.parquet"));
    assert!(rejects.iter().any(|r| crate::support::text(r, "reason") == "unclosed_quote"));
}

#[test]
fn a_call_of_five_megabytes_and_nul_bytes() {
    let long = "頭が痛くて、治療のことが心配なんです。".repeat(100_000);
    assert!(long.len() > 5_000_000);
    let mut lines = String::new();
    for (i, text) in [long.as_str(), "NULが\\u0000入っています。病院を探しています。", "絵文字😀とｶﾞﾝの相談です。"].iter().enumerate()
    {
        lines.push_str(&format!("{{\"id\":\"{i}\",\"text\":\"{text}\"}}\n"));
    }
    let (code, stderr, folder) = run_on("long.jsonl", lines.as_bytes());
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(manifest(&latest(&folder.path().join("out")))["counts"]["accepted"], 3);
}

#[test]
fn an_output_folder_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    // A file where the folder should be: refused for every user, root included.
    let out = folder.path().join("out");
    std::fs::write(&out, "").unwrap();
    let output = kikitori(&["--quiet", "run", "--out", out.to_str().unwrap()]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.starts_with("エラー: ") && stderr.contains("out"), "{stderr}");
}

#[test]
fn messages_come_in_english_too() {
    let output = kikitori(&["--lang", "en", "run", "--input", "no-such-file.csv"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr.lines().last().unwrap().starts_with("error: no-such-file.csv"), "{stderr}");
    assert!(stderr.is_ascii(), "{stderr}");
}

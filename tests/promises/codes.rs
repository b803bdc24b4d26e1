//! Promise: coding rules are part of what a run is; a fault in them stops it, a code nobody has is said.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::{kikitori, publish, root, rows, text};

fn rules(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn another_rule_file_is_another_run_and_its_encoding_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let input = root().join("corpus-samples/hotline/calls.jsonl");
    let source = "＊治療\n治療 or 手術\n＊だれにもない\nほげほげら\n";
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(source);
    let run = |name: &str, bytes: &[u8]| {
        let file = rules(folder.path(), &format!("{name}.txt"), bytes);
        publish(&input, &folder.path().join(name), &["--codes", file.to_str().unwrap()])
    };
    let (utf8, windows) = (run("utf8", source.as_bytes()), run("windows", &cp932));
    let shipped = publish(&input, &folder.path().join("shipped"), &[]);
    assert_eq!(utf8.file_name(), windows.file_name());
    assert_ne!(utf8.file_name(), shipped.file_name());
    let codes = rows(&utf8.join("dashboard/codes.parquet"));
    assert_eq!(codes.iter().map(|r| text(r, "code_name")).collect::<Vec<_>>(), ["治療", "だれにもない"]);
    assert_eq!(text(&codes[1], "calls_status"), "zero");
    let names: BTreeSet<String> = rows(&utf8.join("analyst/code_assignments.parquet")).iter().map(|r| text(r, "code_name")).collect();
    assert_eq!(names, BTreeSet::from(["治療".to_owned()]));
}

#[test]
fn a_fault_stops_check_and_run_and_a_code_nobody_has_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let run = |command: &str, file: &Path| {
        let mut arguments = vec!["--quiet", command, "--codes", file.to_str().unwrap(), "--input", "corpus-samples/hotline/calls.jsonl"];
        if command == "run" {
            arguments.extend(["--out", out.to_str().unwrap()]);
        }
        let output = kikitori(&arguments);
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let faulty = rules(folder.path(), "faulty.txt", "＊治療\n治療 or\n".as_bytes());
    for command in ["check", "run"] {
        let (code, stderr) = run(command, &faulty);
        assert!(code == 2 && stderr.contains("faulty.txt 2行目"), "{command}: {code} {stderr}");
    }
    assert!(!out.join("latest.json").exists());
    let unused = rules(folder.path(), "unused.txt", "＊治療\n治療\n＊だれにもない\nほげほげら\n".as_bytes());
    let (code, stderr) = run("run", &unused);
    assert!(
        code == 0 && stderr.contains("unused.txt の「＊だれにもない」（3行目）のコードは") && !stderr.contains("「＊治療」"),
        "{code} {stderr}"
    );
}

//! Promise: anybody can attack what is published, and the last line says what came of it.

use std::path::Path;

use crate::support::{kikitori, latest, manifest, publish, root};

#[test]
fn the_last_line_says_how_many_cells_were_attacked_and_how_many_fell() {
    let folder = tempfile::tempdir().unwrap();
    let run = publish(&root().join("corpus-samples"), folder.path(), &[]);
    for place in [folder.path(), &run, &run.join("dashboard")] {
        let output = kikitori(&["--json", "audit", place.to_str().unwrap(), "--against", folder.path().to_str().unwrap()]);
        let text = String::from_utf8(output.stdout).unwrap();
        let report: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        // What a run publishes is safe; and no run differs from itself.
        assert!(report["attacked"].as_u64().unwrap() > 1_000);
        assert_eq!((report["fell"].as_u64(), report["findings"].as_array().unwrap().len()), (Some(0), 0), "{text}");
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(report["anonymity"].is_object(), !place.ends_with("dashboard"));
    }
    let output = kikitori(&["--lang", "en", "audit", folder.path().to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.lines().last().unwrap();
    assert!(last.contains("cells attacked") && last.contains("fell"), "{last}");
}

#[test]
fn a_folder_without_tables_is_no_publication() {
    let folder = tempfile::tempdir().unwrap();
    let output = kikitori(&["audit", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
}

/// Names of the runs in a publication folder.
fn runs(out: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(out.join("runs")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_run_that_the_audit_finds_unsafe_is_not_published() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out, rules) = (folder.path().join("calls.jsonl"), folder.path().join("out"), folder.path().join("rules.txt"));
    let text = std::fs::read_to_string(root().join("corpus-samples/hotline/calls.jsonl")).unwrap();
    let calls: Vec<&str> = text.lines().collect();
    std::fs::write(&input, calls[..60].join("\n")).unwrap();
    let published = publish(&input, &out, &[]);
    let before = runs(&out);
    // Somebody put a telephone number into the name of a code.
    std::fs::write(&rules, "＊窓口03-1234-5678\n治療 | 手術\n").unwrap();
    let arguments = ["run", "--input", input.to_str().unwrap(), "--out", out.to_str().unwrap(), "--codes", rules.to_str().unwrap()];
    let output = kikitori(&arguments);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    let last = message.lines().last().unwrap();
    assert!(last.contains("公開していません") && last.contains(".code_name"), "{last}");
    assert!(!message.contains("1234"), "{message}");
    // What was published before still is, and nothing else lies there.
    assert_eq!((latest(&out), runs(&out)), (published, before));
}

#[test]
fn a_run_that_differs_from_the_last_by_a_few_calls_is_told_or_kept_back() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out, config) = (folder.path().join("calls.jsonl"), folder.path().join("out"), folder.path().join("kikitori.toml"));
    let text = std::fs::read_to_string(root().join("corpus-samples/hotline/calls.jsonl")).unwrap();
    let calls: Vec<&str> = text.lines().collect();
    let night = |calls: &[&str], rule: &str| {
        std::fs::write(&input, calls.join("\n")).unwrap();
        std::fs::write(&config, format!("[input]\npaths = [\"calls.jsonl\"]\n[disclosure]\nsince_last = \"{rule}\"\n")).unwrap();
        let output = kikitori(&["run", "--config", config.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let tells = |message: &str| message.contains("前の公表との差が1から9件");
    // The first night has nothing to be compared with.
    let (code, message) = night(&calls[..60], "refuse");
    assert!(code == Some(0) && !tells(&message), "{message}");
    let first = latest(&out);
    // Three more calls: kept back, told, or neither, as the configuration says.
    let (code, message) = night(&calls[..63], "refuse");
    assert!(code == Some(2) && tells(&message) && message.contains("disclosure.since_last"), "{message}");
    assert_eq!(latest(&out), first);
    let (code, message) = night(&calls[..63], "warn");
    assert!(code == Some(0) && tells(&message), "{message}");
    assert!(manifest(&latest(&out))["warnings"].as_array().unwrap().iter().any(|warning| tells(warning.as_str().unwrap())));
    let (code, message) = night(&calls[..66], "off");
    assert!(code == Some(0) && !tells(&message), "{message}");
    // The same calls again differ in nothing.
    let (code, message) = night(&calls[..66], "refuse");
    assert!(code == Some(0) && !tells(&message), "{message}");
}

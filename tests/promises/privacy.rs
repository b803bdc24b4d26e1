//! Promise: nothing outside analyst/ holds free text or a count below the threshold; no raw text in any output.

use std::path::Path;

use parquet::record::Field;

use crate::support::{kikitori, latest, publish, root, rows, tables};

/// Identifiers that stand in no dictionary and no sample.
const CANARIES: [&str; 5] = ["塚越谷鷺太郎", "090-4471-9982", "kanaria-himitsu@example.jp", "SECRETKARTE7781", "5530-8842"];

/// Writes the samples, a dozen calls that tell every canary, and rows that fail with one in each.
fn planted(input: &Path) {
    let mut lines = std::fs::read_to_string(root().join("corpus-samples/hotline/calls.jsonl")).unwrap();
    for i in 0..12 {
        lines.push_str(&format!(
            r#"{{"id":"{id}-{i}","turns":[{{"speaker":"caller","text":"もしもし、{name}と申します。電話は{phone}、メールは{mail}です。"}},{{"speaker":"counsellor","text":"{name}さんですね。"}},{{"speaker":"caller","text":"診察券番号は{karte}です。治療のことで相談したいのですが、どこの病院がいいでしょうか。"}}]}}"#,
            id = CANARIES[4],
            name = CANARIES[0],
            phone = CANARIES[1],
            mail = CANARIES[2],
            karte = CANARIES[3],
        ));
        lines.push('\n');
    }
    // Rows that fail, with a secret in each.
    lines.push_str(&format!("{{\"id\":\"bad\",\"received_at\":\"{}\",\"text\":\"{}\"}}\n", CANARIES[1], CANARIES[0]));
    lines.push_str(&format!("{{broken {}\n", CANARIES[0]));
    std::fs::write(input, lines).unwrap();
}

/// Asserts that no canary stands in `bytes`.
fn assert_clean(place: &str, bytes: &[u8]) {
    for canary in CANARIES {
        assert!(!bytes.windows(canary.len()).any(|w| w == canary.as_bytes()), "{canary} stands in {place}");
    }
}

#[test]
fn no_count_below_the_threshold_reaches_a_dashboard() {
    let folder = tempfile::tempdir().unwrap();
    let run = publish(&root().join("corpus-samples"), folder.path(), &[]);
    let schema = kikitori(&["schema", "--json"]);
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    let mut checked = 0;
    for table in schema["tables"].as_array().unwrap().iter().filter(|t| t["zone"] == "dashboard") {
        let counts: Vec<&str> =
            table["columns"].as_array().unwrap().iter().filter(|c| c["role"] == "count").map(|c| c["name"].as_str().unwrap()).collect();
        let file = run.join("dashboard").join(format!("{}.parquet", table["name"].as_str().unwrap()));
        for row in rows(&file) {
            for (name, field) in row.get_column_iter() {
                if let (true, Field::Int(count)) = (counts.contains(&name.as_str()), field) {
                    checked += 1;
                    assert!(*count == 0 || *count >= 10, "{}: {name} = {count}", file.display());
                }
            }
        }
    }
    assert!(checked > 50, "only {checked} counts were looked at");
}

#[test]
fn identifiers_reach_no_output() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("calls.jsonl");
    planted(&input);
    let out = folder.path().join("out");
    let output = kikitori(&["run", "--input", input.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let run = latest(&out);
    let mut places: Vec<(String, Vec<u8>)> = vec![("stdout".into(), output.stdout), ("stderr".into(), output.stderr)];
    places.push(("_manifest.json".into(), std::fs::read(run.join("_manifest.json")).unwrap()));
    for (name, bytes) in tables(&run) {
        // Pages are compressed: look at the values as a reader sees them, and at the bytes (footer, statistics).
        let values = rows(&run.join(&name)).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        places.push((format!("{name} (values)"), values.into_bytes()));
        places.push((name, bytes));
    }
    places.iter().for_each(|(place, bytes)| assert_clean(place, bytes));
}

#[test]
fn no_command_lets_an_identifier_out_nor_does_its_failure() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let input = folder.path().join("calls.jsonl");
    planted(&input);
    let input = at("calls.jsonl");
    // A gold file whose lines are faulty, a configuration that names a column by a secret's place, a guide that is none.
    std::fs::write(
        at("gold.jsonl"),
        format!("{{\"id\":\"a\",\"text\":\"{}\",\"spans\":[{{\"start\":0,\"end\":99,\"type\":\"person\"}}]}}\n", CANARIES[0]),
    )
    .unwrap();
    std::fs::write(at("broken.csv"), format!("id,text\n1,\"{}\n", CANARIES[0])).unwrap();
    std::fs::write(at("cp932.txt"), [0x81, 0xff, 0x40]).unwrap();
    let commands: Vec<Vec<String>> = [
        vec!["check", &input],
        vec!["init", &input, "--output", &at("made/kikitori.toml")],
        vec!["fit", "--input", &input, "--model", &at("made/model")],
        vec!["run", "--input", &input, "--out", &at("made/applied"), "--model", &at("made/model"), "--json"],
        vec!["manifest", &at("made/applied"), "--methods"],
        vec!["audit", &at("made/applied")],
        vec!["embed", "fit", "--input", &input, "--out", &at("made/vectors")],
        vec!["coding", "sheet", "--input", &input, "--out", &at("made/sheet.csv")],
        vec!["coding", "controls", "--input", &input],
        // And what fails: a folder that is a file, a broken input, faulty gold, another kind of gold, no such model.
        vec!["run", "--input", &input, "--out", &at("calls.jsonl")],
        vec!["run", "--input", &at("broken.csv"), "--out", &at("made/none")],
        vec!["check", &at("broken.csv")],
        vec!["eval", "redact", &at("gold.jsonl")],
        vec!["eval", "needs", &at("gold.jsonl"), "--errors"],
        vec!["eval", "themes", &input, "--label", CANARIES[0]],
        vec!["coding", "learn", &at("gold.jsonl"), "--out", &at("made/ngrams.tsv")],
        vec!["coding", "learn-identifiers", &at("gold.jsonl"), "--out", &at("made/context.tsv")],
        vec!["run", "--input", &input, "--out", &at("made/none"), "--model", &at("calls.jsonl")],
        vec!["run", "--input", &input, "--out", &at("made/none"), "--codes", &at("gold.jsonl")],
        vec!["run", "--input", &input, "--out", &at("made/none"), "--guide", &at("broken.csv")],
    ]
    .into_iter()
    .map(|command| command.into_iter().map(str::to_owned).collect())
    .collect();
    std::fs::create_dir(at("made")).unwrap();
    let mut done = 0;
    for command in &commands {
        let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        let output = kikitori(&arguments);
        done += usize::from(output.status.code() == Some(0));
        // What the user typed may be repeated; what stands in a file may not.
        if !command.iter().any(|argument| CANARIES.contains(&argument.as_str())) {
            assert_clean(&format!("stdout of {command:?}"), &output.stdout);
            assert_clean(&format!("stderr of {command:?}"), &output.stderr);
        }
    }
    assert!(done >= 7, "only {done} commands did their work");
    let mut files = 0;
    let mut folders = vec![folder.path().join("made")];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if path.is_file() {
                files += 1;
                assert_clean(&path.display().to_string(), &std::fs::read(&path).unwrap());
                if path.extension().is_some_and(|e| e == "parquet") {
                    let values = rows(&path).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
                    assert_clean(&path.display().to_string(), values.as_bytes());
                }
            }
        }
    }
    assert!(files > 40, "only {files} files were looked at");
}

#[test]
fn footers_hold_no_beginnings_of_text() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let folder = tempfile::tempdir().unwrap();
    let run = publish(&root().join("corpus-samples"), folder.path(), &[]);
    let file = std::fs::File::open(run.join("analyst/utterances.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let mut seen = 0;
    for group in reader.metadata().row_groups() {
        for column in group.columns() {
            let path = column.column_path().string();
            if path == "text" || path == "consultation_id" {
                seen += 1;
                assert!(column.statistics().is_none(), "{path} has statistics");
                assert!(column.bloom_filter_offset().is_none(), "{path} has a bloom filter");
            }
        }
    }
    assert!(seen >= 2);
}

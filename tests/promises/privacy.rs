//! Promise: nothing outside analyst/ holds free text or a count below the threshold; no raw text in any output.

use parquet::record::Field;

use crate::support::{kikitori, latest, publish, root, rows, tables};

/// Identifiers that stand in no dictionary and no sample.
const CANARIES: [&str; 5] = ["塚越谷鷺太郎", "090-4471-9982", "kanaria-himitsu@example.jp", "SECRETKARTE7781", "5530-8842"];

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
    std::fs::write(&input, lines).unwrap();
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
    for (place, bytes) in &places {
        for canary in CANARIES {
            let found = bytes.windows(canary.len()).any(|w| w == canary.as_bytes());
            assert!(!found, "{canary} stands in {place}");
        }
    }
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

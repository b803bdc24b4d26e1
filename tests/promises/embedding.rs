//! Promise: word vectors are those of the reference implementation, and a trained model tells nobody's words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kikitori::io::embedding::read_embedding;
use parquet::record::Field;

use crate::support::{kikitori, publish, root, rows, text};

/// The last text of `tests/data/embedding/make.py`: longer than where the reference would cut by default.
fn long_text() -> String {
    "セカンドオピニオン を 受ける ".repeat(200)
}

#[test]
fn vectors_are_those_of_model2vec() {
    let fixtures = root().join("tests/data/embedding");
    let expected: serde_json::Value = serde_json::from_slice(&std::fs::read(fixtures.join("expected.json")).unwrap()).unwrap();
    let mut texts: Vec<String> = expected["texts"].as_array().unwrap().iter().map(|t| t.as_str().unwrap().to_owned()).collect();
    *texts.last_mut().unwrap() = long_text();
    let folders = [
        ("model2vec", fixtures.join("model2vec")),
        ("static", fixtures.join("static")),
        ("chive-small", root().join("models/chive-small")),
    ];
    for (name, folder) in folders {
        let embedding = read_embedding(&folder).unwrap();
        assert!(embedding.normalizes(), "{name}");
        for (text, row) in texts.iter().zip(expected[name].as_array().unwrap()) {
            let found = embedding.sentence(text);
            for (f, e) in found.iter().zip(row.as_array().unwrap()) {
                assert!((f64::from(*f) - e.as_f64().unwrap()).abs() < 1e-5, "{name}, {text}: {found:?} instead of {row}");
            }
        }
    }
}

#[test]
fn the_shipped_model_knows_the_words_of_calls() {
    let folder = tempfile::tempdir().unwrap();
    let run = publish(&root().join("corpus-samples"), folder.path(), &[]);
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for row in rows(&run.join("analyst/term_frequencies.parquet")) {
        let field = |column: &str| row.get_column_iter().find(|(name, _)| *name == column).map(|(_, field)| field.clone());
        match (field("compound"), field("count")) {
            (Some(Field::Bool(true)), _) => {}
            (Some(Field::Bool(false)), Some(Field::Int(n))) => *counts.entry(text(&row, "term")).or_default() += i64::from(n),
            other => panic!("compound and count are {other:?}"),
        }
    }
    let mut terms: Vec<(&String, &i64)> = counts.iter().collect();
    terms.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    terms.truncate(3000);
    let embedding = read_embedding(&root().join("models/chive-small")).unwrap();
    let unknown: Vec<&str> = terms.iter().map(|(term, _)| term.as_str()).filter(|term| !embedding.knows(term)).collect();
    let known = terms.len() - unknown.len();
    assert!(known * 100 > terms.len() * 80, "{known} of {} known; not {unknown:?}", terms.len());
    let vectors = embedding.word_vectors(terms.iter().map(|(term, _)| term.as_str()));
    assert_eq!(vectors.dim(), (terms.len(), embedding.dimension()));
}

fn fit(input: &Path, out: &Path, threads: &str) -> BTreeMap<String, Vec<u8>> {
    let arguments = ["--quiet", "embed", "fit", "--input", input.to_str().unwrap(), "--out", out.to_str().unwrap(), "--threads", threads];
    let output = kikitori(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files = std::fs::read_dir(out).unwrap().map(|e| e.unwrap());
    files.map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap())).collect()
}

#[test]
fn training_gives_the_same_bytes_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let input = root().join("corpus-samples");
    let fits: Vec<_> = ["1", "2", "5"].iter().map(|n| fit(&input, &folder.path().join(n), n)).collect();
    assert_eq!(fits[0].keys().collect::<Vec<_>>(), ["config.json", "model.safetensors", "tokenizer.json"]);
    assert!(fits[0] == fits[1] && fits[0] == fits[2]);
}

#[test]
fn a_trained_model_holds_no_word_of_few_calls() {
    let folder = tempfile::tempdir().unwrap();
    let input = root().join("corpus-samples");
    let files = fit(&input, &folder.path().join("words"), "2");
    let tokenizer: serde_json::Value = serde_json::from_slice(&files["tokenizer.json"]).unwrap();
    let vocabulary = tokenizer["model"]["vocab"].as_object().unwrap();
    let words: BTreeSet<&str> = vocabulary.keys().map(|w| w.trim_start_matches("##")).filter(|w| *w != "[UNK]").collect();
    assert!(words.len() > 20, "{}", words.len());
    let run = publish(&input, &folder.path().join("out"), &[]);
    let mut calls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows(&run.join("analyst/term_frequencies.parquet")) {
        let term = text(&row, "term");
        for part in term.split_whitespace() {
            calls.entry(part.to_owned()).or_default().insert(text(&row, "consultation_id"));
        }
    }
    for word in words {
        let found = calls.get(word).map_or(0, BTreeSet::len);
        assert!(found >= 10, "{word} is of {found} calls");
    }
    let shown = kikitori(&["embed", "show", folder.path().join("words").to_str().unwrap(), "治療", "存在しない語"]);
    assert!(shown.status.success());
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.lines().next().unwrap().split('\t').count() == 11, "{shown}");
    assert!(shown.contains("語彙にありません"), "{shown}");
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.txt"), "x").unwrap();
    let output = kikitori(&["--lang", "en", "embed", "fit", "--out", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("something else than an embedding"));
    let output = kikitori(&["--lang", "en", "embed", "fit", "--dim", "0", "--out", "target/never-written"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("dim must be 1 to 1000, got 0"));
}

/// Calls of one short sentence, of fruit or of travelling. Within each kind there are two halves that share no word, and only word
/// vectors can tell that りんご and バナナ are near.
fn short_calls(folder: &Path) -> std::path::PathBuf {
    let kinds =
        [[["りんご", "みかん", "ぶどう"], ["バナナ", "メロン", "いちご"]], [["電車", "列車", "鉄道"], ["バス", "飛行機", "新幹線"]]];
    let mut lines = String::new();
    for i in 0..160 {
        let words = kinds[i % 2][i / 2 % 2];
        let text = format!("{}と{}。", words[i / 4 % 3], words[(i / 4 + 1 + i / 12 % 2) % 3]);
        lines += &format!("{}\n", serde_json::json!({ "id": format!("c{i}"), "text": text }));
    }
    let path = folder.join("short.jsonl");
    std::fs::write(&path, lines).unwrap();
    path
}

#[test]
fn short_texts_without_a_common_word_come_together_by_word_vectors() {
    let folder = tempfile::tempdir().unwrap();
    let (calls, chive) = (short_calls(folder.path()), root().join("models/chive-small"));
    let with = ["--themes", "2", "--embedding", chive.to_str().unwrap()];
    let themes = |run: &Path| -> Vec<(String, String)> {
        let rows = rows(&run.join("analyst/consultations.parquet"));
        rows.iter().map(|row| (text(row, "consultation_id"), text(row, "theme_id"))).collect()
    };
    let runs: Vec<_> = ["1", "3"]
        .map(|threads| publish(&calls, &folder.path().join(threads), &[&with[..], &["--threads", threads]].concat()))
        .into_iter()
        .collect();
    crate::support::assert_same_tables(&runs[0], &runs[1]);

    // The halves of a kind stand together, as they do not without word vectors.
    let themes_of_fruit = |run: &Path| -> BTreeSet<String> {
        let theme_of: BTreeMap<String, String> = themes(run).into_iter().collect();
        let fruit = ["りんご", "みかん", "ぶどう", "バナナ", "メロン", "いちご"];
        let terms = rows(&run.join("analyst/term_frequencies.parquet"));
        let of_fruit = terms.iter().filter(|row| fruit.contains(&text(row, "term").as_str()));
        of_fruit.map(|row| theme_of[&text(row, "consultation_id")].clone()).collect()
    };
    assert_eq!(themes_of_fruit(&runs[0]).len(), 1);
    let without = publish(&calls, &folder.path().join("without"), &["--themes", "2"]);
    assert_eq!(themes_of_fruit(&without).len(), 2);

    // The manifest tells, the methods paragraph too, and a model keeps what it learned.
    let method = &crate::support::manifest(&runs[0])["method"];
    assert_eq!((method["word_dimensions"].as_u64() > Some(0), method["embedding"].as_str().unwrap().len()), (true, 64), "{method}");
    let methods = kikitori(&["manifest", "--methods", folder.path().join("1").to_str().unwrap()]);
    assert!(String::from_utf8(methods.stdout).unwrap().contains("単語ベクトル"));
    let model = folder.path().join("model");
    let fit = kikitori(&[&["--quiet", "fit", "--input", calls.to_str().unwrap(), "--model", model.to_str().unwrap()], &with[..]].concat());
    assert!(fit.status.success(), "{}", String::from_utf8_lossy(&fit.stderr));
    let applied = publish(&calls, &folder.path().join("applied"), &["--model", model.to_str().unwrap()]);
    let counts = |run: &Path| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        themes(run).into_iter().for_each(|(_, theme)| *counts.entry(theme).or_default() += 1);
        counts
    };
    assert_eq!(counts(&applied), counts(&runs[0]));
    assert!(crate::support::manifest(&applied)["method"]["word_dimensions"].as_u64() > Some(0));

    // A folder without word vectors is refused by name.
    let wrong = kikitori(&["run", "--input", calls.to_str().unwrap(), "--embedding", folder.path().to_str().unwrap()]);
    let message = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(!wrong.status.success() && message.contains("単語ベクトルのモデルがありません"), "{message}");
}

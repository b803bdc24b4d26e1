//! The contract of `kikitori eval`, and what the held-out gold must reach.

use crate::support::{kikitori, root};

fn eval(arguments: &[&str]) -> serde_json::Value {
    let mut all = vec!["--quiet", "eval"];
    all.extend(arguments);
    let output = kikitori(&all);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn gold(name: &str) -> String {
    root().join("corpus-samples/gold").join(name).to_str().unwrap().to_owned()
}

#[test]
fn themes_has_every_key_of_the_contract() {
    let result = eval(&["themes", &gold("themes.jsonl"), "--label", "label", "--themes", "8", "--seed", "3"]);
    let keys = ["docs", "themes", "nmi", "ari", "v_measure", "npmi", "c_v", "diversity", "silhouette", "stability", "outliers"];
    for key in keys.into_iter().chain(["bootstrap_stability", "seconds", "fit_seconds", "peak_rss_mb"]) {
        assert!(result[key].is_number(), "{key}: {result}");
    }
    assert!(result.get("peers").is_none(), "{result}");
    for (key, least) in [("c_v", 0.2), ("silhouette", -0.1)] {
        let value = result[key].as_f64().unwrap();
        assert!(value > least && value < 1.0, "{key}: {result}");
    }
    assert_eq!(result["docs"], 165);
    assert_eq!(result["themes"], 8);
    assert!(result["nmi"].as_f64().unwrap() > 0.1, "{result}");
}

/// A comparison as `benches/peers/topics.sh --samples` writes it.
fn comparison(input: &str, docs: usize, themes: usize) -> tempfile::NamedTempFile {
    let figures = serde_json::json!({
        "nmi": 0.39, "ari": 0.14, "npmi": 0.226, "diversity": 0.985, "outliers": 0.0, "found": 13.0, "stability": 0.232,
        "seconds": 0.59, "peak_rss_mb": 76.0,
    });
    let mut lda = figures.clone();
    lda["keywords"] = serde_json::json!([["治療", "病院", "手術"], ["費用", "保険", "制度"], ["語彙にない語"]]);
    let report = serde_json::json!({
        "input": input, "docs": docs, "themes": themes,
        "methods": { "kikitori": figures, "lda": lda, "umap_reduced": figures }, "missing": { "nmf": "not run" },
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), report.to_string()).unwrap();
    file
}

#[test]
fn peers_stand_beside_on_stdout_for_machines_and_on_stderr_for_people() {
    let report = comparison("themes.jsonl", 165, 7);
    let path = report.path().to_str().unwrap();
    let file = gold("themes.jsonl");
    let beside = |lang: &str| {
        let output = kikitori(&["--lang", lang, "eval", "themes", &file, "--vs", path]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (result, table) = beside("ja");
    // As many themes as the comparison, without asking.
    assert_eq!(result["themes"], 7);
    assert_eq!(result["peers"].as_object().unwrap().keys().collect::<Vec<_>>(), ["lda", "umap_reduced"]);
    assert_eq!(result["peers"]["lda"]["nmi"], 0.39);
    // Measured here, from the peer's keywords; without keywords there is none.
    assert!(result["peers"]["lda"]["c_v"].as_f64().is_some_and(|c_v| c_v > 0.0 && c_v < 1.0), "{result}");
    assert!(result["peers"]["umap_reduced"].get("c_v").is_none() && result["peers"]["lda"].get("keywords").is_none(), "{result}");
    let lines: Vec<&str> = table.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("手法")).unwrap();
    assert!(lines[at + 1].starts_with("kikitori"), "{table}");
    assert!(lines[at + 1].contains(&format!("{:.3}", result["nmi"].as_f64().unwrap())), "{table}");
    assert!(lines[at + 2].starts_with("LDA (tomotopy)") && lines[at + 2].contains("0.390"), "{table}");
    assert!(lines[at + 3].starts_with("同上、7に統合") && lines[at + 4].contains("動かなかった手法：NMF"), "{table}");
    let (_, table) = beside("en");
    assert!(table.contains("\nmethod") && table.contains("the same, merged to 7") && table.contains("not run: NMF"), "{table}");
}

#[test]
fn a_comparison_of_something_else_is_refused() {
    let file = gold("themes.jsonl");
    for (report, asked) in
        [(comparison("other.jsonl", 165, 8), "8"), (comparison("themes.jsonl", 164, 8), "8"), (comparison("themes.jsonl", 165, 9), "8")]
    {
        let path = report.path().to_str().unwrap();
        for (lang, words) in [("ja", "並べられません"), ("en", "cannot stand beside")] {
            let output = kikitori(&["--lang", lang, "--quiet", "eval", "themes", &file, "--themes", asked, "--vs", path]);
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!((output.status.code(), output.stdout.len(), said.lines().count()), (Some(2), 0, 1), "{said}");
            assert!(said.contains(words) && said.contains(path) && said.contains("topics.sh"), "{said}");
        }
    }
    let output = kikitori(&["eval", "themes", &file, "--vs", &file]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("topics.sh が書いた比較ではありません"));
}

#[test]
fn needs_hold_on_calls_nobody_looked_at() {
    let result = eval(&["needs", &gold("needs.heldout.jsonl")]);
    let f1 = |key: &str| result[key]["f1"].as_f64().unwrap();
    assert!(f1("need") >= 0.75, "{result}");
    assert!(f1("explicit") >= 0.70, "{result}");
    assert!(result["macro_f1"].as_f64().unwrap() >= 0.50, "{result}");
    assert!(result["domains"]["access"]["support"].as_u64().unwrap() > 0, "{result}");
}

#[test]
fn identifiers_hold_on_calls_nobody_looked_at() {
    let result = eval(&["redact", &gold("redact.heldout.jsonl")]);
    assert!(result["recall"].as_f64().unwrap() >= 0.85, "{result}");
    assert!(result["precision"].as_f64().unwrap() >= 0.80, "{result}");
    for kind in ["phone", "email", "record_id"] {
        let figures = &result["types"][kind];
        assert!(figures["support"] == 0 || figures["recall"].as_f64().unwrap() >= 0.75, "{kind}: {result}");
    }
}

/// What one would show the centre first must not be hidden by details beside it.
#[test]
fn a_small_corpus_still_shows_its_latent_needs() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (root().join("corpus-samples"), folder.path().join("out"));
    let output = kikitori(&["run", "--input", input.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let summary = String::from_utf8(output.stdout).unwrap();
    let needs: Vec<&str> =
        summary.lines().skip_while(|line| !line.starts_with("潜在的ニーズ")).skip(1).take_while(|l| !l.is_empty()).collect();
    assert_eq!(needs.len(), 5, "{summary}");
    assert!(needs.iter().all(|line| line.contains('件') && line.contains('%')), "{summary}");
}

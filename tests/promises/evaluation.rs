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
    for (key, least) in [("c_v", 0.2), ("silhouette", -0.1)] {
        let value = result[key].as_f64().unwrap();
        assert!(value > least && value < 1.0, "{key}: {result}");
    }
    assert_eq!(result["docs"], 165);
    assert_eq!(result["themes"], 8);
    assert!(result["nmi"].as_f64().unwrap() > 0.1, "{result}");
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

//! Promise: anybody can attack what is published, and the last line says what came of it.

use crate::support::{kikitori, publish, root};

#[test]
fn the_last_line_says_how_many_cells_were_attacked_and_how_many_fell() {
    let folder = tempfile::tempdir().unwrap();
    let run = publish(&root().join("corpus-samples"), folder.path(), &[]);
    for place in [folder.path(), &run, &run.join("dashboard")] {
        let output = kikitori(&["--json", "audit", place.to_str().unwrap(), "--against", folder.path().to_str().unwrap()]);
        let text = String::from_utf8(output.stdout).unwrap();
        let report: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        let (attacked, fell) = (report["attacked"].as_u64().unwrap(), report["fell"].as_u64().unwrap());
        let findings = report["findings"].as_array().unwrap();
        assert!(attacked > 1_000 && fell <= findings.len() as u64);
        assert_eq!(output.status.code(), Some(i32::from(!findings.is_empty())));
        // Whatever several sums give away together, nothing stands in the open, and no run differs from itself.
        let in_the_open = |kind: &str| !["recoverable", "small_rest"].contains(&kind);
        assert!(!findings.iter().any(|f| in_the_open(f["kind"].as_str().unwrap())), "{findings:?}");
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

//! Promise: data flows one way; a layer never imports a later one, and only io and cli touch the disk.

use std::path::{Path, PathBuf};

use crate::support::root;

/// The order of the map: left never imports right.
const ORDER: [&str; 21] = [
    "error",
    "consultation",
    "morphology",
    "logistic",
    "redact",
    "term",
    "stat",
    "vector",
    "theme",
    "code",
    "need",
    "discover",
    "analysis",
    "disclose",
    "coding",
    "table",
    "audit",
    "sample",
    "pipeline",
    "io",
    "cli",
];

/// `theme`, `code` and `need` stand side by side: none knows another. People who code needs know of neither themes nor rules.
/// The audit shares no code with what it audits.
const STRANGERS: [(&str, &str); 8] = [
    ("need", "theme"),
    ("need", "code"),
    ("code", "theme"),
    ("coding", "theme"),
    ("coding", "code"),
    ("audit", "table"),
    ("audit", "disclose"),
    ("audit", "stat"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.file_stem().is_some_and(|s| s == "tests" || s == "testing") {
            found.push(path);
        }
    }
}

/// The modules of this crate that a source file names.
fn imports(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for line in code.lines().filter(|l| !l.trim_start().starts_with("//")) {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            found.push(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

#[test]
fn no_layer_imports_a_later_one() {
    let src = root().join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 40, "found only {} files", files.len());
    let mut faults = Vec::new();
    for file in files {
        let below = file.strip_prefix(&src).unwrap();
        let layer = below.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        let Some(own) = ORDER.iter().position(|l| *l == layer) else { continue };
        for import in imports(&std::fs::read_to_string(&file).unwrap()) {
            let Some(other) = ORDER.iter().position(|l| *l == import) else { continue };
            if other > own || STRANGERS.contains(&(layer.as_str(), import.as_str())) {
                faults.push(format!("{} imports {import}", below.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_core_never_touches_the_disk_or_the_clock() {
    let src = root().join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut faults = Vec::new();
    for file in files {
        let below = file.strip_prefix(&src).unwrap().to_path_buf();
        if below.starts_with("io") || below.starts_with("cli") {
            continue;
        }
        let source = std::fs::read_to_string(&file).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        for forbidden in ["std::fs", "std::env::var", "SystemTime::now", "Instant::now", "thread_rng", "Utc::now", "Local::now"] {
            if code.contains(forbidden) {
                faults.push(format!("{}: {forbidden}", below.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

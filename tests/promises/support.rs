//! Running the binary and reading what it wrote.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Row;

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs `kikitori` with `arguments` in the repository's root, with no key and no configuration from outside.
pub(crate) fn kikitori(arguments: &[&str]) -> Output {
    assert_cmd::Command::cargo_bin("kikitori")
        .unwrap()
        .current_dir(root())
        .env_remove("KIKITORI_KEY")
        .env_remove("KIKITORI_LANG")
        .args(arguments)
        .output()
        .unwrap()
}

/// Runs `kikitori run` on `input` into `out` and demands success.
pub(crate) fn publish(input: &Path, out: &Path, more: &[&str]) -> PathBuf {
    let mut arguments = vec!["--quiet", "run", "--input", input.to_str().unwrap(), "--out", out.to_str().unwrap()];
    arguments.extend(more);
    let output = kikitori(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    latest(out)
}

/// The run that `latest.json` names.
pub(crate) fn latest(out: &Path) -> PathBuf {
    let pointer: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("latest.json")).unwrap()).unwrap();
    out.join(pointer["run"].as_str().unwrap())
}

/// The manifest of a run.
pub(crate) fn manifest(run: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(run.join("_manifest.json")).unwrap()).unwrap()
}

/// All Parquet files of a run: path below it → bytes.
pub(crate) fn tables(run: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![run.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "parquet") {
                let name = path.strip_prefix(run).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// All rows of a Parquet file.
pub(crate) fn rows(path: &Path) -> Vec<Row> {
    let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(Result::unwrap).collect()
}

/// Asserts that two runs hold the same tables, byte for byte.
pub(crate) fn assert_same_tables(left: &Path, right: &Path) {
    let (left, right) = (tables(left), tables(right));
    assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
    assert!(left.len() > 15, "only {} tables", left.len());
    for (name, bytes) in &left {
        assert!(bytes == &right[name], "{name} differs");
    }
}

/// The text of a column of a row.
pub(crate) fn text(row: &Row, column: &str) -> String {
    let field = row.get_column_iter().find(|(name, _)| *name == column);
    match field {
        Some((_, parquet::record::Field::Str(text))) => text.clone(),
        other => panic!("column {column} is {other:?}"),
    }
}

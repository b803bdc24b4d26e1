//! Static embeddings on disk: a folder in Model2Vec's or Sentence Transformers' layout.
//!
//! Useful for: reading a model somebody else made, and writing one of ours. Not for: what its numbers mean
//! ([`crate::vector::embedding`]).

use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::fs::{self, Access};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::vector::embedding::{EmbeddingParts, StaticEmbedding};

const TOKENIZER: &str = "tokenizer.json";
const TENSORS: &str = "model.safetensors";
const CONFIG: &str = "config.json";
/// Sentence Transformers' list of what a model does, in order.
const MODULES: &str = "modules.json";
/// Where Sentence Transformers puts the matrix when no list says so.
const NESTED: &str = "0_StaticEmbedding";

/// One entry of `modules.json`.
#[derive(Deserialize)]
struct Module {
    path: PathBuf,
    #[serde(rename = "type")]
    kind: String,
}

/// Reads the embedding in the folder `dir`.
///
/// Vectors of texts get length 1 if `config.json` says so, or where there is none, if `modules.json` ends in `Normalize`.
///
/// # Errors
/// [`ErrorKind::Model`] when there is none or its parts do not fit together, by file; [`ErrorKind::Io`] when the disk refuses.
pub fn read_embedding(dir: &Path) -> Result<StaticEmbedding> {
    let modules = read_modules(dir)?;
    let named = modules.iter().find(|m| m.kind.ends_with("StaticEmbedding")).map(|m| m.path.as_path());
    let nested = named.unwrap_or(if dir.join(TENSORS).is_file() { Path::new("") } else { Path::new(NESTED) });
    // A model is data: it must not name files outside its folder.
    if !nested.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir)) {
        return Err(refused("modules.json がフォルダの外を指しています", "modules.json names a path outside of the folder").at(dir, 0));
    }
    let folder = dir.join(nested);
    if [TOKENIZER, TENSORS].iter().any(|name| !folder.join(name).is_file()) {
        return Err(refused(
            format!("単語ベクトルのモデルがありません（{TOKENIZER} と {TENSORS} が必要です）。パスを確かめてください"),
            format!("no embedding here: {TOKENIZER} and {TENSORS} are needed; check the path"),
        )
        .at(dir, 0));
    }
    let own = dir.join(CONFIG);
    let config = if own.is_file() {
        Some(fs::read_bytes(&own)?)
    } else {
        modules.iter().any(|m| m.kind.ends_with("Normalize")).then(|| br#"{"normalize":true}"#.to_vec())
    };
    let tokenizer = fs::read_bytes(&folder.join(TOKENIZER))?;
    let tensors = fs::read_bytes(&folder.join(TENSORS))?;
    StaticEmbedding::from_parts(&tokenizer, &tensors, config.as_deref()).map_err(|e| e.at(dir, 0))
}

fn read_modules(dir: &Path) -> Result<Vec<Module>> {
    let path = dir.join(MODULES);
    if !path.is_file() {
        return Ok(Vec::new());
    }
    serde_json::from_slice(&fs::read_bytes(&path)?)
        .map_err(|e| refused("モジュールの一覧として読めません", "not a list of modules").at(&path, 0).because(e))
}

/// Refuses a folder that holds something else than an embedding, before the long work.
///
/// # Errors
/// [`ErrorKind::Model`], or [`ErrorKind::Io`] when the disk refuses.
pub fn check_target(dir: &Path) -> Result<()> {
    let names = fs::names(dir)?;
    if names.is_empty() || [TOKENIZER, TENSORS, CONFIG].iter().all(|name| names.iter().any(|n| n == name)) {
        return Ok(());
    }
    Err(refused(
        "単語ベクトルではないものが入っているフォルダです。別のフォルダを指定してください",
        "the folder holds something else than an embedding; name another one",
    )
    .at(dir, 0))
}

/// Writes an embedding as the folder `dir`. It is written beside `dir` and appears whole; an embedding that stands there is
/// moved aside for the moment between two renames and then removed.
///
/// # Errors
/// Those of [`check_target`], and when the disk refuses; an old embedding is then still there.
pub fn write_embedding(dir: &Path, parts: &EmbeddingParts) -> Result<()> {
    check_target(dir)?;
    let (temporary, aside) = (fs::beside(dir, "tmp"), fs::beside(dir, "old"));
    fs::remove_dir_if_exists(&temporary)?;
    fs::remove_dir_if_exists(&aside)?;
    fs::create_dirs(&temporary)?;
    let files = [(TOKENIZER, &parts.tokenizer_json), (TENSORS, &parts.safetensors), (CONFIG, &parts.config_json)];
    let written = (|| {
        for (name, bytes) in files {
            fs::write_atomic(&temporary.join(name), bytes, Access::Shared)?;
        }
        if fs::is_dir(dir) {
            fs::rename(dir, &aside)?;
        }
        fs::rename(&temporary, dir).inspect_err(|_| {
            if fs::is_dir(&aside) {
                // Best effort: the error that is reported is the one that led here.
                let _ = fs::rename(&aside, dir);
            }
        })
    })();
    if written.is_err() {
        let _ = fs::remove_dir_if_exists(&temporary);
    }
    written?;
    fs::remove_dir_if_exists(&aside)?;
    fs::sync_dir(fs::parent(dir))
}

fn refused(ja: impl Into<String>, en: impl Into<String>) -> Error {
    Error::new(ErrorKind::Model, Text::new(ja, en))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Lang;

    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/embedding");

    /// A copy of the Model2Vec fixture that a test may spoil.
    fn copy() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in [TOKENIZER, TENSORS, CONFIG] {
            std::fs::copy(Path::new(FIXTURES).join("model2vec").join(name), dir.path().join(name)).unwrap();
        }
        dir
    }

    fn message(dir: &Path) -> String {
        let error = read_embedding(dir).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Model);
        error.message(Lang::En)
    }

    #[test]
    fn what_is_missing_is_named() {
        for name in [TOKENIZER, TENSORS] {
            let dir = copy();
            std::fs::remove_file(dir.path().join(name)).unwrap();
            assert!(message(dir.path()).contains("tokenizer.json and model.safetensors are needed"));
        }
        assert!(message(Path::new("no/such/folder")).contains("no embedding here"));
    }

    #[test]
    fn damaged_files_are_named() {
        for (name, found) in
            [(TOKENIZER, "tokenizer.json is no tokenizer"), (TENSORS, "model.safetensors is damaged"), (CONFIG, "config.json")]
        {
            let dir = copy();
            let path = dir.path().join(name);
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
            assert!(message(dir.path()).contains(found), "{}", message(dir.path()));
        }
    }

    #[test]
    fn a_model_stays_in_its_folder() {
        let dir = copy();
        let modules = r#"[{"path": "../elsewhere", "type": "sentence_transformers.models.StaticEmbedding"}]"#;
        std::fs::write(dir.path().join(MODULES), modules).unwrap();
        assert!(message(dir.path()).contains("outside of the folder"));
    }

    #[test]
    fn a_folder_is_replaced_whole_and_only_if_it_is_one() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("words");
        let parts = |config: &str| EmbeddingParts {
            tokenizer_json: b"t".to_vec(),
            safetensors: b"s".to_vec(),
            config_json: config.as_bytes().to_vec(),
        };
        write_embedding(&target, &parts("first")).unwrap();
        write_embedding(&target, &parts("second")).unwrap();
        assert_eq!(std::fs::read(target.join(CONFIG)).unwrap(), b"second");
        assert_eq!(fs::names(dir.path()).unwrap(), ["words"]);
        let other = dir.path().join("thesis");
        std::fs::create_dir(&other).unwrap();
        std::fs::write(other.join("chapter.txt"), "x").unwrap();
        assert_eq!(write_embedding(&other, &parts("x")).unwrap_err().kind(), ErrorKind::Model);
        assert_eq!(fs::names(&other).unwrap(), ["chapter.txt"]);
    }
}

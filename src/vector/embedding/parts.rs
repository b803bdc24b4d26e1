//! A trained embedding as the files of a Model2Vec model.

use std::collections::BTreeMap;

use safetensors::tensor::{Dtype, TensorView};
use serde_json::json;

use super::{CONTINUES, TrainedEmbedding};
use crate::error::{Error, ErrorKind, Result, Text};

/// The unknown word, token 0.
const UNKNOWN: &str = "[UNK]";

/// The three files of a model, as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingParts {
    /// A WordPiece tokenizer over words between spaces.
    pub tokenizer_json: Vec<u8>,
    /// `embeddings` (words × dimension, f32) and `mapping` (token → row).
    pub safetensors: Vec<u8>,
    /// `normalize`, and how it was made.
    pub config_json: Vec<u8>,
}

impl TrainedEmbedding {
    /// The files. Equal embeddings give equal bytes.
    ///
    /// A word is one token. One of kanji or katakana alone may also continue another, as a token of its own that shares
    /// its row, so that a compound nobody used often enough still has the mean of its parts.
    ///
    /// # Errors
    /// Only for a bug of ours.
    pub fn parts(&self) -> Result<EmbeddingParts> {
        let mut tokens: BTreeMap<String, i32> = BTreeMap::new();
        for (row, word) in (0i32..).zip(&self.words) {
            tokens.insert(word.to_string(), row);
            if is_part(word) {
                tokens.insert(format!("{CONTINUES}{word}"), row);
            }
        }
        // The unknown token is dropped before anybody looks at its row.
        let mapping: Vec<u8> = std::iter::once(&0).chain(tokens.values()).flat_map(|row| row.to_le_bytes()).collect();
        let vocabulary: serde_json::Map<String, serde_json::Value> =
            std::iter::once(UNKNOWN.to_owned()).chain(tokens.into_keys()).zip(0u32..).map(|(token, id)| (token, id.into())).collect();
        let tokenizer = json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": [{
                "id": 0, "content": UNKNOWN, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true,
            }],
            "normalizer": null,
            "pre_tokenizer": { "type": "WhitespaceSplit" },
            "post_processor": null,
            "decoder": null,
            "model": {
                "type": "WordPiece",
                "unk_token": UNKNOWN,
                "continuing_subword_prefix": CONTINUES,
                "max_input_chars_per_word": 100,
                "vocab": vocabulary,
            },
        });
        let params = &self.params;
        let config = json!({
            "model_type": "model2vec",
            "architectures": ["StaticModel"],
            "normalize": true,
            "language": ["ja"],
            "kikitori": {
                "version": env!("CARGO_PKG_VERSION"),
                "calls": self.documents,
                "threshold": params.threshold,
                "window": params.window,
                "seed": params.seed,
            },
        });
        Ok(EmbeddingParts { tokenizer_json: text(&tokenizer)?, safetensors: self.tensors(&mapping)?, config_json: text(&config)? })
    }

    fn tensors(&self, mapping: &[u8]) -> Result<Vec<u8>> {
        let vectors: Vec<u8> = self.vectors.iter().flat_map(|v| v.to_le_bytes()).collect();
        let view = |dtype, shape, data| TensorView::new(dtype, shape, data).map_err(internal);
        let tensors = [
            ("embeddings", view(Dtype::F32, self.vectors.shape().to_vec(), vectors.as_slice())?),
            ("mapping", view(Dtype::I32, vec![mapping.len() / size_of::<i32>()], mapping)?),
        ];
        safetensors::serialize(tensors, None).map_err(internal)
    }
}

/// Whether a word may continue another: kana endings are grammar, not parts.
fn is_part(word: &str) -> bool {
    let kana = |c: char| matches!(c, 'ァ'..='ヺ' | 'ー');
    let kanji = |c: char| matches!(c, '々' | '〆' | '\u{3400}'..='\u{9fff}');
    word.chars().all(|c| kana(c) || kanji(c)) && (word.chars().any(kanji) || word.chars().nth(1).is_some())
}

fn text(value: &serde_json::Value) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(value).map_err(internal)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Internal, Text::new("単語ベクトルを書き出せません", "cannot write an embedding")).because(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_kanji_and_katakana() {
        for part in ["肉腫", "癌", "ケア", "抗ガン剤"] {
            assert!(is_part(part), "{part}");
        }
        for word in ["痛い", "ない", "GIST", "ケ", ""] {
            assert!(!is_part(word), "{word}");
        }
    }
}

//! Static embeddings: a vector per word, and for a text the mean of its words' vectors.
//!
//! Useful for: bringing near to each other words that mean the same (痛い and ずきずき) although no two calls share them.
//! Not for: words that no model knows, and for word order, of which a mean knows nothing.
//!
//! The formats are those of [Model2Vec](https://github.com/MinishLab/model2vec) and of Sentence Transformers'
//! `StaticEmbedding`: a tokenizer, a matrix, a configuration. What is read here is bytes; folders are `io`'s.

mod parts;
mod sif;
mod tensors;
mod train;

use ndarray::{Array2, ArrayView1};
use serde::Deserialize;
use tokenizers::Tokenizer;

use crate::error::{Error, ErrorKind, Result, Text};

pub use parts::EmbeddingParts;
pub use sif::{SIF_A, document_vectors, remove_common, sif_weights};
use tensors::Tensors;
pub use train::{EmbeddingParams, Passages, TrainedEmbedding, ValidEmbeddingParams, train};

/// What marks a token that continues a word, in tokenizers of the WordPiece kind.
const CONTINUES: &str = "##";

/// A fitted static embedding: a tokenizer and one vector per token.
#[derive(Debug, Clone)]
pub struct StaticEmbedding {
    tokenizer: Tokenizer,
    /// Rows × dimension.
    vectors: Array2<f32>,
    /// Token → row, where tokens share rows; else a token's row is its id.
    rows: Option<Vec<u32>>,
    /// Per token: what its vector is multiplied by.
    weights: Option<Vec<f32>>,
    /// The token of unknown words: it says nothing and is left out.
    unknown: Option<u32>,
    normalize: bool,
    fingerprint: String,
}

/// What of `config.json` decides a result.
#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    normalize: Option<bool>,
}

/// What of `tokenizer.json` names the unknown word: by text (WordLevel, WordPiece, BPE) or by id (Unigram).
#[derive(Deserialize)]
struct TokenizerFile {
    model: ModelFile,
}

#[derive(Deserialize)]
struct ModelFile {
    #[serde(default)]
    unk_token: Option<String>,
    #[serde(default)]
    unk_id: Option<u32>,
}

impl StaticEmbedding {
    /// The embedding in the three files of a model.
    ///
    /// `safetensors` holds the vectors as `embeddings` (Model2Vec) or `embedding.weight` (Sentence Transformers), rows ×
    /// dimension, of f32, f16, bf16, f64 or i8; optionally `mapping` (token → row; without it every token has its own row)
    /// and `weights` (per token, a factor). A convention of ours: `scales`, one number or one per row, by which the rows
    /// are multiplied when they are read, so that i8 may quantise each row by itself. `config_json` says with `normalize`
    /// whether vectors of texts get length 1; without it they do not.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] when a file is not what it should be, a tensor is missing, or shapes do not fit the vocabulary.
    pub fn from_parts(tokenizer_json: &[u8], safetensors: &[u8], config_json: Option<&[u8]>) -> Result<Self> {
        let mut tokenizer = Tokenizer::from_bytes(tokenizer_json).map_err(|e| not_a_tokenizer().because(e))?;
        // All of a text counts: a call is longer than the 512 tokens at which Model2Vec's Python cuts unless told otherwise.
        tokenizer.with_truncation(None).map_err(|e| not_a_tokenizer().because(e))?;
        tokenizer.with_padding(None);
        let model = serde_json::from_slice::<TokenizerFile>(tokenizer_json).map_err(|e| not_a_tokenizer().because(e))?.model;
        let unknown = model.unk_token.and_then(|token| tokenizer.token_to_id(&token)).or(model.unk_id);
        let normalize = match config_json {
            Some(bytes) => serde_json::from_slice::<Config>(bytes).map_err(|e| not_a_config().because(e))?.normalize.unwrap_or(false),
            None => false,
        };
        let tensors = Tensors::read(safetensors)?;
        let mut hasher = blake3::Hasher::new();
        for part in [tokenizer_json, safetensors, config_json.unwrap_or_default()] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        let embedding = Self {
            vectors: tensors.vectors()?,
            rows: tensors.mapping()?,
            weights: tensors.weights()?,
            tokenizer,
            unknown,
            normalize,
            fingerprint: hasher.finalize().to_hex().to_string(),
        };
        embedding.check()?;
        Ok(embedding)
    }

    /// Whether every token finds its row and its weight.
    fn check(&self) -> Result<()> {
        let vocabulary = self.tokenizer.get_vocab(true);
        let tokens = vocabulary.len().max(vocabulary.values().max().map_or(0, |id| *id as usize + 1));
        let rows = self.vectors.nrows();
        let misfit = |name: &str, found: usize| {
            Error::new(
                ErrorKind::Model,
                Text::new(
                    format!("語彙（{tokens}トークン）と {name}（{found}行）の大きさが合いません。同じモデルのファイルか確かめてください"),
                    format!("{name} has {found} rows for {tokens} tokens of tokenizer.json; check that both belong to one model"),
                ),
            )
        };
        match &self.rows {
            None if rows != tokens => return Err(misfit("embeddings", rows)),
            Some(mapping) if mapping.len() < tokens => return Err(misfit("mapping", mapping.len())),
            Some(mapping) if mapping.iter().any(|row| *row as usize >= rows) => {
                return Err(Error::new(
                    ErrorKind::Model,
                    Text::new(
                        format!("mapping が {rows} 行の embeddings にない行を指しています"),
                        format!("mapping names a row that embeddings, with {rows}, does not have"),
                    ),
                ));
            }
            _ => {}
        }
        match &self.weights {
            Some(weights) if weights.len() < tokens => Err(misfit("weights", weights.len())),
            _ => Ok(()),
        }
    }

    /// BLAKE3 of the files it was read from.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Length of a vector.
    pub fn dimension(&self) -> usize {
        self.vectors.ncols()
    }

    /// Number of tokens.
    pub fn tokens(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// Whether vectors of texts have length 1.
    pub fn normalizes(&self) -> bool {
        self.normalize
    }

    /// The same embedding with smooth inverse frequency weights: a token of relative frequency p counts a/(a + p), after
    /// Arora, Liang & Ma 2017 (ICLR, "A simple but tough-to-beat baseline for sentence embeddings"), and one that `counts`
    /// does not have counts 1. Their second step is [`remove_common`].
    ///
    /// `counts` gives words or compounds and how often they occur; `a` is usually [`SIF_A`].
    #[must_use]
    pub fn with_sif<'t>(mut self, counts: impl IntoIterator<Item = (&'t str, u64)>, a: f64) -> Self {
        let mut frequencies = vec![0; self.rows.as_ref().map_or(self.vectors.nrows(), Vec::len)];
        for (word, count) in counts {
            for token in self.encode(word) {
                frequencies[token as usize] += count;
            }
        }
        let mut weights = sif_weights(frequencies, a);
        if let Some(own) = &self.weights {
            weights.iter_mut().zip(own).for_each(|(w, o)| *w *= o);
        }
        self.weights = Some(weights);
        self
    }

    /// The known tokens of a text, in order. A text that the tokenizer cannot take apart has none.
    fn encode(&self, text: &str) -> Vec<u32> {
        let encoding = self.tokenizer.encode_fast(text, false);
        let ids = encoding.map(|e| e.get_ids().to_vec()).unwrap_or_default();
        ids.into_iter().filter(|id| Some(*id) != self.unknown).collect()
    }

    /// The words of the vocabulary, not those that only go on with another, in its order.
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<(String, u32)> = self.tokenizer.get_vocab(true).into_iter().collect();
        words.retain(|(word, id)| Some(*id) != self.unknown && !word.starts_with(CONTINUES));
        words.sort_unstable_by_key(|(_, id)| *id);
        words.into_iter().map(|(word, _)| word).collect()
    }

    /// Whether `word` is a word of the vocabulary.
    pub fn has(&self, word: &str) -> bool {
        self.tokenizer.token_to_id(word).is_some_and(|id| Some(id) != self.unknown)
    }

    /// Whether at least a part of `text` has a vector.
    pub fn knows(&self, text: &str) -> bool {
        !self.encode(text).is_empty()
    }

    /// The vector of a text: the mean of the (weighted) vectors of its tokens, unknown ones left out; of length 1 if the
    /// configuration says so; zero where nothing is known. What `StaticModel.encode` of Model2Vec gives with
    /// `max_length=None`.
    pub fn sentence(&self, text: &str) -> Vec<f32> {
        let tokens = self.encode(text);
        let mut sum = vec![0.0_f64; self.dimension()];
        for token in &tokens {
            let weight = self.weights.as_ref().map_or(1.0, |w| f64::from(w[*token as usize]));
            sum.iter_mut().zip(self.row(*token)).for_each(|(s, v)| *s += weight * f64::from(*v));
        }
        let mut scale = tokens.len().max(1) as f64;
        if self.normalize {
            let length = sum.iter().map(|s| s * s).sum::<f64>().sqrt();
            scale = if length > 0.0 { length } else { 1.0 };
        }
        sum.into_iter().map(|s| (s / scale) as f32).collect()
    }

    /// Terms × dimension: the vector of each term as of a text of its own. A compound that is no word of the vocabulary gets
    /// the mean of its parts if the tokenizer splits it; a term of which nothing is known gets zeros.
    pub fn word_vectors<'t>(&self, terms: impl Iterator<Item = &'t str>) -> Array2<f32> {
        let (mut values, mut rows) = (Vec::new(), 0);
        for term in terms {
            values.extend(self.sentence(term));
            rows += 1;
        }
        Array2::from_shape_vec((rows, self.dimension()), values).unwrap_or_default()
    }

    /// The `count` words of the vocabulary nearest to `text` by cosine, itself left out, nearest first; equals in the order
    /// of the vocabulary. None where nothing of the text is known.
    ///
    /// Time O(vocabulary · dimension).
    pub fn nearest(&self, text: &str, count: usize) -> Vec<(String, f32)> {
        let query = self.sentence(text);
        let length = |row: ArrayView1<'_, f32>| row.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt();
        let own = length(ArrayView1::from(&query));
        if own == 0.0 {
            return Vec::new();
        }
        let words = self.words().into_iter().filter(|word| word != text);
        let mut near: Vec<(String, f32)> = words
            .filter_map(|word| {
                let row = self.row(self.tokenizer.token_to_id(&word)?);
                let dot: f64 = row.iter().zip(&query).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                let other = length(row);
                (other > 0.0).then(|| (word, (dot / own / other) as f32))
            })
            .collect();
        near.sort_by(|a, b| b.1.total_cmp(&a.1));
        near.truncate(count);
        near
    }

    fn row(&self, token: u32) -> ArrayView1<'_, f32> {
        let row = self.rows.as_ref().map_or(token, |rows| rows[token as usize]);
        self.vectors.row(row as usize)
    }
}

fn not_a_tokenizer() -> Error {
    Error::new(
        ErrorKind::Model,
        Text::new("tokenizer.json をトークナイザとして読めません", "tokenizer.json is no tokenizer of the tokenizers library"),
    )
}

fn not_a_config() -> Error {
    Error::new(ErrorKind::Model, Text::new("config.json を読めません", "config.json is no JSON object with a boolean \"normalize\""))
}

#[cfg(test)]
mod tests;

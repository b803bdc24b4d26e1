//! The sections of the configuration with their defaults.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{
    DEFAULT_KEEP_HOURS, DEFAULT_KEEP_RUNS, DEFAULT_MAX_CHARS, DEFAULT_MAX_REJECT_SHARE, DEFAULT_RANK, DEFAULT_SEED, DEFAULT_TAU,
    DEFAULT_THRESHOLD,
};
use crate::error::Lang;

/// `lang`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConfigLang {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

impl From<ConfigLang> for Lang {
    fn from(lang: ConfigLang) -> Self {
        match lang {
            ConfigLang::Ja => Self::Ja,
            ConfigLang::En => Self::En,
        }
    }
}

/// `[input]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Input {
    /// Files and folders; relative ones are looked for beside the configuration. None: those of the command line.
    pub paths: Vec<PathBuf>,
    /// The encoding of text files; `None`: detected per file.
    pub encoding: Option<String>,
    /// The sheet of a workbook; `None`: its first.
    pub sheet: Option<String>,
    /// Longer texts become rejects; in Unicode scalars.
    pub max_chars: usize,
    /// Above this share of rejected rows, the run ends with exit code 1 (its result is published all the same).
    pub max_reject_share: f64,
}

impl Default for Input {
    fn default() -> Self {
        Self { paths: Vec::new(), encoding: None, sheet: None, max_chars: DEFAULT_MAX_CHARS, max_reject_share: DEFAULT_MAX_REJECT_SHARE }
    }
}

/// `[output]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Output {
    /// The output folder; `None`: `kikitori-out` in the working folder.
    pub dir: Option<PathBuf>,
    /// How many of the newest runs are kept, at least.
    pub keep_runs: usize,
    /// For how many hours a run is kept, at least.
    pub keep_hours: u64,
}

impl Default for Output {
    fn default() -> Self {
        Self { dir: None, keep_runs: DEFAULT_KEEP_RUNS, keep_hours: DEFAULT_KEEP_HOURS }
    }
}

/// `[themes]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Themes {
    /// How many; `None`: chosen from the data.
    pub count: Option<usize>,
    /// Seed of everything random.
    pub seed: u64,
    /// Dimensions of the latent space.
    pub rank: usize,
    /// A file of what the researcher asks of the themes (`themes.toml`); `None`: nothing.
    pub guide: Option<PathBuf>,
    /// Hash of that file, once it was read.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub guide_blake3: Option<String>,
    /// A folder of word vectors, a second view of short texts; `None`: none.
    pub embedding: Option<PathBuf>,
    /// Their hash, once they were read.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub embedding_blake3: Option<String>,
}

impl Default for Themes {
    fn default() -> Self {
        Self {
            count: None,
            seed: DEFAULT_SEED,
            rank: DEFAULT_RANK,
            guide: None,
            guide_blake3: None,
            embedding: None,
            embedding_blake3: None,
        }
    }
}

/// `[needs]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Needs {
    /// τ: the weight of implicit cues from which a need that is neither recorded nor asked for is latent.
    pub tau: f64,
}

impl Default for Needs {
    fn default() -> Self {
        Self { tau: DEFAULT_TAU }
    }
}

/// `[codes]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Codes {
    /// A file of coding rules as KH Coder reads them; `None`: that of the dictionaries.
    pub file: Option<PathBuf>,
}

/// `[disclosure]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Disclosure {
    /// Cells with a count from 1 to this less one are not published.
    pub threshold: u64,
    /// What to do when a count differs from the last publication by a number below the threshold.
    pub since_last: SinceLast,
}

/// What the difference of two publications may tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SinceLast {
    /// Do not publish.
    Refuse,
    /// Publish, and say how many counts tell something.
    #[default]
    Warn,
    /// Do not look.
    Off,
}

impl SinceLast {
    /// As the configuration spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Warn => "warn",
            Self::Off => "off",
        }
    }
}

impl Default for Disclosure {
    fn default() -> Self {
        Self { threshold: DEFAULT_THRESHOLD, since_last: SinceLast::default() }
    }
}

/// `[dictionaries]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dictionaries {
    /// A folder laid out as `dictionaries/`; files missing there are the built-in ones.
    pub dir: Option<PathBuf>,
    /// A compiled lindera dictionary; `None`: the built-in IPADIC.
    pub lindera: Option<PathBuf>,
}

/// `[pseudonym]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PseudonymConfig {
    /// The file of the pseudonym key.
    pub key_file: Option<PathBuf>,
}

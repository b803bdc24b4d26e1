//! `kikitori.toml`: what a run is told. Every key is optional.

mod schema;
mod sections;
mod show;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use sections::{Codes, ConfigLang, Dictionaries, Disclosure, Input, Needs, Output, PseudonymConfig, SinceLast, Themes};

use super::fs;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::redact::Policy;

/// The name under which a configuration is looked for.
pub const CONFIG_FILE: &str = "kikitori.toml";

/// `[input] max_chars`: longer texts become rejects. A call of an hour has about 20,000 characters.
pub const DEFAULT_MAX_CHARS: usize = crate::consultation::intake::Limits::DEFAULT_MAX_CHARS;
/// `[input] max_reject_share`: above this share of rejects, the exit code says so.
pub const DEFAULT_MAX_REJECT_SHARE: f64 = 0.05;
/// `[output] keep_runs`.
pub const DEFAULT_KEEP_RUNS: usize = 7;
/// `[output] keep_hours`.
pub const DEFAULT_KEEP_HOURS: u64 = 48;
/// `[themes] seed`.
pub const DEFAULT_SEED: u64 = 42;
/// `[themes] rank`: dimensions of the latent space.
pub const DEFAULT_RANK: usize = 50;
/// `[needs] tau`: the weight of implicit cues from which a need is latent; one clear cue weighs 1.
pub const DEFAULT_TAU: f64 = crate::need::DEFAULT_TAU;
/// `[disclosure] threshold`: NDB's guidelines publish no cell from 1 to 9.
pub const DEFAULT_THRESHOLD: u64 = 10;

/// The configuration, with its defaults filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Language of messages and of the closing summary.
    pub lang: ConfigLang,
    /// Worker threads; `None`: as many as there are processors. The result does not depend on it.
    pub threads: Option<usize>,
    /// What is read.
    pub input: Input,
    /// Field or attribute → names of its column in the centre's files, beside those the profile knows.
    pub columns: BTreeMap<String, String>,
    /// Attribute → the centre's own value → code.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Type of identifier → what is done with it: `mask`, `generalise` or `keep`.
    pub redaction: BTreeMap<String, String>,
    /// Where it goes.
    pub output: Output,
    /// How themes are found.
    pub themes: Themes,
    /// How needs are found.
    pub needs: Needs,
    /// The analyst's own codes.
    pub codes: Codes,
    /// What may be published.
    pub disclosure: Disclosure,
    /// The user's own dictionaries.
    pub dictionaries: Dictionaries,
    /// How ids become pseudonyms.
    pub pseudonym: PseudonymConfig,
}

impl Config {
    /// Reads a configuration; relative paths in it are taken from its folder, so that cron finds them too.
    ///
    /// # Errors
    /// A file that cannot be read, or a line, key or value that is not usable.
    pub fn load(path: &Path) -> Result<Self> {
        let mut config = Self::parse(path, &fs::read_text(path)?)?;
        let folder = fs::parent(path);
        if folder != Path::new(".") {
            config.paths_mut().for_each(|p| *p = folder.join(&*p));
        }
        Ok(config)
    }

    /// Reads the text of a configuration; `file` is how messages name it.
    ///
    /// # Errors
    /// A line, key or value that is not usable; the message names file, line and key and what was probably meant.
    pub fn parse(file: &Path, text: &str) -> Result<Self> {
        let keys = schema::read_keys(file, text)?;
        let config: Self = toml::from_str(text).map_err(|e| schema::value_error(file, text, &keys, &e))?;
        config.check().map_err(|(key, text)| Error::new(ErrorKind::Config, text).at(file, keys.line_of(&key)).column(&key))?;
        Ok(config)
    }

    /// The line on which `key` (dotted) stands in the configuration at `file`; 0 where that cannot be said.
    pub fn line_of(file: &Path, key: &str) -> u64 {
        let keys = fs::read_text(file).and_then(|text| schema::read_keys(file, &text));
        keys.map_or(0, |keys| keys.line_of(key))
    }

    /// Checks the values, also those that came from the command line. The error's column is the key.
    ///
    /// # Errors
    /// A value out of its range.
    pub fn validate(&self) -> Result<()> {
        self.check().map_err(|(key, text)| Error::new(ErrorKind::Config, text).column(&key))
    }

    fn check(&self) -> Result<(), (String, Text)> {
        let ranges = [
            ("threads", self.threads.is_none_or(|n| (1..=1024).contains(&n)), "1から1024までにしてください", "must be from 1 to 1024"),
            ("input.max_chars", self.input.max_chars > 0, "1以上にしてください", "must be at least 1"),
            (
                "input.max_reject_share",
                (0.0..=1.0).contains(&self.input.max_reject_share),
                "0から1までにしてください",
                "must be from 0 to 1",
            ),
            ("output.keep_runs", self.output.keep_runs > 0, "1以上にしてください", "must be at least 1"),
            (
                "themes.count",
                self.themes.count.is_none_or(|n| (2..=1000).contains(&n)),
                "2から1000までにしてください。書かなければデータから決めます",
                "must be from 2 to 1000; leave it out to have it chosen from the data",
            ),
            ("themes.rank", (2..=1000).contains(&self.themes.rank), "2から1000までにしてください", "must be from 2 to 1000"),
            ("needs.tau", self.needs.tau > 0.0 && self.needs.tau.is_finite(), "0より大きくしてください", "must be above 0"),
            ("disclosure.threshold", self.disclosure.threshold > 0, "1以上にしてください", "must be at least 1"),
        ];
        for (key, good, ja, en) in ranges {
            if !good {
                return Err((key.to_owned(), Text::new(ja, en)));
            }
        }
        Policy::of(&self.redaction).map_err(|(code, text)| (format!("redaction.{code}"), text))?;
        if let Some(label) = &self.input.encoding
            && !is_encoding(label)
        {
            return Err((
                "input.encoding".to_owned(),
                Text::new(
                    "知らない文字コードです。utf-8、cp932、euc-jp、utf-16 などにしてください。書かなければ自動で判定します",
                    "unknown encoding; use utf-8, cp932, euc-jp, utf-16 …, or leave it out to have it detected",
                ),
            ));
        }
        Ok(())
    }

    /// What is done with each type of identifier; the default policy for a configuration that is not valid.
    pub fn policy(&self) -> Policy {
        Policy::of(&self.redaction).unwrap_or_default()
    }

    /// What is allowed but should be known to who reads the result.
    pub fn warnings(&self) -> Vec<Text> {
        let policy = self.policy();
        let kept = policy.kept().map(|kind| kind.code());
        let mut warnings: Vec<Text> = kept
            .map(|code| {
                Text::new(
                    format!("redaction.{code} が keep です。その個人情報は analyst/ の発話にそのまま残ります"),
                    format!("redaction.{code} is keep: these identifiers stay in the utterances of analyst/"),
                )
            })
            .collect();
        if self.disclosure.threshold < DEFAULT_THRESHOLD {
            warnings.push(Text::new(
                format!(
                    "disclosure.threshold が{}です。{DEFAULT_THRESHOLD}より小さいと、公表用の表から個人が特定されるおそれがあります",
                    self.disclosure.threshold
                ),
                format!(
                    "disclosure.threshold is {}: below {DEFAULT_THRESHOLD}, the dashboard tables may identify a person",
                    self.disclosure.threshold
                ),
            ));
        }
        warnings
    }

    /// A hash of the keys that influence the result, 64 hexadecimal digits.
    ///
    /// Not of paths (the content behind them has hashes of its own), threads, language, retention, the limit of rejects or the
    /// rule for small differences: they change where, how and whether, not what.
    pub fn fingerprint(&self) -> String {
        #[derive(Serialize)]
        struct InfluentialThemes<'c> {
            count: Option<usize>,
            seed: u64,
            rank: usize,
            #[serde(skip_serializing_if = "Option::is_none")]
            guide: &'c Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            embedding: &'c Option<String>,
        }
        #[derive(Serialize)]
        struct InfluentialDisclosure {
            threshold: u64,
        }
        #[derive(Serialize)]
        struct Influential<'c> {
            encoding: &'c Option<String>,
            sheet: &'c Option<String>,
            max_chars: usize,
            columns: &'c BTreeMap<String, String>,
            values: &'c BTreeMap<String, BTreeMap<String, String>>,
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            redaction: &'c BTreeMap<String, String>,
            themes: InfluentialThemes<'c>,
            needs: &'c Needs,
            disclosure: InfluentialDisclosure,
        }
        let influential = Influential {
            encoding: &self.input.encoding,
            sheet: &self.input.sheet,
            max_chars: self.input.max_chars,
            columns: &self.columns,
            values: &self.values,
            redaction: &self.redaction,
            themes: InfluentialThemes {
                count: self.themes.count,
                seed: self.themes.seed,
                rank: self.themes.rank,
                guide: &self.themes.guide_blake3,
                embedding: &self.themes.embedding_blake3,
            },
            needs: &self.needs,
            disclosure: InfluentialDisclosure { threshold: self.disclosure.threshold },
        };
        // Cannot fail: strings, numbers and maps with string keys. The order of the fields is that of the struct.
        let canonical = serde_json::to_vec(&influential).unwrap_or_default();
        blake3::hash(&canonical).to_hex().to_string()
    }

    /// The effective configuration as a file a person can read and change (`config --show`).
    pub fn to_toml(&self) -> String {
        show::to_toml(self)
    }

    fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let single = [
            &mut self.output.dir,
            &mut self.codes.file,
            &mut self.themes.guide,
            &mut self.themes.embedding,
            &mut self.dictionaries.dir,
            &mut self.dictionaries.lindera,
            &mut self.pseudonym.key_file,
        ];
        self.input.paths.iter_mut().chain(single.into_iter().flatten())
    }
}

/// Whether the label names an encoding: those of the WHATWG standard, and Windows' name for what Excel writes.
fn is_encoding(label: &str) -> bool {
    label.eq_ignore_ascii_case("cp932") || encoding_rs::Encoding::for_label(label.as_bytes()).is_some()
}

#[cfg(test)]
mod tests;

//! The manifest of a run: what went in, with what it was made, what came out. The only published file that knows the time.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize, Serializer};

use super::fs;
use crate::error::{Error, ErrorKind, Result, Text};

/// Name of the manifest in a run's folder.
pub const MANIFEST_FILE: &str = "_manifest.json";

/// Name of the pointer to the newest run in the output folder: the commit point of publishing.
pub const POINTER_FILE: &str = "latest.json";

/// Name of the folder that holds the runs.
pub const RUNS_DIR: &str = "runs";

/// What the manifest says in place of a key's fingerprint where no key was given.
pub const NO_KEY: &str = "none";

/// All that is known about a run beside its tables. Fields a later version adds are left out when read by this one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// See [`run_id`].
    pub run_id: String,
    /// Version of the tables' contract.
    pub schema_version: u32,
    /// Version of kikitori.
    pub version: String,
    /// When the run began: UTC, RFC 3339.
    pub started: String,
    /// When it was published: UTC, RFC 3339.
    pub finished: String,
    /// Rows of the input. `accepted + rejected = read`, checked before publishing.
    pub counts: Counts,
    /// Rejected rows per [`crate::error::RejectReason::code`].
    pub rejects: BTreeMap<String, u64>,
    /// The files read, in the order read.
    pub inputs: Vec<InputFile>,
    /// Hash of what the rows mean, rejects with their places included: the same for the same calls in another file format.
    pub content: String,
    /// Hash of the model that was applied; empty where the themes were fitted to this input.
    pub model: String,
    /// The effective configuration.
    pub config: serde_json::Value,
    /// Hash of the keys of the configuration that influence the result.
    pub config_fingerprint: String,
    /// The morphological dictionary.
    pub dictionary: Dictionary,
    /// Hash of terms, code lists, word lists and need cues together.
    pub word_lists: String,
    /// Fingerprint of the pseudonym key, or [`NO_KEY`].
    pub pseudonym_key: String,
    /// What the methods were told and what they chose.
    pub method: Method,
    /// Seeds of the random number generators, by what they are for.
    pub seeds: BTreeMap<String, u64>,
    /// Figures of merit by name (`stability`, `npmi`, `diversity` …); those that are no finite number are left out.
    #[serde(serialize_with = "finite_only")]
    pub quality: BTreeMap<String, f64>,
    /// How long the stages took, in order.
    pub stages: Vec<Stage>,
    /// The published files but this one, by path.
    pub files: Vec<FileEntry>,
    /// What the person who started the run should know.
    pub warnings: Vec<String>,
}

/// Rows of the input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All of them.
    pub read: u64,
    /// Those that became consultations.
    pub accepted: u64,
    /// Those in `rejects.parquet`.
    pub rejected: u64,
}

/// A file read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Its name without the folder, which is nobody's business.
    pub file: String,
    /// Size.
    pub bytes: u64,
    /// BLAKE3 of its content.
    pub blake3: String,
    /// Rows in it.
    pub rows: u64,
}

/// The morphological dictionary.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dictionary {
    /// Name and version.
    pub name: String,
    /// Hash of its content, or of what it was built from.
    pub fingerprint: String,
}

/// How the number of themes came about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// Chosen from the data among candidates.
    #[default]
    Data,
    /// Given by the user.
    Given,
    /// Those of a model fitted before.
    Model,
}

/// What the methods were told and what they chose, for the methods section of a paper.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Method {
    /// BM25's k₁.
    pub bm25_k1: f32,
    /// BM25's b.
    pub bm25_b: f32,
    /// Dimensions of the latent space.
    pub rank: u64,
    /// Whether compounds that no dictionary has counted for the themes.
    pub compounds: bool,
    /// Dimensions of word vectors beside it: 0 where they were not used.
    pub word_dimensions: u64,
    /// Hash of the word vectors; empty where they were not used.
    pub embedding: String,
    /// How many k-means partitions the consensus is made of.
    pub consensus: u64,
    /// Whether calls were so few that themes are what many partitions put together.
    pub few_calls: bool,
    /// Whether texts were so long that the latent space was fitted once more with other term weights.
    pub reweighted: bool,
    /// Whether texts were so short that themes were refined by their words.
    pub refined: bool,
    /// Hash of what the researcher asked of the themes; empty where nothing.
    pub guide: String,
    /// Number of themes.
    pub themes: u64,
    /// Number of groups above the themes.
    pub groups: u64,
    /// Number of sub-themes below them.
    pub sub_themes: u64,
    /// How the number of themes came about.
    pub theme_choice: ThemeChoice,
    /// Smallest and largest number of themes tried, where it was chosen.
    pub theme_candidates: Option<(u64, u64)>,
    /// Number of need domains.
    pub need_domains: u64,
    /// N-grams learned from coded examples that domains, needs and asking are known by; 0: none.
    pub need_ngrams: u64,
    /// Needs that were discovered within the domains.
    pub discovered_needs: u64,
    /// τ: the least weight of implicit cues that makes a need latent.
    pub tau: f64,
    /// Level of the intervals of shares, such as 0.95.
    pub confidence: f64,
    /// Cells below this count are not published.
    pub threshold: u64,
}

impl Default for Method {
    fn default() -> Self {
        Self {
            bm25_k1: crate::term::BM25_K1,
            bm25_b: crate::term::BM25_B,
            rank: 0,
            compounds: false,
            word_dimensions: 0,
            embedding: String::new(),
            consensus: 0,
            few_calls: false,
            reweighted: false,
            refined: false,
            guide: String::new(),
            themes: 0,
            groups: 0,
            sub_themes: 0,
            theme_choice: ThemeChoice::default(),
            theme_candidates: None,
            need_domains: crate::need::NeedDomain::COUNT as u64,
            need_ngrams: 0,
            discovered_needs: 0,
            tau: 0.0,
            confidence: 0.95,
            threshold: 0,
        }
    }
}

/// One stage and how long it took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Its name, as in the flow.
    pub name: String,
    /// Wall clock seconds.
    pub seconds: f64,
}

/// A published file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Below the run's folder, with `/`.
    pub path: String,
    /// Rows of a table.
    pub rows: Option<u64>,
    /// Size.
    pub bytes: u64,
    /// BLAKE3 of its content.
    pub blake3: String,
}

/// What `latest.json` says. It holds no time, so that publishing the same night twice changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    /// The run's folder below the output folder: `runs/<folder>`.
    pub run: String,
    /// The run's id.
    pub run_id: String,
    /// Version of the tables' contract.
    pub schema_version: u32,
}

impl Manifest {
    /// The manifest as it is written.
    ///
    /// # Errors
    /// Only for a bug of ours.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        to_json(self)
    }
}

/// Pretty JSON with a final line end.
pub(crate) fn to_json(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut json = serde_json::to_vec_pretty(value)
        .map_err(|e| Error::new(ErrorKind::Internal, Text::new("JSON を作れません", "cannot write JSON")).because(e))?;
    json.push(b'\n');
    Ok(json)
}

/// JSON knows no NaN and no infinity: a figure that is neither is left out rather than written as null.
fn finite_only<S: Serializer>(values: &BTreeMap<String, f64>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().filter(|(_, v)| v.is_finite()))
}

/// The id of a run: derived from all that decides its result, and from nothing else.
///
/// What the rows mean (not the bytes they came in), configuration, dictionaries, model, pseudonym key, versions.
pub fn run_id(manifest: &Manifest) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("kikitori run id, version 1");
    let schema_version = manifest.schema_version.to_string();
    for part in [
        &manifest.version,
        &schema_version,
        &manifest.config_fingerprint,
        &manifest.dictionary.name,
        &manifest.dictionary.fingerprint,
        &manifest.word_lists,
        &manifest.model,
        &manifest.pseudonym_key,
        &manifest.content,
    ] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    format!("r{}", &hasher.finalize().to_hex()[..16])
}

/// A point in time as the manifest writes it: `2024-04-01T18:00:05Z`.
pub fn timestamp(time: SystemTime) -> String {
    chrono::DateTime::<chrono::Utc>::from(time).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The point in time that [`timestamp`] wrote.
pub(crate) fn parse_timestamp(text: &str) -> Option<SystemTime> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(SystemTime::from)
}

/// The folder of the newest complete run in an output folder. Resolve once, then read everything below the result.
///
/// # Errors
/// No run yet, or a pointer that is damaged.
pub fn resolve_latest(out: &Path) -> Result<PathBuf> {
    Ok(out.join(read_pointer(out)?.run))
}

/// The content of `latest.json`.
pub(crate) fn read_pointer(out: &Path) -> Result<Pointer> {
    let path = out.join(POINTER_FILE);
    if !path.exists() {
        return Err(Error::new(
            ErrorKind::Input,
            Text::new(
                "公開された結果がまだありません。`kikitori run` を実行するか、出力先のパスを確かめてください",
                "nothing is published here yet; run `kikitori run` or check the path of the output folder",
            ),
        )
        .at(out, 0));
    }
    let pointer: Pointer = parse_json(&path, &fs::read_text(&path)?)?;
    // A pointer that leads out of the folder is not ours.
    let parts: Vec<_> = Path::new(&pointer.run).components().collect();
    match parts.as_slice() {
        [Component::Normal(runs), Component::Normal(_)] if *runs == RUNS_DIR => Ok(pointer),
        _ => Err(damaged(&path)),
    }
}

/// The manifest at `path`: an output folder (its newest run), a run's folder, or the file itself.
///
/// # Errors
/// No manifest there, or one that is damaged.
pub fn open_manifest(path: &Path) -> Result<Manifest> {
    let file = if path.is_file() {
        path.to_owned()
    } else if path.join(MANIFEST_FILE).is_file() {
        path.join(MANIFEST_FILE)
    } else {
        resolve_latest(path)?.join(MANIFEST_FILE)
    };
    parse_json(&file, &fs::read_text(&file)?)
}

fn parse_json<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| damaged(path).because(e))
}

fn damaged(path: &Path) -> Error {
    Error::new(
        ErrorKind::Input,
        Text::new(
            "kikitori が書いた形ではありません。`kikitori run` をもう一度実行してください",
            "not as kikitori wrote it; run `kikitori run` again",
        ),
    )
    .at(path, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Lang;
    use std::time::Duration;

    fn manifest() -> Manifest {
        Manifest { version: "0.1.0".into(), content: "11".into(), ..Manifest::default() }
    }

    #[test]
    fn the_run_id_depends_on_what_decides_the_result_and_not_on_the_clock() {
        let base = manifest();
        let same =
            Manifest { started: "2024-04-01T00:00:00Z".into(), stages: vec![Stage { name: "read".into(), seconds: 1.0 }], ..base.clone() };
        assert_eq!(run_id(&base), run_id(&same));
        let others = [
            Manifest { content: "12".into(), ..base.clone() },
            Manifest { version: "0.1.1".into(), ..base.clone() },
            Manifest { config_fingerprint: "x".into(), ..base.clone() },
            Manifest { word_lists: "x".into(), ..base.clone() },
            Manifest { pseudonym_key: "x".into(), ..base.clone() },
            Manifest { schema_version: 9, ..base.clone() },
        ];
        for other in &others {
            assert_ne!(run_id(&base), run_id(other), "{other:?}");
        }
    }

    #[test]
    fn a_manifest_reads_back_as_written_without_figures_json_cannot_say() {
        let mut base = manifest();
        base.quality = BTreeMap::from([("npmi".into(), 0.1 + 0.2), ("stability".into(), f64::NAN)]);
        let read: Manifest = serde_json::from_slice(&base.to_json().unwrap()).unwrap();
        assert_eq!(read.quality, BTreeMap::from([("npmi".into(), 0.1 + 0.2)]));
        assert_eq!(read.method, base.method);
        // A later version's fields do not keep this one from reading it.
        let later: Manifest =
            serde_json::from_str(r#"{"run_id": "r1", "counts": {"read": 1, "accepted": 1, "rejected": 0}, "new": 1}"#).unwrap();
        assert_eq!((later.run_id.as_str(), later.counts.read), ("r1", 1));
    }

    #[test]
    fn times_read_back() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400 + 61);
        assert_eq!(timestamp(time), "1970-01-02T00:01:01Z");
        assert_eq!(parse_timestamp(&timestamp(time)), Some(time));
    }

    #[test]
    fn a_pointer_that_leads_elsewhere_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(resolve_latest(dir.path()).unwrap_err().message(Lang::Ja).contains("kikitori run"));
        for (run, good) in [("runs/r1", true), ("../runs/r1", false), ("/etc", false), ("runs", false), ("runs/../x", false)] {
            let pointer = Pointer { run: run.into(), run_id: "r1".into(), schema_version: 1 };
            std::fs::write(dir.path().join(POINTER_FILE), to_json(&pointer).unwrap()).unwrap();
            assert_eq!(resolve_latest(dir.path()).is_ok(), good, "{run}");
        }
        std::fs::write(dir.path().join(POINTER_FILE), "{\"run\": ").unwrap();
        assert!(resolve_latest(dir.path()).is_err());
    }
}

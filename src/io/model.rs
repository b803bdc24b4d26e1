//! Models on disk: a folder with `model.json` and one file of arrays.
//!
//! `model.json` names its arrays by their hash and is the last to be written, so a folder holds the old model or the new
//! one, never half of each. Equal models give equal bytes. A model holds no text: only terms that enough calls share.

use std::collections::BTreeMap;
use std::path::Path;

use ndarray::Array2;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use file::{ModelFile, ThemesFile, code, model_file, theme_model};

use super::fs::{self, Access};
use super::manifest::to_json;
use crate::discover::DomainModel;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::need::NeedDomain;
use crate::theme::{Evidence, ThemeId, ThemeModel};

/// Version of the format. A model of a later one is refused, one of an earlier one is read as long as this says so.
///
/// 1: projection, centroids, registers. 2: and, where calls are short, the evidence of terms for themes; numbers that a refit
/// keeps, lineage, and how far each theme reaches. 3: sub-themes. 4: compounds and word vectors, which an earlier kikitori would
/// leave out of what it reads in a call. 5: discovered needs, which an earlier kikitori would number anew.
pub const MODEL_FORMAT: u32 = 5;

/// The earliest format that is still read.
const OLDEST_FORMAT: u32 = 1;

/// Name of the file that makes a folder a model.
pub const MODEL_FILE: &str = "model.json";

/// How files of arrays begin and end; between stands the beginning of their hash.
const ARRAYS: (&str, &str) = ("arrays-", ".safetensors");

/// Names of the arrays of evidence: terms × themes, and one row of biases.
const EVIDENCE: (&str, &str) = ("evidence", "evidence_bias");

/// Name of the centroids of sub-themes.
const SUBS: &str = "sub_centroids";

/// What a model was made with, kept beside it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelInfo {
    /// Version of kikitori.
    pub version: String,
    /// The morphological dictionary: other words would find other terms.
    pub dictionary: String,
    /// Hash of that dictionary.
    pub dictionary_fingerprint: String,
    /// Hash of terms, code lists and word lists ([`super::resources::Resources::fingerprint`]).
    pub word_lists: String,
    /// The parameters of the fit, by name.
    pub parameters: BTreeMap<String, String>,
    /// In how many calls each term of the model occurs at least.
    pub threshold: u32,
}

/// What one fit learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The themes of calls.
    pub themes: ThemeModel,
    /// The needs discovered within the domains.
    pub needs: Vec<DomainModel>,
    /// What it was made with.
    pub info: ModelInfo,
}

impl Model {
    /// All that was clustered.
    fn parts(&self) -> impl Iterator<Item = &ThemeModel> {
        std::iter::once(&self.themes).chain(self.needs.iter().map(|needs| &needs.model))
    }
}

/// Writes `model` as the folder `dir`; a model that stands there is replaced.
///
/// # Errors
/// [`ErrorKind::Privacy`] when a term occurs in fewer calls than its threshold, [`ErrorKind::Model`] when `dir` holds
/// something else than a model, [`ErrorKind::Io`] when the disk refuses; an old model is then still there.
pub fn write_model(dir: &Path, model: &Model) -> Result<()> {
    model.parts().try_for_each(|part| check_private(part, &model.info))?;
    model.parts().try_for_each(check).map_err(|what| {
        Error::new(ErrorKind::Internal, Text::new("不整合なモデルは保存できません", "an inconsistent model cannot be saved")).because(what)
    })?;
    let arrays = arrays_bytes(model)?;
    let hash = blake3::hash(&arrays).to_hex().to_string();
    let arrays_name = format!("{}{}{}", ARRAYS.0, &hash[..16], ARRAYS.1);
    let json = to_json(&model_file(model, &arrays_name, &hash))?;

    let old = fs::names(dir)?;
    if !old.is_empty() && !old.iter().any(|n| n == MODEL_FILE) {
        return Err(Error::new(
            ErrorKind::Model,
            Text::new(
                "モデルではないものが入っているフォルダです。別のフォルダを指定してください",
                "the folder holds something else than a model; name another one",
            ),
        )
        .at(dir, 0));
    }
    if old.is_empty() {
        // A new folder appears whole.
        let temporary = fs::beside(dir, "tmp");
        fs::remove_dir_if_exists(&temporary)?;
        fs::create_dirs(&temporary)?;
        let written = fs::write_atomic(&temporary.join(&arrays_name), &arrays, Access::Shared)
            .and_then(|()| fs::write_atomic(&temporary.join(MODEL_FILE), &json, Access::Shared))
            .and_then(|()| fs::rename(&temporary, dir));
        if written.is_err() {
            let _ = fs::remove_dir_if_exists(&temporary);
        }
        written?;
        return fs::sync_dir(fs::parent(dir));
    }
    if !old.contains(&arrays_name) {
        fs::write_atomic(&dir.join(&arrays_name), &arrays, Access::Shared)?;
    }
    fs::write_atomic(&dir.join(MODEL_FILE), &json, Access::Shared)?;
    for name in old.iter().filter(|n| n.starts_with(ARRAYS.0) && n.ends_with(ARRAYS.1) && **n != arrays_name) {
        fs::remove_file_if_exists(&dir.join(name))?;
    }
    Ok(())
}

/// A hash of a model with what it was made with, for run ids.
///
/// # Errors
/// Only for a bug of ours.
pub fn fingerprint(model: &Model) -> Result<String> {
    let arrays = blake3::hash(&arrays_bytes(model)?).to_hex().to_string();
    let json = to_json(&model_file(model, "", &arrays))?;
    Ok(blake3::hash(&json).to_hex().to_string())
}

/// Reads the model in the folder `dir`.
///
/// # Errors
/// [`ErrorKind::Model`] when there is none, it is of another format, or damaged.
pub fn read_model(dir: &Path) -> Result<Model> {
    let path = dir.join(MODEL_FILE);
    if !path.is_file() {
        return Err(Error::new(
            ErrorKind::Model,
            Text::new(
                "モデルがありません。`kikitori fit` で作るか、パスを確かめてください",
                "no model here; make one with `kikitori fit` or check the path",
            ),
        )
        .at(dir, 0));
    }
    let text = fs::read_text(&path)?;
    check_format(&path, &text)?;
    let file: ModelFile = serde_json::from_str(&text).map_err(|e| damaged(&path, e))?;
    let beside = Path::new(&file.arrays);
    if beside.file_name() != Some(beside.as_os_str()) {
        return Err(damaged(&path, "arrays"));
    }
    let arrays_path = dir.join(beside);
    let bytes = fs::read_bytes(&arrays_path)?;
    if blake3::hash(&bytes).to_hex().as_str() != file.arrays_blake3 {
        return Err(damaged(&arrays_path, "another hash than model.json says"));
    }
    let tensors = SafeTensors::deserialize(&bytes).map_err(|e| damaged(&arrays_path, e))?;
    let ModelFile { info, themes, needs, .. } = file;
    let part = |prefix: &str, file: ThemesFile| {
        let arrays = Arrays::read(&tensors, prefix, &file).map_err(|what| damaged(&arrays_path, what))?;
        let model = theme_model(file, arrays).map_err(|what| damaged(&path, what))?;
        check(&model).map(|()| model).map_err(|what| damaged(&path, what))
    };
    let themes = part("", themes)?;
    let mut domains = Vec::with_capacity(needs.len());
    for needs in needs {
        let domain = needs.domain().map_err(|what| damaged(&path, what))?;
        domains.push(DomainModel { domain, model: part(&needs_prefix(domain), needs.themes)? });
    }
    let place = |needs: &DomainModel| needs.domain.map_or(usize::MAX, NeedDomain::index);
    if !domains.is_sorted_by(|a, b| place(a) < place(b)) {
        return Err(damaged(&path, "domains out of order"));
    }
    Ok(Model { themes, needs: domains, info })
}

/// How the names of the arrays of a domain's needs begin.
fn needs_prefix(domain: Option<NeedDomain>) -> String {
    format!("needs.{}.", code(domain))
}

fn check_format(path: &Path, text: &str) -> Result<()> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let found = serde_json::from_str::<Format>(text).map_err(|e| damaged(path, e))?.format;
    if (OLDEST_FORMAT..=MODEL_FORMAT).contains(&found) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Model,
        Text::new(
            format!(
                "モデルの形式が第{found}版です。この kikitori が読めるのは第{MODEL_FORMAT}版までです。`kikitori fit` で作り直してください"
            ),
            format!("a model of format {found}, this kikitori reads formats up to {MODEL_FORMAT}; make it again with `kikitori fit`"),
        ),
    )
    .at(path, 0))
}

fn damaged(path: &Path, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(
        ErrorKind::Model,
        Text::new("モデルが壊れています。`kikitori fit` で作り直してください", "a damaged model; make it again with `kikitori fit`"),
    )
    .at(path, 0)
    .because(cause)
}

/// Whoever gets the model sees its terms: none of them may come from a handful of calls.
fn check_private(model: &ThemeModel, info: &ModelInfo) -> Result<()> {
    let rare = model.vocabulary.ids().filter(|id| model.vocabulary.document_frequency(*id) < info.threshold).count();
    if rare == 0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Privacy,
        Text::new(
            format!("{}件未満の相談にしか出ない語が{rare}語あるため、モデルを保存しません", info.threshold),
            format!("{rare} terms occur in fewer than {} calls; the model is not saved", info.threshold),
        ),
    ))
}

/// Whether the parts of a model fit together, so that nobody indexes beyond an array's end.
fn check(model: &ThemeModel) -> std::result::Result<(), String> {
    let terms: Vec<&str> = model.vocabulary.terms().collect();
    if !terms.is_sorted_by(|a, b| a < b) {
        return Err("terms are not sorted and unique".into());
    }
    let (rows, rank) = model.projection.dim();
    if rows != terms.len() || model.centroids.dim() != (model.parts.len(), rank) || model.registers.dim() != (2, rank) {
        return Err(format!(
            "{rows} × {rank} projection and {:?} centroids for {} terms and {} parts",
            model.centroids.dim(),
            terms.len(),
            model.parts.len()
        ));
    }
    let evidence = model.evidence.iter();
    if evidence.clone().any(|e| e.weights.dim() != (terms.len(), model.parts.len()) || e.bias.len() != model.parts.len()) {
        return Err("evidence of another shape".into());
    }
    if (0u16..).zip(&model.themes).any(|(i, _)| !model.parts.contains(&ThemeId(i)))
        || model.parts.iter().any(|t| usize::from(t.0) >= model.themes.len())
    {
        return Err("a theme without a part, or a part without a theme".into());
    }
    let of_subs: Vec<ThemeId> = model.subs.iter().map(|s| s.theme).collect();
    if model.sub_centroids.dim() != (of_subs.len(), rank)
        || !of_subs.is_sorted()
        || of_subs.last().is_some_and(|theme| usize::from(theme.0) >= model.themes.len())
        || model.subs.iter().flat_map(|s| &s.keywords).any(|(term, _)| term.0 as usize >= terms.len())
    {
        return Err("sub-themes that do not fit".into());
    }
    let numbers: Vec<u16> = model.themes.iter().map(|t| t.number).collect();
    if !numbers.is_sorted_by(|a, b| a < b) || numbers.last().is_some_and(|last| *last >= model.next_number) {
        return Err("numbers of themes do not ascend".into());
    }
    for (i, theme) in model.themes.iter().enumerate() {
        if usize::from(theme.id.0) != i || usize::from(theme.group) >= model.groups.len().max(1) {
            return Err(format!("theme {i} has id {} and group {}", theme.id.0, theme.group));
        }
        if theme.keywords.iter().any(|(term, _)| term.0 as usize >= terms.len()) {
            return Err(format!("theme {i} has a keyword that is no term"));
        }
    }
    // JSON has no word for them, and no distance can be computed with them.
    let figures = model
        .themes
        .iter()
        .flat_map(|t| [t.coherence, t.stability, f64::from(t.reach), t.x, t.y].into_iter().chain(t.keywords.iter().map(|k| k.1)));
    let figures = figures.chain(model.subs.iter().flat_map(|s| s.keywords.iter().map(|k| k.1).chain([s.stability])));
    let floats =
        model.projection.iter().chain(&model.centroids).chain(&model.sub_centroids).chain(&model.registers).chain([&model.temperature]);
    let floats = floats.chain(evidence.flat_map(|e| e.weights.iter().chain(&e.bias))).map(|f| f64::from(*f));
    if figures.chain(floats).chain([model.mean_length]).any(|f| !f.is_finite()) {
        return Err("a figure that is no finite number".into());
    }
    Ok(())
}

/// What the file of arrays holds.
struct Arrays {
    projection: Array2<f32>,
    centroids: Array2<f32>,
    registers: Array2<f32>,
    evidence: Option<Evidence>,
    subs: Array2<f32>,
}

impl Arrays {
    fn read(tensors: &SafeTensors<'_>, prefix: &str, file: &ThemesFile) -> std::result::Result<Self, String> {
        let array = |name: &str| read_array(tensors, &format!("{prefix}{name}"));
        let projection = array("projection")?;
        let evidence = match tensors.tensor(&format!("{prefix}{}", EVIDENCE.0)) {
            Ok(_) => Some(Evidence { weights: array(EVIDENCE.0)?, bias: array(EVIDENCE.1)?.into_raw_vec_and_offset().0 }),
            Err(_) => None,
        };
        let subs = if file.subs.is_empty() { Array2::zeros((0, projection.ncols())) } else { array(SUBS)? };
        Ok(Self { centroids: array("centroids")?, registers: array("registers")?, projection, evidence, subs })
    }
}

fn arrays_bytes(model: &Model) -> Result<Vec<u8>> {
    let internal = |e: safetensors::SafeTensorError| {
        Error::new(ErrorKind::Internal, Text::new("モデルの配列を書けません", "cannot write the arrays of a model")).because(e)
    };
    let bias_of = |part: &ThemeModel| part.evidence.as_ref().map(|e| Array2::from_shape_fn((1, e.bias.len()), |(_, theme)| e.bias[theme]));
    let prefixes = std::iter::once(String::new()).chain(model.needs.iter().map(|needs| needs_prefix(needs.domain)));
    let mut arrays: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    for (prefix, part) in prefixes.zip(model.parts()) {
        let bias = bias_of(part);
        let own = [("projection", &part.projection), ("centroids", &part.centroids), ("registers", &part.registers)];
        let subs = (!part.subs.is_empty()).then_some((SUBS, &part.sub_centroids));
        let evidence = part.evidence.iter().map(|e| (EVIDENCE.0, &e.weights)).chain(bias.iter().map(|bias| (EVIDENCE.1, bias)));
        for (name, array) in own.into_iter().chain(subs).chain(evidence) {
            arrays.push((format!("{prefix}{name}"), array.shape().to_vec(), array.iter().flat_map(|v| v.to_le_bytes()).collect()));
        }
    }
    let tensors = arrays
        .iter()
        .map(|(name, shape, bytes)| Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(internal)?)))
        .collect::<Result<Vec<_>>>()?;
    safetensors::serialize(tensors, None).map_err(internal)
}

fn read_array(tensors: &SafeTensors<'_>, name: &str) -> std::result::Result<Array2<f32>, String> {
    let tensor = tensors.tensor(name).map_err(|e| e.to_string())?;
    let (Dtype::F32, [rows, columns]) = (tensor.dtype(), tensor.shape()) else {
        return Err(format!("{name} is no matrix of f32"));
    };
    // Four bytes each: the length was checked with the shape.
    let values = tensor.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    Array2::from_shape_vec((*rows, *columns), values).map_err(|e| e.to_string())
}

mod file;
#[cfg(test)]
mod tests;

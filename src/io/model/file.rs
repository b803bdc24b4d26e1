//! What `model.json` looks like.

use serde::{Deserialize, Serialize};

use super::{Arrays, MODEL_FORMAT, Model, ModelInfo};
use crate::discover::DomainModel;
use crate::need::NeedDomain;
use crate::term::{TermId, Vocabulary};
use crate::theme::{Descent, Relation, SubTheme, Theme, ThemeId, ThemeModel};

#[derive(Serialize, Deserialize)]
pub(super) struct ModelFile {
    format: u32,
    pub(super) info: ModelInfo,
    pub(super) arrays: String,
    pub(super) arrays_blake3: String,
    #[serde(flatten)]
    pub(super) themes: ThemesFile,
    /// Needs that were discovered within the domains; none where they were not looked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) needs: Vec<NeedsFile>,
}

/// The discovered needs of a domain: themes of the sentences that express it.
#[derive(Serialize, Deserialize)]
pub(super) struct NeedsFile {
    domain: String,
    #[serde(flatten)]
    pub(super) themes: ThemesFile,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ThemesFile {
    documents: u64,
    mean_length: f64,
    temperature: f32,
    /// Which of the terms, from 0, are compounds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    compounds: Vec<u32>,
    #[serde(default, skip_serializing_if = "is_zero")]
    word_dimensions: usize,
    groups: Vec<String>,
    themes: Vec<ThemeFile>,
    #[serde(default)]
    next_number: Option<u16>,
    /// For each centroid the index of its theme; one each where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parts: Option<Vec<u16>>,
    #[serde(default)]
    pub(super) subs: Vec<SubThemeFile>,
    #[serde(default)]
    lineage: Vec<DescentFile>,
    terms: Vec<TermFile>,
}

#[derive(Serialize, Deserialize)]
struct ThemeFile {
    #[serde(default)]
    number: Option<u16>,
    label: String,
    size: u64,
    group: u16,
    coherence: f64,
    stability: f64,
    #[serde(default)]
    reach: Option<f32>,
    x: f64,
    y: f64,
    keywords: Vec<(String, f64)>,
}

/// A part of the theme with that index.
#[derive(Serialize, Deserialize)]
pub(super) struct SubThemeFile {
    theme: u16,
    label: String,
    size: u64,
    stability: f64,
    keywords: Vec<(String, f64)>,
}

/// How a theme follows from one of the model before.
#[derive(Serialize, Deserialize)]
struct DescentFile {
    relation: String,
    previous: Option<u16>,
    previous_label: String,
    theme: Option<u16>,
    share_of_previous: Option<f64>,
    share_of_theme: Option<f64>,
}

/// No distance is larger: a theme of a first-format model reaches everything.
const EVERYWHERE: f32 = 2.0;

/// A term, its document frequency and its frequency.
#[derive(Serialize, Deserialize)]
struct TermFile(Box<str>, u32, u64);

fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// Whether each part is the theme of its own index, as in a model that neither was told to merge nor follows from another.
fn is_one_each(model: &ThemeModel) -> bool {
    model.parts.len() == model.themes.len() && (0u16..).zip(&model.parts).all(|(i, theme)| theme.0 == i)
}

/// The code of sentences that no domain explains.
const NO_DOMAIN: &str = "emerging";

/// The code of a domain in files.
pub(super) fn code(domain: Option<NeedDomain>) -> &'static str {
    domain.map_or(NO_DOMAIN, NeedDomain::code)
}

impl NeedsFile {
    /// The domain.
    ///
    /// # Errors
    /// An unknown code.
    pub(super) fn domain(&self) -> std::result::Result<Option<NeedDomain>, String> {
        match NeedDomain::from_code(&self.domain) {
            None if self.domain != NO_DOMAIN => Err("needs of no known domain".into()),
            domain => Ok(domain),
        }
    }
}

/// `model` as its file, with the name and hash of its arrays.
pub(super) fn model_file(model: &Model, arrays: &str, hash: &str) -> ModelFile {
    let needs = |needs: &DomainModel| NeedsFile { domain: code(needs.domain).to_owned(), themes: themes_file(&needs.model) };
    ModelFile {
        format: MODEL_FORMAT,
        info: model.info.clone(),
        arrays: arrays.to_owned(),
        arrays_blake3: hash.to_owned(),
        themes: themes_file(&model.themes),
        needs: model.needs.iter().map(needs).collect(),
    }
}

fn themes_file(model: &ThemeModel) -> ThemesFile {
    let vocabulary = &model.vocabulary;
    let theme = |theme: &Theme| ThemeFile {
        number: Some(theme.number),
        label: theme.label.clone(),
        size: theme.size,
        group: theme.group,
        coherence: theme.coherence,
        stability: theme.stability,
        reach: Some(theme.reach),
        x: theme.x,
        y: theme.y,
        keywords: theme.keywords.iter().map(|(id, weight)| (vocabulary.term(*id).to_owned(), *weight)).collect(),
    };
    let sub = |sub: &SubTheme| SubThemeFile {
        theme: sub.theme.0,
        label: sub.label.clone(),
        size: sub.size,
        stability: sub.stability,
        keywords: sub.keywords.iter().map(|(id, weight)| (vocabulary.term(*id).to_owned(), *weight)).collect(),
    };
    let descent = |d: &Descent| DescentFile {
        relation: d.relation.code().to_owned(),
        previous: d.previous,
        previous_label: d.previous_label.clone(),
        theme: d.theme,
        share_of_previous: d.share_of_previous,
        share_of_theme: d.share_of_theme,
    };
    ThemesFile {
        documents: model.documents,
        mean_length: model.mean_length,
        temperature: model.temperature,
        compounds: vocabulary.compounds().iter().map(|id| id.0).collect(),
        word_dimensions: model.word_dimensions,
        groups: model.groups.clone(),
        themes: model.themes.iter().map(theme).collect(),
        next_number: Some(model.next_number),
        parts: (!is_one_each(model)).then(|| model.parts.iter().map(|theme| theme.0).collect()),
        subs: model.subs.iter().map(sub).collect(),
        lineage: model.lineage.iter().map(descent).collect(),
        terms: vocabulary
            .ids()
            .map(|id| TermFile(vocabulary.term(id).into(), vocabulary.document_frequency(id), vocabulary.frequency(id)))
            .collect(),
    }
}

/// The model of a file and its arrays, not yet checked as a whole.
///
/// # Errors
/// Says what does not fit.
pub(super) fn theme_model(file: ThemesFile, arrays: Arrays) -> std::result::Result<ThemeModel, String> {
    let (mut terms, mut document_frequency, mut frequency) = (Vec::new(), Vec::new(), Vec::new());
    for TermFile(term, in_documents, total) in file.terms {
        terms.push(term);
        document_frequency.push(in_documents);
        frequency.push(total);
    }
    if file.compounds.iter().any(|id| *id as usize >= terms.len()) {
        return Err("a compound that is no term".into());
    }
    let compounds = file.compounds.into_iter().map(TermId).collect();
    let vocabulary = Vocabulary::from_parts(terms, document_frequency, frequency).with_compounds(compounds);
    let keyword = |(term, weight): (String, f64)| -> std::result::Result<(TermId, f64), String> {
        Ok((vocabulary.find(&term).ok_or("a keyword that is no term")?, weight))
    };
    let themes = (0u16..)
        .zip(file.themes)
        .map(|(id, t)| {
            Ok(Theme {
                id: ThemeId(id),
                number: t.number.unwrap_or(id),
                label: t.label,
                keywords: t.keywords.into_iter().map(keyword).collect::<std::result::Result<_, String>>()?,
                size: t.size,
                group: t.group,
                coherence: t.coherence,
                stability: t.stability,
                reach: t.reach.unwrap_or(EVERYWHERE),
                x: t.x,
                y: t.y,
            })
        })
        .collect::<std::result::Result<Vec<_>, String>>()?;
    let sub = |s: SubThemeFile| {
        let keywords = s.keywords.into_iter().map(keyword).collect::<std::result::Result<_, String>>()?;
        Ok(SubTheme { theme: ThemeId(s.theme), label: s.label, keywords, size: s.size, stability: s.stability })
    };
    let subs = file.subs.into_iter().map(sub).collect::<std::result::Result<Vec<_>, String>>()?;
    let descent = |d: DescentFile| {
        Ok(Descent {
            relation: Relation::from_code(&d.relation).ok_or("a relation of no known kind")?,
            previous: d.previous,
            previous_label: d.previous_label,
            theme: d.theme,
            share_of_previous: d.share_of_previous,
            share_of_theme: d.share_of_theme,
        })
    };
    let lineage = file.lineage.into_iter().map(descent).collect::<std::result::Result<_, String>>()?;
    let one_each = || (0u16..).take(themes.len()).map(ThemeId).collect();
    let parts = file.parts.map_or_else(one_each, |parts| parts.into_iter().map(ThemeId).collect());
    let next_number = file.next_number.unwrap_or(u16::try_from(themes.len()).unwrap_or(u16::MAX));
    Ok(ThemeModel {
        vocabulary,
        documents: file.documents,
        mean_length: file.mean_length,
        projection: arrays.projection,
        word_dimensions: file.word_dimensions,
        centroids: arrays.centroids,
        parts,
        registers: arrays.registers,
        evidence: arrays.evidence,
        temperature: file.temperature,
        themes,
        subs,
        sub_centroids: arrays.subs,
        groups: file.groups,
        next_number,
        lineage,
    })
}

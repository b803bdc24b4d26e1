//! The rare-cancer dictionary: surfaces that mean one concept, its kind, and for diseases its codes.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind, Result, Text};

/// Index of a concept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConceptId(pub u16);

/// What kind of thing a concept is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConceptKind {
    /// 疾患.
    Disease,
    /// 部位.
    Organ,
    /// 薬剤・レジメン.
    Drug,
    /// 治療・手技.
    Treatment,
    /// 検査.
    Test,
    /// 制度・窓口.
    System,
    /// 症状・有害事象.
    Symptom,
}

impl ConceptKind {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "disease" => Self::Disease,
            "organ" => Self::Organ,
            "drug" => Self::Drug,
            "treatment" => Self::Treatment,
            "test" => Self::Test,
            "system" => Self::System,
            "symptom" => Self::Symptom,
            _ => return None,
        })
    }
}

/// Codes of a disease; a code that could not be verified is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiseaseCodes {
    /// The group shown on dashboards (軟部肉腫, 神経内分泌腫瘍 …).
    pub group: String,
    /// English name.
    pub label_en: String,
    /// ICD-O-3 morphology.
    pub icdo3: String,
    /// RARECAREnet tier 1 entity.
    pub rarecare_tier1: String,
    /// RARECAREnet tier 2 entity.
    pub rarecare_tier2: String,
    /// 希少がん分類: organ group (A).
    pub ncrc_organ: String,
    /// 希少がん分類: histology group (B).
    pub ncrc_histology: String,
}

/// One concept with all its surfaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concept {
    /// The canonical term, used as the term in every count.
    pub canonical: String,
    /// Its kind.
    pub kind: ConceptKind,
    /// For diseases.
    pub codes: Option<DiseaseCodes>,
}

/// The dictionary of concepts.
#[derive(Debug, Clone, Default)]
pub struct Concepts {
    concepts: Vec<Concept>,
    /// Surface → concepts; more than one where a surface is ambiguous (ACC).
    surfaces: BTreeMap<String, Vec<ConceptId>>,
}

impl Concepts {
    /// Reads `terms.csv` (`surface,canonical,kind,reading`) and `disease_codes.csv`.
    ///
    /// # Errors
    /// An unknown kind, an empty cell, a canonical of two kinds, a code row for no disease: with file and line.
    pub fn parse(terms: (&str, &str), codes: (&str, &str)) -> Result<Self> {
        let mut out = Self::default();
        let mut by_name: BTreeMap<String, ConceptId> = BTreeMap::new();
        for_each_row(terms.0, terms.1, 4, |line, row| {
            let fault = |ja: &str, en: &str| Err(Error::new(ErrorKind::Dictionary, Text::new(ja, en)).at(terms.0, line));
            let [surface, canonical, kind] = [row.get(0), row.get(1), row.get(2)].map(|c| c.unwrap_or_default().trim().to_owned());
            if surface.is_empty() || canonical.is_empty() {
                return fault("surface と canonical は必ず書いてください", "surface and canonical must not be empty");
            }
            let Some(kind) = ConceptKind::parse(&kind) else {
                return fault(
                    "kind は disease, organ, drug, treatment, test, system, symptom のどれかにしてください",
                    "kind must be one of disease, organ, drug, treatment, test, system, symptom",
                );
            };
            let id = *by_name.entry(canonical.clone()).or_insert_with(|| {
                out.concepts.push(Concept { canonical, kind, codes: None });
                ConceptId(u16::try_from(out.concepts.len() - 1).unwrap_or(u16::MAX))
            });
            if out.concepts[usize::from(id.0)].kind != kind {
                return fault("同じ canonical に二つの kind があります", "this canonical has another kind above");
            }
            let ids = out.surfaces.entry(surface).or_default();
            if ids.contains(&id) {
                return fault("同じ行がすでにあります", "the same entry stands above");
            }
            ids.push(id);
            Ok(())
        })?;
        for_each_row(codes.0, codes.1, 8, |line, row| {
            let cell = |i: usize| row.get(i).unwrap_or_default().trim().to_owned();
            let concept = by_name.get(&cell(0)).map(|id| &mut out.concepts[usize::from(id.0)]);
            match concept.filter(|c| c.kind == ConceptKind::Disease) {
                Some(concept) => {
                    concept.codes = Some(DiseaseCodes {
                        group: cell(1),
                        label_en: cell(2),
                        icdo3: cell(3),
                        rarecare_tier1: cell(4),
                        rarecare_tier2: cell(5),
                        ncrc_organ: cell(6),
                        ncrc_histology: cell(7),
                    });
                    Ok(())
                }
                None => Err(Error::new(
                    ErrorKind::Dictionary,
                    Text::new("この canonical は terms.csv に disease としてありません", "terms.csv has no disease of this canonical"),
                )
                .at(codes.0, line)),
            }
        })?;
        Ok(out)
    }

    /// The concept of `id`.
    pub fn get(&self, id: ConceptId) -> &Concept {
        &self.concepts[usize::from(id.0)]
    }

    /// All concepts in file order.
    pub fn iter(&self) -> impl Iterator<Item = (ConceptId, &Concept)> {
        (0u16..).map(ConceptId).zip(&self.concepts)
    }

    /// What a surface can mean; more than one concept where it is ambiguous, none where it is no entry.
    pub fn meanings(&self, surface: &str) -> &[ConceptId] {
        self.surfaces.get(surface).map_or(&[], Vec::as_slice)
    }

    /// All surfaces with their concepts, sorted by surface.
    pub fn surfaces(&self) -> impl Iterator<Item = (&str, &[ConceptId])> {
        self.surfaces.iter().map(|(s, ids)| (s.as_str(), ids.as_slice()))
    }
}

/// Calls `each` with line and row of a CSV that may hold `# ` comments and must have `width` columns.
fn for_each_row(file: &str, text: &str, width: usize, mut each: impl FnMut(u64, &csv::StringRecord) -> Result<()>) -> Result<()> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).flexible(true).from_reader(text.as_bytes());
    for row in reader.records() {
        let row = row.map_err(|e| {
            let line = e.position().map_or(0, csv::Position::line);
            Error::new(ErrorKind::Dictionary, Text::new("CSVとして読めません", "not readable as CSV")).at(file, line)
        })?;
        let line = row.position().map_or(0, csv::Position::line);
        if row.len() != width {
            return Err(Error::new(
                ErrorKind::Dictionary,
                Text::new(format!("列が{width}個必要ですが{}個です", row.len()), format!("expected {width} columns, got {}", row.len())),
            )
            .at(file, line));
        }
        each(line, &row)?;
    }
    Ok(())
}

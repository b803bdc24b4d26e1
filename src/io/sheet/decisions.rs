//! What kikitori decided of the utterances of a sheet, and how they were drawn.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::fs;
use super::internal;
use crate::coding::mark::Mark;
use crate::coding::sample::Finding;
use crate::coding::score::Judgement;
use crate::coding::sheet::SHEET_VERSION;
use crate::coding::{Coding, Sample};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::need::NeedDomain;

/// The file beside a sheet. It holds no words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decisions {
    /// Version of the sheet.
    pub sheet_version: u32,
    /// Fingerprint of the sample, as in the sheet.
    pub sample: String,
    /// Name of the sheet as it was written.
    pub sheet: String,
    /// BLAKE3 of the sheet as it was written.
    pub blake3: String,
    /// The version of kikitori.
    pub kikitori: String,
    /// Fingerprint of the word lists, cues and domains.
    pub word_lists: String,
    /// Seed of the draw.
    pub seed: u64,
    strata: Vec<StratumLine>,
    decisions: Vec<DecisionLine>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct StratumLine {
    record_type: String,
    need: bool,
    domain: Option<String>,
    utterances: u64,
    drawn: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct DecisionLine {
    id: String,
    stratum: usize,
    needs: Vec<NeedLine>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct NeedLine {
    domain: Option<String>,
    explicit: bool,
}

impl Decisions {
    /// The decisions of `sample`, whose sheet was written as `sheet` with these bytes.
    pub fn new(sample: &Sample, seed: u64, word_lists: &str, (sheet, bytes): (&Path, &[u8])) -> Self {
        let strata = sample.strata.iter().map(|stratum| StratumLine {
            record_type: stratum.record.code().to_owned(),
            need: stratum.finding != Finding::Nothing,
            domain: match stratum.finding {
                Finding::Domain(domain) => Some(domain.code().to_owned()),
                Finding::Nothing | Finding::NoDomain => None,
            },
            utterances: stratum.utterances,
            drawn: stratum.drawn,
        });
        let need = |(domain, mark): (Option<NeedDomain>, Mark)| NeedLine {
            domain: domain.map(|d| d.code().to_owned()),
            explicit: mark == Mark::Asked,
        };
        let decisions = sample.rows.iter().map(|drawn| DecisionLine {
            id: drawn.row.id.clone(),
            stratum: drawn.stratum,
            needs: drawn.coding.marks().map(need).collect(),
        });
        Self {
            sheet_version: SHEET_VERSION,
            sample: sample.fingerprint(),
            sheet: sheet.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            blake3: blake3::hash(bytes).to_hex().to_string(),
            kikitori: env!("CARGO_PKG_VERSION").to_owned(),
            word_lists: word_lists.to_owned(),
            seed,
            strata: strata.collect(),
            decisions: decisions.collect(),
        }
    }

    /// As JSON.
    ///
    /// # Errors
    /// A bug only.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|e| internal().because(e))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// By id: what kikitori says, and for how many utterances each stands.
    ///
    /// # Errors
    /// A domain that is none, or a stratum that is not there.
    fn judgements(&self) -> Option<BTreeMap<String, Judgement>> {
        let judgement = |line: &DecisionLine| {
            let mut coding = Coding::default();
            for need in &line.needs {
                let domain = need.domain.as_deref().map(NeedDomain::from_code);
                if domain == Some(None) {
                    return None;
                }
                coding.add(domain.flatten(), Mark::of_cue(need.explicit));
            }
            let stratum = self.strata.get(line.stratum)?;
            let weight = stratum.utterances as f64 / stratum.drawn.max(1) as f64;
            Some((line.id.clone(), Judgement { coding, weight }))
        };
        self.decisions.iter().map(judgement).collect()
    }
}

/// Reads what [`Decisions::bytes`] wrote: the file, and its decisions by id.
///
/// # Errors
/// A file that cannot be read, or is another one.
pub fn read_decisions(path: &Path) -> Result<(Decisions, BTreeMap<String, Judgement>)> {
    let text = fs::read_text(path)?;
    let other = || {
        let text = Text::new(
            "kikitori coding sheet が書いた判定（…kikitori.json）ではありません",
            "not the decisions that `kikitori coding sheet` wrote (…kikitori.json)",
        );
        Error::new(ErrorKind::Input, text).at(path, 0)
    };
    // serde's message could quote the file.
    let decisions: Decisions = serde_json::from_str(&text).map_err(|_| other())?;
    let judgements = decisions.judgements().ok_or_else(other)?;
    Ok((decisions, judgements))
}

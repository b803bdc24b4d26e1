//! The rules as their files say them: cues, exclusions and scopes (`cues.toml`), seeds of the domains (`domains.toml`), and
//! what n-grams say for domains (`ngrams.tsv`).

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::pattern::{self, Node};
use super::{CueType, DomainSet, NeedDomain, NgramTable};
use crate::error::{Error, ErrorKind, Result, Text};

/// Index of a cue in [`NeedRules::cues`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CueId(pub u16);

/// In which kind of text a cue works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Register {
    /// Anywhere.
    #[default]
    Any,
    /// In what a caller says.
    Speech,
    /// In what a counsellor notes down.
    Notes,
}

/// What can take the force from a cue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// 不安は*ない*.
    Negation,
    /// 困っ*たら*.
    Hypothesis,
    /// *友人が*困って.
    ThirdPerson,
    /// 手術してほしい*と言われた*.
    Reported,
}

impl Scope {
    pub(super) const ALL: [Self; 4] = [Self::Negation, Self::Hypothesis, Self::ThirdPerson, Self::Reported];
}

/// One cue: how the language shows a need.
#[derive(Debug, Clone, PartialEq)]
pub struct Cue {
    /// Its name, stable across versions.
    pub id: String,
    /// The kind of need it shows.
    pub cue: CueType,
    /// How strongly, 0 to 1.
    pub weight: f32,
    /// Domains that the cue itself names (眠れない: emotion); they count beside what the seeds and words around it say.
    pub domains: DomainSet,
    /// Where it works.
    pub register: Register,
    /// Scopes that do not touch it.
    pub ignore: Vec<Scope>,
    /// Sentences in which it must be found.
    pub yes: Vec<String>,
    /// Sentences in which it must not be found.
    pub no: Vec<String>,
    pub(super) patterns: Vec<Pattern>,
    /// For a cue that an utterance is as a whole: from which log odds of a need, or of one that is asked for.
    pub(super) log_odds: Option<f32>,
}

/// A parsed pattern and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern {
    pub(super) node: Node,
    pub(super) line: u64,
    pub(super) name: String,
}

/// Politeness and channel keeping: what only looks like a cue.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Exclude {
    pub(super) patterns: Vec<Pattern>,
    /// The types it touches; empty: all.
    pub(super) types: Vec<CueType>,
    pub(super) register: Register,
    /// Whether it takes the whole sentence out, not only what it covers.
    pub(super) whole: bool,
}

/// Patterns of one scope.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ScopeRule {
    /// Tried where the cue ends.
    pub(super) after: Vec<Pattern>,
    /// Found anywhere before the cue in its clause.
    pub(super) before: Vec<Pattern>,
}

/// A seed: words that belong to a domain.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seed {
    pub(super) domain: NeedDomain,
    pub(super) weight: f32,
    pub(super) pattern: Pattern,
}

/// Everything the two files say, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct NeedRules {
    /// The cues in file order.
    pub cues: Vec<Cue>,
    pub(super) excludes: Vec<Exclude>,
    pub(super) scopes: BTreeMap<Scope, ScopeRule>,
    pub(super) seeds: Vec<Seed>,
    pub(super) ngrams: NgramTable,
    /// Verbs that look like potential verbs and are none.
    pub(super) not_potential: BTreeSet<String>,
    pub(super) cue_file: String,
    pub(super) domain_file: String,
}

/// The weight of a seed under `sure`: its name is the domain's (セカンドオピニオン).
const SURE: f32 = 1.5;
/// The weight of a seed under `strong`: alone it decides.
const STRONG: f32 = 1.0;
/// The weight of a seed under `usual`: it speaks of the domain, but is found elsewhere too.
const USUAL: f32 = 0.6;
/// The weight of a seed under `weak`: it decides where nothing stronger stands.
const WEAK: f32 = 0.3;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CueFile {
    #[serde(default)]
    not_potential: BTreeSet<String>,
    #[serde(default)]
    macros: BTreeMap<String, String>,
    #[serde(default)]
    scope: BTreeMap<Scope, ScopeFile>,
    #[serde(default)]
    exclude: Vec<ExcludeFile>,
    cue: Vec<CueEntry>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopeFile {
    #[serde(default)]
    after: Vec<Spanned<String>>,
    #[serde(default)]
    before: Vec<Spanned<String>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ExcludeFile {
    id: Spanned<String>,
    #[serde(default)]
    types: Vec<Spanned<String>>,
    #[serde(default)]
    register: Register,
    #[serde(default)]
    whole: bool,
    patterns: Vec<Spanned<String>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CueEntry {
    id: Spanned<String>,
    #[serde(rename = "type")]
    cue: Spanned<String>,
    weight: Spanned<f32>,
    #[serde(default)]
    domains: Vec<Spanned<String>>,
    #[serde(default)]
    register: Register,
    #[serde(default)]
    ignore: Vec<Scope>,
    #[serde(default)]
    patterns: Vec<Spanned<String>>,
    /// Instead of patterns: from which log odds an utterance as a whole is a cue.
    #[serde(default)]
    log_odds: Option<f32>,
    yes: Vec<String>,
    #[serde(default)]
    no: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DomainFile {
    #[serde(default)]
    macros: BTreeMap<String, String>,
    domain: Vec<DomainEntry>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DomainEntry {
    code: Spanned<String>,
    label_ja: String,
    label_en: String,
    #[serde(default)]
    sure: Vec<Spanned<String>>,
    #[serde(default)]
    strong: Vec<Spanned<String>>,
    #[serde(default)]
    usual: Vec<Spanned<String>>,
    #[serde(default)]
    weak: Vec<Spanned<String>>,
}

/// A file's name and text: turns byte positions into lines.
struct Source<'t> {
    file: &'t str,
    text: &'t str,
}

impl Source<'_> {
    fn line(&self, byte: usize) -> u64 {
        1 + self.text.get(..byte).map_or(0, |t| t.matches('\n').count() as u64)
    }

    fn fault(&self, byte: usize, key: &str, text: Text) -> Error {
        Error::new(ErrorKind::Dictionary, text).at(self.file, self.line(byte)).column(key)
    }

    fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        toml::from_str(self.text).map_err(|e| {
            let line = e.span().map_or(0, |s| self.line(s.start));
            Error::new(ErrorKind::Dictionary, Text::new("TOMLの書式が正しくありません", "not valid TOML of this kind"))
                .at(self.file, line)
                .because(e.message().to_owned())
        })
    }

    fn patterns(&self, name: &str, sources: &[Spanned<String>], macros: &BTreeMap<String, String>) -> Result<Vec<Pattern>> {
        sources
            .iter()
            .map(|source| {
                let node = pattern::parse(source.get_ref(), macros).map_err(|text| self.fault(source.span().start, name, text))?;
                Ok(Pattern { node, line: self.line(source.span().start), name: name.to_owned() })
            })
            .collect()
    }

    fn domain(&self, code: &Spanned<String>) -> Result<NeedDomain> {
        NeedDomain::from_code(code.get_ref()).ok_or_else(|| {
            let codes = NeedDomain::ALL.map(NeedDomain::code).join(", ");
            let text = Text::new(
                format!("ニーズ領域の符号ではありません。次のどれかにしてください: {codes}"),
                format!("not the code of a need domain; use one of {codes}"),
            );
            self.fault(code.span().start, "domain", text)
        })
    }

    fn cue_type(&self, code: &Spanned<String>) -> Result<CueType> {
        CueType::from_code(code.get_ref()).ok_or_else(|| {
            let codes = CueType::ALL.map(CueType::code).join(", ");
            let text = Text::new(
                format!("手がかりの種類ではありません。次のどれかにしてください: {codes}"),
                format!("not a type of cue; use one of {codes}"),
            );
            self.fault(code.span().start, "type", text)
        })
    }
}

impl NeedRules {
    /// Reads `domains.toml`, `cues.toml` and `ngrams.tsv`, each given as name (for messages) and text.
    ///
    /// # Errors
    /// The first fault with file, line and key: TOML that does not parse, an unknown key, code or macro, a pattern that
    /// cannot be read, a cue without an example, an id used twice, a weight outside 0 to 1, a domain that is missing.
    pub fn parse(domains: (&str, &str), cues: (&str, &str), ngrams: (&str, &str)) -> Result<Self> {
        let source = Source { file: cues.0, text: cues.1 };
        let parsed: CueFile = source.read()?;
        let mut ids = BTreeSet::new();
        let cues = parsed.cue.iter().map(|c| cue(&source, c, &parsed.macros, &mut ids)).collect::<Result<Vec<_>>>()?;
        if u16::try_from(cues.len()).is_err() {
            return Err(source.fault(0, "cue", Text::new("手がかりが多すぎます", "too many cues")));
        }
        let excludes = parsed
            .exclude
            .iter()
            .map(|e| {
                Ok(Exclude {
                    types: e.types.iter().map(|t| source.cue_type(t)).collect::<Result<_>>()?,
                    register: e.register,
                    whole: e.whole,
                    patterns: source.patterns(e.id.get_ref(), &e.patterns, &parsed.macros)?,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let scopes = parsed
            .scope
            .iter()
            .map(|(scope, file)| {
                let after = source.patterns("after", &file.after, &parsed.macros)?;
                let before = source.patterns("before", &file.before, &parsed.macros)?;
                Ok((*scope, ScopeRule { after, before }))
            })
            .collect::<Result<_>>()?;
        let seeds = seeds(&Source { file: domains.0, text: domains.1 })?;
        Ok(Self {
            cues,
            excludes,
            scopes,
            seeds,
            ngrams: NgramTable::parse(ngrams.0, ngrams.1)?,
            not_potential: parsed.not_potential,
            cue_file: source.file.to_owned(),
            domain_file: domains.0.to_owned(),
        })
    }

    /// How many n-grams learned from coded examples there are.
    pub fn learned_ngrams(&self) -> usize {
        self.ngrams.len()
    }

    /// The cue of that id.
    pub fn cue(&self, id: CueId) -> &Cue {
        &self.cues[usize::from(id.0)]
    }
}

fn cue(source: &Source<'_>, entry: &CueEntry, macros: &BTreeMap<String, String>, ids: &mut BTreeSet<String>) -> Result<Cue> {
    let at = entry.id.span().start;
    let id = entry.id.get_ref();
    if !ids.insert(id.clone()) {
        return Err(source.fault(at, "id", Text::new("同じ id の手がかりが先にあります", "an earlier cue has this id")));
    }
    let weight = *entry.weight.get_ref();
    if !(weight > 0.0 && weight <= 1.0) {
        let text = Text::new("weight は 0 より大きく 1 以下にしてください", "weight must be above 0 and at most 1");
        return Err(source.fault(entry.weight.span().start, "weight", text));
    }
    if entry.yes.is_empty() || entry.patterns.is_empty() == entry.log_odds.is_none() {
        let text = Text::new(
            "patterns か log_odds のどちらかと、yes（例文）を書いてください",
            "give patterns or log_odds, and at least one example under yes",
        );
        return Err(source.fault(at, id, text));
    }
    Ok(Cue {
        id: id.clone(),
        cue: source.cue_type(&entry.cue)?,
        weight,
        domains: entry.domains.iter().map(|d| source.domain(d)).collect::<Result<DomainSet>>()?,
        register: entry.register,
        ignore: entry.ignore.clone(),
        yes: entry.yes.clone(),
        no: entry.no.clone(),
        patterns: source.patterns(id, &entry.patterns, macros)?,
        log_odds: entry.log_odds,
    })
}

fn seeds(source: &Source<'_>) -> Result<Vec<Seed>> {
    let parsed: DomainFile = source.read()?;
    let mut seen = DomainSet::default();
    let mut out = Vec::new();
    for entry in &parsed.domain {
        let domain = source.domain(&entry.code)?;
        let at = entry.code.span().start;
        if seen.contains(domain) {
            return Err(source.fault(at, "code", Text::new("同じ code の領域が先にあります", "an earlier domain has this code")));
        }
        seen.insert(domain);
        if entry.label_ja != domain.label_ja() || entry.label_en != domain.label_en() {
            let text = Text::new(
                format!("領域の名称は公表用に固定です: {} / {}", domain.label_ja(), domain.label_en()),
                format!("names of domains are fixed: {} / {}", domain.label_ja(), domain.label_en()),
            );
            return Err(source.fault(at, "label_ja", text));
        }
        for (list, weight) in [(&entry.sure, SURE), (&entry.strong, STRONG), (&entry.usual, USUAL), (&entry.weak, WEAK)] {
            for pattern in source.patterns(domain.code(), list, &parsed.macros)? {
                out.push(Seed { domain, weight, pattern });
            }
        }
    }
    match NeedDomain::ALL.into_iter().find(|d| !seen.contains(*d)) {
        Some(missing) => {
            let text = Text::new(format!("領域 {} がありません", missing.code()), format!("the domain {} is missing", missing.code()));
            Err(source.fault(0, "domain", text))
        }
        None => Ok(out),
    }
}

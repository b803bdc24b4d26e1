//! From statements to discovered needs: within each domain, and among what no domain explains, statements are clustered and
//! named as calls are, and keep their numbers from one model to the next.

use rayon::prelude::*;

use super::{Statement, Statements};
use crate::consultation::RecordType;
use crate::error::{ErrorKind, Result};
use crate::need::NeedDomain;
use crate::term::{TermMatrix, Vocabulary};
use crate::theme::{self, Descent, Naming, Phrases, ThemeFit, ThemeModel, ThemeParams, ThemeQuality, ValidThemeParams};

/// Statements for one discovered need, on average: fewer show nothing that holds.
const STATEMENTS_A_NEED: usize = 120;

/// The most discovered needs of a domain: what a person can overlook.
const MOST: usize = 8;

/// Statements of a domain that are clustered; the others are assigned to what is found. Four fifths of them, as resampling has
/// it, are more than [`theme::fit`] takes for few and clusters hundreds of times.
const SAMPLE: usize = 3_000;

/// Dimensions: sentences of one domain differ in fewer ways than calls.
const RANK: usize = 25;

/// k-means runs of each consensus.
const MEMBERS: usize = 5;

/// The discovered needs of one domain: applied unchanged night after night, so that the third need of a domain stays the third.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainModel {
    /// The domain; `None`: what no domain explains.
    pub domain: Option<NeedDomain>,
    /// The clusters, as themes of statements.
    pub model: ThemeModel,
}

/// What was discovered in one domain.
#[derive(Debug, Clone)]
pub struct DomainDiscovery {
    /// The domain; `None`: what no domain explains.
    pub domain: Option<NeedDomain>,
    /// The statements looked at, ascending positions in [`Statements::of`].
    pub rows: Vec<u32>,
    /// The clusters, as themes of statements.
    pub model: ThemeModel,
    /// Which statement belongs to which, by `rows`.
    pub fit: ThemeFit,
}

/// All that was discovered, in the order of the domains, what no domain explains at the end.
#[derive(Debug, Clone, Default)]
pub struct Discovered {
    /// Domains with enough statements.
    pub domains: Vec<DomainDiscovery>,
    /// The statements.
    pub statements: Vec<Statement>,
}

impl Discovered {
    /// What a model keeps of it.
    pub fn models(&self) -> Vec<DomainModel> {
        self.domains.iter().map(|found| DomainModel { domain: found.domain, model: found.model.clone() }).collect()
    }

    /// Every discovered need, in order: its domain and its place there.
    pub fn needs(&self) -> impl Iterator<Item = (&DomainDiscovery, usize)> {
        self.domains.iter().flat_map(|domain| (0..domain.model.themes.len()).map(move |need| (domain, need)))
    }
}

impl DomainDiscovery {
    /// The statements of one of its needs, as positions in [`Discovered::statements`].
    pub fn statements(&self, need: usize) -> impl Iterator<Item = u32> {
        let assigned = self.rows.iter().zip(&self.fit.assignments);
        assigned.filter(move |(_, a)| a.theme.is_some_and(|t| usize::from(t.0) == need)).map(|(row, _)| *row)
    }
}

/// Discovers needs: statements of a domain with at least twice [`STATEMENTS_A_NEED`] of them are clustered as calls are (see
/// [`theme::fit`]), one cluster for each so many, eight at most, and named by their own phrases. Needs that go on from the
/// models `before` keep their numbers ([`theme::refit`]); a domain with too few statements keeps the model it had. No word of
/// fewer than `smallest` calls is looked at. The same for any number of threads.
///
/// # Errors
/// As [`theme::fit`]; a domain whose statements share too few words has no discovered needs.
pub fn discover(statements: Statements, before: &[DomainModel], seed: u64, smallest: u32) -> Result<Discovered> {
    let found = every_domain()
        .into_par_iter()
        .map(|domain| {
            let before_here = before.iter().find(|needs| needs.domain == domain).map(|needs| &needs.model);
            let of_domain = OfDomain::new(&statements, domain);
            let mut found = of_domain.discover(before_here, seed, smallest)?;
            // A domain that had too few statements before.
            if let (Some(found), None, false) = (&mut found, before_here, before.is_empty()) {
                found.model.lineage = found.model.themes.iter().map(|need| Descent::appeared(need.number)).collect();
            }
            Ok(found.or_else(|| before_here.map(|before| of_domain.apply(before))))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Discovered { domains: found.into_iter().flatten().collect(), statements: statements.of })
}

/// The needs of fitted models in these statements. A domain without a model has none.
pub fn apply(statements: Statements, models: &[DomainModel]) -> Discovered {
    let domains = models.par_iter().map(|needs| OfDomain::new(&statements, needs.domain).apply(&needs.model)).collect();
    Discovered { domains, statements: statements.of }
}

/// The domains in published order, what no domain explains at the end.
fn every_domain() -> Vec<Option<NeedDomain>> {
    NeedDomain::ALL.into_iter().map(Some).chain([None]).collect()
}

/// The statements of one domain.
struct OfDomain<'s> {
    statements: &'s Statements,
    domain: Option<NeedDomain>,
    rows: Vec<u32>,
}

impl<'s> OfDomain<'s> {
    fn new(statements: &'s Statements, domain: Option<NeedDomain>) -> Self {
        let is_of = |s: &Statement| domain.map_or(s.domains.is_empty(), |d| s.domains.contains(d));
        let rows = (0u32..).zip(&statements.of).filter(|(_, s)| is_of(s)).map(|(row, _)| row).collect();
        Self { statements, domain, rows }
    }

    /// Their counts, over the words that at least `smallest` calls have.
    fn only(&self, (vocabulary, matrix): &(Vocabulary, TermMatrix), smallest: u32) -> (Vocabulary, TermMatrix) {
        matrix.only(vocabulary, &self.rows, |row| self.statements.of[row as usize].call, smallest)
    }

    /// They have no register of their own: sentences of notes and of transcripts are told alike.
    fn records(&self) -> Vec<RecordType> {
        vec![RecordType::Verbatim; self.rows.len()]
    }

    /// Clusters them, if there are enough.
    fn discover(&self, before: Option<&ThemeModel>, seed: u64, smallest: u32) -> Result<Option<DomainDiscovery>> {
        let needs = (self.rows.len() / STATEMENTS_A_NEED).min(MOST);
        if needs < 2 {
            return Ok(None);
        }
        // What few calls say is neither looked at nor named.
        let (vocabulary, matrix) = self.only(&self.statements.terms, smallest);
        let phrases = self.only(&self.statements.phrases, smallest);
        let (records, params) = (self.records(), params(needs, seed)?);
        let found = match before {
            Some(before) => theme::refit(&vocabulary, &matrix, &records, &params, before, smallest),
            None => theme::fit(&vocabulary, &matrix, &records, &params),
        };
        let (mut model, fit) = match found {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::TooLittle => return Ok(None),
            Err(error) => return Err(error),
        };
        theme::name(&mut model, &fit, Phrases { vocabulary: &phrases.0, matrix: &phrases.1 }, Naming::Needs, smallest);
        Ok(Some(DomainDiscovery { domain: self.domain, rows: self.rows.clone(), model, fit }))
    }

    /// Assigns them to the needs of a model.
    fn apply(&self, model: &ThemeModel) -> DomainDiscovery {
        let (vocabulary, matrix) = self.only(&self.statements.terms, 1);
        let assignments = model.apply(&vocabulary, &matrix, &self.records());
        let representatives = theme::typical(&assignments, &matrix, model.themes.len());
        let named = vec![true; model.themes.len()];
        let fit = ThemeFit { assignments, representatives, quality: ThemeQuality::default(), guided: Vec::new(), named };
        DomainDiscovery { domain: self.domain, rows: self.rows.clone(), model: model.clone(), fit }
    }
}

fn params(needs: usize, seed: u64) -> Result<ValidThemeParams> {
    let (themes, members, sample_rows, rank) = (Some(needs), MEMBERS, SAMPLE, RANK);
    ThemeParams { themes, seed, members, sample_rows, rank, parts: false, ..ThemeParams::default() }.check()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::need::DomainSet;
    use crate::term::testing::TextMatrixBuilder;

    /// Statements of two kinds in one domain, two of a call.
    fn statements() -> Statements {
        let kinds = [["遠い", "通う", "時間", "船"], ["断る", "病院", "専門", "紹介"]];
        let (mut terms, mut phrases, mut of) = (TextMatrixBuilder::default(), TextMatrixBuilder::default(), Vec::new());
        for i in 0u32..600 {
            let words = kinds[(i % 2) as usize];
            (0..3).for_each(|j| terms.add(words[((i / 2 + j) % 4) as usize]));
            terms.add(&format!("稀{}", i / 40));
            phrases.add(words[0]);
            terms.end_row();
            phrases.end_row();
            of.push(Statement { call: i / 2, utterance: 0, domains: DomainSet::from_iter([NeedDomain::Access]) });
        }
        Statements { of, terms: terms.finish(), phrases: phrases.finish() }
    }

    #[test]
    fn statements_of_a_domain_fall_into_what_they_are_about() {
        let found = discover(statements(), &[], 0, 30).unwrap();
        assert_eq!(found.domains.len(), 1);
        let discovery = &found.domains[0];
        assert_eq!((discovery.domain, discovery.model.themes.len()), (Some(NeedDomain::Access), MOST.min(600 / STATEMENTS_A_NEED)));
        for need in 0..discovery.model.themes.len() {
            let of_need: Vec<u32> = discovery.statements(need).collect();
            assert!(of_need.iter().all(|s| s % 2 == of_need[0] % 2), "two kinds in one need");
        }
        // Twenty calls say each of the rare words.
        assert!(discovery.model.vocabulary.terms().all(|term| !term.starts_with('稀')));
    }

    #[test]
    fn a_domain_of_few_statements_has_none() {
        let mut few = statements();
        few.of.iter_mut().skip(2 * STATEMENTS_A_NEED - 1).for_each(|s| s.domains = DomainSet::from_iter([NeedDomain::Trial]));
        let found = discover(few, &[], 0, 30).unwrap();
        assert_eq!(found.domains.iter().map(|d| d.domain).collect::<Vec<_>>(), [Some(NeedDomain::Trial)]);
    }
}

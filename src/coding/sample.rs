//! The sample that people code: utterances drawn at random from strata, so that rare needs are in it, too.
//!
//! A stratum is a kind of record × what kikitori finds first in the utterance. Strata are drawn in proportion to their size,
//! with a few from each; each utterance's place in the draw is a hash of the seed and its id, so that neither the order of the
//! input nor the number of threads matters. The rows stand in another random order, which says nothing about their stratum.

use std::collections::BTreeMap;

use super::{Coding, SheetRow};
use crate::analysis::Pseudonym;
use crate::consultation::{RecordType, Speaker};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::need::{NeedDomain, NeedMention};
use crate::redact::RedactedUtterance;

/// Utterances from each stratum at least, where it has as many: fewer say nothing about a domain.
const FEW: u64 = 5;

/// Longer texts are cut: a cell of Excel holds 32,767 units of UTF-16, and nobody judges so much as one utterance.
const LONGEST_CHARS: usize = 16_000;

/// What is to be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleParams {
    /// Utterances in all.
    pub utterances: usize,
    /// Seed of the draw.
    pub seed: u64,
}

impl Default for SampleParams {
    fn default() -> Self {
        Self { utterances: Self::DEFAULT_UTTERANCES, seed: 1 }
    }
}

impl SampleParams {
    /// What two coders read in some days, and what κ = .70 ± .09 takes for a need that one utterance in five has (Donner & Eliasziw
    /// 1992, doi:10.1002/sim.4780111109).
    pub const DEFAULT_UTTERANCES: usize = 400;

    /// More are no sample for people.
    pub const MOST_UTTERANCES: usize = 100_000;

    /// # Errors
    /// No utterances, or more than anybody could read.
    pub fn check(self) -> Result<Self> {
        if (1..=Self::MOST_UTTERANCES).contains(&self.utterances) {
            return Ok(self);
        }
        let text = Text::new(
            format!("発話の数は1から{}までにしてください（{}が指定されています）", Self::MOST_UTTERANCES, self.utterances),
            format!("expected 1 to {} utterances, got {}", Self::MOST_UTTERANCES, self.utterances),
        );
        Err(Error::new(ErrorKind::Config, text).column("--utterances"))
    }
}

/// What kikitori finds first in an utterance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// No need.
    Nothing,
    /// A need of no domain.
    NoDomain,
    /// A need of this domain.
    Domain(NeedDomain),
}

/// What is drawn from together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stratum {
    /// Transcript or notes.
    pub record: RecordType,
    /// What kikitori finds first.
    pub finding: Finding,
    /// How many utterances there are.
    pub utterances: u64,
    /// How many of them were drawn.
    pub drawn: u64,
}

/// An utterance that was drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// What coders see.
    pub row: SheetRow,
    /// What kikitori says of it, which they must not see.
    pub coding: Coding,
    /// Its stratum: index into [`Sample::strata`].
    pub stratum: usize,
}

/// What was drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// In the order of the sheet.
    pub rows: Vec<Drawn>,
    /// By kind of record and finding.
    pub strata: Vec<Stratum>,
}

impl Sample {
    /// 16 hexadecimal digits that tell two samples apart: of ids and words.
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for Drawn { row, .. } in &self.rows {
            for part in [row.id.as_str(), &row.before_cell(), &row.text] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }
}

/// Draws while the calls pass by: memory holds the sample's size per stratum, not the corpus.
#[derive(Debug, Clone)]
pub struct Sampler {
    params: SampleParams,
    strata: BTreeMap<(bool, Finding), Reservoir>,
}

/// Of one stratum, the utterances that come first in the draw.
#[derive(Debug, Clone, Default)]
struct Reservoir {
    seen: u64,
    kept: BTreeMap<u128, (SheetRow, Coding)>,
}

impl Sampler {
    /// Nothing drawn yet. `params` are checked.
    pub fn new(params: SampleParams) -> Self {
        Self { params, strata: BTreeMap::new() }
    }

    /// Takes the turns of one call that are not a counsellor's; mentions in order of utterance.
    pub fn add(&mut self, call: Pseudonym, record: RecordType, utterances: &[RedactedUtterance], mentions: &[NeedMention]) {
        for (turn, utterance) in (0u32..).zip(utterances) {
            if utterance.speaker == Speaker::Counsellor || utterance.text.trim().is_empty() {
                continue;
            }
            let first = mentions.partition_point(|m| m.utterance < turn);
            let own = &mentions[first..][..mentions[first..].partition_point(|m| m.utterance == turn)];
            let finding = match own.iter().find_map(|m| m.domain) {
                Some(domain) => Finding::Domain(domain),
                None if own.is_empty() => Finding::Nothing,
                None => Finding::NoDomain,
            };
            let stratum = self.strata.entry((record == RecordType::Notes, finding)).or_default();
            stratum.seen += 1;
            let place = place(self.params.seed, call, turn);
            if stratum.kept.len() >= self.params.utterances {
                if stratum.kept.last_key_value().is_none_or(|(last, _)| *last < place) {
                    continue;
                }
                stratum.kept.pop_last();
            }
            let before = turn.checked_sub(1).and_then(|t| utterances.get(t as usize)).map(|u| (u.speaker, cut(&u.text)));
            let row = SheetRow { id: format!("{call}#{turn}"), record, before, speaker: utterance.speaker, text: cut(&utterance.text) };
            stratum.kept.insert(place, (row, Coding::of_mentions(own)));
        }
    }

    /// The sample.
    pub fn finish(self) -> Sample {
        let seen: Vec<u64> = self.strata.values().map(|s| s.seen).collect();
        let numbers = allocate(&seen, self.params.utterances as u64);
        let (mut rows, mut strata) = (Vec::new(), Vec::new());
        for ((index, ((notes, finding), reservoir)), drawn) in self.strata.into_iter().enumerate().zip(numbers) {
            let record = if notes { RecordType::Notes } else { RecordType::Verbatim };
            strata.push(Stratum { record, finding, utterances: reservoir.seen, drawn });
            let kept = reservoir.kept.into_values().take(usize::try_from(drawn).unwrap_or(usize::MAX));
            rows.extend(kept.map(|(row, coding)| Drawn { row, coding, stratum: index }));
        }
        // Places in the draw are no order for the sheet: what comes late in it would be of a stratum drawn from heavily.
        rows.sort_by_cached_key(|drawn| order(self.params.seed, &drawn.row.id));
        Sample { rows, strata }
    }
}

/// Purposes of hashes, so that the two orders have nothing to do with each other.
const DRAW: &str = "kikitori coding draw, version 1";
const ORDER: &str = "kikitori coding order, version 1";

fn place(seed: u64, call: Pseudonym, turn: u32) -> u128 {
    hash(DRAW, seed, &[call.0.as_slice(), &turn.to_le_bytes()].concat())
}

fn order(seed: u64, id: &str) -> u128 {
    hash(ORDER, seed, id.as_bytes())
}

fn hash(purpose: &'static str, seed: u64, of: &[u8]) -> u128 {
    let mut hasher = blake3::Hasher::new_derive_key(purpose);
    hasher.update(&seed.to_le_bytes());
    hasher.update(of);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    u128::from_le_bytes(bytes)
}

/// One line of a table: without line ends, and not too long.
fn cut(text: &str) -> String {
    let text = text.trim().replace(['\r', '\n'], " ");
    match text.char_indices().nth(LONGEST_CHARS) {
        Some((at, _)) => format!("{}…（以下略）", &text[..at]),
        None => text,
    }
}

/// How many of each stratum: a few, and the rest in proportion, by largest remainders; together `total`, or all there are.
fn allocate(sizes: &[u64], total: u64) -> Vec<u64> {
    let all: u64 = sizes.iter().sum();
    let total = total.min(all);
    let few = FEW.min(total / (sizes.len() as u64).max(1));
    let mut numbers: Vec<u64> = sizes.iter().map(|size| few.min(*size)).collect();
    let rest = total - numbers.iter().sum::<u64>();
    let left: Vec<u64> = sizes.iter().zip(&numbers).map(|(size, number)| size - number).collect();
    let whole = u128::from(left.iter().sum::<u64>()).max(1);
    let share = |i: usize| (u128::from(left[i]) * u128::from(rest) / whole, u128::from(left[i]) * u128::from(rest) % whole);
    let mut given = 0;
    for (i, number) in numbers.iter_mut().enumerate() {
        let part = u64::try_from(share(i).0).unwrap_or(0);
        *number += part;
        given += part;
    }
    let mut by_remainder: Vec<usize> = (0..sizes.len()).collect();
    by_remainder.sort_by_key(|i| (std::cmp::Reverse(share(*i).1), *i));
    for i in by_remainder.into_iter().take(usize::try_from(rest - given).unwrap_or(0)) {
        numbers[i] += 1;
    }
    numbers
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::need::{CueId, CueType};

    fn utterance(speaker: Speaker, text: &str) -> RedactedUtterance {
        RedactedUtterance { speaker, text: text.into(), tokens: Vec::new(), removed: Vec::new() }
    }

    fn mention(utterance: u32, domain: Option<NeedDomain>) -> NeedMention {
        NeedMention { utterance, domain, cue: CueType::Fear, rule: CueId(0), weight: 1.0, start: 0, end: 1 }
    }

    /// Call `n`: a counsellor's turn, one with a need of trials, and one or two without any.
    fn add(sampler: &mut Sampler, n: u8) {
        let turns = [Speaker::Counsellor, Speaker::Caller, Speaker::Caller, Speaker::Caller];
        let utterances: Vec<_> = turns.iter().enumerate().map(|(i, s)| utterance(*s, &format!("{n}の{i}"))).collect();
        let mentions = if n.is_multiple_of(10) { vec![mention(1, Some(NeedDomain::Trial))] } else { Vec::new() };
        sampler.add(Pseudonym([n; 16]), RecordType::Verbatim, &utterances, &mentions);
    }

    fn sample(seed: u64, calls: &[u8]) -> Sample {
        let mut sampler = Sampler::new(SampleParams { utterances: 30, seed });
        calls.iter().for_each(|n| add(&mut sampler, *n));
        sampler.finish()
    }

    #[test]
    fn the_seed_decides_and_the_order_of_the_calls_does_not() {
        let forwards: Vec<u8> = (0..100).collect();
        let backwards: Vec<u8> = (0..100).rev().collect();
        let drawn = sample(1, &forwards);
        assert_eq!(drawn, sample(1, &backwards));
        assert_eq!(drawn.fingerprint(), sample(1, &backwards).fingerprint());
        assert_ne!(drawn.fingerprint(), sample(2, &forwards).fingerprint());
        assert_eq!(drawn.rows.len(), 30);
        assert!(drawn.rows.iter().all(|d| d.row.speaker == Speaker::Caller));
        // The turn before is told with its speaker.
        let first = drawn.rows.iter().find(|d| d.row.id.ends_with("#1")).unwrap();
        assert_eq!(first.row.before.as_ref().unwrap().0, Speaker::Counsellor);
    }

    #[test]
    fn a_rare_finding_is_drawn_and_stands_anywhere_in_the_sheet() {
        let drawn = sample(1, &(0..100).collect::<Vec<u8>>());
        // 290 utterances without and 10 with a need. 5 of each; the other 20 in proportion to 285 and 5: 19.66 and 0.34.
        let numbers: Vec<(Finding, u64, u64)> = drawn.strata.iter().map(|s| (s.finding, s.utterances, s.drawn)).collect();
        assert_eq!(numbers, [(Finding::Nothing, 290, 25), (Finding::Domain(NeedDomain::Trial), 10, 5)]);
        let found: Vec<usize> = (0..30).filter(|i| drawn.rows[*i].coding.has_need()).collect();
        assert_eq!(found.len(), 5);
        // Neither all in the first third nor all in the last.
        assert!(found[0] < 20 && found[4] >= 10, "{found:?}");
    }

    #[test]
    fn a_sample_of_nothing_is_refused() {
        for utterances in [0, SampleParams::MOST_UTTERANCES + 1] {
            let error = SampleParams { utterances, seed: 1 }.check().unwrap_err();
            assert!(error.to_string().contains(&format!("got {utterances}")), "{error}");
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("治験を\n希望"), "治験を 希望");
        let long = cut(&"あ".repeat(LONGEST_CHARS + 1));
        assert!(long.ends_with("あ…（以下略）"));
        assert_eq!(long.chars().count(), LONGEST_CHARS + 6);
    }

    proptest! {
        #[test]
        fn allocations_fit(sizes in prop::collection::vec(1u64..500, 1..32), total in 1u64..1000) {
            let numbers = allocate(&sizes, total);
            prop_assert_eq!(numbers.iter().sum::<u64>(), total.min(sizes.iter().sum()));
            let few = FEW.min(total.min(sizes.iter().sum()) / sizes.len() as u64);
            for (number, size) in numbers.iter().zip(&sizes) {
                prop_assert!(number <= size && *number >= few.min(*size));
            }
        }
    }
}

//! Assignment: which domains is a cue about? From the seeds and words of its own clause, then its sentence, then the whole
//! utterance; the detector turns to the turns before where all of that is silent. Where nothing speaks loudly enough, no domain is
//! given: the mention feeds the emerging needs.

use super::cue::{Compiled, Meaning};
use super::scan::{Hit, Scan};
use super::words::WordScores;
use super::{Cue, DomainSet, NeedDomain};

/// A score per domain, by [`NeedDomain::index`].
pub(super) type Scores = [f32; NeedDomain::COUNT];

/// A seed counts fully in the clause of the cue …
const SAME_CLAUSE: f32 = 1.0;
/// … less in its sentence …
const SAME_SENTENCE: f32 = 0.7;
/// … and least elsewhere in the utterance, …
const SAME_UTTERANCE: f32 = 0.4;
/// … as far as so many morphemes before and after the cue: who talks on without a pause has changed the subject by then.
const REACH: u32 = 300;
/// What the cue's own domain counts (眠れない: emotion).
const OWN_DOMAIN: f32 = 0.6;
/// Several seeds of a domain strengthen it, each by this part of its weight.
const FURTHER_SEEDS: f32 = 0.3;
/// What a unit of log odds counts beside the weight of a seed.
const WORD_WEIGHT: f32 = 0.45;

/// Below this no domain is given: a weak seed of a turn further back is not evidence.
const THRESHOLD: f32 = 0.15;
/// Below this the turns before are heard, too.
const UNSURE: f32 = 0.4;
/// A second domain must come this near to the first.
const NEAR: f32 = 0.15;

/// The seeds of one utterance.
pub(super) struct Evidence<'s> {
    pub(super) compiled: &'s Compiled,
    pub(super) scan: &'s Scan,
}

impl Evidence<'_> {
    /// How much the seeds of each domain, and the cue itself, speak for the cue at `hit`.
    pub(super) fn of_cue(&self, hit: &Hit, cue: &Cue) -> Scores {
        let clause = self.scan.views[hit.from as usize].clause..=self.scan.views[hit.to.max(hit.from + 1) as usize - 1].clause;
        let seeds = &self.scan.seeds;
        let near = seeds.partition_point(|s| s.from + REACH < hit.from)..seeds.partition_point(|s| s.from <= hit.to + REACH);
        let mut scores = self.sum(&seeds[near], |seed| {
            if clause.contains(&self.scan.views[seed.from as usize].clause) {
                SAME_CLAUSE
            } else if seed.sentence == hit.sentence {
                SAME_SENTENCE
            } else {
                SAME_UTTERANCE
            }
        });
        for domain in cue.domains.iter() {
            scores[domain.index()] += OWN_DOMAIN;
        }
        scores
    }

    /// Adds what the words near the cue at `hit` say; `all` is what all words of the utterance say, and most utterances are near
    /// as a whole.
    pub(super) fn add_words(&self, hit: &Hit, all: &WordScores, scores: &mut Scores) {
        if self.scan.views.len() <= REACH as usize {
            return add(scores, all);
        }
        let words = &self.scan.words;
        let near = words.partition_point(|w| w.at + REACH < hit.from)..words.partition_point(|w| w.at <= hit.to + REACH);
        add(scores, &self.compiled.words.scores_of_part(&words[near]));
    }

    /// What all words of the utterance say.
    pub(super) fn of_words(&self) -> WordScores {
        self.compiled.words.scores(&self.scan.words)
    }

    /// What the utterance as a whole is about, whose words say `all`.
    pub(super) fn of_utterance(&self, all: &WordScores) -> Scores {
        let mut scores = self.sum(&self.scan.seeds, |_| SAME_CLAUSE);
        add(&mut scores, all);
        scores
    }

    /// The strongest seed of each domain, and a part of the others.
    fn sum(&self, seeds: &[Hit], nearness: impl Fn(&Hit) -> f32) -> Scores {
        let (mut best, mut total) = (Scores::default(), Scores::default());
        for hit in seeds {
            let Meaning::Seed(seed) = hit.meaning else { continue };
            let seed = &self.compiled.rules.seeds[usize::from(seed)];
            let i = seed.domain.index();
            let score = seed.weight * nearness(hit);
            best[i] = best[i].max(score);
            total[i] += score;
        }
        std::array::from_fn(|i| best[i] + FURTHER_SEEDS * (total[i] - best[i]))
    }
}

/// Adds what words say, unless none of them tells what they are about.
fn add(scores: &mut Scores, words: &WordScores) {
    if words.subject {
        scores.iter_mut().zip(words.domains()).for_each(|(score, z)| *score += WORD_WEIGHT * z);
    }
}

/// Whether the utterance itself says too little about the domain of its cue.
pub(super) fn is_unsure(scores: &Scores) -> bool {
    scores.iter().all(|s| *s < UNSURE)
}

/// The domain with the highest score and those near it; none where all are below the threshold.
pub(super) fn choose(scores: &Scores) -> DomainSet {
    let top = scores.iter().copied().fold(0.0, f32::max);
    if top < THRESHOLD {
        return DomainSet::default();
    }
    NeedDomain::ALL.into_iter().filter(|d| scores[d.index()] >= top - NEAR).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_domains_are_chosen_and_silence_abstains() {
        let mut scores = Scores::default();
        assert!(choose(&scores).is_empty());
        scores[NeedDomain::Trial.index()] = 1.0;
        scores[NeedDomain::Treatment.index()] = 0.96;
        scores[NeedDomain::Emotion.index()] = 0.4;
        assert_eq!(choose(&scores), [NeedDomain::Treatment, NeedDomain::Trial].into_iter().collect());
        let weak = scores.map(|s| s * 0.1);
        assert!(choose(&weak).is_empty());
    }
}

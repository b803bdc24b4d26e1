//! Assignment: which domains is a cue about? From what the n-grams of the utterance say, and from the seeds of the cue's own clause,
//! then its sentence, then the whole utterance; the detector turns to the turns before where all of that is silent. Where nothing
//! speaks loudly enough, no domain is given: the mention feeds the emerging needs.

use super::cue::{Compiled, Meaning};
use super::ngram::NgramScores;
use super::scan::{Hit, Scan};
use super::{Cue, DomainSet, NeedDomain};

/// Log odds per domain, by [`NeedDomain::index`].
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

/// What the weight of a seed counts in log odds.
const SEED_WEIGHT: f32 = 1.25;

/// Below this no domain is given, …
const THRESHOLD: f32 = -2.0;
/// … and below this the turns before are heard, too.
const UNSURE: f32 = -1.0;
/// A second domain must be as likely as this, …
const LIKELY: f32 = -0.8;
/// … and come this near to the first.
const NEAR: f32 = 2.2;

/// The seeds and n-grams of one utterance.
pub(super) struct Evidence<'s> {
    pub(super) compiled: &'s Compiled,
    pub(super) scan: &'s Scan,
    pub(super) text: &'s str,
}

impl Evidence<'_> {
    /// What speaks for each domain of the cue at `hit`; `all` is what the n-grams of the whole utterance say, and most utterances are
    /// near as a whole.
    pub(super) fn of_cue(&self, hit: &Hit, cue: &Cue, all: &NgramScores) -> Scores {
        let views = &self.scan.views;
        let clause = views[hit.from as usize].clause..=views[hit.to.max(hit.from + 1) as usize - 1].clause;
        let seeds = &self.scan.seeds;
        let near = seeds.partition_point(|s| s.from + REACH < hit.from)..seeds.partition_point(|s| s.from <= hit.to + REACH);
        let mut seeds = self.sum(&seeds[near], |seed| {
            if clause.contains(&views[seed.from as usize].clause) {
                SAME_CLAUSE
            } else if seed.sentence == hit.sentence {
                SAME_SENTENCE
            } else {
                SAME_UTTERANCE
            }
        });
        for domain in cue.domains.iter() {
            seeds[domain.index()] += OWN_DOMAIN;
        }
        let own = if views.len() <= REACH as usize {
            all.domains()
        } else {
            let first = &views[hit.from.saturating_sub(REACH) as usize];
            let last = &views[((hit.to + REACH) as usize).min(views.len()) - 1];
            self.compiled.ngrams.scores(&self.text[first.start as usize..last.end as usize]).domains()
        };
        std::array::from_fn(|i| own[i] + SEED_WEIGHT * seeds[i])
    }

    /// What the n-grams of the utterance say.
    pub(super) fn of_ngrams(&self) -> NgramScores {
        self.compiled.ngrams.scores(self.text)
    }

    /// What the utterance as a whole is about, whose n-grams say `all`: how far it raises the log odds of each domain.
    pub(super) fn of_utterance(&self, all: &NgramScores) -> Scores {
        let seeds = self.sum(&self.scan.seeds, |_| SAME_CLAUSE);
        let raised = all.raised();
        std::array::from_fn(|i| raised[i] + SEED_WEIGHT * seeds[i])
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

/// Whether the utterance itself says too little about the domain of its cue.
pub(super) fn is_unsure(scores: &Scores) -> bool {
    scores.iter().all(|s| *s < UNSURE)
}

/// The domain with the highest log odds, and those near it that are likely enough themselves; none where all are unlikely.
pub(super) fn choose(scores: &Scores) -> DomainSet {
    let top = scores.iter().copied().fold(f32::MIN, f32::max);
    if top < THRESHOLD {
        return DomainSet::default();
    }
    let is_chosen = |score: f32| score == top || score >= LIKELY && score >= top - NEAR;
    NeedDomain::ALL.into_iter().filter(|d| is_chosen(scores[d.index()])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_domains_are_chosen_and_silence_abstains() {
        let mut scores = [-4.0; NeedDomain::COUNT];
        assert!(choose(&scores).is_empty() && is_unsure(&scores));
        scores[NeedDomain::Trial.index()] = 1.0;
        scores[NeedDomain::Treatment.index()] = -0.5;
        scores[NeedDomain::Emotion.index()] = -1.0;
        assert_eq!(choose(&scores), [NeedDomain::Treatment, NeedDomain::Trial].into_iter().collect());
        // Likely, but beside another that is much likelier.
        scores[NeedDomain::Trial.index()] = 3.0;
        assert_eq!(choose(&scores), [NeedDomain::Trial].into_iter().collect());
    }
}

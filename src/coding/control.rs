//! Negative controls: what is found where nothing should be, and what would chance find?
//!
//! *Roles*: the detector hears counsellors' turns as if they were callers'. Who answers has no needs of their own, so that it
//! should find fewer; but they ask, and they repeat what they heard. *Reasons*: the recorded reasons are shuffled among the calls that have one. If the needs found had nothing to
//! do with what the counsellor recorded, the shuffles would confirm as many, and leave as few latent.

use serde::Serialize;

use super::{Coding, Mark};
use crate::consultation::{RecordType, Speaker};
use crate::disclose::Threshold;
use crate::need::{CallNeeds, DomainSet, NeedDetector, NeedDomain, NeedMention};
use crate::redact::RedactedUtterance;
use crate::stat::interval::wilson;
use crate::stat::permutation::{Chance, Shuffler, Tail};
use crate::stat::round6;

/// How often the reasons are shuffled: p-values down to 1/201.
pub const SHUFFLES: usize = 200;

/// Turns of one role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Turns {
    all: u32,
    need: u32,
    explicit: u32,
    told: u32,
}

impl Turns {
    fn add(&mut self, coding: &Coding) {
        self.all += 1;
        self.need += u32::from(coding.has_need());
        self.explicit += u32::from(coding.has_explicit());
        self.told += u32::from(coding.marks().any(|(_, mark)| mark == Mark::Told));
    }
}

/// Callers' turns, and counsellors' taken as if they were callers', while the calls pass by.
#[derive(Clone)]
pub struct RoleControl {
    detector: NeedDetector,
    callers: Turns,
    counsellors: Turns,
}

impl RoleControl {
    /// `detector` is the one that found the callers' needs.
    pub fn new(detector: NeedDetector) -> Self {
        Self { detector, callers: Turns::default(), counsellors: Turns::default() }
    }

    /// Takes a call and its mentions, in order of utterance. A record that does not say who speaks is passed over.
    pub fn add(&mut self, record: RecordType, utterances: &[RedactedUtterance], mentions: &[NeedMention]) {
        let exchanged: Vec<RedactedUtterance> =
            utterances.iter().map(|utterance| RedactedUtterance { speaker: exchanged(utterance.speaker), ..utterance.clone() }).collect();
        let mut found = Vec::new();
        self.detector.detect(&exchanged, record, &mut found);
        for (turn, utterance) in (0u32..).zip(utterances) {
            let (turns, mentions) = match utterance.speaker {
                Speaker::Caller => (&mut self.callers, mentions),
                Speaker::Counsellor => (&mut self.counsellors, found.as_slice()),
                Speaker::Unknown => continue,
            };
            let first = mentions.partition_point(|m| m.utterance < turn);
            turns.add(&Coding::of_mentions(mentions[first..].iter().take_while(|m| m.utterance == turn)));
        }
    }

    /// What may be told.
    pub fn finish(&self, safe: Threshold) -> Roles {
        let rates = |turns: Turns| {
            // A need is asked for or told, or both: those that are only one of the two could be had by subtraction.
            let part = |count: u32| if safe.hides(turns.need - count) { None } else { Rate::of(count, turns.all, safe) };
            RoleRates {
                turns: safe.primary(turns.all).value(),
                need: Rate::of(turns.need, turns.all, safe),
                explicit: part(turns.explicit),
                told: part(turns.told),
            }
        };
        let (callers, counsellors) = (rates(self.callers), rates(self.counsellors));
        let ratio = |a: Option<Rate>, b: Option<Rate>| Some(a?.share / b?.share).filter(|r| r.is_finite()).map(round6);
        Roles {
            callers,
            counsellors,
            need_ratio: ratio(callers.need, counsellors.need),
            explicit_ratio: ratio(callers.explicit, counsellors.explicit),
            told_ratio: ratio(callers.told, counsellors.told),
        }
    }
}

fn exchanged(speaker: Speaker) -> Speaker {
    match speaker {
        Speaker::Caller => Speaker::Counsellor,
        Speaker::Counsellor => Speaker::Caller,
        Speaker::Unknown => Speaker::Unknown,
    }
}

/// A share with what may be known of its counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// So many …
    pub count: u32,
    /// … of so many.
    pub of: u32,
    /// Their ratio.
    pub share: f64,
    /// Wilson's 95 % interval.
    pub interval: (f64, f64),
}

impl Rate {
    /// `None` where either count, or the one that the two give by subtraction, is hidden, and where there is nothing.
    pub fn of(count: u32, of: u32, safe: Threshold) -> Option<Self> {
        if safe.hides(count) || safe.hides(of) || safe.hides(of.checked_sub(count)?) {
            return None;
        }
        let (low, high) = wilson(count, of)?;
        Some(Self { count, of, share: round6(f64::from(count) / f64::from(of)), interval: (round6(low), round6(high)) })
    }
}

/// How often turns of a role carry a need.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RoleRates {
    /// Turns; `None` where that is hidden.
    pub turns: Option<u32>,
    /// Turns with a need.
    pub need: Option<Rate>,
    /// Turns with a need that is asked for. Who answers calls asks, too: this is where the roles differ least.
    pub explicit: Option<Rate>,
    /// Turns with a need that is told.
    pub told: Option<Rate>,
}

/// Callers against counsellors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Roles {
    /// Callers' turns.
    pub callers: RoleRates,
    /// Counsellors' turns, taken as if they were callers'.
    pub counsellors: RoleRates,
    /// How many times as often a caller's turn carries a need.
    pub need_ratio: Option<f64>,
    /// The same of needs that are asked for.
    pub explicit_ratio: Option<f64>,
    /// The same of needs that are told.
    pub told_ratio: Option<f64>,
}

/// A share as it is, and as it is when reasons are shuffled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AgainstChance {
    /// As recorded.
    #[serde(flatten)]
    pub real: Rate,
    /// Mean of the shuffles.
    pub shuffled: f64,
    /// Between these points lie 95 % of the shuffles.
    pub shuffled_range: (f64, f64),
    /// One-sided p-value of the permutation test.
    pub p: f64,
}

/// Recorded reasons against shuffled ones. What is hidden is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reasons {
    /// How often the reasons were shuffled.
    pub shuffles: usize,
    /// Calls with a recorded reason that maps to a domain.
    pub calls: Option<u32>,
    /// Share of these with at least one latent need: lower than by chance where records tell what was told.
    pub latent: Option<AgainstChance>,
    /// Share of needs asked for (one per call and domain) that the recorded reason names, over the domains shown: higher than by
    /// chance where both are about the same call.
    pub confirmed: Option<AgainstChance>,
    /// The same of needs that are told clearly (S ≥ τ) and not asked for: what the record does not name of them is latent.
    pub confirmed_told: Option<AgainstChance>,
    /// As `confirmed`, by domain.
    pub domains: Vec<(NeedDomain, Option<AgainstChance>)>,
}

/// Counts under one assignment of reasons to calls.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    latent: u32,
    told: u32,
    confirmed: [u32; NeedDomain::COUNT],
}

impl Tally {
    fn of(calls: &[CallNeeds], reasons: &[DomainSet], tau: f64) -> Self {
        let mut tally = Self::default();
        for (call, recorded) in calls.iter().zip(reasons) {
            let told = told(call, tau);
            tally.latent += u32::from(told.iter().any(|d| !recorded.contains(d)));
            tally.told += told.iter().map(|d| u32::from(recorded.contains(d))).sum::<u32>();
            for domain in call.explicit.iter().filter(|d| recorded.contains(*d)) {
                tally.confirmed[domain.index()] += 1;
            }
        }
        tally
    }
}

/// The domains that are latent unless the recorded reason names them.
fn told(call: &CallNeeds, tau: f64) -> DomainSet {
    let needs = CallNeeds { recorded: DomainSet::default(), ..call.clone() };
    NeedDomain::ALL.into_iter().filter(|d| needs.is_latent_at(*d, tau)).collect()
}

/// Shuffles the recorded reasons among the calls that have one. O(shuffles × calls).
pub fn reasons(calls: &[CallNeeds], tau: f64, seed: u64, safe: Threshold) -> Reasons {
    let calls: Vec<CallNeeds> = calls.iter().filter(|call| !call.recorded.is_empty()).cloned().collect();
    let mut recorded: Vec<DomainSet> = calls.iter().map(|call| call.recorded).collect();
    let real = Tally::of(&calls, &recorded, tau);
    let mut shuffler = Shuffler::new(seed);
    let shuffled: Vec<Tally> = (0..SHUFFLES)
        .map(|_| {
            shuffler.shuffle(&mut recorded);
            Tally::of(&calls, &recorded, tau)
        })
        .collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let asked = |domain: NeedDomain| count(calls.iter().filter(|call| call.explicit.contains(domain)).count());
    let against = |of: u32, tail: Tail, figure: &dyn Fn(&Tally) -> u32| {
        let real = Rate::of(figure(&real), of, safe)?;
        let share = |tally: &Tally| f64::from(figure(tally)) / f64::from(of);
        let chance = Chance::of(f64::from(real.count) / f64::from(of), &shuffled.iter().map(share).collect::<Vec<_>>(), tail)?;
        let shuffled_range = (round6(chance.low), round6(chance.high));
        Some(AgainstChance { real, shuffled: round6(chance.mean), shuffled_range, p: round6(chance.p) })
    };
    let domains: Vec<(NeedDomain, Option<AgainstChance>)> = NeedDomain::ALL
        .into_iter()
        .map(|domain| (domain, against(asked(domain), Tail::Upper, &|tally| tally.confirmed[domain.index()])))
        .collect();
    // Of the domains shown only: with the others, one that is hidden would be their difference.
    let shown: Vec<NeedDomain> = domains.iter().filter(|(_, row)| row.is_some()).map(|(domain, _)| *domain).collect();
    let told: u32 = calls.iter().map(|call| count(told(call, tau).iter().count())).sum();
    let of_shown = |tally: &Tally| shown.iter().map(|d| tally.confirmed[d.index()]).sum();
    Reasons {
        shuffles: SHUFFLES,
        calls: safe.primary(count(calls.len())).value(),
        latent: against(count(calls.len()), Tail::Lower, &|tally| tally.latent),
        confirmed: against(shown.iter().map(|d| asked(*d)).sum(), Tail::Upper, &of_shown),
        confirmed_told: against(told, Tail::Upper, &|tally| tally.told),
        domains,
    }
}

#[cfg(test)]
mod tests {
    use NeedDomain::{Emotion, Trial};

    use super::*;

    fn safe() -> Threshold {
        Threshold::new(3).unwrap()
    }

    fn needs(recorded: &[NeedDomain], explicit: &[NeedDomain], told: &[NeedDomain]) -> CallNeeds {
        let set = |domains: &[NeedDomain]| domains.iter().copied().collect();
        let mut needs = CallNeeds { recorded: set(recorded), explicit: set(explicit), implicit: set(told), ..CallNeeds::default() };
        told.iter().for_each(|d| needs.strength[d.index()] = 90);
        needs
    }

    #[test]
    fn reasons_that_fit_their_calls_beat_every_shuffle() {
        // 20 calls ask of trials, 10 tell of fear, and the record says so of each.
        let mut calls = vec![needs(&[Trial], &[Trial], &[]); 20];
        calls.extend(vec![needs(&[Emotion], &[], &[Emotion]); 10]);
        // Calls without a reason are not shuffled among.
        calls.extend(vec![needs(&[], &[Trial], &[]); 50]);
        let found = reasons(&calls, 0.7, 1, safe());
        assert_eq!(found.calls, Some(30));
        let confirmed = found.confirmed.unwrap();
        assert_eq!((confirmed.real.count, confirmed.real.of, confirmed.real.share), (20, 20, 1.0));
        // By chance 20 of 30 reasons are of trials.
        assert!((confirmed.shuffled - 2.0 / 3.0).abs() < 0.02 && confirmed.shuffled_range.1 < 1.0, "{confirmed:?}");
        assert_eq!(confirmed.p, round6(1.0 / 201.0));
        // No fear is latent; by chance one in five calls is: 10/30 tell of it, and 20/30 of the reasons do not.
        let latent = found.latent.unwrap();
        assert_eq!((latent.real.count, latent.p), (0, round6(1.0 / 201.0)));
        assert!((latent.shuffled - 2.0 / 9.0).abs() < 0.02, "{latent:?}");
        // All ten that tell of it are recorded so.
        assert_eq!((found.confirmed_told.unwrap().real.count, found.confirmed_told.unwrap().real.of), (10, 10));
        let shown: Vec<NeedDomain> = found.domains.iter().filter(|(_, row)| row.is_some()).map(|(d, _)| *d).collect();
        assert_eq!(shown, [Trial]);
        assert_eq!(reasons(&calls, 0.7, 1, safe()), found);
    }

    #[test]
    fn small_counts_and_small_differences_are_hidden() {
        assert!(Rate::of(2, 40, safe()).is_none() && Rate::of(38, 40, safe()).is_none() && Rate::of(0, 2, safe()).is_none());
        assert_eq!(Rate::of(3, 40, safe()).unwrap().share, 0.075);
        assert!(Rate::of(0, 40, safe()).is_some() && Rate::of(40, 40, safe()).is_some());
        assert!(Rate::of(0, 0, safe()).is_none());
    }
}

//! Judging the needs found against needs that people coded, utterance by utterance.
//!
//! *need*: does the utterance carry any need? *explicit*: does it carry one that is asked for? *domains*: which, as a
//! multi-label decision, over utterances whose coded domains are all known; macro-F1 is the mean over domains that occur.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CueId, NeedDetector, NeedDomain, NeedMention};
use crate::consultation::{RecordType, Speaker};
use crate::error::Result;
use crate::redact::RedactedUtterance;

/// One line of the gold file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GoldUtterance {
    /// `H0001#3`: consecutive lines with the same part before `#` are one call.
    pub id: String,
    /// `caller`, `counsellor` or `unknown`.
    #[serde(deserialize_with = "speaker")]
    pub speaker: Speaker,
    /// The words.
    pub text: String,
    /// The needs coded; empty: none.
    pub needs: Vec<GoldNeed>,
    /// `verbatim` (the default) or `notes`.
    #[serde(default = "verbatim", deserialize_with = "record_type")]
    pub record_type: RecordType,
}

/// A need as it was coded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GoldNeed {
    /// `None`: not judged.
    #[serde(default, deserialize_with = "domain")]
    pub domain: Option<NeedDomain>,
    /// Whether it is asked for.
    pub explicit: bool,
}

fn verbatim() -> RecordType {
    RecordType::Verbatim
}

fn speaker<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Speaker, D::Error> {
    let code = String::deserialize(deserializer)?;
    let known = [Speaker::Caller, Speaker::Counsellor, Speaker::Unknown];
    known.into_iter().find(|s| s.code() == code).ok_or_else(|| serde::de::Error::custom("speaker must be caller, counsellor or unknown"))
}

fn record_type<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<RecordType, D::Error> {
    let code = String::deserialize(deserializer)?;
    let known = [RecordType::Verbatim, RecordType::Notes];
    known.into_iter().find(|r| r.code() == code).ok_or_else(|| serde::de::Error::custom("record_type must be verbatim or notes"))
}

fn domain<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<NeedDomain>, D::Error> {
    let Some(code) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    NeedDomain::from_code(&code).map(Some).ok_or_else(|| serde::de::Error::custom("domain is not the code of a need domain"))
}

/// Precision, recall and F1, each rounded to four places; 0 where undefined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Score {
    /// Of what was found, how much is right.
    pub precision: f64,
    /// Of what there is, how much was found.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

/// The score of one domain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct DomainScore {
    /// Precision, recall and F1.
    #[serde(flatten)]
    pub score: Score,
    /// Utterances that were coded with it.
    pub support: u64,
}

/// What `eval needs` prints.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct NeedScores {
    /// Any need.
    pub need: Score,
    /// A need that is asked for.
    pub explicit: Score,
    /// By code of domain.
    pub domains: BTreeMap<&'static str, DomainScore>,
    /// Mean F1 over domains with support.
    pub macro_f1: f64,
}

/// Why an utterance counts as an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MissKind {
    /// A need was coded, none was found.
    NeedMissed,
    /// No need was coded, one was found.
    NeedInvented,
    /// It is asked for, but was taken as told, or missed.
    ExplicitMissed,
    /// It is not asked for.
    ExplicitInvented,
    /// A coded domain was not given.
    DomainMissed(NeedDomain),
    /// A domain was given that was not coded.
    DomainInvented(NeedDomain),
}

/// One error: which utterance, and which cues fired there. It holds none of the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Miss {
    /// The id of the line.
    pub id: String,
    /// What is wrong.
    #[serde(flatten)]
    pub kind: MissKind,
    /// The names of the cues found there.
    pub cues: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    hit: u64,
    invented: u64,
    missed: u64,
}

impl Counts {
    fn add(&mut self, gold: bool, found: bool) {
        match (gold, found) {
            (true, true) => self.hit += 1,
            (false, true) => self.invented += 1,
            (true, false) => self.missed += 1,
            (false, false) => {}
        }
    }

    fn score(self) -> Score {
        let ratio = |a: u64, b: u64| if b == 0 { 0.0 } else { a as f64 / b as f64 };
        Score {
            precision: round4(ratio(self.hit, self.hit + self.invented)),
            recall: round4(ratio(self.hit, self.hit + self.missed)),
            f1: round4(ratio(2 * self.hit, 2 * self.hit + self.invented + self.missed)),
        }
    }
}

fn round4(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}

/// Runs `detector` over `gold` and judges it: the scores, and every error in order.
///
/// `prepare` turns a line's words into an utterance (normalised, segmented, and redacted where wanted); the lines are
/// grouped into calls by the part of their ids before `#`.
///
/// # Errors
/// Those of `prepare`.
pub fn evaluate(
    detector: &mut NeedDetector,
    gold: &[GoldUtterance],
    mut prepare: impl FnMut(&GoldUtterance) -> Result<RedactedUtterance>,
) -> Result<(NeedScores, Vec<Miss>)> {
    let mut tally = Tally::default();
    let call = |line: &GoldUtterance| line.id.split_once('#').map_or_else(|| line.id.clone(), |(call, _)| call.to_owned());
    let mut mentions = Vec::new();
    for lines in gold.chunk_by(|a, b| a.id.contains('#') && call(a) == call(b)) {
        let utterances = lines.iter().map(&mut prepare).collect::<Result<Vec<_>>>()?;
        mentions.clear();
        detector.detect(&utterances, lines[0].record_type, &mut mentions);
        for (i, line) in (0u32..).zip(lines) {
            let found: Vec<&NeedMention> = mentions.iter().filter(|m| m.utterance == i).collect();
            tally.add(line, &found, |cue| detector.rules().cue(cue).id.clone());
        }
    }
    Ok(tally.finish())
}

#[derive(Default)]
struct Tally {
    need: Counts,
    explicit: Counts,
    domains: [Counts; NeedDomain::COUNT],
    misses: Vec<Miss>,
}

impl Tally {
    fn add(&mut self, line: &GoldUtterance, found: &[&NeedMention], name: impl Fn(CueId) -> String) {
        let mut errors = Vec::new();
        let mut judge = |counts: &mut Counts, gold: bool, found: bool, missed: MissKind, invented: MissKind| {
            counts.add(gold, found);
            if gold != found {
                errors.push(if gold { missed } else { invented });
            }
        };
        judge(&mut self.need, !line.needs.is_empty(), !found.is_empty(), MissKind::NeedMissed, MissKind::NeedInvented);
        let explicit = line.needs.iter().any(|n| n.explicit);
        let asked = found.iter().any(|m| m.cue.is_explicit());
        judge(&mut self.explicit, explicit, asked, MissKind::ExplicitMissed, MissKind::ExplicitInvented);
        if line.needs.iter().all(|n| n.domain.is_some()) {
            for domain in NeedDomain::ALL {
                let gold = line.needs.iter().any(|n| n.domain == Some(domain));
                let given = found.iter().any(|m| m.domain == Some(domain));
                let counts = &mut self.domains[domain.index()];
                judge(counts, gold, given, MissKind::DomainMissed(domain), MissKind::DomainInvented(domain));
            }
        }
        let mut cues: Vec<String> = found.iter().map(|m| name(m.rule)).collect();
        cues.dedup();
        self.misses.extend(errors.into_iter().map(|kind| Miss { id: line.id.clone(), kind, cues: cues.clone() }));
    }

    fn finish(self) -> (NeedScores, Vec<Miss>) {
        let mut domains = BTreeMap::new();
        let (mut sum, mut supported) = (0.0, 0u32);
        for domain in NeedDomain::ALL {
            let counts = self.domains[domain.index()];
            let support = counts.hit + counts.missed;
            let score = counts.score();
            if support > 0 {
                sum += score.f1;
                supported += 1;
            }
            domains.insert(domain.code(), DomainScore { score, support });
        }
        let macro_f1 = if supported == 0 { 0.0 } else { round4(sum / f64::from(supported)) };
        (NeedScores { need: self.need.score(), explicit: self.explicit.score(), domains, macro_f1 }, self.misses)
    }
}

/// A text as the detector sees it, without redaction.
#[cfg(test)]
pub(super) fn utterance(segmenter: &mut crate::morphology::Segmenter, speaker: Speaker, text: &str) -> RedactedUtterance {
    let text = crate::consultation::Normalised::new(text).text;
    let mut tokens = Vec::new();
    segmenter.segment(&text, &mut tokens).unwrap();
    RedactedUtterance { speaker, text, tokens, removed: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::super::CueType;
    use super::*;

    fn line(needs: &[(Option<NeedDomain>, bool)]) -> GoldUtterance {
        let needs = needs.iter().map(|&(domain, explicit)| GoldNeed { domain, explicit }).collect();
        GoldUtterance { id: "H1#1".into(), speaker: Speaker::Caller, text: String::new(), needs, record_type: RecordType::Verbatim }
    }

    fn mention(domain: Option<NeedDomain>, cue: CueType) -> NeedMention {
        NeedMention { utterance: 0, domain, cue, rule: CueId(0), weight: 1.0, start: 0, end: 1 }
    }

    #[test]
    fn utterances_are_counted_by_need_explicitness_and_domain() {
        use NeedDomain::{Emotion, Trial};
        let mut tally = Tally::default();
        let mut add = |gold: &[(Option<NeedDomain>, bool)], found: &[NeedMention]| {
            tally.add(&line(gold), &found.iter().collect::<Vec<_>>(), |_| "cue".into());
        };
        add(&[(Some(Trial), true)], &[mention(Some(Trial), CueType::Request)]);
        add(&[(Some(Trial), true), (Some(Emotion), false)], &[mention(Some(Trial), CueType::Lack)]);
        add(&[], &[mention(Some(Emotion), CueType::Fear)]);
        add(&[(None, false)], &[mention(Some(Trial), CueType::Fear)]);
        add(&[(Some(Trial), false)], &[]);
        let (scores, misses) = tally.finish();
        // need: found in lines 1, 2, 4 of the four that have one, and once in line 3, which has none.
        assert_eq!(scores.need, Score { precision: 0.75, recall: 0.75, f1: 0.75 });
        // explicit: asked for in lines 1 and 2, taken so in line 1 only: F1 = 2·1 / (2·1 + 0 + 1).
        assert_eq!(scores.explicit, Score { precision: 1.0, recall: 0.5, f1: 0.6667 });
        // trial: coded in lines 1, 2, 5, given in 1 and 2 (line 4 is not judged): F1 = 4/5. emotion: 0 of 1.
        assert_eq!(scores.domains["trial"], DomainScore { score: Score { precision: 1.0, recall: 0.6667, f1: 0.8 }, support: 3 });
        assert_eq!(scores.domains["emotion"].score.f1, 0.0);
        assert_eq!(scores.macro_f1, 0.4);
        let kinds: Vec<_> = misses.iter().map(|m| m.kind).collect();
        let expected = [
            MissKind::ExplicitMissed,
            MissKind::DomainMissed(Emotion),
            MissKind::NeedInvented,
            MissKind::DomainInvented(Emotion),
            MissKind::NeedMissed,
            MissKind::DomainMissed(Trial),
        ];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn gold_lines_are_read_strictly() {
        let ok = r#"{"id":"a","speaker":"caller","text":"x","needs":[{"domain":null,"explicit":true}]}"#;
        let read: GoldUtterance = serde_json::from_str(ok).unwrap();
        assert_eq!(read.needs, [GoldNeed { domain: None, explicit: true }]);
        assert_eq!(read.record_type, RecordType::Verbatim);
        for bad in [ok.replace("caller", "agent"), ok.replace("null", "\"money\"")] {
            assert!(serde_json::from_str::<GoldUtterance>(&bad).is_err());
        }
    }
}

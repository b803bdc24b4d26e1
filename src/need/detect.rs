//! Detection: which cues stand in a call's utterances, and which of them keep their force?

use std::sync::Arc;

use super::assign::{Evidence, Scores, choose, is_unsure};
use super::cue::{Compiled, Meaning};
use super::ngram::NgramScores;
use super::rules::{Register, Scope};
use super::scan::{Hit, Scan, Scanner};
use super::{CueId, CueType, NeedMention, NeedRules};
use crate::consultation::{RecordType, Speaker};
use crate::error::Result;
use crate::morphology::Lexicon;
use crate::redact::RedactedUtterance;

/// How many turns back a cue looks whose own utterance is short and does not tell its domain: はい、それで… refers to what was just said.
const TURNS_BACK: usize = 3;
/// A short utterance, in morphemes.
const SHORT: usize = 40;

/// A turn is a cue as a whole where it has at most so many morphemes: longer ones tell of more than one thing.
const LONGEST_TOLD: usize = 200;

/// Where the n-grams of an utterance speak against a need with these log odds, a question only keeps the talk going, and a weak cue
/// says nothing; …
const AGAINST: f32 = -0.5;
/// … a cue of this weight stands for itself: 「どうにも困っています」.
const CLEAR: f32 = 0.9;
/// Below these log odds of a need that is asked for, what looks like a request or a question is none; …
const NOT_ASKED: f32 = -2.0;
/// … it may tell of one, from these log odds of a need on.
const TOLD_INSTEAD: f32 = 0.0;

/// What the turn before counts for, …
const NEAREST_TURN: f32 = 0.25;
/// … where a word refers to it, …
const REFERRED_TURN: f32 = 0.6;
const REFERS: [&str; 5] = ["それは", "それって", "そこ", "そちら", "そっち"];
/// … and each turn further back, as a part of the one after it.
const TURN_DECAY: f32 = 0.5;

/// Finds needs in the utterances of a call: one per thread (a clone shares the compiled rules).
#[derive(Clone)]
pub struct NeedDetector {
    scanner: Arc<Scanner>,
    scan: Scan,
    other: Scan,
    found: Vec<Found>,
    /// What each turn of the call is about, once it was asked for.
    turns: Vec<Option<Scores>>,
}

/// A cue that kept its force.
#[derive(Debug, Clone, Copy)]
struct Found {
    cue: CueId,
    kind: CueType,
    weight: f32,
    hit: Hit,
}

impl NeedDetector {
    /// Compiles `rules` against `lexicon`.
    ///
    /// # Errors
    /// A pattern the dictionary cannot serve, with file and line.
    pub fn new(lexicon: &Arc<Lexicon>, rules: &NeedRules) -> Result<Self> {
        let scanner = Arc::new(Scanner::new(lexicon, rules)?);
        Ok(Self { scanner, scan: Scan::default(), other: Scan::default(), found: Vec::new(), turns: Vec::new() })
    }

    /// The rules in use.
    pub fn rules(&self) -> &NeedRules {
        &self.scanner.compiled.rules
    }

    /// Appends the mentions of one call to `out`, in order of utterance and place.
    ///
    /// A counsellor's turn never carries a need. In notes, and where the record does not say who speaks, cues of the
    /// notes' register work too. At most one mention per clause, cue and domain. Linear in the number of tokens.
    pub fn detect(&mut self, utterances: &[RedactedUtterance], record: RecordType, out: &mut Vec<NeedMention>) {
        self.turns.clear();
        self.turns.resize(utterances.len(), None);
        for (index, utterance) in (0u32..).zip(utterances) {
            if utterance.speaker == Speaker::Counsellor {
                continue;
            }
            let notes = record == RecordType::Notes || utterance.speaker == Speaker::Unknown;
            let register = if notes { Register::Notes } else { Register::Speech };
            self.scanner.find_cues(utterance, register, &mut self.scan);
            let before = index.checked_sub(1).map(|i| &utterances[i as usize]).filter(|u| u.speaker == Speaker::Counsellor);
            self.judge(utterance, before, register);
            let Some(ngrams) = self.weigh(utterance) else { continue };
            self.scanner.find_seeds(utterance, &mut self.scan);
            self.turns[index as usize] = Some(evidence(&self.scanner, &self.scan, utterance).of_utterance(&ngrams));
            self.mention((index, utterances), &ngrams, out);
        }
    }

    /// What the n-grams of the utterance say, if a cue is left after that: they may speak against one, and the utterance as a whole be
    /// one where there is no other.
    fn weigh(&mut self, utterance: &RedactedUtterance) -> Option<NgramScores> {
        let Self { scanner, scan, found, .. } = self;
        let compiled = &scanner.compiled;
        let silent = found.is_empty();
        // Nor is the whole a cue where one lost its force.
        let may_tell = compiled.told.is_some() && scan.views.len() <= LONGEST_TOLD;
        if silent && (!may_tell || scan.hits.iter().any(|hit| !matches!(hit.meaning, Meaning::Before(_)))) {
            return None;
        }
        let ngrams = evidence(scanner, scan, utterance).of_ngrams();
        if ngrams.need() < AGAINST {
            found.retain(|f| f.kind != CueType::Question && f.weight >= CLEAR);
        }
        let asked = ngrams.explicit();
        found.retain(|f| !f.kind.is_explicit() || asked >= NOT_ASKED);
        if let Some(told) = compiled.told.filter(|_| found.is_empty()) {
            let least = if silent { told.least } else { TOLD_INSTEAD };
            if ngrams.need() >= least {
                found.extend(as_whole(told.cue, compiled, scan));
            }
        }
        if let Some(whole) = compiled.asked.filter(|whole| asked >= whole.least && !found.iter().any(|f| f.kind.is_explicit())) {
            found.extend(as_whole(whole.cue, compiled, scan));
        }
        (!found.is_empty()).then_some(ngrams)
    }

    /// Keeps the cues that are neither excluded nor out of force, and of overlapping ones of a type the strongest.
    fn judge(&mut self, utterance: &RedactedUtterance, before: Option<&RedactedUtterance>, register: Register) {
        let text = utterance.text.as_str();
        let Self { scanner, scan, found, .. } = self;
        let compiled = &scanner.compiled;
        found.clear();
        // Nothing looks beyond its sentence, and sentences are short: the whole is linear.
        for hits in scan.hits.chunk_by(|a, b| a.sentence == b.sentence) {
            let first = found.len();
            for hit in hits {
                let Meaning::Cue(cue) = hit.meaning else { continue };
                let rule = compiled.rules.cue(cue);
                let kind = rule.cue;
                // Words in quotation marks are somebody's: what counts of a refusal is that the caller met it. A counsellor
                // quotes the caller, but as telling, not as asking.
                let kept = if register == Register::Notes { !kind.is_explicit() } else { kind == CueType::Lack };
                if scan.views[hit.from as usize].quoted && !kept {
                    continue;
                }
                if is_excluded(compiled, hits, hit, kind) || is_out_of_force(compiled, scan, hits, hit, cue, text) {
                    continue;
                }
                if kind.is_explicit() && before.is_some_and(|b| scanner.is_echo(scan, hit.sentence, utterance, b)) {
                    continue;
                }
                let new = Found { cue, kind, weight: rule.weight, hit: *hit };
                let rival = found[first..].iter_mut().find(|f| f.kind == kind && f.hit.from < hit.to && hit.from < f.hit.to);
                match rival {
                    Some(rival) if is_stronger(&new, rival) => *rival = new,
                    Some(_) => {}
                    None => found.push(new),
                }
            }
            // どうしたらいいでしょうか asks: what is asked is not told as well.
            for i in (first..found.len()).rev() {
                let f = found[i];
                let is_asked = |other: &Found| other.kind.is_explicit() && other.hit.from < f.hit.to && f.hit.from < other.hit.to;
                if !f.kind.is_explicit() && found[first..].iter().any(is_asked) {
                    found.remove(i);
                }
            }
        }
        found.sort_by_key(|f| (f.hit.from, f.hit.to, f.cue));
    }

    /// Gives the cues of an utterance, whose words say `words`, their domains.
    fn mention(&mut self, (index, utterances): (u32, &[RedactedUtterance]), ngrams: &NgramScores, out: &mut Vec<NeedMention>) {
        // Cues come in the order of the text: those of the same clause are the last ones.
        let (mut clause, mut first) = (None, out.len());
        let mut found = std::mem::take(&mut self.found);
        for f in found.drain(..) {
            let scanner = Arc::clone(&self.scanner);
            let rule = scanner.compiled.rules.cue(f.cue);
            let mut scores = evidence(&scanner, &self.scan, &utterances[index as usize]).of_cue(&f.hit, rule, ngrams);
            if self.scan.views.len() <= SHORT && is_unsure(&scores) {
                self.add_turns_before(index, utterances, &mut scores);
            }
            let domains = choose(&scores);
            let views = &self.scan.views;
            let (from, last) = (views[f.hit.from as usize], views[f.hit.to.max(f.hit.from + 1) as usize - 1]);
            if clause.replace(from.clause) != Some(from.clause) {
                first = out.len();
            }
            let mut push = |domain| {
                let twin = out[first..].iter().any(|m| m.rule == f.cue && m.domain == domain);
                if !twin {
                    let (start, end) = (from.start, last.end);
                    out.push(NeedMention { utterance: index, domain, cue: f.kind, rule: f.cue, weight: f.weight, start, end });
                }
            };
            if domains.is_empty() {
                push(None);
            } else {
                domains.iter().for_each(|d| push(Some(d)));
            }
        }
        self.found = found;
    }

    /// Adds what the turns before utterance `index` were about, whoever spoke, the nearest counting most.
    fn add_turns_before(&mut self, index: u32, utterances: &[RedactedUtterance], scores: &mut Scores) {
        let refers = REFERS.iter().any(|word| utterances[index as usize].text.contains(word));
        let mut decay = if refers { REFERRED_TURN } else { NEAREST_TURN };
        for (utterance, known) in utterances.iter().zip(&mut self.turns).take(index as usize).rev().take(TURNS_BACK) {
            let turn = *known.get_or_insert_with(|| {
                self.scanner.read_subject(utterance, &mut self.other);
                let evidence = evidence(&self.scanner, &self.other, utterance);
                evidence.of_utterance(&evidence.of_ngrams())
            });
            scores.iter_mut().zip(turn).for_each(|(s, t)| *s += decay * t);
            decay *= TURN_DECAY;
        }
    }
}

/// What speaks for domains in an utterance that was read into `scan`.
fn evidence<'s>(scanner: &'s Scanner, scan: &'s Scan, utterance: &'s RedactedUtterance) -> Evidence<'s> {
    Evidence { compiled: &scanner.compiled, scan, text: &utterance.text }
}

/// The utterance as a whole as a cue: in its longest sentence.
fn as_whole(cue: CueId, compiled: &Compiled, scan: &Scan) -> Option<Found> {
    let longest = (0u32..).zip(&scan.sentences).max_by_key(|(number, (from, to))| (to - from, std::cmp::Reverse(*number)));
    let (sentence, &(from, to)) = longest?;
    let rule = compiled.rules.cue(cue);
    Some(Found { cue, kind: rule.cue, weight: rule.weight, hit: Hit { meaning: Meaning::Cue(cue), from, to, sentence } })
}

/// Whether politeness or channel keeping covers the cue; `hits` are those of its sentence.
fn is_excluded(compiled: &Compiled, hits: &[Hit], hit: &Hit, kind: CueType) -> bool {
    hits.iter().any(|other| {
        let Meaning::Exclude(exclude) = other.meaning else { return false };
        let rule = &compiled.rules.excludes[usize::from(exclude)];
        let covers = rule.whole || (other.from < hit.to && hit.from < other.to);
        covers && (rule.types.is_empty() || rule.types.contains(&kind))
    })
}

/// Whether negation, hypothesis, a third person or reported speech takes the force from the cue.
fn is_out_of_force(compiled: &Compiled, scan: &Scan, hits: &[Hit], hit: &Hit, cue: CueId, text: &str) -> bool {
    let touched = &compiled.scopes[usize::from(cue.0)];
    let sentence = scan.sentence(hit.sentence);
    let at = (hit.to - scan.sentences[hit.sentence as usize].0) as usize;
    Scope::ALL.into_iter().zip(touched).zip(&compiled.after).any(|((scope, touched), after)| {
        *touched
            && (after.iter().any(|entry| compiled.programs.run(*entry, sentence, at, text).is_some())
                || hits.iter().any(|other| {
                    other.meaning == Meaning::Before(scope)
                        && other.to <= hit.from
                        && scan.views[other.from as usize].clause == scan.views[hit.from as usize].clause
                }))
    })
}

/// Heavier first, then longer.
fn is_stronger(new: &Found, old: &Found) -> bool {
    let length = |f: &Found| f.hit.to - f.hit.from;
    new.weight > old.weight || (new.weight == old.weight && length(new) > length(old))
}

//! The rules compiled against a lexicon: every pattern becomes a program, every program knows which rule it serves.

use std::sync::Arc;

use super::compile::Compiler;
use super::ngram::NgramWeights;
use super::pattern::Node;
use super::program::{Pass, Programs, RuleIndex};
use super::rules::{Pattern, Scope};
use super::{CueId, CueType, NeedRules};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::morphology::Lexicon;

/// What a program that was found means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    /// A cue.
    Cue(CueId),
    /// An exclusion: index into the rules.
    Exclude(u16),
    /// Words before a cue that take its force.
    Before(Scope),
    /// A seed: index into the rules.
    Seed(u16),
}

/// A cue that an utterance is as a whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole {
    pub(super) cue: CueId,
    /// From these log odds on.
    pub(super) least: f32,
}

/// Compiled rules: immutable, shared by all threads.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) rules: NeedRules,
    pub(super) ngrams: NgramWeights,
    /// The cue that an utterance as a whole can be where it tells of a need.
    pub(super) told: Option<Whole>,
    /// The cue that it can be where it asks.
    pub(super) asked: Option<Whole>,
    pub(super) programs: Programs,
    pub(super) meanings: Vec<Meaning>,
    /// Entries of the patterns tried where a cue ends, by [`Scope::ALL`].
    pub(super) after: [Vec<u16>; 4],
    /// Scopes that touch a cue, by cue then [`Scope::ALL`].
    pub(super) scopes: Vec<[bool; 4]>,
}

impl Compiled {
    /// Compiles `rules` against `lexicon`.
    ///
    /// # Errors
    /// A pattern whose features the dictionary does not have, or that could begin anywhere: with file and line.
    pub(super) fn new(lexicon: &Arc<Lexicon>, rules: &NeedRules) -> Result<Self> {
        let mut compiler = Compiler::new(lexicon);
        let mut out = Assembly { meanings: Vec::new(), places: Vec::new() };
        for (i, cue) in (0u16..).zip(&rules.cues) {
            let rule = out.rule(Meaning::Cue(CueId(i)), &rules.cue_file, cue.patterns.first());
            out.add(&mut compiler, Pass::Cues, rule, &rules.cue_file, &cue.patterns)?;
        }
        for (i, exclude) in (0u16..).zip(&rules.excludes) {
            let rule = out.rule(Meaning::Exclude(i), &rules.cue_file, exclude.patterns.first());
            out.add(&mut compiler, Pass::Cues, rule, &rules.cue_file, &exclude.patterns)?;
        }
        for (i, seed) in (0u16..).zip(&rules.seeds) {
            let rule = out.rule(Meaning::Seed(i), &rules.domain_file, Some(&seed.pattern));
            out.add(&mut compiler, Pass::Seeds, rule, &rules.domain_file, std::slice::from_ref(&seed.pattern))?;
        }
        let mut after: [Vec<u16>; 4] = Default::default();
        for (entries, scope) in after.iter_mut().zip(Scope::ALL) {
            let Some(rule) = rules.scopes.get(&scope) else { continue };
            let index = out.rule(Meaning::Before(scope), &rules.cue_file, rule.before.first());
            out.add(&mut compiler, Pass::Cues, index, &rules.cue_file, &rule.before)?;
            for pattern in &rule.after {
                entries.push(compiler.add_anchored(&pattern.node).map_err(|text| fault(&rules.cue_file, pattern, text))?);
            }
        }
        let programs = compiler.finish(&rules.not_potential).map_err(|rule| {
            let (file, line, name) = out.places[usize::from(rule)].clone();
            let text = Text::new("型は語か品詞で始めてください", "a pattern must begin with a word or a part of speech");
            Error::new(ErrorKind::Dictionary, text).at(file, line).column(name)
        })?;
        let scopes = rules.cues.iter().map(|cue| Scope::ALL.map(|s| touches(s, cue.cue) && !cue.ignore.contains(&s))).collect();
        let ngrams = NgramWeights::new(&rules.ngrams);
        let whole = |explicit: bool| {
            let cues = (0u16..).zip(&rules.cues).filter(move |(_, cue)| cue.cue.is_explicit() == explicit);
            cues.filter_map(|(i, cue)| Some(Whole { cue: CueId(i), least: cue.log_odds? })).next()
        };
        let (told, asked) = (whole(false), whole(true));
        Ok(Self { rules: rules.clone(), ngrams, told, asked, programs, meanings: out.meanings, after, scopes })
    }
}

/// Which scopes can take the force from which cues, unless the cue says otherwise: asking is asking, also on behalf of
/// a friend, but what others asked or said is not the caller's question.
fn touches(scope: Scope, cue: CueType) -> bool {
    match scope {
        Scope::Negation | Scope::Hypothesis | Scope::ThirdPerson => !cue.is_explicit(),
        Scope::Reported => cue.is_explicit(),
    }
}

struct Assembly {
    meanings: Vec<Meaning>,
    places: Vec<(String, u64, String)>,
}

impl Assembly {
    fn rule(&mut self, meaning: Meaning, file: &str, first: Option<&Pattern>) -> RuleIndex {
        self.meanings.push(meaning);
        let (line, name) = first.map_or((0, String::new()), |p| (p.line, p.name.clone()));
        self.places.push((file.to_owned(), line, name));
        RuleIndex::try_from(self.meanings.len() - 1).unwrap_or(RuleIndex::MAX)
    }

    fn add(&self, compiler: &mut Compiler, pass: Pass, rule: RuleIndex, file: &str, patterns: &[Pattern]) -> Result<()> {
        patterns.iter().try_for_each(|pattern| {
            let node: &Node = &pattern.node;
            compiler.add(pass, rule, node).map_err(|text| fault(file, pattern, text))
        })
    }
}

fn fault(file: &str, pattern: &Pattern, text: Text) -> Error {
    Error::new(ErrorKind::Dictionary, text).at(file, pattern.line).column(pattern.name.as_str())
}

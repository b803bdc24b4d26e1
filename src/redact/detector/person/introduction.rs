//! 「…と申します」: whoever says so in kanji, katakana or letters says a name, whether or not a list has it.

use crate::error::Result;
use crate::redact::lexis::{flag, is_kanji, is_katakana};
use crate::redact::prefilter::{Expression, PrefilterBuilder};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

/// The word that introduces whoever says it.
pub(super) struct Introduction(Expression);

/// Longest name in characters: グエン・ティ・ハイン.
const LONGEST: usize = 14;

impl Introduction {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self(words.expression("(?:と|って|て)(?:申し|申す|もうしま)")?))
    }

    /// Adds the run of kanji, katakana and letters that is said, with what a space or a dot parts from it.
    pub(super) fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        for says in self.0.find_iter(scene) {
            let before = scene.before(says.start());
            let part = |c: char| is_kanji(c) || is_katakana(c) || c.is_ascii_alphabetic() || matches!(c, ' ' | '・');
            let run = before[before.trim_end_matches(part).len()..].trim_start_matches([' ', '・']);
            let start = before.len() - run.len();
            let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
            let kinds = flag::FACILITY_SUFFIX | flag::FACILITY_GENERIC | flag::FAMILY | flag::HONORIFIC | flag::PRONOUN | flag::CONCEPT;
            let kind = (first..scene.tokens.len()).take_while(|&i| scene.start(i) < before.len()).any(|i| scene.has(i, kinds));
            let own = run.chars().nth(1).is_some() && run.chars().count() <= LONGEST && scene.start(first) == start;
            if own && !kind && scene.lexis.word(run) & kinds == 0 && run != "担当者" {
                found.push(scene.span(start, before.len(), IdentifierType::Person));
            }
        }
    }
}

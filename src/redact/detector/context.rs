//! Names that no list and no rule knows, where their words and those around them look like those of marked names.

use super::Detector;
use super::facility::is_public;
use crate::redact::context::{ContextWeights, PerType, TRIGGERS, TYPES};
use crate::redact::lexis::{Flags, flag, is_katakana};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

/// From this probability on a token is taken for a part of a name, by type: what is missed cannot be taken back, what is masked for
/// nothing costs a word.
const LEAST: PerType = [0.8, 0.7, 0.7];
/// From this on a word in katakana or of one character that no list has: brands, dishes, 竹, 秋 look like names.
const LEAST_UNLISTED: PerType = [0.92, 0.92, 0.92];
/// Beside a token that was taken, this much is enough: names have ends.
const LEAST_BESIDE: PerType = [0.15, 0.15, 0.15];

pub(super) struct ContextDetector {
    weights: ContextWeights,
}

impl ContextDetector {
    pub(super) fn new(weights: ContextWeights) -> Self {
        Self { weights }
    }
}

impl Detector for ContextDetector {
    fn triggers(&self) -> Flags {
        if self.weights.is_empty() { 0 } else { TRIGGERS }
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let mut i = 0;
        while i < scene.tokens.len() {
            let Some(kind) = self.weights.probabilities(scene, i).and_then(|p| best(&p, least(scene, i))) else {
                i += 1;
                continue;
            };
            let beside = |j: usize| self.weights.probabilities(scene, j).is_some_and(|p| p[kind] >= LEAST_BESIDE[kind]);
            let (mut first, mut last) = (i, i);
            while let Some(before) = before(scene, first).filter(|j| beside(*j)) {
                first = before;
            }
            while let Some(next) = next(scene, last).filter(|j| beside(*j)) {
                last = next;
            }
            if TYPES[kind] != IdentifierType::Facility || is_named_facility(scene, first, last) {
                found.push(scene.span(scene.start(first), scene.end(last), TYPES[kind]));
            }
            i = last + 1;
        }
    }
}

/// Whether the whole word that tokens `first..=last` are of names a facility of its own: 東北大学|病院 is a public one, 内科クリニック and
/// 病院 are kinds.
fn is_named_facility(scene: &Scene<'_>, first: usize, last: usize) -> bool {
    let noun = |i: usize| scene.has(i, flag::NOUN | flag::UNKNOWN | flag::FACILITY_SUFFIX);
    let from = (0..first).rev().take_while(|i| scene.touches(*i) && noun(*i)).last().unwrap_or(first);
    let to = (last + 1..scene.tokens.len()).take_while(|i| scene.touches(i - 1) && noun(*i)).last().unwrap_or(last);
    let kinds = flag::FACILITY_SUFFIX | flag::FACILITY_GENERIC | flag::CONCEPT;
    !is_public(scene, scene.joined(from, to + 1)) && !(first..=last).all(|i| scene.has(i, kinds))
}

/// The token after `i` that may belong to the same name: nothing but a space or a dot stands between (グエン・ティ・ハイン).
fn next(scene: &Scene<'_>, i: usize) -> Option<usize> {
    let j = if scene.surface(i + 1) == "・" { i + 2 } else { i + 1 };
    (j < scene.tokens.len() && matches!(&scene.text[scene.end(i)..scene.start(j)], "" | " " | "・")).then_some(j)
}

/// The token before `i` that may belong to the same name.
fn before(scene: &Scene<'_>, i: usize) -> Option<usize> {
    let j = i.checked_sub(1)?;
    let j = if scene.surface(j) == "・" { j.checked_sub(1)? } else { j };
    matches!(&scene.text[scene.end(j)..scene.start(i)], "" | " " | "・").then_some(j)
}

/// How probable token `i` must be on its own.
fn least(scene: &Scene<'_>, i: usize) -> &'static PerType {
    let surface = scene.surface(i);
    let listed = flag::PERSON | flag::ANY_SURNAME | flag::ANY_GIVEN | flag::DICTIONARY_SURNAME | flag::MUNICIPALITY;
    let plain = surface.chars().all(is_katakana) || surface.chars().nth(1).is_none();
    if plain && !scene.has(i, listed) { &LEAST_UNLISTED } else { &LEAST }
}

/// The type of the largest probability, if it is large enough.
fn best(probabilities: &PerType, least: &PerType) -> Option<usize> {
    let enough = (0..TYPES.len()).filter(|kind| probabilities[*kind] >= least[*kind]);
    enough.max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]))
}

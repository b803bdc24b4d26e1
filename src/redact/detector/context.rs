//! Names that no list and no rule knows, where their characters and what stands around them look like those of marked names.

use super::Detector;
use super::facility::is_public;
use crate::morphology::Lexicon;
use crate::redact::context::ContextChain;
use crate::redact::lexis::{Flags, PREFECTURES, flag, is_hiragana, is_katakana};
use crate::redact::scene::Scene;
use crate::redact::{ContextTable, IdentifierSpan, IdentifierType};

/// What is added to the log odds of a name's beginning, in hundredths: what is missed cannot be taken back, what is masked for nothing
/// costs a word.
const LEAN: i32 = 50;
/// Log odds from which a word in kana or letters or of one character that no list has is a name, in hundredths: brands, dishes, 竹 and 秋 look
/// like names.
const LEAST_UNLISTED: i64 = 300;

pub(super) struct ContextDetector {
    chain: ContextChain,
}

impl ContextDetector {
    pub(super) fn new(lexicon: &Lexicon, table: &ContextTable) -> Self {
        Self { chain: ContextChain::new(lexicon, table, LEAN) }
    }
}

impl Detector for ContextDetector {
    fn triggers(&self) -> Flags {
        if self.chain.is_empty() { 0 } else { flag::NOUN | flag::UNKNOWN }
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let names = self.chain.names(scene).into_iter().filter(|(range, kind, odds)| is_name(scene, range.start, range.end, *kind, *odds));
        found.extend(names.map(|(range, kind, _)| scene.span(range.start, range.end, kind)));
    }
}

/// Whether what looks like a name is sure enough, and no disease, no prefecture and no public facility.
fn is_name(scene: &Scene<'_>, start: usize, end: usize, kind: IdentifierType, odds: i64) -> bool {
    let text = &scene.text[start..end];
    // SUM, JCOG and the like are no names.
    if text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) {
        return false;
    }
    let plain = text.chars().all(|c| is_katakana(c) || is_hiragana(c) || c.is_ascii()) || text.chars().nth(1).is_none();
    let listed = flag::ANY_SURNAME | flag::ANY_GIVEN | flag::KNOWN_SURNAME | flag::MUNICIPALITY;
    if plain && odds < LEAST_UNLISTED && scene.lexis.word(text) & listed == 0 {
        return false;
    }
    let first = scene.tokens.partition_point(|t| t.end as usize <= start);
    let past = first + scene.tokens[first..].iter().take_while(|t| (t.start as usize) < end).count();
    if (first..past).any(|i| scene.has(i, flag::CONCEPT)) || PREFECTURES.contains(&text) {
        return false;
    }
    kind != IdentifierType::Facility || first < past && is_named_facility(scene, first, past - 1)
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

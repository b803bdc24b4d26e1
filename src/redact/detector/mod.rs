//! The detectors, one a file: each says which bits make it worth running, and finds spans of its types.

use super::lexis::{Flags, flag, is_japanese, is_kanji};
use super::prefilter::PrefilterBuilder;
use super::scene::Scene;
use super::{ContextTable, IdentifierSpan};
use crate::error::Result;
use crate::morphology::Lexicon;

mod account;
mod address;
mod age;
mod context;
mod date;
mod email;
mod facility;
mod person;
mod phone;
mod postal_code;
mod record_id;
mod url;

/// Finds identifiers of one kind. Immutable: one is shared by all threads.
pub(super) trait Detector: Send + Sync {
    /// Bits without which there is nothing to find: the detector runs when the utterance, or what was just asked, has one.
    fn triggers(&self) -> Flags;

    /// Adds what it finds to `found`: spans of bytes of the scene's text, in any order, overlapping or not.
    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>);
}

/// All detectors; `table` is what the one that learns has learned, to `words` go the words the others look for.
///
/// # Errors
/// Never: the expressions are constants, and tested.
pub(super) fn all(lexicon: &Lexicon, table: &ContextTable, words: &mut PrefilterBuilder) -> Result<Vec<Box<dyn Detector>>> {
    let mut detectors = ruled(words)?;
    detectors.push(Box::new(context::ContextDetector::new(lexicon, table)));
    Ok(detectors)
}

/// Those that follow rules.
fn ruled(words: &mut PrefilterBuilder) -> Result<Vec<Box<dyn Detector>>> {
    Ok(vec![
        Box::new(email::EmailDetector::new(words)?),
        Box::new(url::UrlDetector::new(words)?),
        Box::new(date::DateDetector::new(words)?),
        Box::new(postal_code::PostalCodeDetector),
        Box::new(record_id::RecordIdDetector::new(words)?),
        Box::new(phone::PhoneDetector::new(words)?),
        Box::new(address::AddressDetector::new(words)?),
        Box::new(facility::FacilityDetector::new(words)?),
        Box::new(person::PersonDetector::new(words)?),
        Box::new(account::AccountDetector::new(words)?),
        Box::new(age::AgeDetector::new(words)?),
    ])
}

/// The run of kanji that ends at byte `end`, if it begins where a token does and is 2 to `most` characters long.
fn kanji_before<'a>(scene: &Scene<'a>, end: usize, most: usize) -> Option<(usize, &'a str)> {
    let before = scene.before(end);
    let run = &before[before.trim_end_matches(is_kanji).len()..];
    let start = end - run.len();
    let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
    let chars = run.chars().count();
    ((2..=most).contains(&chars) && scene.start(first) == start).then_some((start, run))
}

/// Whether the tokens between two bytes are pieces no word is made of: single kanji, places, names, unknown words.
fn is_no_word(scene: &Scene<'_>, start: usize, end: usize) -> bool {
    let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
    (first..scene.tokens.len()).take_while(|&i| scene.start(i) < end).all(|i| {
        let single = scene.surface(i).chars().nth(1).is_none();
        let ordinary = flag::FAMILY
            | flag::CONCEPT
            | flag::FACILITY_SUFFIX
            | flag::FACILITY_GENERIC
            | flag::NUMBER
            | flag::PRONOUN
            | flag::MUNICIPALITY
            | flag::MUNICIPALITY_SUFFIX
            | flag::HONORIFIC;
        let namelike = flag::UNKNOWN | flag::PERSON | flag::REGION | flag::DICTIONARY_SURNAME | flag::ANY_SURNAME;
        !scene.has(i, ordinary)
            && (single && !scene.has(i, flag::SUFFIX) || scene.has(i, namelike))
            && scene.surface(i).chars().all(is_japanese)
    })
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::OnceLock;

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::redact::prefilter::{Added, Prefilter};

    /// The expressions and words of all detectors.
    fn looked_for() -> &'static (Vec<Added>, Vec<String>, Prefilter) {
        static ALL: OnceLock<(Vec<Added>, Vec<String>, Prefilter)> = OnceLock::new();
        ALL.get_or_init(|| {
            let mut words = PrefilterBuilder::default();
            ruled(&mut words).unwrap();
            let (expressions, known) = words.added();
            (expressions, known, words.build().unwrap())
        })
    }

    /// Texts of words that some detector looks for, and what may stand beside them: what a fault would be found by.
    pub(in crate::redact) fn texts() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => select(looked_for().1.as_slice()),
            1 => "[ぁ-んー]{1,4}",
            1 => "[ァ-ヶー𠮷]{1,4}",
            1 => "[0-9〇一二三四五六七八九十百千]{1,5}",
            2 => "[田中山本佐藤木村林東西南北市区町花子太郎さん先生病院科]{1,4}",
            2 => "[ 、。・「」()?@./:A-Za-z_-]",
        ];
        prop::collection::vec(piece, 1..14).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn an_expression_that_is_not_tried_would_not_have_matched(text in texts()) {
            let (expressions, _, filter) = looked_for();
            let present = filter.read(&text);
            for (regex, words) in expressions {
                prop_assert!(words.is_none_or(|words| present.has(words)) || !regex.is_match(&text), "{regex}");
            }
        }
    }
}

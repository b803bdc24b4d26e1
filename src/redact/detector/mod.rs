//! The detectors, one a file: each says which bits make it worth running, and finds spans of its types.

use regex::Regex;

use super::IdentifierSpan;
use super::context::ContextWeights;
use super::lexis::{Flags, flag, is_japanese, is_kanji};
use super::scene::Scene;
use crate::error::{Error, ErrorKind, Result, Text};

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

/// All detectors; `context` are the weights of the one that is learned.
///
/// # Errors
/// Never: the expressions are constants, and tested.
pub(super) fn all(context: ContextWeights) -> Result<Vec<Box<dyn Detector>>> {
    Ok(vec![
        Box::new(email::EmailDetector::new()?),
        Box::new(url::UrlDetector::new()?),
        Box::new(date::DateDetector::new()?),
        Box::new(postal_code::PostalCodeDetector),
        Box::new(record_id::RecordIdDetector::new()?),
        Box::new(phone::PhoneDetector::new()?),
        Box::new(address::AddressDetector::new()?),
        Box::new(facility::FacilityDetector::new()?),
        Box::new(person::PersonDetector::new()?),
        Box::new(context::ContextDetector::new(context)),
        Box::new(account::AccountDetector::new()?),
        Box::new(age::AgeDetector::new()?),
    ])
}

/// A constant expression, compiled.
fn expression(pattern: &str) -> Result<Regex> {
    Regex::new(pattern).map_err(|e| {
        Error::new(ErrorKind::Internal, Text::new("検出に使う正規表現が誤っています", "a detector's expression does not compile"))
            .because(e)
    })
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

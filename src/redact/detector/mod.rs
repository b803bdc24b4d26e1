//! The detectors, one a file: each says which bits make it worth running, and finds spans of its types.

use regex::Regex;

use super::IdentifierSpan;
use super::lexis::Flags;
use super::scene::Scene;
use crate::error::{Error, ErrorKind, Result, Text};

mod address;
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

/// All detectors.
///
/// # Errors
/// Never: the expressions are constants, and tested.
pub(super) fn all() -> Result<Vec<Box<dyn Detector>>> {
    Ok(vec![
        Box::new(email::EmailDetector::new()?),
        Box::new(url::UrlDetector::new()?),
        Box::new(date::DateDetector::new()?),
        Box::new(postal_code::PostalCodeDetector),
        Box::new(record_id::RecordIdDetector::new()?),
        Box::new(phone::PhoneDetector),
        Box::new(address::AddressDetector::new()?),
        Box::new(facility::FacilityDetector::new()?),
        Box::new(person::PersonDetector),
    ])
}

/// A constant expression, compiled.
fn expression(pattern: &str) -> Result<Regex> {
    Regex::new(pattern).map_err(|e| {
        Error::new(ErrorKind::Internal, Text::new("検出に使う正規表現が誤っています", "a detector's expression does not compile"))
            .because(e)
    })
}

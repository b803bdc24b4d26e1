//! Postal codes that are called so: 〒123-4567, 郵便番号は…; others are the chain's ([`super::context`]).

use super::Detector;
use crate::redact::lexis::{Flags, flag};
use crate::redact::scene::{Scene, tail};
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct PostalCodeDetector;

/// Characters before a code in which its name stands.
const NEAR: usize = 14;

impl Detector for PostalCodeDetector {
    fn triggers(&self) -> Flags {
        flag::NUMBER | flag::SPOKEN_DIGIT
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        if !scene.text.contains(['〒', '郵']) {
            return;
        }
        for run in scene.digits.runs() {
            for first in run.clone() {
                let Some(end) = code_end(scene, first, run.end) else { continue };
                let digits = scene.digits.of(first..end);
                let (Some(start), Some(stop)) = (digits.first(), digits.last()) else { continue };
                let before = scene.before(start.start as usize);
                let near = tail(before, NEAR);
                if near.contains('〒') || near.contains("郵便") {
                    let start = before.trim_end().strip_suffix('〒').map_or(before.len(), str::len);
                    found.push(scene.span(start, stop.end as usize, IdentifierType::PostalCode));
                    break;
                }
            }
        }
    }
}

/// One past the group that ends a code beginning with group `first`: 3 and 4 digits, the 4 perhaps in two, or 7 together.
fn code_end(scene: &Scene<'_>, first: usize, end: usize) -> Option<usize> {
    let len = |i: usize| scene.digits.groups[i].len;
    match len(first) {
        7 => Some(first + 1),
        3 if first + 1 < end && len(first + 1) == 4 => Some(first + 2),
        3 if first + 2 < end && len(first + 1) + len(first + 2) == 4 => Some(first + 3),
        // 〒4410-011: cut in the wrong place.
        4 if first + 1 < end && len(first + 1) == 3 => Some(first + 2),
        _ => None,
    }
}

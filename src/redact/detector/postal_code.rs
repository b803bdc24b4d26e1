//! Postal codes: 〒123-4567, and three and four digits where the context says so.

use super::Detector;
use crate::redact::lexis::{Flags, flag};
use crate::redact::scene::{Scene, tail};
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct PostalCodeDetector;

impl Detector for PostalCodeDetector {
    fn triggers(&self) -> Flags {
        flag::NUMBER | flag::SPOKEN_DIGIT
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        for run in scene.digits.runs() {
            for first in run.clone() {
                let Some(end) = code_end(scene, first, run.end) else { continue };
                let digits = scene.digits.of(first..end);
                let (Some(start), Some(stop)) = (digits.first(), digits.last()) else { continue };
                let (mut start, stop) = (start.start as usize, stop.end as usize);
                let before = tail(scene.before(start), 14);
                let marked = before.contains('〒') || before.contains("郵便");
                let alone = first == run.start && end == run.end;
                let hyphen = end == first + 2 && scene.text[start..stop].contains('-') && stop - start == 8;
                let telephone = ["電話", "携帯", "TEL", "FAX", "直通", "内線"].iter().any(|cue| before.contains(cue));
                let sent = ["送り先", "宛先", "局留", "住所", "ポスト", "手紙", "封筒", "小包", "郵送", "届け"]
                    .iter()
                    .any(|word| scene.text.contains(word));
                let told = scene.text[start..stop].contains(['の', 'ー']);
                // The last four of most codes begin so: 八四三の〇〇七九.
                let usual = end == first + 2 && digits.get(3).zip(digits.get(4)).is_some_and(|(a, b)| a.value == 0 && b.value == 0);
                let place = told && (sent || usual)
                    || scene.after(stop).chars().take(8).any(|c| matches!(c, '県' | '府' | '都' | '道' | '市' | '区' | '町' | '村'));
                if marked
                    || (alone
                        && (hyphen && !telephone || place && !telephone && end == first + 2)
                        && (place || !telephone && scene.seen & flag::RECORD_CUE == 0))
                {
                    if let Some(mark) = scene.before(start).trim_end().strip_suffix('〒') {
                        start = mark.len();
                    }
                    found.push(scene.span(start, stop, IdentifierType::PostalCode));
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

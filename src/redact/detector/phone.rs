//! Telephone and fax numbers, written or read aloud.
//!
//! A number in full (ten or eleven digits that begin with 0) is one wherever it stands; a part of one needs a cue.

use std::ops::Range;

use super::Detector;
use crate::error::Result;
use crate::redact::digits::Digit;
use crate::redact::lexis::{Flags, flag};
use crate::redact::prefilter::{Expression, PrefilterBuilder};
use crate::redact::scene::{Scene, tail};
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct PhoneDetector {
    abroad: Expression,
}

impl PhoneDetector {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self {
            abroad: words
                .expression(r"(?:\+|プラス)[0-9〇一二三四五六七八九十]{1,3}(?:[-、 ()のー]{0,2}[0-9〇一二三四五六七八九]{1,5}){2,5}")?,
        })
    }
}

/// Cues that must stand shortly before a part of a number.
const CUES: [&str; 21] = [
    "PHS",
    "ピッチ",
    "局番",
    "同局",
    "電話",
    "携帯",
    "ケータイ",
    "ケイタイ",
    "内線",
    "番号",
    "連絡先",
    "折り返し",
    "かけ直",
    "直通",
    "TEL",
    "Tel",
    "FAX",
    "Fax",
    "ファックス",
    "ファクス",
    "下4桁",
];

/// Cues of other numbers.
const OTHERS: [&str; 11] = ["診察券", "カルテ", "患者番号", "保険証", "記号", "登録番号", "受付番号", "受給者", "郵便", "〒", "ID"];

/// Units after which digits are an amount.
const UNITS: [&str; 18] = ["円", "万", "人", "歳", "才", "年", "月", "日", "回", "錠", "mg", "ml", "cm", "mm", "kg", "%", "時", "分"];

impl Detector for PhoneDetector {
    fn triggers(&self) -> Flags {
        flag::NUMBER | flag::SPOKEN_DIGIT | flag::UNKNOWN_KATAKANA
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let long =
            |m: &regex::Match<'_>| m.as_str().chars().filter(|c| c.is_ascii_digit() || "〇一二三四五六七八九".contains(*c)).count() >= 9;
        let abroad = self.abroad.find_iter(scene).filter(long);
        found.extend(abroad.map(|m| scene.span(m.start(), m.end(), IdentifierType::Phone)));
        for run in scene.digits.runs() {
            let mut whole = false;
            let mut first = run.start;
            while first < run.end {
                if let Some((span, next)) = number(scene, first..run.end) {
                    found.push(span);
                    whole = true;
                    first = next;
                } else {
                    first += 1;
                }
            }
            if !whole && is_part(scene, run.clone()) {
                found.extend(cover(scene, scene.digits.of(run)));
            }
        }
    }
}

/// The number in full that begins with the first of these groups, and the group after it.
fn number(scene: &Scene<'_>, groups: Range<usize>) -> Option<(IdentifierSpan, usize)> {
    let digits = scene.digits.of(groups.clone());
    let value = |i: usize| digits.get(i).map_or(u8::MAX, |d| d.value);
    let start = digits.first()?.start as usize;
    let before = scene.before(start);
    // +81 90 … is 0 90 … with the country in front.
    let abroad = before.ends_with('+') && value(0) == 8 && value(1) == 1;
    let at = if abroad { 2 + usize::from(value(2) == 0) } else { usize::from(value(0) == 0) };
    if (!abroad && value(0) != 0) || value(at) == 0 {
        return None;
    }
    let mobile = matches!(value(at), 5..=9) && value(at + 1) == 0;
    let freephone_long = value(at) == 8 && value(at + 1) == 0 && value(at + 2) == 0;
    let len = at + if mobile || freephone_long { 10 } else { 9 };
    // One digit too few, and yet clearly told as such a number.
    let len = if mobile && digits.len() + 1 == len && groups.len() >= 3 { len - 1 } else { len };
    let last = digits.get(len - 1)?;
    let mut index = 0;
    let next = groups.clone().find(|&g| {
        index += scene.digits.groups[g].len;
        index >= len
    })?;
    // Written digits that go on are another kind of number; the end of digits read aloud may be a particle.
    if index > len && !scene.digits.groups[next].spoken {
        return None;
    }
    let (mut end, mut next) = (last.end as usize, next + 1);
    // What goes on is the number once more, corrected.
    while next < groups.end && scene.digits.groups[next].len >= 3 && !scene.after(end).starts_with(['/', '(']) {
        let again = scene.digits.of(next..next + 1);
        end = again.last()?.end as usize;
        next += 1;
    }
    let near = tail(before, 12);
    let other = OTHERS.iter().any(|cue| near.contains(cue)) && !["電話", "携帯", "ケータイ"].iter().any(|cue| near.contains(cue));
    if other || UNITS.iter().any(|unit| scene.after(end).starts_with(unit)) {
        return None;
    }
    let start = if abroad { start - 1 } else { start };
    Some((cover_bytes(scene, start, end), next))
}

/// Whether a run that is no full number is a part of one: 1234の5678 after 携帯は, or an answer that is little but digits.
fn is_part(scene: &Scene<'_>, run: Range<usize>) -> bool {
    let digits = scene.digits.of(run.clone());
    let (Some(first), Some(last)) = (digits.first(), digits.last()) else { return false };
    let (start, end) = (first.start as usize, last.end as usize);
    if !scene.about(flag::PHONE_CUE) || UNITS.iter().any(|unit| scene.after(end).starts_with(unit)) {
        return false;
    }
    let near = tail(scene.before(start), 16);
    if OTHERS.iter().any(|cue| near.contains(cue)) {
        return false;
    }
    let tells = |cues: &[&str], within: usize| cues.iter().any(|cue| tail(scene.before(start), within).contains(cue));
    if digits.len() == 4
        && (tells(&["下4桁", "下四桁", "下4けた", "下の4桁", "下の四", "末尾", "同局"], 16) || scene.after(end).starts_with("、下の四"))
    {
        return true;
    }
    if (3..=5).contains(&digits.len()) && tells(&["内線", "PHS", "ピッチ"], 5) {
        return true;
    }
    let groups = run.len();
    // 局番から言う: two groups of at least three digits, or what begins like a number.
    let shaped = groups >= 2 && run.clone().skip(1).all(|g| scene.digits.groups[g].len >= 3) && (6..=11).contains(&digits.len());
    let cued = CUES.iter().any(|cue| near.contains(cue)) && shaped;
    let begins = first.value == 0 && groups >= 2 && (digits.len() >= 5 && shaped || digits.len() >= 6);
    let rest = scene.text.chars().filter(|c| c.is_alphabetic()).count().saturating_sub(digits.len());
    // A number told in several turns: its groups come one utterance after the other.
    let told = scene.asked & flag::PHONE_CUE != 0 && shaped;
    let answer = scene.asked & flag::PHONE_CUE != 0 && rest <= 6 && (digits.len() >= 4 || (digits.len() == 3 && first.value == 0));
    cued || begins || told || answer
}

fn cover(scene: &Scene<'_>, digits: &[Digit]) -> Option<IdentifierSpan> {
    let (first, last) = (digits.first()?, digits.last()?);
    Some(cover_bytes(scene, first.start as usize, last.end as usize))
}

/// The span with the bracket in front of an area code.
fn cover_bytes(scene: &Scene<'_>, start: usize, end: usize) -> IdentifierSpan {
    let inner = &scene.text[start..end];
    let open = inner.contains(')') && !inner.contains('(') && scene.before(start).ends_with('(');
    scene.span(start - usize::from(open), end, IdentifierType::Phone)
}

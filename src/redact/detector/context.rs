//! Identifiers that no list and no rule knows, where their characters and what stands around them look like those of marked ones; and what
//! each must hold to be taken for one.

use std::ops::Range;

use super::Detector;
use super::age::is_band;
use super::date::is_birthday;
use super::facility::is_public;
use crate::morphology::Lexicon;
use crate::redact::context::ContextChain;
use crate::redact::digits::Digit;
use crate::redact::lexis::{Flags, PREFECTURES, flag, is_hiragana, is_katakana};
use crate::redact::scene::{Scene, tail};
use crate::redact::{ContextTable, IdentifierSpan, IdentifierType};

/// What is added to the log odds of an identifier's beginning, in hundredths: what is missed cannot be taken back, what is masked for nothing
/// costs a word.
const LEAN: i32 = 75;
/// Log odds from which a word in kana or letters or of one character that no list has is a name, in hundredths: brands, dishes, 竹 and 秋 look
/// like names.
const LEAST_UNLISTED: i64 = 300;
/// The same for a person's name with a verb or an adjective in it: 楽しい.
const LEAST_WITH_VERB: i64 = 200;

/// Characters up to the end of a postal code in which it may be called one.
const NEAR_CODE: usize = 24;

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
        if self.chain.is_empty() { 0 } else { flag::NOUN | flag::UNKNOWN | flag::NUMBER | flag::SPOKEN_DIGIT }
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        for (range, kind, odds) in self.chain.find(scene) {
            let sure = match kind {
                IdentifierType::Person | IdentifierType::Facility | IdentifierType::Address => {
                    is_name(scene, range.start, range.end, kind, odds)
                }
                _ => is_number(scene, &range, kind),
            };
            if sure {
                let range = trimmed(scene, range, kind);
                found.push(scene.span(range.start, range.end, told_apart(scene, &range, kind)));
            }
        }
    }
}

/// What was learned as one, told apart: dates, numbers, and what is read aloud as mail addresses are.
fn told_apart(scene: &Scene<'_>, range: &Range<usize>, kind: IdentifierType) -> IdentifierType {
    let text = &scene.text[range.clone()];
    match kind {
        IdentifierType::RecordId if is_postal_code(scene, range) => IdentifierType::PostalCode,
        IdentifierType::Date if is_birthday(scene, range) => IdentifierType::BirthDate,
        IdentifierType::Email if ["http", "www", "HTTP", "エイチティー", "スラッシュ"].iter().any(|word| text.contains(word)) => {
            IdentifierType::Url
        }
        IdentifierType::Email
            if text.starts_with('@') || text.starts_with("アット") || !text.contains(['@', '.', 'ト', 'っ', 'て', 'テ']) =>
        {
            IdentifierType::Account
        }
        other => other,
    }
}

/// Whether a number is the seven digits of a postal code, and no other number is spoken of.
fn is_postal_code(scene: &Scene<'_>, range: &Range<usize>) -> bool {
    digits_in(scene, range).len() == 7
        && (tail(scene.before(range.end), NEAR_CODE).contains(['〒', '郵']) || !scene.about(flag::RECORD_CUE))
}

/// The digits that stand there, written or read aloud.
fn digits_in<'s>(scene: &Scene<'s>, range: &Range<usize>) -> &'s [Digit] {
    let until = |byte: usize| scene.digits.digits.partition_point(|digit| (digit.start as usize) < byte);
    &scene.digits.digits[until(range.start)..until(range.end)]
}

/// Whether days are counted and none is named, by what follows them: 2日に1回, 三日間, 十日おき.
fn is_counted(after: &str) -> bool {
    let of_time = after.strip_prefix('に').is_some_and(|rest| {
        let times = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "一二三何".contains(c));
        times.len() < rest.len() && times.starts_with(['回', '度', '錠'])
    });
    of_time || ["間", "おき", "ごと", "置き", "毎"].iter().any(|word| after.starts_with(word))
}

/// Whether a number, however it is written, is 90 or more, as those that live long are.
fn is_ninety(text: &str) -> bool {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    match digits {
        0 => ["九十", "九〇", "百", "一〇", "一一", "きゅうじゅう", "くじゅう", "キュウジュウ", "クジュウ", "ひゃく"]
            .iter()
            .any(|ninety| text.starts_with(ninety)),
        2 => text.starts_with('9'),
        3 => text.starts_with("10") || text.starts_with("11"),
        _ => false,
    }
}

/// The range without spaces and marks at its ends, empty where it holds nothing else; a number ends with its last digit or letter.
fn trimmed(scene: &Scene<'_>, range: Range<usize>, kind: IdentifierType) -> Range<usize> {
    let text = &scene.text[range.clone()];
    let aside = |c: char| c.is_whitespace() || matches!(c, '、' | '。' | ',' | '…');
    let start = range.end - text.trim_start_matches(aside).len();
    // Nothing is left of marks alone.
    let mut end = start.max(range.start + text.trim_end_matches(aside).len());
    if matches!(kind, IdentifierType::Phone | IdentifierType::RecordId) {
        let last = digits_in(scene, &(start..end)).last().map(|digit| digit.end as usize);
        if let Some(last) = last.filter(|last| *last <= end && !scene.text[*last..end].contains(|c: char| c.is_ascii_alphanumeric())) {
            end = last;
        }
    }
    start..end
}

/// Whether what looks like a date, an address of a network or a number holds what each of them must.
fn is_number(scene: &Scene<'_>, range: &Range<usize>, kind: IdentifierType) -> bool {
    let digits = digits_in(scene, range).len();
    match kind {
        // A year or a month alone is none, unless somebody was born then.
        IdentifierType::Date => {
            !is_counted(scene.after(range.end))
                && (digits >= 6 || scene.text[range.clone()].contains(['日', 'か', 'た', '/', '.', '-']) || is_birthday(scene, range))
        }
        IdentifierType::Email => scene.text[range.clone()].chars().nth(3).is_some(),
        IdentifierType::RecordId => digits >= 2,
        IdentifierType::Age => is_ninety(&scene.text[range.clone()]) && !is_band(scene.after(range.end)),
        _ => digits >= 3,
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
    let nominal =
        flag::NOUN | flag::UNKNOWN | flag::SUFFIX | flag::NUMBER | flag::PERSON | flag::REGION | flag::ANY_SURNAME | flag::ANY_GIVEN;
    if kind == IdentifierType::Person && odds < LEAST_WITH_VERB && !(first..past).all(|i| scene.has(i, nominal)) {
        return false;
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::morphology::Concepts;
    use crate::redact::IdentifierLists;
    use crate::redact::digits::Digits;
    use crate::redact::lexis::Lexis;
    use crate::redact::prefilter::Present;

    #[test]
    fn of_marks_alone_nothing_is_left_and_a_number_ends_with_its_last_digit() {
        let lexicon = Lexicon::embedded(Concepts::default()).unwrap();
        let lexis = Lexis::new(&lexicon, &IdentifierLists::builtin().unwrap());
        let trim = |text: &str, kind| {
            let mut digits = Digits::default();
            digits.renew(text);
            let scene =
                Scene { text, tokens: &[], flags: &[], seen: 0, asked: 0, digits: &digits, present: Present::default(), lexis: &lexis };
            let range = trimmed(&scene, 0..text.len(), kind);
            told_apart(&scene, &range, kind);
            text[range].to_owned()
        };
        assert_eq!(trim("、、 。", IdentifierType::Email), "");
        assert_eq!(trim("、田中 ", IdentifierType::Person), "田中");
        assert_eq!(trim("三〇一の二二に", IdentifierType::RecordId), "三〇一の二二");
        assert_eq!(trim("12-3B", IdentifierType::RecordId), "12-3B");
    }

    #[test]
    fn only_those_of_ninety_and_over_are_few() {
        for age in ["90", "97歳", "104", "119", "九十三", "百一", "きゅうじゅうさん"] {
            assert!(is_ninety(age), "{age}");
        }
        for other in ["89", "9", "130", "900", "八十九", "九", "19"] {
            assert!(!is_ninety(other), "{other}");
        }
    }
}

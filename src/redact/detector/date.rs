//! Days with their month (3月12日), and dates of birth. A month alone and a duration (3日間) are left; days without a month, 4/8 and what
//! is read aloud are the chain's ([`super::context`]).

use std::ops::Range;

use regex::Captures;

use super::Detector;
use crate::error::Result;
use crate::redact::lexis::{Flags, flag};
use crate::redact::prefilter::{Expression, PrefilterBuilder};
use crate::redact::scene::{Scene, tail};
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct DateDetector {
    spelled: Expression,
    numeric: Expression,
    birth_month: Expression,
    birth_year: Expression,
}

/// What stands behind a date of birth, and before it.
const BORN_BEHIND: [&str; 6] = ["生まれ", "生", "うまれ", "の生まれ", "が誕生", "が生年"];
const BORN_BEFORE: [&str; 4] = ["生年月日", "誕生日", "生まれ", "生年"];

impl DateDetector {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self {
            spelled: words.expression(
                r"(?P<year>(?:西暦|明治|大正|昭和|平成|令和)? ?(?:[0-9]{1,4}|[〇零一二三四五六七八九十百千元]{1,7}) ?年 ?の? ?)?(?P<month>[0-9]{1,2}|[一二三四五六七八九十]{1,3}) ?月 ?の? ?(?P<day>[0-9]{1,2}|[一二三四五六七八九十]{1,4}) ?日(?: ?\([月火水木金土日](?:曜日?)?\))?",
            )?,
            numeric: words.expression(
                r"(?P<year>(?:19|20)[0-9]{2}|'[0-9]{2}|[MTSHR] ?\.? ?[0-9]{1,2}|(?:明治|大正|昭和|平成|令和|[明大昭平令]) ?[0-9]{1,2}) ?[./\-年] ?(?P<month>[0-9]{1,2}) ?[./\-月] ?(?P<day>[0-9]{1,2})日?",
            )?,
            birth_month: words.expression(
                r"(?:西暦|明治|大正|昭和|平成|令和)? ?(?:[0-9]{1,4}|[〇零一二三四五六七八九十百千元]{1,7}) ?年 ?の? ?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3}) ?月(?:の?生まれ)",
            )?,
            birth_year: words.expression(
                r"(?P<year>(?:(?:西暦|明治|大正|昭和|平成|令和) ?の? ?(?:[0-9]{1,4}|[〇零一二三四五六七八九十百千元]{1,7})|(?:19|20)[0-9]{2}|千九百[一二三四五六七八九十]{1,4}|[1-9][0-9]|[二三四五六七八九]?十[一二三四五六七八九]?) ?年)の?(?:早|遅)?生まれ",
            )?,
        })
    }
}

impl Detector for DateDetector {
    fn triggers(&self) -> Flags {
        flag::NUMBER
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let text = scene.text;
        for caps in self.spelled.captures_iter(scene) {
            self.push(scene, &caps, found);
        }
        for m in self.birth_month.find_iter(scene) {
            found.push(scene.span(m.start(), m.end() - "生まれ".len(), IdentifierType::BirthDate));
        }
        let years = self.birth_year.names(scene, "year");
        found.extend(years.map(|year| scene.span(year.start(), year.end(), IdentifierType::BirthDate)));
        if text.contains(['/', '.', '-', '年']) {
            for caps in self.numeric.captures_iter(scene) {
                self.push(scene, &caps, found);
            }
        }
        // 生年月日は19580402.
        if scene.about(flag::BIRTH_CUE) {
            for run in scene.digits.runs() {
                let digits = scene.digits.of(run);
                let plausible = digits.len() == 8
                    && matches!((digits[0].value, digits[1].value), (1, 8 | 9) | (2, 0))
                    && digits[4].value <= 1
                    && digits[6].value <= 3;
                if let (true, Some(first), Some(last)) = (plausible, digits.first(), digits.last()) {
                    found.push(scene.span(first.start as usize, last.end as usize, IdentifierType::BirthDate));
                }
            }
        }
    }
}

impl DateDetector {
    fn push(&self, scene: &Scene<'_>, caps: &Captures<'_>, found: &mut Vec<IdentifierSpan>) {
        let Some(whole) = caps.get(0) else { return };
        let before = scene.before(whole.start()).chars().next_back();
        let after = scene.after(whole.end());
        let digit_before = whole.as_str().starts_with(|c: char| c.is_ascii_alphanumeric())
            && before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-');
        let digit_after = !whole.as_str().ends_with('日') && after.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        if is_valid(caps) && !digit_before && !digit_after && !after.starts_with('間') {
            let kind = if is_birth(scene, caps) { IdentifierType::BirthDate } else { IdentifierType::Date };
            found.push(scene.span(whole.start(), whole.end(), kind));
        }
    }
}

/// Whether a date is somebody's birthday: said so next to it, asked for just before, of an era long ago, or a full date
/// with its year that is all the sentence says (nobody states the year of an appointment on its own).
fn is_birth(scene: &Scene<'_>, caps: &Captures<'_>) -> bool {
    let Some(whole) = caps.get(0) else { return false };
    let after = scene.after(whole.end());
    let near = tail(scene.before(whole.start()), 14);
    if BORN_BEHIND.iter().any(|word| after.starts_with(word)) || BORN_BEFORE.iter().any(|word| near.contains(word)) {
        return true;
    }
    let Some(year) = caps.name("year") else { return scene.asked & flag::BIRTH_CUE != 0 && after.is_empty() };
    let old = ["昭和", "大正", "明治", "S", "T", "M"].iter().any(|era| year.as_str().starts_with(era));
    let event = ["に", "の", "から", "まで", "付", "より", "以降", "頃", "ごろ"].iter().any(|word| after.starts_with(word));
    !event
        && (old
            || scene.asked & flag::BIRTH_CUE != 0
            || after.is_empty()
            || after.starts_with(['。', '、', 'で', 'だ', 'や', ' ', ')', '(']))
}

/// Whether what stands there, and is a date, is somebody's birthday: said so next to it, or asked for just before.
pub(super) fn is_birthday(scene: &Scene<'_>, range: &Range<usize>) -> bool {
    let near = tail(scene.before(range.start), 14);
    BORN_BEHIND.iter().any(|word| scene.after(range.end).starts_with(word))
        || BORN_BEFORE.iter().any(|word| near.contains(word))
        || scene.asked & flag::BIRTH_CUE != 0
}

/// A month from 1 to 12 and a day from 1 to 31.
fn is_valid(caps: &Captures<'_>) -> bool {
    let within = |name: &str, most: u32| caps.name(name).is_none_or(|m| (1..=most).contains(&value(m.as_str())));
    within("month", 12) && within("day", 31)
}

/// The number written with ASCII digits or kanji up to 99; 0 when it is none.
fn value(text: &str) -> u32 {
    if let Ok(number) = text.parse() {
        return number;
    }
    let digit = |c: char| "〇一二三四五六七八九".chars().position(|d| d == c).and_then(|p| u32::try_from(p).ok());
    match text.split_once('十') {
        Some((tens, ones)) => {
            let part = |s: &str, empty: u32| {
                if s.is_empty() { Some(empty) } else { s.chars().next().filter(|_| s.chars().nth(1).is_none()).and_then(digit) }
            };
            part(tens, 1).zip(part(ones, 0)).map_or(0, |(t, o)| t * 10 + o)
        }
        None => text.chars().try_fold(0, |n, c| digit(c).map(|d| n * 10 + d)).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn kanji_numbers_up_to_ninety_nine() {
        assert_eq!(
            [value("12"), value("十"), value("十二"), value("二十"), value("三十一"), value("二五"), value("十十")],
            [12, 10, 12, 20, 31, 25, 0]
        );
    }
}

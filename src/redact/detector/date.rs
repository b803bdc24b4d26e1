//! Days: dates of birth and other dates that name a day. A month alone, a duration (3日間) and 一日 are left.

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
    month_slash_day: Expression,
    day: Expression,
    birth_month: Expression,
    birth_year: Expression,
    read_aloud: Expression,
    day_name: Expression,
    dotted: Expression,
}

/// What may follow a bare 15日 when it names a day; other words make it a duration or a count.
const AFTER_DAY: [&str; 43] = [
    "なら", "中に", "で仕", "に", "が", "は", "の", "を", "まで", "から", "、", "。", ")", "付", "夜", "朝", "昼", "夕", "午前", "午後",
    "頃", "ごろ", "以降", "(", "です", "でし", "でお", "でど", "でよ", "だ", "じゃ", "と", "へ", "予", "受", "外来", "入", "退", "手術",
    "締", "必", "過ぎ", "すぎ",
];

/// What may follow 三日 or 3日 when it names a day although durations of that length are common.
const AFTER_SHORT: [&str; 14] =
    ["の午", "の朝", "の夜", "の夕", "の外来", "の予約", "の診察", "の手術", "の検査", "付", "の午後", "に入院", "に手術", "(月"];

/// What follows に where a day is counted and not named: 二日に一回.
const FREQUENCY: [&str; 8] = ["に1", "に2", "に3", "に一", "に二", "に三", "に何", "に分"];

/// What follows に where a number of days has gone by: 三日になります.
const LENGTH: [&str; 15] = [
    "に渡",
    "に亘",
    "にする",
    "にし",
    "に短",
    "に延ば",
    "になり",
    "になる",
    "になっ",
    "にわた",
    "に及",
    "にかけ",
    "にも及",
    "に減",
    "に増",
];

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
            month_slash_day: words.expression(r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})")?,
            day: words.expression(r"(?P<day>[0-9]{1,2}|[二三四五六七八九十][一二三四五六七八九十]{0,3}) ?日")?,
            birth_month: words.expression(
                r"(?:西暦|明治|大正|昭和|平成|令和)? ?(?:[0-9]{1,4}|[〇零一二三四五六七八九十百千元]{1,7}) ?年 ?の? ?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3}) ?月(?:の?生まれ)",
            )?,
            read_aloud: words.expression(
                r"(?:(?:昭和|大正|平成|令和|西暦)[ぁ-んァ-ヴー]{2,16}(?:ねん|ネン|年)[、のノ ]*)?(?:いち|に|さん|し|よん|ご|ろく|しち|なな|はち|く|きゅう|じゅう|じゅういち|じゅうに|イチ|ニ|サン|シ|ゴ|ロク|シチ|ハチ|ク|ジュウ|ジュウイチ|ジュウニ)(?:がつ|ガツ)[、のノ ]*(?:じゅう|にじゅう|さんじゅう|ジュウ|ニジュウ|サンジュウ)?(?:ついたち|ふつか|みっか|よっか|いつか|むいか|なのか|ようか|ここのか|とおか|はつか|いちにち|ごにち|ろくにち|しちにち|はちにち|くにち|ににち|さんにち|ツイタチ|フツカ|ミッカ|ヨッカ|イツカ|ムイカ|ナノカ|ヨウカ|ココノカ|トオカ|ハツカ|[ごろくしちはなに]{1,2}にち)",
            )?,
            day_name: words.expression(r"(?P<day>ついたち|はつか|(?:じゅう|にじゅう)よっか)(?:に|から|の|が|は|まで|です|、)")?,
            dotted: words.expression(r"(?:予約|次回|再診|受診|来院|初診|面談)[ :]?(?P<day>[0-9]{1,2}\.[0-9]{1,2})(?:[ (～]|$)")?,
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
        let from = found.len();
        for caps in self.spelled.captures_iter(scene) {
            self.push(scene, &caps, found);
        }
        for m in self.birth_month.find_iter(scene) {
            found.push(scene.span(m.start(), m.end() - "生まれ".len(), IdentifierType::BirthDate));
        }
        for m in self.read_aloud.find_iter(scene) {
            let kind = if scene.about(flag::BIRTH_CUE) { IdentifierType::BirthDate } else { IdentifierType::Date };
            found.push(scene.span(m.start(), m.end(), kind));
        }
        for days in [&self.day_name, &self.dotted] {
            found.extend(days.names(scene, "day").map(|day| scene.span(day.start(), day.end(), IdentifierType::Date)));
        }
        let years = self.birth_year.names(scene, "year");
        found.extend(years.map(|year| scene.span(year.start(), year.end(), IdentifierType::BirthDate)));
        if text.contains(['/', '.', '-', '年']) {
            for caps in self.numeric.captures_iter(scene) {
                self.push(scene, &caps, found);
            }
        }
        let known = found.len();
        let free = |found: &[IdentifierSpan], start: usize| {
            !found[from..known].iter().any(|s| (s.start as usize) <= start && start < s.end as usize)
        };
        for caps in self.month_slash_day.captures_iter(scene) {
            let Some(whole) = caps.get(0) else { continue };
            if free(found, whole.start()) && is_valid(&caps) && is_day_of_notes(scene, &caps) {
                found.push(scene.span(whole.start(), whole.end(), IdentifierType::Date));
            }
        }
        for caps in self.day.captures_iter(scene) {
            let Some(whole) = caps.get(0) else { continue };
            if free(found, whole.start()) && is_named_day(scene, &caps) {
                let birth = tail(scene.before(whole.start()), 8).contains("誕生日");
                let kind = if birth { IdentifierType::BirthDate } else { IdentifierType::Date };
                found.push(scene.span(whole.start(), whole.end(), kind));
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

/// 3/12 of notes is a day; 1/3 of a dose is a fraction.
fn is_day_of_notes(scene: &Scene<'_>, caps: &Captures<'_>) -> bool {
    let Some(whole) = caps.get(0) else { return false };
    let (before, after) = (scene.before(whole.start()), scene.after(whole.end()));
    let (month, day) = (caps.name("month").map_or(0, |m| value(m.as_str())), caps.name("day").map_or(0, |m| value(m.as_str())));
    let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-');
    if before.ends_with(goes_on) {
        return false;
    }
    let hour = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let timed = hour.len() < after.len() && hour.starts_with([':', '時']) || after.starts_with("AM") || after.starts_with("PM");
    let planned = ["フォロー", "次回", "予約", "受診", "初診", "面談", "手術", "入院", "退院"]
        .iter()
        .any(|word| before.trim_end_matches([' ', ':']).ends_with(word));
    if timed || planned {
        return true;
    }
    // 11/8SO受診 is a day, 1/2T is half a tablet.
    let letters = (day > 10 || month > day) && after.starts_with(|c: char| c.is_ascii_uppercase());
    if after.starts_with(goes_on) && !(letters || after.starts_with("CT") || after.starts_with("MRI")) {
        return false;
    }
    let amount = ["程", "く", "ぐ", "ほど", "錠", "以", "量", "に減", "の確率", "の量", "ずつ"].iter().any(|word| after.starts_with(word));
    // Nobody has eight fifths of anything.
    if amount || month <= day && after.starts_with(['が', 'を']) {
        return false;
    }
    // Small fractions need a word that only a day takes.
    day > 10
        || month > day
        || [
            "に", "(", "付", "より", "から", "～", "→", "受診", "入院", "手術", "初診", "予約", "外来", "結果", "説明", "退院", "再診",
            "採血", "CT", "MRI", "生検", "面談", "来院", "架電", "入電", "AM", "PM", "、", "救急", "搬送",
        ]
        .iter()
        .any(|word| after.starts_with(word))
}

/// 15日 as the name of a day.
fn is_named_day(scene: &Scene<'_>, caps: &Captures<'_>) -> bool {
    let (Some(whole), Some(day)) = (caps.get(0), caps.name("day")) else { return false };
    let days = value(day.as_str());
    if !(2..=31).contains(&days) {
        return false;
    }
    let before = scene.before(whole.start()).chars().next_back();
    if before.is_some_and(|c| c.is_ascii_alphanumeric() || "〇一二三四五六七八九十百月年第数何約・/.~～-".contains(c) || c == '週')
        && !["同月", "先月", "今月", "来月", "翌月"].iter().any(|month| scene.before(whole.start()).ends_with(month))
    {
        return false;
    }
    if ["在院", "週休", "日数は", "日数", "TAT ", "TAT"].iter().any(|word| scene.before(whole.start()).ends_with(word)) {
        return false;
    }
    // 二、三日 is a duration.
    if before == Some('、')
        && scene.before(whole.start()).trim_end_matches('、').ends_with(|c: char| "一二三四五六七八九0123456789".contains(c))
    {
        return false;
    }
    let after = scene.after(whole.end());
    // 先月の三十日で: a day of a month that is named.
    let of_month = ["先月の", "今月の", "来月の", "先々月の", "翌月の", "師走の", "同月", "先月", "今月", "来月", "翌月"]
        .iter()
        .any(|month| scene.before(whole.start()).ends_with(month));
    if of_month && !after.starts_with(['間', '分']) {
        return true;
    }
    // Once in eleven days is nobody's rhythm: 十一日に一度お電話しました.
    let often = FREQUENCY.iter().any(|word| after.starts_with(word)) && (days <= 10 || days.is_multiple_of(7) || after.contains('回'));
    if often {
        return false;
    }
    // 17日13時に, 七日の九時から: with a time of the day.
    let clock = |text: &str| {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || "〇一二三四五六七八九十".contains(c));
        rest.len() < text.len() && rest.starts_with(['時', ':'])
    };
    if clock(after.trim_start_matches(['の', ' ', '、'])) {
        return true;
    }
    let kanji = !day.as_str().starts_with(|c: char| c.is_ascii_digit());
    if days < 10 || (kanji && days == 10) {
        // 来たのは七日、: a day is named where something is said to be on it.
        let is_on = matches!(before, Some('は' | 'が'))
            && !["入院は", "期間は", "休みは", "退院まで"].iter().any(|word| scene.before(whole.start()).ends_with(word))
            && ["、", "から", "だ", "じゃ", "って"].iter().any(|word| after.starts_with(word));
        return is_on
            || AFTER_SHORT.iter().any(|word| after.starts_with(word))
            || after.starts_with("までは")
            || after.starts_with("までに")
            || after.starts_with('に') && !LENGTH.iter().any(|word| after.starts_with(word))
            || after.starts_with("から") && !after.starts_with("から数") && scene.text.contains("来月")
            || !kanji && after.starts_with("です");
    }
    if ["の間", "のうち", "の入院", "の休", "は入院", "はかか", "とか", "も", "の命", "の旅"].iter().any(|word| after.starts_with(word))
    {
        return false;
    }
    after.is_empty() || AFTER_DAY.iter().any(|word| after.starts_with(word))
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

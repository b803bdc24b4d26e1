//! Digits however they are said or written: 090, 〇九〇, ゼロキューゼロ, with hyphens, の, brackets and fillers between.
//!
//! [`Digits`] reads a text once; the detectors of numbers then ask whether a run of groups has the shape they know.

use super::lexis::{Flags, flag};

/// One digit and the bytes it is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digit {
    pub(super) value: u8,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Digits with nothing between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    /// Index of the first digit in [`Digits::digits`].
    pub(super) first: usize,
    /// How many digits.
    pub(super) len: usize,
    /// Whether any digit was read aloud (kana): then the end is not reliable (ハチに).
    pub(super) spoken: bool,
    /// Whether only separators stand between the group before and this one.
    pub(super) joined: bool,
}

/// All digits of a text.
#[derive(Debug, Default)]
pub(super) struct Digits {
    pub(super) digits: Vec<Digit>,
    pub(super) groups: Vec<Group>,
}

/// Readings, longest first. The second field says whether a group may begin with it: に, し, ご, く and さん are too
/// common as other words.
const READINGS: [(&str, u8, bool); 44] = [
    ("キュウ", 9, true),
    ("キュー", 9, true),
    ("きゅう", 9, true),
    ("きゅー", 9, true),
    ("ゼロ", 0, true),
    ("ぜろ", 0, true),
    ("レイ", 0, true),
    ("れい", 0, true),
    ("マル", 0, true),
    ("まる", 0, true),
    ("イチ", 1, true),
    ("いち", 1, true),
    ("ニイ", 2, true),
    ("ニー", 2, true),
    ("にー", 2, true),
    ("にい", 2, true),
    ("サン", 3, false),
    ("さん", 3, false),
    ("ヨン", 4, true),
    ("よん", 4, true),
    ("シイ", 4, true),
    ("シー", 4, true),
    ("しー", 4, true),
    ("ゴー", 5, true),
    ("ゴオ", 5, true),
    ("ごー", 5, true),
    ("ごお", 5, true),
    ("ロク", 6, true),
    ("ろく", 6, true),
    ("ナナ", 7, true),
    ("なな", 7, true),
    ("シチ", 7, true),
    ("しち", 7, true),
    ("ハチ", 8, true),
    ("はち", 8, true),
    ("ニ", 2, false),
    ("に", 2, false),
    ("シ", 4, false),
    ("し", 4, false),
    ("ゴ", 5, false),
    ("ご", 5, false),
    ("ク", 9, false),
    ("く", 9, false),
    ("零", 0, true),
];

/// What may stand between groups, apart from single characters: fillers and the word for a hyphen.
const FILLERS: [&str; 29] = [
    "じゃなくて",
    "ではなくて",
    "カッコ閉じ",
    "最後が",
    "次が",
    "違う",
    "あ、",
    "えーっと",
    "ええっと",
    "えーと",
    "ええと",
    "えっと",
    "あのー",
    "あの",
    "えー",
    "ええ",
    "うーんと",
    "うーん",
    "うん",
    "んー",
    "ハイフン",
    "はいふん",
    "バー",
    "はい",
    "かっこ",
    "カッコ",
    "んと",
    "それから",
    "で",
];

/// Digits that a group must have to begin with a reading that is mostly another word.
const WEAK_GROUP: usize = 3;

/// The most bytes between two groups of one number.
const LONGEST_GAP_BYTES: usize = 36;

impl Digits {
    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.digits.clear();
        self.groups.clear();
    }

    /// Reads `text` where the bits `seen` of its tokens make that worth it; otherwise it has no digits.
    pub(super) fn renew_if(&mut self, seen: Flags, text: &str) {
        self.clear();
        if seen & (flag::NUMBER | flag::SPOKEN_DIGIT | flag::UNKNOWN_KATAKANA) != 0 {
            self.renew(text);
        }
    }

    /// Replaces the content by the digits of `text`; those read aloud in kana are looked for when it holds a zero, as all
    /// numbers worth finding do, or 9 and another (キュー).
    pub(super) fn renew(&mut self, text: &str) {
        self.clear();
        let kana = ["ゼロ", "ぜろ", "キュ"].iter().any(|reading| text.contains(reading));
        let mut at = 0;
        let mut last_end = None;
        while at < text.len() {
            let rest = &text[at..];
            if digit_at(rest, kana).is_none() {
                at += rest.chars().next().map_or(1, char::len_utf8);
                continue;
            }
            // 折り返しゼロサン: し begins no group of its own.
            let goes_on = last_end.is_some_and(|last: usize| is_gap(&text[last..at]));
            match self.group(text, at, kana, goes_on) {
                Some(end) => {
                    if let Some(group) = self.groups.last_mut() {
                        group.joined = goes_on;
                    }
                    last_end = Some(end);
                    at = end;
                }
                None => at += rest.chars().next().map_or(1, char::len_utf8),
            }
        }
    }

    /// Reads the group at byte `at`, if one begins there, and returns its end.
    fn group(&mut self, text: &str, at: usize, readings: bool, goes_on: bool) -> Option<usize> {
        let first = self.digits.len();
        let mut end = at;
        let (mut spoken, mut weak) = (false, false);
        while let Some((value, len, kana, may_begin)) = digit_at(&text[end..], readings) {
            let begins = end == at;
            if begins && !may_begin && !goes_on {
                break;
            }
            // A reading does not continue written digits: 5678に is not 56782.
            if !begins && (kana && !spoken || !kana && weak) {
                break;
            }
            weak |= begins && !may_begin;
            spoken |= kana;
            let position = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
            self.digits.push(Digit { value, start: position(end), end: position(end + len) });
            end += len;
        }
        let len = self.digits.len() - first;
        // に, し, ご and their like begin a group only where digits follow: ごろくななはち.
        if len == 0 || (weak && len < WEAK_GROUP) {
            self.digits.truncate(first);
            return None;
        }
        self.groups.push(Group { first, len, spoken, joined: false });
        Some(end)
    }

    /// The runs: groups joined by separators, as ranges of `groups`.
    pub(super) fn runs(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            let start = at;
            if start >= self.groups.len() {
                return None;
            }
            at += 1;
            while self.groups.get(at).is_some_and(|g| g.joined) {
                at += 1;
            }
            Some(start..at)
        })
    }

    /// The digits of some groups.
    pub(super) fn of(&self, groups: std::ops::Range<usize>) -> &[Digit] {
        let (Some(first), Some(last)) = (self.groups.get(groups.start), groups.end.checked_sub(1).and_then(|i| self.groups.get(i))) else {
            return &[];
        };
        &self.digits[first.first..last.first + last.len]
    }
}

/// Value, bytes, whether kana, whether a group may begin with it.
fn digit_at(text: &str, readings: bool) -> Option<(u8, usize, bool, bool)> {
    let c = text.chars().next()?;
    let written = |value: u8| Some((value, c.len_utf8(), false, true));
    match c {
        '0'..='9' => written(c as u8 - b'0'),
        '〇' | '○' | '◯' => written(0),
        '一' => written(1),
        '二' => written(2),
        '三' => written(3),
        '四' => written(4),
        '五' => written(5),
        '六' => written(6),
        '七' => written(7),
        '八' => written(8),
        '九' => written(9),
        'ぁ'..='ん' | 'ァ'..='ン' | '零' if readings => READINGS
            .iter()
            .find(|(reading, ..)| text.starts_with(reading))
            .map(|&(reading, value, begins)| (value, reading.len(), true, begins)),
        _ => None,
    }
}

/// Whether `gap` holds only what people put between the groups of one number.
fn is_gap(gap: &str) -> bool {
    if gap.len() > LONGEST_GAP_BYTES {
        return false;
    }
    let mut rest = gap;
    while let Some(c) = rest.chars().next() {
        let single = matches!(c, '-' | 'ー' | '～' | '.' | '・' | '/' | '(' | ')' | ' ' | '、' | ',' | '。' | '…' | 'の' | 'ノ');
        let len = if single {
            c.len_utf8()
        } else {
            match FILLERS.iter().find(|f| rest.starts_with(*f)) {
                Some(filler) => filler.len(),
                None => return false,
            }
        };
        rest = &rest[len..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let mut digits = Digits::default();
        digits.renew(text);
        digits
            .runs()
            .map(|run| {
                run.map(|g| digits.of(g..g + 1).iter().map(|d| d.value.to_string()).collect::<String>()).collect::<Vec<_>>().join("-")
            })
            .collect()
    }

    #[test]
    fn written_and_spoken_digits_read_alike() {
        assert_eq!(read("090-1234-5678"), ["090-1234-5678"]);
        assert_eq!(read("〇九〇の、えー、一二三四の五六七八です"), ["090-1234-5678"]);
        assert_eq!(read("ゼロキューゼロのイチニーサンヨンのゴーロクナナハチ"), ["090-1234-5678"]);
        assert_eq!(read("03(1234)5678"), ["03-1234-5678"]);
        assert_eq!(read("ぜろきゅうぜろ"), ["090"]);
    }

    #[test]
    fn particles_do_not_continue_written_digits() {
        assert_eq!(read("5678に電話"), ["5678"]);
        assert_eq!(read("2回、3人"), ["2", "3"]);
        // 十 is not a digit, so 三十三 is two digits apart, never the number 33 of a telephone.
        assert_eq!(read("三十三"), ["3", "3"]);
    }
}

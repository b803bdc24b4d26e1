//! From what a cell says to the codes of an attribute.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;

use super::UnknownValues;
use super::record::Cell;
use crate::consultation::{Attribute, AttributeId, CodeId, CodeList};

/// What a closed list calls "unknown".
const UNKNOWN: &str = "不明";

/// The attribute whose cells may go on with an address.
const PREFECTURE: &str = "prefecture";

/// No one is older.
const MAX_AGE: u32 = 130;

/// Codes the cells of one attribute.
#[derive(Debug)]
pub(super) struct AttributeCoder {
    id: AttributeId,
    name: String,
    label_ja: String,
    list: CodeList,
    /// Codes and labels as the list writes them: what most cells hold, found without normalisation.
    exact: FxHashMap<Box<str>, CodeId>,
    unknown: Option<CodeId>,
    /// Inclusive ranges of years with their bands.
    ages: Vec<(u32, u32, CodeId)>,
    multiple: bool,
    open: bool,
    addresses: bool,
    /// How many values no code was found for. A sum, so the order of threads does not matter.
    missed: AtomicU64,
    /// Some of these values, where they are wanted.
    seen: Option<Mutex<BTreeSet<String>>>,
}

/// How many unknown values of an attribute are kept.
const VALUES_KEPT: usize = 10;

/// The longest unknown value that is kept, in characters: what is longer is no value of a list.
const VALUE_CHARS: usize = 20;

impl AttributeCoder {
    pub(super) fn new(id: AttributeId, attribute: &Attribute) -> Self {
        let list = attribute.codes.clone();
        let exact = list.iter().flat_map(|(id, c)| [&c.code, &c.label_ja].map(|name| (name.as_str().into(), id))).collect();
        let ages = list
            .iter()
            .filter_map(|(id, code)| {
                let from = code.extra.get("from")?.parse().ok()?;
                // The last band has no end.
                Some((from, code.extra.get("to").and_then(|to| to.parse().ok()).unwrap_or(MAX_AGE), id))
            })
            .collect();
        Self {
            id,
            name: attribute.name.clone(),
            label_ja: attribute.label_ja.clone(),
            unknown: list.find(UNKNOWN),
            list,
            exact,
            ages,
            multiple: attribute.multiple,
            open: attribute.open,
            addresses: attribute.name == PREFECTURE,
            missed: AtomicU64::new(0),
            seen: None,
        }
    }

    /// Keeps unknown values from now on.
    pub(super) fn remember(&mut self) {
        self.seen = Some(Mutex::default());
    }

    pub(super) fn id(&self) -> AttributeId {
        self.id
    }

    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    pub(super) fn unknown_values(&self) -> Option<UnknownValues> {
        let count = self.missed.load(Ordering::Relaxed);
        let seen = self.seen.as_ref().and_then(|seen| seen.lock().ok());
        let values = seen.map(|seen| seen.iter().cloned().collect()).unwrap_or_default();
        (count > 0).then(|| UnknownValues { attribute: self.id, name: self.name.clone(), label_ja: self.label_ja.clone(), count, values })
    }

    /// Adds the codes of `cell` to `out`.
    pub(super) fn code(&self, cell: &Cell, out: &mut Vec<(AttributeId, CodeId)>) {
        match cell {
            Cell::Text(text) => self.text(text, out),
            Cell::List(items) => items.iter().for_each(|item| self.text(item, out)),
            Cell::Turns(_) | Cell::Unusable => {}
        }
    }

    /// Gives the values of an open attribute.
    pub(super) fn values(&self, cell: &Cell, give: &mut dyn FnMut(String)) {
        let mut one = |text: &str| {
            let parts = if self.multiple { text.split(is_separator).collect() } else { vec![text] };
            for value in parts.into_iter().map(tidy).filter(|v| !v.is_empty()) {
                give(value);
            }
        };
        match cell {
            Cell::Text(text) => one(text),
            Cell::List(items) => items.iter().for_each(|item| one(item)),
            Cell::Turns(_) | Cell::Unusable => {}
        }
    }

    fn text(&self, text: &str, out: &mut Vec<(AttributeId, CodeId)>) {
        if text.trim().is_empty() {
            return;
        }
        if let Some(code) = self.find(text) {
            out.push((self.id, code));
        } else if self.multiple {
            for piece in text.split(is_separator).filter(|p| !p.trim().is_empty()) {
                self.piece(piece, out);
            }
        } else {
            self.miss(text, out);
        }
    }

    /// One of several values. Labels may contain ・, and ・ may also separate labels: the longest run of parts that the
    /// list knows wins, from the left.
    fn piece(&self, piece: &str, out: &mut Vec<(AttributeId, CodeId)>) {
        if let Some(code) = self.find(piece) {
            out.push((self.id, code));
            return;
        }
        let ends = |from: usize| {
            let inner = piece[from..].match_indices(['・', '･', '\u{3000}', ' ']).map(move |(i, s)| (from + i, from + i + s.len()));
            inner.chain(std::iter::once((piece.len(), piece.len())))
        };
        let mut start = 0;
        while start < piece.len() {
            let candidates: Vec<(usize, usize)> = ends(start).collect();
            let known = candidates.iter().rev().find_map(|&(end, next)| Some((self.find(&piece[start..end])?, next)));
            if let Some((code, next)) = known {
                out.push((self.id, code));
                start = next;
            } else {
                let (end, next) = candidates[0];
                if !piece[start..end].trim().is_empty() {
                    self.miss(&piece[start..end], out);
                }
                start = next;
            }
        }
    }

    fn miss(&self, value: &str, out: &mut Vec<(AttributeId, CodeId)>) {
        self.missed.fetch_add(1, Ordering::Relaxed);
        if let Some(Ok(mut seen)) = self.seen.as_ref().map(Mutex::lock)
            && seen.len() < VALUES_KEPT
        {
            let value: String = tidy(value).chars().filter(|c| !c.is_control()).collect();
            if value.chars().count() <= VALUE_CHARS {
                seen.insert(value);
            }
        }
        out.extend(self.unknown.map(|code| (self.id, code)));
    }

    /// The code of one value, by ever more lenient readings.
    fn find(&self, text: &str) -> Option<CodeId> {
        if let Some(code) = self.exact.get(text).or_else(|| self.exact.get(text.trim())) {
            return Some(*code);
        }
        if text.trim().is_empty() {
            return None;
        }
        if let Some(code) = self.list.find(text) {
            return Some(code);
        }
        if self.open {
            return self.list.find(&tidy(text));
        }
        let text = tidy(text);
        self.age(&text).or_else(|| self.prefecture(&text)).or_else(|| self.padded(&text)).or_else(|| self.undecorated(&text))
    }

    /// 「64」「64歳」「満64才」「六十四歳」「8か月」.
    fn age(&self, text: &str) -> Option<CodeId> {
        if self.ages.is_empty() {
            return None;
        }
        let text = ["満", "約"].iter().find_map(|p| text.strip_prefix(p)).unwrap_or(text).trim();
        if let Some((number, unit)) = kanji_number(text) {
            // 九十歳以上 is a label of the list in other numerals.
            let text = format!("{number}{unit}");
            return self.list.find(&text).or_else(|| self.age(&text));
        }
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let number: u32 = number.parse().ok()?;
        let years = match unit.trim() {
            "" | ".0" | "歳" | "才" | "years" | "y" => number,
            unit if unit.starts_with("歳") && unit.ends_with("月") => number,
            "か月" | "ヶ月" | "カ月" | "ヵ月" | "ケ月" | "ヶ月児" | "か月児" => number / 12,
            _ => return None,
        };
        self.ages.iter().find(|(from, to, _)| (*from..=*to).contains(&years)).map(|(.., code)| *code)
    }

    /// 「大阪府堺市…」「〒590-0000 大阪府堺市」: the full name at the beginning.
    fn prefecture(&self, text: &str) -> Option<CodeId> {
        if !self.addresses {
            return None;
        }
        let text = text.trim_start_matches(|c: char| c == '〒' || c == '-' || c.is_ascii_digit() || c.is_whitespace());
        self.list.iter().find(|(id, code)| Some(*id) != self.unknown && text.starts_with(&code.label_ja)).map(|(id, _)| id)
    }

    /// Spreadsheets make `1` of the code `01`.
    fn padded(&self, text: &str) -> Option<CodeId> {
        let number = text.strip_suffix(".0").unwrap_or(text);
        (self.ages.is_empty() && number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit()))
            .then(|| self.list.find(&format!("0{number}")))
            .flatten()
    }

    /// 「1. 本人」「①本人」「家族（娘）」 without number and remark.
    fn undecorated(&self, text: &str) -> Option<CodeId> {
        let core = text.split('(').next().unwrap_or(text).trim();
        let numbered = core.trim_start_matches(|c: char| c.is_ascii_digit());
        let bare = numbered.trim_start_matches(['.', ':', ')', ',', '_', '-', ' ']);
        [core, bare]
            .into_iter()
            .filter(|s| !s.is_empty() && *s != text && !s.bytes().all(|b| b.is_ascii_digit()))
            .find_map(|s| self.list.find(s))
    }
}

/// The number in Chinese numerals (六十四, 百二, 九〇) at the beginning and what follows it; `None` where there is none.
fn kanji_number(text: &str) -> Option<(u32, &str)> {
    const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let end = text.find(|c| !DIGITS.contains(&c) && !matches!(c, '十' | '百')).unwrap_or(text.len());
    let (numerals, rest) = text.split_at(end);
    // Four numerals write every age (百二十一 is the longest); more are something else.
    if numerals.is_empty() || numerals.chars().count() > 4 {
        return None;
    }
    let (mut total, mut digits) = (0, None);
    for c in numerals.chars() {
        match c {
            '十' => total += 10 * digits.take().unwrap_or(1),
            '百' => total += 100 * digits.take().unwrap_or(1),
            c => digits = Some(digits.unwrap_or(0) * 10 + (0u32..).zip(DIGITS).find(|(_, d)| *d == c)?.0),
        }
    }
    Some((total + digits.unwrap_or(0), rest))
}

/// What stands between several values of a cell.
fn is_separator(c: char) -> bool {
    matches!(c, '、' | ';' | '；' | '／' | '/' | ',' | '，' | '､' | '|' | '｜' | '\n' | '\r' | '\t')
}

/// NFKC without white space at the ends.
fn tidy(text: &str) -> String {
    let text: String = text.nfkc().collect();
    text.trim().to_owned()
}

//! What is said of a character by what stands around it: characters, pairs, scripts, words, parts of speech, lists, and for numbers
//! the lengths of their groups and the words near by.
//!
//! A feature of one character is something that stands at another place, seen from there: 「さん」 two characters on. So each thing
//! in the text (a [`Source`]) is looked up once, and what it says goes to all characters that see it, by the slot in which they do
//! (as in pointwise taggers: Neubig, Nakata & Mori 2011).
//!
//! [`visit`] says what the features of a text are, and learning goes by it; [`super::chain`] adds up the same faster.

use std::ops::Range;

use crate::morphology::{ClassInfo, Lexicon};
use crate::redact::digits::Digits;
use crate::redact::lexis::{Flags, flag, is_hiragana, is_japanese, is_kanji, is_katakana};
use crate::redact::scene::Scene;

/// Characters are seen from this many before and behind.
pub(super) const REACH: usize = 3;
/// In how many slots a character, a pair, a word, a part of speech and a listed word are seen.
pub(super) const CHAR_SLOTS: usize = 2 * REACH + 1;
pub(super) const PAIR_SLOTS: usize = 2 * REACH;
pub(super) const WORD_SLOTS: usize = OF_WORD.len();
pub(super) const KIND_SLOTS: usize = OF_KIND.len();
pub(super) const LISTED_SLOTS: usize = OF_LISTED.len();
pub(super) const NUMBER_SLOTS: usize = OF_NUMBER.len();
pub(super) const NEAR_SLOTS: usize = OF_NEAR.len();
/// What stands beyond the ends of the text.
pub(super) const EDGE: char = '^';
/// Characters of a window of scripts.
const WINDOW: usize = 5;
/// The letters of scripts, and of what is beyond the ends.
const SCRIPTS: [u8; 9] = *b"CK-HADN.^";
/// How many windows there are.
pub(super) const WINDOWS: usize = SCRIPTS.len().pow(WINDOW as u32);

/// Lists, their names in the table, and of how many characters a word must be to count.
const LISTS: [(&str, Flags, usize); 16] = [
    ("surname", flag::LISTED_SURNAME, 1),
    ("surname?", flag::AMBIGUOUS_SURNAME, 1),
    ("given", flag::LISTED_GIVEN, 1),
    ("given?", flag::AMBIGUOUS_GIVEN, 1),
    ("known-surname", flag::KNOWN_SURNAME, 2),
    ("known-given", flag::KNOWN_GIVEN, 2),
    ("ipadic-surname", flag::DICTIONARY_SURNAME, 2),
    ("ipadic-given", flag::DICTIONARY_GIVEN, 2),
    ("ipadic-region", flag::DICTIONARY_REGION, 2),
    ("municipality", flag::MUNICIPALITY, 2),
    ("municipality-suffix", flag::MUNICIPALITY_SUFFIX, 1),
    ("address-word", flag::ADDRESS_WORD, 1),
    ("facility-suffix", flag::FACILITY_SUFFIX, 1),
    ("facility-generic", flag::FACILITY_GENERIC, 1),
    ("honorific", flag::HONORIFIC, 1),
    ("family", flag::FAMILY, 1),
];
pub(super) const LIST_COUNT: usize = LISTS.len();
const ANY_LIST: Flags = {
    let (mut all, mut i) = (0, 0);
    while i < LISTS.len() {
        all |= LISTS[i].1;
        i += 1;
    }
    all
};
/// Words of lists are looked for up to this many characters, and told apart by their length up to fewer.
const LONGEST_LISTED: usize = 7;
pub(super) const LENGTHS: usize = 4;

/// Something in the text that says something of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source<'a> {
    Char(char),
    Pair(char, char),
    /// A window of scripts, by number.
    Scripts(usize),
    /// A morpheme in its base form.
    Word(&'a str),
    /// A part of speech.
    Kind(&'a str),
    /// A word of a list, and its length.
    Listed(usize, usize),
    /// A number of several digits, written or read aloud.
    Number(Shape),
    /// A morpheme near a number, in its base form.
    Near(&'a str),
    /// A sign for @ anywhere in the text.
    AtSign,
}

/// The look of a number: whether it begins with 0, and the lengths of up to four groups, 9 for longer ones; of more groups how many digits
/// they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    zero: bool,
    /// The lengths as one decimal number; of more groups [`Shape::MANY`] and the digits.
    groups: u16,
}

impl Shape {
    const GROUPS: usize = 4;
    const MANY: u16 = 10_000;
    const MOST_DIGITS: usize = 24;

    fn new(digits: &Digits, run: Range<usize>) -> Self {
        let of = digits.of(run.clone());
        let groups = if run.len() <= Self::GROUPS {
            digits.groups[run].iter().fold(0, |all, group| all * 10 + group.len.min(9) as u16)
        } else {
            Self::MANY + of.len().min(Self::MOST_DIGITS) as u16
        };
        Self { zero: of.first().is_some_and(|digit| digit.value == 0), groups }
    }

    fn name(self) -> String {
        format!("{}{}", if self.zero { "0:" } else { "" }, self.groups)
    }

    fn parse(name: &str) -> Option<Self> {
        let rest = name.strip_prefix("0:");
        Some(Self { zero: rest.is_some(), groups: rest.unwrap_or(name).parse().ok()? })
    }
}

/// The slots of a word, of a part of speech and of a listed word: which of the characters in it or beside it sees it.
const OF_WORD: [&str; 3] = ["w", "w+1", "w-1"];
const OF_KIND: [&str; 4] = ["k:B", "k:I", "k+1", "k-1"];
const OF_LISTED: [&str; 5] = ["l:B", "l:I", "l:E", "l+1", "l-1"];
/// The same of a number, and of a word near it: whether it stands before the number or behind.
const OF_NUMBER: [&str; 4] = ["d:B", "d:I", "d+1", "d-1"];
const OF_NEAR: [&str; 2] = ["n-", "n+"];
const OF_AT_SIGN: &str = "@";
/// How many morphemes before a number and behind it are near, and of how many digits it must be.
const NEAR: [usize; NEAR_SLOTS] = [8, 3];
const LEAST_DIGITS: usize = 2;

impl Source<'_> {
    /// In how many slots it may be seen.
    pub(super) fn slots(self) -> usize {
        match self {
            Self::Char(_) => CHAR_SLOTS,
            Self::Pair(..) => PAIR_SLOTS,
            Self::Scripts(_) | Self::AtSign => 1,
            Self::Word(_) => WORD_SLOTS,
            Self::Kind(_) => KIND_SLOTS,
            Self::Listed(..) => LISTED_SLOTS,
            Self::Number(_) => NUMBER_SLOTS,
            Self::Near(_) => NEAR_SLOTS,
        }
    }

    /// The feature of a character that sees it in `slot`, as the table names it.
    pub(super) fn name(self, slot: usize) -> String {
        #[allow(clippy::cast_possible_wrap, reason = "a few characters")]
        let offset = slot as isize - REACH as isize;
        match self {
            Self::Char(c) => format!("c{offset:+}={c}"),
            Self::Pair(c, d) => format!("b{offset:+}={c}{d}"),
            Self::Scripts(window) => format!("s={}", scripts(window)),
            Self::Word(word) => format!("{}={word}", OF_WORD[slot]),
            Self::Kind(kind) => format!("{}={kind}", OF_KIND[slot]),
            Self::Listed(list, length) => format!("{}={}:{length}", OF_LISTED[slot], LISTS[list].0),
            Self::Number(shape) => format!("{}={}", OF_NUMBER[slot], shape.name()),
            Self::Near(word) => format!("{}={word}", OF_NEAR[slot]),
            Self::AtSign => format!("t={OF_AT_SIGN}"),
        }
    }
}

/// The source and the slot of a feature of the table; `None` where this version knows no such feature.
pub(super) fn parse(feature: &str) -> Option<(Source<'_>, usize)> {
    let (name, value) = feature.split_once('=')?;
    let slot = |names: &[&str]| names.iter().position(|n| *n == name);
    if let Some(slot) = slot(&OF_WORD) {
        return Some((Source::Word(value), slot));
    }
    if let Some(slot) = slot(&OF_KIND) {
        return Some((Source::Kind(value), slot));
    }
    if let Some(slot) = slot(&OF_LISTED) {
        let (list, length) = value.rsplit_once(':')?;
        let list = LISTS.iter().position(|(name, ..)| *name == list)?;
        return Some((Source::Listed(list, length.parse().ok().filter(|length| (1..=LENGTHS).contains(length))?), slot));
    }
    if let Some(slot) = slot(&OF_NUMBER) {
        return Some((Source::Number(Shape::parse(value)?), slot));
    }
    if let Some(slot) = slot(&OF_NEAR) {
        return Some((Source::Near(value), slot));
    }
    if name == "t" {
        return (value == OF_AT_SIGN).then_some((Source::AtSign, 0));
    }
    if name == "s" {
        let letters = value.bytes().map(|letter| SCRIPTS.iter().position(|s| *s == letter));
        let window = letters.collect::<Option<Vec<_>>>().filter(|letters| letters.len() == WINDOW)?;
        return Some((Source::Scripts(window.iter().fold(0, |all, letter| all * SCRIPTS.len() + letter)), 0));
    }
    let mut chars = value.chars();
    let (first, second) = (chars.next()?, chars.next());
    let (kind, offset) = name.split_at_checked(1)?;
    let slot = offset.parse::<isize>().ok().and_then(|offset| usize::try_from(offset + REACH as isize).ok())?;
    let source = match (kind, second) {
        ("c", None) => Source::Char(first),
        ("b", Some(second)) => Source::Pair(first, second),
        _ => return None,
    };
    (slot < source.slots()).then_some((source, slot))
}

/// Whether a feature can be written in a table of lines and tabs.
pub(super) fn is_writable(feature: &str) -> bool {
    !feature.contains(['\t', '\n', '\r'])
}

/// The letters of a window of scripts.
fn scripts(window: usize) -> String {
    let place = |n: u32| SCRIPTS[window / SCRIPTS.len().pow(n) % SCRIPTS.len()];
    (0..WINDOW as u32).rev().map(|n| char::from(place(n))).collect()
}

/// The characters of a text, and where each begins.
#[derive(Debug, Default)]
pub(super) struct Characters {
    pub(super) chars: Vec<char>,
    /// One more than there are characters.
    pub(super) starts: Vec<usize>,
}

impl Characters {
    pub(super) fn new(text: &str) -> Self {
        let mut out = Self { chars: Vec::with_capacity(text.len() / 3 + 1), starts: Vec::with_capacity(text.len() / 3 + 2) };
        for (at, c) in text.char_indices() {
            out.chars.push(c);
            out.starts.push(at);
        }
        out.starts.push(text.len());
        out
    }

    /// The character at a place; places are counted from [`REACH`] before the text to [`REACH`] behind it.
    pub(super) fn at(&self, place: usize) -> char {
        place.checked_sub(REACH).and_then(|i| self.chars.get(i)).copied().unwrap_or(EDGE)
    }

    /// How many places there are.
    pub(super) fn places(&self) -> usize {
        self.chars.len() + 2 * REACH
    }

    /// The window of scripts around each character, in order.
    pub(super) fn windows(&self) -> impl Iterator<Item = usize> + '_ {
        let edge = SCRIPTS.len() - 1;
        let beyond = [edge; WINDOW / 2];
        let letters = self.chars.iter().map(|c| script(*c)).chain(beyond);
        let before = beyond.iter().fold(0, |all, letter| all * SCRIPTS.len() + letter);
        letters
            .scan(before, |window, letter| {
                *window = (*window * SCRIPTS.len() + letter) % WINDOWS;
                Some(*window)
            })
            .skip(WINDOW / 2)
    }

    /// The morphemes as ranges of characters, in order; none where the text has a gap.
    pub(super) fn tokens(&self, scene: &Scene<'_>) -> Vec<Range<usize>> {
        let mut at = 0;
        let mut past = |byte: u32| {
            while at < self.chars.len() && self.starts[at] < byte as usize {
                at += 1;
            }
            at
        };
        scene.tokens.iter().map(|token| past(token.start)..past(token.end)).collect()
    }

    /// Calls `each` with every word of a list, as a range of characters, and the bits the lists give it. Hiragana are looked at where a
    /// morpheme begins, others wherever they stand.
    pub(super) fn listed(&self, scene: &Scene<'_>, tokens: &[Range<usize>], mut each: impl FnMut(Range<usize>, Flags)) {
        let mut tokens = tokens.iter().map(|token| token.start).peekable();
        for (start, c) in self.chars.iter().enumerate() {
            while tokens.next_if(|at| *at < start).is_some() {}
            if !is_japanese(*c) || is_hiragana(*c) && tokens.peek() != Some(&start) {
                continue;
            }
            let word = self.chars[start..].iter().copied().take(LONGEST_LISTED).take_while(|c| is_japanese(*c));
            scene.lexis.beginning(word, |length, flags| {
                if flags & ANY_LIST != 0 {
                    each(start..start + length, flags & ANY_LIST);
                }
            });
        }
    }
}

/// A number of a text, and what stands near it.
pub(super) struct Number {
    pub(super) shape: Shape,
    /// Its characters.
    pub(super) range: Range<usize>,
    /// The morphemes near it, by slot.
    pub(super) near: [Range<usize>; NEAR_SLOTS],
}

impl Characters {
    /// The numbers of the text, in order.
    pub(super) fn numbers(&self, scene: &Scene<'_>) -> impl Iterator<Item = Number> {
        let runs = scene.digits.runs().filter(|run| scene.digits.of(run.clone()).len() >= LEAST_DIGITS);
        runs.filter_map(|run| {
            let of = scene.digits.of(run.clone());
            let (start, end) = (of.first()?.start, of.last()?.end);
            let character = |byte: u32| self.starts.partition_point(|at| *at < byte as usize);
            let before = scene.tokens.partition_point(|token| token.end <= start);
            let behind = scene.tokens.partition_point(|token| token.start < end);
            Some(Number {
                shape: Shape::new(scene.digits, run),
                range: character(start)..character(end),
                near: [before.saturating_sub(NEAR[0])..before, behind..(behind + NEAR[1]).min(scene.tokens.len())],
            })
        })
    }

    /// The characters that an at sign says something of: letters, digits and kana that may be letters read aloud; none where the text
    /// has no such sign.
    pub(super) fn around_at_sign(&self, scene: &Scene<'_>) -> impl Iterator<Item = usize> {
        let chars: &[char] = if scene.seen & flag::AT_SIGN != 0 { &self.chars } else { &[] };
        chars.iter().enumerate().filter(|(_, c)| c.is_ascii_alphanumeric() || is_katakana(**c)).map(|(at, _)| at)
    }
}

/// The lists that count a word of so many characters, by its bits.
pub(super) fn lists_of(flags: Flags, characters: usize) -> impl Iterator<Item = usize> {
    LISTS.iter().enumerate().filter(move |(_, (_, bit, least))| flags & bit != 0 && characters >= *least).map(|(list, _)| list)
}

/// The characters that see a word, a part of speech or a listed word in each slot: of the morpheme itself, of the one before, of the
/// one behind.
pub(super) fn of_word(own: &Range<usize>, before: &Range<usize>, behind: &Range<usize>) -> [Range<usize>; WORD_SLOTS] {
    [own.clone(), before.clone(), behind.clone()]
}

/// The same for a part of speech: the first character, the others, those of the morpheme before, and of the one behind.
pub(super) fn of_kind(own: &Range<usize>, before: &Range<usize>, behind: &Range<usize>) -> [Range<usize>; KIND_SLOTS] {
    let second = (own.start + 1).min(own.end);
    [own.start..second, second..own.end, before.clone(), behind.clone()]
}

/// The same for a listed word: the first character, those between, the last if it is another, the one before, and the one behind.
pub(super) fn of_listed(word: &Range<usize>, length: usize) -> [Range<usize>; LISTED_SLOTS] {
    let last = (word.end - 1).max(word.start + 1);
    let before = word.start.checked_sub(1).map_or(0..0, |before| before..word.start);
    [word.start..word.start + 1, word.start + 1..last, last..word.end, before, word.end..(word.end + 1).min(length)]
}

/// The same for a number: its first character, the others, the one before, and the one behind.
pub(super) fn of_number(number: &Range<usize>, length: usize) -> [Range<usize>; NUMBER_SLOTS] {
    let first = (number.start + 1).min(number.end);
    let before = number.start.checked_sub(1).map_or(0..0, |before| before..number.start);
    [number.start..first, first..number.end, before, number.end..(number.end + 1).min(length)]
}

/// What the dictionary says of its classes.
#[derive(Debug, Clone)]
pub(super) struct Kinds(Vec<Box<str>>);

impl Kinds {
    /// For one lexicon.
    pub(super) fn new(lexicon: &Lexicon) -> Self {
        Self(lexicon.classes().iter().map(|class| kind(class).into_boxed_str()).collect())
    }

    /// The kinds, by class.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|kind| &**kind)
    }
}

/// Calls `each` with everything in the text that says something, the slot, and the characters that see it there.
pub(super) fn visit(
    lexicon: &Lexicon,
    kinds: &Kinds,
    scene: &Scene<'_>,
    text: &Characters,
    mut each: impl FnMut(Source<'_>, usize, Range<usize>),
) {
    let length = text.chars.len();
    let mut all = |source: Source<'_>, ranges: &[Range<usize>]| {
        ranges.iter().enumerate().filter(|(_, range)| !range.is_empty()).for_each(|(slot, range)| each(source, slot, range.clone()));
    };
    // In slot s a character is seen by the one s − REACH places before it, and places are counted from −REACH.
    let seen_by = |place: usize, slot: usize| place.checked_sub(slot).filter(|at| *at < length).map_or(0..0, |at| at..at + 1);
    for place in 0..text.places() {
        let chars: [_; CHAR_SLOTS] = std::array::from_fn(|slot| seen_by(place, slot));
        // The few characters beyond the basic plane speak by their script and their pairs.
        if u32::from(text.at(place)) <= 0xffff {
            all(Source::Char(text.at(place)), &chars);
        }
        if place + 1 < text.places() {
            all(Source::Pair(text.at(place), text.at(place + 1)), &chars[..PAIR_SLOTS]);
        }
    }
    (0..).zip(text.windows()).for_each(|(at, window)| all(Source::Scripts(window), std::slice::from_ref(&(at..at + 1))));
    let tokens = text.tokens(scene);
    for (i, own) in tokens.iter().enumerate() {
        let before = i.checked_sub(1).map_or(0..0, |before| tokens[before].clone());
        let behind = tokens.get(i + 1).cloned().unwrap_or_default();
        all(Source::Word(lexicon.lemma(&scene.tokens[i], scene.text)), &of_word(own, &before, &behind));
        if let Some(kind) = kinds.0.get(usize::from(scene.tokens[i].class.0)) {
            all(Source::Kind(kind), &of_kind(own, &before, &behind));
        }
    }
    text.listed(scene, &tokens, |word, flags| {
        for list in lists_of(flags, word.len()) {
            all(Source::Listed(list, word.len().min(LENGTHS)), &of_listed(&word, length));
        }
    });
    for number in text.numbers(scene) {
        all(Source::Number(number.shape), &of_number(&number.range, length));
        for (slot, near) in number.near.into_iter().enumerate() {
            let mut seen = [0..0, 0..0];
            seen[slot] = number.range.clone();
            near.for_each(|i| all(Source::Near(lexicon.lemma(&scene.tokens[i], scene.text)), &seen));
        }
    }
    text.around_at_sign(scene).for_each(|at| all(Source::AtSign, std::slice::from_ref(&(at..at + 1))));
}

/// The number of a script.
fn script(c: char) -> usize {
    match c {
        '〇' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' => 6,
        _ if is_kanji(c) => 0,
        'ー' => 2,
        _ if is_katakana(c) => 1,
        _ if is_hiragana(c) => 3,
        _ if c.is_ascii_alphabetic() => 4,
        _ if c.is_ascii_digit() => 5,
        _ => 7,
    }
}

/// Part of speech, and what tells names apart of its details.
fn kind(class: &ClassInfo) -> String {
    let mut out = format!("{:?}", class.pos);
    for detail in &class.detail[..if class.detail[0] == "固有名詞" { 3 } else { 1 }] {
        if detail != "*" {
            out.push('-');
            out.push_str(detail);
        }
    }
    if !class.known {
        out.push_str("-unknown");
    }
    out
}

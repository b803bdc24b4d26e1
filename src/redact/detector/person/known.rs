//! Names of the long lists, which hold many ordinary words: names where the sentence says that a name comes, and where the
//! dictionary has no such word.

use crate::error::Result;
use crate::redact::lexis::{Flags, flag, is_hiragana, is_kanji, is_katakana, script_of};
use crate::redact::prefilter::{Expression, PrefilterBuilder};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

/// Names of the long lists, and the words that announce them.
pub(super) struct Known {
    /// What announces a name however it is written.
    announces: Expression,
    /// What is sent to somebody.
    to: Expression,
}

/// What may stand between it and the name.
const BETWEEN: [&str; 16] =
    ["は", "が", "の", "、", " ", ":", "(", "「", "で", "言うと", "いうと", "書くと", "書いて", "もう一度", "えっと", "ええと"];
/// What follows a given name that stands for a person.
const PARTICLES: [&str; 15] = ["が", "は", "に", "も", "と", "を", "で", "って", "、", "。", "(", ")", "です", "の", "から"];
const SURNAMES: Flags = flag::ANY_SURNAME | flag::KNOWN_SURNAME | flag::DICTIONARY_SURNAME;
const GIVEN: Flags = flag::ANY_GIVEN | flag::KNOWN_GIVEN;

impl Known {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self {
            announces: words.expression(
                "フリガナ|ふりがな|振り仮名|読み方|読みが|読みは|カナで|ひらがなで|平仮名で|カタカナで|旧姓|対応者|担当者|記入者|聴取者|氏名|名前",
            )?,
            to: words.expression("あて|宛|様方")?,
        })
    }

    /// Adds the names of the long lists that the words around them announce.
    pub(super) fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let text = scene.text;
        for announced in self.announces.find_iter(scene) {
            let mut start = announced.end();
            while let Some(between) = BETWEEN.iter().find(|word| text[start..].starts_with(**word)) {
                start += between.len();
            }
            found.extend(beginning(scene, start).map(|end| scene.span(start, end, IdentifierType::Person)));
        }
        for to in self.to.find_iter(scene) {
            let before = scene.before(to.start()).trim_end_matches(' ');
            let start = before.trim_end_matches(is_kanji).len();
            let surname = scene.lexis.word(&text[start..before.len()]) & SURNAMES != 0;
            if surname || is_full(scene, &text[start..before.len()]) {
                found.push(scene.span(start, before.len(), IdentifierType::Person));
            }
        }
        if scene.seen & flag::FAMILY != 0 {
            found.extend((0..scene.tokens.len()).filter_map(|i| relative(scene, i)));
        }
    }
}

/// Whether the text between two bytes is a surname, a given name, or both, of any list.
pub(super) fn is_name(scene: &Scene<'_>, start: usize, end: usize) -> bool {
    let word = &scene.text[start..end];
    scene.lexis.word(word) & (SURNAMES | GIVEN) != 0 && word.chars().nth(1).is_some() || is_full(scene, word)
}

/// Whether a word is a surname and a given name, with or without a space between.
pub(super) fn is_full(scene: &Scene<'_>, word: &str) -> bool {
    if let Some((surname, given)) = word.split_once([' ', '・']) {
        return scene.lexis.word(surname) & SURNAMES != 0 && scene.lexis.word(given) & GIVEN != 0;
    }
    word.char_indices().skip(1).any(|(at, _)| scene.lexis.word(&word[..at]) & SURNAMES != 0 && scene.lexis.word(&word[at..]) & GIVEN != 0)
}

/// Whether the dictionary has the text between two bytes as one word that is no name.
fn is_one_word(scene: &Scene<'_>, start: usize, end: usize) -> bool {
    let i = scene.tokens.partition_point(|t| (t.start as usize) < start);
    scene.start(i) == start && scene.end(i) == end && !scene.has(i, flag::PERSON)
}

/// Where the name that begins at byte `start` ends: the run of its script, of hiragana as much as is a name.
fn beginning(scene: &Scene<'_>, start: usize) -> Option<usize> {
    let rest = scene.after(start);
    let script = script_of(rest)?;
    let run = |text: &str| text.find(|c| !script(c)).unwrap_or(text.len());
    let first = run(rest);
    let both = rest[first..].strip_prefix([' ', '・']).map(|second| (rest.len() - second.len(), run(second)));
    let both = both.filter(|(_, second)| *second > 0).map(|(from, second)| start + from + second);
    if let Some(end) = both.filter(|end| is_name(scene, start, *end)) {
        return Some(end);
    }
    if !rest.starts_with(is_hiragana) {
        return (first > 0 && is_name(scene, start, start + first)).then_some(start + first);
    }
    // です follows without a border; a word of two characters is too common.
    let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).skip(2);
    let name = |end: &usize| is_name(scene, start, start + end) && (is_full(scene, &rest[..*end]) || !continues(&rest[*end..]));
    let both = |end: usize| match rest[end..].strip_prefix(' ') {
        Some(given) => {
            let whole = |len: &usize| is_full(scene, &rest[..end + 1 + len]);
            given.char_indices().map(|(at, c)| at + c.len_utf8()).take(8).filter(whole).last().map_or(end, |len| end + 1 + len)
        }
        None => end,
    };
    ends.take_while(|end| *end <= first).filter(name).last().map(|end| start + both(end))
}

/// Whether a word in hiragana goes on here.
fn continues(after: &str) -> bool {
    after.starts_with(is_hiragana)
        && !["です", "と", "っ", "さん", "さま", "で", "が", "は", "の", "だ", "や", "に"].iter().any(|word| after.starts_with(word))
}

/// The given name after a word of the family (息子の由歌が, 長女素春、), if it is no word of the dictionary.
fn relative(scene: &Scene<'_>, i: usize) -> Option<IdentifierSpan> {
    if !scene.has(i, flag::FAMILY) {
        return None;
    }
    let first = if matches!(scene.surface(i + 1), "の" | "、" | "(" | "「") { i + 2 } else { i + 1 };
    let start = scene.start(first);
    if scene.surface(i + 1) == "の" && scene.after(start).starts_with(is_hiragana) {
        return kana_relative(scene, start);
    }
    if scene.after(start).starts_with(is_katakana) && scene.surface(i + 1) == "の" {
        return katakana_relative(scene, first);
    }
    // 子供一人: a number of people.
    if scene.has(first, flag::NUMBER) {
        return None;
    }
    let run = scene.after(start).find(|c| !is_kanji(c)).unwrap_or(scene.text.len() - start);
    let end = start + run;
    let person = scene.has(first, flag::PERSON) && scene.end(first) == end;
    let known = (2..=3).contains(&scene.text[start..end].chars().count()) && (person || !is_one_word(scene, start, end));
    let known = (known || person && run > 0) && scene.lexis.word(&scene.text[start..end]) & GIVEN != 0;
    let ends = PARTICLES.iter().any(|particle| scene.after(end).starts_with(particle)) || scene.after(end).is_empty();
    (run > 0 && known && ends).then(|| scene.span(start, end, IdentifierType::Person))
}

/// The word in katakana after a word of the family, if the dictionary does not know it as another: 妻のオクサーナが, 母のミツヨは.
fn katakana_relative(scene: &Scene<'_>, first: usize) -> Option<IdentifierSpan> {
    let start = scene.start(first);
    let rest = scene.after(start);
    let run = rest.find(|c| !is_katakana(c)).unwrap_or(rest.len());
    let (end, chars) = (start + run, rest[..run].chars().count());
    let one = scene.end(first) == end;
    let listed = scene.lexis.word(&rest[..run]) & (SURNAMES | GIVEN) != 0;
    let unknown = one && scene.has(first, flag::UNKNOWN | flag::PERSON) && !scene.has(first, flag::CONCEPT);
    let ends = ["が", "は", "も", "と", "に", "って", "、", "。", "です"].iter().any(|particle| rest[run..].starts_with(particle));
    (ends && (2..=7).contains(&chars) && (listed && one || unknown)).then(|| scene.span(start, end, IdentifierType::Person))
}

/// The given name in hiragana that begins here and a particle ends: 娘のひなたが, 次男のれんは.
fn kana_relative(scene: &Scene<'_>, start: usize) -> Option<IdentifierSpan> {
    let rest = scene.after(start);
    let run = rest.find(|c| !is_hiragana(c)).unwrap_or(rest.len());
    let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).skip(1).take(5).take_while(|end| *end <= run);
    let particle = |end: usize| ["が", "は", "に", "も", "と", "を", "で", "って", "、", "の"].iter().any(|p| rest[end..].starts_with(p));
    let name = |end: &usize| {
        let word = &rest[..*end];
        let given = scene.lexis.word(word) & GIVEN != 0 && scene.lexis.word(word) & (flag::FAMILY | flag::FACILITY_GENERIC) == 0;
        given && particle(*end) && (word.chars().nth(2).is_some() || !is_one_word(scene, start, start + end))
    };
    ends.filter(name).last().map(|end| scene.span(start, start + end, IdentifierType::Person))
}

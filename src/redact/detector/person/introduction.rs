//! Names no list has, where the sentence says that a name comes: 「…と申します」, 「名前は…」, 「…っていう子」, answers to
//! 「お名前は」.

use super::context::{closes, introduces, is_announced, is_opening};
use super::known::is_name;
use crate::error::Result;
use crate::redact::detector::{is_no_word, kanji_before};
use crate::redact::lexis::{flag, is_hiragana, is_japanese, is_kanji, is_katakana, script_of};
use crate::redact::prefilter::{Expression, PrefilterBuilder};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

/// The words that announce a name.
pub(super) struct Introduction {
    /// と申します.
    says: Expression,
    /// 「ゆづきっていう子」.
    called: Expression,
    /// 名前は….
    announces: Expression,
}

impl Introduction {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self {
            says: words.expression("申し|申す")?,
            called: words.expression("(?:っていう|という|って)(?:子|人|先生|名前|看護師|者)")?,
            announces: words.expression("名前|氏名|患者名|名字|苗字|フルネーム|カタカナで|片仮名で|宛名")?,
        })
    }

    /// Adds names that the words around them announce.
    pub(super) fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let text = scene.text;
        for says in self.says.find_iter(scene) {
            let before = scene.before(says.start()).trim_end_matches(['と', 'ち', 'て', 'っ']);
            if before.len() < says.start() {
                found.extend(name_ending(scene, before.len(), true));
            }
        }
        if scene.seen & flag::FAMILY != 0 {
            found.extend((0..scene.tokens.len()).filter_map(|i| child(scene, i)));
        }
        if scene.seen & flag::INTRODUCTION != 0 {
            let called = self.called.find_iter(scene).map(|m| m.start());
            found.extend(called.filter_map(|at| kana_word(scene, at).or_else(|| name_ending(scene, at, false))));
        }
        for announces in self.announces.find_iter(scene) {
            let rest = scene.after(announces.end());
            let name = rest.strip_prefix(['は', 'が']).unwrap_or(rest).trim_start_matches([' ', ':', '、', '「', '…']);
            if is_announced(scene, text.len() - name.len()) {
                found.extend(name_beginning(scene, text.len() - name.len()));
            }
        }
        if scene.asked & flag::NAME_CUE != 0 && text.chars().count() <= 40 {
            answer(scene, found);
        }
    }
}

/// The answer to a question for the name: nothing but a name before です.
fn answer(scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
    for i in 0..scene.tokens.len() {
        let start = scene.start(i);
        if is_opening(scene, start) && scene.has(i, flag::NOUN) {
            found.extend(name_beginning(scene, start).filter(|span| {
                let after = scene.after(span.end as usize);
                closes(after) || introduces(after)
            }));
        }
    }
}

/// 娘の美咲: a given name after a word of the family, also one the dictionary cuts into pieces.
fn child(scene: &Scene<'_>, i: usize) -> Option<IdentifierSpan> {
    if !scene.has(i, flag::FAMILY) || scene.surface(i + 1) != "の" {
        return None;
    }
    let first = i + 2;
    let past = (first + 1..=(first + 3).min(scene.tokens.len()))
        .take_while(|&past| past == first + 1 || scene.touches(past - 2))
        .filter(|&past| scene.lexis.word(scene.joined(first, past)) & flag::LISTED_GIVEN != 0)
        .last()?;
    let (start, end) = (scene.start(first), scene.end(past - 1));
    (!scene.after(end).starts_with(|c: char| is_kanji(c) || is_katakana(c))).then(|| scene.span(start, end, IdentifierType::Person))
}

/// The name that ends at byte `end`: kanji that make no word, katakana, or one word of two kanji at most.
fn name_ending(scene: &Scene<'_>, end: usize, says: bool) -> Option<IdentifierSpan> {
    let make = |start: usize| Some(scene.span(start, end, IdentifierType::Person));
    if let Some((start, run)) = kanji_before(scene, end, 5) {
        let flags = scene.lexis.word(run);
        let name = flags & (flag::ANY_SURNAME | flag::DICTIONARY_SURNAME) != 0
            || is_no_word(scene, start, end)
            || says && is_name(scene, start, end);
        return (name && flags & (flag::FAMILY | flag::FACILITY_GENERIC | flag::MUNICIPALITY) == 0).then(|| make(start)).flatten();
    }
    let last = scene.tokens.partition_point(|t| (t.end as usize) < end);
    if scene.end(last) != end
        || scene.has(
            last,
            flag::CONCEPT | flag::FAMILY | flag::FACILITY_SUFFIX | flag::FACILITY_GENERIC | flag::NUMBER | flag::SUFFIX | flag::PRONOUN,
        )
    {
        return None;
    }
    let surface = scene.surface(last);
    let alone =
        last == 0 || !scene.touches(last - 1) || !scene.has(last - 1, flag::NOUN) || !scene.surface(last - 1).ends_with(is_japanese);
    let katakana = surface.chars().all(is_katakana) && scene.has(last, flag::UNKNOWN | flag::PROPER) && surface.chars().count() <= 8;
    let single = surface.chars().all(is_kanji) && surface.chars().nth(1).is_none() && scene.has(last, flag::NOUN);
    (says && alone && (katakana || single)).then(|| make(scene.start(last))).flatten()
}

/// The hiragana that end at byte `end` and begin a sentence or a phrase: ゆづき of 「ゆづきっていう子」.
fn kana_word(scene: &Scene<'_>, end: usize) -> Option<IdentifierSpan> {
    let before = scene.before(end);
    let word = &before[before.trim_end_matches(|c| is_hiragana(c) || is_katakana(c)).len()..];
    let opens =
        before[..before.len() - word.len()].chars().next_back().is_none_or(|c| matches!(c, '、' | '。' | ' ' | '…' | '「' | '!' | '?'));
    let ordinary =
        ["そう", "こう", "どう", "ああ", "いい", "だめ", "すごい", "なに", "なん", "まじめ", "やさしい", "きれい", "おじさん", "おばさん"];
    (opens && (2..=5).contains(&word.chars().count()) && !ordinary.contains(&word))
        .then(|| scene.span(end - word.len(), end, IdentifierType::Person))
}

/// The name at byte `start`, where one is announced: one or two words of kanji or of kana, no everyday word.
fn name_beginning(scene: &Scene<'_>, start: usize) -> Option<IdentifierSpan> {
    let rest = scene.after(start);
    let script = script_of(rest).filter(|_| !rest.starts_with(is_hiragana))?;
    let run = |text: &str| text.find(|c| !script(c)).unwrap_or(text.len());
    let first = run(rest);
    let most = if rest.starts_with(is_kanji) { 6 } else { 10 };
    let whole = match rest[first..].strip_prefix([' ', '・']) {
        Some(second) if run(second) > 0 && second[..run(second)].chars().count() <= most => rest.len() - second.len() + run(second),
        _ => first,
    };
    let name = &rest[..whole];
    if name.chars().nth(1).is_none() || name.chars().count() > most * 2 {
        return None;
    }
    let from = scene.tokens.partition_point(|t| (t.end as usize) <= start);
    let ends = !rest[whole..].starts_with(|c: char| is_kanji(c) || is_katakana(c) || matches!(c, 'を' | 'も'));
    let words = (from..scene.tokens.len()).take_while(|&i| scene.start(i) < start + whole).all(|i| {
        let name = flag::PERSON
            | flag::UNKNOWN
            | flag::ANY_SURNAME
            | flag::ANY_GIVEN
            | flag::DICTIONARY_SURNAME
            | flag::DICTIONARY_GIVEN
            | flag::PROPER;
        let ordinary =
            flag::FAMILY | flag::CONCEPT | flag::FACILITY_SUFFIX | flag::FACILITY_GENERIC | flag::CUES | flag::NUMBER | flag::HONORIFIC;
        !scene.has(i, ordinary)
            && (scene.has(i, name)
                || scene.surface(i).chars().count() <= 2 && scene.surface(i).chars().all(is_katakana)
                || scene.surface(i).chars().nth(1).is_none())
    });
    (ends && words).then(|| scene.span(start, start + whole, IdentifierType::Person))
}

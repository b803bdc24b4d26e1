//! Full names in kanji however the dictionary cuts them: 宇都宮亜由子, 三上 敏子; and names where a speaker says who it is.

use super::context::{closes, introduces, is_opening};
use crate::redact::detector::is_no_word;
use crate::redact::lexis::{flag, is_kanji};
use crate::redact::scene::{Scene, tail};
use crate::redact::{IdentifierSpan, IdentifierType};

/// Longest surname and given name in characters.
const LONGEST: (usize, usize) = (4, 3);

/// Staff and family, whose name follows after の: ホットラインの百目鬼です.
const OF: [&str; 22] = [
    "ホットライン",
    "センター",
    "相談室",
    "連携室",
    "病院",
    "クリニック",
    "医院",
    "看護師",
    "相談員",
    "担当",
    "主治医",
    "薬剤師",
    "ワーカー",
    "MSW",
    "科",
    "窓口",
    "係",
    "息子",
    "娘",
    "家内",
    "患者",
    "受付",
];

/// What one says before the own name at the beginning of a call.
const CALLS: [&str; 8] = ["もしもし", "お電話し", "電話した", "お世話", "ご相談し", "お願い", "ありがとう", "いただい"];

/// Adds the names in kanji of the text.
pub(super) fn find(scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
    let text = scene.text;
    let mut rest = 0;
    while let Some(offset) = text[rest..].find(is_kanji) {
        let start = rest + offset;
        let end = start + text[start..].find(|c| !is_kanji(c)).unwrap_or(text.len() - start);
        rest = end;
        if let Some(span) = full(scene, start, end).or_else(|| said(scene, start, end)) {
            found.push(span);
        }
    }
}

/// A run of kanji that is a surname and a given name, together or with a space between.
fn full(scene: &Scene<'_>, start: usize, end: usize) -> Option<IdentifierSpan> {
    let run = &scene.text[start..end];
    let word = |text: &str| scene.lexis.word(text);
    let surname = |text: &str, listed: bool| {
        let chars = text.chars().count();
        let bits = if listed { flag::ANY_SURNAME | flag::DICTIONARY_SURNAME } else { flag::LISTED_SURNAME };
        (1..=LONGEST.0).contains(&chars) && word(text) & bits != 0 && (chars >= 2 || listed && word(text) & flag::ANY_SURNAME != 0)
    };
    let person = |from: usize, to: usize| Some(scene.span(from, to, IdentifierType::Person));
    // 三上 敏子: the given name stands after a space.
    if let Some(after) = scene.after(end).strip_prefix(' ') {
        let given = &after[..after.find(|c| !is_kanji(c)).unwrap_or(after.len())];
        let bits = word(given);
        if !given.is_empty()
            && given.chars().count() <= LONGEST.1
            && (bits & (flag::LISTED_GIVEN | flag::KNOWN_GIVEN) != 0 && surname(run, true)
                || bits & flag::ANY_GIVEN != 0 && surname(run, false))
        {
            return person(start, end + 1 + given.len());
        }
    }
    run.chars().nth(2)?;
    for chars in (2..=LONGEST.1).rev() {
        let given = tail(run, chars);
        let bits = word(given);
        let before = &run[..run.len() - given.len()];
        // 下山|隼吾: two pieces of the long lists, where the dictionary has no word for the given name.
        let known = bits & flag::KNOWN_GIVEN != 0
            && !is_one_word(scene, end - given.len(), end)
            && (surname(before, true) || word(before) & flag::KNOWN_SURNAME != 0 && before.chars().nth(1).is_some());
        if known || bits & flag::ANY_GIVEN != 0 && surname(before, bits & flag::LISTED_GIVEN != 0) {
            return person(start, end);
        }
    }
    None
}

/// Whether the dictionary has the text between two bytes as one word that is no name.
pub(super) fn is_one_word(scene: &Scene<'_>, start: usize, end: usize) -> bool {
    let i = scene.tokens.partition_point(|t| (t.start as usize) < start);
    scene.start(i) == start && scene.end(i) == end && !scene.has(i, flag::PERSON)
}

/// A run of kanji that makes no word, where the sentence says whose name it is: ホットラインの百目鬼です, もしもし、真栄田ですけど.
fn said(scene: &Scene<'_>, start: usize, end: usize) -> Option<IdentifierSpan> {
    let run = &scene.text[start..end];
    if !(2..=LONGEST.0).contains(&run.chars().count()) {
        return None;
    }
    let after = scene.after(end);
    // Every word that may follow begins with one of these.
    let follows =
        |c: char| matches!(c, 'で' | 'だ' | 'じ' | 'や' | 'ち' | 'と' | 'て' | 'っ' | 'が' | 'い' | '言' | 'ま' | 'へ' | '宛' | '。');
    if !after.chars().next().is_none_or(follows) {
        return None;
    }
    let before = scene.before(start);
    let until = ["まで", "へ", "宛"].iter().any(|word| after.starts_with(word))
        && ["連絡は", "電話は", "連絡先は", "折り返し", "折り返しは", "宛先は"].iter().any(|word| before.ends_with(word));
    if !until && !closes(after) && !introduces(after) {
        return None;
    }
    let staff = before.strip_suffix('の').is_some_and(|before| OF.iter().any(|word| before.ends_with(word)));
    let caller = || CALLS.iter().any(|word| scene.text.contains(word)) && is_opening(scene, start);
    if !until && !staff && !caller() {
        return None;
    }
    let bits = scene.lexis.word(run);
    let ordinary = flag::FAMILY | flag::FACILITY_GENERIC | flag::FACILITY_SUFFIX | flag::CUES | flag::HONORIFIC;
    let name =
        bits & (flag::ANY_SURNAME | flag::DICTIONARY_SURNAME) != 0 || (bits & flag::MUNICIPALITY == 0 && is_no_word(scene, start, end));
    (name && bits & ordinary == 0).then(|| scene.span(start, end, IdentifierType::Person))
}

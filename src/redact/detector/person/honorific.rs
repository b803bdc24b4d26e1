//! Names before さん, 様, 先生, 医師 and their like, listed or not; not お母さん, 看護師さん, 業者さん.

use super::context::is_honorific_end;
use crate::redact::detector::{is_no_word, kanji_before};
use crate::redact::lexis::{PREFECTURES, flag, is_hiragana, is_japanese, is_kanji, is_katakana};
use crate::redact::scene::Scene;

/// Honorifics that follow a name or a listed word; the others are titles, which also follow departments and tasks.
const POLITE: [&str; 14] = ["さん", "様", "さま", "氏", "君", "くん", "ちゃん", "殿", "先生", "はん", "夫人", "Dr", "Dr.", "ドクター"];

/// Where the name before honorific token `i` begins, if a name stands there.
pub(super) fn name_before(scene: &Scene<'_>, i: usize) -> Option<usize> {
    let title = scene.surface(i);
    let spaced = i > 0 && !scene.touches(i - 1) && &scene.text[scene.end(i - 1)..scene.start(i)] == " ";
    if i == 0
        || !(scene.touches(i - 1) || spaced)
        || scene.has(i, flag::PRONOUN)
        || !is_honorific_end(scene.after(scene.start(i)), title.len())
    {
        return None;
    }
    // の先生, は様: a particle before it, and no name.
    if matches!(scene.surface(i - 1), "の" | "は" | "が" | "を" | "も" | "で" | "た" | "な" | "い" | "、" | "。") {
        return None;
    }
    if scene.has(i - 1, flag::FAMILY) {
        return None;
    }
    let from = (0..i).rev().take(5).take_while(|&j| j + 1 == i || scene.touches(j)).last()?;
    // A family term that ends here, however the dictionary cuts it, is not a name; nor is お + a word (お邪魔さん).
    let family = |word: &str| scene.lexis.word(word) & flag::FAMILY != 0;
    if (from..i).any(|j| {
        family(scene.joined(j, i))
            || family(scene.joined(j, i + 1))
            || (j > 0 && scene.touches(j - 1) && matches!(scene.surface(j - 1), "お" | "ご" | "御"))
    }) {
        return None;
    }
    if scene.has(i - 1, flag::CONCEPT | flag::PRONOUN | flag::NUMBER | flag::HONORIFIC) || !scene.surface(i - 1).ends_with(is_japanese) {
        return None;
    }
    let polite = POLITE.contains(&title);
    let medical = matches!(title, "医師" | "Dr" | "Dr." | "ドクター" | "先生" | "教授" | "准教授" | "看護師");
    if let Some(start) = listed(scene, from, i, polite, medical) {
        return Some(start);
    }
    let last = i - 1;
    if scene.has(last, flag::PERSON) {
        let first = (from..i).rev().take_while(|&j| scene.has(j, flag::PERSON)).last().unwrap_or(last);
        return Some(scene.start(first));
    }
    if !(polite || medical) || spaced {
        return None;
    }
    let surface = scene.surface(last);
    // A place before 医師 or さん is a surname unless it is a place everybody knows: 目黒医師, but 札幌さん is nobody.
    if scene.has(last, flag::REGION) && !scene.has(last, flag::COUNTRY) && !PREFECTURES.contains(&surface) && surface.chars().count() >= 2 {
        let said = ["とおっしゃ", "という", "って方", "いう方", "、下のお", "と名乗"]
            .iter()
            .any(|word| scene.after(scene.end(i)).starts_with(word));
        let known_place = scene.has(last, flag::MUNICIPALITY) && !medical && !said;
        return (!known_place && !scene.has(last, flag::FACILITY_GENERIC)).then(|| scene.start(last));
    }
    // 阿比留, 興梠: kanji that make no word.
    if let Some((start, _)) = kanji_before(scene, scene.end(last), 4).filter(|&(start, _)| is_no_word(scene, start, scene.end(last))) {
        return Some(start);
    }
    kana(scene, i, from, title)
}

/// The longest name of a list that ends before token `i`, also one the dictionary cuts into pieces, with the surname before
/// a given name.
fn listed(scene: &Scene<'_>, from: usize, i: usize, polite: bool, medical: bool) -> Option<usize> {
    for j in from..i {
        let word = scene.joined(j, i);
        let flags = scene.lexis.word(word);
        let single = word.chars().nth(1).is_none();
        let one = j + 1 == i;
        let known = flags & (flag::KNOWN_SURNAME | flag::KNOWN_GIVEN) != 0 && polite && !single && word.starts_with(is_kanji);
        if flags & (flag::ANY_SURNAME | flag::ANY_GIVEN) != 0 || known && (!one || scene.has(j, flag::PERSON | flag::UNKNOWN)) {
            let place = scene.has(j, flag::REGION) && flags & flag::LISTED_SURNAME == 0 && !polite && !medical;
            let verb = one && !scene.has(j, flag::NOUN) && flags & (flag::LISTED_SURNAME | flag::LISTED_GIVEN) == 0;
            let end_of_word = single
                && j > 0
                && scene.touches(j - 1)
                && scene.has(j - 1, flag::NOUN)
                && !scene.has(j - 1, flag::PERSON)
                && is_kanji_word(scene, j - 1);
            if !(place || verb || end_of_word) {
                return Some(with_surname(scene, j));
            }
        } else if flags & (flag::DICTIONARY_SURNAME | flag::DICTIONARY_GIVEN) != 0 && one && !single && (polite || medical) {
            // 風間Dr: an everyday noun to the dictionary, which also knows it as a surname.
            let noun =
                scene.has(j, flag::NOUN) && !scene.has(j, flag::SUFFIX | flag::FACILITY_GENERIC | flag::FACILITY_SUFFIX | flag::CONCEPT);
            let kana = word.chars().all(is_hiragana);
            if noun && !kana {
                return Some(with_surname(scene, j));
            }
        }
    }
    None
}

/// Names in kana, and kana with a last kanji: ひより, トシ子.
fn kana(scene: &Scene<'_>, i: usize, from: usize, title: &str) -> Option<usize> {
    let last = i - 1;
    let surface = scene.surface(last);
    if !scene.has(last, flag::NOUN) || scene.has(last, flag::FACILITY_SUFFIX | flag::FACILITY_GENERIC) {
        return None;
    }
    let chars = surface.chars().count();
    let unknown = scene.has(last, flag::UNKNOWN) && chars >= 2 && !scene.has(last, flag::SUFFIX);
    let proper = scene.has(last, flag::PROPER) && surface.chars().all(is_katakana) && chars <= 5;
    if unknown || proper {
        return Some(scene.start(last));
    }
    if matches!(surface, "子" | "美" | "代" | "江" | "枝" | "恵")
        && last > from
        && scene.surface(last - 1).chars().all(|c| is_katakana(c) || is_hiragana(c))
    {
        return (scene.has(last - 1, flag::NOUN) && scene.surface(last - 1).chars().count() <= 3).then(|| scene.start(last - 1));
    }
    let child = matches!(title, "ちゃん" | "くん") && surface.chars().all(is_hiragana) && (2..=4).contains(&chars);
    child.then(|| scene.start(last))
}

fn is_kanji_word(scene: &Scene<'_>, i: usize) -> bool {
    scene.surface(i).ends_with(|c: char| is_kanji(c) || is_katakana(c))
}

/// From given name `i`, back to the surname before it.
fn with_surname(scene: &Scene<'_>, i: usize) -> usize {
    if i > 0 && scene.has(i - 1, flag::ANY_SURNAME | flag::SURNAME) && scene.lexis.word(scene.surface(i)) & flag::LISTED_SURNAME == 0 {
        let gap = &scene.text[scene.end(i - 1)..scene.start(i)];
        if gap.is_empty() || gap == " " {
            return scene.start(i - 1);
        }
    }
    scene.start(i)
}

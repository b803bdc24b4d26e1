//! Names written in katakana only: ヤマモト ケイコ, ヤマモトケイコ, マルヤマ ヒデオ.

use super::context::{closes, goes_on, honorific_follows, introduces, is_announced, is_opening};
use crate::redact::lexis::{flag, is_katakana};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

/// Adds the names in katakana of the text.
pub(super) fn find(scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
    let runs = runs(scene.text);
    for (n, &(start, end)) in runs.iter().enumerate() {
        let word = &scene.text[start..end];
        if let Some(&(second, last)) = runs.get(n + 1).filter(|next| matches!(&scene.text[end..next.0], " " | "・")) {
            let (surname, given) = (scene.lexis.word(word), scene.lexis.word(&scene.text[second..last]));
            let first = surname & flag::ANY_SURNAME != 0;
            let then = given & flag::LISTED_GIVEN != 0;
            let plausible = |text: &str| (2..=6).contains(&text.chars().count());
            if first && plausible(&scene.text[second..last]) || then && plausible(word) {
                found.push(scene.span(start, last, IdentifierType::Person));
            }
        } else if is_word(scene, start, end) {
            // クリニック and its like: most katakana.
        } else if is_glued(scene, word) || is_long_name(scene, word, start, end) {
            found.push(scene.span(start, end, IdentifierType::Person));
        } else if scene.lexis.word(word) & (flag::ANY_SURNAME | flag::ANY_GIVEN) != 0 {
            let after = scene.after(end);
            let past = scene.tokens.partition_point(|t| (t.start as usize) < end);
            let named = introduces(after) || honorific_follows(scene, after) || (closes(after) && is_opening(scene, start));
            if named && !goes_on(scene, past, end) || honorific_follows(scene, after) {
                found.push(scene.span(start, end, IdentifierType::Person));
            }
        }
    }
}

/// Whether the run is one everyday word of the dictionary.
fn is_word(scene: &Scene<'_>, start: usize, end: usize) -> bool {
    let token = scene.tokens.partition_point(|t| (t.start as usize) < start);
    let name = flag::UNKNOWN | flag::PROPER | flag::ANY_SURNAME | flag::ANY_GIVEN;
    scene.start(token) == start && scene.end(token) == end && !scene.has(token, name)
}

/// The runs of katakana of at least two characters.
fn runs(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, is_katakana(c)) {
            (None, true) => start = Some(at),
            (Some(first), false) => {
                if text[first..at].chars().nth(1).is_some() {
                    out.push((first, at));
                }
                start = None;
            }
            _ => {}
        }
    }
    out
}

/// ヤマダハナコです: a surname and something of the length of a given name, where a speaker says who it is.
fn is_long_name(scene: &Scene<'_>, word: &str, start: usize, end: usize) -> bool {
    let after = scene.after(end);
    let said =
        introduces(after) || is_announced(scene, start) || honorific_follows(scene, after) || (closes(after) && is_opening(scene, start));
    said && word.char_indices().skip(2).any(|(at, _)| {
        let (first, rest) = word.split_at(at);
        scene.lexis.word(first) & flag::LISTED_SURNAME != 0 && (2..=5).contains(&rest.chars().count())
    })
}

/// Whether a word is a surname and a given name without a space.
fn is_glued(scene: &Scene<'_>, word: &str) -> bool {
    word.char_indices().skip(2).any(|(at, _)| {
        let (first, rest) = word.split_at(at);
        let surname = scene.lexis.word(first);
        let given = if surname & flag::LISTED_SURNAME != 0 { flag::ANY_GIVEN } else { flag::LISTED_GIVEN };
        surname & flag::ANY_SURNAME != 0 && scene.lexis.word(rest) & given != 0
    })
}

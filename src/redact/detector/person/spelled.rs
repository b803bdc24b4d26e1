//! How the characters of a name are told on the telephone: 田んぼの田に中, さんずいの河に野原の野.
//!
//! Each part names a word that holds the character (田んぼ の 田), which hardly anything else in Japanese does.

use crate::redact::lexis::{flag, is_kanji, is_katakana};
use crate::redact::scene::{Scene, tail};
use crate::redact::{IdentifierSpan, IdentifierType};

/// Longest word that explains a character.
const WORD_CHARS: usize = 6;

/// Names of parts of characters.
const RADICALS: [&str; 18] = [
    "さんずい",
    "にんべん",
    "きへん",
    "木へん",
    "くさかんむり",
    "草冠",
    "いとへん",
    "糸へん",
    "ごんべん",
    "てへん",
    "りっしんべん",
    "しめすへん",
    "こざと",
    "うかんむり",
    "ぎょうにんべん",
    "おんなへん",
    "つちへん",
    "かねへん",
];

/// Whether a name is spoken of: one may be here, or was asked for.
pub(super) fn names_here(scene: &Scene<'_>) -> bool {
    scene.seen & (flag::PERSON | flag::NAME_CUE | flag::ANY_SURNAME) != 0 || scene.asked & flag::NAME_CUE != 0
}

/// Adds the parts of the text that spell a name out by words that hold its characters, as one span.
pub(super) fn find(scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
    if !names_here(scene) && scene.seen & flag::UNKNOWN_KATAKANA == 0 {
        return;
    }
    let text = scene.text;
    let mut first = None;
    let mut last = 0;
    for (at, _) in text.match_indices('の') {
        let after = at + 'の'.len_utf8();
        let Some(character) = text[after..].chars().next().filter(|&c| is_kanji(c)) else { continue };
        let end = after + character.len_utf8();
        // 蒸し暑いタイプの暑さ: the word goes on.
        if text[end..].starts_with(|c: char| is_kanji(c) || is_katakana(c) || "さいくみしきる".contains(c)) {
            continue;
        }
        let word = tail(&text[..at], WORD_CHARS);
        let word = word.rsplit(['、', '。', 'に', 'で', ' ', '「', 'は', 'が', 'を', 'も', 'と', 'の']).next().unwrap_or(word);
        let radical = RADICALS.iter().find(|r| word.ends_with(['ん', 'い', '冠', 'と']) && text[..at].ends_with(*r)).copied();
        // 河 of さんずいの河に野原の野で河野.
        let named = || {
            let names = found.iter().filter(|s| s.kind == IdentifierType::Person && s.start as usize != after);
            let names = names.map(|s| &text[s.start as usize..s.end as usize]);
            names.into_iter().any(|name| name.contains(character)) && text[end..].starts_with(['に', 'と', '、', 'で'])
        };
        let spells = radical.is_some();
        let word = radical.unwrap_or(word);
        let (long, named) = (word.chars().nth(1).is_some(), named());
        if !word.is_empty() && (named || long && (spells || word.contains(character))) {
            first.get_or_insert(at - word.len());
            last = end;
        }
    }
    let Some(start) = first else { return };
    // 田んぼの田に中で: the character after に that stands alone belongs to it.
    let rest = &text[last..];
    let more = rest.strip_prefix(['に', 'と', '、']).and_then(|r| {
        let c = r.chars().next().filter(|&c| is_kanji(c))?;
        (!r[c.len_utf8()..].starts_with(is_kanji)).then(|| rest.len() - r.len() + c.len_utf8())
    });
    found.push(scene.span(start, last + more.unwrap_or(0), IdentifierType::Person));
}

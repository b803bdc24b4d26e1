//! Personal names that lists and rules tell for certain: by an honorific, as surname with given name, spelled out (田んぼの田に中), or
//! because the word is nothing but a surname. What the words around a name tell is for [`super::context`].

mod context;
mod honorific;
mod introduction;
mod known;
mod spelled;

use super::Detector;
use crate::error::Result;
use crate::redact::lexis::{Flags, PREFECTURES, flag, is_hiragana, is_kanji, is_katakana};
use crate::redact::prefilter::PrefilterBuilder;
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};
use context::{
    closes, continues_word, goes_on, has_greeting, has_role_before, honorific_follows, introduces, is_announced, is_opening, is_place_use,
};

pub(super) struct PersonDetector {
    introduction: introduction::Introduction,
    known: known::Known,
}

impl PersonDetector {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self { introduction: introduction::Introduction::new(words)?, known: known::Known::new(words)? })
    }
}

impl Detector for PersonDetector {
    fn triggers(&self) -> Flags {
        flag::PERSON
            | flag::HONORIFIC
            | flag::ANY_SURNAME
            | flag::LISTED_GIVEN
            | flag::INTRODUCTION
            | flag::NAME_CUE
            | flag::UNKNOWN_KATAKANA
            | flag::FACILITY_SUFFIX
            | flag::FAMILY
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let mut i = 0;
        while i < scene.tokens.len() {
            if scene.has(i, flag::HONORIFIC)
                && let Some(start) = honorific::name_before(scene, i)
            {
                found.push(scene.span(start, scene.end(i - 1), IdentifierType::Person));
            }
            match name_at(scene, i) {
                Some(name) if is_accepted(scene, i, &name) => {
                    found.push(scene.span(scene.start(i), name.end, IdentifierType::Person));
                    i = name.past.max(i + 1);
                }
                _ => i += 1,
            }
        }
        self.introduction.find(scene, found);
        self.known.find(scene, found);
        spelled::find(scene, found);
        // 愛知といえば, a prefecture that is talked about.
        found.retain(|s| {
            let after = scene.after(s.end as usize);
            let is_talked_about = ["といえば", "といったら", "って言えば", "っていえば"].iter().any(|word| after.starts_with(word));
            s.kind != IdentifierType::Person || !(is_talked_about && PREFECTURES.contains(&&scene.text[s.start as usize..s.end as usize]))
        });
    }
}

/// What a sequence of tokens looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A word the dictionary also knows as a surname, or a place: counts after a role only.
    Weak,
    /// A word that is listed as a surname and is something else, too.
    Possible,
    /// A given name alone.
    Given,
    /// A word that the dictionary takes for a surname here.
    Known,
    /// A word that is nothing but a surname.
    Sure,
    /// Surname and given name.
    Full,
}

/// A possible name: one past its last token, its last byte, what it looks like.
struct Name {
    past: usize,
    end: usize,
    kind: Kind,
}

/// The possible name that begins at token `i`.
fn name_at(scene: &Scene<'_>, i: usize) -> Option<Name> {
    if scene.has(i, flag::CONCEPT) || !scene.has(i, flag::NOUN) && !scene.has(i, flag::ANY_SURNAME) {
        return None;
    }
    let surface = scene.surface(i);
    let two = surface.chars().nth(1).is_some();
    let kind = if scene.has(i, flag::LISTED_SURNAME) {
        Kind::Sure
    } else if scene.has(i, flag::SURNAME) {
        Kind::Known
    } else if scene.has(i, flag::AMBIGUOUS_SURNAME) {
        Kind::Possible
    } else if scene.has(i, flag::LISTED_GIVEN) || (scene.has(i, flag::GIVEN) && two) {
        Kind::Given
    } else if scene.has(i, flag::PERSON) {
        Kind::Possible
    } else if scene.has(i, flag::DICTIONARY_SURNAME | flag::REGION)
        && !scene.has(i, flag::COUNTRY | flag::FAMILY | flag::HONORIFIC | flag::SUFFIX)
    {
        Kind::Weak
    } else {
        return None;
    };
    if kind != Kind::Given
        && let Some((past, end)) = given_after(scene, i, kind)
    {
        return Some(Name { past, end, kind: Kind::Full });
    }
    Some(Name { past: i + 1, end: scene.end(i), kind })
}

/// The given name after surname token `i`, next to it or after one space: its last token and byte.
fn given_after(scene: &Scene<'_>, i: usize, kind: Kind) -> Option<(usize, usize)> {
    let next = i + 1;
    if next >= scene.tokens.len() {
        return None;
    }
    let gap = &scene.text[scene.end(i)..scene.start(next)];
    let spaced = gap == " ";
    if !(gap.is_empty() || spaced) || scene.has(next, flag::CONCEPT) {
        return None;
    }
    let single = scene.surface(i).chars().nth(1).is_none();
    let one = scene.has(next, flag::NOUN) && !scene.has(next, flag::SUFFIX);
    let two = scene.surface(next).chars().nth(1).is_some();
    let hiragana = scene.surface(next).chars().all(is_hiragana);
    let listed = scene.has(next, flag::LISTED_GIVEN);
    let named = scene.has(next, flag::GIVEN) && two;
    // Some given names are words (仁, 実, 正): beside a surname or where the dictionary sees a name, they are names.
    let fits = match kind {
        Kind::Weak => {
            listed && (spaced || !hiragana)
                || spaced && (named || scene.has(next, flag::PERSON | flag::DICTIONARY_GIVEN) && two && !hiragana)
        }
        Kind::Possible => listed || named && !hiragana,
        _ if single => listed || (named && scene.has(i, flag::ANY_SURNAME) && !hiragana),
        _ => listed || named || scene.has(next, flag::GIVEN | flag::AMBIGUOUS_GIVEN),
    };
    if one && fits {
        return Some((next + 1, scene.end(next)));
    }
    if kind >= Kind::Known || (kind == Kind::Possible && spaced) { given_in_pieces(scene, next, spaced, kind) } else { None }
}

/// A given name that the dictionary does not know as one word: 緑川 佐和, 畠山 キヌ, 長谷川勝則.
fn given_in_pieces(scene: &Scene<'_>, next: usize, spaced: bool, kind: Kind) -> Option<(usize, usize)> {
    let after = scene.after(scene.start(next));
    let (script, longest): (fn(char) -> bool, usize) = if after.starts_with(is_kanji) {
        (is_kanji, 3)
    } else if after.starts_with(is_katakana) && spaced {
        (is_katakana, 6)
    } else if after.starts_with(is_hiragana) && spaced {
        (is_hiragana, 5)
    } else {
        return None;
    };
    let name = &after[..after.find(|c| !script(c)).unwrap_or(after.len())];
    let chars = name.chars().count();
    if chars > longest || after[name.len()..].starts_with(|c: char| is_kanji(c) || is_katakana(c)) {
        return None;
    }
    let end = scene.start(next) + name.len();
    let past = scene.tokens.partition_point(|t| (t.start as usize) < end);
    let found = Some((past, end));
    let listed = scene.lexis.word(name) & flag::ANY_GIVEN != 0;
    if listed || scene.end(past - 1) != end {
        return found.filter(|_| listed && (spaced || !after.starts_with(is_hiragana)));
    }
    if after.starts_with(is_hiragana) {
        return None;
    }
    let ordinary = flag::FAMILY
        | flag::HONORIFIC
        | flag::FACILITY_SUFFIX
        | flag::FACILITY_GENERIC
        | flag::CONCEPT
        | flag::CUES
        | flag::SUFFIX
        | flag::NUMBER;
    let namelike = flag::UNKNOWN | flag::PERSON | flag::ANY_GIVEN | flag::DICTIONARY_GIVEN | flag::DICTIONARY_SURNAME;
    let words = (next..past).any(|j| {
        let proper =
            scene.has(j, namelike) || (after.starts_with(is_katakana) && (scene.has(j, flag::PROPER) || kind >= Kind::Sure && chars <= 4));
        scene.has(j, ordinary) || !scene.has(j, flag::NOUN) || (!proper && scene.surface(j).chars().nth(1).is_some())
    });
    let evidence = spaced || (chars >= 2 && (next..past).any(|j| scene.has(j, flag::UNKNOWN | flag::PERSON | flag::ANY_GIVEN)));
    found.filter(|_| !words && evidence)
}

/// Whether the name that begins at token `i` is one here.
fn is_accepted(scene: &Scene<'_>, i: usize, name: &Name) -> bool {
    let after = scene.after(name.end);
    let start = scene.start(i);
    // Most words of this kind are places and everyday words: look at the cheap signs first.
    if name.kind == Kind::Weak && !(scene.before(start).ends_with('の') && after.starts_with('で')) && !introduces(after) {
        return false;
    }
    // `honorific` decides what stands next to an honorific; here only what a space separates from one.
    if name.kind >= Kind::Known && honorific_follows(scene, after) {
        return !scene.has(i, flag::FAMILY) && !continues_word(scene, i);
    }
    if goes_on(scene, name.past, name.end) {
        return false;
    }
    if name.kind == Kind::Full {
        // 頸部|郭|清 and 白|衣見 are words; one kanji that no list has is no surname in the middle of a text.
        let single = scene.surface(i).chars().nth(1).is_none() && !scene.has(i, flag::ANY_SURNAME);
        return !single && (!continues_word(scene, i) || scene.has(i, flag::LISTED_SURNAME));
    }
    if continues_word(scene, i) {
        return false;
    }
    let introduced = || introduces(after);
    let announced = || is_announced(scene, start);
    let asked = || scene.asked & flag::NAME_CUE != 0 && scene.text.chars().count() < 40;
    let role = || has_role_before(scene, i);
    let opens = || is_opening(scene, start);
    let ends = || closes(after);
    let place = scene.has(i, flag::REGION);
    match name.kind {
        Kind::Full => true,
        Kind::Sure if scene.has(i, flag::MUNICIPALITY) && is_place_use(after) && !role() => false,
        Kind::Sure => !place || scene.has(i, flag::SURNAME) || !is_place_use(after) || introduced() || role() || ends(),
        Kind::Known => {
            (is_rare(scene, i) && !is_place_use(after) && !after.starts_with("とか"))
                || introduced()
                || asked()
                || ends() && (role() || opens())
                || announced()
        }
        Kind::Given => {
            let seen_as_name = scene.has(i, flag::LISTED_GIVEN) && scene.has(i, flag::GIVEN | flag::PERSON | flag::UNKNOWN);
            seen_as_name || introduced() || announced() || ends() && (asked() || is_self(scene, start)) && opens()
        }
        Kind::Possible => {
            introduced() && (!place || role() || opens())
                || ends()
                    && (announced() || role() || asked() && opens() || has_greeting(scene) && opens() && (!place || is_calling(scene)))
        }
        Kind::Weak => {
            let generic =
                scene.has(i, flag::FACILITY_GENERIC | flag::FACILITY_SUFFIX | flag::CUES) || scene.surface(i).chars().nth(1).is_none();
            let of_staff = scene.before(start).ends_with('の') && (after.starts_with("です") || after.starts_with("でござ"));
            !generic
                && (of_staff && !scene.has(i, flag::MUNICIPALITY) && role()
                    || introduced() && scene.has(i, flag::DICTIONARY_SURNAME) && (opens() || role()))
        }
    }
}

/// Whether somebody calls and says who it is.
fn is_calling(scene: &Scene<'_>) -> bool {
    ["もしもし", "お電話し", "電話した", "お世話"].iter().any(|word| scene.text.contains(word))
}

/// Whether the speaker just said 私.
fn is_self(scene: &Scene<'_>, start: usize) -> bool {
    let before = scene.before(start).trim_end_matches(['、', ' ', 'は']);
    ["私", "わたし", "わたくし", "僕"].iter().any(|word| before.ends_with(word))
}

/// A surname of two and more kanji that the dictionary sees here and no list has: it is hardly anything else.
fn is_rare(scene: &Scene<'_>, i: usize) -> bool {
    let surface = scene.surface(i);
    scene.has(i, flag::SURNAME)
        && !scene.has(i, flag::AMBIGUOUS_SURNAME | flag::MUNICIPALITY)
        && surface.chars().nth(1).is_some()
        && surface.chars().all(is_kanji)
}

//! Features of a token and its neighbours, as numbers for looking up and as words for the table.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use crate::morphology::{ClassInfo, LemmaId, Lexicon, Pos};
use crate::redact::lexis::{Flags, PREFECTURES, flag, is_hiragana, is_kanji, is_katakana};
use crate::redact::scene::Scene;

/// The number of a feature: a hash of what it says.
pub(in crate::redact) type Key = u64;

/// Features of one value: their names in the table.
const SINGLE: [&str; 12] = ["w", "w-2", "w-1", "w+1", "w+2", "k-2", "k-1", "k", "k+1", "k+2", "first", "last"];
/// Features of two values.
const PAIRS: [&str; 4] = ["w-1,k", "k,w+1", "w+1,w+2", "w-2,w-1"];
/// What lists say of the token before, the token itself, and the next.
const LISTS: [&str; 3] = ["l-1", "l", "l+1"];

/// Lists and their names in the table.
const BITS: [(&str, Flags); 16] = [
    ("surname", flag::LISTED_SURNAME),
    ("surname?", flag::AMBIGUOUS_SURNAME),
    ("given", flag::LISTED_GIVEN),
    ("given?", flag::AMBIGUOUS_GIVEN),
    ("known-surname", flag::KNOWN_SURNAME),
    ("known-given", flag::KNOWN_GIVEN),
    ("ipadic-surname", flag::DICTIONARY_SURNAME),
    ("ipadic-given", flag::DICTIONARY_GIVEN),
    ("ipadic-region", flag::DICTIONARY_REGION),
    ("municipality", flag::MUNICIPALITY),
    ("municipality-suffix", flag::MUNICIPALITY_SUFFIX),
    ("address-word", flag::ADDRESS_WORD),
    ("facility-suffix", flag::FACILITY_SUFFIX),
    ("facility-generic", flag::FACILITY_GENERIC),
    ("honorific", flag::HONORIFIC),
    ("family", flag::FAMILY),
];

/// What all lists of names say of the pieces the dictionary cuts a name into: of the token before, the token itself, and the next.
const NAMES: [&str; 3] = ["n-1", "n", "n+1"];
/// Of which the token is a piece.
const PIECE_OF: [(&str, Flags); 2] = [("surname", flag::ANY_SURNAME | flag::KNOWN_SURNAME), ("given", flag::ANY_GIVEN | flag::KNOWN_GIVEN)];
/// Pieces of a name, and its bytes.
const PIECES: usize = 3;
const LONGEST_NAME: usize = 18;

/// What stands beyond the ends of the text.
const EDGE: &str = "<>";

/// Bits of which a token must have one to be a name wherever it stands.
const NAMELIKE: Flags = flag::PERSON
    | flag::SURNAME
    | flag::GIVEN
    | flag::REGION
    | flag::PROPER
    | flag::UNKNOWN
    | flag::ANY_SURNAME
    | flag::ANY_GIVEN
    | flag::DICTIONARY_SURNAME
    | flag::DICTIONARY_GIVEN
    | flag::DICTIONARY_REGION
    | flag::MUNICIPALITY
    | flag::FACILITY_SUFFIX;
/// Bits near which any noun may be one.
const NEAR: Flags =
    flag::HONORIFIC | flag::NAME_CUE | flag::INTRODUCTION | flag::FACILITY_SUFFIX | flag::MUNICIPALITY_SUFFIX | flag::ADDRESS_WORD;
/// Without any of these there is no token to ask about.
pub(in crate::redact) const TRIGGERS: Flags = NAMELIKE | NEAR;
/// How many tokens away.
const NEARNESS: usize = 2;
/// Bits of what is no name.
const NEVER: Flags = flag::CONCEPT | flag::PRONOUN | flag::NAME_CUE;
/// Longer words that no dictionary knows are no names: a recogniser has lost its way.
const LONGEST_UNKNOWN: u32 = 36;

/// Looks at tokens with what the dictionary says of their classes.
#[derive(Debug, Clone)]
pub(in crate::redact) struct Look {
    /// Per class the name of its kind in the table, and its number.
    kinds: Vec<(Box<str>, Key)>,
    /// Per class whether its words can be names.
    nouns: Vec<bool>,
}

impl Look {
    /// For one lexicon.
    pub(in crate::redact) fn new(lexicon: &Lexicon) -> Self {
        let kind = |class: &ClassInfo| {
            let kind = kind(class);
            let key = text_key(&kind);
            (kind.into_boxed_str(), key)
        };
        let is_noun = |class: &ClassInfo| {
            (matches!(class.pos, Pos::Noun | Pos::Prefix | Pos::Other) && !class.is_number()) || !class.known && class.pos != Pos::Symbol
        };
        Self { kinds: lexicon.classes().iter().map(kind).collect(), nouns: lexicon.classes().iter().map(is_noun).collect() }
    }

    /// Whether token `i` can be a part of a name. Most cannot, and cost nothing more.
    pub(in crate::redact) fn may_name(&self, scene: &Scene<'_>, i: usize) -> bool {
        let flags = scene.flags[i];
        let token = &scene.tokens[i];
        if flags & NEVER != 0 || token.end - token.start > LONGEST_UNKNOWN {
            return false;
        }
        let surface = scene.surface(i);
        let near = || i.saturating_sub(NEARNESS)..(i + NEARNESS + 1).min(scene.flags.len());
        let may = if flags & NAMELIKE != 0 {
            flags & flag::NUMBER == 0 && !surface.starts_with(|c: char| c.is_ascii_punctuation())
        } else {
            self.nouns[usize::from(token.class.0)] && scene.flags[near()].iter().any(|f| f & NEAR != 0)
        };
        may && !surface.starts_with(is_small_kana) && !PREFECTURES.contains(&surface)
    }

    /// Calls `each` with the number of every feature of token `i`.
    pub(in crate::redact) fn features(&self, scene: &Scene<'_>, i: usize, mut each: impl FnMut(Key)) {
        let at = |offset: isize| i.checked_add_signed(offset).filter(|j| *j < scene.tokens.len());
        let words = [-2, -1, 0, 1, 2].map(|offset| at(offset).map_or(text_key(EDGE), |j| word_key(scene, j)));
        let kinds = [-2, -1, 0, 1, 2].map(|offset| at(offset).map_or(text_key(EDGE), |j| self.kind_key(scene, j)));
        let surface = scene.surface(i);
        let char_key = |c: Option<char>| c.map_or(0, |c| u64::from(u32::from(c)));
        let (first, last) = (char_key(surface.chars().next()), char_key(surface.chars().next_back()));
        let single = [words[2], words[0], words[1], words[3], words[4], kinds[0], kinds[1], kinds[2], kinds[3], kinds[4], first, last];
        let pairs = [(words[1], kinds[2]), (kinds[2], words[3]), (words[3], words[4]), (words[0], words[1])];
        (0..).zip(single).for_each(|(template, value)| each(mix(template, value, 0)));
        (SINGLE.len() as u64..).zip(pairs).for_each(|(template, (a, b))| each(mix(template, a, b)));
        for ((list, offset), pieces) in [-1, 0, 1].into_iter().enumerate().zip(pieces(scene, i)) {
            let flags = at(offset).map_or(0, |j| scene.flags[j]);
            (0u64..).zip(BITS).filter(|(_, (_, bit))| flags & bit != 0).for_each(|(bit, _)| each(list_key(list, bit)));
            (0u64..).zip(PIECE_OF).filter(|(_, (_, bit))| pieces & bit != 0).for_each(|(bit, _)| each(name_key(list, bit)));
        }
    }

    /// The same features in words, in the same order.
    pub(super) fn describe(&self, lexicon: &Lexicon, scene: &Scene<'_>, i: usize) -> Vec<String> {
        let at = |offset: isize| i.checked_add_signed(offset).filter(|j| *j < scene.tokens.len());
        let words = [-2, -1, 0, 1, 2].map(|offset| at(offset).map_or(EDGE.to_owned(), |j| word_text(lexicon, scene, j)));
        let kinds = [-2, -1, 0, 1, 2].map(|offset| at(offset).map_or(EDGE.to_owned(), |j| self.kind_text(scene, j)));
        let surface = scene.surface(i);
        let char_text = |c: Option<char>| c.map_or(String::new(), String::from);
        let (first, last) = (char_text(surface.chars().next()), char_text(surface.chars().next_back()));
        let single =
            [&words[2], &words[0], &words[1], &words[3], &words[4], &kinds[0], &kinds[1], &kinds[2], &kinds[3], &kinds[4], &first, &last];
        let pairs = [(&words[1], &kinds[2]), (&kinds[2], &words[3]), (&words[3], &words[4]), (&words[0], &words[1])];
        let single = SINGLE.iter().zip(single).map(|(name, value)| format!("{name}={value}"));
        let pairs = PAIRS.iter().zip(pairs).map(|(name, (a, b))| format!("{name}={a},{b}"));
        let lists = LISTS.iter().zip([-1, 0, 1]).flat_map(|(name, offset)| {
            let flags = at(offset).map_or(0, |j| scene.flags[j]);
            BITS.iter().filter(move |(_, bit)| flags & bit != 0).map(move |(list, _)| format!("{name}={list}"))
        });
        let names = NAMES.iter().zip(pieces(scene, i)).flat_map(|(name, pieces)| {
            PIECE_OF.iter().filter(move |(_, bit)| pieces & bit != 0).map(move |(of, _)| format!("{name}={of}"))
        });
        single.chain(pairs).chain(lists).chain(names).collect()
    }

    fn kind_key(&self, scene: &Scene<'_>, j: usize) -> Key {
        mix(u64::MAX, self.kinds[usize::from(scene.tokens[j].class.0)].1, u64::from(shape(scene.surface(j))))
    }

    fn kind_text(&self, scene: &Scene<'_>, j: usize) -> String {
        format!("{}:{}", self.kinds[usize::from(scene.tokens[j].class.0)].0, shape(scene.surface(j)))
    }
}

/// The number of a feature of the table; `None` where this version knows no such feature.
pub(super) fn parse(lexicon: &Lexicon, feature: &str) -> Option<Key> {
    let (name, value) = feature.split_once('=')?;
    if let Some(list) = LISTS.iter().position(|n| *n == name) {
        let bit = BITS.iter().position(|(list, _)| *list == value)?;
        return Some(list_key(list, bit as u64));
    }
    if let Some(list) = NAMES.iter().position(|n| *n == name) {
        let bit = PIECE_OF.iter().position(|(of, _)| *of == value)?;
        return Some(name_key(list, bit as u64));
    }
    let of = |name: &str, value: &str| match name.chars().next()? {
        'w' => Some(match lexicon.find_lemma(value).filter(|lemma| *lemma != LemmaId::SURFACE) {
            Some(lemma) => lemma_key(lemma),
            None => text_key(value),
        }),
        'k' if value == EDGE => Some(text_key(EDGE)),
        'k' => {
            let (kind, shape) = value.rsplit_once(':')?;
            Some(mix(u64::MAX, text_key(kind), shape.parse::<u8>().ok()?.into()))
        }
        _ => Some(value.chars().next().map_or(0, |c| u64::from(u32::from(c)))),
    };
    if let Some(template) = SINGLE.iter().position(|n| *n == name) {
        return Some(mix(template as u64, of(name, value)?, 0));
    }
    let template = PAIRS.iter().position(|n| *n == name)?;
    // A word may hold a comma of its own only where no other comma is: such features are never written.
    let ((first, second), (a, b)) = (name.split_once(',')?, value.split_once(',')?);
    Some(mix((SINGLE.len() + template) as u64, of(first, a)?, of(second, b)?))
}

/// Whether a feature can be written and read back.
pub(super) fn is_writable(feature: &str) -> bool {
    let (name, value) = feature.split_once('=').unwrap_or_default();
    !value.is_empty() && !value.contains(['\t', '\n', '\r']) && value.matches(',').count() == name.matches(',').count()
}

/// What no word begins with: the dictionary has cut a word in two.
fn is_small_kana(c: char) -> bool {
    matches!(
        c,
        'ぁ' | 'ぃ'
            | 'ぅ'
            | 'ぇ'
            | 'ぉ'
            | 'っ'
            | 'ゃ'
            | 'ゅ'
            | 'ょ'
            | 'ん'
            | 'ァ'
            | 'ィ'
            | 'ゥ'
            | 'ェ'
            | 'ォ'
            | 'ッ'
            | 'ャ'
            | 'ュ'
            | 'ョ'
            | 'ー'
    )
}

fn list_key(list: usize, bit: u64) -> Key {
    mix((SINGLE.len() + PAIRS.len() + list) as u64, bit, 0)
}

fn name_key(list: usize, bit: u64) -> Key {
    mix((SINGLE.len() + PAIRS.len() + LISTS.len() + list) as u64, bit, 0)
}

/// For the tokens before, at and behind `i`, the bits of all listed names that each and its neighbours make up together.
fn pieces(scene: &Scene<'_>, i: usize) -> [Flags; 3] {
    let mut bits = [0; 3];
    for count in 2..=PIECES {
        for from in i.saturating_sub(count)..=i + 1 {
            let to = from + count;
            let whole = to <= scene.tokens.len() && (from..to - 1).all(|k| scene.touches(k));
            if whole && scene.end(to - 1) - scene.start(from) <= LONGEST_NAME {
                let word = scene.lexis.word(scene.joined(from, to));
                // Token i - 1 + at is one of from..to.
                (0..).zip(&mut bits).filter(|(at, _)| (from + 1..to + 1).contains(&(i + at))).for_each(|(_, bits)| *bits |= word);
            }
        }
    }
    bits
}

fn word_key(scene: &Scene<'_>, j: usize) -> Key {
    match scene.tokens[j].lemma {
        LemmaId::SURFACE => text_key(scene.surface(j)),
        lemma => lemma_key(lemma),
    }
}

fn word_text(lexicon: &Lexicon, scene: &Scene<'_>, j: usize) -> String {
    lexicon.lemma(&scene.tokens[j], scene.text).to_owned()
}

fn lemma_key(lemma: LemmaId) -> Key {
    mix(u64::MAX - 1, u64::from(lemma.0), 0)
}

fn text_key(text: &str) -> Key {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}

fn mix(template: u64, a: u64, b: u64) -> Key {
    let mut hasher = FxHasher::default();
    hasher.write_u64(template);
    hasher.write_u64(a);
    hasher.write_u64(b);
    hasher.finish()
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

/// Script, and whether it is one character.
fn shape(surface: &str) -> u8 {
    let all = |is: fn(char) -> bool| surface.chars().all(is);
    let script = if all(is_kanji) {
        0
    } else if all(is_katakana) {
        1
    } else if all(is_hiragana) {
        2
    } else if all(|c| c.is_ascii_alphabetic()) {
        3
    } else if all(|c| c.is_ascii_digit()) {
        4
    } else {
        5
    };
    script * 2 + u8::from(surface.chars().nth(1).is_none())
}

//! Personal names: by an honorific, an introduction, a question for the name, as surname with given name, spelled out
//! (田んぼの田に中), or because the word is nothing but a surname.

use super::Detector;
use crate::redact::lexis::{Flags, flag, is_hiragana, is_japanese, is_kanji, is_katakana};
use crate::redact::scene::{Scene, tail};
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct PersonDetector;

/// What an introduction says after the name.
const INTRODUCES: [&str; 18] = [
    "と申",
    "ち申",
    "て申",
    "といいま",
    "と言いま",
    "と言う者",
    "という者",
    "いう者",
    "という名",
    "っていいま",
    "って言いま",
    "言います",
    "いいます",
    "でございます",
    "がお受け",
    "が承り",
    "が担当",
    "がうけたまわ",
];

/// What a speaker says after the own name when only the name makes the sentence.
const CLOSES: [&str; 12] = ["です", "だす", "でした", "だ。", "じゃ。", "や。", "やけど", "だけど", "。", "ですけど", "ですが", "と申"];

/// Words before a name that say who it is.
const ROLES: [&str; 34] = [
    "看護師",
    "相談員",
    "医師",
    "担当",
    "主治医",
    "先生",
    "院長",
    "師長",
    "MSW",
    "ソーシャルワーカー",
    "ワーカー",
    "薬剤師",
    "息子",
    "娘",
    "妻",
    "夫",
    "母",
    "父",
    "長男",
    "長女",
    "次男",
    "次女",
    "患者",
    "氏名",
    "名前",
    "お名前",
    "患者名",
    "受付",
    "ホットライン",
    "センター",
    "相談室",
    "連携室",
    "病院",
    "クリニック",
];

/// Departments and the like, by their last character.
const ROLE_ENDS: [char; 6] = ['科', '室', '部', '院', '課', '局'];

/// Nouns after a surname that leave it one: 田中家.
const AFTER_SURNAME: [&str; 10] = ["家", "宅", "本人", "自身", "一家", "姓", "両", "方", "夫婦", "名義"];

impl Detector for PersonDetector {
    fn triggers(&self) -> Flags {
        flag::PERSON
            | flag::HONORIFIC
            | flag::ANY_SURNAME
            | flag::LISTED_GIVEN
            | flag::INTRODUCTION
            | flag::NAME_CUE
            | flag::UNKNOWN_KATAKANA
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let mut i = 0;
        while i < scene.tokens.len() {
            if scene.has(i, flag::HONORIFIC) {
                if let Some(start) = before_honorific(scene, i) {
                    found.push(scene.span(start, scene.end(i - 1), IdentifierType::Person));
                    i += 1;
                    continue;
                }
            }
            let (past, end) = match name_at(scene, i) {
                Some((past, end, kind)) if is_accepted(scene, i, past, end, kind) => (past, end),
                _ => {
                    if let Some((past, end)) = introduced(scene, i) {
                        (past, end)
                    } else {
                        i += 1;
                        continue;
                    }
                }
            };
            found.push(scene.span(scene.start(i), end, IdentifierType::Person));
            i = past.max(i + 1);
        }
        spelled_out(scene, found);
    }
}

/// What a sequence of tokens looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A word that may be a surname.
    Possible,
    /// A given name alone.
    Given,
    /// A word that the dictionary takes for a surname.
    Known,
    /// A word that is nothing but a surname.
    Sure,
    /// Surname and given name.
    Full,
}

/// The name that begins at token `i`: one past its last token, its last byte, and what it looks like.
fn name_at(scene: &Scene<'_>, i: usize) -> Option<(usize, usize, Kind)> {
    if scene.has(i, flag::CONCEPT) || !scene.has(i, flag::NOUN) && !scene.has(i, flag::ANY_SURNAME) {
        return None;
    }
    let surface = scene.surface(i);
    let person = scene.has(i, flag::PERSON);
    if scene.has(i, flag::UNKNOWN_KATAKANA) && glued_kana_name(scene, surface) {
        return Some((i + 1, scene.end(i), Kind::Full));
    }
    let kind = if scene.has(i, flag::LISTED_SURNAME) {
        Kind::Sure
    } else if scene.has(i, flag::SURNAME) {
        Kind::Known
    } else if scene.has(i, flag::AMBIGUOUS_SURNAME) {
        Kind::Possible
    } else if scene.has(i, flag::LISTED_GIVEN) || (scene.has(i, flag::GIVEN) && surface.chars().nth(1).is_some()) {
        Kind::Given
    } else if person {
        Kind::Possible
    } else {
        return None;
    };
    if kind != Kind::Given {
        if let Some((past, end)) = given_after(scene, i, kind) {
            return Some((past, end, Kind::Full));
        }
    }
    Some((i + 1, scene.end(i), kind))
}

/// ヤマモトケイコ: a surname and a given name in katakana that no dictionary parts.
fn glued_kana_name(scene: &Scene<'_>, surface: &str) -> bool {
    surface.char_indices().skip(2).any(|(at, _)| {
        let (first, rest) = surface.split_at(at);
        scene.lexis.word(first) & flag::ANY_SURNAME != 0 && scene.lexis.word(rest) & flag::ANY_GIVEN != 0
    })
}

/// The given name after surname token `i`, next to it or after one space.
fn given_after(scene: &Scene<'_>, i: usize, kind: Kind) -> Option<(usize, usize)> {
    let next = i + 1;
    if next >= scene.tokens.len() {
        return None;
    }
    let gap = &scene.text[scene.end(i)..scene.start(next)];
    if !(gap.is_empty() || gap == " ") {
        return None;
    }
    let given = |flags: Flags| scene.has(next, flags) && scene.has(next, flag::NOUN) && !scene.has(next, flag::SUFFIX);
    // Some given names are words (仁, 実, 正): after a space or where the dictionary sees a name, they are names.
    let sure = given(flag::GIVEN | flag::LISTED_GIVEN) || (given(flag::AMBIGUOUS_GIVEN) && (kind >= Kind::Known || gap == " "));
    if sure && (kind > Kind::Possible || gap.is_empty()) {
        return Some((next + 1, scene.end(next)));
    }
    // Kanji or kana that only stand there as a given name: 緑川 佐和, 畠山 キヌ, 長谷川勝則.
    let after = scene.after(scene.start(next));
    let script: fn(char) -> bool = if after.starts_with(is_kanji) {
        is_kanji
    } else if after.starts_with(is_katakana) {
        is_katakana
    } else {
        is_hiragana
    };
    let name = &after[..after.find(|c| !script(c)).unwrap_or(after.len())];
    let chars = name.chars().count();
    let ends_here = !after[name.len()..].starts_with(|c: char| is_kanji(c) || is_katakana(c));
    let listed = scene.lexis.word(name) & flag::ANY_GIVEN != 0;
    let longest = if after.starts_with(is_kanji) { 3 } else { 6 };
    if chars == 0 || chars > longest || !ends_here || kind < Kind::Known {
        return None;
    }
    let end = scene.start(next) + name.len();
    let past = scene.tokens.partition_point(|t| (t.start as usize) < end);
    if scene.end(past - 1) != end && !listed {
        return None;
    }
    let words = (next..past).any(|j| {
        let ordinary = scene.has(
            j,
            flag::FAMILY | flag::HONORIFIC | flag::FACILITY_SUFFIX | flag::FACILITY_GENERIC | flag::CONCEPT | flag::CUES | flag::SUFFIX,
        ) || !scene.has(j, flag::NOUN);
        let known_word = !scene.has(j, flag::UNKNOWN | flag::PERSON | flag::ANY_GIVEN) && scene.surface(j).chars().nth(1).is_some();
        ordinary || known_word
    });
    let spaced = gap == " ";
    let unknown =
        (next..past).all(|j| scene.has(j, flag::UNKNOWN | flag::PERSON | flag::ANY_GIVEN) || scene.surface(j).chars().nth(1).is_none());
    let fits = listed
        || (!words
            && unknown
            && (spaced || (chars >= 2 && (next..past).any(|j| scene.has(j, flag::UNKNOWN | flag::PERSON | flag::ANY_GIVEN)))));
    (fits && !after.starts_with(is_hiragana) || listed && spaced).then_some((past, end))
}

/// Whether the name of tokens `i..past` that ends at byte `end` is one here.
fn is_accepted(scene: &Scene<'_>, i: usize, past: usize, end: usize, kind: Kind) -> bool {
    let after = scene.after(end);
    if scene
        .lexis
        .lists
        .honorifics
        .prefix_of(after.trim_start_matches(' '))
        .is_some_and(|len| is_honorific_end(after.trim_start_matches(' '), len))
    {
        let blank = after.starts_with(' ');
        return kind >= Kind::Given && !scene.has(i, flag::FAMILY)
            || kind == Kind::Possible && !blank && !scene.has(i, flag::REGION) && !scene.has(i, flag::FAMILY);
    }
    if kind == Kind::Full {
        return !is_place_or_disease(scene, past, end);
    }
    let introduced = INTRODUCES.iter().any(|word| after.starts_with(word));
    let asked = scene.asked & flag::NAME_CUE != 0 && scene.text.chars().count() < 40;
    let role = has_role_before(scene, i);
    let opens = is_opening(scene, i);
    let closes = CLOSES.iter().any(|word| after.starts_with(word)) || after.is_empty();
    let free = !is_place_or_disease(scene, past, end) && !continues_word(scene, i);
    match kind {
        Kind::Sure => {
            free && (!scene.has(i, flag::REGION) || scene.has(i, flag::SURNAME) || introduced || role || closes || !is_place_use(after))
        }
        Kind::Known => {
            free && (introduced
                || asked
                || role && (closes || i + 1 == scene.tokens.len())
                || opens && closes
                || is_rare(scene, i) && !is_place_use(after))
        }
        Kind::Possible => {
            free && (introduced && !scene.has(i, flag::REGION)
                || introduced && (role || opens)
                || asked && closes && opens
                || role && closes
                || opens && closes && has_greeting(scene) && !scene.has(i, flag::REGION))
        }
        Kind::Given => {
            free && (scene.has(i, flag::LISTED_GIVEN) && (scene.has(i, flag::GIVEN | flag::PERSON | flag::UNKNOWN) || introduced)
                || introduced
                || asked && closes && opens)
        }
        Kind::Full => true,
    }
}

/// A surname of two and more kanji that the dictionary knows and no list has: it is hardly anything else.
fn is_rare(scene: &Scene<'_>, i: usize) -> bool {
    let surface = scene.surface(i);
    scene.has(i, flag::SURNAME)
        && !scene.has(i, flag::AMBIGUOUS_SURNAME | flag::MUNICIPALITY)
        && surface.chars().nth(1).is_some()
        && surface.chars().all(is_kanji)
}

/// Whether an honorific of `len` bytes ends where a word ends: 氏 of 氏名 and 君 of 君主 do not.
fn is_honorific_end(after: &str, len: usize) -> bool {
    let (honorific, rest) = after.split_at(len);
    !(matches!(honorific, "氏" | "君" | "様" | "嬢" | "殿" | "代表" | "会長" | "部長")
        && rest.starts_with(is_kanji)
        && !rest.starts_with(['宅', '方', '本', '側']))
}

fn is_place_use(after: &str) -> bool {
    ["から", "に住", "まで", "在住", "出身", "の方", "市", "駅", "へ"].iter().any(|word| after.starts_with(word))
}

/// Whether the word goes on after the name: 橋本病, 清水寺, 田中内科, 松本市.
fn is_place_or_disease(scene: &Scene<'_>, past: usize, end: usize) -> bool {
    let after = scene.after(end);
    if !after.starts_with(|c: char| is_kanji(c) || is_katakana(c))
        && !(past < scene.tokens.len() && scene.start(past) == end && scene.has(past, flag::CONCEPT))
    {
        return false;
    }
    !AFTER_SURNAME.iter().any(|word| after.starts_with(word))
        && !(scene.start(past) == end && !scene.has(past, flag::NOUN) && !scene.has(past, flag::SUFFIX))
}

/// Whether the name is the end of a longer word: 東京山手, 新田中.
fn continues_word(scene: &Scene<'_>, i: usize) -> bool {
    if i == 0 || !scene.touches(i - 1) || !scene.has(i - 1, flag::NOUN) || has_role_before(scene, i) {
        return false;
    }
    scene.surface(i - 1).ends_with(|c: char| is_kanji(c) || is_katakana(c))
}

/// Whether who the name belongs to is said before it: 看護師の三浦, 呼吸器外科の桂, 息子の堀, 主治医 (比嘉.
fn has_role_before(scene: &Scene<'_>, i: usize) -> bool {
    let before = scene.before(scene.start(i)).trim_end_matches([' ', '(', '、', ':', '「', '・']);
    let before = before.strip_suffix('の').unwrap_or(before).trim_end_matches(['、', ' ', 'は', 'が']);
    if before.is_empty() {
        return false;
    }
    ROLES.iter().any(|role| before.ends_with(role)) || tail(before, 2).chars().count() == 2 && before.ends_with(ROLE_ENDS)
}

/// Whether nothing but a greeting or a filler stands before token `i` in its sentence.
fn is_opening(scene: &Scene<'_>, i: usize) -> bool {
    let before = scene.before(scene.start(i));
    let sentence = before.rsplit(['。', '?', '？', '!', '…']).next().unwrap_or(before).trim();
    let sentence = sentence.rsplit('、').next().unwrap_or(sentence).trim();
    sentence.is_empty()
        || [
            "はい",
            "あ",
            "あの",
            "えー",
            "えっと",
            "もしもし",
            "私",
            "わたし",
            "わたくし",
            "うち",
            "名前は",
            "名前、",
            "えーと",
            "ええと",
            "あのう",
            "僕",
            "俺",
        ]
        .contains(&sentence)
        || sentence.ends_with("名前は")
        || sentence.ends_with("氏名は")
        || sentence.ends_with("私")
}

fn has_greeting(scene: &Scene<'_>) -> bool {
    ["もしもし", "お世話", "ありがとう", "初めて", "はじめて", "お願い", "電話"].iter().any(|word| scene.text.contains(word))
}

/// A word before 「と申します」 that no list knows as a name.
fn introduced(scene: &Scene<'_>, i: usize) -> Option<(usize, usize)> {
    if !scene.has(i, flag::NOUN)
        || scene.has(
            i,
            flag::CONCEPT | flag::FAMILY | flag::FACILITY_SUFFIX | flag::FACILITY_GENERIC | flag::NUMBER | flag::SUFFIX | flag::PRONOUN,
        )
    {
        return None;
    }
    let surface = scene.surface(i);
    if !surface.chars().all(is_japanese) {
        return None;
    }
    let unknown = scene.has(i, flag::UNKNOWN);
    let after = scene.after(scene.end(i));
    let alone = i == 0 || !scene.touches(i - 1) || !scene.has(i - 1, flag::NOUN) || !scene.surface(i - 1).chars().all(is_japanese);
    let says = ["と申し", "ち申し", "て申し"].iter().any(|word| after.starts_with(word));
    let short = surface.chars().count() <= 6;
    // 「栄と申します」 and names no dictionary knows; 「ホットラインと申します」 is a known word of more than three characters.
    if says && alone && short && (unknown || surface.chars().count() <= 2 && surface.chars().all(is_kanji)) {
        return Some((i + 1, scene.end(i)));
    }
    let asked = scene.asked & flag::NAME_CUE != 0;
    let closes = CLOSES.iter().chain(&INTRODUCES).any(|word| after.starts_with(word)) || after.is_empty();
    let cued = {
        let before = scene.before(scene.start(i)).trim_end_matches([' ', ':', 'は', 'が', '、']);
        ["名前", "氏名", "患者名", "名字", "カタカナで", "片仮名で"].iter().any(|word| before.ends_with(word))
    };
    let katakana = scene.has(i, flag::UNKNOWN_KATAKANA);
    if katakana && ((asked && closes && is_opening(scene, i)) || cued) && alone {
        // カタカナで、イガラシ チヒロ: the given name follows after a space.
        let mut past = i + 1;
        if past < scene.tokens.len() && &scene.text[scene.end(i)..scene.start(past)] == " " && scene.surface(past).chars().all(is_katakana)
        {
            past += 1;
        }
        return Some((past, scene.end(past - 1)));
    }
    None
}

/// Where the name before honorific token `i` begins, if a name stands there.
fn before_honorific(scene: &Scene<'_>, i: usize) -> Option<usize> {
    let title = scene.surface(i);
    if i == 0 || !scene.touches(i - 1) || scene.has(i, flag::PRONOUN) || !is_honorific_end(scene.after(scene.start(i)), title.len()) {
        return None;
    }
    // Titles also follow departments and tasks; さん and its like follow names and a few words that are listed.
    let polite = matches!(
        title,
        "さん"
            | "様"
            | "さま"
            | "氏"
            | "君"
            | "くん"
            | "ちゃん"
            | "殿"
            | "先生"
            | "Dr"
            | "Dr."
            | "医師"
            | "ドクター"
            | "はん"
            | "夫人"
    );
    let from = (0..i).rev().take(5).take_while(|&j| j + 1 == i || scene.touches(j)).last()?;
    // A family term that ends here, however the dictionary cuts it, is not a name.
    if (from..i).any(|j| is_family(scene, scene.joined(j, i)) || is_family(scene, scene.joined(j, i + 1))) {
        return None;
    }
    if scene.has(i - 1, flag::CONCEPT | flag::PRONOUN | flag::NUMBER | flag::HONORIFIC) {
        return None;
    }
    // The longest listed name that ends here, also one the dictionary cuts into pieces.
    for j in from..i {
        let flags = scene.lexis.word(scene.joined(j, i));
        if flags & (flag::ANY_SURNAME | flag::ANY_GIVEN) != 0 {
            let word = scene.joined(j, i);
            let single = word.chars().nth(1).is_none();
            let place = scene.has(j, flag::REGION) && flags & flag::LISTED_SURNAME == 0 && !polite;
            if place
                || (single
                    && j > 0
                    && scene.touches(j - 1)
                    && scene.has(j - 1, flag::NOUN)
                    && !scene.has(j - 1, flag::PERSON)
                    && is_kanji_word(scene, j - 1))
            {
                continue;
            }
            return Some(with_surname(scene, j));
        }
    }
    let last = i - 1;
    let surface = scene.surface(last);
    if scene.has(last, flag::PERSON) {
        let first = (from..i).rev().take_while(|&j| scene.has(j, flag::PERSON)).last().unwrap_or(last);
        return Some(scene.start(first));
    }
    if !polite || !surface.chars().all(is_japanese) || !scene.has(last, flag::NOUN) {
        return None;
    }
    if scene.has(last, flag::FACILITY_SUFFIX | flag::FACILITY_GENERIC | flag::REGION) {
        return None;
    }
    let chars = surface.chars().count();
    if scene.has(last, flag::UNKNOWN) && (chars >= 2 || surface.chars().all(is_kanji)) && !scene.has(last, flag::SUFFIX) {
        return Some(with_kanji(scene, last));
    }
    // トシ|子, 興|梠: pieces of one character or kana, with nothing else before them.
    let first = (from..i).rev().take_while(|&j| is_piece(scene, j)).last()?;
    let pieces = i - first;
    let clean = first == 0 || !scene.touches(first - 1) || !scene.has(first - 1, flag::NOUN) || !is_kanji_word(scene, first - 1);
    let total = scene.joined(first, i).chars().count();
    if pieces >= 2
        && clean
        && total <= 5
        && !(first..i).any(|j| scene.has(j, flag::SUFFIX) && j + 1 == i && !matches!(scene.surface(j), "子" | "美" | "代" | "江" | "枝"))
    {
        return Some(scene.start(first));
    }
    let pet = matches!(title, "ちゃん" | "くん") && surface.chars().all(is_hiragana) && (2..=4).contains(&chars);
    pet.then(|| scene.start(last))
}

/// One character of kanji, or kana: a piece of a name the dictionary does not know.
fn is_piece(scene: &Scene<'_>, i: usize) -> bool {
    let surface = scene.surface(i);
    let one = surface.chars().nth(1).is_none() && surface.chars().all(is_kanji);
    let katakana = surface.chars().all(is_katakana) && surface.chars().count() <= 3;
    scene.has(i, flag::NOUN)
        && (one || katakana)
        && !scene.has(i, flag::FAMILY | flag::NUMBER | flag::PRONOUN | flag::FACILITY_GENERIC | flag::CONCEPT)
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

/// From token `i` of kanji, back over the single kanji before it.
fn with_kanji(scene: &Scene<'_>, i: usize) -> usize {
    let mut first = i;
    while first > 0 && scene.touches(first - 1) && is_piece(scene, first - 1) && scene.surface(first - 1).chars().all(is_kanji) {
        first -= 1;
    }
    scene.start(first)
}

fn is_family(scene: &Scene<'_>, word: &str) -> bool {
    scene.lexis.word(word) & flag::FAMILY != 0
}

/// 田んぼの田に中: how the characters of a name are told on the telephone. Each part names a word that holds the character
/// (田んぼ の 田), which nothing else in Japanese does.
fn spelled_out(scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
    if scene.seen & (flag::PERSON | flag::NAME_CUE | flag::ANY_SURNAME) == 0 && scene.asked & flag::NAME_CUE == 0 {
        return;
    }
    let text = scene.text;
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for (at, _) in text.match_indices('の') {
        let after = at + 'の'.len_utf8();
        let Some(character) = text[after..].chars().next().filter(|&c| is_kanji(c)) else { continue };
        let end = after + character.len_utf8();
        let follows = text[end..].chars().next();
        if follows.is_some_and(|c| is_kanji(c) || is_katakana(c)) {
            continue;
        }
        let word = tail(&text[..at], 6);
        let word = word.rsplit(['、', '。', 'に', 'で', ' ', '「', 'は', 'と']).next().unwrap_or(word);
        if word.contains(character) && word.chars().nth(1).is_some() {
            parts.push((at - word.len(), end));
        }
    }
    if let (Some(&(start, _)), Some(&(_, end))) = (parts.first(), parts.last()) {
        // 田んぼの田に中で: the character after に that stands alone belongs to it.
        let rest = &text[end..];
        let more = rest.strip_prefix(['に', 'と', '、']).and_then(|r| {
            r.chars()
                .next()
                .filter(|&c| is_kanji(c))
                .filter(|c| !r[c.len_utf8()..].starts_with(is_kanji))
                .map(|c| rest.len() - r.len() + c.len_utf8())
        });
        found.push(scene.span(start, end + more.unwrap_or(0), IdentifierType::Person));
    }
}

//! What stands around a possible name and tells whether it is one.

use crate::redact::lexis::{flag, is_hiragana, is_kanji, is_katakana};
use crate::redact::scene::{Scene, tail};

/// What an introduction says after the name.
const INTRODUCES: [&str; 20] = [
    "と申",
    "ち申",
    "て申",
    "って申",
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
    "と名乗",
];

/// What a speaker says after the own name when only the name makes the sentence.
const CLOSES: [&str; 16] = [
    "です",
    "だす",
    "でした",
    "でありま",
    "だ。",
    "じゃ。",
    "や。",
    "やけど",
    "だけど",
    "だが",
    "。",
    "ですけど",
    "ですが",
    "と申",
    "でございま",
    "ちゃ。",
];

/// Words before a name that say who it is.
const ROLES: [&str; 46] = [
    "看護師",
    "相談員",
    "医師",
    "担当",
    "主治医",
    "執刀医",
    "担当医",
    "先生",
    "院長",
    "師長",
    "MSW",
    "SW",
    "Ns",
    "CRC",
    "ソーシャルワーカー",
    "ワーカー",
    "薬剤師",
    "ケアマネ",
    "息子",
    "娘",
    "妻",
    "夫",
    "母",
    "父",
    "家内",
    "主人",
    "長男",
    "長女",
    "次男",
    "次女",
    "兄",
    "姉",
    "弟",
    "妹",
    "氏名",
    "名前",
    "お名前",
    "患者名",
    "ホットライン",
    "センター",
    "相談室",
    "連携室",
    "病院",
    "クリニック",
    "医院",
    "大学",
];

/// Departments and the like, by their last character.
const ROLE_ENDS: [char; 6] = ['科', '室', '部', '院', '課', '局'];

/// Nouns after a surname that leave it one: 田中家.
const AFTER_SURNAME: [&str; 11] = ["家", "宅", "本人", "自身", "一家", "姓", "両", "方", "夫婦", "名義", "宛"];

/// Whether what follows introduces the speaker.
pub(super) fn introduces(after: &str) -> bool {
    INTRODUCES.iter().any(|word| after.starts_with(word))
}

/// Whether the sentence ends after the name.
pub(super) fn closes(after: &str) -> bool {
    after.is_empty() || CLOSES.iter().any(|word| after.starts_with(word))
}

/// Whether an honorific stands at the beginning of `after`, perhaps after a space.
pub(super) fn honorific_follows(scene: &Scene<'_>, after: &str) -> bool {
    let after = after.strip_prefix(' ').unwrap_or(after);
    scene.lexis.lists.honorifics.prefix_of(after).is_some_and(|len| is_honorific_end(after, len))
}

/// Whether an honorific of `len` bytes ends where a word ends: 氏 of 氏名, 君 of 君主 and 医師 of 医師会 do not.
pub(super) fn is_honorific_end(after: &str, len: usize) -> bool {
    let (honorific, rest) = after.split_at(len);
    let word = matches!(honorific, "氏" | "君" | "様" | "嬢" | "殿" | "代表" | "会長" | "部長" | "医師" | "先生" | "教授" | "SW");
    !(word
        && rest.starts_with(|c: char| is_kanji(c) || c.is_ascii_alphabetic())
        && !rest.starts_with(['宅', '宛', '方', '本', '側', '自', '夫', '母', '父', '妻', '長', '次', '御']))
}

/// Whether a place is spoken of: 市川から, 藤沢に住んで.
pub(super) fn is_place_use(after: &str) -> bool {
    ["から", "に住", "まで", "在住", "出身", "の方", "市", "駅", "へ"].iter().any(|word| after.starts_with(word))
}

/// Whether the word goes on after the name: 橋本病, 清水寺, 田中内科, 松本市; or a stage does: 正岡でⅢ期.
pub(super) fn goes_on(scene: &Scene<'_>, past: usize, end: usize) -> bool {
    let after = scene.after(end);
    let staged = after.strip_prefix(['で', 'の']).unwrap_or(after);
    if ["I", "V", "病期", "分類", "ステージ", "stage", "Stage"].iter().any(|word| staged.starts_with(word)) {
        return true;
    }
    let touches = past < scene.tokens.len() && scene.start(past) == end;
    if touches && scene.has(past, flag::CONCEPT) {
        return true;
    }
    let word = after.starts_with(|c: char| is_kanji(c) || is_katakana(c));
    let noun = !touches || scene.has(past, flag::NOUN | flag::SUFFIX);
    word && noun && !AFTER_SURNAME.iter().any(|word| after.starts_with(word))
}

/// Whether the name is the end of a longer word: 東京山手, 応援し甲斐.
pub(super) fn continues_word(scene: &Scene<'_>, i: usize) -> bool {
    if i == 0 || !scene.touches(i - 1) || has_role_before(scene, i) {
        return false;
    }
    let noun = scene.has(i - 1, flag::NOUN) && scene.surface(i - 1).ends_with(|c: char| is_kanji(c) || is_katakana(c));
    noun || scene.has(i - 1, flag::VERB) && scene.surface(i - 1).ends_with(is_hiragana) && scene.surface(i).starts_with(is_kanji)
}

/// Whether who the name belongs to is said before it: 看護師の三浦, 呼吸器外科の桂, 息子の堀, 主治医 (比嘉.
pub(super) fn has_role_before(scene: &Scene<'_>, i: usize) -> bool {
    let before = scene.before(scene.start(i)).trim_end_matches([' ', '(', '、', ':', '「', '・', '/']);
    let before = before.strip_suffix('の').unwrap_or(before).trim_end_matches(['、', ' ', 'は', 'が']);
    if before.is_empty() {
        return false;
    }
    ROLES.iter().any(|role| before.ends_with(role)) || (tail(before, 2).chars().count() == 2 && before.ends_with(ROLE_ENDS))
}

/// Whether somebody's name is announced right before: 氏名、, 名前は, カタカナで、.
pub(super) fn is_announced(scene: &Scene<'_>, start: usize) -> bool {
    let before = scene.before(start).trim_end_matches([' ', ':', '、', '「', '(', '…', 'ー']);
    let before = before.strip_suffix('は').or_else(|| before.strip_suffix('が')).unwrap_or(before);
    ["名前", "氏名", "患者名", "名字", "苗字", "フルネーム", "カタカナで", "片仮名で", "漢字で", "宛名"]
        .iter()
        .any(|word| before.ends_with(word))
}

/// Whether nothing but a greeting or a filler stands before byte `start` in its sentence.
pub(super) fn is_opening(scene: &Scene<'_>, start: usize) -> bool {
    let before = scene.before(start);
    let sentence = before.rsplit(['。', '?', '!', '…']).next().unwrap_or(before).trim();
    let sentence = sentence.rsplit('、').next().unwrap_or(sentence).trim();
    sentence.is_empty()
        || [
            "はい",
            "あ",
            "あの",
            "えー",
            "えっと",
            "もしもし",
            "うち",
            "えーと",
            "ええと",
            "あのう",
            "僕",
            "俺",
            "わし",
            "ええ",
            "で",
            "うん",
        ]
        .contains(&sentence)
        || [
            "名前は",
            "氏名は",
            "私",
            "わたし",
            "わたくし",
            "私は",
            "わたしは",
            "僕は",
            "うちは",
            "私が",
            "電話した",
            "いただいた",
            "相談した",
        ]
        .iter()
        .any(|word| sentence.ends_with(word))
}

/// Whether a call begins or ends in this utterance.
pub(super) fn has_greeting(scene: &Scene<'_>) -> bool {
    ["もしもし", "お世話", "ありがとう", "初めて", "はじめて", "お願い", "電話"].iter().any(|word| scene.text.contains(word))
}

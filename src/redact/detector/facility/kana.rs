//! Names of facilities in hiragana, which the dictionary cuts into particles and verbs: みな|と, くろし|お, おお|るり.

use crate::redact::lexis::{flag, is_hiragana};
use crate::redact::scene::Scene;

/// Names that facilities bear again and again.
const NAMES: [&str; 128] = [
    "やまぶき",
    "あすなろ",
    "なかよし",
    "こぐま",
    "たけのこ",
    "ゆけむり",
    "あじさい",
    "さざんか",
    "ひいらぎ",
    "ふきのとう",
    "まほろば",
    "いろは",
    "てまり",
    "えがお",
    "おひさま",
    "たいよう",
    "どんぐり",
    "くるみ",
    "もくれん",
    "りんどう",
    "すずらん",
    "ききょう",
    "さつき",
    "かりん",
    "ぶどう",
    "はなみずき",
    "やまざくら",
    "いぶき",
    "かたくり",
    "こぶし",
    "みなと",
    "のと",
    "すずかけ",
    "ひまわり",
    "さくら",
    "あおぞら",
    "すこやか",
    "やすらぎ",
    "なごみ",
    "ほほえみ",
    "きぼう",
    "のぞみ",
    "ひかり",
    "みどり",
    "あさひ",
    "わかば",
    "あおば",
    "すみれ",
    "たんぽぽ",
    "つくし",
    "こすもす",
    "もみじ",
    "かえで",
    "けやき",
    "くすのき",
    "いちょう",
    "みらい",
    "いずみ",
    "せせらぎ",
    "こもれび",
    "はまなす",
    "はまゆう",
    "ふれあい",
    "やまと",
    "あすか",
    "むさし",
    "しらかば",
    "しおかぜ",
    "はるかぜ",
    "そよかぜ",
    "にじいろ",
    "ひだまり",
    "まごころ",
    "やすらか",
    "ゆうあい",
    "しあわせ",
    "めぐみ",
    "かがやき",
    "きらり",
    "つばさ",
    "かもめ",
    "つばめ",
    "ふたば",
    "みつば",
    "よつば",
    "しんあい",
    "ともしび",
    "やまびこ",
    "せと",
    "あかね",
    "あやめ",
    "つつじ",
    "れんげ",
    "なのはな",
    "こころ",
    "いこい",
    "やわらぎ",
    "うみかぜ",
    "たちばな",
    "しらさぎ",
    "はくちょう",
    "ちとせ",
    "まつかぜ",
    "いなほ",
    "おおぞら",
    "ふじ",
    "はやぶさ",
    "うぐいす",
    "くろしお",
    "しおさい",
    "おおるり",
    "ゆりのき",
    "つばき",
    "こまくさ",
    "さわやか",
    "はまかぜ",
    "やまなみ",
    "ほたる",
    "はくうん",
    "こだま",
    "あけぼの",
    "みのり",
    "はるか",
    "きずな",
    "ゆうゆう",
    "にこにこ",
    "つむぎ",
    "なないろ",
];

/// Particles and endings at which a name in hiragana begins or cannot end.
const GRAMMAR: [&str; 24] = [
    "の", "が", "は", "に", "と", "で", "を", "も", "へ", "や", "から", "まで", "って", "か", "ね", "よ", "な", "だ", "た", "て", "です",
    "ます", "ば", "けど",
];

/// The bytes of the name in hiragana that ends at byte `end` and does not begin before byte `from`.
pub(super) fn name_before(scene: &Scene<'_>, from: usize, end: usize) -> Option<usize> {
    let before = &scene.before(end)[from.min(end)..];
    if !before.ends_with(is_hiragana) {
        return None;
    }
    // の|みなと is cut のみ|なと.
    let begins =
        |name: &str| begins_word(scene, end - name.len()) || scene.before(end - name.len()).ends_with(['の', 'が', 'は', '、', '。']);
    let listed = NAMES.iter().filter(|name| before.ends_with(*name) && begins(name)).map(|name| name.len()).max();
    surname(scene, before).or(listed).or_else(|| in_pieces(scene, before, end))
}

/// The bytes of the well-known name that `text` begins with.
pub(super) fn name_after(text: &str) -> Option<usize> {
    NAMES.iter().filter(|name| name.chars().count() >= 3 && text.starts_with(*name)).map(|name| name.len()).max()
}

/// The bytes of a listed surname in hiragana that `before` ends with: たけだ of たけだ皮膚科.
fn surname(scene: &Scene<'_>, before: &str) -> Option<usize> {
    let run = &before[before.trim_end_matches(is_hiragana).len()..];
    let chars = run.chars().count();
    if !(3..=5).contains(&chars) {
        return None;
    }
    // Hiragana stand 0x60 below katakana.
    let katakana: String = run.chars().map(|c| if c == 'ー' { c } else { char::from_u32(c as u32 + 0x60).unwrap_or(c) }).collect();
    (scene.lexis.word(&katakana) & flag::ANY_SURNAME != 0).then_some(run.len())
}

/// Whether a word may begin at this byte: not in the middle of hiragana that belong together.
fn begins_word(scene: &Scene<'_>, at: usize) -> bool {
    let first = scene.tokens.partition_point(|t| (t.start as usize) < at);
    scene.start(first) == at || !scene.before(at).ends_with(is_hiragana)
}

/// The bytes of hiragana at the end of `before` that make no sentence: くろし|お, し|お|さい. What modifies a noun (いい, 行ける,
/// かかった) and adverbs end in tokens that cannot end a name.
fn in_pieces(scene: &Scene<'_>, before: &str, end: usize) -> Option<usize> {
    let run = end - (before.len() - before.trim_end_matches(is_hiragana).len());
    let past = scene.tokens.partition_point(|t| (t.start as usize) < end);
    let last = past.checked_sub(1).filter(|&i| scene.end(i) == end)?;
    let may_end = (scene.has(last, flag::THING | flag::UNKNOWN) || scene.surface(last) == "お")
        && !scene.has(last, flag::FACILITY_GENERIC | flag::FAMILY | flag::HONORIFIC);
    if !may_end {
        return None;
    }
    let first = (0..past).rev().take_while(|&i| scene.start(i) >= run && !GRAMMAR.contains(&scene.surface(i))).last()?;
    let name = &scene.text[scene.start(first)..end];
    (first < last && name.chars().count() >= 3).then_some(name.len())
}

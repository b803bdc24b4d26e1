//! Addresses from the municipality down. The prefecture stays outside the span: it is an attribute of the call.

use regex::Regex;

use super::{Detector, expression};
use crate::error::Result;
use crate::redact::lexis::{Flags, PREFECTURES, flag, is_japanese, is_kanji};
use crate::redact::scene::{Scene, tail};
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct AddressDetector {
    /// Town, numbers and building, anchored where a municipality ends.
    below: Regex,
    /// The same without a municipality: 三丁目 and 番地 say enough.
    block: Regex,
    /// A second part after a pause: 四丁目の、12の3.
    rest: Regex,
}

const NUMBER: &str = r"(?:[0-9]+|[〇一二三四五六七八九十百]+)";

/// Longest name of a municipality in tokens (い|ちき|串木野|市).
const LONGEST_TOKENS: usize = 5;

/// After these, a municipality is where somebody lives or comes from, not the beginning of a name.
const PLACE_WORDS: [&str; 22] = [
    "在住",
    "出身",
    "市内",
    "内",
    "方面",
    "近郊",
    "周辺",
    "近辺",
    "住まい",
    "住み",
    "育ち",
    "生まれ",
    "寄り",
    "行き",
    "まで",
    "から",
    "経由",
    "民",
    "あたり",
    "辺り",
    "の方",
    "郊外",
];

/// Wide regions, which point to nobody.
const WIDE: [&str; 40] = [
    "関東",
    "関西",
    "九州",
    "東北",
    "四国",
    "北陸",
    "中部",
    "中国",
    "近畿",
    "東海",
    "信州",
    "甲信越",
    "山陰",
    "山陽",
    "北関東",
    "南関東",
    "首都圏",
    "西日本",
    "東日本",
    "日本",
    "本州",
    "北海道",
    "瀬戸内",
    "瀬戸内海",
    "日本海",
    "太平洋",
    "沖縄",
    "道央",
    "道東",
    "道北",
    "道南",
    "上信越",
    "東京都",
    "都心",
    "中京",
    "阪神",
    "京阪",
    "房総",
    "富士山",
    "琉球",
];

impl AddressDetector {
    pub(super) fn new() -> Result<Self> {
        // 北三条西 is a part of the number in Sapporo; 番地の2, 8-4-27, 12の3 and 201号室 end an address.
        let joint = r"(?: ?(?:-|ー|の|ノ) ?)";
        let numbers = format!(
            r"(?:{NUMBER}(?:条|線)(?:東|西|南|北)? ?)?(?:{NUMBER} ?丁目{joint}?(?:{NUMBER} ?(?:番地?の?|号|{joint})? ?){{0,4}}|{NUMBER} ?番地?{joint}?(?:{NUMBER}(?:{joint}{NUMBER})*(?: ?号)?)?|{NUMBER}(?:{joint}{NUMBER}){{1,4}}(?: ?号)?)"
        );
        let building = r"(?:[ 、]?(?:[\p{Han}\p{Katakana}\p{Hiragana}A-Za-zー・]{0,12}(?:マンション|ハイツ|コーポ|ハイム|荘|ビル|メゾン|団地|アパート|レジデンス|パレス|タワー|ヒルズ|ハウス|コート|寮)[\p{Han}\p{Katakana}A-Za-zー・]{0,10})?(?:[ の]?[A-Za-z]?[0-9]{1,4} ?(?:号室|号|室|棟|階|F))*)?";
        let town = r"(?:[\p{Han}\p{Katakana}々ヶケー]{1,10}|[\p{Han}\p{Hiragana}\p{Katakana}々ヶー]{2,9}(?:町|台|丘|ヶ丘|が丘))?";
        Ok(Self {
            below: expression(&format!(r"^(?:大字|字)?{town} ?{numbers}{building}"))?,
            block: expression(&format!(
                r"(?:[\p{{Han}}\p{{Katakana}}々ヶー]{{1,8}}|[\p{{Han}}\p{{Hiragana}}々ヶ]{{1,6}}(?:町|台|丘))?{NUMBER} ?(?:丁目{joint}?(?:{NUMBER} ?(?:番地?の?|号|{joint})? ?){{0,4}}|番地{joint}?(?:{NUMBER}(?:{joint}{NUMBER})*(?: ?号)?)?|番 ?{NUMBER} ?号){building}"
            ))?,
            rest: expression(&format!(
                r"^の?[、。 ]{{1,2}}(?:えーと|えっと|ええと|えー|あの)?[、 ]?{NUMBER}(?: ?(?:番地?の?|号|{joint}) ?{NUMBER}?)+"
            ))?,
        })
    }
}

impl Detector for AddressDetector {
    fn triggers(&self) -> Flags {
        flag::MUNICIPALITY | flag::MUNICIPALITY_SUFFIX | flag::ADDRESS_WORD | flag::ADDRESS_CUE | flag::REGION
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let mut i = 0;
        while i < scene.tokens.len() {
            match full_name(scene, i).or_else(|| bare_name(scene, i)) {
                Some(past) => {
                    let (end, past) = self.extend(scene, past);
                    found.push(scene.span(scene.start(i), end, IdentifierType::Address));
                    i = past.max(i + 1);
                }
                None => i += 1,
            }
        }
        if scene.seen & flag::ADDRESS_WORD != 0 && scene.seen & flag::NUMBER != 0 {
            for m in self.block.find_iter(scene.text) {
                let end = trimmed(scene.text, m.start(), m.end());
                found.push(scene.span(m.start(), self.rest_end(scene, end), IdentifierType::Address));
            }
        }
    }
}

impl AddressDetector {
    /// Goes on below a municipality that ends before token `past`: further municipalities, towns, numbers, buildings.
    /// Returns the last byte and the first token not used.
    fn extend(&self, scene: &Scene<'_>, mut past: usize) -> (usize, usize) {
        while past < scene.tokens.len() && past > 0 && scene.touches(past - 1) {
            if let Some(next) = full_name(scene, past) {
                past = next;
            } else if is_town(scene, past) {
                past += 1;
            } else {
                break;
            }
        }
        let mut end = scene.end(past - 1);
        if let Some(m) = self.below.find(scene.after(end)) {
            end = trimmed(scene.text, end, end + m.end());
            end = self.rest_end(scene, end);
        }
        (end, scene.tokens.partition_point(|t| (t.start as usize) < end))
    }

    fn rest_end(&self, scene: &Scene<'_>, end: usize) -> usize {
        self.rest.find(scene.after(end)).map_or(end, |m| trimmed(scene.text, end, end + m.end()))
    }
}

/// The end without particles and spaces the expression took along.
fn trimmed(text: &str, start: usize, end: usize) -> usize {
    start + text[start..end].trim_end_matches([' ', 'の', 'ノ', '-', 'ー', '、']).len()
}

/// One past the last token of a municipality with its 市区町村 that begins at token `i`.
fn full_name(scene: &Scene<'_>, i: usize) -> Option<usize> {
    if !scene.has(i, flag::NOUN | flag::MUNICIPALITY) && !scene.surface(i).chars().all(is_japanese) {
        return None;
    }
    let mut found = None;
    for past in i + 1..=(i + LONGEST_TOKENS).min(scene.tokens.len()) {
        let last = past - 1;
        if last > i && !scene.touches(last - 1) {
            break;
        }
        let surface = scene.surface(last);
        if !surface.ends_with(['市', '区', '町', '村', '郡']) {
            continue;
        }
        let name = scene.joined(i, past);
        if name.chars().nth(1).is_none() {
            continue;
        }
        match scene.lexis.lists.municipalities.get(name) {
            Some(crate::redact::lists::Certainty::Sure) => found = Some(past),
            // 北区 and its like beside another part of an address, or where the dictionary sees a place.
            Some(crate::redact::lists::Certainty::Ambiguous) if scene.has(i, flag::REGION) || preceded_by_place(scene, i) => {
                found = Some(past)
            }
            _ => {
                // A place the dictionary knows with 市区町村: also one that no longer exists.
                let listed = scene.has(last, flag::SUFFIX | flag::MUNICIPALITY_SUFFIX) && surface.chars().nth(1).is_none();
                let place = last == i + 1
                    && scene.has(i, flag::REGION)
                    && !PREFECTURES.contains(&scene.surface(i))
                    && !scene.has(i, flag::FACILITY_GENERIC);
                if listed && place && !WIDE.contains(&scene.surface(i)) {
                    found = Some(past);
                }
            }
        }
    }
    // 市立, 町民, 村長: the suffix belongs to the next word, and yet the municipality is named.
    found
}

/// Whether an address is under way before token `i`.
fn preceded_by_place(scene: &Scene<'_>, i: usize) -> bool {
    i > 0
        && scene.touches(i - 1)
        && (scene.has(i - 1, flag::REGION | flag::MUNICIPALITY_SUFFIX) || scene.surface(i - 1).ends_with(['県', '府', '都', '道', '市']))
}

/// One past the token of a municipality without its suffix: 札幌, 対馬.
fn bare_name(scene: &Scene<'_>, i: usize) -> Option<usize> {
    let surface = scene.surface(i);
    let listed = scene.has(i, flag::MUNICIPALITY);
    if scene.has(i, flag::CONCEPT) || !(listed || scene.has(i, flag::REGION)) || PREFECTURES.contains(&surface) || WIDE.contains(&surface) {
        return None;
    }
    let place = scene.has(i, flag::REGION);
    if !place && !scene.has(i, flag::PERSON | flag::PROPER) {
        return None;
    }
    if surface.chars().nth(1).is_none()
        || !surface.chars().any(is_kanji)
        || (i > 0 && scene.touches(i - 1) && scene.has(i - 1, flag::NOUN) && is_word(scene, i - 1))
    {
        return None;
    }
    let after = scene.after(scene.end(i));
    let follows = PLACE_WORDS.iter().any(|word| after.starts_with(word));
    if scene.touches(i) && is_word(scene, i + 1) && scene.has(i + 1, flag::NOUN) && !follows {
        return None;
    }
    let lives = [
        "に住",
        "在住",
        "に在",
        "から来",
        "からかけ",
        "から電話",
        "から通",
        "から参",
        "出身",
        "の出",
        "住まい",
        "におり",
        "におる",
        "にいる",
        "の実家",
    ];
    let lives = lives.iter().any(|word| after.starts_with(word));
    // A surname beside さん or です is a person; one beside から, に or まで a place.
    if scene.has(i, flag::ANY_SURNAME | flag::SURNAME) {
        let place_use = ["から", "に", "まで", "の", "で", "へ", "在", "市"].iter().any(|word| after.starts_with(word))
            && !after.starts_with("です")
            && !after.starts_with("でござ");
        if !(place_use && (place || listed)) || scene.has(i, flag::LISTED_SURNAME) && !lives {
            return None;
        }
    }
    (listed || lives).then_some(i + 1)
}

/// Whether token `i` is a word of letters, not a symbol the dictionary calls a noun.
fn is_word(scene: &Scene<'_>, i: usize) -> bool {
    scene.surface(i).chars().next().is_some_and(is_japanese)
}

/// A town below a municipality: a place, a surname, or kanji no dictionary knows.
fn is_town(scene: &Scene<'_>, i: usize) -> bool {
    let surface = scene.surface(i);
    let stop = scene.has(i, flag::FACILITY_SUFFIX | flag::FACILITY_GENERIC | flag::FAMILY | flag::HONORIFIC | flag::CONCEPT)
        || PLACE_WORDS.contains(&surface)
        || ["立", "民", "長", "役所", "議会", "外", "駅", "県", "府"].contains(&surface);
    if stop || tail(scene.before(scene.start(i)), 1).chars().any(|c| !is_japanese(c)) {
        return false;
    }
    let name =
        scene.has(i, flag::REGION | flag::SURNAME | flag::MUNICIPALITY) || (scene.has(i, flag::UNKNOWN) && surface.chars().all(is_kanji));
    name || (matches!(surface, "町" | "大字" | "字") && scene.has(i, flag::NOUN))
}

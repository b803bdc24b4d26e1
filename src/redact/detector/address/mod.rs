//! Addresses from the municipality down. The prefecture stays outside the span: it is an attribute of the call.

mod told;

use super::{Detector, is_no_word, kanji_before};
use crate::error::Result;
use crate::redact::lexis::{Flags, PREFECTURES, flag, is_japanese, is_kanji, is_katakana};
use crate::redact::lists::Certainty;
use crate::redact::prefilter::{Expression, PrefilterBuilder};
use crate::redact::scene::{Scene, tail};
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct AddressDetector {
    /// Town, numbers and building, anchored where a municipality ends.
    below: Expression,
    /// The same without a municipality: 三丁目 and 番地 say enough.
    block: Expression,
    /// A second part after a pause: 四丁目の、12の3.
    rest: Expression,
    /// Numbers with two and more hyphens, where an address was asked for.
    asked: Expression,
    told: told::Told,
}

const NUMBER: &str = r"(?:[0-9]+|[〇一二三四五六七八九十百]+)";

/// Longest name of a municipality in characters (いちき串木野市).
const LONGEST_NAME: usize = 8;

/// After these, a municipality is where somebody lives or comes from, not the beginning of a name.
const PLACE_WORDS: [&str; 23] = [
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
    "島",
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
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        // 北三条西 is a part of the number in Sapporo; 番地の2, 8-4-27, 12の3 and 201号室 end an address.
        let joint = r"(?: ?(?:-|ー|の|ノ) ?)";
        let numbers = format!(
            r"(?:{NUMBER}(?:条|線)(?:東|西|南|北)? ?)?(?:{NUMBER} ?丁目{joint}?(?:{NUMBER} ?(?:番地?の?|号|{joint})? ?){{0,4}}|{NUMBER} ?番地?{joint}?(?:{NUMBER}(?:{joint}{NUMBER})*(?: ?号)?)?|{NUMBER}(?:{joint}{NUMBER}){{1,4}}(?: ?号)?)"
        );
        let building = r"(?:[ 、]?(?:[\p{Han}\p{Katakana}\p{Hiragana}A-Za-zー・]{0,12}(?:マンション|ハイツ|コーポ|ハイム|荘|ビル|メゾン|団地|アパート|レジデンス|パレス|タワー|ヒルズ|ハウス|コート|寮)[\p{Han}\p{Katakana}A-Za-zー・]{0,10}(?:[の ]?[A-Za-z]?[0-9]{1,4}(?: ?(?:号室|号|室))?)?)?(?:[ の]?[A-Za-z]?[0-9]{1,4} ?(?:号室|号|室|棟|階|F))*|[ 、][\p{Han}\p{Katakana}ー]{2,14} ?[0-9]{3,4})?";
        let town = r"(?:[\p{Han}\p{Katakana}々ヶケー]{1,10}|[\p{Han}\p{Hiragana}\p{Katakana}々ヶー]{2,9}(?:町|台|丘|ヶ丘|が丘))?";
        Ok(Self {
            below: words.expression(&format!(r"^(?:大字|字)?{town} ?の?{numbers}{building}"))?,
            asked: words.expression(&format!(r"{town} ?{NUMBER}{joint}{NUMBER}(?:{joint}{NUMBER}){{1,3}}{building}"))?,
            told: told::Told::new(words)?,
            block: words.expression(&format!(
                r"(?:[\p{{Han}}\p{{Katakana}}々ヶー]{{1,8}}|[\p{{Han}}\p{{Hiragana}}々ヶ]{{1,6}}(?:町|台|丘))?{NUMBER} ?(?:丁目{joint}?(?:{NUMBER} ?(?:番地?の?|号|{joint})? ?){{0,4}}|番地{joint}?(?:{NUMBER}(?:{joint}{NUMBER})*(?: ?号)?)?|番 ?{NUMBER} ?号){building}"
            ))?,
            rest: words.expression(&format!(
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
        let from = found.len();
        let mut done = 0;
        for (at, suffix) in scene.text.char_indices().filter(|&(_, c)| matches!(c, '市' | '区' | '町' | '村' | '郡')) {
            let end = at + suffix.len_utf8();
            if at < done {
                continue;
            }
            if let Some(start) = name_ending(scene, end).filter(|&start| start >= done) {
                done = self.extend(scene, end);
                found.push(scene.span(start, done, IdentifierType::Address));
            }
        }
        for i in 0..scene.tokens.len() {
            let at = scene.start(i);
            if found[from..].iter().any(|s| (s.start as usize) <= at && at < s.end as usize) {
                continue;
            }
            if let Some(end) = bare_in_pieces(scene, i).or_else(|| is_bare(scene, i).then(|| scene.end(i))) {
                found.push(scene.span(at, self.extend(scene, end), IdentifierType::Address));
            }
        }
        self.told.find(scene, found);
        if scene.seen & flag::NUMBER == 0 {
            return;
        }
        if scene.seen & flag::ADDRESS_WORD != 0 {
            for m in self.block.find_iter(scene) {
                let end = trimmed(scene.text, m.start(), m.end());
                // The prefecture stays: 県松山市一番町四丁目 begins at 松山市.
                let head = m.as_str().char_indices().take(9).filter(|(_, c)| matches!(c, '都' | '道' | '府' | '県')).last();
                let start = m.start() + head.map_or(0, |(at, c)| at + c.len_utf8());
                found.push(scene.span(start, self.rest_end(scene, end), IdentifierType::Address));
            }
        }
        if scene.about(flag::ADDRESS_CUE) && scene.digits.groups.len() >= 3 {
            // Groups of four digits are a telephone number or a year.
            let short = |text: &str| !text.split(|c: char| !c.is_ascii_digit()).any(|group| group.len() >= 4);
            found.extend(
                self.asked
                    .find_iter(scene)
                    .filter(|m| short(m.as_str()))
                    .map(|m| scene.span(m.start(), trimmed(scene.text, m.start(), m.end()), IdentifierType::Address)),
            );
        }
    }
}

impl AddressDetector {
    /// Goes on below a municipality that ends at byte `end`: further municipalities, towns, numbers, buildings.
    fn extend(&self, scene: &Scene<'_>, mut end: usize) -> usize {
        if let Some(below) = below_of(scene, end) {
            end = below;
        }
        loop {
            if let Some(m) = self.below.find(scene, scene.after(end)) {
                let stop = trimmed(scene.text, end, end + m.end());
                return self.rest_end(scene, stop);
            }
            let below = below_municipality(scene, end).or_else(|| town(scene, end));
            match below {
                Some(next) if next > end => end = next,
                _ => return end,
            }
        }
    }

    fn rest_end(&self, scene: &Scene<'_>, end: usize) -> usize {
        self.rest.find(scene, scene.after(end)).map_or(end, |m| trimmed(scene.text, end, end + m.end()))
    }
}

/// The end of a place that の joins to the municipality that ends at byte `end`: 横須賀の追浜から, 白川村の荻町です.
fn below_of(scene: &Scene<'_>, end: usize) -> Option<usize> {
    let start = end + 'の'.len_utf8();
    let rest = scene.after(end).strip_prefix('の')?;
    let run = rest.find(|c| !is_kanji(c)).unwrap_or(rest.len());
    let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
    let place = scene.has(first, flag::REGION | flag::DICTIONARY_REGION | flag::MUNICIPALITY) || is_no_word(scene, start, start + run);
    let lives = ["から", "です", "なもん", "なん", "在住", "におり", "にい", "に住", "で育", "で生", "の者", "まで"];
    let lives = lives.iter().any(|word| rest[run..].starts_with(word));
    let ordinary = flag::FACILITY_GENERIC | flag::FACILITY_SUFFIX | flag::FAMILY | flag::ADVERBIAL | flag::HONORIFIC;
    // 沼津市の山崎です is somebody.
    let surname = flag::ANY_SURNAME | flag::KNOWN_SURNAME | flag::DICTIONARY_SURNAME;
    let person = ["です", "なん"].iter().any(|word| rest[run..].starts_with(word))
        && (scene.lexis.word(&rest[..run]) & surname != 0 || scene.has(first, surname | flag::PERSON));
    let known = person || scene.lexis.word(&rest[..run]) & ordinary != 0 || scene.has(first, ordinary);
    (scene.start(first) == start && (2..=4).contains(&rest[..run].chars().count()) && place && lives && !known).then_some(start + run)
}

/// The end without particles and spaces the expression took along.
fn trimmed(text: &str, start: usize, end: usize) -> usize {
    start + text[start..end].trim_end_matches([' ', 'の', 'ノ', '-', 'ー', '、']).len()
}

/// Where the municipality begins whose 市区町村郡 ends at byte `end`: listed, or a place the dictionary knows.
fn name_ending(scene: &Scene<'_>, end: usize) -> Option<usize> {
    let before = scene.before(end);
    let starts = before.char_indices().rev().take(LONGEST_NAME).skip(1).map(|(at, _)| at);
    let listed = starts.filter(|&start| {
        let name = &scene.text[start..end];
        let Some(certainty) = scene.lexis.lists.municipalities.get(name) else { return false };
        let token = scene.tokens.partition_point(|t| (t.start as usize) < start);
        let cut = scene.start(token) == start;
        let place = follows_place(scene.before(start));
        let begins = cut || place || !scene.before(start).ends_with(|c: char| is_kanji(c) || is_katakana(c));
        // 北区 and its like beside another part of an address, or where the dictionary sees a place.
        begins && (certainty == Certainty::Sure || place || cut && scene.has(token, flag::REGION))
    });
    // The longest: 東大阪市 before 大阪市.
    if let Some(start) = listed.min() {
        return Some(start);
    }
    if let Some(start) = unlisted_town(scene, end) {
        return Some(start);
    }
    // A place with 市区町村 that no list has: one that no longer exists. The suffix is a word of its own: not 市内.
    let token = scene.tokens.partition_point(|t| (t.end as usize) < end);
    let suffix = scene.end(token) == end && scene.surface(token).chars().nth(1).is_none();
    let place = token
        .checked_sub(1)
        .filter(|&i| suffix && scene.touches(i) && scene.has(i, flag::REGION) && !scene.has(i, flag::COUNTRY | flag::FACILITY_GENERIC))?;
    let surface = scene.surface(place);
    (!PREFECTURES.contains(&surface) && !WIDE.contains(&surface)).then(|| scene.start(place))
}

/// Where a town or village that no list has begins: kanji that make no word before 町 or 村, used as a place.
fn unlisted_town(scene: &Scene<'_>, end: usize) -> Option<usize> {
    let after = scene.after(end);
    let place = ["に住", "から", "の自宅", "の実家", "の者", "在住", "まで", "におり", "にい"].iter().any(|word| after.starts_with(word));
    let suffix = tail(scene.before(end), 1);
    let (start, _) = kanji_before(scene, end - suffix.len(), 3).filter(|_| place && matches!(suffix, "町" | "村"))?;
    is_no_word(scene, start, end - suffix.len()).then_some(start)
}

/// Whether an address is under way before this.
fn follows_place(before: &str) -> bool {
    before.trim_end().ends_with(['県', '府', '都', '道', '市', '郡', '区', '町'])
}

/// The end of a municipality that begins at byte `start`: 中央区 below 札幌市.
fn below_municipality(scene: &Scene<'_>, start: usize) -> Option<usize> {
    let after = scene.after(start);
    let ends =
        after.char_indices().take(LONGEST_NAME).filter(|(_, c)| matches!(c, '区' | '町' | '村' | '市')).map(|(at, c)| at + c.len_utf8());
    ends.filter(|&end| scene.lexis.lists.municipalities.contains(&after[..end])).last().map(|end| start + end)
}

/// The end of a town that begins at byte `start`, right below a municipality: 葛飾区|立石.
fn town(scene: &Scene<'_>, start: usize) -> Option<usize> {
    let after = scene.after(start);
    let run = &after[..after.find(|c| !(is_kanji(c) || is_katakana(c))).unwrap_or(after.len())];
    let chars = run.chars().count();
    let public = ["立小", "立中", "立高", "立病", "立図", "立大", "立保", "立幼", "立総", "立医", "立の", "立て"]
        .iter()
        .any(|word| after.starts_with(word));
    let stops = [
        "内", "民", "役", "議", "長", "外", "駅", "側", "在", "方", "出", "営", "産", "街", "全", "部", "生", "行", "周", "近", "付", "辺",
        "と", "か", "育", "郊", "中心", "病院",
    ];
    if !(2..=6).contains(&chars) || public || stops.iter().any(|word| run.starts_with(word)) {
        return None;
    }
    let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
    if scene.start(first) != start {
        // The dictionary cut elsewhere (区立|石): what is left of the run is the town.
        return (chars <= 4).then(|| start + run.len());
    }
    let mut end = start;
    for i in first..scene.tokens.len() {
        let word = scene.surface(i);
        let suffix = matches!(word, "町" | "台" | "丘" | "本町") && scene.has(i, flag::NOUN);
        let stop = flag::FACILITY_SUFFIX | flag::FACILITY_GENERIC | flag::FAMILY | flag::HONORIFIC | flag::CONCEPT | flag::NUMBER;
        let name = scene.has(i, flag::REGION | flag::SURNAME | flag::MUNICIPALITY | flag::DICTIONARY_SURNAME)
            || scene.has(i, flag::UNKNOWN) && word.chars().all(is_kanji);
        if scene.start(i) != end || !(suffix || name && !scene.has(i, stop)) {
            break;
        }
        end = scene.end(i);
    }
    (end > start).then_some(end)
}

/// Words after a place where somebody lives, comes from or is treated.
const LIVES: [&str; 34] = [
    "から高速",
    "を朝",
    "から特急",
    "の診療所",
    "に住",
    "在住",
    "に在",
    "から来",
    "からかけ",
    "から電話",
    "から通",
    "から参",
    "から出",
    "からです",
    "から車",
    "から電車",
    "から新幹線",
    "出身",
    "の出",
    "住まい",
    "におり",
    "におる",
    "にいる",
    "の実家",
    "の自宅",
    "の病院",
    "の医院",
    "の先生",
    "のもん",
    "の者",
    "で暮ら",
    "に引っ越",
    "の田舎",
    "に嫁",
];

/// The end of a municipality without its suffix that the dictionary cuts: 南|アルプス, 会津|若松.
fn bare_in_pieces(scene: &Scene<'_>, i: usize) -> Option<usize> {
    if !scene.has(i, flag::NOUN) || !scene.touches(i) {
        return None;
    }
    let past = (i + 2..=(i + 3).min(scene.tokens.len())).take_while(|&past| scene.touches(past - 2)).filter(|&past| {
        let name = scene.joined(i, past);
        name.chars().nth(2).is_some() && scene.lexis.word(name) & flag::MUNICIPALITY != 0
    });
    let end = scene.end(past.last()? - 1);
    let after = scene.after(end);
    let word = after.starts_with(|c: char| is_kanji(c) || is_katakana(c)) && !PLACE_WORDS.iter().any(|word| after.starts_with(word));
    let inside =
        scene.before(scene.start(i)).ends_with(|c: char| is_kanji(c) || is_katakana(c)) && !follows_place(scene.before(scene.start(i)));
    (!word && !inside).then_some(end)
}

/// Whether token `i` is a municipality without its suffix: 札幌, 対馬; or a smaller place somebody lives in.
fn is_bare(scene: &Scene<'_>, i: usize) -> bool {
    let (listed, region) = (scene.has(i, flag::MUNICIPALITY), scene.has(i, flag::REGION));
    if !listed && !region {
        return false;
    }
    let surface = scene.surface(i);
    let name = region || (listed && scene.has(i, flag::SURNAME | flag::PROPER | flag::DICTIONARY_REGION));
    let written = surface.chars().any(is_kanji) || surface.chars().nth(2).is_some();
    if !name
        || !written
        || surface.chars().nth(1).is_none()
        || scene.has(i, flag::CONCEPT | flag::COUNTRY)
        || PREFECTURES.contains(&surface)
        || WIDE.contains(&surface)
    {
        return false;
    }
    let is_word = |i: usize| scene.has(i, flag::NOUN) && scene.surface(i).chars().next().is_some_and(is_japanese);
    if i > 0 && scene.touches(i - 1) && is_word(i - 1) && !follows_place(scene.before(scene.start(i))) {
        return false;
    }
    let after = scene.after(scene.end(i));
    if scene.touches(i) && is_word(i + 1) && !PLACE_WORDS.iter().any(|word| after.starts_with(word)) {
        return false;
    }
    let lives = ["住所は", "住まいは", "自宅は", "実家が", "実家は", "地元は", "出身は"]
        .iter()
        .any(|word| scene.before(scene.start(i)).ends_with(word))
        || LIVES.iter().any(|word| after.starts_with(word))
        || (scene.surface(i + 1) == "島" && scene.touches(i));
    let particle = PLACE_PARTICLES.iter().any(|word| after.starts_with(word));
    if !listed {
        let island = surface.ends_with('島') && surface.chars().nth(2).is_some() && particle;
        return (lives || island) && surface.chars().all(is_japanese) && surface.chars().any(is_kanji);
    }
    // 富山の高岡です: below its prefecture it is the place.
    let before = scene.before(scene.start(i)).trim_end_matches(['の', '、', ' ', '県']);
    let sees = region || scene.has(i, flag::PROPER) || after.starts_with("です") || OUTRIGHT.iter().any(|word| after.starts_with(word));
    if sees && before.len() < scene.start(i) && PREFECTURES.iter().any(|name| before.ends_with(name)) {
        return true;
    }
    let person = ["さん", "様", "です", "と申", "といいま", "でござ", "先生"].iter().any(|word| after.starts_with(word));
    if scene.has(i, flag::LISTED_SURNAME) {
        return lives || region && particle && !person;
    }
    if scene.has(i, flag::AMBIGUOUS_SURNAME | flag::SURNAME) {
        return (region || particle) && !person;
    }
    region || lives || OUTRIGHT.iter().any(|word| after.starts_with(word))
}

/// What follows a place also where the dictionary sees an everyday word: 小倉から, 天草なんです.
const OUTRIGHT: [&str; 10] = ["から", "まで", "の方", "のほう", "なんです", "なら", "でし", "だと", "在", "へ"];

/// What may follow a place and hardly a person.
const PLACE_PARTICLES: [&str; 18] = [
    "から",
    "に",
    "まで",
    "の",
    "で",
    "へ",
    "か",
    "在",
    "、",
    "。",
    "なん",
    "なら",
    "だと",
    "でした",
    "でして",
    "やけど",
    "や。",
    "だけど",
];

//! Facilities, schools and workplaces with a name of their own. Kinds (総合病院, 近所のクリニック) and public cancer centres
//! and university hospitals stay.

mod kana;

use super::Detector;
use crate::error::Result;
use crate::redact::lexis::{Flags, PREFECTURES, flag, is_hiragana, is_japanese, is_kanji, is_katakana};
use crate::redact::prefilter::{Expression, PrefilterBuilder};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct FacilityDetector {
    company: Expression,
}

/// Longest suffix in tokens (訪問|看護|ステーション).
const SUFFIX_TOKENS: usize = 3;

/// Longest proper part in tokens.
const NAME_TOKENS: usize = 9;

/// What a name may end with so that any thing's name before it makes a proper name: さくら病院, 湖北第一病院.
const STRONG: [&str; 17] = [
    "病院",
    "総合病院",
    "医院",
    "クリニック",
    "診療所",
    "医療センター",
    "クリニカルセンター",
    "メディカルセンター",
    "総合医療センター",
    "歯科医院",
    "レディースクリニック",
    "こどもクリニック",
    "ホスピス",
    "健診センター",
    "検診センター",
    "画像診断センター",
    "PETセンター",
];

/// Schools.
const SCHOOLS: [&str; 10] = ["小学校", "中学校", "高校", "高等学校", "幼稚園", "保育園", "保育所", "こども園", "学園", "学院"];

/// How sure a suffix is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strength {
    /// A hospital or a school: any thing's name before it makes a name.
    Strong,
    /// A department that is also a practice (整形外科): names of people and places only.
    Department,
    /// A line of business: names of people and places, and words no dictionary knows.
    Business,
}

impl FacilityDetector {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self {
            company: words.expression(
                r"JA[\p{Han}]{2,6}|(?:株式会社|有限会社|合同会社|\(株\)|\(有\)) ?(?P<name>[\p{Han}\p{Katakana}A-Za-zー々・]{2,16})",
            )?,
        })
    }
}

impl Detector for FacilityDetector {
    fn triggers(&self) -> Flags {
        flag::FACILITY_SUFFIX | flag::FACILITY_CUE | flag::PROPER
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let mut from = 0;
        for i in 0..scene.tokens.len() {
            if scene.start(i) < from {
                continue;
            }
            let span = if let Some(first) = suffix_start(scene, i).filter(|&first| scene.start(first) >= from) {
                named(scene, first, i + 1, from)
            } else if scene.has(i, flag::PROPER) && !scene.has(i, flag::PERSON | flag::REGION | flag::CONCEPT) {
                known(scene, i)
            } else {
                None
            };
            if let Some((start, end)) = span {
                found.push(scene.span(start, end, IdentifierType::Facility));
                from = end;
            }
        }
        if scene.seen & (flag::FACILITY_SUFFIX | flag::FACILITY_CUE) != 0 {
            found.extend(self.company.find_iter(scene).map(|m| scene.span(m.start(), m.end(), IdentifierType::Facility)));
        }
    }
}

/// Where the longest suffix begins that ends with token `last`: 総合|病院, 医療|センター, 訪問|看護|ステーション, 皮膚|科.
fn suffix_start(scene: &Scene<'_>, last: usize) -> Option<usize> {
    if !scene.has(last, flag::NOUN) || !scene.lexis.may_end_suffix(scene.surface(last)) {
        return None;
    }
    let first = (0..=last).rev().take(SUFFIX_TOKENS).take_while(|&i| i == last || scene.touches(i));
    first.filter(|&i| scene.lexis.word(scene.joined(i, last + 1)) & flag::FACILITY_SUFFIX != 0).last()
}

/// The facility with the suffix of tokens `i..past` and its name to the left, not before byte `from`.
fn named(scene: &Scene<'_>, i: usize, past: usize, from: usize) -> Option<(usize, usize)> {
    let suffix = scene.joined(i, past);
    let end = scene.end(past - 1);
    // 大学 of 大学病院 and 内科 of 内科医院 are parts of what follows.
    let follows = scene.after(end);
    if ["病院", "医院", "クリニック", "医学部", "附属", "付属", "医療センター", "センター", "生", "医"]
        .iter()
        .any(|word| follows.starts_with(word))
    {
        return None;
    }
    // 整形 is short for 整形外科, unless that is what is said.
    if suffix == "整形" && follows.starts_with("外科") {
        return None;
    }
    let strength = if STRONG.contains(&suffix) || SCHOOLS.contains(&suffix) {
        Strength::Strong
    } else if suffix.ends_with('科') {
        Strength::Department
    } else {
        Strength::Business
    };
    let suffix_start = scene.start(i);
    let mut start = suffix_start;
    let mut proper = false;
    let mut first = i;
    for _ in 0..NAME_TOKENS {
        if let Some(name) = kana::name_before(scene, from, start) {
            start -= name;
            proper = true;
            first = scene.tokens.partition_point(|t| (t.start as usize) < start);
        } else if first > 0 && scene.end(first - 1) == start && scene.start(first - 1) >= from && is_part(scene, first - 1) {
            first -= 1;
            start = scene.start(first);
            proper |= is_proper(scene, first, strength);
        } else {
            break;
        }
    }
    // Whose place it is and where does not belong to the name: 主治医|さくら病院.
    while first < i && scene.has(first, flag::FAMILY | flag::HONORIFIC) && scene.start(first) == start {
        first += 1;
        start = scene.start(first);
    }
    if !proper
        && ["ステーション", "サービス", "ホーム", "クリニック", "薬局", "園", "特養", "老健"].iter().any(|kind| suffix.ends_with(kind))
    {
        // デイサービスほほえみ, 訪問看護ステーションさくら.
        return kana::name_after(follows).map(|name| {
            let house = ["苑", "園", "荘", "の里", "の家"].iter().find(|house| follows[name..].starts_with(*house));
            (suffix_start, end + name + house.map_or(0, |house| house.len()))
        });
    }
    // 高知医療センター is as public as the prefecture.
    let prefecture = suffix.ends_with("センター")
        && (first..i).all(|j| PREFECTURES.contains(&scene.surface(j)) || scene.has(j, flag::FACILITY_GENERIC | flag::SUFFIX));
    // 新潟大学医|歯学総合病院 is a university hospital.
    let university = scene.before(start).ends_with("大学医") || scene.before(start).ends_with("大学");
    (proper && !prefecture && !university && start < suffix_start && !is_public(scene, &scene.text[start..end])).then_some((start, end))
}

/// A facility the dictionary has as one word: 聖マリアンナ医科大学.
fn known(scene: &Scene<'_>, i: usize) -> Option<(usize, usize)> {
    let surface = scene.surface(i);
    let suffix =
        ["大学", "病院", "医院", "高校", "学園", "学院", "女子大", "医大"].iter().any(|s| surface.ends_with(s) && surface.len() > s.len());
    if !suffix || is_public(scene, surface) || scene.lexis.word(surface) & (flag::FACILITY_GENERIC | flag::FACILITY_SUFFIX) != 0 {
        return None;
    }
    // 新潟大学|医歯学総合病院 is a university hospital.
    let rest = scene.after(scene.end(i));
    let rest = &rest[..rest.find(|c| !is_japanese(c) || is_hiragana(c)).unwrap_or(rest.len())];
    let hospital = rest.contains("病院")
        || rest.starts_with("医学部")
        || rest.starts_with("附属")
        || rest.starts_with("付属")
        || rest.starts_with("医療センター");
    (!hospital).then(|| (scene.start(i), scene.end(i)))
}

/// Whether a facility is one of the public centres, or a university hospital.
pub(super) fn is_public(scene: &Scene<'_>, name: &str) -> bool {
    let university =
        ["大学", "医大", "医科大"].iter().any(|word| name.contains(word)) && (name.ends_with("病院") || name.ends_with("センター"));
    university || scene.lexis.lists.facility_public.is_within(name)
}

/// Whether token `i` may stand inside the name of a facility.
fn is_part(scene: &Scene<'_>, i: usize) -> bool {
    let surface = scene.surface(i);
    // 松の木診療所, 希望の丘クリニック.
    let garden = surface == "の" && i > 0 && scene.touches(i - 1) && scene.has(i + 1, flag::NOUN);
    let garden = garden
        && (scene.has(i - 1, flag::THING) && !scene.has(i - 1, flag::FACILITY_GENERIC | flag::FAMILY)
            || kana::name_before(scene, 0, scene.start(i)).is_some());
    if garden
        && ["木", "丘", "森", "里", "杜", "門", "宮", "花", "浜", "湖", "家", "子", "街", "郷", "谷", "園", "泉", "上"]
            .contains(&scene.surface(i + 1))
    {
        return true;
    }
    if matches!(surface, "ヶ" | "ノ" | "ケ" | "・" | "々") || (surface.len() >= 2 && surface.chars().all(|c| c.is_ascii_uppercase())) {
        return true;
    }
    // 第一病院.
    if scene.has(i, flag::NUMBER) {
        return i > 0 && scene.touches(i - 1) && scene.surface(i - 1) == "第" && surface.chars().all(is_kanji);
    }
    // 港北あさひ病院 | 呼吸器外科: a department belongs to the hospital before it.
    let stop = scene.has(i, flag::PRONOUN | flag::HONORIFIC | flag::ADVERBIAL)
        || STRONG.contains(&surface) && surface != "ホスピス"
        || SCHOOLS.contains(&surface)
        || matches!(
            surface,
            "の" | "前"
                | "今"
                | "次"
                | "当"
                | "県"
                | "府"
                | "内"
                | "県内"
                | "市内"
                | "院内"
                | "側"
                | "先"
                | "中"
                | "後"
                | "元"
                | "院"
        );
    !stop && scene.has(i, flag::NOUN) && surface.chars().all(is_japanese)
}

/// Whether token `i` makes a name of a kind.
fn is_proper(scene: &Scene<'_>, i: usize, strength: Strength) -> bool {
    let surface = scene.surface(i);
    if scene.has(i, flag::FACILITY_GENERIC | flag::FACILITY_SUFFIX | flag::FAMILY | flag::CONCEPT | flag::SUFFIX) {
        return false;
    }
    let two = surface.chars().nth(1).is_some();
    let named = scene.has(i, flag::PERSON | flag::REGION | flag::MUNICIPALITY | flag::ANY_SURNAME) && !scene.has(i, flag::COUNTRY);
    let kana = two && surface.chars().all(is_hiragana) && scene.has(i, flag::THING);
    match strength {
        Strength::Department => named || kana,
        Strength::Business => named || kana || scene.has(i, flag::UNKNOWN) && two && surface.chars().all(|c| is_kanji(c) || is_katakana(c)),
        Strength::Strong => {
            named
                || scene.has(i, flag::THING | flag::UNKNOWN | flag::COUNTRY)
                || surface == "第"
                || (!two && surface.chars().all(is_kanji))
                || surface.chars().all(is_katakana)
        }
    }
}

//! Facilities, schools and workplaces with a name of their own. Kinds (総合病院, 近所のクリニック) and public cancer centres
//! and university hospitals stay.

use regex::Regex;

use super::{Detector, expression};
use crate::error::Result;
use crate::redact::lexis::{Flags, flag, is_hiragana, is_japanese};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct FacilityDetector {
    called: Regex,
    company: Regex,
}

/// Longest suffix in tokens (訪問|看護|ステーション).
const SUFFIX_TOKENS: usize = 3;

/// Longest proper part in tokens.
const NAME_TOKENS: usize = 8;

impl FacilityDetector {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            called: expression(
                r"(?P<name>[\p{Han}\p{Katakana}ー々]{3,14})(?:という|っていう|って|いう)(?:会社|工場|病院|学校|施設|クリニック|医院)",
            )?,
            company: expression(r"(?:株式会社|有限会社|合同会社|\(株\)|\(有\)) ?(?P<name>[\p{Han}\p{Katakana}A-Za-zー々・]{2,16})")?,
        })
    }
}

impl Detector for FacilityDetector {
    fn triggers(&self) -> Flags {
        flag::FACILITY_SUFFIX | flag::PROPER
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let mut from = 0;
        for i in 0..scene.tokens.len() {
            if i < from {
                continue;
            }
            let span = if scene.has(i, flag::FACILITY_SUFFIX) {
                named(scene, i, from)
            } else if scene.has(i, flag::PROPER) && !scene.has(i, flag::PERSON | flag::REGION | flag::CONCEPT) {
                known(scene, i)
            } else {
                None
            };
            if let Some((start, past)) = span {
                found.push(scene.span(scene.start(start), scene.end(past - 1), IdentifierType::Facility));
                from = past;
            }
        }
        if scene.seen & flag::FACILITY_SUFFIX != 0 {
            for caps in self.company.captures_iter(scene.text) {
                found.extend(caps.get(0).map(|m| scene.span(m.start(), m.end(), IdentifierType::Facility)));
            }
            for caps in self.called.captures_iter(scene.text) {
                let Some(name) = caps.name("name") else { continue };
                let generic = scene.lexis.word(name.as_str()) != 0 || is_public(scene, name.as_str());
                let token = scene.tokens.iter().position(|t| t.start as usize == name.start());
                if !generic && token.is_some_and(|i| (i..i + NAME_TOKENS).any(|j| scene.start(j) < name.end() && is_proper(scene, j))) {
                    found.push(scene.span(name.start(), name.end(), IdentifierType::Facility));
                }
            }
        }
    }
}

/// The facility whose suffix holds token `i`, with its name to the left, not before token `from`.
fn named(scene: &Scene<'_>, i: usize, from: usize) -> Option<(usize, usize)> {
    // The longest suffix that begins here: 総合|病院, 医療|センター, 整形|外科.
    let past = (i + 1..=(i + SUFFIX_TOKENS).min(scene.tokens.len()))
        .take_while(|&past| past == i + 1 || scene.touches(past - 2))
        .filter(|&past| scene.lexis.word(scene.joined(i, past)) & flag::FACILITY_SUFFIX != 0)
        .last()
        .unwrap_or(i + 1);
    // 大学 of 大学病院 and 内科 of 内科医院 are parts of what follows.
    let follows = scene.after(scene.end(past - 1));
    if ["病院", "医院", "クリニック", "医学部", "附属", "付属", "医療センター", "センター", "生"]
        .iter()
        .any(|word| follows.starts_with(word))
    {
        return None;
    }
    let mut start = i;
    while start > from && i - start < NAME_TOKENS && scene.touches(start - 1) && is_part(scene, start - 1) {
        start -= 1;
    }
    if scene.text[..scene.end(past - 1)].len() == scene.start(start) || is_public(scene, scene.joined(start, past)) {
        return None;
    }
    // What only says where or whose the place is, is not the name: 主治医|さくら病院.
    while start < i && scene.has(start, flag::FAMILY | flag::HONORIFIC) {
        start += 1;
    }
    (start..i).any(|j| is_proper(scene, j)).then_some((start, past))
}

/// A facility the dictionary has as one word: 聖マリアンナ医科大学.
fn known(scene: &Scene<'_>, i: usize) -> Option<(usize, usize)> {
    let surface = scene.surface(i);
    let suffix =
        ["大学", "病院", "医院", "高校", "学園", "学院", "女子大", "医大"].iter().any(|s| surface.ends_with(s) && surface.len() > s.len());
    let follows = scene.after(scene.end(i));
    let public = ["病院", "医学部", "附属", "付属", "医療センター"].iter().any(|word| follows.starts_with(word));
    (suffix && !public && !is_public(scene, surface) && scene.lexis.word(surface) == 0).then_some((i, i + 1))
}

fn is_public(scene: &Scene<'_>, name: &str) -> bool {
    scene.lexis.lists.facility_public.is_within(name)
}

/// Whether token `i` may stand inside the name of a facility.
fn is_part(scene: &Scene<'_>, i: usize) -> bool {
    let surface = scene.surface(i);
    if matches!(surface, "ヶ" | "ノ" | "ケ" | "・") {
        return true;
    }
    // 港北あさひ病院 | 呼吸器外科: a department belongs to the hospital before it.
    let stop = scene.has(i, flag::NUMBER | flag::PRONOUN | flag::CONCEPT | flag::HONORIFIC)
        || scene.has(i, flag::FACILITY_SUFFIX) && !matches!(surface, "大学")
        || matches!(surface, "の" | "前" | "今" | "次" | "当" | "県" | "府" | "内");
    !stop && scene.has(i, flag::NOUN) && surface.chars().all(is_japanese)
}

/// Whether token `i` makes a name of a kind.
fn is_proper(scene: &Scene<'_>, i: usize) -> bool {
    let surface = scene.surface(i);
    if scene.has(i, flag::FACILITY_GENERIC | flag::FACILITY_SUFFIX | flag::FAMILY | flag::CONCEPT) {
        return false;
    }
    let named = scene.has(i, flag::PERSON | flag::REGION | flag::PROPER | flag::MUNICIPALITY | flag::ANY_SURNAME);
    let unknown = scene.has(i, flag::UNKNOWN) && surface.chars().all(is_japanese);
    let kana = surface.chars().all(is_hiragana) && surface.chars().nth(1).is_some();
    named || unknown || kana
}

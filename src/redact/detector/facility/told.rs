//! Facilities whose kind stands before their name (グループホームつばき) or after という (ミモザっていう美容室).

use super::is_public;
use crate::error::Result;
use crate::redact::lexis::{flag, is_hiragana, is_kanji, is_katakana};
use crate::redact::prefilter::{Expression, PrefilterBuilder, WordSet};
use crate::redact::scene::{Scene, tail};
use crate::redact::{IdentifierSpan, IdentifierType};

/// Names of facilities that the sentence tells.
pub(super) struct Told {
    kind_first: Expression,
    /// What follows the name of a facility that is called so.
    called: Expression,
    /// The kinds of what is called so.
    kinds: WordSet,
    name: Expression,
    temple: Expression,
    /// はせべ内科クリニック, ほしぞら幼稚園: hiragana at the beginning of a phrase, and kinds.
    hiragana: Expression,
    /// What follows the name of a firm or a school that somebody works for or goes to.
    work: Expression,
}

/// Characters of a name and what stands before it.
const LONGEST_NAME: usize = 13;

/// Kinds that stand before a name.
const KINDS: &str = r"グループホーム|ケアハウス|ペンション|老健|特養|NPO法人|NPO|医療法人(?:社団)?|社会福祉法人|一般社団法人|訪問看護|ケアプラン|カフェ|アトリエ|デイサービス|デイケア|ホスピス|介護タクシー|サ高住|クリニック・ド・|有料老人ホーム|小規模多機能|ビューティーサロン|サロン|ケアホーム|介護老人保健施設|介護老人福祉施設|特別養護老人ホーム|道の駅|ハウス|スーパー|ベーカリー|パーラー|ドラッグ|ホームセンター|ゲストハウス|フラワー";

/// Departments, which names of practices hold one after the other.
const DEPARTMENTS: &str = "内科|外科|小児科|整形外科|胃腸科|皮膚科|皮ふ科|眼科|耳鼻科|産婦人科|泌尿器科|遺伝|ペイン|こども|レディース";

/// Kinds that stand behind という.
const CALLED: &str = r"美容室|床屋|和菓子屋|天ぷら屋|味噌屋|そば屋|蕎麦屋|パン屋|ラーメン屋|喫茶店|居酒屋|ホスピス|特養|老健|老人ホーム|グループホーム|有料|放課後デイ|デイ|施設|団体|患者会|NPO|店|宿|旅館|学校|保育園|幼稚園|塾|会社|病院|クリニック|医院|眼科|美容院|ホーム|とこ|ところ|工場|事業所|薬局|絵の教室|教室|レストラン|食堂";

impl Told {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self {
            kinds: words.words(&CALLED.split('|').collect::<Vec<_>>())?,
            kind_first: words.expression(&format!(
                r"(?:{KINDS})[ 「]?(?P<name>[\p{{Han}}]{{1,4}}(?:苑|園|荘|の里|の家|の丘|の杜|の森|庵|亭|会|館|舎)|[\p{{Katakana}}ー・]{{3,10}}|[ぁ-ん]{{3,8}}(?:苑|園|荘|亭)?)"
            ))?,
            hiragana: words.expression(&format!(
                r"(?:^|[、。「 (はがで])(?P<name>(?P<own>[ぁ-んー]{{3,6}})(?:の(?:里|森|丘|杜|木|花|風|海|空|郷))?\p{{Han}}?(?:(?:{DEPARTMENTS})*(?:クリニック|診療所|医院|病院|皮ふ科|皮フ科|胃腸科|保育園|幼稚園|小児科|皮膚科|眼科|歯科|内科)))"
            ))?,
            temple: words.expression(r"(?:^|[^お\p{Han}])(?P<name>\p{Han}{1,3}(?:寺|神社))(?:の住職|の和尚|の檀家|の僧侶|で|に|の|へ|、|。)")?,
            work: words.expression(
                "勤務|に勤め|に乗って|の健康保険組合|の転勤|を休職|で働|に再就職|に障害者枠|の同僚|の社員|の下請け|の工場|の経営|を経営|の追試|の高等部|の養護教諭|の担任|の者です|の事務",
            )?,
            called: words.expression(&format!(r"(?:という|っていう|って|いう)(?:小さな|小さい|近所の|名前の)?(?:{CALLED})"))?,
            name: words.expression(r"(?:^|[、。「 (はがのでにとも])(?P<name>[\p{Han}\p{Katakana}ー々 の上坂]{2,12}|[ぁ-んー]{3,8})$")?,
        })
    }

    /// Adds the names in the text.
    pub(super) fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        for caps in self.kind_first.captures_iter(scene) {
            let (Some(whole), Some(name)) = (caps.get(0), caps.name("name")) else { continue };
            if let Some(end) = self.end(scene, name.start(), name.end()) {
                found.push(scene.span(whole.start(), end, IdentifierType::Facility));
            }
        }
        for caps in self.hiragana.captures_iter(scene) {
            let (Some(name), Some(own)) = (caps.name("name"), caps.name("own")) else { continue };
            if is_own_hiragana(scene, own.start(), own.end()) {
                found.push(scene.span(name.start(), name.end(), IdentifierType::Facility));
            }
        }
        let temples = self.temple.names(scene, "name").filter(|name| !["菩提寺", "檀那寺", "神社", "尼寺"].contains(&name.as_str()));
        found.extend(temples.map(|name| scene.span(name.start(), name.end(), IdentifierType::Facility)));
        for work in self.work.find_iter(scene) {
            let script = |c: char| is_kanji(c) || is_katakana(c) || c == '々';
            let start = scene.before(work.start()).trim_end_matches(script).len();
            let chars = scene.text[start..work.start()].chars().count();
            if (3..=12).contains(&chars) && is_firm(scene, start, work.start()) {
                found.push(scene.span(start, work.start(), IdentifierType::Facility));
            }
        }
        let called = scene.holds(self.kinds).then_some(&self.called);
        for called in called.into_iter().flat_map(|expression| expression.find_iter(scene)) {
            let before = tail(scene.before(called.start()), LONGEST_NAME);
            let from = called.start() - before.len();
            let name = self.name.captures(scene, before).and_then(|caps| caps.name("name"));
            if let Some(name) = name.filter(|name| is_own(scene, from + name.start(), from + name.end())) {
                found.push(scene.span(from + name.start(), from + name.end(), IdentifierType::Facility));
            }
        }
    }

    /// Where a name behind its kind ends, of hiragana where a word does: つばきに is つばき and a particle.
    fn end(&self, scene: &Scene<'_>, start: usize, end: usize) -> Option<usize> {
        if !scene.after(start).starts_with(is_hiragana) {
            return is_own(scene, start, end).then_some(end);
        }
        let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
        let noun =
            |i: usize| scene.start(i) < end && scene.has(i, flag::THING | flag::UNKNOWN | flag::PERSON | flag::REGION | flag::PROPER);
        let past = (first..scene.tokens.len()).take_while(|i| noun(*i)).last()? + 1;
        let stop = scene.end(past - 1).min(end);
        let own = scene.start(first) == start && scene.text[start..stop].chars().nth(1).is_some();
        (own && is_own(scene, start, stop)).then_some(stop)
    }
}

/// Whether hiragana before a kind of practice are its own name: いつもの, ちいさな, かかった and the like modify it.
fn is_own_hiragana(scene: &Scene<'_>, start: usize, end: usize) -> bool {
    let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
    let last = scene.tokens.partition_point(|t| (t.end as usize) < end);
    let own = &scene.text[start..end];
    let modifies = ["の", "な", "た", "い", "る", "う", "く", "て", "で", "に", "を", "は", "が", "も", "と", "か", "から", "なら", "たら"]
        .iter()
        .any(|e| own.ends_with(e));
    let word = first == last && !scene.has(first, flag::UNKNOWN | flag::THING | flag::PERSON | flag::REGION | flag::PROPER);
    scene.start(first) == start
        && !(modifies && scene.start(last) > start)
        && !word
        && scene.lexis.word(own) & (flag::FAMILY | flag::FACILITY_GENERIC | flag::HONORIFIC) == 0
}

/// Whether words before a word of work are the name of a firm or school: with a part that is no everyday word, and more than a place.
fn is_firm(scene: &Scene<'_>, start: usize, end: usize) -> bool {
    let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
    let mut tokens = (first..scene.tokens.len()).take_while(|&i| scene.start(i) < end);
    let proper = flag::UNKNOWN | flag::PERSON | flag::REGION | flag::ANY_SURNAME | flag::DICTIONARY_SURNAME | flag::PROPER;
    let place = flag::REGION | flag::SUFFIX | flag::PERSON | flag::FACILITY_GENERIC | flag::NUMBER;
    let name = &scene.text[start..end];
    scene.start(first) == start
        && !name.starts_with('某')
        && !name.ends_with("チェーン")
        && tokens.clone().any(|i| scene.has(i, proper) && !scene.has(i, flag::CONCEPT | flag::FAMILY | flag::FACILITY_GENERIC))
        && !tokens.clone().all(|i| scene.has(i, place))
        && tokens.all(|i| !scene.has(i, flag::FAMILY | flag::PRONOUN | flag::ADVERBIAL | flag::VERB | flag::HONORIFIC))
        && scene.lexis.word(name) & (flag::FACILITY_GENERIC | flag::FAMILY) == 0
        && !is_public(scene, name)
}

/// Whether words are nobody's kind of thing, no family, disease or public centre.
fn is_own(scene: &Scene<'_>, start: usize, end: usize) -> bool {
    let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
    let tokens = || (first..scene.tokens.len()).take_while(|&i| scene.start(i) < end);
    let generic =
        flag::FACILITY_GENERIC | flag::FACILITY_SUFFIX | flag::FAMILY | flag::CONCEPT | flag::PRONOUN | flag::ADVERBIAL | flag::NUMBER;
    let proper = flag::UNKNOWN | flag::THING | flag::PERSON | flag::REGION | flag::PROPER | flag::ANY_SURNAME;
    let name = &scene.text[start..end];
    scene.start(first) == start
        && tokens().all(|i| !scene.has(i, generic))
        && tokens().any(|i| scene.has(i, proper))
        && !tokens().any(|i| scene.has(i, flag::VERB))
        && scene.lexis.word(name) & (flag::FACILITY_GENERIC | flag::FAMILY) == 0
        && !is_public(scene, name)
}

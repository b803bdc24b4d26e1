//! Names that the sentence itself tells to be names: how they are read, in brackets behind a relative, before くん, in Latin
//! letters, or corrected (さえきじゃなくてさいき).

use super::known::is_full;
use super::spelled::names_here;
use crate::error::Result;
use crate::redact::lexis::{Flags, flag, is_kanji, is_katakana, script_of};
use crate::redact::prefilter::{Expression, PrefilterBuilder, WordSet};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

/// One expression for each way of telling.
pub(super) struct Told {
    /// みたらいと読みます.
    reading: Expression,
    /// 字, beside which the reading is one of a name.
    character: WordSet,
    /// 「そら」って読みます.
    quoted: Expression,
    /// 読みはふじはら.
    reading_after: Expression,
    /// 妻(和代), 父・Marco.
    bracketed: Expression,
    /// 長男が成文、次男が征矢.
    siblings: Expression,
    /// なぎくん.
    young: Expression,
    /// 大我くん.
    child: Expression,
    /// イネばあさん, with the name looked for before it.
    old: Expression,
    /// Emilyさん.
    latin: Expression,
    /// 倉吉市の足立です.
    place: Expression,
    /// 内堀まで伝言, 永嶺が受電, 本山言うんじゃが, with the surname looked for before it.
    message: [Expression; 3],
    /// 小松崎大聖(.
    full: Expression,
    /// さえきじゃなくてさいき.
    corrected: Expression,
}

const NAMES: Flags = flag::ANY_SURNAME | flag::KNOWN_SURNAME | flag::DICTIONARY_SURNAME | flag::ANY_GIVEN | flag::KNOWN_GIVEN;

/// What stands before くん without being a name.
const NO_NAMES: [&str; 9] = ["ガリガリ", "おとうと", "むすこ", "わん", "にゃん", "いぬ", "ねこ", "うさぎ", "みんな"];

impl Told {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self {
            character: words.words(&["字"])?,
            reading: words.expression(
                r"(?:^|[、。「 (はが])(?P<name>[ぁ-んー]{2,8}|[ァ-ヴー]{2,8})(?:様|さま|さん|先生|ちゃん|くん)?(?:って|と)お?読(?:み|む|ん)",
            )?,
            quoted: words.expression(r"「(?P<name>[ぁ-んァ-ヴー]{2,8})」(?:って|と|て)(?:お?読|呼)")?,
            reading_after: words.expression(
                r"(?:読みは|読みが|フリガナは|ふりがなは|カナは|かなは)、?(?P<name>[ぁ-んァ-ヴー]{2,9}?)(?:なん|です|で、|、|。|と|$)",
            )?,
            bracketed: words.expression(
                r"(?:本人|患者|妻|夫|母|父|男|女|弟|妹|兄|姉|子|娘|孫|姪|甥|叔母|叔父|伯母|伯父|同僚|友人|氏名|担当)[(・:「](?P<name>[ァ-ヴー]{2,8}|\p{Han}{1,6}|\p{Han}{1,3} \p{Han}{1,3}|[ぁ-ん]{2,5}|[A-Z][A-Za-z]+)(?:[)」、。 ]|$)",
            )?,
            siblings: words.expression(
                r"(?:長男|次男|三男|長女|次女|三女|上の子|下の子|弟|妹|兄|姉|上が|下が)が(?P<name>[\p{Han}々]{1,3}|[ぁ-ん]{2,5}?)(?:、|と|で、|です|って)",
            )?,
            young: words.expression(r"(?:^|[、。「『( !?…がはのとをにもへ])(?P<name>[ぁ-んー]{2,4}|[ァ-ヴー]{2,6})(?:くん|君)")?,
            child: words.expression(r"(?P<name>[\p{Han}々]{2,3})(?:くん|ちゃん)")?,
            old: words.expression("ばあさん|じいさん|ばあちゃん|じいちゃん|おじ|おば|神父|牧師|師長|婦長|看護師")?,
            latin: words.expression(
                r"(?P<name>[A-Z][a-z]{2,}(?: [A-Z][A-Za-z\-]+)*|[A-Z]\. ?[A-Z][a-z]+)(?P<after>さん|様|氏|くん|ちゃん|先生|が|は|と|、|\)|$)",
            )?,
            place: words.expression(
                r"(?:市|区|町|村|郡|県|府|都)の(?P<name>[\p{Han}々]{1,4}|[ァ-ヴー]{2,6})(?:です|ですが|と申|といい|だけど|やけど|ですけど|やっど|だが|まで|ですがな)",
            )?,
            message: [
                words.expression("伝言|連絡|折り返し|折返し|お電話|までお願い|お渡し|転送")?,
                words.expression("受電|が対応|が応対|が担当|が折り返|が承り|が聴取|が代わり|が代行|で出ると思|の名前で")?,
                words.expression("(?:いう|言う|ちゅう|っちゅう|いいます|言います)(?:んじゃ|もん|者|んです|んだ|んや|ねん|けど|が、)")?,
            ],
            full: words.expression(r"(?P<name>[\p{Han}々]{3,6}|[\p{Han}々]{1,3} [\p{Han}々]{1,3})\(")?,
            corrected: words.expression("じゃなくて|ではなくて|ではなく|やなくて")?,
        })
    }

    /// Adds the names in the text; those found before tell of others.
    pub(super) fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        self.readings(scene, found);
        self.relatives(scene, found);
        self.addressed(scene, found);
        self.residents(scene, found);
        self.messages(scene, found);
        let full = self.full.names(scene, "name").filter(|m| is_full(scene, m.as_str()) && begins(scene, m.start()));
        found.extend(full.map(|m| person(scene, m.start(), m.end())));
        self.corrected(scene, found);
    }

    /// How a name is read: みたらいと読みます, 読みはふじはら.
    fn readings(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        if names_here(scene) || scene.holds(self.character) {
            found.extend(self.reading.names(scene, "name").map(|m| person(scene, m.start(), m.end())));
        }
        for expression in [&self.quoted, &self.reading_after] {
            found.extend(expression.names(scene, "name").map(|m| person(scene, m.start(), m.end())));
        }
    }

    /// Who a relative is: 妻(和代), 長男が成文.
    fn relatives(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        if scene.seen & flag::FAMILY == 0 {
            return;
        }
        let bracketed = self.bracketed.names(scene, "name").filter(|m| is_name(scene, m.start(), m.end()));
        found.extend(bracketed.map(|m| person(scene, m.start(), m.end())));
        let given = |word: &str| scene.lexis.word(word) & (flag::ANY_GIVEN | flag::KNOWN_GIVEN) != 0;
        let place = |at: usize| scene.has(scene.tokens.partition_point(|t| (t.start as usize) < at), flag::REGION | flag::NUMBER);
        let siblings = self.siblings.names(scene, "name").filter(|m| given(m.as_str()) && !place(m.start()));
        found.extend(siblings.map(|m| person(scene, m.start(), m.end())));
    }

    /// Whom children, the old and foreigners are addressed as: なぎくん, 大我くん, イネばあさん, Emilyさん.
    fn addressed(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let text = scene.text;
        let young = self
            .young
            .names(scene, "name")
            .filter(|m| !NO_NAMES.contains(&m.as_str()) && (!m.as_str().starts_with(is_katakana) || is_name(scene, m.start(), m.end())));
        found.extend(young.map(|m| person(scene, m.start(), m.end())));
        let child = self.child.names(scene, "name").filter(|m| {
            let flags = scene.lexis.word(m.as_str());
            flags & (flag::ANY_GIVEN | flag::KNOWN_GIVEN | flag::ANY_SURNAME) != 0 && flags & (flag::FAMILY | flag::HONORIFIC) == 0
        });
        found.extend(child.map(|m| person(scene, m.start(), m.end())));
        if scene.seen & (flag::UNKNOWN_KATAKANA | flag::PERSON | flag::FAMILY) != 0 {
            let old = self.old.find_iter(scene).filter_map(|title| run_before(text, title.start(), is_katakana, 2..=6));
            found.extend(old.filter(|(start, end)| is_name(scene, *start, *end)).map(|(start, end)| person(scene, start, end)));
        }
        for caps in self.latin.captures_iter(scene) {
            let (Some(name), Some(after)) = (caps.name("name"), caps.name("after")) else { continue };
            let polite = ["さん", "様", "氏", "くん", "ちゃん"].contains(&after.as_str());
            let doctor = ["Dr.", "Dr. ", "Dr ", "Dr"].iter().any(|title| scene.before(name.start()).ends_with(title));
            if polite || doctor || is_relative_before(scene, name.start()) {
                found.push(person(scene, name.start(), name.end()));
            }
        }
    }

    /// 倉吉市の足立です.
    fn residents(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        if scene.seen & (flag::MUNICIPALITY | flag::MUNICIPALITY_SUFFIX) != 0 {
            let names = self.place.names(scene, "name").filter(|m| is_surname(scene, m.start(), m.end()));
            found.extend(names.map(|m| person(scene, m.start(), m.end())));
        }
    }

    /// Whom a message is for, who answered, whose a number is.
    fn messages(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        // The words behind a surname are looked for first, since they are rarer.
        let names = self.message.iter().flat_map(|expression| expression.find_iter(scene)).filter_map(|m| {
            let before = scene.before(m.start()).trim_end_matches(['ご', 'お']);
            // 内堀までご伝言を, 永嶺が受電.
            let name = ["まで", "宛てに", "宛て", "に", "へ", "が", "、"].iter().find_map(|particle| before.strip_suffix(particle));
            run_before(scene.text, name.unwrap_or(before).len(), is_kanji, 1..=4)
        });
        found.extend(names.filter(|(start, end)| is_surname(scene, *start, *end)).map(|(start, end)| person(scene, start, end)));
        // A number is left, and then whose it is: 0993-00-2075、日高です.
        if found.iter().any(|s| matches!(s.kind, IdentifierType::Phone | IdentifierType::RecordId)) {
            for i in 0..scene.tokens.len() {
                let begins = scene.before(scene.start(i)).ends_with(['、', '。']);
                let says = ["です", "で出", "やっど", "だけど", "やけど", "といい", "と申"]
                    .iter()
                    .any(|word| scene.after(scene.end(i)).starts_with(word));
                if begins && says && is_surname(scene, scene.start(i), scene.end(i)) {
                    found.push(person(scene, scene.start(i), scene.end(i)));
                }
            }
        }
    }

    /// さえきじゃなくてさいきです: where one side is a name, the other is.
    fn corrected(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let text = scene.text;
        for joint in self.corrected.find_iter(scene) {
            let (left, right) = (joint.start(), joint.end());
            let right = right + scene.after(right).len() - scene.after(right).trim_start_matches(['、', ' ']).len();
            let is_found = |start: usize, end: usize| {
                found.iter().any(|s| s.kind == IdentifierType::Person && (s.start as usize) <= start && end <= s.end as usize)
            };
            let before = scene.before(left);
            let run = script_of(before.get(before.char_indices().next_back().map_or(0, |(i, _)| i)..).unwrap_or(""))
                .map_or(left, |script| before.trim_end_matches(script).len());
            let short = |start: usize, end: usize| (2..=8).contains(&text[start..end].chars().count());
            let end = right
                + script_of(scene.after(right))
                    .map_or(0, |script| scene.after(right).find(|c| !script(c)).unwrap_or(scene.after(right).len()));
            // です is hiragana, too.
            let stop = ["です", "でし", "っていい", "といい", "と申"]
                .iter()
                .filter_map(|word| text[right..end].find(word))
                .min()
                .map_or(end, |i| right + i);
            let name = |start: usize, end: usize| start < end && is_found(start, end);
            if name(run, left) && short(right, stop) && !name(right, stop) {
                found.push(scene.span(right, stop, IdentifierType::Person));
            } else if name(right, stop) && run < left && short(run, left) && !name(run, left) {
                found.push(scene.span(run, left, IdentifierType::Person));
            }
        }
    }
}

fn person(scene: &Scene<'_>, start: usize, end: usize) -> IdentifierSpan {
    scene.span(start, end, IdentifierType::Person)
}

/// Whether words are a name of a list, or no word at all.
fn is_name(scene: &Scene<'_>, start: usize, end: usize) -> bool {
    let word = &scene.text[start..end];
    let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
    let one = scene.start(first) == start && scene.end(first) == end;
    let other = flag::CONCEPT | flag::FAMILY | flag::FACILITY_GENERIC | flag::HONORIFIC | flag::ADVERBIAL | flag::PRONOUN;
    let counted = scene.has(first, flag::NUMBER);
    if counted || scene.lexis.word(word) & (flag::FAMILY | flag::FACILITY_GENERIC) != 0 || one && scene.has(first, other) {
        return false;
    }
    let listed = scene.lexis.word(word) & NAMES != 0 || word.chars().nth(2).is_some() && is_full(scene, word);
    let unknown = one && scene.has(first, flag::UNKNOWN | flag::PERSON) && (word.chars().all(is_katakana) || word.is_ascii());
    listed || unknown
}

/// The run of one script that ends at byte `end`, if it is as long as that.
fn run_before(text: &str, end: usize, script: fn(char) -> bool, chars: std::ops::RangeInclusive<usize>) -> Option<(usize, usize)> {
    let start = text[..end].trim_end_matches(script).len();
    chars.contains(&text[start..end].chars().count()).then_some((start, end))
}

/// Whether a token begins at this byte, and no kanji goes before.
fn begins(scene: &Scene<'_>, at: usize) -> bool {
    let first = scene.tokens.partition_point(|t| (t.start as usize) < at);
    scene.start(first) == at && !scene.before(at).ends_with(is_kanji)
}

/// Whether words are a surname of a list, and nobody's role, relative or kind of place.
fn is_surname(scene: &Scene<'_>, start: usize, end: usize) -> bool {
    let word = &scene.text[start..end];
    let surname = flag::ANY_SURNAME | flag::KNOWN_SURNAME | flag::DICTIONARY_SURNAME;
    let other = flag::FAMILY | flag::FACILITY_GENERIC | flag::FACILITY_SUFFIX | flag::HONORIFIC | flag::CUES;
    let flags = scene.lexis.word(word);
    let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
    let one = scene.start(first) == start && scene.end(first) == end;
    let ordinary = one && scene.has(first, flag::THING | flag::ADVERBIAL | flag::PRONOUN | flag::CONCEPT | flag::SUFFIX | flag::NUMBER);
    flags & surname != 0 && flags & other == 0 && (flags & flag::LISTED_SURNAME != 0 || !ordinary)
}

/// Whether a relative is named right before: 娘のEmily, 夫(Kevin), 父・Marco.
fn is_relative_before(scene: &Scene<'_>, at: usize) -> bool {
    let first = scene.tokens.partition_point(|t| (t.start as usize) < at);
    (first.saturating_sub(2)..first).any(|i| scene.has(i, flag::FAMILY))
}

//! Names that the sentence itself tells to be names: how they are read, in brackets behind a relative, before くん, in Latin
//! letters, corrected (さえきじゃなくてさいき), or by how they are written.

use regex::Regex;

use super::known::is_full;
use crate::error::Result;
use crate::redact::detector::expression;
use crate::redact::lexis::{Flags, flag, is_kanji, is_katakana, script_of};
use crate::redact::scene::{Scene, tail};
use crate::redact::{IdentifierSpan, IdentifierType};

/// One expression for each way of telling.
pub(super) struct Told {
    /// みたらいと読みます.
    reading: Regex,
    /// 妻(和代), 父・Marco.
    bracketed: Regex,
    /// なぎくん.
    young: Regex,
    /// イネばあさん, with the name looked for before it.
    old: Regex,
    /// Emilyさん.
    latin: Regex,
    /// 弓へんに長いの張.
    radical: Regex,
    /// 永遠と書いて.
    written: Regex,
    /// うえるほうの植.
    which: Regex,
    /// 読みはふじはら.
    reading_after: Regex,
    /// 内堀まで伝言, with the name looked for before it.
    message: Regex,
    /// 永嶺が受電, likewise.
    came: Regex,
    /// 倉吉市の足立です.
    place: Regex,
    /// 長男が成文、次男が征矢.
    siblings: Regex,
    /// 本山言うんじゃが, with the name looked for before it.
    called: Regex,
    /// 大我くん.
    child: Regex,
    /// 小松崎大聖(.
    full: Regex,
}

const NAMES: Flags = flag::ANY_SURNAME | flag::KNOWN_SURNAME | flag::DICTIONARY_SURNAME | flag::ANY_GIVEN | flag::KNOWN_GIVEN;

/// What stands before くん without being a name.
const NO_NAMES: [&str; 9] = ["ガリガリ", "おとうと", "むすこ", "わん", "にゃん", "いぬ", "ねこ", "うさぎ", "みんな"];

impl Told {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            reading: expression(
                r"(?:^|[、。「 (はが])(?P<name>[ぁ-んー]{2,8}|[ァ-ヴー]{2,8})(?:様|さま|さん|先生|ちゃん|くん)?(?:って|と)お?読(?:み|む|ん)",
            )?,
            bracketed: expression(
                r"(?:本人|患者|妻|夫|母|父|男|女|弟|妹|兄|姉|子|娘|孫|姪|甥|叔母|叔父|伯母|伯父|同僚|友人|氏名|担当)[(・:「](?P<name>[ァ-ヴー]{2,8}|\p{Han}{1,6}|\p{Han}{1,3} \p{Han}{1,3}|[ぁ-ん]{2,5}|[A-Z][A-Za-z]+)(?:[)」、。 ]|$)",
            )?,
            young: expression(r"(?:^|[、。「『( !?…がはのとをにもへ])(?P<name>[ぁ-んー]{2,4}|[ァ-ヴー]{2,6})(?:くん|君)")?,
            old: expression("ばあさん|じいさん|ばあちゃん|じいちゃん|おじ|おば|神父|牧師|師長|婦長|看護師")?,
            latin: expression(
                r"(?P<name>[A-Z][a-z]{2,}(?: [A-Z][A-Za-z\-]+)*|[A-Z]\. ?[A-Z][a-z]+)(?P<after>さん|様|氏|くん|ちゃん|先生|が|は|と|、|\)|$)",
            )?,
            radical: expression(
                r"(?:[\p{Han}ぁ-ん]{1,6}(?:へん|偏|かんむり|冠|にょう|だれ|がまえ|づくり)|さんずい|はしごだか|はしご高|たつさき)(?:に[^、。]{1,10}?)?(?:のほう|の方)?の\p{Han}(?:[にと、][^、。]{1,8}の\p{Han})*",
            )?,
            written: expression(r"(?P<how>[^、。「」 ?]{1,12}?)(?:って|と)(?:いう字|書いて|書く|書きます)(?P<after>.|$)")?,
            reading_after: expression(
                r"(?:読みは|読みが|フリガナは|ふりがなは|カナは|かなは)、?(?P<name>[ぁ-んァ-ヴー]{2,9}?)(?:なん|です|で、|、|。|と|$)",
            )?,
            message: expression("伝言|連絡|折り返し|折返し|お電話|までお願い|お渡し|転送")?,
            came: expression("受電|が対応|が応対|が担当|が折り返|が承り|が聴取|が代わり|が代行|で出ると思|の名前で")?,
            place: expression(
                r"(?:市|区|町|村|郡|県|府|都)の(?P<name>[\p{Han}々]{1,4}|[ァ-ヴー]{2,6})(?:です|ですが|と申|といい|だけど|やけど|ですけど|やっど|だが|まで|ですがな)",
            )?,
            siblings: expression(
                r"(?:長男|次男|三男|長女|次女|三女|上の子|下の子|弟|妹|兄|姉|上が|下が)が(?P<name>[\p{Han}々]{1,3}|[ぁ-ん]{2,5}?)(?:、|と|で、|です|って)",
            )?,
            called: expression("(?:いう|言う|ちゅう|っちゅう|いいます|言います)(?:んじゃ|もん|者|んです|んだ|んや|ねん|けど|が、)")?,
            child: expression(r"(?P<name>[\p{Han}々]{2,3})(?:くん|ちゃん)")?,
            full: expression(r"(?P<name>[\p{Han}々]{3,6}|[\p{Han}々]{1,3} [\p{Han}々]{1,3})\(")?,
            which: expression(r"[^、。「」 ?]{1,12}(?:ほう|方)の(?P<character>\p{Han})(?:に|と|で|、|。|$)")?,
        })
    }

    /// Adds the names in the text; those found before tell of others.
    pub(super) fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let text = scene.text;
        let person = |start: usize, end: usize| scene.span(start, end, IdentifierType::Person);
        let names_here = scene.seen & (flag::PERSON | flag::NAME_CUE | flag::ANY_SURNAME) != 0 || scene.asked & flag::NAME_CUE != 0;
        if text.contains('読') && (names_here || text.contains('字')) {
            let names = self.reading.captures_iter(text).filter_map(|caps| caps.name("name"));
            found.extend(names.map(|m| person(m.start(), m.end())));
        }
        if scene.seen & flag::FAMILY != 0 && text.contains(['(', '・', ':', '「']) {
            let names = self.bracketed.captures_iter(text).filter_map(|caps| caps.name("name"));
            found.extend(names.filter(|m| is_name(scene, m.start(), m.end())).map(|m| person(m.start(), m.end())));
        }
        if text.contains("くん") || text.contains('君') {
            let names = self.young.captures_iter(text).filter_map(|caps| caps.name("name"));
            let name = |m: &regex::Match<'_>| {
                !NO_NAMES.contains(&m.as_str()) && (!m.as_str().starts_with(is_katakana) || is_name(scene, m.start(), m.end()))
            };
            found.extend(names.filter(name).map(|m| person(m.start(), m.end())));
        }
        if scene.seen & (flag::UNKNOWN_KATAKANA | flag::PERSON | flag::FAMILY) != 0 {
            let names = self.old.find_iter(text).filter_map(|title| run_before(text, title.start(), is_katakana, 2..=6));
            found.extend(names.filter(|(start, end)| is_name(scene, *start, *end)).map(|(start, end)| person(start, end)));
        }
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            for caps in self.latin.captures_iter(text) {
                let (Some(name), Some(after)) = (caps.name("name"), caps.name("after")) else { continue };
                let addressed = ["さん", "様", "氏", "くん", "ちゃん"].contains(&after.as_str());
                let doctor = ["Dr.", "Dr. ", "Dr ", "Dr"].iter().any(|title| scene.before(name.start()).ends_with(title));
                if addressed || doctor || is_relative_before(scene, name.start()) {
                    found.push(person(name.start(), name.end()));
                }
            }
        }
        if text.contains("読み") || text.contains("ナは") || text.contains("なは") {
            let names = self.reading_after.captures_iter(text).filter_map(|caps| caps.name("name"));
            found.extend(names.map(|m| person(m.start(), m.end())));
        }
        if scene.seen & (flag::MUNICIPALITY | flag::MUNICIPALITY_SUFFIX) != 0 {
            let names = self.place.captures_iter(text).filter_map(|caps| caps.name("name"));
            found.extend(names.filter(|m| is_surname(scene, m.start(), m.end())).map(|m| person(m.start(), m.end())));
        }
        // Whom a message is for, who answered: the words behind a surname are looked for first, since they are rarer.
        for expression in [&self.message, &self.came, &self.called] {
            let names = expression.find_iter(text).filter_map(|m| {
                let before = text[..m.start()].trim_end_matches(['ご', 'お']);
                // 内堀までご伝言を, 永嶺が受電.
                let name = ["まで", "宛てに", "宛て", "に", "へ", "が", "、"].iter().find_map(|particle| before.strip_suffix(particle));
                run_before(text, name.unwrap_or(before).len(), is_kanji, 1..=4)
            });
            for (start, end) in names {
                if is_surname(scene, start, end) {
                    found.push(person(start, end));
                }
            }
        }
        // A number is left, and then whose it is: 0993-00-2075、日高です.
        if found.iter().any(|s| matches!(s.kind, IdentifierType::Phone | IdentifierType::RecordId)) {
            for i in 0..scene.tokens.len() {
                let begins = scene.before(scene.start(i)).ends_with(['、', '。']);
                let says = ["です", "で出", "やっど", "だけど", "やけど", "といい", "と申"]
                    .iter()
                    .any(|word| scene.after(scene.end(i)).starts_with(word));
                if begins && says && is_surname(scene, scene.start(i), scene.end(i)) {
                    found.push(person(scene.start(i), scene.end(i)));
                }
            }
        }
        if scene.seen & flag::FAMILY != 0 {
            let given = |word: &str| scene.lexis.word(word) & (flag::ANY_GIVEN | flag::KNOWN_GIVEN) != 0;
            let place = |at: usize| scene.has(scene.tokens.partition_point(|t| (t.start as usize) < at), flag::REGION | flag::NUMBER);
            let names = self.siblings.captures_iter(text).filter_map(|caps| caps.name("name"));
            let names = names.filter(|m| given(m.as_str()) && !place(m.start()));
            found.extend(names.map(|m| person(m.start(), m.end())));
        }
        if text.contains("くん") || text.contains("ちゃん") {
            let names = self.child.captures_iter(text).filter_map(|caps| caps.name("name"));
            let given = |m: &regex::Match<'_>| {
                let flags = scene.lexis.word(m.as_str());
                flags & (flag::ANY_GIVEN | flag::KNOWN_GIVEN | flag::ANY_SURNAME) != 0 && flags & (flag::FAMILY | flag::HONORIFIC) == 0
            };
            found.extend(names.filter(given).map(|m| person(m.start(), m.end())));
        }
        if text.contains('(') {
            let names = self.full.captures_iter(text).filter_map(|caps| caps.name("name"));
            found.extend(names.filter(|m| is_full(scene, m.as_str()) && begins(scene, m.start())).map(|m| person(m.start(), m.end())));
        }
        self.corrected(scene, found);
        if names_here || !found.is_empty() {
            self.spelled(scene, found);
        }
    }

    /// さえきじゃなくてさいきです: where one side is a name, the other is.
    fn corrected(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let text = scene.text;
        for (at, joint) in ["じゃなくて", "ではなくて", "ではなく", "やなくて"].iter().flat_map(|j| text.match_indices(*j))
        {
            let (left, right) = (at, at + joint.len());
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

    /// 弓へんに長いの張, うえるほうの植, 永遠と書いて: how the characters of a name are written.
    fn spelled(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let text = scene.text;
        let person = |start: usize, end: usize| scene.span(start, end, IdentifierType::Person);
        if ["へん", "偏", "むり", "冠", "さんずい", "はしご", "たつさき", "にょう", "だれ", "がまえ", "づくり"]
            .iter()
            .any(|word| text.contains(word))
        {
            found.extend(self.radical.find_iter(text).map(|m| person(m.start(), m.end())));
        }
        let is_named = found.iter().any(|s| s.kind == IdentifierType::Person) || scene.asked & flag::NAME_CUE != 0;
        if !is_named {
            return;
        }
        if text.contains('書') || text.contains("いう字") {
            for caps in self.written.captures_iter(text) {
                let (Some(how), Some(after)) = (caps.name("how"), caps.name("after")) else { continue };
                // と書いてある, と書いてください tell of a letter.
                let tells = !["あ", "お", "い", "く", "も", "な"].contains(&after.as_str());
                if tells && tail(how.as_str(), 2) != "なん" {
                    found.push(person(how.start(), after.start()));
                }
            }
        }
        for caps in self.which.captures_iter(text) {
            let (Some(whole), Some(character)) = (caps.get(0), caps.name("character")) else { continue };
            let of_name = found
                .iter()
                .any(|s| s.kind == IdentifierType::Person && text[s.start as usize..s.end as usize].contains(character.as_str()));
            if of_name {
                found.push(person(whole.start(), character.end()));
            }
        }
    }
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

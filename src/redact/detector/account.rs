//! Accounts of social networks: `@name`, and what is told after アカウント, インスタ, LINE ID.

use super::Detector;
use crate::error::Result;
use crate::redact::lexis::{Flags, flag};
use crate::redact::prefilter::{Expression, PrefilterBuilder, WordSet};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct AccountDetector {
    at: Expression,
    told: Expression,
    spoken: Expression,
    /// Letters read aloud.
    lettered: Expression,
    /// A word that only an account looks like.
    shaped: Expression,
    /// Words one of which stands where an account is told.
    cues: WordSet,
    /// Words that ask for its letters.
    asks: WordSet,
}

/// Networks and what they call an account.
const CUES: [&str; 15] = [
    "フェイスブック",
    "ノート",
    "note",
    "アカウント",
    "インスタ",
    "ツイッター",
    "Twitter",
    "エックス",
    "LINE",
    "ライン",
    "TikTok",
    "ティックトック",
    "ハンドル",
    "ユーザー",
    "ブログ",
];

impl AccountDetector {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        let cue = format!("(?:{}|X)(?:グラム|ネーム)?", CUES.join("|"));
        Ok(Self {
            cues: words.words(&CUES)?,
            asks: words.words(&["ID", "アイディー", "アカウント"])?,
            at: words.expression(r"@ ?(?P<name>[A-Za-z0-9_][A-Za-z0-9_.\-]+)")?,
            told: words.expression(&format!(
                r"{cue}(?:名|ID|アイディー|アカウント|の|は|が|って|で|、|:|「| |えっと|えーと)*(?P<name>[A-Za-z][A-Za-z0-9_.\-]{{3,}})"
            ))?,
            lettered: words.expression(
                r"(?P<name>(?:(?:エー|ビー|シー|ディー|イー|エフ|ジー|エイチ|アイ|ジェイ|ケー|エル|エム|エヌ|オー|ピー|キュー|アール|エス|ティー|ユー|ブイ|エックス|ワイ|ゼット|ドット|ハイフン|アンダーバー|ゼロ|イチ|ニ|サン|ヨン|ゴ|ロク|ナナ|ハチ)+[、 ]?){4,})",
            )?,
            shaped: words.expression(r"(?P<name>[A-Za-z][A-Za-z0-9.]*_[A-Za-z0-9_.]+|[A-Za-z]{3,}[0-9]{2,}[A-Za-z0-9_.]*)")?,
            spoken: words.expression(&format!(
                r"{cue}[^。？?]{{0,16}}(?P<name>アットマーク[、 ]?[A-Za-z0-9ァ-ヴー](?:[A-Za-z0-9ァ-ヴー_、 ]|あんだーばー){{1,40}})"
            ))?,
        })
    }
}

impl Detector for AccountDetector {
    fn triggers(&self) -> Flags {
        flag::AT_SIGN | flag::UNKNOWN | flag::UNKNOWN_KATAKANA
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        // Of a mail address the @ follows a letter.
        let alone = |at: usize| !scene.before(at).ends_with(|c: char| c.is_ascii_alphanumeric());
        let names = self.at.find_iter(scene).filter(|m| alone(m.start()));
        found.extend(names.map(|m| scene.span(m.start(), m.end(), IdentifierType::Account)));
        if scene.holds(self.cues) {
            // Letters are genes' names, too: ティーピー五十三.
            let caps = [&self.told, &self.spoken, &self.shaped, &self.lettered];
            for caps in
                caps.into_iter().take(if scene.holds(self.asks) { 4 } else { 3 }).flat_map(|expression| expression.captures_iter(scene))
            {
                let Some(name) = caps.name("name") else { continue };
                let name = name.start()..name.start() + name.as_str().trim_end_matches(['、', ' ', '.']).len();
                // 「インスタのDM」 is none.
                let common = ["Instagram", "LINE", "Twitter", "YouTube", "Facebook", "TikTok"].contains(&&scene.text[name.clone()]);
                if !common && !scene.text[name.clone()].contains("アットマーク") {
                    found.push(scene.span(name.start, name.end, IdentifierType::Account));
                }
            }
        }
    }
}

//! Mail addresses, written (`a@b.jp`) and read aloud (エー アットマーク ビー ドット ジェイピー).

use super::Detector;
use crate::error::Result;
use crate::redact::lexis::{Flags, flag, is_hiragana, is_katakana};
use crate::redact::prefilter::{Expression, PrefilterBuilder, WordSet};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct EmailDetector {
    written: Expression,
    spoken: Expression,
    /// The word for @.
    at: WordSet,
    /// The dots of the domain left out.
    undotted: Expression,
    /// The word for @ and a domain read aloud, in kana of any kind.
    domain: Expression,
}

impl EmailDetector {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self {
            at: words.words(&["アット", "あっとまーく"])?,
            written: words.expression(r"[A-Za-z0-9._%+\-]+ ?(?:@|\(at\)) ?[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*")?,
            domain: words.expression(
                r"(?:アット|あっと)(?:[ 、]?(?:マーク|まーく)|[ 、])[ 、]?(?:[0-9A-Za-zァ-ヴーぁ-ん]{1,14}[ 、]?){1,6}?(?:(?:(?:ドット|どっと|ピリオド)[ 、]?|[ 、](?:てん|テン)[ 、])[A-Za-zァ-ヴー]{1,8}[ 、]?)+",
            )?,
            undotted: words.expression(
                r"[A-Za-z0-9ァ-ヴー](?:[A-Za-z0-9ァ-ヴー、・ ._\-]|の|数字|小文字|大文字|半角|じゃなくて|続けて|そのあと|あと|それから|[〇一二三四五六七八九十]){0,60}アットマーク[、 ]?[A-Za-z0-9ァ-ヴー、・ .\-]{1,30}(?:ジェーピー|ジェイピー|コム|ネット)",
            )?,
            // Letters, digits and katakana with light separators on both sides of the word for @; the domain holds a dot.
            spoken: words.expression(
                r"[A-Za-z0-9ァ-ヴー](?:[A-Za-z0-9ァ-ヴー、・ ._\-]|の|数字|小文字|大文字|半角|あんだーばー|はいふん|じゃなくて|続けて|そのあと|あと|それから|[ぁ-ん]{2,8}[ 、]|[〇一二三四五六七八九十三つ]){0,60}(?:アットマーク|アット|あっとまーく|@)(?:[A-Za-z0-9ァ-ヴー、・ ._\-]|の|数字|小文字|大文字|半角|どっと|はいふん){1,60}(?:ドット|どっと|\.)[、 ]?[A-Za-z0-9ァ-ヴー・ .\-]{1,30}",
            )?,
        })
    }
}

impl Detector for EmailDetector {
    fn triggers(&self) -> Flags {
        flag::AT_SIGN | flag::UNKNOWN_KATAKANA
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        let spoken = scene.holds(self.at).then_some(&self.spoken);
        for expression in [&self.written, &self.undotted].into_iter().chain(spoken) {
            found.extend(expression.find_iter(scene).map(|m| scene.span(m.start(), m.end(), IdentifierType::Email)));
        }
        for domain in self.domain.find_iter(scene) {
            let start = local_part(scene.before(domain.start()));
            let end = domain.start() + domain.as_str().trim_end_matches([' ', '、']).len();
            if start < domain.start() {
                found.push(scene.span(start, end, IdentifierType::Email));
            }
        }
    }
}

/// Where what is read aloud before the word for @ begins: letters, digits and kana with light separators, behind the last particle of
/// the first piece (メールならケー アンダーバー すずらん).
fn local_part(before: &str) -> usize {
    let part = |c: char| c.is_ascii_alphanumeric() || is_katakana(c) || is_hiragana(c) || matches!(c, ' ' | '.' | '_' | '-' | '・' | 'ー');
    let run = &before[before.trim_end_matches(part).len()..];
    let first = run.find(' ').unwrap_or(run.len());
    let particles = ["なら", "は", "が", "を", "に", "も", "で", "の", "って"];
    let past = particles.iter().filter_map(|particle| run[..first].rfind(particle).map(|at| at + particle.len())).max().unwrap_or(0);
    before.len() - run[past..].trim_start_matches(' ').len()
}

//! Mail addresses, written (`a@b.jp`) and read aloud (エー アットマーク ビー ドット ジェイピー).

use regex::Regex;

use super::{Detector, expression};
use crate::error::Result;
use crate::redact::lexis::{Flags, flag};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct EmailDetector {
    written: Regex,
    spoken: Regex,
    /// The dots of the domain left out.
    undotted: Regex,
}

impl EmailDetector {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            written: expression(r"[A-Za-z0-9._%+\-]+ ?(?:@|\(at\)) ?[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*")?,
            undotted: expression(
                r"[A-Za-z0-9ァ-ヴー](?:[A-Za-z0-9ァ-ヴー、・ ._\-]|の|数字|小文字|大文字|半角|じゃなくて|続けて|そのあと|あと|それから|[〇一二三四五六七八九十]){0,60}アットマーク[、 ]?[A-Za-z0-9ァ-ヴー、・ .\-]{1,30}(?:ジェーピー|ジェイピー|コム|ネット)",
            )?,
            // Letters, digits and katakana with light separators on both sides of the word for @; the domain holds a dot.
            spoken: expression(
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
        if scene.text.contains('@') || scene.text.contains("(at)") {
            found.extend(self.written.find_iter(scene.text).map(|m| scene.span(m.start(), m.end(), IdentifierType::Email)));
        }
        if scene.text.contains("アットマーク") {
            found.extend(self.undotted.find_iter(scene.text).map(|m| scene.span(m.start(), m.end(), IdentifierType::Email)));
        }
        if scene.text.contains("アット") || scene.text.contains("あっとまーく") {
            found.extend(self.spoken.find_iter(scene.text).map(|m| scene.span(m.start(), m.end(), IdentifierType::Email)));
        }
    }
}

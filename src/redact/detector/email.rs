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
}

impl EmailDetector {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            written: expression(r"[A-Za-z0-9._%+\-]+ ?@ ?[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*")?,
            // Letters, digits and katakana with light separators on both sides of the word for @; the domain holds a dot.
            spoken: expression(
                r"[A-Za-z0-9ァ-ヴー](?:[A-Za-z0-9ァ-ヴー、・ ._\-]|の|数字|小文字|大文字|半角|あんだーばー|はいふん|[ぁ-ん]{2,8}[ 、]|[〇一二三四五六七八九]){0,60}(?:アットマーク|アット|あっとまーく|@)(?:[A-Za-z0-9ァ-ヴー、・ ._\-]|の|数字|小文字|大文字|半角|どっと|はいふん){1,60}(?:ドット|どっと|\.)[、 ]?[A-Za-z0-9ァ-ヴー・ .\-]{1,30}",
            )?,
        })
    }
}

impl Detector for EmailDetector {
    fn triggers(&self) -> Flags {
        flag::AT_SIGN | flag::UNKNOWN_KATAKANA
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        if scene.text.contains('@') {
            found.extend(self.written.find_iter(scene.text).map(|m| scene.span(m.start(), m.end(), IdentifierType::Email)));
        }
        if scene.text.contains("アット") || scene.text.contains("あっとまーく") {
            found.extend(self.spoken.find_iter(scene.text).map(|m| scene.span(m.start(), m.end(), IdentifierType::Email)));
        }
    }
}

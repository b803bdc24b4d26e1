//! Addresses of web pages, with or without the scheme, or read aloud.

use super::Detector;
use crate::error::Result;
use crate::redact::lexis::{Flags, flag};
use crate::redact::prefilter::{Expression, PrefilterBuilder, WordSet};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct UrlDetector {
    expression: Expression,
    spoken: Expression,
    /// The word for a dot.
    dot: WordSet,
}

impl UrlDetector {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        // ASCII only: normalisation made full-width letters half-width, and Japanese text may follow without a space.
        Ok(Self {
            dot: words.words(&["ドット", "どっと"])?,
            expression: words.expression(
                r"(?i)(?:https?://|www\.)[!#-;=?-~]+|[a-z0-9][a-z0-9\-]*(?:\.[a-z0-9\-]+)*\.(?:jp|com|net|org|info|biz|me|tv|io)(?:/[!#-;=?-~]*)?",
            )?,
            spoken: words.expression(
                r"(?:エイチティーティーピー(?:エス)?|(?:ダブリュー[、 ]?){3}|トリプルダブリュー|ダブダブダブ)(?:[A-Za-z0-9ァ-ヴー、・ ._/\-]|の|[ぁ-ん]{2,8}[、 ])*(?:ドット|どっと|\.)[、 ]?[A-Za-z0-9ァ-ヴー]+(?:[、 ]?(?:ドット|スラッシュ)[、 ]?[A-Za-z0-9ァ-ヴー〇一二三四五六七八九]+)*",
            )?,
        })
    }
}

impl Detector for UrlDetector {
    fn triggers(&self) -> Flags {
        flag::LATIN_DOT | flag::UNKNOWN_KATAKANA
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        if scene.holds(self.dot) {
            found.extend(self.spoken.find_iter(scene).map(|m| scene.span(m.start(), m.end(), IdentifierType::Url)));
        }
        if scene.seen & flag::LATIN_DOT == 0 {
            return;
        }
        for m in self.expression.find_iter(scene) {
            let end = m.start() + m.as_str().trim_end_matches(['.', ',', ')', ']', '\'', ';', ':']).len();
            // The domain of a mail address is not a page, and `3.me` of a sentence is no domain.
            let mail = scene.before(m.start()).ends_with('@') || scene.after(end).starts_with('@');
            let follows = scene.after(end).chars().next().is_some_and(|c| c.is_ascii_alphanumeric());
            if !mail && !follows {
                found.push(scene.span(m.start(), end, IdentifierType::Url));
            }
        }
    }
}

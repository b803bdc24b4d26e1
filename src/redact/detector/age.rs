//! Ages of 90 and over that are called so (九十三歳), which few people of a place have: one band, as in the tables. 母はもう九十三で is the
//! chain's ([`super::context`]).

use super::Detector;
use crate::error::Result;
use crate::redact::lexis::{Flags, flag};
use crate::redact::prefilter::{Expression, PrefilterBuilder};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct AgeDetector {
    expression: Expression,
}

/// Whether a number of years is not somebody's age, or a band already, by what follows it.
pub(super) fn is_band(after: &str) -> bool {
    ["以上", "代", "未満", "以下"].iter().any(|band| after.starts_with(band))
}

impl AgeDetector {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self {
            expression: words.expression(
                r"(?:9[0-9]|1[01][0-9]|九十[一二三四五六七八九]?|九[〇一二三四五六七八九]|一[〇一][〇一二三四五六七八九]|百(?:十?[一二三四五六七八九])?) ?(?:歳|才|さい)",
            )?,
        })
    }
}

impl Detector for AgeDetector {
    fn triggers(&self) -> Flags {
        flag::NUMBER
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        for age in self.expression.find_iter(scene) {
            let before = scene.before(age.start()).chars().next_back();
            let goes_on = before.is_some_and(|c| c.is_ascii_digit() || ".〇一二三四五六七八九十百千第".contains(c));
            if !goes_on && !is_band(scene.after(age.end())) {
                found.push(scene.span(age.start(), age.end(), IdentifierType::Age));
            }
        }
    }
}

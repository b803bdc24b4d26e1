//! Ages of 90 and over, which few people of a place have: one band, as in the tables.

use regex::Regex;

use super::{Detector, expression};
use crate::error::Result;
use crate::redact::lexis::{Flags, flag};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct AgeDetector {
    expression: Regex,
}

/// What follows a number of years that is not somebody's age, or is a band already.
const BANDS: [&str; 4] = ["以上", "代", "未満", "以下"];

impl AgeDetector {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            expression: expression(
                r"(?:9[0-9]|1[01][0-9]|九十[一二三四五六七八九]?|九[〇一二三四五六七八九]|百(?:十?[一二三四五六七八九])?) ?(?:歳|才|さい|(?P<told>になる|になり|になっ|の(?:母|父|祖母|祖父|義母|義父|おばあ|おじい|ばあ|じい|婆|爺|姑|舅)))",
            )?,
        })
    }
}

impl Detector for AgeDetector {
    fn triggers(&self) -> Flags {
        flag::NUMBER
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        if !["9", "九", "百", "10", "11"].iter().any(|digit| scene.text.contains(digit)) {
            return;
        }
        for caps in self.expression.captures_iter(scene.text) {
            let (Some(whole), told) = (caps.get(0), caps.name("told")) else { continue };
            let end = told.map_or(whole.end(), |told| told.start());
            let before = scene.before(whole.start()).chars().next_back();
            let goes_on = before.is_some_and(|c| c.is_ascii_digit() || ".〇一二三四五六七八九十百千第".contains(c));
            if !goes_on && !BANDS.iter().any(|band| scene.after(end).starts_with(band)) {
                found.push(scene.span(whole.start(), end, IdentifierType::Age));
            }
        }
    }
}

//! Ages of 90 and over, which few people of a place have: one band, as in the tables.

use super::Detector;
use crate::error::Result;
use crate::redact::lexis::{Flags, flag};
use crate::redact::prefilter::{Expression, PrefilterBuilder, WordSet};
use crate::redact::scene::{Scene, tail};
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct AgeDetector {
    expression: Expression,
    bare: Expression,
    /// What every number from 90 on is written with.
    numbers: WordSet,
    /// What is said beside an age.
    said: WordSet,
}

/// What follows a number of years that is not somebody's age, or is a band already.
const BANDS: [&str; 4] = ["以上", "代", "未満", "以下"];

impl AgeDetector {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self {
            numbers: words.words(&["9", "九", "百", "10", "11", "一〇", "一一", "きゅうじゅう"])?,
            said: words.words(&["数えで", "満で", "ばあさん", "じいさん", "ばあちゃん", "じいちゃん"])?,
            expression: words.expression(
                r"(?:9[0-9]|1[01][0-9]|九十[一二三四五六七八九]?|九[〇一二三四五六七八九]|一[〇一][〇一二三四五六七八九]|百(?:十?[一二三四五六七八九])?) ?(?:歳|才|さい|(?P<told>になる|になり|になっ|の(?:母|父|親父|おやじ|祖母|祖父|義母|義父|おばあ|おじい|ばあ|じい|婆|爺|姑|舅)))",
            )?,
            bare: words.expression(
                r"(?P<age>9[0-9]|10[0-9]|九十[一二三四五六七八九]?|百|きゅうじゅう(?:いち|に|さん|よん|し|ご|ろく|しち|なな|はち|きゅう|く)?)(?:で|です|でし|でね|だ|なの|なん|や|、|。|超え|を超え|過ぎ|すぎ|と|$)",
            )?,
        })
    }
}

impl Detector for AgeDetector {
    fn triggers(&self) -> Flags {
        flag::NUMBER
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        if !scene.holds(self.numbers) {
            return;
        }
        // 母はもう九十三で: a number alone, said of somebody of the family.
        if scene.seen & flag::FAMILY != 0 || scene.holds(self.said) {
            for age in self.bare.names(scene, "age") {
                let near = tail(scene.before(age.start()), 9);
                let token = scene.tokens.partition_point(|t| (t.end as usize) <= age.start());
                let of_family = (token.saturating_sub(4)..token).any(|i| scene.has(i, flag::FAMILY))
                    || ["数えで", "満で", "もう", "超えて", "ちょうど"].iter().any(|word| near.ends_with(word));
                let goes_on = near.ends_with(|c: char| c.is_ascii_digit() || ".〇一二三四五六七八九十百千第の".contains(c));
                if of_family && !goes_on && !scene.after(age.end()).starts_with("、0") {
                    found.push(scene.span(age.start(), age.end(), IdentifierType::Age));
                }
            }
        }
        for caps in self.expression.captures_iter(scene) {
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

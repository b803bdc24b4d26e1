//! Parts of addresses that a word beside them tells: 大字中の小字荒神, 番地が四百六の二, レジデンス光の八のB.

use crate::error::Result;
use crate::redact::prefilter::{Expression, PrefilterBuilder};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

/// Expressions of which each match, or its group `told`, is a part of an address.
pub(super) struct Told {
    expressions: [Expression; 3],
}

impl Told {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        let number = r"(?:[0-9A-Za-z]+|[〇一二三四五六七八九十百]+)";
        Ok(Self {
            expressions: [
                words.expression(r"(?:大字|小字|[、 ]字|字で言うと)(?P<told>[\p{Han}ヶノ]{1,6}(?:の?小?字[\p{Han}ヶノ]{1,6})?)")?,
                words.expression(&format!(r"番地[はがも、 ]{{1,3}}(?P<told>{number}(?:(?:の|-|ノ){number}){{0,3}})"))?,
                words.expression(&format!(
                    r"(?P<told>[\p{{Han}}\p{{Katakana}}ヶー]{{2,12}}(?:団地|ハイツ|マンション|コーポ|メゾン|アパート|荘|住宅)(?:の|、| )?{number}(?:(?:の|-|号棟の?|号棟、|棟の?|、|号){number}){{0,3}}(?:号室|号|棟)?|レジデンス[\p{{Han}}\p{{Katakana}}ー]{{1,8}}(?:(?:の|、| ){number}(?:(?:の|-){number}){{0,2}})?)"
                ))?,
            ],
        })
    }

    /// Adds the parts of addresses in the text.
    pub(super) fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        for expression in &self.expressions {
            let parts = expression.names(scene, "told");
            // The number of an apartment may be a unit of something else: 荘 of 白鷺荘、3施設.
            let parts = parts.filter(|m| {
                !["施設", "か所", "件", "人", "回", "年", "月", "日"].iter().any(|unit| scene.after(m.end()).starts_with(unit))
            });
            found.extend(parts.map(|m| scene.span(m.start(), m.end(), IdentifierType::Address)));
        }
    }
}

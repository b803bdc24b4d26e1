//! Row-level tables: pseudonymised and redacted, for people with access.
//!
//! [`consultations`], [`theme_quotes`], [`need_quotes`], [`term_frequencies`] and [`code_assignments`] are made from the whole analysis;
//! [`utterances`] and [`need_mentions`] from a chunk of calls at a time, while the corpus is read.

pub mod code_assignments;
pub mod consultations;
pub mod need_mentions;
pub mod need_quotes;
pub mod rejects;
pub mod term_frequencies;
pub mod theme_quotes;
pub mod utterances;

pub use theme_quotes::Passage;

use super::schema::TableSpec;
use crate::analysis::{Analysis, Pseudonym};
use crate::consultation::Profile;
use crate::need::{CallNeeds, NeedMention};
use crate::redact::RedactedUtterance;

/// One call's redacted words and the needs found in them.
#[derive(Debug, Clone, Copy)]
pub struct CallWords<'a> {
    /// The call's pseudonym.
    pub id: Pseudonym,
    /// Its utterances, in order.
    pub utterances: &'a [RedactedUtterance],
    /// Its need mentions, by utterance and best by place.
    pub mentions: &'a [NeedMention],
    /// Which of its needs are latent.
    pub needs: &'a CallNeeds,
}

impl CallWords<'_> {
    /// The mentions of one utterance with their cue spans in Unicode scalars, by position.
    fn mentions_of(&self, utterance: u32) -> Vec<Cue<'_>> {
        let text = self.utterances.get(utterance as usize).map_or("", |u| u.text.as_str());
        let first = self.mentions.partition_point(|m| m.utterance < utterance);
        let own = self.mentions[first..].iter().take_while(|m| m.utterance == utterance);
        // Scalars are counted from cue to cue, not from the beginning each time: a turn may hold thousands.
        let (mut byte, mut scalars) = (0, 0);
        let mut found: Vec<Cue<'_>> = own
            .map(|mention| {
                let (start, end) = (mention.start as usize, mention.end as usize);
                let count = |from: usize, to: usize| text.get(from..to).map_or(0, |t| t.chars().count());
                if start < byte {
                    (byte, scalars) = (0, 0);
                }
                scalars += count(byte, start);
                byte = start;
                Cue {
                    mention,
                    start: scalars,
                    end: scalars + count(start, end),
                    text: text.get(start..end).unwrap_or_default(),
                    latent: !mention.cue.is_explicit() && mention.domain.is_some_and(|d| self.needs.latent.contains(d)),
                }
            })
            .collect();
        found.sort_by(|a, b| a.order().cmp(&b.order()));
        found
    }
}

/// A mention as it is published.
struct Cue<'a> {
    mention: &'a NeedMention,
    start: usize,
    end: usize,
    text: &'a str,
    latent: bool,
}

impl Cue<'_> {
    fn domain(&self) -> &'static str {
        // A cue that matches no domain feeds the emerging needs; it is no need of the domain "other".
        self.mention.domain.map_or("", |d| d.code())
    }

    fn order(&self) -> (usize, usize, &'static str, &'static str) {
        (self.start, self.end, self.domain(), self.mention.cue.code())
    }
}

/// All tables outside `dashboard/`.
pub(super) fn specs(profile: &Profile) -> Vec<TableSpec> {
    vec![
        consultations::spec(profile),
        utterances::SPEC.clone(),
        need_mentions::SPEC.clone(),
        term_frequencies::SPEC.clone(),
        code_assignments::SPEC.clone(),
        theme_quotes::SPEC.clone(),
        need_quotes::SPEC.clone(),
        rejects::SPEC.clone(),
    ]
}

/// The rows of the corpus in the order of their pseudonyms.
fn by_pseudonym(analysis: &Analysis) -> Vec<u32> {
    let mut order: Vec<u32> = (0..u32::try_from(analysis.calls.len()).unwrap_or(u32::MAX)).collect();
    order.sort_unstable_by_key(|row| (analysis.calls[*row as usize].id, *row));
    order
}

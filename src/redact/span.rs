//! Identifiers found in one text: made disjoint, and replaced by placeholders.

use super::{IdentifierType, RedactedUtterance};
use crate::error::Result;
use crate::morphology::{LemmaId, Segmenter, Token, WordClass};

/// An identifier found in a text: byte range and type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierSpan {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it is.
    pub kind: IdentifierType,
}

/// Sorts `spans` and joins those that overlap: the union, of the type of the longest.
pub(super) fn make_disjoint(spans: &mut Vec<IdentifierSpan>) {
    spans.retain(|s| s.start < s.end);
    spans.sort_unstable_by_key(|s| (s.start, std::cmp::Reverse(s.end), s.kind));
    let mut longest = 0;
    spans.dedup_by(|next, kept| {
        if next.start >= kept.end {
            longest = 0;
            return false;
        }
        longest = longest.max(kept.end - kept.start);
        if next.end - next.start > longest {
            longest = next.end - next.start;
            kept.kind = next.kind;
        }
        kept.end = kept.end.max(next.end);
        true
    });
}

/// The token that stands for each type.
pub(super) type Placeholders = [(LemmaId, WordClass); IdentifierType::ALL.len()];

/// Replaces `spans` (sorted, disjoint) of `utterance` by placeholders. A token of which only a part is removed is cut, and
/// what is left of it is segmented again.
pub(super) fn replace(
    utterance: &mut RedactedUtterance,
    spans: &[IdentifierSpan],
    placeholders: &Placeholders,
    segmenter: &mut Segmenter,
) -> Result<()> {
    if spans.is_empty() {
        return Ok(());
    }
    let old = std::mem::take(&mut utterance.text);
    let tokens = std::mem::take(&mut utterance.tokens);
    let mut text = String::with_capacity(old.len() + spans.len() * 12);
    let mut kept = Vec::with_capacity(tokens.len());
    let mut pieces = Vec::new();
    let mut from = 0u32;
    let length = position(old.len());
    for span in spans.iter().map(Some).chain([None]) {
        let until = span.map_or(length, |s| s.start);
        let shift = position(text.len());
        let first = tokens.partition_point(|t| t.end <= from);
        for token in tokens[first..].iter().take_while(|t| t.start < until) {
            let (start, end) = (token.start.max(from), token.end.min(until));
            if (start, end) == (token.start, token.end) {
                kept.push(Token { start: start - from + shift, end: end - from + shift, ..*token });
            } else {
                segmenter.segment(&old[start as usize..end as usize], &mut pieces)?;
                let at = start - from + shift;
                kept.extend(pieces.iter().map(|p| Token { start: p.start + at, end: p.end + at, ..*p }));
            }
        }
        text.push_str(&old[from as usize..until as usize]);
        if let Some(span) = span {
            let (lemma, class) = placeholders[span.kind as usize];
            let start = position(text.len());
            text.push_str(span.kind.placeholder());
            kept.push(Token { start, end: position(text.len()), lemma, class });
            utterance.removed.push(span.kind);
            from = span.end;
        }
    }
    utterance.text = text;
    utterance.tokens = kept;
    Ok(())
}

fn position(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(start: u32, end: u32, kind: IdentifierType) -> IdentifierSpan {
        IdentifierSpan { start, end, kind }
    }

    #[test]
    fn overlapping_spans_become_one_of_the_longest_type() {
        let mut spans = vec![span(8, 12, IdentifierType::Phone), span(0, 4, IdentifierType::Person), span(2, 9, IdentifierType::Address)];
        make_disjoint(&mut spans);
        // 0..4, 2..9 and 8..12 chain into 0..12; the longest is the address with 7.
        assert_eq!(spans, [span(0, 12, IdentifierType::Address)]);
        let mut spans = vec![span(4, 6, IdentifierType::Date), span(0, 4, IdentifierType::Person)];
        make_disjoint(&mut spans);
        assert_eq!(spans.len(), 2);
    }

    proptest! {
        #[test]
        fn disjoint_spans_cover_what_was_covered(raw in proptest::collection::vec((0u32..40, 0u32..8), 0..12)) {
            let mut spans: Vec<_> = raw.iter().map(|&(s, l)| span(s, s + l, IdentifierType::Person)).collect();
            make_disjoint(&mut spans);
            for byte in 0..50u32 {
                let before = raw.iter().any(|&(s, l)| s <= byte && byte < s + l);
                prop_assert_eq!(before, spans.iter().any(|s| s.start <= byte && byte < s.end));
            }
            prop_assert!(spans.windows(2).all(|w| w[0].end <= w[1].start));
        }
    }
}

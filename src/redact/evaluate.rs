//! How well redaction finds what people marked: the figures of `eval redact`.
//!
//! Input lines: `{"id","text","spans":[{"start","end","type"}]}`, offsets in Unicode scalars of the text as it stands, end
//! exclusive. Consecutive lines whose ids agree up to the last `#` (`H0001#0`, `H0001#1`) are the utterances of one call.
//!
//! A marked span is *found* when all of it is covered by found spans: of its own type for the figures by type, of any type
//! for the recall over all (what is masked under another name is masked). A found span is *right* when it overlaps a
//! marked span, of its own type by type, of any type over all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{IdentifierSpan, IdentifierType, Redactor};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::morphology::Segmenter;

#[derive(Deserialize)]
struct Line {
    id: String,
    text: String,
    spans: Vec<Marked>,
}

#[derive(Deserialize)]
struct Marked {
    start: u32,
    end: u32,
    #[serde(rename = "type")]
    kind: String,
}

/// The figures of one type. A share of nothing is `null`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Score {
    /// Right ÷ found spans.
    pub precision: Option<f64>,
    /// Found ÷ marked spans.
    pub recall: Option<f64>,
    /// How many spans are marked.
    pub support: u32,
}

/// What `eval redact` prints.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// By type, for types that are marked or found.
    pub types: BTreeMap<&'static str, Score>,
    /// Over all types.
    pub precision: Option<f64>,
    /// Over all types.
    pub recall: Option<f64>,
    /// Marked spans not covered: never their text.
    #[serde(skip)]
    pub misses: Vec<Place>,
    /// Found spans that overlap nothing marked: never their text.
    #[serde(skip)]
    pub false_masks: Vec<Place>,
}

/// Where a span stands, without its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The id of the line.
    pub id: String,
    /// Range of scalars and type.
    pub span: IdentifierSpan,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    marked: u32,
    covered: u32,
    found: u32,
    right: u32,
}

impl Counts {
    fn score(self) -> Score {
        let share = |part: u32, of: u32| (of > 0).then(|| f64::from(part) / f64::from(of));
        Score { precision: share(self.right, self.found), recall: share(self.covered, self.marked), support: self.marked }
    }
}

/// Evaluates `redactor` on the JSON lines of `lines`; `file` is named in errors.
///
/// # Errors
/// A line that is not of the form above, or a span outside its text: with its line, never its words.
pub fn evaluate(file: &str, lines: &str, redactor: &mut Redactor, segmenter: &mut Segmenter) -> Result<Evaluation> {
    let parsed = marked_lines(file, lines)?;
    let mut tally = Tally::default();
    for call in parsed.chunk_by(|a, b| call_of(&a.0) == call_of(&b.0)) {
        let texts: Vec<&str> = call.iter().map(|(_, text, _)| text.as_str()).collect();
        for ((id, _, marked), found) in call.iter().zip(redactor.find(segmenter, &texts)?) {
            tally.add(id, marked, &found);
        }
    }
    Ok(tally.finish())
}

/// The id, the text and the marked spans of each line.
///
/// # Errors
/// As [`evaluate`].
pub fn marked_lines(file: &str, lines: &str) -> Result<Vec<(String, String, Vec<IdentifierSpan>)>> {
    let rows = (1u64..).zip(lines.lines()).filter(|(_, line)| !line.trim().is_empty());
    rows.map(|(row, line)| parse(file, row, line)).collect()
}

/// The call an utterance belongs to.
fn call_of(id: &str) -> &str {
    id.rsplit_once('#').map_or(id, |(call, _)| call)
}

fn parse(file: &str, row: u64, line: &str) -> Result<(String, String, Vec<IdentifierSpan>)> {
    let fault = |ja: &str, en: &str| Error::new(ErrorKind::Input, Text::new(ja, en)).at(file, row);
    // serde's message may quote the line: it is not passed on.
    let line: Line = serde_json::from_str(line).map_err(|_| {
        fault(
            "{\"id\",\"text\",\"spans\":[{\"start\",\"end\",\"type\"}]} の形にしてください",
            "expected {\"id\",\"text\",\"spans\":[{\"start\",\"end\",\"type\"}]}",
        )
    })?;
    let chars = u32::try_from(line.text.chars().count()).unwrap_or(u32::MAX);
    let spans = line.spans.iter().map(|s| {
        let kind = IdentifierType::from_code(&s.kind)
            .ok_or_else(|| fault("知らない識別子の種類です", "unknown type of identifier").column("type"))?;
        if s.start >= s.end || s.end > chars {
            return Err(
                fault("start < end ≦ 本文の文字数にしてください", "expected start < end ≤ the number of characters").column("spans")
            );
        }
        Ok(IdentifierSpan { start: s.start, end: s.end, kind })
    });
    Ok((line.id, line.text, spans.collect::<Result<_>>()?))
}

#[derive(Default)]
struct Tally {
    types: BTreeMap<&'static str, Counts>,
    all: Counts,
    misses: Vec<Place>,
    false_masks: Vec<Place>,
}

impl Tally {
    fn add(&mut self, id: &str, marked: &[IdentifierSpan], found: &[IdentifierSpan]) {
        let overlaps = |a: &IdentifierSpan, b: &IdentifierSpan| a.start < b.end && b.start < a.end;
        for gold in marked {
            let own = self.types.entry(gold.kind.code()).or_default();
            let of_type = is_covered(gold, found.iter().filter(|f| f.kind == gold.kind));
            let of_any = is_covered(gold, found.iter());
            own.marked += 1;
            own.covered += u32::from(of_type);
            self.all.marked += 1;
            self.all.covered += u32::from(of_any);
            if !of_any {
                self.misses.push(Place { id: id.to_owned(), span: *gold });
            }
        }
        for span in found {
            let own = self.types.entry(span.kind.code()).or_default();
            own.found += 1;
            own.right += u32::from(marked.iter().any(|m| m.kind == span.kind && overlaps(m, span)));
            let right = marked.iter().any(|m| overlaps(m, span));
            self.all.found += 1;
            self.all.right += u32::from(right);
            if !right {
                self.false_masks.push(Place { id: id.to_owned(), span: *span });
            }
        }
    }

    fn finish(self) -> Evaluation {
        let all = self.all.score();
        Evaluation {
            types: self.types.into_iter().map(|(code, counts)| (code, counts.score())).collect(),
            precision: all.precision,
            recall: all.recall,
            misses: self.misses,
            false_masks: self.false_masks,
        }
    }
}

/// Whether the union of `found`, which is sorted and disjoint, covers `gold`.
fn is_covered<'s>(gold: &IdentifierSpan, found: impl Iterator<Item = &'s IdentifierSpan>) -> bool {
    let mut at = gold.start;
    for span in found {
        if span.start <= at && at < span.end {
            at = span.end;
        }
    }
    at >= gold.end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covered_by_a_union_right_by_an_overlap() {
        let span = |start, end, kind| IdentifierSpan { start, end, kind };
        let mut tally = Tally::default();
        let marked = [span(0, 4, IdentifierType::Person), span(6, 9, IdentifierType::Phone)];
        let found = [
            span(0, 2, IdentifierType::Person),
            span(2, 5, IdentifierType::Facility),
            span(7, 9, IdentifierType::Phone),
            span(20, 22, IdentifierType::Date),
        ];
        tally.add("a#0", &marked, &found);
        let result = tally.finish();
        // The person is covered by two spans together, not by its own type; the telephone number only in part.
        assert_eq!(result.recall, Some(1.0 / 2.0));
        assert_eq!(result.types["person"].recall, Some(0.0));
        // Three of four found spans overlap something marked.
        assert_eq!(result.precision, Some(3.0 / 4.0));
        assert_eq!(result.misses.len(), 1);
        assert_eq!(result.false_masks[0].span.kind, IdentifierType::Date);
        assert_eq!(result.types["date"], Score { precision: Some(0.0), recall: None, support: 0 });
    }

    #[test]
    fn faulty_lines_are_named_without_their_words() {
        let line = r#"{"id":"a","text":"秘密","spans":[{"start":0,"end":3,"type":"person"}]}"#;
        let error = parse("gold.jsonl", 7, line).unwrap_err();
        assert_eq!(error.place().unwrap().row, 7);
        assert!(parse("f", 1, "{秘密}").unwrap_err().message(crate::Lang::Ja).find("秘密").is_none());
        assert!(parse("f", 1, r#"{"id":"a","text":"秘密","spans":[{"start":0,"end":2,"type":"name"}]}"#).is_err());
    }
}

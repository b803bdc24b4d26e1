//! What two coders agree on, as a gold file: what `eval needs` measures kikitori against.

use serde::Serialize;

use super::CodedSheet;
use super::mark::Mark;
use super::score::{Pair, pairs, place};
use crate::consultation::Speaker;
use crate::need::NeedDomain;

/// A line of a gold file, as `eval needs` reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoldLine {
    /// The utterance.
    pub id: String,
    /// `verbatim` or `notes`.
    pub record_type: &'static str,
    /// `caller`, `counsellor` or `unknown`.
    pub speaker: &'static str,
    /// The words.
    pub text: String,
    /// What both coders say.
    pub needs: Vec<GoldNeed>,
}

/// A need both coders see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoldNeed {
    /// `None`: they agree that there is a need, and not of which domain.
    pub domain: Option<NeedDomain>,
    /// Whether it is asked for.
    pub explicit: bool,
}

/// What both coders agree on, by call and turn. Where they differ on whether there is a need, or whether one is asked for, the
/// utterance is left out; where they differ in the rest, its domains are not judged. A counsellor's turn before an utterance
/// stands before it: it never carries a need, and kikitori listens to it.
pub fn gold(a: &CodedSheet, b: &CodedSheet) -> Vec<GoldLine> {
    let mut lines: Vec<GoldLine> = Vec::new();
    for (row, pair) in pairs(a, b) {
        let Some(needs) = agreed(&pair) else { continue };
        let row = &row.row;
        let line = |id, speaker: Speaker, text: &str, needs| GoldLine {
            id,
            record_type: row.record.code(),
            speaker: speaker.code(),
            text: text.to_owned(),
            needs,
        };
        let (call, turn, _) = place(&row.id);
        if let (Some((speaker @ Speaker::Counsellor, text)), Some(turn)) = (&row.before, turn.checked_sub(1)) {
            lines.push(line(format!("{call}#{turn}"), *speaker, text, Vec::new()));
        }
        lines.push(line(row.id.clone(), row.speaker, &row.text, needs));
    }
    lines
}

fn agreed(pair: &Pair<'_>) -> Option<Vec<GoldNeed>> {
    if pair.a == pair.b {
        return Some(pair.a.marks().map(|(domain, mark)| GoldNeed { domain, explicit: mark == Mark::Asked }).collect());
    }
    let same = pair.a.has_need() == pair.b.has_need() && pair.a.has_explicit() == pair.b.has_explicit();
    same.then(|| vec![GoldNeed { domain: None, explicit: pair.a.has_explicit() }])
}

#[cfg(test)]
mod tests {
    use super::super::score::tests::two_sheets;
    use super::*;

    #[test]
    fn gold_holds_what_both_say_with_the_turn_before() {
        let (a, b) = two_sheets();
        let lines = gold(&a, &b);
        let told: Vec<(&str, &str, usize)> = lines.iter().map(|l| (l.id.as_str(), l.speaker, l.needs.len())).collect();
        // The coders of 3 and 11 differ on whether there is a need, or one is asked for; of 7 on the domain only.
        assert_eq!(
            told,
            [
                ("c#0", "counsellor", 0),
                ("c#1", "caller", 1),
                ("c#4", "counsellor", 0),
                ("c#5", "caller", 0),
                ("c#6", "counsellor", 0),
                ("c#7", "caller", 1),
            ]
        );
        assert_eq!(lines[5].needs, [GoldNeed { domain: None, explicit: false }]);
        for line in &lines {
            let json = serde_json::to_string(line).unwrap();
            let read: crate::need::GoldUtterance = serde_json::from_str(&json).unwrap();
            assert_eq!((read.id.as_str(), read.needs.len()), (line.id.as_str(), line.needs.len()));
        }
    }
}

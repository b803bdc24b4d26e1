//! What is known of the codes beside their conditions: names, places, and which contain or exclude each other.

use std::collections::BTreeSet;

use super::CodingId;
use super::parser::Condition;
use super::rules::CodeRules;
use crate::error::Text;

/// The codes of a run, for tables and messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeBook {
    file: String,
    entries: Vec<(String, u64)>,
    inside: Vec<(CodingId, CodingId)>,
    apart: Vec<(CodingId, CodingId)>,
}

/// How many of the codes no call has are named.
const UNUSED_NAMED: usize = 5;

/// A code that holds, or does not, wherever a condition holds.
type Literals = BTreeSet<(CodingId, bool)>;

impl CodeBook {
    pub(super) fn new(rules: &CodeRules) -> Self {
        let entries = rules.codes.iter().map(|c| (c.name.clone(), c.line)).collect();
        // What holds wherever the code does not hold, and wherever it does.
        let mut implied = vec![[Literals::new(), Literals::new()]; rules.codes.len()];
        for id in &rules.order {
            let condition = &rules.codes[id.index()].condition;
            let both = [false, true].map(|holds| literals(condition, holds, &implied));
            implied[id.index()] = both;
        }
        let (mut inside, mut apart) = (BTreeSet::new(), BTreeSet::new());
        for (id, [without, with]) in (0u16..).map(CodingId).zip(&implied) {
            for (other, holds) in with {
                if *holds {
                    inside.insert((id, *other));
                } else {
                    apart.insert((id.min(*other), id.max(*other)));
                }
            }
            // Not this one, so not the other: the other lies inside this one.
            inside.extend(without.iter().filter(|(_, holds)| !holds).map(|(other, _)| (*other, id)));
        }
        Self { file: rules.file.clone(), entries, inside: inside.into_iter().collect(), apart: apart.into_iter().collect() }
    }

    /// The codes in file order.
    pub fn ids(&self) -> impl Iterator<Item = CodingId> + use<> {
        (0..u16::try_from(self.entries.len()).unwrap_or(u16::MAX)).map(CodingId)
    }

    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The name, without ＊.
    pub fn name(&self, id: CodingId) -> &str {
        &self.entries[id.index()].0
    }

    /// Pairs of codes of which, as the rules are written, the first holds only where the second holds.
    pub fn inside(&self) -> &[(CodingId, CodingId)] {
        &self.inside
    }

    /// Pairs of codes that, as the rules are written, never hold together.
    pub fn apart(&self) -> &[(CodingId, CodingId)] {
        &self.apart
    }

    /// One sentence that names the codes no call has, the first of them with their lines; `None` where each code has a call.
    ///
    /// `calls` gives the codes of each call. A word that is misspelt, or that the calls never use, shows here.
    pub fn unused<'c>(&self, calls: impl Iterator<Item = &'c [CodingId]>) -> Option<Text> {
        let mut used = vec![false; self.entries.len()];
        calls.flatten().for_each(|id| used[id.index()] = true);
        let unused: Vec<usize> = (0..used.len()).filter(|i| !used[*i]).collect();
        if unused.is_empty() {
            return None;
        }
        // The file once, and of many codes the first: the sentence is to be read.
        let more = unused.len().saturating_sub(UNUSED_NAMED);
        let list = |each: fn(u64, &str) -> String| {
            unused.iter().take(UNUSED_NAMED).map(|i| each(self.entries[*i].1, &self.entries[*i].0)).collect::<Vec<_>>()
        };
        let ja = list(|line, name| format!("「＊{name}」（{line}行目）")).join("");
        let en = list(|line, name| format!("＊{name} (line {line})")).join(", ");
        let (ja_more, en_more) = if more > 0 {
            (format!("など{}個の", unused.len()), format!(" and {more} more"))
        } else {
            ("の".to_owned(), String::new())
        };
        Some(Text::new(
            format!("{} の{ja}{ja_more}コードは、どの相談にも付きませんでした。語と綴りを確かめてください", self.file),
            format!("no call has these codes of {}: {en}{en_more}; check their words and spelling", self.file),
        ))
    }
}

/// What holds wherever `condition` does (`holds`) or does not; `implied` knows the codes it names.
fn literals(condition: &Condition, holds: bool, implied: &[[Literals; 2]]) -> Literals {
    match condition {
        Condition::Code(id) => {
            let mut own = implied[id.index()][usize::from(holds)].clone();
            own.insert((*id, holds));
            own
        }
        Condition::Not(inner) => literals(inner, !holds, implied),
        Condition::All(parts) | Condition::Any(parts) => {
            let mut sets = parts.iter().map(|p| literals(p, holds, implied));
            let first = sets.next().unwrap_or_default();
            // All hold, or none of them does: each adds what it implies. Otherwise only what all imply is sure.
            if matches!(condition, Condition::All(_)) == holds {
                sets.fold(first, |a, b| a.union(&b).copied().collect())
            } else {
                sets.fold(first, |a, b| a.intersection(&b).copied().collect())
            }
        }
        Condition::Phrase(_) | Condition::Text(_) | Condition::Chain(_) | Condition::Variable { .. } => Literals::new(),
    }
}

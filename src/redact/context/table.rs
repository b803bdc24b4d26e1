//! The learned weights: as a table, and compiled for a lexicon.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use super::feature::{self, Key, Look};
use super::{PerType, TYPES};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::logistic::hundredths;
use crate::morphology::Lexicon;
use crate::redact::IdentifierLists;
use crate::redact::scene::Scene;

/// The row of the biases.
const BIAS: &str = "*";

/// Log odds against being no name, by feature and type.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContextTable {
    pub(super) bias: PerType,
    pub(super) weights: BTreeMap<String, PerType>,
}

impl ContextTable {
    /// Reads a table as [`ContextTable::write`] writes it; an empty text is an empty table.
    ///
    /// # Errors
    /// [`ErrorKind::Dictionary`] with the line of another heading or a row that is none.
    pub fn parse(file: &str, text: &str) -> Result<Self> {
        let mut lines = (1u64..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let fault = |line, ja: &str, en: &str| Error::new(ErrorKind::Dictionary, Text::new(ja, en)).at(file, line);
        let mut out = Self::default();
        let Some((line, heading)) = lines.next() else { return Ok(out) };
        if heading != Self::heading() {
            return Err(fault(
                line,
                "見出しが違います。`kikitori coding learn-identifiers` で作り直してください",
                "another heading than expected; make it again with `kikitori coding learn-identifiers`",
            ));
        }
        for (line, row) in lines {
            let mut cells = row.split('\t');
            let name = cells.next().unwrap_or_default();
            let figures: Vec<f32> = cells.filter_map(|cell| cell.parse().ok().filter(|f: &f32| f.is_finite())).collect();
            let Ok(weights) = PerType::try_from(figures) else {
                return Err(fault(line, "特徴のあとに種類ごとの数を書いてください", "one figure a type is expected behind the feature"));
            };
            if name == BIAS {
                out.bias = weights;
            } else {
                out.weights.insert(name.to_owned(), weights);
            }
        }
        Ok(out)
    }

    /// The table as text: tabs between columns, a line for the biases, then one a feature, sorted; two decimals.
    pub fn write(&self) -> String {
        let mut out = Self::heading();
        for (name, weights) in [(BIAS, &self.bias)].into_iter().chain(self.weights.iter().map(|(name, w)| (name.as_str(), w))) {
            _ = write!(out, "\n{name}");
            weights.iter().for_each(|weight| _ = write!(out, "\t{:.2}", if weight.abs() < 0.005 { 0.0 } else { *weight }));
        }
        out.push('\n');
        out
    }

    fn heading() -> String {
        ["feature"].into_iter().chain(TYPES.map(|kind| kind.code())).collect::<Vec<_>>().join("\t")
    }

    /// How many features there are.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }
}

/// A table compiled for a lexicon: immutable, shared by all threads.
#[derive(Debug)]
pub(in crate::redact) struct ContextWeights {
    look: Look,
    bias: Hundredths,
    /// Half of each key and hundredths, as the table is written, keep the map in the cache.
    weights: FxHashMap<u32, Hundredths>,
}

/// Weights in hundredths.
type Hundredths = [i16; TYPES.len()];

/// The half of a key that the map keeps.
#[allow(clippy::cast_possible_truncation, reason = "of two keys with the same half one is not in the table, but once in 200,000 times")]
const fn half(key: Key) -> u32 {
    key as u32
}

impl ContextWeights {
    pub(in crate::redact) fn new(lexicon: &Lexicon, lists: &IdentifierLists) -> Self {
        let table = &lists.context;
        let weights =
            table.weights.iter().filter_map(|(name, weights)| Some((half(feature::parse(lexicon, name)?), weights.map(hundredths))));
        Self { look: Look::new(lexicon), bias: table.bias.map(hundredths), weights: weights.collect() }
    }

    /// Whether anything was learned.
    pub(in crate::redact) fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The probability that token `i` is a part of a name of each type; `None` where it cannot be one.
    pub(in crate::redact) fn probabilities(&self, scene: &Scene<'_>, i: usize) -> Option<PerType> {
        if !self.look.may_name(scene, i) {
            return None;
        }
        let mut sums = self.bias.map(i32::from);
        self.look.features(scene, i, |key| {
            if let Some(weights) = self.weights.get(&half(key)) {
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += i32::from(*weight));
            }
        });
        let scores = sums.map(|sum| sum as f32 / 100.0);
        let largest = scores.iter().copied().fold(0.0, f32::max);
        let odds = scores.map(|score| (score - largest).exp());
        let sum = odds.iter().sum::<f32>() + (-largest).exp();
        Some(odds.map(|odd| odd / sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_reads_back_as_it_was_written() {
        let table = ContextTable {
            bias: [-3.0, -4.25, 0.0],
            weights: BTreeMap::from([("w+1=さん".to_owned(), [2.5, 0.0, -1.0]), ("w-1,k=の,Noun-一般:0".to_owned(), [0.1, 0.2, 0.3])]),
        };
        assert_eq!(ContextTable::parse("f", &table.write()).unwrap(), table);
        assert!(ContextTable::parse("f", "").unwrap().is_empty());
        assert!(ContextTable::parse("f", "word\tidf\n").is_err());
        assert_eq!(ContextTable::parse("f", "feature\tperson\tfacility\taddress\nw=a\t1\n").unwrap_err().place().unwrap().row, 2);
    }
}

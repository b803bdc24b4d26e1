//! The learned weights as a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{LABELS, PerLabel, TYPES};
use crate::error::{Error, ErrorKind, Result, Text};

/// The column of what is no name, and the rows of what may follow what: `after=person` holds the weights of each label behind a
/// character of a person's name.
const NONE: &str = "none";
const AFTER: &str = "after=";

/// Weights, by feature and label, and by label and the label behind it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContextTable {
    pub(super) weights: BTreeMap<String, PerLabel>,
    pub(super) after: [PerLabel; LABELS],
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
            let figures: Vec<f32> = cells.filter_map(figure).collect();
            let Ok(weights) = PerLabel::try_from(figures) else {
                return Err(fault(line, "特徴のあとに種類ごとの数を書いてください", "one figure a type is expected behind the feature"));
            };
            match name.strip_prefix(AFTER).and_then(|label| Self::labels().position(|l| l == label)) {
                Some(label) => out.after[label] = weights,
                None => _ = out.weights.insert(name.to_owned(), weights),
            }
        }
        Ok(out)
    }

    /// The table as text: tabs between columns; a line for what may follow each label, then one a feature, sorted; two decimals,
    /// nothing for nought.
    pub fn write(&self) -> String {
        let mut out = Self::heading();
        let after = Self::labels().zip(&self.after).map(|(label, weights)| (format!("{AFTER}{label}"), weights));
        for (name, weights) in after.chain(self.weights.iter().map(|(name, weights)| (name.clone(), weights))) {
            _ = write!(out, "\n{name}");
            for weight in weights {
                // Most of a table is noughts: they are left empty.
                _ = if weight.abs() < 0.005 { write!(out, "\t") } else { write!(out, "\t{weight:.2}") };
            }
        }
        out.push('\n');
        out
    }

    fn labels() -> impl Iterator<Item = &'static str> {
        [NONE].into_iter().chain(TYPES.map(|kind| kind.code()))
    }

    fn heading() -> String {
        ["feature"].into_iter().chain(Self::labels()).collect::<Vec<_>>().join("\t")
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

/// The figure of a cell; an empty one is nought.
fn figure(cell: &str) -> Option<f32> {
    if cell.is_empty() { Some(0.0) } else { cell.parse().ok().filter(|figure: &f32| figure.is_finite()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_reads_back_as_it_was_written() {
        let mut table = ContextTable::default();
        let row = |figures: &[f32]| PerLabel::try_from([figures, &[0.0; LABELS]].concat()[..LABELS].to_vec()).unwrap();
        table.weights.insert("c+1=さ".to_owned(), row(&[0.0, 2.5, 0.0, -1.0]));
        table.weights.insert("b-1=の家".to_owned(), row(&[0.1, 0.2, 0.3]));
        table.after[0] = row(&[1.0, -3.0, -4.25]);
        table.after[1] = row(&[0.0, 1.0]);
        assert_eq!(ContextTable::parse("f", &table.write()).unwrap(), table);
        assert!(ContextTable::parse("f", "").unwrap().is_empty());
        assert!(ContextTable::parse("f", "word\tidf\n").is_err());
        let short = format!("{}\nw=a\t1\n", ContextTable::heading());
        assert_eq!(ContextTable::parse("f", &short).unwrap_err().place().unwrap().row, 2);
    }
}

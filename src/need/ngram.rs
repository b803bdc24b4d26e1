//! Character n-grams: what the characters of an utterance say for each domain, and for there being no need at all, as learned from
//! coded examples ([`super::learn`]).
//!
//! Seeds and cues say what a person knows of the language; n-grams say what examples show, whatever the inflection, the spelling or
//! the dialect, and also where a word is cut otherwise. Each class has a logistic regression of its own on the n-grams of one to
//! three characters (Cavnar & Trenkle 1994), weighted by idf, at unit length: z(c) = b(c) + Σ idf(g) · β(g, c) / √Σ idf(g)².

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use super::NeedDomain;
use super::assign::Scores;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::logistic::hundredths;

/// The domains, and behind them "no need" and "asked for".
pub(super) const CLASSES: usize = NeedDomain::COUNT + 2;
/// Where "no need" and "asked for" stand.
pub(super) const NONE: usize = NeedDomain::COUNT;
pub(super) const EXPLICIT: usize = NONE + 1;

/// Characters of the longest n-gram.
pub(super) const LONGEST: usize = 3;

/// The columns before those of the domains, and behind them.
const BEFORE: [&str; 2] = ["ngram", "idf"];
const BEHIND: [&str; 2] = ["none", "explicit"];

/// The row of the biases: longer than any n-gram.
const BIAS: &str = "****";

/// Log odds for each class.
pub(super) type Weights = [f32; CLASSES];

/// What was learned, by n-gram.
#[derive(Debug, Clone, PartialEq)]
pub struct NgramTable {
    pub(super) bias: Weights,
    /// Inverse document frequency and weights.
    pub(super) ngrams: BTreeMap<String, (f32, Weights)>,
}

impl Default for NgramTable {
    /// Nothing learned: every tenth utterance is of a domain.
    fn default() -> Self {
        let mut bias = [-2.2; CLASSES];
        bias[NONE..].fill(0.0);
        Self { bias, ngrams: BTreeMap::new() }
    }
}

impl NgramTable {
    /// Reads a table as [`NgramTable::write`] writes it; an empty text is an empty table.
    ///
    /// # Errors
    /// [`ErrorKind::Dictionary`] with the line of another heading, a figure that is none, or an n-gram given twice.
    pub fn parse(file: &str, text: &str) -> Result<Self> {
        let mut lines = (1u64..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let fault = |line, text: Text| Error::new(ErrorKind::Dictionary, text).at(file, line);
        let mut out = Self::default();
        let Some((line, heading)) = lines.next() else { return Ok(out) };
        if heading != Self::heading() {
            let text = Text::new(
                "見出しが違います。`kikitori coding learn` で作り直してください",
                "another heading than expected; make it again with `kikitori coding learn`",
            );
            return Err(fault(line, text));
        }
        for (line, row) in lines {
            let mut cells = row.split('\t');
            let ngram = cells.next().unwrap_or_default();
            let figures: Option<Vec<f32>> = cells.map(|cell| cell.parse().ok().filter(|f: &f32| f.is_finite())).collect();
            let figures = figures.filter(|figures| figures.len() == 1 + CLASSES && !ngram.is_empty());
            let Some((idf, weights)) = figures.as_ref().and_then(|figures| figures.split_first()) else {
                let text = Text::new(
                    format!("文字の並びのあとに{}個の数を書いてください", 1 + CLASSES),
                    format!("{} figures are expected behind the n-gram", 1 + CLASSES),
                );
                return Err(fault(line, text));
            };
            let weights = std::array::from_fn(|class| weights[class]);
            if ngram == BIAS {
                out.bias = weights;
            } else if out.ngrams.insert(ngram.to_owned(), (*idf, weights)).is_some() {
                return Err(fault(line, Text::new("同じ文字の並びが先にあります", "an earlier line has this n-gram")));
            }
        }
        Ok(out)
    }

    fn heading() -> String {
        let domains = NeedDomain::ALL.iter().map(|domain| domain.code());
        BEFORE.into_iter().chain(domains).chain(BEHIND).collect::<Vec<_>>().join("\t")
    }

    /// The table as text: tabs between columns, a line for the biases, then one an n-gram, sorted; two decimals.
    pub fn write(&self) -> String {
        let mut out = Self::heading();
        let rows = self.ngrams.iter().map(|(ngram, (idf, weights))| (ngram.as_str(), *idf, weights));
        for (ngram, idf, weights) in [(BIAS, 0.0, &self.bias)].into_iter().chain(rows) {
            _ = write!(out, "\n{ngram}\t{idf:.2}");
            for weight in weights {
                // Two thirds of a table is noughts: no −0.00, and nothing behind them.
                _ = if weight.abs() < 0.005 { write!(out, "\t0") } else { write!(out, "\t{weight:.2}") };
            }
        }
        out.push('\n');
        out
    }

    /// How many n-grams there are.
    pub fn len(&self) -> usize {
        self.ngrams.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ngrams.is_empty()
    }
}

/// Characters of the longest placeholder, brackets and all: what goes on longer is a bracket of the text's own.
const LONGEST_PLACEHOLDER: u32 = 12;

/// The characters of a text as n-grams see them: a number is one figure, a placeholder one mark.
fn characters(text: &str) -> impl Iterator<Item = char> {
    // How many characters of a placeholder may still come.
    let (mut inside, mut digit) = (0, false);
    text.chars().filter_map(move |c| {
        let opens = c == '〔';
        let goes_on = inside > 0 && !opens;
        inside = match c {
            '〔' => LONGEST_PLACEHOLDER,
            '〕' => 0,
            _ => inside.saturating_sub(1),
        };
        let number = c.is_ascii_digit();
        let again = number && digit;
        digit = number;
        (!goes_on && !again).then_some(if number { '0' } else { c })
    })
}

/// Calls `each` with every n-gram of `text` of up to three characters, as its characters, those missing in front `'\0'`.
pub(super) fn ngrams(text: &str, mut each: impl FnMut([char; LONGEST])) {
    let mut last = ['\0'; LONGEST];
    for c in characters(text) {
        last.rotate_left(1);
        last[LONGEST - 1] = c;
        for missing in (0..LONGEST).rev().take_while(|missing| last[*missing] != '\0') {
            let mut ngram = last;
            ngram[..missing].fill('\0');
            each(ngram);
        }
    }
}

/// A table made fast to look up, small enough for the cache: a tree of characters.
#[derive(Debug)]
pub(super) struct NgramWeights {
    /// By character its row; 0 where no n-gram has it.
    characters: Box<[u16]>,
    /// By the row of an n-gram and that of the next character the row of the longer n-gram.
    longer: FxHashMap<(u16, u16), u16>,
    /// By row idf times weight for each class, in hundredths.
    weights: Vec<[i16; CLASSES]>,
    /// By row the square of the idf, in hundredths.
    squares: Vec<u16>,
    bias: Weights,
}

impl NgramWeights {
    pub(super) fn new(table: &NgramTable) -> Self {
        let mut out = Self {
            characters: vec![0; usize::from(u16::MAX) + 1].into(),
            longer: FxHashMap::default(),
            weights: vec![[0; CLASSES]],
            squares: vec![0],
            bias: table.bias,
        };
        // The learner keeps fewer n-grams than there are rows; of a table with more the last say nothing.
        for (ngram, (idf, weights)) in &table.ngrams {
            let row = ngram.chars().try_fold(0, |row, c| out.add(row, c));
            if let Some(row) = row.map(usize::from).filter(|row| *row != 0) {
                out.weights[row] = weights.map(|weight| hundredths(idf * weight));
                out.squares[row] = hundredths(idf * idf).unsigned_abs();
            }
        }
        out
    }

    /// The row of the n-gram at `row` and one character more, made where there is none.
    fn add(&mut self, row: u16, c: char) -> Option<u16> {
        let at = u32::from(c) as usize;
        let mut single = *self.characters.get(at)?;
        if single == 0 {
            single = self.new_row()?;
            self.characters[at] = single;
        }
        if row == 0 {
            return Some(single);
        }
        if let Some(known) = self.longer.get(&(row, single)) {
            return Some(*known);
        }
        let longer = self.new_row()?;
        self.longer.insert((row, single), longer);
        Some(longer)
    }

    fn new_row(&mut self) -> Option<u16> {
        let row = u16::try_from(self.weights.len()).ok()?;
        self.weights.push([0; CLASSES]);
        self.squares.push(0);
        Some(row)
    }

    /// What the n-grams of a text say.
    pub(super) fn scores(&self, text: &str) -> NgramScores {
        let (mut sums, mut squares) = ([0i64; CLASSES], 0u64);
        let mut say = |row: u16| {
            squares += u64::from(self.squares[usize::from(row)]);
            sums.iter_mut().zip(&self.weights[usize::from(row)]).for_each(|(sum, weight)| *sum += i64::from(*weight));
        };
        // The rows of the last character and of the last two.
        let (mut last, mut two) = (0, 0);
        for c in characters(text) {
            let single = self.characters.get(u32::from(c) as usize).copied().unwrap_or(0);
            let longer = |row: u16| if row == 0 || single == 0 { 0 } else { self.longer.get(&(row, single)).copied().unwrap_or(0) };
            let (pair, three) = (longer(last), longer(two));
            [single, pair, three].into_iter().filter(|row| *row != 0).for_each(&mut say);
            (last, two) = (single, pair);
        }
        let length = (squares as f32 / 100.0).max(1.0).sqrt();
        NgramScores { said: sums.map(|sum| sum as f32 / 100.0 / length), bias: self.bias }
    }
}

/// Log odds of each class against its absence: what the n-grams say, and what is so before anything is said.
#[derive(Debug, Clone, Copy)]
pub(super) struct NgramScores {
    said: Weights,
    bias: Weights,
}

impl NgramScores {
    /// The log odds of there being a need: of one at all, or of one of a domain, which may be clearer.
    pub(super) fn need(&self) -> f32 {
        self.domains().into_iter().fold(-self.bias[NONE] - self.said[NONE], f32::max)
    }

    /// The log odds of a need that is asked for.
    pub(super) fn explicit(&self) -> f32 {
        self.bias[EXPLICIT] + self.said[EXPLICIT]
    }

    /// The log odds of each domain.
    pub(super) fn domains(&self) -> Scores {
        std::array::from_fn(|domain| self.bias[domain] + self.said[domain])
    }

    /// How far they raise the log odds of each domain, or lower them.
    pub(super) fn raised(&self) -> Scores {
        std::array::from_fn(|domain| self.said[domain])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        ngrams(text, |ngram| out.push(ngram.into_iter().filter(|c| *c != '\0').collect()));
        out
    }

    #[test]
    fn ngrams_are_of_one_to_three_characters() {
        assert_eq!(all("痛くて"), ["痛", "く", "痛く", "て", "くて", "痛くて"]);
        // A number is one figure, a placeholder one mark.
        assert_eq!(all("20〔氏名〕に"), ["0", "〔", "0〔", "に", "〔に", "0〔に"]);
        assert!(all("").is_empty());
        // A bracket that nobody closes swallows no text.
        assert!(all(&format!("〔{}痛", "あ".repeat(20))).contains(&"痛".to_owned()));
    }

    #[test]
    fn scores_are_the_weighted_mean_at_unit_length() {
        let mut weights = Weights::default();
        weights[NeedDomain::Symptom.index()] = 3.0;
        let table = NgramTable {
            bias: [-1.0; CLASSES],
            ngrams: [("痛".to_owned(), (2.0, weights)), ("い".to_owned(), (1.0, Weights::default()))].into(),
        };
        let scores = NgramWeights::new(&table).scores("痛い");
        let symptom = scores.domains()[NeedDomain::Symptom.index()];
        assert!((symptom - (-1.0 + 2.0 * 3.0 / 5.0f32.sqrt())).abs() < 1e-5, "{symptom}");
        // A domain that is clear is a need, whatever speaks against one.
        assert!((scores.need() - symptom).abs() < 1e-6);
    }

    #[test]
    fn a_text_as_long_as_may_be_is_scored() {
        let table = NgramTable { ngrams: [("痛".to_owned(), (9.0, [9.0; CLASSES]))].into(), ..NgramTable::default() };
        let scores = NgramWeights::new(&table).scores(&"痛".repeat(1_000_000));
        assert!(scores.domains().iter().all(|score| (score - 8_997.8).abs() < 1.0), "{:?}", scores.domains());
    }

    #[test]
    fn faulty_tables_are_refused() {
        let good = NgramTable { ngrams: [("治験".to_owned(), (1.0, [0.5; CLASSES]))].into(), ..NgramTable::default() }.write();
        assert_eq!(NgramTable::parse("n", &good).unwrap().write(), good);
        assert!(NgramTable::parse("n", "").unwrap().is_empty());
        for (bad, line) in [
            (good.replacen("idf", "df", 1), 1),
            (good.replacen("0.50", "x", 1), 3),
            (good.replacen("0.50", "inf", 1), 3),
            (format!("{good}{}\n", good.lines().last().unwrap()), 4),
        ] {
            let error = NgramTable::parse("n", &bad).unwrap_err();
            assert_eq!((error.kind(), error.place().unwrap().row), (ErrorKind::Dictionary, line), "{bad}");
        }
    }
}

//! Words: what the words of an utterance say for each domain, and for there being no need at all, as learned from coded
//! examples ([`super::learn`]).
//!
//! Seeds and cues say what a person knows of the language; words say what examples show. The scores are those of a
//! multinomial logistic regression on the words that are present, weighted by idf, at unit length: z(c) = b(c) + Σ idf(w) ·
//! β(w, c) / √Σ idf(w)², the length made a little longer where words are few.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::NeedDomain;
use super::assign::Scores;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::morphology::{ClassInfo, LemmaId, Lexicon, Pos, Token};

/// The domains, and behind them "no need".
pub(super) const CLASSES: usize = NeedDomain::COUNT + 1;

/// The columns before the classes, and the code of the last class.
const COLUMNS: [&str; 2] = ["word", "idf"];
const NONE: &str = "none";

/// The row of the biases.
const BIAS: &str = "*";

/// Stands beside the squares of the idf: what two or three everyday words say is little. Of 0, 10 and 40 the one that served
/// both calls and single turns; the differences were small.
const FEW: f32 = 10.0;

/// Verbs and adverbs from this idf on can tell what an utterance is about; all nouns can. (それはどうすればできますか cannot.)
const SUBJECT_IDF: f32 = 5.0;

/// A weight for each class.
pub(super) type Weights = [f32; CLASSES];

/// What was learned, by word.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WordTable {
    pub(super) bias: Weights,
    /// Inverse document frequency and weights.
    pub(super) words: BTreeMap<String, (f32, Weights)>,
}

impl WordTable {
    /// Reads a table as [`WordTable::write`] writes it; an empty text is an empty table.
    ///
    /// # Errors
    /// [`ErrorKind::Dictionary`] with the line of another heading, a figure that is none, or a word given twice.
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
            let word = cells.next().unwrap_or_default();
            let figures: Option<Vec<f32>> = cells.map(|cell| cell.parse().ok().filter(|f: &f32| f.is_finite())).collect();
            let figures = figures.filter(|figures| figures.len() == 1 + CLASSES && !word.is_empty());
            let Some((idf, weights)) = figures.as_ref().and_then(|figures| figures.split_first()) else {
                let text = Text::new(
                    format!("語のあとに{}個の数を書いてください", 1 + CLASSES),
                    format!("{} figures are expected behind the word", 1 + CLASSES),
                );
                return Err(fault(line, text));
            };
            let weights = std::array::from_fn(|class| weights[class]);
            if word == BIAS {
                out.bias = weights;
            } else if out.words.insert(word.to_owned(), (*idf, weights)).is_some() {
                return Err(fault(line, Text::new("同じ語が先にあります", "an earlier line has this word")));
            }
        }
        Ok(out)
    }

    fn heading() -> String {
        let domains = NeedDomain::ALL.iter().map(|domain| domain.code());
        COLUMNS.into_iter().chain(domains).chain([NONE]).collect::<Vec<_>>().join("\t")
    }

    /// The table as text: tabs between columns, a line for the biases, then one a word, sorted; two decimals.
    pub fn write(&self) -> String {
        let mut out = Self::heading();
        let rows = self.words.iter().map(|(word, (idf, weights))| (word.as_str(), *idf, weights));
        for (word, idf, weights) in [(BIAS, 0.0, &self.bias)].into_iter().chain(rows) {
            _ = write!(out, "\n{word}\t{idf:.2}");
            // No −0.00.
            weights.iter().for_each(|weight| _ = write!(out, "\t{:.2}", if weight.abs() < 0.005 { 0.0 } else { *weight }));
        }
        out.push('\n');
        out
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// Which words can say something: all but names, numbers and symbols. ほしい, ない, しか are the signal.
pub(super) fn speaks(class: &ClassInfo) -> bool {
    !matches!(class.pos, Pos::Symbol | Pos::Filler | Pos::Placeholder) && class.detail[0] != "固有名詞" && !class.is_number()
}

/// A table compiled against a lexicon.
#[derive(Debug)]
pub(super) struct WordWeights {
    /// For each lemma the place of its weights, from 1; 0: it says nothing.
    by_lemma: Vec<u16>,
    /// Per word idf and weights.
    words: Vec<(f32, Weights)>,
    /// Per word whether its idf lets it tell a subject.
    telling: Vec<bool>,
    bias: Weights,
    /// For each class of morphemes whether they speak.
    speaks: Vec<bool>,
    /// For each class of morphemes whether they are content nouns.
    nouns: Vec<bool>,
}

/// A word of an utterance that says something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    /// The view.
    pub(super) at: u32,
    /// Where what it says stands.
    place: u16,
    /// Whether it can tell what an utterance is about.
    pub(super) subject: bool,
    /// Whether the utterance has said it before.
    again: bool,
}

/// Which words an utterance has said so far: one per thread, forgotten without being emptied.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// Per word the number of the last utterance that said it.
    last: Vec<u32>,
    utterance: u32,
}

impl Seen {
    /// Begins an utterance.
    pub(super) fn renew(&mut self, weights: &WordWeights) {
        self.utterance = self.utterance.wrapping_add(1);
        if self.utterance == 0 || self.last.len() != weights.words.len() {
            self.last.clear();
            self.last.resize(weights.words.len(), 0);
            self.utterance = 1;
        }
    }

    /// Marks a word that was said before in this utterance.
    pub(super) fn mark(&mut self, said: Said) -> Said {
        let last = std::mem::replace(&mut self.last[usize::from(said.place)], self.utterance);
        Said { again: last == self.utterance, ..said }
    }
}

impl WordWeights {
    pub(super) fn new(lexicon: &Lexicon, table: &WordTable) -> Self {
        let mut out = Self {
            by_lemma: vec![0; lexicon.lemma_count()],
            words: Vec::with_capacity(table.len()),
            telling: Vec::with_capacity(table.len()),
            bias: table.bias,
            speaks: lexicon.classes().iter().map(speaks).collect(),
            nouns: lexicon.classes().iter().map(ClassInfo::is_content_noun).collect(),
        };
        for (word, weights) in &table.words {
            let Some(lemma) = lexicon.find_lemma(word).filter(|lemma| *lemma != LemmaId::SURFACE) else { continue };
            out.words.push(*weights);
            out.telling.push(weights.0 >= SUBJECT_IDF);
            out.by_lemma[lemma.0 as usize] = u16::try_from(out.words.len()).unwrap_or(0);
        }
        out
    }

    /// The token, which is the view `at`, if it says something.
    pub(super) fn find(&self, token: &Token, at: u32) -> Option<Said> {
        let place = *self.by_lemma.get(token.lemma.0 as usize)?;
        let class = usize::from(token.class.0);
        let place = place.checked_sub(1).filter(|_| self.speaks[class])?;
        let subject = self.nouns[class] || self.telling[usize::from(place)];
        Some(Said { at, place, subject, again: false })
    }

    /// The scores of the words of a whole utterance that are present, whether once or more often.
    pub(super) fn scores(&self, words: &[Said]) -> WordScores {
        let places = words.iter().filter(|word| !word.again).map(|word| word.place);
        self.sum(places, words.iter().any(|word| word.subject))
    }

    /// The same of a part of an utterance: what it repeats may stand before the part.
    pub(super) fn scores_of_part(&self, words: &[Said]) -> WordScores {
        let places: BTreeSet<u16> = words.iter().map(|word| word.place).collect();
        self.sum(places.into_iter(), words.iter().any(|word| word.subject))
    }

    fn sum(&self, places: impl Iterator<Item = u16>, subject: bool) -> WordScores {
        let (mut sums, mut squares) = ([0.0f32; CLASSES], 0.0f32);
        for place in places {
            let (idf, weights) = &self.words[usize::from(place)];
            squares += idf * idf;
            sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += idf * weight);
        }
        let length = (squares + FEW).sqrt();
        WordScores { said: sums.map(|sum| sum / length), bias: self.bias, subject }
    }
}

/// Log odds of the classes: what the words say, and what is so before a word is said.
#[derive(Debug, Clone, Copy)]
pub(super) struct WordScores {
    said: Weights,
    bias: Weights,
    /// Whether one of them tells what it is about.
    pub(super) subject: bool,
}

impl WordScores {
    /// The log odds of there being a need against there being none.
    pub(super) fn need(&self) -> f32 {
        let z: Weights = std::array::from_fn(|class| self.bias[class] + self.said[class]);
        let (domains, none) = z.split_at(NeedDomain::COUNT);
        let largest = domains.iter().copied().fold(f32::MIN, f32::max);
        let sum: f32 = domains.iter().map(|z| (z - largest).exp()).sum();
        largest + sum.ln() - none[0]
    }

    /// What they say for each domain, beside the others.
    pub(super) fn domains(&self) -> Scores {
        let domains: Scores = std::array::from_fn(|domain| self.bias[domain] + self.said[domain]);
        let mean = domains.iter().sum::<f32>() / NeedDomain::COUNT as f32;
        domains.map(|z| z - mean)
    }
}

//! Learning from coded utterances what words say: multinomial logistic regression (Hosmer, Lemeshow & Sturdivant 2013, chapter
//! 8) with an L2 penalty, on the words of an utterance, one class per domain and one for "no need".

use std::collections::BTreeMap;

use linfa::prelude::*;
use linfa_logistic::MultiLogisticRegression;
use ndarray::{Array1, Array2};

use super::words::{CLASSES, WordTable, speaks};
use super::{DomainSet, NeedDomain};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::morphology::{Lexicon, Token};

/// Weight of the penalty, as in the trials that the other figures come from; it was not searched for.
const PENALTY: f64 = 0.2;

/// Steps of L-BFGS at most; the figures are written with two decimals.
const STEPS: u64 = 200;

/// Fewer coded utterances than this teach nothing that holds.
const SMALLEST: usize = 100;

/// Coded utterances, as sets of words.
#[derive(Debug, Default)]
pub struct WordLearner {
    words: BTreeMap<String, WordCount>,
    /// Of each utterance the ids of its words, and its classes.
    utterances: Vec<(Vec<u32>, Vec<u8>)>,
    /// The call of the last utterance.
    call: String,
    calls: u32,
}

#[derive(Debug)]
struct WordCount {
    id: u32,
    utterances: u32,
    calls: u32,
    /// Number of the last call that has it.
    last: u32,
}

impl WordLearner {
    /// Adds an utterance of `call` and the domains it was coded with; none: it carries no need. Utterances of a call follow each other.
    pub fn add(&mut self, call: &str, lexicon: &Lexicon, (text, tokens): (&str, &[Token]), domains: DomainSet) {
        if self.calls == 0 || self.call != call {
            call.clone_into(&mut self.call);
            self.calls += 1;
        }
        let this = self.calls;
        let mut words: Vec<&str> = tokens.iter().filter(|t| speaks(lexicon.class(t.class))).map(|t| lexicon.lemma(t, text)).collect();
        words.sort_unstable();
        words.dedup();
        let ids = words.into_iter().map(|word| {
            let next = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
            let count = self.words.entry(word.to_owned()).or_insert(WordCount { id: next, utterances: 0, calls: 0, last: 0 });
            count.utterances += 1;
            count.calls += u32::from(std::mem::replace(&mut count.last, this) != this);
            count.id
        });
        let ids = ids.collect();
        let mut classes: Vec<u8> = domains.iter().map(|domain| domain as u8).collect();
        if classes.is_empty() {
            classes.push(NeedDomain::COUNT as u8);
        }
        self.utterances.push((ids, classes));
    }

    /// Utterances so far.
    pub fn len(&self) -> usize {
        self.utterances.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.utterances.is_empty()
    }

    /// Learns from words that at least `smallest` calls hold: what few people say stays with them. An utterance with two domains
    /// counts for both. The same utterances in the same order give the same table.
    ///
    /// # Errors
    /// [`ErrorKind::TooLittle`] with fewer than a hundred utterances, or where a domain or "no need" has none.
    pub fn learn(self, smallest: u32) -> Result<WordTable> {
        let of_class = |class: u8| self.utterances.iter().filter(|(_, classes)| classes.contains(&class)).count();
        let missing = (0..CLASSES as u8).find(|class| of_class(*class) == 0);
        if self.utterances.len() < SMALLEST || missing.is_some() {
            let what = missing.and_then(|class| NeedDomain::ALL.get(usize::from(class))).map_or("none", |domain| domain.code());
            return Err(Error::new(
                ErrorKind::TooLittle,
                Text::new(
                    format!(
                        "コードのついた発話が足りません（{}件。{SMALLEST}件以上で、{what} を含むすべての領域とニーズなしが要ります）",
                        self.utterances.len()
                    ),
                    format!(
                        "too few coded utterances ({}): at least {SMALLEST} are needed, with every domain and with no need among them ({what})",
                        self.utterances.len()
                    ),
                ),
            ));
        }
        let rows: usize = self.utterances.iter().map(|(_, classes)| classes.len()).sum();
        let mut columns = vec![None; self.words.len()];
        let mut kept: Vec<(&str, f64)> = Vec::new();
        for (word, count) in &self.words {
            if count.calls >= smallest {
                columns[count.id as usize] = Some(kept.len());
                // As scikit-learn's TfidfVectorizer has it: one utterance more holds every word.
                let idf = ((1.0 + self.utterances.len() as f64) / (1.0 + f64::from(count.utterances))).ln() + 1.0;
                kept.push((word, idf));
            }
        }
        let mut present = Array2::<f64>::zeros((rows, kept.len()));
        let mut targets = Vec::with_capacity(rows);
        for (words, classes) in &self.utterances {
            let words: Vec<usize> = words.iter().filter_map(|id| columns[*id as usize]).collect();
            let length = words.iter().map(|column| kept[*column].1.powi(2)).sum::<f64>().sqrt();
            for class in classes {
                let row = targets.len();
                words.iter().for_each(|column| present[[row, *column]] = kept[*column].1 / length);
                targets.push(usize::from(*class));
            }
        }
        let dataset = Dataset::new(present, Array1::from(targets));
        let fitted = MultiLogisticRegression::default().alpha(PENALTY).max_iterations(STEPS).fit(&dataset).map_err(|cause| {
            Error::new(ErrorKind::TooLittle, Text::new("発話から学べません", "nothing can be learned from these utterances")).because(cause)
        })?;
        let (weights, bias) = (fitted.params(), fitted.intercept());
        let words = kept.iter().enumerate().map(|(column, (word, idf))| {
            let weights = std::array::from_fn(|class| weights[[column, class]] as f32);
            ((*word).to_owned(), (*idf as f32, weights))
        });
        Ok(WordTable { bias: std::array::from_fn(|class| bias[class] as f32), words: words.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::WordWeights;
    use super::*;
    use crate::morphology::Concepts;
    use std::sync::Arc;

    /// One telling word for each class.
    const TELLING: [&str; CLASSES] =
        ["病院", "病理", "意見", "手術", "治験", "資料", "痛み", "在宅", "不安", "説明", "家族", "費用", "食事", "取材", "天気"];

    #[test]
    fn words_speak_for_what_they_were_coded_with() {
        let lexicon = Arc::new(Lexicon::embedded(Concepts::default()).unwrap());
        let mut segmenter = lexicon.segmenter();
        let mut tokens = Vec::new();
        let mut learner = WordLearner::default();
        for (class, word) in TELLING.iter().enumerate() {
            for i in 0..8 {
                let text = format!("{word}のことです。田中さん{}", ["。", "ね。"][i % 2]);
                segmenter.segment(&text, &mut tokens).unwrap();
                let domains = NeedDomain::ALL.get(class).copied().into_iter().collect();
                learner.add(&format!("{class}-{i}"), &lexicon, (&text, &tokens), domains);
            }
        }
        // Said twice, by one caller.
        segmenter.segment("梅干しです。", &mut tokens).unwrap();
        (0..2).for_each(|_| learner.add("last", &lexicon, ("梅干しです。", &tokens), DomainSet::default()));
        let table = learner.learn(2).unwrap();
        assert!(!table.words.contains_key("梅干し"));
        // Names are no words.
        assert!(table.words.contains_key("治験") && !table.words.contains_key("田中"));
        let read = WordTable::parse("words.tsv", &table.write()).unwrap();
        assert_eq!(read.write(), table.write());
        let weights = WordWeights::new(&lexicon, &read);
        for (class, word) in TELLING.iter().enumerate() {
            segmenter.segment(word, &mut tokens).unwrap();
            let said: Vec<_> = tokens.iter().filter_map(|token| weights.find(token, 0)).collect();
            let scores = weights.scores(&said, |_| 1.0);
            let domains = scores.domains();
            let best = (0..NeedDomain::COUNT).max_by(|a, b| domains[*a].total_cmp(&domains[*b])).unwrap();
            if class < NeedDomain::COUNT {
                assert_eq!(best, class, "{word}");
                assert!(scores.need() > 0.0, "{word}");
            } else {
                let of_others = weights.scores(&[], |_| 1.0).need();
                assert!(scores.need() < of_others, "{word}");
            }
        }
    }

    #[test]
    fn too_little_and_faulty_tables_are_refused() {
        assert_eq!(WordLearner::default().learn(2).unwrap_err().kind(), ErrorKind::TooLittle);
        let good = WordTable { words: [("治験".to_owned(), (1.0, [0.5; CLASSES]))].into(), ..WordTable::default() }.write();
        assert!(WordTable::parse("w", &good).is_ok() && WordTable::parse("w", "").unwrap().is_empty());
        for (bad, line) in [
            (good.replacen("idf", "df", 1), 1),
            (good.replacen("0.50", "x", 1), 3),
            (good.replacen("0.50", "inf", 1), 3),
            (format!("{good}{}\n", good.lines().last().unwrap()), 4),
        ] {
            let error = WordTable::parse("w", &bad).unwrap_err();
            assert_eq!((error.kind(), error.place().unwrap().row), (ErrorKind::Dictionary, line), "{bad}");
        }
    }
}

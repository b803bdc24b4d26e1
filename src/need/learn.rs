//! Learning from coded utterances what character n-grams say: one logistic regression a domain (Hosmer, Lemeshow & Sturdivant 2013),
//! and one for "no need", with an L2 penalty.

use rustc_hash::FxHashMap;

use super::ngram::{CLASSES, EXPLICIT, LONGEST, NONE, NgramTable, ngrams};
use super::{DomainSet, NeedDomain};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::logistic::Regression;

/// Weight of the penalty: of 1/3, 1/8 and 1/20 the one that served best; the differences were small.
const PENALTY: f64 = 0.125;

/// Steps of L-BFGS at most; the figures are written with two decimals.
const STEPS: u64 = 200;

/// N-grams at most, those of the most calls: a row each of a table that has 65,535.
const MOST: usize = 60_000;

/// Fewer coded utterances than this teach nothing that holds.
const SMALLEST: usize = 100;

/// An n-gram, those of its characters that are missing in front `'\0'`.
type Ngram = [char; LONGEST];

/// Coded utterances, as n-grams.
#[derive(Debug, Default)]
pub struct NgramLearner {
    known: FxHashMap<Ngram, u32>,
    /// Of each n-gram, by id: itself, and how many utterances and calls hold it.
    counts: Vec<Count>,
    /// Of each utterance the ids of its n-grams, as often as they stand there, and a bit for each class.
    utterances: Vec<(Vec<u32>, u32)>,
    /// The call of the last utterance.
    call: String,
    calls: u32,
}

#[derive(Debug)]
struct Count {
    ngram: Ngram,
    utterances: u32,
    calls: u32,
    /// Number of the last call that has it.
    last: u32,
}

impl NgramLearner {
    /// Adds an utterance of `call`, redacted, the domains it was coded with (none: it carries no need), and whether one is asked for.
    /// Utterances of a call follow each other.
    pub fn add(&mut self, call: &str, text: &str, domains: DomainSet, explicit: bool) {
        if self.calls == 0 || self.call != call {
            call.clone_into(&mut self.call);
            self.calls += 1;
        }
        let mut ids = Vec::new();
        ngrams(text, |ngram| {
            let next = u32::try_from(self.counts.len()).unwrap_or(u32::MAX);
            let id = *self.known.entry(ngram).or_insert(next);
            if id == next {
                self.counts.push(Count { ngram, utterances: 0, calls: 0, last: 0 });
            }
            ids.push(id);
        });
        ids.sort_unstable();
        for same in ids.chunk_by(|a, b| a == b) {
            let count = &mut self.counts[same[0] as usize];
            count.utterances += 1;
            count.calls += u32::from(std::mem::replace(&mut count.last, self.calls) != self.calls);
        }
        let classes = domains.iter().fold(0, |bits, domain| bits | 1 << domain.index());
        let classes = if classes == 0 { 1 << NONE } else { classes };
        self.utterances.push((ids, classes | u32::from(explicit) << EXPLICIT));
    }

    /// Utterances so far.
    pub fn len(&self) -> usize {
        self.utterances.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.utterances.is_empty()
    }

    /// Learns from n-grams that at least `smallest` calls hold: what few people say stays with them. The same utterances in the same
    /// order give the same table.
    ///
    /// # Errors
    /// [`ErrorKind::TooLittle`] with fewer than a hundred utterances, or where a domain or "no need" has none.
    pub fn learn(self, smallest: u32) -> Result<NgramTable> {
        let missing = (0..=NONE).find(|class| self.utterances.iter().all(|(_, classes)| classes >> class & 1 == 0));
        if self.utterances.len() < SMALLEST || missing.is_some() {
            let what = missing.and_then(|class| NeedDomain::ALL.get(class)).map_or("none", |domain| domain.code());
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
        // As scikit-learn's TfidfVectorizer has it: one utterance more holds every n-gram.
        let idf = |count: &Count| (((1.0 + self.utterances.len() as f64) / (1.0 + f64::from(count.utterances))).ln() + 1.0) as f32;
        let mut columns = vec![None; self.counts.len()];
        let mut kept: Vec<(Ngram, f32)> = Vec::new();
        let mut calls: Vec<u32> = self.counts.iter().map(|count| count.calls).filter(|calls| *calls >= smallest).collect();
        calls.sort_unstable_by(|a, b| b.cmp(a));
        let least = calls.get(MOST).map_or(smallest, |beyond| beyond + 1);
        for (count, column) in self.counts.iter().zip(&mut columns).filter(|(count, _)| count.calls >= least) {
            *column = u32::try_from(kept.len()).ok();
            kept.push((count.ngram, idf(count)));
        }
        let rows = self.utterances.iter().map(|(ids, classes)| {
            let known = ids.chunk_by(|a, b| a == b).filter_map(|same| Some((columns[same[0] as usize]?, same.len() as f32)));
            let mut row: Vec<(u32, f32)> = known.collect();
            let length = row.iter().map(|(column, times)| times * kept[*column as usize].1.powi(2)).sum::<f32>().max(1.0).sqrt();
            row.iter_mut().for_each(|(column, times)| *times *= kept[*column as usize].1 / length);
            (row, *classes)
        });
        let rows = rows.collect();
        let problem = Regression::<CLASSES> { rows, columns: kept.len(), penalty: PENALTY };
        let fitted = problem.fit(STEPS).ok_or_else(|| {
            Error::new(ErrorKind::TooLittle, Text::new("発話から学べません", "nothing can be learned from these utterances"))
        })?;
        let ngrams = kept
            .iter()
            .zip(fitted.weights)
            .map(|((ngram, idf), weights)| (ngram.iter().filter(|c| **c != '\0').collect(), (*idf, weights)));
        Ok(NgramTable { bias: fitted.bias, ngrams: ngrams.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::ngram::NgramWeights;
    use super::*;

    /// One telling word for each class.
    const TELLING: [&str; NONE + 1] =
        ["病院", "病理", "意見", "手術", "治験", "資料", "痛み", "在宅", "不安", "説明", "家族", "費用", "食事", "取材", "天気"];

    /// Eight calls for each class, one utterance each, with its telling word.
    fn coded() -> NgramLearner {
        let mut learner = NgramLearner::default();
        for (class, word) in TELLING.iter().enumerate() {
            for i in 0..8 {
                let domains = NeedDomain::ALL.get(class).copied().into_iter().collect();
                let (asks, end) = (i % 2 == 0 && class < NONE, ["ですか。", "です。"][i % 2]);
                learner.add(&format!("{class}-{i}"), &format!("{word}のこと{end}"), domains, asks);
            }
        }
        learner
    }

    #[test]
    fn ngrams_speak_for_what_they_were_coded_with() {
        let mut learner = coded();
        // Said twice, by one caller.
        (0..2).for_each(|_| learner.add("last", "梅干しです。", DomainSet::default(), false));
        let table = learner.learn(2).unwrap();
        assert!(!table.ngrams.contains_key("梅干し") && table.ngrams.contains_key("治験の"));
        let read = NgramTable::parse("ngrams.tsv", &table.write()).unwrap();
        assert_eq!(read.write(), table.write());
        let weights = NgramWeights::new(&read);
        for (class, word) in TELLING.iter().enumerate() {
            let scores = weights.scores(word);
            let domains = scores.domains();
            let best = (0..NeedDomain::COUNT).max_by(|a, b| domains[*a].total_cmp(&domains[*b])).unwrap();
            if class < NeedDomain::COUNT {
                assert_eq!(best, class, "{word}");
                assert!(scores.need() > 0.0, "{word}");
                let asked = weights.scores(&format!("{word}のことですか。"));
                assert!(asked.explicit() > 0.0 && weights.scores(&format!("{word}のことです。")).explicit() < 0.0, "{word}");
            } else {
                assert!(scores.need() < 0.0, "{word}");
            }
        }
    }

    #[test]
    fn an_utterance_of_two_domains_teaches_both() {
        let mut learner = coded();
        let both = [NeedDomain::Access, NeedDomain::MoneyWork];
        (0..8).for_each(|i| learner.add(&format!("both-{i}"), "宿代が痛い。", both.into_iter().collect(), false));
        let scores = NgramWeights::new(&learner.learn(2).unwrap()).scores("宿代");
        let domains = scores.domains();
        assert!(both.iter().all(|domain| domains[domain.index()] > domains[NeedDomain::Trial.index()] + 1.0), "{domains:?}");
    }

    #[test]
    fn too_little_teaches_nothing() {
        assert_eq!(NgramLearner::default().learn(2).unwrap_err().kind(), ErrorKind::TooLittle);
    }
}

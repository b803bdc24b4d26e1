//! Learning from coded utterances what words say: multinomial logistic regression (Hosmer, Lemeshow & Sturdivant 2013, chapter
//! 8) with an L2 penalty, on the words of an utterance, one class per domain and one for "no need".
//!
//! With static word vectors (Mikolov et al. 2013) a word counts as itself and as what it is near to: the regression sees the words
//! and the sum of their vectors. Both are sums over the words, so each word still has one weight per class, β(w) + B·e(w), and so
//! has a word of the vectors that no utterance held.

use std::collections::BTreeMap;

use linfa::prelude::*;
use linfa_logistic::MultiLogisticRegression;
use ndarray::{Array1, Array2, Axis};

use super::words::{CLASSES, Weights, WordTable, speaks};
use super::{DomainSet, NeedDomain};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::morphology::{Lexicon, Token};
use crate::vector::embedding::StaticEmbedding;

/// Weight of the penalty, as in the trials that the other figures come from; it was not searched for.
const PENALTY: f32 = 0.2;

/// Steps of L-BFGS at most; the figures are written with two decimals.
const STEPS: u64 = 200;

/// Words of the vectors beside those of the utterances that get weights: those that lean most to one class.
const INFERRED: usize = 12_000;

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
    pub fn learn(self, smallest: u32, embedding: Option<&StaticEmbedding>) -> Result<WordTable> {
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
        let mut kept: Vec<(&str, f32)> = Vec::new();
        // As scikit-learn's TfidfVectorizer has it: one utterance more holds every word.
        let idf = |utterances: u32| (((1.0 + self.utterances.len() as f64) / (1.0 + f64::from(utterances))).ln() + 1.0) as f32;
        for (word, count) in &self.words {
            if count.calls >= smallest {
                columns[count.id as usize] = Some(kept.len());
                kept.push((word, idf(count.utterances)));
            }
        }
        // What few calls hold is known by its vector alone, as a word is that none holds.
        let rare = idf(smallest);
        let vectors = Vectors::new(embedding, self.words.iter().map(|(word, count)| (word.as_str(), count.id)));
        let mut present = Array2::<f32>::zeros((rows, kept.len() + vectors.dimension));
        let mut targets = Vec::with_capacity(rows);
        for (words, classes) in &self.utterances {
            let known = |id: &u32| {
                let column = columns[*id as usize];
                (column.is_some() || vectors.knows(*id)).then(|| (*id, column, column.map_or(rare, |column| kept[column].1)))
            };
            let words: Vec<(u32, Option<usize>, f32)> = words.iter().filter_map(known).collect();
            let length = words.iter().map(|(_, _, idf)| idf * idf).sum::<f32>().sqrt();
            for class in classes {
                let mut row = present.row_mut(targets.len());
                for (id, column, idf) in &words {
                    column.iter().for_each(|column| row[*column] = idf / length);
                    let dimensions = row.iter_mut().skip(kept.len());
                    dimensions.zip(vectors.of(*id)).for_each(|(sum, value)| *sum += idf / length * value);
                }
                targets.push(usize::from(*class));
            }
        }
        let dataset = Dataset::new(present, Array1::from(targets));
        let fitted = MultiLogisticRegression::default().alpha(PENALTY).max_iterations(STEPS).fit(&dataset).map_err(|cause| {
            Error::new(ErrorKind::TooLittle, Text::new("発話から学べません", "nothing can be learned from these utterances")).because(cause)
        })?;
        let (weights, bias) = (fitted.params(), fitted.intercept());
        let (own, by_vector) = weights.view().split_at(Axis(0), kept.len());
        let inferred = |vector: &[f32]| -> Weights {
            std::array::from_fn(|class| vector.iter().zip(by_vector.column(class)).map(|(value, weight)| value * weight).sum())
        };
        let mut table = WordTable { bias: std::array::from_fn(|class| bias[class]), words: BTreeMap::new() };
        for (column, (word, idf)) in kept.iter().enumerate() {
            let near = inferred(vectors.of(self.words[*word].id));
            table.words.insert((*word).to_owned(), (*idf, std::array::from_fn(|class| own[[column, class]] + near[class])));
        }
        if let Some(embedding) = embedding {
            let mut others: Vec<(String, Weights)> = embedding
                .words()
                .into_iter()
                .filter(|word| !table.words.contains_key(word))
                .map(|word| (inferred(&embedding.sentence(&word)), word))
                .map(|(weights, word)| (word, weights))
                .collect();
            others.sort_by(|a, b| leaning(&b.1).total_cmp(&leaning(&a.1)).then_with(|| a.0.cmp(&b.0)));
            others.truncate(INFERRED);
            table.words.extend(others.into_iter().map(|(word, weights)| (word, (rare, weights))));
        }
        Ok(table)
    }
}

/// How far a word speaks for one class more than for the others.
fn leaning(weights: &Weights) -> f32 {
    let mean = weights.iter().sum::<f32>() / CLASSES as f32;
    weights.iter().map(|weight| (weight - mean).abs()).fold(0.0, f32::max)
}

/// The vectors of the words that were met, by id; of length one, or nothing where a word has none.
struct Vectors {
    dimension: usize,
    of: Vec<Vec<f32>>,
}

impl Vectors {
    fn new<'w>(embedding: Option<&StaticEmbedding>, words: impl ExactSizeIterator<Item = (&'w str, u32)>) -> Self {
        let mut of = vec![Vec::new(); words.len()];
        if let Some(embedding) = embedding {
            for (word, id) in words.filter(|(word, _)| embedding.has(word)) {
                of[id as usize] = embedding.sentence(word);
            }
        }
        Self { dimension: embedding.map_or(0, StaticEmbedding::dimension), of }
    }

    fn knows(&self, id: u32) -> bool {
        !self.of(id).is_empty()
    }

    fn of(&self, id: u32) -> &[f32] {
        &self.of[id as usize]
    }
}

#[cfg(test)]
mod tests {
    use safetensors::tensor::{Dtype, TensorView};

    use super::super::words::WordWeights;
    use super::*;
    use crate::morphology::Concepts;
    use std::sync::Arc;

    /// One telling word for each class.
    const TELLING: [&str; CLASSES] =
        ["病院", "病理", "意見", "手術", "治験", "資料", "痛み", "在宅", "不安", "説明", "家族", "費用", "食事", "取材", "天気"];

    /// The telling words, each in a direction of its own, and two more: one near 費用 and one near nothing.
    fn embedding() -> StaticEmbedding {
        let words: Vec<&str> = TELLING.into_iter().chain(["学費", "積雪"]).collect();
        let vocabulary: Vec<String> = words.iter().zip(1..).map(|(word, id)| format!("\"{word}\": {id}")).collect();
        let tokenizer = format!(
            r#"{{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
            "pre_tokenizer": {{"type": "WhitespaceSplit"}}, "post_processor": null, "decoder": null,
            "model": {{"type": "WordLevel", "unk_token": "[UNK]", "vocab": {{"[UNK]": 0, {}}}}}}}"#,
            vocabulary.join(", ")
        );
        let axis_of = |row: usize| match row {
            0 => CLASSES + 1,
            row if row <= CLASSES => row - 1,
            row if words[row - 1] == "学費" => NeedDomain::MoneyWork.index(),
            _ => CLASSES,
        };
        let value = |row, column| if axis_of(row) == column { 1.0f32 } else { 0.0 };
        let rows = words.len() + 1;
        let bytes: Vec<u8> = (0..rows).flat_map(|row| (0..=CLASSES).flat_map(move |column| value(row, column).to_le_bytes())).collect();
        let view = TensorView::new(Dtype::F32, vec![rows, CLASSES + 1], &bytes).unwrap();
        StaticEmbedding::from_parts(tokenizer.as_bytes(), &safetensors::serialize([("embeddings", view)], None).unwrap(), None).unwrap()
    }

    /// Eight calls for each class, one utterance each, with its telling word.
    fn coded(lexicon: &Arc<Lexicon>, utterance: impl Fn(&str, usize) -> String) -> WordLearner {
        let mut segmenter = lexicon.segmenter();
        let mut tokens = Vec::new();
        let mut learner = WordLearner::default();
        for (class, word) in TELLING.iter().enumerate() {
            for i in 0..8 {
                let text = utterance(word, i);
                segmenter.segment(&text, &mut tokens).unwrap();
                let domains = NeedDomain::ALL.get(class).copied().into_iter().collect();
                learner.add(&format!("{class}-{i}"), lexicon, (&text, &tokens), domains);
            }
        }
        learner
    }

    #[test]
    fn a_word_of_no_example_leans_as_its_neighbours_do() {
        let lexicon = Arc::new(Lexicon::embedded(Concepts::default()).unwrap());
        let table = coded(&lexicon, |word, _| word.to_owned()).learn(2, Some(&embedding())).unwrap();
        let (_, near) = &table.words["学費"];
        let best = (0..CLASSES).max_by(|a, b| near[*a].total_cmp(&near[*b])).unwrap();
        assert_eq!(best, NeedDomain::MoneyWork.index(), "{near:?}");
        // A direction that no example has says nothing.
        assert!(leaning(&table.words["積雪"].1) < 0.1 * leaning(near), "{:?}", table.words["積雪"]);
        assert!(leaning(&table.words["費用"].1) > leaning(near));
    }

    #[test]
    fn words_speak_for_what_they_were_coded_with() {
        let lexicon = Arc::new(Lexicon::embedded(Concepts::default()).unwrap());
        let mut learner = coded(&lexicon, |word, i| format!("{word}のことです。田中さん{}", ["。", "ね。"][i % 2]));
        let mut segmenter = lexicon.segmenter();
        let mut tokens = Vec::new();
        // Said twice, by one caller.
        segmenter.segment("梅干しです。", &mut tokens).unwrap();
        (0..2).for_each(|_| learner.add("last", &lexicon, ("梅干しです。", &tokens), DomainSet::default()));
        let table = learner.learn(2, None).unwrap();
        assert!(!table.words.contains_key("梅干し"));
        // Names are no words.
        assert!(table.words.contains_key("治験") && !table.words.contains_key("田中"));
        let read = WordTable::parse("words.tsv", &table.write()).unwrap();
        assert_eq!(read.write(), table.write());
        let weights = WordWeights::new(&lexicon, &read);
        for (class, word) in TELLING.iter().enumerate() {
            segmenter.segment(word, &mut tokens).unwrap();
            let said: Vec<_> = tokens.iter().filter_map(|token| weights.find(token, 0)).collect();
            let scores = weights.scores(&said);
            let domains = scores.domains();
            let best = (0..NeedDomain::COUNT).max_by(|a, b| domains[*a].total_cmp(&domains[*b])).unwrap();
            if class < NeedDomain::COUNT {
                assert_eq!(best, class, "{word}");
                assert!(scores.need() > 0.0, "{word}");
            } else {
                let of_others = weights.scores(&[]).need();
                assert!(scores.need() < of_others, "{word}");
            }
        }
    }

    #[test]
    fn too_little_and_faulty_tables_are_refused() {
        assert_eq!(WordLearner::default().learn(2, None).unwrap_err().kind(), ErrorKind::TooLittle);
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

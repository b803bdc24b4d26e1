//! Vectors from a corpus of one's own: which words stand near which others, compressed.
//!
//! Counts of neighbours within a window become positive pointwise mutual information, of which the leading singular
//! directions are the vectors: Levy, Goldberg & Dagan 2015 (doi:10.1162/tacl_a_00134) found this as good as word2vec when the
//! contexts' frequencies are smoothed, and it is the same for every run.

use ndarray::Array2;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::super::{Lsa, WeightedMatrix};
use crate::error::{Error, ErrorKind, Result, Text};

/// How many words before and behind a word are its neighbours. Words are content words here: five reach over a clause or two.
const DEFAULT_WINDOW: usize = 5;

/// The exponent that smooths the frequencies of contexts: rare ones would else look like strong evidence (Levy et al. 2015).
const CONTEXT_SMOOTHING: f64 = 0.75;

/// Calls one task counts at a time.
const CHUNK_CALLS: usize = 256;

/// The words of calls in order, as ids: what training reads. It holds no text beyond the words it was given.
#[derive(Debug, Clone, Default)]
pub struct Passages {
    ids: FxHashMap<Box<str>, u32>,
    words: Vec<Box<str>>,
    tokens: Vec<u32>,
    ends: Vec<usize>,
}

impl Passages {
    /// Appends a word to the current call; one with spaces in it counts as its parts, since the tokenizer splits at spaces.
    pub fn add(&mut self, word: &str) {
        for part in word.split_whitespace() {
            let id = match self.ids.get(part) {
                Some(id) => *id,
                None => {
                    let id = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
                    self.words.push(part.into());
                    self.ids.insert(part.into(), id);
                    id
                }
            };
            self.tokens.push(id);
        }
    }

    /// Ends the current call: no window reaches into the next.
    pub fn end_call(&mut self) {
        self.ends.push(self.tokens.len());
    }

    /// Calls ended so far.
    pub fn calls(&self) -> usize {
        self.ends.len()
    }

    fn call(&self, call: usize) -> &[u32] {
        let start = call.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.tokens[start..self.ends[call]]
    }

    /// For each word in how many calls, and how often.
    fn frequencies(&self) -> Vec<(u32, u64)> {
        let mut found = vec![(0, 0); self.words.len()];
        let mut seen = vec![usize::MAX; self.words.len()];
        for call in 0..self.calls() {
            for token in self.call(call) {
                let (calls, count) = &mut found[*token as usize];
                *count += 1;
                if std::mem::replace(&mut seen[*token as usize], call) != call {
                    *calls += 1;
                }
            }
        }
        found
    }
}

/// How to train, unchecked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmbeddingParams {
    /// Length of the vectors; fewer where the counts have fewer directions.
    pub dimension: usize,
    /// The most frequent so many words get a vector.
    pub vocabulary: usize,
    /// The least number of distinct calls that use a word, or a pair of neighbours, for it to count.
    pub threshold: u32,
    /// Neighbours on each side.
    pub window: usize,
    /// Of the randomised decomposition.
    pub seed: u64,
}

impl Default for EmbeddingParams {
    fn default() -> Self {
        Self { dimension: 100, vocabulary: 20_000, threshold: 10, window: DEFAULT_WINDOW, seed: 1 }
    }
}

/// [`EmbeddingParams`] that make sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidEmbeddingParams(EmbeddingParams);

impl EmbeddingParams {
    /// # Errors
    /// [`ErrorKind::Config`] for a dimension outside 1 to 1000, a vocabulary outside 1 to 1,000,000, a window outside 1 to 50,
    /// or no threshold.
    pub fn check(self) -> Result<ValidEmbeddingParams> {
        let limits = [
            ("dim", self.dimension, 1..=1000),
            ("vocab", self.vocabulary, 1..=1_000_000),
            ("window", self.window, 1..=50),
            ("threshold", self.threshold as usize, 1..=u32::MAX as usize),
        ];
        for (name, value, allowed) in limits {
            if !allowed.contains(&value) {
                let (low, high) = (allowed.start(), allowed.end());
                return Err(Error::new(
                    ErrorKind::Config,
                    Text::new(
                        format!("{name} は{low}から{high}までの整数にしてください（{value}が指定されています）"),
                        format!("{name} must be {low} to {high}, got {value}"),
                    ),
                ));
            }
        }
        Ok(ValidEmbeddingParams(self))
    }
}

/// Words and their vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainedEmbedding {
    /// In code point order.
    pub words: Vec<Box<str>>,
    /// In how many distinct calls each occurs: at least the threshold.
    pub calls: Vec<u32>,
    /// Words × dimension.
    pub vectors: Array2<f32>,
    /// How they were made.
    pub params: EmbeddingParams,
    /// Calls read.
    pub documents: usize,
}

/// Two neighbours, the smaller id first; how often, and in how many calls.
type Pair = ((u32, u32), (u64, u32));

/// Trains vectors on `passages`. The same for any number of threads.
///
/// A word used by fewer calls than the threshold is as if it were not there, and so is a pair of neighbours: a vector could
/// else tell what a single caller said beside what.
///
/// # Errors
/// [`ErrorKind::TooLittle`] when no two words stand together in enough calls.
pub fn train(passages: &Passages, params: &ValidEmbeddingParams) -> Result<TrainedEmbedding> {
    let params = params.0;
    let frequencies = passages.frequencies();
    let chosen = choose(passages, &frequencies, &params);
    let mut new_ids = vec![None; passages.words.len()];
    for (new, old) in (0u32..).zip(&chosen) {
        new_ids[*old as usize] = Some(new);
    }
    let pairs = count_pairs(passages, &new_ids, params.window);
    let matrix = positive_information(&pairs, chosen.len(), params.threshold);
    let lsa = Lsa::fit(&matrix, params.dimension, params.seed)?;
    // V·S^½: between V, which makes all directions equally important, and V·S, which drowns all but the first.
    let factors: Vec<f64> = lsa.singular_values.iter().map(|s| s.sqrt()).collect();
    let vector = |row: usize| lsa.projection.row(row).iter().zip(&factors).map(|(v, f)| (f64::from(*v) * f) as f32).collect::<Vec<_>>();
    let vectors: Vec<(u32, Vec<f32>)> = chosen.iter().enumerate().map(|(row, old)| (*old, vector(row))).collect();
    // A word without enough company has no direction: it is left out like one that was never met.
    let known: Vec<(u32, Vec<f32>)> = vectors.into_iter().filter(|(_, v)| v.iter().any(|x| *x != 0.0)).collect();
    if known.is_empty() {
        let threshold = params.threshold;
        return Err(Error::new(
            ErrorKind::TooLittle,
            Text::new(
                format!("{threshold}件以上の相談で隣り合う語の組がありません。もっと多くの記録から作ってください"),
                format!("no two words stand together in {threshold} calls; train on more records"),
            ),
        ));
    }
    Ok(TrainedEmbedding {
        words: known.iter().map(|(old, _)| passages.words[*old as usize].clone()).collect(),
        calls: known.iter().map(|(old, _)| frequencies[*old as usize].0).collect(),
        vectors: Array2::from_shape_vec((known.len(), factors.len()), known.into_iter().flat_map(|(_, v)| v).collect()).unwrap_or_default(),
        params,
        documents: passages.calls(),
    })
}

/// The words that may have a vector: used by enough calls, the most frequent of them; in code point order.
fn choose(passages: &Passages, frequencies: &[(u32, u64)], params: &EmbeddingParams) -> Vec<u32> {
    let word = |id: &u32| passages.words[*id as usize].as_ref();
    let mut chosen: Vec<u32> = (0u32..).zip(frequencies).filter(|(_, (calls, _))| *calls >= params.threshold).map(|(id, _)| id).collect();
    chosen.sort_unstable_by(|a, b| frequencies[*b as usize].1.cmp(&frequencies[*a as usize].1).then_with(|| word(a).cmp(word(b))));
    chosen.truncate(params.vocabulary);
    chosen.sort_unstable_by(|a, b| word(a).cmp(word(b)));
    chosen
}

/// All pairs of chosen words within the window, sorted. Words not chosen take no room in it.
fn count_pairs(passages: &Passages, new_ids: &[Option<u32>], window: usize) -> Vec<Pair> {
    let calls: Vec<usize> = (0..passages.calls()).collect();
    let partials: Vec<Vec<Pair>> = calls
        .par_chunks(CHUNK_CALLS)
        .map(|chunk| {
            let (mut all, mut own, mut words) = (FxHashMap::default(), Vec::new(), Vec::new());
            for call in chunk {
                words.clear();
                words.extend(passages.call(*call).iter().filter_map(|old| new_ids[*old as usize]));
                own.clear();
                for (i, a) in words.iter().enumerate() {
                    own.extend(words[i + 1..].iter().take(window).filter(|b| *b != a).map(|b| (*a.min(b), *a.max(b))));
                }
                own.sort_unstable();
                for same in own.chunk_by(|a, b| a == b) {
                    let (count, calls) = all.entry(same[0]).or_insert((0u64, 0u32));
                    *count += same.len() as u64;
                    *calls += 1;
                }
            }
            sorted(all)
        })
        .collect();
    // Whole numbers: the order in which they are added does not matter.
    let mut all = FxHashMap::default();
    for (pair, (count, calls)) in partials.into_iter().flatten() {
        let sum = all.entry(pair).or_insert((0u64, 0u32));
        sum.0 += count;
        sum.1 += calls;
    }
    sorted(all)
}

fn sorted(pairs: FxHashMap<(u32, u32), (u64, u32)>) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = pairs.into_iter().collect();
    pairs.sort_unstable_by_key(|(pair, _)| *pair);
    pairs
}

/// Contexts × words: max(0, ln p(w, c) / (p(w) · p'(c))), p' smoothed; only of pairs that enough calls hold.
fn positive_information(pairs: &[Pair], words: usize, threshold: u32) -> WeightedMatrix {
    let mut totals = vec![0.0_f64; words];
    for ((a, b), (count, _)) in pairs {
        totals[*a as usize] += *count as f64;
        totals[*b as usize] += *count as f64;
    }
    let smoothed: Vec<f64> = totals.iter().map(|t| libm::pow(*t, CONTEXT_SMOOTHING)).collect();
    let sum: f64 = smoothed.iter().sum();
    let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); words];
    for ((a, b), (count, calls)) in pairs {
        if *calls < threshold {
            continue;
        }
        for (context, word) in [(*a, *b), (*b, *a)] {
            let expected = totals[word as usize] * smoothed[context as usize] / sum;
            let information = libm::log(*count as f64 / expected);
            if information > 0.0 {
                rows[context as usize].push((word, information as f32));
            }
        }
    }
    let mut matrix = WeightedMatrix::new(words);
    for mut row in rows {
        row.sort_unstable_by_key(|(word, _)| *word);
        matrix.push(row);
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passages(calls: &[&str]) -> Passages {
        let mut out = Passages::default();
        for call in calls {
            call.split(' ').for_each(|word| out.add(word));
            out.end_call();
        }
        out
    }

    fn params(threshold: u32) -> ValidEmbeddingParams {
        EmbeddingParams { dimension: 8, threshold, window: 2, ..EmbeddingParams::default() }.check().unwrap()
    }

    #[test]
    fn information_by_hand() {
        // Two calls "a b": n(a, b) = 2; totals 2 and 2; smoothed 2^¾ each: ln(2 / (2 · ½)) = ln 2.
        let pairs = [((0, 1), (2, 2))];
        let matrix = positive_information(&pairs, 2, 2);
        assert_eq!(matrix.row(0).0, [1]);
        assert!((f64::from(matrix.row(0).1[0]) - libm::log(2.0)).abs() < 1e-6);
        assert_eq!(positive_information(&pairs, 2, 3).row(0).0.len(), 0);
    }

    #[test]
    fn pairs_lie_within_the_window_and_calls_count_once() {
        let p = passages(&["a b a c d", "d a"]);
        let ids: Vec<Option<u32>> = (0..4).map(Some).collect();
        // a=0 b=1 c=2 d=3; window 2: ab ba(1st), ba(2nd b–a) … a pair of the same word is none.
        let found = count_pairs(&p, &ids, 2);
        assert_eq!(found, [((0, 1), (2, 1)), ((0, 2), (1, 1)), ((0, 3), (2, 2)), ((1, 2), (1, 1)), ((2, 3), (1, 1))]);
    }

    #[test]
    fn rare_words_leave_no_trace() {
        let mut calls = vec!["不安 眠る 夜 薬"; 5];
        calls.push("不安 眠る 夜 薬 秘密");
        let trained = train(&passages(&calls), &params(3)).unwrap();
        assert_eq!(trained.words.iter().map(AsRef::as_ref).collect::<Vec<_>>(), ["不安", "夜", "眠る", "薬"]);
        assert_eq!(trained.calls, [6, 6, 6, 6]);
        let without = train(&passages(&["不安 眠る 夜 薬"; 6]), &params(3)).unwrap();
        assert_eq!(trained, without);
    }

    #[test]
    fn words_of_the_same_company_are_near() {
        let mut calls = Vec::new();
        for _ in 0..10 {
            calls.extend(["痛い 薬 眠る", "つらい 薬 眠る", "費用 制度 窓口", "お金 制度 窓口"]);
        }
        let trained = train(&passages(&calls), &params(5)).unwrap();
        let row = |word: &str| trained.vectors.row(trained.words.iter().position(|w| w.as_ref() == word).unwrap());
        let cosine = |a: &str, b: &str| row(a).dot(&row(b)) / row(a).dot(&row(a)).sqrt() / row(b).dot(&row(b)).sqrt();
        assert!(cosine("痛い", "つらい") > 0.9, "{}", cosine("痛い", "つらい"));
        assert!(cosine("痛い", "お金") < 0.1, "{}", cosine("痛い", "お金"));
    }

    #[test]
    fn too_little_and_senseless_parameters_are_refused() {
        assert_eq!(train(&passages(&["不安 薬"]), &params(3)).unwrap_err().kind(), ErrorKind::TooLittle);
        assert_eq!(train(&Passages::default(), &params(3)).unwrap_err().kind(), ErrorKind::TooLittle);
        let good = EmbeddingParams::default();
        for bad in [
            EmbeddingParams { dimension: 0, ..good },
            EmbeddingParams { dimension: 1001, ..good },
            EmbeddingParams { vocabulary: 0, ..good },
            EmbeddingParams { window: 51, ..good },
            EmbeddingParams { threshold: 0, ..good },
        ] {
            assert_eq!(bad.check().unwrap_err().kind(), ErrorKind::Config);
        }
    }

    #[test]
    fn threads_do_not_matter() {
        let words = ["不安", "薬", "痛い", "費用", "制度", "家族", "仕事", "転移", "手術", "窓口"];
        let calls: Vec<String> =
            (0..1500_usize).map(|i| (0..12).map(|j| words[(i * 7 + j * j * (i % 5 + 1)) % 10]).collect::<Vec<_>>().join(" ")).collect();
        let calls: Vec<&str> = calls.iter().map(String::as_str).collect();
        let (passages, params) = (passages(&calls), params(10));
        let fits = [1, 2, 5].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| train(&passages, &params).unwrap().parts().unwrap())
        });
        assert_eq!(fits[0], fits[1]);
        assert_eq!(fits[0], fits[2]);
    }
}

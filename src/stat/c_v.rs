//! C_v: do the keywords of a theme stand near the same words? Measured in windows of running text.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::round6;
use crate::term::{TermId, TermSequences};

/// Tokens of a window (Röder, Both & Hinneburg 2015, C_v).
pub const WINDOW: usize = 110;

/// What gensim adds to a joint probability before it takes the logarithm.
const EPSILON: f64 = 1e-12;

/// C_v coherence of each topic, 0 to 1 for most, −1 at least (Röder, Both & Hinneburg 2015, doi:10.1145/2684822.2685324).
///
/// Probabilities are shares of windows: every stretch of `window` tokens of a text, moved on one token at a time, or the whole
/// text where it is shorter, be it empty. A term's vector holds its NPMI (γ = 1, ε = 10⁻¹²) with each term of the topic, itself
/// included; the topic's is the sum of them; C_v is the mean cosine of the terms' vectors with the topic's.
///
/// As gensim's `CoherenceModel(coherence="c_v", window_size=window)`, but for two things. A term counts in every window it
/// stands in: gensim (4.4) forgets one that leaves the window at one place while it is still inside at another, so that
/// figures of texts longer than the window differ where they repeat their words. And a topic of fewer than two terms has
/// coherence 0, not 1: one term says nothing. Terms that no text holds are left out. The terms of a topic must differ.
///
/// Linear in the tokens, whatever `window` (0 is taken as 1): counts change only where a keyword enters or leaves. Parallel over
/// texts in the current thread pool; the counts are integers, and the result does not depend on it.
pub fn c_v(texts: &TermSequences, topics: &[Vec<TermId>], window: usize) -> Vec<f64> {
    let mut places: FxHashMap<TermId, Vec<(usize, usize)>> = FxHashMap::default();
    for (topic, terms) in topics.iter().enumerate() {
        for (place, term) in terms.iter().enumerate() {
            places.entry(*term).or_default().push((topic, place));
        }
    }
    let counter = || Counter {
        places: &places,
        counts: Counts::new(topics),
        held: topics.iter().map(|terms| vec![0; terms.len()]).collect(),
        since: vec![0; topics.len()],
        touched: Vec::new(),
    };
    let counts = (0..texts.len())
        .into_par_iter()
        .fold(counter, |mut counter, row| {
            counter.add(texts.row(row), window.max(1));
            counter
        })
        .map(|counter| counter.counts)
        .reduce(|| Counts::new(topics), Counts::merged);
    topics.iter().zip(&counts.topics).map(|(terms, both)| coherence(both, terms.len(), counts.windows)).collect()
}

/// The mean of [`c_v`] over the topics in windows of [`WINDOW`] tokens, to six decimals; 0 where there is no topic.
pub fn mean_c_v(texts: &TermSequences, topics: &[Vec<TermId>]) -> f64 {
    round6(c_v(texts, topics, WINDOW).iter().sum::<f64>() / topics.len().max(1) as f64)
}

/// In how many windows the pairs of each topic's terms occur; a term with itself: in how many it occurs.
struct Counts {
    windows: u64,
    /// Per topic terms × terms.
    topics: Vec<Vec<u64>>,
}

impl Counts {
    fn new(topics: &[Vec<TermId>]) -> Self {
        Self { windows: 0, topics: topics.iter().map(|terms| vec![0; terms.len() * terms.len()]).collect() }
    }

    fn merged(mut self, other: Self) -> Self {
        self.windows += other.windows;
        for (mine, theirs) in self.topics.iter_mut().zip(other.topics) {
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        }
        self
    }
}

/// Counts text after text. While a window moves over a text, a topic's pairs are counted only when one of its terms comes in
/// or is gone: for all windows since the last such change at once.
struct Counter<'a> {
    /// Where a term stands: topic, and place among its terms.
    places: &'a FxHashMap<TermId, Vec<(usize, usize)>>,
    counts: Counts,
    /// Per topic and term how often the window holds it.
    held: Vec<Vec<u32>>,
    /// Per topic the first window that is not counted yet.
    since: Vec<u64>,
    /// Topics of which this text has held a term.
    touched: Vec<usize>,
}

impl Counter<'_> {
    fn add(&mut self, text: &[TermId], window: usize) {
        let moves = text.len().saturating_sub(window);
        text[..text.len() - moves].iter().for_each(|term| self.enter(*term, 0));
        let mut now = 0;
        for (leaving, entering) in text.iter().zip(&text[text.len() - moves..]) {
            now += 1;
            self.leave(*leaving, now);
            self.enter(*entering, now);
        }
        let windows = now + 1;
        self.counts.windows += windows;
        for topic in std::mem::take(&mut self.touched) {
            self.count(topic, windows);
            self.held[topic].fill(0);
            self.since[topic] = 0;
        }
    }

    fn enter(&mut self, term: TermId, now: u64) {
        for (topic, place) in self.places.get(&term).into_iter().flatten() {
            if self.held[*topic][*place] == 0 {
                self.count(*topic, now);
            }
            if !self.touched.contains(topic) {
                self.touched.push(*topic);
            }
            self.held[*topic][*place] += 1;
        }
    }

    fn leave(&mut self, term: TermId, now: u64) {
        for (topic, place) in self.places.get(&term).into_iter().flatten() {
            if self.held[*topic][*place] == 1 {
                self.count(*topic, now);
            }
            self.held[*topic][*place] -= 1;
        }
    }

    /// Counts the pairs held in the windows before `now` that are not counted yet.
    fn count(&mut self, topic: usize, now: u64) {
        let windows = now - self.since[topic];
        self.since[topic] = now;
        let held = &self.held[topic];
        if windows == 0 {
            return;
        }
        for (row, _) in self.counts.topics[topic].chunks_exact_mut(held.len()).zip(held).filter(|(_, held)| **held > 0) {
            row.iter_mut().zip(held).filter(|(_, held)| **held > 0).for_each(|(both, _)| *both += windows);
        }
    }
}

/// The coherence of a topic of `n` terms by its counts.
fn coherence(both: &[u64], n: usize, windows: u64) -> f64 {
    let known: Vec<usize> = (0..n).filter(|i| both[i * n + i] > 0).collect();
    if known.len() < 2 {
        return 0.0;
    }
    let share = |a: usize, b: usize| both[a * n + b] as f64 / windows as f64;
    let npmi = |a: usize, b: usize| {
        let joint = share(a, b) + EPSILON;
        libm::log(joint / (share(a, a) * share(b, b))) / -libm::log(joint)
    };
    let vectors: Vec<Vec<f64>> = known.iter().map(|a| known.iter().map(|b| npmi(*a, *b)).collect()).collect();
    let whole: Vec<f64> = (0..known.len()).map(|b| vectors.iter().map(|vector| vector[b]).sum()).collect();
    vectors.iter().map(|vector| cosine(vector, &whole)).sum::<f64>() / vectors.len() as f64
}

/// The cosine of two vectors; 0 where one has no direction.
fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let lengths = dot(a, a).sqrt() * dot(b, b).sqrt();
    if lengths > 0.0 { dot(a, b) / lengths } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    /// See `tests/data/figures/make.py`.
    #[derive(Deserialize)]
    struct Fixture {
        window: usize,
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        name: String,
        texts: Vec<Vec<String>>,
        topics: Vec<Vec<String>>,
        c_v: Vec<f64>,
        released: Option<Vec<f64>>,
    }

    fn sequences(texts: &[Vec<u32>]) -> TermSequences {
        let mut out = TermSequences::default();
        texts.iter().for_each(|text| out.push(text.iter().map(|id| TermId(*id))));
        out
    }

    fn topics(topics: &[&[u32]]) -> Vec<Vec<TermId>> {
        topics.iter().map(|terms| terms.iter().map(|id| TermId(*id)).collect()).collect()
    }

    #[test]
    fn agrees_with_gensim() {
        let json = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/figures/c_v.json"));
        let fixture: Fixture = serde_json::from_str(json).unwrap();
        for case in fixture.cases {
            let words: BTreeSet<&String> = case.texts.iter().flatten().collect();
            let ids: BTreeMap<&String, u32> = words.into_iter().zip(0..).collect();
            let texts: Vec<Vec<u32>> = case.texts.iter().map(|text| text.iter().map(|word| ids[word]).collect()).collect();
            let terms = |words: &Vec<String>| words.iter().map(|word| TermId(ids[word])).collect();
            let got = c_v(&sequences(&texts), &case.topics.iter().map(terms).collect::<Vec<_>>(), fixture.window);
            assert_eq!(got.len(), case.c_v.len());
            for (got, expected) in got.iter().zip(&case.c_v) {
                assert!((got - expected).abs() < 1e-9, "{}: {got}, gensim {expected}", case.name);
            }
            // What gensim 4.4 forgets matters: without the repair the numbers are others.
            for (got, released) in got.iter().zip(case.released.iter().flatten()) {
                assert!((got - released).abs() > 0.01, "{}: {got} and {released}", case.name);
            }
        }
    }

    #[test]
    fn by_hand() {
        // Windows of two: (0 1) (1 2), (0 1), (2): 0 in two of four, 1 in three, 2 in two; 0 with 1 twice, 1 with 2 once.
        let texts = sequences(&[vec![0, 1, 2], vec![0, 1], vec![2]]);
        let npmi = |both: f64, a: f64, b: f64| (both / 4.0 / (a / 4.0 * b / 4.0)).ln() / -(both / 4.0f64).ln();
        // Each with itself: 1. So the vectors of 0 and 1 are (1, x) and (x, 1), their sum (1 + x, 1 + x), both cosines the same.
        let x = npmi(2.0, 2.0, 3.0);
        let expected = (1.0 + x) * (1.0 + x) / ((1.0 + x * x).sqrt() * ((1.0 + x) * (1.0 + x) * 2.0).sqrt());
        let got = c_v(&texts, &topics(&[&[0, 1], &[0], &[0, 9], &[]]), 2);
        assert!((got[0] - expected).abs() < 1e-9, "{got:?}, {expected}");
        // One term, or one that any text holds: nothing is said.
        assert_eq!(got[1..], [0.0, 0.0, 0.0]);
        assert_eq!((c_v(&sequences(&[]), &topics(&[&[0, 1]]), 2), mean_c_v(&texts, &[])), (vec![0.0], 0.0));
    }

    /// Every window looked through.
    fn plain(texts: &[Vec<u32>], topic: &[u32], window: usize) -> (u64, Vec<u64>) {
        let (mut windows, mut both) = (0, vec![0; topic.len() * topic.len()]);
        for text in texts {
            for start in 0..=text.len().saturating_sub(window) {
                let seen = &text[start..text.len().min(start + window)];
                windows += 1;
                for (a, first) in topic.iter().enumerate() {
                    for (b, second) in topic.iter().enumerate() {
                        both[a * topic.len() + b] += u64::from(seen.contains(first) && seen.contains(second));
                    }
                }
            }
        }
        (windows, both)
    }

    proptest! {
        #[test]
        fn moving_windows_count_as_windows_looked_through(
            texts in prop::collection::vec(prop::collection::vec(0u32..9, 0..30), 0..12),
            window in 1usize..14,
        ) {
            let chosen: [&[u32]; 3] = [&[0, 1, 2, 3], &[3, 4], &[5, 0, 8]];
            let got = c_v(&sequences(&texts), &topics(&chosen), window);
            for (got, topic) in got.iter().zip(chosen) {
                let (windows, both) = plain(&texts, topic, window);
                // To the last bit: the counts are the same.
                prop_assert_eq!(*got, coherence(&both, topic.len(), windows));
                prop_assert!((-1.0 - 1e-9..=1.0 + 1e-9).contains(got), "{}", got);
            }
        }
    }
}

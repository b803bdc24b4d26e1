//! The learned weights, compiled: which characters of a text are parts of names.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::feature::{
    self, CHAR_SLOTS, Characters, KIND_SLOTS, Kinds, LENGTHS, LIST_COUNT, LISTED_SLOTS, PAIR_SLOTS, Source, WINDOWS, WORD_SLOTS,
};
use super::{LABELS, NONE, PerLabel, TYPES};
use crate::logistic::hundredths;
use crate::morphology::{LemmaId, Lexicon};
use crate::redact::scene::Scene;
use crate::redact::{ContextTable, IdentifierType};

/// Weights of the types against no name, in hundredths as the table is written: whole numbers add up to the same in any order.
type Weights = [i16; LANES];
type Scores = [i32; LANES];

/// One more than there are types: four numbers are added at once.
const LANES: usize = 4;
const _: () = assert!(TYPES.len() < LANES);

/// Scores of this many characters that are none stand before and behind those of the text, so that nothing is asked at its ends.
const MARGIN: usize = CHAR_SLOTS - 1;

/// Rows of weights by slot, and behind what each source has its row; row 0 is for all others.
#[derive(Debug)]
struct Rows<const SLOTS: usize>(Vec<[Weights; SLOTS]>);

impl<const SLOTS: usize> Rows<SLOTS> {
    fn new() -> Self {
        Self(vec![[[0; LANES]; SLOTS]])
    }

    /// Sets a weight of the row that `row` says, or of a new one.
    fn set(&mut self, row: &mut u32, slot: usize, weights: Weights) {
        if *row == 0 {
            *row = self.0.len() as u32;
            self.0.push([[0; LANES]; SLOTS]);
        }
        self.0[*row as usize][slot] = weights;
    }
}

/// A table compiled for a lexicon: immutable, shared by all threads.
#[derive(Debug)]
pub(in crate::redact) struct ContextChain {
    is_empty: bool,
    /// By character of the basic plane; others are rare, and no source.
    chars: Box<[u32]>,
    char_rows: Rows<CHAR_SLOTS>,
    pairs: Pairs,
    pair_rows: Rows<PAIR_SLOTS>,
    scripts: Box<[Weights]>,
    /// By base form, and by surface of words no dictionary knows.
    lemmas: Box<[u32]>,
    words: FxHashMap<Box<str>, u32>,
    word_rows: Rows<WORD_SLOTS>,
    /// By class.
    kinds: Box<[[Weights; KIND_SLOTS]]>,
    listed: Box<[[[Weights; LISTED_SLOTS]; LENGTHS]; LIST_COUNT]>,
    /// By label and label behind it.
    after: [[i32; LABELS]; LABELS],
}

impl ContextChain {
    /// `lean` hundredths are added to what speaks for the beginning of a name.
    pub(in crate::redact) fn new(lexicon: &Lexicon, table: &ContextTable, lean: i32) -> Self {
        let kinds = Kinds::new(lexicon);
        let mut out = Self {
            is_empty: table.is_empty(),
            chars: vec![0; 1 << 16].into(),
            char_rows: Rows::new(),
            pairs: Pairs::default(),
            pair_rows: Rows::new(),
            scripts: vec![[0; LANES]; WINDOWS].into(),
            lemmas: vec![0; lexicon.lemma_count()].into(),
            words: FxHashMap::default(),
            word_rows: Rows::new(),
            kinds: vec![[[0; LANES]; KIND_SLOTS]; kinds.iter().count()].into(),
            listed: Box::new([[[[0; LANES]; LISTED_SLOTS]; LENGTHS]; LIST_COUNT]),
            after: table.after.map(|row| row.map(|weight| i32::from(hundredths(weight)))),
        };
        out.after[NONE][1..].iter_mut().for_each(|weight| *weight += lean);
        for (source, slot, weights) in table.weights.iter().filter_map(|(name, w)| feature::parse(name).map(|(s, slot)| (s, slot, w))) {
            out.set(lexicon, &kinds, source, slot, against_none(weights));
        }
        out
    }

    fn set(&mut self, lexicon: &Lexicon, kinds: &Kinds, source: Source<'_>, slot: usize, weights: Weights) {
        match source {
            Source::Char(c) => {
                if let Some(row) = self.chars.get_mut(c as usize) {
                    self.char_rows.set(row, slot, weights);
                }
            }
            Source::Pair(c, d) => self.pair_rows.set(self.pairs.row(c, d), slot, weights),
            Source::Scripts(window) => self.scripts[window] = weights,
            Source::Word(word) => {
                let lemma = lexicon.find_lemma(word).filter(|lemma| *lemma != LemmaId::SURFACE);
                if let Some(row) = lemma.and_then(|lemma| self.lemmas.get_mut(lemma.0 as usize)) {
                    self.word_rows.set(row, slot, weights);
                }
                // A word may be of a dictionary in one form and of none in another.
                self.word_rows.set(self.words.entry(word.into()).or_default(), slot, weights);
            }
            Source::Kind(kind) => {
                self.kinds.iter_mut().zip(kinds.iter()).filter(|(_, k)| *k == kind).for_each(|(row, _)| row[slot] = weights);
            }
            Source::Listed(list, length) => self.listed[list][length - 1][slot] = weights,
        }
    }

    /// Whether anything was learned.
    pub(in crate::redact) fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// The names in a text: ranges of bytes, types, and the log odds against no name in hundredths.
    pub(in crate::redact) fn names(&self, scene: &Scene<'_>) -> Vec<(Range<usize>, IdentifierType, i64)> {
        let text = Characters::new(scene.text);
        let scores = self.scores(scene, &text);
        let labels = self.best(&scores);
        let mut out = Vec::new();
        let mut i = 0;
        while let Some(label) = labels.get(i).map(|label| usize::from(*label)) {
            let past = i + labels[i..].iter().take_while(|next| usize::from(**next) == label).count();
            if label != NONE {
                out.push((text.starts[i]..text.starts[past], TYPES[label - 1], self.odds(&scores, label, i..past)));
            }
            i = past;
        }
        out
    }

    /// What speaks for these characters being a name against their being none.
    fn odds(&self, scores: &[Scores], label: usize, name: Range<usize>) -> i64 {
        let none = self.after[NONE][NONE];
        let begins = if name.start > 0 { self.after[NONE][label] - none } else { 0 };
        let ends = if name.end < scores.len() { self.after[label][NONE] - none } else { 0 };
        let goes_on = i64::from(self.after[label][label] - none) * (name.len() - 1) as i64;
        scores[name].iter().map(|score| i64::from(score[label - 1])).sum::<i64>() + i64::from(begins + ends) + goes_on
    }

    /// What speaks for each type, by character: the sum of what [`feature::visit`] visits, in another order.
    fn scores(&self, scene: &Scene<'_>, text: &Characters) -> Vec<Scores> {
        let mut scores = vec![[0; LANES]; text.chars.len() + 2 * MARGIN];
        let mut last = None;
        for place in 0..text.places() {
            let c = text.at(place);
            // A character is seen by the one `slot` places before it: the last slot by the first.
            let row = self.chars.get(c as usize).map_or(0, |row| *row as usize);
            if row != 0 {
                add_all(&mut scores[place..], &self.char_rows.0[row]);
            }
            if let Some(before) = last.replace(c)
                && let Some(row) = self.pairs.get(before, c)
            {
                add_all(&mut scores[place..], &self.pair_rows.0[row]);
            }
        }
        let scores_of_text = &mut scores[MARGIN..];
        scores_of_text.iter_mut().zip(text.windows()).for_each(|(score, window)| add(score, &self.scripts[window]));
        let tokens = text.tokens(scene);
        let mut spread = |weights: &Weights, range: Range<usize>| scores_of_text[range].iter_mut().for_each(|score| add(score, weights));
        for (i, own) in tokens.iter().enumerate() {
            let token = &scene.tokens[i];
            let before = i.checked_sub(1).map_or(0..0, |before| tokens[before].clone());
            let behind = tokens.get(i + 1).cloned().unwrap_or_default();
            let row = match token.lemma {
                LemmaId::SURFACE => self.words.get(token.surface(scene.text)).copied(),
                lemma => self.lemmas.get(lemma.0 as usize).copied(),
            };
            if let Some(row) = row.filter(|row| *row != 0) {
                let seen = feature::of_word(own, &before, &behind);
                self.word_rows.0[row as usize].iter().zip(seen).for_each(|(weights, range)| spread(weights, range));
            }
            if let Some(row) = self.kinds.get(usize::from(token.class.0)) {
                row.iter().zip(feature::of_kind(own, &before, &behind)).for_each(|(weights, range)| spread(weights, range));
            }
        }
        text.listed(scene, &tokens, |word, flags| {
            for list in feature::lists_of(flags, word.len()) {
                let row = &self.listed[list][word.len().min(LENGTHS) - 1];
                row.iter().zip(feature::of_listed(&word, text.chars.len())).for_each(|(weights, range)| spread(weights, range));
            }
        });
        scores.drain(..MARGIN);
        scores.truncate(text.chars.len());
        scores
    }

    /// The sequence of labels with the largest sum (Viterbi 1967); of two the one with fewer names.
    fn best(&self, scores: &[Scores]) -> Vec<u8> {
        let Some((first, rest)) = scores.split_first() else { return Vec::new() };
        let score = |scores: &Scores, label: usize| label.checked_sub(1).map_or(0, |kind| i64::from(scores[kind]));
        let mut sums: [i64; LABELS] = std::array::from_fn(|label| score(first, label));
        // A sum and the label before it as one number: the largest is found without a branch, of equals that of the smaller label.
        let pack = |sum: i64, label: usize| sum * LABELS as i64 + (LABELS - 1 - label) as i64;
        let mut from: Vec<[u8; LABELS]> = Vec::with_capacity(rest.len());
        for here in rest {
            let mut back = [0; LABELS];
            sums = std::array::from_fn(|label| {
                let reached = |before: usize| pack(sums[before] + i64::from(self.after[before][label]), before);
                let best = (1..LABELS).fold(reached(0), |best, before| best.max(reached(before)));
                back[label] = (LABELS - 1) as u8 - best.rem_euclid(LABELS as i64) as u8;
                best.div_euclid(LABELS as i64) + score(here, label)
            });
            from.push(back);
        }
        let last = (1..LABELS).fold(0, |best, label| if sums[label] > sums[best] { label } else { best });
        let mut out = vec![last as u8; scores.len()];
        for (i, back) in from.iter().enumerate().rev() {
            out[i] = back[usize::from(out[i + 1])];
        }
        out
    }
}

fn against_none(weights: &PerLabel) -> Weights {
    std::array::from_fn(|kind| weights.get(kind + 1).map_or(0, |weight| hundredths(weight - weights[NONE])))
}

fn add(score: &mut Scores, weights: &Weights) {
    score.iter_mut().zip(weights).for_each(|(score, weight)| *score += i32::from(*weight));
}

/// Adds the weights of the last slot to the first score, and so on.
fn add_all<const SLOTS: usize>(scores: &mut [Scores], row: &[Weights; SLOTS]) {
    if let Some(seen) = scores.first_chunk_mut::<SLOTS>() {
        for slot in 0..SLOTS {
            add(&mut seen[SLOTS - 1 - slot], &row[slot]);
        }
    }
}

/// The rows of pairs of characters, behind a filter of one bit a pair: most have none.
#[derive(Debug)]
struct Pairs {
    filter: Box<[u64]>,
    rows: FxHashMap<u64, u32>,
}

impl Pairs {
    /// Bits of the filter: it stays in the nearest cache.
    const BITS: usize = 1 << 16;

    /// The key of a pair, and its place in the filter.
    fn key(c: char, d: char) -> (u64, usize) {
        let key = u64::from(u32::from(c)) << 32 | u64::from(u32::from(d));
        // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
        let spread = (u64::from(u32::from(c)) << 21 ^ u64::from(u32::from(d))).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (key, (spread >> 48) as usize % Self::BITS)
    }

    fn row(&mut self, c: char, d: char) -> &mut u32 {
        let (key, place) = Self::key(c, d);
        self.filter[place / 64] |= 1 << (place % 64);
        self.rows.entry(key).or_default()
    }

    fn get(&self, c: char, d: char) -> Option<usize> {
        let (key, place) = Self::key(c, d);
        if self.filter[place / 64] >> (place % 64) & 1 == 0 {
            return None;
        }
        self.rows.get(&key).map(|row| *row as usize)
    }
}

impl Default for Pairs {
    fn default() -> Self {
        Self { filter: vec![0; Self::BITS / 64].into(), rows: FxHashMap::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, OnceLock};

    use proptest::prelude::*;

    use super::*;
    use crate::morphology::Concepts;
    use crate::redact::IdentifierLists;
    use crate::redact::detector::tests::texts;
    use crate::redact::digits::Digits;
    use crate::redact::lexis::Lexis;
    use crate::redact::prefilter::Present;

    struct Known {
        lexicon: Arc<Lexicon>,
        lists: IdentifierLists,
        lexis: Lexis,
        chain: ContextChain,
    }

    fn known() -> &'static Known {
        static KNOWN: OnceLock<Known> = OnceLock::new();
        KNOWN.get_or_init(|| {
            let terms = include_str!("../../../dictionaries/rare-cancer/terms.csv");
            let codes = include_str!("../../../dictionaries/rare-cancer/disease_codes.csv");
            let concepts = Concepts::parse(("terms.csv", terms), ("disease_codes.csv", codes)).unwrap();
            let lexicon = Arc::new(Lexicon::embedded(concepts).unwrap());
            let lists = IdentifierLists::builtin().unwrap();
            let chain = ContextChain::new(&lexicon, &lists.context, 0);
            Known { lexis: Lexis::new(&lexicon, &lists), chain, lexicon, lists }
        })
    }

    /// Calls `with` with the scene of a text.
    fn scene<T>(text: &str, with: impl FnOnce(&Scene<'_>) -> T) -> T {
        let Known { lexicon, lexis, .. } = known();
        let (mut tokens, mut flags) = (Vec::new(), Vec::new());
        lexicon.segmenter().segment(text, &mut tokens).unwrap();
        let seen = lexis.read(&tokens, text, &mut flags);
        let digits = Digits::default();
        with(&Scene { text, tokens: &tokens, flags: &flags, seen, asked: 0, digits: &digits, present: Present::default(), lexis })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn the_scores_are_the_sums_of_what_the_table_says_of_every_feature(text in texts()) {
            let Known { lexicon, lists, chain, .. } = known();
            scene(&text, |scene| {
                let characters = Characters::new(&text);
                let mut expected = vec![[0; TYPES.len()]; characters.chars.len()];
                feature::visit(lexicon, &Kinds::new(lexicon), scene, &characters, |source, slot, range| {
                    let Some(weights) = lists.context.weights.get(&source.name(slot)) else { return };
                    let weights: [i32; TYPES.len()] = std::array::from_fn(|kind| i32::from(hundredths(weights[kind + 1] - weights[NONE])));
                    expected[range].iter_mut().flat_map(|score| score.iter_mut().zip(weights)).for_each(|(sum, weight)| *sum += weight);
                });
                let scores: Vec<_> = chain.scores(scene, &characters).into_iter().map(|s| [s[0], s[1], s[2]]).collect();
                prop_assert_eq!(scores, expected);
                Ok(())
            })?;
        }

        #[test]
        fn no_other_labels_have_a_larger_sum(numbers in prop::collection::vec(prop::array::uniform3(-900..900i32), 1..6)) {
            let chain = &known().chain;
            let scores: Vec<Scores> = numbers.iter().map(|n| [n[0], n[1], n[2], 0]).collect();
            let sum = |labels: &[usize]| {
                let own = labels.iter().zip(&scores).filter(|(label, _)| **label != NONE).map(|(label, score)| i64::from(score[label - 1])).sum::<i64>();
                own + labels.windows(2).map(|pair| i64::from(chain.after[pair[0]][pair[1]])).sum::<i64>()
            };
            let best: Vec<_> = chain.best(&scores).into_iter().map(usize::from).collect();
            let all = 0..LABELS.pow(scores.len() as u32);
            let most = all.map(|n| sum(&(0..scores.len()).map(|i| n / LABELS.pow(i as u32) % LABELS).collect::<Vec<_>>())).max();
            prop_assert_eq!(Some(sum(&best)), most);
            // The log odds of a name are what its labels are worth more than none.
            for label in 1..LABELS {
                let mut labels = vec![NONE; scores.len()];
                labels[..scores.len().div_ceil(2)].fill(label);
                let name = 0..scores.len().div_ceil(2);
                prop_assert_eq!(chain.odds(&scores, label, name), sum(&labels) - sum(&vec![NONE; scores.len()]));
            }
        }
    }

    #[test]
    fn every_feature_of_the_table_is_read() {
        for feature in known().lists.context.weights.keys() {
            let (source, slot) = feature::parse(feature).unwrap_or_else(|| panic!("{feature}"));
            assert_eq!(source.name(slot), *feature);
        }
    }
}

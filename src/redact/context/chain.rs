//! The learned weights, compiled: which characters of a text are parts of identifiers.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::feature::{
    self, CHAR_SLOTS, Characters, KIND_SLOTS, Kinds, LENGTHS, LIST_COUNT, LISTED_SLOTS, NEAR_SLOTS, NUMBER_SLOTS, PAIR_SLOTS, Shape,
    Source, WINDOWS, WORD_SLOTS,
};
use super::{LABELS, NONE, PerLabel, TYPES};
use crate::logistic::hundredths;
use crate::morphology::{LemmaId, Lexicon, Token};
use crate::redact::scene::Scene;
use crate::redact::{ContextTable, IdentifierType};

/// Weights of the types against no identifier, in hundredths as the table is written: whole numbers add up to the same in any order.
type Weights = [i16; LANES];
/// Their sums: no text comes near the largest, and what would go beyond stays there.
type Scores = Weights;

/// As many numbers as are added at once, one a type.
const LANES: usize = 8;
const _: () = assert!(TYPES.len() == LANES);

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

/// The rows of words: by base form, and by surface of words no dictionary knows.
#[derive(Debug)]
struct WordRows {
    lemmas: Box<[u32]>,
    surfaces: FxHashMap<Box<str>, u32>,
}

impl WordRows {
    fn new(lexicon: &Lexicon) -> Self {
        Self { lemmas: vec![0; lexicon.lemma_count()].into(), surfaces: FxHashMap::default() }
    }

    /// Sets a weight of `word`; it may be of a dictionary in one form and of none in another.
    fn set<const SLOTS: usize>(&mut self, rows: &mut Rows<SLOTS>, lexicon: &Lexicon, word: &str, slot: usize, weights: Weights) {
        let lemma = lexicon.find_lemma(word).filter(|lemma| *lemma != LemmaId::SURFACE);
        if let Some(row) = lemma.and_then(|lemma| self.lemmas.get_mut(lemma.0 as usize)) {
            rows.set(row, slot, weights);
        }
        rows.set(self.surfaces.entry(word.into()).or_default(), slot, weights);
    }

    /// The row of a morpheme; `None` where it has none.
    fn row(&self, token: &Token, text: &str) -> Option<usize> {
        let row = match token.lemma {
            LemmaId::SURFACE => self.surfaces.get(token.surface(text)),
            lemma => self.lemmas.get(lemma.0 as usize),
        };
        row.filter(|row| **row != 0).map(|row| *row as usize)
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
    /// By window: most say nothing.
    scripts: Box<[u32]>,
    script_rows: Rows<1>,
    words: WordRows,
    word_rows: Rows<WORD_SLOTS>,
    /// By class.
    kinds: Box<[[Weights; KIND_SLOTS]]>,
    listed: Box<[[[Weights; LISTED_SLOTS]; LENGTHS]; LIST_COUNT]>,
    numbers: FxHashMap<Shape, u32>,
    number_rows: Rows<NUMBER_SLOTS>,
    near: WordRows,
    near_rows: Rows<NEAR_SLOTS>,
    at_sign: Weights,
    /// By label and label behind it.
    after: [[i32; LABELS]; LABELS],
    /// The most that an identifier may gain where it begins, from one of its characters to the next, and where it ends.
    gains: [i32; 3],
}

impl ContextChain {
    /// `lean` hundredths are added to what speaks for the beginning of an identifier.
    pub(in crate::redact) fn new(lexicon: &Lexicon, table: &ContextTable, lean: i32) -> Self {
        let kinds = Kinds::new(lexicon);
        let mut out = Self {
            is_empty: table.is_empty(),
            chars: vec![0; 1 << 16].into(),
            char_rows: Rows::new(),
            pairs: Pairs::default(),
            pair_rows: Rows::new(),
            scripts: vec![0; WINDOWS].into(),
            script_rows: Rows::new(),
            words: WordRows::new(lexicon),
            word_rows: Rows::new(),
            kinds: vec![[[0; LANES]; KIND_SLOTS]; kinds.iter().count()].into(),
            listed: Box::new([[[[0; LANES]; LISTED_SLOTS]; LENGTHS]; LIST_COUNT]),
            numbers: FxHashMap::default(),
            number_rows: Rows::new(),
            near: WordRows::new(lexicon),
            near_rows: Rows::new(),
            at_sign: [0; LANES],
            after: table.after.map(|row| row.map(|weight| i32::from(hundredths(weight)))),
            gains: [0; 3],
        };
        out.after[NONE][1..].iter_mut().for_each(|weight| *weight += lean);
        let more = |weight: i32| weight - out.after[NONE][NONE];
        let most = |weights: &mut dyn Iterator<Item = i32>| weights.map(more).max().unwrap_or(0);
        out.gains = [
            most(&mut out.after[NONE][1..].iter().copied()),
            most(&mut out.after[1..].iter().flat_map(|row| row[1..].iter().copied())),
            most(&mut out.after[1..].iter().map(|row| row[NONE])),
        ];
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
            Source::Scripts(window) => self.script_rows.set(&mut self.scripts[window], slot, weights),
            Source::Word(word) => self.words.set(&mut self.word_rows, lexicon, word, slot, weights),
            Source::Kind(kind) => {
                self.kinds.iter_mut().zip(kinds.iter()).filter(|(_, k)| *k == kind).for_each(|(row, _)| row[slot] = weights);
            }
            Source::Listed(list, length) => self.listed[list][length - 1][slot] = weights,
            Source::Number(shape) => self.number_rows.set(self.numbers.entry(shape).or_default(), slot, weights),
            Source::Near(word) => self.near.set(&mut self.near_rows, lexicon, word, slot, weights),
            Source::AtSign => self.at_sign = weights,
        }
    }

    /// Whether anything was learned.
    pub(in crate::redact) fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// The identifiers in a text: ranges of bytes, types, and the log odds against none in hundredths.
    pub(in crate::redact) fn find(&self, scene: &Scene<'_>) -> Vec<(Range<usize>, IdentifierType, i64)> {
        let mut out = Vec::new();
        let text = Characters::new(scene.text);
        let scores = self.scores(scene, &text);
        if !self.may_hold_any(&scores) {
            return out;
        }
        let labels = self.best(&scores);
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

    /// What speaks for these characters being an identifier against their being none.
    fn odds(&self, scores: &[Scores], label: usize, range: Range<usize>) -> i64 {
        let none = self.after[NONE][NONE];
        let begins = if range.start > 0 { self.after[NONE][label] - none } else { 0 };
        let ends = if range.end < scores.len() { self.after[label][NONE] - none } else { 0 };
        let goes_on = i64::from(self.after[label][label] - none) * (range.len() - 1) as i64;
        scores[range].iter().map(|score| i64::from(score[label - 1])).sum::<i64>() + i64::from(begins + ends) + goes_on
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
        for (score, window) in scores_of_text.iter_mut().zip(text.windows()) {
            add(score, &self.script_rows.0[self.scripts[window] as usize][0]);
        }
        let tokens = text.tokens(scene);
        let mut spread = |weights: &Weights, range: Range<usize>| scores_of_text[range].iter_mut().for_each(|score| add(score, weights));
        for (i, own) in tokens.iter().enumerate() {
            let token = &scene.tokens[i];
            let before = i.checked_sub(1).map_or(0..0, |before| tokens[before].clone());
            let behind = tokens.get(i + 1).cloned().unwrap_or_default();
            if let Some(row) = self.words.row(token, scene.text) {
                let seen = feature::of_word(own, &before, &behind);
                self.word_rows.0[row].iter().zip(seen).for_each(|(weights, range)| spread(weights, range));
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
        for number in text.numbers(scene) {
            if let Some(row) = self.numbers.get(&number.shape) {
                let seen = feature::of_number(&number.range, text.chars.len());
                self.number_rows.0[*row as usize].iter().zip(seen).for_each(|(weights, range)| spread(weights, range));
            }
            for (slot, near) in number.near.into_iter().enumerate() {
                let rows = scene.tokens[near].iter().filter_map(|token| self.near.row(token, scene.text));
                rows.for_each(|row| spread(&self.near_rows.0[row][slot], number.range.clone()));
            }
        }
        text.around_at_sign(scene).for_each(|at| spread(&self.at_sign, at..at + 1));
        scores.drain(..MARGIN);
        scores.truncate(text.chars.len());
        scores
    }

    /// Whether some characters may gain by being an identifier: the largest sum over any stretch (Kadane; Bentley 1984), were each
    /// character of the type that gains most, and every step the best. Most texts hold none, and need no search.
    fn may_hold_any(&self, scores: &[Scores]) -> bool {
        let [begin, step, end] = self.gains;
        let last = scores.len().saturating_sub(1);
        let mut inside: Option<i32> = None;
        scores.iter().enumerate().any(|(i, score)| {
            let most = i32::from(score.iter().fold(i16::MIN, |most, weight| most.max(*weight)));
            // Nothing is gained or lost at the ends of the text.
            let fresh = if i == 0 { 0 } else { begin };
            let sum = most + inside.map_or(fresh, |inside| fresh.max(inside.saturating_add(step)));
            inside = Some(sum);
            sum + if i == last { 0 } else { end } > 0
        })
    }

    /// The sequence of labels with the largest sum (Viterbi 1967); of two the one with fewer identifiers.
    fn best(&self, scores: &[Scores]) -> Vec<u8> {
        let Some((first, rest)) = scores.split_first() else { return Vec::new() };
        let score = |scores: &Scores, label: usize| label.checked_sub(1).map_or(0, |kind| i64::from(scores[kind]));
        let mut sums: [i64; LABELS] = std::array::from_fn(|label| score(first, label));
        let mut from: Vec<[u8; LABELS]> = Vec::with_capacity(rest.len());
        for here in rest {
            let mut back = [NONE as u8; LABELS];
            let mut best = self.after[NONE].map(|weight| sums[NONE] + i64::from(weight));
            for (before, (sum, after)) in (1..).zip(sums.iter().zip(&self.after).skip(1)) {
                for label in 0..LABELS {
                    let reached = sum + i64::from(after[label]);
                    // Of equals the smaller label before.
                    back[label] = if reached > best[label] { before } else { back[label] };
                    best[label] = best[label].max(reached);
                }
            }
            sums = std::array::from_fn(|label| best[label] + score(here, label));
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
    // All are read before any is written, which makes it one instruction.
    *score = std::array::from_fn(|lane| score[lane].saturating_add(weights[lane]));
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
        let mut digits = Digits::default();
        digits.renew_if(seen, text);
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
                let scores: Vec<_> = chain.scores(scene, &characters).into_iter().map(|s| s.map(i32::from)).collect();
                prop_assert_eq!(scores, expected);
                Ok(())
            })?;
        }

        #[test]
        fn no_other_labels_have_a_larger_sum(scores in prop::collection::vec(prop::array::uniform8(-900..900i16), 1..5)) {
            let chain = &known().chain;
            let sum = |labels: &[usize]| {
                let own = labels.iter().zip(&scores).filter(|(label, _)| **label != NONE).map(|(label, score)| i64::from(score[label - 1])).sum::<i64>();
                own + labels.windows(2).map(|pair| i64::from(chain.after[pair[0]][pair[1]])).sum::<i64>()
            };
            let best: Vec<_> = chain.best(&scores).into_iter().map(usize::from).collect();
            let all = 0..LABELS.pow(scores.len() as u32);
            let most = all.map(|n| sum(&(0..scores.len()).map(|i| n / LABELS.pow(i as u32) % LABELS).collect::<Vec<_>>())).max();
            prop_assert_eq!(Some(sum(&best)), most);
            // No search is left out that finds something.
            prop_assert!(chain.may_hold_any(&scores) || best.iter().all(|label| *label == NONE));
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

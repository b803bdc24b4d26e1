//! Learning the weights from marked texts.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::feature::{self, Characters, Kinds};
use super::field::{self, Sequences};
use super::table::ContextTable;
use super::{NONE, TYPES};
use crate::consultation::Normalised;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::morphology::{Lexicon, Segmenter};
use crate::redact::digits::Digits;
use crate::redact::lexis::Lexis;
use crate::redact::prefilter::Present;
use crate::redact::scene::Scene;
use crate::redact::{IdentifierLists, IdentifierSpan};

/// Features of fewer texts than this say more of the text than of names.
const SMALLEST: u32 = 2;
/// Weights all smaller than this are not written.
const LEAST: f32 = 0.05;

/// Marked texts, as characters with their features.
pub struct ContextLearner {
    lexicon: Arc<Lexicon>,
    segmenter: Segmenter,
    lexis: Lexis,
    kinds: Kinds,
    /// Feature → its number.
    numbers: FxHashMap<String, u32>,
    /// How many texts have each.
    counts: Vec<u32>,
    sequences: Sequences,
}

impl ContextLearner {
    /// For texts segmented with `lexicon`.
    pub fn new(lexicon: &Arc<Lexicon>, lists: &IdentifierLists) -> Self {
        Self {
            segmenter: lexicon.segmenter(),
            lexis: Lexis::new(lexicon, lists),
            kinds: Kinds::new(lexicon),
            lexicon: Arc::clone(lexicon),
            numbers: FxHashMap::default(),
            counts: Vec::new(),
            sequences: Sequences::default(),
        }
    }

    /// Adds a text and its marked spans, as ranges of Unicode scalars of the text as it stands. Types that are not learned are no identifiers.
    ///
    /// # Errors
    /// When the analyzer fails.
    pub fn add(&mut self, text: &str, marked: &[IdentifierSpan]) -> Result<()> {
        let normalised = Normalised::new(text);
        let (mut tokens, mut flags) = (Vec::new(), Vec::new());
        self.segmenter.segment(&normalised.text, &mut tokens)?;
        let seen = self.lexis.read(&tokens, &normalised.text, &mut flags);
        let mut digits = Digits::default();
        digits.renew_if(seen, &normalised.text);
        let present = Present::default();
        let scene =
            Scene { text: &normalised.text, tokens: &tokens, flags: &flags, seen, asked: 0, digits: &digits, present, lexis: &self.lexis };
        let characters = Characters::new(&normalised.text);
        let mut features = vec![Vec::new(); characters.chars.len()];
        let (numbers, counts) = (&mut self.numbers, &mut self.counts);
        let mut in_text = Vec::new();
        feature::visit(&self.lexicon, &self.kinds, &scene, &characters, |source, slot, range| {
            let name = source.name(slot);
            if feature::is_writable(&name) {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                let number = *numbers.entry(name).or_insert(next);
                in_text.push(number);
                features[range].iter_mut().for_each(|of: &mut Vec<u32>| of.push(number));
            }
        });
        in_text.sort_unstable();
        in_text.dedup();
        counts.resize(numbers.len(), 0);
        in_text.iter().for_each(|number| counts[*number as usize] += 1);
        for (features, character) in features.into_iter().zip(0u32..) {
            let (start, end) = normalised.original_range(character, character + 1);
            let span = marked.iter().find(|span| span.start < end && start < span.end);
            let label =
                span.and_then(|span| TYPES.iter().position(|kind| *kind == super::learned_as(span.kind))).map_or(NONE, |kind| kind + 1);
            self.sequences.push(features, label as u8);
        }
        self.sequences.close();
        Ok(())
    }

    /// Texts so far.
    pub fn len(&self) -> usize {
        self.sequences.texts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sequences.texts.is_empty()
    }

    /// Learns. The same texts in the same order give the same table. Linear in the number of features of all characters, per step.
    ///
    /// # Errors
    /// [`ErrorKind::TooLittle`] where no character is marked, or all are.
    pub fn learn(self) -> Result<ContextTable> {
        let too_little = |ja: &str, en: &str| Error::new(ErrorKind::TooLittle, Text::new(ja, en));
        let marked = self.sequences.labels.iter().filter(|label| usize::from(**label) != NONE).count();
        if marked == 0 || marked == self.sequences.labels.len() {
            return Err(too_little(
                "印のついた文が足りません。氏名や番号などの印と、印のない語の両方が要ります",
                "too few marked texts: both marked identifiers and words without a mark are needed",
            ));
        }
        let mut columns = vec![None; self.numbers.len()];
        // By name, so that the order of the columns does not hang on a hash.
        let kept: BTreeMap<&str, u32> =
            self.numbers.iter().filter(|(_, n)| self.counts[**n as usize] >= SMALLEST).map(|(name, n)| (name.as_str(), *n)).collect();
        (0u32..).zip(kept.values()).for_each(|(column, number)| columns[*number as usize] = Some(column));
        let mut sequences = Sequences::default();
        let mut character = 0;
        for end in &self.sequences.texts {
            while character < *end {
                let known = self.sequences.of(character).iter().filter_map(|number| columns[*number as usize]);
                sequences.push(known, self.sequences.labels[character]);
                character += 1;
            }
            sequences.close();
        }
        let fitted =
            field::fit(sequences, kept.len()).ok_or_else(|| too_little("文から学べません", "nothing can be learned from these texts"))?;
        let weights = kept.keys().zip(fitted.weights).map(|(name, weights)| ((*name).to_owned(), weights));
        let weights = weights.filter(|(_, weights)| weights.iter().any(|weight| weight.abs() >= LEAST));
        Ok(ContextTable { weights: weights.collect(), after: fitted.after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::morphology::Concepts;
    use crate::redact::{IdentifierType, Policy, Redactor};

    #[test]
    fn what_is_learned_is_found_again_and_the_same_texts_give_the_same_table() {
        let terms = include_str!("../../../dictionaries/rare-cancer/terms.csv");
        let codes = include_str!("../../../dictionaries/rare-cancer/disease_codes.csv");
        let concepts = Concepts::parse(("terms.csv", terms), ("disease_codes.csv", codes)).unwrap();
        let lexicon = Arc::new(Lexicon::embedded(concepts).unwrap());
        let lists = IdentifierLists { context: ContextTable::default(), ..IdentifierLists::builtin().unwrap() };
        let learn = || {
            let mut learner = ContextLearner::new(&lexicon, &lists);
            for (n, name) in ["ペロ", "ピモ", "ペポ", "ポピ"].iter().cycle().take(40).enumerate() {
                let text = format!("うちの{name}ときたら{n}");
                learner.add(&text, &[IdentifierSpan { start: 3, end: 5, kind: IdentifierType::Person }]).unwrap();
                learner.add("岡の工場で働く", &[IdentifierSpan { start: 0, end: 4, kind: IdentifierType::Facility }]).unwrap();
                learner.add("川辺へ行く", &[IdentifierSpan { start: 0, end: 2, kind: IdentifierType::Address }]).unwrap();
                learner.add("ピヨと鳴く", &[]).unwrap();
            }
            assert_eq!(learner.len(), 160);
            learner.learn().unwrap()
        };
        let table = learn();
        assert_eq!(table, learn());
        let mut redactor =
            Redactor::new(Arc::clone(&lexicon), &IdentifierLists { context: table, ..lists.clone() }, Policy::default()).unwrap();
        let found = redactor.find(&mut lexicon.segmenter(), &["うちのプペときたら"]).unwrap();
        assert_eq!(found[0], [IdentifierSpan { start: 3, end: 5, kind: IdentifierType::Person }]);
        // Nothing but names teaches nothing.
        let mut learner = ContextLearner::new(&lexicon, &lists);
        learner.add("ペロ", &[IdentifierSpan { start: 0, end: 2, kind: IdentifierType::Person }]).unwrap();
        assert!(learner.learn().is_err());
    }
}

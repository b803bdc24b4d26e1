//! Learning the weights from marked texts: multinomial logistic regression with an L2 penalty, on sparse binary features.
//!
//! The classes are the types and, as the one all others are measured against, no name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::TYPES;
use super::feature::{self, Look};
use super::table::ContextTable;
use crate::consultation::Normalised;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::logistic::{Classes, Regression};
use crate::morphology::{Lexicon, Segmenter, Token};
use crate::redact::digits::Digits;
use crate::redact::lexis::Lexis;
use crate::redact::prefilter::Present;
use crate::redact::scene::Scene;
use crate::redact::{IdentifierLists, IdentifierSpan, IdentifierType};

/// λ, as in the trials the thresholds come from.
const PENALTY: f64 = 1.0;
/// Steps of L-BFGS at most; the figures are written with two decimals.
const STEPS: u64 = 200;
/// Features of fewer texts than this say more of the text than of names.
const SMALLEST: u32 = 2;
/// Weights smaller than this are not written.
const LEAST: f32 = 0.05;
/// No name.
const NONE: u8 = TYPES.len() as u8;

/// Marked texts, as tokens with their features.
pub struct ContextLearner {
    lexicon: Arc<Lexicon>,
    segmenter: Segmenter,
    lexis: Lexis,
    look: Look,
    /// Feature → its number.
    features: BTreeMap<String, u32>,
    /// How many texts have each.
    counts: Vec<u32>,
    /// Of each token that may be a name its features, and its class.
    tokens: Vec<(Vec<u32>, u8)>,
    texts: usize,
}

impl ContextLearner {
    /// For texts segmented with `lexicon`.
    pub fn new(lexicon: &Arc<Lexicon>, lists: &IdentifierLists) -> Self {
        Self {
            segmenter: lexicon.segmenter(),
            lexis: Lexis::new(lexicon, lists),
            look: Look::new(lexicon),
            lexicon: Arc::clone(lexicon),
            features: BTreeMap::new(),
            counts: Vec::new(),
            tokens: Vec::new(),
            texts: 0,
        }
    }

    /// Adds a text and its marked spans, as ranges of Unicode scalars of the text as it stands. Tokens of other types of identifiers
    /// teach nothing.
    ///
    /// # Errors
    /// When the analyzer fails.
    pub fn add(&mut self, text: &str, marked: &[IdentifierSpan]) -> Result<()> {
        let normalised = Normalised::new(text);
        let (mut tokens, mut flags) = (Vec::new(), Vec::new());
        self.segmenter.segment(&normalised.text, &mut tokens)?;
        let seen = self.lexis.read(&tokens, &normalised.text, &mut flags);
        let digits = Digits::default();
        let present = Present::default();
        let scene =
            Scene { text: &normalised.text, tokens: &tokens, flags: &flags, seen, asked: 0, digits: &digits, present, lexis: &self.lexis };
        let mut in_text: Vec<u32> = Vec::new();
        for (i, token) in tokens.iter().enumerate().filter(|(i, _)| self.look.may_name(&scene, *i)) {
            let class = match kind_at(&normalised, token, marked) {
                None => NONE,
                Some(kind) => match TYPES.iter().position(|t| *t == kind) {
                    Some(class) => class as u8,
                    None => continue,
                },
            };
            let described = self.look.describe(&self.lexicon, &scene, i).into_iter().filter(|feature| feature::is_writable(feature));
            let ids: Vec<u32> = described
                .map(|feature| {
                    let next = u32::try_from(self.features.len()).unwrap_or(u32::MAX);
                    *self.features.entry(feature).or_insert(next)
                })
                .collect();
            in_text.extend(&ids);
            self.tokens.push((ids, class));
        }
        in_text.sort_unstable();
        in_text.dedup();
        self.counts.resize(self.features.len(), 0);
        in_text.iter().for_each(|id| self.counts[*id as usize] += 1);
        self.texts += 1;
        Ok(())
    }

    /// Texts so far.
    pub fn len(&self) -> usize {
        self.texts
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.texts == 0
    }

    /// Learns. The same texts in the same order give the same table. Linear in the number of features of all tokens, per step.
    ///
    /// # Errors
    /// [`ErrorKind::TooLittle`] where a type, or no name, is not among the tokens.
    pub fn learn(self) -> Result<ContextTable> {
        let too_little = |ja: &str, en: &str| Error::new(ErrorKind::TooLittle, Text::new(ja, en));
        if (0..=NONE).any(|class| self.tokens.iter().all(|(_, c)| *c != class)) {
            return Err(too_little(
                "印のついた文が足りません。氏名・施設名・住所のそれぞれと、どれでもない語が要ります",
                "too few marked texts: persons, facilities, addresses and words that are none of them are needed",
            ));
        }
        let mut columns = vec![None; self.features.len()];
        let mut kept: Vec<&str> = Vec::new();
        for (name, id) in &self.features {
            if self.counts[*id as usize] >= SMALLEST {
                columns[*id as usize] = u32::try_from(kept.len()).ok();
                kept.push(name);
            }
        }
        let rows = self.tokens.iter().map(|(ids, class)| {
            let known = ids.iter().filter_map(|id| columns[*id as usize]).map(|column| (column, 1.0));
            (known.collect(), if *class == NONE { 0 } else { 1 << class })
        });
        let rows = rows.collect();
        let problem = Regression::<{ TYPES.len() }> { rows, columns: kept.len(), classes: Classes::Exclusive, penalty: PENALTY };
        let fitted = problem.fit(STEPS).ok_or_else(|| too_little("文から学べません", "nothing can be learned from these texts"))?;
        let weights = kept.iter().zip(fitted.weights).map(|(name, weights)| ((*name).to_owned(), weights));
        let weights = weights.filter(|(_, weights)| weights.iter().any(|weight| weight.abs() >= LEAST));
        Ok(ContextTable { bias: fitted.bias, weights: weights.collect() })
    }
}

/// The type of the span a token overlaps.
fn kind_at(normalised: &Normalised, token: &Token, marked: &[IdentifierSpan]) -> Option<IdentifierType> {
    if marked.is_empty() {
        return None;
    }
    let scalars = |byte: u32| u32::try_from(normalised.text[..byte as usize].chars().count()).unwrap_or(u32::MAX);
    let (start, end) = normalised.original_range(scalars(token.start), scalars(token.end));
    marked.iter().find(|span| span.start < end && start < span.end).map(|span| span.kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::morphology::Concepts;
    use crate::redact::{Policy, Redactor};

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

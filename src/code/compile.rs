//! Compilation: the words of all rules become small numbers for one lexicon, the conditions trees over what was found.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::CodingId;
use super::book::CodeBook;
use super::chain::Links;
use super::lexer::{Chain, Phrase};
use super::parser::Condition;
use super::rules::{CodeRule, CodeRules};
use crate::consultation::{Attribute, AttributeId, CodeId, Normalised, Profile};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::morphology::{Lexicon, Segmenter, Token};

/// What ends a sentence: these are the first words of every program.
pub(super) const SENTENCE_ENDS: [&str; 5] = ["。", "！", "？", "!", "?"];

/// A phrase may be met in this many sequences of base forms; more come from a rule nobody wrote by hand.
const MAX_SEQUENCES: usize = 64;

/// A rule file compiled for one lexicon and one profile; shared by all threads.
#[derive(Debug)]
pub struct CodeProgram {
    /// Base form → word of the rules; 0: none.
    pub(super) lemma_words: Vec<u16>,
    /// Words no dictionary knows.
    pub(super) surface_words: FxHashMap<Box<str>, u16>,
    /// Word → the sequences that begin with it, as a range of `sequences`.
    pub(super) starts: Vec<(u32, u32)>,
    /// By first word.
    pub(super) sequences: Vec<Sequence>,
    /// Item → whether a chain asks for where it stands.
    pub(super) chained: Vec<bool>,
    pub(super) chains: Vec<Links>,
    pub(super) texts: Vec<Box<str>>,
    pub(super) variables: Vec<(AttributeId, CodeId)>,
    /// By code.
    pub(super) conditions: Vec<Node>,
    /// Every code behind those its condition names.
    pub(super) order: Vec<CodingId>,
    book: CodeBook,
}

/// One way to meet an item: the base forms that follow the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sequence {
    pub(super) item: u16,
    pub(super) rest: Box<[u16]>,
}

/// A condition over what was found in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// An open attribute never took this value.
    Never,
    Item(u16),
    Text(u16),
    Chain(u16),
    Variable(u16),
    Code(CodingId),
    Not(Box<Node>),
    All(Box<[Node]>),
    Any(Box<[Node]>),
}

impl CodeProgram {
    /// Compiles `rules` for texts segmented with `lexicon` and attributes of `profile`.
    ///
    /// # Errors
    /// An attribute the profile does not have, or a value its closed code list does not have, by file and line.
    pub fn new(rules: &CodeRules, lexicon: &Arc<Lexicon>, profile: &Profile) -> Result<Self> {
        let mut compiler = Compiler::new(rules, lexicon, profile);
        SENTENCE_ENDS.iter().try_for_each(|end| compiler.word(end).map(drop)).map_err(|text| compiler.fault(0, text))?;
        let conditions = rules.codes.iter().map(|code| compiler.node(code, &code.condition)).collect::<Result<Vec<_>>>()?;
        Ok(compiler.finish(conditions))
    }

    /// Names of the codes, and how they contain each other.
    pub fn book(&self) -> &CodeBook {
        &self.book
    }
}

struct Compiler<'r> {
    rules: &'r CodeRules,
    profile: &'r Profile,
    lexicon: Arc<Lexicon>,
    segmenter: Segmenter,
    tokens: Vec<Token>,
    /// Base form → word, from 1.
    words: BTreeMap<String, u16>,
    items: BTreeMap<Phrase, u16>,
    /// First word, sequence.
    sequences: Vec<(u16, Sequence)>,
    chained: Vec<bool>,
    chains: Vec<Links>,
    texts: Vec<Box<str>>,
    variables: Vec<(AttributeId, CodeId)>,
}

impl<'r> Compiler<'r> {
    fn new(rules: &'r CodeRules, lexicon: &Arc<Lexicon>, profile: &'r Profile) -> Self {
        Self {
            rules,
            profile,
            lexicon: Arc::clone(lexicon),
            segmenter: lexicon.segmenter(),
            tokens: Vec::new(),
            words: BTreeMap::new(),
            items: BTreeMap::new(),
            sequences: Vec::new(),
            chained: Vec::new(),
            chains: Vec::new(),
            texts: Vec::new(),
            variables: Vec::new(),
        }
    }

    fn fault(&self, line: u64, text: Text) -> Error {
        Error::new(ErrorKind::Dictionary, text).at(&self.rules.file, line)
    }

    fn node(&mut self, code: &CodeRule, condition: &Condition) -> Result<Node> {
        Ok(match condition {
            Condition::Phrase(phrase) => Node::Item(self.item(phrase).map_err(|text| self.fault(code.line, text))?),
            Condition::Text(text) => {
                let text: Box<str> = Normalised::new(text).text.into();
                Node::Text(intern(&mut self.texts, text).map_err(|text| self.fault(code.line, text))?)
            }
            Condition::Chain(chain) => Node::Chain(self.chain(chain).map_err(|text| self.fault(code.line, text))?),
            Condition::Variable { name, value, line } => self.variable(name, value).map_err(|text| self.fault(*line, text))?,
            Condition::Code(id) => Node::Code(*id),
            Condition::Not(inner) => Node::Not(Box::new(self.node(code, inner)?)),
            Condition::All(parts) => Node::All(self.nodes(code, parts)?),
            Condition::Any(parts) => Node::Any(self.nodes(code, parts)?),
        })
    }

    fn nodes(&mut self, code: &CodeRule, parts: &[Condition]) -> Result<Box<[Node]>> {
        parts.iter().map(|part| self.node(code, part)).collect()
    }

    fn chain(&mut self, chain: &Chain) -> Result<u16, Text> {
        let items = chain.items.iter().map(|phrase| self.item(phrase)).collect::<Result<Box<[u16]>, _>>()?;
        items.iter().for_each(|item| self.chained[usize::from(*item)] = true);
        intern(&mut self.chains, Links { ordered: chain.ordered, sentence: chain.sentence, distance: chain.distance, items })
    }

    fn variable(&mut self, name: &str, value: &str) -> Result<Node, Text> {
        let named = |(_, a): &(AttributeId, &Attribute)| {
            a.name == name || a.label_ja == name || a.label_en.eq_ignore_ascii_case(name) || a.columns.iter().any(|c| c == name)
        };
        // A published name goes before a label, a label before the header of a column.
        let found = self.profile.find(name).or_else(|| self.profile.iter().find(|(_, a)| a.label_ja == name));
        let Some((id, attribute)) = found.or_else(|| self.profile.iter().find(named)) else {
            let list = |label: fn(&Attribute) -> &str| self.profile.attributes.iter().map(label).collect::<Vec<_>>().join(", ");
            return Err(Text::new(
                format!("属性「{name}」はありません。あるのは: {}", list(|a| &a.label_ja)),
                format!("no attribute \"{name}\"; there are: {}", list(|a| &a.name)),
            ));
        };
        match attribute.codes.find(value) {
            Some(code) => intern(&mut self.variables, (id, code)).map(Node::Variable),
            // No call of this night has it; another night's may.
            None if attribute.open => Ok(Node::Never),
            None => {
                let list = attribute.codes.iter().map(|(_, c)| format!("{} {}", c.code, c.label_ja)).collect::<Vec<_>>().join("、");
                Err(Text::new(
                    format!("属性「{}」に値「{value}」はありません。あるのは: {list}", attribute.label_ja),
                    format!("the attribute \"{}\" has no value \"{value}\"; there are: {list}", attribute.name),
                ))
            }
        }
    }

    /// The number of a phrase, with every sequence of base forms it is met as.
    fn item(&mut self, phrase: &Phrase) -> Result<u16, Text> {
        if let Some(item) = self.items.get(phrase) {
            return Ok(*item);
        }
        let mut sequences: Vec<Vec<String>> = vec![Vec::new()];
        for word in phrase {
            let ways = self.ways(word)?;
            sequences = sequences.iter().flat_map(|s| ways.iter().map(|w| [s.as_slice(), w.as_slice()].concat())).collect();
            if sequences.len() > MAX_SEQUENCES {
                return Err(Text::new(format!("語の並び {} が長すぎます", phrase.join("+")), format!("{} is too long", phrase.join("+"))));
            }
        }
        let item = number(self.chained.len())?;
        for sequence in sequences.iter().filter(|s| !s.is_empty()) {
            let words = sequence.iter().map(|lemma| self.word(lemma)).collect::<Result<Vec<_>, _>>()?;
            self.sequences.push((words[0], Sequence { item, rest: words[1..].into() }));
        }
        self.chained.push(false);
        self.items.insert(phrase.clone(), item);
        Ok(item)
    }

    /// The sequences of base forms a word of a rule is met as in texts.
    fn ways(&mut self, word: &str) -> Result<Vec<Vec<String>>, Text> {
        let word = Normalised::new(word).text.trim().to_owned();
        let known = self.lexicon.find_lemma(&word).is_some();
        let mut ways: Vec<Vec<String>> = known.then(|| vec![word.clone()]).into_iter().collect();
        let mut push = |way: Vec<String>| {
            if !ways.contains(&way) {
                ways.push(way);
            }
        };
        self.segmenter
            .segment(&word, &mut self.tokens)
            .map_err(|_| Text::new(format!("「{word}」を形態素に分けられません"), format!("cannot segment \"{word}\"")))?;
        // A form that is no base form means its word (探し: 探す); a concept is met under any of its names (グリベック:
        // イマチニブ).
        let concept = self.tokens.first().is_some_and(|t| self.lexicon.class(t.class).concept);
        if self.tokens.len() > 1 || !known || concept {
            push(self.tokens.iter().map(|t| self.lexicon.lemma(t, &word).to_owned()).collect());
        }
        // An ambiguous surface (ACC) keeps both its meanings, so the name of either finds it.
        let concepts = self.lexicon.concepts();
        if let Some((id, _)) = concepts.iter().find(|(_, c)| c.canonical == word) {
            let ambiguous = concepts.surfaces().filter(|(_, ids)| ids.len() > 1 && ids.contains(&id));
            ambiguous.for_each(|(surface, _)| push(vec![surface.to_owned()]));
        }
        Ok(ways)
    }

    fn word(&mut self, lemma: &str) -> Result<u16, Text> {
        if let Some(word) = self.words.get(lemma) {
            return Ok(*word);
        }
        let word = number(self.words.len() + 1)?;
        self.words.insert(lemma.to_owned(), word);
        Ok(word)
    }

    fn finish(mut self, conditions: Vec<Node>) -> CodeProgram {
        self.sequences.sort_by_key(|(first, _)| *first);
        let mut starts = vec![(0, 0); self.words.len() + 1];
        for (at, (first, _)) in (0u32..).zip(&self.sequences) {
            let range: &mut (u32, u32) = &mut starts[usize::from(*first)];
            if range.1 == 0 {
                range.0 = at;
            }
            range.1 = at + 1;
        }
        let mut lemma_words = vec![0; self.lexicon.lemma_count()];
        let mut surface_words = FxHashMap::default();
        for (lemma, word) in self.words {
            if let Some(id) = self.lexicon.find_lemma(&lemma) {
                lemma_words[id.0 as usize] = word;
            }
            // A token without a base form may still be written like one.
            surface_words.insert(lemma.into_boxed_str(), word);
        }
        CodeProgram {
            lemma_words,
            surface_words,
            starts,
            sequences: self.sequences.into_iter().map(|(_, sequence)| sequence).collect(),
            chained: self.chained,
            chains: self.chains,
            texts: self.texts,
            variables: self.variables,
            conditions,
            order: self.rules.order.clone(),
            book: self.rules.book(),
        }
    }
}

fn intern<T: PartialEq>(list: &mut Vec<T>, value: T) -> Result<u16, Text> {
    let at = list.iter().position(|known| *known == value).unwrap_or(list.len());
    if at == list.len() {
        list.push(value);
    }
    number(at)
}

fn number(n: usize) -> Result<u16, Text> {
    u16::try_from(n).map_err(|_| Text::new("規則の語が多すぎます", "the rules have too many words"))
}

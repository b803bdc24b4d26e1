//! The stage: one call in, its codes out.

use std::sync::Arc;

use super::CodingId;
use super::chain::{Ends, Occurrence};
use super::compile::{CodeProgram, Node, SENTENCE_ENDS};
use crate::consultation::Attributes;
use crate::morphology::{LemmaId, Token};
use crate::redact::RedactedUtterance;

/// Codes calls with one thread's buffers; a clone shares the rules.
#[derive(Clone)]
pub struct Coder {
    program: Arc<CodeProgram>,
    found: Found,
    /// The rules' words of one utterance; 0 for every other.
    words: Vec<u16>,
    /// Where the words of chains stand in it.
    occurrences: Vec<Occurrence>,
    ends: Ends,
}

/// What was found in one call.
#[derive(Clone, Default)]
struct Found {
    items: Vec<bool>,
    texts: Vec<bool>,
    chains: Vec<bool>,
    variables: Vec<bool>,
    codes: Vec<bool>,
}

impl Coder {
    /// A coder over a shared program.
    pub fn new(program: Arc<CodeProgram>) -> Self {
        let found = Found {
            items: vec![false; program.chained.len()],
            texts: vec![false; program.texts.len()],
            chains: vec![false; program.chains.len()],
            variables: vec![false; program.variables.len()],
            codes: vec![false; program.conditions.len()],
        };
        Self { program, found, words: Vec::new(), occurrences: Vec::new(), ends: Ends::new() }
    }

    /// The codes of one call, ascending. One pass over its tokens; memory is taken for the result alone.
    pub fn codes(&mut self, utterances: &[RedactedUtterance], attributes: &Attributes) -> Box<[CodingId]> {
        if self.program.conditions.is_empty() {
            return Box::default();
        }
        let Found { items, texts, chains, variables, codes } = &mut self.found;
        [items, texts, chains, codes].into_iter().for_each(|found| found.fill(false));
        for (held, (attribute, code)) in variables.iter_mut().zip(&self.program.variables) {
            *held = attributes.codes(*attribute).any(|c| c == *code);
        }
        for utterance in utterances {
            self.utterance(utterance);
        }
        let program = Arc::clone(&self.program);
        for id in &program.order {
            self.found.codes[id.index()] = self.found.holds(&program.conditions[id.index()]);
        }
        let held = program.book().ids().filter(|id| self.found.codes[id.index()]);
        held.collect()
    }

    fn utterance(&mut self, utterance: &RedactedUtterance) {
        let program = &*self.program;
        self.words.clear();
        self.words.extend(utterance.tokens.iter().map(|token| word(program, token, &utterance.text)));
        self.occurrences.clear();
        let mut sentence = 0;
        for (at, first) in self.words.iter().enumerate().filter(|(_, word)| **word != 0) {
            let (from, to) = program.starts[usize::from(*first)];
            for sequence in &program.sequences[from as usize..to as usize] {
                if !self.words[at + 1..].starts_with(&sequence.rest) {
                    continue;
                }
                self.found.items[usize::from(sequence.item)] = true;
                if program.chained[usize::from(sequence.item)] {
                    let first = u32::try_from(at).unwrap_or(u32::MAX);
                    let length = u32::try_from(sequence.rest.len()).unwrap_or(u32::MAX);
                    let last = first.saturating_add(length);
                    self.occurrences.push(Occurrence { item: sequence.item, first, last, sentence });
                }
            }
            sentence += u32::from(usize::from(*first) <= SENTENCE_ENDS.len());
        }
        if self.occurrences.len() > 1 {
            for (held, links) in self.found.chains.iter_mut().zip(&program.chains).filter(|(held, _)| !**held) {
                // Most chains miss a word of theirs in the whole call so far: that is seen at once.
                let possible = links.items.iter().all(|item| self.found.items[usize::from(*item)]);
                *held = possible && links.hold(&self.occurrences, &mut self.ends);
            }
        }
        for (held, text) in self.found.texts.iter_mut().zip(&program.texts).filter(|(held, _)| !**held) {
            *held = utterance.text.contains(&**text);
        }
    }
}

/// The rules' word a token is, 0 for none.
fn word(program: &CodeProgram, token: &Token, text: &str) -> u16 {
    if token.lemma != LemmaId::SURFACE {
        return program.lemma_words[token.lemma.0 as usize];
    }
    program.surface_words.get(token.surface(text)).copied().unwrap_or(0)
}

impl Found {
    fn holds(&self, node: &Node) -> bool {
        match node {
            Node::Never => false,
            Node::Item(i) => self.items[usize::from(*i)],
            Node::Text(i) => self.texts[usize::from(*i)],
            Node::Chain(i) => self.chains[usize::from(*i)],
            Node::Variable(i) => self.variables[usize::from(*i)],
            Node::Code(id) => self.codes[id.index()],
            Node::Not(inner) => !self.holds(inner),
            Node::All(parts) => parts.iter().all(|part| self.holds(part)),
            Node::Any(parts) => parts.iter().any(|part| self.holds(part)),
        }
    }
}

//! Scanning: an utterance becomes views, clauses and sentences, and every rule that stands in it is found.

use super::cue::{Compiled, Meaning};
use super::program::View;
use super::rules::Register;
use crate::error::Result;
use crate::morphology::{ClassInfo, Lexicon, Pos};
use crate::need::NeedRules;
use crate::redact::RedactedUtterance;
use std::sync::Arc;

/// What a class of morphemes is to the scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Seen by patterns.
    Word,
    /// A conjunctive particle: seen, and may end a clause.
    Connective,
    /// Invisible.
    Filler,
    /// Brackets, commas, stops: invisible, but they end clauses and sentences.
    Symbol,
}

/// A rule found in an utterance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hit {
    /// What was found.
    pub(super) meaning: Meaning,
    /// First view.
    pub(super) from: u32,
    /// One past the last view.
    pub(super) to: u32,
    /// Number of the sentence.
    pub(super) sentence: u32,
}

/// The buffers of one utterance.
#[derive(Debug, Clone, Default)]
pub(super) struct Scan {
    /// The morphemes patterns see.
    pub(super) views: Vec<View>,
    /// Ranges of views; no pattern crosses them.
    pub(super) sentences: Vec<(u32, u32)>,
    /// What was found, by place.
    pub(super) hits: Vec<Hit>,
}

impl Scan {
    /// The views of a sentence.
    pub(super) fn sentence(&self, number: u32) -> &[View] {
        let (start, end) = self.sentences[number as usize];
        &self.views[start as usize..end as usize]
    }
}

/// What to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Cues of that register, exclusions, scopes and seeds.
    Everything(Register),
    /// Seeds only.
    Seeds,
}

/// Compiled rules and what is needed to read tokens: immutable, shared by all threads.
#[derive(Debug)]
pub(super) struct Scanner {
    pub(super) compiled: Compiled,
    roles: Vec<Role>,
    question_mark: u16,
}

impl Scanner {
    pub(super) fn new(lexicon: &Arc<Lexicon>, rules: &NeedRules) -> Result<Self> {
        let compiled = Compiled::new(lexicon, rules)?;
        let question_mark = compiled.programs.find_word(lexicon, "？");
        Ok(Self { compiled, roles: lexicon.classes().iter().map(role).collect(), question_mark })
    }

    /// Reads `utterance` into `scan` and finds what `look` asks for.
    pub(super) fn scan(&self, utterance: &RedactedUtterance, look: Look, scan: &mut Scan) {
        self.read(utterance, scan);
        self.find(&utterance.text, look, scan);
    }

    /// Turns tokens into views, clauses and sentences.
    fn read(&self, utterance: &RedactedUtterance, scan: &mut Scan) {
        let text = utterance.text.as_str();
        let bytes = text.as_bytes();
        scan.views.clear();
        scan.sentences.clear();
        let (mut clause, mut depth) = (0u16, 0u16);
        let mut sentence = 0usize;
        for token in &utterance.tokens {
            let first = bytes.get(token.start as usize).copied().unwrap_or(b' ');
            let mut view = View { start: token.start, end: token.end, word: 0, class: token.class.0, flags: 0, clause, quoted: depth > 0 };
            let mut ends = false;
            // NFKC made ？ and ！ ASCII, which IPADIC takes for nouns: punctuation is told by its first byte.
            if first.is_ascii_punctuation() {
                clause = clause.saturating_add(1);
                if first == b'?' {
                    view.word = self.question_mark;
                    scan.views.push(view);
                }
                ends = matches!(first, b'?' | b'!');
            } else {
                match self.roles[usize::from(token.class.0)] {
                    Role::Filler => {}
                    Role::Symbol => {
                        clause = clause.saturating_add(1);
                        match token.surface(text) {
                            "。" => ends = true,
                            "「" | "『" => depth = depth.saturating_add(1),
                            "」" | "』" => depth = depth.saturating_sub(1),
                            _ => {}
                        }
                    }
                    role => {
                        (view.word, view.flags) = self.compiled.programs.word(token, text);
                        scan.views.push(view);
                        if role == Role::Connective && ends_clause(token.surface(text)) {
                            clause = clause.saturating_add(1);
                        }
                    }
                }
            }
            if ends {
                close(scan, &mut sentence);
            }
        }
        close(scan, &mut sentence);
    }

    /// Finds every rule asked for.
    fn find(&self, text: &str, look: Look, scan: &mut Scan) {
        let Scan { views, sentences, hits } = scan;
        hits.clear();
        for (number, &(start, end)) in (0u32..).zip(sentences.iter()) {
            let sentence = &views[start as usize..end as usize];
            for (at, view) in sentence.iter().enumerate() {
                self.compiled.programs.candidates(view, at == 0, |rule, entry| {
                    let meaning = self.compiled.meanings[usize::from(rule)];
                    if self.is_wanted(look, meaning)
                        && let Some(to) = self.compiled.programs.run(entry, sentence, at, text)
                    {
                        hits.push(Hit { meaning, from: start + index(at), to: start + index(to), sentence: number });
                    }
                });
            }
        }
    }

    fn is_wanted(&self, look: Look, meaning: Meaning) -> bool {
        match (look, meaning) {
            (Look::Seeds, meaning) => matches!(meaning, Meaning::Seed(_)),
            (Look::Everything(register), Meaning::Cue(cue)) => {
                fits(self.compiled.rules.cue(cue).register, register)
            }
            (Look::Everything(register), Meaning::Exclude(exclude)) => {
                fits(self.compiled.rules.excludes[usize::from(exclude)].register, register)
            }
            (Look::Everything(_), _) => true,
        }
    }
}

fn fits(own: Register, register: Register) -> bool {
    own == Register::Any || own == register
}

/// Ends the sentence that began at `start`, if it has a view.
fn close(scan: &mut Scan, start: &mut usize) {
    if scan.views.len() > *start {
        scan.sentences.push((index(*start), index(scan.views.len())));
        *start = scan.views.len();
    }
}

/// Positions in one utterance: an utterance has fewer morphemes than bytes, and texts above 4 GiB are refused.
pub(super) fn index(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

fn role(class: &ClassInfo) -> Role {
    match class.pos {
        Pos::Filler => Role::Filler,
        Pos::Symbol if class.detail[0] == "アルファベット" => Role::Word,
        Pos::Symbol => Role::Symbol,
        Pos::Particle if class.detail[0] == "接続助詞" => Role::Connective,
        _ => Role::Word,
    }
}

/// けど, が, ので, から, し, のに end a clause; て, ば, と lead on to what follows from it.
fn ends_clause(surface: &str) -> bool {
    !matches!(surface, "て" | "で" | "ば" | "と" | "ながら" | "つつ" | "ちゃ" | "じゃ" | "たって" | "とも")
}

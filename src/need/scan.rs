//! Scanning: an utterance becomes views, clauses and sentences, and every rule that stands in it is found.

use super::cue::{Compiled, Meaning};
use super::memory::{Local, Memory};
use super::program::{ANY, Marks, Pass, View};
use super::rules::Register;
use crate::error::Result;
use crate::morphology::{ClassInfo, LemmaId, Lexicon, Pos, Token};
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

/// A sentence is cut here: a recogniser that writes no full stops makes one of a whole call.
const SENTENCE_VIEWS: usize = 256;

/// A sentence longer than this says more than an echo.
const ECHO_VIEWS: usize = 12;

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
    /// Cues, exclusions and scopes that were found, by place.
    pub(super) hits: Vec<Hit>,
    /// Seeds that were found, by place.
    pub(super) seeds: Vec<Hit>,
    /// For each place of a sentence, the marks of the words behind it.
    marks: Vec<Marks>,
    memory: Memory,
}

impl Scan {
    /// The views of a sentence.
    pub(super) fn sentence(&self, number: u32) -> &[View] {
        let (start, end) = self.sentences[number as usize];
        &self.views[start as usize..end as usize]
    }
}

/// Compiled rules and what is needed to read tokens: immutable, shared by all threads.
#[derive(Debug)]
pub(super) struct Scanner {
    pub(super) compiled: Compiled,
    roles: Vec<Role>,
    /// Classes that carry content, for telling an echo.
    content: Vec<bool>,
    question_mark: u16,
}

impl Scanner {
    pub(super) fn new(lexicon: &Arc<Lexicon>, rules: &NeedRules) -> Result<Self> {
        let compiled = Compiled::new(lexicon, rules)?;
        let question_mark = compiled.programs.find_word(lexicon, "？");
        let (roles, content) = lexicon.classes().iter().map(|c| (role(c), is_content(c))).unzip();
        Ok(Self { compiled, roles, content, question_mark })
    }

    /// Reads `utterance` into `scan` and finds its cues, those of `register`.
    pub(super) fn find_cues(&self, utterance: &RedactedUtterance, register: Register, scan: &mut Scan) {
        self.read(utterance, scan);
        self.find(Pass::Cues, register, &utterance.text, scan);
    }

    /// Finds the seeds of an utterance already in `scan`.
    pub(super) fn find_seeds(&self, utterance: &RedactedUtterance, scan: &mut Scan) {
        self.find(Pass::Seeds, Register::Any, &utterance.text, scan);
    }

    /// Reads `utterance` into `scan` and finds its seeds only.
    pub(super) fn read_subject(&self, utterance: &RedactedUtterance, scan: &mut Scan) {
        self.read(utterance, scan);
        self.find_seeds(utterance, scan);
    }

    /// Turns tokens into views, clauses and sentences.
    fn read(&self, utterance: &RedactedUtterance, scan: &mut Scan) {
        let text = utterance.text.as_str();
        let bytes = text.as_bytes();
        scan.views.clear();
        scan.sentences.clear();
        let (mut clause, mut depth) = (0u32, 0u16);
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
            } else if scan.views.len() - sentence >= SENTENCE_VIEWS {
                clause = clause.saturating_add(1);
                close(scan, &mut sentence);
            }
        }
        close(scan, &mut sentence);
    }

    /// Finds the patterns of a pass that work in `register`.
    fn find(&self, pass: Pass, register: Register, text: &str, scan: &mut Scan) {
        let Scan { views, sentences, hits, seeds, marks, memory, .. } = scan;
        let hits = match pass {
            Pass::Cues => hits,
            Pass::Seeds => seeds,
        };
        hits.clear();
        for (number, &(start, end)) in (0u32..).zip(sentences.iter()) {
            let sentence = &views[start as usize..end as usize];
            if let Some(known) = memory.recall(pass, register, sentence, text) {
                let place = |&(meaning, from, to): &Local| Hit {
                    meaning,
                    from: start + u32::from(from),
                    to: start + u32::from(to),
                    sentence: number,
                };
                hits.extend(known.iter().map(place));
                continue;
            }
            let before = hits.len();
            marks_behind(sentence, &self.compiled.programs.marks, marks);
            for ((at, view), &marks) in sentence.iter().enumerate().zip(marks.iter()) {
                let next = sentence.get(at + 1).map_or(ANY, |next| ANY | self.compiled.programs.marks[usize::from(next.word)]);
                self.compiled.programs.candidates(pass, view, at == 0, (next, marks), |rule, entry| {
                    let meaning = self.compiled.meanings[usize::from(rule)];
                    if self.is_wanted(register, meaning)
                        && let Some(to) = self.compiled.programs.run(entry, sentence, at, text)
                    {
                        hits.push(Hit { meaning, from: start + index(at), to: start + index(to), sentence: number });
                    }
                });
            }
            let local = |position: u32| u16::try_from(position - start).unwrap_or(u16::MAX);
            memory.keep(hits[before..].iter().map(|h| (h.meaning, local(h.from), local(h.to))));
        }
    }

    /// Whether a short sentence only repeats what the counsellor has just said, to take it in: 来てもらえるんですか。
    pub(super) fn is_echo(&self, scan: &Scan, sentence: u32, utterance: &RedactedUtterance, before: &RedactedUtterance) -> bool {
        let views = scan.sentence(sentence);
        if views.len() > ECHO_VIEWS {
            return false;
        }
        let said = |token: &&Token| views.iter().any(|v| v.start == token.start);
        let mut content = utterance.tokens.iter().filter(said).filter(|t| self.content[usize::from(t.class.0)]);
        content.all(|token| {
            before.tokens.iter().any(|other| {
                let same_word = other.lemma == token.lemma;
                same_word && (token.lemma != LemmaId::SURFACE || other.surface(&before.text) == token.surface(&utterance.text))
            })
        })
    }

    fn is_wanted(&self, register: Register, meaning: Meaning) -> bool {
        let own = match meaning {
            Meaning::Cue(cue) => self.compiled.rules.cue(cue).register,
            Meaning::Exclude(exclude) => self.compiled.rules.excludes[usize::from(exclude)].register,
            Meaning::Before(_) | Meaning::Seed(_) => Register::Any,
        };
        own == Register::Any || own == register
    }
}

/// Fills `marks` with the union of the marks of all views behind each.
fn marks_behind(sentence: &[View], of_word: &[Marks], marks: &mut Vec<Marks>) {
    marks.clear();
    marks.resize(sentence.len(), 0);
    let mut rest = ANY;
    for (view, slot) in sentence.iter().zip(marks).rev() {
        *slot = rest;
        rest |= of_word[usize::from(view.word)];
    }
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

/// Nouns, pronouns that ask among them, and independent verbs and adjectives.
fn is_content(class: &ClassInfo) -> bool {
    let noun = class.is_content_noun() || class.is_number() || (class.pos == Pos::Noun && class.detail[0] == "代名詞");
    noun || (matches!(class.pos, Pos::Verb | Pos::Adjective) && class.is_independent())
        || (class.pos == Pos::Adverb && class.detail[0] == "助詞類接続")
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

//! Patterns compiled against a lexicon: what a pattern says in words becomes comparisons of small numbers.

use rustc_hash::FxHashMap;

use crate::morphology::{ConceptKind, LemmaId, Lexicon, Token};

/// A morpheme as patterns see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct View {
    /// First byte in the text.
    pub(super) start: u32,
    /// One past the last byte.
    pub(super) end: u32,
    /// The number of its base form among the words of all patterns; 0 for any other word.
    pub(super) word: u16,
    /// Its class.
    pub(super) class: u16,
    /// What is known of its base form: [`POTENTIAL`] and kinds of concepts.
    pub(super) flags: u16,
    /// Which clause of the utterance it stands in.
    pub(super) clause: u32,
    /// Whether it stands in quotation marks.
    pub(super) quoted: bool,
}

/// A potential verb (言える, 選べる): an ichidan verb in -eru beside a godan verb.
pub(super) const POTENTIAL: u16 = 1;

/// The flag of a kind of concept.
pub(super) fn kind_flag(kind: ConceptKind) -> u16 {
    match kind {
        ConceptKind::Disease => 1 << 1,
        ConceptKind::Organ => 1 << 2,
        ConceptKind::Drug => 1 << 3,
        ConceptKind::Treatment => 1 << 4,
        ConceptKind::Test => 1 << 5,
        ConceptKind::System => 1 << 6,
        ConceptKind::Symptom => 1 << 7,
    }
}

/// Conditions on one morpheme, as numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Test {
    /// Sorted; empty: any word.
    words: Box<[u16]>,
    /// One bit of 64 for each of them: what is not there need not be looked for.
    bits: u64,
    pub(super) surfaces: Box<[Box<str>]>,
    pub(super) flags: u16,
    /// Index of a set of classes; `None`: any class.
    pub(super) classes: Option<u16>,
}

impl Test {
    /// A test for one of `words`, or for any word where there are none.
    pub(super) fn of_words(mut words: Vec<u16>) -> Self {
        words.sort_unstable();
        let bits = words.iter().fold(0, |bits, word| bits | 1 << (word % 64));
        Self { words: words.into(), bits, ..Self::default() }
    }

    /// The words; empty: any.
    pub(super) fn words(&self) -> &[u16] {
        &self.words
    }

    /// Most tests fail here, and most of those at their bits; of few words, looking at each is faster than searching.
    #[inline]
    fn has_word(&self, word: u16) -> bool {
        self.words.is_empty()
            || word != 0
                && self.bits >> (word % 64) & 1 == 1
                && (if self.words.len() <= 8 { self.words.contains(&word) } else { self.words.binary_search(&word).is_ok() })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Test(u16),
    /// Try the first, then the second.
    Split(u16, u16),
    Jump(u16),
    Look {
        test: u16,
        ahead: bool,
        positive: bool,
    },
    Start,
    End,
    ClauseEnd,
    Match,
}

/// The number of a compiled pattern's rule, as the caller of [`Compiler::add`] counts it.
pub(super) type RuleIndex = u16;

/// A program, the rule it serves, and what a sentence must hold for it to have a chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) rule: RuleIndex,
    pub(super) entry: u16,
    /// What must be known of the first word.
    pub(super) flags: u16,
    /// Sets of marks of each of which a word must stand behind the first; [`ANY`] where there is none.
    pub(super) needs: [Marks; NEEDS],
    /// The marks of the words of which one must stand right behind the first; [`ANY`] among them where there need be none.
    pub(super) next: Marks,
}

/// Sets that are asked for before a program runs.
pub(super) const NEEDS: usize = 2;

/// A set of words, told by their marks.
pub(super) type Marks = u128;

/// The mark that stands at every place, even behind the last word.
pub(super) const ANY: Marks = 1 << (Marks::BITS - 1);

/// The mark of a word: one bit, shared by many words. Words of one character (て, の, が) stand in nearly every sentence; they
/// share the first bits among themselves and leave the others telling.
pub(super) fn mark(id: u16, lemma: &str) -> Marks {
    const COMMON: u32 = 24;
    let (id, short) = (u32::from(id), lemma.chars().nth(1).is_none());
    1 << if short { id % COMMON } else { COMMON + id % (Marks::BITS - 1 - COMMON) }
}

/// All patterns of the rules, compiled and indexed by the words they can begin with.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) ops: Vec<Op>,
    pub(super) tests: Vec<Test>,
    pub(super) class_sets: Vec<Box<[u64]>>,
    pub(super) indexes: [Index; 2],
    /// Word → its mark; 0 for words no pattern names.
    pub(super) marks: Vec<Marks>,
    /// Lemma → word and flags.
    pub(super) lemmas: Vec<(u16, u16)>,
    /// Words of the patterns that the dictionary does not know.
    pub(super) unknown: FxHashMap<Box<str>, u16>,
}

/// Patterns are looked for in two passes: seeds only where a cue was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// Cues, exclusions and scopes.
    Cues,
    /// Seeds of domains.
    Seeds,
}

/// The patterns of one pass by what they can begin with.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Word → programs (rule, entry point) that can begin with it.
    pub(super) by_word: Table,
    /// Class → programs that can begin with any word of it.
    pub(super) by_class: Table,
    /// Programs that begin with `^` and then anything: tried once per sentence.
    pub(super) at_start: Vec<Program>,
}

/// Rows of programs in one allocation.
#[derive(Debug, Default)]
pub(super) struct Table {
    starts: Vec<u32>,
    cells: Vec<Program>,
}

impl Table {
    pub(super) fn new(rows: &[Vec<Program>]) -> Self {
        let mut out = Self { starts: vec![0], cells: Vec::new() };
        for row in rows {
            out.cells.extend(row);
            out.starts.push(u32::try_from(out.cells.len()).unwrap_or(u32::MAX));
        }
        out
    }

    fn row(&self, index: u16) -> &[Program] {
        let i = usize::from(index);
        &self.cells[self.starts[i] as usize..self.starts[i + 1] as usize]
    }
}

impl Programs {
    /// Word and flags of a token.
    pub(super) fn word(&self, token: &Token, text: &str) -> (u16, u16) {
        if token.lemma == LemmaId::SURFACE {
            (self.unknown.get(token.surface(text)).copied().unwrap_or(0), 0)
        } else {
            self.lemmas[token.lemma.0 as usize]
        }
    }

    /// The number of a base form; 0 when no pattern names it.
    pub(super) fn find_word(&self, lexicon: &Lexicon, lemma: &str) -> u16 {
        match lexicon.find_lemma(lemma) {
            Some(id) => self.lemmas[id.0 as usize].0,
            None => self.unknown.get(lemma).copied().unwrap_or(0),
        }
    }

    /// Calls `each` with rule and entry of every pattern that may begin at `view`, the `first` of its sentence or not;
    /// `next` are the marks of the word behind it, `marks` those of all words behind it in its sentence.
    #[inline]
    pub(super) fn candidates(
        &self,
        pass: Pass,
        view: &View,
        first: bool,
        (next, marks): (Marks, Marks),
        mut each: impl FnMut(RuleIndex, u16),
    ) {
        let index = &self.indexes[pass as usize];
        let mut offer = |programs: &[Program]| {
            for program in programs {
                let fits = view.flags & program.flags == program.flags && program.next & next != 0;
                if fits && program.needs.iter().all(|needs| needs & marks != 0) {
                    each(program.rule, program.entry);
                }
            }
        };
        if view.word != 0 {
            offer(index.by_word.row(view.word));
        }
        offer(index.by_class.row(view.class));
        if first {
            offer(&index.at_start);
        }
    }

    /// Where the pattern at `entry`, begun at `at` in the sentence `views`, ends.
    pub(super) fn run(&self, entry: u16, views: &[View], at: usize, text: &str) -> Option<usize> {
        let mut pc = usize::from(entry);
        let mut at = at;
        loop {
            match self.ops[pc] {
                Op::Match => return Some(at),
                Op::Test(test) => {
                    let view = views.get(at)?;
                    if !self.holds(test, view, text) {
                        return None;
                    }
                    at += 1;
                    pc += 1;
                }
                Op::Split(first, second) => {
                    // Most branches fail at their first morpheme: look before leaping.
                    if let Op::Test(test) = self.ops[usize::from(first)]
                        && !views.get(at).is_some_and(|view| self.holds(test, view, text))
                    {
                        pc = usize::from(second);
                        continue;
                    }
                    if let Some(end) = self.run(first, views, at, text) {
                        return Some(end);
                    }
                    pc = usize::from(second);
                }
                Op::Jump(to) => pc = usize::from(to),
                Op::Look { test, ahead, positive } => {
                    let neighbour = if ahead { views.get(at) } else { at.checked_sub(1).and_then(|i| views.get(i)) };
                    if neighbour.is_some_and(|view| self.holds(test, view, text)) != positive {
                        return None;
                    }
                    pc += 1;
                }
                Op::Start if at == 0 => pc += 1,
                Op::End if at == views.len() => pc += 1,
                Op::ClauseEnd if at == 0 || views.get(at).is_none_or(|next| next.clause != views[at - 1].clause) => pc += 1,
                Op::Start | Op::End | Op::ClauseEnd => return None,
            }
        }
    }

    #[inline]
    fn holds(&self, test: u16, view: &View, text: &str) -> bool {
        let test = &self.tests[usize::from(test)];
        test.has_word(view.word)
            && view.flags & test.flags == test.flags
            && test.classes.is_none_or(|set| contains(&self.class_sets[usize::from(set)], view.class))
            && (test.surfaces.is_empty() || {
                let surface = &text[view.start as usize..view.end as usize];
                test.surfaces.iter().any(|s| **s == *surface)
            })
    }
}

pub(super) fn contains(set: &[u64], class: u16) -> bool {
    set[usize::from(class / 64)] & (1 << (class % 64)) != 0
}

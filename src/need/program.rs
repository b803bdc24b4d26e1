//! Patterns compiled against a lexicon: what a pattern says in words becomes comparisons of small numbers.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::pattern::{Node, TestSource};
use crate::error::{Result, Text};
use crate::morphology::{ClassInfo, ConceptKind, LemmaId, Lexicon, Pos, Segmenter, Token};

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
    pub(super) clause: u16,
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

fn feature_flag(name: &str) -> Option<u16> {
    Some(match name {
        "可能" => POTENTIAL,
        "概念:疾患" => kind_flag(ConceptKind::Disease),
        "概念:部位" => kind_flag(ConceptKind::Organ),
        "概念:薬剤" => kind_flag(ConceptKind::Drug),
        "概念:治療" => kind_flag(ConceptKind::Treatment),
        "概念:検査" => kind_flag(ConceptKind::Test),
        "概念:制度" => kind_flag(ConceptKind::System),
        "概念:症状" => kind_flag(ConceptKind::Symptom),
        _ => return None,
    })
}

/// Conditions on one morpheme, as numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Test {
    /// Sorted; empty: any word.
    words: Box<[u16]>,
    surfaces: Box<[Box<str>]>,
    flags: u16,
    /// Index of a set of classes; `None`: any class.
    classes: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Test(u16),
    /// Try the first, then the second.
    Split(u16, u16),
    Jump(u16),
    Look { test: u16, ahead: bool, positive: bool },
    Start,
    End,
    ClauseEnd,
    Match,
}

/// The number of a compiled pattern's rule, as the caller of [`Compiler::add`] counts it.
pub(super) type RuleIndex = u16;

/// All patterns of the rules, compiled and indexed by the words they can begin with.
#[derive(Debug)]
pub(super) struct Programs {
    ops: Vec<Op>,
    tests: Vec<Test>,
    class_sets: Vec<Box<[u64]>>,
    /// Word → programs (rule, entry point) that can begin with it.
    by_word: Table,
    /// Class → programs that can begin with any word of it.
    by_class: Table,
    /// Programs that begin with `^` and then anything: tried once per sentence.
    at_start: Vec<(RuleIndex, u16)>,
    /// Lemma → word and flags.
    lemmas: Vec<(u16, u16)>,
    /// Words of the patterns that the dictionary does not know.
    unknown: FxHashMap<Box<str>, u16>,
}

/// Rows of `(rule, entry)` pairs in one allocation.
#[derive(Debug, Default)]
struct Table {
    starts: Vec<u32>,
    cells: Vec<(RuleIndex, u16)>,
}

impl Table {
    fn new(rows: &[Vec<(RuleIndex, u16)>]) -> Self {
        let mut out = Self { starts: vec![0], cells: Vec::new() };
        for row in rows {
            out.cells.extend(row);
            out.starts.push(u32::try_from(out.cells.len()).unwrap_or(u32::MAX));
        }
        out
    }

    fn row(&self, index: u16) -> &[(RuleIndex, u16)] {
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

    /// Calls `each` with rule and entry of every pattern that may begin at `view`, the `first` of its sentence or not.
    #[inline]
    pub(super) fn candidates(&self, view: &View, first: bool, mut each: impl FnMut(RuleIndex, u16)) {
        if view.word != 0 {
            self.by_word.row(view.word).iter().for_each(|&(rule, entry)| each(rule, entry));
        }
        self.by_class.row(view.class).iter().for_each(|&(rule, entry)| each(rule, entry));
        if first {
            self.at_start.iter().for_each(|&(rule, entry)| each(rule, entry));
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
        (test.words.is_empty() || test.words.binary_search(&view.word).is_ok())
            && view.flags & test.flags == test.flags
            && test.classes.is_none_or(|set| contains(&self.class_sets[usize::from(set)], view.class))
            && (test.surfaces.is_empty() || {
                let surface = &text[view.start as usize..view.end as usize];
                test.surfaces.iter().any(|s| **s == *surface)
            })
    }
}

fn contains(set: &[u64], class: u16) -> bool {
    set[usize::from(class / 64)] & (1 << (class % 64)) != 0
}

/// Compiles patterns one by one.
pub(super) struct Compiler {
    lexicon: Arc<Lexicon>,
    segmenter: Segmenter,
    tokens: Vec<Token>,
    ops: Vec<Op>,
    tests: Vec<Test>,
    class_sets: Vec<Box<[u64]>>,
    words: Vec<Box<str>>,
    word_ids: FxHashMap<Box<str>, u16>,
    entries: Vec<(RuleIndex, u16)>,
}

impl Compiler {
    /// For one lexicon.
    pub(super) fn new(lexicon: &Arc<Lexicon>) -> Self {
        Self {
            lexicon: Arc::clone(lexicon),
            segmenter: lexicon.segmenter(),
            tokens: Vec::new(),
            ops: Vec::new(),
            tests: Vec::new(),
            class_sets: Vec::new(),
            words: vec!["".into()],
            word_ids: FxHashMap::default(),
            entries: Vec::new(),
        }
    }

    /// Compiles `node` as a pattern of `rule`, found wherever it begins.
    ///
    /// # Errors
    /// A sentence that says what is wrong; the caller adds the place.
    pub(super) fn add(&mut self, rule: RuleIndex, node: &Node) -> Result<(), Text> {
        let entry = self.add_anchored(node)?;
        self.entries.push((rule, entry));
        Ok(())
    }

    /// Compiles `node` as a pattern that is only tried at given places.
    ///
    /// # Errors
    /// As [`Compiler::add`].
    pub(super) fn add_anchored(&mut self, node: &Node) -> Result<u16, Text> {
        let entry = self.here()?;
        self.node(node)?;
        self.ops.push(Op::Match);
        Ok(entry)
    }

    fn here(&self) -> Result<u16, Text> {
        u16::try_from(self.ops.len()).map_err(|_| Text::new("型が多すぎます", "too many patterns"))
    }

    fn node(&mut self, node: &Node) -> Result<(), Text> {
        match node {
            Node::Test(test) => match self.compounds(test) {
                Some(alternatives) => self.node(&alternatives)?,
                None => {
                    let test = self.test(test)?;
                    self.ops.push(Op::Test(test));
                }
            },
            Node::Phrase(phrase) => self.phrase(phrase)?,
            Node::Seq(nodes) => nodes.iter().try_for_each(|n| self.node(n))?,
            Node::Alt(branches) => {
                let mut jumps = Vec::new();
                for (i, branch) in branches.iter().enumerate() {
                    let last = i + 1 == branches.len();
                    let split = self.ops.len();
                    if !last {
                        self.ops.push(Op::Match);
                    }
                    self.node(branch)?;
                    if !last {
                        jumps.push(self.ops.len());
                        self.ops.push(Op::Match);
                        self.ops[split] = Op::Split(to_u16(split + 1)?, self.here()?);
                    }
                }
                let end = self.here()?;
                jumps.into_iter().for_each(|j| self.ops[j] = Op::Jump(end));
            }
            Node::Repeat { node, min, max } => {
                for _ in 0..*min {
                    self.node(node)?;
                }
                let mut splits = Vec::new();
                for _ in *min..*max {
                    splits.push(self.ops.len());
                    self.ops.push(Op::Match);
                    self.node(node)?;
                }
                let end = self.here()?;
                for split in splits {
                    self.ops[split] = Op::Split(to_u16(split + 1)?, end);
                }
            }
            Node::Look { test, ahead, positive } => {
                let test = self.test(test)?;
                self.ops.push(Op::Look { test, ahead: *ahead, positive: *positive });
            }
            Node::Start => self.ops.push(Op::Start),
            Node::End => self.ops.push(Op::End),
            Node::ClauseEnd => self.ops.push(Op::ClauseEnd),
        }
        Ok(())
    }

    /// Words the dictionary cuts into several morphemes (治療費) become phrases beside the words it knows.
    fn compounds(&mut self, test: &TestSource) -> Option<Node> {
        if !test.surfaces.is_empty() || !test.features.is_empty() {
            return None;
        }
        let mut tokens = std::mem::take(&mut self.tokens);
        let (mut words, mut phrases) = (Vec::new(), Vec::new());
        for lemma in &test.lemmas {
            let known = self.lexicon.find_lemma(lemma).is_some();
            if known || self.segmenter.segment(lemma, &mut tokens).is_err() || tokens.len() < 2 {
                words.push(lemma.clone());
            } else {
                phrases.push(Node::Phrase(lemma.clone()));
            }
        }
        self.tokens = tokens;
        if phrases.is_empty() {
            return None;
        }
        if !words.is_empty() {
            phrases.push(Node::Test(TestSource { lemmas: words, ..TestSource::default() }));
        }
        Some(Node::Alt(phrases))
    }

    fn phrase(&mut self, phrase: &str) -> Result<(), Text> {
        let mut tokens = std::mem::take(&mut self.tokens);
        let segmented = self.segmenter.segment(phrase, &mut tokens);
        if segmented.is_err() {
            return Err(Text::new("句を形態素に分けられません", "the phrase cannot be segmented"));
        }
        for token in &tokens {
            let lemma = self.lexicon.lemma(token, phrase).to_owned();
            let word = self.word(&lemma)?;
            let test = self.intern(Test { words: Box::new([word]), ..Test::default() })?;
            self.ops.push(Op::Test(test));
        }
        self.tokens = tokens;
        Ok(())
    }

    fn test(&mut self, source: &TestSource) -> Result<u16, Text> {
        let mut words = source.lemmas.iter().map(|l| self.word(l)).collect::<Result<Vec<_>, _>>()?;
        words.sort_unstable();
        let mut test = Test {
            words: words.into(),
            surfaces: source.surfaces.iter().map(|s| s.as_str().into()).collect(),
            ..Test::default()
        };
        let mut class_features = Vec::new();
        for feature in &source.features {
            match feature_flag(feature) {
                Some(flag) => test.flags |= flag,
                None => class_features.push(feature.as_str()),
            }
        }
        if !class_features.is_empty() {
            test.classes = Some(self.class_set(&class_features)?);
        }
        self.intern(test)
    }

    fn class_set(&mut self, features: &[&str]) -> Result<u16, Text> {
        let classes = self.lexicon.classes();
        let mut set = vec![0u64; classes.len().div_ceil(64)];
        for (i, class) in classes.iter().enumerate() {
            if features.iter().all(|f| has_feature(class, f)) {
                set[i / 64] |= 1 << (i % 64);
            }
        }
        if set.iter().all(|s| *s == 0) {
            let list = features.join(",");
            return Err(Text::new(format!("辞書に <{list}> の語がありません"), format!("the dictionary has no <{list}>")));
        }
        let set: Box<[u64]> = set.into();
        let known = self.class_sets.iter().position(|s| *s == set);
        to_u16(known.unwrap_or_else(|| {
            self.class_sets.push(set);
            self.class_sets.len() - 1
        }))
    }

    fn intern(&mut self, test: Test) -> Result<u16, Text> {
        let known = self.tests.iter().position(|t| *t == test);
        to_u16(known.unwrap_or_else(|| {
            self.tests.push(test);
            self.tests.len() - 1
        }))
    }

    fn word(&mut self, lemma: &str) -> Result<u16, Text> {
        if let Some(id) = self.word_ids.get(lemma) {
            return Ok(*id);
        }
        let id = to_u16(self.words.len())?;
        self.words.push(lemma.into());
        self.word_ids.insert(lemma.into(), id);
        Ok(id)
    }

    /// Indexes everything that was added.
    ///
    /// # Errors
    /// The rule of a pattern that could begin anywhere.
    pub(super) fn finish(mut self, not_potential: &BTreeSet<String>) -> Result<Programs, RuleIndex> {
        let mut at_start = Vec::new();
        let mut by_word = vec![Vec::new(); self.words.len()];
        let mut by_class = vec![Vec::new(); self.lexicon.classes().len()];
        for &(rule, entry) in &self.entries {
            let mut first = Vec::new();
            if !self.first_tests(usize::from(entry), &mut first) {
                if self.ops[usize::from(entry)] == Op::Start {
                    at_start.push((rule, entry));
                    continue;
                }
                return Err(rule);
            }
            for test in first {
                let test = &self.tests[usize::from(test)];
                if test.words.is_empty() {
                    for (class, row) in by_class.iter_mut().enumerate() {
                        if self.may_begin(test, class) && !row.contains(&(rule, entry)) {
                            row.push((rule, entry));
                        }
                    }
                } else {
                    for word in &test.words {
                        let row = &mut by_word[usize::from(*word)];
                        if !row.contains(&(rule, entry)) {
                            row.push((rule, entry));
                        }
                    }
                }
            }
        }
        let mut lemmas = vec![(0u16, 0u16); self.lexicon.lemma_count()];
        let mut unknown = FxHashMap::default();
        for (id, word) in (0u16..).zip(&self.words).skip(1) {
            match self.lexicon.find_lemma(word) {
                Some(lemma) => lemmas[lemma.0 as usize].0 = id,
                None => {
                    unknown.insert(word.clone(), id);
                }
            }
        }
        for (lemma, cell) in (0u32..).map(LemmaId).zip(&mut lemmas) {
            cell.1 = self.flags(lemma, not_potential);
        }
        self.words.clear();
        Ok(Programs {
            ops: self.ops,
            tests: self.tests,
            class_sets: self.class_sets,
            by_word: Table::new(&by_word),
            by_class: Table::new(&by_class),
            at_start,
            lemmas,
            unknown,
        })
    }

    /// The tests a program can begin with; false where it can begin with nothing at all.
    fn first_tests(&self, pc: usize, out: &mut Vec<u16>) -> bool {
        match self.ops[pc] {
            Op::Test(test) => {
                out.push(test);
                let t = &self.tests[usize::from(test)];
                !t.words.is_empty() || t.classes.is_some() || t.flags != 0
            }
            Op::Split(a, b) => self.first_tests(usize::from(a), out) && self.first_tests(usize::from(b), out),
            Op::Jump(to) => self.first_tests(usize::from(to), out),
            Op::Look { .. } | Op::Start => self.first_tests(pc + 1, out),
            Op::End | Op::ClauseEnd | Op::Match => false,
        }
    }

    /// Whether a morpheme of `class` can pass a test that names no word.
    fn may_begin(&self, test: &Test, class: usize) -> bool {
        let info = &self.lexicon.classes()[class];
        let in_set = test.classes.is_none_or(|set| contains(&self.class_sets[usize::from(set)], u16::try_from(class).unwrap_or(u16::MAX)));
        let can_flag = test.flags == 0
            || (test.flags & POTENTIAL != 0 && info.pos == Pos::Verb && info.conjugation_type.starts_with("一段"))
            || (test.flags & !POTENTIAL != 0 && info.pos == Pos::Noun);
        in_set && can_flag
    }

    fn flags(&self, lemma: LemmaId, not_potential: &BTreeSet<String>) -> u16 {
        let text = self.lexicon.lemma_text(lemma).unwrap_or_default();
        let mut flags = self.lexicon.concepts_of(lemma).iter().fold(0, |f, id| f | kind_flag(self.lexicon.concept(*id).kind));
        if !not_potential.contains(text)
            && let Some(godan) = godan_of(text)
            && self.lexicon.find_lemma(&godan).is_some()
        {
            flags |= POTENTIAL;
        }
        flags
    }
}

fn to_u16(n: usize) -> Result<u16, Text> {
    u16::try_from(n).map_err(|_| Text::new("型が多すぎます", "too many patterns"))
}

/// The verb a potential verb in -eru would come from: 言える ← 言う, 選べる ← 選ぶ.
fn godan_of(lemma: &str) -> Option<String> {
    let stem = lemma.strip_suffix('る')?;
    let last = stem.chars().last()?;
    let ending = match last {
        'え' => 'う',
        'け' => 'く',
        'げ' => 'ぐ',
        'せ' => 'す',
        'て' => 'つ',
        'ね' => 'ぬ',
        'べ' => 'ぶ',
        'め' => 'む',
        'れ' => 'る',
        _ => return None,
    };
    let root = &stem[..stem.len() - last.len_utf8()];
    (!root.is_empty()).then(|| format!("{root}{ending}"))
}

fn has_feature(class: &ClassInfo, feature: &str) -> bool {
    let pos = match class.pos {
        Pos::Noun => "名詞",
        Pos::Verb => "動詞",
        Pos::Adjective => "形容詞",
        Pos::Adverb => "副詞",
        Pos::Particle => "助詞",
        Pos::Auxiliary => "助動詞",
        Pos::Conjunction => "接続詞",
        Pos::Adnominal => "連体詞",
        Pos::Interjection => "感動詞",
        Pos::Prefix => "接頭詞",
        Pos::Filler => "フィラー",
        Pos::Symbol => "記号",
        Pos::Other => "その他",
        Pos::Placeholder => "伏せ字",
    };
    pos == feature
        || class.detail.iter().any(|d| d == feature)
        // 未然形 is also 未然ウ接続 and 未然ヌ接続 written out in full; 連用 means every 連用 form.
        || class.conjugation_form == feature
        || class.conjugation_type == feature
        || (feature.chars().count() == 2 && class.conjugation_form.starts_with(feature))
}

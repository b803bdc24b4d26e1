//! Compilation: a pattern's words, features and phrases become a program of small numbers for one lexicon.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::pattern::{Node, TestSource};
use super::program::{ANY, Index, Marks, NEEDS, Op, POTENTIAL, Pass, Program, Programs, RuleIndex, Table, Test, contains, kind_flag, mark};
use crate::error::{Result, Text};
use crate::morphology::{ClassInfo, ConceptKind, LemmaId, Lexicon, Pos, Segmenter, Token};

/// A part of a pattern: what consumes morphemes one after the other.
#[derive(Debug, Clone, Copy)]
struct Part {
    /// Marks of the words of which one stands in it; 0: any word may.
    marks: Marks,
    /// It may consume nothing, so that the next part is what the pattern begins with.
    optional: bool,
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
    marks: Vec<Marks>,
    word_ids: FxHashMap<Box<str>, u16>,
    entries: [Vec<Program>; 2],
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
            marks: vec![0],
            word_ids: FxHashMap::default(),
            entries: Default::default(),
        }
    }

    /// Compiles `node` as a pattern of `rule`, found wherever it begins.
    ///
    /// # Errors
    /// A sentence that says what is wrong; the caller adds the place.
    pub(super) fn add(&mut self, pass: Pass, rule: RuleIndex, node: &Node) -> Result<(), Text> {
        let entry = self.add_anchored(node)?;
        let mut parts = Vec::new();
        self.required(node, &mut parts)?;
        // The first part that consumes something is what the pattern is found by; of those behind it the smallest tell most.
        let behind = parts.into_iter().skip_while(|part| part.optional).skip(1);
        let mut sets: Vec<Marks> = behind.map(|part| part.marks).filter(|marks| *marks != 0).collect();
        sets.sort_by_key(|marks| marks.count_ones());
        sets.resize(NEEDS, ANY);
        let needs = std::array::from_fn(|i| sets[i]);
        self.entries[pass as usize].push(Program { rule, entry, flags: 0, next: ANY, needs });
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

    /// Appends the parts of `node` in order: of each, the marks of the words that no match can do without.
    fn required(&mut self, node: &Node, parts: &mut Vec<Part>) -> Result<(), Text> {
        let mut part = |marks| parts.push(Part { marks, optional: false });
        match node {
            Node::Test(test) => match self.compounds(test) {
                Some(alternatives) => self.required(&alternatives, parts)?,
                None => {
                    let words = test.lemmas.iter().map(|l| self.word(l)).collect::<Result<Vec<_>, _>>()?;
                    part(words.into_iter().fold(0, |set, w| set | self.marks[usize::from(w)]));
                }
            },
            Node::Phrase(phrase) => {
                for lemma in self.cut(phrase)? {
                    let word = self.word(&lemma)?;
                    part(self.marks[usize::from(word)]);
                }
            }
            Node::Seq(nodes) => nodes.iter().try_for_each(|n| self.required(n, parts))?,
            Node::Alt(branches) => {
                // A branch can be told by any of its parts; one without words makes the whole untellable.
                let mut whole = Part { marks: 0, optional: false };
                let mut tellable = true;
                for branch in branches {
                    let mut own = Vec::new();
                    self.required(branch, &mut own)?;
                    whole.optional |= own.iter().all(|part| part.optional);
                    match own.into_iter().map(|part| part.marks).filter(|marks| *marks != 0).min_by_key(|marks| marks.count_ones()) {
                        Some(marks) => whole.marks |= marks,
                        None => tellable = false,
                    }
                }
                parts.push(if tellable { whole } else { Part { marks: 0, ..whole } });
            }
            Node::Repeat { node, min, .. } if *min > 0 => self.required(node, parts)?,
            Node::Repeat { .. } => parts.push(Part { marks: 0, optional: true }),
            Node::Look { .. } | Node::Start | Node::End | Node::ClauseEnd => {}
        }
        Ok(())
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
        for lemma in self.cut(phrase)? {
            let word = self.word(&lemma)?;
            let test = self.intern(Test::of_words(vec![word]))?;
            self.ops.push(Op::Test(test));
        }
        Ok(())
    }

    /// The base forms of a phrase.
    fn cut(&mut self, phrase: &str) -> Result<Vec<String>, Text> {
        let mut tokens = std::mem::take(&mut self.tokens);
        let segmented = self.segmenter.segment(phrase, &mut tokens);
        let lemmas = tokens.iter().map(|t| self.lexicon.lemma(t, phrase).to_owned()).collect();
        self.tokens = tokens;
        segmented.map(|()| lemmas).map_err(|_| Text::new("句を形態素に分けられません", "the phrase cannot be segmented"))
    }

    fn test(&mut self, source: &TestSource) -> Result<u16, Text> {
        let mut test = Test::of_words(source.lemmas.iter().map(|l| self.word(l)).collect::<Result<_, _>>()?);
        test.surfaces = source.surfaces.iter().map(|s| s.as_str().into()).collect();
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
        self.marks.push(mark(id, lemma));
        self.word_ids.insert(lemma.into(), id);
        Ok(id)
    }

    /// Indexes everything that was added.
    ///
    /// # Errors
    /// The rule of a pattern that could begin anywhere.
    pub(super) fn finish(mut self, not_potential: &BTreeSet<String>) -> Result<Programs, RuleIndex> {
        let indexes = [self.index(Pass::Cues)?, self.index(Pass::Seeds)?];
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
        Ok(Programs { ops: self.ops, tests: self.tests, class_sets: self.class_sets, indexes, marks: self.marks, lemmas, unknown })
    }

    fn index(&self, pass: Pass) -> Result<Index, RuleIndex> {
        let mut at_start = Vec::new();
        let mut by_word = vec![Vec::new(); self.words.len()];
        let mut by_class = vec![Vec::new(); self.lexicon.classes().len()];
        for &program in &self.entries[pass as usize] {
            let entry = usize::from(program.entry);
            let mut first = Vec::new();
            if !self.first_tests(entry, &mut first) {
                if self.ops[entry] != Op::Start {
                    return Err(program.rule);
                }
                at_start.push(program);
                continue;
            }
            for (test, behind) in first {
                let test = &self.tests[usize::from(test)];
                let program = Program { flags: test.flags, next: self.next_marks(behind), ..program };
                let classes = (0..by_class.len()).filter(|c| test.words().is_empty() && self.may_begin(test, *c)).collect::<Vec<_>>();
                let word_rows = test.words().iter().map(|w| usize::from(*w));
                word_rows.for_each(|w| push_once(&mut by_word[w], program));
                classes.into_iter().for_each(|c| push_once(&mut by_class[c], program));
            }
        }
        Ok(Index { by_word: Table::new(&by_word), by_class: Table::new(&by_class), at_start })
    }

    /// The marks of the words that can stand at `pc`; [`ANY`] among them where any word can, or none need.
    fn next_marks(&self, pc: usize) -> Marks {
        match self.ops[pc] {
            Op::Test(test) => {
                let words = self.tests[usize::from(test)].words();
                if words.is_empty() { ANY } else { words.iter().fold(0, |set, word| set | self.marks[usize::from(*word)]) }
            }
            Op::Split(a, b) => self.next_marks(usize::from(a)) | self.next_marks(usize::from(b)),
            Op::Jump(to) => self.next_marks(usize::from(to)),
            Op::Look { .. } | Op::Start | Op::End | Op::ClauseEnd => self.next_marks(pc + 1),
            Op::Match => ANY,
        }
    }

    /// The tests a program can begin with, and what stands behind each; false where it can begin with nothing at all.
    fn first_tests(&self, pc: usize, out: &mut Vec<(u16, usize)>) -> bool {
        match self.ops[pc] {
            Op::Test(test) => {
                out.push((test, pc + 1));
                let t = &self.tests[usize::from(test)];
                !t.words().is_empty() || t.classes.is_some() || t.flags != 0
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

fn push_once(row: &mut Vec<Program>, program: Program) {
    match row.iter_mut().find(|known| known.rule == program.rule && known.entry == program.entry) {
        Some(known) => {
            known.flags &= program.flags;
            known.next |= program.next;
        }
        None => row.push(program),
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

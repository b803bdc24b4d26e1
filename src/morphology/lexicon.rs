//! The lexicon: a compiled lindera dictionary, the rare-cancer concepts as its user dictionary, and for every word the
//! class and lemma, resolved once.

use std::path::Path;
use std::sync::Arc;

use lindera::mode::Mode;
use lindera_dictionary::builder::DictionaryBuilder;
use lindera_dictionary::dictionary::{Dictionary, UserDictionary};
use lindera_dictionary::viterbi::{LexType, WordId};
use rustc_hash::FxHashMap;

use super::{ClassInfo, Concept, ConceptId, Concepts, Segmenter, WordClass};
use crate::consultation::IdentifierType;
use crate::error::{Error, ErrorKind, Result, Text};

lindera_dictionary::embedded_dictionary!("/ipadic", EmbeddedIpadic);

/// Index of a base form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LemmaId(pub u32);

impl LemmaId {
    /// The word is in no dictionary: its surface is its base form.
    pub const SURFACE: Self = Self(u32::MAX);
}

/// MeCab's `max-grouping-size`: longer runs of one character class are cut.
const MAX_GROUPING_LEN: usize = 24;

/// Word cost of a user entry: far below what the pieces of a compound cost together, far above lindera's −10000, which
/// wins at any price and splits neighbours (東京都 with an entry 京都).
const CONCEPT_COST: i16 = 1000;

/// An everyday noun whose connection ids every entry of the user dictionary takes over.
const MODEL_NOUN: &str = "病気";

/// Words and what is known about them. Immutable, shared by all threads.
pub struct Lexicon {
    pub(super) segmenter: lindera::segmenter::Segmenter,
    name: String,
    system: Vec<(LemmaId, WordClass)>,
    user: Vec<(LemmaId, WordClass)>,
    unknown: Vec<WordClass>,
    classes: Vec<ClassInfo>,
    lemmas: Lemmas,
    concepts: Concepts,
    concepts_of: FxHashMap<LemmaId, Vec<ConceptId>>,
}

impl Lexicon {
    /// The embedded IPADIC with `concepts`.
    ///
    /// # Errors
    /// When the embedded dictionary or the user dictionary cannot be loaded.
    pub fn embedded(concepts: Concepts) -> Result<Self> {
        let dictionary = load().map_err(|e| dictionary_error(&e))?;
        Self::new("IPADIC 2.7.0-20070801", dictionary, concepts)
    }

    /// A compiled lindera dictionary of `dir` with `concepts`.
    ///
    /// # Errors
    /// When `dir` is not a compiled lindera dictionary of this lindera's format.
    pub fn from_dir(dir: &Path, concepts: Concepts) -> Result<Self> {
        let dictionary = Dictionary::load_from_path(dir).map_err(|e| {
            Error::new(
                ErrorKind::Dictionary,
                Text::new(
                    "lindera のコンパイル済み辞書として読めません。`lindera build` の出力フォルダを指定してください",
                    "not a compiled lindera dictionary; name the output folder of `lindera build`",
                ),
            )
            .at(dir, 0)
            .because(e.to_string())
        })?;
        let name = dictionary.metadata.name.clone();
        Self::new(&name, dictionary, concepts)
    }

    fn new(name: &str, dictionary: Dictionary, concepts: Concepts) -> Result<Self> {
        let user = user_dictionary(&dictionary, &concepts)?;
        let fields = Fields::of(&dictionary);
        let mut tables = Tables::default();
        let words = dictionary.prefix_dictionary.words_idx_data.len() / size_of::<u32>();
        let system = (0..words).map(|id| tables.resolve(&fields, dictionary.word_details_iter(id), true, false)).collect();
        let user_words = concepts.surfaces().count();
        let user_table = (0..user_words).map(|id| tables.resolve(&fields, user.word_details_iter(id), true, true)).collect();
        let unknown = (0..dictionary.unknown_dictionary.costs.len())
            .map(|id| tables.resolve(&fields, dictionary.unknown_word_details_iter(id), false, false).1)
            .collect();
        for kind in IdentifierType::ALL {
            tables.class(["〔〕", kind.code(), "*", "*", "*", "*"], true, false);
            tables.lemmas.intern(kind.placeholder());
        }
        let mut concepts_of: FxHashMap<LemmaId, Vec<ConceptId>> = FxHashMap::default();
        for (surface, ids) in concepts.surfaces() {
            let lemma = match ids {
                [one] => concepts.get(*one).canonical.as_str(),
                _ => surface,
            };
            if let Some(lemma) = tables.lemmas.find(lemma) {
                concepts_of.insert(lemma, ids.to_vec());
            }
        }
        let segmenter = lindera::segmenter::Segmenter::new(Mode::Normal, dictionary, Some(user)).max_grouping_len(Some(MAX_GROUPING_LEN));
        Ok(Self {
            segmenter,
            name: name.to_owned(),
            system,
            user: user_table,
            unknown,
            classes: tables.classes,
            lemmas: tables.lemmas,
            concepts,
            concepts_of,
        })
    }

    /// A segmenter for one thread. Copies the user dictionary: make one per thread, not per chunk.
    pub fn segmenter(self: &Arc<Self>) -> Segmenter {
        Segmenter::new(Arc::clone(self))
    }

    /// lindera's own worker over the same dictionaries: what benchmarks compare with.
    #[doc(hidden)]
    pub fn bare_worker(&self) -> lindera::worker::SegmentWorker {
        self.segmenter.new_worker()
    }

    /// Name and version of the dictionary, for manifests.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is known about a class.
    pub fn class(&self, class: WordClass) -> &ClassInfo {
        &self.classes[usize::from(class.0)]
    }

    /// All classes, by number.
    pub fn classes(&self) -> &[ClassInfo] {
        &self.classes
    }

    /// The class and lemma that stand for a removed identifier of that type.
    pub fn placeholder(&self, kind: IdentifierType) -> (LemmaId, WordClass) {
        let class = self.classes.iter().position(|c| c.pos == super::Pos::Placeholder && c.detail[0] == kind.code());
        let lemma = self.lemmas.find(kind.placeholder()).unwrap_or(LemmaId::SURFACE);
        (lemma, WordClass(class.map_or(0, |c| u16::try_from(c).unwrap_or_default())))
    }

    /// The base form of a token in `text`.
    pub fn lemma<'a>(&'a self, token: &super::Token, text: &'a str) -> &'a str {
        if token.lemma == LemmaId::SURFACE { token.surface(text) } else { self.lemmas.get(token.lemma) }
    }

    /// The base form of that id.
    pub fn lemma_text(&self, lemma: LemmaId) -> Option<&str> {
        (lemma != LemmaId::SURFACE).then(|| self.lemmas.get(lemma))
    }

    /// The id of a base form, if any dictionary has it.
    pub fn find_lemma(&self, lemma: &str) -> Option<LemmaId> {
        self.lemmas.find(lemma)
    }

    /// All base forms in the order of their ids.
    pub fn lemmas(&self) -> impl Iterator<Item = &str> {
        (0..u32::try_from(self.lemmas.ends.len()).unwrap_or(u32::MAX)).map(|id| self.lemmas.get(LemmaId(id)))
    }

    /// How many base forms there are: ids are below this.
    pub fn lemma_count(&self) -> usize {
        self.lemmas.ends.len()
    }

    /// Base form and class of every word of the system dictionary, by word id.
    pub fn words(&self) -> impl Iterator<Item = (LemmaId, WordClass)> + '_ {
        self.system.iter().copied()
    }

    /// The concepts a lemma can mean: none for an ordinary word, several where it is ambiguous.
    pub fn concepts_of(&self, lemma: LemmaId) -> &[ConceptId] {
        self.concepts_of.get(&lemma).map_or(&[], Vec::as_slice)
    }

    /// The concept of that id.
    pub fn concept(&self, id: ConceptId) -> &Concept {
        self.concepts.get(id)
    }

    /// All concepts.
    pub fn concepts(&self) -> &Concepts {
        &self.concepts
    }

    pub(super) fn resolve(&self, word: WordId) -> (LemmaId, WordClass) {
        let id = word.id() as usize;
        match word.lex_type() {
            LexType::System => self.system[id],
            LexType::User => self.user[id],
            LexType::Unknown => (LemmaId::SURFACE, self.unknown[id]),
        }
    }
}

fn dictionary_error(error: &lindera::error::LinderaError) -> Error {
    Error::new(ErrorKind::Dictionary, Text::new("形態素解析辞書を読み込めません", "cannot load the morphological dictionary"))
        .because(error.to_string())
}

/// The concepts as detailed user-dictionary rows. Rows stand in the order of [`Concepts::surfaces`], which is the order
/// of their word ids.
fn user_dictionary(dictionary: &Dictionary, concepts: &Concepts) -> Result<UserDictionary> {
    let model = dictionary.prefix_dictionary.find_surface(MODEL_NOUN);
    let (left, right) = model.first().map_or((0, 0), |entry| (entry.left_id(), entry.right_id()));
    let fields = Fields::of(dictionary);
    let width = dictionary.metadata.dictionary_schema.field_count().max(4) - 4;
    let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    for (surface, ids) in concepts.surfaces() {
        let base = match ids {
            [one] => concepts.get(*one).canonical.as_str(),
            _ => surface,
        };
        let mut details = vec!["*"; width];
        for (slot, value) in [(fields.pos, "名詞"), (fields.detail1, "固有名詞"), (fields.base, base)] {
            if let Some(cell) = slot.and_then(|i| details.get_mut(i)) {
                *cell = value;
            }
        }
        let (left, right, cost) = (left.to_string(), right.to_string(), CONCEPT_COST.to_string());
        let row = [surface, &left, &right, &cost].into_iter().chain(details);
        csv.write_record(row).map_err(|e| {
            Error::new(ErrorKind::Internal, Text::new("ユーザ辞書を作れません", "cannot build the user dictionary")).because(e)
        })?;
    }
    let bytes = csv
        .into_inner()
        .map_err(|_| Error::new(ErrorKind::Internal, Text::new("ユーザ辞書を作れません", "cannot build the user dictionary")))?;
    DictionaryBuilder::new((*dictionary.metadata).clone()).build_user_dict_from_reader(bytes.as_slice()).map_err(|e| dictionary_error(&e))
}

/// Where in a word's details the fields stand (they differ between IPADIC and UniDic).
struct Fields {
    pos: Option<usize>,
    detail1: Option<usize>,
    detail2: Option<usize>,
    detail3: Option<usize>,
    conjugation_type: Option<usize>,
    conjugation_form: Option<usize>,
    base: Option<usize>,
}

impl Fields {
    fn of(dictionary: &Dictionary) -> Self {
        let schema = &dictionary.metadata.dictionary_schema;
        // The schema counts surface, two context ids and the cost, which the details leave out.
        let at = |names: &[&str]| names.iter().find_map(|n| schema.get_field_index(n)).and_then(|i| i.checked_sub(4));
        let first = |dictionary_order: usize, names: &[&str]| at(names).or(Some(dictionary_order));
        // IPADIC's schema of lindera names the columns 活用型 and 活用形 "conjugation_form" and "conjugation_type".
        let ipadic = dictionary.metadata.name.starts_with("ipadic");
        let (kind, form) = if ipadic { ("conjugation_form", "conjugation_type") } else { ("conjugation_type", "conjugation_form") };
        Self {
            pos: first(0, &["part_of_speech"]),
            detail1: at(&["part_of_speech_subcategory_1"]),
            detail2: at(&["part_of_speech_subcategory_2"]),
            detail3: at(&["part_of_speech_subcategory_3"]),
            conjugation_type: at(&[kind]),
            conjugation_form: at(&[form]),
            base: at(&["base_form", "orthographic_base_form", "lexeme", "dictionary_form", "normalized_form"]),
        }
    }
}

/// The classes and lemmas met so far while a dictionary is read.
#[derive(Default)]
struct Tables {
    classes: Vec<ClassInfo>,
    class_ids: FxHashMap<Box<str>, WordClass>,
    key: String,
    lemmas: Lemmas,
}

impl Tables {
    fn resolve<'a>(&mut self, fields: &Fields, details: impl Iterator<Item = &'a str>, known: bool, concept: bool) -> (LemmaId, WordClass) {
        let mut cells = ["*"; 32];
        for (cell, value) in cells.iter_mut().zip(details) {
            *cell = value;
        }
        let get = |slot: Option<usize>| slot.and_then(|i| cells.get(i)).copied().unwrap_or("*");
        let class = self.class(
            [
                get(fields.pos),
                get(fields.detail1),
                get(fields.detail2),
                get(fields.detail3),
                get(fields.conjugation_type),
                get(fields.conjugation_form),
            ],
            known,
            concept,
        );
        let lemma = match get(fields.base) {
            "*" | "" => LemmaId::SURFACE,
            base => self.lemmas.intern(base),
        };
        (lemma, class)
    }

    fn class(&mut self, fields: [&str; 6], known: bool, concept: bool) -> WordClass {
        self.key.clear();
        for field in fields.iter().chain(&[if known { "1" } else { "0" }, if concept { "1" } else { "0" }]) {
            self.key.push_str(field);
            self.key.push('\0');
        }
        if let Some(id) = self.class_ids.get(self.key.as_str()) {
            return *id;
        }
        let id = WordClass(u16::try_from(self.classes.len()).unwrap_or(u16::MAX));
        self.classes.push(ClassInfo::new(fields, known, concept));
        self.class_ids.insert(self.key.as_str().into(), id);
        id
    }
}

/// Base forms: one string, ends, and an index by content.
#[derive(Default)]
struct Lemmas {
    text: String,
    ends: Vec<u32>,
    ids: FxHashMap<Box<str>, LemmaId>,
}

impl Lemmas {
    fn intern(&mut self, lemma: &str) -> LemmaId {
        if let Some(id) = self.ids.get(lemma) {
            return *id;
        }
        let id = LemmaId(u32::try_from(self.ends.len()).unwrap_or(u32::MAX - 1));
        self.text.push_str(lemma);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.ids.insert(lemma.into(), id);
        id
    }

    fn find(&self, lemma: &str) -> Option<LemmaId> {
        self.ids.get(lemma).copied()
    }

    fn get(&self, id: LemmaId) -> &str {
        let i = id.0 as usize;
        let start = i.checked_sub(1).map_or(0, |p| self.ends[p] as usize);
        &self.text[start..self.ends[i] as usize]
    }
}

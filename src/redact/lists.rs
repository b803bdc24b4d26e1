//! Word lists that tell names from words. Plain text, one word a line, `#` begins a comment; a comment that begins with
//! `# ambiguous` opens a section of words that count only next to another cue, any other comment closes it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::ContextTable;
use crate::error::{Error, ErrorKind, Result, Text};

/// Whether a listed word is what the list says wherever it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Also an ordinary word or a place: counts next to another cue only.
    Ambiguous,
    /// Counts on its own.
    Sure,
}

/// One list.
#[derive(Debug, Clone, Default)]
pub struct WordList {
    words: FxHashMap<Box<str>, Certainty>,
    /// The first characters of the words: most texts are turned away by it.
    initials: FxHashSet<char>,
    longest_chars: usize,
}

impl WordList {
    /// Reads `text`; `file` is named in errors.
    ///
    /// # Errors
    /// A line with white space, a comma or a control character inside, or longer than 40 characters.
    pub fn parse(file: &str, text: &str) -> Result<Self> {
        const LONGEST: usize = 40;
        let mut out = Self::default();
        let mut certainty = Certainty::Sure;
        for (line, row) in (1u64..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let word = row.trim();
            if let Some(comment) = word.strip_prefix('#') {
                certainty = if comment.trim_start().starts_with("ambiguous") { Certainty::Ambiguous } else { Certainty::Sure };
                continue;
            }
            if word.is_empty() {
                continue;
            }
            let chars = word.chars().count();
            if chars > LONGEST || word.contains(|c: char| c == ',' || c == '、' || c.is_whitespace() || c.is_control()) {
                return Err(Error::new(
                    ErrorKind::Dictionary,
                    Text::new(
                        "一行に一語だけを書いてください（空白・読点・40字を超える語は使えません）",
                        "expected one word a line without spaces or commas, at most 40 characters",
                    ),
                )
                .at(file, line));
            }
            out.longest_chars = out.longest_chars.max(chars);
            out.initials.extend(word.chars().next());
            let entry = out.words.entry(word.into()).or_insert(certainty);
            *entry = (*entry).max(certainty);
        }
        Ok(out)
    }

    /// What the list says about `word`.
    pub fn get(&self, word: &str) -> Option<Certainty> {
        self.words.get(word).copied()
    }

    /// Whether `word` is listed, surely or ambiguously.
    pub fn contains(&self, word: &str) -> bool {
        self.words.contains_key(word)
    }

    /// The bytes of the longest listed word `text` begins with.
    pub fn prefix_of(&self, text: &str) -> Option<usize> {
        if !text.chars().next().is_some_and(|c| self.initials.contains(&c)) {
            return None;
        }
        let ends = text.char_indices().skip(1).map(|(i, _)| i).chain([text.len()]).take(self.longest_chars);
        ends.filter(|&end| end <= text.len() && self.contains(&text[..end])).last()
    }

    /// Whether a listed word stands anywhere in `text`.
    pub fn is_within(&self, text: &str) -> bool {
        let ends = |from: usize| text[from..].char_indices().map(move |(i, c)| from + i + c.len_utf8()).take(self.longest_chars);
        text.char_indices()
            .filter(|(_, c)| self.initials.contains(c))
            .any(|(from, _)| ends(from).any(|end| self.contains(&text[from..end])))
    }

    /// How many words are listed.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether nothing is listed.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words in order, for building tables.
    pub fn sorted(&self) -> Vec<(&str, Certainty)> {
        let mut words: Vec<_> = self.words.iter().map(|(w, c)| (&**w, *c)).collect();
        words.sort_unstable();
        words
    }
}

/// All lists redaction reads.
#[derive(Debug, Clone, Default)]
pub struct IdentifierLists {
    /// Surnames.
    pub surnames: WordList,
    /// Given names.
    pub given_names: WordList,
    /// Municipalities with their 市区町村.
    pub municipalities: WordList,
    /// What follows a name: さん, 先生, 医師.
    pub honorifics: WordList,
    /// What takes an honorific and is no name: お母さん, 看護師さん.
    pub family_terms: WordList,
    /// What ends the name of a facility: 病院, 小学校.
    pub facility_suffixes: WordList,
    /// What says the kind of a facility and names none: 総合, 市民.
    pub facility_generic: WordList,
    /// Public centres that are kept: がんセンター, 大学病院.
    pub facility_public: WordList,
    /// More surnames and their readings, many of them ordinary words: they count only together with what stands around them.
    pub known_surnames: WordList,
    /// More given names and their readings, as well.
    pub known_given_names: WordList,
    /// What characters and what stands around them say for their being an identifier, as learned.
    pub context: ContextTable,
}

impl IdentifierLists {
    /// The file of what is learned; an empty one is nothing learned.
    pub const CONTEXT: &'static str = "context.tsv";

    /// The names of the files, in the order of [`IdentifierLists::parse`].
    pub const FILES: [&'static str; 11] = [
        "surnames.txt",
        "given_names.txt",
        "municipalities.txt",
        "honorifics.txt",
        "family_terms.txt",
        "facility_suffixes.txt",
        "facility_generic.txt",
        "facility_public.txt",
        "known_surnames.txt",
        "known_given_names.txt",
        Self::CONTEXT,
    ];

    /// The lists this crate was built with.
    ///
    /// # Errors
    /// Never with the lists of a released crate, which are tested.
    pub fn builtin() -> Result<Self> {
        let texts = [
            include_str!("../../dictionaries/identifiers/surnames.txt"),
            include_str!("../../dictionaries/identifiers/given_names.txt"),
            include_str!("../../dictionaries/identifiers/municipalities.txt"),
            include_str!("../../dictionaries/identifiers/honorifics.txt"),
            include_str!("../../dictionaries/identifiers/family_terms.txt"),
            include_str!("../../dictionaries/identifiers/facility_suffixes.txt"),
            include_str!("../../dictionaries/identifiers/facility_generic.txt"),
            include_str!("../../dictionaries/identifiers/facility_public.txt"),
            include_str!("../../dictionaries/identifiers/known_surnames.txt"),
            include_str!("../../dictionaries/identifiers/known_given_names.txt"),
            include_str!("../../dictionaries/identifiers/context.tsv"),
        ];
        let mut texts = texts.into_iter();
        Self::parse(Self::FILES.map(|file| (file, texts.next().unwrap_or_default())))
    }

    /// Reads the texts of [`IdentifierLists::FILES`], in that order, each with the name that stands in errors.
    ///
    /// # Errors
    /// A faulty line, with its file and line.
    pub fn parse(sources: [(&str, &str); 11]) -> Result<Self> {
        let list = |i: usize| WordList::parse(sources[i].0, sources[i].1);
        Ok(Self {
            surnames: list(0)?,
            given_names: list(1)?,
            municipalities: list(2)?,
            honorifics: list(3)?,
            family_terms: list(4)?,
            facility_suffixes: list(5)?,
            facility_generic: list(6)?,
            facility_public: list(7)?,
            known_surnames: list(8)?,
            known_given_names: list(9)?,
            context: ContextTable::parse(sources[10].0, sources[10].1)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_decide_what_is_sure() {
        let list = WordList::parse("f", "# common\n田中\n\n# ambiguous kana\n林\n# variant\n髙橋\n林田\n").unwrap();
        assert_eq!(list.get("田中"), Some(Certainty::Sure));
        assert_eq!(list.get("林"), Some(Certainty::Ambiguous));
        assert_eq!(list.get("髙橋"), Some(Certainty::Sure));
        assert_eq!(list.get("山"), None);
        // The longest of 林 and 林田.
        assert_eq!(list.prefix_of("林田さん"), Some("林田".len()));
        assert_eq!(list.prefix_of("山田"), None);
        assert_eq!(list.prefix_of(""), None);
    }

    #[test]
    fn a_faulty_line_is_named() {
        let error = WordList::parse("surnames.txt", "田中\n佐藤 花子\n").unwrap_err();
        assert_eq!(error.place().unwrap().row, 2);
        assert!(WordList::parse("f", "佐藤,田中").is_err());
    }

    #[test]
    fn builtin_lists_load() {
        let lists = IdentifierLists::builtin().unwrap();
        assert_eq!(lists.surnames.get("佐藤"), Some(Certainty::Sure));
        assert_eq!(lists.surnames.get("林"), Some(Certainty::Ambiguous));
        assert!(lists.municipalities.contains("札幌市"));
        assert!(lists.honorifics.contains("さん"));
        assert!(lists.family_terms.contains("お母さん"));
        assert!(!lists.facility_public.is_empty() && !lists.facility_generic.is_empty() && !lists.facility_suffixes.is_empty());
    }
}

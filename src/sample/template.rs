//! Sentences with slots: `pre,f|{patient}の{organ}にしこりが見つかって。`

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind, Result, Text};

/// What holds for a call; a sentence may require some of it (the words before its `|`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Facts(u32);

/// Names of facts in the data files, in the order of their bits.
const FACTS: [(&str, &str); 18] = [
    ("child", "patient under 20"),
    ("young", "patient from 10 to 39"),
    ("parent", "patient from 30 to 59"),
    ("work", "patient from 20 to 69"),
    ("old", "patient 60 or older"),
    ("m", "male patient"),
    ("f", "female patient"),
    ("pre", "before diagnosis"),
    ("dx", "diagnosed"),
    ("before", "diagnosed, not yet treated"),
    ("now", "under treatment"),
    ("obs", "follow-up"),
    ("rel", "recurrence or metastasis"),
    ("end", "end of life"),
    ("b", "bereaved"),
    ("treated", "some treatment has been given"),
    ("alive", "not bereaved"),
    ("other", "the caller is not the patient"),
];

impl Facts {
    /// The fact of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        FACTS.iter().position(|(known, _)| *known == name).map(|bit| Self(1 << bit))
    }

    /// Adds the facts of those names; unknown names (a bug) are ignored.
    pub(super) fn with(self, names: &[&str]) -> Self {
        names.iter().filter_map(|n| Self::named(n)).fold(self, |a, b| Self(a.0 | b.0))
    }

    /// Whether all of `required` holds.
    pub(super) fn satisfy(self, required: Self) -> bool {
        required.0 & !self.0 == 0
    }
}

/// A place in a sentence that is filled when it is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// The patient as the caller says: 私, 父.
    Patient,
    /// The patient as a note says: 本人, 父.
    PatientInNotes,
    /// The patient with a particle as the counsellor says, nothing when the caller is the patient: お父様の.
    Honorific(&'static str),
    /// The disease as it is spoken, with its organ.
    Disease,
    /// The disease, short.
    ShortDisease,
    /// The organ.
    Organ,
    /// A drug used for the disease, the same throughout a call.
    Drug,
    /// The caller's prefecture.
    Prefecture,
    /// A municipality in it.
    City,
    /// The caller's surname.
    Surname,
    /// The caller's full name.
    FullName,
    /// The patient's age in years.
    Age,
    /// The patient's sex.
    Sex,
    /// A telephone number that no one can have.
    Phone,
    /// A day in the weeks after the call.
    Date,
    /// A day in the months before the call.
    PastDate,
    /// A date of birth in the Japanese calendar.
    BirthDate,
    /// A number on a patient's card.
    RecordId,
    /// An address below a domain reserved for examples.
    Mail,
    /// A word list of the data, one word per call.
    Fixed(u8),
    /// A word list of the data, a new word each time.
    Free(u8),
}

/// The slots that are no word list.
const SLOTS: [(&str, Slot); 23] = [
    ("patient", Slot::Patient),
    ("ptn", Slot::PatientInNotes),
    ("honno", Slot::Honorific("の")),
    ("honha", Slot::Honorific("は")),
    ("honga", Slot::Honorific("が")),
    ("honmo", Slot::Honorific("も")),
    ("honni", Slot::Honorific("に")),
    ("disease", Slot::Disease),
    ("short", Slot::ShortDisease),
    ("organ", Slot::Organ),
    ("drug", Slot::Drug),
    ("pref", Slot::Prefecture),
    ("city", Slot::City),
    ("name", Slot::Surname),
    ("fullname", Slot::FullName),
    ("age", Slot::Age),
    ("sex", Slot::Sex),
    ("phone", Slot::Phone),
    ("date", Slot::Date),
    ("past", Slot::PastDate),
    ("birth", Slot::BirthDate),
    ("id", Slot::RecordId),
    ("mail", Slot::Mail),
];

/// The word lists by name.
#[derive(Debug, Default)]
pub(super) struct WordLists {
    /// One word per call.
    pub(super) fixed: Vec<(String, Vec<Box<str>>)>,
    /// A new word each time.
    pub(super) free: Vec<(String, Vec<Box<str>>)>,
}

impl WordLists {
    fn slot(&self, name: &str) -> Option<Slot> {
        let at = |lists: &[(String, Vec<Box<str>>)]| lists.iter().position(|(n, _)| n == name).and_then(|i| u8::try_from(i).ok());
        SLOTS
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, slot)| *slot)
            .or_else(|| at(&self.fixed).map(Slot::Fixed))
            .or_else(|| at(&self.free).map(Slot::Free))
    }
}

/// A stretch of a sentence.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// Words as they stand; nothing in them needs escaping in JSON.
    Literal(Box<str>),
    /// A slot.
    Slot(Slot),
}

/// A compiled sentence.
#[derive(Debug, Clone)]
pub(super) struct Template {
    /// Its stretches in order.
    pub(super) pieces: Box<[Piece]>,
    /// What must hold for the call.
    pub(super) requires: Facts,
    /// Whether it is for the bereaved and for no one else.
    pub(super) bereaved: bool,
}

/// The largest number of sentences in a pool: used sentences are bits of a `u128`.
const MAX_POOL: usize = 128;

/// Sentences that stand for one another, in every dialect.
#[derive(Debug, Clone, Default)]
pub(super) struct Pool {
    /// Position among all pools.
    pub(super) id: usize,
    /// By dialect (0: none), then sentence.
    pub(super) dialects: Vec<Vec<Template>>,
}

/// A dialect as endings that replace the standard ones: `(standard, dialect)`, applied in order.
pub(super) type Dialect = Vec<(String, String)>;

/// Compiles sentences and hands out pool numbers.
#[derive(Debug)]
pub(super) struct Compiler {
    /// The word lists.
    pub(super) lists: WordLists,
    /// The dialects, without the standard.
    pub(super) dialects: Vec<(String, Dialect)>,
    pools: usize,
}

impl Compiler {
    /// A compiler for these lists and dialects.
    pub(super) fn new(lists: WordLists, dialects: Vec<(String, Dialect)>) -> Self {
        Self { lists, dialects, pools: 0 }
    }

    /// How many pools were made.
    pub(super) fn pools(&self) -> usize {
        self.pools
    }

    /// A pool of a counsellor's or a note's sentences.
    pub(super) fn pool(&mut self, file: &str, key: &str, sentences: &[String]) -> Result<Pool> {
        self.compile(file, key, sentences, false)
    }

    /// A pool of a caller's sentences, which also exist in the dialects.
    pub(super) fn spoken(&mut self, file: &str, key: &str, sentences: &[String]) -> Result<Pool> {
        self.compile(file, key, sentences, true)
    }

    fn compile(&mut self, file: &str, key: &str, sentences: &[String], spoken: bool) -> Result<Pool> {
        if sentences.len() > MAX_POOL {
            let n = sentences.len();
            return Err(fault(
                file,
                key,
                format!("文が{n}あります。{MAX_POOL}以下にしてください"),
                format!("{n} sentences; keep to {MAX_POOL}"),
            ));
        }
        let mut pool = Pool { id: self.pools, dialects: Vec::new() };
        self.pools += 1;
        pool.dialects.push(sentences.iter().map(|s| self.template(file, key, s)).collect::<Result<_>>()?);
        for (_, endings) in self.dialects.iter().filter(|_| spoken) {
            let translated = sentences.iter().map(|s| endings.iter().fold(s.clone(), |s, (from, to)| s.replace(from, to)));
            pool.dialects.push(translated.map(|s| self.template(file, key, &s)).collect::<Result<_>>()?);
        }
        Ok(pool)
    }

    fn template(&self, file: &str, key: &str, sentence: &str) -> Result<Template> {
        let (conditions, mut rest) = sentence.split_once('|').unwrap_or(("", sentence));
        let mut requires = Facts::default();
        for name in conditions.split(',').map(str::trim).filter(|n| !n.is_empty()) {
            if Facts::named(name).is_none() {
                return Err(fault(file, key, format!("「{name}」という条件はありません"), format!("no condition \"{name}\"")));
            }
            requires = requires.with(&[name]);
        }
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            let (literal, after) = rest.split_once('{').unwrap_or((rest, ""));
            check_plain(file, key, literal)?;
            if !literal.is_empty() {
                pieces.push(Piece::Literal(literal.into()));
            }
            if literal.len() == rest.len() {
                break;
            }
            let unknown = |name: &str| fault(file, key, format!("「{{{name}}}」という語の枠はありません"), format!("no slot {{{name}}}"));
            let (name, next) = after.split_once('}').ok_or_else(|| unknown(after))?;
            pieces.push(Piece::Slot(self.lists.slot(name).ok_or_else(|| unknown(name))?));
            rest = next;
        }
        Ok(Template { pieces: pieces.into(), requires, bereaved: conditions.split(',').any(|n| n == "b") })
    }
}

/// Word lists from the data, checked.
pub(super) fn word_lists(file: &str, fixed: BTreeMap<String, Vec<String>>, free: BTreeMap<String, Vec<String>>) -> Result<WordLists> {
    let convert = |lists: BTreeMap<String, Vec<String>>| {
        lists
            .into_iter()
            .map(|(name, words)| {
                if words.is_empty() {
                    return Err(fault(file, &name, "語が一つもありません".into(), "the list has no word".into()));
                }
                words.iter().try_for_each(|w| check_plain(file, &name, w))?;
                Ok((name, words.into_iter().map(String::into_boxed_str).collect()))
            })
            .collect::<Result<Vec<_>>>()
    };
    Ok(WordLists { fixed: convert(fixed)?, free: convert(free)? })
}

/// Refuses what JSON would have to escape: sentences are written as they stand.
pub(super) fn check_plain(file: &str, key: &str, text: &str) -> Result<()> {
    if text.contains(|c: char| c == '"' || c == '\\' || c.is_control()) {
        return Err(fault(
            file,
            key,
            "引用符・逆斜線・改行は使えません".into(),
            "quotes, backslashes and line ends are not allowed".into(),
        ));
    }
    Ok(())
}

/// An error in a data file of the generator.
pub(super) fn fault(file: &str, key: &str, ja: String, en: String) -> Error {
    Error::new(ErrorKind::Dictionary, Text::new(ja, en)).at(file, 0).column(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiler() -> Compiler {
        let free = BTreeMap::from([("time".to_owned(), vec!["先月".to_owned()])]);
        let lists = word_lists("words.toml", BTreeMap::new(), free).unwrap();
        Compiler::new(lists, vec![("kansai".into(), vec![("んですけど".into(), "んやけど".into())])])
    }

    #[test]
    fn a_sentence_becomes_pieces_and_dialects() {
        let pool = compiler().spoken("t.toml", "x", &["f|{patient}が{time}に入院したんですけど。".into()]).unwrap();
        let [standard, kansai] = &pool.dialects[..] else { panic!("two dialects") };
        assert!(matches!(
            &standard[0].pieces[..],
            [Piece::Slot(Slot::Patient), Piece::Literal(_), Piece::Slot(Slot::Free(0)), Piece::Literal(_)]
        ));
        assert!(matches!(&kansai[0].pieces[3], Piece::Literal(end) if &**end == "に入院したんやけど。"));
        assert!(Facts::default().with(&["f"]).satisfy(standard[0].requires));
        assert!(!Facts::default().with(&["m"]).satisfy(standard[0].requires));
    }

    #[test]
    fn faults_name_file_and_key() {
        for sentence in ["{nothing}です。", "{patient", "nobody|はい。", "a\"b"] {
            let error = compiler().pool("t.toml", "turns", &[sentence.into()]).unwrap_err();
            assert_eq!(error.place().unwrap().column.as_deref(), Some("turns"), "{sentence}");
        }
        let many = vec!["はい。".to_owned(); MAX_POOL + 1];
        assert!(compiler().pool("t.toml", "turns", &many).is_err());
    }
}

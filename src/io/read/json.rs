//! JSONL: one object a line, read without building a tree of values first.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{ReadOptions, Row, Rows};
use crate::consultation::intake::{Cell, RawRecord, speaker};
use crate::consultation::{Speaker, Utterance};
use crate::error::{Place, Problem, RejectReason, Result};
use crate::io::encoding::{self, Encoding, Lines, empty_file, unreadable};

/// How many objects are looked at for the names of columns.
const SURVEY_OBJECTS: usize = 200;

/// A JSONL file.
pub(super) struct JsonLines {
    path: PathBuf,
    lines: Lines,
    names: Names,
}

impl JsonLines {
    pub(super) fn open(path: &Path, encoding: Encoding, options: &ReadOptions) -> Result<Self> {
        let lines = Lines::open(path, encoding, options.line_limit())?;
        Ok(Self { path: path.to_owned(), lines, names: Names::default() })
    }
}

/// The keys of the first objects, in order of appearance; none when no line is an object.
pub(super) fn columns(path: &Path, encoding: Encoding, options: &ReadOptions) -> Result<Vec<Arc<str>>> {
    let mut lines = Lines::open(path, encoding, options.line_limit())?;
    let mut names = Names::default();
    let (mut objects, mut filled) = (0, false);
    while objects < SURVEY_OBJECTS {
        let Some(line) = lines.next_line().map_err(|e| encoding::unreadable(path, e))? else { break };
        filled |= !line.text.trim().is_empty();
        let known = names.0.len();
        match parse(line.text, &mut names) {
            Ok(_) => objects += 1,
            // Keys of a broken line may be a caller's words.
            Err(_) => names.0.truncate(known),
        }
    }
    if !filled {
        return Err(empty_file(path));
    }
    Ok(names.0)
}

impl Rows for JsonLines {
    fn next_row(&mut self) -> Result<Option<Row>> {
        loop {
            let Some(line) = self.lines.next_line().map_err(|e| unreadable(&self.path, e))? else { return Ok(None) };
            if line.fault.is_none() && line.text.trim().is_empty() {
                continue;
            }
            let place = Place { file: self.path.clone(), row: line.number, column: None };
            if let Some(reason) = line.fault {
                return Ok(Some(Err(Problem { place, reason })));
            }
            return Ok(Some(match parse(line.text, &mut self.names) {
                Ok(fields) => Ok(RawRecord { place, fields }),
                Err(_) => Err(Problem { place, reason: RejectReason::BadJson }),
            }));
        }
    }
}

fn parse(line: &str, names: &mut Names) -> serde_json::Result<Vec<(Arc<str>, Cell)>> {
    let mut deserializer = serde_json::Deserializer::from_str(line);
    let fields = ObjectSeed(names).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(fields)
}

/// Keys met so far: all rows share one copy of each.
#[derive(Default)]
struct Names(Vec<Arc<str>>);

impl Names {
    /// `hint` is the position where the key stood in most rows.
    fn intern(&mut self, key: &str, hint: usize) -> Arc<str> {
        if let Some(name) = self.0.get(hint).filter(|n| &***n == key) {
            return Arc::clone(name);
        }
        if let Some(name) = self.0.iter().find(|n| &***n == key) {
            return Arc::clone(name);
        }
        let name: Arc<str> = key.into();
        // A file of ever new keys is no table; it must not fill the memory.
        if self.0.len() < 1000 {
            self.0.push(Arc::clone(&name));
        }
        name
    }
}

struct ObjectSeed<'n>(&'n mut Names);

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_> {
    type Value = Vec<(Arc<str>, Cell)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_> {
    type Value = Vec<(Arc<str>, Cell)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::with_capacity(self.0.0.len());
        while let Some(name) = map.next_key_seed(KeySeed(self.0, fields.len()))? {
            fields.push((name, map.next_value_seed(CellSeed)?));
        }
        Ok(fields)
    }
}

struct KeySeed<'n>(&'n mut Names, usize);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Arc<str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.intern(key, self.1))
    }
}

/// One value of the object.
struct CellSeed;

impl<'de> DeserializeSeed<'de> for CellSeed {
    type Value = Cell;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// 1.0 is the number 1.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { value.to_string() }
}

macro_rules! scalars {
    ($wrap:expr) => {
        fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
            Ok($wrap(value.to_owned()))
        }
        fn visit_string<E>(self, value: String) -> Result<Self::Value, E> {
            Ok($wrap(value))
        }
        fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
            Ok($wrap(value.to_string()))
        }
        fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
            Ok($wrap(value.to_string()))
        }
        fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
            Ok($wrap(value.to_string()))
        }
        fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
            Ok($wrap(number(value)))
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($wrap(String::new()))
        }
    };
}

impl<'de> Visitor<'de> for CellSeed {
    type Value = Cell;

    scalars!(Cell::Text);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cell, A::Error> {
        let (mut texts, mut turns, mut usable) = (Vec::new(), Vec::new(), true);
        while let Some(item) = seq.next_element_seed(ItemSeed)? {
            match item {
                Item::Text(text) => texts.push(text),
                Item::Turn(turn) => turns.push(turn),
                Item::Other => usable = false,
            }
        }
        Ok(match (usable, texts.is_empty(), turns.is_empty()) {
            (true, true, _) => Cell::Turns(turns),
            (true, false, true) => Cell::List(texts),
            _ => Cell::Unusable,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Unusable)
    }
}

/// One element of a list.
enum Item {
    Text(String),
    Turn(Utterance),
    Other,
}

struct ItemSeed;

impl<'de> DeserializeSeed<'de> for ItemSeed {
    type Value = Item;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Item, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemSeed {
    type Value = Item;

    scalars!(Item::Text);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a turn")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Item::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
        let (mut who, mut text, mut usable) = (Speaker::Unknown, None, true);
        while let Some(key) = map.next_key_seed(TurnKeySeed)? {
            match key {
                TurnKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
                key => match (key, map.next_value_seed(CellSeed)?) {
                    (TurnKey::Speaker, Cell::Text(label)) => who = speaker(&label).unwrap_or(Speaker::Unknown),
                    (TurnKey::Text, Cell::Text(said)) => text = Some(said),
                    _ => usable = false,
                },
            }
        }
        Ok(match text {
            Some(text) if usable => Item::Turn(Utterance { speaker: who, text }),
            _ => Item::Other,
        })
    }
}

#[derive(Clone, Copy)]
enum TurnKey {
    Speaker,
    Text,
    Other,
}

struct TurnKeySeed;

impl<'de> DeserializeSeed<'de> for TurnKeySeed {
    type Value = TurnKey;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<TurnKey, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for TurnKeySeed {
    type Value = TurnKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<TurnKey, E> {
        Ok(turn_key(key))
    }
}

fn turn_key(key: &str) -> TurnKey {
    if is_speaker_key(key) {
        TurnKey::Speaker
    } else if is_text_key(key) {
        TurnKey::Text
    } else {
        TurnKey::Other
    }
}

/// What exports call the speaker of a turn.
pub(super) fn is_speaker_key(key: &str) -> bool {
    matches!(key, "speaker" | "role" | "話者")
}

/// What exports call the words of a turn.
pub(super) fn is_text_key(key: &str) -> bool {
    matches!(key, "text" | "utterance" | "発話")
}

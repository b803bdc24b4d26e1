//! Which column is which field or attribute.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::record::{FILE_ID, FILE_TEXT, FILE_TURNS, RawRecord};
use super::{config_error, targets};
use crate::consultation::attribute::lookup_key;
use crate::consultation::{AttributeId, Profile};
use crate::error::{Error, ErrorKind, Result, Text, nearest};

/// The fields of a consultation that are not attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The centre's own id.
    Id,
    /// Date and time of the call.
    ReceivedAt,
    /// Transcript or notes.
    RecordType,
    /// The record as text.
    Text,
    /// The record as a list of `{speaker, text}`.
    Turns,
    /// The disease as the counsellor wrote it.
    Disease,
}

impl Field {
    /// All fields.
    pub const ALL: [Self; 6] = [Self::Id, Self::ReceivedAt, Self::RecordType, Self::Text, Self::Turns, Self::Disease];

    /// The name in `profile.toml` and in `[columns]`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::ReceivedAt => "received_at",
            Self::RecordType => "record_type",
            Self::Text => "text",
            Self::Turns => "turns",
            Self::Disease => "disease",
        }
    }
}

/// The `[columns]` section of `kikitori.toml`: field or attribute name → column name of the export.
///
/// What it does not name is found by the header names of the profile, so an empty mapping is a good start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(BTreeMap<String, String>);

impl Mapping {
    /// The mapping that the profile's header names give for `columns` (compared after NFKC, without case and space).
    pub fn detect<'a>(columns: impl IntoIterator<Item = &'a str>, profile: &Profile) -> Self {
        let automatic = automatic(profile);
        let mut best: BTreeMap<String, (usize, String)> = BTreeMap::new();
        let names: FxHashMap<Target, String> = targets(profile).map(|(name, target)| (target, name)).collect();
        for column in columns {
            let Some((target, rank)) = automatic.get(lookup_key(column).as_str()) else { continue };
            let entry = best.entry(names[target].clone()).or_insert((*rank, column.to_owned()));
            if *rank < entry.0 {
                *entry = (*rank, column.to_owned());
            }
        }
        Self(best.into_iter().map(|(name, (_, column))| (name, column)).collect())
    }

    /// Maps the field or attribute `name` to `column`.
    pub fn set(&mut self, name: impl Into<String>, column: impl Into<String>) {
        self.0.insert(name.into(), column.into());
    }

    /// The column of a field or attribute, if the mapping names one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All pairs of name and column, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, c)| (n.as_str(), c.as_str()))
    }
}

/// What a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Target {
    Field(Field),
    Attribute(AttributeId),
}

/// Header names of the profile: key → target and rank. Of several columns of a file the lowest rank counts.
fn automatic(profile: &Profile) -> FxHashMap<String, (Target, usize)> {
    let mut map = FxHashMap::default();
    let mut add = |target: Target, columns: &[String]| {
        for (rank, column) in columns.iter().enumerate() {
            map.entry(lookup_key(column)).or_insert((target, rank));
        }
    };
    for field in Field::ALL {
        if let Some(columns) = profile.fields.get(field.name()) {
            add(Target::Field(field), columns);
        }
    }
    for (id, attribute) in profile.iter() {
        add(Target::Attribute(id), &attribute.columns);
    }
    for (name, target) in targets(profile) {
        map.entry(lookup_key(&name)).or_insert((target, usize::MAX));
    }
    map
}

/// The resolved mapping.
#[derive(Debug)]
pub(super) struct Columns {
    /// By the name as it will most likely be written, so that rows need no normalisation.
    exact: FxHashMap<Box<str>, (Target, usize)>,
    /// By the comparison key.
    keys: FxHashMap<String, (Target, usize)>,
    /// What the mapping names, for messages.
    named: Vec<(String, String)>,
    width: usize,
}

/// Where in a record's fields each target stands.
pub(super) struct Assigned(Vec<Option<(usize, usize)>>);

impl Assigned {
    pub(super) fn field(&self, field: Field) -> Option<usize> {
        self.0[slot(Target::Field(field))].map(|(_, index)| index)
    }

    pub(super) fn attribute(&self, attribute: AttributeId) -> Option<usize> {
        self.0[slot(Target::Attribute(attribute))].map(|(_, index)| index)
    }
}

fn slot(target: Target) -> usize {
    match target {
        Target::Field(field) => field as usize,
        Target::Attribute(AttributeId(id)) => Field::ALL.len() + usize::from(id),
    }
}

impl Columns {
    pub(super) fn new(mapping: &Mapping, profile: &Profile) -> Result<Self> {
        let known: BTreeMap<String, Target> = targets(profile).collect();
        let mut keys = automatic(profile);
        let mut spelled: Vec<&str> =
            profile.fields.values().chain(profile.attributes.iter().map(|a| &a.columns)).flatten().map(String::as_str).collect();
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        for (name, column) in mapping.iter() {
            let Some(target) = known.get(name) else {
                let names: Vec<&str> = known.keys().map(String::as_str).collect();
                let (ja, en) = match nearest(name, &names) {
                    Some(near) => (format!("「{near}」のことですか"), format!("did you mean \"{near}\"?")),
                    None => (format!("使える名前：{}", names.join("、")), format!("known are: {}", names.join(", "))),
                };
                return Err(config_error(
                    name,
                    format!("この名前の項目はありません。{ja}"),
                    format!("there is no such field or attribute; {en}"),
                ));
            };
            let key = lookup_key(column);
            if let Some(other) = taken.insert(key, name) {
                return Err(config_error(
                    name,
                    format!("列「{column}」は columns.{other} にも使われています。どちらか一方にしてください"),
                    format!("the column \"{column}\" is also given for columns.{other}; keep one of them"),
                ));
            }
            // A named column replaces what the profile would have found for this target.
            keys.retain(|_, (t, _)| t != target);
        }
        for (name, column) in mapping.iter() {
            keys.insert(lookup_key(column), (known[name], 0));
            spelled.push(column);
        }
        for (name, field) in [(FILE_ID, Field::Id), (FILE_TEXT, Field::Text), (FILE_TURNS, Field::Turns)] {
            keys.insert(lookup_key(name), (Target::Field(field), 0));
            spelled.push(name);
        }
        let exact = spelled.into_iter().filter_map(|s| Some((s.into(), *keys.get(lookup_key(s).as_str())?))).collect();
        let named = mapping.iter().map(|(n, c)| (n.to_owned(), c.to_owned())).collect();
        Ok(Self { exact, keys, named, width: Field::ALL.len() + profile.attributes.len() })
    }

    fn find(&self, column: &str) -> Option<(Target, usize)> {
        self.exact.get(column).or_else(|| self.keys.get(lookup_key(column).as_str())).copied()
    }

    /// Finds the column of each target in `raw`; of several the one the profile names first.
    pub(super) fn assign(&self, raw: &RawRecord) -> Assigned {
        let mut slots: Vec<Option<(usize, usize)>> = vec![None; self.width];
        for (index, (column, _)) in raw.fields.iter().enumerate() {
            if let Some((target, rank)) = self.find(column) {
                let slot = &mut slots[slot(target)];
                if slot.is_none_or(|(other, _)| rank < other) {
                    *slot = Some((rank, index));
                }
            }
        }
        Assigned(slots)
    }

    pub(super) fn check(&self, file: &Path, columns: &[Arc<str>], complete: bool) -> Result<()> {
        let found: Vec<Option<Target>> = columns.iter().map(|c| self.find(c).map(|(t, _)| t)).collect();
        let seen = || self.show(columns, complete);
        let fault = |ja: String, en: String| Error::new(ErrorKind::Input, Text::new(ja, en)).at(file, 0);
        let has = |field: Field| found.contains(&Some(Target::Field(field)));
        if complete {
            let keys: Vec<String> = columns.iter().map(|c| lookup_key(c)).collect();
            if let Some((name, column)) = self.named.iter().find(|(_, c)| !keys.contains(&lookup_key(c))) {
                let (ja, en) = seen();
                return Err(fault(
                    format!("columns.{name} に指定した列「{column}」がありません。{ja}。設定の [columns] を直してください"),
                    format!("the column \"{column}\" given for columns.{name} is missing; {en}; correct [columns] in the configuration"),
                )
                .column(format!("columns.{name}")));
            }
            // A known name, so no caller's words.
            let twice = (0..keys.len()).find(|i| found[*i].is_some() && keys[..*i].contains(&keys[*i]));
            if let Some(column) = twice.map(|i| &columns[i]) {
                return Err(fault(
                    format!("見出し「{column}」が二回あります。どちらを読むのか分からないので、一方の名前を変えてください"),
                    format!("the header \"{column}\" occurs twice; rename one of the two columns"),
                ));
            }
        }
        if !has(Field::Text) && !has(Field::Turns) {
            let (ja, en) = seen();
            return Err(fault(
                format!(
                    "本文の列が分かりません。{ja}。設定の [columns] に text = \"列の名前\" と書くか、kikitori init で設定を作ってください"
                ),
                format!(
                    "no column could be the text; {en}; write text = \"column name\" under [columns], or let kikitori init propose a mapping"
                ),
            ));
        }
        if !has(Field::Id) {
            let (ja, en) = seen();
            return Err(fault(
                format!(
                    "相談IDの列が分かりません。{ja}。設定の [columns] に id = \"列の名前\" と書くか、kikitori init で設定を作ってください"
                ),
                format!(
                    "no column could be the id; {en}; write id = \"column name\" under [columns], or let kikitori init propose a mapping"
                ),
            ));
        }
        Ok(())
    }

    /// The columns seen, for a message. The "header" may be a row of data (of a file without one): only names that the
    /// profile or the configuration knows are shown.
    fn show(&self, columns: &[Arc<str>], table: bool) -> (String, String) {
        let number = columns.len();
        let known: Vec<&str> = columns.iter().map(AsRef::as_ref).filter(|c| self.find(c).is_some()).collect();
        if !known.is_empty() {
            return (
                format!("{number}列のうち、分かった列：{}", known.join("、")),
                format!("of {number} columns these are known: {}", known.join(", ")),
            );
        }
        let (ja, en) = if table {
            ("（1行目が見出しか確かめてください）", " (check that the first row is a header)")
        } else {
            ("", "")
        };
        (
            format!("{number}列ありますが、知っている列の名前がありません{ja}"),
            format!("there are {number} columns, but none with a known name{en}"),
        )
    }
}

/// Whether a first row can be a header at all: short names without digits and full stops.
pub(crate) fn looks_like_header(columns: &[Arc<str>]) -> bool {
    columns.iter().all(|c| is_header_name(c))
}

/// Longer than any header, shorter than most sentences.
const HEADER_CHARS: usize = 20;

fn is_header_name(cell: &str) -> bool {
    cell.chars().count() <= HEADER_CHARS && !cell.chars().any(|c| c.is_numeric() || "。、？！".contains(c))
}

//! Attributes of a call and the code lists they draw from. Their names are data (`dictionaries/profile.toml`), so that
//! another kind of record is another file, not another program.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind, Result, Text};

/// Index of an attribute in its [`Profile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttributeId(pub u8);

/// Index of a code in its [`CodeList`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CodeId(pub u16);

/// The coded metadata of one call: pairs sorted by attribute, then code; several codes per attribute are possible.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes(Vec<(AttributeId, CodeId)>);

impl Attributes {
    /// Sorts and deduplicates `pairs`.
    pub fn new(mut pairs: Vec<(AttributeId, CodeId)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        Self(pairs)
    }

    /// All pairs, sorted.
    pub fn pairs(&self) -> &[(AttributeId, CodeId)] {
        &self.0
    }

    /// The codes of one attribute, ascending.
    pub fn codes(&self, attribute: AttributeId) -> impl Iterator<Item = CodeId> + '_ {
        self.0.iter().filter(move |(a, _)| *a == attribute).map(|(_, c)| *c)
    }
}

/// One attribute: a column of metadata.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// The published name, such as `caller_kind`.
    pub name: String,
    /// 相談者区分.
    pub label_ja: String,
    /// Caller category.
    pub label_en: String,
    /// Header names by which `init` and automatic mapping know it.
    pub columns: Vec<String>,
    /// Whether one cell can hold several values.
    pub multiple: bool,
    /// Whether values outside the list extend it (sites) instead of becoming the code for unknown.
    pub open: bool,
    /// The values.
    pub codes: CodeList,
}

/// The closed or growing list of an attribute's values.
#[derive(Debug, Clone, Default)]
pub struct CodeList {
    entries: Vec<Code>,
    lookup: BTreeMap<String, CodeId>,
}

/// One value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Zero-padded string, published.
    pub code: String,
    /// Japanese label, published beside the code.
    pub label_ja: String,
    /// English label.
    pub label_en: String,
    /// Further columns of the code list's file, by name (`connected`, `domains`, `region`, `from`, `to` …).
    pub extra: BTreeMap<String, String>,
}

impl CodeList {
    /// Reads `code,label_ja,label_en,aliases[,…]`; lines that begin with `#` are comments.
    ///
    /// # Errors
    /// A missing column, an empty code, or an alias that stands for two codes, with file and line.
    pub fn parse(file: &str, text: &str) -> Result<Self> {
        let fault = |line: u64, ja: String, en: String| Error::new(ErrorKind::Dictionary, Text::new(ja, en)).at(file, line);
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).flexible(false).from_reader(text.as_bytes());
        let header =
            reader.headers().map_err(|e| fault(1, "見出し行が読めません".into(), "cannot read the header".into()).because(e))?.clone();
        let column = |name: &str| {
            header.iter().position(|h| h == name).ok_or_else(|| {
                fault(1, format!("列「{name}」がありません。見出しに加えてください"), format!("no column \"{name}\"; add it to the header"))
            })
        };
        let (code, ja, en, aliases) = (column("code")?, column("label_ja")?, column("label_en")?, column("aliases")?);
        let mut list = Self::default();
        for row in reader.records() {
            let row = row.map_err(|e| {
                let line = e.position().map_or(0, csv::Position::line);
                fault(line, "列の数が見出しと合いません".into(), "the number of cells differs from the header's".into())
            })?;
            let line = row.position().map_or(0, csv::Position::line);
            let cell = |i: usize| row.get(i).unwrap_or_default().trim();
            if cell(code).is_empty() || cell(ja).is_empty() {
                return Err(fault(line, "code と label_ja は必ず書いてください".into(), "code and label_ja must not be empty".into()));
            }
            let extra = header
                .iter()
                .enumerate()
                .filter(|(i, _)| ![code, ja, en, aliases].contains(i))
                .map(|(i, h)| (h.to_owned(), cell(i).to_owned()))
                .collect();
            let id = list.push(Code { code: cell(code).into(), label_ja: cell(ja).into(), label_en: cell(en).into(), extra });
            let names = [cell(code), cell(ja), cell(en)].into_iter().chain(cell(aliases).split(';')).map(str::trim);
            for name in names.filter(|n| !n.is_empty()) {
                if let Some(other) = list.lookup.insert(lookup_key(name), id).filter(|other| *other != id) {
                    let other = &list.entries[usize::from(other.0)].label_ja;
                    return Err(fault(
                        line,
                        format!("「{name}」はすでに「{other}」の別名です。どちらか一方にしてください"),
                        format!("\"{name}\" already stands for \"{other}\"; keep one of them"),
                    ));
                }
            }
        }
        Ok(list)
    }

    fn push(&mut self, code: Code) -> CodeId {
        let id = CodeId(u16::try_from(self.entries.len()).unwrap_or(u16::MAX));
        self.entries.push(code);
        id
    }

    /// Lets `alias` stand for `code` (a code, label or alias of this list), also where it stood for another before.
    ///
    /// # Errors
    /// When the list has no such code.
    pub fn add_alias(&mut self, alias: &str, code: &str) -> Result<()> {
        let Some(id) = self.find(code) else {
            let codes = self.entries.iter().map(|c| format!("{} {}", c.code, c.label_ja)).collect::<Vec<_>>().join("、");
            return Err(Error::new(
                ErrorKind::Config,
                Text::new(format!("符号「{code}」はありません。あるのは: {codes}"), format!("no code \"{code}\"; there are: {codes}")),
            ));
        };
        self.lookup.insert(lookup_key(alias), id);
        Ok(())
    }

    /// The code a cell means: by code, label or alias, after NFKC, without regard to case and white space.
    pub fn find(&self, cell: &str) -> Option<CodeId> {
        self.lookup.get(&lookup_key(cell)).copied()
    }

    /// The entry of `id`.
    pub fn get(&self, id: CodeId) -> &Code {
        &self.entries[usize::from(id.0)]
    }

    /// All entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (CodeId, &Code)> {
        (0u16..).map(CodeId).zip(&self.entries)
    }

    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A list of open values: code = label = the value, sorted, so that the ids do not depend on the order of input.
    pub fn from_values(values: impl IntoIterator<Item = String>) -> Self {
        let sorted: std::collections::BTreeSet<String> = values.into_iter().collect();
        let mut list = Self::default();
        for value in sorted {
            let key = lookup_key(&value);
            if list.lookup.contains_key(&key) {
                continue;
            }
            let id = list.push(Code { code: value.clone(), label_ja: value.clone(), label_en: value, extra: BTreeMap::new() });
            list.lookup.insert(key, id);
        }
        list
    }
}

/// NFKC, lower case, no white space: how a cell is compared with codes and aliases.
pub(super) fn lookup_key(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    name.nfkc().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()).collect()
}

/// What a kind of record consists of: its fields and attributes, read from `dictionaries/profile.toml`.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Header names of the fields that are not attributes: `id`, `received_at`, `text`, `turns`, `disease`, `record_type`.
    pub fields: BTreeMap<String, Vec<String>>,
    /// The attributes in published order.
    pub attributes: Vec<Attribute>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    field: BTreeMap<String, FieldFile>,
    attribute: Vec<AttributeFile>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldFile {
    columns: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeFile {
    name: String,
    label_ja: String,
    label_en: String,
    columns: Vec<String>,
    #[serde(default)]
    multiple: bool,
    #[serde(default)]
    open: bool,
    codes: Option<String>,
}

impl Profile {
    /// Reads `profile.toml`; `open` gives the text of a code list named there.
    ///
    /// # Errors
    /// A faulty file, or a code list that `open` or [`CodeList::parse`] refuses.
    pub fn parse(file: &str, text: &str, open: &dyn Fn(&str) -> Result<String>) -> Result<Self> {
        let parsed: ProfileFile = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(0, |s| 1 + text[..s.start].matches('\n').count() as u64);
            Error::new(ErrorKind::Dictionary, Text::new("書式が正しくありません", "not a valid profile"))
                .at(file, line)
                .because(e.message().to_owned())
        })?;
        let attributes = parsed
            .attribute
            .into_iter()
            .map(|a| {
                let codes = match &a.codes {
                    Some(name) => CodeList::parse(name, &open(name)?)?,
                    None => CodeList::default(),
                };
                Ok(Attribute {
                    name: a.name,
                    label_ja: a.label_ja,
                    label_en: a.label_en,
                    columns: a.columns,
                    multiple: a.multiple,
                    open: a.open,
                    codes,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Self { fields: parsed.field.into_iter().map(|(k, v)| (k, v.columns)).collect(), attributes })
    }

    /// The attribute of that published name.
    pub fn find(&self, name: &str) -> Option<(AttributeId, &Attribute)> {
        self.iter().find(|(_, a)| a.name == name)
    }

    /// The attribute of that id.
    pub fn get(&self, id: AttributeId) -> &Attribute {
        &self.attributes[usize::from(id.0)]
    }

    /// All attributes with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (AttributeId, &Attribute)> {
        (0u8..).map(AttributeId).zip(&self.attributes)
    }
}

//! The keys of `kikitori.toml` and where they stand in a file, for messages that say what was probably meant.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::error::{Error, ErrorKind, Result, Text};

/// Every key, by section; the first section is the top of the file. Sections with [`ANY`] take the user's own keys.
pub(super) const SECTIONS: [(&str, &[&str]); 11] = [
    ("", &["lang", "threads"]),
    ("input", &["paths", "encoding", "sheet", "max_chars", "max_reject_share"]),
    ("columns", ANY),
    ("values", ANY),
    ("output", &["dir", "keep_runs", "keep_hours"]),
    ("themes", &["count", "seed", "rank"]),
    ("needs", &["tau"]),
    ("codes", &["file"]),
    ("disclosure", &["threshold"]),
    ("dictionaries", &["dir", "lindera"]),
    ("pseudonym", &["key_file"]),
];

/// The keys are the user's.
const ANY: &[&str] = &["*"];

/// The keys of a file: dotted name → line from 1, and the bytes of the value.
#[derive(Default)]
pub(super) struct Keys(BTreeMap<String, (u64, Range<usize>)>);

impl Keys {
    /// The line of a key; 0 where the file does not have it.
    pub(super) fn line_of(&self, key: &str) -> u64 {
        self.0.get(key).map_or(0, |(line, _)| *line)
    }

    /// The innermost key whose value holds the byte.
    fn at(&self, byte: usize) -> Option<&str> {
        let holding = self.0.iter().filter(|(_, (_, span))| span.contains(&byte) || span.start == byte);
        holding.min_by_key(|(_, (_, span))| span.len()).map(|(name, _)| name.as_str())
    }
}

/// Reads the keys of a file and refuses those that are none.
pub(super) fn read_keys(file: &Path, text: &str) -> Result<Keys> {
    let table = DeTable::parse(text).map_err(|e| syntax_error(file, text, &e))?;
    let mut keys = Keys::default();
    for (name, value) in table.get_ref() {
        let section = name.get_ref().as_ref();
        let line = line(text, name.span().start);
        let allowed = SECTIONS.iter().find(|(s, _)| !s.is_empty() && *s == section).map(|(_, keys)| *keys);
        match (allowed, value.get_ref()) {
            (Some(allowed), DeValue::Table(inner)) => {
                keys.0.insert(section.to_owned(), (line, value.span()));
                read_section(file, text, section, allowed, inner, &mut keys)?;
            }
            _ => {
                let known = SECTIONS.iter().map(|(s, _)| *s).filter(|s| !s.is_empty()).chain(SECTIONS[0].1.iter().copied());
                if allowed.is_none() && !SECTIONS[0].1.contains(&section) {
                    return Err(unknown(file, line, section, section, known));
                }
                keys.0.insert(section.to_owned(), (line, value.span()));
            }
        }
    }
    Ok(keys)
}

fn read_section(file: &Path, text: &str, section: &str, allowed: &[&str], table: &DeTable<'_>, keys: &mut Keys) -> Result<()> {
    for (name, value) in table {
        let key = name.get_ref().as_ref();
        let (dotted, line) = (format!("{section}.{key}"), line(text, name.span().start));
        if allowed != ANY && !allowed.contains(&key) {
            return Err(unknown(file, line, &dotted, key, allowed.iter().copied()));
        }
        if let DeValue::Table(inner) = value.get_ref() {
            read_section(file, text, &dotted, ANY, inner, keys)?;
        }
        keys.0.insert(dotted, (line, value.span()));
    }
    Ok(())
}

/// A value of the wrong type.
pub(super) fn value_error(file: &Path, text: &str, keys: &Keys, error: &toml::de::Error) -> Error {
    let start = error.span().map_or(0, |s| s.start);
    let mut out = Error::new(ErrorKind::Config, Text::new("値の種類が違います", "a value of the wrong type")).at(file, line(text, start));
    if let Some(key) = keys.at(start) {
        out = out.column(key);
    }
    out.because(error.message().to_owned())
}

fn syntax_error(file: &Path, text: &str, error: &toml::de::Error) -> Error {
    let line = error.span().map_or(0, |s| line(text, s.start));
    Error::new(
        ErrorKind::Config,
        Text::new("TOML の書き方が正しくありません。文字列は \" で囲んでください", "not valid TOML; strings stand in double quotes"),
    )
    .at(file, line)
    .because(error.message().to_owned())
}

fn unknown<'k>(file: &Path, line: u64, dotted: &str, key: &str, known: impl Iterator<Item = &'k str>) -> Error {
    let known: Vec<&str> = known.collect();
    let text = match nearest(key, &known) {
        Some(near) => Text::new(format!("知らないキーです。「{near}」のことですか"), format!("unknown key; did you mean \"{near}\"?")),
        None => Text::new(
            format!("知らないキーです。使えるのは {} です", known.join("、")),
            format!("unknown key; expected one of {}", known.join(", ")),
        ),
    };
    Error::new(ErrorKind::Config, text).at(file, line).column(dotted)
}

/// The name that takes the fewest edits, if those are no more than a third of its letters (but one at least).
pub(crate) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let name = name.to_lowercase().replace('-', "_");
    known.iter().map(|k| (edits(&name, k), *k)).filter(|(edits, k)| *edits <= (k.chars().count() / 3).max(1)).min().map(|(_, k)| k)
}

/// Levenshtein distance (1966), by the row.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn line(text: &str, byte: usize) -> u64 {
    1 + text.as_bytes()[..byte.min(text.len())].iter().filter(|b| **b == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        // 治験 → 治療 substitutes one; "tau" → "tua" substitutes two; "" → "abc" inserts three.
        assert_eq!([edits("治験", "治療"), edits("tau", "tua"), edits("", "abc"), edits("seed", "seed")], [1, 2, 3, 0]);
    }

    #[test]
    fn only_near_names_are_suggested() {
        let known = ["keep_runs", "keep_hours", "dir"];
        assert_eq!(nearest("keep-run", &known), Some("keep_runs"));
        assert_eq!(nearest("Dir", &known), Some("dir"));
        assert_eq!(nearest("threshold", &known), None);
    }
}

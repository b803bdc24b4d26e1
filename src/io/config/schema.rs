//! The keys of `kikitori.toml` and where they stand in a file, for messages that say what was probably meant.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::error::{Error, ErrorKind, Result, Text, nearest};

/// Every key, by section; the first section is the top of the file. Sections with [`ANY`] take the user's own keys.
pub(super) const SECTIONS: [(&str, &[&str]); 12] = [
    ("", &["lang", "threads"]),
    ("input", &["paths", "encoding", "sheet", "max_chars", "max_reject_share"]),
    ("columns", ANY),
    ("values", ANY),
    (
        "redaction",
        &["person", "phone", "email", "url", "postal_code", "address", "birth_date", "date", "record_id", "facility", "account", "age"],
    ),
    ("output", &["dir", "keep_runs", "keep_hours"]),
    ("themes", &["count", "seed", "rank", "guide", "embedding"]),
    ("needs", &["tau"]),
    ("codes", &["file"]),
    ("disclosure", &["threshold", "since_last"]),
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
    let ja = wanted(error.message()).map_or("値の種類が違います".to_owned(), |wanted| format!("値の種類が違います。{wanted}"));
    let mut out = Error::new(ErrorKind::Config, Text::new(ja, "a value of the wrong type")).at(file, line(text, start));
    if let Some(key) = keys.at(start) {
        out = out.column(key);
    }
    out.because(error.message().to_owned())
}

/// What the value should be, from serde's "…, expected …".
fn wanted(message: &str) -> Option<String> {
    let expected = message.rsplit_once("expected ")?.1.trim();
    if message.starts_with("unknown variant") {
        let names: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        return (!names.is_empty()).then(|| format!("{} のどれかにしてください", names.join("、")));
    }
    let is = |words: &[&str]| words.iter().any(|word| expected.starts_with(word));
    let kind = if is(&["u64", "u32", "u16", "usize"]) {
        "0以上の整数"
    } else if is(&["i64", "i32", "an integer", "integer"]) {
        "整数"
    } else if is(&["f64", "f32", "a float", "floating"]) {
        "数"
    } else if is(&["a string", "string", "path", "a path", "a borrowed string"]) {
        "文字列（\" で囲む）"
    } else if is(&["a boolean", "boolean"]) {
        "true か false"
    } else if is(&["a sequence", "sequence", "an array"]) {
        "[ ] で囲んだ並び"
    } else if is(&["a map", "map", "struct", "a table", "table"]) {
        "キーと値の表（[ ] の見出しの下）"
    } else {
        return None;
    };
    Some(format!("{kind}にしてください"))
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

fn line(text: &str, byte: usize) -> u64 {
    1 + text.as_bytes()[..byte.min(text.len())].iter().filter(|b| **b == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn what_is_wanted_is_said_in_japanese() {
        for (message, expected) in [
            ("invalid type: string \"many\", expected usize", Some("0以上の整数にしてください")),
            ("invalid type: integer `3`, expected a string", Some("文字列（\" で囲む）にしてください")),
            ("invalid type: string \"x\", expected f64", Some("数にしてください")),
            ("invalid type: string \"x\", expected a sequence", Some("[ ] で囲んだ並びにしてください")),
            ("unknown variant `fr`, expected `ja` or `en`", Some("ja、en のどれかにしてください")),
            ("something else", None),
        ] {
            assert_eq!(wanted(message).as_deref(), expected, "{message}");
        }
    }
}

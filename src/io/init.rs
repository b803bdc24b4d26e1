//! `kikitori init`: what is in an export, and which configuration reads it?
//!
//! Looks at the first rows, recognises columns by their names, then by what their cells look like, and writes a
//! `kikitori.toml` for a person to check. It counts cells; it never shows one.

mod text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::encoding::Encoding;
use super::read::{Format, ReadOptions, Source, SourceFile};
use crate::consultation::intake::{Cell, Field, Mapping, RawRecord, looks_like_header};
use crate::consultation::{Profile, date};
use crate::error::{Error, ErrorKind, Lang, Result, Text};

/// How many rows are looked at.
pub const SURVEY_ROWS: u64 = 2000;

/// A column is taken for a date or an attribute when this share of its filled cells agrees, in percent.
const AGREEMENT_PERCENT: u64 = 80;

/// Fewer filled cells prove nothing.
const LEAST_CELLS: u64 = 3;

/// A column whose cells have fewer characters on average is no record of a call.
const LEAST_MEAN_TEXT_CHARS: u64 = 30;

/// What `init` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitReport {
    /// The files looked at.
    pub files: Vec<SourceFile>,
    /// Files of the folder that would not be read.
    pub skipped: Vec<PathBuf>,
    /// The encoding, where all text files share one.
    pub encoding: Option<Encoding>,
    /// Rows looked at, at most [`SURVEY_ROWS`].
    pub rows: u64,
    /// How many of them cannot be read as rows.
    pub rejects: u64,
    /// The columns, in order.
    pub columns: Vec<ColumnReport>,
    /// The proposed mapping.
    pub mapping: Mapping,
    /// Fields and attributes whose column has another name in another file of the folder: recognised in each file by its
    /// name, so the mapping leaves them out.
    pub varying: BTreeSet<String>,
    /// The proposed `kikitori.toml`, with comments in the language asked for.
    pub toml: String,
}

/// One column of the export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// How many of the rows looked at have something in it.
    pub filled: u64,
    /// The field or attribute it was recognised as, and by what.
    pub target: Option<(String, Evidence)>,
}

/// Why a column was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Its name is one of the profile's.
    Name,
    /// Its cells look like it: a person should check.
    Cells,
}

/// Looks at the export (a file or a folder) at `path` and proposes a configuration.
///
/// # Errors
/// Whatever keeps the export from being opened (see [`Source::open`]), or a first row that is no header.
pub fn init(path: &Path, profile: &Profile, options: &ReadOptions, lang: Lang) -> Result<InitReport> {
    let mut source = Source::open(path, options)?;
    let mut surveys: Vec<Survey> = Vec::new();
    for column in source.files().iter().flat_map(|f| &f.columns) {
        if !surveys.iter().any(|s| s.name == *column) {
            surveys.push(Survey::new(Arc::clone(column)));
        }
    }
    // Each file is recognised on its own; what the files agree on goes into the mapping.
    let tables: Vec<&SourceFile> = source.files().iter().filter(|f| !f.columns.is_empty()).collect();
    let each: Vec<Mapping> = tables.iter().map(|f| Mapping::detect(f.columns.iter().map(|c| &**c), profile)).collect();
    let mut by_name = Mapping::default();
    let mut varying = BTreeSet::new();
    for (name, column) in each.iter().flat_map(Mapping::iter) {
        // A key that only some JSON objects have may be missing from the first ones.
        let agreed = tables.iter().zip(&each).all(|(f, m)| m.get(name).map_or(f.format == Format::Json, |c| c == column));
        if agreed {
            by_name.set(name, column);
        } else {
            varying.insert(name.to_owned());
        }
    }
    let named: Vec<(String, String)> = each.iter().flat_map(Mapping::iter).map(|(n, c)| (n.to_owned(), c.to_owned())).collect();
    if let Some(file) = source.files().iter().find(|f| {
        matches!(f.format, Format::Delimited | Format::Workbook)
            && !looks_like_header(&f.columns)
            && Mapping::detect(f.columns.iter().map(|c| &**c), profile).iter().next().is_none()
    }) {
        let text = Text::new(
            "1行目が見出しではないようです。1行目に列の名前を書いてください",
            "the first row does not look like a header; it must name the columns",
        );
        return Err(Error::new(ErrorKind::Input, text).at(&file.path, 1));
    }
    let (mut rows, mut rejects) = (0, 0);
    for row in source.by_ref().take(SURVEY_ROWS as usize) {
        rows += 1;
        match row? {
            Ok(raw) => surveys.iter_mut().for_each(|s| s.see(&raw, profile)),
            Err(_) => rejects += 1,
        }
    }
    let free = |s: &&Survey| named.iter().all(|(_, column)| *column != *s.name);
    let (mapping, evidence) = complete(by_name, &varying, &surveys.iter().filter(free).collect::<Vec<_>>(), profile);
    let columns: Vec<ColumnReport> = surveys
        .iter()
        .map(|s| {
            let guess = mapping.iter().find(|(name, column)| evidence.contains(*name) && *column == &*s.name);
            let known = named.iter().find(|(_, column)| *column == *s.name).map(|(name, _)| (name.clone(), Evidence::Name));
            let target = known.or_else(|| guess.map(|(name, _)| (name.to_owned(), Evidence::Cells)));
            ColumnReport { name: s.name.to_string(), filled: s.filled, target }
        })
        .collect();
    let mut encodings = source.files().iter().filter_map(|f| f.encoding);
    let encoding = encodings.next().filter(|first| encodings.all(|e| e == *first));
    let mut report = InitReport {
        encoding,
        rows,
        rejects,
        columns,
        mapping,
        varying,
        toml: String::new(),
        skipped: source.skipped().to_vec(),
        files: source.files().to_vec(),
    };
    report.toml = text::toml(path, &report, profile, options, lang);
    Ok(report)
}

/// What the cells of one column look like.
struct Survey {
    name: Arc<str>,
    filled: u64,
    chars: u64,
    dates: u64,
    turns: u64,
    /// Per closed attribute of the profile, how many cells its code list knows.
    coded: Vec<u64>,
    distinct: BTreeSet<[u8; 32]>,
}

impl Survey {
    fn new(name: Arc<str>) -> Self {
        Self { name, filled: 0, chars: 0, dates: 0, turns: 0, coded: Vec::new(), distinct: BTreeSet::new() }
    }

    fn see(&mut self, raw: &RawRecord, profile: &Profile) {
        let Some((_, cell)) = raw.fields.iter().find(|(name, cell)| *name == self.name && !cell.is_blank()) else { return };
        self.filled += 1;
        if let Cell::Turns(_) = cell {
            self.turns += 1;
            return;
        }
        let text = cell.text();
        self.chars += text.chars().count() as u64;
        self.dates += u64::from(date::parse(&text).is_some());
        self.distinct.insert(*blake3::hash(text.as_bytes()).as_bytes());
        self.coded.resize(profile.attributes.len(), 0);
        // Bare numbers are minutes as well as codes.
        if text.trim().bytes().all(|b| b.is_ascii_digit()) {
            return;
        }
        for (coded, attribute) in self.coded.iter_mut().zip(&profile.attributes) {
            let unknown = attribute.codes.find("不明");
            let known = |part: &str| attribute.codes.find(part).is_some_and(|code| Some(code) != unknown);
            let parts = text.split(['、', ';', '；', '/', '／', ',', '\n']);
            *coded += u64::from(known(&text) || (attribute.multiple && parts.into_iter().all(known)));
        }
    }

    fn agrees(&self, count: u64) -> bool {
        self.filled >= LEAST_CELLS && count * 100 >= self.filled * AGREEMENT_PERCENT
    }
}

/// Adds to `mapping` what the cells of columns without a known name tell, and says which names those are.
fn complete(mut mapping: Mapping, varying: &BTreeSet<String>, surveys: &[&Survey], profile: &Profile) -> (Mapping, BTreeSet<String>) {
    let mut guessed = BTreeSet::new();
    let mut add = |mapping: &mut Mapping, name: &str, find: &mut dyn FnMut(&[&Survey]) -> Option<usize>| {
        if mapping.get(name).is_some() || varying.contains(name) {
            return;
        }
        let free: Vec<&Survey> = surveys.iter().copied().filter(|s| mapping.iter().all(|(_, column)| column != &*s.name)).collect();
        if let Some(survey) = find(&free).and_then(|i| free.get(i)) {
            mapping.set(name, &*survey.name);
            guessed.insert(name.to_owned());
        }
    };
    add(&mut mapping, Field::Turns.name(), &mut |free| free.iter().position(|s| s.filled > 0 && s.turns == s.filled));
    for (i, attribute) in profile.attributes.iter().enumerate() {
        add(&mut mapping, &attribute.name, &mut |free| free.iter().position(|s| s.agrees(s.coded.get(i).copied().unwrap_or(0))));
    }
    add(&mut mapping, Field::ReceivedAt.name(), &mut |free| free.iter().position(|s| s.agrees(s.dates)));
    if mapping.get(Field::Turns.name()).is_none() {
        add(&mut mapping, Field::Text.name(), &mut |free| {
            let long = |s: &Survey| s.filled > 0 && s.chars >= s.filled * LEAST_MEAN_TEXT_CHARS;
            let mean = |s: &Survey| s.chars.checked_div(s.filled).unwrap_or(0);
            (0..free.len()).filter(|i| long(free[*i])).max_by_key(|i| (mean(free[*i]), std::cmp::Reverse(*i)))
        });
    }
    let most = surveys.iter().map(|s| s.filled).max().unwrap_or(0);
    add(&mut mapping, Field::Id.name(), &mut |free| {
        free.iter()
            .position(|s| s.filled >= LEAST_CELLS && s.filled == most && s.distinct.len() as u64 == s.filled && s.chars <= s.filled * 40)
    });
    (mapping, guessed)
}

impl InitReport {
    /// The sentence for people: what was found and what is still to do.
    pub fn summary(&self, lang: Lang) -> String {
        let (known, all) = (self.columns.iter().filter(|c| c.target.is_some()).count(), self.columns.len());
        match lang {
            Lang::Ja => format!("{all}列のうち{known}列が分かりました（先頭の{}行から）", self.rows),
            Lang::En => format!("{known} of {all} columns recognised (from the first {} rows)", self.rows),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(name: &str, content: &str) -> Result<InitReport> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        init(&path, &crate::io::read::tests::profile(), &ReadOptions::default(), Lang::Ja)
    }

    #[test]
    fn known_headers_are_mapped_and_others_are_listed_without_values() {
        let found = report("calls.csv", "相談ＩＤ,年齢,相談時間,相談記録,備考\n1,64,20,肉腫の相談,\n2,,30,抗がん剤の相談,秘密\n").unwrap();
        assert_eq!(found.mapping.iter().collect::<Vec<_>>(), [("age_band", "年齢"), ("id", "相談ＩＤ"), ("text", "相談記録")]);
        assert!(found.toml.contains("age_band = \"年齢\"   # 年代、記入率 50 %"), "{}", found.toml);
        assert!(found.toml.contains("#   \"備考\"（記入率 50 %）"), "{}", found.toml);
        assert!(found.toml.contains("encoding = \"utf-8\""));
        assert!(!found.toml.contains("秘密"));
        // What it wrote is what the run reads.
        let parsed: toml::Table = toml::from_str(&found.toml).unwrap();
        assert_eq!(parsed["columns"].clone().try_into::<Mapping>().unwrap(), found.mapping);
    }

    #[test]
    fn unknown_headers_are_recognised_by_their_cells_and_marked() {
        let text = "胃のGISTと言われました。手術が必要だそうですが、専門の病院を知りたいです。";
        let mut csv = String::from("番号札,いつ,どこ,記述\n");
        for (i, place) in ["東京都", "大阪", "福岡県", "北海道"].iter().enumerate() {
            csv.push_str(&format!("A-{i},令和5年5月{}日,{place},{text}{i}\n", i + 1));
        }
        let found = report("x.csv", &csv).unwrap();
        let expected = [("id", "番号札"), ("prefecture", "どこ"), ("received_at", "いつ"), ("text", "記述")];
        assert_eq!(found.mapping.iter().collect::<Vec<_>>(), expected);
        assert_eq!(found.columns[2].target, Some(("prefecture".into(), Evidence::Cells)));
        assert!(found.toml.contains("値から推定"), "{}", found.toml);
    }

    #[test]
    fn files_with_other_headers_are_left_to_their_headers() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.csv"), "相談ID,本文,性別\n1,あ,女\n").unwrap();
        std::fs::write(folder.path().join("b.csv"), "ID,本文,性別\n2,い,男\n").unwrap();
        let profile = crate::io::read::tests::profile();
        let found = init(folder.path(), &profile, &ReadOptions::default(), Lang::Ja).unwrap();
        assert_eq!(found.mapping.iter().collect::<Vec<_>>(), [("sex", "性別"), ("text", "本文")]);
        assert_eq!(found.varying.iter().collect::<Vec<_>>(), ["id"]);
        assert!(found.columns.iter().all(|c| c.target.is_some()));
        // The proposed mapping reads both files.
        let intake = crate::consultation::intake::Intake::new(&found.mapping, &profile, Default::default()).unwrap();
        let source = Source::open(folder.path(), &ReadOptions::default()).unwrap();
        source.check(&intake).unwrap();
        assert_eq!(source.filter(|r| intake.consultation(r.as_ref().unwrap().clone().unwrap()).is_ok()).count(), 2);
    }

    #[test]
    fn a_file_without_header_does_not_show_its_first_row() {
        let error = report("x.csv", "1,2023/5/12,田中と申します\n2,2023/5/13,山田です\n").unwrap_err();
        assert!(error.to_string().contains("does not look like a header"), "{error}");
        assert!(!error.message(Lang::Ja).contains("田中"));
    }

    #[test]
    fn a_first_row_of_short_words_that_nobody_knows_is_not_shown() {
        let found = report("x.csv", "妻が亡くなった,夫は田中一郎\nさようなら,またね\n").unwrap();
        assert!(!found.toml.contains("田中") && !found.toml.contains("妻"), "{}", found.toml);
        assert!(found.toml.contains("ほかに2列"), "{}", found.toml);
    }

    #[test]
    fn comments_are_in_the_language_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.csv");
        std::fs::write(&path, "id,text,memo\n1,a,b\n").unwrap();
        let found = init(&path, &crate::io::read::tests::profile(), &ReadOptions::default(), Lang::En).unwrap();
        let kana = |c: char| ('ぁ'..='ヿ').contains(&c);
        assert!(!found.toml.contains(kana) && found.toml.contains("# columns that are nothing known (not used)"), "{}", found.toml);
        toml::from_str::<toml::Table>(&found.toml).unwrap();
    }

    #[test]
    fn transcripts_need_no_columns() {
        let found = report("call-1.txt", "相談者：もしもし、相談したいのですが。\n相談員：はい、どうぞ。\n").unwrap();
        assert!(found.columns.is_empty() && found.mapping.iter().next().is_none());
        assert!(found.toml.contains("1ファイルが1件"), "{}", found.toml);
        toml::from_str::<toml::Table>(&found.toml).unwrap();
    }
}

//! Dictionaries, word lists and code lists: the built-in ones, or the user's own file by file.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::encoding::{self, Lines, unreadable};
use super::fs;
use crate::consultation::Profile;
use crate::error::{Error, ErrorKind, Result, Text, nearest};
use crate::morphology::{Concepts, Lexicon};
use crate::redact::IdentifierLists;
use crate::term::WordLists;

/// A line of [`FILES`].
macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../../dictionaries/", $name)))
    };
}

/// The built-in files by their path below `dictionaries/`. A further file is a further line.
const FILES: &[(&str, &str)] = &[
    file!("profile.toml"),
    file!("code-lists/age_band.csv"),
    file!("code-lists/caller_kind.csv"),
    file!("code-lists/channel.csv"),
    file!("code-lists/outcome.csv"),
    file!("code-lists/prefecture.csv"),
    file!("code-lists/reason.csv"),
    file!("code-lists/record_type.csv"),
    file!("code-lists/sex.csv"),
    file!("code-lists/stage.csv"),
    file!("code-lists/visit.csv"),
    file!("rare-cancer/terms.csv"),
    file!("rare-cancer/disease_codes.csv"),
    file!("stopwords.txt"),
    file!("fillers.txt"),
    file!("identifiers/family_terms.txt"),
    file!("identifiers/given_names.txt"),
    file!("identifiers/honorifics.txt"),
    file!("identifiers/municipalities.txt"),
    file!("identifiers/surnames.txt"),
    file!("identifiers/facility_suffixes.txt"),
    file!("identifiers/facility_generic.txt"),
    file!("identifiers/facility_public.txt"),
    file!("identifiers/known_surnames.txt"),
    file!("identifiers/known_given_names.txt"),
    file!("identifiers/context.tsv"),
    file!("needs/domains.toml"),
    file!("needs/cues.toml"),
    file!("needs/ngrams.tsv"),
    file!("codes/rare-cancer.txt"),
];

/// The coding rules.
const CODES: &str = "codes/rare-cancer.txt";

/// Files a user's folder may hold although nothing is built in for them.
const OPTIONAL: &[&str] = &[];

/// Folders a copy of the built-in `dictionaries/` holds and this module does not read.
const NOT_READ: &[&str] = &["ipadic"];

/// BLAKE3 of `dictionaries/ipadic/mecab-ipadic.tar.xz`, from which the embedded dictionary is built.
const IPADIC_BLAKE3: &str = "62897b8d5d0ad2029a08327466127a2dc472c051d748caf2a20d480bd460b595";

/// All that a run looks words and codes up in.
#[derive(Debug)]
pub struct Resources {
    /// Fields, attributes and their code lists.
    pub profile: Profile,
    /// The rare-cancer dictionary.
    pub concepts: Concepts,
    /// Stop words and fillers.
    pub word_lists: WordLists,
    /// What the person who started the run should know: files of the user's folder that are not read.
    pub warnings: Vec<Text>,
    /// Every text that was used, by path below `dictionaries/`.
    texts: BTreeMap<String, String>,
    /// The user's folder.
    dir: Option<PathBuf>,
    /// The user's rule file, where it is named by itself.
    codes: Option<PathBuf>,
}

impl Resources {
    /// The built-in dictionaries; where `dir` has a file of the same path, that one.
    ///
    /// # Errors
    /// A folder that does not exist, or a file with a faulty line, by file and line.
    pub fn load(dir: Option<&Path>) -> Result<Self> {
        let folder = Folder { dir, texts: RefCell::default() };
        let warnings = folder.read_known()?;
        let profile = Profile::parse(&folder.name("profile.toml"), &folder.get("profile.toml")?, &|name| folder.get(name))
            .map_err(|e| folder.place(e))?;
        let concepts = folder.concepts()?;
        let word_lists = WordLists::parse(&folder.get("stopwords.txt")?, &folder.get("fillers.txt")?);
        let texts = folder.texts.into_inner();
        Ok(Self { profile, concepts, word_lists, warnings, texts, dir: dir.map(Path::to_owned), codes: None })
    }

    /// A file's text by its path below `dictionaries/`; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }

    /// A file's path and text, as parsers take them to name the place of a fault.
    pub fn source(&self, name: &str) -> (String, &str) {
        (name_in(self.dir.as_deref(), name), self.text(name))
    }

    /// The lists of [`IdentifierLists::FILES`]: path and text of each.
    pub fn identifier_lists(&self) -> [(String, &str); IdentifierLists::FILES.len()] {
        IdentifierLists::FILES.map(|file| self.source(&format!("identifiers/{file}")))
    }

    /// Need domains, need cues, and what words say for domains: path and text of each.
    pub fn needs(&self) -> [(String, &str); 3] {
        ["needs/domains.toml", "needs/cues.toml", "needs/ngrams.tsv"].map(|name| self.source(name))
    }

    /// The same with the coding rules of `file`, if one is named, in any of the encodings that records may have.
    ///
    /// # Errors
    /// A file that cannot be read or decoded.
    pub fn with_codes(mut self, file: Option<&Path>) -> Result<Self> {
        if let Some(file) = file {
            self.texts.insert(CODES.to_owned(), decoded(file)?);
            self.codes = Some(file.to_owned());
        }
        Ok(self)
    }

    /// The coding rules: path and text.
    pub fn codes(&self) -> (String, &str) {
        match &self.codes {
            Some(file) => (file.display().to_string(), self.text(CODES)),
            None => self.source(CODES),
        }
    }

    /// What identifiers are made of (surnames, municipalities …): name without folder and ending, and text, by name.
    pub fn identifiers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().filter_map(|(name, text)| Some((name.strip_prefix("identifiers/")?.strip_suffix(".txt")?, text.as_str())))
    }

    /// One list of [`Resources::identifiers`]: path and text.
    pub fn identifier(&self, name: &str) -> (String, &str) {
        self.source(&format!("identifiers/{name}.txt"))
    }

    /// The morphological dictionary with these concepts: the compiled one of `dictionary`, else the embedded IPADIC.
    ///
    /// # Errors
    /// A folder that is no compiled lindera dictionary.
    pub fn lexicon(&self, dictionary: Option<&Path>) -> Result<Arc<Lexicon>> {
        let concepts = self.concepts.clone();
        let lexicon = match dictionary {
            Some(dir) => Lexicon::from_dir(dir, concepts)?,
            None => Lexicon::embedded(concepts)?,
        };
        Ok(Arc::new(lexicon))
    }

    /// A hash of all texts with their names, 64 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for part in self.texts.iter().flat_map(|(name, text)| [name, text]) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// A hash of the morphological dictionary: of the archive the embedded one is built from, or of all files of a folder.
///
/// # Errors
/// A folder that cannot be read.
pub fn dictionary_fingerprint(dictionary: Option<&Path>) -> Result<String> {
    let Some(dir) = dictionary else {
        return Ok(IPADIC_BLAKE3.to_owned());
    };
    let mut hasher = blake3::Hasher::new();
    for name in fs::names(dir)? {
        let path = dir.join(&name);
        if path.is_file() {
            hasher.update(&(name.len() as u64).to_le_bytes());
            hasher.update(name.as_bytes());
            hasher.update(fs::hash_file(&path)?.1.as_bytes());
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// The user's folder over the built-in files, and what was taken from either.
struct Folder<'d> {
    dir: Option<&'d Path>,
    texts: RefCell<BTreeMap<String, String>>,
}

impl Folder<'_> {
    /// Reads every known file, and tells of files in the user's folder that are none (a misspelt name would otherwise
    /// leave the built-in list in force without a word).
    fn read_known(&self) -> Result<Vec<Text>> {
        for (name, built_in) in FILES {
            let text = self.read(name)?.unwrap_or_else(|| (*built_in).to_owned());
            self.texts.borrow_mut().insert((*name).to_owned(), text);
        }
        for name in OPTIONAL {
            if let Some(text) = self.read(name)? {
                self.texts.borrow_mut().insert((*name).to_owned(), text);
            }
        }
        let Some(dir) = self.dir else { return Ok(Vec::new()) };
        if !dir.is_dir() {
            return Err(Error::new(
                ErrorKind::Dictionary,
                Text::new("辞書のフォルダがありません。パスを確かめてください", "no such folder of dictionaries; check the path"),
            )
            .at(dir, 0));
        }
        let known: Vec<&str> = FILES.iter().map(|(name, _)| *name).chain(OPTIONAL.iter().copied()).collect();
        let mut warnings = Vec::new();
        for name in self.listing(dir)? {
            // A code list of the user's own is named in the user's profile.
            let named = name.starts_with("code-lists/") && self.text_of("profile.toml").contains(&name);
            let data = [".csv", ".toml", ".txt"].iter().any(|end| name.ends_with(end));
            if !data || named || known.contains(&name.as_str()) {
                continue;
            }
            let place = dir.join(&name);
            let place = place.display();
            warnings.push(match nearest(&name, &known) {
                Some(near) => Text::new(
                    format!("{place} は読まれません。「{near}」のことですか"),
                    format!("{place} is not read; did you mean \"{near}\"?"),
                ),
                None => Text::new(format!("{place} は読まれません"), format!("{place} is not read")),
            });
        }
        Ok(warnings)
    }

    /// Files in the user's folder, one folder deep, with `/`.
    fn listing(&self, dir: &Path) -> Result<Vec<String>> {
        let mut files = Vec::new();
        for name in fs::names(dir)? {
            if dir.join(&name).is_dir() {
                if !NOT_READ.contains(&name.as_str()) {
                    files.extend(fs::names(&dir.join(&name))?.into_iter().map(|file| format!("{name}/{file}")));
                }
            } else {
                files.push(name);
            }
        }
        Ok(files)
    }

    fn concepts(&self) -> Result<Concepts> {
        let [terms, codes] = ["rare-cancer/terms.csv", "rare-cancer/disease_codes.csv"];
        let parsed = Concepts::parse((&self.name(terms), &self.text_of(terms)), (&self.name(codes), &self.text_of(codes)));
        let own = |name: &str| self.dir.is_some_and(|dir| dir.join(name).exists());
        parsed.map_err(|e| match e.place() {
            // The built-in codes are sound with the built-in terms: the user's terms lack one of their diseases.
            Some(place) if own(terms) && !own(codes) && place.file == Path::new(&self.name(codes)) => {
                let row = place.row;
                let text = Text::new(
                    "自分の terms.csv にない疾患の行です。組み込みの disease_codes.csv を自分のフォルダに写し、この行を消してください",
                    "your terms.csv lacks this disease; copy the built-in disease_codes.csv into your folder and remove this line",
                );
                Error::new(ErrorKind::Dictionary, text).at(self.name(codes), row)
            }
            _ => e,
        })
    }

    /// The user's file, when there is one.
    fn read(&self, name: &str) -> Result<Option<String>> {
        match self.dir.map(|dir| dir.join(name)) {
            Some(path) if path.exists() => fs::read_text(&path).map(Some),
            _ => Ok(None),
        }
    }

    fn text_of(&self, name: &str) -> String {
        self.find(name).unwrap_or_default()
    }

    fn find(&self, name: &str) -> Option<String> {
        self.texts.borrow().get(name).cloned()
    }

    /// A file that must be there: known, or named by the profile and in the user's folder.
    fn get(&self, name: &str) -> Result<String> {
        if let Some(text) = self.find(name) {
            return Ok(text);
        }
        let text = self.read(name)?.ok_or_else(|| {
            let known: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
            let text = match nearest(name, &known) {
                Some(near) => Text::new(
                    format!("profile.toml が名指すファイルがありません。「{near}」のことですか"),
                    format!("profile.toml names this file, which does not exist; did you mean \"{near}\"?"),
                ),
                None => Text::new("profile.toml が名指すファイルがありません", "profile.toml names this file, which does not exist"),
            };
            Error::new(ErrorKind::Dictionary, text).at(self.name(name), 0)
        })?;
        self.texts.borrow_mut().insert(name.to_owned(), text.clone());
        Ok(text)
    }

    fn name(&self, name: &str) -> String {
        name_in(self.dir, name)
    }

    /// Code lists are parsed under the name the profile gives them: the folder is added to their faults.
    fn place(&self, error: Error) -> Error {
        match error.place() {
            Some(place) if self.find(&place.file.to_string_lossy()).is_some() => {
                let (file, row, column) = (self.name(&place.file.to_string_lossy()), place.row, place.column.clone());
                let moved = error.at(file, row);
                match column {
                    Some(column) => moved.column(column),
                    None => moved,
                }
            }
            _ => error,
        }
    }
}

/// Longer lines are no rule.
const RULE_LINE_BYTES: usize = 1 << 20;

/// A text file of a user's, often written by another program on Windows.
fn decoded(path: &Path) -> Result<String> {
    let mut lines = Lines::open(path, encoding::of_file(path, None)?, RULE_LINE_BYTES)?;
    let mut text = String::new();
    while let Some(line) = lines.next_line().map_err(|cause| unreadable(path, cause))? {
        if let Some(fault) = line.fault {
            return Err(Error::new(ErrorKind::Dictionary, fault.text()).at(path, line.number));
        }
        text.push_str(line.text);
        text.push('\n');
    }
    Ok(text)
}

/// How messages name a file: by its path where it is the user's, else as the built-in one.
fn name_in(dir: Option<&Path>, name: &str) -> String {
    match dir.map(|d| d.join(name)) {
        Some(path) if path.exists() => path.display().to_string(),
        _ => format!("dictionaries/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Lang;

    /// A user's folder with these files.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn the_built_in_files_are_sound() {
        let resources = Resources::load(None).unwrap();
        assert!(resources.warnings.is_empty());
        for (_, attribute) in resources.profile.iter() {
            assert!(attribute.open || !attribute.codes.is_empty(), "{}", attribute.name);
        }
        assert!(resources.word_lists.fillers.len() > 50 && resources.word_lists.stop_words.len() > 50);
        let lists: Vec<_> = resources.identifiers().map(|(name, _)| name).collect();
        assert_eq!(
            lists,
            [
                "facility_generic",
                "facility_public",
                "facility_suffixes",
                "family_terms",
                "given_names",
                "honorifics",
                "known_given_names",
                "known_surnames",
                "municipalities",
                "surnames"
            ]
        );
        assert!(resources.identifier("surnames").1.contains("\n佐藤\n"));
    }

    #[test]
    fn every_file_in_the_repository_is_built_in() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("dictionaries");
        let resources = Resources::load(Some(&repository)).unwrap();
        assert!(resources.warnings.is_empty(), "add these to FILES: {:?}", resources.warnings);
        for name in OPTIONAL.iter().filter(|name| repository.join(name).exists()) {
            assert!(FILES.iter().any(|(built_in, _)| built_in == name), "add a line to FILES: {name}");
        }
        assert_eq!(resources.fingerprint(), Resources::load(None).unwrap().fingerprint());
    }

    #[test]
    fn the_users_file_replaces_the_built_in_one_and_the_rest_stays() {
        let own = folder(&[
            ("stopwords.txt", "# own\nもの\n"),
            ("rare-cancer/terms.csv", "surface,canonical,kind,reading\nジスト,GIST,disease,ジスト\n"),
            ("rare-cancer/disease_codes.csv", "canonical,a,b,c,d,e,f,g\n"),
        ]);
        let resources = Resources::load(Some(own.path())).unwrap();
        assert_eq!(resources.word_lists.stop_words.len(), 1);
        assert_eq!(resources.word_lists.fillers, Resources::load(None).unwrap().word_lists.fillers);
        assert_eq!(resources.concepts.meanings("ジスト").len(), 1);
        assert_ne!(resources.fingerprint(), Resources::load(None).unwrap().fingerprint());
    }

    #[test]
    fn a_code_list_of_ones_own_is_found_by_the_profile() {
        let profile = "[field.id]\ncolumns = [\"ID\"]\n[[attribute]]\nname = \"ward\"\nlabel_ja = \"病棟\"\nlabel_en = \"Ward\"\ncolumns = []\ncodes = \"code-lists/ward.csv\"\n";
        let own = folder(&[("profile.toml", profile), ("code-lists/ward.csv", "code,label_ja,label_en,aliases\n01,東,East,\n")]);
        let resources = Resources::load(Some(own.path())).unwrap();
        assert!(resources.warnings.is_empty(), "{:?}", resources.warnings);
        assert_eq!(resources.profile.find("ward").unwrap().1.codes.len(), 1);
        std::fs::remove_file(own.path().join("code-lists/ward.csv")).unwrap();
        let message = Resources::load(Some(own.path())).unwrap_err().message(Lang::En);
        assert!(message.contains("code-lists/ward.csv: profile.toml names this file"), "{message}");
    }

    #[test]
    fn faults_name_the_users_file_and_line() {
        let own = folder(&[("code-lists/sex.csv", "code,label_ja,label_en,aliases\n01,男性,Male,男\n02,女性,Female,男\n")]);
        let error = Resources::load(Some(own.path())).unwrap_err();
        let place = error.place().unwrap();
        assert_eq!((place.file.clone(), place.row), (own.path().join("code-lists/sex.csv"), 3));
        let missing = Resources::load(Some(&own.path().join("nowhere"))).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::Dictionary);
    }

    #[test]
    fn terms_without_their_codes_say_what_to_do() {
        let own = folder(&[("rare-cancer/terms.csv", "surface,canonical,kind,reading\nジスト,GIST,disease,ジスト\n")]);
        let message = Resources::load(Some(own.path())).unwrap_err().message(Lang::En);
        assert!(message.contains("copy the built-in disease_codes.csv"), "{message}");
    }

    #[test]
    fn misspelt_files_are_told_of() {
        let own = folder(&[("stopword.txt", "もの\n"), ("notes.md", "read me")]);
        let warnings = Resources::load(Some(own.path())).unwrap().warnings;
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].en.ends_with("stopword.txt is not read; did you mean \"stopwords.txt\"?"), "{}", warnings[0].en);
    }

    #[test]
    fn the_fingerprint_is_that_of_the_archive_the_dictionary_is_built_from() {
        let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("dictionaries/ipadic/mecab-ipadic.tar.xz");
        assert_eq!(fs::hash_file(&archive).unwrap().1, IPADIC_BLAKE3);
    }

    #[test]
    fn another_dictionary_has_another_fingerprint() {
        let dir = folder(&[("dict.da", "x")]);
        let own = dictionary_fingerprint(Some(dir.path())).unwrap();
        assert_ne!(own, dictionary_fingerprint(None).unwrap());
        std::fs::write(dir.path().join("dict.da"), "y").unwrap();
        assert_ne!(own, dictionary_fingerprint(Some(dir.path())).unwrap());
    }
}

//! What can go wrong, said in the reader's language and never in a caller's words.

mod cause;
mod nearest;

pub(crate) use nearest::nearest;

use std::fmt;
use std::path::{Path, PathBuf};

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The language of messages to people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lang {
    /// Japanese, the default: where the data is, the readers are.
    #[default]
    Ja,
    /// English.
    En,
}

/// One sentence in both languages, so that none is an afterthought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Japanese.
    pub ja: String,
    /// English: lower case, no final dot.
    pub en: String,
}

impl Text {
    /// A sentence in Japanese and in English.
    pub fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ja: ja.into(), en: en.into() }
    }

    /// The sentence in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ja => &self.ja,
            Lang::En => &self.en,
        }
    }
}

/// What kind of thing failed: decides the exit code and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The disk said no: a path that is missing, unreadable or unwritable.
    Io,
    /// A value in `kikitori.toml` or on the command line is not usable.
    Config,
    /// A dictionary, word list or code list has a faulty line.
    Dictionary,
    /// An input file cannot be read at all (single bad rows are a [`Problem`], not an error).
    Input,
    /// There is too little text to do what was asked.
    TooLittle,
    /// A model directory is missing, damaged or of another version.
    Model,
    /// A table could not be written, or did not read back as written.
    Table,
    /// Publishing would have shown what must stay hidden.
    Privacy,
    /// Another run holds the output folder.
    Locked,
    /// The user stopped the run.
    Interrupted,
    /// A bug of ours.
    Internal,
}

impl ErrorKind {
    /// The stable name for machines (`--json`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Io => "io",
            Self::Config => "config",
            Self::Dictionary => "dictionary",
            Self::Input => "input",
            Self::TooLittle => "too_little",
            Self::Model => "model",
            Self::Table => "table",
            Self::Privacy => "privacy",
            Self::Locked => "locked",
            Self::Interrupted => "interrupted",
            Self::Internal => "internal",
        }
    }
}

/// An error with its place and a sentence that says what was expected, what was found and what to do.
///
/// It never holds a caller's words: file, line, column, byte and ids of codes only.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    place: Option<Place>,
    text: Text,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// Whether the sentence already tells the cause.
    explained: bool,
}

/// Where in which file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The file as the user named it.
    pub file: PathBuf,
    /// The line or row, counted from 1; 0 when the whole file is meant.
    pub row: u64,
    /// The column or configuration key.
    pub column: Option<String>,
}

impl Error {
    /// An error of `kind` that says `text`.
    pub fn new(kind: ErrorKind, text: Text) -> Self {
        Self(Box::new(Inner { kind, place: None, text, source: None, explained: false }))
    }

    /// Adds the file (and row, from 1; 0 for none) the error is about.
    #[must_use]
    pub fn at(mut self, file: impl AsRef<Path>, row: u64) -> Self {
        self.0.place = Some(Place { file: file.as_ref().to_owned(), row, column: None });
        self
    }

    /// Adds the column or key the error is about.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.0.place.get_or_insert_with(Place::default).column = Some(column.into());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds a cause that the sentence already tells: [`std::error::Error::source`] gives it, messages do not repeat it.
    #[must_use]
    pub fn explaining(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.explained = true;
        self.because(source)
    }

    /// Adds advice behind the sentence.
    #[must_use]
    pub fn with_advice(mut self, advice: &Text) -> Self {
        self.0.text.ja.push_str(&format!("。{}", advice.ja));
        self.0.text.en.push_str(&format!("; {}", advice.en));
        self
    }

    /// What kind of thing failed.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The place, when there is one.
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// Place and sentence in `lang`, on one line, and in brackets what the causes add.
    pub fn message(&self, lang: Lang) -> String {
        let mut out = String::new();
        if let Some(place) = &self.0.place {
            out.push_str(&place.describe(lang));
            out.push_str(": ");
        }
        out.push_str(self.0.text.get(lang));
        if !self.0.explained {
            let causes = cause::causes(self, &out, lang);
            out.push_str(&causes);
        }
        out
    }
}

impl Place {
    /// `file`, `file 12行目`, `file 12行目 列「x」` or their English.
    pub fn describe(&self, lang: Lang) -> String {
        let mut out = self.file.display().to_string();
        let gap = |out: &mut String| {
            if !out.is_empty() {
                out.push(' ');
            }
        };
        if self.row > 0 {
            gap(&mut out);
            out.push_str(&match lang {
                Lang::Ja => format!("{}行目", self.row),
                Lang::En => format!("line {}", self.row),
            });
        }
        if let Some(column) = &self.column {
            gap(&mut out);
            out.push_str(&match lang {
                Lang::Ja => format!("「{column}」"),
                Lang::En => format!("\"{column}\""),
            });
        }
        out
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.0.place {
            write!(f, "{}: ", place.describe(Lang::En))?;
        }
        f.write_str(&self.0.text.en)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}

/// Why an input row did not become a consultation: one row of `rejects.parquet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File, row and column.
    pub place: Place,
    /// The reason.
    pub reason: RejectReason,
}

/// The reasons for a reject. Their codes are part of the published contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RejectReason {
    /// The row has no text at all, or only white space.
    EmptyText,
    /// The text is longer than `input.max_chars`.
    TextTooLong,
    /// The row has no id.
    MissingId,
    /// An earlier row has this id.
    DuplicateId,
    /// The bytes of the row are not valid in the file's encoding.
    BadEncoding,
    /// The row has another number of cells than the header.
    WrongWidth,
    /// The line is not a JSON object of the expected form.
    BadJson,
    /// A quoted cell is not closed.
    UnclosedQuote,
    /// The date cannot be understood.
    BadDate,
    /// The turns are not a list of `{speaker, text}`.
    BadTurns,
    /// A WebVTT or SRT file without any timed cue.
    NoCues,
}

impl RejectReason {
    /// The stable code published in `rejects.parquet`.
    pub fn code(self) -> &'static str {
        match self {
            Self::EmptyText => "empty_text",
            Self::TextTooLong => "text_too_long",
            Self::MissingId => "missing_id",
            Self::DuplicateId => "duplicate_id",
            Self::BadEncoding => "bad_encoding",
            Self::WrongWidth => "wrong_width",
            Self::BadJson => "bad_json",
            Self::UnclosedQuote => "unclosed_quote",
            Self::BadDate => "bad_date",
            Self::BadTurns => "bad_turns",
            Self::NoCues => "no_cues",
        }
    }

    /// The sentence for people.
    pub fn text(self) -> Text {
        let (ja, en) = match self {
            Self::EmptyText => ("本文が空です", "the text is empty"),
            Self::TextTooLong => ("本文が input.max_chars の上限を超えています", "the text is longer than input.max_chars"),
            Self::MissingId => ("相談IDがありません", "the id is missing"),
            Self::DuplicateId => ("同じ相談IDの行が先にあります", "an earlier row has the same id"),
            Self::BadEncoding => ("文字コードとして読めないバイトがあります", "bytes that the encoding does not allow"),
            Self::WrongWidth => ("列の数が見出し行と違います", "the number of cells differs from the header's"),
            Self::BadJson => ("JSONオブジェクトとして読めません", "not a JSON object"),
            Self::UnclosedQuote => ("引用符が閉じていません", "a quoted cell is not closed"),
            Self::BadDate => ("日付が読み取れません", "not a date"),
            Self::BadTurns => ("発話（speaker, text）の並びとして読めません", "not a list of {speaker, text}"),
            Self::NoCues => ("時刻（-->）の付いた字幕が一つもありません", "there is no timed cue (-->)"),
        };
        Text::new(ja, en)
    }
}

//! A line of a condition cut into words, marks, chains and references.

use crate::error::Text;

/// The words of `near` and `seq` may stand apart this far when the rule does not say (KH Coder: `near.pm`, `sequence.pm`).
const DEFAULT_DISTANCE: u32 = 10;

/// More words than this in one `near` or `seq` are a slip of the pen; the search keeps a place for each subset of them.
const MAX_CHAIN: usize = 6;

/// Words that follow each other: what is written with `+`.
pub(super) type Phrase = Vec<String>;

/// A piece of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lexeme {
    Open,
    Close,
    And,
    Or,
    Not,
    Phrase(Phrase),
    /// Characters as they stand in the text.
    Text(String),
    Chain(Chain),
    Code(String),
    Variable {
        name: String,
        value: String,
    },
}

/// `near` or `seq`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    /// Whether the order counts.
    pub(super) ordered: bool,
    pub(super) items: Vec<Phrase>,
    /// Morphemes from one to the next, at most; `None`: any number.
    pub(super) distance: Option<u32>,
    /// Whether all must stand in one sentence.
    pub(super) sentence: bool,
}

impl Lexeme {
    /// How messages name it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Open => "(".into(),
            Self::Close => ")".into(),
            Self::And => "and".into(),
            Self::Or => "or".into(),
            Self::Not => "not".into(),
            Self::Phrase(words) => words.join("+"),
            Self::Text(text) => format!("'{text}'"),
            Self::Chain(chain) => format!("{}(…)", if chain.ordered { "seq" } else { "near" }),
            Self::Code(name) => format!("＊{name}"),
            Self::Variable { name, value } => format!("<>{name}-->{value}"),
        }
    }
}

/// Cuts one line.
///
/// # Errors
/// A sentence that says what was expected and what was found; the caller adds the place.
pub(super) fn lexemes(line: &str) -> Result<Vec<Lexeme>, Text> {
    let mut lexer = Lexer { rest: line };
    let mut out = Vec::new();
    while let Some(c) = lexer.skip_space() {
        out.push(match c {
            '(' | '（' => lexer.mark(Lexeme::Open),
            ')' | '）' => lexer.mark(Lexeme::Close),
            '&' | '＆' => lexer.mark(Lexeme::And),
            '|' | '｜' => lexer.mark(Lexeme::Or),
            '!' | '！' => lexer.mark(Lexeme::Not),
            '"' => Lexeme::Phrase(vec![lexer.quoted('"')?]),
            '\'' => Lexeme::Text(lexer.quoted('\'')?),
            '<' => lexer.angle()?,
            '＊' | '*' => {
                lexer.bump();
                match lexer.word() {
                    "" => return Err(not_supported(&c.to_string())),
                    name => Lexeme::Code(name.to_owned()),
                }
            }
            _ => lexer.plain()?,
        });
    }
    Ok(out)
}

struct Lexer<'l> {
    rest: &'l str,
}

impl<'l> Lexer<'l> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn bump(&mut self) {
        let mut chars = self.rest.chars();
        chars.next();
        self.rest = chars.as_str();
    }

    fn mark(&mut self, lexeme: Lexeme) -> Lexeme {
        self.bump();
        lexeme
    }

    fn skip_space(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.peek()
    }

    fn take_until(&mut self, end: impl Fn(char) -> bool) -> &'l str {
        let (taken, rest) = self.rest.split_at(self.rest.find(end).unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// Up to a space or a mark.
    fn word(&mut self) -> &'l str {
        self.take_until(|c| c.is_whitespace() || "()&|!（）＆｜！".contains(c))
    }

    /// The content between two `quote`; twice `quote` is one of it.
    fn quoted(&mut self, quote: char) -> Result<String, Text> {
        self.bump();
        let mut content = String::new();
        loop {
            content.push_str(self.take_until(|c| c == quote));
            if self.peek().is_none() {
                return Err(Text::new(format!("「{quote}」が閉じていません"), format!("unclosed {quote}")));
            }
            self.bump();
            if self.peek() != Some(quote) {
                break;
            }
            content.push(quote);
            self.bump();
        }
        if content.trim().is_empty() {
            return Err(Text::new(
                format!("{quote}{quote} の中に語を書いてください"),
                format!("expected a word between {quote} and {quote}, found nothing"),
            ));
        }
        Ok(content)
    }

    /// `<＊コード>` or `<>変数-->値`.
    fn angle(&mut self) -> Result<Lexeme, Text> {
        let whole = self.rest;
        self.bump();
        match self.peek() {
            Some('＊' | '*') => {
                self.bump();
                let name = self.take_until(|c| c == '>').trim().to_owned();
                if self.peek().is_none() || name.is_empty() {
                    return Err(Text::new("<＊コード名> の形で書いてください", "expected <＊code name>"));
                }
                self.bump();
                Ok(Lexeme::Code(name))
            }
            Some('>') => {
                self.bump();
                let variable = || Text::new("<>変数-->値 の形で書いてください", "expected <>attribute-->value");
                let (name, rest) = self.rest.split_once("-->").ok_or_else(variable)?;
                self.rest = rest;
                let value = match self.peek() {
                    Some('"') => self.quoted('"')?,
                    _ => self.word().to_owned(),
                };
                let name = name.trim().to_owned();
                if name.is_empty() || name.contains(char::is_whitespace) || value.is_empty() {
                    return Err(variable());
                }
                Ok(Lexeme::Variable { name, value })
            }
            _ => {
                self.rest = whole;
                Err(not_supported(self.word()))
            }
        }
    }

    /// A word, an operator written as a word, or a chain.
    fn plain(&mut self) -> Result<Lexeme, Text> {
        let word = self.word();
        match word {
            "and" => return Ok(Lexeme::And),
            "or" => return Ok(Lexeme::Or),
            "not" => return Ok(Lexeme::Not),
            "near" | "seq" if self.peek() == Some('(') => return self.chain(word == "seq").map(Lexeme::Chain),
            _ => {}
        }
        let counts = word.chars().all(|c| c.is_ascii_digit() || "<>=+-*/.".contains(c));
        if counts || word == "No." || (word == "length" && self.peek() == Some('(')) {
            return Err(not_supported(word));
        }
        if word.contains("-->") {
            return Err(Text::new(
                format!("「{word}」: 語-->品詞 の書き方は使えません。語だけを書いてください"),
                format!("{word}: word-->part of speech is not supported; write the word alone"),
            ));
        }
        Ok(Lexeme::Phrase(phrase(word)?))
    }

    /// `(a-b)[n]` behind `near` or `seq`.
    fn chain(&mut self, ordered: bool) -> Result<Chain, Text> {
        let name = if ordered { "seq" } else { "near" };
        let form = |found: &str| {
            Text::new(
                format!("{name}(語-語) または {name}(語-語)[10] の形で書いてください（「{found}」があります）"),
                format!("expected {name}(word-word) or {name}(word-word)[10], found \"{found}\""),
            )
        };
        self.bump();
        let mut items = Vec::new();
        loop {
            let item = match self.skip_space() {
                Some('"') => vec![self.quoted('"')?],
                _ => phrase(self.take_until(|c| c.is_whitespace() || "-－()（）".contains(c)))?,
            };
            items.push(item);
            match self.skip_space() {
                Some('-' | '－') => self.bump(),
                Some(')' | '）') => break,
                found => return Err(form(&found.map_or(String::new(), String::from))),
            }
        }
        self.bump();
        if !(2..=MAX_CHAIN).contains(&items.len()) {
            return Err(Text::new(
                format!("{name}(…) の中の語は2個から{MAX_CHAIN}個までにしてください（{}個あります）", items.len()),
                format!("expected 2 to {MAX_CHAIN} words in {name}(…), found {}", items.len()),
            ));
        }
        let mut chain = Chain { ordered, items, distance: Some(DEFAULT_DISTANCE), sentence: false };
        if self.peek() == Some('[') {
            self.bump();
            let option = self.take_until(|c| c == ']');
            let number = option.strip_prefix(['b', 'd']).unwrap_or(option);
            match number.parse() {
                Ok(0) => chain.distance = None,
                Ok(distance) => chain.distance = Some(distance),
                Err(_) if number.is_empty() && !option.is_empty() => {}
                Err(_) => return Err(form(&format!("[{option}]"))),
            }
            chain.sentence = option.starts_with('b');
            if self.peek().is_none() {
                return Err(form(&format!("[{option}")));
            }
            self.bump();
        }
        Ok(chain)
    }
}

/// The words between `+`.
fn phrase(word: &str) -> Result<Phrase, Text> {
    let words: Phrase = word.split('+').map(str::to_owned).collect();
    if words.iter().any(String::is_empty) {
        let found = if word.is_empty() { "…" } else { word };
        return Err(Text::new(
            format!("語が必要なところに「{found}」があります。記号の語は \"…\" で囲んでください"),
            format!("expected a word, found \"{found}\"; put signs that are words into \"…\""),
        ));
    }
    Ok(words)
}

fn not_supported(found: &str) -> Text {
    Text::new(
        format!("「{found}」: 出現数の計算や比較（> = + 数、length、No.）は使えません。語としての数や記号は \"…\" で囲んでください"),
        format!(
            "{found}: counting and comparing (> = +, numbers, length, No.) is not supported; put numbers and signs that are words into \"…\""
        ),
    )
}

//! From pieces to a condition: `not` before `and` before `or`.

use std::collections::BTreeMap;

use super::CodingId;
use super::lexer::{Chain, Lexeme, Phrase};
use crate::error::Text;

/// Parentheses within parentheses: beyond this a rule is no longer a rule, and parsing it would use up the stack.
const MAX_DEPTH: usize = 64;

/// What a call must fulfil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    Phrase(Phrase),
    Text(String),
    Chain(Chain),
    Code(CodingId),
    /// An attribute's value, and where it is written.
    Variable {
        name: String,
        value: String,
        line: u64,
    },
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// A piece and its line.
pub(super) type Placed = (u64, Lexeme);

/// Parses the condition of one code, whose own line is `line`.
///
/// # Errors
/// Line and sentence: what was expected and what was found.
pub(super) fn parse(line: u64, pieces: &[Placed], names: &BTreeMap<String, CodingId>) -> Result<Condition, (u64, Text)> {
    let mut parser = Parser { pieces, at: 0, last_line: line, names };
    let condition = parser.any(0)?;
    match parser.peek() {
        None => Ok(condition),
        Some(Lexeme::Close) => Err(parser.fault("対応する「(」のない「)」があります", "found ')' without its '('")),
        Some(found) => {
            let found = found.describe();
            Err(parser.fault(
                &format!("「{found}」の前に and か or が必要です。続いた語として探すには \"語 語\" か 語+語 と書いてください"),
                &format!("expected 'and' or 'or' before \"{found}\"; for words that follow each other write \"a b\" or a+b"),
            ))
        }
    }
}

struct Parser<'p> {
    pieces: &'p [Placed],
    at: usize,
    last_line: u64,
    names: &'p BTreeMap<String, CodingId>,
}

impl<'p> Parser<'p> {
    fn peek(&self) -> Option<&'p Lexeme> {
        self.pieces.get(self.at).map(|(_, lexeme)| lexeme)
    }

    fn take(&mut self) -> Option<&'p Lexeme> {
        let (line, lexeme) = self.pieces.get(self.at)?;
        self.last_line = *line;
        self.at += 1;
        Some(lexeme)
    }

    /// An error at the next piece, or where the rule ends.
    fn fault(&self, ja: &str, en: &str) -> (u64, Text) {
        let line = self.pieces.get(self.at).map_or(self.last_line, |(line, _)| *line);
        (line, Text::new(ja, en))
    }

    fn any(&mut self, depth: usize) -> Result<Condition, (u64, Text)> {
        let mut branches = vec![self.all(depth)?];
        while self.peek() == Some(&Lexeme::Or) {
            self.take();
            branches.push(self.all(depth)?);
        }
        Ok(if branches.len() == 1 { branches.swap_remove(0) } else { Condition::Any(branches) })
    }

    fn all(&mut self, depth: usize) -> Result<Condition, (u64, Text)> {
        let mut parts = vec![self.term(depth)?];
        while self.peek() == Some(&Lexeme::And) {
            self.take();
            parts.push(self.term(depth)?);
        }
        Ok(if parts.len() == 1 { parts.swap_remove(0) } else { Condition::All(parts) })
    }

    fn term(&mut self, depth: usize) -> Result<Condition, (u64, Text)> {
        let mut negated = false;
        while self.peek() == Some(&Lexeme::Not) {
            self.take();
            negated = !negated;
        }
        let condition = match self.peek() {
            Some(Lexeme::Open) => self.group(depth)?,
            Some(Lexeme::Phrase(words)) => self.leaf(Condition::Phrase(words.clone())),
            Some(Lexeme::Text(text)) => self.leaf(Condition::Text(text.clone())),
            Some(Lexeme::Chain(chain)) => self.leaf(Condition::Chain(chain.clone())),
            Some(Lexeme::Variable { name, value }) => {
                let line = self.pieces[self.at].0;
                self.leaf(Condition::Variable { name: name.clone(), value: value.clone(), line })
            }
            Some(Lexeme::Code(name)) => match self.names.get(name) {
                Some(id) => self.leaf(Condition::Code(*id)),
                None => {
                    return Err(self
                        .fault(&format!("コード「＊{name}」はこのファイルにありません"), &format!("this file has no code \"＊{name}\"")));
                }
            },
            found => {
                let found =
                    found.map_or_else(|| ("行の終わり".to_owned(), "the end of the rule".to_owned()), |f| (f.describe(), f.describe()));
                return Err(self.fault(
                    &format!("語か条件が必要なところに「{}」があります", found.0),
                    &format!("expected a word or a condition, found {}", found.1),
                ));
            }
        };
        Ok(if negated { Condition::Not(Box::new(condition)) } else { condition })
    }

    fn leaf(&mut self, condition: Condition) -> Condition {
        self.take();
        condition
    }

    fn group(&mut self, depth: usize) -> Result<Condition, (u64, Text)> {
        if depth == MAX_DEPTH {
            return Err(self.fault(&format!("括弧が{MAX_DEPTH}重を超えています"), &format!("parentheses nest deeper than {MAX_DEPTH}")));
        }
        let opened = self.pieces[self.at].0;
        self.take();
        let condition = self.any(depth + 1)?;
        if self.peek() == Some(&Lexeme::Close) {
            self.take();
            return Ok(condition);
        }
        match self.peek() {
            None => Err((opened, Text::new("「(」が閉じていません", "unclosed '('"))),
            Some(found) => {
                let found = found.describe();
                Err(self.fault(
                    &format!("「{found}」の前に and、or、「)」のどれかが必要です"),
                    &format!("expected 'and', 'or' or ')' before \"{found}\""),
                ))
            }
        }
    }
}

//! A rule file as it stands: codes with their lines and conditions, references resolved, no code built on itself.

use std::collections::BTreeMap;

use super::CodingId;
use super::book::CodeBook;
use super::lexer::lexemes;
use super::parser::{Condition, Placed, parse};
use crate::error::{Error, ErrorKind, Result, Text};

/// Published codes have three digits.
const MAX_CODES: usize = 1000;

/// The codes of one file, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeRules {
    pub(super) file: String,
    pub(super) codes: Vec<CodeRule>,
    /// Every code behind those its condition names.
    pub(super) order: Vec<CodingId>,
}

/// One code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CodeRule {
    pub(super) name: String,
    pub(super) line: u64,
    pub(super) condition: Condition,
}

/// A code whose condition is not read yet.
struct Head {
    name: String,
    line: u64,
    pieces: Vec<Placed>,
}

impl CodeRules {
    /// Reads a rule file, given as name (for messages) and text. A file without a code is a file of no codes.
    ///
    /// # Errors
    /// The first fault with file and line: what was expected and what was found; a name used twice, a code without a
    /// condition or above the first code's name, a code that depends on itself.
    pub fn parse(file: &str, text: &str) -> Result<Self> {
        let fault = |(line, text)| Error::new(ErrorKind::Dictionary, text).at(file, line);
        let heads = heads(text).map_err(fault)?;
        let names = names(&heads).map_err(fault)?;
        let codes = heads
            .into_iter()
            .map(|head| {
                if head.pieces.is_empty() {
                    let text = Text::new(
                        format!("コード「＊{}」に条件がありません。行の先頭の ＊ は新しいコードの始まりです", head.name),
                        format!("the code \"＊{}\" has no condition; a ＊ at the beginning of a line begins a new code", head.name),
                    );
                    return Err((head.line, text));
                }
                let condition = parse(head.line, &head.pieces, &names)?;
                Ok(CodeRule { name: head.name, line: head.line, condition })
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(fault)?;
        let order = order(&codes).map_err(fault)?;
        Ok(Self { file: file.to_owned(), codes, order })
    }

    /// Names, places and how the codes contain each other.
    pub fn book(&self) -> CodeBook {
        CodeBook::new(self)
    }
}

/// The lines of a file, gathered below their codes.
fn heads(text: &str) -> Result<Vec<Head>, (u64, Text)> {
    let mut heads: Vec<Head> = Vec::new();
    for (number, line) in (1u64..).zip(text.lines()) {
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix(['＊', '*']) {
            let name = name.trim();
            if name.is_empty() {
                return Err((number, Text::new("＊の後にコード名を書いてください", "expected the name of a code after ＊")));
            }
            if heads.len() == MAX_CODES {
                return Err((number, Text::new(format!("コードは{MAX_CODES}個までです"), format!("more than {MAX_CODES} codes"))));
            }
            heads.push(Head { name: name.to_owned(), line: number, pieces: Vec::new() });
            continue;
        }
        let pieces = lexemes(line).map_err(|text| (number, text))?;
        match heads.last_mut() {
            Some(head) => head.pieces.extend(pieces.into_iter().map(|piece| (number, piece))),
            None => {
                return Err((
                    number,
                    Text::new(
                        "最初のコードの前に条件があります。「＊コード名」の行から始めてください",
                        "expected a line \"＊code name\" before the first condition",
                    ),
                ));
            }
        }
    }
    Ok(heads)
}

fn names(heads: &[Head]) -> Result<BTreeMap<String, CodingId>, (u64, Text)> {
    let mut names = BTreeMap::new();
    for (id, head) in (0u16..).map(CodingId).zip(heads) {
        if let Some(earlier) = names.insert(head.name.clone(), id) {
            let (name, earlier) = (&head.name, heads[earlier.index()].line);
            return Err((
                head.line,
                Text::new(
                    format!("コード「＊{name}」は{earlier}行目にもあります。名前を変えるか、条件を or でまとめてください"),
                    format!("the code \"＊{name}\" stands in line {earlier}, too; rename it, or join the conditions with 'or'"),
                ),
            ));
        }
    }
    Ok(names)
}

/// The codes a condition names.
pub(super) fn references(condition: &Condition, each: &mut impl FnMut(CodingId)) {
    match condition {
        Condition::Code(id) => each(*id),
        Condition::Not(inner) => references(inner, each),
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|p| references(p, each)),
        Condition::Phrase(_) | Condition::Text(_) | Condition::Chain(_) | Condition::Variable { .. } => {}
    }
}

/// An order in which every code stands behind those it is built on.
fn order(codes: &[CodeRule]) -> Result<Vec<CodingId>, (u64, Text)> {
    let mut visit = Visit { codes, state: vec![State::Unseen; codes.len()], path: Vec::new(), order: Vec::with_capacity(codes.len()) };
    for id in (0u16..).map(CodingId).take(codes.len()) {
        visit.code(id)?;
    }
    Ok(visit.order)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unseen,
    Open,
    Done,
}

struct Visit<'c> {
    codes: &'c [CodeRule],
    state: Vec<State>,
    path: Vec<CodingId>,
    order: Vec<CodingId>,
}

impl Visit<'_> {
    /// Depth first; the number of codes bounds the depth.
    fn code(&mut self, id: CodingId) -> Result<(), (u64, Text)> {
        match self.state[id.index()] {
            State::Done => return Ok(()),
            State::Open => return Err(self.circle(id)),
            State::Unseen => {}
        }
        self.state[id.index()] = State::Open;
        self.path.push(id);
        let mut named = Vec::new();
        references(&self.codes[id.index()].condition, &mut |r| named.push(r));
        for next in named {
            self.code(next)?;
        }
        self.path.pop();
        self.state[id.index()] = State::Done;
        self.order.push(id);
        Ok(())
    }

    fn circle(&self, id: CodingId) -> (u64, Text) {
        let from = self.path.iter().position(|p| *p == id).unwrap_or(0);
        let names: Vec<String> = self.path[from..].iter().chain([&id]).map(|c| format!("＊{}", self.codes[c.index()].name)).collect();
        let circle = names.join(" → ");
        let text = Text::new(format!("コードが自分自身に戻ります: {circle}"), format!("a code depends on itself: {circle}"));
        (self.codes[id.index()].line, text)
    }
}

//! The pattern language of the cue and seed files: regular expressions whose letters are morphemes.
//!
//! | written | matches |
//! |---|---|
//! | `困る`, `困る/悩む` | a morpheme with this (one of these) base forms |
//! | `だ=なら`, `=な/なら` | … and this surface |
//! | `ない<助動詞>`, `<動詞,連用形>` | … and all of these features: part of speech, its subdivisions, conjugation |
//! | `<可能>`, `<概念:症状>` | a potential verb (言える); a dictionary concept of that kind |
//! | `'どうしたらいい'` | the base forms of this phrase, cut by the segmenter |
//! | `.` | any morpheme |
//! | `x?`, `x{0,3}` | optional, repeated |
//! | `( a b \| c )` | groups and alternatives |
//! | `!x` `&x` `~x` `%x` | the next morpheme is not x, is x; the previous is not x, is x (nothing consumed) |
//! | `^` `$` `;` | beginning and end of a sentence, end of a clause |
//! | `@NAME` | the pattern of that name in `[macros]` |
//!
//! Fillers, commas and quotation marks are invisible to patterns; no pattern crosses the end of a sentence.

use std::collections::BTreeMap;

use crate::error::Text;

/// A parsed pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// One morpheme.
    Test(TestSource),
    /// The base forms of a phrase.
    Phrase(String),
    /// One after the other.
    Seq(Vec<Node>),
    /// One of these, the first that leads to a match.
    Alt(Vec<Node>),
    /// Between `min` and `max` times, as often as possible.
    Repeat { node: Box<Node>, min: u8, max: u8 },
    /// A condition on a neighbour that consumes nothing.
    Look { test: TestSource, ahead: bool, positive: bool },
    /// The beginning of a sentence.
    Start,
    /// The end of a sentence.
    End,
    /// The end of a clause or sentence.
    ClauseEnd,
}

/// Conditions on one morpheme; an empty list is no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TestSource {
    /// Base forms, one of which it must have.
    pub(super) lemmas: Vec<String>,
    /// Surfaces, one of which it must have.
    pub(super) surfaces: Vec<String>,
    /// Features, all of which it must have.
    pub(super) features: Vec<String>,
}

/// Repetitions above this are a slip of the pen: a clause has no more morphemes than that.
const MAX_REPEAT: u8 = 12;

/// Macros may use macros, but not endlessly.
const MAX_DEPTH: u8 = 8;

/// Parses `source`.
///
/// # Errors
/// A sentence that says what is wrong with the pattern; the caller adds the place.
pub(super) fn parse(source: &str, macros: &BTreeMap<String, String>) -> Result<Node, Text> {
    parse_at_depth(source, macros, 0)
}

fn parse_at_depth(source: &str, macros: &BTreeMap<String, String>, depth: u8) -> Result<Node, Text> {
    if depth > MAX_DEPTH {
        return Err(Text::new("マクロが自分自身を呼んでいます", "a macro calls itself"));
    }
    let mut parser = Parser { chars: source.chars().collect(), at: 0, macros, depth };
    let node = parser.alternatives()?;
    match parser.peek() {
        None => Ok(node),
        Some(c) => Err(Text::new(format!("型の中の「{c}」の対応がとれていません"), format!("unexpected '{c}' in the pattern"))),
    }
}

struct Parser<'m> {
    chars: Vec<char>,
    at: usize,
    macros: &'m BTreeMap<String, String>,
    depth: u8,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn alternatives(&mut self) -> Result<Node, Text> {
        let mut branches = vec![self.sequence()?];
        while self.peek() == Some('|') {
            self.at += 1;
            branches.push(self.sequence()?);
        }
        Ok(match branches.len() {
            1 => branches.swap_remove(0),
            _ => Node::Alt(branches),
        })
    }

    fn sequence(&mut self) -> Result<Node, Text> {
        let mut items = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                None | Some('|' | ')') => break,
                Some(_) => {
                    let atom = self.atom()?;
                    items.push(self.quantified(atom)?);
                }
            }
        }
        if items.is_empty() {
            return Err(Text::new("型に空の部分があります", "the pattern has an empty branch"));
        }
        Ok(if items.len() == 1 { items.swap_remove(0) } else { Node::Seq(items) })
    }

    fn atom(&mut self) -> Result<Node, Text> {
        match self.peek() {
            Some('(') => {
                self.at += 1;
                let node = self.alternatives()?;
                if self.peek() != Some(')') {
                    return Err(Text::new("型の「(」が閉じていません", "the pattern has an unclosed '('"));
                }
                self.at += 1;
                if matches!(self.peek(), Some('<' | '=')) {
                    return Err(Text::new(
                        "「)」の直後に < や = は書けません。語に直接付けてください",
                        "put '<' and '=' at a word, not after ')'",
                    ));
                }
                Ok(node)
            }
            Some('@') => {
                self.at += 1;
                let name = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
                let body = self
                    .macros
                    .get(&name)
                    .ok_or_else(|| Text::new(format!("[macros] に {name} がありません"), format!("[macros] has no {name}")))?;
                parse_at_depth(body, self.macros, self.depth + 1)
            }
            Some('\'') => {
                self.at += 1;
                let phrase = self.take_while(|c| c != '\'');
                if self.peek().is_none() || phrase.is_empty() {
                    return Err(Text::new("型の「'」が閉じていません", "the pattern has an unclosed \"'\""));
                }
                self.at += 1;
                Ok(Node::Phrase(phrase))
            }
            Some('.') => {
                self.at += 1;
                Ok(Node::Test(TestSource::default()))
            }
            Some('^') => {
                self.at += 1;
                Ok(Node::Start)
            }
            Some('$') => {
                self.at += 1;
                Ok(Node::End)
            }
            Some(';') => {
                self.at += 1;
                Ok(Node::ClauseEnd)
            }
            Some(mark @ ('!' | '&' | '~' | '%')) => {
                self.at += 1;
                let test = self.test()?;
                Ok(Node::Look { test, ahead: matches!(mark, '!' | '&'), positive: matches!(mark, '&' | '%') })
            }
            _ => Ok(Node::Test(self.test()?)),
        }
    }

    fn test(&mut self) -> Result<TestSource, Text> {
        let mut test = TestSource { lemmas: self.words(), ..TestSource::default() };
        if self.peek() == Some('=') {
            self.at += 1;
            test.surfaces = self.words();
        }
        if self.peek() == Some('<') {
            self.at += 1;
            let features = self.take_while(|c| c != '>');
            if self.peek().is_none() {
                return Err(Text::new("型の「<」が閉じていません", "the pattern has an unclosed '<'"));
            }
            self.at += 1;
            test.features = features.split(',').map(|f| f.trim().to_owned()).filter(|f| !f.is_empty()).collect();
        }
        if test == TestSource::default() {
            let found = self.peek().map_or_else(|| "…".to_owned(), String::from);
            return Err(Text::new(format!("型の「{found}」の所に語がありません"), format!("expected a word at '{found}' in the pattern")));
        }
        Ok(test)
    }

    fn words(&mut self) -> Vec<String> {
        let text = self.take_while(|c| !c.is_whitespace() && !"|()?{}=<>'@^$;!&~%.".contains(c));
        text.split('/').filter(|w| !w.is_empty()).map(str::to_owned).collect()
    }

    fn quantified(&mut self, node: Node) -> Result<Node, Text> {
        let (min, max) = match self.peek() {
            Some('?') => {
                self.at += 1;
                (0, 1)
            }
            Some('{') => {
                self.at += 1;
                let body = self.take_while(|c| c != '}');
                self.at += 1;
                let bounds = body.split_once(',').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
                match bounds {
                    Some((min, max)) if min <= max && (1..=MAX_REPEAT).contains(&max) => (min, max),
                    _ => {
                        return Err(Text::new(
                            format!("回数は {{0,3}} のように、{MAX_REPEAT} 以下で書いてください"),
                            format!("write repetitions as {{0,3}}, at most {MAX_REPEAT}"),
                        ));
                    }
                }
            }
            _ => return Ok(node),
        };
        Ok(Node::Repeat { node: Box::new(node), min, max })
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&keep) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lemma(word: &str) -> Node {
        Node::Test(TestSource { lemmas: vec![word.to_owned()], ..TestSource::default() })
    }

    #[test]
    fn a_pattern_is_a_sequence_of_tests() {
        let node = parse("て ほしい/欲しい ん? です<助動詞>", &BTreeMap::new());
        let expected = Node::Seq(vec![
            lemma("て"),
            Node::Test(TestSource { lemmas: vec!["ほしい".into(), "欲しい".into()], ..TestSource::default() }),
            Node::Repeat { node: Box::new(lemma("ん")), min: 0, max: 1 },
            Node::Test(TestSource { lemmas: vec!["です".into()], features: vec!["助動詞".into()], ..TestSource::default() }),
        ]);
        assert_eq!(node, Ok(expected));
    }

    #[test]
    fn macros_expand_and_may_nest() {
        let macros = BTreeMap::from([("A".to_owned(), "か | の".to_owned()), ("B".to_owned(), "@A $".to_owned())]);
        let node = parse("です @B", &macros);
        let inner = Node::Seq(vec![Node::Alt(vec![lemma("か"), lemma("の")]), Node::End]);
        assert_eq!(node, Ok(Node::Seq(vec![lemma("です"), inner])));
    }

    #[test]
    fn faults_are_sentences() {
        let macros = BTreeMap::from([("A".to_owned(), "@A".to_owned())]);
        for bad in ["(か", "か)", "'どう", "か{3}", "か{0,99}", "@B", "@A", "", "か | ", "か<助詞", "!", "(か)<助詞>"] {
            assert!(parse(bad, &macros).is_err(), "{bad}");
        }
    }
}

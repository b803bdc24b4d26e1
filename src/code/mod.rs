//! Coding rules (コーディングルール): which of the analyst's own codes does a call deserve?
//!
//! A rule file as KH Coder reads it: a line `＊コード名`, below it, up to the next such line, a condition. Behaviour follows
//! KH Coder 3 (koichi higuchi, github.com/ko-ichi-h/khcoder, `kh_lib/kh_cod/`); where it differs, the table says so.
//!
//! | written | holds for a call |
//! |---|---|
//! | `語` | in which a morpheme has this base form or is this dictionary concept; a word the dictionary cuts into several morphemes is met as that sequence of base forms |
//! | `"語 句"` | the same for what holds spaces, operators or `-`; `""` is one `"` |
//! | `語+語` | in which the words follow each other |
//! | `'文字列'` | in whose redacted, normalised text these characters stand; `''` is one `'` |
//! | `near(a-b-c)` `near(…)[n]` | in which all stand near each other in any order, each within n morphemes of the one before (KH Coder's default: 10; 0: no limit) |
//! | `seq(a-b-c)` `seq(…)[n]` | the same, in this order |
//! | `near(…)[b]` `[b5]` `[d]` `[d5]` | … within a sentence (文); `d`, KH Coder's paragraph, is the utterance, which these never leave anyway |
//! | `<＊コード>` `＊コード` | with that code, defined anywhere in the file (KH Coder: above); without brackets not at the beginning of a line, where it would begin a code |
//! | `<>変数-->値` | whose attribute (by name or label) has this value (by code, label or alias) |
//! | `not` `!`, `and` `&`, `or` `\|`, `( )` | binding in this order; these marks need no spaces around them |
//! | `# …` | a line that is a comment |
//!
//! The unit of coding is the call, all speakers' turns; KH Coder's counting conditions (`>`, `+ 1`, `length`, `No.`) and
//! `語-->品詞` are refused by name. A call has any number of codes.
//!
//! Useful for: codes per call. Not for: needs (their cues know negation and hypothesis; a code is only a condition on words).

mod book;
mod chain;
mod coder;
mod compile;
mod lexer;
mod parser;
mod rules;
#[cfg(test)]
mod tests;

pub use book::CodeBook;
pub use coder::Coder;
pub use compile::CodeProgram;
pub use rules::CodeRules;

/// A code of the rule file: its position there, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CodingId(pub u16);

impl CodingId {
    /// Position in the rule file.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

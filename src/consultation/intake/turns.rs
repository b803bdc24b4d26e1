//! From a record's text to its utterances: turns where speakers are named, sentences where they are not.

use super::label::speaker;
use super::record::{Cell, is_blank, is_blank_char};
use crate::consultation::{RecordType, Speaker, Utterance};
use crate::error::RejectReason;

/// The utterances of a turns cell; empty when there are none.
///
/// # Errors
/// `BadTurns` for a list of something else.
pub(super) fn nested(cell: Cell, stated: Option<RecordType>) -> Result<Vec<Utterance>, RejectReason> {
    match cell {
        Cell::Turns(turns) => Ok(tidied(turns)),
        Cell::Unusable => Err(RejectReason::BadTurns),
        Cell::List(items) => Ok(from_text(&items.join("\n"), stated)),
        Cell::Text(text) if is_blank(&text) => Ok(Vec::new()),
        // A list written into a cell of a table.
        Cell::Text(text) if text.trim_start().starts_with('[') => parse_json(&text).map(tidied).ok_or(RejectReason::BadTurns),
        Cell::Text(text) => Ok(from_text(&text, stated)),
    }
}

/// The utterances of a text cell.
pub(super) fn from_cell(cell: Cell, stated: Option<RecordType>) -> Vec<Utterance> {
    match cell {
        Cell::Turns(turns) => tidied(turns),
        Cell::Text(text) => from_text(&text, stated),
        Cell::List(items) => from_text(&items.join("\n"), stated),
        Cell::Unusable => Vec::new(),
    }
}

#[derive(serde::Deserialize)]
struct JsonTurn {
    #[serde(default, alias = "role", alias = "話者")]
    speaker: String,
    #[serde(alias = "utterance", alias = "発話")]
    text: String,
}

fn parse_json(text: &str) -> Option<Vec<Utterance>> {
    let turns: Vec<JsonTurn> = serde_json::from_str(text).ok()?;
    Some(turns.into_iter().map(|t| Utterance { speaker: speaker(&t.speaker).unwrap_or(Speaker::Unknown), text: t.text }).collect())
}

/// Without white space at the ends and without empty turns.
fn tidied(mut turns: Vec<Utterance>) -> Vec<Utterance> {
    for turn in &mut turns {
        let trimmed = turn.text.trim_matches(is_blank_char);
        if trimmed.len() != turn.text.len() {
            turn.text = trimmed.to_owned();
        }
    }
    turns.retain(|t| !t.text.is_empty());
    turns
}

/// Turns by prefixes, else sentences. Where the record type is known it decides: in notes 「相談者：長女」 is an entry of a
/// form, not speech. Where it is not, both sides must speak repeatedly, or every other line must have a speaker.
fn from_text(text: &str, stated: Option<RecordType>) -> Vec<Utterance> {
    // Speakers who say nothing: a form nobody filled in.
    if lines(text).all(|line| prefix(line).is_some_and(|(_, said)| is_blank(said))) {
        return Vec::new();
    }
    let by_speaker = match stated {
        Some(RecordType::Notes) => false,
        Some(RecordType::Verbatim) => lines(text).any(|line| prefix(line).is_some()),
        None => reads_like_turns(text),
    };
    if by_speaker { turns(text) } else { sentences(text) }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|l| l.split('\r')).map(|l| l.trim_matches(is_blank_char)).filter(|l| !l.is_empty())
}

fn reads_like_turns(text: &str) -> bool {
    /// Entries of a form (「相談者：長女」「担当：三浦」) are shorter on average than what people say.
    const MEAN_TURN_CHARS: usize = 8;
    let (mut all, mut caller, mut counsellor, mut other, mut letters, mut chars) = (0, 0, 0, 0, 0, 0);
    for line in lines(text) {
        all += 1;
        let Some((speaker, rest)) = prefix(line) else { continue };
        chars += rest.chars().count();
        match speaker {
            Speaker::Caller => caller += 1,
            Speaker::Counsellor => counsellor += 1,
            Speaker::Unknown => other += 1,
        }
        // The O: and A: of SOAP notes are no speakers unless a caller answers them.
        letters +=
            usize::from(line.chars().nth(1).is_some_and(|c| matches!(c, ':' | '：')) && line.starts_with(|c: char| !('ぁ'..).contains(&c)));
    }
    let named = caller + counsellor + other;
    let dialogue = caller > 0 && counsellor > 0;
    let enough = (dialogue && caller.min(counsellor) >= 2) || (named >= 2 && 2 * named >= all && (dialogue || letters == 0));
    enough && chars >= MEAN_TURN_CHARS * named
}

/// A line without a speaker goes on with the turn before it.
fn turns(text: &str) -> Vec<Utterance> {
    let mut out: Vec<Utterance> = Vec::new();
    let mut new = true;
    for line in lines(text) {
        let (speaker, rest) = match prefix(line) {
            Some((speaker, rest)) => {
                new = true;
                (speaker, rest)
            }
            None => (Speaker::Unknown, line),
        };
        match out.last_mut() {
            Some(last) if !new => {
                if !last.text.is_empty() {
                    last.text.push('\n');
                }
                last.text.push_str(rest);
            }
            _ => out.push(Utterance { speaker, text: rest.to_owned() }),
        }
        new = false;
    }
    out.retain(|u| !u.text.is_empty());
    out
}

/// The speaker at the beginning of a line and what follows: 「相談者：」「相談員:」「（相談者）」「【相談員】」「相）」「員＞」.
pub fn prefix(line: &str) -> Option<(Speaker, &str)> {
    /// A label and its brackets are shorter than this, in bytes.
    const PREFIX_BYTES: usize = 64;
    let line = line.trim_start();
    let first = line.chars().next()?;
    let closing = match first {
        '(' | '（' => Some([')', '）']),
        '[' | '［' => Some([']', '］']),
        '<' | '＜' => Some(['>', '＞']),
        '【' => Some(['】', '】']),
        '〈' => Some(['〉', '〉']),
        '《' => Some(['》', '》']),
        _ => None,
    };
    let within = |end: &usize| *end <= PREFIX_BYTES;
    if let Some(closing) = closing {
        let inner = &line[first.len_utf8()..];
        let end = inner.find(closing).filter(within)?;
        let speaker = speaker(&inner[..end])?;
        let rest = inner[end..].trim_start_matches(closing).trim_start();
        return Some((speaker, rest.strip_prefix([':', '：']).unwrap_or(rest).trim_start()));
    }
    let end = line.find([':', '：', '）', ')', '＞', '>', '〉', '】', '\t', '「']).filter(within)?;
    let (mut label, rest) = line.split_at(end);
    let mark = rest.chars().next()?;
    let mut rest = &rest[mark.len_utf8()..];
    // 「相談者（娘）：」: the bracket belongs to the label, the colon ends it.
    if matches!(mark, '）' | ')') && label.contains(['（', '(']) {
        rest = rest.trim_start().strip_prefix([':', '：'])?;
        label = label.split(['（', '(']).next()?;
    }
    if mark == '「' {
        // 相談者「もしもし」: the whole line is one quotation.
        rest = rest.strip_suffix('」')?;
    }
    Some((speaker(label)?, rest.trim_start()))
}

/// Sentences end at 。！？ (and their half-width forms) and at line ends; closing brackets stay with the sentence they
/// close, and a quotation that the sentence goes on from (「…。」と) is not cut.
pub fn sentences(text: &str) -> Vec<Utterance> {
    let mut out = Vec::new();
    for line in lines(text) {
        let mut start = 0;
        for end in sentence_ends(line) {
            let sentence = line[start..end].trim_matches(is_blank_char);
            if !sentence.is_empty() {
                out.push(Utterance { speaker: Speaker::Unknown, text: sentence.to_owned() });
            }
            start = end;
        }
    }
    out
}

fn is_end(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '!' | '?' | '｡')
}

/// A letter or sign of a web or mail address, also in full width.
fn is_of_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/._-=&%#~+".contains(c) || matches!(c, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '／' | '＝' | '＆')
}

const BRACKETS: [(char, char); 6] = [('「', '」'), ('『', '』'), ('（', '）'), ('(', ')'), ('【', '】'), ('｢', '｣')];

/// The byte offsets at which the sentences of one line end, the line's end included.
fn sentence_ends(line: &str) -> Vec<usize> {
    // A bracket that is never closed must not hold the rest of the line together.
    let last_close: [usize; BRACKETS.len()] = BRACKETS.map(|(_, close)| line.rfind(close).unwrap_or(0));
    let mut ends = Vec::new();
    let mut open = [0u32; BRACKETS.len()];
    let mut ended = false;
    let mut before = ' ';
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let last = std::mem::replace(&mut before, c);
        let mut closed = false;
        // Most characters are no punctuation at all.
        if !matches!(c, 'ぁ'..='ヿ' | '一'..='\u{9fff}') {
            for (i, (opening, closing)) in BRACKETS.into_iter().enumerate() {
                if c == opening && at < last_close[i] {
                    open[i] += 1;
                } else if c == closing {
                    open[i] = if at == last_close[i] { 0 } else { open[i].saturating_sub(1) };
                    closed = true;
                }
            }
        } else if !ended {
            continue;
        }
        // A full stop between digits is a decimal point: ３．５.
        let next = chars.peek().map(|(_, n)| *n);
        let full_stop = c == '．' && !next.is_some_and(char::is_numeric);
        // A mark within an address belongs to it: what follows would be redacted no more.
        let stop = (full_stop || is_end(c)) && !(is_of_address(last) && next.is_some_and(is_of_address));
        ended = stop || (ended && closed);
        let inside = open.iter().any(|n| *n > 0);
        let goes_on = next.is_some_and(|n| is_end(n) || BRACKETS.iter().any(|(_, close)| n == *close))
            || (closed && next.is_some_and(|n| n == '、' || ('ぁ'..='ゖ').contains(&n)));
        if ended && !inside && !goes_on {
            ends.push(at + c.len_utf8());
            ended = false;
        }
    }
    if ends.last() != Some(&line.len()) {
        ends.push(line.len());
    }
    ends
}

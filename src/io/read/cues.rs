//! WebVTT and SRT as speech recognisers write them: numbered, timed cues, speakers as `<v 相談者>` or 「相談者：」.
//!
//! Times are dropped. A recogniser cuts speech where it pauses, not where a turn ends, so the cues of one speaker in a
//! row are one turn.

use crate::consultation::intake::{speaker, speaker_prefix};
use crate::consultation::{Speaker, Utterance};

/// What a file of cues holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Spoken {
    /// Some cue names its speaker.
    Turns(Vec<Utterance>),
    /// None does.
    Text(String),
    /// There is no timed cue at all.
    Nothing,
}

/// Parses WebVTT or SRT.
pub(super) fn parse(text: &str) -> Spoken {
    let mut turns: Vec<(Option<String>, Utterance)> = Vec::new();
    let (mut named, mut timed) = (false, false);
    for block in blocks(text) {
        // A cue's number or name stands above its times; blocks without times are NOTE, STYLE and the header.
        let Some(times) = block.iter().position(|line| line.contains("-->")) else { continue };
        timed = true;
        for line in &block[times + 1..] {
            for (label, said) in spoken(line) {
                let said = said.trim();
                if said.is_empty() {
                    continue;
                }
                let prefixed = if label.is_none() { speaker_prefix(said) } else { None };
                let (key, who, said) = match (&label, prefixed) {
                    (Some(name), _) => (Some(name.clone()), speaker(name).unwrap_or(Speaker::Unknown), said),
                    (None, Some((who, rest))) => (Some(who.code().to_owned()), who, rest),
                    (None, None) => (None, Speaker::Unknown, said),
                };
                named |= key.is_some();
                match turns.last_mut() {
                    // A cue without speaker goes on with the one before it.
                    Some((last, turn)) if key.is_none() || *last == key => join(&mut turn.text, said),
                    _ => turns.push((key, Utterance { speaker: who, text: said.to_owned() })),
                }
            }
        }
    }
    if !timed {
        return Spoken::Nothing;
    }
    if named {
        return Spoken::Turns(turns.into_iter().map(|(_, turn)| turn).collect());
    }
    Spoken::Text(turns.into_iter().map(|(_, turn)| turn.text).collect::<Vec<_>>().join("\n"))
}

/// Blocks of lines between blank lines.
fn blocks(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let mut lines = text.lines();
    std::iter::from_fn(move || {
        let mut block: Vec<&str> = Vec::new();
        for line in lines.by_ref() {
            let line = line.trim();
            if !line.is_empty() {
                block.push(line);
            } else if !block.is_empty() {
                return Some(block);
            }
        }
        (!block.is_empty()).then_some(block)
    })
}

/// The stretches of a cue line with the voice that speaks them, without tags.
fn spoken(line: &str) -> Vec<(Option<String>, String)> {
    let mut out: Vec<(Option<String>, String)> = vec![(None, String::new())];
    let mut rest = line;
    while let Some(at) = rest.find('<') {
        push(&mut out, &rest[..at]);
        let Some(end) = rest[at..].find('>') else {
            push(&mut out, &rest[at..]);
            return out;
        };
        let tag = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        let voice = tag.strip_prefix('v').filter(|v| v.starts_with([' ', '.', '\t', '\u{3000}']));
        if let Some(voice) = voice {
            // <v.loud 相談者>
            let name = voice.split_once([' ', '\t', '\u{3000}']).map_or("", |(_, name)| name);
            out.push((Some(name.trim().to_owned()), String::new()));
        } else if tag == "/v" {
            out.push((None, String::new()));
        }
    }
    push(&mut out, rest);
    out
}

fn push(out: &mut [(Option<String>, String)], text: &str) {
    if let Some((_, said)) = out.last_mut() {
        let mut text = std::borrow::Cow::Borrowed(text);
        for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&lrm;", ""), ("&rlm;", ""), ("&amp;", "&")] {
            if text.contains(entity) {
                text = text.replace(entity, character).into();
            }
        }
        said.push_str(&text);
    }
}

/// Japanese goes on without a space, Latin words need one.
fn join(text: &mut String, said: &str) {
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if latin(text.chars().next_back()) && latin(said.chars().next()) {
        text.push(' ');
    }
    text.push_str(said);
}

//! Names a call has introduced, found again wherever the call repeats them, with or without an honorific.

use super::lexis::{Flags, flag, is_hiragana, is_kanji, is_katakana};
use super::scene::{CallContext, Scene};
use super::{IdentifierSpan, IdentifierType};

/// Remembers the person in `span` by its whole name and by each of its words.
pub(super) fn remember(context: &mut CallContext, scene: &Scene<'_>, span: &IdentifierSpan) {
    let (start, end) = (span.start as usize, span.end as usize);
    let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
    let inside: Vec<usize> = (first..scene.tokens.len()).take_while(|&i| scene.end(i) <= end).collect();
    let whole = &scene.text[start..end];
    // What is spelled out (田んぼの田) is no name to look for.
    if whole.contains(['の', 'に', '、']) {
        return;
    }
    let mut add = |name: &str, flags: Flags| {
        let chars = name.chars().count();
        let sure = flags & (flag::LISTED_SURNAME | flag::LISTED_GIVEN) != 0
            || (chars >= 2
                && flags & (flag::PERSON | flag::UNKNOWN) != 0
                && flags & (flag::AMBIGUOUS_SURNAME | flag::AMBIGUOUS_GIVEN | flag::REGION) == 0)
            || (chars >= 3 && name.chars().all(is_hiragana))
            || chars >= 4;
        let known = context.names.entry(name.into()).or_insert(sure);
        *known |= sure;
    };
    let all = |i: &usize| scene.flags[*i] | scene.lexis.word(scene.surface(*i));
    add(whole, if let [one] = inside.as_slice() { all(one) } else { scene.lexis.word(whole) });
    // Pieces of one character are not words of their own.
    if inside.len() >= 2 && inside.iter().all(|&i| scene.surface(i).chars().nth(1).is_some()) {
        for i in &inside {
            add(scene.surface(*i), all(i));
        }
    }
}

/// Adds the names of `context` that stand in `scene`.
pub(super) fn find(context: &CallContext, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
    let mut names: Vec<_> = context.names.iter().map(|(n, sure)| (&**n, *sure)).collect();
    names.sort_unstable();
    for (name, sure) in names {
        for (start, _) in scene.text.match_indices(name) {
            let end = start + name.len();
            if stands_alone(scene, start, end, name) && (sure || is_name_here(scene, start, end)) {
                found.push(scene.span(start, end, IdentifierType::Person));
            }
        }
    }
}

/// Whether the name is a word here: cut there by the dictionary, or between other scripts; and no disease or place goes on.
fn stands_alone(scene: &Scene<'_>, start: usize, end: usize, name: &str) -> bool {
    let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
    let last = scene.tokens.partition_point(|t| (t.end as usize) < end);
    let cut = scene.start(first) == start && last < scene.tokens.len() && scene.end(last) == end;
    let script = |c: char| [is_kanji(c), is_katakana(c), is_hiragana(c)];
    let same = |neighbour: Option<char>, own: Option<char>| neighbour.zip(own).is_some_and(|(a, b)| script(a) == script(b));
    let alone = !same(scene.before(start).chars().next_back(), name.chars().next())
        && !same(scene.after(end).chars().next(), name.chars().next_back());
    let next = last + 1;
    let goes_on = cut
        && scene.touches(last)
        && scene.after(end).starts_with(|c: char| is_kanji(c) || is_katakana(c))
        && scene.has(next, flag::NOUN)
        && !scene.has(next, flag::HONORIFIC | flag::PERSON | flag::ANY_GIVEN | flag::FAMILY)
        && scene.lexis.lists.honorifics.prefix_of(scene.after(end)).is_none();
    (cut || alone) && !goes_on
}

/// Whether a word that is also an ordinary one is a name here: the dictionary says so, or an honorific or です follows.
fn is_name_here(scene: &Scene<'_>, start: usize, end: usize) -> bool {
    let first = scene.tokens.partition_point(|t| (t.start as usize) < start);
    let person = scene.start(first) == start && scene.end(first) == end && scene.has(first, flag::PERSON);
    let after = scene.after(end);
    let place = ["から", "に住", "県", "市", "出身"].iter().any(|word| after.starts_with(word));
    person && !place
        || scene.lexis.lists.honorifics.prefix_of(after).is_some()
        || ["です。", "と申", "といいま", "でござ"].iter().any(|word| after.starts_with(word))
}

//! What is a theme called? A label made of its most distinctive terms.

use crate::term::{TermId, Vocabulary};

/// A label has at most this many terms.
const LABEL_TERMS: usize = 3;

/// What stands between the terms of a label.
const SEPARATOR: &str = "・";

/// Up to three of the keywords, joined by 「・」: nouns before others, none that holds another or is held by it.
pub(super) fn label(keywords: &[(TermId, f64)], vocabulary: &Vocabulary) -> String {
    let mut chosen: Vec<&str> = Vec::new();
    for nouns in [true, false] {
        for (id, _) in keywords {
            let term = vocabulary.term(*id);
            let overlaps = chosen.iter().any(|c| c.contains(term) || term.contains(c));
            if chosen.len() < LABEL_TERMS && is_noun_like(term) == nouns && !overlaps {
                chosen.push(term);
            }
        }
        // One noun says more than two verbs: others only where there is no noun at all.
        if !chosen.is_empty() {
            break;
        }
    }
    if chosen.is_empty() { "その他".to_owned() } else { chosen.join(SEPARATOR) }
}

/// Whether a term looks like a noun: base forms of verbs and adjectives end in hiragana, and so do few content nouns.
fn is_noun_like(term: &str) -> bool {
    !matches!(term.chars().next_back(), Some('ぁ'..='ゖ'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_prefer_nouns_and_do_not_repeat_themselves() {
        let terms = ["治療", "治療費", "相談する", "高い", "保険"];
        let mut sorted: Vec<Box<str>> = terms.iter().map(|t| (*t).into()).collect();
        sorted.sort();
        let vocabulary = Vocabulary::from_parts(sorted, vec![1; 5], vec![1; 5]);
        let keywords = |ts: &[&str]| ts.iter().map(|t| (vocabulary.find(t).unwrap(), 1.0)).collect::<Vec<_>>();
        assert_eq!(label(&keywords(&["高い", "治療費", "治療", "相談する", "保険"]), &vocabulary), "治療費・保険");
        assert_eq!(label(&keywords(&["高い", "相談する"]), &vocabulary), "高い・相談する");
        assert_eq!(label(&[], &vocabulary), "その他");
    }
}

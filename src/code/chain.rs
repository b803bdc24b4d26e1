//! `near` and `seq`: do words stand near each other, in any order or in one?
//!
//! A chain holds where one occurrence of each word can be chosen such that, in the order of the text, each stands at most
//! `distance` morphemes behind the one before. KH Coder takes the first occurrence it meets and can overlook a chain that
//! needs a later one; what it finds within an utterance is found here.

/// A word of a chain, found in an utterance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Occurrence {
    /// Which word.
    pub(super) item: u16,
    /// Its first morpheme, by position in the utterance.
    pub(super) first: u32,
    /// Its last.
    pub(super) last: u32,
    /// Sentence of the utterance.
    pub(super) sentence: u32,
}

/// A compiled chain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Links {
    pub(super) ordered: bool,
    pub(super) sentence: bool,
    pub(super) distance: Option<u32>,
    pub(super) items: Box<[u16]>,
}

/// Where the best chain so far ends: the later, the more can follow.
pub(super) type Ends = Vec<Option<(u32, u32)>>;

impl Links {
    /// Whether the occurrences of one utterance, in the order of the text, hold the chain. One pass, and for each
    /// occurrence one step per subset of the chain's other words (per word, where the order counts).
    pub(super) fn hold(&self, occurrences: &[Occurrence], ends: &mut Ends) -> bool {
        let full = if self.ordered { self.items.len() } else { (1 << self.items.len()) - 1 };
        ends.clear();
        ends.resize(full + 1, None);
        for occurrence in occurrences.iter().filter(|o| self.items.contains(&o.item)) {
            // From the largest down: what this occurrence completes must not be continued by itself.
            for have in (0..full).rev() {
                if have != 0 && !ends[have].is_some_and(|end| self.follows(end, occurrence)) {
                    continue;
                }
                for (i, _) in self.items.iter().enumerate().filter(|(_, item)| **item == occurrence.item) {
                    let next = match self.ordered {
                        true if i == have => have + 1,
                        false if have & (1 << i) == 0 => have | (1 << i),
                        _ => continue,
                    };
                    if next == full {
                        return true;
                    }
                    ends[next] = Some((occurrence.last, occurrence.sentence));
                }
            }
        }
        false
    }

    fn follows(&self, (last, sentence): (u32, u32), next: &Occurrence) -> bool {
        next.first > last && self.distance.is_none_or(|d| next.first - last <= d) && (!self.sentence || sentence == next.sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(ordered: bool, distance: u32, items: &[u16]) -> Links {
        Links { ordered, sentence: false, distance: Some(distance), items: items.into() }
    }

    /// Occurrences of one morpheme each: item and position.
    fn text(words: &[(u16, u32)]) -> Vec<Occurrence> {
        words.iter().map(|&(item, at)| Occurrence { item, first: at, last: at, sentence: at / 20 }).collect()
    }

    #[test]
    fn each_word_within_the_distance_of_the_one_before() {
        let mut ends = Ends::new();
        let (a, b, c) = (0, 1, 2);
        for (chain, words, expected) in [
            // 5 − 2 = 3 is near for [3], not for [2].
            (links(false, 3, &[a, b]), vec![(b, 2), (a, 5)], true),
            (links(false, 2, &[a, b]), vec![(b, 2), (a, 5)], false),
            (links(true, 3, &[a, b]), vec![(b, 2), (a, 5)], false),
            (links(true, 3, &[a, b]), vec![(a, 2), (b, 5)], true),
            // a b . b . c: from the second b it is two to c, from the first four.
            (links(false, 2, &[a, b, c]), vec![(a, 0), (b, 1), (b, 2), (c, 4)], true),
            (links(true, 2, &[a, b, c]), vec![(a, 0), (b, 1), (b, 2), (c, 4)], true),
            (links(false, 2, &[a, b, c]), vec![(c, 0), (b, 2), (a, 4)], true),
            (links(false, 2, &[a, b, c]), vec![(c, 0), (b, 2), (b, 4)], false),
            // The same word twice needs two occurrences.
            (links(false, 5, &[a, a]), vec![(a, 1)], false),
            (links(false, 5, &[a, a, b]), vec![(a, 1), (a, 3), (b, 4)], true),
            (links(true, 5, &[a, a]), vec![(a, 1), (a, 6)], true),
        ] {
            assert_eq!(chain.hold(&text(&words), &mut ends), expected, "{chain:?} in {words:?}");
        }
    }

    #[test]
    fn a_sentence_ends_a_chain_that_asks_for_one() {
        let mut ends = Ends::new();
        let words = text(&[(0, 19), (1, 20)]);
        let one = Links { sentence: true, distance: None, ..links(false, 0, &[0, 1]) };
        assert!(!one.hold(&words, &mut ends));
        assert!(Links { sentence: false, ..one }.hold(&words, &mut ends));
    }
}

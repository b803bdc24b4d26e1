//! The words of all lists, found by their text or, one after the other, by the characters a text goes on with.

use rustc_hash::FxHashMap;

use super::lexis::Flags;

/// Words and their bits, by hashes of 64 bits in place of the words, behind two filters (Bloom 1970, with one function): most of what is
/// asked for is no word, and the filters stay in the cache where the words do not. That some text has the hash of another word is less
/// likely than one in 10¹⁴.
#[derive(Debug)]
pub(super) struct Words {
    /// A bit a hash of all beginnings of the words, and beside it of the words themselves.
    filters: Box<[[u64; 2]]>,
    words: FxHashMap<u64, Flags>,
}

impl Words {
    /// Bits of each filter: both are half a megabyte.
    const BITS: usize = 1 << 21;

    pub(super) fn new<'w>(words: impl IntoIterator<Item = (&'w str, Flags)>) -> Self {
        let mut out = Self { filters: vec![[0; 2]; Self::BITS / 64].into_boxed_slice(), words: FxHashMap::default() };
        for (word, flags) in words {
            let mut last = 0;
            for hash in hashes(word.chars()) {
                let (at, bit) = Self::place(hash);
                out.filters[at][0] |= 1 << bit;
                last = hash;
            }
            let (at, bit) = Self::place(last);
            out.filters[at][1] |= 1 << bit;
            *out.words.entry(last).or_default() |= flags;
        }
        out
    }

    /// Calls `each` with the length and the bits of every word with which these characters begin.
    pub(super) fn beginning(&self, characters: impl Iterator<Item = char>, mut each: impl FnMut(usize, Flags)) {
        for (length, hash) in (1..).zip(hashes(characters)) {
            let (at, bit) = Self::place(hash);
            let [begins, whole] = self.filters[at].map(|bits| bits >> bit & 1 != 0);
            if !begins {
                break;
            }
            if let Some(flags) = self.words.get(&hash).filter(|_| whole) {
                each(length, *flags);
            }
        }
    }

    /// The bits of a word; none where it is unknown.
    pub(super) fn get(&self, word: &str) -> Flags {
        let hash = hashes(word.chars()).last().unwrap_or_default();
        let (at, bit) = Self::place(hash);
        if self.filters[at][1] >> bit & 1 == 0 { 0 } else { self.words.get(&hash).copied().unwrap_or_default() }
    }

    /// Where in the filters the bit of a hash stands.
    fn place(hash: u64) -> (usize, u32) {
        let bit = (hash >> 43) as usize % Self::BITS;
        (bit / 64, (bit % 64) as u32)
    }
}

/// The hashes of all beginnings of a word: Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4), character by character.
fn hashes(characters: impl Iterator<Item = char>) -> impl Iterator<Item = u64> {
    characters.scan(0u64, |hash, c| {
        *hash = (hash.rotate_left(5) ^ u64::from(u32::from(c))).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Some(*hash)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::IdentifierLists;

    #[test]
    fn a_word_is_found_by_its_text_and_among_those_a_text_begins_with() {
        let words = Words::new([("田", 1), ("田中", 2), ("田中丸", 4), ("佐藤", 8)]);
        assert_eq!(["田", "田中", "田中丸", "佐", ""].map(|word| words.get(word)), [1, 2, 4, 0, 0]);
        let beginning = |text: &str| {
            let mut out = Vec::new();
            words.beginning(text.chars(), |length, flags| out.push((length, flags)));
            out
        };
        assert_eq!(beginning("田中丸さん"), [(1, 1), (2, 2), (3, 4)]);
        assert_eq!(beginning("田中さん"), [(1, 1), (2, 2)]);
        assert_eq!(beginning("佐藤"), [(2, 8)]);
        assert!(beginning("").is_empty());
    }

    #[test]
    fn no_two_words_of_the_lists_have_one_hash() {
        let lists = IdentifierLists::builtin().unwrap();
        let lists = [lists.surnames, lists.given_names, lists.municipalities, lists.known_surnames, lists.known_given_names];
        let mut known: Vec<String> = lists.iter().flat_map(|list| list.sorted().into_iter().map(|(word, _)| word.to_owned())).collect();
        known.sort_unstable();
        known.dedup();
        let words = Words::new(known.iter().map(|word| (word.as_str(), 1)));
        assert_eq!(words.words.len(), known.len());
    }
}

//! The words of all lists, found by their text or, one after the other, by the characters a text goes on with.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

use super::lexis::Flags;

/// Words and their bits, behind a filter of one bit a hash (Bloom 1970, with one function): most words that are asked for are none of
/// these, and the filter stays in the cache where the words do not.
#[derive(Debug)]
pub(super) struct Words {
    filter: Box<[u64]>,
    /// The same of all beginnings of the words, and behind them of the words themselves, character by character.
    beginnings: Box<[[u64; 2]]>,
    words: FxHashMap<Box<str>, Flags>,
}

impl Words {
    /// Bits of the filter, some six a word.
    const BITS: usize = 1 << 20;
    /// Two bits of each are half a megabyte.
    const BEGINNING_BITS: usize = 1 << 21;

    pub(super) fn new(words: FxHashMap<Box<str>, Flags>) -> Self {
        let mut filter = vec![0; Self::BITS / 64].into_boxed_slice();
        let mut known: Vec<_> = words.keys().collect();
        known.sort_unstable();
        for word in &known {
            let (at, bit) = Self::place(word);
            filter[at] |= bit;
        }
        let mut beginnings = vec![[0; 2]; Self::BEGINNING_BITS / 64].into_boxed_slice();
        for word in &known {
            let mut last = 0;
            for bit in Self::places(word.chars()) {
                beginnings[bit / 64][0] |= 1 << (bit % 64);
                last = bit;
            }
            beginnings[last / 64][1] |= 1 << (last % 64);
        }
        Self { filter, beginnings, words }
    }

    /// Where in their filter the bits of all beginnings of a word stand: Fibonacci hashing (Knuth, The Art of Computer Programming 3,
    /// 6.4), character by character.
    fn places(word: impl Iterator<Item = char>) -> impl Iterator<Item = usize> {
        word.scan(0u64, |hash, c| {
            *hash = (hash.rotate_left(5) ^ u64::from(u32::from(c))).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            Some((*hash >> 43) as usize % Self::BEGINNING_BITS)
        })
    }

    /// Of how many characters the words may be with which these characters begin: bit 2 stands for two. Seldom too many.
    pub(super) fn lengths(&self, characters: impl Iterator<Item = char>) -> u32 {
        let mut out = 0;
        for (length, bit) in (1..).zip(Self::places(characters)) {
            let [begins, whole] = self.beginnings[bit / 64].map(|bits| u32::from(bits >> (bit % 64) & 1 != 0));
            if begins == 0 {
                break;
            }
            out |= whole << length;
        }
        out
    }

    /// The bits of a word; none where it is unknown.
    pub(super) fn get(&self, word: &str) -> Flags {
        let (at, bit) = Self::place(word);
        if self.filter[at] & bit == 0 { 0 } else { self.words.get(word).copied().unwrap_or_default() }
    }

    /// Where in the filter the bit of a word stands, and the bit.
    fn place(word: &str) -> (usize, u64) {
        let mut hasher = FxHasher::default();
        hasher.write(word.as_bytes());
        let bit = hasher.finish() as usize % Self::BITS;
        (bit / 64, 1 << (bit % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_by_its_text_and_among_those_a_text_begins_with() {
        let words =
            Words::new([("田", 1), ("田中", 2), ("田中丸", 4), ("佐藤", 8)].map(|(word, bits)| (word.into(), bits)).into_iter().collect());
        assert_eq!(["田", "田中", "田中丸", "佐", ""].map(|word| words.get(word)), [1, 2, 4, 0, 0]);
        assert_eq!(words.lengths("田中丸さん".chars()), 0b1110);
        assert_eq!(words.lengths("田中さん".chars()), 0b110);
        assert_eq!(words.lengths("佐藤".chars()), 0b100);
        assert_eq!(words.lengths("".chars()), 0);
    }
}

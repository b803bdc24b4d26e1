//! What was found in sentences met before: はい、そうですか。 and the like are much of what callers say.

use rustc_hash::FxHashMap;

use super::cue::Meaning;
use super::program::{Pass, View};
use super::rules::Register;

/// Sentences of up to this many views are remembered: longer ones hardly come back.
const LONGEST: usize = 16;

/// How many sentences a thread remembers: some 20 MB.
const SENTENCES: usize = 65_536;

/// A rule found in a sentence: which, from which view, to which.
pub(super) type Local = (Meaning, u16, u16);

/// Finds of one thread. What patterns see of a sentence is the key, byte for byte, so that remembering never changes a
/// result.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    key: Vec<u8>,
    known: FxHashMap<Box<[u8]>, Box<[Local]>>,
}

impl Memory {
    /// What was found when `sentence` was met before; `None` where it was not, or is too long to be remembered.
    pub(super) fn recall(&mut self, pass: Pass, register: Register, sentence: &[View], text: &str) -> Option<&[Local]> {
        self.key.clear();
        let (Some(first), Some(last)) = (sentence.first(), sentence.last()) else { return None };
        if sentence.len() > LONGEST {
            return None;
        }
        self.key.extend([pass as u8, register as u8]);
        let (mut end, mut clause) = (first.start, first.clause);
        for view in sentence {
            // Patterns ask only whether two neighbours stand in one clause.
            let (gap, length, clauses) = (view.start - end, view.end - view.start, view.clause - clause);
            let [Ok(gap), Ok(length), Ok(clauses)] = [gap, length, clauses].map(u8::try_from) else {
                self.key.clear();
                return None;
            };
            let ([w0, w1], [c0, c1], [f0, f1]) = (view.word.to_le_bytes(), view.class.to_le_bytes(), view.flags.to_le_bytes());
            self.key.extend([w0, w1, c0, c1, f0, f1, gap, length, clauses]);
            (end, clause) = (view.end, view.clause);
        }
        self.key.extend(text.as_bytes()[first.start as usize..last.end as usize].iter());
        self.known.get(self.key.as_slice()).map(AsRef::as_ref)
    }

    /// Keeps what was found in the sentence last asked for.
    pub(super) fn keep(&mut self, found: impl Iterator<Item = Local>) {
        if !self.key.is_empty() && self.known.len() < SENTENCES {
            self.known.insert(self.key.as_slice().into(), found.collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::CueId;
    use super::*;

    fn view(start: u32, end: u32, clause: u32) -> View {
        View { start, end, word: 1, class: 2, flags: 0, clause, quoted: false }
    }

    #[test]
    fn a_sentence_is_known_again_wherever_it_stands() {
        let mut memory = Memory::default();
        let found = (Meaning::Cue(CueId(3)), 0, 2);
        assert_eq!(memory.recall(Pass::Cues, Register::Speech, &[view(0, 3, 0), view(3, 6, 1)], "はい"), None);
        memory.keep([found].into_iter());
        let later = [view(9, 12, 4), view(12, 15, 5)];
        assert_eq!(memory.recall(Pass::Cues, Register::Speech, &later, "それではい"), Some(&[found][..]));
        // Another register, other words, or another clause is another sentence.
        assert_eq!(memory.recall(Pass::Cues, Register::Notes, &later, "それではい"), None);
        assert_eq!(memory.recall(Pass::Cues, Register::Speech, &later, "それでいえ"), None);
        assert_eq!(memory.recall(Pass::Cues, Register::Speech, &[view(0, 3, 0), view(3, 6, 0)], "はい"), None);
    }

    #[test]
    fn long_sentences_are_not_remembered() {
        let mut memory = Memory::default();
        let long: Vec<View> = (0..17).map(|i| view(i, i + 1, 0)).collect();
        assert_eq!(memory.recall(Pass::Cues, Register::Speech, &long, "abcdefghijklmnopq"), None);
        memory.keep(std::iter::empty());
        assert_eq!(memory.recall(Pass::Cues, Register::Speech, &long, "abcdefghijklmnopq"), None);
    }
}

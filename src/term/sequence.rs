//! The terms of consultations in the order in which they were said: what windows of running text are cut from.

use super::TermId;

/// The terms of each consultation in order, repetitions included: four bytes a term.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TermSequences {
    terms: Vec<TermId>,
    ends: Vec<usize>,
}

impl TermSequences {
    /// Consultations.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The terms of one consultation.
    pub fn row(&self, row: usize) -> &[TermId] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.terms[start..self.ends[row]]
    }

    /// Adds a consultation.
    pub fn push(&mut self, terms: impl IntoIterator<Item = TermId>) {
        self.terms.extend(terms);
        self.ends.push(self.terms.len());
    }

    /// Appends the consultations of `other`.
    pub(super) fn append(&mut self, other: &Self) {
        let offset = self.terms.len();
        self.terms.extend_from_slice(&other.terms);
        self.ends.extend(other.ends.iter().map(|end| offset + end));
    }

    /// The same terms under the ids that `name` gives them.
    pub(super) fn renamed(mut self, name: impl Fn(u32) -> u32) -> Self {
        self.terms.iter_mut().for_each(|term| term.0 = name(term.0));
        self
    }
}

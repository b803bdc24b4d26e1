//! The vocabulary and the document–term matrix.
//!
//! A batch is counted into a [`TermMatrixBuilder`] of its own; builders are merged in batch order; [`TermMatrixBuilder::finish`]
//! sorts the terms, so that ids do not depend on the order of input, of threads or of hashing.

use rustc_hash::FxHashMap;

use super::TermId;

/// The terms of a corpus in code point order, with their frequencies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    terms: Vec<Box<str>>,
    document_frequency: Vec<u32>,
    frequency: Vec<u64>,
}

impl Vocabulary {
    /// The term of that id.
    pub fn term(&self, id: TermId) -> &str {
        &self.terms[id.0 as usize]
    }

    /// The id of a term.
    pub fn find(&self, term: &str) -> Option<TermId> {
        let at = self.terms.binary_search_by(|t| t.as_ref().cmp(term)).ok()?;
        u32::try_from(at).ok().map(TermId)
    }

    /// In how many consultations the term occurs.
    pub fn document_frequency(&self, id: TermId) -> u32 {
        self.document_frequency[id.0 as usize]
    }

    /// How often the term occurs.
    pub fn frequency(&self, id: TermId) -> u64 {
        self.frequency[id.0 as usize]
    }

    /// How many terms there are.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// All ids in order.
    pub fn ids(&self) -> impl Iterator<Item = TermId> + use<> {
        (0..u32::try_from(self.terms.len()).unwrap_or(u32::MAX)).map(TermId)
    }

    /// All terms in order.
    pub fn terms(&self) -> impl ExactSizeIterator<Item = &str> {
        self.terms.iter().map(AsRef::as_ref)
    }

    /// A vocabulary from parts, as a model keeps it. `terms` must be sorted and unique.
    pub fn from_parts(terms: Vec<Box<str>>, document_frequency: Vec<u32>, frequency: Vec<u64>) -> Self {
        Self { terms, document_frequency, frequency }
    }
}

/// Consultations × terms, compressed sparse rows: within a row the term ids are sorted and unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermMatrix {
    starts: Vec<usize>,
    terms: Vec<u32>,
    counts: Vec<u16>,
    columns: usize,
}

impl TermMatrix {
    /// Rows (consultations).
    pub fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Columns (terms).
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Stored entries.
    pub fn entries(&self) -> usize {
        self.terms.len()
    }

    /// The terms and counts of one consultation.
    pub fn row(&self, row: usize) -> (&[u32], &[u16]) {
        let range = self.starts[row]..self.starts[row + 1];
        (&self.terms[range.clone()], &self.counts[range])
    }

    /// The number of term occurrences in one consultation.
    pub fn row_sum(&self, row: usize) -> u64 {
        self.row(row).1.iter().map(|&c| u64::from(c)).sum()
    }

    /// The same rows over fewer columns: `keep` gives for each old term its new id.
    pub fn select(&self, keep: &[Option<TermId>], columns: usize) -> Self {
        let mut out = Self { starts: vec![0], terms: Vec::new(), counts: Vec::new(), columns };
        for row in 0..self.rows() {
            let (terms, counts) = self.row(row);
            for (term, count) in terms.iter().zip(counts) {
                if let Some(id) = keep[*term as usize] {
                    out.terms.push(id.0);
                    out.counts.push(*count);
                }
            }
            out.starts.push(out.terms.len());
        }
        out
    }
}

/// Counts one batch; ids are local and in order of first occurrence.
#[derive(Debug, Clone, Default)]
pub struct TermMatrixBuilder {
    ids: FxHashMap<Box<str>, u32>,
    terms: Vec<Box<str>>,
    ends: Vec<usize>,
    entries: Vec<(u32, u16)>,
    row: FxHashMap<u32, u16>,
}

impl TermMatrixBuilder {
    /// Counts one occurrence in the current row.
    pub fn add(&mut self, term: &str) {
        let id = self.intern(term);
        let count = self.row.entry(id).or_default();
        *count = count.saturating_add(1);
    }

    fn intern(&mut self, term: &str) -> u32 {
        if let Some(id) = self.ids.get(term) {
            return *id;
        }
        let id = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
        self.terms.push(term.into());
        self.ids.insert(term.into(), id);
        id
    }

    /// Ends the current row.
    pub fn end_row(&mut self) {
        let start = self.entries.len();
        // The order of the map does not survive: the row is sorted by id.
        #[allow(clippy::iter_over_hash_type)]
        for (id, count) in self.row.drain() {
            self.entries.push((id, count));
        }
        self.entries[start..].sort_unstable();
        self.ends.push(self.entries.len());
    }

    /// Appends the rows of `other`, which come after this builder's rows.
    pub fn merge(&mut self, other: Self) {
        let map: Vec<u32> = other.terms.iter().map(|t| self.intern(t)).collect();
        let offset = self.entries.len();
        self.entries.extend(other.entries.into_iter().map(|(id, count)| (map[id as usize], count)));
        self.ends.extend(other.ends.into_iter().map(|end| offset + end));
    }

    /// Sorts terms and rows.
    pub fn finish(self) -> (Vocabulary, TermMatrix) {
        let mut order: Vec<u32> = (0..u32::try_from(self.terms.len()).unwrap_or(u32::MAX)).collect();
        order.sort_unstable_by(|a, b| self.terms[*a as usize].cmp(&self.terms[*b as usize]));
        let mut rank = vec![0u32; order.len()];
        for (new, old) in (0u32..).zip(&order) {
            rank[*old as usize] = new;
        }
        let mut starts = Vec::with_capacity(self.ends.len() + 1);
        starts.push(0);
        let mut entries = self.entries;
        let mut frequency = vec![0u64; rank.len()];
        let mut document_frequency = vec![0u32; rank.len()];
        for &end in &self.ends {
            let row = &mut entries[starts[starts.len() - 1]..end];
            for (id, count) in row.iter_mut() {
                *id = rank[*id as usize];
                frequency[*id as usize] += u64::from(*count);
                document_frequency[*id as usize] += 1;
            }
            row.sort_unstable();
            starts.push(end);
        }
        let mut terms = self.terms.into_iter().map(Some).collect::<Vec<_>>();
        let terms = order.iter().filter_map(|old| terms[*old as usize].take()).collect();
        let columns = rank.len();
        let (ids, counts) = entries.into_iter().unzip();
        (Vocabulary { terms, document_frequency, frequency }, TermMatrix { starts, terms: ids, counts, columns })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builder(rows: &[&[&str]]) -> TermMatrixBuilder {
        let mut b = TermMatrixBuilder::default();
        for row in rows {
            row.iter().for_each(|t| b.add(t));
            b.end_row();
        }
        b
    }

    #[test]
    fn merging_batches_equals_one_batch() {
        let rows: &[&[&str]] = &[&["治験", "治療", "治験"], &[], &["受診"], &["治療", "受診", "不安"]];
        let whole = builder(rows).finish();
        for cut in 0..=rows.len() {
            let mut left = builder(&rows[..cut]);
            left.merge(builder(&rows[cut..]));
            assert_eq!(left.finish(), whole, "cut at {cut}");
        }
        let (vocabulary, matrix) = whole;
        assert_eq!(vocabulary.terms().collect::<Vec<_>>(), ["不安", "受診", "治療", "治験"]);
        assert_eq!(matrix.row(0), (&[2, 3][..], &[1, 2][..]));
        assert_eq!(matrix.row(1), (&[][..], &[][..]));
        let trial = vocabulary.find("治験").map(|id| (vocabulary.frequency(id), vocabulary.document_frequency(id)));
        assert_eq!(trial, Some((2, 1)));
    }
}

//! The vocabulary and the document–term matrix.
//!
//! A batch is counted into a [`TermMatrixBuilder`] of its own; builders are merged in batch order; [`TermMatrixBuilder::finish`]
//! sorts the terms, so that ids do not depend on the order of input, of threads or of hashing. Terms the lexicon knows are
//! counted by lemma, so that only compounds, unknown words and negated predicates are ever hashed.

use rustc_hash::FxHashMap;

use super::{Term, TermId, TermSequences};
use crate::morphology::{LemmaId, Lexicon};

/// The terms of a corpus in code point order, with their frequencies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    terms: Vec<Box<str>>,
    document_frequency: Vec<u32>,
    frequency: Vec<u64>,
    /// Terms that are compounds, ascending.
    compounds: Vec<TermId>,
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

    /// Whether the term is a compound that no dictionary has: its words are terms, too.
    pub fn is_compound(&self, id: TermId) -> bool {
        self.compounds.binary_search(&id).is_ok()
    }

    /// Compounds in order.
    pub fn compounds(&self) -> &[TermId] {
        &self.compounds
    }

    /// Whether one of the terms is a compound with the other in it, so that both together say one thing.
    pub fn overlap(&self, a: TermId, b: TermId) -> bool {
        let holds = |compound: TermId, part: TermId| self.is_compound(compound) && self.term(compound).contains(self.term(part));
        holds(a, b) || holds(b, a)
    }

    /// The first `limit` of `candidates`, strongest first, none of which overlaps a stronger one ([`Vocabulary::overlap`]).
    pub fn without_repetition<T>(&self, candidates: impl IntoIterator<Item = T>, limit: usize, term: impl Fn(&T) -> TermId) -> Vec<T> {
        let mut kept: Vec<T> = Vec::new();
        for candidate in candidates {
            if kept.len() == limit {
                break;
            }
            if kept.iter().all(|other| !self.overlap(term(other), term(&candidate))) {
                kept.push(candidate);
            }
        }
        kept
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
        Self { terms, document_frequency, frequency, compounds: Vec::new() }
    }

    /// The same, where these terms are compounds.
    #[must_use]
    pub fn with_compounds(self, mut compounds: Vec<TermId>) -> Self {
        compounds.sort_unstable();
        compounds.dedup();
        Self { compounds, ..self }
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

    /// Rows of texts with their counts, for tests.
    #[cfg(test)]
    pub(crate) fn of_texts(rows: &[std::collections::BTreeMap<String, u16>]) -> (Vocabulary, Self) {
        let all: std::collections::BTreeSet<&String> = rows.iter().flat_map(|r| r.keys()).collect();
        let terms: Vec<Box<str>> = all.iter().map(|t| t.as_str().into()).collect();
        let frequency = all.iter().map(|t| rows.iter().filter_map(|r| r.get(*t)).map(|c| u64::from(*c)).sum()).collect();
        let document_frequency = all.iter().map(|t| rows.iter().filter(|r| r.contains_key(*t)).count() as u32).collect();
        let mut out = Self { starts: vec![0], terms: Vec::new(), counts: Vec::new(), columns: terms.len() };
        for row in rows {
            for (text, count) in row {
                out.terms.push(terms.binary_search_by(|t| t.as_ref().cmp(text)).unwrap() as u32);
                out.counts.push(*count);
            }
            out.starts.push(out.terms.len());
        }
        (Vocabulary::from_parts(terms, document_frequency, frequency), out)
    }

    /// Some of the rows, over the terms that stand in rows of at least `smallest` groups; the rows of a group stand together.
    pub fn only(&self, vocabulary: &Vocabulary, rows: &[u32], group_of: impl Fn(u32) -> u32, smallest: u32) -> (Vocabulary, Self) {
        let (mut in_documents, mut total) = (vec![0u32; self.columns], vec![0u64; self.columns]);
        let (mut groups, mut last) = (vec![0u32; self.columns], vec![None; self.columns]);
        for row in rows {
            let (group, (terms, counts)) = (group_of(*row), self.row(*row as usize));
            for (term, count) in terms.iter().map(|term| *term as usize).zip(counts) {
                in_documents[term] += 1;
                total[term] += u64::from(*count);
                groups[term] += u32::from(last[term].replace(group) != Some(group));
            }
        }
        let mut keep = vec![None; self.columns];
        let mut kept: Vec<TermId> = Vec::new();
        for id in vocabulary.ids().filter(|id| groups[id.0 as usize] >= smallest.max(1)) {
            keep[id.0 as usize] = Some(TermId(u32::try_from(kept.len()).unwrap_or(u32::MAX)));
            kept.push(id);
        }
        let mut out = Self { starts: vec![0], terms: Vec::new(), counts: Vec::new(), columns: kept.len() };
        for row in rows {
            let (terms, counts) = self.row(*row as usize);
            for (id, count) in terms.iter().zip(counts).filter_map(|(term, count)| Some((keep[*term as usize]?, count))) {
                out.terms.push(id.0);
                out.counts.push(*count);
            }
            out.starts.push(out.terms.len());
        }
        let of = |id: &TermId| id.0 as usize;
        let vocabulary_of = Vocabulary::from_parts(
            kept.iter().map(|id| vocabulary.term(*id).into()).collect(),
            kept.iter().map(|id| in_documents[of(id)]).collect(),
            kept.iter().map(|id| total[of(id)]).collect(),
        );
        let compounds = vocabulary.compounds().iter().filter_map(|id| keep[of(id)]).collect();
        (vocabulary_of.with_compounds(compounds), out)
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

/// Counts one batch.
///
/// Ids below [`Lexicon::lemma_count`] are lemmas; texts follow in order of first occurrence.
#[derive(Debug, Clone)]
pub struct TermMatrixBuilder {
    lemmas: u32,
    ids: FxHashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
    /// For each text whether it was only met as a compound.
    compounds: Vec<bool>,
    ends: Vec<usize>,
    entries: Vec<(u32, u16)>,
    row: Vec<u32>,
    /// The order of the terms, by the ids of this builder, where it is kept.
    sequences: Option<TermSequences>,
}

impl TermMatrixBuilder {
    /// An empty builder for terms of that lexicon.
    pub fn new(lexicon: &Lexicon) -> Self {
        let lemmas = u32::try_from(lexicon.lemma_count()).unwrap_or(u32::MAX);
        Self {
            lemmas,
            ids: FxHashMap::default(),
            texts: Vec::new(),
            compounds: Vec::new(),
            ends: Vec::new(),
            entries: Vec::new(),
            row: Vec::new(),
            sequences: None,
        }
    }

    /// An empty builder that also keeps the order of the terms.
    pub fn in_order(lexicon: &Lexicon) -> Self {
        Self { sequences: Some(TermSequences::default()), ..Self::new(lexicon) }
    }

    /// Counts one occurrence in the current row.
    pub fn add(&mut self, term: Term<'_>) {
        let id = match term {
            Term::Lemma(lemma) => lemma.0,
            Term::Text(text) => self.intern(text, false),
        };
        self.row.push(id);
    }

    /// Counts one occurrence of a compound, whose words are counted, too.
    pub fn add_compound(&mut self, text: &str) {
        let id = self.intern(text, true);
        self.row.push(id);
    }

    fn intern(&mut self, text: &str, compound: bool) -> u32 {
        if let Some(id) = self.ids.get(text) {
            if !compound {
                self.compounds[(*id - self.lemmas) as usize] = false;
            }
            return *id;
        }
        let id = self.lemmas.saturating_add(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.texts.push(text.into());
        self.compounds.push(compound);
        self.ids.insert(text.into(), id);
        id
    }

    /// Ends the current row.
    pub fn end_row(&mut self) {
        if let Some(sequences) = &mut self.sequences {
            sequences.push(self.row.iter().copied().map(TermId));
        }
        self.row.sort_unstable();
        for same in self.row.chunk_by(|a, b| a == b) {
            self.entries.push((same[0], u16::try_from(same.len()).unwrap_or(u16::MAX)));
        }
        self.row.clear();
        self.ends.push(self.entries.len());
    }

    /// Rows ended so far.
    pub fn rows(&self) -> usize {
        self.ends.len()
    }

    /// Appends the rows of `other`, which come after this builder's rows. The order of terms stays known if both keep it.
    pub fn merge(&mut self, other: Self) {
        let map: Vec<u32> = other.texts.iter().zip(&other.compounds).map(|(text, compound)| self.intern(text, *compound)).collect();
        let global = |id: u32| id.checked_sub(self.lemmas).map_or(id, |text| map[text as usize]);
        self.sequences = self.sequences.take().zip(other.sequences).map(|(mut mine, theirs)| {
            mine.append(&theirs.renamed(global));
            mine
        });
        let offset = self.entries.len();
        self.entries.extend(other.entries.into_iter().map(|(id, count)| (global(id), count)));
        self.ends.extend(other.ends.into_iter().map(|end| offset + end));
    }

    /// Sorts terms and rows. A text that equals a lemma is the same term.
    pub fn finish(self, lexicon: &Lexicon) -> (Vocabulary, TermMatrix) {
        let (vocabulary, matrix, _) = self.finish_in_order(lexicon);
        (vocabulary, matrix)
    }

    /// As [`TermMatrixBuilder::finish`], with the rows' terms in order; without rows where the order was not kept.
    pub fn finish_in_order(mut self, lexicon: &Lexicon) -> (Vocabulary, TermMatrix, TermSequences) {
        let lemmas = self.lemmas as usize;
        let mut used = vec![false; lemmas + self.texts.len()];
        for (id, _) in &self.entries {
            used[*id as usize] = true;
        }
        let text_of = |id: u32| match (id as usize).checked_sub(lemmas) {
            Some(text) => self.texts[text].as_ref(),
            None => lexicon.lemma_text(LemmaId(id)).unwrap_or_default(),
        };
        let mut order: Vec<(&str, u32)> = (0u32..).zip(&used).filter(|(_, used)| **used).map(|(id, _)| (text_of(id), id)).collect();
        order.sort_unstable();
        let mut rank = vec![0u32; used.len()];
        let mut terms: Vec<Box<str>> = Vec::with_capacity(order.len());
        let mut compounds = Vec::new();
        for (text, id) in order {
            let is_new = terms.last().is_none_or(|last| last.as_ref() != text);
            if is_new {
                terms.push(text.into());
            }
            rank[id as usize] = u32::try_from(terms.len() - 1).unwrap_or(u32::MAX);
            // What a dictionary has is a word.
            let met_as_compound = (id as usize).checked_sub(lemmas).is_some_and(|text| self.compounds[text]);
            if is_new && met_as_compound && lexicon.find_lemma(&terms[terms.len() - 1]).is_none() {
                compounds.push(TermId(rank[id as usize]));
            }
        }
        let columns = terms.len();
        let mut frequency = vec![0u64; columns];
        let mut document_frequency = vec![0u32; columns];
        let mut out = TermMatrix { starts: Vec::with_capacity(self.ends.len() + 1), terms: Vec::new(), counts: Vec::new(), columns };
        out.terms.reserve_exact(self.entries.len());
        out.counts.reserve_exact(self.entries.len());
        out.starts.push(0);
        let mut row: Vec<(u32, u16)> = Vec::new();
        let mut start = 0;
        for &end in &self.ends {
            row.clear();
            row.extend(self.entries[start..end].iter().map(|(id, count)| (rank[*id as usize], *count)));
            row.sort_unstable();
            for same in row.chunk_by(|a, b| a.0 == b.0) {
                let count = same.iter().fold(0u16, |sum, (_, c)| sum.saturating_add(*c));
                out.terms.push(same[0].0);
                out.counts.push(count);
                frequency[same[0].0 as usize] += u64::from(count);
                document_frequency[same[0].0 as usize] += 1;
            }
            out.starts.push(out.terms.len());
            start = end;
        }
        let sequences = self.sequences.take().unwrap_or_default().renamed(|id| rank[id as usize]);
        (Vocabulary { terms, document_frequency, frequency, compounds }, out, sequences)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::morphology::Concepts;

    fn builder(lexicon: &Lexicon, rows: &[&[&str]]) -> TermMatrixBuilder {
        filled(TermMatrixBuilder::new(lexicon), lexicon, rows)
    }

    fn filled(mut b: TermMatrixBuilder, lexicon: &Lexicon, rows: &[&[&str]]) -> TermMatrixBuilder {
        for row in rows {
            for term in *row {
                b.add(lexicon.find_lemma(term).map_or(Term::Text(term), Term::Lemma));
            }
            b.end_row();
        }
        b
    }

    #[test]
    fn merging_batches_equals_one_batch() {
        let lexicon = Lexicon::embedded(Concepts::default()).unwrap();
        let rows: &[&[&str]] = &[&["治験", "治療", "治験"], &[], &["受けられない"], &["治療", "受けられない", "不安"]];
        let whole = builder(&lexicon, rows).finish(&lexicon);
        for cut in 0..=rows.len() {
            let mut left = builder(&lexicon, &rows[..cut]);
            left.merge(builder(&lexicon, &rows[cut..]));
            assert_eq!(left.finish(&lexicon), whole, "cut at {cut}");
        }
        let (vocabulary, matrix) = whole;
        assert_eq!(vocabulary.terms().collect::<Vec<_>>(), ["不安", "受けられない", "治療", "治験"]);
        assert_eq!(matrix.row(0), (&[2, 3][..], &[1, 2][..]));
        assert_eq!(matrix.row(1), (&[][..], &[][..]));
        let trial = vocabulary.find("治験").map(|id| (vocabulary.frequency(id), vocabulary.document_frequency(id)));
        assert_eq!(trial, Some((2, 1)));
    }

    #[test]
    fn order_is_kept_over_batches_and_changes_no_count() {
        let lexicon = Lexicon::embedded(Concepts::default()).unwrap();
        let rows: &[&[&str]] = &[&["治験", "治療", "治験"], &[], &["受けられない", "つらくない"], &["治療", "受けられない", "不安"]];
        let ordered = |rows: &[&[&str]]| filled(TermMatrixBuilder::in_order(&lexicon), &lexicon, rows);
        let whole = builder(&lexicon, rows).finish(&lexicon);
        for cut in 0..=rows.len() {
            let mut left = ordered(&rows[..cut]);
            left.merge(ordered(&rows[cut..]));
            let (vocabulary, matrix, sequences) = left.finish_in_order(&lexicon);
            assert_eq!(sequences.len(), rows.len());
            for (row, words) in rows.iter().enumerate() {
                assert_eq!(sequences.row(row).iter().map(|id| vocabulary.term(*id)).collect::<Vec<_>>(), *words, "cut at {cut}");
            }
            assert_eq!((vocabulary, matrix), whole, "cut at {cut}");
        }
        // Half an order is none.
        let mut mixed = ordered(&rows[..1]);
        mixed.merge(builder(&lexicon, &rows[1..]));
        assert!(mixed.finish_in_order(&lexicon).2.is_empty());
    }

    #[test]
    fn a_text_that_is_also_a_lemma_is_one_term() {
        let lexicon = Lexicon::embedded(Concepts::default()).unwrap();
        let mut b = TermMatrixBuilder::new(&lexicon);
        b.add(Term::Text("治療"));
        b.add(Term::Lemma(lexicon.find_lemma("治療").unwrap()));
        b.end_row();
        let (vocabulary, matrix) = b.finish(&lexicon);
        assert_eq!(vocabulary.len(), 1);
        assert_eq!(matrix.row(0), (&[0][..], &[2][..]));
    }

    #[test]
    fn compounds_are_told_apart_wherever_they_were_met() {
        let lexicon = Lexicon::embedded(Concepts::default()).unwrap();
        // 治療 is in the dictionary; 病理標本 is met as a word in the other batch; 専門病院 is only a compound.
        let counted = |compounds: &[&str], words: &[&str]| {
            let mut b = TermMatrixBuilder::new(&lexicon);
            compounds.iter().for_each(|text| b.add_compound(text));
            words.iter().for_each(|text| b.add(Term::Text(text)));
            b.end_row();
            b
        };
        let (one, other) = (["専門病院", "病理標本", "治療"], ["専門病院"]);
        for turned in [false, true] {
            let (mut left, mut right) = (counted(&one, &["病院"]), counted(&other, &["病理標本"]));
            if turned {
                std::mem::swap(&mut left, &mut right);
            }
            left.merge(right);
            let (vocabulary, _) = left.finish(&lexicon);
            let compounds: Vec<&str> = vocabulary.compounds().iter().map(|id| vocabulary.term(*id)).collect();
            assert_eq!(compounds, ["専門病院"], "{turned}");
            let id = |term: &str| vocabulary.find(term).unwrap();
            assert!(vocabulary.overlap(id("専門病院"), id("病院")) && vocabulary.overlap(id("病院"), id("専門病院")));
            assert!(!vocabulary.overlap(id("専門病院"), id("治療")) && vocabulary.overlap(id("専門病院"), id("専門病院")));
            assert_eq!(vocabulary.document_frequency(id("専門病院")), 2);
        }
    }
}

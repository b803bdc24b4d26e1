//! Co-occurrence: which terms are used in the same consultations?

use rayon::prelude::*;

use crate::term::{TermId, TermMatrix};

/// In how many consultations each term and each pair of terms occurs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairCounts {
    terms: Vec<TermId>,
    /// Upper triangle by rows: (0,1) (0,2) … (1,2) …
    pairs: Vec<u32>,
    documents: u32,
}

impl PairCounts {
    /// Counts `terms` (unique) over the given rows of `matrix`.
    ///
    /// One bit per consultation and term, so a pair costs one AND and one population count per 64 consultations:
    /// O(entries + terms² · rows / 64) time, terms · rows / 8 bytes. Parallel over terms in the current thread pool;
    /// the counts are integers and do not depend on it.
    pub fn count(matrix: &TermMatrix, rows: &[u32], terms: &[TermId]) -> Self {
        let words = rows.len().div_ceil(64);
        let mut local = vec![u32::MAX; matrix.columns()];
        for (i, term) in (0u32..).zip(terms) {
            local[term.0 as usize] = i;
        }
        let mut bits = vec![0u64; words * terms.len()];
        for (bit, &row) in rows.iter().enumerate() {
            for &term in matrix.row(row as usize).0 {
                let i = local[term as usize];
                if i != u32::MAX {
                    bits[i as usize * words + bit / 64] |= 1 << (bit % 64);
                }
            }
        }
        let set = |i: usize| &bits[i * words..(i + 1) * words];
        let pairs: Vec<Vec<u32>> = (0..terms.len())
            .into_par_iter()
            .map(|i| (i + 1..terms.len()).map(|j| set(i).iter().zip(set(j)).map(|(a, b)| (a & b).count_ones()).sum()).collect())
            .collect();
        Self { terms: terms.to_vec(), pairs: pairs.concat(), documents: u32::try_from(rows.len()).unwrap_or(u32::MAX) }
    }

    /// The terms, in the order they were given.
    pub fn terms(&self) -> &[TermId] {
        &self.terms
    }

    /// The number of consultations counted.
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// All pairs as positions in [`PairCounts::terms`] (first < second) with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize, u32)> + '_ {
        let n = self.terms.len();
        (0..n).flat_map(move |i| (i + 1..n).map(move |j| (i, j))).zip(&self.pairs).map(|((i, j), count)| (i, j, *count))
    }
}

/// Jaccard's index: both / (either) (Jaccard 1912, doi:10.1111/j.1469-8137.1912.tb05611.x); `None` where neither occurs.
pub fn jaccard(both: u32, a: u32, b: u32) -> Option<f64> {
    let either = f64::from(a) + f64::from(b) - f64::from(both);
    (either > 0.0).then(|| f64::from(both) / either)
}

/// Pointwise mutual information in bits: log₂(both·N / (a·b)) (Church & Hanks 1990, aclanthology.org/J90-1003).
///
/// `None` where the two never meet.
pub fn pmi(both: u32, a: u32, b: u32, n: u32) -> Option<f64> {
    (both > 0 && a > 0 && b > 0).then(|| libm::log2(f64::from(both) * f64::from(n) / (f64::from(a) * f64::from(b))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::testing::TextMatrixBuilder;
    use proptest::prelude::*;

    fn matrix(rows: &[Vec<u8>]) -> TermMatrix {
        let mut builder = TextMatrixBuilder::default();
        // One row that knows all terms keeps the ids equal to the letters.
        for row in rows.iter().cloned().chain([(0..8).collect()]) {
            row.iter().for_each(|t| builder.add(&t.to_string()));
            builder.end_row();
        }
        builder.finish().1
    }

    #[test]
    fn three_consultations() {
        let m = matrix(&[vec![0, 1, 1], vec![0, 1, 2], vec![2]]);
        let counts = PairCounts::count(&m, &[0, 1, 2], &[TermId(0), TermId(1), TermId(2)]);
        assert_eq!(counts.iter().collect::<Vec<_>>(), [(0, 1, 2), (0, 2, 1), (1, 2, 1)]);
        assert_eq!(counts.documents(), 3);
    }

    #[test]
    fn formulas() {
        // 12 together, 20 and 30 alone: 12/(20 + 30 − 12) = 0.315789; log₂(12·100/(20·30)) = log₂ 2 = 1
        assert!((jaccard(12, 20, 30).unwrap() - 12.0 / 38.0).abs() < 1e-15);
        assert_eq!(pmi(12, 20, 30, 100), Some(1.0));
        assert_eq!(jaccard(0, 0, 0), None);
        assert_eq!(pmi(0, 20, 30, 100), None);
    }

    proptest! {
        #[test]
        fn bits_count_as_sets_do(rows in prop::collection::vec(prop::collection::vec(0u8..8, 0..6), 0..150)) {
            let m = matrix(&rows);
            let terms: Vec<TermId> = [5, 0, 3, 7].map(TermId).to_vec();
            let chosen: Vec<u32> = (0..u32::try_from(rows.len()).unwrap()).filter(|r| r % 3 != 1).collect();
            for (i, j, count) in PairCounts::count(&m, &chosen, &terms).iter() {
                let both = chosen.iter().filter(|&&r| [i, j].iter().all(|&k| rows[r as usize].iter().any(|t| u32::from(*t) == terms[k].0)));
                prop_assert_eq!(count as usize, both.count());
            }
        }
    }
}

//! A sparse matrix of weights, compressed by rows.

use pulp::Arch;
use rayon::prelude::*;

use super::dense::{Tall, add_scaled};
use crate::term::{Bm25, TermId, TermMatrix};

/// Rows × terms with real weights, compressed sparse rows; within a row the term ids ascend.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedMatrix {
    starts: Vec<usize>,
    terms: Vec<u32>,
    weights: Vec<f32>,
    columns: usize,
}

impl WeightedMatrix {
    /// An empty matrix over `columns` terms.
    pub fn new(columns: usize) -> Self {
        Self { starts: vec![0], terms: Vec::new(), weights: Vec::new(), columns }
    }

    /// Adds a row; `terms` must ascend.
    pub fn push(&mut self, terms: impl IntoIterator<Item = (u32, f32)>) {
        for (term, weight) in terms {
            self.terms.push(term);
            self.weights.push(weight);
        }
        self.starts.push(self.terms.len());
    }

    /// The BM25 weights of some `rows` of `matrix`; `keep` gives for each of its terms the id in the weighting vocabulary.
    pub fn weigh(matrix: &TermMatrix, rows: &[u32], keep: &[Option<TermId>], bm25: &Bm25, columns: usize) -> Self {
        let mut out = Self::new(columns);
        let mut buffer = Vec::new();
        for row in rows {
            weigh_row(matrix, *row as usize, keep, bm25, &mut buffer);
            out.push(buffer.iter().copied());
        }
        out
    }

    /// Multiplies each column by its factor.
    pub fn scale(&mut self, factors: &[f32]) {
        self.weights.iter_mut().zip(&self.terms).for_each(|(weight, term)| *weight *= factors[*term as usize]);
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The terms and weights of one row.
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let range = self.starts[row]..self.starts[row + 1];
        (&self.terms[range.clone()], &self.weights[range])
    }

    /// Terms × rows. Products with it need no partial sums, so they are the same for any number of threads.
    pub fn transposed(&self) -> Self {
        let mut starts = vec![0usize; self.columns + 1];
        for term in &self.terms {
            starts[*term as usize + 1] += 1;
        }
        for i in 0..self.columns {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut terms = vec![0u32; self.terms.len()];
        let mut weights = vec![0f32; self.terms.len()];
        for (row, id) in (0..self.rows()).zip(0u32..) {
            let (row_terms, row_weights) = self.row(row);
            for (term, weight) in row_terms.iter().zip(row_weights) {
                let at = &mut next[*term as usize];
                terms[*at] = id;
                weights[*at] = *weight;
                *at += 1;
            }
        }
        Self { starts, terms, weights, columns: self.rows() }
    }

    /// The product with a tall dense matrix of as many rows as this has columns.
    pub(super) fn times(&self, dense: &Tall) -> Tall {
        let (width, arch) = (dense.width, Arch::new());
        let mut values = vec![0.0; self.rows() * width];
        values.par_chunks_mut(width.max(1)).enumerate().for_each(|(row, out)| {
            let (terms, weights) = self.row(row);
            arch.dispatch(|| {
                for (term, weight) in terms.iter().zip(weights) {
                    let from = *term as usize * width;
                    add_scaled(out, f64::from(*weight), &dense.values[from..from + width]);
                }
            });
        });
        Tall { values, width }
    }
}

/// Replaces `out` by the ids and BM25 weights of one row of counts. Its length is that of the terms kept.
pub(crate) fn weigh_row(matrix: &TermMatrix, row: usize, keep: &[Option<TermId>], bm25: &Bm25, out: &mut Vec<(u32, f32)>) {
    out.clear();
    let (terms, counts) = matrix.row(row);
    let kept = || terms.iter().zip(counts).filter_map(|(t, c)| keep[*t as usize].map(|id| (id.0, *c)));
    let norm = bm25.norm(kept().map(|(_, c)| u64::from(c)).sum());
    out.extend(kept().map(|(id, count)| (id, bm25.weight(id, count, norm))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposing_twice_gives_the_same() {
        let mut m = WeightedMatrix::new(3);
        m.push([(0, 1.0), (2, 2.0)]);
        m.push([]);
        m.push([(1, 3.0), (2, 4.0)]);
        let t = m.transposed();
        assert_eq!(t.row(2), (&[0, 2][..], &[2.0, 4.0][..]));
        assert_eq!(t.transposed(), m);
        // [1 0 2; 0 0 0; 0 3 4] · (1, 10, 100)ᵀ = (201, 0, 430)ᵀ
        assert_eq!(m.times(&Tall { values: vec![1.0, 10.0, 100.0], width: 1 }).values, [201.0, 0.0, 430.0]);
    }
}

//! Term weights.

use super::{TermMatrix, Vocabulary};

/// BM25's saturation (Robertson & Zaragoza 2009, doi:10.1561/1500000019: 1.2 to 2).
pub const BM25_K1: f32 = 1.2;
/// BM25's length normalisation (ibid.: 0.5 to 0.8).
pub const BM25_B: f32 = 0.75;

/// BM25 weights for the entries of `matrix`, in their order:
/// idf · tf · (k₁ + 1) / (tf + k₁ · (1 − b + b · length / mean length)), idf = ln(1 + (N − df + ½) / (df + ½)).
///
/// `documents` and `mean_length` are the corpus's the vocabulary was counted on, so that a fitted model weighs new calls
/// as it weighed the old.
pub fn bm25(matrix: &TermMatrix, vocabulary: &Vocabulary, documents: usize, mean_length: f64) -> Vec<f32> {
    let n = documents as f64;
    let idf: Vec<f32> = vocabulary
        .ids()
        .map(|id| {
            let df = f64::from(vocabulary.document_frequency(id));
            (1.0 + (n - df + 0.5).max(0.0) / (df + 0.5)).ln() as f32
        })
        .collect();
    let mut weights = Vec::with_capacity(matrix.entries());
    for row in 0..matrix.rows() {
        let length = matrix.row_sum(row) as f64 / mean_length.max(1.0);
        let norm = BM25_K1 * (1.0 - BM25_B + BM25_B * length as f32);
        let (terms, counts) = matrix.row(row);
        for (term, count) in terms.iter().zip(counts) {
            let tf = f32::from(*count);
            weights.push(idf[*term as usize] * tf * (BM25_K1 + 1.0) / (tf + norm));
        }
    }
    weights
}

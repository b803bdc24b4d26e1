//! Term weights.

use super::{TermMatrix, Vocabulary};

/// BM25's saturation (Robertson & Zaragoza 2009, doi:10.1561/1500000019: 1.2 to 2 for search). For themes a word's presence
/// says most: 0.6 agreed better with people's labels than 1.2 or 2 on long texts, and as well on short ones.
pub const BM25_K1: f32 = 0.6;
/// BM25's length normalisation (ibid.: 0.5 to 0.8).
pub const BM25_B: f32 = 0.75;

/// BM25 as a fitted corpus weighs: made once, it weighs any row the same way.
///
/// weight = idf · tf · (k₁ + 1) / (tf + k₁ · (1 − b + b · length / mean length)), idf = ln(1 + (N − df + ½) / (df + ½)).
#[derive(Debug, Clone, PartialEq)]
pub struct Bm25 {
    idf: Vec<f32>,
    mean_length: f64,
}

impl Bm25 {
    /// For the terms of `vocabulary`, counted on `documents` consultations of `mean_length` term occurrences on average.
    pub fn new(vocabulary: &Vocabulary, documents: usize, mean_length: f64) -> Self {
        let n = documents as f64;
        let idf = vocabulary
            .ids()
            .map(|id| {
                let df = f64::from(vocabulary.document_frequency(id));
                (1.0 + (n - df + 0.5).max(0.0) / (df + 0.5)).ln() as f32
            })
            .collect();
        Self { idf, mean_length: mean_length.max(1.0) }
    }

    /// The same with each idf raised to `power`: below 1 rare terms weigh less, above 1 more.
    #[must_use]
    pub fn idf_power(mut self, power: f32) -> Self {
        self.idf.iter_mut().for_each(|idf| *idf = idf.powf(power));
        self
    }

    /// The part of the denominator that depends on a row's length (its number of term occurrences).
    pub fn norm(&self, length: u64) -> f32 {
        BM25_K1 * (1.0 - BM25_B + BM25_B * (length as f64 / self.mean_length) as f32)
    }

    /// The weight of a term that occurs `count` times in a row whose [`Bm25::norm`] is `norm`.
    pub fn weight(&self, term: u32, count: u16, norm: f32) -> f32 {
        let tf = f32::from(count);
        self.idf[term as usize] * tf * (BM25_K1 + 1.0) / (tf + norm)
    }
}

/// [`Bm25`] weights for the entries of `matrix`, in their order.
///
/// `documents` and `mean_length` are the corpus's the vocabulary was counted on, so that a fitted model weighs new calls
/// as it weighed the old.
pub fn bm25(matrix: &TermMatrix, vocabulary: &Vocabulary, documents: usize, mean_length: f64) -> Vec<f32> {
    let weigh = Bm25::new(vocabulary, documents, mean_length);
    let mut weights = Vec::with_capacity(matrix.entries());
    for row in 0..matrix.rows() {
        let norm = weigh.norm(matrix.row_sum(row));
        let (terms, counts) = matrix.row(row);
        weights.extend(terms.iter().zip(counts).map(|(term, count)| weigh.weight(*term, *count, norm)));
    }
    weights
}

//! How near is a vector to each of many centroids? The one place where clustering spends its time.

use ndarray::Array2;

/// Centroids compared at once: four registers of four, which every processor has. Fewer leave it waiting for each sum.
const LANES: usize = 16;

/// Centroids laid out so that a vector is compared with sixteen of them at once.
///
/// Each similarity is summed dimension by dimension in its own lane: the same bits on every machine, and for any number of
/// centroids beside it.
#[derive(Debug, Clone)]
pub(super) struct Centroids {
    /// For each sixteen centroids, for each dimension, their values; missing centroids are zero.
    lanes: Vec<[f32; LANES]>,
    rank: usize,
    count: usize,
}

impl Centroids {
    /// Lays out the rows of `centroids`.
    pub(super) fn new(centroids: &Array2<f32>) -> Self {
        let (count, rank) = centroids.dim();
        let mut lanes = vec![[0.0; LANES]; count.div_ceil(LANES) * rank];
        for (i, row) in centroids.rows().into_iter().enumerate() {
            let block = i / LANES * rank;
            row.iter().zip(&mut lanes[block..]).for_each(|(value, lane)| lane[i % LANES] = *value);
        }
        Self { lanes, rank, count }
    }

    /// Replaces `out` by the inner product of `vector` with each centroid, in order.
    pub(super) fn similarities(&self, vector: &[f32], out: &mut Vec<f32>) {
        out.clear();
        for block in self.lanes.chunks_exact(self.rank.max(1)) {
            out.extend(products(vector, block));
        }
        out.truncate(self.count);
    }

    /// The nearest centroid, the similarity to it, and the similarity to the next nearest; of equally near ones the first.
    pub(super) fn nearest(&self, vector: &[f32]) -> Nearest {
        let mut best = Nearest { label: 0, similarity: f32::NEG_INFINITY, rival: f32::NEG_INFINITY };
        let mut label = 0;
        for block in self.lanes.chunks_exact(self.rank.max(1)) {
            for similarity in products(vector, block) {
                if usize::from(label) == self.count {
                    break;
                }
                if similarity > best.similarity {
                    best = Nearest { label, similarity, rival: best.similarity };
                } else if similarity > best.rival {
                    best.rival = similarity;
                }
                label += 1;
            }
        }
        best
    }
}

/// A vector's place among centroids.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Nearest {
    /// The nearest centroid.
    pub(super) label: u16,
    /// The similarity to it, exact or a lower bound.
    pub(super) similarity: f32,
    /// The similarity to the next nearest, exact or an upper bound; −∞ where there is one centroid.
    pub(super) rival: f32,
}

fn products(vector: &[f32], block: &[[f32; LANES]]) -> [f32; LANES] {
    let mut sums = [0f32; LANES];
    for (value, lane) in vector.iter().zip(block) {
        sums.iter_mut().zip(lane).for_each(|(sum, c)| *sum += value * c);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similarities_and_nearest_by_hand() {
        // Eighteen centroids i · (1, 0, 2) for i = 0..18 against (3, 5, 1): i · (3 + 2) = 5·i.
        let rows = Array2::from_shape_fn((18, 3), |(i, j)| i as f32 * [1.0, 0.0, 2.0][j]);
        let centroids = Centroids::new(&rows);
        let mut out = vec![7.0];
        centroids.similarities(&[3.0, 5.0, 1.0], &mut out);
        assert_eq!(out, (0u8..18).map(|i| 5.0 * f32::from(i)).collect::<Vec<_>>());
        assert_eq!(centroids.nearest(&[3.0, 5.0, 1.0]), Nearest { label: 17, similarity: 85.0, rival: 80.0 });
        assert_eq!(centroids.nearest(&[-3.0, 5.0, -1.0]), Nearest { label: 0, similarity: 0.0, rival: -5.0 });
    }

    #[test]
    fn the_first_of_equals_wins_and_padding_never() {
        let centroids = Centroids::new(&ndarray::array![[-1.0_f32, 0.0], [-1.0, 0.0]]);
        assert_eq!(centroids.nearest(&[1.0, 0.0]), Nearest { label: 0, similarity: -1.0, rival: -1.0 });
        let one = Centroids::new(&ndarray::array![[-1.0_f32, 0.0]]);
        assert_eq!(one.nearest(&[1.0, 0.0]).rival, f32::NEG_INFINITY);
    }
}

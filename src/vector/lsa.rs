//! Latent semantic analysis by a randomised truncated singular value decomposition.

use ndarray::{Array2, ArrayView2};
use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;

use super::WeightedMatrix;
use super::dense::{Tall, eigen};
use crate::error::Result;

/// Columns beyond the rank that the random range finder uses (Halko, Martinsson & Tropp 2011: 5 to 10). With 50 themes came
/// back no oftener on five kinds of labelled texts.
const OVERSAMPLING: usize = 10;

/// In a small matrix more columns cost nothing, and of a hundred rows all are taken: the result is then exact, and owes nothing
/// to the seed. So many rows times columns beyond the rank are taken at least.
const OVERSAMPLED_CELLS: usize = 60_000;

/// Power iterations: term weights have a slowly falling spectrum, and the last of 50 vectors settle after about four.
const POWER_ITERATIONS: usize = 4;

/// Singular values below this share of the largest are no direction of the data.
const NULL_SHARE: f64 = 1e-6;

/// A fitted latent space.
#[derive(Debug, Clone, PartialEq)]
pub struct Lsa {
    /// Terms × rank, V: a row of weights times it is that row of U·S.
    pub projection: Array2<f32>,
    /// The singular values, descending.
    pub singular_values: Vec<f64>,
}

impl Lsa {
    /// The leading `rank` singular directions of `matrix` (fewer where the matrix has fewer), after Halko, Martinsson &
    /// Tropp 2011 (doi:10.1137/090771806), algorithms 4.4 and 5.1.
    ///
    /// Time O(entries · rank), memory O((rows + columns) · rank). The same for any number of threads. The test matrix is
    /// uniform in −1..1: it serves as well as a Gaussian and needs no libm.
    ///
    /// # Errors
    /// When an eigenvalue iteration does not converge.
    pub fn fit(matrix: &WeightedMatrix, rank: usize, seed: u64) -> Result<Self> {
        let transposed = matrix.transposed();
        let beyond = OVERSAMPLING.max(OVERSAMPLED_CELLS / matrix.rows().max(1));
        let width = (rank + beyond).min(matrix.rows()).min(matrix.columns());
        let mut rng = Xoshiro256Plus::seed_from_u64(seed);
        let values = (0..matrix.columns() * width).map(|_| uniform(&mut rng)).collect();
        let mut range = matrix.times(&Tall { values, width }).conditioned()?;
        // A range of all dimensions is exact as it is.
        let exact = width == matrix.rows().min(matrix.columns());
        for _ in 0..if exact { 0 } else { POWER_ITERATIONS } {
            let terms = transposed.times(&range).conditioned()?;
            range = matrix.times(&terms).conditioned()?;
        }
        let range = range.orthonormal()?;
        // B = Qᵀ·A is small and wide; B·Bᵀ = W·S²·Wᵀ gives V = Bᵀ·W·S⁻¹.
        let b_transposed = transposed.times(&range);
        let (squares, vectors) = eigen(&b_transposed.gram())?;
        let all: Vec<f64> = squares.iter().map(|s| s.max(0.0).sqrt()).collect();
        let floor = all.first().copied().unwrap_or_default() * NULL_SHARE;
        let singular_values: Vec<f64> = all.into_iter().take(rank).take_while(|s| *s > floor).collect();
        let small = Array2::from_shape_fn((b_transposed.width, singular_values.len()), |(i, j)| vectors[[i, j]] / singular_values[j]);
        let v = b_transposed.times(&small);
        let signs = column_signs(&v);
        let projection = Array2::from_shape_fn((matrix.columns(), v.width), |(i, j)| (v.values[i * v.width + j] * signs[j]) as f32);
        Ok(Self { projection, singular_values })
    }
}

/// A number in −1..1 of 53 random bits.
fn uniform(rng: &mut impl RngCore) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// For each column the sign that makes its component of largest magnitude positive.
fn column_signs(v: &Tall) -> Vec<f64> {
    let mut largest = vec![0.0_f64; v.width];
    for row in v.values.chunks_exact(v.width.max(1)) {
        for (best, value) in largest.iter_mut().zip(row) {
            if value.abs() > best.abs() {
                *best = *value;
            }
        }
    }
    largest.into_iter().map(|v| if v < 0.0 { -1.0 } else { 1.0 }).collect()
}

/// Writes the latent position of a row of weights into `out` (as long as the projection has columns): U·S folded in.
pub fn project(projection: ArrayView2<'_, f32>, row: &[(u32, f32)], out: &mut [f32]) {
    out.fill(0.0);
    for (term, weight) in row {
        out.iter_mut().zip(projection.row(*term as usize)).for_each(|(o, p)| *o += weight * p);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of two kinds over four terms, and their exact singular values.
    fn blocks() -> WeightedMatrix {
        let mut m = WeightedMatrix::new(4);
        for _ in 0..3 {
            m.push([(0, 1.0), (1, 1.0)]);
        }
        for _ in 0..2 {
            m.push([(2, 1.0), (3, 1.0)]);
        }
        m
    }

    #[test]
    fn singular_values_of_two_blocks() {
        // 3 rows (1, 1): σ² = 3 · 2 = 6; 2 rows (1, 1): σ² = 2 · 2 = 4; the rest is empty and left out.
        let lsa = Lsa::fit(&blocks(), 4, 7).unwrap();
        assert_eq!(lsa.singular_values.len(), 2);
        assert!((lsa.singular_values[0] - 6.0_f64.sqrt()).abs() < 1e-9);
        assert!((lsa.singular_values[1] - 2.0).abs() < 1e-9);
        // V's columns are (1, 1, 0, 0)/√2 and (0, 0, 1, 1)/√2: a new row (2, 0, 0, 0) folds in at (√2, 0).
        let mut out = [0.0; 2];
        project(lsa.projection.view(), &[(0, 2.0)], &mut out);
        assert!((out[0] - 2.0_f32.sqrt()).abs() < 1e-6 && out[1].abs() < 1e-6);
    }

    #[test]
    fn threads_do_not_matter() {
        let mut m = WeightedMatrix::new(300);
        let mut rng = Xoshiro256Plus::seed_from_u64(1);
        for _ in 0..3000 {
            let start = u32::try_from(rng.next_u64() % 290).unwrap();
            m.push((0..10).map(|i| (start + i, (rng.next_u64() % 100) as f32 / 10.0)));
        }
        let fits: Vec<Lsa> = [1, 2, 5]
            .into_iter()
            .map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| Lsa::fit(&m, 20, 3).unwrap())
            })
            .collect();
        assert_eq!(fits[0], fits[1]);
        assert_eq!(fits[0], fits[2]);
    }

    #[test]
    fn an_empty_matrix_has_no_directions() {
        let lsa = Lsa::fit(&WeightedMatrix::new(0), 5, 0).unwrap();
        assert!(lsa.singular_values.is_empty());
    }
}

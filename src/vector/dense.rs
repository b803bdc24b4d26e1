//! The few dense products LSA needs, in plain Rust.
//!
//! ndarray's own product picks a kernel by the processor it finds (with or without fused multiply-add), so its last bits
//! differ between machines; these loops do not, and they give the same sums for any number of threads.

use linfa_linalg::eigh::Eigh;
use ndarray::Array2;
use pulp::Arch;
use rayon::prelude::*;

use crate::error::{Error, ErrorKind, Result, Text};

/// Rows whose products one task sums: fixed, so that the order of the sums does not depend on the threads.
const CHUNK_ROWS: usize = 1024;

/// Eigenvalues below this share of the largest are rounding noise of a Gram matrix in f64.
const NULL_SHARE: f64 = 1e-13;

/// A tall dense matrix, row-major.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tall {
    pub(super) values: Vec<f64>,
    pub(super) width: usize,
}

impl Tall {
    /// `AᵀA`: partial sums of fixed chunks of rows, added in the order of the chunks.
    pub(super) fn gram(&self) -> Array2<f64> {
        let (w, arch) = (self.width, Arch::new());
        let partials: Vec<Vec<f64>> = self
            .values
            .par_chunks(CHUNK_ROWS * w.max(1))
            .map(|chunk| {
                let mut sum = vec![0.0; w * w];
                arch.dispatch(|| {
                    for row in chunk.chunks_exact(w.max(1)) {
                        for ((i, a), line) in row.iter().enumerate().zip(sum.chunks_exact_mut(w.max(1))) {
                            add_scaled(&mut line[i..], *a, &row[i..]);
                        }
                    }
                });
                sum
            })
            .collect();
        let mut gram = Array2::zeros((w, w));
        for partial in partials {
            gram.iter_mut().zip(partial).for_each(|(g, p)| *g += p);
        }
        // Only the upper triangle was summed.
        for i in 0..w {
            for j in 0..i {
                gram[[i, j]] = gram[[j, i]];
            }
        }
        gram
    }

    /// `A·B` for a small `B`.
    pub(super) fn times(&self, small: &Array2<f64>) -> Self {
        let (width, arch, small) = (small.ncols(), Arch::new(), small.as_standard_layout());
        let small = small.as_slice().unwrap_or_default();
        let mut values = vec![0.0; self.values.len() / self.width.max(1) * width];
        values.par_chunks_mut(width.max(1)).zip(self.values.par_chunks(self.width.max(1))).for_each(|(out, row)| {
            arch.dispatch(|| row.iter().zip(small.chunks_exact(width.max(1))).for_each(|(a, line)| add_scaled(out, *a, line)));
        });
        Self { values, width }
    }

    /// Orthonormal columns of the same span; columns that depend on others are dropped.
    ///
    /// Twice [`Tall::conditioned`], `A·E·Λ^(−½)` with `AᵀA = E·Λ·Eᵀ` (Stathopoulos & Wu 2002, doi:10.1137/S1064827500370883): the R of a QR is not
    /// needed, and unlike Householder's reflections it is one pass over the rows and bears a deficient rank.
    ///
    /// # Errors
    /// When the eigenvalues do not converge, which finite input does not cause.
    pub(super) fn orthonormal(&self) -> Result<Self> {
        self.conditioned()?.conditioned()
    }

    /// Nearly orthonormal columns of the same span: enough to keep a power iteration from collapsing onto the first direction.
    ///
    /// # Errors
    /// As [`Tall::orthonormal`].
    pub(super) fn conditioned(&self) -> Result<Self> {
        let (values, vectors) = eigen(&self.gram())?;
        let floor = values.first().copied().unwrap_or_default() * NULL_SHARE;
        let rank = values.iter().take_while(|v| **v > floor && **v > 0.0).count();
        let scaled = Array2::from_shape_fn((self.width, rank), |(i, j)| vectors[[i, j]] / values[j].sqrt());
        Ok(self.times(&scaled))
    }
}

/// Adds `factor` times `line` to `out`; inlined, so that it is compiled for each kind of processor. (None of them fuses the
/// multiplication with the addition: the bits are the same.)
#[inline(always)]
pub(super) fn add_scaled(out: &mut [f64], factor: f64, line: &[f64]) {
    out.iter_mut().zip(line).for_each(|(o, l)| *o += factor * l);
}

/// Eigenvalues (descending) and eigenvectors (columns) of a symmetric matrix; of each vector the component of largest
/// magnitude is positive, so that signs do not depend on the algorithm.
///
/// # Errors
/// When the iteration does not converge.
pub(crate) fn eigen(symmetric: &Array2<f64>) -> Result<(Vec<f64>, Array2<f64>)> {
    let n = symmetric.nrows();
    if n == 0 {
        return Ok((Vec::new(), Array2::zeros((0, 0))));
    }
    let (values, vectors) = symmetric.eigh().map_err(|e| {
        Error::new(ErrorKind::Internal, Text::new("固有値を計算できませんでした", "the eigenvalues could not be computed"))
            .because(e.to_string())
    })?;
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    let signs: Vec<f64> = order
        .iter()
        .map(|&j| {
            let column = vectors.column(j);
            let largest = column.iter().fold(0.0_f64, |best, v| if v.abs() > best.abs() + 1e-9 { *v } else { best });
            if largest < 0.0 { -1.0 } else { 1.0 }
        })
        .collect();
    let sorted = Array2::from_shape_fn((n, n), |(i, j)| vectors[[i, order[j]]] * signs[j]);
    Ok((order.iter().map(|&j| values[j]).collect(), sorted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_orthonormal_and_dependent_ones_go() {
        // The third column is the sum of the first two.
        let tall = Tall { values: vec![1.0, 0.0, 1.0, 1.0, 1.0, 2.0, 0.0, 2.0, 2.0, 3.0, 1.0, 4.0], width: 3 };
        let q = tall.orthonormal().unwrap();
        assert_eq!(q.width, 2);
        let gram = q.gram();
        for i in 0..2 {
            for j in 0..2 {
                assert!((gram[[i, j]] - f64::from(u8::from(i == j))).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn eigenvalues_descend() {
        // [[2, 1], [1, 2]] has 3 with (1, 1)/√2 and 1 with (1, −1)/√2.
        let (values, vectors) = eigen(&ndarray::array![[2.0, 1.0], [1.0, 2.0]]).unwrap();
        assert!((values[0] - 3.0).abs() < 1e-12 && (values[1] - 1.0).abs() < 1e-12);
        assert!((vectors[[0, 0]] - 0.5_f64.sqrt()).abs() < 1e-12 && (vectors[[0, 1]] - 0.5_f64.sqrt()).abs() < 1e-12);
    }
}

//! Where do the themes stand on a plane?

use ndarray::ArrayView2;

use super::assign::rounded;
use super::space::dot;
use crate::error::Result;
use crate::vector::eigen;

/// Positions whose distances come nearest to those between the centroids: classical multidimensional scaling (Torgerson
/// 1952, doi:10.1007/BF02288916), scaled so that the farthest coordinate is 1. Signs are fixed.
///
/// # Errors
/// When an eigenvalue iteration does not converge.
pub(super) fn positions(centroids: ArrayView2<'_, f32>) -> Result<Vec<(f64, f64)>> {
    let n = centroids.nrows();
    let similarity = |i: usize, j: usize| {
        let (a, b) = (centroids.row(i), centroids.row(j));
        a.to_slice().zip(b.to_slice()).map_or(0.0, |(a, b)| f64::from(dot(a, b)))
    };
    // For unit vectors the centred Gram matrix is what squared distances give when centred twice.
    let gram = ndarray::Array2::from_shape_fn((n, n), |(i, j)| similarity(i, j));
    let mean: Vec<f64> = gram.rows().into_iter().map(|row| row.iter().sum::<f64>() / n.max(1) as f64).collect();
    let grand = mean.iter().sum::<f64>() / n.max(1) as f64;
    let centred = ndarray::Array2::from_shape_fn((n, n), |(i, j)| gram[[i, j]] - mean[i] - mean[j] + grand);
    let (values, vectors) = eigen(&centred)?;
    let axis = |i: usize, axis: usize| match values.get(axis) {
        Some(value) if *value > 1e-9 => vectors[[i, axis]] * value.sqrt(),
        _ => 0.0,
    };
    let raw: Vec<(f64, f64)> = (0..n).map(|i| (axis(i, 0), axis(i, 1))).collect();
    let largest = raw.iter().fold(0.0_f64, |m, (x, y)| m.max(x.abs()).max(y.abs()));
    let scale = if largest > 0.0 { 1.0 / largest } else { 0.0 };
    Ok(raw.into_iter().map(|(x, y)| (rounded(x * scale), rounded(y * scale))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_themes_stand_near() {
        let centroids = ndarray::array![[1.0_f32, 0.0, 0.0], [0.995, 0.1, 0.0], [0.0, 0.0, 1.0]];
        let p = positions(centroids.view()).unwrap();
        let distance = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).hypot(a.1 - b.1);
        assert!(distance(p[0], p[1]) * 5.0 < distance(p[0], p[2]));
        assert!(p.iter().all(|(x, y)| x.abs() <= 1.0 && y.abs() <= 1.0));
    }

    #[test]
    fn one_theme_stands_in_the_middle() {
        assert_eq!(positions(ndarray::array![[1.0_f32, 0.0]].view()).unwrap(), [(0.0, 0.0)]);
    }
}

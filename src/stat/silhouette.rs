//! Do points stand nearer to their own cluster than to the next?

use ndarray::{Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;

/// Mean silhouette of unit vectors (rows) by cosine distance, −1 to 1 (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7);
/// `None` where there are fewer than two clusters. `labels` has the cluster of each row.
///
/// The silhouette of a point is (b − a) / max(a, b), with a its mean distance to the others of its cluster and b the least mean
/// distance to another cluster; 0 where it is alone in its cluster. This is the exact one and not the simplified one of
/// distances to centroids: the mean of 1 − x·y over the y of a cluster is 1 − x·ȳ, so the sum of each cluster is all that
/// has to be known of it. O(rows · clusters · dimensions). Parallel over rows in the current thread pool; sums are taken in
/// the order of the rows, and the result does not depend on it.
pub fn silhouette(vectors: ArrayView2<'_, f32>, labels: &[u16]) -> Option<f64> {
    let clusters = Clusters::new(vectors, labels);
    if clusters.sizes.iter().filter(|size| **size > 0.0).count() < 2 {
        return None;
    }
    let each: Vec<f64> = (0..vectors.nrows().min(labels.len()))
        .into_par_iter()
        .map_init(Vec::new, |products, row| clusters.silhouette(vectors.row(row), usize::from(labels[row]), products))
        .collect();
    Some(each.iter().sum::<f64>() / each.len() as f64)
}

/// Sizes and sums of the clusters.
struct Clusters {
    sizes: Vec<f64>,
    /// Dimensions × clusters, so that a vector's products with all clusters are one pass.
    sums: Array2<f64>,
}

impl Clusters {
    fn new(vectors: ArrayView2<'_, f32>, labels: &[u16]) -> Self {
        let clusters = labels.iter().max().map_or(0, |label| usize::from(*label) + 1);
        let mut out = Self { sizes: vec![0.0; clusters], sums: Array2::zeros((vectors.ncols(), clusters)) };
        for (vector, label) in vectors.rows().into_iter().zip(labels) {
            out.sizes[usize::from(*label)] += 1.0;
            out.sums.column_mut(usize::from(*label)).iter_mut().zip(vector).for_each(|(s, v)| *s += f64::from(*v));
        }
        out
    }

    /// The silhouette of a vector of cluster `own`.
    fn silhouette(&self, vector: ArrayView1<'_, f32>, own: usize, products: &mut Vec<f64>) -> f64 {
        let others = self.sizes[own] - 1.0;
        if others <= 0.0 {
            return 0.0;
        }
        products.clear();
        products.resize(self.sizes.len(), 0.0);
        for (v, sums) in vector.iter().zip(self.sums.rows()) {
            let v = f64::from(*v);
            products.iter_mut().zip(sums).for_each(|(p, s)| *p += v * s);
        }
        let itself: f64 = vector.iter().map(|v| f64::from(*v) * f64::from(*v)).sum();
        let within = 1.0 - (products[own] - itself) / others;
        let mean = |(product, size): (&f64, &f64)| 1.0 - product / size;
        let clusters = products.iter().zip(&self.sizes).enumerate();
        let beyond = clusters.filter(|(c, (_, size))| *c != own && **size > 0.0).map(|(_, c)| mean(c)).fold(f64::INFINITY, f64::min);
        let larger = within.max(beyond);
        // Both 0 where all are one point; rounding may put them a hair below.
        if larger > 0.0 { (beyond - within) / larger } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    /// See `tests/data/figures/make.py`.
    #[derive(Deserialize)]
    struct Fixture {
        vectors: Vec<Vec<f32>>,
        labels: Vec<u16>,
        silhouette: f64,
    }

    fn matrix(rows: &[Vec<f32>]) -> Array2<f32> {
        Array2::from_shape_fn((rows.len(), rows.first().map_or(0, Vec::len)), |(row, column)| rows[row][column])
    }

    #[test]
    fn agrees_with_scikit_learn() {
        let json = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/figures/silhouette.json"));
        let fixture: Fixture = serde_json::from_str(json).unwrap();
        let got = silhouette(matrix(&fixture.vectors).view(), &fixture.labels).unwrap();
        // scikit-learn computes in the vectors' single precision.
        assert!((got - fixture.silhouette).abs() < 1e-6, "{got}, scikit-learn {}", fixture.silhouette);
    }

    #[test]
    fn by_hand() {
        let rows = [vec![1.0, 0.0], vec![0.6, 0.8], vec![0.0, 1.0]];
        // The first: a = 1 − 0.6 = 0.4, b = 1, so 0.6. The second: a = 0.4, b = 0.2, so −0.5. The third is alone: 0.
        let got = silhouette(matrix(&rows).view(), &[0, 0, 1]).unwrap();
        assert!((got - 0.1 / 3.0).abs() < 1e-6, "{got}");
        // A label that no row has is no cluster.
        assert!((silhouette(matrix(&rows).view(), &[3, 3, 1]).unwrap() - got).abs() < 1e-12);
        assert_eq!(silhouette(matrix(&rows).view(), &[2, 2, 2]), None);
        assert_eq!(silhouette(matrix(&[]).view(), &[]), None);
    }

    /// By the definition: all distances.
    fn plain(rows: &[Vec<f32>], labels: &[u16]) -> f64 {
        let distance = |a: &[f32], b: &[f32]| 1.0 - a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
        let mean = |i: usize, label: u16| {
            let members = (0..rows.len()).filter(|j| *j != i && labels[*j] == label);
            let distances: Vec<f64> = members.map(|j| distance(&rows[i], &rows[j])).collect();
            (!distances.is_empty()).then(|| distances.iter().sum::<f64>() / distances.len() as f64)
        };
        let each = (0..rows.len()).map(|i| {
            let Some(a) = mean(i, labels[i]) else { return 0.0 };
            let b = (0..4).filter(|label| *label != labels[i]).filter_map(|label| mean(i, label)).fold(f64::INFINITY, f64::min);
            (b - a) / a.max(b)
        });
        each.sum::<f64>() / rows.len() as f64
    }

    proptest! {
        #[test]
        fn sums_give_what_all_distances_give(
            points in prop::collection::vec((prop::collection::vec(-1f32..1.0, 3), 0u16..4), 2..40),
        ) {
            let (mut rows, labels): (Vec<Vec<f32>>, Vec<u16>) = points.into_iter().unzip();
            for row in &mut rows {
                let length = row.iter().map(|v| v * v).sum::<f32>().sqrt();
                prop_assume!(length > 0.1);
                row.iter_mut().for_each(|v| *v /= length);
            }
            match silhouette(matrix(&rows).view(), &labels) {
                Some(got) => prop_assert!((got - plain(&rows, &labels)).abs() < 1e-6, "{}", got),
                None => prop_assert!(labels.iter().all(|label| *label == labels[0])),
            }
        }
    }
}

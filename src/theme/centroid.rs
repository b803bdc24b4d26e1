//! How near is a vector to each of many centroids? The one place where clustering spends its time.

use ndarray::Array2;
use pulp::{Arch, NullaryFnOnce};

/// Centroids compared at once: four registers of four, which every processor has, two of eight on most.
const LANES: usize = 16;

/// Centroids laid out so that a vector is compared with sixteen of them at once.
///
/// Each similarity is summed in its own lane, in an order that is fixed: the same bits for any number of centroids beside it,
/// and on every machine, since wider registers multiply and add as narrow ones do.
#[derive(Debug, Clone)]
pub(super) struct Centroids {
    /// For each sixteen centroids, for each dimension, their values; missing centroids are zero.
    lanes: Vec<[f32; LANES]>,
    rank: usize,
    count: usize,
    /// What the processor can do.
    arch: Arch,
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
        Self { lanes, rank, count, arch: Arch::new() }
    }

    /// Replaces `out` by the inner product of `vector` with each centroid, in order.
    pub(super) fn similarities(&self, vector: &[f32], out: &mut Vec<f32>) {
        out.clear();
        for block in self.lanes.chunks_exact(self.rank.max(1)) {
            out.extend(self.arch.dispatch(Products { vector, block }));
        }
        out.truncate(self.count);
    }

    /// The nearest centroid, the similarity to it, and the similarity to the next nearest; of equally near ones the first.
    pub(super) fn nearest(&self, vector: &[f32]) -> Nearest {
        let mut best = Nearest { label: 0, similarity: f32::NEG_INFINITY, rival: f32::NEG_INFINITY };
        let mut first = 0;
        for block in self.lanes.chunks_exact(self.rank.max(1)) {
            let there = LANES.min(self.count - first);
            let (at, top, rival) = self.arch.dispatch(Best { products: Products { vector, block }, there });
            if top > best.similarity {
                let label = u16::try_from(first + at).unwrap_or(u16::MAX);
                best = Nearest { label, similarity: top, rival: larger(best.similarity, rival) };
            } else {
                best.rival = larger(best.rival, top);
            }
            first += LANES;
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

/// The inner products of a vector with a block of centroids.
struct Products<'a> {
    vector: &'a [f32],
    block: &'a [[f32; LANES]],
}

impl NullaryFnOnce for Products<'_> {
    type Output = [f32; LANES];

    // Inlined, so that it is compiled for each kind of processor. Odd and even dimensions are summed apart: a processor that
    // waits for one sum adds to the other.
    #[inline(always)]
    fn call(self) -> [f32; LANES] {
        let (mut even, mut odd) = ([0f32; LANES], [0f32; LANES]);
        let (values, lanes) = (self.vector.chunks_exact(2), self.block.chunks_exact(2));
        if let ([value], [lane]) = (values.remainder(), lanes.remainder()) {
            add(&mut even, *value, lane);
        }
        for (value, lane) in values.zip(lanes) {
            add(&mut even, value[0], &lane[0]);
            add(&mut odd, value[1], &lane[1]);
        }
        even.iter_mut().zip(odd).for_each(|(even, odd)| *even += odd);
        even
    }
}

/// Where the largest of a vector's products with a block stands, it, and the next largest; of equals the first.
struct Best<'a> {
    products: Products<'a>,
    /// Centroids in the block.
    there: usize,
}

impl NullaryFnOnce for Best<'_> {
    type Output = (usize, f32, f32);

    #[inline(always)]
    fn call(self) -> Self::Output {
        let mut products = self.products.call();
        products[self.there..].fill(f32::NEG_INFINITY);
        let top = largest(&products);
        let at = products.iter().position(|p| *p == top).unwrap_or(0);
        products[at] = f32::NEG_INFINITY;
        (at, top, largest(&products))
    }
}

/// The largest of sixteen, halved and halved again: whole registers at a time.
#[inline(always)]
fn largest(values: &[f32; LANES]) -> f32 {
    let mut halves = *values;
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            halves[i] = larger(halves[i], halves[i + width]);
        }
        width /= 2;
    }
    halves[0]
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn add(sum: &mut [f32; LANES], value: f32, lane: &[f32; LANES]) {
    sum.iter_mut().zip(lane).for_each(|(sum, c)| *sum += value * c);
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

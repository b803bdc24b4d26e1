//! How near is a vector to each of many centroids? The one place where clustering spends its time.

use ndarray::Array2;
use pulp::{Arch, NullaryFnOnce};

/// Centroids in a register of most processors; older ones have half as many in each.
const LANES: usize = 8;

/// Registers of centroids that a vector is compared with at once, at most: with more, compilers spill the sums.
const REGISTERS: usize = 2;

/// Centroids laid out so that a vector is compared with up to sixteen of them at once.
///
/// Each similarity is summed in its own lane, in an order that is fixed: the same bits for any number of centroids beside it,
/// and on every machine, since wider registers multiply and add as narrow ones do.
#[derive(Debug, Clone)]
pub(super) struct Centroids {
    groups: Vec<Group>,
    count: usize,
    /// What the processor can do.
    arch: Arch,
}

/// Centroids that are compared at once.
#[derive(Debug, Clone)]
struct Group {
    /// The number of the first.
    first: usize,
    /// How many there are.
    there: usize,
    /// For each dimension the values of as many centroids as fill whole registers; missing ones are zero.
    lanes: Vec<f32>,
}

impl Centroids {
    /// Lays out the rows of `centroids`.
    pub(super) fn new(centroids: &Array2<f32>) -> Self {
        let (count, rank) = centroids.dim();
        let group = |first: usize| {
            let there = (LANES * REGISTERS).min(count - first);
            let width = there.next_multiple_of(LANES);
            let mut lanes = vec![0.0; width * rank];
            for (i, row) in centroids.rows().into_iter().skip(first).take(there).enumerate() {
                row.iter().zip(lanes.chunks_exact_mut(width)).for_each(|(value, lane)| lane[i] = *value);
            }
            Group { first, there, lanes }
        };
        Self { groups: (0..count).step_by(LANES * REGISTERS).map(group).collect(), count, arch: Arch::new() }
    }

    /// Replaces `out` by the inner product of `vector` with each centroid, in order.
    pub(super) fn similarities(&self, vector: &[f32], out: &mut Vec<f32>) {
        out.clear();
        for group in &self.groups {
            if group.there <= LANES {
                out.extend(self.arch.dispatch(Products::<LANES>::new(vector, group)));
            } else {
                out.extend(self.arch.dispatch(Products::<{ LANES * REGISTERS }>::new(vector, group)));
            }
        }
        out.truncate(self.count);
    }

    /// The nearest centroid, the similarity to it, and the similarity to the next nearest; of equally near ones the first.
    pub(super) fn nearest(&self, vector: &[f32]) -> Nearest {
        let mut best = Nearest { label: 0, similarity: f32::NEG_INFINITY, rival: f32::NEG_INFINITY };
        for group in &self.groups {
            let there = group.there;
            let (at, top, rival) = if there <= LANES {
                self.arch.dispatch(Best { products: Products::<LANES>::new(vector, group), there })
            } else {
                self.arch.dispatch(Best { products: Products::<{ LANES * REGISTERS }>::new(vector, group), there })
            };
            if top > best.similarity {
                let label = u16::try_from(group.first + at).unwrap_or(u16::MAX);
                best = Nearest { label, similarity: top, rival: larger(best.similarity, rival) };
            } else {
                best.rival = larger(best.rival, top);
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

/// The inner products of a vector with a group of N lanes.
struct Products<'a, const N: usize> {
    vector: &'a [f32],
    lanes: &'a [[f32; N]],
}

impl<'a, const N: usize> Products<'a, N> {
    fn new(vector: &'a [f32], group: &'a Group) -> Self {
        Self { vector, lanes: group.lanes.as_chunks().0 }
    }
}

impl<const N: usize> NullaryFnOnce for Products<'_, N> {
    type Output = [f32; N];

    // Inlined, so that it is compiled for each kind of processor. Odd and even dimensions are summed apart: a processor that
    // waits for one sum adds to the other.
    #[inline(always)]
    fn call(self) -> [f32; N] {
        let (mut even, mut odd) = ([0f32; N], [0f32; N]);
        let (values, lanes) = (self.vector.chunks_exact(2), self.lanes.chunks_exact(2));
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

/// Where the largest of a vector's products with a group stands, it, and the next largest; of equals the first.
struct Best<'a, const N: usize> {
    products: Products<'a, N>,
    /// Centroids in the group.
    there: usize,
}

impl<const N: usize> NullaryFnOnce for Best<'_, N> {
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

/// The largest value: registers against each other, then halves of the last one.
#[inline(always)]
fn largest<const N: usize>(values: &[f32; N]) -> f32 {
    let mut best = [f32::NEG_INFINITY; LANES];
    for register in values.as_chunks::<LANES>().0 {
        best.iter_mut().zip(register).for_each(|(best, value)| *best = larger(*best, *value));
    }
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            best[i] = larger(best[i], best[i + width]);
        }
        width /= 2;
    }
    best[0]
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn add<const N: usize>(sum: &mut [f32; N], value: f32, lane: &[f32; N]) {
    sum.iter_mut().zip(lane).for_each(|(sum, c)| *sum += value * c);
}

#[cfg(test)]
mod tests {
    use ndarray::Axis;

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
    fn any_number_of_centroids_gives_what_each_alone_gives() {
        let rows = Array2::from_shape_fn((70, 5), |(i, j)| ((i * 37 + j * 11) % 19) as f32 / 7.0 - 1.0);
        let vector = [0.3, -0.7, 0.2, 1.1, -0.4];
        let alone: Vec<f32> = (0..70)
            .map(|i| {
                let mut out = Vec::new();
                Centroids::new(&rows.select(Axis(0), &[i])).similarities(&vector, &mut out);
                out[0]
            })
            .collect();
        for count in 1..=70 {
            let centroids = Centroids::new(&rows.select(Axis(0), &(0..count).collect::<Vec<_>>()));
            let mut out = Vec::new();
            centroids.similarities(&vector, &mut out);
            assert_eq!(out, alone[..count]);
            let mut order: Vec<usize> = (0..count).collect();
            order.sort_by(|a, b| alone[*b].total_cmp(&alone[*a]).then(a.cmp(b)));
            let found = centroids.nearest(&vector);
            assert_eq!((usize::from(found.label), found.similarity), (order[0], alone[order[0]]));
            assert_eq!(found.rival, order.get(1).map_or(f32::NEG_INFINITY, |second| alone[*second]));
        }
    }

    #[test]
    fn the_first_of_equals_wins_and_padding_never() {
        let centroids = Centroids::new(&ndarray::array![[-1.0_f32, 0.0], [-1.0, 0.0]]);
        assert_eq!(centroids.nearest(&[1.0, 0.0]), Nearest { label: 0, similarity: -1.0, rival: -1.0 });
        let one = Centroids::new(&ndarray::array![[-1.0_f32, 0.0]]);
        assert_eq!(one.nearest(&[1.0, 0.0]).rival, f32::NEG_INFINITY);
    }
}

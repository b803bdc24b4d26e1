//! A partition of unit vectors by nearest centroid, and one run of k-means that makes it.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_clustering::{KMeans, KMeansInit};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;

use super::centroid::{Centroids, Nearest};
use super::space::unit;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::stat::agreement::Contingency;

/// Euclidean iterations of one k-means run, before the spherical ones, which are faster.
const EUCLIDEAN_ITERATIONS: u64 = 1;

/// Vectors the start of a run looks at, at least, and per theme; the spherical iterations see all. Distances one by one are
/// what costs in the start.
const START_ROWS: (usize, usize) = (200, 10);

/// A run has settled when its centroids together move less than this.
const TOLERANCE: f32 = 1e-3;

/// Spherical iterations at most; most runs settle within 30.
const SPHERICAL_ITERATIONS: usize = 100;

/// A run has settled when at most one vector in this many changes its part.
const SETTLED_SHARE: usize = 2000;

/// Vectors a task looks at: coarse, so that small inputs stay on one thread.
const CHUNK_ROWS: usize = 2048;

/// What rounding can add to a bound in all iterations together, with room to spare.
const BOUND_MARGIN: f32 = 1e-4;

/// A partition of unit vectors by the nearest of its centroids.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Partition {
    /// Themes × rank, unit rows.
    pub(super) centroids: Array2<f32>,
    /// For each vector the nearest centroid.
    pub(super) labels: Vec<u16>,
    /// Mean similarity to the nearest centroid.
    pub(super) similarity: f64,
}

impl Partition {
    /// Each vector to its nearest centroid; of equally near ones the first.
    pub(super) fn nearest(centroids: Array2<f32>, vectors: ArrayView2<'_, f32>) -> Self {
        let places = places(&Centroids::new(&centroids), vectors);
        let similarity = places.iter().map(|p| f64::from(p.similarity)).sum::<f64>() / places.len().max(1) as f64;
        Self { centroids, labels: places.into_iter().map(|p| p.label).collect(), similarity }
    }

    /// The partition of these labels, below `parts`, with the directions of the parts' sums; an empty part has the first's.
    pub(super) fn of_labels(labels: Vec<u16>, parts: usize, vectors: ArrayView2<'_, f32>) -> Self {
        let mut sums = Array2::<f64>::zeros((parts, vectors.ncols()));
        for (vector, label) in vectors.rows().into_iter().zip(&labels) {
            add(&mut sums, *label, vector, 1.0);
        }
        let first = vectors.rows().into_iter().next().map_or(Vec::new(), |row| row.to_vec());
        let mut centroids = Array2::from_shape_fn(sums.dim(), |(_, dimension)| first[dimension]);
        follow(&mut centroids, &sums);
        let similarity = |(vector, label): (ArrayView1<'_, f32>, &u16)| {
            vector.iter().zip(centroids.row(usize::from(*label))).map(|(v, c)| f64::from(v * c)).sum::<f64>()
        };
        let similarity = vectors.rows().into_iter().zip(&labels).map(similarity).sum::<f64>() / labels.len().max(1) as f64;
        Self { centroids, labels, similarity }
    }

    /// The parts in another order: `order` names the old part of each new one; parts it leaves out must be empty.
    pub(super) fn reordered(&self, order: &[usize]) -> Self {
        let mut new = vec![0; self.centroids.nrows()];
        for (now, before) in (0u16..).zip(order) {
            new[*before] = now;
        }
        let labels = self.labels.iter().map(|label| new[usize::from(*label)]).collect();
        Self { centroids: self.centroids.select(Axis(0), order), labels, similarity: self.similarity }
    }

    /// Spherical k-means from these centroids until nothing moves (Dhillon & Modha 2001, doi:10.1023/A:1007612920971).
    ///
    /// A vector is compared with all centroids only where it may have changed sides: unit vectors' similarities change by no
    /// more than a centroid moves (the bounds of Hamerly 2010, doi:10.1137/1.9781611972801.12, on the sphere). The result is
    /// that of comparing all.
    pub(super) fn settle(mut centroids: Array2<f32>, vectors: ArrayView2<'_, f32>) -> Self {
        let mut places = places(&Centroids::new(&centroids), vectors);
        let mut sums = Array2::<f64>::zeros(centroids.dim());
        for (vector, place) in vectors.rows().into_iter().zip(&places) {
            add(&mut sums, place.label, vector, 1.0);
        }
        for _ in 0..SPHERICAL_ITERATIONS {
            let shifts = follow(&mut centroids, &sums);
            let moved = update(&mut places, &Centroids::new(&centroids), &shifts, vectors);
            for (row, from, to) in &moved {
                add(&mut sums, *from, vectors.row(*row), -1.0);
                add(&mut sums, *to, vectors.row(*row), 1.0);
            }
            if moved.len() <= vectors.nrows() / SETTLED_SHARE {
                break;
            }
        }
        // A sum of similarities to one centroid is the similarity of the sum.
        let similarity = sums.iter().zip(&centroids).map(|(s, c)| s * f64::from(*c)).sum::<f64>() / vectors.nrows().max(1) as f64;
        Self { centroids, labels: places.into_iter().map(|p| p.label).collect(), similarity }
    }

    /// Vectors per theme.
    pub(super) fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.centroids.nrows()];
        self.labels.iter().for_each(|l| sizes[usize::from(*l)] += 1);
        sizes
    }
}

/// Agreement of two partitions of the same vectors.
pub(super) fn contingency(a: &[u16], b: &[u16]) -> Contingency {
    Contingency::new(a.iter().zip(b).map(|(a, b)| (usize::from(*a), usize::from(*b))))
}

/// The place of every vector.
pub(super) fn places(centroids: &Centroids, vectors: ArrayView2<'_, f32>) -> Vec<Nearest> {
    let nowhere = Nearest { label: 0, similarity: 0.0, rival: 0.0 };
    (0..vectors.nrows())
        .into_par_iter()
        .with_min_len(CHUNK_ROWS)
        .map(|i| vectors.row(i).to_slice().map_or(nowhere, |vector| centroids.nearest(vector)))
        .collect()
}

/// Adds a vector to the sum of a part, or takes it away.
fn add(sums: &mut Array2<f64>, part: u16, vector: ArrayView1<'_, f32>, sign: f64) {
    let mut sum = sums.row_mut(usize::from(part));
    if let (Some(sum), Some(vector)) = (sum.as_slice_mut(), vector.to_slice()) {
        sum.iter_mut().zip(vector).for_each(|(s, v)| *s += sign * f64::from(*v));
    }
}

/// Moves each centroid to the direction of its sum; an empty part keeps its centroid. Returns how far each moved.
fn follow(centroids: &mut Array2<f32>, sums: &Array2<f64>) -> Vec<f32> {
    let mut mean = Vec::with_capacity(sums.ncols());
    sums.rows()
        .into_iter()
        .zip(centroids.rows_mut())
        .map(|(sum, mut centroid)| {
            mean.clear();
            mean.extend(sum.iter().map(|s| *s as f32));
            if !unit(&mut mean) {
                return 0.0;
            }
            let mut squares = 0.0;
            for (c, m) in centroid.iter_mut().zip(&mean) {
                squares += (*c - m) * (*c - m);
                *c = *m;
            }
            squares.sqrt()
        })
        .collect()
}

/// Brings the places up to date after the centroids moved by `shifts`; returns who moved from where to where, in order.
fn update(places: &mut [Nearest], centroids: &Centroids, shifts: &[f32], vectors: ArrayView2<'_, f32>) -> Vec<(usize, u16, u16)> {
    // How far the centroids other than one's own moved at most.
    let farthest = (0..shifts.len()).fold(0, |best, i| if shifts[i] > shifts[best] { i } else { best });
    let largest = shifts.get(farthest).copied().unwrap_or_default();
    let next = shifts.iter().enumerate().filter(|(i, _)| *i != farthest).fold(0f32, |m, (_, s)| m.max(*s));
    let moved: Vec<Vec<(usize, u16, u16)>> = places
        .par_chunks_mut(CHUNK_ROWS)
        .enumerate()
        .map(|(chunk, places)| {
            let mut moved = Vec::new();
            for (place, row) in places.iter_mut().zip(chunk * CHUNK_ROWS..) {
                let own = usize::from(place.label);
                place.similarity -= shifts[own];
                place.rival += if own == farthest { next } else { largest };
                if place.similarity > place.rival + BOUND_MARGIN {
                    continue;
                }
                let now = vectors.row(row).to_slice().map_or(*place, |vector| centroids.nearest(vector));
                if now.label != place.label {
                    moved.push((row, place.label, now.label));
                }
                *place = now;
            }
            moved
        })
        .collect();
    moved.concat()
}

/// One run of k-means: linfa's from [`seeds`], finished on the sphere.
///
/// # Errors
/// When the distances are not finite, which unit vectors do not cause.
pub(super) fn k_means(vectors: ArrayView2<'_, f32>, k: usize, seed: u64) -> Result<Partition> {
    let mut rng = Xoshiro256Plus::seed_from_u64(seed);
    let start = random_rows(vectors, START_ROWS.0.max(k * START_ROWS.1), &mut rng);
    let seeds = seeds(start.view(), k, &mut rng);
    let dataset = DatasetBase::from(start.view());
    let model = KMeans::params_with_rng(seeds.nrows(), rng)
        .n_runs(1)
        .max_n_iterations(EUCLIDEAN_ITERATIONS)
        .tolerance(TOLERANCE)
        .init_method(KMeansInit::Precomputed(seeds))
        .fit(&dataset)
        .map_err(|e| Error::new(ErrorKind::Internal, Text::new("k-means が失敗しました", "k-means failed")).because(e))?;
    let mut centroids = model.centroids().clone();
    centroids.rows_mut().into_iter().for_each(|mut row| {
        if let Some(values) = row.as_slice_mut() {
            unit(values);
        }
    });
    Ok(Partition::settle(centroids, vectors))
}

/// k rows to start from, each drawn with a probability that grows with the square of its distance from those before it: k-means++
/// (Arthur & Vassilvitskii 2007). linfa's compares each row with all the seeds again for each new one.
fn seeds(vectors: ArrayView2<'_, f32>, k: usize, rng: &mut Xoshiro256Plus) -> Array2<f32> {
    // The squared distance of unit vectors is twice what their product lacks of one.
    let mut missing = vec![f32::INFINITY; vectors.nrows()];
    let mut chosen = vec![draw(&vec![1.0; vectors.nrows()], rng)];
    while chosen.len() < k {
        let last = vectors.row(chosen[chosen.len() - 1]);
        for (missing, vector) in missing.iter_mut().zip(vectors.rows()) {
            *missing = missing.min(1.0 - vector.dot(&last)).max(0.0);
        }
        chosen.push(draw(&missing, rng));
    }
    vectors.select(Axis(0), &chosen)
}

/// An index drawn by these weights; the first where there are none.
fn draw(weights: &[f32], rng: &mut Xoshiro256Plus) -> usize {
    let all: f64 = weights.iter().map(|w| f64::from(*w)).sum();
    // The upper bits are the good ones of this generator.
    let mut left = all * (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
    weights
        .iter()
        .position(|weight| {
            left -= f64::from(*weight);
            left < 0.0
        })
        .unwrap_or(0)
}

/// So many different rows, drawn at random; all of them in order where there are no more.
fn random_rows(vectors: ArrayView2<'_, f32>, size: usize, rng: &mut Xoshiro256Plus) -> Array2<f32> {
    let rows = vectors.nrows();
    if rows <= size {
        return vectors.to_owned();
    }
    vectors.select(Axis(0), &rand::seq::index::sample(rng, rows, size).into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spherical k-means that compares every vector with every centroid in every iteration.
    fn plain(mut centroids: Array2<f32>, vectors: ArrayView2<'_, f32>) -> Vec<u16> {
        let mut labels = Partition::nearest(centroids.clone(), vectors).labels;
        for _ in 0..SPHERICAL_ITERATIONS {
            let mut sums = Array2::<f64>::zeros(centroids.dim());
            for (vector, label) in vectors.rows().into_iter().zip(&labels) {
                sums.row_mut(usize::from(*label)).iter_mut().zip(vector).for_each(|(s, v)| *s += f64::from(*v));
            }
            follow(&mut centroids, &sums);
            let next = Partition::nearest(centroids.clone(), vectors).labels;
            let moved = next.iter().zip(&labels).filter(|(a, b)| a != b).count();
            labels = next;
            if moved <= vectors.nrows() / SETTLED_SHARE {
                break;
            }
        }
        labels
    }

    #[test]
    fn seeds_are_drawn_by_the_square_of_their_distance() {
        // Ninety vectors in one direction, ten in another: whichever is first, the other direction is second.
        let vectors = Array2::from_shape_fn((100, 2), |(i, j)| f32::from((i < 90) == (j == 0)));
        for seed in 0..20 {
            let found = seeds(vectors.view(), 2, &mut Xoshiro256Plus::seed_from_u64(seed));
            assert_ne!(found.row(0), found.row(1), "{seed}");
        }
        let mut rng = Xoshiro256Plus::seed_from_u64(3);
        let mut drawn = [0; 3];
        (0..3000).for_each(|_| drawn[draw(&[1.0, 0.0, 2.0], &mut rng)] += 1);
        assert!(drawn[1] == 0 && (900..1100).contains(&drawn[0]), "{drawn:?}");
        assert_eq!(draw(&[0.0, 0.0], &mut rng), 0);
    }

    #[test]
    fn the_bounds_change_nothing() {
        let mut rng = Xoshiro256Plus::seed_from_u64(5);
        let mut vectors = Array2::from_shape_fn((700, 6), |_| (rng.next_u64() >> 40) as f32 / (1u32 << 24) as f32 - 0.4);
        vectors.rows_mut().into_iter().for_each(|mut row| assert!(unit(row.as_slice_mut().unwrap())));
        for k in [1, 2, 9] {
            let start = vectors.select(Axis(0), &(0..k).collect::<Vec<_>>());
            assert_eq!(Partition::settle(start.clone(), vectors.view()).labels, plain(start, vectors.view()), "{k} parts");
        }
    }
}

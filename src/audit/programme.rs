//! Linear programmes over a part of a system, by Clarabel's interior-point method (Goulart & Chen 2024).
//!
//! An interior point is what an attacker's system wants: thousands of cells, few relations each, no vertex to start from; and
//! the point it finds has room on all sides. It runs in one thread and is deterministic.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettings, DefaultSettingsBuilder, DefaultSolver, IPSolver, SolverStatus, SupportedConeT};

/// min q·x + ½ Σ p x², subject to rows and bounds.
#[derive(Debug, Clone, Default)]
pub(super) struct Programme {
    /// Between which each unknown lies.
    pub(super) bounds: Vec<(f64, f64)>,
    /// Σ coefficient · x = right side.
    pub(super) rows: Vec<(Terms, f64)>,
}

/// How a programme ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// The best point.
    Solved(Vec<f64>),
    /// Nothing satisfies all rows.
    Infeasible,
    /// The solver gave up.
    Unknown,
}

/// Iterations of one programme: it takes 10 to 30.
const ITERATIONS: u32 = 100;

/// Unknowns with their coefficients.
type Terms = Vec<(usize, f64)>;

/// How an unknown that only one row has is computed from the others.
struct Follower {
    unknown: usize,
    constant: f64,
    terms: Terms,
}

/// A programme without followers: most rows say no more than what a part leaves of a whole.
struct Reduced {
    bounds: Vec<(f64, f64)>,
    linear: Vec<f64>,
    curvature: Vec<f64>,
    /// Σ coefficient · x between two numbers.
    rows: Vec<(Terms, f64, f64)>,
    followers: Vec<Follower>,
    /// Per unknown its place among those that are left.
    place: Vec<Option<usize>>,
}

impl Programme {
    /// Minimises linear costs plus half the curvature times x².
    pub(super) fn minimise(&self, linear: &[f64], curvature: Option<&[f64]>) -> Outcome {
        let reduced = self.reduce(linear, curvature);
        let Some(settings) = settings() else { return Outcome::Unknown };
        match reduced.solve(settings) {
            Outcome::Solved(point) => Outcome::Solved(reduced.expand(&point)),
            other => other,
        }
    }

    /// Puts in unknowns that only one row has: as a bound of the other where there is only one, else as an inequality.
    fn reduce(&self, linear: &[f64], curvature: Option<&[f64]>) -> Reduced {
        let n = self.bounds.len();
        let mut times = vec![0u32; n];
        self.rows.iter().flat_map(|(terms, _)| terms).for_each(|(unknown, _)| times[*unknown] += 1);
        let (mut bounds, mut linear) = (self.bounds.clone(), linear.to_vec());
        let mut curvature = curvature.map_or_else(|| vec![0.0; n], <[f64]>::to_vec);
        let (mut rows, mut followers) = (Vec::new(), Vec::new());
        let mut follows = vec![false; n];
        for (terms, constant) in &self.rows {
            let single = terms
                .iter()
                .find(|(unknown, _)| times[*unknown] == 1 && !follows[*unknown] && (terms.len() == 2 || curvature[*unknown] == 0.0));
            let Some(&(unknown, coefficient)) = single.filter(|_| terms.len() > 1) else {
                rows.push((terms.clone(), *constant, *constant));
                continue;
            };
            follows[unknown] = true;
            let others: Terms = terms.iter().filter(|(u, _)| *u != unknown).map(|(u, c)| (*u, -c / coefficient)).collect();
            let constant = constant / coefficient;
            // x = constant + Σ terms, and costs of x are costs of the terms.
            let (low, high) = bounds[unknown];
            for (other, factor) in &others {
                linear[*other] += factor * (linear[unknown] + curvature[unknown] * constant);
                curvature[*other] += curvature[unknown] * factor * factor;
            }
            if let [(other, factor)] = others[..] {
                let ends = ((low - constant) / factor, (high - constant) / factor);
                let (from, to) = if factor > 0.0 { ends } else { (ends.1, ends.0) };
                bounds[other] = (bounds[other].0.max(from), bounds[other].1.min(to));
            } else {
                rows.push((others.clone(), low - constant, high - constant));
            }
            followers.push(Follower { unknown, constant, terms: others });
        }
        let mut left = 0..;
        let place: Vec<Option<usize>> = follows.iter().map(|follows| if *follows { None } else { left.next() }).collect();
        let keep = |values: Vec<f64>| values.into_iter().zip(&follows).filter(|(_, follows)| !**follows).map(|(v, _)| v).collect();
        let bounds = bounds.into_iter().zip(&follows).filter(|(_, follows)| !**follows).map(|(b, _)| b).collect();
        Reduced { linear: keep(linear), curvature: keep(curvature), bounds, rows, followers, place }
    }
}

impl Reduced {
    fn solve(&self, settings: DefaultSettings<f64>) -> Outcome {
        let n = self.bounds.len();
        let (mut rows, mut columns, mut values, mut right) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut push = |terms: &[(usize, f64)], sign: f64, bound: f64| {
            for (column, coefficient) in terms {
                rows.push(right.len());
                columns.push(*column);
                values.push(sign * coefficient);
            }
            right.push(sign * bound);
            right.len()
        };
        let mut equalities = 0;
        let placed = |terms: &[(usize, f64)]| -> Terms { terms.iter().filter_map(|(u, c)| Some((self.place[*u]?, *c))).collect() };
        for (terms, low, _) in self.rows.iter().filter(|(_, low, high)| low == high) {
            equalities = push(&placed(terms), 1.0, *low);
        }
        let mut all = equalities;
        for (terms, low, high) in self.rows.iter().filter(|(_, low, high)| low != high) {
            for (sign, bound) in [(-1.0, *low), (1.0, *high)].into_iter().filter(|(_, bound)| bound.is_finite()) {
                all = push(&placed(terms), sign, bound);
            }
        }
        for (column, (low, high)) in self.bounds.iter().enumerate() {
            for (sign, bound) in [(-1.0, *low), (1.0, *high)].into_iter().filter(|(_, bound)| bound.is_finite()) {
                all = push(&[(column, 1.0)], sign, bound);
            }
        }
        let a = CscMatrix::new_from_triplets(all, n, rows, columns, values);
        let p = CscMatrix::new_from_triplets(n, n, (0..n).collect(), (0..n).collect(), self.curvature.clone());
        let cones = [SupportedConeT::ZeroConeT(equalities), SupportedConeT::NonnegativeConeT(all - equalities)];
        let Ok(mut solver) = DefaultSolver::new(&p, &self.linear, &a, &right, &cones, settings) else { return Outcome::Unknown };
        solver.solve();
        match solver.solution.status {
            SolverStatus::Solved | SolverStatus::AlmostSolved => Outcome::Solved(std::mem::take(&mut solver.solution.x)),
            SolverStatus::PrimalInfeasible | SolverStatus::AlmostPrimalInfeasible => Outcome::Infeasible,
            _ => Outcome::Unknown,
        }
    }

    /// The values of all unknowns.
    fn expand(&self, point: &[f64]) -> Vec<f64> {
        let mut all: Vec<f64> = self.place.iter().map(|place| place.map_or(0.0, |at| point[at])).collect();
        // Only one row has a follower, so that none is a term of another.
        for Follower { unknown, constant, terms } in &self.followers {
            all[*unknown] = constant + terms.iter().map(|(other, factor)| factor * all[*other]).sum::<f64>();
        }
        all
    }
}

fn settings() -> Option<DefaultSettings<f64>> {
    let mut settings = DefaultSettingsBuilder::default();
    settings.verbose(false).max_iter(ITERATIONS).max_threads(1).tol_gap_abs(1e-6).tol_gap_rel(1e-6).tol_feas(1e-7);
    settings.build().ok()
}

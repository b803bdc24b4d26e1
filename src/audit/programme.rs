//! Linear programmes over a part of a system, by Clarabel's interior-point method (Goulart & Chen 2024).
//!
//! An interior point is what an attacker's system wants: thousands of cells, few relations each, no vertex to start from; and
//! the point it finds has room on all sides. It runs in one thread and is deterministic.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettingsBuilder, DefaultSolver, IPSolver, SolverStatus, SupportedConeT};

/// min q·x + ½ Σ p x², subject to rows and bounds.
#[derive(Debug, Clone, Default)]
pub(super) struct Programme {
    /// Between which each unknown lies.
    pub(super) bounds: Vec<(f64, f64)>,
    /// Σ coefficient · x = right side.
    pub(super) rows: Vec<(Vec<(usize, f64)>, f64)>,
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

impl Programme {
    /// Minimises linear costs plus half the curvature times x².
    pub(super) fn minimise(&self, linear: &[f64], curvature: Option<&[f64]>) -> Outcome {
        let n = self.bounds.len();
        let (mut rows, mut columns, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let mut right = Vec::new();
        for (terms, constant) in &self.rows {
            for (column, coefficient) in terms {
                rows.push(right.len());
                columns.push(*column);
                values.push(*coefficient);
            }
            right.push(*constant);
        }
        let equalities = right.len();
        for (column, (low, high)) in self.bounds.iter().enumerate() {
            for (sign, bound) in [(-1.0, -low), (1.0, *high)].into_iter().filter(|(_, bound)| bound.is_finite()) {
                rows.push(right.len());
                columns.push(column);
                values.push(sign);
                right.push(bound);
            }
        }
        let bounds = right.len() - equalities;
        let a = CscMatrix::new_from_triplets(right.len(), n, rows, columns, values);
        let p = match curvature {
            Some(curvature) => CscMatrix::new_from_triplets(n, n, (0..n).collect(), (0..n).collect(), curvature.to_vec()),
            None => CscMatrix::zeros((n, n)),
        };
        let cones = [SupportedConeT::ZeroConeT(equalities), SupportedConeT::NonnegativeConeT(bounds)];
        let Ok(settings) = DefaultSettingsBuilder::default()
            .verbose(false)
            .max_iter(ITERATIONS)
            .max_threads(1)
            .tol_gap_abs(1e-6)
            .tol_gap_rel(1e-6)
            .tol_feas(1e-7)
            .build()
        else {
            return Outcome::Unknown;
        };
        let Ok(mut solver) = DefaultSolver::new(&p, linear, &a, &right, &cones, settings) else { return Outcome::Unknown };
        solver.solve();
        match solver.solution.status {
            SolverStatus::Solved | SolverStatus::AlmostSolved => Outcome::Solved(std::mem::take(&mut solver.solution.x)),
            SolverStatus::PrimalInfeasible | SolverStatus::AlmostPrimalInfeasible => Outcome::Infeasible,
            _ => Outcome::Unknown,
        }
    }
}

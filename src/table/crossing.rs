//! Subjects × the values of a facet: the rows of every `…_by_…` table.

use super::cube::{Cube, Slice, Subject};
use super::facet::Facet;
use super::rows::Rows;
use crate::disclose::Shown;
use crate::stat::crosstab::{adjusted_residual, normal_p};
use crate::stat::interval::wilson;
use crate::stat::multiple::benjamini_hochberg;

/// One subject among the calls of one value.
pub(super) struct Crossed {
    /// Position in the subjects given.
    pub(super) subject: usize,
    /// Position in the facet's values.
    pub(super) value: usize,
    /// Calls of the subject with the value.
    pub(super) count: Shown,
    /// Calls with the value.
    pub(super) n: Shown,
    /// Adjusted residual, its p-value and its q-value.
    pub(super) residual: Option<f64>,
    p: Option<f64>,
    q: Option<f64>,
}

impl Crossed {
    /// count, count_status, n, n_status, share.
    pub(super) fn write_counts(&self, rows: &mut Rows<'_>) {
        rows.count(self.count).count(self.n).float(self.count.share_of(self.n));
    }

    /// share_low, share_high.
    pub(super) fn write_interval(&self, rows: &mut Rows<'_>) {
        write_interval(rows, self.count, self.n);
    }

    /// residual, p_value, q_value.
    pub(super) fn write_tests(&self, rows: &mut Rows<'_>) {
        rows.float(self.residual).float(self.p).float(self.q);
    }
}

/// Crosses subjects with a facet. Values that no call has are left out. The q-values are over all shown cells: one family.
pub(super) fn cross(cube: &Cube, facet: &Facet, subjects: &[Subject]) -> Vec<Crossed> {
    let all = cube.get(Subject::All, Slice::ALL);
    let mut cells = Vec::new();
    for value in 0..facet.values.len() {
        let slice = cube.slice(facet, value);
        let n = cube.get(Subject::All, slice);
        if n == Shown::Zero {
            continue;
        }
        for (at, subject) in subjects.iter().enumerate() {
            let count = cube.get(*subject, slice);
            let margins = (count.value(), cube.get(*subject, Slice::ALL).value(), n.value(), all.value());
            let residual = match margins {
                (Some(o), Some(row), Some(column), Some(total)) => adjusted_residual(o, row, column, total),
                _ => None,
            };
            cells.push(Crossed { subject: at, value, count, n, residual, p: residual.map(normal_p), q: None });
        }
    }
    let p: Vec<f64> = cells.iter().filter_map(|c| c.p).collect();
    let mut q = benjamini_hochberg(&p).into_iter();
    for cell in cells.iter_mut().filter(|c| c.p.is_some()) {
        cell.q = q.next();
    }
    cells
}

/// share_low, share_high: Wilson's 95 % interval of count / n.
pub(super) fn write_interval(rows: &mut Rows<'_>, count: Shown, n: Shown) {
    let interval = count.value().zip(n.value()).and_then(|(count, n)| wilson(count, n));
    rows.float(interval.map(|(low, _)| low)).float(interval.map(|(_, high)| high));
}

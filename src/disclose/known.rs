//! What a reader computes from all sums, one after the other: between which whole numbers each hidden count lies.
//!
//! Bounds are drawn together as in constraint propagation: what is left of a total when all other parts are as large, or as
//! small, as they can be. Exact, in whole numbers; what several sums give away only together is not seen.

use std::collections::{BTreeSet, VecDeque};

use super::ledger::{CellId, Ledger, Sum, Visibility};

/// Visits to one equation. Bounds that creep towards each other by one a visit are left to the audit.
const VISITS: u32 = 40;

/// No count comes near.
const MOST: i64 = u32::MAX as i64;

/// Position of an equation.
pub(super) type EquationId = u32;

/// All sums and inequalities as equations: Σ sign · count = 0.
pub(super) struct Equations {
    /// Where the terms of each equation begin, and where they end.
    starts: Vec<usize>,
    terms: Vec<(CellId, i8)>,
    /// The same the other way round.
    containing_starts: Vec<usize>,
    containing: Vec<EquationId>,
}

impl Equations {
    pub(super) fn new(sums: &[Sum], bounds: &[(Vec<CellId>, Vec<CellId>)], cells: usize) -> Self {
        let (mut starts, mut terms) = (vec![0], Vec::new());
        for sum in sums {
            terms.extend(sum.parts.iter().map(|part| (*part, 1)).chain([(sum.total, -1)]));
            starts.push(terms.len());
        }
        for (more, fewer) in bounds {
            terms.extend(more.iter().map(|cell| (*cell, 1)).chain(fewer.iter().map(|cell| (*cell, -1))));
            starts.push(terms.len());
        }
        let mut containing_starts = vec![0; cells + 1];
        terms.iter().for_each(|(cell, _)| containing_starts[cell.index() + 1] += 1);
        for i in 0..cells {
            containing_starts[i + 1] += containing_starts[i];
        }
        let mut next = containing_starts.clone();
        let mut containing = vec![0; terms.len()];
        for (equation, range) in (0..).zip(starts.windows(2)) {
            for (cell, _) in &terms[range[0]..range[1]] {
                containing[next[cell.index()]] = equation;
                next[cell.index()] += 1;
            }
        }
        Self { starts, terms, containing_starts, containing }
    }

    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn terms(&self, equation: EquationId) -> &[(CellId, i8)] {
        &self.terms[self.starts[equation as usize]..self.starts[equation as usize + 1]]
    }

    fn containing(&self, cell: CellId) -> &[EquationId] {
        &self.containing[self.containing_starts[cell.index()]..self.containing_starts[cell.index() + 1]]
    }

    /// The cells of an equation.
    pub(super) fn cells(&self, equation: EquationId) -> impl Iterator<Item = CellId> + '_ {
        self.terms(equation).iter().map(|(cell, _)| *cell)
    }
}

/// What is known of one count.
#[derive(Debug, Clone, Copy)]
struct Interval {
    low: i64,
    high: i64,
}

/// What a reader knows of all counts.
pub(super) struct Known {
    intervals: Vec<Interval>,
    /// The equations that drew each cell's bounds together, by cell.
    reasons: Vec<(CellId, EquationId)>,
}

impl Known {
    /// Draws all bounds together as far as single equations do.
    pub(super) fn from(equations: &Equations, ledger: &Ledger) -> Self {
        let of = |(count, visibility): (&u32, &Visibility)| match visibility {
            Visibility::Shown => (i64::from(*count), i64::from(*count)),
            _ => (0, MOST),
        };
        let start = ledger.counts.iter().zip(&ledger.visibility).map(of);
        let mut known = Self { intervals: start.map(|(low, high)| Interval { low, high }).collect(), reasons: Vec::new() };
        // Where all is shown nothing is left to compute.
        let is_open = |e: &EquationId| equations.cells(*e).any(|cell| ledger.visibility(cell) != Visibility::Shown);
        let mut reasons = Vec::new();
        known.propagate(equations, (0..).take(equations.len()).filter(is_open).collect(), |cell, _, equation| {
            reasons.push((cell, equation))
        });
        reasons.sort_unstable();
        reasons.dedup();
        Self { reasons, ..known }
    }

    /// Adds what is known once a hidden count is shown, unless a count falls that is not `given_up`; returns whether it was added.
    pub(super) fn show(&mut self, cell: CellId, equations: &Equations, ledger: &Ledger, given_up: &BTreeSet<CellId>) -> bool {
        let count = i64::from(ledger.count(cell));
        let mut before = vec![(cell, self.intervals[cell.index()])];
        self.intervals[cell.index()] = Interval { low: count, high: count };
        self.propagate(equations, equations.containing(cell).iter().copied().collect(), |cell, old, _| before.push((cell, old)));
        let changed = || before.iter().map(|(cell, _)| *cell).filter(|cell| self.has_fallen(*cell, ledger));
        if changed().all(|fallen| fallen == cell || given_up.contains(&fallen)) {
            return true;
        }
        // Backwards: a cell may have changed more than once.
        before.into_iter().rev().for_each(|(cell, interval)| self.intervals[cell.index()] = interval);
        false
    }

    /// Draws all bounds together as far as single equations do, starting with those in `queue`; tells what changed, from what, by which.
    fn propagate(&mut self, equations: &Equations, mut queue: VecDeque<EquationId>, mut changed: impl FnMut(CellId, Interval, EquationId)) {
        let mut waiting = vec![false; equations.len()];
        queue.iter().for_each(|e| waiting[*e as usize] = true);
        let mut visits = vec![0u32; equations.len()];
        while let Some(equation) = queue.pop_front() {
            waiting[equation as usize] = false;
            visits[equation as usize] += 1;
            self.draw(equations, equation, |cell, old| {
                changed(cell, old, equation);
                for &other in equations.containing(cell) {
                    if !waiting[other as usize] && visits[other as usize] < VISITS {
                        waiting[other as usize] = true;
                        queue.push_back(other);
                    }
                }
            });
        }
    }

    /// Draws the bounds of the cells of one equation; tells which changed, and from what.
    fn draw(&mut self, equations: &Equations, equation: EquationId, mut changed: impl FnMut(CellId, Interval)) {
        let terms = equations.terms(equation);
        // The least and the most that sign · count can be.
        let ends = |interval: Interval, sign: i8| if sign > 0 { (interval.low, interval.high) } else { (-interval.high, -interval.low) };
        let (mut least, mut most) = (0, 0);
        for (cell, sign) in terms {
            let (low, high) = ends(self.intervals[cell.index()], *sign);
            (least, most) = (least + low, most + high);
        }
        for (cell, sign) in terms {
            let interval = &mut self.intervals[cell.index()];
            if interval.low == interval.high {
                continue;
            }
            // sign · count = −(the others)
            let (low, high) = ends(*interval, *sign);
            let (from, to) = (-(most - high), -(least - low));
            let (from, to) = if *sign > 0 { (from, to) } else { (-to, -from) };
            if from <= interval.low && to >= interval.high {
                continue;
            }
            let old = *interval;
            *interval = Interval { low: old.low.max(from), high: old.high.min(to) };
            let (new_low, new_high) = ends(*interval, *sign);
            (least, most) = (least - low + new_low, most - high + new_high);
            changed(*cell, old);
        }
    }

    /// The equations that the interval of a cell was computed from: all that drew it together, since the last to do so may have
    /// got its numbers from the cell itself.
    pub(super) fn reasons(&self, cell: CellId) -> impl Iterator<Item = EquationId> + '_ {
        let from = self.reasons.partition_point(|(other, _)| *other < cell);
        self.reasons[from..].iter().take_while(move |(other, _)| *other == cell).map(|(_, equation)| *equation)
    }

    /// The cells of which too much is known.
    pub(super) fn fallen<'a>(&'a self, ledger: &'a Ledger) -> impl Iterator<Item = CellId> + 'a {
        (0..).map(CellId).take(self.intervals.len()).filter(|cell| self.has_fallen(*cell, ledger))
    }

    /// Whether too much is known of a cell: a hidden count whose interval is narrower than half the threshold ("sliding
    /// protection": Fischetti & Salazar 2001, doi:10.1287/mnsc.47.7.1008.9805), unless it is known to be zero, or large and not
    /// exact; a count that nobody prints, when it is known to be small.
    fn has_fallen(&self, cell: CellId, ledger: &Ledger) -> bool {
        let Interval { low, high } = self.intervals[cell.index()];
        let limit = i64::from(ledger.threshold.get());
        match ledger.visibility(cell) {
            Visibility::Suppressed => high > 0 && high - low < if low >= limit { 1 } else { i64::from(ledger.threshold.width()) },
            Visibility::Unprinted => low >= 1 && high < limit,
            Visibility::Shown | Visibility::Slack => false,
        }
    }
}

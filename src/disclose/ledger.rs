//! All counts published together, and what holds between them.
//!
//! Whoever counts enters the counts and states the sums; [`Ledger::decide`] says which counts are shown.

use super::{Shown, Threshold};

/// A count in a [`Ledger`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellId(pub(super) u32);

impl CellId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Counts that are published together.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub(super) threshold: Threshold,
    pub(super) counts: Vec<u32>,
    pub(super) visibility: Vec<Visibility>,
    pub(super) sums: Vec<Sum>,
    /// What holds beside the sums: the first are together at least as many as the second.
    pub(super) bounds: Vec<(Vec<CellId>, Vec<CellId>)>,
    /// Cells that need more protection than the sums tell.
    pub(super) exposed: Vec<CellId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visibility {
    /// Printed somewhere.
    Shown,
    /// Would be printed, but must not be known.
    Suppressed,
    /// Printed nowhere: a rest that a reader could compute. Its count is protected if it is small.
    Unprinted,
    /// Nobody's count: it only turns an inequality into an equation.
    Slack,
}

/// total = Σ parts.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    pub(super) total: CellId,
    pub(super) parts: Vec<CellId>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new(threshold: Threshold) -> Self {
        Self { threshold, counts: Vec::new(), visibility: Vec::new(), sums: Vec::new(), bounds: Vec::new(), exposed: Vec::new() }
    }

    /// Enters a count that is to be published.
    pub fn cell(&mut self, count: u32) -> CellId {
        let visibility = if self.threshold.hides(count) { Visibility::Suppressed } else { Visibility::Shown };
        self.push(count, visibility)
    }

    /// Enters a count that no table prints, but that a reader might compute: it must not be known to be small.
    pub fn unprinted(&mut self, count: u32) -> CellId {
        self.push(count, Visibility::Unprinted)
    }

    pub(super) fn push(&mut self, count: u32, visibility: Visibility) -> CellId {
        self.counts.push(count);
        self.visibility.push(visibility);
        CellId(u32::try_from(self.counts.len() - 1).unwrap_or(u32::MAX))
    }

    pub(super) fn count(&self, cell: CellId) -> u32 {
        self.counts[cell.index()]
    }

    pub(super) fn visibility(&self, cell: CellId) -> Visibility {
        self.visibility[cell.index()]
    }

    /// States that `parts` make up `total`: months a year, prefectures a region, attribute values all calls.
    ///
    /// Parts that overlap (several reasons in one call) make no sum; where the numbers happen to add up all the same, a
    /// reader may take them for one, and so does the ledger. Returns whether they add up.
    pub fn sum(&mut self, total: CellId, parts: impl IntoIterator<Item = CellId>) -> bool {
        let parts: Vec<CellId> = parts.into_iter().collect();
        let added: u64 = parts.iter().map(|p| u64::from(self.count(*p))).sum();
        let holds = added == u64::from(self.count(total)) && !parts.is_empty();
        if holds {
            self.sums.push(Sum { total, parts });
        }
        holds
    }

    /// States that `parts` are disjoint parts of `whole` with a rest that is printed nowhere but can be computed: the calls
    /// of a region that do not express a need. Gives the rest; `None`, and no effect, where they are more than the whole.
    pub fn rest(&mut self, whole: CellId, parts: impl IntoIterator<Item = CellId>) -> Option<CellId> {
        let mut parts: Vec<CellId> = parts.into_iter().collect();
        let added = parts.iter().fold(0u32, |sum, p| sum.saturating_add(self.count(*p)));
        let rest = self.count(whole).checked_sub(added).filter(|_| !parts.is_empty())?;
        let rest = self.unprinted(rest);
        parts.push(rest);
        self.sums.push(Sum { total: whole, parts });
        Some(rest)
    }

    /// States that `more` are together at least as many calls as `fewer`: reasons of which a call can have several cover all
    /// calls. Without effect where the counts say otherwise.
    pub fn at_least(&mut self, more: impl IntoIterator<Item = CellId>, fewer: impl IntoIterator<Item = CellId>) {
        let (more, mut fewer): (Vec<CellId>, Vec<CellId>) = (more.into_iter().collect(), fewer.into_iter().collect());
        let added = |cells: &[CellId]| cells.iter().fold(0u32, |sum, c| sum.saturating_add(self.count(*c)));
        if let Some(slack) = added(&more).checked_sub(added(&fewer)) {
            fewer.push(self.push(slack, Visibility::Slack));
            self.bounds.push((more, fewer));
        }
    }

    /// Asks for more protection of a cell that an attack found out: one more cell beside it is hidden; the cell itself, where it
    /// was shown.
    pub fn expose(&mut self, cell: CellId) {
        self.exposed.push(cell);
    }
}

/// What may be shown of a [`Ledger`].
#[derive(Debug, Clone)]
pub struct Decided {
    pub(super) shown: Vec<Shown>,
}

impl Decided {
    /// The cell as it is published.
    pub fn get(&self, cell: CellId) -> Shown {
        self.shown[cell.index()]
    }
}

//! All counts published together, the sums between them, and the decision which are shown.
//!
//! Primary suppression hides what is small. Complementary suppression hides more, until no sum gives a small count back
//! by one subtraction, nor by knowing that what is hidden is no zero. What several sums give away together (a linear programme's bounds) is not searched here.

use super::{Shown, Threshold};

/// A count in a [`Ledger`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellId(u32);

/// Counts that are published together.
#[derive(Debug, Clone)]
pub struct Ledger {
    threshold: Threshold,
    counts: Vec<u32>,
    visibility: Vec<Visibility>,
    sums: Vec<Sum>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visibility {
    /// Printed somewhere.
    Shown,
    /// Would be printed, but must not be known.
    Suppressed,
    /// Printed nowhere: a rest that a reader could compute. Its count is protected if it is small.
    Unprinted,
}

/// total = Σ parts.
#[derive(Debug, Clone)]
struct Sum {
    total: CellId,
    parts: Vec<CellId>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new(threshold: Threshold) -> Self {
        Self { threshold, counts: Vec::new(), visibility: Vec::new(), sums: Vec::new() }
    }

    /// Enters a count that is to be published.
    pub fn cell(&mut self, count: u32) -> CellId {
        let visibility = if self.threshold.hides(count) { Visibility::Suppressed } else { Visibility::Shown };
        self.push(count, visibility)
    }

    fn push(&mut self, count: u32, visibility: Visibility) -> CellId {
        self.counts.push(count);
        self.visibility.push(visibility);
        CellId(u32::try_from(self.counts.len() - 1).unwrap_or(u32::MAX))
    }

    fn count(&self, cell: CellId) -> u32 {
        self.counts[cell.0 as usize]
    }

    fn visibility(&self, cell: CellId) -> Visibility {
        self.visibility[cell.0 as usize]
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
    /// of a region that do not express a need. Without effect where they are more than the whole.
    pub fn rest(&mut self, whole: CellId, parts: impl IntoIterator<Item = CellId>) {
        let mut parts: Vec<CellId> = parts.into_iter().collect();
        let added = parts.iter().fold(0u32, |sum, p| sum.saturating_add(self.count(*p)));
        let Some(rest) = self.count(whole).checked_sub(added) else { return };
        if parts.is_empty() {
            return;
        }
        let rest = self.push(rest, Visibility::Unprinted);
        parts.push(rest);
        self.sums.push(Sum { total: whole, parts });
    }

    /// Decides: hides cells until every sum is safe. Deterministic; about linear in the size of all sums, a few times over.
    pub fn decide(mut self) -> Decided {
        let sums = std::mem::take(&mut self.sums);
        // Hiding a cell can only unsettle the sums it is in, and each round hides at least one cell, so this ends.
        let mut dirty = vec![true; sums.len()];
        let containing = self.containing(&sums);
        // A zero among the parts of a total that is itself zero is known whatever is printed.
        let is_known_zero = |ledger: &Self, cell: CellId| {
            let of = containing[cell.0 as usize].iter().map(|i| &sums[*i as usize]);
            of.filter(|sum| sum.parts.contains(&cell)).any(|sum| ledger.count(sum.total) == 0)
        };
        while dirty.contains(&true) {
            for (i, sum) in sums.iter().enumerate() {
                if !std::mem::take(&mut dirty[i]) {
                    continue;
                }
                while let Some(cell) = self.next_to_hide(sum, |cell| is_known_zero(&self, cell)) {
                    self.visibility[cell.0 as usize] = Visibility::Suppressed;
                    for &other in &containing[cell.0 as usize] {
                        dirty[other as usize] = true;
                    }
                }
            }
        }
        let shown = self.counts.iter().zip(&self.visibility).map(|(count, v)| Shown::of(*count, *v != Visibility::Shown)).collect();
        Decided { shown }
    }

    fn containing(&self, sums: &[Sum]) -> Vec<Vec<u32>> {
        let mut containing = vec![Vec::new(); self.counts.len()];
        for (i, sum) in (0u32..).zip(sums) {
            for cell in sum.parts.iter().chain([&sum.total]) {
                containing[cell.0 as usize].push(i);
            }
        }
        containing
    }

    /// The cell to hide next so that `sum` gives nothing away; `None` when it is safe. `is_known_zero` tells the zeros that
    /// hiding would not hide.
    fn next_to_hide(&self, sum: &Sum, is_known_zero: impl Fn(CellId) -> bool) -> Option<CellId> {
        let unknown = || sum.parts.iter().copied().filter(|p| self.visibility(*p) != Visibility::Shown);
        let shown = || sum.parts.iter().copied().filter(|p| self.visibility(*p) == Visibility::Shown);
        let is_shown = self.visibility(sum.total) == Visibility::Shown;
        let total = is_shown.then_some(sum.total);
        // The smallest costs least; a zero protects nothing while a hidden cell is known to be above zero.
        let smallest = || shown().filter(|p| self.count(*p) > 0).min_by_key(|p| (self.count(*p), *p));
        if !is_shown {
            // A hidden total must not be the sum of known parts.
            return if unknown().next().is_some() { None } else { smallest() };
        }
        // A reader knows the unknown parts' sum. It must not be small, nor be the count of a single protected part.
        let rest: u64 = unknown().map(|p| u64::from(self.count(p))).sum();
        let is_small = u32::try_from(rest).is_ok_and(|rest| self.threshold.hides(rest));
        let mut cells = unknown();
        let is_safe = match (cells.next(), cells.next()) {
            (None, _) => true,
            (Some(only), None) => !is_small && self.visibility(only) == Visibility::Unprinted,
            _ => !is_small,
        };
        if !is_safe {
            // With no part left to hide, the total is the same set of calls as the hidden part: hide it too.
            return smallest().or(total);
        }
        // Ten suppressed cells in a rest of ten are one each, as long as a suppressed cell is known to be at least one. What is
        // left over when each has its one says how far any can be from it.
        let suppressed = || unknown().filter(|p| self.visibility(*p) == Visibility::Suppressed);
        let above_zero = suppressed().filter(|p| self.count(*p) > 0).count() as u64;
        if above_zero == 0 || rest - above_zero >= u64::from(self.threshold.get() / 2) {
            return None;
        }
        // Another count gives room; where there is none, all zeros that can be hidden are: then a suppressed cell of this sum
        // may be zero as well. Only where no zero can be hidden must the total go.
        let zero = || shown().find(|p| self.count(*p) == 0 && !is_known_zero(*p));
        let has_hidden_zero = suppressed().any(|p| self.count(p) == 0);
        smallest().or_else(zero).or(if has_hidden_zero { None } else { total })
    }
}

/// What may be shown of a [`Ledger`].
#[derive(Debug, Clone)]
pub struct Decided {
    shown: Vec<Shown>,
}

impl Decided {
    /// The cell as it is published.
    pub fn get(&self, cell: CellId) -> Shown {
        self.shown[cell.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(decided: &Decided, cells: &[CellId]) -> Vec<Option<u32>> {
        cells.iter().map(|c| decided.get(*c).value()).collect()
    }

    fn row(counts: &[u32]) -> (Vec<Option<u32>>, Option<u32>) {
        let mut ledger = Ledger::new(Threshold::default());
        let total = ledger.cell(counts.iter().sum());
        let parts: Vec<CellId> = counts.iter().map(|c| ledger.cell(*c)).collect();
        assert!(ledger.sum(total, parts.clone()));
        let decided = ledger.decide();
        (shown(&decided, &parts), decided.get(total).value())
    }

    #[test]
    fn a_single_small_cell_takes_the_next_smallest_with_it() {
        // 100 − 50 − 46 = 4 would give the 4 back, so 46 goes too.
        assert_eq!(row(&[50, 4, 46]), (vec![Some(50), None, None], Some(100)));
    }

    #[test]
    fn two_small_cells_whose_sum_is_small_need_a_third() {
        // 62 − 50 − 10 = 2: two hidden cells of at least 1 each are 1 and 1.
        assert_eq!(row(&[50, 1, 1, 10]), (vec![Some(50), None, None, None], Some(62)));
        // 4 + 6 = 10 is enough.
        assert_eq!(row(&[50, 4, 6, 12]), (vec![Some(50), None, None, Some(12)], Some(72)));
    }

    #[test]
    fn many_small_cells_that_can_only_be_one_each_need_another() {
        // Ten cells hidden in a rest of ten are known to be one each; with the 12 hidden, too, 22 may be split in many ways.
        let mut counts = vec![50, 12];
        counts.extend([1; 10]);
        let (parts, total) = row(&counts);
        assert_eq!((parts[0], parts[1], total), (Some(50), None, Some(72)));
        assert!(parts[2..].iter().all(Option::is_none));
    }

    #[test]
    fn where_nothing_else_is_left_the_zeros_of_a_row_are_hidden_with_it() {
        // Ten ones of ten: with the two zeros hidden, too, each of the twelve may be anything from 0 to 10.
        let mut counts = vec![0, 0];
        counts.extend([1; 10]);
        let (parts, total) = row(&counts);
        assert_eq!(total, Some(10));
        assert!(parts.iter().all(Option::is_none));
        // Without a zero the total goes.
        assert_eq!(row(&[1; 10]).1, None);
    }

    #[test]
    fn a_zero_of_an_empty_column_is_known_and_hides_nothing() {
        let mut ledger = Ledger::new(Threshold::default());
        let (total, zero, empty) = (ledger.cell(10), ledger.cell(0), ledger.cell(0));
        let ones = [1; 10].map(|c| ledger.cell(c));
        assert!(ledger.sum(total, ones.into_iter().chain([zero])));
        assert!(ledger.sum(empty, [zero]));
        assert_eq!(shown(&ledger.decide(), &[total, zero, empty]), [None, Some(0), Some(0)]);
    }

    #[test]
    fn zeros_are_shown_and_protect_nobody() {
        assert_eq!(row(&[50, 0, 60]), (vec![Some(50), Some(0), Some(60)], Some(110)));
        assert_eq!(row(&[5, 0, 0]), (vec![None, Some(0), Some(0)], None));
    }

    #[test]
    fn a_rest_that_nobody_prints_is_protected_too() {
        // 97 of 100 with the need are 3 without.
        let mut ledger = Ledger::new(Threshold::default());
        let (whole, part) = (ledger.cell(100), ledger.cell(97));
        ledger.rest(whole, [part]);
        assert_eq!(shown(&ledger.decide(), &[whole, part]), [Some(100), None]);
        // 80 of 100: nothing to protect. And all of 100: a rest of zero is allowed.
        for count in [80, 100] {
            let mut ledger = Ledger::new(Threshold::default());
            let (whole, part) = (ledger.cell(100), ledger.cell(count));
            ledger.rest(whole, [part]);
            assert_eq!(shown(&ledger.decide(), &[whole, part]), [Some(100), Some(count)]);
        }
    }

    #[test]
    fn hiding_spreads_from_rows_to_columns() {
        //        a    b    c  | total
        //  x     4   30   40  |   74
        //  y    20   50   60  |  130
        // total 24   80  100  |  204
        // Row x: 4 and 30 go. Column a: 20 goes. Column b: 50 goes. Row y then has two hidden.
        let mut ledger = Ledger::new(Threshold::default());
        let x = [4, 30, 40].map(|c| ledger.cell(c));
        let y = [20, 50, 60].map(|c| ledger.cell(c));
        let rows = [74, 130].map(|c| ledger.cell(c));
        let columns = [24, 80, 100].map(|c| ledger.cell(c));
        ledger.sum(rows[0], x);
        ledger.sum(rows[1], y);
        for i in 0..3 {
            ledger.sum(columns[i], [x[i], y[i]]);
        }
        let decided = ledger.decide();
        assert_eq!(shown(&decided, &x), [None, None, Some(40)]);
        assert_eq!(shown(&decided, &y), [None, None, Some(60)]);
        assert_eq!(shown(&decided, &rows), [Some(74), Some(130)]);
        assert_eq!(shown(&decided, &columns), [Some(24), Some(80), Some(100)]);
    }

    #[test]
    fn overlapping_parts_make_no_sum() {
        let mut ledger = Ledger::new(Threshold::default());
        let (total, parts) = (ledger.cell(100), [70, 60].map(|c| ledger.cell(c)));
        assert!(!ledger.sum(total, parts));
        assert_eq!(shown(&ledger.decide(), &parts), [Some(70), Some(60)]);
    }

    proptest! {
        /// No row or column of a table with margins gives a small count, or a hidden one, by subtraction.
        #[test]
        fn one_subtraction_finds_nothing(table in prop::collection::vec(prop::collection::vec(prop_oneof![0u32..15, 0u32..200], 4), 1..6)) {
            let mut ledger = Ledger::new(Threshold::default());
            let cells: Vec<Vec<CellId>> = table.iter().map(|r| r.iter().map(|c| ledger.cell(*c)).collect()).collect();
            let mut lines: Vec<(CellId, Vec<CellId>)> = Vec::new();
            for (counts, row) in table.iter().zip(&cells) {
                lines.push((ledger.cell(counts.iter().sum()), row.clone()));
            }
            for j in 0..4 {
                let total = ledger.cell(table.iter().map(|r| r[j]).sum());
                lines.push((total, cells.iter().map(|r| r[j]).collect()));
            }
            let grand = ledger.cell(table.iter().flatten().sum());
            lines.push((grand, lines[..table.len()].iter().map(|l| l.0).collect()));
            lines.push((grand, lines[table.len()..table.len() + 4].iter().map(|l| l.0).collect()));
            for (total, parts) in &lines {
                ledger.sum(*total, parts.clone());
            }
            let decided = ledger.decide();
            for (total, parts) in &lines {
                let hidden = parts.iter().filter(|p| decided.get(**p) == Shown::Suppressed).count();
                match decided.get(*total).value() {
                    Some(total) => {
                        let known: u32 = parts.iter().filter_map(|p| decided.get(*p).value()).sum();
                        prop_assert!(hidden != 1, "one hidden part can be computed");
                        prop_assert!(!Threshold::default().hides(total - known), "a small sum can be computed");
                    }
                    None => prop_assert!(hidden > 0, "a hidden total can be computed"),
                }
            }
        }
    }
}

//! The decision which counts are shown.
//!
//! Primary suppression hides what is small. Complementary suppression hides more (Cox 1980, doi:10.1080/01621459.1980.10477481;
//! Hundepool et al. 2012, Statistical Disclosure Control, ch. 4), in two steps that take turns until both are content, and a third:
//!
//! 1. each sum on its own gives nothing away by one subtraction, nor by knowing that what is hidden is no zero;
//! 2. of all sums together, used one after the other, a reader learns of no hidden count that it lies in a narrow interval
//!    ([`Known`]); where he does, one more cell is hidden among those that the interval was computed from.
//!
//! 3. what was hidden for others but turns out not to be needed is shown again.
//!
//! Calls of a total are worth more than those of a detail, since its shares are lost with it; all calls are worth most.
//! What only a linear programme finds is left to the audit, which names the cells that fell: [`Ledger::expose`].

use super::known::Equations;
use super::ledger::{CellId, Decided, Ledger, Sum, Visibility};
use super::threshold::Shown;

impl Ledger {
    /// Decides: hides cells until all sums together are safe. Deterministic; about linear in the size of all sums, some times over.
    pub fn decide(self) -> Decided {
        let (mut decision, equations) = Decision::of(self);
        decision.hide_around_exposed();
        decision.widen(&equations);
        let Ledger { counts, visibility, .. } = decision.ledger;
        let shown = counts.iter().zip(&visibility).map(|(count, v)| Shown::of(*count, *v != Visibility::Shown)).collect();
        Decided { shown }
    }
}

/// A ledger while it is decided.
pub(super) struct Decision {
    pub(super) ledger: Ledger,
    pub(super) sums: Vec<Sum>,
    /// Per cell the sums it is in.
    pub(super) containing: Vec<Vec<u32>>,
    /// Per cell the sums it is the total of.
    divisions: Vec<u32>,
    /// Sums to be looked at.
    dirty: Vec<bool>,
}

impl Decision {
    fn new(mut ledger: Ledger) -> Self {
        let sums = std::mem::take(&mut ledger.sums);
        let mut containing = vec![Vec::new(); ledger.counts.len()];
        let mut divisions = vec![0; ledger.counts.len()];
        for (i, sum) in (0u32..).zip(&sums) {
            divisions[sum.total.index()] += 1;
            for cell in sum.parts.iter().chain([&sum.total]) {
                containing[cell.index()].push(i);
            }
        }
        Self { dirty: vec![true; sums.len()], ledger, sums, containing, divisions }
    }

    /// All three steps.
    pub(super) fn of(ledger: Ledger) -> (Self, Equations) {
        let mut decision = Self::new(ledger);
        let equations = Equations::new(&decision.sums, &decision.ledger.bounds, decision.ledger.counts.len());
        decision.settle();
        decision.widen(&equations);
        decision.clean_up(&equations);
        (decision, equations)
    }

    pub(super) fn hide(&mut self, cell: CellId) {
        self.ledger.visibility[cell.index()] = Visibility::Suppressed;
        for &sum in &self.containing[cell.index()] {
            self.dirty[sum as usize] = true;
        }
    }

    pub(super) fn is_shown(&self, cell: CellId) -> bool {
        self.ledger.visibility(cell) == Visibility::Shown
    }

    /// Step 1. Hiding a cell can only unsettle the sums it is in, and each round hides at least one cell, so this ends.
    pub(super) fn settle(&mut self) {
        while self.dirty.contains(&true) {
            for i in 0..self.sums.len() {
                if std::mem::take(&mut self.dirty[i]) {
                    while let Some(cell) = self.next_to_hide(&self.sums[i]) {
                        self.hide(cell);
                    }
                }
            }
        }
    }

    /// What hiding a cell costs: its calls, once more for each division of them whose shares would be lost with it, and in each sum
    /// in which it would be the only hidden part those of the smallest that would have to go with it.
    pub(super) fn cost(&self, cell: CellId) -> (u64, CellId) {
        let count = |cell: &CellId| u64::from(self.ledger.count(*cell));
        let sums = self.containing[cell.index()].iter().map(|i| &self.sums[*i as usize]);
        let alone = sums.filter(|sum| sum.total != cell && self.is_shown(sum.total) && sum.parts.iter().all(|p| self.is_shown(*p)));
        let company =
            alone.map(|sum| sum.parts.iter().filter(|p| **p != cell).map(count).filter(|n| *n > 0).min().unwrap_or(count(&sum.total)));
        let divisions = u64::from(self.divisions[cell.index()]);
        (count(&cell) * (1 + divisions) + company.sum::<u64>(), cell)
    }

    /// A zero among the parts of a total that is itself zero is known whatever is printed.
    pub(super) fn is_known_zero(&self, cell: CellId) -> bool {
        let of = self.containing[cell.index()].iter().map(|i| &self.sums[*i as usize]);
        of.filter(|sum| sum.parts.contains(&cell)).any(|sum| self.ledger.count(sum.total) == 0)
    }

    /// The cell to hide next so that `sum` gives nothing away; `None` when it is safe.
    pub(super) fn next_to_hide(&self, sum: &Sum) -> Option<CellId> {
        let ledger = &self.ledger;
        let threshold = ledger.threshold;
        let unknown = || sum.parts.iter().copied().filter(|p| !self.is_shown(*p));
        let shown = || sum.parts.iter().copied().filter(|p| self.is_shown(*p));
        let is_shown = self.is_shown(sum.total);
        let total = is_shown.then_some(sum.total);
        // A zero protects nothing while a hidden cell is known to be above zero.
        let cheapest = || shown().filter(|p| ledger.count(*p) > 0).min_by_key(|p| self.cost(*p));
        if !is_shown {
            // A hidden total must not be the sum of known parts.
            return if unknown().next().is_some() { None } else { cheapest() };
        }
        // A reader knows the unknown parts' sum. It must not be small, nor be the count of a single protected part.
        let rest: u64 = unknown().map(|p| u64::from(ledger.count(p))).sum();
        let is_small = u32::try_from(rest).is_ok_and(|rest| threshold.hides(rest));
        let mut cells = unknown();
        let is_safe = match (cells.next(), cells.next()) {
            (None, _) => true,
            (Some(only), None) => !is_small && ledger.visibility(only) == Visibility::Unprinted,
            _ => !is_small,
        };
        if !is_safe {
            // With no part left to hide, the total is the same set of calls as the hidden part: hide it too.
            return cheapest().or(total);
        }
        // Ten suppressed cells in a rest of ten are one each, as long as a suppressed cell is known to be at least one. What is
        // left over when each has its one says how far any can be from it.
        let suppressed = || unknown().filter(|p| ledger.visibility(*p) == Visibility::Suppressed);
        let above_zero = suppressed().filter(|p| ledger.count(*p) > 0).count() as u64;
        if above_zero == 0 || rest - above_zero >= u64::from(threshold.width()) {
            return None;
        }
        // Another count gives room; where there is none, all zeros that can be hidden are: then a suppressed cell of this sum
        // may be zero as well. Only where no zero can be hidden must the total go.
        let zero = || shown().find(|p| ledger.count(*p) == 0 && !self.is_known_zero(*p));
        let has_hidden_zero = suppressed().any(|p| ledger.count(p) == 0);
        cheapest().or_else(zero).or(if has_hidden_zero { None } else { total })
    }

    /// For each exposed cell one more in its sums; the cell itself, where it was shown.
    fn hide_around_exposed(&mut self) {
        for cell in std::mem::take(&mut self.ledger.exposed) {
            let more = if self.is_shown(cell) {
                Some(cell)
            } else {
                let sums = self.containing[cell.index()].iter().map(|i| &self.sums[*i as usize]);
                let cells = sums.flat_map(|sum| sum.parts.iter().chain([&sum.total])).copied();
                cells.filter(|c| self.is_shown(*c) && self.ledger.count(*c) > 0).min_by_key(|c| self.cost(*c))
            };
            if let Some(more) = more {
                self.hide(more);
                self.settle();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclose::Threshold;
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

    #[test]
    fn a_count_that_nobody_prints_hides_another() {
        // 74 = 4 + 30 + 40, of which the 40 is printed nowhere: 34 and 40 leave the 4 unknown.
        let mut ledger = Ledger::new(Threshold::default());
        let (total, small, shown, unprinted) = (ledger.cell(74), ledger.cell(4), ledger.cell(30), ledger.unprinted(40));
        assert!(ledger.sum(total, [small, shown, unprinted]));
        assert_eq!(shown_of(&ledger, &[small, shown]), [None, Some(30)]);
    }

    #[test]
    fn an_exposed_cell_is_hidden_or_gets_company() {
        let counts = [4, 20, 30, 40];
        let hidden = |expose: &[usize]| {
            let mut ledger = Ledger::new(Threshold::default());
            let total = ledger.cell(counts.iter().sum());
            let cells = counts.map(|c| ledger.cell(c));
            ledger.sum(total, cells);
            expose.iter().for_each(|i| ledger.expose(cells[*i]));
            shown_of(&ledger, &cells).iter().filter(|shown| shown.is_none()).count()
        };
        assert_eq!([hidden(&[]), hidden(&[0]), hidden(&[0, 0]), hidden(&[3])], [2, 3, 4, 3]);
    }

    #[test]
    fn a_cell_goes_where_others_are_hidden_already() {
        //        a    b    c  | total
        //  x     4   30   31  |   65
        //  y    50   60    5  |  115
        // total 54   90   36  |  180
        // Row x: 30 is smaller than 31, but 31 stands in the column of the hidden 5 and needs no company there.
        let mut ledger = Ledger::new(Threshold::default());
        let x = [4, 30, 31].map(|c| ledger.cell(c));
        let y = [50, 60, 5].map(|c| ledger.cell(c));
        let rows = [65, 115].map(|c| ledger.cell(c));
        let columns = [54, 90, 36].map(|c| ledger.cell(c));
        ledger.sum(rows[0], x);
        ledger.sum(rows[1], y);
        for i in 0..3 {
            ledger.sum(columns[i], [x[i], y[i]]);
        }
        assert_eq!(shown_of(&ledger, &x), [None, Some(30), None]);
        assert_eq!(shown_of(&ledger, &y), [None, Some(60), None]);
    }

    fn shown_of(ledger: &Ledger, cells: &[CellId]) -> Vec<Option<u32>> {
        shown(&ledger.clone().decide(), cells)
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

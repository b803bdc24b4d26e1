//! Steps 2 and 3 of the decision, which look at all sums together.

use std::collections::BTreeSet;

use super::decide::Decision;
use super::known::{Equations, Known};
use super::ledger::{CellId, Visibility};

/// How many sums away from a hidden cell another is looked for that gives it room.
const FARTHEST: usize = 6;

/// How many times cheaper a cell must be than a nearer one to be preferred to it.
const FAR_CHEAPER: u64 = 4;

/// What gives a hidden cell room.
enum Room {
    /// Something that was hidden for another in the same round: whether it is enough, the next will tell.
    Given,
    /// Hiding this cell.
    By(CellId),
    /// Nothing near it.
    Nowhere,
}
impl Decision {
    /// Step 2, in turns with step 1. Each round hides at least one cell or gives up on at least one, so this ends.
    pub(super) fn widen(&mut self, equations: &Equations) {
        let mut hopeless = BTreeSet::new();
        loop {
            let known = Known::from(equations, &self.ledger);
            let fallen: Vec<CellId> = known.fallen(&self.ledger).filter(|cell| !hopeless.contains(cell)).collect();
            if fallen.is_empty() {
                return;
            }
            let mut hidden = BTreeSet::new();
            for cell in fallen {
                match self.gives_room(cell, equations, &known, &hidden) {
                    Room::Given => {}
                    Room::By(more) => {
                        self.hide(more);
                        hidden.insert(more);
                    }
                    Room::Nowhere => _ = hopeless.insert(cell),
                }
            }
            self.settle();
        }
    }

    /// Step 3. Counts that were hidden but turn out not to be needed are shown again, the most valuable first (the "clean-up" of
    /// Kelly, Golden & Assad 1992, Networks 22).
    pub(super) fn clean_up(&mut self, equations: &Equations) {
        let mut known = Known::from(equations, &self.ledger);
        let hopeless: BTreeSet<CellId> = known.fallen(&self.ledger).collect();
        let is_small = |count: u32| self.ledger.threshold.hides(count);
        let counts = (0..).map(CellId).zip(self.ledger.counts.iter().zip(&self.ledger.visibility));
        let hidden = counts.filter(|(_, (count, visibility))| **visibility == Visibility::Suppressed && !is_small(**count));
        let mut hidden: Vec<(u64, CellId)> = hidden.map(|(cell, _)| self.cost(cell)).collect();
        hidden.sort_unstable_by_key(|(cost, cell)| (std::cmp::Reverse(*cost), *cell));
        for (_, cell) in hidden {
            self.ledger.visibility[cell.index()] = Visibility::Shown;
            let is_safe = self.containing[cell.index()].iter().all(|i| self.next_to_hide(&self.sums[*i as usize]).is_none())
                && known.show(cell, equations, &self.ledger, &hopeless);
            if !is_safe {
                self.ledger.visibility[cell.index()] = Visibility::Suppressed;
            }
        }
    }

    /// The cheapest shown cell among those that the interval of a hidden cell was computed from: the nearest, unless one farther
    /// away is much cheaper (a total is never worth a detail).
    fn gives_room(&self, cell: CellId, equations: &Equations, known: &Known, hidden: &BTreeSet<CellId>) -> Room {
        let (mut near, mut seen, mut looked) = (vec![cell], BTreeSet::from([cell]), BTreeSet::new());
        let (mut zero, mut cheapest) = (None, None);
        for _ in 0..FARTHEST {
            let (mut best, mut next): (Option<CellId>, _) = (None, Vec::new());
            for equation in near.iter().flat_map(|c| known.reasons(*c)).filter(|e| looked.insert(*e)) {
                for other in equations.cells(equation).filter(|c| seen.insert(*c)) {
                    if hidden.contains(&other) {
                        return Room::Given;
                    }
                    match (self.is_shown(other), self.ledger.count(other)) {
                        (false, _) => next.push(other),
                        (true, 0) if self.is_known_zero(other) => {}
                        (true, 0) => zero = zero.or(Some(other)),
                        (true, _) => best = best.into_iter().chain([other]).min_by_key(|c| self.cost(*c)),
                    }
                }
            }
            let cost = |cell: &CellId| self.cost(*cell).0;
            match (best, cheapest) {
                (Some(best), Some(nearer)) if cost(&best) * FAR_CHEAPER < cost(&nearer) => cheapest = Some(best),
                (Some(best), None) => cheapest = Some(best),
                _ => {}
            }
            near = next;
        }
        cheapest.or(zero).map_or(Room::Nowhere, Room::By)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclose::{Ledger, Threshold};
    use proptest::prelude::*;

    fn shown(ledger: &Ledger, cells: &[CellId]) -> Vec<Option<u32>> {
        let decided = ledger.clone().decide();
        cells.iter().map(|c| decided.get(*c).value()).collect()
    }

    #[test]
    fn what_sums_tell_one_after_the_other_is_hidden_too() {
        // Of 18 calls 12 are a and 6 are not; of the 12 at least 9 have a need. Each sum alone leaves room, but who knows that the
        // calls with the need are 9 or more of at most 12 knows them to three.
        let mut ledger = Ledger::new(Threshold::default());
        let (whole, need, others, all) = (ledger.cell(12), ledger.cell(9), ledger.cell(20), ledger.cell(29));
        ledger.rest(whole, [need]);
        assert_eq!(shown(&ledger, &[whole, need, others]), [Some(12), None, Some(20)]);
        // Need and others cover all 29: the need is at least 9, at most 12. The others go: a total is worth more.
        ledger.at_least([need, others], [all]);
        assert_eq!(shown(&ledger, &[whole, need, others, all]), [Some(12), None, None, Some(29)]);
    }

    /// A table with margins: rows, then columns, then all.
    fn table(counts: &[Vec<u32>]) -> Ledger {
        let mut ledger = Ledger::new(Threshold::default());
        let cells: Vec<Vec<CellId>> = counts.iter().map(|row| row.iter().map(|c| ledger.cell(*c)).collect()).collect();
        let all = ledger.cell(counts.iter().flatten().sum());
        let rows: Vec<CellId> = counts.iter().map(|row| ledger.cell(row.iter().sum())).collect();
        let columns: Vec<CellId> = (0..counts[0].len()).map(|j| ledger.cell(counts.iter().map(|row| row[j]).sum())).collect();
        for (row, parts) in rows.iter().zip(&cells) {
            ledger.sum(*row, parts.clone());
        }
        for (j, column) in columns.iter().enumerate() {
            ledger.sum(*column, cells.iter().map(|row| row[j]));
        }
        ledger.sum(all, rows);
        ledger.sum(all, columns);
        ledger
    }

    proptest! {
        /// Whoever reads all sums knows of no hidden count too well; and each that is hidden is needed for that: the least that is
        /// safe. Looked at with all bounds drawn together anew, not as the decision does it.
        #[test]
        fn what_is_hidden_is_enough_and_needed(counts in prop::collection::vec(prop::collection::vec(prop_oneof![0u32..15, 0u32..99], 5), 2..6)) {
            let (mut decision, equations) = Decision::of(table(&counts));
            let fallen: Vec<CellId> = Known::from(&equations, &decision.ledger).fallen(&decision.ledger).collect();
            prop_assert_eq!(&fallen, &[]);
            let cells = (0u32..).map(CellId).take(decision.ledger.counts.len());
            for cell in cells.filter(|c| !decision.ledger.threshold.hides(decision.ledger.count(*c))).collect::<Vec<_>>() {
                if decision.is_shown(cell) {
                    continue;
                }
                decision.ledger.visibility[cell.index()] = Visibility::Shown;
                let is_settled = decision.sums.iter().all(|sum| decision.next_to_hide(sum).is_none());
                let falls = Known::from(&equations, &decision.ledger).fallen(&decision.ledger).next().is_some();
                prop_assert!(!is_settled || falls, "{:?} need not be hidden", cell);
                decision.ledger.visibility[cell.index()] = Visibility::Suppressed;
            }
        }
    }
}

//! What holds between the counts of the cube.

use super::{Cells, Expression, Subject};
use crate::code::CodingId;
use crate::disclose::CellId;
use crate::need::NeedDomain;
use crate::table::facet::Facet;
use crate::theme::ThemeId;

impl Cells<'_> {
    /// States all sums, rests and bounds.
    pub(super) fn relate(&mut self) {
        for subject in self.counts.subjects() {
            for facet in self.facets {
                let values: Vec<CellId> = (0..facet.values.len()).filter_map(|v| self.cell(subject, facet.first + v)).collect();
                if let Some(total) = self.cell(subject, 0) {
                    self.splits(total, &values);
                }
                self.refines(subject, facet);
            }
        }
        self.relate_tree();
        self.relate_several();
        for slice in 0..self.counts.slices {
            let Some(all) = self.cell(Subject::All, slice) else { continue };
            let themes: Vec<CellId> = self.counts.theme_subjects().filter_map(|s| self.cell(s, slice)).collect();
            if !themes.is_empty() {
                self.ledger.sum(all, themes);
            }
            for domain in NeedDomain::ALL {
                let [any, explicit, implicit, latent] = Expression::ALL.map(|e| self.cell(Subject::Need(domain, e), slice));
                let inside = [(any, explicit), (any, implicit), (implicit, latent), (any, latent)];
                // Each for itself, since what lies between may be hidden.
                let of_all = [any, explicit, implicit, latent].map(|part| (Some(all), part));
                for (whole, part) in of_all.into_iter().chain(inside) {
                    if let (Some(whole), Some(part)) = (whole, part) {
                        self.ledger.rest(whole, [part]);
                    }
                }
                // What is asked for is not latent: what both leave is told, but recorded or told too faintly.
                if let (Some(any), Some(explicit), Some(latent)) = (any, explicit, latent) {
                    self.ledger.rest(any, [explicit, latent]);
                }
                if let (Some(any), Some(explicit), Some(implicit)) = (any, explicit, implicit) {
                    self.ledger.sum(any, [explicit, implicit]);
                    // Those that both ask and tell are what either leaves of the other.
                    if let Some(told_only) = self.ledger.rest(any, [explicit]) {
                        self.ledger.rest(implicit, [told_only]);
                    }
                }
            }
            self.relate_codes(all, slice);
        }
    }

    /// Parts of a theme, themes of a group, groups of all calls.
    fn relate_tree(&mut self) {
        let model = &self.analysis.model;
        let sizes = self.counts.sizes;
        let whole = |cells: &Self, subject| cells.cell(subject, 0);
        for id in (0u16..).map(ThemeId).take(sizes.themes) {
            let parts = (0..sizes.subs).filter(|sub| model.subs[*sub].theme == id);
            let parts: Vec<CellId> = parts.filter_map(|sub| whole(self, Subject::Sub(sub))).collect();
            if let Some(total) = whole(self, Subject::Theme(id)) {
                self.splits(total, &parts);
            }
        }
        for group in 0..sizes.groups {
            let themes = (0u16..).map(ThemeId).zip(&model.themes).filter(|(_, t)| usize::from(t.group) == group);
            let themes: Vec<CellId> = themes.filter_map(|(id, _)| whole(self, Subject::Theme(id))).collect();
            if let Some(total) = whole(self, Subject::Group(group)) {
                self.splits(total, &themes);
            }
        }
        let groups = (0..sizes.groups).map(Subject::Group).chain([Subject::NoTheme]);
        let groups: Vec<CellId> = groups.filter_map(|subject| whole(self, subject)).collect();
        if let Some(all) = whole(self, Subject::All) {
            self.splits(all, &groups);
        }
    }

    /// Codes among all calls, and what the rules themselves say of them: a reader who has the rule file knows it too.
    ///
    /// What three codes give away together (A, B and "A or B" tell "A and B") is not searched, as nowhere in the ledger.
    fn relate_codes(&mut self, all: CellId, slice: usize) {
        let codes = self.codes;
        let cells: Vec<Option<CellId>> = codes.ids().map(|id| self.cell(Subject::Code(id), slice)).collect();
        for code in cells.iter().flatten() {
            self.ledger.rest(all, [*code]);
        }
        let cell = |id: CodingId| cells.get(id.index()).copied().flatten();
        for (inner, outer) in codes.inside() {
            if let (Some(inner), Some(outer)) = (cell(*inner), cell(*outer)) {
                self.splits(outer, &[inner]);
            }
        }
        for (a, b) in codes.apart() {
            if let (Some(a), Some(b)) = (cell(*a), cell(*b))
                && !self.ledger.sum(all, [a, b])
            {
                self.ledger.rest(all, [a, b]);
            }
        }
    }

    /// Values of which a call can have several: together they cover all calls of the subject, and those of the subject and those
    /// of the value are together no more than all.
    fn relate_several(&mut self) {
        let profile = &self.analysis.profile;
        for facet in self.facets.iter().filter(|f| !f.is_partition(profile)) {
            let slices = facet.first..facet.first + facet.values.len();
            for subject in self.counts.subjects() {
                let Some(total) = self.cell(subject, 0) else { continue };
                let values: Vec<CellId> = slices.clone().filter_map(|slice| self.cell(subject, slice)).collect();
                if values.is_empty() {
                    continue;
                }
                self.ledger.at_least(values, [total]);
                for slice in slices.clone().filter(|_| subject != Subject::All) {
                    let [all, n] = [0, slice].map(|slice| self.cell(Subject::All, slice));
                    if let (Some(all), Some(n), Some(both)) = (all, n, self.cell(subject, slice)) {
                        self.ledger.at_least([all, both], [total, n]);
                    }
                }
            }
        }
    }

    /// Values of a facet among their total: a sum where each call has one, else each with a rest of its own.
    fn splits(&mut self, total: CellId, values: &[CellId]) {
        if !values.is_empty() && !self.ledger.sum(total, values.iter().copied()) {
            for value in values {
                self.ledger.rest(total, [*value]);
            }
        }
    }

    /// Values of a facet among the values of a coarser one.
    fn refines(&mut self, subject: Subject, facet: &Facet) {
        let Some((coarse, parents)) = &facet.parent else { return };
        let coarse = &self.facets[*coarse];
        for parent in 0..coarse.values.len() {
            let Some(total) = self.cell(subject, coarse.first + parent) else { continue };
            let fine = parents.iter().enumerate().filter(|(_, p)| **p == parent);
            let fine: Vec<CellId> = fine.filter_map(|(v, _)| self.cell(subject, facet.first + v)).collect();
            self.splits(total, &fine);
        }
    }
}

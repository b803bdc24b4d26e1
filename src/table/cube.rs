//! The cube: all counts of calls that dashboards show, counted in one pass and decided together.
//!
//! A count belongs to a subject (all calls, those that express a need, those of a theme, those with a code) and a slice (all calls, those of
//! one value of a facet). The same number is thus the same cell in whatever table it appears, and one decision covers all
//! tables: what one table hides, no other gives away.

mod relate;

use rayon::prelude::*;

use super::facet::{Facet, FacetKind, facets};
use crate::analysis::{Analysis, Call};
use crate::code::{CodeBook, CodingId};
use crate::disclose::{CellId, Decided, Ledger, Shown, Threshold};
use crate::need::NeedDomain;
use crate::theme::ThemeId;

/// Calls counted by one task: large enough to keep a table of counts warm, small enough to share out.
const CHUNK: usize = 8_192;

/// How a call expresses a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expression {
    /// In the call's words, asked for or told.
    Any,
    /// Asked for.
    Explicit,
    /// Told.
    Implicit,
    /// Told, but neither asked for nor recorded as a reason.
    Latent,
}

impl Expression {
    pub(crate) const ALL: [Self; 4] = [Self::Any, Self::Explicit, Self::Implicit, Self::Latent];
    /// Those that are crossed with facets.
    pub(crate) const CROSSED: [Self; 2] = [Self::Any, Self::Latent];

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Explicit => "explicit",
            Self::Implicit => "implicit",
            Self::Latent => "latent",
        }
    }

    fn holds(self, call: &Call, domain: NeedDomain) -> bool {
        let needs = &call.needs;
        match self {
            Self::Any => needs.explicit.union(needs.implicit).union(needs.latent).contains(domain),
            Self::Explicit => needs.explicit.contains(domain),
            Self::Implicit => needs.implicit.union(needs.latent).contains(domain),
            Self::Latent => needs.latent.contains(domain),
        }
    }
}

/// Whose calls are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Everybody's.
    All,
    /// Calls that express a need.
    Need(NeedDomain, Expression),
    /// Calls with this main theme.
    Theme(ThemeId),
    /// Calls without a theme.
    NoTheme,
    /// Calls of this part of a theme, by its place in the model.
    Sub(usize),
    /// Calls with a main theme of this group.
    Group(usize),
    /// Calls with this code of the rule file.
    Code(CodingId),
}

const THEMES_FROM: usize = 1 + NeedDomain::COUNT * Expression::ALL.len();

impl Subject {
    fn index(self, sizes: Sizes) -> usize {
        let behind_themes = THEMES_FROM + sizes.themes + 1;
        match self {
            Self::All => 0,
            Self::Need(domain, expression) => 1 + domain.index() * Expression::ALL.len() + expression as usize,
            Self::Theme(id) => THEMES_FROM + usize::from(id.0),
            Self::NoTheme => THEMES_FROM + sizes.themes,
            Self::Sub(sub) => behind_themes + sub,
            Self::Group(group) => behind_themes + sizes.subs + group,
            Self::Code(id) => behind_themes + sizes.subs + sizes.groups + id.index(),
        }
    }
}

/// How many subjects of each kind there are.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    themes: usize,
    subs: usize,
    groups: usize,
}

/// The needs that are crossed with facets.
pub(crate) fn crossed_needs() -> impl Iterator<Item = (NeedDomain, Expression)> {
    NeedDomain::ALL.into_iter().flat_map(|d| Expression::CROSSED.into_iter().map(move |e| (d, e)))
}

/// A slice: a value of a facet, or all calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slice(usize);

impl Slice {
    /// All calls.
    pub(crate) const ALL: Self = Self(0);
}

impl Facet {
    /// The slice of one of its values.
    pub(crate) fn slice(&self, value: usize) -> Slice {
        Slice(self.first + value)
    }
}

/// The counts as they are published.
pub(crate) struct Cube {
    entered: Entered,
    decided: Decided,
}

/// The counts in a ledger, before the decision.
pub(crate) struct Entered {
    facets: Vec<Facet>,
    sizes: Sizes,
    slices: usize,
    cells: Vec<Option<CellId>>,
}

impl Entered {
    /// Counts, and enters what is published with what holds between it. Time linear in the number of calls; parallel in the
    /// current thread pool over fixed chunks.
    pub(crate) fn new(analysis: &Analysis, threshold: Threshold, ledger: &mut Ledger) -> Self {
        let facets = facets(analysis, threshold);
        let counts = Counts::of(analysis, &facets);
        let cells = vec![None; counts.counts.len()];
        let mut cells = Cells { facets: &facets, analysis, codes: &analysis.codes, cells, counts: &counts, ledger };
        cells.enter();
        cells.relate();
        Self { sizes: counts.sizes, slices: counts.slices, cells: cells.cells, facets }
    }

    /// The cell of a count, if it was entered.
    pub(crate) fn cell(&self, subject: Subject, slice: Slice) -> Option<CellId> {
        self.cells[subject.index(self.sizes) * self.slices + slice.0]
    }

    /// All facets.
    pub(crate) fn facets(&self) -> &[Facet] {
        &self.facets
    }

    /// The counts as they are published.
    pub(crate) fn decided(self, decided: Decided) -> Cube {
        Cube { entered: self, decided }
    }
}

impl Cube {
    /// Counts and decides the cube alone.
    #[cfg(test)]
    pub(crate) fn new(analysis: &Analysis, threshold: Threshold) -> Self {
        let mut ledger = Ledger::new(threshold);
        Entered::new(analysis, threshold, &mut ledger).decided(ledger.decide())
    }

    /// A count as it may be shown; a cell that no table publishes is hidden.
    pub(crate) fn get(&self, subject: Subject, slice: Slice) -> Shown {
        self.entered.cell(subject, slice).map_or(Shown::Suppressed, |cell| self.decided.get(cell))
    }

    /// All facets.
    pub(crate) fn facets(&self) -> &[Facet] {
        &self.entered.facets
    }

    /// The slice of a facet's value.
    pub(crate) fn slice(&self, facet: &Facet, value: usize) -> Slice {
        facet.slice(value)
    }

    /// The facet of that kind, if the profile has one.
    pub(crate) fn facet(&self, kind: FacetKind) -> Option<&Facet> {
        self.entered.facets.iter().find(|f| f.kind == kind)
    }

    /// The facet that the facet of `kind` refines or is refined by.
    pub(crate) fn finer(&self, kind: FacetKind) -> Option<&Facet> {
        let coarse = self.entered.facets.iter().position(|f| f.kind == kind)?;
        self.entered.facets.iter().find(|f| f.parent.as_ref().is_some_and(|(parent, _)| *parent == coarse))
    }

    /// The code of the value that a facet's value belongs to in the coarser facet; its own where there is none.
    pub(crate) fn coarse_code<'f>(&'f self, facet: &'f Facet, value: usize) -> &'f str {
        match &facet.parent {
            Some((coarse, parents)) => &self.entered.facets[*coarse].values[parents[value]].code,
            None => &facet.values[value].code,
        }
    }

    /// All themes.
    pub(crate) fn themes(&self) -> impl Iterator<Item = ThemeId> + use<> {
        (0..u16::try_from(self.entered.sizes.themes).unwrap_or(u16::MAX)).map(ThemeId)
    }
}

/// True counts; they do not leave this file.
struct Counts {
    counts: Vec<u32>,
    sizes: Sizes,
    slices: usize,
    codes: Vec<CodingId>,
}

impl Counts {
    fn of(analysis: &Analysis, facets: &[Facet]) -> Self {
        let model = &analysis.model;
        let sizes = Sizes { themes: model.themes.len(), subs: model.subs.len(), groups: model.groups.len() };
        let slices = facets.last().map_or(1, |f| f.first + f.values.len());
        let subjects = THEMES_FROM + sizes.themes + 1 + sizes.subs + sizes.groups + analysis.codes.len();
        let count = |range: &[Call], from: usize| {
            let mut counts = vec![0u32; subjects * slices];
            let (mut of_call, mut values, mut subjects_of_call) = (Vec::new(), Vec::new(), Vec::new());
            for (i, call) in range.iter().enumerate() {
                let assignment = analysis.fit.assignments.get(from + i);
                let theme = assignment.and_then(|a| a.theme).filter(|t| usize::from(t.0) < sizes.themes);
                of_call.clear();
                of_call.push(0);
                for facet in facets {
                    facet.of(call, theme, &mut values);
                    of_call.extend(values.iter().map(|v| facet.first + v));
                }
                subjects_of_call.clear();
                subjects_of_call.push(Subject::All.index(sizes));
                subjects_of_call.push(theme.map_or(Subject::NoTheme, Subject::Theme).index(sizes));
                if let Some(theme) = theme {
                    subjects_of_call.extend(assignment.and_then(|a| model.sub_of(a)).map(|sub| Subject::Sub(sub).index(sizes)));
                    let group = usize::from(model.themes[usize::from(theme.0)].group);
                    subjects_of_call.extend((group < sizes.groups).then(|| Subject::Group(group).index(sizes)));
                }
                for domain in NeedDomain::ALL {
                    let held = Expression::ALL.into_iter().filter(|e| e.holds(call, domain));
                    subjects_of_call.extend(held.map(|e| Subject::Need(domain, e).index(sizes)));
                }
                subjects_of_call.extend(call.codes.iter().map(|id| Subject::Code(*id).index(sizes)));
                for subject in &subjects_of_call {
                    for slice in &of_call {
                        counts[subject * slices + slice] += 1;
                    }
                }
            }
            counts
        };
        let add = |mut a: Vec<u32>, b: Vec<u32>| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            a
        };
        // Integers: the order of the additions does not matter.
        let counts = analysis
            .calls
            .par_chunks(CHUNK)
            .enumerate()
            .map(|(chunk, calls)| count(calls, chunk * CHUNK))
            .reduce(|| vec![0u32; subjects * slices], add);
        Self { counts, sizes, slices, codes: analysis.codes.ids().collect() }
    }

    fn subjects(&self) -> impl Iterator<Item = Subject> + use<'_> {
        let needs = NeedDomain::ALL.into_iter().flat_map(|d| Expression::ALL.into_iter().map(move |e| Subject::Need(d, e)));
        let tree = (0..self.sizes.subs).map(Subject::Sub).chain((0..self.sizes.groups).map(Subject::Group));
        let codes = self.codes.iter().map(|id| Subject::Code(*id));
        [Subject::All].into_iter().chain(needs).chain(self.theme_subjects()).chain(tree).chain(codes)
    }

    fn theme_subjects(&self) -> impl Iterator<Item = Subject> + use<> {
        (0..u16::try_from(self.sizes.themes).unwrap_or(u16::MAX)).map(|t| Subject::Theme(ThemeId(t))).chain([Subject::NoTheme])
    }
}

/// Enters the counts that are published into a ledger, and what holds between them.
struct Cells<'a> {
    facets: &'a [Facet],
    analysis: &'a Analysis,
    codes: &'a CodeBook,
    counts: &'a Counts,
    cells: Vec<Option<CellId>>,
    ledger: &'a mut Ledger,
}

impl Cells<'_> {
    fn at(&self, subject: Subject, slice: usize) -> usize {
        subject.index(self.counts.sizes) * self.counts.slices + slice
    }

    fn cell(&self, subject: Subject, slice: usize) -> Option<CellId> {
        self.cells[self.at(subject, slice)]
    }

    /// Which counts are published, or can be computed from those that are.
    fn is_entered(subject: Subject, facet: &Facet) -> bool {
        match (subject, facet.kind) {
            // A theme's calls are a subject of their own.
            (Subject::All | Subject::Theme(_) | Subject::NoTheme, FacetKind::Theme) => false,
            (Subject::All, _) => true,
            // The tree is not crossed with anything.
            (Subject::Sub(_) | Subject::Group(_), _) => false,
            (_, FacetKind::Disease) => false,
            (Subject::Need(_, expression), _) => Expression::CROSSED.contains(&expression),
            (Subject::Theme(_) | Subject::NoTheme, _) => true,
            (Subject::Code(_), kind) => facet.is_attribute() || kind == FacetKind::Theme,
        }
    }

    fn enter(&mut self) {
        for subject in self.counts.subjects() {
            let entered = self.facets.iter().filter(|f| Self::is_entered(subject, f));
            for slice in [0].into_iter().chain(entered.flat_map(|f| f.first..f.first + f.values.len())) {
                let at = self.at(subject, slice);
                let count = self.counts.counts[at];
                // Calls without a theme are printed as a whole only.
                let is_printed = subject != Subject::NoTheme || slice == 0;
                self.cells[at] = Some(if is_printed { self.ledger.cell(count) } else { self.ledger.unprinted(count) });
            }
        }
        // The slice of a theme among all calls is the theme's calls: one cell under two names.
        for facet in self.facets.iter().filter(|f| f.kind == FacetKind::Theme) {
            for (value, subject) in self.counts.theme_subjects().enumerate() {
                let at = self.at(Subject::All, facet.first + value);
                self.cells[at] = self.cell(subject, 0);
            }
        }
    }
}

//! What dashboard tables are made from.

use super::cube::{self, Cube, Expression, Slice, Subject};
use super::emerging_terms::emerging_calls;
use super::facet::FacetKind;
use super::label;
use super::name;
use super::nested::Nested;
use super::terms::{self, TermStatistics};
use crate::analysis::Analysis;
use crate::disclose::{Ledger, Shown, Threshold};
use crate::need::NeedDomain;
use crate::theme::ThemeId;

/// What a run says about itself beyond its calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunFacts {
    /// Input rows that did not become a call.
    pub rejected: u64,
}

/// The sizes a person is told when a run is done: those that the tables publish, and no others.
#[derive(Debug, Clone, PartialEq)]
pub struct Headline {
    /// All calls.
    pub calls: Shown,
    /// Per theme its calls.
    pub themes: Vec<Shown>,
    /// Per sub-theme, in the order of the model, its calls.
    pub subs: Vec<Shown>,
    /// Calls without a theme.
    pub no_theme: Shown,
    /// Calls that the model does not explain.
    pub emerging: Shown,
    /// Per need domain the calls in which it is latent.
    pub latent: Vec<(NeedDomain, Shown)>,
    /// Per theme its share in the last fiscal year by that in the first, where all four counts are published.
    pub trends: Vec<Option<f64>>,
}

/// A corpus counted once for all dashboard tables, with the decision which counts are shown.
pub struct Overview<'a> {
    pub(crate) analysis: &'a Analysis,
    pub(crate) facts: RunFacts,
    pub(crate) threshold: Threshold,
    pub(crate) cube: Cube,
    pub(crate) nested: Nested,
    pub(crate) terms: TermStatistics,
}

impl<'a> Overview<'a> {
    /// Counts calls and terms, and decides what is shown. Parallel in the current thread pool; the result does not depend on it.
    pub fn new(analysis: &'a Analysis, threshold: Threshold, facts: RunFacts) -> Self {
        Self::protecting(analysis, threshold, facts, &[])
    }

    /// Like [`Overview::new`], with more protection for the counts in `exposed`: subject and slice as an audit calls them
    /// (`theme=003`, `sex=female`). A name that comes twice is protected twice as much; one that nothing has, not at all.
    pub fn protecting(analysis: &'a Analysis, threshold: Threshold, facts: RunFacts, exposed: &[(String, String)]) -> Self {
        let mut ledger = Ledger::new(threshold);
        let cube = cube::Entered::new(analysis, threshold, &mut ledger);
        let calls = |theme: Option<ThemeId>| cube.cell(theme.map_or(Subject::All, Subject::Theme), Slice::ALL);
        let terms = terms::Entered::new(analysis, threshold, &mut ledger, calls);
        let exposed = exposed.iter().filter_map(|(subject, slice)| name::find(analysis, &cube, &terms, (subject, slice)));
        exposed.for_each(|cell| ledger.expose(cell));
        let decided = ledger.decide();
        let cube = cube.decided(decided.clone());
        let terms = terms.decided(&decided, &cube);
        let nested = Nested::new(analysis, threshold, &cube);
        Self { analysis, facts, threshold, cube, nested, terms }
    }

    /// Names of the facets of which a call can have several values, so that they do not add up.
    pub fn several(&self) -> impl Iterator<Item = &str> {
        self.cube.facets().iter().filter(|f| !f.is_partition(&self.analysis.profile)).map(|f| f.name.as_str())
    }

    /// The sizes for the closing summary.
    pub fn headline(&self) -> Headline {
        let all = |subject: Subject| self.cube.get(subject, Slice::ALL);
        let latent = |domain: NeedDomain| (domain, all(Subject::Need(domain, Expression::Latent)));
        Headline {
            calls: all(Subject::All),
            themes: self.cube.themes().map(|id| all(Subject::Theme(id))).collect(),
            subs: (0..self.analysis.model.subs.len()).map(|sub| all(Subject::Sub(sub))).collect(),
            no_theme: all(Subject::NoTheme),
            emerging: emerging_calls(self.analysis, self.threshold),
            latent: NeedDomain::ALL.into_iter().map(latent).collect(),
            trends: self.cube.themes().map(|id| self.trend(id)).collect(),
        }
    }

    fn trend(&self, theme: ThemeId) -> Option<f64> {
        let years = self.cube.facet(FacetKind::FiscalYear)?;
        // The value "not recorded" stands behind the years.
        let last = years.missing().checked_sub(1).filter(|last| *last > 0)?;
        let share = |year: usize| {
            let slice = self.cube.slice(years, year);
            self.cube.get(Subject::Theme(theme), slice).share_of(self.cube.get(Subject::All, slice))
        };
        let (first, last) = (share(0)?, share(last)?);
        (first > 0.0).then(|| last / first)
    }

    /// The keywords of a theme that may be named, strongest first.
    pub(crate) fn keywords(&self, theme: usize) -> Vec<&str> {
        label::keywords(self.analysis, self.threshold, theme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing;

    #[test]
    fn the_headline_says_what_the_tables_publish() {
        let analysis = testing::analysis(7, 400, 9);
        let overview = Overview::new(&analysis, Threshold::default(), RunFacts::default());
        let headline = overview.headline();
        let of_theme = |t: u16| analysis.fit.assignments.iter().filter(|a| a.theme == Some(ThemeId(t))).count();
        for (theme, shown) in (0u16..).zip(&headline.themes) {
            assert!(shown.value().is_none_or(|value| value as usize == of_theme(theme)), "{theme}");
            assert_eq!(*shown, overview.cube.get(Subject::Theme(ThemeId(theme)), Slice::ALL));
        }
        assert_eq!(headline.calls.value(), Some(400));
        // What is hidden cannot be had by subtraction: if one is, another is too.
        let sizes = headline.themes.iter().chain([&headline.no_theme]);
        assert_ne!(sizes.filter(|shown| shown.value().is_none()).count(), 1);
        assert_eq!((headline.themes.len(), headline.trends.len()), (9, 9));
    }
}

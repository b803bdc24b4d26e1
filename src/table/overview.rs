//! What dashboard tables are made from.

use super::cube::Cube;
use super::label;
use super::terms::TermStatistics;
use crate::analysis::Analysis;
use crate::disclose::Threshold;

/// What a run says about itself beyond its calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunFacts {
    /// Input rows that did not become a call.
    pub rejected: u64,
}

/// A corpus counted once for all dashboard tables, with the decision which counts are shown.
pub struct Overview<'a> {
    pub(crate) analysis: &'a Analysis,
    pub(crate) facts: RunFacts,
    pub(crate) threshold: Threshold,
    pub(crate) cube: Cube,
    pub(crate) terms: TermStatistics,
}

impl<'a> Overview<'a> {
    /// Counts calls and terms, and decides what is shown. Parallel in the current thread pool; the result does not depend on it.
    pub fn new(analysis: &'a Analysis, threshold: Threshold, facts: RunFacts) -> Self {
        let cube = Cube::new(analysis, threshold);
        let terms = TermStatistics::new(analysis, threshold, &cube);
        Self { analysis, facts, threshold, cube, terms }
    }

    /// The keywords of a theme that may be named, strongest first.
    pub(crate) fn keywords(&self, theme: usize) -> Vec<&str> {
        label::keywords(self.analysis, self.threshold, theme)
    }
}

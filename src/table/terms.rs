//! Terms and pairs of terms, overall and per theme, counted and decided together.

use rayon::prelude::*;

use super::cube::{Cube, Slice, Subject};
use crate::analysis::Analysis;
use crate::disclose::{CellId, Decided, Ledger, Shown, Threshold};
use crate::stat::cooccurrence::{PairCounts, jaccard, pmi};
use crate::stat::keyness::{c_tf_idf, g2};
use crate::stat::round6;
use crate::term::TermId;
use crate::theme::ThemeId;

/// Terms per theme in `keywords`.
const KEYWORDS_PER_THEME: usize = 50;
/// Terms of all calls in `keywords`: a paper's word frequency list.
const KEYWORDS_OVERALL: usize = 1_000;
/// Terms whose pairs are counted: the most frequent of each scope.
const PAIRED_TERMS: usize = 300;
/// Edges per theme: as many as KH Coder draws.
const EDGES_PER_THEME: usize = 60;
/// Edges of all calls.
const EDGES_OVERALL: usize = 200;

/// Keywords and edges of all calls and of each theme.
pub(crate) struct TermStatistics {
    pub(crate) scopes: Vec<Scope>,
}

/// All calls (first) or one theme.
pub(crate) struct Scope {
    pub(crate) theme: Option<ThemeId>,
    /// Calls in it.
    pub(crate) n: Shown,
    /// Strongest first.
    pub(crate) keywords: Vec<Keyword>,
    /// Strongest first.
    pub(crate) edges: Vec<Edge>,
}

/// A term in a scope.
pub(crate) struct Keyword {
    pub(crate) term: TermId,
    pub(crate) count: Shown,
    pub(crate) c_tf_idf: Option<f64>,
    pub(crate) g2: Option<f64>,
}

/// Two terms in a scope, the first before the second in code point order.
pub(crate) struct Edge {
    pub(crate) terms: (TermId, TermId),
    pub(crate) count: Shown,
    pub(crate) jaccard: Option<f64>,
    pub(crate) pmi: Option<f64>,
}

/// Counts of one scope, before the decision.
struct Raw {
    theme: Option<ThemeId>,
    rows: Vec<u32>,
    /// By eligible term: calls and occurrences.
    df: Vec<u32>,
    tf: Vec<u64>,
    /// Occurrences of all eligible terms.
    total: u64,
    /// Eligible terms, by position.
    keywords: Vec<usize>,
    paired: Vec<usize>,
    /// Positions in `paired`, their common calls and Jaccard.
    edges: Vec<(usize, usize, u32)>,
    cells: Vec<Option<CellId>>,
    edge_cells: Vec<CellId>,
}

/// Terms and pairs in a ledger, before the decision.
pub(crate) struct Entered {
    raw: Vec<Raw>,
    eligible: Vec<TermId>,
    weights: Weights,
}

impl Entered {
    /// Counts and chooses. Only terms that at least `threshold` calls of a scope use are looked at in it. Parallel over scopes and
    /// terms. `calls` gives the ledger's cell of the calls of a scope.
    pub(crate) fn new(
        analysis: &Analysis,
        threshold: Threshold,
        ledger: &mut Ledger,
        calls: impl Fn(Option<ThemeId>) -> Option<CellId>,
    ) -> Self {
        let eligible: Vec<TermId> =
            analysis.vocabulary.ids().filter(|id| analysis.vocabulary.document_frequency(*id) >= threshold.get()).collect();
        let mut raw = scopes(analysis);
        let mut local = vec![u32::MAX; analysis.matrix.columns()];
        for (i, id) in (0u32..).zip(&eligible) {
            local[id.0 as usize] = i;
        }
        raw.par_iter_mut().for_each(|scope| scope.count(analysis, &local, eligible.len()));
        let weights = Weights::of(&raw);
        raw.par_iter_mut().for_each(|scope| scope.choose(analysis, threshold, &eligible, &weights));
        enter(&mut raw, ledger, eligible.len(), calls);
        Self { raw, eligible, weights }
    }

    /// The cell of a term, or of a pair of terms, in a scope.
    pub(crate) fn cell(&self, theme: Option<ThemeId>, term: TermId, with: Option<TermId>) -> Option<CellId> {
        let scope = self.raw.iter().find(|scope| scope.theme == theme)?;
        let position = |term| self.eligible.binary_search(&term).ok();
        match with {
            None => scope.cells[position(term)?],
            Some(with) => {
                let pair = (position(term)?, position(with)?);
                let at = scope.edges.iter().position(|(a, b, _)| (*a, *b) == pair)?;
                scope.edge_cells.get(at).copied()
            }
        }
    }

    /// What is published.
    pub(crate) fn decided(self, decided: &Decided, cube: &Cube) -> TermStatistics {
        let Self { raw, eligible, weights } = self;
        let overall: Vec<Shown> =
            raw.first().map_or(Vec::new(), |all| all.cells.iter().map(|cell| cell.map_or(Shown::Suppressed, |c| decided.get(c))).collect());
        let all_calls = cube.get(Subject::All, Slice::ALL);
        let scopes = raw
            .iter()
            .map(|scope| {
                let n = cube.get(scope.theme.map_or(Subject::All, Subject::Theme), Slice::ALL);
                let shown = |i: usize| scope.cells[i].map_or(Shown::Suppressed, |c| decided.get(c));
                let keywords = scope.keywords.iter().map(|&i| Keyword {
                    term: eligible[i],
                    count: shown(i),
                    c_tf_idf: (scope.theme.is_some() && shown(i).value().is_some()).then(|| weights.of_term(scope, i)).flatten(),
                    g2: scope.theme.and_then(|_| keyness(shown(i), n, overall[i], all_calls)),
                });
                let edges = scope.edges.iter().zip(&scope.edge_cells).map(|(&(a, b, _), cell)| {
                    let count = decided.get(*cell);
                    let known = (count.value(), shown(a).value(), shown(b).value());
                    let (jaccard, pmi) = match known {
                        (Some(both), Some(a), Some(b)) => (jaccard(both, a, b), n.value().and_then(|n| pmi(both, a, b, n))),
                        _ => (None, None),
                    };
                    Edge { terms: (eligible[a], eligible[b]), count, jaccard, pmi }
                });
                Scope { theme: scope.theme, n, keywords: keywords.collect(), edges: edges.collect() }
            })
            .collect();
        TermStatistics { scopes }
    }
}

/// G² of a term in a theme against all other calls, where all four counts are known.
fn keyness(inside: Shown, inside_n: Shown, overall: Shown, all: Shown) -> Option<f64> {
    let (inside, inside_n) = (inside.value()?, inside_n.value()?);
    let (overall, all) = (overall.value()?, all.value()?);
    g2(inside, inside_n, overall.checked_sub(inside)?, all.checked_sub(inside_n)?)
}

/// All calls, then each theme, with their rows.
fn scopes(analysis: &Analysis) -> Vec<Raw> {
    let themes = (0u16..).map(ThemeId).take(analysis.model.themes.len());
    let mut raw: Vec<Raw> = [None].into_iter().chain(themes.map(Some)).map(Raw::new).collect();
    for row in 0..analysis.matrix.rows() {
        let theme = analysis.fit.assignments.get(row).and_then(|a| a.theme).map(|t| usize::from(t.0) + 1);
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        for scope in [Some(0), theme].into_iter().flatten() {
            if let Some(scope) = raw.get_mut(scope) {
                scope.rows.push(row);
            }
        }
    }
    raw
}

impl Raw {
    fn new(theme: Option<ThemeId>) -> Self {
        let (rows, df, tf, total, keywords, paired) = Default::default();
        Self { theme, rows, df, tf, total, keywords, paired, edges: Vec::new(), cells: Vec::new(), edge_cells: Vec::new() }
    }

    fn count(&mut self, analysis: &Analysis, local: &[u32], eligible: usize) {
        self.df = vec![0; eligible];
        self.tf = vec![0; eligible];
        for &row in &self.rows {
            let (terms, counts) = analysis.matrix.row(row as usize);
            for (term, count) in terms.iter().zip(counts) {
                let i = local[*term as usize];
                if i != u32::MAX {
                    self.df[i as usize] += 1;
                    self.tf[i as usize] += u64::from(*count);
                }
            }
        }
        self.total = self.tf.iter().sum();
    }

    fn choose(&mut self, analysis: &Analysis, threshold: Threshold, eligible: &[TermId], weights: &Weights) {
        let mut used: Vec<usize> = (0..eligible.len()).filter(|i| self.df[*i] >= threshold.get()).collect();
        used.sort_by_key(|i| (std::cmp::Reverse(self.df[*i]), *i));
        self.paired = used[..used.len().min(PAIRED_TERMS)].to_vec();
        // In code point order, so that an edge has one direction.
        self.paired.sort_unstable();
        if self.theme.is_some() {
            // Ties by frequency, then code point order: the sort is stable.
            let weight = |i: usize| weights.of_term(self, i).map_or(0.0, round6);
            let weighted: Vec<f64> = (0..eligible.len()).map(weight).collect();
            used.sort_by(|a, b| weighted[*b].total_cmp(&weighted[*a]));
        }
        // Of a compound and its words the strongest stands for both.
        let vocabulary = &analysis.vocabulary;
        let limit = if self.theme.is_some() { KEYWORDS_PER_THEME } else { KEYWORDS_OVERALL };
        self.keywords = vocabulary.without_repetition(used, limit, |i| eligible[*i]);
        let terms: Vec<TermId> = self.paired.iter().map(|i| eligible[*i]).collect();
        let pairs = PairCounts::count(&analysis.matrix, &self.rows, &terms);
        let mut edges: Vec<(f64, usize, usize, u32)> = pairs
            .iter()
            .filter(|(_, _, both)| *both >= threshold.get())
            .map(|(a, b, both)| (self.paired[a], self.paired[b], both))
            // That a compound stands where its words stand says nothing.
            .filter(|(a, b, _)| !vocabulary.overlap(eligible[*a], eligible[*b]))
            .map(|(a, b, both)| (jaccard(both, self.df[a], self.df[b]).map_or(0.0, round6), a, b, both))
            .collect();
        edges.sort_by(|x, y| y.0.total_cmp(&x.0).then(y.3.cmp(&x.3)).then((x.1, x.2).cmp(&(y.1, y.2))));
        edges.truncate(if self.theme.is_some() { EDGES_PER_THEME } else { EDGES_OVERALL });
        self.edges = edges.into_iter().map(|(_, a, b, both)| (a, b, both)).collect();
    }
}

/// What class-based tf-idf needs to know of all themes.
struct Weights {
    overall: Vec<u64>,
    mean_total: f64,
}

impl Weights {
    fn of(raw: &[Raw]) -> Self {
        let themes = raw.iter().skip(1).filter(|s| !s.rows.is_empty());
        let totals: Vec<u64> = themes.map(|s| s.total).collect();
        let mean_total = totals.iter().sum::<u64>() as f64 / totals.len().max(1) as f64;
        Self { overall: raw.first().map_or(Vec::new(), |all| all.tf.clone()), mean_total }
    }

    fn of_term(&self, scope: &Raw, term: usize) -> Option<f64> {
        c_tf_idf(scope.tf[term], scope.total, self.overall[term], self.mean_total)
    }
}

/// Enters all counts that can be read from the tables, with what holds between them.
fn enter(raw: &mut [Raw], ledger: &mut Ledger, eligible: usize, calls: impl Fn(Option<ThemeId>) -> Option<CellId>) {
    let mut of_term: Vec<Vec<CellId>> = vec![Vec::new(); eligible];
    let mut of_edge: std::collections::BTreeMap<(usize, usize), (Option<CellId>, Vec<CellId>)> = std::collections::BTreeMap::new();
    for scope in raw.iter_mut() {
        let n = calls(scope.theme);
        scope.cells = vec![None; eligible];
        // Overall, every term's frequency can be known from G²; in a theme, that of the terms it lists.
        let listed: Vec<usize> = match scope.theme {
            None => (0..eligible).collect(),
            Some(_) => scope.keywords.iter().chain(&scope.paired).copied().collect(),
        };
        for i in listed {
            if scope.cells[i].is_none() {
                let cell = ledger.cell(scope.df[i]);
                scope.cells[i] = Some(cell);
                n.and_then(|n| ledger.rest(n, [cell]));
                of_term[i].push(cell);
            }
        }
        for &(a, b, both) in &scope.edges {
            let cell = ledger.cell(both);
            scope.edge_cells.push(cell);
            for end in [a, b] {
                if let Some(whole) = scope.cells[end] {
                    ledger.rest(whole, [cell]);
                }
            }
            let entry = of_edge.entry((a, b)).or_default();
            match scope.theme {
                None => entry.0 = Some(cell),
                Some(_) => entry.1.push(cell),
            }
        }
    }
    // Themes are disjoint: what they do not show of a term or pair is a rest of all calls'.
    for cells in of_term {
        if let Some((overall, themes)) = cells.split_first() {
            ledger.rest(*overall, themes.iter().copied());
        }
    }
    for (overall, themes) in of_edge.into_values() {
        if let Some(overall) = overall {
            ledger.rest(overall, themes);
        }
    }
}

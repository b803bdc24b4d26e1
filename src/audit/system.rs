//! The linear system of everything a publication shows: counts with intervals, and the sums that hold between them.

use super::propagate;

/// No count of this field comes near; a finite bound keeps arithmetic exact.
pub(super) const MOST: i64 = 1_000_000_000;

/// What a count is to the attacker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Printed as a number.
    Shown,
    /// Printed as hidden: must stay so.
    Suppressed,
    /// Printed nowhere, but the count of somebody: calls of a theme without the need, calls that both ask and tell.
    Rest,
    /// Part of no promise: it only carries a relation.
    Helper,
}

/// Position of a count in a [`System`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable(pub(super) u32);

impl Variable {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Σ coefficient · count = constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Equation {
    pub(super) terms: Vec<(Variable, i64)>,
    pub(super) constant: i64,
}

/// Counts and the equations between them.
#[derive(Debug, Clone, Default)]
pub struct System {
    kinds: Vec<Kind>,
    /// Whole numbers between which each count is known to lie, both included.
    intervals: Vec<(i64, i64)>,
    equations: Vec<Equation>,
    /// Counts whose interval says more than their equations do.
    narrowed: std::collections::BTreeSet<Variable>,
}

/// The numbers contradict each other: what they were taken for is not what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contradiction;

impl System {
    /// A count that is printed.
    pub fn shown(&mut self, value: i64) -> Variable {
        self.push(Kind::Shown, (value, value))
    }

    /// A count that is hidden: zero or more, since a hidden cell that protects another may be zero.
    pub fn suppressed(&mut self) -> Variable {
        self.push(Kind::Suppressed, (0, MOST))
    }

    /// A count that is printed nowhere.
    pub fn unprinted(&mut self, kind: Kind) -> Variable {
        self.push(kind, (0, MOST))
    }

    fn push(&mut self, kind: Kind, interval: (i64, i64)) -> Variable {
        self.kinds.push(kind);
        self.intervals.push(interval);
        // More counts than fit are more than fit into memory.
        Variable(u32::try_from(self.kinds.len() - 1).unwrap_or(u32::MAX))
    }

    /// `total` is the sum of `parts`.
    pub fn sum(&mut self, total: Variable, parts: impl IntoIterator<Item = Variable>) {
        let terms = parts.into_iter().map(|part| (part, 1)).chain([(total, -1)]).collect();
        self.equation(terms, 0);
    }

    /// `parts` are disjoint parts of `whole`; what they leave of it is a count of its own, which is given back.
    pub fn rest(&mut self, whole: Variable, parts: impl IntoIterator<Item = Variable>, kind: Kind) -> Variable {
        let rest = self.unprinted(kind);
        self.sum(whole, parts.into_iter().chain([rest]));
        rest
    }

    /// Σ coefficient · count = constant.
    pub fn equation(&mut self, terms: Vec<(Variable, i64)>, constant: i64) {
        self.equations.push(Equation { terms, constant });
    }

    /// A count is known to lie in an interval, both ends included.
    pub fn narrow(&mut self, variable: Variable, low: i64, high: i64) {
        let interval = &mut self.intervals[variable.index()];
        *interval = (interval.0.max(low), interval.1.min(high));
        self.narrowed.insert(variable);
    }

    /// All counts.
    pub fn variables(&self) -> impl Iterator<Item = Variable> + use<> {
        (0..u32::try_from(self.kinds.len()).unwrap_or(u32::MAX)).map(Variable)
    }

    /// What a count is.
    pub fn kind(&self, variable: Variable) -> Kind {
        self.kinds[variable.index()]
    }

    /// Between which whole numbers a count is known to lie so far.
    pub fn interval(&self, variable: Variable) -> (i64, i64) {
        self.intervals[variable.index()]
    }

    /// Whether a count is known.
    pub fn is_known(&self, variable: Variable) -> bool {
        let (low, high) = self.interval(variable);
        low == high
    }

    /// Whether the interval of a count follows from its equations.
    pub(super) fn is_narrowed(&self, variable: Variable) -> bool {
        self.narrowed.contains(&variable)
    }

    pub(super) fn equations(&self) -> &[Equation] {
        &self.equations
    }

    /// Draws all intervals together as far as single equations do; exact.
    ///
    /// # Errors
    /// When nothing satisfies all equations.
    pub fn propagate(&mut self) -> Result<(), Contradiction> {
        propagate::propagate(&self.equations, &mut self.intervals)
    }
}

//! The variables of a publication, with their names.

use std::collections::BTreeMap;

use super::cell::CellName;
use super::system::{Kind, System, Variable};

/// What a count of the system is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// A cell of a table, or one that tables leave out.
    Cell(CellName),
    /// Calls of the first that are not of the second.
    Without(Variable, Variable),
    /// Calls of both.
    Both(Variable, Variable),
    /// It has none.
    Unnamed,
}

/// The system of all cells, with their names.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    pub(super) system: System,
    pub(super) names: Vec<Name>,
    pub(super) index: BTreeMap<CellName, Variable>,
}

impl Model {
    /// The variable of a cell.
    pub(super) fn get(&self, name: &CellName) -> Option<Variable> {
        self.index.get(name).copied()
    }

    /// The cell that gives a count away: the count itself; of what a part leaves, the part.
    pub(super) fn cell_behind(&self, variable: Variable) -> Option<&CellName> {
        match &self.names[variable.index()] {
            Name::Cell(name) => Some(name),
            Name::Without(whole, part) => self.cell_behind(*part).or_else(|| self.cell_behind(*whole)),
            Name::Both(one, other) => self.cell_behind(*one).or_else(|| self.cell_behind(*other)),
            Name::Unnamed => None,
        }
    }

    /// The variable of a subject's slice.
    pub(super) fn cell(&self, subject: &str, slice: &str) -> Option<Variable> {
        self.get(&CellName::new(subject, slice))
    }

    /// The same; where no table has it, as a count that is printed nowhere.
    pub(super) fn cell_or_unprinted(&mut self, subject: &str, slice: &str, kind: Kind) -> Variable {
        let name = CellName::new(subject, slice);
        match self.get(&name) {
            Some(variable) => variable,
            None => {
                let variable = self.system.unprinted(kind);
                self.names.push(Name::Cell(name.clone()));
                self.index.insert(name, variable);
                variable
            }
        }
    }

    /// What `part` leaves of `whole`.
    pub(super) fn rest(&mut self, whole: Variable, part: Variable, kind: Kind) -> Variable {
        let rest = self.system.rest(whole, [part], kind);
        self.names.push(if kind == Kind::Helper { Name::Unnamed } else { Name::Without(whole, part) });
        rest
    }

    /// The same, where both are there and differ.
    pub(super) fn part(&mut self, whole: Option<Variable>, part: Option<Variable>, kind: Kind) {
        if let (Some(whole), Some(part)) = (whole, part)
            && whole != part
        {
            self.rest(whole, part, kind);
        }
    }

    /// Σ terms ≥ 0.
    pub(super) fn at_least_zero(&mut self, mut terms: Vec<(Variable, i64)>) {
        let slack = self.system.unprinted(Kind::Helper);
        self.names.push(Name::Unnamed);
        terms.push((slack, -1));
        self.system.equation(terms, 0);
    }

    /// Values of a facet among their total.
    pub(super) fn splits(&mut self, total: Variable, values: &[Variable], is_partition: bool, is_complete: bool) {
        if values.is_empty() {
            return;
        }
        if is_partition {
            self.system.sum(total, values.iter().copied());
            return;
        }
        for value in values {
            self.rest(total, *value, Kind::Rest);
        }
        if is_complete {
            self.at_least_zero(values.iter().map(|v| (*v, 1)).chain([(total, -1)]).collect());
        }
    }

    /// Whether parts can be all of a total: not where they are more, nor where all is known and they are less.
    pub(super) fn can_add_up(&self, total: Variable, parts: &[Variable]) -> bool {
        let least: i64 = parts.iter().map(|p| self.system.interval(*p).0).sum();
        let (low, high) = self.system.interval(total);
        least <= high && (least >= low || parts.iter().any(|p| !self.system.is_known(*p)))
    }
}

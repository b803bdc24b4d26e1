//! The audit: an attacker who has nothing but the published dashboard tables, and everything they say together.
//!
//! It knows names of tables and columns, what the schema says about them, and arithmetic. It shares no code with what counted
//! and what decided (`table`, `disclose`), so that a mistake there is not made here, too. From all tables it builds one linear system: each count is a variable, the
//! same count in two tables the same one; values of an attribute add up to their total, months to years, sub-themes to themes;
//! a part is no larger than its whole. Then it asks between which numbers each hidden count must lie ([`attack`](fn@attack)).
//!
//! Not attacked: what follows from knowing how the suppressor chooses ("minimality"), from code rules in a rule file, and from
//! products (lift, residuals, χ²) of numbers that are all shown.

mod anonymity;
mod attack;
mod cell;
mod component;
mod difference;
mod direct;
mod finding;
mod model;
mod programme;
mod propagate;
mod protection;
mod published;
mod relation;
mod system;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

pub use anonymity::{Anonymity, anonymity};
pub use attack::{Verdict, attack};
pub use cell::{CellName, Printed};
pub use finding::{Finding, FindingKind};
pub use model::Name;
pub use protection::Protection;
pub use published::{Column, Table, Values};
pub use relation::Knowledge;
pub use system::{Contradiction, Kind, System, Variable};

use cell::cells;
use model::Model;
use relation::model;

/// What an audit found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Hidden counts and rests that were attacked.
    pub attacked: usize,
    /// Those known too narrowly.
    pub fell: usize,
    /// Counts printed as hidden.
    pub suppressed: usize,
    /// Counts printed as numbers.
    pub shown: usize,
    /// What is wrong, all of it; nothing where the publication is safe.
    pub findings: Vec<Finding>,
    /// The counts that would have to be protected more: those that fell, of a rest that fell the part that gives it away.
    #[serde(skip)]
    pub fallen: Vec<CellName>,
    /// Of the row-level table, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymity: Option<Anonymity>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_safe(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Audits the tables of one dashboard. Programmes are solved in the current thread pool.
pub fn audit(tables: &[Table], threshold: u32, knowledge: &Knowledge) -> Report {
    let protection = Protection::new(threshold);
    let mut findings = direct::look(tables, protection);
    let printed = cells(tables);
    for (name, cell) in &printed {
        if let Some((table, column)) = &cell.contradicted {
            let mut finding = Finding::at(FindingKind::ShownElsewhere, table, column, 0);
            finding.cell = name.to_string();
            findings.push(finding);
        }
    }
    let mut model = model(tables, &printed, knowledge);
    for (table, column, row, (low, high)) in direct::told_by_shares(tables) {
        if let Some(variable) = cell::name_of(table, column, row).and_then(|name| model.get(&name)) {
            model.system.narrow(variable, low, high);
        }
    }
    let suppressed = printed.values().filter(|cell| cell.value.is_none()).count();
    let shown = printed.len() - suppressed;
    let mut report = Report { suppressed, shown, ..Report::default() };
    match attack(model.system.clone(), protection) {
        Ok(verdicts) => {
            report.attacked = verdicts.len();
            report.fell = verdicts.iter().filter(|v| v.fell).count();
            let fell: Vec<&Verdict> = verdicts.iter().filter(|v| v.fell).collect();
            report.fallen = fell.iter().filter_map(|verdict| model.cell_behind(verdict.variable)).cloned().collect();
            findings.extend(fell.into_iter().map(|verdict| fallen(&model, &printed, verdict)));
        }
        Err(Contradiction) => {
            report.attacked = suppressed;
            findings.push(Finding::at(FindingKind::Inconsistent, "", "", 0));
        }
    }
    findings.sort();
    report.findings = findings;
    report
}

/// What the difference of two publications tells: see [`FindingKind::Difference`].
pub fn differences(new: &[Table], old: &[Table], threshold: u32) -> Vec<Finding> {
    difference::differences(new, old, Protection::new(threshold))
}

fn fallen(model: &Model, printed: &BTreeMap<CellName, Printed>, verdict: &Verdict) -> Finding {
    let describe = |variable: Variable| match &model.names[variable.index()] {
        Name::Cell(name) => name.to_string().replace('\u{0}', "・"),
        _ => String::new(),
    };
    let kind = if model.system.kind(verdict.variable) == Kind::Rest { FindingKind::SmallRest } else { FindingKind::Recoverable };
    let (first, cell) = match &model.names[verdict.variable.index()] {
        Name::Cell(_) | Name::Unnamed => (verdict.variable, describe(verdict.variable)),
        Name::Without(whole, part) => (*part, format!("{} − {}", describe(*whole), describe(*part))),
        Name::Both(one, other) => (*one, format!("{} ∩ {}", describe(*one), describe(*other))),
    };
    let place = match &model.names[first.index()] {
        Name::Cell(name) => printed.get(name).map(|p| p.place.clone()).unwrap_or_default(),
        _ => Default::default(),
    };
    Finding { kind, table: place.0, column: place.1, row: 0, cell, interval: Some(verdict.interval) }
}

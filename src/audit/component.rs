//! Counts that hang together, and neighbourhoods in them.

use std::collections::{BTreeSet, VecDeque};

use super::programme::{Outcome, Programme};
use super::system::{System, Variable};

/// The unknown counts that equations connect, and these equations with what is known put in.
#[derive(Debug, Clone)]
pub(super) struct Component {
    variables: Vec<Variable>,
    targets: Vec<bool>,
    bounds: Vec<(f64, f64)>,
    /// The same without upper bounds that follow from all equations: half the work.
    needed: Vec<(f64, f64)>,
    /// Terms by position in `variables`, and the right side.
    equations: Vec<(Vec<(usize, f64)>, f64)>,
    /// Per variable the equations it is in.
    containing: Vec<Vec<usize>>,
}

/// A neighbourhood: some equations.
#[derive(Debug, Clone)]
pub(super) struct Area {
    /// The equations, ascending.
    equations: Vec<usize>,
    /// All counts in them, ascending.
    pub(super) all: Vec<usize>,
    /// Those that are in no other equation, ascending.
    pub(super) free: Vec<usize>,
}

/// The components that hold one of the `targets`, in order of their first counts.
pub(super) fn components(system: &System, targets: &[Variable]) -> Vec<Component> {
    let count = system.variables().count();
    let mut containing: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (i, equation) in system.equations().iter().enumerate() {
        equation.terms.iter().filter(|(v, _)| !system.is_known(*v)).for_each(|(v, _)| containing[v.index()].push(i));
    }
    let is_target: BTreeSet<Variable> = targets.iter().copied().collect();
    let mut seen = vec![false; count];
    let mut found = Vec::new();
    for &target in targets {
        if seen[target.index()] {
            continue;
        }
        seen[target.index()] = true;
        let (mut variables, mut equations) = (vec![target], BTreeSet::new());
        let mut at = 0;
        while let Some(variable) = variables.get(at).copied() {
            at += 1;
            for &equation in &containing[variable.index()] {
                if equations.insert(equation) {
                    for (other, _) in &system.equations()[equation].terms {
                        if !system.is_known(*other) && !std::mem::replace(&mut seen[other.index()], true) {
                            variables.push(*other);
                        }
                    }
                }
            }
        }
        variables.sort_unstable();
        found.push(Component::new(system, variables, equations.into_iter().collect(), &is_target));
    }
    found
}

impl Component {
    fn new(system: &System, variables: Vec<Variable>, equations: Vec<usize>, targets: &BTreeSet<Variable>) -> Self {
        let mut component = Self {
            targets: variables.iter().map(|v| targets.contains(v)).collect(),
            bounds: variables.iter().map(|v| system.interval(*v)).map(|(low, high)| (low as f64, high as f64)).collect(),
            needed: variables
                .iter()
                .map(|v| (system.interval(*v), system.is_narrowed(*v)))
                .map(|((low, high), narrowed)| (low as f64, if narrowed { high as f64 } else { f64::INFINITY }))
                .collect(),
            containing: vec![Vec::new(); variables.len()],
            equations: Vec::with_capacity(equations.len()),
            variables,
        };
        for equation in equations.into_iter().map(|i| &system.equations()[i]) {
            let mut constant = equation.constant;
            let mut terms = Vec::new();
            for (variable, coefficient) in &equation.terms {
                match component.variables.binary_search(variable) {
                    Ok(at) => terms.push((at, *coefficient as f64)),
                    Err(_) => constant -= coefficient * system.interval(*variable).0,
                }
            }
            let at = component.equations.len();
            terms.iter().for_each(|(v, _)| component.containing[*v].push(at));
            component.equations.push((terms, constant as f64));
        }
        component
    }

    /// Counts in it.
    pub(super) fn len(&self) -> usize {
        self.variables.len()
    }

    /// Equations in it.
    pub(super) fn equations(&self) -> usize {
        self.equations.len()
    }

    /// The count at a position.
    pub(super) fn variable(&self, at: usize) -> Variable {
        self.variables[at]
    }

    /// Whether the count at a position is attacked.
    pub(super) fn is_target(&self, at: usize) -> bool {
        self.targets[at]
    }

    /// All of it.
    pub(super) fn whole(&self) -> Programme {
        Programme { bounds: self.needed.clone(), rows: self.equations.clone() }
    }

    /// A solution with room: each count about `typical` above the least it can be, as far as the equations allow.
    pub(super) fn centre(&self, typical: i64) -> Outcome {
        let goal =
            |(low, high): &(f64, f64)| (low + ((high - low) / 2.0).min(typical as f64), ((high - low) / 2.0).min(typical as f64).powi(-2));
        let linear: Vec<f64> = self.bounds.iter().map(goal).map(|(goal, weight)| -goal * weight).collect();
        let curvature: Vec<f64> = self.bounds.iter().map(goal).map(|(_, weight)| weight).collect();
        self.whole().minimise(&linear, Some(&curvature))
    }

    /// The neighbourhood of a count: its equations, those of the counts in them, and so on, `size` equations.
    pub(super) fn area(&self, from: usize, size: usize) -> Area {
        let mut equations = BTreeSet::new();
        let mut seen = BTreeSet::from([from]);
        let mut queue = VecDeque::from([from]);
        'grow: while let Some(variable) = queue.pop_front() {
            for &equation in &self.containing[variable] {
                if equations.len() >= size {
                    break 'grow;
                }
                if equations.insert(equation) {
                    queue.extend(self.equations[equation].0.iter().map(|(v, _)| *v).filter(|v| seen.insert(*v)));
                }
            }
        }
        let all: BTreeSet<usize> = equations.iter().flat_map(|e| self.equations[*e].0.iter().map(|(v, _)| *v)).collect();
        let free = all.iter().copied().filter(|v| self.containing[*v].iter().all(|e| equations.contains(e))).collect();
        Area { equations: equations.into_iter().collect(), all: all.into_iter().collect(), free }
    }

    /// The area's free counts, with all others as at `centre`: what satisfies it satisfies the whole system.
    pub(super) fn within(&self, area: &Area, centre: &[f64]) -> Programme {
        self.programme(area, &area.free, |v| centre[v])
    }

    /// The area's equations alone, with all counts in them: what bounds them bounds the whole system.
    pub(super) fn alone(&self, area: &Area) -> Programme {
        self.programme(area, &area.all, |_| 0.0)
    }

    fn programme(&self, area: &Area, unknown: &[usize], fixed: impl Fn(usize) -> f64) -> Programme {
        let rows = area.equations.iter().map(|equation| {
            let (terms, constant) = &self.equations[*equation];
            let mut constant = *constant;
            let mut kept = Vec::new();
            for (variable, coefficient) in terms {
                match unknown.binary_search(variable) {
                    Ok(at) => kept.push((at, *coefficient)),
                    Err(_) => constant -= coefficient * fixed(*variable),
                }
            }
            (kept, constant)
        });
        let rows = rows.filter(|(terms, _)| !terms.is_empty()).collect();
        Programme { bounds: unknown.iter().map(|v| self.bounds[*v]).collect(), rows }
    }
}

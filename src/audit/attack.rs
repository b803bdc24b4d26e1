//! The attack: between which numbers must each hidden count lie?
//!
//! Single equations first, in whole numbers. What they leave open falls apart into components; in each, one interior solution
//! of the system is found, and the whole is stretched in random directions: two solutions in which a cell is far enough apart
//! prove that it is safe, and each pair proves it for hundreds at once. What is left is looked at cell by cell in growing
//! neighbourhoods:
//!
//! - a programme in which everything outside a neighbourhood stays as it was gives further solutions of the whole system;
//! - a programme that forgets all equations outside a neighbourhood gives bounds that hold in the whole system: when they are
//!   too narrow, the cell has fallen.
//!
//! The last neighbourhood is the whole component, where both are the same: then the interval is the tightest there is.

use rayon::prelude::*;

use super::component::{Component, components};
use super::programme::{Outcome, Programme};
use super::protection::Protection;
use super::system::{Contradiction, Kind, MOST, System, Variable};

/// Equations in a neighbourhood, one after the other; the last is the whole component.
const SIZES: [usize; 4] = [40, 200, 1_000, usize::MAX];

/// Random directions, each with its opposite, in which a component is stretched at once.
const DIRECTIONS: u64 = 2;

/// Counts that are asked at once to go where they would be safe, one sweep over all open ones after the other.
const TOGETHER: [usize; 5] = [100, 40, 16, 5, 2];

/// How far beyond the number that is needed a count is asked to go.
const BEYOND: f64 = 0.5;

/// A programme's optimum is right to about 1e-8 of numbers in the thousands: this much on the safe side when a bound is
/// rounded to whole numbers.
const TOLERANCE: f64 = 1e-4;

/// The whole numbers in an interval.
fn whole(low: f64, high: f64) -> (i64, i64) {
    ((low - TOLERANCE).ceil() as i64, (high + TOLERANCE).floor() as i64)
}

/// No solution yet.
const NOTHING_SEEN: (i64, i64) = (1, 0);

/// What the attack found of one count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The count.
    pub variable: Variable,
    /// The tightest interval proved; of a safe count, the tightest that was needed to know that it is safe.
    pub interval: (i64, i64),
    /// Whether the interval is narrower than the protection demands.
    pub fell: bool,
    /// Whether single equations were enough.
    pub by_subtraction: bool,
    /// Whether neither could be proved, since the solver gave up. Counts as fallen.
    pub undecided: bool,
}

/// Attacks every count of the system that must not be known.
///
/// Programmes are solved in the current thread pool; the result does not depend on the number of threads.
///
/// # Errors
/// When nothing satisfies the system.
pub fn attack(mut system: System, protection: Protection) -> Result<Vec<Verdict>, Contradiction> {
    system.propagate()?;
    let mut verdicts = Vec::new();
    let mut open = Vec::new();
    for variable in system.variables().filter(|v| matches!(system.kind(*v), Kind::Suppressed | Kind::Rest)) {
        let (kind, interval) = (system.kind(variable), system.interval(variable));
        let fell = protection.falls(kind, interval);
        if fell || protection.is_safe(kind, interval, NOTHING_SEEN) {
            verdicts.push(Verdict { variable, interval, fell, by_subtraction: true, undecided: false });
        } else {
            open.push(variable);
        }
    }
    let components = components(&system, &open);
    let attacked: Vec<_> = components.par_iter().map(|component| of_component(&system, component, protection)).collect();
    for found in attacked {
        verdicts.extend(found?);
    }
    verdicts.sort_by_key(|v| v.variable);
    Ok(verdicts)
}

/// What is known of a count in a component.
#[derive(Debug, Clone, Copy)]
struct State {
    target: bool,
    kind: Kind,
    /// Proved.
    outer: (i64, i64),
    /// Seen in solutions.
    inner: (f64, f64),
    decided: Option<bool>,
}

impl State {
    fn see(&mut self, value: f64, protection: Protection) {
        self.inner = (self.inner.0.min(value), self.inner.1.max(value));
        self.decide(protection);
    }

    fn bound(&mut self, low: f64, high: f64, protection: Protection) {
        let (low, high) = whole(low, high);
        self.outer = (self.outer.0.max(low), self.outer.1.min(high));
        self.decide(protection);
    }

    fn decide(&mut self, protection: Protection) {
        if self.decided.is_none() {
            if protection.is_safe(self.kind, self.outer, whole(self.inner.0, self.inner.1)) {
                self.decided = Some(false);
            } else if protection.falls(self.kind, self.outer) {
                self.decided = Some(true);
            }
        }
    }

    /// A number that would show the count to be safe, on the side where there is more room.
    fn goal(&self, protection: Protection) -> f64 {
        let (low, high) = (self.outer.0 as f64, self.outer.1 as f64);
        let room = protection.width() as f64 + BEYOND;
        if self.kind == Kind::Rest {
            return high.min(protection.threshold() as f64 + BEYOND);
        }
        if high - self.inner.1 >= self.inner.0 - low { high.min(self.inner.0 + room) } else { low.max(self.inner.1 - room) }
    }

    fn is_open(&self) -> bool {
        self.target && self.decided.is_none()
    }
}

fn of_component(system: &System, component: &Component, protection: Protection) -> Result<Vec<Verdict>, Contradiction> {
    let centre = match component.centre(protection.threshold()) {
        Outcome::Solved(centre) => centre,
        Outcome::Infeasible => return Err(Contradiction),
        Outcome::Unknown => Vec::new(),
    };
    let mut states: Vec<State> = (0..component.len())
        .map(|i| {
            let variable = component.variable(i);
            let value = centre.get(i).copied().unwrap_or(f64::NAN);
            State {
                target: component.is_target(i),
                kind: system.kind(variable),
                outer: system.interval(variable),
                inner: (value, value),
                decided: None,
            }
        })
        .collect();
    if !centre.is_empty() {
        stretch(component, &mut states, protection);
        for size in SIZES {
            if states.iter().any(State::is_open) {
                one_by_one(component, &centre, &mut states, size, protection);
            }
            // The whole component was looked at.
            if size >= component.equations() {
                break;
            }
        }
    }
    let verdict = |(i, state): (usize, &State)| Verdict {
        variable: component.variable(i),
        interval: state.outer,
        fell: state.decided.unwrap_or(true),
        by_subtraction: false,
        undecided: state.decided.is_none(),
    };
    Ok(states.iter().enumerate().filter(|(_, s)| s.target).map(verdict).collect())
}

/// Moves open counts up and down, to see how far they go: first all at once at random, as long as that decides many; then few
/// at a time, which do not stand in each other's way.
fn stretch(component: &Component, states: &mut [State], protection: Protection) {
    let whole = component.whole();
    for batch in 0u64.. {
        let open = open(states);
        let along = |direction| {
            [1.0, -1.0].map(|way| {
                let cost = |i: usize| if states[i].is_open() { way * sign(i, direction) } else { 0.0 };
                // Nothing would hold a count without an upper bound.
                let cost = |i: usize| if states[i].outer.1 >= MOST { cost(i).max(0.0) } else { cost(i) };
                ((0..states.len()).map(cost).collect(), None)
            })
        };
        let costs = (batch * DIRECTIONS..(batch + 1) * DIRECTIONS).flat_map(along).collect();
        see_all(&whole, costs, states, protection);
        let left = states.iter().filter(|s| s.is_open()).count();
        if left == 0 {
            return;
        }
        if left * 20 > open.len() * 17 {
            break;
        }
    }
    for together in TOGETHER {
        // Neighbours in a table come one after the other: each goes to another group.
        let open = open(states);
        let groups = open.len().div_ceil(together);
        let goals = (0..groups).map(|group| {
            let (mut linear, mut curvature) = (vec![0.0; states.len()], vec![0.0; states.len()]);
            for &i in open.iter().skip(group).step_by(groups) {
                linear[i] = -states[i].goal(protection);
                curvature[i] = 1.0;
            }
            (linear, Some(curvature))
        });
        see_all(&whole, goals.collect(), states, protection);
    }
}

fn open(states: &[State]) -> Vec<usize> {
    (0..states.len()).filter(|i| states[*i].is_open()).collect()
}

/// Solves the programme for each costs, and looks at all counts in each solution.
fn see_all(whole: &Programme, costs: Vec<(Vec<f64>, Option<Vec<f64>>)>, states: &mut [State], protection: Protection) {
    let points: Vec<Outcome> = costs.par_iter().map(|(linear, curvature)| whole.minimise(linear, curvature.as_deref())).collect();
    for point in points {
        if let Outcome::Solved(point) = point {
            states.iter_mut().zip(point).for_each(|(state, value)| state.see(value, protection));
        }
    }
}

/// Values of some counts in one solution.
type Point = Vec<(usize, f64)>;

/// Solutions, and the bounds that were proved.
type Looked = (Vec<Point>, Option<(f64, f64)>);

/// Looks at each open count on its own.
fn one_by_one(component: &Component, centre: &[f64], states: &mut [State], size: usize, protection: Protection) {
    let open = open(states);
    let looked: Vec<Looked> = open
        .par_iter()
        .map(|&i| {
            let area = component.area(i, size);
            let mut points = Vec::new();
            let mut state = states[i];
            let inner = component.within(&area, centre);
            for cost in [1.0, -1.0] {
                let costs: Vec<f64> = area.free.iter().map(|v| if *v == i { cost } else { 0.0 }).collect();
                if let Outcome::Solved(point) = inner.minimise(&costs, None) {
                    let point: Point = area.free.iter().copied().zip(point).collect();
                    point.iter().filter(|(v, _)| *v == i).for_each(|(_, value)| state.see(*value, protection));
                    points.push(point);
                }
            }
            (points, if state.is_open() { outer(component, &area, i) } else { None })
        })
        .collect();
    for (&i, (points, bounds)) in open.iter().zip(looked) {
        for (v, value) in points.into_iter().flatten() {
            states[v].see(value, protection);
        }
        if let Some((low, high)) = bounds {
            states[i].bound(low, high, protection);
        }
    }
}

/// The bounds that the equations of an area alone prove.
fn outer(component: &Component, area: &super::component::Area, target: usize) -> Option<(f64, f64)> {
    let programme = component.alone(area);
    let at = area.all.iter().position(|v| *v == target)?;
    let end = |cost: f64| {
        let mut costs = vec![0.0; area.all.len()];
        costs[at] = cost;
        match programme.minimise(&costs, None) {
            Outcome::Solved(point) => Some(point[at]),
            _ => None,
        }
    };
    Some((end(1.0)?, end(-1.0)?))
}

/// 1 or −1, at random, but always the same (SplitMix64).
fn sign(variable: usize, direction: u64) -> f64 {
    let mut z = (variable as u64).wrapping_add((direction + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    if (z ^ (z >> 31)) & 1 == 0 { 1.0 } else { -1.0 }
}

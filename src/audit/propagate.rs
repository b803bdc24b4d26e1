//! Intervals from single equations: what is left of a total when all other parts are as large, or as small, as they can be.

use super::system::{Contradiction, Equation};

/// Visits to one equation. Bounds that creep towards each other by one a visit are left to the linear programmes.
const VISITS: u32 = 40;

/// Draws `intervals` together until no equation does so any more. Whole numbers, exact.
pub(super) fn propagate(equations: &[Equation], intervals: &mut [(i64, i64)]) -> Result<(), Contradiction> {
    let mut containing: Vec<Vec<u32>> = vec![Vec::new(); intervals.len()];
    for (i, equation) in (0u32..).zip(equations) {
        equation.terms.iter().for_each(|(v, _)| containing[v.index()].push(i));
    }
    let mut queue: std::collections::VecDeque<u32> = (0u32..).take(equations.len()).collect();
    let mut waiting = vec![true; equations.len()];
    let mut visits = vec![0u32; equations.len()];
    while let Some(at) = queue.pop_front() {
        waiting[at as usize] = false;
        visits[at as usize] += 1;
        let equation = &equations[at as usize];
        let side = |v: &(super::system::Variable, i64), high: bool, intervals: &[(i64, i64)]| {
            let (low, top) = intervals[v.0.index()];
            v.1 * if (v.1 > 0) == high { top } else { low }
        };
        let mut least: i64 = equation.terms.iter().map(|t| side(t, false, intervals)).sum();
        let mut most: i64 = equation.terms.iter().map(|t| side(t, true, intervals)).sum();
        if least > equation.constant || most < equation.constant {
            return Err(Contradiction);
        }
        for term in &equation.terms {
            let (variable, coefficient) = *term;
            let (low, high) = intervals[variable.index()];
            if low == high {
                continue;
            }
            // coefficient · x = constant − the others
            let from = equation.constant - (most - side(term, true, intervals));
            let to = equation.constant - (least - side(term, false, intervals));
            let (new_low, new_high) = if coefficient > 0 {
                (ceil(from, coefficient), floor(to, coefficient))
            } else {
                (ceil(-to, -coefficient), floor(-from, -coefficient))
            };
            let new = (low.max(new_low), high.min(new_high));
            if new.0 > new.1 {
                return Err(Contradiction);
            }
            if new != (low, high) {
                least -= side(term, false, intervals);
                most -= side(term, true, intervals);
                intervals[variable.index()] = new;
                least += side(term, false, intervals);
                most += side(term, true, intervals);
                for other in &containing[variable.index()] {
                    if !waiting[*other as usize] && visits[*other as usize] < VISITS {
                        waiting[*other as usize] = true;
                        queue.push_back(*other);
                    }
                }
            }
        }
    }
    Ok(())
}

fn floor(a: i64, b: i64) -> i64 {
    a.div_euclid(b)
}

fn ceil(a: i64, b: i64) -> i64 {
    -(-a).div_euclid(b)
}

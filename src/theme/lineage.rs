//! The same themes tomorrow: which theme of a refit is which theme of the model before?

use pathfinding::matrix::Matrix;
use pathfinding::prelude::kuhn_munkres;

use super::{Assignment, ThemeFit, ThemeId, ThemeModel};

/// Two themes are one when at least this share of the calls of either is in both (Jaccard): half of each, where they are of a
/// size.
const SAME: f64 = 1.0 / 3.0;

/// A theme split off, or was merged, when this share of its calls came from, or went to, one other.
const MAINLY: f64 = 0.5;

/// What became of a theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// It goes on under its number.
    Continued,
    /// The new theme came mainly from the old one, which goes on beside it or is gone.
    Split,
    /// The old theme went mainly into the new one.
    Merged,
    /// The new theme came from nowhere.
    Appeared,
    /// The old theme went nowhere.
    Vanished,
}

impl Relation {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Continued, Self::Split, Self::Merged, Self::Appeared, Self::Vanished];

    /// The code in tables and models.
    pub fn code(self) -> &'static str {
        match self {
            Self::Continued => "continued",
            Self::Split => "split",
            Self::Merged => "merged",
            Self::Appeared => "appeared",
            Self::Vanished => "vanished",
        }
    }

    /// The relation of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.code() == code)
    }
}

/// How a theme of this model follows from one of the model before.
#[derive(Debug, Clone, PartialEq)]
pub struct Descent {
    /// The number of the theme before; `None` for one that appeared.
    pub previous: Option<u16>,
    /// Its label then.
    pub previous_label: String,
    /// The number of the theme now; `None` for one that vanished.
    pub theme: Option<u16>,
    /// What became of it.
    pub relation: Relation,
    /// Share of the calls of the theme before that are in this theme now; `None` where a count behind it is small.
    pub share_of_previous: Option<f64>,
    /// Share of the calls of this theme that were in the theme before; `None` where a count behind it is small.
    pub share_of_theme: Option<f64>,
}

impl Descent {
    /// That of a theme that came from nowhere.
    pub fn appeared(theme: u16) -> Self {
        Self {
            previous: None,
            previous_label: String::new(),
            theme: Some(theme),
            relation: Relation::Appeared,
            share_of_previous: None,
            share_of_theme: None,
        }
    }
}

/// Gives the themes of `model`, as fitted, the numbers of the `previous` model's themes they continue, and new numbers to the
/// others; says what became of each in `model.lineage`. Themes that go on keep their labels, too.
///
/// `before` are the themes that `previous` gives the same calls. Themes are matched so that the sum of their Jaccard overlaps is
/// greatest (Kuhn 1955, doi:10.1002/nav.3800020109; Munkres 1957). Shares whose counts are below `smallest` are left out.
pub(super) fn continued(
    mut model: ThemeModel,
    mut fit: ThemeFit,
    previous: &ThemeModel,
    before: &[Assignment],
    smallest: u64,
) -> (ThemeModel, ThemeFit) {
    let overlaps = Overlaps::new(before, &fit.assignments, previous.themes.len(), model.themes.len());
    let kept = overlaps.matched();
    let mut next = previous.next_number;
    let mut numbers = Vec::with_capacity(kept.len());
    for old in &kept {
        numbers.push(old.map_or_else(
            || {
                next = next.saturating_add(1);
                next - 1
            },
            |old| previous.themes[old].number,
        ));
    }
    let lineage = overlaps.lineage(&kept, previous, &numbers, smallest);
    for ((theme, named), old) in model.themes.iter_mut().zip(&mut fit.named).zip(&kept) {
        // What goes on keeps its name, unless a guide gives it another.
        if let (Some(old), false) = (old, *named) {
            theme.label = previous.themes[*old].label.clone();
            *named = !theme.label.is_empty();
        }
    }
    let (mut model, fit) = renumbered(model, fit, &numbers);
    model.next_number = next;
    model.lineage = lineage;
    (model, fit)
}

/// How many calls were in an old theme and are in a new one.
struct Overlaps {
    both: Vec<Vec<u64>>,
    old: Vec<u64>,
    new: Vec<u64>,
}

impl Overlaps {
    fn new(before: &[Assignment], after: &[Assignment], old: usize, new: usize) -> Self {
        let mut out = Self { both: vec![vec![0; new]; old], old: vec![0; old], new: vec![0; new] };
        for (before, after) in before.iter().zip(after) {
            let (o, n) = (before.theme.map(|t| usize::from(t.0)), after.theme.map(|t| usize::from(t.0)));
            if let Some(o) = o {
                out.old[o] += 1;
            }
            if let Some(n) = n {
                out.new[n] += 1;
            }
            if let (Some(o), Some(n)) = (o, n) {
                out.both[o][n] += 1;
            }
        }
        out
    }

    fn jaccard(&self, old: usize, new: usize) -> f64 {
        let both = self.both[old][new];
        let union = self.old[old] + self.new[new] - both;
        if union == 0 { 0.0 } else { both as f64 / union as f64 }
    }

    /// For each new theme the old one it continues.
    fn matched(&self) -> Vec<Option<usize>> {
        let (rows, columns) = (self.old.len(), self.new.len());
        let mut out = vec![None; columns];
        if rows == 0 || columns == 0 {
            return out;
        }
        // The method wants whole numbers and no more rows than columns.
        let weight = |old: usize, new: usize| (self.jaccard(old, new) * 1e9).round() as i64;
        let pairs: Vec<(usize, usize)> = if rows <= columns {
            let weights = Matrix::from_fn(rows, columns, |(old, new)| weight(old, new));
            kuhn_munkres(&weights).1.into_iter().enumerate().collect()
        } else {
            let weights = Matrix::from_fn(columns, rows, |(new, old)| weight(old, new));
            kuhn_munkres(&weights).1.into_iter().enumerate().map(|(new, old)| (old, new)).collect()
        };
        for (old, new) in pairs.into_iter().filter(|(old, new)| self.jaccard(*old, *new) >= SAME) {
            out[new] = Some(old);
        }
        out
    }

    /// What became of each theme, by old number and then by new; those that appeared come last.
    fn lineage(&self, kept: &[Option<usize>], previous: &ThemeModel, numbers: &[u16], smallest: u64) -> Vec<Descent> {
        let (mut gone, mut from_nowhere) = (vec![true; self.old.len()], vec![true; self.new.len()]);
        let mut out = Vec::new();
        for (old, theme) in previous.themes.iter().enumerate() {
            for new in 0..self.new.len() {
                let both = self.both[old][new];
                let mainly = |whole: u64| whole > 0 && both as f64 >= MAINLY * whole as f64;
                let relation = if kept[new] == Some(old) {
                    Relation::Continued
                } else if mainly(self.new[new]) && kept[new].is_none() {
                    Relation::Split
                } else if mainly(self.old[old]) && !kept.contains(&Some(old)) {
                    Relation::Merged
                } else {
                    continue;
                };
                (gone[old], from_nowhere[new]) = (false, false);
                out.push(Descent {
                    previous: Some(theme.number),
                    previous_label: theme.label.clone(),
                    theme: Some(numbers[new]),
                    relation,
                    share_of_previous: share(both, self.old[old], smallest),
                    share_of_theme: share(both, self.new[new], smallest),
                });
            }
        }
        let end = |previous: Option<u16>, previous_label: String, theme: Option<u16>, relation: Relation| Descent {
            previous,
            previous_label,
            theme,
            relation,
            share_of_previous: None,
            share_of_theme: None,
        };
        let vanished = previous.themes.iter().zip(gone).filter(|(_, gone)| *gone);
        out.extend(vanished.map(|(theme, _)| end(Some(theme.number), theme.label.clone(), None, Relation::Vanished)));
        let appeared = numbers.iter().zip(from_nowhere).filter(|(_, new)| *new);
        out.extend(appeared.map(|(number, _)| end(None, String::new(), Some(*number), Relation::Appeared)));
        out.sort_by_key(|d| (d.previous.is_none(), d.previous, d.theme));
        out
    }
}

/// part / whole in steps of a hundredth, unless it would tell a small count: that of the part or that of the rest.
fn share(part: u64, whole: u64, smallest: u64) -> Option<f64> {
    let small = |count: u64| (1..smallest).contains(&count);
    let rest = whole.checked_sub(part)?;
    (whole > 0 && !small(part) && !small(rest) && !small(whole)).then(|| (100.0 * part as f64 / whole as f64).round() / 100.0)
}

/// The themes under their numbers, in ascending order.
fn renumbered(mut model: ThemeModel, mut fit: ThemeFit, numbers: &[u16]) -> (ThemeModel, ThemeFit) {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by_key(|theme| numbers[*theme]);
    let mut place = vec![ThemeId(0); numbers.len()];
    for (new, old) in (0u16..).zip(&order) {
        place[*old] = ThemeId(new);
    }
    model.parts.iter_mut().for_each(|theme| *theme = place[usize::from(theme.0)]);
    let themes = order.iter().map(|old| super::Theme { id: place[*old], number: numbers[*old], ..model.themes[*old].clone() });
    model.themes = themes.collect();
    // Parts follow their themes; within a theme they keep their order.
    let mut subs: Vec<usize> = (0..model.subs.len()).collect();
    subs.sort_by_key(|sub| place[usize::from(model.subs[*sub].theme.0)]);
    model.sub_centroids = model.sub_centroids.select(ndarray::Axis(0), &subs);
    let moved = |sub: &usize| super::SubTheme { theme: place[usize::from(model.subs[*sub].theme.0)], ..model.subs[*sub].clone() };
    model.subs = subs.iter().map(moved).collect();
    fit.named = order.iter().map(|theme| fit.named[*theme]).collect();
    fit.representatives = order.iter().map(|theme| std::mem::take(&mut fit.representatives[*theme])).collect();
    for assignment in &mut fit.assignments {
        assignment.theme = assignment.theme.map(|theme| place[usize::from(theme.0)]);
        for (theme, _) in &mut assignment.others {
            *theme = place[usize::from(theme.0)];
        }
    }
    let guided = fit.guided.iter_mut().flat_map(|effect| &mut effect.themes);
    guided.for_each(|theme| *theme = place[usize::from(theme.0)]);
    (model, fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assigned(themes: &[u16]) -> Vec<Assignment> {
        themes.iter().map(|t| Assignment { theme: Some(ThemeId(*t)), ..Assignment::default() }).collect()
    }

    /// Forty calls of each old theme; `after` gives for each old theme how many go to each new one.
    fn overlaps(after: &[&[usize]]) -> Overlaps {
        let pairs = after
            .iter()
            .enumerate()
            .flat_map(|(old, parts)| parts.iter().enumerate().flat_map(move |(new, n)| std::iter::repeat_n((old as u16, new as u16), *n)));
        let (before, now): (Vec<u16>, Vec<u16>) = pairs.unzip();
        Overlaps::new(&assigned(&before), &assigned(&now), after.len(), after[0].len())
    }

    #[test]
    fn the_best_matching_wins_even_where_a_greedy_one_would_not() {
        // Greedy takes (0, 0) with 30 calls and leaves (1, 1) with nothing in common.
        let both = overlaps(&[&[30, 25], &[28, 0]]);
        assert_eq!(both.matched(), [Some(1), Some(0)]);
        // More old themes than new ones, and the reverse.
        assert_eq!(overlaps(&[&[40], &[3]]).matched(), [Some(0)]);
        assert_eq!(overlaps(&[&[3, 40]]).matched(), [None, Some(0)]);
    }

    #[test]
    fn shares_that_tell_small_counts_are_left_out() {
        assert_eq!(share(30, 40, 10), Some(0.75));
        assert_eq!(share(35, 40, 10), None);
        assert_eq!(share(5, 40, 10), None);
        assert_eq!([share(40, 40, 10), share(0, 40, 10), share(0, 0, 10)], [Some(1.0), Some(0.0), None]);
    }

    #[test]
    fn relations_have_codes() {
        assert!(Relation::ALL.into_iter().all(|r| Relation::from_code(r.code()) == Some(r)));
        assert_eq!(Relation::from_code("gone"), None);
    }
}

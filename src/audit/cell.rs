//! Which count is it? The same number in two tables is one cell.

use std::collections::BTreeMap;
use std::fmt;

use super::published::Table;

/// The slice of all calls.
pub(super) const ALL: &str = "all";

/// The value of calls that have no other.
pub(super) const MISSING: &str = "missing";

/// The name of a count: whose calls, and which of them.
///
/// `subject` is `all` or a kind and a code (`theme=003`, `need=access/latent`); `slice` is `all` or a facet and a value
/// (`sex=female`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellName {
    /// Whose calls.
    pub subject: String,
    /// Which of them.
    pub slice: String,
}

impl CellName {
    pub(super) fn new(subject: impl Into<String>, slice: impl Into<String>) -> Self {
        let (subject, slice) = (subject.into(), slice.into());
        // All calls of a theme are the calls of the theme.
        if subject == ALL && slice.starts_with("theme=") {
            return Self { subject: slice, slice: ALL.into() };
        }
        Self { subject, slice }
    }

    /// The facet its slice is a value of.
    pub(super) fn facet(&self) -> &str {
        self.slice.split_once('=').map_or(ALL, |(facet, _)| facet)
    }
}

impl fmt::Display for CellName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.slice == ALL { f.write_str(&self.subject) } else { write!(f, "{} × {}", self.subject, self.slice) }
    }
}

/// A count that a table prints or hides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// The number, where it is shown.
    pub value: Option<i64>,
    /// The table and column that say so; of a number that is hidden in one table and shown in another, the one that shows it.
    pub place: (String, String),
    /// The table and column that hide what another shows, or that show another number.
    pub contradicted: Option<(String, String)>,
}

/// Where the counts of a table stand: the table, the column, and the cell's name in a row.
struct Reading(&'static str, &'static str, fn(&Row<'_>) -> CellName);

/// A row of a table.
struct Row<'t> {
    table: &'t Table,
    at: usize,
}

impl Row<'_> {
    fn get(&self, column: &str) -> &str {
        self.table.text(column, self.at)
    }

    fn theme(&self) -> String {
        format!("theme={}", self.get("theme_id"))
    }

    fn need(&self) -> String {
        format!("need={}/{}", self.get("need"), self.get("expression"))
    }

    fn need_as(&self, expression: &str) -> String {
        format!("need={}/{expression}", self.get("need"))
    }

    fn found(&self, kind: &str) -> String {
        format!("{kind}={}/{}", self.get("need"), self.get("discovered_id"))
    }

    fn code(&self) -> String {
        format!("code={}", self.get("code_id"))
    }

    fn term(&self) -> String {
        format!("term={}", self.get("term"))
    }

    /// A theme, or all calls.
    fn scope(&self) -> String {
        if self.get("theme_id") == "all" { ALL.into() } else { self.theme() }
    }

    /// The value in column `value` of the facet in column `facet`.
    fn slice(&self, facet: &str, value: &str) -> String {
        format!("{}={}", self.get(facet), self.get(value))
    }

    fn of_attribute(&self) -> String {
        self.slice("attribute", "code")
    }

    fn of_level(&self) -> String {
        self.slice("level", "code")
    }

    fn of_period(&self) -> String {
        self.slice("period_type", "period")
    }

    fn disease(&self) -> String {
        match self.get("level") {
            "group" => format!("disease_group={}", self.get("disease_group")),
            _ => format!("disease={}", self.get("disease")),
        }
    }

    fn node(&self) -> String {
        format!("{}={}", self.get("level"), self.get("node_id"))
    }

    fn tau(&self) -> String {
        if self.table.is("in_use", self.at) {
            return self.need_as("latent");
        }
        format!("tau={}/{:.6}", self.get("need"), self.table.float("tau", self.at).unwrap_or_default())
    }
}

fn cell(subject: impl Into<String>, slice: impl Into<String>) -> CellName {
    CellName::new(subject, slice)
}

fn all(_: &Row<'_>) -> CellName {
    cell(ALL, ALL)
}

/// Every count of every table.
const READINGS: &[Reading] = &[
    Reading("themes", "calls", |r| cell(r.theme(), ALL)),
    Reading("themes", "n", all),
    Reading("theme_tree", "calls", |r| cell(r.node(), ALL)),
    Reading("needs", "mentions", |r| cell(r.need_as("mentions"), ALL)),
    Reading("needs", "n", all),
    Reading("needs", "calls", |r| cell(r.need_as("any"), ALL)),
    Reading("needs", "explicit_calls", |r| cell(r.need_as("explicit"), ALL)),
    Reading("needs", "implicit_calls", |r| cell(r.need_as("implicit"), ALL)),
    Reading("needs", "latent_calls", |r| cell(r.need_as("latent"), ALL)),
    Reading("needs", "unmet_calls", |r| cell(r.need_as("any"), "connected=no")),
    Reading("needs", "latent_unmet_calls", |r| cell(r.need_as("latent"), "connected=no")),
    Reading("discovered_needs", "statements", |r| cell(r.found("statements"), ALL)),
    Reading("discovered_needs", "calls", |r| cell(r.found("found"), ALL)),
    Reading("discovered_needs", "n", all),
    Reading("discovered_needs", "latent_calls", |r| cell(r.found("found_latent"), ALL)),
    Reading("need_sensitivity", "count", |r| cell(r.tau(), ALL)),
    Reading("need_sensitivity", "n", all),
    Reading("theme_by_period", "count", |r| cell(r.theme(), r.of_period())),
    Reading("theme_by_period", "n", |r| cell(ALL, r.of_period())),
    Reading("need_by_period", "count", |r| cell(r.need(), r.of_period())),
    Reading("need_by_period", "n", |r| cell(ALL, r.of_period())),
    Reading("theme_by_attribute", "count", |r| cell(r.theme(), r.of_attribute())),
    Reading("theme_by_attribute", "n", |r| cell(ALL, r.of_attribute())),
    Reading("need_by_attribute", "count", |r| cell(r.need(), r.of_attribute())),
    Reading("need_by_attribute", "n", |r| cell(ALL, r.of_attribute())),
    Reading("theme_by_outcome", "count", |r| cell(r.theme(), r.of_level())),
    Reading("theme_by_outcome", "n", |r| cell(ALL, r.of_level())),
    Reading("need_by_outcome", "count", |r| cell(r.need(), r.of_level())),
    Reading("need_by_outcome", "n", |r| cell(ALL, r.of_level())),
    Reading("theme_by_need", "count", |r| cell(r.need(), r.theme())),
    Reading("theme_by_need", "n", |r| cell(r.theme(), ALL)),
    Reading("codes", "calls", |r| cell(r.code(), ALL)),
    Reading("codes", "n", all),
    Reading("code_by_attribute", "count", |r| cell(r.code(), r.of_attribute())),
    Reading("code_by_attribute", "n", |r| cell(ALL, r.of_attribute())),
    Reading("theme_by_code", "count", |r| cell(r.code(), r.theme())),
    Reading("theme_by_code", "n", |r| cell(r.theme(), ALL)),
    Reading("disease_share", "count", |r| cell(ALL, r.disease())),
    Reading("disease_share", "n", all),
    Reading("region_share", "count", |r| cell(ALL, r.of_level())),
    Reading("region_share", "n", all),
    Reading("keywords", "count", |r| cell(r.term(), r.scope())),
    Reading("keywords", "n", |r| cell(r.scope(), ALL)),
    Reading("cooccurrence", "count", |r| cell(format!("pair={}\u{0}{}", r.get("term_a"), r.get("term_b")), r.scope())),
    Reading("emerging_terms", "count", |r| cell(r.term(), "emerging")),
    Reading("emerging_terms", "n", |_| cell("emerging", ALL)),
    Reading("quality", "count", |r| match r.get("metric") {
        "calls" => cell(ALL, ALL),
        "calls_without_theme" => cell(format!("theme={MISSING}"), ALL),
        "emerging_calls" => cell("emerging", ALL),
        metric => cell(metric, ALL),
    }),
];

/// The name of the count in a row and column, if the attacker knows what it is.
pub(super) fn name_of(table: &Table, column: &str, row: usize) -> Option<CellName> {
    let reading = READINGS.iter().find(|r| r.0 == table.name && r.1 == column)?;
    Some((reading.2)(&Row { table, at: row }))
}

/// All counts of the published tables.
pub(super) fn cells(tables: &[Table]) -> BTreeMap<CellName, Printed> {
    let mut cells: BTreeMap<CellName, Printed> = BTreeMap::new();
    for Reading(name, column, of) in READINGS {
        let Some(table) = tables.iter().find(|t| t.name == *name) else { continue };
        let status = format!("{column}_status");
        for at in 0..table.rows {
            if table.text(&status, at) == MISSING {
                continue;
            }
            let value = table.int(column, at);
            let place = ((*name).to_owned(), (*column).to_owned());
            let seen = cells.entry(of(&Row { table, at })).or_insert_with(|| Printed { value, place: place.clone(), contradicted: None });
            if seen.value != value {
                let hiding = if seen.value.is_none() { std::mem::replace(&mut seen.place, place) } else { place };
                seen.value = seen.value.or(value);
                seen.contradicted = Some(hiding);
            }
        }
    }
    cells
}

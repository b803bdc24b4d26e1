//! What holds between the cells, as anybody can read it in the schema: values make up a total, a part is no larger than the whole.
//!
//! Only what truly holds: the values of an attribute of which a call can have several do not add up; each is a part, and
//! together they cover the whole.

use std::collections::{BTreeMap, BTreeSet};

use super::cell::{ALL, CellName, MISSING, Printed};
use super::model::{Model, Name};
use super::published::Table;
use super::system::{Kind, Variable};

/// What the attacker knows beside the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knowledge {
    /// Facets of which a call can have several values.
    pub multiple: BTreeSet<String>,
}

impl Default for Knowledge {
    /// As in the profile that ships with the program.
    fn default() -> Self {
        Self { multiple: ["reason", "disease", "disease_group"].map(str::to_owned).into() }
    }
}

/// Cells by subject, facet and value, in order.
type Facets = BTreeMap<String, BTreeMap<String, Vec<String>>>;

fn facets(cells: &BTreeMap<CellName, Variable>) -> Facets {
    let mut facets = Facets::new();
    for name in cells.keys().filter(|n| n.slice.contains('=')) {
        facets.entry(name.subject.clone()).or_default().entry(name.facet().to_owned()).or_default().push(name.slice.clone());
    }
    // Of all calls, themes are subjects.
    facets
}

/// Enters all cells with all relations.
pub(super) fn model(tables: &[Table], printed: &BTreeMap<CellName, Printed>, knowledge: &Knowledge) -> Model {
    let mut model = Model::default();
    for (name, cell) in printed {
        let variable = match cell.value {
            Some(value) => model.system.shown(value),
            None => model.system.suppressed(),
        };
        model.names.push(Name::Cell(name.clone()));
        model.index.insert(name.clone(), variable);
    }
    let themes: Vec<String> =
        printed.keys().map(|n| &n.subject).filter(|s| s.starts_with("theme=")).cloned().collect::<BTreeSet<_>>().into_iter().collect();
    unprinted_themes(&mut model, &themes);
    let facets = facets(&model.index);
    let several = several_values(&model, &facets, knowledge);
    for (subject, of_subject) in facets.iter().filter(|(s, _)| !is_of_terms(s)) {
        for (facet, slices) in of_subject {
            relate_facet(&mut model, subject, facet, slices, &several);
        }
        relate_levels(&mut model, tables, subject, of_subject, &several);
    }
    relate_themes(&mut model, &facets, &themes);
    relate_tree(&mut model, tables);
    relate_needs(&mut model, &facets);
    relate_found(&mut model, tables);
    relate_terms(&mut model, printed, &themes);
    let rows = |metric: &str| model.cell(metric, ALL);
    if let (Some(read), Some(rejected), Some(all)) = (rows("rows_read"), rows("rows_rejected"), rows(ALL)) {
        model.system.sum(read, [rejected, all]);
    }
    let (all, emerging) = (model.cell(ALL, ALL), model.cell("emerging", ALL));
    model.part(all, emerging, Kind::Rest);
    model
}

/// Words and pairs are counted in some themes only.
fn is_of_terms(subject: &str) -> bool {
    subject.starts_with("term=") || subject.starts_with("pair=")
}

/// Calls without a theme are printed among all calls only; in each slice and for each code they are a count all the same.
fn unprinted_themes(model: &mut Model, themes: &[String]) {
    let missing = format!("theme={MISSING}");
    let names: Vec<CellName> = model.index.keys().cloned().collect();
    for name in names {
        if themes.contains(&name.subject) && name.slice.contains('=') {
            model.cell_or_unprinted(&missing, &name.slice, Kind::Rest);
        } else if !is_of_terms(&name.subject) && name.subject != ALL && name.facet() == "theme" {
            model.cell_or_unprinted(&name.subject, &missing, Kind::Rest);
        }
    }
}

/// The facets of which a call can have several values: those that are known to be, and those whose numbers say so.
fn several_values(model: &Model, facets: &Facets, knowledge: &Knowledge) -> BTreeSet<String> {
    let mut several = knowledge.multiple.clone();
    for (subject, of_subject) in facets.iter().filter(|(s, _)| !is_of_terms(s)) {
        let Some(total) = model.cell(subject, ALL) else { continue };
        for (facet, slices) in of_subject {
            let values: Vec<Variable> = slices.iter().filter_map(|slice| model.cell(subject, slice)).collect();
            if !model.can_add_up(total, &values) {
                several.insert(facet.clone());
            }
        }
    }
    several
}

fn relate_facet(model: &mut Model, subject: &str, facet: &str, slices: &[String], several: &BTreeSet<String>) {
    let Some(total) = model.cell(subject, ALL) else { return };
    let values: Vec<Variable> = slices.iter().filter_map(|slice| model.cell(subject, slice)).collect();
    let is_partition = !several.contains(facet);
    // Calls without a disease stand among the groups.
    model.splits(total, &values, is_partition, facet != "disease");
    if subject == ALL {
        return;
    }
    let all = model.cell(ALL, ALL);
    for (slice, value) in slices.iter().zip(values) {
        let Some(n) = model.cell(ALL, slice) else { continue };
        if !subject.starts_with("theme=") {
            model.rest(n, value, Kind::Rest);
        }
        if let (false, Some(all)) = (is_partition, all) {
            // Calls that are neither of the subject nor of the value.
            model.at_least_zero(vec![(all, 1), (total, -1), (n, -1), (value, 1)]);
        }
    }
}

/// Months and their year, prefectures and their region, outcomes and whether they connect, diseases and their group.
fn relate_levels(
    model: &mut Model,
    tables: &[Table],
    subject: &str,
    of_subject: &BTreeMap<String, Vec<String>>,
    several: &BTreeSet<String>,
) {
    let mut levels: BTreeMap<(&str, String), Vec<&String>> = BTreeMap::new();
    let parents = parents(tables);
    for (fine, slices) in of_subject {
        for slice in slices {
            if let Some(parent) = parents.get(slice).cloned().or_else(|| year_of(slice)) {
                levels.entry((fine, parent)).or_default().push(slice);
            }
        }
    }
    for ((facet, parent), slices) in levels {
        let Some(total) = model.cell(subject, &parent) else { continue };
        let values: Vec<Variable> = slices.iter().filter_map(|slice| model.cell(subject, slice)).collect();
        model.splits(total, &values, !several.contains(facet), true);
    }
}

/// The 年度 of a month: April to March.
fn year_of(slice: &str) -> Option<String> {
    let month = slice.strip_prefix("month=")?;
    if month == MISSING {
        return Some(format!("fiscal_year={MISSING}"));
    }
    let (year, month) = month.split_once('-')?;
    let (year, month): (i32, u32) = (year.parse().ok()?, month.parse().ok()?);
    Some(format!("fiscal_year={:04}", if month >= 4 { year } else { year - 1 }))
}

/// Per value the coarser one it belongs to, as the tables say.
fn parents(tables: &[Table]) -> BTreeMap<String, String> {
    let mut parents = BTreeMap::new();
    for table in tables {
        let (level, fine, coarse, parent) = match table.name.as_str() {
            "region_share" => ("prefecture", "code", "region", "region"),
            "theme_by_outcome" | "need_by_outcome" => ("outcome", "code", "connected", "connected"),
            "disease_share" => ("disease", "disease", "disease_group", "disease_group"),
            _ => continue,
        };
        for row in (0..table.rows).filter(|row| table.text("level", *row) == level) {
            parents.insert(format!("{level}={}", table.text(fine, row)), format!("{parent}={}", table.text(coarse, row)));
        }
    }
    parents
}

/// Every call has one theme or none.
fn relate_themes(model: &mut Model, facets: &Facets, themes: &[String]) {
    let missing = format!("theme={MISSING}");
    let subjects = || themes.iter().filter(|t| **t != missing).chain([&missing]);
    let slices: BTreeSet<&String> = themes.iter().filter_map(|t| facets.get(t)).flat_map(|f| f.values().flatten()).collect();
    for slice in slices {
        if let Some(all) = model.cell(ALL, slice) {
            let parts: Vec<Variable> = subjects().filter_map(|t| model.cell(t, slice)).collect();
            model.system.sum(all, parts);
        }
    }
    if let Some(all) = model.cell(ALL, ALL) {
        let parts: Vec<Variable> = subjects().filter_map(|t| model.cell(t, ALL)).collect();
        if parts.len() > 1 {
            model.system.sum(all, parts);
        }
    }
}

/// Sub-themes of a theme, themes of a group, groups of all calls.
fn relate_tree(model: &mut Model, tables: &[Table]) {
    let Some(tree) = tables.iter().find(|t| t.name == "theme_tree") else { return };
    let mut children: BTreeMap<String, Vec<Variable>> = BTreeMap::new();
    for row in 0..tree.rows {
        let (level, node) = (tree.text("level", row), tree.text("node_id", row));
        let parent = match level {
            "sub" => format!("theme={}", tree.text("parent_id", row)),
            "theme" => format!("group={}", tree.text("parent_id", row)),
            _ => ALL.to_owned(),
        };
        children.entry(parent).or_default().extend(model.cell(&format!("{level}={node}"), ALL));
    }
    if let Some(groups) = children.get_mut(ALL) {
        groups.extend(model.cell(&format!("theme={MISSING}"), ALL));
    }
    for (parent, parts) in children {
        if let Some(total) = model.cell(&parent, ALL) {
            let adds_up = model.can_add_up(total, &parts);
            model.splits(total, &parts, adds_up, false);
        }
    }
}

/// Asked for, told, latent: the parts of a need.
fn relate_needs(model: &mut Model, facets: &Facets) {
    let needs: BTreeSet<String> =
        model.index.keys().filter_map(|n| n.subject.strip_prefix("need=")?.strip_suffix("/any")).map(str::to_owned).collect();
    for need in needs {
        let subject = |expression: &str| format!("need={need}/{expression}");
        let any = subject("any");
        let slices: Vec<String> = facets.get(&any).map(|f| f.values().flatten().cloned().collect()).unwrap_or_default();
        for slice in slices.iter().map(String::as_str).chain([ALL]) {
            let (any, latent) = (model.cell(&any, slice), model.cell(&subject("latent"), slice));
            model.part(any, latent, Kind::Rest);
        }
        let [any, explicit, implicit, latent] = ["any", "explicit", "implicit", "latent"].map(|e| model.cell(&subject(e), ALL));
        let all = model.cell(ALL, ALL);
        for part in [any, explicit, implicit, latent] {
            model.part(all, part, Kind::Rest);
        }
        model.part(model.cell(&subject("mentions"), ALL), any, Kind::Helper);
        model.part(implicit, latent, Kind::Rest);
        if let (Some(any), Some(explicit), Some(implicit)) = (any, explicit, implicit) {
            model.rest(any, implicit, Kind::Rest);
            let told_only = model.rest(any, explicit, Kind::Rest);
            // any = explicit + implicit − both
            let both = model.system.unprinted(Kind::Rest);
            model.names.push(Name::Both(explicit, implicit));
            model.system.equation(vec![(explicit, 1), (implicit, 1), (any, -1), (both, -1)], 0);
            // What is asked for is not latent.
            model.part(Some(told_only), latent, Kind::Rest);
        }
    }
}

/// Discovered needs lie in their domain; the lower τ, the more calls.
fn relate_found(model: &mut Model, tables: &[Table]) {
    let found: Vec<String> = model.index.keys().filter_map(|n| n.subject.strip_prefix("found=")).map(str::to_owned).collect();
    for id in found {
        let need = id.split('/').next().unwrap_or_default().to_owned();
        let [statements, calls, latent] = ["statements", "found", "found_latent"].map(|kind| model.cell(&format!("{kind}={id}"), ALL));
        let [any, need_latent] = ["any", "latent"].map(|e| model.cell(&format!("need={need}/{e}"), ALL));
        let all = model.cell(ALL, ALL);
        model.part(statements, calls, Kind::Helper);
        model.part(any.or(all), calls, Kind::Rest);
        model.part(calls, latent, Kind::Rest);
        model.part(need_latent, latent, Kind::Rest);
        if let (Some(any), Some(need_latent), Some(calls), Some(latent)) = (any, need_latent, calls, latent) {
            // Calls of the need elsewhere in the domain, not latent.
            model.at_least_zero(vec![(any, 1), (need_latent, -1), (calls, -1), (latent, 1)]);
        }
    }
    let Some(table) = tables.iter().find(|t| t.name == "need_sensitivity") else { return };
    let mut chains: BTreeMap<&str, Vec<(f64, Variable)>> = BTreeMap::new();
    for row in 0..table.rows {
        let name = super::cell::name_of(table, "count", row);
        if let Some(variable) = name.and_then(|name| model.get(&name)) {
            chains.entry(table.text("need", row)).or_default().push((table.float("tau", row).unwrap_or_default(), variable));
        }
    }
    for (need, mut chain) in chains {
        chain.sort_by(|a, b| a.0.total_cmp(&b.0));
        let outer = model.cell(&format!("need={need}/implicit"), ALL);
        if let (Some(outer), Some((_, first))) = (outer, chain.first()) {
            model.rest(outer, *first, Kind::Rest);
        }
        for pair in chain.windows(2) {
            model.part(Some(pair[0].1), Some(pair[1].1), Kind::Rest);
        }
    }
}

/// Terms and pairs of terms: in each theme, and overall.
fn relate_terms(model: &mut Model, printed: &BTreeMap<CellName, Printed>, themes: &[String]) {
    for name in printed.keys().filter(|n| is_of_terms(&n.subject)) {
        let Some(count) = model.get(name) else { continue };
        match name.subject.strip_prefix("pair=").and_then(|pair| pair.split_once('\u{0}')) {
            None => {
                let n = if name.slice == "emerging" { model.cell("emerging", ALL) } else { model.cell(ALL, &name.slice) };
                model.part(n, Some(count), Kind::Rest);
            }
            Some((a, b)) => {
                model.part(model.cell(ALL, &name.slice), Some(count), Kind::Helper);
                for end in [a, b] {
                    let end = model.cell(&format!("term={end}"), &name.slice);
                    model.part(end, Some(count), Kind::Rest);
                }
            }
        }
    }
    let subjects: BTreeSet<&String> = printed.keys().map(|n| &n.subject).filter(|s| is_of_terms(s)).collect();
    for subject in subjects {
        let overall = model.cell(subject, ALL);
        let parts: Vec<Variable> = themes.iter().filter_map(|theme| model.cell(subject, theme)).collect();
        if let (Some(overall), false) = (overall, parts.is_empty()) {
            let kind = Kind::Rest;
            model.system.rest(overall, parts.iter().copied(), kind);
            model.names.push(Name::Without(overall, parts[0]));
        }
        model.part(overall, model.cell(subject, "emerging"), Kind::Rest);
    }
}

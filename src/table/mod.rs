//! Tables: one file per published table: its columns, their documentation, and values to record batches.
//!
//! Useful for: what a column means, and making rows. Not for: deciding what may be shown (that is `disclose`: dashboard
//! tables see counts only as [`crate::disclose::Shown`]) or writing files (that is `io`).
//!
//! A dashboard table is a line in [`DASHBOARD`]; its rows are made from an [`Overview`], which counts the corpus once for all of them.
//! An analyst table makes its rows from a chunk of calls, so that it can be written while the corpus is read.

pub mod analyst;
mod code_by_attribute;
mod column;
mod codes;
mod cooccurrence;
mod crossing;
mod cube;
mod discovered_needs;
mod disease_share;
mod document;
mod emerging_terms;
mod facet;
mod keywords;
mod label;
mod name;
mod need_by_attribute;
mod need_by_outcome;
mod need_by_period;
mod need_lineage;
mod need_sensitivity;
mod needs;
mod nested;
mod overview;
mod quality;
mod region_share;
mod rows;
mod schema;
mod terms;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod theme_by_attribute;
mod theme_by_code;
mod theme_by_need;
mod theme_by_outcome;
mod theme_by_period;
mod theme_lineage;
mod theme_tree;
mod themes;

pub(crate) use label::{ThemeLabels, keywords as safe_keywords};

pub use document::{columns_json, schema_json, schema_markdown};
pub use overview::{Headline, Overview, RunFacts};
pub use schema::{ColumnSpec, ColumnType, Role, SCHEMA_VERSION, TableSpec, Zone};

use arrow::array::RecordBatch;

use crate::consultation::Profile;
use crate::error::Result;

/// A dashboard table: what it is and how its rows are made.
#[derive(Debug, Clone, Copy)]
pub struct DashboardTable {
    /// Its columns.
    pub spec: &'static TableSpec,
    /// Its rows.
    pub rows: fn(&Overview<'_>) -> Result<RecordBatch>,
}

/// All dashboard tables, in published order.
pub const DASHBOARD: [DashboardTable; 23] = [
    DashboardTable { spec: &themes::SPEC, rows: themes::rows },
    DashboardTable { spec: &needs::SPEC, rows: needs::rows },
    DashboardTable { spec: &discovered_needs::SPEC, rows: discovered_needs::rows },
    DashboardTable { spec: &need_sensitivity::SPEC, rows: need_sensitivity::rows },
    DashboardTable { spec: &theme_by_period::SPEC, rows: theme_by_period::rows },
    DashboardTable { spec: &need_by_period::SPEC, rows: need_by_period::rows },
    DashboardTable { spec: &theme_by_attribute::SPEC, rows: theme_by_attribute::rows },
    DashboardTable { spec: &need_by_attribute::SPEC, rows: need_by_attribute::rows },
    DashboardTable { spec: &theme_by_outcome::SPEC, rows: theme_by_outcome::rows },
    DashboardTable { spec: &need_by_outcome::SPEC, rows: need_by_outcome::rows },
    DashboardTable { spec: &theme_by_need::SPEC, rows: theme_by_need::rows },
    DashboardTable { spec: &codes::SPEC, rows: codes::rows },
    DashboardTable { spec: &code_by_attribute::SPEC, rows: code_by_attribute::rows },
    DashboardTable { spec: &theme_by_code::SPEC, rows: theme_by_code::rows },
    DashboardTable { spec: &disease_share::SPEC, rows: disease_share::rows },
    DashboardTable { spec: &region_share::SPEC, rows: region_share::rows },
    DashboardTable { spec: &keywords::SPEC, rows: keywords::rows },
    DashboardTable { spec: &cooccurrence::SPEC, rows: cooccurrence::rows },
    DashboardTable { spec: &theme_tree::SPEC, rows: theme_tree::rows },
    DashboardTable { spec: &theme_lineage::SPEC, rows: theme_lineage::rows },
    DashboardTable { spec: &need_lineage::SPEC, rows: need_lineage::rows },
    DashboardTable { spec: &emerging_terms::SPEC, rows: emerging_terms::rows },
    DashboardTable { spec: &quality::SPEC, rows: quality::rows },
];

/// All tables of a run, in published order; the columns of `consultations` depend on the profile.
pub fn all_specs(profile: &Profile) -> Vec<TableSpec> {
    let dashboard = DASHBOARD.iter().map(|t| t.spec.clone());
    dashboard.chain(analyst::specs(profile)).collect()
}

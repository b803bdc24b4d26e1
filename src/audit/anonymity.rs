//! k-anonymity of row-level tables: how many calls are alike in what might be known of a caller from elsewhere?

use std::collections::BTreeMap;

use serde::Serialize;

use super::published::{Table, Values};

/// What might be known of a caller (Sweeney 2002, doi:10.1142/S0218488502001648): with the month of the call.
const QUASI_IDENTIFIERS: [&str; 4] = ["diseases", "prefecture", "age_band", "sex"];

/// How alike the calls of `analyst/consultations` are. Reported, no failure: the table is pseudonymised and for people with
/// access, never called anonymous.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Anonymity {
    /// Calls.
    pub calls: usize,
    /// Different combinations.
    pub classes: usize,
    /// Calls of the rarest combination.
    pub k: usize,
    /// Calls whose combination fewer than the threshold have.
    pub below_threshold: usize,
}

/// The k-anonymity of disease × prefecture × age band × sex × month.
pub fn anonymity(consultations: &Table, threshold: u32) -> Anonymity {
    let mut classes: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for row in 0..consultations.rows {
        let mut class: Vec<String> = QUASI_IDENTIFIERS
            .iter()
            .map(|name| match consultations.column(name).map(|c| &c.values) {
                Some(Values::Text(values)) => values[row].clone().unwrap_or_default(),
                Some(Values::Lists(values)) => values[row].join("\u{0}"),
                _ => String::new(),
            })
            .collect();
        let day = consultations
            .int("received_date", row)
            .and_then(|days| chrono::NaiveDate::default().checked_add_signed(chrono::TimeDelta::days(days)));
        class.push(day.map(|day| day.format("%Y-%m").to_string()).unwrap_or_default());
        *classes.entry(class).or_default() += 1;
    }
    let threshold = threshold as usize;
    Anonymity {
        calls: consultations.rows,
        classes: classes.len(),
        k: classes.values().copied().min().unwrap_or(0),
        below_threshold: classes.values().filter(|size| **size < threshold).sum(),
    }
}

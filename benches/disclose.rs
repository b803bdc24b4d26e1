//! The decision which of 50,000 counts are shown.
//!
//! `cargo bench --bench disclose`
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use kikitori::disclose::{CellId, Ledger, Threshold};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Subjects × facets × values: 50,000 counts without their totals.
const SUBJECTS: usize = 50;
const FACETS: usize = 20;
const VALUES: usize = 50;

/// Counts as skewed as those of a hotline: values and subjects that many calls have, and many that few have.
fn ledger() -> Ledger {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut ledger = Ledger::new(Threshold::default());
    let calls = 9_327;
    let all = ledger.cell(calls);
    // Per subject its calls, and per facet the counts of its values; each call has one of each.
    let mut of_subject = [0u32; SUBJECTS];
    let mut counts = vec![0u32; SUBJECTS * FACETS * VALUES];
    for _ in 0..calls {
        let mut skewed = |n: usize| ((rng.gen_range(0.0..1.0f64)).powi(3) * n as f64) as usize;
        let subject = skewed(SUBJECTS);
        of_subject[subject] += 1;
        for facet in 0..FACETS {
            counts[(subject * FACETS + facet) * VALUES + skewed(VALUES)] += 1;
        }
    }
    let subjects: Vec<CellId> = of_subject.iter().map(|n| ledger.cell(*n)).collect();
    ledger.sum(all, subjects.iter().copied());
    let cells: Vec<CellId> = counts.iter().map(|n| ledger.cell(*n)).collect();
    let at = |subject: usize, facet: usize, value: usize| (subject * FACETS + facet) * VALUES + value;
    for facet in 0..FACETS {
        for (subject, total) in subjects.iter().enumerate() {
            ledger.sum(*total, (0..VALUES).map(|value| cells[at(subject, facet, value)]));
        }
        let mut values = Vec::new();
        for value in 0..VALUES {
            let column = || (0..SUBJECTS).map(|subject| at(subject, facet, value));
            let total = ledger.cell(column().map(|i| counts[i]).sum());
            ledger.sum(total, column().map(|i| cells[i]));
            values.push(total);
        }
        ledger.sum(all, values);
    }
    ledger
}

fn disclose(c: &mut Criterion) {
    let ledger = ledger();
    let mut group = c.benchmark_group("disclose");
    group.sample_size(10);
    group.bench_function("50000_cells", |b| b.iter(|| black_box(ledger.clone().decide())));
    group.finish();
}

criterion_group!(benches, disclose);
criterion_main!(benches);

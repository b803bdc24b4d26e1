//! Throughput of the per-consultation stages on one core, beside bare lindera segmentation of the same text.
//!
//! `cargo bench --bench stages`; the criterion line "thrpt" is bytes of raw text per second.
#![allow(missing_docs, clippy::expect_used, clippy::disallowed_methods)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use kikitori::analysis::Pseudonym;
use kikitori::code::Coder;
use kikitori::consultation::intake::{Intake, Limits, Mapping};
use kikitori::consultation::{Consultation, Normalised};
use kikitori::discover::StatementsBuilder;
use kikitori::io::read::{ReadOptions, Source};
use kikitori::io::resources::Resources;
use kikitori::io::stages;
use kikitori::need::{DEFAULT_TAU, NeedDetector};
use kikitori::pipeline::Worker;
use kikitori::redact::Policy;
use kikitori::term::Counts;

/// Generated calls of about 800 characters: 2 MB of text.
const CALLS: u64 = 1000;

fn stages(c: &mut Criterion) {
    let resources = Resources::load(None).expect("embedded resources");
    let stages = Arc::new(
        stages::stages(
            &resources,
            stages::analysers(&resources, None, Policy::default()).expect("analysers"),
            &resources.profile,
            DEFAULT_TAU,
        )
        .expect("stages"),
    );
    let consultations = generated(&resources);
    let texts: Vec<String> = consultations.iter().flat_map(|c| &c.utterances).map(|u| Normalised::new(&u.text).text).collect();
    let bytes: usize = consultations.iter().flat_map(|c| &c.utterances).map(|u| u.text.len()).sum();

    let mut group = c.benchmark_group("stages_1000_calls");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.sample_size(10);
    group.bench_function("bare_lindera", |b| {
        let mut worker = stages.lexicon().bare_worker();
        b.iter(|| {
            for text in &texts {
                black_box(worker.segment(text).expect("segment").len());
            }
        });
    });
    // What redaction costs is what the second takes longer than the first.
    group.bench_function("segment", |b| {
        let mut tokens = Vec::new();
        let all = |mut segmenter: kikitori::morphology::Segmenter| {
            for utterance in consultations.iter().flat_map(|c| &c.utterances) {
                segmenter.segment(&Normalised::new(&utterance.text).text, &mut tokens).expect("segment");
                black_box(tokens.len());
            }
            segmenter
        };
        b.iter_batched(|| stages.lexicon().segmenter(), all, BatchSize::PerIteration);
    });
    group.bench_function("segment_redact", |b| {
        let all = |mut worker: Worker| {
            for consultation in &consultations {
                black_box(worker.redact(&consultation.utterances).expect("redact").len());
            }
            worker
        };
        b.iter_batched(|| Worker::new(&stages), all, BatchSize::PerIteration);
    });
    group.bench_function("segment_redact_count", |b| {
        // A new worker each time: what it remembers of one night it did not know before.
        let worker = || Worker::new(&stages);
        let all = |mut worker: Worker| {
            let mut counts = Counts::new(stages.lexicon());
            for consultation in &consultations {
                black_box(worker.count(&consultation.utterances, &mut counts).expect("count").len());
            }
            black_box(counts.rows());
            worker
        };
        b.iter_batched(worker, all, BatchSize::PerIteration);
    });
    group.bench_function("segment_redact_count_needs", |b| {
        // A new worker each time: what it remembers of one night it did not know before.
        let worker = || Worker::new(&stages);
        let all = |mut worker: Worker| {
            let mut statements = StatementsBuilder::new(stages.lexicon());
            let mut counts = Counts::new(stages.lexicon());
            for consultation in &consultations {
                black_box(
                    worker.analyse(consultation, Pseudonym([0; 16]), &mut counts, Some(&mut statements)).expect("analyse").mentions.len(),
                );
            }
            black_box(counts.rows());
            worker
        };
        b.iter_batched(worker, all, BatchSize::PerIteration);
    });
    group.bench_function("needs_alone", |b| {
        let mut worker = Worker::new(&stages);
        let calls: Vec<_> = consultations.iter().map(|c| (c, worker.redact(&c.utterances).expect("redact"))).collect();
        // A new detector each time, as above.
        let all = |mut needs: NeedDetector| {
            let mut mentions = Vec::new();
            for (consultation, utterances) in &calls {
                mentions.clear();
                needs.detect(utterances, consultation.record_type, &mut mentions);
                black_box(mentions.len());
            }
            needs
        };
        b.iter_batched(|| stages.analysers.needs().clone(), all, BatchSize::PerIteration);
    });
    group.bench_function("codes_alone", |b| {
        let mut worker = Worker::new(&stages);
        let calls: Vec<_> = consultations.iter().map(|c| (c, worker.redact(&c.utterances).expect("redact"))).collect();
        let mut coder = Coder::new(Arc::clone(&stages.codes));
        b.iter(|| {
            for (consultation, utterances) in &calls {
                black_box(coder.codes(utterances, &consultation.attributes).len());
            }
        });
    });
    group.finish();
}

/// The calls of the generator, read as a user's file is read.
fn generated(resources: &Resources) -> Vec<Consultation> {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("calls.jsonl");
    let mut sink = std::fs::File::create(&file).expect("file");
    kikitori::sample::write(CALLS, 1, &mut sink).expect("generator");
    let intake = Intake::new(&Mapping::default(), &resources.profile, Limits::default()).expect("intake");
    let source = Source::open(&file, &ReadOptions::default()).expect("source");
    source.map(|row| intake.consultation(row.expect("file").expect("row")).expect("consultation")).collect()
}

criterion_group!(benches, stages);
criterion_main!(benches);

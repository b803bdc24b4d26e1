//! `kikitori coding learn`: learns from coded utterances what character n-grams say for each need domain, and for there being no need.

use std::sync::Arc;

use crate::cli::args::CodingLearnArgs;
use crate::cli::eval::{coded_utterances, stages_with};
use crate::cli::output::Output;
use crate::consultation::{Speaker, Utterance};
use crate::disclose::Threshold;
use crate::error::{Result, Text};
use crate::io::fs::{self, Access};
use crate::need::{DomainSet, NgramLearner};
use crate::pipeline::Worker;

/// Runs the subcommand.
pub(super) fn learn(args: &CodingLearnArgs, out: &Output) -> Result<()> {
    let stages = Arc::new(stages_with(None)?);
    let mut worker = Worker::new(&stages);
    let mut learner = NgramLearner::default();
    for file in &args.files {
        // Counsellors' turns are never asked whether they carry a need.
        for line in coded_utterances(file)?.into_iter().filter(|line| line.speaker != Speaker::Counsellor) {
            let call = line.id.split_once('#').map_or(line.id.as_str(), |(call, _)| call).to_owned();
            let domains: DomainSet = line.needs.iter().filter_map(|need| need.domain).collect();
            if domains.is_empty() != line.needs.is_empty() {
                // There is a need, but of which domain was not judged.
                continue;
            }
            let explicit = line.needs.iter().any(|need| need.explicit);
            let utterance = Utterance { speaker: line.speaker, text: line.text };
            for redacted in worker.redact(std::slice::from_ref(&utterance))? {
                learner.add(&call, &redacted.text, domains, explicit);
            }
        }
    }
    let utterances = learner.len();
    let step = out.step(&Text::new("文字の並びを学んでいます", "learning n-grams"), 0);
    let table = learner.learn(args.smallest.unwrap_or(Threshold::default().get()))?;
    drop(step);
    fs::write_atomic(&args.out, table.write().as_bytes(), Access::Shared)?;
    out.note(&Text::new(
        format!("{utterances}件の発話から{}の並びを学び、{} に書きました", table.len(), args.out.display()),
        format!("learned {} n-grams from {utterances} utterances, written to {}", table.len(), args.out.display()),
    ));
    Ok(())
}

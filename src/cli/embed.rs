//! `kikitori embed`: learns word vectors from the records and writes them; shows which words lie near each other.

use std::process::ExitCode;

use super::args::{EmbedCommand, EmbedFitArgs, EmbedShowArgs};
use super::output::Output;
use super::plan::Plan;
use super::run::{pipeline, threshold};
use super::session::{Session, interrupted, stop_on_interrupt};
use crate::analysis::Pseudonym;
use crate::error::{Lang, Result, Text};
use crate::io::embedding::{check_target, read_embedding, write_embedding};
use crate::io::resources::Resources;
use crate::vector::embedding::{EmbeddingParams, Passages, train};

/// Runs the subcommand.
pub(super) fn embed(command: &EmbedCommand, out: &Output) -> Result<ExitCode> {
    match command {
        EmbedCommand::Fit(args) => fit(args, out),
        EmbedCommand::Show(args) => show(args, out),
    }
}

/// Trains on the terms of the redacted calls: a model travels, so it sees nothing else.
fn fit(args: &EmbedFitArgs, out: &Output) -> Result<ExitCode> {
    stop_on_interrupt();
    let plan = Plan::resolve(&args.input, out)?;
    plan.config.validate()?;
    let defaults = EmbeddingParams::default();
    let params = EmbeddingParams {
        dimension: args.dim.unwrap_or(defaults.dimension),
        vocabulary: args.vocab.unwrap_or(defaults.vocabulary),
        seed: args.seed.unwrap_or(defaults.seed),
        threshold: threshold(&plan)?.get(),
        ..defaults
    }
    .check()?;
    check_target(&args.out)?;
    let resources = Resources::load(plan.config.dictionaries.dir.as_deref())?;
    let session = Session::new(&plan, &resources, out);
    let (mut survey, analysers) = session.survey_and_analysers()?;
    let pipeline = pipeline(&plan, &resources, analysers, &survey)?;
    let lexicon = pipeline.stages().lexicon();
    let mut extractor = pipeline.stages().analysers.terms().clone();
    let mut passages = Passages::default();
    let kept = survey.consultations.take();
    session.analyse(&survey, kept, &pipeline, &|_| Pseudonym([0; 16]), |batch| {
        for call in &batch.calls {
            for utterance in &call.utterances {
                extractor.terms(&utterance.text, &utterance.tokens, |term| passages.add(term.text(lexicon)));
            }
            passages.end_call();
        }
        Ok(())
    })?;
    let step = out.step(&Text::new("単語ベクトルを求めています", "training word vectors"), 0);
    let trained = pipeline.install(|| train(&passages, &params))?;
    let parts = trained.parts()?;
    drop(step);
    interrupted()?;
    write_embedding(&args.out, &parts)?;
    let (calls, words, dimension, dir) = (passages.calls(), trained.words.len(), trained.vectors.ncols(), args.out.display());
    if out.is_json() {
        out.json(&serde_json::json!({ "embedding": dir.to_string(), "calls": calls, "words": words, "dimension": dimension }))?;
    } else {
        let text = Text::new(
            format!("{calls}件から{words}語の単語ベクトル（{dimension}次元）を作りました: {dir}\n"),
            format!("trained vectors of {words} words ({dimension} dimensions) on {calls} calls: {dir}\n"),
        );
        out.data(text.get(out.lang()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints for each word its nearest words and their cosines.
fn show(args: &EmbedShowArgs, out: &Output) -> Result<ExitCode> {
    let embedding = read_embedding(&args.dir)?;
    let near: Vec<_> = args.words.iter().map(|word| (word, embedding.nearest(word, args.count))).collect();
    if out.is_json() {
        let entries = near.into_iter().map(|(word, near)| serde_json::json!({ "word": word, "nearest": near }));
        out.json(&entries.collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = String::new();
    for (word, near) in near {
        text.push_str(word);
        if near.is_empty() {
            text.push_str(match out.lang() {
                Lang::Ja => "\t(語彙にありません)",
                Lang::En => "\t(not in the vocabulary)",
            });
        }
        text.extend(near.into_iter().map(|(word, cosine)| format!("\t{word} {cosine:.2}")));
        text.push('\n');
    }
    out.data(&text)?;
    Ok(ExitCode::SUCCESS)
}

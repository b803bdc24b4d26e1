//! `kikitori fit`: learns a theme model and writes it; publishes nothing.

use std::collections::BTreeMap;
use std::process::ExitCode;

use super::args::FitArgs;
use super::output::Output;
use super::plan::Plan;
use super::run::{dictionary, pipeline, theme_params, threshold};
use super::session::{Session, stop_on_interrupt};
use crate::analysis::Pseudonym;
use crate::consultation::RecordType;
use crate::error::{Result, Text};
use crate::io::model::{self, ModelInfo};
use crate::pipeline::CorpusBuilder;
use crate::theme;

/// Fits a model to the records.
pub(super) fn fit(args: &FitArgs, out: &Output) -> Result<ExitCode> {
    stop_on_interrupt();
    let mut plan = Plan::resolve(&args.input, out)?;
    plan.config.themes.count = args.themes.or(plan.config.themes.count);
    plan.config.themes.seed = args.seed.unwrap_or(plan.config.themes.seed);
    plan.config.validate()?;
    let threshold = threshold(&plan)?;
    // A model travels: it may hold only terms that enough calls use.
    let params = theme_params(&plan, Some(threshold.get()))?;
    let resources = plan.resources()?;
    let session = Session::new(&plan, &resources, out);
    let (survey, lexicon) = session.survey_and_lexicon()?;
    let pipeline = pipeline(&plan, &resources, lexicon, &survey)?;
    let lexicon = &pipeline.stages().lexicon;
    let mut corpus = CorpusBuilder::new(lexicon);
    // A model holds no ids: no pseudonyms are needed.
    session.analyse(&survey, &pipeline, &|_| Pseudonym([0; 16]), |batch| {
        corpus.push(batch.calls.into_iter().map(|c| c.call), batch.terms);
        Ok(())
    })?;
    let (calls, vocabulary, matrix) = corpus.finish(lexicon);
    let records: Vec<RecordType> = calls.iter().map(|c| c.record_type).collect();
    let (model, fit) = pipeline.install(|| theme::fit(&vocabulary, &matrix, &records, &params))?;
    let dictionary = dictionary(plan.config.dictionaries.lindera.as_deref(), &resources)?;
    let parameters: BTreeMap<String, String> = [
        ("seed", plan.config.themes.seed.to_string()),
        ("rank", plan.config.themes.rank.to_string()),
        ("consensus", params.members.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let info = ModelInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        dictionary: dictionary.name,
        dictionary_fingerprint: dictionary.fingerprint,
        word_lists: resources.fingerprint(),
        parameters,
        threshold: threshold.get(),
    };
    model::write_model(&args.model, &model, &info)?;
    let (themes, terms, stability, dir) = (model.themes.len(), model.vocabulary.len(), fit.quality.stability, args.model.display());
    if out.is_json() {
        out.json(&serde_json::json!({ "model": dir.to_string(), "calls": calls.len(), "themes": themes, "terms": terms, "stability": stability }))?;
    } else {
        let text = Text::new(
            format!("{}件から{themes}テーマのモデルを作りました（語 {terms}、安定性 {stability:.2}）: {dir}\n", calls.len()),
            format!("fitted {themes} themes to {} calls ({terms} terms, stability {stability:.2}): {dir}\n", calls.len()),
        );
        out.data(text.get(out.lang()))?;
    }
    Ok(ExitCode::SUCCESS)
}

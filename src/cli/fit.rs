//! `kikitori fit`: learns a model of themes and needs and writes it; publishes nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;

use super::args::FitArgs;
use super::guided;
use super::output::Output;
use super::plan::Plan;
use super::run::{dictionary, pipeline, theme_params, threshold};
use super::session::{Session, stop_on_interrupt};
use crate::analysis::Pseudonym;
use crate::consultation::RecordType;
use crate::discover::discover;
use crate::error::{Error, Lang, Result, Text};
use crate::io::model::{self, Model, ModelInfo};
use crate::pipeline::{Corpus, CorpusBuilder};
use crate::theme::{self, Naming, Phrases, Relation, ThemeModel};

/// Fits a model to the records.
pub(super) fn fit(args: &FitArgs, out: &Output) -> Result<ExitCode> {
    stop_on_interrupt();
    let mut plan = Plan::resolve(&args.input, out)?;
    plan.config.themes.count = args.themes.or(plan.config.themes.count);
    plan.config.themes.seed = args.seed.unwrap_or(plan.config.themes.seed);
    plan.config.validate()?;
    let threshold = threshold(&plan)?;
    let previous = args.from.as_deref().map(model::read_model).transpose()?;
    // A model travels: it may hold only terms that enough calls use.
    let guide = plan.guide(args.guide.as_deref())?;
    let embedding = plan.embedding(args.embedding.as_deref())?;
    let params = theme_params(&plan, Some(threshold.get()), guide, embedding)?;
    let resources = plan.resources()?;
    let session = Session::new(&plan, &resources, out);
    let (mut survey, analysers) = session.survey_and_analysers()?;
    let pipeline = pipeline(&plan, &resources, analysers, &survey)?.with_statements();
    let lexicon = pipeline.stages().lexicon();
    let mut corpus = CorpusBuilder::new(lexicon);
    // A model holds no ids: no pseudonyms are needed.
    let kept = survey.consultations.take();
    session.analyse(&survey, kept, &pipeline, &|_| Pseudonym([0; 16]), |batch| {
        corpus.push(batch.calls.into_iter().map(|c| c.call), batch.counts, batch.statements);
        Ok(())
    })?;
    let Corpus { calls, terms: (vocabulary, matrix), phrases, statements } = pipeline.install(|| corpus.finish(lexicon));
    let records: Vec<RecordType> = calls.iter().map(|c| c.record_type).collect();
    let (model, fit) = pipeline.install(|| {
        let (mut model, fit) = match &previous {
            Some(previous) => theme::refit(&vocabulary, &matrix, &records, &params, &previous.themes, threshold.get()),
            None => theme::fit(&vocabulary, &matrix, &records, &params),
        }?;
        theme::name(&mut model, &fit, Phrases { vocabulary: &phrases.0, matrix: &phrases.1 }, Naming::Subjects, threshold.get());
        Ok::<_, Error>((model, fit))
    })?;
    let before = previous.as_ref().map_or(&[][..], |previous| &previous.needs);
    let discovered = pipeline.install(|| discover(statements, before, plan.config.themes.seed, threshold.get()))?;
    let dictionary = dictionary(plan.config.dictionaries.lindera.as_deref(), &resources)?;
    let parameters: BTreeMap<String, String> = [
        ("seed", plan.config.themes.seed.to_string()),
        ("rank", plan.config.themes.rank.to_string()),
        ("consensus", params.members.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .chain(plan.config.themes.guide_blake3.iter().map(|hash| ("guide".to_owned(), hash.clone())))
    .chain(plan.config.themes.embedding_blake3.iter().map(|hash| ("embedding".to_owned(), hash.clone())))
    .collect();
    let info = ModelInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        dictionary: dictionary.name,
        dictionary_fingerprint: dictionary.fingerprint,
        word_lists: resources.fingerprint(),
        parameters,
        threshold: threshold.get(),
    };
    let written = Model { themes: model, needs: discovered.models(), info };
    model::write_model(&args.model, &written)?;
    let (model, needs) = (written.themes, discovered.needs().count());
    let (themes, terms, stability, dir) = (model.themes.len(), model.vocabulary.len(), fit.quality.stability, args.model.display());
    if out.is_json() {
        let count = |relation: Relation| model.lineage.iter().filter(|d| d.relation == relation).count();
        let lineage: BTreeMap<&str, usize> = Relation::ALL.into_iter().map(|r| (r.code(), count(r))).collect();
        let mut report = serde_json::json!({
            "model": dir.to_string(),
            "calls": calls.len(),
            "themes": themes,
            "terms": terms,
            "stability": stability,
            "discovered_needs": needs,
        });
        if previous.is_some() {
            report["lineage"] = serde_json::json!(lineage);
        }
        out.json(&report)?;
    } else {
        let text = Text::new(
            format!(
                "{}件から{themes}テーマのモデルを作りました（語 {terms}、安定性 {stability:.2}、見つかったニーズ {needs}）: {dir}\n",
                calls.len()
            ),
            format!(
                "fitted {themes} themes to {} calls ({terms} terms, stability {stability:.2}, {needs} discovered needs): {dir}\n",
                calls.len()
            ),
        );
        out.data(text.get(out.lang()))?;
        out.data(&lineage(&model, out.lang()))?;
        out.data(&guided::effects(&fit.guided, &model, out.lang()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A line for each theme that went on, split off, was merged, appeared or vanished.
fn lineage(model: &ThemeModel, lang: Lang) -> String {
    let label = |number: u16| model.themes.iter().find(|t| t.number == number).map_or("", |t| t.label.as_str());
    // Most shares of themes that go on whole would tell how few left: they are not said.
    let part = |share: Option<f64>| match (share, lang) {
        (Some(share), Lang::Ja) => format!("（前の相談の{:.0}%）", 100.0 * share),
        (Some(share), Lang::En) => format!(" ({:.0} % of the calls before)", 100.0 * share),
        (None, _) => String::new(),
    };
    let mut out = String::new();
    for d in &model.lineage {
        let old = d.previous.map(|number| format!("{number:03} {}", d.previous_label)).unwrap_or_default();
        let new = d.theme.map(|number| format!("{number:03} {}", label(number))).unwrap_or_default();
        let part = part(d.share_of_previous);
        let _ = match (d.relation, lang) {
            (Relation::Continued, Lang::Ja) => writeln!(out, "  続く      {old} → {new}{part}"),
            (Relation::Split, Lang::Ja) => writeln!(out, "  分かれた  {old} → {new}{part}"),
            (Relation::Merged, Lang::Ja) => writeln!(out, "  合流      {old} → {new}{part}"),
            (Relation::Appeared, Lang::Ja) => writeln!(out, "  現れた    {new}"),
            (Relation::Vanished, Lang::Ja) => writeln!(out, "  消えた    {old}"),
            (Relation::Continued, Lang::En) => writeln!(out, "  continued {old} -> {new}{part}"),
            (Relation::Split, Lang::En) => writeln!(out, "  split     {old} -> {new}{part}"),
            (Relation::Merged, Lang::En) => writeln!(out, "  merged    {old} -> {new}{part}"),
            (Relation::Appeared, Lang::En) => writeln!(out, "  appeared  {new}"),
            (Relation::Vanished, Lang::En) => writeln!(out, "  vanished  {old}"),
        };
    }
    out
}

//! `kikitori run`: the night's work, from records to published tables.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use serde::Serialize;

use super::EXIT_REJECTS;
use super::args::RunArgs;
use super::output::Output;
use super::plan::Plan;
use super::session::{Session, Survey, interrupted, stop_on_interrupt};
use super::summary;
use super::tables::{RowTables, write_tables};
use super::{guard, guided};
use crate::analysis::{Analysis, Call, Pseudonym};
use crate::audit::Report;
use crate::consultation::{Consultation, Profile, RecordType};
use crate::disclose::Threshold;
use crate::discover;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::io::key::Key;
use crate::io::lock::Lock;
use crate::io::manifest::{self, Counts, Manifest, Method, Stage, ThemeChoice};
use crate::io::model::{self, Model};
use crate::io::publish::{Published, Retention, Staging};
use crate::io::resources::{Resources, dictionary_fingerprint};
use crate::io::stages::stages;
use crate::pipeline::{Analysers, Corpus, CorpusBuilder, Pipeline};
use crate::table::{Headline, RunFacts, SCHEMA_VERSION};
use crate::term::TermMatrix;
use crate::theme::{
    self, Assignment, Naming, Phrases, Theme, ThemeFit, ThemeGuide, ThemeModel, ThemeParams, ThemeQuality, ValidThemeParams,
};
use crate::vector::embedding::StaticEmbedding;

/// Reads, analyses, writes and publishes.
pub(super) fn run(args: &RunArgs, out: &Output) -> Result<ExitCode> {
    stop_on_interrupt();
    let mut clock = Clock::start();
    let mut plan = Plan::resolve(&args.input, out)?;
    plan.config.themes.count = args.themes.or(plan.config.themes.count);
    plan.config.themes.seed = args.seed.unwrap_or(plan.config.themes.seed);
    plan.config.validate()?;
    let guide = plan.guide(args.guide.as_deref())?;
    let embedding = plan.embedding(args.embedding.as_deref())?;
    let params = theme_params(&plan, None, guide, embedding)?;
    let threshold = threshold(&plan)?;
    let key_file = args.key_file.as_deref().or(plan.config.pseudonym.key_file.as_deref());
    let given_key = Key::from_file_or_environment(key_file)?;
    let ready_model = args.model.as_deref().map(model::read_model).transpose()?;
    let resources = plan.resources()?;
    resources.warnings.iter().for_each(|warning| out.warn(warning));

    plan.require_inputs()?;
    // The output folder is tried before the long work.
    let lock = Lock::acquire(&plan.out_dir(args.out.as_deref()))?;
    let session = Session::new(&plan, &resources, out);
    let (mut survey, analysers) = session.survey_and_analysers()?;
    clock.lap("read");
    if survey.accepted == 0 {
        return Err(nothing_accepted(&plan, &survey));
    }
    let mut warnings = Vec::new();
    let key = given_key.unwrap_or_else(|| {
        let (key, warning) = own_key(&mut survey);
        warnings.push(warning);
        key
    });
    warnings.extend(survey.unknown.iter().map(crate::consultation::intake::UnknownValues::text));
    let mut manifest = describe(&plan, &resources, &survey, &key, ready_model.as_ref())?;
    manifest.started = clock.started.clone();
    let staging = Staging::begin_locked(lock, &manifest::run_id(&manifest))?;

    let pipeline = pipeline(&plan, &resources, analysers, &survey)?.with_statements();
    let mut corpus = CorpusBuilder::new(pipeline.stages().lexicon());
    let mut rows = RowTables::create(&staging)?;
    let kept = survey.consultations.take();
    let pseudonym = pseudonyms(&key, &survey.profile);
    session.analyse(&survey, kept, &pipeline, &pseudonym, |batch| {
        pipeline.install(|| rows.write(&batch))?;
        let calls: Vec<Call> = batch.calls.into_iter().map(|c| c.call).collect();
        corpus.push(calls, batch.counts, batch.statements);
        Ok(())
    })?;
    clock.lap("segment, redact, count");

    let step = out.step(&Text::new("相談テーマを求めています", "finding themes"), 0);
    let (Corpus { calls, terms: (vocabulary, matrix), phrases, statements }, finished) =
        pipeline.install(|| rayon::join(|| corpus.finish(pipeline.stages().lexicon()), || rows.finish()));
    finished?;
    let records: Vec<RecordType> = calls.iter().map(|c| c.record_type).collect();
    let ready_needs = ready_model.as_ref().map(|model| model.needs.clone());
    let (theme_model, fit) = pipeline.install(|| match ready_model {
        Some(Model { themes: ready, .. }) => {
            let assignments = ready.apply(&vocabulary, &matrix, &records);
            let fit = applied(&ready, assignments, &matrix);
            Ok((ready, fit))
        }
        None => {
            let (mut model, fit) = theme::fit(&vocabulary, &matrix, &records, &params)?;
            theme::name(&mut model, &fit, Phrases { vocabulary: &phrases.0, matrix: &phrases.1 }, Naming::Subjects, threshold.get());
            Ok::<_, Error>((model, fit))
        }
    })?;
    drop(step);
    interrupted()?;
    clock.lap("themes");
    let discovered = pipeline.install(|| match ready_needs {
        Some(needs) => Ok(discover::apply(statements, &needs)),
        None => discover::discover(statements, &[], plan.config.themes.seed, threshold.get()),
    })?;
    clock.lap("discovered needs");
    let concepts = resources.concepts.clone();
    let codes = pipeline.stages().codes.book().clone();
    let (profile, tau) = (survey.profile.clone(), plan.config.needs.tau);
    let analysis = Analysis { profile, concepts, codes, tau, calls, vocabulary, matrix, model: theme_model, fit, discovered };
    warnings.extend(analysis.codes.unused(analysis.calls.iter().map(|c| &*c.codes)));

    let step = out.step(&Text::new("表を書いています", "writing tables"), 0);
    let facts = RunFacts { rejected: survey.rejects.len() as u64 };
    let audited = write_tables(&pipeline, &staging, &analysis, &survey.rejects, threshold, facts)?;
    drop(step);
    interrupted()?;
    warnings.extend(guard::since_last(&staging, &audited.tables, threshold, plan.config.disclosure.since_last)?);
    clock.lap("tables, audit");

    complete(&mut manifest, &plan, &params, &analysis, args.model.is_some());
    manifest.method.need_ngrams = pipeline.stages().analysers.needs().rules().learned_ngrams() as u64;
    let Report { shown, suppressed, .. } = audited.report;
    manifest.quality.insert("suppressed_share".into(), suppressed as f64 / (shown + suppressed).max(1) as f64);
    manifest.method.discovered_needs = analysis.discovered.needs().count() as u64;
    manifest.warnings.extend(warnings.iter().map(|w| w.ja.clone()));
    manifest.stages = clock.stages;
    let retention = Retention { runs: plan.config.output.keep_runs, hours: plan.config.output.keep_hours };
    let published = staging.commit(manifest, &retention)?;
    warnings.iter().for_each(|warning| out.warn(warning));
    published.warnings.iter().for_each(|problem| out.error(problem));
    report(&published, &analysis, &audited.headline, threshold, out)?;
    Ok(exit_code(&plan, &survey, out))
}

/// A key for this run alone, and what is to be said of it.
pub(super) fn own_key(survey: &mut Survey) -> (Key, Text) {
    let warning = Text::new(
        "仮名化の鍵が指定されていないので、この実行だけの鍵を作りました。ほかの日の結果とは相談IDで突き合わせられません（突き合わせるには --key-file か KIKITORI_KEY）",
        "no pseudonym key was given: this run made its own, and its ids cannot be linked with other nights' (--key-file or KIKITORI_KEY)",
    );
    (std::mem::take(&mut survey.content_key).finish(), warning)
}

/// The pseudonyms of consultations under `key`: of the site's code, where there is one, and the site's own id.
pub(super) fn pseudonyms<'a>(key: &'a Key, profile: &'a Profile) -> impl Fn(&Consultation) -> Pseudonym + Sync + 'a {
    let site = profile.find("site").map(|(id, _)| id);
    move |consultation| {
        let code = site.and_then(|site| consultation.attributes.codes(site).next().map(|code| (site, code)));
        let site = code.map(|(site, code)| profile.get(site).codes.get(code).code.as_str());
        key.pseudonym(site, &consultation.id)
    }
}

/// What `--json` prints when a run is done.
#[derive(Serialize)]
struct Done<'a> {
    run: String,
    run_id: &'a str,
    unchanged: bool,
    counts: Counts,
    themes: usize,
    quality: &'a std::collections::BTreeMap<String, f64>,
    stages: &'a [Stage],
}

fn report(published: &Published, analysis: &Analysis, headline: &Headline, threshold: Threshold, out: &Output) -> Result<()> {
    let manifest = &published.manifest;
    if out.is_json() {
        return out.json(&Done {
            run: published.run_dir.display().to_string(),
            run_id: &manifest.run_id,
            unchanged: published.unchanged,
            counts: manifest.counts,
            themes: analysis.model.themes.len(),
            quality: &manifest.quality,
            stages: &manifest.stages,
        });
    }
    out.summary(&summary::write(analysis, headline, manifest, &published.run_dir, threshold, out.lang()))?;
    out.summary(&guided::effects(&analysis.fit.guided, &analysis.model, out.lang()))?;
    if published.unchanged {
        out.note(&Text::new("前回と同じ入力と設定です。結果は変わっていません", "same input and configuration as before: nothing changed"));
    }
    Ok(())
}

/// 1 when more rows were rejected than the configuration allows.
fn exit_code(plan: &Plan, survey: &Survey, out: &Output) -> ExitCode {
    let share = survey.rejects.len() as f64 / survey.read.max(1) as f64;
    if share <= plan.config.input.max_reject_share {
        return ExitCode::SUCCESS;
    }
    let (percent, limit) = (100.0 * share, 100.0 * plan.config.input.max_reject_share);
    out.warn(&Text::new(
        format!("{percent:.1}% の行を受け付けられませんでした（上限 {limit:.1}%）。理由は rejects.parquet と `kikitori check` にあります"),
        format!("{percent:.1} % of the rows were rejected (limit {limit:.1} %); rejects.parquet and `kikitori check` say why"),
    ));
    ExitCode::from(EXIT_REJECTS)
}

/// The error for an input without any consultation.
pub(super) fn nothing_accepted(plan: &Plan, survey: &Survey) -> Error {
    let read = survey.read;
    if read == 0 {
        let text = Text::new(
            "見出しだけで、相談の行が一つもありません。書き出しの条件（期間など）を確かめてください",
            "there is a header but not one row; check the range of the export",
        );
        return Error::new(ErrorKind::Input, text).at(plan.inputs.first().map(PathBuf::as_path).unwrap_or(Path::new("")), 0);
    }
    let first = survey.rejects.first();
    let reason = first.map_or(Text::new("行がありません", "there are no rows"), |p| p.reason.text());
    let error = Error::new(
        ErrorKind::Input,
        Text::new(
            format!("受け付けられる相談が一件もありません（{read}行）。最初の理由: {}", reason.ja),
            format!("not one of {read} rows is a consultation; the first reason: {}", reason.en),
        ),
    );
    match first {
        Some(problem) => error.at(&problem.place.file, problem.place.row),
        None => error,
    }
}

/// The validated parameters of the theme stage.
pub(super) fn theme_params(
    plan: &Plan,
    min_document_frequency: Option<u32>,
    guide: ThemeGuide,
    embedding: Option<Arc<StaticEmbedding>>,
) -> Result<ValidThemeParams> {
    let themes = &plan.config.themes;
    let (seed, rank) = (themes.seed, themes.rank);
    ThemeParams { themes: themes.count, seed, rank, min_document_frequency, guide, embedding, ..ThemeParams::default() }.check()
}

/// The validated suppression threshold.
pub(super) fn threshold(plan: &Plan) -> Result<Threshold> {
    Threshold::new(u32::try_from(plan.config.disclosure.threshold).unwrap_or(u32::MAX))
}

/// The pipeline over what the survey found.
pub(super) fn pipeline(plan: &Plan, resources: &Resources, analysers: Analysers, survey: &Survey) -> Result<Pipeline> {
    Pipeline::new(stages(resources, analysers, &survey.profile, plan.config.needs.tau)?, plan.threads)
}

/// What decides the result, known before the analysis: the run id follows from it.
fn describe(plan: &Plan, resources: &Resources, survey: &Survey, key: &Key, model: Option<&Model>) -> Result<Manifest> {
    let mut rejects = std::collections::BTreeMap::new();
    for problem in &survey.rejects {
        *rejects.entry(problem.reason.code().to_owned()).or_default() += 1;
    }
    let lindera = plan.config.dictionaries.lindera.as_deref();
    Ok(Manifest {
        schema_version: SCHEMA_VERSION.parse().unwrap_or_default(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        counts: Counts { read: survey.read, accepted: survey.accepted, rejected: survey.rejects.len() as u64 },
        rejects,
        inputs: survey.inputs.clone(),
        content: survey.content.clone(),
        model: model.map(model::fingerprint).transpose()?.unwrap_or_default(),
        config: serde_json::to_value(&plan.config).unwrap_or_default(),
        config_fingerprint: plan.config.fingerprint(),
        dictionary: dictionary(lindera, resources)?,
        word_lists: resources.fingerprint(),
        pseudonym_key: key.fingerprint(),
        ..Manifest::default()
    })
}

/// The morphological dictionary as manifests and models name it.
pub(super) fn dictionary(lindera: Option<&std::path::Path>, _resources: &Resources) -> Result<manifest::Dictionary> {
    let name = lindera.map_or("IPADIC 2.7.0-20070801".to_owned(), |dir| dir.file_name().unwrap_or_default().to_string_lossy().into_owned());
    Ok(manifest::Dictionary { name, fingerprint: dictionary_fingerprint(lindera)? })
}

/// What is known of the themes when a model was applied: how the calls fall, and the model's own figures.
fn applied(model: &ThemeModel, assignments: Vec<Assignment>, matrix: &TermMatrix) -> ThemeFit {
    let mean = |figure: fn(&Theme) -> f64| model.themes.iter().map(figure).sum::<f64>() / model.themes.len().max(1) as f64;
    let diversity = model.diversity();
    let quality = ThemeQuality { stability: mean(|t| t.stability), npmi: mean(|t| t.coherence), diversity, ..ThemeQuality::default() };
    let representatives = theme::typical(&assignments, matrix, model.themes.len());
    ThemeFit { assignments, representatives, quality, guided: Vec::new(), named: vec![true; model.themes.len()] }
}

/// What is known only when the analysis is done.
fn complete(manifest: &mut Manifest, plan: &Plan, params: &ValidThemeParams, analysis: &Analysis, applied: bool) {
    let quality = &analysis.fit.quality;
    let curve = quality.curve.iter().map(|c| c.themes as u64);
    let procedure = analysis.model.procedure(params.members);
    manifest.method = Method {
        rank: (analysis.model.projection.ncols() - analysis.model.word_dimensions) as u64,
        compounds: !analysis.model.vocabulary.compounds().is_empty(),
        word_dimensions: analysis.model.word_dimensions as u64,
        embedding: plan.config.themes.embedding_blake3.clone().filter(|_| analysis.model.word_dimensions > 0).unwrap_or_default(),
        consensus: procedure.runs as u64,
        few_calls: procedure.few_calls,
        reweighted: procedure.reweighted,
        refined: procedure.refined,
        guide: plan.config.themes.guide_blake3.clone().unwrap_or_default(),
        themes: analysis.model.themes.len() as u64,
        groups: analysis.model.groups.len() as u64,
        sub_themes: analysis.model.subs.len() as u64,
        theme_choice: match (applied, plan.config.themes.count) {
            (true, _) => ThemeChoice::Model,
            (false, Some(_)) => ThemeChoice::Given,
            (false, None) => ThemeChoice::Data,
        },
        theme_candidates: curve.clone().min().zip(curve.max()),
        tau: plan.config.needs.tau,
        threshold: plan.config.disclosure.threshold,
        ..Method::default()
    };
    manifest.seeds.insert("themes".into(), plan.config.themes.seed);
    let with_theme = analysis.fit.assignments.iter().filter(|a| a.theme.is_some()).count();
    let ThemeFit { quality: q, .. } = &analysis.fit;
    for (name, value) in [
        ("stability", q.stability),
        ("npmi", q.npmi),
        ("diversity", q.diversity),
        ("coverage", with_theme as f64 / analysis.calls.len().max(1) as f64),
        ("reject_rate", manifest.counts.rejected as f64 / manifest.counts.read.max(1) as f64),
    ] {
        manifest.quality.insert(name.into(), value);
    }
    manifest.quality.extend(q.silhouette.map(|value| ("silhouette".into(), value)));
}

/// Wall-clock laps for the manifest.
pub(super) struct Clock {
    started: String,
    last: Instant,
    stages: Vec<Stage>,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { started: manifest::timestamp(SystemTime::now()), last: Instant::now(), stages: Vec::new() }
    }

    /// Ends a stage.
    pub(super) fn lap(&mut self, name: &str) {
        let now = Instant::now();
        self.stages.push(Stage { name: name.into(), seconds: (now - self.last).as_secs_f64() });
        self.last = now;
    }
}

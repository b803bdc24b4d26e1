//! `kikitori eval`: quality against gold, by the code that `run` and `fit` use.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::args::{EvalArgs, EvalCommand, EvalThemesArgs, InputArgs};
use super::output::Output;
use super::plan::Plan;
use super::run::theme_params;
use super::versus;
use crate::analysis::Pseudonym;
use crate::consultation::intake::{sentences, speaker};
use crate::consultation::{Attributes, Consultation, RecordType, Speaker, Utterance};
use crate::error::{Error, ErrorKind, Lang, Result, Text};
use crate::io::fs;
use crate::io::peers::{PeerFigures, PeerReport, read_peers};
use crate::io::resources::Resources;
use crate::io::stages::{analysers, stages};
use crate::need::{self, GoldUtterance};
use crate::pipeline::{CorpusBuilder, Pipeline, Stages, Worker};
use crate::redact::{Policy, evaluate as redact};
use crate::stat::c_v::mean_c_v;
use crate::term::{TermId, TermSequences, Vocabulary};
use crate::theme;
use crate::theme::ThemeGuide;

/// Calls analysed at a time.
const BATCH: usize = 1024;

/// Measures themes, needs or redaction.
pub(super) fn eval(command: &EvalCommand, out: &Output) -> Result<ExitCode> {
    match command {
        EvalCommand::Themes(args) => themes(args, out)?,
        EvalCommand::Needs(args) => needs(args, out)?,
        EvalCommand::Redact(args) => redaction(args, out)?,
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct ThemeFigures {
    docs: usize,
    themes: usize,
    nmi: f64,
    ari: f64,
    v_measure: f64,
    npmi: f64,
    c_v: f64,
    diversity: f64,
    /// Nothing where there is one theme.
    silhouette: Option<f64>,
    stability: f64,
    bootstrap_stability: f64,
    outliers: usize,
    /// Of one fit, from counts to the themes of all texts, their number given: the median of those with other seeds.
    fit_seconds: f64,
    /// Of the whole command.
    seconds: f64,
    peak_rss_mb: f64,
    /// Of `--vs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    peers: Option<BTreeMap<String, PeerFigures>>,
}

fn themes(args: &EvalThemesArgs, out: &Output) -> Result<()> {
    let begin = Instant::now();
    let input = InputArgs { threads: args.threads, ..InputArgs::default() };
    let mut plan = Plan::without_input(&input, out)?;
    let report = args.vs.as_deref().map(|path| Ok((path, read_peers(path)?))).transpose()?;
    plan.config.themes.count = args.themes.or(plan.config.themes.count).or(report.as_ref().map(|(_, report)| report.themes));
    plan.config.themes.seed = args.seed.unwrap_or(plan.config.themes.seed);
    plan.config.validate()?;
    let embedding = plan.embedding(args.embedding.as_deref())?;
    let params = theme_params(&plan, None, ThemeGuide::default(), embedding)?;
    let text = fs::read_text(&args.file)?;
    let mut calls = Vec::new();
    let mut labels = Vec::new();
    for (row, line) in json_lines(&text) {
        let (call, label) = labelled(line, &args.label).map_err(|error| error.at(&args.file, row))?;
        calls.push(call);
        labels.push(label);
    }
    if let (Some((path, report)), Some(themes)) = (&report, plan.config.themes.count) {
        // Before the long work.
        report.check(path, &args.file.file_name().unwrap_or_default().to_string_lossy(), calls.len(), themes)?;
    }
    let pipeline = Pipeline::new(stages_with(None)?, plan.threads)?.in_order();
    let lexicon = pipeline.stages().lexicon();
    let mut corpus = CorpusBuilder::in_order(lexicon);
    for batch in calls.chunks(BATCH) {
        let analysed = pipeline.analyse(batch, &|_| Pseudonym([0; 16]))?;
        corpus.push(analysed.calls.into_iter().map(|c| c.call), analysed.counts, analysed.statements);
    }
    let (vocabulary, matrix, texts) = corpus.finish_in_order(lexicon);
    let records: Vec<RecordType> = calls.iter().map(|c| c.record_type).collect();
    let mut marks = Vec::new();
    let mark = || marks.push(Instant::now());
    let evaluated = pipeline.install(|| theme::evaluate(&vocabulary, &matrix, &texts, &records, &labels, &params, mark));
    let (f, _) = evaluated?;
    let mut fits: Vec<f64> = marks.chunks_exact(2).map(|fit| (fit[1] - fit[0]).as_secs_f64()).collect();
    fits.sort_by(f64::total_cmp);
    let report = report.map(|(_, report)| pipeline.install(|| with_coherence(report, &vocabulary, &texts)));
    let figures = ThemeFigures {
        docs: f.docs,
        themes: f.themes,
        nmi: f.nmi,
        ari: f.ari,
        v_measure: f.v_measure,
        npmi: f.npmi,
        c_v: f.c_v,
        diversity: f.diversity,
        silhouette: f.silhouette,
        stability: f.stability,
        bootstrap_stability: f.bootstrap_stability,
        outliers: f.outliers,
        fit_seconds: fits.get(fits.len() / 2).copied().unwrap_or_default(),
        seconds: begin.elapsed().as_secs_f64(),
        peak_rss_mb: fs::peak_rss_mb(),
        peers: report.as_ref().map(|report| report.peers.clone()),
    };
    out.json(&figures)?;
    if let Some(report) = &report {
        let table = |lang| versus::table(&figures.beside_peers(), report, lang);
        out.note(&Text::new(table(Lang::Ja), table(Lang::En)));
    }
    Ok(())
}

impl ThemeFigures {
    /// As the peers' figures are given.
    fn beside_peers(&self) -> PeerFigures {
        PeerFigures {
            nmi: self.nmi,
            ari: self.ari,
            npmi: self.npmi,
            c_v: Some(self.c_v),
            diversity: self.diversity,
            stability: self.stability,
            outliers: self.outliers as f64 / self.docs.max(1) as f64,
            found: self.themes as f64,
            seconds: self.fit_seconds,
            peak_rss_mb: self.peak_rss_mb,
            keywords: Vec::new(),
        }
    }
}

/// The report with the C_v coherence of the peers' keywords, where it has any, in these texts.
fn with_coherence(mut report: PeerReport, vocabulary: &Vocabulary, texts: &TermSequences) -> PeerReport {
    for figures in report.peers.values_mut().filter(|figures| !figures.keywords.is_empty()) {
        let terms = |words: &Vec<String>| words.iter().filter_map(|word| vocabulary.find(word)).collect();
        let topics: Vec<Vec<TermId>> = figures.keywords.iter().map(terms).collect();
        figures.c_v = Some(mean_c_v(texts, &topics));
    }
    report
}

/// A line of `eval themes`: a call and its label.
fn labelled(line: &str, key: &str) -> Result<(Consultation, String)> {
    let fault = |ja: &str, en: &str| Error::new(ErrorKind::Input, Text::new(ja, en));
    // serde's own message would quote the line.
    let value: Value = serde_json::from_str(line).map_err(|_| fault("JSONとして読めません", "not JSON"))?;
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let label = match value.get(key) {
        Some(Value::String(label)) => label.clone(),
        Some(Value::Number(label)) => label.to_string(),
        _ => {
            return Err(fault(
                "正解のキーがないか、文字列ではありません。--label で指定してください",
                "the key of the label is missing or no string; name it with --label",
            )
            .column(key));
        }
    };
    let mut utterances = Vec::new();
    for turn in value.get("turns").and_then(Value::as_array).into_iter().flatten() {
        let part = |key: &str| turn.get(key).and_then(Value::as_str);
        let Some(words) = part("text") else {
            return Err(fault("turns は {speaker, text} の並びにしてください", "turns must be a list of {speaker, text}").column("turns"));
        };
        let speaker = part("speaker").and_then(speaker).unwrap_or(Speaker::Unknown);
        utterances.push(Utterance { speaker, text: words.to_owned() });
    }
    if utterances.is_empty() {
        let Some(words) = text("text") else { return Err(fault("text も turns もありません", "there is neither text nor turns")) };
        // As a run reads a text without speakers.
        utterances = sentences(words);
    }
    let call = Consultation {
        id: String::new(),
        received_at: None,
        record_type: if matches!(text("record_type"), Some("notes" | "要約記録")) { RecordType::Notes } else { RecordType::Verbatim },
        attributes: Attributes::default(),
        disease_text: String::new(),
        utterances,
    };
    Ok((call, label))
}

fn needs(args: &EvalArgs, out: &Output) -> Result<()> {
    let gold = coded_utterances(&args.file)?;
    let stages = Arc::new(stages_with(args.dictionaries.as_deref())?);
    let mut worker = Worker::new(&stages);
    let mut detector = stages.analysers.needs().clone();
    let (scores, misses) = need::evaluate(&mut detector, &gold, |line| {
        let utterance = Utterance { speaker: line.speaker, text: line.text.clone() };
        let mut redacted = worker.redact(std::slice::from_ref(&utterance))?;
        redacted.pop().ok_or_else(|| Error::new(ErrorKind::Internal, Text::new("発話が失われました", "an utterance was lost")))
    })?;
    if args.errors { out.json(&serde_json::json!({ "scores": scores, "errors": misses })) } else { out.json(&scores) }
}

/// The coded utterances of a file.
///
/// # Errors
/// A line of another form, by file and line.
pub(super) fn coded_utterances(file: &Path) -> Result<Vec<GoldUtterance>> {
    let text = fs::read_text(file)?;
    let mut gold: Vec<GoldUtterance> = Vec::new();
    for (row, line) in json_lines(&text) {
        gold.push(GoldUtterance::deserialize(&mut serde_json::Deserializer::from_str(line)).map_err(|_| {
            let text = Text::new(
                "{\"id\",\"speaker\",\"text\",\"needs\":[{\"domain\",\"explicit\"}]} の形にしてください",
                "expected {\"id\",\"speaker\",\"text\",\"needs\":[{\"domain\",\"explicit\"}]}",
            );
            Error::new(ErrorKind::Input, text).at(file, row)
        })?);
    }
    Ok(gold)
}

fn redaction(args: &EvalArgs, out: &Output) -> Result<()> {
    let text = fs::read_text(&args.file)?;
    let stages = stages_with(args.dictionaries.as_deref())?;
    let mut segmenter = stages.lexicon().segmenter();
    let mut redactor = stages.analysers.redactor().clone();
    let figures = redact::evaluate(&args.file.to_string_lossy(), &text, &mut redactor, &mut segmenter)?;
    if !args.errors {
        return out.json(&figures);
    }
    let places = |places: &[redact::Place]| -> Vec<Value> {
        let place =
            |p: &redact::Place| serde_json::json!({ "id": p.id, "start": p.span.start, "end": p.span.end, "type": p.span.kind.code() });
        places.iter().map(place).collect()
    };
    out.json(&serde_json::json!({ "scores": figures, "missed": places(&figures.misses), "false": places(&figures.false_masks) }))
}

/// The stages with the dictionaries of a folder, or those built in.
pub(super) fn stages_with(dictionaries: Option<&Path>) -> Result<Stages> {
    let resources = Resources::load(dictionaries)?;
    stages(&resources, analysers(&resources, None, Policy::default())?, &resources.profile, need::DEFAULT_TAU)
}

/// The lines that hold something, with their numbers.
fn json_lines(text: &str) -> impl Iterator<Item = (u64, &str)> {
    (1u64..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty())
}

//! Reading a night's records: the survey of all rows, then the analysis batch by batch.

mod kept;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, mpsc};

use zeroize::Zeroizing;

use self::kept::{KEPT_BYTES, Kept};
use super::output::Output;
use super::plan::Plan;
use crate::consultation::intake::{Intake, Limits, Mapping, RawRecord, SeenIds, UnknownValues};
use crate::consultation::{AttributeId, CodeList, Consultation, Profile};
use crate::error::{Error, ErrorKind, Problem, Result, Text, nearest};
use crate::io::encoding::Encoding;
use crate::io::fs;
use crate::io::key::ContentKey;
use crate::io::manifest::InputFile;
use crate::io::read::{ReadOptions, Source};
use crate::io::resources::Resources;
use crate::io::stages::analysers;
use crate::pipeline::{AnalysedBatch, Analysers, Pipeline};

/// Consultations analysed at a time: some 3 MB of text, enough to keep the threads busy.
const BATCH: usize = 1024;

/// Batches read ahead while one is analysed.
const BATCHES_AHEAD: usize = 2;

/// What the survey of the input found.
pub(super) struct Survey {
    /// Rows read.
    pub(super) read: u64,
    /// Rows that are consultations.
    pub(super) accepted: u64,
    /// Rows that are not.
    pub(super) rejects: Vec<Problem>,
    /// Values of closed attributes that no code list knows.
    pub(super) unknown: Vec<UnknownValues>,
    /// The files.
    pub(super) inputs: Vec<InputFile>,
    /// Hash of what the rows mean: the same for the same calls in another form.
    pub(super) content: String,
    /// For the unlinkable key of a run without one.
    pub(super) content_key: ContentKey,
    /// The profile with the open lists complete.
    pub(super) profile: Profile,
    /// The consultations, where there is room for them ([`kept`]): else they are read again, a batch at a time.
    pub(super) consultations: Option<Vec<Consultation>>,
}

/// The resources and the input of one command.
pub(super) struct Session<'a> {
    plan: &'a Plan,
    resources: &'a Resources,
    out: &'a Output,
    /// Whether unknown values of closed attributes are kept to be shown.
    values: bool,
    /// Bytes of text up to which consultations are kept.
    kept_bytes: usize,
}

impl<'a> Session<'a> {
    pub(super) fn new(plan: &'a Plan, resources: &'a Resources, out: &'a Output) -> Self {
        Self { plan, resources, out, values: false, kept_bytes: KEPT_BYTES }
    }

    /// Keeps some values that the code lists do not know ([`Survey::unknown`]).
    #[must_use]
    pub(super) fn remembering_values(self) -> Self {
        Self { values: true, ..self }
    }

    fn intake(&self, profile: &Profile) -> Result<Intake> {
        let mut mapping = Mapping::default();
        for (name, column) in &self.plan.config.columns {
            mapping.set(name.clone(), column);
        }
        let intake = Intake::new(&mapping, profile, Limits { max_chars: self.plan.config.input.max_chars });
        let intake = intake.map_err(|error| self.plan.located(error))?;
        Ok(if self.values { intake.remembering_unknown() } else { intake })
    }

    fn options(&self) -> ReadOptions {
        let input = &self.plan.config.input;
        // The configuration was checked: an encoding that is named is one.
        let encoding = input.encoding.as_deref().and_then(Encoding::from_name);
        ReadOptions { encoding, sheet: input.sheet.clone(), max_chars: input.max_chars }
    }

    /// The input opened, and checked against the mapping.
    fn sources(&self, intake: &Intake) -> Result<Vec<Source>> {
        let options = self.options();
        self.plan
            .inputs
            .iter()
            .map(|path| {
                let source = Source::open(path, &options)?;
                source.check(intake)?;
                Ok(source)
            })
            .collect()
    }

    /// The first pass, and meanwhile on a thread of its own what the dictionaries decide.
    ///
    /// # Errors
    /// As [`Session::survey`] and [`analysers`].
    pub(super) fn survey_and_analysers(&self) -> Result<(Survey, Analysers)> {
        let (resources, config) = (self.resources, &self.plan.config);
        std::thread::scope(|scope| {
            let analysers = scope.spawn(move || analysers(resources, config.dictionaries.lindera.as_deref(), config.policy()));
            let survey = self.survey()?;
            let analysers = analysers.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            Ok((survey, analysers))
        })
    }

    /// The first pass: maps every row, keeps nothing but places, codes of open attributes and hashes.
    ///
    /// # Errors
    /// Inputs that cannot be read at all, and Ctrl-C.
    pub(super) fn survey(&self) -> Result<Survey> {
        let step = self.out.step(&Text::new("記録を確かめています", "surveying the records"), 0);
        let mut profile = self.resources.profile.clone();
        own_values(&mut profile, &self.plan.config.values).map_err(|error| self.plan.located(error))?;
        let intake = self.intake(&profile)?;
        let (mut seen, mut hasher) = (SeenIds::default(), ContentHasher::default());
        let mut kept = Kept::up_to(self.kept_bytes);
        let mut open: BTreeMap<AttributeId, BTreeSet<String>> = BTreeMap::new();
        let (mut read, mut accepted, mut rejects) = (0, 0, Vec::new());
        let sources = self.sources(&intake)?;
        if let Some(warning) = overlooked(&sources) {
            self.out.warn(&warning);
        }
        let files: Vec<(PathBuf, bool)> =
            sources.iter().flat_map(Source::files).map(|f| (f.path.clone(), f.format.is_transcript())).collect();
        let mut rows: BTreeMap<PathBuf, u64> = BTreeMap::new();
        for row in sources.into_iter().flatten() {
            interrupted()?;
            let row = row?;
            read += 1;
            step.advance(1);
            let file = match &row {
                Ok(raw) => &raw.place.file,
                Err(problem) => &problem.place.file,
            };
            match rows.get_mut(file) {
                Some(count) => *count += 1,
                None => drop(rows.insert(file.clone(), 1)),
            }
            match row.and_then(|raw| accept(&intake, &mut seen, raw)) {
                Ok((consultation, values)) => {
                    accepted += 1;
                    hasher.consultation(&consultation, &values, &profile);
                    for (attribute, value) in &values {
                        let known = open.entry(*attribute).or_default();
                        if !known.contains(value) {
                            known.insert(value.clone());
                        }
                    }
                    kept.push(consultation, values);
                }
                Err(problem) => {
                    hasher.problem(&problem);
                    rejects.push(problem);
                }
            }
        }
        for (id, values) in open {
            profile.attributes[usize::from(id.0)].codes = CodeList::from_values(values);
        }
        // Open lists have no values until the survey is done: all of theirs are new, and none is unknown.
        let mut unknown = intake.unknown_values();
        unknown.retain(|u| !profile.get(u.attribute).open);
        let (content, content_key) = hasher.finish();
        let inputs = input_files(&files, &rows)?;
        let consultations = kept.coded(&profile);
        Ok(Survey { read, accepted, rejects, unknown, inputs, content, content_key, profile, consultations })
    }

    /// Analyses the consultations batch by batch, in the order of the input: those the survey kept, which are forgotten as they are
    /// analysed, or a second reading. While `each` takes one batch, the next is analysed and the ones after it are read.
    ///
    /// # Errors
    /// Those of `each`, of the analyzer, Ctrl-C, and an input that is no longer what the survey saw.
    pub(super) fn analyse(
        &self,
        survey: &Survey,
        kept: Option<Vec<Consultation>>,
        pipeline: &Pipeline,
        pseudonym: &(dyn Fn(&Consultation) -> crate::analysis::Pseudonym + Sync),
        mut each: impl FnMut(AnalysedBatch) -> Result<()>,
    ) -> Result<()> {
        let step = self.out.step(&Text::new("形態素解析・伏せ字処理・集計", "segmenting, redacting, counting"), survey.accepted);
        let intake = self.intake(&survey.profile)?;
        std::thread::scope(|scope| {
            let (sender, batches) = mpsc::sync_channel::<Result<Vec<Consultation>>>(BATCHES_AHEAD);
            scope.spawn(|| {
                let sender = sender;
                let sent = match kept {
                    Some(kept) => send_batches(kept, &sender),
                    None => self.read_batches(&intake, survey, &sender),
                };
                if let Err(error) = sent {
                    // The receiver is gone only when the analysis failed: its error is the one to report.
                    let _ = sender.send(Err(error));
                }
            });
            let (sender, analysed) = mpsc::sync_channel(1);
            scope.spawn(move || {
                for batch in batches {
                    let done = batch.and_then(|batch| pipeline.analyse(&batch, pseudonym));
                    let failed = done.is_err();
                    // As above: a receiver that is gone has an error of its own.
                    if sender.send(done).is_err() || failed {
                        break;
                    }
                }
            });
            for batch in analysed {
                interrupted()?;
                let batch = batch?;
                step.advance(batch.calls.len() as u64);
                each(batch)?;
            }
            Ok(())
        })
    }

    fn read_batches(&self, intake: &Intake, survey: &Survey, sender: &mpsc::SyncSender<Result<Vec<Consultation>>>) -> Result<()> {
        let (mut seen, mut hasher) = (SeenIds::default(), ContentHasher::default());
        let mut batch = Vec::with_capacity(BATCH);
        for row in self.sources(intake)?.into_iter().flatten() {
            match row?.and_then(|raw| accept(intake, &mut seen, raw)) {
                Ok((consultation, values)) => {
                    hasher.consultation(&consultation, &values, &survey.profile);
                    batch.push(consultation);
                }
                Err(problem) => hasher.problem(&problem),
            }
            if batch.len() == BATCH {
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                sender.send(Ok(full)).map_err(|_| stopped())?;
            }
        }
        if !batch.is_empty() {
            sender.send(Ok(batch)).map_err(|_| stopped())?;
        }
        if hasher.finish().0 != survey.content {
            return Err(Error::new(
                ErrorKind::Input,
                Text::new(
                    "読んでいる間に入力が変わりました。書き終えてからもう一度実行してください",
                    "the input changed while it was read; run again when it is complete",
                ),
            ));
        }
        Ok(())
    }
}

/// Sends what was kept in batches and so forgets it.
fn send_batches(kept: Vec<Consultation>, sender: &mpsc::SyncSender<Result<Vec<Consultation>>>) -> Result<()> {
    let mut kept = kept.into_iter();
    loop {
        let batch: Vec<Consultation> = kept.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(());
        }
        sender.send(Ok(batch)).map_err(|_| stopped())?;
    }
}

fn stopped() -> Error {
    Error::new(ErrorKind::Interrupted, Text::new("中断しました", "interrupted"))
}

/// Says which files of the folders are not read. Names of files may name people: only their extensions are told.
fn overlooked(sources: &[Source]) -> Option<Text> {
    /// Longer "extensions" are parts of a name.
    const EXTENSION_CHARS: usize = 5;
    let files: Vec<&Path> = sources.iter().flat_map(Source::overlooked).collect();
    let extension = |path: &&Path| {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        let plain = (1..=EXTENSION_CHARS).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric());
        plain.then(|| format!(".{extension}"))
    };
    let extensions: BTreeSet<String> = files.iter().filter_map(extension).collect();
    let list = |glue: &str| extensions.iter().map(String::as_str).collect::<Vec<_>>().join(glue);
    let (ja, en) = if extensions.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("（{}）", list("、")), format!(" ({})", list(", ")))
    };
    let number = files.len();
    (number > 0).then(|| Text::new(format!("読まなかったファイルが{number}件あります{ja}"), format!("{number} files were not read{en}")))
}

/// The values of open attributes in a row.
type OpenValues = Vec<(AttributeId, String)>;

/// One row: mapped, and admitted unless its id was there before.
fn accept(intake: &Intake, seen: &mut SeenIds, raw: RawRecord) -> Result<(Consultation, OpenValues), Problem> {
    let place = raw.place.clone();
    let values = intake.open_values(&raw);
    let consultation = intake.consultation(raw)?;
    seen.admit(&consultation.id, &place)?;
    Ok((consultation, values))
}

/// Bytes hashed at a time: BLAKE3 is many times faster on long stretches.
const HASHED_BYTES: usize = 1 << 16;

/// Hashes what rows mean, so that the same calls in another file format are the same run.
#[derive(Default)]
struct ContentHasher {
    public: blake3::Hasher,
    key: ContentKey,
    waiting: Zeroizing<Vec<u8>>,
}

impl ContentHasher {
    /// Adds a piece, length first, so that ("ab", "c") and ("a", "bc") differ.
    fn add(&mut self, piece: &[u8]) {
        self.waiting.extend_from_slice(&(piece.len() as u64).to_le_bytes());
        self.waiting.extend_from_slice(piece);
        if self.waiting.len() >= HASHED_BYTES {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.public.update(&self.waiting);
        self.key.add_bytes(&self.waiting);
        self.waiting.clear();
    }

    fn consultation(&mut self, consultation: &Consultation, open: &OpenValues, profile: &Profile) {
        self.add(consultation.id.as_bytes());
        for (attribute, value) in open {
            self.add(profile.get(*attribute).name.as_bytes());
            self.add(value.as_bytes());
        }
        let received = consultation.received_at.map(|at| at.and_utc().timestamp_millis());
        self.add(&received.unwrap_or(i64::MIN).to_le_bytes());
        self.add(consultation.record_type.code().as_bytes());
        for (attribute, code) in consultation.attributes.pairs() {
            let attribute = profile.get(*attribute);
            if !attribute.open {
                self.add(attribute.name.as_bytes());
                self.add(attribute.codes.get(*code).code.as_bytes());
            }
        }
        self.add(consultation.disease_text.as_bytes());
        for utterance in &consultation.utterances {
            self.add(utterance.speaker.code().as_bytes());
            self.add(utterance.text.as_bytes());
        }
    }

    fn problem(&mut self, problem: &Problem) {
        self.add(problem.place.file.to_string_lossy().as_bytes());
        self.add(&problem.place.row.to_le_bytes());
        self.add(problem.place.column.as_deref().unwrap_or_default().as_bytes());
        self.add(problem.reason.code().as_bytes());
    }

    fn finish(mut self) -> (String, ContentKey) {
        self.flush();
        (self.public.finalize().to_hex().to_string(), self.key)
    }
}

/// Lets a centre's own values (`[values.ATTRIBUTE]`: value = code) stand for codes.
fn own_values(profile: &mut Profile, values: &BTreeMap<String, BTreeMap<String, String>>) -> Result<()> {
    for (name, values) in values {
        let key = format!("values.{name}");
        let Some((id, _)) = profile.find(name) else {
            let names: Vec<&str> = profile.attributes.iter().filter(|a| !a.open).map(|a| a.name.as_str()).collect();
            let (ja, en) = match nearest(name, &names) {
                Some(near) => (format!("「{near}」のことですか"), format!("did you mean \"{near}\"?")),
                None => (format!("あるのは：{}", names.join("、")), format!("there are: {}", names.join(", "))),
            };
            let text = Text::new(format!("属性「{name}」はありません。{ja}"), format!("no attribute \"{name}\"; {en}"));
            return Err(Error::new(ErrorKind::Config, text).column(key));
        };
        let codes = &mut profile.attributes[usize::from(id.0)].codes;
        for (value, code) in values {
            codes.add_alias(value, code).map_err(|error| error.column(format!("{key}.{value}")))?;
        }
    }
    Ok(())
}

/// What the manifest says of the input files. Files that are one transcript each are told together, under their folder: their
/// names are ids of calls, and often of people.
fn input_files(files: &[(PathBuf, bool)], rows: &BTreeMap<PathBuf, u64>) -> Result<Vec<InputFile>> {
    let mut inputs = Vec::new();
    let mut folders: BTreeMap<&Path, (InputFile, blake3::Hasher)> = BTreeMap::new();
    for (path, transcript) in files {
        let (bytes, hash) = fs::hash_file(path)?;
        let rows = rows.get(path).copied().unwrap_or(0);
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !transcript {
            inputs.push(InputFile { file: name(path), bytes, blake3: hash, rows });
            continue;
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let (all, hasher) = folders.entry(folder).or_default();
        all.file = format!("{}/", name(folder));
        all.bytes += bytes;
        all.rows += rows;
        hasher.update(hash.as_bytes());
    }
    inputs.extend(folders.into_values().map(|(all, hasher)| InputFile { blake3: hasher.finalize().to_hex().to_string(), ..all }));
    Ok(inputs)
}

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Makes Ctrl-C (and SIGTERM) end the run at the next batch instead of at once, so that nothing half written stays.
pub(super) fn stop_on_interrupt() {
    let flag = STOP.get_or_init(|| Arc::new(AtomicBool::new(false)));
    let flag = Arc::clone(flag);
    // A handler that cannot be set leaves the system's own: the run then dies, and staging is removed by the next.
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
}

/// An error once the user asked to stop.
///
/// # Errors
/// [`ErrorKind::Interrupted`].
pub(super) fn interrupted() -> Result<()> {
    if STOP.get().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
        return Err(Error::new(
            ErrorKind::Interrupted,
            Text::new(
                "中断しました。何も公開していません。前回の結果はそのままです",
                "interrupted: nothing was published, the previous run stands",
            ),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;

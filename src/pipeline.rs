//! The stages in order and the thread pool: what `run`, `fit`, `apply` and `eval` call.
//!
//! This is the only place that decides where threads run. Each consultation is analysed alone, by one worker of the
//! thread it lands on, and results are put together in the order of the input: the outcome is the same for any number
//! of threads.

use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::analysis::{Call, Pseudonym};
use crate::code::{CodeProgram, Coder};
use crate::consultation::{Consultation, Normalised, Speaker, Utterance};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::morphology::{ConceptId, ConceptKind, Lexicon, Segmenter, Token};
use crate::need::{NeedDetector, NeedMention, NeedRules, ReasonDomains, call_needs};
use crate::redact::{IdentifierLists, Policy, RedactedUtterance, Redactor};
use crate::term::{TermExtractor, TermMatrix, TermMatrixBuilder, TermSequences, Vocabulary, WordLists};

/// Consultations a thread takes at a time: small enough to spread evenly, large enough that combining them is nothing.
const CHUNK: usize = 16;

/// Everything the per-consultation stages need, read once and shared.
pub struct Stages {
    /// Words.
    pub lexicon: Arc<Lexicon>,
    /// Words that are no terms.
    pub word_lists: WordLists,
    /// What identifies people.
    pub identifiers: IdentifierLists,
    /// What happens to it.
    pub policy: Policy,
    /// Cues and domains.
    pub needs: NeedRules,
    /// τ: the cue weight from which an unasked need is latent.
    pub tau: f64,
    /// Which domains a recorded reason stands for.
    pub reasons: ReasonDomains,
    /// The analyst's own codes.
    pub codes: Arc<CodeProgram>,
}

/// One consultation, analysed: what the row-level tables are made from.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysedCall {
    /// The call without its text.
    pub call: Call,
    /// Its utterances, redacted.
    pub utterances: Vec<RedactedUtterance>,
    /// The needs expressed in them.
    pub mentions: Vec<NeedMention>,
}

/// A batch of consultations, analysed.
pub struct AnalysedBatch {
    /// In the order of the input.
    pub calls: Vec<AnalysedCall>,
    /// One row per call.
    pub terms: TermMatrixBuilder,
}

/// The stages on a thread pool.
pub struct Pipeline {
    stages: Arc<Stages>,
    pool: rayon::ThreadPool,
    tools: Tools,
    workers: Vec<Mutex<Option<Worker>>>,
    in_order: bool,
}

impl Pipeline {
    /// `threads` = 0 takes one per core.
    ///
    /// # Errors
    /// When the operating system gives no threads, and as [`Worker::new`].
    pub fn new(stages: Stages, threads: usize) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("kikitori-{i}"))
            .build()
            .map_err(|e| Error::new(ErrorKind::Internal, Text::new("スレッドを作れません", "cannot start threads")).because(e))?;
        let workers = (0..pool.current_num_threads()).map(|_| Mutex::new(None)).collect();
        let tools = pool.install(|| Tools::new(&stages))?;
        Ok(Self { stages: Arc::new(stages), pool, tools, workers, in_order: false })
    }

    /// The same pipeline, whose counts also keep the order of the terms.
    #[must_use]
    pub fn in_order(self) -> Self {
        Self { in_order: true, ..self }
    }

    /// The shared stages.
    pub fn stages(&self) -> &Stages {
        &self.stages
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Runs `work` on the pool, so that the parallel iterators in it use these threads and no others.
    pub fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.pool.install(work)
    }

    /// Segments, redacts and counts a batch.
    ///
    /// # Errors
    /// Only when the morphological analyzer fails.
    pub fn analyse(
        &self,
        consultations: &[Consultation],
        pseudonym: &(dyn Fn(&Consultation) -> Pseudonym + Sync),
    ) -> Result<AnalysedBatch> {
        let chunks: Vec<Result<(Vec<AnalysedCall>, TermMatrixBuilder)>> = self.pool.install(|| {
            consultations
                .par_chunks(CHUNK)
                .map(|chunk| {
                    self.with_worker(|worker| {
                        let mut terms = self.no_terms();
                        let calls = chunk.iter().map(|c| worker.analyse(c, pseudonym(c), &mut terms)).collect::<Result<Vec<_>>>()?;
                        Ok((calls, terms))
                    })
                })
                .collect()
        });
        let mut batch = AnalysedBatch { calls: Vec::with_capacity(consultations.len()), terms: self.no_terms() };
        for chunk in chunks {
            let (calls, terms) = chunk?;
            batch.calls.extend(calls);
            batch.terms.merge(terms);
        }
        Ok(batch)
    }

    fn no_terms(&self) -> TermMatrixBuilder {
        let lexicon = &self.stages.lexicon;
        if self.in_order { TermMatrixBuilder::in_order(lexicon) } else { TermMatrixBuilder::new(lexicon) }
    }

    /// Runs `work` with the worker of the current thread, which is made on first use: a worker copies the user dictionary.
    fn with_worker<R>(&self, work: impl FnOnce(&mut Worker) -> Result<R>) -> Result<R> {
        let thread = rayon::current_thread_index().unwrap_or(0) % self.workers.len();
        // A poisoned worker belonged to a thread that panicked; it is replaced.
        let mut slot = self.workers[thread].lock().unwrap_or_else(|poisoned| {
            let mut slot = PoisonError::into_inner(poisoned);
            *slot = None;
            slot
        });
        let worker = match slot.take() {
            Some(worker) => worker,
            None => Worker::with(&self.stages, self.tools.clone()),
        };
        work(slot.insert(worker))
    }
}

/// What is compiled once and shared by the workers: a clone has buffers of its own.
#[derive(Clone)]
struct Tools {
    redactor: Redactor,
    terms: TermExtractor,
    needs: NeedDetector,
    codes: Coder,
}

impl Tools {
    fn new(stages: &Stages) -> Result<Self> {
        let (redactor, (terms, needs)) = rayon::join(
            || Redactor::new(Arc::clone(&stages.lexicon), &stages.identifiers, stages.policy.clone()),
            || (TermExtractor::new(Arc::clone(&stages.lexicon), &stages.word_lists), NeedDetector::new(&stages.lexicon, &stages.needs)),
        );
        Ok(Self { redactor: redactor?, terms, needs: needs?, codes: Coder::new(Arc::clone(&stages.codes)) })
    }
}

/// One thread's buffers and automata for the per-consultation stages.
pub struct Worker {
    stages: Arc<Stages>,
    segmenter: Segmenter,
    tools: Tools,
    normalised: Normalised,
    tokens: Vec<Token>,
}

impl Worker {
    /// A worker over shared stages.
    ///
    /// # Errors
    /// A cue or an identifier list that does not fit the lexicon.
    pub fn new(stages: &Arc<Stages>) -> Result<Self> {
        Ok(Self::with(stages, Tools::new(stages)?))
    }

    fn with(stages: &Arc<Stages>, tools: Tools) -> Self {
        Self {
            segmenter: stages.lexicon.segmenter(),
            tools,
            stages: Arc::clone(stages),
            normalised: Normalised::default(),
            tokens: Vec::new(),
        }
    }

    /// Segments and redacts the utterances of one call.
    ///
    /// # Errors
    /// Only when the morphological analyzer fails.
    pub fn redact(&mut self, utterances: &[Utterance]) -> Result<Vec<RedactedUtterance>> {
        let mut out = Vec::with_capacity(utterances.len());
        self.tools.redactor.redact(&mut self.segmenter, utterances, &mut out)?;
        Ok(out)
    }

    /// Segment, redact, count: the utterances of one call become one row of `terms`, and stay only redacted.
    ///
    /// # Errors
    /// Only when the morphological analyzer fails.
    pub fn count(&mut self, utterances: &[Utterance], terms: &mut TermMatrixBuilder) -> Result<Vec<RedactedUtterance>> {
        let redacted = self.redact(utterances)?;
        for utterance in &redacted {
            self.tools.terms.terms(utterance, |term| terms.add(term));
        }
        terms.end_row();
        Ok(redacted)
    }

    /// Segment, redact, terms, needs, codes: one pass over one consultation; its terms become one row of `terms`.
    ///
    /// # Errors
    /// Only when the morphological analyzer fails.
    pub fn analyse(&mut self, consultation: &Consultation, id: Pseudonym, terms: &mut TermMatrixBuilder) -> Result<AnalysedCall> {
        let utterances = self.count(&consultation.utterances, terms)?;
        let mut mentions = Vec::new();
        self.tools.needs.detect(&utterances, consultation.record_type, &mut mentions);
        let call = Call {
            id,
            received_at: consultation.received_at,
            record_type: consultation.record_type,
            attributes: consultation.attributes.clone(),
            diseases: self.diseases(&consultation.disease_text, &utterances)?,
            utterances: u32::try_from(utterances.len()).unwrap_or(u32::MAX),
            needs: call_needs(&mentions, self.stages.reasons.recorded(&consultation.attributes), self.stages.tau),
            codes: self.tools.codes.codes(&utterances, &consultation.attributes),
        };
        Ok(AnalysedCall { call, utterances, mentions })
    }

    /// The diseases the counsellor recorded; where none is recorded, those the caller names, else those the call names.
    fn diseases(&mut self, recorded: &str, utterances: &[RedactedUtterance]) -> Result<Vec<ConceptId>> {
        self.normalised.renew(recorded);
        self.segmenter.segment(&self.normalised.text, &mut self.tokens)?;
        let mut found = self.diseases_in(&self.tokens);
        if found.is_empty() {
            found = utterances.iter().filter(|u| u.speaker != Speaker::Counsellor).flat_map(|u| self.diseases_in(&u.tokens)).collect();
        }
        if found.is_empty() {
            found = utterances.iter().flat_map(|u| self.diseases_in(&u.tokens)).collect();
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn diseases_in(&self, tokens: &[Token]) -> Vec<ConceptId> {
        let lexicon = &self.stages.lexicon;
        let meanings = tokens.iter().flat_map(|token| lexicon.concepts_of(token.lemma));
        meanings.copied().filter(|id| lexicon.concept(*id).kind == ConceptKind::Disease).collect()
    }
}

/// The compact corpus while it grows, batch by batch.
pub struct CorpusBuilder {
    calls: Vec<Call>,
    terms: TermMatrixBuilder,
}

impl CorpusBuilder {
    /// An empty corpus.
    pub fn new(lexicon: &Lexicon) -> Self {
        Self { calls: Vec::new(), terms: TermMatrixBuilder::new(lexicon) }
    }

    /// An empty corpus for the batches of a pipeline that keeps the order of the terms.
    pub fn in_order(lexicon: &Lexicon) -> Self {
        Self { calls: Vec::new(), terms: TermMatrixBuilder::in_order(lexicon) }
    }

    /// Takes a batch's counts; its text stays with the caller, to be written and forgotten.
    pub fn push(&mut self, calls: impl IntoIterator<Item = Call>, terms: TermMatrixBuilder) {
        self.calls.extend(calls);
        self.terms.merge(terms);
    }

    /// Calls so far.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// The calls, their vocabulary and their term counts.
    pub fn finish(self, lexicon: &Lexicon) -> (Vec<Call>, Vocabulary, TermMatrix) {
        let (vocabulary, matrix) = self.terms.finish(lexicon);
        (self.calls, vocabulary, matrix)
    }

    /// The vocabulary, the term counts and the terms in order.
    pub fn finish_in_order(self, lexicon: &Lexicon) -> (Vocabulary, TermMatrix, TermSequences) {
        self.terms.finish_in_order(lexicon)
    }
}

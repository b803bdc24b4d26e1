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
use crate::discover::{Statements, StatementsBuilder};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::morphology::{ConceptId, ConceptKind, Lexicon, Segmenter, Token};
use crate::need::{NeedDetector, NeedMention, NeedRules, ReasonDomains, call_needs};
use crate::redact::{IdentifierLists, Policy, RedactedUtterance, Redactor};
use crate::term::{Counts, PhraseExtractor, TermExtractor, TermMatrix, TermSequences, Vocabulary, WordLists};

/// Consultations a thread takes at a time: small enough to spread evenly, large enough that combining them is nothing.
const CHUNK: usize = 16;

/// What the dictionaries alone decide, compiled once: a clone shares the tables and has buffers of its own.
#[derive(Clone)]
pub struct Analysers {
    lexicon: Arc<Lexicon>,
    redactor: Redactor,
    terms: TermExtractor,
    phrases: PhraseExtractor,
    needs: NeedDetector,
}

impl Analysers {
    /// Compiles word lists, identifier lists and need rules against a lexicon.
    ///
    /// # Errors
    /// A cue or an identifier list that does not fit the lexicon.
    pub fn new(
        lexicon: Arc<Lexicon>,
        word_lists: &WordLists,
        (identifiers, policy): (&IdentifierLists, Policy),
        needs: &NeedRules,
    ) -> Result<Self> {
        let (redactor, (terms, needs)) = rayon::join(
            || Redactor::new(Arc::clone(&lexicon), identifiers, policy),
            || (TermExtractor::new(Arc::clone(&lexicon), word_lists), NeedDetector::new(&lexicon, needs)),
        );
        Ok(Self { redactor: redactor?, phrases: PhraseExtractor::new(&terms), terms, needs: needs?, lexicon })
    }

    /// Words.
    pub fn lexicon(&self) -> &Arc<Lexicon> {
        &self.lexicon
    }

    /// Finds terms.
    pub fn terms(&self) -> &TermExtractor {
        &self.terms
    }

    /// Finds needs.
    pub fn needs(&self) -> &NeedDetector {
        &self.needs
    }

    /// Finds identifiers.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }
}

/// Everything the per-consultation stages need, read once and shared.
pub struct Stages {
    /// What the dictionaries decide.
    pub analysers: Analysers,
    /// τ: the cue weight from which an unasked need is latent.
    pub tau: f64,
    /// Which domains a recorded reason stands for.
    pub reasons: ReasonDomains,
    /// The analyst's own codes.
    pub codes: Arc<CodeProgram>,
}

impl Stages {
    /// Words.
    pub fn lexicon(&self) -> &Arc<Lexicon> {
        &self.analysers.lexicon
    }
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
    pub counts: Counts,
    /// One row per sentence that expresses a need, where the pipeline counts them.
    pub statements: StatementsBuilder,
}

/// The stages on a thread pool.
pub struct Pipeline {
    stages: Arc<Stages>,
    pool: rayon::ThreadPool,
    workers: Vec<Mutex<Option<Worker>>>,
    in_order: bool,
    statements: bool,
}

impl Pipeline {
    /// `threads` = 0 takes one per core.
    ///
    /// # Errors
    /// When the operating system gives no threads.
    pub fn new(stages: Stages, threads: usize) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("kikitori-{i}"))
            .build()
            .map_err(|e| Error::new(ErrorKind::Internal, Text::new("スレッドを作れません", "cannot start threads")).because(e))?;
        let workers = (0..pool.current_num_threads()).map(|_| Mutex::new(None)).collect();
        Ok(Self { stages: Arc::new(stages), pool, workers, in_order: false, statements: false })
    }

    /// The same pipeline, whose counts also keep the order of the terms.
    #[must_use]
    pub fn in_order(self) -> Self {
        Self { in_order: true, ..self }
    }

    /// The same pipeline, which also counts the sentences that express needs.
    #[must_use]
    pub fn with_statements(self) -> Self {
        Self { statements: true, ..self }
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
        let chunks: Vec<Result<(Vec<AnalysedCall>, Counts, StatementsBuilder)>> = self.pool.install(|| {
            consultations
                .par_chunks(CHUNK)
                .map(|chunk| {
                    self.with_worker(|worker| {
                        let mut counts = self.no_counts();
                        let mut statements = StatementsBuilder::new(self.stages.lexicon());
                        let call =
                            |c: &Consultation| worker.analyse(c, pseudonym(c), &mut counts, self.statements.then_some(&mut statements));
                        let calls = chunk.iter().map(call).collect::<Result<Vec<_>>>()?;
                        Ok((calls, counts, statements))
                    })
                })
                .collect()
        });
        let statements = StatementsBuilder::new(self.stages.lexicon());
        let mut batch = AnalysedBatch { calls: Vec::with_capacity(consultations.len()), counts: self.no_counts(), statements };
        for chunk in chunks {
            let (calls, counts, statements) = chunk?;
            batch.calls.extend(calls);
            batch.counts.merge(counts);
            batch.statements.merge(statements);
        }
        Ok(batch)
    }

    fn no_counts(&self) -> Counts {
        let lexicon = self.stages.lexicon();
        if self.in_order { Counts::in_order(lexicon) } else { Counts::new(lexicon) }
    }

    /// For texts that are redacted already: quotes, not calls.
    pub fn words(&self) -> Words {
        let analysers = &self.stages.analysers;
        let text = RedactedUtterance { speaker: Speaker::Unknown, text: String::new(), tokens: Vec::new(), removed: Vec::new() };
        Words { segmenter: analysers.lexicon.segmenter(), terms: analysers.terms.clone(), text }
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
        work(slot.get_or_insert_with(|| Worker::new(&self.stages)))
    }
}

/// Finds the terms of redacted texts, outside any call.
pub struct Words {
    segmenter: Segmenter,
    terms: TermExtractor,
    text: RedactedUtterance,
}

impl Words {
    /// Calls `each` with every term of `text`, in order.
    ///
    /// # Errors
    /// Only when the morphological analyzer fails.
    pub fn terms(&mut self, text: &str, each: &mut dyn FnMut(&str)) -> Result<()> {
        text.clone_into(&mut self.text.text);
        self.segmenter.segment(text, &mut self.text.tokens)?;
        let lexicon = Arc::clone(self.terms.lexicon());
        self.terms.terms(&self.text.text, &self.text.tokens, |term| each(term.text(&lexicon)));
        Ok(())
    }
}

/// One thread's buffers and automata for the per-consultation stages.
pub struct Worker {
    stages: Arc<Stages>,
    segmenter: Segmenter,
    tools: Analysers,
    codes: Coder,
    normalised: Normalised,
    tokens: Vec<Token>,
}

impl Worker {
    /// A worker over shared stages.
    pub fn new(stages: &Arc<Stages>) -> Self {
        Self {
            segmenter: stages.lexicon().segmenter(),
            tools: stages.analysers.clone(),
            codes: Coder::new(Arc::clone(&stages.codes)),
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

    /// Segment, redact, count: the utterances of one call become one row of `counts`, and stay only redacted.
    ///
    /// # Errors
    /// Only when the morphological analyzer fails.
    pub fn count(&mut self, utterances: &[Utterance], counts: &mut Counts) -> Result<Vec<RedactedUtterance>> {
        let redacted = self.redact(utterances)?;
        for utterance in &redacted {
            self.tools.terms.terms(&utterance.text, &utterance.tokens, |term| counts.terms.add(term));
            self.tools.phrases.phrases(&utterance.text, &utterance.tokens, |phrase| counts.add_phrase(phrase));
        }
        counts.end_row();
        Ok(redacted)
    }

    /// Segment, redact, terms, needs, codes: one pass over one consultation; its terms become one row of `counts`.
    ///
    /// # Errors
    /// Only when the morphological analyzer fails.
    pub fn analyse(
        &mut self,
        consultation: &Consultation,
        id: Pseudonym,
        counts: &mut Counts,
        statements: Option<&mut StatementsBuilder>,
    ) -> Result<AnalysedCall> {
        let utterances = self.count(&consultation.utterances, counts)?;
        let mut mentions = Vec::new();
        self.tools.needs.detect(&utterances, consultation.record_type, &mut mentions);
        if let Some(statements) = statements {
            statements.add(&utterances, &mentions, (&mut self.tools.terms, &mut self.tools.phrases));
        }
        let call = Call {
            id,
            received_at: consultation.received_at,
            record_type: consultation.record_type,
            attributes: consultation.attributes.clone(),
            diseases: self.diseases(&consultation.disease_text, &utterances)?,
            utterances: u32::try_from(utterances.len()).unwrap_or(u32::MAX),
            needs: call_needs(&mentions, self.stages.reasons.recorded(&consultation.attributes), self.stages.tau),
            codes: self.codes.codes(&utterances, &consultation.attributes),
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
        let lexicon = self.stages.lexicon();
        let meanings = tokens.iter().flat_map(|token| lexicon.concepts_of(token.lemma));
        meanings.copied().filter(|id| lexicon.concept(*id).kind == ConceptKind::Disease).collect()
    }
}

/// The compact corpus while it grows, batch by batch.
pub struct CorpusBuilder {
    calls: Vec<Call>,
    counts: Counts,
    statements: StatementsBuilder,
}

/// The corpus as counts.
pub struct Corpus {
    /// In the order of the input.
    pub calls: Vec<Call>,
    /// All terms, and the calls that use them.
    pub terms: (Vocabulary, TermMatrix),
    /// Likewise of phrases.
    pub phrases: (Vocabulary, TermMatrix),
    /// The sentences that express needs.
    pub statements: Statements,
}

impl CorpusBuilder {
    /// An empty corpus.
    pub fn new(lexicon: &Lexicon) -> Self {
        Self { calls: Vec::new(), counts: Counts::new(lexicon), statements: StatementsBuilder::new(lexicon) }
    }

    /// An empty corpus for the batches of a pipeline that keeps the order of the terms.
    pub fn in_order(lexicon: &Lexicon) -> Self {
        Self { calls: Vec::new(), counts: Counts::in_order(lexicon), statements: StatementsBuilder::new(lexicon) }
    }

    /// Takes a batch's counts; its text stays with the caller, to be written and forgotten.
    pub fn push(&mut self, calls: impl IntoIterator<Item = Call>, counts: Counts, statements: StatementsBuilder) {
        self.calls.extend(calls);
        self.counts.merge(counts);
        self.statements.merge(statements);
    }

    /// Calls so far.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// The corpus, its vocabularies sorted.
    pub fn finish(self, lexicon: &Lexicon) -> Corpus {
        let Counts { terms, phrases } = self.counts;
        let statements = self.statements;
        let ((terms, phrases), statements) =
            rayon::join(|| rayon::join(|| terms.finish(lexicon), || phrases.finish(lexicon)), || statements.finish(lexicon));
        Corpus { calls: self.calls, terms, phrases, statements }
    }

    /// The vocabulary, the term counts and the terms in order.
    pub fn finish_in_order(self, lexicon: &Lexicon) -> (Vocabulary, TermMatrix, TermSequences) {
        self.counts.terms.finish_in_order(lexicon)
    }
}

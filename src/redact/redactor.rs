//! The stage: one call in, the same call without identifiers out.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::detector::{self, Detector};
use super::digits::Digits;
use super::lexis::{Flags, Lexis, flag};
use super::prefilter::{Prefilter, PrefilterBuilder, Present};
use super::scene::{CallContext, Scene};
use super::span::{Placeholders, make_disjoint, replace};
use super::{IdentifierLists, IdentifierSpan, IdentifierType, Policy, RedactedUtterance, repeated};
use crate::consultation::{Normalised, Speaker, Utterance};
use crate::error::Result;
use crate::morphology::{Lexicon, Segmenter};

/// Redacts calls with one thread's buffers. A clone shares the tables and has buffers of its own: make one per thread.
#[derive(Clone)]
pub struct Redactor {
    shared: Arc<Shared>,
    policy: Policy,
    buffers: Buffers,
}

struct Shared {
    lexis: Lexis,
    detectors: Vec<Box<dyn Detector>>,
    prefilter: Prefilter,
    triggers: Flags,
    placeholders: Placeholders,
}

#[derive(Default)]
struct Buffers {
    normalised: Normalised,
    tokens: Vec<crate::morphology::Token>,
    flags: Vec<Flags>,
    digits: Digits,
    found: Vec<IdentifierSpan>,
    context: CallContext,
    /// Spans of the whole call: utterance and span.
    spans: Vec<(usize, IdentifierSpan)>,
    clean: Clean,
}

/// Utterances in which nothing was found, with what was asked before them and the bits of their tokens: そうですか and はい come
/// again and again. What is found is a function of text and question, so that remembering changes no result.
#[derive(Default)]
struct Clean(FxHashMap<Box<str>, (Flags, Flags)>);

impl Clean {
    /// Longer ones hardly come again.
    const LONGEST_BYTES: usize = 240;
    /// With texts as long as they may be, some twenty megabytes a thread.
    const MOST: usize = 1 << 16;

    /// The bits of an utterance in which nothing was found after the same question.
    fn seen(&self, text: &str, asked: Flags) -> Option<Flags> {
        self.0.get(text).filter(|(after, _)| *after == asked).map(|(_, seen)| *seen)
    }

    fn remember(&mut self, text: &str, asked: Flags, seen: Flags) {
        if text.len() <= Self::LONGEST_BYTES && self.0.len() < Self::MOST {
            self.0.insert(text.into(), (asked, seen));
        }
    }
}

impl Clone for Buffers {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Redactor {
    /// A redactor for texts segmented with `lexicon`.
    ///
    /// # Errors
    /// Only when a detector's own expression is faulty, which the tests rule out.
    pub fn new(lexicon: Arc<Lexicon>, lists: &IdentifierLists, policy: Policy) -> Result<Self> {
        let mut words = PrefilterBuilder::default();
        let detectors = detector::all(&lexicon, &lists.context, &mut words)?;
        let prefilter = words.build()?;
        let triggers = detectors.iter().fold(0, |all, d| all | d.triggers());
        let placeholders = IdentifierType::ALL.map(|kind| lexicon.placeholder(kind));
        let lexis = Lexis::new(&lexicon, lists);
        Ok(Self { shared: Arc::new(Shared { lexis, detectors, prefilter, triggers, placeholders }), policy, buffers: Buffers::default() })
    }

    /// Redacts the utterances of one call and adds them to `out`, one for one.
    ///
    /// # Errors
    /// When the analyzer fails; then nothing is added.
    pub fn redact(&mut self, segmenter: &mut Segmenter, utterances: &[Utterance], out: &mut Vec<RedactedUtterance>) -> Result<()> {
        let from = out.len();
        let result = self
            .locate(segmenter, utterances.iter().map(|u| (u.speaker, u.text.as_str())), out)
            .and_then(|()| self.mask(segmenter, &mut out[from..]));
        if result.is_err() {
            // Half-redacted text must not be seen.
            out.truncate(from);
        }
        result
    }

    /// The identifiers in the utterances of one call, whatever the policy says, as ranges of Unicode scalars of the
    /// *original* texts. The same code as [`Redactor::redact`].
    ///
    /// # Errors
    /// When the analyzer fails.
    pub fn find(&mut self, segmenter: &mut Segmenter, originals: &[&str]) -> Result<Vec<Vec<IdentifierSpan>>> {
        let policy = std::mem::replace(&mut self.policy, Policy::whole());
        let mut drafts = Vec::with_capacity(originals.len());
        let result = self.locate(segmenter, originals.iter().map(|text| (Speaker::Unknown, *text)), &mut drafts);
        self.policy = policy;
        result?;
        let mut out = vec![Vec::new(); originals.len()];
        for (utterance, span) in &self.buffers.spans {
            let normalised = Normalised::new(originals[*utterance]);
            let scalars = |bytes: u32| u32::try_from(normalised.text[..bytes as usize].chars().count()).unwrap_or(u32::MAX);
            let (start, end) = normalised.original_range(scalars(span.start), scalars(span.end));
            out[*utterance].push(IdentifierSpan { start, end, kind: span.kind });
        }
        Ok(out)
    }

    /// Normalises and segments each text into `out` and collects the spans of the call in `buffers.spans`, in order.
    fn locate<'t>(
        &mut self,
        segmenter: &mut Segmenter,
        texts: impl Iterator<Item = (Speaker, &'t str)>,
        out: &mut Vec<RedactedUtterance>,
    ) -> Result<()> {
        let Self { shared, policy, buffers } = self;
        let Buffers { normalised, tokens, flags, digits, found, context, spans, clean } = buffers;
        context.clear();
        spans.clear();
        let from = out.len();
        for (utterance, (speaker, text)) in texts.enumerate() {
            normalised.renew(text);
            segmenter.segment(&normalised.text, tokens)?;
            let asked = context.asked();
            if let Some(seen) = clean.seen(&normalised.text, asked) {
                context.pass(seen);
                out.push(RedactedUtterance { speaker, text: normalised.text.clone(), tokens: tokens.clone(), removed: Vec::new() });
                continue;
            }
            let mut seen = shared.lexis.read(tokens, &normalised.text, flags);
            let mut is_clean = true;
            // Most utterances hold nothing that any detector looks for.
            if (seen | asked) & shared.triggers != 0 {
                digits.renew_if(seen, &normalised.text);
                let present = shared.prefilter.read(&normalised.text);
                let scene = Scene { text: &normalised.text, tokens, flags, seen, asked, digits, present, lexis: &shared.lexis };
                found.clear();
                for detector in shared.detectors.iter().filter(|d| (seen | asked) & d.triggers() != 0) {
                    detector.find(&scene, found);
                }
                is_clean = found.is_empty();
                found.retain_mut(|s| policy.replaced(&normalised.text, *s).map(|replaced| *s = replaced).is_some());
                make_disjoint(found);
                for span in found.iter().filter(|s| s.kind == IdentifierType::Person) {
                    repeated::remember(context, &scene, span);
                }
                spans.extend(found.iter().map(|s| (utterance, *s)));
                // A number begun here may go on in the next turns.
                if found.iter().any(|s| s.kind == IdentifierType::Phone) {
                    seen |= flag::PHONE_CUE;
                }
            }
            if is_clean {
                clean.remember(&normalised.text, asked, seen);
            }
            context.pass(seen);
            out.push(RedactedUtterance { speaker, text: normalised.text.clone(), tokens: tokens.clone(), removed: Vec::new() });
        }
        if !context.names.is_empty() {
            for (utterance, draft) in out[from..].iter().enumerate() {
                found.clear();
                if !context.names.keys().any(|name| draft.text.contains(&**name)) {
                    continue;
                }
                let seen = shared.lexis.read(&draft.tokens, &draft.text, flags);
                digits.clear();
                let present = Present::default();
                let scene =
                    Scene { text: &draft.text, tokens: &draft.tokens, flags, seen, asked: 0, digits, present, lexis: &shared.lexis };
                repeated::find(context, &scene, found);
                spans.extend(found.iter().map(|s| (utterance, *s)));
            }
            join_by_utterance(spans, found);
        }
        Ok(())
    }

    /// Replaces the spans found in `drafts`.
    fn mask(&self, segmenter: &mut Segmenter, drafts: &mut [RedactedUtterance]) -> Result<()> {
        let mut spans = Vec::new();
        for group in self.buffers.spans.chunk_by(|a, b| a.0 == b.0) {
            let Some(draft) = group.first().and_then(|(utterance, _)| drafts.get_mut(*utterance)) else { continue };
            spans.clear();
            spans.extend(group.iter().map(|(_, span)| *span));
            replace(draft, &spans, &self.shared.placeholders, segmenter)?;
        }
        Ok(())
    }
}

/// Sorts the spans of a call by utterance and makes those of each utterance disjoint.
fn join_by_utterance(spans: &mut Vec<(usize, IdentifierSpan)>, scratch: &mut Vec<IdentifierSpan>) {
    spans.sort_by_key(|(utterance, _)| *utterance);
    let all = std::mem::take(spans);
    for group in all.chunk_by(|a, b| a.0 == b.0) {
        scratch.clear();
        scratch.extend(group.iter().map(|(_, span)| *span));
        make_disjoint(scratch);
        spans.extend(scratch.iter().map(|s| (group[0].0, *s)));
    }
}

#[cfg(test)]
mod tests;

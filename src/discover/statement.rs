//! Statements: the sentences that express a need, as counts of their words.

use crate::morphology::{Lexicon, Token};
use crate::need::{DomainSet, NeedMention};
use crate::redact::RedactedUtterance;
use crate::term::{Counts, PhraseExtractor, TermExtractor, TermMatrix, Vocabulary};

/// What ends a sentence.
const STOPS: [&str; 5] = ["。", "？", "！", "?", "!"];

/// One sentence that expresses a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// The row of its call.
    pub call: u32,
    /// The utterance it stands in.
    pub utterance: u32,
    /// The domains it expresses; none: what no domain explains.
    pub domains: DomainSet,
}

/// Statements while they are found, call by call.
#[derive(Debug, Clone)]
pub struct StatementsBuilder {
    of: Vec<Statement>,
    counts: Counts,
    calls: u32,
}

impl StatementsBuilder {
    /// None yet.
    pub fn new(lexicon: &Lexicon) -> Self {
        Self { of: Vec::new(), counts: Counts::new(lexicon), calls: 0 }
    }

    /// Adds those of one call; its mentions are in order of utterance and place. Linear in the morphemes of the sentences.
    pub fn add(
        &mut self,
        utterances: &[RedactedUtterance],
        mentions: &[NeedMention],
        (terms, phrases): (&mut TermExtractor, &mut PhraseExtractor),
    ) {
        let mut rest = mentions;
        while let Some(first) = rest.first() {
            let utterance = &utterances[first.utterance as usize];
            let (tokens, end) = sentence(utterance, first.start);
            let inside = rest.iter().take_while(|m| m.utterance == first.utterance && m.start < end).count().max(1);
            self.of.push(Statement {
                call: self.calls,
                utterance: first.utterance,
                domains: rest[..inside].iter().filter_map(|m| m.domain).collect(),
            });
            let Self { counts, .. } = self;
            terms.terms(&utterance.text, tokens, |term| counts.terms.add(term));
            phrases.phrases(&utterance.text, tokens, |phrase| counts.add_phrase(phrase));
            counts.end_row();
            rest = &rest[inside..];
        }
        self.calls += 1;
    }

    /// Appends those of `other`, whose calls come after these.
    pub fn merge(&mut self, other: Self) {
        let calls = self.calls;
        self.of.extend(other.of.into_iter().map(|s| Statement { call: s.call + calls, ..s }));
        self.counts.merge(other.counts);
        self.calls += other.calls;
    }

    /// All of them, with their vocabulary.
    pub fn finish(self, lexicon: &Lexicon) -> Statements {
        let Counts { terms, phrases } = self.counts;
        let (terms, phrases) = rayon::join(|| terms.finish(lexicon), || phrases.finish(lexicon));
        Statements { of: self.of, terms, phrases }
    }
}

/// The morphemes of the sentence around a byte, and where it ends.
fn sentence(utterance: &RedactedUtterance, at: u32) -> (&[Token], u32) {
    let tokens = &utterance.tokens;
    let stops = |token: &Token| STOPS.contains(&token.surface(&utterance.text));
    let here = tokens.partition_point(|token| token.end <= at);
    let from = tokens[..here].iter().rposition(stops).map_or(0, |stop| stop + 1);
    let to = tokens[here..].iter().position(stops).map_or(tokens.len(), |stop| here + stop + 1);
    (&tokens[from..to], tokens.get(to).map_or(u32::MAX, |token| token.start))
}

/// Statements with the counts of their terms and phrases.
#[derive(Debug, Clone)]
pub struct Statements {
    /// In the order of the calls.
    pub of: Vec<Statement>,
    /// Terms, one row a statement.
    pub terms: (Vocabulary, TermMatrix),
    /// Phrases, likewise.
    pub phrases: (Vocabulary, TermMatrix),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::Speaker;
    use crate::morphology::{Concepts, Lexicon};
    use crate::need::{CueId, CueType, NeedDomain};
    use crate::term::WordLists;
    use std::sync::Arc;

    #[test]
    fn a_statement_is_the_sentence_of_its_mentions() {
        let lexicon = Arc::new(Lexicon::embedded(Concepts::default()).unwrap());
        let text = "病院が遠いです。費用が心配で、薬代が高いんです。はい。".to_owned();
        let mut tokens = Vec::new();
        lexicon.segmenter().segment(&text, &mut tokens).unwrap();
        let at = |word: &str| u32::try_from(text.find(word).unwrap()).unwrap();
        let mention = |word: &str, domain| NeedMention {
            utterance: 0,
            domain,
            cue: CueType::Burden,
            rule: CueId(0),
            weight: 1.0,
            start: at(word),
            end: at(word) + 6,
        };
        use NeedDomain::{Access, Emotion, MoneyWork};
        let mentions =
            [mention("遠い", Some(Access)), mention("心配", Some(Emotion)), mention("高い", Some(MoneyWork)), mention("はい", None)];
        let utterance = RedactedUtterance { speaker: Speaker::Caller, text, tokens, removed: Vec::new() };
        let mut terms = TermExtractor::new(Arc::clone(&lexicon), &WordLists::default());
        let mut phrases = PhraseExtractor::new(&terms);
        let mut builder = StatementsBuilder::new(&lexicon);
        builder.add(std::slice::from_ref(&utterance), &mentions, (&mut terms, &mut phrases));
        let mut more = StatementsBuilder::new(&lexicon);
        more.add(std::slice::from_ref(&utterance), &mentions[..1], (&mut terms, &mut phrases));
        builder.merge(more);
        let found = builder.finish(&lexicon);
        let of: Vec<(u32, Vec<NeedDomain>)> = found.of.iter().map(|s| (s.call, s.domains.iter().collect())).collect();
        assert_eq!(of, [(0, vec![Access]), (0, vec![Emotion, MoneyWork]), (0, vec![]), (1, vec![Access])]);
        let words =
            |row: usize| -> Vec<&str> { found.terms.1.row(row).0.iter().map(|t| found.terms.0.term(crate::term::TermId(*t))).collect() };
        assert!(words(0).contains(&"病院") && !words(0).contains(&"費用"));
        assert!(words(1).contains(&"費用") && words(1).contains(&"高い") && !words(1).contains(&"病院"));
    }
}

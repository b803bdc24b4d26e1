//! Segmentation: text to tokens, one segmenter per thread.

use std::sync::Arc;

use lindera::worker::SegmentWorker;
use rustc_hash::FxHashMap;

use super::{ClassInfo, Lexicon, Token};
use crate::error::{Error, ErrorKind, Result, Text};

/// Clauses up to this length are remembered: はい、 そうですか。 えーと、 are much of a conversation.
const CACHED_CLAUSE_BYTES: usize = 60;

/// How many clauses a thread remembers: some 10 MB.
const CACHED_CLAUSES: usize = 32_768;

/// Characters that end a word even inside a run the dictionary does not know.
pub(super) const SEPARATORS: [char; 18] =
    ['・', '「', '」', '『', '』', '(', ')', '[', ']', '【', '】', '〔', '〕', '/', '、', '。', '…', ' '];

/// Segments text with one thread's buffers.
pub struct Segmenter {
    lexicon: Arc<Lexicon>,
    worker: SegmentWorker,
    cache: FxHashMap<Box<str>, Box<[Token]>>,
}

impl Segmenter {
    pub(super) fn new(lexicon: Arc<Lexicon>) -> Self {
        let worker = lexicon.segmenter.new_worker();
        Self { lexicon, worker, cache: FxHashMap::default() }
    }

    /// The lexicon whose classes and lemmas the tokens refer to.
    pub fn lexicon(&self) -> &Arc<Lexicon> {
        &self.lexicon
    }

    /// Replaces the content of `tokens` by the morphemes of `text`, white space left out.
    ///
    /// `text` should be normalised ([`crate::consultation::Normalised`]); texts above 4 GiB are refused.
    ///
    /// # Errors
    /// Only when the analyzer itself fails; any string is valid input.
    pub fn segment(&mut self, text: &str, tokens: &mut Vec<Token>) -> Result<()> {
        tokens.clear();
        // lindera's lattice restarts behind 、 and 。: clauses are segmented one by one, and those met before are remembered.
        let mut start = 0;
        while start < text.len() {
            let clause = &text[start..clause_end(text, start)];
            if clause.len() > CACHED_CLAUSE_BYTES {
                self.segment_uncached(clause, start, tokens)?;
            } else if let Some(known) = self.cache.get(clause) {
                let by = u32::try_from(start).unwrap_or(u32::MAX);
                tokens.extend(known.iter().map(|t| Token { start: t.start + by, end: t.end + by, ..*t }));
            } else {
                let from = tokens.len();
                self.segment_uncached(clause, start, tokens)?;
                if self.cache.len() < CACHED_CLAUSES {
                    let by = u32::try_from(start).unwrap_or(u32::MAX);
                    let own = tokens[from..].iter().map(|t| Token { start: t.start - by, end: t.end - by, ..*t });
                    self.cache.insert(clause.into(), own.collect());
                }
            }
            start += clause.len();
        }
        Ok(())
    }

    fn segment_uncached(&mut self, text: &str, offset: usize, tokens: &mut Vec<Token>) -> Result<()> {
        let before = tokens.len();
        let mut glued = false;
        let segmented = self.worker.segment(text).map_err(|e| {
            Error::new(ErrorKind::Internal, Text::new("形態素解析に失敗しました", "the morphological analyzer failed"))
                .because(e.to_string())
        })?;
        for token in &segmented {
            let (lemma, class) = self.lexicon.resolve(token.word_id);
            let surface = &text[token.byte_start..token.byte_end];
            glued |= token.word_id.is_unknown() && surface.chars().nth(1).is_some() && surface.contains(SEPARATORS);
            let at = |byte: usize| u32::try_from(offset + byte).unwrap_or(u32::MAX);
            tokens.push(Token { start: at(token.byte_start), end: at(token.byte_end), lemma, class });
        }
        if glued {
            self.split_glued(text, offset, before, tokens)?;
        }
        Ok(())
    }

    /// Segments unknown words that swallowed a bracket or a middle dot again, piece by piece.
    fn split_glued(&mut self, text: &str, offset: usize, from: usize, tokens: &mut Vec<Token>) -> Result<()> {
        let whole = tokens.split_off(from);
        for token in whole {
            let start = token.start as usize - offset;
            let surface = &text[start..token.end as usize - offset];
            if self.lexicon.class(token.class).known || !surface.contains(SEPARATORS) || surface.chars().nth(1).is_none() {
                tokens.push(token);
                continue;
            }
            let mut piece_start = 0;
            for (i, c) in surface.char_indices().filter(|(_, c)| SEPARATORS.contains(c)) {
                for (a, b) in [(piece_start, i), (i, i + c.len_utf8())] {
                    if a < b {
                        self.segment_uncached(&surface[a..b], offset + start + a, tokens)?;
                    }
                }
                piece_start = i + c.len_utf8();
            }
            if piece_start < surface.len() {
                self.segment_uncached(&surface[piece_start..], offset + start + piece_start, tokens)?;
            }
        }
        Ok(())
    }

    /// What is known about a token's class.
    pub fn class(&self, token: &Token) -> &ClassInfo {
        self.lexicon.class(token.class)
    }
}

/// One past the 、 or 。 that ends the clause at `start`, or the end of the text.
fn clause_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    while at + 2 < bytes.len() {
        // 、 is E3 80 81 and 。 is E3 80 82; E3 begins a character, never continues one.
        if bytes[at] == 0xe3 && bytes[at + 1] == 0x80 && matches!(bytes[at + 2], 0x81 | 0x82) {
            return at + 3;
        }
        at += 1;
    }
    bytes.len()
}

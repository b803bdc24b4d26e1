//! Words: which morphemes does an utterance consist of, and what are they?
//!
//! A [`Lexicon`] is read once and shared; each thread has one [`Segmenter`]. Tokens are small copies: their class and
//! lemma were resolved for every word of the dictionary beforehand, so no token is ever asked for its details.

mod class;
mod concept;
mod lexicon;
mod segmenter;

pub use class::{ClassInfo, Pos, WordClass};
pub use concept::{Concept, ConceptId, ConceptKind, Concepts, DiseaseCodes};
pub use lexicon::{LemmaId, Lexicon};
pub use segmenter::Segmenter;

/// One morpheme of a normalised text: 16 bytes, no references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// First byte in the text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The base form; [`LemmaId::SURFACE`] for words no dictionary knows.
    pub lemma: LemmaId,
    /// Part of speech and conjugation.
    pub class: WordClass,
}

impl Token {
    /// The token as it stands in `text`.
    pub fn surface<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start as usize..self.end as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn lexicon() -> Arc<Lexicon> {
        let concepts = Concepts::parse(
            ("terms.csv", include_str!("../../dictionaries/rare-cancer/terms.csv")),
            ("disease_codes.csv", include_str!("../../dictionaries/rare-cancer/disease_codes.csv")),
        );
        Arc::new(Lexicon::embedded(concepts.unwrap()).unwrap())
    }

    /// One token a word: surface/lemma.
    fn words(segmenter: &mut Segmenter, text: &str) -> String {
        let mut tokens = Vec::new();
        segmenter.segment(text, &mut tokens).unwrap();
        let lexicon = Arc::clone(segmenter.lexicon());
        tokens.iter().map(|t| format!("{}/{}", t.surface(text), lexicon.lemma(t, text))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn concepts_are_one_word_and_neighbours_stay_whole() {
        let lexicon = lexicon();
        let mut s = lexicon.segmenter();
        for (text, expected) in [
            ("後腹膜脂肪肉腫と言われ", "後腹膜/後腹膜 脂肪肉腫/脂肪肉腫 と/と 言わ/言う れ/れる"),
            (
                "ライオミオサルコーマ、リ・フラウメニ症候群",
                "ライオミオサルコーマ/平滑筋肉腫 、/、 リ・フラウメニ症候群/リ・フラウメニ症候群",
            ),
            ("東京都の京都", "東京/東京 都/都 の/の 京都/京都"),
            ("グリベックとGISTとNET", "グリベック/イマチニブ と/と GIST/GIST と/と NET/神経内分泌腫瘍"),
            ("『XYZ・ABC』(ｗ)", "『/『 XYZ/XYZ ・/・ ABC/ABC 』/』 (/( ｗ/ｗ )/)"),
        ] {
            assert_eq!(words(&mut s, text), expected, "{text}");
        }
    }

    #[test]
    fn an_ambiguous_surface_keeps_both_meanings() {
        let lexicon = lexicon();
        let meanings = |lemma: &str| {
            let ids = lexicon.find_lemma(lemma).map(|l| lexicon.concepts_of(l)).unwrap_or_default();
            ids.iter().map(|id| lexicon.concept(*id).canonical.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(meanings("ACC").len(), 2);
        assert_eq!(meanings("平滑筋肉腫"), ["平滑筋肉腫"]);
        assert!(meanings("病気").is_empty());
    }

    #[test]
    fn clause_by_clause_is_what_lindera_does_with_the_whole() {
        let lexicon = lexicon();
        let (mut segmenter, mut bare) = (lexicon.segmenter(), lexicon.bare_worker());
        let mut tokens = Vec::new();
        let gold = include_str!("../../corpus-samples/gold/redact.dev.jsonl");
        let mut seen = 0;
        for line in gold.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = crate::consultation::Normalised::new(line["text"].as_str().unwrap()).text;
            segmenter.segment(&text, &mut tokens).unwrap();
            let expected: Vec<(u32, u32)> = bare.segment(&text).unwrap().iter().map(|t| (t.byte_start as u32, t.byte_end as u32)).collect();
            // Words that swallowed a bracket or a mark are split again, which lindera does not do.
            let glued = |&(a, b): &(u32, u32)| {
                let word = &text[a as usize..b as usize];
                word.chars().nth(1).is_some() && word.contains(segmenter::SEPARATORS)
            };
            if !expected.iter().any(glued) {
                seen += 1;
                assert_eq!(tokens.iter().map(|t| (t.start, t.end)).collect::<Vec<_>>(), expected);
            }
        }
        assert!(seen > 1000, "only {seen} utterances were compared");
    }

    #[test]
    fn remembered_texts_segment_as_fresh_ones() {
        let lexicon = lexicon();
        let mut s = lexicon.segmenter();
        let first = words(&mut s, "はい、そうですか。");
        assert_eq!(words(&mut s, "はい、そうですか。"), first);
        assert_eq!(words(&mut lexicon.segmenter(), "はい、そうですか。"), first);
    }
}

//! From tokens to phrases: how do callers themselves name what they talk about?
//!
//! A term is one word; a person names a subject by a phrase. Three kinds are read off the morphemes:
//!
//! - compounds, runs of nouns: 専門病院, 病理診断
//! - two nouns and what binds them: 病院の紹介; a predicate that a verbal noun makes is turned into one, so that
//!   病院を紹介してほしい and 病院の紹介 are the same phrase, and 専門医に受診したい is 専門医への受診
//! - a noun and what is done with it: 病院を探す, 病院が見つからない
//!
//! Useful for: naming themes and needs. Not for: vectors; phrases are rare, and most callers say the same differently.

use std::sync::Arc;

use super::extract::{Role, TermExtractor, is_word};
use crate::morphology::{ClassInfo, LemmaId, Pos, Token};

/// Stands between the two words of a phrase and what binds them, and in no word.
pub(crate) const JOINT: char = '\u{1f}';

/// The longest noun of a phrase, in characters: longer runs are titles and addresses.
const NOUN_CHARS: usize = 10;

/// Prefixes that only say it politely.
const HONORIFICS: [&str; 3] = ["お", "ご", "御"];

/// Nouns that say how one feels about the noun before が: 費用が心配.
const FEELINGS: [&str; 3] = ["不安", "心配", "負担"];

/// What asks and says nothing of what is asked for.
const ASKING: &str = "お願い";

/// What binds a noun to a predicate, and what it becomes between two nouns.
const BONDS: [(&str, &str); 6] = [("を", "の"), ("に", "への"), ("へ", "への"), ("と", "との"), ("から", "からの"), ("で", "での")];

/// What a class of words is to phrases.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Begins or goes on with a noun.
    Noun,
    /// The same; with する it is a predicate.
    VerbalNoun,
    /// Goes on with a noun: 者, 院, 費.
    Suffix,
    /// Begins a noun: 再(発), 未(承認).
    Prefix,
    /// A verb or adjective that stands on its own.
    Predicate,
    /// の, を, に …
    Particle,
    Other,
}

/// Extracts phrases from tokens: one per thread, with a reusable buffer (a clone shares the tables).
#[derive(Clone)]
pub struct PhraseExtractor {
    terms: TermExtractor,
    parts: Arc<[Part]>,
    no: Option<LemmaId>,
    ga: Option<LemmaId>,
    suru: [Option<LemmaId>; 5],
    bonds: [Option<LemmaId>; BONDS.len()],
    phrase: String,
}

/// A run of nouns: tokens `from..to`.
#[derive(Clone, Copy)]
struct Run {
    /// The first token, an honorific prefix included.
    begins: usize,
    from: usize,
    to: usize,
    /// Whether it says something by itself.
    names: bool,
}

impl PhraseExtractor {
    /// Phrases of the words that `terms` counts.
    pub fn new(terms: &TermExtractor) -> Self {
        let lexicon = terms.lexicon();
        let find = |lemma: &str| lexicon.find_lemma(lemma);
        Self {
            parts: lexicon.classes().iter().zip(terms.roles()).map(|(class, role)| part(class, *role)).collect(),
            no: find("の"),
            ga: find("が"),
            suru: ["する", "できる", "いただく", "なさる", "くださる"].map(find),
            bonds: BONDS.map(|(particle, _)| find(particle)),
            phrase: String::new(),
            terms: terms.clone(),
        }
    }

    /// Calls `each` with every phrase of an utterance, in order, repetitions included: the words and what binds them with
    /// [`JOINT`] between them. Linear in the number of tokens.
    pub fn phrases(&mut self, text: &str, tokens: &[Token], mut each: impl FnMut(&str)) {
        let mut at = 0;
        let mut next = None;
        while at < tokens.len() {
            let found = next.take().or_else(|| self.run(text, tokens, at));
            let Some(run) = found else {
                at += 1;
                continue;
            };
            at = run.to;
            if !run.names {
                continue;
            }
            if run.to - run.from > 1 {
                self.phrase.clear();
                self.write(text, tokens, run);
                each(&self.phrase);
            }
            let Some(particle) = tokens.get(run.to).filter(|t| self.part(t) == Part::Particle) else { continue };
            let after = run.to + 1;
            next = self.run(text, tokens, after).filter(|head| head.begins == after);
            let bond = match next {
                Some(head) => self.bond(text, tokens, particle, head),
                None => None,
            };
            self.phrase.clear();
            self.write(text, tokens, run);
            self.phrase.push(JOINT);
            if let (Some(bond), Some(head)) = (bond, next) {
                self.phrase.push_str(bond);
                self.phrase.push(JOINT);
                self.write(text, tokens, head);
                each(&self.phrase);
            } else if next.is_none() && self.write_predicate(text, tokens, particle, after) {
                each(&self.phrase);
            }
        }
    }

    /// The run of nouns that begins at `begins`.
    fn run(&self, text: &str, tokens: &[Token], begins: usize) -> Option<Run> {
        // ご家族 is 家族, said politely.
        let is_honorific = |token: &Token| self.part(token) == Part::Prefix && HONORIFICS.contains(&token.surface(text));
        let from = begins + usize::from(tokens.get(begins).is_some_and(is_honorific));
        let first = tokens.get(from)?;
        // NFKC made （ … ？ ASCII, which IPADIC takes for nouns.
        let is_mark = |token: &Token| text.as_bytes()[token.start as usize].is_ascii_punctuation();
        if is_mark(first) || !matches!(self.part(first), Part::Noun | Part::VerbalNoun | Part::Prefix) {
            return None;
        }
        let mut to = from + 1;
        while let Some(token) = tokens.get(to)
            && matches!(self.part(token), Part::Noun | Part::VerbalNoun | Part::Suffix)
            && token.start == tokens[to - 1].end
            && (!is_mark(token) || token.surface(text).starts_with('-'))
        {
            to += 1;
        }
        // A hyphen may stand in a compound, not at its end.
        while to > from + 1 && !tokens[to - 1].surface(text).contains(char::is_alphanumeric) {
            to -= 1;
        }
        // HER2 is a name, 片道2 lacks its hours.
        let ends_in = |to: usize| tokens[to - 1].surface(text).chars().next_back();
        while to > from + 1
            && ends_in(to).is_some_and(|c| c.is_ascii_digit())
            && ends_in(to - 1).is_some_and(|c| !c.is_ascii_alphanumeric() && c != '-')
        {
            to -= 1;
        }
        let whole = &text[first.start as usize..tokens[to - 1].end as usize];
        let names = match to - from {
            1 => self.part(first) != Part::Prefix && self.terms.counts(first, text),
            _ => tokens[from..to].iter().any(|token| self.terms.counts(token, text)),
        };
        let fits = is_word(whole) && whole.chars().nth(1).is_some() && whole.chars().nth(NOUN_CHARS).is_none();
        Some(Run { begins, from, to, names: names && fits })
    }

    /// What binds a noun to the noun `head` after `particle`, if they are one phrase.
    fn bond(&self, text: &str, tokens: &[Token], particle: &Token, head: Run) -> Option<&'static str> {
        let last = &tokens[head.to - 1];
        let is_action = self.part(last) == Part::VerbalNoun;
        let asks = text[tokens[head.from].start as usize..last.end as usize] == *ASKING;
        if Some(particle.lemma) == self.no {
            return ((head.names || is_action) && !asks).then_some("の");
        }
        if Some(particle.lemma) == self.ga {
            let feels = head.to - head.from == 1 && FEELINGS.contains(&last.surface(text));
            return feels.then_some("の");
        }
        let bond = self.bonds.iter().position(|b| b.is_some() && *b == Some(particle.lemma))?;
        let does = tokens.get(head.to).is_some_and(|t| self.suru.iter().any(|s| s.is_some() && *s == Some(t.lemma)));
        // する makes a predicate of whatever stands before it, also of nouns that the dictionary has for other reasons.
        ((is_action || head.names) && does && !asks).then_some(BONDS[bond].1)
    }

    /// Adds particle and predicate, as in を探す, が見つからない.
    fn write_predicate(&mut self, text: &str, tokens: &[Token], particle: &Token, at: usize) -> bool {
        let binds = Some(particle.lemma) == self.ga || self.bonds[..2].contains(&Some(particle.lemma));
        if !binds || tokens.get(at).is_none_or(|token| self.part(token) != Part::Predicate) {
            return false;
        }
        let Some(predicate) = self.terms.predicate(text, tokens, at) else { return false };
        self.phrase.push_str(particle.surface(text));
        self.phrase.push(JOINT);
        self.phrase.push_str(predicate);
        true
    }

    /// A noun as it is named: a concept by its canonical name, else as it stands.
    fn write(&mut self, text: &str, tokens: &[Token], run: Run) {
        let noun = match tokens[run.from..run.to] {
            [one] => self.terms.lexicon().lemma(&one, text),
            _ => &text[tokens[run.from].start as usize..tokens[run.to - 1].end as usize],
        };
        self.phrase.push_str(noun);
    }

    fn part(&self, token: &Token) -> Part {
        self.parts[usize::from(token.class.0)]
    }
}

/// A phrase as people write it.
pub(crate) fn written(phrase: &str) -> String {
    phrase.chars().filter(|c| *c != JOINT).collect()
}

fn part(class: &ClassInfo, role: Role) -> Part {
    match (class.pos, role) {
        // Names of places and organisations say where, not what.
        (Pos::Noun, _) if class.detail[0] == "固有名詞" && !class.concept => Part::Other,
        (Pos::Noun, Role::VerbalNoun) => Part::VerbalNoun,
        (Pos::Noun, Role::Noun | Role::Unknown) => Part::Noun,
        (Pos::Noun, _) if class.detail[0] == "接尾" && matches!(class.detail[1].as_str(), "一般" | "サ変接続" | "形容動詞語幹") => {
            Part::Suffix
        }
        (Pos::Prefix, _) if class.detail[0] == "名詞接続" => Part::Prefix,
        (_, Role::Predicate) => Part::Predicate,
        (Pos::Particle, _) => Part::Particle,
        _ => Part::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::Speaker;
    use crate::morphology::{Concepts, Lexicon};
    use crate::redact::RedactedUtterance;
    use crate::term::WordLists;

    fn phrases(text: &str) -> Vec<String> {
        let lexicon: Arc<Lexicon> = Arc::new(Lexicon::embedded(Concepts::default()).unwrap());
        let lists = WordLists::parse("相談\nある\nする\n方\nこと\n", "");
        let mut extractor = PhraseExtractor::new(&TermExtractor::new(Arc::clone(&lexicon), &lists));
        let mut tokens = Vec::new();
        lexicon.segmenter().segment(text, &mut tokens).unwrap();
        let utterance = RedactedUtterance { speaker: Speaker::Caller, text: text.to_owned(), tokens, removed: Vec::new() };
        let mut out = Vec::new();
        extractor.phrases(&utterance.text, &utterance.tokens, |phrase| out.push(phrase.replace(JOINT, "|")));
        out
    }

    #[test]
    fn nouns_and_what_binds_them() {
        assert_eq!(phrases("病院の紹介をお願いします。"), ["病院|の|紹介"]);
        assert_eq!(phrases("病院を紹介してほしいんです。"), ["病院|の|紹介"]);
        assert_eq!(phrases("大学病院に入院できますか。"), ["大学病院", "大学病院|への|入院"]);
        assert_eq!(phrases("費用が心配で。"), ["費用|の|心配"]);
        assert_eq!(phrases("病院をご紹介いただきたい。ご家族のお気持ち。"), ["病院|の|紹介", "家族|の|気持ち"]);
    }

    #[test]
    fn brackets_and_dots_are_in_no_compound() {
        assert_eq!(phrases("病理標本(紹介状)...専門病院?"), ["病理標本", "紹介状", "専門病院"]);
        assert_eq!(phrases("大学病院-"), ["大学病院"]);
        assert_eq!(phrases("片道2時間。HER2陽性。"), ["HER2陽性"]);
        assert_eq!(phrases("…?-)"), Vec::<String>::new());
    }

    #[test]
    fn what_is_done_with_a_noun() {
        assert_eq!(phrases("病院を探しています。"), ["病院|を|探す"]);
        assert_eq!(phrases("専門病院が見つかりません。"), ["専門病院", "専門病院|が|見つからない"]);
    }

    #[test]
    fn words_that_say_nothing_make_no_phrase() {
        assert_eq!(phrases("相談のことで。"), Vec::<String>::new());
        // A stop word may be what is asked about something: 費用の相談.
        assert_eq!(phrases("費用の相談です。"), ["費用|の|相談"]);
        assert_eq!(phrases("薬がある。"), Vec::<String>::new());
        assert_eq!(phrases("東京の病院です。"), Vec::<String>::new());
        assert_eq!(phrases(""), Vec::<String>::new());
        assert_eq!(written("病院\u{1f}の\u{1f}紹介"), "病院の紹介");
    }
}

//! `theme_quotes`: what callers of a theme say in their own words, redacted.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arrow::array::RecordBatch;

use super::super::column;
use super::super::label::ThemeLabels;
use super::super::rows::Rows;
use super::super::schema::{ColumnSpec, ColumnType, Role, TableSpec, Zone};
use crate::analysis::Analysis;
use crate::consultation::Speaker;
use crate::consultation::intake::sentences;
use crate::disclose::Threshold;
use crate::error::Result;
use crate::theme::{Theme, ThemeId};

/// Quotes per theme, each of another call.
const QUOTES: usize = 3;

/// A quote goes on with the next sentence until it has so many characters …
const ENOUGH_CHARS: usize = 50;

/// … and is no longer than this.
const QUOTE_CHARS: usize = 160;

/// What a counsellor's words count for: they say it more plainly, but the caller's are what a theme is about.
const COUNSELLOR_WEIGHT: f64 = 0.5;

const COLUMNS: &[ColumnSpec] = &[
    column::THEME_ID,
    column::THEME_LABEL,
    ColumnSpec::new("rank", ColumnType::Int, Role::Measure, "特徴語を多く含む順の順位（1から）", "rank by the keywords in it, from 1"),
    column::CONSULTATION_ID,
    column::UTTERANCE_INDEX,
    ColumnSpec::key("speaker", "話し手。caller：相談者、counsellor：相談員、unknown：不明", "caller, counsellor or unknown"),
    column::QUOTE,
];

/// The table.
pub static SPEC: TableSpec = TableSpec {
    name: "theme_quotes",
    zone: Zone::Analyst,
    doc_ja: "テーマの代表的な発話：中心に近い相談から、特徴語を多く含む箇所を3件まで",
    doc_en: "a representative quote of a theme: of the calls nearest to its centre, the words that hold most of its keywords",
    columns: Cow::Borrowed(COLUMNS),
    sort: &["theme_id", "rank"],
};

/// An utterance of a call, redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The pseudonym of its call.
    pub id: String,
    /// Its place in the call.
    pub index: i32,
    /// Code of who speaks.
    pub speaker: String,
    /// What was said.
    pub text: String,
}

/// The pseudonyms of the calls that are looked at, with their themes.
pub fn typical_calls(analysis: &Analysis) -> impl Iterator<Item = (ThemeId, String)> + '_ {
    let themes = (0u16..).map(ThemeId).zip(&analysis.fit.representatives);
    themes.flat_map(move |(theme, rows)| rows.iter().map(move |row| (theme, analysis.calls[*row as usize].id.to_string())))
}

/// The rows. `passages` are all utterances of the [`typical_calls`]; `terms` gives the terms of a text.
///
/// # Errors
/// Those of `terms`.
pub fn rows(
    analysis: &Analysis,
    threshold: Threshold,
    passages: &[Passage],
    mut terms: impl FnMut(&str, &mut dyn FnMut(&str)) -> Result<()>,
) -> Result<RecordBatch> {
    let mut calls: BTreeMap<&str, Vec<&Passage>> = BTreeMap::new();
    for passage in passages {
        calls.entry(&passage.id).or_default().push(passage);
    }
    let mut quotes: Vec<Vec<Quote<'_>>> = vec![Vec::new(); analysis.model.themes.len()];
    let model = &analysis.model;
    let keywords_of = |theme: &Theme| theme.keywords.iter().map(|(id, weight)| (model.vocabulary.term(*id), *weight)).collect();
    let keywords: Vec<BTreeMap<&str, f64>> = model.themes.iter().map(keywords_of).collect();
    for (theme, id) in typical_calls(analysis) {
        let keywords = &keywords[usize::from(theme.0)];
        for passage in calls.get(id.as_str()).into_iter().flatten() {
            let quote = quote(passage, keywords, &mut terms)?;
            if !quote.keywords.is_empty() {
                quotes[usize::from(theme.0)].push(quote);
            }
        }
    }
    let labels = ThemeLabels::new(analysis, threshold);
    let mut rows = Rows::new(&SPEC);
    for (id, quotes) in (0u16..).map(ThemeId).zip(quotes) {
        for (rank, quote) in (1..).zip(chosen(quotes)) {
            let Passage { id: call, index, speaker, .. } = quote.passage;
            rows.text(labels.code(id)).text(labels.get(id)).int(rank);
            rows.text(call).int(*index).text(speaker).text(&quote.text);
        }
    }
    rows.finish()
}

/// The most telling words of an utterance.
#[derive(Debug, Clone)]
pub(super) struct Quote<'a> {
    passage: &'a Passage,
    pub(super) text: String,
    /// The keywords in its first sentence, with what they count for here.
    keywords: BTreeMap<String, f64>,
}

/// What a keyword counts for that a quote before has, too: three quotes of one sentence show no more than one.
const AGAIN: f64 = 0.1;

/// The most telling quote, then the one of another call that adds most to it, and so on; of equals that of the more typical
/// call.
fn chosen(mut quotes: Vec<Quote<'_>>) -> Vec<Quote<'_>> {
    let mut chosen: Vec<Quote<'_>> = Vec::new();
    while chosen.len() < QUOTES && !quotes.is_empty() {
        let adds = |quote: &Quote<'_>| -> f64 {
            let weight = |(term, weight): (&String, &f64)| {
                if chosen.iter().any(|c| c.keywords.contains_key(term)) { AGAIN * weight } else { *weight }
            };
            quote.keywords.iter().map(weight).sum()
        };
        let best = (1..quotes.len()).fold(0, |best, i| if adds(&quotes[i]) > adds(&quotes[best]) { i } else { best });
        let quote = quotes.remove(best);
        quotes.retain(|other| other.passage.id != quote.passage.id);
        chosen.push(quote);
    }
    chosen
}

/// The sentence with the most keywords, and those after it while they are short.
pub(super) fn quote<'a>(
    passage: &'a Passage,
    keywords: &BTreeMap<&str, f64>,
    terms: &mut impl FnMut(&str, &mut dyn FnMut(&str)) -> Result<()>,
) -> Result<Quote<'a>> {
    let mut parts = Vec::new();
    for sentence in sentences(&passage.text) {
        let mut met: BTreeMap<String, f64> = BTreeMap::new();
        terms(&sentence.text, &mut |term| {
            if let Some(weight) = keywords.get(term) {
                met.insert(term.to_owned(), *weight);
            }
        })?;
        parts.push((sentence.text, met.values().sum::<f64>(), met));
    }
    let best = (0..parts.len()).fold(0, |best, i| if parts[i].1 > parts[best].1 { i } else { best });
    let (mut text, mut length) = (String::new(), 0);
    for (sentence, _, _) in parts.iter().skip(best) {
        let chars = sentence.chars().count();
        if length > 0 && (length >= ENOUGH_CHARS || length + chars > QUOTE_CHARS) {
            break;
        }
        if length + chars > QUOTE_CHARS {
            text.extend(sentence.chars().take(QUOTE_CHARS - 1));
            text.push('…');
            break;
        }
        text.push_str(sentence);
        length += chars;
    }
    let whose = if passage.speaker == Speaker::Counsellor.code() { COUNSELLOR_WEIGHT } else { 1.0 };
    let mut keywords = parts.into_iter().nth(best).map(|(_, _, met)| met).unwrap_or_default();
    keywords.values_mut().for_each(|weight| *weight *= whose);
    Ok(Quote { passage, text, keywords })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing;
    use arrow::array::AsArray;
    use arrow::datatypes::Int32Type;

    fn passage(id: &str, index: i32, speaker: Speaker, text: &str) -> Passage {
        Passage { id: id.to_owned(), index, speaker: speaker.code().to_owned(), text: text.to_owned() }
    }

    fn weight(quote: &Quote<'_>) -> f64 {
        quote.keywords.values().sum()
    }

    /// Words between spaces.
    fn words(text: &str, each: &mut dyn FnMut(&str)) -> Result<()> {
        text.split([' ', '。']).for_each(each);
        Ok(())
    }

    #[test]
    fn a_quote_begins_with_the_telling_sentence_and_ends_in_time() {
        let keywords = BTreeMap::from([("治験", 2.0), ("募集", 1.0)]);
        let said = passage("c", 0, Speaker::Caller, "えーと。治験 の 募集 は。まだ ありますか。");
        let found = quote(&said, &keywords, &mut words).unwrap();
        assert_eq!((found.text.as_str(), weight(&found)), ("治験 の 募集 は。まだ ありますか。", 3.0));
        let long = passage("c", 0, Speaker::Counsellor, &format!("治験 {}", "あ".repeat(400)));
        let found = quote(&long, &keywords, &mut words).unwrap();
        assert_eq!((found.text.chars().count(), found.text.ends_with('…'), weight(&found)), (QUOTE_CHARS, true, 1.0));
    }

    #[test]
    fn a_quote_that_says_the_same_comes_after_one_that_adds_something() {
        let said = ["a", "b", "c", "d", "a"].map(|id| passage(id, 0, Speaker::Caller, ""));
        let quote = |call: usize, words: &[(&str, f64)]| Quote {
            passage: &said[call],
            text: words[0].0.to_owned(),
            keywords: words.iter().map(|(word, weight)| ((*word).to_owned(), *weight)).collect(),
        };
        let both = [("治験", 2.0), ("募集", 1.0)];
        let quotes = vec![
            quote(0, &[("費用", 0.5)]),
            quote(1, &[("治験", 2.0)]),
            quote(2, &both),
            quote(3, &[("保険", 0.3)]),
            quote(4, &[("家族", 0.4)]),
        ];
        let texts: Vec<String> = chosen(quotes).into_iter().map(|q| q.text).collect();
        // 治験 again counts for a tenth, and a call is quoted once.
        assert_eq!(texts, ["治験", "費用", "保険"]);
    }

    #[test]
    fn each_call_gives_one_quote_and_the_most_telling_come_first() {
        let mut analysis = testing::analysis(3, 60, 2);
        let of_theme = |t: u16| -> Vec<u32> {
            (0u32..).zip(&analysis.fit.assignments).filter(|(_, a)| a.theme == Some(ThemeId(t))).map(|(i, _)| i).take(4).collect()
        };
        analysis.fit.representatives = vec![of_theme(0), of_theme(1)];
        let ids: Vec<String> = typical_calls(&analysis).map(|(_, id)| id).collect();
        let model = &analysis.model;
        let keyword = |i: usize| model.vocabulary.term(model.themes[0].keywords[i].0).to_owned();
        let both = format!("{} {} です。", keyword(0), keyword(1));
        let passages = [
            passage(&ids[0], 0, Speaker::Caller, "何も ありません。"),
            passage(&ids[0], 1, Speaker::Caller, &format!("{} です。", keyword(0))),
            passage(&ids[1], 2, Speaker::Counsellor, &both),
            passage(&ids[2], 3, Speaker::Caller, &both),
            passage(&ids[3], 4, Speaker::Caller, "ない。"),
        ];
        let batch = rows(&analysis, Threshold::default(), &passages, words).unwrap();
        let index = batch.column_by_name("utterance_index").unwrap().as_primitive::<Int32Type>().values().to_vec();
        // The caller's words before the counsellor's or fewer of them; what says nothing is no quote.
        assert_eq!((index.len(), index[0]), (3, 3));
        assert!(index.contains(&1) && index.contains(&2));
    }
}

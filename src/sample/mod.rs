//! A generator of fictional calls with planted themes: for load and for pictures, never for claims about quality.
//!
//! Useful for: any number of calls in bounded memory, the same on every machine. Not for: judging themes or needs; its
//! sentences come from templates (`corpus-samples/generator/`), and finding templates again proves nothing.
//!
//! Call *i* under a seed is a function of seed and *i* alone, so the first 1,000 of 1,000,000 calls are the 1,000 calls.
//! A call has one main theme and often a second; of the second concerns only some are among its recorded reasons.
//! Every person, hospital and number is invented; the telephone numbers cannot be assigned to anyone.
//!
//! ```
//! let generator = kikitori::sample::Generator::new(1)?;
//! let mut line = String::new();
//! generator.call(0, &mut line);
//! assert!(line.starts_with("{\"id\":\"") && line.ends_with("}\n"));
//! # Ok::<(), kikitori::Error>(())
//! ```

mod case;
mod compose;
mod data;
mod note;
mod random;
mod talk;
mod template;

use std::fmt::Write as _;
use std::io::Write;

use crate::error::{Error, ErrorKind, Result, Text};
use case::{Calendar, Case};
use compose::Composer;
use data::{AGE_BANDS, Data};
use random::Random;

/// Bytes that are collected before they are written.
const WRITE_BYTES: usize = 1 << 20;

/// Makes calls.
#[derive(Debug)]
pub struct Generator {
    seed: u64,
    data: Data,
    calendar: Calendar,
}

impl Generator {
    /// Compiles the embedded sentences.
    ///
    /// # Errors
    /// A faulty data file, with its name and key.
    pub fn new(seed: u64) -> Result<Self> {
        Ok(Self { seed, data: Data::load()?, calendar: Calendar::new() })
    }

    /// Appends call `index` to `out`: one JSON object and a line end, about 3 kB.
    pub fn call(&self, index: u64, out: &mut String) {
        let mut random = Random::for_call(self.seed, index);
        let case = Case::draw(&self.data, &self.calendar, &mut random);
        let minutes = if case.notes { random.between(6, 30) } else { random.between(8, 24) };
        let mut composer = Composer::new(&self.data, &case, random, out);
        head(&mut composer, index);
        if case.notes {
            composer.note();
        } else {
            composer.transcript();
        }
        let minutes = minutes + u32::try_from(composer.chars / 60).unwrap_or(0);
        // Writing to a string cannot fail.
        let _ = writeln!(out, ",\"minutes\":\"{minutes}\"}}");
    }

    /// The codes of the main theme and of the second one that are planted in call `index`.
    pub fn planted(&self, index: u64) -> (&str, Option<&str>) {
        let mut random = Random::for_call(self.seed, index);
        let case = Case::draw(&self.data, &self.calendar, &mut random);
        let code = |theme: usize| self.data.themes[theme].code.as_str();
        (code(case.theme), case.second.map(code))
    }
}

/// Writes calls 0 to `calls` under `seed` as JSON lines: the work of `kikitori sample`. Memory does not depend on `calls`.
///
/// # Errors
/// A sink that refuses bytes.
pub fn write(calls: u64, seed: u64, sink: &mut dyn Write) -> Result<()> {
    let refused = |e: std::io::Error| {
        Error::new(
            ErrorKind::Io,
            Text::new(
                "相談例を書き出せません。空き容量と書込権限を確かめてください",
                "cannot write the calls; check space and permissions",
            ),
        )
        .because(e)
    };
    let generator = Generator::new(seed)?;
    let mut buffer = String::with_capacity(WRITE_BYTES + 16_384);
    for index in 0..calls {
        generator.call(index, &mut buffer);
        if buffer.len() >= WRITE_BYTES {
            sink.write_all(buffer.as_bytes()).map_err(refused)?;
            buffer.clear();
        }
    }
    sink.write_all(buffer.as_bytes()).and_then(|()| sink.flush()).map_err(refused)
}

/// Opens the object and writes the metadata; fields the counsellor left empty are left out.
fn head(composer: &mut Composer<'_, '_>, index: u64) {
    let case = composer.case;
    let disease = composer.recorded_disease();
    let out = &mut *composer.out;
    let [no_age, no_stage, no_prefecture, no_disease, no_sex, no_outcome] = case.missing;
    let _ = write!(out, "{{\"id\":\"G{index:07}\",\"received_at\":\"{}T{:02}:{:02}:00\"", case.day, case.time / 60, case.time % 60);
    let mut field = |name: &str, value: &str, missing: bool| {
        if !missing {
            let _ = write!(out, ",\"{name}\":\"{value}\"");
        }
    };
    field("site", case.site, false);
    field("record_type", if case.notes { "要約記録" } else { "逐語" }, false);
    field("caller_kind", case.caller_kind, false);
    field("age_band", AGE_BANDS[case.age_band], no_age);
    field("sex", case.sex, no_sex);
    field("prefecture", &case.prefecture.name, no_prefecture);
    field("disease", disease, no_disease);
    field("stage", case.stage, no_stage);
    let _ = write!(out, ",\"reason\":[");
    for (i, reason) in case.reasons.iter().enumerate() {
        let _ = write!(out, "{}\"{reason}\"", if i > 0 { "," } else { "" });
    }
    out.push(']');
    let mut field = |name: &str, value: &str, missing: bool| {
        if !missing {
            let _ = write!(out, ",\"{name}\":\"{value}\"");
        }
    };
    field("outcome", case.outcome, no_outcome);
    field("channel", case.channel, false);
    field("visit", case.visit, false);
    out.push(',');
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;

    use super::*;
    use crate::consultation::CodeList;

    fn calls(generator: &Generator, range: std::ops::Range<u64>) -> Vec<String> {
        let one = |i| {
            let mut line = String::new();
            generator.call(i, &mut line);
            line
        };
        range.map(one).collect()
    }

    fn text(call: &Value) -> String {
        match call["turns"].as_array() {
            Some(turns) => turns.iter().map(|t| t["text"].as_str().unwrap()).collect(),
            None => call["text"].as_str().unwrap().to_owned(),
        }
    }

    fn parsed(lines: &[String]) -> Vec<Value> {
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_call_depends_on_seed_and_index_alone() {
        let (one, other, again) = (Generator::new(7).unwrap(), Generator::new(8).unwrap(), Generator::new(7).unwrap());
        let calls_of_one = calls(&one, 0..50);
        assert_eq!(calls_of_one[20..], calls(&again, 20..50));
        assert_ne!(calls_of_one, calls(&other, 0..50));
        let mut written = Vec::new();
        write(50, 7, &mut written).unwrap();
        assert_eq!(written, calls_of_one.concat().into_bytes());
    }

    #[test]
    fn every_line_is_a_consultation() {
        let generator = Generator::new(1).unwrap();
        let mut ids = BTreeSet::new();
        let mut texts = BTreeSet::new();
        let mut chars = 0;
        let total = 10_000;
        for call in parsed(&calls(&generator, 0..total)) {
            assert!(ids.insert(call["id"].as_str().unwrap().to_owned()));
            let verbatim = call["record_type"] == "逐語";
            assert_eq!(verbatim, call["turns"].is_array());
            assert_eq!(verbatim, call["text"].is_null());
            if verbatim {
                let turns = call["turns"].as_array().unwrap();
                assert!(turns.len() >= 5);
                for (i, turn) in turns.iter().enumerate() {
                    // They take turns, and the counsellor answers the telephone.
                    assert_eq!(turn["speaker"], ["counsellor", "caller"][i % 2]);
                    assert!(!turn["text"].as_str().unwrap().is_empty());
                }
            }
            let text = text(&call);
            assert!(!text.contains(['{', '}', '|']), "{text}");
            chars += text.chars().count();
            texts.insert(text);
        }
        let mean = chars as f64 / total as f64;
        assert!((780.0..=820.0).contains(&mean), "mean length {mean}");
        // Two calls of 10,000 are hardly ever equal.
        assert!(texts.len() >= 9_998, "{} distinct", texts.len());
    }

    #[test]
    fn values_are_labels_of_the_code_lists() {
        macro_rules! list {
            ($name:literal) => {
                ($name, include_str!(concat!("../../dictionaries/code-lists/", $name, ".csv")))
            };
        }
        let lists: BTreeMap<&str, CodeList> = [
            list!("age_band"),
            list!("caller_kind"),
            list!("channel"),
            list!("outcome"),
            list!("prefecture"),
            list!("reason"),
            list!("record_type"),
            list!("sex"),
            list!("stage"),
            list!("visit"),
        ]
        .into_iter()
        .map(|(name, text)| (name, CodeList::parse(name, text).unwrap()))
        .collect();
        let generator = Generator::new(3).unwrap();
        let mut seen: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for call in parsed(&calls(&generator, 0..4_000)) {
            for (name, list) in &lists {
                let values = match &call[*name] {
                    Value::Null => continue,
                    Value::Array(values) => values.clone(),
                    value => vec![value.clone()],
                };
                for value in values {
                    let value = value.as_str().unwrap();
                    let code = list.get(list.find(value).unwrap_or_else(|| panic!("{name}: {value}")));
                    assert_eq!(code.label_ja, value, "{name}");
                    seen.entry(name).or_default().insert(value.to_owned());
                }
            }
        }
        assert_eq!(seen["prefecture"].len(), 47);
        assert_eq!(seen["reason"].len(), 13);
        assert_eq!(seen["outcome"].len(), 11);
        assert_eq!(seen["stage"].len(), 7);
    }

    #[test]
    fn themes_are_planted_with_their_reasons_and_trends() {
        let generator = Generator::new(5).unwrap();
        let calls = parsed(&calls(&generator, 0..6_000));
        let mut per_year: BTreeMap<(String, bool), u32> = BTreeMap::new();
        let mut years = [0u32; 2];
        let mut unrecorded = 0;
        let mut seconds = 0;
        for (i, call) in calls.iter().enumerate() {
            let (main, second) = generator.planted(i as u64);
            let reasons: BTreeSet<&str> = call["reason"].as_array().unwrap().iter().map(|r| r.as_str().unwrap()).collect();
            let reason = |code: &str| generator.data.themes.iter().find(|t| t.code == code).unwrap().reason.clone();
            assert!(reasons.contains(reason(main).as_str()));
            if let Some(second) = second {
                assert_ne!(main, second);
                seconds += 1;
                unrecorded += u32::from(!reasons.contains(reason(second).as_str()));
            }
            let late = call["received_at"].as_str().unwrap() >= "2025-04-01";
            let early = call["received_at"].as_str().unwrap() < "2024-04-01";
            if late || early {
                years[usize::from(late)] += 1;
                *per_year.entry((main.to_owned(), late)).or_default() += 1;
            }
        }
        let share = |code: &str, late: bool| {
            f64::from(per_year.get(&(code.to_owned(), late)).copied().unwrap_or(0)) / f64::from(years[usize::from(late)])
        };
        assert!(share("trial", true) > 1.4 * share("trial", false));
        assert!((share("second_opinion", true) - share("second_opinion", false)).abs() < 0.03);
        let mains: BTreeSet<&str> = per_year.keys().map(|(code, _)| code.as_str()).collect();
        assert_eq!(mains.len(), 12, "{mains:?}");
        // Most second concerns are told but not recorded.
        assert!(seconds > 2_400 && unrecorded * 2 > seconds, "{unrecorded} of {seconds}");
    }

    #[test]
    fn patients_fit_their_diseases_and_relations() {
        let data = Data::load().unwrap();
        let generator = Generator::new(9).unwrap();
        for index in 0..4_000 {
            let mut random = Random::for_call(9, index);
            let case = Case::draw(&data, &generator.calendar, &mut random);
            assert!(case.disease.ages[case.age_band] > 0, "{} at {}", case.disease.short, case.age);
            let own = matches!(case.voice.key(), "self" | "public");
            assert!(!own || case.age >= 15, "{} calls at {}", case.disease.short, case.age);
            if let Some(relation) = case.relation {
                assert_eq!(relation.sex, case.sex);
                assert!((relation.ages[0]..=relation.ages[1]).contains(&case.age_band), "{} of {}", relation.word, case.age);
            }
            assert!(case.disease.male > 0 || case.sex == "女性", "{}", case.disease.short);
            assert!(case.disease.male < 100 || case.sex == "男性", "{}", case.disease.short);
        }
    }

    #[test]
    fn sentences_hold_enough_variety_and_identifiers() {
        let data = Data::load().unwrap();
        for theme in &data.themes {
            let sentences = [&theme.anyone, &theme.own, &theme.family, &theme.clinician];
            assert!(sentences.iter().map(|p| p.dialects[0].len()).sum::<usize>() >= 40, "{}", theme.code);
            assert!(theme.counsellor.dialects[0].len() >= 10, "{}", theme.code);
            assert!(theme.notes.dialects[0].len() >= 15, "{}", theme.code);
        }
        assert!(data.talk.general.dialects[0].len() >= 80);
        let generator = Generator::new(2).unwrap();
        let lines = calls(&generator, 0..500).concat();
        for identifier in ["と申します", "090-0", "０", "@example.jp", "昭和", "病院です"] {
            assert!(lines.contains(identifier), "{identifier}");
        }
    }
}

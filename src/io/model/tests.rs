use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::error::Lang;
use crate::term::Vocabulary;
use crate::theme::{Descent, Relation, SubTheme, Theme};

const INFO_THRESHOLD: u32 = 10;

fn info() -> ModelInfo {
    ModelInfo { version: "0.1.0".into(), threshold: INFO_THRESHOLD, ..ModelInfo::default() }
}

/// A consistent model of these terms, with figures drawn from `values`.
fn model(terms: &BTreeSet<String>, themes: usize, rank: usize, values: &[f64]) -> ThemeModel {
    let mut values = values.iter().copied().cycle();
    let mut next = || values.next().unwrap_or(0.5);
    let vocabulary = Vocabulary::from_parts(
        terms.iter().map(|t| t.as_str().into()).collect(),
        (INFO_THRESHOLD..).take(terms.len()).collect(),
        (100..).take(terms.len()).collect(),
    );
    let projection = Array2::from_shape_fn((terms.len(), rank), |_| next() as f32);
    let number_of_parts = themes + usize::from(rank.is_multiple_of(2));
    let centroids = Array2::from_shape_fn((number_of_parts, rank), |_| next() as f32);
    // In a model that follows from another, parts stand in another order than themes.
    let parts = (0..number_of_parts).rev().map(|part| ThemeId(u16::try_from(part.min(themes - 1)).unwrap())).collect();
    let theme = |i: usize| Theme {
        id: ThemeId(u16::try_from(i).unwrap()),
        // The second theme of the model before is gone.
        number: u16::try_from(if i == 0 { 0 } else { i + 1 }).unwrap(),
        label: format!("主題{i}"),
        keywords: vocabulary.ids().take(3).map(|id| (id, next())).collect(),
        size: 10 + i as u64,
        group: u16::try_from(i % 2).unwrap(),
        coherence: next(),
        stability: next(),
        reach: next() as f32,
        x: next(),
        y: next(),
    };
    let themes: Vec<Theme> = (0..themes).map(theme).collect();
    // Models of short calls have evidence: here those of an odd rank.
    let weights = Array2::from_shape_fn((terms.len(), themes.len()), |_| next() as f32);
    let evidence = (rank % 2 == 1).then(|| Evidence { weights, bias: themes.iter().map(|_| next() as f32).collect() });
    let sub = |part: u16| SubTheme {
        theme: ThemeId(0),
        label: format!("小主題{part}"),
        keywords: vocabulary.ids().take(1).map(|id| (id, 0.5)).collect(),
        size: 5,
        stability: 0.75,
    };
    let subs: Vec<SubTheme> = if rank.is_multiple_of(2) { (0..2).map(sub).collect() } else { Vec::new() };
    ThemeModel {
        vocabulary: vocabulary.clone(),
        documents: 1000,
        mean_length: 0.1 + 0.2,
        projection,
        word_dimensions: 0,
        // Where the rank is even, the last theme was merged from two.
        centroids,
        parts,
        registers: Array2::zeros((2, rank)),
        evidence,
        temperature: 0.07,
        themes,
        // Models of an even rank have sub-themes.
        sub_centroids: Array2::from_elem((subs.len(), rank), 0.25),
        subs,
        groups: vec!["群一".into(), "群二".into()],
        next_number: 9,
        lineage: vec![
            Descent {
                previous: Some(0),
                previous_label: "前の主題".into(),
                theme: Some(0),
                relation: Relation::Continued,
                share_of_previous: Some(0.75),
                share_of_theme: None,
            },
            Descent {
                previous: Some(1),
                previous_label: String::new(),
                theme: None,
                relation: Relation::Vanished,
                share_of_previous: None,
                share_of_theme: None,
            },
        ],
    }
}

/// The themes with the needs of two domains.
fn with_needs(themes: ThemeModel) -> Model {
    let needs = [Some(NeedDomain::Trial), None].map(|domain| DomainModel { domain, model: themes.clone() });
    Model { themes, needs: needs.into(), info: info() }
}

fn sample() -> Model {
    with_needs(model(&["治験", "受診", "肉腫"].map(String::from).into(), 2, 4, &[0.1, -2.5, 1.0 / 3.0]))
}

fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    fs::names(dir).unwrap().into_iter().map(|n| (n.clone(), std::fs::read(dir.join(n)).unwrap())).collect()
}

#[test]
fn equal_models_give_equal_bytes_and_a_refit_replaces_the_old_one_whole() {
    let dir = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|n| dir.path().join("models").join(n));
    write_model(&a, &sample()).unwrap();
    write_model(&b, &sample()).unwrap();
    assert_eq!(files(&a), files(&b));
    let other = with_needs(model(&["治験", "転移"].map(String::from).into(), 3, 2, &[7.0]));
    write_model(&a, &other).unwrap();
    write_model(&b, &other).unwrap();
    assert_eq!(read_model(&a).unwrap(), other);
    assert_eq!((files(&a).len(), fs::names(dir.path().join("models").as_path()).unwrap()), (2, vec!["a".into(), "b".into()]));
}

#[test]
fn terms_of_few_calls_are_never_written() {
    let dir = tempfile::tempdir().unwrap();
    let info = ModelInfo { threshold: INFO_THRESHOLD + 1, ..info() };
    let error = write_model(&dir.path().join("m"), &Model { info, ..sample() }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Privacy);
    assert!(error.message(Lang::En).starts_with("1 terms occur in fewer than 11 calls") && !error.message(Lang::Ja).contains("受診"));
    assert!(fs::names(dir.path()).unwrap().is_empty());
}

#[test]
fn models_that_cannot_be_used_are_refused_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m");
    assert!(read_model(&path).unwrap_err().message(Lang::En).contains("no model here"));
    write_model(&path, &sample()).unwrap();
    let good = std::fs::read_to_string(path.join(MODEL_FILE)).unwrap();
    let cases = [
        (good.replace(&format(MODEL_FORMAT), &format(MODEL_FORMAT + 1)), "this kikitori reads formats up to"),
        (good[..good.len() / 2].to_owned(), "damaged"),
        (good.replace("\"group\": 1", "\"group\": 9"), "damaged"),
        (good.replacen("\"治験\",", "\"試験\",", 1), "damaged"),
        (good.replace("\"domain\": \"trial\"", "\"domain\": \"trail\""), "damaged"),
        (good.replace("\"domain\": \"trial\"", "\"domain\": \"access\""), "damaged"),
        (good.replace("\"domain\": \"trial\"", "\"domain\": \"emerging\""), "damaged"),
        (good.replace("\"arrays\": \"", "\"arrays\": \"../"), "damaged"),
    ];
    for (json, expected) in cases {
        assert_ne!(json, good);
        std::fs::write(path.join(MODEL_FILE), json).unwrap();
        let error = read_model(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Model, "{error}");
        assert!(error.message(Lang::En).contains(expected), "{error}");
    }
    std::fs::write(path.join(MODEL_FILE), &good).unwrap();
    let arrays = path.join(fs::names(&path).unwrap().remove(0));
    let mut bytes = std::fs::read(&arrays).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&arrays, bytes).unwrap();
    assert!(read_model(&path).unwrap_err().message(Lang::En).contains("another hash"));
}

/// How the format stands in `model.json`.
fn format(version: u32) -> String {
    format!("\"format\": {version},")
}

#[test]
fn models_of_all_earlier_formats_are_read() {
    // What each format brought; those before it lack it.
    let brought: [(u32, &[&str]); 4] =
        [(2, &["number", "reach", "next_number", "lineage"]), (3, &["subs"]), (4, &["compounds", "word_dimensions"]), (5, &["needs"])];
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m");
    write_model(&path, &sample()).unwrap();
    let written: serde_json::Value = serde_json::from_slice(&std::fs::read(path.join(MODEL_FILE)).unwrap()).unwrap();
    for version in OLDEST_FORMAT..=MODEL_FORMAT {
        let mut file = written.clone();
        file["format"] = version.into();
        for key in brought.iter().filter(|(since, _)| *since > version).flat_map(|(_, keys)| *keys) {
            file.as_object_mut().unwrap().remove(*key);
            file["themes"].as_array_mut().unwrap().iter_mut().for_each(|theme| drop(theme.as_object_mut().unwrap().remove(*key)));
        }
        std::fs::write(path.join(MODEL_FILE), file.to_string()).unwrap();
        let read = read_model(&path).unwrap();
        let (model, was) = (read.themes, sample().themes);
        assert_eq!((model.projection, model.themes.len(), read.info), (was.projection, was.themes.len(), info()), "{version}");
        assert_eq!(model.subs.is_empty(), version < 3 || was.subs.is_empty());
        assert_eq!(model.lineage.is_empty(), version < 2 || was.lineage.is_empty());
        assert_eq!(read.needs, if version < 5 { vec![] } else { sample().needs });
    }
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("thesis.tex"), "").unwrap();
    assert_eq!(write_model(dir.path(), &sample()).unwrap_err().kind(), ErrorKind::Model);
    assert_eq!(fs::names(dir.path()).unwrap(), ["thesis.tex"]);
}

#[test]
fn inconsistent_models_are_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m");
    let themes = || sample().themes;
    let nan = ThemeModel { mean_length: f64::NAN, ..themes() };
    let short = ThemeModel { centroids: Array2::zeros((1, 4)), ..themes() };
    let needs = |model| vec![DomainModel { domain: None, model }];
    let of_needs = Model { needs: needs(short.clone()), ..sample() };
    for broken in [Model { themes: nan, ..sample() }, Model { themes: short, ..sample() }, of_needs] {
        assert_eq!(write_model(&path, &broken).unwrap_err().kind(), ErrorKind::Internal);
    }
    assert!(!path.exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_model_reads_back_bit_by_bit(
        terms in proptest::collection::btree_set(".{1,6}", 3..20),
        themes in 1usize..5,
        rank in 1usize..6,
        values in proptest::collection::vec(-1e30f64..1e30, 1..50),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m");
        let model = with_needs(model(&terms, themes, rank, &values));
        write_model(&path, &model).unwrap();
        prop_assert_eq!(read_model(&path).unwrap(), model);
    }
}

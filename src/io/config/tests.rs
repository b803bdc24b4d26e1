use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::error::Lang;
use crate::redact::IdentifierType;

fn parse(text: &str) -> Result<Config> {
    Config::parse(Path::new("kikitori.toml"), text)
}

fn refusal(text: &str) -> String {
    let error = parse(text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    error.message(Lang::En)
}

#[test]
fn redaction_is_told_by_type_and_is_part_of_what_a_run_is() {
    let config = parse("[redaction]\ndate = \"mask\"\nfacility = \"keep\"\n").unwrap();
    assert_eq!(config.policy().kept().collect::<Vec<_>>(), [IdentifierType::Facility]);
    assert!(config.warnings().iter().any(|warning| warning.ja.contains("redaction.facility")));
    assert_ne!(config.fingerprint(), Config::default().fingerprint());
    assert_eq!(parse(&config.to_toml()).unwrap(), config);
    for (text, parts) in [
        ("[redaction]\nphoen = \"mask\"\n", ["redaction.phoen", "phone"]),
        ("[redaction]\n\nperson = \"generalise\"\n", ["3行目", "redaction.person"]),
    ] {
        let message = parse(text).unwrap_err().message(Lang::Ja);
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    }
    // Each type can be told.
    for kind in IdentifierType::ALL {
        assert!(parse(&format!("[redaction]\n{} = \"mask\"\n", kind.code())).is_ok(), "{kind:?}");
    }
}

#[test]
fn an_empty_file_is_the_default() {
    assert_eq!(parse("").unwrap(), Config::default());
}

#[test]
fn what_is_shown_reads_back_as_the_same_configuration() {
    let config = Config {
        threads: Some(3),
        input: Input { paths: vec!["a b.csv".into(), "相談\\記録".into()], encoding: Some("cp932".into()), ..Input::default() },
        columns: BTreeMap::from([("id".into(), "受付 \"番号\"".into()), ("相談 内容".into(), "一\n行".into())]),
        values: BTreeMap::from([("outcome".into(), BTreeMap::from([("当院=紹介".into(), "01".into())]))]),
        themes: Themes { count: Some(12), ..Themes::default() },
        pseudonym: PseudonymConfig { key_file: Some("k".into()) },
        ..Config::default()
    };
    for config in [Config::default(), config] {
        assert_eq!(parse(&config.to_toml()).unwrap(), config, "{}", config.to_toml());
    }
}

#[test]
fn every_key_is_shown_and_known() {
    let shown = Config::default().to_toml();
    for (section, keys) in schema::SECTIONS {
        assert!(section.is_empty() || shown.contains(&format!("[{section}")), "{section}");
        for key in keys.iter().filter(|k| **k != "*") {
            assert!(shown.lines().any(|l| l.trim_start_matches("# ").starts_with(&format!("{key} = "))), "{section}.{key}");
        }
    }
    // The other way: a key of the types that the list of keys does not know would be refused here.
    let all = Config {
        threads: Some(1),
        input: Input { encoding: Some("utf-8".into()), sheet: Some("s".into()), ..Input::default() },
        output: Output { dir: Some("o".into()), ..Output::default() },
        themes: Themes { count: Some(2), ..Themes::default() },
        codes: Codes { file: Some("c".into()) },
        dictionaries: Dictionaries { dir: Some("d".into()), lindera: Some("l".into()) },
        pseudonym: PseudonymConfig { key_file: Some("k".into()) },
        ..Config::default()
    };
    let text = toml::to_string(&all).unwrap();
    assert_eq!(parse(&text).unwrap(), all);
}

#[test]
fn unknown_keys_are_named_with_line_and_suggestion() {
    let cases = [
        ("\n[theme]\ncount = 3", "kikitori.toml line 2 \"theme\": unknown key; did you mean \"themes\"?"),
        (
            "[themes]\nseed = 1\nnumber = 3",
            "kikitori.toml line 3 \"themes.number\": unknown key; expected one of count, seed, rank, guide, embedding",
        ),
        ("[output]\nkeep-runs = 3", "kikitori.toml line 2 \"output.keep-runs\": unknown key; did you mean \"keep_runs\"?"),
        ("thread = 3", "kikitori.toml line 1 \"thread\": unknown key; did you mean \"threads\"?"),
        ("input.path = []", "kikitori.toml line 1 \"input.path\": unknown key; did you mean \"paths\"?"),
    ];
    for (text, expected) in cases {
        assert_eq!(refusal(text), expected);
    }
}

#[test]
fn values_of_the_wrong_type_are_named_with_line_and_key() {
    let message = refusal("lang = \"ja\"\n[themes]\ncount = \"many\"");
    assert!(message.starts_with("kikitori.toml line 3 \"themes.count\": a value of the wrong type"), "{message}");
    let message = refusal("lang = \"fr\"");
    assert!(message.starts_with("kikitori.toml line 1 \"lang\"") && message.contains("`ja`"), "{message}");
    let message = refusal("[columns]\nid = 3");
    assert!(message.starts_with("kikitori.toml line 2 \"columns.id\""), "{message}");
    let message = refusal("themes = 3");
    assert!(message.starts_with("kikitori.toml line 1 \"themes\""), "{message}");
    let message = refusal("[input]\npaths = [a.csv]");
    assert!(message.starts_with("kikitori.toml line 2: not valid TOML"), "{message}");
}

#[test]
fn values_out_of_range_are_refused_each() {
    let cases = [
        ("threads = 0", "threads"),
        ("[input]\nmax_chars = 0", "input.max_chars"),
        ("[input]\nmax_reject_share = 1.5", "input.max_reject_share"),
        ("[input]\nmax_reject_share = nan", "input.max_reject_share"),
        ("[input]\nencoding = \"latin\"", "input.encoding"),
        ("[output]\nkeep_runs = 0", "output.keep_runs"),
        ("[themes]\ncount = 1", "themes.count"),
        ("[themes]\nrank = 1", "themes.rank"),
        ("[needs]\ntau = 0", "needs.tau"),
        ("[disclosure]\nthreshold = 0", "disclosure.threshold"),
    ];
    for (text, key) in cases {
        let error = parse(text).unwrap_err();
        let place = error.place().unwrap();
        assert_eq!((place.column.as_deref(), place.row), (Some(key), text.lines().count() as u64), "{text}: {error}");
    }
    let from_the_command_line = Config { threads: Some(0), ..Config::default() };
    assert_eq!(from_the_command_line.validate().unwrap_err().message(Lang::Ja), "「threads」: 1から1024までにしてください");
}

#[test]
fn relative_paths_are_those_beside_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("kikitori.toml");
    std::fs::write(&file, "[input]\npaths = [\"calls\", \"/abs\"]\n[output]\ndir = \"out\"\n[pseudonym]\nkey_file = \"key\"").unwrap();
    let config = Config::load(&file).unwrap();
    assert_eq!(config.input.paths, [dir.path().join("calls"), "/abs".into()]);
    assert_eq!((config.output.dir, config.pseudonym.key_file), (Some(dir.path().join("out")), Some(dir.path().join("key"))));
}

#[test]
fn the_fingerprint_follows_what_influences_the_result_and_nothing_else() {
    let base = Config::default().fingerprint();
    let neutral =
        parse("lang = \"en\"\nthreads = 2\n[output]\ndir = \"x\"\nkeep_runs = 1\n[input]\npaths = [\"y\"]\nmax_reject_share = 0.5");
    assert_eq!(neutral.unwrap().fingerprint(), base);
    let one = parse("[columns]\nid = \"番号\"").unwrap().fingerprint();
    let different =
        ["[themes]\nseed = 1", "[themes]\ncount = 9", "[needs]\ntau = 2", "[disclosure]\nthreshold = 11", "[input]\nmax_chars = 9"];
    for text in different {
        assert_ne!(parse(text).unwrap().fingerprint(), base, "{text}");
    }
    assert_ne!(one, base);
}

#[test]
fn a_low_threshold_is_allowed_and_said() {
    assert!(Config::default().warnings().is_empty());
    assert_eq!(parse("[disclosure]\nthreshold = 3").unwrap().warnings().len(), 1);
}

proptest! {
    #[test]
    fn any_names_survive_being_shown(column in ".{1,12}", value in ".{0,12}", code in ".{0,6}") {
        let config = Config {
            columns: BTreeMap::from([(column.clone(), value.clone())]),
            values: BTreeMap::from([(column, BTreeMap::from([(value, code)]))]),
            ..Config::default()
        };
        prop_assert_eq!(parse(&config.to_toml()).unwrap(), config);
    }
}

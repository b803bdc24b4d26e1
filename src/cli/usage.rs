//! The command line read, and what is wrong with it in one sentence.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind as Kind};
use clap::{CommandFactory, FromArgMatches};

use super::args::Cli;
use super::output::Output;
use super::{EXIT_FAILED, help};
use crate::error::{Error, ErrorKind, Lang, Text};

/// The variable that names the language where no argument does.
const LANG_VARIABLE: &str = "KIKITORI_LANG";

/// The arguments of the process; where there is nothing to run (help, or a mistake that was told) the exit code.
pub(super) fn parse() -> Result<Cli, ExitCode> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let lang = language(&arguments, std::env::var(LANG_VARIABLE).ok().as_deref());
    // `kikitori help run` for `kikitori run --help`.
    if arguments.get(1).is_some_and(|first| first == "help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    let matches = help::localised(Cli::command(), lang).try_get_matches_from(&arguments);
    let error = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    let told = matches!(error.kind(), Kind::DisplayHelp | Kind::DisplayVersion | Kind::DisplayHelpOnMissingArgumentOrSubcommand);
    let json = arguments.iter().any(|argument| argument == "--json");
    if told || (lang == Lang::En && !json) {
        // Help into a closed pipe (`| head`) is no error.
        let _ = error.print();
        return Err(ExitCode::from(if error.use_stderr() { EXIT_FAILED } else { 0 }));
    }
    let text = sentence(&error, &command_of(&arguments));
    Output::new(Some(lang), json, false).error(&Error::new(ErrorKind::Config, text));
    Err(ExitCode::from(EXIT_FAILED))
}

/// The language the arguments ask for: help is made before they are read.
fn language(arguments: &[OsString], variable: Option<&str>) -> Lang {
    let words: Vec<&str> = arguments.iter().filter_map(|a| a.to_str()).collect();
    let after = words.iter().position(|w| *w == "--lang").and_then(|at| words.get(at + 1)).copied();
    let joined = words.iter().find_map(|w| w.strip_prefix("--lang="));
    match after.or(joined).or(variable) {
        Some("en") => Lang::En,
        _ => Lang::Ja,
    }
}

/// `kikitori run`: the command as far as it can be made out.
fn command_of(arguments: &[OsString]) -> String {
    let mut path = "kikitori".to_owned();
    let mut command = Cli::command();
    for word in arguments.iter().skip(1).filter_map(|a| a.to_str()) {
        if let Some(sub) = command.find_subcommand(word).cloned() {
            path = format!("{path} {word}");
            command = sub;
        }
    }
    path
}

/// What is wrong, and where to read on.
fn sentence(error: &clap::Error, command: &str) -> Text {
    let get = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        _ => String::new(),
    };
    let meant = |kind: ContextKind| Some(get(kind)).filter(|s| !s.is_empty()).map(|s| format!("。「{s}」のことですか")).unwrap_or_default();
    let (argument, value) = (get(ContextKind::InvalidArg), get(ContextKind::InvalidValue));
    let ja = match error.kind() {
        Kind::UnknownArgument if argument.starts_with('-') => {
            format!("「{argument}」というオプションはありません{}", meant(ContextKind::SuggestedArg))
        }
        Kind::UnknownArgument => format!("「{argument}」は余分な引数です"),
        Kind::InvalidSubcommand => {
            format!("「{}」というコマンドはありません{}", get(ContextKind::InvalidSubcommand), meant(ContextKind::SuggestedSubcommand))
        }
        Kind::InvalidValue if value.is_empty() => format!("「{argument}」に値を付けてください"),
        Kind::TooFewValues | Kind::WrongNumberOfValues => format!("「{argument}」に値を付けてください"),
        Kind::InvalidValue => {
            let known = get(ContextKind::ValidValue);
            let known = if known.is_empty() { String::new() } else { format!("。使える値：{known}") };
            format!("「{argument}」の値「{value}」は使えません{known}")
        }
        // The only values that are parsed are whole numbers.
        Kind::ValueValidation if argument.starts_with("--threads") => {
            format!("「{argument}」の値「{value}」は使えません。0から{}までの整数にしてください", super::args::MAX_THREADS)
        }
        Kind::ValueValidation => format!("「{argument}」の値「{value}」は使えません。0以上の整数にしてください"),
        Kind::MissingRequiredArgument => format!("指定が足りません：{argument}"),
        Kind::MissingSubcommand => "コマンドを指定してください".to_owned(),
        Kind::ArgumentConflict => {
            let other = get(ContextKind::PriorArg);
            if other.is_empty() || other == argument {
                format!("「{argument}」は一度だけ指定してください")
            } else {
                format!("「{argument}」と「{other}」は同時に使えません")
            }
        }
        Kind::InvalidUtf8 => "引数に UTF-8 でない文字があります".to_owned(),
        _ => "引数が正しくありません".to_owned(),
    };
    // Clap's first paragraph, without its mark and its tips.
    let rendered = error.render().to_string();
    let en = rendered.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
    let en = en.split_whitespace().collect::<Vec<_>>().join(" ");
    Text::new(format!("{ja}。使い方は {command} --help"), format!("{en}; see {command} --help"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn told(line: &str) -> String {
        let arguments = words(line);
        let error = help::localised(Cli::command(), Lang::Ja).try_get_matches_from(&arguments).unwrap_err();
        sentence(&error, &command_of(&arguments)).ja
    }

    #[test]
    fn mistakes_are_told_in_one_japanese_sentence() {
        for (line, expected) in [
            ("kikitori run --inptu a", "「--inptu」というオプションはありません。「--input」のことですか。使い方は kikitori run --help"),
            ("kikitori rum", "「rum」というコマンドはありません。「run」のことですか。使い方は kikitori --help"),
            (
                "kikitori run --themes many",
                "「--themes <K>」の値「many」は使えません。0以上の整数にしてください。使い方は kikitori run --help",
            ),
            ("kikitori --lang fr run", "「--lang <LANG>」の値「fr」は使えません。使える値：ja、en。使い方は kikitori run --help"),
            ("kikitori run --out", "「--out <DIR>」に値を付けてください。使い方は kikitori run --help"),
            ("kikitori fit", "指定が足りません：--model <DIR>。使い方は kikitori fit --help"),
        ] {
            assert_eq!(told(line), expected);
        }
    }

    #[test]
    fn help_is_wholly_in_its_language() {
        let help_of = |lang: Lang, line: &str| {
            let error = help::localised(Cli::command(), lang).try_get_matches_from(words(line)).unwrap_err();
            assert_eq!(error.kind(), Kind::DisplayHelp, "{line}");
            error.render().to_string()
        };
        for command in [
            "",
            " run",
            " fit",
            " apply",
            " init",
            " check",
            " sample",
            " schema",
            " manifest",
            " audit",
            " config",
            " eval",
            " eval themes",
            " eval needs",
            " embed",
            " embed fit",
            " embed show",
            " coding learn",
        ] {
            let japanese = help_of(Lang::Ja, &format!("kikitori{command} --help"));
            for word in ["Usage", "Options", "Commands", "Arguments", "Print", "default", "possible", "env:"] {
                assert!(!japanese.contains(word), "{word} in{command}: {japanese}");
            }
            assert!(japanese.contains("使い方: kikitori") && japanese.contains("オプション"), "{japanese}");
            let english = help_of(Lang::En, &format!("kikitori{command} --help"));
            let kana = |c: char| ('ぁ'..='ヿ').contains(&c);
            assert!(!english.replace("日本語", "").contains(kana), "{command}: {english}");
        }
    }

    #[test]
    fn the_language_is_known_before_the_arguments_are_read() {
        assert_eq!(language(&words("kikitori run --lang en"), None), Lang::En);
        assert_eq!(language(&words("kikitori --lang=en --help"), Some("ja")), Lang::En);
        assert_eq!(language(&words("kikitori --help"), Some("en")), Lang::En);
        assert_eq!(language(&words("kikitori --help"), None), Lang::Ja);
    }
}

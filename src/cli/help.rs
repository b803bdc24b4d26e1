//! The help in both languages. The arguments carry Japanese words; here are clap's own in Japanese, and all in English.

use clap::builder::ArgAction;
use clap::{Arg, Command};

use crate::error::Lang;

/// `command` and all below it, with help in `lang`.
pub(super) fn localised(command: Command, lang: Lang) -> Command {
    let name = command.get_name().to_owned();
    of_command(command, lang, &name)
}

fn of_command(command: Command, lang: Lang, path: &str) -> Command {
    let (help, version) = match lang {
        Lang::Ja => ("この説明を出す", "版を出す"),
        Lang::En => ("Print help", "Print version"),
    };
    let command = command
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .arg(Arg::new("help").short('h').long("help").action(ArgAction::Help).help(help))
        .arg(Arg::new("version").short('V').long("version").action(ArgAction::Version).help(version));
    let name = command.get_name().to_owned();
    let command = command.mut_subcommands(|sub| {
        let path = format!("{path} {}", sub.get_name());
        of_command(sub, lang, &path)
    });
    match lang {
        Lang::Ja => japanese(command, path),
        Lang::En => english(command, &name),
    }
}

/// Headings, usage and defaults in Japanese.
fn japanese(command: Command, path: &str) -> Command {
    let usage = usage(&command, path);
    command
        .help_template("{before-help}{about-with-newline}\n使い方: {usage}\n\n{all-args}{after-help}")
        .override_usage(usage)
        .subcommand_help_heading("コマンド")
        .mut_args(|arg| {
            let heading = if arg.is_positional() { "引数" } else { "オプション" };
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let more = more(&arg);
            arg.help_heading(heading).help(format!("{help}{more}")).hide_default_value(true).hide_possible_values(true).hide_env(true)
        })
}

/// Default, possible values and variable of an argument.
fn more(arg: &Arg) -> String {
    let mut more = Vec::new();
    let values: Vec<String> = arg.get_possible_values().iter().map(|v| v.get_name().to_owned()).collect();
    let flag = !arg.get_action().takes_values();
    if !values.is_empty() && !flag {
        more.push(values.join("、"));
    }
    let default: Vec<_> = arg.get_default_values().iter().map(|v| v.to_string_lossy()).collect();
    if !default.is_empty() && !flag {
        more.push(format!("省略時: {}", default.join(" ")));
    }
    if let Some(variable) = arg.get_env() {
        more.push(format!("環境変数 {} でも可", variable.to_string_lossy()));
    }
    if more.is_empty() { String::new() } else { format!("（{}）", more.join("。")) }
}

/// `kikitori fit [オプション] --model <DIR>`.
fn usage(command: &Command, path: &str) -> String {
    let mut words = vec![path.to_owned(), "[オプション]".to_owned()];
    for arg in command.get_arguments().filter(|arg| arg.is_required_set() && !arg.is_positional()) {
        let value = arg.get_value_names().and_then(<[_]>::first).filter(|_| arg.get_action().takes_values());
        let value = value.map(|name| format!(" <{name}>")).unwrap_or_default();
        words.push(format!("--{}{value}", arg.get_long().unwrap_or_default()));
    }
    for arg in command.get_positionals() {
        let name = arg.get_value_names().and_then(<[_]>::first).map_or(arg.get_id().as_str(), |name| name.as_str());
        let more = if matches!(arg.get_action(), ArgAction::Append) { "..." } else { "" };
        words.push(if arg.is_required_set() { format!("<{name}>{more}") } else { format!("[{name}]{more}") });
    }
    if command.has_subcommands() {
        words.push("<コマンド>".to_owned());
    }
    words.join(" ")
}

/// The words of `name` in English.
fn english(command: Command, name: &str) -> Command {
    let command = command.mut_args(|arg| match argument(name, arg.get_id().as_str()) {
        Some(words) => arg.help(words),
        None => arg,
    });
    if name == "kikitori" {
        return command
            .about("kikitori - reads the records of a telephone hotline and writes the tables of a dashboard: what people call about, and what they need without saying so")
            .after_help("Exit codes: 0 done / 1 done, but too many rows could not be read, or a check failed / 2 failed / 130 interrupted\nMore: kikitori <COMMAND> --help");
    }
    match about(name) {
        Some(words) => command.about(words),
        None => command,
    }
}

fn about(command: &str) -> Option<&'static str> {
    Some(match command {
        "run" => "Read records, find themes and needs, publish tables (the night's work)",
        "fit" => "Make only a model of themes",
        "apply" => "Publish new records under the themes of a model (as run --model)",
        "init" => "Look at an export and write kikitori.toml, which says which column is what",
        "check" => "Only read, and say what would be accepted and what not",
        "sample" => "Make any number of fictional calls (for load and pictures)",
        "schema" => "Document the published tables and their columns",
        "audit" => "Attack the published tables: can a hidden count be computed, is there text or an id?",
        "manifest" => "Print the manifest of a published run",
        "config" => "Print the configuration in force",
        "embed" => "Make word vectors, and look at them",
        "show" => "Show the words nearest to some words",
        "eval" => "Measure quality on labelled data",
        "coding" => "Compare with people who code, and learn from them: sheets, kappa, negative controls, words",
        "learn-identifiers" => "Learn from marked texts what stands around names (identifiers/context.tsv of the dictionaries)",
        "learn" => {
            "Learn from coded utterances what character n-grams say for needs and their domains (needs/ngrams.tsv of the dictionaries)"
        }
        "sheet" => "Write a sheet for coders (CSV or XLSX, redacted) of utterances drawn at random from strata",
        "score" => "Read two coders' sheets: kappa by domain, disagreements, and kikitori against them",
        "controls" => "Negative controls: counsellors' turns and shuffled reasons, and what chance would give",
        "completions" => "Print a shell's completion script",
        "themes" => {
            "Themes: NMI, ARI, V-measure, NPMI, C_v, diversity, silhouette and stability on a JSONL of {\"id\",\"label\",\"text\"|\"turns\"}"
        }
        "needs" => "Needs: precision and recall on a JSONL of {\"id\",\"speaker\",\"text\",\"needs\"}",
        "redact" => "Redaction: precision and recall on a JSONL of {\"id\",\"text\",\"spans\"}",
        _ => return None,
    })
}

fn argument(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        (_, "lang") => "Language of the words on the screen",
        (_, "json") => "Print the result as JSON for machines",
        (_, "quiet") => "Show no progress",
        ("config", "config") => "The configuration file",
        (_, "config") => "The configuration file (default: kikitori.toml beside the input or in the current folder)",
        (_, "input") => "What to read: a file or a folder; may be repeated (default: corpus-samples)",
        (_, "threads") => "Threads (0: one per core; up to 1024)",
        (_, "dictionary") => "Folder of a compiled lindera dictionary (default: the built-in IPADIC)",
        (_, "dictionaries") => "Folder of word lists, codes and cues (default: the built-in ones)",
        (_, "codes") => "Coding rules as KH Coder writes them (default: codes/rare-cancer.txt of the word lists)",
        ("fit", "out") => "Folder to write the word vectors to",
        (_, "dim") => "Dimensions (default: 100)",
        (_, "vocab") => "Words at most (default: 20000)",
        ("audit", "dir") => "Folder of an output, of a run under its runs/, or of a dashboard",
        (_, "against") => "What was published before (any of these folders): does the difference give a small count?",
        (_, "dir") => "Folder of word vectors",
        (_, "words") => "Words",
        (_, "count") => "How many near words to show",
        ("run" | "apply", "out") => "Folder to publish to (default: kikitori-out)",
        ("run", "model") => "Use this model (default: make one of these records)",
        ("fit", "model") => "Folder to write the model to",
        ("fit", "from") => "Folder of the model before: themes that go on keep their numbers, and their lineage is written",
        ("apply", "model") => "Folder of the model",
        (_, "embedding") => "Folder of word vectors (short texts that mean the same come near without a common word)",
        (_, "guide") => "What you ask of the themes (themes.toml: pin, forbid, split, merge, name)",
        ("themes", "themes") => "Number of themes (default: chosen from the data, with --vs that file's)",
        ("themes", "vs") => "Put other topic models beside (what benches/peers/topics.sh --out wrote of the same FILE)",
        (_, "themes") => "Number of themes (default: chosen from the data)",
        ("sheet", "seed") => "Seed of the draw (the same seed draws the same utterances)",
        (_, "seed") => "Seed of everything random",
        (_, "key_file") => "File of the pseudonym key (or the variable KIKITORI_KEY)",
        ("init", "file") => "The file (CSV, TSV, XLSX, JSONL, Parquet) or folder to look at",
        ("init", "output") => "Configuration to write (`-`: standard output)",
        (_, "force") => "Overwrite a configuration that exists",
        ("check", "file") => "What to read",
        ("check", "show") => "How many unreadable rows to list",
        (_, "calls") => "How many calls",
        ("sample", "out") => "File to write (`-`: standard output)",
        ("sheet", "out") => "Sheet to write (.csv or .xlsx)",
        (_, "utterances") => "How many utterances",
        (_, "coder") => "Name of the coder, written into the sheet",
        (_, "a") => "The first coder's sheet",
        (_, "b") => "The second coder's sheet",
        (_, "kikitori") => "kikitori's decisions, as written beside the sheet (…kikitori.json)",
        (_, "disagreements") => "CSV to write for the two to talk over (holds redacted words)",
        ("learn", "files") => {
            "JSONL of {\"id\",\"speaker\",\"text\",\"needs\"}, as `coding score --gold` writes and `eval needs` reads; may be repeated"
        }
        ("learn", "out") => "File to write; as needs/ngrams.tsv of the dictionaries a run uses it",
        ("learn-identifiers", "files") => "JSONL of {\"id\",\"text\",\"spans\"}, as `eval redact` reads; may be repeated",
        ("learn-identifiers", "unmarked") => "JSONL of utterances without identifiers, as `coding learn` reads; may be repeated",
        ("learn-identifiers", "out") => "File to write; as identifiers/context.tsv of the dictionaries a run uses it",
        ("learn", "smallest") => {
            "Leave n-grams out that fewer calls hold (default: 10, the smallest count that is published; for fictional ones 8 will do)"
        }
        (_, "gold") => "JSONL to write of what both agree on, for `eval needs` (holds redacted words)",
        (_, "table") => "Only this table",
        ("manifest", "run") => "The folder published to, or one under its runs/",
        (_, "methods") => "Print a paragraph for the methods section of a paper",
        ("config", "show") => "Print it as TOML",
        (_, "label") => "Key of the label",
        (_, "file") => "The labelled JSONL",
        (_, "errors") => "List the errors by id and kind (never the text)",
        (_, "shell") => "The shell",
        _ => return None,
    })
}

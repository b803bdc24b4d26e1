//! The command line: one file per subcommand. Arguments as typed ([`args`]) and as resolved ([`plan`]) are two types.
//!
//! stdout is data and the closing summary; progress, warnings and errors go to stderr.

// The shell may look at the clock (for the manifest) and at the terminal; the stages may not.
#![allow(clippy::disallowed_methods)]

mod args;
mod apply;
mod audit;
mod check;
mod coding;
mod completions;
mod config;
mod embed;
mod eval;
mod fit;
mod guard;
mod guided;
mod help;
mod init;
mod manifest;
mod output;
mod plan;
mod run;
mod sample;
mod schema;
mod session;
mod summary;
mod tables;
mod usage;
mod versus;

use std::process::ExitCode;

use crate::error::{Error, ErrorKind, Lang, Result, Text};
use args::Command;
use output::Output;

/// Finished with more rejects than allowed, or a check that failed.
pub const EXIT_REJECTS: u8 = 1;
/// Failed; nothing was published.
pub const EXIT_FAILED: u8 = 2;
/// Stopped by the user; nothing was published.
pub const EXIT_INTERRUPTED: u8 = 130;

/// Parses the process's arguments, runs the command and gives its exit code.
pub fn main() -> ExitCode {
    let cli = match usage::parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let out = Output::new(cli.lang.map(Lang::from), cli.json, cli.quiet);
    silence_panics(&out);
    // A panic is a bug of ours. What was published before stands; staging is removed on the way out.
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| dispatch(cli.command, &out)));
    match result {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            out.error(&error);
            ExitCode::from(if error.kind() == ErrorKind::Interrupted { EXIT_INTERRUPTED } else { EXIT_FAILED })
        }
        Err(_) => ExitCode::from(EXIT_FAILED),
    }
}

/// Lets a panic say where it happened and nothing else: its message may quote the text it stumbled over.
fn silence_panics(out: &Output) {
    let out = out.clone();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        out.error(&Error::new(
            ErrorKind::Internal,
            Text::new(
                format!("プログラムの誤りで止まりました（{place}）。何も公開していません。この一行を開発者に知らせてください"),
                format!("stopped by a bug at {place}; nothing was published; please report this line"),
            ),
        ));
    }));
}

fn dispatch(command: Command, out: &Output) -> Result<ExitCode> {
    match command {
        Command::Run(args) => run::run(&args, out),
        Command::Fit(args) => fit::fit(&args, out),
        Command::Apply(args) => apply::apply(args, out),
        Command::Init(args) => init::init(&args, out),
        Command::Check(args) => check::check(args, out),
        Command::Sample(args) => sample::sample(&args, out),
        Command::Schema(args) => schema::schema(&args, out),
        Command::Audit(args) => audit::audit(&args, out),
        Command::Manifest(args) => manifest::manifest(&args, out),
        Command::Config(args) => config::show(&args, out),
        Command::Embed(command) => embed::embed(&command, out),
        Command::Eval(args) => eval::eval(&args, out),
        Command::Coding(command) => coding::coding(&command, out),
        Command::Completions { shell } => completions::write(shell, out),
    }
}

//! The `kikitori` binary: parse, run, exit code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    kikitori::cli::main()
}

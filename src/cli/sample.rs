//! `kikitori sample`: fictional calls for load and for pictures.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::args::SampleArgs;
use super::output::Output;
use crate::error::{Result, Text};
use crate::io::fs;

/// Writes N generated calls as JSONL.
pub(super) fn sample(args: &SampleArgs, out: &Output) -> Result<ExitCode> {
    if args.out == Path::new("-") {
        // A closed pipe (`| head`) ends the work without an error.
        let mut sink = std::io::BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
        let _ = crate::sample::write(args.calls, args.seed, &mut sink).map(|()| sink.flush());
        return Ok(ExitCode::SUCCESS);
    }
    fs::replace_with(&args.out, |sink| crate::sample::write(args.calls, args.seed, sink))?;
    let (calls, file) = (args.calls, args.out.display());
    out.note(&Text::new(format!("架空の相談{calls}件を {file} に書きました"), format!("wrote {calls} fictional calls to {file}")));
    Ok(ExitCode::SUCCESS)
}

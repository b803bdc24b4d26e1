//! Where words to people go: data and summaries to stdout, progress, warnings and errors to stderr.

use std::io::{IsTerminal, Write};
use std::sync::OnceLock;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::error::{Error, ErrorKind, Lang, Result, Text};

/// The terminal as one run sees it.
#[derive(Debug, Clone)]
pub(super) struct Output {
    given: Option<Lang>,
    preferred: OnceLock<Lang>,
    json: bool,
    quiet: bool,
    bars: bool,
}

impl Output {
    /// Progress bars on a terminal, plain lines elsewhere, neither when `quiet`.
    pub(super) fn new(lang: Option<Lang>, json: bool, quiet: bool) -> Self {
        Self { given: lang, preferred: OnceLock::new(), json, quiet, bars: std::io::stderr().is_terminal() && !quiet }
    }

    /// The language of this run.
    pub(super) fn lang(&self) -> Lang {
        self.given.or(self.preferred.get().copied()).unwrap_or_default()
    }

    /// The language a configuration asks for, unless the command line named one.
    pub(super) fn prefer(&self, lang: Lang) {
        // A command reads one configuration; a second one would not change the language any more.
        let _ = self.preferred.set(lang);
    }

    /// Whether results are wanted as JSON.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// Writes data or a summary to stdout. A reader that closed the pipe (`| head`) is no error.
    ///
    /// # Errors
    /// When stdout cannot be written for another reason (a full disk behind a redirection).
    pub(super) fn data(&self, text: &str) -> Result<()> {
        let mut stdout = std::io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        match written {
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Error::new(ErrorKind::Io, Text::new("標準出力に書けません", "cannot write to standard output")).because(e))
            }
            _ => Ok(()),
        }
    }

    /// Writes a value as one pretty JSON document to stdout.
    ///
    /// # Errors
    /// See [`Output::data`].
    pub(super) fn json(&self, value: &impl serde::Serialize) -> Result<()> {
        let mut text = serde_json::to_string_pretty(value)
            .map_err(|e| Error::new(ErrorKind::Internal, Text::new("JSONにできません", "cannot serialise")).because(e))?;
        text.push('\n');
        self.data(&text)
    }

    /// The closing summary; left out when `quiet`.
    ///
    /// # Errors
    /// See [`Output::data`].
    pub(super) fn summary(&self, text: &str) -> Result<()> {
        if self.quiet { Ok(()) } else { self.data(text) }
    }

    /// One line about what is going on.
    pub(super) fn note(&self, text: &Text) {
        if !self.quiet {
            self.stderr(text.get(self.lang()));
        }
    }

    /// A warning with its advice.
    pub(super) fn warn(&self, text: &Text) {
        let (mark, body) = match self.lang() {
            Lang::Ja => ("注意: ", &text.ja),
            Lang::En => ("warning: ", &text.en),
        };
        self.stderr(&format!("{mark}{body}"));
    }

    /// An error; the last thing a failed run says. One JSON object where results are wanted as JSON.
    pub(super) fn error(&self, error: &Error) {
        if self.json {
            let line = serde_json::json!({ "error": error.message(self.lang()), "kind": error.kind().name() });
            return self.stderr(&line.to_string());
        }
        let mark = match self.lang() {
            Lang::Ja => "エラー: ",
            Lang::En => "error: ",
        };
        self.stderr(&format!("{mark}{}", error.message(self.lang())));
    }

    fn stderr(&self, line: &str) {
        // Nothing can be done about a stderr that is gone.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    /// A progress display for a step; `total` = 0 where it is not known.
    pub(super) fn step(&self, name: &Text, total: u64) -> Step {
        let name = name.get(self.lang()).to_owned();
        if !self.bars {
            if !self.quiet {
                self.stderr(&name);
            }
            return Step { bar: None };
        }
        let bar = if total > 0 { ProgressBar::new(total) } else { ProgressBar::new_spinner() };
        let template = if total > 0 { "{msg:<20!} {bar:32} {pos}/{len} {eta}" } else { "{msg:<20!} {spinner} {human_pos}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━━ "));
        }
        bar.set_message(name);
        bar.enable_steady_tick(Duration::from_millis(200));
        Step { bar: Some(bar) }
    }
}

/// A running step.
pub(super) struct Step {
    bar: Option<ProgressBar>,
}

impl Step {
    /// So many more are done.
    pub(super) fn advance(&self, by: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(by);
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

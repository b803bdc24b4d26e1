//! Faults on purpose, to show what a reader sees when publishing dies at any step. Release builds have none.

use std::path::Path;
#[cfg(any(test, debug_assertions))]
use std::path::PathBuf;

use crate::error::Result;
#[cfg(any(test, debug_assertions))]
use crate::error::{Error, ErrorKind, Text};

/// The steps of publishing, in order; each is reached after what its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// All files were written by the stages.
    Written,
    /// All files were opened again and checked.
    Checked,
    /// The manifest was written.
    Manifest,
    /// Files and folders of the staging folder were synced.
    Synced,
    /// The staging folder became the run's folder.
    Renamed,
    /// The folder of runs was synced.
    RunsSynced,
    /// `latest.json` leads to the run.
    Committed,
    /// The link for people leads to it.
    Linked,
    /// `stable/` holds its tables.
    Stable,
}

impl Step {
    /// All steps in order.
    #[cfg(any(test, debug_assertions))]
    pub(crate) const ALL: [Self; 9] = [
        Self::Written,
        Self::Checked,
        Self::Manifest,
        Self::Synced,
        Self::Renamed,
        Self::RunsSynced,
        Self::Committed,
        Self::Linked,
        Self::Stable,
    ];
}

/// The environment variable of debug builds: `<Step>:fail`, `<Step>:abort` or `<Step>:hang`, such as `Renamed:hang`.
#[cfg(any(test, debug_assertions))]
pub(crate) const FAULT_VARIABLE: &str = "KIKITORI_FAULT";

/// The file a hanging process makes in the output folder, so that whoever waits for it knows when to kill it.
#[cfg(any(test, debug_assertions))]
pub(crate) const HANGS_FILE: &str = ".hangs";

/// What goes wrong after which step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fault {
    #[cfg(any(test, debug_assertions))]
    planned: Option<(Step, Effect)>,
}

#[cfg(any(test, debug_assertions))]
#[derive(Debug, Clone)]
enum Effect {
    /// Publishing ends with an error, as if the disk had refused.
    Fail,
    /// The process dies on the spot.
    Abort,
    /// The process stands still until it is killed.
    Hang(PathBuf),
}

#[cfg(any(test, debug_assertions))]
impl Fault {
    /// Publishing fails after `step`.
    #[cfg(test)]
    pub(crate) fn fail_after(step: Step) -> Self {
        Self { planned: Some((step, Effect::Fail)) }
    }

    /// What [`FAULT_VARIABLE`] says.
    pub(crate) fn from_environment(out: &Path) -> Self {
        let value = std::env::var(FAULT_VARIABLE).unwrap_or_default();
        let planned = value.split_once(':').and_then(|(step, effect)| {
            let step = Step::ALL.into_iter().find(|s| format!("{s:?}") == step)?;
            let effect = match effect {
                "fail" => Effect::Fail,
                "abort" => Effect::Abort,
                "hang" => Effect::Hang(out.join(HANGS_FILE)),
                _ => return None,
            };
            Some((step, effect))
        });
        Self { planned }
    }

    /// Lets the planned fault happen if it is planned here.
    pub(crate) fn reached(&self, step: Step) -> Result<()> {
        match &self.planned {
            Some((at, effect)) if *at == step => match effect {
                Effect::Fail => {
                    Err(Error::new(ErrorKind::Io, Text::new("試験のための失敗です", "a fault for a test")).because(format!("{step:?}")))
                }
                Effect::Abort => std::process::abort(),
                Effect::Hang(marker) => {
                    let _ = std::fs::write(marker, []);
                    loop {
                        std::thread::park();
                    }
                }
            },
            _ => Ok(()),
        }
    }
}

#[cfg(not(any(test, debug_assertions)))]
impl Fault {
    pub(crate) fn from_environment(_out: &Path) -> Self {
        Self {}
    }

    // The same signature as in debug builds.
    #[allow(clippy::unnecessary_wraps, clippy::unused_self)]
    pub(crate) fn reached(&self, _step: Step) -> Result<()> {
        Ok(())
    }
}

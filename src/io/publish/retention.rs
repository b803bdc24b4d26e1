//! Which old runs are kept.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::STAGING_PREFIX;
use crate::error::Error;
use crate::io::fs;
use crate::io::manifest::{self, MANIFEST_FILE, RUNS_DIR};

/// A run is removed when it is neither among the newest nor young; the current one never is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// How many of the newest runs are kept, at least.
    pub runs: usize,
    /// For how many hours a run is kept, at least: a reader that resolved it may still be at work.
    pub hours: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { runs: 7, hours: 48 }
    }
}

/// The run id in a folder's name: `r1` of `r1` and of `r1.2`.
pub(super) fn run_id_of(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// The folder for a run: its id, with a number behind it where that is taken.
///
/// A folder that exists is never replaced: between removing it and renaming the new one, a reader would find neither.
pub(super) fn free_name(runs: &Path, run_id: &str) -> PathBuf {
    let mut dir = runs.join(run_id);
    for n in 2.. {
        if !dir.exists() {
            break;
        }
        dir = runs.join(format!("{run_id}.{n}"));
    }
    dir
}

/// Removes old runs and returns their names, and what could not be removed.
pub(super) fn collect(out: &Path, current: &Path, retention: &Retention, now: SystemTime) -> (Vec<String>, Vec<Error>) {
    let runs = out.join(RUNS_DIR);
    let (mut removed, mut failed) = (Vec::new(), Vec::new());
    let names = match fs::names(&runs) {
        Ok(names) => names,
        Err(e) => return (removed, vec![e]),
    };
    // Folders without a manifest are none of ours.
    let mut found: Vec<(SystemTime, String)> = names.into_iter().filter_map(|name| Some((finished(&runs.join(&name))?, name))).collect();
    found.sort_unstable();
    let youngest_first = found.into_iter().rev().enumerate();
    for (rank, (time, name)) in youngest_first {
        // A time in the future (the clock was set back) counts as young.
        let age = now.duration_since(time).unwrap_or_default();
        if rank < retention.runs || age < Duration::from_secs(retention.hours.saturating_mul(3600)) || current.ends_with(&name) {
            continue;
        }
        // Away with the whole first: nobody who lists the runs sees one with half its files.
        let gone = out.join(format!("{STAGING_PREFIX}removed-{name}"));
        match fs::rename(&runs.join(&name), &gone).and_then(|()| fs::remove_dir_if_exists(&gone)) {
            Ok(()) => removed.push(name),
            Err(e) => failed.push(e),
        }
    }
    removed.sort_unstable();
    (removed, failed)
}

/// When a run was published: by its manifest, else by the date of that file.
fn finished(run: &Path) -> Option<SystemTime> {
    let file = run.join(MANIFEST_FILE);
    let written = std::fs::metadata(&file).ok()?.modified().ok()?;
    let said = manifest::open_manifest(&file).ok().and_then(|m| manifest::parse_timestamp(&m.finished));
    Some(said.unwrap_or(written))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::manifest::{Manifest, timestamp};

    const NOW: Duration = Duration::from_secs(1_700_000_000);

    /// An output folder with one run per age in hours, named by it.
    fn runs(ages: &[u64]) -> tempfile::TempDir {
        let out = tempfile::tempdir().unwrap();
        for hours in ages {
            let dir = out.path().join(RUNS_DIR).join(format!("r{hours}"));
            std::fs::create_dir_all(&dir).unwrap();
            let finished = timestamp(SystemTime::UNIX_EPOCH + NOW - Duration::from_secs(hours * 3600));
            std::fs::write(dir.join(MANIFEST_FILE), Manifest { finished, ..Manifest::default() }.to_json().unwrap()).unwrap();
        }
        out
    }

    fn collected(out: &Path, current: &str, retention: Retention) -> Vec<String> {
        let (removed, failed) = collect(out, &out.join(RUNS_DIR).join(current), &retention, SystemTime::UNIX_EPOCH + NOW);
        assert!(failed.is_empty(), "{failed:?}");
        removed
    }

    #[test]
    fn a_run_must_be_both_old_and_not_among_the_newest_to_be_removed() {
        let out = runs(&[1, 30, 47, 48, 72, 96]);
        // The two newest stay; r47 is young; r48 has reached 48 hours.
        assert_eq!(collected(out.path(), "r1", Retention { runs: 2, hours: 48 }), ["r48", "r72", "r96"]);
        assert_eq!(fs::names(&out.path().join(RUNS_DIR)).unwrap(), ["r1", "r30", "r47"]);
        assert_eq!(fs::names(out.path()).unwrap(), [RUNS_DIR], "nothing is left of the removed runs");
    }

    #[test]
    fn the_current_run_stays_however_old_it_is() {
        let out = runs(&[1, 2, 500]);
        assert_eq!(collected(out.path(), "r500", Retention { runs: 1, hours: 0 }), ["r2"]);
    }

    #[test]
    fn folders_that_are_no_runs_are_left_alone() {
        let out = runs(&[1, 900]);
        std::fs::create_dir(out.path().join(RUNS_DIR).join("my-notes")).unwrap();
        assert_eq!(collected(out.path(), "r1", Retention { runs: 1, hours: 1 }), ["r900"]);
        assert_eq!(fs::names(&out.path().join(RUNS_DIR)).unwrap(), ["my-notes", "r1"]);
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let out = runs(&[1]);
        let dir = out.path().join(RUNS_DIR);
        assert_eq!(free_name(&dir, "r2"), dir.join("r2"));
        assert_eq!(free_name(&dir, "r1"), dir.join("r1.2"));
        assert_eq!((run_id_of("r1.2"), run_id_of("r1")), ("r1", "r1"));
    }
}

//! Paths that never change, for people and for BI tools that know one path only. Who reads several tables of one run
//! resolves `latest.json` instead: these are replaced one after the other.

use std::path::Path;

use super::Zone;
use crate::error::Result;
use crate::io::fs;
use crate::io::manifest::{FileEntry, Manifest, RUNS_DIR};

/// Folder of the dashboard tables of the newest run.
const STABLE_DIR: &str = "stable";

/// Link to the newest run, for people.
const LATEST_LINK: &str = "latest";

/// Lets `latest` lead to the run; where it does already, nothing is touched.
#[cfg(unix)]
pub(super) fn link_latest(out: &Path, run_dir: &Path) -> Result<()> {
    let link = out.join(LATEST_LINK);
    let target = Path::new(RUNS_DIR).join(run_dir.file_name().unwrap_or_default());
    if std::fs::read_link(&link).is_ok_and(|t| t == target) {
        return Ok(());
    }
    let temporary = fs::beside(&link, "tmp");
    fs::remove_file_if_exists(&temporary)?;
    std::os::unix::fs::symlink(&target, &temporary).map_err(fs::write_error(&temporary))?;
    fs::rename(&temporary, &link)
}

/// Links need a privilege on Windows: people open the folder that `latest.json` names.
#[cfg(not(unix))]
pub(super) fn link_latest(_out: &Path, _run_dir: &Path) -> Result<()> {
    Ok(())
}

/// Gives the dashboard tables of the run their stable paths, and removes tables the run does not have.
pub(super) fn refresh(out: &Path, run_dir: &Path, manifest: &Manifest) -> Result<()> {
    let stable = out.join(STABLE_DIR);
    fs::create_dirs(&stable)?;
    let prefix = format!("{}/", Zone::Dashboard.folder());
    let tables: Vec<(&str, &FileEntry)> =
        manifest.files.iter().filter(|f| f.rows.is_some()).filter_map(|f| Some((f.path.strip_prefix(&prefix)?, f))).collect();
    for (name, entry) in &tables {
        place(&run_dir.join(&entry.path), &stable.join(name), entry)?;
    }
    for name in fs::names(&stable)?.iter().filter(|n| n.ends_with(".parquet")) {
        if !tables.iter().any(|(table, _)| table == name) {
            fs::remove_file_if_exists(&stable.join(name))?;
        }
    }
    fs::sync_dir(&stable)
}

/// A hard link, or a copy where the file system has none, renamed over what was there.
fn place(from: &Path, to: &Path, entry: &FileEntry) -> Result<()> {
    if to.is_file() && fs::hash_file(to)? == (entry.bytes, entry.blake3.clone()) {
        return Ok(());
    }
    let temporary = fs::beside(to, "tmp");
    fs::remove_file_if_exists(&temporary)?;
    if std::fs::hard_link(from, &temporary).is_err() {
        std::fs::copy(from, &temporary).map_err(fs::write_error(&temporary))?;
    }
    fs::rename(&temporary, to)
}

//! Publishing: a reader sees a whole run or the previous whole run, whatever is killed when.
//!
//! ```text
//! lock → .staging-<run>/ → reopen and check every file → manifest → fsync → rename to runs/<run>/ → fsync
//!      → latest.json written, fsynced and renamed over the old one: the commit point → fsync
//!      → latest (a link for people) → stable/ (fixed paths for BI tools) → old runs removed
//! ```
//!
//! Up to the commit point nothing a reader resolves has changed; behind it nothing can fail the run any more, only be
//! reported. What a killed run leaves behind has a name that begins with `.staging-` and goes with the next run.

mod fault;
mod retention;
mod stable;
mod verify;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use fault::{Fault, Step};
pub use retention::Retention;
pub use verify::verify_run;

use super::fs::{self, Access, FileWriter, Written};
use super::lock::Lock;
use super::manifest::{self, FileEntry, MANIFEST_FILE, Manifest, POINTER_FILE, Pointer, RUNS_DIR};
use crate::error::{Error, ErrorKind, Result, Text};

/// How the names of folders begin that hold nothing whole.
const STAGING_PREFIX: &str = ".staging-";

/// Where in a run a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// Beside the manifest: `rejects.parquet`.
    Root,
    /// Aggregates, safe to show.
    Dashboard,
    /// Row level, for people with access.
    Analyst,
}

impl Zone {
    /// The folder below the run's, empty for the run's own.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Root => "",
            Self::Dashboard => "dashboard",
            Self::Analyst => "analyst",
        }
    }

    fn access(self) -> Access {
        match self {
            Self::Dashboard => Access::Shared,
            // Rejects are row level too.
            Self::Root | Self::Analyst => Access::Private,
        }
    }

    fn path(self, name: &str) -> String {
        if self == Self::Root { name.to_owned() } else { format!("{}/{name}", self.folder()) }
    }
}

/// A run that is being written. Dropping it without [`Staging::commit`] removes what was written.
pub struct Staging {
    lock: Lock,
    run_id: String,
    dir: PathBuf,
    /// What was written, by path below `dir`; `None` while a file is being written.
    files: Mutex<BTreeMap<String, Option<FileEntry>>>,
    fault: Fault,
}

/// What publishing did.
#[derive(Debug)]
pub struct Published {
    /// The run's folder.
    pub run_dir: PathBuf,
    /// The manifest that stands in it.
    pub manifest: Manifest,
    /// Whether the same run was there already and was kept as it was.
    pub unchanged: bool,
    /// Names of the old runs that were removed.
    pub removed: Vec<String>,
    /// What went wrong after the commit point: the run is published, but a convenience is missing.
    pub warnings: Vec<Error>,
}

impl Staging {
    /// Takes the lock of `out` and makes an empty staging folder in it.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`] when another run is at work there, [`ErrorKind::Io`] when the folder cannot be written to.
    pub fn begin(out: &Path, run_id: &str) -> Result<Self> {
        Self::begin_locked(Lock::acquire(out)?, run_id)
    }

    /// Like [`Staging::begin`] for a caller who took the lock before the long work.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the folder cannot be written to.
    pub fn begin_locked(lock: Lock, run_id: &str) -> Result<Self> {
        if run_id.is_empty() || !run_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Err(Error::new(
                ErrorKind::Internal,
                Text::new("実行IDに使えない文字があります", "a run id has a character that is not allowed"),
            ));
        }
        let out = lock.out();
        // Who holds the lock knows that nobody else is at work: these are left over from runs that were killed.
        for name in fs::names(out)?.iter().filter(|n| n.starts_with(STAGING_PREFIX)) {
            fs::remove_dir_if_exists(&out.join(name))?;
        }
        let dir = out.join(format!("{STAGING_PREFIX}{run_id}"));
        fs::create_dir(&dir, Access::Shared)?;
        let staging = Self { run_id: run_id.to_owned(), dir, files: Mutex::default(), fault: Fault::from_environment(lock.out()), lock };
        for zone in [Zone::Dashboard, Zone::Analyst] {
            fs::create_dir(&staging.dir.join(zone.folder()), zone.access())?;
        }
        Ok(staging)
    }

    /// Makes `fault` happen when this run is published; for tests of promise 3.
    #[cfg(test)]
    pub(crate) fn set_fault(&mut self, fault: Fault) {
        self.fault = fault;
    }

    /// The id of the run being written.
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// The output folder.
    pub fn out(&self) -> &Path {
        self.lock.out()
    }

    /// A writer for one file of the run. Several may be open at a time, in several threads.
    ///
    /// # Errors
    /// When the disk refuses, or the file was created before.
    pub fn create(&self, zone: Zone, name: &str) -> Result<StagedFile<'_>> {
        let path = zone.path(name);
        let writer = FileWriter::create(self.dir.join(&path), zone.access())?;
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), None);
        Ok(StagedFile { staging: self, path, writer })
    }

    /// Removes what was written into a zone, so that it can be written anew.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn discard(&self, zone: Zone) -> Result<()> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = format!("{}/", zone.folder());
        let written: Vec<String> = files.keys().filter(|path| path.starts_with(&folder)).cloned().collect();
        for path in written {
            fs::remove_file_if_exists(&self.dir.join(&path))?;
            files.remove(&path);
        }
        Ok(())
    }

    /// The folder of a zone until the run is published.
    pub fn folder(&self, zone: Zone) -> PathBuf {
        self.dir.join(zone.folder())
    }

    /// Where a file that was created stands until the run is published.
    pub fn path(&self, zone: Zone, name: &str) -> PathBuf {
        self.dir.join(zone.path(name))
    }

    /// Checks and publishes. `manifest.files`, `run_id` and `finished` are filled in here.
    ///
    /// # Errors
    /// Up to the commit point, any failure: the previous run is then still the newest and nothing of this one is left.
    /// After it none: see [`Published::warnings`].
    pub fn commit(self, mut manifest: Manifest, retention: &Retention) -> Result<Published> {
        if manifest.counts.accepted + manifest.counts.rejected != manifest.counts.read {
            return Err(Error::new(
                ErrorKind::Internal,
                Text::new("読んだ行と、採った行・除いた行の合計が合いません", "accepted and rejected rows do not add up to those read"),
            ));
        }
        self.fault.reached(Step::Written)?;
        manifest.run_id.clone_from(&self.run_id);
        manifest.files = self.take_files()?;
        for file in &manifest.files {
            verify::check_file(&self.dir, file)?;
        }
        self.fault.reached(Step::Checked)?;

        let mut warnings = Vec::new();
        let (run_dir, unchanged) = match self.same_run(&manifest, &mut warnings)? {
            Some((dir, published)) => {
                manifest = published;
                (dir, true)
            }
            None => (self.move_into_place(&mut manifest)?, false),
        };
        self.point_to(&run_dir, &manifest)?;

        // Behind the commit point: whatever fails now is reported, and mended by the next run. (A fault is a test's.)
        let out = self.out();
        self.fault.reached(Step::Committed)?;
        warnings.extend(fs::sync_dir(out).err());
        warnings.extend(stable::link_latest(out, &run_dir).err());
        self.fault.reached(Step::Linked)?;
        warnings.extend(stable::refresh(out, &run_dir, &manifest).err());
        self.fault.reached(Step::Stable)?;
        let (removed, failed) = retention::collect(out, &run_dir, retention, SystemTime::now());
        warnings.extend(failed);
        Ok(Published { run_dir, manifest, unchanged, removed, warnings })
    }

    /// The files written, all of them finished.
    fn take_files(&self) -> Result<Vec<FileEntry>> {
        let files = std::mem::take(&mut *self.files.lock().unwrap_or_else(PoisonError::into_inner));
        files
            .into_iter()
            .map(|(path, entry)| {
                entry.ok_or_else(|| {
                    Error::new(ErrorKind::Internal, Text::new("書き終えていない表があります", "a table was not finished"))
                        .at(self.dir.join(path), 0)
                })
            })
            .collect()
    }

    /// A run of this id that is published already, is sound, and has the same files as this one.
    fn same_run(&self, manifest: &Manifest, warnings: &mut Vec<Error>) -> Result<Option<(PathBuf, Manifest)>> {
        let runs = self.out().join(RUNS_DIR);
        for name in fs::names(&runs)?.iter().filter(|n| retention::run_id_of(n) == self.run_id) {
            let dir = runs.join(name);
            // Neither case is a reason to fail: this run is whole and is published beside the other, which is left to
            // whoever wants to know what happened to it.
            match verify_run(&dir) {
                Ok(published) if published.files == manifest.files => return Ok(Some((dir, published))),
                Ok(_) => warnings.push(
                    Error::new(
                        ErrorKind::Internal,
                        Text::new(
                            "同じ実行IDで内容の違う結果が前からあります。今回の結果を隣に公開しました",
                            "a run of the same id has other content; this one is published beside it",
                        ),
                    )
                    .at(&dir, 0),
                ),
                Err(damage) => warnings.push(damage),
            }
        }
        Ok(None)
    }

    /// Manifest, fsync, rename to `runs/`.
    fn move_into_place(&self, manifest: &mut Manifest) -> Result<PathBuf> {
        manifest.finished = manifest::timestamp(SystemTime::now());
        fs::write_atomic(&self.dir.join(MANIFEST_FILE), &manifest.to_json()?, Access::Shared)?;
        self.fault.reached(Step::Manifest)?;
        // The files were synced when they were finished.
        for zone in [Zone::Dashboard, Zone::Analyst, Zone::Root] {
            fs::sync_dir(&self.dir.join(zone.folder()))?;
        }
        fs::sync_dir(self.out())?;
        self.fault.reached(Step::Synced)?;
        let runs = self.out().join(RUNS_DIR);
        fs::create_dirs(&runs)?;
        let run_dir = retention::free_name(&runs, &self.run_id);
        fs::rename(&self.dir, &run_dir)?;
        self.fault.reached(Step::Renamed)?;
        fs::sync_dir(&runs)?;
        fs::sync_dir(self.out())?;
        self.fault.reached(Step::RunsSynced)?;
        Ok(run_dir)
    }

    /// The commit point. Where the pointer says the same already, it is not touched.
    fn point_to(&self, run_dir: &Path, manifest: &Manifest) -> Result<()> {
        let name = run_dir.file_name().unwrap_or_default().to_string_lossy();
        let pointer =
            Pointer { run: format!("{RUNS_DIR}/{name}"), run_id: manifest.run_id.clone(), schema_version: manifest.schema_version };
        if manifest::read_pointer(self.out()).is_ok_and(|p| p == pointer) {
            return Ok(());
        }
        fs::replace(&self.out().join(POINTER_FILE), &manifest::to_json(&pointer)?, Access::Shared)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After the rename there is nothing at this path. A failure leaves a folder that the next run removes.
        let _ = fs::remove_dir_if_exists(&self.dir);
    }
}

/// A file of a run being written.
pub struct StagedFile<'s> {
    staging: &'s Staging,
    path: String,
    writer: FileWriter,
}

impl StagedFile<'_> {
    /// Ends the file. `rows`: how many rows a table must have when it is opened again; `None` for what is no table.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(self, rows: Option<u64>) -> Result<FileEntry> {
        let Written { bytes, blake3 } = self.writer.finish()?;
        let entry = FileEntry { path: self.path, rows, bytes, blake3 };
        self.staging.files.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.path.clone(), Some(entry.clone()));
        Ok(entry)
    }
}

impl Write for StagedFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests;

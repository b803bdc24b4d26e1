//! Is a run what its manifest says?

use std::fs::File;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::error::{Error, ErrorKind, Result, Text};
use crate::io::fs;
use crate::io::manifest::{self, FileEntry, MANIFEST_FILE, Manifest};

/// Reads every file of a run and compares it with the manifest, which is returned.
///
/// # Errors
/// A file that is missing or differs.
pub fn verify_run(run_dir: &Path) -> Result<Manifest> {
    let manifest = manifest::open_manifest(&run_dir.join(MANIFEST_FILE))?;
    for file in &manifest.files {
        check_file(run_dir, file)?;
    }
    Ok(manifest)
}

/// Reads one file from the disk and compares size, hash and, for a table, the number of rows.
pub(super) fn check_file(run_dir: &Path, entry: &FileEntry) -> Result<()> {
    let path = run_dir.join(&entry.path);
    let (bytes, blake3) = fs::hash_file(&path)?;
    if bytes != entry.bytes || blake3 != entry.blake3 {
        return Err(differs(&path, format!("{bytes} bytes, expected {}", entry.bytes)));
    }
    let Some(rows) = entry.rows else { return Ok(()) };
    let file = File::open(&path).map_err(fs::read_error(&path))?;
    let reader = SerializedFileReader::new(file).map_err(|e| differs(&path, e))?;
    let metadata = reader.metadata();
    let in_groups: i64 = metadata.row_groups().iter().map(|g| g.num_rows()).sum();
    let said = metadata.file_metadata().num_rows();
    if said != in_groups || u64::try_from(said) != Ok(rows) {
        return Err(differs(&path, format!("{said} rows, {in_groups} in its row groups, expected {rows}")));
    }
    Ok(())
}

fn differs(path: &Path, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(
        ErrorKind::Table,
        Text::new(
            "書いたとおりに読み返せません。ディスクを確かめてからもう一度実行してください",
            "does not read back as written; check the disk and run again",
        ),
    )
    .at(path, 0)
    .because(cause)
}

//! Files, with errors that name the path and say what to do; whole files or none.
//!
//! Useful for: reading and writing anything. Not for: deciding what is written where ([`super::publish`] does).

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result, Text};

/// Buffer of a file writer: large enough that a Parquet page seldom needs a second call.
const WRITE_BUFFER_BYTES: usize = 256 * 1024;

/// Buffer with which files are read through to be hashed.
const READ_BUFFER_BYTES: usize = 1024 * 1024;

/// Who may read what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody on the machine: folders 0755, files 0644.
    Shared,
    /// The owner alone: folders 0700, files 0600.
    Private,
}

impl Access {
    #[cfg(unix)]
    fn modes(self) -> (u32, u32) {
        match self {
            Self::Shared => (0o755, 0o644),
            Self::Private => (0o700, 0o600),
        }
    }
}

/// What was being done to a path when the disk said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Reading a file or a folder.
    Read,
    /// Writing, renaming, removing.
    Write,
}

/// The error for `cause` on `path`: one sentence that says what to do about the usual causes.
pub fn io_error(action: Action, path: &Path, cause: io::Error) -> Error {
    use io::ErrorKind as K;
    let (ja, en) = match (cause.kind(), action) {
        (K::NotFound, Action::Read) => ("見つかりません。パスを確かめてください", "no such file or folder; check the path"),
        (K::NotFound, Action::Write) => ("書き込み先のフォルダがありません", "the folder to write to does not exist"),
        (K::PermissionDenied, Action::Read) => {
            ("読む権限がありません。権限を確かめてください", "not allowed to read it; check its permissions")
        }
        (K::PermissionDenied, Action::Write) => (
            "書き込む権限がありません。権限を確かめるか、別の出力先を指定してください",
            "not allowed to write here; check the permissions or name another output folder",
        ),
        (K::ReadOnlyFilesystem, _) => {
            ("読み取り専用の場所です。別の出力先を指定してください", "the file system is read-only; name another output folder")
        }
        (K::StorageFull | K::QuotaExceeded, _) => (
            "ディスクの空きが足りません。空きを作ってもう一度実行してください（前回の結果はそのまま残っています）",
            "the disk is full; free some space and run again (the previous run is untouched)",
        ),
        (K::IsADirectory, _) => ("ファイルではなくフォルダです", "it is a folder, not a file"),
        (K::NotADirectory, _) => {
            ("フォルダではなくファイルです。別の場所を指定してください", "it is a file, not a folder; name another place")
        }
        (K::InvalidData, Action::Read) => {
            ("UTF-8 のテキストではありません。UTF-8 で保存し直してください", "not UTF-8 text; save it as UTF-8")
        }
        (K::AlreadyExists, Action::Write) => {
            ("同じ名前のファイルがあります。別の名前を指定してください", "a file of that name exists; name another")
        }
        // The sentence says only that it failed: the cause says why.
        (_, action) => {
            let text = match action {
                Action::Read => Text::new("読み取れません", "cannot be read"),
                Action::Write => Text::new("書き込めません", "cannot be written"),
            };
            return Error::new(ErrorKind::Io, text).at(path, 0).because(cause);
        }
    };
    Error::new(ErrorKind::Io, Text::new(ja, en)).at(path, 0).explaining(cause)
}

/// Shorthand for `map_err`.
pub(crate) fn read_error(path: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
    move |cause| io_error(Action::Read, path, cause)
}

/// Shorthand for `map_err`.
pub(crate) fn write_error(path: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
    move |cause| io_error(Action::Write, path, cause)
}

/// The whole of a UTF-8 text file, a byte order mark left out.
///
/// # Errors
/// A path that cannot be read, or text in another encoding.
pub fn read_text(path: &Path) -> Result<String> {
    let text = fs::read_to_string(path).map_err(read_error(path))?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// The whole of a file.
///
/// # Errors
/// A path that cannot be read.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(read_error(path))
}

/// Reads a file once from start to end in large pieces.
///
/// # Errors
/// A path that cannot be read.
pub fn for_each_piece(path: &Path, mut each: impl FnMut(&[u8])) -> Result<u64> {
    let mut file = File::open(path).map_err(read_error(path))?;
    let mut buffer = vec![0u8; READ_BUFFER_BYTES];
    let mut total = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(n) => {
                each(&buffer[..n]);
                total += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(io_error(Action::Read, path, e)),
        }
    }
}

/// Size and BLAKE3 of a file, as 64 hexadecimal digits.
///
/// # Errors
/// A path that cannot be read.
pub fn hash_file(path: &Path) -> Result<(u64, String)> {
    let mut hasher = blake3::Hasher::new();
    let bytes = for_each_piece(path, |piece| {
        hasher.update(piece);
    })?;
    Ok((bytes, hasher.finalize().to_hex().to_string()))
}

/// Creates a folder and those above it.
///
/// # Errors
/// When the disk refuses.
pub fn create_dirs(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|cause| {
        // The system says "exists already" of a file in the place of the folder, which is not what is wrong.
        let cause = if path.is_file() { io::ErrorKind::NotADirectory.into() } else { cause };
        io_error(Action::Write, path, cause)
    })
}

/// Creates a folder that only those of `access` can enter.
///
/// # Errors
/// When the disk refuses or the folder exists.
pub(crate) fn create_dir(path: &Path, access: Access) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        let mode = access.modes().0;
        fs::DirBuilder::new().mode(mode).create(path).map_err(write_error(path))?;
        // The process's umask may have taken away more than it should.
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(write_error(path))
    }
    #[cfg(not(unix))]
    {
        let _ = access;
        fs::create_dir(path).map_err(write_error(path))
    }
}

/// Opens a new, empty file that only those of `access` can read.
///
/// # Errors
/// When the disk refuses or the file exists.
pub(crate) fn create_new(path: &Path, access: Access) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let mode = access.modes().1;
        let file = options.mode(mode).open(path).map_err(write_error(path))?;
        file.set_permissions(fs::Permissions::from_mode(mode)).map_err(write_error(path))?;
        Ok(file)
    }
    #[cfg(not(unix))]
    {
        let _ = access;
        options.open(path).map_err(write_error(path))
    }
}

/// A buffered file writer whose errors name the path and that knows what it has written.
pub struct FileWriter {
    path: PathBuf,
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

/// Size and BLAKE3 of what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Bytes.
    pub bytes: u64,
    /// BLAKE3, 64 hexadecimal digits.
    pub blake3: String,
}

impl FileWriter {
    /// A new file at `path`.
    ///
    /// # Errors
    /// When the disk refuses or the file exists.
    pub fn create(path: PathBuf, access: Access) -> Result<Self> {
        let file = create_new(&path, access)?;
        Ok(Self { path, file: BufWriter::with_capacity(WRITE_BUFFER_BYTES, file), hasher: blake3::Hasher::new(), bytes: 0 })
    }

    /// Where it writes.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what is buffered, and lets the disk keep it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(self) -> Result<Written> {
        let file = self.file.into_inner().map_err(|e| io_error(Action::Write, &self.path, e.into_error()))?;
        file.sync_all().map_err(write_error(&self.path))?;
        Ok(Written { bytes: self.bytes, blake3: self.hasher.finalize().to_hex().to_string() })
    }

    fn named(&self, cause: io::Error) -> io::Error {
        // Passes through writers of other crates, which know no path.
        io::Error::new(cause.kind(), io_error(Action::Write, &self.path, cause))
    }
}

impl Write for FileWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes).map_err(|e| self.named(e))?;
        self.hasher.update(&bytes[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(|e| self.named(e))
    }
}

/// Replaces the file at `path` by `bytes` so that a reader sees the old or the new content, whatever is killed when.
///
/// # Errors
/// When the disk refuses.
pub fn write_atomic(path: &Path, bytes: &[u8], access: Access) -> Result<()> {
    replace(path, bytes, access)?;
    sync_dir(parent(path))
}

/// [`write_atomic`] without waiting until the disk keeps the new name.
///
/// # Errors
/// When the disk refuses; the old file is then still there.
pub(crate) fn replace(path: &Path, bytes: &[u8], access: Access) -> Result<()> {
    let temporary = beside(path, "tmp");
    remove_file_if_exists(&temporary)?;
    let written = (|| {
        let mut file = create_new(&temporary, access)?;
        file.write_all(bytes).map_err(write_error(&temporary))?;
        file.sync_all().map_err(write_error(&temporary))?;
        rename(&temporary, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Replaces the file at `path` by what `write` writes to a sink, without holding it in memory.
///
/// # Errors
/// Those of `write`, and when the disk refuses; the old file is then still there.
pub fn replace_with(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let temporary = beside(path, "tmp");
    remove_file_if_exists(&temporary)?;
    let written = FileWriter::create(temporary.clone(), Access::Shared).and_then(|mut file| {
        write(&mut file)?;
        file.finish()?;
        rename(&temporary, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Whether something is at `path`.
pub fn exists(path: &Path) -> bool {
    path.exists()
}

/// Whether `path` is a folder.
pub fn is_dir(path: &Path) -> bool {
    path.is_dir()
}

/// The largest resident memory of this process so far, in MB (10⁶ bytes); 0 where the system does not say.
pub fn peak_rss_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib: f64 = line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0.0);
    (kib * 1024.0 / 1e4).round() / 1e2
}

/// Renames; replaces what is at `to` where that is a file.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(write_error(to))
}

/// Lets the disk keep a folder's entries (their names, not their content).
pub(crate) fn sync_dir(path: &Path) -> Result<()> {
    // Windows has no such call and needs none.
    #[cfg(unix)]
    File::open(path).and_then(|dir| dir.sync_all()).map_err(write_error(path))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// A hidden name beside `path`, for what is not finished yet.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{suffix}"))
}

/// The folder a path is in; `.` for a bare name.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}

/// Removes a file; no error where there is none.
pub(crate) fn remove_file_if_exists(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(io_error(Action::Write, path, e)),
        _ => Ok(()),
    }
}

/// Removes a folder and all in it; no error where there is none.
pub(crate) fn remove_dir_if_exists(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(io_error(Action::Write, path, e)),
        _ => Ok(()),
    }
}

/// The names in a folder, sorted; none where there is no such folder. Names that are not UTF-8 are none of ours.
pub(crate) fn names(dir: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(read_error(dir))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(read_error(dir))?;
        names.extend(entry.file_name().into_string().ok());
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Lang;

    #[test]
    fn atomic_writing_replaces_the_whole_file_and_leaves_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("latest.json");
        write_atomic(&path, b"a long first version", Access::Shared).unwrap();
        write_atomic(&path, b"second", Access::Shared).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names(dir.path()).unwrap(), ["latest.json"]);
    }

    #[test]
    fn a_failed_atomic_write_leaves_the_old_state() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("target");
        // A file cannot be renamed over a folder that is not empty.
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), b"x").unwrap();
        assert_eq!(write_atomic(&path, b"new", Access::Shared).unwrap_err().kind(), ErrorKind::Io);
        assert_eq!(names(dir.path()).unwrap(), ["target"]);
        assert_eq!(fs::read(path.join("inside")).unwrap(), b"x");
    }

    #[test]
    fn a_writer_counts_and_hashes_what_reaches_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        let mut writer = FileWriter::create(path.clone(), Access::Private).unwrap();
        writer.write_all("相談".as_bytes()).unwrap();
        writer.write_all(b"!").unwrap();
        let written = writer.finish().unwrap();
        assert_eq!(written.bytes, 7); // two characters of three bytes, one of one
        assert_eq!((written.bytes, written.blake3), hash_file(&path).unwrap());
    }

    #[test]
    fn errors_name_the_path_and_say_what_to_do() {
        let missing = Path::new("no/such/file.toml");
        let error = read_text(missing).unwrap_err();
        assert_eq!(error.place().unwrap().file, missing);
        assert!(error.message(Lang::Ja).contains("見つかりません"), "{}", error.message(Lang::Ja));
        let full = io_error(Action::Write, missing, io::Error::from(io::ErrorKind::StorageFull));
        assert!(full.message(Lang::En).starts_with("no/such/file.toml: the disk is full"), "{full}");
    }

    #[test]
    fn text_in_another_encoding_is_refused_and_a_byte_order_mark_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.toml");
        fs::write(&path, [0x83, 0x65, 0x83, 0x58]).unwrap(); // テス in CP932
        assert!(read_text(&path).unwrap_err().message(Lang::En).contains("not UTF-8 text"));
        fs::write(&path, b"\xef\xbb\xbflang").unwrap();
        assert_eq!(read_text(&path).unwrap(), "lang");
    }

    #[cfg(unix)]
    #[test]
    fn private_files_are_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        for (access, folder, file) in [(Access::Private, 0o700, 0o600), (Access::Shared, 0o755, 0o644)] {
            let path = dir.path().join(format!("{access:?}"));
            create_dir(&path, access).unwrap();
            create_new(&path.join("f"), access).unwrap();
            assert_eq!((mode(&path), mode(&path.join("f"))), (folder, file));
        }
    }
}

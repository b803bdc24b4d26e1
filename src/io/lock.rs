//! One run at a time in an output folder.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fs4::TryLockError;

use super::fs;
use crate::error::{Error, ErrorKind, Result, Text};

/// Name of the lock file in the output folder. It stays there: removing it would let two processes hold "the" lock.
const LOCK_FILE: &str = ".lock";

/// An output folder held by this process until the value is dropped; the system lets go of it when the process dies.
pub struct Lock {
    out: PathBuf,
    file: File,
}

impl Lock {
    /// Creates the folder where it does not exist and takes the lock, without waiting.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`] when another process holds it; [`ErrorKind::Io`] when the folder cannot be written to.
    pub fn acquire(out: &Path) -> Result<Self> {
        fs::create_dirs(out)?;
        let path = out.join(LOCK_FILE);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(fs::write_error(&path))?;
        // Called by name: newer standard libraries have a method of the same name and another error type.
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(out, &mut file)),
            Err(TryLockError::Error(e)) => return Err(fs::io_error(fs::Action::Write, &path, e)),
        }
        let noted = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| writeln!(file, "{}", std::process::id()))
            .and_then(|()| file.flush());
        noted.map_err(fs::write_error(&path))?;
        Ok(Self { out: out.to_owned(), file })
    }

    /// The folder held.
    pub fn out(&self) -> &Path {
        &self.out
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that was just forked elsewhere in this one still has it open until it
        // runs its own program.
        let _ = fs4::FileExt::unlock(&self.file);
    }
}

fn held(out: &Path, file: &mut File) -> Error {
    let mut holder = String::new();
    // On some systems a locked file cannot be read: then the message does without the number.
    let _ = Read::by_ref(file).take(32).read_to_string(&mut holder);
    let (ja, en) = match holder.trim().parse::<u32>() {
        Ok(pid) => (format!("（プロセス{pid}）"), format!(" (process {pid})")),
        Err(_) => Default::default(),
    };
    Error::new(
        ErrorKind::Locked,
        Text::new(
            format!("別の実行{ja}がこの出力先を使っています。終わるのを待つか、--out で別のフォルダを指定してください"),
            format!("another run{en} is using this output folder; wait until it has finished or name another folder with --out"),
        ),
    )
    .at(out, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Lang;

    #[test]
    fn the_second_run_is_told_who_holds_the_folder_and_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("new/out");
        let first = Lock::acquire(&out).unwrap();
        let error = Lock::acquire(first.out()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Locked);
        let message = error.message(Lang::Ja);
        assert!(message.contains(&format!("プロセス{}", std::process::id())) && message.contains("--out"), "{message}");
        drop(first);
        Lock::acquire(&out).unwrap();
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        std::fs::write(&out, "").unwrap();
        let error = Lock::acquire(&out).err().unwrap();
        assert_eq!((error.kind(), error.place().unwrap().file.as_path()), (ErrorKind::Io, out.as_path()));
        assert!(error.message(Lang::Ja).contains("フォルダではなくファイルです"), "{error}");
    }
}

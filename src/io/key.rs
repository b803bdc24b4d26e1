//! The key under which ids become pseudonyms.
//!
//! With a key, the same call has the same pseudonym every night, and only who holds the key can link it to an id.
//! Without one, the pseudonyms are derived from what was read: the same input gives the same bytes, but two different
//! inputs share no pseudonym.

use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use super::fs;
use crate::analysis::Pseudonym;
use crate::error::{Error, ErrorKind, Result, Text};

/// The environment variable that may hold the key.
pub const KEY_VARIABLE: &str = "KIKITORI_KEY";

/// The shortest secret taken: 128 bits, if they are random.
pub const MIN_KEY_BYTES: usize = 16;

/// The longest secret taken: whoever names a larger file has named the wrong one.
const MAX_KEY_BYTES: usize = 4096;

// Contexts of BLAKE3's key derivation: fixed for ever, since changing one changes every pseudonym.
const FROM_SECRET: &str = "kikitori pseudonym key from a secret, version 1";
const FROM_CONTENT: &str = "kikitori pseudonym key from the input's content, version 1";
const FINGERPRINT: &str = "kikitori pseudonym key fingerprint, version 1";

/// What a pseudonym stands for; part of what is hashed, so that a call and a person of equal ids differ.
const CONSULTATION: &[u8] = b"consultation";

/// A pseudonym key. Wiped from memory when dropped, never printed.
pub struct Key {
    bytes: Zeroizing<[u8; 32]>,
    linkable: bool,
}

impl Key {
    /// The key of `file`, else of the environment variable's value; `None` where neither is given.
    ///
    /// # Errors
    /// A file that cannot be read or that others than its owner may read, or a secret that is too short.
    pub fn load(file: Option<&Path>, variable: Option<&str>) -> Result<Option<Self>> {
        match (file, variable) {
            (Some(path), _) => Self::from_file(path).map(Some),
            (None, Some(value)) => Self::from_secret(value.as_bytes()).map_err(|e| e.column(KEY_VARIABLE)).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The key from the environment's [`KEY_VARIABLE`], unless `file` is given.
    ///
    /// # Errors
    /// As [`Key::load`].
    pub fn from_file_or_environment(file: Option<&Path>) -> Result<Option<Self>> {
        let value = std::env::var(KEY_VARIABLE).ok().map(Zeroizing::new);
        Self::load(file, value.as_ref().map(|v| v.as_str()))
    }

    fn from_file(path: &Path) -> Result<Self> {
        refuse_shared(path)?;
        let secret = Zeroizing::new(fs::read_bytes(path)?);
        Self::from_secret(&secret).map_err(|e| e.at(path, 0))
    }

    /// The key of a secret; line ends and spaces around it do not count, as editors add them.
    fn from_secret(secret: &[u8]) -> Result<Self> {
        let secret = secret.trim_ascii();
        if !(MIN_KEY_BYTES..=MAX_KEY_BYTES).contains(&secret.len()) {
            return Err(Error::new(
                ErrorKind::Config,
                Text::new(
                    format!(
                        "仮名化の鍵は{MIN_KEY_BYTES}～{MAX_KEY_BYTES}バイトにしてください（いまは{}バイト）。`openssl rand -hex 32` で作れます",
                        secret.len()
                    ),
                    format!(
                        "a pseudonym key has {MIN_KEY_BYTES} to {MAX_KEY_BYTES} bytes, this one has {}; make one with `openssl rand -hex 32`",
                        secret.len()
                    ),
                ),
            ));
        }
        Ok(Self { bytes: Zeroizing::new(blake3::derive_key(FROM_SECRET, secret)), linkable: true })
    }

    /// The pseudonym of a call: 128 bits of keyed BLAKE3 over the site and the site's own id.
    ///
    /// Two sites may use one id for two calls; `None` where the record names no site.
    pub fn pseudonym(&self, site: Option<&str>, id: &str) -> Pseudonym {
        let mut hasher = blake3::Hasher::new_keyed(&self.bytes);
        for part in [CONSULTATION, if site.is_some() { b"\x01" } else { b"\x00" }, site.unwrap_or_default().as_bytes(), id.as_bytes()] {
            hash_part(&mut hasher, part);
        }
        let mut pseudonym = [0; 16];
        pseudonym.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Pseudonym(pseudonym)
    }

    /// Whether runs over different inputs can be linked by their pseudonyms: true for a key somebody keeps.
    pub fn is_linkable(&self) -> bool {
        self.linkable
    }

    /// What the manifest says of the key: 16 hexadecimal digits that tell two keys apart and reveal neither, or `none`.
    pub fn fingerprint(&self) -> String {
        if !self.linkable {
            return "none".into();
        }
        let digest = blake3::derive_key(FINGERPRINT, self.bytes.as_slice());
        digest[..8].iter().map(|b| format!("{b:02x}")).collect()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Makes an unlinkable [`Key`] from all that was read, for runs without a secret.
///
/// The manifest publishes the BLAKE3 of every input file, so that hash must not be the key: whoever sees the manifest
/// could then try all ids. This one is another hash of the same content, which takes the content itself to compute.
pub struct ContentKey(blake3::Hasher);

impl Default for ContentKey {
    fn default() -> Self {
        Self(blake3::Hasher::new_derive_key(FROM_CONTENT))
    }
}

impl ContentKey {
    /// Adds one piece of content, such as a record's id or text. The division into pieces counts.
    pub fn add(&mut self, piece: &[u8]) {
        hash_part(&mut self.0, piece);
    }

    /// Adds bytes whose division does not count, such as the buffers a file is read in.
    pub fn add_bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The key.
    pub fn finish(self) -> Key {
        Key { bytes: Zeroizing::new(*self.0.finalize().as_bytes()), linkable: false }
    }
}

/// Length first, so that ("ab", "c") and ("a", "bc") differ.
fn hash_part(hasher: &mut blake3::Hasher, part: &[u8]) {
    hasher.update(&(part.len() as u64).to_le_bytes());
    hasher.update(part);
}

#[cfg(unix)]
fn refuse_shared(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_err(fs::read_error(path))?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Config,
        Text::new(
            format!("仮名化の鍵を本人以外も読めます（{mode:03o}）。`chmod 600` で本人だけにしてください"),
            format!("others than its owner can read this key (mode {mode:03o}); run `chmod 600` on it"),
        ),
    )
    .at(path, 0))
}

#[cfg(not(unix))]
fn refuse_shared(_path: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Lang;

    const SECRET: &str = "0123456789abcdef";

    fn key(secret: &str) -> Key {
        Key::load(None, Some(secret)).unwrap().unwrap()
    }

    fn content(pieces: &[&str]) -> Key {
        let mut key = ContentKey::default();
        pieces.iter().for_each(|p| key.add(p.as_bytes()));
        key.finish()
    }

    #[test]
    fn a_pseudonym_is_fixed_for_ever() {
        // Frozen: if this changes, every centre's pseudonyms change overnight.
        insta::assert_snapshot!(key(SECRET).pseudonym(Some("北"), "2024-0001"), @"cea23671c6c5ce06d1d27e977b2bf9235");
    }

    #[test]
    fn key_site_and_id_each_change_the_pseudonym() {
        let base = key(SECRET).pseudonym(Some("a"), "bc");
        assert_eq!(base, key("0123456789abcdef\n").pseudonym(Some("a"), "bc"), "an editor's line end does not count");
        for other in [
            key("0123456789abcdeg").pseudonym(Some("a"), "bc"),
            key(SECRET).pseudonym(Some("ab"), "c"),
            key(SECRET).pseudonym(None, "abc"),
            key(SECRET).pseudonym(Some("a"), "bd"),
        ] {
            assert_ne!(base, other);
        }
        assert_ne!(key(SECRET).pseudonym(None, "1"), key(SECRET).pseudonym(Some(""), "1"));
    }

    #[test]
    fn without_a_key_the_same_input_gives_the_same_pseudonyms_and_another_gives_others() {
        let same = content(&["1", "治験"]);
        assert_eq!(same.pseudonym(None, "1"), content(&["1", "治験"]).pseudonym(None, "1"));
        assert_ne!(same.pseudonym(None, "1"), content(&["1治", "験"]).pseudonym(None, "1"));
        assert_eq!((same.fingerprint().as_str(), same.is_linkable()), ("none", false));
    }

    #[test]
    fn the_hash_in_the_manifest_is_not_the_key() {
        let mut of_bytes = ContentKey::default();
        of_bytes.add_bytes(b"id,text\n");
        let published = *blake3::hash(b"id,text\n").as_bytes();
        let guessed = Key { bytes: Zeroizing::new(published), linkable: false };
        assert_ne!(of_bytes.finish().pseudonym(None, "1"), guessed.pseudonym(None, "1"));
    }

    #[test]
    fn neither_debug_nor_fingerprint_shows_the_key() {
        let key = key(SECRET);
        assert_eq!(format!("{key:?}"), "Key(…)");
        let hex: String = key.bytes.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(key.fingerprint().len(), 16);
        assert!(!hex.contains(&key.fingerprint()));
    }

    #[test]
    fn a_short_key_is_refused_without_repeating_it() {
        let error = Key::load(None, Some("short secret")).unwrap_err();
        let message = error.message(Lang::En);
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(message.contains(KEY_VARIABLE) && message.contains("has 12") && !message.contains("short secret"), "{message}");
        assert!(Key::load(None, None).unwrap().is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        std::fs::write(&path, SECRET).unwrap();
        for (mode, accepted) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o620, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let key = Key::load(Some(&path), Some("the file has precedence"));
            assert_eq!(key.is_ok(), accepted, "{mode:o}");
            match key {
                Ok(found) => assert_eq!(found.unwrap().fingerprint(), self::key(SECRET).fingerprint()),
                Err(error) => assert!(error.message(Lang::En).contains("chmod 600"), "{error}"),
            }
        }
    }
}

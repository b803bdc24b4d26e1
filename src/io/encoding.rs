//! In which encoding is a file? Its [`Lines`] are decoded one by one.
//!
//! The order of evidence: what the configuration says, a byte-order mark, strict UTF-8, strict CP932, and then a
//! vote of the lines with chardetng's opinion among the Japanese encodings. A line that does not decode is marked; the
//! others survive. Nothing here holds more than a sample or a line.

mod lines;

pub use lines::{Line, Lines};

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result, Text};

/// How much of a file is looked at, from its first character outside ASCII on.
const SAMPLE_BYTES: usize = 1 << 20;

/// How far that character is searched for.
const SEARCH_BYTES: u64 = 256 << 20;

/// The encodings of Japanese text files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8, with or without byte-order mark.
    #[serde(rename = "utf-8", alias = "utf8", alias = "UTF-8")]
    Utf8,
    /// UTF-16, little end first.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, big end first.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// CP932: Shift_JIS as Windows writes it.
    #[serde(rename = "cp932", alias = "shift_jis", alias = "sjis", alias = "windows-31j")]
    Cp932,
    /// EUC-JP.
    #[serde(rename = "euc-jp", alias = "eucjp")]
    EucJp,
    /// ISO-2022-JP, "JIS".
    #[serde(rename = "iso-2022-jp", alias = "jis")]
    Iso2022Jp,
}

impl Encoding {
    /// All encodings, the likeliest first.
    pub const ALL: [Self; 6] = [Self::Utf8, Self::Cp932, Self::EucJp, Self::Iso2022Jp, Self::Utf16Le, Self::Utf16Be];

    /// The name in configurations and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Cp932 => "cp932",
            Self::EucJp => "euc-jp",
            Self::Iso2022Jp => "iso-2022-jp",
        }
    }

    /// The encoding of that name (or a common alias), in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace('_', "-");
        Self::ALL.into_iter().find(|e| e.name() == name).or(match name.as_str() {
            "utf8" => Some(Self::Utf8),
            "shift-jis" | "sjis" | "windows-31j" | "ms932" => Some(Self::Cp932),
            "eucjp" => Some(Self::EucJp),
            "jis" => Some(Self::Iso2022Jp),
            _ => None,
        })
    }

    fn codec(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
            Self::Cp932 => encoding_rs::SHIFT_JIS,
            Self::EucJp => encoding_rs::EUC_JP,
            Self::Iso2022Jp => encoding_rs::ISO_2022_JP,
        }
    }

    /// The byte-order mark this encoding may begin with.
    fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 => b"\xef\xbb\xbf",
            Self::Utf16Le => b"\xff\xfe",
            Self::Utf16Be => b"\xfe\xff",
            _ => b"",
        }
    }

    fn decodes(self, bytes: &[u8]) -> bool {
        if self == Self::Utf8 {
            return std::str::from_utf8(bytes).is_ok();
        }
        self.codec().decode_without_bom_handling_and_without_replacement(bytes).is_some()
    }
}

/// Finds the encoding of the file at `path`, or checks nothing and returns `stated`.
///
/// # Errors
/// The file cannot be read, is empty, or is UTF-16 without a byte-order mark (which only the configuration can settle).
pub fn of_file(path: &Path, stated: Option<Encoding>) -> Result<Encoding> {
    let failed = |e: io::Error| unreadable(path, e);
    let mut file = File::open(path).map_err(failed)?;
    let mut sample = Vec::new();
    let mut head = Vec::new();
    let mut searched = 0u64;
    loop {
        sample.clear();
        let read = Read::by_ref(&mut file).take(SAMPLE_BYTES as u64).read_to_end(&mut sample).map_err(failed)?;
        if searched == 0 {
            head = sample.get(..4.min(sample.len())).unwrap_or_default().to_vec();
        }
        searched += read as u64;
        let settled = !sample.is_ascii() || sample.contains(&0) || has_jis_escape(&sample);
        if settled || read < SAMPLE_BYTES || searched >= SEARCH_BYTES {
            break;
        }
    }
    if searched == 0 || (searched < 4 && head.iter().all(|b| b.is_ascii_whitespace())) {
        return Err(empty_file(path));
    }
    if let Some(stated) = stated {
        return Ok(stated);
    }
    if let Some(marked) = [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be].into_iter().find(|e| head.starts_with(e.mark())) {
        return Ok(marked);
    }
    detect(&sample, searched > sample.len() as u64 || sample.len() == SAMPLE_BYTES).map_err(|suspect| {
        Error::new(
            ErrorKind::Input,
            Text::new(
                format!(
                    "BOM のない UTF-16 のようです。UTF-8 で保存し直すか、設定の [input] に encoding = \"{}\" と書いてください",
                    suspect.name()
                ),
                format!(
                    "looks like UTF-16 without a byte-order mark; save it as UTF-8, or write encoding = \"{}\" under [input]",
                    suspect.name()
                ),
            ),
        )
        .at(path, 0)
    })
}

/// The encoding of a sample without byte-order mark; `cut` when the file goes on (or began) outside it. The error is a UTF-16 suspected.
fn detect(sample: &[u8], cut: bool) -> std::result::Result<Encoding, Encoding> {
    if let Some(suspect) = looks_like_utf16(sample) {
        return Err(suspect);
    }
    if sample.is_ascii() {
        return Ok(if has_jis_escape(sample) { Encoding::Iso2022Jp } else { Encoding::Utf8 });
    }
    // Judge whole lines only: a cut may fall into a character.
    let whole = if cut {
        let end = sample.iter().rposition(|b| *b == b'\n').map_or(sample.len(), |i| i + 1);
        let start = if end == sample.len() { 0 } else { sample.iter().position(|b| *b == b'\n').map_or(0, |i| (i + 1).min(end)) };
        if sample[start..end].is_ascii() { sample } else { &sample[start..end] }
    } else {
        sample
    };
    // A line longer than the sample is cut where it happens to end, maybe within a character.
    let ends_within = || cut && std::str::from_utf8(whole).is_err_and(|e| e.error_len().is_none());
    if Encoding::Utf8.decodes(whole) || ends_within() {
        return Ok(Encoding::Utf8);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(whole, true);
    let guess = detector.guess(Some(b"jp"), Utf8Detection::Deny);
    let guess = Encoding::ALL.into_iter().find(|e| e.codec() == guess);
    if Encoding::Cp932.decodes(whole) {
        // Half-width katakana make CP932 of many an EUC-JP text; the reverse does not happen.
        let euc = guess == Some(Encoding::EucJp) && Encoding::EucJp.decodes(whole);
        return Ok(if euc { Encoding::EucJp } else { Encoding::Cp932 });
    }
    // Something is broken somewhere: which encoding leaves the fewest lines undecoded?
    let lines: Vec<&[u8]> = whole.split(|b| *b == b'\n').filter(|l| !l.is_ascii()).collect();
    let votes = |e: Encoding| lines.iter().filter(|l| e.decodes(l)).count();
    let (utf8, cp932, euc) = (votes(Encoding::Utf8), votes(Encoding::Cp932), votes(Encoding::EucJp));
    let best = utf8.max(cp932).max(euc);
    if utf8 == best && best > 0 {
        return Ok(Encoding::Utf8);
    }
    let opinion = guess.filter(|e| matches!(e, Encoding::Cp932 | Encoding::EucJp | Encoding::Iso2022Jp) && votes(*e) == best);
    Ok(opinion.unwrap_or(if cp932 >= euc { Encoding::Cp932 } else { Encoding::EucJp }))
}

fn has_jis_escape(sample: &[u8]) -> bool {
    [b"\x1b$B", b"\x1b$@"].iter().any(|escape| sample.windows(3).any(|w| w == escape.as_slice()))
}

/// ASCII characters and line ends leave zeros at every other byte; a stray NUL does not.
fn looks_like_utf16(sample: &[u8]) -> Option<Encoding> {
    /// Even wholly Japanese text has this share of commas, digits and line ends.
    const LEAST_ZEROS_PER_MILLE: usize = 5;
    let zeros = [0, 1].map(|parity| sample.iter().skip(parity).step_by(2).filter(|b| **b == 0).count());
    let (more, less, encoding) =
        if zeros[1] > zeros[0] { (zeros[1], zeros[0], Encoding::Utf16Le) } else { (zeros[0], zeros[1], Encoding::Utf16Be) };
    let even = &sample[..sample.len() & !1];
    // Japanese UTF-16 is never valid UTF-8; a sample may be cut inside its last character.
    let utf8 = !sample.is_ascii() && std::str::from_utf8(sample).map_or_else(|e| e.valid_up_to() + 4 > sample.len(), |_| true);
    // A few zeros stand on the other side too: 一 is U+4E00.
    if utf8 || more < 2 || more * 1000 < sample.len() * LEAST_ZEROS_PER_MILLE || less * 4 > more {
        return None;
    }
    let text = encoding.codec().decode_without_bom_handling(even).0;
    let total = text.chars().count();
    let plausible =
        text.chars().filter(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')).count();
    (plausible * 10 >= total * 9).then_some(encoding)
}

/// The error for a file the disk does not give.
pub(super) fn unreadable(path: &Path, cause: io::Error) -> Error {
    let text = match cause.kind() {
        io::ErrorKind::NotFound => Text::new("ファイルがありません。パスを確かめてください", "there is no such file; check the path"),
        io::ErrorKind::PermissionDenied => {
            Text::new("読む権限がありません。権限を確かめてください", "no permission to read it; check its permissions")
        }
        _ => return Error::new(ErrorKind::Io, Text::new("読み込めません", "cannot be read")).at(path, 0).because(cause),
    };
    Error::new(ErrorKind::Io, text).at(path, 0).explaining(cause)
}

/// The error for a file without content.
pub(super) fn empty_file(path: &Path) -> Error {
    Error::new(ErrorKind::Input, Text::new("空のファイルです", "the file is empty")).at(path, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const TEXT: &str = "相談ID,相談記録\n1,肉腫と言われました。\n2,セカンドオピニオンを希望。\n3,抗がん剤の副作用がつらい。\n";

    pub(super) fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    fn found(bytes: &[u8]) -> Encoding {
        of_file(file(bytes).path(), None).unwrap()
    }

    pub(super) fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    }

    #[test]
    fn each_encoding_is_found() {
        assert_eq!(found(TEXT.as_bytes()), Encoding::Utf8);
        assert_eq!(found(&[b"\xef\xbb\xbf", TEXT.as_bytes()].concat()), Encoding::Utf8);
        for (codec, encoding) in [
            (encoding_rs::SHIFT_JIS, Encoding::Cp932),
            (encoding_rs::EUC_JP, Encoding::EucJp),
            (encoding_rs::ISO_2022_JP, Encoding::Iso2022Jp),
        ] {
            assert_eq!(found(&codec.encode(TEXT).0), encoding);
        }
        assert_eq!(found(&[b"\xff\xfe".as_slice(), &utf16(TEXT, false)].concat()), Encoding::Utf16Le);
        assert_eq!(found(&[b"\xfe\xff".as_slice(), &utf16(TEXT, true)].concat()), Encoding::Utf16Be);
        assert_eq!(found(b"id,text\n1,abc\n"), Encoding::Utf8);
    }

    #[test]
    fn one_stray_byte_does_not_change_the_encoding() {
        let mut cp932 = encoding_rs::SHIFT_JIS.encode(TEXT).0.into_owned();
        cp932.extend_from_slice(b"4,\xff\xfd\n");
        assert_eq!(found(&cp932), Encoding::Cp932);
        let mut utf8 = TEXT.as_bytes().to_vec();
        utf8.extend_from_slice(b"4,\xff\n");
        assert_eq!(found(&utf8), Encoding::Utf8);
    }

    #[test]
    fn text_after_a_mebibyte_of_ascii_is_seen() {
        let mut bytes = b"id,text\n".repeat(SAMPLE_BYTES / 8 + 10);
        bytes.extend_from_slice(&encoding_rs::SHIFT_JIS.encode(TEXT).0);
        assert_eq!(found(&bytes), Encoding::Cp932);
    }

    #[test]
    fn a_sample_cut_inside_a_character_is_still_utf8() {
        // Three-byte characters: SAMPLE_BYTES is not a multiple of three.
        assert_eq!(found(&"相談を受けた。\n".repeat(SAMPLE_BYTES / 10).into_bytes()), Encoding::Utf8);
    }

    #[test]
    fn utf16_without_a_mark_is_named_and_never_guessed() {
        for big in [false, true] {
            let file = file(&utf16(TEXT, big));
            let error = of_file(file.path(), None).unwrap_err();
            assert!(error.to_string().contains(if big { "utf-16be" } else { "utf-16le" }), "{error}");
            let stated = if big { Encoding::Utf16Be } else { Encoding::Utf16Le };
            assert_eq!(of_file(file.path(), Some(stated)).unwrap(), stated);
        }
    }

    #[test]
    fn a_stray_nul_is_not_utf16() {
        assert_eq!(found("相談ID,相談記録\n1,肉\0腫\0\n".as_bytes()), Encoding::Utf8);
    }

    #[test]
    fn missing_and_empty_files_are_errors() {
        let error = of_file(Path::new("/no/such/file.csv"), None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        for bytes in [b"".as_slice(), b"\n"] {
            assert_eq!(of_file(file(bytes).path(), None).unwrap_err().to_string().split(": ").nth(1), Some("the file is empty"));
        }
    }
}

//! In which encoding is a file, and its lines, decoded one by one.
//!
//! The order of evidence: what the configuration says, a byte-order mark, strict UTF-8, strict CP932, and then a
//! vote of the lines with chardetng's opinion among the Japanese encodings. A line that does not decode is marked; the
//! others survive. Nothing here holds more than a sample or a line.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, RejectReason, Result, Text};

/// How much of a file is looked at, from its first character outside ASCII on.
const SAMPLE_BYTES: usize = 1 << 20;

/// How far that character is searched for.
const SEARCH_BYTES: u64 = 256 << 20;

const BUFFER_BYTES: usize = 1 << 18;

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

/// The lines of a file, decoded.
pub struct Lines {
    reader: BufReader<File>,
    encoding: Encoding,
    /// The byte lines end with: LF, or CR where the file has no LF at all (as old Macs wrote).
    end: u8,
    limit: usize,
    number: u64,
    raw: Vec<u8>,
    text: String,
}

/// What lines end with from where `file` stands. Stops at the first LF; only a file without any is read to its end.
fn line_end(file: &mut File, encoding: Encoding) -> io::Result<u8> {
    const PIECE_BYTES: u64 = 1 << 16;
    let mut returns = false;
    let mut piece = Vec::new();
    loop {
        piece.clear();
        // An even number of bytes, so that no unit of UTF-16 is cut.
        if Read::by_ref(file).take(PIECE_BYTES).read_to_end(&mut piece)? == 0 {
            return Ok(if returns { b'\r' } else { b'\n' });
        }
        let has = |byte: u8| match encoding {
            Encoding::Utf16Le => piece.chunks_exact(2).any(|unit| unit == [byte, 0]),
            Encoding::Utf16Be => piece.chunks_exact(2).any(|unit| unit == [0, byte]),
            _ => piece.contains(&byte),
        };
        if has(b'\n') {
            return Ok(b'\n');
        }
        returns |= has(b'\r');
    }
}

/// One line without its end.
#[derive(Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// From 1.
    pub number: u64,
    /// The text; where `fault` is set, as much of it as could be read, with replacement characters.
    pub text: &'a str,
    /// `BadEncoding`, or `TextTooLong` for a line beyond the limit.
    pub fault: Option<RejectReason>,
}

impl Lines {
    /// The lines of the file at `path`; what follows `limit_bytes` in a line is passed over.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(path: &Path, encoding: Encoding, limit_bytes: usize) -> Result<Self> {
        let mut file = File::open(path).map_err(|e| unreadable(path, e))?;
        let mut head = Vec::new();
        Read::by_ref(&mut file).take(3).read_to_end(&mut head).map_err(|e| unreadable(path, e))?;
        let mark = if head.starts_with(encoding.mark()) { encoding.mark().len() } else { 0 };
        file.seek(SeekFrom::Start(mark as u64)).map_err(|e| unreadable(path, e))?;
        let end = line_end(&mut file, encoding).map_err(|e| unreadable(path, e))?;
        file.seek(SeekFrom::Start(mark as u64)).map_err(|e| unreadable(path, e))?;
        let reader = BufReader::with_capacity(BUFFER_BYTES, file);
        Ok(Self { reader, encoding, end, limit: limit_bytes, number: 0, raw: Vec::new(), text: String::new() })
    }

    /// The next line, or `None` at the end of the file.
    ///
    /// # Errors
    /// The disk.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.raw.clear();
        let whole = match self.encoding {
            Encoding::Utf16Le | Encoding::Utf16Be => self.read_wide()?,
            _ => self.read_narrow()?,
        };
        let Some(whole) = whole else { return Ok(None) };
        self.number += 1;
        let mut fault = if whole { None } else { Some(RejectReason::TextTooLong) };
        let text = if self.encoding == Encoding::Utf8 {
            match std::str::from_utf8(&self.raw) {
                Ok(text) => text,
                Err(_) => {
                    fault = fault.or(Some(RejectReason::BadEncoding));
                    self.text = String::from_utf8_lossy(&self.raw).into_owned();
                    &self.text
                }
            }
        } else {
            let (text, broken) = self.encoding.codec().decode_without_bom_handling(&self.raw);
            if broken {
                fault = fault.or(Some(RejectReason::BadEncoding));
            }
            match text {
                Cow::Borrowed(ascii) => {
                    self.text.clear();
                    self.text.push_str(ascii);
                }
                Cow::Owned(text) => self.text = text,
            }
            &self.text
        };
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        Ok(Some(Line { number: self.number, text, fault }))
    }

    /// Reads to the next line end into `raw`; whether the line was within the limit. In every narrow encoding here the
    /// bytes 0x0A and 0x0D are line ends and nothing else.
    fn read_narrow(&mut self) -> io::Result<Option<bool>> {
        let limit = self.limit as u64;
        let read = Read::by_ref(&mut self.reader).take(limit).read_until(self.end, &mut self.raw)?;
        if read == 0 {
            return Ok(None);
        }
        if (read as u64) < limit || self.raw.ends_with(&[self.end]) {
            return Ok(Some(true));
        }
        Ok(Some(self.reader.skip_until(self.end)? == 0))
    }

    /// The same for two-byte units: the byte is a line end only beside its zero.
    fn read_wide(&mut self) -> io::Result<Option<bool>> {
        let mut whole = true;
        loop {
            let room = self.limit.saturating_sub(self.raw.len()) + 1;
            let read = Read::by_ref(&mut self.reader).take(room as u64).read_until(self.end, &mut self.raw)?;
            if read == 0 {
                return Ok((!self.raw.is_empty() || !whole).then_some(whole));
            }
            let length = self.raw.len();
            let ends = self.raw.ends_with(&[self.end])
                && match self.encoding {
                    Encoding::Utf16Le if length % 2 == 1 => {
                        let mut high = [0];
                        let got = self.reader.read(&mut high)?;
                        self.raw.extend_from_slice(&high[..got]);
                        got == 1 && high[0] == 0
                    }
                    Encoding::Utf16Be => length.is_multiple_of(2) && self.raw[length - 2] == 0,
                    _ => false,
                };
            if ends {
                return Ok(Some(whole));
            }
            if self.raw.len() > self.limit {
                // Drop the content, keep an unfinished unit.
                whole = false;
                let odd = if self.raw.len().is_multiple_of(2) { None } else { self.raw.last().copied() };
                self.raw.clear();
                self.raw.extend(odd);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "相談ID,相談記録\n1,肉腫と言われました。\n2,セカンドオピニオンを希望。\n3,抗がん剤の副作用がつらい。\n";

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    fn found(bytes: &[u8]) -> Encoding {
        of_file(file(bytes).path(), None).unwrap()
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    }

    fn read(bytes: &[u8], encoding: Encoding, limit: usize) -> Vec<(u64, String, Option<RejectReason>)> {
        let file = file(bytes);
        let mut lines = Lines::open(file.path(), encoding, limit).unwrap();
        let mut out = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            out.push((line.number, line.text.to_owned(), line.fault));
        }
        out
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

    #[test]
    fn lines_come_out_the_same_from_every_encoding() {
        let expected: Vec<_> = TEXT.lines().zip(1..).map(|(l, n)| (n, l.to_owned(), None)).collect();
        let crlf = TEXT.replace('\n', "\r\n");
        assert_eq!(read(crlf.as_bytes(), Encoding::Utf8, 1000), expected);
        for encoding in [Encoding::Cp932, Encoding::EucJp, Encoding::Iso2022Jp] {
            assert_eq!(read(&encoding.codec().encode(&crlf).0, encoding, 1000), expected, "{}", encoding.name());
        }
        for (big, encoding) in [(false, Encoding::Utf16Le), (true, Encoding::Utf16Be)] {
            let mut bytes = encoding.mark().to_vec();
            bytes.extend(utf16(&crlf, big));
            assert_eq!(read(&bytes, encoding, 1000), expected, "{}", encoding.name());
        }
    }

    #[test]
    fn carriage_returns_end_lines_where_nothing_else_does() {
        let expected: Vec<_> = TEXT.lines().zip(1..).map(|(l, n)| (n, l.to_owned(), None)).collect();
        let mac = TEXT.replace('\n', "\r");
        assert_eq!(read(mac.as_bytes(), Encoding::Utf8, 1000), expected);
        assert_eq!(read(&Encoding::Cp932.codec().encode(&mac).0, Encoding::Cp932, 1000), expected);
        for (big, encoding) in [(false, Encoding::Utf16Le), (true, Encoding::Utf16Be)] {
            assert_eq!(read(&utf16(&mac, big), encoding, 1000), expected, "{}", encoding.name());
        }
        // Beside a line feed a lone CR is part of a line.
        assert_eq!(read(b"a\rb\nc", Encoding::Utf8, 1000).len(), 2);
    }

    #[test]
    fn wide_characters_with_the_byte_0a_do_not_end_lines() {
        // 上 is U+4E0A, ਊ is U+0A0A, Ċ is U+010A.
        let text = "上ਊĊ\n下\n";
        let expected = vec![(1, "上ਊĊ".to_owned(), None), (2, "下".to_owned(), None)];
        assert_eq!(read(&utf16(text, false), Encoding::Utf16Le, 1000), expected);
        assert_eq!(read(&utf16(text, true), Encoding::Utf16Be, 1000), expected);
    }

    #[test]
    fn a_bad_line_is_marked_and_the_next_survives() {
        let lines = read(b"a\n\xff\xe8\nb", Encoding::Utf8, 1000);
        assert_eq!(
            lines.iter().map(|(n, _, f)| (*n, *f)).collect::<Vec<_>>(),
            [(1, None), (2, Some(RejectReason::BadEncoding)), (3, None)]
        );
        assert_eq!(lines[2].1, "b");
    }

    #[test]
    fn a_line_beyond_the_limit_is_passed_over() {
        let text = format!("a\n{}\nb\n", "x".repeat(5000));
        for (bytes, encoding) in
            [(text.clone().into_bytes(), Encoding::Utf8), (utf16(&text, false), Encoding::Utf16Le), (utf16(&text, true), Encoding::Utf16Be)]
        {
            let shape: Vec<_> = read(&bytes, encoding, 100).into_iter().map(|(n, t, f)| (n, t.len() <= 100, f)).collect();
            assert_eq!(shape, [(1, true, None), (2, true, Some(RejectReason::TextTooLong)), (3, true, None)], "{}", encoding.name());
        }
        // Exactly at the limit, with and without a line end.
        assert_eq!(read(b"abc\nabc", Encoding::Utf8, 4).iter().map(|l| l.2).collect::<Vec<_>>(), [None, None]);
    }
}

//! The lines of a file, decoded: a line that does not decode or is too long is marked, and the next survives.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::{Encoding, unreadable};
use crate::error::{RejectReason, Result};

const BUFFER_BYTES: usize = 1 << 18;

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
    use super::super::tests::{TEXT, file, utf16};
    use super::*;

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

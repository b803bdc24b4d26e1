//! Normalisation with offsets: every character of the normalised text knows where in the original it came from.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Normalised text whose characters can be walked back to the original.
///
/// NFKC per grapheme-like cluster (a base with its combining marks and the half-width voicing marks ﾞﾟ), line ends to
/// `\n`, control characters (NUL among them) to a space, runs of white space to one space, wave dashes to ～.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Normalised {
    /// The normalised text.
    pub text: String,
    /// For each byte of `text`, nothing; for each *run* of equal shift, where it starts. See [`Normalised::original`].
    shifts: Vec<(u32, u32)>,
    original_chars: u32,
}

impl Normalised {
    /// Normalises `original`. Linear in its length; text that is already normal is copied once.
    pub fn new(original: &str) -> Self {
        let mut out = Self::default();
        out.renew(original);
        out
    }

    /// Like [`Normalised::new`], reusing the buffers.
    pub fn renew(&mut self, original: &str) {
        self.text.clear();
        self.shifts.clear();
        let (mut rest, mut position, mut written) = (original, 0u32, 0u32);
        let mut cluster = String::new();
        let mut last_space = false;
        while !rest.is_empty() {
            let (bytes, chars) = plain_run(rest);
            if chars > 0 {
                self.text.push_str(&rest[..bytes]);
                self.point(&mut written, chars, position);
                position += chars;
                rest = &rest[bytes..];
                last_space = false;
            }
            let (bytes, chars) = cluster_at(rest, &mut cluster);
            if chars == 0 {
                break;
            }
            let before = self.text.len();
            self.text.extend(cluster.nfkc().map(tidy));
            // Fold white space, also across clusters.
            if self.text[before..].chars().all(|c| c == ' ') {
                self.text.truncate(before);
                if !last_space {
                    self.text.push(' ');
                }
                last_space = true;
            } else {
                last_space = false;
            }
            for _ in 0..self.text[before..].chars().count() {
                self.point(&mut written, 1, position);
            }
            position += chars;
            rest = &rest[bytes..];
        }
        self.original_chars = position;
    }

    /// Notes that the next `chars` characters come from `position` and those after it.
    fn point(&mut self, written: &mut u32, chars: u32, position: u32) {
        // A new run starts wherever the original index is not the previous one plus one.
        let expected = self.shifts.last().map(|&(n, o)| o + (*written - n));
        if expected != Some(position) {
            self.shifts.push((*written, position));
        }
        *written += chars;
    }

    /// The original position (in Unicode scalars) of the normalised scalar `index`; the original's length at the end.
    pub fn original(&self, index: u32) -> u32 {
        let run = self.shifts.partition_point(|&(n, _)| n <= index);
        match run.checked_sub(1).map(|r| self.shifts[r]) {
            Some((n, o)) => (o + (index - n)).min(self.original_chars),
            None => 0,
        }
    }

    /// The original scalar range that the normalised scalar range `start..end` stands for.
    pub fn original_range(&self, start: u32, end: u32) -> (u32, u32) {
        if start >= end {
            let at = self.original(start);
            return (at, at);
        }
        let first = self.original(start);
        // The end is where the next cluster of the original begins: the first later character with another origin.
        let last = self.original(end - 1);
        let total = u32::try_from(self.text.chars().count()).unwrap_or(u32::MAX);
        let mut next = end;
        while next < total && self.original(next) <= last {
            next += 1;
        }
        let stop = if next < total { self.original(next) } else { self.original_chars };
        (first, stop.max(last + 1))
    }
}

/// Bytes and characters at the beginning of `text` that normalisation leaves alone, whatever follows them.
fn plain_run(text: &str) -> (usize, u32) {
    let (mut bytes, mut chars) = (0, 0);
    for (i, c) in text.char_indices() {
        if !is_plain(c) {
            // A mark belongs to the character before it.
            return match text[..bytes].char_indices().next_back() {
                Some((last, _)) if is_mark(c) => (last, chars - 1),
                _ => (bytes, chars),
            };
        }
        bytes = i + c.len_utf8();
        chars += 1;
    }
    (bytes, chars)
}

/// Writes the first character of `text` and the marks that belong to it; gives their bytes and characters.
fn cluster_at(text: &str, cluster: &mut String) -> (usize, u32) {
    cluster.clear();
    let mut chars = 0;
    for c in text.chars().enumerate().take_while(|(i, c)| *i == 0 || is_mark(*c)).map(|(_, c)| c) {
        cluster.push(c);
        chars += 1;
    }
    (cluster.len(), chars)
}

/// A combining mark, or a half-width voicing mark, which is none to Unicode.
fn is_mark(c: char) -> bool {
    !is_plain(c) && (is_combining_mark(c) || matches!(c, '\u{ff9e}' | '\u{ff9f}'))
}

/// Whether NFKC and [`tidy`] leave `c` alone, decided without tables for what Japanese text mostly is.
fn is_plain(c: char) -> bool {
    matches!(c,
        '!'..='~' | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | '・' | '、' | '。' | '「'..='】' | '々' | '〆' | '〇' | '一'..='\u{9fff}')
}

/// Single characters after NFKC.
fn tidy(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' => ' ',
        '\u{301c}' | '\u{223c}' | '~' => '～',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        c if c.is_control() || c == '\u{feff}' || c == '\u{200b}' => ' ',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_width_kana_composes_and_points_back() {
        let n = Normalised::new("ｶﾞﾝの話");
        assert_eq!(n.text, "ガンの話");
        assert_eq!(n.original_range(0, 1), (0, 2));
        assert_eq!(n.original_range(0, 2), (0, 3));
        assert_eq!(n.original_range(3, 4), (4, 5));
    }

    #[test]
    fn expansion_and_folding_point_back() {
        let n = Normalised::new("㌔  \r\nＡ\u{0}Ｂ");
        assert_eq!(n.text, "キロ A B");
        assert_eq!(n.original_range(0, 1), (0, 1));
        assert_eq!(n.original_range(3, 4), (5, 6));
        assert_eq!(n.original_range(5, 6), (7, 8));
    }

    #[test]
    fn a_mark_after_plain_text_belongs_to_the_last_character() {
        // か, き and a combining voicing mark: きﾞ is ぎ.
        let n = Normalised::new("かき\u{3099}くﾞ。");
        assert_eq!(n.text, "かぎぐ。");
        assert_eq!([0, 1, 2, 3, 4].map(|i| n.original(i)), [0, 1, 3, 5, 6]);
        assert_eq!(Normalised::new("\u{3099}").original_range(0, 1), (0, 1));
    }

    #[test]
    fn an_empty_range_is_empty() {
        assert_eq!(Normalised::new("").original_range(0, 0), (0, 0));
    }
}

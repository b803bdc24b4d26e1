//! What of a cause is told beside the sentence: only what adds something, and in the reader's language.

use std::io;

use super::{Error, ErrorKind, Lang};

/// The causes of `error` worth telling after `told`, each in brackets.
pub(super) fn causes(error: &Error, told: &str, lang: Lang) -> String {
    let mut out = String::new();
    // A library's English about a file the user wrote: the sentence already says in Japanese what to mend.
    let own_words = lang == Lang::Ja && matches!(error.kind(), ErrorKind::Input | ErrorKind::Config | ErrorKind::Dictionary);
    let mut cause = std::error::Error::source(error);
    while let Some(current) = cause {
        if let Some(ours) = current.downcast_ref::<Error>() {
            // It tells its own causes.
            add(&mut out, told, &ours.message(lang));
            break;
        }
        let words = match current.downcast_ref::<io::Error>() {
            // Wraps another error, which comes next.
            Some(io) if io.get_ref().is_some() => None,
            Some(io) => reason(io, lang),
            None => (!own_words).then(|| current.to_string()),
        };
        if let Some(words) = words {
            add(&mut out, told, &words);
        }
        cause = match current.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn std::error::Error + 'static)),
            None => current.source(),
        };
    }
    out
}

/// Libraries repeat their causes in their own words: a text that stands there already adds nothing.
fn add(out: &mut String, told: &str, words: &str) {
    if !words.is_empty() && !told.contains(words) && !out.contains(words) {
        out.push_str(&format!(" ({words})"));
    }
}

/// Why the system said no.
fn reason(error: &io::Error, lang: Lang) -> Option<String> {
    use io::ErrorKind as K;
    let known = match error.kind() {
        K::NotFound => Some(("ありません", "not found")),
        K::PermissionDenied => Some(("権限がありません", "permission denied")),
        K::StorageFull | K::QuotaExceeded => Some(("空き容量がありません", "no space left")),
        K::ReadOnlyFilesystem => Some(("読み取り専用です", "read-only file system")),
        K::AlreadyExists => Some(("同じ名前のファイルがあります", "a file of that name exists")),
        K::IsADirectory => Some(("フォルダです", "it is a folder")),
        K::NotADirectory => Some(("フォルダではありません", "it is not a folder")),
        _ => None,
    };
    match (known, error.raw_os_error(), lang) {
        (Some((ja, _)), _, Lang::Ja) => Some(ja.to_owned()),
        (Some((_, en)), _, Lang::En) => Some(en.to_owned()),
        (None, Some(number), Lang::Ja) => Some(format!("OSのエラー番号 {number}")),
        (None, Some(_), Lang::En) => Some(error.to_string()),
        // The kind alone, in Rust's English.
        (None, None, Lang::Ja) => None,
        (None, None, Lang::En) => Some(error.kind().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Text;

    fn error(kind: ErrorKind, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::new(kind, Text::new("書き込めません", "cannot be written")).because(cause)
    }

    #[test]
    fn the_system_gives_its_reason_in_the_readers_language() {
        let refused = error(ErrorKind::Io, io::Error::from(io::ErrorKind::PermissionDenied));
        assert_eq!(refused.message(Lang::Ja), "書き込めません (権限がありません)");
        assert_eq!(refused.message(Lang::En), "cannot be written (permission denied)");
        // 5 is EIO, of no usual kind.
        assert_eq!(error(ErrorKind::Io, io::Error::from_raw_os_error(5)).message(Lang::Ja), "書き込めません (OSのエラー番号 5)");
    }

    #[test]
    fn a_library_is_quoted_in_english_where_the_user_can_mend_the_file() {
        for (kind, expected) in
            [(ErrorKind::Config, "書き込めません"), (ErrorKind::Input, "書き込めません"), (ErrorKind::Model, "書き込めません (bad magic)")]
        {
            assert_eq!(error(kind, "bad magic").message(Lang::Ja), expected);
            assert_eq!(error(kind, "bad magic").message(Lang::En), "cannot be written (bad magic)");
        }
    }

    #[test]
    fn nothing_is_said_twice() {
        assert_eq!(error(ErrorKind::Model, "cannot be written").message(Lang::En), "cannot be written");
        // An error of ours on its way through another library's writer.
        let inner = error(ErrorKind::Io, io::Error::from(io::ErrorKind::StorageFull)).at("out.parquet", 0);
        let outer = Error::new(ErrorKind::Table, Text::new("表を書けません", "cannot write the table")).because(io::Error::other(inner));
        assert_eq!(outer.message(Lang::Ja), "表を書けません (out.parquet: 書き込めません (空き容量がありません))");
    }

    #[test]
    fn a_cause_the_sentence_already_tells_is_kept_but_not_printed() {
        let error = Error::new(ErrorKind::Io, Text::new("権限がありません", "not allowed"))
            .explaining(io::Error::from(io::ErrorKind::PermissionDenied));
        assert_eq!((error.message(Lang::Ja).as_str(), error.message(Lang::En).as_str()), ("権限がありません", "not allowed"));
        assert!(std::error::Error::source(&error).is_some());
    }
}

//! What became of the wishes in `themes.toml`, a line each.

use std::fmt::Write as _;

use crate::error::Lang;
use crate::theme::{GuideEffect, ThemeModel, Wish};

/// The lines; empty where nothing was asked for. They hold the researcher's own words, labels and numbers of themes, no counts.
pub(super) fn effects(effects: &[GuideEffect], model: &ThemeModel, lang: Lang) -> String {
    let ja = lang == Lang::Ja;
    let mut out = String::new();
    if !effects.is_empty() {
        let _ = writeln!(out, "{}", if ja { "\nテーマへの指定" } else { "\nWhat was asked of the themes" });
    }
    for effect in effects {
        let themes: Vec<String> = effect
            .themes
            .iter()
            .filter_map(|id| model.themes.get(usize::from(id.0)))
            .map(|theme| format!("{:03} {}", theme.number, theme.label))
            .collect();
        let wish = match (effect.wish, ja) {
            (Wish::Pinned, true) => "立てた",
            (Wish::Added, true) => "加えた",
            (Wish::Split, true) => "分けた",
            (Wish::Merged, true) => "まとめた",
            (Wish::Named, true) => "名づけた",
            (Wish::Pinned, false) => "pinned",
            (Wish::Added, false) => "added",
            (Wish::Split, false) => "split",
            (Wish::Merged, false) => "merged",
            (Wish::Named, false) => "named",
        };
        let subject = &effect.subject;
        let _ = match (themes.is_empty(), ja) {
            (true, true) => writeln!(out, "  できなかった 「{subject}」：この語に合うテーマがないか、語が少なすぎます"),
            (true, false) => writeln!(out, "  not done \"{subject}\": no theme these words are typical of, or too few calls use them"),
            (false, true) => writeln!(out, "  {wish} 「{subject}」→ {}", themes.join("、")),
            (false, false) => writeln!(out, "  {wish} \"{subject}\" -> {}", themes.join(", ")),
        };
        if !effect.unknown.is_empty() {
            let _ = match ja {
                true => writeln!(out, "      数えていない語：{}（綴り・基本形を確かめてください）", effect.unknown.join("、")),
                false => writeln!(out, "      words that are not counted: {} (check their base forms)", effect.unknown.join(", ")),
            };
        }
    }
    out
}

//! The paragraph for a paper's methods section, made of what the manifest says and nothing else.

mod citation;
mod english;
mod japanese;

use citation::{Citations, Source};

use super::manifest::Manifest;
use crate::error::Lang;

/// The methods paragraph and its references, in `lang`. Figures the manifest does not have are left out.
pub fn methods(manifest: &Manifest, lang: Lang) -> String {
    let mut citations = Citations::default();
    let (sentences, heading) = match lang {
        Lang::Ja => (japanese::sentences(manifest, &mut citations), "文献"),
        Lang::En => (english::sentences(manifest, &mut citations), "References"),
    };
    let glue = match lang {
        Lang::Ja => "",
        Lang::En => " ",
    };
    format!("{}\n{}", sentences.join(glue), citations.list(heading))
}

/// Figures of merit the manifest has: stability, coherence, diversity, each under its name.
fn quality(manifest: &Manifest, c: &mut Citations, names: [&str; 3]) -> Vec<String> {
    let figures = [("stability", Source::Rand), ("npmi", Source::Npmi), ("diversity", Source::Diversity)];
    let mut out = Vec::new();
    for ((key, source), name) in figures.into_iter().zip(names) {
        if let Some(value) = manifest.quality.get(key) {
            let citation = c.cite(&[source]);
            out.push(if name.is_ascii() { format!("{name} was {value:.2} {citation}") } else { format!("{name}は {value:.2}{citation}") });
        }
    }
    out
}

/// The rejects per reason that occurred, as a paper lists them.
fn rejects(manifest: &Manifest, lang: Lang) -> String {
    let each = manifest.rejects.iter().filter(|(_, n)| **n > 0).map(|(code, n)| {
        let (ja, en) = reason(code);
        match lang {
            Lang::Ja => format!("{ja} {}件", grouped(*n)),
            Lang::En => format!("{en}: {}", grouped(*n)),
        }
    });
    let glue = match lang {
        Lang::Ja => "、",
        Lang::En => "; ",
    };
    each.collect::<Vec<_>>().join(glue)
}

/// A reason for a reject as a noun; the sentences of [`crate::error::RejectReason::text`] speak to whoever mends the row.
fn reason(code: &str) -> (&str, &str) {
    match code {
        "empty_text" => ("本文なし", "empty text"),
        "text_too_long" => ("本文の長さの超過", "text too long"),
        "missing_id" => ("相談 ID なし", "no id"),
        "duplicate_id" => ("相談 ID の重複", "duplicate id"),
        "bad_encoding" => ("文字コードの誤り", "invalid encoding"),
        "wrong_width" => ("列数の不一致", "wrong number of cells"),
        "bad_json" => ("JSON の形式の誤り", "invalid JSON"),
        "unclosed_quote" => ("引用符の閉じ忘れ", "unclosed quotation mark"),
        "bad_date" => ("日付の誤り", "invalid date"),
        "bad_turns" => ("発話の形式の誤り", "invalid turns"),
        "no_cues" => ("時刻つきの字幕なし", "no timed cues"),
        // Another version's.
        other => (other, other),
    }
}

fn seeds(manifest: &Manifest, glue: &str) -> String {
    manifest.seeds.iter().map(|(name, seed)| format!("{name} = {seed}")).collect::<Vec<_>>().join(glue)
}

/// The first 12 of a hash's digits: enough to tell apart, short enough to print.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// 0.95 → 95, 0.999 → 99.9.
fn percent(level: f64) -> f64 {
    (level * 1000.0).round() / 10.0
}

/// 9327 → 9,327.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::io::manifest::{Counts, Dictionary, Method, NO_KEY, ThemeChoice};

    fn manifest() -> Manifest {
        Manifest {
            run_id: "r0123456789abcdef".into(),
            schema_version: 1,
            version: "0.1.0".into(),
            counts: Counts { read: 9330, accepted: 9327, rejected: 3 },
            rejects: BTreeMap::from([("empty_text".into(), 2), ("duplicate_id".into(), 1), ("bad_date".into(), 0)]),
            config_fingerprint: "c".repeat(64),
            dictionary: Dictionary { name: "IPADIC 2.7.0-20070801".into(), fingerprint: "d".repeat(64) },
            word_lists: "e".repeat(64),
            pseudonym_key: "f00".into(),
            method: Method {
                need_ngrams: 3_759,
                discovered_needs: 41,
                rank: 50,
                compounds: true,
                consensus: 20,
                themes: 12,
                groups: 4,
                sub_themes: 7,
                theme_candidates: Some((5, 30)),
                tau: 1.0,
                threshold: 10,
                ..Method::default()
            },
            seeds: BTreeMap::from([("themes".into(), 42)]),
            quality: BTreeMap::from([("stability".into(), 0.914), ("npmi".into(), 0.12)]),
            ..Manifest::default()
        }
    }

    #[test]
    fn the_japanese_paragraph() {
        insta::assert_snapshot!(methods(&manifest(), Lang::Ja));
    }

    #[test]
    fn the_english_paragraph() {
        insta::assert_snapshot!(methods(&manifest(), Lang::En));
    }

    #[test]
    fn what_the_manifest_does_not_have_is_not_said() {
        let bare = Manifest { quality: BTreeMap::new(), seeds: BTreeMap::new(), pseudonym_key: NO_KEY.into(), ..manifest() };
        for lang in [Lang::Ja, Lang::En] {
            let text = methods(&bare, lang);
            assert!(!text.contains("NPMI") && !text.contains("Hubert") && !text.contains("f00"), "{text}");
            // References are numbered without gaps: the last number is how many there are.
            let (numbered, last) = (text.lines().filter(|l| l.starts_with('[')).count(), text.lines().last().unwrap());
            assert!(last.starts_with(&format!("[{numbered}] ")), "{text}");
        }
    }

    #[test]
    fn how_the_number_of_themes_came_about_changes_the_sentence() {
        let with = |theme_choice| methods(&Manifest { method: Method { theme_choice, ..manifest().method }, ..manifest() }, Lang::Ja);
        assert!(with(ThemeChoice::Given).contains("その数は12と指定した"));
        assert!(with(ThemeChoice::Model).contains("あらかじめ同じ方法で求めておいた12個"));
        assert!(with(ThemeChoice::Data).contains("5から30までの候補"));
    }

    #[test]
    fn few_calls_long_and_short_texts_and_a_guide_are_told() {
        let with = |change: fn(&mut Method)| {
            let mut other = manifest();
            change(&mut other.method);
            methods(&other, Lang::Ja)
        };
        assert!(with(|m| m.few_calls = true).contains("平均連結法"));
        assert!(with(|m| m.reweighted = true).contains("相互情報量"));
        assert!(with(|m| m.refined = true).contains("単純ベイズ法"));
        assert!(with(|m| m.compounds = false).contains("辞書にない複合語を用いなかった"));
        assert!(with(|m| m.guide = "0123456789abcdef".into()).contains("研究者の指定"));
        assert!(!with(|m| m.need_ngrams = 0).contains("ロジスティック回帰"));
        let plain = methods(&manifest(), Lang::Ja);
        assert!(["平均連結法", "相互情報量", "単純ベイズ法", "研究者の指定"].iter().all(|word| !plain.contains(word)));
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1000, 9327, 1_000_000].map(grouped), ["0", "999", "1,000", "9,327", "1,000,000"]);
    }
}

//! The paragraph for a paper's methods section, made of what the manifest says and nothing else.

mod citation;

use std::fmt::Write as _;

use citation::{Citations, Source};

use super::manifest::{Manifest, NO_KEY, ThemeChoice};
use crate::error::Lang;

/// The methods paragraph and its references, in `lang`. Figures the manifest does not have are left out.
pub fn methods(manifest: &Manifest, lang: Lang) -> String {
    let mut citations = Citations::default();
    let (sentences, heading) = match lang {
        Lang::Ja => (japanese(manifest, &mut citations), "文献"),
        Lang::En => (english(manifest, &mut citations), "References"),
    };
    let glue = match lang {
        Lang::Ja => "",
        Lang::En => " ",
    };
    format!("{}\n{}", sentences.join(glue), citations.list(heading))
}

fn japanese(manifest: &Manifest, c: &mut Citations) -> Vec<String> {
    let (counts, method) = (&manifest.counts, &manifest.method);
    let mut out = vec![format!(
        "相談記録の計量テキスト分析には kikitori {}（実行 ID {}、表の形式 第{}版、設定のハッシュ {}）を用いた。",
        manifest.version,
        manifest.run_id,
        manifest.schema_version,
        short(&manifest.config_fingerprint)
    )];
    let mut read = format!("読み込んだ{}件のうち{}件を分析の対象とし、", grouped(counts.read), grouped(counts.accepted));
    let _ = match counts.rejected {
        0 => write!(read, "除外した記録はなかった。"),
        n => write!(read, "{}件を除外した（{}）。", grouped(n), rejects(manifest, Lang::Ja)),
    };
    out.push(read);
    out.push(format!(
        "本文は NFKC で正規化し、形態素解析には lindera と {}（ハッシュ {}）を用い{}、希少がんの用語辞書、不要語、符号表を併用した（これらをまとめたハッシュ {}）。",
        manifest.dictionary.name,
        short(&manifest.dictionary.fingerprint),
        c.cite(&[Source::Mecab]),
        short(&manifest.word_lists)
    ));
    out.push("氏名、電話番号、住所などの識別情報は、語を数える前に種別ごとの伏せ字に置き換えた。".into());
    out.push(match manifest.pseudonym_key.as_str() {
        NO_KEY => "相談 ID は、この入力に限って有効な鍵による BLAKE3 の値で仮名化した。".into(),
        key => format!("相談 ID は鍵付き BLAKE3 で仮名化した（鍵の識別子 {key}）。"),
    });
    out.push("名詞・動詞・形容詞の基本形と辞書の複合語を語とし、否定を伴う用言は別の語とした。".into());
    out.push(format!(
        "相談と語の行列を BM25（k1 = {}、b = {}、idf は文章の長さに応じて弱めた）で重み付けし{}、潜在意味解析（乱択特異値分解、{}次元）で縮約し{}、逐語録と要約記録の文体の差をそれぞれの平均を引いて除いた。",
        method.bm25_k1,
        method.bm25_b,
        c.cite(&[Source::Bm25]),
        method.rank,
        c.cite(&[Source::Lsa, Source::RandomisedSvd])
    ));
    if method.reweighted {
        out.push("文章が長いので、仮に12群に分け、群を見分ける語ほど重くして（相互情報量による）潜在意味解析をやり直した。".into());
    }
    let mut themes = if method.few_calls {
        format!(
            "相談テーマは、初期値の異なる{}回の球面 k-means 法で同じ群になった割合を近さとして平均連結法でまとめ{}、その重心から球面 k-means 法で求め、",
            method.consensus,
            c.cite(&[Source::SphericalKMeans, Source::Accumulation])
        )
    } else {
        format!(
            "相談テーマは、初期値の異なる{}回の球面 k-means 法と、その中心に近い半数の中心をまとめたもののうち最もまとまりのよい分割を採り、なくても困らない中心をまとまりの緩い群へ移して改めて求め{}、",
            method.consensus,
            c.cite(&[Source::SphericalKMeans])
        )
    };
    if method.refined {
        themes +=
            &format!("文章が短いので、語の有無による単純ベイズ法（当の相談を除いて推定）で分け直し{}、", c.cite(&[Source::NaiveBayes]));
    }
    if !method.guide.is_empty() {
        themes += &format!("研究者の指定（ハッシュ {}）に従って一部のテーマを立て、分け、まとめ、または名づけ、", short(&method.guide));
    }
    out.push(match (method.theme_choice, method.theme_candidates) {
        (ThemeChoice::Model, _) => {
            format!("相談テーマには、あらかじめ同じ方法で求めておいた{}個を用い、各相談を最も近いテーマに割り当てた。", method.themes)
        }
        (ThemeChoice::Given, _) => format!("{themes}その数は{}と指定した。", method.themes),
        (ThemeChoice::Data, Some((from, to))) => {
            format!("{themes}その数は{from}から{to}までの候補から、再標本化に対する安定性とテーマの細かさによる評価が最良の値と3%以内で並ぶ最小の数として{}と定めた。", method.themes)
        }
        (ThemeChoice::Data, None) => format!("{themes}その数は再標本化に対する安定性とテーマの細かさにより{}と定めた。", method.themes),
    });
    let quality = quality(manifest, c, ["初期値の間の調整ランド指数の平均", "主要語の NPMI の平均", "主要語の多様性"]);
    if !quality.is_empty() {
        out.push(format!("{}であった。", quality.join("、")));
    }
    if !manifest.seeds.is_empty() {
        out.push(format!("乱数シードは {} とした。", seeds(manifest, "、")));
    }
    out.push(format!(
        "ニーズは{}領域とした。ある領域について、困難・不安・欠如・迷い・負担・不信などの手がかりの重みの和が τ = {} 以上であり、かつ記録された相談内容にも相談者の依頼・質問にも現れないとき、その相談の潜在的ニーズとした。",
        method.need_domains, method.tau
    ));
    out.push(format!(
        "割合には Wilson の{}%信頼区間を付け{}、属性との関連は調整済み残差で評価し{}、多重比較は Benjamini–Hochberg 法で補正した{}。",
        percent(method.confidence),
        c.cite(&[Source::Wilson]),
        c.cite(&[Source::Haberman]),
        c.cite(&[Source::FalseDiscovery])
    ));
    out.push(format!("公表用の表では{}件未満の度数（0件を除く）を秘匿した。", method.threshold));
    out
}

fn english(manifest: &Manifest, c: &mut Citations) -> Vec<String> {
    let (counts, method) = (&manifest.counts, &manifest.method);
    let mut out = vec![format!(
        "Consultation records were analysed with kikitori {} (run {}, table schema {}, configuration hash {}).",
        manifest.version,
        manifest.run_id,
        manifest.schema_version,
        short(&manifest.config_fingerprint)
    )];
    let mut read = format!("Of {} records read, {} were analysed and ", grouped(counts.read), grouped(counts.accepted));
    let _ = match counts.rejected {
        0 => write!(read, "none was excluded."),
        n => write!(read, "{} were excluded ({}).", grouped(n), rejects(manifest, Lang::En)),
    };
    out.push(read);
    out.push(format!(
        "Texts were normalised (NFKC) and segmented with lindera and {} (hash {}) {}, together with a rare-cancer dictionary, stop words and code lists (joint hash {}).",
        manifest.dictionary.name,
        short(&manifest.dictionary.fingerprint),
        c.cite(&[Source::Mecab]),
        short(&manifest.word_lists)
    ));
    out.push("Identifiers such as personal names, telephone numbers and addresses were replaced by typed placeholders before any word was counted.".into());
    out.push(match manifest.pseudonym_key.as_str() {
        NO_KEY => "Record ids were replaced by BLAKE3 pseudonyms under a key valid for this input only.".into(),
        key => format!("Record ids were replaced by keyed BLAKE3 pseudonyms (key fingerprint {key})."),
    });
    out.push("Base forms of nouns, verbs and adjectives and the dictionary's compounds were counted as terms, negated predicates as terms of their own.".into());
    out.push(format!(
        "The consultation–term matrix was weighted by BM25 (k1 = {}, b = {}, idf dampened by text length) {} and reduced by latent semantic analysis (randomised singular value decomposition, {} dimensions) {}; transcripts and notes were each centred on the mean of all calls.",
        method.bm25_k1,
        method.bm25_b,
        c.cite(&[Source::Bm25]),
        method.rank,
        c.cite(&[Source::Lsa, Source::RandomisedSvd])
    ));
    if method.reweighted {
        out.push("As texts are long, the analysis was repeated with terms weighted by how well they tell twelve provisional clusters apart (mutual information).".into());
    }
    let mut themes = if method.few_calls {
        format!(
            "Themes join by average linkage what {} spherical k-means partitions put together, settled by spherical k-means {};",
            method.consensus,
            c.cite(&[Source::SphericalKMeans, Source::Accumulation])
        )
    } else {
        format!(
            "Themes are the best of {} spherical k-means partitions and of the joined centroids of their closer half, improved by moving dispensable centroids into loose clusters {};",
            method.consensus,
            c.cite(&[Source::SphericalKMeans])
        )
    };
    if method.refined {
        themes += &format!(
            " as texts are short, they were refined by naive Bayes on the presence of terms, each consultation left out of its own estimate {};",
            c.cite(&[Source::NaiveBayes])
        );
    }
    if !method.guide.is_empty() {
        themes += &format!(" some were pinned, split, merged or named as the researchers asked (hash {});", short(&method.guide));
    }
    out.push(match (method.theme_choice, method.theme_candidates) {
        (ThemeChoice::Model, _) => {
            format!("Consultations were assigned to the nearest of {} themes fitted beforehand in the same way.", method.themes)
        }
        (ThemeChoice::Given, _) => format!("{themes} their number was set to {}.", method.themes),
        (ThemeChoice::Data, Some((from, to))) => {
            format!(
                "{themes} their number ({}, of {from} to {to}) is the smallest within 3 % of the best by stability under resampling and detail.",
                method.themes
            )
        }
        (ThemeChoice::Data, None) => {
            format!("{themes} their number ({}) was chosen by stability under resampling and detail.", method.themes)
        }
    });
    let quality = quality(
        manifest,
        c,
        [
            "The mean adjusted Rand index between initialisations",
            "the mean NPMI of the leading terms",
            "the diversity of the leading terms",
        ],
    );
    if !quality.is_empty() {
        out.push(format!("{}.", quality.join("; ")));
    }
    if !manifest.seeds.is_empty() {
        out.push(format!("Random seeds: {}.", seeds(manifest, ", ")));
    }
    out.push(format!(
        "Needs were coded in {} domains. A need was called latent in a consultation when the weights of implicit cues (difficulty, fear, lack, indecision, burden, distrust) in its domain summed to at least τ = {} while neither the recorded reason nor a request or question of the caller named it.",
        method.need_domains, method.tau
    ));
    out.push(format!(
        "Shares carry {}% Wilson intervals {}; associations with attributes were judged by adjusted residuals {}, and multiple comparisons were corrected after Benjamini and Hochberg {}.",
        percent(method.confidence),
        c.cite(&[Source::Wilson]),
        c.cite(&[Source::Haberman]),
        c.cite(&[Source::FalseDiscovery])
    ));
    out.push(format!("Counts from 1 to {} were suppressed in the published aggregate tables.", method.threshold.saturating_sub(1)));
    out
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
    use crate::io::manifest::{Counts, Dictionary, Method};

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
                rank: 50,
                consensus: 20,
                themes: 12,
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
        assert!(with(|m| m.guide = "0123456789abcdef".into()).contains("研究者の指定"));
        let plain = methods(&manifest(), Lang::Ja);
        assert!(["平均連結法", "相互情報量", "単純ベイズ法", "研究者の指定"].iter().all(|word| !plain.contains(word)));
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1000, 9327, 1_000_000].map(grouped), ["0", "999", "1,000", "9,327", "1,000,000"]);
    }
}

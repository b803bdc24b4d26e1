//! A configuration as a commented file.

use std::fmt::Write as _;
use std::path::Path;

use super::Config;
use crate::redact::{IdentifierType, Policy};

/// Writes lines of a TOML file; a key without a value stands there as a comment, so that it can be found.
struct Toml(String);

impl Toml {
    fn section(&mut self, name: &str, comment: &str) {
        let _ = write!(self.0, "\n# {comment}\n[{name}]\n");
    }

    fn line(&mut self, key: &str, value: &str, comment: &str) {
        let _ = writeln!(self.0, "{key} = {value}  # {comment}");
    }

    fn optional(&mut self, key: &str, value: Option<String>, example: &str, comment: &str) {
        match value {
            Some(value) => self.line(key, &value, comment),
            None => {
                let _ = writeln!(self.0, "# {key} = {example}  # {comment}");
            }
        }
    }
}

pub(super) fn to_toml(config: &Config) -> String {
    let mut out = Toml(String::from(
        "# kikitori の設定。書かれていないキーは既定値になる。「# キー = 値」の行は、行頭の # を外すと効く。\n\
         # 相対パスは、この設定ファイルのあるフォルダから数える。\n\n",
    ));
    let lang = match config.lang {
        super::ConfigLang::Ja => "\"ja\"",
        super::ConfigLang::En => "\"en\"",
    };
    out.line("lang", lang, "表示の言語（ja または en）");
    out.optional("threads", config.threads.map(|n| n.to_string()), "4", "並列数。書かなければ CPU の数。結果は変わらない");

    out.section("input", "読むもの");
    let input = &config.input;
    let paths: Vec<String> = input.paths.iter().map(|p| path(p)).collect();
    out.line("paths", &format!("[{}]", paths.join(", ")), "ファイルまたはフォルダ。--input があればそちら");
    out.optional("encoding", input.encoding.as_deref().map(quote), "\"cp932\"", "文字コード。書かなければファイルごとに判定");
    out.optional("sheet", input.sheet.as_deref().map(quote), "\"相談記録\"", "XLSX のシート名。書かなければ先頭のシート");
    out.line("max_chars", &input.max_chars.to_string(), "これより長い本文は除外する（文字数）");
    out.line("max_reject_share", &number(input.max_reject_share), "除外された行の割合がこれを超えると終了コード 1（結果は公開される）");

    out.section("columns", "列の対応：項目 = 見出し。よくある見出しは書かなくても分かる");
    for (field, column) in &config.columns {
        let _ = writeln!(out.0, "{} = {}", key(field), quote(column));
    }
    if config.columns.is_empty() {
        out.0.push_str("# id = \"受付番号\"\n# text = \"相談記録\"\n");
    }

    if config.values.is_empty() {
        out.0.push_str("\n# 値の対応：拠点で使っている値 = 符号\n# [values.outcome]\n# \"当院紹介\" = \"01\"\n");
    }
    for (attribute, values) in &config.values {
        out.section(&format!("values.{}", key(attribute)), "値の対応：拠点で使っている値 = 符号");
        for (value, code) in values {
            let _ = writeln!(out.0, "{} = {}", quote(value), quote(code));
        }
    }

    out.section("redaction", "個人情報：mask（伏せる）、generalise（日付は月、住所は都道府県まで残す）、keep（残す）");
    for kind in IdentifierType::ALL {
        match config.redaction.get(kind.code()) {
            Some(action) => _ = writeln!(out.0, "{} = {}", kind.code(), quote(action)),
            None => _ = writeln!(out.0, "# {} = {}", kind.code(), quote(Policy::default().action(kind).code())),
        }
    }

    out.section("output", "書くもの");
    let output = &config.output;
    out.optional("dir", output.dir.as_deref().map(path), "\"kikitori-out\"", "出力先。--out があればそちら");
    out.line("keep_runs", &output.keep_runs.to_string(), "少なくともこの回数分の結果を残す");
    out.line("keep_hours", &output.keep_hours.to_string(), "少なくともこの時間は結果を残す");

    out.section("themes", "相談テーマ");
    out.optional("count", config.themes.count.map(|n| n.to_string()), "12", "テーマの数。書かなければデータから決める");
    out.line("seed", &config.themes.seed.to_string(), "乱数シード");
    out.line("rank", &config.themes.rank.to_string(), "潜在意味解析の次元数");
    out.optional(
        "guide",
        config.themes.guide.as_deref().map(path),
        "\"themes.toml\"",
        "テーマへの指定（立てる・禁じる・分ける・まとめる・名づける）のファイル",
    );
    out.optional(
        "embedding",
        config.themes.embedding.as_deref().map(path),
        "\"models/chive-small\"",
        "単語ベクトルのフォルダ。短い文章で、同じ語がなくても意味の近いものを近づける",
    );

    out.section("needs", "ニーズ");
    out.line("tau", &number(config.needs.tau), "潜在的ニーズとみなす手がかりの重みの和（τ）");

    out.section("codes", "コーディングルール");
    out.optional(
        "file",
        config.codes.file.as_deref().map(path),
        "\"codes.txt\"",
        "KH Coder のコーディングルール・ファイル。書かなければ辞書のもの",
    );

    out.section("disclosure", "公表の制限");
    out.line("threshold", &config.disclosure.threshold.to_string(), "1件からこの数未満までのセルは公表しない");
    out.line(
        "since_last",
        &format!("{:?}", config.disclosure.since_last.name()),
        "前の公表との差が小さい件数があるとき。warn：知らせる、refuse：公開しない、off：調べない",
    );

    out.section("dictionaries", "辞書");
    let dictionaries = &config.dictionaries;
    out.optional(
        "dir",
        dictionaries.dir.as_deref().map(path),
        "\"dictionaries\"",
        "自分の辞書のフォルダ。ないファイルは組み込みのものを使う",
    );
    out.optional(
        "lindera",
        dictionaries.lindera.as_deref().map(path),
        "\"unidic\"",
        "lindera のコンパイル済み辞書。書かなければ組み込みの IPADIC",
    );

    out.section("pseudonym", "仮名化");
    out.optional(
        "key_file",
        config.pseudonym.key_file.as_deref().map(path),
        "\"kikitori.key\"",
        "鍵のファイル（chmod 600）。鍵がなければ、実行ごとに結び付かない仮名になる",
    );
    out.0
}

/// A key, quoted where it must be.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { name.to_owned() } else { quote(name) }
}

/// A TOML basic string, on one line also for names with line ends (header cells have them).
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn path(path: &Path) -> String {
    quote(&path.to_string_lossy())
}

/// A float, never written like an integer.
fn number(value: f64) -> String {
    format!("{value:?}")
}

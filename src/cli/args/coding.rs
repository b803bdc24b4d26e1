//! The arguments of `kikitori coding`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::InputArgs;
use crate::coding::SampleParams;

/// What `coding` does.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CodingCommand {
    /// 判定者に配る表（CSV・XLSX、伏せ字済み）を、層別に無作為に選んだ発話から作る
    Sheet(CodingSheetArgs),
    /// 二人の判定を読み、領域ごとの κ と不一致、kikitori との一致を出す
    Score(CodingScoreArgs),
    /// 陰性対照：相談員の発話と、入れ替えた相談内容で、偶然ならどうなるかを出す
    Controls(CodingControlsArgs),
    /// 判定のついた発話から、文字の並びがニーズとその領域について何を語るかを学ぶ（辞書の needs/ngrams.tsv）
    Learn(CodingLearnArgs),
    /// 印をつけた文から、名前のまわりの文字と語が何を示すかを学ぶ（辞書の identifiers/context.tsv）
    LearnIdentifiers(CodingLearnIdentifiersArgs),
}

/// Arguments of `coding sheet`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CodingSheetArgs {
    /// What to read and with what.
    #[command(flatten)]
    pub(in crate::cli) input: InputArgs,
    /// 書く表（.csv か .xlsx）
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) out: PathBuf,
    /// 発話の数
    #[arg(long, value_name = "N", default_value_t = SampleParams::DEFAULT_UTTERANCES)]
    pub(in crate::cli) utterances: usize,
    /// 乱数の種（同じ種なら同じ発話）
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(in crate::cli) seed: u64,
    /// 判定者の名前（表に書く）
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) coder: Option<String>,
    /// 仮名化の鍵のファイル（環境変数 KIKITORI_KEY でも可）
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) key_file: Option<PathBuf>,
}

/// Arguments of `coding score`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CodingScoreArgs {
    /// 一人目の表
    #[arg(value_name = "A")]
    pub(in crate::cli) a: PathBuf,
    /// 二人目の表
    #[arg(value_name = "B")]
    pub(in crate::cli) b: PathBuf,
    /// 表と一緒に書かれた kikitori の判定（…kikitori.json）
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) kikitori: Option<PathBuf>,
    /// 不一致を二人の話し合いのために書くCSV（伏せ字にした発話を含む）
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) disagreements: Option<PathBuf>,
    /// 二人の一致を eval needs の正解として書くJSONL（伏せ字にした発話を含む）
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) gold: Option<PathBuf>,
}

/// Arguments of `coding controls`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CodingControlsArgs {
    /// What to read and with what.
    #[command(flatten)]
    pub(in crate::cli) input: InputArgs,
    /// 乱数の種
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(in crate::cli) seed: u64,
}

/// Arguments of `coding learn`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CodingLearnArgs {
    /// {"id","speaker","text","needs"} のJSONL（coding score --gold が書き、eval needs が読む形）。繰り返し可
    #[arg(value_name = "FILE", required = true)]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// 書くファイル。dictionaries の needs/ngrams.tsv に置くと run が使う
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) out: PathBuf,
    /// これより少ない相談にしか出ない並びは書かない（省略時: 最小公表件数の10。架空の例文なら8でよい）
    #[arg(long, value_name = "N")]
    pub(in crate::cli) smallest: Option<u32>,
}

/// Arguments of `coding learn-identifiers`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CodingLearnIdentifiersArgs {
    /// {"id","text","spans"} のJSONL（eval redact が読む形）。繰り返し可
    #[arg(value_name = "FILE", required = true)]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// 個人を特定する語のない発話のJSONL（coding learn が読む形）。繰り返し可
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) unmarked: Vec<PathBuf>,
    /// 書くファイル。dictionaries の identifiers/context.tsv に置くと run が使う
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) out: PathBuf,
    /// 名簿などの辞書のフォルダ（省略時: 内蔵のもの）
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) dictionaries: Option<PathBuf>,
}

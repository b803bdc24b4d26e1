//! The command line as typed.

mod coding;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use self::coding::{
    CodingCommand, CodingControlsArgs, CodingLearnArgs, CodingLearnIdentifiersArgs, CodingScoreArgs, CodingSheetArgs,
};
use crate::error::Lang;

/// 聞き取り: text mining of hotline transcripts.
#[derive(Debug, Parser)]
#[command(
    name = "kikitori",
    version,
    about = "聞き取り — 電話相談の記録から、相談テーマと潜在的ニーズを読み取り、ダッシュボード用の表を作ります",
    after_help = "終了コード: 0 完了 / 1 完了したが読めない行が上限を超えた、または検査に不合格 / 2 失敗 / 130 中断\n詳しくは: kikitori <コマンド> --help",
    propagate_version = true
)]
pub(super) struct Cli {
    /// 画面に出すことばの言語
    #[arg(long, global = true, value_name = "LANG", env = "KIKITORI_LANG")]
    pub(super) lang: Option<LangArg>,
    /// 結果を機械が読むJSONで標準出力に出す
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// 経過を出さない
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// A language on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LangArg {
    /// 日本語
    Ja,
    /// English
    En,
}

impl From<LangArg> for Lang {
    fn from(lang: LangArg) -> Self {
        match lang {
            LangArg::Ja => Self::Ja,
            LangArg::En => Self::En,
        }
    }
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// 記録を読み、テーマとニーズを求め、表を公開する（毎晩の処理）
    Run(RunArgs),
    /// テーマのモデルだけを作る
    Fit(FitArgs),
    /// 作ってあるモデルを新しい記録に当てはめて公開する（run --model と同じ）
    Apply(ApplyArgs),
    /// 書き出したファイル（エクスポート）を見て、列の対応表 kikitori.toml を書く
    Init(InitArgs),
    /// 記録を読むだけ読んで、受け付けられる件数と読めない行を示す
    Check(CheckArgs),
    /// 架空の相談を好きな件数だけ作る（負荷試験と図のため）
    Sample(SampleArgs),
    /// 公開する表と列の説明を出す
    Schema(SchemaArgs),
    /// 公開した表を攻撃者の目で検査する（秘匿した件数が計算できないか、本文やIDがないか）
    Audit(AuditArgs),
    /// 公開した結果のマニフェストを出す
    Manifest(ManifestArgs),
    /// 有効な設定を出す
    Config(ConfigArgs),
    /// 単語ベクトルを作る・見る
    #[command(subcommand)]
    Embed(EmbedCommand),
    /// 正解つきデータで品質を測る
    #[command(subcommand)]
    Eval(EvalCommand),
    /// 人の判定と突き合わせる・人の判定から学ぶ（表を作る・κを出す・陰性対照・語を学ぶ）
    #[command(subcommand)]
    Coding(CodingCommand),
    /// シェルの補完スクリプトを出す
    Completions {
        /// シェルの種類
        shell: clap_complete::Shell,
    },
}

/// What every command that reads records takes.
#[derive(Debug, Args, Default)]
pub(super) struct InputArgs {
    /// 設定ファイル（省略時: 入力の隣または現在のフォルダの kikitori.toml）
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// 読む記録。ファイルまたはフォルダ。繰り返し可（省略時: corpus-samples）
    #[arg(long, short, value_name = "PATH")]
    pub(super) input: Vec<PathBuf>,
    /// スレッド数（0 = コアの数、1024まで）
    #[arg(long, short, value_name = "N", value_parser = threads)]
    pub(super) threads: Option<usize>,
    /// コンパイル済みの lindera 辞書のフォルダ（省略時: 内蔵のIPADIC）
    #[arg(long, value_name = "DIR")]
    pub(super) dictionary: Option<PathBuf>,
    /// 用語・符号・手がかりの辞書のフォルダ（省略時: 内蔵のもの）
    #[arg(long, value_name = "DIR")]
    pub(super) dictionaries: Option<PathBuf>,
    /// KH Coder のコーディングルール・ファイル（省略時: 辞書の codes/rare-cancer.txt）
    #[arg(long, value_name = "FILE")]
    pub(super) codes: Option<PathBuf>,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// What to read and with what.
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// 公開先のフォルダ（省略時: kikitori-out）
    #[arg(long, short, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// 作ってあるモデルを使う（省略時: この記録から作る）
    #[arg(long, value_name = "DIR")]
    pub(super) model: Option<PathBuf>,
    /// テーマの数（省略時: データから決める）
    #[arg(long, value_name = "K")]
    pub(super) themes: Option<usize>,
    /// テーマへの指定のファイル（themes.toml：立てる・禁じる・分ける・まとめる・名づける）
    #[arg(long, value_name = "FILE")]
    pub(super) guide: Option<PathBuf>,
    /// 単語ベクトルのフォルダ（短い文章で、同じ語がなくても意味の近いものを近づける）
    #[arg(long, value_name = "DIR")]
    pub(super) embedding: Option<PathBuf>,
    /// 乱数の種
    #[arg(long, value_name = "S")]
    pub(super) seed: Option<u64>,
    /// 仮名化の鍵のファイル（環境変数 KIKITORI_KEY でも可）
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
}

/// Arguments of `fit`.
#[derive(Debug, Args)]
pub(super) struct FitArgs {
    /// What to read and with what.
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// モデルを書くフォルダ
    #[arg(long, value_name = "DIR")]
    pub(super) model: PathBuf,
    /// 前のモデルのフォルダ（続いているテーマは同じ番号のままになり、系譜が残る）
    #[arg(long, value_name = "DIR")]
    pub(super) from: Option<PathBuf>,
    /// テーマの数（省略時: データから決める）
    #[arg(long, value_name = "K")]
    pub(super) themes: Option<usize>,
    /// テーマへの指定のファイル（themes.toml：立てる・禁じる・分ける・まとめる・名づける）
    #[arg(long, value_name = "FILE")]
    pub(super) guide: Option<PathBuf>,
    /// 単語ベクトルのフォルダ（短い文章で、同じ語がなくても意味の近いものを近づける）
    #[arg(long, value_name = "DIR")]
    pub(super) embedding: Option<PathBuf>,
    /// 乱数の種
    #[arg(long, value_name = "S")]
    pub(super) seed: Option<u64>,
}

/// Arguments of `apply`.
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// What to read and with what.
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// 使うモデルのフォルダ
    #[arg(long, value_name = "DIR")]
    pub(super) model: PathBuf,
    /// 公開先のフォルダ（省略時: kikitori-out）
    #[arg(long, short, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// 仮名化の鍵のファイル（環境変数 KIKITORI_KEY でも可）
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// 見るファイル（CSV・TSV・XLSX・JSONL・Parquet）またはフォルダ
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// 書く設定ファイル（`-` で標準出力）
    #[arg(long, short, value_name = "FILE", default_value = "kikitori.toml")]
    pub(super) output: PathBuf,
    /// すでにある設定ファイルを書き換える
    #[arg(long)]
    pub(super) force: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// 読む記録
    #[arg(value_name = "FILE")]
    pub(super) file: Vec<PathBuf>,
    /// What to read and with what.
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// 示す読めない行の数
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(super) show: usize,
}

/// Arguments of `sample`.
#[derive(Debug, Args)]
pub(super) struct SampleArgs {
    /// 件数
    #[arg(long, value_name = "N")]
    pub(super) calls: u64,
    /// 乱数の種
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(super) seed: u64,
    /// 書くファイル（`-` で標準出力）
    #[arg(long, short, value_name = "FILE")]
    pub(super) out: PathBuf,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// この表だけ
    #[arg(value_name = "TABLE")]
    pub(super) table: Option<String>,
}

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    /// 公開先のフォルダ、runs/ の下のフォルダ、または dashboard のフォルダ
    #[arg(value_name = "DIR", default_value = "kikitori-out")]
    pub(super) dir: PathBuf,
    /// 前に公開した結果（どれかのフォルダ）。差から小さい件数が分からないかも検査する
    #[arg(long, value_name = "OLD")]
    pub(super) against: Option<PathBuf>,
    /// スレッド数（0 = コアの数、1024まで）
    #[arg(long, short, value_name = "N", value_parser = threads)]
    pub(super) threads: Option<usize>,
}

/// Arguments of `manifest`.
#[derive(Debug, Args)]
pub(super) struct ManifestArgs {
    /// 公開先のフォルダ、または runs/ の下のフォルダ
    #[arg(value_name = "RUN", default_value = "kikitori-out")]
    pub(super) run: PathBuf,
    /// 論文の方法の節に使える段落を出す
    #[arg(long)]
    pub(super) methods: bool,
}

/// Arguments of `config`.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    /// 有効な設定をTOMLで出す
    #[arg(long, required = true)]
    pub(super) show: bool,
    /// 設定ファイル
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

/// What `embed` does.
#[derive(Debug, Subcommand)]
pub(super) enum EmbedCommand {
    /// 記録から単語ベクトルを作る（最小公表件数以上の相談に出る語だけを含む）
    Fit(EmbedFitArgs),
    /// 単語ベクトルで近い語を示す
    Show(EmbedShowArgs),
}

/// Arguments of `embed fit`.
#[derive(Debug, Args)]
pub(super) struct EmbedFitArgs {
    /// What to read and with what.
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// 単語ベクトルを書くフォルダ
    #[arg(long, short, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// 次元（省略時: 100）
    #[arg(long, value_name = "N")]
    pub(super) dim: Option<usize>,
    /// 語彙の大きさの上限（省略時: 20000）
    #[arg(long, value_name = "N")]
    pub(super) vocab: Option<usize>,
    /// 乱数の種
    #[arg(long, value_name = "S")]
    pub(super) seed: Option<u64>,
}

/// Arguments of `embed show`.
#[derive(Debug, Args)]
pub(super) struct EmbedShowArgs {
    /// 単語ベクトルのフォルダ
    #[arg(value_name = "DIR")]
    pub(super) dir: PathBuf,
    /// 語
    #[arg(value_name = "WORD", required = true)]
    pub(super) words: Vec<String>,
    /// 示す近い語の数
    #[arg(long, short = 'n', default_value_t = 10, value_name = "N")]
    pub(super) count: usize,
}

/// What `eval` measures.
#[derive(Debug, Subcommand)]
pub(super) enum EvalCommand {
    /// テーマ: {"id","label","text"|"turns"} のJSONLに対する NMI・ARI・V-measure、NPMI・C_v・多様性・シルエット、安定性
    Themes(EvalThemesArgs),
    /// ニーズ: {"id","speaker","text","needs"} のJSONLに対する適合率・再現率
    Needs(EvalArgs),
    /// 伏せ字処理: {"id","text","spans"} のJSONLに対する適合率・再現率
    Redact(EvalArgs),
}

/// Arguments of `eval themes`.
#[derive(Debug, Args)]
pub(super) struct EvalThemesArgs {
    /// 正解つきのJSONL
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// 正解のキー
    #[arg(long, default_value = "label", value_name = "KEY")]
    pub(super) label: String,
    /// テーマの数（省略時: データから決める。--vs があればその数）
    #[arg(long, value_name = "K")]
    pub(super) themes: Option<usize>,
    /// 単語ベクトルのフォルダ（短い文章で、同じ語がなくても意味の近いものを近づける）
    #[arg(long, value_name = "DIR")]
    pub(super) embedding: Option<PathBuf>,
    /// 乱数の種
    #[arg(long, value_name = "S")]
    pub(super) seed: Option<u64>,
    /// ほかの手法と並べる（benches/peers/topics.sh --out が同じ FILE から書いたもの）
    #[arg(long, value_name = "TOPICS_JSON")]
    pub(super) vs: Option<PathBuf>,
    /// スレッド数（0 = コアの数、1024まで）
    #[arg(long, short, value_name = "N", value_parser = threads)]
    pub(super) threads: Option<usize>,
}

/// Arguments of `eval needs` and `eval redact`.
#[derive(Debug, Args)]
pub(super) struct EvalArgs {
    /// 正解つきのJSONL
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// 誤りをIDと種類で列挙する（本文は出さない）
    #[arg(long)]
    pub(super) errors: bool,
    /// 用語・符号・手がかりの辞書のフォルダ（省略時: 内蔵のもの）
    #[arg(long, value_name = "DIR")]
    pub(super) dictionaries: Option<PathBuf>,
}

/// More threads than any machine this runs on has cores are a slip of the finger, and would bring the machine down.
pub(super) const MAX_THREADS: usize = 1024;

fn threads(argument: &str) -> Result<usize, String> {
    match argument.parse() {
        Ok(threads) if threads <= MAX_THREADS => Ok(threads),
        _ => Err(format!("expected a whole number from 0 to {MAX_THREADS}")),
    }
}

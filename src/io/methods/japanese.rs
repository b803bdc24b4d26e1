//! The sentences in Japanese.

use std::fmt::Write as _;

use super::citation::{Citations, Source};
use super::{grouped, percent, quality, rejects, seeds, short};
use crate::error::Lang;
use crate::io::manifest::{Manifest, NO_KEY, ThemeChoice};

pub(super) fn sentences(manifest: &Manifest, c: &mut Citations) -> Vec<String> {
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
    out.push(
        "名詞・動詞・形容詞の基本形と、複合語（辞書にあるもの、および10字以内の名詞の連なり）を語とし、否定を伴う用言は別の語とした。"
            .into(),
    );
    if !method.compounds {
        out.push("ただしテーマを求めるときは、辞書にない複合語を用いなかった。".into());
    }
    out.push(format!(
        "相談と語の行列を BM25（k1 = {}、b = {}、idf は文章の長さに応じて弱めた）で重み付けし{}、潜在意味解析（乱択特異値分解、{}次元）で縮約し{}、逐語録と要約記録の文体の差をそれぞれの平均を引いて除いた。",
        method.bm25_k1,
        method.bm25_b,
        c.cite(&[Source::Bm25]),
        method.rank,
        c.cite(&[Source::Lsa, Source::RandomisedSvd])
    ));
    if method.word_dimensions > 0 {
        out.push(format!(
            "文章が短いので、単語ベクトル（ハッシュ {}）の加重和による{}次元を加え、語を共有しない文章の近さも見た{}。",
            short(&method.embedding),
            method.word_dimensions,
            c.cite(&[Source::SentenceVectors])
        ));
    }
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
    let mut tree = String::new();
    if method.groups > 1 {
        tree += &format!(
            "相談テーマは、重心を Ward 法でまとめて{}の大分類とし{}、",
            method.groups,
            c.cite(&[Source::Ward, Source::FastClustering])
        );
    }
    if method.sub_themes > 0 {
        tree += &format!("再標本化しても同じように分かれる大きなテーマは下位テーマに分けた（計{}）。", method.sub_themes);
    } else if !tree.is_empty() {
        tree += "下位テーマは設けなかった。";
    }
    out.extend((!tree.is_empty()).then_some(tree));
    if method.theme_choice != ThemeChoice::Model {
        out.push(format!(
            "テーマの名称には、{}件以上の相談に現れる句のうち、クラス別 tf-idf によってそのテーマに最も特徴的なものを用い{}、句のない場合は特徴語を並べた。",
            method.threshold,
            c.cite(&[Source::Labels])
        ));
    }
    let stability = match method.theme_choice {
        ThemeChoice::Model => "テーマごとの再標本化での再現性（Jaccard）の平均",
        _ => "初期値の間の調整ランド指数の平均",
    };
    let quality = quality(manifest, c, [stability, "主要語の NPMI の平均", "主要語の多様性"]);
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
    if method.need_ngrams > 0 {
        out.push(format!(
            "領域は、種とした語句と、コードのついた例文から学んだ、発話の文字 n-gram（n は1から3、{}種）による領域ごとのロジスティック回帰の得点とから定めた。どの手がかりもない発話でも、ニーズの有無の回帰がニーズの語りとみなすものは弱い手がかりとし、反対に、ニーズがないとみなす発話では、質問と弱い手がかりを数えなかった。",
            grouped(method.need_ngrams)
        ));
    }
    if method.discovered_needs > 0 {
        let how = match method.theme_choice {
            ThemeChoice::Model => "を、モデルにある",
            _ => "を相談テーマと同じ方法で分け、",
        };
        let then = if method.theme_choice == ThemeChoice::Model { "に割り当てた" } else { "として名づけた" };
        out.push(format!("領域ごとにニーズを語った文{how}計{}の具体的なニーズ{then}。", method.discovered_needs));
    }
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

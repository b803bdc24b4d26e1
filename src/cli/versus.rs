//! kikitori's figures and those of other topic models, side by side.

use unicode_width::UnicodeWidthStr;

use crate::error::Lang;
use crate::io::peers::{PeerFigures, PeerReport};

/// A column: its name in both languages, and a method's value.
type Column = (&'static str, &'static str, fn(&PeerFigures) -> String);

const COLUMNS: [Column; 10] = [
    ("NMI", "NMI", |f| three(f.nmi)),
    ("ARI", "ARI", |f| three(f.ari)),
    ("NPMI", "NPMI", |f| three(f.npmi)),
    ("C_v", "C_v", |f| f.c_v.map_or_else(|| "-".to_owned(), three)),
    ("多様性", "diversity", |f| three(f.diversity)),
    ("安定性", "stability", |f| three(f.stability)),
    ("テーマなし", "outliers", |f| format!("{:.1}%", 100.0 * f.outliers)),
    ("テーマ数", "themes", |f| format!("{:.1}", f.found)),
    ("秒", "seconds", |f| format!("{:.2}", f.seconds)),
    ("MB", "MB", |f| format!("{:.0}", f.peak_rss_mb)),
];

/// The table, ourselves first, then the peers in the order of their codes; and what its figures are.
pub(super) fn table(own: &PeerFigures, report: &PeerReport, lang: Lang) -> String {
    let ja = lang == Lang::Ja;
    let row = |name: String, figures: &PeerFigures| -> Vec<String> {
        std::iter::once(name).chain(COLUMNS.iter().map(|(_, _, value)| value(figures))).collect()
    };
    let head = COLUMNS.iter().map(|(ja_name, en_name, _)| if ja { *ja_name } else { *en_name });
    let mut rows = vec![std::iter::once(if ja { "手法" } else { "method" }).chain(head).map(str::to_owned).collect()];
    rows.push(row("kikitori".to_owned(), own));
    rows.extend(report.peers.iter().map(|(code, figures)| row(name(code, report.themes, ja), figures)));
    let widths: Vec<usize> = (0..=COLUMNS.len()).map(|c| rows.iter().map(|row| row[c].width()).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for row in &rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width - cell.width());
            // Names to the left, numbers to the right.
            out.push_str(&if column == 0 { format!("{cell}{pad}") } else { format!("  {pad}{cell}") });
        }
        out.push('\n');
    }
    let missing: Vec<String> = report.missing.keys().map(|code| name(code, report.themes, ja)).collect();
    if !missing.is_empty() {
        out.push_str(&if ja {
            format!("動かなかった手法：{}\n", missing.join("、"))
        } else {
            format!("not run: {}\n", missing.join(", "))
        });
    }
    out.push_str(if ja {
        "ほかの手法の値は、同じ語による種ごとの結果の平均（C_v は最初の種）。秒は一度の当てはめ、MB は処理全体"
    } else {
        "the others' figures are means over seeds, on the same terms (C_v: of the first seed); seconds are of one fit, MB of the process"
    });
    out
}

fn three(value: f64) -> String {
    format!("{value:.3}")
}

/// What people call a method of the report.
fn name(code: &str, themes: usize, ja: bool) -> String {
    match (code, ja) {
        ("lda", _) => "LDA (tomotopy)".to_owned(),
        ("nmf", _) => "NMF (scikit-learn)".to_owned(),
        ("umap", _) => "LSA, UMAP, HDBSCAN".to_owned(),
        ("umap_reduced", true) => format!("同上、{themes}に統合"),
        ("umap_reduced", false) => format!("the same, merged to {themes}"),
        (other, _) => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn report() -> PeerReport {
        let figures = |nmi: f64| PeerFigures { nmi, c_v: Some(0.5), outliers: 0.101, found: 36.4, ..PeerFigures::default() };
        let peers = [("umap_reduced", 0.48), ("lda", 0.55)].map(|(code, nmi)| (code.to_owned(), figures(nmi)));
        let missing = BTreeMap::from([("nmf".to_owned(), "no wheel".to_owned())]);
        PeerReport { input: "a.jsonl".into(), docs: 100, themes: 9, peers: BTreeMap::from(peers), missing }
    }

    #[test]
    fn columns_stand_below_each_other_in_both_languages() {
        let own = PeerFigures { nmi: 0.728, c_v: None, found: 9.0, ..PeerFigures::default() };
        for (lang, merged, not_run) in [
            (Lang::Ja, "同上、9に統合", "動かなかった手法：NMF (scikit-learn)"),
            (Lang::En, "the same, merged to 9", "not run: NMF (scikit-learn)"),
        ] {
            let table = table(&own, &report(), lang);
            let lines: Vec<&str> = table.lines().collect();
            assert_eq!(lines.len(), 6, "{table}");
            assert!(lines[1].starts_with("kikitori") && lines[1].contains("0.728") && lines[1].contains(" - "), "{table}");
            assert!(lines[2].starts_with("LDA") && lines[3].starts_with(merged), "{table}");
            assert!(lines[3].contains("10.1%") && lines[3].contains("36.4"), "{table}");
            assert_eq!(lines[4], not_run);
            // Every line ends at the same cell, as seen on a terminal.
            assert!(lines[..4].iter().all(|line| line.width() == lines[0].width()), "{table}");
        }
    }
}

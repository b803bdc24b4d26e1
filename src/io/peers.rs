//! What other topic models reached on the same texts: the report that `benches/peers/topics.sh` writes.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::fs;
use crate::error::{Error, ErrorKind, Result, Text};

/// The method of the report that is no peer.
const OURSELVES: &str = "kikitori";

/// What was compared, and the figures of each peer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PeerReport {
    /// Name of the labelled file, without its folder.
    pub input: String,
    /// Texts.
    pub docs: usize,
    /// Themes asked for.
    pub themes: usize,
    /// Figures by the code of the method.
    #[serde(rename = "methods")]
    pub peers: BTreeMap<String, PeerFigures>,
    /// Methods that could not be run, and why.
    #[serde(default)]
    pub missing: BTreeMap<String, String>,
}

/// Means over the seeds of the report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PeerFigures {
    /// Normalised mutual information with the labels.
    pub nmi: f64,
    /// Adjusted Rand index with the labels.
    pub ari: f64,
    /// Mean NPMI coherence.
    pub npmi: f64,
    /// Mean C_v coherence of [`PeerFigures::keywords`]. The report does not know it: the order of the terms is known here alone.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub c_v: Option<f64>,
    /// Share of distinct terms among the keywords.
    pub diversity: f64,
    /// Mean ARI between seeds.
    pub stability: f64,
    /// Share of the texts without a theme.
    pub outliers: f64,
    /// Themes found.
    pub found: f64,
    /// Of one fit, from counts to labels.
    pub seconds: f64,
    /// Of the process.
    pub peak_rss_mb: f64,
    /// Of the first seed: per theme its strongest terms. Empty in reports of earlier versions.
    #[serde(default, skip_serializing)]
    pub keywords: Vec<Vec<String>>,
}

/// Reads a report.
///
/// # Errors
/// A file that cannot be read, or that is no such report.
pub fn read_peers(path: &Path) -> Result<PeerReport> {
    let text = fs::read_text(path)?;
    let mut report: PeerReport = serde_json::from_str(&text).map_err(|e| {
        let (ja, en) = ("benches/peers/topics.sh が書いた比較ではありません", "not a comparison as benches/peers/topics.sh writes it");
        // Without the cause: of a wrong file, of records perhaps, it would quote what stands there.
        Error::new(ErrorKind::Input, Text::new(ja, en)).at(path, e.line() as u64)
    })?;
    report.peers.remove(OURSELVES);
    Ok(report)
}

impl PeerReport {
    /// Whether it is about so many texts of that file and so many themes; `path` is where it was read.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] where figures would stand side by side that say nothing about each other.
    pub fn check(&self, path: &Path, input: &str, docs: usize, themes: usize) -> Result<()> {
        if (self.input.as_str(), self.docs, self.themes) == (input, docs, themes) {
            return Ok(());
        }
        let ja = format!(
            "「{}」{}件・{}テーマの比較なので、「{input}」{docs}件・{themes}テーマとは並べられません。benches/peers/topics.sh --input {input} --themes {themes} で作り直してください",
            self.input, self.docs, self.themes
        );
        let en = format!(
            "compares {} texts of {} in {} themes and cannot stand beside {docs} texts of {input} in {themes}; make it again with benches/peers/topics.sh --input {input} --themes {themes}",
            self.docs, self.input, self.themes
        );
        Err(Error::new(ErrorKind::Input, Text::new(ja, en)).at(path, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Lang;

    #[test]
    fn a_report_reads_without_ourselves_and_as_earlier_versions_wrote_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("topics.json");
        let figures = r#"{"nmi": 0.5, "ari": 0.4, "npmi": 0.3, "diversity": 0.9, "stability": 0.7, "outliers": 0.1, "found": 9.0, "seconds": 2, "peak_rss_mb": 80.5, "eval_seconds": 9}"#;
        let report = format!(r#"{{"input": "a.jsonl", "docs": 12, "themes": 9, "methods": {{"kikitori": {figures}, "lda": {figures}}}}}"#);
        std::fs::write(&path, report).unwrap();
        let report = read_peers(&path).unwrap();
        assert_eq!(report.peers.keys().collect::<Vec<_>>(), ["lda"]);
        let lda = &report.peers["lda"];
        assert_eq!((lda.nmi, lda.outliers, lda.seconds, lda.c_v, lda.keywords.len()), (0.5, 0.1, 2.0, None, 0));
        report.check(&path, "a.jsonl", 12, 9).unwrap();
        for (input, docs, themes) in [("b.jsonl", 12, 9), ("a.jsonl", 13, 9), ("a.jsonl", 12, 8)] {
            let error = report.check(&path, input, docs, themes).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Input);
            for (lang, word) in [(Lang::Ja, "並べられません"), (Lang::En, "cannot stand beside")] {
                let said = error.message(lang);
                assert!(said.contains("topics.json") && said.contains(word) && said.contains(&format!("--themes {themes}")), "{said}");
            }
        }
        std::fs::write(&path, "{\n \"input\": 1}").unwrap();
        let error = read_peers(&path).unwrap_err();
        assert!(error.message(Lang::Ja).contains("2行目") && error.message(Lang::En).contains("topics.sh"), "{error}");
    }
}

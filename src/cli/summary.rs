//! What a person reads when a run is done: themes with size, keywords and trend, the latent needs, where the files are.

use std::fmt::Write as _;
use std::path::Path;

use unicode_width::UnicodeWidthStr;

use crate::analysis::Analysis;
use crate::disclose::{Shown, Threshold};
use crate::error::Lang;
use crate::io::manifest::Manifest;
use crate::need::NeedDomain;
use crate::table::{Headline, ThemeLabels, safe_keywords};

/// How many needs are named.
const NEEDS_SHOWN: usize = 5;

/// How many keywords stand below a theme.
const KEYWORDS_SHOWN: usize = 6;

/// Width of the longest bar, in terminal cells.
const BAR_CELLS: usize = 24;

/// A share has risen or fallen when its first and last fiscal year differ by this factor.
const TREND_FACTOR: f64 = 1.25;

/// The closing summary. Its counts are those of `headline`, since the words go to logs and mails.
pub(super) fn write(
    analysis: &Analysis,
    headline: &Headline,
    manifest: &Manifest,
    run_dir: &Path,
    threshold: Threshold,
    lang: Lang,
) -> String {
    let ja = lang == Lang::Ja;
    let mut out = String::new();
    let counts = manifest.counts;
    let _ = if ja {
        writeln!(
            out,
            "\n聞き取り {} ─ {}件を読み、{}件を受け付けました（除外 {}件）",
            manifest.version, counts.read, counts.accepted, counts.rejected
        )
    } else {
        writeln!(out, "\nkikitori {} - {} read, {} accepted, {} rejected", manifest.version, counts.read, counts.accepted, counts.rejected)
    };
    themes(&mut out, analysis, headline, threshold, ja);
    needs(&mut out, headline, ja);
    files(&mut out, manifest, run_dir, u64::from(threshold.get()), ja);
    out
}

fn themes(out: &mut String, analysis: &Analysis, headline: &Headline, safe: Threshold, ja: bool) {
    let named = ThemeLabels::new(analysis, safe);
    let quality = &analysis.fit.quality;
    let model = &analysis.model;
    let _ = if ja {
        writeln!(out, "\n相談テーマ {}（安定性 {:.2}、まとまり NPMI {:.2}）", model.themes.len(), quality.stability, quality.npmi)
    } else {
        writeln!(out, "\n{} themes (stability {:.2}, coherence NPMI {:.2})", model.themes.len(), quality.stability, quality.npmi)
    };
    let known = |theme: usize| headline.themes.get(theme).and_then(|size| size.value()).unwrap_or(0);
    let width = model.themes.iter().map(|t| named.get(t.id).width()).max().unwrap_or(0);
    // By size as far as it may be known: the order of hidden sizes says nothing.
    let mut order: Vec<usize> = (0..model.themes.len()).collect();
    order.sort_by_key(|t| std::cmp::Reverse(known(*t)));
    let scale = Scale { width, largest: order.first().map_or(1, |t| known(*t)), calls: headline.calls, ja };
    for (index, theme) in order.into_iter().map(|t| (t, &model.themes[t])) {
        let keywords: Vec<&str> = safe_keywords(analysis, safe, index).into_iter().take(KEYWORDS_SHOWN).collect();
        let line = scale.line(named.get(theme.id), headline.themes.get(index).copied().unwrap_or(Shown::Suppressed));
        let _ = writeln!(out, " {:03} {line}  {}", theme.number, arrow(headline.trends.get(index).copied().flatten()));
        if !keywords.is_empty() {
            let _ = writeln!(out, "     {}", keywords.join(" "));
        }
        let subs = (0..model.subs.len()).filter(|sub| model.subs[*sub].theme == theme.id);
        let subs: Vec<String> = subs
            .map(|sub| format!("{}（{}）", named.sub(sub), said(headline.subs.get(sub).copied().unwrap_or(Shown::Suppressed), ja)))
            .collect();
        if !subs.is_empty() {
            let _ = writeln!(out, "     └ {}", subs.join("、"));
        }
    }
    if headline.no_theme != Shown::Zero {
        let none = said(headline.no_theme, ja);
        let _ = if ja {
            writeln!(out, "     （語が足りず、テーマのない相談：{none}）")
        } else {
            writeln!(out, "     (calls without a known term, which have no theme: {none})")
        };
    }
    if headline.emerging.value().is_some_and(|calls| calls > 0) {
        let (calls, share) = (said(headline.emerging, ja), 100.0 * headline.emerging.share_of(headline.calls).unwrap_or(0.0));
        let _ = if ja {
            writeln!(out, "     （どのテーマからも遠い相談：{calls} {share:.1}%。多い語は emerging_terms の表に）")
        } else {
            writeln!(out, "     (calls far from every theme: {calls}, {share:.1} %; their words are in the table emerging_terms)")
        };
    }
    if headline.trends.iter().any(Option::is_some) {
        let _ = if ja {
            writeln!(
                out,
                "     ↗ ↘ →：相談に占める割合が、最初の年度から最後の年度までに{TREND_FACTOR}倍以上に増えた・{TREND_FACTOR}分の1以下に減った・その間"
            )
        } else {
            writeln!(out, "     ↗ ↘ →: share of calls up by {TREND_FACTOR} or more, down by as much, or between, first to last fiscal year")
        };
    }
}

fn needs(out: &mut String, headline: &Headline, ja: bool) {
    let mut latent = headline.latent.clone();
    // What nobody told of is no need of theirs.
    latent.retain(|(_, shown)| shown.value() != Some(0));
    // Hidden counts come last, in the order of the domains.
    latent.sort_by_key(|(domain, shown)| (std::cmp::Reverse(shown.value().unwrap_or(0)), *domain));
    latent.truncate(NEEDS_SHOWN);
    let name = |domain: NeedDomain| if ja { domain.label_ja() } else { domain.label_en() };
    let width = latent.iter().map(|(domain, _)| name(*domain).width()).max().unwrap_or(0);
    let largest = latent.first().and_then(|(_, shown)| shown.value()).unwrap_or(1);
    let _ = if ja {
        writeln!(out, "\n潜在的ニーズ（記録にも質問にもないが、語りに現れたもの）")
    } else {
        writeln!(out, "\nLatent needs (neither recorded nor asked, but told)")
    };
    if latent.is_empty() {
        let _ = writeln!(out, "  {}", if ja { "ありませんでした" } else { "none" });
    }
    let scale = Scale { width, largest, calls: headline.calls, ja };
    for (rank, (domain, shown)) in latent.iter().enumerate() {
        let _ = writeln!(out, " {:>2}. {}", rank + 1, scale.line(name(*domain), *shown));
    }
}

fn files(out: &mut String, manifest: &Manifest, run_dir: &Path, threshold: u64, ja: bool) {
    let tables = |folder: &str| manifest.files.iter().filter(|f| f.path.starts_with(folder)).count();
    let (dashboard, analyst) = (tables("dashboard/"), tables("analyst/"));
    let run = run_dir.display();
    let top = run_dir.parent().and_then(Path::parent).unwrap_or(run_dir).display();
    let _ = if ja {
        writeln!(
            out,
            "\n公開しました: {run}\n  dashboard/  {dashboard}表  公表用（{threshold}件に満たない値と、合計との差で割り出せる値は秘匿）\n  analyst/    {analyst}表  関係者限り（仮名化し、個人情報を伏せ字にした発話を含む）\n\n方法の段落: kikitori manifest --methods {top}\n表の説明:   kikitori schema"
        )
    } else {
        writeln!(
            out,
            "\nPublished: {run}\n  dashboard/  {dashboard} tables, safe to show (counts below {threshold} suppressed)\n  analyst/    {analyst} tables, restricted (pseudonymised, redacted utterances)\n\nMethods paragraph: kikitori manifest --methods {top}\nThe tables:        kikitori schema"
        )
    };
}

/// What the bars of a list are drawn to.
struct Scale {
    /// Width of the widest label.
    width: usize,
    /// The count of the longest bar.
    largest: u32,
    calls: Shown,
    ja: bool,
}

impl Scale {
    /// `label  ████  31件 18.8%`, or 「秘匿」 for what the tables hide.
    fn line(&self, label: &str, shown: Shown) -> String {
        let pad = " ".repeat(self.width.saturating_sub(label.width()));
        let Some(count) = shown.value() else {
            return format!("{label}{pad}  {:BAR_CELLS$}  {}", "", said(shown, self.ja));
        };
        let largest = u64::from(self.largest.max(1));
        let cells = usize::try_from((u64::from(count) * BAR_CELLS as u64).div_ceil(largest)).unwrap_or(0).min(BAR_CELLS);
        let (bar, gap) = ("█".repeat(cells), " ".repeat(BAR_CELLS - cells));
        let share = shown.share_of(self.calls).map(|share| format!(" {:>5.1}%", 100.0 * share)).unwrap_or_default();
        let unit = if self.ja { "件" } else { "" };
        format!("{label}{pad}  {bar}{gap}  {count:>6}{unit}{share}")
    }
}

/// A count in words.
fn said(shown: Shown, ja: bool) -> String {
    match (shown.value(), ja) {
        (Some(count), true) => format!("{count}件"),
        (Some(count), false) => count.to_string(),
        (None, true) => "秘匿".to_owned(),
        (None, false) => "suppressed".to_owned(),
    }
}

/// ↗ ↘ →, or nothing where a change cannot be said.
fn arrow(change: Option<f64>) -> &'static str {
    match change {
        None => "",
        Some(c) if c >= TREND_FACTOR => "↗",
        Some(c) if c <= 1.0 / TREND_FACTOR => "↘",
        Some(_) => "→",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Overview, RunFacts, testing};

    #[test]
    fn what_the_tables_hide_is_not_told() {
        let analysis = testing::analysis(3, 90, 8);
        let threshold = Threshold::default();
        let headline = Overview::new(&analysis, threshold, RunFacts::default()).headline();
        let (mut text, hidden) = (String::new(), headline.themes.iter().filter(|s| s.value().is_none()).count());
        themes(&mut text, &analysis, &headline, threshold, true);
        assert!(hidden > 0);
        let of_theme = |line: &&str| line.contains("秘匿") && !line.contains("テーマのない") && !line.contains('└');
        let told = text.lines().filter(of_theme).count();
        assert_eq!(told, hidden, "{text}");
    }

    #[test]
    fn a_line_has_a_bar_a_count_and_a_share_or_none_of_them() {
        let calls = Threshold::default().primary(200);
        let scale = Scale { width: 6, largest: 50, calls, ja: true };
        let line = scale.line("検査", Threshold::default().primary(25));
        // 25 of 50: half of the 24 cells; 25 of 200: 12.5 %.
        assert_eq!(line, format!("検査    {}{}      25件  12.5%", "█".repeat(12), " ".repeat(12)));
        let hidden = scale.line("検査", Threshold::default().primary(4));
        assert!(hidden.ends_with("秘匿") && !hidden.contains('4') && !hidden.contains('█'), "{hidden}");
    }

    #[test]
    fn arrows_follow_the_factor() {
        assert_eq!([Some(1.25), Some(0.8), Some(1.0), None].map(arrow), ["↗", "↘", "→", ""]);
    }
}

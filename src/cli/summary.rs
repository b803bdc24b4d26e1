//! What a person reads when a run is done: themes with size, keywords and trend, the latent needs, where the files are.

use std::fmt::Write as _;
use std::path::Path;

use unicode_width::UnicodeWidthStr;

use crate::analysis::Analysis;
use crate::consultation::date::fiscal_year;
use crate::disclose::Threshold;
use crate::error::Lang;
use crate::io::manifest::Manifest;
use crate::need::NeedDomain;
use crate::table::{ThemeLabels, safe_keywords};
use crate::theme::ThemeId;

/// How many needs are named.
const NEEDS_SHOWN: usize = 5;

/// How many keywords stand below a theme.
const KEYWORDS_SHOWN: usize = 6;

/// Width of the longest bar, in terminal cells.
const BAR_CELLS: u64 = 24;

/// A share has risen or fallen when its first and last fiscal year differ by this factor.
const TREND_FACTOR: f64 = 1.25;

/// The closing summary. Counts below `threshold` are not named: the words go to logs and mails.
pub(super) fn write(analysis: &Analysis, manifest: &Manifest, run_dir: &Path, threshold: Threshold, lang: Lang) -> String {
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
    themes(&mut out, analysis, threshold, ja);
    let least = u64::from(threshold.get());
    needs(&mut out, analysis, least, ja);
    files(&mut out, manifest, run_dir, least, ja);
    out
}

fn themes(out: &mut String, analysis: &Analysis, safe: Threshold, ja: bool) {
    let threshold = u64::from(safe.get());
    let named = ThemeLabels::new(analysis, safe);
    let quality = &analysis.fit.quality;
    let model = &analysis.model;
    let _ = if ja {
        writeln!(out, "\n相談テーマ {}（安定性 {:.2}、まとまり NPMI {:.2}）", model.themes.len(), quality.stability, quality.npmi)
    } else {
        writeln!(out, "\n{} themes (stability {:.2}, coherence NPMI {:.2})", model.themes.len(), quality.stability, quality.npmi)
    };
    let mut sizes = vec![0u64; model.themes.len()];
    let mut none = 0u64;
    for assignment in &analysis.fit.assignments {
        match assignment.theme {
            Some(theme) => sizes[usize::from(theme.0)] += 1,
            None => none += 1,
        }
    }
    let largest = sizes.iter().copied().max().unwrap_or(1);
    let labels = model.themes.iter().map(|t| named.get(t.id).width()).max().unwrap_or(0);
    // By size as far as it may be known: the order of hidden sizes says nothing.
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|t| std::cmp::Reverse(if sizes[*t] < threshold { 0 } else { sizes[*t] }));
    for (index, theme, size) in order.into_iter().map(|t| (t, &model.themes[t], &sizes[t])) {
        let keywords: Vec<&str> = safe_keywords(analysis, safe, index).into_iter().take(KEYWORDS_SHOWN).collect();
        let line = count_line(named.get(theme.id), labels, *size, largest, analysis.calls.len(), threshold, ja);
        let _ = writeln!(out, " {:03} {line}  {}", theme.id.0, trend(analysis, theme.id, threshold));
        let _ = writeln!(out, "     {}", keywords.join(" "));
    }
    if none >= threshold {
        let _ = if ja {
            writeln!(out, "     （語が足りず、テーマのない相談 {none}件）")
        } else {
            writeln!(out, "     ({none} calls without a known term have no theme)")
        };
    }
}

fn needs(out: &mut String, analysis: &Analysis, threshold: u64, ja: bool) {
    let mut latent: Vec<(u64, NeedDomain)> = NeedDomain::ALL
        .into_iter()
        .map(|domain| (analysis.calls.iter().filter(|c| c.needs.latent.contains(domain)).count() as u64, domain))
        .collect();
    latent.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    latent.truncate(NEEDS_SHOWN);
    let name = |domain: NeedDomain| if ja { domain.label_ja() } else { domain.label_en() };
    let labels = latent.iter().map(|(_, d)| name(*d).width()).max().unwrap_or(0);
    let largest = latent.first().map_or(1, |(count, _)| *count);
    let _ = if ja {
        writeln!(out, "\n潜在的ニーズ（記録にも質問にもないが、語りに現れたもの）")
    } else {
        writeln!(out, "\nLatent needs (neither recorded nor asked, but told)")
    };
    for (rank, (count, domain)) in latent.iter().enumerate() {
        let line = count_line(name(*domain), labels, *count, largest, analysis.calls.len(), threshold, ja);
        let _ = writeln!(out, " {:>2}. {line}", rank + 1);
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
            "\n公開しました: {run}\n  dashboard/  {dashboard}表  公表用（{threshold}件に満たない値は秘匿）\n  analyst/    {analyst}表  関係者限り（仮名化・匿名化済みの発話を含む）\n\n方法の段落: kikitori manifest --methods {top}\n表の説明:   kikitori schema"
        )
    } else {
        writeln!(
            out,
            "\nPublished: {run}\n  dashboard/  {dashboard} tables, safe to show (counts below {threshold} suppressed)\n  analyst/    {analyst} tables, restricted (pseudonymised, redacted utterances)\n\nMethods paragraph: kikitori manifest --methods {top}\nThe tables:        kikitori schema"
        )
    };
}

/// `label  ████  31件 18.8%`, or 「10件未満」 for a small count.
fn count_line(label: &str, width: usize, count: u64, largest: u64, calls: usize, threshold: u64, ja: bool) -> String {
    let pad = " ".repeat(width.saturating_sub(label.width()));
    if count < threshold {
        let small = if ja { format!("{threshold}件未満") } else { format!("under {threshold}") };
        return format!("{label}{pad}  {:BAR$}  {small}", "", BAR = BAR_CELLS as usize);
    }
    let cells = (count * BAR_CELLS).div_ceil(largest.max(1));
    let bar = "█".repeat(usize::try_from(cells).unwrap_or(0));
    let gap = " ".repeat(usize::try_from(BAR_CELLS - cells.min(BAR_CELLS)).unwrap_or(0));
    let share = 100.0 * count as f64 / calls.max(1) as f64;
    let unit = if ja { "件" } else { "" };
    format!("{label}{pad}  {bar}{gap}  {count:>6}{unit} {share:>5.1}%")
}

/// How the theme's share moved from the first to the last fiscal year: ↗ ↘ →, or nothing where it cannot be said.
fn trend(analysis: &Analysis, theme: ThemeId, threshold: u64) -> &'static str {
    let mut years: std::collections::BTreeMap<i32, (u64, u64)> = std::collections::BTreeMap::new();
    for (call, assignment) in analysis.calls.iter().zip(&analysis.fit.assignments) {
        if let Some(at) = call.received_at {
            let year = years.entry(fiscal_year(at.date())).or_default();
            year.0 += u64::from(assignment.theme == Some(theme));
            year.1 += 1;
        }
    }
    let (Some(first), Some(last)) = (years.values().next(), years.values().next_back()) else { return "" };
    if years.len() < 2 || first.0 < threshold || last.0 < threshold {
        return "";
    }
    let change = (last.0 as f64 / last.1 as f64) / (first.0 as f64 / first.1 as f64);
    match change {
        c if c >= TREND_FACTOR => "↗",
        c if c <= 1.0 / TREND_FACTOR => "↘",
        _ => "→",
    }
}

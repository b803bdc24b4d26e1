//! `kikitori coding score`: two coders' sheets, and kikitori, side by side.

use std::path::Path;

use serde::Serialize;

use super::{aligned, or_dash, percent, word};
use crate::cli::args::CodingScoreArgs;
use crate::cli::output::Output;
use crate::coding::score::{Against, Agreement, Decision, Disagreement, GOOD_KAPPA, PerDecision};
use crate::coding::{CodedSheet, Scored, gold, score as compare};
use crate::error::{Error, ErrorKind, Lang, Result, Text};
use crate::io::sheet::{Decisions, check_target, disagreements_bytes, read_decisions, read_sheet, write_private};
use crate::need::{NeedScores, Score};

/// A sheet as the report names it.
#[derive(Serialize)]
struct SheetInfo<'a> {
    file: &'a Path,
    coder: &'a str,
    rows: usize,
    coded: usize,
}

#[derive(Serialize)]
struct Report<'a> {
    a: SheetInfo<'a>,
    b: SheetInfo<'a>,
    sample: &'a str,
    #[serde(flatten)]
    scored: &'a Scored,
}

/// Reads, compares, prints; writes what was asked for.
pub(super) fn score(args: &CodingScoreArgs, out: &Output) -> Result<()> {
    if args.a == args.b {
        let text =
            Text::new("同じファイルが二度指定されています。二人の表を指定してください", "the same file twice; name two coders' sheets");
        return Err(Error::new(ErrorKind::Config, text).at(&args.b, 0));
    }
    [&args.disagreements, &args.gold].into_iter().flatten().try_for_each(|path| check_target(path))?;
    let (a, b) = (read_sheet(&args.a)?, read_sheet(&args.b)?);
    let known = args.kikitori.as_deref().map(read_decisions).transpose()?;
    if let Some(warning) = other_samples(&a, &b, known.as_ref().map(|(decisions, _)| decisions)) {
        out.warn(&warning);
    }
    let scored = compare(&a, &b, known.as_ref().map(|(_, judgements)| judgements));
    if scored.rows.both == 0 {
        let text = Text::new(
            format!(
                "二人とも判定した発話がありません（Aは{}件、Bは{}件を判定）。同じ表から始めたか、「済」が書いてあるかを確かめてください",
                scored.rows.a, scored.rows.b
            ),
            format!(
                "no utterance was coded by both (A coded {}, B {}); check that both began from one sheet and filled in 済",
                scored.rows.a, scored.rows.b
            ),
        );
        return Err(Error::new(ErrorKind::TooLittle, text));
    }
    if let Some(path) = &args.disagreements {
        write_private(path, &disagreements_bytes(&a, &b, &scored.disagreements)?)?;
    }
    if let Some(path) = &args.gold {
        let mut lines = Vec::new();
        for line in gold(&a, &b) {
            serde_json::to_writer(&mut lines, &line)
                .map_err(|e| Error::new(ErrorKind::Internal, Text::new("JSONにできません", "cannot serialise")).because(e))?;
            lines.push(b'\n');
        }
        write_private(path, &lines)?;
    }
    let info = |file, sheet: &'_ CodedSheet| (file, sheet.rows.len(), sheet.coded());
    let (in_a, in_b) = (info(args.a.as_path(), &a), info(args.b.as_path(), &b));
    if out.is_json() {
        let a_info = SheetInfo { file: in_a.0, coder: &a.coder, rows: in_a.1, coded: in_a.2 };
        let b_info = SheetInfo { file: in_b.0, coder: &b.coder, rows: in_b.1, coded: in_b.2 };
        return out.json(&Report { a: a_info, b: b_info, sample: &a.sample, scored: &scored });
    }
    out.data(&text(&scored, (&a.coder, &b.coder), out.lang()))
}

/// What is odd about sheets of other samples; they are compared where they have utterances in common.
fn other_samples(a: &CodedSheet, b: &CodedSheet, decisions: Option<&Decisions>) -> Option<Text> {
    let differ = |x: &str, y: &str| !x.is_empty() && !y.is_empty() && x != y;
    if differ(&a.sample, &b.sample) {
        return Some(Text::new(
            "二つの表は別の標本です。両方にある発話だけを比べます",
            "the two sheets are of different samples; only utterances in both are compared",
        ));
    }
    decisions.filter(|d| differ(&d.sample, &a.sample)).map(|_| {
        Text::new(
            "kikitori の判定は別の標本のものです。両方にある発話だけを比べます",
            "kikitori's decisions are of another sample; only utterances in both are compared",
        )
    })
}

fn text(scored: &Scored, coders: (&str, &str), lang: Lang) -> String {
    let rows = scored.rows;
    let named = |letter: &str, coder: &str| if coder.is_empty() { letter.to_owned() } else { format!("{letter} {coder}") };
    let (a, b) = (named("A", coders.0), named("B", coders.1));
    let mut text = match lang {
        Lang::Ja => format!(
            "二人とも判定した発話 {}件（{a} {}件、{b} {}件。すべての領域で同じもの {}件）\n\n",
            rows.both, rows.a, rows.b, rows.alike
        ),
        Lang::En => {
            format!("{} utterances coded by both ({a}: {}, {b}: {}; alike in every domain: {})\n\n", rows.both, rows.a, rows.b, rows.alike)
        }
    };
    text.push_str(&agreement(&scored.agreement, lang));
    if let Some(against) = &scored.kikitori {
        text.push('\n');
        text.push_str(&kikitori(against, lang));
    }
    text.push('\n');
    text.push_str(&disagreements(&scored.disagreements, lang));
    text
}

fn name(decision: Decision, lang: Lang) -> String {
    match decision {
        Decision::Need => word(lang, "ニーズあり", "any need"),
        Decision::Explicit => word(lang, "明示（明）あり", "asked for (明)"),
        Decision::Domain(domain) => word(lang, domain.label_ja(), domain.label_en()),
    }
}

/// Two places, as papers give κ.
fn two(value: f64) -> String {
    format!("{value:.2}")
}

fn agreement(agreement: &PerDecision<Agreement>, lang: Lang) -> String {
    let heads = match lang {
        Lang::Ja => ["二人の一致", "A", "B", "一致率", "κ", "95%区間", "AC1", "95%区間", "κ≥.70"],
        Lang::En => ["agreement", "A", "B", "alike", "κ", "95 %", "AC1", "95 %", "κ≥.70"],
    };
    let interval = |range: Option<(f64, f64)>| or_dash(range, |(low, high)| format!("{low:.2}～{high:.2}"));
    let mut table = vec![heads.map(str::to_owned).to_vec()];
    for decision in Decision::all() {
        let Some(row) = agreement.get(decision) else { continue };
        table.push(vec![
            name(decision, lang),
            or_dash(row.prevalence_a, percent),
            or_dash(row.prevalence_b, percent),
            or_dash(row.observed, percent),
            or_dash(row.kappa, two),
            interval(row.kappa_interval),
            or_dash(row.ac1, two),
            interval(row.ac1_interval),
            or_dash(row.good, |good| if good { "○" } else { "×" }.to_owned()),
        ]);
    }
    let (judged, good) = agreement
        .domains
        .values()
        .fold((0, 0), |(judged, good), row| (judged + u32::from(row.good.is_some()), good + u32::from(row.good == Some(true))));
    let note = match lang {
        Lang::Ja => format!(
            "κ が{GOOD_KAPPA:.2}以上の領域：{judged}のうち{good}。まれな領域では κ が低く出ます（AC1 と区間も見てください）。–：どちらかが一度も付けていない\n"
        ),
        Lang::En => format!(
            "domains with κ of {GOOD_KAPPA:.2} or more: {good} of {judged}. κ is low where a domain is rare (see AC1 and the intervals). –: never marked\n"
        ),
    };
    aligned(&table) + &note
}

fn kikitori(against: &Against, lang: Lang) -> String {
    let heads = match lang {
        Lang::Ja => ["kikitori", "A 適合", "再現", "F1", "B 適合", "再現", "F1", "一致 適合", "再現", "F1", "件数"],
        Lang::En => ["kikitori", "A prec.", "recall", "F1", "B prec.", "recall", "F1", "both prec.", "recall", "F1", "rows"],
    };
    let of = |scores: &NeedScores, decision: Decision| -> Option<(Score, Option<u64>)> {
        Some(match decision {
            Decision::Need => (scores.need, None),
            Decision::Explicit => (scores.explicit, None),
            Decision::Domain(domain) => scores.domains.get(domain.code()).map(|d| (d.score, Some(d.support)))?,
        })
    };
    let mut table = vec![heads.map(str::to_owned).to_vec()];
    let judged = [&against.a.sample, &against.b.sample, &against.agreed.sample];
    for decision in Decision::all() {
        let mut row = vec![name(decision, lang)];
        let mut rows = None;
        for scores in judged {
            let Some((score, support)) = of(scores, decision) else { continue };
            // Where there is none, a score of 0 says nothing.
            let none = support == Some(0);
            row.extend([score.precision, score.recall, score.f1].map(|value| or_dash((!none).then_some(value), two)));
            rows = support;
        }
        row.push(rows.map(|n| n.to_string()).unwrap_or_default());
        table.push(row);
    }
    let mut row = vec![word(lang, "領域の平均（マクロF1）", "mean of domains (macro F1)")];
    for scores in judged {
        row.extend([String::new(), String::new(), two(scores.macro_f1)]);
    }
    table.push(row);
    let corpus = &against.agreed.corpus;
    let (need, explicit, macro_f1) = (corpus.need.f1, corpus.explicit.f1, corpus.macro_f1);
    let note = match lang {
        Lang::Ja => format!(
            "「一致」は、判定ごとに二人の答えが同じ発話だけ。\n記録の全体での推定（層の大きさで重みづけ、一致に対して）：ニーズ F1 {need:.2}、明示 F1 {explicit:.2}、マクロF1 {macro_f1:.2}\n"
        ),
        Lang::En => format!(
            "\"both\": for each decision, the utterances on which the two say the same.\nestimated for all records (weighted by stratum, against both): need F1 {need:.2}, asked for F1 {explicit:.2}, macro F1 {macro_f1:.2}\n"
        ),
    };
    aligned(&table) + &note
}

fn disagreements(disagreements: &[Disagreement], lang: Lang) -> String {
    let mut table = vec![match lang {
        Lang::Ja => vec![format!("不一致 {}件", disagreements.len()), "領域".into(), "A".into(), "B".into()],
        Lang::En => vec![format!("{} disagreements", disagreements.len()), "domain".into(), "A".into(), "B".into()],
    }];
    let sign = |sign: &'static str| if sign.is_empty() { "–" } else { sign }.to_owned();
    table.extend(disagreements.iter().map(|d| vec![d.id.clone(), d.domain.code().to_owned(), sign(d.a), sign(d.b)]));
    aligned(&table)
}

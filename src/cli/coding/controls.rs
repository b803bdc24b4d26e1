//! `kikitori coding controls`: what is found where nothing should be.

use serde::Serialize;

use super::{aligned, or_dash, percent, word};
use crate::analysis::Pseudonym;
use crate::cli::args::CodingControlsArgs;
use crate::cli::output::Output;
use crate::cli::plan::Plan;
use crate::cli::run::{nothing_accepted, pipeline, threshold};
use crate::cli::session::{Session, interrupted, stop_on_interrupt};
use crate::coding::control::{AgainstChance, Rate, Reasons, RoleControl, Roles, reasons};
use crate::disclose::Threshold;
use crate::error::{Lang, Result, Text};

#[derive(Serialize)]
struct Report {
    threshold: u32,
    seed: u64,
    roles: Roles,
    reasons: ReasonFigures,
}

/// As [`Reasons`], with the domains by code.
#[derive(Serialize)]
struct ReasonFigures {
    shuffles: usize,
    calls: Option<u32>,
    latent: Option<AgainstChance>,
    confirmed: Option<AgainstChance>,
    confirmed_told: Option<AgainstChance>,
    domains: std::collections::BTreeMap<&'static str, Option<AgainstChance>>,
}

/// Reads the records, and prints both controls.
pub(super) fn controls(args: &CodingControlsArgs, out: &Output) -> Result<()> {
    stop_on_interrupt();
    let plan = Plan::resolve(&args.input, out)?;
    plan.config.validate()?;
    let safe = threshold(&plan)?;
    let resources = plan.resources()?;
    resources.warnings.iter().for_each(|warning| out.warn(warning));
    plan.require_inputs()?;
    let session = Session::new(&plan, &resources, out);
    let (mut survey, analysers) = session.survey_and_analysers()?;
    if survey.accepted == 0 {
        return Err(nothing_accepted(&plan, &survey));
    }
    let pipeline = pipeline(&plan, &resources, analysers, &survey)?;
    let mut control = RoleControl::new(pipeline.stages().analysers.needs().clone());
    let mut calls = Vec::new();
    let kept = survey.consultations.take();
    session.analyse(&survey, kept, &pipeline, &|_| Pseudonym([0; 16]), |batch| {
        for call in batch.calls {
            control.add(call.call.record_type, &call.utterances, &call.mentions);
            calls.push(call.call.needs);
        }
        Ok(())
    })?;
    let step = out.step(&Text::new("相談内容を入れ替えています", "shuffling the reasons"), 0);
    let (roles, reasons) = (control.finish(safe), reasons(&calls, plan.config.needs.tau, args.seed, safe));
    drop(step);
    interrupted()?;
    if out.is_json() {
        let Reasons { shuffles, calls, latent, confirmed, confirmed_told, domains } = reasons;
        let domains = domains.into_iter().map(|(domain, row)| (domain.code(), row)).collect();
        let reasons = ReasonFigures { shuffles, calls, latent, confirmed, confirmed_told, domains };
        return out.json(&Report { threshold: safe.get(), seed: args.seed, roles, reasons });
    }
    out.data(&text(&roles, &reasons, safe, out.lang()))
}

fn text(roles: &Roles, reasons: &Reasons, safe: Threshold, lang: Lang) -> String {
    let least = safe.get();
    let note = match lang {
        Lang::Ja => format!("秘匿：{least}件に満たない数と、引き算で割り出せる数\n"),
        Lang::En => format!("hidden: counts below {least}, and those that a subtraction would give\n"),
    };
    format!("{}\n{}{note}", of_roles(roles, lang), of_reasons(reasons, lang))
}

fn hidden(lang: Lang) -> String {
    word(lang, "秘匿", "hidden")
}

fn of_roles(roles: &Roles, lang: Lang) -> String {
    let mut table = vec![match lang {
        Lang::Ja => ["話し手", "発話", "ニーズあり", "95%区間", "明示", "95%区間", "暗示", "95%区間"].map(str::to_owned).to_vec(),
        Lang::En => ["speaker", "turns", "with a need", "95 %", "asked for", "95 %", "told", "95 %"].map(str::to_owned).to_vec(),
    }];
    let rate = |rate: Option<Rate>| match rate {
        Some(rate) => {
            let (low, high) = rate.interval;
            [format!("{} ({})", rate.count, percent(rate.share)), format!("{}～{}", percent(low), percent(high))]
        }
        None => [hidden(lang), String::new()],
    };
    for (label, row) in [
        (word(lang, "相談者", "callers"), &roles.callers),
        (word(lang, "相談員（相談者とみなして）", "counsellors, taken as callers"), &roles.counsellors),
    ] {
        let turns = row.turns.map_or_else(|| hidden(lang), |turns| turns.to_string());
        table.push([label, turns].into_iter().chain(rate(row.need)).chain(rate(row.explicit)).chain(rate(row.told)).collect());
    }
    let times =
        |ratio: Option<f64>| or_dash(ratio, |ratio| if lang == Lang::Ja { format!("{ratio:.1}倍") } else { format!("{ratio:.1}×") });
    let ratio = word(lang, "相談者／相談員", "callers / counsellors");
    let ratios = [roles.need_ratio, roles.explicit_ratio, roles.told_ratio].into_iter().flat_map(|r| [times(r), String::new()]);
    table.push([ratio, String::new()].into_iter().chain(ratios).collect());
    let head = word(
        lang,
        "陰性対照1：相談員の発話を相談者のものとみなす（話し手の分かる発話だけ。見つかるニーズは相談者より少ないはず）\n",
        "Negative control 1: counsellors' turns taken as callers' (turns that say who speaks; they should carry fewer needs)\n",
    );
    let note = word(
        lang,
        "  相談員は質問をし、聞いたことを言い返すので、明示は話し手の記録がなければ区別できません（実際の検出は相談員の発話を除きます）\n",
        "  counsellors ask, and repeat what they heard: without knowing who speaks, asking cannot be told apart (detection leaves them out)\n",
    );
    head + &aligned(&table) + &note
}

fn of_reasons(reasons: &Reasons, lang: Lang) -> String {
    let mut table = vec![match lang {
        Lang::Ja => ["", "件数", "実際", "入れ替え", "95%の範囲", "p"].map(str::to_owned).to_vec(),
        Lang::En => ["", "of", "real", "shuffled", "95 % range", "p"].map(str::to_owned).to_vec(),
    }];
    let mut line = |label: String, row: Option<AgainstChance>| {
        table.push(match row {
            Some(row) => {
                let (low, high) = row.shuffled_range;
                let shares = [percent(row.real.share), percent(row.shuffled), format!("{}～{}", percent(low), percent(high))];
                [label, row.real.of.to_string()].into_iter().chain(shares).chain([format!("{:.3}", row.p)]).collect()
            }
            None => vec![label, String::new(), hidden(lang)],
        });
    };
    line(word(lang, "潜在的ニーズのある相談", "calls with a latent need"), reasons.latent);
    line(word(lang, "求めたことが相談内容に記録されている割合", "needs asked for that the reason names"), reasons.confirmed);
    for (domain, row) in &reasons.domains {
        line(format!("  {}", word(lang, domain.label_ja(), domain.label_en())), *row);
    }
    let told = word(lang, "語っただけのことが相談内容に記録されている割合", "needs only told that the reason names");
    line(told, reasons.confirmed_told);
    let (shuffles, calls) = (reasons.shuffles, reasons.calls.map_or_else(|| hidden(lang), |calls| calls.to_string()));
    let head = match lang {
        Lang::Ja => format!(
            "陰性対照2：相談内容を相談のあいだで{shuffles}回入れ替える（相談内容のある{calls}件）\n  記録がその相談のことを表していれば、潜在は入れ替えより少なく、記録との一致は多くなる（片側の並べ替え検定）\n"
        ),
        Lang::En => format!(
            "Negative control 2: reasons shuffled {shuffles} times among the {calls} calls that have one\n  where reasons tell of their own calls, fewer needs are latent than shuffled and more are named (one-sided permutation tests)\n"
        ),
    };
    head + &aligned(&table)
}

//! Who calls, when and about what: the facts of a call, drawn before a word is said.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::data::{AGE_BANDS, Data, Disease, Prefecture, Relation};
use super::random::Random;
use super::template::Facts;

/// Three fiscal years.
const FIRST_DAY: (i32, u32, u32) = (2023, 4, 3);
const LAST_DAY: (i32, u32, u32) = (2026, 3, 31);

/// National holidays that fall on weekdays.
#[rustfmt::skip]
const HOLIDAYS: [(i32, u32, u32); 40] = [
    (2023, 5, 3), (2023, 5, 4), (2023, 5, 5), (2023, 7, 17), (2023, 8, 11), (2023, 9, 18), (2023, 10, 9), (2023, 11, 3), (2023, 11, 23),
    (2024, 1, 8), (2024, 2, 12), (2024, 2, 23), (2024, 3, 20), (2024, 4, 29), (2024, 5, 3), (2024, 5, 6), (2024, 7, 15), (2024, 8, 12),
    (2024, 9, 16), (2024, 9, 23), (2024, 10, 14), (2024, 11, 4), (2025, 1, 13), (2025, 2, 11), (2025, 2, 24), (2025, 3, 20), (2025, 4, 29),
    (2025, 5, 5), (2025, 5, 6), (2025, 7, 21), (2025, 8, 11), (2025, 9, 15), (2025, 9, 23), (2025, 10, 13), (2025, 11, 3), (2025, 11, 24),
    (2026, 1, 12), (2026, 2, 11), (2026, 2, 23), (2026, 3, 20),
];

/// Who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// The patient.
    Own,
    /// Family.
    Family,
    /// A friend or acquaintance.
    Friend,
    /// Someone who fears to be ill.
    Public,
    /// A clinician.
    Clinician,
}

impl Voice {
    fn of(label: &str) -> Self {
        match label {
            "家族" => Self::Family,
            "友人・知人" => Self::Friend,
            "一般" => Self::Public,
            "医療者" => Self::Clinician,
            _ => Self::Own,
        }
    }

    /// The name of the voice in the data files.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Own => "self",
            Self::Family => "family",
            Self::Friend => "friend",
            Self::Public => "public",
            Self::Clinician => "clinician",
        }
    }
}

/// The working days of the three years, each with the number of calls it stands for.
#[derive(Debug)]
pub(super) struct Calendar {
    days: Vec<(NaiveDate, u32)>,
    total: u32,
}

impl Calendar {
    /// Weekdays except holidays and the turn of the year; calls grow by half over the three years and are most on Mondays.
    pub(super) fn new() -> Self {
        let date = |(y, m, d)| NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default();
        let (first, last) = (date(FIRST_DAY), date(LAST_DAY));
        let span = u32::try_from((last - first).num_days()).unwrap_or(1);
        let mut days = Vec::new();
        let mut total = 0;
        for (i, day) in (0u32..=span).filter_map(|i| Some((i, first.checked_add_days(Days::new(u64::from(i)))?))) {
            let factor = match day.weekday() {
                Weekday::Sat | Weekday::Sun => continue,
                Weekday::Mon => 12,
                Weekday::Fri => 9,
                _ => 10,
            };
            let closed = matches!((day.month(), day.day()), (12, 29..) | (1, ..=3));
            if closed || HOLIDAYS.contains(&(day.year(), day.month(), day.day())) {
                continue;
            }
            total += factor * (100 + 50 * i / span);
            days.push((day, total));
        }
        Self { days, total }
    }

    /// A day and how far into the three years it is, in thousandths.
    fn draw(&self, random: &mut Random) -> (NaiveDate, u32) {
        let at = random.below(self.total);
        let day = self.days.partition_point(|(_, up_to)| *up_to <= at).min(self.days.len() - 1);
        let progress = 1000 * day / self.days.len().max(1);
        (self.days[day].0, u32::try_from(progress).unwrap_or(1000))
    }
}

/// The facts of one call.
#[derive(Debug)]
pub(super) struct Case<'g> {
    pub(super) day: NaiveDate,
    /// Minutes since midnight.
    pub(super) time: u32,
    pub(super) theme: usize,
    pub(super) second: Option<usize>,
    pub(super) caller_kind: &'g str,
    pub(super) voice: Voice,
    pub(super) relation: Option<&'g Relation>,
    pub(super) disease: &'g Disease,
    pub(super) age_band: usize,
    pub(super) age: u32,
    pub(super) sex: &'static str,
    pub(super) stage: &'g str,
    pub(super) prefecture: &'g Prefecture,
    pub(super) site: &'g str,
    pub(super) reasons: Vec<&'g str>,
    pub(super) outcome: &'g str,
    pub(super) channel: &'static str,
    pub(super) visit: &'static str,
    pub(super) notes: bool,
    /// Position among the dialects, 0: standard.
    pub(super) dialect: usize,
    pub(super) facts: Facts,
    pub(super) bereaved: bool,
    /// What is chosen once for the call hangs on this.
    pub(super) key: u64,
    /// Fields the counsellor left empty: age, stage, prefecture, disease, sex, outcome.
    pub(super) missing: [bool; 6],
}

/// Percent of calls in which a field is empty, in the order of [`Case::missing`].
const MISSING_PERCENT: [u32; 6] = [6, 6, 4, 3, 2, 3];

impl<'g> Case<'g> {
    /// Draws the facts in the order of their dependence: day, theme, caller, stage, disease, age and sex, place, outcome.
    pub(super) fn draw(data: &'g Data, calendar: &'g Calendar, random: &mut Random) -> Self {
        let (day, progress) = calendar.draw(random);
        let theme_at = random.weighted(data.themes.iter().map(|t| (t.weight[0] * (1000 - progress) + t.weight[1] * progress) / 10));
        let theme = &data.themes[theme_at];
        let caller_kind = pick(random, &theme.caller);
        let voice = Voice::of(caller_kind);
        let stage = match voice {
            Voice::Public => "診断前",
            _ => stage(random, &theme.stage, voice),
        };
        let wants_child = theme.code == "family" && voice == Voice::Family && random.chance(10);
        let disease =
            &data.diseases[random.weighted(data.diseases.iter().map(|d| d.weight * if wants_child { d.ages[0] + d.ages[1] } else { 1 }))];
        // A small child does not call: the family does.
        let minor = matches!(voice, Voice::Own | Voice::Public) && !calls_itself(disease);
        let (caller_kind, voice) = if minor { ("家族", Voice::Family) } else { (caller_kind, voice) };
        let (age_band, sex, relation) = patient(data, random, disease, voice, theme.code == "daily_life");
        let years = random.below(10);
        // Who calls about themselves is at least 15.
        let years = if age_band == 1 && matches!(voice, Voice::Own | Voice::Public) { 5 + years / 2 } else { years };
        let age = 10 * u32::try_from(age_band).unwrap_or(0) + years;
        let prefecture = &data.people.prefecture[random.weighted(data.people.prefecture.iter().map(|p| p.weight))];
        let hub = &data.people.site[0];
        let home = data.people.site.iter().find(|s| s.name == prefecture.site).unwrap_or(hub);
        let site = if progress >= home.from && random.chance(86) { home } else { hub };
        let second = (voice == Voice::Clinician || stage != "遺族")
            .then(|| random.chance(62).then(|| random.weighted(theme.second.iter().copied())));
        let second =
            second.flatten().filter(|s| *s != theme_at && (voice != Voice::Clinician || !data.themes[*s].clinician.dialects[0].is_empty()));
        let mut reasons = vec![theme.reason.as_str()];
        if let Some(second) = second.map(|s| &data.themes[s]).filter(|s| random.chance(s.recorded)) {
            reasons.push(&second.reason);
            if random.chance(30) {
                reasons.reverse();
            }
        } else if theme.code != "emotion" && random.chance(8) {
            reasons.push("病気の情報");
        }
        reasons.dedup();
        let outcome = pick(random, &theme.outcome);
        let outcome = if stage == "遺族" { "傾聴のみ" } else { outcome };
        let channel = ["電話", "メール", "面談", "オンライン"][random.weighted([88, 5, 4, 3].into_iter())];
        let dialects = &data.compiler.dialects;
        let dialect = dialects.iter().position(|(name, _)| *name == prefecture.dialect).filter(|_| random.chance(28));
        let facts = facts(age_band, sex, stage, relation.is_some() || voice == Voice::Clinician);
        Self {
            day,
            time: 540 + random.below(450),
            theme: theme_at,
            second,
            caller_kind,
            voice,
            relation,
            disease,
            age_band,
            age,
            sex,
            stage,
            prefecture,
            site: &site.name,
            reasons,
            outcome,
            channel,
            visit: if random.chance(78) { "初回" } else { "2回目以降" },
            notes: channel == "メール" || random.chance(20),
            dialect: dialect.map_or(0, |d| d + 1),
            facts,
            bereaved: stage == "遺族",
            key: random.key(),
            missing: MISSING_PERCENT.map(|percent| random.chance(percent)),
        }
    }
}

/// One of the labels by weight.
fn pick<'g>(random: &mut Random, weights: &'g [(String, u32)]) -> &'g str {
    weights.get(random.weighted(weights.iter().map(|(_, w)| *w))).map_or("", |(label, _)| label)
}

/// The stage of care; only family can be bereaved.
fn stage<'g>(random: &mut Random, weights: &'g [(String, u32)], voice: Voice) -> &'g str {
    let allowed = |label: &str| label != "遺族" || voice == Voice::Family;
    let at = random.weighted(weights.iter().map(|(label, w)| if allowed(label) { *w } else { 0 }));
    weights.get(at).map_or("", |(label, _)| label)
}

/// How likely a patient of this age band calls: children never do, the young and the very old rarely.
fn own_weight((band, weight): (usize, &u32)) -> u32 {
    match band {
        0 => 0,
        1 | 8.. => weight / 4,
        _ => *weight,
    }
}

/// Whether a patient with the disease can be old enough to call.
fn calls_itself(disease: &Disease) -> bool {
    disease.ages.iter().enumerate().any(|age| own_weight(age) > 0)
}

/// Age band, sex and what the caller calls the patient: one that fits both, drawn from the disease's distribution.
fn patient<'g>(
    data: &'g Data,
    random: &mut Random,
    disease: &Disease,
    voice: Voice,
    younger: bool,
) -> (usize, &'static str, Option<&'g Relation>) {
    // The young ask more about fertility, looks and school.
    let weight = |(band, weight): (usize, &u32)| match voice {
        Voice::Own | Voice::Public if matches!(band, 0 | 1 | 8..) => own_weight((band, weight)),
        _ if younger && (2..=4).contains(&band) => weight * 3,
        _ => *weight,
    };
    let band = random.weighted(disease.ages.iter().enumerate().map(weight));
    let sex = if random.chance(disease.male) { "男性" } else { "女性" };
    let friend = voice == Voice::Friend;
    let fits = |r: &Relation| r.friend == friend && r.sex == sex && (r.ages[0]..=r.ages[1]).contains(&band);
    let relation = matches!(voice, Voice::Family | Voice::Friend).then(|| {
        let at = random.weighted(data.people.relation.iter().map(|r| if fits(r) { r.weight } else { 0 }));
        &data.people.relation[at]
    });
    // A friend of no fitting age: then the first relation was drawn, whose sex counts.
    let sex = relation.map_or(sex, |r| if r.sex == "男性" { "男性" } else { "女性" });
    (band.min(AGE_BANDS.len() - 1), sex, relation)
}

fn facts(band: usize, sex: &str, stage: &str, relation: bool) -> Facts {
    let mut names = vec![if sex == "男性" { "m" } else { "f" }];
    if band < 2 {
        names.push("child");
    }
    if relation {
        names.push("other");
    }
    let ages = [("young", 1, 3), ("parent", 3, 5), ("work", 2, 6), ("old", 6, 9)];
    names.extend(ages.iter().filter(|(_, from, to)| (*from..=*to).contains(&band)).map(|(name, ..)| *name));
    names.extend_from_slice(match stage {
        "診断前" => &["pre"],
        "診断後治療前" => &["dx", "before"],
        "治療中" => &["dx", "now", "treated"],
        "経過観察" => &["dx", "obs", "treated"],
        "再発・転移" => &["dx", "rel", "treated"],
        "終末期" => &["dx", "end", "treated"],
        _ => &["b"],
    });
    if stage != "遺族" {
        names.push("alive");
    }
    Facts::default().with(&names)
}

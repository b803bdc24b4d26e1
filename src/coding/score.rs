//! Two coders' sheets side by side: how far they agree, and how kikitori stands against each and against their agreement.

use std::collections::BTreeMap;

use serde::Serialize;

use super::mark::Mark;
use super::{CodedRow, CodedSheet, Coding};
use crate::need::{DomainScore, NeedDomain, NeedScores, Score};
use crate::stat::kappa::{Estimate, Ratings};
use crate::stat::round6;

/// The agreement that is asked of coders (κ, per domain).
pub const GOOD_KAPPA: f64 = 0.70;

/// What is decided of an utterance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Any need.
    Need,
    /// A need that is asked for.
    Explicit,
    /// A need of this domain.
    Domain(NeedDomain),
}

impl Decision {
    /// All decisions in published order.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Need, Self::Explicit].into_iter().chain(NeedDomain::ALL.into_iter().map(Self::Domain))
    }

    fn of(self, coding: &Coding) -> bool {
        match self {
            Self::Need => coding.has_need(),
            Self::Explicit => coding.has_explicit(),
            Self::Domain(domain) => coding.mark(domain).is_some(),
        }
    }
}

/// How far two coders agree on one decision. What cannot be said (κ where both always say no) is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// Rows the first marked, as a share of those both coded.
    pub prevalence_a: Option<f64>,
    /// Rows the second marked.
    pub prevalence_b: Option<f64>,
    /// Share of rows where they say the same.
    pub observed: Option<f64>,
    /// Cohen's κ.
    pub kappa: Option<f64>,
    /// Its 95 % interval.
    pub kappa_interval: Option<(f64, f64)>,
    /// Gwet's AC1.
    pub ac1: Option<f64>,
    /// Its 95 % interval.
    pub ac1_interval: Option<(f64, f64)>,
    /// Whether κ reaches [`GOOD_KAPPA`].
    pub good: Option<bool>,
}

impl Agreement {
    fn of(ratings: &Ratings) -> Self {
        let share = |yes: u64| (ratings.total() > 0).then(|| round6(yes as f64 / ratings.total() as f64));
        let (kappa, ac1) = (ratings.kappa(), ratings.ac1());
        let interval = |estimate: Estimate| {
            let (low, high) = estimate.interval();
            (round6(low), round6(high))
        };
        Self {
            prevalence_a: share(ratings.first(1)),
            prevalence_b: share(ratings.second(1)),
            observed: ratings.observed().map(round6),
            kappa: kappa.map(|k| round6(k.value)),
            kappa_interval: kappa.map(interval),
            ac1: ac1.map(|k| round6(k.value)),
            ac1_interval: ac1.map(interval),
            good: kappa.map(|k| k.value >= GOOD_KAPPA),
        }
    }
}

/// The same of every decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PerDecision<T> {
    /// Any need.
    pub need: T,
    /// A need that is asked for.
    pub explicit: T,
    /// By code of domain.
    pub domains: BTreeMap<&'static str, T>,
}

impl<T> PerDecision<T> {
    fn new(of: impl Fn(Decision) -> T) -> Self {
        let domains = NeedDomain::ALL.into_iter().map(|d| (d.code(), of(Decision::Domain(d)))).collect();
        Self { need: of(Decision::Need), explicit: of(Decision::Explicit), domains }
    }

    /// That of one decision.
    pub fn get(&self, decision: Decision) -> Option<&T> {
        match decision {
            Decision::Need => Some(&self.need),
            Decision::Explicit => Some(&self.explicit),
            Decision::Domain(domain) => self.domains.get(domain.code()),
        }
    }
}

/// How many rows there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RowCounts {
    /// Rows of the first sheet that were coded.
    pub a: usize,
    /// Rows of the second.
    pub b: usize,
    /// Rows coded in both: all figures are about these.
    pub both: usize,
    /// Of these, rows coded alike in every domain and sign.
    pub alike: usize,
}

/// A decision on which the coders differ. It holds no words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// The utterance.
    pub id: String,
    /// The code of the domain.
    pub domain: NeedDomain,
    /// The first's sign: 明, 暗 or nothing.
    pub a: &'static str,
    /// The second's.
    pub b: &'static str,
}

/// kikitori against people, in the utterances that were coded and as the whole corpus would give it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// In the utterances of the sheets.
    pub sample: NeedScores,
    /// Estimated for all utterances: each counts as many times as there are utterances of its stratum to one that was drawn
    /// (Horvitz & Thompson 1952, doi:10.1080/01621459.1952.10483446).
    pub corpus: NeedScores,
}

/// kikitori against each coder and against what both say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Against {
    /// Against the first coder.
    pub a: Judged,
    /// Against the second.
    pub b: Judged,
    /// Against their agreement: decision by decision, the rows on which both say the same.
    pub agreed: Judged,
}

/// What two sheets say together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scored {
    /// How many rows there are.
    pub rows: RowCounts,
    /// How far the coders agree.
    pub agreement: PerDecision<Agreement>,
    /// kikitori's figures, where its decisions are given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kikitori: Option<Against>,
    /// In the order of the ids.
    pub disagreements: Vec<Disagreement>,
}

/// What kikitori says of an utterance, and for how many utterances it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// Its needs.
    pub coding: Coding,
    /// Utterances of the corpus per drawn one.
    pub weight: f64,
}

/// One row, coded by both.
pub(super) struct Pair<'a> {
    id: &'a str,
    pub(super) a: Coding,
    pub(super) b: Coding,
}

/// The rows both have coded, by call and turn.
pub(super) fn pairs<'a>(a: &'a CodedSheet, b: &CodedSheet) -> Vec<(&'a CodedRow, Pair<'a>)> {
    let second: BTreeMap<&str, Coding> = b.rows.iter().filter_map(|row| Some((row.row.id.as_str(), row.coding?))).collect();
    let pair = |row: &'a CodedRow| {
        let id = row.row.id.as_str();
        Some((row, Pair { id, a: row.coding?, b: *second.get(id)? }))
    };
    let mut pairs: Vec<_> = a.rows.iter().filter_map(pair).collect();
    pairs.sort_by(|x, y| place(x.1.id).cmp(&place(y.1.id)));
    pairs
}

/// Call and turn, so that #10 comes after #9.
pub(super) fn place(id: &str) -> (&str, u32, &str) {
    let (call, turn) = id.split_once('#').unwrap_or((id, ""));
    (call, turn.parse().unwrap_or(u32::MAX), turn)
}

/// Compares two coders' sheets, and kikitori's decisions (by id) with both. Linear in the rows.
pub fn score(a: &CodedSheet, b: &CodedSheet, kikitori: Option<&BTreeMap<String, Judgement>>) -> Scored {
    let pairs: Vec<Pair<'_>> = pairs(a, b).into_iter().map(|(_, pair)| pair).collect();
    let agreement = PerDecision::new(|d| Agreement::of(&Ratings::yes_no(pairs.iter().map(|pair| (d.of(&pair.a), d.of(&pair.b))))));
    let rows = RowCounts { a: a.coded(), b: b.coded(), both: pairs.len(), alike: pairs.iter().filter(|p| p.a == p.b).count() };
    let against = |known: &BTreeMap<String, Judgement>| {
        let judged = |truth: &dyn Fn(Decision, &Pair<'_>) -> Option<bool>| Judged {
            sample: scores(&pairs, known, truth, |_| 1.0),
            corpus: scores(&pairs, known, truth, |judgement| judgement.weight),
        };
        Against {
            a: judged(&|d, pair| Some(d.of(&pair.a))),
            b: judged(&|d, pair| Some(d.of(&pair.b))),
            agreed: judged(&|d, pair| (d.of(&pair.a) == d.of(&pair.b)).then(|| d.of(&pair.a))),
        }
    };
    let disagreements = pairs.iter().flat_map(disagreements).collect();
    Scored { rows, agreement, kikitori: kikitori.map(against), disagreements }
}

fn disagreements(pair: &Pair<'_>) -> Vec<Disagreement> {
    let sign = |mark: Option<Mark>| mark.map_or("", Mark::sign);
    NeedDomain::ALL
        .into_iter()
        .map(|domain| Disagreement { id: pair.id.to_owned(), domain, a: sign(pair.a.mark(domain)), b: sign(pair.b.mark(domain)) })
        .filter(|d| d.a != d.b)
        .collect()
}

/// Precision, recall and F1 of kikitori where the truth is known.
fn scores(
    pairs: &[Pair<'_>],
    known: &BTreeMap<String, Judgement>,
    truth: &dyn Fn(Decision, &Pair<'_>) -> Option<bool>,
    weight: impl Fn(&Judgement) -> f64,
) -> NeedScores {
    let of = |decision: Decision| {
        let mut counts = Counts::default();
        for pair in pairs {
            let (Some(judgement), Some(truth)) = (known.get(pair.id), truth(decision, pair)) else { continue };
            counts.add(truth, decision.of(&judgement.coding), weight(judgement));
        }
        counts
    };
    let domains: BTreeMap<&'static str, DomainScore> =
        NeedDomain::ALL.into_iter().map(|d| (d.code(), of(Decision::Domain(d)).domain_score())).collect();
    let supported: Vec<f64> = domains.values().filter(|d| d.support > 0).map(|d| d.score.f1).collect();
    let macro_f1 = if supported.is_empty() { 0.0 } else { round4(supported.iter().sum::<f64>() / supported.len() as f64) };
    NeedScores { need: of(Decision::Need).score(), explicit: of(Decision::Explicit).score(), domains, macro_f1 }
}

/// As of `need::evaluate`, of utterances with weights.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    hit: f64,
    invented: f64,
    missed: f64,
    support: u64,
}

impl Counts {
    fn add(&mut self, truth: bool, found: bool, weight: f64) {
        self.support += u64::from(truth);
        match (truth, found) {
            (true, true) => self.hit += weight,
            (false, true) => self.invented += weight,
            (true, false) => self.missed += weight,
            (false, false) => {}
        }
    }

    fn score(self) -> Score {
        let ratio = |a: f64, b: f64| if b == 0.0 { 0.0 } else { round4(a / b) };
        Score {
            precision: ratio(self.hit, self.hit + self.invented),
            recall: ratio(self.hit, self.hit + self.missed),
            f1: ratio(2.0 * self.hit, 2.0 * self.hit + self.invented + self.missed),
        }
    }

    fn domain_score(self) -> DomainScore {
        DomainScore { score: self.score(), support: self.support }
    }
}

fn round4(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}

#[cfg(test)]
pub(super) mod tests {
    use NeedDomain::{Emotion, Family, Trial};

    use super::super::SheetRow;
    use super::*;
    use crate::consultation::{RecordType, Speaker};

    pub(in super::super) type Marks<'m> = &'m [(NeedDomain, Mark)];

    fn coding(marks: Marks<'_>) -> Coding {
        let mut coding = Coding::default();
        marks.iter().for_each(|(domain, mark)| coding.add(Some(*domain), *mark));
        coding
    }

    /// A sheet of rows `c#1`, `c#3` …, as where two people take turns; `None` is a row nobody coded.
    pub(in super::super) fn sheet(rows: &[Option<Marks<'_>>]) -> CodedSheet {
        let row = |(i, marks): (usize, &Option<Marks<'_>>)| CodedRow {
            row: SheetRow {
                id: format!("c#{}", 2 * i + 1),
                record: RecordType::Verbatim,
                before: Some((Speaker::Counsellor, "はい".into())),
                speaker: Speaker::Caller,
                text: format!("発話{i}"),
            },
            coding: marks.map(coding),
            comment: String::new(),
        };
        CodedSheet { rows: rows.iter().enumerate().map(row).collect(), ..CodedSheet::default() }
    }

    use Mark::{Asked, Told};

    pub(in super::super) fn two_sheets() -> (CodedSheet, CodedSheet) {
        let a = [Some(&[(Trial, Asked)][..]), Some(&[(Trial, Told)]), Some(&[]), Some(&[(Emotion, Told)]), None, Some(&[(Trial, Asked)])];
        let b = [Some(&[(Trial, Asked)][..]), Some(&[]), Some(&[]), Some(&[(Family, Told)]), Some(&[]), Some(&[(Trial, Told)])];
        (sheet(&a), sheet(&b))
    }

    #[test]
    fn agreement_is_counted_over_rows_coded_by_both() {
        let (a, b) = two_sheets();
        let scored = score(&a, &b, None);
        assert_eq!(scored.rows, RowCounts { a: 5, b: 6, both: 5, alike: 2 });
        // Trial: A in rows 0, 1, 5; B in 0, 5. pₒ = 4/5; pₑ = .6·.4 + .4·.6 = .48; κ = .32/.52.
        let trial = scored.agreement.domains["trial"];
        assert_eq!((trial.prevalence_a, trial.prevalence_b, trial.observed), (Some(0.6), Some(0.4), Some(0.8)));
        assert_eq!((trial.kappa, trial.good), (Some(round6(0.32 / 0.52)), Some(false)));
        // Nobody saw money: κ says nothing, AC1 is 1.
        let money = scored.agreement.domains["money_work"];
        assert_eq!((money.kappa, money.good, money.ac1), (None, None, Some(1.0)));
        // Explicit: A in 0 and 5, B in 0.
        assert_eq!(scored.agreement.explicit.observed, Some(0.8));
        let told: Vec<(&str, NeedDomain, &str, &str)> = scored.disagreements.iter().map(|d| (d.id.as_str(), d.domain, d.a, d.b)).collect();
        assert_eq!(told, [("c#3", Trial, "暗", ""), ("c#7", Emotion, "暗", ""), ("c#7", Family, "", "暗"), ("c#11", Trial, "明", "暗")]);
    }

    #[test]
    fn kikitori_stands_against_each_and_against_both() {
        let (a, b) = two_sheets();
        let says = |marks: Marks<'_>, weight| Judgement { coding: coding(marks), weight };
        let known = BTreeMap::from([
            ("c#1".to_owned(), says(&[(Trial, Asked)], 1.0)),
            ("c#3".to_owned(), says(&[(Trial, Told)], 1.0)),
            ("c#5".to_owned(), says(&[(Trial, Told)], 2.0)),
            ("c#7".to_owned(), says(&[], 10.0)),
            ("c#11".to_owned(), says(&[], 10.0)),
        ]);
        let against = score(&a, &b, Some(&known)).kikitori.unwrap();
        // Trial, against A (0, 1, 5): found 0, 1, 2: 2 right, 1 invented, 1 missed.
        let trial = |judged: &NeedScores| judged.domains["trial"];
        assert_eq!(trial(&against.a.sample), DomainScore { score: Score { precision: 0.6667, recall: 0.6667, f1: 0.6667 }, support: 3 });
        // With weights: right 1 + 1, invented 2, missed 10.
        assert_eq!(trial(&against.a.corpus).score, Score { precision: 0.5, recall: 0.1667, f1: 0.25 });
        // Against both: row 1 is not agreed on. 0 right, 2 invented, 5 missed.
        assert_eq!(trial(&against.agreed.sample), DomainScore { score: Score { precision: 0.5, recall: 0.5, f1: 0.5 }, support: 2 });
        // Of the domains, both have only trial in common.
        assert_eq!(against.agreed.sample.macro_f1, 0.5);
    }

    #[test]
    fn turns_are_ordered_as_numbers() {
        assert!(place("c1#9") < place("c1#10") && place("c1#10") < place("c2#0"));
    }
}

//! Facets: the ways calls are split into groups, whatever the profile calls them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDateTime};

use super::label::ThemeLabels;
use crate::analysis::{Analysis, Call};
use crate::code::CodingId;
use crate::consultation::{Attribute, AttributeId, Profile, RecordType};
use crate::disclose::Threshold;
use crate::morphology::ConceptId;
use crate::theme::ThemeId;

/// Code of the value that says that nothing is recorded.
pub(crate) const MISSING: &str = "missing";
/// Beyond this span, months without calls are left out: a mistyped year must not fill a table.
const LONGEST_SPAN_MONTHS: i32 = 600;

/// What a facet is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FacetKind {
    /// An attribute of the profile.
    Attribute,
    /// 逐語 or 要約記録.
    RecordType,
    /// Month of the call.
    Month,
    /// 年度: April to March.
    FiscalYear,
    /// Region of the attribute whose codes name one.
    Region,
    /// つながった or not: of the attribute whose codes say so.
    Connected,
    /// Group of the diseases found.
    DiseaseGroup,
    /// Diseases found.
    Disease,
    /// Main theme.
    Theme,
}

/// A way to split calls: its values, and for each value the one it belongs to in a coarser facet.
#[derive(Debug)]
pub(crate) struct Facet {
    pub(crate) kind: FacetKind,
    pub(crate) name: String,
    pub(crate) label_ja: String,
    /// The last value is the one of calls without any other.
    pub(crate) values: Vec<FacetValue>,
    /// Index of the first value among all facets' values; 0 is "all calls".
    pub(crate) first: usize,
    /// The coarser facet's index, and per value the index of its value there.
    pub(crate) parent: Option<(usize, Vec<usize>)>,
    source: Source,
}

/// One value of a facet.
#[derive(Debug, Clone, Default)]
pub(crate) struct FacetValue {
    pub(crate) code: String,
    pub(crate) label_ja: String,
    pub(crate) label_en: String,
    /// Further columns of the code list.
    pub(crate) extra: BTreeMap<String, String>,
    /// The disease, of a disease.
    pub(crate) concept: Option<ConceptId>,
    /// Year and month (January = 1; April for a 年度), of a period.
    pub(crate) start: Option<(i32, u32)>,
}

#[derive(Debug)]
enum Source {
    Attribute(AttributeId),
    /// Another column of an attribute's code list: per code the value.
    Mapped(AttributeId, Vec<usize>),
    RecordType,
    Month(Vec<i32>),
    FiscalYear(Vec<i32>),
    /// Per disease its value.
    Disease(BTreeMap<ConceptId, usize>),
    Theme,
}

impl Facet {
    fn new(kind: FacetKind, (name, ja): (&str, &str), mut values: Vec<FacetValue>, source: Source) -> Self {
        let (ja_missing, en_missing) =
            if kind == FacetKind::Theme { ("分類なし", "No theme") } else { ("記載なし", "Not recorded") };
        values.push(value(MISSING, ja_missing, en_missing));
        Self { kind, name: name.into(), label_ja: ja.into(), values, first: 0, parent: None, source }
    }

    /// Whether `…_by_attribute` covers it: what a profile calls an attribute, and what is derived in its manner.
    pub(crate) fn is_attribute(&self) -> bool {
        use FacetKind::{Attribute, DiseaseGroup, FiscalYear, RecordType, Region};
        matches!(self.kind, Attribute | DiseaseGroup | FiscalYear | RecordType | Region)
    }

    /// Whether each call has exactly one of the values, so that they make up a contingency table.
    pub(crate) fn is_partition(&self, profile: &Profile) -> bool {
        match self.source {
            Source::Attribute(id) | Source::Mapped(id, _) => !profile.get(id).multiple,
            Source::Disease(_) => false,
            Source::RecordType | Source::Month(_) | Source::FiscalYear(_) | Source::Theme => true,
        }
    }

    /// Position of the value "not recorded".
    pub(crate) fn missing(&self) -> usize {
        self.values.len() - 1
    }

    /// The values of one call, ascending, unique, never none.
    pub(crate) fn of(&self, call: &Call, theme: Option<ThemeId>, out: &mut Vec<usize>) {
        out.clear();
        match &self.source {
            Source::Attribute(id) => out.extend(call.attributes.codes(*id).map(|c| usize::from(c.0))),
            Source::Mapped(id, map) => out.extend(call.attributes.codes(*id).map(|c| map[usize::from(c.0)])),
            Source::RecordType => out.push(usize::from(call.record_type == RecordType::Notes)),
            Source::Month(months) => out.extend(call.received_at.and_then(|t| months.binary_search(&month(t)).ok())),
            Source::FiscalYear(years) => out.extend(call.received_at.and_then(|t| years.binary_search(&fiscal_year(t)).ok())),
            Source::Disease(index) => out.extend(call.diseases.iter().filter_map(|d| index.get(d).copied())),
            Source::Theme => out.extend(theme.map(|t| usize::from(t.0))),
        }
        out.retain(|v| *v < self.values.len());
        if out.is_empty() {
            out.push(self.missing());
        }
        out.sort_unstable();
        out.dedup();
    }
}

/// All facets of a corpus, coarse ones before the fine ones that point to them.
pub(crate) fn facets(analysis: &Analysis, threshold: Threshold) -> Vec<Facet> {
    let mut facets = vec![theme(analysis, threshold), record_type()];
    let (years, months) = periods(analysis);
    push_pair(&mut facets, years, months);
    for (id, attribute) in analysis.profile.iter() {
        let fine = by_attribute(id, attribute);
        match coarse(id, attribute) {
            Some(coarse) => push_pair(&mut facets, coarse, fine),
            None => facets.push(fine),
        }
    }
    let (group, disease) = diseases(analysis);
    push_pair(&mut facets, group, disease);
    let mut first = 1;
    for facet in &mut facets {
        facet.first = first;
        first += facet.values.len();
    }
    facets
}

/// Adds a coarse facet and a fine one whose values carry the coarse code in `extra["parent"]`.
fn push_pair(facets: &mut Vec<Facet>, coarse: Facet, mut fine: Facet) {
    let up = |v: &mut FacetValue| {
        let code = v.extra.remove("parent").unwrap_or_default();
        coarse.values.iter().position(|c| c.code == code).unwrap_or(coarse.missing())
    };
    let parents = fine.values.iter_mut().map(up).collect();
    fine.parent = Some((facets.len(), parents));
    facets.push(coarse);
    facets.push(fine);
}

fn value(code: &str, label_ja: &str, label_en: &str) -> FacetValue {
    FacetValue { code: code.into(), label_ja: label_ja.into(), label_en: label_en.into(), ..FacetValue::default() }
}

fn with_parent(mut value: FacetValue, parent: &str) -> FacetValue {
    value.extra.insert("parent".into(), parent.into());
    value
}

/// The published number of a code of the rule file.
pub(crate) fn coding_code(id: CodingId) -> String {
    format!("{:03}", id.0)
}

fn theme(analysis: &Analysis, threshold: Threshold) -> Facet {
    let label = ThemeLabels::new(analysis, threshold);
    let values = analysis.model.themes.iter().map(|t| value(label.code(t.id), label.get(t.id), "")).collect();
    Facet::new(FacetKind::Theme, ("theme", "相談テーマ"), values, Source::Theme)
}

fn record_type() -> Facet {
    let values = vec![
        value(RecordType::Verbatim.code(), "逐語", "Verbatim transcript"),
        value(RecordType::Notes.code(), "要約記録", "Counsellor notes"),
    ];
    Facet::new(FacetKind::RecordType, ("record_type", "記録種別"), values, Source::RecordType)
}

/// Months since year 0.
fn month(t: NaiveDateTime) -> i32 {
    t.year() * 12 + i32::try_from(t.month0()).unwrap_or(0)
}

/// The 年度: the year in which its April lies.
pub(crate) fn fiscal_year(t: NaiveDateTime) -> i32 {
    if t.month() >= 4 { t.year() } else { t.year() - 1 }
}

fn periods(analysis: &Analysis) -> (Facet, Facet) {
    let present: BTreeSet<i32> = analysis.calls.iter().filter_map(|c| c.received_at).map(month).collect();
    let months: Vec<i32> = match (present.first(), present.last()) {
        // A month without calls is a zero in a series, not a gap.
        (Some(&first), Some(&last)) if last - first < LONGEST_SPAN_MONTHS => (first..=last).collect(),
        _ => present.into_iter().collect(),
    };
    let year_of = |m: i32| (m - 3).div_euclid(12);
    let years: Vec<i32> = months.iter().map(|m| year_of(*m)).collect::<BTreeSet<_>>().into_iter().collect();
    let year_values = years
        .iter()
        .map(|y| FacetValue { start: Some((*y, 4)), ..value(&format!("{y:04}"), &format!("{y}年度"), &format!("Fiscal {y}")) })
        .collect();
    let month_values = months
        .iter()
        .map(|&m| {
            let (y, number) = (m.div_euclid(12), m.rem_euclid(12) + 1);
            let code = format!("{y:04}-{number:02}");
            let v = value(&code, &format!("{y}年{number}月"), &code);
            with_parent(FacetValue { start: Some((y, number.unsigned_abs())), ..v }, &format!("{:04}", year_of(m)))
        })
        .collect();
    (
        Facet::new(FacetKind::FiscalYear, ("fiscal_year", "年度"), year_values, Source::FiscalYear(years)),
        Facet::new(FacetKind::Month, ("month", "月"), month_values, Source::Month(months)),
    )
}

/// The column of a code list that groups its codes, and the facet it makes.
fn coarse_column(attribute: &Attribute) -> Option<(&'static str, FacetKind)> {
    let (_, code) = attribute.codes.iter().next()?;
    [("region", FacetKind::Region), ("connected", FacetKind::Connected)].into_iter().find(|(column, _)| code.extra.contains_key(*column))
}

fn by_attribute(id: AttributeId, attribute: &Attribute) -> Facet {
    let column = coarse_column(attribute).map(|(column, _)| column);
    let values = attribute
        .codes
        .iter()
        .map(|(_, code)| {
            let v = FacetValue { extra: code.extra.clone(), ..value(&code.code, &code.label_ja, &code.label_en) };
            match column {
                Some(column) => with_parent(v, code.extra.get(column).map_or("", String::as_str)),
                None => v,
            }
        })
        .collect();
    Facet::new(FacetKind::Attribute, (&attribute.name, &attribute.label_ja), values, Source::Attribute(id))
}

fn coarse(id: AttributeId, attribute: &Attribute) -> Option<Facet> {
    let (column, kind) = coarse_column(attribute)?;
    let names: Vec<&str> = attribute.codes.iter().map(|(_, c)| c.extra.get(column).map_or("", String::as_str)).collect();
    // In the order of the code list: 北海道 before 東北.
    let mut codes: Vec<&str> = Vec::new();
    names.iter().filter(|n| !n.is_empty()).for_each(|n| {
        if !codes.contains(n) {
            codes.push(n);
        }
    });
    let map = names.iter().map(|n| codes.iter().position(|c| c == n).unwrap_or(codes.len())).collect();
    let values = codes
        .iter()
        .map(|code| match (kind, *code) {
            (FacetKind::Connected, "yes") => value("yes", "つながった", "Connected"),
            (FacetKind::Connected, "no") => value("no", "つながっていない", "Not connected"),
            (FacetKind::Connected, "open") => value("open", "未定", "Open"),
            (_, code) => value(code, code, code),
        })
        .collect();
    let names = match kind {
        FacetKind::Region => ("region", "地域"),
        _ => ("connected", "つながったか"),
    };
    Some(Facet::new(kind, names, values, Source::Mapped(id, map)))
}

fn diseases(analysis: &Analysis) -> (Facet, Facet) {
    let present: BTreeSet<ConceptId> = analysis.calls.iter().flat_map(|c| c.diseases.iter().copied()).collect();
    let group_of = |id: ConceptId| {
        let codes = analysis.concepts.get(id).codes.as_ref();
        codes.map(|c| c.group.as_str()).filter(|g| !g.is_empty()).unwrap_or("群なし")
    };
    let groups: Vec<&str> = present.iter().map(|id| group_of(*id)).collect::<BTreeSet<_>>().into_iter().collect();
    let group_index = present.iter().map(|id| (*id, groups.iter().position(|g| *g == group_of(*id)).unwrap_or(groups.len()))).collect();
    let mut ordered: Vec<ConceptId> = present.into_iter().collect();
    ordered.sort_by(|a, b| analysis.concepts.get(*a).canonical.cmp(&analysis.concepts.get(*b).canonical));
    let values = ordered
        .iter()
        .map(|&id| {
            let concept = analysis.concepts.get(id);
            let en = concept.codes.as_ref().map_or("", |c| c.label_en.as_str());
            let v = FacetValue { concept: Some(id), ..value(&concept.canonical, &concept.canonical, en) };
            with_parent(v, group_of(id))
        })
        .collect();
    let index = ordered.iter().enumerate().map(|(i, id)| (*id, i)).collect();
    let group_values = groups.iter().map(|g| value(g, g, "")).collect();
    (
        Facet::new(FacetKind::DiseaseGroup, ("disease_group", "疾患群"), group_values, Source::Disease(group_index)),
        Facet::new(FacetKind::Disease, ("disease", "疾患"), values, Source::Disease(index)),
    )
}

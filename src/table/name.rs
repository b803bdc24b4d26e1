//! Which count is meant by a name? Names are those that a reader makes of the published tables' keys: `theme=003`, `sex=female`.

use super::cube::{self, Expression, Slice, Subject};
use super::facet::{Facet, FacetKind, MISSING};
use super::label::{sub_code, theme_code};
use super::terms;
use crate::analysis::Analysis;
use crate::code::CodingId;
use crate::disclose::CellId;
use crate::need::NeedDomain;
use crate::theme::ThemeId;

/// Subject or slice of everybody.
const ALL: &str = "all";

/// The cell called `subject` and `slice`; `None` for what no ledger decides about, or a name that nothing has.
pub(super) fn find(analysis: &Analysis, cube: &cube::Entered, terms: &terms::Entered, (subject, slice): (&str, &str)) -> Option<CellId> {
    let (kind, code) = subject.split_once('=').unwrap_or((subject, ""));
    if let "term" | "pair" = kind {
        let theme = match slice.strip_prefix("theme=") {
            Some(code) => Some(theme(analysis, code)?),
            None => (slice == ALL).then_some(None)?,
        };
        let (term, with) = code.split_once('\u{0}').map_or((code, None), |(a, b)| (a, Some(b)));
        let with = with.map(|term| analysis.vocabulary.find(term).ok_or(())).transpose().ok()?;
        return terms.cell(theme, analysis.vocabulary.find(term)?, with);
    }
    cube.cell(self::subject(analysis, kind, code)?, self::slice(cube.facets(), slice)?)
}

fn theme(analysis: &Analysis, code: &str) -> Option<ThemeId> {
    analysis.model.themes.iter().find(|theme| theme_code(theme.number) == code).map(|theme| theme.id)
}

fn subject(analysis: &Analysis, kind: &str, code: &str) -> Option<Subject> {
    Some(match kind {
        ALL => Subject::All,
        "theme" if code == MISSING => Subject::NoTheme,
        "theme" => Subject::Theme(theme(analysis, code)?),
        "group" => {
            let group: usize = code.strip_prefix('g')?.parse().ok()?;
            Subject::Group((group < analysis.model.groups.len()).then_some(group)?)
        }
        "sub" => Subject::Sub((0..analysis.model.subs.len()).find(|sub| sub_code(analysis, *sub) == code)?),
        "need" => {
            let (domain, expression) = code.split_once('/')?;
            let expression = Expression::ALL.into_iter().find(|e| e.code() == expression)?;
            Subject::Need(NeedDomain::from_code(domain)?, expression)
        }
        "code" => {
            let id = CodingId(code.parse().ok()?);
            Subject::Code((id.index() < analysis.codes.len()).then_some(id)?)
        }
        _ => return None,
    })
}

fn slice(facets: &[Facet], name: &str) -> Option<Slice> {
    let Some((facet, value)) = name.split_once('=') else { return (name == ALL).then_some(Slice::ALL) };
    let facet = facets.iter().find(|f| if f.kind == FacetKind::Theme { facet == "theme" } else { f.name == facet })?;
    facet.values.iter().position(|v| v.code == value).map(|value| facet.slice(value))
}

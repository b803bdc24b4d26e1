//! What a coder, or kikitori, says of one utterance.

use crate::consultation::normalise::Normalised;
use crate::need::{NeedDomain, NeedMention};

/// How an utterance carries a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// 暗: it is told, not asked for.
    Told,
    /// 明: it is asked for.
    Asked,
}

/// A cell that is no mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoMark;

impl Mark {
    /// What stands in a sheet.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Asked => "明",
            Self::Told => "暗",
        }
    }

    /// The mark of a kind of cue.
    pub fn of_cue(explicit: bool) -> Self {
        if explicit { Self::Asked } else { Self::Told }
    }

    /// The mark a cell means, in any width and case; `None` where it is empty or says no.
    ///
    /// # Errors
    /// A cell that means neither.
    pub fn read(cell: &str) -> Result<Option<Self>, NoMark> {
        match plain(cell).as_str() {
            "" | "0" | "-" | "ー" | "無" | "なし" | "無し" | "×" | "x" => Ok(None),
            "明" | "明示" | "m" | "1" | "○" | "◯" | "〇" | "◎" => Ok(Some(Self::Asked)),
            "暗" | "暗示" | "a" | "2" | "△" => Ok(Some(Self::Told)),
            _ => Err(NoMark),
        }
    }
}

/// Whether a cell of the column 済 says that the row was read: anything but nothing and no.
pub fn is_done(cell: &str) -> bool {
    !matches!(plain(cell).as_str(), "" | "0" | "-" | "ー" | "未" | "×" | "x" | "no" | "いいえ" | "false")
}

/// In one width and case, without white space; 1.0 is 1.
fn plain(cell: &str) -> String {
    let text: String = Normalised::new(cell).text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// The needs of one utterance, as they were coded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coding {
    domains: [Option<Mark>; NeedDomain::COUNT],
    /// A need of no domain: kikitori finds some; people put them into その他.
    elsewhere: Option<Mark>,
}

impl Coding {
    /// What the mentions of one utterance say.
    pub fn of_mentions<'m>(mentions: impl IntoIterator<Item = &'m NeedMention>) -> Self {
        let mut coding = Self::default();
        mentions.into_iter().for_each(|m| coding.add(m.domain, Mark::of_cue(m.cue.is_explicit())));
        coding
    }

    /// Adds a mark; what is both told and asked for is asked for.
    pub fn add(&mut self, domain: Option<NeedDomain>, mark: Mark) {
        let place = match domain {
            Some(domain) => &mut self.domains[domain.index()],
            None => &mut self.elsewhere,
        };
        *place = (*place).max(Some(mark));
    }

    /// The mark of a domain.
    pub fn mark(&self, domain: NeedDomain) -> Option<Mark> {
        self.domains[domain.index()]
    }

    /// The domains that are marked, in published order, and `None` for a need of no domain.
    pub fn marks(&self) -> impl Iterator<Item = (Option<NeedDomain>, Mark)> + '_ {
        let domains = NeedDomain::ALL.into_iter().filter_map(|d| Some((Some(d), self.mark(d)?)));
        domains.chain(self.elsewhere.map(|mark| (None, mark)))
    }

    /// Whether there is any need.
    pub fn has_need(&self) -> bool {
        self.marks().next().is_some()
    }

    /// Whether there is a need that is asked for.
    pub fn has_explicit(&self) -> bool {
        self.marks().any(|(_, mark)| mark == Mark::Asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_in_any_width_case_and_habit() {
        for cell in ["明", " 明 ", "m", "M", "Ｍ", "1", "１", "1.0", "○", "〇", "◯", "明示"] {
            assert_eq!(Mark::read(cell), Ok(Some(Mark::Asked)), "{cell}");
        }
        for cell in ["暗", "a", "Ａ", "2", "２", "△", "暗　"] {
            assert_eq!(Mark::read(cell), Ok(Some(Mark::Told)), "{cell}");
        }
        for cell in ["", "　", "0", "－", "なし", "×", "無"] {
            assert_eq!(Mark::read(cell), Ok(None), "{cell}");
        }
        for cell in ["明暗", "?", "3", "たぶん明", "明？"] {
            assert_eq!(Mark::read(cell), Err(NoMark), "{cell}");
        }
    }

    #[test]
    fn a_row_is_done_where_something_says_so() {
        assert!(["済", "1", "○", "ok", "なし", "ＯＫ"].into_iter().all(is_done));
        assert!(!["", " ", "　", "未", "0", "×"].into_iter().any(is_done));
    }

    #[test]
    fn asking_wins_over_telling() {
        let mut coding = Coding::default();
        assert!(!coding.has_need());
        coding.add(Some(NeedDomain::Trial), Mark::Asked);
        coding.add(Some(NeedDomain::Trial), Mark::Told);
        coding.add(None, Mark::Told);
        assert_eq!(coding.mark(NeedDomain::Trial), Some(Mark::Asked));
        assert_eq!(coding.marks().count(), 2);
        assert!(coding.has_explicit());
    }
}

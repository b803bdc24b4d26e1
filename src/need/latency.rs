//! Latency: which needs does a call express although neither its recorded reason nor a request names them?
//!
//! For a call *i* and a domain *c*, E(i,c) = 1 when the recorded reason maps to *c* or the caller asks about *c*, and
//! S(i,c) is the sum of the weights of the implicit mentions of *c*. *c* is latent in *i* iff S ≥ τ and E = 0.

use super::{CallNeeds, DomainSet, NeedDomain, NeedMention};
use crate::consultation::{AttributeId, Attributes, Profile};
use crate::error::{Error, ErrorKind, Result, Text};

/// The default of τ: one clear implicit cue (weights from 0.7), or two vague ones.
pub const DEFAULT_TAU: f64 = 0.7;

/// The attribute whose codes are recorded reasons, and the column of its code list that names domains.
const REASON: &str = "reason";
const DOMAINS: &str = "domains";

/// Which domains each recorded reason maps to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReasonDomains {
    attribute: Option<AttributeId>,
    by_code: Vec<DomainSet>,
}

impl ReasonDomains {
    /// From the column `domains` of the code list of the attribute `reason`; a profile without one records no reason.
    ///
    /// # Errors
    /// A code of no domain in that column.
    pub fn new(profile: &Profile) -> Result<Self> {
        let Some((attribute, reason)) = profile.find(REASON) else { return Ok(Self::default()) };
        let by_code = reason
            .codes
            .iter()
            .map(|(_, code)| {
                let cell = code.extra.get(DOMAINS).map_or("", String::as_str);
                cell.split(';').map(str::trim).filter(|c| !c.is_empty()).map(|c| domain(c, &code.code)).collect::<Result<DomainSet>>()
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Self { attribute: Some(attribute), by_code })
    }

    /// The domains the recorded reasons of a call map to.
    pub fn recorded(&self, attributes: &Attributes) -> DomainSet {
        let Some(attribute) = self.attribute else { return DomainSet::default() };
        attributes
            .codes(attribute)
            .filter_map(|code| self.by_code.get(usize::from(code.0)))
            .fold(DomainSet::default(), |set, domains| set.union(*domains))
    }
}

fn domain(code: &str, reason: &str) -> Result<NeedDomain> {
    NeedDomain::from_code(code).ok_or_else(|| {
        let text = Text::new(
            format!("相談内容の符号 {reason} の domains に、領域の符号ではない「{code}」があります"),
            format!("reason {reason} maps to \"{code}\", which is no need domain"),
        );
        Error::new(ErrorKind::Dictionary, text).column(DOMAINS)
    })
}

/// The needs of a call from its mentions (in order), its recorded domains and τ.
pub fn call_needs(mentions: &[NeedMention], recorded: DomainSet, tau: f64) -> CallNeeds {
    let mut needs = CallNeeds { recorded, ..CallNeeds::default() };
    let mut strength = [0.0f32; NeedDomain::COUNT];
    for mention in mentions {
        let Some(domain) = mention.domain else { continue };
        let count = &mut needs.mentions[domain.index()];
        *count = count.saturating_add(1);
        if mention.cue.is_explicit() {
            needs.explicit.insert(domain);
        } else {
            needs.implicit.insert(domain);
            strength[domain.index()] += mention.weight;
        }
    }
    // Weights are f32: 0.4 + 0.3 must reach 0.7.
    needs.strength = strength.map(|s| (100.0 * s).round().min(f32::from(u16::MAX)) as u16);
    needs.latent = NeedDomain::ALL.into_iter().filter(|d| needs.is_latent_at(*d, tau)).collect();
    needs
}

#[cfg(test)]
mod tests {
    use super::super::{CueId, CueType};
    use super::*;

    fn mention(domain: Option<NeedDomain>, cue: CueType, weight: f32) -> NeedMention {
        NeedMention { utterance: 0, domain, cue, rule: CueId(0), weight, start: 0, end: 0 }
    }

    #[test]
    fn a_need_is_latent_when_it_is_told_enough_and_never_named() {
        use NeedDomain::{Emotion, Family, MoneyWork, Symptom};
        let mentions = [
            mention(Some(Emotion), CueType::Fear, 0.9),
            mention(Some(MoneyWork), CueType::Burden, 0.4),
            mention(Some(MoneyWork), CueType::Burden, 0.3),
            mention(Some(Family), CueType::Burden, 0.4),
            mention(Some(Symptom), CueType::Difficulty, 0.9),
            mention(Some(Symptom), CueType::Question, 1.0),
            mention(None, CueType::Fear, 1.0),
        ];
        let recorded = DomainSet::from_iter([Emotion]);
        let needs = call_needs(&mentions, recorded, 0.7);
        assert_eq!(needs.explicit, DomainSet::from_iter([Symptom]));
        assert_eq!(needs.implicit, DomainSet::from_iter([Emotion, MoneyWork, Family, Symptom]));
        // Emotion is recorded, Symptom was asked about, Family reaches 0.4 only; MoneyWork reaches 0.4 + 0.3 = τ.
        assert_eq!(needs.latent, DomainSet::from_iter([MoneyWork]));
        assert_eq!(needs.mentions[MoneyWork.index()], 2);
        assert_eq!(needs.strength[MoneyWork.index()], 70);
        let latent_at = |tau| NeedDomain::ALL.into_iter().filter(|d| needs.is_latent_at(*d, tau)).collect::<DomainSet>();
        assert_eq!((latent_at(0.4), latent_at(0.71)), (DomainSet::from_iter([MoneyWork, Family]), DomainSet::default()));
    }

    #[test]
    fn reasons_map_to_domains() {
        let codes = "code,label_ja,label_en,aliases,domains\n01,治療,Treatment,,treatment;trial\n02,その他,Other,,\n";
        let toml = "[field.id]\ncolumns = []\n[[attribute]]\nname = \"reason\"\nlabel_ja = \"相談内容\"\nlabel_en = \"Reason\"\n\
                    columns = []\nmultiple = true\ncodes = \"reason.csv\"\n";
        let profile = |codes: &str| Profile::parse("profile.toml", toml, &|_| Ok(codes.to_owned())).unwrap();
        let with = profile(codes);
        let (attribute, reason) = with.find("reason").unwrap();
        let attributes = Attributes::new(vec![(attribute, reason.codes.find("治療").unwrap())]);
        let recorded = ReasonDomains::new(&with).unwrap().recorded(&attributes);
        assert_eq!(recorded, DomainSet::from_iter([NeedDomain::Treatment, NeedDomain::Trial]));
        assert!(ReasonDomains::new(&profile(&codes.replace("trial", "cure"))).is_err());
    }
}

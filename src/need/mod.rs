//! Needs: what does a caller want, lack or fear, and is it said or only told?
//!
//! Useful for: mentions with cue spans, needs per call, latency. Not for: themes; it never sees filtered terms.

mod assign;
mod compile;
mod cue;
mod detect;
mod domain;
mod evaluate;
mod latency;
mod learn;
mod memory;
mod ngram;
mod pattern;
mod program;
mod rules;
mod scan;
#[cfg(test)]
mod tests;

pub use detect::NeedDetector;
pub use domain::{DomainSet, NeedDomain};
pub use evaluate::{DomainScore, GoldNeed, GoldUtterance, Miss, MissKind, NeedScores, Score, evaluate};
pub use latency::{DEFAULT_TAU, ReasonDomains, call_needs};
pub use learn::NgramLearner;
pub use ngram::NgramTable;
pub use rules::{Cue, CueId, NeedRules, Register, Scope};

/// The kind of cue that carries a need (E and S of the definition of a latent need).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CueType {
    /// 依頼・希望: the caller asks for something.
    Request,
    /// 質問: a question asked as a need.
    Question,
    /// 欠如: something is missing or refused.
    Lack,
    /// 困難: something cannot be done or understood.
    Difficulty,
    /// 迷い: no decision.
    Indecision,
    /// 不安・恐れ.
    Fear,
    /// 負担.
    Burden,
    /// 不信.
    Distrust,
    /// あきらめ.
    Resignation,
    /// 語り: told by circumstance, without any of these; known from coded examples.
    Told,
}

impl CueType {
    /// All types in published order.
    pub const ALL: [Self; 10] = [
        Self::Request,
        Self::Question,
        Self::Lack,
        Self::Difficulty,
        Self::Indecision,
        Self::Fear,
        Self::Burden,
        Self::Distrust,
        Self::Resignation,
        Self::Told,
    ];

    /// The type of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.code() == code)
    }

    /// The published code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Question => "question",
            Self::Lack => "lack",
            Self::Difficulty => "difficulty",
            Self::Indecision => "indecision",
            Self::Fear => "fear",
            Self::Burden => "burden",
            Self::Distrust => "distrust",
            Self::Resignation => "resignation",
            Self::Told => "told",
        }
    }

    /// Whether the caller asks (explicit) rather than tells (implicit).
    pub fn is_explicit(self) -> bool {
        matches!(self, Self::Request | Self::Question)
    }
}

/// A need expressed in one utterance.
#[derive(Debug, Clone, PartialEq)]
pub struct NeedMention {
    /// Index of the utterance in its consultation.
    pub utterance: u32,
    /// The domain; `None` where the cue matches no domain (it feeds the emerging needs).
    pub domain: Option<NeedDomain>,
    /// The kind of cue; see [`CueType::is_explicit`].
    pub cue: CueType,
    /// The cue that was found.
    pub rule: CueId,
    /// How strongly the cue speaks, 0 to 1: what S sums.
    pub weight: f32,
    /// First byte of the cue in the redacted text.
    pub start: u32,
    /// One past the cue's last byte.
    pub end: u32,
}

/// The needs of one call: E(i,c) and S(i,c) for every domain.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallNeeds {
    /// Domains the recorded reason maps to.
    pub recorded: DomainSet,
    /// Domains the caller asked about.
    pub explicit: DomainSet,
    /// Domains with an implicit mention of any weight.
    pub implicit: DomainSet,
    /// Domains that are latent: S ≥ τ, neither recorded nor asked about.
    pub latent: DomainSet,
    /// Number of mentions per domain, by [`NeedDomain::index`].
    pub mentions: [u16; NeedDomain::COUNT],
    /// S per domain, in hundredths.
    pub strength: [u16; NeedDomain::COUNT],
}

impl CallNeeds {
    /// Whether the domain would be latent were τ this: S ≥ τ, told but neither recorded nor asked about.
    pub fn is_latent_at(&self, domain: NeedDomain, tau: f64) -> bool {
        let told = self.recorded.contains(domain) || self.explicit.contains(domain);
        // τ may have more places than S.
        self.implicit.contains(domain) && !told && f64::from(self.strength[domain.index()]) + 1e-6 >= 100.0 * tau
    }
}

//! Accounts of social networks as they are written (`@name`); what is told after アカウント or LINE ID is the chain's
//! ([`super::context`]).

use super::Detector;
use crate::error::Result;
use crate::redact::lexis::{Flags, flag};
use crate::redact::prefilter::{Expression, PrefilterBuilder};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct AccountDetector {
    at: Expression,
}

impl AccountDetector {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self { at: words.expression(r"@ ?(?P<name>[A-Za-z0-9_][A-Za-z0-9_.\-]+)")? })
    }
}

impl Detector for AccountDetector {
    fn triggers(&self) -> Flags {
        flag::AT_SIGN
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        // Of a mail address the @ follows a letter.
        let alone = |at: usize| !scene.before(at).ends_with(|c: char| c.is_ascii_alphanumeric());
        let names = self.at.find_iter(scene).filter(|m| alone(m.start()));
        found.extend(names.map(|m| scene.span(m.start(), m.end(), IdentifierType::Account)));
    }
}

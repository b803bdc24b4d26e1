//! Mail addresses as they are written (`a@b.jp`); those read aloud are the chain's ([`super::context`]).

use super::Detector;
use crate::error::Result;
use crate::redact::lexis::{Flags, flag};
use crate::redact::prefilter::{Expression, PrefilterBuilder};
use crate::redact::scene::Scene;
use crate::redact::{IdentifierSpan, IdentifierType};

pub(super) struct EmailDetector {
    written: Expression,
}

impl EmailDetector {
    pub(super) fn new(words: &mut PrefilterBuilder) -> Result<Self> {
        Ok(Self { written: words.expression(r"[A-Za-z0-9._%+\-]+ ?(?:@|\(at\)) ?[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*")? })
    }
}

impl Detector for EmailDetector {
    fn triggers(&self) -> Flags {
        flag::AT_SIGN
    }

    fn find(&self, scene: &Scene<'_>, found: &mut Vec<IdentifierSpan>) {
        found.extend(self.written.find_iter(scene).map(|m| scene.span(m.start(), m.end(), IdentifierType::Email)));
    }
}

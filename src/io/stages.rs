//! From dictionaries on disk (or built in) to the stages the pipeline runs.

use std::sync::Arc;

use super::resources::Resources;
use crate::code::{CodeProgram, CodeRules};
use crate::consultation::Profile;
use crate::error::Result;
use crate::morphology::Lexicon;
use crate::need::{NeedRules, ReasonDomains};
use crate::pipeline::Stages;
use crate::redact::{IdentifierLists, Policy};

/// The stages over `resources` and the lexicon made of them ([`Resources::lexicon`]); `profile` may know more values of open
/// attributes than theirs.
///
/// # Errors
/// A dictionary, list, cue or rule file with a faulty line, by file and line.
pub fn stages(resources: &Resources, lexicon: Arc<Lexicon>, profile: &Profile, tau: f64) -> Result<Stages> {
    let [domains, cues] = resources.needs();
    let lists = IdentifierLists::FILES.map(|file| resources.text(&format!("identifiers/{file}")));
    let (file, rules) = resources.codes();
    let codes = CodeProgram::new(&CodeRules::parse(&file, rules)?, &lexicon, profile)?;
    Ok(Stages {
        lexicon,
        word_lists: resources.word_lists.clone(),
        identifiers: IdentifierLists::parse(lists)?,
        policy: Policy::default(),
        needs: NeedRules::parse((&domains.0, domains.1), (&cues.0, cues.1))?,
        tau,
        reasons: ReasonDomains::new(profile)?,
        codes: Arc::new(codes),
    })
}

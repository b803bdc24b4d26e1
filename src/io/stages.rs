//! From dictionaries on disk (or built in) to the stages the pipeline runs.

use std::path::Path;
use std::sync::Arc;

use super::resources::Resources;
use crate::code::{CodeProgram, CodeRules};
use crate::consultation::Profile;
use crate::error::Result;
use crate::need::{NeedRules, ReasonDomains};
use crate::pipeline::{Analysers, Stages};
use crate::redact::{IdentifierLists, Policy};

/// What the dictionaries of `resources` decide, with the lexicon made of them; `dictionary` is a compiled lindera dictionary to
/// take instead of the one built in, `policy` says what is done with identifiers.
///
/// # Errors
/// A dictionary, list or cue file with a faulty line, by file and line.
pub fn analysers(resources: &Resources, dictionary: Option<&Path>, policy: Policy) -> Result<Analysers> {
    let [domains, cues, words] = resources.needs();
    let lists = resources.identifier_lists();
    let needs = NeedRules::parse((&domains.0, domains.1), (&cues.0, cues.1), (&words.0, words.1))?;
    let identifiers = IdentifierLists::parse(lists.each_ref().map(|(file, text)| (file.as_str(), *text)))?;
    Analysers::new(resources.lexicon(dictionary)?, &resources.word_lists, (&identifiers, policy), &needs)
}

/// The stages over `analysers`; `profile` may know more values of open attributes than that of `resources`.
///
/// # Errors
/// A rule file with a faulty line, by file and line.
pub fn stages(resources: &Resources, analysers: Analysers, profile: &Profile, tau: f64) -> Result<Stages> {
    let (file, rules) = resources.codes();
    let codes = CodeProgram::new(&CodeRules::parse(&file, rules)?, analysers.lexicon(), profile)?;
    Ok(Stages { analysers, tau, reasons: ReasonDomains::new(profile)?, codes: Arc::new(codes) })
}

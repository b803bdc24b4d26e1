//! `kikitori coding learn-identifiers`: learns from marked texts what identifiers and their surroundings look like.

use crate::cli::args::CodingLearnIdentifiersArgs;
use crate::cli::eval::coded_utterances;
use crate::cli::output::Output;
use crate::error::{Result, Text};
use crate::io::fs::{self, Access};
use crate::io::resources::Resources;
use crate::redact::evaluate::marked_lines;
use crate::redact::{ContextLearner, IdentifierLists, Policy, Redactor};

/// Runs the subcommand.
pub(super) fn learn(args: &CodingLearnIdentifiersArgs, out: &Output) -> Result<()> {
    let resources = Resources::load(args.dictionaries.as_deref())?;
    let lexicon = resources.lexicon(None)?;
    // What was learned before must not teach, and may be of another version.
    let lists = resources.identifier_lists();
    let lists = IdentifierLists::parse(
        lists.each_ref().map(|(file, text)| (file.as_str(), if file.ends_with(IdentifierLists::CONTEXT) { "" } else { *text })),
    )?;
    let mut learner = ContextLearner::new(&lexicon, &lists);
    for file in &args.files {
        for (_, text, marked) in marked_lines(&file.to_string_lossy(), &fs::read_text(file)?)? {
            learner.add(&text, &marked)?;
        }
    }
    let mut redactor = Redactor::new(lexicon.clone(), &lists, Policy::default())?;
    let mut segmenter = lexicon.segmenter();
    for file in &args.unmarked {
        // What lists and rules find may be an identifier nobody marked.
        for line in coded_utterances(file)? {
            if redactor.find(&mut segmenter, &[&line.text])?.iter().all(Vec::is_empty) {
                learner.add(&line.text, &[])?;
            }
        }
    }
    let texts = learner.len();
    let step =
        out.step(&Text::new("個人情報の字と、まわりの語を学んでいます", "learning what identifiers and their surroundings look like"), 0);
    let table = learner.learn()?;
    drop(step);
    fs::write_atomic(&args.out, table.write().as_bytes(), Access::Shared)?;
    out.note(&Text::new(
        format!("{texts}件の文から{}個の特徴を学び、{} に書きました", table.len(), args.out.display()),
        format!("learned {} features from {texts} texts, written to {}", table.len(), args.out.display()),
    ));
    Ok(())
}

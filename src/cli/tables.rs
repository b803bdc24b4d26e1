//! Writing the tables of a run into its staging folder.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::guard::{Audited, write_audited};
use crate::analysis::Analysis;
use crate::disclose::Threshold;
use crate::error::{Problem, Result};
use crate::io::parquet::{TableMeta, TableWriter};
use crate::io::passages::read_passages;
use crate::io::publish::{StagedFile, Staging, Zone};
use crate::pipeline::{AnalysedBatch, Pipeline};
use crate::table::analyst::{self, CallWords};
use crate::table::{DASHBOARD, Overview, RunFacts, TableSpec};

/// A table being written.
type Open<'s> = TableWriter<StagedFile<'s>>;

fn create<'s>(staging: &'s Staging, zone: Zone, spec: &TableSpec) -> Result<Open<'s>> {
    let meta = TableMeta { run_id: staging.run_id().to_owned(), ..TableMeta::default() };
    TableWriter::new(spec, staging.create(zone, &format!("{}.parquet", spec.name))?, &meta)
}

fn finish(table: Open<'_>) -> Result<()> {
    let (file, rows) = table.finish()?;
    file.finish(Some(rows)).map(drop)
}

/// The tables that are written while the records are read: they hold the text, and nothing else does.
pub(super) struct RowTables<'s> {
    utterances: Open<'s>,
    mentions: Open<'s>,
}

impl<'s> RowTables<'s> {
    pub(super) fn create(staging: &'s Staging) -> Result<Self> {
        Ok(Self {
            utterances: create(staging, Zone::Analyst, &analyst::utterances::SPEC)?,
            mentions: create(staging, Zone::Analyst, &analyst::need_mentions::SPEC)?,
        })
    }

    /// Adds the rows of a batch.
    pub(super) fn write(&mut self, batch: &AnalysedBatch) -> Result<()> {
        let words: Vec<CallWords<'_>> = batch
            .calls
            .iter()
            .map(|c| CallWords { id: c.call.id, utterances: &c.utterances, mentions: &c.mentions, needs: &c.call.needs })
            .collect();
        let Self { utterances, mentions } = self;
        let (one, other) = rayon::join(
            || utterances.write(&analyst::utterances::rows(&words)?),
            || mentions.write(&analyst::need_mentions::rows(&words)?),
        );
        one.and(other)
    }

    pub(super) fn finish(self) -> Result<()> {
        let Self { utterances, mentions } = self;
        let (one, other) = rayon::join(|| finish(utterances), || finish(mentions));
        one.and(other)
    }
}

/// All other tables of a run, the dashboard's only as an audit finds them safe.
pub(super) fn write_tables(
    pipeline: &Pipeline,
    staging: &Staging,
    analysis: &Analysis,
    rejects: &[Problem],
    threshold: Threshold,
    facts: RunFacts,
) -> Result<Audited> {
    pipeline.install(|| {
        let (audited, rows) = rayon::join(
            || write_audited(staging, analysis, threshold, facts),
            || write_rows(pipeline, staging, analysis, rejects, threshold),
        );
        let audited = audited?;
        rows.map(|()| audited)
    })
}

/// The dashboard tables of an overview, in place of those that were written before.
pub(super) fn write_dashboard(staging: &Staging, overview: &Overview<'_>) -> Result<()> {
    staging.discard(Zone::Dashboard)?;
    DASHBOARD.par_iter().try_for_each(|table| {
        let mut file = create(staging, Zone::Dashboard, table.spec)?;
        file.write(&(table.rows)(overview)?)?;
        finish(file)
    })
}

/// The row-level tables that are made from the whole analysis.
fn write_rows(pipeline: &Pipeline, staging: &Staging, analysis: &Analysis, rejects: &[Problem], threshold: Threshold) -> Result<()> {
    let mut consultations = create(staging, Zone::Analyst, &analyst::consultations::spec(&analysis.profile))?;
    analyst::consultations::batches(analysis, threshold).try_for_each(|batch| consultations.write(&batch?))?;
    finish(consultations)?;
    let mut terms = create(staging, Zone::Analyst, &analyst::term_frequencies::SPEC)?;
    analyst::term_frequencies::batches(analysis).try_for_each(|batch| terms.write(&batch?))?;
    finish(terms)?;
    let mut codes = create(staging, Zone::Analyst, &analyst::code_assignments::SPEC)?;
    analyst::code_assignments::batches(analysis).try_for_each(|batch| codes.write(&batch?))?;
    finish(codes)?;
    write_quotes(pipeline, staging, analysis, threshold)?;
    let mut file = create(staging, Zone::Root, &analyst::rejects::SPEC)?;
    file.write(&analyst::rejects::rows(rejects)?)?;
    finish(file)
}

/// The quotes of themes and of discovered needs, from the utterances that were written before.
fn write_quotes(pipeline: &Pipeline, staging: &Staging, analysis: &Analysis, threshold: Threshold) -> Result<()> {
    let of_themes = analyst::theme_quotes::typical_calls(analysis).map(|(_, id)| id);
    let wanted: BTreeSet<String> = of_themes.chain(analyst::need_quotes::quoted_calls(analysis)).collect();
    let passages = read_passages(&staging.path(Zone::Analyst, &format!("{}.parquet", analyst::utterances::SPEC.name)), &wanted)?;
    let mut words = pipeline.words();
    let rows = analyst::theme_quotes::rows(analysis, threshold, &passages, |text, each| words.terms(text, each))?;
    let mut file = create(staging, Zone::Analyst, &analyst::theme_quotes::SPEC)?;
    file.write(&rows)?;
    finish(file)?;
    let rows = analyst::need_quotes::rows(analysis, &passages, |text, each| words.terms(text, each))?;
    let mut file = create(staging, Zone::Analyst, &analyst::need_quotes::SPEC)?;
    file.write(&rows)?;
    finish(file)
}

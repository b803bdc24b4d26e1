//! From counts to a theme model.

use std::borrow::Cow;

use ndarray::{Array2, ArrayView2};

use super::assign::{Decision, calibrate, mark_emerging, rounded, theme_id};
use super::centroid::Centroids;
use super::class::ClassCounts;
use super::consensus::{FEW, consensus};
use super::evidence::{Evidence, Presence, evidence, refined};
use super::guide::{GuideEffect, Guided, Guiding};
use super::label::label;
use super::lineage::continued;
use super::params::ValidThemeParams;
use super::partition::Partition;
use super::quality::{TOP_TERMS, coherence, stability};
use super::space::{Placer, Space, weighting};
use super::sub::{Split, split};
use super::typical::typical;
use super::{Assignment, SubTheme, Theme, ThemeCount, ThemeFit, ThemeId, ThemeModel, ThemeQuality, map, number, tree};
use crate::consultation::RecordType;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::stat::coherence::diversity;
use crate::stat::silhouette::silhouette;
use crate::term::{TermId, TermMatrix, Vocabulary};

/// Keywords kept per theme.
const KEYWORDS: usize = 20;

/// Keywords looked at per theme: of a compound and its words the strongest is kept.
const CANDIDATES: usize = 2 * KEYWORDS;

/// With fewer consultations than this there is one theme: what all of them are about.
const MIN_FOR_THEMES: usize = 4;

/// Share of the consensus's runs a resampled fit gets: it only has to show whether a theme comes back.
const REFIT_MEMBERS: usize = 4;

/// Parts of the provisional partition that tells which terms tell themes apart: about as many as there are themes.
const PROVISIONAL_PARTS: usize = 12;

/// Runs of the provisional partition: it need not be the best.
const PROVISIONAL_MEMBERS: usize = 5;

/// Space, centroids, evidence and temperature: what decides which call has which theme.
pub(super) struct Clustering {
    pub(super) space: Space,
    pub(super) partition: Partition,
    /// For each part of the partition its theme.
    parts: Vec<ThemeId>,
    /// For each theme the name a guide gives it.
    names: Vec<Option<String>>,
    guided: Vec<GuideEffect>,
    evidence: Option<Evidence>,
    temperature: f32,
    pub(super) curve: Vec<ThemeCount>,
}

/// Finds the themes of a corpus.
///
/// BM25 weights → LSA (U·S, unit length), where texts are long once more with terms that tell parts apart weighing more →
/// number of themes, if it is not given → consensus of k-means runs on at most `sample_rows` consultations, where texts are
/// short refined by what their words speak for → every consultation to its nearest centroid or its strongest evidence. Work is
/// spread over the current rayon pool; the result is the same for any number of threads.
///
/// # Errors
/// [`ErrorKind::TooLittle`] when no consultation has a term that counts, or when more themes are asked for than there are
/// different consultations. Fewer than four consultations make one theme.
pub fn fit(
    vocabulary: &Vocabulary,
    matrix: &TermMatrix,
    records: &[RecordType],
    params: &ValidThemeParams,
) -> Result<(ThemeModel, ThemeFit)> {
    let clustering = cluster(vocabulary, matrix, records, params)?;
    describe(clustering, matrix, records, params)
}

/// Fits as [`fit`] does, and keeps identities: themes that go on have the number they have in `previous`, new ones get new
/// numbers, and the model says in its lineage what became of each. Shares of fewer than `smallest` calls are left out of it.
///
/// # Errors
/// As [`fit`].
pub fn refit(
    vocabulary: &Vocabulary,
    matrix: &TermMatrix,
    records: &[RecordType],
    params: &ValidThemeParams,
    previous: &ThemeModel,
    smallest: u32,
) -> Result<(ThemeModel, ThemeFit)> {
    let (model, found) = fit(vocabulary, matrix, records, params)?;
    let before = previous.apply(vocabulary, matrix, records);
    Ok(continued(model, found, previous, &before, u64::from(smallest)))
}

/// The part of [`fit`] that decides which call has which theme.
pub(super) fn cluster(
    vocabulary: &Vocabulary,
    matrix: &TermMatrix,
    records: &[RecordType],
    params: &ValidThemeParams,
) -> Result<Clustering> {
    let mut space = Space::fit(vocabulary, matrix, records, params)?;
    let short = space.is_short();
    if !short && can_be_reweighted(space.sample.len()) {
        let members = if space.sample.len() <= FEW { params.members } else { PROVISIONAL_MEMBERS };
        let parts = consensus(space.vectors.view(), PROVISIONAL_PARTS, members, params.seed)?.partition;
        let part_of = |i: usize| Some(usize::from(parts.labels[i]));
        let counts = ClassCounts::new(matrix, &space.sample, &space.keep, space.vocabulary.len(), parts.centroids.nrows(), part_of);
        space.sharpen(&counts.information(), records, params)?;
    }
    let rows = space.sample.len();
    let (k, curve) = match params.themes {
        Some(themes) => (themes, Vec::new()),
        None if rows < MIN_FOR_THEMES => (1, Vec::new()),
        None => {
            let curve = number::curve(&space, matrix, params)?;
            (number::best(&curve), curve)
        }
    };
    if k > rows {
        return Err(Error::new(
            ErrorKind::TooLittle,
            Text::new(
                format!("語のある相談が{rows}件なので、{k}個のテーマは作れません。themes.count を減らしてください"),
                format!("{rows} consultations with words cannot make {k} themes; lower themes.count"),
            ),
        )
        .column("themes.count"));
    }
    let found = consensus(space.vectors.view(), k, params.members, params.seed)?;
    let presence = space.presence(matrix);
    let (vectors, vocabulary) = (space.vectors.view(), &space.vocabulary);
    let guiding = Guiding { guide: &params.guide, vocabulary, presence: &presence, vectors, seed: params.seed };
    let mut guided = guiding.pinned(found.partition);
    if short {
        guided.partition = refine(&guided, &presence, vectors);
    }
    guiding.finish(&mut guided)?;
    let Guided { partition, themes, names, effects, .. } = guided.in_map_order(vectors)?;
    let evidence = short.then(|| evidence(&presence, &partition.labels, partition.centroids.nrows()));
    let temperature = match &evidence {
        Some(evidence) => calibrate(&partition, &found.members, NATS, |row, out| evidence.scores(presence.row(row), out)),
        None => {
            let centroids = Centroids::new(&partition.centroids);
            calibrate(&partition, &found.members, 1.0, |row, out| {
                if let Some(vector) = vectors.row(row).to_slice() {
                    centroids.similarities(vector, out);
                }
            })
        }
    };
    let parts = themes.into_iter().map(ThemeId).collect();
    Ok(Clustering { space, partition, parts, names, guided: effects, evidence, temperature, curve })
}

/// Whether there are calls enough for the provisional parts.
pub(super) fn can_be_reweighted(calls: usize) -> bool {
    calls >= PROVISIONAL_PARTS * MIN_FOR_THEMES
}

/// Log probabilities differ by so many times more than similarities.
const NATS: f32 = 50.0;

/// The partition refined by what words speak for.
fn refine(guided: &Guided, presence: &Presence<'_>, vectors: ArrayView2<'_, f32>) -> Partition {
    let themes = guided.partition.centroids.nrows();
    Partition::of_labels(refined(presence, &guided.partition.labels, &guided.held, themes), themes, vectors)
}

/// The themes of all rows, found and given, and nothing else.
///
/// # Errors
/// As [`fit`].
pub(super) fn themes_of(
    vocabulary: &Vocabulary,
    matrix: &TermMatrix,
    records: &[RecordType],
    params: &ValidThemeParams,
) -> Result<Vec<Assignment>> {
    let clustering = cluster(vocabulary, matrix, records, params)?;
    let none = Split::none(clustering.space.vectors.ncols());
    Ok(assign_all(&clustering, &none, matrix, records))
}

/// The themes of all rows.
fn assign_all(clustering: &Clustering, subs: &Split, matrix: &TermMatrix, records: &[RecordType]) -> Vec<Assignment> {
    let Clustering { space, partition, parts, evidence, temperature, .. } = clustering;
    let bm25 = weighting(&space.vocabulary, space.documents, space.mean_length);
    let placer = || Placer::new(matrix, records, &space.keep, &bm25, &space.projection, &space.registers);
    let decision = Decision { centroids: &partition.centroids, parts, evidence: evidence.as_ref(), temperature: *temperature };
    decision.assign(matrix.rows(), (&subs.themes, &subs.centroids), placer)
}

/// Names, places and judges the themes found.
fn describe(
    clustering: Clustering,
    matrix: &TermMatrix,
    records: &[RecordType],
    params: &ValidThemeParams,
) -> Result<(ThemeModel, ThemeFit)> {
    let themes = joined(&clustering.partition, &clustering.parts, clustering.names.len(), clustering.space.vectors.view());
    let vectors = clustering.space.vectors.view();
    let subs = if params.parts { split(&themes, vectors, params.seed)? } else { Split::none(vectors.ncols()) };
    let mut assignments = assign_all(&clustering, &subs, matrix, records);
    let Clustering { space, partition, parts, names, guided, evidence, temperature, curve } = clustering;
    let k = names.len();
    let themes = joined(&partition, &parts, k, space.vectors.view());
    let terms = space.vocabulary.len();
    let rows: Vec<u32> = (0u32..).take(matrix.rows()).collect();
    let theme_of = |i: usize| assignments[i].theme.map(|t| usize::from(t.0));
    let counts = ClassCounts::new(matrix, &rows, &space.keep, terms, k, theme_of);
    let keywords = without_repetition(counts.keywords(CANDIDATES), &space.vocabulary);
    let coherences = coherence(matrix, &rows, &space.keep, terms, &keywords);
    let presence = space.presence(matrix);
    let short = evidence.as_ref().map(|_| &presence);
    let stable = stability(&themes, space.vectors.view(), short, params.members.div_ceil(REFIT_MEMBERS), params.seed)?;
    let sizes: Vec<u64> = (0..k).map(|t| counts.size(t)).collect();
    let group = tree::groups(themes.centroids.view());
    let number_of_groups = group.iter().max().map_or(0, |g| g + 1);
    let groups = group_labels(&counts, &group, number_of_groups, &space.vocabulary);
    let positions = map::positions(themes.centroids.view())?;
    let representatives = typical(&assignments, matrix, k);
    let quality = ThemeQuality {
        stability: rounded(stable.overall),
        npmi: rounded(coherences.iter().sum::<f64>() / k.max(1) as f64),
        diversity: diversity_of(keywords.iter().map(Vec::as_slice)),
        silhouette: silhouette(space.vectors.view(), &themes.labels).map(rounded),
        curve,
    };
    let reaches = reaches(&assignments, k);
    let named = names.iter().map(Option::is_some).collect();
    let themes: Vec<Theme> = keywords
        .into_iter()
        .enumerate()
        .zip(names)
        .map(|((t, keywords), name)| Theme {
            id: theme_id(t),
            number: theme_id(t).0,
            label: name.unwrap_or_else(|| label(&keywords, &space.vocabulary)),
            keywords,
            size: sizes[t],
            group: theme_id(group[t]).0,
            coherence: rounded(coherences[t]),
            stability: rounded(stable.themes[t]),
            reach: reaches[t],
            x: positions[t].0,
            y: positions[t].1,
        })
        .collect();
    mark_emerging(&mut assignments, &themes);
    let sub_themes = described(&subs, &assignments, matrix, &space, k);
    let model = ThemeModel {
        vocabulary: space.vocabulary,
        documents: space.documents as u64,
        mean_length: space.mean_length,
        projection: space.projection,
        word_dimensions: space.word_dimensions,
        centroids: as_standard(partition.centroids),
        parts,
        registers: space.registers,
        evidence,
        temperature,
        next_number: theme_id(k).0,
        themes,
        subs: sub_themes,
        sub_centroids: as_standard(subs.centroids),
        groups,
        lineage: Vec::new(),
    };
    Ok((model, ThemeFit { assignments, representatives, quality, guided, named }))
}

/// Share of distinct terms among the strongest keywords of all themes, as published.
fn diversity_of<'k>(keywords: impl Iterator<Item = &'k [(TermId, f64)]>) -> f64 {
    let top: Vec<Vec<u32>> = keywords.map(|words| words.iter().take(TOP_TERMS).map(|(id, _)| id.0).collect()).collect();
    rounded(diversity(top.iter().map(Vec::as_slice)))
}

impl ThemeModel {
    /// Share of distinct terms among the strongest keywords of its themes ([`ThemeQuality::diversity`]).
    pub fn diversity(&self) -> f64 {
        diversity_of(self.themes.iter().map(|theme| theme.keywords.as_slice()))
    }
}

/// The sub-themes with their sizes and the words that tell them from the other parts of their theme.
fn described(subs: &Split, assignments: &[Assignment], matrix: &TermMatrix, space: &Space, themes: usize) -> Vec<SubTheme> {
    let of_theme = |t: usize| subs.themes.iter().filter(move |theme| usize::from(theme.0) == t).count();
    let mut out = Vec::with_capacity(subs.themes.len());
    for (theme, parts) in (0..themes).map(|t| (t, of_theme(t))).filter(|(_, parts)| *parts > 0) {
        let rows: Vec<u32> = (0u32..).zip(assignments).filter(|(_, a)| a.theme == Some(theme_id(theme))).map(|(row, _)| row).collect();
        let part_of = |i: usize| assignments[rows[i] as usize].part.map(usize::from);
        let counts = ClassCounts::new(matrix, &rows, &space.keep, space.vocabulary.len(), parts, part_of);
        for (part, keywords) in without_repetition(counts.keywords(CANDIDATES), &space.vocabulary).into_iter().enumerate() {
            let label = label(&keywords, &space.vocabulary);
            let stability = subs.stability[out.len()];
            out.push(SubTheme { theme: theme_id(theme), label, keywords, size: counts.size(part), stability });
        }
    }
    out
}

/// The strongest keywords, none a part of a stronger compound or a compound with a stronger keyword in it.
fn without_repetition(keywords: Vec<Vec<(TermId, f64)>>, vocabulary: &Vocabulary) -> Vec<Vec<(TermId, f64)>> {
    keywords.into_iter().map(|words| vocabulary.without_repetition(words, KEYWORDS, |(term, _)| *term)).collect()
}

/// The partition by themes: that by parts, unless themes were merged.
fn joined<'a>(partition: &'a Partition, parts: &[ThemeId], themes: usize, vectors: ArrayView2<'_, f32>) -> Cow<'a, Partition> {
    if parts.len() == themes {
        return Cow::Borrowed(partition);
    }
    let labels = partition.labels.iter().map(|part| parts[usize::from(*part)].0).collect();
    Cow::Owned(Partition::of_labels(labels, themes, vectors))
}

/// One call in so many stands beyond its theme's reach in the corpus a model is fitted on.
const BEYOND_REACH: usize = 100;

/// Per theme the distance that all but one in [`BEYOND_REACH`] of its calls keep within.
fn reaches(assignments: &[Assignment], k: usize) -> Vec<f32> {
    let mut distances: Vec<Vec<f32>> = vec![Vec::new(); k];
    for assignment in assignments {
        if let Some(theme) = assignment.theme {
            distances[usize::from(theme.0)].push(assignment.distance);
        }
    }
    let reach = |mut distances: Vec<f32>| {
        distances.sort_by(f32::total_cmp);
        let within = distances.len() - distances.len() / BEYOND_REACH;
        within.checked_sub(1).map_or(0.0, |last| distances[last])
    };
    distances.into_iter().map(reach).collect()
}

/// A group of one theme has the theme's label; a larger one that of its own distinctive terms.
fn group_labels(counts: &ClassCounts, group: &[usize], groups: usize, vocabulary: &Vocabulary) -> Vec<String> {
    let keywords = without_repetition(counts.joined(group, groups).keywords(CANDIDATES), vocabulary);
    keywords.iter().map(|words| label(words, vocabulary)).collect()
}

/// Row-major, as [`ThemeModel::apply`] reads it.
fn as_standard(array: Array2<f32>) -> Array2<f32> {
    if array.is_standard_layout() { array } else { array.as_standard_layout().into_owned() }
}

#[cfg(test)]
mod tests;

//! From counts to a theme model.

use ndarray::{Array2, Axis};

use super::assign::{assign, calibrate, rounded, theme_id};
use super::consensus::{Partition, consensus};
use super::label::{ClassCounts, label};
use super::params::ValidThemeParams;
use super::quality::{TOP_TERMS, coherence, stability};
use super::space::{Space, weighting};
use super::{Assignment, Theme, ThemeCount, ThemeFit, ThemeModel, ThemeQuality, map, number, tree};
use crate::error::{Error, ErrorKind, Result, Text};
use crate::stat::coherence::diversity;
use crate::term::{TermMatrix, Vocabulary};

/// Keywords kept per theme.
const KEYWORDS: usize = 20;

/// Representatives kept per theme.
const REPRESENTATIVES: usize = 10;

/// With fewer consultations than this there is one theme: what all of them are about.
const MIN_FOR_THEMES: usize = 4;

/// Share of the consensus's runs a resampled fit gets: it only has to show whether a theme comes back.
const REFIT_MEMBERS: usize = 4;

/// Space, centroids and temperature: what decides which call has which theme.
pub(super) struct Clustering {
    pub(super) space: Space,
    pub(super) partition: Partition,
    temperature: f32,
    pub(super) curve: Vec<ThemeCount>,
}

/// Finds the themes of a corpus.
///
/// BM25 weights → LSA (U·S, unit length) → number of themes, if it is not given → consensus of k-means runs on at most
/// `sample_rows` consultations → every consultation to its nearest centroid. Work is spread over the current rayon pool; the
/// result is the same for any number of threads.
///
/// # Errors
/// [`ErrorKind::TooLittle`] when no consultation has a term that counts, or when more themes are asked for than there are
/// different consultations. Fewer than four consultations make one theme.
pub fn fit(vocabulary: &Vocabulary, matrix: &TermMatrix, params: &ValidThemeParams) -> Result<(ThemeModel, ThemeFit)> {
    let clustering = cluster(vocabulary, matrix, params)?;
    describe(clustering, matrix, params)
}

/// The part of [`fit`] that decides which call has which theme.
pub(super) fn cluster(vocabulary: &Vocabulary, matrix: &TermMatrix, params: &ValidThemeParams) -> Result<Clustering> {
    let space = Space::fit(vocabulary, matrix, params)?;
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
                format!("語のある相談が{rows}件なので、{k}個のテーマは作れません。themes.number を減らしてください"),
                format!("{rows} consultations with words cannot make {k} themes; lower themes.number"),
            ),
        )
        .column("themes.number"));
    }
    let found = consensus(space.vectors.view(), k, params.members, params.seed)?;
    let temperature = calibrate(&found.partition, &found.members, space.vectors.view());
    let partition = largest_first(found.partition, &space);
    Ok(Clustering { space, partition, temperature, curve })
}

/// Themes in order of size, empty ones left out; of equal size in order of their first row.
fn largest_first(partition: Partition, space: &Space) -> Partition {
    let sizes = partition.sizes();
    let first: Vec<usize> =
        (0..sizes.len()).map(|t| partition.labels.iter().position(|l| usize::from(*l) == t).unwrap_or(usize::MAX)).collect();
    let mut order: Vec<usize> = (0..sizes.len()).filter(|t| sizes[*t] > 0).collect();
    order.sort_by(|a, b| sizes[*b].cmp(&sizes[*a]).then(first[*a].cmp(&first[*b])));
    Partition::nearest(partition.centroids.select(Axis(0), &order), space.vectors.view())
}

/// The themes of all rows.
pub(super) fn assign_all(clustering: &Clustering, matrix: &TermMatrix) -> Vec<Assignment> {
    let space = &clustering.space;
    let bm25 = weighting(&space.vocabulary, space.documents, space.mean_length);
    let centroids = &clustering.partition.centroids;
    assign(matrix, &space.keep, &bm25, &space.projection, centroids, clustering.temperature)
}

/// Names, places and judges the themes found.
fn describe(mut clustering: Clustering, matrix: &TermMatrix, params: &ValidThemeParams) -> Result<(ThemeModel, ThemeFit)> {
    let mut assignments = assign_all(&clustering, matrix);
    let k = clustering.partition.centroids.nrows();
    // Where only a sample was clustered, the order by size may be another in the whole corpus.
    let order = by_size(&assignments, k);
    if order.iter().enumerate().any(|(i, t)| i != *t) {
        let centroids = clustering.partition.centroids.select(Axis(0), &order);
        clustering.partition = Partition::nearest(centroids, clustering.space.vectors.view());
        assignments = assign_all(&clustering, matrix);
    }
    let Clustering { space, partition, temperature, curve } = clustering;
    let terms = space.vocabulary.len();
    let rows: Vec<u32> = (0u32..).take(matrix.rows()).collect();
    let theme_of = |i: usize| assignments[i].theme.map(|t| usize::from(t.0));
    let counts = ClassCounts::new(matrix, &rows, &space.keep, terms, k, theme_of);
    let keywords = counts.keywords(KEYWORDS);
    let coherences = coherence(matrix, &rows, &space.keep, terms, &keywords);
    let stable = stability(&partition, space.vectors.view(), params.members.div_ceil(REFIT_MEMBERS), params.seed)?;
    let sizes: Vec<u64> = (0..k).map(|t| counts.size(t)).collect();
    let group = tree::groups(partition.centroids.view(), &sizes);
    let number_of_groups = group.iter().max().map_or(0, |g| g + 1);
    let groups = group_labels(&counts, &group, number_of_groups, &space.vocabulary);
    let positions = map::positions(partition.centroids.view())?;
    let representatives = representatives(&assignments, matrix, &space, k);
    let top: Vec<Vec<u32>> = keywords.iter().map(|words| words.iter().take(TOP_TERMS).map(|(id, _)| id.0).collect()).collect();
    let quality = ThemeQuality {
        stability: rounded(stable.overall),
        npmi: rounded(coherences.iter().sum::<f64>() / k.max(1) as f64),
        diversity: rounded(diversity(top.iter().map(Vec::as_slice))),
        curve,
    };
    let themes = keywords
        .into_iter()
        .enumerate()
        .map(|(t, keywords)| Theme {
            id: theme_id(t),
            label: label(&keywords, &space.vocabulary),
            keywords,
            size: sizes[t],
            group: theme_id(group[t]).0,
            coherence: rounded(coherences[t]),
            stability: rounded(stable.themes[t]),
            x: positions[t].0,
            y: positions[t].1,
        })
        .collect();
    let model = ThemeModel {
        vocabulary: space.vocabulary,
        documents: space.documents as u64,
        mean_length: space.mean_length,
        projection: space.projection,
        centroids: as_standard(partition.centroids),
        temperature,
        themes,
        groups,
    };
    Ok((model, ThemeFit { assignments, representatives, quality }))
}

/// Themes by size, largest first, ties as they are.
fn by_size(assignments: &[Assignment], k: usize) -> Vec<usize> {
    let mut sizes = vec![0u64; k];
    assignments.iter().filter_map(|a| a.theme).for_each(|t| sizes[usize::from(t.0)] += 1);
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by(|a, b| sizes[*b].cmp(&sizes[*a]).then(a.cmp(b)));
    order
}

/// A group of one theme has the theme's label; a larger one that of its own distinctive terms.
fn group_labels(counts: &ClassCounts, group: &[usize], groups: usize, vocabulary: &Vocabulary) -> Vec<String> {
    counts.joined(group, groups).keywords(KEYWORDS).iter().map(|words| label(words, vocabulary)).collect()
}

/// Per theme the rows nearest to its centroid. Calls of at least half the usual length come first: a call of two words can
/// stand exactly at a centroid and shows nothing.
fn representatives(assignments: &[Assignment], matrix: &TermMatrix, space: &Space, k: usize) -> Vec<Vec<u32>> {
    let mut rows: Vec<Vec<(bool, f32, u32)>> = vec![Vec::new(); k];
    for (row, assignment) in (0u32..).zip(assignments) {
        if let Some(theme) = assignment.theme {
            let (terms, counts) = matrix.row(row as usize);
            let kept = terms.iter().zip(counts).filter(|(t, _)| space.keep[**t as usize].is_some());
            let length: u64 = kept.map(|(_, c)| u64::from(*c)).sum();
            let short = (length as f64) < space.mean_length / 2.0;
            rows[usize::from(theme.0)].push((short, assignment.distance, row));
        }
    }
    rows.into_iter()
        .map(|mut theme| {
            theme.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
            theme.into_iter().take(REPRESENTATIVES).map(|(_, _, row)| row).collect()
        })
        .collect()
}

/// Row-major, as [`ThemeModel::apply`] reads it.
fn as_standard(array: Array2<f32>) -> Array2<f32> {
    if array.is_standard_layout() { array } else { array.as_standard_layout().into_owned() }
}

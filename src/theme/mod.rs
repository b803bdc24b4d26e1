//! Themes: what do people call about?
//!
//! Useful for: clusters of consultations, their number, labels, tree, map, and applying them to new calls.
//! Not for: reading text; it sees term counts and nothing else.

mod assign;
mod centroid;
mod class;
mod coassociation;
mod consensus;
mod evaluate;
mod evidence;
mod fit;
mod guide;
mod label;
mod lineage;
mod map;
mod number;
mod params;
mod partition;
mod quality;
mod space;
mod sub;
mod tree;
mod typical;
mod words;

pub use assign::OTHER_SHARE;
pub use evaluate::{ThemeEvaluation, evaluate};
pub use evidence::Evidence;
pub use fit::{fit, refit};
pub use guide::{GuideEffect, MergedThemes, NamedTheme, PinnedTheme, SplitTheme, ThemeGuide, Wish};
pub(crate) use label::label_of;
pub use label::{Naming, Phrases, name};
pub use lineage::{Descent, Relation};
pub use params::{
    DEFAULT_MAX_DOCUMENT_SHARE, DEFAULT_MEMBERS, DEFAULT_RANGE, DEFAULT_RANK, DEFAULT_SAMPLE_ROWS, ThemeParams, ValidThemeParams,
};
pub use typical::typical;

use ndarray::Array2;

use crate::consultation::RecordType;
use crate::term::{TermId, Vocabulary};

/// Index of a theme in its model: left to right on the map, so that it says nothing about sizes; in a refit, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ThemeId(pub u16);

/// A theme as it is published.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Its id.
    pub id: ThemeId,
    /// The number it is published under: the index in a first model, kept in those that follow from it ([`refit`]).
    pub number: u16,
    /// A short Japanese label made of its most distinctive terms.
    pub label: String,
    /// Distinctive terms, strongest first, with their class-based tf-idf.
    pub keywords: Vec<(TermId, f64)>,
    /// Consultations whose main theme it is, in the corpus it was fitted on.
    pub size: u64,
    /// The group above it in the tree.
    pub group: u16,
    /// NPMI coherence of its ten strongest keywords, −1 to 1.
    pub coherence: f64,
    /// Mean Jaccard overlap with the best-matching theme of resampled fits, 0 to 1.
    pub stability: f64,
    /// How far from the centroid its calls stand: 99 of 100 of those it was fitted on are nearer.
    pub reach: f32,
    /// Position on the map, each axis within −1 to 1.
    pub x: f64,
    /// See `x`.
    pub y: f64,
}

/// A part of a big theme.
#[derive(Debug, Clone, PartialEq)]
pub struct SubTheme {
    /// Its theme.
    pub theme: ThemeId,
    /// A short Japanese label; empty where nothing may be named.
    pub label: String,
    /// Terms that tell it from the other parts of its theme, strongest first.
    pub keywords: Vec<(TermId, f64)>,
    /// Its consultations in the corpus it was fitted on.
    pub size: u64,
    /// How well the parts of its theme come back in resampled fits: mean ARI, up to 1.
    pub stability: f64,
}

/// How one consultation belongs to the themes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Assignment {
    /// The main theme; `None` where the call has no known term.
    pub theme: Option<ThemeId>,
    /// Its probability, 0 to 1; 0 where there is no theme.
    pub probability: f32,
    /// Cosine distance to the theme's centroid, 0 to 2.
    pub distance: f32,
    /// Which part of the main theme, from 0; `None` where the theme has no parts.
    pub part: Option<u16>,
    /// Whether it stands farther from its theme than nearly all calls the model was fitted on: something the model does not
    /// explain may be emerging.
    pub emerging: bool,
    /// Further themes of a call with several concerns, most probable first.
    pub others: Vec<(ThemeId, f32)>,
}

/// What `fit` learned: applied unchanged night after night. It holds no text and only terms of enough calls.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeModel {
    /// The terms that count, with the document frequencies of the fitted corpus. Keyword ids refer to it.
    pub vocabulary: Vocabulary,
    /// Consultations in the fitted corpus.
    pub documents: u64,
    /// Mean number of term occurrences per consultation in the fitted corpus.
    pub mean_length: f64,
    /// Terms × rank: maps weighted counts to the latent space (scaled so that the result is U·S).
    pub projection: Array2<f32>,
    /// How many of the dimensions, the last ones, are those of word vectors: 0 where texts are long or there were none.
    pub word_dimensions: usize,
    /// Parts × rank: unit vectors. A part is a theme, unless themes were merged: then one has several.
    pub centroids: Array2<f32>,
    /// For each part its theme.
    pub parts: Vec<ThemeId>,
    /// 2 × rank: how far transcripts and notes stand from the middle of all calls, by [`register`]; taken off every call
    /// before it is compared, so that themes are not the way a call was put on record.
    pub registers: Array2<f32>,
    /// Where calls are short, what each term speaks for; it decides then, and not the nearest centroid.
    pub evidence: Option<Evidence>,
    /// Softmax temperature that turns similarities (or evidence) into probabilities.
    pub temperature: f32,
    /// The themes.
    pub themes: Vec<Theme>,
    /// Parts of big themes, by theme.
    pub subs: Vec<SubTheme>,
    /// Sub-themes × rank: unit vectors, in the order of `subs`.
    pub sub_centroids: Array2<f32>,
    /// Labels of the groups above the themes.
    pub groups: Vec<String>,
    /// The number the next new theme gets: numbers of themes that are gone are not given again.
    pub next_number: u16,
    /// How the themes follow from those of the model before; empty in a first model.
    pub lineage: Vec<Descent>,
}

/// How a fit went about it: that depends on how many calls there were and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Procedure {
    /// Runs of k-means.
    pub runs: usize,
    /// Few calls: themes are what many runs put together, not the best of some.
    pub few_calls: bool,
    /// Long texts: the latent space was fitted once more, terms that tell parts apart weighing more.
    pub reweighted: bool,
    /// Short texts: themes were refined by what their words speak for.
    pub refined: bool,
}

impl ThemeModel {
    /// The place in `subs` of a call's part of its theme.
    pub fn sub_of(&self, assignment: &Assignment) -> Option<usize> {
        let (theme, part) = (assignment.theme?, assignment.part?);
        let sub = self.subs.partition_point(|sub| sub.theme < theme) + usize::from(part);
        self.subs.get(sub).filter(|s| s.theme == theme).map(|_| sub)
    }

    /// How the model was fitted, with `members` runs asked for.
    pub fn procedure(&self, members: usize) -> Procedure {
        let calls = usize::try_from(self.documents).unwrap_or(usize::MAX).min(DEFAULT_SAMPLE_ROWS);
        let refined = self.evidence.is_some();
        let reweighted = !refined && fit::can_be_reweighted(calls);
        Procedure { runs: consensus::runs(calls, members), few_calls: calls <= consensus::FEW, reweighted, refined }
    }
}

/// What `fit` found in the corpus it was fitted on.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeFit {
    /// One per consultation, in order.
    pub assignments: Vec<Assignment>,
    /// Per theme: rows of the most typical consultations, best first.
    pub representatives: Vec<Vec<u32>>,
    /// How good the clustering is.
    pub quality: ThemeQuality,
    /// What became of the entries of a guide, in its order.
    pub guided: Vec<GuideEffect>,
    /// Per theme whether its label was given, by a guide or by the model before: [`name`] leaves it then.
    pub named: Vec<bool>,
}

/// Figures of merit of a clustering.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ThemeQuality {
    /// Mean ARI between this fit and fits of other seeds on four fifths of the consultations each.
    pub stability: f64,
    /// Mean NPMI coherence.
    pub npmi: f64,
    /// Share of distinct terms among all themes' ten strongest keywords (Dieng et al. 2020).
    pub diversity: f64,
    /// Mean silhouette of the consultations the space was fitted on, by cosine distance; `None` for a single theme.
    pub silhouette: Option<f64>,
    /// How the number of themes was chosen: one entry per candidate; empty when it was given.
    pub curve: Vec<ThemeCount>,
}

/// One candidate for the number of themes.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeCount {
    /// Number of themes.
    pub themes: usize,
    /// Stability under resampling.
    pub stability: f64,
    /// Mean NPMI.
    pub npmi: f64,
    /// What the choice maximises.
    pub score: f64,
}

/// The row of [`ThemeModel::registers`] for a record type.
pub fn register(record: RecordType) -> usize {
    match record {
        RecordType::Verbatim => 0,
        RecordType::Notes => 1,
    }
}

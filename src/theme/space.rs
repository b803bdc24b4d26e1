//! The space themes live in: which terms count, what they weigh, and where a consultation stands.

use ndarray::Array2;
use rayon::prelude::*;

use super::evidence::{Presence, longest_short_text};
use super::params::ValidThemeParams;
use super::{register, words};
use crate::consultation::RecordType;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::term::{Bm25, TermId, TermMatrix, Vocabulary};
use crate::vector::{Lsa, WeightedMatrix, project, weigh_row};

/// Below this many consultations "in more than half of them" is an accident.
const SMALL_CORPUS: usize = 20;

/// How the terms of a corpus weigh: BM25 whose idf counts the less, the longer the texts are.
///
/// A long text holds many rare words by chance (names, boilerplate), and squared in a covariance they pull whole dimensions
/// to themselves; in a text of ten words the rare ones are what tells it from others. Measured on the same labelled news at
/// 11 to 125 terms a text and on calls of 72: the best power of the idf fell from 1.5 to 0.5, as 5 / √(terms a text) does
/// (NMI at 125 terms 0.72 against 0.70 with plain BM25, at 18 terms 0.47 against 0.42).
pub(super) fn weighting(vocabulary: &Vocabulary, documents: usize, mean_length: f64) -> Bm25 {
    let power = (5.0 / terms_a_text(vocabulary, documents).max(1.0).sqrt()).clamp(0.5, 1.5);
    Bm25::new(vocabulary, documents, mean_length).idf_power(power as f32)
}

/// Mean number of different words that count in a text, compounds left out: how long texts are.
fn terms_a_text(vocabulary: &Vocabulary, documents: usize) -> f64 {
    let all: u64 = vocabulary.ids().map(|id| u64::from(vocabulary.document_frequency(id))).sum();
    let compounds: u64 = vocabulary.compounds().iter().map(|id| u64::from(vocabulary.document_frequency(*id))).sum();
    (all - compounds) as f64 / documents.max(1) as f64
}

/// Dimensions for so many rows: with fewer than eight consultations to a dimension the last ones are single calls. (Of 165
/// labelled calls 20 dimensions agreed better with people than 50, and fits half again as well with each other.)
fn usable_rank(rank: usize, rows: usize) -> usize {
    rank.min((rows / 8).max(10))
}

/// A fitted space and the sample of consultations it was fitted on.
pub(super) struct Space {
    /// The terms that count, with their frequencies in the whole corpus.
    pub(super) vocabulary: Vocabulary,
    /// For each term of the corpus its id in `vocabulary`.
    pub(super) keep: Vec<Option<TermId>>,
    /// Rows of the corpus.
    pub(super) documents: usize,
    /// Mean number of kept term occurrences.
    pub(super) mean_length: f64,
    /// Terms × rank.
    pub(super) projection: Array2<f32>,
    /// How many of the dimensions, the last ones, are those of word vectors.
    pub(super) word_dimensions: usize,
    /// Rows of the corpus the space was fitted on, ascending.
    pub(super) sample: Vec<u32>,
    /// Sample × rank, unit rows.
    pub(super) vectors: Array2<f32>,
    /// See [`super::ThemeModel::registers`].
    pub(super) registers: Array2<f32>,
    /// Where texts are short and there are word vectors, those of the terms, and what they count.
    words: Option<(Array2<f32>, f64)>,
    /// The rows of the corpus that were weighed, ascending, and their weights.
    weighed: (Vec<u32>, WeightedMatrix),
}

/// The weight of a term is multiplied by this power of how well it tells themes apart ([`Space::sharpen`]): higher ones gain
/// more on clean texts and lose on texts full of chatter.
const SHARPNESS: f64 = 0.15;

/// With fewer calls than this in a register, its mean is theirs alone and says nothing about the register.
const MIN_REGISTER_ROWS: usize = 30;

/// Consultations a term must occur in. Rare terms cost time, tell one call from all others rather than themes apart, and
/// make fits differ: on 7,367 news articles a floor of 8 instead of 3 raised the stability from 0.91 to 0.94 at equal NMI.
fn frequency_floor(documents: usize) -> u32 {
    match documents {
        0..SMALL_CORPUS => 1,
        SMALL_CORPUS..200 => 2,
        _ => u32::try_from(documents / 1000).unwrap_or(u32::MAX).clamp(3, 50),
    }
}

/// In texts of fewer words than this, compounds do not count: they repeat the little there is (`docs/themes.md`).
const WORDS_FOR_COMPOUNDS: f64 = 15.0;

/// In fewer consultations than this, too: each compound stands in a few of them.
const CALLS_FOR_COMPOUNDS: usize = 200;

/// The terms that count, and for each term of the corpus its new id.
fn select_terms(vocabulary: &Vocabulary, documents: usize, params: &ValidThemeParams) -> (Vocabulary, Vec<Option<TermId>>) {
    let (all, keep) = selected(vocabulary, documents, params, true);
    let count = documents >= CALLS_FOR_COMPOUNDS && terms_a_text(&all, documents) >= WORDS_FOR_COMPOUNDS;
    if count { (all, keep) } else { selected(vocabulary, documents, params, false) }
}

fn selected(vocabulary: &Vocabulary, documents: usize, params: &ValidThemeParams, compounds: bool) -> (Vocabulary, Vec<Option<TermId>>) {
    let floor = params.min_document_frequency.unwrap_or_else(|| frequency_floor(documents));
    let share = if documents < SMALL_CORPUS { 1.0 } else { params.max_document_share };
    let ceiling = (documents as f64 * share).floor();
    let (mut terms, mut df, mut frequency, mut kept_compounds) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut keep = vec![None; vocabulary.len()];
    for (id, slot) in vocabulary.ids().zip(&mut keep) {
        let n = vocabulary.document_frequency(id);
        let is_compound = vocabulary.is_compound(id);
        let counts = n >= floor && f64::from(n) <= ceiling && (compounds || !is_compound);
        if counts && !params.guide.forbids(vocabulary.term(id)) {
            *slot = u32::try_from(terms.len()).ok().map(TermId);
            kept_compounds.extend(slot.filter(|_| is_compound));
            terms.push(vocabulary.term(id).into());
            df.push(n);
            frequency.push(vocabulary.frequency(id));
        }
    }
    (Vocabulary::from_parts(terms, df, frequency).with_compounds(kept_compounds), keep)
}

/// At most `size` of `rows`, evenly spaced, so that every stretch of time and every file has its share.
pub(super) fn systematic(rows: &[u32], size: usize) -> Vec<u32> {
    if rows.len() <= size {
        return rows.to_vec();
    }
    (0..size).map(|i| rows[i * rows.len() / size]).collect()
}

impl Space {
    /// Selects the terms, samples the rows and fits the latent space.
    ///
    /// # Errors
    /// [`ErrorKind::TooLittle`] when no consultation has a term that counts.
    pub(super) fn fit(vocabulary: &Vocabulary, matrix: &TermMatrix, records: &[RecordType], params: &ValidThemeParams) -> Result<Self> {
        let documents = matrix.rows();
        let (selected, keep) = select_terms(vocabulary, documents, params);
        let kept = |row: usize| {
            let (terms, counts) = matrix.row(row);
            terms.iter().zip(counts).filter(|(t, _)| keep[**t as usize].is_some()).map(|(_, c)| u64::from(*c)).sum::<u64>()
        };
        let lengths: Vec<u64> = (0..documents).into_par_iter().map(kept).collect();
        let filled: Vec<u32> = (0u32..).zip(&lengths).filter(|(_, l)| **l > 0).map(|(row, _)| row).collect();
        if filled.is_empty() {
            return Err(too_little());
        }
        let mean_length = lengths.iter().sum::<u64>() as f64 / documents as f64;
        let bm25 = weighting(&selected, documents, mean_length);
        let sample = systematic(&filled, params.sample_rows);
        let weighted = WeightedMatrix::weigh(matrix, &sample, &keep, &bm25, selected.len());
        let (projection, registers, vectors) = (Array2::zeros((0, 0)), Array2::zeros((0, 0)), Array2::zeros((0, 0)));
        let words = params.embedding.as_ref().and_then(|embedding| {
            let weight = words::weight(terms_a_text(&selected, documents))?;
            Some((words::vectors(embedding, &selected), weight))
        });
        let mut space = Self {
            vocabulary: selected,
            keep,
            documents,
            mean_length,
            projection,
            word_dimensions: 0,
            sample: Vec::new(),
            vectors,
            registers,
            words,
            weighed: (sample, weighted),
        };
        space.project(records, params)?;
        Ok(space)
    }

    /// Fits the latent space anew with terms that tell themes apart weighing more: `information` says of each term how well it
    /// does.
    ///
    /// A long text holds many words that belong to no theme, and the first directions are made of them. What a provisional
    /// partition knows of the terms (as in the term weights from clusters of Frigui & Nasraoui 2004) brings them back: on
    /// labelled news of 110 terms a text NMI 0.71 → 0.72 and stability 0.90 → 0.93, with ten lines of chatter to a
    /// sentence 0.43 → 0.49 and 0.44 → 0.77.
    ///
    /// # Errors
    /// As [`Space::fit`].
    pub(super) fn sharpen(&mut self, information: &[f64], records: &[RecordType], params: &ValidThemeParams) -> Result<()> {
        let top = information.iter().copied().fold(0.0, f64::max);
        if top <= 0.0 {
            return Ok(());
        }
        let factors: Vec<f32> = information.iter().map(|i| (i / top).powf(SHARPNESS) as f32).collect();
        self.weighed.1.scale(&factors);
        self.project(records, params)?;
        // Calls are weighed without the factors when they are placed: the projection knows them.
        for (mut row, factor) in self.projection.rows_mut().into_iter().zip(factors) {
            row.iter_mut().for_each(|v| *v *= factor);
        }
        Ok(())
    }

    /// Fits projection, vectors and registers to the weighed rows.
    fn project(&mut self, records: &[RecordType], params: &ValidThemeParams) -> Result<()> {
        let rank = usable_rank(params.rank, self.weighed.0.len());
        let lsa = Lsa::fit(&self.weighed.1, rank, params.seed)?;
        (self.projection, self.word_dimensions) = match &self.words {
            Some((words, weight)) => words::widened(&lsa, &self.weighed.1, words, *weight)?,
            None => (lsa.projection, 0),
        };
        self.registers = Array2::zeros((2, self.projection.ncols()));
        self.place()?;
        self.take_registers_off(records);
        Ok(())
    }

    /// Sets sample and vectors; rows that the leading directions do not see are left out.
    fn place(&mut self) -> Result<()> {
        let (sample, weighted) = &self.weighed;
        let rank = self.projection.ncols();
        let mut values = vec![0f32; sample.len() * rank];
        let seen: Vec<bool> = values
            .par_chunks_mut(rank.max(1))
            .enumerate()
            .map(|(i, out)| {
                let (terms, weights) = weighted.row(i);
                let row: Vec<(u32, f32)> = terms.iter().copied().zip(weights.iter().copied()).collect();
                project(self.projection.view(), &row, out);
                unit(out)
            })
            .collect();
        let mut dense = Vec::with_capacity(values.len());
        self.sample.clear();
        for ((row, vector), seen) in sample.iter().zip(values.chunks_exact(rank.max(1))).zip(seen) {
            if seen {
                self.sample.push(*row);
                dense.extend_from_slice(vector);
            }
        }
        if self.sample.is_empty() {
            return Err(too_little());
        }
        self.vectors = Array2::from_shape_vec((self.sample.len(), rank), dense)
            .map_err(|e| Error::new(ErrorKind::Internal, Text::new("行列の形が合いません", "the shape of a matrix is wrong")).because(e))?;
        Ok(())
    }
}

impl Space {
    /// Whether texts are short, so that their words say more than their place in the latent space.
    pub(super) fn is_short(&self) -> bool {
        terms_a_text(&self.vocabulary, self.documents) <= longest_short_text(self.sample.len())
    }

    /// The rows of the sample as sets of terms.
    pub(super) fn presence<'a>(&'a self, matrix: &'a TermMatrix) -> Presence<'a> {
        Presence { matrix, keep: &self.keep, terms: self.vocabulary.len(), rows: &self.sample }
    }

    /// Centres transcripts and notes each on the mean of all calls.
    ///
    /// Notes share words that no caller says (入電, …の由, あり), and these made every theme either one of notes or one of
    /// transcripts. Subtracting the mean of each batch is the simplest correction of a batch effect (Johnson, Li & Rabinovic
    /// 2007, doi:10.1093/biostatistics/kxj037, location term). With one register alone nothing changes.
    fn take_registers_off(&mut self, records: &[RecordType]) {
        let rank = self.vectors.ncols();
        let of = |row: u32| records.get(row as usize).map_or(0, |r| register(*r));
        let mut sums = Array2::<f64>::zeros((3, rank));
        let mut counts = [0usize; 3];
        for (row, vector) in self.sample.iter().zip(self.vectors.rows()) {
            for part in [of(*row), 2] {
                counts[part] += 1;
                sums.row_mut(part).iter_mut().zip(vector).for_each(|(s, v)| *s += f64::from(*v));
            }
        }
        if counts[0].min(counts[1]) < MIN_REGISTER_ROWS {
            return;
        }
        for part in 0..2 {
            for dimension in 0..rank {
                let mean = |p: usize| sums[[p, dimension]] / counts[p] as f64;
                self.registers[[part, dimension]] = (mean(part) - mean(2)) as f32;
            }
        }
        for (row, mut vector) in self.sample.iter().zip(self.vectors.rows_mut()) {
            if let Some(vector) = vector.as_slice_mut() {
                centre(vector, &self.registers, of(*row));
            }
        }
    }
}

/// Takes a register's place off a unit vector; the result has length one again.
fn centre(vector: &mut [f32], registers: &Array2<f32>, register: usize) {
    vector.iter_mut().zip(registers.row(register)).for_each(|(v, r)| *v -= r);
    unit(vector);
}

/// Scales to length one; false (and untouched) where there is no length.
pub(super) fn unit(vector: &mut [f32]) -> bool {
    let length = dot(vector, vector).sqrt();
    if length <= f32::EPSILON {
        return false;
    }
    vector.iter_mut().for_each(|v| *v /= length);
    true
}

/// The inner product in eight fixed lanes: the same bits on every machine, and fast.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0f32; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a8.remainder().iter().zip(b8.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a8.zip(b8) {
        for (lane, (x, y)) in lanes.iter_mut().zip(x.iter().zip(y)) {
            *lane += x * y;
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// Places rows of a corpus one after another, with its own buffers.
pub(super) struct Placer<'a> {
    matrix: &'a TermMatrix,
    keep: &'a [Option<TermId>],
    bm25: &'a Bm25,
    projection: &'a Array2<f32>,
    registers: &'a Array2<f32>,
    records: &'a [RecordType],
    row: Vec<(u32, f32)>,
    vector: Vec<f32>,
}

impl<'a> Placer<'a> {
    pub(super) fn new(
        matrix: &'a TermMatrix,
        records: &'a [RecordType],
        keep: &'a [Option<TermId>],
        bm25: &'a Bm25,
        projection: &'a Array2<f32>,
        registers: &'a Array2<f32>,
    ) -> Self {
        let vector = vec![0.0; projection.ncols()];
        Self { matrix, keep, bm25, projection, registers, records, row: Vec::new(), vector }
    }

    /// The terms of a row that count.
    pub(super) fn terms(&self, row: usize) -> impl Iterator<Item = TermId> {
        self.matrix.row(row).0.iter().filter_map(|term| self.keep[*term as usize])
    }

    /// The unit vector of a row; `None` where it has no known term.
    pub(super) fn place(&mut self, row: usize) -> Option<&[f32]> {
        weigh_row(self.matrix, row, self.keep, self.bm25, &mut self.row);
        project(self.projection.view(), &self.row, &mut self.vector);
        if !unit(&mut self.vector) {
            return None;
        }
        centre(&mut self.vector, self.registers, self.records.get(row).map_or(0, |r| register(*r)));
        Some(self.vector.as_slice())
    }
}

fn too_little() -> Error {
    Error::new(
        ErrorKind::TooLittle,
        Text::new("テーマを見つけるには語が足りません。相談記録を増やしてください", "too few words to find themes; add records"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_systematic_sample_is_evenly_spaced() {
        let rows: Vec<u32> = (0..10).collect();
        assert_eq!(systematic(&rows, 4), [0, 2, 5, 7]);
        assert_eq!(systematic(&rows, 10), rows);
    }

    #[test]
    fn compounds_count_in_many_long_texts_only() {
        let params = crate::theme::ThemeParams::default().check().unwrap();
        let selected = |words: u32, documents: u32| {
            // Each word in half of the texts, so that a text has half of them; one compound in a quarter.
            let terms = (0..words).map(|i| format!("語{i:03}").into()).chain(["語000と語001".into()]).collect::<Vec<Box<str>>>();
            let df: Vec<u32> = (0..words).map(|_| documents / 2).chain([documents / 4]).collect();
            let mut sorted: Vec<(Box<str>, u32)> = terms.into_iter().zip(df).collect();
            sorted.sort();
            let compound = sorted.iter().position(|(term, _)| term.contains('と')).unwrap() as u32;
            let (terms, df): (Vec<_>, Vec<_>) = sorted.into_iter().unzip();
            let frequency = df.iter().map(|n| u64::from(*n)).collect();
            let vocabulary = Vocabulary::from_parts(terms, df, frequency).with_compounds(vec![TermId(compound)]);
            let (kept, keep) = select_terms(&vocabulary, documents as usize, &params);
            assert_eq!(keep[compound as usize].is_some(), !kept.compounds().is_empty());
            (kept.len() as u32 - words, kept.compounds().len(), terms_a_text(&kept, documents as usize))
        };
        assert_eq!(selected(30, 400), (1, 1, 15.0));
        assert_eq!(selected(28, 400), (0, 0, 14.0));
        assert_eq!(selected(30, 196), (0, 0, 15.0));
    }

    #[test]
    fn dot_by_hand() {
        // 1² + 2² + … + 11² = 506.
        let v: Vec<f32> = (1u8..=11).map(f32::from).collect();
        assert_eq!(dot(&v, &v), 506.0);
    }

    #[test]
    fn unit_refuses_the_origin() {
        let mut v = [3.0, 4.0];
        assert!(unit(&mut v));
        assert!((v[0] - 0.6).abs() < 1e-6);
        assert!(!unit(&mut [0.0, 0.0]));
    }
}

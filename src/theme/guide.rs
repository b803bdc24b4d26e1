//! Guided themes: what a researcher asks of them, and what became of it.
//!
//! Themes are named by words, never by numbers: numbers are another model's tomorrow, words are the calls' own. A theme is the
//! one these words are most typical of.

use ndarray::ArrayView2;
use serde::Deserialize;

use super::class::ClassCounts;
use super::consensus::consensus;
use super::evidence::Presence;
use super::map;
use super::partition::Partition;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::term::{TermId, Vocabulary};

/// A theme that was found is the pinned one when more than this share of its calls use a seed; else the pinned one is added, of all calls
/// that do.
const ABOUT: f64 = 0.5;

/// A split theme has at most so many parts.
const MAX_PARTS: usize = 20;

/// k-means runs for the parts of a split theme.
const SPLIT_MEMBERS: usize = 10;

/// What `themes.toml` says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThemeGuide {
    /// Terms that part no themes; they are no keywords either.
    pub forbid: Vec<String>,
    /// Themes that are to be there whatever the data say.
    pub theme: Vec<PinnedTheme>,
    /// Themes that are to be several.
    pub split: Vec<SplitTheme>,
    /// Themes that are to be one.
    pub merge: Vec<MergedThemes>,
    /// Themes that are to have a name.
    pub name: Vec<NamedTheme>,
}

/// `[[theme]]`: a theme around seed words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedTheme {
    /// Its name.
    pub name: String,
    /// Words whose calls it is made of.
    pub seeds: Vec<String>,
}

/// `[[split]]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitTheme {
    /// The theme these words are most typical of.
    pub words: Vec<String>,
    /// Into how many.
    pub parts: usize,
}

/// `[[merge]]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergedThemes {
    /// For each of the themes the words that are most typical of it.
    pub words: Vec<Vec<String>>,
    /// The name of the whole.
    pub name: Option<String>,
}

/// `[[name]]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedTheme {
    /// The theme these words are most typical of.
    pub words: Vec<String>,
    /// Its name.
    pub name: String,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// A theme around seed words that the data found, too.
    Pinned,
    /// A theme around seed words that the data did not find.
    Added,
    /// A theme parted.
    Split,
    /// Themes joined.
    Merged,
    /// A theme named.
    Named,
}

/// What became of one entry of a guide.
#[derive(Debug, Clone, PartialEq)]
pub struct GuideEffect {
    /// What was asked for.
    pub wish: Wish,
    /// The name given, else the words.
    pub subject: String,
    /// Words that no theme's calls use often enough; when none is left, nothing was done.
    pub unknown: Vec<String>,
    /// The themes that came of it, by id; none where nothing was done.
    pub themes: Vec<super::ThemeId>,
}

impl ThemeGuide {
    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a term is to part no themes.
    pub(super) fn forbids(&self, term: &str) -> bool {
        self.forbid.iter().any(|word| word.trim() == term)
    }

    /// Reads `themes.toml`; `name` is the file's, for messages.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with file and line for what is no TOML or no key, and with file and entry for what cannot be done.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let guide: Self = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(0, |span| 1 + text.as_bytes()[..span.start.min(text.len())].iter().filter(|b| **b == b'\n').count());
            Error::new(
                ErrorKind::Config,
                Text::new(
                    "テーマの指定が読めません。使えるのは forbid、[[theme]]（name と seeds）、[[split]]（words と parts）、[[merge]]（words と name）、[[name]]（words と name）です",
                    "a guide that cannot be read; it has forbid, [[theme]] (name, seeds), [[split]] (words, parts), [[merge]] (words, name) and [[name]] (words, name)",
                ),
            )
            .at(name, line as u64)
            .because(e.message().to_owned())
        })?;
        guide.check().map_err(|(entry, ja, en)| Error::new(ErrorKind::Config, Text::new(ja, en)).at(name, 0).column(entry))?;
        Ok(guide)
    }

    /// The first entry that cannot be done, and why, in Japanese and English.
    fn check(&self) -> std::result::Result<(), (String, &'static str, &'static str)> {
        let entry = |kind: &str, i: usize| format!("[[{kind}]] {}", i + 1);
        let none = |words: &[String]| words.iter().all(|word| word.trim().is_empty());
        for (i, theme) in self.theme.iter().enumerate() {
            if none(&theme.seeds) || theme.name.trim().is_empty() {
                return Err((entry("theme", i), "name と seeds（一語以上）を書いてください", "give a name and at least one seed"));
            }
        }
        for (i, split) in self.split.iter().enumerate() {
            if none(&split.words) || !(2..=MAX_PARTS).contains(&split.parts) {
                return Err((
                    entry("split", i),
                    "words（一語以上）と parts（2〜20）を書いてください",
                    "give at least one word, and 2 to 20 parts",
                ));
            }
        }
        for (i, merge) in self.merge.iter().enumerate() {
            if merge.words.len() < 2 || merge.words.iter().any(|words| none(words)) {
                return Err((
                    entry("merge", i),
                    "words に、まとめるテーマごとの語の並びを二つ以上書いてください（例: words = [[\"費用\"], [\"保険\"]]）",
                    "words must hold two or more lists of words, one for each theme to merge",
                ));
            }
        }
        for (i, named) in self.name.iter().enumerate() {
            if none(&named.words) || named.name.trim().is_empty() {
                return Err((entry("name", i), "words（一語以上）と name を書いてください", "give at least one word, and a name"));
            }
        }
        Ok(())
    }
}

/// A partition whose parts belong to themes: where themes are merged, one has several parts.
pub(super) struct Guided {
    pub(super) partition: Partition,
    /// For each part its theme.
    pub(super) themes: Vec<u16>,
    /// For each theme the name it was given.
    pub(super) names: Vec<Option<String>>,
    /// For each row whether a pinned theme holds it; empty where none does.
    pub(super) held: Vec<bool>,
    /// What was done; themes are those of `themes`.
    pub(super) effects: Vec<GuideEffect>,
}

impl Guided {
    /// Themes in the order of the map, left to right, empty parts left out: neighbours have neighbouring numbers.
    ///
    /// Not by size: where a small theme's size is suppressed, its rank would give it back between its neighbours' sizes.
    ///
    /// # Errors
    /// When an eigenvalue iteration does not converge.
    pub(super) fn in_map_order(self, vectors: ArrayView2<'_, f32>) -> Result<Self> {
        let sizes = self.partition.sizes();
        let mut parts: Vec<usize> = (0..sizes.len()).filter(|part| sizes[*part] > 0).collect();
        let mut old: Vec<u16> = parts.iter().map(|part| self.themes[*part]).collect();
        old.sort_unstable();
        old.dedup();
        let place = |theme: u16| old.binary_search(&theme).unwrap_or(0);
        let centroids = if old.len() == parts.len() {
            self.partition.centroids.select(ndarray::Axis(0), &old.iter().map(|t| parts_of(&self.themes, &parts, *t)).collect::<Vec<_>>())
        } else {
            let of = |part: &u16| super::assign::theme_id(place(self.themes[usize::from(*part)])).0;
            Partition::of_labels(self.partition.labels.iter().map(of).collect(), old.len(), vectors).centroids
        };
        let at = map::positions(centroids.view())?;
        let mut order: Vec<usize> = (0..old.len()).collect();
        order.sort_by(|a, b| at[*a].0.total_cmp(&at[*b].0).then(at[*a].1.total_cmp(&at[*b].1)).then(a.cmp(b)));
        let mut new = vec![0u16; old.len()];
        for (number, theme) in (0u16..).zip(&order) {
            new[*theme] = number;
        }
        let renamed = |theme: u16| new[place(theme)];
        parts.sort_by_key(|part| (renamed(self.themes[*part]), *part));
        let themes = parts.iter().map(|part| renamed(self.themes[*part])).collect();
        let names = order.iter().map(|theme| self.names[usize::from(old[*theme])].clone()).collect();
        let mut effects = self.effects;
        for effect in &mut effects {
            effect.themes.retain(|theme| old.contains(&theme.0));
            effect.themes.iter_mut().for_each(|theme| theme.0 = renamed(theme.0));
        }
        Ok(Self { partition: self.partition.reordered(&parts), themes, names, held: self.held, effects })
    }
}

/// The first of `parts` that belongs to a theme.
fn parts_of(themes: &[u16], parts: &[usize], theme: u16) -> usize {
    parts.iter().copied().find(|part| themes[*part] == theme).unwrap_or(0)
}

/// Does what a guide asks of a partition: themes pinned and split first, then joined and named.
pub(super) struct Guiding<'a> {
    pub(super) guide: &'a ThemeGuide,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) presence: &'a Presence<'a>,
    pub(super) vectors: ArrayView2<'a, f32>,
    pub(super) seed: u64,
}

impl Guiding<'_> {
    /// The partition with its pinned parts; each part is a theme still.
    pub(super) fn pinned(&self, partition: Partition) -> Guided {
        let themes = partition.centroids.nrows();
        let mut out = Guided { partition, themes: Vec::new(), names: vec![None; themes], held: Vec::new(), effects: Vec::new() };
        self.pin(&mut out);
        out
    }

    /// Splits, joins and names the themes of a partition that is refined.
    ///
    /// # Errors
    /// As [`consensus`].
    pub(super) fn finish(&self, out: &mut Guided) -> Result<()> {
        for split in &self.guide.split {
            self.split(out, split)?;
        }
        out.themes = (0u16..).take(out.partition.centroids.nrows()).collect();
        self.join_and_name(out);
        Ok(())
    }

    fn pin(&self, out: &mut Guided) {
        let mut labels = out.partition.labels.clone();
        for pinned in &self.guide.theme {
            let (known, unknown) = self.known(&pinned.seeds);
            let uses: Vec<bool> = (0..labels.len()).map(|i| self.presence.row(i).any(|term| known.contains(&term))).collect();
            let mut effect = GuideEffect { wish: Wish::Pinned, subject: pinned.name.clone(), unknown, themes: Vec::new() };
            if uses.contains(&true) {
                let part = about(&labels, &uses, out.names.len()).unwrap_or_else(|| {
                    effect.wish = Wish::Added;
                    let new = super::assign::theme_id(out.names.len());
                    labels.iter_mut().zip(&uses).filter(|(_, uses)| **uses).for_each(|(label, _)| *label = new.0);
                    out.held.resize(labels.len(), false);
                    out.held.iter_mut().zip(&uses).for_each(|(held, uses)| *held |= *uses);
                    out.names.push(None);
                    usize::from(new.0)
                });
                out.names[part] = Some(pinned.name.trim().to_owned());
                effect.themes.push(super::assign::theme_id(part));
            }
            out.effects.push(effect);
        }
        if labels != out.partition.labels {
            out.partition = Partition::of_labels(labels, out.names.len(), self.vectors);
        }
    }

    fn split(&self, out: &mut Guided, split: &SplitTheme) -> Result<()> {
        let (known, unknown) = self.known(&split.words);
        let subject = split.words.join("・");
        let Some(part) = self.most_typical(&out.partition, &known) else {
            out.effects.push(GuideEffect { wish: Wish::Split, subject, unknown, themes: Vec::new() });
            return Ok(());
        };
        let rows: Vec<usize> = (0..out.partition.labels.len()).filter(|i| usize::from(out.partition.labels[*i]) == part).collect();
        let own = self.vectors.select(ndarray::Axis(0), &rows);
        let found = consensus(own.view(), split.parts.min(rows.len()), SPLIT_MEMBERS, self.seed)?.partition;
        let (before, parts) = (out.partition.centroids.nrows(), found.centroids.nrows());
        // The first part has the place of the whole, the others come last.
        let place = |label: u16| if label == 0 { part } else { before + usize::from(label) - 1 };
        let mut labels = out.partition.labels.clone();
        for (row, label) in rows.iter().zip(&found.labels) {
            labels[*row] = super::assign::theme_id(place(*label)).0;
        }
        out.partition = Partition::of_labels(labels, before + parts - 1, self.vectors);
        out.names.resize(before + parts - 1, None);
        let themes = (0..parts).map(|label| super::assign::theme_id(place(label as u16))).collect();
        out.effects.push(GuideEffect { wish: Wish::Split, subject, unknown, themes });
        Ok(())
    }

    fn join_and_name(&self, out: &mut Guided) {
        for merge in &self.guide.merge {
            let sets: Vec<(Vec<TermId>, Vec<String>)> = merge.words.iter().map(|words| self.known(words)).collect();
            let typical = sets.iter().map(|(known, _)| self.most_typical(&out.partition, known).map(|part| out.themes[part]));
            // Where one cannot be found, nothing is merged: half a wish would be another one.
            let mut themes: Vec<u16> = typical.collect::<Option<_>>().unwrap_or_default();
            themes.sort_unstable();
            themes.dedup();
            let unknown = sets.into_iter().flat_map(|(_, unknown)| unknown).collect();
            let subject = merge.name.clone().unwrap_or_else(|| merge.words.iter().map(|w| w.join("・")).collect::<Vec<_>>().join(" + "));
            // One theme is what was asked for already.
            if let Some((first, others)) = themes.split_first() {
                out.themes.iter_mut().filter(|theme| others.contains(theme)).for_each(|theme| *theme = *first);
                if let Some(name) = &merge.name {
                    out.names[usize::from(*first)] = Some(name.trim().to_owned());
                }
            }
            let themes = themes.first().map(|first| super::ThemeId(*first)).into_iter().collect();
            out.effects.push(GuideEffect { wish: Wish::Merged, subject, unknown, themes });
        }
        for named in &self.guide.name {
            let (known, unknown) = self.known(&named.words);
            let theme = self.most_typical(&out.partition, &known).map(|part| out.themes[part]);
            if let Some(theme) = theme {
                out.names[usize::from(theme)] = Some(named.name.trim().to_owned());
            }
            let themes = theme.map(super::ThemeId).into_iter().collect();
            out.effects.push(GuideEffect { wish: Wish::Named, subject: named.name.clone(), unknown, themes });
        }
    }

    /// The terms among `words` that count, and the words that are none.
    fn known(&self, words: &[String]) -> (Vec<TermId>, Vec<String>) {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for word in words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()) {
            match self.vocabulary.find(word) {
                Some(term) => known.push(term),
                None => unknown.push(word.to_owned()),
            }
        }
        (known, unknown)
    }

    /// The part whose calls use the words most beyond what all calls do; the first of equals.
    fn most_typical(&self, partition: &Partition, words: &[TermId]) -> Option<usize> {
        let parts = partition.centroids.nrows();
        let of = |i: usize| Some(usize::from(partition.labels[i]));
        let counts = ClassCounts::new(self.presence.matrix, self.presence.rows, self.presence.keep, self.presence.terms, parts, of);
        let lead = |part: usize| words.iter().map(|word| counts.lead(part, *word)).sum::<f64>();
        let best = (0..parts).fold(None, |best: Option<(usize, f64)>, part| match best {
            Some((_, most)) if lead(part) <= most => best,
            _ => Some((part, lead(part))),
        });
        best.filter(|(_, most)| !words.is_empty() && *most > 0.0).map(|(part, _)| part)
    }
}

/// The part that is about the seeds already: more than [`ABOUT`] of its calls use one; of several the one with most such calls.
fn about(labels: &[u16], uses: &[bool], parts: usize) -> Option<usize> {
    let (mut calls, mut with) = (vec![0usize; parts], vec![0usize; parts]);
    for (label, uses) in labels.iter().zip(uses) {
        calls[usize::from(*label)] += 1;
        with[usize::from(*label)] += usize::from(*uses);
    }
    let about = (0..parts).filter(|part| with[*part] as f64 > ABOUT * calls[*part] as f64);
    about.max_by(|a, b| with[*a].cmp(&with[*b]).then(b.cmp(a)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Lang;

    #[test]
    fn a_guide_says_what_it_cannot_do() {
        let guide =
            ThemeGuide::parse("themes.toml", "forbid = [\"先生\"]\n[[theme]]\nname = \"治験を探す\"\nseeds = [\"治験\"]\n").unwrap();
        assert_eq!((guide.forbid.len(), guide.theme.len(), guide.is_empty()), (1, 1, false));
        assert!(ThemeGuide::parse("themes.toml", "# 何もない\n").unwrap().is_empty());
        for (text, row, column) in [
            ("[[theme]]\nname = \"x\"\nseed = [\"治験\"]\n", 1, None),
            ("\n\nforbid = 3\n", 3, None),
            ("[[theme]]\nname = \"x\"\nseeds = []\n", 0, Some("[[theme]] 1")),
            ("[[split]]\nwords = [\"a\"]\nparts = 1\n", 0, Some("[[split]] 1")),
            ("[[merge]]\nwords = [[\"a\"]]\n", 0, Some("[[merge]] 1")),
            ("[[name]]\nwords = [\"a\"]\nname = \" \"\n", 0, Some("[[name]] 1")),
        ] {
            let error = ThemeGuide::parse("themes.toml", text).unwrap_err();
            let place = error.place().unwrap();
            assert_eq!((error.kind(), place.column.as_deref()), (ErrorKind::Config, column), "{text}");
            assert!(row == 0 || place.row >= row, "{}", error.message(Lang::En));
            assert!(error.message(Lang::Ja).contains("themes.toml"));
        }
    }
}

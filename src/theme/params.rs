//! What a user may set about themes, checked once.

use std::sync::Arc;

use super::guide::ThemeGuide;
use crate::error::{Error, ErrorKind, Result, Text};
use crate::vector::embedding::StaticEmbedding;

/// Dimensions of the latent space: on Japanese news and dialogues 50 agreed best with people's labels, and 100
/// made fits with different seeds differ more.
pub const DEFAULT_RANK: usize = 50;

/// k-means runs of the consensus.
pub const DEFAULT_MEMBERS: usize = 20;

/// Terms in a larger share of the consultations than this say nothing about a theme.
pub const DEFAULT_MAX_DOCUMENT_SHARE: f64 = 0.5;

/// Consultations the clustering looks at; more are assigned to the themes found. Themes of this many hardly change when
/// more are added, and the time stays bounded.
pub const DEFAULT_SAMPLE_ROWS: usize = 20_000;

/// The range in which the number of themes is looked for: fewer say nothing, more nobody can overlook.
pub const DEFAULT_RANGE: (usize, usize) = (4, 24);

/// Themes have ids of 16 bits, and a tree over more than this is no help to anybody.
const MAX_THEMES: usize = 200;

/// Parameters as the configuration has them; [`ThemeParams::check`] makes them usable.
#[derive(Debug, Clone)]
pub struct ThemeParams {
    /// Number of themes; `None` lets the data decide within `range`.
    pub themes: Option<usize>,
    /// Smallest and largest number of themes tried.
    pub range: (usize, usize),
    /// Seed of everything random.
    pub seed: u64,
    /// Dimensions of the latent space.
    pub rank: usize,
    /// k-means runs of the consensus.
    pub members: usize,
    /// Consultations a term must occur in to count; `None` takes a floor that suits the size of the corpus.
    pub min_document_frequency: Option<u32>,
    /// Largest share of consultations a term may occur in, above 0, at most 1.
    pub max_document_share: f64,
    /// Consultations the clustering looks at; the others are assigned afterwards.
    pub sample_rows: usize,
    /// What the researcher asks of the themes.
    pub guide: ThemeGuide,
    /// Word vectors: a second view of short texts.
    pub embedding: Option<Arc<StaticEmbedding>>,
    /// Whether big themes are split into parts.
    pub parts: bool,
}

impl Default for ThemeParams {
    fn default() -> Self {
        Self {
            themes: None,
            range: DEFAULT_RANGE,
            seed: 0,
            rank: DEFAULT_RANK,
            members: DEFAULT_MEMBERS,
            min_document_frequency: None,
            max_document_share: DEFAULT_MAX_DOCUMENT_SHARE,
            sample_rows: DEFAULT_SAMPLE_ROWS,
            guide: ThemeGuide::default(),
            embedding: None,
            parts: true,
        }
    }
}

/// Parameters that [`ThemeParams::check`] let pass.
#[derive(Debug, Clone)]
pub struct ValidThemeParams(ThemeParams);

impl std::ops::Deref for ValidThemeParams {
    type Target = ThemeParams;

    fn deref(&self) -> &ThemeParams {
        &self.0
    }
}

impl ValidThemeParams {
    /// The same with another seed.
    #[must_use]
    pub fn with_seed(&self, seed: u64) -> Self {
        Self(ThemeParams { seed, ..self.0.clone() })
    }

    /// The same with a given number of themes (at least one).
    #[must_use]
    pub fn with_themes(&self, themes: usize) -> Self {
        Self(ThemeParams { themes: Some(themes.clamp(1, MAX_THEMES)), ..self.0.clone() })
    }
}

impl ThemeParams {
    /// Refuses values that cannot work.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] naming the key.
    pub fn check(self) -> Result<ValidThemeParams> {
        let (low, high) = self.range;
        if let Some(themes) = self.themes {
            refuse(themes == 0 || themes > MAX_THEMES, "themes.count", &format!("1〜{MAX_THEMES}"), &format!("1 to {MAX_THEMES}"), themes)?;
        }
        refuse(low < 2, "themes.min", "2以上", "at least 2", low)?;
        refuse(high < low || high > MAX_THEMES, "themes.max", &format!("{low}〜{MAX_THEMES}"), &format!("{low} to {MAX_THEMES}"), high)?;
        refuse(!(2..=500).contains(&self.rank), "themes.rank", "2〜500", "2 to 500", self.rank)?;
        refuse(!(1..=200).contains(&self.members), "themes.members", "1〜200", "1 to 200", self.members)?;
        refuse(self.min_document_frequency == Some(0), "themes.min_document_frequency", "1以上", "at least 1", 0)?;
        let share = self.max_document_share;
        refuse(!(share > 0.0 && share <= 1.0), "themes.max_document_share", "0より大きく1以下", "above 0, at most 1", share)?;
        refuse(self.sample_rows < 1000, "themes.sample_rows", "1000以上", "at least 1000", self.sample_rows)?;
        Ok(ValidThemeParams(self))
    }
}

fn refuse(bad: bool, key: &str, ja: &str, en: &str, got: impl std::fmt::Display) -> Result<()> {
    if bad {
        let text = Text::new(format!("{ja}の数にしてください（現在の値: {got}）"), format!("expected {en}, got {got}"));
        return Err(Error::new(ErrorKind::Config, text).column(key));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_pass() {
        assert!(ThemeParams::default().check().is_ok());
    }

    #[test]
    fn each_refusal_names_its_key() {
        let d = ThemeParams::default;
        let cases = [
            (ThemeParams { themes: Some(0), ..d() }, "themes.count"),
            (ThemeParams { themes: Some(201), ..d() }, "themes.count"),
            (ThemeParams { range: (1, 24), ..d() }, "themes.min"),
            (ThemeParams { range: (8, 7), ..d() }, "themes.max"),
            (ThemeParams { range: (8, 201), ..d() }, "themes.max"),
            (ThemeParams { rank: 1, ..d() }, "themes.rank"),
            (ThemeParams { rank: 501, ..d() }, "themes.rank"),
            (ThemeParams { members: 0, ..d() }, "themes.members"),
            (ThemeParams { members: 201, ..d() }, "themes.members"),
            (ThemeParams { min_document_frequency: Some(0), ..d() }, "themes.min_document_frequency"),
            (ThemeParams { max_document_share: 0.0, ..d() }, "themes.max_document_share"),
            (ThemeParams { max_document_share: 1.5, ..d() }, "themes.max_document_share"),
            (ThemeParams { max_document_share: f64::NAN, ..d() }, "themes.max_document_share"),
            (ThemeParams { sample_rows: 999, ..d() }, "themes.sample_rows"),
        ];
        for (params, key) in cases {
            let error = params.check().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert_eq!(error.place().and_then(|p| p.column.as_deref()), Some(key));
        }
    }
}

//! The sentences in English.

use std::fmt::Write as _;

use super::citation::{Citations, Source};
use super::{grouped, percent, quality, rejects, seeds, short};
use crate::error::Lang;
use crate::io::manifest::{Manifest, NO_KEY, ThemeChoice};

pub(super) fn sentences(manifest: &Manifest, c: &mut Citations) -> Vec<String> {
    let (counts, method) = (&manifest.counts, &manifest.method);
    let mut out = vec![format!(
        "Consultation records were analysed with kikitori {} (run {}, table schema {}, configuration hash {}).",
        manifest.version,
        manifest.run_id,
        manifest.schema_version,
        short(&manifest.config_fingerprint)
    )];
    let mut read = format!("Of {} records read, {} were analysed and ", grouped(counts.read), grouped(counts.accepted));
    let _ = match counts.rejected {
        0 => write!(read, "none was excluded."),
        n => write!(read, "{} were excluded ({}).", grouped(n), rejects(manifest, Lang::En)),
    };
    out.push(read);
    out.push(format!(
        "Texts were normalised (NFKC) and segmented with lindera and {} (hash {}) {}, together with a rare-cancer dictionary, stop words and code lists (joint hash {}).",
        manifest.dictionary.name,
        short(&manifest.dictionary.fingerprint),
        c.cite(&[Source::Mecab]),
        short(&manifest.word_lists)
    ));
    out.push("Identifiers such as personal names, telephone numbers and addresses were replaced by typed placeholders before any word was counted.".into());
    out.push(match manifest.pseudonym_key.as_str() {
        NO_KEY => "Record ids were replaced by BLAKE3 pseudonyms under a key valid for this input only.".into(),
        key => format!("Record ids were replaced by keyed BLAKE3 pseudonyms (key fingerprint {key})."),
    });
    out.push("Base forms of nouns, verbs and adjectives and compounds (the dictionary's, and runs of nouns of up to ten characters) were counted as terms, negated predicates as terms of their own.".into());
    if !method.compounds {
        out.push("Compounds that no dictionary has were left out when themes were found.".into());
    }
    out.push(format!(
        "The consultation–term matrix was weighted by BM25 (k1 = {}, b = {}, idf dampened by text length) {} and reduced by latent semantic analysis (randomised singular value decomposition, {} dimensions) {}; transcripts and notes were each centred on the mean of all calls.",
        method.bm25_k1,
        method.bm25_b,
        c.cite(&[Source::Bm25]),
        method.rank,
        c.cite(&[Source::Lsa, Source::RandomisedSvd])
    ));
    if method.word_dimensions > 0 {
        out.push(format!(
            "As texts are short, {} dimensions of weighted sums of word vectors (hash {}) were put beside it, so that texts may be near without a common word {}.",
            method.word_dimensions,
            short(&method.embedding),
            c.cite(&[Source::SentenceVectors])
        ));
    }
    if method.reweighted {
        out.push("As texts are long, the analysis was repeated with terms weighted by how well they tell twelve provisional clusters apart (mutual information).".into());
    }
    let mut themes = if method.few_calls {
        format!(
            "Themes join by average linkage what {} spherical k-means partitions put together, settled by spherical k-means {};",
            method.consensus,
            c.cite(&[Source::SphericalKMeans, Source::Accumulation])
        )
    } else {
        format!(
            "Themes are the best of {} spherical k-means partitions and of the joined centroids of their closer half, improved by moving dispensable centroids into loose clusters {};",
            method.consensus,
            c.cite(&[Source::SphericalKMeans])
        )
    };
    if method.refined {
        themes += &format!(
            " as texts are short, they were refined by naive Bayes on the presence of terms, each consultation left out of its own estimate {};",
            c.cite(&[Source::NaiveBayes])
        );
    }
    if !method.guide.is_empty() {
        themes += &format!(" some were pinned, split, merged or named as the researchers asked (hash {});", short(&method.guide));
    }
    out.push(match (method.theme_choice, method.theme_candidates) {
        (ThemeChoice::Model, _) => {
            format!("Consultations were assigned to the nearest of {} themes fitted beforehand in the same way.", method.themes)
        }
        (ThemeChoice::Given, _) => format!("{themes} their number was set to {}.", method.themes),
        (ThemeChoice::Data, Some((from, to))) => {
            format!(
                "{themes} their number ({}, of {from} to {to}) is the smallest within 3 % of the best by stability under resampling and detail.",
                method.themes
            )
        }
        (ThemeChoice::Data, None) => {
            format!("{themes} their number ({}) was chosen by stability under resampling and detail.", method.themes)
        }
    });
    if method.groups > 1 {
        out.push(format!(
            "Theme centroids were joined to {} groups by Ward's method {}.",
            method.groups,
            c.cite(&[Source::Ward, Source::FastClustering])
        ));
    }
    if method.sub_themes > 0 {
        out.push(format!(
            "Large themes whose parts came back under resampling were divided into sub-themes ({} in all).",
            method.sub_themes
        ));
    }
    if method.theme_choice != ThemeChoice::Model {
        out.push(format!(
            "A theme is called by the phrase most distinctive of it by class-based tf-idf among those that at least {} consultations use {}, or by its keywords where there is none.",
            method.threshold,
            c.cite(&[Source::Labels])
        ));
    }
    let quality = quality(
        manifest,
        c,
        [
            match method.theme_choice {
                ThemeChoice::Model => "The mean Jaccard overlap of themes with those of resampled fits",
                _ => "The mean adjusted Rand index between initialisations",
            },
            "the mean NPMI of the leading terms",
            "the diversity of the leading terms",
        ],
    );
    if !quality.is_empty() {
        out.push(format!("{}.", quality.join("; ")));
    }
    if !manifest.seeds.is_empty() {
        out.push(format!("Random seeds: {}.", seeds(manifest, ", ")));
    }
    out.push(format!(
        "Needs were coded in {} domains. A need was called latent in a consultation when the weights of implicit cues (difficulty, fear, lack, indecision, burden, distrust) in its domain summed to at least τ = {} while neither the recorded reason nor a request or question of the caller named it.",
        method.need_domains, method.tau
    ));
    if method.need_ngrams > 0 {
        out.push(format!(
            "Domains were told by seed expressions and by one logistic regression a domain on the character n-grams (n = 1 to 3) of the utterance, learned from coded examples, with weights for {} n-grams; an utterance without any cue that the regression for there being a need took for telling one counted as a weak cue, and where it spoke against a need, questions and weak cues were not counted.",
            grouped(method.need_ngrams)
        ));
    }
    if method.discovered_needs > 0 {
        let how = match method.theme_choice {
            ThemeChoice::Model => "assigned to the",
            _ => "clustered as consultations are, and named as",
        };
        let whose = if method.theme_choice == ThemeChoice::Model { " of the model" } else { " in all" };
        out.push(format!(
            "Within each domain the sentences that express a need were {how} {} concrete needs{whose}.",
            method.discovered_needs
        ));
    }
    out.push(format!(
        "Shares carry {}% Wilson intervals {}; associations with attributes were judged by adjusted residuals {}, and multiple comparisons were corrected after Benjamini and Hochberg {}.",
        percent(method.confidence),
        c.cite(&[Source::Wilson]),
        c.cite(&[Source::Haberman]),
        c.cite(&[Source::FalseDiscovery])
    ));
    out.push(format!("Counts from 1 to {} were suppressed in the published aggregate tables.", method.threshold.saturating_sub(1)));
    out
}

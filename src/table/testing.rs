//! Random corpora for tests of tables.

use std::sync::OnceLock;

use chrono::{Duration, NaiveDate};
use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::analysis::{Analysis, Call, Pseudonym};
use crate::code::{CodeRules, CodingId};
use crate::consultation::{Attributes, CodeId, CodeList, Profile, RecordType};
use crate::discover::{Discovered, DomainDiscovery, Statement};
use crate::morphology::{ConceptId, Concepts};
use crate::need::{CallNeeds, DEFAULT_TAU, NeedDomain};
use crate::term::TermId;
use crate::term::testing::TextMatrixBuilder;
use crate::theme::{Assignment, Descent, Relation, SubTheme, Theme, ThemeCount, ThemeFit, ThemeId, ThemeModel, ThemeQuality};

/// The profile that ships with the program, with two sites.
pub(crate) fn profile() -> Profile {
    static PROFILE: OnceLock<Profile> = OnceLock::new();
    let read = || {
        let open = |name: &str| {
            Ok(match name.rsplit('/').next().unwrap() {
                "caller_kind.csv" => include_str!("../../dictionaries/code-lists/caller_kind.csv"),
                "age_band.csv" => include_str!("../../dictionaries/code-lists/age_band.csv"),
                "sex.csv" => include_str!("../../dictionaries/code-lists/sex.csv"),
                "prefecture.csv" => include_str!("../../dictionaries/code-lists/prefecture.csv"),
                "stage.csv" => include_str!("../../dictionaries/code-lists/stage.csv"),
                "reason.csv" => include_str!("../../dictionaries/code-lists/reason.csv"),
                "outcome.csv" => include_str!("../../dictionaries/code-lists/outcome.csv"),
                "channel.csv" => include_str!("../../dictionaries/code-lists/channel.csv"),
                "visit.csv" => include_str!("../../dictionaries/code-lists/visit.csv"),
                other => panic!("no code list {other} here"),
            }
            .to_owned())
        };
        let mut profile = Profile::parse("profile.toml", include_str!("../../dictionaries/profile.toml"), &open).unwrap();
        profile.attributes.iter_mut().filter(|a| a.open).for_each(|a| a.codes = CodeList::from_values(["東京".into(), "福岡".into()]));
        profile
    };
    PROFILE.get_or_init(read).clone()
}

const TERMS: &str = "surface,canonical,kind,reading\n脂肪肉腫,脂肪肉腫,disease,シボウニクシュ\n平滑筋肉腫,平滑筋肉腫,disease,ヘイカツキンニクシュ\nGIST,GIST,disease,ジスト\n中皮腫,中皮腫,disease,チュウヒシュ\n";
const CODES: &str = "canonical,group,label_en,icdo3,rarecare_tier1,rarecare_tier2,ncrc_organ,ncrc_histology\n脂肪肉腫,軟部肉腫,Liposarcoma,8850/3,,,,\n平滑筋肉腫,軟部肉腫,Leiomyosarcoma,8890/3,,,,\nGIST,消化管間質腫瘍,GIST,8936/3,,,,\n";

/// Codes of which some contain and some exclude others.
const RULES: &str = "＊一\n語\n＊二\n<＊一> and 句\n＊一ではない\nnot <＊一>\n＊まれ\n稀\n";

/// A corpus of `calls` calls in `themes` themes; equal for equal arguments.
pub(crate) fn analysis(seed: u64, calls: usize, themes: u16) -> Analysis {
    with_profile(profile(), seed, calls, themes)
}

/// The same with a few attributes: one of each kind.
pub(crate) fn small_analysis(seed: u64, calls: usize, themes: u16) -> Analysis {
    let mut profile = profile();
    profile.attributes.retain(|a| ["sex", "age_band", "reason", "outcome"].contains(&a.name.as_str()));
    with_profile(profile, seed, calls, themes)
}

fn with_profile(profile: Profile, seed: u64, calls: usize, themes: u16) -> Analysis {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let concepts = Concepts::parse(("terms.csv", TERMS), ("disease_codes.csv", CODES)).unwrap();
    let mut builder = TextMatrixBuilder::default();
    let mut list = Vec::new();
    let mut assignments = Vec::new();
    for i in 0..calls {
        let mut id = [0u8; 16];
        rng.fill(&mut id);
        let theme = rng.gen_bool(0.97).then(|| ThemeId((rng.gen_range(0.0..1.0f64).powi(2) * f64::from(themes)) as u16));
        let topic = theme.map_or(0, |t| usize::from(t.0));
        for _ in 0..rng.gen_range(5..60) {
            // A few words of the theme's own, many common, some rare.
            let word = match rng.gen_range(0..10) {
                0..3 => format!("主題{topic}語{}", rng.gen_range(0..12)),
                3..9 => format!("共通{}", (rng.gen_range(0.0..1.0f64).powi(3) * 200.0) as u32),
                _ => format!("稀{}", rng.gen_range(0..5_000)),
            };
            builder.add(&word);
        }
        builder.end_row();
        list.push(call(&mut rng, &profile, Pseudonym(id), i));
        let others = if rng.gen_bool(0.3) { vec![(ThemeId(rng.gen_range(0..themes)), 0.25)] } else { vec![] };
        assignments.push(Assignment {
            theme,
            probability: if theme.is_some() { 0.625 } else { 0.0 },
            distance: 0.5,
            part: theme.filter(|t| t.0 == 0).map(|_| u16::from(i % 4 == 0)),
            emerging: false,
            others,
        });
    }
    let (vocabulary, matrix) = builder.finish();
    let of_theme = |t: u16| vocabulary.ids().filter(move |_| true).filter(move |id| id.0 % u32::from(themes) == u32::from(t)).take(8);
    let model_themes = (0..themes)
        .map(|t| Theme {
            id: ThemeId(t),
            number: t,
            reach: 2.0,
            label: format!("テーマの名前{t}"),
            keywords: of_theme(t).map(|id: TermId| (id, 1.0)).collect(),
            size: 1,
            group: t / 2,
            coherence: 0.1,
            stability: 0.9,
            x: 0.5,
            y: -0.5,
        })
        .collect();
    let model = ThemeModel {
        vocabulary: vocabulary.clone(),
        documents: calls as u64,
        mean_length: 30.0,
        projection: Array2::zeros((0, 0)),
        word_dimensions: 0,
        centroids: Array2::zeros((0, 0)),
        parts: vec![],
        registers: Array2::zeros((2, 0)),
        evidence: None,
        temperature: 1.0,
        themes: model_themes,
        subs: (0..2)
            .map(|i| SubTheme {
                theme: ThemeId(0),
                label: format!("小さなテーマ{i}"),
                keywords: of_theme(0).skip(i).take(3).map(|id: TermId| (id, 1.0)).collect(),
                size: 1,
                stability: 0.8,
            })
            .collect(),
        sub_centroids: Array2::zeros((2, 0)),
        groups: (0..themes.div_ceil(2)).map(|g| format!("上位{g}")).collect(),
        next_number: themes,
        lineage: vec![Descent {
            previous: None,
            previous_label: String::new(),
            theme: Some(0),
            relation: Relation::Appeared,
            share_of_previous: None,
            share_of_theme: None,
        }],
    };
    let curve = vec![ThemeCount { themes: 4, stability: 0.9, npmi: 0.1, score: 0.5 }];
    let quality = ThemeQuality { stability: 0.9, npmi: 0.1, diversity: 0.8, silhouette: Some(0.3), curve };
    let fit = ThemeFit { assignments, representatives: vec![vec![]; usize::from(themes)], quality, guided: vec![], named: vec![] };
    let codes = CodeRules::parse("codes.txt", RULES).unwrap().book();
    // Two discovered needs in two domains, of themes made up above.
    let statements: Vec<Statement> = (0u32..)
        .zip(&list)
        .filter(|(_, call)| !call.needs.explicit.union(call.needs.implicit).is_empty())
        .map(|(call, of)| Statement { call, utterance: 0, domains: of.needs.explicit.union(of.needs.implicit) })
        .collect();
    let discovery = |domain: NeedDomain| {
        let rows: Vec<u32> = (0u32..).zip(&statements).filter(|(_, s)| s.domains.contains(domain)).map(|(row, _)| row).collect();
        let assignments = rows.iter().map(|row| fit.assignments[statements[*row as usize].call as usize].clone()).collect();
        DomainDiscovery { domain: Some(domain), rows, model: model.clone(), fit: ThemeFit { assignments, ..fit.clone() } }
    };
    let domains = if themes > 0 { [NeedDomain::Access, NeedDomain::Emotion].map(discovery).into() } else { vec![] };
    let discovered = Discovered { domains, statements };
    Analysis { profile, concepts, codes, tau: DEFAULT_TAU, calls: list, vocabulary, matrix, model, fit, discovered }
}

fn call(rng: &mut Xoshiro256PlusPlus, profile: &Profile, id: Pseudonym, i: usize) -> Call {
    let mut pairs = Vec::new();
    for (attribute, spec) in profile.iter() {
        let values = if spec.multiple { rng.gen_range(0..4) } else { usize::from(rng.gen_bool(0.95)) };
        for _ in 0..values {
            // Skewed, so that some values are rare.
            let code = rng.gen_range(0.0..1.0f64).powi(2) * spec.codes.len() as f64;
            pairs.push((attribute, CodeId(code as u16)));
        }
    }
    let mut needs = CallNeeds::default();
    for domain in NeedDomain::ALL {
        let chance = 0.6 / (1.0 + domain.index() as f64);
        if rng.gen_bool(chance) {
            needs.explicit.insert(domain);
        } else if rng.gen_bool(chance) {
            needs.implicit.insert(domain);
            needs.strength[domain.index()] = rng.gen_range(4..25) * 10;
            if rng.gen_bool(0.1) {
                needs.recorded.insert(domain);
            }
        }
        if needs.explicit.union(needs.implicit).contains(domain) {
            needs.mentions[domain.index()] = rng.gen_range(1..4);
        }
    }
    needs.latent = NeedDomain::ALL.into_iter().filter(|d| needs.is_latent_at(*d, DEFAULT_TAU)).collect();
    // As the rules would have it: the second lies inside the first, the third outside.
    let (first, second, rare) = (rng.gen_bool(0.6), rng.gen_bool(0.9), rng.gen_bool(0.03));
    let held = [first, first && second, !first, rare];
    let codes = (0u16..).map(CodingId).zip(held).filter(|(_, held)| *held).map(|(id, _)| id).collect();
    let start = NaiveDate::from_ymd_opt(2022, 4, 1).unwrap().and_hms_opt(9, 0, 0).unwrap();
    Call {
        id,
        received_at: rng.gen_bool(0.98).then(|| start + Duration::minutes(rng.gen_range(0..3 * 365 * 24 * 60))),
        record_type: if i.is_multiple_of(3) { RecordType::Notes } else { RecordType::Verbatim },
        attributes: Attributes::new(pairs),
        diseases: (0..4).map(ConceptId).filter(|_| rng.gen_bool(0.35)).collect(),
        utterances: rng.gen_range(6..40),
        needs,
        codes,
    }
}

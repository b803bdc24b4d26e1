use super::*;
use crate::term::testing::TextMatrixBuilder;
use crate::theme::{Naming, Phrases, Relation, ThemeParams, Wish, name};

const TOPICS: [[&str; 6]; 4] = [
    ["治験", "参加", "条件", "新薬", "募集", "説明"],
    ["費用", "保険", "高額", "申請", "貸付", "収入"],
    ["不安", "眠る", "家族", "涙", "孤独", "支え"],
    ["病院", "紹介", "専門", "受診", "予約", "転院"],
];

/// `per_topic` calls of each topic: five of its six words, and words everybody says.
fn corpus(per_topic: usize) -> (Vocabulary, TermMatrix) {
    let mut b = TextMatrixBuilder::default();
    for i in 0..per_topic * TOPICS.len() {
        let words = TOPICS[i % TOPICS.len()];
        words.iter().enumerate().filter(|(w, _)| *w != i / TOPICS.len() % 6).for_each(|(_, w)| b.add(w));
        b.add("先生");
        b.add(["昨日", "今日", "明日", "来週", "先月"][i % 5]);
        b.end_row();
    }
    // The last call says nothing.
    b.end_row();
    b.finish()
}

fn params(themes: Option<usize>) -> ValidThemeParams {
    ThemeParams { themes, members: 6, ..ThemeParams::default() }.check().unwrap()
}

#[test]
fn planted_themes_are_found_and_described() {
    let (vocabulary, matrix) = corpus(30);
    let (model, found) = fit(&vocabulary, &matrix, &[], &params(Some(4))).unwrap();
    assert_eq!(model.themes.iter().map(|t| t.size).collect::<Vec<_>>(), [30, 30, 30, 30]);
    for theme in &model.themes {
        let rows = &found.representatives[usize::from(theme.id.0)];
        assert_eq!(rows.len(), 10);
        let topic = rows[0] as usize % TOPICS.len();
        assert!(rows.iter().all(|r| *r as usize % TOPICS.len() == topic));
        for (term, _) in theme.keywords.iter().take(5) {
            assert!(TOPICS[topic].contains(&model.vocabulary.term(*term)), "{}", theme.label);
        }
        assert!(theme.stability > 0.99 && theme.coherence > 0.5);
    }
    // 先生 is in every call: no term of the model.
    assert_eq!(model.vocabulary.find("先生"), None);
    let silent = &found.assignments[120];
    assert_eq!((silent.theme, silent.probability), (None, 0.0));
    assert!(found.quality.stability > 0.99);
    assert!(found.quality.curve.is_empty());
}

#[test]
fn a_compound_and_its_words_are_one_keyword() {
    let terms = ["専門", "専門病院", "費用", "病院"];
    let mut sorted: Vec<Box<str>> = terms.iter().map(|t| (*t).into()).collect();
    sorted.sort();
    let at = |term: &str| TermId(sorted.iter().position(|t| **t == *term).unwrap() as u32);
    let vocabulary = Vocabulary::from_parts(sorted.clone(), vec![9; 4], vec![9; 4]).with_compounds(vec![at("専門病院")]);
    let kept = |words: &[&str]| -> Vec<String> {
        let candidates = words.iter().zip(1u32..).map(|(word, place)| (at(word), 1.0 / f64::from(place))).collect();
        without_repetition(vec![candidates], &vocabulary)[0].iter().map(|(id, _)| vocabulary.term(*id).to_owned()).collect()
    };
    assert_eq!(kept(&["専門病院", "病院", "費用", "専門"]), ["専門病院", "費用"]);
    assert_eq!(kept(&["病院", "専門病院", "費用", "専門"]), ["病院", "費用", "専門"]);
}

/// 60 calls of each of these topics, and 150 of the first: those have words of one of two kinds, in turn.
fn corpus_with_parts(topics: &[usize]) -> (Vocabulary, TermMatrix) {
    const KINDS: [[&str; 4]; 2] = [["海外", "承認", "個人輸入", "渡航"], ["近所", "土曜", "採血", "送迎"]];
    let mut b = TextMatrixBuilder::default();
    for topic in topics {
        for i in 0..if *topic == 0 { 150 } else { 60 } {
            TOPICS[*topic].iter().enumerate().filter(|(w, _)| *w != i / 2 % 6).for_each(|(_, w)| b.add(w));
            if *topic == 0 {
                KINDS[i % 2].iter().enumerate().filter(|(w, _)| *w != i / 2 % 4).for_each(|(_, w)| b.add(w));
            }
            b.end_row();
        }
    }
    b.finish()
}

#[test]
fn parts_of_a_big_theme_are_found_kept_and_named() {
    let (vocabulary, matrix) = corpus_with_parts(&[0, 1, 2]);
    let fit_on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(&vocabulary, &matrix, &[], &params(Some(3))).unwrap())
    };
    let (mut model, found) = fit_on(1);
    assert_eq!(fit_on(3), (model.clone(), found.clone()));
    let big = model.themes.iter().find(|t| t.size == 150).unwrap().id;
    assert_eq!(model.subs.iter().map(|s| (s.theme, s.size)).collect::<Vec<_>>(), [(big, 75), (big, 75)]);
    // Calls of one kind share a part, and only those.
    let fitted = model.clone();
    let part = |row: usize| fitted.sub_of(&found.assignments[row]);
    assert!((0..150).all(|row| part(row).is_some() && part(row) == part(row % 2)) && part(0) != part(1));
    assert!((150..270).all(|row| part(row).is_none()));
    assert_eq!(model.apply(&vocabulary, &matrix, &[]), found.assignments);

    // All of the theme say 治験の参加; 採血の予約 is said by one kind in forty calls and by the other in none.
    let mut b = TextMatrixBuilder::default();
    for row in 0..matrix.rows() {
        b.add(if row < 150 { "治験\u{1f}の\u{1f}参加" } else { "家族\u{1f}の\u{1f}相談" });
        if row < 80 && row % 2 == 1 {
            b.add("採血\u{1f}の\u{1f}予約");
        }
        b.end_row();
    }
    let (texts, counts) = b.finish();
    let phrases = Phrases { vocabulary: &texts, matrix: &counts };
    name(&mut model, &found, phrases, Naming::Subjects, 41);
    assert!(model.subs.iter().all(|s| !s.label.contains("の予約")), "a phrase of forty calls names nothing where 41 are asked for");
    model = fitted.clone();
    name(&mut model, &found, phrases, Naming::Subjects, 40);
    assert!(model.subs[part(1).unwrap()].label.starts_with("採血の予約"), "{:?}", model.subs);
    assert!(model.themes[usize::from(big.0)].label.starts_with("治験の参加"), "{:?}", model.themes);
    assert!(model.groups.iter().all(|group| !group.is_empty()));

    // In a refit themes stand by number: parts go with theirs.
    let (old, _) = fit(&corpus_with_parts(&[1, 2]).0, &corpus_with_parts(&[1, 2]).1, &[], &params(Some(2))).unwrap();
    let (new, again) = refit(&vocabulary, &matrix, &[], &params(Some(3)), &old, 10).unwrap();
    let big = new.themes.iter().find(|t| t.size == 150).unwrap();
    assert_eq!((big.number, new.subs.iter().map(|s| s.theme).collect::<Vec<_>>()), (2, vec![big.id; 2]));
    assert_eq!(new.apply(&vocabulary, &matrix, &[]), again.assignments);
}

#[test]
fn the_number_is_found_when_it_is_plain() {
    let (vocabulary, matrix) = corpus(30);
    let (model, found) = fit(&vocabulary, &matrix, &[], &params(None)).unwrap();
    assert_eq!(model.themes.len(), 4);
    assert_eq!(found.quality.curve.first().map(|c| c.themes), Some(4));
}

#[test]
fn applying_to_the_same_calls_gives_the_same_themes_in_any_company() {
    let (vocabulary, matrix) = corpus(20);
    let (model, found) = fit(&vocabulary, &matrix, &[], &params(Some(4))).unwrap();
    assert_eq!(model.apply(&vocabulary, &matrix, &[]), found.assignments);
    // One old call and one of unknown words, counted anew: other ids, same answer.
    let mut b = TextMatrixBuilder::default();
    let (terms, counts) = matrix.row(7);
    for (term, count) in terms.iter().zip(counts) {
        (0..*count).for_each(|_| b.add(vocabulary.term(crate::term::TermId(*term))));
    }
    b.end_row();
    b.add("未知語");
    b.end_row();
    let (other_vocabulary, other) = b.finish();
    let applied = model.apply(&other_vocabulary, &other, &[]);
    assert_eq!(applied[0], found.assignments[7]);
    assert_eq!(applied[1].theme, None);
}

#[test]
fn threads_do_not_matter() {
    let (vocabulary, matrix) = corpus(25);
    let fits: Vec<_> = [1, 2, 5]
        .into_iter()
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| fit(&vocabulary, &matrix, &[], &params(None)).unwrap())
        })
        .collect();
    assert_eq!(fits[0], fits[1]);
    assert_eq!(fits[0], fits[2]);
}

#[test]
fn more_calls_than_the_sample_are_all_assigned() {
    let (vocabulary, matrix) = corpus(600);
    let params = ThemeParams { themes: Some(4), members: 4, sample_rows: 1000, ..ThemeParams::default() }.check().unwrap();
    let (model, found) = fit(&vocabulary, &matrix, &[], &params).unwrap();
    assert_eq!(model.themes.iter().map(|t| t.size).collect::<Vec<_>>(), [600, 600, 600, 600]);
    assert_eq!(found.assignments.len(), 2401);
}

#[test]
fn few_calls_make_few_themes_and_never_a_panic() {
    for n in 1..=20 {
        let mut b = TextMatrixBuilder::default();
        for i in 0..n {
            TOPICS[i % 4].iter().take(1 + i % 6).for_each(|w| b.add(w));
            b.end_row();
        }
        let (vocabulary, matrix) = b.finish();
        let (model, found) = fit(&vocabulary, &matrix, &[], &params(None)).unwrap();
        assert!(!model.themes.is_empty() && model.themes.len() <= n);
        assert!(n >= MIN_FOR_THEMES || model.themes.len() == 1);
        assert!(found.assignments.iter().all(|a| a.theme.is_some()), "{n} calls");
        assert_eq!(model.themes.iter().map(|t| t.size).sum::<u64>(), n as u64);
    }
}

#[test]
fn equal_calls_make_one_theme() {
    let mut b = TextMatrixBuilder::default();
    for _ in 0..8 {
        b.add("治験");
        b.end_row();
    }
    let (vocabulary, matrix) = b.finish();
    let (model, _) = fit(&vocabulary, &matrix, &[], &params(Some(3))).unwrap();
    assert_eq!(model.themes.len(), 1);
    assert_eq!(model.themes[0].label, "治験");
}

#[test]
fn too_little_is_said() {
    let mut b = TextMatrixBuilder::default();
    b.end_row();
    let (vocabulary, matrix) = b.finish();
    assert_eq!(fit(&vocabulary, &matrix, &[], &params(None)).unwrap_err().kind(), ErrorKind::TooLittle);
    let (vocabulary, matrix) = TextMatrixBuilder::default().finish();
    assert_eq!(fit(&vocabulary, &matrix, &[], &params(None)).unwrap_err().kind(), ErrorKind::TooLittle);
    let (vocabulary, matrix) = corpus(1);
    let error = fit(&vocabulary, &matrix, &[], &params(Some(9))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLittle);
    assert_eq!(error.place().and_then(|p| p.column.as_deref()), Some("themes.count"));
}

#[test]
fn a_refit_keeps_the_numbers_of_the_themes_that_go_on() {
    let of_topics = |topics: &[usize]| {
        let mut b = TextMatrixBuilder::default();
        for i in 0..40 * topics.len() {
            let words = TOPICS[topics[i % topics.len()]];
            words.iter().enumerate().filter(|(w, _)| *w != i / topics.len() % 6).for_each(|(_, w)| b.add(w));
            b.end_row();
        }
        b.finish()
    };
    let topic = |model: &ThemeModel, theme: &Theme| {
        let strongest = model.vocabulary.term(theme.keywords[0].0).to_owned();
        TOPICS.iter().position(|words| words.contains(&strongest.as_str())).unwrap()
    };
    let (vocabulary, matrix) = of_topics(&[0, 1, 2]);
    let (mut old, _) = fit(&vocabulary, &matrix, &[], &params(Some(3))).unwrap();
    old.themes.iter_mut().for_each(|theme| theme.label = format!("昨日の名前{}", theme.number));
    assert_eq!((old.next_number, old.lineage.len()), (3, 0));
    // Topic 0 is gone, topic 3 is new.
    let (vocabulary, matrix) = of_topics(&[3, 1, 2]);
    let (new, found) = refit(&vocabulary, &matrix, &[], &params(Some(3)), &old, 10).unwrap();
    for theme in &new.themes {
        match old.themes.iter().find(|t| topic(&old, t) == topic(&new, theme)) {
            Some(before) => assert_eq!((theme.number, &theme.label), (before.number, &before.label)),
            None => assert_eq!(theme.number, 3),
        }
        assert_eq!(theme.size, 40);
    }
    assert!(new.themes.windows(2).all(|t| t[0].number < t[1].number));
    assert_eq!(new.next_number, 4);
    let relations: Vec<Relation> = new.lineage.iter().map(|d| d.relation).collect();
    assert_eq!(relations.iter().filter(|r| **r == Relation::Continued).count(), 2);
    assert_eq!(new.lineage.last().map(|d| (d.relation, d.theme)), Some((Relation::Appeared, Some(3))));
    assert!(relations.contains(&Relation::Vanished));
    let kept = new.lineage.iter().filter(|d| d.relation == Relation::Continued);
    assert!(kept.clone().all(|d| (d.share_of_previous, d.share_of_theme) == (Some(1.0), Some(1.0))));
    // The reordered model gives its own calls the themes it was fitted with, and a number once gone is not given again.
    assert_eq!(new.apply(&vocabulary, &matrix, &[]), found.assignments);
    let (third, _) = refit(&vocabulary, &matrix, &[], &params(Some(3)), &new, 10).unwrap();
    assert_eq!(third.themes.iter().map(|t| t.number).collect::<Vec<_>>(), new.themes.iter().map(|t| t.number).collect::<Vec<_>>());
}

#[test]
fn what_no_theme_explains_is_emerging() {
    let (vocabulary, matrix) = corpus(30);
    let (model, found) = fit(&vocabulary, &matrix, &[], &params(Some(4))).unwrap();
    let beyond = found.assignments.iter().filter(|a| a.emerging).count();
    assert!(beyond <= 4, "{beyond} of 120");
    // A call of one word of each topic stands far from all of them.
    let mut b = TextMatrixBuilder::default();
    TOPICS.iter().for_each(|words| b.add(words[0]));
    b.end_row();
    TOPICS[1].iter().take(5).for_each(|word| b.add(word));
    b.end_row();
    let (vocabulary, matrix) = b.finish();
    assert_eq!(model.apply(&vocabulary, &matrix, &[]).iter().map(|a| a.emerging).collect::<Vec<_>>(), [true, false]);
}

fn guided(toml: &str, themes: usize) -> (Vocabulary, TermMatrix, ThemeModel, ThemeFit) {
    let (vocabulary, matrix) = corpus(30);
    let guide = crate::theme::ThemeGuide::parse("themes.toml", toml).unwrap();
    let params = ThemeParams { themes: Some(themes), members: 6, guide, ..ThemeParams::default() }.check().unwrap();
    let (model, found) = fit(&vocabulary, &matrix, &[], &params).unwrap();
    (vocabulary, matrix, model, found)
}

fn sizes(model: &ThemeModel) -> Vec<u64> {
    let mut sizes: Vec<u64> = model.themes.iter().map(|t| t.size).collect();
    sizes.sort_unstable();
    sizes
}

#[test]
fn merged_themes_are_one_and_named_as_asked() {
    let toml =
        "[[merge]]\nwords = [[\"治験\", \"新薬\"], [\"費用\"]]\nname = \"治験とお金\"\n[[name]]\nwords = [\"孤独\"]\nname = \"気持ち\"\n";
    let (vocabulary, matrix, model, found) = guided(toml, 4);
    assert_eq!((model.parts.len(), sizes(&model)), (4, vec![30, 30, 60]));
    let merged = model.themes.iter().find(|t| t.label == "治験とお金").unwrap();
    assert_eq!(merged.size, 60);
    let named = model.themes.iter().find(|t| t.label == "気持ち").unwrap();
    assert!(TOPICS[2].contains(&model.vocabulary.term(named.keywords[0].0)));
    let told: Vec<(Wish, Vec<ThemeId>)> = found.guided.iter().map(|e| (e.wish, e.themes.clone())).collect();
    assert_eq!(told, [(Wish::Merged, vec![merged.id]), (Wish::Named, vec![named.id])]);
    assert_eq!(model.apply(&vocabulary, &matrix, &[]), found.assignments);
}

#[test]
fn a_split_theme_is_several_and_the_others_stay() {
    // Two topics in one theme, parted again on request.
    let (_, _, model, found) = guided("[[merge]]\nwords = [[\"治験\"], [\"費用\"]]\n[[split]]\nwords = [\"不安\"]\nparts = 2\n", 4);
    assert_eq!(sizes(&model).iter().sum::<u64>(), 120);
    assert_eq!(model.themes.len(), 4);
    let split = found.guided.iter().find(|e| e.wish == Wish::Split).unwrap();
    let parts = split.themes.iter().map(|id| model.themes[usize::from(id.0)].size);
    assert_eq!((split.themes.len(), parts.sum::<u64>()), (2, 30));
}

#[test]
fn a_pinned_theme_is_there_whatever_the_data_say() {
    // Of three themes, two topics share one; the pinned one is added, and parts them.
    let (_, _, model, found) = guided("[[theme]]\nname = \"お金\"\nseeds = [\"費用\", \"申請\", \"無い語\"]\n", 3);
    let pinned = model.themes.iter().find(|t| t.label == "お金").unwrap();
    assert_eq!((found.guided[0].themes.clone(), found.guided[0].unknown.clone()), (vec![pinned.id], vec!["無い語".to_owned()]));
    assert!(pinned.size == 30 && TOPICS[1].contains(&model.vocabulary.term(pinned.keywords[0].0)));
    // One that the data found themselves is taken for it, and not added beside it.
    let (_, _, model, found) = guided("[[theme]]\nname = \"治験を探す\"\nseeds = [\"治験\", \"新薬\", \"募集\"]\n", 4);
    assert_eq!((sizes(&model), found.guided[0].wish), (vec![30; 4], Wish::Pinned));
    // What nobody says cannot be pinned, and is said so.
    let (_, _, model, found) = guided("[[theme]]\nname = \"無\"\nseeds = [\"無い語\"]\n", 4);
    assert!(model.themes.len() == 4 && found.guided[0].themes.is_empty());
}

#[test]
fn forbidden_words_part_nothing() {
    let (_, _, model, _) = guided("forbid = [\"治験\"]\n", 4);
    assert_eq!((model.vocabulary.find("治験"), model.themes.len()), (None, 4));
}

//! The generator's data: who calls about what, in which words. All of it stands in `corpus-samples/generator/`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::template::{Compiler, Dialect, Facts, Pool, check_plain, fault, word_lists};
use crate::error::{Error, ErrorKind, Result, Text};

macro_rules! data {
    ($name:literal) => {
        (concat!("corpus-samples/generator/", $name), include_str!(concat!("../../corpus-samples/generator/", $name)))
    };
}

type File = (&'static str, &'static str);

const PEOPLE: File = data!("people.toml");
const DISEASES: File = data!("diseases.toml");
const WORDS: File = data!("words.toml");
const TALK: File = data!("talk.toml");
const NOTES: File = data!("notes.toml");

/// One file per theme.
const THEMES: [File; 13] = [
    data!("themes/referral.toml"),
    data!("themes/second_opinion.toml"),
    data!("themes/diagnosis.toml"),
    data!("themes/treatment.toml"),
    data!("themes/trial.toml"),
    data!("themes/information.toml"),
    data!("themes/symptom.toml"),
    data!("themes/palliative.toml"),
    data!("themes/emotion.toml"),
    data!("themes/communication.toml"),
    data!("themes/family.toml"),
    data!("themes/money_work.toml"),
    data!("themes/daily_life.toml"),
];

/// Labels with weights, in the order of their labels.
type Weights = BTreeMap<String, u32>;

/// A centre that takes calls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Site {
    pub(super) name: String,
    /// From which thousandth of the three years on it takes part.
    pub(super) from: u32,
}

/// Where a caller lives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prefecture {
    pub(super) name: String,
    /// Inhabitants in 100,000.
    pub(super) weight: u32,
    /// The site of its region.
    pub(super) site: String,
    #[serde(default)]
    pub(super) dialect: String,
    pub(super) cities: Vec<String>,
}

/// What a caller calls the patient.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Relation {
    pub(super) word: String,
    /// How the counsellor says it.
    pub(super) honorific: String,
    pub(super) sex: String,
    /// First and last age band of the patient, by position in [`AGE_BANDS`].
    pub(super) ages: [usize; 2],
    pub(super) weight: u32,
    /// Not family but a friend.
    #[serde(default)]
    pub(super) friend: bool,
}

/// The age bands of the code list.
pub(super) const AGE_BANDS: [&str; 10] = ["10歳未満", "10代", "20代", "30代", "40代", "50代", "60代", "70代", "80代", "90歳以上"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct People {
    pub(super) site: Vec<Site>,
    pub(super) prefecture: Vec<Prefecture>,
    pub(super) relation: Vec<Relation>,
    pub(super) surnames: Vec<String>,
    pub(super) male_names: Vec<String>,
    pub(super) female_names: Vec<String>,
    pub(super) mail_names: Vec<String>,
}

/// A disease and who has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Disease {
    pub(super) short: String,
    /// As it is spoken.
    pub(super) spoken: Vec<String>,
    /// As a counsellor types it into the disease field.
    pub(super) record: Vec<String>,
    pub(super) organ: String,
    pub(super) weight: u32,
    /// Weights of [`AGE_BANDS`].
    pub(super) ages: [u32; 10],
    /// Percent of patients who are men.
    pub(super) male: u32,
    pub(super) drugs: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DiseaseFile {
    disease: Vec<Disease>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordFile {
    fixed: BTreeMap<String, Vec<String>>,
    free: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeFile {
    code: String,
    reason: String,
    weight: [u32; 2],
    recorded: u32,
    caller: Weights,
    stage: Weights,
    outcome: Weights,
    second: Weights,
    opening: Vec<String>,
    #[serde(default)]
    clinician_opening: Vec<String>,
    anyone: Vec<String>,
    #[serde(rename = "self")]
    own: Vec<String>,
    family: Vec<String>,
    #[serde(default)]
    clinician: Vec<String>,
    counsellor: Vec<String>,
    notes: Vec<String>,
}

/// A theme that is planted.
#[derive(Debug)]
pub(super) struct Theme {
    pub(super) code: String,
    /// The label of the recorded reason.
    pub(super) reason: String,
    /// Weight at the beginning and at the end of the three years.
    pub(super) weight: [u32; 2],
    /// Percent of calls in which a second concern with this theme is recorded as a reason.
    pub(super) recorded: u32,
    pub(super) caller: Vec<(String, u32)>,
    pub(super) stage: Vec<(String, u32)>,
    pub(super) outcome: Vec<(String, u32)>,
    /// Weights of second themes, by position.
    pub(super) second: Vec<u32>,
    pub(super) opening: Pool,
    pub(super) clinician_opening: Pool,
    pub(super) anyone: Pool,
    pub(super) own: Pool,
    pub(super) family: Pool,
    pub(super) clinician: Pool,
    pub(super) counsellor: Pool,
    pub(super) notes: Pool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    ask: Vec<String>,
    answer: Vec<String>,
    /// A condition for the question as a whole.
    #[serde(default)]
    when: Vec<String>,
}

/// A question of the counsellor's with its answers.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) when: Facts,
    pub(super) ask: Pool,
    pub(super) answer: Pool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DialectFile {
    name: String,
    endings: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TalkFile {
    dialect: Vec<DialectFile>,
    opening: Vec<String>,
    intro: BTreeMap<String, Vec<String>>,
    question: Vec<QuestionFile>,
    acknowledge: Vec<String>,
    general: Vec<String>,
    more: Vec<String>,
    reply: Vec<String>,
    filler: Vec<String>,
    hesitation: Vec<String>,
    aside: Vec<String>,
    transition: Vec<String>,
    react: Vec<String>,
    contact: Vec<String>,
    contact_answer: Vec<String>,
    thanks: Vec<String>,
    farewell: Vec<String>,
    clinician_summary: Vec<String>,
    clinician_ask: Vec<String>,
    clinician_question: Vec<QuestionFile>,
    clinician_counsellor: Vec<String>,
    clinician_reply: Vec<String>,
    clinician_thanks: Vec<String>,
    outcome: BTreeMap<String, Vec<String>>,
}

/// What is said in any call.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) opening: Pool,
    pub(super) intro: BTreeMap<String, Pool>,
    pub(super) question: Vec<Question>,
    pub(super) acknowledge: Pool,
    pub(super) general: Pool,
    pub(super) more: Pool,
    pub(super) reply: Pool,
    pub(super) filler: Pool,
    pub(super) hesitation: Pool,
    pub(super) aside: Pool,
    pub(super) transition: Pool,
    pub(super) react: Pool,
    pub(super) contact: Pool,
    pub(super) contact_answer: Pool,
    pub(super) thanks: Pool,
    pub(super) farewell: Pool,
    pub(super) clinician_summary: Pool,
    pub(super) clinician_ask: Pool,
    pub(super) clinician_question: Vec<Question>,
    pub(super) clinician_counsellor: Pool,
    pub(super) clinician_reply: Pool,
    pub(super) clinician_thanks: Pool,
    pub(super) outcome: BTreeMap<String, Pool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotesFile {
    head: BTreeMap<String, Vec<String>>,
    background: Vec<String>,
    clinician_background: Vec<String>,
    feeling: Vec<String>,
    response: Vec<String>,
    contact: Vec<String>,
    action: BTreeMap<String, Vec<String>>,
}

/// What a counsellor writes in any call.
#[derive(Debug)]
pub(super) struct Notes {
    pub(super) head: BTreeMap<String, Pool>,
    pub(super) background: Pool,
    pub(super) clinician_background: Pool,
    pub(super) feeling: Pool,
    pub(super) response: Pool,
    pub(super) contact: Pool,
    pub(super) action: BTreeMap<String, Pool>,
}

/// Everything the generator knows.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) people: People,
    pub(super) diseases: Vec<Disease>,
    pub(super) themes: Vec<Theme>,
    pub(super) talk: Talk,
    pub(super) notes: Notes,
    pub(super) compiler: Compiler,
}

impl Data {
    /// Reads and compiles the embedded files.
    pub(super) fn load() -> Result<Self> {
        let people: People = parse(PEOPLE)?;
        let diseases = parse::<DiseaseFile>(DISEASES)?.disease;
        let words: WordFile = parse(WORDS)?;
        let talk: TalkFile = parse(TALK)?;
        check_words(&people, &diseases)?;
        let dialects: Vec<(String, Dialect)> = talk.dialect.iter().map(|d| (d.name.clone(), d.endings.clone())).collect();
        let mut compiler = Compiler::new(word_lists(WORDS.0, words.fixed, words.free)?, dialects);
        let files = THEMES.iter().map(|f| Ok((f.0, parse(*f)?))).collect::<Result<Vec<(&str, ThemeFile)>>>()?;
        let codes: Vec<String> = files.iter().map(|(_, f)| f.code.clone()).collect();
        let themes = files.into_iter().map(|(name, file)| theme(&mut compiler, name, file, &codes)).collect::<Result<_>>()?;
        let talk = compile_talk(&mut compiler, talk)?;
        let notes = compile_notes(&mut compiler, parse(NOTES)?)?;
        Ok(Self { people, diseases, themes, talk, notes, compiler })
    }
}

fn parse<T: DeserializeOwned>((name, text): File) -> Result<T> {
    toml::from_str(text).map_err(|e| {
        let line = e.span().map_or(0, |s| 1 + text[..s.start].matches('\n').count() as u64);
        Error::new(ErrorKind::Dictionary, Text::new("書式が正しくありません", "not of the expected form"))
            .at(name, line)
            .because(e.message().to_owned())
    })
}

fn check_words(people: &People, diseases: &[Disease]) -> Result<()> {
    let names = people.surnames.iter().chain(&people.male_names).chain(&people.female_names).chain(&people.mail_names);
    let places = people.prefecture.iter().flat_map(|p| p.cities.iter().chain([&p.name, &p.site]));
    let relations = people.relation.iter().flat_map(|r| [&r.word, &r.honorific, &r.sex]);
    names.chain(places).chain(relations).try_for_each(|w| check_plain(PEOPLE.0, "people", w))?;
    for disease in diseases {
        let words = disease.spoken.iter().chain(&disease.record).chain(&disease.drugs).chain([&disease.short, &disease.organ]);
        words.clone().try_for_each(|w| check_plain(DISEASES.0, &disease.short, w))?;
        if disease.spoken.is_empty() || disease.record.is_empty() || disease.drugs.is_empty() {
            return Err(fault(
                DISEASES.0,
                &disease.short,
                "spoken・record・drugs を書いてください".into(),
                "give spoken, record and drugs".into(),
            ));
        }
    }
    if let Some(p) = people.prefecture.iter().find(|p| p.cities.is_empty() || !people.site.iter().any(|s| s.name == p.site)) {
        return Err(fault(PEOPLE.0, &p.name, "cities と既知の site が必要です".into(), "needs cities and a known site".into()));
    }
    Ok(())
}

fn theme(compiler: &mut Compiler, name: &str, file: ThemeFile, codes: &[String]) -> Result<Theme> {
    if let Some(unknown) = file.second.keys().find(|code| !codes.contains(code)) {
        return Err(fault(name, "second", format!("主題「{unknown}」はありません"), format!("no theme \"{unknown}\"")));
    }
    Ok(Theme {
        second: codes.iter().map(|code| file.second.get(code).copied().unwrap_or(0)).collect(),
        weight: file.weight,
        recorded: file.recorded,
        caller: file.caller.into_iter().collect(),
        stage: file.stage.into_iter().collect(),
        outcome: file.outcome.into_iter().collect(),
        opening: compiler.spoken(name, "opening", &file.opening)?,
        clinician_opening: compiler.pool(name, "clinician_opening", &file.clinician_opening)?,
        anyone: compiler.spoken(name, "anyone", &file.anyone)?,
        own: compiler.spoken(name, "self", &file.own)?,
        family: compiler.spoken(name, "family", &file.family)?,
        clinician: compiler.pool(name, "clinician", &file.clinician)?,
        counsellor: compiler.pool(name, "counsellor", &file.counsellor)?,
        notes: compiler.pool(name, "notes", &file.notes)?,
        code: file.code,
        reason: file.reason,
    })
}

fn pools(compiler: &mut Compiler, file: &str, spoken: bool, lists: BTreeMap<String, Vec<String>>) -> Result<BTreeMap<String, Pool>> {
    lists
        .into_iter()
        .map(|(key, list)| {
            let pool = if spoken { compiler.spoken(file, &key, &list)? } else { compiler.pool(file, &key, &list)? };
            Ok((key, pool))
        })
        .collect()
}

fn questions(compiler: &mut Compiler, file: &str, questions: Vec<QuestionFile>, spoken: bool) -> Result<Vec<Question>> {
    let compile = |q: QuestionFile| {
        let mut when = Facts::default();
        for fact in &q.when {
            let unknown = || fault(file, "question", format!("「{fact}」という条件はありません"), format!("no condition \"{fact}\""));
            Facts::named(fact).ok_or_else(unknown)?;
            when = when.with(&[fact.as_str()]);
        }
        let ask = compiler.pool(file, "ask", &q.ask)?;
        let answer = if spoken { compiler.spoken(file, "answer", &q.answer)? } else { compiler.pool(file, "answer", &q.answer)? };
        Ok(Question { when, ask, answer })
    };
    questions.into_iter().map(compile).collect()
}

fn compile_talk(compiler: &mut Compiler, file: TalkFile) -> Result<Talk> {
    let name = TALK.0;
    Ok(Talk {
        opening: compiler.pool(name, "opening", &file.opening)?,
        intro: pools(compiler, name, true, file.intro)?,
        question: questions(compiler, name, file.question, true)?,
        acknowledge: compiler.pool(name, "acknowledge", &file.acknowledge)?,
        general: compiler.pool(name, "general", &file.general)?,
        more: compiler.pool(name, "more", &file.more)?,
        reply: compiler.spoken(name, "reply", &file.reply)?,
        filler: compiler.spoken(name, "filler", &file.filler)?,
        hesitation: compiler.spoken(name, "hesitation", &file.hesitation)?,
        aside: compiler.spoken(name, "aside", &file.aside)?,
        transition: compiler.spoken(name, "transition", &file.transition)?,
        react: compiler.spoken(name, "react", &file.react)?,
        contact: compiler.pool(name, "contact", &file.contact)?,
        contact_answer: compiler.spoken(name, "contact_answer", &file.contact_answer)?,
        thanks: compiler.spoken(name, "thanks", &file.thanks)?,
        farewell: compiler.pool(name, "farewell", &file.farewell)?,
        clinician_summary: compiler.pool(name, "clinician_summary", &file.clinician_summary)?,
        clinician_ask: compiler.pool(name, "clinician_ask", &file.clinician_ask)?,
        clinician_question: questions(compiler, name, file.clinician_question, false)?,
        clinician_counsellor: compiler.pool(name, "clinician_counsellor", &file.clinician_counsellor)?,
        clinician_reply: compiler.pool(name, "clinician_reply", &file.clinician_reply)?,
        clinician_thanks: compiler.pool(name, "clinician_thanks", &file.clinician_thanks)?,
        outcome: pools(compiler, name, false, file.outcome)?,
    })
}

fn compile_notes(compiler: &mut Compiler, file: NotesFile) -> Result<Notes> {
    let name = NOTES.0;
    Ok(Notes {
        head: pools(compiler, name, false, file.head)?,
        background: compiler.pool(name, "background", &file.background)?,
        clinician_background: compiler.pool(name, "clinician_background", &file.clinician_background)?,
        feeling: compiler.pool(name, "feeling", &file.feeling)?,
        response: compiler.pool(name, "response", &file.response)?,
        contact: compiler.pool(name, "contact", &file.contact)?,
        action: pools(compiler, name, false, file.action)?,
    })
}

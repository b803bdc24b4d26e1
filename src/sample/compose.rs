//! Sentences into text: chooses unused sentences of a pool, fills their slots and counts characters.

use std::fmt::Write;

use chrono::{Datelike, Days, NaiveDate};

use super::case::{Case, Voice};
use super::data::Data;
use super::random::{Random, fixed};
use super::template::{Piece, Pool, Slot, Template};

/// Purposes of [`fixed`] choices; word lists use their own number above these.
const PURPOSE_DRUG: u64 = 1;
const PURPOSE_CITY: u64 = 2;
const PURPOSE_SURNAME: u64 = 3;
const PURPOSE_GIVEN: u64 = 4;
const PURPOSE_SPOKEN: u64 = 5;
const PURPOSE_MAIL: u64 = 6;
const PURPOSE_RECORD: u64 = 7;
const PURPOSE_CALLER_SEX: u64 = 8;
const PURPOSE_LISTS: u64 = 1000;

/// How often a sentence is drawn at random before the first that is unused and fits is taken.
const TRIES: usize = 8;

/// Writes one call's sentences to `out`.
pub(super) struct Composer<'a, 'g> {
    pub(super) data: &'g Data,
    pub(super) case: &'a Case<'g>,
    pub(super) random: Random,
    pub(super) out: &'a mut String,
    /// Sentences used in this call, by pool.
    used: Vec<u128>,
    /// Characters of text written so far.
    pub(super) chars: usize,
    /// Whose turn is open to be continued.
    pub(super) speaking: &'static str,
}

impl<'a, 'g> Composer<'a, 'g> {
    pub(super) fn new(data: &'g Data, case: &'a Case<'g>, random: Random, out: &'a mut String) -> Self {
        Self { data, case, random, out, used: vec![0; data.compiler.pools()], chars: 0, speaking: "" }
    }

    /// Says an unused sentence of the pool that fits the call; false when there is none.
    pub(super) fn say(&mut self, pool: &'g Pool) -> bool {
        let templates = &pool.dialects[if pool.dialects.len() > self.case.dialect { self.case.dialect } else { 0 }];
        let Some(at) = self.find(pool.id, templates) else { return false };
        self.used[pool.id] |= 1 << at;
        self.render(&templates[at]);
        true
    }

    fn find(&mut self, pool: usize, templates: &[Template]) -> Option<usize> {
        // Where there are words for the bereaved, they hear and say no others.
        let only_bereaved = self.case.bereaved && templates.iter().any(|t| t.bereaved);
        let fits = |composer: &Self, at: usize| {
            let template = &templates[at];
            (composer.used[pool] >> at) & 1 == 0 && composer.case.facts.satisfy(template.requires) && (template.bereaved || !only_bereaved)
        };
        let len = u32::try_from(templates.len()).unwrap_or(0);
        for _ in 0..TRIES {
            let at = self.random.below(len) as usize;
            if at < templates.len() && fits(self, at) {
                return Some(at);
            }
        }
        (0..templates.len()).find(|at| fits(self, *at))
    }

    /// Writes words as they stand.
    pub(super) fn literal(&mut self, text: &str) {
        self.out.push_str(text);
        self.chars += text.chars().count();
    }

    fn render(&mut self, template: &'g Template) {
        let start = self.out.len();
        for piece in &template.pieces {
            match piece {
                Piece::Literal(text) => self.out.push_str(text),
                Piece::Slot(slot) => self.fill(*slot),
            }
        }
        self.chars += self.out[start..].chars().count();
    }

    /// One of `words`, the same throughout the call.
    fn always<'w, S: AsRef<str>>(&self, purpose: u64, words: &'w [S]) -> &'w str {
        words[fixed(self.case.key, purpose, words.len())].as_ref()
    }

    /// What the counsellor typed into the disease field.
    pub(super) fn recorded_disease(&self) -> &'g str {
        let disease = self.case.disease;
        self.always(PURPOSE_RECORD, &disease.record)
    }

    fn fill(&mut self, slot: Slot) {
        let (data, case) = (self.data, self.case);
        let word: &str = match slot {
            Slot::Patient => patient(case, "私"),
            Slot::PatientInNotes => patient(case, "本人"),
            Slot::Honorific(particle) => {
                if let Some(honorific) = honorific(case) {
                    self.out.push_str(honorific);
                    self.out.push_str(particle);
                }
                ""
            }
            Slot::Disease => self.always(PURPOSE_SPOKEN, &case.disease.spoken),
            Slot::ShortDisease => &case.disease.short,
            Slot::Organ => &case.disease.organ,
            Slot::Drug => self.always(PURPOSE_DRUG, &case.disease.drugs),
            Slot::Prefecture => &case.prefecture.name,
            Slot::City => self.always(PURPOSE_CITY, &case.prefecture.cities),
            Slot::Surname => self.always(PURPOSE_SURNAME, &data.people.surnames),
            Slot::FullName => {
                self.out.push_str(self.always(PURPOSE_SURNAME, &data.people.surnames));
                // Only of a patient who calls the sex is known.
                let male = if case.relation.is_none() { case.sex == "男性" } else { fixed(case.key, PURPOSE_CALLER_SEX, 2) == 0 };
                self.always(PURPOSE_GIVEN, if male { &data.people.male_names } else { &data.people.female_names })
            }
            Slot::Sex => case.sex,
            Slot::Age => return self.number(format_args!("{}", case.age)),
            Slot::Phone => return self.phone(),
            Slot::Date => {
                let days = u64::from(self.random.between(3, 45));
                return self.date(case.day.checked_add_days(Days::new(days)));
            }
            Slot::PastDate => {
                let days = u64::from(self.random.between(10, 120));
                return self.date(case.day.checked_sub_days(Days::new(days)));
            }
            Slot::BirthDate => return self.birth_date(),
            Slot::RecordId => {
                let (a, b) = (self.random.below(10_000), self.random.below(10_000));
                return self.number(format_args!("{a:04}-{b:04}"));
            }
            Slot::Mail => {
                let name = self.always(PURPOSE_MAIL, &data.people.mail_names);
                let number = self.random.below(100);
                return self.number(format_args!("{name}{number:02}@example.jp"));
            }
            Slot::Fixed(list) => {
                let words = &data.compiler.lists.fixed[usize::from(list)].1;
                self.always(PURPOSE_LISTS + u64::from(list), words)
            }
            Slot::Free(list) => self.random.choose::<Box<str>>(&data.compiler.lists.free[usize::from(list)].1),
        };
        self.out.push_str(word);
    }

    fn date(&mut self, date: Option<NaiveDate>) {
        let date = date.unwrap_or_default();
        self.number(format_args!("{}月{}日", date.month(), date.day()));
    }

    fn number(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.out.write_fmt(arguments);
    }

    /// Numbers that no one can have: in Japan no subscriber's number begins with 0 after the area code.
    fn phone(&mut self) {
        let (a, b) = (self.random.below(1000), self.random.below(10_000));
        match self.random.below(6) {
            0 => self.number(format_args!("03-0{a:03}-{b:04}")),
            1 => self.number(format_args!("0900{a:03}{b:04}")),
            2 => {
                let plain = format!("080-0{a:03}-{b:04}");
                self.out.extend(plain.chars().map(wide));
            }
            3 => {
                let plain = format!("090の0{a:03}の{b:04}");
                self.out.extend(plain.chars().map(kanji_digit));
            }
            4 => self.number(format_args!("080 0{a:03} {b:04}")),
            _ => self.number(format_args!("090-0{a:03}-{b:04}")),
        }
    }

    /// The patient's date of birth, in the era of the year.
    fn birth_date(&mut self) {
        let year = 2024u32.saturating_sub(self.case.age);
        let (month, day) = (self.random.between(1, 12), self.random.between(1, 28));
        let (era, first) = match year {
            2020.. => ("令和", 2018),
            1990.. => ("平成", 1988),
            _ => ("昭和", 1925),
        };
        self.number(format_args!("{era}{}年{month}月{day}日", year.saturating_sub(first).max(1)));
    }
}

fn patient<'g>(case: &Case<'g>, own: &'static str) -> &'g str {
    match (case.voice, case.relation) {
        (Voice::Clinician, _) => "患者さん",
        (_, Some(relation)) => &relation.word,
        _ => own,
    }
}

fn honorific<'g>(case: &Case<'g>) -> Option<&'g str> {
    match (case.voice, case.relation) {
        (Voice::Clinician, _) => Some("患者さん"),
        (_, Some(relation)) => Some(&relation.honorific),
        _ => None,
    }
}

/// Full-width digits and hyphens, as many forms are filled in.
fn wide(c: char) -> char {
    match c {
        '-' => '－',
        c => c.to_digit(10).and_then(|d| char::from_u32(u32::from('０') + d)).unwrap_or(c),
    }
}

/// Digits as a transcriber writes what was said.
fn kanji_digit(c: char) -> char {
    const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    c.to_digit(10).map_or(c, |d| DIGITS[d as usize])
}

//! A call as it is spoken: greeting, who is calling, questions about the illness, the concerns, what the counsellor
//! offers, good-bye.

use super::case::Voice;
use super::compose::Composer;
use super::data::{Question, Theme};
use super::template::Pool;

/// Characters a transcript aims at: the sum of two draws, so that most calls are of middling length.
const TARGET_CHARS: (u32, u32) = (270, 778);
/// The same for clinicians, who are brief, and the bereaved.
const SHORT_TARGET_CHARS: (u32, u32) = (130, 400);

/// Percent of callers who leave name and telephone number.
const CONTACT_PERCENT: u32 = 24;

impl<'g> Composer<'_, 'g> {
    /// Writes `"turns":[…]`.
    pub(super) fn transcript(&mut self) {
        self.out.push_str("\"turns\":[");
        match self.case.voice {
            Voice::Clinician => self.clinician_call(),
            _ => self.call(),
        }
        // The last turn left a comma.
        self.out.pop();
        self.out.push(']');
    }

    /// A turn; what the same speaker says next continues it.
    fn turn(&mut self, speaker: &'static str, words: impl FnOnce(&mut Self)) {
        const END: &str = "\"},";
        let start = self.out.len();
        if self.speaking == speaker {
            self.out.truncate(start - END.len());
        } else {
            self.out.push_str("{\"speaker\":\"");
            self.out.push_str(speaker);
            self.out.push_str("\",\"text\":\"");
        }
        let text = self.out.len();
        words(self);
        if self.out.len() == text && self.speaking != speaker {
            // Nothing fitted: no turn.
            self.out.truncate(start);
            return;
        }
        self.speaking = speaker;
        self.out.push_str(END);
    }

    fn caller(&mut self, words: impl FnOnce(&mut Self)) {
        self.turn("caller", words);
    }

    fn counsellor(&mut self, words: impl FnOnce(&mut Self)) {
        self.turn("counsellor", words);
    }

    fn theme(&self) -> &'g Theme {
        &self.data.themes[self.case.theme]
    }

    fn target(&mut self, (low, high): (u32, u32)) -> usize {
        (self.random.between(low, high) + self.random.between(low, high)) as usize
    }

    fn call(&mut self) {
        let (data, case, talk) = (self.data, self.case, &self.data.talk);
        let bereaved = case.bereaved;
        let target = self.target(if bereaved { SHORT_TARGET_CHARS } else { TARGET_CHARS });
        self.counsellor(|c| _ = c.say(&talk.opening));
        self.caller(|c| {
            c.maybe(35, &talk.hesitation);
            let key = if bereaved { "bereaved" } else { case.voice.key() };
            if let Some(intro) = talk.intro.get(key) {
                c.say(intro);
            }
            c.say(&c.theme().opening);
        });
        if !bereaved {
            let wanted = if target > 1000 { 4 } else { 3 } + self.random.below(2);
            self.questions(&talk.question, wanted);
        }
        let second = case.second.map(|s| &data.themes[s]);
        // Room for what the counsellor offers and for the good-byes.
        let end = target.saturating_sub(190);
        let turn_to_second = self.chars + (end.saturating_sub(self.chars)) * 60 / 100;
        let mut turned = false;
        while self.chars < end {
            let theme = second.filter(|_| self.chars >= turn_to_second).unwrap_or(self.theme());
            let turning = !turned && second.is_some_and(|s| std::ptr::eq(s, theme));
            if turning {
                turned = true;
                self.counsellor(|c| _ = c.say(&talk.more));
            }
            let before = self.chars;
            self.concern(theme, turning);
            if self.chars == before {
                break;
            }
        }
        self.ending();
    }

    /// A few questions about the illness, with their answers.
    fn questions(&mut self, questions: &'g [Question], wanted: u32) {
        let questions: Vec<&'g Question> = questions.iter().filter(|q| self.case.facts.satisfy(q.when)).collect();
        let clinician = self.case.voice == Voice::Clinician;
        let mut asked = 0u64;
        for _ in 0..wanted {
            let at = self.random.below(u32::try_from(questions.len()).unwrap_or(0)) as usize;
            if at >= questions.len() || (asked >> at) & 1 == 1 {
                continue;
            }
            asked |= 1 << at;
            let question = questions[at];
            self.counsellor(|c| {
                c.maybe(if clinician { 0 } else { 60 }, &c.data.talk.acknowledge);
                c.say(&question.ask);
            });
            self.caller(|c| {
                c.maybe(if clinician { 0 } else { 40 }, &c.data.talk.filler);
                c.say(&question.answer);
                if !clinician && c.random.chance(35) {
                    c.say(&c.data.talk.aside);
                }
            });
        }
    }

    /// The caller tells of a concern; the counsellor answers.
    fn concern(&mut self, theme: &'g Theme, turning: bool) {
        let talk = &self.data.talk;
        self.caller(|c| {
            if turning {
                c.say(&talk.transition);
            } else {
                c.maybe(42, &talk.filler);
            }
            for _ in 0..[1, 1, 2, 2, 3][c.random.below(5) as usize] {
                c.say_concern(theme);
            }
            if !c.case.bereaved {
                c.maybe(12, &talk.aside);
            }
        });
        match self.random.below(100) {
            // Most general remarks are about the illness and its treatment.
            25..=59 if self.case.bereaved => self.counsellor(|c| _ = c.say(&talk.acknowledge)),
            0..=24 => self.counsellor(|c| _ = c.say(&talk.acknowledge)),
            25..=59 => self.counsellor(|c| {
                c.maybe(30, &talk.acknowledge);
                c.say(&talk.general);
            }),
            _ => {
                self.counsellor(|c| {
                    c.maybe(45, &talk.acknowledge);
                    c.say(&theme.counsellor);
                });
                if self.random.chance(45) {
                    self.caller(|c| _ = c.say(&talk.reply));
                }
            }
        }
    }

    /// A sentence of the theme in the caller's voice.
    fn say_concern(&mut self, theme: &'g Theme) {
        let own: Option<&'g Pool> = match self.case.voice {
            // The words of the families of the living are not for the bereaved.
            _ if self.case.bereaved => None,
            Voice::Own => Some(&theme.own),
            Voice::Family => Some(&theme.family),
            _ => None,
        };
        let preferred = own.filter(|_| self.random.chance(40));
        if preferred.is_some_and(|pool| self.say(pool)) || self.say(&theme.anyone) {
            return;
        }
        if let Some(own) = own {
            self.say(own);
        }
    }

    fn ending(&mut self) {
        let talk = &self.data.talk;
        if self.case.outcome == "中断" {
            self.caller(|c| c.literal("あ、すみません、ちょっと人が来たみたいなので、またかけ直します。"));
            return;
        }
        if let Some(outcome) = talk.outcome.get(self.case.outcome) {
            self.counsellor(|c| {
                c.say(outcome);
                if c.random.chance(40) {
                    c.say(outcome);
                }
            });
            self.caller(|c| _ = c.say(&talk.react));
        }
        if self.random.chance(CONTACT_PERCENT) {
            self.counsellor(|c| _ = c.say(&talk.contact));
            self.caller(|c| _ = c.say(&talk.contact_answer));
        }
        if self.random.chance(85) {
            self.counsellor(|c| _ = c.say(&talk.farewell));
        }
        self.caller(|c| _ = c.say(&talk.thanks));
    }

    fn clinician_call(&mut self) {
        let (case, talk) = (self.case, &self.data.talk);
        let target = self.target(SHORT_TARGET_CHARS);
        self.counsellor(|c| _ = c.say(&talk.opening));
        self.caller(|c| {
            if let Some(intro) = talk.intro.get(case.voice.key()) {
                c.say(intro);
            }
            c.say(&c.theme().clinician_opening);
        });
        self.counsellor(|c| _ = c.say(&talk.clinician_ask));
        self.caller(|c| {
            c.say(&talk.clinician_summary);
            c.maybe(60, &talk.clinician_summary);
        });
        let wanted = self.random.between(1, 3);
        self.questions(&talk.clinician_question, wanted);
        let second = case.second.map(|s| &self.data.themes[s]);
        let end = target.saturating_sub(150);
        let turn_to_second = self.chars + (end.saturating_sub(self.chars)) * 60 / 100;
        while self.chars < end {
            let theme = second.filter(|_| self.chars >= turn_to_second).unwrap_or(self.theme());
            self.counsellor(|c| _ = c.say(&talk.clinician_counsellor));
            let before = self.chars;
            self.caller(|c| {
                c.maybe(30, &talk.clinician_reply);
                c.say(&theme.clinician);
                c.maybe(35, &theme.clinician);
            });
            // The few concerns of a clinician are soon said.
            if self.chars < before + 12 {
                break;
            }
        }
        if let Some(outcome) = talk.outcome.get(case.outcome) {
            self.counsellor(|c| _ = c.say(outcome));
        }
        self.caller(|c| _ = c.say(&talk.clinician_thanks));
    }

    fn maybe(&mut self, percent: u32, pool: &'g Pool) {
        if self.random.chance(percent) {
            self.say(pool);
        }
    }
}

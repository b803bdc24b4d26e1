//! A call as a counsellor's notes: who, the illness, the concerns, what was done; one sentence a line.

use super::case::Voice;
use super::compose::Composer;
use super::template::Pool;

/// Percent of notes that keep the caller's name and telephone number.
const CONTACT_PERCENT: u32 = 15;

impl<'g> Composer<'_, 'g> {
    /// Writes `"text":"…"`.
    pub(super) fn note(&mut self) {
        let (case, data, notes) = (self.case, self.data, &self.data.notes);
        self.out.push_str("\"text\":\"");
        let bereaved = case.bereaved;
        let clinician = case.voice == Voice::Clinician;
        if let Some(head) = notes.head.get(if bereaved { "bereaved" } else { case.voice.key() }) {
            self.say(head);
        }
        if !bereaved {
            let background = if clinician { &notes.clinician_background } else { &notes.background };
            for _ in 0..self.random.between(3, 5) {
                self.line(background);
            }
        }
        for _ in 0..self.random.between(3, 6) {
            self.line(&data.themes[case.theme].notes);
        }
        if let Some(second) = case.second {
            for _ in 0..self.random.between(2, 3) {
                self.line(&data.themes[second].notes);
            }
        }
        if !clinician && self.random.chance(45) {
            self.line(&notes.feeling);
        }
        self.line(&notes.response);
        if self.random.chance(50) {
            self.line(&notes.response);
        }
        if let Some(action) = notes.action.get(case.outcome) {
            self.line(action);
            if self.random.chance(35) {
                self.line(action);
            }
        }
        if self.random.chance(CONTACT_PERCENT) {
            self.line(&notes.contact);
        }
        self.out.push('"');
    }

    fn line(&mut self, pool: &'g Pool) {
        let before = self.out.len();
        self.out.push_str("\\n");
        if self.say(pool) {
            self.chars += 1;
        } else {
            self.out.truncate(before);
        }
    }
}

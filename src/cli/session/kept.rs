//! What the survey keeps, so that a small input need not be read again.

use super::OpenValues;
use crate::consultation::{Attributes, Consultation, Profile};

/// The bytes of text up to which consultations are kept: some 20,000 calls.
pub(super) const KEPT_BYTES: usize = 64 << 20;

/// Consultations with the values of their open attributes, whose codes are not known before all rows are.
pub(super) struct Kept {
    consultations: Option<Vec<(Consultation, OpenValues)>>,
    /// Bytes there is room for.
    room: usize,
}

impl Kept {
    /// Keeps so many bytes of text; where there are more, nothing.
    pub(super) fn up_to(bytes: usize) -> Self {
        Self { consultations: Some(Vec::new()), room: bytes }
    }

    pub(super) fn push(&mut self, consultation: Consultation, values: OpenValues) {
        let Some(kept) = &mut self.consultations else { return };
        let bytes: usize = consultation.utterances.iter().map(|u| size_of_val(u) + u.text.len()).sum();
        match self.room.checked_sub(bytes) {
            Some(room) => {
                self.room = room;
                kept.push((consultation, values));
            }
            None => self.consultations = None,
        }
    }

    /// The consultations as a second reading under the complete `profile` would give them.
    pub(super) fn coded(self, profile: &Profile) -> Option<Vec<Consultation>> {
        let coded = |(consultation, values): (Consultation, OpenValues)| {
            let closed = consultation.attributes.pairs().iter().copied().filter(|(id, _)| !profile.get(*id).open);
            let open = values.iter().filter_map(|(id, value)| Some((*id, profile.get(*id).codes.find(value)?)));
            Consultation { attributes: Attributes::new(closed.chain(open).collect()), ..consultation }
        };
        Some(self.consultations?.into_iter().map(coded).collect())
    }
}

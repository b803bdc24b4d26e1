//! What one pass over a batch counts.

use super::phrase::JOINT;
use super::{Term, TermMatrixBuilder};
use crate::morphology::Lexicon;

/// Terms and phrases of a batch, row by row.
#[derive(Debug, Clone)]
pub struct Counts {
    /// Words and compounds that count.
    pub terms: TermMatrixBuilder,
    /// Phrases by which something could be called.
    pub phrases: TermMatrixBuilder,
}

impl Counts {
    /// No rows yet, for words of that lexicon.
    pub fn new(lexicon: &Lexicon) -> Self {
        Self { terms: TermMatrixBuilder::new(lexicon), phrases: TermMatrixBuilder::new(lexicon) }
    }

    /// The same, where the order of the terms is kept, too.
    pub fn in_order(lexicon: &Lexicon) -> Self {
        Self { terms: TermMatrixBuilder::in_order(lexicon), phrases: TermMatrixBuilder::new(lexicon) }
    }

    /// Counts one occurrence of a phrase in the current row; a compound is a term, too, unless it begins with a number (2コース) or
    /// is no noun (具体的).
    pub fn add_phrase(&mut self, phrase: &str) {
        if !phrase.contains(JOINT) && !phrase.starts_with(|c: char| c.is_ascii_digit()) && !phrase.ends_with('的') {
            self.terms.add_compound(phrase);
        }
        self.phrases.add(Term::Text(phrase));
    }

    /// Ends the current row.
    pub fn end_row(&mut self) {
        self.terms.end_row();
        self.phrases.end_row();
    }

    /// Rows ended so far.
    pub fn rows(&self) -> usize {
        self.terms.rows()
    }

    /// Appends the rows of `other`, which come after these.
    pub fn merge(&mut self, other: Self) {
        self.terms.merge(other.terms);
        self.phrases.merge(other.phrases);
    }
}

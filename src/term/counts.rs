//! What one pass over a batch counts.

use super::TermMatrixBuilder;
use crate::morphology::Lexicon;

/// Terms and phrases of a batch, row by row.
#[derive(Debug, Clone)]
pub struct Counts {
    /// Words that count.
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

//! Meaning: where does a consultation stand in a space of few dimensions? Weighted counts to latent vectors (LSA),
//! words to static embeddings.
//!
//! Useful for: comparing and clustering consultations. Not for: explaining them (labels come from the counts).

mod dense;
pub mod embedding;
mod lsa;
mod weighted;
mod words;

pub(crate) use dense::eigen;
pub use lsa::{Lsa, project};
pub use weighted::WeightedMatrix;
pub(crate) use weighted::weigh_row;
pub use words::WordView;

//! Meaning: where does a consultation stand in a space of few dimensions? Weighted counts to latent vectors (LSA).

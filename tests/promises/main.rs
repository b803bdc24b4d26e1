//! What kikitori promises, one module per promise. The tests use the binary and the library as a user does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, missing_docs)]

mod audit;
mod bad_input;
mod codes;
mod coding;
mod determinism;
mod embedding;
mod evaluation;
mod forms;
mod layers;
mod lineage;
mod privacy;
mod support;

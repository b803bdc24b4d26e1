//! The only door to the disk: readers, dictionaries, models, publishing.

// `clippy.toml` bans files, clock and environment everywhere else, so that the stages stay pure functions. Here they
// are allowed: this is where they belong.
#![allow(clippy::disallowed_methods)]

pub mod config;
pub mod embedding;
pub mod encoding;
pub mod fs;
pub mod init;
pub mod key;
pub mod lock;
pub mod manifest;
pub mod methods;
pub mod model;
pub mod parquet;
pub mod passages;
pub mod peers;
pub mod publish;
pub mod published;
pub mod read;
pub mod resources;
pub mod sheet;
pub mod stages;

//! The only door to the disk: readers, dictionaries, models, publishing.

pub mod parquet;

//! The only door to the disk: readers, dictionaries, models, publishing.

pub mod encoding;
pub mod init;
pub mod read;

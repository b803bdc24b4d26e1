//! The stages in order and the thread pool.

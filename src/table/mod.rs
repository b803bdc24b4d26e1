//! Tables: one file per published table: its columns, their documentation, and values to record batches.

//! Dates as centres write them.

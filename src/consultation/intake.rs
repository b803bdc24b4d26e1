//! From a row to a consultation.

//! Disclosure control: which cells of a table may be shown?

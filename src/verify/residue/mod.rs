//! Residue: identity codes and other direct identifiers in pseudonymised data, in any disguise.
//!
//! GDPR articles 4(5) and 25; EDPB Guidelines 01/2025: nothing in pseudonymised data attributes them to a person.
//! The finders are in `detect`; this folder runs them over tables and files, counts, and judges.

mod birth_dates;
mod cell_notes;
mod cells;
mod column;
mod column_names;
mod contract_identifiers;
mod file;
mod labels;
mod metadata;
mod other_files;
mod positions;
mod report;
mod running;
mod split;
mod subjects;
mod table;
mod tally;
#[cfg(test)]
mod tests;
mod verdict;

pub(super) use contract_identifiers::Patterns;
pub(super) use report::check_report;
pub(super) use subjects::{TablesRead, check};
pub(super) use table::{Scan, Search};

//! Persons without an identifier: found in the sources before an extract, joined, and given a pseudonym of the holder.
//!
//! 1. [`survey`] reads the rows without an identifier and joins those of one person ([`join`]).
//! 2. [`Codeless`] tells for each such row which person it is, while the rows are extracted.
//! 3. [`LinkageRows`] gathers names, birth date and address of everyone who is delivered.
//! 4. [`tokens`] writes the table of linkage tokens from them.

mod fields;
mod join;
mod rows;
mod survey;
mod tokens;

use std::collections::HashMap;

pub(super) use fields::{FieldsReader, RowFields};
pub(super) use rows::{AddedRows, LinkageRows};
pub(super) use survey::survey;
pub(super) use tokens::write_tokens;

use super::people::LocalFacts;
use salanimi_core::LocalPerson;

/// Persons without an identifier, by what the holder knows of them.
#[derive(Default)]
pub(super) struct Codeless {
    resolutions: HashMap<LocalPerson, Resolution>,
    pub(super) counts: SurveyCounts,
}

/// Counts of a survey.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct SurveyCounts {
    /// Records of persons that were joined with another of the holder.
    pub(super) joined: u64,
    /// Client numbers that stand for several persons, which are refused.
    pub(super) refused: u64,
}

/// Resolution of a person without an identifier.
#[derive(Clone)]
pub(super) enum Resolution {
    /// Another row with the same client number has this canonical identifier.
    Identified(Vec<u8>),
    /// The holder knows the person under a pseudonym of its own.
    Local(LocalFacts),
    /// The client number stands for several persons.
    Refused,
}

impl Codeless {
    /// Returns the resolution of a person; `None` if the survey did not meet the person.
    pub(super) fn resolution(&self, person: &LocalPerson) -> Option<&Resolution> {
        self.resolutions.get(person)
    }
}

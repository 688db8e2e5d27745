//! The person column: identifiers in, pseudonyms out, with birth date and sex derived on the way.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use super::lists::{PersonList, PersonLists};
use super::old_codes::OldCodes;
use super::profile::{Bucket, bucket};
use super::selection::CohortSelection;
use crate::table::Notation;
use salanimi_core::{Day, Identifier, IdentityCode, PSEUDONYM_BYTES, Pseudonym, Pseudonymiser, Reason, Sex, Syntax};

/// Facts about the person of a row, without the identifier.
#[allow(clippy::struct_excessive_bools, reason = "independent facts, each used alone")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) pseudonym: Pseudonym,
    pub(super) birth: Option<Day>,
    pub(super) sex: Option<Sex>,
    pub(super) temporary: bool,
    /// `true` if the code was replaced by a newer one.
    pub(super) changed: bool,
    pub(super) in_cohort: bool,
    pub(super) excluded: bool,
    pub(super) protected: bool,
    /// Counter of the person in the profile.
    pub(super) bucket: Bucket,
}

/// Reader of person columns of one kind.
pub(super) struct People<'a> {
    pub(super) syntax: &'a Syntax,
    pub(super) old_codes: &'a OldCodes,
    pub(super) lists: &'a PersonLists,
    pub(super) replacement: PersonReplacement<'a>,
}

/// Replacement of a person's identifier.
pub(super) enum PersonReplacement<'a> {
    /// A dry run has no key: every pseudonym is zero and is never written.
    None,
    /// Pseudonyms.
    Pseudonyms(Box<Pseudonymiser>),
    /// Numbers, for the selection of a cohort list.
    Numbers(&'a CohortSelection),
}

impl PersonReplacement<'_> {
    fn replace(&self, identifier: &Identifier<'_>) -> Pseudonym {
        match self {
            Self::None => Pseudonym([0; PSEUDONYM_BYTES]),
            Self::Pseudonyms(pseudonymiser) => pseudonymiser.pseudonym(identifier),
            Self::Numbers(selection) => selection.number(identifier),
        }
    }
}

impl People<'_> {
    /// Returns the person of each row, or the reason for which the row has none.
    pub(super) fn read(
        &self,
        column: &ArrayRef,
        notation: &Notation,
    ) -> Result<Vec<Result<Person, Reason>>, ArrowError> {
        let texts = cast(column, &DataType::Utf8)?;
        let texts = texts.as_string::<i32>();
        let mut persons: Vec<Result<Person, Reason>> = Vec::with_capacity(texts.len());
        for row in 0..texts.len() {
            // Rows of one person often follow each other.
            let repeats =
                row > 0 && texts.is_valid(row) && texts.is_valid(row - 1) && texts.value(row) == texts.value(row - 1);
            persons.push(match repeats {
                true => persons[row - 1],
                false if texts.is_null(row) || notation.is_missing(texts.value(row).trim()) => Err(Reason::Missing),
                false => self.person(texts.value(row).as_bytes()),
            });
        }
        Ok(persons)
    }

    fn person(&self, raw: &[u8]) -> Result<Person, Reason> {
        let identifier = self.syntax.canonical(raw)?;
        match self.old_codes.newest(identifier.as_bytes()) {
            Some(newest) => Ok(self.facts(&self.syntax.canonical(newest)?, true)),
            None => Ok(self.facts(&identifier, false)),
        }
    }

    fn facts(&self, identifier: &Identifier<'_>, changed: bool) -> Person {
        let bytes = identifier.as_bytes();
        let code = identifier.identity_code();
        Person {
            pseudonym: self.replacement.replace(identifier),
            birth: code.map(IdentityCode::birth_day),
            sex: code.map(IdentityCode::sex),
            temporary: identifier.is_temporary(),
            changed,
            in_cohort: self.lists.cohort.is_none() || is_on(self.lists.cohort.as_ref(), bytes),
            excluded: is_on(self.lists.exclude.as_ref(), bytes),
            protected: is_on(self.lists.protect.as_ref(), bytes),
            bucket: bucket(bytes),
        }
    }
}

fn is_on(list: Option<&PersonList>, identifier: &[u8]) -> bool {
    list.is_some_and(|list| list.finds(identifier))
}

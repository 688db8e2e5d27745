//! The person column: identifiers in, pseudonyms out, with birth date and sex derived on the way.

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use super::lists::{PersonList, PersonLists};
use super::old_codes::OldCodes;
use super::profile::{Bucket, bucket};
use super::selection::CohortSelection;
use crate::config::{Origin, Source, Table};
use crate::exchange::{CODED, CODELESS, TEMPORARY};
use crate::table::{Notation, SourceBatch};
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
    pub(super) stratum: Stratum,
    /// The reason for which the row has no identifier.
    pub(super) lacks: Option<Reason>,
    /// `true` if the identifier was found by the client number in another row.
    pub(super) by_client: bool,
    /// Counter of the person in the profile.
    pub(super) bucket: Bucket,
}

/// How a person is known to the holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stratum {
    /// By an identifier.
    Coded = CODED as isize,
    /// Without an identifier.
    Codeless = CODELESS as isize,
    /// By a temporary identifier, which means nothing to others.
    Temporary = TEMPORARY as isize,
}

impl Stratum {
    /// All strata.
    pub(super) const ALL: [Self; 3] = [Self::Coded, Self::Codeless, Self::Temporary];

    pub(super) fn from_number(number: i32) -> Self {
        match Self::ALL.iter().find(|stratum| **stratum as i32 == number) {
            Some(stratum) => *stratum,
            None => unreachable!("only numbers of strata are pushed"),
        }
    }
}

/// Facts about a person without an identifier.
#[derive(Debug, Clone, Copy)]
pub(super) struct LocalFacts {
    pub(super) pseudonym: Pseudonym,
    /// Birth date, if all rows agree and it is a day of the calendar.
    pub(super) birth: Option<Day>,
    /// Sex, if all rows agree.
    pub(super) sex: Option<Sex>,
}

/// Reader of person columns of one kind.
pub(super) struct People<'a> {
    pub(super) syntax: &'a Syntax,
    pub(super) old_codes: &'a OldCodes,
    pub(super) lists: &'a PersonLists,
    pub(super) replacement: PersonReplacement<'a>,
    /// `true` if a cohort list leaves persons without an identifier in.
    pub(super) codeless_in_cohort: bool,
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

    /// Returns the person column of a batch as text; `None` if the source has none.
    pub(super) fn texts(
        table: &Table,
        source: &Source,
        batch: &SourceBatch,
    ) -> Result<Option<StringArray>, ArrowError> {
        match &source.origins[table.person] {
            Origin::Header(header) => {
                let texts = cast(&batch.columns[*header], &DataType::Utf8)?;
                Ok(Some(texts.as_string().clone()))
            }
            _ => Ok(None),
        }
    }

    /// Returns the newest canonical form of an identifier.
    pub(super) fn canonical(&self, raw: Option<&str>) -> Result<Vec<u8>, Reason> {
        let identifier = self.syntax.canonical(raw.ok_or(Reason::Missing)?.as_bytes())?;
        let canonical = identifier.as_bytes();
        Ok(self.old_codes.newest(canonical).unwrap_or(canonical).to_vec())
    }

    /// Returns the person of a row without an identifier, by an identifier that another row has.
    pub(super) fn identified(&self, canonical: &[u8]) -> Result<Person, Reason> {
        Ok(Person { by_client: true, ..self.facts(&self.syntax.canonical(canonical)?, false) })
    }

    /// Returns a person without an identifier.
    pub(super) fn local(&self, facts: &LocalFacts, lacks: Reason) -> Person {
        Person {
            pseudonym: facts.pseudonym,
            birth: facts.birth,
            sex: facts.sex,
            temporary: false,
            changed: false,
            in_cohort: self.lists.cohort.is_none() || self.codeless_in_cohort,
            excluded: false,
            protected: false,
            stratum: Stratum::Codeless,
            lacks: Some(lacks),
            by_client: false,
            bucket: bucket(&facts.pseudonym.0),
        }
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
            stratum: if identifier.is_temporary() { Stratum::Temporary } else { Stratum::Coded },
            lacks: None,
            by_client: false,
            bucket: bucket(bytes),
        }
    }
}

fn is_on(list: Option<&PersonList>, identifier: &[u8]) -> bool {
    list.is_some_and(|list| list.finds(identifier))
}

//! The person column: identifiers in, pseudonyms out, and what the identity code tells before it is gone.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use super::chosen::Chosen;
use super::lists::PersonLists;
use super::old_codes::OldCodes;
use crate::crypto::{KeyedHash, ProjectKeys};
use crate::table::Notation;
use salanimi_core::{Day, Id, Identifier, PSEUDONYM_BYTES, Pseudonym, Reason, Sex, Syntax};

/// The keyed hashes of one kind of identifier.
pub(super) struct PersonHashes {
    person: KeyedHash,
    temporary: KeyedHash,
}

impl PersonHashes {
    pub(super) fn new(keys: &ProjectKeys<'_>, kind: &Id, holder: &Id) -> Self {
        Self { person: keys.person(kind), temporary: keys.temporary(kind, holder) }
    }

    fn pseudonym(&self, identifier: &Identifier<'_>) -> Pseudonym {
        let hash = if identifier.is_temporary() { &self.temporary } else { &self.person };
        Pseudonym(hash.leftmost(identifier.as_bytes()))
    }
}

/// What a row says of its person, with the identifier gone.
#[allow(clippy::struct_excessive_bools, reason = "independent facts, each asked for alone")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) pseudonym: Pseudonym,
    pub(super) birth: Option<Day>,
    pub(super) sex: Option<Sex>,
    pub(super) temporary: bool,
    pub(super) changed: bool,
    pub(super) in_cohort: bool,
    pub(super) excluded: bool,
    pub(super) protected: bool,
}

/// Reads person columns of one kind.
pub(super) struct People<'a> {
    pub(super) syntax: &'a Syntax,
    pub(super) old_codes: &'a OldCodes,
    pub(super) lists: &'a PersonLists,
    pub(super) names: PersonNames<'a>,
}

/// What stands for a person once the identifier is gone.
pub(super) enum PersonNames<'a> {
    /// Nothing: a dry run needs no key. Pseudonyms are then all zero and go nowhere.
    Nothing,
    /// A pseudonym.
    Hashes(Box<PersonHashes>),
    /// A number, for a list of chosen persons.
    Numbers(&'a Chosen),
}

impl PersonNames<'_> {
    fn of(&self, identifier: &Identifier<'_>) -> Pseudonym {
        match self {
            Self::Nothing => Pseudonym([0; PSEUDONYM_BYTES]),
            Self::Hashes(hashes) => hashes.pseudonym(identifier),
            Self::Numbers(chosen) => chosen.number(identifier),
        }
    }
}

impl People<'_> {
    /// The person of each row, or why it has none.
    pub(super) fn read(
        &self,
        column: &ArrayRef,
        notation: &Notation,
    ) -> Result<Vec<Result<Person, Reason>>, ArrowError> {
        let texts = cast(column, &DataType::Utf8)?;
        let texts = texts.as_string::<i32>();
        let mut persons: Vec<Result<Person, Reason>> = Vec::with_capacity(texts.len());
        for row in 0..texts.len() {
            // Rows of one person often stand together.
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
        if self.old_codes.is_empty() {
            return Ok(self.known(&identifier, false));
        }
        match self.old_codes.newest(identifier.as_bytes()) {
            Some(newest) => Ok(self.known(&self.syntax.canonical(newest)?, true)),
            None => Ok(self.known(&identifier, false)),
        }
    }

    fn known(&self, identifier: &Identifier<'_>, changed: bool) -> Person {
        let bytes = identifier.as_bytes();
        let on = |list: &Option<super::lists::PersonList>| list.as_ref().is_some_and(|l| l.finds(bytes));
        let code = identifier.identity_code();
        Person {
            pseudonym: self.names.of(identifier),
            birth: code.map(salanimi_core::IdentityCode::birth_day),
            sex: code.map(salanimi_core::IdentityCode::sex),
            temporary: identifier.is_temporary(),
            changed,
            in_cohort: self.lists.cohort.is_none() || on(&self.lists.cohort),
            excluded: on(&self.lists.exclude),
            protected: on(&self.lists.protect),
        }
    }
}

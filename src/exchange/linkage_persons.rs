//! Persons of the tables of linkage tokens, against the rows of all deliveries: a holder states tokens of its own
//! persons only.

use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{Array, AsArray};
use arrow::datatypes::UInt16Type;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::delivery::Delivery;
use super::delivery_error::DeliveryError;
use super::linkage::{CODED, CODELESS, LinkageEntry, PADDING, STRATUM, TEMPORARY, linkage_fields};
use crate::config::Contract;
use crate::table::{Field, ParquetTable, SourceError, ValueType, decode_column, keys};

/// Positions of the columns with pseudonym and stratum.
const PERSON_COLUMNS: [usize; 2] = [0, 1];

/// A table of linkage tokens that states persons other than its holder's own.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum LinkagePersonsError {
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(
        "{title}: its table of linkage tokens is not sorted by pseudonym, or holds something else than tokens; ask the \
         holder for a new delivery"
    )]
    Tokens { title: String },
    #[error("{title}, table '{table}': its pseudonyms cannot be read; ask the holder for a new delivery")]
    Pseudonyms { title: String, table: String },
    #[error(
        "{title}: the account states other numbers of persons than the table of linkage tokens has; do not use it, and \
         ask the holder for a new delivery"
    )]
    Account { title: String },
    #[error(
        "{title}: it has a person without a code under a pseudonym that is another person's, which `extract` never \
         delivers; do not use it, and ask the holder for a new delivery"
    )]
    PersonOfOthers { title: String },
    #[error(
        "{title}: its table of linkage tokens has a person of whom the holder delivers no row, which `extract` never \
         does; do not use it, and ask the holder for a new delivery"
    )]
    WithoutRows { title: String },
}

/// A person with tokens.
struct Person {
    pseudonym: u128,
    /// Position of the holder's first delivery.
    holder: usize,
    stratum: u16,
    /// Position of the delivery with the tokens.
    delivery: usize,
}

/// Reads pseudonym and stratum of every row of a table of linkage tokens, in the order of the pseudonyms.
///
/// # Errors
/// The table cannot be read, is not sorted, or has empty cells.
pub fn linkage_persons(title: &str, file: &ParquetTable) -> Result<Vec<(u128, u16)>, LinkagePersonsError> {
    let content_error = || LinkagePersonsError::Tokens { title: title.to_owned() };
    let strata: Vec<Field> = linkage_fields().into_iter().filter(|field| field.name == STRATUM).collect();
    let mut persons: Vec<(u128, u16)> = Vec::with_capacity(file.rows() as usize);
    for batch in file.column_batches(0..file.row_groups(), &PERSON_COLUMNS) {
        let batch = batch?;
        let pseudonyms = decode_column(batch.column(0), &ValueType::Pseudonym);
        let of_rows = decode_column(batch.column(1), &strata[0].value);
        let (pseudonyms, of_rows) = pseudonyms.zip(of_rows).ok_or_else(content_error)?;
        if pseudonyms.null_count() + of_rows.null_count() > 0 {
            return Err(content_error());
        }
        let of_rows = of_rows.as_primitive::<UInt16Type>().values();
        persons.extend(keys(&pseudonyms).into_iter().zip(of_rows.iter().copied()));
    }
    let is_sorted = persons.windows(2).all(|pair| pair[0].0 < pair[1].0);
    if is_sorted { Ok(persons) } else { Err(content_error()) }
}

/// Checks the persons of all tables of linkage tokens: each account states their numbers, every person has rows of the
/// same holder in a table that linkage reads, and nobody without an identifier has rows of another holder.
///
/// # Errors
/// A table breaks one of these rules, or cannot be read.
pub fn check_linkage_persons(contract: &Contract, deliveries: &[Delivery]) -> Result<(), LinkagePersonsError> {
    let persons = all_persons(deliveries)?;
    if persons.is_empty() {
        return Ok(());
    }
    let has_rows: Vec<AtomicBool> = persons.iter().map(|_| AtomicBool::new(false)).collect();
    let check = Check { contract, deliveries, persons: &persons, has_rows: &has_rows };
    let of_deliveries: Vec<_> = deliveries.par_iter().enumerate().map(|(at, _)| check.delivery(at)).collect();
    // Collected first, so that the error is always that of the first bad delivery.
    of_deliveries.into_iter().collect::<Result<(), _>>()?;
    match persons.iter().zip(&has_rows).find(|(_, has_rows)| !has_rows.load(Ordering::Relaxed)) {
        Some((person, _)) => Err(LinkagePersonsError::WithoutRows { title: deliveries[person.delivery].title() }),
        None => Ok(()),
    }
}

/// Reads the persons of all tables of tokens, in the order of their pseudonyms.
fn all_persons(deliveries: &[Delivery]) -> Result<Vec<Person>, LinkagePersonsError> {
    let mut all = Vec::new();
    for (delivery, opened) in deliveries.iter().enumerate() {
        let (Some(file), Some(entry)) = (opened.linkage_table()?, &opened.account.linkage) else { continue };
        let persons = linkage_persons(&opened.title(), &file)?;
        if !states(entry, &persons) {
            return Err(LinkagePersonsError::Account { title: opened.title() });
        }
        let holder = first_delivery(deliveries, delivery);
        let persons = persons.into_iter().filter(|(_, stratum)| *stratum != PADDING);
        all.extend(persons.map(|(pseudonym, stratum)| Person { pseudonym, holder, stratum, delivery }));
    }
    all.sort_unstable_by_key(|person| (person.pseudonym, person.delivery));
    Ok(all)
}

fn states(entry: &LinkageEntry, persons: &[(u128, u16)]) -> bool {
    let count = |stratum| persons.iter().filter(|(_, of_row)| *of_row == stratum).count() as u64;
    [count(CODED), count(CODELESS), count(TEMPORARY)] == [entry.coded, entry.codeless, entry.temporary]
}

/// Returns the position of the first delivery of the holder of a delivery.
fn first_delivery(deliveries: &[Delivery], at: usize) -> usize {
    let holder = &deliveries[at].manifest.holder;
    deliveries[..at].iter().position(|delivery| delivery.manifest.holder == *holder).unwrap_or(at)
}

struct Check<'a> {
    contract: &'a Contract,
    deliveries: &'a [Delivery],
    persons: &'a [Person],
    has_rows: &'a [AtomicBool],
}

impl Check<'_> {
    /// Looks up the pseudonyms of every table of a delivery.
    fn delivery(&self, at: usize) -> Result<(), LinkagePersonsError> {
        let holder = first_delivery(self.deliveries, at);
        for (table, file) in self.deliveries[at].tables(self.contract)? {
            let is_read = self.contract.tables[table].linkage.is_some();
            let mut last = None;
            for batch in file.column_batches(0..file.row_groups(), &PERSON_COLUMNS[..1]) {
                let pseudonyms = decode_column(batch?.column(0), &ValueType::Pseudonym);
                let pseudonyms = pseudonyms.ok_or_else(|| self.unreadable(at, table))?;
                for key in keys(&pseudonyms) {
                    if last.replace(key) != Some(key) {
                        self.rows_of(key, holder, is_read)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn unreadable(&self, at: usize, table: usize) -> LinkagePersonsError {
        let table = self.contract.tables[table].name.to_string();
        LinkagePersonsError::Pseudonyms { title: self.deliveries[at].title(), table }
    }

    /// Notes that a holder has rows of a pseudonym, in a table that linkage reads or not.
    fn rows_of(&self, pseudonym: u128, holder: usize, is_read: bool) -> Result<(), LinkagePersonsError> {
        let first = self.persons.partition_point(|person| person.pseudonym < pseudonym);
        let same = self.persons[first..].iter().zip(&self.has_rows[first..]);
        for (person, has_rows) in same.take_while(|(person, _)| person.pseudonym == pseudonym) {
            if person.holder == holder {
                has_rows.fetch_or(is_read, Ordering::Relaxed);
            } else if person.stratum != CODED {
                return Err(LinkagePersonsError::PersonOfOthers { title: self.deliveries[person.delivery].title() });
            }
        }
        Ok(())
    }
}

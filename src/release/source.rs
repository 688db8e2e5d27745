//! Rows of a linked table in memory, with the columns that its queries read.

use std::collections::{BTreeMap, HashMap};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::column::{Column, exact_numbers, persons};
use super::dataset::{Dataset, position};
use super::error::ReleaseError;
use super::item::Item;
use super::query::owner;
use crate::config::Value;
use salanimi_core::{DatasetKeys, Id};

/// Code of an empty cell.
pub(super) const EMPTY: u16 = u16::MAX;

/// Rows of a linked table, sorted by person.
pub(super) struct Source {
    /// First row of each person, and the number of rows.
    pub(super) starts: Vec<usize>,
    /// For each person, the number that stands for the person in sums over sets of persons.
    pub(super) elements: Vec<u128>,
    codes: BTreeMap<String, Vec<u16>>,
    numbers: BTreeMap<String, Vec<Option<i64>>>,
    amounts: BTreeMap<String, Vec<Option<i64>>>,
}

impl Source {
    /// Loads the linked table of some items, which is the same for all of them.
    ///
    /// # Errors
    /// The table cannot be read, or it holds a value that the contract does not list.
    pub(super) fn load(dataset: &Dataset<'_>, items: &[&Item<'_>], keys: &DatasetKeys) -> Result<Self, ReleaseError> {
        let Some(first) = items.first() else { unreachable!("a table is loaded for an item") };
        let table = first.table;
        let rows = RowsOfPersons::load(dataset, first.name, table.as_str())?;
        let mut source = Self {
            elements: rows.ids().par_iter().map(|person| keys.person(*person)).collect(),
            starts: rows.starts.clone(),
            codes: BTreeMap::new(),
            numbers: BTreeMap::new(),
            amounts: BTreeMap::new(),
        };
        for item in items {
            for query in &item.queries {
                for (column, values) in query.label_columns() {
                    if !source.codes.contains_key(column) {
                        let codes = labelled(dataset, item.name, table, column, values, &rows)?;
                        source.codes.insert(column.to_owned(), codes);
                    }
                }
                for column in query.number_columns() {
                    if !source.numbers.contains_key(column) {
                        let numbers = numbered(dataset, item.name, table, column)?;
                        source.numbers.insert(column.to_owned(), numbers);
                    }
                }
                if let Some(column) = query.unit.column()
                    && !source.amounts.contains_key(column.as_str())
                {
                    let numbers = numbered(dataset, item.name, table, column.as_str())?;
                    let amounts = match dataset.means(item.name, table.as_str(), column.as_str())? {
                        Some(means) => numbers.into_iter().map(|lower| Some(means.of(lower?))).collect(),
                        None => numbers,
                    };
                    source.amounts.insert(column.to_string(), amounts);
                }
            }
        }
        Ok(source)
    }

    /// Returns rows for tests: columns of codes and of numbers, and the number that stands for each person.
    #[cfg(test)]
    pub(super) fn of_columns(
        starts: Vec<usize>,
        elements: Vec<u128>,
        codes: BTreeMap<String, Vec<u16>>,
        numbers: BTreeMap<String, Vec<Option<i64>>>,
    ) -> Self {
        let amounts = numbers.clone();
        Self { starts, elements, codes, numbers, amounts }
    }

    /// Returns the number of persons.
    pub(super) fn persons(&self) -> usize {
        self.elements.len()
    }

    /// Returns for each row the position of its value in a column, or [`EMPTY`].
    pub(super) fn codes(&self, column: &str) -> &[u16] {
        match self.codes.get(column) {
            Some(codes) => codes,
            None => unreachable!("every column of a query is loaded"),
        }
    }

    /// Returns for each row the amount in a column: decimals in their smallest unit, means of bands in hundredths.
    pub(super) fn amounts(&self, column: &str) -> &[Option<i64>] {
        match self.amounts.get(column) {
            Some(amounts) => amounts,
            None => unreachable!("every column of a query is loaded"),
        }
    }

    /// Returns for each row the number in a column: decimals in their smallest unit, months in order, flags 0 and 1.
    pub(super) fn numbers(&self, column: &str) -> &[Option<i64>] {
        match self.numbers.get(column) {
            Some(numbers) => numbers,
            None => unreachable!("every column of a query is loaded"),
        }
    }
}

/// Persons of a linked table's rows, which are sorted by person.
struct RowsOfPersons {
    persons: Vec<u64>,
    /// First row of each person, and the number of rows.
    starts: Vec<usize>,
}

impl RowsOfPersons {
    fn load(dataset: &Dataset<'_>, name: &Id, table: &str) -> Result<Self, ReleaseError> {
        let opened = dataset.open_table(dataset.table(name, table)?)?;
        let persons = persons(&opened, 0)?;
        if !persons.is_sorted() {
            return Err(ReleaseError::NotSorted { table: table.to_owned() });
        }
        let mut starts = vec![0];
        for of_person in persons.chunk_by(|a, b| a == b) {
            starts.push(starts[starts.len() - 1] + of_person.len());
        }
        Ok(Self { persons, starts })
    }

    /// Returns each person once.
    fn ids(&self) -> Vec<u64> {
        self.starts[..self.starts.len() - 1].iter().map(|&start| self.persons[start]).collect()
    }
}

/// Loads a column as positions among `values`. A column of another table has the value of the row's person there.
fn labelled(
    dataset: &Dataset<'_>,
    name: &Id,
    table: &Id,
    column: &str,
    values: &[Value],
    rows: &RowsOfPersons,
) -> Result<Vec<u16>, ReleaseError> {
    let (owner, plain) = owner(table.as_str(), column);
    let linked = dataset.table(name, owner)?;
    let at = position(name, linked, plain)?;
    let loaded = Column::load(&dataset.open_table(linked)?, at)?;
    let codes = codes(&loaded, values).ok_or_else(|| ReleaseError::UnlistedValue { column: column.to_owned() })?;
    if owner == table.as_str() {
        return Ok(codes);
    }
    let of_owner = RowsOfPersons::load(dataset, name, owner)?;
    if of_owner.starts.len() != of_owner.persons.len() + 1 {
        return Err(ReleaseError::SeveralRows { name: name.clone(), table: owner.to_owned() });
    }
    let code_of: HashMap<u64, u16, ahash::RandomState> = of_owner.persons.into_iter().zip(codes).collect();
    Ok(rows.persons.iter().map(|person| code_of.get(person).map_or(EMPTY, |code| *code)).collect())
}

/// Returns the position among `values` of each row's value; `None` if one is not among them.
fn codes(column: &Column, values: &[Value]) -> Option<Vec<u16>> {
    let listed = column.listed(values)?;
    // A column has fewer values than codes have numbers.
    Some(listed.positions.into_iter().map(|at| at.map_or(EMPTY, |at| at as u16)).collect())
}

fn numbered(dataset: &Dataset<'_>, name: &Id, table: &Id, column: &str) -> Result<Vec<Option<i64>>, ReleaseError> {
    let linked = dataset.table(name, table.as_str())?;
    let at = position(name, linked, column)?;
    let scale = dataset.scale(table.as_str(), column);
    exact_numbers(&dataset.open_table(linked)?, at, scale)
}

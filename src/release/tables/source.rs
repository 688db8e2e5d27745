//! A linked table in memory, with the columns of the requested tables.

use std::collections::{BTreeMap, HashMap};

use super::counted::{CountedTable, MOST_CELLS};
use super::cube::{Cube, Dimension, SourceRow};
use crate::config::Role;
use crate::config::raw::release::{
    Dimension as By, FrequencyTable, Hierarchy as RawHierarchy, Level, Protect, Release,
};
use crate::release::column::{Column, persons};
use crate::release::dataset::Dataset;
use crate::release::error::ReleaseError;
use crate::release::hierarchy::Hierarchy;
use crate::release::value::NO_VALUE;
use salanimi_core::Id;

/// Name of the analysis table of persons.
pub(in crate::release) const PERSON: &str = "person";
/// Prefix of its columns where they are joined to another table.
pub(in crate::release) const OF_PERSON: &str = "person.";

/// Returns the column of a dimension and its level of generalisation.
pub(in crate::release) fn level(by: &By) -> (&str, usize) {
    match by {
        By::Column(column) => (column, 0),
        By::Level(Level { column, level }) => (column, *level),
    }
}

/// Returns the title of a dimension.
pub(super) fn title(by: &By) -> String {
    match level(by) {
        (column, 0) => column.to_owned(),
        (column, level) => format!("{column}@{level}"),
    }
}

/// A loaded column.
struct Loaded {
    column: Column,
    /// `true` if the column is a sensitive attribute.
    sensitive: bool,
}

/// Loaded columns by name.
type Columns = BTreeMap<String, Loaded>;

/// A column and the release that asks for it.
type Wanted<'s> = (&'s FrequencyTable, String);

/// A linked table in memory: its rows sorted by person, and the requested columns.
pub(super) struct Source {
    pub(super) rows: Vec<SourceRow>,
    columns: Columns,
}

impl Source {
    /// Loads the columns that `specs` ask for. All specifications are of one table.
    pub(super) fn load(dataset: &Dataset<'_>, specs: &[&FrequencyTable]) -> Result<Self, ReleaseError> {
        let mut own: Vec<Wanted<'_>> = Vec::new();
        let mut joined: Vec<Wanted<'_>> = Vec::new();
        for &spec in specs {
            for column in columns_of(spec) {
                match column.strip_prefix(OF_PERSON) {
                    Some(column) => joined.push((spec, column.to_owned())),
                    None => own.push((spec, column)),
                }
            }
        }
        let table = &specs[0].table;
        let own = load(dataset, table, table.as_str(), &own)?;
        let mut columns = own.columns;
        if !joined.is_empty() {
            let of_persons = load(dataset, table, PERSON, &joined)?;
            let rows: HashMap<u64, usize, ahash::RandomState> = of_persons.persons.into_iter().zip(0..).collect();
            for (name, Loaded { column, sensitive }) in of_persons.columns {
                let row_of = own.persons.iter().map(|person| rows.get(person));
                let positions = row_of.map(|row| row.and_then(|&row| column.positions[row])).collect();
                let column = Column { values: column.values, positions };
                columns.insert(format!("{OF_PERSON}{name}"), Loaded { column, sensitive });
            }
        }
        let rows = own.persons.into_iter().map(|person| SourceRow { person, amount: None }).collect();
        Ok(Self { rows, columns })
    }

    /// Counts the table of a specification.
    pub(super) fn count<'r>(
        &self,
        spec: &'r FrequencyTable,
        release: &Release,
    ) -> Result<CountedTable<'r>, ReleaseError> {
        if spec.sum.is_some() && spec.protect == Protect::Round {
            return Err(ReleaseError::SumRounded { name: spec.name.clone() });
        }
        let dimensions = spec.by.iter().map(|by| self.dimension(spec, by, release)).collect::<Result<Vec<_>, _>>()?;
        let cells = Cube::size(dimensions.iter().map(|dimension| dimension.values.len()));
        if cells > MOST_CELLS {
            return Err(ReleaseError::TooManyCells { name: spec.name.clone(), cells, most: MOST_CELLS });
        }
        let included = self.included(spec);
        let cube = match &spec.sum {
            None => Cube::count(dimensions, &self.rows, &included, release.seed),
            Some(column) => {
                let amounts = self.columns[column.as_str()].column.numbers();
                let amounts = amounts
                    .ok_or_else(|| ReleaseError::NotSummed { name: spec.name.clone(), column: column.to_string() })?;
                let rows = self.rows.iter().zip(amounts).map(|(row, amount)| SourceRow { person: row.person, amount });
                Cube::count(dimensions, &rows.collect::<Vec<_>>(), &included, release.seed)
            }
        };
        Ok(CountedTable { spec, cube, included })
    }

    /// Returns for each row `true` if it has the value that the specification filters by.
    fn included(&self, spec: &FrequencyTable) -> Vec<bool> {
        let Some(only) = &spec.only else { return vec![true; self.rows.len()] };
        let column = &self.columns[only.column.as_str()].column;
        match column.position(&only.is) {
            Some(value) => column.positions.iter().map(|at| *at == Some(value)).collect(),
            None => vec![false; self.rows.len()],
        }
    }

    fn dimension(&self, spec: &FrequencyTable, by: &By, release: &Release) -> Result<Dimension, ReleaseError> {
        let (name, level) = level(by);
        let Loaded { column, sensitive } = &self.columns[name];
        let hierarchy = hierarchy(spec, name, column, release)?;
        // The last level has one value for all, so it is no dimension.
        let levels = hierarchy.levels() - 2;
        if level > levels {
            return Err(ReleaseError::Level { name: spec.name.clone(), column: name.to_owned(), level, levels });
        }
        let (mut values, generalised) = hierarchy.at(level);
        let none = values.len() as u32;
        let positions: Vec<u32> =
            column.positions.iter().map(|at| at.map_or(none, |at| generalised[at as usize])).collect();
        if positions.contains(&none) {
            values.push(NO_VALUE.to_owned());
        }
        Ok(Dimension { title: title(by), values, sensitive: *sensitive, positions })
    }
}

/// Returns the columns that a specification counts by, filters by and sums.
fn columns_of(spec: &FrequencyTable) -> impl Iterator<Item = String> {
    let by = spec.by.iter().map(|by| level(by).0.to_owned());
    let only = spec.only.iter().map(|only| only.column.to_string());
    by.chain(only).chain(spec.sum.iter().map(ToString::to_string))
}

/// Returns the hierarchy of a column. A joined column has that of the column in the table of persons.
fn hierarchy(spec: &FrequencyTable, name: &str, column: &Column, release: &Release) -> Result<Hierarchy, ReleaseError> {
    let name = match name.strip_prefix(OF_PERSON) {
        Some(joined) => joined,
        None => name,
    };
    let raw: Option<&RawHierarchy> =
        release.hierarchies.iter().find(|(column, _)| column.as_str() == name).map(|(_, raw)| raw);
    Hierarchy::new(name, raw, &column.values)
        .map_err(|hierarchy| ReleaseError::Hierarchy { name: spec.name.clone(), hierarchy })
}

/// Persons of the rows of a linked table, and columns by name.
struct LoadedTable {
    persons: Vec<u64>,
    columns: Columns,
}

/// Loads the wanted columns of `table`. An error about the table names the first release that wants a column, or
/// `source`.
fn load(dataset: &Dataset<'_>, source: &Id, table: &str, wanted: &[Wanted<'_>]) -> Result<LoadedTable, ReleaseError> {
    let name = wanted.first().map_or(source, |(spec, _)| &spec.name);
    let table = dataset.table(name, table)?;
    let mut names: Vec<String> = Vec::new();
    let mut positions = Vec::new();
    for (spec, column) in wanted {
        let position = dataset.releasable(&spec.name, table, column)?;
        if !names.contains(column) {
            names.push(column.clone());
            positions.push(position);
        }
    }
    let opened = dataset.open_table(table)?;
    let persons = persons(&opened, 0)?;
    let mut columns = Columns::new();
    for (name, column) in names.into_iter().zip(Column::load(&opened, &positions)?) {
        let sensitive = dataset.role(&table.name, &name) == Role::Sensitive;
        columns.insert(name, Loaded { column, sensitive });
    }
    Ok(LoadedTable { persons, columns })
}

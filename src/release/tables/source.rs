//! A linked table, with the columns by which its rows are counted.

use std::collections::{BTreeMap, HashMap};

use super::cube::{Counted, Cube, Dimension};
use super::{MOST_CELLS, Raw};
use crate::config::Role;
use crate::config::raw::release::{Dimension as By, FrequencyTable, Level, Protect, Release};
use crate::release::column::{Column, NO_VALUE, persons};
use crate::release::dataset::Dataset;
use crate::release::error::ReleaseError;
use crate::release::hierarchy::Hierarchy;

/// Name of the analysis table of persons, and how its columns are called where they are joined to another table.
pub(in crate::release) const PERSON: &str = "person";
pub(in crate::release) const OF_PERSON: &str = "person.";

/// The column of a dimension, and its level of generalisation.
pub(in crate::release) fn level(by: &By) -> (&str, usize) {
    match by {
        By::Column(column) => (column, 0),
        By::Level(Level { column, level }) => (column, *level),
    }
}

/// How a dimension is called.
pub(super) fn title(by: &By) -> String {
    match level(by) {
        (column, 0) => column.to_owned(),
        (column, level) => format!("{column}@{level}"),
    }
}

/// A linked table in memory: rows person by person, and the columns that are asked for.
pub(super) struct Source {
    pub(super) rows: Vec<Counted>,
    columns: BTreeMap<String, (Column, bool)>,
}

impl Source {
    /// Loads what `specs`, all of one table, ask for.
    pub(super) fn load(dataset: &Dataset<'_>, specs: &[&FrequencyTable]) -> Result<Self, ReleaseError> {
        let loader = Loader { dataset, name: &specs[0].table };
        let mut own: Vec<(&FrequencyTable, String)> = Vec::new();
        let mut joined: Vec<(&FrequencyTable, String)> = Vec::new();
        for &spec in specs {
            let by = spec.by.iter().map(|by| level(by).0.to_owned());
            let others =
                spec.only.iter().map(|only| only.column.to_string()).chain(spec.sum.iter().map(ToString::to_string));
            for column in by.chain(others) {
                let columns = if column.starts_with(OF_PERSON) { &mut joined } else { &mut own };
                columns.push((spec, column));
            }
        }
        let (persons, mut columns) = loader.load(specs[0].table.as_str(), &own)?;
        if !joined.is_empty() {
            let plain: Vec<_> =
                joined.iter().map(|(spec, column)| (*spec, column[OF_PERSON.len()..].to_owned())).collect();
            let (of, found) = loader.load(PERSON, &plain)?;
            let at: HashMap<u64, usize, ahash::RandomState> =
                of.iter().zip(0..).map(|(person, row)| (*person, row)).collect();
            for (name, (column, sensitive)) in found {
                let of = persons.iter().map(|person| at.get(person).and_then(|&row| column.of[row])).collect();
                columns.insert(format!("{OF_PERSON}{name}"), (Column { values: column.values, of }, sensitive));
            }
        }
        let rows = persons.into_iter().map(|person| Counted { person, amount: None }).collect();
        Ok(Self { rows, columns })
    }

    /// The table of a specification, counted.
    pub(super) fn count<'r>(&self, spec: &'r FrequencyTable, release: &Release) -> Result<Raw<'r>, ReleaseError> {
        let name = || spec.name.clone();
        if spec.sum.is_some() && spec.protect == Protect::Round {
            return Err(ReleaseError::SumRounded { name: name() });
        }
        let dimensions = spec.by.iter().map(|by| self.dimension(spec, by, release)).collect::<Result<Vec<_>, _>>()?;
        let cells = Cube::size(dimensions.iter().map(|dimension| dimension.values.len()));
        if cells > MOST_CELLS {
            return Err(ReleaseError::TooManyCells { name: name(), cells, most: MOST_CELLS });
        }
        let only = spec.only.as_ref().map(|only| {
            let column = &self.columns[only.column.as_str()].0;
            (column, column.position(&only.is))
        });
        let is_chosen = |row: usize| only.is_none_or(|(column, at)| at.is_some() && column.of[row] == at);
        let chosen: Vec<bool> = (0..self.rows.len()).map(is_chosen).collect();
        let amounts = spec.sum.as_ref().map(|sum| {
            let not_summed = || ReleaseError::NotSummed { name: name(), column: sum.to_string() };
            self.columns[sum.as_str()].0.numbers().ok_or_else(not_summed)
        });
        let cube = match amounts.transpose()? {
            None => Cube::count(dimensions, &self.rows, &chosen, release.seed),
            Some(amounts) => {
                let rows = self.rows.iter().zip(amounts).map(|(row, amount)| Counted { person: row.person, amount });
                Cube::count(dimensions, &rows.collect::<Vec<_>>(), &chosen, release.seed)
            }
        };
        Ok(Raw { spec, cube, chosen })
    }

    fn dimension(&self, spec: &FrequencyTable, by: &By, release: &Release) -> Result<Dimension, ReleaseError> {
        let (name, level) = level(by);
        let (column, sensitive) = &self.columns[name];
        let plain = name.strip_prefix(OF_PERSON).unwrap_or(name);
        let hierarchy = release.hierarchies.iter().find(|(column, _)| column.as_str() == plain).map(|(_, raw)| raw);
        let hierarchy = Hierarchy::of(plain, hierarchy, &column.values)
            .map_err(|hierarchy| ReleaseError::Hierarchy { name: spec.name.clone(), hierarchy })?;
        // The last level has one value for all, which is no dimension.
        let levels = hierarchy.levels() - 2;
        if level > levels {
            return Err(ReleaseError::Level { name: spec.name.clone(), column: name.to_owned(), level, levels });
        }
        let (mut values, of) = hierarchy.at(level);
        let none = values.len() as u32;
        let of: Vec<u32> = column.of.iter().map(|at| at.map_or(none, |at| of[at as usize])).collect();
        if of.contains(&none) {
            values.push(NO_VALUE.to_owned());
        }
        Ok(Dimension { title: title(by), values, sensitive: *sensitive, of })
    }
}

/// Columns by name, each with whether its values are sensitive.
type Columns = BTreeMap<String, (Column, bool)>;

struct Loader<'a> {
    dataset: &'a Dataset<'a>,
    name: &'a salanimi_core::Id,
}

impl Loader<'_> {
    /// The persons and the wanted columns of a table.
    fn load(&self, table: &str, wanted: &[(&FrequencyTable, String)]) -> Result<(Vec<u64>, Columns), ReleaseError> {
        let name = wanted.first().map_or_else(|| self.name.clone(), |(spec, _)| spec.name.clone());
        let table = self.dataset.table(&name, table)?;
        let mut names: Vec<String> = Vec::new();
        let mut positions = Vec::new();
        for (spec, column) in wanted {
            let at = self.dataset.releasable(&spec.name, table, column)?;
            if !names.contains(column) {
                names.push(column.clone());
                positions.push(at);
            }
        }
        let opened = self.dataset.open_table(table)?;
        let persons = persons(&opened, 0)?;
        let columns = Column::load(&opened, &positions)?;
        let sensitive = |name: &String| self.dataset.role(&table.name, name) == Role::Sensitive;
        let columns = names.into_iter().zip(columns).map(|(name, column)| {
            let sensitive = sensitive(&name);
            (name, (column, sensitive))
        });
        Ok((persons, columns.collect()))
    }
}

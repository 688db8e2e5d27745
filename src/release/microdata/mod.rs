//! Microdata: rows of persons, generalised until they meet the contract's rule.

mod classes;
mod lattice;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use rayon::slice::ParallelSliceMut;

use self::classes::{Classes, Key, QuasiIdentifier};
use self::lattice::{Rule, Solution, search};
use super::column::{Column, Labels, persons};
use super::dataset::{Dataset, position};
use super::error::ReleaseError;
use super::query::unlisted;
use crate::config::raw::release::{Microdata as Spec, Release};
use crate::config::{ALL, Contract, Hierarchy, Role, Value};
use crate::exchange::UNKNOWN;
use salanimi_core::{DatasetKeys, Id};

/// Largest number of combinations of levels to search.
const MOST_NODES: usize = 100_000;
/// Number of different sensitive values that every class has, also without a sensitive column.
const LEAST_DIVERSITY: u32 = 1;

/// Released rows.
#[derive(Debug)]
pub(super) struct Microdata {
    /// Columns by name. The rows are sorted by their own values.
    pub(super) columns: Vec<(String, Labels)>,
    /// Description of the protection.
    pub(super) summary: String,
}

/// Returns the rows of a specification, with the least loss of information that meets the rule.
///
/// # Errors
/// No generalisation meets the rule, or the specification does not fit the dataset.
pub(super) fn microdata(
    dataset: &Dataset<'_>,
    contract: &Contract,
    release: &Release,
    spec: &Spec,
    keys: &DatasetKeys,
) -> Result<Microdata, ReleaseError> {
    let limits = &contract.limits;
    let roles = Roles::of(dataset, spec)?;
    let mut linked = LinkedColumns::load(dataset, spec, keys)?;
    linked.list_values(contract, spec, &roles.quasi)?;
    let quasi = quasi_identifiers(release, spec, &linked, &roles)?;
    if !is_searchable(&quasi) {
        return Err(ReleaseError::TooFine { name: spec.name.clone() });
    }
    let sensitive: Vec<Vec<Option<u32>>> =
        roles.sensitive.iter().map(|&at| linked.columns[at].positions.clone()).collect();
    let classes = Classes::new(&quasi, &sensitive, linked.rows);
    let l = if sensitive.is_empty() { LEAST_DIVERSITY } else { limits.min_l };
    let rule = Rule { k: limits.min_k.into(), l, max_t: limits.max_t };
    let unlike = || ReleaseError::NoGeneralisation { name: spec.name.clone(), k: rule.k, l: rule.l };
    let solution = search(&classes, rule).ok_or_else(unlike)?;
    let summary = describe(spec, &roles, &quasi, &solution, rule);
    let labels = linked.generalised(&roles.quasi, &quasi, &solution.node);
    let rows = sorted((0..linked.rows as u32).collect(), &labels, &roles.quasi);
    let columns = spec.columns.iter().zip(labels).map(|(name, labels)| (name.to_string(), labels.select(&rows)));
    Ok(Microdata { columns: columns.collect(), summary })
}

/// Returns true if the levels have few enough combinations to search, and the values few enough for a [`Key`].
fn is_searchable(quasi: &[QuasiIdentifier]) -> bool {
    let mut nodes = Some(1_usize);
    let mut keys: Option<Key> = Some(1);
    for QuasiIdentifier { hierarchy, .. } in quasi {
        nodes = nodes.and_then(|nodes| nodes.checked_mul(hierarchy.levels()));
        // Rows without a value count as one more.
        keys = keys.and_then(|keys| keys.checked_mul(hierarchy.values() as Key + 1));
    }
    nodes.is_some_and(|nodes| nodes <= MOST_NODES) && keys.is_some()
}

/// Positions of the quasi-identifying and the sensitive columns.
struct Roles {
    quasi: Vec<usize>,
    sensitive: Vec<usize>,
}

impl Roles {
    fn of(dataset: &Dataset<'_>, spec: &Spec) -> Result<Self, ReleaseError> {
        let by_role = with_role(dataset, spec, Role::Quasi);
        let quasi = match &spec.quasi {
            Some(names) => positions(spec, names)?,
            None => by_role.clone(),
        };
        if let Some(&at) = by_role.iter().find(|at| !quasi.contains(at)) {
            return Err(ReleaseError::NotQuasi { name: spec.name.clone(), column: spec.columns[at].clone() });
        }
        let mut by_role = with_role(dataset, spec, Role::Sensitive);
        by_role.retain(|at| !quasi.contains(at));
        let Some(names) = &spec.sensitive else { return Ok(Self { quasi, sensitive: by_role }) };
        let sensitive = positions(spec, names)?;
        match by_role.into_iter().find(|at| !sensitive.contains(at)) {
            Some(at) => Err(ReleaseError::NotSensitive { name: spec.name.clone(), column: spec.columns[at].clone() }),
            None => Ok(Self { quasi, sensitive }),
        }
    }
}

/// Returns the positions of the released columns of a role.
fn with_role(dataset: &Dataset<'_>, spec: &Spec, role: Role) -> Vec<usize> {
    let table = spec.table.as_str();
    let columns = spec.columns.iter().enumerate();
    columns.filter(|(_, column)| dataset.role(table, column.as_str()) == role).map(|(at, _)| at).collect()
}

/// Returns the positions of columns among the released ones.
fn positions(spec: &Spec, names: &[Id]) -> Result<Vec<usize>, ReleaseError> {
    let positions = names.iter().map(|name| {
        let position = spec.columns.iter().position(|column| column == name);
        position.ok_or_else(|| ReleaseError::NoColumn {
            name: spec.name.clone(),
            table: spec.table.to_string(),
            column: name.to_string(),
        })
    });
    positions.collect()
}

fn quasi_identifiers(
    release: &Release,
    spec: &Spec,
    linked: &LinkedColumns,
    roles: &Roles,
) -> Result<Vec<QuasiIdentifier>, ReleaseError> {
    let quasi = roles.quasi.iter().map(|&at| {
        let column = &linked.columns[at];
        let name = &spec.columns[at];
        let hierarchy = Hierarchy::new(name.as_str(), release.hierarchies.get(name), &column.values)
            .map_err(|hierarchy| ReleaseError::Hierarchy { name: spec.name.clone(), hierarchy })?;
        Ok(QuasiIdentifier { hierarchy, positions: column.positions.clone() })
    });
    quasi.collect()
}

/// Sorts rows by their quasi-identifiers, then by all columns, so that their order discloses nothing more.
fn sorted(mut rows: Vec<u32>, labels: &[Labels], quasi: &[usize]) -> Vec<u32> {
    let columns: Vec<&Labels> = quasi.iter().map(|&at| &labels[at]).chain(labels).collect();
    rows.par_sort_unstable_by(|&a, &b| {
        for labels in &columns {
            let order = labels.rank(a as usize).cmp(&labels.rank(b as usize));
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    });
    rows
}

/// Describes the levels, the rule and the loss of information.
fn describe(spec: &Spec, roles: &Roles, quasi: &[QuasiIdentifier], solution: &Solution, rule: Rule) -> String {
    let levels = roles.quasi.iter().zip(quasi).zip(&solution.node).map(|((&at, quasi), &level)| {
        let name = &spec.columns[at];
        let coarsest = quasi.hierarchy.levels() - 1;
        match level {
            0 => format!("{name} is unchanged"),
            level if level == coarsest => format!("{name} has one value for all"),
            level => format!("{name} is generalised to level {level} of {}", coarsest - 1),
        }
    });
    let sample = match spec.sample {
        Some(share) => format!(" A keyed sample of {:.0} % of persons.", 100.0 * share),
        None => String::new(),
    };
    format!(
        "Rows of persons (from the linked table {}): {}. Every equivalence class has at least {} rows{}. Of all \
         combinations of levels it is the one with the least information loss.{sample} The numbers of equal rows are \
         exact.",
        spec.table,
        levels.collect::<Vec<_>>().join("; "),
        rule.k,
        diversity(spec, &roles.sensitive, rule),
    )
}

/// Describes the rule for sensitive columns.
fn diversity(spec: &Spec, sensitive: &[usize], rule: Rule) -> String {
    if sensitive.is_empty() {
        return String::new();
    }
    let names = sensitive.iter().map(|&at| spec.columns[at].as_str()).collect::<Vec<_>>().join(", ");
    format!(
        " and at least {} different values of each of {names}, with a distribution at most {} from that of all rows",
        rule.l, rule.max_t
    )
}

/// Columns of a linked table that has one row for each person.
struct LinkedColumns {
    columns: Vec<Column>,
    rows: usize,
}

impl LinkedColumns {
    /// Loads the columns, and of a sample only the rows that it keeps.
    fn load(dataset: &Dataset<'_>, spec: &Spec, keys: &DatasetKeys) -> Result<Self, ReleaseError> {
        let table = dataset.table(&spec.name, spec.table.as_str())?;
        let opened = dataset.open_table(table)?;
        let persons = persons(&opened, 0)?;
        // Linked tables are sorted by person.
        if persons.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(ReleaseError::SeveralRows { name: spec.name.clone(), table: table.name.clone() });
        }
        let kept: Vec<bool> = persons.iter().map(|person| is_sampled(spec.sample, *person, keys)).collect();
        let mut columns = Vec::new();
        for name in &spec.columns {
            if matches!(dataset.role(&table.name, name.as_str()), Role::Person | Role::Reference | Role::Direct) {
                return Err(ReleaseError::Identifier { name: spec.name.clone(), column: name.to_string() });
            }
            let mut column = Column::load(&opened, position(&spec.name, table, name.as_str())?)?;
            let mut keep = kept.iter();
            column.positions.retain(|_| keep.next() == Some(&true));
            columns.push(column);
        }
        Ok(Self { columns, rows: kept.iter().filter(|kept| **kept).count() })
    }

    /// Gives the quasi-identifiers the values that the contract lists, so that nothing depends on those that occur.
    fn list_values(&mut self, contract: &Contract, spec: &Spec, quasi: &[usize]) -> Result<(), ReleaseError> {
        for &at in quasi {
            let table = spec.table.as_str();
            let name = spec.columns[at].as_str();
            let values = contract.column_values(table, name);
            let values = values.map_err(|error| unlisted(&spec.name, table, name, error))?;
            let listed = self.columns[at].listed(&values);
            self.columns[at] = listed.ok_or_else(|| ReleaseError::UnlistedValue { column: name.to_owned() })?;
        }
        Ok(())
    }

    /// Returns the columns, with the quasi-identifiers at the levels of a node.
    fn generalised(&self, positions: &[usize], quasi: &[QuasiIdentifier], node: &[usize]) -> Vec<Labels> {
        let columns = self.columns.iter().enumerate().map(|(at, column)| {
            match positions.iter().position(|&position| position == at) {
                Some(at) => generalised(column, &quasi[at].hierarchy, node[at]),
                None => labels(column, column.values.iter().map(Value::text).collect(), UNKNOWN),
            }
        });
        columns.collect()
    }
}

/// Returns true if a sample of this share keeps a person. Without a share all are kept.
fn is_sampled(share: Option<f64>, person: u64, keys: &DatasetKeys) -> bool {
    // 2^64 as a number with decimals.
    const DRAWS: f64 = 18_446_744_073_709_551_616.0;
    share.is_none_or(|share| (keys.sample(person) as f64) < share * DRAWS)
}

fn generalised(column: &Column, hierarchy: &Hierarchy, level: usize) -> Labels {
    let texts = (0..column.values.len() as u32).map(|value| hierarchy.text(level, value)).collect();
    let is_coarsest = level + 1 == hierarchy.levels();
    labels(column, texts, if is_coarsest { ALL } else { UNKNOWN })
}

/// Returns the rows of a column as texts, one for each of its values, with `none` for an empty cell.
fn labels(column: &Column, mut texts: Vec<String>, none: &str) -> Labels {
    let none_position = texts.len() as u32;
    texts.push(none.to_owned());
    Labels::new(&texts, column.positions.iter().map(|at| at.unwrap_or(none_position)))
}

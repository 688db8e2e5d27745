//! Rows of persons, generalised until everyone is among enough people alike.

mod classes;
mod lattice;
#[cfg(test)]
mod tests;

use rayon::slice::ParallelSliceMut;

use self::classes::{Classes, Quasi};
use self::lattice::{Best, Rule, search};
use super::column::{Column, NO_VALUE, persons};
use super::dataset::Dataset;
use super::error::ReleaseError;
use super::hierarchy::{ALL, Hierarchy};
use crate::config::raw::release::{Microdata as Spec, Release};
use crate::config::{Limits, Role};
use crate::domain::Id;

/// Numbers of people in messages are multiples of this.
const BASE: u64 = 5;

/// A table of rows that may leave.
#[derive(Debug)]
pub(super) struct Microdata {
    pub(super) name: Id,
    pub(super) columns: Vec<String>,
    /// The rows, in an order that follows from themselves alone.
    pub(super) rows: Vec<Vec<String>>,
    /// What was done to it and why, in words.
    pub(super) done: Vec<String>,
}

/// The rows of a specification.
pub(super) fn microdata(
    dataset: &Dataset<'_>,
    release: &Release,
    spec: &Spec,
    limits: &Limits,
) -> Result<Microdata, ReleaseError> {
    let loaded = Loaded::new(dataset, spec)?;
    let positions =
        |names: &[Id]| -> Result<Vec<usize>, ReleaseError> { names.iter().map(|name| position(spec, name)).collect() };
    let quasi = match &spec.quasi {
        Some(names) => positions(names)?,
        None => (0..spec.columns.len())
            .filter(|&at| dataset.role(spec.table.as_str(), spec.columns[at].as_str()) == Role::Quasi)
            .collect(),
    };
    let sensitive = positions(&spec.sensitive)?;
    let hierarchies: Vec<Hierarchy> =
        quasi.iter().map(|&at| hierarchy(release, spec, at, &loaded.columns[at])).collect::<Result<_, _>>()?;
    let quasi_columns: Vec<Quasi> = quasi
        .iter()
        .zip(&hierarchies)
        .map(|(&at, hierarchy)| Quasi { hierarchy: hierarchy.clone(), of: loaded.columns[at].of.clone() })
        .collect();
    let values: Vec<Vec<Option<u32>>> = sensitive.iter().map(|&at| loaded.columns[at].of.clone()).collect();
    let classes = Classes::new(&quasi_columns, &values, loaded.rows);
    let l = if sensitive.is_empty() { 1 } else { limits.min_l };
    let rule = Rule { k: limits.min_k.into(), l, max_t: limits.max_t, max_suppressed: spec.max_suppressed };
    let best = search(&classes, rule).ok_or_else(|| refused(spec, rule, &classes))?;
    let kept = classes.kept(&best.node, rule.k, rule.l);
    let mut rows: Vec<Vec<String>> = (0..loaded.rows)
        .filter(|&row| kept.contains(&classes.key_of_row(&best.node, row)))
        .map(|row| loaded.row(row, &quasi, &hierarchies, &best.node))
        .collect();
    // By what people have in common first, so that the order tells nothing more.
    rows.par_sort_unstable_by(|a, b| {
        let common = quasi.iter().map(|&at| a[at].cmp(&b[at])).find(|order| order.is_ne());
        common.unwrap_or_else(|| a.cmp(b))
    });
    let done = done(spec, &quasi, &hierarchies, &best, rule, loaded.rows as u64);
    let columns = spec.columns.iter().map(Id::to_string).collect();
    Ok(Microdata { name: spec.name.clone(), columns, rows, done })
}

/// What the rule of the contract asks that no generalisation can give.
fn refused(spec: &Spec, rule: Rule, classes: &Classes<'_>) -> ReleaseError {
    ReleaseError::Unlike {
        name: spec.name.clone(),
        k: rule.k,
        l: rule.l,
        // Rounded down, because it tells how many people there are.
        most_k: (classes.rows() / BASE * BASE).max(1),
        most_l: classes.most_diverse().unwrap_or(1),
    }
}

fn hierarchy(release: &Release, spec: &Spec, at: usize, column: &Column) -> Result<Hierarchy, ReleaseError> {
    let name = &spec.columns[at];
    Hierarchy::of(name.as_str(), release.hierarchies.get(name), &column.values)
        .map_err(|hierarchy| ReleaseError::Hierarchy { name: spec.name.clone(), hierarchy })
}

fn done(spec: &Spec, quasi: &[usize], hierarchies: &[Hierarchy], best: &Best, rule: Rule, rows: u64) -> Vec<String> {
    let levels = quasi.iter().zip(hierarchies).zip(&best.node).map(|((&at, hierarchy), &level)| {
        let name = &spec.columns[at];
        match level {
            0 => format!("{name} is as it was"),
            level if level + 1 == hierarchy.levels() => format!("{name} is the same for all"),
            level => format!("{name} is generalised to level {level} of {}", hierarchy.levels() - 2),
        }
    });
    let share = 100.0 * best.outcome.suppressed as f64 / rows.max(1) as f64;
    vec![
        levels.collect::<Vec<_>>().join("; "),
        format!(
            "everyone is among at least {} rows that are alike{}; {share:.1} % of rows were left out, because they would not be",
            rule.k,
            diverse(spec, rule)
        ),
        format!("information lost: {:.1} %, the least of all combinations of levels", 100.0 * best.outcome.loss),
    ]
}

/// What the rule asks of the sensitive columns, in words.
fn diverse(spec: &Spec, rule: Rule) -> String {
    let names = spec.sensitive.iter().map(Id::as_str).collect::<Vec<_>>().join(", ");
    match names.is_empty() {
        true => String::new(),
        false => format!(
            ", which have at least {} different values of each of {names}, in shares at most {} from those of all",
            rule.l, rule.max_t
        ),
    }
}

/// The position of a column among those that are released.
fn position(spec: &Spec, name: &Id) -> Result<usize, ReleaseError> {
    let missing =
        || ReleaseError::NoColumn { name: spec.name.clone(), table: spec.table.to_string(), column: name.to_string() };
    spec.columns.iter().position(|column| column == name).ok_or_else(missing)
}

/// The columns of a linked table that are to be released.
struct Loaded {
    columns: Vec<Column>,
    rows: usize,
}

impl Loaded {
    fn new(dataset: &Dataset<'_>, spec: &Spec) -> Result<Self, ReleaseError> {
        let (name, table) = (|| spec.name.clone(), spec.table.to_string());
        let no_table = || ReleaseError::NoTable { name: name(), table: table.clone() };
        let found = dataset.table(&table).ok_or_else(no_table)?;
        let mut positions = Vec::new();
        for column in spec.columns.iter().map(Id::as_str) {
            if matches!(dataset.role(&table, column), Role::Person | Role::Reference | Role::Direct) {
                return Err(ReleaseError::Identifier { name: name(), column: column.to_owned() });
            }
            let missing = || ReleaseError::NoColumn { name: name(), table: table.clone(), column: column.to_owned() };
            positions.push(found.columns.iter().position(|(known, ..)| known == column).ok_or_else(missing)?);
        }
        let opened = dataset.open_table(found)?;
        // Linked tables are sorted by person.
        if persons(&opened, 0)?.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(ReleaseError::SeveralRows { name: name(), table });
        }
        let columns = Column::load(&opened, &positions)?;
        let rows = columns.first().map_or(0, |column| column.of.len());
        Ok(Self { columns, rows })
    }

    fn row(&self, row: usize, quasi: &[usize], hierarchies: &[Hierarchy], node: &[usize]) -> Vec<String> {
        let text = |(at, column): (usize, &Column)| match quasi.iter().position(|&quasi| quasi == at) {
            None => column.of[row].map_or_else(|| NO_VALUE.to_owned(), |value| column.values[value as usize].text()),
            Some(position) => match column.of[row] {
                None if node[position] + 1 == hierarchies[position].levels() => ALL.to_owned(),
                None => NO_VALUE.to_owned(),
                Some(value) => hierarchies[position].text(node[position], value),
            },
        };
        self.columns.iter().enumerate().map(text).collect()
    }
}

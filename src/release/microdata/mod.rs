//! Rows of persons, generalised until everyone is among enough people alike.

mod classes;
mod lattice;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use rayon::slice::ParallelSliceMut;

use self::classes::{Classes, Key, Quasi};
use self::lattice::{Best, Rule, search};
use super::column::{Column, Labels, NO_VALUE, Value, persons};
use super::dataset::Dataset;
use super::error::ReleaseError;
use super::hierarchy::{ALL, Hierarchy};
use crate::config::raw::release::{Microdata as Spec, Release};
use crate::config::{Limits, Role};
use crate::text::COUNT_BASE;
use salanimi_core::Id;

/// The most combinations of levels that are searched.
const MOST_NODES: usize = 100_000;

/// A table of rows that may leave.
#[derive(Debug)]
pub(super) struct Microdata {
    pub(super) name: Id,
    /// Columns by name, with rows in an order that follows from themselves alone.
    pub(super) columns: Vec<(String, Labels)>,
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
    let (quasi, sensitive) = roles(dataset, spec)?;
    let hierarchies: Vec<Hierarchy> =
        quasi.iter().map(|&at| hierarchy(release, spec, at, &loaded.columns[at])).collect::<Result<_, _>>()?;
    if !is_searchable(&hierarchies) {
        return Err(ReleaseError::TooFine { name: spec.name.clone() });
    }
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
    let is_kept = |row: &u32| kept.contains(&classes.key_of_row(&best.node, *row as usize));
    let mut rows: Vec<u32> = (0..loaded.rows as u32).filter(is_kept).collect();
    let done = done(spec, (&quasi, &sensitive), &hierarchies, &best, rule, loaded.rows as u64);
    let labels = loaded.generalised(&quasi, &hierarchies, &best.node);
    // By what people have in common first, so that the order tells nothing more.
    let order: Vec<usize> = quasi.iter().copied().chain(0..labels.len()).collect();
    rows.par_sort_unstable_by(|&a, &b| {
        let by = |&at: &usize| labels[at].of[a as usize].cmp(&labels[at].of[b as usize]);
        order.iter().map(by).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    let columns = spec.columns.iter().zip(labels).map(|(name, labels)| (name.to_string(), labels.of_rows(&rows)));
    Ok(Microdata { name: spec.name.clone(), columns: columns.collect(), done })
}

/// Whether the combinations of levels are few enough to be searched, and those of values to be told apart by one number.
fn is_searchable(hierarchies: &[Hierarchy]) -> bool {
    let levels = hierarchies.iter().try_fold(1_usize, |product, hierarchy| product.checked_mul(hierarchy.levels()));
    // Rows without a value count as one more.
    let of_values = |product: Key, hierarchy: &Hierarchy| product.checked_mul(hierarchy.values() as Key + 1);
    levels.is_some_and(|nodes| nodes <= MOST_NODES) && hierarchies.iter().try_fold(1, of_values).is_some()
}

/// The positions of the columns that are taken for quasi-identifying, and for sensitive.
fn roles(dataset: &Dataset<'_>, spec: &Spec) -> Result<(Vec<usize>, Vec<usize>), ReleaseError> {
    let positions = |names: &[Id]| names.iter().map(|name| position(spec, name)).collect::<Result<Vec<_>, _>>();
    let of_role = |role: Role| {
        let has_role = move |&at: &usize| dataset.role(spec.table.as_str(), spec.columns[at].as_str()) == role;
        (0..spec.columns.len()).filter(has_role)
    };
    let quasi = spec.quasi.as_deref().map_or_else(|| Ok(of_role(Role::Quasi).collect()), positions)?;
    if let Some(at) = of_role(Role::Quasi).find(|at| !quasi.contains(at)) {
        return Err(ReleaseError::NotQuasi { name: spec.name.clone(), column: spec.columns[at].clone() });
    }
    let others = || of_role(Role::Sensitive).filter(|at| !quasi.contains(at)).collect();
    let sensitive = spec.sensitive.as_deref().map_or_else(|| Ok(others()), positions)?;
    Ok((quasi, sensitive))
}

/// What the rule of the contract asks that no generalisation can give.
fn refused(spec: &Spec, rule: Rule, classes: &Classes<'_>) -> ReleaseError {
    ReleaseError::Unlike {
        name: spec.name.clone(),
        k: rule.k,
        l: rule.l,
        // Rounded down, because it tells how many people there are.
        most_k: (classes.rows() / COUNT_BASE * COUNT_BASE).max(1),
        most_l: classes.most_diverse().unwrap_or(1),
    }
}

fn hierarchy(release: &Release, spec: &Spec, at: usize, column: &Column) -> Result<Hierarchy, ReleaseError> {
    let name = &spec.columns[at];
    Hierarchy::of(name.as_str(), release.hierarchies.get(name), &column.values)
        .map_err(|hierarchy| ReleaseError::Hierarchy { name: spec.name.clone(), hierarchy })
}

fn done(
    spec: &Spec,
    (quasi, sensitive): (&[usize], &[usize]),
    hierarchies: &[Hierarchy],
    best: &Best,
    rule: Rule,
    rows: u64,
) -> Vec<String> {
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
            diverse(spec, sensitive, rule)
        ),
        format!("information lost: {:.1} %, the least of all combinations of levels", 100.0 * best.outcome.loss),
    ]
}

/// What the rule asks of the sensitive columns, in words.
fn diverse(spec: &Spec, sensitive: &[usize], rule: Rule) -> String {
    let names = sensitive.iter().map(|&at| spec.columns[at].as_str()).collect::<Vec<_>>().join(", ");
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
        let table = dataset.table(&spec.name, spec.table.as_str())?;
        let position = |column: &Id| dataset.releasable(&spec.name, table, column.as_str());
        let positions: Vec<usize> = spec.columns.iter().map(position).collect::<Result<_, _>>()?;
        let opened = dataset.open_table(table)?;
        // Linked tables are sorted by person.
        if persons(&opened, 0)?.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(ReleaseError::SeveralRows { name: spec.name.clone(), table: table.name.clone() });
        }
        let columns = Column::load(&opened, &positions)?;
        let rows = columns.first().map_or(0, |column| column.of.len());
        Ok(Self { columns, rows })
    }

    /// The columns, of which the quasi-identifiers are on the levels of a node.
    fn generalised(&self, quasi: &[usize], hierarchies: &[Hierarchy], node: &[usize]) -> Vec<Labels> {
        let labels = |(at, column): (usize, &Column)| {
            let none = column.values.len() as u32;
            let level = quasi.iter().position(|&quasi| quasi == at).map(|at| (&hierarchies[at], node[at]));
            let mut texts: Vec<String> = match level {
                None => column.values.iter().map(Value::text).collect(),
                Some((hierarchy, level)) => (0..none).map(|value| hierarchy.text(level, value)).collect(),
            };
            let is_one_for_all = level.is_some_and(|(hierarchy, level)| level + 1 == hierarchy.levels());
            texts.push(if is_one_for_all { ALL } else { NO_VALUE }.to_owned());
            Labels::new(&texts, column.of.iter().map(|at| at.unwrap_or(none)))
        };
        self.columns.iter().enumerate().map(labels).collect()
    }
}

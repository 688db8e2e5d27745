//! Roles of a table's columns: from the contract, or guessed from names.

use std::collections::BTreeMap;

use super::column::{Column, ColumnRole};
use super::hints;
use super::kind::Kind;
use super::label::label;
use crate::config::raw::release::Microdata;
use crate::config::{AnalysisTable, Contract, PSEUDONYM, Role, Table};
use crate::exchange::{ReleasedItem, ReleasedKind};
use crate::table::AnyTable;
use salanimi_core::Id;

/// The person's column in a linked dataset.
const PERSON: &str = "person";
/// Starts of the Arrow types of dates and times.
const DATE_TYPES: [&str; 2] = ["Date", "Timestamp"];

/// Definition of a table's roles.
pub(super) enum RoleSource<'a> {
    /// A table of the contract, with its position there.
    Contract(usize, &'a Table),
    /// An analysis table of a linked dataset.
    Analysis(&'static AnalysisTable),
    /// A released table of this kind, with the roles that the contract defines.
    Release(ReleasedKind, Option<BTreeMap<String, ColumnRole>>),
    /// Nothing but the names of the columns.
    NameHints,
}

impl RoleSource<'_> {
    /// Returns the table's position in the contract.
    pub fn position(&self) -> Option<usize> {
        if let Self::Contract(position, _) = self { Some(*position) } else { None }
    }

    /// Returns the definition of an analysis table.
    pub fn analysis(&self) -> Option<&'static AnalysisTable> {
        if let Self::Analysis(table) = self { Some(*table) } else { None }
    }

    /// Returns true if the roles are defined, not guessed.
    pub fn is_defined(&self) -> bool {
        !matches!(self, Self::NameHints | Self::Release(_, None))
    }

    /// Returns true for a released table whose rows are counts, not persons.
    pub fn has_counts(&self) -> bool {
        matches!(self, Self::Release(kind, _) if *kind != ReleasedKind::Microdata)
    }

    fn role(&self, name: &str, kind: Kind) -> Option<ColumnRole> {
        match self {
            Self::Contract(_, table) => contract_role(name, table, kind),
            Self::Analysis(table) => table.column(name).map(|column| column.role.into()),
            Self::Release(_, Some(roles)) => Some(roles.get(name).map_or(ColumnRole::Other, |role| *role)),
            Self::Release(_, None) => Some(without_pseudonyms(hints::role(name, false))),
            Self::NameHints => None,
        }
    }
}

/// Returns the role of a released column: a release holds no pseudonyms.
fn without_pseudonyms(role: ColumnRole) -> ColumnRole {
    match role {
        ColumnRole::Person | ColumnRole::Reference => ColumnRole::Other,
        role => role,
    }
}

fn contract_role(name: &str, table: &Table, kind: Kind) -> Option<ColumnRole> {
    if name == PSEUDONYM || (kind == Kind::Linked && name == PERSON) {
        return Some(ColumnRole::Person);
    }
    table.column(name).map(|position| table.columns[position].role.into())
}

/// Returns the roles of a released table's columns. Microdata have those that the contract defines for the release or
/// for the linked table. Tables of counts have none.
pub(super) fn released(contract: &Contract, item: &ReleasedItem) -> BTreeMap<String, ColumnRole> {
    let mut microdata = contract.release.iter().flat_map(|release| &release.microdata);
    let Some(spec) = microdata.find(|spec| spec.name == item.name) else { return BTreeMap::new() };
    spec.columns.iter().map(|name| (name.to_string(), released_role(contract, spec, name))).collect()
}

fn released_role(contract: &Contract, spec: &Microdata, name: &Id) -> ColumnRole {
    let role = source_role(contract, spec.table.as_str(), name.as_str());
    if is_listed(spec.quasi.as_ref(), name, role == Some(Role::Quasi)) {
        ColumnRole::Quasi
    } else if is_listed(spec.sensitive.as_ref(), name, role == Some(Role::Sensitive)) {
        ColumnRole::Sensitive
    } else {
        ColumnRole::Other
    }
}

/// Returns the role of a column in the linked table that a release is made from.
fn source_role(contract: &Contract, table: &str, name: &str) -> Option<Role> {
    let analysis = contract.analysis.as_deref().and_then(|analysis| analysis.table(table));
    analysis.and_then(|known| known.column(name)).map(|column| column.role).or_else(|| {
        let (_, known) = contract.table(table)?;
        Some(known.columns[known.column(name)?].role)
    })
}

/// Returns true if `names` lists `name`; without a list the role in the source decides.
fn is_listed(names: Option<&Vec<Id>>, name: &Id, by_role: bool) -> bool {
    names.map_or(by_role, |names| names.contains(name))
}

/// Returns the columns of `table` with their roles: defined ones, or those that the names suggest.
pub(super) fn columns(table: &AnyTable, source: &RoleSource<'_>, kind: Kind) -> Vec<Column> {
    let columns = table.columns().iter().zip(1..);
    let mut columns: Vec<Column> = columns
        .map(|((name, data_type), number)| {
            let is_date = DATE_TYPES.iter().any(|date| data_type.starts_with(date));
            let role = source.role(name, kind).unwrap_or_else(|| hints::role(name, is_date));
            let label = if table.is_named() { label(name, "column", number) } else { format!("column {number}") };
            Column { name: name.clone(), label, role }
        })
        .collect();
    if kind != Kind::Released {
        keep_one_person(&mut columns);
    }
    columns
}

/// Leaves one column with the role of the person: the likeliest by its name, or else the likeliest reference.
fn keep_one_person(columns: &mut [Column]) {
    // A column without a hint has its role from a contract, and ranks before all others.
    let person = likeliest(columns, ColumnRole::Person, hints::person_rank);
    let Some(person) = person.or_else(|| likeliest(columns, ColumnRole::Reference, hints::reference_rank)) else {
        return;
    };
    for (position, column) in columns.iter_mut().enumerate() {
        if position == person {
            column.role = ColumnRole::Person;
        } else if column.role == ColumnRole::Person {
            column.role = ColumnRole::Reference;
        }
    }
}

fn likeliest(columns: &[Column], role: ColumnRole, rank: fn(&str) -> Option<usize>) -> Option<usize> {
    let candidates = columns.iter().enumerate().filter(|(_, column)| column.role == role);
    candidates.min_by_key(|(_, column)| rank(&column.name)).map(|(position, _)| position)
}

//! What the columns of a table are to a person: as the contract says, or as names and contents let one think.

use std::collections::BTreeMap;

use crate::config::{AnalysisTable, Contract, PSEUDONYM, Role, Table};
use crate::exchange::ReleasedTable;
use crate::table::AnyTable;
use salanimi_core::Id;

use super::subject::{Column, ColumnRole, Kind, label};

/// The person's column in a linked dataset.
const PERSON: &str = "person";

/// Parts of names, in lower case, by which people call columns that stand for persons; the likeliest first.
const PERSON_NAMES: [&str; 24] = [
    "pseudonym",
    "pseudonyymi",
    "pseudo",
    "psn",
    "person",
    "henkilo",
    "henkilö",
    "hlo",
    "hetu",
    "asiakas",
    "client",
    "patient",
    "potilas",
    "hakija",
    "applicant",
    "opiskelija",
    "student",
    "subject",
    "tutkimusnumero",
    "tutkimushenkilo",
    "tnro",
    "pid",
    "shnro",
    "lomtunnus",
];
/// The same for other things that pseudonyms stand for.
const REFERENCE_NAMES: [&str; 14] = [
    "_id", "id", "tunnus", "tunniste", "hash", "tiiviste", "key", "avain", "uuid", "guid", "viite", "token", "numero",
    "nro",
];
/// The same for what singles people out together.
const QUASI_NAMES: [&str; 50] = [
    "sex",
    "gender",
    "sukupuoli",
    "age",
    "ika",
    "ikä",
    "birth",
    "synt",
    "dob",
    "municip",
    "kunta",
    "county",
    "maakunta",
    "hyvinvointialue",
    "region",
    "area",
    "alue",
    "post",
    "zip",
    "household_type",
    "kotitaloustyyppi",
    "perhe",
    "family",
    "n_children",
    "lapsia",
    "child",
    "marital",
    "siviilisaaty",
    "siviilisääty",
    "education",
    "koulutus",
    "occupation",
    "ammatti",
    "language",
    "kieli",
    "nationality",
    "kansalaisuus",
    "country",
    "role",
    "rooli",
    "agegr",
    "ikaryhm",
    "yob",
    "ethnic",
    "nation",
    "citizen",
    "civil_status",
    "residence",
    "asuin",
    "hva",
];

/// The same for what a person would not want known.
const SENSITIVE_NAMES: [&str; 20] = [
    "reason",
    "syy",
    "diagnos",
    "icd",
    "decision",
    "paatos",
    "päätös",
    "outcome",
    "toteutuminen",
    "paid",
    "maksettu",
    "income",
    "tulo",
    "benefit_eur",
    "etuus",
    "service",
    "palvelu",
    "event_type",
    "tapahtumalaji",
    "goal",
];

/// What is known of a table.
pub(super) enum Known<'a> {
    /// It is a table of the contract, at a position.
    Contract(usize, &'a Table),
    /// It is an analysis table of a linked dataset.
    Analysis(&'static AnalysisTable),
    /// It was released; what its columns are to a person, where the contract says.
    Released(Option<BTreeMap<String, ColumnRole>>),
    Nothing,
}

impl Known<'_> {
    fn role(&self, name: &str, kind: Kind) -> Option<ColumnRole> {
        match self {
            Self::Contract(_, table) => by_contract(name, table, kind),
            Self::Analysis(table) => table.column(name).map(|column| column.role.into()),
            Self::Released(Some(roles)) => Some(roles.get(name).copied().unwrap_or(ColumnRole::Other)),
            // No column of what is released stands for persons.
            Self::Released(None) => Some(by_name(&name.to_lowercase(), "")).map(|role| match role {
                ColumnRole::Person | ColumnRole::Reference => ColumnRole::Other,
                role => role,
            }),
            Self::Nothing => None,
        }
    }
}

/// What the columns of a released table are to a person: of rows of persons, as the contract says of the release or of the
/// linked table. What is counted is nobody's.
pub(super) fn released(contract: &Contract, table: &ReleasedTable) -> BTreeMap<String, ColumnRole> {
    let rows = contract.release.iter().flat_map(|release| &release.microdata).find(|spec| spec.name == table.name);
    let Some(spec) = rows else { return BTreeMap::new() };
    let role = |name: &Id| {
        let analysis = contract.analysis.as_deref().and_then(|analysis| analysis.table(spec.table.as_str()));
        let linked = analysis.and_then(|known| known.column(name.as_str()));
        let of_table = || contract.table(spec.table.as_str()).map(|(_, known)| known);
        let of_contract = || of_table().and_then(|known| Some(known.columns[known.column(name.as_str())?].role));
        let role = linked.map(|column| column.role).or_else(of_contract);
        let is = |named: Option<&Vec<Id>>, by_role| named.map_or(role == Some(by_role), |names| names.contains(name));
        match (is(spec.quasi.as_ref(), Role::Quasi), is(spec.sensitive.as_ref(), Role::Sensitive)) {
            (true, _) => ColumnRole::Quasi,
            (false, true) => ColumnRole::Sensitive,
            (false, false) => ColumnRole::Other,
        }
    };
    spec.columns.iter().map(|name| (name.to_string(), role(name))).collect()
}

/// The columns of `table` with their roles: those that are known, else those that their names promise.
pub(super) fn columns(table: &AnyTable, known: &Known<'_>, kind: Kind) -> Vec<Column> {
    let columns = table.columns().iter().zip(1..);
    let mut columns: Vec<Column> = columns
        .map(|((name, data_type), number)| {
            let role = known.role(name, kind).unwrap_or_else(|| by_name(&name.to_lowercase(), data_type));
            let label = if table.is_named() { label(name, "column", number) } else { format!("column {number}") };
            Column { name: name.clone(), label, role }
        })
        .collect();
    if kind != Kind::Released {
        one_person(&mut columns);
    }
    columns
}

fn by_contract(name: &str, known: &Table, kind: Kind) -> Option<ColumnRole> {
    if name == PSEUDONYM || (kind == Kind::Linked && name == PERSON) {
        return Some(ColumnRole::Person);
    }
    known.column(name).map(|position| known.columns[position].role.into())
}

fn by_name(name: &str, data_type: &str) -> ColumnRole {
    let dated = ["Date", "Timestamp"].iter().any(|t| data_type.starts_with(t));
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    let has = |parts: &[&str]| {
        parts.iter().any(|part| if part.len() < 4 { words.contains(part) } else { name.contains(part) })
    };
    if has(&PERSON_NAMES) && !dated {
        ColumnRole::Person
    } else if has(&QUASI_NAMES) {
        ColumnRole::Quasi
    } else if (has(&REFERENCE_NAMES) || name.ends_with("_id")) && !dated {
        ColumnRole::Reference
    } else if has(&SENSITIVE_NAMES) && !dated {
        ColumnRole::Sensitive
    } else {
        ColumnRole::Other
    }
}

/// Of the columns that could stand for the person the likeliest by its name does; where none is called so, the first
/// of the likeliest references.
fn one_person(columns: &mut [Column]) {
    let rank = |column: &Column| PERSON_NAMES.iter().position(|part| column.name.to_lowercase().contains(part));
    let persons = columns.iter().enumerate().filter(|(_, column)| column.role == ColumnRole::Person);
    let likeliest = persons.min_by_key(|(_, column)| rank(column)).map(|(position, _)| position);
    let reference = |column: &Column| REFERENCE_NAMES.iter().position(|part| column.name.to_lowercase().contains(part));
    let references = columns.iter().enumerate().filter(|(_, column)| column.role == ColumnRole::Reference);
    let reference = || references.min_by_key(|(_, column)| reference(column)).map(|(position, _)| position);
    let Some(person) = likeliest.or_else(reference) else { return };
    for (position, column) in columns.iter_mut().enumerate() {
        match column.role {
            ColumnRole::Person if position != person => column.role = ColumnRole::Reference,
            _ if position == person => column.role = ColumnRole::Person,
            _ => {}
        }
    }
}

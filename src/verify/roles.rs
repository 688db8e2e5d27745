//! What the columns of a table are to a person: as the contract says, or as names and contents let one think.

use crate::config::{AnalysisTable, PSEUDONYM, Table};
use crate::table::AnyTable;

use super::subject::{Column, ColumnRole, Kind, label};

/// The person's column in a linked dataset.
const PERSON: &str = "person";

/// Parts of names, in lower case, by which people call columns that stand for persons; the likeliest first.
const PERSON_NAMES: [&str; 22] = [
    "pseudonym",
    "pseudonyymi",
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
#[derive(Clone, Copy)]
pub(super) enum Known<'a> {
    /// It is a table of the contract.
    Contract(&'a Table),
    /// It is an analysis table of a linked dataset.
    Analysis(&'a AnalysisTable),
    Nothing,
}

impl Known<'_> {
    fn role(&self, name: &str, kind: Kind) -> Option<ColumnRole> {
        match self {
            Self::Contract(table) => by_contract(name, table, kind),
            Self::Analysis(table) => table.column(name).map(|column| column.role.into()),
            Self::Nothing => None,
        }
    }
}

/// The columns of `table` with their roles: those that are known, else those that their names promise.
pub(super) fn columns(table: &AnyTable, known: Known<'_>, kind: Kind) -> Vec<Column> {
    let columns = table.columns().iter().zip(1..);
    let mut columns: Vec<Column> = columns
        .map(|((name, data_type), number)| {
            let role = known.role(name, kind).unwrap_or_else(|| by_name(&name.to_lowercase(), data_type));
            Column { name: name.clone(), label: label(name, "column", number), role }
        })
        .collect();
    one_person(&mut columns);
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
/// reference.
fn one_person(columns: &mut [Column]) {
    let rank = |column: &Column| PERSON_NAMES.iter().position(|part| column.name.to_lowercase().contains(part));
    let persons = columns.iter().enumerate().filter(|(_, column)| column.role == ColumnRole::Person);
    let likeliest = persons.min_by_key(|(_, column)| rank(column)).map(|(position, _)| position);
    let first = || columns.iter().position(|column| column.role == ColumnRole::Reference);
    let Some(person) = likeliest.or_else(first) else { return };
    for (position, column) in columns.iter_mut().enumerate() {
        match column.role {
            ColumnRole::Person if position != person => column.role = ColumnRole::Reference,
            _ if position == person => column.role = ColumnRole::Person,
            _ => {}
        }
    }
}

//! The description of a linked dataset for other tools: a Frictionless Data Package.

use std::sync::Arc;

use serde::Serialize;

use crate::config::{
    ColumnWords, Contract, Role, Words, analysis_table, code_label, column_words, labelled_codes, table_title,
};
use crate::exchange::{LinkedManifest, LinkedTable, PERSONS};
use crate::table::ValueType;

/// The profile that the description follows.
const PROFILE: &str = "https://datapackage.org/profiles/2.0/datapackage.json";
/// The column that stands for the person in every table.
const PERSON: &str = "person";
/// What a column of the table of persons begins with that says in which source table a person occurs.
const OCCURS: &str = "in_";

#[derive(Serialize)]
struct Package<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    name: &'a str,
    title: &'a str,
    description: String,
    synthetic: bool,
    resources: Vec<Resource<'a>>,
}

#[derive(Serialize)]
struct Resource<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    title_fi: String,
    path: &'a str,
    format: &'static str,
    mediatype: &'static str,
    hash: String,
    schema: Schema<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Schema<'a> {
    fields: Vec<Field<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    primary_key: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    foreign_keys: Vec<ForeignKey>,
}

#[derive(Serialize)]
struct ForeignKey {
    fields: [&'static str; 1],
    reference: Reference,
}

#[derive(Serialize)]
struct Reference {
    resource: &'static str,
    fields: [&'static str; 1],
}

#[derive(Serialize)]
struct Field<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    title_fi: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    transform: &'a str,
    #[serde(skip_serializing_if = "Constraints::is_none")]
    constraints: Constraints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<Category>,
}

#[derive(Default, Serialize)]
struct Constraints {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    #[serde(rename = "enum", skip_serializing_if = "Vec::is_empty")]
    codes: Vec<String>,
}

impl Constraints {
    fn is_none(&self) -> bool {
        !self.required && self.codes.is_empty()
    }
}

#[derive(Serialize)]
struct Category {
    value: String,
    label: String,
    label_fi: String,
}

/// The description of a linked dataset as JSON.
///
/// # Errors
/// It cannot be written as JSON, which is a fault of the tool.
pub(super) fn datapackage(contract: &Contract, manifest: &LinkedManifest) -> Result<String, serde_json::Error> {
    let study = &contract.study;
    let package = Package {
        schema: PROFILE,
        name: study.id.as_str(),
        title: &study.title,
        description: format!(
            "Linked dataset of the study {}, permit {}: pseudonymised personal data.",
            study.id, study.permit
        ),
        synthetic: manifest.synthetic,
        resources: manifest.tables.iter().map(|table| resource(contract, table)).collect(),
    };
    Ok(serde_json::to_string_pretty(&package)? + "\n")
}

fn resource<'a>(contract: &Contract, table: &'a LinkedTable) -> Resource<'a> {
    let title = table_title(&table.name);
    let is_persons = table.name == PERSONS;
    let key = analysis_table(&table.name).map(|analysis| analysis.key.iter().map(String::as_str).collect());
    let persons = ForeignKey { fields: [PERSON], reference: Reference { resource: PERSONS, fields: [PERSON] } };
    Resource {
        name: &table.name,
        kind: "table",
        title: title.en,
        title_fi: title.fi,
        path: &table.file,
        format: "parquet",
        mediatype: "application/vnd.apache.parquet",
        hash: format!("sha256:{}", table.file_digest),
        schema: Schema {
            fields: table.columns.iter().map(|column| field(contract, &table.name, column)).collect(),
            primary_key: if is_persons { vec![PERSON] } else { key.unwrap_or_default() },
            foreign_keys: if is_persons { Vec::new() } else { vec![persons] },
        },
    }
}

fn field<'a>(contract: &Contract, table: &str, (name, value, transform): &'a (String, String, String)) -> Field<'a> {
    let words = words(table, name);
    let list = words.codes.as_deref().unwrap_or(name);
    let codes = if value == "code" { codes(contract, table, name, list) } else { Vec::new() };
    Field {
        name,
        kind: kind(value),
        description: description(value, transform),
        role: role(contract, table, name),
        transform,
        categories: categories(list, &codes),
        constraints: Constraints { required: name == PERSON, codes },
        title: words.en,
        title_fi: words.fi,
        unit: words.unit,
    }
}

fn words(table: &str, name: &str) -> ColumnWords {
    let occurs = name.strip_prefix(OCCURS).filter(|_| table == PERSONS).map(|source| {
        let Words { en, fi } = table_title(source);
        Words { en: format!("Occurs in: {en}"), fi: format!("Esiintyy taulussa: {fi}") }
    });
    column_words(table, name).unwrap_or_else(|| {
        let Words { en, fi } = occurs.unwrap_or_else(|| Words::same(name));
        ColumnWords { en, fi, unit: None, codes: None }
    })
}

/// The Frictionless type of what Parquet holds.
fn kind(value: &str) -> &'static str {
    match value {
        "date" | "month" => "date",
        "integer" => "integer",
        "decimal" => "number",
        "flag" => "boolean",
        _ => "string",
    }
}

/// How a value is to be read.
fn description(value: &str, transform: &str) -> Option<String> {
    match (value, transform.split_once(' ')) {
        (_, Some(("band", width))) => Some(format!("The lower edge of a band of {width}.")),
        (_, Some(("top", most))) => Some(format!("{most} means {most} or more.")),
        (_, Some(("map", mapping))) => Some(format!("By the contract's mapping {mapping}.")),
        ("month", _) => Some("The first day of the month.".to_owned()),
        ("id", _) => Some("Holds within this dataset only.".to_owned()),
        _ => None,
    }
}

fn role(contract: &Contract, table: &str, name: &str) -> Option<Role> {
    if name == PERSON {
        return Some(Role::Person);
    }
    if let Some(column) = analysis_table(table).and_then(|analysis| analysis.column(name)) {
        return Some(column.role);
    }
    let (_, table) = contract.table(table)?;
    table.column(name).map(|at| table.columns[at].role)
}

/// The codes that a column can hold.
fn codes(contract: &Contract, table: &str, name: &str, list: &str) -> Vec<String> {
    let of = |value: Option<ValueType>| match value {
        Some(ValueType::Code(codes)) => Some(Arc::clone(&codes)),
        _ => None,
    };
    let codes = match contract.table(table) {
        Some((_, table)) => of(table.linked_value(name)),
        None => contract.analysis.as_ref().and_then(|analysis| match list {
            "age_group" => Some(analysis.age_groups.codes().clone()),
            // Organisers' counties are those of homes and any that stand for themselves.
            "county" if name == list => Some(analysis.municipalities.to().clone()),
            "county" => Some(analysis.organisers.to().clone()),
            // Passed on from the source column of this name.
            _ => contract.tables.iter().find_map(|source| of(source.linked_value(name))),
        }),
    };
    codes.map_or_else(|| labelled_codes(list).map(str::to_owned).collect(), |codes| codes.values().to_vec())
}

/// The labels of codes; none where the list has none at all.
fn categories(list: &str, codes: &[String]) -> Vec<Category> {
    if codes.iter().all(|code| code_label(list, code).is_none()) {
        return Vec::new();
    }
    let category = |code: &String| {
        let Words { en, fi } = code_label(list, code).cloned().unwrap_or_else(|| Words::same(code));
        Category { value: code.clone(), label: en, label_fi: fi }
    };
    codes.iter().map(category).collect()
}

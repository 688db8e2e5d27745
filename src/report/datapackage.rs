//! The description of a linked dataset for other tools: a Frictionless Data Package.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::config::{
    Analysis, BY_EVIDENCE, ColumnWords, Contract, EVIDENCE_PRECISION, LINKED_PERSON, Label, MATCH_KIND, Role,
    match_kinds,
};
use crate::exchange::{LinkedManifest, LinkedTable, PERSONS};
use crate::table::ValueType;

/// The profile that the description follows.
const PROFILE: &str = "https://datapackage.org/profiles/2.0/datapackage.json";
/// Texts that stand for an absent value. Parquet has none, but readers that turn whole numbers with gaps into binary
/// numbers show `nan`.
const MISSING_VALUES: [&str; 2] = ["", "nan"];
/// Start of the names of columns in the table of persons that flag occurrence in a source table.
const OCCURRENCE: &str = "in_";
/// Titles of those columns, before the title of the table.
const OCCURRENCE_TITLES: [(&str, &str); 3] =
    [("en", "Occurs in"), ("fi", "Esiintyy taulussa"), ("sv", "Förekommer i tabellen")];

/// Titles of the columns about persons who are linked without a code.
const EVIDENCE_TITLES: [(&str, [(&str, &str); 3]); 3] = [
    (
        BY_EVIDENCE,
        [("en", "Linked without a code"), ("fi", "Yhdistetty ilman tunnusta"), ("sv", "Länkad utan beteckning")],
    ),
    (
        MATCH_KIND,
        [("en", "How the person is linked"), ("fi", "Miten henkilö on yhdistetty"), ("sv", "Hur personen är länkad")],
    ),
    (
        EVIDENCE_PRECISION,
        [
            ("en", "Measured precision of the link without a code"),
            ("fi", "Ilman tunnusta tehdyn yhteyden mitattu tarkkuus"),
            ("sv", "Uppmätt precision för länken utan beteckning"),
        ],
    ),
];

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
    #[serde(flatten)]
    title: Titles,
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
    missing_values: [&'static str; 2],
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
    #[serde(flatten)]
    title: Titles,
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
    #[serde(flatten)]
    label: BTreeMap<String, String>,
}

/// `title` in English, and `title_<language>` for every other language of the words file.
#[derive(Serialize)]
struct Titles {
    title: String,
    #[serde(flatten)]
    translations: BTreeMap<String, String>,
}

impl Titles {
    fn new(label: &Label) -> Self {
        let mut texts = translated("title", label);
        let title = texts.remove("title");
        Self { title: title.unwrap_or_else(|| unreachable!("every label has English")), translations: texts }
    }
}

/// `<key>` in English, and `<key>_<language>` for every other language of the words file.
fn translated(key: &str, label: &Label) -> BTreeMap<String, String> {
    let english = (key.to_owned(), label.text("en").to_owned());
    let others = label.translations().map(|(language, text)| (format!("{key}_{language}"), text.to_owned()));
    std::iter::once(english).chain(others).collect()
}

/// The description of a linked dataset as JSON.
///
/// # Errors
/// It cannot be written as JSON, which is a bug in salanimi.
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
    let is_persons = table.name == PERSONS;
    let analysis = contract.analysis.as_deref().and_then(|analysis| analysis.table(&table.name));
    let key = match analysis {
        Some(analysis) => analysis.key.iter().map(String::as_str).collect(),
        None if is_persons => vec![LINKED_PERSON],
        None => Vec::new(),
    };
    let persons =
        ForeignKey { fields: [LINKED_PERSON], reference: Reference { resource: PERSONS, fields: [LINKED_PERSON] } };
    Resource {
        name: &table.name,
        kind: "table",
        title: Titles::new(&contract.words.table(&table.name)),
        path: &table.file,
        format: "parquet",
        mediatype: "application/vnd.apache.parquet",
        hash: format!("sha256:{}", table.file_digest),
        schema: Schema {
            fields: table.columns.iter().map(|column| field(contract, &table.name, column)).collect(),
            missing_values: MISSING_VALUES,
            primary_key: key,
            foreign_keys: if is_persons { Vec::new() } else { vec![persons] },
        },
    }
}

fn field<'a>(contract: &Contract, table: &str, (name, value, transform): &'a (String, String, String)) -> Field<'a> {
    let words = words(contract, table, name);
    let list = contract.words.code_list(table, name);
    let codes = if value == "code" { codes(contract, table, name) } else { Vec::new() };
    Field {
        name,
        kind: kind(value),
        title: Titles::new(&words.title),
        description: description(value, transform),
        unit: words.unit,
        role: role(contract, table, name),
        transform,
        categories: categories(contract, list, &codes),
        constraints: Constraints { required: name == LINKED_PERSON, codes },
    }
}

/// Words of a column; its own name if it has none.
fn words(contract: &Contract, table: &str, name: &str) -> ColumnWords {
    if let Some(words) = contract.words.column(table, name) {
        return words.clone();
    }
    let about_evidence = EVIDENCE_TITLES.iter().find(|(column, _)| *column == name && contract.is_about_evidence(name));
    if let Some((_, titles)) = about_evidence {
        return ColumnWords::titled(Label::new(titles.map(|(language, title)| (language, title.to_owned()))));
    }
    match name.strip_prefix(OCCURRENCE) {
        Some(source) if table == PERSONS => ColumnWords::titled(occurrence(&contract.words.table(source))),
        _ => ColumnWords::titled(Label::same(name)),
    }
}

fn occurrence(table: &Label) -> Label {
    Label::new(OCCURRENCE_TITLES.map(|(language, title)| (language, format!("{title}: {}", table.text(language)))))
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
    if name == LINKED_PERSON {
        return Some(Role::Person);
    }
    if contract.is_about_evidence(name) {
        return Some(Role::Attribute);
    }
    let analysis = contract.analysis.as_deref().and_then(|analysis| analysis.table(table));
    if let Some(column) = analysis.and_then(|analysis| analysis.column(name)) {
        return Some(column.role);
    }
    let (_, table) = contract.table(table)?;
    table.column(name).map(|at| table.columns[at].role)
}

/// The codes that a column can hold.
fn codes(contract: &Contract, table: &str, name: &str) -> Vec<String> {
    if contract.linkage.is_some() && (table, name) == (PERSONS, MATCH_KIND) {
        return match_kinds().values().to_vec();
    }
    let value = match contract.table(table) {
        Some((_, table)) => table.linked_value(name),
        None => contract.analysis.as_deref().and_then(|analysis| analysis_value(contract, analysis, table, name)),
    };
    match value {
        Some(ValueType::Code(codes)) => codes.values().to_vec(),
        _ => Vec::new(),
    }
}

/// The type of a column of an analysis table.
fn analysis_value(contract: &Contract, analysis: &dyn Analysis, table: &str, name: &str) -> Option<ValueType> {
    let fields = analysis.fields(&contract.source_tables(), table)?;
    fields.into_iter().find(|field| field.name == name).map(|field| field.value)
}

/// The labels of codes; empty if no code has one.
fn categories(contract: &Contract, list: &str, codes: &[String]) -> Vec<Category> {
    if codes.iter().all(|code| contract.words.code(list, code).is_none()) {
        return Vec::new();
    }
    let category = |code: &String| Category {
        value: code.clone(),
        label: translated("label", &contract.words.code_or_itself(list, code)),
    };
    codes.iter().map(category).collect()
}

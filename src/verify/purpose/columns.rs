//! Tables, columns and types of a subject, beside those of the contract.

use super::expected::expected_of;
use super::{COLUMNS, DIRECT};
use crate::config::raw::release::Release;
use crate::config::{Content, Contract};
use crate::table::ValueType;
use crate::text::Text;
use crate::verify::check::{Notes, Table as Evidence, Verdict};
use crate::verify::subject::{Kind, Subject, SubjectTable, listed};

/// Table of persons that every link writes.
const PERSONS_TABLE: &str = "persons";

/// Checks that tables, columns and types are those of the contract.
pub(super) fn columns(subject: &Subject, contract: &Contract, notes: &mut Notes<'_>) {
    let mut differences: Vec<Vec<Text>> = Vec::new();
    for table in subject.tables.iter().filter(|table| table.contract.is_none() && table.analysis.is_none()) {
        if !is_agreed(table, subject.kind, contract) {
            let problem =
                Text::new("not a table of the contract", "ei ole sopimuksen taulu", "inte en tabell i avtalet");
            differences.push(difference(table, "–", problem));
        }
    }
    for table in &subject.tables {
        let Some(expected) = expected_of(table, subject.kind, contract) else { continue };
        for (column, (name, data_type)) in table.columns.iter().zip(table.table.columns()) {
            match expected.iter().find(|expected| expected.name == name) {
                None => {
                    let problem = Text::new(
                        "not a column of the contract",
                        "ei ole sopimuksen sarake",
                        "inte en kolumn i avtalet",
                    );
                    differences.push(difference(table, &column.label, problem));
                }
                Some(expected) if table.table.is_parquet() && !can_hold(data_type, &expected.value) => {
                    let wanted = expected.value.name();
                    let problem = Text::new(
                        format!("not of type {wanted}"),
                        format!("tyyppi ei ole {wanted}"),
                        format!("inte av typen {wanted}"),
                    );
                    differences.push(difference(table, &column.label, problem));
                }
                Some(_) => {}
            }
        }
        for missing in expected.iter().filter(|e| table.columns.iter().all(|column| column.name != e.name)) {
            differences.push(difference(table, missing.name, Text::new("missing", "puuttuu", "saknas")));
        }
    }
    if differences.is_empty() {
        let evidence = Text::new(
            "tables, columns and types are those of the contract",
            "taulut, sarakkeet ja tyypit ovat sopimuksen mukaiset",
            "tabellerna, kolumnerna och typerna följer avtalet",
        );
        notes.note(COLUMNS, Verdict::Pass, evidence);
        return;
    }
    let count = differences.len();
    let evidence = Text::new(
        format!("{count} differences from the contract; ask the holder for the agreed data"),
        format!("{count} poikkeamaa sopimuksesta; pyydä luovuttajalta sovittu aineisto"),
        format!("{count} avvikelser från avtalet; be utlämnaren om de avtalade uppgifterna"),
    );
    let headings = vec![
        Text::new("table", "taulu", "tabell"),
        Text::new("column", "sarake", "kolumn"),
        Text::new("problem", "vika", "fel"),
    ];
    let caption = Text::new("Differences", "Poikkeamat", "Avvikelser");
    notes.note(COLUMNS, Verdict::Fail, evidence).with_table(Evidence { caption, headings, rows: differences });
}

/// Returns true if a table that is not of an exchange is agreed all the same: the persons of a link, or a release.
fn is_agreed(table: &SubjectTable, kind: Kind, contract: &Contract) -> bool {
    let Some(stem) = table.path.file_stem() else { return false };
    match kind {
        Kind::Linked => stem == PERSONS_TABLE,
        Kind::Released => contract.release.iter().flat_map(Release::names).any(|name| stem == name.as_str()),
        _ => false,
    }
}

fn difference(table: &SubjectTable, column: &str, problem: Text) -> Vec<Text> {
    vec![Text::same(table.label.clone()), Text::same(column), problem]
}

/// Returns true if a Parquet column of the Arrow type `data_type` can hold these values.
fn can_hold(data_type: &str, value: &ValueType) -> bool {
    let types: &[&str] = match value {
        ValueType::Code(_) | ValueType::Text | ValueType::LinkedId => &["Utf8", "LargeUtf8", "Dictionary"],
        ValueType::Date | ValueType::Month => &["Date"],
        ValueType::Decimal { .. } => &["Decimal"],
        ValueType::Integer => &["Int", "UInt"],
        ValueType::Flag => &["Boolean"],
        ValueType::Pseudonym => return data_type == "FixedSizeBinary(16)",
        ValueType::Token => return data_type == "FixedSizeBinary(8)",
    };
    types.iter().any(|name| data_type.starts_with(name))
}

/// Checks that no column is a direct identifier of the contract, or the identity code itself.
pub(super) fn direct(subject: &Subject, contract: &Contract, notes: &mut Notes<'_>) {
    let mut found = Vec::new();
    for table in &subject.tables {
        for column in table.columns.iter().filter(|column| is_direct(&column.name.to_lowercase(), contract)) {
            found.push(format!("{}: {}", table.label, column.label));
        }
    }
    if found.is_empty() {
        let evidence = Text::new(
            "no column is a direct identifier",
            "mikään sarake ei ole suora tunniste",
            "ingen kolumn är en direkt identifierare",
        );
        notes.note(DIRECT, Verdict::Pass, evidence);
        return;
    }
    let names = listed(&found);
    let evidence = Text::new(
        format!("direct identifiers, which must not leave the holder: {}", names.en),
        format!("suoria tunnisteita, jotka eivät saa lähteä luovuttajalta: {}", names.fi),
        format!("direkta identifierare, som inte får lämna utlämnaren: {}", names.sv),
    );
    notes.note(DIRECT, Verdict::Fail, evidence);
}

fn is_direct(name: &str, contract: &Contract) -> bool {
    let columns = contract.tables.iter().flat_map(|table| &table.columns);
    columns.filter(|c| matches!(c.content, Content::Direct | Content::Person(_))).any(|c| c.name.as_str() == name)
}

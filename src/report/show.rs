//! Contracts and Parquet files as text.

use super::plain::on_one_line;
use super::table::TextTable;
use crate::config::{Content, Contract, Derived, Include, Linkage};
use crate::table::{ParquetDescription, Transform};

/// Text of a column that is not passed on.
const OMITTED: &str = "omitted";

/// Returns a contract as text: the study, each column with its transforms, and the parties.
#[must_use]
pub fn contract(contract: &Contract) -> String {
    let study = &contract.study;
    let mut text = format!(
        "Contract of the study {}: {}\n  permit {}; controller: {}\n  window {}\n  pseudonymisation domain: {}\n  \
         exchange section {}\n",
        study.id, study.title, study.permit, study.controller, study.window, study.domain, contract.exchange_digest
    );
    if let Some(linkage) = &contract.linkage {
        text += &linkage_without_codes(linkage);
    }
    for table in &contract.tables {
        text += &format!("Table {}\n", table.name);
        let mut columns = TextTable::new(&["column", "holds", "delivered", "linked"]);
        for (position, column) in table.columns.iter().enumerate() {
            let [delivered, linked] = match &column.content {
                Content::Person(_) | Content::Reference(..) => ["pseudonym", "re-keyed"].map(str::to_owned),
                _ => {
                    let field = table.sources.iter().position(|&source| source == position);
                    let linked = field.and_then(|field| table.linked[field].as_ref());
                    [column.deliver.as_ref(), linked].map(described)
                }
            };
            columns.row([column.name.to_string(), holds(&column.content), delivered, linked]);
        }
        text += &columns.render();
    }
    text + &parties(contract)
}

/// Returns what linkage without identifiers does, and under which thresholds.
fn linkage_without_codes(linkage: &Linkage) -> String {
    let settings = &linkage.settings;
    let cohorts = match linkage.with_cohorts {
        true => "with persons who lack a code",
        false => "without persons who lack a code",
    };
    let include = match settings.include {
        Include::Flag => "in the dataset, with a flag",
        Include::AccountingOnly => "counted only",
    };
    format!(
        "  linkage without codes of the kind {}: {}\n    \
         deliveries hold keyed tokens of names, birth date and address; cohort extracts are {cohorts}\n    \
         a class of agreements links from a lower bound of {}, measured on at least {} persons; \
         linked persons are {include}\n",
        linkage.kind, linkage.ground, settings.min_class_precision, settings.min_calibration
    )
}

fn described(transform: Option<&Transform>) -> String {
    transform.map_or_else(|| OMITTED.to_owned(), Transform::describe)
}

/// Returns the parties that open deliveries, and those that sign them.
fn parties(contract: &Contract) -> String {
    let mut text = match contract.recipients.is_empty() {
        true => "Deliveries are not sealed: no recipient is named\n".to_owned(),
        false => "Deliveries are sealed to\n".to_owned(),
    };
    contract.recipients.iter().for_each(|(name, recipient)| text += &format!("  {name}: {recipient}\n"));
    text += match contract.holders.is_empty() {
        true => "Deliveries are not signed: no holder's key is listed\n",
        false => "Deliveries are signed by\n",
    };
    contract.holders.iter().for_each(|(name, keys)| {
        text += &format!("  {name}: {}\n", keys.signing);
        if let Some(recipient) = &keys.recipient {
            text += &format!("    lists and keys for this holder are encrypted to {recipient}\n");
        }
    });
    if !contract.signatories.is_empty() {
        text += "Certificates of destruction are signed by these holders and by\n";
    }
    contract.signatories.iter().for_each(|(name, key)| text += &format!("  {name}: {key}\n"));
    text
}

fn holds(content: &Content) -> String {
    match content {
        Content::Person(kind) => format!("person ({kind})"),
        Content::Reference(label, _) => format!("reference ({label})"),
        Content::Direct => "direct identifier".to_owned(),
        Content::Value(rules) => rules.value.name().to_owned(),
        Content::Derived(Derived::BirthYear) => "derived: birth year".to_owned(),
        Content::Derived(Derived::Sex) => "derived: sex".to_owned(),
        Content::Derived(Derived::AgeMonths { .. }) => "derived: age in months".to_owned(),
    }
}

/// Returns the description of a Parquet file as text.
#[must_use]
pub fn parquet(file: &ParquetDescription) -> String {
    let mut text = format!(
        "Parquet file: {} rows in {} row groups, created by {}\n  \
         {} column chunks with statistics, {} with indexes or bloom filters, {} metadata entries\n",
        file.rows,
        file.row_groups,
        file.created_by.as_deref().map_or_else(|| "an unnamed program".to_owned(), on_one_line),
        file.chunks_with_statistics,
        file.chunks_with_indexes,
        file.metadata_entries
    );
    let mut columns = TextTable::new(&["column", "type"]);
    file.columns.iter().for_each(|(name, kind)| columns.row([on_one_line(name), kind.clone()]));
    text += &columns.render();
    text
}

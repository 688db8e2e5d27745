use super::plain::on_one_line;
use super::table::TextTable;
use crate::config::{Content, Contract, Derived};
use crate::table::{ParquetDescription, Transform};

/// A contract, in words.
#[must_use]
pub fn contract(contract: &Contract) -> String {
    let study = &contract.study;
    let mut text = format!(
        "Contract of the study {}: {}\n  permit {}; controller: {}\n  window {}\n  pseudonymisation domain: {}\n  exchange section {}\n",
        study.id, study.title, study.permit, study.controller, study.window, study.domain, contract.exchange_digest
    );
    for table in &contract.tables {
        text += &format!("Table {}\n", table.name);
        let mut columns = TextTable::new(&["column", "holds", "delivered", "linked"]);
        for (position, column) in table.columns.iter().enumerate() {
            let field = table.sources.iter().position(|&s| s == position);
            let delivered = column.deliver.as_ref().map_or("left out".to_owned(), Transform::describe);
            let linked =
                field.and_then(|f| table.linked[f].as_ref()).map_or("left out".to_owned(), Transform::describe);
            let (delivered, linked) = match &column.content {
                Content::Person(_) | Content::Reference(..) => ("pseudonym".to_owned(), "re-keyed".to_owned()),
                _ => (delivered, linked),
            };
            columns.row([column.name.to_string(), holds(&column.content), delivered, linked]);
        }
        text += &columns.render();
    }
    text + &parties(contract)
}

/// Who can open deliveries, and who signs them.
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
        text += &keys
            .recipient
            .as_ref()
            .map_or_else(String::new, |r| format!("    lists and keys for it are encrypted to {r}\n"));
    });
    if !contract.signatories.is_empty() {
        text += "Certificates are signed by them and by\n";
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

/// A Parquet file, in words.
#[must_use]
pub fn parquet(file: &ParquetDescription) -> String {
    let mut text = format!(
        "Parquet file: {} rows in {} row groups, created by {}\n  {} column chunks with statistics, {} with indexes or bloom filters, {} metadata entries\n",
        file.rows,
        file.row_groups,
        on_one_line(file.created_by.as_deref().unwrap_or("an unnamed program")),
        file.chunks_with_statistics,
        file.chunks_with_indexes,
        file.metadata_entries
    );
    let mut columns = TextTable::new(&["column", "type"]);
    file.columns.iter().for_each(|(name, kind)| columns.row([on_one_line(name), kind.clone()]));
    text += &columns.render();
    text
}

//! The parties of the contract: their keys, their tables and the organisers that they speak for.

use std::collections::BTreeMap;

use super::error::Problem;
use super::raw::contract::{self as raw, ListedHolder};
use super::table::{Column, Located, Table};
use crate::crypto::VerifyingKey;
use crate::table::{Transform, ValueType};
use salanimi_core::Id;

/// Returns true if `text` can be an organiser: a column of organisers accepts it or, without any such column, it is a
/// code of any delivered column.
pub(super) fn can_be_organiser(tables: &[Table], organisers: &[Option<usize>], text: &str) -> bool {
    let columns: Vec<&Column> =
        tables.iter().zip(organisers).filter_map(|(table, field)| Some(source_of(table, (*field)?))).collect();
    match columns.is_empty() {
        false => columns.iter().any(|column| accepts(column, text)),
        true => {
            let delivered = tables.iter().flat_map(|table| table.sources.iter().map(|&at| &table.columns[at]));
            let mut codes = delivered.filter(|column| matches!(column.value(), Some(ValueType::Code(_))));
            codes.any(|column| accepts(column, text))
        }
    }
}

/// Returns true if `text` is a valid value of the column, which holds codes or text.
fn accepts(column: &Column, text: &str) -> bool {
    let Some(rules) = column.rules() else { return false };
    match (&rules.value, &rules.pattern) {
        (ValueType::Code(codes), _) => codes.position(text).is_some(),
        (_, Some(pattern)) => pattern.is_match(text),
        (_, None) => false,
    }
}

/// Returns the column of a delivered field after the pseudonym.
fn source_of(table: &Table, field: usize) -> &Column {
    &table.columns[table.sources[field - 1]]
}

/// Returns, for each table, the delivered field that names the organiser of a row.
pub(super) fn organisers(tables: &[Table], raw: &BTreeMap<Id, Id>) -> Result<Vec<Option<usize>>, Located> {
    let field = |table: &Table| {
        let Some(name) = raw.get(&table.name) else { return Ok(None) };
        let is_as_read = |field: &usize| {
            let column = source_of(table, *field);
            let is_name = matches!(column.value(), Some(ValueType::Code(_) | ValueType::Text));
            is_name && column.rules().is_some() && column.deliver == Some(Transform::Keep)
        };
        let field = table.field(name.as_str()).filter(|&field| field > 0).filter(is_as_read);
        field.map(Some).ok_or_else(|| {
            let problem = Problem::WrongType { name: name.to_string(), expected: "code or text, delivered unchanged," };
            (format!("organisers '{}'", table.name), problem)
        })
    };
    tables.iter().map(field).collect()
}

/// Refuses a holder whose tables or organisers the contract does not know.
pub(super) fn check_holders(
    holders: &BTreeMap<Id, ListedHolder>,
    tables: &[Table],
    organisers: &[Option<usize>],
) -> Result<(), Located> {
    for (name, holder) in holders {
        let place = || format!("holders, {name}");
        let unknown = |name: &str| (place(), Problem::Unknown { name: name.to_owned() });
        if let Some(table) = holder.tables.iter().find(|name| tables.iter().all(|table| table.name != **name)) {
            return Err(unknown(table.as_str()));
        }
        if holder.tables.is_empty() {
            return Err((place(), Problem::NoTable));
        }
        if let Some(code) = holder.organisers.iter().find(|code| !can_be_organiser(tables, organisers, code)) {
            return Err(unknown(code));
        }
    }
    Ok(())
}

/// Refuses a holder who can open deliveries, and two parties with one signing key.
pub(super) fn check_parties(raw: &raw::Contract) -> Result<(), Located> {
    for (holder, keys) in &raw.holders {
        if raw.recipients.values().any(|opens| Some(opens) == keys.recipient.as_ref()) {
            return Err((format!("holders, {holder}"), Problem::HolderOpens));
        }
    }
    let holders = raw.holders.iter().map(|(holder, keys)| (holder, &keys.signing));
    let signing: Vec<(&Id, &VerifyingKey)> = holders.chain(&raw.signatories).collect();
    for (position, (party, key)) in signing.iter().enumerate() {
        if signing[..position].iter().any(|(_, earlier)| earlier.is_confused_with(key)) {
            return Err((format!("signing key of '{party}'"), Problem::SigningKeyTwice));
        }
    }
    Ok(())
}

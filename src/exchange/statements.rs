//! What a holder may state: every part of a manifest and an account, against the contract and against itself.
//!
//! A holder is believed only about its own data. Strings are ids, codes of the contract or of a fixed form, so that no
//! free text travels. Counts are compared with each other here, and with the rows by [`super::RowRules`], the link and
//! `verify`. What nobody but the holder can know stays its statement: the source rows, the rejected and filtered
//! records, the lists and the changed identifiers.

use std::collections::BTreeSet;

use super::delivery::Delivery;
use super::linkage::LINKAGE_FILE;
use super::linked::{LinkedManifest, LinkedTable, PERSONS, omitted_tables};
use super::manifest::{
    Account, ColumnEntry, ListCounts, Lists, Manifest, OldCodesEntry, SEALED_ACCOUNT, SEALED_DATA_KEY, Sealing,
    TableEntry,
};
use super::warnings::{Level, Warning};
use crate::config::{Authority, BY_EVIDENCE, Contract, Coverage, EVIDENCE_PRECISION, LINKED_PERSON, MATCH_KIND, Table};
use salanimi_core::{Id, LINKAGE_CANARIES, PSEUDONYM_BYTES, Rule};

/// Months of the wide layout, in which one source row gives a record for each.
const RECORDS_PER_ROW: u64 = 12;
/// Transforms of a linked table that the tool itself defines.
const LINKED_TRANSFORMS: [&str; 4] = ["re-key", "occurrence", "analysis", "evidence"];
/// Most columns that a source can have besides those of the contract.
const MOST_COLUMNS: u64 = 100_000;
/// Years before and after the study's window in which a table of changed identifiers can be made.
const YEARS_AROUND: i32 = 100;
/// Most warnings of a delivery.
const MOST_WARNINGS: usize = 10_000;
/// Most digits of each part of a version.
const VERSION_DIGITS: usize = 3;

/// A statement that its party may not make.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{title} states {what}; do not use it, and ask {remedy}")]
pub struct StatementError {
    /// Holder and number of the delivery, or the dataset.
    title: String,
    /// The statement.
    what: &'static str,
    /// Whom to ask for what.
    remedy: &'static str,
}

/// Checks every statement of `delivery` that can be checked without its rows.
///
/// # Errors
/// The first statement that the contract does not let the holder make, or that contradicts another.
pub fn check_statements(contract: &Contract, delivery: &Delivery) -> Result<(), StatementError> {
    let manifest = &delivery.manifest;
    let authority = contract.authority(&manifest.holder);
    let checks = [
        (is_tool(&manifest.tool), "its tool in another form than a name and a version"),
        (!manifest.delivery.period.is_empty(), "a period without a day"),
        (manifest.delivery.number >= 1, "a number below 1"),
        (is_replacement(manifest), "that it replaces a delivery that is not an earlier one"),
        (has_canaries(contract, manifest), "other canaries than the contract's kinds and labels have"),
        (is_covered(contract, manifest), "coverage that the contract does not let it state"),
        (has_files(manifest, &delivery.account), "other files than those of its tables"),
        (
            is_account(contract, &authority, &delivery.account),
            "a table, column, role, type or transform that differs \
          from the contract's",
        ),
        (has_lists(contract, manifest, &delivery.account), "lists that contradict the contract or the counts"),
        (has_old_codes(contract, &delivery.account), "changed identifiers of an unknown kind, form or age"),
        (has_warnings(contract, manifest, &delivery.account), "warnings that no run on its tables gives"),
        (delivery.account.tables.iter().all(adds_up), "counts that contradict each other"),
        (
            has_linkage(contract, manifest, &delivery.account),
            "linkage without identifiers otherwise than the contract allows, or by other rules",
        ),
    ];
    match checks.into_iter().find(|(holds, _)| !holds) {
        Some((_, what)) => Err(StatementError {
            title: delivery.title(),
            what,
            remedy: "the holder for a new delivery made by `extract`",
        }),
        None => Ok(()),
    }
}

/// Returns true if `text` is this tool's name and a version, such as `salanimi 1.2.3`.
pub(super) fn is_tool(text: &str) -> bool {
    let Some(version) = text.strip_prefix("salanimi ") else { return false };
    let parts: Vec<&str> = version.split('.').collect();
    let is_number =
        |part: &&str| (1..=VERSION_DIGITS).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(is_number)
}

/// Checks every string in the manifest of a linked dataset.
///
/// # Errors
/// The first string that is not the contract's or of a fixed form.
pub fn check_linked_statements(contract: &Contract, manifest: &LinkedManifest) -> Result<(), StatementError> {
    let holders: Vec<&Id> = manifest.inputs.iter().map(|input| &input.holder).collect();
    let is_listed = |holder: &Id| contract.holders.is_empty() || contract.holders.contains_key(holder);
    let covers = |coverage: &Coverage| holders.iter().any(|holder| may_cover(contract, holder, coverage));
    let checks = [
        (is_tool(&manifest.tool), "its tool in another form than a name and a version"),
        (holders.iter().all(|holder| is_listed(holder)), "a holder that the contract does not list"),
        (manifest.coverage.iter().all(covers), "coverage that the contract lets none of its holders state"),
        (
            manifest.tables.iter().all(|table| is_linked_table(contract, table)),
            "a table, column, type or transform \
          that is not the contract's",
        ),
        (
            manifest.left_out == omitted_tables(contract, &manifest.tables),
            "other omitted tables, or other reasons, than follow from its tables",
        ),
        (manifest.documents.keys().all(|name| is_document(name)), "a document of another name than the tool's"),
    ];
    match checks.into_iter().find(|(holds, _)| !holds) {
        Some((_, what)) => Err(StatementError {
            title: "the linked dataset".to_owned(),
            what,
            remedy: "the linker for a new dataset made by `link`",
        }),
        None => Ok(()),
    }
}

fn may_cover(contract: &Contract, holder: &Id, coverage: &Coverage) -> bool {
    let authority = contract.authority(holder);
    let table = contract.table(coverage.table.as_str()).map(|(position, _)| position);
    table.is_some_and(|table| authority.may_deliver(table)) && authority.may_speak_for(&coverage.organiser)
}

fn is_linked_table(contract: &Contract, table: &LinkedTable) -> bool {
    let analysis = contract.analysis.as_deref().and_then(|analysis| analysis.table(&table.name));
    let source = contract.table(&table.name).map(|(_, source)| source);
    let occurrence = |name: &str| name.strip_prefix("in_").is_some_and(|name| contract.table(name).is_some());
    let has_evidence = contract.linkage.is_some();
    let is_match = |name: &str| [MATCH_KIND, EVIDENCE_PRECISION].contains(&name);
    let is_column = |(name, value, transform): &(String, String, String)| {
        let is_known = match (source, analysis) {
            (Some(source), _) => source.field(name).is_some() || (has_evidence && name == BY_EVIDENCE),
            (None, Some(analysis)) => analysis.column(name).is_some() || (has_evidence && name == BY_EVIDENCE),
            (None, None) => table.name == PERSONS && (occurrence(name) || (has_evidence && is_match(name))),
        };
        (is_known || name == LINKED_PERSON)
            && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            && is_linked_transform(source, name, transform)
    };
    (source.is_some() || analysis.is_some() || table.name == PERSONS)
        && table.file == format!("{}.parquet", table.name)
        && table.columns.iter().all(is_column)
}

fn is_linked_transform(source: Option<&Table>, name: &str, text: &str) -> bool {
    let of_contract = source.and_then(|source| source.linked_transform(name));
    of_contract.is_some_and(|transform| transform.describe() == text) || LINKED_TRANSFORMS.contains(&text)
}

/// Returns true if `name` can be the file name of a document, such as `report.fi.html`.
fn is_document(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'.')
}

fn is_replacement(manifest: &Manifest) -> bool {
    manifest.delivery.replaces.is_none_or(|replaced| (1..manifest.delivery.number).contains(&replaced.number))
}

fn has_canaries(contract: &Contract, manifest: &Manifest) -> bool {
    let expected: BTreeSet<&Id> = contract.identifiers.keys().chain(contract.labels()).collect();
    let stated: Vec<&Id> = manifest.canaries.iter().map(|canary| &canary.name).collect();
    let values = manifest.canaries.iter().flat_map(|canary| &canary.values);
    stated.len() == stated.iter().collect::<BTreeSet<_>>().len()
        && stated.into_iter().collect::<BTreeSet<_>>() == expected
        && manifest.canaries.iter().all(|canary| !canary.values.is_empty())
        && values.into_iter().all(|value| is_pseudonym(value))
}

/// Returns true if `text` is a keyed hash of the length of a pseudonym, in hexadecimal.
fn is_pseudonym(text: &str) -> bool {
    text.len() == 2 * PSEUDONYM_BYTES && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_covered(contract: &Contract, manifest: &Manifest) -> bool {
    manifest.coverage.iter().all(|coverage| {
        may_cover(contract, &manifest.holder, coverage)
            && coverage.within(manifest.delivery.period).as_ref() == Some(coverage)
    }) && !Coverage::overlap(&manifest.coverage)
}

fn has_files(manifest: &Manifest, account: &Account) -> bool {
    let sealed = match manifest.sealing {
        Sealing::None => [].as_slice(),
        Sealing::To(_) => &[SEALED_DATA_KEY, SEALED_ACCOUNT],
    };
    let files = |table: &TableEntry| table.division().map(|parts| table.files(parts));
    let Some(tables) = account.tables.iter().map(files).collect::<Option<Vec<_>>>() else { return false };
    let tables = tables.into_iter().flatten().map(|(_, file)| file);
    let others = account.linkage.iter().map(|_| LINKAGE_FILE).chain(sealed.iter().copied()).map(str::to_owned);
    let expected: BTreeSet<String> = tables.chain(others).collect();
    manifest.format == account.format() && manifest.files.keys().eq(&expected)
}

fn is_account(contract: &Contract, authority: &Authority<'_>, account: &Account) -> bool {
    let describes_own = |entry: &TableEntry| {
        let found = contract.table(entry.name.as_str());
        found.is_some_and(|(position, table)| authority.may_deliver(position) && describes(entry, table))
    };
    let positions =
        account.tables.iter().map(|entry| contract.table(entry.name.as_str()).map(|(position, _)| position));
    ascend(positions) && account.tables.iter().all(describes_own)
}

/// Returns true if there is no number twice and each is above those before.
fn ascend(numbers: impl Iterator<Item = Option<usize>>) -> bool {
    let numbers: Vec<Option<usize>> = numbers.collect();
    numbers.windows(2).all(|pair| pair[0] < pair[1])
}

/// Returns true if `entry` describes `table` as the contract does.
fn describes(entry: &TableEntry, table: &Table) -> bool {
    let described = entry.columns.iter().map(|column| (&column.name, &column.value, column.role, &column.transform));
    let expected = ColumnEntry::of_table(table);
    let expected = expected.iter().map(|column| (&column.name, &column.value, column.role, &column.transform));
    let withheld = |name: &Id| {
        let column = table.column(name.as_str());
        column.is_some_and(|column| column != table.person && !table.sources.contains(&column))
    };
    entry.division().is_some_and(|parts| entry.file == TableEntry::file_of(&table.name, parts))
        && described.eq(expected)
        && entry.dropped.iter().all(withheld)
        && ascend(entry.dropped.iter().map(|name| table.column(name.as_str())))
        && entry.ignored <= MOST_COLUMNS
}

fn has_lists(contract: &Contract, manifest: &Manifest, account: &Account) -> bool {
    let Lists { cohort, exclude, protect } = &account.lists;
    let is_list = |list: &ListCounts| {
        let chosen = list.chosen_by.as_ref();
        let by_other =
            |by: &Id| *by != manifest.holder && (contract.holders.is_empty() || contract.holders.contains_key(by));
        list.found.checked_add(list.not_found) == Some(list.listed) && chosen.is_none_or(by_other)
    };
    let filters = account.tables.iter().map(|table| &table.filtered);
    [cohort, exclude, protect].into_iter().flatten().all(is_list)
        && filters
            .into_iter()
            .all(|filtered| (cohort.is_some() || filtered.cohort == 0) && (exclude.is_some() || filtered.excluded == 0))
        && cohort.as_ref().is_none_or(|list| {
            // A cohort list has codes only. The contract may let persons without one in.
            let without_code = account.linkage.as_ref().map_or(0, |linkage| linkage.codeless);
            let most = list.found.saturating_add(without_code);
            account.tables.iter().all(|table| table.persons <= most)
        })
}

fn has_old_codes(contract: &Contract, account: &Account) -> bool {
    let window = contract.study.window;
    let years = window.first.year() - YEARS_AROUND..=window.last.year() + YEARS_AROUND;
    account.old_codes.iter().all(|entry: &OldCodesEntry| {
        contract.identifiers.contains_key(&entry.kind)
            && is_pseudonym(&entry.commitment)
            && years.contains(&entry.date.year())
    })
}

fn has_warnings(contract: &Contract, manifest: &Manifest, account: &Account) -> bool {
    let is_own = |warning: &Warning| {
        let table = account.tables.iter().find(|table| table.name == warning.table);
        warning.holder.as_ref() == Some(&manifest.holder)
            && table.is_some_and(|table| warning.part.max(warning.whole) <= table.records)
            && warning.level != Level::Stops
            && warning.is_of(contract)
    };
    let measures: BTreeSet<_> = account.warnings.iter().map(Warning::measure).collect();
    account.warnings.len() <= MOST_WARNINGS
        && measures.len() == account.warnings.len()
        && account.warnings.iter().all(is_own)
}

/// Returns true if linkage without identifiers is stated as the contract allows it, by the rules of this tool.
fn has_linkage(contract: &Contract, manifest: &Manifest, account: &Account) -> bool {
    let without_code = |entry: &TableEntry| !entry.without_code.is_empty() || entry.codes_by_client > 0;
    match (&contract.linkage, &manifest.linkage, &account.linkage) {
        (None, None, None) => !account.tables.iter().any(without_code),
        (Some(_), Some(statement), Some(entry)) => {
            let may_lack = |entry: &TableEntry| {
                let table = contract.table(entry.name.as_str());
                !without_code(entry) || table.is_some_and(|(_, table)| table.linkage.is_some())
            };
            statement.has_known_rules()
                && statement.canaries.len() == LINKAGE_CANARIES
                && statement.canaries.iter().all(|canary| is_pseudonym(canary))
                && entry.persons() <= entry.rows
                && entry.filled.keys().map(String::as_str).eq(sorted_rules())
                && entry.filled.values().all(|percent| *percent <= 100)
                && account.tables.iter().all(may_lack)
        }
        _ => false,
    }
}

/// Returns the names of the rules in order.
fn sorted_rules() -> BTreeSet<&'static str> {
    Rule::ALL.into_iter().map(Rule::name).collect()
}

/// Returns true if the counts of a table can be true together.
fn adds_up(entry: &TableEntry) -> bool {
    let read = entry.source_rows.checked_mul(RECORDS_PER_ROW);
    // Rows and repeats of a key: those that counts before the removal of repeats refer to.
    let kept = entry.rows.checked_add(entry.filtered.duplicate);
    entry.balances()
        && read.is_some_and(|most| entry.records <= most)
        && entry.persons <= entry.rows
        && (entry.persons == 0) == (entry.rows == 0)
        && kept.is_some_and(|kept| {
            let without_code = entry.without_code.values().try_fold(0_u64, |sum, count| sum.checked_add(*count));
            [entry.temporary_rows, entry.changed_rows, entry.codes_by_client].iter().all(|rows| *rows <= kept)
                && without_code.is_some_and(|rows| rows <= kept)
        })
        && entry.columns.iter().all(|column| {
            let emptied = column.emptied.values().try_fold(0_u64, |sum, count| sum.checked_add(*count));
            column.nulls <= entry.rows && emptied.zip(kept).is_some_and(|(emptied, kept)| emptied <= kept)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_a_name_and_a_version() {
        for good in ["salanimi 0.1.0", "salanimi 12.3.456", &super::super::tool()] {
            assert!(is_tool(good), "{good}");
        }
        for bad in [
            "",
            "salanimi",
            "salanimi 1.2",
            "salanimi 1.2.3.4",
            "salanimi 1.2.x",
            "salanimi 131052.3.08",
            "131052-308T",
        ] {
            assert!(!is_tool(bad), "{bad}");
        }
    }
}

//! Summary of a link.

use std::collections::BTreeMap;

use serde::Serialize;

use super::table::TextTable;
use super::warnings::warnings;
use crate::config::{Include, OmittedTable};
use crate::crypto::Digest;
use crate::exchange::{
    Accounting, Count, Estimate, FAR_CLASSES, Input, LinkedManifest, Outcomes, Warning, accounting_path,
};
use crate::link::Linked;
use crate::text::{COUNT_BASE, grouped, rounded, rounded_part};
use salanimi_core::Id;

/// Summary of a link, for JSON. Counts of persons and rows are rounded to base 5.
#[derive(Debug, Serialize)]
pub struct LinkSummary<'a> {
    dataset: String,
    manifest_digest: Digest,
    spilled_bytes: u64,
    persons: u64,
    linked_persons: u64,
    tables: BTreeMap<&'a str, Count>,
    overlap: BTreeMap<String, u64>,
    /// Persons without an identifier, by holder and by what became of them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    without_code: BTreeMap<&'a str, Outcomes>,
    absent: &'a [Id],
    left_out: &'a [OmittedTable],
    warnings: Vec<Warning>,
    rounded_to: u64,
}

impl<'a> LinkSummary<'a> {
    /// Creates the summary of a link.
    #[must_use]
    pub fn new(linked: &'a Linked) -> Self {
        let accounting = &linked.accounting;
        Self {
            dataset: linked.path.display().to_string(),
            manifest_digest: linked.digest,
            spilled_bytes: linked.spilled_bytes,
            persons: rounded(accounting.persons),
            linked_persons: rounded(accounting.linked_persons),
            tables: accounting.tables.iter().map(|t| (t.table.as_str(), rounded_count(&t.all))).collect(),
            overlap: overlap(accounting).into_iter().map(|(tables, persons)| (tables, rounded(persons))).collect(),
            without_code: without_code(accounting),
            absent: &linked.absent,
            left_out: &linked.manifest.left_out,
            warnings: rounded_warnings(accounting),
            rounded_to: COUNT_BASE,
        }
    }
}

fn rounded_count(count: &Count) -> Count {
    Count {
        rows: rounded(count.rows),
        linked_rows: rounded(count.linked_rows),
        persons: rounded(count.persons),
        linked_persons: rounded(count.linked_persons),
    }
}

/// Returns the persons without an identifier by holder, rounded.
fn without_code(accounting: &Accounting) -> BTreeMap<&str, Outcomes> {
    let holders = accounting.evidence.iter().flat_map(|evidence| &evidence.holders);
    let rounded_outcomes = |of: &Outcomes| Outcomes {
        linked: rounded(of.linked),
        ambiguous: rounded(of.ambiguous),
        too_weak: rounded(of.too_weak),
        no_candidate: rounded(of.no_candidate),
    };
    holders.map(|holder| (holder.holder.as_str(), rounded_outcomes(&holder.outcomes))).collect()
}

/// Returns the links by evidence as text.
fn evidence(accounting: &Accounting) -> String {
    let Some(evidence) = &accounting.evidence else { return String::new() };
    let mut table = TextTable::new(&["without a code", "linked", "ambiguous", "too weak", "no candidate"]);
    for (holder, of) in without_code(accounting) {
        let counts = [of.linked, of.ambiguous, of.too_weak, of.no_candidate].map(|count| count.to_string());
        table.row(std::iter::once(holder.to_owned()).chain(counts));
    }
    let mut text = table.render();
    if evidence.include == Include::AccountingOnly && evidence.linked() > 0 {
        text += "  they are counted only: the dataset has no row that is linked without a code\n";
    }
    if !evidence.is_calibrated {
        text +=
            "  nobody is linked without a code: no holder shares enough persons with codes to measure the precision\n";
    }
    let too_few: Vec<&str> = evidence.uncalibrated().map(|count| count.holder.as_str()).collect();
    if evidence.is_calibrated && !too_few.is_empty() {
        let least = grouped(evidence.min_calibration);
        text += &format!(
            "  nobody of {} is linked without a code: fewer than {least} persons with codes are shared with others\n",
            too_few.join(", ")
        );
    }
    if let Some(Estimate { value, within }) = evidence.precision {
        let recall = evidence.recall_at_most.map_or_else(String::new, |recall| format!("; recall at most {recall:.2}"));
        text += &format!("  expected precision of these links {value:.3} ± {within:.3}{recall}\n");
    }
    if evidence.class_distance.is_some_and(|distance| distance > FAR_CLASSES) {
        text += "  persons without a code agree in other classes than those on whom precision was measured\n";
    }
    text
}

/// Returns the warnings with rounded numbers.
fn rounded_warnings(accounting: &Accounting) -> Vec<Warning> {
    accounting.warnings.iter().map(|warning| warning.with_numbers(rounded_part)).collect()
}

/// Returns the number of persons by the set of tables in which they occur.
fn overlap(accounting: &Accounting) -> BTreeMap<String, u64> {
    let mut overlap = BTreeMap::new();
    for part in &accounting.overlap {
        *overlap.entry(part.tables.join(" + ")).or_default() += part.persons;
    }
    overlap
}

/// Returns the summary of a link as text. Counts are rounded to base 5.
#[must_use]
pub fn linked(linked: &Linked) -> String {
    let accounting = &linked.accounting;
    let mut text = linked_manifest(&linked.manifest);
    if !linked.absent.is_empty() {
        let absent: Vec<&str> = linked.absent.iter().map(Id::as_str).collect();
        text += &format!("  no delivery of: {}\n", absent.join(", "));
    }
    text += &format!(
        "{} persons in the deliveries, {} of them in the dataset (all counts rounded to base {COUNT_BASE})\n",
        rounded(accounting.persons),
        rounded(accounting.linked_persons)
    );
    text += &table_counts(accounting);
    let mut persons = TextTable::new(&["tables of a person", "persons"]);
    overlap(accounting).into_iter().for_each(|(tables, count)| persons.row([tables, rounded(count).to_string()]));
    text += &persons.render();
    text += &evidence(accounting);
    for omitted in &linked.manifest.left_out {
        text += &format!("  omitted: {} ({})\n", omitted.table, omitted.reason);
    }
    text += &warnings(&rounded_warnings(accounting));
    for pair in &accounting.contradictions {
        text += &format!(
            "  {} and {}: {} persons agree, {} contradict\n",
            pair.left,
            pair.right,
            rounded(pair.agree),
            rounded(pair.contradict)
        );
    }
    text + &format!(
        "Linked dataset: {}\nAccounting, for the linker and the officer: {}\nManifest digest: {}",
        linked.path.display(),
        accounting_path(&linked.path).display(),
        linked.digest
    )
}

/// Returns the rows and persons of each table with rows, before and after the link.
fn table_counts(accounting: &Accounting) -> String {
    let mut tables = TextTable::new(&["table", "rows in", "rows linked", "persons in", "persons linked"]);
    for table in accounting.tables.iter().filter(|table| table.all.rows > 0) {
        let count = rounded_count(&table.all);
        let counts = [count.rows, count.linked_rows, count.persons, count.linked_persons];
        tables.row(std::iter::once(table.table.clone()).chain(counts.map(|count| count.to_string())));
    }
    tables.render()
}

/// Returns a linked delivery with its missing protections.
fn delivery(input: &Input) -> String {
    let missing: Vec<&str> = [(input.sealed, "NOT sealed"), (input.signed, "NOT signed")]
        .into_iter()
        .filter(|(protected, _)| !protected)
        .map(|(_, missing)| missing)
        .collect();
    let missing = if missing.is_empty() { String::new() } else { format!(" ({})", missing.join(", ")) };
    format!("{} {}{missing}", input.holder, input.number)
}

/// Returns the first lines of every description of a linked dataset.
fn linked_manifest(manifest: &LinkedManifest) -> String {
    let deliveries: Vec<String> = manifest.inputs.iter().map(delivery).collect();
    let synthetic = if manifest.synthetic { " (SYNTHETIC data)" } else { "" };
    let key = match manifest.link_key_id {
        Some(id) => format!("kept, key id {id}"),
        None => "fresh, not kept".to_owned(),
    };
    format!(
        "Linked dataset of the study {}{synthetic}: pseudonymised personal data\n  deliveries: {}\n  link key: {key}\n",
        manifest.study,
        deliveries.join(", ")
    )
}

/// Returns a linked dataset's manifest with its tables as text. Counts of rows are rounded to base 5.
#[must_use]
pub fn linked_tables(manifest: &LinkedManifest) -> String {
    let mut tables = TextTable::new(&["table", "rows", "columns"]);
    for table in &manifest.tables {
        tables.row([table.name.clone(), rounded(table.rows).to_string(), table.columns.len().to_string()]);
    }
    linked_manifest(manifest) + &tables.render()
}

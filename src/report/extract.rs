//! Summaries of an extract, of a dry run, of a delivery and of its check.

use serde::Serialize;

use super::table::TextTable;
use super::warnings::warnings;
use crate::crypto::Digest;
use crate::exchange::{Account, Filtered, ListCounts, Lists, Manifest, OldCodesEntry, Sealing, TableEntry};
use crate::extract::{DeliveryCheck, DryRun, Extracted};
use crate::table::Parts;
use salanimi_core::{Id, KeyId, Reason};

/// Rows of a part with which no row group is divided, whatever the rows of a person.
const ROWS_OF_PART: u64 = 200_000;

/// Summary of an extract, for JSON.
#[derive(Debug, Serialize)]
pub struct ExtractSummary<'a> {
    delivery: String,
    manifest_digest: Digest,
    signed_by: Option<KeyId>,
    rejects_ledger: String,
    spilled_bytes: u64,
    manifest: &'a Manifest,
    account: &'a Account,
}

impl<'a> ExtractSummary<'a> {
    /// Creates the summary of an extract.
    #[must_use]
    pub fn new(extracted: &'a Extracted) -> Self {
        Self {
            delivery: extracted.path.display().to_string(),
            manifest_digest: extracted.digest,
            signed_by: extracted.signed_by,
            rejects_ledger: extracted.ledger.display().to_string(),
            spilled_bytes: extracted.spilled_bytes,
            manifest: &extracted.manifest,
            account: &extracted.account,
        }
    }
}

/// Returns the summary of an extract as text.
#[must_use]
pub fn extracted(extracted: &Extracted) -> String {
    let tables = &extracted.account.tables;
    let rejected: u64 = tables.iter().map(TableEntry::rejected_total).sum();
    let without_code: u64 = tables.iter().flat_map(|table| table.without_code.values()).sum();
    let counted = match (rejected, without_code) {
        (_, 0) => format!("{rejected} records were rejected"),
        _ => format!("{rejected} records were rejected and {without_code} kept without a code"),
    };
    let ledger = match rejected + without_code {
        0 => "No record was rejected.".to_owned(),
        _ => format!("{counted}; their rows and reasons: {} (do not send this file)", extracted.ledger.display()),
    };
    let signed = match extracted.signed_by {
        Some(key) => format!("signed by {key}"),
        None => "NOT signed".to_owned(),
    };
    let unread = extracted.unread.iter().map(|(table, columns)| format!("  {table}: {}", not_given(columns)));
    format!(
        "{}{}\nDelivery: {} ({signed})\nManifest digest: {}\n{ledger}",
        delivery(&extracted.manifest, Some(&extracted.account)),
        unread.collect::<String>(),
        extracted.path.display(),
        extracted.digest
    )
}

/// Returns the result of the data holder's own check of a delivery as text.
#[must_use]
pub fn delivery_check(check: &DeliveryCheck) -> String {
    let headings =
        ["table", "persons drawn", "rows recomputed", "persons that differ", "omitted values", "found in delivery"];
    let mut table = TextTable::new(&headings);
    for found in &check.tables {
        let again: u64 = found.found.values().sum();
        let counts = [found.persons, found.rows, found.differing, found.dropped_values, again].map(|n| n.to_string());
        table.row(std::iter::once(found.table.to_string()).chain(counts));
    }
    let verdict = match check.holds() {
        true => "the drawn rows match the source and the key, and no value of an omitted column is in the delivery",
        false => "it does NOT match the source and the key",
    };
    let mut text = format!("Delivery {} of {}: {verdict}\n{}", check.number, check.holder, table.render());
    for found in &check.tables {
        for (column, rows) in &found.found {
            text += &format!("  {}: {rows} rows hold a value of the omitted column '{column}'\n", found.table);
        }
    }
    text
}

/// Explains whose word the counts of a received delivery are.
pub const STATED_BY_HOLDER: &str = "  stated by the holder: records in, filtered and rejected, lists; `verify` and \
                                    `link` recount rows and persons\n";

/// Returns a delivery as text, with its contents if it is open.
#[must_use]
pub fn delivery(manifest: &Manifest, account: Option<&Account>) -> String {
    let delivery = &manifest.delivery;
    let mut text = format!(
        "Delivery {} of {} for the study {}{}\n  period {}; key id {}; contract {}\n",
        delivery.number,
        manifest.holder,
        manifest.study,
        if manifest.synthetic { " (SYNTHETIC data)" } else { "" },
        delivery.period,
        manifest.key_id,
        manifest.exchange_digest.short(),
    );
    if let Some(replaced) = delivery.replaces {
        text += &format!("  replaces delivery {} (manifest {})\n", replaced.number, replaced.manifest.short());
    }
    text += &match &manifest.sealing {
        Sealing::None => "  NOT sealed: everyone who receives it can read it\n".to_owned(),
        Sealing::To(names) => {
            let names: Vec<&str> = names.keys().map(Id::as_str).collect();
            format!("  sealed to {}\n", names.join(", "))
        }
    };
    match account {
        Some(account) => text + &accounted(account),
        None => text + "  give --identity FILE of a recipient to see the contents\n",
    }
}

/// Returns a line about columns that would help linkage without codes.
fn not_given(columns: &[String]) -> String {
    format!("linkage without codes would read these columns too, but some source lacks them: {}\n", columns.join(", "))
}

/// Returns a line about the parts of a table; nothing if it is one file.
fn parts(entry: &TableEntry) -> String {
    let number = entry.parts.len();
    if number == 0 {
        return String::new();
    }
    let written = entry.parts.iter().filter(|rows| **rows > 0).count();
    let most = Parts::MOST.at_most(entry.rows / ROWS_OF_PART);
    let small = match number > most.number() {
        true => format!("; up to --parts {most} its content digest surely equals that of one file"),
        false => String::new(),
    };
    format!("  {}: {number} parts, {written} of them with rows{small}\n", entry.name)
}

/// Returns the account of every record as text.
fn accounted(account: &Account) -> String {
    let mut text = String::new();
    let mut table = TextTable::new(&["table", "records in", "rows out", "filtered", "rejected", "persons"]);
    for entry in &account.tables {
        let counts = [entry.records, entry.rows, entry.filtered.total(), entry.rejected_total(), entry.persons];
        table.row(std::iter::once(entry.name.to_string()).chain(counts.map(|c| c.to_string())));
    }
    text += &table.render();
    text += &account.tables.iter().map(parts).collect::<String>();
    for entry in account.tables.iter().filter(|e| e.filtered.total() > 0) {
        text += &format!("  filtered from {}: {}\n", entry.name, by_rule(&entry.filtered));
    }
    for entry in account.tables.iter().filter(|e| !e.rejected.is_empty()) {
        let reasons: Vec<String> = entry.rejected.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        text += &format!("  rejected from {}: {}\n", entry.name, reasons.join(", "));
    }
    for entry in account.tables.iter().filter(|entry| !entry.without_code.is_empty()) {
        let reasons: Vec<String> =
            entry.without_code.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        text += &format!("  kept without a code in {}: {}\n", entry.name, reasons.join(", "));
    }
    if let Some(linkage) = &account.linkage {
        text += &format!(
            "  for linkage without codes: {} persons with a code, {} without, {} with a temporary one; {} records \
             joined, {} client numbers refused\n",
            linkage.coded, linkage.codeless, linkage.temporary, linkage.joined, linkage.refused
        );
    }
    for entry in &account.tables {
        let kept = entry.rows + entry.filtered.duplicate;
        for column in &entry.columns {
            for (&reason, &values) in &column.emptied {
                text += &emptied_values(&format!("{}: {}", entry.name, column.name), reason, values, kept);
            }
        }
    }
    let Lists { cohort, exclude, protect } = &account.lists;
    text += &warnings(&account.warnings);
    for (name, list) in [("cohort", cohort), ("exclude", exclude), ("protect", protect)] {
        if let Some(ListCounts { listed, found, not_found, chosen_by }) = list {
            let origin = match chosen_by {
                Some(holder) => format!("selected by {holder}"),
                None => "your own".to_owned(),
            };
            text += &format!("  {name} list, {origin}: {listed} persons, {found} found, {not_found} not found\n");
        }
    }
    for OldCodesEntry { kind, changes, .. } in &account.old_codes {
        text += &format!("  old codes of {kind}: {changes} changes\n");
    }
    text
}

/// Returns a line about invalid values of a column that were emptied.
fn emptied_values(column: &str, reason: Reason, values: u64, rows: u64) -> String {
    format!("  {column}: {values} of {rows} values emptied ({reason})\n")
}

/// Returns the filtered records by rule.
fn by_rule(filtered: &Filtered) -> String {
    let rules = [
        ("outside the window", filtered.window),
        ("not in the cohort", filtered.cohort),
        ("excluded", filtered.excluded),
        ("repeats", filtered.duplicate),
    ];
    let rules = rules.iter().filter(|(_, count)| *count > 0).map(|(rule, count)| format!("{rule} {count}"));
    let text = rules.collect::<Vec<_>>().join(", ");
    if text.is_empty() { "none".to_owned() } else { text }
}

/// Returns the result of a dry run as text.
#[must_use]
pub fn dry_run(run: &DryRun) -> String {
    let mut text = format!("Dry run for {}: nothing was written\n", run.holder);
    for table in &run.tables {
        let days = table.days.map_or_else(String::new, |(first, last)| format!(", {first} to {last}"));
        text += &format!(
            "{}: {} source rows, {} records{days}\n  \
             {} would be delivered, repeats included; {} would be rejected; filtered: {}\n",
            table.table,
            table.source_rows,
            table.records,
            table.kept,
            table.rejected,
            by_rule(&table.filtered)
        );
        for emptied in &table.emptied {
            text += &emptied_values(&emptied.column, emptied.reason, emptied.values, table.kept);
        }
        if table.without_code > 0 {
            text += &format!("  {} of them would be kept without a code\n", table.without_code);
        }
        if table.codes_by_client > 0 {
            text += &format!("  {} of them would get a code by the client number\n", table.codes_by_client);
        }
        if !table.unread.is_empty() {
            text += &format!("  {}", not_given(&table.unread));
        }
        if table.records == 0 {
            text += "  the source files hold no record: a real run would stop here\n";
        }
        if table.too_many_rejects {
            text += "  too many records would be rejected: a real run would stop here\n";
        }
        text += &warnings(&table.warnings);
        let mut findings = TextTable::new(&["file", "column", "reason", "records", "first rows"]);
        for finding in &table.findings {
            let rows: Vec<String> = finding.rows.iter().map(u64::to_string).collect();
            let cells =
                [&finding.file, &finding.column, finding.reason.name(), &finding.records.to_string(), &rows.join(" ")];
            findings.row(cells.map(str::to_owned));
        }
        if !findings.is_empty() {
            text += &findings.render();
        }
    }
    text
}

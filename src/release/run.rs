//! One run of a release: opens the dataset, makes and protects the tables, writes them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::curve::{Curve, curve};
use super::dataset::Dataset;
use super::error::ReleaseError;
use super::microdata::{Microdata, microdata};
use super::sheet::{Cells, Sheet};
use super::tables::{OF_PERSON, PERSON, Table, level, tables};
use crate::config::raw::release::{FrequencyTable, Protect, Release};
use crate::config::{Contract, OmittedTable};
use crate::crypto::Digest;
use crate::exchange::{OutputFolder, PERSONS, RELEASE_FORMAT, ReleaseManifest, ReleasedKind, tool};
use crate::files::folder_of;
use crate::progress::Progress;
use salanimi_core::Id;

/// Result of a release.
#[derive(Debug)]
#[non_exhaustive]
pub struct Released {
    /// Folder of the tables.
    pub path: PathBuf,
    /// Manifest of the tables, with a description of the protection of each.
    pub manifest: ReleaseManifest,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
}

/// Releases tables of the dataset `linked` into the folder `out`, under the rules of `contract`.
///
/// # Errors
/// The dataset was changed or belongs to another contract, the contract's release section does not fit it, or a table
/// would break the contract's rules ([`ReleaseError::is_refusal`]). No folder `out` exists then.
pub fn release(
    contract: &Contract,
    linked: &Path,
    out: &Path,
    memory: usize,
    progress: &dyn Progress,
) -> Result<Released, ReleaseError> {
    let rules = contract.release.as_ref().ok_or(ReleaseError::NothingAgreed)?;
    refuse_same_names(rules)?;
    refuse_joinable_rows(rules)?;
    refuse_inside(out, linked)?;
    let dataset = Dataset::open(linked, contract, memory)?;
    let (rules, omitted) = possible(&dataset, rules);
    let sheets = sheets(&dataset, contract, &rules, progress)?;
    let folder = OutputFolder::create(out)?;
    let tables = sheets.into_iter().map(|sheet| sheet.write(&folder)).collect::<Result<_, _>>()?;
    let manifest = ReleaseManifest {
        format: RELEASE_FORMAT.to_owned(),
        tool: tool(),
        study: contract.study.id.clone(),
        synthetic: dataset.manifest.synthetic,
        exchange_digest: contract.exchange_digest,
        settings_digest: contract.settings_digest,
        linked: dataset.digest,
        tables,
        left_out: omitted,
    };
    let digest = folder.commit(&manifest)?;
    Ok(Released { path: out.to_owned(), manifest, digest })
}

fn sheets(
    dataset: &Dataset<'_>,
    contract: &Contract,
    rules: &Release,
    progress: &dyn Progress,
) -> Result<Vec<Sheet>, ReleaseError> {
    let Contract { limits, .. } = contract;
    progress.begin("release", 1 + (rules.curves.len() + rules.microdata.len()) as u64);
    let mut sheets: Vec<Sheet> = tables(dataset, rules, limits.min_cell)?.into_iter().map(table_sheet).collect();
    progress.advance(1);
    for spec in &rules.curves {
        sheets.push(curve_sheet(curve(dataset, spec, limits.min_cell)?));
        progress.advance(1);
    }
    for spec in &rules.microdata {
        sheets.push(microdata_sheet(microdata(dataset, rules, spec, limits)?));
        progress.advance(1);
    }
    Ok(sheets)
}

fn refuse_same_names(rules: &Release) -> Result<(), ReleaseError> {
    let mut known: BTreeSet<&Id> = BTreeSet::new();
    match rules.names().find(|name| !known.insert(name)) {
        Some(name) => Err(ReleaseError::Twice { name: name.clone() }),
        None => Ok(()),
    }
}

/// Refuses tables beside released rows that disclose the suppressed rows: other rows, and exact counts.
fn refuse_joinable_rows(rules: &Release) -> Result<(), ReleaseError> {
    let Some((rows, others)) = rules.microdata.split_first() else { return Ok(()) };
    if let Some(second) = others.first() {
        return Err(ReleaseError::RowsTwice { first: rows.name.clone(), second: second.name.clone() });
    }
    let exact = rules.tables.iter().filter(|spec| spec.protect == Protect::Suppress);
    match exact.into_iter().find(|spec| counts_same_persons(spec, &rows.table)) {
        Some(table) => Err(ReleaseError::RowsCounted { rows: rows.name.clone(), table: table.name.clone() }),
        None => Ok(()),
    }
}

/// Returns true if a table counts the rows of `table`, or both have one row for each person.
fn counts_same_persons(spec: &FrequencyTable, table: &Id) -> bool {
    let tables = [table.as_str(), spec.table.as_str()];
    tables[0] == tables[1] || tables.iter().all(|table| [PERSON, PERSONS].contains(table))
}

/// Returns the part of the rules that the dataset can serve, and the releases whose analysis table is missing.
fn possible(dataset: &Dataset<'_>, rules: &Release) -> (Release, Vec<OmittedTable>) {
    let mut rules = rules.clone();
    let mut omitted = Vec::new();
    rules.tables.retain(|spec| {
        let joins = spec.by.iter().any(|by| level(by).0.starts_with(OF_PERSON));
        let needed = [spec.table.as_str(), PERSON];
        is_possible(dataset, &spec.name, &needed[..if joins { 2 } else { 1 }], &mut omitted)
    });
    rules.curves.retain(|spec| match dataset.curve_source(spec) {
        Ok(source) => is_possible(dataset, &spec.name, &[source.table], &mut omitted),
        // Reported when the curve is made.
        Err(_) => true,
    });
    rules.microdata.retain(|spec| is_possible(dataset, &spec.name, &[spec.table.as_str()], &mut omitted));
    (rules, omitted)
}

/// Returns true if the link made all `needed` tables; otherwise records the release as omitted.
fn is_possible(dataset: &Dataset<'_>, name: &Id, needed: &[&str], omitted: &mut Vec<OmittedTable>) -> bool {
    for table in needed {
        if let Some(reason) = dataset.omission(table) {
            let reason = format!("the linked dataset has no table {table}: {reason}");
            omitted.push(OmittedTable { table: name.to_string(), reason });
            return false;
        }
    }
    true
}

/// Refuses an output folder inside the linked dataset.
fn refuse_inside(out: &Path, linked: &Path) -> Result<(), ReleaseError> {
    // A missing folder is reported later, by the step that needs it.
    let Ok(folder) = folder_of(out).canonicalize() else { return Ok(()) };
    let Ok(linked) = linked.canonicalize() else { return Ok(()) };
    if folder.starts_with(linked) { Err(ReleaseError::Inside { path: out.to_owned() }) } else { Ok(()) }
}

fn table_sheet(table: Table) -> Sheet {
    let mut columns: Vec<(String, Cells)> = Vec::new();
    for (position, title) in table.dimensions.iter().enumerate() {
        let texts = table.rows.iter().map(|row| row.labels[position].clone()).collect();
        columns.push((title.clone(), Cells::Text(texts)));
    }
    columns.push(("n".to_owned(), Cells::Count(table.rows.iter().map(|row| row.count).collect())));
    if let Some(sum) = &table.sum {
        columns.push((format!("sum_of_{sum}"), Cells::Sum(table.rows.iter().map(|row| row.sum).collect())));
    }
    Sheet { name: table.name, kind: ReleasedKind::Table, columns, done: table.done }
}

fn curve_sheet(curve: Curve) -> Sheet {
    let steps = &curve.steps;
    let columns = vec![
        (curve.by.clone(), Cells::Text(steps.iter().map(|step| step.group.clone()).collect())),
        ("time".to_owned(), Cells::Count(steps.iter().map(|step| Some(step.time.into())).collect())),
        ("n".to_owned(), Cells::Count(steps.iter().map(|step| Some(step.at_risk)).collect())),
        ("events".to_owned(), Cells::Count(steps.iter().map(|step| Some(step.events)).collect())),
        ("survival".to_owned(), Cells::Share(steps.iter().map(|step| Some(step.survival)).collect())),
        ("standard_error".to_owned(), Cells::Share(steps.iter().map(|step| Some(step.error)).collect())),
        ("lower".to_owned(), Cells::Share(steps.iter().map(|step| Some(step.band.lower)).collect())),
        ("upper".to_owned(), Cells::Share(steps.iter().map(|step| Some(step.band.upper)).collect())),
    ];
    Sheet { name: curve.name, kind: ReleasedKind::Curve, columns, done: curve.done }
}

fn microdata_sheet(microdata: Microdata) -> Sheet {
    let columns = microdata.columns.into_iter().map(|(name, labels)| (name, Cells::Labels(labels))).collect();
    Sheet { name: microdata.name, kind: ReleasedKind::Microdata, columns, done: microdata.done }
}

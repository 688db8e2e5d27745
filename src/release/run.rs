//! The release itself: open · count · protect · write.

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

/// What a release made.
#[derive(Debug)]
pub struct Released {
    /// Where the tables lie.
    pub path: PathBuf,
    /// Their manifest: the log of what was done.
    pub manifest: ReleaseManifest,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
}

/// Releases, from the linked dataset `linked`, what `contract` says, into the folder `out`.
///
/// # Errors
/// The dataset was changed or is of another contract; the contract's release section does not fit it; or what would be
/// released breaks the contract's rules ([`ReleaseError::is_refusal`]). Nothing is then at `out`.
pub fn release(
    contract: &Contract,
    linked: &Path,
    out: &Path,
    memory: usize,
    progress: &dyn Progress,
) -> Result<Released, ReleaseError> {
    let rules = contract.release.as_ref().ok_or(ReleaseError::NothingAgreed)?;
    different_names(rules)?;
    rows_alone(rules)?;
    refuse_inside(out, linked)?;
    let dataset = Dataset::open(linked, contract, memory)?;
    let (rules, left_out) = possible(&dataset, rules);
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
        left_out,
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

fn different_names(rules: &Release) -> Result<(), ReleaseError> {
    let mut known: BTreeSet<&Id> = BTreeSet::new();
    match rules.names().find(|name| !known.insert(name)) {
        Some(name) => Err(ReleaseError::Twice { name: name.clone() }),
        None => Ok(()),
    }
}

/// Refuses what tells of the persons that are left out of released rows: other rows, and exact counts.
fn rows_alone(rules: &Release) -> Result<(), ReleaseError> {
    let Some((rows, others)) = rules.microdata.split_first() else { return Ok(()) };
    if let Some(second) = others.first() {
        return Err(ReleaseError::RowsTwice { first: rows.name.clone(), second: second.name.clone() });
    }
    let counts_them = |spec: &&FrequencyTable| {
        let tables = [rows.table.as_str(), spec.table.as_str()];
        tables[0] == tables[1] || tables.iter().all(|table| [PERSON, PERSONS].contains(table))
    };
    match rules.tables.iter().filter(|spec| spec.protect == Protect::Suppress).find(counts_them) {
        Some(table) => Err(ReleaseError::RowsCounted { rows: rows.name.clone(), table: table.name.clone() }),
        None => Ok(()),
    }
}

/// What can be made of the dataset, and what cannot because an analysis table is not there.
fn possible(dataset: &Dataset<'_>, rules: &Release) -> (Release, Vec<OmittedTable>) {
    let mut rules = rules.clone();
    let mut left_out = Vec::new();
    let mut is_possible = |name: &Id, needs: &[&str]| {
        let missing = needs.iter().find_map(|table| Some((table, dataset.why_not(table)?)));
        left_out.extend(missing.map(|(table, why)| OmittedTable {
            table: name.to_string(),
            reason: format!("the linked dataset has no table {table}: {why}"),
        }));
        missing.is_none()
    };
    rules.tables.retain(|spec| {
        let joins = spec.by.iter().any(|by| level(by).0.starts_with(OF_PERSON));
        let needs = [spec.table.as_str(), PERSON];
        is_possible(&spec.name, &needs[..if joins { 2 } else { 1 }])
    });
    rules.curves.retain(|spec| match dataset.curve_source(spec) {
        Ok(source) => is_possible(&spec.name, &[source.table]),
        // Reported when the curve is made.
        Err(_) => true,
    });
    rules.microdata.retain(|spec| is_possible(&spec.name, &[spec.table.as_str()]));
    (rules, left_out)
}

/// A linked dataset is not written into.
fn refuse_inside(out: &Path, linked: &Path) -> Result<(), ReleaseError> {
    // What does not exist is told later, in its own words.
    let (Ok(folder), Ok(linked)) = (folder_of(out).canonicalize(), linked.canonicalize()) else { return Ok(()) };
    if folder.starts_with(linked) { Err(ReleaseError::Inside { path: out.to_owned() }) } else { Ok(()) }
}

fn table_sheet(table: Table) -> Sheet {
    let label = |at: usize| Cells::Text(table.rows.iter().map(|row| row.labels[at].clone()).collect());
    let mut columns: Vec<(String, Cells)> =
        table.dimensions.iter().enumerate().map(|(at, name)| (name.clone(), label(at))).collect();
    columns.push(("n".to_owned(), Cells::Count(table.rows.iter().map(|row| row.count).collect())));
    if let Some(sum) = &table.sum {
        columns.push((format!("sum_of_{sum}"), Cells::Sum(table.rows.iter().map(|row| row.sum).collect())));
    }
    Sheet { name: table.name, kind: ReleasedKind::Table, columns, done: table.done }
}

fn curve_sheet(curve: Curve) -> Sheet {
    let steps = &curve.steps;
    let count = |of: fn(&super::curve::Step) -> u64| Cells::Count(steps.iter().map(|step| Some(of(step))).collect());
    let share = |of: fn(&super::curve::Step) -> f64| Cells::Share(steps.iter().map(|step| Some(of(step))).collect());
    let columns = vec![
        (curve.by.clone(), Cells::Text(steps.iter().map(|step| step.group.clone()).collect())),
        ("time".to_owned(), count(|step| step.time.into())),
        ("n".to_owned(), count(|step| step.at_risk)),
        ("events".to_owned(), count(|step| step.events)),
        ("survival".to_owned(), share(|step| step.survival)),
        ("standard_error".to_owned(), share(|step| step.error)),
        ("lower".to_owned(), share(|step| step.band.0)),
        ("upper".to_owned(), share(|step| step.band.1)),
    ];
    Sheet { name: curve.name, kind: ReleasedKind::Curve, columns, done: curve.done }
}

fn microdata_sheet(microdata: Microdata) -> Sheet {
    let columns = microdata.columns.into_iter().map(|(name, labels)| (name, Cells::Labels(labels))).collect();
    Sheet { name: microdata.name, kind: ReleasedKind::Microdata, columns, done: microdata.done }
}

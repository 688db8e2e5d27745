//! Numbers of a release: multiples of their steps, with the costs and the certainty that the manifest states.

use super::Release;
use crate::config::Contract;
use crate::config::raw::release::Method;
use crate::exchange::{ReleasedCount, ReleasedItem, ReleasedKind, ReleasedUnit, certainty};
use crate::table::Cells;
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::subject::{Subject, SubjectTable, listed};

const PROTECTION: &str = "risk.protection";
/// Largest difference between two computations of a cost or a certainty.
const TOLERANCE: f64 = 1e-9;

/// Checks the protection of one release.
pub(super) fn check(release: &Release<'_>, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let mut faults = Vec::new();
    for item in &release.manifest.items {
        let tables = tables_of(release.subject, item);
        let odd = tables.into_iter().flat_map(|table| odd_columns(table, &item.counts));
        faults.extend(odd.map(|place| {
            let place = listed(&[place]);
            Text::new(
                format!("{}: numbers that are no multiples of the step", place.en),
                format!("{}: lukuja, jotka eivät ole pyöristyksen kerrannaisia", place.fi),
                format!("{}: tal som inte är multiplar av avrundningssteget", place.sv),
            )
        }));
        if !has_stated_cost(item) || !is_of_method(item, release.manifest.protect) {
            faults.push(Text::new(
                format!("{}: the stated protection or cost is not that of its counts", item.name),
                format!("{}: ilmoitettu suojaus tai kustannus ei vastaa lukuja", item.name),
                format!("{}: det angivna skyddet eller den angivna kostnaden motsvarar inte talen", item.name),
            ));
        }
    }
    faults.extend(faults_of_the_whole(release, contract));
    if !faults.is_empty() {
        notes.note(PROTECTION, Verdict::Fail, Text::join(&faults, "; "));
        return;
    }
    let items = release.manifest.items.len();
    let evidence = match release.manifest.certainty {
        None => Text::new(
            format!("{items} items; every count is a multiple of its step"),
            format!("{items} tulosta; jokainen luku on pyöristyksen kerrannainen"),
            format!("{items} resultat; varje tal är en multipel av avrundningssteget"),
        ),
        Some(reached) => Text::new(
            format!("{items} items; certainty about one person {:.0} of 100", 100.0 * reached),
            format!("{items} tulosta; varmuus yhdestä henkilöstä {:.0} sadasta", 100.0 * reached),
            format!("{items} resultat; säkerheten om en enskild person är {:.0} av 100", 100.0 * reached),
        ),
    };
    notes.note(PROTECTION, Verdict::Pass, evidence);
}

/// Returns the tables of an item: its Parquet and its CSV file.
pub(super) fn tables_of<'s>(subject: &'s Subject, item: &ReleasedItem) -> Vec<&'s SubjectTable> {
    let is_of_item = |table: &&SubjectTable| {
        let name = table.path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| item.files.contains_key(&name))
    };
    subject.tables.iter().filter(is_of_item).collect()
}

/// Returns the columns with a number that is no multiple of its step.
fn odd_columns(table: &SubjectTable, counts: &[ReleasedCount]) -> Vec<String> {
    let mut odd = Vec::new();
    for (at, column) in table.columns.iter().enumerate() {
        let Some(count) = counts.iter().find(|count| count.columns.contains(&column.name)) else { continue };
        let read = table.table.map(&[at], |rows| are_multiples(&rows.columns[0], count));
        if !read.is_ok_and(|parts| parts.into_iter().all(|is_multiple| is_multiple)) {
            odd.push(Subject::place(table, at));
        }
    }
    odd
}

/// Returns true if every number is a multiple of its step. A sum can be empty.
fn are_multiples(cells: &Cells, count: &ReleasedCount) -> bool {
    (0..cells.len()).all(|row| match cells.text(row).filter(|text| !text.is_empty()) {
        Some(text) => text.parse::<f64>().is_ok_and(|number| count.step > 0 && number % count.step as f64 == 0.0),
        None => count.unit == ReleasedUnit::Sum,
    })
}

fn has_stated_cost(item: &ReleasedItem) -> bool {
    let cost: f64 = item.counts.iter().map(ReleasedCount::cost).sum();
    (cost - item.cost).abs() <= TOLERANCE
}

/// Returns true if every count has noise exactly if the method is noise, and rows of persons are not under noise.
fn is_of_method(item: &ReleasedItem, method: Method) -> bool {
    let is_noise = method == Method::Noise;
    let has_counts = !item.counts.is_empty() || (item.kind == ReleasedKind::Microdata && !is_noise);
    has_counts && item.counts.iter().all(|count| count.noise.is_some() == is_noise)
}

/// Returns the faults of the certainty, and of the method against the contract.
fn faults_of_the_whole(release: &Release<'_>, contract: Option<&Contract>) -> Vec<Text> {
    let manifest = &release.manifest;
    let mut faults = Vec::new();
    let reached = certainty(manifest.items.iter().map(|item| item.cost).sum());
    let is_stated = match (manifest.protect, manifest.certainty) {
        (Method::Round, None) => true,
        (Method::Noise, Some(stated)) => stated + TOLERANCE >= reached,
        _ => false,
    };
    if !is_stated {
        faults.push(Text::new(
            "the stated certainty is not that of the items",
            "ilmoitettu varmuus ei vastaa tuloksia",
            "den angivna säkerheten motsvarar inte resultaten",
        ));
    }
    let Some(rules) = contract.and_then(|contract| contract.release.as_ref()) else { return faults };
    if (rules.protect, rules.base) != (manifest.protect, manifest.base) {
        faults.push(Text::new(
            "the protection or the base is not that of the contract",
            "suojaustapa tai pyöristyskanta ei ole sopimuksen mukainen",
            "skyddsmetoden eller avrundningsbasen följer inte avtalet",
        ));
    }
    if manifest.certainty.is_some_and(|stated| stated > rules.certainty + TOLERANCE) {
        faults.push(Text::new(
            "the certainty is above what the contract allows",
            "varmuus ylittää sopimuksen salliman",
            "säkerheten överskrider det som avtalet tillåter",
        ));
    }
    faults
}

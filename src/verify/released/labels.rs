//! Items and labels of a release: those that the contract defines, whether or not they occur.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::protection::tables_of;
use super::{LABELS, Release};
use crate::config::{Contract, Hierarchy, Value};
use crate::exchange::{ReleasedDimension, ReleasedItem, ReleasedKind, TOTAL, UNKNOWN};
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::subject::SubjectTable;

/// Checks the labels of one release.
pub(super) fn check(release: &Release<'_>, contract: &Contract, notes: &mut Notes<'_>) {
    let undefined: Vec<&str> = release
        .manifest
        .items
        .iter()
        .filter(|item| !is_defined(item, contract))
        .map(|item| item.name.as_str())
        .collect();
    if !undefined.is_empty() {
        let named = undefined.join(", ");
        let evidence = Text::new(
            format!("items that the contract does not define, or defines otherwise: {named}"),
            format!("tuloksia, joita sopimus ei määrittele tai määrittelee toisin: {named}"),
            format!("resultat som avtalet inte definierar, eller definierar annorlunda: {named}"),
        );
        notes.note(LABELS, Verdict::Fail, evidence);
        return;
    }
    let mut faults = Vec::new();
    let mut checked = 0;
    for item in &release.manifest.items {
        for table in tables_of(release.subject, item) {
            for dimension in &item.dimensions {
                checked += 1;
                if !has_labels(table, item, dimension, contract) {
                    faults.push(format!("{}: {}", item.name, dimension.title));
                }
            }
        }
    }
    faults.sort_unstable();
    faults.dedup();
    if faults.is_empty() {
        let evidence = Text::new(
            format!(
                "items as the contract defines them; {checked} columns have a row for each of its labels, and no other"
            ),
            format!("tulokset kuten sopimuksessa; {checked} sarakkeessa on rivi jokaiselle sen luokalle eikä muille"),
            format!("resultat som avtalet definierar; {checked} kolumner har en rad för varje klass, och inga andra"),
        );
        notes.note(LABELS, Verdict::Pass, evidence);
        return;
    }
    let named = faults.join(", ");
    let evidence = Text::new(
        format!("labels that are not those of the contract: {named}"),
        format!("luokkia, jotka eivät ole sopimuksen mukaisia: {named}"),
        format!("klasser som inte följer avtalet: {named}"),
    );
    notes.note(LABELS, Verdict::Fail, evidence);
}

/// Returns true if the contract defines an item as it was released.
fn is_defined(item: &ReleasedItem, contract: &Contract) -> bool {
    let release = contract.release.as_ref();
    release.and_then(|release| release.definition(&item.name)) == Some(item.definition)
}

/// Returns true if a dimension's column has all its labels and no others. A group of a curve can end at once.
fn has_labels(table: &SubjectTable, item: &ReleasedItem, dimension: &ReleasedDimension, contract: &Contract) -> bool {
    let Some(mut expected) = labels(item, dimension, contract) else { return false };
    expected.extend([UNKNOWN, TOTAL].map(str::to_owned));
    let Some(at) = table.columns.iter().position(|column| column.name == dimension.title) else { return false };
    let read = table.table.map(&[at], |rows| {
        let cells = &rows.columns[0];
        (0..cells.len()).map(|row| cells.text(row).map(Cow::into_owned)).collect::<BTreeSet<_>>()
    });
    let Ok(parts) = read else { return false };
    let found: Option<BTreeSet<String>> = parts.into_iter().flatten().collect();
    found.is_some_and(|found| match item.kind {
        ReleasedKind::Curve => found.is_subset(&expected),
        _ => found == expected,
    })
}

/// Returns the labels that the contract lists for a dimension.
fn labels(item: &ReleasedItem, dimension: &ReleasedDimension, contract: &Contract) -> Option<BTreeSet<String>> {
    let own = (item.table.as_str(), dimension.column.as_str());
    let (table, column) = dimension.column.split_once('.').unwrap_or(own);
    let values: Vec<Value> = contract.column_values(table, column).ok()?;
    let raw = contract.release.as_ref().and_then(|release| release.hierarchy(column));
    let hierarchy = Hierarchy::new(column, raw, &values).ok()?;
    (dimension.level < hierarchy.levels()).then(|| hierarchy.at(dimension.level).0.into_iter().collect())
}

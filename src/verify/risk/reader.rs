//! Reads the planned columns of a table as codes, for all persons or a share of them.

use super::coded::{self, CodedRun, CodedTable};
use super::keys::{self, Form, Scale, mix};
use super::plan::Plan;
use crate::table::{Rows, SourceError};
use crate::verify::subject::SubjectTable;

/// Reads the columns of `plan`. A share of persons is chosen by their keys, so every table has the same persons.
pub(super) fn read(table: &SubjectTable, plan: &Plan, share: f64) -> Result<CodedTable, SourceError> {
    let columns = plan.columns();
    let wanted: Vec<usize> = columns.iter().chain(&plan.person).copied().collect();
    if wanted.is_empty() {
        return Ok(CodedTable::default());
    }
    let forms: Vec<Form> = columns.iter().map(|&column| plan.forms[column]).collect();
    let parts = table.table.map(&wanted, |rows: Rows| read_part(&rows, &forms, share))?;
    let (persons, runs) = parts.into_iter().unzip();
    Ok(CodedTable::new(persons, coded::join(runs, columns.len())))
}

/// Returns the persons of some rows, and the runs of their columns. Rows without a person are skipped.
fn read_part(rows: &Rows, forms: &[Form], share: f64) -> (Vec<u64>, Vec<(CodedRun, Scale)>) {
    let persons = match rows.columns.get(forms.len()) {
        Some(cells) => keys::keys(cells, Form::Plain),
        // Without a person column, each row is a person.
        None => (0..rows.len() as u64).map(|row| Some(rows.first + row)).collect(),
    };
    let chosen: Vec<(usize, u64)> = persons
        .iter()
        .enumerate()
        .filter_map(|(row, person)| Some((row, (*person)?)))
        .filter(|(_, person)| is_chosen(*person, share))
        .collect();
    let mut runs = Vec::with_capacity(forms.len());
    for (cells, &form) in rows.columns.iter().zip(forms) {
        let keys = keys::keys(cells, form);
        runs.push((CodedRun::new(chosen.iter().map(|&(row, _)| keys[row])), keys::scale(cells, form)));
    }
    (chosen.into_iter().map(|(_, person)| person).collect(), runs)
}

/// Returns true if the person of `key` is among a share of all.
fn is_chosen(key: u64, share: f64) -> bool {
    share >= 1.0 || (mix(key) as f64) < share * u64::MAX as f64
}

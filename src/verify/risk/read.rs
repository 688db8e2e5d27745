//! Reads the columns of a plan as codes, of all persons or a share of them.

use super::super::subject::Tabular;
use super::coded::{self, CodedTable, Run};
use super::keys::{self, Form, Scale, mix};
use super::plan::Plan;
use crate::table::{Rows, SourceError};

/// Reads the columns of `plan`. Of less than the whole, persons are chosen by their keys, so that they are the same ones
/// in every table.
pub(super) fn read(table: &Tabular, plan: &Plan, share: f64) -> Result<CodedTable, SourceError> {
    let columns = plan.columns();
    let wanted: Vec<usize> = columns.iter().chain(&plan.person).copied().collect();
    if wanted.is_empty() {
        return Ok(CodedTable::default());
    }
    let forms: Vec<Form> = columns.iter().map(|&column| plan.forms[column]).collect();
    let parts = table.table.map(&wanted, |rows: Rows| part(&rows, &forms, share))?;
    let (persons, runs) = parts.into_iter().unzip();
    let columns = coded::join(runs, columns.len());
    Ok(CodedTable::new(persons, columns))
}

/// The persons of some rows, and their columns; rows of no person are left out.
fn part(rows: &Rows, forms: &[Form], share: f64) -> (Vec<u64>, Vec<(Run, Scale)>) {
    let persons = match rows.columns.get(forms.len()) {
        Some(cells) => keys::keys(cells, Form::Plain),
        // Where no column stands for persons, each row is one.
        None => (0..rows.len() as u64).map(|row| Some(rows.first + row)).collect(),
    };
    let chosen: Vec<(usize, u64)> = persons
        .iter()
        .enumerate()
        .filter_map(|(row, person)| Some((row, (*person)?)))
        .filter(|(_, p)| is_in(*p, share))
        .collect();
    let columns = rows.columns.iter().zip(forms).map(|(cells, &form)| {
        let keys = keys::keys(cells, form);
        (Run::new(chosen.iter().map(|&(row, _)| keys[row])), keys::scale(cells, form))
    });
    let columns = columns.collect();
    (chosen.into_iter().map(|(_, person)| person).collect(), columns)
}

/// Whether the person of `key` is among a share of all.
fn is_in(key: u64, share: f64) -> bool {
    share >= 1.0 || (mix(key) as f64) < share * u64::MAX as f64
}

//! Form of the pseudonyms, and rows without one.

use std::collections::HashMap;

use super::form::Form;
use super::sample::{FEWEST_VALUES, Pseudonyms, Sample, no_person_column};
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::subject::{ColumnRole, listed};

const FORM: &str = "pseudonym.form";
const NULLS: &str = "pseudonym.nulls";
/// Bits of a pseudonym that are enough for any number of persons.
const ENOUGH_BITS: usize = 128;
/// Fewest persons of a table in which one frequent pseudonym is suspicious.
const FEWEST_PERSONS: usize = 100;
/// A pseudonym in one of this many rows or more is suspicious.
const ONE_ROW_IN: u64 = 10;

/// Checks that every person has a pseudonym, and that all pseudonyms of a column have one form.
pub(super) fn check(samples: &[Sample<'_>], notes: &mut Notes<'_>) {
    let mut columns: Vec<&Pseudonyms> = Vec::new();
    for sample in samples {
        columns.extend(sample.pseudonyms.iter().filter(|column| is_certain(sample, column)));
    }
    if columns.is_empty() {
        notes.note(FORM, Verdict::NotApplicable, no_person_column());
        notes.note(NULLS, Verdict::NotApplicable, no_person_column());
        return;
    }
    form(&columns, notes);
    nulls(&columns, samples, notes);
}

/// Returns true if the column certainly holds pseudonyms.
///
/// Without a contract, a reference can be any text, and a person column with few values can be a kind of client.
fn is_certain(sample: &Sample<'_>, column: &Pseudonyms) -> bool {
    let is_person = column.role == ColumnRole::Person && column.values.len() >= FEWEST_VALUES;
    is_person || sample.table.contract.is_some()
}

fn form(columns: &[&Pseudonyms], notes: &mut Notes<'_>) {
    let mixed: Vec<String> = columns.iter().filter(|c| c.form == Form::Mixed).map(|c| c.place.clone()).collect();
    if !mixed.is_empty() {
        let names = listed(&mixed);
        let evidence = Text::new(
            format!("values of different widths or forms: {}; other identifiers may be among them", names.en),
            format!("arvoja, joiden leveys tai muoto vaihtelee: {}; joukossa voi olla muita tunnisteita", names.fi),
            format!("värden med varierande längd eller form: {}; bland dem kan finnas andra identifierare", names.sv),
        );
        notes.note(FORM, Verdict::Fail, evidence);
        return;
    }
    let short: Vec<String> = columns
        .iter()
        .filter(|column| column.bits().is_some_and(|bits| bits < ENOUGH_BITS))
        .map(|column| column.place.clone())
        .collect();
    if !short.is_empty() {
        let names = listed(&short);
        let evidence = Text::new(
            format!("shorter than {ENOUGH_BITS} bits: {}; two persons may get the same pseudonym", names.en),
            format!("alle {ENOUGH_BITS} bittiä: {}; kaksi henkilöä voi saada saman pseudonyymin", names.fi),
            format!("kortare än {ENOUGH_BITS} bitar: {}; två personer kan få samma pseudonym", names.sv),
        );
        notes.note(FORM, Verdict::Warn, evidence);
        return;
    }
    let evidence = Text::new(
        "one width and form in each column",
        "jokaisessa sarakkeessa yksi leveys ja muoto",
        "en längd och en form i varje kolumn",
    );
    notes.note(FORM, Verdict::Pass, evidence);
}

fn nulls(columns: &[&Pseudonyms], samples: &[Sample<'_>], notes: &mut Notes<'_>) {
    let missing: Vec<String> = columns
        .iter()
        .filter(|column| column.role == ColumnRole::Person && column.nulls > 0)
        .map(|column| format!("{} ({})", column.place, column.nulls))
        .collect();
    if !missing.is_empty() {
        let names = listed(&missing);
        let evidence = Text::new(
            format!("rows without a pseudonym: {}", names.en),
            format!("rivejä ilman pseudonyymiä: {}", names.fi),
            format!("rader utan pseudonym: {}", names.sv),
        );
        notes.note(NULLS, Verdict::Fail, evidence);
        return;
    }
    let frequent: Vec<String> =
        samples.iter().filter(|sample| has_frequent_person(sample)).map(|s| s.table.label.clone()).collect();
    if !frequent.is_empty() {
        let names = listed(&frequent);
        let evidence = Text::new(
            format!("one pseudonym in a tenth of the rows or more: {}; it may stand for missing codes", names.en),
            format!(
                "yksi pseudonyymi vähintään joka kymmenennellä rivillä: {}; se voi tarkoittaa puuttuvia tunnuksia",
                names.fi
            ),
            format!("en pseudonym på minst en tiondel av raderna: {}; den kan stå för saknade beteckningar", names.sv),
        );
        notes.note(NULLS, Verdict::Warn, evidence);
        return;
    }
    let evidence = Text::new(
        "every row has a pseudonym",
        "jokaisella rivillä on henkilön pseudonyymi",
        "varje rad har en pseudonym",
    );
    notes.note(NULLS, Verdict::Pass, evidence);
}

/// Returns true if one person has so large a share of the rows as only the pseudonym of an empty code has.
fn has_frequent_person(sample: &Sample<'_>) -> bool {
    let mut rows: HashMap<u64, u64, ahash::RandomState> = HashMap::default();
    sample.persons.iter().for_each(|&person| *rows.entry(person).or_default() += 1);
    let all = sample.persons.len() as u64;
    rows.len() >= FEWEST_PERSONS && rows.values().any(|&most| most * ONE_ROW_IN >= all)
}

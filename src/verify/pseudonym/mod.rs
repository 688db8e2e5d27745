//! Pseudonyms: are they of one form, as random as keyed hashes are, and in no order that tells anything?
//!
//! EDPB Guidelines 01/2025 and ENISA 2019: a pseudonym must tell nothing of the identifier; counters and the order of the
//! source do.

mod form;
mod order;
mod parties;
mod sample;

use std::collections::HashMap;

use self::form::Form;
use self::sample::{Pseudonyms, Sample};
use super::Options;
use super::check::{Check, Notes, Verdict};
use super::statistics::{FAILS_BELOW, WARNS_BELOW, apart_from_half};
use super::subject::{ColumnRole, Kind, Subject, listed};
use crate::text::Text;

const FORM: &str = "pseudonym.form";
const NULLS: &str = "pseudonym.nulls";
const UNIFORM: &str = "pseudonym.uniform";
/// Bits of a pseudonym that are enough for any number of persons.
const ENOUGH_BITS: usize = 128;
/// With fewer distinct values nothing can be said of how random they are.
const FEWEST: usize = 20;

pub(super) fn check(subjects: &[Subject], _: &Options<'_>, checks: &mut Vec<Check>) {
    for subject in subjects.iter().filter(|subject| !subject.tables.is_empty()) {
        let mut notes = Notes { about: subject.label.clone(), checks };
        let samples: Vec<Sample<'_>> = subject.tables.iter().filter_map(|table| Sample::read(table).ok()).collect();
        values(&samples, &mut notes);
        uniform(&samples, &mut notes);
        order::check(subject, &samples, &mut notes);
    }
    parties::check(subjects, checks);
}

/// What to say where there is no column that stands for a person.
fn none_there() -> Text {
    Text::new("no column stands for a person", "mikään sarake ei vastaa henkilöä")
}

/// Every person has a pseudonym, and all pseudonyms of a column have one form.
fn values(samples: &[Sample<'_>], notes: &mut Notes<'_>) {
    // What is a reference by its name alone may be any text, and a person of few values a kind of client.
    let is_sure = |sample: &Sample<'_>, column: &Pseudonyms| {
        let seems = column.role == ColumnRole::Person && column.values.len() >= FEWEST;
        seems || sample.table.contract.is_some()
    };
    let columns: Vec<_> =
        samples.iter().flat_map(|sample| sample.pseudonyms.iter().filter(|column| is_sure(sample, column))).collect();
    if columns.is_empty() {
        notes.note(FORM, Verdict::NotApplicable, none_there());
        notes.note(NULLS, Verdict::NotApplicable, none_there());
        return;
    }
    let mixed: Vec<String> = columns.iter().filter(|c| c.form == Form::Mixed).map(|c| c.place.clone()).collect();
    let short: Vec<String> =
        columns.iter().filter(|c| c.bits().is_some_and(|bits| bits < ENOUGH_BITS)).map(|c| c.place.clone()).collect();
    let (verdict, words) = if mixed.is_empty() && short.is_empty() {
        (Verdict::Pass, Text::new("one width and form in each column", "jokaisessa sarakkeessa yksi leveys ja muoto"))
    } else if mixed.is_empty() {
        let names = listed(&short);
        let en = format!("shorter than {ENOUGH_BITS} bits: {}; two persons may get the same", names.en);
        (
            Verdict::Warn,
            Text::new(en, format!("alle {ENOUGH_BITS} bittiä: {}; kaksi henkilöä voi saada saman", names.fi)),
        )
    } else {
        let names = listed(&mixed);
        let en = format!("values of differing widths or forms: {}; other identifiers may be among them", names.en);
        let fi =
            format!("arvoja, joiden leveys tai muoto vaihtelee: {}; joukossa voi olla muita tunnisteita", names.fi);
        (Verdict::Fail, Text::new(en, fi))
    };
    notes.note(FORM, verdict, words);
    let absent: Vec<String> = columns
        .iter()
        .filter(|column| column.role == ColumnRole::Person && column.nulls > 0)
        .map(|column| format!("{} ({})", column.place, column.nulls))
        .collect();
    let heaped: Vec<String> = samples.iter().filter(|s| is_heaped(s)).map(|s| s.table.label.clone()).collect();
    let (verdict, words) = if !absent.is_empty() {
        let names = listed(&absent);
        let en = format!("rows without one: {}", names.en);
        (Verdict::Fail, Text::new(en, format!("rivejä ilman pseudonyymiä: {}", names.fi)))
    } else if !heaped.is_empty() {
        let names = listed(&heaped);
        let en = format!("one pseudonym in a tenth of the rows or more: {}; it may stand for missing codes", names.en);
        let fi = format!(
            "yksi pseudonyymi vähintään joka kymmenennellä rivillä: {}; se voi tarkoittaa puuttuvia tunnuksia",
            names.fi
        );
        (Verdict::Warn, Text::new(en, fi))
    } else {
        (Verdict::Pass, Text::new("every row has its person's", "jokaisella rivillä on henkilön pseudonyymi"))
    };
    notes.note(NULLS, verdict, words);
}

/// Whether one person of many has so large a part of the rows as only the pseudonym of an empty code has.
fn is_heaped(sample: &Sample<'_>) -> bool {
    const PERSONS: usize = 100;
    const ONE_IN: u64 = 10;
    let mut counts: HashMap<u64, u64, ahash::RandomState> = HashMap::default();
    sample.persons.iter().for_each(|&person| *counts.entry(person).or_default() += 1);
    let most = counts.values().max().copied().unwrap_or(0);
    counts.len() >= PERSONS && most * ONE_IN >= sample.persons.len() as u64
}

/// Every bit of the values is as often 1 as 0.
fn uniform(samples: &[Sample<'_>], notes: &mut Notes<'_>) {
    let tested: Vec<(&str, form::Bits)> = samples
        .iter()
        .flat_map(|sample| &sample.pseudonyms)
        .filter(|column| column.values.len() >= FEWEST)
        .filter_map(|column| Some((column.place.as_str(), form::bits(column)?)))
        .collect();
    let tests: usize = tested.iter().map(|(_, bits)| bits.tests).sum();
    let worst = |bits: &form::Bits| apart_from_half(bits.farthest, bits.values) * tests as f64;
    let below = |limit: f64| -> Vec<String> {
        tested.iter().filter(|(_, bits)| worst(bits) < limit).map(|(place, _)| (*place).to_owned()).collect()
    };
    let (verdict, found) = match (below(FAILS_BELOW), below(WARNS_BELOW)) {
        (failed, _) if !failed.is_empty() => (Verdict::Fail, failed),
        (_, warned) if !warned.is_empty() => (Verdict::Warn, warned),
        _ if tested.is_empty() => (Verdict::NotApplicable, Vec::new()),
        _ => (Verdict::Pass, Vec::new()),
    };
    let words = match verdict {
        Verdict::NotApplicable => Text::new(
            format!("no column of at least {FEWEST} distinct values in hexadecimal, base32, base64 or bytes"),
            format!(
                "ei saraketta, jossa olisi vähintään {FEWEST} eri arvoa heksadesimaalina, base32:na, base64:nä tai tavuina"
            ),
        ),
        Verdict::Pass => {
            let n = tested.len();
            Text::new(
                format!(
                    "{n} columns, {tests} bits and pairs of bits, none farther from half than chance would have it"
                ),
                format!("{n} saraketta, {tests} bittiä ja bittiparia, kaikki sattuman rajoissa"),
            )
        }
        _ => {
            let names = listed(&found);
            let en = format!("not like random bits, as keyed hashes are: {}; ask how they were made", names.en);
            let fi = format!(
                "ei satunnaisten bittien kaltaisia, kuten avaimelliset tiivisteet ovat: {}; kysy, miten ne on tehty",
                names.fi
            );
            Text::new(en, fi)
        }
    };
    notes.note(UNIFORM, verdict, words);
}

/// Whether the table's rows must be in the order of its pseudonyms: this tool writes them so.
fn must_be_sorted(subject: &Subject) -> bool {
    matches!(subject.kind, Kind::Delivery | Kind::Linked)
}

//! Notes of the checks of cells: the evidence of each, and what the search for the contract's identifiers could not do.

use super::contract_identifiers::{Patterns, Width};
use super::verdict::{self, FindingVerdict};
use crate::text::Text;
use crate::verify::check::{Check, Notes, Verdict};
use crate::verify::subject::{Subject, listed};

/// Check of the identifiers that the contract describes.
pub(super) const CONTRACT: &str = "residue.contract_identifiers";
/// Words about kinds of identifiers with a wide pattern, and with one that nearly everything matches, in each language.
const WIDE: [&str; 3] = [
    "ordinary values match the pattern too, so that a column warns at most",
    "kuvio sopii myös tavallisiin arvoihin, joten sarakkeesta enintään varoitetaan",
    "mönstret passar även vanliga värden, så en kolumn ger högst en varning",
];
const BOUNDLESS: [&str; 3] = [
    "not searched for, because words and numbers match the pattern",
    "ei etsitty, koska kuvio sopii sanoihin ja lukuihin",
    "söktes inte, eftersom mönstret passar ord och tal",
];

/// Notes the search for the contract's identifiers, with the kinds that it could not search for.
pub(super) fn note_contract(
    patterns: Option<&Patterns<'_>>,
    subject: &Subject,
    judged: &[&FindingVerdict],
    broken: &[String],
    notes: &mut Notes<'_>,
) {
    let Some(patterns) = patterns.filter(|_| !subject.tables.is_empty()) else {
        note_without_contract(subject, notes);
        return;
    };
    if patterns.all.is_empty() {
        let none = Text::new(
            "the contract has no other kind of identifier than identity codes",
            "sopimuksessa ei ole muita tunnisteita kuin henkilötunnukset",
            "avtalet har inga andra identifierare än personbeteckningar",
        );
        notes.note(CONTRACT, Verdict::NotApplicable, none);
        return;
    }
    let names = |width: Width| {
        let kinds = patterns.all.iter().filter(|pattern| pattern.width == width);
        kinds.map(|pattern| pattern.name.to_string()).collect::<Vec<_>>()
    };
    let boundless = names(Width::Boundless);
    let check = note(CONTRACT, subject, judged, broken, notes);
    add_kinds(&mut check.evidence, &names(Width::Wide), &WIDE);
    if !boundless.is_empty() {
        check.verdict = check.verdict.max(Verdict::NotChecked);
        add_kinds(&mut check.evidence, &boundless, &BOUNDLESS);
    }
}

fn add_kinds(evidence: &mut Text, kinds: &[String], [en, fi, sv]: &[&str; 3]) {
    if kinds.is_empty() {
        return;
    }
    let kinds = listed(kinds);
    evidence.en += &format!("; {}: {en}", kinds.en);
    evidence.fi += &format!("; {}: {fi}", kinds.fi);
    evidence.sv += &format!("; {}: {sv}", kinds.sv);
}

fn note_without_contract(subject: &Subject, notes: &mut Notes<'_>) {
    if subject.tables.is_empty() {
        note(CONTRACT, subject, &[], &[], notes);
        return;
    }
    let evidence = Text::new(
        "only the contract describes the identifiers of the study; give --contract FILE",
        "tutkimuksen tunnisteet kuvataan vain sopimuksessa; anna --contract TIEDOSTO",
        "bara avtalet beskriver studiens identifierare; ange --contract FIL",
    );
    notes.note(CONTRACT, Verdict::NotChecked, evidence);
}

/// Notes the findings of a check. `broken` are the labels of the tables that were not read to the end.
pub(super) fn note<'n>(
    name: &'static str,
    subject: &Subject,
    judged: &[&FindingVerdict],
    broken: &[String],
    notes: &'n mut Notes<'_>,
) -> &'n mut Check {
    if subject.tables.is_empty() {
        return notes.note(name, Verdict::NotApplicable, Text::new("no table", "ei taulua", "ingen tabell"));
    }
    let columns = subject.tables.iter().map(|table| table.columns.len()).sum();
    let least = if broken.is_empty() { Verdict::Pass } else { Verdict::NotChecked };
    let evidence = evidence(verdict::count(judged), columns, broken);
    let check = notes.note(name, verdict::worst(judged).max(least), evidence);
    check.tables.extend(verdict::table(judged));
    check
}

fn evidence(found: usize, columns: usize, broken: &[String]) -> Text {
    let mut evidence = match found {
        0 => Text::new(
            format!("nothing in {columns} columns"),
            format!("ei löydöksiä, {columns} saraketta"),
            format!("inga fynd i {columns} kolumner"),
        ),
        found => Text::new(
            format!("{found} findings in {columns} columns"),
            format!("{found} löydöstä, {columns} saraketta"),
            format!("{found} fynd i {columns} kolumner"),
        ),
    };
    if !broken.is_empty() {
        let tables = listed(broken);
        evidence.en += &format!("; not read to the end: {}", tables.en);
        evidence.fi += &format!("; ei luettu loppuun: {}", tables.fi);
        evidence.sv += &format!("; inte lästa till slut: {}", tables.sv);
    }
    evidence
}

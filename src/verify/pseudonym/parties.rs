//! Pseudonyms across deliveries: one key within a study, different keys between studies.

use std::collections::HashSet;

use ahash::RandomState;

use crate::exchange::Manifest;
use crate::text::Text;
use crate::verify::check::{Check, Notes, Verdict};
use crate::verify::subject::{Subject, listed};

const CANARIES: &str = "pseudonym.canaries";
const OTHER_STUDY: &str = "pseudonym.other_study";
/// Most pseudonyms of a delivery that are compared: those with the smallest hashes, so that equal ones meet.
const MOST_COMPARED: usize = 1 << 22;

/// A delivery with its manifest.
#[derive(Clone, Copy)]
struct Delivery<'a> {
    subject: &'a Subject,
    manifest: &'a Manifest,
}

/// Compares the pseudonyms of all deliveries.
pub(super) fn check(subjects: &[Subject], checks: &mut Vec<Check>) {
    let deliveries: Vec<Delivery<'_>> = subjects
        .iter()
        .filter_map(|subject| Some(Delivery { subject, manifest: subject.manifest.as_ref()? }))
        .collect();
    if deliveries.is_empty() {
        return;
    }
    let about = format!("{} deliveries together", deliveries.len());
    let mut notes = Notes { about, checks };
    canaries(&deliveries, &mut notes);
    other_study(&deliveries, &mut notes);
}

/// Returns the positions of every pair of deliveries, of one study or of two.
fn pairs(deliveries: &[Delivery<'_>], of_one_study: bool) -> Vec<(usize, usize)> {
    let all = (0..deliveries.len()).flat_map(|a| (a + 1..deliveries.len()).map(move |b| (a, b)));
    all.filter(|&(a, b)| (deliveries[a].manifest.study == deliveries[b].manifest.study) == of_one_study).collect()
}

/// Checks that deliveries of one study have the same canaries: the same key and the same canonical form of codes.
fn canaries(deliveries: &[Delivery<'_>], notes: &mut Notes<'_>) {
    let pairs = pairs(deliveries, true);
    if pairs.is_empty() {
        let evidence = Text::new(
            "needs two deliveries of one study",
            "tarvitsee kaksi saman tutkimuksen toimitusta",
            "kräver två leveranser för samma studie",
        );
        notes.note(CANARIES, Verdict::NotApplicable, evidence);
        return;
    }
    let mut different = Vec::new();
    for (a, b) in pairs.into_iter().map(|(a, b)| (deliveries[a], deliveries[b])) {
        if a.manifest.key_id != b.manifest.key_id || a.manifest.canaries != b.manifest.canaries {
            different.push(format!("{} / {}", a.subject.label, b.subject.label));
        }
    }
    if different.is_empty() {
        let evidence = Text::new(
            "one key and one canonical form of codes",
            "sama avain ja sama tunnusten kirjoitustapa",
            "samma nyckel och samma skrivsätt för beteckningarna",
        );
        notes.note(CANARIES, Verdict::Pass, evidence);
        return;
    }
    let names = listed(&different);
    let evidence = Text::new(
        format!("different keys or canonical forms: {}; the deliveries cannot be linked", names.en),
        format!("eri avain tai eri kirjoitustapa: {}; toimituksia ei voi yhdistää", names.fi),
        format!("olika nycklar eller skrivsätt: {}; leveranserna kan inte länkas", names.sv),
    );
    notes.note(CANARIES, Verdict::Fail, evidence);
}

/// Checks that deliveries of different studies share no pseudonym: each study has its own key.
fn other_study(deliveries: &[Delivery<'_>], notes: &mut Notes<'_>) {
    let pairs = pairs(deliveries, false);
    if pairs.is_empty() {
        let evidence = Text::new(
            "needs deliveries of two studies",
            "tarvitsee kahden tutkimuksen toimituksia",
            "kräver leveranser för två studier",
        );
        notes.note(OTHER_STUDY, Verdict::NotApplicable, evidence);
        return;
    }
    let mut values: Vec<Option<HashSet<u64>>> = Vec::new();
    for (at, delivery) in deliveries.iter().enumerate() {
        let is_compared = pairs.iter().any(|&(a, b)| a == at || b == at);
        values.push(if is_compared { pseudonyms(delivery.subject) } else { None });
    }
    let mut compared = 0;
    let mut overlaps = Vec::new();
    for (a, b) in pairs {
        if let (Some(values), Some(others)) = (&values[a], &values[b]) {
            compared += 1;
            if values.iter().any(|value| others.contains(value)) {
                overlaps.push(format!("{} / {}", deliveries[a].subject.label, deliveries[b].subject.label));
            }
        }
    }
    if !overlaps.is_empty() {
        let names = listed(&overlaps);
        let evidence = Text::new(
            format!("the same pseudonyms in two studies: {}; each study must have its own key", names.en),
            format!("samoja pseudonyymejä kahdessa tutkimuksessa: {}; kullakin on oltava oma avain", names.fi),
            format!("samma pseudonymer i två studier: {}; varje studie ska ha en egen nyckel", names.sv),
        );
        notes.note(OTHER_STUDY, Verdict::Fail, evidence);
    } else if compared == 0 {
        let evidence = Text::new(
            "one of the deliveries could not be opened",
            "jotakin toimitusta ei voitu avata",
            "någon av leveranserna kunde inte öppnas",
        );
        notes.note(OTHER_STUDY, Verdict::NotChecked, evidence);
    } else {
        let evidence =
            Text::new("no pseudonym is shared", "yhtään pseudonyymiä ei ole molemmissa", "ingen pseudonym är gemensam");
        notes.note(OTHER_STUDY, Verdict::Pass, evidence);
    }
}

/// Returns the hashes of the distinct pseudonyms of a delivery; `None` if it could not be opened.
fn pseudonyms(subject: &Subject) -> Option<HashSet<u64>> {
    let hasher = RandomState::with_seeds(1, 2, 3, 4);
    let mut values: Vec<u64> = Vec::new();
    for table in &subject.tables {
        let parts = table.table.map(&table.pseudonyms(), |rows| {
            let cells = rows.columns.iter().flat_map(|cells| (0..cells.len()).filter_map(|row| cells.text(row)));
            distinct(cells.map(|text| hasher.hash_one(&*text)).collect())
        });
        values = distinct(values.into_iter().chain(parts.ok()?.into_iter().flatten()).collect());
        values.truncate(MOST_COMPARED);
    }
    (!subject.tables.is_empty()).then(|| values.into_iter().collect())
}

/// Returns the distinct values, sorted.
fn distinct(mut values: Vec<u64>) -> Vec<u64> {
    values.sort_unstable();
    values.dedup();
    values
}

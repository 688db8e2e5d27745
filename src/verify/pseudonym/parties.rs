//! What deliveries of several parties must share, and what those of several studies must not.

use std::collections::HashSet;

use ahash::RandomState;

use crate::exchange::Manifest;
use crate::text::Text;
use crate::verify::check::{Check, Notes, Verdict};
use crate::verify::subject::{Subject, listed};

const CANARIES: &str = "pseudonym.canaries";
const OTHER_STUDY: &str = "pseudonym.other_study";
/// Of each delivery, so many pseudonyms at most are compared: those with the smallest hashes, so that equal ones meet.
const MOST_COMPARED: usize = 1 << 22;

pub(super) fn check(subjects: &[Subject], checks: &mut Vec<Check>) {
    let deliveries: Vec<(&Subject, &Manifest)> =
        subjects.iter().filter_map(|subject| Some((subject, subject.manifest.as_ref()?))).collect();
    if deliveries.is_empty() {
        return;
    }
    let about = format!("{} deliveries together", deliveries.len());
    let mut notes = Notes { about, checks };
    canaries(&deliveries, &mut notes);
    other_study(&deliveries, &mut notes);
}

/// Deliveries of one study have the same published test values, so the same key and the same normalisation.
fn canaries(deliveries: &[(&Subject, &Manifest)], notes: &mut Notes<'_>) {
    let same_study = |a: &Manifest, b: &Manifest| a.study == b.study;
    let pairs = deliveries.iter().enumerate().flat_map(|(at, a)| deliveries[at + 1..].iter().map(move |b| (a, b)));
    let pairs: Vec<_> = pairs.filter(|(a, b)| same_study(a.1, b.1)).collect();
    let differ: Vec<String> = pairs
        .iter()
        .filter(|(a, b)| a.1.key_id != b.1.key_id || a.1.canaries != b.1.canaries)
        .map(|(a, b)| format!("{} / {}", a.0.label, b.0.label))
        .collect();
    let (verdict, words) = match (pairs.is_empty(), differ.is_empty()) {
        (true, _) => (
            Verdict::NotApplicable,
            Text::new("needs two deliveries of one study", "tarvitsee kaksi saman tutkimuksen toimitusta"),
        ),
        (_, true) => (
            Verdict::Pass,
            Text::new("one key and one way to write codes", "sama avain ja sama tapa kirjoittaa henkilötunnukset"),
        ),
        _ => {
            let names = listed(&differ);
            let en = format!("another key or another way to write codes: {}; they cannot be linked", names.en);
            (
                Verdict::Fail,
                Text::new(en, format!("eri avain tai eri kirjoitustapa: {}; niitä ei voi yhdistää", names.fi)),
            )
        }
    };
    notes.note(CANARIES, verdict, words);
}

/// Deliveries of different studies share no pseudonym: each study has its own key.
fn other_study(deliveries: &[(&Subject, &Manifest)], notes: &mut Notes<'_>) {
    let differ = |a: &Manifest, b: &Manifest| a.study != b.study;
    // The pseudonyms of each delivery that is compared; none if it could not be opened.
    let is_compared = |manifest: &Manifest| deliveries.iter().any(|(_, other)| differ(manifest, other));
    let values: Vec<Option<HashSet<u64>>> = deliveries
        .iter()
        .map(|(subject, manifest)| is_compared(manifest).then(|| pseudonyms(subject)).flatten())
        .collect();
    let (mut compared, mut closed, mut overlaps) = (0, 0, Vec::new());
    for (at, (subject, manifest)) in deliveries.iter().enumerate() {
        for (other_at, (other, other_manifest)) in deliveries.iter().enumerate().skip(at + 1) {
            if !differ(manifest, other_manifest) {
                continue;
            }
            match (&values[at], &values[other_at]) {
                (Some(a), Some(b)) => {
                    compared += 1;
                    let shared = a.iter().any(|value| b.contains(value));
                    overlaps.extend(shared.then(|| format!("{} / {}", subject.label, other.label)));
                }
                _ => closed += 1,
            }
        }
    }
    let (verdict, words) = match (overlaps.is_empty(), compared, closed) {
        (false, ..) => {
            let names = listed(&overlaps);
            let en = format!("the same pseudonyms in two studies: {}; each study must have its own key", names.en);
            (
                Verdict::Fail,
                Text::new(
                    en,
                    format!("samoja pseudonyymejä kahdessa tutkimuksessa: {}; kullakin on oltava oma avain", names.fi),
                ),
            )
        }
        (_, 0, 0) => (
            Verdict::NotApplicable,
            Text::new("needs deliveries of two studies", "tarvitsee kahden tutkimuksen toimituksia"),
        ),
        (_, 0, _) => {
            (Verdict::NotChecked, Text::new("one of them could not be opened", "jotakin niistä ei voitu avata"))
        }
        _ => (Verdict::Pass, Text::new("no pseudonym is shared", "yhtään pseudonyymiä ei ole molemmissa")),
    };
    notes.note(OTHER_STUDY, verdict, words);
}

/// The distinct values of every pseudonym column, hashed; none if nothing could be opened.
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

/// The different ones of `values`, in order.
fn distinct(mut values: Vec<u64>) -> Vec<u64> {
    values.sort_unstable();
    values.dedup();
    values
}

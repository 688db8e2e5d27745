//! Integrity: files are complete and unchanged, as their manifest lists them, and deliveries belong together.
//!
//! GDPR articles 5(1)(f) and 32: integrity of the data handed over. EDPB Guidelines 01/2025: the same transform at
//! every party of the pseudonymisation domain.

mod closed;
mod delivery;
mod evidence;
mod folder;
mod linked;
mod names;
mod tables;

use std::path::Path;

pub(super) use closed::closed;
pub(super) use tables::unread;

use self::delivery::{agreement, delivery};
use self::linked::{linked, released};
use self::names::{AGREEMENT, MANIFEST_READ};
use self::tables::readable;
use super::check::{Check, Notes, Verdict};
use super::options::Options;
use super::subject::{Kind, Subject};
use crate::exchange::{LinkedManifest, MANIFEST, OutputFolder, ReleaseManifest};
use crate::progress::Progress;
use crate::text::Text;

/// Opens the subject at each path and checks its integrity.
pub(super) fn check(options: &Options<'_>, checks: &mut Vec<Check>, progress: &dyn Progress) -> Vec<Subject> {
    let mut subjects = Vec::new();
    let mut opened = Vec::new();
    let mut deliveries = 0;
    progress.begin("integrity", options.paths.len() as u64);
    for path in options.paths {
        let mut notes = Notes { about: Subject::label_of(path), checks };
        let subject = match Claim::read(path) {
            Claim::Linked(manifest) => {
                linked(path, &manifest, options.contract, &mut notes);
                Subject::linked(path, &manifest, options)
            }
            Claim::Delivery => {
                deliveries += 1;
                let delivery = delivery(path, options, &mut notes);
                let subject = delivery
                    .as_ref()
                    .map_or_else(|| Subject::closed(path, options), |delivery| Subject::delivery(delivery, options));
                opened.extend(delivery);
                subject
            }
            Claim::Released(manifest) => {
                released(path, &manifest, options.contract, &mut notes);
                Subject::released(path, &manifest, options)
            }
            Claim::Nothing => {
                unfinished(path, &mut notes);
                Subject::tables(path, Kind::Tables, options)
            }
        };
        readable(&subject, &mut notes);
        subjects.push(subject);
        progress.advance(1);
    }
    if deliveries > 0 {
        let mut notes = Notes { about: format!("{deliveries} deliveries together"), checks };
        let closed = deliveries - opened.len();
        if closed > 0 {
            let evidence = Text::new(
                format!("{closed} of them could not be opened"),
                format!("{closed} jäi avaamatta"),
                format!("{closed} av dem kunde inte öppnas"),
            );
            notes.note(AGREEMENT, Verdict::NotChecked, evidence);
        } else {
            agreement(opened, options.contract, &mut notes);
        }
    }
    subjects
}

/// Kind of data that a folder claims to hold, by its manifest.
enum Claim {
    Delivery,
    Linked(Box<LinkedManifest>),
    Released(Box<ReleaseManifest>),
    Nothing,
}

impl Claim {
    fn read(path: &Path) -> Self {
        if let Some(manifest) = ReleaseManifest::read(path) {
            return Self::Released(Box::new(manifest));
        }
        match LinkedManifest::read(path) {
            Some(manifest) => Self::Linked(Box::new(manifest)),
            None if path.join(MANIFEST).symlink_metadata().is_ok() => Self::Delivery,
            None => Self::Nothing,
        }
    }
}

/// Fails the remains of a run that was interrupted: its tables can be whole, and others be missing.
fn unfinished(path: &Path, notes: &mut Notes<'_>) {
    if OutputFolder::is_unfinished(path) {
        let evidence = Text::new(
            "a run was interrupted before this folder was whole; delete it",
            "ajo keskeytyi ennen kuin kansio oli valmis; poista kansio",
            "en körning avbröts innan mappen var färdig; ta bort mappen",
        );
        notes.note(MANIFEST_READ, Verdict::Fail, evidence);
    }
}

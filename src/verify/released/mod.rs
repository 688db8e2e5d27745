//! Our own releases: numbers, labels, costs and the register, against manifest and contract.

mod labels;
mod protection;
mod register;

use super::check::{Check, Notes, Verdict};
use super::options::Options;
use super::subject::{Kind, Subject};
use crate::exchange::ReleaseManifest;
use crate::text::Text;

const LABELS: &str = "purpose.labels";

/// A release with its manifest and its tables.
struct Release<'a> {
    subject: &'a Subject,
    manifest: ReleaseManifest,
}

/// Checks every release, and all of them together.
pub(super) fn check(subjects: &[Subject], options: &Options<'_>, checks: &mut Vec<Check>) {
    let released = subjects.iter().filter(|subject| subject.kind == Kind::Released);
    let releases: Vec<Release<'_>> = released
        .filter_map(|subject| Some(Release { manifest: ReleaseManifest::read(&subject.path)?, subject }))
        .collect();
    for release in &releases {
        let mut notes = Notes { about: release.subject.label.clone(), checks };
        protection::check(release, options.contract, &mut notes);
        match options.contract {
            Some(contract) => labels::check(release, contract, &mut notes),
            None => {
                let evidence = Text::new(
                    "needs the contract; give --contract FILE",
                    "tarvitsee sopimuksen; anna --contract TIEDOSTO",
                    "kräver avtalet; ange --contract FIL",
                );
                notes.note(LABELS, Verdict::NotChecked, evidence);
            }
        }
    }
    if !releases.is_empty() {
        register::check(&releases, options.contract, checks);
    }
}

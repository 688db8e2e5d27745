//! Findings in files that are not tables, and in lines that do not form a row.

use std::collections::BTreeSet;

use super::file;
use super::tally::{Finding, Tallies};
use super::verdict::{self, FindingVerdict};
use crate::progress::Progress;
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::subject::{Kind, Subject, SubjectFile};

const NAME: &str = "residue.other_files";

/// Searches the other files of a subject, and the tables at `malformed`, byte by byte.
pub(super) fn check(subject: &Subject, malformed: &[usize], notes: &mut Notes<'_>, progress: &dyn Progress) {
    let malformed: BTreeSet<_> = malformed.iter().map(|&table| &subject.tables[table].path).collect();
    let files = subject.files.iter().filter(|file| !file.is_table || malformed.contains(&file.path));
    let files: Vec<&SubjectFile> = files.collect();
    if files.is_empty() && subject.skipped == 0 {
        notes.note(
            NAME,
            Verdict::NotApplicable,
            Text::new("no other files", "muita tiedostoja ei ole", "inga andra filer"),
        );
        return;
    }
    // The sealed files of a delivery are its own, and opened apart.
    let is_delivery = matches!(subject.kind, Kind::Delivery | Kind::ClosedDelivery);
    let mut scan = Scan { skipped: subject.skipped, is_delivery, ..Scan::default() };
    files.iter().for_each(|file| scan.add(file, progress));
    let judged = verdict::judge(std::mem::take(&mut scan.findings));
    let judged: Vec<&FindingVerdict> = judged.iter().collect();
    let evidence = scan.evidence(files.len(), verdict::count(&judged));
    let check = notes.note(NAME, scan.least_verdict().max(verdict::worst(&judged)), evidence);
    check.tables.extend(verdict::table(&judged));
}

/// Results of reading the files.
#[derive(Default)]
struct Scan {
    findings: Vec<Finding>,
    unread: usize,
    archives: usize,
    /// Encrypted files: their bytes are random, and random bytes look like anything.
    encrypted: usize,
    skipped: usize,
    is_delivery: bool,
}

impl Scan {
    fn add(&mut self, file: &SubjectFile, progress: &dyn Progress) {
        if file::is_encrypted(&file.path) {
            self.encrypted += 1;
            return;
        }
        let mut tallies = Tallies::default();
        // A file without a length fails to be read below.
        let length = file.path.metadata().map_or(0, |metadata| metadata.len());
        let whole = 0..length;
        progress.begin("residue: other files", length);
        let read = file::scan(&file.path, &[whole], &mut tallies, &mut |read| progress.advance(read));
        self.unread += usize::from(read.is_err());
        self.archives += usize::from(file::is_archive(&file.path));
        self.findings.extend(tallies.findings(&file.label));
    }

    fn least_verdict(&self) -> Verdict {
        if self.archives + self.skipped > 0 {
            Verdict::Warn
        } else if self.unread > 0 || self.encrypted > 0 && !self.is_delivery {
            Verdict::NotChecked
        } else {
            Verdict::Pass
        }
    }

    fn evidence(&self, files: usize, found: usize) -> Text {
        let Self { unread, archives, encrypted, skipped, .. } = self;
        Text::new(
            format!(
                "{files} files: {found} findings; {archives} archives and {encrypted} encrypted files not searched; \
                 {unread} files not readable; {skipped} links, devices or files skipped (too deep or too many)"
            ),
            format!(
                "{files} tiedostoa, {found} löydöstä; {archives} pakattua ja {encrypted} salattua tiedostoa, joita ei \
                 tutkittu; {unread} tiedostoa, joita ei voitu lukea; {skipped} ohitettua linkkiä, laitetta tai \
                 tiedostoa (liian syvällä tai liian monta)"
            ),
            format!(
                "{files} filer: {found} fynd; {archives} packade och {encrypted} krypterade filer som inte \
                 genomsöktes; {unread} filer som inte kunde läsas; {skipped} länkar, enheter eller filer som hoppades \
                 över (för djupt eller för många)"
            ),
        )
    }
}

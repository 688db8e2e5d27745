//! Files that are no tables, and tables with lines that could not be read as rows.

use std::collections::BTreeSet;

use super::super::check::{Notes, Verdict};
use super::super::subject::Subject;
use super::bytes;
use super::found::{Finding, Tallies};
use super::verdict::{self, Judged};
use crate::progress::Progress;
use crate::text::Text;

const NAME: &str = "residue.other_files";

/// Notes what is in the other files of a subject, and in the tables at `malformed`, byte by byte.
pub(super) fn check(subject: &Subject, malformed: &[usize], notes: &mut Notes<'_>, progress: &dyn Progress) {
    let broken: BTreeSet<_> =
        malformed.iter().filter_map(|&table| subject.tables.get(table)).map(|t| &t.path).collect();
    let files: Vec<_> = subject.files.iter().filter(|file| !file.is_table || broken.contains(&file.path)).collect();
    if files.is_empty() && subject.left_alone == 0 {
        notes.note(NAME, Verdict::NotApplicable, Text::new("there are none", "muita tiedostoja ei ole"));
        return;
    }
    let (mut findings, mut unread, mut archives) = (Vec::<Finding>::new(), 0, 0);
    for file in &files {
        let mut tallies = Tallies::default();
        let length = file.path.metadata().map_or(0, |metadata| metadata.len());
        let whole = 0..length;
        progress.begin("residue: other files", length);
        let read = bytes::scan(&file.path, &[whole], &mut tallies, &mut |read| progress.advance(read));
        unread += usize::from(read.is_err());
        archives += usize::from(bytes::is_archive(&file.path));
        findings.extend(tallies.close(&file.label).0);
    }
    let judged = verdict::judge(findings);
    let judged: Vec<&Judged> = judged.iter().collect();
    let found = judged.iter().filter(|one| one.verdict > Verdict::Pass).count();
    let left_alone = subject.left_alone;
    let lowest = match (archives + left_alone, unread) {
        (0, 0) => Verdict::Pass,
        (0, _) => Verdict::NotChecked,
        _ => Verdict::Warn,
    };
    let words = Text::new(
        format!(
            "{} files: {found} findings; {archives} are archives that were not looked into; {unread} could not be read; \
             {left_alone} links, devices or files too deep or too many were left alone",
            files.len()
        ),
        format!(
            "{} tiedostoa: {found} löydöstä; {archives} on pakattuja, eikä niiden sisään katsottu; {unread} jäi lukematta; \
             {left_alone} linkkiä, laitetta tai liian syvällä olevaa tiedostoa jätettiin rauhaan",
            files.len()
        ),
    );
    let check = notes.note(NAME, lowest.max(verdict::worst(&judged)), words);
    check.tables.extend(verdict::table(&judged));
}

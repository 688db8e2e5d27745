//! Files of a folder, against those that its manifest lists.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::super::check::{Notes, Verdict};
use crate::text::Text;

const FOLDER: &str = "integrity.folder";

/// Checks that the folder holds only the files that the manifest lists.
pub(super) fn folder(path: &Path, listed: &BTreeSet<String>, notes: &mut Notes<'_>) {
    let (verdict, evidence) = match unlisted(path, listed) {
        Ok(0) => (
            Verdict::Pass,
            Text::new(
                "only files of the manifest",
                "vain tiedostot, jotka ovat toimitusluettelossa",
                "endast filer som finns i leveransförteckningen",
            ),
        ),
        // The names are not shown, because they are untrusted input.
        Ok(unlisted) => (
            Verdict::Fail,
            Text::new(
                format!("{unlisted} files that the manifest does not list; remove them"),
                format!("{unlisted} tiedostoa, joita ei ole toimitusluettelossa; poista ne"),
                format!("{unlisted} filer som inte finns i leveransförteckningen; ta bort dem"),
            ),
        ),
        Err(error) => (Verdict::Fail, Text::same(error.to_string())),
    };
    notes.note(FOLDER, verdict, evidence);
}

/// Counts the files and folders that are not listed. The parts of a table are in a folder of their own.
fn unlisted(path: &Path, listed: &BTreeSet<String>) -> io::Result<usize> {
    let mut unlisted = 0;
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let first_within = format!("{name}/");
        let has_parts = listed.range(first_within.clone()..).next().is_some_and(|file| file.starts_with(&first_within));
        if !has_parts || !entry.file_type()?.is_dir() {
            unlisted += usize::from(!listed.contains(&name));
            continue;
        }
        for part in std::fs::read_dir(entry.path())? {
            let part = format!("{name}/{}", part?.file_name().to_string_lossy());
            unlisted += usize::from(!listed.contains(&part));
        }
    }
    Ok(unlisted)
}

//! Files of a folder, against those that its manifest lists.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::check::{Notes, Verdict};
use crate::text::Text;

const FOLDER: &str = "integrity.folder";

/// Checks that the folder holds only the files that the manifest lists.
pub(super) fn folder(path: &Path, listed: &BTreeSet<String>, notes: &mut Notes<'_>) {
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let unlisted = entries.map(|entries| {
        entries.iter().filter(|entry| !listed.contains(entry.file_name().to_string_lossy().as_ref())).count()
    });
    let (verdict, evidence) = match unlisted {
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

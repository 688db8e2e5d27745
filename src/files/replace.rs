//! Replacement of a file in one step.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use super::file::folder_of;
use super::unfinished::unfinished;
use crate::platform::{private_file, sync_folder};

/// Ending of the hidden name under which the new content is written.
const ENDING: &str = "new";

/// Replaces the file at `path`, or creates it, in one step. The new file is readable by its owner alone.
///
/// `write` writes the content to a hidden file beside `path`. If the process is killed meanwhile, the hidden file stays
/// until the next replacement, which removes it.
///
/// # Errors
/// The content cannot be written. The file at `path` is then as it was.
pub fn replace(path: &Path, write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> io::Result<()> {
    let Some(name) = path.file_name() else { return Err(ErrorKind::InvalidInput.into()) };
    let hidden = path.with_file_name(format!(".{}.{ENDING}", name.to_string_lossy()));
    match fs::remove_file(&hidden) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = private_file().write(true).create_new(true).open(&hidden)?;
    unfinished().push(hidden.clone());
    let mut content = BufWriter::new(&file);
    let written = write(&mut content).and_then(|()| content.flush()).and_then(|()| file.sync_all());
    drop(content);
    let mut unfinished = unfinished();
    unfinished.retain(|known| *known != hidden);
    let replaced = written.and_then(|()| fs::rename(&hidden, path)).and_then(|()| sync_folder(folder_of(path)));
    if replaced.is_err() {
        // The error that is reported is the first one.
        let _ = fs::remove_file(&hidden);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let names = || {
            let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
            entries.map(|name| name.into_string().unwrap()).collect::<Vec<_>>()
        };
        replace(&path, |file| file.write_all(b"first")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
        // The remains of a process that was killed.
        fs::write(folder.path().join(".file.new"), "half").unwrap();
        replace(&path, |file| file.write_all(b"second")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        let refused = replace(&path, |file| file.write_all(b"third").and(Err(ErrorKind::StorageFull.into())));
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!((fs::read(&path).unwrap(), names()), (b"second".to_vec(), vec!["file".to_owned()]));
    }
}

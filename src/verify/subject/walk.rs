//! Files of a subject: the search below a folder, and opening them as tables.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::table::{AnyTable, PARQUET_MAGIC, SourceError};

/// Most files that one subject lists: 64 tables in 4,096 parts, and more.
const MAX_FILES: usize = 300_000;
/// Deepest level of nested folders that is read.
const MAX_DEPTH: usize = 16;
/// Extensions of text tables.
const TEXT_TABLES: [&str; 4] = ["csv", "tsv", "txt", "tab"];

/// A file of a subject.
pub(crate) struct SubjectFile {
    /// Name for evidence.
    pub label: String,
    pub path: PathBuf,
    /// `true` if the file is one of the subject's tables.
    pub is_table: bool,
}

/// Regular files at or below a path. Links are never followed, so nothing outside the path is read.
#[derive(Default)]
pub(super) struct Walk {
    pub files: Vec<PathBuf>,
    /// Number of links, devices, and files beyond the limits.
    pub skipped: usize,
}

impl Walk {
    /// Lists the regular files at or below `path`, sorted by path.
    pub fn of(path: &Path) -> Self {
        let mut walk = Self::default();
        walk.visit(path, 0);
        walk
    }

    fn visit(&mut self, path: &Path, depth: usize) {
        let Ok(metadata) = fs::symlink_metadata(path) else { return };
        if metadata.is_file() && self.files.len() < MAX_FILES {
            self.files.push(path.to_owned());
        } else if metadata.is_dir() && depth < MAX_DEPTH {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
            paths.sort();
            paths.iter().for_each(|path| self.visit(path, depth + 1));
        } else {
            self.skipped += 1;
        }
    }
}

/// Opens a file that has the contents or the extension of a table. Returns `None` for any other file.
pub(super) fn open_table(path: &Path, memory: usize) -> Option<Result<AnyTable, SourceError>> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    let extension = extension.as_deref();
    if matches!(extension, Some("parquet" | "pq")) || starts_as_parquet(path) {
        return Some(AnyTable::parquet(path, None, memory));
    }
    match AnyTable::csv(path) {
        // Prose is not a table.
        Ok(table) if extension == Some("txt") && table.columns().len() < 2 => None,
        opened => extension.is_some_and(|extension| TEXT_TABLES.contains(&extension)).then_some(opened),
    }
}

fn starts_as_parquet(path: &Path) -> bool {
    let mut start = [0; 4];
    fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *PARQUET_MAGIC
}

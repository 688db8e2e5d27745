//! Opens a subject: each kind of folder or file, with its tables and other files.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::kind::Kind;
use super::label::label;
use super::roles::{self, RoleSource};
use super::table::SubjectTable;
use super::walk::{SubjectFile, Walk, open_table};
use crate::config::Contract;
use crate::exchange::{
    Delivery, Envelope, LINKAGE_FILE, LinkedManifest, Manifest, ReleaseManifest, Sealing, TableEntry,
};
use crate::table::{AnyTable, PartFile, Parts, SourceError};
use crate::verify::options::Options;
use salanimi_core::Id;

/// A folder or file, with its tables.
pub(crate) struct Subject {
    /// Name for evidence: the path as given, unless it holds an identifier.
    pub label: String,
    pub path: PathBuf,
    pub kind: Kind,
    /// `true` if the tables are meant for release.
    pub released: bool,
    /// Ids of the study and the holder, from the manifest.
    pub names: Vec<Id>,
    /// Manifest of a delivery, open or closed.
    pub manifest: Option<Manifest>,
    pub tables: Vec<SubjectTable>,
    /// Every regular file, tables included.
    pub files: Vec<SubjectFile>,
    /// Labels of files that should be tables but cannot be opened, with the error.
    pub unreadable: Vec<(String, SourceError)>,
    /// Number of skipped links, devices, and files beyond the limits.
    pub skipped: usize,
}

impl Subject {
    fn new(path: &Path, kind: Kind, released: bool) -> Self {
        Self {
            label: Self::label_of(path),
            path: path.to_owned(),
            kind,
            released,
            names: Vec::new(),
            manifest: None,
            tables: Vec::new(),
            files: Vec::new(),
            unreadable: Vec::new(),
            skipped: 0,
        }
    }

    /// Opens the tables of a checked delivery.
    pub fn delivery(delivery: &Delivery, options: &Options<'_>) -> Self {
        let mut subject = Self::new(&delivery.path, Kind::Delivery, false);
        subject.names = vec![delivery.manifest.study.clone(), delivery.manifest.holder.clone()];
        subject.manifest = Some(delivery.manifest.clone());
        for entry in &delivery.account.tables {
            let path = delivery.path.join(&entry.file);
            let opened = delivery.any_table(entry, options.memory).and_then(|table| as_stated(table, entry, &path));
            let source = subject.role_source(Some(entry.name.as_str()), options.contract);
            // The holder chose the file's name, and a table's name is an id.
            subject.add_as(&format!("{}.parquet", entry.name), path, opened, &source);
        }
        subject.with_files(&delivery.path)
    }

    /// Opens the tables of a linked dataset.
    pub fn linked(path: &Path, manifest: &LinkedManifest, options: &Options<'_>) -> Self {
        let mut subject = Self::new(path, Kind::Linked, false);
        subject.names = vec![manifest.study.clone()];
        for table in manifest.tables.iter().filter(|table| is_plain_file_name(&table.file)) {
            let file = path.join(&table.file);
            let opened = AnyTable::parquet(&file, None, options.memory);
            let source = subject.role_source(Some(table.name.as_str()), options.contract);
            subject.add(file, opened, &source);
        }
        subject.with_files(path)
    }

    /// Opens released tables. None of their columns holds pseudonyms, whatever its name.
    pub fn released(path: &Path, manifest: &ReleaseManifest, options: &Options<'_>) -> Self {
        let mut subject = Self::new(path, Kind::Released, true);
        subject.names = vec![manifest.study.clone()];
        for item in &manifest.items {
            for file in item.files.keys().filter(|file| is_plain_file_name(file)) {
                let file = path.join(file);
                let Some(opened) = open_table(&file, options.memory) else { continue };
                let roles = options.contract.map(|contract| roles::released(contract, item));
                subject.add(file, opened, &RoleSource::Release(item.kind, roles));
            }
        }
        subject.with_files(path)
    }

    /// Opens a delivery that failed a check or has no matching key. Tables are read unless they are sealed.
    pub fn closed(path: &Path, options: &Options<'_>) -> Self {
        let manifest = Envelope::read(path).ok().map(|envelope| envelope.manifest);
        let sealed = manifest.as_ref().is_some_and(|manifest| matches!(manifest.sealing, Sealing::To(_)));
        let kind = if sealed { Kind::ClosedDelivery } else { Kind::Tables };
        Self { manifest, ..Self::tables(path, kind, options) }
    }

    /// Returns the name that evidence uses for the subject at `path`.
    pub fn label_of(path: &Path) -> String {
        label(&path.display().to_string(), "path", 1)
    }

    /// Opens every table in a folder or file of any origin.
    pub fn tables(path: &Path, kind: Kind, options: &Options<'_>) -> Self {
        let mut subject = Self::new(path, kind, options.released).with_files(path);
        if kind == Kind::ClosedDelivery {
            return subject;
        }
        let mut files = std::mem::take(&mut subject.files);
        for files in files.chunk_by_mut(|a, b| are_of_one_table(&a.path, &b.path)) {
            let Some((path, opened)) = open_files(files, options.memory) else { continue };
            let is_table = opened.is_ok();
            files.iter_mut().for_each(|file| file.is_table = is_table);
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            let source = subject.role_source(name.as_deref(), options.contract);
            subject.add(path, opened, &source);
        }
        subject.files = files;
        subject
    }

    /// Returns the definition of the roles of the table `name`.
    fn role_source<'c>(&self, name: Option<&str>, contract: Option<&'c Contract>) -> RoleSource<'c> {
        let found = contract.zip(name).and_then(|(contract, name)| contract.table(name));
        let analysis = contract.and_then(|contract| contract.analysis.as_deref()).filter(|_| self.kind == Kind::Linked);
        let analysis = analysis.zip(name).and_then(|(analysis, name)| analysis.table(name));
        match (found, analysis) {
            (Some((position, table)), _) => RoleSource::Contract(position, table),
            (None, Some(table)) => RoleSource::Analysis(table),
            (None, None) => RoleSource::NameHints,
        }
    }

    /// Adds a table under the name of its file.
    fn add(&mut self, path: PathBuf, opened: Result<AnyTable, SourceError>, source: &RoleSource<'_>) {
        let shown = below(&path, &self.path).or_else(|| path.file_name().map(Path::new)).unwrap_or(&path);
        let name = shown.display().to_string();
        self.add_as(&name, path, opened, source);
    }

    fn add_as(&mut self, name: &str, path: PathBuf, opened: Result<AnyTable, SourceError>, source: &RoleSource<'_>) {
        let label = label(name, "file", self.tables.len() + self.unreadable.len() + 1);
        match opened {
            Err(error) => self.unreadable.push((label, error)),
            Ok(table) => self.tables.push(SubjectTable {
                label,
                path,
                columns: roles::columns(&table, source, self.kind),
                table,
                contract: source.position(),
                analysis: source.analysis(),
                is_known: source.is_defined(),
                has_counts: source.has_counts(),
            }),
        }
    }

    fn with_files(mut self, path: &Path) -> Self {
        let walk = Walk::of(path);
        let tables: BTreeSet<&PathBuf> = self.tables.iter().map(|table| &table.path).collect();
        let parts: HashSet<&Path> = self.tables.iter().flat_map(|table| table.table.paths()).collect();
        let files = walk.files.iter().zip(1..).map(|(file, number)| {
            let shown = below(file, path).unwrap_or(file);
            let label = label(&shown.display().to_string(), "file", number);
            let is_table = tables.contains(file) || parts.contains(file.as_path()) || self.is_token_table(file);
            SubjectFile { label, path: file.clone(), is_table }
        });
        self.files = files.collect();
        self.skipped = walk.skipped;
        self
    }

    /// Returns true for the table of linkage tokens of a delivery, which has checks of its own. Its random bytes look
    /// like anything now and then.
    fn is_token_table(&self, file: &Path) -> bool {
        let has_tokens = self.manifest.as_ref().is_some_and(|manifest| manifest.linkage.is_some());
        self.kind == Kind::Delivery && has_tokens && *file == self.path.join(LINKAGE_FILE)
    }

    /// Returns the name that evidence uses for a column of `table`.
    pub fn place(table: &SubjectTable, column: usize) -> String {
        format!("{}: {}", table.label, table.columns[column].label)
    }
}

/// Returns true if two files are parts of a table, by their names and their folder.
fn are_of_one_table(one: &Path, other: &Path) -> bool {
    let is_part = |path: &Path| path.file_name().is_some_and(|name| Parts::is_file_name(&name.to_string_lossy()));
    one.parent() == other.parent() && is_part(one) && is_part(other)
}

/// Opens one file as a table, or several as the parts of one, which has the path of their folder. Returns `None` for a
/// file that is no table.
fn open_files(files: &[SubjectFile], memory: usize) -> Option<(PathBuf, Result<AnyTable, SourceError>)> {
    match files {
        [file] => Some((file.path.clone(), open_table(&file.path, memory)?)),
        [first, ..] => {
            let part = |(part, file): (usize, &SubjectFile)| PartFile { part, path: file.path.clone(), seal: None };
            let parts: Vec<PartFile<'_>> = files.iter().enumerate().map(part).collect();
            Some((first.path.parent()?.to_owned(), AnyTable::parts(&parts, memory)))
        }
        [] => None,
    }
}

/// Refuses a table with other columns or rows than the account states, before it is read as a whole.
fn as_stated(table: AnyTable, entry: &TableEntry, path: &Path) -> Result<AnyTable, SourceError> {
    let columns = table.columns().iter().map(|(name, _)| name).eq(entry.columns.iter().map(|column| &column.name));
    if columns && table.rows() == Some(entry.rows) {
        Ok(table)
    } else {
        Err(SourceError::NotParquet { path: path.to_owned() })
    }
}

/// Returns true if a manifest's file name stays inside its folder.
fn is_plain_file_name(file: &str) -> bool {
    Path::new(file).file_name().is_some_and(|name| name == file)
}

/// Returns `path` relative to `folder`, if it lies below.
fn below<'a>(path: &'a Path, folder: &Path) -> Option<&'a Path> {
    path.strip_prefix(folder).ok().filter(|rest| !rest.as_os_str().is_empty())
}

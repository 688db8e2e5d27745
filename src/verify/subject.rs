//! What is verified: a folder or file, the tables in it, and what each column is to a person.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::Options;
use super::residue::is_revealing;
use super::roles::{self, Known};
use crate::config::{AnalysisTable, Contract, Role};
use crate::exchange::{Delivery, Envelope, LinkedManifest, Manifest, ReleaseManifest, Sealing};
use crate::table::{AnyTable, PARQUET_MAGIC, SourceError};
use crate::text::Text;
use salanimi_core::Id;

/// Files below a folder that are looked at.
const MAX_FILES: usize = 10_000;
/// Folders below one another that are looked into.
const MAX_DEPTH: usize = 16;
/// Endings of files that are read as tables of text.
const TEXT_TABLES: [&str; 4] = ["csv", "tsv", "txt", "tab"];

/// What kind of thing is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A delivery of this tool that could be opened.
    Delivery,
    /// A delivery that could not be opened, or does not hold together.
    ClosedDelivery,
    /// A linked dataset of this tool.
    Linked,
    /// Tables that this tool released.
    Released,
    /// Any folder or file.
    Tables,
}

/// A folder or file, with the tables in it.
pub(super) struct Subject {
    /// How it is named in evidence: the path as given, unless that tells too much.
    pub label: String,
    /// Where it lies.
    pub path: PathBuf,
    pub kind: Kind,
    /// Whether its tables are meant to leave the study's environment.
    pub released: bool,
    /// The study and the holder that it names.
    pub names: Vec<Id>,
    /// What a delivery says of itself, open or not.
    pub manifest: Option<Manifest>,
    pub tables: Vec<Tabular>,
    /// Every regular file in it, tables too.
    pub files: Vec<OtherFile>,
    /// Files that are no readable tables though they should be, and why.
    pub unreadable: Vec<(String, SourceError)>,
    /// Links, devices and what lies too deep: left alone.
    pub left_alone: usize,
}

/// A file in a subject.
pub(super) struct OtherFile {
    pub label: String,
    pub path: PathBuf,
    /// Whether it was opened as one of the subject's tables.
    pub is_table: bool,
}

/// A table, with what its columns are.
pub(super) struct Tabular {
    /// How it is named in evidence.
    pub label: String,
    pub path: PathBuf,
    pub table: AnyTable,
    pub columns: Vec<Column>,
    /// Its position in the contract.
    pub contract: Option<usize>,
    /// What it is if it is an analysis table of a linked dataset.
    pub analysis: Option<&'static AnalysisTable>,
    /// Whether what its columns are to a person is agreed, not guessed from their names.
    pub is_known: bool,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// The name in the file. It may hold anything: evidence uses the label.
    pub name: String,
    /// How it is named in evidence.
    pub label: String,
    /// What it is to a person.
    pub role: ColumnRole,
}

/// What a column is to a person, as a contract says or as it seems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnRole {
    /// Stands for the person.
    Person,
    /// Stands for something else: a household, a notice.
    Reference,
    /// Could single a person out together with others.
    Quasi,
    /// What a person would not want known.
    Sensitive,
    /// Anything else that a contract names, or of which nothing is known.
    Other,
}

impl From<Role> for ColumnRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Person => Self::Person,
            Role::Reference => Self::Reference,
            Role::Quasi => Self::Quasi,
            Role::Sensitive => Self::Sensitive,
            Role::Direct | Role::Attribute => Self::Other,
        }
    }
}

impl Tabular {
    /// Positions of the columns of a role.
    pub fn of_role(&self, role: ColumnRole) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        columns.filter(|(_, column)| column.role == role).map(|(position, _)| position).collect()
    }

    /// Position of the column that stands for the person.
    pub fn person(&self) -> Option<usize> {
        self.of_role(ColumnRole::Person).first().copied()
    }

    /// Positions of the columns whose values stand for a person or another thing.
    pub fn pseudonyms(&self) -> Vec<usize> {
        let stands = |column: &Column| matches!(column.role, ColumnRole::Person | ColumnRole::Reference);
        let columns = self.columns.iter().enumerate();
        columns.filter(|(_, column)| stands(column)).map(|(position, _)| position).collect()
    }
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
            left_alone: 0,
        }
    }

    /// An open delivery and its tables.
    pub fn delivery(delivery: &Delivery, options: &Options<'_>) -> Self {
        let mut subject = Self::new(&delivery.path, Kind::Delivery, false);
        subject.names = vec![delivery.manifest.study.clone(), delivery.manifest.holder.clone()];
        subject.manifest = Some(delivery.manifest.clone());
        for entry in &delivery.account.tables {
            let path = delivery.path.join(&entry.file);
            let opened = delivery.any_table(entry, options.memory);
            let known = subject.known(Some(entry.name.as_str()), options.contract);
            subject.add(path, opened, &known);
        }
        subject.with_files(&delivery.path)
    }

    /// A linked dataset.
    pub fn linked(path: &Path, manifest: &LinkedManifest, options: &Options<'_>) -> Self {
        let mut subject = Self::new(path, Kind::Linked, false);
        subject.names = vec![manifest.study.clone()];
        for table in &manifest.tables {
            // A manifest cannot name what lies outside its folder.
            if Path::new(&table.file).file_name().is_some_and(|name| name == table.file.as_str()) {
                let file = path.join(&table.file);
                let opened = AnyTable::parquet(&file, None, options.memory);
                let known = subject.known(Some(table.name.as_str()), options.contract);
                subject.add(file, opened, &known);
            }
        }
        subject.with_files(path)
    }

    /// Tables that this tool released. Their columns stand for no person, whatever they are called.
    pub fn released(path: &Path, manifest: &ReleaseManifest, options: &Options<'_>) -> Self {
        let mut subject = Self::new(path, Kind::Released, true);
        subject.names = vec![manifest.study.clone()];
        for table in &manifest.tables {
            // A manifest cannot name what lies outside its folder.
            let plain = |file: &&String| Path::new(file).file_name().is_some_and(|name| name == file.as_str());
            for file in table.files.keys().filter(plain) {
                let file = path.join(file);
                let Some(opened) = open(&file, options.memory) else { continue };
                let known = Known::Released(options.contract.map(|contract| roles::released(contract, table)));
                subject.add(file, opened, &known);
            }
        }
        subject.with_files(path)
    }

    /// A delivery that could not be opened. What is not sealed in it is looked at as any tables are.
    pub fn closed(path: &Path, options: &Options<'_>) -> Self {
        let manifest = Envelope::read(path).ok().map(|envelope| envelope.manifest);
        let sealed = manifest.as_ref().is_some_and(|manifest| matches!(manifest.sealing, Sealing::To(_)));
        let kind = if sealed { Kind::ClosedDelivery } else { Kind::Tables };
        Self { manifest, ..Self::tables(path, kind, options) }
    }

    /// How the subject at `path` is named in evidence.
    pub fn label_of(path: &Path) -> String {
        label(&path.display().to_string(), "path", 1)
    }

    /// A folder or file of any maker; `kind` says what it claims to be.
    pub fn tables(path: &Path, kind: Kind, options: &Options<'_>) -> Self {
        let mut subject = Self::new(path, kind, options.released).with_files(path);
        if kind == Kind::ClosedDelivery {
            return subject;
        }
        let mut files = std::mem::take(&mut subject.files);
        for file in &mut files {
            let Some(opened) = open(&file.path, options.memory) else { continue };
            file.is_table = opened.is_ok();
            let name = file.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            let known = subject.known(name.as_deref(), options.contract);
            subject.add(file.path.clone(), opened, &known);
        }
        subject.files = files;
        subject
    }

    /// What is known of the table `name`.
    fn known<'c>(&self, name: Option<&str>, contract: Option<&'c Contract>) -> Known<'c> {
        let found = contract.zip(name).and_then(|(contract, name)| contract.table(name));
        let analysis = contract.and_then(|contract| contract.analysis.as_deref()).filter(|_| self.kind == Kind::Linked);
        let analysis = analysis.zip(name).and_then(|(analysis, name)| analysis.table(name));
        match (found, analysis) {
            (Some((position, table)), _) => Known::Contract(position, table),
            (None, Some(table)) => Known::Analysis(table),
            (None, None) => Known::Nothing,
        }
    }

    fn add(&mut self, path: PathBuf, opened: Result<AnyTable, SourceError>, known: &Known<'_>) {
        let number = self.tables.len() + self.unreadable.len() + 1;
        let relative = path.strip_prefix(&self.path).ok().filter(|rest| !rest.as_os_str().is_empty());
        let shown = relative.map_or_else(|| path.file_name().unwrap_or_default().into(), Path::to_path_buf);
        let label = label(&shown.display().to_string(), "file", number);
        match opened {
            Err(error) => self.unreadable.push((label, error)),
            Ok(table) => {
                let columns = roles::columns(&table, known, self.kind);
                let (contract, analysis) = match known {
                    Known::Contract(position, _) => (Some(*position), None),
                    Known::Analysis(table) => (None, Some(*table)),
                    Known::Released(_) | Known::Nothing => (None, None),
                };
                let is_known = !matches!(known, Known::Nothing | Known::Released(None));
                self.tables.push(Tabular { label, path, table, columns, contract, analysis, is_known });
            }
        }
    }

    fn with_files(mut self, path: &Path) -> Self {
        let mut found = Walk::default();
        found.walk(path, 0);
        let tables: BTreeSet<&PathBuf> = self.tables.iter().map(|table| &table.path).collect();
        let files = found.files.iter().zip(1..).map(|(file, number)| {
            let shown = file.strip_prefix(path).ok().filter(|rest| !rest.as_os_str().is_empty()).unwrap_or(file);
            let label = label(&shown.display().to_string(), "file", number);
            OtherFile { label, path: file.clone(), is_table: tables.contains(file) }
        });
        self.files = files.collect();
        self.left_alone = found.left_alone;
        self
    }

    /// What the evidence calls it and its column.
    pub fn place(table: &Tabular, column: usize) -> String {
        format!("{}: {}", table.label, table.columns[column].label)
    }
}

/// What lies below a folder. Links are never followed, so nothing outside it is read.
#[derive(Default)]
struct Walk {
    files: Vec<PathBuf>,
    left_alone: usize,
}

impl Walk {
    fn walk(&mut self, path: &Path, depth: usize) {
        let Ok(metadata) = fs::symlink_metadata(path) else { return };
        if metadata.is_file() && self.files.len() < MAX_FILES {
            self.files.push(path.to_owned());
        } else if metadata.is_dir() && depth < MAX_DEPTH {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
            paths.sort();
            paths.iter().for_each(|path| self.walk(path, depth + 1));
        } else {
            self.left_alone += 1;
        }
    }
}

/// Opens a file that is, or says that it is, a table; `None` if it is neither.
fn open(path: &Path, memory: usize) -> Option<Result<AnyTable, SourceError>> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    if ending == "parquet" || ending == "pq" || begins_as_parquet(path) {
        return Some(AnyTable::parquet(path, None, memory));
    }
    match AnyTable::csv(path) {
        // Prose is no table.
        Ok(table) if ending == "txt" && table.columns().len() < 2 => None,
        opened => TEXT_TABLES.contains(&ending.as_str()).then_some(opened),
    }
}

fn begins_as_parquet(path: &Path) -> bool {
    use std::io::Read;
    let mut start = [0; 4];
    fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *PARQUET_MAGIC
}

/// `name` as evidence may show it, or its number where it tells who someone is.
pub(super) fn label(name: &str, what: &str, number: usize) -> String {
    if is_revealing(name) { format!("{what} {number} (its name is withheld)") } else { name.to_owned() }
}

/// Several labels in a sentence.
pub(super) fn listed(labels: &[String]) -> Text {
    const MOST: usize = 8;
    let shown = labels.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    match labels.len().saturating_sub(MOST) {
        0 => Text::same(shown),
        more => Text::new(format!("{shown} and {more} more"), format!("{shown} ja {more} muuta")),
    }
}

//! One run of a release: from the contract's items to a staged folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::dataset::Dataset;
use super::error::ReleaseError;
use super::item::{Form, Item, items};
use super::microdata::microdata;
use super::protect::Protector;
use super::query::Query;
use super::register::{Permit, Register};
use super::sheet::Sheet;
use super::source::Source;
use super::{curve, flow, rates, table};
use crate::config::raw::release::{Method, Release};
use crate::config::{Contract, OmittedTable};
use crate::crypto::{Digest, Unlock, read_key};
use crate::exchange::{OutputFolder, RELEASE_FORMAT, ReleaseManifest, ReleasedKind, tool};
use crate::progress::Progress;
use salanimi_core::{Day, Id, Key, KeyId, ReleaseKey};

/// A table is sparse if its cells of known labels have fewer persons on average than this many times the base or noise.
const SPARSE: f64 = 4.0;

/// Inputs of a release.
pub struct Inputs<'a> {
    /// Contract of the study.
    pub contract: &'a Contract,
    /// Linked dataset.
    pub linked: &'a Path,
    /// Key file of the release key; its register lies beside it.
    pub key: &'a Path,
    /// Secrets that open the key file.
    pub unlock: &'a Unlock,
    /// The previous release of the study, which the register must contain.
    pub previous: Option<Previous>,
    /// Today's date.
    pub today: Day,
    /// Bytes that may be needed to decode one part of a table.
    pub memory: usize,
}

/// A previous release.
#[derive(Debug, Clone)]
pub enum Previous {
    /// Its folder.
    Folder(PathBuf),
    /// Digest of the register's last line, as its manifest gives it.
    Line(Digest),
}

impl Previous {
    fn line(&self) -> Result<Digest, ReleaseError> {
        match self {
            Self::Line(digest) => Ok(*digest),
            Self::Folder(path) => match ReleaseManifest::read(path) {
                Some(manifest) => Ok(manifest.register.after.digest),
                None => Err(ReleaseError::NotReleased { path: path.clone() }),
            },
        }
    }
}

/// A published release.
#[derive(Debug)]
#[non_exhaustive]
pub struct Released {
    /// Folder of the release.
    pub path: PathBuf,
    /// Its manifest.
    pub manifest: ReleaseManifest,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
    /// Items that are safe but say little, because their persons are few for so many cells.
    pub thin: Vec<String>,
    /// Items with a condition that hardly any person meets.
    pub empty: Vec<String>,
}

/// A release that is complete but not published. Dropped, it leaves nothing behind.
pub struct StagedRelease {
    out: PathBuf,
    folder: OutputFolder,
    manifest: ReleaseManifest,
    thin: Vec<String>,
    empty: Vec<String>,
}

/// Returns the text of the CSV file of each item of a release in `folder` that is no rows of persons, by its name.
///
/// # Errors
/// A file cannot be read.
pub fn released_csv(folder: &Path, manifest: &ReleaseManifest) -> Result<BTreeMap<Id, String>, ReleaseError> {
    let items = manifest.items.iter().filter(|item| item.kind != ReleasedKind::Microdata);
    let texts = items.map(|item| {
        let path = folder.join(format!("{}.csv", item.name));
        let text = std::fs::read_to_string(&path).map_err(|source| ReleaseError::Unread { path, source })?;
        Ok((item.name.clone(), text))
    });
    texts.collect()
}

impl StagedRelease {
    /// The manifest, with the documents that were added so far.
    #[must_use]
    pub fn manifest(&self) -> &ReleaseManifest {
        &self.manifest
    }

    /// Returns the text of the CSV file of each item that is no rows of persons, by its name.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn csv(&self) -> Result<BTreeMap<Id, String>, ReleaseError> {
        released_csv(self.folder.path(), &self.manifest)
    }

    /// Adds a file that describes the release.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_document(&mut self, name: &str, text: &str) -> Result<(), ReleaseError> {
        let digest = self.folder.write(name, text.as_bytes())?;
        self.manifest.documents.insert(name.to_owned(), digest);
        Ok(())
    }

    /// Publishes the release.
    ///
    /// # Errors
    /// A file cannot be written, or something else took the name meanwhile. Nothing is then published.
    pub fn publish(self) -> Result<Released, ReleaseError> {
        let digest = self.folder.commit(&self.manifest)?;
        Ok(Released { path: self.out, manifest: self.manifest, digest, thin: self.thin, empty: self.empty })
    }
}

/// Makes the release of a linked dataset, to be published in the folder `out`. The register is charged first: the same
/// items cost nothing in the next run.
///
/// # Errors
/// The dataset was changed or belongs to another contract, the contract's release section does not fit it, or the
/// release is refused ([`ReleaseError::is_refusal`]).
pub fn release(inputs: &Inputs<'_>, out: &Path, progress: &dyn Progress) -> Result<StagedRelease, ReleaseError> {
    let contract = inputs.contract;
    let rules = contract.release.as_ref().ok_or(ReleaseError::NothingAgreed)?;
    let items = items(contract, rules)?;
    let dataset = Dataset::open(inputs.linked, contract, inputs.memory)?;
    let (items, omitted) = possible(&dataset, items);
    let key: ReleaseKey = read_key(inputs.key, &contract.study.id, inputs.unlock, inputs.today)?;
    check_key(key.id(&contract.study.id), rules)?;
    let register = Register::open(inputs.key, &contract.study.id, &key)?;
    if let Some(previous) = &inputs.previous {
        register.check_contains(previous.line()?)?;
    }
    let asked: Vec<&Item<'_>> = items.iter().collect();
    let content = dataset.content();
    let (charge, permits) = register.ask(&asked, contract, rules, content, inputs.today)?;
    let folder = OutputFolder::create(out)?;
    let place = charge.place();
    let reached = charge.certainty();
    // Before anything is counted: whatever happens later, an item that was counted is in the register.
    charge.write()?;
    let protector = Protector::new(rules.protect, &key, &contract.study.id, &content.to_string());
    let maker = Maker { dataset: &dataset, contract, rules, protector };
    let made = maker.make(&items, &permits, progress)?;
    let mut released = Vec::new();
    for sheet in made.sheets {
        released.push(sheet.write(&folder)?);
    }
    let manifest = ReleaseManifest {
        format: RELEASE_FORMAT.to_owned(),
        tool: tool(),
        study: contract.study.id.clone(),
        synthetic: dataset.manifest.synthetic,
        exchange_digest: contract.exchange_digest,
        settings_digest: contract.settings_digest,
        linked: dataset.digest,
        protect: rules.protect,
        base: rules.base,
        certainty: (rules.protect == Method::Noise).then_some(reached),
        register: place,
        items: released,
        left_out: omitted,
        documents: BTreeMap::new(),
    };
    Ok(StagedRelease { out: out.to_owned(), folder, manifest, thin: made.thin, empty: made.empty })
}

/// Checks that the contract names the key: a second key could start anew.
fn check_key(found: KeyId, rules: &Release) -> Result<(), ReleaseError> {
    match &rules.key {
        None => Err(ReleaseError::KeyNotNamed { found }),
        Some(_) if rules.names_key(found) => Ok(()),
        Some(_) => Err(ReleaseError::OtherKey { found }),
    }
}

/// Makes sheets of items.
struct Maker<'a> {
    dataset: &'a Dataset<'a>,
    contract: &'a Contract,
    rules: &'a Release,
    protector: Protector,
}

/// Sheets, in the order of the contract, and warnings about them.
#[derive(Default)]
struct Made {
    sheets: Vec<Sheet>,
    thin: Vec<String>,
    empty: Vec<String>,
}

impl Maker<'_> {
    /// Makes the sheet of every item. Each linked table is loaded once.
    fn make(&self, items: &[Item<'_>], permits: &[Permit], progress: &dyn Progress) -> Result<Made, ReleaseError> {
        progress.begin("release", items.len() as u64);
        let mut by_table: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let counted = items.iter().enumerate().filter(|(_, item)| !item.queries.is_empty());
        counted.for_each(|(at, item)| by_table.entry(item.table.as_str()).or_default().push(at));
        let mut made: BTreeMap<usize, Sheet> = BTreeMap::new();
        let mut warnings = Made::default();
        for positions in by_table.into_values() {
            let of_table: Vec<&Item<'_>> = positions.iter().map(|&at| &items[at]).collect();
            let source = Source::load(self.dataset, &of_table, &self.protector.keys)?;
            for at in positions {
                made.insert(at, self.counted_sheet(&items[at], &permits[at], &source, &mut warnings)?);
                progress.advance(1);
            }
        }
        for (at, item) in items.iter().enumerate() {
            if let Form::Microdata(spec) = item.form {
                let rows = microdata(self.dataset, self.contract, self.rules, spec, &self.protector.keys)?;
                made.insert(at, Sheet::of_rows(item, rows));
                progress.advance(1);
            }
        }
        Ok(Made { sheets: made.into_values().collect(), ..warnings })
    }

    fn counted_sheet(
        &self,
        item: &Item<'_>,
        permit: &Permit,
        source: &Source,
        warnings: &mut Made,
    ) -> Result<Sheet, ReleaseError> {
        let queries = item.queries.iter().zip(&item.counts);
        let numbers: Vec<_> =
            queries.map(|(query, count)| self.protector.protect(permit, query, count, source)).collect();
        let persons = shown_in_all(&item.queries[0], &numbers[0]);
        if self.is_sparse(item, persons) {
            if self.rules.protect == Method::Noise {
                return Err(ReleaseError::TooSparse { name: item.name.clone() });
            }
            warnings.thin.push(item.name.to_string());
        }
        if persons == 0 && !item.only().is_empty() {
            warnings.empty.push(item.name.to_string());
        }
        let columns = match item.form {
            Form::Table(_) => table::columns(item, &numbers),
            Form::Curve(_) => curve::columns(item, &numbers, self.rules),
            Form::Rates(_) => rates::columns(item, &numbers, self.rules.design_effect),
            Form::Flow(_) => flow::columns(item, &numbers),
            Form::Microdata(_) => unreachable!("rows of persons have no query"),
        };
        Ok(Sheet::of_counts(item, self.rules, columns))
    }

    /// Returns true if the shown persons are few for the cells of known labels.
    fn is_sparse(&self, item: &Item<'_>, persons: i64) -> bool {
        let width = match self.rules.protect {
            Method::Round => f64::from(self.rules.base),
            Method::Noise => self.rules.noise,
        };
        let cells = item.queries[0].known_cells();
        (persons as f64) < SPARSE * width * cells as f64
    }
}

/// Returns the shown number of all: of inner cells, so that it is there for curves too.
fn shown_in_all(query: &Query, numbers: &[super::protect::Protected]) -> i64 {
    (0..numbers.len()).filter(|&cell| query.is_inner(cell)).map(|cell| numbers[cell].number()).sum()
}

/// Returns the items that the dataset can serve, and those whose analysis table is missing.
fn possible<'r>(dataset: &Dataset<'_>, items: Vec<Item<'r>>) -> (Vec<Item<'r>>, Vec<OmittedTable>) {
    let mut omitted = Vec::new();
    let mut possible = Vec::new();
    for item in items {
        let missing = item.tables().into_iter().find_map(|table| Some((table, dataset.omission(table)?)));
        match missing {
            None => possible.push(item),
            Some((table, reason)) => {
                let reason = format!("the linked dataset has no table {table}: {reason}");
                omitted.push(OmittedTable { table: item.name.to_string(), reason });
            }
        }
    }
    (possible, omitted)
}

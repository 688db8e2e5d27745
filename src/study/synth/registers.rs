//! The registers to generate: holders, organisers, layouts and output files, resolved once from the configuration.

use std::path::{Component, Path, PathBuf};

use super::areas::Areas;
use super::dialect::Dialect;
use super::error::{SourceProblem, SynthError};
use super::layout::{Layout, SourceDescription};
use super::months::{WindowMonths, overlap};
use super::row::Row;
use super::truth;
use crate::config::raw::contract::Contract as RawContract;
use crate::config::raw::holder::{HolderFile as RawHolder, OldCodes, Source as RawSource};
use crate::config::{
    CONTRACT_FORMAT, Column, ConfigError, Content, Contract, Coverage, Format, HOLDER_FORMAT, Holder as ConfigHolder,
    Source, Table, beside, read_toml,
};
use crate::study::read_contract;
use crate::study::vocabulary::{AssistanceColumn, Content as Model, SourceTable};
use crate::table::{CodeMap, ValueType};
use salanimi_core::{Day, Days, Id, Syntax};

/// Names of the copies in the output.
const CONTRACT_COPY: &str = "contract.toml";
const HOLDER_COPY: &str = "holder.toml";

/// The registers to generate.
pub(super) struct Registers {
    pub(super) window: Days,
    pub(super) months: WindowMonths,
    pub(super) areas: Areas,
    pub(super) holders: Vec<Holder>,
    pub(super) organisers: Vec<Organiser>,
    /// Files that batches fill. The first is the truth file.
    pub(super) files: Vec<OutputFile>,
    pub(super) copies: Vec<ConfigCopy>,
    /// `true` if the contract links persons without a code.
    pub(super) links_without_code: bool,
    /// Position of the truth about rows without a code among the output files.
    pub(super) truth_without_code: Option<usize>,
}

/// A holder and its files.
pub(super) struct Holder {
    pub(super) id: Id,
    /// The days of the window in the period of its delivery.
    period: Option<Days>,
    pub(super) layouts: Vec<Layout>,
    /// Position of the output file for its table of changed codes.
    pub(super) changes: Option<usize>,
}

/// A municipality or county with events at a holder.
pub(super) struct Organiser {
    /// Position of the holder.
    pub(super) holder: usize,
    pub(super) area: u16,
    /// The municipalities whose people it serves.
    pub(super) serves: Vec<u16>,
    /// The days for which its events are complete.
    pub(super) events: Vec<Days>,
    /// The days for which its assessments are complete.
    pub(super) assessments: Vec<Days>,
}

/// A file to fill.
pub(super) struct OutputFile {
    /// Relative to the output folder.
    pub(super) path: PathBuf,
    /// Byte order mark and header.
    pub(super) opening: Vec<u8>,
}

/// A configuration file to copy.
pub(super) struct ConfigCopy {
    pub(super) from: PathBuf,
    /// Relative to the output folder.
    pub(super) to: PathBuf,
}

/// Positions of a holder's layout and of the output file that take a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) layout: usize,
    pub(super) output: usize,
}

/// A holder file as written, for its headers and file names, and resolved, for all else.
struct HolderFile {
    path: PathBuf,
    raw: RawHolder,
    resolved: ConfigHolder,
}

impl Holder {
    /// Returns the route of a row of this year, if the holder has a file for it.
    pub(super) fn route(&self, row: &Row, year: i32) -> Option<Route> {
        self.layouts
            .iter()
            .enumerate()
            .find_map(|(layout, candidate)| candidate.output(row, year).map(|output| Route { layout, output }))
    }

    /// Returns true if the holder has files of `table`.
    pub(super) fn has(&self, table: SourceTable) -> bool {
        self.layouts.iter().any(|layout| layout.table == table)
    }

    /// Returns true if the holder is an office with official data: names, addresses and identity codes.
    pub(super) fn is_office(&self) -> bool {
        self.has(SourceTable::Assistance) || self.has(SourceTable::Notices)
    }

    /// Returns true if the holder delivers rows of this day.
    pub(super) fn delivers(&self, day: Day) -> bool {
        self.period.is_some_and(|period| period.contains(day))
    }
}

impl Registers {
    /// Position of the truth file among the output files.
    pub(super) const TRUTH: usize = 0;

    /// Reads the contract and the holder files beside it.
    ///
    /// # Errors
    /// A file is unreadable or invalid, or asks for data without a model.
    pub(super) fn read(contract_path: &Path) -> Result<Self, SynthError> {
        let raw: RawContract = read_toml(contract_path, CONTRACT_FORMAT)?;
        let contract = read_contract(contract_path)?;
        for table in &contract.tables {
            check_table(&contract, table)?;
        }
        let window = contract.study.window;
        let mut registers = Self {
            window,
            months: WindowMonths::new(window),
            areas: Areas::new(municipalities(&raw, &contract)?),
            holders: Vec::new(),
            organisers: Vec::new(),
            files: vec![OutputFile { path: truth::FILE.into(), opening: truth::header() }],
            copies: vec![ConfigCopy { from: contract_path.into(), to: CONTRACT_COPY.into() }],
            links_without_code: contract.linkage.is_some(),
            truth_without_code: None,
        };
        if registers.links_without_code {
            let file = OutputFile { path: truth::WITHOUT_CODE_FILE.into(), opening: truth::header_without_code() };
            registers.truth_without_code = Some(registers.files.len());
            registers.files.push(file);
        }
        let mappings = raw.exchange.mappings.values().map(|mapping| &mapping.file);
        for file in mappings.chain(raw.words.iter().map(|words| &words.file)) {
            let file = inside(contract_path, file)?;
            registers.copies.push(ConfigCopy { from: beside(contract_path, file), to: file.into() });
        }
        for file in holder_files(contract_path, &contract)? {
            registers.add_holder(&file, &contract)?;
        }
        let served = registers.organisers.iter().map(|organiser| organiser.serves.clone()).collect();
        registers.areas.populate(served);
        if registers.areas.is_uninhabited() { Err(SynthError::NoMunicipalities) } else { Ok(registers) }
    }

    fn add_holder(&mut self, file: &HolderFile, contract: &Contract) -> Result<(), SynthError> {
        let id = &file.resolved.name;
        if self.holders.iter().any(|holder| holder.id == *id) {
            return Err(SynthError::HolderTwice { holder: id.clone() });
        }
        self.copies.push(ConfigCopy { from: file.path.clone(), to: Path::new(id.as_str()).join(HOLDER_COPY) });
        let mut layouts = Vec::new();
        for (raw, source) in file.raw.sources.iter().zip(&file.resolved.sources) {
            layouts.push(self.add_source(file, raw, source, contract)?);
        }
        let mut changes = None;
        for (kind, table) in &file.raw.old_codes {
            if let Some(Syntax::Hetu) = contract.identifiers.get(kind) {
                changes = Some(self.add_file(file, &table.file, changes_header(table))?);
            }
        }
        for coverage in &file.resolved.coverage {
            self.add_coverage(id, coverage)?;
        }
        let period = overlap(file.resolved.delivery.period, self.window);
        self.holders.push(Holder { id: id.clone(), period, layouts, changes });
        Ok(())
    }

    fn add_source(
        &mut self,
        file: &HolderFile,
        raw: &RawSource,
        source: &Source,
        contract: &Contract,
    ) -> Result<Layout, SynthError> {
        let Format::Csv(format) = &source.format else {
            return Err(SynthError::NotCsv { holder: file.resolved.name.clone(), table: raw.table.clone() });
        };
        let table = &contract.tables[source.table];
        let described = SourceDescription { source: raw, contract: table, table: model(table)?, areas: &self.areas };
        let layout = Dialect::new(format, &source.notation)
            .and_then(|dialect| Layout::new(&described, dialect, self.files.len()))
            .map_err(|problem| source_error(file, raw, problem))?;
        for name in &raw.files {
            let opening = [layout.dialect.opening(), layout.header.as_slice()].concat();
            self.add_file(file, name, opening)?;
        }
        Ok(layout)
    }

    fn add_file(&mut self, file: &HolderFile, name: &Path, opening: Vec<u8>) -> Result<usize, SynthError> {
        let path = Path::new(file.resolved.name.as_str()).join(inside(&file.path, name)?);
        if self.files.iter().any(|known| known.path == path) {
            return Err(SynthError::FileTwice { path: file.path.clone(), file: name.into() });
        }
        self.files.push(OutputFile { path, opening });
        Ok(self.files.len() - 1)
    }

    /// Adds the coverage of a municipal table by the next holder.
    fn add_coverage(&mut self, holder: &Id, coverage: &Coverage) -> Result<(), SynthError> {
        let is_events = match SourceTable::named(coverage.table.as_str()) {
            Some(SourceTable::Events) => true,
            Some(SourceTable::Assessments) => false,
            _ => return Ok(()),
        };
        let area = self.areas.position(&coverage.organiser).ok_or_else(|| SynthError::UnknownOrganiser {
            holder: holder.clone(),
            organiser: coverage.organiser.clone(),
        })?;
        let Some(days) = overlap(Days { first: coverage.first, last: coverage.last }, self.window) else {
            return Ok(());
        };
        let organiser = self.organiser(area);
        if is_events {
            organiser.events.push(days);
        } else {
            organiser.assessments.push(days);
        }
        Ok(())
    }

    /// Returns the organiser of this area at the next holder. Adds it if it is new.
    fn organiser(&mut self, area: u16) -> &mut Organiser {
        let holder = self.holders.len();
        let known = self.organisers.iter().position(|known| known.holder == holder && known.area == area);
        let position = if let Some(position) = known {
            position
        } else {
            let serves = self.areas.served_by(area);
            self.organisers.push(Organiser { holder, area, serves, events: Vec::new(), assessments: Vec::new() });
            self.organisers.len() - 1
        };
        &mut self.organisers[position]
    }
}

/// Reads the holder files beside the contract, in the order of their names.
fn holder_files(contract_path: &Path, contract: &Contract) -> Result<Vec<HolderFile>, SynthError> {
    let folder = beside(contract_path, Path::new("."));
    let mut paths = Vec::new();
    let entries = std::fs::read_dir(&folder).map_err(|source| SynthError::Read { path: folder.clone(), source })?;
    for entry in entries {
        let path = entry.map_err(|source| SynthError::Read { path: folder.clone(), source })?.path();
        if path.extension().is_some_and(|extension| extension == "toml") && is_holder_file(&path)? {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(SynthError::NoHolder { folder });
    }
    paths.sort();
    paths.into_iter().map(|path| HolderFile::read(path, contract)).collect()
}

/// Returns true if the file has the format of holder files. Others beside the contract are passed over.
fn is_holder_file(path: &Path) -> Result<bool, ConfigError> {
    match read_toml::<toml::Table>(path, HOLDER_FORMAT) {
        Ok(table) => Ok(table.contains_key("format")),
        Err(ConfigError::Format { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

impl HolderFile {
    fn read(path: PathBuf, contract: &Contract) -> Result<Self, SynthError> {
        let raw = read_toml(&path, HOLDER_FORMAT)?;
        let resolved = ConfigHolder::read(&path, contract)?;
        Ok(Self { path, raw, resolved })
    }
}

fn source_error(file: &HolderFile, raw: &RawSource, problem: SourceProblem) -> SynthError {
    SynthError::Source { holder: file.resolved.name.clone(), table: raw.table.clone(), problem }
}

/// Returns the model of a table of the contract.
fn model(table: &Table) -> Result<SourceTable, SynthError> {
    SourceTable::named(table.name.as_str()).ok_or_else(|| SynthError::UnknownTable { table: table.name.clone() })
}

/// Refuses a table unless the model has its columns and the contract allows the codes of the model.
fn check_table(contract: &Contract, table: &Table) -> Result<(), SynthError> {
    let model = model(table)?;
    for column in &table.columns {
        match &column.content {
            Content::Direct | Content::Derived(_) => {}
            Content::Person(kind) => {
                if !matches!(contract.identifiers.get(kind), Some(Syntax::Hetu)) {
                    return Err(SynthError::Identifier { table: table.name.clone() });
                }
            }
            _ => check_column(table, column, model)?,
        }
    }
    Ok(())
}

fn check_column(table: &Table, column: &Column, model: SourceTable) -> Result<(), SynthError> {
    let Some(position) = model.column(column.name.as_str()) else {
        return Err(SynthError::UnknownColumn { table: table.name.clone(), column: column.name.clone() });
    };
    let Model::Codes(codes) = model.columns()[position].content else { return Ok(()) };
    let Some(ValueType::Code(allowed)) = column.value() else { return Ok(()) };
    match codes.iter().find(|code| allowed.position(code).is_none()) {
        Some(code) => Err(SynthError::CodeNotAllowed { table: table.name.clone(), column: column.name.clone(), code }),
        None => Ok(()),
    }
}

/// Returns the mapping from Kela's municipalities to counties.
fn municipalities<'c>(raw: &RawContract, contract: &'c Contract) -> Result<&'c CodeMap, SynthError> {
    let name = SourceTable::Assistance.columns()[usize::from(AssistanceColumn::Municipality)].name;
    let tables = raw.exchange.tables.iter().filter(|table| table.name.as_str() == SourceTable::Assistance.name());
    let mut columns = tables.flat_map(|table| &table.columns).filter(|column| column.name.as_str() == name);
    let mapping = columns.find_map(|column| contract.mappings.get(column.codes_from.as_ref()?));
    mapping.ok_or(SynthError::NoMunicipalities)
}

fn changes_header(table: &OldCodes) -> Vec<u8> {
    format!("{};{}\n", table.old, table.new).into_bytes()
}

/// Returns `file` if it lies below the folder of the configuration file at `config`.
fn inside<'a>(config: &Path, file: &'a Path) -> Result<&'a Path, SynthError> {
    if file.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        Ok(file)
    } else {
        Err(SynthError::OutsideFolder { path: config.into(), file: file.into() })
    }
}

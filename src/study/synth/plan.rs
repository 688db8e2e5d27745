//! All that the configuration says, resolved once before anyone is made.

use std::path::{Component, Path, PathBuf};

use serde::de::DeserializeOwned;

use super::areas::Areas;
use super::calendar::{Calendar, Span};
use super::error::{SourceProblem, SynthError};
use super::layout::Layout;
use super::row::Row;
use super::truth;
use super::vocabulary::{Assistance, Kind, Table};
use crate::config::raw::contract::{Column, Contract, Identifier, Mapping, Role};
use crate::config::raw::holder::{Coverage, Format, HolderFile, OldCodes, Source};
use salanimi_core::Id;

/// The holder file format that is read; other files beside the contract are passed over.
const HOLDER_FORMAT: &str = "salanimi-holder/1";
/// The names of the copies in the output.
const CONTRACT_COPY: &str = "contract.toml";
const HOLDER_COPY: &str = "holder.toml";

/// The registers to be made.
pub(super) struct Plan {
    pub(super) window: Span,
    pub(super) calendar: Calendar,
    pub(super) areas: Areas,
    pub(super) holders: Vec<Holder>,
    pub(super) organisers: Vec<Organiser>,
    /// The files that chunks fill; the truth file is the first.
    pub(super) outputs: Vec<Output>,
    /// Configuration files and where their copies go.
    pub(super) copies: Vec<(PathBuf, PathBuf)>,
}

/// A holder and its files.
pub(super) struct Holder {
    pub(super) id: Id,
    /// The days of the window that its delivery is about.
    pub(super) period: Option<Span>,
    pub(super) layouts: Vec<Layout>,
    /// The output of its table of changed codes.
    pub(super) old_codes: Option<usize>,
}

/// A municipality or county whose events a holder has.
pub(super) struct Organiser {
    pub(super) holder: usize,
    pub(super) area: u16,
    /// The municipalities whose people it serves.
    pub(super) serves: Vec<u16>,
    /// The days for which its tables are complete.
    pub(super) social_work: Vec<Span>,
    pub(super) avain: Vec<Span>,
}

/// A file to be filled.
pub(super) struct Output {
    /// Relative to the output folder.
    pub(super) path: PathBuf,
    /// Byte order mark and header.
    pub(super) opening: Vec<u8>,
}

impl Holder {
    /// The layout and output that take this row, if the holder has any for it.
    pub(super) fn route(&self, row: &Row, year: i32) -> Option<(usize, usize)> {
        let found = |(position, layout): (usize, &Layout)| layout.output(row, year).map(|output| (position, output));
        self.layouts.iter().enumerate().find_map(found)
    }

    pub(super) fn has(&self, table: Table) -> bool {
        self.layouts.iter().any(|layout| layout.table == table)
    }

    /// Whether a row of this day is delivered.
    pub(super) fn delivers(&self, day: i32) -> bool {
        self.period.is_some_and(|period| period.contains(day))
    }
}

impl Plan {
    /// Reads the contract and the holder files beside it.
    ///
    /// # Errors
    /// A file is unreadable or malformed, or asks for what synthetic registers cannot hold.
    pub(super) fn read(contract_path: &Path) -> Result<Self, SynthError> {
        let contract: Contract = read_toml(contract_path)?;
        contract.exchange.tables.iter().try_for_each(|table| check_table(&contract, table))?;
        let window = contract.exchange.study.window;
        let mapping = municipalities(&contract)?;
        let mut plan = Self {
            window: window.into(),
            calendar: Calendar::new(window),
            areas: Areas::read(&beside(contract_path, &mapping.file), mapping)?,
            holders: Vec::new(),
            organisers: Vec::new(),
            outputs: vec![Output { path: truth::FILE.into(), opening: truth::header() }],
            copies: vec![(contract_path.into(), CONTRACT_COPY.into())],
        };
        for mapping in contract.exchange.mappings.values() {
            let path = inside(contract_path, &mapping.file)?;
            plan.copies.push((beside(contract_path, path), path.into()));
        }
        for (path, file) in holder_files(contract_path)? {
            plan.add_holder(&path, &file, &contract)?;
        }
        let served = plan.organisers.iter().map(|organiser| organiser.serves.clone()).collect();
        plan.areas.settle(served);
        Ok(plan)
    }

    fn add_holder(&mut self, path: &Path, file: &HolderFile, contract: &Contract) -> Result<(), SynthError> {
        if self.holders.iter().any(|holder| holder.id == file.holder) {
            return Err(SynthError::HolderTwice { holder: file.holder.clone() });
        }
        let folder = PathBuf::from(file.holder.as_str());
        self.copies.push((path.into(), folder.join(HOLDER_COPY)));
        let layouts = file.sources.iter().map(|source| self.layout(path, file, source, contract));
        let layouts = layouts.collect::<Result<_, _>>()?;
        let mut old_codes = None;
        for (kind, table) in &file.old_codes {
            if let Some(Identifier::Hetu) = contract.exchange.identifiers.get(kind) {
                old_codes = Some(self.output(path, file, &table.file, old_codes_header(table))?);
            }
        }
        let period = Span::from(file.delivery.period).meet(self.window);
        file.coverage.iter().try_for_each(|coverage| self.add_coverage(&file.holder, coverage))?;
        self.holders.push(Holder { id: file.holder.clone(), period, layouts, old_codes });
        Ok(())
    }

    fn layout(
        &mut self,
        path: &Path,
        file: &HolderFile,
        source: &Source,
        contract: &Contract,
    ) -> Result<Layout, SynthError> {
        let (holder, name) = (&file.holder, &source.table);
        if source.format == Format::Parquet {
            return Err(SynthError::Parquet { holder: holder.clone(), table: name.clone() });
        }
        let located = |problem| SynthError::Source { holder: holder.clone(), table: name.clone(), problem };
        let found = contract.exchange.tables.iter().find(|table| table.name == *name);
        let (Some(declared), Some(table)) = (found, Table::named(name.as_str())) else {
            return Err(located(SourceProblem::UnknownTable));
        };
        let outputs: Vec<usize> = (self.outputs.len()..).take(source.files.len()).collect();
        let layout = Layout::new(source, declared, table, &self.areas, &outputs).map_err(located)?;
        for source_file in &source.files {
            let opening = [layout.style.opening(), layout.header.as_slice()].concat();
            self.output(path, file, source_file, opening)?;
        }
        Ok(layout)
    }

    fn output(&mut self, path: &Path, file: &HolderFile, name: &Path, opening: Vec<u8>) -> Result<usize, SynthError> {
        let output = Path::new(file.holder.as_str()).join(inside(path, name)?);
        if self.outputs.iter().any(|known| known.path == output) {
            return Err(SynthError::FileTwice { path: path.into(), file: name.into() });
        }
        self.outputs.push(Output { path: output, opening });
        Ok(self.outputs.len() - 1)
    }

    /// Takes what the holder that comes next covers of the municipal tables.
    fn add_coverage(&mut self, holder: &Id, coverage: &Coverage) -> Result<(), SynthError> {
        let table = Table::named(coverage.table.as_str());
        if !matches!(table, Some(Table::SocialWork | Table::Avain)) {
            return Ok(());
        }
        let unknown = || SynthError::UnknownOrganiser { holder: holder.clone(), organiser: coverage.organiser.clone() };
        let area = self.areas.position(&coverage.organiser).ok_or_else(unknown)?;
        let days = Span { first: coverage.first.epoch_days(), last: coverage.last.epoch_days() };
        let Some(days) = days.meet(self.window) else { return Ok(()) };
        let organiser = self.organiser(area);
        if table == Some(Table::Avain) {
            organiser.avain.push(days);
        } else {
            organiser.social_work.push(days);
        }
        Ok(())
    }

    fn organiser(&mut self, area: u16) -> &mut Organiser {
        let holder = self.holders.len();
        let known = self.organisers.iter().position(|o| o.holder == holder && o.area == area);
        let position = known.unwrap_or_else(|| {
            let serves = self.areas.served_by(area);
            self.organisers.push(Organiser { holder, area, serves, social_work: Vec::new(), avain: Vec::new() });
            self.organisers.len() - 1
        });
        &mut self.organisers[position]
    }
}

fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T, SynthError> {
    let text = std::fs::read_to_string(path).map_err(|source| SynthError::Read { path: path.into(), source })?;
    toml::from_str(&text).map_err(|source| SynthError::Toml { path: path.into(), source: Box::new(source) })
}

/// The holder files beside the contract, by file name.
fn holder_files(contract: &Path) -> Result<Vec<(PathBuf, HolderFile)>, SynthError> {
    let folder = beside(contract, Path::new("."));
    let unreadable = |source| SynthError::Read { path: folder.clone(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let format = read_toml::<toml::Table>(&path)?.get("format").and_then(toml::Value::as_str).map(str::to_owned);
        if format.as_deref() == Some(HOLDER_FORMAT) {
            let file = read_toml(&path)?;
            files.push((path, file));
        }
    }
    if files.is_empty() { Err(SynthError::NoHolder { folder }) } else { Ok(files) }
}

/// Whether the model has all that the contract's table asks for, and the contract all that the model holds.
fn check_table(contract: &Contract, table: &crate::config::raw::contract::Table) -> Result<(), SynthError> {
    let unknown = || SynthError::UnknownTable { table: table.name.clone() };
    let model = Table::named(table.name.as_str()).ok_or_else(unknown)?;
    for column in table.columns.iter().filter(|column| column.derive.is_none() && column.role != Role::Direct) {
        let unknown = || SynthError::UnknownColumn { table: table.name.clone(), column: column.name.clone() };
        let kind = column.kind.as_ref().and_then(|kind| contract.exchange.identifiers.get(kind));
        match (column.role, kind) {
            (Role::Person, Some(Identifier::Hetu)) => continue,
            (Role::Person, _) => return Err(SynthError::Identifier { table: table.name.clone() }),
            _ => {}
        }
        let position = model.column(column.name.as_str()).ok_or_else(unknown)?;
        check_codes(&table.name, column, model.columns()[position].1)?;
    }
    Ok(())
}

fn check_codes(table: &Id, column: &Column, kind: Kind) -> Result<(), SynthError> {
    let (Kind::Code(codes), Some(allowed)) = (kind, &column.codes) else { return Ok(()) };
    match codes.iter().find(|code| !allowed.iter().any(|known| known == *code)) {
        Some(code) => Err(SynthError::CodeNotAllowed { table: table.clone(), column: column.name.clone(), code }),
        None => Ok(()),
    }
}

/// The mapping whose codes Kela's municipalities have.
fn municipalities(contract: &Contract) -> Result<&Mapping, SynthError> {
    let name = Table::Assistance.columns()[usize::from(Assistance::Municipality)].0;
    let tables = contract.exchange.tables.iter().filter(|table| table.name.as_str() == Table::Assistance.name());
    let mut columns = tables.flat_map(|table| &table.columns).filter(|column| column.name.as_str() == name);
    let mapping = columns.find_map(|column| contract.exchange.mappings.get(column.codes_from.as_ref()?));
    mapping.ok_or(SynthError::NoMunicipalities)
}

fn old_codes_header(table: &OldCodes) -> Vec<u8> {
    format!("{};{}\n", table.old, table.new).into_bytes()
}

/// The path of `file` as the configuration file at `config` means it.
fn beside(config: &Path, file: &Path) -> PathBuf {
    let folder = config.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).join(file)
}

/// `file`, if it lies below the folder of the configuration file at `config`.
fn inside<'a>(config: &Path, file: &'a Path) -> Result<&'a Path, SynthError> {
    let plain = file.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let outside = || SynthError::OutsideFolder { path: config.into(), file: file.into() };
    if plain { Ok(file) } else { Err(outside()) }
}

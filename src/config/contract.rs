//! The contract, resolved and checked.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::analysis::{Analysis, AnalysisKind, ContractParts, SourceTables};
use super::error::{ConfigError, Problem};
use super::linkage::{BY_EVIDENCE, Linkage, linkage};
use super::mapping;
use super::parties::{check_holders, check_parties, organisers};
use super::raw::contract as raw;
use super::raw::release::Release;
use super::release::release;
use super::table::{Definitions, Located, Table};
use super::toml_file::read_toml;
use super::warnings::Warnings;
use super::words::Words;
use crate::crypto::{Digest, Recipient, VerifyingKey};
use crate::table::{CodeMap, ValueType};
use salanimi_core::{Id, SCHEME, Syntax, TextForm, TextSyntax};

pub use raw::{Limits, ListedHolder, Study};

/// The tables that a person occurs in are kept as the bits of one number.
const MAX_TABLES: usize = 64;
/// Tables that the tool itself writes beside those of the sources.
const RESERVED_TABLES: [&str; 2] = ["persons", "linkage"];
/// The column that stands for the person in every linked table.
pub const LINKED_PERSON: &str = "person";

/// The contract, resolved: what all parties share.
#[derive(Debug)]
pub struct Contract {
    /// The study and its legal ground.
    pub study: Study,
    /// The kinds of person identifier.
    pub identifiers: BTreeMap<Id, Syntax>,
    /// Mappings from codes to codes, by name.
    pub mappings: BTreeMap<Id, CodeMap>,
    /// The tables.
    pub tables: Vec<Table>,
    /// Recipients of sealed deliveries, by name; empty if deliveries are not sealed.
    pub recipients: BTreeMap<Id, Recipient>,
    /// Holders, each with its keys and what it may state; empty if deliveries are not signed.
    pub holders: BTreeMap<Id, ListedHolder>,
    /// Public signing keys of other parties.
    pub signatories: BTreeMap<Id, VerifyingKey>,
    /// For each table, the delivered field that names the organiser of a row.
    pub organisers: Vec<Option<usize>>,
    /// Positions of the tables that bring a person into the linked dataset.
    pub population: Vec<usize>,
    /// Thresholds.
    pub limits: Limits,
    /// Thresholds of warnings, and those that are explained.
    pub warnings: Warnings,
    /// For each table, columns with the positions of codes that are not expected in them.
    pub unexpected: Vec<BTreeMap<usize, Vec<usize>>>,
    /// For each table, the fields by which the link counts its rows.
    pub accounting: Vec<Accounting>,
    /// Pairs of fields that should agree for one person.
    pub contradictions: Vec<Contradiction>,
    /// Linkage of persons without an identifier; `None` if the contract does not allow it.
    pub linkage: Option<Linkage>,
    /// The study's analysis tables; `None` if the contract names no kind.
    pub analysis: Option<Box<dyn Analysis>>,
    /// Titles, labels and breaks in time.
    pub words: Words,
    /// Tables that may leave the secure environment; `None` if nothing may.
    pub release: Option<Release>,
    /// SHA-256 of the exchange section's canonical JSON. All parties must have the same.
    pub exchange_digest: Digest,
    /// SHA-256 of the canonical JSON of all other sections.
    pub settings_digest: Digest,
}

/// Positions of the fields by which the link counts a table's rows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Accounting {
    /// A date or month.
    pub month: Option<usize>,
    /// A code or text that names an area.
    pub area: Option<usize>,
    /// A code.
    pub sex: Option<usize>,
    /// A whole number of months.
    pub age_months: Option<usize>,
}

/// Two fields that should agree for one person, each as table and field position.
#[derive(Debug, Clone)]
pub struct Contradiction {
    /// The pair as the contract writes it.
    pub name: (String, String),
    /// Table and field.
    pub left: (usize, usize),
    /// Table and field.
    pub right: (usize, usize),
}

impl Contract {
    /// Returns the tables of the population, a bit for each.
    pub(crate) fn population_tables(&self) -> u64 {
        self.population.iter().map(|&table| 1 << table).sum()
    }

    /// Reads and checks the contract at `path` and the files that it names.
    ///
    /// `kinds` are the analyses that `[analysis] kind` may name: `salanimi::study::KINDS` has those of this tool.
    ///
    /// # Errors
    /// A file is unreadable, or the contract is malformed or contradicts itself. The error names the place and the
    /// remedy.
    pub fn read(path: &Path, kinds: &[&dyn AnalysisKind]) -> Result<Self, ConfigError> {
        let mut raw: raw::Contract = read_toml(path, raw::FORMAT)?;
        let mappings = read_mappings(path, &mut raw.exchange.mappings)?;
        let words = match &mut raw.words {
            Some(section) => Words::read(path, section)?,
            None => Words::built_in(),
        };
        resolve(&raw, &mappings, words, kinds).map_err(|(place, problem)| ConfigError::Invalid {
            path: path.to_owned(),
            place,
            problem,
        })
    }

    /// Returns the table `name` and its position.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<(usize, &Table)> {
        self.tables.iter().enumerate().find(|(_, t)| t.name.as_str() == name)
    }

    /// Returns the tables and the window, as analyses know them.
    #[must_use]
    pub fn source_tables(&self) -> SourceTables<'_> {
        SourceTables { window: self.study.window, tables: &self.tables }
    }

    /// Returns the labels of all references, in order.
    #[must_use]
    pub fn labels(&self) -> Vec<&Id> {
        let columns = self.tables.iter().flat_map(|t| &t.columns);
        let mut labels: Vec<&Id> = columns
            .filter_map(|c| match &c.content {
                super::Content::Reference(label, _) => Some(label),
                _ => None,
            })
            .collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    }
}

fn read_mappings(path: &Path, raw: &mut BTreeMap<Id, raw::Mapping>) -> Result<BTreeMap<Id, CodeMap>, ConfigError> {
    let mut mappings = BTreeMap::new();
    for (name, mapping) in raw {
        let file = mapping::beside(path, &mapping.file);
        let bytes = std::fs::read(&file).map_err(|source| ConfigError::Io { path: file.clone(), source })?;
        let place = format!("mapping '{name}'");
        let (map, digest) = mapping::parse(name.as_str(), mapping, &bytes).map_err(|problem| ConfigError::Invalid {
            path: file,
            place,
            problem,
        })?;
        mapping.digest = Some(digest);
        mappings.insert(name.clone(), map);
    }
    Ok(mappings)
}

/// Canonical JSON: keys sorted, no white space (after RFC 8785, for values without fractions but in thresholds).
#[expect(clippy::expect_used, reason = "maps of the configuration have text keys")]
fn digest(value: &impl Serialize) -> Digest {
    let value = serde_json::to_value(value).expect("configuration has only text keys");
    Digest::of(value.to_string().as_bytes())
}

fn resolve(
    raw: &raw::Contract,
    mappings: &BTreeMap<Id, CodeMap>,
    words: Words,
    kinds: &[&dyn AnalysisKind],
) -> Result<Contract, Located> {
    check_exchange(&raw.exchange)?;
    check_parties(raw)?;
    let identifiers = identifiers(&raw.exchange.identifiers)?;
    let definitions = Definitions { identifiers: &identifiers, mappings };
    let tables = raw.exchange.tables.iter().map(|t| definitions.table(t, raw.linked.get(&t.name)));
    let tables: Vec<Table> = tables.collect::<Result<_, _>>()?;
    let named = raw.linked.keys().chain(raw.accounting.keys()).chain(raw.organisers.keys());
    for name in named.chain(&raw.population.any_of) {
        position(&tables, name.as_str()).map_err(|problem| ("settings".to_owned(), problem))?;
    }
    let population = raw.population.any_of.iter().filter_map(|name| position(&tables, name.as_str()).ok()).collect();
    let parties = (&raw.recipients, &raw.holders, &raw.signatories, &raw.organisers);
    let warnings = (&raw.warnings, &raw.accept, &raw.unexpected);
    let checked = (&raw.limits, warnings, &raw.accounting, &raw.contradictions);
    let settings = (parties, &raw.linked, &raw.population, checked, &raw.analysis, &raw.release, &raw.words);
    // A contract without linkage has the digest that it always had.
    let settings_digest = match &raw.linkage {
        None => digest(&settings),
        Some(linkage) => digest(&(&settings, linkage)),
    };
    let linkage = linkage(raw, &tables)?;
    let analysis = raw.analysis.as_ref().map(|section| analysis(section, &tables, mappings, kinds)).transpose()?;
    let release = raw.release.as_ref().map(|section| release(section, &raw.limits)).transpose()?;
    release.iter().try_for_each(|release| check_known(release, &tables))?;
    let organisers = organisers(&tables, &raw.organisers)?;
    check_holders(&raw.holders, &tables, &organisers)?;
    reserved(&tables, analysis.as_deref(), linkage.is_some()).map_err(|problem| ("tables".to_owned(), problem))?;
    Ok(Contract {
        study: raw.exchange.study.clone(),
        recipients: raw.recipients.clone(),
        holders: raw.holders.clone(),
        signatories: raw.signatories.clone(),
        organisers,
        population,
        warnings: Warnings::new(&raw.warnings, &raw.accept, &tables)?,
        unexpected: unexpected(&tables, &raw.unexpected)?,
        limits: limits(&raw.limits, &raw.population)?,
        accounting: tables.iter().map(|t| accounting(t, raw.accounting.get(&t.name))).collect::<Result<_, _>>()?,
        contradictions: raw.contradictions.iter().map(|c| contradiction(&tables, c)).collect::<Result<_, _>>()?,
        analysis,
        release,
        words,
        exchange_digest: digest(&raw.exchange),
        settings_digest,
        linkage,
        mappings: mappings.clone(),
        identifiers,
        tables,
    })
}

fn check_exchange(raw: &raw::Exchange) -> Result<(), Located> {
    if raw.scheme != SCHEME {
        return Err(("exchange".into(), Problem::Scheme { expected: SCHEME }));
    }
    if raw.study.window.is_empty() {
        return Err(("study, window".into(), Problem::EmptyInterval));
    }
    if raw.tables.len() > MAX_TABLES {
        return Err(("tables".into(), Problem::TooManyTables { most: MAX_TABLES, found: raw.tables.len() }));
    }
    for (position, table) in raw.tables.iter().enumerate() {
        if raw.tables[..position].iter().any(|t| t.name == table.name) {
            return Err(("tables".into(), Problem::Twice { name: table.name.to_string() }));
        }
    }
    Ok(())
}

fn identifiers(raw: &BTreeMap<Id, raw::Identifier>) -> Result<BTreeMap<Id, Syntax>, Located> {
    let mut identifiers = BTreeMap::new();
    for (name, identifier) in raw {
        let syntax = syntax(identifier).map_err(|problem| (format!("identifier '{name}'"), problem))?;
        identifiers.insert(name.clone(), syntax);
    }
    Ok(identifiers)
}

fn syntax(identifier: &raw::Identifier) -> Result<Syntax, Problem> {
    match identifier {
        raw::Identifier::Hetu => Ok(Syntax::Hetu),
        raw::Identifier::Text { pattern, fold_case, remove, width } => {
            let width = width.map_or(0, usize::from);
            let form = TextForm { fold_case: *fold_case, remove: remove.clone(), width };
            TextSyntax::new(pattern, form).map(Syntax::Text).map_err(|_| Problem::Pattern)
        }
    }
}

fn position(tables: &[Table], name: &str) -> Result<usize, Problem> {
    tables.iter().position(|t| t.name.as_str() == name).ok_or_else(|| Problem::Unknown { name: name.to_owned() })
}

fn limits(limits: &Limits, population: &raw::Population) -> Result<Limits, Located> {
    let Limits { max_reject_share, max_t, max_unique_share, max_distinct_share, .. } = *limits;
    let shares = [max_reject_share, max_t, max_unique_share, max_distinct_share];
    let problem = if !shares.iter().all(|share| (0.0..=1.0).contains(share)) {
        Problem::Share
    } else if limits.min_cell == 0 {
        Problem::MinCell
    } else if limits.min_k == 0 || limits.min_l == 0 {
        Problem::MinClass
    } else if population.any_of.is_empty() {
        return Err(("population".into(), Problem::NoTable));
    } else {
        return Ok(limits.clone());
    };
    Err(("limits".into(), problem))
}

/// Returns the columns of each table with the positions of codes that are not expected in them.
fn unexpected(
    tables: &[Table],
    raw: &BTreeMap<Id, BTreeMap<Id, Vec<String>>>,
) -> Result<Vec<BTreeMap<usize, Vec<usize>>>, Located> {
    let mut unexpected = vec![BTreeMap::new(); tables.len()];
    for (name, columns) in raw {
        let found = position(tables, name.as_str()).and_then(|at| {
            unexpected[at] = unexpected_in(&tables[at], columns)?;
            Ok(())
        });
        found.map_err(|problem| (format!("unexpected, {name}"), problem))?;
    }
    Ok(unexpected)
}

fn unexpected_in(table: &Table, columns: &BTreeMap<Id, Vec<String>>) -> Result<BTreeMap<usize, Vec<usize>>, Problem> {
    let mut unexpected = BTreeMap::new();
    for (column, codes) in columns {
        let Some(place) = table.column(column.as_str()) else {
            return Err(Problem::not_among(column, table.columns.iter().map(|column| &column.name)));
        };
        let value = table.columns[place].value();
        let Some(list) = value.as_ref().and_then(|value| value.codes()) else {
            return Err(Problem::WrongType { name: column.to_string(), expected: "code" });
        };
        let positions = codes.iter().map(|code| {
            let position = list.position(code).map(usize::from);
            position.ok_or_else(|| Problem::not_among(code, list.values()))
        });
        unexpected.insert(place, positions.collect::<Result<_, _>>()?);
    }
    Ok(unexpected)
}

fn accounting(table: &Table, raw: Option<&raw::Accounting>) -> Result<Accounting, Located> {
    let Some(raw) = raw else { return Ok(Accounting::default()) };
    let columns = AccountingColumns(table);
    Ok(Accounting {
        month: columns.find(raw.month.as_ref(), "delivered date or month", is_day_or_month)?,
        area: columns.find(raw.area.as_ref(), "delivered code or text", is_code_or_text)?,
        sex: columns.find(raw.sex.as_ref(), "delivered code", |value| matches!(value, ValueType::Code(_)))?,
        age_months: columns.find(raw.age_months.as_ref(), "delivered integer", |value| *value == ValueType::Integer)?,
    })
}

/// The table whose columns `[accounting.<table>]` names.
struct AccountingColumns<'a>(&'a Table);

impl AccountingColumns<'_> {
    /// Returns the position of the field `name`, if one is named.
    fn find(
        &self,
        name: Option<&Id>,
        expected: &'static str,
        fits: fn(&ValueType) -> bool,
    ) -> Result<Option<usize>, Located> {
        let Some(name) = name else { return Ok(None) };
        let found = self.0.fields.iter().position(|field| field.name == name.as_str() && fits(&field.value));
        match found {
            Some(position) => Ok(Some(position)),
            None => {
                let problem = Problem::WrongType { name: name.to_string(), expected };
                Err((format!("accounting '{}'", self.0.name), problem))
            }
        }
    }
}

fn is_day_or_month(value: &ValueType) -> bool {
    matches!(value, ValueType::Date | ValueType::Month)
}

fn is_code_or_text(value: &ValueType) -> bool {
    matches!(value, ValueType::Code(_) | ValueType::Text)
}

fn analysis(
    section: &raw::AnalysisSection,
    tables: &[Table],
    mappings: &BTreeMap<Id, CodeMap>,
    kinds: &[&dyn AnalysisKind],
) -> Result<Box<dyn Analysis>, Located> {
    let kind = kinds.iter().find(|kind| kind.name() == section.kind.as_str());
    let configured = match kind {
        Some(kind) => kind.configure(&section.settings, &ContractParts { tables, mappings }),
        None => Err(Problem::Unknown { name: section.kind.to_string() }),
    };
    configured.map_err(|problem| ("analysis".to_owned(), problem))
}

/// Refuses `[release.known]` of tables and columns that the sources do not have.
fn check_known(release: &Release, tables: &[Table]) -> Result<(), Located> {
    for (name, columns) in &release.known {
        let found = position(tables, name.as_str()).and_then(|table| {
            let unknown = columns.keys().find(|column| {
                column.as_str() != LINKED_PERSON && tables[table].linked_value(column.as_str()).is_none()
            });
            unknown.map_or(Ok(()), |column| Err(Problem::Unknown { name: column.to_string() }))
        });
        found.map_err(|problem| (format!("release, known.{name}"), problem))?;
    }
    Ok(())
}

/// Refuses tables and delivered columns of the sources under a name that the linked dataset needs for itself.
fn reserved(tables: &[Table], analysis: Option<&dyn Analysis>, has_linkage: bool) -> Result<(), Problem> {
    for table in tables {
        let name = table.name.as_str();
        if RESERVED_TABLES.contains(&name) || analysis.is_some_and(|analysis| analysis.table(name).is_some()) {
            return Err(Problem::Reserved { name: name.to_owned() });
        }
        let own = if has_linkage { [LINKED_PERSON, BY_EVIDENCE].as_slice() } else { &[LINKED_PERSON] };
        if let Some(own) = own.iter().find(|own| table.field(own).is_some()) {
            return Err(Problem::Reserved { name: format!("{name}.{own}") });
        }
    }
    Ok(())
}

fn contradiction(tables: &[Table], raw: &raw::Contradiction) -> Result<Contradiction, Located> {
    let located = |problem| ("contradictions".to_owned(), problem);
    Ok(Contradiction {
        left: comparable(tables, &raw.left).map_err(located)?,
        right: comparable(tables, &raw.right).map_err(located)?,
        name: (raw.left.clone(), raw.right.clone()),
    })
}

/// Returns table and field of `text`, written `table.column`, if values of the field can be compared.
fn comparable(tables: &[Table], text: &str) -> Result<(usize, usize), Problem> {
    let (table, column) = text.split_once('.').ok_or(Problem::NotTableColumn)?;
    let table = position(tables, table)?;
    let mut fields = tables[table].fields.iter();
    match fields.position(|field| field.name == column && is_code_or_text(&field.value)) {
        Some(field) => Ok((table, field)),
        None => Err(Problem::WrongType { name: text.to_owned(), expected: "delivered code or text" }),
    }
}

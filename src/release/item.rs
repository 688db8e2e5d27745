//! Items of a release: each result that the contract names, as the queries that make it.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::error::ReleaseError;
use super::query::{Axis, Coding, Query, Unit, check_flag, owner, unlisted};
use crate::config::Contract;
use crate::config::Known;
use crate::config::raw::release::{
    Condition, Counted, Curve, Dimension, Flow, FrequencyTable, Method, Microdata, Rates, Release, Sum,
};
use crate::crypto::Digest;
use crate::exchange::{ReleasedCount, ReleasedKind, ReleasedUnit};
use crate::table::ValueType;
use salanimi_core::Id;

/// The most columns of a table under `round`, the outcome of rates included: with its totals, each further column
/// doubles the number of sets that can differ by the same few persons.
const MOST_COLUMNS: usize = 4;
/// A group of a curve ends where fewer persons are at risk than this many times the base or the noise.
const LEAST_AT_RISK: f64 = 10.0;
/// The largest step of a sum, in the smallest units of its column: draws have 64 bits.
const MOST_UNITS: f64 = 9e18;
/// Version of the method. An item of another version is another item.
const VERSION: u32 = 4;

/// A result that the contract names.
#[derive(Debug)]
pub(super) struct Item<'r> {
    pub(super) name: &'r Id,
    pub(super) table: &'r Id,
    pub(super) form: Form<'r>,
    /// The queries, in the order in which the form uses their numbers; none for rows of persons.
    pub(super) queries: Vec<Query>,
    /// The protected numbers of each query.
    pub(super) counts: Vec<ReleasedCount>,
    /// SHA-256 of what the contract says of the item.
    pub(super) definition: Digest,
    /// Width of the bands whose means are summed; `None` for any other item.
    pub(super) band_width: Option<u32>,
}

/// The form in which the numbers of an item are released.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form<'r> {
    Table(&'r FrequencyTable),
    Curve(&'r Curve),
    Rates(&'r Rates),
    /// The flow of a curve.
    Flow(&'r Curve),
    Microdata(&'r Microdata),
}

impl Form<'_> {
    pub(super) fn kind(self) -> ReleasedKind {
        match self {
            Self::Table(_) => ReleasedKind::Table,
            Self::Curve(_) => ReleasedKind::Curve,
            Self::Rates(_) => ReleasedKind::Rates,
            Self::Flow(_) => ReleasedKind::Flow,
            Self::Microdata(_) => ReleasedKind::Microdata,
        }
    }
}

/// Returns the items of the contract's release section, in its order.
///
/// # Errors
/// An item does not fit the contract, or two have one name.
pub(super) fn items<'r>(contract: &Contract, release: &'r Release) -> Result<Vec<Item<'r>>, ReleaseError> {
    let mut known: BTreeSet<&Id> = BTreeSet::new();
    if let Some(name) = release.names().find(|name| !known.insert(name)) {
        return Err(ReleaseError::Twice { name: name.clone() });
    }
    let tables = release.tables.iter().map(|spec| table(contract, release, spec));
    let curves = release.curves.iter().map(|spec| curve(contract, release, spec));
    let rates = release.rates.iter().map(|spec| rates(contract, release, spec));
    let flows = release.flows.iter().map(|spec| flow(contract, release, spec));
    let microdata = release.microdata.iter().map(|spec| microdata(release, spec));
    tables.chain(curves).chain(rates).chain(flows).chain(microdata).collect()
}

fn table<'r>(contract: &Contract, release: &'r Release, spec: &'r FrequencyTable) -> Result<Item<'r>, ReleaseError> {
    let FrequencyTable { name, table, by, only, .. } = spec;
    let query = Query::new(name, contract, table, by, only)?;
    let queries = match (&spec.sum, spec.count) {
        (Some(sum), _) => {
            let total = summed(contract, release.base, name, table, sum)?;
            let rows = Unit::RowsWith { column: sum.column.clone(), weight: spec.weight() };
            let with_value = Unit::PersonsWith { column: sum.column.clone() };
            [with_value, rows, total].map(|unit| query.with_unit(unit)).into()
        }
        (None, Counted::Persons) => vec![query],
        (None, Counted::Rows) => vec![query.with_unit(Unit::Rows { weight: spec.weight() })],
    };
    let titles = queries.iter().map(|query| vec![table_title(&query.unit)]).collect();
    let item = Item::new(release, name, table, Form::Table(spec), queries, titles)?;
    let summed = spec.sum.as_ref().map(|sum| &sum.column);
    let band_width = summed.and_then(|column| contract.band_width(table.as_str(), column.as_str()));
    match (summed, spec.weight) {
        // One person changes the means of the others, which no noise covers.
        (Some(column), _) if band_width.is_some() && release.protect == Method::Noise => {
            Err(ReleaseError::BandsUnderNoise { name: name.clone(), column: column.to_string() })
        }
        // The error of a sum follows from its rows, which a wrong weight would cut off.
        (Some(column), None) if band_width.is_some() => {
            Err(ReleaseError::NoWeight { name: name.clone(), column: column.to_string() })
        }
        _ => Ok(Item { band_width, ..item }),
    }
}

fn table_title(unit: &Unit) -> String {
    match unit {
        Unit::Persons | Unit::PersonsWith { .. } => "persons".to_owned(),
        Unit::Rows { .. } => "rows".to_owned(),
        Unit::RowsWith { .. } => "n".to_owned(),
        Unit::Sum { column, .. } => format!("sum_of_{column}"),
    }
}

fn summed(contract: &Contract, base: u32, name: &Id, table: &Id, sum: &Sum) -> Result<Unit, ReleaseError> {
    let column = &sum.column;
    let value = contract.linked_type(table.as_str(), column.as_str());
    let scale = match value.map_err(|error| unlisted(name, table.as_str(), column.as_str(), error))? {
        // Means of bands are in hundredths.
        ValueType::Integer if contract.band_width(table.as_str(), column.as_str()).is_some() => 2,
        ValueType::Integer => 0,
        ValueType::Decimal { scale } => scale,
        _ => return Err(ReleaseError::NotSummed { name: name.clone(), column: column.to_string() }),
    };
    let cap = sum.cap.ok_or_else(|| ReleaseError::NoCap { name: name.clone(), column: column.to_string() })?;
    if cap * f64::from(base) * 10_f64.powi(scale.into()) >= MOST_UNITS {
        return Err(ReleaseError::CapTooLarge { name: name.clone(), column: column.to_string() });
    }
    Ok(Unit::Sum { column: column.clone(), cap, scale })
}

fn curve<'r>(contract: &Contract, release: &'r Release, spec: &'r Curve) -> Result<Item<'r>, ReleaseError> {
    let Curve { name, table, time, event, by, interval, last, only, first, .. } = spec;
    check_flag(name, contract, table, event)?;
    check_order(name, contract, table, time, false)?;
    if let Some(first) = first {
        check_order(name, contract, table, &first.by, true)?;
    }
    let by: Vec<Dimension> = by.iter().cloned().collect();
    let split_by = by.iter().map(|by| by.parts().0);
    let chosen_by = first.iter().map(|first| first.by.as_str());
    for column in split_by.chain(chosen_by).chain(only.iter().map(|condition| condition.column.as_str())) {
        check_known(name, contract, table, column)?;
    }
    let query = Query::new(name, contract, table, &by, only)?.of_first_rows(first.as_ref());
    let query = query.with_axes(name, vec![Axis::of_time(time, event, *interval, *last), Axis::of_event(event)])?;
    let titles = vec![["n", "events", "censored"].map(str::to_owned).into()];
    Item::new(release, name, table, Form::Curve(spec), vec![query], titles)
}

/// Refuses a column that does not hold whole numbers, nor months where they may be.
fn check_order(
    name: &Id,
    contract: &Contract,
    table: &Id,
    column: &Id,
    allows_months: bool,
) -> Result<(), ReleaseError> {
    let found = contract.linked_type(table.as_str(), column.as_str());
    match found.map_err(|error| unlisted(name, table.as_str(), column.as_str(), error))? {
        ValueType::Integer => Ok(()),
        ValueType::Month if allows_months => Ok(()),
        _ => Err(ReleaseError::NoTime { name: name.clone(), column: column.to_string() }),
    }
}

/// Refuses a column whose values are known only later than the time from which a curve of `table` counts.
fn check_known(name: &Id, contract: &Contract, table: &Id, column: &str) -> Result<(), ReleaseError> {
    let (owner, plain) = owner(table.as_str(), column);
    // A person without a row in another table has no value there, so its column is known when the row is.
    let of_row = if owner == table.as_str() { Some(Known::Start) } else { contract.known_row(owner) };
    let known = of_row.zip(contract.known(owner, plain)).map(|(row, value)| row.max(value));
    match known {
        Some(known) if known <= contract.time_zero(table.as_str()) => Ok(()),
        Some(_) => Err(ReleaseError::KnownLater { name: name.clone(), column: column.to_owned() }),
        None => {
            let table = owner.to_owned();
            Err(ReleaseError::KnownUnstated { name: name.clone(), table, column: plain.to_owned() })
        }
    }
}

/// Returns the flow of a curve: a query of all persons, one after each condition, and one of those who are followed.
fn flow<'r>(contract: &Contract, release: &'r Release, spec: &'r Flow) -> Result<Item<'r>, ReleaseError> {
    let Some(curve) = release.curves.iter().find(|curve| curve.name == spec.like) else {
        unreachable!("the contract was checked")
    };
    let Curve { table, time, event, only, first, .. } = curve;
    let conditions = (0..=only.len()).map(|count| Query::new(&spec.name, contract, table, &[], &only[..count]));
    let mut queries = conditions.collect::<Result<Vec<_>, _>>()?;
    let all = queries[only.len()].clone().of_first_rows(first.as_ref());
    queries.push(all.with_axes(&spec.name, vec![Axis::of_followed(time, event)])?);
    let titles = queries.iter().map(|_| vec!["persons".to_owned()]).collect();
    Item::new(release, &spec.name, table, Form::Flow(curve), queries, titles)
}

fn rates<'r>(contract: &Contract, release: &'r Release, spec: &'r Rates) -> Result<Item<'r>, ReleaseError> {
    let Rates { name, table, by, of, only, .. } = spec;
    let persons = Query::new(name, contract, table, by, only)?;
    let persons = match &spec.first {
        Some(first) => {
            check_order(name, contract, table, &first.by, true)?;
            check_known(name, contract, table, first.by.as_str())?;
            persons.of_smallest(first)
        }
        None => persons,
    };
    let rows = persons.with_unit(Unit::Rows { weight: spec.weight() });
    let mut queries = vec![persons];
    for flag in of {
        queries.push(rows.with_axes(name, vec![Axis::of_outcome(name, contract, table, flag)?])?);
    }
    let mut titles = vec![vec!["persons".to_owned()]];
    titles.extend(of.iter().map(|_| ["n", "yes", "unknown"].map(str::to_owned).into()));
    Item::new(release, name, table, Form::Rates(spec), queries, titles)
}

fn microdata<'r>(release: &'r Release, spec: &'r Microdata) -> Result<Item<'r>, ReleaseError> {
    if release.protect == Method::Noise {
        return Err(ReleaseError::RowsUnderNoise { name: spec.name.clone() });
    }
    Item::new(release, &spec.name, &spec.table, Form::Microdata(spec), Vec::new(), Vec::new())
}

impl<'r> Item<'r> {
    fn new(
        release: &Release,
        name: &'r Id,
        table: &'r Id,
        form: Form<'r>,
        queries: Vec<Query>,
        titles: Vec<Vec<String>>,
    ) -> Result<Self, ReleaseError> {
        let counts: Vec<ReleasedCount> =
            queries.iter().zip(titles).map(|(query, titles)| count(release, &query.unit, titles)).collect();
        let Some(definition) = release.definition(name) else { unreachable!("items are those of the contract") };
        let item = Self { name, table, form, queries, counts, definition, band_width: None };
        item.check_titles()?;
        let columns = item.queries.iter().map(Query::columns).max();
        if release.protect == Method::Round && columns > Some(MOST_COLUMNS) {
            return Err(ReleaseError::TooManyColumns { name: name.clone(), most: MOST_COLUMNS });
        }
        Ok(item)
    }

    /// Refuses two columns of one name in the released table.
    fn check_titles(&self) -> Result<(), ReleaseError> {
        let mut known: BTreeSet<&str> = match self.form {
            Form::Table(_) => ["bound"].into(),
            Form::Microdata(_) => BTreeSet::new(),
            Form::Curve(_) => ["time", "survival"].into(),
            Form::Flow(_) => ["condition"].into(),
            Form::Rates(_) => ["outcome", "share", "lower", "upper"].into(),
        };
        known.extend(self.counts.iter().flat_map(|count| &count.columns).map(String::as_str));
        let first = self.queries.iter().take(1).flat_map(|query| &query.axes);
        let mut titles = first.filter(|axis| matches!(axis.coding, Coding::Labels { .. }));
        match titles.find(|axis| !known.insert(&axis.dimension.title)) {
            Some(axis) => Err(ReleaseError::Title { name: self.name.clone(), title: axis.dimension.title.clone() }),
            None => Ok(()),
        }
    }

    /// Returns the conditions of the item.
    pub(super) fn only(&self) -> &'r [Condition] {
        match self.form {
            Form::Table(spec) => &spec.only,
            Form::Curve(spec) | Form::Flow(spec) => &spec.only,
            Form::Rates(spec) => &spec.only,
            Form::Microdata(_) => &[],
        }
    }

    /// Returns the linked tables that the item reads, each once.
    pub(super) fn tables(&self) -> BTreeSet<&str> {
        let columns = self.queries.iter().flat_map(|query| query.label_columns().map(|(column, _)| column));
        let joined = columns.filter_map(|column| column.split_once('.')).map(|(table, _)| table);
        joined.chain([self.table.as_str()]).collect()
    }

    /// Returns the cost under `noise`, over all queries; 0 under `round`.
    pub(super) fn cost(&self) -> f64 {
        self.counts.iter().map(ReleasedCount::cost).sum()
    }

    /// Returns the number of tables that the item counts as under `round`.
    pub(super) fn tables_of_numbers(&self) -> usize {
        match self.form {
            // Each condition has one number only.
            Form::Flow(_) => 1,
            _ => self.queries.len().max(1),
        }
    }

    /// Returns the question of the item on the dataset, in one form whatever its name and the order of its parts.
    pub(super) fn question(&self, contract: &Contract, release: &Release, dataset: &Digest) -> Json {
        let mut queries: Vec<Json> = self.queries.iter().map(Query::question).collect();
        queries.sort_by_key(Json::to_string);
        let noise: Vec<Option<f64>> = self.counts.iter().map(|count| count.noise).collect();
        let rows = match self.form {
            Form::Microdata(spec) => {
                let limits = &contract.limits;
                json!({ "table": spec.table, "columns": spec.columns, "quasi": spec.quasi,
                    "sensitive": spec.sensitive, "sample": spec.sample, "hierarchies": release.hierarchies,
                    "labels": release.labels, "k": limits.min_k, "l": limits.min_l, "t": limits.max_t })
            }
            _ => Json::Null,
        };
        json!({
            "version": VERSION, "dataset": dataset, "method": release.protect, "base": release.base, "noise": noise,
            "queries": queries, "rows": rows,
        })
    }
}

fn count(release: &Release, unit: &Unit, columns: Vec<String>) -> ReleasedCount {
    let base = u64::from(release.base);
    let most = unit.most();
    let released = match unit {
        Unit::Persons | Unit::PersonsWith { .. } => ReleasedUnit::Persons,
        Unit::Rows { .. } | Unit::RowsWith { .. } => ReleasedUnit::Rows,
        Unit::Sum { .. } => ReleasedUnit::Sum,
    };
    let noise = match (release.protect, unit) {
        (Method::Round, _) => None,
        // A sum has the noise of so many persons who each add the most.
        (Method::Noise, Unit::Sum { cap, .. }) => Some(release.noise * cap),
        (Method::Noise, _) => Some(release.noise),
    };
    let step = match (released, release.protect) {
        (ReleasedUnit::Persons, _) | (ReleasedUnit::Rows, Method::Noise) => base,
        // A multiple of what one person adds, so that a cell in which all add their most is rounded like its persons.
        // A smaller step would show how many they are.
        _ => base * most as u64,
    };
    ReleasedCount { columns, unit: released, most, step, noise }
}

/// Returns the persons at risk below whom a group of a curve ends.
pub(super) fn least_at_risk(rules: &Release) -> i64 {
    let width = match rules.protect {
        Method::Round => f64::from(rules.base),
        Method::Noise => rules.noise,
    };
    (LEAST_AT_RISK * width).ceil() as i64
}

/// Returns the digest of a question.
pub(super) fn digest(question: &Json) -> Digest {
    Digest::of(question.to_string().as_bytes())
}

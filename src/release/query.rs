//! Queries: what one table of numbers counts, read from the contract alone.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::error::ReleaseError;
use crate::config::raw::release::{Condition, Dimension, First, Method};
use crate::config::{ALL, Contract, Hierarchy, LabelError, Value};
use crate::crypto::Digest;
use crate::exchange::{ReleasedDimension, TOTAL, UNKNOWN};
use crate::table::ValueType;
use salanimi_core::Id;

/// The most cells of a query.
const MOST_CELLS: usize = 100_000;

/// What a table of numbers counts.
#[derive(Debug, Clone)]
pub(super) struct Query {
    /// The linked table.
    pub(super) table: Id,
    /// The axes, in the order of the contract.
    pub(super) axes: Vec<Axis>,
    /// Conditions that all counted rows meet.
    pub(super) filters: Vec<Filter>,
    /// What a cell counts.
    pub(super) unit: Unit,
    /// Of each person, counts only the row with the smallest value of this column; `None` counts all rows.
    pub(super) first: Option<FirstRow>,
}

/// What a cell counts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Unit {
    /// Different persons.
    Persons,
    /// Different persons with a value above 0 in a column.
    PersonsWith {
        /// The column.
        column: Id,
    },
    /// Rows with a value above 0 in a column, up to `weight` of each person.
    RowsWith {
        /// The column.
        column: Id,
        /// The most rows of a person.
        weight: u32,
    },
    /// Rows, up to `weight` of each person.
    Rows {
        /// The most rows of a person.
        weight: u32,
    },
    /// The sum of a column, up to `cap` of each person and of either sign.
    Sum {
        /// The column.
        column: Id,
        /// The most of a person, in the column's unit.
        cap: f64,
        /// Digits after the decimal mark.
        scale: i8,
    },
}

impl Unit {
    /// Returns the most that one person adds to a cell.
    pub(super) fn most(&self) -> f64 {
        match self {
            Self::Persons | Self::PersonsWith { .. } => 1.0,
            Self::Rows { weight } | Self::RowsWith { weight, .. } => f64::from(*weight),
            Self::Sum { cap, .. } => *cap,
        }
    }

    /// Returns the column whose values are counted or summed.
    pub(super) fn column(&self) -> Option<&Id> {
        match self {
            Self::Persons | Self::Rows { .. } => None,
            Self::PersonsWith { column } | Self::RowsWith { column, .. } | Self::Sum { column, .. } => Some(column),
        }
    }
}

/// The choice of one row of each person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FirstRow {
    /// The first in the order of the linked table.
    Any,
    /// The one with the smallest value of a column.
    Smallest(Id),
}

/// An axis of a table: its labels, and the column that places a row.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    pub(super) dimension: ReleasedDimension,
    pub(super) labels: Vec<String>,
    pub(super) coding: Coding,
    /// `true` if the table has a total over the axis.
    pub(super) has_total: bool,
}

/// How the values of a column become labels.
#[derive(Debug, Clone)]
pub(super) enum Coding {
    /// Each value of the column, and the position of its label. An empty cell has the label `(unknown)`, after the
    /// others.
    Labels { values: Vec<Value>, label_of: Vec<u32> },
    /// Steps of time: `interval` for each label, and later times in the last one. A row without a time is not counted,
    /// nor one that was followed for no time. An event at time 0 is in the first step.
    Steps { interval: u32, event: Id },
    /// A flag: the label of `false` and that of `true`. A row without a value is not counted.
    Flag,
}

/// A condition on rows.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) condition: Condition,
    /// The values of the column, and whether a row with that value is counted.
    pub(super) values: Vec<Value>,
    pub(super) counted: Vec<bool>,
}

impl Axis {
    /// Returns the number of positions on the axis: labels, `(unknown)` where a cell can be empty, and the total.
    pub(super) fn width(&self) -> usize {
        self.labels.len() + usize::from(self.has_total)
    }

    /// Returns the number of labels that stand for a value.
    fn known(&self) -> usize {
        self.labels.iter().filter(|label| *label != UNKNOWN).count()
    }

    fn of_column(name: &Id, contract: &Contract, table: &Id, by: &Dimension) -> Result<Self, ReleaseError> {
        let (column, level) = by.parts();
        let values = values(name, contract, table, column)?;
        let hierarchy = hierarchy(name, contract, column, &values)?;
        // The last level has one value for all, so it is no dimension.
        let levels = hierarchy.levels() - 2;
        if level > levels {
            return Err(ReleaseError::Level { name: name.clone(), column: column.to_owned(), level, levels });
        }
        let (mut labels, label_of) = hierarchy.at(level);
        let label_of = label_of.to_vec();
        check_labels(name, column, &labels)?;
        labels.push(UNKNOWN.to_owned());
        let title = title(contract, column, level);
        let dimension = ReleasedDimension { title, column: column.to_owned(), level };
        Ok(Self { dimension, labels, coding: Coding::Labels { values, label_of }, has_total: true })
    }

    /// Returns the axis of a flag whose empty cells are counted as unknown.
    pub(super) fn of_outcome(name: &Id, contract: &Contract, table: &Id, flag: &Id) -> Result<Self, ReleaseError> {
        let mut axis = Self::of_column(name, contract, table, &Dimension::Column(flag.to_string()))?;
        axis.has_total = false;
        check_flag(name, contract, table, flag)?;
        Ok(axis)
    }

    /// Returns the axis of the steps of a curve.
    pub(super) fn of_time(time: &Id, event: &Id, interval: u32, last: u32) -> Self {
        let mut labels: Vec<String> = (1..=last / interval).map(|step| (step * interval).to_string()).collect();
        labels.push("later".to_owned());
        Self {
            dimension: plain(time),
            labels,
            coding: Coding::Steps { interval, event: event.clone() },
            has_total: false,
        }
    }

    /// Returns an axis of one label: all who are followed for some time.
    pub(super) fn of_followed(time: &Id, event: &Id) -> Self {
        Self::of_time(time, event, 1, 0)
    }

    /// Returns the axis of the event of a curve.
    pub(super) fn of_event(event: &Id) -> Self {
        let labels = ["censored", "event"].map(str::to_owned).into();
        Self { dimension: plain(event), labels, coding: Coding::Flag, has_total: false }
    }
}

fn plain(column: &Id) -> ReleasedDimension {
    ReleasedDimension { title: column.to_string(), column: column.to_string(), level: 0 }
}

impl Query {
    /// Reads a query from the contract. It has an axis for each dimension of `by`.
    pub(super) fn new(
        name: &Id,
        contract: &Contract,
        table: &Id,
        by: &[Dimension],
        only: &[Condition],
    ) -> Result<Self, ReleaseError> {
        let axes = by.iter().map(|by| Axis::of_column(name, contract, table, by)).collect::<Result<Vec<_>, _>>()?;
        let filters = only.iter().map(|condition| Filter::new(name, contract, table, condition));
        let filters = filters.collect::<Result<Vec<_>, _>>()?;
        let query = Self { table: table.clone(), axes, filters, unit: Unit::Persons, first: None };
        query.check_size(name)?;
        Ok(query)
    }

    /// Returns the query with another unit.
    pub(super) fn with_unit(&self, unit: Unit) -> Self {
        Self { unit, ..self.clone() }
    }

    /// Returns the query with more axes after its own.
    pub(super) fn with_axes(&self, name: &Id, axes: Vec<Axis>) -> Result<Self, ReleaseError> {
        let mut query = self.clone();
        query.axes.extend(axes);
        query.check_size(name)?;
        Ok(query)
    }

    /// Returns the query of a curve: one row for each person, and no total, because a curve of all is a sum of groups.
    pub(super) fn of_first_rows(mut self, first: Option<&First>) -> Self {
        self.first = Some(first.map_or(FirstRow::Any, |first| FirstRow::Smallest(first.by.clone())));
        self.axes.iter_mut().for_each(|axis| axis.has_total = false);
        self
    }

    /// Counts one row of each person, that with the smallest value of a column.
    pub(super) fn of_smallest(mut self, first: &First) -> Self {
        self.first = Some(FirstRow::Smallest(first.by.clone()));
        self
    }

    fn check_size(&self, name: &Id) -> Result<(), ReleaseError> {
        let cells = self.axes.iter().fold(1_usize, |cells, axis| cells.saturating_mul(axis.width()));
        if cells > MOST_CELLS {
            return Err(ReleaseError::TooManyCells { name: name.clone(), cells, most: MOST_CELLS });
        }
        Ok(())
    }

    /// Returns the number of axes that are columns of the linked table with labels.
    pub(super) fn columns(&self) -> usize {
        self.axes.iter().filter(|axis| matches!(axis.coding, Coding::Labels { .. })).count()
    }

    /// Returns the number of cells, totals included.
    pub(super) fn cells(&self) -> usize {
        self.axes.iter().map(Axis::width).product()
    }

    /// Returns the number of cells in which every label stands for a value.
    pub(super) fn known_cells(&self) -> usize {
        self.axes.iter().map(Axis::known).product()
    }

    /// Returns the position on each axis of a cell; the last axis varies fastest.
    pub(super) fn coordinates(&self, cell: usize) -> Vec<usize> {
        let mut rest = cell;
        let mut coordinates: Vec<usize> = self
            .axes
            .iter()
            .rev()
            .map(|axis| {
                let at = rest % axis.width();
                rest /= axis.width();
                at
            })
            .collect();
        coordinates.reverse();
        coordinates
    }

    /// Returns the cell at these positions.
    pub(super) fn cell(&self, coordinates: &[usize]) -> usize {
        self.axes.iter().zip(coordinates).fold(0, |cell, (axis, at)| cell * axis.width() + at)
    }

    /// Returns true if no position of a cell is a total.
    pub(super) fn is_inner(&self, cell: usize) -> bool {
        let coordinates = self.coordinates(cell);
        self.axes.iter().zip(coordinates).all(|(axis, at)| at < axis.labels.len())
    }

    /// Returns the linked columns that the query reads by their labels.
    pub(super) fn label_columns(&self) -> impl Iterator<Item = (&str, &[Value])> {
        let of_axes = self.axes.iter().filter_map(|axis| match &axis.coding {
            Coding::Labels { values, .. } => Some((axis.dimension.column.as_str(), values.as_slice())),
            Coding::Steps { .. } | Coding::Flag => None,
        });
        of_axes.chain(self.filters.iter().map(|filter| (filter.condition.column.as_str(), filter.values.as_slice())))
    }

    /// Returns the linked columns that the query reads as times, months or flags. The column of the unit is none of
    /// them: its values are amounts.
    pub(super) fn number_columns(&self) -> impl Iterator<Item = &str> {
        let of_axes = self.axes.iter().filter_map(|axis| match axis.coding {
            Coding::Labels { .. } => None,
            Coding::Steps { .. } | Coding::Flag => Some(axis.dimension.column.as_str()),
        });
        let events = self.axes.iter().filter_map(|axis| match &axis.coding {
            Coding::Steps { event, .. } => Some(event.as_str()),
            Coding::Labels { .. } | Coding::Flag => None,
        });
        let first = self.first.iter().filter_map(|first| match first {
            FirstRow::Any => None,
            FirstRow::Smallest(column) => Some(column.as_str()),
        });
        of_axes.chain(events).chain(first)
    }

    /// Returns the question in one form whatever its name and the order of its axes and conditions.
    pub(super) fn question(&self) -> Json {
        let mut axes: Vec<Json> = self.axes.iter().map(axis_question).collect();
        axes.sort_by_key(Json::to_string);
        let mut filters: Vec<Json> = self.filters.iter().map(filter_question).collect();
        filters.sort_by_key(Json::to_string);
        let first = match &self.first {
            None => Json::Null,
            Some(FirstRow::Any) => json!(""),
            Some(FirstRow::Smallest(column)) => json!(column),
        };
        let unit = match &self.unit {
            Unit::Persons => json!({ "persons": null }),
            Unit::PersonsWith { column } => json!({ "persons": column }),
            Unit::Rows { weight } => json!({ "rows": weight }),
            Unit::RowsWith { column, weight } => json!({ "rows": weight, "of": column }),
            Unit::Sum { column, cap, .. } => json!({ "sum": column, "cap": cap }),
        };
        json!({ "table": self.table, "by": axes, "only": filters, "first": first, "unit": unit })
    }

    /// Returns the name of every cell: its position on each axis, in one order whatever the order of the axes in the
    /// contract. No label is in it, so that no label can imitate another cell. With the question, it states what the
    /// number of the cell counts.
    pub(super) fn cell_names(&self) -> Vec<String> {
        let questions: Vec<String> = self.axes.iter().map(|axis| axis_question(axis).to_string()).collect();
        let mut order: Vec<usize> = (0..self.axes.len()).collect();
        order.sort_by_key(|&axis| &questions[axis]);
        let name = |cell| {
            let coordinates = self.coordinates(cell);
            order.iter().map(|&axis| coordinates[axis].to_string()).collect::<Vec<_>>().join(",")
        };
        (0..self.cells()).map(name).collect()
    }
}

fn axis_question(axis: &Axis) -> Json {
    let column = &axis.dimension.column;
    match &axis.coding {
        Coding::Labels { values, label_of } => {
            let values: Vec<String> = values.iter().map(Value::text).collect();
            let contents = json!({ "labels": axis.labels, "values": values, "label_of": label_of });
            json!({ "column": column, "contents": Digest::of(contents.to_string().as_bytes()) })
        }
        Coding::Steps { interval, event } => {
            json!({ "time": column, "interval": interval, "until": event, "labels": axis.labels })
        }
        Coding::Flag => json!({ "event": column }),
    }
}

fn filter_question(filter: &Filter) -> Json {
    let values = filter.values.iter().zip(&filter.counted).filter(|(_, counted)| **counted);
    let values: Vec<String> = values.map(|(value, _)| value.text()).collect();
    json!({ "column": filter.condition.column, "is": values })
}

impl Filter {
    fn new(name: &Id, contract: &Contract, table: &Id, condition: &Condition) -> Result<Self, ReleaseError> {
        let column = &condition.column;
        let values = values(name, contract, table, column)?;
        let counted = condition.counted(&values);
        let counted = counted.ok_or_else(|| ReleaseError::NoLabel { name: name.clone(), column: column.clone() })?;
        let filter = Self { condition: condition.clone(), values, counted };
        let method = contract.release.as_ref().map(|release| release.protect);
        if method == Some(Method::Round) && !filter.is_one_group(name, contract)? {
            return Err(ReleaseError::ManyValues { name: name.clone(), column: column.clone() });
        }
        Ok(filter)
    }

    /// Returns true if the counted values are one value or one group of the column's hierarchy.
    fn is_one_group(&self, name: &Id, contract: &Contract) -> Result<bool, ReleaseError> {
        let hierarchy = hierarchy(name, contract, &self.condition.column, &self.values)?;
        let mut levels = (0..hierarchy.levels()).map(|level| hierarchy.at(level));
        Ok(levels.any(|(groups, group_of)| {
            (0..groups.len() as u32)
                .any(|group| group_of.iter().zip(&self.counted).all(|(of, counted)| (*of == group) == *counted))
        }))
    }
}

/// Splits a column that belongs to another linked table from that table's name: `person.sex`.
pub(super) fn owner<'a>(table: &'a str, column: &'a str) -> (&'a str, &'a str) {
    column.split_once('.').unwrap_or((table, column))
}

/// Refuses labels that could be taken for each other, or for the rows of unknown values and totals.
fn check_labels(name: &Id, column: &str, labels: &[String]) -> Result<(), ReleaseError> {
    let mut known: BTreeSet<&str> = [UNKNOWN, TOTAL, ALL].into();
    match labels.iter().all(|label| known.insert(label)) {
        true => Ok(()),
        false => Err(ReleaseError::Labels { name: name.clone(), column: column.to_owned() }),
    }
}

/// Refuses a column that is no flag.
pub(super) fn check_flag(name: &Id, contract: &Contract, table: &Id, flag: &Id) -> Result<(), ReleaseError> {
    match contract.linked_type(table.as_str(), flag.as_str()) {
        Ok(ValueType::Flag) => Ok(()),
        Ok(_) => Err(ReleaseError::NoFlag { name: name.clone(), column: flag.to_string() }),
        Err(error) => Err(unlisted(name, table.as_str(), flag.as_str(), error)),
    }
}

fn values(name: &Id, contract: &Contract, table: &Id, column: &str) -> Result<Vec<Value>, ReleaseError> {
    if column.split_once('.').is_some_and(|(owner, _)| owner == table.as_str()) {
        // One column has one name.
        return Err(unlisted(name, table.as_str(), column, LabelError::NoColumn));
    }
    let (table, plain) = owner(table.as_str(), column);
    contract.column_values(table, plain).map_err(|error| unlisted(name, table, plain, error))
}

/// Returns the error for a column that the contract does not let release.
pub(super) fn unlisted(name: &Id, table: &str, column: &str, error: LabelError) -> ReleaseError {
    let name = name.clone();
    let column = column.to_owned();
    match error {
        LabelError::NoTable => ReleaseError::NoTable { name, table: table.to_owned() },
        LabelError::NoColumn => ReleaseError::NoColumn { name, table: table.to_owned(), column },
        LabelError::Identifier => ReleaseError::Identifier { name, column },
        LabelError::NoList => ReleaseError::NoList { name, column },
    }
}

/// Returns the hierarchy of a column. A column of another table has that of its own name.
fn hierarchy(name: &Id, contract: &Contract, column: &str, values: &[Value]) -> Result<Hierarchy, ReleaseError> {
    let (_, column) = owner("", column);
    let raw = contract.release.as_ref().and_then(|release| release.hierarchy(column));
    Hierarchy::new(column, raw, values).map_err(|hierarchy| ReleaseError::Hierarchy { name: name.clone(), hierarchy })
}

/// Returns the name of an axis in released tables: the column, and the period or number of its level.
fn title(contract: &Contract, column: &str, level: usize) -> String {
    let plain = column.replace('.', "_");
    if level == 0 {
        return plain;
    }
    let (_, name) = owner("", column);
    let raw = contract.release.as_ref().and_then(|release| release.hierarchy(name));
    match raw.and_then(|raw| raw.level_name(level)) {
        Some(period) => format!("{plain}_{period}"),
        None => format!("{plain}_level_{level}"),
    }
}

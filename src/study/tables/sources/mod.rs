//! Source tables of the study as records: positions of their columns, and a record of each row.

mod assessments;
mod assistance;
mod events;
mod notices;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray};
use arrow::datatypes::{Date32Type, Decimal64Type, Decimal128Type, UInt16Type};

use super::settings::Settings;
use super::source::Source;
use crate::config::{SourceTables, Table};
use crate::table::{Codes, ValueType};
use salanimi_core::Day;

pub(super) use assessments::{Assessment, AssessmentColumns, Occasion};
pub(super) use assistance::{Assistance, AssistanceColumns};
pub(super) use events::{Event, EventColumns, EventKind, Left};
pub(super) use notices::{Notice, NoticeColumns};

/// A column that a source table does not have, or has with another type.
#[derive(Debug, Clone, Copy)]
pub(super) struct MissingColumn(pub(super) &'static str);

/// Finds delivered columns of a source table.
struct Finder<'a>(&'a Table);

impl Finder<'_> {
    fn find(&self, name: &'static str, fits: impl Fn(&ValueType) -> bool) -> Result<usize, MissingColumn> {
        self.0.field(name).filter(|&at| fits(&self.0.fields[at].value)).ok_or(MissingColumn(name))
    }

    fn date(&self, name: &'static str) -> Result<usize, MissingColumn> {
        self.find(name, |value| *value == ValueType::Date)
    }

    fn reference(&self, name: &'static str) -> Result<usize, MissingColumn> {
        self.find(name, |value| *value == ValueType::Pseudonym)
    }

    fn integer(&self, name: &'static str) -> Result<usize, MissingColumn> {
        self.find(name, |value| *value == ValueType::Integer)
    }

    fn amount(&self, name: &'static str) -> Result<usize, MissingColumn> {
        self.find(name, |value| matches!(value, ValueType::Decimal { .. }))
    }

    fn code(&self, name: &'static str) -> Result<usize, MissingColumn> {
        self.find(name, |value| matches!(value, ValueType::Code(_)))
    }

    /// Finds a column whose codes are those of `codes`.
    fn code_of(&self, name: &'static str, codes: &Arc<Codes>) -> Result<usize, MissingColumn> {
        self.find(name, |value| *value == ValueType::Code(codes.clone()))
    }

    /// Returns the position of a code in the list of the column at `field`; `None` if the contract does not list it.
    fn position(&self, field: usize, code: &str) -> Option<u16> {
        match &self.0.fields[field].value {
            ValueType::Code(codes) => codes.position(code),
            _ => None,
        }
    }
}

/// Positions of the columns of a source table.
pub(super) trait Columns: Sized {
    const SOURCE: Source;
    type Record;

    /// Finds the columns among the fields of `table`.
    fn find(table: &Table, settings: &Settings) -> Result<Self, MissingColumn>;

    /// Passes the record of each row to `record`. Rows without a required value have no record.
    fn read(&self, columns: &[ArrayRef], record: impl FnMut(usize, Self::Record));
}

/// Finds the columns of a source table in `contract`; `None` if the contract has no such table.
pub(super) fn find<C: Columns>(
    sources: &SourceTables<'_>,
    settings: &Settings,
) -> Option<Result<(usize, C), MissingColumn>> {
    let (position, table) = sources.table(C::SOURCE.name())?;
    Some(C::find(table, settings).map(|columns| (position, columns)))
}

fn codes(column: &ArrayRef) -> &PrimitiveArray<UInt16Type> {
    column.as_primitive()
}

fn dates(column: &ArrayRef) -> &PrimitiveArray<Date32Type> {
    column.as_primitive()
}

fn amounts(column: &ArrayRef) -> &PrimitiveArray<Decimal64Type> {
    column.as_primitive()
}

fn references(column: &ArrayRef) -> &PrimitiveArray<Decimal128Type> {
    column.as_primitive()
}

fn value<T: ArrowPrimitiveType>(column: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    column.is_valid(row).then(|| column.value(row))
}

fn day(column: &PrimitiveArray<Date32Type>, row: usize) -> Option<Day> {
    value(column, row).and_then(Day::from_epoch_days)
}

fn flag(column: &BooleanArray, row: usize) -> Option<bool> {
    column.is_valid(row).then(|| column.value(row))
}

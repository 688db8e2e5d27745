//! Columns that a table has by the contract.

use crate::config::{AnalysisTable, BY_EVIDENCE, Column, Content, Contract, Table};
use crate::table::{Transform, ValueType};
use crate::verify::subject::{Kind, SubjectTable};

/// Name of the person column of a linked dataset.
const PERSON: &str = "person";

/// A column of a delivered or linked table, by the contract.
pub(super) struct Expected<'a> {
    pub(super) name: &'a str,
    pub(super) value: ValueType,
    pub(super) range: Range,
    /// `true` if dates must be within the observation window.
    pub(super) in_window: bool,
}

/// Smallest and largest allowed number, in whole units.
#[derive(Clone, Copy, Default)]
pub(super) struct Range {
    min: Option<i32>,
    max: Option<i32>,
}

impl Range {
    fn of(column: &Column) -> Self {
        match &column.content {
            Content::Value(rules) => Self { min: rules.min, max: rules.max },
            _ => Self::default(),
        }
    }

    pub(super) fn excludes(self, number: f64) -> bool {
        self.min.is_some_and(|min| number < f64::from(min)) || self.max.is_some_and(|max| number > f64::from(max))
    }
}

impl Expected<'_> {
    /// Returns the column that tells which rows were linked without a code.
    fn by_evidence() -> Self {
        Self { name: BY_EVIDENCE, value: ValueType::Flag, range: Range::default(), in_window: false }
    }
}

/// Returns the expected columns of `table`, in a linked dataset or a delivery.
fn expected(table: &Table, is_linked: bool, has_evidence: bool) -> Vec<Expected<'_>> {
    let mut expected = vec![Expected {
        name: if is_linked { PERSON } else { &table.fields[0].name },
        value: if is_linked { ValueType::LinkedId } else { ValueType::Pseudonym },
        range: Range::default(),
        in_window: false,
    }];
    for (position, field) in table.fields.iter().enumerate().skip(1) {
        let value = if is_linked { table.linked_value(&field.name) } else { Some(field.value.clone()) };
        // The link omits the column.
        let Some(value) = value else { continue };
        let column = &table.columns[table.sources[position - 1]];
        let is_kept = matches!(column.deliver, Some(Transform::Keep));
        expected.push(Expected {
            name: &field.name,
            value: if is_linked && value == ValueType::Pseudonym { ValueType::LinkedId } else { value },
            range: if is_kept { Range::of(column) } else { Range::default() },
            in_window: table.window == Some(position),
        });
    }
    expected.extend((is_linked && has_evidence).then(Expected::by_evidence));
    expected
}

/// Returns the expected columns of a subject's table; `None` if the contract does not list it.
pub(super) fn expected_of<'a>(
    table: &'a SubjectTable,
    kind: Kind,
    contract: &'a Contract,
) -> Option<Vec<Expected<'a>>> {
    let has_person = table.columns.iter().any(|column| column.name == PERSON);
    match (table.contract, table.analysis) {
        (Some(position), _) => {
            let is_linked = kind == Kind::Linked || has_person;
            Some(expected(&contract.tables[position], is_linked, contract.linkage.is_some()))
        }
        (None, analysis) => Some(expected_of_analysis(analysis?, contract.linkage.is_some())),
    }
}

/// Returns the expected columns of an analysis table.
fn expected_of_analysis(table: &AnalysisTable, has_evidence: bool) -> Vec<Expected<'_>> {
    let columns = table.columns.iter().map(|column| Expected {
        name: &column.name,
        value: match column.value.as_str() {
            "id" => ValueType::LinkedId,
            "month" => ValueType::Month,
            "integer" => ValueType::Integer,
            "flag" => ValueType::Flag,
            _ => ValueType::Text,
        },
        range: Range::default(),
        in_window: column.value == "month",
    });
    columns.chain(has_evidence.then(Expected::by_evidence)).collect()
}

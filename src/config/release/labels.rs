//! The values that a linked column can have, by the contract: released tables have a row for each of them, so that no
//! row discloses that a value occurs.

use std::collections::BTreeSet;

use super::value::{Value, value_of};
use crate::config::raw::release::{Bound, Known, Listed, Range};
use crate::config::{
    BY_EVIDENCE, Contract, EVIDENCE_PRECISION, LINKED_PERSON, MATCH_KIND, PRECISION_SCALE, Role, Table, match_kinds,
};
use crate::table::{Transform, ValueType};
use salanimi_core::{Day, Days, Month};

/// The table of all persons, which every link writes. Its columns are the person and flags.
const PERSONS: &str = "persons";
/// The most values of a column.
const MOST_VALUES: i64 = 10_000;

/// Reasons for which a column has no list of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelError {
    /// A link under this contract makes no such table.
    NoTable,
    /// The table has no such column.
    NoColumn,
    /// The column identifies persons or other things, and is never released.
    Identifier,
    /// The values do not follow from the contract.
    NoList,
}

impl Contract {
    /// Returns the values of the linked column `column` of `table`, in the order of released tables. An empty cell is
    /// no value.
    ///
    /// # Errors
    /// The values do not follow from the contract, or the column is never released.
    pub fn column_values(&self, table: &str, column: &str) -> Result<Vec<Value>, LabelError> {
        let value = self.linked_type(table, column)?;
        let mut listed = self.release.iter().flat_map(|release| &release.labels).filter(|_| value != ValueType::Flag);
        if let Some((_, listed)) = listed.find(|(id, _)| id.as_str() == column) {
            return values_of(listed).ok_or(LabelError::NoList);
        }
        match value {
            ValueType::Code(codes) => Ok(codes.values().iter().cloned().map(Value::Text).collect()),
            ValueType::Flag => Ok(["false", "true"].map(|flag| Value::Text(flag.to_owned())).into()),
            ValueType::Month | ValueType::Date => Ok(months(self.study.window)),
            ValueType::Integer | ValueType::Decimal { .. } => {
                self.table(table).and_then(|(_, table)| numbers(table, column)).ok_or(LabelError::NoList)
            }
            ValueType::Text | ValueType::Pseudonym | ValueType::Token | ValueType::LinkedId => Err(LabelError::NoList),
        }
    }

    /// Returns the type of a linked column.
    ///
    /// # Errors
    /// There is no such column, or it is never released.
    pub fn linked_type(&self, table: &str, column: &str) -> Result<ValueType, LabelError> {
        if matches!(self.linked_role(table, column), Role::Person | Role::Reference | Role::Direct) {
            return Err(LabelError::Identifier);
        }
        match (self.linkage.is_some(), table == PERSONS, column) {
            (true, true, MATCH_KIND) => return Ok(ValueType::Code(match_kinds())),
            (true, true, EVIDENCE_PRECISION) => return Ok(ValueType::Decimal { scale: PRECISION_SCALE }),
            (true, false, BY_EVIDENCE) | (_, true, _) => return Ok(ValueType::Flag),
            _ => {}
        }
        let analysis = self.analysis.as_deref().and_then(|analysis| analysis.fields(&self.source_tables(), table));
        if let Some(fields) = analysis {
            let field = fields.into_iter().find(|field| field.name == column);
            return field.map(|field| field.value).ok_or(LabelError::NoColumn);
        }
        let (_, table) = self.table(table).ok_or(LabelError::NoTable)?;
        table.linked_value(column).ok_or(LabelError::NoColumn)
    }

    /// Returns the width of the bands of a linked column, in whole units; `None` if it is not banded.
    #[must_use]
    pub fn band_width(&self, table: &str, column: &str) -> Option<u32> {
        if let Some((_, source)) = self.table(table) {
            return match source.linked_transform(column)? {
                Transform::Band { width } => Some(*width),
                _ => None,
            };
        }
        self.analysis.as_deref()?.band_width(table, column)
    }

    /// Returns when the values of a linked column are known; `None` if nothing says so.
    #[must_use]
    pub fn known(&self, table: &str, column: &str) -> Option<Known> {
        // Rows anywhere in the window make a person one by evidence.
        if self.is_about_evidence(column) {
            return Some(Known::Later);
        }
        let analysis = self.analysis.as_deref().and_then(|analysis| analysis.table(table));
        match analysis {
            Some(analysis) => analysis.column(column)?.known,
            None => {
                let columns = self.release.as_ref()?.known.iter().find(|(name, _)| name.as_str() == table)?.1;
                columns.iter().find(|(name, _)| name.as_str() == column).map(|(_, known)| *known)
            }
        }
    }

    /// Returns when it is known that a person has a row in a linked table; `None` if nothing says so. In an analysis
    /// table of persons everyone has one.
    #[must_use]
    pub fn known_row(&self, table: &str) -> Option<Known> {
        match self.analysis.as_deref().and_then(|analysis| analysis.table(table)) {
            Some(analysis) if analysis.key == [LINKED_PERSON] => Some(Known::Start),
            Some(_) => Some(Known::Later),
            None => self.known(table, LINKED_PERSON),
        }
    }

    /// Returns from when on the times of a linked table count.
    #[must_use]
    pub fn time_zero(&self, table: &str) -> Known {
        let analysis = self.analysis.as_deref().and_then(|analysis| analysis.table(table));
        analysis.map_or(Known::Start, |analysis| analysis.time_zero)
    }

    /// Returns the role of a linked column.
    #[must_use]
    pub fn linked_role(&self, table: &str, column: &str) -> Role {
        let analysis = self.analysis.as_deref().and_then(|analysis| analysis.table(table));
        if let Some(known) = analysis.and_then(|known| known.column(column)) {
            return known.role;
        }
        let defined = self.table(table).and_then(|(_, table)| Some(table.columns[table.column(column)?].role));
        // The contract does not list the columns of persons, nor the flags of the table of persons.
        let undefined = match column {
            LINKED_PERSON => Role::Person,
            _ if self.is_about_evidence(column) => Role::Attribute,
            _ => Role::Sensitive,
        };
        defined.unwrap_or(undefined)
    }

    /// Returns true if a linked column tells how persons were linked.
    #[must_use]
    pub fn is_about_evidence(&self, column: &str) -> bool {
        self.linkage.is_some() && [BY_EVIDENCE, MATCH_KIND, EVIDENCE_PRECISION].contains(&column)
    }
}

/// Returns the listed values; `None` if a range has no end or its ends do not fit together.
fn values_of(listed: &Listed) -> Option<Vec<Value>> {
    match listed {
        Listed::Values(values) => Some(values.iter().map(value_of).collect()),
        Listed::Range(Range { from: Bound::Number(from), to: Bound::Number(to), step }) => {
            numbers_between(*from, *to, (*step).into())
        }
        Listed::Range(Range { from: Bound::Text(from), to: Bound::Text(to), .. }) => {
            Some(months(Days { first: first_day(from)?, last: first_day(to)? }))
        }
        Listed::Range(_) => None,
    }
}

/// Returns the first day of a month written `yyyy-mm`.
fn first_day(month: &str) -> Option<Day> {
    Day::parse(&format!("{month}-01")).ok()
}

fn months(days: Days) -> Vec<Value> {
    let last = Month::of(days.last);
    let months = std::iter::successors(Some(Month::of(days.first)), |month| Some(month.plus(1)));
    months.take_while(|month| *month <= last).map(|month| Value::Text(month.to_string())).collect()
}

/// Returns the numbers of a column whose smallest and largest the contract gives.
fn numbers(table: &Table, column: &str) -> Option<Vec<Value>> {
    let rules = table.columns[table.column(column)?].rules()?;
    let min = i64::from(rules.min?);
    match table.linked_transform(column)? {
        Transform::Top { most } => numbers_between(min, i64::from(*most), 1),
        Transform::Band { width } => {
            let width = i64::from(*width);
            numbers_between(min.div_euclid(width) * width, i64::from(rules.max?), width)
        }
        Transform::Keep if matches!(rules.value, ValueType::Integer) => numbers_between(min, rules.max?.into(), 1),
        _ => None,
    }
}

fn numbers_between(from: i64, to: i64, step: i64) -> Option<Vec<Value>> {
    let values = to.checked_sub(from)?.checked_div(step)?.checked_add(1)?;
    if !(1..=MOST_VALUES).contains(&values) {
        return None;
    }
    Some((0..values).map(|at| Value::Number(from + at * step)).collect())
}

/// Returns true if the listed values are some, and all different.
pub(super) fn is_list(listed: &Listed) -> bool {
    let Some(values) = values_of(listed) else { return false };
    let different: BTreeSet<String> = values.iter().map(Value::text).collect();
    (1..=MOST_VALUES).contains(&(values.len() as i64)) && different.len() == values.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(listed: &str) -> Option<Vec<String>> {
        #[derive(serde::Deserialize)]
        struct Line {
            x: Listed,
        }
        let line: Line = toml::from_str(&format!("x = {listed}")).unwrap();
        values_of(&line.x).map(|values| values.iter().map(Value::text).collect())
    }

    #[test]
    fn values_are_listed_or_counted_from_one_end_to_the_other() {
        assert_eq!(texts("['b', 'a', 3]").unwrap(), ["b", "a", "3"]);
        assert_eq!(texts("{ from = -1, to = 1 }").unwrap(), ["-1", "0", "1"]);
        assert_eq!(texts("{ from = 0, to = 120, step = 50 }").unwrap(), ["0", "50", "100"]);
        assert_eq!(texts("{ from = '2019-11', to = '2020-01' }").unwrap(), ["2019-11", "2019-12", "2020-01"]);
    }

    #[test]
    fn a_range_without_an_end_is_no_list() {
        for bad in [
            "{ from = 2, to = 1 }",
            "{ from = 0, to = 9, step = 0 }",
            "{ from = 0, to = 9223372036854775807 }",
            "{ from = -9223372036854775808, to = 9223372036854775807 }",
            "{ from = 'a', to = 'b' }",
            "{ from = 1, to = '2019-01' }",
        ] {
            assert_eq!(texts(bad), None, "{bad}");
        }
    }
}

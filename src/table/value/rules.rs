//! Validation rules of a column, and the faults of cells that break them.

use std::ops::Bound;

use regex::Regex;

use super::decimal::units_per_whole;
use super::transform::Transform;
use super::types::ValueType;
use salanimi_core::Reason;

/// Rules that the values of a column must follow.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Their type.
    pub value: ValueType,
    /// For text: a pattern that the whole text must match.
    pub pattern: Option<Regex>,
    /// For numbers: the smallest, in whole units.
    pub min: Option<i32>,
    /// For numbers: the largest, in whole units.
    pub max: Option<i32>,
    /// `true` if a missing value is a fault.
    pub required: bool,
}

impl Rules {
    /// Returns rules that accept every value of type `value`.
    #[must_use]
    pub fn new(value: ValueType) -> Self {
        Self { value, pattern: None, min: None, max: None, required: false }
    }

    pub(super) fn is_bounded(&self) -> bool {
        self.min.is_some() || self.max.is_some()
    }

    /// Returns the numbers that `transform` can deliver, in the column's unit; `None` if the column has no numbers.
    #[must_use]
    pub fn delivered_range(&self, transform: &Transform) -> Option<(Bound<i64>, Bound<i64>)> {
        let unit = match self.value {
            ValueType::Decimal { scale } => units_per_whole(scale),
            ValueType::Integer => 1,
            _ => return None,
        };
        let least = self.min.map(i64::from);
        let most = self.max.map(i64::from);
        let (least, most) = match transform {
            Transform::Keep => (least.map(|least| least * unit), most.map(|most| most * unit)),
            Transform::Band { width } => {
                let edge = |number: i64| number.div_euclid(i64::from(*width)) * i64::from(*width);
                (least.map(edge), most.map(edge))
            }
            Transform::Top { most: top } => {
                let top = i64::from(*top);
                (least.map(|least| least.min(top)), Some(most.map_or(top, |most| most.min(top))))
            }
            _ => return None,
        };
        let bound = |number: Option<i64>| number.map_or(Bound::Unbounded, Bound::Included);
        Some((bound(least), bound(most)))
    }

    pub(super) fn check_range(&self, units: i64) -> Result<(), Reason> {
        let low = self.min.is_some_and(|min| units < i64::from(min));
        let high = self.max.is_some_and(|max| units > i64::from(max));
        if low || high { Err(Reason::Range) } else { Ok(()) }
    }
}

/// A cell that breaks the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Row of the batch, from 0.
    pub row: usize,
    /// The rule that it breaks.
    pub reason: Reason,
}

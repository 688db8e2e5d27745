//! Validation rules of a column, and the faults of cells that break them.

use regex::Regex;

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

//! Mappings between lists of codes, such as wards to hospitals.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, UInt16Array};
use arrow::datatypes::UInt16Type;

use super::codes::Codes;
use super::in_force::InForce;
use salanimi_core::Days;

/// A mapping from one list of codes to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeMap {
    name: String,
    from: Arc<Codes>,
    to: Arc<Codes>,
    positions: Vec<u16>,
    in_force: Option<InForce>,
}

impl CodeMap {
    /// Returns the mapping `name` with `pairs`, or `None` if it has more codes than [`Codes::MAX`]. Its codes are in
    /// force on every day.
    #[must_use]
    pub fn new(name: &str, pairs: &BTreeMap<String, String>) -> Option<Self> {
        let from = Codes::new(pairs.keys().cloned())?;
        let to = Codes::new(pairs.values().cloned())?;
        let positions = from.values().iter().map(|code| to.known_position(&pairs[code])).collect();
        Some(Self { name: name.to_owned(), from, to, positions, in_force: None })
    }

    /// Returns the mapping with codes that are in force on the given days, in the order of [`CodeMap::from`].
    #[must_use]
    pub fn with_days(self, days: Vec<Days>) -> Self {
        Self { in_force: Some(InForce::new(days)), ..self }
    }

    /// Returns the days on which the codes of [`CodeMap::from`] are in force; `None` if they always are.
    #[must_use]
    pub fn in_force(&self) -> Option<&InForce> {
        self.in_force.as_ref()
    }

    /// Returns the mapping's name in the contract.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the codes that the mapping accepts.
    #[must_use]
    pub fn from(&self) -> &Arc<Codes> {
        &self.from
    }

    /// Returns the codes that the mapping produces.
    #[must_use]
    pub fn to(&self) -> &Arc<Codes> {
        &self.to
    }

    /// Maps a position in [`CodeMap::from`] to one in [`CodeMap::to`]. Returns `None` beyond the list.
    #[must_use]
    pub fn position(&self, position: u16) -> Option<u16> {
        self.positions.get(usize::from(position)).copied()
    }

    pub(super) fn apply(&self, array: &ArrayRef) -> ArrayRef {
        let codes: &UInt16Array = array.as_primitive();
        // Indexing, so that a position beyond the list stops the run.
        Arc::new(codes.unary_opt::<_, UInt16Type>(|position| Some(self.positions[usize::from(position)])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_keeps_nulls_and_maps_codes() {
        let pairs = [("a", "x"), ("b", "y")].map(|(from, to)| (from.to_owned(), to.to_owned())).into();
        let map = CodeMap::new("hospital", &pairs).unwrap();
        let mapped = map.apply(&(Arc::new(UInt16Array::from(vec![Some(1), None, Some(0)])) as ArrayRef));
        let names: Vec<_> = mapped
            .as_primitive::<UInt16Type>()
            .iter()
            .map(|p| p.map(|p| map.to.values()[usize::from(p)].as_str()))
            .collect();
        assert_eq!(names, [Some("y"), None, Some("x")]);
    }
}

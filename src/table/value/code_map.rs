//! Mappings between lists of codes, such as wards to hospitals.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, UInt16Array};
use arrow::datatypes::UInt16Type;

use super::codes::Codes;

/// A mapping from one list of codes to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeMap {
    name: String,
    from: Arc<Codes>,
    to: Arc<Codes>,
    positions: Vec<u16>,
}

impl CodeMap {
    /// Returns the mapping `name` with `pairs`, or `None` if it has more codes than [`Codes::MAX`].
    #[must_use]
    pub fn new(name: &str, pairs: &BTreeMap<String, String>) -> Option<Self> {
        let from = Codes::new(pairs.keys().cloned())?;
        let to = Codes::new(pairs.values().cloned())?;
        let positions = from.values().iter().map(|code| to.known_position(&pairs[code])).collect();
        Some(Self { name: name.to_owned(), from, to, positions })
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

//! Closed lists of codes.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};

/// A closed list of codes in byte order, so that positions sort as the codes do.
#[derive(Debug, PartialEq, Eq)]
pub struct Codes {
    values: Vec<String>,
}

impl Codes {
    /// The most codes of a list: positions are 16 bits.
    pub const MAX: usize = u16::MAX as usize;

    /// Returns a list of the distinct `values`, or `None` if there are more than [`Codes::MAX`].
    #[must_use]
    pub fn new(values: impl IntoIterator<Item = String>) -> Option<Arc<Self>> {
        let mut values: Vec<String> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        (values.len() <= Self::MAX).then(|| Arc::new(Self { values }))
    }

    /// Returns the codes in order.
    #[must_use]
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Returns the position of `code`, or `None` if the list lacks it.
    #[must_use]
    pub fn position(&self, code: &str) -> Option<u16> {
        // `MAX` keeps every position within 16 bits.
        self.values.binary_search_by(|v| v.as_str().cmp(code)).ok().map(|position| position as u16)
    }

    /// Returns the position of a code that the list was built from.
    pub(super) fn known_position(&self, code: &str) -> u16 {
        match self.position(code) {
            Some(position) => position,
            None => unreachable!("the list was built from this code"),
        }
    }

    /// Returns the codes as the values of an Arrow dictionary.
    #[must_use]
    pub fn dictionary(&self) -> ArrayRef {
        Arc::new(StringArray::from_iter_values(&self.values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_sort_as_codes_do() {
        let codes = Codes::new(["b", "a", "b"].map(String::from)).unwrap();
        assert_eq!(codes.values(), ["a", "b"]);
        assert_eq!((codes.position("b"), codes.position("x")), (Some(1), None));
        assert!(Codes::new((0..70_000).map(|i| i.to_string())).is_none());
    }
}

//! Groups of whole numbers, such as age groups.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{Int32Type, UInt16Type};

use super::codes::Codes;

/// Groups of whole numbers, named by their edges: `<18`, `18-24`, …, `65+`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    edges: Vec<i32>,
    per: i32,
    codes: Arc<Codes>,
    positions: Vec<u16>,
}

impl Groups {
    /// Returns groups that begin at each of `edges`. Values are divided by `per` first: 12 turns months into years.
    ///
    /// Returns `None` if there is no edge, the edges do not ascend, or `per` is below 1.
    #[must_use]
    pub fn new(edges: Vec<i32>, per: i32) -> Option<Self> {
        let first = edges.first()?;
        let last = edges.last()?;
        if per < 1 || !edges.is_sorted_by(|a, b| a < b) {
            return None;
        }
        let mut names = vec![format!("<{first}")];
        names.extend(edges.windows(2).map(|pair| match pair[1] - 1 {
            end if end == pair[0] => end.to_string(),
            end => format!("{}-{end}", pair[0]),
        }));
        names.push(format!("{last}+"));
        let codes = Codes::new(names.iter().cloned())?;
        let positions = names.iter().map(|name| codes.known_position(name)).collect();
        Some(Self { edges, per, codes, positions })
    }

    /// Returns the position of the group of `value` in [`Groups::codes`].
    #[must_use]
    pub fn position(&self, value: i32) -> u16 {
        let value = value.div_euclid(self.per);
        self.positions[self.edges.partition_point(|&edge| edge <= value)]
    }

    /// Returns the names of the groups, in byte order.
    #[must_use]
    pub fn codes(&self) -> &Arc<Codes> {
        &self.codes
    }

    pub(super) fn apply(&self, array: &ArrayRef) -> ArrayRef {
        Arc::new(array.as_primitive::<Int32Type>().unary::<_, UInt16Type>(|v| self.position(v)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_in_months_fall_into_named_groups() {
        let groups = Groups::new(vec![18, 25, 26, 65], 12).unwrap();
        let names = [0, 215, 216, 299, 300, 311, 312, 900]
            .map(|months| groups.codes.values()[usize::from(groups.position(months))].as_str());
        assert_eq!(names, ["<18", "<18", "18-24", "18-24", "25", "25", "26-64", "65+"]);
        assert!(Groups::new(vec![], 1).is_none() && Groups::new(vec![2, 2], 1).is_none());
        assert!(Groups::new(vec![1], 0).is_none());
    }
}

//! Selection of persons for a cohort list: each identifier that was read, under a number instead of a pseudonym.

use std::collections::HashMap;

use crate::shared::Shared;
use salanimi_core::{Identifier, Pseudonym};

/// Persons that were read. Rows carry the person's number through the pipeline; a kept row selects its person.
#[derive(Default)]
pub(super) struct CohortSelection(Shared<Register>);

#[derive(Default)]
struct Register {
    /// Number of each person, by canonical identifier.
    numbers: HashMap<Vec<u8>, usize>,
    /// By number.
    entries: Vec<Entry>,
}

#[derive(Default, Clone, Copy)]
struct Entry {
    temporary: bool,
    selected: bool,
}

/// Persons that were selected.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SelectedPersons {
    /// Canonical identifiers in order.
    pub(super) identifiers: Vec<Vec<u8>>,
    /// Persons omitted because their codes are temporary: such a code has no meaning at another holder.
    pub(super) temporary: u64,
}

impl Register {
    fn number(&mut self, identifier: &Identifier<'_>) -> usize {
        if let Some(number) = self.numbers.get(identifier.as_bytes()) {
            return *number;
        }
        let number = self.entries.len();
        self.numbers.insert(identifier.as_bytes().to_vec(), number);
        self.entries.push(Entry { temporary: identifier.is_temporary(), selected: false });
        number
    }
}

impl CohortSelection {
    /// Returns the number of a person in the form of a pseudonym, which rows carry.
    pub(super) fn number(&self, identifier: &Identifier<'_>) -> Pseudonym {
        Pseudonym((self.0.lock().number(identifier) as u128).to_be_bytes())
    }

    /// Selects the persons of kept rows by their numbers.
    pub(super) fn select(&self, numbers: &[u128]) {
        let mut register = self.0.lock();
        for &number in numbers {
            register.entries[number as usize].selected = true;
        }
    }

    /// Returns the selected persons without those with temporary codes.
    pub(super) fn finish(self) -> SelectedPersons {
        let Register { numbers, entries } = self.0.into_inner();
        let temporary = entries.iter().filter(|entry| entry.selected && entry.temporary).count() as u64;
        let mut identifiers: Vec<Vec<u8>> = numbers
            .into_iter()
            .filter(|(_, number)| entries[*number].selected && !entries[*number].temporary)
            .map(|(identifier, _)| identifier)
            .collect();
        identifiers.sort_unstable();
        SelectedPersons { identifiers, temporary }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salanimi_core::Syntax;

    fn number(selection: &CohortSelection, code: &str) -> u128 {
        u128::from_be_bytes(selection.number(&Syntax::Hetu.canonical(code.as_bytes()).unwrap()).0)
    }

    #[test]
    fn kept_rows_select_their_persons_but_no_temporary_codes() {
        let selection = CohortSelection::default();
        let codes = ["250992U113S", "010594Y9032", "071177V4614"];
        let numbers = codes.map(|code| number(&selection, code));
        assert_eq!(number(&selection, "250992u113s"), numbers[0]);
        selection.select(&numbers[..2]);
        let selected = SelectedPersons { identifiers: vec![codes[0].as_bytes().to_vec()], temporary: 1 };
        assert_eq!(selection.finish(), selected);
    }
}

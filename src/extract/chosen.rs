//! Persons whom a holder chooses for others: identifiers that were read, each under a number in place of a pseudonym.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use salanimi_core::{Identifier, Pseudonym};

/// Every person that was read. Rows carry the person's number through the pipeline, and those that come out are chosen.
#[derive(Default)]
pub(super) struct Chosen(Mutex<Register>);

#[derive(Default)]
struct Register {
    numbers: HashMap<Vec<u8>, usize>,
    /// By number.
    entries: Vec<Entry>,
}

#[derive(Default, Clone, Copy)]
struct Entry {
    temporary: bool,
    chosen: bool,
}

impl Register {
    fn enter(&mut self, identifier: &Identifier<'_>) -> usize {
        let number = self.entries.len();
        self.numbers.insert(identifier.as_bytes().to_vec(), number);
        self.entries.push(Entry { temporary: identifier.is_temporary(), chosen: false });
        number
    }
}

impl Chosen {
    fn register(&self) -> std::sync::MutexGuard<'_, Register> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a person, as rows carry it.
    pub(super) fn number(&self, identifier: &Identifier<'_>) -> Pseudonym {
        let mut register = self.register();
        let known = register.numbers.get(identifier.as_bytes()).copied();
        let number = known.unwrap_or_else(|| register.enter(identifier));
        Pseudonym((number as u128).to_be_bytes())
    }

    /// The rows with these numbers came out.
    pub(super) fn choose(&self, numbers: &[u128]) {
        let mut register = self.register();
        for &number in numbers {
            if let Some(entry) = register.entries.get_mut(number as usize) {
                entry.chosen = true;
            }
        }
    }

    /// The chosen persons in order, and how many were left out because their codes are temporary: such a code means
    /// nothing at another holder.
    pub(super) fn finish(self) -> (Vec<Vec<u8>>, u64) {
        let Register { numbers, entries } = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let temporary = entries.iter().filter(|entry| entry.chosen && entry.temporary).count() as u64;
        let wanted = |number: usize| entries[number].chosen && !entries[number].temporary;
        let mut persons: Vec<Vec<u8>> = numbers.into_iter().filter(|(_, n)| wanted(*n)).map(|(code, _)| code).collect();
        persons.sort_unstable();
        (persons, temporary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salanimi_core::Syntax;

    #[test]
    fn only_persons_whose_rows_come_out_are_chosen_and_no_temporary_ones() {
        let chosen = Chosen::default();
        let number = |code: &str| chosen.number(&Syntax::Hetu.canonical(code.as_bytes()).unwrap());
        let codes = ["250992U113S", "010594Y9032", "071177V4614"];
        let numbers: Vec<u128> = codes.iter().map(|code| u128::from_be_bytes(number(code).0)).collect();
        assert_eq!(number("250992u113s"), number(codes[0]));
        chosen.choose(&numbers[..2]);
        chosen.choose(&[u128::MAX]);
        assert_eq!(chosen.finish(), (vec![codes[0].as_bytes().to_vec()], 1));
    }
}

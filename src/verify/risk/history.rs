//! Persons over the tables of a subject: in how many rows they are, and on which days.

use std::collections::HashMap;

use rayon::slice::ParallelSliceMut;

use super::classes::is_value;
use super::coded::{Coded, CodedTable, Groups, Numbering};
use super::keys::mix;

/// What a table tells of its persons over time.
pub(super) struct History {
    /// How evidence names the table.
    pub label: String,
    /// The name of the column that stands for the person.
    pub person_name: String,
    /// What tells each person apart.
    pub person_keys: Vec<u64>,
    /// For each row, its person.
    pub persons: Vec<u32>,
    /// For each row, the code of its date; none if the table has no dates.
    pub dates: Option<Vec<u32>>,
    /// All dates' codes are below this.
    pub dates_below: usize,
}

impl History {
    /// What is kept of `table`, whose dates are in `date`.
    pub(super) fn new(label: &str, person_name: &str, table: CodedTable, date: Option<Coded>) -> Self {
        let dates_below = date.as_ref().map_or(0, Coded::codes_below);
        Self {
            label: label.to_owned(),
            person_name: person_name.to_lowercase(),
            person_keys: table.person_keys,
            persons: table.persons,
            dates: date.map(|date| date.codes),
            dates_below,
        }
    }

    /// For each person, how many rows there are.
    fn rows(&self) -> Vec<u32> {
        let mut rows = vec![0; self.person_keys.len()];
        self.persons.iter().for_each(|&person| rows[person as usize] += 1);
        rows
    }
}

/// Tables whose persons are told apart by the same pseudonyms.
pub(super) struct Joined<'a> {
    pub tables: Vec<&'a History>,
}

/// Puts tables together: those that call the person alike, or in which a person of another occurs.
pub(super) fn join(histories: &[History]) -> Vec<Joined<'_>> {
    let mut joined: Vec<(Joined<'_>, Numbering)> = Vec::new();
    for history in histories {
        let belongs = |(group, persons): &(Joined<'_>, Numbering)| {
            let is_called = |table: &&History| table.person_name == history.person_name;
            // Numbers from 1 on occur in any table.
            let is_wide = |key: &u64| *key > u64::from(u32::MAX);
            let mut keys = history.person_keys.iter().filter(|key| is_wide(key));
            group.tables.iter().any(is_called) || keys.any(|&key| persons.find(key).is_some())
        };
        let place = joined.iter().position(belongs).unwrap_or_else(|| {
            joined.push((Joined { tables: Vec::new() }, Numbering::default()));
            joined.len() - 1
        });
        let (group, persons) = &mut joined[place];
        group.tables.push(history);
        for &key in &history.person_keys {
            persons.code(key);
        }
    }
    joined.into_iter().map(|(group, _)| group).collect()
}

impl Joined<'_> {
    /// How evidence names the tables.
    pub(super) fn labels(&self) -> Vec<String> {
        self.tables.iter().map(|table| table.label.clone()).collect()
    }

    /// Those of the tables that have dates.
    pub(super) fn dated(&self) -> Self {
        Self { tables: self.tables.iter().copied().filter(|table| table.dates.is_some()).collect() }
    }

    /// Persons of all tables, and for each table the number there of each of its persons.
    fn persons(&self) -> (Vec<u64>, Vec<Vec<u32>>) {
        let mut numbering = Numbering::default();
        let number = |table: &&History| table.person_keys.iter().map(|&key| numbering.code(key)).collect();
        let numbers = self.tables.iter().map(number).collect();
        (numbering.keys, numbers)
    }

    /// The events of every person: the dates of each table.
    pub(super) fn events(&self) -> Events {
        let (person_keys, numbers) = self.persons();
        let (mut pairs, mut first) = (Vec::new(), 0);
        for (table, numbers) in self.tables.iter().zip(&numbers) {
            let rows = table.persons.iter().zip(table.dates.iter().flatten());
            let dated = rows.filter(|(_, date)| is_value(**date));
            pairs.extend(dated.map(|(&person, &date)| (numbers[person as usize], first + date)));
            first += table.dates_below as u32;
        }
        Events::new(person_keys, pairs, first as usize)
    }

    /// How many persons there are, and how many share their numbers of rows in these tables with fewer than `min_k`
    /// persons, themselves among them.
    pub(super) fn odd_counts(&self, min_k: u32) -> (u64, u64) {
        let (person_keys, numbers) = self.persons();
        let mut prints = vec![0; person_keys.len()];
        for (position, (table, numbers)) in self.tables.iter().zip(&numbers).enumerate() {
            for (&number, rows) in numbers.iter().zip(table.rows()) {
                let print = &mut prints[number as usize];
                *print = mix(*print ^ mix((position as u64) << 32 | u64::from(rows)));
            }
        }
        let mut sharing: HashMap<u64, u32, ahash::RandomState> = HashMap::default();
        prints.iter().for_each(|&print| *sharing.entry(print).or_default() += 1);
        let few = sharing.values().filter(|persons| **persons < min_k).map(|&persons| u64::from(persons)).sum();
        (prints.len() as u64, few)
    }
}

/// Which persons have which events.
pub(super) struct Events {
    pub person_keys: Vec<u64>,
    /// Events of the first person, of the second, and so on, each ascending.
    of_persons: Vec<u32>,
    starts: Vec<u32>,
    /// Persons by event, of one event ascending.
    by_event: Groups,
}

impl Events {
    /// The events in `pairs` of a person's number and an event below `below`.
    pub(super) fn new(person_keys: Vec<u64>, mut pairs: Vec<(u32, u32)>, below: usize) -> Self {
        pairs.par_sort_unstable();
        pairs.dedup();
        let (persons, of_persons): (Vec<u32>, Vec<u32>) = pairs.into_iter().unzip();
        let mut starts = vec![0; person_keys.len() + 1];
        persons.iter().for_each(|&person| starts[person as usize + 1] += 1);
        (1..starts.len()).for_each(|person| starts[person] += starts[person - 1]);
        let mut by_event = Groups::by(&of_persons, below);
        by_event.rows.iter_mut().for_each(|row| *row = persons[*row as usize]);
        Self { person_keys, of_persons, starts, by_event }
    }

    /// The events of a person, ascending.
    pub(super) fn of(&self, person: usize) -> &[u32] {
        &self.of_persons[self.starts[person] as usize..self.starts[person + 1] as usize]
    }

    /// The persons who have an event, ascending.
    pub(super) fn persons(&self, event: u32) -> &[u32] {
        let at = event as usize;
        &self.by_event.rows[self.by_event.starts[at] as usize..self.by_event.starts[at + 1] as usize]
    }

    /// Whether no one but `person` has all of `events`.
    pub(super) fn is_unique(&self, person: u32, events: &[u32]) -> bool {
        let Some(&rarest) = events.iter().min_by_key(|event| self.persons(**event).len()) else { return false };
        let has_all = |other: u32| {
            let has = self.of(other as usize);
            events.iter().all(|event| has.binary_search(event).is_ok())
        };
        !self.persons(rarest).iter().any(|&other| other != person && has_all(other))
    }
}

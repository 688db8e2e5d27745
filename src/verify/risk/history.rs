//! Persons across the tables of a subject: their numbers of rows and their dated events.

use std::collections::HashMap;

use rayon::slice::ParallelSliceMut;

use super::coded::{CodedColumn, CodedTable, Numbering, RowsByCode, is_value};
use super::keys::mix;

/// Rows and dates of the persons of one table.
pub(super) struct History {
    /// Label of the table in evidence.
    pub label: String,
    /// Name of the person column, in lower case.
    pub person_column: String,
    /// Key of each person.
    pub person_keys: Vec<u64>,
    /// Person of each row.
    pub persons: Vec<u32>,
    /// Code of each row's date; `None` if the table has no dates.
    pub dates: Option<Vec<u32>>,
    /// Exclusive upper bound of the date codes.
    pub dates_below: usize,
}

impl History {
    /// Keeps the persons of `table` and the dates in `date`.
    pub(super) fn new(label: &str, person_column: &str, table: CodedTable, date: Option<CodedColumn>) -> Self {
        let dates_below = date.as_ref().map_or(0, CodedColumn::codes_below);
        Self {
            label: label.to_owned(),
            person_column: person_column.to_lowercase(),
            person_keys: table.person_keys,
            persons: table.persons,
            dates: date.map(|date| date.codes),
            dates_below,
        }
    }

    /// Returns the number of rows of each person.
    fn row_counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.person_keys.len()];
        self.persons.iter().for_each(|&person| counts[person as usize] += 1);
        counts
    }
}

/// Tables that share their pseudonyms.
pub(super) struct JointTables<'a> {
    pub tables: Vec<&'a History>,
}

/// Groups the tables whose person columns have the same name, or that have a person in common.
pub(super) fn join(histories: &[History]) -> Vec<JointTables<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for history in histories {
        if let Some(group) = groups.iter_mut().find(|group| group.shares_pseudonyms_with(history)) {
            group.add(history);
        } else {
            let mut group = Group { tables: JointTables { tables: Vec::new() }, persons: Numbering::default() };
            group.add(history);
            groups.push(group);
        }
    }
    groups.into_iter().map(|group| group.tables).collect()
}

/// Joint tables while they are collected, with all their persons.
struct Group<'a> {
    tables: JointTables<'a>,
    persons: Numbering,
}

impl<'a> Group<'a> {
    fn shares_pseudonyms_with(&self, history: &History) -> bool {
        let has_same_column = self.tables.tables.iter().any(|table| table.person_column == history.person_column);
        // Numbers from 1 on occur in any table.
        let mut wide_keys = history.person_keys.iter().filter(|key| **key > u64::from(u32::MAX));
        has_same_column || wide_keys.any(|&key| self.persons.find(key).is_some())
    }

    fn add(&mut self, history: &'a History) {
        self.tables.tables.push(history);
        for &key in &history.person_keys {
            self.persons.code(key);
        }
    }
}

/// Persons by how many others have the same numbers of rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowCounts {
    /// All persons.
    pub persons: u64,
    /// Persons who share their numbers of rows with too few persons.
    pub rare: u64,
}

impl JointTables<'_> {
    /// Returns the labels of the tables in evidence.
    pub(super) fn labels(&self) -> Vec<String> {
        self.tables.iter().map(|table| table.label.clone()).collect()
    }

    /// Returns the tables that have dates.
    pub(super) fn dated(&self) -> Self {
        Self { tables: self.tables.iter().copied().filter(|table| table.dates.is_some()).collect() }
    }

    /// Numbers the persons of all tables.
    fn persons(&self) -> JointPersons {
        let mut numbering = Numbering::default();
        let mut numbers = Vec::with_capacity(self.tables.len());
        for table in &self.tables {
            numbers.push(table.person_keys.iter().map(|&key| numbering.code(key)).collect());
        }
        JointPersons { keys: numbering.keys, numbers }
    }

    /// Returns the events of every person: the dates of each table.
    pub(super) fn events(&self) -> Events {
        let persons = self.persons();
        let mut pairs = Vec::new();
        let mut first = 0;
        for (table, numbers) in self.tables.iter().zip(&persons.numbers) {
            let rows = table.persons.iter().zip(table.dates.iter().flatten());
            let dated = rows.filter(|(_, date)| is_value(**date));
            pairs.extend(dated.map(|(&person, &date)| (numbers[person as usize], first + date)));
            first += table.dates_below as u32;
        }
        Events::new(persons.keys, pairs, first as usize)
    }

    /// Counts the persons who share their numbers of rows in these tables with fewer than `min_k` persons, themselves
    /// included.
    pub(super) fn row_counts(&self, min_k: u32) -> RowCounts {
        let persons = self.persons();
        let mut fingerprints = vec![0; persons.keys.len()];
        for (position, (table, numbers)) in self.tables.iter().zip(&persons.numbers).enumerate() {
            for (&number, rows) in numbers.iter().zip(table.row_counts()) {
                let fingerprint = &mut fingerprints[number as usize];
                *fingerprint = mix(*fingerprint ^ mix((position as u64) << 32 | u64::from(rows)));
            }
        }
        let mut sharing: HashMap<u64, u32, ahash::RandomState> = HashMap::default();
        fingerprints.iter().for_each(|&fingerprint| *sharing.entry(fingerprint).or_default() += 1);
        let rare = sharing.values().filter(|persons| **persons < min_k).map(|&persons| u64::from(persons)).sum();
        RowCounts { persons: fingerprints.len() as u64, rare }
    }
}

/// Persons of joint tables.
struct JointPersons {
    /// Key of each person.
    keys: Vec<u64>,
    /// For each table, the joint number of each of its persons.
    numbers: Vec<Vec<u32>>,
}

/// Dated events of persons, indexed both ways.
pub(super) struct Events {
    pub person_keys: Vec<u64>,
    /// Events of each person in turn, ascending.
    by_person: Vec<u32>,
    /// Start of each person in `by_person`, then the number of events.
    starts: Vec<u32>,
    /// Persons of each event, ascending.
    by_event: RowsByCode,
}

impl Events {
    /// Indexes `pairs` of a person's number and an event below `below`.
    pub(super) fn new(person_keys: Vec<u64>, mut pairs: Vec<(u32, u32)>, below: usize) -> Self {
        pairs.par_sort_unstable();
        pairs.dedup();
        let (persons, by_person): (Vec<u32>, Vec<u32>) = pairs.into_iter().unzip();
        let mut starts = vec![0; person_keys.len() + 1];
        persons.iter().for_each(|&person| starts[person as usize + 1] += 1);
        (1..starts.len()).for_each(|person| starts[person] += starts[person - 1]);
        let mut by_event = RowsByCode::new(&by_person, below);
        by_event.rows.iter_mut().for_each(|row| *row = persons[*row as usize]);
        Self { person_keys, by_person, starts, by_event }
    }

    /// Returns the events of a person, ascending.
    pub(super) fn of_person(&self, person: u32) -> &[u32] {
        let at = person as usize;
        &self.by_person[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Returns the persons who have an event, ascending.
    fn persons(&self, event: u32) -> &[u32] {
        let at = event as usize;
        &self.by_event.rows[self.by_event.starts[at] as usize..self.by_event.starts[at + 1] as usize]
    }

    /// Returns true if no one but `person` has all of `events`.
    pub(super) fn is_unique(&self, person: u32, events: &[u32]) -> bool {
        let mut lists: Vec<&[u32]> = events.iter().map(|&event| self.persons(event)).collect();
        lists.sort_unstable_by_key(|list| list.len());
        let Some((rarest, others)) = lists.split_first_mut() else { return false };
        !rarest.iter().any(|&candidate| candidate != person && others.iter_mut().all(|list| skip_to(list, candidate)))
    }
}

/// Removes the persons before `person` from an ascending list. Returns true if `person` is then the first.
fn skip_to(list: &mut &[u32], person: u32) -> bool {
    let before = list.iter().take_while(|&&other| other < person).count();
    *list = &list[before..];
    list.first() == Some(&person)
}

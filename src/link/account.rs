//! Counts of rows and persons: in = linked + not linked, by source, holder, month and area.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Date32Type, Int32Type, UInt16Type};
use serde::{Deserialize, Serialize};

use super::merge::{Input, PersonBatch, PersonPositions};
use crate::config::Contract;
use crate::exchange::Count;
use crate::table::{Transform, ValueType};
use salanimi_core::Day;

/// Part of a table that is counted on its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum CountedPart {
    All,
    /// Position of the holder's first delivery, which identifies the holder.
    Holder(usize),
    Delivery(usize),
    /// First day of the month.
    Month(Option<i32>),
    /// Position in the area's list of codes, or the text itself.
    AreaCode(Option<u16>),
    AreaText(Option<String>),
}

/// Sex and age group, as positions in their lists of codes.
type Group = (Option<u16>, Option<u16>);

/// Persons whose values in two columns agree, and persons whose values contradict each other.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Agreement {
    pub(super) agree: u64,
    pub(super) contradict: u64,
}

impl Agreement {
    /// No person has values in both columns.
    pub(super) const NONE: Self = Self { agree: 0, contradict: 0 };
}

/// Numbers of linked persons with rows by evidence, and if these are left out.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EffectCount {
    pub(super) with: u64,
    pub(super) without: u64,
}

/// Counts of one input.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CountedInput {
    pub(super) persons: u64,
    /// Nulls by field.
    pub(super) nulls: Vec<u64>,
}

/// Counts of one range, then of all ranges.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    /// By table and part, with the last person counted there.
    #[serde(with = "pairs")]
    pub(super) parts: HashMap<(usize, CountedPart), (Count, u64), ahash::RandomState>,
    /// Persons by sex and age group, and by the set of tables that a person occurs in.
    #[serde(with = "pairs")]
    pub(super) overlap: BTreeMap<(Group, u64), u64>,
    /// By pair of columns.
    pub(super) contradictions: BTreeMap<usize, Agreement>,
    pub(super) inputs: Vec<CountedInput>,
    /// Linked persons with and without rows by evidence: in all, then by table. Empty without linkage by evidence.
    pub(super) effect: Vec<EffectCount>,
    pub(super) persons: u64,
    pub(super) linked_persons: u64,
}

impl Account {
    /// Returns the account of no rows of `inputs`.
    pub(super) fn of(contract: &Contract, inputs: &[Input<'_>]) -> Self {
        let none =
            |input: &Input<'_>| CountedInput { persons: 0, nulls: vec![0; contract.tables[input.table].fields.len()] };
        Self { inputs: inputs.iter().map(none).collect(), ..Self::default() }
    }

    /// Adds the account of another range. No person is in two ranges.
    pub(super) fn add(&mut self, other: Self) {
        for (part, (count, _)) in other.parts {
            self.parts.entry(part).or_default().0.add(&count);
        }
        other.overlap.into_iter().for_each(|(key, persons)| *self.overlap.entry(key).or_default() += persons);
        for (pair, agreement) in other.contradictions {
            let sum = self.contradictions.entry(pair).or_default();
            sum.agree += agreement.agree;
            sum.contradict += agreement.contradict;
        }
        self.add_inputs(&other.inputs);
        self.effect.resize(other.effect.len().max(self.effect.len()), EffectCount::default());
        for (sum, more) in self.effect.iter_mut().zip(other.effect) {
            sum.with += more.with;
            sum.without += more.without;
        }
        self.persons += other.persons;
        self.linked_persons += other.linked_persons;
    }

    fn add_inputs(&mut self, inputs: &[CountedInput]) {
        self.inputs.resize(inputs.len().max(self.inputs.len()), CountedInput::default());
        for (all, more) in self.inputs.iter_mut().zip(inputs) {
            all.persons += more.persons;
            all.nulls.resize(more.nulls.len().max(all.nulls.len()), 0);
            all.nulls.iter_mut().zip(&more.nulls).for_each(|(sum, more)| *sum += more);
        }
    }

    pub(super) fn count(&self, table: usize, part: CountedPart) -> Count {
        self.parts.get(&(table, part)).map_or_else(Count::default, |(count, _)| *count)
    }

    /// Counts the persons of a batch. `linked` flags those who are linked; `tables` has a bit for each table of a
    /// person.
    pub(super) fn count_batch(
        &mut self,
        contract: &Contract,
        inputs: &[Input<'_>],
        batch: &PersonBatch,
        positions: &PersonPositions,
        linked: &[bool],
        tables: &[u64],
    ) {
        // Persons count from 1 in this range, so that 0 stands for nobody.
        let first = self.persons + 1;
        // Inputs stand in the order of their tables.
        let mut position = 0;
        for of_table in inputs.chunk_by(|a, b| a.table == b.table) {
            let parts = batch.columns[position..].iter().zip(&positions.rows[position..]);
            let rows = of_table
                .iter()
                .zip(parts)
                .map(|(input, (columns, persons))| Rows::new(contract, input, columns, persons));
            self.count_table(rows.collect(), linked, first);
            position += of_table.len();
        }
        self.persons += positions.persons.len() as u64;
        self.linked_persons += linked.iter().filter(|linked| **linked).count() as u64;
        for (group, tables) in groups(contract, inputs, batch, positions).into_iter().zip(tables) {
            *self.overlap.entry((group, *tables)).or_default() += 1;
        }
        let counted = |(columns, persons): (&Vec<ArrayRef>, &Vec<u32>)| CountedInput {
            persons: persons.chunk_by(|a, b| a == b).count() as u64,
            nulls: columns.iter().map(|column| column.null_count() as u64).collect(),
        };
        self.add_inputs(&batch.columns.iter().zip(&positions.rows).map(counted).collect::<Vec<_>>());
        self.count_contradictions(contract, inputs, batch, positions);
    }

    /// Counts linked persons with and without rows by evidence. `tables` and `coded` have a bit for each table of a
    /// person: by all rows, and by rows with identifiers.
    pub(super) fn count_effect(&mut self, contract: &Contract, linked: &[bool], tables: &[u64], coded: &[u64]) {
        let population = contract.population_tables();
        self.effect.resize(contract.tables.len() + 1, EffectCount::default());
        for ((_, tables), coded) in linked.iter().zip(tables).zip(coded).filter(|((linked, _), _)| **linked) {
            let coded = if coded & population == 0 { 0 } else { *coded };
            // The first count is that of the dataset: everyone in any table.
            for (position, count) in self.effect.iter_mut().enumerate() {
                let bits = if position == 0 { u64::MAX } else { 1 << (position - 1) };
                count.with += u64::from(tables & bits != 0);
                count.without += u64::from(coded & bits != 0);
            }
        }
    }

    /// Counts the rows of one table person by person over all of its inputs, so that each part sees a person's rows
    /// together and counts the person once.
    fn count_table(&mut self, mut inputs: Vec<Rows<'_>>, linked: &[bool], first: u64) {
        for (person, &linked) in (0..).zip(linked) {
            for rows in &mut inputs {
                let start = rows.next;
                let of_person = rows.persons[start..].iter().take_while(|row| **row == person).count();
                rows.next += of_person;
                if of_person > 0 {
                    self.count_rows(rows, start..rows.next, first + u64::from(person), linked);
                }
            }
        }
    }

    /// Counts the rows of a person in one input. Rows of one month or area often follow each other.
    fn count_rows(&mut self, rows: &Rows<'_>, of_person: Range<usize>, person: u64, linked: bool) {
        let table = rows.input.table;
        let all = of_person.len() as u64;
        self.count_part(table, CountedPart::All, all, person, linked);
        self.count_part(table, CountedPart::Holder(rows.input.holder), all, person, linked);
        self.count_part(table, CountedPart::Delivery(rows.input.delivery), all, person, linked);
        if let Some(months) = &rows.months {
            for run in months[of_person.clone()].chunk_by(|a, b| a == b) {
                self.count_part(table, CountedPart::Month(run[0]), run.len() as u64, person, linked);
            }
        }
        if let Some(area) = rows.area {
            let areas: Vec<CountedPart> = of_person.map(|row| area_part(area, row)).collect();
            for run in areas.chunk_by(|a, b| a == b) {
                self.count_part(table, run[0].clone(), run.len() as u64, person, linked);
            }
        }
    }

    /// Counts rows of a person in one part of their table, and the person if none of its rows was counted there yet.
    fn count_part(&mut self, table: usize, part: CountedPart, rows: u64, person: u64, linked: bool) {
        let (count, last) = self.parts.entry((table, part)).or_default();
        let new = u64::from(*last != person);
        *last = person;
        count.rows += rows;
        count.persons += new;
        if linked {
            count.linked_rows += rows;
            count.linked_persons += new;
        }
    }

    fn count_contradictions(
        &mut self,
        contract: &Contract,
        inputs: &[Input<'_>],
        batch: &PersonBatch,
        positions: &PersonPositions,
    ) {
        for (pair, contradiction) in contract.contradictions.iter().enumerate() {
            let left = values(contract, inputs, batch, positions, contradiction.left);
            let right = values(contract, inputs, batch, positions, contradiction.right);
            for (person, values) in left {
                let Some(others) = right.get(&person) else { continue };
                let sum = self.contradictions.entry(pair).or_default();
                if values.iter().any(|value| others.contains(value)) {
                    sum.agree += 1;
                } else {
                    sum.contradict += 1;
                }
            }
        }
    }
}

/// Maps whose keys are no texts, as lists of pairs.
mod pairs {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<'m, M: 'm, K, V, S>(map: &'m M, serializer: S) -> Result<S::Ok, S::Error>
    where
        &'m M: IntoIterator<Item = (&'m K, &'m V)>,
        K: Serialize + 'm,
        V: Serialize + 'm,
        S: Serializer,
    {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, M, K, V, D>(deserializer: D) -> Result<M, D::Error>
    where
        M: IntoIterator<Item = (K, V)> + FromIterator<(K, V)>,
        K: Deserialize<'de>,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Vec::<(K, V)>::deserialize(deserializer).map(M::from_iter)
    }
}

/// Rows of one input in a batch, by ascending person, and the position of the next row to count.
struct Rows<'a> {
    input: &'a Input<'a>,
    persons: &'a [u32],
    months: Option<Vec<Option<i32>>>,
    area: Option<&'a ArrayRef>,
    next: usize,
}

impl<'a> Rows<'a> {
    fn new(contract: &Contract, input: &'a Input<'a>, columns: &'a [ArrayRef], persons: &'a [u32]) -> Self {
        let by = contract.accounting[input.table];
        let months = by.month.map(|field| months(&columns[field]));
        Self { input, persons, months, area: by.area.map(|field| &columns[field]), next: 0 }
    }
}

/// Returns the first day of each row's month. Rows of one day often follow each other, so the last day is remembered.
fn months(column: &ArrayRef) -> Vec<Option<i32>> {
    let mut last_day = None;
    let mut last_month = None;
    let mut months = Vec::with_capacity(column.len());
    for day in column.as_primitive::<Date32Type>() {
        if day != last_day {
            last_day = day;
            last_month = day.and_then(Day::from_epoch_days).map(|day| day.first_of_month().epoch_days());
        }
        months.push(last_month);
    }
    months
}

fn area_part(column: &ArrayRef, row: usize) -> CountedPart {
    if let Some(codes) = column.as_primitive_opt::<UInt16Type>() {
        CountedPart::AreaCode(codes.is_valid(row).then(|| codes.value(row)))
    } else {
        let texts = column.as_string::<i32>();
        CountedPart::AreaText(texts.is_valid(row).then(|| texts.value(row).to_owned()))
    }
}

/// Returns the age groups of a table, if its linked form has any.
pub(super) fn age_groups(contract: &Contract, table: usize) -> Option<(usize, &crate::table::Groups)> {
    let field = contract.accounting[table].age_months?;
    match contract.tables[table].linked.get(field.checked_sub(1)?)? {
        Some(Transform::Groups(groups)) => Some((field, groups)),
        _ => None,
    }
}

/// Returns sex and age group of each person, from the first row, in the order of the tables, that has them.
fn groups(contract: &Contract, inputs: &[Input<'_>], batch: &PersonBatch, positions: &PersonPositions) -> Vec<Group> {
    let mut groups = vec![(None, None); positions.persons.len()];
    for (position, input) in inputs.iter().enumerate() {
        let columns = &batch.columns[position];
        let sex = contract.accounting[input.table].sex.map(|field| columns[field].as_primitive::<UInt16Type>());
        let age = age_groups(contract, input.table)
            .map(|(field, groups)| (columns[field].as_primitive::<Int32Type>(), groups));
        for (row, &person) in positions.rows[position].iter().enumerate() {
            let group: &mut Group = &mut groups[person as usize];
            if let (None, Some(sex)) = (group.0, sex.filter(|s| s.is_valid(row))) {
                group.0 = Some(sex.value(row));
            }
            if let (None, Some((age, groups))) = (group.1, age.filter(|(a, _)| a.is_valid(row))) {
                group.1 = Some(groups.position(age.value(row)));
            }
        }
    }
    groups
}

/// Returns the distinct values of a column, by person.
fn values<'a>(
    contract: &'a Contract,
    inputs: &[Input<'_>],
    batch: &'a PersonBatch,
    positions: &PersonPositions,
    (table, field): (usize, usize),
) -> BTreeMap<u32, Vec<&'a str>> {
    let mut values: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for (position, _) in inputs.iter().enumerate().filter(|(_, input)| input.table == table) {
        let column = &batch.columns[position][field];
        for (row, &person) in positions.rows[position].iter().enumerate() {
            let Some(value) = text(column, row, &contract.tables[table].fields[field].value) else { continue };
            let all = values.entry(person).or_default();
            if !all.contains(&value) {
                all.push(value);
            }
        }
    }
    values
}

fn text<'a>(column: &'a ArrayRef, row: usize, value: &'a ValueType) -> Option<&'a str> {
    if column.is_null(row) {
        return None;
    }
    match value {
        ValueType::Code(codes) => {
            codes.values().get(usize::from(column.as_primitive::<UInt16Type>().value(row))).map(String::as_str)
        }
        _ => Some(column.as_string::<i32>().value(row)),
    }
}

//! Names, birth dates, addresses and client numbers of synthetic persons, and how each register has them.
//!
//! Rates of errors are those of the registers on which linkage without codes was designed: an office has official names;
//! a desk types call names, nicknames, transliterations and mistakes, and learns late of new names and addresses. The
//! names and addresses of people born abroad have 1.6 times as many errors, and they lack an identity code six times as
//! often.

mod names;
mod record;
mod typing;

use super::batch::Batch;
use super::household::Home;
use super::random::Random;
use salanimi_core::{Day, Days};

pub(super) use record::{IdentityField, Record};

/// Share of households whose members were born abroad.
const ABROAD: f64 = 0.09;
/// Weights of one, two and three given names.
const GIVEN_NAMES: [u32; 3] = [15, 65, 20];
/// Share of persons born abroad with two given names.
const TWO_ABROAD: f64 = 0.4;
/// Share of persons who are called by the first of their names.
const CALLED_BY_FIRST: f64 = 0.8;
/// Share of spouses with the surname of the applicant, and share of spouses with a double name.
const SAME_SURNAME: f64 = 0.7;
const DOUBLE_SURNAME: f64 = 0.06;
/// Share of women and of men who get another surname in the window, and share of these with a double name.
const RENAMED: [f64; 2] = [0.10, 0.016];
const RENAMED_DOUBLE: f64 = 0.3;
/// Share of households that move within their municipality in the window.
const MOVES_NEARBY: f64 = 0.4;
/// Share of persons without an identity code in a municipality, of those born in the country and of those born abroad.
const WITHOUT_CODE: [f64; 2] = [0.03, 0.18];

/// A fact that can change on a day.
#[derive(Clone)]
pub(super) struct Changing<T> {
    first: T,
    changed: Option<(Day, T)>,
}

/// Postcode and street address.
#[derive(Clone)]
struct Address {
    postcode: String,
    street: String,
}

/// What the population register knows of a person, beside the code.
pub(super) struct Identity {
    given: Vec<String>,
    /// Position of the name that the person uses.
    called: usize,
    surname: Changing<String>,
    address: Changing<Address>,
    abroad: bool,
}

impl<T> Changing<T> {
    fn at(&self, day: Day) -> &T {
        match &self.changed {
            Some((from, changed)) if day >= *from => changed,
            _ => &self.first,
        }
    }

    fn map<U>(&self, mut change: impl FnMut(&T) -> U) -> Changing<U> {
        Changing {
            first: change(&self.first),
            changed: self.changed.as_ref().map(|(day, changed)| (*day, change(changed))),
        }
    }
}

impl Batch<'_> {
    /// Gives the people of the household their names and address. The first `adults` of them are the couple.
    pub(super) fn draw_identities(&mut self, adults: usize, home: Home) {
        let window = self.registers.window;
        let random = &mut self.names;
        let is_immigrant = self.people.iter().any(|person| person.temporary.is_some());
        let abroad = random.chance(ABROAD) || is_immigrant;
        let family = names::surname(random, abroad);
        let address = draw_addresses(random, home, window);
        for (position, person) in self.people.iter_mut().enumerate() {
            let mut surname = family.clone();
            if position == 1 && position < adults {
                surname = draw_spouse_surname(random, surname);
            }
            let given = draw_given_names(random, person.male, abroad);
            let called = if random.chance(CALLED_BY_FIRST) { 0 } else { random.position(given.len()) };
            let surname = match position < adults {
                true => draw_renaming(random, surname, person.male, window),
                false => Changing { first: surname, changed: None },
            };
            person.identity = Some(Identity { given, called, surname, address: address.clone(), abroad });
        }
    }

    /// Makes the record of a person at a holder, at the first row.
    pub(super) fn prepare_record(&mut self, holder: usize, person: usize) {
        let holders = &self.registers.holders;
        if self.people[person].records.is_empty() {
            self.people[person].records.resize_with(holders.len(), || None);
        }
        if self.people[person].records[holder].is_some() {
            return;
        }
        let number = self.number_of_client(holder, person);
        let make = if holders[holder].is_office() { Record::official } else { Record::typed };
        let person = &mut self.people[person];
        let Some(identity) = &person.identity else { unreachable!("the household's people have identities") };
        person.records[holder] = Some(make(&mut self.names, identity, person.birth, person.male, number));
    }

    /// Returns true if a municipality does not know the identity code of a person.
    ///
    /// Nobody lacks one unless the contract links persons without a code: their rows would all be rejected.
    pub(super) fn draw_lacks_code(&mut self, holder: usize, person: usize) -> bool {
        if !self.registers.links_without_code || self.registers.holders[holder].is_office() {
            return false;
        }
        let Some(identity) = &self.people[person].identity else {
            unreachable!("the household's people have identities")
        };
        let abroad = identity.abroad;
        let known = &mut self.people[person].lacks_code;
        if known.is_empty() {
            known.resize(self.registers.holders.len(), None);
        }
        *known[holder].get_or_insert_with(|| self.without_code.chance(WITHOUT_CODE[usize::from(abroad)]))
    }
}

/// Draws the addresses of a household: at a move to another municipality, and of some others within theirs.
fn draw_addresses(random: &mut Random, home: Home, window: Days) -> Changing<Address> {
    let draw = |random: &mut Random, municipality| Address {
        postcode: names::postcode(random, municipality),
        street: names::street(random),
    };
    let first = draw(random, home.first);
    let nearby = random.chance(MOVES_NEARBY).then(|| random.day_between(window.first, window.last));
    let moved = home.moved.map(|moved| (moved.day, moved.to)).or(nearby.map(|day| (day, home.first)));
    Changing { first, changed: moved.map(|(day, to)| (day, draw(random, to))) }
}

fn draw_given_names(random: &mut Random, male: bool, abroad: bool) -> Vec<String> {
    let count = if abroad { 1 + usize::from(random.chance(TWO_ABROAD)) } else { 1 + random.weighted(&GIVEN_NAMES) };
    let mut given: Vec<String> = Vec::with_capacity(count);
    for _ in 0..count {
        let name = names::first_name(random, male, abroad);
        if !given.contains(&name) {
            given.push(name);
        }
    }
    given
}

fn draw_spouse_surname(random: &mut Random, family: String) -> String {
    let surname = if random.chance(SAME_SURNAME) { family } else { names::surname(random, false) };
    if random.chance(DOUBLE_SURNAME) { format!("{surname}-{}", names::surname(random, false)) } else { surname }
}

fn draw_renaming(random: &mut Random, surname: String, male: bool, window: Days) -> Changing<String> {
    let changed = random.chance(RENAMED[usize::from(male)]).then(|| {
        let day = random.day_between(window.first, window.last);
        let new = names::surname(random, false);
        (day, if random.chance(RENAMED_DOUBLE) { format!("{surname}-{new}") } else { new })
    });
    Changing { first: surname, changed }
}

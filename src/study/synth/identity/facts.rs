//! What the population register knows of people beside their codes: names, addresses, and when they change.

use super::super::household::Home;
use super::super::random::Random;
use super::names;
use salanimi_core::{Day, Days};

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
/// A fact that can change on a day.
#[derive(Clone)]
pub(super) struct Changing<T> {
    pub(super) first: T,
    pub(super) changed: Option<(Day, T)>,
}

/// Postcode and street address.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) postcode: String,
    pub(super) street: String,
}

/// What the population register knows of a person, beside the code.
pub(in crate::study::synth) struct Identity {
    pub(super) given: Vec<String>,
    /// Position of the name that the person uses.
    pub(super) called: usize,
    pub(super) surname: Changing<String>,
    pub(super) address: Changing<Address>,
    pub(in crate::study::synth) abroad: bool,
}

impl<T> Changing<T> {
    pub(super) fn at(&self, day: Day) -> &T {
        match &self.changed {
            Some((from, changed)) if day >= *from => changed,
            _ => &self.first,
        }
    }

    pub(super) fn map<U>(&self, mut change: impl FnMut(&T) -> U) -> Changing<U> {
        Changing {
            first: change(&self.first),
            changed: self.changed.as_ref().map(|(day, changed)| (*day, change(changed))),
        }
    }
}

/// Draws the identities of a household's people, each given as `true` for a man. The first `adults` are the couple.
pub(in crate::study::synth) fn draw_identities(
    random: &mut Random,
    men: &[bool],
    adults: usize,
    home: Home,
    (is_immigrant, window): (bool, Days),
) -> Vec<Identity> {
    let abroad = random.chance(ABROAD) || is_immigrant;
    let family = names::surname(random, abroad);
    let address = draw_addresses(random, home, window);
    let mut identities = Vec::with_capacity(men.len());
    for (position, &male) in men.iter().enumerate() {
        let mut surname = family.clone();
        if position == 1 && position < adults {
            surname = draw_spouse_surname(random, surname);
        }
        let given = draw_given_names(random, male, abroad);
        let called = if random.chance(CALLED_BY_FIRST) { 0 } else { random.position(given.len()) };
        let surname = match position < adults {
            true => draw_renaming(random, surname, male, window),
            false => Changing { first: surname, changed: None },
        };
        identities.push(Identity { given, called, surname, address: address.clone(), abroad });
    }
    identities
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

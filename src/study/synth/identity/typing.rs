//! Records as a desk types them.

use super::super::random::Random;
use super::facts::{Address, Changing, Identity};
use super::mistakes::mistyped;
use super::names;
use super::record::{Record, sex};
use salanimi_core::Day;

/// Errors of people born abroad, as a multiple of those of others.
const ABROAD_FACTOR: f64 = 1.6;
/// Given names: only the name in use; in another order; a nickname; transliterated; mistyped.
const CALL_NAME_ONLY: f64 = 0.35;
const REORDERED: f64 = 0.10;
const NICKNAMED: f64 = 0.03;
const TRANSLITERATED: f64 = 0.20;
/// Share of the names that are transliterated in such a record.
const EACH_TRANSLITERATED: f64 = 0.7;
const GIVEN_MISTYPED: f64 = 0.035;
/// Surnames: one part of a double name, of these with both parts and no hyphen; mistyped.
const HALF_SURNAME: f64 = 0.4;
const WITHOUT_HYPHEN: f64 = 0.3;
const SURNAME_MISTYPED: f64 = 0.045;
/// Names: without dots and rings, in capitals, in each other's fields.
const PLAIN: f64 = 0.30;
const CAPITALS: f64 = 0.25;
const SWAPPED: f64 = 0.012;
/// Shares of birth dates with an error: day and month swapped, another day, month or year, 1 January; missing.
const DATE_ERRORS: [f64; 5] = [0.008, 0.008, 0.005, 0.007, 0.003];
const NO_DATE: f64 = 0.01;
/// Sex: the other one; missing.
const OTHER_SEX: f64 = 0.005;
const NO_SEX: f64 = 0.02;
/// Addresses: missing, the street mistyped.
const NO_ADDRESS: f64 = 0.08;
const STREET_MISTYPED: f64 = 0.10;
/// Share of changed names and addresses of which a desk learns.
const LEARNS: f64 = 0.5;
/// Largest day of a birth date with a wrong day.
const LAST_DAY: i32 = 28;

/// Draws whether an error with this rate is made about a person.
struct Errors<'r> {
    random: &'r mut Random,
    factor: f64,
}

impl Errors<'_> {
    fn happens(&mut self, rate: f64) -> bool {
        self.random.chance((rate * self.factor).min(0.9))
    }

    /// Keeps or drops the change of a fact.
    fn learned<T: Clone>(&mut self, fact: &Changing<T>) -> Changing<T> {
        let learns = self.random.chance(LEARNS);
        Changing { first: fact.first.clone(), changed: fact.changed.clone().filter(|_| learns) }
    }

    fn given(&mut self, identity: &Identity) -> Vec<String> {
        let mut given = identity.given.clone();
        if self.happens(CALL_NAME_ONLY) {
            given = vec![given.swap_remove(identity.called)];
        } else if self.happens(REORDERED) {
            given.reverse();
        }
        if self.happens(NICKNAMED) {
            self.replace(&mut given, 1.0, names::nickname);
        }
        if identity.abroad && self.happens(TRANSLITERATED) {
            self.replace(&mut given, EACH_TRANSLITERATED, names::transliteration);
        }
        for name in &mut given {
            if self.happens(GIVEN_MISTYPED) {
                *name = mistyped(self.random, name);
            }
        }
        given
    }

    fn replace(&mut self, given: &mut [String], share: f64, other: fn(&mut Random, &str) -> Option<String>) {
        for name in given {
            if self.random.chance(share)
                && let Some(spelling) = other(self.random, name)
            {
                *name = spelling;
            }
        }
    }

    fn surname(&mut self, name: &str) -> String {
        let mut typed = name.to_owned();
        if let Some((first, second)) = name.split_once('-')
            && self.happens(HALF_SURNAME)
        {
            typed = match self.random.chance(WITHOUT_HYPHEN) {
                true => format!("{first} {second}"),
                false => if self.random.chance(0.5) { first } else { second }.to_owned(),
            };
        }
        if self.happens(SURNAME_MISTYPED) { mistyped(self.random, &typed) } else { typed }
    }

    fn birth(&mut self, birth: Day) -> Option<(i32, i32, i32)> {
        let year = birth.year();
        let month = birth.month();
        let day = birth.day();
        let drawn = f64::from(self.random.bits()) / f64::from(u32::MAX);
        let mut bound = 0.0;
        let error = DATE_ERRORS.iter().position(|rate| {
            bound += rate;
            drawn < bound
        });
        let typed = match error {
            Some(0) if day <= 12 => (year, day, month),
            Some(1) => (year, month, (day + self.random.one_of(&[-10, -1, 1, 10])).clamp(1, LAST_DAY)),
            Some(2) => (year, self.random.between(1, 12), day),
            Some(3) => (year + self.random.one_of(&[-10, -1, 1, 10]), month, day),
            Some(4) => (year, 1, 1),
            _ => (year, month, day),
        };
        (!self.happens(NO_DATE)).then_some(typed)
    }

    fn sex(&mut self, male: bool) -> &'static str {
        let typed = sex(male != self.happens(OTHER_SEX));
        if self.happens(NO_SEX) { "" } else { typed }
    }

    fn address(&mut self, known: &Changing<Address>) -> Changing<Address> {
        let missing = self.happens(NO_ADDRESS);
        let mistypes = self.happens(STREET_MISTYPED);
        self.learned(known).map(|address| match (missing, mistypes) {
            (true, _) => Address { postcode: String::new(), street: String::new() },
            (_, true) => Address { street: mistyped(self.random, &address.street), ..address.clone() },
            _ => address.clone(),
        })
    }
}

impl Record {
    /// Returns the record of a person at a desk that types what it is told.
    pub(in crate::study::synth) fn typed(
        random: &mut Random,
        identity: &Identity,
        birth: Day,
        male: bool,
        client: String,
    ) -> Self {
        let factor = if identity.abroad { ABROAD_FACTOR } else { 1.0 };
        let mut errors = Errors { random, factor };
        let given = errors.given(identity).join(" ");
        let surname = errors.learned(&identity.surname).map(|name| errors.surname(name));
        let plain = errors.happens(PLAIN);
        let capitals = errors.happens(CAPITALS);
        let in_case = |text: &str| {
            let text = if plain { without_marks(text) } else { text.to_owned() };
            if capitals { text.to_uppercase() } else { text }
        };
        let given = in_case(&given);
        let surname = surname.map(|name| in_case(name));
        let swapped = errors.happens(SWAPPED);
        let birth = errors.birth(birth);
        let sex = errors.sex(male);
        let address = errors.address(&identity.address);
        let (first_names, last_name) = match swapped {
            true => (surname.first, Changing { first: given, changed: None }),
            false => (given, surname),
        };
        Self {
            first_names,
            last_name,
            birth,
            sex,
            postcode: address.map(|address| address.postcode.clone()),
            street: address.map(|address| address.street.clone()),
            client,
        }
    }
}

fn without_marks(text: &str) -> String {
    let plain = |letter| match letter {
        'ä' | 'å' => 'a',
        'ö' => 'o',
        'Ä' | 'Å' => 'A',
        'Ö' => 'O',
        other => other,
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_three_birth_dates_in_a_hundred_are_wrong_and_one_is_missing() {
        let mut random = Random::new(3, 1);
        let mut errors = Errors { random: &mut random, factor: 1.0 };
        let birth = Day::new(1985, 11, 9).unwrap();
        let typed: Vec<_> = (0..100_000).map(|_| errors.birth(birth)).collect();
        let missing = typed.iter().filter(|date| date.is_none()).count();
        let wrong = typed.iter().flatten().filter(|date| **date != (1985, 11, 9)).count();
        assert!((800..1_200).contains(&missing), "{missing}");
        assert!((2_700..3_300).contains(&wrong), "{wrong}");
    }
}

//! A person's record at a holder: names, birth date, sex and address as this register has them.

use super::super::random::Random;
use super::facts::{Changing, Identity};
use super::mistakes::mistyped;
use crate::config::Table;
use salanimi_core::Day;

/// Rates of an office with official data: a surname or the given names mistyped, no address.
const OFFICE_MISTYPED: f64 = 0.01;
const OFFICE_NO_ADDRESS: f64 = 0.05;

/// A field about a person that a holder knows beside the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::study::synth) enum IdentityField {
    FirstNames,
    LastName,
    Birth,
    Sex,
    Postcode,
    Street,
    Client,
}

/// The fields of a person at one holder. Sex is `1` or `2`, as in ISO/IEC 5218; a text is empty where it is missing.
pub(in crate::study::synth) struct Record {
    pub(super) first_names: String,
    pub(super) last_name: Changing<String>,
    /// Year, month and day, which need not exist; `None` if the birth date is missing.
    pub(in crate::study::synth) birth: Option<(i32, i32, i32)>,
    pub(super) sex: &'static str,
    pub(super) postcode: Changing<String>,
    pub(super) street: Changing<String>,
    /// The holder's number of the person.
    pub(in crate::study::synth) client: String,
}

impl IdentityField {
    /// Returns the field of a column: by what linkage reads in it, or by its name in the study's contract.
    pub(in crate::study::synth) fn of(table: &Table, position: usize) -> Option<Self> {
        let name = table.columns[position].name.as_str();
        let Some(linkage) = table.linkage else { return Self::named(name) };
        let read = [
            (linkage.given, Self::FirstNames),
            (linkage.surname, Self::LastName),
            (linkage.birth, Self::Birth),
            (linkage.sex, Self::Sex),
            (linkage.postcode, Self::Postcode),
            (linkage.street, Self::Street),
            (linkage.client, Self::Client),
        ];
        let found = read.into_iter().find(|(at, _)| *at == Some(position));
        found.map(|(_, field)| field).or_else(|| Self::named(name))
    }

    fn named(column: &str) -> Option<Self> {
        Some(match column {
            "first_names" => Self::FirstNames,
            "last_name" => Self::LastName,
            "birth_date" => Self::Birth,
            "sex_code" => Self::Sex,
            "postcode" => Self::Postcode,
            "address" => Self::Street,
            "client_number" => Self::Client,
            _ => return None,
        })
    }
}

impl Record {
    /// Returns the record of a person at an office that has the official data.
    pub(in crate::study::synth) fn official(
        random: &mut Random,
        identity: &Identity,
        birth: Day,
        male: bool,
        client: String,
    ) -> Self {
        let mistypes_surname = random.chance(OFFICE_MISTYPED);
        let mistypes_given = random.chance(OFFICE_MISTYPED);
        let has_address = !random.chance(OFFICE_NO_ADDRESS);
        let given = identity.given.join(" ");
        let text = |text: &String| if has_address { text.clone() } else { String::new() };
        Self {
            first_names: if mistypes_given { mistyped(random, &given) } else { given },
            last_name: identity.surname.map(|name| match mistypes_surname {
                true => mistyped(random, name),
                false => name.clone(),
            }),
            birth: Some((birth.year(), birth.month(), birth.day())),
            sex: sex(male),
            postcode: identity.address.map(|address| text(&address.postcode)),
            street: identity.address.map(|address| text(&address.street)),
            client,
        }
    }

    /// Returns the text of a field on a day; `None` for the birth date, which has a notation of its own.
    pub(in crate::study::synth) fn text(&self, field: IdentityField, day: Day) -> Option<&str> {
        Some(match field {
            IdentityField::FirstNames => &self.first_names,
            IdentityField::LastName => self.last_name.at(day),
            IdentityField::Birth => return None,
            IdentityField::Sex => self.sex,
            IdentityField::Postcode => self.postcode.at(day),
            IdentityField::Street => self.street.at(day),
            IdentityField::Client => &self.client,
        })
    }
}

/// Returns the code of a sex in ISO/IEC 5218.
pub(super) fn sex(male: bool) -> &'static str {
    if male { "1" } else { "2" }
}

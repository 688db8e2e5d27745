//! Pseudonyms of persons without an identifier.

use super::fields::LinkageFields;
use crate::keys::{KeyedHash, ProjectKeys};
use crate::pseudonym::{PersonScope, Pseudonym};

/// What a holder knows of a person without an identifier.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LocalPerson {
    /// The holder's own number of the person.
    Client(String),
    /// Names and birth date, and sex as the source writes it.
    Fields(LinkageFields, String),
}

impl std::fmt::Debug for LocalPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LocalPerson(…)")
    }
}

/// Pseudonymises persons without an identifier, at one holder:
///
/// ```text
/// pseudonym = leftmost 16 bytes of HMAC-SHA-256(subkey, "client" ‖ 0 ‖ number)
///             leftmost 16 bytes of HMAC-SHA-256(subkey, "fields" ‖ 0 ‖ given ‖ 0 ‖ surname ‖ 0 ‖ birth ‖ 0 ‖ sex)
/// subkey    = HKDF-SHA-256(project key, "local", study, kind, holder)
/// ```
///
/// No other holder can have the same pseudonym, so it links nothing by itself.
pub struct LocalPseudonymiser(KeyedHash);

impl LocalPseudonymiser {
    /// Derives the subkey of `scope`.
    #[must_use]
    pub fn new(keys: &ProjectKeys<'_>, scope: PersonScope<'_>) -> Self {
        Self(keys.local(scope.kind, scope.holder))
    }

    /// Returns the pseudonym of a person.
    #[must_use]
    pub fn pseudonym(&self, person: &LocalPerson) -> Pseudonym {
        let message = match person {
            LocalPerson::Client(number) => format!("client\0{number}"),
            LocalPerson::Fields(fields, sex) => format!("fields\0{}\0{sex}", fields.names_and_birth()),
        };
        Pseudonym(self.0.leftmost(message.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields::{BirthDigits, RawFields};
    use super::*;
    use crate::id::Id;
    use crate::keys::{Key, ProjectKey};

    fn pseudonym(holder: &str, person: &LocalPerson) -> Pseudonym {
        let key = ProjectKey::from_bytes([1; 32]);
        let [study, kind, holder] = ["example", "hetu", holder].map(|name| Id::new(name).unwrap());
        let scope = PersonScope { kind: &kind, holder: &holder };
        LocalPseudonymiser::new(&ProjectKeys::new(&key, &study), scope).pseudonym(person)
    }

    fn person(given: &str, birth: &str) -> LocalPerson {
        let birth = BirthDigits::new(birth);
        let raw = RawFields { given, surname: "Virtanen", birth, ..RawFields::default() };
        LocalPerson::Fields(LinkageFields::new(&raw), "2".to_owned())
    }

    #[test]
    fn a_local_pseudonym_depends_on_the_person_and_the_holder() {
        let one = pseudonym("north", &person("Aino", "20010709"));
        assert_eq!(one, pseudonym("north", &person("AINO", "20010709")));
        let others = [
            pseudonym("south", &person("Aino", "20010709")),
            pseudonym("north", &person("Aino", "20010708")),
            pseudonym("north", &person("Eino", "20010709")),
            pseudonym("north", &LocalPerson::Client("17".to_owned())),
        ];
        assert!(others.iter().all(|other| *other != one));
    }
}

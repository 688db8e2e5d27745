//! Finders of identifiers in text and bytes, with their word lists. They use nothing else of verify.
//!
//! Steps to add a finder:
//!
//! 1. Add a variant to [`Kind`] in `kind.rs`. If it comes last, name it in the constant `LAST` of the tests there.
//! 2. Add its row to `kinds.toml`: the check, the rule for a failure, the words in every language.
//! 3. Write the finder in a file of its own here: `find(bytes, found)` calls `found.note(kind, value, hit)` for every
//!    string of the right shape; `hit` is true if the string passes its check digits or another test.
//! 4. Put its word lists beside it, as `*.txt` or `*.toml`.
//! 5. Call it in `text.rs`, behind a condition on the bytes of the text, so that most cells skip it.
//! 6. Add examples to `verify/residue/tests.rs`: texts with the identifier, and look-alikes without one.
//!
//! A new check, rather than a new kind in an existing one, also needs a row in `catalogue.toml`.

mod addresses;
pub(super) mod birth;
mod bytes;
mod checksums;
pub(super) mod codes;
pub(super) mod coordinates;
pub(super) mod data;
mod decode;
mod documents;
mod emails;
mod fold;
mod foreign_names;
mod ibans;
mod ip_addresses;
mod kind;
mod names;
mod number_words;
mod numbers;
mod numeric;
mod person_numbers;
mod phones;
mod plates;
mod runs;
mod secrets;
mod sightings;
mod text;
mod words;

pub(super) use bytes::find_in_bytes;
pub(super) use kind::{Kind, Rule, ShareRule};
pub(super) use sightings::{Sighting, Sightings, fingerprint};
pub(super) use text::{Context, find_in_number, find_in_text};
pub(super) use words::common_names;

/// Returns true if a name of a file, folder or column holds an identifier, so that evidence must withhold it.
pub(super) fn is_revealing(name: &str) -> bool {
    let mut found = Sightings::default();
    find_in_text(name, Context::Name, &mut found);
    found.all.iter().any(|sighting| sighting.hit && sighting.kind.is_revealing())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_not_revealing() {
        let names = [
            "tmp.Vu6R",
            "/tmp/tmp.Vu6R/delivery",
            "visits.parquet",
            "register_2024_01.csv",
            "hetu_hash",
            "paid_eur",
            "salo",
            "/home/anna/work",
            "v1.2.3",
            "2026-11-24T13:39:24",
            "municipality",
            "KUNTA",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "person_month",
            "service_category",
            "Päätös (euroa)",
        ];
        for name in names {
            assert!(!is_revealing(name), "{name}");
        }
    }

    #[test]
    fn names_with_identifiers_are_revealing() {
        let names = [
            "131052-308T",
            "asiakas_010594Y9032.csv",
            "matti_virtanen.csv",
            "virtanen.matti.register.2024.csv",
            "a.b@example.fi",
            "puhelin 040 123 4567",
            "131052–308T",
        ];
        for name in names {
            assert!(is_revealing(name), "{name}");
        }
    }
}

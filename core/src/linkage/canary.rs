//! Published persons whose tokens two holders compare: equal ones show the same key, rules and normalisation.

use data_encoding::HEXLOWER;

use super::fields::{BirthDigits, LinkageFields, RawFields};
use super::rules::for_each_message;
use crate::keys::ProjectKeys;

/// Number of published persons.
pub const LINKAGE_CANARIES: usize = 3;
/// Bytes of a canary.
const CANARY_BYTES: usize = 16;
/// The published persons: given names, surname, birth date, postcode, street. They do not exist.
const PERSONS: [[&str; 5]; LINKAGE_CANARIES] = [
    ["Maria Liisa", "Virtanen-Äyräpää", "19800203", "00100", "Koivutie 3 A 4"],
    ["Åke Göran", "af Forselles", "19441231", "10300", "Strandvägen 12"],
    ["Muhammad", "Al-Jabiri", "20010709", "33100", "Hämeenkatu 7 B"],
];

/// Returns the canaries in hexadecimal: a keyed hash of all messages of each published person, under a subkey of their
/// own.
#[must_use]
pub fn linkage_canaries(keys: &ProjectKeys<'_>) -> Vec<String> {
    let hash = keys.linkage_canary();
    let canaries = PERSONS.map(|[given, surname, birth, postcode, street]| {
        let birth = BirthDigits::new(birth);
        let fields = LinkageFields::new(&RawFields { given, surname, birth, postcode, street });
        let mut text = Vec::new();
        for_each_message(&fields, |rule, _, message| {
            text.extend_from_slice(rule.name().as_bytes());
            text.push(0);
            text.extend_from_slice(message);
            text.push(b'\n');
        });
        HEXLOWER.encode(&hash.leftmost::<CANARY_BYTES>(&text))
    });
    canaries.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;
    use crate::keys::{Key, ProjectKey};

    #[test]
    fn canaries_differ_between_persons_and_keys() {
        let study = Id::new("example").unwrap();
        let of = |byte: u8| linkage_canaries(&ProjectKeys::new(&ProjectKey::from_bytes([byte; 32]), &study));
        let all: std::collections::BTreeSet<String> = [of(1), of(2)].concat().into_iter().collect();
        assert_eq!(all.len(), 2 * LINKAGE_CANARIES);
        assert_eq!(of(1), of(1));
    }
}

//! Tokens: keyed hashes of messages, and the fill of empty places.

use super::fields::LinkageFields;
use super::rules::{Rule, SLOTS, for_each_message};
use crate::id::Id;
use crate::keys::{KeyedHash, ProjectKeys};
use crate::pseudonym::Pseudonym;

/// Tokens of a person by place; `None` where the person has none.
pub type Tokens = [Option<u64>; SLOTS];

/// Makes the tokens of persons at one holder:
///
/// ```text
/// token = leftmost 8 bytes of HMAC-SHA-256(subkey, parts of the message joined by a zero byte)
/// fill  = leftmost 8 bytes of HMAC-SHA-256(subkey of the fill, pseudonym ‖ rule ‖ slot)
/// ```
///
/// with rule and slot of one byte each, the slot counted within the rule. There is one subkey for each rule,
/// HKDF-SHA-256(project key, "linkage", study, rule), and one for the fill of each holder. The bytes are read as
/// numbers with the first byte first.
pub struct LinkageHashes {
    rules: [KeyedHash; Rule::ALL.len()],
    fill: KeyedHash,
}

impl LinkageHashes {
    /// Derives the subkeys of tokens, and of the fill at `holder`.
    #[must_use]
    pub fn new(keys: &ProjectKeys<'_>, holder: &Id) -> Self {
        Self { rules: Rule::ALL.map(|rule| keys.linkage(rule.name())), fill: keys.linkage_fill(holder) }
    }

    /// Returns the tokens of a person.
    #[must_use]
    pub fn tokens(&self, fields: &LinkageFields) -> Tokens {
        let mut tokens = [None; SLOTS];
        for_each_message(fields, |rule, slot, message| {
            let token = u64::from_be_bytes(self.rules[rule.position()].leftmost(message));
            tokens[rule.places().start + slot] = Some(token);
        });
        tokens
    }

    /// Fills the empty places of a person, and sorts the places of each rule by value.
    ///
    /// The fill of a place is the same in every delivery of the holder, so that two deliveries do not show which places
    /// have tokens. It meets no other person and no other holder.
    #[must_use]
    pub fn filled(&self, pseudonym: &Pseudonym, tokens: &Tokens) -> [u64; SLOTS] {
        let mut filled = [0; SLOTS];
        for rule in Rule::ALL {
            let places = rule.places();
            for place in places.clone() {
                filled[place] = tokens[place].unwrap_or_else(|| self.fill(pseudonym, rule, place - places.start));
            }
            filled[places].sort_unstable();
        }
        filled
    }

    /// Returns a number as uniform as a pseudonym for padding row `number` of part `part` of a table.
    #[must_use]
    pub fn padding(&self, part: usize, number: u64) -> u128 {
        let mut message = *b"padding\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        message[8..16].copy_from_slice(&(part as u64).to_be_bytes());
        message[16..].copy_from_slice(&number.to_be_bytes());
        u128::from_be_bytes(self.fill.leftmost(&message))
    }

    fn fill(&self, pseudonym: &Pseudonym, rule: Rule, slot: usize) -> u64 {
        let mut message = [0; 18];
        message[..16].copy_from_slice(&pseudonym.0);
        message[16] = rule.position() as u8;
        message[17] = slot as u8;
        u64::from_be_bytes(self.fill.leftmost(&message))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::fields::{BirthDigits, RawFields};
    use super::super::words::{skeleton, words};
    use super::*;
    use crate::keys::{Key, ProjectKey};

    const VECTORS: &str = include_str!("../../../fixtures/linkage/vectors.json");

    fn hashes(holder: &str) -> LinkageHashes {
        let key = ProjectKey::from_bytes(std::array::from_fn(|i| i as u8));
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let study = Id::new(vectors["study"].as_str().unwrap()).unwrap();
        LinkageHashes::new(&ProjectKeys::new(&key, &study), &Id::new(holder).unwrap())
    }

    fn texts(value: &Value) -> Vec<&str> {
        value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
    }

    /// Computed independently with Python's hmac and hashlib.
    #[test]
    fn tokens_are_those_of_the_published_vectors() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let hashes = hashes("south");
        for person in vectors["people"].as_array().unwrap() {
            let text = |name: &str| person[name].as_str().unwrap();
            let birth = BirthDigits::new(&text("birth").replace('-', ""));
            let raw = RawFields {
                given: text("given"),
                surname: text("surname"),
                birth,
                postcode: text("postcode"),
                street: text("street"),
            };
            for (name, position) in [("given", 0), ("surname", 1)] {
                let found = words(text(name));
                assert_eq!(found, texts(&person["words"][position]));
                let skeletons: Vec<String> = found.iter().map(|word| skeleton(word)).collect();
                assert_eq!(skeletons, texts(&person["skeletons"][position]));
            }
            let tokens = hashes.tokens(&LinkageFields::new(&raw));
            for rule in Rule::ALL {
                let mut found: Vec<String> =
                    tokens[rule.places()].iter().flatten().map(|token| format!("{token:016x}")).collect();
                found.sort();
                assert_eq!(found, texts(&person["tokens_sorted"][rule.name()]), "{}", rule.name());
            }
        }
    }

    #[test]
    fn filled_places_are_sorted_within_their_rule_and_keep_the_tokens() {
        let raw = RawFields {
            given: "Aino",
            surname: "Virtanen",
            birth: BirthDigits::new("20010709"),
            ..RawFields::default()
        };
        let hashes = hashes("south");
        let tokens = hashes.tokens(&LinkageFields::new(&raw));
        let filled = hashes.filled(&Pseudonym([7; 16]), &tokens);
        for rule in Rule::ALL {
            let range = rule.places();
            assert!(filled[range.clone()].is_sorted());
            assert!(tokens[range.clone()].iter().flatten().all(|token| filled[range.clone()].contains(token)));
        }
        let distinct: std::collections::HashSet<u64> = filled.into_iter().collect();
        assert_eq!(distinct.len(), SLOTS);
    }

    #[test]
    fn padding_differs_between_parts_and_rows() {
        let hashes = hashes("south");
        let all: std::collections::HashSet<u128> = (0..8)
            .flat_map(|part| (0..50).map(move |number| (part, number)))
            .map(|(p, n)| hashes.padding(p, n))
            .collect();
        assert_eq!(all.len(), 8 * 50);
    }

    #[test]
    fn fill_differs_between_persons_and_holders_and_is_the_same_every_time() {
        let none = [None; SLOTS];
        let fill = |holder: &str, person: u8| hashes(holder).filled(&Pseudonym([person; 16]), &none);
        assert_eq!(fill("south", 1), fill("south", 1));
        let all: std::collections::HashSet<u64> =
            [fill("south", 1), fill("south", 2), fill("north", 1)].into_iter().flatten().collect();
        assert_eq!(all.len(), 3 * SLOTS);
    }
}

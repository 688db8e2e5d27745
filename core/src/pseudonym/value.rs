//! Pseudonyms and linked ids as values.

use std::fmt;

use data_encoding::BASE32HEX_NOPAD;

/// Width of a pseudonym in bytes.
pub const PSEUDONYM_BYTES: usize = 16;
/// Width of a linked id in bytes, before it is written as text.
pub const LINKED_ID_BYTES: usize = 8;

/// Pseudonym of an identifier in a delivery: the leftmost 16 bytes of a keyed hash. Never prints its value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub [u8; PSEUDONYM_BYTES]);

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonym(…)")
    }
}

/// Linked id of a person or reference in one linked dataset: the leftmost 8 bytes of a keyed hash of the pseudonym.
/// Never prints its value.
///
/// Written in base32 with the extended hex alphabet (RFC 4648 section 7), 13 characters without padding. This alphabet
/// sorts like the bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkedId(pub [u8; LINKED_ID_BYTES]);

impl LinkedId {
    /// Length of the written form in characters.
    pub const TEXT_LENGTH: usize = 13;

    /// Writes the 13 characters into `text`.
    pub fn encode_into(self, text: &mut [u8; Self::TEXT_LENGTH]) {
        BASE32HEX_NOPAD.encode_mut(&self.0, text);
    }

    /// Parses the written form; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        BASE32HEX_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Debug for LinkedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkedId(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(id: LinkedId) -> String {
        let mut text = [0; LinkedId::TEXT_LENGTH];
        id.encode_into(&mut text);
        String::from_utf8(text.to_vec()).unwrap()
    }

    #[test]
    fn nothing_prints_its_value() {
        assert_eq!(format!("{:?}{:?}", Pseudonym([7; 16]), LinkedId([7; 8])), "Pseudonym(…)LinkedId(…)");
    }

    proptest! {
        #[test]
        fn text_sorts_like_the_bytes(a in any::<[u8; 8]>(), b in any::<[u8; 8]>()) {
            prop_assert_eq!(a.cmp(&b), text(LinkedId(a)).cmp(&text(LinkedId(b))));
            prop_assert_eq!(LinkedId::parse(&text(LinkedId(a))), Some(LinkedId(a)));
        }
    }
}

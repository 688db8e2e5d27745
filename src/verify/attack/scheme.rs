//! Pseudonymisation schemes: the hash, its input and its rounds.

use super::code_space::{CodeSpace, Part, RawCode};
use super::hashes::{Digest, Hash, Kind, Task, write_hex};
use super::message::{Encoding, Form, Padded};
use super::salts::Word;
use crate::text::Text;

/// Number and input of the rounds of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Rounds {
    /// One round.
    Once,
    /// A second round over the first digest in lower-case hexadecimal digits.
    HexAgain,
    /// A second round over the bytes of the first digest.
    BytesAgain,
}

/// Input of a hash besides the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added<'a> {
    /// The code alone.
    Nothing,
    /// A word and a separator before the code.
    Before(&'a Word, &'static str),
    /// A separator and a word after the code.
    After(&'a Word, &'static str),
    /// The same word before the code and after it.
    Around(&'a Word, &'static str),
    /// The key of an HMAC.
    Key(&'a Word),
}

/// A way of making pseudonyms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scheme<'a> {
    pub kind: Kind,
    pub form: Form,
    pub rounds: Rounds,
    pub added: Added<'a>,
}

/// Families of schemes, each with its check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    /// Hashes of the code alone.
    Unkeyed,
    /// Hashes of the code and a salt.
    Salted,
    /// HMACs.
    Keyed,
}

impl Family {
    /// All families.
    pub const ALL: [Self; 3] = [Self::Unkeyed, Self::Salted, Self::Keyed];

    /// Returns the name of the family's check.
    pub fn check(self) -> &'static str {
        match self {
            Self::Unkeyed => "attack.unkeyed",
            Self::Salted => "attack.salted",
            Self::Keyed => "attack.keyed",
        }
    }
}

impl<'a> Scheme<'a> {
    /// Returns the family of the scheme.
    pub fn family(&self) -> Family {
        match self.added {
            Added::Nothing => Family::Unkeyed,
            Added::Before(..) | Added::After(..) | Added::Around(..) => Family::Salted,
            Added::Key(_) => Family::Keyed,
        }
    }

    /// Returns a key that differs between schemes. Schemes that share the first round are adjacent in its order.
    pub fn key(&self) -> (Kind, Form, Rounds, u8, &'a [u8], &'static str) {
        let (place, word, separator): (u8, &'a [u8], &'static str) = match self.added {
            Added::Nothing => (0, &[], ""),
            Added::Before(word, separator) => (1, &word.text, separator),
            Added::After(word, separator) => (2, &word.text, separator),
            Added::Around(word, separator) => (3, &word.text, separator),
            Added::Key(word) => (4, &word.text, ""),
        };
        (self.kind, self.form, self.rounds, place, word, separator)
    }

    /// Returns the number of codes in `parts` that differ under this scheme.
    pub fn codes(&self, space: &CodeSpace, parts: &[Part]) -> u64 {
        self.form.parts().iter().filter(|part| parts.contains(part)).map(|&part| space.len(part)).sum()
    }

    /// Returns the nanoseconds that a code takes, about.
    pub fn cost(&self) -> u64 {
        let twice = self.rounds != Rounds::Once || matches!(self.added, Added::Key(_));
        self.kind.cost() * if twice { 2 } else { 1 }
    }

    /// Describes the scheme. Only the source of a word is shown: the word may be a password in use.
    pub fn describe(&self) -> Text {
        let hmac = if self.family() == Family::Keyed { "HMAC-" } else { "" };
        let hash = self.kind.name();
        let form = self.form.describe();
        let added = self.added.describe();
        let rounds = self.rounds.describe();
        Text::new(
            format!("{hmac}{hash} of {}{}{}", form.en, added.en, rounds.en),
            format!("{hmac}{hash}, syötteenä {}{}{}", form.fi, added.fi, rounds.fi),
            format!("{hmac}{hash} av {}{}{}", form.sv, added.sv, rounds.sv),
        )
    }

    /// Returns true if two schemes share the first round.
    pub fn shares_first_round(&self, other: &Self) -> bool {
        Self { rounds: other.rounds, ..*self } == *other
    }

    /// Calls `receive` with the digest of each code.
    pub fn hash(&self, codes: &[RawCode], mut receive: impl FnMut(&Digest)) {
        hash_together(std::slice::from_ref(self), codes, |_, digest| receive(digest));
    }
}

/// Calls `receive` with the position of each scheme and the digest of each code.
///
/// The schemes share the first round, which is computed once.
pub(super) fn hash_together(schemes: &[Scheme<'_>], codes: &[RawCode], receive: impl FnMut(usize, &Digest)) {
    if let Some(first) = schemes.first() {
        first.kind.with(Hashing { first, schemes, codes, receive });
    }
}

impl Rounds {
    fn describe(self) -> Text {
        match self {
            Self::Once => Text::same(""),
            Self::HexAgain => Text::new(
                ", hashed again as lower-case hex",
                ", tiivistetty uudelleen heksadesimaalimuodosta",
                ", hashat på nytt som hexadecimal text med gemener",
            ),
            Self::BytesAgain => {
                Text::new(", hashed again as bytes", ", tiivistetty uudelleen tavuista", ", hashat på nytt som byte")
            }
        }
    }
}

impl Added<'_> {
    fn describe(self) -> Text {
        let (Self::Before(word, _) | Self::After(word, _) | Self::Around(word, _) | Self::Key(word)) = self else {
            return Text::same("");
        };
        let Text { en, fi, sv } = word.source.describe();
        match self {
            Self::Nothing => Text::same(""),
            Self::Before(..) => {
                Text::new(format!(" with {en} before it"), format!(", edessä {fi}"), format!(" med {sv} före"))
            }
            Self::After(..) => {
                Text::new(format!(" with {en} after it"), format!(", perässä {fi}"), format!(" med {sv} efter"))
            }
            Self::Around(..) => Text::new(
                format!(" with {en} on both sides"),
                format!(", molemmin puolin {fi}"),
                format!(" med {sv} på båda sidor"),
            ),
            Self::Key(_) => {
                Text::new(format!(", the key being {en}"), format!(", avaimena {fi}"), format!(", med {sv} som nyckel"))
            }
        }
    }
}

impl Form {
    fn describe(self) -> Text {
        let mut en = "the code".to_owned();
        let mut fi = "tunnus".to_owned();
        let mut sv = "beteckningen".to_owned();
        if !self.sign {
            en.push_str(" without its sign");
            fi.push_str(" ilman välimerkkiä");
            sv.push_str(" utan mellantecken");
        }
        if self.lower {
            en.push_str(" in lower case");
            fi.push_str(" pienin kirjaimin");
            sv.push_str(" med gemener");
        }
        let encoding = match self.encoding {
            Encoding::Bytes => None,
            Encoding::Utf16Le => Some("UTF-16LE"),
            Encoding::Utf16LeMarked => Some("UTF-16LE + BOM"),
            Encoding::Utf16Be => Some("UTF-16BE"),
        };
        if let Some(encoding) = encoding {
            en.push_str(&format!(" in {encoding}"));
            fi.push_str(&format!(" ({encoding})"));
            sv.push_str(&format!(" ({encoding})"));
        }
        if !self.line_end.is_empty() {
            en.push_str(" with a line end");
            fi.push_str(" rivinvaihdon kanssa");
            sv.push_str(" med radbyte");
        }
        Text::new(en, fi, sv)
    }
}

/// Hashing of some codes under schemes that share the first round.
struct Hashing<'a, F> {
    first: &'a Scheme<'a>,
    schemes: &'a [Scheme<'a>],
    codes: &'a [RawCode],
    receive: F,
}

impl<F: FnMut(usize, &Digest)> Task for Hashing<'_, F> {
    type Result = ();

    fn run<H: Hash>(mut self) {
        let (before, after) = match self.first.added {
            Added::Before(word, separator) => ([&word.text, separator.as_bytes()].concat(), Vec::new()),
            Added::After(word, separator) => (Vec::new(), [separator.as_bytes(), &word.text].concat()),
            Added::Around(word, separator) => {
                ([&word.text, separator.as_bytes()].concat(), [separator.as_bytes(), &word.text].concat())
            }
            Added::Nothing | Added::Key(_) => (Vec::new(), Vec::new()),
        };
        let mut message = self.first.form.message(&before, &after);
        if let Added::Key(key) = self.first.added {
            return self.keyed::<H>(&key.text);
        }
        let start = H::start();
        H::pad(&mut message.padded, 0);
        let [mut hex, mut bytes] = [H::WIDTH * 2, H::WIDTH].map(Padded::zeros);
        H::pad(&mut hex, 0);
        H::pad(&mut bytes, 0);
        let mut once = [0; 64];
        let mut again = [0; 64];
        for code in self.codes {
            message.put(code);
            H::finish(&start, &message.padded, &mut once);
            for (position, scheme) in self.schemes.iter().enumerate() {
                let second = match scheme.rounds {
                    Rounds::Once => {
                        (self.receive)(position, &once);
                        continue;
                    }
                    Rounds::HexAgain => {
                        write_hex(&once, H::WIDTH, &mut hex.bytes);
                        &hex
                    }
                    Rounds::BytesAgain => {
                        bytes.bytes[..H::WIDTH].copy_from_slice(&once[..H::WIDTH]);
                        &bytes
                    }
                };
                H::finish(&start, second, &mut again);
                (self.receive)(position, &again);
            }
        }
    }
}

impl<F: FnMut(usize, &Digest)> Hashing<'_, F> {
    /// Computes HMAC (FIPS 198-1): H(key ⊕ opad ‖ H(key ⊕ ipad ‖ message)). Both pads are absorbed once.
    fn keyed<H: Hash>(&mut self, key: &[u8]) {
        let inner = padded_key::<H>(key, 0x36);
        let outer = padded_key::<H>(key, 0x5c);
        let mut message = self.first.form.message(&[], &[]);
        H::pad(&mut message.padded, H::BLOCK);
        let mut second = Padded::zeros(H::WIDTH);
        H::pad(&mut second, H::BLOCK);
        let mut digest = [0; 64];
        for code in self.codes {
            message.put(code);
            H::finish(&inner, &message.padded, &mut digest);
            second.bytes[..H::WIDTH].copy_from_slice(&digest[..H::WIDTH]);
            H::finish(&outer, &second, &mut digest);
            (0..self.schemes.len()).for_each(|position| (self.receive)(position, &digest));
        }
    }
}

/// Returns the state after one pad of an HMAC. The key is shorter than a block.
fn padded_key<H: Hash>(key: &[u8], pad: u8) -> H::State {
    let mut block = vec![pad; H::BLOCK];
    block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
    let mut state = H::start();
    H::absorb(&mut state, &block);
    state
}

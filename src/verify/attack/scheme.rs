//! Pseudonymisation schemes: the hash, its input and its rounds.

use super::code_space::Part;
use super::hashes::Kind;
use super::message::{Encoding, Form};
use super::namespaces::Namespace;
use super::salts::Word;
use super::space::{Space, Wording};
use crate::text::{Text, grouped};

/// Number and input of the rounds of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Rounds {
    /// One round.
    Once,
    /// So many rounds, each over the digest before it in lower-case hexadecimal digits.
    Hex(u32),
    /// So many rounds, each over the bytes of the digest before it. For PBKDF2, the iterations.
    Bytes(u32),
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
    /// The namespace of a UUID.
    Namespace(Namespace),
    /// The salt of PBKDF2, with the code as the password (RFC 8018, section 5.2).
    Pbkdf2(&'a Word),
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
            Added::Nothing | Added::Namespace(_) => Family::Unkeyed,
            Added::Before(..) | Added::After(..) | Added::Around(..) | Added::Pbkdf2(_) => Family::Salted,
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
            Added::Namespace(namespace) => (5, namespace.bytes(), ""),
            Added::Pbkdf2(word) => (6, &word.text, ""),
        };
        (self.kind, self.form, self.rounds, place, word, separator)
    }

    /// Returns the number of codes in `parts` that differ under this scheme.
    pub fn codes(&self, space: &Space, parts: &[Part]) -> u64 {
        self.form.parts().iter().filter(|part| parts.contains(part)).map(|&part| space.len(part)).sum()
    }

    /// Returns the nanoseconds that a code takes, about.
    pub fn cost(&self) -> u64 {
        let rounds = u64::from(self.rounds.number());
        let hashes = match self.added {
            Added::Key(_) => 2 * rounds,
            // The key of each HMAC is the code, so its two blocks are hashed too.
            Added::Pbkdf2(_) => 2 * rounds + 2,
            _ => rounds,
        };
        self.kind.cost() * hashes
    }

    /// Describes the scheme. Only the source of a word is shown: the word may be a password in use.
    pub fn describe(&self, wording: &Wording) -> Text {
        let hmac = match self.added {
            Added::Key(_) => "HMAC-",
            Added::Pbkdf2(_) => "PBKDF2-HMAC-",
            _ => "",
        };
        let hash = self.kind.name();
        let form = self.form.describe(wording);
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
}

impl Rounds {
    /// Returns the number of rounds.
    pub fn number(self) -> u32 {
        match self {
            Self::Once => 1,
            Self::Hex(number) | Self::Bytes(number) => number,
        }
    }

    fn describe(self) -> Text {
        let number = grouped(u64::from(self.number()));
        match self {
            Self::Once => Text::same(""),
            Self::Hex(2) => Text::new(
                ", hashed again as lower-case hex",
                ", tiivistetty uudelleen heksadesimaalimuodosta",
                ", hashat på nytt som hexadecimal text med gemener",
            ),
            Self::Bytes(2) => {
                Text::new(", hashed again as bytes", ", tiivistetty uudelleen tavuista", ", hashat på nytt som byte")
            }
            Self::Hex(_) => Text::new(
                format!(", {number} rounds over lower-case hex"),
                format!(", {number} kierrosta heksadesimaalimuodosta"),
                format!(", {number} omgångar över hexadecimal text med gemener"),
            ),
            Self::Bytes(_) => {
                Text::new(format!(", {number} rounds"), format!(", {number} kierrosta"), format!(", {number} omgångar"))
            }
        }
    }
}

impl Added<'_> {
    fn describe(self) -> Text {
        let Text { en, fi, sv } = match self {
            Self::Nothing => return Text::same(""),
            Self::Namespace(namespace) => Text::same(namespace.name()),
            Self::Before(word, _)
            | Self::After(word, _)
            | Self::Around(word, _)
            | Self::Key(word)
            | Self::Pbkdf2(word) => word.source.describe(),
        };
        match self {
            Self::Nothing => Text::same(""),
            Self::Namespace(_) => Text::new(
                format!(" in the namespace {en}"),
                format!(" nimiavaruudessa {fi}"),
                format!(" i namnrymden {sv}"),
            ),
            Self::Pbkdf2(_) => {
                Text::new(format!(", the salt being {en}"), format!(", suolana {fi}"), format!(", med {sv} som salt"))
            }
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
    fn describe(self, wording: &Wording) -> Text {
        let Text { mut en, mut fi, mut sv } = wording.noun.clone();
        if !self.sign {
            en.push_str(&wording.unsigned.en);
            fi.push_str(&wording.unsigned.fi);
            sv.push_str(&wording.unsigned.sv);
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

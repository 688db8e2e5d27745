//! A scheme: what is hashed, and how.

use super::code_space::{CodeSpace, Part, RawCode};
use super::hashes::{Digest, Hash, Kind, Task, write_hex};
use super::message::{Form, Padded};
use super::salts::Word;
use crate::text::Text;

/// How often, and over what, a hash is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Rounds {
    Once,
    /// The hash of the first digest in lower hexadecimal digits.
    HexAgain,
    /// The hash of the first digest's bytes.
    BytesAgain,
}

/// What besides the code goes into a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added<'a> {
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

/// One way of making pseudonyms that people use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scheme<'a> {
    pub kind: Kind,
    pub form: Form,
    pub rounds: Rounds,
    pub added: Added<'a>,
}

/// The three sorts of schemes, each with its check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Unkeyed,
    Salted,
    Keyed,
}

impl Family {
    pub const ALL: [Self; 3] = [Self::Unkeyed, Self::Salted, Self::Keyed];

    pub fn check(self) -> &'static str {
        match self {
            Self::Unkeyed => "attack.unkeyed",
            Self::Salted => "attack.salted",
            Self::Keyed => "attack.keyed",
        }
    }
}

impl<'a> Scheme<'a> {
    pub fn family(&self) -> Family {
        match self.added {
            Added::Nothing => Family::Unkeyed,
            Added::Before(..) | Added::After(..) | Added::Around(..) => Family::Salted,
            Added::Key(_) => Family::Keyed,
        }
    }

    /// What tells schemes apart.
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

    /// Number of codes in `parts` that differ from one another under this scheme.
    pub fn codes(&self, space: &CodeSpace, parts: &[Part]) -> u64 {
        self.form.parts().iter().filter(|part| parts.contains(part)).map(|&part| space.len(part)).sum()
    }

    /// Nanoseconds that a code takes, about.
    pub fn cost(&self) -> u64 {
        let twice = self.rounds != Rounds::Once || matches!(self.added, Added::Key(_));
        self.kind.cost() * if twice { 2 } else { 1 }
    }

    /// The scheme in words. Of a word that was added only the sort is said: it may be a password in use.
    pub fn words(&self) -> Text {
        let (en_form, fi_form) = form_words(self.form);
        let hash = self.kind.shown();
        let (en_again, fi_again) = match self.rounds {
            Rounds::Once => ("", ""),
            Rounds::HexAgain => (", hashed again as lower hex", ", tiivistetty uudelleen heksamuodosta"),
            Rounds::BytesAgain => (", hashed again as bytes", ", tiivistetty uudelleen tavuista"),
        };
        let (en_word, fi_word) = match self.added {
            Added::Nothing => (String::new(), String::new()),
            Added::Before(word, _) => {
                (format!(" with {} before it", word.source.en()), format!(", edessä {}", word.source.fi()))
            }
            Added::After(word, _) => {
                (format!(" with {} after it", word.source.en()), format!(", perässä {}", word.source.fi()))
            }
            Added::Around(word, _) => {
                (format!(" with {} on both sides", word.source.en()), format!(", molemmin puolin {}", word.source.fi()))
            }
            Added::Key(word) => {
                (format!(", the key being {}", word.source.en()), format!(", avaimena {}", word.source.fi()))
            }
        };
        let hmac = if self.family() == Family::Keyed { "HMAC-" } else { "" };
        Text::new(
            format!("{hmac}{hash} of {en_form}{en_word}{en_again}"),
            format!("{hmac}{hash}, syötteenä {fi_form}{fi_word}{fi_again}"),
        )
    }

    /// Whether two schemes have the first round in common.
    pub fn begins_like(&self, other: &Self) -> bool {
        Self { rounds: other.rounds, ..*self } == *other
    }

    /// Tells `see` the digest of each of `codes`.
    pub fn hash(&self, codes: &[RawCode], mut see: impl FnMut(&Digest)) {
        hash_together(std::slice::from_ref(self), codes, |_, digest| see(digest));
    }
}

/// Tells `see` the digest of each of `codes` under each of `schemes`, by the scheme's position. They begin alike, and the
/// first round is computed once for all.
pub(super) fn hash_together(schemes: &[Scheme<'_>], codes: &[RawCode], see: impl FnMut(usize, &Digest)) {
    if let Some(first) = schemes.first() {
        first.kind.with(Hashing { first, schemes, codes, see });
    }
}

fn form_words(form: Form) -> (String, String) {
    use super::message::Encoding;
    let (mut en, mut fi) = ("the code".to_owned(), "tunnus".to_owned());
    if !form.sign {
        en.push_str(" without its sign");
        fi.push_str(" ilman välimerkkiä");
    }
    if form.lower {
        en.push_str(" in lower case");
        fi.push_str(" pienin kirjaimin");
    }
    let encoding = match form.encoding {
        Encoding::Bytes => "",
        Encoding::Utf16Le => "UTF-16LE",
        Encoding::Utf16LeMarked => "UTF-16LE + BOM",
        Encoding::Utf16Be => "UTF-16BE",
    };
    if !encoding.is_empty() {
        en.push_str(&format!(" in {encoding}"));
        fi.push_str(&format!(" ({encoding})"));
    }
    if !form.line_end.is_empty() {
        en.push_str(" with a line end");
        fi.push_str(" rivinvaihdon kanssa");
    }
    (en, fi)
}

/// The hashing of some codes under schemes that begin like the first.
struct Hashing<'a, F> {
    first: &'a Scheme<'a>,
    schemes: &'a [Scheme<'a>],
    codes: &'a [RawCode],
    see: F,
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
            Added::Nothing | Added::Key(_) => Default::default(),
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
        let (mut once, mut again) = ([0; 64], [0; 64]);
        for code in self.codes {
            message.put(code);
            H::finish(&start, &message.padded, &mut once);
            for (position, scheme) in self.schemes.iter().enumerate() {
                let second = match scheme.rounds {
                    Rounds::Once => {
                        (self.see)(position, &once);
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
                (self.see)(position, &again);
            }
        }
    }
}

impl<F: FnMut(usize, &Digest)> Hashing<'_, F> {
    /// HMAC (FIPS 198-1): H(key ⊕ opad ‖ H(key ⊕ ipad ‖ message)), both pads absorbed once.
    fn keyed<H: Hash>(&mut self, key: &[u8]) {
        let (inner, outer) = pads::<H>(key);
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
            (0..self.schemes.len()).for_each(|position| (self.see)(position, &digest));
        }
    }
}

/// The states after the two pads of an HMAC; keys are shorter than a block.
fn pads<H: Hash>(key: &[u8]) -> (H::State, H::State) {
    let pad = |with: u8| {
        let mut block = vec![with; H::BLOCK];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        let mut state = H::start();
        H::absorb(&mut state, &block);
        state
    };
    (pad(0x36), pad(0x5c))
}

//! Messages: the written form of a code, with a salt before or after it, ready to be hashed.

use super::candidates::Candidates;
use super::code_space::Part;

/// Longest message in bytes, padding included.
pub(super) const CAPACITY: usize = 512;

/// A message in a buffer with space for padding.
#[derive(Clone)]
pub(super) struct Padded {
    pub bytes: [u8; CAPACITY],
    /// Length of the message in bytes.
    pub length: usize,
    /// Length with padding in bytes.
    pub end: usize,
}

impl Padded {
    /// Creates a message of `length` zero bytes.
    pub fn zeros(length: usize) -> Self {
        Self { bytes: [0; CAPACITY], length, end: length }
    }

    /// Creates a message of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut message = Self::zeros(bytes.len());
        message.bytes[..bytes.len()].copy_from_slice(bytes);
        message
    }

    /// Returns the message without padding.
    #[inline]
    pub fn message(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Character encoding of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Encoding {
    /// One byte a character: ASCII, Latin-1 and UTF-8.
    Bytes,
    /// Little-endian UTF-16, as in Windows and SQL Server.
    Utf16Le,
    /// Little-endian UTF-16 after a byte order mark.
    Utf16LeMarked,
    /// Big-endian UTF-16.
    Utf16Be,
}

/// Written form of a code before it is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Form {
    /// `true` if letters are in lower case.
    pub lower: bool,
    /// `true` if the code has its sign.
    pub sign: bool,
    pub encoding: Encoding,
    /// Line end that is hashed with the code.
    pub line_end: &'static str,
}

impl Form {
    /// Canonical form, 11 bytes.
    pub const CANONICAL: Self = Self { lower: false, sign: true, encoding: Encoding::Bytes, line_end: "" };
    /// Canonical form without the sign.
    pub const SIGNLESS: Self = Self { sign: false, ..Self::CANONICAL };
    /// Canonical form in lower case.
    pub const LOWER: Self = Self { lower: true, ..Self::CANONICAL };
    /// Lower case without the sign.
    pub const LOWER_SIGNLESS: Self = Self { sign: false, ..Self::LOWER };
    /// Most common forms.
    pub const PLAIN: [Self; 4] = [Self::CANONICAL, Self::SIGNLESS, Self::LOWER, Self::LOWER_SIGNLESS];

    /// Returns every form, the most common first.
    pub fn all() -> Vec<Self> {
        let mut forms = Self::PLAIN.to_vec();
        for encoding in [Encoding::Utf16Le, Encoding::Utf16LeMarked, Encoding::Utf16Be] {
            forms.extend([Self::CANONICAL, Self::SIGNLESS].map(|form| Self { encoding, ..form }));
        }
        for line_end in ["\n", "\r\n"] {
            forms.extend([Self::CANONICAL, Self::SIGNLESS].map(|form| Self { line_end, ..form }));
        }
        forms
    }

    /// Returns the parts of the space whose codes differ in this form.
    pub fn parts(self) -> &'static [Part] {
        match self.sign {
            true => &[Part::Usual, Part::Unusual, Part::Pattern],
            false => &[Part::Signless, Part::PatternUnmarked],
        }
    }

    /// Returns the bytes of a character.
    fn width(self) -> usize {
        if self.encoding == Encoding::Bytes { 1 } else { 2 }
    }

    /// Encodes text as this form does.
    fn encode(self, text: &[u8]) -> Vec<u8> {
        let bytes = text.iter().flat_map(|&byte| match self.encoding {
            Encoding::Bytes => [Some(byte), None],
            Encoding::Utf16Le | Encoding::Utf16LeMarked => [Some(byte), Some(0)],
            Encoding::Utf16Be => [Some(0), Some(byte)],
        });
        bytes.flatten().collect()
    }

    /// Creates a message with `before` and `after` around a place for one of `candidates`. Returns it and the place.
    pub fn message(self, before: &[u8], after: &[u8], candidates: &Candidates) -> (Padded, Place) {
        let mark: &[u8] = if self.encoding == Encoding::Utf16LeMarked { &[0xff, 0xfe] } else { &[] };
        let start = [mark, &self.encode(before)].concat();
        let dropped = candidates.sign.filter(|_| !self.sign);
        let kept = candidates.length - usize::from(dropped.is_some());
        let code = self.encode(&vec![0; kept]);
        let end = [self.encode(after), self.encode(self.line_end.as_bytes())].concat();
        let mut padded = Padded::zeros(start.len() + code.len() + end.len());
        padded.bytes[..padded.length].copy_from_slice(&[&start[..], &code, &end].concat());
        let at = start.len() + usize::from(self.encoding == Encoding::Utf16Be);
        (padded, Place { at, kept, dropped, width: self.width(), lower: self.lower })
    }
}

/// Place of a code in a message.
pub(super) struct Place {
    /// Position of the place.
    at: usize,
    /// Characters of the place.
    kept: usize,
    /// Position of a character that is left out.
    dropped: Option<usize>,
    /// Bytes of a character.
    width: usize,
    lower: bool,
}

impl Place {
    /// Puts a code in its place in a message.
    #[inline]
    pub fn put(&self, code: &[u8], message: &mut Padded) {
        let place = &mut message.bytes[self.at..];
        match (self.width, self.dropped) {
            (1, None) => place[..code.len()].copy_from_slice(code),
            (1, Some(sign)) => {
                place[..sign].copy_from_slice(&code[..sign]);
                place[sign..code.len() - 1].copy_from_slice(&code[sign + 1..]);
            }
            (width, dropped) => {
                let kept = code.iter().enumerate().filter(|(at, _)| Some(*at) != dropped);
                kept.enumerate().for_each(|(at, (_, &byte))| place[width * at] = byte);
            }
        }
        if self.lower {
            place[..self.kept * self.width].make_ascii_lowercase();
        }
    }
}

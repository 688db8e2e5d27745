//! What is hashed of a code: how it is written, and what stands before and after it.

use super::code_space::{Part, RawCode};

/// Position of the sign in a code.
const SIGN: usize = 6;
/// The longest message, padding included.
const ROOM: usize = 256;

/// A message in a buffer with room for padding.
#[derive(Clone)]
pub(super) struct Padded {
    pub bytes: [u8; ROOM],
    /// Bytes of the message.
    pub length: usize,
    /// Bytes with padding.
    pub end: usize,
}

impl Padded {
    /// A message of `length` bytes, all zero.
    pub fn zeros(length: usize) -> Self {
        Self { bytes: [0; ROOM], length, end: length }
    }

    #[inline]
    pub fn message(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// How the characters of a code become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Encoding {
    /// One byte a character: ASCII, latin-1 and UTF-8.
    Bytes,
    /// UTF-16, the low byte first, as Windows and SQL Server have it.
    Utf16Le,
    /// UTF-16 with a mark of the byte order before it.
    Utf16LeMarked,
    /// UTF-16, the high byte first.
    Utf16Be,
}

/// How a code is written before it is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Form {
    pub lower: bool,
    pub sign: bool,
    pub encoding: Encoding,
    /// A line end that was hashed with it.
    pub line_end: &'static str,
}

impl Form {
    /// The canonical form, 11 bytes.
    pub const CANONICAL: Self = Self { lower: false, sign: true, encoding: Encoding::Bytes, line_end: "" };
    pub const SIGNLESS: Self = Self { sign: false, ..Self::CANONICAL };
    pub const LOWER: Self = Self { lower: true, ..Self::CANONICAL };
    pub const LOWER_SIGNLESS: Self = Self { sign: false, ..Self::LOWER };
    /// What people most often hash.
    pub const PLAIN: [Self; 4] = [Self::CANONICAL, Self::SIGNLESS, Self::LOWER, Self::LOWER_SIGNLESS];

    /// Every form, the most usual first.
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

    /// The parts of the space in which codes differ in this form.
    pub fn parts(self) -> &'static [Part] {
        if self.sign { &[Part::Usual, Part::Unusual] } else { &[Part::Signless] }
    }

    fn width(self) -> usize {
        if self.encoding == Encoding::Bytes { 1 } else { 2 }
    }

    /// Writes text in the encoding of this form.
    fn encode(self, text: &[u8]) -> Vec<u8> {
        let bytes = text.iter().flat_map(|&byte| match self.encoding {
            Encoding::Bytes => [Some(byte), None],
            Encoding::Utf16Le | Encoding::Utf16LeMarked => [Some(byte), Some(0)],
            Encoding::Utf16Be => [Some(0), Some(byte)],
        });
        bytes.flatten().collect()
    }

    /// A message with `before` and `after` around a place for the code.
    pub fn message(self, before: &[u8], after: &[u8]) -> Message {
        let mark: &[u8] = if self.encoding == Encoding::Utf16LeMarked { &[0xff, 0xfe] } else { &[] };
        let start = [mark, &self.encode(before)].concat();
        let code = self.encode(if self.sign { &[0; 11] } else { &[0; 10] });
        let end = [self.encode(after), self.encode(self.line_end.as_bytes())].concat();
        let mut padded = Padded::zeros(start.len() + code.len() + end.len());
        padded.bytes[..padded.length].copy_from_slice(&[&start[..], &code, &end].concat());
        let at = start.len() + usize::from(self.encoding == Encoding::Utf16Be);
        Message { padded, at, form: self }
    }
}

/// A message with a place for a code.
#[derive(Clone)]
pub(super) struct Message {
    pub padded: Padded,
    at: usize,
    form: Form,
}

impl Message {
    /// Puts a code in its place.
    #[inline]
    pub fn put(&mut self, code: &RawCode) {
        let mut code = *code;
        if self.form.lower {
            code.make_ascii_lowercase();
        }
        let place = &mut self.padded.bytes[self.at..];
        match (self.form.width(), self.form.sign) {
            (1, true) => place[..11].copy_from_slice(&code),
            (1, false) => {
                place[..SIGN].copy_from_slice(&code[..SIGN]);
                place[SIGN..10].copy_from_slice(&code[SIGN + 1..]);
            }
            (_, true) => code.iter().enumerate().for_each(|(i, &byte)| place[2 * i] = byte),
            (_, false) => {
                let kept = code[..SIGN].iter().chain(&code[SIGN + 1..]);
                kept.enumerate().for_each(|(i, &byte)| place[2 * i] = byte);
            }
        }
    }
}

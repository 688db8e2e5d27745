//! Identity codes as rows have them: canonical or in other forms.

use salanimi_core::IdentityCode;

/// Bytes of the longest form: eleven full-width characters of three bytes each.
const MAX_LENGTH: usize = 33;
/// Distance from a visible ASCII character to its full-width form, U+FF01 to U+FF5E.
const FULL_WIDTH: u32 = 0xFEE0;

/// The bytes of an identity code in a row.
pub(super) struct WrittenCode {
    bytes: [u8; MAX_LENGTH],
    length: usize,
}

impl WrittenCode {
    /// Returns a code with these bytes.
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut written = Self::missing();
        written.push(bytes);
        written
    }

    /// Returns a missing code.
    pub(super) fn missing() -> Self {
        Self { bytes: [0; MAX_LENGTH], length: 0 }
    }

    pub(super) fn lower_case(code: &IdentityCode) -> Self {
        Self::new(&code.as_bytes().to_ascii_lowercase())
    }

    /// Returns the code with ordinary or no-break spaces around it, in one of three forms.
    pub(super) fn padded(code: &IdentityCode, form: u32, latin: bool) -> Self {
        let no_break: &[u8] = if latin { b"\xA0" } else { "\u{a0}".as_bytes() };
        let mut written = Self::new(if form == 0 { no_break } else { b" " });
        written.push(code.as_bytes());
        written.push(if form == 1 { b"  " } else { no_break });
        written
    }

    /// Returns the code in full-width characters, encoded in UTF-8.
    pub(super) fn full_width(code: &IdentityCode) -> Self {
        let mut written = Self::missing();
        for &byte in code.as_bytes() {
            let Some(wide) = char::from_u32(u32::from(byte) + FULL_WIDTH) else {
                unreachable!("every visible ASCII character has a full-width form")
            };
            written.push(wide.encode_utf8(&mut [0; 4]).as_bytes());
        }
        written
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }
}

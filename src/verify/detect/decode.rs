//! Identity codes inside hexadecimal, base64 and base32 runs. Hashes and keys are such runs too, so only a run with
//! encoded digits is decoded.

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, Encoding};

use super::codes;
use super::kind::Kind;
use super::sightings::Sightings;

/// Shortest run that holds a code.
const SHORTEST: usize = 14;
/// Length in which longer runs are decoded piece by piece.
const LONGEST: usize = 1 << 16;
/// Digits of a birth date.
const DATE_DIGITS: usize = 6;

/// Adds the codes in hexadecimal, base32 and base64 runs of `bytes`.
pub(super) fn find(bytes: &[u8], found: &mut Sightings) {
    for run in runs(bytes) {
        if let Some(start) = hex_digits(run) {
            codes::find(&hex_text(&run[start % 2..]), Some(Kind::Hex), found);
            codes::find(&hex_text(&run[start..]), Some(Kind::Hex), found);
        }
        for start in alignments::<3, 8>(run, is_base32_digits) {
            if let Some(decoded) = base32(&run[start..]) {
                codes::find(&decoded, Some(Kind::Base32), found);
            }
        }
        for start in alignments::<4, 4>(run, is_base64_digits) {
            if let Some(decoded) = base64(&run[start..]) {
                let text: Vec<u8> = decoded.into_iter().filter(|byte| *byte != 0).collect();
                codes::find(&text, Some(Kind::Base64), found);
            }
        }
    }
}

/// Adds the codes in hexadecimal pairs with separators between them, such as `30 31` or `0x30 0x31`.
pub(super) fn find_spaced_hex(bytes: &[u8], found: &mut Sightings) {
    for step in [3, 5] {
        let starts = 0..bytes.len().saturating_sub((DATE_DIGITS - 1) * step + 1);
        let Some(start) = starts.into_iter().find(|&at| are_hex_digits(bytes, at, step)) else { continue };
        let mut decoded = Vec::new();
        for pair in bytes[start..].chunks(step).filter(|pair| pair.len() >= 2) {
            decoded.extend(hex_byte(&pair[..2]));
            if !is_separator(&pair[2..]) {
                break;
            }
        }
        codes::find(&decoded, Some(Kind::Hex), found);
    }
}

/// Returns true if the bytes between two pairs separate them, `0x` included.
fn is_separator(between: &[u8]) -> bool {
    between.iter().all(|b| !b.is_ascii_alphanumeric() || matches!(b, b'0' | b'x'))
}

/// Returns true for a byte of hexadecimal, base32 or base64 text.
pub(super) fn is_encoding_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn runs(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let runs = bytes.split(|&b| !is_encoding_byte(b)).filter(|run| run.len() >= SHORTEST);
    runs.flat_map(|run| run.chunks(LONGEST))
}

/// Returns the offsets, below `GROUP`, of the groups in which `is_digits` accepts some window of `WIDTH` characters.
fn alignments<const WIDTH: usize, const GROUP: usize>(
    run: &[u8],
    is_digits: fn(&[u8]) -> bool,
) -> impl Iterator<Item = usize> {
    let mut offsets = [false; GROUP];
    let windows = run.windows(WIDTH).enumerate().filter(|(_, window)| is_digits(window));
    windows.for_each(|(at, _)| offsets[at % GROUP] = true);
    (0..GROUP).filter(move |&offset| offsets[offset])
}

/// Returns the start of six pairs that are digits in hexadecimal, with or without a zero byte after each.
fn hex_digits(run: &[u8]) -> Option<usize> {
    let mut starts = 0..run.len().saturating_sub(20);
    starts.find(|&at| are_hex_digits(run, at, 2) || are_hex_digits(run, at, 4))
}

/// Returns true if six hexadecimal pairs, `step` bytes apart from `start` on, are digits.
fn are_hex_digits(bytes: &[u8], start: usize, step: usize) -> bool {
    (0..DATE_DIGITS).all(|pair| {
        let at = start + pair * step;
        bytes.get(at) == Some(&b'3') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
    })
}

/// Decodes hexadecimal pairs up to the first that is none, without zero bytes.
fn hex_text(run: &[u8]) -> Vec<u8> {
    run.chunks_exact(2).map_while(hex_byte).filter(|b| *b != 0).collect()
}

fn hex_byte(pair: &[u8]) -> Option<u8> {
    let high = char::from(pair[0]).to_digit(16)?;
    let low = char::from(pair[1]).to_digit(16)?;
    Some((high * 16 + low) as u8)
}

/// Returns true if four characters of base64 are three digits, or two digits of UTF-16 with the zero byte between them.
fn is_base64_digits(quad: &[u8]) -> bool {
    let is_utf8 = matches!(quad[1], b'D' | b'T' | b'j' | b'z');
    let is_utf16 = matches!(quad[1], b'A' | b'Q' | b'g' | b'w') && quad[2] == b'A';
    matches!(quad[0], b'M' | b'N' | b'O') && matches!(quad[3], b'w'..=b'z' | b'0'..=b'5') && (is_utf8 || is_utf16)
}

/// Returns true if three characters of base32 (RFC 4648) are two digits.
fn is_base32_digits(three: &[u8]) -> bool {
    matches!(three[0].to_ascii_uppercase(), b'G' | b'H')
        && matches!(three[1].to_ascii_uppercase(), b'4' | b'A' | b'E' | b'I' | b'M' | b'Q' | b'U' | b'Y')
        && matches!(three[2].to_ascii_uppercase(), b'Y' | b'Z' | b'2'..=b'7')
}

fn base32(run: &[u8]) -> Option<Vec<u8>> {
    let letters = run.iter().copied().take_while(|b| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(b));
    let mut text: Vec<u8> = letters.map(|b| b.to_ascii_uppercase()).collect();
    // Characters of an incomplete last group that make whole bytes, by the length of the group.
    let last = [0, 0, 2, 2, 4, 5, 5, 7][text.len() % 8];
    text.truncate(text.len() / 8 * 8 + last);
    decode_leniently(&BASE32_NOPAD, 8, &mut text)
}

/// Decodes as much of `run` as it can, in the standard or the URL alphabet.
pub(super) fn base64(run: &[u8]) -> Option<Vec<u8>> {
    let standard = run.iter().map(|b| match b {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    });
    let mut text: Vec<u8> = standard.collect();
    if text.len() % 4 == 1 {
        text.pop();
    }
    decode_leniently(&BASE64_NOPAD, 4, &mut text)
}

/// Decodes `text`, or its whole groups if the last bits are wrong, as before an adjoining word.
fn decode_leniently(encoding: &Encoding, group: usize, text: &mut Vec<u8>) -> Option<Vec<u8>> {
    if let Ok(decoded) = encoding.decode(text) {
        return Some(decoded);
    }
    text.truncate(text.len() / group * group);
    encoding.decode(text).ok()
}

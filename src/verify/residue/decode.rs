//! Codes inside hexadecimal, base64 and base32 runs. Hashes and keys have such runs too: only a run that holds encoded digits
//! is decoded.

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, Encoding};

use super::codes;
use super::found::Found;
use super::kind::Kind;

/// A run shorter than this holds no code.
const SHORTEST: usize = 14;
/// A longer run is decoded only so far around its digits.
const LONGEST: usize = 1 << 16;

/// Notes the codes that are hidden in hexadecimal and base64 runs of `bytes`.
pub(super) fn find(bytes: &[u8], found: &mut Found) {
    for run in runs(bytes) {
        if let Some(start) = hex_digits(run) {
            let decoded: Vec<u8> = run[start % 2..].chunks_exact(2).map_while(hex_byte).filter(|b| *b != 0).collect();
            codes::find(&decoded, Some(Kind::Hex), found);
            let tail: Vec<u8> = run[start..].chunks_exact(2).map_while(hex_byte).filter(|b| *b != 0).collect();
            codes::find(&tail, Some(Kind::Hex), found);
        }
        let mut groups = [false; 8];
        run.windows(3)
            .enumerate()
            .filter(|(_, three)| is_base32_digits(three))
            .for_each(|(at, _)| groups[at % 8] = true);
        for start in (0..8).filter(|&start| groups[start]) {
            codes::find(&base32(&run[start..]), Some(Kind::Base32), found);
        }
        let mut alignments = [false; 4];
        run.windows(4)
            .enumerate()
            .filter(|(_, quad)| is_base64_digits(quad))
            .for_each(|(at, _)| alignments[at % 4] = true);
        for start in (0..4).filter(|&start| alignments[start]) {
            let decoded: Vec<u8> = base64(&run[start..]).into_iter().filter(|byte| *byte != 0).collect();
            codes::find(&decoded, Some(Kind::Base64), found);
        }
    }
}

/// Notes the codes that are written as hexadecimal pairs with something between them, such as `30 31` or `30:31`.
pub(super) fn find_apart(bytes: &[u8], found: &mut Found) {
    let digit = |at: usize| bytes.get(at) == Some(&b'3') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
    for step in [3, 5] {
        let six = |at: &usize| (0..6).all(|pair| digit(at + pair * step));
        let Some(start) = (0..bytes.len().saturating_sub(5 * step + 1)).find(six) else { continue };
        let goes_on = |pair: &[u8]| pair[2..].iter().all(|b| !b.is_ascii_alphanumeric() || matches!(b, b'0' | b'x'));
        let mut decoded = Vec::new();
        for pair in bytes[start..].chunks(step).filter(|pair| pair.len() >= 2) {
            decoded.extend(hex_byte(&pair[..2]));
            if !goes_on(pair) {
                break;
            }
        }
        codes::find(&decoded, Some(Kind::Hex), found);
    }
}

fn runs(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
    bytes.split(move |&b| !inside(b)).filter(|run| run.len() >= SHORTEST).flat_map(|run| run.chunks(LONGEST))
}

/// Where six pairs begin that are each a digit in hexadecimal, with or without a zero byte behind each.
fn hex_digits(run: &[u8]) -> Option<usize> {
    let digit = |at: usize| run.get(at) == Some(&b'3') && run.get(at + 1).is_some_and(u8::is_ascii_digit);
    (0..run.len().saturating_sub(20)).find(|&at| {
        run[at] == b'3' && ((0..6).all(|pair| digit(at + 2 * pair)) || (0..6).all(|pair| digit(at + 4 * pair)))
    })
}

fn hex_byte(pair: &[u8]) -> Option<u8> {
    let value = |b: u8| char::from(b).to_digit(16);
    Some((value(pair[0])? * 16 + value(pair[1])?) as u8)
}

/// Whether four characters of base64 are three digits, or two digits of UTF-16 with the zero byte between them.
fn is_base64_digits(quad: &[u8]) -> bool {
    let utf8 = || matches!(quad[1], b'D' | b'T' | b'j' | b'z');
    let utf16 = || matches!(quad[1], b'A' | b'Q' | b'g' | b'w') && quad[2] == b'A';
    matches!(quad[0], b'M' | b'N' | b'O') && matches!(quad[3], b'w'..=b'z' | b'0'..=b'5') && (utf8() || utf16())
}

/// Whether three characters of base32 (RFC 4648) are two digits.
fn is_base32_digits(three: &[u8]) -> bool {
    matches!(three[0] & !0x20, b'G' | b'H')
        && matches!(
            three[1],
            b'4' | b'a' | b'e' | b'i' | b'm' | b'q' | b'u' | b'y' | b'A' | b'E' | b'I' | b'M' | b'Q' | b'U' | b'Y'
        )
        && matches!(three[2], b'y' | b'z' | b'Y' | b'Z' | b'2'..=b'7')
}

fn base32(run: &[u8]) -> Vec<u8> {
    let inside = |b: &u8| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(b);
    let mut text: Vec<u8> = run.iter().copied().take_while(inside).map(|b| b.to_ascii_uppercase()).collect();
    // Of a last group so many characters are whole bytes.
    let last = [0, 0, 2, 2, 4, 5, 5, 7][text.len() % 8];
    text.truncate(text.len() / 8 * 8 + last);
    decode_lenient(&BASE32_NOPAD, 8, &mut text)
}

/// As much of `run` as can be decoded, in the standard alphabet or that of addresses.
pub(super) fn base64(run: &[u8]) -> Vec<u8> {
    let standard = |b: &u8| match b {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    };
    let mut text: Vec<u8> = run.iter().map(standard).collect();
    if text.len() % 4 == 1 {
        text.pop();
    }
    decode_lenient(&BASE64_NOPAD, 4, &mut text)
}

fn decode_lenient(encoding: &Encoding, group: usize, text: &mut Vec<u8>) -> Vec<u8> {
    // The last bits may be anything where a word of another kind adjoins.
    encoding.decode(text).unwrap_or_else(|_| {
        text.truncate(text.len() / group * group);
        encoding.decode(text).unwrap_or_default()
    })
}

//! Decodings of a column's values: hexadecimal digits, base64, base32, base85, whole numbers, or bytes as they are.

use super::base85::{ascii85, rfc1924};

/// Per cent of the values that must have one form and width.
const ENOUGH_PERCENT: usize = 95;
/// Narrowest attacked digest, in bytes.
const NARROWEST: usize = 4;
/// Widest attacked digest, in bytes.
const WIDEST: usize = 64;
/// Characters of base85 that no other encoding has. Its letters and digits also occur in other encodings.
const BASE85_ONLY: &[u8] = b"!#$%&*;<>?@^`~";
/// Fewest bits of a number that can be a hash. Smaller ones are small or dense numbers.
const FEWEST_BITS: u32 = 28;

/// Distinct values as bytes of one width.
pub(super) struct Decoded {
    pub width: usize,
    pub bytes: Vec<u8>,
}

/// Decodes a value; the second argument is the length of the longest value.
type Decoder = fn(&[u8], usize) -> Option<Vec<u8>>;

/// Returns every decoding of `values` as bytes of one width.
pub(super) fn decodings(values: &[Box<[u8]>], binary: bool) -> Vec<Decoded> {
    if binary {
        return of_one_width(values.iter().map(|value| Some(value.to_vec()))).into_iter().collect();
    }
    let mut found = numbers(values);
    // Without a letter, values are decimal digits or dates.
    if values.iter().all(|value| !value.iter().any(u8::is_ascii_alphabetic)) {
        return found;
    }
    if values.iter().flat_map(|value| value.iter()).any(|byte| BASE85_ONLY.contains(byte)) {
        for decoder in [ascii85, rfc1924] {
            found.extend(of_one_width(values.iter().map(|value| decoder(value))));
        }
    }
    let shared = shared_prefix(values);
    let mut prefixes = vec![0];
    prefixes.extend((shared > 0).then_some(shared));
    prefixes.extend(values.first().and_then(|first| last_separator(&first[..shared])).filter(|&at| at != shared));
    for prefix in prefixes {
        let stripped: Vec<Vec<u8>> = values.iter().map(|value| strip(&value[prefix..])).collect();
        let Some(longest) = stripped.iter().map(Vec::len).max() else { continue };
        for decoder in [hex as Decoder, base64, base32_hex, base32, crockford] {
            let decoded = of_one_width(stripped.iter().map(|value| decoder(value, longest)));
            found.extend(decoded.filter(|new| found.iter().all(|old| old.bytes != new.bytes)));
        }
    }
    found
}

/// Returns the bytes of the values, if nearly all could be decoded to one width.
fn of_one_width(values: impl Iterator<Item = Option<Vec<u8>>>) -> Option<Decoded> {
    let mut widths = [0; WIDEST + 1];
    let mut all = 0;
    let mut fit: Vec<Vec<u8>> = Vec::new();
    for value in values {
        all += 1;
        let Some(value) = value.filter(|value| (NARROWEST..=WIDEST).contains(&value.len())) else { continue };
        widths[value.len()] += 1;
        fit.push(value);
    }
    let width = (0..=WIDEST).max_by_key(|&width| widths[width])?;
    let enough = widths[width] > 0 && widths[width] * 100 >= all * ENOUGH_PERCENT;
    fit.retain(|value| value.len() == width);
    // Values may differ only in bits beyond the last whole byte. As one target, they count as one hit.
    fit.sort_unstable();
    fit.dedup();
    enough.then_some(Decoded { width, bytes: fit.concat() })
}

/// Returns the length of the prefix that all values share. At least one byte of each value is left.
fn shared_prefix(values: &[Box<[u8]>]) -> usize {
    let Some(first) = values.first() else { return 0 };
    let lengths = values.iter().map(|value| {
        let shared = value.iter().zip(first.iter()).take_while(|(a, b)| a == b).count();
        shared.min(value.len().saturating_sub(1))
    });
    lengths.fold(first.len(), usize::min)
}

/// Returns the position after the last separator of a prefix.
fn last_separator(prefix: &[u8]) -> Option<usize> {
    prefix.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map(|at| at + 1).filter(|&at| at > 0)
}

/// Removes the usual decoration of digests: `0x`, `\x`, braces, quotes, padding.
fn strip(value: &[u8]) -> Vec<u8> {
    let mut rest = value;
    for prefixes in [&[b"0x", b"0X"][..], &[b"\\x"]] {
        if let Some(stripped) = prefixes.iter().find_map(|prefix| rest.strip_prefix(*prefix)) {
            rest = stripped;
        }
    }
    rest.iter().filter(|byte| !b"{}\"'=()".contains(byte)).copied().collect()
}

/// Decodes hexadecimal digits in any case, with dashes or colons. Leading zeros may be missing.
fn hex(value: &[u8], longest: usize) -> Option<Vec<u8>> {
    let dashes = value.iter().filter(|byte| matches!(byte, b'-' | b':')).count();
    let mut digits: Vec<u8> = value.iter().filter(|byte| !matches!(byte, b'-' | b':')).copied().collect();
    if dashes == 0 && longest <= 128 && digits.len() < longest && digits.len() + 6 >= longest {
        digits = [vec![b'0'; longest - digits.len()], digits].concat();
    }
    bits(&digits, 4, |byte| char::from(byte).to_digit(16).map(|digit| digit as u8))
}

fn base64(value: &[u8], _: usize) -> Option<Vec<u8>> {
    bits(value, 6, |byte| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    })
}

fn base32(value: &[u8], _: usize) -> Option<Vec<u8>> {
    by_alphabet(value, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
}

fn base32_hex(value: &[u8], _: usize) -> Option<Vec<u8>> {
    by_alphabet(value, b"0123456789ABCDEFGHIJKLMNOPQRSTUV")
}

fn crockford(value: &[u8], _: usize) -> Option<Vec<u8>> {
    by_alphabet(value, b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
}

fn by_alphabet(value: &[u8], alphabet: &[u8; 32]) -> Option<Vec<u8>> {
    bits(value, 5, |byte| alphabet.iter().position(|&c| c == byte.to_ascii_uppercase()).map(|at| at as u8))
}

/// Decodes characters of `width` bits each. Bits beyond the last whole byte are dropped, as in a truncated digest.
fn bits(text: &[u8], width: u32, value: impl Fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    let mut held = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::with_capacity(text.len());
    for &character in text {
        held = held << width | u32::from(value(character)?);
        count += width;
        if count >= 8 {
            count -= 8;
            bytes.push((held >> count) as u8);
            held &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

/// Decodes whole numbers to their bytes in either order. The width is that of the largest number.
fn numbers(values: &[Box<[u8]>]) -> Vec<Decoded> {
    let is_signed = values.iter().any(|value| value.first() == Some(&b'-'));
    let parsed: Vec<Option<u128>> = values.iter().map(|value| parse_number(value)).collect();
    // A negative number is as wide as its complement.
    let sizes = parsed.iter().flatten().map(|&value| if is_signed && value >> 127 == 1 { !value } else { value });
    let Some(largest) = sizes.max() else { return Vec::new() };
    let bits = 128 - largest.leading_zeros() + u32::from(is_signed);
    if !(FEWEST_BITS..=128).contains(&bits) {
        return Vec::new();
    }
    let whole_width = [32, 64, 128].into_iter().find(|&width| (width - 3..=width).contains(&bits));
    // A truncated digest as a number has any number of bits, a multiple of the four of a hexadecimal digit.
    let width = if let Some(width) = whole_width { width } else { bits.next_multiple_of(4) };
    let forward: Vec<Option<Vec<u8>>> =
        parsed.iter().map(|value| value.map(|value| leading_bytes(value, width))).collect();
    let mut found: Vec<Decoded> = of_one_width(forward.iter().cloned()).into_iter().collect();
    if whole_width.is_some() {
        let backward = forward.into_iter().map(|bytes| bytes.map(|bytes| bytes.into_iter().rev().collect()));
        found.extend(of_one_width(backward));
    }
    found
}

/// Parses a whole number; a negative one becomes its two's complement. The number may end in `.0`.
fn parse_number(value: &[u8]) -> Option<u128> {
    let text = std::str::from_utf8(value).ok()?;
    let text = if let Some(whole) = text.strip_suffix(".0") { whole } else { text };
    // Half of the numbers of 128 bits are too large for a signed one.
    text.parse::<u128>().ok().or_else(|| text.parse::<i128>().ok().map(|negative| negative as u128))
}

/// Returns the whole bytes of the lowest `width` bits of `value`, the highest first.
fn leading_bytes(value: u128, width: u32) -> Vec<u8> {
    (value << (128 - width)).to_be_bytes()[..(width / 8) as usize].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(texts: &[&str]) -> Vec<Box<[u8]>> {
        texts.iter().map(|text| text.as_bytes().into()).collect()
    }

    fn has(texts: &[&str], wanted: &[u8]) -> bool {
        decodings(&values(texts), false).iter().any(|decoded| decoded.bytes == wanted)
    }

    #[test]
    fn common_spellings_are_decoded() {
        let bytes = *b"\x00\x11\x22\x33\xfd\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff";
        for text in [
            "00112233fd5566778899aabbccddeeff",
            "0x00112233FD5566778899AABBCCDDEEFF",
            "00112233-fd55-6677-8899-aabbccddeeff",
            "{00112233-FD55-6677-8899-AABBCCDDEEFF}",
            "ABEiM/1VZneImaq7zN3u/w==",
            "ABEiM_1VZneImaq7zN3u_w",
            "AAISEM75KVTHPCEZVK54ZXPO74======",
        ] {
            assert!(has(&[text], &bytes), "{text}");
        }
        assert!(has(&["id-00112233", "id-ff112233"], b"\x00\x11\x22\x33\xff\x11\x22\x33"));
        assert!(has(&["112233", "ff112233"], b"\x00\x11\x22\x33\xff\x11\x22\x33"));
    }

    #[test]
    fn numbers_are_decoded_in_both_byte_orders() {
        assert!(has(&["4294967295", "16909060"], &[1, 2, 3, 4, 255, 255, 255, 255]));
        assert!(has(&["4294967295", "16909060"], &[4, 3, 2, 1, 255, 255, 255, 255]));
        assert!(has(&["-2", "2147483647"], &[127, 255, 255, 255, 255, 255, 255, 254]));
        assert!(has(&["340282366920938463463374607431768211455"], &[255; 16]));
        assert!(has(&["18446744073709551615", "1"], &[0, 0, 0, 0, 0, 0, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255]));
    }

    #[test]
    fn small_and_dense_numbers_and_words_are_no_digests() {
        for texts in
            [&["1", "2", "3000"][..], &["2020-01-01", "2021-02-03"], &["single", "married"], &["12.50", "3.25"]]
        {
            let found = decodings(&values(texts), false);
            assert!(found.iter().all(|decoded| decoded.width < 8), "{texts:?}");
        }
    }
}

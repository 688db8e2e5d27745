//! What bytes the values of a column could be: hexadecimal digits, base64, base32, whole numbers or bytes as they are.

/// Values that must be of one form and width, of a hundred.
const OF_A_HUNDRED: usize = 95;
/// The narrowest digest that is attacked, in bytes.
const NARROWEST: usize = 4;
/// The widest.
const WIDEST: usize = 64;
/// Fewer bits than this are no hash but a small or dense number.
const FEWEST_BITS: u32 = 28;

/// Different values as bytes of one width.
pub(super) struct Decoded {
    pub width: usize,
    pub bytes: Vec<u8>,
}

type Decoder = fn(&[u8], usize) -> Option<Vec<u8>>;

/// Every way in which `values` can be read as bytes of one width.
pub(super) fn decodings(values: &[Box<[u8]>], binary: bool) -> Vec<Decoded> {
    let mut found: Vec<Decoded> = Vec::new();
    if binary {
        found.extend(of_one_width(values.iter().map(|value| Some(value.to_vec()))));
        return found;
    }
    found.extend(numbers(values));
    // Decimal digits alone, and dates, are no other digits.
    if values.iter().all(|value| !value.iter().any(u8::is_ascii_alphabetic)) {
        return found;
    }
    let shared = shared_prefix(values);
    let mut prefixes = vec![0];
    prefixes.extend((shared > 0).then_some(shared));
    prefixes.extend(values.first().and_then(|first| last_separator(&first[..shared])).filter(|&at| at != shared));
    for prefix in prefixes {
        let stripped: Vec<Vec<u8>> = values.iter().map(|value| strip(&value[prefix..])).collect();
        let longest = stripped.iter().map(Vec::len).max().unwrap_or(0);
        for decoder in [hex as Decoder, base64, base32_hex, base32, crockford] {
            let decoded = of_one_width(stripped.iter().map(|value| decoder(value, longest)));
            found.extend(decoded.filter(|new| found.iter().all(|old| old.bytes != new.bytes)));
        }
    }
    found
}

/// The bytes of the values, if nearly all have them and they are of one width.
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
    let enough = widths[width] > 0 && widths[width] * 100 >= all * OF_A_HUNDRED;
    fit.retain(|value| value.len() == width);
    // Values that differ in bits that are no whole byte are one: else one hit would count for many.
    fit.sort_unstable();
    fit.dedup();
    enough.then_some(Decoded { width, bytes: fit.concat() })
}

fn shared_prefix(values: &[Box<[u8]>]) -> usize {
    let Some(first) = values.first() else { return 0 };
    let shared = |value: &[u8]| value.iter().zip(first.iter()).take_while(|(a, b)| a == b).count();
    let shortest = values.iter().map(|value| value.len()).min().unwrap_or(0);
    values.iter().map(|value| shared(value)).min().unwrap_or(0).min(shortest.saturating_sub(1))
}

fn last_separator(prefix: &[u8]) -> Option<usize> {
    prefix.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map(|at| at + 1).filter(|&at| at > 0)
}

/// Without what people put around digests: `0x`, `\x`, braces, quotes, padding.
fn strip(value: &[u8]) -> Vec<u8> {
    let value = value.strip_prefix(b"0x").or_else(|| value.strip_prefix(b"0X")).unwrap_or(value);
    let value = value.strip_prefix(b"\\x").unwrap_or(value);
    let kept = |byte: &&u8| !matches!(byte, b'{' | b'}' | b'"' | b'\'' | b'=' | b'(' | b')');
    value.iter().filter(kept).copied().collect()
}

/// Hexadecimal digits in any case, with dashes or colons; leading zeros may be missing.
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

/// The whole bytes of characters that stand for `width` bits each; bits that fill no byte are left out, as a digest that
/// was cut off leaves them.
fn bits(text: &[u8], width: u32, value: impl Fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    let (mut held, mut count, mut bytes) = (0_u32, 0, Vec::with_capacity(text.len()));
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

/// Whole numbers, as the bytes that they are made of in either order. Their width is that of the largest.
fn numbers(values: &[Box<[u8]>]) -> Vec<Decoded> {
    let parse = |value: &[u8]| {
        let text = std::str::from_utf8(value).ok()?;
        let text = text.strip_suffix(".0").unwrap_or(text);
        // Half of all numbers of 128 bits have no place among those with a sign.
        text.parse::<u128>().ok().or_else(|| text.parse::<i128>().ok().map(|negative| negative as u128))
    };
    let signed = values.iter().any(|value| value.first() == Some(&b'-'));
    let parsed: Vec<Option<u128>> = values.iter().map(|value| parse(value)).collect();
    // Without a sign, what remains of a number is as wide as that of its opposite.
    let size = |&value: &u128| if signed && value >> 127 == 1 { !value } else { value };
    let Some(largest) = parsed.iter().flatten().map(size).max() else { return Vec::new() };
    let bits = 128 - largest.leading_zeros() + u32::from(signed);
    if !(FEWEST_BITS..=128).contains(&bits) {
        return Vec::new();
    }
    let whole = [32, 64, 128].into_iter().find(|&width| (width - 3..=width).contains(&bits));
    // A cut off digest as a number has its own number of bits, a multiple of that of a hexadecimal digit.
    let width = whole.unwrap_or(bits.next_multiple_of(4));
    let bytes = |value: u128| (value << (128 - width)).to_be_bytes()[..(width / 8) as usize].to_vec();
    let forward = parsed.iter().map(|value| value.map(bytes));
    let backward = parsed.iter().map(|value| value.map(bytes).map(|bytes| bytes.into_iter().rev().collect()));
    let found = [of_one_width(forward), whole.and_then(|_| of_one_width(backward))];
    found.into_iter().flatten().collect()
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
    fn usual_spellings_are_read() {
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
    fn numbers_are_read_in_both_orders() {
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

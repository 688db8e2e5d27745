//! Base85 in its two usual alphabets: Ascii85 of Adobe, and that of RFC 1924, which Python's `b85encode` uses.

/// Alphabet of RFC 1924.
const RFC_1924: &[u8; 85] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
/// Characters of a whole group, which stands for four bytes.
const GROUP: usize = 5;
/// Longest text that is decoded.
const LONGEST: usize = 100;

/// Decodes Ascii85, with or without its brackets; `z` stands for a group of zeros.
pub(super) fn ascii85(text: &[u8]) -> Option<Vec<u8>> {
    let unbracketed = text.strip_prefix(b"<~").and_then(|text| text.strip_suffix(b"~>"));
    let text = if let Some(inner) = unbracketed { inner } else { text };
    let whole: Vec<u8> =
        text.iter().flat_map(|&byte| if byte == b'z' { vec![b'!'; GROUP] } else { vec![byte] }).collect();
    decoded(&whole, |byte| (b'!'..=b'u').contains(&byte).then(|| byte - b'!'))
}

/// Decodes base85 in the alphabet of RFC 1924, four bytes a group.
pub(super) fn rfc1924(text: &[u8]) -> Option<Vec<u8>> {
    decoded(text, |byte| RFC_1924.iter().position(|&known| known == byte).map(|at| at as u8))
}

/// Decodes groups of five characters. A last group of n characters stands for n − 1 bytes.
fn decoded(text: &[u8], value: impl Fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    for group in text.chunks(GROUP) {
        let mut number: u32 = 0;
        for at in 0..GROUP {
            let digit = group.get(at).map_or(Some(84), |&byte| value(byte))?;
            number = number.checked_mul(85)?.checked_add(u32::from(digit))?;
        }
        bytes.extend_from_slice(&number.to_be_bytes()[..group.len() - 1]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_other_encoders_are_decoded() {
        // Values of Python: base64.a85encode and base64.b85encode.
        let code = b"131052-308T";

        assert_eq!(ascii85(b"0f(O<2)6a>0K<#").as_deref(), Some(&code[..]));
        assert_eq!(rfc1924(b"F*7kRH8L$TFgR2").as_deref(), Some(&code[..]));
        assert_eq!(ascii85(b"<~z~>").as_deref(), Some(&[0; 4][..]));
        assert_eq!((ascii85(b"vvvvv"), rfc1924(b"\"\"\"\"\"")), (None, None));
    }
}

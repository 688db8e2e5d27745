//! Text as it was before someone, or some program, wrote its characters in another way.

use super::kind::Kind;

/// Text with dashes, spaces, foreign digits and letters folded to ASCII and invisible characters left out, and the
/// disguise that this undid; `None` if there is nothing to fold.
pub(super) fn folded(text: &str) -> Option<(String, Option<Kind>)> {
    // Letters of Latin-1 are what Finnish and Swedish are written in.
    let foreign = |byte: &u8| *byte == 0xC2 || *byte >= 0xC4;
    text.bytes().any(|byte| foreign(&byte)).then(|| fold(text))
}

fn fold(text: &str) -> (String, Option<Kind>) {
    let mut out = String::with_capacity(text.len());
    let (mut wide, mut dash, mut invisible) = (false, false, false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{AD}' => {
                invisible = true;
                let digit_next = characters.peek().is_some_and(|next| next.is_numeric());
                if digit_next && ends_in_six_digits(&out) {
                    out.push('-');
                }
            }
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{180E}' => {
                invisible = true;
            }
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{207B}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => {
                dash = true;
                out.push('-');
            }
            '\u{308}' | '\u{30A}' if out.ends_with(['a', 'o', 'A', 'O']) => {
                let plain = out.pop().unwrap_or_default();
                out.push(with_mark(plain, character));
            }
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => out.push(' '),
            _ => {
                let plain = ascii(character);
                wide |= plain != character;
                out.push(plain);
            }
        }
    }
    let kinds = [(wide, Kind::FullWidth), (dash, Kind::Dash), (invisible, Kind::Invisible)];
    (out, kinds.into_iter().find(|(is, _)| *is).map(|(_, kind)| kind))
}

/// A letter and the mark over it as one letter (Unicode normalisation form C), of those that Finnish and Swedish have.
fn with_mark(letter: char, mark: char) -> char {
    match (letter, mark) {
        ('a', '\u{308}') => 'ä',
        ('o', '\u{308}') => 'ö',
        ('A', '\u{308}') => 'Ä',
        ('O', '\u{308}') => 'Ö',
        ('a', _) => 'å',
        ('A', _) => 'Å',
        (other, _) => other,
    }
}

fn ends_in_six_digits(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 6 && bytes[bytes.len() - 6..].iter().all(u8::is_ascii_digit)
}

/// A foreign form of an ASCII character as that.
fn ascii(character: char) -> char {
    let code = u32::from(character);
    let digit = |zero: u32| char::from_digit((code - zero) % 10, 10).unwrap_or(character);
    match code {
        0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(character),
        0x0660..=0x0669 => digit(0x0660),
        0x06F0..=0x06F9 => digit(0x06F0),
        0x0966..=0x096F => digit(0x0966),
        0x1D7CE..=0x1D7FF => digit(0x1D7CE),
        0x207A => '+',
        _ => character,
    }
}

/// Marks with which escapes begin: those of web pages, addresses and programs, and that of mail.
pub(super) const MARKS: [&[u8]; 2] = [b"%&\\", b"="];

/// Times that a text can have been escaped one over the other.
const MOST_ESCAPES: usize = 3;

/// Text with the escapes that begin with one of `marks` undone, then with those undone that this brought to light, and so
/// on; nothing if it has none.
pub(super) fn unescaped(text: &str, marks: &[u8]) -> Vec<String> {
    std::iter::successors(unescaped_once(text, marks), |plainer| unescaped_once(plainer, marks))
        .take(MOST_ESCAPES)
        .collect()
}

/// Text with the escapes that begin with one of `marks` undone once. Those of mail stand alone: in an address `=` means
/// something else.
fn unescaped_once(text: &str, marks: &[u8]) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = Vec::new();
    let (mut at, mut copied) = (0, 0);
    while let Some(next) = bytes[at..].iter().position(|b| marks.contains(b)) {
        at += next;
        match escape(&bytes[at..]) {
            Some((character, length)) => {
                out.extend_from_slice(&bytes[copied..at]);
                match character {
                    Unescaped::Byte(byte) => out.push(byte),
                    Unescaped::Character(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                }
                at += length;
                copied = at;
            }
            None => at += 1,
        }
    }
    if copied == 0 {
        return None;
    }
    out.extend_from_slice(&bytes[copied..]);
    Some(String::from_utf8_lossy(&out).into_owned())
}

enum Unescaped {
    Byte(u8),
    Character(char),
}

/// The escape at the start of `bytes`, and its length.
fn escape(bytes: &[u8]) -> Option<(Unescaped, usize)> {
    let hex = |from: usize, to: usize| {
        let digits = std::str::from_utf8(bytes.get(from..to)?).ok()?;
        digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    };
    let character = |code: Option<u32>, length| Some((Unescaped::Character(char::from_u32(code?)?), length));
    match bytes {
        [b'%' | b'=', ..] => Some((Unescaped::Byte(hex(1, 3)? as u8), 3)),
        [b'\\', b'x', ..] => Some((Unescaped::Byte(hex(2, 4)? as u8), 4)),
        [b'\\', b'u', ..] => character(hex(2, 6), 6),
        [b'&', ..] => entity(bytes),
        _ => None,
    }
}

/// The entity at the start of `bytes`, such as `&#45;`, `&#x2D;` or `&minus;`.
fn entity(bytes: &[u8]) -> Option<(Unescaped, usize)> {
    let end = bytes.iter().take(12).position(|&b| b == b';')?;
    let name = std::str::from_utf8(&bytes[1..end]).ok()?;
    let code = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => digits.parse().ok()?,
        },
        None => match name {
            "amp" => u32::from('&'),
            "minus" | "hyphen" | "dash" | "ndash" | "mdash" | "horbar" => u32::from('-'),
            "plus" => u32::from('+'),
            "nbsp" => u32::from(' '),
            "commat" => u32::from('@'),
            "period" => u32::from('.'),
            "shy" => 0xAD,
            "zwsp" | "ZeroWidthSpace" => 0x200B,
            _ => return None,
        },
    };
    Some((Unescaped::Character(char::from_u32(code)?), end + 1))
}

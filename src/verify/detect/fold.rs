//! Folds text: undoes foreign characters, invisible characters and escapes.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::data;
use super::kind::Kind;

/// Named entities of web pages and their characters.
static ENTITIES: LazyLock<HashMap<String, char>> = LazyLock::new(|| data::table(include_str!("entities.toml")));

/// Characters that start an escape: in web pages, addresses and programs; in mail. Those of mail are undone apart,
/// because `=` has another meaning in addresses.
pub(super) const MARKS: [&[u8]; 2] = [b"%&\\", b"="];
/// Most escapes on top of one another.
const MOST_ESCAPES: usize = 3;
/// Longest entity, its `;` included.
const LONGEST_ENTITY: usize = 12;

/// A text in which dashes, spaces, digits and letters are ASCII, without invisible characters.
pub(super) struct Folded {
    pub text: String,
    /// The disguise that folding undid.
    pub disguise: Option<Kind>,
}

/// Folds `text`. Returns `None` if it has nothing to fold.
pub(super) fn fold(text: &str) -> Option<Folded> {
    // The other letters of Latin-1 belong to Finnish and Swedish.
    text.bytes().any(|byte| byte == 0xC2 || byte >= 0xC4).then(|| fold_characters(text))
}

fn fold_characters(text: &str) -> Folded {
    let mut out = String::with_capacity(text.len());
    let mut has_foreign = false;
    let mut has_dash = false;
    let mut has_invisible = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{AD}' => {
                has_invisible = true;
                let before_digit = characters.peek().is_some_and(|next| next.is_numeric());
                if before_digit && ends_in_six_digits(&out) {
                    out.push('-');
                }
            }
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{180E}' => {
                has_invisible = true;
            }
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{207B}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => {
                has_dash = true;
                out.push('-');
            }
            '\u{308}' | '\u{30A}' => push_mark(&mut out, character),
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => out.push(' '),
            _ => {
                let plain = ascii(character);
                has_foreign |= plain != character;
                out.push(plain);
            }
        }
    }
    let disguise = match (has_foreign, has_dash, has_invisible) {
        (true, ..) => Some(Kind::FullWidth),
        (_, true, _) => Some(Kind::Dash),
        (.., true) => Some(Kind::Invisible),
        _ => None,
    };
    Folded { text: out, disguise }
}

/// Appends a combining mark. In the letters of Finnish and Swedish it is composed with the letter before it (Unicode
/// normalisation form C). A ring after `o` is dropped.
fn push_mark(out: &mut String, mark: char) {
    let composed = match (out.chars().next_back(), mark) {
        (Some('a'), '\u{308}') => 'ä',
        (Some('o'), '\u{308}') => 'ö',
        (Some('A'), '\u{308}') => 'Ä',
        (Some('O'), '\u{308}') => 'Ö',
        (Some('a'), _) => 'å',
        (Some('A'), _) => 'Å',
        (Some('o' | 'O'), _) => return,
        _ => {
            out.push(mark);
            return;
        }
    };
    out.pop();
    out.push(composed);
}

fn ends_in_six_digits(text: &str) -> bool {
    text.as_bytes().last_chunk::<6>().is_some_and(|six| six.iter().all(u8::is_ascii_digit))
}

/// Returns the ASCII character that a foreign one stands for, or the character itself.
fn ascii(character: char) -> char {
    let code = u32::from(character);
    match code {
        0xFF01..=0xFF5E => char::from((code - 0xFEE0) as u8),
        0x0660..=0x0669 => digit(code - 0x0660),
        0x06F0..=0x06F9 => digit(code - 0x06F0),
        0x0966..=0x096F => digit(code - 0x0966),
        // Five styles of mathematical digits.
        0x1D7CE..=0x1D7FF => digit((code - 0x1D7CE) % 10),
        0x207A => '+',
        _ => character,
    }
}

fn digit(value: u32) -> char {
    char::from(b'0' + value as u8)
}

/// Undoes the escapes that start with one of `marks`, again and again while the result has more. Returns the text after
/// each round.
pub(super) fn unescape(text: &str, marks: &[u8]) -> Vec<String> {
    let rounds = std::iter::successors(unescape_once(text, marks), |plain| unescape_once(plain, marks));
    rounds.take(MOST_ESCAPES).collect()
}

/// Undoes one round of escapes. Returns `None` if there are none.
fn unescape_once(text: &str, marks: &[u8]) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = Vec::new();
    let mut at = 0;
    let mut copied = 0;
    while let Some(next) = bytes[at..].iter().position(|b| marks.contains(b)) {
        at += next;
        let Some(escape) = Escape::at_start(&bytes[at..]) else {
            at += 1;
            continue;
        };
        out.extend_from_slice(&bytes[copied..at]);
        match escape.value {
            Value::Byte(byte) => out.push(byte),
            Value::Character(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        at += escape.length;
        copied = at;
    }
    if copied == 0 {
        return None;
    }
    out.extend_from_slice(&bytes[copied..]);
    Some(String::from_utf8_lossy(&out).into_owned())
}

struct Escape {
    value: Value,
    length: usize,
}

enum Value {
    Byte(u8),
    Character(char),
}

impl Escape {
    /// Reads the escape at the start of `bytes`.
    fn at_start(bytes: &[u8]) -> Option<Self> {
        let value = match bytes {
            [b'%' | b'=', ..] => return Some(Self { value: Value::Byte(hex(bytes.get(1..3)?)? as u8), length: 3 }),
            [b'\\', b'x', ..] => return Some(Self { value: Value::Byte(hex(bytes.get(2..4)?)? as u8), length: 4 }),
            [b'\\', b'u', ..] => char::from_u32(hex(bytes.get(2..6)?)?)?,
            [b'&', ..] => return entity(bytes),
            _ => return None,
        };
        Some(Self { value: Value::Character(value), length: 6 })
    }
}

/// Returns the value of hexadecimal digits.
fn hex(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

/// Reads the entity at the start of `bytes`, such as `&#45;`, `&#x2D;` or `&minus;`.
fn entity(bytes: &[u8]) -> Option<Escape> {
    let end = bytes.iter().take(LONGEST_ENTITY).position(|&b| b == b';')?;
    let name = std::str::from_utf8(&bytes[1..end]).ok()?;
    let character = match name.strip_prefix('#') {
        None => *ENTITIES.get(name)?,
        Some(code) => match code.strip_prefix(['x', 'X']) {
            Some(digits) => char::from_u32(u32::from_str_radix(digits, 16).ok()?)?,
            None => char::from_u32(code.parse().ok()?)?,
        },
    };
    Some(Escape { value: Value::Character(character), length: end + 1 })
}

//! All detectors on one text, of which few look at any.

use super::found::Found;
use super::kind::Kind;
use super::{addresses, codes, coordinates, decode, emails, fold, ibans, names, numbers, phones, plates, secrets};

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A whole cell, which can be what it would not be inside longer text.
    Cell,
    /// Part of a file.
    Prose,
    /// The name of a file, folder or column.
    Name,
}

/// What bytes a text has, so that most detectors need not look at it.
#[derive(Debug, Default)]
struct Profile {
    digits: usize,
    letters: usize,
    /// The classes of all bytes together.
    classes: u8,
    longest_run: usize,
}

impl Profile {
    fn has(&self, class: u8) -> bool {
        self.classes & class != 0
    }
}

const DIGIT: u8 = 1;
const LETTER: u8 = 2;
const RUN: u8 = 4;
const ESCAPE: u8 = 8;
const AT: u8 = 16;
const DASH: u8 = 32;
const DEGREE: u8 = 64;
const APART: u8 = 128;

/// The classes of each byte.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT | RUN,
            b'a'..=b'z' | b'A'..=b'Z' => LETTER | RUN,
            b'-' => DASH | RUN,
            b'_' => RUN | APART,
            b' ' | b',' | b'.' | b';' | b'|' | b'\t' => APART,
            b'+' | b'/' => RUN,
            b'%' | b'&' | b'\\' | b'=' => ESCAPE,
            b'@' | b'(' | b'[' => AT,
            0xC2 => DEGREE,
            0x80.. => LETTER,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

fn profile(bytes: &[u8]) -> Profile {
    let (mut profile, mut all, mut run) = (Profile::default(), 0, 0);
    for &byte in bytes {
        let class = CLASSES[byte as usize];
        all |= class;
        profile.digits += usize::from(class & DIGIT);
        profile.letters += usize::from(class & LETTER != 0);
        run = if class & RUN == 0 { 0 } else { run + 1 };
        profile.longest_run = profile.longest_run.max(run);
    }
    profile.classes = all;
    profile
}

/// Notes what `text` holds.
pub(super) fn find(text: &str, form: Form, found: &mut Found) {
    found.begin();
    let seen = profile(text.as_bytes());
    plain(text, &seen, found);
    let folded = fold::folded(text);
    let disguise = folded.as_ref().and_then(|(_, disguise)| *disguise);
    let text = folded.as_ref().map_or(text, |(text, _)| text);
    if folded.is_some() && seen.letters + seen.digits >= 9 {
        codes::find(text.as_bytes(), disguise, found);
    }
    let marks = if seen.has(ESCAPE) { &fold::MARKS[..] } else { &[] };
    let unescaped: Vec<String> = marks.iter().flat_map(|marks| fold::unescaped(text, marks)).collect();
    for unescaped in &unescaped {
        let again = fold::folded(unescaped);
        let inner = again.as_ref().map_or(unescaped.as_str(), |(inner, _)| inner);
        codes::find(inner.as_bytes(), Some(Kind::Escaped), found);
    }
    for unescaped in &unescaped {
        others(unescaped, form, &profile(unescaped.as_bytes()), found);
    }
    let seen = if folded.is_some() { profile(text.as_bytes()) } else { seen };
    others(text, form, &seen, found);
    if form == Form::Prose {
        codes::find_glued(text.as_bytes(), found);
        secrets::find(text, found);
    }
    if form == Form::Cell {
        find_whole(text.trim(), &seen, found);
    }
}

/// The detectors of codes that need no folding.
fn plain(text: &str, seen: &Profile, found: &mut Found) {
    let bytes = text.as_bytes();
    if seen.digits >= 9 {
        let six = codes::find(bytes, None, found);
        if six {
            let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
            codes::find(&reversed, Some(Kind::Reversed), found);
        }
    }
    if seen.longest_run >= 14 {
        decode::find(bytes, found);
    }
    if seen.digits >= 16 && seen.longest_run < bytes.len() {
        decode::find_apart(bytes, found);
    }
}

/// The detectors of everything else that can stand inside longer text.
fn others(text: &str, form: Form, seen: &Profile, found: &mut Found) {
    let bytes = text.as_bytes();
    if seen.has(AT) {
        emails::find(bytes, found);
    }
    // In one unbroken run a number can only be the whole of it.
    let dials = seen.longest_run < bytes.len() || matches!(bytes.first(), Some(b'0' | b'+'));
    if seen.digits >= 8 && dials {
        phones::find(bytes, found);
    }
    if seen.digits >= 10 && seen.letters >= 2 {
        ibans::find(bytes, found);
    }
    if seen.digits >= 10 && seen.has(APART) || seen.has(DEGREE) && seen.digits >= 4 {
        coordinates::find(bytes, found);
    }
    if seen.has(DASH) && seen.digits >= 1 && seen.letters >= 5 {
        plates::find(bytes, found);
    }
    if seen.letters >= 5 && seen.has(APART) {
        names::find(bytes, form == Form::Name, found);
        if seen.digits >= 1 {
            addresses::find(bytes, found);
        }
    }
}

/// The detectors of whole cells.
fn find_whole(cell: &str, seen: &Profile, found: &mut Found) {
    let bytes = cell.as_bytes();
    if seen.digits == 0 && seen.letters > 2 {
        names::find_cell(bytes, found);
    }
    if seen.digits == 9 && bytes.len() == 10 {
        codes::find_signless(bytes, found);
    }
    if let Some(value) = codes::without_control(bytes) {
        numbers::cut(value, found);
    }
    if seen.digits == bytes.len() {
        find_number(cell, found);
    } else if matches!(bytes.first(), Some(b'{' | b'[')) {
        // A list or a record, as JSON or as nested columns are written.
        let inside = |character: char| character.is_alphanumeric() || matches!(character, '.' | '-' | '+' | '_');
        cell.split(|character| !inside(character)).for_each(|field| find_number(field, found));
        names::find(values(cell).as_bytes(), false, found);
    }
    if seen.digits >= 12 {
        coordinates::find_cell(bytes, found);
    }
    plates::find_cell(bytes, found);
}

/// The values of a record, one behind the other; what stands before a colon is a field's name.
fn values(record: &str) -> String {
    let mark = |character: char| matches!(character, '{' | '}' | '[' | ']' | '"' | '\'' | ' ');
    let fields = record.split(',').map(|field| field.rsplit(':').next().unwrap_or(field).trim_matches(mark));
    fields.collect::<Vec<_>>().join(" ")
}

fn find_number(text: &str, found: &mut Found) {
    let formed = (8..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(value) = formed.then(|| text.parse().ok()).flatten() {
        numbers::find(value, found);
    }
}

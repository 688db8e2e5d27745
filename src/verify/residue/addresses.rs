//! Street addresses of Finland, in Finnish and Swedish.

use super::found::Found;
use super::kind::Kind;
use super::words::{Lower, is_capital, is_municipality, words};

/// Endings of streets' names that may also be written in lower case.
const SURE: [&str; 13] = [
    "katu",
    "kuja",
    "kaari",
    "raitti",
    "puistikko",
    "bulevardi",
    "esplanadi",
    "gatan",
    "vägen",
    "gränden",
    "stigen",
    "allén",
    "brinken",
];
/// Endings of names that are streets only with a capital.
const CAPITAL: [&str; 12] =
    ["tie", "polku", "penger", "rinne", "väylä", "aukio", "tanhua", "taival", "rivi", "piha", "vägenn", "stråket"];
/// Roads of the whole country, and words that end so and are no streets.
const NO_STREETS: [&str; 40] = [
    "valtatie",
    "kantatie",
    "seututie",
    "yhdystie",
    "moottoritie",
    "maantie",
    "kehätie",
    "päätie",
    "riksväg",
    "rautatie",
    "yksityistie",
    "metsätie",
    "paikallistie",
    "moottoriliikennetie",
    "hengitystie",
    "virtsatie",
    "sappitie",
    "tie",
    "katu",
    "kuja",
    "vesitie",
    "hätätie",
    "lauttatie",
    "jalkakäytävä",
    "pyörätie",
    "stamvägen",
    "hoitopolku",
    "palvelupolku",
    "asiakaspolku",
    "asiointipolku",
    "kuntoutuspolku",
    "kotoutumispolku",
    "työllistymispolku",
    "koulutuspolku",
    "opintopolku",
    "oppimispolku",
    "urapolku",
    "elämänpolku",
    "työpolku",
    "hoivapolku",
];
/// Streets where someone lives, moves to or from, as text has them, and the name that stands behind.
const INFLECTED: [(&str, &str); 7] = [
    ("kadu", "katu"),
    ("kuja", "kuja"),
    ("kaare", "kaari"),
    ("raiti", "raitti"),
    ("tie", "tie"),
    ("polu", "polku"),
    ("rintee", "rinne"),
];
const CASES: [&str; 6] = ["lla", "llä", "lle", "lta", "ltä", "n"];

/// Notes the addresses in `bytes`.
pub(super) fn find(bytes: &[u8], found: &mut Found) {
    for (start, end) in words(bytes) {
        // The number first: few words have one behind them.
        if let Some(length) = house(&bytes[end..])
            && is_street(&bytes[start..end])
        {
            found.note(Kind::Street, &bytes[start..end + length].to_ascii_lowercase(), true);
        }
        if is_postal(bytes, start, end) {
            found.note(Kind::PostalPlace, &bytes[start - 6..end].to_ascii_lowercase(), true);
        }
    }
}

fn is_street(word: &[u8]) -> bool {
    let lower = Lower::new(word);
    let nominative = nominative(lower.bytes());
    let lower = nominative.as_deref().unwrap_or(lower.bytes());
    let ends =
        |endings: &[&str]| endings.iter().any(|end| lower.len() >= end.len() + 3 && lower.ends_with(end.as_bytes()));
    let street = ends(&SURE) || (is_capital(word) && ends(&CAPITAL));
    street && !NO_STREETS.iter().any(|no| no.as_bytes() == lower) && !is_municipality(lower)
}

/// A street's name of a word that is one in a local case, such as `Hämeenkadulla`.
fn nominative(word: &[u8]) -> Option<Vec<u8>> {
    let stem = CASES.iter().find_map(|case| word.strip_suffix(case.as_bytes()))?;
    let (inflected, name) = INFLECTED.iter().find(|(inflected, _)| stem.ends_with(inflected.as_bytes()))?;
    Some([&stem[..stem.len() - inflected.len()], name.as_bytes()].concat())
}

/// The length of a house number behind a street's name: up to three digits that nothing but an entrance follows.
fn house(rest: &[u8]) -> Option<usize> {
    if rest.first() != Some(&b' ') {
        return None;
    }
    let spaces = rest.iter().take(2).take_while(|&&b| b == b' ').count();
    let digits = rest[spaces..].iter().take(5).take_while(|b| b.is_ascii_digit()).count();
    let end = spaces + digits;
    let apart = match rest.get(end) {
        None => true,
        Some(b'.' | b',' | b':' | b'/') => !rest.get(end + 1).is_some_and(u8::is_ascii_digit),
        Some(b'%') => false,
        // Programmes are called after streets, such as `Perhekatu 3 -malli`.
        Some(b' ') => !matches!(rest.get(end + 1..end + 3), Some([b'-', next]) if next.is_ascii_alphabetic()),
        // An entrance, such as `5a`, and a flat.
        Some(b) if b.is_ascii_alphabetic() => {
            let flat = rest[end + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
            flat <= 3 && !rest.get(end + 1 + flat).is_some_and(u8::is_ascii_alphanumeric)
        }
        Some(b) => *b < 0x80,
    };
    ((1..=3).contains(&digits) && rest[spaces] != b'0' && apart).then_some(end)
}

/// Whether a municipality's name stands behind five digits.
fn is_postal(bytes: &[u8], start: usize, end: usize) -> bool {
    if start < 6 || bytes[start - 1] != b' ' || !bytes[start - 6..start - 1].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let apart =
        start == 6 || !bytes[start - 7].is_ascii_alphanumeric() && !matches!(bytes[start - 7], b'.' | b',' | b'-');
    apart && is_capital(&bytes[start..end]) && is_municipality(Lower::new(&bytes[start..end]).bytes())
}

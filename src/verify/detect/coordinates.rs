//! Positions in Finland: pairs of coordinates in text.

use std::ops::RangeInclusive;

use super::kind::Kind;
use super::sightings::Sightings;

/// Latitudes of Finland in degrees, with a margin.
pub(crate) const LATITUDES: RangeInclusive<f64> = 59.4..=70.2;
/// Longitudes of Finland in degrees, with a margin.
pub(crate) const LONGITUDES: RangeInclusive<f64> = 19.0..=31.7;
/// Northings in metres: ETRS-TM35FIN, and all other systems of Finland within some hundred metres.
pub(crate) const NORTHINGS: RangeInclusive<f64> = 6_570_000.0..=7_790_000.0;
/// Eastings in metres: ETRS-TM35FIN, KKJ (YKJ) and ETRS-GKn.
pub(crate) const EASTINGS: [RangeInclusive<f64>; 3] =
    [50_000.0..=760_000.0, 3_050_000.0..=3_760_000.0, 19_300_000.0..=31_700_000.0];

const DEGREE: &[u8] = "°".as_bytes();
/// Fewest decimals of a coordinate in degrees.
const FEWEST_DECIMALS: usize = 3;
/// Bytes in which the longitude follows the degrees of a latitude.
const NEXT_DEGREE: usize = 36;

/// Adds the pairs of coordinates in text.
pub(super) fn find(bytes: &[u8], found: &mut Sightings) {
    let mut at = 0;
    while let Some(skip) = bytes[at..].iter().position(|b| matches!(b, b'1'..=b'3' | b'5'..=b'7')) {
        let start = at + skip;
        at = start + 1;
        if start > 0 && (bytes[start - 1].is_ascii_digit() || matches!(bytes[start - 1], b'.' | b',')) {
            continue;
        }
        if let Some(end) = decimal_pair(bytes, start).or_else(|| sexagesimal_pair(bytes, start)) {
            found.note(Kind::CoordinateText, &bytes[start..end], true);
            at = end;
        }
    }
}

/// Adds a whole cell of two numbers of metres.
pub(super) fn find_cell(cell: &[u8], found: &mut Sightings) {
    let numbers = cell.split(|b| b" ,;/".contains(b)).filter(|part| !part.is_empty());
    let numbers: Option<Vec<f64>> = numbers.map(|part| std::str::from_utf8(part).ok()?.parse().ok()).collect();
    if let Some([one, other]) = numbers.as_deref()
        && (is_metric_position(*one, *other) || is_metric_position(*other, *one))
    {
        found.note(Kind::CoordinateText, cell, true);
    }
}

fn is_metric_position(north: f64, east: f64) -> bool {
    NORTHINGS.contains(&north) && EASTINGS.iter().any(|eastings| eastings.contains(&east))
}

fn is_position(latitude: f64, longitude: f64) -> bool {
    LATITUDES.contains(&latitude) && LONGITUDES.contains(&longitude)
}

/// Reads `60.1699, 24.9384`, with points or commas for the decimals, in either order. Returns its end.
fn decimal_pair(bytes: &[u8], start: usize) -> Option<usize> {
    let first = Decimal::at(bytes, start)?;
    let rest = &bytes[first.end..];
    let between = rest.iter().take(8).take_while(|b| !b.is_ascii_digit() && !b"\n-".contains(b)).count();
    let is_separator = between > 0 && rest[..between].iter().all(|b| b" ,;/|NnEe:lonatLg=\"'".contains(b));
    let second = Decimal::at(bytes, first.end + between)?;
    let is_pair = is_position(first.value, second.value) || is_position(second.value, first.value);
    (is_separator && is_pair).then_some(second.end)
}

/// A number of two digits and some decimals.
struct Decimal {
    /// Value to the first decimal.
    value: f64,
    end: usize,
}

impl Decimal {
    fn at(bytes: &[u8], start: usize) -> Option<Self> {
        let whole = digit(bytes, start)? * 10.0 + digit(bytes, start + 1)?;
        let decimals = bytes.get(start + 3..)?.iter().take_while(|b| b.is_ascii_digit()).count();
        if !matches!(bytes[start + 2], b'.' | b',') || decimals < FEWEST_DECIMALS {
            return None;
        }
        Some(Self { value: whole + digit(bytes, start + 3)? / 10.0, end: start + 3 + decimals })
    }
}

fn digit(bytes: &[u8], at: usize) -> Option<f64> {
    bytes.get(at).filter(|b| b.is_ascii_digit()).map(|b| f64::from(b - b'0'))
}

/// Reads the start of `60°10'11"N 24°56'18"E`. Returns the end of the second degree sign.
fn sexagesimal_pair(bytes: &[u8], start: usize) -> Option<usize> {
    whole_degrees(bytes, start).filter(|latitude| (59.0..=70.0).contains(latitude))?;
    bytes.get(start + 2..)?.strip_prefix(DEGREE)?;
    let rest_at = start + 2 + DEGREE.len();
    let rest = &bytes[rest_at..bytes.len().min(rest_at + NEXT_DEGREE)];
    let next = memchr::memmem::find(rest, DEGREE)?.checked_sub(2)? + rest_at;
    whole_degrees(bytes, next).filter(|longitude| (19.0..=31.0).contains(longitude))?;
    Some(next + 2 + DEGREE.len())
}

fn whole_degrees(bytes: &[u8], at: usize) -> Option<f64> {
    Some(digit(bytes, at)? * 10.0 + digit(bytes, at + 1)?)
}

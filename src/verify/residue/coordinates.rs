//! Positions in Finland: pairs in text, and pairs of columns.

use super::found::Found;
use super::kind::Kind;

/// Latitudes and longitudes of Finland, with a margin.
const LATITUDES: std::ops::RangeInclusive<f64> = 59.4..=70.2;
const LONGITUDES: std::ops::RangeInclusive<f64> = 19.0..=31.7;
/// ETRS-TM35FIN, and all other systems of Finland within some hundred metres.
const NORTHINGS: std::ops::RangeInclusive<f64> = 6_570_000.0..=7_790_000.0;
/// ETRS-TM35FIN, KKJ (YKJ) and ETRS-GKn.
const EASTINGS: [std::ops::RangeInclusive<f64>; 3] =
    [50_000.0..=760_000.0, 3_050_000.0..=3_760_000.0, 19_300_000.0..=31_700_000.0];
/// Metres from west to east, at most: in one zone, or in all Finland.
const WIDEST: f64 = 710_000.0;
const WIDEST_ZONE: f64 = 300_000.0;
/// Cells that a column of coordinates has at least.
const FEWEST: u64 = 10;
/// Parts of names of columns of positions.
const NAMES: [&str; 20] = [
    "koord", "coord", "north", "east", "pohj", "itä", "ita", "etrs", "ykj", "gps", "wgs", "_n", "_e", "sijain",
    "posit", "lat", "lon", "lng", "levey", "pituus",
];
/// Parts of names of what may lie in the same ranges: shares, measures, ages.
const MEASURES: [&str; 16] = [
    "aste", "osuus", "prosent", "pros", "pct", "percent", "share", "rate", "paino", "weight", "bmi", "ikä", "ika",
    "age", "pist", "score",
];

/// Notes pairs of coordinates in text.
pub(super) fn find(bytes: &[u8], found: &mut Found) {
    let mut at = 0;
    while let Some(start) =
        bytes[at..].iter().position(|b| matches!(b, b'1'..=b'3' | b'5'..=b'7')).map(|skip| at + skip)
    {
        at = start + 1;
        if start > 0 && (bytes[start - 1].is_ascii_digit() || matches!(bytes[start - 1], b'.' | b',')) {
            continue;
        }
        if let Some(end) = pair(bytes, start).or_else(|| degrees(bytes, start)) {
            found.note(Kind::CoordinateText, &bytes[start..end], true);
            at = end;
        }
    }
}

/// `60.1699, 24.9384`, with points or commas for the decimals; in well-known text the longitude is first.
fn pair(bytes: &[u8], start: usize) -> Option<usize> {
    let (first, end) = decimal(bytes, start)?;
    let between = bytes[end..].iter().take(8).take_while(|b| !b.is_ascii_digit() && !b"\n-".contains(b)).count();
    let known = bytes[end..end + between].iter().all(|b| b" ,;/|NnEe:lonatLg=\"'".contains(b)) && between > 0;
    let (second, end) = decimal(bytes, end + between)?;
    let in_finland = |latitude: f64, longitude: f64| LATITUDES.contains(&latitude) && LONGITUDES.contains(&longitude);
    (known && (in_finland(first, second) || in_finland(second, first))).then_some(end)
}

/// A number of two digits and at least three decimals.
fn decimal(bytes: &[u8], start: usize) -> Option<(f64, usize)> {
    let digit = |at: usize| bytes.get(at).filter(|b| b.is_ascii_digit()).map(|b| f64::from(b - b'0'));
    let whole = digit(start)? * 10.0 + digit(start + 1)?;
    let decimals = bytes.get(start + 3..)?.iter().take_while(|b| b.is_ascii_digit()).count();
    let formed = matches!(bytes[start + 2], b'.' | b',') && decimals >= 3;
    let tenths = digit(start + 3).unwrap_or(0.0) / 10.0;
    formed.then_some((whole + tenths, start + 3 + decimals))
}

/// Notes a whole cell of two numbers of metres.
pub(super) fn find_cell(cell: &[u8], found: &mut Found) {
    let numbers = cell.split(|b| b" ,;/".contains(b)).filter(|part| !part.is_empty());
    let numbers: Option<Vec<f64>> = numbers.map(|part| std::str::from_utf8(part).ok()?.parse().ok()).collect();
    let in_finland = |north: f64, east: f64| NORTHINGS.contains(&north) && EASTINGS.iter().any(|e| e.contains(&east));
    if let Some([one, other]) = numbers.as_deref()
        && (in_finland(*one, *other) || in_finland(*other, *one))
    {
        found.note(Kind::CoordinateText, cell, true);
    }
}

/// `60°10'11"N 24°56'18"E`.
fn degrees(bytes: &[u8], start: usize) -> Option<usize> {
    const DEGREE: &[u8] = "°".as_bytes();
    let two = |at: usize| {
        let text = bytes.get(at..at + 2).filter(|text| text.iter().all(u8::is_ascii_digit))?;
        Some(u32::from(text[0] - b'0') * 10 + u32::from(text[1] - b'0'))
    };
    let latitude = two(start).filter(|latitude| (59..=70).contains(latitude))?;
    bytes.get(start + 2..)?.strip_prefix(DEGREE)?;
    let rest = &bytes[start + 4..bytes.len().min(start + 40)];
    let next = memchr::memmem::find(rest, DEGREE)?.checked_sub(2)? + start + 4;
    two(next).filter(|longitude| (19..=31).contains(longitude) && latitude > 0)?;
    Some(next + 4)
}

/// What the numbers of a column look like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    count: u64,
    precise: u64,
    /// Those with more than four decimals, a few metres.
    exact: u64,
    least: f64,
    most: f64,
}

impl Default for Spread {
    fn default() -> Self {
        Self { count: 0, precise: 0, exact: 0, least: f64::INFINITY, most: f64::NEG_INFINITY }
    }
}

impl Spread {
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        self.precise += u64::from((value * 100.0 - (value * 100.0).round()).abs() > 1e-6);
        self.exact += u64::from((value * 1e4 - (value * 1e4).round()).abs() > 1e-6);
        self.least = self.least.min(value);
        self.most = self.most.max(value);
    }

    /// A cell of a column of text, if it is a number.
    pub fn add_text(&mut self, cell: &str) {
        let numeric = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b',');
        if (2..=20).contains(&cell.len()) && cell.bytes().all(numeric) {
            match cell.replace(',', ".").parse() {
                Ok(value) => self.add(value),
                // A column with other things in it is none of coordinates.
                Err(_) => self.most = f64::INFINITY,
            }
        } else {
            self.most = f64::INFINITY;
        }
    }

    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.precise += other.precise;
        self.exact += other.exact;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }

    fn within(&self, range: &std::ops::RangeInclusive<f64>) -> bool {
        self.count >= FEWEST && range.contains(&self.least) && range.contains(&self.most) && self.least < self.most
    }

    fn is_precise(&self) -> bool {
        self.precise * 10 >= self.count * 7
    }

    fn is_exact(&self) -> bool {
        self.exact * 10 >= self.count * 7
    }
}

/// A pair of columns that hold positions.
pub(super) struct Pair {
    pub latitude: usize,
    pub longitude: usize,
    pub cells: u64,
    /// Whether nothing else looks so: shares may be in the range of degrees, and amounts in that of metres.
    pub sure: bool,
}

/// The first pair of columns that hold positions, if there is one.
pub(super) fn pair_of_columns(spreads: &[Spread], names: &[&str]) -> Option<Pair> {
    let find = |range, precise: bool| {
        let fits = move |spread: &&Spread| spread.within(range) && (!precise || spread.is_precise());
        spreads.iter().position(move |spread| fits(&spread))
    };
    let pair =
        |latitude: usize, longitude: usize, sure| Pair { latitude, longitude, cells: spreads[latitude].count, sure };
    let has = |column: usize, parts: &[&str]| {
        let name = names[column].to_lowercase();
        parts.iter().any(|part| name.contains(part))
    };
    let named = |column: usize| {
        matches!(names[column].to_lowercase().as_str(), "n" | "e" | "x" | "y" | "p" | "i") || has(column, &NAMES)
    };
    if let (Some(latitude), Some(longitude)) = (find(&LATITUDES, true), find(&LONGITUDES, true)) {
        let is_sure = |column: usize| named(column) || spreads[column].is_exact() && !has(column, &MEASURES);
        return Some(pair(latitude, longitude, is_sure(latitude) && is_sure(longitude)));
    }
    let width = |column: usize| spreads[column].most - spreads[column].least;
    let zone = |east: &usize| width(*east) < if spreads[*east].most < 1e7 { WIDEST } else { WIDEST_ZONE };
    let (north, east) = (find(&NORTHINGS, false)?, EASTINGS.iter().find_map(|range| find(range, false).filter(zone))?);
    let wide = |column: usize| width(column) > 1000.0;
    (wide(north) && wide(east)).then(|| pair(north, east, named(north) || named(east)))
}

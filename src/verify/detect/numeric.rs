//! Whole numbers as spreadsheets and programs write them: `401234567.0`, `4.01234567E+08`, `401 234 567`.

/// Lengths of a cell with such a number.
const LENGTHS: std::ops::RangeInclusive<usize> = 9..=28;
/// Digits of a number in 64 bits.
const MOST_DIGITS: usize = 18;
/// Digits of a group of thousands.
const GROUP: usize = 3;

/// Returns the whole number that a cell is, unless it is written as digits alone.
pub(super) fn whole_number(cell: &str) -> Option<i64> {
    let starts_as_one = cell.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    if !LENGTHS.contains(&cell.len()) || !starts_as_one || cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = match without_decimals(cell) {
        Some(digits) => digits.to_owned(),
        None => of_exponent(cell).or_else(|| of_thousands(cell))?,
    };
    (digits.len() <= MOST_DIGITS).then(|| digits.parse().ok())?
}

/// Returns the digits before decimals that are all zero.
pub(super) fn without_decimals(cell: &str) -> Option<&str> {
    let mark = cell.find(['.', ','])?;
    let whole = &cell[..mark];
    let decimals = &cell[mark + 1..];
    let has_zeros = !decimals.is_empty() && decimals.bytes().all(|byte| byte == b'0');
    // Three zeros are a group of thousands.
    let is_whole = has_zeros && decimals.len() != GROUP && are_digits(whole);
    is_whole.then_some(whole)
}

/// Reads a number with a power of ten, such as `4.01234567E+08`.
fn of_exponent(cell: &str) -> Option<String> {
    let (number, power) = cell.split_once(['e', 'E'])?;
    let power: usize = power.strip_prefix('+').unwrap_or(power).parse().ok()?;
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, ""));
    let is_number = whole.len() == 1 && are_digits(whole) && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let decimals = decimals.trim_end_matches('0');
    let is_whole = is_number && decimals.len() <= power && power < MOST_DIGITS;
    is_whole.then(|| format!("{whole}{decimals:0<power$}"))
}

/// Reads a number in groups of thousands, such as `401,234,567` or `401 234 567.00`.
fn of_thousands(cell: &str) -> Option<String> {
    let separator = cell.find([' ', ',', '.', '\'']).map(|at| char::from(cell.as_bytes()[at]))?;
    let whole = match cell.rsplit_once(['.', ',']) {
        Some((whole, "0" | "00")) => whole,
        _ => cell,
    };
    let mut groups = whole.split(separator);
    let first = groups.next().filter(|first| (1..=GROUP).contains(&first.len()) && are_digits(first))?;
    let are_groups =
        groups.clone().count() >= 2 && groups.clone().all(|group| group.len() == GROUP && are_digits(group));
    are_groups.then(|| groups.fold(first.to_owned(), |number, group| number + group))
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notation_of_a_whole_number_is_read() {
        for text in [
            "401234567.0",
            "401234567,00",
            "4.01234567E+08",
            "4.01234567e8",
            "4,01234567E+08",
            "401 234 567",
            "401,234,567",
            "401.234.567",
            "401'234'567",
            "401 234 567,00",
        ] {
            assert_eq!(whole_number(text), Some(401_234_567), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_none() {
        for text in
            ["401234567", "401234567.5", "4.0123456789E+08", "401 2345 67", "1e400", "käynti 401", "12:30:45.00"]
        {
            assert_eq!(whole_number(text), None, "{text}");
        }
    }
}

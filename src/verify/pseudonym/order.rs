//! Information in the order of rows and of pseudonyms.

use super::sample::{FEWEST_VALUES, Pseudonyms, Sample, SortableColumn, no_person_column};
use super::significance::{ColumnTest, Significance};
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::statistics::apart_from_half;
use crate::verify::subject::{ColumnRole, Kind, Subject, listed};

const ORDER: &str = "pseudonym.order";
const ROW_ORDER: &str = "pseudonym.row_order";
const SEQUENCE: &str = "pseudonym.sequence";
/// Smallest share of the numbers between the first and the last that a running number uses.
const DENSE: f64 = 0.2;
/// Largest number that an `f64` orders exactly, with room to spare.
const LARGEST_ROW_NUMBER: f64 = 1e15;

/// Checks the order of rows and of pseudonyms.
pub(super) fn check(subject: &Subject, samples: &[Sample<'_>], notes: &mut Notes<'_>) {
    sorted(subject, samples, notes);
    row_order(samples, notes);
    sequence(samples, notes);
}

/// Checks that the tables of this tool are sorted by pseudonym.
fn sorted(subject: &Subject, samples: &[Sample<'_>], notes: &mut Notes<'_>) {
    let with_person: Vec<&Sample<'_>> = samples.iter().filter(|sample| sample.table.person().is_some()).collect();
    let unsorted: Vec<String> = with_person.iter().filter(|s| !s.sorted).map(|s| s.table.label.clone()).collect();
    if with_person.is_empty() {
        notes.note(ORDER, Verdict::NotApplicable, no_person_column());
    } else if unsorted.is_empty() {
        let evidence = Text::new(
            "every table is sorted by pseudonym",
            "jokainen taulu on järjestetty sen mukaan",
            "alla tabeller är sorterade efter pseudonym",
        );
        notes.note(ORDER, Verdict::Pass, evidence);
    } else if matches!(subject.kind, Kind::Delivery | Kind::Linked) {
        let names = listed(&unsorted);
        let evidence = Text::new(
            format!("not sorted by pseudonym: {}; this tool writes sorted tables", names.en),
            format!("ei pseudonyymin järjestyksessä: {}; tämä ohjelma järjestää taulut", names.fi),
            format!("inte sorterade efter pseudonym: {}; detta program sorterar tabellerna", names.sv),
        );
        notes.note(ORDER, Verdict::Fail, evidence);
    } else {
        let evidence = Text::new(
            "not made by this tool; see the order of rows",
            "ei tämän ohjelman tekemä; katso rivien järjestys",
            "inte gjord med detta program; se radernas ordning",
        );
        notes.note(ORDER, Verdict::NotApplicable, evidence);
    }
}

/// Detects columns whose order the rows follow.
fn row_order(samples: &[Sample<'_>], notes: &mut Notes<'_>) {
    let unsorted: Vec<&Sample<'_>> =
        samples.iter().filter(|sample| !sample.sorted && sample.persons.len() >= FEWEST_VALUES).collect();
    let tests: usize = unsorted.iter().map(|sample| sample.ordered.len() * TESTS).sum();
    let mut tested = Vec::new();
    for sample in &unsorted {
        let starts = person_starts(&sample.persons);
        for column in &sample.ordered {
            tested.push(ColumnTest {
                probability: trend_at(&starts, column) * tests as f64,
                place: Subject::place(sample.table, column.position),
            });
        }
    }
    let result = Significance::of(&tested);
    let evidence = if result.places.is_empty() {
        Text::new(
            "the order of rows follows no column",
            "rivien järjestys ei noudata mitään saraketta",
            "radernas ordning följer ingen kolumn",
        )
    } else {
        let names = listed(&result.places);
        Text::new(
            format!("the rows follow {}: their order is that of the source; sort them by pseudonym", names.en),
            format!("rivit noudattavat saraketta {}: järjestys on lähteen; järjestä ne pseudonyymin mukaan", names.fi),
            format!("raderna följer {}: ordningen är källans; sortera dem efter pseudonym", names.sv),
        )
    };
    notes.note(ROW_ORDER, result.verdict, evidence);
}

/// Detects running numbers, and pseudonyms in the order of a column.
fn sequence(samples: &[Sample<'_>], notes: &mut Notes<'_>) {
    let pseudonyms: Vec<(&Sample<'_>, &Pseudonyms)> =
        samples.iter().flat_map(|sample| sample.pseudonyms.iter().map(move |column| (sample, column))).collect();
    let running = pseudonyms.iter().filter(|(_, column)| column.is_individual && is_running(column));
    let mut numbers: Vec<String> = running.map(|(_, column)| column.place.clone()).collect();
    numbers.extend(samples.iter().flat_map(source_row_numbers));
    if !numbers.is_empty() {
        let names = listed(&numbers);
        let evidence = Text::new(
            format!("running numbers: {}; anyone who has the source in this order can identify the persons", names.en),
            format!(
                "juoksevia numeroita: {}; se, jolla on lähde samassa järjestyksessä, voi tunnistaa henkilöt",
                names.fi
            ),
            format!("löpnummer: {}; den som har källan i samma ordning kan identifiera personerna", names.sv),
        );
        notes.note(SEQUENCE, Verdict::Fail, evidence);
        return;
    }
    if pseudonyms.is_empty() {
        notes.note(SEQUENCE, Verdict::NotApplicable, no_person_column());
        return;
    }
    let result = Significance::of(&order_of_values(&pseudonyms));
    let evidence = if result.places.is_empty() {
        Text::new(
            "no running numbers, and no order of the source",
            "ei juoksevia numeroita eikä lähteen järjestystä",
            "inga löpnummer, och inte källans ordning",
        )
    } else {
        let names = listed(&result.places);
        Text::new(
            format!("pseudonyms in the order of another column: {}; they follow the order of the source", names.en),
            format!("pseudonyymit toisen sarakkeen järjestyksessä: {}; ne noudattavat lähteen järjestystä", names.fi),
            format!("pseudonymer i samma ordning som en annan kolumn: {}; de följer källans ordning", names.sv),
        )
    };
    notes.note(SEQUENCE, result.verdict, evidence);
}

/// Tests whether the order of the persons' pseudonyms follows a column.
fn order_of_values(pseudonyms: &[(&Sample<'_>, &Pseudonyms)]) -> Vec<ColumnTest> {
    let tests: usize = pseudonyms.iter().map(|(sample, _)| sample.ordered.len() * TESTS).sum();
    let mut tested = Vec::new();
    for (sample, column) in pseudonyms.iter().filter(|(_, column)| column.role == ColumnRole::Person) {
        let rows = first_rows_by_value(column, sample);
        for ordered in &sample.ordered {
            tested.push(ColumnTest {
                probability: trend_at(&rows, ordered) * tests as f64,
                place: format!("{} ({})", column.place, Subject::place(sample.table, ordered.position)),
            });
        }
    }
    tested
}

/// Returns the rows that begin another person.
fn person_starts(persons: &[u64]) -> Vec<usize> {
    (0..persons.len()).filter(|&row| row == 0 || persons[row] != persons[row - 1]).collect()
}

/// Number of tests in [`trend`].
const TESTS: usize = 2;

/// Tests the values of a column at `rows` for a trend.
fn trend_at(rows: &[usize], column: &SortableColumn) -> f64 {
    trend(&rows.iter().map(|&row| column.values[row]).collect::<Vec<_>>())
}

/// Returns the probability that a sequence without a trend rises or falls so often.
///
/// This is the smaller probability of two sign tests: from one value to the next, and from the first half to the second
/// (Cox and Stuart, 1955).
fn trend(values: &[f64]) -> f64 {
    let half = values.len() / 2;
    let neighbours = values.windows(2).map(|pair| (pair[0], pair[1]));
    let halves = values[..half].iter().zip(&values[values.len() - half..]).map(|(a, b)| (*a, *b));
    sign_test(neighbours).min(sign_test(halves))
}

fn sign_test(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let mut rises = 0;
    let mut falls = 0;
    for (before, after) in pairs {
        rises += u64::from(before < after);
        falls += u64::from(before > after);
    }
    apart_from_half(rises, rises + falls)
}

/// Returns the first row of each distinct pseudonym, in the order of the pseudonyms. Numbers are ordered as numbers.
fn first_rows_by_value(column: &Pseudonyms, sample: &Sample<'_>) -> Vec<usize> {
    let mut known = std::collections::HashSet::<u64, ahash::RandomState>::default();
    let mut firsts = person_starts(&sample.persons);
    firsts.retain(|&row| known.insert(sample.persons[row]));
    let values = column.in_order.iter().zip(firsts);
    let mut rows: Vec<_> = values.map(|(value, row)| (trailing_number(value), value.as_str(), row)).collect();
    rows.sort_unstable();
    rows.into_iter().map(|(_, _, row)| row).collect()
}

/// Returns the number at the end of a value, if there are no digits before it.
fn trailing_number(value: &str) -> Option<u128> {
    let digits = value.trim_start_matches(|c: char| !c.is_ascii_digit());
    (!digits.is_empty() && digits.len() <= 38).then(|| digits.parse().ok()).flatten()
}

/// Returns true if the values are numbers with few gaps, all after the same prefix.
fn is_running(column: &Pseudonyms) -> bool {
    if column.bytes {
        return false;
    }
    let texts: Option<Vec<&str>> = column.values.iter().map(|value| std::str::from_utf8(value).ok()).collect();
    let Some(texts) = texts else { return false };
    let has_one_prefix = texts.windows(2).all(|pair| prefix(pair[0]) == prefix(pair[1]));
    let numbers: Option<Vec<u128>> = texts.into_iter().map(trailing_number).collect();
    numbers.is_some_and(|numbers| has_one_prefix && is_dense(&numbers, column.share))
}

fn prefix(value: &str) -> &str {
    value.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// Returns true if numbers have few gaps; `numbers` holds a `share` of all.
fn is_dense(numbers: &[u128], share: f64) -> bool {
    let (Some(first), Some(last)) = (numbers.iter().min(), numbers.iter().max()) else { return false };
    numbers.len() >= FEWEST_VALUES && numbers.len() as f64 >= DENSE * share * (last - first + 1) as f64
}

/// Returns the columns that number the rows of a source in another order than that of the file.
fn source_row_numbers(sample: &Sample<'_>) -> Vec<String> {
    // Numbers of a part of the rows may have gaps.
    if sample.rows > sample.persons.len() as u64 {
        return Vec::new();
    }
    let columns = sample.ordered.iter().filter(|column| numbers_source_rows(column));
    columns.map(|column| Subject::place(sample.table, column.position)).collect()
}

fn numbers_source_rows(column: &SortableColumn) -> bool {
    let in_range = column.values.iter().filter(|value| **value >= 0.0 && **value < LARGEST_ROW_NUMBER);
    let mut numbers: Vec<u64> = in_range.map(|value| *value as u64).collect();
    let is_in_order = numbers.is_sorted();
    numbers.sort_unstable();
    let are_distinct = numbers.windows(2).all(|pair| pair[0] != pair[1]);
    let are_whole = column.whole_numbers && numbers.len() == column.values.len();
    let are_dense = numbers.first().zip(numbers.last()).is_some_and(|(a, b)| b - a < 2 * numbers.len() as u64);
    numbers.len() >= FEWEST_VALUES && are_whole && are_distinct && are_dense && !is_in_order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a number that looks random.
    fn mixed(n: u64) -> f64 {
        let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9).wrapping_add(0x9E37_79B9_7F4A_7C15);
        let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((n ^ (n >> 31)) >> 40) as f64
    }

    #[test]
    fn a_trend_is_significant_and_noise_is_not() {
        let rising: Vec<f64> = (0..60).map(f64::from).collect();
        assert!(trend(&rising) < 1e-8);
        let noise: Vec<f64> = (0..2000_u64).map(mixed).collect();
        assert!(trend(&noise) > 1e-3, "{}", trend(&noise));
        let slow: Vec<f64> = noise.iter().zip(0..).map(|(n, i)| n + f64::from(i) * 16_777.0).collect();
        assert!(trend(&slow) < 1e-9);
    }

    #[test]
    fn running_numbers_leave_few_gaps() {
        let numbers: Vec<u128> = (100..200).collect();
        assert!(is_dense(&numbers, 1.0));
        let spread: Vec<u128> = (0..100).map(|n| n * n * 1000).collect();
        assert!(!is_dense(&spread, 1.0));
        assert_eq!(trailing_number("P0012"), Some(12));
        assert_eq!(trailing_number("12ab"), None);
    }
}

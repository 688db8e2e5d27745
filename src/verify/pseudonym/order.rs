//! What the order of rows, and of values, tells.

use super::sample::{Ordered, Pseudonyms, Sample};
use super::{must_be_sorted, none_there};
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::statistics::{FAILS_BELOW, WARNS_BELOW, apart_from_half};
use crate::verify::subject::{ColumnRole, Subject, listed};

const ORDER: &str = "pseudonym.order";
const ROW_ORDER: &str = "pseudonym.row_order";
const SEQUENCE: &str = "pseudonym.sequence";
/// Fewer rows or values tell nothing.
const FEWEST: usize = 20;
/// Numbers are running ones where at least this share of those between the smallest and the largest is used.
const DENSE: f64 = 0.2;

pub(super) fn check(subject: &Subject, samples: &[Sample<'_>], notes: &mut Notes<'_>) {
    sorted(subject, samples, notes);
    row_order(samples, notes);
    sequence(samples, notes);
}

/// Tables of this tool are in the order of their pseudonyms.
fn sorted(subject: &Subject, samples: &[Sample<'_>], notes: &mut Notes<'_>) {
    let with_person: Vec<&Sample<'_>> = samples.iter().filter(|sample| sample.table.person().is_some()).collect();
    let unsorted: Vec<String> = with_person.iter().filter(|s| !s.sorted).map(|s| s.table.label.clone()).collect();
    let (verdict, words) = match (with_person.is_empty(), unsorted.is_empty()) {
        (true, _) => (Verdict::NotApplicable, none_there()),
        (_, true) => {
            (Verdict::Pass, Text::new("every table is sorted by it", "jokainen taulu on järjestetty sen mukaan"))
        }
        (_, false) if must_be_sorted(subject) => {
            let names = listed(&unsorted);
            let en = format!("not in its order: {}; not as this tool writes tables", names.en);
            (
                Verdict::Fail,
                Text::new(en, format!("ei sen järjestyksessä: {}; tämä työkalu ei kirjoita näin", names.fi)),
            )
        }
        _ => (
            Verdict::NotApplicable,
            Text::new(
                "not made by this tool; see the order of rows",
                "ei tämän työkalun tekemä; katso rivien järjestys",
            ),
        ),
    };
    notes.note(ORDER, verdict, words);
}

/// Columns that the order of the rows follows.
fn row_order(samples: &[Sample<'_>], notes: &mut Notes<'_>) {
    let unsorted: Vec<&Sample<'_>> = samples.iter().filter(|s| !s.sorted && s.persons.len() >= FEWEST).collect();
    let tests: usize = unsorted.iter().map(|sample| sample.ordered.len() * TESTS).sum();
    let mut found: Vec<(f64, String)> = Vec::new();
    for sample in &unsorted {
        let starts = person_starts(&sample.persons);
        for column in &sample.ordered {
            let values: Vec<f64> = starts.iter().map(|&row| column.values[row]).collect();
            found.push((trend(&values) * tests as f64, Subject::place(sample.table, column.position)));
        }
    }
    let (verdict, words) = judged(&found, |names| {
        let en = format!("the rows follow {}: their order is that of the source; sort them by pseudonym", names.en);
        let fi =
            format!("rivit noudattavat saraketta {}: järjestys on lähteen; järjestä ne pseudonyymin mukaan", names.fi);
        Text::new(en, fi)
    });
    let nothing =
        Text::new("the order of rows tells nothing of any column", "rivien järjestys ei kerro mistään sarakkeesta");
    notes.note(ROW_ORDER, verdict, words.unwrap_or(nothing));
}

/// Running numbers, and values in the order of a column.
fn sequence(samples: &[Sample<'_>], notes: &mut Notes<'_>) {
    let pseudonyms: Vec<(&Sample<'_>, &Pseudonyms)> =
        samples.iter().flat_map(|sample| sample.pseudonyms.iter().map(move |column| (sample, column))).collect();
    let running = pseudonyms.iter().filter(|(_, column)| column.of_few && is_running(column));
    let numbered: Vec<String> = running.map(|(_, column)| column.place.clone()).collect();
    let kept: Vec<String> = samples.iter().flat_map(|sample| source_numbers(sample)).collect();
    let tests: usize = pseudonyms.iter().map(|(sample, _)| sample.ordered.len() * TESTS).sum();
    let mut followed: Vec<(f64, String)> = Vec::new();
    for (sample, column) in pseudonyms.iter().filter(|(_, column)| column.role == ColumnRole::Person) {
        let rows = in_order_of_values(column, sample);
        for ordered in &sample.ordered {
            let values: Vec<f64> = rows.iter().map(|&row| ordered.values[row]).collect();
            followed.push((
                trend(&values) * tests as f64,
                format!("{} ({})", column.place, Subject::place(sample.table, ordered.position)),
            ));
        }
    }
    let (verdict, words) = judged(&followed, |names| {
        let en = format!("values in the order of another column: {}; they were given in the source's order", names.en);
        Text::new(
            en,
            format!("arvot toisen sarakkeen järjestyksessä: {}; ne on annettu lähteen järjestyksessä", names.fi),
        )
    });
    if numbered.is_empty() && kept.is_empty() {
        let nothing = if pseudonyms.is_empty() {
            none_there()
        } else {
            Text::new(
                "no running numbers, and no order of the source",
                "ei juoksevia numeroita eikä lähteen järjestystä",
            )
        };
        let verdict = if pseudonyms.is_empty() { Verdict::NotApplicable } else { verdict };
        notes.note(SEQUENCE, verdict, words.unwrap_or(nothing));
        return;
    }
    let names = listed(&numbered.into_iter().chain(kept).collect::<Vec<_>>());
    let en = format!("running numbers: {}; whoever has the source in its order can tell who is who", names.en);
    let fi = format!("juoksevia numeroita: {}; se, jolla on lähde järjestyksessään, voi päätellä henkilöt", names.fi);
    notes.note(SEQUENCE, Verdict::Fail, Text::new(en, fi));
}

/// The worst of `found`, probabilities with what they are about, and the words for it.
fn judged(found: &[(f64, String)], words: impl FnOnce(&Text) -> Text) -> (Verdict, Option<Text>) {
    let below =
        |limit: f64| -> Vec<String> { found.iter().filter(|(p, _)| *p < limit).map(|(_, n)| n.clone()).collect() };
    match (below(FAILS_BELOW), below(WARNS_BELOW)) {
        (failed, _) if !failed.is_empty() => (Verdict::Fail, Some(words(&listed(&failed)))),
        (_, warned) if !warned.is_empty() => (Verdict::Warn, Some(words(&listed(&warned)))),
        _ => (Verdict::Pass, None),
    }
}

/// Rows that begin another person's.
fn person_starts(persons: &[u64]) -> Vec<usize> {
    (0..persons.len()).filter(|&row| row == 0 || persons[row] != persons[row - 1]).collect()
}

/// How many tests [`trend`] makes.
const TESTS: usize = 2;

/// The smaller probability that a sequence without a trend rises or falls so often from one value to the next, or from
/// its first half to its second (Cox and Stuart's test).
fn trend(values: &[f64]) -> f64 {
    let half = values.len() / 2;
    let neighbours = values.windows(2).map(|pair| (pair[0], pair[1]));
    let halves = values[..half].iter().zip(&values[values.len() - half..]).map(|(a, b)| (*a, *b));
    sign_test(neighbours).min(sign_test(halves))
}

fn sign_test(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut rises, mut falls) = (0, 0);
    for (before, after) in pairs {
        rises += u64::from(before < after);
        falls += u64::from(before > after);
    }
    apart_from_half(rises, rises + falls)
}

/// The first rows of a column's distinct values, in the order of the values: as numbers where they are numbers.
fn in_order_of_values(column: &Pseudonyms, sample: &Sample<'_>) -> Vec<usize> {
    let mut rows: Vec<(Option<u128>, &str, usize)> = Vec::new();
    let starts = person_starts(&sample.persons);
    let mut seen = std::collections::HashSet::<u64, ahash::RandomState>::default();
    let firsts: Vec<usize> = starts.into_iter().filter(|&row| seen.insert(sample.persons[row])).collect();
    for (value, row) in column.in_order.iter().zip(firsts) {
        rows.push((trailing_number(value), value, row));
    }
    rows.sort_unstable();
    rows.into_iter().map(|(_, _, row)| row).collect()
}

/// The number with which a value ends, if all before it are no digits.
fn trailing_number(value: &str) -> Option<u128> {
    let digits = value.trim_start_matches(|c: char| !c.is_ascii_digit());
    (!digits.is_empty() && digits.len() <= 38).then(|| digits.parse().ok()).flatten()
}

/// Whether the values are numbers, perhaps after a fixed word, that leave few gaps.
fn is_running(column: &Pseudonyms) -> bool {
    let texts: Option<Vec<&str>> = column.values.iter().map(|value| std::str::from_utf8(value).ok()).collect();
    let Some(texts) = texts.filter(|_| !column.bytes) else { return false };
    let prefix = |value: &str| value.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let one_prefix = texts.windows(2).all(|pair| prefix(pair[0]) == prefix(pair[1]));
    let numbers: Option<Vec<u128>> = texts.into_iter().map(trailing_number).collect();
    numbers.filter(|_| one_prefix).is_some_and(|numbers| is_dense(&numbers, column.share))
}

/// Whether numbers, of which a `share` is here, leave few gaps.
fn is_dense(numbers: &[u128], share: f64) -> bool {
    let (Some(first), Some(last)) = (numbers.iter().min(), numbers.iter().max()) else { return false };
    numbers.len() >= FEWEST && numbers.len() as f64 >= DENSE * share * (last - first + 1) as f64
}

/// Columns that number the rows of a source whose order is not that of the file.
fn source_numbers(sample: &Sample<'_>) -> Vec<String> {
    let numbers_rows = |column: &&Ordered| {
        let mut numbers: Vec<u64> =
            column.values.iter().filter(|v| **v >= 0.0 && **v < 1e15).map(|v| *v as u64).collect();
        let in_order = numbers.is_sorted();
        numbers.sort_unstable();
        let distinct = numbers.windows(2).all(|pair| pair[0] != pair[1]);
        let whole = column.whole_numbers && numbers.len() == column.values.len();
        let dense = numbers.first().zip(numbers.last()).is_some_and(|(a, b)| b - a < 2 * numbers.len() as u64);
        numbers.len() >= FEWEST && whole && distinct && dense && !in_order
    };
    let columns = sample.ordered.iter().filter(numbers_rows);
    if sample.rows > sample.persons.len() as u64 {
        return Vec::new();
    }
    columns.map(|column| Subject::place(sample.table, column.position)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number that looks random.
    fn mixed(n: u64) -> f64 {
        let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9).wrapping_add(0x9E37_79B9_7F4A_7C15);
        let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((n ^ (n >> 31)) >> 40) as f64
    }

    #[test]
    fn a_trend_is_found_and_noise_is_none() {
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
        assert_eq!((trailing_number("P0012"), trailing_number("12ab")), (Some(12), None));
    }
}

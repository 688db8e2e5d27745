//! Detection of tables without a header: the values of a first row instead of column names.

/// The fewest characters of a pseudonym or hash that is recognised by itself.
const MIN_CODE_LENGTH: usize = 16;
/// The fewest digits of a number that is no name: `1`, `2`, `3` may be the questions of a survey.
const MIN_DIGITS: usize = 3;
/// The percentage of a column's values that must be of a kind.
const KIND_PERCENT: usize = 90;

/// Returns true if `names` are the values of a first row.
///
/// They are if one is a pseudonym or a hash, or if they are of the same kinds as the values in `rows`, a sample of the
/// rows below them.
pub(super) fn are_values<'a>(names: &[&'a str], rows: &[Vec<&'a str>]) -> bool {
    if names.iter().any(|name| is_code(name)) {
        return true;
    }
    let verdicts: Vec<Verdict> = names
        .iter()
        .enumerate()
        .map(|(position, &name)| {
            let values = rows.iter().filter(|row| row[..] != *names).filter_map(|row| row.get(position).copied());
            judge(name, &values.filter(|value| !value.is_empty()).collect::<Vec<_>>())
        })
        .collect();
    verdicts.contains(&Verdict::Value) && !verdicts.contains(&Verdict::Name)
}

/// Verdict on the text above a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Name,
    Value,
    Unclear,
}

fn judge(name: &str, values: &[&str]) -> Verdict {
    if name.is_empty() {
        return Verdict::Unclear;
    }
    if !has_digit(name) && most(values, has_digit) {
        return Verdict::Name;
    }
    let is_like_figures = is_figure(name)
        && is_year(name) == most(values, is_year)
        && most(values, |value| digit_pattern(value) == digit_pattern(name));
    let is_long_number = is_number(name) && name.len() > MIN_DIGITS && !begins_as_year(name) && most(values, is_number);
    let is_like_codes =
        has_digit_before_letter(name) && most(values, |value| value.len() == name.len() && has_digit(value));
    match is_like_figures || is_long_number || is_like_codes || values.contains(&name) {
        true => Verdict::Value,
        false => Verdict::Unclear,
    }
}

/// Returns true if at least [`KIND_PERCENT`] of the values are of a kind.
fn most(values: &[&str], is_of_kind: impl Fn(&str) -> bool) -> bool {
    let alike = values.iter().filter(|value| is_of_kind(value)).count();
    !values.is_empty() && alike * 100 >= values.len() * KIND_PERCENT
}

/// Returns a number or date with zeros for digits. Before the last mark, runs of digits have one length.
fn digit_pattern(text: &str) -> String {
    let zeros: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    match zeros.rsplit_once(['.', ',', '/']) {
        Some((before, after)) => before.replace("00", "0").replace("00", "0") + "." + after,
        None => zeros,
    }
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// Returns true for a number or a date.
fn is_figure(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= MIN_DIGITS
        && text.bytes().all(|b| b.is_ascii_digit() || b"+-.,:/ T".contains(&b))
}

fn begins_as_year(text: &str) -> bool {
    text.starts_with("19") || text.starts_with("20")
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && begins_as_year(text) && is_number(text)
}

fn has_digit_before_letter(text: &str) -> bool {
    text.as_bytes().windows(2).any(|two| two[0].is_ascii_digit() && two[1].is_ascii_alphabetic())
}

/// Returns true if a name is a pseudonym or a hash by its form alone.
fn is_code(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_mixed = has_digit_before_letter(name)
        && name.bytes().any(|b| b.is_ascii_uppercase())
        && name.bytes().any(|b| b.is_ascii_lowercase());
    let is_formed = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'/' | b'='));
    name.len() >= MIN_CODE_LENGTH && is_formed && (digits * 4 >= name.len() || is_mixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_values_in(text: &str) -> bool {
        let mut lines = text.split('\n').map(|line| line.split(';').collect::<Vec<_>>());
        let names = lines.next().unwrap();
        are_values(&names, &lines.collect::<Vec<_>>())
    }

    #[test]
    fn a_pseudonym_in_the_place_of_a_name_is_a_value() {
        for row in [
            "0080727E9E04033E2C2BF246418731AD;2018-03;049",
            "q2n8ZkT0hLr5xWbVfJ3aMg==",
            "3f2b8c1e-9d47-4e0a-8b6f-1c2d3e4f5a6b",
        ] {
            assert!(are_values_in(row), "{row}");
        }
        for names in ["pseudonym;admission_month", "2017-01;2017-02", "kotihoidontarve2017", ""] {
            assert!(!are_values_in(names), "{names}");
        }
    }

    #[test]
    fn names_of_the_kind_of_the_values_below_them_are_a_first_row() {
        let rows = [
            "1000234;2018;049\n1000871;2019;091\n1004410;2018;564",
            "a9f3k2;2018-03-01\nx11b7c;2019-11-30",
            "a;451,20\nb;87,05\na;1203,00",
            "7;north\n12;south\n3;north",
            ";2018-03\n17;2018-04",
            "2018;12\n2019;7",
            "34211;120\n991;75",
            "x;1.3.2018\nx;14.12.2019",
        ];
        for row in rows {
            assert!(are_values_in(row), "{row}");
        }
    }

    #[test]
    fn names_above_values_of_another_kind_are_names() {
        let tables = [
            "pseudonym;month\na9f3k2;2018-03\nx11b7c;2018-04",
            "ward;2018;2019\nnorth;1200;1300\nsouth;800;900",
            "id;1;2;3\na9f3;1;4;5\nx11b;2;2;1",
            "kind;cause\na;fall\nb;other\nkind;cause",
            "q1;q2\nkyllä;ei\nei;ei",
            "ward;049;091\nwomen;12;7\nmen;8;11",
        ];
        for table in tables {
            assert!(!are_values_in(table), "{table}");
        }
    }
}

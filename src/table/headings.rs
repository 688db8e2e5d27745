//! Whether a table's columns have names, or the values of a first row in their place.

/// The fewest characters of a pseudonym, or of a hash, that is known as one by itself.
const LONG: usize = 16;
/// The fewest digits of a number that is no name: `1`, `2`, `3` may be the questions of a survey.
const DIGITS: usize = 3;
/// Of a column's values so many in a hundred must be alike for it to be of their kind.
const ALIKE: usize = 90;

/// Whether `names` are the values of a first row: a pseudonym or a hash is among them, or they are of the kinds of the
/// values below them, which `rows` are a sample of.
pub(super) fn are_values<'a>(names: &[&'a str], rows: &[Vec<&'a str>]) -> bool {
    if names.iter().any(|name| is_code(name)) {
        return true;
    }
    let columns = names.iter().enumerate().map(|(position, &name)| {
        let values = rows.iter().filter(|row| row[..] != *names).filter_map(|row| row.get(position).copied());
        judge(name, &values.filter(|value| !value.is_empty()).collect::<Vec<_>>())
    });
    let judged: Vec<Judged> = columns.collect();
    judged.contains(&Judged::Value) && !judged.contains(&Judged::Name)
}

/// What stands above a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judged {
    Name,
    Value,
    Either,
}

fn judge(name: &str, values: &[&str]) -> Judged {
    let most = |is: &dyn Fn(&str) -> bool| {
        let alike = values.iter().filter(|value| is(value)).count();
        !values.is_empty() && alike * 100 >= values.len() * ALIKE
    };
    if name.is_empty() {
        return Judged::Either;
    }
    if !has_digit(name) && most(&has_digit) {
        return Judged::Name;
    }
    let is_like_figures =
        is_figure(name) && is_year(name) == most(&is_year) && most(&|value| form(value) == form(name));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_long_number = is_number(name) && name.len() > DIGITS && !begins_as_year(name) && most(&is_number);
    let is_like_codes = has_digit_before_letter(name) && most(&|value| value.len() == name.len() && has_digit(value));
    match is_like_figures || is_long_number || is_like_codes || values.contains(&name) {
        true => Judged::Value,
        false => Judged::Either,
    }
}

/// The form of a number or a date, with zeros for digits. What has marks in it may have any number of digits before each.
fn form(text: &str) -> String {
    let zeros: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    match zeros.rsplit_once(['.', ',', '/']) {
        Some((before, after)) => before.replace("00", "0").replace("00", "0") + "." + after,
        None => zeros,
    }
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

/// Whether it is a number or a date.
fn is_figure(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= DIGITS
        && text.bytes().all(|b| b.is_ascii_digit() || b"+-.,:/ T".contains(&b))
}

fn begins_as_year(text: &str) -> bool {
    text.starts_with("19") || text.starts_with("20")
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && begins_as_year(text) && text.bytes().all(|b| b.is_ascii_digit())
}

fn has_digit_before_letter(text: &str) -> bool {
    text.as_bytes().windows(2).any(|two| two[0].is_ascii_digit() && two[1].is_ascii_alphabetic())
}

/// Whether a name is a pseudonym or a hash, whatever stands below it.
fn is_code(name: &str) -> bool {
    let has = |is: fn(&u8) -> bool| name.bytes().any(|b| is(&b));
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let mixed = has_digit_before_letter(name) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let formed = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'/' | b'='));
    name.len() >= LONG && formed && (digits * 4 >= name.len() || mixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_values_in(text: &str) -> bool {
        let mut lines = text.lines().map(|line| line.split(';').collect::<Vec<_>>());
        let names = lines.next().unwrap_or_default();
        are_values(&names, &lines.collect::<Vec<_>>())
    }

    #[test]
    fn a_pseudonym_in_the_place_of_a_name_is_no_name() {
        for row in [
            "0080727E9E04033E2C2BF246418731AD;2018-03;049",
            "q2n8ZkT0hLr5xWbVfJ3aMg==",
            "3f2b8c1e-9d47-4e0a-8b6f-1c2d3e4f5a6b",
        ] {
            assert!(are_values_in(row), "{row}");
        }
        for names in ["pseudonym;benefit_month", "2017-01;2017-02", "sosiaalityontarve2017", ""] {
            assert!(!are_values_in(names), "{names}");
        }
    }

    #[test]
    fn names_of_the_kind_of_the_values_below_them_are_a_first_row() {
        let rows = [
            "1000234;2018;049\n1000871;2019;091\n1004410;2018;564",
            "a9f3k2;2018-03-01\nx11b7c;2019-11-30",
            "kela;451,20\nthl;87,05\nkela;1203,00",
            "7;helsinki\n12;espoo\n3;helsinki",
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
            "pseudonym;kuukausi\na9f3k2;2018-03\nx11b7c;2018-04",
            "kunta;2018;2019\nhelsinki;1200;1300\nespoo;800;900",
            "id;1;2;3\na9f3;1;4;5\nx11b;2;2;1",
            "laji;syy\nkela;tulo\nthl;muu\nlaji;syy",
            "q1;q2\nkyllä;ei\nei;ei",
            "kunta;049;091\nnaiset;12;7\nmiehet;8;11",
        ];
        for table in tables {
            assert!(!are_values_in(table), "{table}");
        }
    }
}

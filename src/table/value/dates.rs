//! Forms of dates and months in a source.

use serde::{Deserialize, Serialize};

use salanimi_core::Day;

/// The form of dates of a source that names none.
pub const DATE_FORM: DateForm = DateForm { layout: DateLayout::Iso, has_time: false };

/// End of a form whose dates are followed by a time of day.
const TIME: &str = " hh:mm";
/// Names of the months in dates as SAS writes them.
pub const SAS_MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// A form of dates or months in a source, as a holder file declares it: `d.m.yyyy`, `yyyy-mm-dd hh:mm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct DateForm {
    /// Order and marks of year, month and day.
    pub layout: DateLayout,
    /// `true` if a time of day follows, which is not read.
    pub has_time: bool,
}

/// Order and marks of year, month and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateLayout {
    /// `2019-03-01` (ISO 8601).
    Iso,
    /// `20190301` (ISO 8601, basic).
    Compact,
    /// `1.3.2019` or `01.03.2019`.
    Finnish,
    /// `1.3.19` for 2019.
    Finnish20,
    /// `1.3.95` for 1995.
    Finnish19,
    /// `01MAR2019`, the format DATE9 of SAS.
    Sas,
    /// `201903`, a month.
    CompactMonth,
    /// `3.2019` or `03.2019`, a month.
    FinnishMonth,
}

impl DateLayout {
    const ALL: [(Self, &str); 8] = [
        (Self::Iso, "yyyy-mm-dd"),
        (Self::Compact, "yyyymmdd"),
        (Self::Finnish, "d.m.yyyy"),
        (Self::Finnish20, "d.m.20yy"),
        (Self::Finnish19, "d.m.19yy"),
        (Self::Sas, "ddMONyyyy"),
        (Self::CompactMonth, "yyyymm"),
        (Self::FinnishMonth, "m.yyyy"),
    ];

    /// Returns true for a form of months, which have no day.
    #[must_use]
    pub fn is_month(self) -> bool {
        matches!(self, Self::CompactMonth | Self::FinnishMonth)
    }

    /// Parses a whole text. The day of a month is its first.
    fn parse(self, text: &str) -> Option<Day> {
        match self {
            Self::Iso if text.len() == 10 => Day::parse(text).ok(),
            Self::Iso => None,
            Self::Compact => from_digits(text, 8),
            Self::Finnish => Day::parse_finnish(text).ok(),
            Self::Finnish20 => of_century(text, "20"),
            Self::Finnish19 => of_century(text, "19"),
            Self::Sas => from_sas(text),
            Self::CompactMonth => from_digits(text, 6),
            Self::FinnishMonth => Day::parse_finnish(&format!("1.{text}")).ok(),
        }
    }
}

impl DateForm {
    /// Parses a day.
    pub(crate) fn day(self, text: &str) -> Option<Day> {
        if self.layout.is_month() { None } else { self.parse(text) }
    }

    /// Parses a day, or a month as its first day.
    pub(super) fn parse(self, text: &str) -> Option<Day> {
        match self.has_time {
            false => self.layout.parse(text),
            true => self.layout.parse(without_time(text, self.layout)?),
        }
    }
}

impl TryFrom<String> for DateForm {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (name, has_time) = match text.strip_suffix(TIME) {
            Some(name) => (name, true),
            None => (text.as_str(), false),
        };
        let known = DateLayout::ALL.iter().find(|(_, known)| *known == name);
        match known {
            Some(&(layout, _)) if !(has_time && layout.is_month()) => Ok(Self { layout, has_time }),
            _ => {
                let allowed = DateLayout::ALL.map(|(_, name)| name).join(", ");
                Err(format!("unknown form of dates; write one of {allowed}; of days also with{TIME} at the end"))
            }
        }
    }
}

impl From<DateForm> for String {
    fn from(form: DateForm) -> Self {
        let Some((_, name)) = DateLayout::ALL.iter().find(|(layout, _)| *layout == form.layout) else {
            unreachable!("every layout has a name")
        };
        format!("{name}{}", if form.has_time { TIME } else { "" })
    }
}

/// Parses `length` digits: year, month, and day if there are eight.
fn from_digits(text: &str, length: usize) -> Option<Day> {
    if text.len() != length || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let day = if length == 8 { &text[6..] } else { "01" };
    Day::parse(&format!("{}-{}-{day}", &text[..4], &text[4..6])).ok()
}

/// Parses `d.m.yy` in a century.
fn of_century(text: &str, century: &str) -> Option<Day> {
    let (before, year) = text.rsplit_once('.')?;
    if year.len() != 2 {
        return None;
    }
    Day::parse_finnish(&format!("{before}.{century}{year}")).ok()
}

fn from_sas(text: &str) -> Option<Day> {
    if text.len() != 9 || !text.is_ascii() {
        return None;
    }
    let month = 1 + SAS_MONTHS.iter().position(|name| name.eq_ignore_ascii_case(&text[2..5]))?;
    Day::parse(&format!("{}-{month:02}-{}", &text[5..], &text[..2])).ok()
}

/// Returns the date before a time of day: `hh:mm`, `hh:mm:ss`, or with a fraction of a second. A time with a zone is
/// refused, because its day depends on the place.
fn without_time(text: &str, layout: DateLayout) -> Option<&str> {
    let marks: &[char] = if layout == DateLayout::Sas { &[' ', ':'] } else { &[' ', 'T'] };
    let (date, time) = text.split_once(marks)?;
    let (clock, fraction) = time.split_once(['.', ',']).unwrap_or((time, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    let limits = [24, 60, 60];
    let is_time = matches!(parts.len(), 2 | 3)
        && parts.iter().zip(limits).all(|(part, limit)| is_below(part, limit))
        && (parts.len() == 3 || clock == time)
        && !fraction.is_empty()
        && fraction.bytes().all(|b| b.is_ascii_digit());
    is_time.then_some(date)
}

/// Returns true for one or two digits below a limit.
fn is_below(digits: &str, limit: u8) -> bool {
    (1..=2).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.parse::<u8>().is_ok_and(|number| number < limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str) -> DateForm {
        DateForm::try_from(name.to_owned()).unwrap()
    }

    /// Asserts that a form reads each text as the day beside it; `None` is a refusal.
    fn reads(name: &str, texts: &[(&str, Option<&str>)]) {
        for (text, day) in texts {
            assert_eq!(form(name).parse(text), day.map(|day| Day::parse(day).unwrap()), "{name}: {text}");
        }
    }

    #[test]
    fn every_form_reads_its_dates_and_no_other() {
        reads("yyyy-mm-dd", &[("2020-02-29", Some("2020-02-29")), ("2019-02-29", None), ("2020-2-9", None)]);
        reads(
            "yyyymmdd",
            &[
                ("20200229", Some("2020-02-29")),
                ("20190229", None),
                ("20191301", None),
                ("20190100", None),
                ("2019031", None),
                ("+2019031", None),
                ("99991231", Some("9999-12-31")),
            ],
        );
        reads("d.m.yyyy", &[("1.3.2019", Some("2019-03-01")), ("31.4.2019", None), ("1.3.19", None)]);
        reads("d.m.20yy", &[("1.3.00", Some("2000-03-01")), ("29.02.96", Some("2096-02-29")), ("1.3.2019", None)]);
        reads("d.m.19yy", &[("31.12.99", Some("1999-12-31")), ("29.2.00", None), ("1.3.9", None), ("1.3", None)]);
        reads(
            "ddMONyyyy",
            &[
                ("01MAR2019", Some("2019-03-01")),
                ("29feb2020", Some("2020-02-29")),
                ("1MAR2019", None),
                ("01MAA2019", None),
                ("30FEB2020", None),
                ("01MÄR2019", None),
            ],
        );
        reads("yyyymm", &[("201903", Some("2019-03-01")), ("201913", None), ("201900", None), ("20190301", None)]);
        reads("m.yyyy", &[("3.2019", Some("2019-03-01")), ("12.2019", Some("2019-12-01")), ("13.2019", None)]);
    }

    #[test]
    fn a_time_of_day_is_read_over_and_a_zone_is_refused() {
        let day = Some("2019-03-01");
        reads(
            "yyyy-mm-dd hh:mm",
            &[
                ("2019-03-01 23:59", day),
                ("2019-03-01T00:00:00", day),
                ("2019-03-01 07:05:09.123456", day),
                ("2019-03-01", None),
                ("2019-03-01 24:00", None),
                ("2019-03-01 12:60", None),
                ("2019-03-01 12", None),
                ("2019-03-01 12:30.5", None),
                ("2019-03-01T22:00:00Z", None),
                ("2019-03-01 22:00:00+02:00", None),
            ],
        );
        reads("ddMONyyyy hh:mm", &[("01MAR2019:10:20:30", day), ("01MAR2019 10:20", day)]);
        reads("d.m.yyyy hh:mm", &[("1.3.2019 9:05", day), ("1.3.2019 klo 9:05", None)]);
    }

    #[test]
    fn a_month_is_no_day_and_has_no_time() {
        assert_eq!(form("yyyymm").day("201903"), None);
        let error = DateForm::try_from("yyyymm hh:mm".to_owned()).unwrap_err();
        assert!(error.contains("d.m.yyyy") && error.contains("hh:mm"), "{error}");
    }

    #[test]
    fn a_form_is_written_as_it_was_read() {
        for name in ["yyyy-mm-dd", "d.m.20yy", "ddMONyyyy hh:mm", "m.yyyy"] {
            assert_eq!(String::from(form(name)), name);
        }
    }
}

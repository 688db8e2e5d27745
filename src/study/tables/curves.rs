//! Sources of the survival curves that `of = "first_contact"` and `of = "exit"` name.

use crate::config::{Coverage, CurveRow, CurveSource};
use crate::text::year_month;
use salanimi_core::{Days, Month};

use super::sources::Source;

/// The rule by which a spell ends in a curve: months without payment.
const EXIT_RULE: u32 = 2;

/// Days from the first notice that is followed to the first contact.
const FIRST_CONTACT: CurveSource = CurveSource {
    table: "notification",
    columns: &["sent_month", "followed_days", "days_to_first_contact"],
    row: first_contact,
    counted_by: "notice that is followed",
};

/// Months from the start of the first spell to its end, by the two-month rule.
const EXIT: CurveSource = CurveSource {
    table: "spell",
    columns: &["start_month", "length_months", "exited", "exit_rule", "spell_no"],
    row: exit,
    counted_by: "spell, unless it may have begun before the data",
};

/// Returns the source of the curve `of`.
pub(super) fn source(of: &str) -> Option<CurveSource> {
    match of {
        "first_contact" => Some(FIRST_CONTACT),
        "exit" => Some(EXIT),
        _ => None,
    }
}

/// Of several notices of one month, the one that is followed longest counts.
fn first_contact(cells: &[String], _: &[Coverage]) -> Option<CurveRow> {
    let [sent_month, followed_days, days_to_contact] = cells else { unreachable!("three columns are asked for") };
    let followed: u32 = followed_days.parse().ok()?;
    let contact: Option<u32> = days_to_contact.parse().ok();
    Some(CurveRow {
        order: [month_number(sent_month), -i64::from(followed), contact.map_or(-1, i64::from)],
        time: contact.unwrap_or(followed),
        event: contact.is_some(),
    })
}

/// A spell that starts in the first month of the data may have begun before, so it does not count.
fn exit(cells: &[String], coverage: &[Coverage]) -> Option<CurveRow> {
    let [start_month, length, exited, rule, number] = cells else { unreachable!("five columns are asked for") };
    let observed = first_month(coverage).is_none_or(|first| month_number(start_month) > month_number(&first));
    if rule.parse() != Ok(EXIT_RULE) || !observed {
        return None;
    }
    let number: u32 = number.parse().ok()?;
    Some(CurveRow { order: [i64::from(number), 0, 0], time: length.parse().ok()?, event: exited == "true" })
}

/// Months since the year 0 of a month written `yyyy-mm`; an absent month comes first.
fn month_number(text: &str) -> i64 {
    match text.split_once('-').map(|(year, month)| (year.parse::<i64>(), month.parse::<i64>())) {
        Some((Ok(year), Ok(month))) => year * 12 + month,
        _ => i64::MIN,
    }
}

/// The first month for which social assistance is complete, written `yyyy-mm`.
fn first_month(coverage: &[Coverage]) -> Option<String> {
    let assistance = coverage.iter().filter(|entry| entry.table.as_str() == Source::Assistance.name());
    let days = assistance.map(|entry| Days { first: entry.first, last: entry.last });
    let (first, _) = Month::within(Days::hull(days)?)?;
    Some(year_month(first))
}

//! Notices of the need for social services.

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::Int32Type;

use super::super::settings::Settings;
use super::{Columns, Finder, MissingColumn, Source, codes, dates, day, references, value};
use crate::config::Table;
use salanimi_core::Day;

/// A row of `kela_notifications`.
#[derive(Debug, Clone)]
pub(in crate::study::tables) struct Notice {
    /// The notification's delivered pseudonym, as a number.
    pub(in crate::study::tables) number: i128,
    pub(in crate::study::tables) sent: Day,
    pub(in crate::study::tables) kind: Option<u16>,
    pub(in crate::study::tables) reason: Option<u16>,
    pub(in crate::study::tables) urgency: Option<u16>,
    pub(in crate::study::tables) recipient: Option<u16>,
    pub(in crate::study::tables) transferred_from: Option<u16>,
    pub(in crate::study::tables) transferred: Option<Day>,
    pub(in crate::study::tables) sex: Option<u16>,
    pub(in crate::study::tables) age_months: Option<i32>,
}

pub(in crate::study::tables) struct NoticeColumns {
    number: usize,
    sent: usize,
    kind: usize,
    reason: usize,
    urgency: usize,
    recipient: usize,
    transferred_from: usize,
    transferred: usize,
    sex: usize,
    age_months: usize,
}

impl Columns for NoticeColumns {
    const SOURCE: Source = Source::Notices;
    type Record = Notice;

    fn find(table: &Table, settings: &Settings) -> Result<Self, MissingColumn> {
        let finder = Finder(table);
        Ok(Self {
            number: finder.reference("notification_id")?,
            sent: finder.date("sent_date")?,
            kind: finder.code("type")?,
            reason: finder.code("reason")?,
            urgency: finder.code("urgency")?,
            recipient: finder.code_of("recipient_code", settings.organisers.from())?,
            transferred_from: finder.code_of("transferred_from", settings.organisers.from())?,
            transferred: finder.date("transferred_date")?,
            sex: finder.code("sex")?,
            age_months: finder.integer("age_months")?,
        })
    }

    fn read(&self, columns: &[ArrayRef], mut record: impl FnMut(usize, Notice)) {
        let numbers = references(&columns[self.number]);
        let sent = dates(&columns[self.sent]);
        let transferred = dates(&columns[self.transferred]);
        let [kinds, reasons, urgencies, recipients, from, sexes] =
            [self.kind, self.reason, self.urgency, self.recipient, self.transferred_from, self.sex]
                .map(|at| codes(&columns[at]));
        let ages = columns[self.age_months].as_primitive::<Int32Type>();
        for row in 0..sent.len() {
            let (Some(number), Some(sent)) = (value(numbers, row), day(sent, row)) else { continue };
            record(
                row,
                Notice {
                    number,
                    sent,
                    kind: value(kinds, row),
                    reason: value(reasons, row),
                    urgency: value(urgencies, row),
                    recipient: value(recipients, row),
                    transferred_from: value(from, row),
                    transferred: day(transferred, row),
                    sex: value(sexes, row),
                    age_months: value(ages, row),
                },
            );
        }
    }
}

//! Rows of Kela's notices of the need for social services.

use super::batch::Batch;
use super::household::{Benefit, Household};
use super::random::Random;
use super::row::{Cells, Row, Text, Value};
use crate::study::vocabulary::codes::{NeedReason, NoticeType, RecipientKind, Urgency};
use crate::study::vocabulary::{NoticeColumn as Column, SourceTable};
use salanimi_core::Day;

/// Recipient households by number of notices in a year, from 0: 0.6 on average [A].
const PER_YEAR: [u32; 4] = [55, 32, 11, 2];
/// Share of notices about the applicant's spouse, where there is one [A].
const ABOUT_SPOUSE: f64 = 0.15;
/// Share of urgent notices [A].
const URGENT: f64 = 0.05;
/// Share of transferred notices since transfers are possible, and the days until a transfer [A].
const TRANSFERRED: f64 = 0.05;
const DAYS_TO_TRANSFER: (i32, i32) = (1, 40);
/// Notices about unemployed people under 25 begin.
const UNDER_25_SINCE: Date = Date(2017, 10, 21);
/// Notices can be transferred.
const TRANSFERS_SINCE: Date = Date(2020, 9, 26);
/// The recipient is the county, no longer the municipality.
const COUNTIES_SINCE: Date = Date(2023, 1, 1);
/// 25 years in days.
const TWENTY_FIVE_YEARS: i32 = 9131;
const MONTHS_PER_YEAR: usize = 12;

/// Notices by type about people under 25. Over all ages (2019): 51 % application, 20 % reduced basic amount, 9 % social
/// work needed, 10 % unemployed from 25. About 27 % of applicants are under 25.
const UNDER_25: [(NoticeType, u32); 5] = [
    (NoticeType::Application, 434),
    (NoticeType::ReducedBasicAmount, 170),
    (NoticeType::SocialWorkNeeded, 76),
    (NoticeType::UnemployedUnder25, 300),
    (NoticeType::Immigrant, 20),
];
/// Notices by type about people from 25.
const FROM_25: [(NoticeType, u32); 5] = [
    (NoticeType::Application, 538),
    (NoticeType::ReducedBasicAmount, 211),
    (NoticeType::SocialWorkNeeded, 95),
    (NoticeType::UnemployedFrom25, 136),
    (NoticeType::Immigrant, 20),
];
/// Reasons why social work is needed (2019).
const NEED_REASONS: [(NeedReason, u32); 5] = [
    (NeedReason::LifeManagement, 35),
    (NeedReason::Livelihood, 24),
    (NeedReason::Housing, 19),
    (NeedReason::Health, 8),
    (NeedReason::Other, 14),
];

/// A calendar date: year, month and day.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Date(i32, i32, i32);

impl Date {
    fn of(day: Day) -> Self {
        Self(day.year(), day.month(), day.day())
    }
}

/// A notice, for the tables that depend on it.
pub(super) struct Notice {
    pub(super) id: u64,
    /// Position in the household.
    pub(super) person: usize,
    pub(super) kind: NoticeType,
    pub(super) sent: Day,
    /// The day on which its recipient has it: the day of sending or of the transfer.
    pub(super) arrives: Day,
    pub(super) recipient: u16,
}

impl Batch<'_> {
    /// Draws and writes the notices about a household.
    pub(super) fn write_notices(&mut self, household: &Household) -> Vec<Notice> {
        let months = self.registers.months;
        let benefits = &household.benefits;
        let mut notices = Vec::new();
        let mut month = 0;
        while month < benefits.len() {
            // The months up to the end of the calendar year.
            let left = MONTHS_PER_YEAR + 1 - months.at(month).first_day().month() as usize;
            let end = (month + left).min(benefits.len());
            let paid: Vec<usize> = (month..end).filter(|&month| benefits[month] == Benefit::Paid).collect();
            month = end;
            if !paid.is_empty() {
                for _ in 0..self.random.weighted(&PER_YEAR) {
                    let month = self.random.one_of(&paid);
                    notices.push(self.write_notice(household, month));
                }
            }
        }
        notices
    }

    fn write_notice(&mut self, household: &Household, month: usize) -> Notice {
        let month = self.registers.months.at(month);
        let sent = self.random.day_between(month.first_day(), month.last_day());
        let person = usize::from(household.members.adults == 2 && self.random.chance(ABOUT_SPOUSE));
        let is_young = sent.since(self.people[person].birth) < TWENTY_FIVE_YEARS;
        let kind = draw_type(&mut self.random, is_young, sent);
        let first = self.recipient(household.home.at(sent), sent);
        let is_transferred = Date::of(sent) >= TRANSFERS_SINCE && self.random.chance(TRANSFERRED);
        let mut arrives = sent;
        if is_transferred {
            arrives = sent.plus(self.random.between(DAYS_TO_TRANSFER.0, DAYS_TO_TRANSFER.1));
        }
        let elsewhere = self.registers.areas.home(&mut self.random);
        let recipient = if is_transferred { self.recipient(elsewhere, arrives) } else { first };
        let notice = Notice { id: self.new_reference(), person, kind, sent, arrives, recipient };
        self.write_notice_row(&notice, is_transferred.then_some(first));
        notice
    }

    /// Returns the recipient of notices about people who live in `area`.
    fn recipient(&self, area: u16, day: Day) -> u16 {
        if Date::of(day) >= COUNTIES_SINCE { self.registers.areas.county(area) } else { area }
    }

    fn write_notice_row(&mut self, notice: &Notice, transferred_from: Option<u16>) {
        let drawn = self.random.choose(&NEED_REASONS);
        let reason = if notice.kind == NoticeType::SocialWorkNeeded { drawn.into() } else { Value::Empty };
        let since_counties = Date::of(notice.arrives) >= COUNTIES_SINCE;
        let recipient_kind = if since_counties { RecipientKind::County } else { RecipientKind::Municipality };
        let urgency = if self.random.chance(URGENT) { Urgency::Urgent } else { Urgency::NotUrgent };
        let mut cells = Cells::empty()
            .with(Column::Notice, Value::Notice(notice.id))
            .with(Column::Sent, Value::Day(notice.sent))
            .with(Column::Type, notice.kind)
            .with(Column::Reason, reason)
            .with(Column::Urgency, urgency)
            .with(Column::Recipient, Value::Area(notice.recipient))
            .with(Column::RecipientKind, recipient_kind)
            .with(Column::Phone, Value::Text(Text::Phone, self.people[notice.person].text_number))
            .with(Column::FreeText, self.draw_free_text(notice.person));
        if let Some(from) = transferred_from {
            cells.set(Column::TransferredFrom, Value::Area(from));
            cells.set(Column::Transferred, Value::Day(notice.arrives));
        }
        let row = Row { table: SourceTable::Notices, day: notice.sent, cells };
        for holder in 0..self.registers.holders.len() {
            self.write_row(holder, notice.person, &row);
        }
    }
}

fn draw_type(random: &mut Random, is_young: bool, day: Day) -> NoticeType {
    match random.choose(if is_young { &UNDER_25 } else { &FROM_25 }) {
        NoticeType::UnemployedUnder25 if Date::of(day) < UNDER_25_SINCE => NoticeType::Application,
        drawn => drawn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_notices_are_applications() {
        let mut random = Random::new(1, 1);
        let day = Day::new(2019, 1, 1).unwrap();
        let mut applications = 0;
        for _ in 0..20_000 {
            let is_young = random.chance(0.27);
            applications += i32::from(draw_type(&mut random, is_young, day) == NoticeType::Application);
        }
        assert!((9_800..10_700).contains(&applications), "{applications}");
    }

    #[test]
    fn notices_about_unemployed_people_under_25_begin_in_october_2017() {
        let mut random = Random::new(1, 1);
        let first = Day::new(2017, 10, 21).unwrap();
        for (day, expected) in [(first, true), (first.plus(-1), false)] {
            let drawn = (0..100).any(|_| draw_type(&mut random, true, day) == NoticeType::UnemployedUnder25);
            assert_eq!(drawn, expected, "{day}");
        }
    }
}

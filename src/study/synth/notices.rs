//! Rows of Kela's notices of the need for social services.

use super::batch::Batch;
use super::household::{Benefit, Household};
use super::row::{Cells, Row, Text, Value};
use crate::study::vocabulary::codes::{Activity, NeedReason, NoticeType, RecipientKind, Urgency};
use crate::study::vocabulary::{NoticeColumn as Column, SourceTable};
use salanimi_core::Day;

/// Chance of a notice that no rule sends, in a paid month: with those by rule 0.6 a recipient household-year [A].
const PER_PAID_MONTH: f64 = 0.087;
/// Chance of a notice by rule when an unemployed applicant completes this many paid months in a row, under 25 and from
/// 25 on, in that month or the next [A].
const BY_RULE: f64 = 0.9;
const MONTHS_UNDER_25: usize = 4;
const MONTHS_FROM_25: usize = 12;
/// The age at which the rules differ, in months.
const AGE: i32 = 300;
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

/// Notices by type that no rule sends. With those by rule, of all notices of 2019: 51 % application, 20 % reduced
/// basic amount, 9 % social work needed, 10 % unemployed from 25, and the rest about unemployed people under 25 and
/// immigrants.
const TYPES: [(NoticeType, u32); 4] = [
    (NoticeType::Application, 510),
    (NoticeType::ReducedBasicAmount, 200),
    (NoticeType::SocialWorkNeeded, 90),
    (NoticeType::Immigrant, 50),
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
    /// Draws and writes the notices about a household. They change nothing: assistance was drawn before.
    pub(super) fn write_notices(&mut self, household: &Household) -> Vec<Notice> {
        let mut notices = Vec::new();
        let mut run = household.run_before;
        for (position, benefit) in household.benefits.iter().enumerate() {
            if *benefit != Benefit::Paid {
                run = 0;
                continue;
            }
            run += 1;
            if self.random.chance(PER_PAID_MONTH) {
                let is_spouse = household.members.adults == 2 && self.random.chance(ABOUT_SPOUSE);
                let kind = self.random.choose(&TYPES);
                notices.push(self.write_notice(household, position, usize::from(is_spouse), kind));
            }
            if let Some(kind) = self.rule(household, position, run)
                && self.random.chance(BY_RULE)
            {
                let sent = position + self.random.position(2);
                if sent < household.benefits.len() && !self.is_before_rule(kind, sent) {
                    notices.push(self.write_notice(household, sent, 0, kind));
                }
            }
        }
        notices
    }

    /// Returns the type of the notice that a rule sends about the applicant, paid for `run` months in a row.
    fn rule(&self, household: &Household, position: usize, run: usize) -> Option<NoticeType> {
        if household.activities[0][position] != Activity::Unemployed {
            return None;
        }
        let month = self.registers.months.at(position).first_day();
        let is_young = self.people[0].birth.months_until(month) < AGE;
        match run {
            MONTHS_UNDER_25 if is_young => Some(NoticeType::UnemployedUnder25),
            MONTHS_FROM_25 if !is_young => Some(NoticeType::UnemployedFrom25),
            _ => None,
        }
    }

    /// Returns true if the rule of a notice was not in force in the month at `position`, or not on every day of it.
    fn is_before_rule(&self, kind: NoticeType, position: usize) -> bool {
        let first = self.registers.months.at(position).first_day();
        kind == NoticeType::UnemployedUnder25 && Date::of(first) < UNDER_25_SINCE
    }

    fn write_notice(&mut self, household: &Household, month: usize, person: usize, kind: NoticeType) -> Notice {
        let month = self.registers.months.at(month);
        let sent = self.random.day_between(month.first_day(), month.last_day());
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

//! Kela's notices of the need for social services.

use super::chunk::Chunk;
use super::dice::Dice;
use super::population::{Household, Month};
use super::row::{Row, Text, Value, code};
use super::text::TELLING_NOTES;
use super::vocabulary::{NEEDS, NOTICES, Notices, RECIPIENTS, Table, URGENCIES};

/// Recipient households by number of notices in a year: 0.6 on average [A].
const PER_YEAR: [u32; 4] = [55, 32, 11, 2];
/// Share of notices about the applicant's spouse, where there is one [A].
const ABOUT_SPOUSE: f64 = 0.15;
/// Share of urgent notices [A].
const URGENT: f64 = 0.05;
/// Share of notices that were transferred, once they could be, and the days until then [A].
const TRANSFERRED: f64 = 0.05;
const UNTIL_TRANSFER: (i32, i32) = (1, 40);
/// Share of free texts in which an identity code hides.
const CODE_IN_TEXT: f64 = 0.01;
/// Of the codes that hide, the share that is the person's own.
const OWN_CODE: f64 = 0.7;
/// 21.10.2017: notices about unemployed people under 25 begin.
const YOUNG_SINCE: i32 = 17_460;
/// 26.9.2020: notices can be transferred.
const TRANSFERS_SINCE: i32 = 18_531;
/// 1.1.2023: the recipient is the county.
const COUNTIES_SINCE: i32 = 19_358;
const TWENTY_FIVE_YEARS: i32 = 9131;

/// The type of a notice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Application,
    Reduced,
    Needed,
    YoungUnemployed,
    Unemployed,
    Immigrant,
}

/// Notices by type (2019): in all 51 % application, 20 % reduced, 9 % social work needed, 10 % unemployed from 25 on;
/// some 27 % of applicants are under 25.
const UNDER_25: [(Type, u32); 5] = [
    (Type::Application, 434),
    (Type::Reduced, 170),
    (Type::Needed, 76),
    (Type::YoungUnemployed, 300),
    (Type::Immigrant, 20),
];
const FROM_25: [(Type, u32); 5] = [
    (Type::Application, 538),
    (Type::Reduced, 211),
    (Type::Needed, 95),
    (Type::Unemployed, 136),
    (Type::Immigrant, 20),
];
/// Why social work is needed (2019).
const NEEDED: [(Value, u32); 5] = [
    (code(NEEDS, "elämänhallinta"), 35),
    (code(NEEDS, "toimeentulo"), 24),
    (code(NEEDS, "asuminen"), 19),
    (code(NEEDS, "terveys"), 8),
    (code(NEEDS, "muu"), 14),
];
const URGENT_OR_NOT: [Value; 2] = [code(URGENCIES, "ei"), code(URGENCIES, "kiireellinen")];
const MUNICIPALITY: Value = code(RECIPIENTS, "kunta");
const COUNTY: Value = code(RECIPIENTS, "hyvinvointialue");

/// A notice, as far as others must know of it.
pub(super) struct Notice {
    pub(super) id: u64,
    pub(super) person: usize,
    pub(super) kind: Type,
    pub(super) sent: i32,
    /// When it is with its recipient: after a transfer the day of that.
    pub(super) arrives: i32,
    pub(super) recipient: u16,
}

impl Type {
    fn code(self) -> Value {
        match self {
            Self::Application => code(NOTICES, "HAKEMUS"),
            Self::Reduced => code(NOTICES, "ALENNETTU_PERUSOSA"),
            Self::Needed => code(NOTICES, "SOSIAALITYON_TARVE"),
            Self::YoungUnemployed => code(NOTICES, "TYOTON_ALLE25_4KK"),
            Self::Unemployed => code(NOTICES, "TYOTON_25_12KK"),
            Self::Immigrant => code(NOTICES, "MAAHANMUUTTAJA_2KK"),
        }
    }

    fn draw(dice: &mut Dice, young: bool, day: i32) -> Self {
        match dice.pick(if young { &UNDER_25 } else { &FROM_25 }) {
            Some(Self::YoungUnemployed) if day < YOUNG_SINCE => Self::Application,
            drawn => drawn.unwrap_or(Self::Application),
        }
    }
}

impl Chunk<'_> {
    /// Draws and writes the household's notices.
    pub(super) fn notices(&mut self, household: &Household) -> Vec<Notice> {
        let calendar = &self.plan.calendar;
        let mut notices = Vec::new();
        let mut month = 0;
        while month < household.months.len() {
            let left = 12 - calendar.month(calendar.month_start(month));
            let year = month..(month + left).min(household.months.len());
            month = year.end;
            let paid: Vec<usize> = year.filter(|&month| household.months[month] == Month::Paid).collect();
            if !paid.is_empty() {
                for _ in 0..self.dice.weighted(&PER_YEAR) {
                    let month = paid[self.dice.position(paid.len())];
                    notices.push(self.notice(household, month));
                }
            }
        }
        notices
    }

    fn notice(&mut self, household: &Household, month: usize) -> Notice {
        let (calendar, dice) = (&self.plan.calendar, &mut self.dice);
        let sent = dice.between(calendar.month_start(month), calendar.month_start(month + 1) - 1);
        let person = usize::from(household.adults == 2 && dice.chance(ABOUT_SPOUSE));
        let kind = Type::draw(dice, sent < self.people[person].birth + TWENTY_FIVE_YEARS, sent);
        let first = self.recipient(household.home.at(sent), sent);
        let transferred = sent >= TRANSFERS_SINCE && self.dice.chance(TRANSFERRED);
        let arrives = sent + if transferred { self.dice.between(UNTIL_TRANSFER.0, UNTIL_TRANSFER.1) } else { 0 };
        let elsewhere = self.plan.areas.home(&mut self.dice);
        let recipient = if transferred { self.recipient(elsewhere, arrives) } else { first };
        let notice = Notice { id: self.reference(), person, kind, sent, arrives, recipient };
        self.write_notice(&notice, transferred.then_some(first));
        notice
    }

    /// Who receives notices about somebody who lives in `area`.
    fn recipient(&self, area: u16, day: i32) -> u16 {
        if day >= COUNTIES_SINCE { self.plan.areas.county(area) } else { area }
    }

    fn write_notice(&mut self, notice: &Notice, transferred_from: Option<u16>) {
        let needed = notice.kind == Type::Needed;
        let reason = self.dice.pick(&NEEDED).filter(|_| needed).unwrap_or(Value::Empty);
        let kind = if notice.arrives >= COUNTIES_SINCE { COUNTY } else { MUNICIPALITY };
        let mut row = Row::new(Table::Notices, notice.sent)
            .with(Notices::Notice, Value::Notice(notice.id))
            .with(Notices::Sent, Value::Day(notice.sent))
            .with(Notices::Type, notice.kind.code())
            .with(Notices::Reason, reason)
            .with(Notices::Urgency, URGENT_OR_NOT[usize::from(self.dice.chance(URGENT))])
            .with(Notices::Recipient, Value::Area(notice.recipient))
            .with(Notices::RecipientKind, kind)
            .with(Notices::Phone, Value::Text(Text::Phone, self.people[notice.person].drawn))
            .with(Notices::FreeText, self.free_text(notice.person));
        if let Some(from) = transferred_from {
            row.set(Notices::TransferredFrom, Value::Area(from));
            row.set(Notices::Transferred, Value::Day(notice.arrives));
        }
        for holder in 0..self.plan.holders.len() {
            self.emit(holder, notice.person, &row);
        }
    }

    /// What somebody wrote about a person: mostly nothing, seldom an identity code.
    pub(super) fn free_text(&mut self, person: usize) -> Value {
        if self.dice.chance(CODE_IN_TEXT) {
            self.made.defects.code_in_text += 1;
            let own = self.dice.chance(OWN_CODE);
            let code = if own { self.people[person].code } else { self.some_temporary_code() };
            return Value::Telling(self.dice.below(TELLING_NOTES) as u8, code);
        }
        if self.dice.chance(0.5) { Value::Text(Text::Note, self.dice.bits()) } else { Value::Empty }
    }

    fn some_temporary_code(&mut self) -> salanimi_core::IdentityCode {
        let window = self.plan.window;
        self.temporary.get(self.dice.position(10), (window.first - 20_000, window.first - 7_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salanimi_core::Day;

    #[test]
    fn the_breaks_in_time_are_those_of_the_register() {
        let day = |text| Day::parse(text).unwrap().epoch_days();
        assert_eq!(YOUNG_SINCE, day("2017-10-21"));
        assert_eq!(TRANSFERS_SINCE, day("2020-09-26"));
        assert_eq!(COUNTIES_SINCE, day("2023-01-01"));
    }

    #[test]
    fn notices_are_of_the_types_of_2019() {
        let mut dice = Dice::new(1, 1);
        let mut applications = 0;
        for _ in 0..20_000 {
            let young = dice.chance(0.27);
            applications += i32::from(Type::draw(&mut dice, young, YOUNG_SINCE) == Type::Application);
        }
        assert!((9_800..10_700).contains(&applications), "{applications}");
    }
}

//! Rows of social assistance: household member × benefit month × decision.

use super::chunk::Chunk;
use super::dice::Dice;
use super::notices::{Notice, Type};
use super::population::{Household, Month};
use super::row::{Row, Value, code};
use super::vocabulary::{ACTIVITIES, Assistance, DECISIONS, EXPENSES, REDUCTIONS, REFUSALS, ROLES, Table};

/// Paid months by hundreds of euros, the last being 1,000 and more: half below 400, 8 % from 1,000, most often
/// 100–199, 450 on average (2017).
const HUNDREDS: [u32; 11] = [100, 170, 130, 100, 130, 110, 70, 50, 35, 25, 80];
/// Amounts in percent of the above for applicants under 25, who received 506 euros on average, and for others.
const UNDER_25: u32 = 112;
const OTHERS: u32 = 96;
/// Share of paid months whose decision is reviewed, with a little more paid [A].
const REVIEWED: f64 = 0.02;
/// Months for which a reduction lasts, and the share that is 40 rather than 20 percent [A].
const REDUCED_MONTHS: (i32, i32) = (2, 4);
const REDUCED_BY_40: f64 = 0.2;
/// Share of months above and up to 500 euros in which assistance is the primary income [A].
const PRIMARY: [f64; 2] = [0.6, 0.2];
const EIGHTEEN_YEARS: i32 = 6575;
const TWENTY_FIVE_YEARS: i32 = 9131;

const GRANTED: Value = code(DECISIONS, "myönnetty");
const REFUSED: Value = code(DECISIONS, "hylätty");
const REVIEW: Value = code(DECISIONS, "tarkistus");
const WHY_REFUSED: [(Value, u32); 3] =
    [(code(REFUSALS, "income_exceeds"), 80), (code(REFUSALS, "missing_docs"), 17), (code(REFUSALS, "other"), 3)];
const FOR_WHAT: [(Value, u32); 4] = [
    (code(EXPENSES, "perusosa"), 55),
    (code(EXPENSES, "asuminen"), 30),
    (code(EXPENSES, "terveys"), 10),
    (code(EXPENSES, "muu"), 5),
];
const NOT_REDUCED: Value = code(REDUCTIONS, "0");
const REDUCED: [Value; 2] = [code(REDUCTIONS, "20"), code(REDUCTIONS, "40")];
const APPLICANT: Value = code(ROLES, "hakija");
const SPOUSE: Value = code(ROLES, "puoliso");
const CHILD: Value = code(ROLES, "lapsi");
const EMPLOYED: Value = code(ACTIVITIES, "employed");
const UNEMPLOYED: Value = code(ACTIVITIES, "unemployed");
const STUDENT: Value = code(ACTIVITIES, "student");
const PENSIONER: Value = code(ACTIVITIES, "pensioner");
const OTHER: Value = code(ACTIVITIES, "other");
/// Main activity under 25, from 25 to 64, and from 65 [A].
const YOUNG: [(Value, u32); 4] = [(UNEMPLOYED, 50), (STUDENT, 25), (EMPLOYED, 12), (OTHER, 13)];
const MIDDLE: [(Value, u32); 5] = [(UNEMPLOYED, 58), (EMPLOYED, 14), (OTHER, 13), (PENSIONER, 9), (STUDENT, 6)];
const OLD: [(Value, u32); 2] = [(PENSIONER, 95), (OTHER, 5)];

impl Chunk<'_> {
    /// Writes the household's months of assistance.
    pub(super) fn assistance(&mut self, household: &Household, notices: &[Notice]) {
        let rows = self.benefits(household, notices);
        let holders = (0..self.plan.holders.len()).filter(|&holder| self.plan.holders[holder].has(Table::Assistance));
        for holder in holders.collect::<Vec<_>>() {
            for person in 0..self.people.len() {
                self.member(holder, household, person, &rows);
            }
        }
    }

    /// The rows of the household's months, whichever member they are about.
    fn benefits(&mut self, household: &Household, notices: &[Notice]) -> Vec<Row> {
        let reductions = self.reductions(household, notices);
        let young = self.people[0].birth + TWENTY_FIVE_YEARS;
        let (id, base) = (self.reference(), amount(&mut self.dice));
        let common = Row::new(Table::Assistance, 0)
            .with(Assistance::Household, Value::Household(id))
            .with(Assistance::Type, Value::Code(household.kind as u8))
            .with(Assistance::Children, Value::Count(household.children as u32));
        let mut rows = Vec::with_capacity(household.months.len());
        for (month, was) in household.months.iter().enumerate().filter(|(_, was)| **was != Month::None) {
            let day = self.plan.calendar.month_start(month);
            let mut row = common.clone().with(Assistance::Month, Value::Month(day));
            row.day = day;
            row.set(Assistance::Municipality, Value::Area(household.home.at(day)));
            self.decide(&mut row);
            if *was == Month::Refused {
                rows.push(self.refused(row));
            } else {
                let base = base * if day < young { UNDER_25 } else { OTHERS } / 100;
                self.granted(row.with(Assistance::Reduction, reductions[month]), base, &mut rows);
            }
        }
        rows
    }

    fn reductions(&mut self, household: &Household, notices: &[Notice]) -> Vec<Value> {
        let mut reductions = vec![NOT_REDUCED; household.months.len()];
        for notice in notices.iter().filter(|notice| notice.kind == Type::Reduced) {
            let first = self.plan.calendar.month_of(notice.sent);
            let reduction = REDUCED[usize::from(self.dice.chance(REDUCED_BY_40))];
            let length = self.dice.between(REDUCED_MONTHS.0, REDUCED_MONTHS.1) as usize;
            reductions.iter_mut().skip(first).take(length).for_each(|month| *month = reduction);
        }
        reductions
    }

    fn decide(&mut self, row: &mut Row) {
        let applied = row.day - self.dice.between(-5, 25);
        row.set(Assistance::Applied, Value::Day(applied));
        row.set(Assistance::Decided, Value::Day(applied + self.dice.between(1, 21)));
    }

    fn refused(&mut self, row: Row) -> Row {
        let reason = self.dice.pick(&WHY_REFUSED).unwrap_or(Value::Empty);
        row.with(Assistance::Decision, REFUSED).with(Assistance::Reason, reason).with(Assistance::Paid, Value::Cents(0))
    }

    fn granted(&mut self, row: Row, base: u32, rows: &mut Vec<Row>) {
        let dice = &mut self.dice;
        let cents = base / 100 * (90 + dice.below(21)) + dice.below(100);
        let primary = dice.chance(PRIMARY[usize::from(cents <= 50_000)]);
        let row = row
            .with(Assistance::Decision, GRANTED)
            .with(Assistance::Paid, Value::Cents(cents))
            .with(Assistance::Expense, dice.pick(&FOR_WHAT).unwrap_or(Value::Empty))
            .with(Assistance::Primary, Value::Flag(primary));
        let reviewed = dice.chance(REVIEWED).then(|| {
            let more = Value::Cents(dice.below(10_000));
            row.clone().with(Assistance::Decision, REVIEW).with(Assistance::Paid, more)
        });
        rows.push(row);
        rows.extend(reviewed);
    }

    /// Writes the rows as they are about one member: children are members from birth until they are of age.
    fn member(&mut self, holder: usize, household: &Household, person: usize, rows: &[Row]) {
        let adult = person < household.adults;
        let role = match person {
            0 => APPLICANT,
            1 if adult => SPOUSE,
            _ => CHILD,
        };
        let birth = self.people[person].birth;
        let activity = if adult { self.activity(birth) } else { Value::Empty };
        for row in rows {
            if adult || (birth..birth + EIGHTEEN_YEARS).contains(&row.day) {
                let row = row.clone().with(Assistance::Role, role).with(Assistance::Activity, activity);
                self.emit(holder, person, &row);
            }
        }
    }

    fn activity(&mut self, birth: i32) -> Value {
        let activities: &[(Value, u32)] = match self.plan.window.first - birth {
            ..TWENTY_FIVE_YEARS => &YOUNG,
            TWENTY_FIVE_YEARS..23_741 => &MIDDLE,
            _ => &OLD,
        };
        self.dice.pick(activities).unwrap_or(Value::Empty)
    }
}

/// What a household is paid in a month, in cents.
fn amount(dice: &mut Dice) -> u32 {
    let hundreds = dice.weighted(&HUNDREDS) as u32;
    let within = if hundreds == 10 { dice.below(60_000).min(dice.below(60_000)) } else { dice.below(10_000) };
    hundreds * 10_000 + within
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_those_of_2017() {
        let mut dice = Dice::new(1, 1);
        let amounts: Vec<u32> = (0..50_000).map(|_| amount(&mut dice)).collect();
        let share = |of: &dyn Fn(u32) -> bool| amounts.iter().filter(|a| of(**a)).count() as f64 / amounts.len() as f64;
        let mean = amounts.iter().map(|a| f64::from(*a)).sum::<f64>() / amounts.len() as f64 / 100.0;
        assert!((440.0..460.0).contains(&mean), "{mean}");
        assert!((0.48..0.52).contains(&share(&|cents| cents < 40_000)));
        assert!((0.07..0.09).contains(&share(&|cents| cents >= 100_000)));
    }
}

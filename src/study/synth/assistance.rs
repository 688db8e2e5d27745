//! Rows of social assistance: household member × benefit month × decision.

use super::batch::Batch;
use super::household::{Benefit, Household};
use super::notices::Notice;
use super::random::Random;
use super::row::{Cells, Row, Value};
use crate::study::vocabulary::codes::{
    Activity, Decision, ExpenseClass, HouseholdRole, NoticeType, Reduction, RefusalReason,
};
use crate::study::vocabulary::{AssistanceColumn as Column, SourceTable};
use salanimi_core::Day;

/// Paid months by hundreds of euros, the last being 1,000 and more. Half are below 400, 8 % from 1,000, most often
/// 100–199, 450 on average (2017).
const HUNDREDS: [u32; 11] = [100, 170, 130, 100, 130, 110, 70, 50, 35, 25, 80];
/// Position of the last of [`HUNDREDS`], and the range of amounts in it, in cents.
const LARGEST: usize = HUNDREDS.len() - 1;
const LARGEST_RANGE: u32 = 60_000;
const CENTS_PER_HUNDRED: u32 = 10_000;
/// Amounts in percent of the above for applicants under 25, who received 506 euros on average, and for others.
const UNDER_25: u32 = 112;
const OTHERS: u32 = 96;
/// Share of paid months whose decision is reviewed, and the cents paid in addition, at most [A].
const REVIEWED: f64 = 0.02;
const REVIEWED_CENTS: u32 = 10_000;
/// Months for which a reduction lasts, and the share of reductions by 40 percent [A].
const REDUCED_MONTHS: (i32, i32) = (2, 4);
const REDUCED_BY_40: f64 = 0.2;
/// Share of months in which assistance is the primary income, above and up to 500 euros, of unemployed applicants and
/// of others [A].
const PRIMARY_UNEMPLOYED: [f64; 2] = [0.7, 0.35];
const PRIMARY_OTHERS: [f64; 2] = [0.4, 0.1];
const PRIMARY_CENTS: u32 = 50_000;
/// Probability that the primary income of a month is drawn anew, not that of the month before [A].
const PRIMARY_CHANGES: f64 = 0.1;
/// Ages in days.
const EIGHTEEN_YEARS: i32 = 6575;
const TWENTY_FIVE_YEARS: i32 = 9131;

const REFUSAL_REASONS: [(RefusalReason, u32); 3] =
    [(RefusalReason::IncomeExceeds, 80), (RefusalReason::MissingDocuments, 17), (RefusalReason::Other, 3)];
const EXPENSE_CLASSES: [(ExpenseClass, u32); 4] = [
    (ExpenseClass::BasicAmount, 55),
    (ExpenseClass::Housing, 30),
    (ExpenseClass::Health, 10),
    (ExpenseClass::Other, 5),
];

impl Batch<'_> {
    /// Writes the months of assistance of a household.
    pub(super) fn write_assistance(&mut self, household: &Household, notices: &[Notice]) {
        let rows = self.draw_benefits(household, notices);
        let registers = self.registers;
        for (position, holder) in registers.holders.iter().enumerate() {
            if holder.has(SourceTable::Assistance) {
                for person in 0..self.people.len() {
                    self.write_member(position, household, person, &rows);
                }
            }
        }
    }

    /// Draws the rows of a household's months, without what depends on the member.
    fn draw_benefits(&mut self, household: &Household, notices: &[Notice]) -> Vec<Row> {
        let reductions = self.draw_reductions(household, notices);
        let applicant_birth = self.people[0].birth;
        let id = self.new_reference();
        let base = draw_amount(&mut self.random);
        let primary = self.draw_primary(household, base);
        let common = Cells::empty()
            .with(Column::Household, Value::Household(id))
            .with(Column::HouseholdType, household.members.kind)
            .with(Column::Children, Value::Count(household.members.children as u32));
        let mut rows = Vec::with_capacity(household.benefits.len());
        for (position, &benefit) in household.benefits.iter().enumerate().filter(|(_, b)| **b != Benefit::None) {
            let month = self.registers.months.at(position);
            let day = month.first_day();
            let mut cells = common
                .clone()
                .with(Column::Month, Value::Month(month))
                .with(Column::Municipality, Value::Area(household.home.at(day)));
            self.draw_decision_days(&mut cells, day);
            if benefit == Benefit::Refused {
                rows.push(self.draw_refused(cells, day));
            } else {
                let is_young = day.since(applicant_birth) < TWENTY_FIVE_YEARS;
                let base = base * if is_young { UNDER_25 } else { OTHERS } / 100;
                let cells = cells
                    .with(Column::Reduction, reductions[position])
                    .with(Column::PrimaryIncome, Value::Flag(primary[position]));
                self.draw_granted(cells, day, base, &mut rows);
            }
        }
        rows
    }

    /// Draws the reduction of the basic amount in each month. A notice of a reduction begins it.
    fn draw_reductions(&mut self, household: &Household, notices: &[Notice]) -> Vec<Reduction> {
        let mut reductions = vec![Reduction::None; household.benefits.len()];
        for notice in notices.iter().filter(|notice| notice.kind == NoticeType::ReducedBasicAmount) {
            let first = self.registers.months.position(notice.sent);
            let reduction = if self.random.chance(REDUCED_BY_40) { Reduction::By40 } else { Reduction::By20 };
            let length = self.random.between(REDUCED_MONTHS.0, REDUCED_MONTHS.1) as usize;
            for month in reductions.iter_mut().skip(first).take(length) {
                *month = reduction;
            }
        }
        reductions
    }

    /// Draws for each month whether assistance is the primary income. It persists within a spell.
    fn draw_primary(&mut self, household: &Household, base: u32) -> Vec<bool> {
        let mut is_primary = false;
        let months = household.benefits.iter().enumerate().map(|(position, benefit)| {
            let is_drawn = household.begins_spell(position) || self.random.chance(PRIMARY_CHANGES);
            if *benefit == Benefit::Paid && is_drawn {
                let is_unemployed = household.activities[0][position] == Activity::Unemployed;
                let shares = if is_unemployed { PRIMARY_UNEMPLOYED } else { PRIMARY_OTHERS };
                is_primary = self.random.chance(shares[usize::from(base <= PRIMARY_CENTS)]);
            }
            is_primary
        });
        months.collect()
    }

    fn draw_decision_days(&mut self, cells: &mut Cells, month_start: Day) {
        let applied = month_start.plus(-self.random.between(-5, 25));
        cells.set(Column::Applied, Value::Day(applied));
        cells.set(Column::Decided, Value::Day(applied.plus(self.random.between(1, 21))));
    }

    fn draw_refused(&mut self, cells: Cells, day: Day) -> Row {
        let cells = cells
            .with(Column::Decision, Decision::Refused)
            .with(Column::RefusalReason, self.random.choose(&REFUSAL_REASONS))
            .with(Column::Paid, Value::Cents(0));
        Row { table: SourceTable::Assistance, day, cells }
    }

    fn draw_granted(&mut self, cells: Cells, day: Day, base: u32, rows: &mut Vec<Row>) {
        let random = &mut self.random;
        let cents = base / 100 * (90 + random.below(21)) + random.below(100);
        let cells = cells
            .with(Column::Decision, Decision::Granted)
            .with(Column::Paid, Value::Cents(cents))
            .with(Column::ExpenseClass, random.choose(&EXPENSE_CLASSES));
        let granted = Row { table: SourceTable::Assistance, day, cells };
        let mut reviewed = None;
        if random.chance(REVIEWED) {
            let mut row = granted.clone();
            row.cells.set(Column::Decision, Decision::Reviewed);
            row.cells.set(Column::Paid, Value::Cents(random.below(REVIEWED_CENTS)));
            reviewed = Some(row);
        }
        rows.push(granted);
        rows.extend(reviewed);
    }

    /// Writes the rows about one member. Children are members from birth until they are adults.
    fn write_member(&mut self, holder: usize, household: &Household, person: usize, rows: &[Row]) {
        let is_adult = person < household.members.adults;
        let role = match person {
            0 => HouseholdRole::Applicant,
            1 if is_adult => HouseholdRole::Spouse,
            _ => HouseholdRole::Child,
        };
        let birth = self.people[person].birth;
        for row in rows {
            if is_adult || (0..EIGHTEEN_YEARS).contains(&row.day.since(birth)) {
                let mut row = row.clone();
                row.cells.set(Column::Role, role);
                if is_adult {
                    let month = self.registers.months.position(row.day);
                    row.cells.set(Column::Activity, household.activities[person][month]);
                }
                self.write_row(holder, person, &row);
            }
        }
    }
}

/// Draws the assistance of a household in a month, in cents.
fn draw_amount(random: &mut Random) -> u32 {
    let hundreds = random.weighted(&HUNDREDS);
    let rest = if hundreds == LARGEST {
        random.below(LARGEST_RANGE).min(random.below(LARGEST_RANGE))
    } else {
        random.below(CENTS_PER_HUNDRED)
    };
    hundreds as u32 * CENTS_PER_HUNDRED + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(amounts: &[u32], fits: impl Fn(u32) -> bool) -> f64 {
        amounts.iter().filter(|amount| fits(**amount)).count() as f64 / amounts.len() as f64
    }

    #[test]
    fn amounts_are_those_of_2017() {
        let mut random = Random::new(1, 1);
        let amounts: Vec<u32> = (0..50_000).map(|_| draw_amount(&mut random)).collect();
        let mean = amounts.iter().map(|amount| f64::from(*amount)).sum::<f64>() / amounts.len() as f64 / 100.0;
        assert!((440.0..460.0).contains(&mean), "{mean}");
        assert!((0.48..0.52).contains(&share(&amounts, |cents| cents < 40_000)));
        assert!((0.07..0.09).contains(&share(&amounts, |cents| cents >= 100_000)));
    }
}

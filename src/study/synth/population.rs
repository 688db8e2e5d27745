//! Households: who lives together, where, and in which months they ask for assistance. Calibrated to the statistics of
//! Kela and THL for 2014–2019; what no statistic tells is an assumption, marked [A].

use super::calendar::Span;
use super::chunk::Chunk;
use super::dice::Dice;
use super::people::{Person, Traces};
use super::vocabulary::Table;

/// Share of households that only a municipality knows: one person each, about 8 % of persons [A].
const MUNICIPAL_ONLY: f64 = 0.11;
/// Of the others, shares of household types: living alone, other single, couple, family.
const TYPES: [u32; 4] = [58, 16, 5, 21];
/// Share of families with two parents, so that a household has 1.45 persons on average.
const TWO_PARENTS: f64 = 0.2;
/// Families by number of children, 1 to 5.
const CHILDREN: [u32; 5] = [52, 31, 12, 4, 1];
/// Adults by age at the first month, for singles, couples and parents: first age, last age, weight.
const SINGLE_AGES: [(i32, i32, u32); 5] = [(18, 24, 400), (25, 34, 190), (35, 49, 210), (50, 64, 160), (65, 84, 40)];
const COUPLE_AGES: [(i32, i32, u32); 4] = [(18, 24, 25), (25, 39, 35), (40, 64, 30), (65, 79, 10)];
const PARENT_AGES: [(i32, i32, u32); 3] = [(18, 24, 8), (25, 39, 62), (40, 52, 30)];
/// Share of applicant households that are refused and never paid (347,035 applicants, 277,316 recipients in 2017).
const NEVER_PAID: f64 = 0.18;
/// Share of households that receive assistance when the window opens [A].
const FROM_THE_START: f64 = 0.4;
/// Share of households that receive assistance for long.
const LONG_TERM: f64 = 0.45;
/// Chance of a month to be the last, for short and long recipients; and of a month without to be the last. Together
/// they give 6 months a year among those who receive any (2014).
const EXIT: [f64; 2] = [0.35, 0.05];
const RETURN: [f64; 2] = [0.04, 0.12];
/// Chance that the month after the last paid one is refused [A].
const REFUSED_AT_EXIT: f64 = 0.2;
/// Share of households that move to another municipality [A].
const MOVES: f64 = 0.06;
/// Of these, the share that moves to a municipality whose organiser delivers, so that two may know a person [A].
const MOVES_TO_SERVED: f64 = 0.6;
/// Share of persons whose code changed in the window, far more than in truth, so that small registers have some [A].
const CHANGED: f64 = 0.002;
/// Of these, the share whose code changed twice, and the share whose sex was corrected.
const CHANGED_TWICE: f64 = 0.25;
const CHANGED_SEX: f64 = 0.3;
/// Share of single-person households whose person one holder knows by a temporary code: recent immigrants [A].
const TEMPORARY: f64 = 0.012;
/// Of these, the share that a national holder knows so, rather than the municipality.
const TEMPORARY_NATIONALLY: f64 = 0.6;
/// Ages of people with temporary codes when the window opens.
const TEMPORARY_AGES: (i32, i32) = (19, 55);

const FAMILY: usize = 3;
const COUPLE: usize = 2;
const DAYS_PER_YEAR: f64 = 365.2425;

/// What a month was for a household.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Month {
    None,
    Paid,
    Refused,
}

/// A household. Its people are the chunk's: first the adults, of them first the applicant, then the children.
pub(super) struct Household {
    /// Position among the household types.
    pub(super) kind: usize,
    pub(super) adults: usize,
    pub(super) children: usize,
    pub(super) home: Home,
    /// By month of the window.
    pub(super) months: Vec<Month>,
}

/// Where a household lives.
#[derive(Clone, Copy)]
pub(super) struct Home {
    first: u16,
    /// The day of the move and the new municipality.
    moved: Option<(i32, u16)>,
}

impl Home {
    pub(super) fn at(self, day: i32) -> u16 {
        match self.moved {
            Some((since, area)) if day >= since => area,
            _ => self.first,
        }
    }

    /// The days on which the household lives in one of `areas`.
    pub(super) fn stay(self, areas: &[u16]) -> Option<Span> {
        let inside = |area: u16| areas.contains(&area);
        let (first, last) = (i32::MIN, i32::MAX);
        match (self.moved, inside(self.first)) {
            (None, true) => Some(Span { first, last }),
            (Some((_, area)), true) if inside(area) => Some(Span { first, last }),
            (Some((since, _)), true) => Some(Span { first, last: since - 1 }),
            (Some((since, area)), false) if inside(area) => Some(Span { first: since, last }),
            (_, false) => None,
        }
    }
}

impl Chunk<'_> {
    /// Makes a household of at most `room` persons and all its rows.
    pub(super) fn household(&mut self, room: u64) {
        if self.plan.areas.any_served() && self.dice.chance(MUNICIPAL_ONLY) {
            return self.municipal_only();
        }
        let kind = self.dice.weighted(&TYPES);
        let children = if kind == FAMILY { self.dice.weighted(&CHILDREN) + 1 } else { 0 };
        let two = kind == COUPLE || kind == FAMILY && self.dice.chance(TWO_PARENTS);
        let adults = 1 + usize::from(two);
        let fits = (adults + children) as u64 <= room;
        let (kind, adults, children) = if fits { (kind, adults, children) } else { (0, 1, 0) };
        let (months, start) = self.months();
        let first = self.plan.areas.home(&mut self.dice);
        let home = self.home(first);
        self.settle(kind, adults, children, self.plan.calendar.month_start(start), home);
        let household = Household { kind, adults, children, home, months };
        let notices = self.notices(&household);
        self.assistance(&household, &notices);
        self.municipal(&household, &notices, false);
    }

    fn municipal_only(&mut self) {
        let first = self.plan.areas.served_home(&mut self.dice);
        let home = self.home(first);
        self.settle(0, 1, 0, self.plan.window.first, home);
        let household = Household { kind: 0, adults: 1, children: 0, home, months: Vec::new() };
        self.municipal(&household, &[], true);
    }

    /// The home of a household that lives in `first` when the window opens.
    fn home(&mut self, first: u16) -> Home {
        let (plan, dice) = (self.plan, &mut self.dice);
        if !dice.chance(MOVES) {
            return Home { first, moved: None };
        }
        let served = dice.chance(MOVES_TO_SERVED);
        let area = if served { plan.areas.served_home(dice) } else { plan.areas.home(dice) };
        Home { first, moved: Some((dice.between(plan.window.first, plan.window.last), area)) }
    }

    /// What each month of the window was, and the first that was anything.
    fn months(&mut self) -> (Vec<Month>, usize) {
        let (count, dice) = (self.plan.calendar.months(), &mut self.dice);
        let mut months = vec![Month::None; count];
        let start = if dice.chance(FROM_THE_START) { 0 } else { dice.position(count) };
        if dice.chance(NEVER_PAID) {
            months[start] = Month::Refused;
            let again = start + 1 + dice.position(6);
            months.get_mut(again).filter(|_| dice.chance(0.3)).into_iter().for_each(|month| *month = Month::Refused);
        } else {
            pay(&mut months[start..], dice);
        }
        (months, start)
    }

    /// Makes the people of a household whose first month begins on `start`.
    fn settle(&mut self, kind: usize, adults: usize, children: usize, start: i32, home: Home) {
        if adults + children == 1 && self.dice.chance(TEMPORARY) {
            return self.immigrant(home);
        }
        let ages: &[(i32, i32, u32)] = match kind {
            FAMILY => &PARENT_AGES,
            COUPLE => &COUPLE_AGES,
            _ => &SINGLE_AGES,
        };
        let born = born(&mut self.dice, start, ages);
        let male = self.dice.chance(if children > 0 { 0.2 } else { 0.58 });
        self.person(born, male);
        if adults == 2 {
            let born = (born + self.dice.between(-1500, 1500)).min(before(start, 18));
            self.person(born, !male);
        }
        for _ in 0..children {
            let (born, male) = (self.dice.between(before(start, 18) + 1, start), self.dice.chance(0.51));
            self.person(born, male);
        }
    }

    fn person(&mut self, born: i32, male: bool) {
        let code = self.codes.next(born, male);
        let birth = code.birth_day().epoch_days();
        let earlier = if self.dice.chance(CHANGED) { self.earlier_codes(birth, male) } else { Vec::new() };
        let drawn = self.dice.bits() & !1 | u32::from(male);
        let (registered, unregistered) = (Traces::default(), Traces::default());
        self.people.push(Person { code, earlier, temporary: None, birth, male, drawn, registered, unregistered });
    }

    /// One or two codes that a person had before, oldest first.
    fn earlier_codes(&mut self, birth: i32, male: bool) -> Vec<(i32, salanimi_core::IdentityCode)> {
        let window = self.plan.window;
        let last = self.dice.between(window.first, window.last - 1);
        let sex_before = male != self.dice.chance(CHANGED_SEX);
        let latest = (last, self.codes.next(birth + self.dice.between(-400, 400), sex_before));
        if !self.dice.chance(CHANGED_TWICE) || last == window.first {
            return vec![latest];
        }
        let first = self.dice.between(window.first, last - 1);
        vec![(first, self.codes.next(birth + self.dice.between(-400, 400), male)), latest]
    }

    /// A person whom one holder knows by a temporary code, which is another's at every other holder.
    fn immigrant(&mut self, home: Home) {
        let window = self.plan.window;
        let Some(holder) = self.giver(home) else { return self.person(before(window.first, 30), true) };
        let born = (before(window.first, TEMPORARY_AGES.1), before(window.first, TEMPORARY_AGES.0));
        let temporary = self.temporary.get(self.given[holder], born);
        self.given[holder] += 1;
        let male = temporary.sex() == salanimi_core::Sex::Male;
        self.person(temporary.birth_day().epoch_days(), male);
        if let Some(person) = self.people.last_mut() {
            person.temporary = Some((holder, temporary));
            person.earlier.clear();
        }
    }

    /// A holder that would know somebody who lives here.
    fn giver(&mut self, home: Home) -> Option<usize> {
        let plan = self.plan;
        let local = plan.organisers.iter().find(|organiser| organiser.serves.contains(&home.first));
        let national = plan.holders.iter().position(|holder| holder.has(Table::Assistance));
        match local {
            Some(organiser) if !self.dice.chance(TEMPORARY_NATIONALLY) => Some(organiser.holder),
            _ => national,
        }
    }
}

/// Pays from the first month on, with pauses, and refuses now and then.
fn pay(months: &mut [Month], dice: &mut Dice) {
    let kind = usize::from(dice.chance(LONG_TERM));
    let mut receives = true;
    let mut refused = false;
    for month in months {
        *month = match (receives, refused) {
            (true, _) => Month::Paid,
            (false, true) => Month::Refused,
            (false, false) => Month::None,
        };
        refused = false;
        if receives {
            receives = !dice.chance(EXIT[kind]);
            refused = !receives && dice.chance(REFUSED_AT_EXIT);
        } else {
            receives = dice.chance(RETURN[kind]);
        }
    }
}

/// A birth date of somebody of one of these ages on `day`.
fn born(dice: &mut Dice, day: i32, ages: &[(i32, i32, u32)]) -> i32 {
    let weights = ages.iter().map(|&(first, last, weight)| ((first, last), weight));
    let (first, last) = dice.pick(&weights.collect::<Vec<_>>()).unwrap_or((18, 64));
    dice.between(before(day, last + 1) + 1, before(day, first))
}

/// The day `years` before.
fn before(day: i32, years: i32) -> i32 {
    day - (f64::from(years) * DAYS_PER_YEAR) as i32 - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_is_paid_for_six_months_a_year() {
        let mut dice = Dice::new(1, 1);
        let (mut years, mut paid) = (0, 0);
        for _ in 0..20_000 {
            let mut months = [Month::None; 36];
            let start = if dice.chance(FROM_THE_START) { 0 } else { dice.position(36) };
            pay(&mut months[start..], &mut dice);
            for year in months.chunks(12) {
                let count = year.iter().filter(|month| **month == Month::Paid).count();
                (years, paid) = (years + usize::from(count > 0), paid + count);
            }
        }
        let mean = paid as f64 / years as f64;
        assert!((5.7..6.3).contains(&mean), "{mean}");
    }

    #[test]
    fn a_stay_ends_with_the_move() {
        let home = Home { first: 3, moved: Some((100, 5)) };
        assert_eq!((home.at(99), home.at(100)), (3, 5));
        assert_eq!(home.stay(&[3]).map(|stay| stay.last), Some(99));
        assert_eq!(home.stay(&[5]).map(|stay| stay.first), Some(100));
        assert_eq!((home.stay(&[3, 5]).is_some(), home.stay(&[4])), (true, None));
    }
}

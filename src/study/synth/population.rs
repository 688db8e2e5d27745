//! The population: members and homes of households, and the months in which they apply for assistance.
//!
//! Calibrated to the statistics of Kela and THL for 2014–2019. Assumptions without a statistic are marked [A].

use super::batch::Batch;
use super::household::{Benefit, Composition, Home, Move};
use super::people::{FormerCode, Person, TemporaryCode};
use super::random::Random;
use crate::study::vocabulary::SourceTable;
use crate::study::vocabulary::codes::HouseholdType;
use salanimi_core::{Day, Days, Sex};

/// Share of households that only a municipality knows: one person each, about 8 % of persons [A].
pub(super) const MUNICIPAL_ONLY: f64 = 0.11;
/// Household types of the others.
const TYPES: [(HouseholdType, u32); 4] = [
    (HouseholdType::LivesAlone, 58),
    (HouseholdType::OtherSingle, 16),
    (HouseholdType::Couple, 5),
    (HouseholdType::Family, 21),
];
/// Share of families with two parents. With it a household has 1.45 persons on average.
const TWO_PARENTS: f64 = 0.2;
/// Families by number of children, 1 to 5.
const CHILDREN: [u32; 5] = [52, 31, 12, 4, 1];
/// Share of families with several children whose youngest are twins.
const TWINS: f64 = 0.03;
/// Singles by age at the first month.
const SINGLE_AGES: [(Ages, u32); 5] =
    [(Ages(18, 24), 400), (Ages(25, 34), 190), (Ages(35, 49), 210), (Ages(50, 64), 160), (Ages(65, 84), 40)];
/// Applicants of couples by age at the first month.
const COUPLE_AGES: [(Ages, u32); 4] = [(Ages(18, 24), 25), (Ages(25, 39), 35), (Ages(40, 64), 30), (Ages(65, 79), 10)];
/// Parents by age at the first month.
const PARENT_AGES: [(Ages, u32); 3] = [(Ages(18, 24), 8), (Ages(25, 39), 62), (Ages(40, 52), 30)];
/// Age from which a person is an adult.
const ADULT: i32 = 18;
/// Largest difference in age of a couple, in days.
const COUPLE_DIFFERENCE: i32 = 1500;
/// Share of men among applicants without and with children, and of boys among children.
const MALE_WITHOUT_CHILDREN: f64 = 0.58;
const MALE_WITH_CHILDREN: f64 = 0.2;
const BOYS: f64 = 0.51;
/// Share of applicant households that are refused and never paid: 347,035 applicants, 277,316 recipients in 2017.
const NEVER_PAID: f64 = 0.18;
/// Share of these that apply again, and the months within which they do [A].
const APPLIES_AGAIN: f64 = 0.3;
const AGAIN_WITHIN: usize = 6;
/// Months before the window from which on households arrive, as many in each month, so that the window opens on a
/// register that has long been running.
const ARRIVALS_BEFORE: i32 = 120;
/// Share of arriving households that receive assistance for long.
const LONG_TERM: f64 = 0.23;
/// Probability that a month of assistance is the last, for short and long recipients. Together with [`RETURN`] it gives
/// 6 months a year among those who receive any (2014).
const EXIT: [f64; 2] = [0.35, 0.05];
/// Probability that a month without assistance is the last, for short and long recipients.
const RETURN: [f64; 2] = [0.04, 0.12];
/// Probability, in a month without assistance, of never returning, for short and long recipients [A].
const LEAVES: [f64; 2] = [0.06, 0.05];
/// Probability that the month after the last paid one is refused [A].
const REFUSED_AT_EXIT: f64 = 0.2;
/// Share of households that move to another municipality [A].
const MOVES: f64 = 0.06;
/// Share of moves to a municipality whose organiser delivers, so that two organisers can know a person [A].
const MOVES_TO_SERVED: f64 = 0.6;
/// Share of persons whose code changed in the window. Far above the true share, so that small registers have some [A].
const CHANGED: f64 = 0.002;
/// Share of these whose code changed twice, and share whose sex was corrected.
const CHANGED_TWICE: f64 = 0.25;
const CHANGED_SEX: f64 = 0.3;
/// Largest correction of a birth date, in days.
const CORRECTION: i32 = 400;
/// Share of single-person households whose person one holder knows by a temporary code: recent immigrants [A].
const TEMPORARY: f64 = 0.012;
/// Share of these whose code a national holder issued, not the municipality.
const TEMPORARY_NATIONALLY: f64 = 0.6;
/// Ages of people with temporary codes when the window opens.
const TEMPORARY_AGES: Ages = Ages(19, 55);
/// Age, when the window opens, of an immigrant without a holder that issues codes.
const IMMIGRANT_AGE: i32 = 30;

const DAYS_PER_YEAR: f64 = 365.2425;

/// The youngest and the oldest age in years.
#[derive(Clone, Copy)]
struct Ages(i32, i32);

/// Assistance of a household over the window.
pub(super) struct History {
    pub(super) benefits: Vec<Benefit>,
    /// Position of the first month with a decision.
    pub(super) start: usize,
    /// Paid months in a row just before the window.
    pub(super) run_before: usize,
}

impl Batch<'_> {
    /// Draws the members of a household of at most `room` persons.
    pub(super) fn draw_composition(&mut self, room: u64) -> Composition {
        let kind = self.random.choose(&TYPES);
        let is_family = kind == HouseholdType::Family;
        let children = if is_family { self.random.weighted(&CHILDREN) + 1 } else { 0 };
        let is_pair = kind == HouseholdType::Couple || is_family && self.random.chance(TWO_PARENTS);
        let drawn = Composition { kind, adults: 1 + usize::from(is_pair), children };
        if drawn.persons() as u64 <= room { drawn } else { Composition::SINGLE }
    }

    /// Draws the later home of a household that lives in `first` when the window opens.
    pub(super) fn draw_home(&mut self, first: u16) -> Home {
        let areas = &self.registers.areas;
        let random = &mut self.random;
        if !random.chance(MOVES) {
            return Home { first, moved: None };
        }
        let to = if random.chance(MOVES_TO_SERVED) { areas.served_home(random) } else { areas.home(random) };
        let window = self.registers.window;
        Home { first, moved: Some(Move { day: random.day_between(window.first, window.last), to }) }
    }

    /// Draws the assistance of a household in each month of the window.
    pub(super) fn draw_history(&mut self) -> History {
        let count = self.registers.months.count();
        let random = &mut self.random;
        if !random.chance(NEVER_PAID) {
            return draw_paid_history(count, random);
        }
        let mut benefits = vec![Benefit::None; count];
        let start = random.position(count);
        benefits[start] = Benefit::Refused;
        let again = start + 1 + random.position(AGAIN_WITHIN);
        if again < count && random.chance(APPLIES_AGAIN) {
            benefits[again] = Benefit::Refused;
        }
        History { benefits, start, run_before: 0 }
    }

    /// Adds the people of a household whose first month begins on `start`.
    pub(super) fn add_people(&mut self, members: Composition, start: Day, home: Home) {
        if members.persons() == 1 && self.random.chance(TEMPORARY) {
            self.add_immigrant(home);
        } else {
            self.add_members(members, start);
        }
        self.draw_identities(members.adults, home);
    }

    fn add_members(&mut self, members: Composition, start: Day) {
        let ages: &[(Ages, u32)] = match members.kind {
            HouseholdType::Family => &PARENT_AGES,
            HouseholdType::Couple => &COUPLE_AGES,
            HouseholdType::LivesAlone | HouseholdType::OtherSingle => &SINGLE_AGES,
        };
        let born = self.random.choose(ages).draw_birth(&mut self.random, start);
        let male = self.random.chance(if members.children > 0 { MALE_WITH_CHILDREN } else { MALE_WITHOUT_CHILDREN });
        self.add_person(born, male);
        if members.adults == 2 {
            let born = born.plus(self.random.between(-COUPLE_DIFFERENCE, COUPLE_DIFFERENCE));
            self.add_person(born.min(years_before(start, ADULT)), !male);
        }
        let has_twins = members.children > 1 && self.names.chance(TWINS);
        for child in 0..members.children {
            let drawn = self.random.day_between(years_before(start, ADULT).next(), start);
            let twin = self.people.last().filter(|_| has_twins && child + 1 == members.children);
            let born = twin.map_or(drawn, |twin| twin.birth);
            let male = self.random.chance(BOYS);
            self.add_person(born, male);
        }
    }

    fn add_person(&mut self, born: Day, male: bool) {
        let mut person = Person::new(self.codes.next(born, male), male, 0);
        if self.random.chance(CHANGED) {
            person.former = self.draw_former_codes(person.birth, male);
        }
        person.text_number = self.random.bits() & !1 | u32::from(male);
        self.people.push(person);
    }

    /// Draws one or two former codes of a person, oldest first.
    fn draw_former_codes(&mut self, birth: Day, male: bool) -> Vec<FormerCode> {
        let window = self.registers.window;
        let last = self.random.day_between(window.first, window.last.plus(-1));
        let former_sex = male != self.random.chance(CHANGED_SEX);
        let latest = self.draw_former_code(birth, former_sex, last);
        if !self.random.chance(CHANGED_TWICE) || last == window.first {
            return vec![latest];
        }
        let earlier = self.random.day_between(window.first, last.plus(-1));
        vec![self.draw_former_code(birth, male, earlier), latest]
    }

    fn draw_former_code(&mut self, birth: Day, male: bool, last: Day) -> FormerCode {
        let near = birth.plus(self.random.between(-CORRECTION, CORRECTION));
        FormerCode { code: self.codes.next(near, male), last }
    }

    /// Adds a person whom one holder knows by a temporary code. At other holders the code is another person's.
    fn add_immigrant(&mut self, home: Home) {
        let opening = self.registers.window.first;
        let Some(issuer) = self.draw_issuer(home) else {
            return self.add_person(years_before(opening, IMMIGRANT_AGE), true);
        };
        let Ages(youngest, oldest) = TEMPORARY_AGES;
        let born = Days { first: years_before(opening, oldest), last: years_before(opening, youngest) };
        let code = self.temporary.get(self.issued[issuer], born);
        self.issued[issuer] += 1;
        self.add_person(code.birth_day(), code.sex() == Sex::Male);
        if let Some(person) = self.people.last_mut() {
            person.temporary = Some(TemporaryCode { code, issuer });
            person.former.clear();
        }
    }

    /// Draws a holder that can know a person who lives here, if there is any.
    fn draw_issuer(&mut self, home: Home) -> Option<usize> {
        let registers = self.registers;
        let local = registers.organisers.iter().find(|organiser| organiser.serves.contains(&home.first));
        match local {
            Some(organiser) if !self.random.chance(TEMPORARY_NATIONALLY) => Some(organiser.holder),
            _ => registers.holders.iter().position(|holder| holder.has(SourceTable::Assistance)),
        }
    }
}

impl Ages {
    /// Draws the birth date of a person of one of these ages on `day`.
    fn draw_birth(self, random: &mut Random, day: Day) -> Day {
        random.day_between(years_before(day, self.1 + 1).next(), years_before(day, self.0))
    }
}

/// Draws a household that is paid in one of the `count` months of the window at least.
fn draw_paid_history(count: usize, random: &mut Random) -> History {
    loop {
        let history = draw_arrival(count, random);
        if history.benefits.contains(&Benefit::Paid) {
            return history;
        }
    }
}

/// Draws a household that arrives before or in the window: it is paid from its first month on, with pauses, and refused
/// now and then, until it leaves for good.
fn draw_arrival(count: usize, random: &mut Random) -> History {
    let mut history = History { benefits: vec![Benefit::None; count], start: count, run_before: 0 };
    let term = usize::from(random.chance(LONG_TERM));
    let mut receives = true;
    let mut refused = false;
    for month in random.between(-ARRIVALS_BEFORE, count as i32 - 1)..count as i32 {
        let benefit = match (receives, refused) {
            (true, _) => Benefit::Paid,
            (false, true) => Benefit::Refused,
            (false, false) => Benefit::None,
        };
        history.add(month, benefit);
        refused = false;
        if receives {
            receives = !random.chance(EXIT[term]);
            refused = !receives && random.chance(REFUSED_AT_EXIT);
        } else if random.chance(LEAVES[term]) {
            break;
        } else {
            receives = random.chance(RETURN[term]);
        }
    }
    history
}

impl History {
    /// Adds a month; those before the window are negative.
    fn add(&mut self, month: i32, benefit: Benefit) {
        match usize::try_from(month) {
            Ok(position) => {
                self.benefits[position] = benefit;
                self.start = if benefit == Benefit::None { self.start } else { self.start.min(position) };
            }
            Err(_) if benefit == Benefit::Paid => self.run_before += 1,
            Err(_) => self.run_before = 0,
        }
    }
}

/// Returns the day on which a person of this age in years can have been born.
fn years_before(day: Day, years: i32) -> Day {
    day.plus(-((f64::from(years) * DAYS_PER_YEAR) as i32) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_is_paid_for_six_months_a_year_and_months_are_alike() {
        let mut random = Random::new(1, 1);
        let mut years = 0;
        let mut paid = 0;
        let mut by_month = [0; 36];
        for _ in 0..20_000 {
            let History { benefits, .. } = draw_paid_history(36, &mut random);
            for year in benefits.chunks(12) {
                let count = year.iter().filter(|benefit| **benefit == Benefit::Paid).count();
                years += usize::from(count > 0);
                paid += count;
            }
            by_month
                .iter_mut()
                .zip(&benefits)
                .for_each(|(sum, benefit)| *sum += usize::from(*benefit == Benefit::Paid));
        }
        let mean = paid as f64 / years as f64;
        assert!((5.7..6.3).contains(&mean), "{mean}");
        let [least, most] = [by_month.iter().min(), by_month.iter().max()].map(|month| *month.unwrap() as f64);
        assert!(least / most > 0.9, "{by_month:?}");
    }

    #[test]
    fn months_before_the_window_count_towards_a_run() {
        let mut history = History { benefits: vec![Benefit::None; 2], start: 2, run_before: 0 };
        let months = [Benefit::Paid, Benefit::None, Benefit::Paid, Benefit::Paid, Benefit::None, Benefit::Refused];
        (-4..).zip(months).for_each(|(month, benefit)| history.add(month, benefit));
        assert_eq!((history.run_before, history.start), (2, 1));
    }
}

//! Main activities of adults: constant in a spell of assistance.

use super::batch::Batch;
use super::household::{Benefit, Household};
use crate::study::vocabulary::codes::Activity;
use salanimi_core::Day;

/// Main activity under 25 [A].
const YOUNG: [(Activity, u32); 4] =
    [(Activity::Unemployed, 50), (Activity::Student, 25), (Activity::Employed, 12), (Activity::Other, 13)];
/// Main activity from 25 to 64 [A].
const MIDDLE: [(Activity, u32); 5] = [
    (Activity::Unemployed, 58),
    (Activity::Employed, 14),
    (Activity::Other, 13),
    (Activity::Pensioner, 9),
    (Activity::Student, 6),
];
/// Main activity from 65 [A].
const OLD: [(Activity, u32); 2] = [(Activity::Pensioner, 95), (Activity::Other, 5)];
/// Share of spells after the first with another activity, drawn anew [A].
const CHANGES: f64 = 0.3;
/// Ages in days.
const TWENTY_FIVE_YEARS: i32 = 9131;
const SIXTY_FIVE_YEARS: i32 = 23_741;

impl Batch<'_> {
    /// Draws the activities of a household's adults, who are known.
    pub(super) fn draw_activities(&mut self, household: &mut Household) {
        household.activities =
            (0..household.members.adults).map(|adult| self.draw_of_adult(household, adult)).collect();
    }

    fn draw_of_adult(&mut self, household: &Household, adult: usize) -> Vec<Activity> {
        let birth = self.people[adult].birth;
        let mut activity = self.draw_activity(birth);
        let mut is_first = true;
        let mut activities = Vec::with_capacity(household.benefits.len());
        for (position, benefit) in household.benefits.iter().enumerate() {
            if household.begins_spell(position) && !is_first && self.random.chance(CHANGES) {
                activity = self.draw_activity(birth);
            }
            is_first &= *benefit != Benefit::Paid;
            activities.push(activity);
        }
        activities
    }

    fn draw_activity(&mut self, birth: Day) -> Activity {
        let activities: &[(Activity, u32)] = match self.registers.window.first.since(birth) {
            ..TWENTY_FIVE_YEARS => &YOUNG,
            TWENTY_FIVE_YEARS..SIXTY_FIVE_YEARS => &MIDDLE,
            _ => &OLD,
        };
        self.random.choose(activities)
    }
}

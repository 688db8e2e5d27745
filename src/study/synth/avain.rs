//! The AVAIN indicator: goals set with a plan and assessed again. How often what happens is assumed [A].

use super::calendar::Span;
use super::chunk::Chunk;
use super::plan::Organiser;
use super::row::{Row, Value, code};
use super::social_work::BY_SERVICE;
use super::vocabulary::{AIMS, ASSESSMENTS, Avain, EFFECTS, FACTORS, GOALS, METHODS, OUTCOMES, Table};

/// Share of clients for whom AVAIN is filled in, where the organiser uses it.
const USED: f64 = 0.4;
/// Clients by number of goals, 1 to 3.
const GOALS_SET: [u32; 3] = [50, 35, 15];
/// Days from one assessment to the next.
const UNTIL_NEXT: (i32, i32) = (90, 240);
/// Chance of an assessment after the first to be the last.
const LAST: f64 = 0.5;

const BEGINNING: Value = code(ASSESSMENTS, "ALKU");
const FOLLOW_UP: Value = code(ASSESSMENTS, "SEURANTA");
const END: Value = code(ASSESSMENTS, "LOPPU");
/// Livelihood and housing first.
const BY_GOAL: [(u8, u32); GOALS.len()] =
    [(0, 30), (1, 15), (2, 12), (3, 6), (4, 8), (5, 8), (6, 6), (7, 9), (8, 4), (9, 2)];
const BY_AIM: [(Value, u32); 3] =
    [(code(AIMS, "PARANTAA"), 75), (code(AIMS, "ENNALLAAN"), 20), (code(AIMS, "EI_TAVOITE"), 5)];
const BY_OUTCOME: [(Value, u32); 4] = [
    (code(OUTCOMES, "parani"), 40),
    (code(OUTCOMES, "ennallaan"), 40),
    (code(OUTCOMES, "heikkeni"), 12),
    (code(OUTCOMES, "ei_arvioitu"), 8),
];
const SUPPORTS: Value = code(EFFECTS, "tuki");
const HINDERS: Value = code(EFFECTS, "haittasi");

impl<'p> Chunk<'p> {
    /// Writes the goals of a client, if the organiser's data covers any day of the relation.
    pub(super) fn avain(&mut self, organiser: &'p Organiser, person: usize, relation: Span) {
        let covered = organiser.avain.iter().find_map(|span| span.meet(relation));
        let Some(days) = covered.filter(|_| self.dice.chance(USED)) else { return };
        let begins = self.dice.between(days.first, days.last);
        let assessments = self.assessments(begins, days.last);
        let plan = self.reference();
        let mut goal = self.dice.pick(&BY_GOAL).unwrap_or(0);
        for _ in 0..=self.dice.weighted(&GOALS_SET) {
            let row = self.goal(organiser, plan, goal);
            for &(assessment, day) in &assessments {
                self.assess(organiser.holder, person, row.clone(), assessment, day);
            }
            // A plan has a category once.
            goal = (goal + 1 + self.dice.below(3) as u8) % GOALS.len() as u8;
        }
    }

    fn assessments(&mut self, begins: i32, last: i32) -> Vec<(Value, i32)> {
        let mut assessments = vec![(BEGINNING, begins)];
        let mut day = begins + self.dice.between(UNTIL_NEXT.0, UNTIL_NEXT.1);
        while day <= last {
            let ends = self.dice.chance(LAST);
            assessments.push((if ends { END } else { FOLLOW_UP }, day));
            if ends {
                break;
            }
            day += self.dice.between(UNTIL_NEXT.0, UNTIL_NEXT.1);
        }
        assessments
    }

    fn goal(&mut self, organiser: &Organiser, plan: u64, goal: u8) -> Row {
        Row::new(Table::Avain, 0)
            .with(Avain::Organiser, Value::Area(organiser.area))
            .with(Avain::Plan, Value::Plan(plan))
            .with(Avain::Goal, Value::Code(goal))
            .with(Avain::Aim, self.dice.pick(&BY_AIM).unwrap_or(Value::Empty))
            .with(Avain::Method, Value::Code(self.dice.position(METHODS.len()) as u8))
            .with(Avain::Service, self.dice.pick(&BY_SERVICE).unwrap_or(Value::Empty))
    }

    fn assess(&mut self, holder: usize, person: usize, mut row: Row, assessment: Value, day: i32) {
        row.day = day;
        row.set(Avain::Assessment, assessment);
        row.set(Avain::Date, Value::Day(day));
        row.set(Avain::Factor, Value::Code(self.dice.position(FACTORS.len()) as u8));
        row.set(Avain::Effect, if self.dice.chance(0.5) { SUPPORTS } else { HINDERS });
        if assessment != BEGINNING {
            row.set(Avain::Outcome, self.dice.pick(&BY_OUTCOME).unwrap_or(Value::Empty));
        }
        self.emit(holder, person, &row);
    }
}

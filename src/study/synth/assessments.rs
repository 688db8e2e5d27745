//! Rows of the AVAIN indicator: goals set with a plan and assessed again. All rates are assumptions [A].

use super::batch::Batch;
use super::events::SERVICES;
use super::months::overlap;
use super::registers::Organiser;
use super::row::{Cells, Row, Value};
use crate::study::vocabulary::codes::{Aim, CodeList, Factor, FactorEffect, Goal, Method, Occasion, Outcome};
use crate::study::vocabulary::{AssessmentColumn as Column, SourceTable};
use salanimi_core::{Day, Days};

/// Share of clients for whom the organiser uses the indicator.
const USED: f64 = 0.4;
/// Clients by number of goals, 1 to 3.
const GOAL_COUNTS: [u32; 3] = [50, 35, 15];
/// Days from the beginning of the relation to the plan with its first assessment. A plan that is older than the data is
/// renewed within so many days of its first.
const DAYS_TO_PLAN: (i32, i32) = (10, 60);
const DAYS_TO_RENEWAL: (i32, i32) = (0, 180);
/// Days from one assessment to the next.
const DAYS_TO_NEXT: (i32, i32) = (90, 240);
/// Probability that an assessment after the first is the last.
const LAST: f64 = 0.5;
/// The next goal of a plan is this many categories after the last, at most.
const MAX_STEP: u32 = 3;
/// Share of situational factors that help.
const HELPED: f64 = 0.5;

/// First goals. Livelihood and housing come first.
const GOALS: [(Goal, u32); 10] = [
    (Goal::Livelihood, 30),
    (Goal::Housing, 15),
    (Goal::Work, 12),
    (Goal::Education, 6),
    (Goal::Health, 8),
    (Goal::MentalHealth, 8),
    (Goal::SubstanceUse, 6),
    (Goal::EverydayLife, 9),
    (Goal::Relationships, 4),
    (Goal::Other, 2),
];
const AIMS: [(Aim, u32); 3] = [(Aim::Improve, 75), (Aim::Maintain, 20), (Aim::NotAGoal, 5)];
const OUTCOMES: [(Outcome, u32); 4] =
    [(Outcome::Improved, 40), (Outcome::Unchanged, 40), (Outcome::Worsened, 12), (Outcome::NotAssessed, 8)];

/// An assessment of all goals of a plan.
struct Assessment {
    occasion: Occasion,
    day: Day,
}

impl Batch<'_> {
    /// Writes the assessments of a client's goals, if the organiser's data covers a day of the client relation.
    pub(super) fn write_assessments(&mut self, organiser: &Organiser, person: usize, relation: Days) {
        let covered = organiser.assessments.iter().find_map(|days| overlap(*days, relation));
        let Some(days) = covered else { return };
        if !self.random.chance(USED) {
            return;
        }
        let planned = relation.first.plus(self.random.between(DAYS_TO_PLAN.0, DAYS_TO_PLAN.1));
        let renewed = days.first.plus(self.random.between(DAYS_TO_RENEWAL.0, DAYS_TO_RENEWAL.1));
        let first = if planned < days.first { renewed } else { planned };
        if first > days.last {
            return;
        }
        let assessments = self.draw_assessments(first, days.last);
        let plan = self.new_reference();
        let mut goal = self.random.choose(&GOALS);
        for _ in 0..=self.random.weighted(&GOAL_COUNTS) {
            let cells = self.draw_goal(organiser, plan, goal);
            for assessment in &assessments {
                self.write_assessment(organiser.holder, person, cells.clone(), assessment);
            }
            // A plan has a category once.
            let next = usize::from(goal.position()) + 1 + self.random.below(MAX_STEP) as usize;
            goal = Goal::ALL[next % Goal::ALL.len()];
        }
    }

    fn draw_assessments(&mut self, first: Day, last: Day) -> Vec<Assessment> {
        let mut assessments = vec![Assessment { occasion: Occasion::Beginning, day: first }];
        let mut day = first.plus(self.random.between(DAYS_TO_NEXT.0, DAYS_TO_NEXT.1));
        while day <= last {
            let ends = self.random.chance(LAST);
            assessments.push(Assessment { occasion: if ends { Occasion::End } else { Occasion::FollowUp }, day });
            if ends {
                break;
            }
            day = day.plus(self.random.between(DAYS_TO_NEXT.0, DAYS_TO_NEXT.1));
        }
        assessments
    }

    fn draw_goal(&mut self, organiser: &Organiser, plan: u64, goal: Goal) -> Cells {
        Cells::empty()
            .with(Column::Organiser, Value::Area(organiser.area))
            .with(Column::Plan, Value::Plan(plan))
            .with(Column::Goal, goal)
            .with(Column::Aim, self.random.choose(&AIMS))
            .with(Column::Method, self.random.one_of(Method::ALL))
            .with(Column::Service, self.random.choose(&SERVICES))
    }

    fn write_assessment(&mut self, holder: usize, person: usize, mut cells: Cells, assessment: &Assessment) {
        let Assessment { occasion, day } = *assessment;
        cells.set(Column::Occasion, occasion);
        cells.set(Column::Date, Value::Day(day));
        cells.set(Column::Factor, self.random.one_of(Factor::ALL));
        let helped = self.random.chance(HELPED);
        cells.set(Column::FactorEffect, if helped { FactorEffect::Helped } else { FactorEffect::Hindered });
        if occasion != Occasion::Beginning {
            cells.set(Column::Outcome, self.random.choose(&OUTCOMES));
        }
        self.write_row(holder, person, &Row { table: SourceTable::Assessments, day, cells });
    }
}

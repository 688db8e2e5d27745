//! Rows of events of adult social work at the organisers that deliver. All rates and times are assumptions [A].

use super::batch::Batch;
use super::household::Stay;
use super::notices::Notice;
use super::registers::Organiser;
use super::row::{Cells, Row, Text, Value};
use crate::study::vocabulary::codes::{
    ContactMode, EndReason, EventType, Initiator, MunicipalDecision, Service, ServiceTask,
};
use crate::study::vocabulary::{EventColumn as Column, SourceTable};
use salanimi_core::{Day, Days};

/// Share of clients among adults in Kela's data, without and with a notice to the organiser. Together with people known
/// to a municipality only, about 7 % of a city's people of working age.
const CLIENTS_WITHOUT_NOTICE: f64 = 0.25;
const CLIENTS_WITH_NOTICE: f64 = 0.45;
/// Share of clients whose relation is open when the organiser's data begins.
const OPEN_BEFORE: f64 = 0.4;
/// Days by which such a relation is older than the data, at most.
const OLDER: i32 = 1000;
/// Length of a relation in days.
const LENGTH: (i32, i32) = (30, 900);
/// Share of notices in the client information system, and share of these with the notice's number.
const RECORDED: f64 = 0.85;
const WITH_NUMBER: f64 = 0.6;
/// Days from a notice to its record.
const DAYS_TO_RECORD: (i32, i32) = (0, 3);
/// Share of notices after which the person is reached, and shares of these with an assessment and with a new relation.
const REACHED: f64 = 0.6;
const ASSESSED: f64 = 0.5;
const BECOMES_CLIENT: f64 = 0.35;
/// Days from a notice to the first contact: first, last, weight.
const DAYS_TO_CONTACT: [((i32, i32), u32); 3] = [((0, 7), 40), ((8, 30), 35), ((31, 120), 25)];
/// Days from the first contact to the beginning of an assessment, and the days that the assessment takes.
const DAYS_TO_ASSESSMENT: (i32, i32) = (0, 14);
const ASSESSMENT_DAYS: (i32, i32) = (20, 90);
/// Days from the opening of a matter to the relation, and from there to the client plan and its decision.
const DAYS_TO_RELATION: (i32, i32) = (3, 30);
const DAYS_TO_PLAN: (i32, i32) = (10, 60);
const DAYS_TO_DECISION: i32 = 5;
/// Days to the first contact in a relation, and between contacts.
const DAYS_TO_FIRST_CONTACT: (i32, i32) = (1, 60);
const DAYS_BETWEEN_CONTACTS: (i32, i32) = (20, 150);
/// Share of clients who receive supplementary and preventive assistance, and the number of payments.
const SUPPLEMENTARY: f64 = 0.25;
const PREVENTIVE: f64 = 0.12;
const PAYMENTS: (i32, i32) = (1, 4);
/// Amount of a payment in tens of euros.
const PAYMENT_TENS: (i32, i32) = (4, 60);
const CENTS_PER_TEN: u32 = 1000;
/// Share of municipal decisions that refuse.
const REFUSED: f64 = 0.15;
/// Share of relations that end by death, of people unknown to Kela.
const DEATHS: f64 = 0.03;

const INITIATORS: [(Initiator, u32); 4] =
    [(Initiator::Client, 60), (Initiator::Authority, 20), (Initiator::PersonClose, 10), (Initiator::Other, 10)];
const CONTACT_MODES: [(ContactMode, u32); 4] =
    [(ContactMode::Meeting, 40), (ContactMode::Telephone, 45), (ContactMode::HomeVisit, 8), (ContactMode::Online, 7)];
const TASKS: [(ServiceTask, u32); 4] = [
    (ServiceTask::WorkingAge, 80),
    (ServiceTask::Families, 10),
    (ServiceTask::OlderPeople, 4),
    (ServiceTask::SubstanceAbuse, 6),
];
pub(super) const SERVICES: [(Service, u32); 7] = [
    (Service::SocialWork, 45),
    (Service::SocialGuidance, 25),
    (Service::SocialRehabilitation, 8),
    (Service::RehabilitativeWork, 10),
    (Service::Housing, 6),
    (Service::DebtCounselling, 4),
    (Service::Other, 2),
];
/// Reasons of the end of a relation, besides moves and deaths.
const END_REASONS: [(EndReason, u32); 3] =
    [(EndReason::GoalReached, 45), (EndReason::NotReached, 20), (EndReason::Other, 35)];

/// A person's case with an organiser.
struct Case<'b, 'p> {
    batch: &'b mut Batch<'p>,
    organiser: &'p Organiser,
    person: usize,
    /// The days that the organiser's data and the person's stay have in common.
    days: Days,
    /// Cells of all events.
    common: Cells,
}

impl<'p> Batch<'p> {
    /// Writes the events of an adult at an organiser and returns the client relation, if there is one.
    ///
    /// During `stay` the household lives in the organiser's area. A person unknown to Kela is always a client.
    pub(super) fn write_events(
        &mut self,
        organiser: &'p Organiser,
        person: usize,
        stay: Stay,
        notices: &[Notice],
        unknown_to_kela: bool,
    ) -> Option<Days> {
        let days = stay.within(Days::hull(organiser.events.iter().copied())?)?;
        let notices: Vec<&Notice> = notices
            .iter()
            .filter(|notice| notice.person == person && notice.recipient == organiser.area)
            .filter(|notice| days.contains(notice.arrives))
            .collect();
        let share = if notices.is_empty() { CLIENTS_WITHOUT_NOTICE } else { CLIENTS_WITH_NOTICE };
        let is_client = unknown_to_kela || self.random.chance(share);
        let mut case = Case::new(self, organiser, person, days);
        let mut relation = is_client.then(|| case.draw_relation());
        for notice in notices {
            let assessed = case.write_answer(notice);
            if let (None, Some(assessed)) = (relation, assessed) {
                relation = case.draw_new_relation(assessed);
            }
        }
        let relation = relation?;
        case.write_relation(relation, stay, unknown_to_kela);
        Some(relation)
    }
}

impl<'b, 'p> Case<'b, 'p> {
    fn new(batch: &'b mut Batch<'p>, organiser: &'p Organiser, person: usize, days: Days) -> Self {
        let number = batch.people[person].text_number;
        let common = Cells::empty()
            .with(Column::Phone, Value::Text(Text::Phone, number))
            .with(Column::Organiser, Value::Area(organiser.area))
            .with(Column::Task, batch.random.choose(&TASKS))
            .with(Column::Service, batch.random.choose(&SERVICES));
        Self { batch, organiser, person, days, common }
    }

    /// Writes an event if the organiser's data covers its day.
    fn write_covered(&mut self, kind: EventType, day: Day, cells: &[(Column, Value)]) {
        if self.days.contains(day) && self.organiser.events.iter().any(|days| days.contains(day)) {
            self.write(kind, day, cells);
        }
    }

    fn write(&mut self, kind: EventType, day: Day, more: &[(Column, Value)]) {
        let mut cells = self.common.clone().with(Column::Type, kind).with(Column::Date, Value::Day(day));
        for &(column, value) in more {
            cells.set(column, value);
        }
        cells.set(Column::Note, self.batch.draw_free_text(self.person));
        let row = Row { table: SourceTable::Events, day, cells };
        self.batch.write_row(self.organiser.holder, self.person, &row);
    }

    fn between(&mut self, range: (i32, i32)) -> i32 {
        self.batch.random.between(range.0, range.1)
    }

    fn day_between(&mut self, first: Day, last: Day) -> Day {
        self.batch.random.day_between(first, last)
    }

    fn chance(&mut self, share: f64) -> bool {
        self.batch.random.chance(share)
    }

    fn draw_decision(&mut self) -> MunicipalDecision {
        if self.chance(REFUSED) { MunicipalDecision::Refused } else { MunicipalDecision::Granted }
    }

    fn draw_initiator(&mut self) -> (Column, Value) {
        (Column::Initiator, self.batch.random.choose(&INITIATORS).into())
    }

    fn draw_relation(&mut self) -> Days {
        let is_older = self.chance(OPEN_BEFORE);
        let data_begins = self.days.first;
        let first = if is_older {
            data_begins.plus(-self.between((1, OLDER)))
        } else {
            self.day_between(data_begins, self.days.last)
        };
        // Relations that ended before the data begins are in no data. The length of an older one is counted from there.
        let last = first.max(data_begins).plus(self.between(LENGTH));
        Days { first, last }
    }

    /// Writes the events that answer a notice. Returns the day on which an assessment is done, if there is one.
    fn write_answer(&mut self, notice: &Notice) -> Option<Day> {
        if self.chance(RECORDED) {
            let number = self.draw_number(notice);
            let day = notice.arrives.plus(self.between(DAYS_TO_RECORD));
            self.write_covered(EventType::MatterOpened, day, &[(Column::Initiator, Initiator::Kela.into()), number]);
        }
        if !self.chance(REACHED) {
            return None;
        }
        let range = self.batch.random.choose(&DAYS_TO_CONTACT);
        let day = notice.arrives.plus(self.between(range));
        let number = self.draw_number(notice);
        self.write_contact(day, &[(Column::Initiator, Initiator::Authority.into()), number]);
        if self.chance(ASSESSED) { Some(self.write_assessment_of_need(day, number)) } else { None }
    }

    fn draw_number(&mut self, notice: &Notice) -> (Column, Value) {
        let number = if self.chance(WITH_NUMBER) { Value::Notice(notice.id) } else { Value::Empty };
        (Column::Notice, number)
    }

    fn write_contact(&mut self, day: Day, cells: &[(Column, Value)]) {
        let mode = self.batch.random.choose(&CONTACT_MODES);
        let cells = [cells, &[(Column::ContactMode, mode.into())]].concat();
        self.write_covered(EventType::Contact, day, &cells);
    }

    /// Writes an assessment of need that begins on or after `day`. Returns the day on which it is done.
    fn write_assessment_of_need(&mut self, day: Day, number: (Column, Value)) -> Day {
        let begins = day.plus(self.between(DAYS_TO_ASSESSMENT));
        self.write_covered(EventType::AssessmentBegins, begins, &[number]);
        let done = begins.plus(self.between(ASSESSMENT_DAYS));
        self.write_covered(EventType::AssessmentDone, done, &[number]);
        done
    }

    /// Draws the relation of a person who becomes a client after an assessment, if that is so.
    fn draw_new_relation(&mut self, assessed: Day) -> Option<Days> {
        let relation = Days { first: assessed, last: assessed.plus(self.between(LENGTH)) };
        (self.chance(BECOMES_CLIENT) && self.days.contains(assessed)).then_some(relation)
    }

    /// Writes the events of a relation.
    fn write_relation(&mut self, relation: Days, stay: Stay, unknown_to_kela: bool) {
        self.write_beginning(relation.first);
        let open = Days { first: relation.first, last: stay.end_by(relation.last) };
        self.write_contacts(open);
        self.write_payments(open, SUPPLEMENTARY, EventType::SupplementaryAssistance);
        self.write_payments(open, PREVENTIVE, EventType::PreventiveAssistance);
        let died = unknown_to_kela && self.chance(DEATHS);
        let drawn = self.batch.random.choose(&END_REASONS);
        let reason = match died {
            true => EndReason::Died,
            false if open.last < relation.last => EndReason::Moved,
            false => drawn,
        };
        self.write_covered(EventType::RelationEnds, open.last, &[(Column::EndReason, reason.into())]);
    }

    fn write_beginning(&mut self, day: Day) {
        let initiator = self.draw_initiator();
        let opened = day.plus(-self.between(DAYS_TO_RELATION));
        self.write_covered(EventType::MatterOpened, opened, &[initiator]);
        if day < self.days.first {
            // A system extract holds the beginning of a relation that is still open, however old.
            self.write(EventType::RelationBegins, day, &[]);
        } else {
            self.write_covered(EventType::RelationBegins, day, &[]);
        }
        let planned = day.plus(self.between(DAYS_TO_PLAN));
        self.write_covered(EventType::ClientPlan, planned, &[]);
        let decision = self.draw_decision();
        let decided = planned.plus(DAYS_TO_DECISION);
        self.write_covered(EventType::Decision, decided, &[(Column::Decision, decision.into())]);
    }

    fn write_contacts(&mut self, open: Days) {
        let mut day = open.first.max(self.days.first).plus(self.between(DAYS_TO_FIRST_CONTACT));
        while day <= open.last.min(self.days.last) {
            let initiator = self.draw_initiator();
            self.write_contact(day, &[initiator]);
            day = day.plus(self.between(DAYS_BETWEEN_CONTACTS));
        }
    }

    fn write_payments(&mut self, open: Days, share: f64, kind: EventType) {
        if !self.chance(share) {
            return;
        }
        for _ in 0..self.between(PAYMENTS) {
            let day = self.day_between(open.first.max(self.days.first), open.last);
            let decision = self.draw_decision();
            let cents = match decision {
                MunicipalDecision::Refused => 0,
                MunicipalDecision::Granted => self.draw_payment(),
            };
            self.write_covered(kind, day, &[(Column::Decision, decision.into()), (Column::Euros, Value::Cents(cents))]);
        }
    }

    /// Draws the amount of a payment, in cents.
    fn draw_payment(&mut self) -> u32 {
        CENTS_PER_TEN * self.between(PAYMENT_TENS) as u32 + self.batch.random.below(CENTS_PER_TEN)
    }
}

//! Events of adult social work at the organisers that deliver. No statistic tells how often what happens: shares and
//! times are assumptions [A].

use super::calendar::Span;
use super::chunk::Chunk;
use super::notices::Notice;
use super::plan::Organiser;
use super::population::Household;
use super::row::{Row, Text, Value, code};
use super::vocabulary::{
    END_REASONS, EVENTS, INITIATORS, MODES, MUNICIPAL_DECISIONS, SERVICES, SocialWork, TASKS, Table,
};

/// Share of adults in Kela's data who are clients, without and with a notice to the organiser. Together with those whom
/// only a municipality knows, about 7 % of a city's people of working age.
const CLIENTS: [f64; 2] = [0.25, 0.45];
/// Share of clients whose relation is open when the organiser's data begins.
const OPEN_BEFORE: f64 = 0.4;
/// Days by which such a relation is older than the data, at most.
const OLDER: i32 = 1000;
/// Length of a relation in days.
const LENGTH: (i32, i32) = (30, 900);
/// Share of notices that the client information system records, and of these with the notice's number.
const RECORDED: f64 = 0.85;
const WITH_NUMBER: f64 = 0.6;
/// Share of notices after which the person is reached, and of these with an assessment and with a new relation.
const REACHED: f64 = 0.6;
const ASSESSED: f64 = 0.5;
const BECOMES_CLIENT: f64 = 0.35;
/// Days from a notice to the first contact: first, last, weight.
const DAYS_TO_CONTACT: [((i32, i32), u32); 3] = [((0, 7), 40), ((8, 30), 35), ((31, 120), 25)];
/// Share of clients who receive supplementary and preventive assistance.
const SUPPLEMENTARY: f64 = 0.25;
const PREVENTIVE: f64 = 0.12;
/// Share of municipal decisions that refuse.
const REFUSED: f64 = 0.15;

const BEGINS: Value = code(EVENTS, "ASIAKKUUS_ALKU");
const ENDS: Value = code(EVENTS, "ASIAKKUUS_LOPPU");
const ARRIVES: Value = code(EVENTS, "VIREILLETULO");
const CONTACT: Value = code(EVENTS, "YHTEYDENOTTO");
const ASSESSMENT_BEGINS: Value = code(EVENTS, "PT_ARVIO_ALKU");
const ASSESSMENT_DONE: Value = code(EVENTS, "PT_ARVIO_VALMIS");
const PLAN: Value = code(EVENTS, "SUUNNITELMA");
const DECISION: Value = code(EVENTS, "PAATOS");
const SUPPLEMENTARY_PAID: Value = code(EVENTS, "TAYD_TUKI");
const PREVENTIVE_PAID: Value = code(EVENTS, "EHK_TUKI");
const KELA: Value = code(INITIATORS, "Kela");
const AUTHORITY: Value = code(INITIATORS, "viranomainen");
const INITIATED_BY: [(Value, u32); 4] = [
    (code(INITIATORS, "asiakas"), 60),
    (AUTHORITY, 20),
    (code(INITIATORS, "läheinen"), 10),
    (code(INITIATORS, "muu"), 10),
];
const BY_MODE: [(Value, u32); 4] = [
    (code(MODES, "tapaaminen"), 40),
    (code(MODES, "puhelin"), 45),
    (code(MODES, "kotikäynti"), 8),
    (code(MODES, "etä"), 7),
];
const BY_TASK: [(Value, u32); 4] = [
    (code(TASKS, "työikäisten palvelut"), 80),
    (code(TASKS, "lapsiperheiden palvelut"), 10),
    (code(TASKS, "iäkkäiden palvelut"), 4),
    (code(TASKS, "päihdehuolto"), 6),
];
pub(super) const BY_SERVICE: [(Value, u32); 7] = [
    (code(SERVICES, "sosiaalityö"), 45),
    (code(SERVICES, "sosiaaliohjaus"), 25),
    (code(SERVICES, "sosiaalinen kuntoutus"), 8),
    (code(SERVICES, "kuntouttava työtoiminta"), 10),
    (code(SERVICES, "asumispalvelu"), 6),
    (code(SERVICES, "velkaneuvonta"), 4),
    (code(SERVICES, "muu"), 2),
];
const GRANTED_OR_NOT: [Value; 2] = [code(MUNICIPAL_DECISIONS, "myönnetty"), code(MUNICIPAL_DECISIONS, "hylätty")];
const MOVED: Value = code(END_REASONS, "muutto");
const ENDED_BY: [(Value, u32); 3] = [
    (code(END_REASONS, "tavoite saavutettu"), 45),
    (code(END_REASONS, "ei tavoiteta"), 20),
    (code(END_REASONS, "muu"), 35),
];
const DEATH: Value = code(END_REASONS, "kuolema");
/// Share of ended relations of people unknown to Kela that end by death.
const DEATHS: f64 = 0.03;

/// A client's case with an organiser.
struct Case<'c, 'p> {
    chunk: &'c mut Chunk<'p>,
    organiser: &'p Organiser,
    person: usize,
    /// The days that the organiser's data and the person's stay have in common.
    days: Span,
    common: Row,
}

impl<'p> Chunk<'p> {
    /// Writes what the organisers that deliver know of the household's adults. `surely` makes them clients.
    pub(super) fn municipal(&mut self, household: &Household, notices: &[Notice], surely: bool) {
        for organiser in &self.plan.organisers {
            let Some(stay) = household.home.stay(&organiser.serves) else { continue };
            for person in 0..household.adults {
                self.serve(organiser, person, stay, notices, surely);
            }
        }
    }

    fn serve(&mut self, organiser: &'p Organiser, person: usize, stay: Span, notices: &[Notice], surely: bool) {
        let Some(days) = Span::hull(&organiser.social_work).and_then(|hull| hull.meet(stay)) else { return };
        let received = |notice: &&Notice| {
            notice.person == person && notice.recipient == organiser.area && days.contains(notice.arrives)
        };
        let notices: Vec<&Notice> = notices.iter().filter(received).collect();
        let client = surely || self.dice.chance(CLIENTS[usize::from(!notices.is_empty())]);
        let mut case = Case::new(self, organiser, person, days);
        let mut relation = client.then(|| case.relation());
        for notice in notices {
            let assessed = case.answer(notice);
            relation = relation.or_else(|| case.becomes_client(assessed?));
        }
        let Some(relation) = relation else { return };
        case.client(relation, stay, surely);
        self.avain(organiser, person, relation);
    }
}

impl<'c, 'p> Case<'c, 'p> {
    fn new(chunk: &'c mut Chunk<'p>, organiser: &'p Organiser, person: usize, days: Span) -> Self {
        let drawn = chunk.people[person].drawn;
        let common = Row::new(Table::SocialWork, 0)
            .with(SocialWork::FirstNames, Value::Text(Text::FirstNames, drawn))
            .with(SocialWork::LastName, Value::Text(Text::LastName, drawn))
            .with(SocialWork::Address, Value::Text(Text::Address, drawn))
            .with(SocialWork::Phone, Value::Text(Text::Phone, drawn))
            .with(SocialWork::Organiser, Value::Area(organiser.area))
            .with(SocialWork::Task, chunk.dice.pick(&BY_TASK).unwrap_or(Value::Empty))
            .with(SocialWork::Service, chunk.dice.pick(&BY_SERVICE).unwrap_or(Value::Empty));
        Self { chunk, organiser, person, days, common }
    }

    /// Writes an event if the organiser's data covers its day.
    fn event(&mut self, kind: Value, day: i32, cells: &[(SocialWork, Value)]) {
        if self.days.contains(day) && self.organiser.social_work.iter().any(|span| span.contains(day)) {
            self.write(kind, day, cells);
        }
    }

    fn write(&mut self, kind: Value, day: i32, cells: &[(SocialWork, Value)]) {
        let mut row = self.common.clone().with(SocialWork::Event, kind).with(SocialWork::Date, Value::Day(day));
        row.day = day;
        cells.iter().for_each(|&(column, value)| row.set(column, value));
        row.set(SocialWork::Note, self.chunk.free_text(self.person));
        self.chunk.emit(self.organiser.holder, self.person, &row);
    }

    fn within(&mut self, days: (i32, i32)) -> i32 {
        self.chunk.dice.between(days.0, days.1)
    }

    fn chance(&mut self, share: f64) -> bool {
        self.chunk.dice.chance(share)
    }

    fn relation(&mut self) -> Span {
        let before = self.chance(OPEN_BEFORE);
        let first = self.days.first;
        let begins = if before { first - self.within((1, OLDER)) } else { self.within((first, self.days.last)) };
        // What was closed before the data begins is in no data: an old relation is counted from then.
        Span { first: begins, last: begins.max(first) + self.within(LENGTH) }
    }

    /// The events that answer a notice, and the day of its assessment.
    fn answer(&mut self, notice: &Notice) -> Option<i32> {
        if self.chance(RECORDED) {
            let number = self.number(notice);
            let day = notice.arrives + self.within((0, 3));
            self.event(ARRIVES, day, &[(SocialWork::Initiator, KELA), number]);
        }
        if !self.chance(REACHED) {
            return None;
        }
        let days = self.chunk.dice.pick(&DAYS_TO_CONTACT).unwrap_or((0, 7));
        let day = notice.arrives + self.within(days);
        let number = self.number(notice);
        self.contact(day, &[(SocialWork::Initiator, AUTHORITY), number]);
        self.chance(ASSESSED).then(|| self.assess(day, number))
    }

    fn number(&mut self, notice: &Notice) -> (SocialWork, Value) {
        let number = if self.chance(WITH_NUMBER) { Value::Notice(notice.id) } else { Value::Empty };
        (SocialWork::Notice, number)
    }

    fn contact(&mut self, day: i32, cells: &[(SocialWork, Value)]) {
        let mode = self.chunk.dice.pick(&BY_MODE).unwrap_or(Value::Empty);
        let cells: Vec<_> = cells.iter().copied().chain([(SocialWork::Mode, mode)]).collect();
        self.event(CONTACT, day, &cells);
    }

    /// The day on which an assessment that begins on or after `day` is done.
    fn assess(&mut self, day: i32, number: (SocialWork, Value)) -> i32 {
        let begins = day + self.within((0, 14));
        self.event(ASSESSMENT_BEGINS, begins, &[number]);
        let done = begins + self.within((20, 90));
        self.event(ASSESSMENT_DONE, done, &[number]);
        done
    }

    fn becomes_client(&mut self, assessed: i32) -> Option<Span> {
        let relation = Span { first: assessed, last: assessed + self.within(LENGTH) };
        (self.chance(BECOMES_CLIENT) && self.days.contains(assessed)).then_some(relation)
    }

    /// The events of a relation.
    fn client(&mut self, relation: Span, stay: Span, unknown_to_kela: bool) {
        self.begin(relation.first);
        let open = Span { first: relation.first, last: relation.last.min(stay.last) };
        self.contacts(open);
        self.payments(open, SUPPLEMENTARY, SUPPLEMENTARY_PAID);
        self.payments(open, PREVENTIVE, PREVENTIVE_PAID);
        let dead = unknown_to_kela && self.chance(DEATHS);
        let drawn = self.chunk.dice.pick(&ENDED_BY).unwrap_or(Value::Empty);
        let reason = match dead {
            true => DEATH,
            false if stay.last < relation.last => MOVED,
            false => drawn,
        };
        self.event(ENDS, open.last, &[(SocialWork::EndReason, reason)]);
    }

    fn begin(&mut self, day: i32) {
        let initiator = self.chunk.dice.pick(&INITIATED_BY).unwrap_or(Value::Empty);
        let arrived = day - self.within((3, 30));
        self.event(ARRIVES, arrived, &[(SocialWork::Initiator, initiator)]);
        if day < self.days.first {
            // A system extract holds the beginning of a relation that is still open, however old.
            self.write(BEGINS, day, &[]);
        } else {
            self.event(BEGINS, day, &[]);
        }
        let planned = day + self.within((10, 60));
        self.event(PLAN, planned, &[]);
        let decision = GRANTED_OR_NOT[usize::from(self.chance(REFUSED))];
        self.event(DECISION, planned + 5, &[(SocialWork::Decision, decision)]);
    }

    fn contacts(&mut self, open: Span) {
        let mut day = open.first.max(self.days.first) + self.within((1, 60));
        while day <= open.last.min(self.days.last) {
            let initiator = self.chunk.dice.pick(&INITIATED_BY).unwrap_or(Value::Empty);
            self.contact(day, &[(SocialWork::Initiator, initiator)]);
            day += self.within((20, 150));
        }
    }

    fn payments(&mut self, open: Span, share: f64, kind: Value) {
        if !self.chance(share) {
            return;
        }
        for _ in 0..self.within((1, 4)) {
            let day = self.within((open.first.max(self.days.first), open.last));
            let refused = self.chance(REFUSED);
            let cents = if refused { 0 } else { 1000 * self.within((4, 60)) as u32 + self.chunk.dice.below(1000) };
            let decision = GRANTED_OR_NOT[usize::from(refused)];
            self.event(kind, day, &[(SocialWork::Decision, decision), (SocialWork::Euros, Value::Cents(cents))]);
        }
    }
}

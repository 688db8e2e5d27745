//! The study's source tables as records: which delivered columns they have, and what a row says.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray};
use arrow::datatypes::{Date32Type, Decimal64Type, Decimal128Type, Int32Type, UInt16Type};

use crate::config::{Analysis, Contract, Table};
use crate::domain::{Day, Month};
use crate::table::{Codes, ValueType};

/// A source table of the study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Assistance,
    Notices,
    Events,
    Assessments,
}

impl Source {
    /// Its name in the contract.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Assistance => "kela_social_assistance",
            Self::Notices => "kela_notifications",
            Self::Events => "municipal_social_work",
            Self::Assessments => "municipal_avain",
        }
    }
}

/// A row of `kela_social_assistance`. Codes are positions in the contract's lists.
#[derive(Debug, Clone)]
pub(super) struct Assistance {
    pub(super) month: Month,
    /// Whether anything was paid. The annual layout tells no amount, but only months that were paid.
    pub(super) paid: bool,
    /// What was paid to the household, in the smallest unit of the column.
    pub(super) amount: Option<i64>,
    pub(super) reduction: Option<u16>,
    pub(super) household_type: Option<u16>,
    pub(super) primary: Option<bool>,
    pub(super) municipality: Option<u16>,
    pub(super) sex: Option<u16>,
    pub(super) age_months: Option<i32>,
}

/// A row of `kela_notifications`.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    /// The notification's delivered pseudonym, as it is carried.
    pub(super) number: i128,
    pub(super) sent: Day,
    pub(super) kind: Option<u16>,
    pub(super) reason: Option<u16>,
    pub(super) urgency: Option<u16>,
    pub(super) recipient: Option<u16>,
    pub(super) transferred_from: Option<u16>,
    pub(super) transferred: Option<Day>,
    pub(super) sex: Option<u16>,
    pub(super) age_months: Option<i32>,
}

/// What a row of `municipal_social_work` is, as far as the tables ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventKind {
    Opens,
    Closes,
    Contact,
    AssessmentBegins,
    Supplementary,
    Preventive,
    Other,
}

/// Why a client relation ended, as far as the tables ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    Died,
    Moved,
}

/// A row of `municipal_social_work`.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) kind: EventKind,
    pub(super) day: Day,
    pub(super) organiser: Option<u16>,
    /// The notice that it answers, as its number is carried.
    pub(super) notice: Option<i128>,
    pub(super) task: Option<u16>,
    pub(super) service: Option<u16>,
    /// Whether it tells how somebody was contacted.
    pub(super) has_mode: bool,
    pub(super) refused: bool,
    pub(super) amount: Option<i64>,
    pub(super) left: Option<Left>,
}

/// When a goal was assessed, in the order in which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Occasion {
    Beginning,
    FollowUp,
    End,
}

/// A row of `municipal_avain`.
#[derive(Debug, Clone)]
pub(super) struct Assessment {
    /// The plan's delivered pseudonym, as it is carried.
    pub(super) plan: i128,
    pub(super) goal: Option<u16>,
    pub(super) occasion: Occasion,
    pub(super) day: Day,
    pub(super) aim: Option<u16>,
    pub(super) outcome: Option<u16>,
    pub(super) method: Option<u16>,
    pub(super) service: Option<u16>,
}

/// A column that a source table lacks, or has with another type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lacks(pub(super) &'static str);

/// A source table of the contract, whose delivered columns are looked for.
struct Finder<'a>(&'a Table);

impl Finder<'_> {
    fn find(&self, name: &'static str, fits: impl Fn(&ValueType) -> bool) -> Result<usize, Lacks> {
        self.0.field(name).filter(|&at| fits(&self.0.fields[at].value)).ok_or(Lacks(name))
    }

    fn date(&self, name: &'static str) -> Result<usize, Lacks> {
        self.find(name, |value| *value == ValueType::Date)
    }

    fn reference(&self, name: &'static str) -> Result<usize, Lacks> {
        self.find(name, |value| *value == ValueType::Pseudonym)
    }

    fn integer(&self, name: &'static str) -> Result<usize, Lacks> {
        self.find(name, |value| *value == ValueType::Integer)
    }

    fn amount(&self, name: &'static str) -> Result<usize, Lacks> {
        self.find(name, |value| matches!(value, ValueType::Decimal { .. }))
    }

    fn code(&self, name: &'static str) -> Result<usize, Lacks> {
        self.find(name, |value| matches!(value, ValueType::Code(_)))
    }

    /// A column of codes that must be those of this list.
    fn code_of(&self, name: &'static str, codes: &Arc<Codes>) -> Result<usize, Lacks> {
        self.find(name, |value| *value == ValueType::Code(codes.clone()))
    }

    /// The position of a code in the list of the column at `field`; none if the contract does not have it.
    fn position(&self, field: usize, code: &str) -> Option<u16> {
        match &self.0.fields[field].value {
            ValueType::Code(codes) => codes.position(code),
            _ => None,
        }
    }
}

/// Where a delivered table has the columns of its records.
pub(super) trait Columns: Sized {
    const SOURCE: Source;
    type Record;

    /// Finds the columns among the fields of `table`.
    fn find(table: &Table, analysis: &Analysis) -> Result<Self, Lacks>;

    /// Adds the record of each row, which is none where the row lacks what every record has.
    fn read(&self, columns: &[ArrayRef], record: impl FnMut(usize, Self::Record));
}

/// Finds the columns of a source table in `contract`; `None` if it has no such table.
pub(super) fn find<C: Columns>(contract: &Contract, analysis: &Analysis) -> Option<Result<(usize, C), Lacks>> {
    let (position, table) = contract.table(C::SOURCE.name())?;
    Some(C::find(table, analysis).map(|columns| (position, columns)))
}

pub(super) struct AssistanceColumns {
    month: usize,
    decision: usize,
    granted: Option<u16>,
    amount: usize,
    reduction: usize,
    household_type: usize,
    primary: usize,
    municipality: usize,
    sex: usize,
    age_months: usize,
}

impl Columns for AssistanceColumns {
    const SOURCE: Source = Source::Assistance;
    type Record = Assistance;

    fn find(table: &Table, analysis: &Analysis) -> Result<Self, Lacks> {
        let finder = Finder(table);
        let decision = finder.code("decision")?;
        Ok(Self {
            month: finder.find("benefit_month", |value| *value == ValueType::Month)?,
            decision,
            granted: finder.position(decision, "myönnetty"),
            amount: finder.amount("paid_eur")?,
            reduction: finder.code("reduction_pct")?,
            household_type: finder.code("household_type")?,
            primary: finder.find("sa_primary_income", |value| *value == ValueType::Flag)?,
            municipality: finder.code_of("municipality", analysis.municipalities.from())?,
            sex: finder.code("sex")?,
            age_months: finder.integer("age_months")?,
        })
    }

    fn read(&self, columns: &[ArrayRef], mut record: impl FnMut(usize, Assistance)) {
        let (months, decisions) = (dates(&columns[self.month]), codes(&columns[self.decision]));
        let (amounts, primary) = (amounts(&columns[self.amount]), columns[self.primary].as_boolean());
        let [reductions, types, municipalities, sexes] =
            [self.reduction, self.household_type, self.municipality, self.sex].map(|at| codes(&columns[at]));
        let ages = columns[self.age_months].as_primitive::<Int32Type>();
        for row in 0..months.len() {
            let Some(day) = day(months, row) else { continue };
            let decision = value(decisions, row);
            let amount = value(amounts, row);
            record(
                row,
                Assistance {
                    month: Month::of(day),
                    paid: decision.is_some() && decision == self.granted && amount.is_none_or(|amount| amount > 0),
                    amount,
                    reduction: value(reductions, row),
                    household_type: value(types, row),
                    primary: flag(primary, row),
                    municipality: value(municipalities, row),
                    sex: value(sexes, row),
                    age_months: value(ages, row),
                },
            );
        }
    }
}

pub(super) struct NoticeColumns {
    number: usize,
    sent: usize,
    kind: usize,
    reason: usize,
    urgency: usize,
    recipient: usize,
    transferred_from: usize,
    transferred: usize,
    sex: usize,
    age_months: usize,
}

impl Columns for NoticeColumns {
    const SOURCE: Source = Source::Notices;
    type Record = Notice;

    fn find(table: &Table, analysis: &Analysis) -> Result<Self, Lacks> {
        let finder = Finder(table);
        Ok(Self {
            number: finder.reference("notification_id")?,
            sent: finder.date("sent_date")?,
            kind: finder.code("type")?,
            reason: finder.code("reason")?,
            urgency: finder.code("urgency")?,
            recipient: finder.code_of("recipient_code", analysis.organisers.from())?,
            transferred_from: finder.code_of("transferred_from", analysis.organisers.from())?,
            transferred: finder.date("transferred_date")?,
            sex: finder.code("sex")?,
            age_months: finder.integer("age_months")?,
        })
    }

    fn read(&self, columns: &[ArrayRef], mut record: impl FnMut(usize, Notice)) {
        let (numbers, sent) = (references(&columns[self.number]), dates(&columns[self.sent]));
        let transferred = dates(&columns[self.transferred]);
        let [kinds, reasons, urgencies, recipients, from, sexes] =
            [self.kind, self.reason, self.urgency, self.recipient, self.transferred_from, self.sex]
                .map(|at| codes(&columns[at]));
        let ages = columns[self.age_months].as_primitive::<Int32Type>();
        for row in 0..sent.len() {
            let (Some(number), Some(sent)) = (value(numbers, row), day(sent, row)) else { continue };
            record(
                row,
                Notice {
                    number,
                    sent,
                    kind: value(kinds, row),
                    reason: value(reasons, row),
                    urgency: value(urgencies, row),
                    recipient: value(recipients, row),
                    transferred_from: value(from, row),
                    transferred: day(transferred, row),
                    sex: value(sexes, row),
                    age_months: value(ages, row),
                },
            );
        }
    }
}

pub(super) struct EventColumns {
    organiser: usize,
    kind: usize,
    /// What each of the contract's event types is to the tables.
    kinds: Vec<EventKind>,
    day: usize,
    notice: usize,
    task: usize,
    service: usize,
    mode: usize,
    decision: usize,
    refused: Option<u16>,
    amount: usize,
    reason: usize,
    died: Option<u16>,
    moved: Option<u16>,
}

impl EventColumns {
    const KINDS: [(&str, EventKind); 6] = [
        ("ASIAKKUUS_ALKU", EventKind::Opens),
        ("ASIAKKUUS_LOPPU", EventKind::Closes),
        ("YHTEYDENOTTO", EventKind::Contact),
        ("PT_ARVIO_ALKU", EventKind::AssessmentBegins),
        ("TAYD_TUKI", EventKind::Supplementary),
        ("EHK_TUKI", EventKind::Preventive),
    ];

    fn left(&self, reason: Option<u16>) -> Option<Left> {
        match reason {
            None => None,
            reason if reason == self.died => Some(Left::Died),
            reason if reason == self.moved => Some(Left::Moved),
            _ => None,
        }
    }
}

impl Columns for EventColumns {
    const SOURCE: Source = Source::Events;
    type Record = Event;

    fn find(table: &Table, analysis: &Analysis) -> Result<Self, Lacks> {
        let finder = Finder(table);
        let (kind, decision, reason) =
            (finder.code("event_type")?, finder.code("decision")?, finder.code("end_reason")?);
        let ValueType::Code(types) = &table.fields[kind].value else { return Err(Lacks("event_type")) };
        let known = |code: &String| Self::KINDS.iter().find(|(name, _)| name == code);
        Ok(Self {
            organiser: finder.code_of("organiser_code", analysis.organisers.from())?,
            kind,
            kinds: types.values().iter().map(|code| known(code).map_or(EventKind::Other, |(_, kind)| *kind)).collect(),
            day: finder.date("event_date")?,
            notice: finder.reference("linked_notification")?,
            task: finder.code("service_task")?,
            service: finder.code("service")?,
            mode: finder.code("contact_mode")?,
            decision,
            refused: finder.position(decision, "hylätty"),
            amount: finder.amount("eur")?,
            reason,
            died: finder.position(reason, "kuolema"),
            moved: finder.position(reason, "muutto"),
        })
    }

    fn read(&self, columns: &[ArrayRef], mut record: impl FnMut(usize, Event)) {
        let (days, notices, amounts) =
            (dates(&columns[self.day]), references(&columns[self.notice]), amounts(&columns[self.amount]));
        let [organisers, kinds, tasks, services, modes, decisions, reasons] =
            [self.organiser, self.kind, self.task, self.service, self.mode, self.decision, self.reason]
                .map(|at| codes(&columns[at]));
        for row in 0..days.len() {
            let Some(day) = day(days, row) else { continue };
            let kind = value(kinds, row).and_then(|kind| self.kinds.get(usize::from(kind)));
            let decision = value(decisions, row);
            record(
                row,
                Event {
                    kind: kind.copied().unwrap_or(EventKind::Other),
                    day,
                    organiser: value(organisers, row),
                    notice: value(notices, row),
                    task: value(tasks, row),
                    service: value(services, row),
                    has_mode: modes.is_valid(row),
                    refused: decision.is_some() && decision == self.refused,
                    amount: value(amounts, row),
                    left: self.left(value(reasons, row)),
                },
            );
        }
    }
}

pub(super) struct AssessmentColumns {
    plan: usize,
    goal: usize,
    occasion: usize,
    /// What each of the contract's assessments is.
    occasions: Vec<Option<Occasion>>,
    day: usize,
    aim: usize,
    outcome: usize,
    method: usize,
    service: usize,
}

impl AssessmentColumns {
    const OCCASIONS: [(&str, Occasion); 3] =
        [("ALKU", Occasion::Beginning), ("SEURANTA", Occasion::FollowUp), ("LOPPU", Occasion::End)];
}

impl Columns for AssessmentColumns {
    const SOURCE: Source = Source::Assessments;
    type Record = Assessment;

    fn find(table: &Table, _: &Analysis) -> Result<Self, Lacks> {
        let finder = Finder(table);
        let occasion = finder.code("assessment")?;
        let ValueType::Code(occasions) = &table.fields[occasion].value else { return Err(Lacks("assessment")) };
        let known = |code: &String| Self::OCCASIONS.iter().find(|(name, _)| name == code).map(|(_, known)| *known);
        Ok(Self {
            plan: finder.reference("plan_id")?,
            goal: finder.code("goal_category")?,
            occasion,
            occasions: occasions.values().iter().map(known).collect(),
            day: finder.date("assessment_date")?,
            aim: finder.code("aim")?,
            outcome: finder.code("outcome")?,
            method: finder.code("method")?,
            service: finder.code("service")?,
        })
    }

    fn read(&self, columns: &[ArrayRef], mut record: impl FnMut(usize, Assessment)) {
        let (plans, days) = (references(&columns[self.plan]), dates(&columns[self.day]));
        let [goals, occasions, aims, outcomes, methods, services] =
            [self.goal, self.occasion, self.aim, self.outcome, self.method, self.service].map(|at| codes(&columns[at]));
        for row in 0..days.len() {
            let occasion = value(occasions, row).and_then(|occasion| self.occasions[usize::from(occasion)]);
            let (Some(plan), Some(day), Some(occasion)) = (value(plans, row), day(days, row), occasion) else {
                continue;
            };
            record(
                row,
                Assessment {
                    plan,
                    goal: value(goals, row),
                    occasion,
                    day,
                    aim: value(aims, row),
                    outcome: value(outcomes, row),
                    method: value(methods, row),
                    service: value(services, row),
                },
            );
        }
    }
}

fn codes(column: &ArrayRef) -> &PrimitiveArray<UInt16Type> {
    column.as_primitive()
}

fn dates(column: &ArrayRef) -> &PrimitiveArray<Date32Type> {
    column.as_primitive()
}

fn amounts(column: &ArrayRef) -> &PrimitiveArray<Decimal64Type> {
    column.as_primitive()
}

fn references(column: &ArrayRef) -> &PrimitiveArray<Decimal128Type> {
    column.as_primitive()
}

fn value<T: ArrowPrimitiveType>(column: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    column.is_valid(row).then(|| column.value(row))
}

fn day(column: &PrimitiveArray<Date32Type>, row: usize) -> Option<Day> {
    value(column, row).and_then(Day::from_epoch_days)
}

fn flag(column: &BooleanArray, row: usize) -> Option<bool> {
    column.is_valid(row).then(|| column.value(row))
}

impl Event {
    /// Whether somebody met or talked with the person: a contact with a mode, or the beginning of an assessment. A notice
    /// that arrives is none.
    pub(super) fn is_contact(&self) -> bool {
        self.kind == EventKind::AssessmentBegins || (self.kind == EventKind::Contact && self.has_mode)
    }
}

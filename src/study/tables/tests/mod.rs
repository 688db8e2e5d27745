//! Cases that were worked out by hand from the definitions of the tables.

mod columns;
mod landmarks;
mod notices;
mod persons;
mod spells;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use super::context::Context;
use super::person_records::{Person, PersonRecords};
use super::rows::{Answers, Rows};
use super::sources::{Assessment, Assistance, Event, EventKind, Left, Notice, Occasion};
use super::*;
use crate::config::{Contract, Coverage, Label};
use crate::table::{Spills, ValueType, encode_column};
use crate::text::Language;
use salanimi_core::{Day, Days, Id, Key, LinkKey, LinkKeys, LinkedId, Month};

/// The contract of the study, whose data covers Kela from 2017, Helsinki (091) to the end of 2022 and then its county
/// (90), and Tampere (837) from mid 2018 to mid 2019.
struct Setting {
    contract: Contract,
    settings: Settings,
    coverage: Vec<Coverage>,
}

/// The study's analysis, and a copy of its settings.
#[derive(Default)]
struct Observed(OnceLock<Settings>);

impl AnalysisKind for Observed {
    fn name(&self) -> &'static str {
        NAME
    }

    fn configure(&self, settings: &toml::Table, contract: &ContractParts<'_>) -> Result<Box<dyn Analysis>, Problem> {
        let resolved = Settings::resolve(settings, contract)?;
        Ok(Box::new(Configured { settings: self.0.get_or_init(|| resolved).clone() }))
    }
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn month(text: &str) -> Month {
    Month::of(day(text))
}

impl Setting {
    fn new() -> Self {
        let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/studies/toituavain/contract.toml");
        let observed = Observed::default();
        let mut contract = Contract::read(&contract, &[&observed]).unwrap();
        contract.study.window.last = day("2024-12-31");
        let covers = |table: &str, organiser: &str, first: &str, last: &str| Coverage {
            organiser: organiser.to_owned(),
            table: Id::new(table).unwrap(),
            first: day(first),
            last: day(last),
        };
        let coverage = vec![
            covers("kela_notifications", "kela", "2017-01-01", "2024-12-31"),
            covers("kela_social_assistance", "kela", "2017-01-01", "2019-12-31"),
            covers("municipal_social_work", "091", "2017-01-01", "2022-12-31"),
            covers("municipal_social_work", "837", "2018-07-01", "2019-06-30"),
            covers("municipal_social_work", "90", "2023-01-01", "2024-12-31"),
            covers("municipal_avain", "091", "2017-01-01", "2019-12-31"),
        ];
        Self { contract, settings: observed.0.into_inner().unwrap(), coverage }
    }

    fn context<'a>(&'a self, keys: &'a LinkKeys<'a>) -> Context<'a> {
        let link = LinkSetup {
            sources: self.contract.source_tables(),
            coverage: &self.coverage,
            delivered: Vec::new(),
            keys,
            least: 1,
            memory: 0,
            folder: Path::new(""),
            spills: Spills::InClear,
        };
        Context::new(&self.settings, &link)
    }

    /// The position of an organiser or municipality in its list of codes.
    fn organiser(&self, code: &str) -> Option<u16> {
        self.settings.organisers.from().position(code)
    }

    fn home(&self, code: &str) -> Option<u16> {
        self.settings.municipalities.from().position(code)
    }

    /// The position of a code in the list of a column.
    fn code(&self, table: &str, column: &str, code: &str) -> Option<u16> {
        let (_, table) = self.contract.table(table).unwrap();
        match &table.fields[table.field(column).unwrap()].value {
            ValueType::Code(codes) => Some(codes.position(code).unwrap()),
            _ => unreachable!(),
        }
    }

    /// The rows of one table for a person of these records, each cell as text; `-` where there is none.
    fn rows(&self, kind: Kind, records: &Records) -> Vec<BTreeMap<String, String>> {
        let key = LinkKey::from_bytes([7; 32]);
        let keys = LinkKeys::new(&key, &self.contract.study.id);
        let context = self.context(&keys);
        let mut assistance = records.assistance.clone();
        assistance.sort_by_key(|row| row.month);
        let records = PersonRecords {
            assistance: &assistance,
            notices: &records.notices,
            events: &records.events,
            assessments: &records.assessments,
        };
        let person = Person::new(&context, LinkedId([1; 8]), &records);
        let fields = kind.fields(&ColumnTypes::new(&self.contract.source_tables(), &self.settings));
        let mut rows = Rows::new(fields.len(), 1);
        kind.add(&context, &person, &mut rows);
        let columns: Vec<(String, Vec<String>)> =
            rows.finish(&fields).iter().zip(&fields).map(|(c, f)| (f.name.clone(), texts(c, &f.value))).collect();
        let cells = |row: usize| columns.iter().map(|(name, cells)| (name.clone(), cells[row].clone())).collect();
        (0..columns[0].1.len()).map(cells).collect()
    }

    /// The one row of a table, in which each of `expected` is looked up as `column=text`.
    fn expect(&self, kind: Kind, records: &Records, expected: &str) {
        let rows = self.rows(kind, records);
        assert_eq!(rows.len(), 1, "{rows:?}");
        holds(&rows[0], expected);
    }
}

fn holds(row: &BTreeMap<String, String>, expected: &str) {
    for (name, text) in expected.split_whitespace().map(|pair| pair.split_once('=').unwrap()) {
        assert_eq!(row[name], text, "{name} in {row:?}");
    }
}

fn texts(column: &arrow::array::ArrayRef, value: &ValueType) -> Vec<String> {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::{Date32Type, Int32Type};
    let shown = encode_column(column, value).unwrap();
    let text = |row: usize| match value {
        _ if shown.is_null(row) => "-".to_owned(),
        ValueType::Code(codes) => {
            codes.values()[usize::from(column.as_primitive::<arrow::datatypes::UInt16Type>().value(row))].clone()
        }
        ValueType::Month => {
            Day::from_epoch_days(shown.as_primitive::<Date32Type>().value(row)).unwrap().to_string()[..7].to_owned()
        }
        ValueType::Integer => shown.as_primitive::<Int32Type>().value(row).to_string(),
        ValueType::Flag => shown.as_boolean().value(row).to_string(),
        _ => shown.as_string::<i32>().value(row).to_owned(),
    };
    (0..shown.len()).map(text).collect()
}

/// The records of one person.
#[derive(Default, Clone)]
struct Records {
    assistance: Vec<Assistance>,
    notices: Vec<Notice>,
    events: Vec<Event>,
    assessments: Vec<Assessment>,
}

impl Records {
    /// A month of assistance of so many euros; in euros' hundredths, as the column has them.
    fn paid(mut self, text: &str, euros: i64) -> Self {
        self.assistance.push(Assistance {
            month: month(text),
            role: None,
            is_adult: true,
            is_applicant: true,
            household: None,
            paid: euros > 0,
            amount: Some(euros * 100),
            reduction: None,
            household_type: None,
            activity: None,
            primary: None,
            municipality: None,
            sex: None,
            age_months: None,
        });
        self
    }

    /// Months of assistance from one to another.
    fn paid_from_to(self, first: &str, last: &str) -> Self {
        let months = 0..=month(last).since(month(first));
        months.fold(self, |records, later| records.paid(&month(first).plus(later).first_day().to_string()[..7], 100))
    }

    /// Changes the last row of assistance.
    fn with(mut self, change: impl Fn(&mut Assistance)) -> Self {
        self.assistance.last_mut().map(change).unwrap();
        self
    }

    fn notice(mut self, sent: &str, recipient: Option<u16>) -> Self {
        self.notices.push(Notice {
            number: 1000 + self.notices.len() as i128,
            sent: day(sent),
            kind: None,
            reason: None,
            urgency: None,
            recipient,
            transferred_from: None,
            transferred: None,
            sex: None,
            age_months: None,
        });
        self
    }

    /// The last notice was transferred on a day, from another organiser.
    fn transferred(mut self, on: &str, from: Option<u16>) -> Self {
        let notice = self.notices.last_mut().unwrap();
        (notice.transferred, notice.transferred_from) = (Some(day(on)), from);
        self
    }

    fn event(mut self, kind: EventKind, on: &str, organiser: Option<u16>) -> Self {
        self.events.push(Event {
            kind,
            day: day(on),
            organiser,
            notice: None,
            task: None,
            service: None,
            has_mode: true,
            refused: false,
            amount: None,
            left: None,
        });
        self
    }

    /// Changes the last event.
    fn but(mut self, change: impl Fn(&mut Event)) -> Self {
        self.events.last_mut().map(change).unwrap();
        self
    }

    fn assessed(mut self, occasion: Occasion, on: &str, (aim, outcome, method): (u16, Option<u16>, u16)) -> Self {
        self.assessments.push(Assessment {
            plan: 5,
            organiser: None,
            goal: Some(0),
            occasion,
            day: day(on),
            aim: Some(aim),
            outcome,
            method: Some(method),
            service: None,
            age_months: Some(300),
        });
        self
    }
}

/// The study with a window and assistance from January 2018 to June 2019, and its landmark after four months.
fn eighteen_months() -> Setting {
    let mut setting = Setting::new();
    setting.contract.study.window = Days { first: day("2018-01-01"), last: day("2019-06-30") };
    setting.coverage.retain(|entry| entry.table.as_str() != "kela_social_assistance");
    setting.coverage.push(Coverage {
        organiser: "kela".to_owned(),
        table: Id::new("kela_social_assistance").unwrap(),
        first: day("2018-01-01"),
        last: day("2019-06-30"),
    });
    setting
}

/// Returns the month at a position, 1 for January 2018.
fn at(position: i32) -> Month {
    month("2018-01").plus(position - 1)
}

/// Records of a person who was paid in these months, by position.
fn paid_at(months: impl IntoIterator<Item = i32>) -> Records {
    months.into_iter().fold(Records::default(), |records, position| records.paid(&at(position).to_string(), 100))
}

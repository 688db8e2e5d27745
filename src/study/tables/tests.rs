//! Cases that were worked out by hand from the definitions of the tables.

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

#[test]
fn every_table_has_the_columns_of_the_schema() {
    let setting = Setting::new();
    let types = ColumnTypes::new(&setting.contract.source_tables(), &setting.settings);
    for kind in Kind::ALL {
        let fields = kind.fields(&types);
        let made: Vec<(&str, &str)> = fields.iter().map(|f| (f.name.as_str(), f.value.name())).collect();
        let table = schema::tables().iter().find(|table| table.name == kind.name()).unwrap();
        let known: Vec<(&str, &str)> = table.columns.iter().map(|c| (c.name.as_str(), c.value.as_str())).collect();
        assert_eq!(made, known, "{}", kind.name());
    }
}

/// Returns true if a label is in every language of the reports.
fn has_every_language(label: &Label) -> bool {
    let translated: Vec<&str> = label.translations().map(|(code, _)| code).collect();
    Language::ALL.into_iter().skip(1).all(|language| translated.contains(&language.code()))
}

#[test]
fn every_column_that_the_study_shows_has_a_title_and_every_code_a_label() {
    let Setting { contract, .. } = Setting::new();
    let analysis = contract.analysis.as_ref().unwrap();
    let source = |table: &crate::config::Table| -> Vec<Field> {
        let shown = table.fields[1..]
            .iter()
            .filter_map(|field| Some(Field { name: field.name.clone(), value: table.linked_value(&field.name)? }));
        shown.collect()
    };
    let sources = contract.tables.iter().map(|table| (table.name.as_str(), source(table)));
    let made = analysis
        .tables()
        .iter()
        .map(|table| (table.name.as_str(), analysis.fields(&contract.source_tables(), &table.name).unwrap()));
    for (table, fields) in sources.chain(made) {
        let title = contract.words.table(table);
        assert!(has_every_language(&title), "{table} has no title");
        for Field { name, value } in fields {
            let words = contract.words.column(table, &name);
            assert!(words.is_some_and(|words| has_every_language(&words.title)), "{table}.{name} has no title");
            let ValueType::Code(codes) = value else { continue };
            let list = contract.words.code_list(table, &name);
            let is_bare = |code: &&String| !contract.words.code(list, code).is_some_and(has_every_language);
            let bare: Vec<_> = codes.values().iter().filter(is_bare).collect();
            assert!(bare.is_empty(), "{table}.{name}: {bare:?} have no label");
        }
    }
}

#[test]
fn breaks_in_time_are_in_order_and_concern_known_tables() {
    let Setting { contract, .. } = Setting::new();
    let breaks = contract.words.breaks();
    assert!(breaks.len() == 6 && breaks.is_sorted_by_key(|change| change.first));
    let analysis = contract.analysis.as_ref().unwrap();
    let is_known = |name: &Id| contract.table(name.as_str()).is_some() || analysis.table(name.as_str()).is_some();
    assert!(breaks.iter().flat_map(|change| &change.tables).all(is_known));
}

#[test]
fn the_first_contact_is_the_first_with_a_mode_on_or_after_the_day_at_the_recipient() {
    let setting = Setting::new();
    let (here, elsewhere) = (setting.organiser("091"), setting.organiser("837"));
    let records = Records::default()
        .notice("2018-03-01", here)
        // Before; not with the person; without a mode; elsewhere.
        .event(EventKind::Contact, "2018-02-28", here)
        .event(EventKind::Other, "2018-03-02", here)
        .event(EventKind::Contact, "2018-03-03", here)
        .but(|event| event.has_mode = false)
        .event(EventKind::Contact, "2018-03-04", elsewhere)
        .event(EventKind::AssessmentBegins, "2018-03-12", here)
        .event(EventKind::Contact, "2018-03-09", here);
    setting.expect(
        Kind::Notification,
        &records,
        "days_to_first_contact=8 days_to_assessment=11 match_kind=rule reached_7d=false reached_30d=true \
         reached_90d=true censored_90d=false censor_reason=- recipient_county=90 transferred=false sent_month=2018-03",
    );
    let same_day = Records::default().notice("2018-03-01", here).event(EventKind::Contact, "2018-03-01", here);
    setting.expect(
        Kind::Notification,
        &same_day,
        "days_to_first_contact=0 working_days_to_first_contact=0 reached_7d=true",
    );
    let nobody = Records::default().notice("2018-03-01", here);
    setting.expect(Kind::Notification, &nobody, "days_to_first_contact=- match_kind=none reached_90d=false");
}

#[test]
fn contacts_on_the_day_of_sending_are_counted() {
    let setting = Setting::new();
    let here = setting.organiser("091");
    let key = LinkKey::from_bytes([7; 32]);
    let keys = LinkKeys::new(&key, &setting.contract.study.id);
    let context = setting.context(&keys);
    let records = Records::default()
        .notice("2018-03-01", here)
        .notice("2018-03-05", here)
        .notice("2018-09-01", here)
        .event(EventKind::Contact, "2018-03-05", here);
    let person =
        PersonRecords { assistance: &[], notices: &records.notices, events: &records.events, assessments: &[] };
    let person = Person::new(&context, LinkedId([1; 8]), &person);
    let types = ColumnTypes::new(&setting.contract.source_tables(), &setting.settings);
    let mut rows = Rows::new(Kind::Notification.fields(&types).len(), 1);
    Kind::Notification.add(&context, &person, &mut rows);
    assert_eq!(rows.answers(), Answers { same_day: 1, all: 2 });
}

#[test]
fn an_event_that_names_the_notice_answers_it_before_one_that_does_not() {
    let setting = Setting::new();
    let here = setting.organiser("091");
    let records = Records::default()
        .notice("2018-03-01", here)
        .event(EventKind::Contact, "2018-03-02", here)
        .event(EventKind::Contact, "2018-03-20", here)
        .but(|event| event.notice = Some(1000))
        // The notice itself, arriving.
        .event(EventKind::Other, "2018-03-01", here)
        .but(|event| event.notice = Some(1000));
    setting.expect(
        Kind::Notification,
        &records,
        "days_to_first_contact=19 match_kind=linked reached_7d=false reached_30d=true",
    );
}

#[test]
fn working_days_to_a_contact_leave_out_holidays() {
    let setting = Setting::new();
    let here = setting.organiser("091");
    // Friday 21 December 2018 to Friday 28 December: 27 and 28 are working days.
    let records = Records::default().notice("2018-12-21", here).event(EventKind::Contact, "2018-12-28", here);
    setting.expect(Kind::Notification, &records, "days_to_first_contact=7 working_days_to_first_contact=2");
}

#[test]
fn whether_a_person_was_reached_is_known_only_as_far_as_the_data_goes_whatever_the_outcome() {
    let setting = Setting::new();
    let here = setting.organiser("837");
    let reached = Records::default().notice("2019-06-20", here).event(EventKind::Contact, "2019-06-23", here);
    let not_reached = Records::default().notice("2019-06-20", here);
    for (records, days) in [(reached, "3"), (not_reached, "-")] {
        setting.expect(
            Kind::Notification,
            &records,
            &format!(
                "reached_30d=- reached_90d=- censored_7d=false censored_30d=true censored_90d=true \
                 censor_reason=data_end followed_days=10 days_to_first_contact={days}"
            ),
        );
    }
    // The last day of the data is the 30th.
    let just = Records::default().notice("2019-05-31", here);
    setting.expect(Kind::Notification, &just, "reached_30d=false censored_30d=false followed_days=30");
    let later = Records::default().notice("2019-06-01", here);
    setting.expect(Kind::Notification, &later, "reached_30d=- censored_30d=true followed_days=29");
}

#[test]
fn a_notice_to_an_organiser_that_is_not_covered_says_nothing() {
    let setting = Setting::new();
    let uncovered = setting.organiser("020");
    let records = Records::default().notice("2018-03-01", uncovered).event(EventKind::Contact, "2018-03-02", uncovered);
    setting.expect(
        Kind::Notification,
        &records,
        "days_to_first_contact=- reached_7d=- censored_7d=true censor_reason=not_covered followed_days=- \
         already_client=- match_kind=none",
    );
    // Tampere's data begins in July 2018.
    let before = Records::default().notice("2018-06-30", setting.organiser("837"));
    setting.expect(Kind::Notification, &before, "reached_7d=- censor_reason=not_covered");
}

#[test]
fn after_a_transfer_contact_is_looked_for_at_the_new_recipient() {
    let setting = Setting::new();
    let (first, second, uncovered) = (setting.organiser("837"), setting.organiser("091"), setting.organiser("020"));
    let transferred = |to| Records::default().notice("2018-09-01", to).transferred("2018-09-10", first);
    let old_later = transferred(second).event(EventKind::Contact, "2018-09-12", first);
    setting.expect(Kind::Notification, &old_later, "transferred=true days_to_first_contact=- reached_30d=false");
    let old_before = transferred(second).event(EventKind::Contact, "2018-09-09", first);
    setting.expect(Kind::Notification, &old_before, "days_to_first_contact=8 reached_7d=false reached_30d=true");
    let new_before = transferred(second).event(EventKind::Contact, "2018-09-09", second);
    setting.expect(Kind::Notification, &new_before, "days_to_first_contact=-");
    let new_later = transferred(second).event(EventKind::Contact, "2018-09-10", second);
    setting.expect(Kind::Notification, &new_later, "days_to_first_contact=9 recipient_county=90");
    // To whoever delivers nothing: the first nine days are known.
    let out = transferred(uncovered);
    setting.expect(
        Kind::Notification,
        &out,
        "reached_7d=false reached_30d=- censor_reason=transferred_out followed_days=8",
    );
}

#[test]
fn counties_take_over_from_municipalities_in_2023() {
    let setting = Setting::new();
    let (municipality, county) = (setting.organiser("091"), setting.organiser("90"));
    let records = Records::default()
        .notice("2022-12-15", municipality)
        .event(EventKind::Contact, "2023-01-02", municipality)
        .event(EventKind::Contact, "2023-01-10", county);
    setting.expect(Kind::Notification, &records, "days_to_first_contact=26 reached_90d=true censor_reason=-");
}

#[test]
fn who_dies_or_moves_away_is_followed_no_longer() {
    let setting = Setting::new();
    let (here, elsewhere) = (setting.organiser("091"), setting.organiser("837"));
    let gone = |left: Left, organiser| {
        Records::default()
            .notice("2018-08-01", here)
            .event(EventKind::Contact, "2018-08-04", here)
            .event(EventKind::Closes, "2018-08-20", organiser)
            .but(move |event| event.left = Some(left))
    };
    let censored = "reached_7d=true reached_30d=- reached_90d=- censor_reason=death_or_move followed_days=19";
    setting.expect(Kind::Notification, &gone(Left::Moved, here), censored);
    setting.expect(Kind::Notification, &gone(Left::Died, elsewhere), censored);
    setting.expect(Kind::Notification, &gone(Left::Moved, elsewhere), "reached_90d=true censor_reason=-");
}

#[test]
fn who_was_a_client_already_is_known_after_twelve_months_of_data() {
    let setting = Setting::new();
    let here = setting.organiser("091");
    let client = |sent: &str, opens: &str, closes: &str| {
        let records = Records::default().notice(sent, here).event(EventKind::Opens, opens, here);
        if closes.is_empty() { records } else { records.event(EventKind::Closes, closes, here) }
    };
    for (sent, opens, closes, expected) in [
        ("2018-06-01", "2018-01-15", "", "true"),
        ("2018-06-01", "2018-01-15", "2018-06-01", "true"),
        ("2018-06-01", "2018-01-15", "2018-05-31", "false"),
        ("2018-06-01", "2018-06-01", "", "true"),
        ("2018-06-01", "2018-06-02", "", "false"),
        // The data begins on 1 January 2017.
        ("2018-01-01", "2017-03-01", "", "true"),
        ("2017-12-31", "2017-03-01", "", "-"),
    ] {
        let records = client(sent, opens, closes);
        setting.expect(Kind::Notification, &records, &format!("already_client={expected}"));
    }
    // What only ends was open before; what begins and ends on one day was open on it; who is another's client is none.
    let ends = Records::default().notice("2018-06-01", here).event(EventKind::Closes, "2018-07-01", here);
    setting.expect(Kind::Notification, &ends, "already_client=true");
    setting.expect(Kind::Notification, &client("2018-06-01", "2018-06-01", "2018-06-01"), "already_client=true");
    setting.expect(Kind::Notification, &client("2018-06-02", "2018-06-01", "2018-06-01"), "already_client=false");
    let other =
        Records::default().notice("2018-06-01", here).event(EventKind::Opens, "2018-01-01", setting.organiser("837"));
    setting.expect(Kind::Notification, &other, "already_client=false");
}

#[test]
fn spells_end_by_both_rules() {
    let setting = Setting::new();
    // Paid January to March, then May, then August 2018.
    let records = Records::default().paid_from_to("2018-01", "2018-03").paid("2018-05", 1).paid("2018-08", 1);
    let rows = setting.rows(Kind::Spell, &records);
    let told: Vec<String> = rows
        .iter()
        .map(|r| {
            format!("{}/{} {} {} {}", r["exit_rule"], r["spell_no"], r["start_month"], r["length_months"], r["exited"])
        })
        .collect();
    assert_eq!(
        told,
        ["1/1 2018-01 3 true", "1/2 2018-05 1 true", "1/3 2018-08 1 true", "2/1 2018-01 5 true", "2/2 2018-08 1 true"]
    );
}

#[test]
fn a_spell_has_ended_only_if_the_months_after_it_are_in_the_data() {
    let setting = Setting::new();
    for (last, by_one, by_two) in
        [("2019-12", "false", "false"), ("2019-11", "true", "false"), ("2019-10", "true", "true")]
    {
        let rows = setting.rows(Kind::Spell, &Records::default().paid_from_to("2019-08", last));
        assert_eq!((rows[0]["exited"].as_str(), rows[1]["exited"].as_str()), (by_one, by_two), "{last}");
    }
}

#[test]
fn a_spell_tells_the_month_of_the_first_notice_in_it() {
    let setting = Setting::new();
    let here = setting.organiser("091");
    let paid = || Records::default().paid_from_to("2018-03", "2018-07");
    let spells = |records: &Records| setting.rows(Kind::Spell, records);
    let flagged = paid().notice("2018-06-30", here).notice("2018-05-01", here).notice("2018-02-28", here);
    holds(&spells(&flagged)[0], "flag_month_relative=2");
    holds(&spells(&paid().notice("2018-08-01", here))[0], "flag_month_relative=-");
}

#[test]
fn ages_are_told_around_the_threshold_at_25_years() {
    let setting = Setting::new();
    for (age, told) in [(275, "-"), (276, "-24"), (299, "-1"), (300, "0"), (323, "23"), (324, "-")] {
        let records = Records::default().paid("2018-03", 1).with(|row| row.age_months = Some(age));
        holds(&setting.rows(Kind::Spell, &records)[0], &format!("age_months_minus_300={told}"));
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

impl Records {
    /// Adds a notice of the rule about people under 25, sent in the month at a position.
    fn by_rule(self, setting: &Setting, position: i32) -> Self {
        let kind = setting.code("kela_notifications", "type", "TYOTON_ALLE25_4KK");
        let mut records = self.notice(&format!("{}-15", at(position)), None);
        records.notices.last_mut().unwrap().kind = kind;
        records
    }
}

#[test]
fn time_is_counted_from_the_landmark_and_ends_where_an_exit_could_no_longer_be_seen() {
    let setting = eighteen_months();
    let one = |records: &Records, expected: &str| setting.expect(Kind::Landmark, records, expected);
    let none = |records: &Records| assert!(setting.rows(Kind::Landmark, records).is_empty());
    let a = paid_at(2..=10).by_rule(&setting, 6);
    one(
        &a,
        "landmark=4 spell_no=1 start_month=2018-02 landmark_month=2018-06 months_followed=5 exited=true flagged=true \
         flagged_by_rule=true flagged_earlier=false flagged_later_month=-",
    );
    // Ended before the landmark; began with the data.
    none(&paid_at(2..=5));
    none(&paid_at(1..=9));
    // One empty month does not end the spell, but it ends the run.
    one(&paid_at([2, 3, 5, 6, 7, 8, 9, 10]), "landmark_month=2018-09 months_followed=2 exited=true");
    let still_paid = paid_at(2..=18).by_rule(&setting, 7);
    one(&still_paid, "months_followed=11 exited=false flagged=false flagged_later_month=1 flagged_earlier=false");
    one(&paid_at(13..=18), "landmark_month=2019-05 months_followed=0 exited=false");
    let mut child = paid_at(2..=10);
    child.assistance.iter_mut().for_each(|row| (row.is_adult, row.is_applicant) = (false, false));
    none(&child);
    one(&paid_at(2..=10).by_rule(&setting, 3), "flagged_earlier=true flagged=false flagged_by_rule=false");
    one(&paid_at(2..=16), "months_followed=11 exited=true");
    one(&paid_at(2..=17), "months_followed=11 exited=false");
    one(&paid_at(2..=6), "months_followed=1 exited=true");
    let mut spouse = paid_at(2..=10);
    spouse.assistance.iter_mut().for_each(|row| row.is_applicant = false);
    one(&spouse, "applicant=false months_followed=5");
}

#[test]
fn a_landmark_fixes_what_is_known_by_then() {
    let setting = eighteen_months();
    let activity = setting.code("kela_social_assistance", "main_activity", "unemployed");
    let mut records = paid_at([2, 3, 4, 5, 6, 7, 9]).notice("2018-05-31", None);
    for (position, row) in records.assistance.iter_mut().enumerate() {
        row.age_months = Some(295 + position as i32);
        row.activity = activity.filter(|_| position != 1);
        row.primary = Some(position != 2);
    }
    // In the rule month, May, the age is 298 months. February and May qualify.
    setting.expect(
        Kind::Landmark,
        &records,
        "age_months_minus_300=-2 under_25=true main_activity=unemployed qualifying_months=2 flagged=true \
         flagged_by_rule=false rule_in_force=true paid_m1=true primary_m1=true paid_m2=false primary_m2=false \
         paid_m3=true paid_m4=false paid_m12=false",
    );
    setting.expect(Kind::Landmark, &paid_at(9..=18), "landmark_month=2019-01 paid_m5=true paid_m6=- primary_m6=-");
    // What no row tells stays empty: the age, the activity and the primary income.
    setting.expect(Kind::Landmark, &paid_at(2..=8), "under_25=- main_activity=- primary_m1=- primary_m4=false");
}

#[test]
fn a_rule_is_in_force_before_or_after_its_first_day_and_neither_between() {
    let setting = Setting::new();
    for (first, last, told) in
        [("2017-05", "2017-09", "false"), ("2017-07", "2017-11", "-"), ("2017-08", "2017-12", "true")]
    {
        let records = Records::default().paid_from_to(first, last);
        setting.expect(Kind::Landmark, &records, &format!("rule_in_force={told}"));
    }
}

#[test]
fn an_end_that_could_not_be_seen_does_not_prolong_the_time_at_risk() {
    let mut setting = eighteen_months();
    setting.coverage.iter_mut().for_each(|entry| entry.last = entry.last.min(day("2018-06-30")));
    let followed = |first: i32, last: i32| {
        let rows = setting.rows(Kind::Spell, &paid_at(first..=last));
        let by_two = rows.iter().find(|row| row["exit_rule"] == "2").unwrap();
        (by_two["months_followed"].parse::<u32>().unwrap(), by_two["exited"].clone())
    };
    let spells = [followed(1, 1), followed(5, 5), followed(4, 6), followed(1, 2)];
    assert_eq!(spells.clone().map(|(months, _)| months), [1, 0, 1, 2]);
    // Kaplan and Meier by hand: 2/3 after one month, 0 after two.
    let survival = |time: u32| {
        (1..=time).fold(1.0, |survival, step| {
            let at_risk = spells.iter().filter(|(months, _)| *months >= step).count() as f64;
            let events = spells.iter().filter(|(months, exited)| *months == step && exited == "true").count() as f64;
            survival * (1.0 - events / at_risk)
        })
    };
    assert!((survival(1) - 2.0 / 3.0).abs() < 1e-12 && survival(2).abs() < 1e-12);
}

#[test]
fn a_steady_rate_of_exit_is_estimated_without_bias() {
    const EXIT: f64 = 0.2;
    const LAST: i32 = 18;
    let setting = eighteen_months();
    let mut at_risk = [0.0; 12];
    let mut events = [0.0; 12];
    for start in 2..=10 {
        let longest = LAST - start + 1;
        for length in 1..=longest {
            // The share of spells of this length. Those that go on to the end of the data are one.
            let stays = (1.0 - EXIT).powi(length - 1);
            let share = if length < longest { stays * EXIT } else { stays };
            let rows = setting.rows(Kind::Spell, &paid_at(start..start + length));
            let spell = rows.iter().find(|row| row["exit_rule"] == "2").unwrap();
            let followed: usize = spell["months_followed"].parse().unwrap();
            at_risk.iter_mut().take(followed).for_each(|sum| *sum += share);
            if spell["exited"] == "true" && followed <= events.len() {
                events[followed - 1] += share;
            }
        }
    }
    let survival: f64 = events.iter().zip(&at_risk).map(|(events, at_risk)| 1.0 - events / at_risk).product();
    assert!((survival - (1.0 - EXIT).powi(12)).abs() < 1e-9, "{survival}");
}

#[test]
fn the_rows_of_a_spell_are_its_counting_process() {
    let setting = eighteen_months();
    let records = paid_at([2, 3, 5]).notice("2018-03-10", None);
    let rows = setting.rows(Kind::PersonMonth, &records);
    let told: Vec<String> = rows
        .iter()
        .map(|row| {
            format!("{} {} {} {}", row["basic_paid"], row["spell_month"], row["months_since_flag"], row["exits"])
        })
        .collect();
    // April has no record of any source, but it lies in the spell.
    assert_eq!(told, ["true 1 - false", "true 2 0 false", "false 3 1 false", "true 4 2 true"]);
    let late = setting.rows(Kind::PersonMonth, &paid_at(15..=18));
    let exits: Vec<&str> = late.iter().map(|row| row["exits"].as_str()).collect();
    assert_eq!(exits, ["false", "false", "-", "-"]);
    let truncated = setting.rows(Kind::PersonMonth, &paid_at(1..=2));
    holds(&truncated[1], "spell_month=- exits=true");
}

#[test]
fn outcomes_are_those_of_the_last_assessment_after_the_beginning() {
    let setting = Setting::new();
    let outcome = |code: &str| setting.code("municipal_avain", "outcome", code);
    let aim = setting.code("municipal_avain", "aim", "PARANTAA").unwrap();
    let records = Records::default()
        .assessed(Occasion::Beginning, "2018-02-10", (aim, None, 1))
        .assessed(Occasion::FollowUp, "2018-06-01", (aim, outcome("heikkeni"), 2))
        .assessed(Occasion::FollowUp, "2018-09-01", (aim, outcome("ennallaan"), 1))
        .assessed(Occasion::End, "2018-09-01", (aim, outcome("parani"), 2))
        // Without an outcome it tells nothing.
        .assessed(Occasion::End, "2018-12-01", (aim, None, 2))
        // January, and from December 2017; February is neither before nor after.
        .paid_from_to("2017-12", "2018-02")
        .paid("2018-05", 1)
        .paid("2019-02", 1)
        .paid("2019-03", 1);
    setting.expect(
        Kind::Goal,
        &records,
        "aim=PARANTAA start_month=2018-02 followup_month=2018-09 outcome=parani followup=assessed n_methods=2 \
         n_services=0 sa_months_before=2 sa_months_after=2",
    );
    let only_later = Records::default().assessed(Occasion::FollowUp, "2018-06-01", (aim, outcome("parani"), 2));
    setting.expect(Kind::Goal, &only_later, "start_month=- followup_month=- outcome=- sa_months_before=-");
    let at_the_edge = Records::default().assessed(Occasion::Beginning, "2017-12-31", (aim, None, 1));
    setting.expect(Kind::Goal, &at_the_edge, "start_month=2017-12 sa_months_before=- sa_months_after=0");
}

#[test]
fn a_goal_without_an_outcome_says_why() {
    let setting = Setting::new();
    let (here, elsewhere) = (setting.organiser("091"), setting.organiser("837"));
    let begun = |on: &str| {
        let mut records = Records::default().assessed(Occasion::Beginning, on, (0, None, 1));
        records.assessments[0].organiser = here;
        records
    };
    let followup = |records: &Records, expected: &str| {
        setting.expect(Kind::Goal, records, &format!("followup={expected} outcome=-"));
    };
    followup(&begun("2018-02-10"), "none");
    let closed = |on: &str, organiser| begun("2018-02-10").event(EventKind::Closes, on, organiser);
    followup(&closed("2018-09-30", here), "left");
    // From October on an assessment is due.
    followup(&closed("2018-10-01", here), "none");
    followup(&closed("2018-09-30", elsewhere), "none");
    followup(&closed("2018-09-30", elsewhere).but(|event| event.left = Some(Left::Died)), "left");
    // The data ends in December 2019.
    followup(&begun("2019-04-30"), "none");
    followup(&begun("2019-05-01"), "too_early");
    let not_assessed = setting.code("municipal_avain", "outcome", "ei_arvioitu");
    let records = begun("2018-02-10").assessed(Occasion::End, "2018-12-01", (0, not_assessed, 1));
    setting.expect(Kind::Goal, &records, "followup=not_assessed outcome=ei_arvioitu");
}

#[test]
fn a_person_s_first_year_is_counted_from_the_first_paid_month() {
    let setting = Setting::new();
    let records = Records::default()
        .paid("2017-11", 0)
        .paid("2018-01", 100)
        .paid("2018-01", 120)
        .paid("2018-12", 180)
        .paid("2019-01", 1000);
    // 220 and 180 euros in two months are 200 a month.
    setting.expect(Kind::Person, &records, "first_sa_month=2018-01 sa_months_12=2 sa_eur_band=200");
    let unknown = Records::default().paid("2018-01", 1).with(|row| row.amount = None);
    setting.expect(Kind::Person, &unknown, "sa_months_12=1 sa_eur_band=-");
}

#[test]
fn that_nobody_saw_a_person_says_something_only_where_somebody_looks() {
    let setting = Setting::new();
    let at_home = |home: &str| {
        let home = setting.home(home);
        Records::default().paid("2018-01", 100).with(move |row| row.municipality = home)
    };
    let unseen = "client_start_month=- n_services=0 social_work_client=false supplementary_received=false";
    setting.expect(Kind::Person, &at_home("091"), unseen);
    let unknown = "social_work_client=- n_services=- supplementary_received=- preventive_received=-";
    setting.expect(Kind::Person, &at_home("020"), unknown);
    let seen = at_home("020")
        .event(EventKind::Opens, "2018-04-02", setting.organiser("091"))
        .event(EventKind::Supplementary, "2018-05-02", setting.organiser("091"))
        .event(EventKind::Preventive, "2018-05-02", setting.organiser("091"))
        .but(|event| event.refused = true);
    setting.expect(
        Kind::Person,
        &seen,
        "social_work_client=true client_start_month=2018-04 supplementary_received=true preventive_received=- \
         county=08",
    );
}

#[test]
fn a_month_has_what_was_paid_and_who_was_met() {
    let setting = Setting::new();
    let (here, home) = (setting.organiser("091"), setting.home("091"));
    let mut records = Records::default()
        .paid("2018-03", 149)
        .with(move |row| row.municipality = home)
        .event(EventKind::Opens, "2018-04-30", here)
        .event(EventKind::Closes, "2018-05-01", here)
        .event(EventKind::Supplementary, "2018-05-03", here)
        .but(|event| event.amount = Some(9_999));
    for on in ["2018-05-04", "2018-05-05", "2018-05-06"] {
        records = records.event(EventKind::Contact, on, here);
    }
    let rows = setting.rows(Kind::PersonMonth, &records);
    let of: Vec<&str> = rows.iter().map(|row| row["month"].as_str()).collect();
    assert_eq!(of, ["2018-03", "2018-04", "2018-05"]);
    holds(&rows[0], "basic_paid=true eur_band=100 client_open=false n_contacts_band=0");
    holds(&rows[1], "basic_paid=false eur_band=- client_open=true n_contacts_band=0 supplementary_eur_band=-");
    holds(&rows[2], "client_open=true n_contacts_band=3-5 supplementary_eur_band=50 preventive_eur_band=-");
}

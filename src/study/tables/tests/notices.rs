//! Notices: who answered, when, and how far the data tells.

use super::*;

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

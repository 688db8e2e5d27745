//! Goals, first years and months of persons.

use super::*;

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

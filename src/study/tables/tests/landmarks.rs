//! The landmark, and the time at risk after it.

use super::*;

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

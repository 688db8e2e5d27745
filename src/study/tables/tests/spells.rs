//! Spells: their ends, and what was known by their months.

use super::*;

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

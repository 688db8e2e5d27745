//! Datasets from which releases of other tools gave back small counts, as public reports describe them.

use crate::mini::{MiniTable, RELEASE, linked, number, released, with_release};
use crate::world::World;

const REGION: &str = "{ name = \"region\", role = \"quasi\", type = \"code\", codes = [\"r1\", \"r2\", \"r3\"] }";
const KIND: &str = "{ name = \"kind\", role = \"attribute\", type = \"code\", codes = [\"k1\", \"k2\", \"k3\"] }";

fn decimal(name: &str) -> String {
    format!("{{ name = \"{name}\", role = \"sensitive\", type = \"decimal\", scale = 2 }}")
}

/// Rows of one table: so many persons with the same cells, each person in one row.
fn persons(groups: &[(usize, &str)]) -> Vec<(usize, String)> {
    let cells = groups.iter().flat_map(|(count, cells)| std::iter::repeat_n((*cells).to_owned(), *count));
    cells.enumerate().collect()
}

fn one_table(columns: &[&str], rows: Vec<(usize, String)>, release: &str) -> World {
    linked(&[MiniTable { name: "reg", columns, rows }], release)
}

/// Asserts that every number of a released column is a multiple of a step and nearer than the step to the true one.
fn is_near(shown: i64, truth: i64, step: i64) {
    assert!(shown % step == 0 && (shown - truth).abs() < step, "{shown} is not {truth} rounded to {step}");
}

/// The number in a column of sums, in which an empty cell stands for 0.
fn sum(rows: &[Vec<String>], labels: &[&str], column: usize) -> i64 {
    let row = rows.iter().find(|row| row.iter().zip(labels).all(|(cell, label)| cell == label)).unwrap();
    if row[column].is_empty() { 0 } else { row[column].parse().unwrap() }
}

/// Case 01: a sum of exact decimals was released as 0.
#[test]
fn decimals_are_summed_exactly() {
    let eur = decimal("eur");
    let rows = persons(&[(12, "r1;10.00"), (12, "r2;10.00")]);
    let table = "[[release.tables]]\nname = \"t\"\ntable = \"reg\"\nby = [\"region\"]\n";
    let world = one_table(&[REGION, &eur], rows, &format!("{table}sum = {{ column = \"eur\", cap = 10 }}\n"));
    world.run(RELEASE).succeeds();
    let rows = released(&world, "t");
    for (label, persons, amount) in [("r1", 12, 120), ("r2", 12, 120), ("r3", 0, 0), ("(all)", 24, 240)] {
        is_near(number(&rows, &[label], 1), persons, 5);
        is_near(number(&rows, &[label], 2), persons, 5);
        is_near(sum(&rows, &[label], 3), amount, 50);
    }
    assert!(rows.iter().any(|row| row[0] == "r3" && row[3].is_empty()), "a sum of no row is empty");
    with_release(&world, &format!("{table}sum = {{ column = \"eur\" }}\n"));
    world.run("release --contract study.toml --key release.key --out again linked").fails(5, &["has no `cap`"]);
}

/// Cases 03 and 05: a small region followed from its county and the other regions.
#[test]
fn tables_of_nested_columns_are_rounded_each_on_its_own() {
    let region =
        "{ name = \"region\", role = \"quasi\", type = \"code\", codes = [\"A\", \"I\", \"J\", \"K\", \"L\"] }";
    let county = "{ name = \"county\", role = \"quasi\", type = \"code\", codes = [\"c1\", \"c2\"] }";
    let rows = persons(&[(3, "A;c1"), (20, "I;c1"), (20, "J;c1"), (6, "K;c2"), (30, "L;c2")]);
    let by =
        |column: &str| format!("[[release.tables]]\nname = \"by_{column}\"\ntable = \"reg\"\nby = [\"{column}\"]\n");
    let world = one_table(&[region, county], rows, &(by("region") + &by("county")));
    world.run(RELEASE).succeeds();
    let regions = released(&world, "by_region");
    for (label, truth) in [("A", 3), ("I", 20), ("J", 20), ("K", 6), ("L", 30), ("(unknown)", 0), ("(all)", 79)] {
        is_near(number(&regions, &[label], 1), truth, 5);
    }
    let counties = released(&world, "by_county");
    is_near(number(&counties, &["c1"], 1), 43, 5);
    // All persons are the same in both tables, and rounded alike.
    assert_eq!(number(&counties, &["(all)"], 1), number(&regions, &["(all)"], 1));
}

/// Cases 06, 08 and 09: sums that one person dominates, of either sign.
#[test]
fn no_person_adds_more_than_the_cap_of_either_sign() {
    let eur = decimal("eur");
    let mut groups = vec![(1, "r1;k1;900.00"), (11, "r1;k1;9.00"), (1, "r2;k1;-1000.00"), (11, "r2;k1;-1.00")];
    groups.extend([(12, "r1;k2;10.00"), (12, "r2;k2;10.00")]);
    let release = "[[release.tables]]\nname = \"t\"\ntable = \"reg\"\nby = [\"region\", \"kind\"]\n\
                   sum = { column = \"eur\", cap = 10 }\n";
    let world = one_table(&[REGION, KIND, &eur], persons(&groups), release);
    world.run(RELEASE).succeeds();
    let rows = released(&world, "t");
    // 10 of the one with 900, and 11 · 9.
    is_near(sum(&rows, &["r1", "k1"], 4), 109, 50);
    is_near(sum(&rows, &["r2", "k1"], 4), -21, 50);
    is_near(sum(&rows, &["(all)", "(all)"], 4), 109 - 21 + 240, 50);
}

/// A person whose rows cancel, and numbers at the ends of 64 bits.
#[test]
fn amounts_at_the_ends_of_their_range_are_capped_or_refused() {
    let eur = "{ name = \"eur\", role = \"sensitive\", type = \"integer\" }";
    let mut rows = persons(&[(20, "r1;2147483647"), (20, "r2;-2147483648")]);
    rows.extend([(0, "r1;100".to_owned()), (0, "r1;-100".to_owned())]);
    let release = "[[release.tables]]\nname = \"t\"\ntable = \"reg\"\nby = [\"region\"]\n\
                   sum = { column = \"eur\", cap = 1000 }\n";
    let world = one_table(&[REGION, eur], rows, release);
    world.run(RELEASE).succeeds();
    let rows = released(&world, "t");
    is_near(sum(&rows, &["r1"], 3), 20_000, 5_000);
    is_near(sum(&rows, &["r2"], 3), -20_000, 5_000);
}

/// Case 10: two linked tables over the same persons, one of whom is missing in the second.
#[test]
fn linked_tables_that_differ_by_one_person_are_rounded_each_on_its_own() {
    let first = persons(&[(20, "r1"), (26, "r2"), (29, "r3")]);
    let second: Vec<(usize, String)> = first.iter().skip(1).cloned().collect();
    let table =
        |name: &str, of: &str| format!("[[release.tables]]\nname = \"{name}\"\ntable = \"{of}\"\nby = [\"region\"]\n");
    let tables = [
        MiniTable { name: "reg", columns: &[REGION], rows: first },
        MiniTable { name: "reg2", columns: &[REGION], rows: second },
    ];
    let world = linked(&tables, &(table("t1", "reg") + &table("t2", "reg2")));
    world.run(RELEASE).succeeds();
    let t1 = released(&world, "t1");
    let t2 = released(&world, "t2");
    is_near(number(&t1, &["r1"], 1), 20, 5);
    is_near(number(&t2, &["r1"], 1), 19, 5);
    // The same persons are rounded alike.
    assert_eq!(number(&t1, &["r2"], 1), number(&t2, &["r2"], 1));
    assert_eq!(number(&t1, &["r3"], 1), number(&t2, &["r3"], 1));
}

/// Case 12: 112 rows of 12 persons, 101 of them one person's.
#[test]
fn a_count_of_rows_holds_at_most_the_weight_of_each_person() {
    let mut rows = persons(&[(12, "r1;k1"), (12, "r1;k2"), (12, "r2;k1"), (12, "r2;k2")]);
    rows.extend((0..100).map(|_| (0, "r1;k1".to_owned())));
    let table = "[[release.tables]]\nname = \"t\"\ntable = \"reg\"\nby = [\"region\", \"kind\"]\n";
    let world = one_table(&[REGION, KIND], rows, &format!("{table}count = \"rows\"\nweight = 2\n"));
    world.run(RELEASE).succeeds();
    is_near(number(&released(&world, "t"), &["r1", "k1"], 2), 13, 10);
    is_near(number(&released(&world, "t"), &["(all)", "(all)"], 2), 49, 10);
    with_release(&world, table);
    std::fs::remove_dir_all(world.path("released")).unwrap();
    world.run(RELEASE).succeeds();
    is_near(number(&released(&world, "t"), &["r1", "k1"], 2), 12, 5);
}

/// Case 13: curves of all and of a part, whose standard errors gave back exact numbers.
#[test]
fn a_curve_of_all_is_the_sum_of_its_groups_and_has_no_standard_error() {
    let months = "{ name = \"months\", role = \"sensitive\", type = \"integer\", min = 0, max = 60 }";
    let flag = |name: &str| format!("{{ name = \"{name}\", role = \"sensitive\", type = \"flag\" }}");
    let columns = [months.to_owned(), flag("ended"), flag("flagged")];
    let mut rows: Vec<(usize, String)> =
        (0..400).map(|at| (at, format!("{};{};0", at % 10 + 1, usize::from(at % 4 > 0)))).collect();
    rows.extend((400..403).map(|at| (at, "3;1;1".to_owned())));
    let release = "[release.known.reg]\nflagged = \"start\"\n[[release.curves]]\nname = \"c\"\ntable = \"reg\"\n\
                   time = \"months\"\nevent = \"ended\"\nby = \"flagged\"\nlast = 8\n";
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let world = one_table(&columns, rows, release);
    world.run(RELEASE).succeeds();
    assert_eq!(world.text("released/c.csv").lines().next(), Some("flagged;time;n;events;censored;survival"));
    let rows = released(&world, "c");
    // Three persons are flagged: the group has no step, and the curve of all does not show them.
    assert!(rows.iter().all(|row| row[0] == "false" || row[0] == "(all)"));
    for row in rows.iter().filter(|row| row[0] == "false") {
        let of_all = number(&rows, &["(all)", &row[1]], 2);
        let own: i64 = row[2].parse().unwrap();
        assert!(own % 5 == 0 && of_all - own <= 2 * 9 * 5, "{row:?}");
        assert!(row[5].len() <= 4, "two decimals: {row:?}");
    }
}

/// Case 55: the share of suppressed rows told how many they were.
#[test]
fn rows_of_persons_are_generalised_and_none_is_left_out() {
    let rows = persons(&[(20, "r1;k1"), (20, "r1;k2"), (15, "r2;k1"), (15, "r2;k2"), (3, "r3;k1")]);
    let release = "[release.hierarchies.region]\ngroups = [{ \"r2-3\" = [\"r2\", \"r3\"] }]\n[[release.microdata]]\n\
                   name = \"m\"\ntable = \"reg\"\ncolumns = [\"region\", \"kind\"]\nquasi = [\"region\", \"kind\"]\n";
    let world = one_table(&[REGION, KIND], rows, release);
    let said = world.run(RELEASE).succeeds().stdout();
    let rows = released(&world, "m");
    assert_eq!(rows.len(), 73);
    assert!(rows.iter().all(|row| row[0] == "r1" || row[0] == "r2-3"));
    let sentence = said.lines().find(|line| line.contains("Rows of persons")).unwrap();
    assert!(!sentence.contains("suppressed") && sentence.contains("are exact"), "{sentence}");
}

/// A keyed sample of rows is the same in every run, and has about its share of persons.
#[test]
fn a_sample_of_rows_keeps_about_its_share() {
    let rows = persons(&[(200, "r1;k1"), (200, "r2;k2")]);
    let release =
        "[[release.microdata]]\nname = \"m\"\ntable = \"reg\"\ncolumns = [\"region\", \"kind\"]\nsample = 0.5\n";
    let world = one_table(&[REGION, KIND], rows, release);
    world.run(RELEASE).succeeds();
    let kept = released(&world, "m").len();
    assert!((150..250).contains(&kept), "{kept}");
    let first = world.read("released/m.csv");
    std::fs::remove_dir_all(world.path("released")).unwrap();
    world.run(RELEASE).succeeds();
    assert!(world.read("released/m.csv") == first);
}

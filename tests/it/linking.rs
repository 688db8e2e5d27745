//! Links of several deliveries, one of them a correction, compared with a naive join in memory.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::plain::{self, Dice, code, person};
use crate::tables::{self, Text};
use crate::world::{KEY, World, copy, fixtures};

const PERSONS: usize = 400;
/// The text of a cell without a value.
const NULL: &str = "∅";

/// A row of a source as text: person, then month or day, amount or place, area or case.
type Row = [String; 4];

/// A delivery with the rows of its source tables.
struct Sent {
    holder: &'static str,
    number: u32,
    tables: Vec<(&'static str, Vec<Row>)>,
    /// First and last day.
    period: (&'static str, &'static str),
    /// Number of the delivery that it replaces.
    replaces: Option<u32>,
}

impl Sent {
    fn folder(&self) -> String {
        format!("{}-{}", self.holder, self.number)
    }

    /// Writes the sources and the holder file, then extracts.
    fn extract(&self, world: &World) {
        let folder = self.folder();
        let (first, last) = self.period;
        let replaced = self.replaces.map_or_else(String::new, |number| {
            let bytes = world.read(&format!("{}-{number}/manifest.json", self.holder));
            let digest = salanimi::crypto::Digest::of(&bytes);
            format!("replaces = {{ number = {number}, manifest = \"{digest}\" }}\n")
        });
        let mut holder = format!(
            "format = \"salanimi-holder/1\"\nholder = \"{}\"\n[delivery]\nnumber = {}\n{replaced}\
             period = {{ first = \"{first}\", last = \"{last}\" }}\n",
            self.holder, self.number
        );
        for (table, rows) in &self.tables {
            let columns = columns(table);
            let lines: Vec<String> = rows.iter().map(|row| row.join(";")).collect();
            world.write(&format!("{folder}.{table}.csv"), format!("{}\n{}\n", columns.join(";"), lines.join("\n")));
            let mapped = columns.map(|name| format!("{name} = \"{name}\"")).join("\n");
            holder += &format!(
                "[[sources]]\ntable = \"{table}\"\nfiles = [\"{folder}.{table}.csv\"]\nformat = \"csv\"\n\
                 [sources.columns]\n{mapped}\n"
            );
        }
        let name = format!("{folder}.toml");
        world.write(&name, holder);
        let files = "--contract contract.toml --key study.key";
        world.run(&format!("extract --unsealed {files} --holder {name} --out {folder}")).succeeds();
    }

    /// Returns the rows that the contract lets leave, with pseudonyms instead of codes.
    fn delivered(&self, table: &str) -> Vec<Row> {
        let rows = self.tables.iter().filter(|(name, _)| *name == table).flat_map(|(_, rows)| rows);
        let window = |row: &&Row| {
            // Months count by their first day.
            let day = if row[1].len() == 7 { format!("{}-01", row[1]) } else { row[1].clone() };
            day.as_str() >= self.period.0 && day.as_str() <= self.period.1 && day.as_str() <= "2018-11-30"
        };
        let mut rows: Vec<Row> = rows.filter(window).cloned().collect();
        rows.iter_mut().for_each(|row| row[0] = person(&KEY, &row[0], self.holder));
        if table == "benefit" {
            // Of one person's month the first row in output order stays: no amount first, then the smallest amount.
            let amount = |row: &Row| row[2].parse::<f64>().map_or(i64::MIN, |euros| (euros * 100.0).round() as i64);
            rows.sort_by(|a, b| (&a[0], &a[1], amount(a), &a[3]).cmp(&(&b[0], &b[1], amount(b), &b[3])));
            rows.dedup_by(|a, b| (&a[0], &a[1]) == (&b[0], &b[1]));
        }
        rows
    }
}

fn columns(table: &str) -> [&'static str; 4] {
    if table == "benefit" { ["person", "month", "amount", "area"] } else { ["person", "day", "place", "case"] }
}

fn benefit(dice: &mut Dice, year: usize, rows: usize) -> Vec<Row> {
    let mut row = |_| {
        let who = code(dice.below(PERSONS));
        let amount =
            [String::new(), format!("{}.{:02}", dice.below(900), dice.below(100))][dice.below(9).min(1)].clone();
        let area = ["091", "837", ""][dice.below(7) % 3].to_owned();
        [who, format!("{year}-{:02}", dice.below(12) + 1), amount, area]
    };
    (0..rows).map(&mut row).collect()
}

fn visits(dice: &mut Dice, temporary: &[&str], rows: usize) -> Vec<Row> {
    let mut row = |_| {
        // More persons than have benefits, and some with temporary codes.
        let who = match dice.below(20) {
            0 => temporary[dice.below(temporary.len())].to_owned(),
            _ => code(dice.below(2 * PERSONS)),
        };
        let day = format!("{}-{:02}-{:02}", 2017 + dice.below(2), dice.below(12) + 1, dice.below(28) + 1);
        let case = [String::new(), format!("C-{}", dice.below(50))][dice.below(3).min(1)].clone();
        [who, day, ["091", "837", "049", ""][dice.below(4)].to_owned(), case]
    };
    (0..rows).map(&mut row).collect()
}

fn deliveries() -> Vec<Sent> {
    let temporary = ["010594Y9032", "020502E902X", "010516B903X"];
    let mut dice = Dice(7);
    let mut first = benefit(&mut dice, 2017, 900);
    let second = benefit(&mut dice, 2018, 700);
    let sent = |holder, number, tables, period, replaces| Sent { holder, number, tables, period, replaces };
    let mut all = vec![sent("alpha", 1, vec![("benefit", first.clone())], ("2017-01-01", "2017-12-31"), None)];
    all.push(sent("alpha", 2, vec![("benefit", second)], ("2018-01-01", "2018-12-31"), None));
    // The correction lacks some rows and has others.
    first.drain(..100);
    first.extend(benefit(&mut dice, 2017, 50));
    first.push([temporary[0].to_owned(), "2017-05".to_owned(), "1.00".to_owned(), "091".to_owned()]);
    all.push(sent("alpha", 3, vec![("benefit", first)], ("2017-01-01", "2017-12-31"), Some(1)));
    let both = vec![("benefit", benefit(&mut dice, 2018, 60)), ("visit", visits(&mut dice, &temporary, 500))];
    all.push(sent("beta", 1, both, ("2017-01-01", "2018-12-31"), None));
    all.push(sent("gamma", 1, vec![("visit", visits(&mut dice, &temporary, 800))], ("2017-07-01", "2018-06-30"), None));
    all
}

/// Returns the rows of a table in deliveries that are not replaced, each with its delivery.
fn live<'a>(sent: &'a [Sent], table: &str) -> Vec<(&'a Sent, Row)> {
    let replaced = |s: &&Sent| !sent.iter().any(|other| other.holder == s.holder && other.replaces == Some(s.number));
    sent.iter().filter(replaced).flat_map(|s| s.delivered(table).into_iter().map(move |row| (s, row))).collect()
}

fn person_id(pseudonym: &str) -> String {
    plain::linked(&KEY, &["link-person", "tiny"], pseudonym)
}

/// Returns a row as linked for the researcher.
fn shown(table: &str, row: &Row) -> Vec<String> {
    let or_null = |text: &str, value: String| if text.is_empty() { NULL.to_owned() } else { value };
    let month = format!("{}-01", &row[1][..7]);
    let (third, fourth) = if table == "benefit" {
        let band = row[2].split('.').next().unwrap().parse::<i32>().unwrap_or(0) / 50 * 50;
        (or_null(&row[2], band.to_string()), or_null(&row[3], row[3].clone()))
    } else {
        let case = plain::pseudonym(&KEY, &["reference", "tiny", "case"], &row[3]);
        let case = plain::linked(&KEY, &["link-reference", "tiny", "case"], &case);
        (or_null(&row[2], row[2].clone()), or_null(&row[3], case))
    };
    vec![person_id(&row[0]), month, third, fourth]
}

/// Counts rows, linked rows, persons and linked persons of a part of a table.
fn count(rows: &[&Row], entering: &BTreeSet<String>) -> Value {
    let persons: BTreeSet<&String> = rows.iter().map(|row| &row[0]).collect();
    let linked = rows.iter().filter(|row| entering.contains(&row[0])).count();
    let linked_persons = persons.iter().filter(|p| entering.contains(**p)).count();
    json!({ "rows": rows.len(), "linked_rows": linked, "persons": persons.len(), "linked_persons": linked_persons })
}

fn by(rows: &[(&Sent, Row)], entering: &BTreeSet<String>, part: impl Fn(&Sent, &Row) -> String) -> Value {
    let mut parts: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    rows.iter().for_each(|(sent, row)| parts.entry(part(sent, row)).or_default().push(row));
    parts.into_iter().map(|(name, rows)| (name, count(&rows, entering))).collect::<serde_json::Map<_, _>>().into()
}

fn account(table: &str, rows: &[(&Sent, Row)], entering: &BTreeSet<String>) -> Value {
    let area = if table == "benefit" { 3 } else { 2 };
    let or_none = |text: &str| if text.is_empty() { "(none)".to_owned() } else { text.to_owned() };
    json!({
        "table": table,
        "all": count(&rows.iter().map(|(_, row)| row).collect::<Vec<_>>(), entering),
        "by_holder": by(rows, entering, |sent, _| sent.holder.to_owned()),
        "by_delivery": by(rows, entering, |sent, _| format!("{} delivery {}", sent.holder, sent.number)),
        "by_month": by(rows, entering, |_, row| row[1][..7].to_owned()),
        "by_area": by(rows, entering, |_, row| or_none(&row[area])),
    })
}

fn persons(rows: &[(&Sent, Row)]) -> BTreeSet<String> {
    rows.iter().map(|(_, row)| row[0].clone()).collect()
}

/// Counts the persons with values in both columns that agree or contradict.
fn contradictions(benefit: &[(&Sent, Row)], visit: &[(&Sent, Row)]) -> Value {
    let values = |rows: &[(&Sent, Row)], at: usize| {
        let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let given = rows.iter().filter(|(_, row)| !row[at].is_empty());
        given.for_each(|(_, row)| values.entry(row[0].clone()).or_default().extend([row[at].clone()]));
        values
    };
    let left = values(benefit, 3);
    let right = values(visit, 2);
    let both: Vec<bool> =
        left.iter().filter_map(|(who, values)| Some(right.get(who)?.intersection(values).next().is_some())).collect();
    let agree = both.iter().filter(|agree| **agree).count();
    json!([{ "left": "benefit.area", "right": "visit.place", "agree": agree, "contradict": both.len() - agree }])
}

fn world(sent: &[Sent]) -> World {
    let world = World::empty();
    copy(&fixtures().join("good/link"), world.root());
    world.key("study.key", KEY);
    world.link_key("link.key", KEY);
    sent.iter().for_each(|sent| sent.extract(&world));
    world
}

#[test]
fn a_link_agrees_with_a_naive_join_in_memory() {
    let sent = deliveries();
    let world = world(&sent);
    let folders: Vec<String> = sent.iter().rev().map(Sent::folder).collect();
    world.link("linked", &format!("--link-key link.key {}", folders.join(" "))).succeeds();
    let benefit = live(&sent, "benefit");
    let visit = live(&sent, "visit");
    let entering = persons(&benefit);
    let everyone = entering.union(&persons(&visit)).count();

    for (table, rows) in [("benefit", &benefit), ("visit", &visit)] {
        let mut expected: Vec<Vec<String>> =
            rows.iter().filter(|(_, row)| entering.contains(&row[0])).map(|(_, row)| shown(table, row)).collect();
        let path = world.path(&format!("linked/{table}.parquet"));
        let found = Text::of(&path);
        assert_eq!(found.header, columns(table));
        let mut rows = found.rows;
        rows.sort_unstable();
        expected.sort_unstable();
        assert_eq!(rows, expected, "{table}");
        tables::is_sorted(&tables::read(&path));
    }

    let found = Text::of(&world.path("linked/persons.parquet"));
    assert_eq!(found.header, ["person", "in_benefit", "in_visit"]);
    let visited = persons(&visit);
    let mut expected: Vec<Vec<String>> =
        entering.iter().map(|p| vec![person_id(p), "true".to_owned(), visited.contains(p).to_string()]).collect();
    expected.sort_unstable();
    assert_eq!(found.rows, expected);

    let accounting = world.json("linked.accounting.json");
    assert_eq!(accounting["persons"], json!(everyone));
    assert_eq!(accounting["linked_persons"], json!(entering.len()));
    assert_eq!(accounting["tables"][0], account("benefit", &benefit, &entering));
    assert_eq!(accounting["tables"][1], account("visit", &visit, &entering));
    assert_eq!(accounting["contradictions"], contradictions(&benefit, &visit));
    let overlap = |tables: &[&str]| {
        let parts = accounting["overlap"].as_array().unwrap().iter().filter(|part| part["tables"] == json!(tables));
        parts.map(|part| part["persons"].as_u64().unwrap()).sum::<u64>() as usize
    };
    let both = entering.intersection(&visited).count();
    assert_eq!(overlap(&["benefit", "visit"]), both);
    assert_eq!(overlap(&["benefit"]), entering.len() - both);
    assert_eq!(overlap(&["visit"]), everyone - entering.len());
}

#[test]
fn every_delivery_agrees_with_the_contract_and_its_source() {
    let sent = deliveries();
    let world = world(&sent);
    for sent in &sent {
        let manifest = world.json(&format!("{}/manifest.json", sent.folder()));
        for (position, (table, source)) in sent.tables.iter().enumerate() {
            let mut expected = sent.delivered(table);
            for row in &mut expected {
                row[1] = if row[1].len() == 7 { format!("{}-01", row[1]) } else { row[1].clone() };
                if *table == "visit" && !row[3].is_empty() {
                    row[3] = plain::pseudonym(&KEY, &["reference", "tiny", "case"], &row[3]);
                }
                row.iter_mut().filter(|cell| cell.is_empty()).for_each(|cell| *cell = NULL.to_owned());
            }
            expected.sort_unstable();
            let mut found = Text::of(&world.path(&format!("{}/{table}.parquet", sent.folder()))).rows;
            found.sort_unstable();
            assert_eq!(found, expected.iter().map(|row| row.to_vec()).collect::<Vec<_>>(), "{} {table}", sent.folder());
            let entry = &manifest["account"]["tables"][position];
            assert_eq!(entry["records"], json!(source.len()));
            assert_eq!(entry["rows"], json!(expected.len()));
        }
    }
}

#[test]
fn a_fresh_link_key_gives_new_linked_ids_every_time() {
    let sent = deliveries();
    let world = world(&sent);
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for out in ["linked-1", "linked-2"] {
        world.link(out, "beta-1 gamma-1").succeeds();
        let persons = Text::of(&world.path(&format!("{out}/persons.parquet")));
        for person in persons.column("person") {
            assert!(seen.insert(person.to_owned()), "a person has the same id in two datasets");
        }
    }
}

#[test]
fn a_kept_link_key_gives_the_same_linked_ids_in_a_later_link() {
    let sent = deliveries();
    let world = world(&sent);
    world.link("first", "--link-key link.key alpha-1 beta-1").succeeds();
    world.link("second", "--link-key link.key alpha-2").succeeds();
    let persons = |out: &str| -> BTreeSet<String> {
        let table = Text::of(&world.path(&format!("{out}/persons.parquet")));
        table.column("person").into_iter().map(str::to_owned).collect()
    };
    let codes = |at: usize, table: &str| -> BTreeSet<String> {
        sent[at].delivered(table).iter().map(|row| person_id(&row[0])).collect()
    };
    let first: BTreeSet<String> = codes(0, "benefit").union(&codes(3, "benefit")).cloned().collect();
    assert_eq!(persons("first"), first);
    assert_eq!(persons("second"), codes(1, "benefit"));
    assert!(first.intersection(&persons("second")).next().is_some());
}

#[test]
fn a_delivery_with_rows_outside_the_window_is_refused() {
    let world = World::delivered();
    let contract = world.text("contract.toml");
    let window = "last = \"2018-12-31\" }";
    assert!(contract.contains(window));
    world.write("contract.toml", contract.replacen(window, "last = \"2017-12-31\" }", 1));
    world.extract("town", "d-narrow", "").succeeds();
    // Makes the older deliveries claim this contract.
    let digest = world.json("d-narrow/manifest.json")["exchange_digest"].clone();
    for holder in ["d-kela", "d-town"] {
        world.edit_json(&format!("{holder}/manifest.json"), |manifest| manifest["exchange_digest"] = digest.clone());
    }
    world.link("linked", "d-kela d-town").fails(3, &["rows lie outside the study's observation window"]);
    assert!(!world.path("linked").exists());
}

#[test]
fn deliveries_without_a_table_of_the_population_are_refused() {
    let world = World::delivered();
    world
        .link("linked", "d-town")
        .fails(3, &["no delivery has rows of a table of the population (support, notices)", "add the delivery"]);
    assert!(!world.path("linked").exists());
}

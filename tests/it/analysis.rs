//! The study's analysis tables, compared with the queries that define them. `DuckDB` runs these on the same data.

use std::fmt::Write as _;

use salanimi::crypto::Digest;
use serde_json::json;

use crate::judges::{Judges, words};
use crate::plain::{Dice, code};
use crate::world::{World, copy, repository};

const TABLES: [&str; 6] = ["person", "person_month", "notification", "spell", "landmark", "goal"];

/// Makes a world of the study's contract and holder files, `years` later. Linked tables keep exact days and euros.
fn exact_study(years: u32) -> World {
    let world = World::empty();
    copy(&repository("config"), &world.path("config"));
    for file in ["contract", "kela", "helsinki", "tampere"] {
        let name = format!("config/studies/toituavain/{file}.toml");
        let mut text = world.text(&name);
        for year in (2017..=2019).rev() {
            for after in ["-", "_", "."] {
                text = text.replace(&format!("{year}{after}"), &format!("{}{after}", year + years));
            }
        }
        // The query of the landmark has the day of the law.
        text = text.replace(&format!("since = \"{}-10-21\"", 2017 + years), "since = \"2017-10-21\"");
        if let (Some(start), Some(end)) = (text.find("[linked.kela"), text.find("# Who can open deliveries")) {
            text.replace_range(start..end, "");
        }
        // Organisers stand on days on which they do not exist, too, and without coverage.
        text = text.replace("valid_from = ", "# valid_from = ").replace("valid_to = ", "# valid_to = ");
        if file == "contract" {
            text += "\n[warnings.organiser_not_declared]\nstop = 1.0\n";
        }
        world.write(&name, text);
    }
    world.run("key new --contract config/studies/toituavain/contract.toml study.key").succeeds();
    world
}

/// Extracts and links the holders' sources, then compares each table with its query. Returns the comparison's output.
fn compare(world: &World, judges: &Judges, contract: &str, holders: &[(&str, String)]) -> String {
    for (holder, file) in holders {
        let files = format!("--contract {contract} --holder {file} --key study.key");
        world.run(&format!("extract {files} --unsealed --out d-{holder}")).succeeds();
    }
    let deliveries: Vec<String> = holders.iter().map(|(holder, _)| format!("d-{holder}")).collect();
    world.run(&format!("link --contract {contract} --out linked {}", deliveries.join(" "))).succeeds();
    let mut compare = judges.run("tables.py");
    compare
        .arg(world.path("linked"))
        .arg(world.path("config/studies/toituavain/mappings"))
        .arg(repository("config/studies/toituavain/tables"))
        .args(TABLES);
    let compared = compare.output().unwrap();
    assert!(compared.status.success(), "{}", words(&compared));
    words(&compared)
}

#[test]
fn analysis_tables_agree_with_their_queries_on_synthetic_registers() {
    let Some(judges) = Judges::assemble() else { return };
    for years in [0, 4] {
        let world = exact_study(years);
        world
            .run("synth --contract config/studies/toituavain/contract.toml --persons 3000 --seed 11 --out src")
            .succeeds();
        let holders = ["kela", "helsinki", "tampere"].map(|holder| (holder, format!("src/{holder}/holder.toml")));
        let compared = compare(&world, &judges, "src/contract.toml", &holders);
        assert_eq!(compared.matches("ok ").count(), TABLES.len(), "{compared}");
    }
}

/// Few persons with many rows on few days, so that every tie and edge case of the definitions occurs.
#[test]
fn analysis_tables_agree_with_their_queries_on_crowded_registers() {
    let Some(judges) = Judges::assemble() else { return };
    let world = exact_study(4);
    let mut dice = Dice(20_261_124);
    world.write("kela.toml", holder("kela", &KELA_COVERAGE, &[ASSISTANCE, NOTICES]));
    world.write("town.toml", holder("town", &TOWN_COVERAGE, &[EVENTS, ASSESSMENTS]));
    for (table, rows, row) in [
        (ASSISTANCE, 9000, assistance as fn(&mut Dice, usize) -> Vec<String>),
        (NOTICES, 1500, notice),
        (EVENTS, 9000, event),
        (ASSESSMENTS, 2500, assessment),
    ] {
        let rows: Vec<String> = (0..rows).map(|number| row(&mut dice, number).join(";")).collect();
        let header = table.columns.join(";");
        world.write(&format!("{}.csv", table.name), format!("{header}\n{}\n", rows.join("\n")));
    }
    let holders = [("kela", "kela.toml".to_owned()), ("town", "town.toml".to_owned())];
    let compared = compare(&world, &judges, "config/studies/toituavain/contract.toml", &holders);
    assert_eq!(compared.matches("ok ").count(), TABLES.len(), "{compared}");
    assert!(!compared.contains("without any value"), "{compared}");
}

/// The whole figure, with 20 seeds of 50,000 persons, is in the benchmarks.
#[test]
fn notices_that_change_nothing_show_no_effect_after_the_landmark() {
    let Some(judges) = Judges::assemble() else { return };
    let mut judge = judges.run("null_effect.py");
    judge.arg("--binary").arg(crate::world::program());
    judge.arg("--contract").arg(repository("config/studies/toituavain/contract.toml"));
    let said = judge.args(["--persons", "8000", "--seeds", "3"]).output().unwrap();
    assert!(said.status.success() && words(&said).contains("ok 3 seeds"), "{}", words(&said));
}

#[test]
fn a_table_without_its_sources_is_omitted_and_reported() {
    let world = World::empty();
    copy(&repository("config"), &world.path("config"));
    world.run("key new --contract config/studies/toituavain/contract.toml study.key").succeeds();
    world.run("synth --contract config/studies/toituavain/contract.toml --persons 300 --seed 3 --out src").succeeds();
    let files = "--contract src/contract.toml --holder src/kela/holder.toml --key study.key";
    world.run(&format!("extract {files} --unsealed --out d-kela")).succeeds();
    let linked = world.run("link --contract src/contract.toml --out linked d-kela").succeeds().stdout();
    let manifest = world.json("linked/manifest.json");
    let left_out: Vec<&str> =
        manifest["left_out"].as_array().unwrap().iter().map(|left| left["table"].as_str().unwrap()).collect();
    assert_eq!(left_out, ["person", "person_month", "notification", "goal"]);
    assert!(world.path("linked/spell.parquet").exists() && !world.path("linked/goal.parquet").exists());
    assert!(linked.contains("omitted: goal (no delivery has municipal_avain)"), "{linked}");
    world.run("verify --attack none --contract src/contract.toml linked").succeeds();
    let mut other_reason = manifest["left_out"].clone();
    other_reason[0]["reason"] = "no delivery has municipal_avain".into();
    for forged in [json!([]), other_reason] {
        world.edit_json("linked/manifest.json", |manifest| manifest["left_out"] = forged.clone());
        let digest = Digest::of(&world.read("linked/manifest.json"));
        world.write("linked/manifest.json.sha256", format!("{digest}  manifest.json\n"));
        let said = world.run("verify --attack none --contract src/contract.toml linked").fails(4, &[]).stdout();
        assert!(said.contains("the linked dataset states other omitted tables, or other reasons"), "{said}");
    }
}

/// A table of a crowded register.
#[derive(Clone, Copy)]
struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    absent: &'static [&'static str],
}

const ASSISTANCE: Table = Table {
    name: "kela_social_assistance",
    columns: &[
        "person_code",
        "role",
        "household_id",
        "benefit_month",
        "decision",
        "paid_eur",
        "expense_class",
        "reduction_pct",
        "household_type",
        "main_activity",
        "sa_primary_income",
        "municipality",
    ],
    absent: &["application_date", "decision_date", "reject_reason", "n_children"],
};
const NOTICES: Table = Table {
    name: "kela_notifications",
    columns: &[
        "person_code",
        "notification_id",
        "sent_date",
        "type",
        "reason",
        "urgency",
        "recipient_code",
        "transferred_from",
        "transferred_date",
    ],
    absent: &["recipient_kind"],
};
const EVENTS: Table = Table {
    name: "municipal_social_work",
    columns: &[
        "person_code",
        "organiser_code",
        "event_type",
        "event_date",
        "linked_notification",
        "service_task",
        "service",
        "contact_mode",
        "decision",
        "eur",
        "end_reason",
    ],
    absent: &["initiator"],
};
const ASSESSMENTS: Table = Table {
    name: "municipal_avain",
    columns: &[
        "person_code",
        "organiser_code",
        "plan_id",
        "assessment",
        "assessment_date",
        "goal_category",
        "aim",
        "outcome",
        "method",
        "service",
    ],
    absent: &["factor", "factor_effect"],
};
/// Covers the first and the last month in part.
const KELA_COVERAGE: [(&str, &str, &str, &str); 2] = [
    ("kela", "kela_social_assistance", "2021-02-15", "2023-11-10"),
    ("kela", "kela_notifications", "2021-01-01", "2023-12-31"),
];
/// A municipality and the county after it, a municipality with a gap, and a county that began late.
const TOWN_COVERAGE: [(&str, &str, &str, &str); 6] = [
    ("091", "municipal_social_work", "2021-01-01", "2022-12-31"),
    ("90", "municipal_social_work", "2023-01-01", "2023-03-31"),
    ("837", "municipal_social_work", "2021-06-10", "2022-09-30"),
    ("837", "municipal_social_work", "2022-10-02", "2022-12-31"),
    ("08", "municipal_social_work", "2023-02-01", "2023-12-31"),
    ("091", "municipal_avain", "2021-01-01", "2023-12-31"),
];
const PERSONS: usize = 250;
const ORGANISERS: [&str; 5] = ["091", "90", "837", "08", "020"];

fn holder(name: &str, coverage: &[(&str, &str, &str, &str)], tables: &[Table]) -> String {
    let mut text = format!(
        "format = \"salanimi-holder/1\"\nholder = \"{name}\"\n\
         [delivery]\nnumber = 1\nperiod = {{ first = \"2021-01-01\", last = \"2023-12-31\" }}\n"
    );
    for (organiser, table, first, last) in coverage {
        write!(
            text,
            "[[coverage]]\norganiser = \"{organiser}\"\ntable = \"{table}\"\nfirst = \"{first}\"\nlast = \"{last}\"\n"
        )
        .unwrap();
    }
    for table in tables {
        let name = table.name;
        write!(text, "[[sources]]\ntable = \"{name}\"\nfiles = [\"{name}.csv\"]\nformat = \"csv\"\n").unwrap();
        write!(text, "absent = {:?}\n[sources.columns]\n", table.absent).unwrap();
        table.columns.iter().for_each(|column| writeln!(text, "{column} = \"{column}\"").unwrap());
    }
    text
}

/// Draws one of `texts`. An empty text stands for a missing value.
fn one_of(dice: &mut Dice, texts: &[&str]) -> String {
    texts[dice.below(texts.len())].to_owned()
}

fn somebody(dice: &mut Dice) -> String {
    code(dice.below(PERSONS) * 80)
}

/// Draws a day of the months around the turn to 2023, half of them among a few days of a month.
fn day(dice: &mut Dice) -> String {
    let month = dice.below(10);
    let day = if dice.below(2) == 0 { 1 + dice.below(28) } else { 10 + dice.below(3) };
    let (year, month) = if month < 6 { (2022, 7 + month) } else { (2023, month - 5) };
    format!("{year}-{month:02}-{day:02}")
}

fn euros(dice: &mut Dice) -> String {
    match dice.below(6) {
        0 => String::new(),
        1 => "0".to_owned(),
        2 => format!("{}.00", dice.below(5) * 50),
        _ => format!("{}.{:02}", dice.below(300), dice.below(100)),
    }
}

fn assistance(dice: &mut Dice, number: usize) -> Vec<String> {
    let month = dice.below(36);
    vec![
        somebody(dice),
        one_of(dice, &["hakija", "hakija", "puoliso", "lapsi"]),
        format!("h{}", number % 7),
        format!("{}-{:02}", 2021 + month / 12, month % 12 + 1),
        one_of(dice, &["myönnetty", "myönnetty", "myönnetty", "myönnetty", "hylätty", "tarkistus"]),
        euros(dice),
        one_of(dice, &["perusosa", "asuminen", ""]),
        one_of(dice, &["0", "20", "40", ""]),
        one_of(dice, &["yksin_asuva", "lapsiperhe", ""]),
        one_of(dice, &["unemployed", "unemployed", "employed", ""]),
        one_of(dice, &["1", "0", ""]),
        one_of(dice, &["091", "837", "020", ""]),
    ]
}

fn notice(dice: &mut Dice, number: usize) -> Vec<String> {
    let sent = day(dice);
    let handed = dice.below(3) == 0;
    vec![
        somebody(dice),
        format!("n{number}"),
        sent.clone(),
        one_of(dice, &["HAKEMUS", "SOSIAALITYON_TARVE", "TYOTON_ALLE25_4KK"]),
        one_of(dice, &["asuminen", ""]),
        one_of(dice, &["ei", "kiireellinen", ""]),
        one_of(dice, &ORGANISERS),
        if handed { one_of(dice, &["091", "90", "837", "020", ""]) } else { String::new() },
        // Some transfers have no sender, and some days of transfer are the day of sending or earlier.
        match dice.below(8) {
            0 => sent,
            _ if handed => day(dice),
            _ => String::new(),
        },
    ]
}

fn event(dice: &mut Dice, _: usize) -> Vec<String> {
    let kind = one_of(
        dice,
        &[
            "ASIAKKUUS_ALKU",
            "ASIAKKUUS_LOPPU",
            "ASIAKKUUS_ALKU",
            "ASIAKKUUS_LOPPU",
            "VIREILLETULO",
            "YHTEYDENOTTO",
            "YHTEYDENOTTO",
            "PT_ARVIO_ALKU",
            "PT_ARVIO_VALMIS",
            "TAYD_TUKI",
            "EHK_TUKI",
        ],
    );
    vec![
        somebody(dice),
        one_of(dice, &ORGANISERS),
        kind,
        day(dice),
        if dice.below(3) == 0 { format!("n{}", dice.below(1500)) } else { String::new() },
        one_of(dice, &["työikäisten palvelut", "lastensuojelu", ""]),
        one_of(dice, &["sosiaalityö", "velkaneuvonta", ""]),
        one_of(dice, &["puhelin", "tapaaminen", ""]),
        one_of(dice, &["myönnetty", "hylätty", ""]),
        euros(dice),
        one_of(dice, &["kuolema", "muutto", "muu", "", "", "", "", ""]),
    ]
}

fn assessment(dice: &mut Dice, _: usize) -> Vec<String> {
    vec![
        somebody(dice),
        "091".to_owned(),
        format!("p{}", dice.below(2)),
        one_of(dice, &["ALKU", "SEURANTA", "LOPPU"]),
        if dice.below(3) == 0 { "2021-05-10".to_owned() } else { day(dice) },
        one_of(dice, &["toimeentulo", "asuminen"]),
        one_of(dice, &["PARANTAA", "ENNALLAAN", ""]),
        one_of(dice, &["parani", "heikkeni", ""]),
        one_of(dice, &["keskustelu", "kotikäynti", ""]),
        one_of(dice, &["sosiaalityö", ""]),
    ]
}

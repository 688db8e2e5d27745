//! A study of another field: its own tables, codes and words, and nothing of any other study's.

use std::fs;
use std::path::Path;

use crate::world::{World, fixtures};

/// Words of the study that the repository ships. Lower case.
const OTHER_STUDY: [&str; 24] = [
    "toituavain",
    "kela",
    "avain indicator",
    "social",
    "assistance",
    "notif",
    "notice of",
    "red flag",
    "municipal_",
    "county",
    "counties",
    "helsinki",
    "tampere",
    "toimeentulo",
    "ilmoituslaji",
    "hyvinvointialue",
    "kunta",
    "kunnan",
    "sosiaali",
    "household",
    "kotitalou",
    "client",
    "asiak",
    "tuki",
];

fn linked() -> World {
    let world = World::empty();
    crate::world::copy(&fixtures().join("good/foreign"), world.root());
    world.run("key new --contract contract.toml study.key").succeeds();
    for holder in ["clinic", "rehab"] {
        let files = format!("--contract contract.toml --holder {holder}/holder.toml --key study.key");
        world.run(&format!("extract --unsealed {files} --out d-{holder}")).succeeds();
    }
    world.run("link --contract contract.toml --out linked d-clinic d-rehab").succeeds();
    let study = world.json("linked/manifest.json")["study"].as_str().unwrap().to_owned();
    crate::mini::name_release_key(&world, "contract.toml", &study);
    world
}

/// Every readable text below `folder`.
fn texts(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, found);
        } else if path.extension().is_none_or(|ending| ending != "parquet") {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).to_lowercase();
            found.push((path.display().to_string(), text));
        }
    }
}

#[test]
fn a_foreign_study_is_linked_verified_and_released_without_a_word_of_another() {
    let world = linked();
    let mut said = vec![
        world.run("extract --dry-run --contract contract.toml --holder clinic/holder.toml").succeeds().stdout(),
        world.run("show linked").succeeds().stdout(),
        world.run("show d-rehab").succeeds().stdout(),
        world.run("show contract.toml").succeeds().stdout(),
        world.run("release --contract contract.toml --key release.key --out released linked").succeeds().stdout(),
        world.run("show released").succeeds().stdout(),
    ];
    for language in ["en", "fi", "sv"] {
        let verify = format!(
            "verify --attack none --lang {language} --report page.{language}.html --json page.{language}.json \
             --contract contract.toml d-clinic d-rehab linked released"
        );
        said.push(world.run(&verify).succeeds().stdout());
    }
    let mut outputs: Vec<(String, String)> =
        said.iter().enumerate().map(|(at, text)| (format!("output {at}"), text.to_lowercase())).collect();
    for folder in ["d-clinic", "d-rehab", "linked", "released"] {
        texts(&world.path(folder), &mut outputs);
    }
    for file in ["page.en.html", "page.fi.html", "page.sv.html", "page.en.json", "linked.accounting.json"] {
        outputs.push((file.to_owned(), world.text(file).to_lowercase()));
    }
    for (name, text) in &outputs {
        for word in OTHER_STUDY {
            assert!(!text.contains(word), "{name} has {word}");
        }
    }
}

#[test]
fn a_foreign_study_has_its_own_curve_rates_and_pictures() {
    let world = linked();
    world.run("release --contract contract.toml --key release.key --out released linked").succeeds();
    for (page, texts) in [
        ("results.html", ["How long does it take until a patient goes home?", "East Hospital", "Went home"]),
        ("results.sv.html", ["Hur lång tid tar det tills en patient åker hem?", "Östra sjukhuset", "Åkte hem"]),
        // Without Finnish words the study's English stands on the Finnish page.
        ("results.fi.html", ["Which part of the patients goes home?", "West Hospital", "Tulokset"]),
    ] {
        let text = world.text(&format!("released/{page}"));
        assert_eq!(text.matches("<svg").count(), 2, "{page}");
        texts.iter().for_each(|expected| assert!(text.contains(expected), "{page} lacks {expected}"));
    }
    let contract = world.text("contract.toml");
    world.write(
        "contract.toml",
        contract.replace("event = \"went_home\"\nby = \"ward\"", "event = \"went_home\"\nby = \"outcome\""),
    );
    world
        .run("release --contract contract.toml --key release.key --out again linked")
        .fails(5, &["nothing says when 'outcome' is known"]);
}

#[test]
fn a_foreign_study_gets_its_own_titles_roles_and_breaks() {
    let world = linked();
    let package = world.json("linked/datapackage.json");
    let resource = |name: &str| {
        package["resources"].as_array().unwrap().iter().find(|resource| resource["name"] == name).unwrap().clone()
    };
    let spell = resource("spell");
    assert_eq!((&spell["title"], &spell["title_sv"]), (&"Stays in hospital".into(), &"Vårdtillfällen".into()));
    assert!(spell["title_fi"].is_null() && spell["schema"]["primaryKey"].is_null());
    let ward =
        &spell["schema"]["fields"].as_array().unwrap().iter().find(|field| field["name"] == "ward").unwrap().clone();
    assert_eq!((&ward["role"], &ward["title"]), (&"quasi".into(), &"Hospital".into()));
    assert_eq!(ward["categories"][0]["label_sv"], "Östra sjukhuset");
    let report = world.text("linked/report.html");
    assert!(report.contains("March 2022: new admission form") && report.contains("West Hospital"));
    // Finnish has no words of its own, so the study's English stands in the Finnish report.
    assert!(world.text("linked/report.fi.html").contains("Stays in hospital"));
    assert!(world.text("linked/report.sv.html").contains("Vårdtillfällen"));
}

#[test]
fn names_that_the_linked_dataset_needs_are_refused_when_the_contract_is_read() {
    for (from, to, place) in [
        ("name = \"spell\"", "name = \"persons\"", "'persons'"),
        ("name = \"spell\"", "name = \"linkage\"", "'linkage'"),
        ("name = \"days\"", "name = \"person\"", "'spell.person'"),
    ] {
        let world = linked();
        let contract = world.text("contract.toml").replacen(from, to, 1);
        let end = contract.find("[linked.spell]").unwrap();
        let population = "[population]\nany_of = [\"goal\"]\n";
        world.write("contract.toml", format!("{}{population}", &contract[..end]));
        world.run("show contract.toml").fails(3, &[place, "a name that the tool itself uses"]);
    }
    let world = linked();
    let contract = world.text("contract.toml") + "\n[analysis]\nkind = \"unheard\"\n";
    world.write("contract.toml", contract);
    world.run("show contract.toml").fails(3, &["analysis", "'unheard'"]);
}

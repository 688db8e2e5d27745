//! Companions of a linked dataset: the data package for other tools, the linkage report for people, and the examples
//! that read it.

use std::io::Write as _;
use std::process::Command;

use salanimi::text::Language;

use crate::judges::{Judges, words};
use crate::page::{BROWSER, open};
use crate::stock_tools::are_there;
use crate::world::{World, repository};

/// Builds a linked dataset with every table of the study.
fn demo() -> World {
    demo_of(3000)
}

#[test]
fn a_demo_too_small_for_its_towns_is_refused() {
    let world = World::empty();
    let refused = world.run("demo --attack none --persons 199 --out demo");
    refused.fails(2, &["--persons", "199 is not in 200.."]);
    world.has_nothing_of("demo");
}

fn demo_of(persons: u32) -> World {
    let world = World::empty();
    world.run(&format!("demo --attack none --persons {persons} --out demo")).succeeds();
    world
}

#[test]
fn frictionless_and_pyarrow_find_the_tables_of_the_data_package() {
    let Some(judges) = Judges::assemble() else { return };
    let world = demo();
    let output = judges.run("datapackage.py").arg(world.path("demo/linked")).output().unwrap();
    assert!(output.status.success() && words(&output).contains("ok 11 tables"), "{}", words(&output));
}

#[test]
fn the_examples_read_a_linked_dataset() {
    let world = demo();
    let linked = world.path("demo/linked");
    if let Some(judges) = Judges::assemble() {
        let output = judges.python().arg(repository("examples/python/read.py")).arg(&linked).output().unwrap();
        assert!(output.status.success() && words(&output).contains("reached within 30 days"), "{}", words(&output));
    }
    if let Some(judges) = Judges::assemble() {
        let mut models = judges.python();
        models.arg(repository("examples/python/models.py")).arg(&linked).arg(world.path("demo/released"));
        let output = models.output().unwrap();
        let told = words(&output);
        let is_told = |line: &str| told.contains(line);
        assert!(output.status.success(), "{told}");
        assert!(
            is_told("hazard ratio of leaving") && is_told("primary_m4: under 25") && is_told("(followed)"),
            "{told}"
        );
    }
    let has_r = Command::new("Rscript").args(["-e", "library(nanoparquet); library(jsonlite)"]).output();
    if !has_r.is_ok_and(|output| output.status.success()) {
        // Written directly, because the test harness captures `eprintln!`.
        let _ =
            writeln!(std::io::stderr(), "SKIPPED: no Rscript with nanoparquet and jsonlite, so examples/r was not run");
        return;
    }
    for (example, line) in [("read.R", "reached within 30 days"), ("models.R", "hazard ratio of leaving")] {
        let script = repository(&format!("examples/r/{example}"));
        let output = Command::new("Rscript").arg(script).arg(&linked).output().unwrap();
        assert!(output.status.success() && words(&output).contains(line), "{}", words(&output));
    }
}

#[test]
fn the_results_page_can_be_made_again_from_the_release_alone() {
    let world = demo();
    let contract = salanimi::study::read_contract(&world.path("demo/sources/contract.toml")).unwrap();
    for language in Language::ALL {
        let page = match language {
            Language::English => "demo/released/results.html".to_owned(),
            _ => format!("demo/released/results.{}.html", language.code()),
        };
        let again = salanimi::report::results_page(&world.path("demo/released"), &contract, language).unwrap();
        assert!(world.text(&page) == again, "{page} differs");
    }
}

#[test]
fn a_browser_shows_the_reports_without_outside_files() {
    let world = demo();
    for (page, language) in [
        ("linked/report.html", "en"),
        ("linked/report.fi.html", "fi"),
        ("linked/report.sv.html", "sv"),
        ("released/results.html", "en"),
        ("released/results.fi.html", "fi"),
        ("released/results.sv.html", "sv"),
    ] {
        let name = format!("demo/{page}");
        let text = world.text(&name);
        assert!(text.contains(&format!("<html lang=\"{language}\">")), "{page}");
        for outside in ["<script", "http://", "https://", "url(\"", "@import"] {
            assert!(!text.contains(outside), "{page} has {outside}");
        }
        assert!(!text.to_lowercase().contains("anonym"), "{page}");
        assert_eq!(text.matches("<svg").count(), text.matches("</svg>").count());
        if !are_there(&[BROWSER]) {
            continue;
        }
        let shown = String::from_utf8(open(&world.path(&name), &["--dump-dom"]).stdout).unwrap();
        for part in ["<h1", "<caption", "role=\"img\""] {
            assert!(shown.contains(part), "{page} lacks {part}");
        }
        let print = format!("--print-to-pdf={}", world.path("report.pdf").display());
        open(&world.path(&name), &[&print]);
        assert!(world.read("report.pdf").starts_with(b"%PDF"));
    }
}

#[test]
fn pictures_of_the_reports_are_well_formed_and_have_words() {
    let Some(judges) = Judges::assemble() else { return };
    // With fewer people some pictures have too few.
    let world = demo_of(12_000);
    let pages =
        ["report.html", "report.fi.html", "report.sv.html"].map(|page| world.path(&format!("demo/linked/{page}")));
    let output = judges.run("pictures.py").args(pages).output().unwrap();
    // One of comparable persons, four by month, two by sex and age, two by area.
    assert!(output.status.success(), "{}", words(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "ok 9 pictures\n".repeat(3));
    let pages =
        ["results.html", "results.fi.html", "results.sv.html"].map(|page| world.path(&format!("demo/released/{page}")));
    let output = judges.run("pictures.py").args(pages).output().unwrap();
    assert!(output.status.success(), "{}", words(&output));
    // The threshold has too few persons in each group here.
    assert_eq!(String::from_utf8_lossy(&output.stdout), "ok 11 pictures\n".repeat(3));
}

#[test]
fn a_report_of_few_people_suppresses_small_cells() {
    let world = World::sealed();
    world.link_sealed("linked", "").succeeds();
    let text = world.text("linked/report.html");
    let accounting = world.json("linked.accounting.json");
    let few = accounting["persons"].as_u64().unwrap();
    assert!((1..30).contains(&few), "{few} are not few");
    assert!(text.contains("&lt;\u{a0}5") || text.contains("<\u{a0}5"), "no small cell was suppressed");
}

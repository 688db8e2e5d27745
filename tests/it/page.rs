//! The officer's page in a browser, on the screen and in print, and the report against its published schema.

use std::path::Path;
use std::process::{Command, Output};

use crate::judges::Judges;
use crate::stock_tools::are_there;
use crate::world::{BOTH, World};

/// A browser that any page can be opened in.
pub const BROWSER: &str = "chromium";
/// Most sheets of paper for the verification of a demo.
const MOST_SHEETS: usize = 15;

/// Opens `page` in the browser, without a window.
pub fn open(page: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(BROWSER);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr"]);
    let output = command.args(arguments).arg(format!("file://{}", page.display())).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let console: Vec<&str> = said.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(console.is_empty(), "{console:#?}");
    output
}

/// A world in which two deliveries and what was linked of them were verified; the pages, by language.
fn verified() -> (World, [&'static str; 3]) {
    let world = World::sealed();
    world.link_sealed("linked", "").succeeds();
    let pages = [("en", "page.en.html"), ("fi", "page.fi.html"), ("sv", "page.sv.html")].map(|(language, page)| {
        let line = "verify --attack none --contract contract.toml --identity linker.identity";
        let out = format!("--lang {language} --report {page} --json {language}.json");
        world.run(&format!("{line} {out} {BOTH} linked")).succeeds();
        page
    });
    (world, pages)
}

#[test]
fn a_browser_shows_and_prints_the_page_without_a_complaint() {
    if !are_there(&[BROWSER]) {
        return;
    }
    let (world, pages) = verified();
    for page in pages {
        let shown = String::from_utf8(open(&world.path(page), &["--dump-dom"]).stdout).unwrap();
        for part in ["<h1", "id=\"sign\"", "<caption", "role=\"img\"", "residue.names"] {
            assert!(shown.contains(part), "{page} lacks {part}");
        }
        assert_eq!(shown.matches("<h1").count(), 1);
        let (first_screen, rest) = shown.split_once("<nav").unwrap();
        for part in ["id=\"verdict\"", "id=\"decide\"", "href=\"#warn-", "id=\"not_checked\"", "href=\"#limits\""] {
            assert!(first_screen.contains(part), "the first screen of {page} lacks {part}");
        }
        // One in the numbers of results, the others in the list of reasons.
        assert!(first_screen.matches("#mark-not_checked").count() > 1);
        let (report, appendices) = rest.split_once("class=\"appendix\"").unwrap();
        let file = "<th scope=\"row\">support.parquet</th>";
        assert!(!report.contains(file) && appendices.contains(file), "the files of {page} are not in the appendix");
        let picture = format!("{page}.png");
        let screenshot = format!("--screenshot={}", world.path(&picture).display());
        open(&world.path(page), &[&screenshot, "--window-size=1200,3000"]);
        assert!(world.read(&picture).len() > 50_000, "the page is blank");
        let sheets = sheets(&world, page);
        assert!((4..=MOST_SHEETS).contains(&sheets), "{page}: {sheets} sheets");
    }
}

/// Prints a page and returns the number of sheets.
fn sheets(world: &World, page: &str) -> usize {
    let print = world.path("print.pdf");
    open(&world.path(page), &[&format!("--print-to-pdf={}", print.display())]);
    let pdf = String::from_utf8_lossy(&world.read("print.pdf")).into_owned();
    assert!(pdf.starts_with("%PDF"));
    // A4 in points.
    assert!(pdf.contains("594.95") || pdf.contains("595.") || pdf.contains("[0 0 595"), "not A4");
    pdf.matches("/Type /Page\n").count().max(pdf.matches("/Type/Page/").count())
}

#[test]
fn the_verification_of_a_demo_prints_on_few_sheets() {
    if !are_there(&[BROWSER]) {
        return;
    }
    let world = World::empty();
    world.run("demo --attack none --persons 3000 --out demo").succeeds();
    for page in ["verification.html", "verification.fi.html", "verification.sv.html"] {
        let sheets = sheets(&world, &format!("demo/{page}"));
        assert!(sheets <= MOST_SHEETS, "{page}: {sheets} sheets");
    }
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let (world, pages) = verified();
    for page in pages {
        let text = world.text(page);
        for outside in ["<script", "http://", "https://", "url(\"", "@import", "<link rel=\"stylesheet\""] {
            assert!(!text.contains(outside), "{page} has {outside}");
        }
        assert!(text.contains("default-src 'none'"));
    }
}

#[test]
fn the_report_is_as_its_schema_says() {
    let Some(judges) = Judges::assemble() else { return };
    let (world, _) = verified();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/schemas/verification-1.json");
    let mut judge = judges.run("report.py");
    let judged = judge
        .arg(schema)
        .args(["en", "fi", "sv"].map(|language| world.path(&format!("{language}.json"))))
        .output()
        .unwrap();
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr));
    assert_eq!(String::from_utf8_lossy(&judged.stdout), "ok\nok\nok\n");
    let broken = world.text("en.json").replacen("\"verdict\": \"warn\"", "\"verdict\": \"perhaps\"", 1);
    world.write("broken.json", broken);
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/schemas/verification-1.json");
    let judged = judges.run("report.py").arg(schema).arg(world.path("broken.json")).output().unwrap();
    assert!(!judged.status.success());
}

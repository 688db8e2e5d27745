//! The release key and its register: what a study may release over its whole life.

use crate::mini::{MiniTable, RELEASE, linked, name_release_key, with_release};
use crate::world::World;

const REGION: &str = "{ name = \"region\", role = \"quasi\", type = \"code\", codes = [\"r1\", \"r2\"] }";
const KIND: &str = "{ name = \"kind\", role = \"attribute\", type = \"code\", codes = [\"k1\", \"k2\", \"k3\"] }";

fn world(release: &str) -> World {
    let rows = (0..400).map(|at| (at, format!("r{};k{}", at % 2 + 1, at % 3 + 1))).collect();
    linked(&[MiniTable { name: "reg", columns: &[REGION, KIND], rows }], release)
}

fn table(name: &str, rest: &str) -> String {
    format!("[[release.tables]]\nname = \"{name}\"\ntable = \"reg\"\n{rest}\n")
}

fn release_to(world: &World, out: &str, more: &str) -> crate::world::Run {
    world.run(&format!("release --contract study.toml --key release.key --out {out} {more} linked"))
}

/// Returns a text without the line at a position.
fn without_line(text: &str, position: usize) -> String {
    let kept = text.split_inclusive('\n').enumerate().filter(|(at, _)| *at != position);
    kept.map(|(_, line)| line).collect()
}

fn lines(world: &World) -> usize {
    world.text("release.key.register").lines().count()
}

#[test]
fn the_same_question_is_charged_once_whatever_its_name_or_order() {
    let world = world(&table("a", "by = [\"region\", \"kind\"]"));
    release_to(&world, "r1", "").succeeds();
    assert_eq!(lines(&world), 2);
    with_release(&world, &table("b", "by = [\"kind\", \"region\"]"));
    release_to(&world, "r2", "").succeeds();
    assert_eq!(lines(&world), 2);
    with_release(&world, &table("b", "by = [\"kind\"]"));
    release_to(&world, "r3", "").succeeds();
    assert_eq!(lines(&world), 3);
}

#[test]
fn more_items_than_the_contract_allows_are_refused() {
    let one = |value: &str| {
        table(
            &format!("t-{value}"),
            &format!("by = [\"region\"]\nonly = [{{ column = \"kind\", is = [\"{value}\"] }}]"),
        )
    };
    let world = world(&format!("max_items = 2\n{}{}", one("k1"), one("k2")));
    release_to(&world, "r1", "").succeeds();
    with_release(&world, &format!("max_items = 2\n{}", one("k3")));
    release_to(&world, "r2", "").fails(5, &["3 tables of numbers", "allows 2"]);
    assert_eq!(lines(&world), 3);
    assert!(!world.path("r2").exists());
}

#[test]
fn a_filter_is_one_value_or_one_group() {
    let two = table("t", "by = [\"region\"]\nonly = [{ column = \"kind\", is = [\"k1\", \"k2\"] }]");
    let world = world(&two);
    world.run(RELEASE).fails(5, &["one value or one group"]);
    let group = "[release.hierarchies.kind]\ngroups = [{ early = [\"k1\", \"k2\"] }]\n";
    with_release(&world, &format!("{group}{two}"));
    world.run(RELEASE).succeeds();
    with_release(&world, &two.replace("\"k1\", \"k2\"", "\"k9\""));
    release_to(&world, "r2", "").fails(3, &["column 'kind' has no value in the contract"]);
}

#[test]
fn every_dataset_of_the_study_is_counted() {
    let world = world(&format!("max_datasets = 1\n{}", table("t", "by = [\"region\"]")));
    release_to(&world, "r1", "").succeeds();
    world.run("link --contract study.toml --out linked2 delivery").succeeds();
    let again = "release --contract study.toml --key release.key --out r2 linked2";
    world.run(again).fails(5, &["2 different linked datasets", "allows 1"]);
}

#[test]
fn another_dataset_of_the_same_persons_is_rounded_anew() {
    let rows = (0..401).map(|at| (at, format!("r{};k{}", at % 2 + 1, at % 3 + 1))).collect();
    let by = table("t", "by = [\"region\", \"kind\"]");
    let world = linked(&[MiniTable { name: "reg", columns: &[REGION, KIND], rows }], &by);
    world.run(RELEASE).succeeds();
    let first = world.text("released/t.csv");
    let mut differs = false;
    for at in 0..3 {
        world.run(&format!("link --contract study.toml --out linked-{at} delivery")).succeeds();
        let out = format!("r-{at}");
        world.run(&format!("release --contract study.toml --key release.key --out {out} linked-{at}")).succeeds();
        differs |= world.text(&format!("{out}/t.csv")) != first;
    }
    assert!(differs);
}

#[test]
fn rows_with_other_levels_or_limits_are_other_rows() {
    let rows = "[[release.microdata]]\nname = \"m\"\ntable = \"reg\"\ncolumns = [\"region\", \"kind\"]\n";
    let levels = |first: &str| format!("[release.hierarchies.region]\ngroups = [{{ all = [{first}] }}]\n{rows}");
    let world = world(&levels("\"r1\", \"r2\""));
    release_to(&world, "r1", "").succeeds();
    with_release(&world, &levels("\"r1\""));
    release_to(&world, "r2", "").fails(5, &["two sets of rows can be joined"]);
    with_release(&world, &levels("\"r1\", \"r2\""));
    world.edit("study.toml", "min_cell = 5", "min_cell = 5\nmin_k = 6");
    release_to(&world, "r2", "").fails(5, &["two sets of rows can be joined"]);
}

#[test]
fn a_manifest_that_is_written_otherwise_is_the_same_dataset() {
    let world = world(&table("t", "by = [\"region\"]"));
    release_to(&world, "r1", "").succeeds();
    world.write("linked/manifest.json", world.text("linked/manifest.json") + "\n");
    world.digest_again("linked/manifest.json");
    release_to(&world, "r2", "").succeeds();
    assert!(lines(&world) == 2 && world.read("r1/t.csv") == world.read("r2/t.csv"));
}

#[test]
fn labels_that_look_alike_are_refused() {
    let by = table("t", "by = [\"region\", \"n\"]");
    let world = world(&by);
    with_release(&world, &format!("[release.labels]\nn = [0, \"0\"]\n{by}"));
    world.run(RELEASE).fails(3, &["each value once"]);
    with_release(&world, &format!("[release.labels]\nn = [\"(unknown)\"]\n{by}"));
    world.run(RELEASE).fails(3, &["two labels of 'n' are the same"]);
    with_release(&world, &table("t", "by = [\"reg.region\"]"));
    world.run(RELEASE).fails(3, &["has no column"]);
}

#[test]
fn rates_count_as_a_table_for_each_flag() {
    let rows = (0..400).map(|at| (at, format!("r{};{}", at % 2 + 1, at % 3 % 2))).collect();
    let flag = "{ name = \"cured\", role = \"sensitive\", type = \"flag\" }";
    let rates =
        "max_items = 1\n[[release.rates]]\nname = \"r\"\ntable = \"reg\"\nby = [\"region\"]\nof = [\"cured\"]\n";
    let world = linked(&[MiniTable { name: "reg", columns: &[REGION, flag], rows }], rates);
    world.run(RELEASE).fails(5, &["2 tables of numbers", "allows 1"]);
    with_release(&world, &rates.replace("max_items = 1", "max_items = 2"));
    world.run(RELEASE).succeeds();
}

#[test]
fn the_method_the_base_and_the_weight_stay_as_they_began() {
    let rows = table("t", "by = [\"region\"]\ncount = \"rows\"\nweight = 2");
    let world = world(&rows);
    release_to(&world, "r1", "").succeeds();
    with_release(&world, &format!("base = 10\n{rows}"));
    release_to(&world, "r2", "").fails(5, &["protect = \"round\" and base = 5"]);
    with_release(&world, &format!("protect = \"noise\"\n{rows}"));
    release_to(&world, "r2", "").fails(5, &["protect = \"round\" and base = 5"]);
    with_release(&world, &rows.replace("weight = 2", "weight = 3"));
    release_to(&world, "r2", "").fails(5, &["fixed the weight of table 'reg' at 2"]);
}

#[test]
fn a_register_that_is_missing_edited_or_of_another_key_is_refused() {
    let world = world(&(table("a", "by = [\"region\"]") + &table("b", "by = [\"kind\"]")));
    release_to(&world, "r1", "").succeeds();
    let register = world.text("release.key.register");
    for (broken, expected) in [
        (register.replace("\"cost\":0.0", "\"cost\":0.1"), "line 2 was changed"),
        (register.replace('\n', "\r\n"), "line 1 was changed"),
        (without_line(&register, 1), "line 2"),
        (register.trim_end().to_owned(), "line 3 was changed"),
        (String::new(), "line 1 was changed"),
        ("noise".to_owned(), "line 1 was changed"),
    ] {
        world.write("release.key.register", &broken);
        release_to(&world, "r2", "").fails(5, &[expected]);
    }
    std::fs::remove_file(world.path("release.key.register")).unwrap();
    release_to(&world, "r2", "").fails(5, &["register of the release key is missing"]);
    world.write("release.key.register", &register);
    release_to(&world, "r2", "").succeeds();
}

#[test]
fn a_register_that_was_cut_short_lacks_the_previous_release() {
    let world = world(&table("a", "by = [\"region\"]"));
    release_to(&world, "r1", "").succeeds();
    let cut = without_line(&world.text("release.key.register"), 1);
    let whole = world.text("release.key.register");
    world.write("release.key.register", &cut);
    release_to(&world, "r2", "--previous r1").fails(5, &["cut short or forked"]);
    let digest = world.json("r1/manifest.json")["register"]["after"]["digest"].as_str().unwrap().to_owned();
    release_to(&world, "r2", &format!("--previous {digest}")).fails(5, &["cut short or forked"]);
    release_to(&world, "r2", "--previous linked").fails(3, &["no release of this tool"]);
    world.write("release.key.register", &whole);
    release_to(&world, "r2", "--previous r1").succeeds();
}

#[test]
fn two_releases_from_one_state_of_the_register_fail_verification() {
    let world = world(&table("a", "by = [\"region\"]"));
    let register = world.text("release.key.register");
    release_to(&world, "r1", "").succeeds();
    world.write("release.key.register", &register);
    with_release(&world, &table("b", "by = [\"kind\"]"));
    release_to(&world, "r2", "").succeeds();
    for folder in ["r1", "r2"] {
        world.run(&format!("verify --attack none {folder}")).succeeds();
    }
    let both = world.run("verify --attack none r1 r2");
    assert!(both.code() == 4 && both.stdout().contains("integrity.register"), "{}", both.stdout());
}

#[test]
fn the_contract_names_the_release_key() {
    let world = world(&table("a", "by = [\"region\"]"));
    let contract = world.text("study.toml");
    let key = contract.lines().find(|line| line.starts_with("key = ")).unwrap();
    world.write("study.toml", contract.replace(key, ""));
    release_to(&world, "r1", "").fails(3, &["does not name the release key", key]);
    world.write("study.toml", contract.replace(key, "key = \"11111 22222 33333 44444\""));
    release_to(&world, "r1", "").fails(3, &["the contract names another"]);
    world
        .run("release --contract study.toml --key study.key --out r1 linked")
        .fails(3, &["a project key", "a release key"]);
    world.write("other.toml", contract.replace("id = \"tiny\"", "id = \"other\""));
    world.run("release --contract other.toml --key release.key --out r1 linked").fails(3, &["study"]);
}

#[test]
fn a_new_release_key_has_an_empty_register() {
    let world = World::good();
    let made = world.run("key new --release --contract contract.toml new.key").succeeds().stdout();
    assert!(made.contains("under [release]"), "{made}");
    assert_eq!(world.text("new.key.register").lines().count(), 1);
    world.run("key new --release --contract contract.toml new.key").fails(3, &["exists"]);
}

#[test]
fn a_register_that_cannot_be_written_publishes_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let world = world(&table("a", "by = [\"region\"]"));
    std::fs::create_dir(world.path("keys")).unwrap();
    for file in ["release.key", "release.key.register"] {
        std::fs::rename(world.path(file), world.path(&format!("keys/{file}"))).unwrap();
    }
    std::fs::set_permissions(world.path("keys"), std::fs::Permissions::from_mode(0o500)).unwrap();
    let run = world.run("release --contract study.toml --key keys/release.key --out r1 linked");
    // The superuser may write everywhere.
    let is_root = std::fs::write(world.path("keys/probe"), "").is_ok();
    std::fs::set_permissions(world.path("keys"), std::fs::Permissions::from_mode(0o700)).unwrap();
    if !is_root {
        run.fails(1, &["register cannot be written"]);
        assert!(!world.path("r1").exists());
    }
}

#[test]
fn noise_stops_at_its_certainty_and_the_plan_says_where() {
    let noise = "protect = \"noise\"\nnoise = 5\ncertainty = 0.6\n";
    let tables = |names: &[&str]| -> String {
        names.iter().map(|by| table(&format!("t-{by}"), &format!("by = [\"{by}\"]"))).collect()
    };
    // 2·(1/5)² = 0.08 for each table; Φ(√0.24 / 2) = 0.597, Φ(√0.32 / 2) = 0.611.
    let world = world(&format!("{noise}{}", tables(&["region", "kind"])));
    let plan = world.run("release --plan --contract study.toml").succeeds().stdout();
    assert!(plan.contains("cost 0.0800") && plan.contains("allows 60"), "{plan}");
    release_to(&world, "r1", "").succeeds();
    with_release(&world, &format!("{noise}{}", table("more", "by = []")));
    release_to(&world, "r2", "").succeeds();
    with_release(
        &world,
        &format!("{noise}{}", table("last", "by = [\"region\"]\nonly = [{ column = \"kind\", is = [\"k1\"] }]")),
    );
    release_to(&world, "r3", "").fails(5, &["in 62 of 100 cases", "allows 60", "--plan"]);
    assert_eq!(world.text("r1/t-region.csv").lines().count(), 1 + 4);
    world.run("verify --attack none r1 r2").succeeds();
}

#[test]
fn under_noise_thin_tables_and_rows_of_persons_are_refused() {
    let thin = "protect = \"noise\"\nnoise = 100\n".to_owned() + &table("t", "by = [\"region\", \"kind\"]");
    let world = world(&thin);
    world.run(RELEASE).fails(5, &["too few for so many cells"]);
    let rows = "[[release.microdata]]\nname = \"m\"\ntable = \"reg\"\ncolumns = [\"region\"]\n";
    with_release(&world, &format!("protect = \"noise\"\n{rows}"));
    world.run(RELEASE).fails(5, &["cannot be protected by noise"]);
    // An item that was counted is in the register, also if it is refused afterwards.
    assert_eq!(lines(&world), 2);
}

#[test]
fn a_thin_table_and_an_empty_filter_are_warned_of() {
    let rows = (0..20).map(|at| (at, format!("r1;k{}", at % 2 + 1))).collect();
    let filtered = table("t", "by = [\"region\"]\nonly = [{ column = \"kind\", is = [\"k3\"] }]");
    let world = linked(&[MiniTable { name: "reg", columns: &[REGION, KIND], rows }], &filtered);
    let said = world.run(RELEASE).succeeds().stdout();
    assert!(said.contains("t has few persons") && said.contains("the condition of t"), "{said}");
}

#[test]
fn a_release_key_of_one_study_is_made_once() {
    let world = World::good();
    world.edit("contract.toml", "\n[population]\n", "\n[release]\n\n[population]\n");
    name_release_key(&world, "contract.toml", "tiny");
    world.run("release --plan --contract contract.toml").succeeds();
    world.run("release --plan --contract contract.toml --out x").fails(2, &["--out"]);
    world.run("release --contract contract.toml --out x linked").fails(2, &["--key"]);
}

#[test]
fn a_release_that_its_contract_defines_otherwise_fails() {
    let world = world(&table("a", "by = [\"region\"]"));
    world.run(RELEASE).succeeds();
    let verify = |fault: Option<&str>| {
        let run = world.run("verify --attack none --contract study.toml released");
        let failed: Vec<String> =
            run.stdout().lines().filter(|line| line.contains(" FAIL ")).map(str::to_owned).collect();
        match fault {
            None => assert!(failed.is_empty(), "{failed:?}"),
            Some(fault) => assert!(run.code() == 4 && failed.iter().any(|line| line.contains(fault)), "{failed:?}"),
        }
    };
    verify(None);
    for other in [
        "by = [\"kind\"]",
        "by = [\"region\"]\nonly = [{ column = \"kind\", is = [\"k1\"] }]",
        "by = [\"region\"]\ncount = \"rows\"\nweight = 3",
    ] {
        with_release(&world, &table("a", other));
        verify(Some("purpose.labels"));
    }
    // A result more in the contract is no fault of an earlier release.
    with_release(&world, &(table("a", "by = [\"region\"]") + &table("b", "by = [\"kind\"]")));
    verify(None);
    let contract = world.text("study.toml");
    world.write("study.toml", contract.replacen("id = \"tiny\"", "id = \"other\"", 1));
    verify(Some("integrity.manifest"));
}

//! The stock `age` and `minisign` tools as judges of keys, signatures and certificates, in both directions.
//!
//! Where they are not installed these tests say SKIPPED and pass; with `SALANIMI_REQUIRE_JUDGES` set, they fail.

use std::io::Write as _;
use std::process::{Command, Output};

use data_encoding::HEXLOWER;

use crate::judges::REQUIRE;
use crate::world::{BOTH, World};

/// Whether every one of `tools` can be run; says loudly which cannot.
pub fn are_there(tools: &[&str]) -> bool {
    let missing = tools.iter().find(|tool| Command::new(tool).arg("--version").output().is_err());
    if let Some(tool) = missing {
        assert!(std::env::var_os(REQUIRE).is_none(), "{REQUIRE} is set, but {tool} is not installed");
        let _ = writeln!(std::io::stderr(), "SKIPPED: {tool} is not installed; set {REQUIRE}=1 to make this a failure");
    }
    missing.is_none()
}

impl World {
    /// Runs another tool in the world's folder.
    fn stock(&self, line: &str) -> Output {
        self.stock_words(&line.split_whitespace().collect::<Vec<_>>())
    }

    fn stock_words(&self, words: &[&str]) -> Output {
        let output = Command::new(words[0]).args(&words[1..]).current_dir(self.root()).output().unwrap();
        assert!(output.status.success(), "{words:?}\n{}", String::from_utf8_lossy(&output.stderr));
        output
    }
}

#[test]
fn minisign_verifies_a_manifest_and_a_certificate_and_refuses_them_changed() {
    if !are_there(&["minisign"]) {
        return;
    }
    let world = World::of_parties();
    world.run("key new --signing --contract contract.toml new.signing").succeeds();
    let public = world.text("new.signing.pub").lines().nth(1).unwrap().to_owned();
    let listed = world.text("contract.toml");
    let kela = listed.split("[holders.kela]\nsigning = \"").nth(1).unwrap().split('"').next().unwrap();
    world.write("contract.toml", listed.replace(kela, &public));
    world.extract("kela", "out", "--signing-key new.signing").succeeds();
    world.stock("minisign -V -p new.signing.pub -m out/manifest.json");
    world.run("key destroy --signing-key new.signing --certificate gone.json study.key").succeeds();
    world.stock("minisign -V -p new.signing.pub -m gone.json");
    world.edit("gone.json", "overwritten", "overwritted");
    let mut verify = Command::new("minisign");
    verify.args(["-V", "-p", "new.signing.pub", "-m", "gone.json"]).current_dir(world.root());
    assert!(!verify.output().unwrap().status.success());
}

#[test]
fn a_manifest_signed_by_stock_minisign_is_accepted() {
    if !are_there(&["minisign"]) {
        return;
    }
    let world = World::sealed();
    world.stock("minisign -G -W -p stock.pub -s stock.key");
    let stock = world.text("stock.pub").lines().nth(1).unwrap().to_owned();
    let listed = world.text("contract.toml");
    let kela = listed.split("[holders.kela]\nsigning = \"").nth(1).unwrap().split('"').next().unwrap();
    world.write("contract.toml", listed.replace(kela, &stock));
    world.link_sealed("linked", "").fails(3, &["d-kela/manifest.json.minisig", "another key made it"]);
    world.stock("minisign -S -s stock.key -m d-kela/manifest.json -t anything");
    world
        .link_sealed("linked", "")
        .fails(3, &["d-kela/manifest.json.minisig", "its trusted comment names another file"]);
    let comment = "salanimi-delivery/1 tiny kela 1";
    world.stock_words(&["minisign", "-S", "-s", "stock.key", "-m", "d-kela/manifest.json", "-t", comment]);
    world.link_sealed("linked", "").succeeds();
}

#[test]
fn age_knows_our_identities_and_we_know_its() {
    if !are_there(&["age", "age-keygen"]) {
        return;
    }
    let world = World::of_parties();
    world.run("key new --identity ours.identity").succeeds();
    let public = world.stock("age-keygen -y ours.identity").stdout;
    assert_eq!(public, world.read("ours.identity.pub"));
    // A delivery sealed to an identity of age-keygen.
    world.stock("age-keygen -o stock.identity");
    let stock = String::from_utf8(world.stock("age-keygen -y stock.identity").stdout).unwrap();
    let listed = world.text("contract.toml");
    let linker = listed.split("linker = \"").nth(1).unwrap().split('"').next().unwrap();
    world.write("contract.toml", listed.replace(linker, stock.trim()));
    for holder in crate::world::HOLDERS {
        world.extract_signed(holder, &format!("d-{holder}"), "").succeeds();
    }
    world.link("linked", &format!("--identity stock.identity {BOTH}")).succeeds();
}

#[test]
fn age_unwraps_a_key_that_was_encrypted_to_recipients() {
    if !are_there(&["age"]) {
        return;
    }
    let world = World::of_parties();
    world.run("key new --contract contract.toml --to kela --to town shared.key").succeeds();
    let text = world.text("shared.key");
    let armour = &text[text.find("-----BEGIN AGE").unwrap()..];
    world.write("armoured", armour);
    let opened = ["kela", "town"].map(|holder| world.stock(&format!("age -d -i {holder}.identity armoured")).stdout);
    assert!(opened[0].len() == 32 && opened[0] == opened[1]);
    assert!(!text.contains(&HEXLOWER.encode(&opened[0])));
}

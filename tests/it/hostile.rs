//! Deliveries of a holder who lies, changed bytes and killed runs: a seeded part of what `tests/judges` tries.
//!
//! The scripts share no code with the tool. `CONTRIBUTING.md` has the commands of the full figures.

use crate::judges::{Judges, words};
use crate::stock_tools::are_there;
use crate::world::World;

const HOLDERS: [&str; 3] = ["kela", "helsinki", "tampere"];
const CONTRACT: &str = "demo/sources/contract.toml";

/// Makes the demo of `persons` people.
fn demo(persons: usize) -> World {
    let world = World::empty();
    world.run(&format!("demo --attack none --persons {persons} --out demo")).succeeds();
    world
}

/// Extracts the delivery of each holder of the demo once more, unsealed and signed.
fn extract_unsealed(world: &World) {
    std::fs::create_dir(world.path("plain")).unwrap();
    for holder in HOLDERS {
        let files = format!("--contract {CONTRACT} --holder demo/sources/{holder}/holder.toml");
        let keys = format!("--key demo/keys/project.key --signing-key demo/keys/{holder}.signing.key");
        world.run(&format!("extract {files} {keys} --unsealed --out plain/{holder}")).succeeds();
    }
}

/// Returns the folder of each holder below `parent`.
fn of_each(parent: &str) -> String {
    HOLDERS.map(|holder| format!("{parent}/{holder}")).join(" ")
}

/// Runs a script on the binary. It must find nothing.
fn finds_nothing(judges: &Judges, world: &World, script: &str, arguments: &str) {
    let mut judge = judges.run(script);
    judge.current_dir(world.root()).arg("--binary").arg(crate::world::program());
    let ended = judge.args(["--contract", CONTRACT]).args(arguments.split_whitespace()).output().unwrap();
    assert!(ended.status.success() && words(&ended).contains("ok: "), "{}", words(&ended));
}

#[test]
fn a_delivery_that_states_what_is_not_its_holders_is_refused() {
    let Some(judges) = Judges::assemble() else { return };
    if !are_there(&["age"]) {
        return;
    }
    let world = demo(300);
    extract_unsealed(&world);
    let keys = HOLDERS.map(|holder| format!("--key {holder}=demo/keys/{holder}.signing.key")).join(" ");
    let sealed = format!("--identity demo/keys/linker.identity --sealed {}", of_each("demo/deliveries"));
    let arguments = format!("--count 60 --rows 100000 {keys} {sealed} -- {}", of_each("plain"));
    finds_nothing(&judges, &world, "hostile_deliveries.py", &arguments);
}

#[test]
fn a_changed_byte_is_noticed_in_every_file() {
    let Some(judges) = Judges::assemble() else { return };
    let world = demo(300);
    let secrets = "--identity demo/keys/linker.identity --release-key demo/keys/release.key";
    let folders = format!("--deliveries {} --linked demo/linked --released demo/released", of_each("demo/deliveries"));
    finds_nothing(&judges, &world, "byte_flips.py", &format!("--count 150 {secrets} {folders}"));
}

#[test]
fn after_a_kill_nothing_half_made_passes_and_the_next_run_succeeds() {
    let Some(judges) = Judges::assemble() else { return };
    let world = demo(2000);
    extract_unsealed(&world);
    let holder = "--holder demo/sources/kela/holder.toml --signing-key demo/keys/kela.signing.key";
    let keys = "--key demo/keys/project.key --link-key demo/keys/link.key";
    let arguments = format!("--count 10 {holder} {keys} {}", of_each("plain"));
    finds_nothing(&judges, &world, "kills.py", &arguments);
}

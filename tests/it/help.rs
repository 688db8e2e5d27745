//! Help, manual pages and completions.

use crate::world::World;

/// Every command that the help lists.
const COMMANDS: [&str; 15] = [
    "demo",
    "synth",
    "cohort",
    "init",
    "extract",
    "link",
    "release",
    "verify",
    "show",
    "key",
    "key new",
    "key fingerprint",
    "key split",
    "key combine",
    "key destroy",
];

#[test]
fn the_help_of_every_command_has_two_examples() {
    let world = World::empty();
    let listed = world.run("--help").succeeds().stdout();
    for command in COMMANDS {
        assert!(listed.contains(command.split(' ').next().unwrap()), "{command}");
        let help = world.run(&format!("{command} --help")).succeeds().stdout();
        let (_, examples) = help.split_once("Examples:").unwrap_or_else(|| panic!("{command} has no examples"));
        let examples = examples.lines().filter(|line| line.trim_start().starts_with("salanimi "));
        assert_eq!(examples.count(), 2, "{command}");
    }
}

#[test]
fn every_command_has_a_manual_page_and_three_shells_have_completions() {
    let world = World::empty();
    world.run("manual --out manual").succeeds();
    for command in COMMANDS {
        let page = world.text(&format!("manual/salanimi-{}.1", command.replace(' ', "-")));
        assert!(page.contains(".TH") && page.contains("salanimi"), "{command}");
    }
    for file in ["salanimi.1", "salanimi.bash", "salanimi.fish", "_salanimi"] {
        assert!(world.text(&format!("manual/{file}")).contains("extract"), "{file}");
    }
    world.run("manual --out manual").fails(1, &["manual"]);
}

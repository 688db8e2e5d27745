//! Tests of the statement of what the attack left out.

use super::super::super::check::Verdict;
use super::*;

fn secret(number: usize) -> Vec<String> {
    (0..number)
        .map(|n| format!("{};{}", Kind::Sha256.with(DigestOf(format!("secret {n}").as_bytes())), n % 7))
        .collect()
}

#[test]
fn no_attack_is_stated_in_the_verdict_and_in_each_check() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rows.csv"), format!("pseudonym;n\n{}\n", secret(40).join("\n"))).unwrap();
    let paths = [folder.path().to_owned()];
    let unlock = Unlock::default();
    let clock = || Duration::ZERO;
    let mut options = Options::new(&paths, &unlock, &clock);
    options.depth = Depth::None;
    let verification = crate::verify::verify(&options, &NoProgress);
    assert!(verification.left_out.unwrap().en.contains("was not made (--attack none)"));
    let attack = verification.checks.iter().filter(|check| check.name.starts_with("attack."));
    assert!(attack.clone().count() == 4 && attack.clone().all(|check| check.verdict == Verdict::NotChecked));
}

#[test]
fn a_quick_attack_and_a_budget_that_ended_are_stated() {
    for (depth, name) in [(Depth::Quick, "--attack quick"), (Depth::Standard, "about five minutes")] {
        let (_, left_out) = attack_rows(&secret(40), depth, None);
        let left_out = left_out.unwrap();
        assert!(left_out.en.contains(name) && left_out.en.contains("below one in"), "{}", left_out.en);
    }
}

#[test]
fn nothing_is_left_out_of_tables_without_pseudonyms() {
    let rows: Vec<String> = (0..40).map(|n| format!("{};{}", ["north", "south"][n % 2], n % 7)).collect();
    assert_eq!(attack_rows(&rows, Depth::Quick, None).1, None);
}

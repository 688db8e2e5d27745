//! Releases of one study: one key and one chain of register lines.

use std::collections::BTreeMap;

use super::Release;
use crate::config::Contract;
use crate::crypto::Digest;
use crate::exchange::{RegisterLine, RegisterPlace};
use crate::text::Text;
use crate::verify::check::{Check, Notes, Verdict};

const REGISTER: &str = "integrity.register";

/// Checks that all releases continue one register.
pub(super) fn check(releases: &[Release<'_>], contract: Option<&Contract>, checks: &mut Vec<Check>) {
    let labels: Vec<&str> = releases.iter().map(|release| release.subject.label.as_str()).collect();
    let mut notes = Notes { about: labels.join(", "), checks };
    let places: Vec<RegisterPlace> = releases.iter().map(|release| release.manifest.register).collect();
    let fault = if places.iter().any(|place| place.key_id != places[0].key_id) || !is_named(&places[0], contract) {
        Some(Text::new(
            "releases by different keys, or by a key that the contract does not name",
            "julkaisuja eri avaimilla tai avaimella, jota sopimus ei nimeä",
            "publiceringar med olika nycklar, eller med en nyckel som avtalet inte anger",
        ))
    } else if !is_one_chain(&places) {
        Some(Text::new(
            "the register was forked or cut short between releases: what they disclose together was not counted",
            "julkaisurekisteri on haarautunut tai katkennut julkaisujen välillä: yhteisvaikutusta ei ole laskettu",
            "publiceringsregistret har förgrenats eller brutits mellan publiceringarna: deras sammantagna verkan har \
             inte beräknats",
        ))
    } else {
        None
    };
    match fault {
        Some(fault) => notes.note(REGISTER, Verdict::Fail, fault),
        None => {
            let lines = places.iter().map(|place| place.after.number).fold(0, u64::max);
            let evidence = Text::new(
                format!("{} releases in one chain of {lines} register lines", places.len()),
                format!("{} julkaisua samassa rekisterissä, jossa on {lines} riviä", places.len()),
                format!("{} publiceringar i samma register, som har {lines} rader", places.len()),
            );
            notes.note(REGISTER, Verdict::Pass, evidence)
        }
    };
}

/// Returns true if the contract names the key, or there is no contract.
fn is_named(place: &RegisterPlace, contract: Option<&Contract>) -> bool {
    let Some(contract) = contract else { return true };
    contract.release.as_ref().is_some_and(|release| release.names_key(place.key_id))
}

/// Returns true if the places are of one chain: a line has one digest, and no two releases begin at one line and then
/// go on differently.
fn is_one_chain(places: &[RegisterPlace]) -> bool {
    let mut digests: BTreeMap<u64, Digest> = BTreeMap::new();
    let lines = places.iter().flat_map(|place| [place.before, place.after]);
    for RegisterLine { number, digest } in lines {
        if *digests.entry(number).or_insert(digest) != digest {
            return false;
        }
    }
    let mut spans: Vec<(u64, u64)> = places.iter().map(|place| (place.before.number, place.after.number)).collect();
    spans.retain(|(before, after)| before != after);
    spans.sort_unstable();
    spans.dedup();
    spans.windows(2).all(|pair| pair[0].1 <= pair[1].0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64, text: &str) -> RegisterLine {
        RegisterLine { number, digest: Digest::of(text.as_bytes()) }
    }

    fn place(before: RegisterLine, after: RegisterLine) -> RegisterPlace {
        RegisterPlace { key_id: "00000000000000ff".to_owned().try_into().unwrap(), before, after }
    }

    #[test]
    fn releases_that_follow_each_other_are_one_chain_and_a_fork_is_not() {
        let [head, two, three, other] = [line(0, "a"), line(2, "b"), line(3, "c"), line(3, "d")];
        assert!(is_one_chain(&[place(head, two), place(two, three), place(three, three)]));
        assert!(is_one_chain(&[place(head, two), place(head, two)]), "one release twice");
        assert!(!is_one_chain(&[place(two, three), place(two, other)]));
        assert!(!is_one_chain(&[place(head, two), place(head, three)]));
    }
}

//! Whether deliveries may be linked at all, and which of them count.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::delivery::Delivery;
use crate::config::Contract;
use crate::crypto::{Digest, SCHEME};
use salanimi_core::{Day, Id};

/// Deliveries that cannot be linked together; both sides are named.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
pub enum Disagreement {
    #[error("no delivery is given; name at least one folder")]
    NoDelivery,
    #[error("{title} is of the study '{found}', the contract is of '{expected}'; link only deliveries of one study")]
    Study { title: String, found: Id, expected: Id },
    #[error(
        "{title} was made under another contract (exchange section {found}) than the one given ({expected}); the holder must extract again with this contract"
    )]
    Contract { title: String, found: String, expected: String },
    #[error("{title} uses another pseudonym scheme than '{SCHEME}'; the holder must extract again with this version")]
    Scheme { title: String },
    #[error(
        "{left} and {right} were made with different keys (key ids {left_key} and {right_key}); one holder must extract again with the study's key"
    )]
    Key { left: String, right: String, left_key: String, right_key: String },
    #[error(
        "{left} and {right} have different canaries for '{name}': the key or the normalisation differs; both holders must use the same key and version"
    )]
    Canary { left: String, right: String, name: Id },
    #[error("{left} is synthetic and {right} is real; never link the two")]
    Synthetic { left: String, right: String },
    #[error("{title} is given twice; name each delivery once")]
    Twice { title: String },
    #[error("{title} claims to correct another delivery {number} than the one given; ask the holder which is right")]
    Replaced { title: String, number: u32 },
    #[error("{holder}: delivery {missing} is missing before delivery {number}; ask the holder for it")]
    NumberGap { holder: Id, missing: u32, number: u32 },
    #[error("{title} is not newer than delivery {linked}, which was linked already; do not link it again")]
    Replay { title: String, linked: u32 },
    #[error(
        "{title} begins on {first}, but the delivery before it ends on {last}: days are missing between; ask the holder for them"
    )]
    PeriodGap { title: String, first: Day, last: Day },
    #[error(
        "{title} begins on {first}, but the delivery before it ends on {last}: they overlap; the later one must say which it replaces"
    )]
    PeriodOverlap { title: String, first: Day, last: Day },
}

/// What a kept link key was used for: by holder, the last delivery that was linked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// By holder.
    pub linked: BTreeMap<Id, Linked>,
}

/// The last linked delivery of a holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linked {
    /// Its number.
    pub number: u32,
    /// The last day of its period.
    pub last: Day,
    /// SHA-256 of its manifest.
    pub manifest: Digest,
}

/// Deliveries that agree, without those that a later one replaces.
pub struct Agreed {
    /// The deliveries to link, by holder and number.
    pub deliveries: Vec<Delivery>,
    /// What will have been linked.
    pub history: History,
}

/// Checks that `deliveries` agree with `contract` and each other, and continue what `history` says was linked before.
///
/// # Errors
/// The first [`Disagreement`], both sides named.
pub fn agree(contract: &Contract, mut deliveries: Vec<Delivery>, history: &History) -> Result<Agreed, Disagreement> {
    deliveries.sort_by(|a, b| order(a).cmp(&order(b)));
    let Some(first) = deliveries.first() else { return Err(Disagreement::NoDelivery) };
    for delivery in &deliveries {
        check_contract(contract, delivery)?;
        check_pair(first, delivery)?;
    }
    if let Some(pair) = deliveries.windows(2).find(|pair| order(&pair[0]) == order(&pair[1])) {
        return Err(Disagreement::Twice { title: pair[1].title() });
    }
    let mut history = history.clone();
    for chain in deliveries.chunk_by(|a, b| a.manifest.holder == b.manifest.holder) {
        check_chain(chain, &mut history)?;
    }
    let replaced = replaced(&deliveries);
    deliveries.retain(|d| !replaced.contains(&(d.manifest.holder.clone(), d.manifest.delivery.number)));
    Ok(Agreed { deliveries, history })
}

fn order(delivery: &Delivery) -> (&Id, u32) {
    (&delivery.manifest.holder, delivery.manifest.delivery.number)
}

fn check_contract(contract: &Contract, delivery: &Delivery) -> Result<(), Disagreement> {
    let (manifest, title) = (&delivery.manifest, delivery.title());
    if manifest.study != contract.study.id {
        return Err(Disagreement::Study { title, found: manifest.study.clone(), expected: contract.study.id.clone() });
    }
    if manifest.scheme != SCHEME {
        return Err(Disagreement::Scheme { title });
    }
    if manifest.exchange_digest != contract.exchange_digest {
        let (found, expected) = (manifest.exchange_digest.short(), contract.exchange_digest.short());
        return Err(Disagreement::Contract { title, found, expected });
    }
    Ok(())
}

fn check_pair(a: &Delivery, b: &Delivery) -> Result<(), Disagreement> {
    let (left, right) = (a.title(), b.title());
    if a.manifest.key_id != b.manifest.key_id {
        let (left_key, right_key) = (a.manifest.key_id.to_string(), b.manifest.key_id.to_string());
        return Err(Disagreement::Key { left, right, left_key, right_key });
    }
    if a.manifest.canaries != b.manifest.canaries {
        let differs = a.manifest.canaries.iter().find(|canary| !b.manifest.canaries.contains(canary));
        let name = differs.or(b.manifest.canaries.first()).map_or_else(|| a.manifest.study.clone(), |c| c.name.clone());
        return Err(Disagreement::Canary { left, right, name });
    }
    if a.manifest.synthetic != b.manifest.synthetic {
        let (left, right) = if a.manifest.synthetic { (left, right) } else { (right, left) };
        return Err(Disagreement::Synthetic { left, right });
    }
    Ok(())
}

/// Numbers continue without a gap, and the periods of those that count follow each other day by day.
fn check_chain(chain: &[Delivery], history: &mut History) -> Result<(), Disagreement> {
    let holder = &chain[0].manifest.holder;
    let before = history.linked.get(holder).copied();
    let mut expected = before.map_or(1, |linked| linked.number + 1);
    for delivery in chain {
        let number = delivery.manifest.delivery.number;
        if let Some(linked) = before.filter(|linked| number <= linked.number) {
            return Err(Disagreement::Replay { title: delivery.title(), linked: linked.number });
        }
        check_replaced(chain, delivery, before)?;
        let corrected: Vec<u32> = chain.iter().filter_map(|d| d.manifest.delivery.replaces).map(|r| r.number).collect();
        while expected < number && corrected.contains(&expected) {
            expected += 1;
        }
        if number != expected {
            return Err(Disagreement::NumberGap { holder: holder.clone(), missing: expected, number });
        }
        expected += 1;
    }
    check_periods(chain, before)?;
    if let Some(last) = chain.last() {
        let latest = chain.iter().map(|d| d.manifest.delivery.period.last).chain(before.map(|b| b.last)).max();
        let last_day = latest.unwrap_or(last.manifest.delivery.period.last);
        let linked = Linked { number: last.manifest.delivery.number, last: last_day, manifest: last.digest };
        history.linked.insert(holder.clone(), linked);
    }
    Ok(())
}

/// A delivery that is replaced, and is given or was the last to be linked before, is the very one that the later one
/// names.
fn check_replaced(chain: &[Delivery], delivery: &Delivery, before: Option<Linked>) -> Result<(), Disagreement> {
    let Some(replaced) = delivery.manifest.delivery.replaces else { return Ok(()) };
    let given = chain.iter().find(|d| d.manifest.delivery.number == replaced.number).map(|d| d.digest);
    let known = given.or(before.filter(|linked| linked.number == replaced.number).map(|linked| linked.manifest));
    match known {
        Some(digest) if digest != replaced.manifest => {
            Err(Disagreement::Replaced { title: delivery.title(), number: replaced.number })
        }
        _ => Ok(()),
    }
}

fn check_periods(chain: &[Delivery], before: Option<Linked>) -> Result<(), Disagreement> {
    let replaced = replaced(chain);
    let counts = |d: &&Delivery| !replaced.contains(&(d.manifest.holder.clone(), d.manifest.delivery.number));
    let mut live: Vec<&Delivery> = chain.iter().filter(counts).collect();
    live.sort_by_key(|d| d.manifest.delivery.period.first);
    // A correction of what was linked before covers days that were linked before.
    let linked_before =
        |d: &&Delivery| d.manifest.delivery.replaces.is_some_and(|r| before.is_some_and(|b| r.number <= b.number));
    let mut last = before.map(|linked| linked.last);
    for delivery in live.into_iter().filter(|d| !linked_before(d)) {
        let period = delivery.manifest.delivery.period;
        let (title, first) = (delivery.title(), period.first);
        match last {
            Some(last) if first <= last => return Err(Disagreement::PeriodOverlap { title, first, last }),
            Some(last) if first > last.next() => return Err(Disagreement::PeriodGap { title, first, last }),
            _ => last = Some(period.last),
        }
    }
    Ok(())
}

fn replaced(deliveries: &[Delivery]) -> Vec<(Id, u32)> {
    let pair = |d: &Delivery| d.manifest.delivery.replaces.map(|r| (d.manifest.holder.clone(), r.number));
    deliveries.iter().filter_map(pair).collect()
}

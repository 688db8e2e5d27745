//! Agreement of deliveries: the conditions for linking them together, and the corrections among them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::delivery::Delivery;
use crate::config::Contract;
use crate::crypto::Digest;
use salanimi_core::{Day, Id, SCHEME};

/// Reason for which deliveries cannot be linked together. Names both sides.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum Disagreement {
    #[error("no delivery is given; name at least one folder")]
    NoDelivery,
    #[error("{title} is for the study '{found}', the contract for '{expected}'; link only deliveries of one study")]
    Study { title: String, found: Id, expected: Id },
    #[error(
        "{title} was made under another contract (exchange section {found}, not {expected}); the holder must extract \
         again with this contract"
    )]
    Contract { title: String, found: String, expected: String },
    #[error("{title} uses another pseudonym scheme than '{SCHEME}'; the holder must extract again with this version")]
    Scheme { title: String },
    #[error(
        "{left} and {right} were made with different keys (key ids {left_key} and {right_key}); one holder must \
         extract again with the study's key"
    )]
    Key { left: String, right: String, left_key: String, right_key: String },
    #[error(
        "{left} and {right} have different canaries for '{name}': the key or the normalisation differs; both holders \
         must use the same key and version"
    )]
    Canary { left: String, right: String, name: Id },
    #[error(
        "{left} and {right} have different canaries or rules of linkage without identifiers; both holders must use the \
         same key and version"
    )]
    Linkage { left: String, right: String },
    #[error("{left} is synthetic and {right} is real; never link the two")]
    Synthetic { left: String, right: String },
    #[error("{title} is given twice; name each delivery once")]
    Twice { title: String },
    #[error(
        "{title} replaces a delivery {number} whose manifest differs from that of the given one; ask the holder which \
         is right"
    )]
    Replaced { title: String, number: u32 },
    #[error("{holder}: delivery {missing} is missing before delivery {number}; ask the holder for it")]
    NumberGap { holder: Id, missing: u32, number: u32 },
    #[error(
        "{title} is not newer than delivery {linked}, which is linked already, and is not one of those that were \
         linked with it (a replay); give the newest deliveries of the holder"
    )]
    Replay { title: String, linked: u32 },
    #[error(
        "{title} begins on {first}, but the delivery before it ends on {last}: days between them are missing; ask the \
         holder for them"
    )]
    PeriodGap { title: String, first: Day, last: Day },
    #[error(
        "{title} begins on {first}, but the delivery before it ends on {last}: they overlap; the later one must name \
         the one that it replaces"
    )]
    PeriodOverlap { title: String, first: Day, last: Day },
}

/// Deliveries that were linked with a kept link key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Linked deliveries by holder.
    pub linked: BTreeMap<Id, LastLinked>,
}

/// The linked deliveries of a holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastLinked {
    /// Number of the last one.
    pub number: u32,
    /// Last day of all linked periods.
    pub last: Day,
    /// SHA-256 of the manifest of the last one.
    pub manifest: Digest,
    /// SHA-256 of the manifest of each of the others, by number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub earlier: BTreeMap<u32, Digest>,
}

impl LastLinked {
    /// Returns true if this very delivery was linked before.
    fn knows(&self, delivery: &Delivery) -> bool {
        let number = delivery.manifest.delivery.number;
        let known = if number == self.number { Some(&self.manifest) } else { self.earlier.get(&number) };
        known == Some(&delivery.digest)
    }
}

/// Deliveries that agree, without those that later ones replace.
pub struct LinkableDeliveries {
    /// Deliveries to link, by holder and number.
    pub deliveries: Vec<Delivery>,
    /// History after these deliveries are linked.
    pub history: History,
}

/// Checks that `deliveries` agree with `contract` and each other, and continue `history`.
///
/// # Errors
/// The first [`Disagreement`].
pub fn agree(
    contract: &Contract,
    mut deliveries: Vec<Delivery>,
    history: &History,
) -> Result<LinkableDeliveries, Disagreement> {
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
    deliveries.retain(|delivery| !is_among(delivery, &replaced));
    Ok(LinkableDeliveries { deliveries, history })
}

/// Holder and number: the order of deliveries.
fn order(delivery: &Delivery) -> (&Id, u32) {
    (&delivery.manifest.holder, delivery.manifest.delivery.number)
}

fn check_contract(contract: &Contract, delivery: &Delivery) -> Result<(), Disagreement> {
    let manifest = &delivery.manifest;
    let title = delivery.title();
    if manifest.study != contract.study.id {
        return Err(Disagreement::Study { title, found: manifest.study.clone(), expected: contract.study.id.clone() });
    }
    if manifest.scheme != SCHEME {
        return Err(Disagreement::Scheme { title });
    }
    if manifest.exchange_digest != contract.exchange_digest {
        let found = manifest.exchange_digest.short();
        return Err(Disagreement::Contract { title, found, expected: contract.exchange_digest.short() });
    }
    Ok(())
}

fn check_pair(a: &Delivery, b: &Delivery) -> Result<(), Disagreement> {
    let left = a.title();
    let right = b.title();
    if a.manifest.key_id != b.manifest.key_id {
        let left_key = a.manifest.key_id.to_string();
        return Err(Disagreement::Key { left, right, left_key, right_key: b.manifest.key_id.to_string() });
    }
    if let Some(name) = differing_canary(a, b) {
        return Err(Disagreement::Canary { left, right, name });
    }
    if a.manifest.linkage != b.manifest.linkage {
        return Err(Disagreement::Linkage { left, right });
    }
    match (a.manifest.synthetic, b.manifest.synthetic) {
        (true, false) => Err(Disagreement::Synthetic { left, right }),
        (false, true) => Err(Disagreement::Synthetic { left: right, right: left }),
        _ => Ok(()),
    }
}

/// Returns the kind or label of the first canary that differs. One list may be a part of the other; the study then
/// stands for an absent name.
fn differing_canary(a: &Delivery, b: &Delivery) -> Option<Id> {
    if a.manifest.canaries == b.manifest.canaries {
        return None;
    }
    let differs = a.manifest.canaries.iter().find(|canary| !b.manifest.canaries.contains(canary));
    let canary = differs.or(b.manifest.canaries.first());
    Some(canary.map_or_else(|| a.manifest.study.clone(), |canary| canary.name.clone()))
}

/// Checks that the numbers of one holder's deliveries continue without a gap, and that the periods of those that count
/// follow each other day by day. Adds them to the history.
///
/// Deliveries that were linked before may be linked again, unchanged, if the last of them or a newer one is there.
fn check_chain(chain: &[Delivery], history: &mut History) -> Result<(), Disagreement> {
    let holder = &chain[0].manifest.holder;
    let newest = &chain[chain.len() - 1];
    let before = history.linked.get(holder).cloned();
    let before = before.as_ref();
    check_replays(chain, before)?;
    let first = &chain[0];
    let mut expected = match before {
        Some(linked) if linked.knows(first) => first.manifest.delivery.number,
        Some(linked) => linked.number + 1,
        None => 1,
    };
    for delivery in chain {
        let number = delivery.manifest.delivery.number;
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
    let periods = chain.iter().map(|delivery| delivery.manifest.delivery.period.last).chain(before.map(|b| b.last));
    let last = periods.fold(newest.manifest.delivery.period.last, Day::max);
    let mut earlier = before.map_or_else(BTreeMap::new, |linked| linked.earlier.clone());
    earlier.extend(before.map(|linked| (linked.number, linked.manifest)));
    earlier.extend(chain.iter().map(|delivery| (delivery.manifest.delivery.number, delivery.digest)));
    earlier.remove(&newest.manifest.delivery.number);
    let linked = LastLinked { number: newest.manifest.delivery.number, last, manifest: newest.digest, earlier };
    history.linked.insert(holder.clone(), linked);
    Ok(())
}

/// Refuses deliveries that are older than those linked before, or other ones of the same numbers.
fn check_replays(chain: &[Delivery], before: Option<&LastLinked>) -> Result<(), Disagreement> {
    let Some(linked) = before else { return Ok(()) };
    let is_old = |delivery: &&Delivery| delivery.manifest.delivery.number <= linked.number;
    let is_complete = chain.last().is_some_and(|newest| newest.manifest.delivery.number >= linked.number);
    match chain.iter().filter(is_old).find(|delivery| !is_complete || !linked.knows(delivery)) {
        Some(delivery) => Err(Disagreement::Replay { title: delivery.title(), linked: linked.number }),
        None => Ok(()),
    }
}

/// Checks that a replaced delivery is the very one that its correction names, if its digest is known: it is given, or
/// was the last one linked before.
fn check_replaced(chain: &[Delivery], delivery: &Delivery, before: Option<&LastLinked>) -> Result<(), Disagreement> {
    let Some(replaced) = delivery.manifest.delivery.replaces else { return Ok(()) };
    let given = chain.iter().find(|d| d.manifest.delivery.number == replaced.number).map(|d| d.digest);
    let linked = before.filter(|linked| linked.number == replaced.number).map(|linked| linked.manifest);
    let earlier = before.and_then(|linked| linked.earlier.get(&replaced.number).copied());
    let known = given.or(linked).or(earlier);
    match known {
        Some(digest) if digest != replaced.manifest => {
            Err(Disagreement::Replaced { title: delivery.title(), number: replaced.number })
        }
        _ => Ok(()),
    }
}

/// Checks that the periods of one holder's deliveries that count follow each other day by day.
fn check_periods(chain: &[Delivery], before: Option<&LastLinked>) -> Result<(), Disagreement> {
    let replaced = replaced(chain);
    // A delivery that was linked before, or a correction of one, covers days that were linked before.
    let is_known = |delivery: &Delivery| before.is_some_and(|linked| linked.knows(delivery));
    let counting = chain
        .iter()
        .filter(|delivery| !is_among(delivery, &replaced) && !is_known(delivery) && !corrects_linked(delivery, before));
    let mut counting: Vec<&Delivery> = counting.collect();
    counting.sort_by_key(|delivery| delivery.manifest.delivery.period.first);
    let mut last = before.map(|linked| linked.last);
    for delivery in counting {
        let period = delivery.manifest.delivery.period;
        let first = period.first;
        let title = delivery.title();
        match last {
            Some(last) if first <= last => return Err(Disagreement::PeriodOverlap { title, first, last }),
            Some(last) if first > last.next() => return Err(Disagreement::PeriodGap { title, first, last }),
            _ => last = Some(period.last),
        }
    }
    Ok(())
}

/// Returns true if the delivery replaces one that was linked before.
fn corrects_linked(delivery: &Delivery, before: Option<&LastLinked>) -> bool {
    match (delivery.manifest.delivery.replaces, before) {
        (Some(replaced), Some(linked)) => replaced.number <= linked.number,
        _ => false,
    }
}

/// Returns holder and number of every delivery that another one replaces.
fn replaced(deliveries: &[Delivery]) -> Vec<(Id, u32)> {
    let manifests = deliveries.iter().map(|delivery| &delivery.manifest);
    manifests.filter_map(|m| m.delivery.replaces.map(|replaced| (m.holder.clone(), replaced.number))).collect()
}

fn is_among(delivery: &Delivery, names: &[(Id, u32)]) -> bool {
    names.iter().any(|(holder, number)| order(delivery) == (holder, *number))
}

//! How many of their own dated events tell persons apart.
//!
//! After de Montjoye et al., "Unique in the Crowd" (2013): the share of persons whom no one else matches in all of a few
//! events, drawn at random from their own.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::history::Events;
use super::keys::mix;

/// Events that may be known of a person.
pub(super) const MOST_KNOWN: usize = 4;
/// Persons of whom it is tried out.
const SAMPLE: usize = 10_000;

/// What knowing some events comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// Persons of whom it was tried out, each of whom has so many events.
    pub tried: usize,
    /// Those of them who are unique.
    pub unique: usize,
}

/// What knowing 1, 2, 3 and 4 events of a person comes to. Persons and events are drawn by the persons' keys, so the
/// same data gives the same result.
pub(super) fn uniqueness(events: &Events) -> [Known; MOST_KNOWN] {
    let mut persons: Vec<u32> = (0..events.person_keys.len() as u32).collect();
    persons.retain(|&person| !events.of(person as usize).is_empty());
    persons.sort_unstable_by_key(|&person| (mix(events.person_keys[person as usize] ^ 1), person));
    std::array::from_fn(|position| {
        let known = position + 1;
        let has_enough = persons.iter().copied().filter(|&person| events.of(person as usize).len() >= known);
        let sample: Vec<u32> = has_enough.take(SAMPLE).collect();
        let tried = sample.len();
        let is_unique = |person: &u32| events.is_unique(*person, &drawn(events, *person, known));
        Known { tried, unique: sample.into_par_iter().filter(is_unique).count() }
    })
}

/// So many different events of a person; more are those of fewer and others.
pub(super) fn drawn(events: &Events, person: u32, known: usize) -> Vec<u32> {
    let mut own = events.of(person as usize).to_vec();
    let mut chance = mix(events.person_keys[person as usize] ^ 2);
    for position in 0..known.min(own.len()) {
        chance = mix(chance);
        let other = position + (chance % (own.len() - position) as u64) as usize;
        own.swap(position, other);
    }
    own.truncate(known);
    own
}

//! Uniqueness of trajectories: the share of persons whom a few of their own dated events identify.
//!
//! After de Montjoye et al., "Unique in the Crowd" (2013). A person is unique if no one else has all of the events. The
//! events are drawn at random from the person's own.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::history::Events;
use super::keys::mix;

/// Most known events of a person.
pub(super) const MOST_KNOWN: usize = 4;
/// Persons in the sample.
const SAMPLE: usize = 10_000;

/// Uniqueness of persons, given a number of known events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Uniqueness {
    /// Sampled persons. Each has at least as many events.
    pub tried: usize,
    /// Unique persons of the sample.
    pub unique: usize,
}

/// Returns the uniqueness given 1, 2, 3 and 4 known events.
///
/// Persons and events are drawn by the persons' keys, so equal data has an equal result.
pub(super) fn uniqueness(events: &Events) -> [Uniqueness; MOST_KNOWN] {
    let mut persons: Vec<u32> = (0..events.person_keys.len() as u32).collect();
    persons.retain(|&person| !events.of_person(person).is_empty());
    persons.sort_unstable_by_key(|&person| (mix(events.person_keys[person as usize] ^ 1), person));
    std::array::from_fn(|position| {
        let known = position + 1;
        let has_enough = persons.iter().copied().filter(|&person| events.of_person(person).len() >= known);
        let sample: Vec<u32> = has_enough.take(SAMPLE).collect();
        let tried = sample.len();
        let unique = sample.into_par_iter().filter(|&person| events.is_unique(person, &draw(events, person, known)));
        Uniqueness { tried, unique: unique.count() }
    })
}

/// Draws `known` distinct events of a person. A larger draw includes the smaller ones.
pub(super) fn draw(events: &Events, person: u32, known: usize) -> Vec<u32> {
    let mut own = events.of_person(person).to_vec();
    let mut random = mix(events.person_keys[person as usize] ^ 2);
    for position in 0..known.min(own.len()) {
        random = mix(random);
        let other = position + (random % (own.len() - position) as u64) as usize;
        own.swap(position, other);
    }
    own.truncate(known);
    own
}

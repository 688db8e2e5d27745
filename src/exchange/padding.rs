//! Padding, so that a length that outsiders see does not state a number of persons.

/// Steps are this part of the length, as a divisor.
const PART: u64 = 20;

/// Returns the length up to which `length` is padded. Lengths lie `least` apart, or a twentieth of the length if that
/// is more; the first is `least`.
#[must_use]
pub fn padded(length: u64, least: u64) -> u64 {
    let mut step = least;
    while step < length {
        step += (step / PART).max(least);
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_lie_so_far_apart_that_a_person_more_rarely_shows() {
        assert_eq!(
            [0, 1, 20, 21, 39, 100, 401, 421].map(|length| padded(length, 20)),
            [20, 20, 20, 40, 40, 100, 420, 441]
        );
        for length in 1..5_000 {
            let found = padded(length, 20);
            assert!(found >= length && found < length + (length / PART + 1).max(20), "{length}");
        }
        let mut lengths: Vec<u64> = (1..50_000).map(|length| padded(length, 20)).collect();
        lengths.dedup();
        assert!(lengths.windows(2).all(|pair| pair[1] - pair[0] >= 20));
    }
}

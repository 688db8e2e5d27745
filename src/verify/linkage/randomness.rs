//! Randomness of tokens: bits, bytes and the spread over the whole range are those of keyed hashes.

use statrs::function::gamma::gamma_ur;

use super::tokens::TokenTable;
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::statistics::{FAILS_BELOW, WARNS_BELOW, apart_from_half};
use salanimi_core::Rule;

const RANDOM: &str = "linkage.random";
/// Bits of a token.
const BITS: u32 = u64::BITS;
/// Values of a byte.
const BYTE_VALUES: usize = 256;
/// Fewest tokens of a rule in each cell of a test, on average.
const LEAST_EXPECTED: usize = 10;
/// Equal parts of the range of tokens.
const PARTS: usize = 1 << 10;
/// Bits of a token after those that name its part.
const PART_SHIFT: u32 = 54;

/// Checks that the tokens are as random as keyed hashes.
pub(super) fn check(table: &TokenTable, notes: &mut Notes<'_>) {
    let probabilities: Vec<f64> = Rule::ALL.iter().flat_map(|rule| probabilities(table.of_rule(*rule))).collect();
    let tests = probabilities.len();
    if tests == 0 {
        let evidence = Text::new("too few tokens to test", "liian vähän tokeneita testiin", "för få token att testa");
        notes.note(RANDOM, Verdict::NotApplicable, evidence);
        return;
    }
    // Bonferroni correction.
    let least = probabilities.into_iter().fold(1.0, f64::min) * tests as f64;
    let verdict = verdict(least);
    let evidence = if verdict == Verdict::Pass {
        Text::new(
            format!("{tests} tests of bits, bytes and spread, all within chance"),
            format!("{tests} bittien, tavujen ja hajonnan testiä, kaikki sattuman rajoissa"),
            format!("{tests} test av bitar, byte och spridning, alla inom slumpens gränser"),
        )
    } else {
        Text::new(
            "the tokens are not as random as keyed hashes; ask the holder for the method",
            "tokenit eivät ole yhtä satunnaisia kuin avaimelliset tiivisteet; kysy luovuttajalta menetelmää",
            "token är inte lika slumpmässiga som hashvärden med nyckel; fråga utlämnaren om metoden",
        )
    };
    notes.note(RANDOM, verdict, evidence);
}

fn verdict(probability: f64) -> Verdict {
    match probability {
        _ if probability < FAILS_BELOW => Verdict::Fail,
        _ if probability < WARNS_BELOW => Verdict::Warn,
        _ => Verdict::Pass,
    }
}

/// Returns the probability of each test's result by chance.
fn probabilities(tokens: &[u64]) -> Vec<f64> {
    if tokens.len() < LEAST_EXPECTED * BYTE_VALUES {
        return Vec::new();
    }
    let all = tokens.len() as u64;
    let bits = (0..BITS).map(|bit| {
        let ones = tokens.iter().filter(|token| **token >> bit & 1 == 1).count() as u64;
        apart_from_half(ones, all)
    });
    let bytes = (0..BITS / 8).map(|byte| spread(tokens, BYTE_VALUES, |token| (token >> (8 * byte) & 0xff) as usize));
    let parts =
        (all as usize >= LEAST_EXPECTED * PARTS).then(|| spread(tokens, PARTS, |token| (token >> PART_SHIFT) as usize));
    bits.chain(bytes).chain(parts).collect()
}

/// Returns the probability of a spread over `cells` at least as uneven (chi-square test), or at least as even: numbers
/// that were dealt out are more even than chance.
fn spread(tokens: &[u64], cells: usize, cell: impl Fn(u64) -> usize) -> f64 {
    let mut counts = vec![0_u64; cells];
    tokens.iter().for_each(|token| counts[cell(*token)] += 1);
    let expected = tokens.len() as f64 / cells as f64;
    let statistic: f64 = counts.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum();
    let above = gamma_ur((cells - 1) as f64 / 2.0, statistic / 2.0);
    (2.0 * above.min(1.0 - above)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    fn random(seed: u64, tokens: usize) -> Vec<u64> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        (0..tokens).map(|_| random.next_u64()).collect()
    }

    fn judged(tokens: &[u64]) -> Verdict {
        let probabilities = probabilities(tokens);
        verdict(probabilities.iter().copied().fold(1.0, f64::min) * probabilities.len() as f64)
    }

    #[test]
    fn a_thousand_random_tables_raise_no_alarm() {
        let verdicts = (0..1_000).map(|seed| judged(&random(seed, 3_000)));
        let counts = verdicts.fold((0, 0), |(warned, failed), verdict| match verdict {
            Verdict::Fail => (warned, failed + 1),
            Verdict::Warn => (warned + 1, failed),
            _ => (warned, failed),
        });
        assert!(counts.1 == 0 && counts.0 <= 5, "{counts:?}");
    }

    #[test]
    fn counters_and_dealt_numbers_and_narrow_ranges_are_not_random() {
        let counted: Vec<u64> = (0..20_000).map(|n| n << 44).collect();
        let dealt: Vec<u64> = (0..20_000_u64).map(|n| n * (u64::MAX / 20_000)).collect();
        let narrow: Vec<u64> = random(1, 20_000).into_iter().map(|token| token >> 1).collect();
        for tokens in [counted, dealt, narrow] {
            assert_eq!(judged(&tokens), Verdict::Fail);
        }
    }
}

//! Randomness of the pseudonyms: each bit, and each pair of bits, must be balanced.

use super::bits::BitBalance;
use super::sample::{FEWEST_VALUES, Sample};
use super::significance::{ColumnTest, Significance};
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::statistics::apart_from_half;
use crate::verify::subject::listed;

const UNIFORM: &str = "pseudonym.uniform";

/// Checks that the bits of all pseudonyms are balanced, as those of keyed hashes are.
pub(super) fn check(samples: &[Sample<'_>], notes: &mut Notes<'_>) {
    let mut balances: Vec<(&str, BitBalance)> = Vec::new();
    for column in samples.iter().flat_map(|sample| &sample.pseudonyms) {
        if column.values.len() >= FEWEST_VALUES {
            balances.extend(BitBalance::measure(column).map(|balance| (column.place.as_str(), balance)));
        }
    }
    if balances.is_empty() {
        let evidence = Text::new(
            format!("no column of at least {FEWEST_VALUES} distinct values in hexadecimal, base32, base64 or bytes"),
            format!(
                "ei saraketta, jossa olisi vähintään {FEWEST_VALUES} eri arvoa heksadesimaalina, base32:na, \
                 base64:nä tai tavuina"
            ),
            format!(
                "ingen kolumn med minst {FEWEST_VALUES} olika värden i hexadecimal form, base32, base64 eller byte"
            ),
        );
        notes.note(UNIFORM, Verdict::NotApplicable, evidence);
        return;
    }
    let tests: usize = balances.iter().map(|(_, balance)| balance.tests).sum();
    let tested = balances.iter().map(|(place, balance)| ColumnTest {
        // Bonferroni correction.
        probability: apart_from_half(balance.farthest, balance.values) * tests as f64,
        place: (*place).to_owned(),
    });
    let result = Significance::of(&tested.collect::<Vec<_>>());
    let evidence = if result.places.is_empty() {
        let columns = balances.len();
        Text::new(
            format!("{columns} columns, {tests} bits and pairs of bits, all within chance"),
            format!("{columns} saraketta, {tests} bittiä ja bittiparia, kaikki sattuman rajoissa"),
            format!("{columns} kolumner, {tests} bitar och bitpar, alla inom slumpens gränser"),
        )
    } else {
        let names = listed(&result.places);
        Text::new(
            format!("not random, as keyed hashes are: {}; ask the holder for the method", names.en),
            format!("ei satunnaisia, kuten avaimelliset tiivisteet: {}; kysy luovuttajalta menetelmää", names.fi),
            format!("inte slumpmässiga, som hashvärden med nyckel är: {}; fråga utlämnaren om metoden", names.sv),
        )
    };
    notes.note(UNIFORM, result.verdict, evidence);
}

//! The account of a table of linkage tokens, against its rows.

use super::tokens::TokenTable;
use crate::exchange::{CODED, CODELESS, Delivery, TEMPORARY};
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};

const ACCOUNTING: &str = "linkage.accounting";

/// Checks that the account states the persons that the table has.
pub(super) fn check(delivery: &Delivery, table: &TokenTable, notes: &mut Notes<'_>) {
    let Some(entry) = &delivery.account.linkage else { return };
    let count = |stratum| table.strata.iter().filter(|of_row| **of_row == stratum).count() as u64;
    let found = [count(CODED), count(CODELESS), count(TEMPORARY)];
    let [coded, codeless, temporary] = found;
    if found == [entry.coded, entry.codeless, entry.temporary] && table.rows() as u64 == entry.rows {
        let without = codeless + temporary;
        let evidence = Text::new(
            format!(
                "{coded} persons with a code, {without} without one or with a temporary one, as the account states"
            ),
            format!("{coded} henkilöä, joilla on tunnus, {without} ilman tai väliaikaisella, kuten laskelmassa"),
            format!("{coded} personer med beteckning, {without} utan eller med tillfällig, som redovisningen anger"),
        );
        notes.note(ACCOUNTING, Verdict::Pass, evidence);
    } else {
        let evidence = Text::new(
            "the account states other numbers of persons than the table has; ask the holder for a new delivery",
            "laskelman henkilömäärät poikkeavat taulusta; pyydä luovuttajalta uusi toimitus",
            "redovisningen anger andra antal personer än tabellen har; be utlämnaren om en ny leverans",
        );
        notes.note(ACCOUNTING, Verdict::Fail, evidence);
    }
}

//! The account of a table of linkage tokens, against its rows.

use super::tokens::TokenTable;
use crate::config::Contract;
use crate::exchange::{CODED, CODELESS, Delivery, TEMPORARY, check_linkage_persons};
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};

const ACCOUNTING: &str = "linkage.accounting";

/// Checks that every person with tokens has rows of the same holder, and that nobody without an identifier has rows of
/// another.
pub(in crate::verify) fn check_persons(contract: &Contract, deliveries: &[Delivery], notes: &mut Notes<'_>) {
    if deliveries.iter().any(|delivery| delivery.account.linkage.is_some()) {
        notes.result(ACCOUNTING, check_linkage_persons(contract, deliveries), |()| {
            Text::new(
                "everyone with tokens has rows of the same holder",
                "jokaisella, jolla on tokeneita, on saman luovuttajan rivejä",
                "alla med token har rader från samma utlämnare",
            )
        });
    }
}

/// Checks that the account states the persons that the table has.
pub(super) fn check(delivery: &Delivery, table: &TokenTable, notes: &mut Notes<'_>) {
    let Some(entry) = &delivery.account.linkage else { return };
    let count = |stratum| table.strata.iter().filter(|of_row| **of_row == stratum).count() as u64;
    let found = [count(CODED), count(CODELESS), count(TEMPORARY)];
    let [coded, codeless, temporary] = found;
    let has_content = table.content == Some(entry.content_digest);
    if found == [entry.coded, entry.codeless, entry.temporary] && table.rows() as u64 == entry.rows && has_content {
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
            "the account states other numbers of persons, or another content, than the table has; ask the holder for a \
             new delivery",
            "laskelman henkilömäärät tai sisältö poikkeavat taulusta; pyydä luovuttajalta uusi toimitus",
            "redovisningen anger andra antal personer, eller ett annat innehåll, än tabellen har; be utlämnaren om en \
             ny leverans",
        );
        notes.note(ACCOUNTING, Verdict::Fail, evidence);
    }
}

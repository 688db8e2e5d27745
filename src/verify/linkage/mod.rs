//! Linkage without identifiers: tables of keyed tokens that show nothing but which of them are equal.
//!
//! Published attacks on linkage encodings use frequencies, lengths, similarities or a guess of the names (Vidanage et
//! al. 2020). A table of tokens has none of the first three, which is checked here exactly. The last is tried.

mod account;
mod attack;
mod meeting;
mod randomness;
mod similarity;
mod tokens;

pub(super) use account::check_persons;
pub(super) use meeting::check as check_meeting;
pub(super) use similarity::check as check_similarity;

use self::tokens::TokenTable;
use super::check::{Notes, Verdict};
use super::depth::Depth;
use crate::config::Contract;
use crate::exchange::{Delivery, Sealing};
use crate::text::Text;

const GROUND: &str = "linkage.ground";
const FULL: &str = "linkage.full";
const DISTINCT: &str = "linkage.distinct";
/// Stands where the example contract leaves something to fill in.
const PLACEHOLDER: char = '…';

/// Checks the table of linkage tokens of a delivery, if it has one.
pub(super) fn check(delivery: &Delivery, contract: Option<&Contract>, depth: Depth, notes: &mut Notes<'_>) {
    if delivery.account.linkage.is_none() {
        return;
    }
    ground(delivery, contract, notes);
    let Some(table) = notes.result(FULL, TokenTable::read(delivery), |table| {
        let rows = table.rows();
        Text::new(
            format!("{rows} rows, each with 57 tokens, none empty, in order"),
            format!("{rows} riviä, jokaisessa 57 tokenia, ei yhtään tyhjää, järjestyksessä"),
            format!("{rows} rader, alla med 57 token, ingen tom, i ordning"),
        )
    }) else {
        return;
    };
    distinct(&table, notes);
    randomness::check(&table, notes);
    attack::check(&table, depth, notes);
    account::check(delivery, &table, notes);
}

/// Checks that the contract has a legal ground, and that only its recipients can open the tokens.
fn ground(delivery: &Delivery, contract: Option<&Contract>, notes: &mut Notes<'_>) {
    let Some(contract) = contract else {
        let evidence = Text::new(
            "needs the contract: give it with --contract",
            "tarvitaan sopimus: anna se valitsimella --contract",
            "avtalet behövs: ange det med --contract",
        );
        notes.note(GROUND, Verdict::NotChecked, evidence);
        return;
    };
    let Some(linkage) = &contract.linkage else {
        let evidence = Text::new(
            "the contract does not allow linkage without codes; do not use the delivery",
            "sopimus ei salli yhdistämistä ilman tunnuksia; älä käytä toimitusta",
            "avtalet tillåter inte länkning utan beteckningar; använd inte leveransen",
        );
        notes.note(GROUND, Verdict::Fail, evidence);
        return;
    };
    let ground = &linkage.ground;
    if ground.contains(PLACEHOLDER) {
        let evidence = Text::new(
            format!("the contract's ground is not filled in: {ground}; name the section of the permit"),
            format!("sopimuksen peruste on täyttämättä: {ground}; nimeä luvan kohta"),
            format!("avtalets grund är inte ifylld: {ground}; ange avsnittet i tillståndet"),
        );
        notes.note(GROUND, Verdict::Warn, evidence);
        return;
    }
    let (verdict, evidence) = match &delivery.manifest.sealing {
        Sealing::To(_) => (
            Verdict::Pass,
            Text::new(
                format!("ground: {ground}; sealed to the contract's recipients"),
                format!("peruste: {ground}; sinetöity sopimuksen vastaanottajille"),
                format!("grund: {ground}; förseglad för avtalets mottagare"),
            ),
        ),
        Sealing::None => (
            Verdict::Warn,
            Text::new(
                format!("ground: {ground}; but NOT sealed: a holder with the key could look people up by name"),
                format!("peruste: {ground}; mutta EI sinetöity: avaimen haltija voisi hakea ihmisiä nimellä"),
                format!("grund: {ground}; men INTE förseglad: den som har nyckeln kunde söka personer med namn"),
            ),
        ),
    };
    notes.note(GROUND, verdict, evidence);
}

/// Checks that no token occurs twice.
fn distinct(table: &TokenTable, notes: &mut Notes<'_>) {
    let repeats = table.repeats();
    if repeats == 0 {
        let evidence = Text::new(
            "no token occurs twice under one rule: no frequency and no similarity to learn from",
            "mikään token ei esiinny kahdesti saman säännön alla: määristä tai samankaltaisuudesta ei opi mitään",
            "ingen token förekommer två gånger under samma regel: varken frekvens eller likhet avslöjar något",
        );
        notes.note(DISTINCT, Verdict::Pass, evidence);
    } else {
        let evidence = Text::new(
            format!("{repeats} tokens occur more than once under one rule; do not use the delivery"),
            format!("{repeats} tokenia esiintyy useammin kuin kerran saman säännön alla; älä käytä toimitusta"),
            format!("{repeats} token förekommer mer än en gång under samma regel; använd inte leveransen"),
        );
        notes.note(DISTINCT, Verdict::Fail, evidence);
    }
}

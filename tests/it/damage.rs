//! Sources damaged at random: for any bytes, the tool reports an error in words and shows no byte of them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use proptest::prelude::*;
use salanimi::extract::{Inputs, dry_run};
use salanimi_core::Day;

use crate::plain::Dice;
use crate::sentinel::{SENTINEL, is_absent};
use crate::tables;
use crate::world::World;

/// Returns the report or the error of a dry run through the library, in this process.
fn reads(world: &World, holder: &str) -> String {
    let run = catch_unwind(AssertUnwindSafe(|| {
        let contract = match salanimi::study::read_contract(&world.path("contract.toml")) {
            Ok(contract) => contract,
            Err(error) => return format!("{error} {error:?}"),
        };
        let inputs = Inputs::new(Arc::new(contract), world.path(holder), Day::parse("2026-11-24").unwrap());
        match dry_run(&inputs, false, &salanimi::progress::NoProgress) {
            Ok(found) => salanimi::report::dry_run(&found),
            Err(error) => format!("{error} {error:?}"),
        }
    }));
    run.expect("no panic")
}

/// Overwrites, removes or repeats some bytes.
fn damage(bytes: &[u8], at: usize, length: usize, with: &[u8]) -> Vec<u8> {
    let start = at % bytes.len();
    let end = (start + length).min(bytes.len());
    [&bytes[..start], with, &bytes[end..]].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_text_source_is_answered_in_words(
            at in any::<usize>(),
            length in 0_usize..60,
            with in proptest::collection::vec(
                prop_oneof![any::<u8>(), Just(b';'), Just(b','), Just(b'"'), Just(b'\n'), Just(b'\r')],
                0..12,
            ),
        ) {
        let world = World::good();
        for (file, holder) in [
            ("kela/support_2018.csv", "kela/holder.toml"),
            ("kela/support_2017_wide.csv", "kela/holder.toml"),
            ("town/contacts.csv", "town/holder.toml"),
        ] {
            let sound = world.read(file);
            let planted = [SENTINEL.as_bytes(), &with].concat();
            world.write(file, damage(&sound, at, length, &planted));
            is_absent(file, reads(&world, holder).as_bytes());
            world.write(file, sound);
        }
    }
}

#[test]
fn a_damaged_parquet_source_is_answered_in_words() {
    let world = World::good();
    let columns = tables::text_columns(&world.read("town/contacts.csv"));
    tables::write(&world.path("town/contacts.parquet"), columns.iter().map(|(n, c)| (n.as_str(), c.clone())).collect());
    world.edit("town/holder.toml", "delimiter = \",\"\nencoding = \"utf-8\"", "");
    world.edit("town/holder.toml", "contacts.csv", "contacts.parquet");
    world.edit("town/holder.toml", "\"csv\"", "\"parquet\"");
    let sound = world.read("town/contacts.parquet");
    let mut dice = Dice(3);
    for _ in 0..600 {
        let with: Vec<u8> = (0..=dice.below(4)).map(|_| dice.below(256) as u8).collect();
        world.write("town/contacts.parquet", damage(&sound, dice.below(sound.len()), with.len(), &with));
        reads(&world, "town/holder.toml");
    }
}

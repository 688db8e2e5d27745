//! A study of one or two small tables with planted rows, linked and ready for a release.

use std::fmt::Write as _;

use salanimi_core::{Id, Key, ReleaseKey};

use crate::world::World;

/// Fingerprint line of the contract, and the key file that it names.
pub const KEY_FILE: &str = "release.key";
/// Command that releases the linked dataset.
pub const RELEASE: &str = "release --contract study.toml --key release.key --out released linked";

/// Returns the identity code of test person `number`: a code of the series that is given to nobody.
pub fn code(number: usize) -> String {
    const CONTROL: &[u8] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let day = number % 28 + 1;
    let month = number / 28 % 12 + 1;
    let year = 50 + number / (28 * 12) % 45;
    let date = format!("{day:02}{month:02}{year:02}");
    let digits: usize = format!("{date}900").parse().unwrap();
    format!("{date}-900{}", char::from(CONTROL[digits % 31]))
}

/// A table of the study: its name, its columns in the contract, and its rows of a person's number and the cells.
pub struct MiniTable<'a> {
    pub name: &'a str,
    /// Columns after `person_code` and `n`, as the contract writes them.
    pub columns: &'a [&'a str],
    pub rows: Vec<(usize, String)>,
}

/// Makes the study, links it, and names a release key in its contract. `release` is the section's content.
pub fn linked(tables: &[MiniTable<'_>], release: &str) -> World {
    let world = World::empty();
    let mut contract = String::from(
        "format = \"salanimi-contract/1\"\n[exchange]\nscheme = \"hkdf-sha256/hmac-sha256-128/v1\"\n[exchange.study]\n\
         id = \"tiny\"\ntitle = \"Mini\"\npermit = \"P-0/2026\"\ncontroller = \"Nobody\"\ndomain = \"Everyone\"\n\
         window = { first = \"2018-01-01\", last = \"2019-12-31\" }\n[exchange.identifiers.hetu]\nsyntax = \"hetu\"\n",
    );
    let mut holder = String::from(
        "format = \"salanimi-holder/1\"\nholder = \"clinic\"\n[delivery]\nnumber = 1\n\
         period = { first = \"2018-01-01\", last = \"2019-12-31\" }\n",
    );
    for table in tables {
        let MiniTable { name, columns, rows } = table;
        let names: Vec<&str> = columns.iter().map(|column| column.split('"').nth(1).unwrap()).collect();
        writeln!(
            contract,
            "[[exchange.tables]]\nname = \"{name}\"\nunique = [\"person_code\", \"n\"]\nduplicates = \"keep\"\n\
             columns = [{{ name = \"person_code\", role = \"person\", kind = \"hetu\" }}, {{ name = \"n\", role = \
             \"attribute\", type = \"integer\" }}, {}]",
            columns.join(", ")
        )
        .unwrap();
        let mut mapping = String::from("person_code = \"hetu\"\nn = \"n\"\n");
        names.iter().for_each(|name| writeln!(mapping, "{name} = \"{name}\"").unwrap());
        writeln!(
            holder,
            "[[sources]]\ntable = \"{name}\"\nfiles = [\"{name}.csv\"]\nformat = \"csv\"\n[sources.columns]\n{mapping}"
        )
        .unwrap();
        let mut csv = format!("hetu;n;{}\n", names.join(";"));
        for (number, (person, cells)) in rows.iter().enumerate() {
            writeln!(csv, "{};{number};{cells}", code(*person)).unwrap();
        }
        world.write(&format!("{name}.csv"), csv);
    }
    let names: Vec<String> = tables.iter().map(|table| format!("\"{}\"", table.name)).collect();
    writeln!(
        contract,
        "[population]\nany_of = [{}]\n[limits]\nmin_cell = 5\n[warnings.one_person]\nstop = 2.0",
        names.join(", ")
    )
    .unwrap();
    world.write("study.toml", contract + "\n[release]\n" + release);
    world.write("holder.toml", holder);
    world.key("study.key", crate::world::KEY);
    name_release_key(&world, "study.toml", "tiny");
    world
        .run("extract --contract study.toml --holder holder.toml --key study.key --unsealed --out delivery")
        .succeeds();
    world.link_key("link.key", crate::world::KEY);
    world.run("link --contract study.toml --link-key link.key --out linked delivery").succeeds();
    world
}

/// Makes the release key of a fixed seed and its register, and names it in the contract.
pub fn name_release_key(world: &World, contract: &str, study: &str) {
    let key = ReleaseKey::from_bytes(crate::world::KEY);
    let study = Id::new(study).unwrap();
    world.write_key_of(KEY_FILE, &study, &key);
    salanimi::release::create_register(&world.path(KEY_FILE), &study, &key).unwrap();
    let named = format!("\n[release]\nkey = \"{}\"\n", key.id(&study).spoken());
    world.edit(contract, "\n[release]\n", named);
}

/// Replaces the contract's release section, and keeps the key that it names.
pub fn with_release(world: &World, release: &str) {
    let contract = world.text("study.toml");
    let start = contract.find("\n[release]\n").unwrap();
    let key = contract.lines().find(|line| line.starts_with("key = ")).unwrap().to_owned();
    world.write("study.toml", format!("{}\n[release]\n{key}\n{release}", &contract[..start]));
}

/// Returns the rows of a released CSV file, without its header.
pub fn released(world: &World, name: &str) -> Vec<Vec<String>> {
    let text = world.text(&format!("released/{name}.csv"));
    text.lines().skip(1).map(|line| line.split(';').map(str::to_owned).collect()).collect()
}

/// Returns the number in a column of the row with these labels.
pub fn number(rows: &[Vec<String>], labels: &[&str], column: usize) -> i64 {
    let row = rows.iter().find(|row| row.iter().zip(labels).all(|(cell, label)| cell == label));
    row.unwrap_or_else(|| panic!("no row {labels:?}"))[column].parse().unwrap()
}

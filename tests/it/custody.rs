//! The life of keys: creation, protection, transfer, expiry, splitting, destruction.

use salanimi_core::{Key, LinkKey, ProjectKey, SigningKey};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::tables::Text;
use crate::world::{BOTH, KEY, World};

/// A passphrase file of its owner.
fn passphrases(world: &World, name: &str, lines: &str) {
    world.write(name, lines);
    fs::set_permissions(world.path(name), PermissionsExt::from_mode(0o600)).unwrap();
}

const PHRASE: &str = "five plain words in a row";

#[test]
fn a_key_file_states_purpose_lifetime_and_key_id() {
    let world = World::good();
    let made = world.run("key new --json --contract contract.toml --expires 2098-01-31 new.key").succeeds().json();
    let text = world.text("new.key");
    for line in ["salanimi-key/1", "purpose: project", "study: tiny", "expires: 2098-01-31"] {
        assert!(text.lines().any(|l| l == line), "lacks {line}");
    }
    let named = world.run("key fingerprint --json new.key").succeeds().json();
    assert_eq!(made["key"]["key_id"], named["key_id"]);
    let id = named["key_id"].as_str().unwrap();
    let spoken = named["spoken"].as_str().unwrap();
    let number: String = spoken.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(u64::from_str_radix(id, 16).unwrap(), number.parse::<u64>().unwrap());
    assert!(spoken.split(' ').all(|group| group.len() == 5) && spoken.split(' ').count() == 4);
    assert!(text.contains(&format!("key-id: {id}")) && world.run("show new.key").succeeds().stdout().contains(id));
    let year = world.run("key new --json --contract contract.toml year.key").succeeds().json();
    let day = |name: &str| salanimi_core::Day::parse(year["key"][name].as_str().unwrap()).unwrap().epoch_days();
    assert_eq!(day("expires") - day("created"), 365);
}

#[test]
fn new_keys_are_never_equal_and_never_shown() {
    let world = World::good();
    let mut secrets = Vec::new();
    for kind in ["", "--link", "--signing"] {
        for number in 0..3 {
            let name = format!("k{kind}{number}");
            let run = world.run(&format!("key new --contract contract.toml {kind} {name}")).succeeds();
            let text = world.text(&name);
            let secret = text.lines().last().unwrap().strip_prefix("secret: ").unwrap().to_owned();
            assert_eq!(secret.len(), 64);
            for shown in [run.stdout(), run.stderr(), world.run(&format!("show {name}")).succeeds().stdout()] {
                assert!(!shown.contains(&secret[..16]), "{kind} is shown");
            }
            secrets.push(secret);
        }
    }
    secrets.sort();
    secrets.dedup();
    assert_eq!(secrets.len(), 9);
}

#[test]
fn a_passphrase_protects_a_key_and_is_no_key() {
    let world = World::good();
    passphrases(&world, "phrase", &format!("{PHRASE}\n"));
    passphrases(&world, "other", "five other words in a row\n");
    passphrases(&world, "both", &format!("five other words in a row\n{PHRASE}\n"));
    passphrases(&world, "short", "short\n");
    passphrases(&world, "none", "\n");
    world.run("key new --contract contract.toml --new-passphrase phrase safe.key").succeeds();
    let secret = world.text("safe.key");
    assert!(secret.contains("secret: passphrase\n-----BEGIN AGE ENCRYPTED FILE-----"));
    let extract = |out: &str, more: &str| {
        let files = "--unsealed --contract contract.toml --holder kela/holder.toml --key safe.key";
        world.run(&format!("extract {files} --out {out} {more}"))
    };
    extract("out", "").fails(3, &["safe.key", "protected by a passphrase", "--passphrase FILE"]);
    extract("out", "--passphrase other").fails(3, &["safe.key", "no given passphrase opens it"]);
    world.has_nothing_of("out");
    extract("out", "--passphrase phrase").succeeds();
    extract("again", "--passphrase both").succeeds();
    let new = |phrase: &str| world.run(&format!("key new --contract contract.toml --new-passphrase {phrase} x.key"));
    new("short").fails(3, &["at least 12 characters", "choose a longer one"]);
    new("none").fails(3, &["none: holds no passphrase", "write one a line"]);
    fs::set_permissions(world.path("phrase"), PermissionsExt::from_mode(0o644)).unwrap();
    new("phrase").fails(3, &["phrase", "mode 644", "chmod 600"]);
    assert!(!world.path("x.key").exists());
    // In place of a key file, it is refused.
    passphrases(&world, "study.key", "correct horse battery staple\n");
    world
        .extract("kela", "keyed", "")
        .fails(3, &["study.key", "not a key file", "not its .pub, an identity or a passphrase"]);
}

#[test]
fn a_passphrase_file_with_a_byte_order_mark_has_the_same_passphrase() {
    let world = World::good();
    passphrases(&world, "plain.txt", &format!("{PHRASE}\n"));
    passphrases(&world, "marked.txt", &format!("\u{feff}{PHRASE}\r\n"));
    for made_with in ["plain.txt", "marked.txt"] {
        world.run(&format!("key new --contract contract.toml --new-passphrase {made_with} {made_with}.key")).succeeds();
        for (number, opened_with) in ["plain.txt", "marked.txt"].into_iter().enumerate() {
            let files = "--unsealed --contract contract.toml --holder kela/holder.toml";
            let key = format!("--key {made_with}.key --passphrase {opened_with} --out {made_with}-{number}");
            world.run(&format!("extract {files} {key}")).succeeds();
        }
    }
}

#[test]
fn one_key_reaches_each_holder_encrypted_to_it() {
    let world = World::of_parties();
    world.run("key new --contract contract.toml --to kela --to town shared.key").succeeds();
    for holder in ["kela", "town"] {
        let run = |more: &str| {
            let files = format!("--contract contract.toml --holder {holder}/holder.toml --key shared.key");
            world.run(&format!("extract {files} --signing-key {holder}.signing --out d-{holder} {more}"))
        };
        run("").fails(3, &["shared.key", "no identity was given", "--identity FILE"]);
        run("--identity linker.identity").fails(3, &["shared.key", "no given identity opens it"]);
        run(&format!("--identity {holder}.identity")).succeeds();
    }
    world.link_sealed("linked", "").succeeds();
    world.run("key new --contract contract.toml --to nobody x.key").fails(3, &["--to, number 1", "correct it"]);
}

#[test]
fn neither_the_key_nor_a_list_goes_to_someone_who_can_open_deliveries() {
    let world = World::of_parties();
    let text = world.text("contract.toml");
    let linker = text.split("linker = \"").nth(1).unwrap().split('"').next().unwrap();
    let remedy = "name data holders only";
    for to in ["linker", "officer", linker] {
        world
            .run(&format!("key new --contract contract.toml --to kela --to {to} x.key"))
            .fails(3, &["--to, number 2", remedy]);
        let split =
            format!("key split --shares 2 --threshold 2 --contract contract.toml --to kela --to {to} study.key");
        world.run(&split).fails(3, &["--to, number 2", remedy]);
        let cohort = "cohort --contract contract.toml --holder kela/holder.toml --signing-key kela.signing --out p.age";
        world.run(&format!("{cohort} --to {to}")).fails(3, &["--to, number 1", remedy]);
    }
    assert!(
        !world.path("x.key").exists() && !world.path("p.age").exists() && !world.path("study.key.1.share").exists()
    );
    // A key of the linker's own may go to the linker.
    world.run("key new --link --contract contract.toml --to linker l.key").succeeds();
    let kela =
        text.split("[holders.kela]").nth(1).unwrap().split("recipient = \"").nth(1).unwrap().split('"').next().unwrap();
    world.write("contract.toml", text.replace(kela, linker));
    world.extract_signed("kela", "out", "").fails(3, &["contract.toml", "holders, kela", "also under [recipients]"]);
}

#[test]
fn an_expired_key_and_a_clock_set_back_are_refused_each_in_its_own_words() {
    let world = World::of_parties();
    let past = ("2020-01-01", "2020-12-31");
    let future = ("2090-01-01", "2090-12-31");
    for (name, days) in [("old", past), ("new", future)] {
        world.write_key(&format!("{name}.key"), &ProjectKey::from_bytes(KEY), days);
        world.write_key(&format!("{name}.link"), &LinkKey::from_bytes(KEY), days);
        world.write_key(&format!("{name}.signing"), &SigningKey::from_bytes(KEY), days);
    }
    let extract = |key: &str, signing: &str| {
        let files = "--contract contract.toml --holder kela/holder.toml";
        world.run(&format!("extract {files} --key {key} --signing-key {signing} --out out"))
    };
    extract("old.key", "kela.signing").fails(3, &["old.key", "expired on 2020-12-31", "make a new one"]);
    extract("new.key", "kela.signing").fails(3, &["new.key", "created on 2090-01-01", "set the clock"]);
    extract("study.key", "old.signing").fails(3, &["old.signing", "expired on 2020-12-31"]);
    extract("study.key", "new.signing").fails(3, &["new.signing", "set the clock"]);
    world.has_nothing_of("out");
    for holder in ["kela", "town"] {
        world.extract_signed(holder, &format!("d-{holder}"), "").succeeds();
    }
    world.link_sealed("linked", "--link-key old.link").fails(3, &["old.link", "expired on 2020-12-31"]);
    world.link_sealed("linked", "--link-key new.link").fails(3, &["new.link", "set the clock"]);
    world.has_nothing_of("linked");
    // A name can still be read.
    world.run("key fingerprint old.key").succeeds();
    world.run("key new --contract contract.toml --expires 2020-01-01 x.key").fails(3, &["2020-01-01", "a later day"]);
}

#[test]
fn a_date_changed_in_a_key_file_is_detected() {
    let world = World::good();
    world.write_key("old.key", &ProjectKey::from_bytes(KEY), ("2020-01-01", "2020-12-31"));
    world.edit("old.key", "expires: 2020-12-31", "expires: 2099-12-31");
    let line = "extract --contract contract.toml --holder kela/holder.toml --key old.key --out out";
    world.run(line).fails(3, &["old.key", "does not match the key id and the check", "changed or damaged"]);
    world.run("key fingerprint old.key").fails(3, &["old.key", "changed or damaged"]);
}

#[test]
fn every_byte_of_a_key_file_counts() {
    let world = World::good();
    let whole = world.read("study.key");
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        world.write("study.key", &changed);
        let end = at + 1 == whole.len();
        let run = world.run("key fingerprint study.key");
        // The last byte ends the last line, which means the same without it.
        assert!(end || run.code() == 3, "byte {at} does not count");
        assert!(!run.stderr().contains("panicked"), "{}", run.stderr());
    }
}

#[test]
fn two_studies_share_no_pseudonym_and_no_linked_person() {
    let world = World::good();
    world.extract("kela", "tiny-kela", "").succeeds();
    world.extract("town", "tiny-town", "").succeeds();
    world.link("tiny-linked", "--link-key link.key tiny-kela tiny-town").succeeds();
    let pseudonyms = |delivery: &str| -> Vec<String> {
        ["support", "notices"]
            .iter()
            .flat_map(|t| persons(&world, &format!("{delivery}/{t}.parquet"), "pseudonym"))
            .collect()
    };
    let first = (pseudonyms("tiny-kela"), persons(&world, "tiny-linked/persons.parquet", "person"));
    // Another study with the very same keys.
    world.edit("contract.toml", "id = \"tiny\"", "id = \"other\"");
    for name in ["study.key", "link.key"] {
        fs::remove_file(world.path(name)).unwrap();
    }
    let other = salanimi_core::Id::new("other").unwrap();
    let lifetime = salanimi::crypto::Lifetime {
        created: salanimi_core::Day::parse("2020-01-01").unwrap(),
        expires: salanimi_core::Day::parse("2099-12-31").unwrap(),
    };
    let none = salanimi::crypto::Protection::None;
    salanimi::crypto::write_key(&world.path("study.key"), &other, &ProjectKey::from_bytes(KEY), lifetime, &none)
        .unwrap();
    salanimi::crypto::write_key(&world.path("link.key"), &other, &LinkKey::from_bytes(KEY), lifetime, &none).unwrap();
    world.extract("kela", "other-kela", "").succeeds();
    world.extract("town", "other-town", "").succeeds();
    fs::remove_file(world.path("link.key.history.json")).unwrap();
    world.link("other-linked", "--link-key link.key other-kela other-town").succeeds();
    let second = (pseudonyms("other-kela"), persons(&world, "other-linked/persons.parquet", "person"));
    assert!(!first.0.is_empty() && first.0.len() == second.0.len() && first.1.len() == second.1.len());
    assert!(first.0.iter().all(|pseudonym| !second.0.contains(pseudonym)));
    assert!(first.1.iter().all(|person| !second.1.contains(person)));
    world
        .link("mixed", "tiny-kela other-town")
        .fails(3, &["is for the study 'tiny'", "link only deliveries of one study"]);
}

fn persons(world: &World, file: &str, column: &str) -> Vec<String> {
    Text::of(&world.path(file)).column(column).into_iter().map(str::to_owned).collect()
}

#[test]
fn any_two_of_three_shares_combine_to_the_key_and_one_does_not() {
    let world = World::of_parties();
    let split = world.run("key split --json --shares 3 --threshold 2 study.key").succeeds().json();
    let secret = world.text("study.key").lines().last().unwrap().to_owned();
    for number in 1..=3 {
        let share = format!("study.key.{number}.share");
        assert_eq!(fs::metadata(world.path(&share)).unwrap().permissions().mode() & 0o777, 0o600);
        let text = world.text(&share);
        assert!(text.contains(split["key_id"].as_str().unwrap()) && !text.contains(&secret));
        assert!(world.run(&format!("show {share}")).succeeds().stdout().contains(&format!("share {number} of 3")));
    }
    let combine = |out: &str, shares: &[u8]| {
        let shares: Vec<String> = shares.iter().map(|number| format!("study.key.{number}.share")).collect();
        world.run(&format!("key combine --out {out} {}", shares.join(" ")))
    };
    for (out, shares) in [("a.key", &[1, 2][..]), ("b.key", &[3, 1]), ("c.key", &[2, 3]), ("d.key", &[3, 2, 1])] {
        combine(out, shares).succeeds();
        assert_eq!(world.read(out), world.read("study.key"));
    }
    combine("e.key", &[2]).fails(3, &["1 shares are given, but 2 are needed", "give more"]);
    combine("e.key", &[2, 2]).fails(3, &["are the same share", "name each once"]);
    assert!(!world.path("e.key").exists());
    combine("a.key", &[1, 2]).fails(3, &["a.key", "exists"]);
    let extract = "extract --contract contract.toml --holder kela/holder.toml --signing-key kela.signing --out out";
    world.run(&format!("{extract} --key study.key.1.share")).fails(3, &["one share of a key", "key combine"]);
    world.run("key combine --out e.key study.key").fails(3, &["a whole key, not a share"]);
}

#[test]
fn shares_that_do_not_belong_together_are_refused_each_in_its_own_words() {
    let world = World::good();
    let split = |key: &str| world.run(&format!("key split --shares 3 --threshold 2 {key}"));
    split("study.key").succeeds();
    fs::create_dir(world.path("second")).unwrap();
    fs::copy(world.path("study.key"), world.path("second/study.key")).unwrap();
    split("second/study.key").succeeds();
    world.key("other.key", [9; 32]);
    split("other.key").succeeds();
    let combine = |shares: &str| world.run(&format!("key combine --out out.key {shares}"));
    combine("study.key.1.share other.key.2.share").fails(3, &["shares of different keys", "of one key"]);
    combine("study.key.1.share second/study.key.2.share").fails(3, &["different splits", "of one split"]);
    let share = world.text("study.key.2.share");
    let digit = if share.contains("secret: 0") { "secret: 1" } else { "secret: 0" };
    world.write("study.key.2.share", share.replace(&share[share.find("secret: ").unwrap()..][..9], digit));
    combine("study.key.1.share study.key.2.share").fails(3, &["do not combine to the key", "changed or damaged"]);
    assert!(!world.path("out.key").exists());
    for (shares, threshold) in [(1, 1), (3, 1), (2, 3), (200, 2)] {
        let line = format!("key split --shares {shares} --threshold {threshold} other.key");
        world.run(&line).fails(3, &["cannot be split"]);
    }
}

#[test]
fn each_share_can_have_its_own_recipient_or_passphrase() {
    let world = World::of_parties();
    let to = "--to kela --to town --to officer --contract contract.toml";
    world.run(&format!("key split --shares 3 --threshold 2 {to} link.key")).succeeds();
    let shares = "link.key.1.share link.key.2.share";
    let combine = |more: &str| world.run(&format!("key combine --out out.key {more} {shares}"));
    combine("--identity kela.identity").fails(3, &["drop the protection", "--to or --new-passphrase, or give --plain"]);
    combine("--plain").fails(3, &["no identity was given"]);
    combine("--plain --identity kela.identity").fails(3, &["link.key.2.share", "no given identity opens it"]);
    combine("--plain --identity kela.identity --identity town.identity").succeeds();
    assert_eq!(world.read("out.key"), world.read("link.key"));
    let kept = "key split --shares 2 --threshold 2 out.key";
    world.run(kept).succeeds();
    world.key("second.key", [9; 32]);
    world
        .run("key split --shares 3 --threshold 2 --to kela --contract contract.toml second.key")
        .fails(3, &["3 shares need 3 protections, but 1 are given"]);
    assert!(!world.path("second.key.1.share").exists());
    passphrases(&world, "two", "five plain words in one\nfive plain words in two\n");
    world.run("key split --shares 2 --threshold 2 --new-passphrase two second.key").succeeds();
    let combine = "key combine --out second-out.key second.key.1.share second.key.2.share";
    world.run(&format!("{combine} --plain")).fails(3, &["protected by a passphrase"]);
    world.run(&format!("{combine} --plain --passphrase two")).succeeds();
    assert_eq!(world.read("second-out.key"), world.read("second.key"));
}

#[test]
fn a_split_that_fails_leaves_no_share() {
    let world = World::good();
    world.write("study.key.3.share", "mine");
    world.run("key split --shares 3 --threshold 2 study.key").fails(3, &["study.key.3.share", "never overwritten"]);
    assert!(!world.path("study.key.1.share").exists() && !world.path("study.key.2.share").exists());
    assert_eq!(world.text("study.key.3.share"), "mine");
}

#[test]
fn shares_that_say_different_things_are_refused_whatever_their_order() {
    let world = World::good();
    world.run("key split --shares 3 --threshold 2 study.key").succeeds();
    world.edit("study.key.2.share", "expires: 2099-12-31", "expires: 2098-12-31");
    for shares in ["study.key.1.share study.key.2.share", "study.key.2.share study.key.1.share"] {
        world.run(&format!("key combine --out out.key {shares}")).fails(3, &["describe one key differently"]);
    }
    assert!(!world.path("out.key").exists());
}

#[test]
fn a_secret_and_its_public_half_are_made_together_or_not_at_all() {
    let world = World::good();
    world.write("taken.pub", "mine");
    for kind in ["--identity", "--signing --contract contract.toml"] {
        world.run(&format!("key new {kind} taken")).fails(3, &["taken.pub", "choose another name"]);
        assert!(!world.path("taken").exists());
    }
    assert_eq!(world.text("taken.pub"), "mine");
}

#[test]
fn a_certificate_vouches_only_for_a_key_that_was_in_the_file() {
    let world = World::of_parties();
    let destroy =
        |file: &str| world.run(&format!("key destroy --signing-key kela.signing --certificate {file}.json {file}"));
    let text = world.text("study.key");
    let secret = text.lines().last().unwrap();
    world.write("false.key", text.replace(secret, &format!("secret: {}", "0".repeat(64))));
    world.write("named.key", text.replace("key-id: ", "key-id: 0"));
    for name in ["false.key", "named.key"] {
        fs::set_permissions(world.path(name), PermissionsExt::from_mode(0o600)).unwrap();
    }
    destroy("false.key").fails(3, &["false.key", "does not match the key id"]);
    destroy("named.key").fails(3, &["named.key"]);
    assert!(world.path("false.key").exists() && !world.path("false.key.json").exists());
    // A share, and a key that no one opens, are destroyed. The certificate states that they are not proved.
    world.run("key split --shares 2 --threshold 2 study.key").succeeds();
    world.run("key new --contract contract.toml --to town closed.key").succeeds();
    for name in ["study.key.1.share", "closed.key"] {
        let run = destroy(name).succeeds();
        assert!(run.stdout().contains("as stated in the file; not verified"), "{}", run.stdout());
        assert_eq!(world.json(&format!("{name}.json"))["destroyed"]["key"]["proved"], false);
    }
    assert!(!destroy("study.key").succeeds().stdout().contains("as stated in the file; not verified"));
}

#[test]
fn a_party_that_is_no_holder_signs_certificates_and_nothing_else() {
    let world = World::sealed();
    let linker = world.signing_key("linker.signing");
    let contract = world.text("contract.toml");
    let listed = |line: &str| world.write("contract.toml", format!("{contract}\n[signatories]\n{line}\n"));
    listed(&format!("linker = \"{linker}\""));
    world.run("key destroy --signing-key linker.signing --certificate c.json link.key").succeeds();
    let shown = world.run("show --contract contract.toml c.json").succeeds().stdout();
    assert!(shown.contains("of linker, valid"), "{shown}");
    world.extract("kela", "out", "--signing-key linker.signing").fails(3, &["not the signing key", "'kela'"]);
    let kela = contract.split("signing = \"").nth(1).unwrap().split('"').next().unwrap();
    listed(&format!("linker = \"{kela}\""));
    world.run("show contract.toml").fails(3, &["signing key of 'linker'", "each party signs with its own"]);
}

#[test]
fn a_destroyed_key_is_overwritten_gone_and_certified() {
    let world = World::of_parties();
    // A second name of the same file shows its overwritten bytes.
    fs::hard_link(world.path("study.key"), world.path("second-name")).unwrap();
    let before = world.read("study.key");
    let id = world.run("key fingerprint --json study.key").succeeds().json()["key_id"].clone();
    let line = "key destroy --signing-key kela.signing --certificate gone.json study.key";
    world.run(line).succeeds();
    assert!(!world.path("study.key").exists());
    let after = world.read("second-name");
    assert!(after.len() == before.len() && before.windows(8).all(|part| !after.windows(8).any(|w| w == part)));
    let certificate = world.json("gone.json");
    assert_eq!((&certificate["destroyed"]["key"]["key_id"], &certificate["study"]), (&id, &"tiny".into()));
    let not_covered = certificate["not_covered"].to_string();
    assert!(["backups", "snapshots", "wear levelling"].iter().all(|word| not_covered.contains(word)));
    let shown = world.run("show --contract contract.toml gone.json").succeeds().stdout();
    assert!(shown.contains("of kela, valid") && shown.contains("not covered"));
    world.edit("gone.json", "overwritten", "overwritted");
    world
        .run("show --contract contract.toml gone.json")
        .fails(3, &["gone.json.minisig", "not the signature of 'kela'", "the file or the signature was changed"]);
    world.run(line).fails(3, &["study.key", "check the path"]);
}

#[test]
fn nothing_is_destroyed_without_a_certificate() {
    let world = World::of_parties();
    let destroy = |signing: &str, certificate: &str, key: &str| {
        world.run(&format!("key destroy --signing-key {signing} --certificate {certificate} {key}"))
    };
    world.write("taken.json", "mine");
    destroy("kela.signing", "taken.json", "study.key").fails(3, &["taken.json", "never overwritten"]);
    destroy("kela.signing", "none/gone.json", "study.key").fails(3, &["none/gone.json", "folder"]);
    destroy("study.key", "gone.json", "link.key").fails(3, &["study.key", "a signing key is needed"]);
    destroy("kela.signing", "gone.json", "contract.toml").fails(3, &["contract.toml"]);
    symlink("study.key", world.path("link-to-key")).unwrap();
    destroy("kela.signing", "gone.json", "link-to-key").fails(3, &["link-to-key", "not a regular file"]);
    assert!(
        world.path("study.key").exists() && world.path("link.key").exists() && world.path("contract.toml").exists()
    );
    assert!(!world.path("gone.json").exists());
    destroy("kela.signing", "linker.json", "linker.identity").succeeds();
    assert!(world.json("linker.json")["destroyed"]["identity"]["recipients"][0].as_str().unwrap().starts_with("age1"));
    assert!(!world.path("linker.identity").exists());
    destroy("kela.signing", "own.json", "kela.signing").succeeds();
    assert!(
        world.run("show --contract contract.toml own.json").succeeds().stdout().contains("Signature: of kela, valid")
    );
}

#[test]
fn a_delivery_can_be_linked_by_a_key_that_was_split_and_destroyed_in_between() {
    let world = World::of_parties();
    world.run("key split --shares 3 --threshold 2 study.key").succeeds();
    world.run("key destroy --signing-key kela.signing --certificate gone.json study.key").succeeds();
    world.extract_signed("kela", "d-kela", "").fails(3, &["study.key"]);
    world.run("key combine --out study.key study.key.3.share study.key.1.share").succeeds();
    for holder in ["kela", "town"] {
        world.extract_signed(holder, &format!("d-{holder}"), "").succeeds();
    }
    world.link("linked", &format!("--identity linker.identity {BOTH}")).succeeds();
}

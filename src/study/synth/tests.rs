//! Facts about whole registers, found by reading the files that were made.

mod naive;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use naive::{Reading, TABLES};
use regex::bytes::Regex;

use super::*;

fn config() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config")
}

struct Registers {
    _parent: tempfile::TempDir,
    out: PathBuf,
    summary: Summary,
}

fn made(contract: &Path, persons: u64, seed: u64) -> Result<Registers, SynthError> {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("out");
    let options = Options { contract: contract.into(), persons, seed, out: out.clone() };
    let told = Mutex::new(0);
    let result = run(&options, &|more| *told.lock().unwrap() += more);
    if result.is_err() {
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0, "something is left behind");
    }
    let summary = result?;
    assert_eq!((told.into_inner().unwrap(), summary.persons), (persons, persons));
    Ok(Registers { _parent: parent, out, summary })
}

fn registers(persons: u64, seed: u64) -> Registers {
    made(&config().join("contract.toml"), persons, seed).unwrap()
}

/// A register of some size, read once.
struct Shared {
    files: BTreeMap<PathBuf, Vec<u8>>,
    truth: Truth,
    reading: Reading,
    summary: Summary,
}

const SEED: u64 = 3;
/// More than two chunks.
const PERSONS: u64 = 9000;

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let Registers { out, summary, _parent } = registers(PERSONS, SEED);
    Shared { files: files(&out), truth: truth(&out), reading: naive::read(&out), summary }
});

/// Code and holder of a temporary code → in which tables.
type Truth = BTreeMap<(String, String), [bool; 4]>;

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(
                files(&entry.path()).into_iter().map(|(path, bytes)| (Path::new(&entry.file_name()).join(path), bytes)),
            );
        } else {
            found.insert(entry.file_name().into(), fs::read(entry.path()).unwrap());
        }
    }
    found
}

fn truth(out: &Path) -> Truth {
    let content = fs::read_to_string(out.join("truth.csv")).unwrap();
    let mut lines = content.lines();
    assert_eq!(lines.next(), Some(format!("person;code;temporary;{}", TABLES.join(";")).as_str()));
    let mut found = BTreeMap::new();
    for line in lines {
        let fields: Vec<&str> = line.split(';').collect();
        let tables: Vec<bool> = fields[3..].iter().map(|flag| *flag == "1").collect();
        let key = (fields[1].to_owned(), fields[2].to_owned());
        assert!(found.insert(key, tables.try_into().unwrap()).is_none(), "a code is two persons'");
    }
    found
}

/// A copy of the configuration with `from` replaced by `to` in one file.
fn altered(name: &str, from: &str, to: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files(&config()) {
        let target = folder.path().join(&path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
    let text = fs::read_to_string(config().join(name)).unwrap();
    assert!(text.contains(from));
    fs::write(folder.path().join(name), text.replace(from, to)).unwrap();
    let contract = folder.path().join("contract.toml");
    (folder, contract)
}

#[test]
fn the_same_seed_gives_the_same_bytes_with_one_thread_and_with_two() {
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        files(&pool.install(|| registers(PERSONS, SEED)).out)
    };
    assert!(SHARED.files == with(1) && SHARED.files == with(2));
    let other = files(&registers(PERSONS, SEED + 1).out);
    assert!(SHARED.files[Path::new("truth.csv")] != other[Path::new("truth.csv")]);
}

fn agrees(truth: &Truth, found: &Truth) {
    let stated: BTreeMap<_, _> = truth.iter().filter(|(_, tables)| tables.contains(&true)).collect();
    let wrong: Vec<_> = stated.iter().filter(|(key, tables)| found.get(**key) != Some(**tables)).take(3).collect();
    assert!(wrong.is_empty(), "stated but not found: {wrong:?}");
    assert_eq!(found.len(), stated.len(), "found but not stated");
}

#[test]
fn the_truth_is_what_a_slow_reading_finds() {
    agrees(&SHARED.truth, &SHARED.reading.present);
    for (persons, seed) in [(1, 1), (700, 2)] {
        let out = registers(persons, seed);
        agrees(&truth(&out.out), &naive::read(&out.out).present);
    }
}

#[test]
fn the_truth_holds_for_a_window_and_period_that_cut_the_files() {
    let (_folder, contract) =
        altered("kela.toml", "period = { first = \"2017-01-01\"", "period = { first = \"2017-06-10\"");
    let made = made(&contract, 2000, 5).unwrap();
    agrees(&truth(&made.out), &naive::read(&made.out).present);
}

#[test]
fn every_code_anywhere_has_a_sign_that_nobody_has() {
    let code = Regex::new(r"[0-9]{6}([-+A-FU-Ya-fu-y])[0-9]{3}[0-9A-Ya-y]").unwrap();
    let mut seen = 0;
    for (path, bytes) in &SHARED.files {
        for found in code.captures_iter(bytes) {
            seen += 1;
            assert!(b"UVWDEFuvwdef".contains(&found[1][0]), "{}", path.display());
        }
    }
    assert!(seen > 20_000);
}

#[test]
fn each_source_file_has_the_header_that_the_holder_file_names() {
    let made = registers(50, 1);
    for holder in &made.summary.holders {
        let folder = made.out.join(holder.as_str());
        for source in naive::toml_of(&folder.join("holder.toml"))["sources"].as_array().unwrap() {
            let mut expected: BTreeSet<String> = naive::pairs(source, "columns").into_values().collect();
            expected.extend(naive::strings(source, "ignore").into_iter().map(str::to_owned));
            if let Some(reshape) = source.get("reshape") {
                expected.insert(naive::text(reshape, "year").to_owned());
                expected.extend(naive::strings(reshape, "months").into_iter().map(str::to_owned));
            }
            for file in naive::strings(source, "files") {
                let header = naive::rows(source, &folder.join(file)).remove(0);
                assert_eq!(header.len(), expected.len());
                assert_eq!(header.into_iter().collect::<BTreeSet<_>>(), expected, "{file}");
            }
        }
    }
}

#[test]
fn one_temporary_code_is_two_people_at_two_holders() {
    let truth = &SHARED.truth;
    let holders = |code: &str| truth.keys().filter(|(c, holder)| c == code && !holder.is_empty()).count();
    assert!(truth.keys().any(|(code, holder)| holder == "kela" && holders(code) > 1));
    assert!(truth.keys().all(|(code, holder)| holder.is_empty() == (code[7..10] < *"900")));
}

#[test]
fn some_people_are_known_to_both_municipalities_and_some_to_one_side_only() {
    let known = &SHARED.reading.known;
    assert!(known["helsinki"].intersection(&known["tampere"]).count() > 5);
    let kela = |of: &str| known[of].difference(&known["kela"]).count();
    assert!(kela("helsinki") > 100 && kela("tampere") > 100);
    assert!(known["kela"].len() > 2 * known["helsinki"].len());
}

#[test]
fn every_defect_occurs_at_its_rate() {
    let Summary { defects, rows, .. } = &SHARED.summary;
    let rows = rows.values().sum::<u64>() as f64;
    let share = |count: u64| count as f64 / rows;
    let faults = defects.missing_code + defects.mistyped_code + defects.unknown_code + defects.impossible_date;
    assert!((0.012..0.016).contains(&share(faults)), "{}", share(faults));
    assert!((0.008..0.012).contains(&share(defects.lower_case)));
    assert!((0.004..0.006).contains(&share(defects.duplicated)));
    let others = [defects.impossible_date, defects.padded, defects.full_width, defects.old_code, defects.code_in_text];
    assert!(
        others.iter().chain([&defects.unknown_code, &defects.temporary_code]).all(|&count| count > 0),
        "{defects:?}"
    );
}

#[test]
fn no_register_however_small_has_more_than_one_reject_in_twenty() {
    for (persons, seed) in [(3, 1), (20, 2), (60, 3), (150, 4), (400, 5), (1000, 6)] {
        for (place, (records, rejected)) in naive::read(&registers(persons, seed).out).records {
            assert!(rejected * 20 <= records, "{place:?}: {rejected} of {records}");
        }
    }
}

#[test]
fn the_register_is_as_the_statistics_say() {
    let kept = &SHARED.reading.kept;
    let share = |table: &str, of: &dyn Fn(&BTreeMap<String, String>) -> Option<bool>| {
        let told: Vec<bool> = kept.iter().filter(|row| row.0 == table).filter_map(|row| of(&row.2)).collect();
        told.iter().filter(|yes| **yes).count() as f64 / told.len() as f64
    };
    let is = |column: &'static str, code: &'static str| {
        move |row: &BTreeMap<String, String>| row.get(column).map(|c| c == code)
    };
    assert!((0.76..0.84).contains(&share(TABLES[0], &is("reject_reason", "income_exceeds"))));
    assert!((0.48..0.55).contains(&share(TABLES[1], &is("type", "HAKEMUS"))));
    assert!((0.17..0.23).contains(&share(TABLES[1], &is("type", "ALENNETTU_PERUSOSA"))));
    assert!((0.30..0.40).contains(&share(TABLES[1], &is("reason", "elämänhallinta"))));
    let single = share(TABLES[0], &|row| {
        let kind = row.get("household_type").filter(|_| row["role"] == "hakija")?;
        Some(kind == "yksin_asuva" || kind == "muu_yhden_hengen")
    });
    assert!((0.70..0.78).contains(&single), "{single}");
    let paid = kept
        .iter()
        .filter(|row| row.2.get("role").is_some_and(|role| role == "hakija") && row.2["decision"] == "myönnetty");
    let euros: Vec<f64> = paid.filter_map(|row| row.2.get("paid_eur")?.parse().ok()).collect();
    let mean = euros.iter().sum::<f64>() / euros.len() as f64;
    assert!((430.0..470.0).contains(&mean), "{mean}");
}

#[test]
fn recipients_are_of_the_ages_of_2017() {
    let kept = &SHARED.reading.kept;
    let recipients = kept.iter().filter(|row| row.0 == TABLES[0] && row.2["benefit_month"].starts_with("2018"));
    let mut ages = BTreeMap::new();
    for (_, code, row) in recipients.filter(|row| row.2["decision"] == "myönnetty") {
        let century = if code.as_bytes()[6] >= b'U' { 1900 } else { 2000 };
        let age = row["benefit_month"][..4].parse::<i32>().unwrap() - century - code[4..6].parse::<i32>().unwrap();
        ages.insert(code, age);
    }
    let share =
        |from: i32, to: i32| ages.values().filter(|age| (from..to).contains(*age)).count() as f64 / ages.len() as f64;
    let shares = [share(0, 18), share(18, 25), share(25, 65), share(65, 120)];
    for (found, expected) in shares.into_iter().zip([0.245, 0.198, 0.522, 0.034]) {
        assert!((found - expected).abs() < 0.035, "{shares:?}");
    }
}

#[test]
fn everything_is_marked_synthetic_and_nothing_is_overwritten() {
    let made = registers(5, 1);
    for folder in [".", "helsinki", "kela", "tampere"] {
        assert!(fs::read_to_string(made.out.join(folder).join("SYNTHETIC.txt")).unwrap().starts_with("SYNTHETIC"));
    }
    let options = Options { contract: config().join("contract.toml"), persons: 5, seed: 1, out: made.out.clone() };
    assert!(matches!(run(&options, &|_| {}), Err(SynthError::Folder(_))));
    assert!(matches!(run(&Options { persons: 0, ..options }, &|_| {}), Err(SynthError::Persons { found: 0, .. })));
}

#[test]
fn what_cannot_be_made_is_refused_and_leaves_nothing_behind() {
    let refused = |name, from, to| {
        let (_folder, contract) = altered(name, from, to);
        made(&contract, 10, 1).map(|made| made.summary).unwrap_err()
    };
    let error = refused("tampere.toml", "format = \"csv\"", "format = \"parquet\"");
    assert!(matches!(error, SynthError::Parquet { .. }), "{error}");
    let error = refused("tampere.toml", "holder = \"tampere\"", "holder = \"kela\"");
    assert!(matches!(error, SynthError::HolderTwice { .. }), "{error}");
    let error = refused("tampere.toml", "\"avain.csv\"", "\"../avain.csv\"");
    assert!(matches!(error, SynthError::OutsideFolder { .. }), "{error}");
    let error = refused("tampere.toml", "\"avain.csv\"", "\"social_work.csv\"");
    assert!(matches!(error, SynthError::FileTwice { .. }), "{error}");
    let error = refused("helsinki.toml", "organiser = \"091\"", "organiser = \"999\"");
    assert!(matches!(error, SynthError::UnknownOrganiser { .. }), "{error}");
    let error = refused("kela.toml", "role = \"hakija\"", "role = \"anoja\"");
    assert!(matches!(error, SynthError::Source { problem: SourceProblem::Constant { .. }, .. }), "{error}");
    let error = refused("helsinki.toml", "\"etunimet\"", "\"etunimet ☺\"");
    assert!(matches!(error, SynthError::Source { problem: SourceProblem::Encoding { .. }, .. }), "{error}");
    let error = refused("contract.toml", "\"SEURANTA\", ", "");
    assert!(matches!(error, SynthError::CodeNotAllowed { code: "SEURANTA", .. }), "{error}");
    let error = refused("contract.toml", "name = \"urgency\"", "name = \"haste\"");
    assert!(matches!(error, SynthError::UnknownColumn { .. }), "{error}");
    let error = refused("contract.toml", "[exchange.study]", "[exchange.study]\nunknown = 1");
    assert!(matches!(error, SynthError::Toml { .. }), "{error}");
}

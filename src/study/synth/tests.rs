//! Facts about whole registers, found by reading the generated files.

mod naive;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use naive::{Reading, TABLES};
use regex::bytes::Regex;

use super::*;
use crate::config::ConfigError;

fn config() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/studies/toituavain")
}

struct Generated {
    _parent: tempfile::TempDir,
    out: PathBuf,
    summary: Summary,
}

fn generate(contract: &Path, persons: u64, seed: u64) -> Result<Generated, SynthError> {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("out");
    let options = Options { contract: contract.into(), persons, seed, out: out.clone() };
    let progress = Mutex::new(0);
    let result = run(&options, &|more| *progress.lock().unwrap() += more);
    if result.is_err() {
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0, "something is left behind");
    }
    let summary = result?;
    assert_eq!(progress.into_inner().unwrap(), persons);
    assert_eq!(summary.persons, persons);
    Ok(Generated { _parent: parent, out, summary })
}

fn registers(persons: u64, seed: u64) -> Generated {
    generate(&config().join("contract.toml"), persons, seed).unwrap()
}

/// Registers of some size, read once.
struct Shared {
    files: BTreeMap<PathBuf, Vec<u8>>,
    truth: Truth,
    reading: Reading,
    summary: Summary,
}

const SEED: u64 = 3;
/// More than two batches.
const PERSONS: u64 = 9000;

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let Generated { out, summary, _parent } = registers(PERSONS, SEED);
    Shared { files: files(&out), truth: truth(&out), reading: naive::read(&out), summary }
});

/// Code and holder of a temporary code → presence in each table.
type Truth = BTreeMap<(String, String), [bool; 4]>;

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = PathBuf::from(entry.file_name());
        if entry.path().is_dir() {
            found.extend(files(&entry.path()).into_iter().map(|(path, bytes)| (name.join(path), bytes)));
        } else {
            found.insert(name, fs::read(entry.path()).unwrap());
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
        assert!(found.insert(key, tables.try_into().unwrap()).is_none(), "two persons have one code");
    }
    found
}

/// Copies the configuration with `from` replaced by `to` in one file. Returns the folder and the contract in it.
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

/// Returns the files generated for [`PERSONS`] and [`SEED`] with this number of threads.
fn files_with(threads: usize) -> BTreeMap<PathBuf, Vec<u8>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    files(&pool.install(|| registers(PERSONS, SEED)).out)
}

#[test]
fn the_same_seed_gives_the_same_bytes_with_one_thread_and_with_two() {
    assert!(SHARED.files == files_with(1));
    assert!(SHARED.files == files_with(2));
    let other = files(&registers(PERSONS, SEED + 1).out);
    assert!(SHARED.files[Path::new("truth.csv")] != other[Path::new("truth.csv")]);
}

fn assert_agreement(truth: &Truth, found: &Truth) {
    let stated: BTreeMap<_, _> = truth.iter().filter(|(_, tables)| tables.contains(&true)).collect();
    let wrong = stated.iter().filter(|(key, tables)| found.get(**key) != Some(**tables)).count();
    assert_eq!(wrong, 0, "stated but not found");
    assert_eq!(found.len(), stated.len(), "found but not stated");
}

#[test]
fn the_truth_file_agrees_with_a_slow_reader() {
    assert_agreement(&SHARED.truth, &SHARED.reading.present);
    for (persons, seed) in [(1, 1), (700, 2)] {
        let generated = registers(persons, seed);
        assert_agreement(&truth(&generated.out), &naive::read(&generated.out).present);
    }
}

#[test]
fn the_truth_holds_for_a_window_and_period_that_cut_the_files() {
    let (_folder, contract) =
        altered("kela.toml", "period = { first = \"2017-01-01\"", "period = { first = \"2017-06-10\"");
    let generated = generate(&contract, 2000, 5).unwrap();
    assert_agreement(&truth(&generated.out), &naive::read(&generated.out).present);
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
fn each_source_file_has_the_headers_of_its_holder_file() {
    let generated = registers(50, 1);
    for holder in &generated.summary.holders {
        let folder = generated.out.join(holder.as_str());
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

/// Returns how many holders issued this temporary code.
fn issuers(truth: &Truth, code: &str) -> usize {
    truth.keys().filter(|(known, holder)| known == code && !holder.is_empty()).count()
}

#[test]
fn one_temporary_code_means_two_people_at_two_holders() {
    let truth = &SHARED.truth;
    assert!(truth.keys().any(|(code, holder)| holder == "kela" && issuers(truth, code) > 1));
    assert!(truth.keys().all(|(code, holder)| holder.is_empty() == (code[7..10] < *"900")));
}

#[test]
fn some_people_are_known_to_both_municipalities_and_some_to_one_side_only() {
    let known = &SHARED.reading.known;
    assert!(known["helsinki"].intersection(&known["tampere"]).count() > 5);
    for municipality in ["helsinki", "tampere"] {
        assert!(known[municipality].difference(&known["kela"]).count() > 100, "{municipality}");
    }
    assert!(known["kela"].len() > 2 * known["helsinki"].len());
}

#[test]
fn every_defect_occurs_at_its_rate() {
    let Summary { defects, rows, .. } = &SHARED.summary;
    let rows = rows.values().sum::<u64>() as f64;
    let faults = defects.missing_code + defects.mistyped_code + defects.unknown_code + defects.impossible_date;
    for (count, rates) in
        [(faults, 0.012..0.016), (defects.lower_case, 0.008..0.012), (defects.duplicated, 0.004..0.006)]
    {
        let share = count as f64 / rows;
        assert!(rates.contains(&share), "{share} is not in {rates:?}");
    }
    let others = [
        defects.impossible_date,
        defects.padded,
        defects.full_width,
        defects.old_code,
        defects.code_in_text,
        defects.unknown_code,
        defects.temporary_code,
    ];
    assert!(others.iter().all(|&count| count > 0), "{defects:?}");
}

#[test]
fn no_register_however_small_has_more_than_one_reject_in_twenty() {
    for (persons, seed) in [(3, 1), (20, 2), (60, 3), (150, 4), (400, 5), (1000, 6)] {
        for (place, counts) in naive::read(&registers(persons, seed).out).records {
            assert!(counts.rejected * 20 <= counts.read, "{place:?}: {counts:?}");
        }
    }
}

/// Returns the share of kept rows of a table that fit, among those for which `fits` has an answer.
fn share(table: &str, fits: impl Fn(&naive::Record) -> Option<bool>) -> f64 {
    let rows = SHARED.reading.kept.iter().filter(|row| row.table == table);
    let answers: Vec<bool> = rows.filter_map(|row| fits(&row.columns)).collect();
    answers.iter().filter(|fit| **fit).count() as f64 / answers.len() as f64
}

/// Returns the share of a code in a column of a table, among rows with a value.
fn code_share(table: &str, column: &str, code: &str) -> f64 {
    share(table, |row| row.get(column).map(|value| value == code))
}

#[test]
fn the_register_agrees_with_the_statistics() {
    assert!((0.76..0.84).contains(&code_share(TABLES[0], "reject_reason", "income_exceeds")));
    assert!((0.48..0.55).contains(&code_share(TABLES[1], "type", "HAKEMUS")));
    assert!((0.17..0.23).contains(&code_share(TABLES[1], "type", "ALENNETTU_PERUSOSA")));
    assert!((0.30..0.40).contains(&code_share(TABLES[1], "reason", "elämänhallinta")));
    let single = share(TABLES[0], |row| {
        let kind = row.get("household_type").filter(|_| row["role"] == "hakija")?;
        Some(kind == "yksin_asuva" || kind == "muu_yhden_hengen")
    });
    assert!((0.70..0.78).contains(&single), "{single}");
    let euros: Vec<f64> = SHARED
        .reading
        .kept
        .iter()
        .map(|row| &row.columns)
        .filter(|row| row.get("role").is_some_and(|role| role == "hakija") && row["decision"] == "myönnetty")
        .filter_map(|row| row.get("paid_eur")?.parse().ok())
        .collect();
    let mean = euros.iter().sum::<f64>() / euros.len() as f64;
    assert!((430.0..470.0).contains(&mean), "{mean}");
}

/// Returns the number of paid applicants in each month.
fn paid_applicants() -> BTreeMap<String, usize> {
    let mut months = BTreeMap::new();
    for naive::Kept { columns, .. } in SHARED.reading.kept.iter().filter(|row| row.table == TABLES[0]) {
        if columns["role"] == "hakija" && columns["decision"] == "myönnetty" {
            *months.entry(columns["benefit_month"][..7].to_owned()).or_default() += 1;
        }
    }
    months
}

#[test]
fn months_are_alike_from_the_first_to_the_last() {
    let months = paid_applicants();
    assert_eq!(months.len(), 36);
    let mean = months.values().sum::<usize>() as f64 / 36.0;
    let far = months.values().map(|month| (*month as f64 / mean - 1.0).abs()).fold(0.0, f64::max);
    assert!(far < 0.1, "{months:?}");
}

#[test]
fn notices_by_rule_follow_a_run_of_paid_months() {
    let paid = SHARED.reading.kept.iter().filter(|row| row.table == TABLES[0]);
    let paid: BTreeSet<(&String, &str)> = paid
        .filter(|row| row.columns["role"] == "hakija" && row.columns["decision"] == "myönnetty")
        .map(|row| (&row.code, &row.columns["benefit_month"][..7]))
        .collect();
    let by_rule = SHARED.reading.kept.iter().filter(|row| row.table == TABLES[1]);
    let by_rule: Vec<_> = by_rule.filter(|row| row.columns["type"] == "TYOTON_ALLE25_4KK").collect();
    assert!(by_rule.len() > 20);
    // A row with a defect can be missing, so not each has its whole run.
    let complete = |row: &&naive::Kept| {
        let sent = salanimi_core::Month::of(salanimi_core::Day::parse(&row.columns["sent_date"]).unwrap());
        (0..2).any(|wait| (0..4).all(|back| paid.contains(&(&row.code, sent.plus(-wait - back).to_string().as_str()))))
    };
    let share = by_rule.iter().filter(|row| complete(row)).count() as f64 / by_rule.len() as f64;
    assert!(share > 0.9, "{share}");
}

#[test]
fn recipients_have_the_ages_of_2017() {
    let mut ages = BTreeMap::new();
    for naive::Kept { code, columns, .. } in SHARED.reading.kept.iter().filter(|row| row.table == TABLES[0]) {
        if columns["benefit_month"].starts_with("2018") && columns["decision"] == "myönnetty" {
            let century = if code.as_bytes()[6] >= b'U' { 1900 } else { 2000 };
            let birth_year = century + code[4..6].parse::<i32>().unwrap();
            ages.insert(code, columns["benefit_month"][..4].parse::<i32>().unwrap() - birth_year);
        }
    }
    for (range, expected) in [(0..18, 0.245), (18..25, 0.198), (25..65, 0.522), (65..120, 0.034)] {
        let share = ages.values().filter(|age| range.contains(*age)).count() as f64 / ages.len() as f64;
        assert!((share - expected).abs() < 0.035, "{share} of ages in {range:?}");
    }
}

#[test]
fn every_folder_is_marked_synthetic() {
    let generated = registers(5, 1);
    for folder in [".", "helsinki", "kela", "tampere"] {
        let marker = fs::read_to_string(generated.out.join(folder).join("SYNTHETIC.txt")).unwrap();
        assert!(marker.starts_with("SYNTHETIC"));
    }
}

#[test]
fn an_existing_output_and_an_impossible_number_of_persons_are_refused() {
    let generated = registers(5, 1);
    let options = Options { contract: config().join("contract.toml"), persons: 5, seed: 1, out: generated.out.clone() };
    assert!(matches!(run(&options, &|_| {}), Err(SynthError::Folder(_))));
    assert!(matches!(run(&Options { persons: 0, ..options }, &|_| {}), Err(SynthError::Persons { found: 0, .. })));
}

/// Generates from an altered configuration and returns the error. [`generate`] checks that nothing is left behind.
fn refusal(name: &str, from: &str, to: &str) -> SynthError {
    let (_folder, contract) = altered(name, from, to);
    generate(&contract, 10, 1).map(|generated| generated.summary).unwrap_err()
}

#[test]
fn a_holder_file_that_synthetic_rows_cannot_fill_is_refused() {
    let csv = "format = \"csv\"\ndelimiter = \",\"\nencoding = \"utf-8\"";
    let error = refusal("tampere.toml", csv, "format = \"parquet\"");
    assert!(matches!(error, SynthError::NotCsv { .. }), "{error}");
    let error = refusal("tampere.toml", "holder = \"tampere\"", "holder = \"kela\"");
    assert!(matches!(error, SynthError::HolderTwice { .. }), "{error}");
    let error = refusal("tampere.toml", "\"avain.csv\"", "\"../avain.csv\"");
    assert!(matches!(error, SynthError::OutsideFolder { .. }), "{error}");
    let error = refusal("tampere.toml", "\"avain.csv\"", "\"social_work.csv\"");
    assert!(matches!(error, SynthError::FileTwice { .. }), "{error}");
    let error = refusal("helsinki.toml", "organiser = \"091\"", "organiser = \"helsinki\"");
    assert!(matches!(error, SynthError::UnknownOrganiser { .. }), "{error}");
    let error = refusal("kela.toml", "role = \"hakija\"", "role = \"anoja\"");
    assert!(matches!(error, SynthError::Source { problem: SourceProblem::Constant { .. }, .. }), "{error}");
    let error = refusal("helsinki.toml", "\"etunimet\"", "\"etunimet ☺\"");
    assert!(matches!(error, SynthError::Source { problem: SourceProblem::Encoding { .. }, .. }), "{error}");
}

#[test]
fn a_contract_without_a_model_is_refused() {
    let error = refusal("contract.toml", "\"SEURANTA\", ", "");
    assert!(matches!(error, SynthError::CodeNotAllowed { code: "SEURANTA", .. }), "{error}");
    let error = refusal("contract.toml", "name = \"urgency\"", "name = \"haste\"");
    assert!(matches!(error, SynthError::UnknownColumn { .. }), "{error}");
    let error = refusal("contract.toml", "[exchange.study]", "[exchange.study]\nunknown = 1");
    assert!(matches!(error, SynthError::Config(ConfigError::Toml { .. })), "{error}");
}

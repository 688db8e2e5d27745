//! Independent tools as judges: pyarrow and `DuckDB` read our output, python-stdnum validates the codes that we parse.
//!
//! They run in a virtual environment made once from `tests/judges/requirements.txt`. Without Python or a package these
//! tests print SKIPPED and pass. With `SALANIMI_REQUIRE_JUDGES` set, they fail instead.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use salanimi::crypto::Digest;
use salanimi_core::{Day, IdentityCode};

use crate::world::World;

const REQUIREMENTS: &str = include_str!("../judges/requirements.txt");
/// Name of the environment variable that makes a missing judge a failure.
pub const REQUIRE: &str = "SALANIMI_REQUIRE_JUDGES";

/// Runs the demo, then extracts and links the same sources unsealed in the folder `plain`.
fn demo_with_plain_outputs() -> World {
    let world = World::empty();
    world.run("demo --attack none --persons 2000 --out demo").succeeds();
    fs::create_dir(world.path("plain")).unwrap();
    for holder in HOLDERS {
        let files = format!("--contract demo/sources/contract.toml --holder demo/sources/{holder}/holder.toml");
        let keys = format!("--key demo/keys/project.key --signing-key demo/keys/{holder}.signing.key");
        world.run(&format!("extract {files} {keys} --unsealed --out plain/{holder}")).succeeds();
    }
    let deliveries = HOLDERS.map(|holder| format!("plain/{holder}")).join(" ");
    world.run(&format!("link --contract demo/sources/contract.toml --out plain/linked {deliveries}")).succeeds();
    world
}

const HOLDERS: [&str; 3] = ["kela", "helsinki", "tampere"];

#[test]
fn pyarrow_and_duckdb_read_every_output() {
    let Some(judges) = Judges::assemble() else { return };
    let world = demo_with_plain_outputs();
    let outputs = HOLDERS.into_iter().chain(["linked"]).map(|name| world.path(&format!("plain/{name}")));
    let contract = world.path("demo/config/contract.toml");
    let mut read = judges.run("read_outputs.py");
    let read = read.arg("--contract").arg(contract).args(outputs).arg(world.path("demo/linked")).output().unwrap();
    assert!(read.status.success(), "{}", words(&read));
    let verdicts = String::from_utf8_lossy(&read.stdout).lines().filter(|line| line.starts_with("ok ")).count();
    assert_eq!(verdicts, HOLDERS.len() + 2, "{}", words(&read));
    assert!(words(&read).contains("as DuckDB links them"), "{}", words(&read));
}

#[test]
fn age_minisign_and_pyarrow_open_every_sealed_delivery() {
    let Some(judges) = Judges::assemble() else { return };
    if !crate::stock_tools::are_there(&["age", "minisign"]) {
        return;
    }
    let world = demo_with_plain_outputs();
    let contract = salanimi::study::read_contract(&world.path("demo/sources/contract.toml")).unwrap();
    for holder in HOLDERS {
        let key = contract.holders[holder].signing.to_string();
        let mut read = judges.run("read_sealed.py");
        read.arg("--identity").arg(world.path("demo/keys/linker.identity")).args(["--public-key", &key]);
        read.args([world.path(&format!("demo/deliveries/{holder}")), world.path(&format!("plain/{holder}"))]);
        let read = read.output().unwrap();
        assert!(read.status.success(), "{}", words(&read));
        assert!(words(&read).contains("opened by age, minisign and pyarrow"), "{}", words(&read));
    }
}

#[test]
fn python_stdnum_agrees_on_identity_codes() {
    const CODES: usize = 50_000;
    let Some(judges) = Judges::assemble() else { return };
    let mut codes = Codes(ChaCha8Rng::seed_from_u64(1));
    let mut lines = String::new();
    let mut valid = 0;
    for index in 0..CODES {
        let code = codes.code(index);
        let is_valid = IdentityCode::parse(code.as_bytes()).is_ok();
        valid += usize::from(is_valid);
        writeln!(lines, "{code}\t{}", if is_valid { "valid" } else { "invalid" }).unwrap();
    }
    assert!((CODES / 4..CODES * 3 / 4).contains(&valid), "{valid} of {CODES} are valid, which proves little");
    let mut judge = judges.run("hetu.py").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // The judge answers after the last line, so neither side waits for the other. Its answer has no code.
    judge.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let compared = judge.wait_with_output().unwrap();
    assert!(compared.status.success(), "{}", words(&compared));
    assert!(words(&compared).contains(&format!("ok: {CODES} codes compared, {valid} valid")), "{}", words(&compared));
}

/// A Python with the judges' packages.
pub struct Judges {
    python: PathBuf,
}

impl Judges {
    /// Returns the environment for these requirements and this Python. Makes it if it does not exist.
    pub fn assemble() -> Option<Self> {
        match Self::find_or_make() {
            Ok(judges) => Some(judges),
            Err(why) if std::env::var_os(REQUIRE).is_some() => panic!("{REQUIRE} is set, but {why}"),
            Err(why) => {
                // Written directly, as the test harness captures output.
                let _ = writeln!(std::io::stderr(), "SKIPPED: {why}; set {REQUIRE}=1 to make this a failure");
                None
            }
        }
    }

    fn find_or_make() -> Result<Self, String> {
        let version = succeed(Command::new("python3").arg("-VV"))?;
        let key = Digest::of(format!("{version}{REQUIREMENTS}").as_bytes()).to_string();
        let shared = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let environment = shared.join(format!("judges-{}", &key[..16]));
        let judges = Self { python: environment.join("bin/python") };
        // One test makes it, the others wait.
        let lock = File::create(environment.with_extension("lock")).map_err(|e| e.to_string())?;
        lock.lock().map_err(|e| e.to_string())?;
        let complete = environment.join("complete");
        if !complete.exists() {
            succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
            let pip =
                ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1"];
            let packages = ["--only-binary", ":all:", "--requirement"];
            succeed(Command::new(&judges.python).args(pip).args(packages).arg(script("requirements.txt")))?;
            File::create(complete).map_err(|e| e.to_string())?;
        }
        Ok(judges)
    }

    /// Returns a command of the judges' Python.
    pub fn python(&self) -> Command {
        Command::new(&self.python)
    }

    /// Returns a command that runs the script `name`.
    pub fn run(&self, name: &str) -> Command {
        let mut command = self.python();
        command.arg("-BE").arg(script(name));
        command
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges").join(name)
}

/// Returns the output of `command`, or the reason of its failure.
fn succeed(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| format!("{program} cannot be run: {e}"))?;
    if output.status.success() { Ok(words(&output)) } else { Err(format!("{program} failed: {}", words(&output))) }
}

/// Returns all output of a command.
pub fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Random identity codes, valid and altered. They can be real people's codes, so they go through a pipe only.
struct Codes(ChaCha8Rng);

impl Codes {
    /// Returns the code at `index`. Every other one is valid, the rest are altered in several ways by turns.
    fn code(&mut self, index: usize) -> String {
        let code = self.composed();
        match index % 16 {
            1 => self.with_another(&code, Self::DIGITS, b"0123456789"),
            3 => self.with_another(&code, &[10], b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            // Another sign can be valid, as the control character does not cover it.
            5 => self.with_another(&code, &[6], b"+-ABCDEFUVWXYGTZ/_*=~ 0123456789"),
            // All is right except, nearly always, the date.
            7 | 9 => self.controlled(40, 20, 1000),
            // Dates are mostly right, numbers include 000 and 001.
            11 => self.controlled(32, 13, 4),
            13 => code.to_lowercase(),
            15 => self.with_another_length(&code),
            _ => code,
        }
    }

    const DIGITS: &'static [usize] = &[0, 1, 2, 3, 4, 5, 7, 8, 9];

    /// Returns a valid code of any birth date from 1800 on, any sign of its century and any number, also temporary.
    fn composed(&mut self) -> String {
        loop {
            let (century, signs) = self.century();
            let day = Day::new(century + self.below(100), 1 + self.below(12), 1 + self.below(31));
            let sign = signs[self.position(signs.len())];
            let number = u16::try_from(self.below(1000)).unwrap();
            if let Some(code) = day.and_then(|day| IdentityCode::compose(day, sign, number)) {
                return String::from_utf8(code.as_bytes().to_vec()).unwrap();
            }
        }
    }

    fn century(&mut self) -> (i32, &'static [u8]) {
        [(1800, b"+".as_slice()), (1900, b"-YXWVU"), (2000, b"ABCDEF")][self.position(3)]
    }

    /// Returns a code with day, month and number below these and the right control character.
    fn controlled(&mut self, days: i32, months: i32, numbers: i32) -> String {
        const CONTROL: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
        let date = format!("{:02}{:02}{:02}", self.below(days), self.below(months), self.below(100));
        let number = format!("{:03}", self.below(numbers));
        let control = CONTROL[format!("{date}{number}").parse::<usize>().unwrap() % 31];
        let (_, signs) = self.century();
        let sign = signs[self.position(signs.len())];
        format!("{date}{}{number}{}", char::from(sign), char::from(control))
    }

    /// Returns `code` with one of the characters at `places` replaced by another one of `alphabet`.
    fn with_another(&mut self, code: &str, places: &[usize], alphabet: &[u8]) -> String {
        let mut code = code.as_bytes().to_vec();
        let place = places[self.position(places.len())];
        let others: Vec<u8> = alphabet.iter().copied().filter(|other| *other != code[place]).collect();
        code[place] = others[self.position(others.len())];
        String::from_utf8(code).unwrap()
    }

    fn with_another_length(&mut self, code: &str) -> String {
        let mut code = code.to_owned();
        let place = self.position(code.len());
        match self.below(2) {
            0 => drop(code.remove(place)),
            _ => code.insert(place, code.as_bytes()[place].into()),
        }
        code
    }

    fn below(&mut self, count: i32) -> i32 {
        (self.0.next_u32() % count.unsigned_abs()).cast_signed()
    }

    fn position(&mut self, length: usize) -> usize {
        self.0.next_u32() as usize % length
    }
}

#[test]
fn no_number_of_persons_shows_in_the_lengths_of_a_sealed_delivery() {
    let Some(judges) = Judges::assemble() else { return };
    let binary = crate::world::program();
    let run = judges.run("sizes.py").arg("--binary").arg(binary).args(["--deliveries", "16"]).output().unwrap();
    assert!(run.status.success(), "{}", words(&run));
    assert!(words(&run).contains("ok: 16 deliveries"), "{}", words(&run));
}

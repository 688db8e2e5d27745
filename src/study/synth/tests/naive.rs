//! A slow and obvious reader of the generated files: character by character, untyped configuration, no shared code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use toml::{Table, Value};

/// The tables in the order of the truth file.
pub(super) const TABLES: [&str; 4] =
    ["kela_social_assistance", "kela_notifications", "municipal_social_work", "municipal_avain"];
const CONTROL: &[u8] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

/// Values of a record by column name.
pub(super) type Record = BTreeMap<String, String>;

/// Findings of the reader.
#[derive(Default)]
pub(super) struct Reading {
    municipalities: BTreeSet<String>,
    /// Newest code, and holder if the code is temporary → presence in each table.
    pub(super) present: BTreeMap<(String, String), [bool; 4]>,
    /// By holder and table.
    pub(super) records: BTreeMap<(String, String), Counts>,
    pub(super) kept: Vec<Kept>,
    /// Holder → newest codes of kept records.
    pub(super) known: BTreeMap<String, BTreeSet<String>>,
}

/// Numbers of records.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) read: u32,
    pub(super) rejected: u32,
}

/// A record that is neither rejected nor outside the window or the period.
pub(super) struct Kept {
    pub(super) table: String,
    /// The newest code.
    pub(super) code: String,
    pub(super) columns: Record,
}

/// The holder file, source and table of the contract that a record belongs to.
#[derive(Clone, Copy)]
struct Place<'a> {
    contract: &'a Table,
    declared: &'a Value,
    holder: &'a Table,
    source: &'a Value,
}

/// Reads all registers under `out`.
pub(super) fn read(out: &Path) -> Reading {
    let contract = toml_of(&out.join("contract.toml"));
    let mut reading = Reading { municipalities: municipalities(out, &contract), ..Reading::default() };
    for entry in fs::read_dir(out).unwrap().map(Result::unwrap) {
        if entry.path().join("holder.toml").exists() {
            reading.read_holder(&contract, &entry.path());
        }
    }
    reading
}

impl Reading {
    fn read_holder(&mut self, contract: &Table, folder: &Path) {
        let holder = toml_of(&folder.join("holder.toml"));
        let newer = changes(&holder, folder);
        for source in holder["sources"].as_array().unwrap() {
            let table = text(source, "table");
            let tables = contract["exchange"]["tables"].as_array().unwrap();
            let declared = tables.iter().find(|t| text(t, "name") == table).unwrap();
            let place = Place { contract, declared, holder: &holder, source };
            for file in strings(source, "files") {
                for record in records(source, &folder.join(file)) {
                    self.add_record(place, &newer, &record);
                }
            }
        }
    }

    fn add_record(&mut self, place: Place<'_>, newer: &BTreeMap<String, String>, record: &Record) {
        let name = place.holder["holder"].as_str().unwrap().to_owned();
        let table = text(place.declared, "name").to_owned();
        let counts = self.records.entry((name.clone(), table.clone())).or_default();
        counts.read += 1;
        let Some((mut code, columns)) = valid(&self.municipalities, place, record) else {
            counts.rejected += 1;
            return;
        };
        while let Some(next) = newer.get(&code) {
            code = next.clone();
        }
        let day = &columns[place.declared["window"].as_str().unwrap()];
        let day = if day.len() == 7 { format!("{day}-01") } else { day.clone() };
        let window = &place.contract["exchange"]["study"]["window"];
        let period = &place.holder["delivery"]["period"];
        if !is_inside(window, &day) || !is_inside(period, &day) {
            return;
        }
        let temporary = if code[7..10] >= *"900" { name.clone() } else { String::new() };
        let position = TABLES.iter().position(|known| *known == table).unwrap();
        self.present.entry((code.clone(), temporary)).or_default()[position] = true;
        self.known.entry(name).or_default().insert(code.clone());
        self.kept.push(Kept { table, code, columns });
    }
}

fn is_inside(days: &Value, day: &str) -> bool {
    text(days, "first") <= day && day <= text(days, "last")
}

/// Returns code and columns of a record, unless it is rejected.
fn valid(municipalities: &BTreeSet<String>, place: Place<'_>, record: &Record) -> Option<(String, Record)> {
    let source = place.source;
    let mut code = None;
    let mut columns = Record::new();
    for column in place.declared["columns"].as_array().unwrap() {
        let name = text(column, "name");
        let raw = record.get(name).map_or("", |raw| raw.trim());
        if text(column, "role") == "person" {
            code = canonical(raw);
        } else if column.get("derive").is_none() && text(column, "role") != "direct" {
            let missing = raw.is_empty() || strings(source, "missing").contains(&raw);
            let value = if missing { None } else { Some(value(municipalities, column, source, raw)) };
            let required = column.get("required").is_some_and(|r| r.as_bool().unwrap());
            let nulled = column.get("invalid").is_some_and(|i| i.as_str() == Some("null"));
            match value {
                Some(Some(value)) => drop(columns.insert(name.to_owned(), value)),
                Some(None) if nulled => {}
                None if !required => {}
                _ => return None,
            }
        }
    }
    Some((code?, columns))
}

/// Returns the value that a cell means, if it is valid.
fn value(municipalities: &BTreeSet<String>, column: &Value, source: &Value, raw: &str) -> Option<String> {
    let name = text(column, "name");
    let renamed = source.get("codes").and_then(|c| c.get(name)).and_then(|c| c.get(raw)).map(|c| c.as_str().unwrap());
    let meant = renamed.unwrap_or(raw).to_owned();
    let decimal = source.get("decimal").map_or(".", |d| d.as_str().unwrap());
    let good = match column.get("type").map_or("reference", |t| t.as_str().unwrap()) {
        "code" if column.get("codes").is_some() => strings(column, "codes").contains(&meant.as_str()),
        "code" => municipalities.contains(&meant),
        "date" => return date(strings(source, "dates").contains(&"d.m.yyyy"), raw),
        "month" => raw.len() == 7 && date(false, &format!("{raw}-01")).is_some(),
        "decimal" => return raw.replace(decimal, ".").parse::<f64>().ok().filter(|v| *v >= 0.0).map(|v| v.to_string()),
        "integer" => raw.parse::<u32>().is_ok_and(|v| v <= 30),
        "flag" => raw == "0" || raw == "1",
        "text" => (2..=3).contains(&raw.len()) && raw.bytes().all(|b| b.is_ascii_digit()),
        _ => true,
    };
    good.then_some(meant)
}

/// Returns a day as `yyyy-mm-dd`, if it exists.
fn date(finnish: bool, raw: &str) -> Option<String> {
    let parts: Vec<u32> = raw.split(if finnish { '.' } else { '-' }).map(|p| p.parse().ok()).collect::<Option<_>>()?;
    let [year, month, day] = match parts[..] {
        [day, month, year] if finnish => [year, month, day],
        [year, month, day] => [year, month, day],
        _ => return None,
    };
    exists(year, month, day).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn exists(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    (1..=12).contains(&month) && (1..=days[month as usize - 1]).contains(&day)
}

/// Returns the canonical form of the code in a cell, if it is valid.
pub(super) fn canonical(raw: &str) -> Option<String> {
    let code: String = raw.trim().chars().map(narrow).collect::<String>().to_uppercase();
    if code.len() != 11 || !code.is_ascii() {
        return None;
    }
    let century = match &code[6..7] {
        "-" | "Y" | "X" | "W" | "V" | "U" => 1900,
        "A" | "B" | "C" | "D" | "E" | "F" => 2000,
        _ => return None,
    };
    let day = code[..2].parse().ok()?;
    let month = code[2..4].parse().ok()?;
    let year: u32 = code[4..6].parse().ok()?;
    let number: u32 = code[7..10].parse().ok()?;
    let all: u64 = format!("{}{}", &code[..6], &code[7..10]).parse().ok()?;
    let good = exists(century + year, month, day) && number >= 2 && code.as_bytes()[10] == CONTROL[(all % 31) as usize];
    good.then_some(code)
}

/// Returns the ASCII form of a full-width character, and other characters as they are.
fn narrow(character: char) -> char {
    match character {
        '！'..='～' => char::from_u32(character as u32 - 0xFEE0).unwrap(),
        other => other,
    }
}

/// Returns the records of a file by our column names. A row of the wide annual layout becomes one record a month.
fn records(source: &Value, path: &Path) -> Vec<Record> {
    let rows = rows(source, path);
    let constants = pairs(source, "constants");
    let mut records = Vec::new();
    for row in &rows[1..] {
        assert_eq!(row.len(), rows[0].len(), "{}", path.display());
        let by_header: BTreeMap<&str, &str> =
            rows[0].iter().map(String::as_str).zip(row.iter().map(String::as_str)).collect();
        let mut record = constants.clone();
        for (column, header) in pairs(source, "columns") {
            record.insert(column, by_header[header.as_str()].to_owned());
        }
        let Some(reshape) = source.get("reshape") else {
            records.push(record);
            continue;
        };
        for (month, header) in (1..).zip(strings(reshape, "months")) {
            if strings(reshape, "yes").contains(&by_header[header]) {
                let month = format!("{}-{month:02}", by_header[text(reshape, "year")]);
                record.insert(text(reshape, "into").to_owned(), month);
                records.push(record.clone());
            }
        }
    }
    records
}

/// Returns header and rows of a file.
pub(super) fn rows(source: &Value, path: &Path) -> Vec<Vec<String>> {
    let bytes = fs::read(path).unwrap();
    let latin = source.get("encoding").is_some_and(|e| e.as_str() == Some("latin-1"));
    let content =
        if latin { bytes.iter().map(|&b| char::from(b)).collect() } else { String::from_utf8(bytes).unwrap() };
    let delimiter = source.get("delimiter").map_or(';', |d| d.as_str().unwrap().chars().next().unwrap());
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut characters = content.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => field.push(characters.next().unwrap()),
            '"' => quoted = !quoted,
            c if c == delimiter && !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            other => field.push(other),
        }
    }
    assert!(row.is_empty() && field.is_empty() && !quoted);
    rows
}

/// Returns the table of changed codes, old → new.
fn changes(holder: &Table, folder: &Path) -> BTreeMap<String, String> {
    let Some(table) = holder.get("old_codes").and_then(|codes| codes.get("hetu")) else { return BTreeMap::new() };
    let content = fs::read_to_string(folder.join(text(table, "file"))).unwrap();
    let mut lines = content.lines().map(|line| line.split_once(';').unwrap());
    assert_eq!(lines.next(), Some((text(table, "old"), text(table, "new"))));
    lines.map(|(old, new)| (old.to_owned(), new.to_owned())).collect()
}

fn municipalities(out: &Path, contract: &Table) -> BTreeSet<String> {
    let mapping = contract["exchange"]["mappings"]["municipality_county"]["file"].as_str().unwrap();
    fs::read_to_string(out.join(mapping)).unwrap().lines().skip(1).map(|line| line[..3].to_owned()).collect()
}

pub(super) fn toml_of(path: &Path) -> Table {
    toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

pub(super) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

pub(super) fn strings<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    let list = value.get(key).and_then(Value::as_array);
    list.into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
}

pub(super) fn pairs(value: &Value, key: &str) -> BTreeMap<String, String> {
    let table = value.get(key).and_then(Value::as_table);
    table.into_iter().flatten().map(|(key, text)| (key.clone(), text.as_str().unwrap().to_owned())).collect()
}

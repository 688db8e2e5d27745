//! Source files as holders have them: read right, or refused with the file, the place and a remedy.

use std::io::Write as _;

use crate::judges::{Judges, words};
use crate::mini::code;
use crate::tables::Text;
use crate::world::{KEY, Run, World, fixtures};

/// A study of one table with one column beside the person.
struct Source {
    world: World,
}

impl Source {
    /// Makes the study. `column` are the keys of the column `value` in the contract.
    fn new(column: &str) -> Self {
        let world = World::empty();
        world.key("study.key", KEY);
        world.write(
            "study.toml",
            format!(
                "format = \"salanimi-contract/1\"\n[exchange]\nscheme = \"hkdf-sha256/hmac-sha256-128/v1\"\n\
                 [exchange.study]\nid = \"tiny\"\ntitle = \"Mini\"\npermit = \"P-0/2026\"\ncontroller = \"Nobody\"\n\
                 domain = \"Everyone\"\nwindow = {{ first = \"1900-01-01\", last = \"2030-12-31\" }}\n\
                 [exchange.identifiers.hetu]\nsyntax = \"hetu\"\n[[exchange.tables]]\nname = \"rows\"\n\
                 unique = [\"person_code\", \"n\"]\nduplicates = \"keep\"\ncolumns = [\n\
                 {{ name = \"person_code\", role = \"person\", kind = \"hetu\" }},\n\
                 {{ name = \"n\", role = \"attribute\", type = \"integer\" }},\n\
                 {{ name = \"value\", {column} }}]\n[population]\nany_of = [\"rows\"]\n[limits]\n\
                 max_reject_share = 1.0\nmin_cell = 5\n"
            ),
        );
        Self { world }
    }

    /// Extracts the file `name` with these bytes. `more` are further keys of the source.
    fn extract(&self, name: &str, bytes: impl AsRef<[u8]>, more: &str) -> Run {
        let format = match name.rsplit_once('.') {
            Some((_, "parquet")) => "parquet",
            Some((_, "sas7bdat")) => "sas",
            _ => "csv",
        };
        self.world.write(name, bytes);
        self.world.write(
            "holder.toml",
            format!(
                "format = \"salanimi-holder/1\"\nholder = \"clinic\"\n[delivery]\nnumber = 1\n\
                 period = {{ first = \"1900-01-01\", last = \"2030-12-31\" }}\n[[sources]]\ntable = \"rows\"\n\
                 files = [\"{name}\"]\nformat = \"{format}\"\n{more}\n[sources.columns]\nperson_code = \"hetu\"\n\
                 n = \"n\"\nvalue = \"value\"\n"
            ),
        );
        self.world.run("extract --contract study.toml --holder holder.toml --key study.key --unsealed --out out")
    }

    /// Extracts a CSV file with a row for each value, and returns the delivered values in that order.
    fn values(&self, values: &[&str], more: &str) -> Vec<String> {
        self.extract("rows.csv", csv(values), more).succeeds();
        self.delivered()
    }

    /// Returns the delivered values, by ascending number of the row.
    fn delivered(&self) -> Vec<String> {
        let text = Text::of(&self.world.path("out/rows.parquet"));
        let numbers = text.column("n").into_iter().map(|n| n.parse::<usize>().unwrap());
        let mut rows: Vec<(usize, String)> = numbers.zip(text.column("value").into_iter().map(str::to_owned)).collect();
        rows.sort();
        std::fs::remove_dir_all(self.world.path("out")).unwrap();
        rows.into_iter().map(|(_, value)| value).collect()
    }
}

/// Returns a CSV file with a row for each value.
fn csv(values: &[&str]) -> String {
    let rows = values.iter().enumerate().map(|(n, value)| format!("{};{n};{value}\n", code(n)));
    format!("hetu;n;value\n{}", rows.collect::<String>())
}

const AMOUNT: &str = r#"role = "sensitive", type = "decimal", scale = 2, invalid = "null""#;
const COUNT: &str = r#"role = "attribute", type = "integer", invalid = "null""#;
const FLAG: &str = r#"role = "attribute", type = "flag", invalid = "null""#;
const DAY: &str = r#"role = "attribute", type = "date", invalid = "null""#;
const MONTH: &str = r#"role = "attribute", type = "month", invalid = "null""#;
const TEXT: &str = r#"role = "attribute", type = "text", pattern = "(?s).*""#;

#[test]
fn numbers_are_read_if_nothing_is_lost() {
    assert_eq!(Source::new(COUNT).values(&["2.0", "3", "2.5", "1e3"], ""), ["2", "3", "∅", "∅"]);
    let amount = Source::new(AMOUNT);
    assert_eq!(amount.values(&["3.1000", "2.0050", "12"], ""), ["3.10", "∅", "12.00"]);
    let spaced = ["12 345,50", "12\u{a0}345,5", "1\u{202f}000", "12 34", "12,500"];
    let read = ["12345.50", "12345.50", "1000.00", "∅", "12.50"];
    assert_eq!(amount.values(&spaced, "decimal = \",\"\nthousands = \" \""), read);
    assert_eq!(amount.values(&["1.234,5"], "decimal = \",\"\nthousands = \".\""), ["1234.50"]);
}

#[test]
fn flags_of_pandas_and_r_are_read() {
    let flags = ["True", "False", "TRUE", "FALSE", "true", "1.0", "2"];
    assert_eq!(Source::new(FLAG).values(&flags, ""), ["true", "false", "true", "false", "true", "true", "∅"]);
}

#[test]
fn dates_are_read_in_the_declared_forms_only() {
    let day = Source::new(DAY);
    assert_eq!(day.values(&["20190301", "2019-03-01"], "dates = [\"yyyymmdd\"]"), ["2019-03-01", "∅"]);
    assert_eq!(day.values(&["01MAR2019", "1.3.2019"], "dates = [\"ddMONyyyy\", \"d.m.yyyy\"]"), ["2019-03-01"; 2]);
    assert_eq!(day.values(&["1.3.19", "1.3.95"], "dates = [\"d.m.20yy\"]"), ["2019-03-01", "2095-03-01"]);
    let timed = ["1.3.2019 23:59", "1.3.2019 9:05:00", "1.3.2019"];
    assert_eq!(day.values(&timed, "dates = [\"d.m.yyyy hh:mm\"]"), ["2019-03-01", "2019-03-01", "∅"]);
    let months = ["201903", "3.2019", "2019-03", "13.2019"];
    let read = ["2019-03-01", "2019-03-01", "2019-03-01", "∅"];
    assert_eq!(Source::new(MONTH).values(&months, "dates = [\"yyyymm\", \"m.yyyy\"]"), read);
}

#[test]
fn a_form_of_dates_that_does_not_exist_is_refused_with_the_forms_that_do() {
    let day = Source::new(DAY);
    day.extract("rows.csv", csv(&["x"]), "dates = [\"dd/mm/yyyy\"]").fails(3, &["d.m.yyyy", "yyyymmdd"]);
    day.extract("rows.csv", csv(&["x"]), "dates = [\"d.m.19yy\", \"d.m.20yy\"]").fails(3, &["one century"]);
}

#[test]
fn typed_columns_of_parquet_are_read_or_refused() {
    let fixture = |name: &str| std::fs::read(fixtures().join("sources").join(name)).unwrap();
    let amount = Source::new(AMOUNT);
    amount.extract("s.parquet", fixture("decimal_of_scale_4.parquet"), "").succeeds();
    assert_eq!(amount.delivered(), ["3.10", "∅", "∅", "1.00"]);
    let day = Source::new(DAY);
    day.extract("s.parquet", fixture("int96_far_date.parquet"), "").succeeds();
    assert_eq!(day.delivered(), ["9999-12-31", "1970-01-01", "1899-12-31", "∅"]);
    let zoned = fixture("timestamp_with_zone.parquet");
    day.extract("s.parquet", zoned, "").fails(3, &["'value'", "time zone", "export the column as a date"]);
}

#[test]
fn cells_whose_end_would_be_a_guess_reject_their_row() {
    let text = Source::new(TEXT);
    assert_eq!(
        text.values(&["\"Oy; Ab\"", "\"Oy\" Ab", "\"says \\\"no\\\"\"", "5\" pipe"], ""),
        ["Oy; Ab", "5\" pipe"]
    );
    assert!(text.world.text("out.rejects.csv").contains("row_shape"));
}

#[test]
fn an_encoding_is_checked_to_the_end_of_the_file() {
    let text = Source::new(TEXT);
    let many: Vec<&str> =
        vec!["only letters of ASCII in this long row, which fills the first part of the file"; 15_000];
    let mut late = csv(&many);
    late += &format!("{};15000;Mäki\n", code(0));
    text.extract("rows.csv", &late, "encoding = \"latin-1\"").fails(3, &["line 15002", "is UTF-8"]);
    let latin: Vec<u8> = late.chars().map(|c| c as u8).collect();
    text.extract("rows.csv", &latin, "encoding = \"latin-1\"").succeeds();
    assert_eq!(text.delivered().last().unwrap(), "Mäki");
    text.extract("rows.csv", late.replace('ä', "\0"), "").fails(3, &["zero bytes"]);
}

#[test]
fn files_of_spreadsheets_are_refused_by_name() {
    let text = Source::new(TEXT);
    let rows = csv(&["a", "b"]);
    for (bytes, words) in [
        (rows.replace('\n', "\r"), "carriage return"),
        (format!("sep=;\n{rows}"), "sep="),
        (format!("Report of 2019\n\n{rows}"), "header is on line 3"),
        (rows.replace('\n', ";;\n"), "column 4 of the header has no name"),
        (rows.replace("hetu", "HETU"), "column 1 has a name close to it"),
        (rows.replace("value", "valeu"), "column 3 has a name close to it"),
        ("PK\u{3}\u{4}workbook".to_owned(), "Excel"),
    ] {
        text.extract("rows.csv", bytes, "").fails(3, &["rows.csv", words]);
    }
}

#[test]
fn packed_text_is_read_and_damage_is_noticed() {
    let text = Source::new(TEXT);
    let rows = csv(&["a", "b"]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(rows.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstandard = zstd::encode_all(rows.as_bytes(), 3).unwrap();
    for packed in [&gzip, &zstandard] {
        text.extract("rows.csv", packed, "").succeeds();
        assert_eq!(text.delivered(), ["a", "b"]);
        text.extract("rows.csv", &packed[..packed.len() - 6], "").fails(3, &["cannot be decompressed"]);
    }
}

#[test]
fn sas_data_sets_are_read_by_their_display_formats() {
    let fixture = |name: &str| std::fs::read(fixtures().join("sources").join(format!("{name}.sas7bdat"))).unwrap();
    let day = Source::new(DAY);
    let run = day.extract("s.sas7bdat", fixture("days"), "").succeeds();
    assert!(run.stdout().contains("rows: value: 1 of 6 values emptied (special_missing)"), "{}", run.stdout());
    assert_eq!(day.delivered(), ["2018-01-01", "1898-12-31", "∅", "∅", "9999-12-29", "2018-01-01"]);
    day.extract("s.sas7bdat", fixture("times"), "").succeeds();
    assert_eq!(day.delivered(), ["2017-12-31", "1960-01-01", "∅"]);
    day.extract("s.sas7bdat", fixture("codes"), "days_since_1960 = [\"value\"]").succeeds();
    assert_eq!(day.delivered(), ["1960-02-19", "1960-04-01", "1962-06-24"]);
    day.extract("s.sas7bdat", fixture("codes"), "").fails(3, &["'value'", "Int64", "date"]);
    let other = "seconds_since_1960 = [\"Value\"]";
    day.extract("s.sas7bdat", fixture("codes"), other).fails(3, &["'Value' is not known here", "'value'"]);
}

#[test]
fn numbers_and_texts_of_sas_data_sets_follow_the_rules_of_all_sources() {
    let fixture = |name: &str| std::fs::read(fixtures().join("sources").join(format!("{name}.sas7bdat"))).unwrap();
    let amount = Source::new(AMOUNT);
    amount.extract("s.sas7bdat", fixture("amounts"), "decimal = \",\"").succeeds();
    assert_eq!(amount.delivered(), ["12.50", "0.10", "-3.00", "∅", "∅", "∅"]);
    let text = Source::new(TEXT);
    text.extract("s.sas7bdat", fixture("texts"), "").succeeds();
    assert_eq!(text.delivered(), ["Ärjä", "∅", "says \"no\"; 5", "x"]);
    let codes = Source::new(r#"role = "quasi", type = "code", codes = ["049", "91", "905"], invalid = "null""#);
    let run = codes.extract("s.sas7bdat", fixture("codes"), "").succeeds();
    assert!(run.stdout().contains("1 of 3 values emptied (zeros_lost)"), "{}", run.stdout());
    assert_eq!(codes.delivered(), ["∅", "91", "905"]);
}

#[test]
fn damaged_sas_data_sets_are_refused() {
    let bytes = std::fs::read(fixtures().join("sources/texts.sas7bdat")).unwrap();
    let text = Source::new(TEXT);
    for length in [100, 5_000, bytes.len() - 4_096] {
        let damaged = &bytes[..length];
        text.extract("s.sas7bdat", damaged, "").fails(3, &["s.sas7bdat", "SAS data set", "ask for it again"]);
    }
    text.extract("s.sas7bdat", csv(&["a"]), "").fails(3, &["not a SAS data set"]);
    text.extract("rows.csv", &bytes, "").fails(3, &["a SAS data set", "format = \"sas\""]);
    // The texts are UTF-8; read as latin-1 they are other letters, but as UTF-8 no latin-1 text passes.
    let latin: Vec<u8> = bytes.clone();
    let at = latin.windows(2).position(|pair| pair == "Ä".as_bytes()).unwrap();
    let mut latin = latin;
    latin[at] = b'x';
    text.extract("s.sas7bdat", latin, "").fails(3, &["row 1", "encoding"]);
}

#[test]
fn the_recipes_for_databases_export_what_the_database_holds() {
    let Some(judges) = Judges::assemble() else { return };
    let binary = crate::world::program();
    let page = crate::world::repository("docs/holder.md");
    let run = judges.run("recipes.py").arg("--binary").arg(binary).arg("--page").arg(page).output().unwrap();
    assert!(run.status.success() && words(&run).contains("ok: DuckDB"), "{}", words(&run));
    if !words(&run).contains("PostgreSQL") {
        eprintln!("SKIPPED: no PostgreSQL, so its recipe was not tried");
    }
}

#[test]
fn random_sources_of_other_programs_are_read_as_they_wrote_them() {
    let Some(judges) = Judges::assemble() else { return };
    let binary = crate::world::program();
    let run = judges.run("sources.py").args(["--trials", "45"]).arg("--binary").arg(binary).output().unwrap();
    assert!(run.status.success() && words(&run).contains("ok: 45 sources"), "{}", words(&run));
}

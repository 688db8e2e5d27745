//! Identifiers in the forms that public reports say other tools miss, and ordinary values that look like them.

use std::collections::BTreeMap;

use crate::plain::{Dice, code};
use crate::world::{World, fixtures};

/// Rows of a column.
const ROWS: usize = 300;

/// Verdicts of the residue checks that did not pass, by check.
type Verdicts = BTreeMap<String, String>;

/// Returns the text of a table: pseudonyms and a column with these cells.
fn table(name: &str, cells: impl IntoIterator<Item = String>) -> String {
    let mut dice = Dice(7);
    let mut table = format!("person;{name}\n");
    for cell in cells {
        let pseudonym: String = (0..32).map(|_| char::from(b"0123456789abcdef"[dice.below(16)])).collect();
        table += &format!("{pseudonym};\"{}\"\n", cell.replace('"', "\"\""));
    }
    table
}

/// Verifies a folder of one table.
fn verified(name: &str, cells: impl IntoIterator<Item = String>) -> Verdicts {
    let world = World::empty();
    world.write("data/t.csv", table(name, cells));
    residue(&world, "data")
}

/// Verifies with the arguments of `line`.
fn residue(world: &World, line: &str) -> Verdicts {
    let run = world.run(&format!("verify --attack none --json - {line}")).shows_no_code();
    let mut verdicts = Verdicts::new();
    for check in run.json()["checks"].as_array().unwrap() {
        let (name, verdict) = (check["name"].as_str().unwrap(), check["verdict"].as_str().unwrap());
        if name.starts_with("residue.") && ["warn", "fail"].contains(&verdict) {
            verdicts.insert(name.to_owned(), verdict.to_owned());
        }
    }
    verdicts
}

/// Asserts that a check has this verdict on a column of each form, and that no other check fails.
fn finds<F: Fn(usize, &mut Dice) -> String>(check: &str, verdict: &str, forms: &[(&str, F)]) {
    for (form, cell) in forms {
        let mut dice = Dice(41);
        let found = verified("x", (0..ROWS).map(|row| cell(row, &mut dice)));
        let check = format!("residue.{check}");
        assert_eq!(found.get(&check).map(String::as_str), Some(verdict), "{form}: {found:?}");
        let others = found.iter().filter(|(name, _)| **name != check);
        assert!(others.clone().all(|(_, verdict)| verdict == "warn"), "{form}: {found:?}");
    }
}

#[test]
fn an_encrypted_file_outside_deliveries_is_not_checked() {
    let world = World::empty();
    world.write("data/t.csv", table("x", (0..ROWS).map(|row| row.to_string())));
    let other_files = |world: &World| {
        let run = world.run("verify --attack none --json - data");
        let checks = run.json()["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["name"] == "residue.other_files").unwrap()["verdict"].clone()
    };
    assert_eq!(other_files(&world), "not_applicable");
    // The first line of an age file; what follows it cannot be searched.
    world.write("data/notes", format!("age-encryption.org/v1\n{}\n", code(1)));
    assert_eq!(other_files(&world), "not_checked");
}

/// A way to write a year, month and day.
type DateForm = fn(usize, usize, usize) -> String;
/// Numbers by row.
type Series = fn(usize) -> String;
/// A form of cells, by row.
type Form<'a> = (&'a str, Box<dyn Fn(usize, &mut Dice) -> String>);

fn form(name: &str, cell: impl Fn(usize, &mut Dice) -> String + 'static) -> Form<'_> {
    (name, Box::new(cell))
}

/// Asserts that no residue check warns of a column of any of the forms.
fn passes(forms: &[Form<'_>]) {
    for (form, cell) in forms {
        let mut dice = Dice(43);
        let found = verified("x", (0..ROWS).map(|row| cell(row, &mut dice)));
        assert!(found.is_empty(), "{form}: {found:?}");
    }
}

fn digits(dice: &mut Dice, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + dice.below(10) as u8)).collect()
}

fn value(digit: char) -> usize {
    digit.to_digit(10).unwrap() as usize
}

/// Appends the check digit of Luhn's rule.
fn with_luhn(number: &str) -> String {
    let doubled = number.chars().rev().enumerate().map(|(place, digit)| match place % 2 {
        0 => value(digit) * 2 / 10 + value(digit) * 2 % 10,
        _ => value(digit),
    });
    format!("{number}{}", (10 - doubled.sum::<usize>() % 10) % 10)
}

/// Appends the check digit of Finnish reference numbers.
fn with_731(number: &str) -> String {
    let sum: usize = number.chars().rev().zip([7, 3, 1].into_iter().cycle()).map(|(d, weight)| value(d) * weight).sum();
    format!("{number}{}", (10 - sum % 10) % 10)
}

/// Returns a birth date as `yymmdd`.
fn birth(dice: &mut Dice) -> String {
    format!("{:02}{:02}{:02}", 32 + dice.below(67), 1 + dice.below(12), 1 + dice.below(28))
}

fn personnummer(dice: &mut Dice) -> String {
    let front = birth(dice) + &digits(dice, 3);
    with_luhn(&front)
}

fn isikukood(dice: &mut Dice) -> String {
    let front = format!("{}{}{}", 3 + dice.below(2), birth(dice), digits(dice, 3));
    let sum = |weights: [usize; 10]| front.chars().zip(weights).map(|(d, w)| value(d) * w).sum::<usize>() % 11;
    let check = match sum([1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) {
        10 => sum([3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 10,
        check => check,
    };
    format!("{front}{check}")
}

fn satu(dice: &mut Dice) -> (String, char) {
    // With a month of 90 it is no identity code without its sign and its first zero.
    let number = format!("{}9{}", 1 + dice.below(9), digits(dice, 6));
    let control = b"0123456789ABCDEFHJKLMNPRSTUVWXY"[number.parse::<usize>().unwrap() % 31];
    (number, char::from(control))
}

fn card(dice: &mut Dice) -> String {
    let front = format!("4{}", digits(dice, 14));
    with_luhn(&front)
}

fn groups(number: &str, separator: &str) -> String {
    let groups = number.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap());
    groups.collect::<Vec<_>>().join(separator)
}

fn iban(dice: &mut Dice) -> String {
    let account = digits(dice, 14);
    // FI is 1518 in the rule of the standard, MOD 97-10.
    let whole = format!("{account}151800");
    let rest = whole.chars().fold(0, |rest, digit| (rest * 10 + value(digit)) % 97);
    format!("FI{:02}{account}", 98 - rest)
}

/// Case 40: person numbers of other countries and kinds.
#[test]
fn other_person_numbers_are_found() {
    finds(
        "other_identifiers",
        "fail",
        &[
            form("learner number", |_, dice| {
                let front = format!("{}{}", 1 + dice.below(9), digits(dice, 9));
                format!("1.2.246.562.24.{}", with_731(&front))
            }),
            form("learner number in text", |_, dice| {
                let front = format!("{}{}", 1 + dice.below(9), digits(dice, 9));
                format!("oppija urn:oid:1.2.246.562.24.{}, kesken", with_731(&front))
            }),
            form("learner number, any last digit", |_, dice| {
                format!("1.2.246.562.24.{}{}", 1 + dice.below(9), digits(dice, 10))
            }),
            form("SATU in text", |_, dice| {
                let (number, control) = satu(dice);
                format!("SATU {number}{control}")
            }),
            form("SATU called by its name", |_, dice| {
                let (number, control) = satu(dice);
                format!("asiointitunnus: {number}-{control} kirjattu")
            }),
            form("SATU", |_, dice| {
                let (number, control) = satu(dice);
                format!("{number}{control}")
            }),
            form("personnummer", |_, dice| {
                let number = personnummer(dice);
                format!("{}-{}", &number[..6], &number[6..])
            }),
            form("personnummer of a person of a hundred years", |_, dice| {
                let number = personnummer(dice);
                format!("{}+{}", &number[..6], &number[6..])
            }),
            form("personnummer with its century", |_, dice| {
                let number = personnummer(dice);
                format!("kund 19{}-{}.", &number[..6], &number[6..])
            }),
            form("personnummer of ten digits", |_, dice| personnummer(dice)),
            form("personnummer of twelve digits", |_, dice| format!("19{}", personnummer(dice))),
            form("coordination number", |_, dice| {
                let born = birth(dice);
                let day = born[4..].parse::<usize>().unwrap() + 60;
                let number = with_luhn(&format!("{}{day}{}", &born[..4], digits(dice, 3)));
                format!("{}-{}", &number[..6], &number[6..])
            }),
            form("isikukood", |_, dice| isikukood(dice)),
            form("isikukood in text", |_, dice| format!("isikukood {} kontrollitud", isikukood(dice))),
            form("card in groups", |_, dice| groups(&card(dice), " ")),
            form("card with hyphens in text", |_, dice| format!("maksu {} ok", groups(&card(dice), "-"))),
            form("card", |_, dice| card(dice)),
            form("card of American Express", |_, dice| {
                let front = format!("37{}", digits(dice, 12));
                let number = with_luhn(&front);
                format!("{} {} {}", &number[..4], &number[4..10], &number[10..])
            }),
            form("IP address, version 6", |_, dice| {
                format!("2001:db8:{:x}::{:x}:{:x}", dice.below(65_536), 1 + dice.below(65_535), 1 + dice.below(65_535))
            }),
        ],
    );
    finds(
        "other_identifiers",
        "warn",
        &[
            form("passport in text", |_, dice| format!("passi XP{} voimassa", digits(dice, 7))),
            form("passport of another country", |_, dice| format!("passport no 7{} seen", digits(dice, 8))),
            form("passport", |_, dice| format!("{}{}", ["FP", "XP", "PA"][dice.below(3)], digits(dice, 7))),
            form("IP address", |_, dice| {
                format!(
                    "{}.{}.{}.{}",
                    80 + dice.below(100),
                    101 + dice.below(150),
                    dice.below(256),
                    1 + dice.below(250)
                )
            }),
            form("IP address in text", |_, dice| {
                format!(
                    "kirjautui http://85.{}.{}.{}:8080 kautta",
                    101 + dice.below(150),
                    dice.below(256),
                    dice.below(256)
                )
            }),
            form("IP address called that", |_, dice| format!("IP: 10.0.0.{}", dice.below(99))),
        ],
    );
}

/// Numbers in columns of integers and of decimals.
#[test]
fn other_person_numbers_are_found_in_numbers_with_decimals() {
    for number in [personnummer, isikukood, card] {
        let mut dice = Dice(3);
        let found = verified("x", (0..ROWS).map(|_| format!("{}.0", number(&mut dice))));
        assert_eq!(found.get("residue.other_identifiers").map(String::as_str), Some("fail"), "{found:?}");
    }
}

#[test]
fn numbers_that_look_like_person_numbers_pass() {
    passes(&[
        form("version", |row, dice| {
            format!("{}.{}.{}.{}", 1 + row % 5, dice.below(20), dice.below(10), dice.below(30))
        }),
        form("version in text", |_, dice| format!("versio 23.{}.118.{}", dice.below(200), dice.below(200))),
        form("program", |_, dice| format!("Chrome/{}.0.{}.{}", 90 + dice.below(40), dice.below(255), dice.below(255))),
        form("another object identifier", |_, dice| format!("1.2.246.537.6.{}", digits(dice, 5))),
        form("running number of ten digits", |row, _| format!("{}", 7_400_000_000_u64 + row as u64)),
        form("running number of eleven digits", |row, _| format!("{}", 37_605_000_000_u64 + row as u64 * 3)),
        form("eleven digits", |_, dice| format!("9{}", digits(dice, 10))),
        form("sixteen digits", |_, dice| format!("4{}", digits(dice, 15))),
        form("twenty digits", |_, dice| format!("4{}", digits(dice, 19))),
        form("day and time", |row, dice| {
            format!("2024{:02}{:02}{:02}{:02}", 1 + row % 12, 1 + row % 28, dice.below(24), dice.below(60))
        }),
        form("invoice", |row, dice| format!("44{:02}{:02}-{}", 1 + row % 12, 1 + row % 28, 1000 + dice.below(9000))),
        form("product", |_, dice| format!("{}{}", digits(dice, 8), char::from(b'A' + dice.below(26) as u8))),
        form("hardware address", |_, dice| {
            (0..6).map(|_| format!("{:02x}", dice.below(256))).collect::<Vec<_>>().join(":")
        }),
        form("time", |_, dice| format!("{:02}:{:02}:{:02}", dice.below(24), dice.below(60), dice.below(60))),
        form("two letters and running digits", |row, _| format!("KA{:07}", 1200 + row)),
        form("two letters and six digits", |_, dice| format!("KA{}", digits(dice, 6))),
    ]);
}

/// Case 42: e-mail addresses in less usual forms.
#[test]
fn emails_written_otherwise_are_found() {
    finds(
        "emails",
        "fail",
        &[
            form("one letter", |row, _| format!("d@x{row}.fi")),
            form("one letter on each side", |_, dice| format!("d@{}.fi", char::from(b'a' + dice.below(26) as u8))),
            form("in quotes", |row, _| format!("\"tunnus {row}\"@example.fi")),
            form("spaces", |row, _| format!("tunnus{row} @ example.fi")),
            form("a space before", |row, _| format!("tunnus{row} @example.fi")),
            form("a space after", |row, _| format!("tunnus{row}@ example.fi")),
            form("[ät]", |row, _| format!("tunnus{row}[ät]example.fi")),
            form("(ÄT) and (piste)", |row, _| format!("tunnus{row} (ÄT) example (piste) fi")),
            form("[AT] and [dot]", |row, _| format!("osoite tunnus{row} [AT] example [dot] fi.")),
            form("{at}", |row, _| format!("tunnus{row}{{at}}example.fi")),
            form("<at>", |row, _| format!("tunnus{row}<at>example.fi")),
            form("(@)", |row, _| format!("tunnus{row} (@) example.fi")),
            form("a host with letters of Finnish", |row, _| format!("tunnus{row}@pöytä.example.fi")),
        ],
    );
    passes(&[
        form("account of another service", |row, _| format!("seuraa @tunnus{row} palvelussa")),
        form("a price", |row, _| format!("{row} kpl @ 2.50 e")),
        form("a tag", |row, _| format!("katso<a>ohje.kohta{row}")),
        form("a clause", |row, _| format!("kohta (a) liite.{row}")),
        form("a place", |row, _| format!("tavattu (at) kello {row}.")),
    ]);
}

/// Cases 44 and 45: account numbers in less usual forms.
#[test]
fn accounts_written_otherwise_are_found() {
    finds(
        "ibans",
        "fail",
        &[
            form("dots", |_, dice| groups(&iban(dice), ".")),
            form("slashes", |_, dice| groups(&iban(dice), "/")),
            form("commas and spaces", |_, dice| groups(&iban(dice), ", ")),
            form("glued to IBAN", |_, dice| format!("IBAN{}", iban(dice))),
            form("glued to words", |_, dice| format!("tilinumero{}maksettu", iban(dice))),
            form("an underscore", |_, dice| format!("IBAN_{}_x", iban(dice))),
            form("other groups", |_, dice| {
                let iban = iban(dice);
                format!("{} {}-{}", &iban[..4], &iban[4..10], &iban[10..])
            }),
            form("lines", |_, dice| groups(&iban(dice), "\n")),
            form("lines of another system, in text", |_, dice| {
                format!("tili:\r\n{}\r\nmaksettu", groups(&iban(dice), "\r\n"))
            }),
        ],
    );
    passes(&[
        form("other check digits", |row, _| format!("FI0{}.{:04}.{:04}.{:04}.12", row % 2, row, row + 3, row + 7)),
        form("a word and digits", |_, dice| format!("SOPIMUSFI{}", digits(dice, 9))),
    ]);
}

/// Case 46: identity codes with any punctuation mark in the place of the sign.
#[test]
fn codes_with_odd_separators_are_found() {
    let with = |mark: char| {
        move |row: usize, _: &mut Dice| {
            let code = lettered(row);
            format!("asiakas {}{mark}{} soitti", &code[..6], &code[7..])
        }
    };
    let marks = [
        ',', '#', ';', '!', '?', '&', '%', '@', '$', '"', '\'', '<', '>', '^', '`', '(', '[', '{', '·', '•', '¤', '§',
        '–',
    ];
    let forms: Vec<(String, _)> = marks.iter().map(|mark| (mark.to_string(), with(*mark))).collect();
    let forms: Vec<(&str, _)> = forms.iter().map(|(name, form)| (name.as_str(), form)).collect();
    finds("disguised", "fail", &forms);
    passes(&[
        form("another control character", |row, _| {
            let code = lettered(row);
            format!("{},{}{}", &code[..6], &code[7..10], if code.ends_with('A') { 'B' } else { 'A' })
        }),
        form("numbers with commas", |row, dice| {
            format!("{:02}{:02}{:02},{}", 1 + row % 28, 1 + row % 12, row % 100, digits(dice, 4))
        }),
    ]);
}

/// Returns the test person's code whose control character is a letter, at or after number `row` times 40.
fn lettered(row: usize) -> String {
    let mut codes = (row * 40..).map(code).filter(|code| code.ends_with(|c: char| c.is_ascii_uppercase()));
    codes.next().unwrap()
}

/// Case 48: phone numbers in numeric forms.
#[test]
fn phones_written_otherwise_are_found() {
    let national = |dice: &mut Dice| format!("{}{}", [40, 41, 44, 45, 46, 50][dice.below(6)], digits(dice, 7));
    finds(
        "phones",
        "fail",
        &[
            form("a float", move |_, dice| format!("{}.0", national(dice))),
            form("a float with a comma", move |_, dice| format!("{},0", national(dice))),
            form("a float of ten digits", move |_, dice| format!("{}{}.0", national(dice), dice.below(10))),
            form("ten digits", move |_, dice| format!("{}{}", national(dice), dice.below(10))),
            form("with the code of the country", move |_, dice| format!("358{}.0", national(dice))),
            form("with its zero", move |_, dice| format!("0{}.0", national(dice))),
            form("a power of ten", move |_, dice| {
                let number = national(dice);
                format!("{}.{}E+08", &number[..1], &number[1..])
            }),
            form("thousands", move |_, dice| {
                let number = national(dice);
                format!("{},{},{}", &number[..3], &number[3..6], &number[6..])
            }),
        ],
    );
    passes(&[
        form("amounts", |_, dice| format!("{}.0", 1_000_000 + dice.below(900_000_000))),
        form("amounts in thousands", |_, dice| {
            format!("{} {:03} {:03}", 1 + dice.below(900), dice.below(1000), dice.below(1000))
        }),
        form("measurements", |_, dice| format!("{}.{}E+08", 1 + dice.below(9), digits(dice, 8))),
    ]);
}

/// Case 50: names of the people whom the study is about.
#[test]
fn names_of_immigrants_are_found() {
    const CYRILLIC: [&str; 6] = ["Татьяна", "Иван", "НАТАЛЬЯ", "Сергей", "Ольга", "Дмитрий"];
    const CYRILLIC_LAST: [&str; 5] = ["Попов", "Соколова", "ИВАНОВ", "Кузнецова", "Петровский"];
    const SOMALI: [&str; 6] = ["Ayaan", "Hodan", "Fatima", "Yusuf", "Khadija", "Abdullahi"];
    const SOMALI_LAST: [&str; 6] = ["Jama Ali", "Farah Omar", "Hassan Abdi", "Warsame Nur", "Mohamud", "Ahmed"];
    const ARABIC: [&str; 6] = ["Mohammed", "Zainab", "Khaled", "Maryam", "Omar", "Hussein"];
    const ARABIC_LAST: [&str; 5] = ["al-Masri", "Hassan", "Al Jabouri", "Ibrahim", "Haddad"];
    const ESTONIAN: [&str; 6] = ["Tõnu", "Triin", "Jaan", "Kersti", "Mihkel", "Priit"];
    const ESTONIAN_LAST: [&str; 6] = ["Tamm", "Mägi", "Sepp", "Kask", "Pärn", "Kukk"];
    const VIETNAMESE: [&str; 5] = ["Nguyễn Văn", "Trần Thị", "Phạm", "Lê Minh", "Hoang Thi"];
    const VIETNAMESE_LAST: [&str; 6] = ["Hương", "An", "Dũng", "Linh", "Thảo", "Tuấn"];
    const RUSSIAN: [&str; 6] = ["Tatjana", "Ivan", "Natalia", "Sergei", "Olga", "Dmitri"];
    const RUSSIAN_LAST: [&str; 5] = ["Popov", "Sokolova", "Kuznetsova", "Volkov", "Smirnov"];

    let of = |given: &'static [&'static str], last: &'static [&'static str]| {
        move |_: usize, dice: &mut Dice| format!("{} {}", given[dice.below(given.len())], last[dice.below(last.len())])
    };
    finds(
        "names",
        "fail",
        &[
            ("Russian", of(&RUSSIAN, &RUSSIAN_LAST)),
            ("Russian in Cyrillic", of(&CYRILLIC, &CYRILLIC_LAST)),
            ("Somali", of(&SOMALI, &SOMALI_LAST)),
            ("Arabic", of(&ARABIC, &ARABIC_LAST)),
            ("Estonian", of(&ESTONIAN, &ESTONIAN_LAST)),
            ("Vietnamese", of(&VIETNAMESE, &VIETNAMESE_LAST)),
        ],
    );
    let alone = [
        ["Tatjana", "Dmitri", "Sergei", "Natalia", "Svetlana", "Vladimir", "Ljudmila", "Jevgeni", "Oksana"],
        ["Попов", "Соколова", "Иванов", "Кузнецова", "Петров", "Волков", "Смирнов", "Морозова", "Новиков"],
        ["Warsame", "Farah", "Abdullahi", "Mohamud", "Guled", "Hersi", "Jama", "Samatar", "Abukar"],
        ["Khaled", "Zainab", "Mohammed", "Ahmed", "Hussein", "Mustafa", "Fatima", "Tariq", "Layla"],
        ["Nguyễn", "Trần", "Phạm", "Hoàng", "Huỳnh", "Phan", "Đặng", "Dương", "Trịnh"],
        ["Tamm", "Sepp", "Mägi", "Rebane", "Kuusk", "Raudsepp", "Põder", "Vaher", "Kaasik"],
    ];
    for names in alone {
        let found = verified("x", (0..ROWS).map(|row| names[row % names.len()].to_owned()));
        assert!(found.contains_key("residue.names"), "{names:?}: {found:?}");
    }
    let note = |row: usize| {
        format!(
            "Tapasin {} {} toimistolla eilen",
            ["Fatima", "Olga", "Khadija"][row % 3],
            ["Hassan", "Smirnova", "Warsame"][row % 3]
        )
    };
    assert_eq!(
        verified("note", (0..ROWS).map(note)),
        Verdicts::from([("residue.names".to_owned(), "fail".to_owned())])
    );
}

#[test]
fn words_that_are_no_names_pass() {
    let of = |words: &'static [&'static str]| form(words[0], move |row, _| words[row % words.len()].to_owned());
    passes(&[
        of(&["said", "an", "van", "do", "ho", "le", "la", "mai", "minh", "must", "org"]),
        of(&["hakemus", "päätös", "valitus", "oikaisu", "kuuleminen", "lausunto", "selvitys", "muu", "uus", "suur"]),
        of(&["Suomi", "Viro", "Venäjä", "Somalia", "Irak", "Vietnam", "Syyria", "Ruotsi", "Afganistan", "Eesti"]),
        of(&["suomi", "viro", "venäjä", "somali", "arabia", "vietnam", "ruotsi", "englanti", "persia", "kurdi"]),
        of(&["Lahti", "Salo", "Rauma", "Kemi", "Kuusamo", "Oulu", "Turku", "Vantaa", "Espoo", "Kotka"]),
        of(&["kivi", "puu", "metalli", "lasi", "muovi", "betoni", "tiili", "paperi", "villa", "nahka"]),
        of(&["KA", "HA", "LE", "VU", "DO", "AN", "LY", "MY", "NU", "OI"]),
        of(&["January", "February", "March", "April", "May", "June", "July", "August", "October", "December"]),
        of(&["new york", "los angeles", "san jose", "mari kylä", "uus suomi", "iso kivi", "suuri saar", "tali ho"]),
    ]);
}

/// Case 52: birth dates are named.
#[test]
fn birth_dates_are_named() {
    let day = |dice: &mut Dice| (1930 + dice.below(75), 1 + dice.below(12), 1 + dice.below(28));
    let warning = Verdicts::from([("residue.birth_dates".to_owned(), "warn".to_owned())]);
    for name in
        ["syntymäaika", "dob", "date_of_birth", "födelsedatum", "Syntymäpäivä", "lapsen_syntymapvm", "birthDate"]
    {
        let mut dice = Dice(5);
        let iso = |_| {
            let (year, month, day) = day(&mut dice);
            format!("{year}-{month:02}-{day:02}")
        };
        assert_eq!(verified(name, (0..60).map(iso)), warning, "{name}");
    }
    let forms: [(&str, DateForm); 5] = [
        ("iso", |year, month, day| format!("{year}-{month:02}-{day:02}")),
        ("Finnish", |year, month, day| format!("{day}.{month}.{year}")),
        ("eight digits", |year, month, day| format!("{year}{month:02}{day:02}")),
        ("with a time", |year, month, day| format!("{year}-{month:02}-{day:02}T00:00:00")),
        ("Danish", |year, month, day| format!("{day:02}-{month:02}-{year}")),
    ];
    for (form, written) in forms {
        let mut dice = Dice(5);
        let cell = |_| {
            let (year, month, day) = day(&mut dice);
            written(year, month, day)
        };
        assert_eq!(verified("d", (0..ROWS).map(cell)), warning, "{form}");
    }
}

#[test]
fn other_dates_are_not_called_birth_dates() {
    let recent = |row: usize| format!("20{:02}-{:02}-{:02}", 12 + row % 13, 1 + row % 12, 1 + row * 7 % 28);
    assert_eq!(verified("decision_date", (0..ROWS).map(recent)), Verdicts::new());
    let year = |row: usize| format!("{}", 1930 + row % 75);
    assert_eq!(verified("birth_year", (0..ROWS).map(year)), Verdicts::new());
    let first = |row: usize| format!("{}-{:02}-01", 1930 + row % 75, 1 + row % 12);
    assert_eq!(verified("birth_month", (0..ROWS).map(first)), Verdicts::new());
    assert_eq!(verified("birth_order", (0..ROWS).map(|row| format!("{}", row % 4))), Verdicts::new());
}

/// Case 54: running numbers with zeros in front are no phone numbers.
#[test]
fn running_numbers_are_not_called_phones() {
    let forms: [(&str, Series); 6] = [
        ("steps of 7", |row| format!("{:010}", 450_000_000 + row * 7)),
        ("steps of 1", |row| format!("{:010}", 441_234_567 + row)),
        ("steps of 10,000", |row| format!("{:010}", 400_000_000 + row * 10_000)),
        ("with gaps", |row| format!("{:010}", 501_000_000 + row * 11 + row * row % 7)),
        ("a series a year", |row| format!("{:010}", 440_000_000 + row % 3 * 10_000_000 + row / 3)),
        ("without zeros", |row| format!("{}", 450_000_000 + row * 7)),
    ];
    for (form, cell) in forms {
        for rows in [30, 3000] {
            let found = verified("docno", (0..rows).map(cell));
            assert!(found.values().all(|verdict| verdict == "warn"), "{form}, {rows}: {found:?}");
        }
    }
    let mut dice = Dice(9);
    let phone = |_| format!("04{}{}", dice.below(7), digits(&mut dice, 7));
    assert_eq!(verified("nro", (0..ROWS).map(phone)).get("residue.phones").map(String::as_str), Some("fail"));
}

/// Returns a world with a contract whose identifiers match `pattern`.
fn with_pattern(pattern: &str, fold_case: bool) -> World {
    let world = World::empty();
    crate::world::copy(&fixtures().join("good/foreign"), world.root());
    world.edit(
        "contract.toml",
        "pattern = \"[A-Z]{2}[0-9]{6}\"\nfold_case = true",
        format!("pattern = '{pattern}'\nfold_case = {fold_case}"),
    );
    world
}

/// Returns the verdict on the identifiers of the contract in a column.
fn identifiers(world: &World, cells: impl IntoIterator<Item = String>) -> Option<String> {
    world.write("data/goal.csv", table("aim", cells));
    residue(world, "--contract contract.toml data").remove("residue.contract_identifiers")
}

/// Point 7 of the same reports: identifiers by the contract's own pattern.
#[test]
fn identifiers_of_the_contract_are_found_by_its_pattern() {
    let danish = with_pattern("[0-9]{6}-[0-9]{4}", false);
    let mut dice = Dice(1);
    let mut person = || format!("{}-{}", birth(&mut dice), digits(&mut dice, 4));
    let cells: Vec<String> = (0..ROWS).map(|_| person()).collect();
    let fail = Some("fail".to_owned());
    assert_eq!(identifiers(&danish, cells.clone()), fail);
    assert_eq!(identifiers(&danish, cells.iter().map(|cell| format!(" {cell}\t"))), fail);
    assert_eq!(identifiers(&danish, cells.iter().map(|cell| format!("patient {cell}, seen"))), fail);
    let few = cells
        .iter()
        .enumerate()
        .map(|(row, cell)| if row % 60 == 7 { format!("ref {cell}") } else { "walk".to_owned() });
    assert_eq!(identifiers(&danish, few), fail);
    assert_eq!(identifiers(&danish, cells.iter().map(|_| "walk".to_owned())), None);

    let folded = with_pattern("[A-Z]{2}[0-9]{6}", true);
    let lower = |row: usize| format!("pt{:06}", 100_003 + row * 977);
    assert_eq!(identifiers(&folded, (0..ROWS).map(lower)), fail);
    assert_eq!(identifiers(&folded, (0..ROWS).map(|row| format!("see pt{:06}.", 100_003 + row * 977))), fail);
    let strict = with_pattern("[A-Z]{2}[0-9]{6}", false);
    assert_eq!(identifiers(&strict, (0..ROWS).map(lower)), None);

    let eleven = with_pattern("[0-9]{11}", false);
    assert_eq!(identifiers(&eleven, (0..ROWS).map(|_| format!("2{}", digits(&mut dice, 10)))), fail);
    assert_eq!(identifiers(&eleven, (0..ROWS).map(|_| format!("0.{}", digits(&mut dice, 11)))), None);
    let running = |row: usize| format!("{}", 20_000_000_000_u64 + row as u64);
    assert_eq!(identifiers(&eleven, (0..ROWS).map(running)), Some("warn".to_owned()));
}

#[test]
fn a_wide_pattern_of_the_contract_warns_at_most() {
    let numbers = with_pattern("[0-9]+", false);
    let year = |row: usize| format!("{}", 1990 + row % 30);
    assert_eq!(identifiers(&numbers, (0..ROWS).map(year)), None);
    assert_eq!(identifiers(&numbers, (0..ROWS).map(|row| format!("2024{:02}{:02}", 1 + row % 12, 1 + row % 28))), None);
    assert_eq!(identifiers(&numbers, (0..ROWS).map(|row| format!("{}", row * 37))), None);
    let mut dice = Dice(2);
    assert_eq!(identifiers(&numbers, (0..ROWS).map(|_| format!("7{}", digits(&mut dice, 8)))), Some("warn".to_owned()));
    // `drive` is a code of the contract.
    let words = with_pattern("[a-z]+", false);
    assert_eq!(identifiers(&words, (0..ROWS).map(|row| ["drive", "walk", "work"][row % 3].to_owned())), None);
    let any = with_pattern(".*", false);
    assert_eq!(identifiers(&any, (0..ROWS).map(|row| format!("note {row}"))), None);
    let run = any.run("verify --attack none --json - --contract contract.toml data");
    let checks = run.json()["checks"].as_array().unwrap().clone();
    let check = checks.iter().find(|check| check["name"] == "residue.contract_identifiers").unwrap();
    assert_eq!(check["verdict"], "not_checked");
}

#[test]
fn deliveries_and_linked_datasets_of_a_contract_have_none_of_its_identifiers() {
    let world = World::empty();
    crate::world::copy(&fixtures().join("good/foreign"), world.root());
    world.run("key new --contract contract.toml study.key").succeeds();
    for holder in ["clinic", "rehab"] {
        let files = format!("--contract contract.toml --holder {holder}/holder.toml --key study.key");
        world.run(&format!("extract --unsealed {files} --out d-{holder}")).succeeds();
    }
    world.run("link --contract contract.toml --out linked d-clinic d-rehab").succeeds();
    let found = residue(&world, "--contract contract.toml d-clinic d-rehab linked");
    assert_eq!(found.get("residue.contract_identifiers"), None, "{found:?}");
    let sources = residue(&world, "--contract contract.toml clinic");
    assert!(sources.contains_key("residue.contract_identifiers"), "{sources:?}");
}

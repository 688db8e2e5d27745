//! Kernels that decide the speed of an extract. Timings decide no test.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::type_complexity,
    reason = "a benchmark stops at the first error and is not an interface"
)]

use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, StringArray};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use salanimi::table::{Codes, Converter, Field, Notation, Renames, Rules, Sorter, ValueType, pseudonym_column};
use salanimi_core::{
    BirthDigits, Day, Id, IdentityCode, Key, LinkageFields, LinkageHashes, PersonScope, ProjectKey, ProjectKeys,
    Pseudonym, Pseudonymiser, RawFields, Syntax,
};

const ROWS: u64 = 65_536;

/// Returns synthetic codes under a sign not yet in use.
fn codes() -> Vec<IdentityCode> {
    let code = |n: i32| IdentityCode::compose(Day::from_epoch_days(n % 10_000)?, b'U', 2 + (n % 800) as u16);
    (0..ROWS as i32).filter_map(code).collect()
}

fn identity_codes(criterion: &mut Criterion) {
    let codes = codes();
    let mut group = criterion.benchmark_group("identity code");
    group.throughput(Throughput::Elements(codes.len() as u64));
    group.bench_function("parse", |b| {
        b.iter(|| codes.iter().filter(|code| IdentityCode::parse(black_box(code.as_bytes())).is_ok()).count());
    });
    let key = ProjectKey::from_bytes([7; 32]);
    let [study, kind, holder] = ["bench", "hetu", "north"].map(|name| Id::new(name).unwrap());
    let scope = PersonScope { kind: &kind, holder: &holder };
    let persons = Pseudonymiser::new(&ProjectKeys::new(&key, &study), scope, Syntax::Hetu);
    group.bench_function("pseudonymise", |b| {
        b.iter(|| codes.iter().filter(|code| persons.pseudonymise(black_box(code.as_bytes())).is_ok()).count());
    });
    group.finish();
}

/// Fields of persons as a source writes them: given names, surname, birth date, street.
fn written_persons() -> Vec<[String; 4]> {
    let given = ["Maria Helena", "Juha Antero", "Aino", "Kalle Olavi Juhani", "Liisa Kaarina"];
    let surnames = ["Virtanen", "Mäkinen", "Korhonen-Äyräpää", "Lehtonen", "Honkasalo"];
    let person = |n: usize| {
        let birth = format!("19{:02}{:02}{:02}", n % 100, n % 12 + 1, n % 28 + 1);
        [given[n % 5].to_owned(), surnames[n % 7 % 5].to_owned(), birth, format!("Koivutie {}", n % 90 + 1)]
    };
    (0..ROWS as usize).map(person).collect()
}

fn linkage_tokens(criterion: &mut Criterion) {
    let persons = written_persons();
    let key = ProjectKey::from_bytes([7; 32]);
    let [study, holder] = ["bench", "north"].map(|name| Id::new(name).unwrap());
    let hashes = LinkageHashes::new(&ProjectKeys::new(&key, &study), &holder);
    let mut group = criterion.benchmark_group("linkage without codes");
    group.throughput(Throughput::Elements(ROWS));
    group.bench_function("57 tokens of a person, from text", |b| {
        b.iter(|| {
            for (number, [given, surname, birth, street]) in (0_u128..).zip(&persons) {
                let birth = BirthDigits::new(birth);
                let raw = RawFields { given, surname, birth, postcode: "33100", street };
                let tokens = hashes.tokens(&LinkageFields::new(&raw));
                black_box(hashes.filled(&Pseudonym(number.to_be_bytes()), &tokens));
            }
        });
    });
    group.finish();
}

fn conversion(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("convert");
    group.throughput(Throughput::Elements(ROWS));
    let names = ["hakija", "lapsi", "puoliso"];
    let codes = ValueType::Code(Codes::new(names.map(String::from)).unwrap());
    let cases: [(&str, ValueType, fn(u64) -> String); 3] = [
        ("codes", codes, |n| ["hakija", "lapsi", "puoliso"][(n % 3) as usize].to_owned()),
        ("dates", ValueType::Date, |n| format!("2018-{:02}-{:02}", n % 12 + 1, n % 28 + 1)),
        ("decimals", ValueType::Decimal { scale: 2 }, |n| format!("{}.{:02}", n % 2000, n % 100)),
    ];
    for (name, value, text) in cases {
        let rules = Rules::new(value);
        let notation = Notation::default();
        let converter = Converter::new(&rules, &notation, &Renames::new());
        let texts: ArrayRef = Arc::new(StringArray::from_iter_values((0..ROWS).map(text)));
        group.bench_function(name, |b| b.iter(|| converter.convert(black_box(&texts)).unwrap().faults.len()));
    }
    group.finish();
}

fn sorting(criterion: &mut Criterion) {
    const BATCHES: u64 = 16;
    let key =
        |n: u64| Pseudonym((u128::from(n / 10).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)).to_be_bytes());
    let batch = |number: u64| -> Vec<ArrayRef> {
        let rows = number * ROWS..(number + 1) * ROWS;
        let keys = rows.clone().map(|n| key(n.wrapping_mul(7919) % (BATCHES * ROWS)));
        vec![pseudonym_column(keys, None), Arc::new(Int32Array::from_iter_values(rows.map(|n| n as i32)))]
    };
    let batches: Vec<_> = (0..BATCHES).map(batch).collect();
    let field = |name: &str, value| Field { name: name.to_owned(), value };
    let fields = [field("pseudonym", ValueType::Pseudonym), field("n", ValueType::Integer)];
    let folder = tempfile::tempdir().unwrap();
    let mut group = criterion.benchmark_group("sort");
    group.throughput(Throughput::Elements(BATCHES * ROWS)).sample_size(10);
    for (name, memory) in [("in memory", 1 << 30), ("spilled", 1 << 20)] {
        group.bench_function(name, |b| {
            b.iter(|| {
                let sorter = Sorter::new(&fields, memory, folder.path()).unwrap();
                batches.iter().for_each(|columns| sorter.push(columns).unwrap());
                let sorted = sorter.finish().unwrap();
                sorted.groups().into_iter().map(|group| sorted.load(group.ranges).unwrap().len()).sum::<usize>()
            });
        });
    }
    group.finish();
}

criterion_group!(kernels, identity_codes, linkage_tokens, conversion, sorting);
criterion_main!(kernels);

//! Tests of the kinds of schemes: each has the digests of other programs, and a column made by it is found.

use super::super::namespaces::Namespace;
use super::*;

/// Code of the public test material of the population register.
const CODE: &RawCode = b"131052-308T";

fn hex(scheme: &Scheme<'_>) -> String {
    HEXLOWER.encode(&digest(scheme, CODE))
}

fn salt() -> Word {
    Word { text: b"suola".to_vec(), source: Source::Common }
}

/// Returns the digests of all codes with temporary numbers and usual signs, which are tried first. They are so many
/// that a small share of the space is enough, also for slow hashes.
fn made_by(scheme: &Scheme<'_>) -> Vec<String> {
    codes_of(Part::Temporary, 1.0).iter().map(|code| HEXLOWER.encode(&digest(scheme, code))).collect()
}

// Values of Python: hashlib, uuid, mmh3, and the formulas of Java, Spark and FNV.

#[test]
fn short_hashes_have_the_values_of_other_programs() {
    for (kind, expected) in [
        (Kind::JavaHashCode, "51480888"),
        (Kind::Murmur3, "99ac9445"),
        (Kind::SparkHash, "f63306bd"),
        (Kind::Fnv1a32, "31b17f75"),
        (Kind::Fnv1a64, "b8acf9e604cd8475"),
    ] {
        assert_eq!(hex(&scheme(kind)), expected, "{}", kind.name());
    }
}

#[test]
fn uuids_have_the_values_of_other_programs() {
    for (namespace, third, fifth) in [
        (Namespace::Dns, "a747fe455ced3ea79f11fa32362c1c12", "62acbe31cf505716b7bc54ccde23a1f3"),
        (Namespace::Url, "44ccfe3d22ad34e6abb4d55afe5f98b8", "e9375ca6ce7c5280a7dc1aa5594c16c1"),
        (Namespace::Oid, "2c3c3fb90c713b88b610b8484890bf5d", "beb39714949f56d7b4c67f285ec82145"),
        (Namespace::X500, "fa2345cfaf0139a99f22b76beeb81636", "a99054db35e3535da53159ee8bfcefcc"),
        (Namespace::Nil, "925c73f0718735c39656754f9a936499", "682ed834e076594d8a1bae0f7d776a3e"),
    ] {
        let added = Added::Namespace(namespace);
        assert_eq!(hex(&Scheme { added, ..scheme(Kind::UuidV3) }), third);
        assert_eq!(hex(&Scheme { added, ..scheme(Kind::UuidV5) }), fifth);
    }
    assert_eq!(hex(&scheme(Kind::UuidV3)), "fa698494533730e7ad69759437712541");
}

#[test]
fn iterated_hashes_have_the_values_of_other_programs() {
    let salt = salt();
    let iterated = |kind, rounds, added| hex(&Scheme { rounds, added, ..scheme(kind) });
    assert_eq!(
        iterated(Kind::Sha256, Rounds::Bytes(10), Added::Nothing),
        "97d97469d593a1945a8944ebf7df0ec56a0733e0eebba3f6861240f127a5cdb2"
    );
    assert_eq!(iterated(Kind::Md5, Rounds::Hex(101), Added::Nothing), "e3af7d25aa9e8cdaf9ddc9cd2e00299d");
    assert_eq!(
        iterated(Kind::Sha256, Rounds::Bytes(10), Added::Before(&salt, "")),
        "8a652828c4e0a3b25eeb07465cb1f01eadce39633f76653c879843ee52f6b556"
    );
    assert_eq!(
        iterated(Kind::Sha256, Rounds::Once, Added::Pbkdf2(&salt)),
        "ac4c8a4542b4e5a2d0522edeb442ec5a15103936af16cd962ba12904e4d176aa"
    );
    assert_eq!(
        iterated(Kind::Sha256, Rounds::Bytes(1_000), Added::Pbkdf2(&salt)),
        "27011d40dcc5b992e137ec4f85966f1615f51efd2ee7bbd7777ed1882195571c"
    );
    assert_eq!(
        iterated(Kind::Sha1, Rounds::Bytes(10), Added::Pbkdf2(&salt)),
        "124f8f06ac6cc5205d68f4051cbc012daf740079"
    );
}

#[test]
fn iterations_go_on_from_fewer_of_them() {
    let salt = salt();
    for added in [Added::Nothing, Added::Pbkdf2(&salt)] {
        let schemes = [Rounds::Once, Rounds::Bytes(10), Rounds::Bytes(11), Rounds::Bytes(100)].map(|rounds| Scheme {
            rounds,
            added,
            ..scheme(Kind::Sha1)
        });
        let mut together = Vec::new();
        hash_together(&schemes, &candidates(&[*CODE]), |_, digest| together.push(HEXLOWER.encode(&digest[..20])));
        assert_eq!(together, schemes.map(|scheme| hex(&scheme)));
    }
}

#[test]
fn keys_that_are_digests_of_words_have_the_values_of_other_programs() {
    let guesses = Guesses::new(&[]);
    let position = guesses.salts.list.iter().position(|word| word.text == b"suola").unwrap();
    let digests: Vec<String> = guesses.digests.list[2 * position..2 * position + 2]
        .iter()
        .map(|word| hex(&Scheme { added: Added::Key(word), ..scheme(Kind::Sha256) }))
        .collect();
    assert_eq!(
        digests,
        [
            "b38221284c3ccda34e90e0be6603f8d4d0b8c443553e30955395a7f7ca861476",
            "4e53231965dfdbfc39bd60a08088c407c1c2e2d9828126d50b230c11d1ae89f6"
        ]
    );
}

#[test]
fn columns_of_java_and_spark_are_found_as_signed_numbers() {
    for kind in [Kind::JavaHashCode, Kind::SparkHash] {
        let values =
            hashed(2000, |code| i32::from_be_bytes(*digest(&scheme(kind), code).first_chunk().unwrap()).to_string());
        assert_eq!(failing(&values), ["attack.unkeyed"], "{}", kind.name());
    }
}

#[test]
fn dense_numbers_are_no_hash_codes_of_java() {
    for start in [400_000_000_u32, 1_111_111_111, 1_777_777_777] {
        let dense: Vec<String> = (0..2000).map(|n| (start + n).to_string()).collect();
        assert!(failing(&dense).is_empty(), "{start}");
    }
}

#[test]
fn columns_of_uuids_are_found() {
    for kind in [Kind::UuidV3, Kind::UuidV5] {
        for added in [Added::Nothing, Added::Namespace(Namespace::Url), Added::Namespace(Namespace::Nil)] {
            let uuid = Scheme { added, ..scheme(kind) };
            let values = hashed(MANY, |code| {
                let hex = HEXLOWER.encode(&digest(&uuid, code));
                let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
                parts.join("-")
            });
            assert_eq!(failing(&values), ["attack.unkeyed"], "{} {added:?}", kind.name());
        }
    }
}

#[test]
fn columns_of_iterated_hashes_are_found() {
    let empty = Word { text: Vec::new(), source: Source::Empty };
    let first = Guesses::new(&[]).salts.list[0].clone();
    for (kind, rounds, added, check) in [
        (Kind::Sha256, Rounds::Bytes(1_000), Added::Nothing, "attack.unkeyed"),
        (Kind::Sha256, Rounds::Hex(11), Added::Nothing, "attack.unkeyed"),
        (Kind::Sha1, Rounds::Bytes(100), Added::Before(&first, ""), "attack.salted"),
        (Kind::Sha256, Rounds::Bytes(1_000), Added::Pbkdf2(&empty), "attack.salted"),
        (Kind::Sha1, Rounds::Bytes(100), Added::Pbkdf2(&first), "attack.salted"),
    ] {
        let values = made_by(&Scheme { rounds, added, ..scheme(kind) });
        assert_eq!(failing(&values), [check], "{kind:?} {rounds:?} {added:?}");
    }
}

#[test]
fn columns_with_digests_of_words_as_keys_are_found() {
    for word in &Guesses::new(&[]).digests.list[..2] {
        let values = made_by(&Scheme { added: Added::Key(word), ..scheme(Kind::Sha256) });
        assert_eq!(failing(&values), ["attack.keyed"]);
    }
}

#[test]
fn hashes_in_base85_are_found() {
    for alphabet in [ascii85_alphabet(), rfc1924_alphabet()] {
        let values = hashed(MANY, |code| base85(&alphabet, &digest(&scheme(Kind::Sha1), code)));
        assert_eq!(failing(&values), ["attack.unkeyed"]);
    }
}

fn ascii85_alphabet() -> Vec<u8> {
    (b'!'..=b'u').collect()
}

fn rfc1924_alphabet() -> Vec<u8> {
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~".to_vec()
}

/// Encodes bytes, between quotation marks for CSV. Of a last group of n bytes, n + 1 digits are kept.
fn base85(alphabet: &[u8], bytes: &[u8]) -> String {
    let missing = bytes.len().next_multiple_of(4) - bytes.len();
    let padded = [bytes, &vec![0; missing]].concat();
    let groups = padded.as_chunks::<4>().0.iter().map(|group| u32::from_be_bytes(*group));
    let digits = groups.flat_map(|number| (0..5).rev().map(move |place| number / 85_u32.pow(place) % 85));
    let mut text: Vec<u8> = digits.map(|digit| alphabet[digit as usize]).collect();
    text.truncate(text.len() - missing);
    format!("\"{}\"", String::from_utf8(text).unwrap().replace('"', "\"\""))
}

#[test]
fn encodings_of_other_programs_are_reversed() {
    // Python: base64.a85encode, base64.b85encode, base64.b64encode(zlib.compress(…)) of each code.
    let ways: [&dyn Fn(&RawCode) -> String; 3] =
        [&|code| base85(&ascii85_alphabet(), code), &|code| base85(&rfc1924_alphabet(), code), &|code| {
            BASE64.encode(&zlib(code))
        }];
    assert_eq!(
        ways.map(|way| way(CODE).trim_matches('"').to_owned()),
        ["0f(O<2)6a>0K<#", "F*7kRH8L$TFgR2", "eJwzNDY0MDXSNTawCAEADP0CSQ=="]
    );
    for (number, way) in ways.iter().enumerate() {
        assert_eq!(failing(&hashed(300, way)), ["attack.reversible"], "way {number}");
    }
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn masked_codes_are_found() {
    let ways: [&dyn Fn(&RawCode) -> String; 3] = [
        &|code| format!("{}***{}", &text(code)[..7], &text(code)[10..]),
        &|code| format!("{}****", &text(code)[..7]),
        &|code| format!("******{}", &text(code)[6..]),
    ];
    for (number, way) in ways.iter().enumerate() {
        assert_eq!(failing(&hashed(300, way)), ["attack.reversible"], "way {number}");
    }
}

/// A pseudonym of a code with the salt of its row.
type SaltedWay<'a> = &'a dyn Fn(&str, &[u8]) -> String;

#[test]
fn salts_in_another_column_of_the_row_are_found() {
    let salt = |number: usize| HEXLOWER.encode(&sha(&number.to_be_bytes())[..8]);
    let ways: [(&str, SaltedWay<'_>); 4] = [
        ("attack.salted", &|salt, code| HEXLOWER.encode(&sha(&[salt.as_bytes(), code].concat()))),
        ("attack.salted", &|salt, code| HEXLOWER.encode(&sha(&[code, salt.as_bytes()].concat()))),
        ("attack.salted", &|salt, code| {
            HEXLOWER.encode(&sha(&[&HEXLOWER.decode(salt.as_bytes()).unwrap(), code].concat()))
        }),
        ("attack.keyed", &|salt, code| HEXLOWER.encode(&mac(salt.as_bytes(), code))),
    ];
    for (number, (check, way)) in ways.iter().enumerate() {
        let rows: Vec<String> = codes_of(Part::Temporary, 0.1)
            .iter()
            .enumerate()
            .map(|(number, code)| format!("{};{}", way(&salt(number), code), salt(number)))
            .collect();
        let (checks, _) = attack_rows(&rows, Depth::Quick, None);
        assert_eq!(failed(&checks), [*check], "way {number}");
        let evidence = &checks.iter().find(|found| found.name == *check).unwrap().evidence.en;
        assert!(evidence.contains("rows.csv: n") && evidence.contains("in the same row"), "{evidence}");
    }
}

fn sha(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).to_vec()
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    use hmac::{KeyInit as _, Mac as _};
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

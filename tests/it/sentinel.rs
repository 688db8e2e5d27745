//! An identity code that must never be seen, and where it could hide.

use std::collections::BTreeSet;

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};

use crate::tables;
use crate::world::{Run, World};

/// A synthetic code: a registered number under a sign that the register does not give out.
pub const SENTINEL: &str = "071177V4614";

/// The code in every form in which it might leave: as it is and disguised.
fn forms() -> Vec<Vec<u8>> {
    let plain = SENTINEL.as_bytes();
    let lower = SENTINEL.to_lowercase();
    let wide = |bytes: fn(u16) -> [u8; 2]| lower.to_uppercase().encode_utf16().flat_map(bytes).collect();
    let mut forms = vec![
        plain.to_vec(),
        lower.clone().into_bytes(),
        plain.iter().rev().copied().collect(),
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
        SENTINEL.replace('V', "").into_bytes(),
        SENTINEL.replace('V', "-").into_bytes(),
    ];
    for text in [plain, lower.as_bytes()] {
        forms.extend([HEXLOWER.encode(text).into_bytes(), HEXUPPER.encode(text).into_bytes()]);
        forms.extend((0..3).map(|offset| base64_inside(text, offset)));
    }
    forms
}

/// What of the base64 of `text` does not depend on what stands around it, `offset` bytes into a longer text.
fn base64_inside(text: &[u8], offset: usize) -> Vec<u8> {
    let encoded = BASE64.encode(&[&[0; 2][..offset], text].concat()).into_bytes();
    let (start, bits) = ((offset * 8).div_ceil(6), (offset + text.len()) * 8);
    encoded[start..bits / 6].to_vec()
}

/// That `bytes`, which are called `place`, hold the sentinel in no form.
pub fn is_absent(place: &str, bytes: &[u8]) {
    for form in forms() {
        let found = memchr::memmem::find(bytes, &form).is_some();
        assert!(!found, "{place} holds the sentinel as {:?}", String::from_utf8_lossy(&form));
    }
}

impl Run {
    /// That the sentinel is not in what was printed.
    pub fn shows_no_sentinel(self) -> Self {
        is_absent(&format!("stdout of {}", self.line), &self.output.stdout);
        is_absent(&format!("stderr of {}", self.line), &self.output.stderr);
        self
    }
}

impl World {
    /// That the sentinel is in no file but the `known` ones, and in no page of a Parquet file.
    pub fn hides_no_sentinel(&self, known: &BTreeSet<String>) {
        for name in self.files().into_iter().filter(|name| !known.contains(name)) {
            is_absent(&name, name.as_bytes());
            is_absent(&name, &self.read(&name));
            if name.ends_with(".parquet") {
                for page in tables::pages(&self.path(&name)) {
                    is_absent(&format!("a page of {name}"), &page);
                }
                let text = tables::Text::of(&self.path(&name));
                is_absent(&format!("a column of {name}"), format!("{text:?}").as_bytes());
                is_absent(
                    &format!("the footer of {name}"),
                    format!("{:?}", tables::metadata(&self.path(&name))).as_bytes(),
                );
            }
        }
    }
}

#[test]
fn every_disguise_is_seen_through() {
    let hidden = |bytes: &[u8]| std::panic::catch_unwind(|| is_absent("here", bytes)).is_err();
    let lower = SENTINEL.to_lowercase();
    for around in ["", "a", "ab", "abc"] {
        assert!(hidden(BASE64.encode(format!("{around}{SENTINEL}{around}").as_bytes()).as_bytes()), "base64 {around}");
        assert!(hidden(BASE64.encode(format!("{around}{lower}xyz").as_bytes()).as_bytes()), "base64 {around}");
        assert!(hidden(HEXLOWER.encode(format!("{around}{SENTINEL}").as_bytes()).as_bytes()), "hex {around}");
    }
    assert!(hidden(format!("…{SENTINEL}…").as_bytes()) && !hidden(b"071177V4615"));
}

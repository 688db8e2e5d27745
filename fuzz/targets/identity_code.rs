//! Identity codes and other identifiers: a canonical form is stable, and one spelling more never changes it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use salanimi_core::{Day, Id, IdentityCode, Syntax, TextSyntax, Timestamp};

fuzz_target!(|data: &[u8]| {
    if let Ok(code) = IdentityCode::parse(data) {
        let again = IdentityCode::parse(code.as_bytes()).expect("the canonical form is a code");
        assert_eq!(again.as_bytes(), code.as_bytes());
        assert_eq!((again.birth_day(), again.is_temporary()), (code.birth_day(), code.is_temporary()));
    }
    for syntax in [Syntax::Hetu, Syntax::Text(TextSyntax::unrestricted())] {
        if let Ok(identifier) = syntax.canonical(data) {
            let bytes = identifier.as_bytes().to_vec();
            let again = syntax.canonical(&bytes).expect("the canonical form is an identifier");
            assert_eq!(again.as_bytes(), bytes);
        }
    }
    if let Ok(text) = std::str::from_utf8(data) {
        drop((Id::new(text), Day::parse(text), Timestamp::parse(text)));
    }
});

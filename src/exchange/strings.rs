//! Strings of a manifest or an account that read as personal identity codes.

use salanimi_core::Syntax;
use serde_json::Value;

/// Returns true if any string or key of `json` reads as a Finnish personal identity code, in any way of writing that a
/// source may have. Text that is not JSON holds none.
#[must_use]
pub fn holds_identity_code(json: &[u8]) -> bool {
    serde_json::from_slice(json).is_ok_and(|value| value_holds(&value))
}

fn value_holds(value: &Value) -> bool {
    match value {
        Value::String(text) => is_code(text),
        Value::Array(values) => values.iter().any(value_holds),
        Value::Object(members) => members.iter().any(|(key, value)| is_code(key) || value_holds(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_code(text: &str) -> bool {
    Syntax::Hetu.canonical(text.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_in_a_string_and_in_a_key() {
        for with_code in [r#"["x", {"y": " 131052-308t"}]"#, r#"{"131052-308T": 1}"#] {
            assert!(holds_identity_code(with_code.as_bytes()), "{with_code}");
        }
        for without in [r#"{"holder": "town", "digest": "00ff", "rows": 131052308}"#, "no json 131052-308T"] {
            assert!(!holds_identity_code(without.as_bytes()), "{without}");
        }
    }
}

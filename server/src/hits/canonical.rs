//! A stable name for a record that brings none: the SHA-256 of its content, written with sorted keys and no spaces.

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// `sha256:…` of a JSON value. Two texts of the same value have the same one, whatever the order of their keys.
pub fn content_id(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    format!("sha256:{}", hex::encode(Sha256::digest(text)))
}

fn write(value: &Value, to: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            to.push('{');
            for (index, (name, value)) in fields.into_iter().enumerate() {
                if index > 0 {
                    to.push(',');
                }
                text(name, to);
                to.push(':');
                write(value, to);
            }
            to.push('}');
        }
        Value::Array(items) => {
            to.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    to.push(',');
                }
                write(item, to);
            }
            to.push(']');
        }
        Value::String(content) => text(content, to),
        // Writing to a text cannot fail.
        other => {
            let _ = write!(to, "{other}");
        }
    }
}

fn text(content: &str, to: &mut String) {
    // As serde_json writes it, which is the shortest form.
    let _ = write!(to, "{}", Value::from(content));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_keys_and_the_spaces_do_not_matter() {
        let one: Value = serde_json::from_str(r#"{"a":1,"b":{"x":[1,2,{}],"y":null}}"#).unwrap();
        let other: Value = serde_json::from_str("{ \"b\": {\"y\":null, \"x\":[1, 2, {}]},\n \"a\":1}").unwrap();
        assert_eq!(content_id(&one), content_id(&other));
        assert_eq!(content_id(&one).len(), "sha256:".len() + 64);
    }

    #[test]
    fn other_content_has_another_name() {
        let names = [json!({"a": 1}), json!({"a": "1"}), json!({"a": [1]}), json!({}), json!([]), json!({"b": 1})]
            .map(|value| content_id(&value));
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name));
        }
    }

    #[test]
    fn the_canonical_text_is_plain_json() {
        let mut text = String::new();
        write(&json!({"b": [true, {"é\"": {}}], "a": 1.5}), &mut text);
        assert_eq!(text, r#"{"a":1.5,"b":[true,{"é\"":{}}]}"#);
    }
}

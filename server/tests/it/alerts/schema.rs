//! A small reader of JSON Schemas: the words that `fixtures/schemas` use, and a panic at any other.

use serde_json::Value;

/// What is wrong with a value, by the schema of a service; empty where nothing is.
pub fn faults(service: &str, value: &Value) -> Vec<String> {
    let file = format!("{}/tests/it/fixtures/schemas/{service}.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut faults = Vec::new();
    check(&schema, &schema, value, "", &mut faults);
    faults
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let mut wrong = |what: String| faults.push(format!("{at}: {what}"));
    let mut deeper: Vec<(Value, &Value, String)> = Vec::new();
    for (word, asked) in schema.as_object().unwrap() {
        let number = || usize::try_from(asked.as_u64().unwrap()).unwrap();
        match word.as_str() {
            "$defs" => {}
            "$ref" => deeper.push((root["$defs"][asked.as_str().unwrap()].clone(), value, at.to_owned())),
            "type" => {
                let fits = match asked.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64() || value.is_u64(),
                    other => panic!("no such type: {other}"),
                };
                if !fits {
                    wrong(format!("{value} is no {asked}"));
                }
            }
            "const" if asked != value => wrong(format!("{value} is not {asked}")),
            "const" => {}
            "enum" => {
                if !asked.as_array().unwrap().contains(value) {
                    wrong(format!("{value} is none of {asked}"));
                }
            }
            "required" => {
                for name in asked.as_array().unwrap() {
                    if value.get(name.as_str().unwrap()).is_none() {
                        wrong(format!("{name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, inner) in value.as_object().into_iter().flatten() {
                    match asked.get(name) {
                        Some(schema) => deeper.push((schema.clone(), inner, format!("{at}/{name}"))),
                        None if schema["additionalProperties"] == false => wrong(format!("{name} is not known")),
                        None => {}
                    }
                }
            }
            "additionalProperties" => {}
            "items" => {
                for (n, inner) in value.as_array().into_iter().flatten().enumerate() {
                    deeper.push((asked.clone(), inner, format!("{at}/{n}")));
                }
            }
            "anyOf" => {
                let fits = asked.as_array().unwrap().iter().any(|one| {
                    let mut tried = Vec::new();
                    check(root, one, value, at, &mut tried);
                    tried.is_empty()
                });
                if !fits {
                    wrong(format!("{value} fits none of {asked}"));
                }
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" => {
                let size = match value {
                    Value::String(text) => text.chars().count(),
                    Value::Array(items) => items.len(),
                    _ => continue,
                };
                if if word.starts_with("min") { size < number() } else { size > number() } {
                    wrong(format!("{word} is {asked}, and this has {size}"));
                }
            }
            other => panic!("the reader does not know `{other}`"),
        }
    }
    for (schema, value, at) in deeper {
        check(root, &schema, value, &at, faults);
    }
}

#[test]
fn the_reader_finds_what_is_wrong() {
    let embed = |description: String| {
        serde_json::json!({
            "embeds": [{ "title": "a", "description": description }], "allowed_mentions": { "parse": [] },
        })
    };
    assert_eq!(faults("discord", &embed("b".into())), Vec::<String>::new());
    for wrong in [
        embed("x".repeat(4_097)),
        embed(String::new()),
        serde_json::json!({ "embeds": [], "allowed_mentions": { "parse": [] } }),
        serde_json::json!({ "embeds": [{ "title": 1 }], "allowed_mentions": { "parse": [] } }),
        serde_json::json!({ "embeds": [{ "title": "a", "footer": {} }], "allowed_mentions": { "parse": [] } }),
        serde_json::json!({ "embeds": [{ "title": "a" }], "allowed_mentions": { "parse": ["everyone"] } }),
        serde_json::json!({ "embeds": [{ "title": "a" }] }),
    ] {
        assert!(!faults("discord", &wrong).is_empty(), "{wrong}");
    }
    let block = |block| serde_json::json!({ "text": "a", "blocks": [block] });
    assert!(faults("slack", &block(serde_json::json!({ "type": "rich_text", "elements": [] }))).len() == 1);
}

//! The names of a form's parameters, such as `Filter.1.Value.2`, read as paths into a tree.

use super::parameters::camel;
use serde_json::{Map, Value};

/// How deep a name may reach. No operation of AWS needs more.
const DEEPEST: usize = 12;

/// A step into the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To what has this name.
    Name(String),
    /// To the next place of a list, whatever number it was given.
    Place(usize),
}

/// The path that a name stands for. `member` and `entry` are only punctuation.
pub fn path_of(name: &str) -> Vec<Step> {
    name.split('.')
        .take(DEEPEST)
        .filter(|part| !part.is_empty() && !matches!(*part, "member" | "entry"))
        .map(|part| match part.parse::<usize>() {
            Ok(number) => Step::Place(number),
            Err(_) => Step::Name(camel(part)),
        })
        .collect()
}

/// Puts a value at a path. Where two parameters contradict each other, the first one stays.
pub fn insert(object: &mut Map<String, Value>, path: &[Step], value: Value) {
    let Some((first, rest)) = path.split_first() else { return };
    let name = match first {
        Step::Name(name) => name.clone(),
        // A number where a name was expected is a name.
        Step::Place(number) => number.to_string(),
    };
    match rest.first() {
        None => {
            object.entry(name).or_insert(value);
        }
        Some(Step::Place(_)) => {
            if let Value::Array(items) = object.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
                insert_in_list(items, rest, value);
            }
        }
        Some(Step::Name(_)) => {
            if let Value::Object(inner) = object.entry(name).or_insert_with(|| Value::Object(Map::new())) {
                insert(inner, rest, value);
            }
        }
    }
}

fn insert_in_list(items: &mut Vec<Value>, path: &[Step], value: Value) {
    let Some((Step::Place(number), rest)) = path.split_first() else { return };
    // The numbers come from outside: they say which item is meant, but not how long the list becomes.
    let place = number.saturating_sub(1).min(items.len());
    match rest.first() {
        None => items.insert(place, value),
        Some(_) => {
            if place == items.len() {
                items.push(Value::Object(Map::new()));
            }
            if let Some(Value::Object(inner)) = items.get_mut(place) {
                insert(inner, rest, value);
            }
        }
    }
}

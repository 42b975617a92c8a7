//! What an entry says of a thing: names and values. The types see to it that no secret is among them: only what is
//! [`Plain`] can be a fact, nobody can make another type plain, and a `Secret` is not.

use app::model::moment::Moment;
use serde_json::Value;
use std::collections::BTreeMap;

/// How much of a text stands in an entry, in characters.
const LONGEST: usize = 4_000;

/// A thing whose changes are noted: it lists its facts, each by a name that stays the same. What it keeps sealed or hashed
/// it leaves out.
pub trait Audited {
    /// What can change about it.
    fn audited(&self) -> Facts;
}

/// Names and values. None at all: there is no such thing, before it was made or after it was taken away.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts(BTreeMap<String, Value>);

impl Facts {
    /// These facts and one more.
    pub fn with(mut self, name: &'static str, value: impl Plain) -> Self {
        self.0.insert(name.to_owned(), value.plain());
        self
    }
}

mod sealed {
    /// Keeps others from calling their types plain.
    pub trait Sealed {}
}

/// What may stand in an entry as it is.
pub trait Plain: sealed::Sealed {
    /// As JSON.
    fn plain(self) -> Value;
}

impl sealed::Sealed for &str {}
impl Plain for &str {
    fn plain(self) -> Value {
        match self.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", self.get(..end).unwrap_or_default()).into(),
            None => self.into(),
        }
    }
}

impl sealed::Sealed for &String {}
impl Plain for &String {
    fn plain(self) -> Value {
        self.as_str().plain()
    }
}

impl sealed::Sealed for String {}
impl Plain for String {
    fn plain(self) -> Value {
        self.as_str().plain()
    }
}

impl sealed::Sealed for bool {}
impl Plain for bool {
    fn plain(self) -> Value {
        self.into()
    }
}

impl sealed::Sealed for i64 {}
impl Plain for i64 {
    fn plain(self) -> Value {
        self.into()
    }
}

impl sealed::Sealed for Moment {}
impl Plain for Moment {
    fn plain(self) -> Value {
        self.rfc3339().into()
    }
}

impl sealed::Sealed for &[String] {}
impl Plain for &[String] {
    fn plain(self) -> Value {
        self.iter().map(Plain::plain).collect()
    }
}

impl<T: Plain> sealed::Sealed for Option<T> {}
impl<T: Plain> Plain for Option<T> {
    fn plain(self) -> Value {
        self.map_or(Value::Null, Plain::plain)
    }
}

/// Facts as an entry has them.
type Kept = Option<BTreeMap<String, Value>>;

/// What differs, before and after. Of what was made or taken away, all of it on the one side, and nothing on the other.
pub(super) fn difference(Facts(mut before): Facts, Facts(mut after): Facts) -> (Kept, Kept) {
    if before.is_empty() || after.is_empty() {
        let some = |facts: BTreeMap<_, _>| Some(facts).filter(|facts| !facts.is_empty());
        return (some(before), some(after));
    }
    let same: Vec<String> =
        before.iter().filter(|(name, value)| after.get(*name) == Some(*value)).map(|(name, _)| name.clone()).collect();
    for name in same {
        before.remove(&name);
        after.remove(&name);
    }
    (Some(before), Some(after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::model::secret::Secret;

    /// Says of a type whether it is plain: the method of the type itself goes before that of the trait.
    struct Asked<T>(std::marker::PhantomData<T>);

    trait Otherwise {
        fn is_plain(&self) -> bool {
            false
        }
    }

    impl<T> Otherwise for Asked<T> {}

    impl<T: Plain> Asked<T> {
        fn is_plain(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_secret_is_no_fact() {
        assert!(Asked::<&str>(std::marker::PhantomData).is_plain(), "the question can be answered by yes");
        assert!(!Asked::<Secret>(std::marker::PhantomData).is_plain());
        assert!(!Asked::<&Secret>(std::marker::PhantomData).is_plain());
        assert!(!Asked::<Option<Secret>>(std::marker::PhantomData).is_plain());
        assert!(!Asked::<Value>(std::marker::PhantomData).is_plain(), "nor is whatever can be made of a secret");
    }

    #[test]
    fn only_what_differs_is_kept() {
        let facts = |owner: &str, place: &str| Facts::default().with("owner", owner).with("location", place);
        let (before, after) = difference(facts("ana", "laptop"), facts("ben", "laptop"));
        assert_eq!(serde_json::to_string(&(before, after)).unwrap(), r#"[{"owner":"ana"},{"owner":"ben"}]"#);
        let (before, after) = difference(Facts::default(), facts("ben", "laptop"));
        assert!(before.is_none() && after.unwrap().len() == 2);
        let one = Facts::default().with("expires_at", None::<Moment>);
        assert_eq!(difference(one.clone(), one.clone().with("x", true)).1.unwrap().len(), 1);
    }

    #[test]
    fn a_long_text_is_cut() {
        let text = "é".repeat(LONGEST + 1);
        assert_eq!(text.plain().as_str().unwrap().chars().count(), LONGEST + 1, "with the sign that there was more");
    }
}

//! From a trail's selectors, what it would not see of the users that are tokens.

use aws_sdk_cloudtrail::types::{
    AdvancedEventSelector, AdvancedFieldSelector, DataResource, EventSelector, ReadWriteType,
};
use std::collections::BTreeSet;

/// What no trail tells whatever its selectors say.
const NEVER: &str =
    "calls to endpoints that AWS keeps out of CloudTrail are never logged: only last-used data shows them";

/// A set of services, or of types of data.
type Names = BTreeSet<String>;

/// How much of the management calls of one sort is logged: nothing yet; a part, under conditions; or all but some
/// services' calls. Selectors are alternatives, so each can only add to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Logged {
    whole: Option<Names>,
    parts: Names,
}

impl Logged {
    fn but(&mut self, excluded: &Names) {
        self.whole = Some(match &self.whole {
            Some(known) => known & excluded,
            None => excluded.clone(),
        });
    }
}

/// What a trail logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    reads: Logged,
    writes: Logged,
    data: Names,
    data_parts: Names,
}

/// One sentence that says what a trail leaves out, and whether that is more than usual. `users` is what the ARNs of the
/// users begin with.
pub(super) fn of_trail(basic: &[EventSelector], advanced: &[AdvancedEventSelector], users: &str) -> (String, bool) {
    let mut seen = Seen::default();
    if basic.is_empty() && advanced.is_empty() {
        seen.reads.but(&Names::new());
        seen.writes.but(&Names::new());
    }
    basic.iter().for_each(|selector| add_basic(&mut seen, selector));
    advanced.iter().for_each(|selector| add_advanced(&mut seen, selector, users));
    in_words(&seen)
}

fn add_basic(seen: &mut Seen, selector: &EventSelector) {
    let sort = selector.read_write_type().cloned().unwrap_or(ReadWriteType::All);
    if selector.include_management_events() != Some(false) {
        let excluded: Names = selector.exclude_management_event_sources().iter().cloned().collect();
        if sort != ReadWriteType::WriteOnly {
            seen.reads.but(&excluded);
        }
        if sort != ReadWriteType::ReadOnly {
            seen.writes.but(&excluded);
        }
    }
    for resource in selector.data_resources() {
        let Some(of) = resource.r#type() else { continue };
        let whole = sort == ReadWriteType::All && is_of_all(resource);
        if whole { &mut seen.data } else { &mut seen.data_parts }.insert(of.to_owned());
    }
}

/// Whether data calls are logged whatever they are about: `arn:aws:s3`, `arn:aws:lambda`.
fn is_of_all(resource: &DataResource) -> bool {
    resource.values().iter().any(|value| value.trim_end_matches(':').matches(':').count() <= 2)
}

/// How many of the users a condition lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lets {
    None,
    Some,
    All,
}

fn add_advanced(seen: &mut Seen, selector: &AdvancedEventSelector, users: &str) {
    let of = |field: &'static str| selector.field_selectors().iter().filter(move |one| one.field() == field);
    let category = of("eventCategory").flat_map(AdvancedFieldSelector::equals).map(String::as_str).next();
    let lets = of("userIdentity.arn").map(|one| lets(one, users)).min().unwrap_or(Lets::All);
    if lets == Lets::None {
        return;
    }
    let (reads, writes) = (wants(of("readOnly"), "true"), wants(of("readOnly"), "false"));
    // Every other field is a condition that some calls fulfil.
    let known = ["eventCategory", "readOnly", "userIdentity.arn"];
    let mut narrowed: Names = selector
        .field_selectors()
        .iter()
        .map(|one| one.field())
        .filter(|field| !known.contains(field))
        .map(str::to_owned)
        .collect();
    if lets == Lets::Some {
        narrowed.insert("userIdentity.arn".to_owned());
    }
    match category {
        Some("Management") => {
            let mut excluded = Names::new();
            // Without these services, but with all others: that can be said better than "some".
            if of("eventSource").all(|one| !one.not_equals().is_empty() && only_not_equals(one)) {
                excluded.extend(of("eventSource").flat_map(|one| one.not_equals().iter().cloned()));
                narrowed.remove("eventSource");
            }
            for (wanted, logged) in [(reads, &mut seen.reads), (writes, &mut seen.writes)] {
                match (wanted, narrowed.is_empty()) {
                    (true, true) => logged.but(&excluded),
                    (true, false) => logged.parts.extend(narrowed.iter().cloned()),
                    (false, _) => {}
                }
            }
        }
        Some("Data") => {
            narrowed.remove("resources.type");
            let whole = narrowed.is_empty() && reads && writes;
            let types = of("resources.type").flat_map(AdvancedFieldSelector::equals).cloned();
            if whole { &mut seen.data } else { &mut seen.data_parts }.extend(types);
        }
        _ => {}
    }
}

/// Whether a condition on `readOnly` lets calls through of which it is this.
fn wants<'a>(mut conditions: impl Iterator<Item = &'a AdvancedFieldSelector>, value: &str) -> bool {
    let is = |text: &String| text.eq_ignore_ascii_case(value);
    conditions.all(|one| (one.equals().is_empty() || one.equals().iter().any(is)) && !one.not_equals().iter().any(is))
}

fn only_not_equals(one: &AdvancedFieldSelector) -> bool {
    let others = [one.equals(), one.starts_with(), one.ends_with(), one.not_starts_with(), one.not_ends_with()];
    others.iter().all(|values| values.is_empty())
}

/// How many of the users a condition on their ARN lets through. All that it says must hold.
fn lets(one: &AdvancedFieldSelector, users: &str) -> Lets {
    let any = |values: &[String], of: &dyn Fn(&str) -> bool| values.iter().any(|value| of(value));
    let (above, below) = (|value: &str| users.starts_with(value), |value: &str| value.starts_with(users));
    let mut least = Lets::All;
    let mut hold = |lets: Lets| least = least.min(lets);
    if !one.equals().is_empty() {
        hold(if any(one.equals(), &below) { Lets::Some } else { Lets::None });
    }
    if !one.starts_with().is_empty() {
        hold(match () {
            () if any(one.starts_with(), &above) => Lets::All,
            () if any(one.starts_with(), &below) => Lets::Some,
            () => Lets::None,
        });
    }
    if any(one.not_starts_with(), &above) {
        hold(Lets::None);
    }
    let some = any(one.not_starts_with(), &below) || any(one.not_equals(), &below);
    if some || !one.ends_with().is_empty() || !one.not_ends_with().is_empty() {
        hold(Lets::Some);
    }
    least
}

fn listed(names: &Names) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn in_words(seen: &Seen) -> (String, bool) {
    let mut missing = Vec::new();
    if seen.reads == Logged::default() && seen.writes == Logged::default() {
        missing.push("management calls of every kind".to_owned());
    } else {
        for (logged, what) in [(&seen.reads, "calls that only read"), (&seen.writes, "calls that change something")] {
            match &logged.whole {
                Some(excluded) if excluded.is_empty() => {}
                Some(excluded) => missing.push(format!("{what} of {}", listed(excluded))),
                None if logged.parts.is_empty() => missing.push(what.to_owned()),
                None => missing.push(format!(
                    "{what}, but for those that its conditions on {} let through",
                    listed(&logged.parts)
                )),
            }
        }
    }
    let bad = !missing.is_empty();
    let parts = &seen.data_parts - &seen.data;
    missing.push(match (seen.data.is_empty(), parts.is_empty()) {
        (true, true) => "data calls such as s3:GetObject, sns:Publish or dynamodb:GetItem".to_owned(),
        (true, false) => format!("data calls, but for some of {}", listed(&parts)),
        (false, true) => format!("data calls other than of {}", listed(&seen.data)),
        (false, false) => {
            format!("data calls other than of {}, and than some of {}", listed(&seen.data), listed(&parts))
        }
    });
    (format!("The trail leaves out {}; {NEVER}.", missing.join(", and ")), bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "arn:aws:iam::111122223333:user/svc/batch/";

    type Field<'a> = (&'a str, &'a str, &'a [&'a str]);

    fn selector(fields: &[Field<'_>]) -> AdvancedEventSelector {
        let field = |(name, operator, values): &Field<'_>| {
            let values = Some(values.iter().map(|value| (*value).to_owned()).collect());
            let one = AdvancedFieldSelector::builder().field(*name);
            let one = match *operator {
                "=" => one.set_equals(values),
                "!=" => one.set_not_equals(values),
                "^" => one.set_starts_with(values),
                "!^" => one.set_not_starts_with(values),
                _ => one.set_ends_with(values),
            };
            one.build().unwrap()
        };
        AdvancedEventSelector::builder().set_field_selectors(Some(fields.iter().map(field).collect())).build().unwrap()
    }

    fn advanced(selectors: &[&[Field<'_>]]) -> (String, bool) {
        let selectors: Vec<_> = selectors.iter().map(|fields| selector(fields)).collect();
        let (says, bad) = of_trail(&[], &selectors, USERS);
        let says = says.strip_prefix("The trail leaves out ").unwrap();
        (says.strip_suffix(&format!("; {NEVER}.")).unwrap().to_owned(), bad)
    }

    fn basic(selectors: &[EventSelector]) -> (String, bool) {
        let (says, bad) = of_trail(selectors, &[], USERS);
        let says = says.strip_prefix("The trail leaves out ").unwrap();
        (says.strip_suffix(&format!("; {NEVER}.")).unwrap().to_owned(), bad)
    }

    const USUAL: &str = "data calls such as s3:GetObject, sns:Publish or dynamodb:GetItem";
    const MANAGEMENT: Field<'_> = ("eventCategory", "=", &["Management"]);
    const DATA: Field<'_> = ("eventCategory", "=", &["Data"]);
    const OBJECTS: Field<'_> = ("resources.type", "=", &["AWS::S3::Object"]);

    fn of(sort: ReadWriteType, excluded: &[&str]) -> EventSelector {
        let excluded = Some(excluded.iter().map(|name| (*name).to_owned()).collect());
        EventSelector::builder().read_write_type(sort).set_exclude_management_event_sources(excluded).build()
    }

    #[test]
    fn basic_selectors_add_up() {
        assert_eq!(basic(&[]), (USUAL.into(), false));
        assert_eq!(basic(&[of(ReadWriteType::All, &[])]), (USUAL.into(), false));
        let reads = of(ReadWriteType::ReadOnly, &[]);
        let writes = of(ReadWriteType::WriteOnly, &[]);
        assert_eq!(basic(&[reads, writes.clone()]), (USUAL.into(), false));
        assert_eq!(basic(&[writes]), (format!("calls that only read, and {USUAL}"), true));
        let none = EventSelector::builder().include_management_events(false).build();
        assert_eq!(basic(&[none]), (format!("management calls of every kind, and {USUAL}"), true));
    }

    #[test]
    fn services_that_are_excluded_are_named_unless_another_selector_has_them() {
        let without = of(ReadWriteType::All, &["kms.amazonaws.com", "rdsdata.amazonaws.com"]);
        let says = basic(std::slice::from_ref(&without));
        assert!(
            says.1 && says.0.contains("calls that only read of kms.amazonaws.com, rdsdata.amazonaws.com"),
            "{says:?}"
        );
        let says = basic(&[without, of(ReadWriteType::ReadOnly, &["kms.amazonaws.com"])]);
        assert!(says.0.contains("calls that only read of kms.amazonaws.com, and"), "{says:?}");
        assert!(says.0.contains("calls that change something of kms.amazonaws.com, rdsdata.amazonaws.com"), "{says:?}");
    }

    #[test]
    fn data_of_some_buckets_is_not_data_of_all() {
        let of_values = |values: &[&str]| {
            let values = Some(values.iter().map(|value| (*value).to_owned()).collect());
            let resource = DataResource::builder().r#type("AWS::S3::Object").set_values(values).build();
            basic(&[EventSelector::builder().data_resources(resource).build()]).0
        };
        assert_eq!(of_values(&["arn:aws:s3"]), "data calls other than of AWS::S3::Object");
        assert_eq!(of_values(&["arn:aws:s3:::"]), "data calls other than of AWS::S3::Object");
        assert_eq!(of_values(&["arn:aws:s3:::one/"]), "data calls, but for some of AWS::S3::Object");
    }

    #[test]
    fn advanced_selectors_are_read_field_by_field() {
        assert_eq!(advanced(&[&[MANAGEMENT]]), (USUAL.into(), false));
        let reads = ("readOnly", "=", ["true"].as_slice());
        let writes = ("readOnly", "=", ["false"].as_slice());
        assert_eq!(advanced(&[&[MANAGEMENT, writes]]), (format!("calls that only read, and {USUAL}"), true));
        assert_eq!(advanced(&[&[MANAGEMENT, reads]]).0, format!("calls that change something, and {USUAL}"));
        assert_eq!(advanced(&[&[MANAGEMENT, writes], &[MANAGEMENT, reads]]), (USUAL.into(), false));
        let unequal = ("readOnly", "!=", ["true"].as_slice());
        assert_eq!(advanced(&[&[MANAGEMENT, unequal]]).0, format!("calls that only read, and {USUAL}"));
        assert_eq!(
            advanced(&[&[DATA, OBJECTS]]).0,
            "management calls of every kind, and data calls other than of AWS::S3::Object"
        );
    }

    #[test]
    fn a_name_that_says_management_selects_nothing() {
        let named = AdvancedEventSelector::builder().name("Management readOnly eventSource");
        let fields = selector(&[DATA, OBJECTS]).field_selectors().to_vec();
        let named = named.set_field_selectors(Some(fields)).build().unwrap();
        assert!(of_trail(&[], &[named], USERS).0.contains("management calls of every kind"));
    }

    #[test]
    fn services_and_conditions_are_named() {
        let kms = ("eventSource", "!=", ["kms.amazonaws.com"].as_slice());
        let says = advanced(&[&[MANAGEMENT, kms]]);
        assert!(
            says.1 && says.0.starts_with("calls that only read of kms.amazonaws.com, and calls that change"),
            "{says:?}"
        );
        assert_eq!(advanced(&[&[MANAGEMENT, kms], &[MANAGEMENT]]), (USUAL.into(), false));
        let only = ("eventSource", "=", ["sts.amazonaws.com"].as_slice());
        let says = advanced(&[&[MANAGEMENT, only]]);
        assert!(says.1 && says.0.contains("conditions on eventSource let through"), "{says:?}");
    }

    #[test]
    fn whose_calls_are_selected_counts() {
        let users = |operator, value| ("userIdentity.arn", operator, value);
        for (condition, seen) in [
            (users("^", &[USERS][..]), "data calls other than of AWS::S3::Object"),
            (users("^", &["arn:aws:iam::111122223333:user/"]), "data calls other than of AWS::S3::Object"),
            (
                users("^", &["arn:aws:iam::111122223333:user/svc/batch/a"]),
                "data calls, but for some of AWS::S3::Object",
            ),
            (users("^", &["arn:aws:iam::111122223333:role/"]), USUAL),
            (users("!^", &["arn:aws:iam::111122223333:user/"]), USUAL),
            (users("!^", &["arn:aws:iam::111122223333:role/"]), "data calls other than of AWS::S3::Object"),
            (users("=", &["arn:aws:iam::111122223333:user/ana"]), USUAL),
        ] {
            assert_eq!(advanced(&[&[MANAGEMENT], &[DATA, OBJECTS, condition]]).0, seen, "{condition:?}");
        }
        let others = users("!^", &["arn:aws:iam::111122223333:user/svc/"]);
        assert!(advanced(&[&[MANAGEMENT, others]]).0.starts_with("management calls of every kind"));
        let bucket = ("resources.ARN", "^", ["arn:aws:s3:::one/"].as_slice());
        assert_eq!(
            advanced(&[&[MANAGEMENT], &[DATA, OBJECTS, bucket]]).0,
            "data calls, but for some of AWS::S3::Object"
        );
    }
}

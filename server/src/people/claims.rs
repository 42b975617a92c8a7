//! Reading what a provider says about somebody, and making roles of it by rules. All of it is pure.

use crate::store::people::providers::RuleRow;
use app::model::{
    moment::{Moment, SECOND},
    provider::{ClaimRule, Comparison, Strangers},
    viewer::RoleIn,
};
use serde_json::{Map, Value};

/// What a provider says about somebody: the claims of an ID token.
pub type Claims = Map<String, Value>;

/// A claim that is a time (`NumericDate`, RFC 7519, section 2), in whole seconds.
pub fn moment(claims: &Claims, name: &str) -> Option<Moment> {
    claims.get(name)?.as_i64()?.checked_mul(SECOND).map(Moment)
}

/// A role that somebody gets, with the name of its team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The role, and where it holds.
    pub grant: RoleIn,
    /// The team's name; `None` for the whole installation.
    pub team: Option<String>,
}

impl Given {
    /// `placer in Payments`, `admin in the whole installation`
    pub fn says(&self) -> String {
        format!("{} in {}", self.grant.role.word(), self.team.as_deref().unwrap_or("the whole installation"))
    }
}

/// What a rule does with somebody's claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The claims fit it.
    pub fits: bool,
    /// It decides: it fits, and none before it fitted for the same place.
    pub decides: bool,
}

/// Why somebody does not come in although the provider knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// They have no account here, and strangers stay out.
    Stranger,
    /// No rule gives them a role, and they have none otherwise.
    NoRole,
}

/// The claim of this name; else the one at the end of this way, with points between its steps. Names may have points
/// themselves (`https://example.com/roles`), and the longest beginning that is a name counts last.
pub fn find<'a>(claims: &'a Claims, path: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(path) {
        return Some(value);
    }
    path.match_indices('.').find_map(|(at, _)| {
        let (first, rest) = (path.get(..at)?, path.get(at + 1..)?);
        find(claims.get(first)?.as_object()?, rest)
    })
}

/// A claim that is one text.
pub fn text<'a>(claims: &'a Claims, path: &str) -> Option<&'a str> {
    find(claims, path)?.as_str()
}

/// What a claim holds, as texts: one for a text, a number or a truth value, one for each such entry of a list.
pub fn values(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Bool(truth) => vec![truth.to_string()],
        Value::Array(entries) => entries.iter().filter(|entry| !entry.is_array()).flat_map(values).collect(),
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

fn fits(rule: &ClaimRule, claims: &Claims) -> bool {
    let held = find(claims, &rule.claim).map(values).unwrap_or_default();
    match rule.comparison {
        Comparison::Equals => matches!(held.as_slice(), [one] if *one == rule.value),
        Comparison::Contains => held.contains(&rule.value),
        Comparison::Prefix => !rule.value.is_empty() && held.iter().any(|one| one.starts_with(&rule.value)),
    }
}

/// What each rule does with these claims, in the rules' order.
pub fn judge(claims: &Claims, rules: &[RuleRow]) -> Vec<Verdict> {
    let mut decided = Vec::new();
    rules
        .iter()
        .map(|row| {
            let fits = fits(&row.rule, claims);
            let decides = fits && !decided.contains(&row.team_id);
            if decides {
                decided.push(row.team_id.clone());
            }
            Verdict { fits, decides }
        })
        .collect()
}

/// The roles that these rules give to whoever has these claims: at most one for each place.
pub fn given(claims: &Claims, rules: &[RuleRow]) -> Vec<Given> {
    let verdicts = judge(claims, rules);
    rules
        .iter()
        .zip(verdicts)
        .filter(|(_, verdict)| verdict.decides)
        .map(|(row, _)| Given {
            grant: RoleIn { team: row.team_id.clone(), role: row.rule.role },
            team: row.rule.team.clone(),
        })
        .collect()
}

/// Who has an account here already, and what they have by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// They have an account.
    pub known: bool,
    /// They hold a role that an admin gave.
    pub by_hand: bool,
}

/// The roles with which somebody comes in. `usual` is what [`Strangers::Role`] means, if its team is there.
///
/// # Errors
/// Why they stay out.
pub fn let_in(
    strangers: &Strangers,
    standing: Standing,
    given: Vec<Given>,
    usual: Option<Given>,
) -> Result<Vec<Given>, Barred> {
    match strangers {
        Strangers::Refuse if !standing.known => Err(Barred::Stranger),
        Strangers::Refuse => Ok(given),
        Strangers::Rules if given.is_empty() && !standing.by_hand => Err(Barred::NoRole),
        Strangers::Rules => Ok(given),
        Strangers::Role { .. } if given.is_empty() => match usual {
            Some(usual) => Ok(vec![usual]),
            None if standing.by_hand => Ok(Vec::new()),
            None => Err(Barred::NoRole),
        },
        Strangers::Role { .. } => Ok(given),
    }
}

/// Whether the provider says that the mail address in this claim is verified. What it says in `email_verified` is about the
/// claim `email` (OpenID Connect Core 1.0, 5.1) and no other. Some write the truth value as a text.
pub fn is_verified(claims: &Claims, email_claim: &str) -> bool {
    email_claim == "email"
        && match claims.get("email_verified") {
            Some(Value::Bool(truth)) => *truth,
            Some(Value::String(text)) => text == "true",
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::model::{ids::TeamId, viewer::Role};
    use serde_json::json;

    fn claims(value: Value) -> Claims {
        value.as_object().unwrap().clone()
    }

    fn rule(claim: &str, comparison: Comparison, value: &str, team: &str, role: Role) -> RuleRow {
        let named = Some(team.to_owned()).filter(|team| !team.is_empty());
        RuleRow {
            team_id: named.clone().map(TeamId),
            rule: ClaimRule {
                id: value.to_owned(),
                claim: claim.to_owned(),
                comparison,
                value: value.to_owned(),
                team: named,
                role,
            },
        }
    }

    fn says(claims: &Claims, rules: &[RuleRow]) -> Vec<String> {
        given(claims, rules).iter().map(Given::says).collect()
    }

    #[test]
    fn a_claim_is_found_by_its_name_and_by_the_way_to_it() {
        let claims = claims(json!({
            "cognito:groups": ["a"],
            "https://example.com/roles": "b",
            "realm_access": { "roles": ["c"], "x.y": { "z": 4 } },
        }));
        let at = |path: &str| find(&claims, path).map(values).unwrap_or_default();
        assert_eq!(at("cognito:groups"), ["a"]);
        assert_eq!(at("https://example.com/roles"), ["b"]);
        assert_eq!(at("realm_access.roles"), ["c"]);
        assert_eq!(at("realm_access.x.y.z"), ["4"]);
        for none in ["", ".", "roles", "realm_access.", "realm_access.roles.0", "realm_access"] {
            assert_eq!(at(none), Vec::<String>::new(), "{none}");
        }
    }

    #[test]
    fn a_rule_takes_whole_values_and_no_parts_of_them() {
        let claims = claims(json!({ "groups": ["not-admins", "aviary-placers"], "dept": "security", "one": ["x"] }));
        let fits = |claim: &str, comparison, value: &str| {
            super::fits(&rule(claim, comparison, value, "", Role::Admin).rule, &claims)
        };
        assert!(fits("groups", Comparison::Contains, "not-admins"));
        assert!(!fits("groups", Comparison::Contains, "admins"), "a part of a name is another name");
        assert!(!fits("groups", Comparison::Equals, "not-admins"), "there are two");
        assert!(fits("one", Comparison::Equals, "x"));
        assert!(fits("dept", Comparison::Equals, "security") && fits("dept", Comparison::Contains, "security"));
        assert!(fits("groups", Comparison::Prefix, "aviary-") && !fits("groups", Comparison::Prefix, "placers"));
        assert!(!fits("groups", Comparison::Prefix, ""), "an empty beginning would fit everybody");
        assert!(!fits("none", Comparison::Equals, "") && !fits("none", Comparison::Contains, ""));
    }

    #[test]
    fn of_the_rules_for_one_place_the_first_that_fits_decides() {
        let claims = claims(json!({ "groups": ["all", "leads"] }));
        let rules = [
            rule("groups", Comparison::Contains, "gone", "Blue", Role::Admin),
            rule("groups", Comparison::Contains, "leads", "Blue", Role::Reviewer),
            rule("groups", Comparison::Contains, "all", "Blue", Role::Viewer),
            rule("groups", Comparison::Contains, "all", "Red", Role::Placer),
            rule("groups", Comparison::Contains, "all", "", Role::Viewer),
        ];
        assert_eq!(says(&claims, &rules), ["reviewer in Blue", "placer in Red", "viewer in the whole installation"]);
        let verdicts = judge(&claims, &rules);
        assert_eq!(verdicts[0], Verdict { fits: false, decides: false });
        assert_eq!(verdicts[2], Verdict { fits: true, decides: false });
    }

    #[test]
    fn nobody_gets_more_than_the_rules_say() {
        let rules = [rule("groups", Comparison::Contains, "admins", "", Role::Admin)];
        for harmless in [
            json!({}),
            json!({ "groups": null }),
            json!({ "groups": { "admins": true } }),
            json!({ "groups": "Admins" }),
            json!({ "groups": ["admins "] }),
            json!({ "groups": [["admins"]] }),
            json!({ "Groups": ["admins"] }),
        ] {
            assert_eq!(says(&claims(harmless.clone()), &rules), Vec::<String>::new(), "{harmless}");
        }
    }

    #[test]
    fn strangers_come_in_as_an_admin_decided() {
        let given = || vec![Given { grant: RoleIn { team: None, role: Role::Viewer }, team: None }];
        let usual = Given { grant: RoleIn { team: None, role: Role::Placer }, team: None };
        let stranger = Standing { known: false, by_hand: false };
        let known = Standing { known: true, by_hand: true };
        let role = Strangers::Role { team: String::new(), role: Role::Placer };
        assert_eq!(let_in(&Strangers::Refuse, stranger, given(), None), Err(Barred::Stranger));
        assert_eq!(let_in(&Strangers::Refuse, known, Vec::new(), None), Ok(Vec::new()));
        assert_eq!(let_in(&Strangers::Rules, stranger, Vec::new(), None), Err(Barred::NoRole));
        assert_eq!(let_in(&Strangers::Rules, stranger, given(), None), Ok(given()));
        assert_eq!(let_in(&Strangers::Rules, known, Vec::new(), None), Ok(Vec::new()));
        assert_eq!(let_in(&role, stranger, Vec::new(), Some(usual.clone())), Ok(vec![usual.clone()]));
        assert_eq!(let_in(&role, stranger, given(), Some(usual)), Ok(given()), "a rule that fits says enough");
        assert_eq!(let_in(&role, stranger, Vec::new(), None), Err(Barred::NoRole), "its team is gone");
    }

    #[test]
    fn only_the_claim_email_can_be_verified() {
        for (held, claim, expected) in [
            (json!({ "email_verified": true }), "email", true),
            (json!({ "email_verified": "true" }), "email", true),
            (json!({ "email_verified": false }), "email", false),
            (json!({ "email_verified": "yes" }), "email", false),
            (json!({ "email_verified": 1 }), "email", false),
            (json!({}), "email", false),
            (json!({ "email_verified": true }), "upn", false),
        ] {
            assert_eq!(is_verified(&claims(held.clone()), claim), expected, "{held} {claim}");
        }
    }
}

//! Which tokens a record is about. Pure: the tokens are handed in, those that can match or all there are.

use super::record::Record;
use crate::store::matching::Watched;
use app::model::{hit::HitKind, ids::TokenId};
use std::collections::{BTreeSet, HashMap};

/// The names by which records may mean tokens, collected to look them up at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Key ids.
    pub keys: BTreeSet<String>,
    /// ARNs of users.
    pub arns: BTreeSet<String>,
    /// Unique ids of users.
    pub unique_ids: BTreeSet<String>,
    /// Names of users.
    pub user_names: BTreeSet<String>,
}

impl Names {
    /// Every name in these records.
    pub fn of(records: &[Record]) -> Self {
        let mut names = Self::default();
        for record in records {
            names.keys.extend(record.actor.key().map(str::to_owned));
            names.arns.extend(record.actor.arns.iter().cloned());
            names.unique_ids.extend(record.actor.unique_ids.iter().cloned());
            names.user_names.extend(record.actor.user.iter().map(|(name, _)| name.clone()));
            if let Some(target) = &record.target {
                names.keys.extend(Some(target.access_key_id.clone()).filter(|key| !key.is_empty()));
                names.user_names.extend(Some(target.user_name.clone()).filter(|name| !name.is_empty()));
            }
        }
        names
    }
}

/// Tokens, by every name that they go by.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    tokens: Vec<Watched>,
    keys: HashMap<String, usize>,
    arns: HashMap<String, Vec<usize>>,
    unique_ids: HashMap<String, Vec<usize>>,
    user_names: HashMap<String, Vec<usize>>,
}

impl Watch {
    /// Watches these tokens.
    pub fn new(tokens: Vec<Watched>) -> Self {
        let mut watch = Self::default();
        for (index, token) in tokens.iter().enumerate() {
            watch.keys.insert(token.access_key_id.clone(), index);
            for (names, name) in [
                (&mut watch.arns, &token.arn),
                (&mut watch.unique_ids, &token.unique_id),
                (&mut watch.user_names, &token.user_name),
            ] {
                if name.is_empty() {
                    continue;
                }
                // A token that was rotated is here once per key; by its other names it is one.
                let of_name: &mut Vec<usize> = names.entry(name.clone()).or_default();
                if of_name.iter().all(|known| tokens.get(*known).is_none_or(|known| known.id != token.id)) {
                    of_name.push(index);
                }
            }
        }
        watch.tokens = tokens;
        watch
    }

    /// The watched tokens.
    pub fn tokens(&self) -> &[Watched] {
        &self.tokens
    }

    /// The tokens that a record is about, each once, and what it says about them.
    pub fn matches(&self, record: &Record) -> Vec<(TokenId, HitKind)> {
        let mut found: Vec<(TokenId, HitKind)> = Vec::new();
        let acting = self.acting(record).into_iter().map(|index| (index, HitKind::Use));
        for (index, kind) in acting.chain(self.meant(record)) {
            let Some(token) = self.tokens.get(index) else { continue };
            match found.iter_mut().find(|(other, _)| *other == token.id) {
                // Where AWS acts in the user's name, what it says about the key matters more than that it acted.
                Some(same) if kind == HitKind::Exposed => same.1 = kind,
                Some(_) => {}
                None => found.push((token.id.clone(), kind)),
            }
        }
        found
    }

    /// The watched key of this token that stands in a record: the one that signed, else the one that was changed. A token
    /// that was rotated has several. `None` where the record means the token by another name, such as its user's.
    pub fn key_in<'r>(&self, record: &'r Record, token: &TokenId) -> Option<&'r str> {
        let changed = record.target.as_ref().map(|target| target.access_key_id.as_str());
        record.actor.key().into_iter().chain(changed).find(|key| {
            let index = self.keys.get(*key);
            index.and_then(|index| self.tokens.get(*index)).is_some_and(|watched| watched.id == *token)
        })
    }

    /// Tokens whose key or user acted. The key is the best witness: where it is known, other keys of its user did not act.
    fn acting(&self, record: &Record) -> Vec<usize> {
        if let Some(index) = record.actor.key().and_then(|key| self.keys.get(key)) {
            return vec![*index];
        }
        let arns = record.actor.arns.iter().filter_map(|arn| self.arns.get(arn));
        let ids = record.actor.unique_ids.iter().filter_map(|id| self.unique_ids.get(id));
        let mut found: Vec<usize> = arns.chain(ids).flatten().copied().collect();
        if let Some((name, account)) = &record.actor.user {
            found.extend(self.of_user(name, account));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Tokens whose user or key was changed.
    fn meant(&self, record: &Record) -> Vec<(usize, HitKind)> {
        let Some(target) = &record.target else { return Vec::new() };
        let kind = if target.quarantine { HitKind::Exposed } else { HitKind::Tampered };
        // A call that names a watched key means this one alone, not the other keys of its user.
        match self.keys.get(&target.access_key_id) {
            Some(index) => vec![(*index, kind)],
            None => self.of_user(&target.user_name, &target.account).map(|index| (index, kind)).collect(),
        }
    }

    fn of_user(&self, name: &str, account: &str) -> impl Iterator<Item = usize> {
        self.user_names
            .get(name)
            .into_iter()
            .flatten()
            .copied()
            .filter(move |index| self.tokens.get(*index).is_some_and(|token| token.account_id() == account))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ARN: &str = "arn:aws:iam::111122223333:user/ci/deploy";

    fn watch() -> Watch {
        let token = |id: &str, key: &str, arn: &str, unique_id: &str| Watched {
            id: id.into(),
            account: "111122223333".into(),
            access_key_id: key.into(),
            arn: arn.into(),
            unique_id: unique_id.into(),
            user_name: arn.rsplit('/').next().unwrap_or_default().into(),
        };
        Watch::new(vec![
            token("minted", "AKIAMINTED0000000000", ARN, "AIDADEPLOY"),
            token("bare", "AKIABARE000000000000", "", ""),
            // The same token as the first one, under the key that it had before.
            token("minted", "AKIAFORMER0000000000", ARN, "AIDADEPLOY"),
        ])
    }

    fn found(record: serde_json::Value) -> Vec<(String, HitKind)> {
        let record = Record::parse(&record.to_string()).unwrap();
        watch().matches(&record).into_iter().map(|(id, kind)| (id.0, kind)).collect()
    }

    #[test]
    fn the_key_is_enough() {
        let both =
            [("AKIAMINTED0000000000", "minted"), ("AKIABARE000000000000", "bare"), ("AKIAFORMER0000000000", "minted")];
        for (key, token) in both {
            assert_eq!(found(json!({"userIdentity": {"accessKeyId": key}})), [(token.into(), HitKind::Use)]);
        }
        assert_eq!(found(json!({"userIdentity": {"accessKeyId": "AKIAOTHER00000000000"}})), []);
        assert_eq!(found(json!({"userIdentity": {"accessKeyId": ""}})), []);
    }

    #[test]
    fn the_key_that_stands_in_a_record_is_named_not_another_one_of_the_token() {
        let named = |token: &str, record: serde_json::Value| {
            let record = Record::parse(&record.to_string()).unwrap();
            watch().key_in(&record, &token.into()).map(str::to_owned)
        };
        for key in ["AKIAMINTED0000000000", "AKIAFORMER0000000000"] {
            assert_eq!(named("minted", json!({"userIdentity": {"accessKeyId": key}})), Some(key.to_owned()));
            let changed = json!({"eventSource": "iam.amazonaws.com", "eventName": "UpdateAccessKey",
                "userIdentity": {"accessKeyId": "AKIABARE000000000000"}, "requestParameters": {"accessKeyId": key}});
            assert_eq!(named("minted", changed.clone()), Some(key.to_owned()));
            assert_eq!(named("bare", changed), Some("AKIABARE000000000000".to_owned()), "who changed it");
        }
        let session = json!({"userIdentity": {"arn": ARN, "accessKeyId": "ASIASESSION000000000"}});
        assert_eq!(named("minted", session), None);
    }

    #[test]
    fn sessions_and_other_keys_of_the_user_are_uses_of_the_token() {
        let expected = [("minted".to_owned(), HitKind::Use)];
        for who in [
            json!({"type": "IAMUser", "arn": ARN, "accessKeyId": "ASIASESSION000000000"}),
            json!({"type": "IAMUser", "principalId": "AIDADEPLOY", "accessKeyId": "ASIASESSION000000000"}),
            json!({"type": "AWSAccount", "principalId": "AIDADEPLOY", "accountId": "111122223333"}),
            json!({"type": "IAMUser", "userName": "deploy", "accountId": "111122223333"}),
            json!({"type": "FederatedUser", "arn": "arn:aws:sts::111122223333:federated-user/x",
                "sessionContext": {"sessionIssuer": {"arn": ARN, "principalId": "AIDADEPLOY"}}}),
        ] {
            assert_eq!(found(json!({"userIdentity": who})), expected, "{who}");
        }
    }

    #[test]
    fn a_user_of_the_same_name_elsewhere_is_somebody_else() {
        for who in [
            json!({"type": "IAMUser", "userName": "deploy", "accountId": "999999999999"}),
            json!({"type": "IAMUser", "arn": "arn:aws:iam::999999999999:user/ci/deploy", "userName": "deploy", "accountId": "111122223333"}),
        ] {
            assert_eq!(found(json!({"userIdentity": who})), []);
        }
    }

    fn iam(name: &str, account: &str, parameters: serde_json::Value) -> Vec<(String, HitKind)> {
        found(json!({"eventSource": "iam.amazonaws.com", "eventName": name, "recipientAccountId": account,
            "userIdentity": {"type": "AssumedRole", "accessKeyId": "ASIAADMIN00000000000"}, "requestParameters": parameters}))
    }

    #[test]
    fn a_change_of_the_user_or_its_key_is_tampering() {
        let tampered = |id: &str| vec![(id.to_owned(), HitKind::Tampered)];
        for name in [
            "UpdateAccessKey",
            "DeleteUser",
            "DeleteAccessKey",
            "PutUserPolicy",
            "AttachUserPolicy",
            "CreateLoginProfile",
        ] {
            assert_eq!(iam(name, "111122223333", json!({"userName": "deploy"})), tampered("minted"), "{name}");
            assert_eq!(iam(name, "999999999999", json!({"userName": "deploy"})), []);
        }
        assert_eq!(iam("UpdateAccessKey", "", json!({"accessKeyId": "AKIABARE000000000000"})), tampered("bare"));
        let another = json!({"userName": "deploy", "accessKeyId": "AKIAOTHER00000000000"});
        assert_eq!(iam("DeleteAccessKey", "111122223333", another), tampered("minted"), "somebody had made it");
        assert_eq!(iam("GetUser", "111122223333", json!({"userName": "deploy"})), []);
    }

    #[test]
    fn the_quarantine_of_a_key_says_that_it_is_exposed_even_where_aws_acts_as_the_user() {
        let parameters =
            json!({"userName": "deploy", "policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"});
        assert_eq!(iam("AttachUserPolicy", "111122223333", parameters.clone()), [("minted".into(), HitKind::Exposed)]);
        let as_user = found(json!({"eventSource": "iam.amazonaws.com", "eventName": "AttachUserPolicy",
            "userIdentity": {"type": "IAMUser", "arn": ARN, "accountId": "111122223333"}, "requestParameters": parameters}));
        assert_eq!(as_user, [("minted".into(), HitKind::Exposed)]);
    }

    #[test]
    fn a_user_that_changes_itself_uses_its_key() {
        let own = found(
            json!({"eventSource": "iam.amazonaws.com", "eventName": "CreateAccessKey", "recipientAccountId": "111122223333",
            "userIdentity": {"type": "IAMUser", "arn": ARN}, "requestParameters": {"userName": "deploy"}}),
        );
        assert_eq!(own, [("minted".into(), HitKind::Use)]);
    }
}

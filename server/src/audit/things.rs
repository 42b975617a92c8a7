//! The things whose facts are known by their model alone. Others list their facts in their own rooms.

use super::{Audited, Facts};
use app::model::{
    account::{AccountSettings, KeyPolicy},
    incident::Incident,
    pace::{QuietHours, wall},
    person::{ApiKey, Invite, Person, Team},
    provider::{ProviderSettings, Strangers},
    viewer::Role,
};

impl Audited for Person {
    fn audited(&self) -> Facts {
        let roles = self.memberships.iter().map(|held| {
            let place = held.team.as_deref().unwrap_or("the whole installation");
            format!("{} in {place}", held.role.word())
        });
        let mut roles: Vec<String> = roles.collect();
        roles.sort_unstable();
        Facts::default().with("roles", roles.as_slice()).with("disabled", self.disabled)
    }
}

impl Audited for ApiKey {
    fn audited(&self) -> Facts {
        let scopes: Vec<_> = self.scopes.iter().map(|scope| scope.word()).collect();
        Facts::default()
            .with("name", &self.name)
            .with("role", self.role.map(Role::word))
            .with("scopes", scopes.join(" "))
            .with("team", self.team.as_deref())
            .with("expires_at", self.expires_at)
            .with("revoked_at", self.revoked_at)
    }
}

impl Audited for Team {
    fn audited(&self) -> Facts {
        Facts::default().with("name", &self.name)
    }
}

impl Audited for Invite {
    fn audited(&self) -> Facts {
        Facts::default()
            .with("email", &self.email)
            .with("role", self.role.word())
            .with("team", self.team.as_deref())
            .with("expires_at", self.expires_at)
    }
}

impl Audited for ProviderSettings {
    fn audited(&self) -> Facts {
        let strangers = match &self.strangers {
            Strangers::Role { team, role } if team.is_empty() => format!("{} in the whole installation", role.word()),
            Strangers::Role { team, role } => format!("{} in {team}", role.word()),
            other => other.word().to_owned(),
        };
        Facts::default()
            .with("name", &self.name)
            .with("kind", self.kind.word())
            .with("issuer", &self.issuer)
            .with("discovery_url", &self.discovery_url)
            .with("client_id", &self.client_id)
            .with("scopes", self.scopes.as_slice())
            .with("domain", &self.domain)
            .with("email_claim", &self.email_claim)
            .with("groups_claim", &self.groups_claim)
            .with("strangers", strangers)
            .with("trust_unverified", self.trust_unverified)
            .with("owns_addresses", self.owns_addresses)
            .with("enabled", self.enabled)
    }
}

impl Audited for QuietHours {
    fn audited(&self) -> Facts {
        Facts::default()
            .with("from", wall(self.from))
            .with("to", wall(self.to))
            .with("zone", &self.zone)
            .with("exposed_comes_through", self.exposed)
    }
}

impl Audited for Incident {
    fn audited(&self) -> Facts {
        Facts::default()
            .with("state", self.state.word())
            .with("resolution", self.resolution.map(|resolution| resolution.word()))
            .with("acknowledged_by", self.acknowledged_by.as_deref())
            .with("resolved_by", self.resolved_by.as_deref())
            .with("comment", &self.comment)
    }
}

impl Audited for AccountSettings {
    fn audited(&self) -> Facts {
        let tags: Vec<String> = self.tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect();
        let policy = match &self.policy {
            KeyPolicy::DenyAll => "deny everything".to_owned(),
            KeyPolicy::DecoyReader { bucket } => format!("list the bucket {bucket}"),
            KeyPolicy::Custom { document } => document.clone(),
        };
        Facts::default()
            .with("name", &self.name)
            .with("partition", &self.partition)
            .with("region", &self.region)
            .with("role_arn", &self.role_arn)
            // What is shared with the role as a second lock: that there is one, and not which.
            .with("has_external_id", !self.external_id.is_empty())
            .with("path", &self.path)
            .with("name_template", &self.name_template)
            .with("words", self.words.as_slice())
            .with("policy", policy)
            .with("allowed_actions", self.allowed_actions.as_slice())
            .with("tags", tags.as_slice())
            .with("cap", self.cap)
            .with("regions", self.regions.as_slice())
            .with("drill_days", i64::from(self.drill_days))
            .with("events_queue", &self.events_queue)
            .with("files_queue", &self.files_queue)
            .with("topics", self.topics.as_slice())
            .with("last_used", self.last_used)
            .with("last_used_rate", i64::from(self.last_used_rate))
    }
}

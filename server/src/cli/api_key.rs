//! `aviary api-key create | list | revoke`

use super::{Done, TheHouse, operator, plain};
use crate::people::api_keys;
use app::model::{
    ids::ApiKeyId,
    person::{ApiKeyForm, KeyState},
    viewer::{Role, Scope},
};
use clap::Subcommand;

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub enum ApiKeyCommand {
    /// Make a key and print it, alone.
    Create {
        /// What uses it.
        #[arg(long)]
        name: String,
        /// viewer, placer, reviewer, admin, or ingest. May be left out where scopes are named.
        #[arg(long, required_unless_present = "scope")]
        role: Option<String>,
        /// Only this, such as tokens:read; once for each scope. All that the role stands for, if left out.
        #[arg(long)]
        scope: Vec<String>,
        /// The team's name; the whole installation, if left out.
        #[arg(long, default_value = "")]
        team: String,
        /// When it ends: a day, or a number of days such as 90d. Never, if left out.
        #[arg(long, default_value = "")]
        expires: String,
    },
    /// List keys.
    List,
    /// Revoke a key, at once.
    Revoke {
        /// The key's identifier.
        id: String,
    },
}

impl ApiKeyCommand {
    /// Does it.
    pub async fn run(self, house: &TheHouse) -> Done {
        match self {
            Self::Create { name, role, scope, team, expires } => {
                let form = ApiKeyForm { name, role: role.unwrap_or_default(), team, scopes: scope, expires };
                let made = api_keys::make(house, &operator(), &form).await?;
                println!("{}", made.secret.expose());
            }
            Self::List => {
                for key in api_keys::list(house, &operator()).await? {
                    let state = match key.state(house.now()) {
                        KeyState::Good | KeyState::Ending => "good",
                        KeyState::Expired => "expired",
                        KeyState::Revoked => "revoked",
                    };
                    let team = key.team.clone().unwrap_or_else(|| "(everything)".into());
                    let role = key.role.map_or("(none)", Role::word);
                    let scopes = key.scopes.iter().copied().map(Scope::word).collect::<Vec<_>>().join(",");
                    let end = key.expires_at.map_or("never".to_owned(), |end| end.day());
                    println!(
                        "{}",
                        [key.id.as_str(), &key.prefix, state, role, &team, &key.name, &scopes, &end]
                            .map(plain)
                            .join("\t")
                    );
                }
            }
            Self::Revoke { id } => api_keys::revoke(house, &operator(), &ApiKeyId(id)).await?,
        }
        Ok(())
    }
}

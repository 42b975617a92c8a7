//! `aviary api-key create | list | revoke`

use super::{Done, TheHouse, operator, plain};
use crate::people::api_keys;
use app::model::ids::ApiKeyId;
use clap::Subcommand;

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub enum ApiKeyCommand {
    /// Make a key and print it, alone.
    Create {
        /// What uses it.
        #[arg(long)]
        name: String,
        /// viewer, placer, reviewer, admin, or ingest.
        #[arg(long)]
        role: String,
        /// The team's name; the whole installation, if left out.
        #[arg(long, default_value = "")]
        team: String,
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
            Self::Create { name, role, team } => {
                let made = api_keys::create(house, &operator(), &name, &role, &team).await?;
                println!("{}", made.secret.expose());
            }
            Self::List => {
                for key in api_keys::list(house, &operator()).await? {
                    let state = if key.revoked_at.is_some() { "revoked" } else { "good" };
                    let team = key.team.unwrap_or_else(|| "(everything)".into());
                    println!(
                        "{}",
                        [key.id.as_str(), &key.prefix, state, key.role.word(), &team, &key.name].map(plain).join("\t")
                    );
                }
            }
            Self::Revoke { id } => api_keys::revoke(house, &operator(), &ApiKeyId(id)).await?,
        }
        Ok(())
    }
}

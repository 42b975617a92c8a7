//! `aviary token mint | adopt | list | revoke`

use super::{Done, Failure, TheHouse, one_line, operator, plain};
use crate::{drills, tokens};
use app::model::{
    ids::{DestinationId, TokenId},
    token::{SecretFile, Token, TokenForm, TokenQuery, TokenState, TokenWithSecret},
};
use clap::{Args, Subcommand, ValueEnum};

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Mint a token and print its key and secret.
    Mint {
        #[command(flatten)]
        facts: Facts,
        /// The account to mint in; not needed where there is one only.
        #[arg(long, default_value = "")]
        account: String,
        /// How to print the key.
        #[arg(long, value_enum, default_value_t = Format::Credentials)]
        format: Format,
        /// How many to mint, one after the other. What was minted before one fails is printed.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=5_000))]
        count: u32,
    },
    /// Watch a key that was made elsewhere.
    Adopt {
        /// The key id, such as AKIAIOSFODNN7EXAMPLE.
        #[arg(long)]
        access_key_id: String,
        /// The user's ARN, if it is known.
        #[arg(long, default_value = "")]
        arn: String,
        #[command(flatten)]
        facts: Facts,
    },
    /// List tokens, newest first.
    List {
        /// Words that must all occur.
        #[arg(default_value = "")]
        words: Vec<String>,
        /// Only this state.
        #[arg(long, value_parser = state)]
        state: Option<TokenState>,
        /// One JSON document a line.
        #[arg(long)]
        json: bool,
    },
    /// Use a token's key as its thief would, and wait for that call to come back; the running server does both.
    Drill {
        /// The token's identifier, or its key id.
        token: String,
    },
    /// Make a second key on a token's user, and print it; the first one goes on being watched.
    Rotate {
        /// The token's identifier, or its key id.
        token: String,
        /// How to print the key.
        #[arg(long, value_enum, default_value_t = Format::Credentials)]
        format: Format,
    },
    /// Delete a token's key and user for good; the token and its hits stay.
    Revoke {
        /// The token's identifier, or its key id.
        token: String,
    },
}

/// The facts that every token has.
#[derive(Debug, Args)]
pub struct Facts {
    /// Where it will be put.
    #[arg(long)]
    location: String,
    /// Who looks after that place.
    #[arg(long, default_value = "")]
    owner: String,
    /// The team's name; not needed where there is one only.
    #[arg(long, default_value = "")]
    team: String,
    /// What a responder needs to know.
    #[arg(long, default_value = "")]
    notes: String,
    /// Words to find it by, separated by commas.
    #[arg(long, default_value = "")]
    labels: String,
    /// A day, an RFC 3339 time, or a number of days; never, if left out.
    #[arg(long, default_value = "")]
    expires: String,
    /// `keep`, `disable`, or `disable_after:N`.
    #[arg(long, default_value = "keep")]
    on_hit: String,
    /// Identifiers of destinations that shall hear about it.
    #[arg(long = "destination")]
    destinations: Vec<String>,
}

/// How a key is printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// A profile for ~/.aws/credentials.
    Credentials,
    /// Variables for a shell.
    Env,
    /// The whole token, with its secret.
    Json,
    /// Terraform variables.
    Terraform,
}

fn state(word: &str) -> Result<TokenState, String> {
    let known = TokenState::ALL.map(TokenState::word).join(", ");
    TokenState::parse(word).ok_or_else(|| format!("expected one of {known}"))
}

impl Facts {
    fn form(self) -> TokenForm {
        TokenForm {
            team: self.team,
            owner: self.owner,
            location: self.location,
            notes: self.notes,
            labels: self.labels,
            expires: self.expires,
            on_hit: self.on_hit,
            destinations: self.destinations.into_iter().map(DestinationId).collect(),
            ..TokenForm::default()
        }
    }
}

impl TokenCommand {
    /// Does it.
    pub async fn run(self, house: &TheHouse) -> Done {
        let viewer = operator();
        match self {
            Self::Mint { facts, account, format, count } => {
                let form = TokenForm { account, ..facts.form() };
                for done in 1..=count {
                    let minted = tokens::mint::mint(house, &viewer, &form).await?;
                    print_key(&minted, format)?;
                    let progress = if count > 1 { format!(" ({done} of {count})") } else { String::new() };
                    eprintln!("Minted {} for the team {}{progress}.", minted.token.id, minted.token.team);
                }
            }
            Self::Adopt { access_key_id, arn, facts } => {
                let token =
                    tokens::adopt::adopt(house, &viewer, &TokenForm { access_key_id, arn, ..facts.form() }).await?;
                println!("{}", token.id);
                eprintln!("{} is watched from now on.", token.access_key_id);
            }
            Self::List { words, state, json: as_json } => list(house, words.join(" "), state, as_json).await?,
            Self::Drill { token } => {
                let id = find(house, &token).await?;
                for drill in drills::ask(house, &viewer, &id, None).await? {
                    eprintln!("A drill in {} is asked for; the token's page shows how it goes.", drill.region);
                }
            }
            Self::Rotate { token, format } => {
                let id = find(house, &token).await?;
                let rotated = tokens::rotate::rotate(house, &viewer, &id).await?;
                print_key(&rotated, format)?;
                eprintln!("{} has a new key; the one from before goes on being watched.", rotated.token.id);
            }
            Self::Revoke { token } => {
                let id = find(house, &token).await?;
                let token = tokens::change::revoke(house, &viewer, &id).await?;
                eprintln!("{} and its user {} are deleted. The hits stay.", token.access_key_id, token.user_name);
            }
        }
        Ok(())
    }
}

fn print_key(minted: &TokenWithSecret, format: Format) -> Done {
    let file = match format {
        Format::Json => {
            println!("{}", one_line(minted)?);
            return Ok(());
        }
        Format::Credentials => SecretFile::Credentials,
        Format::Env => SecretFile::Env,
        Format::Terraform => SecretFile::Terraform,
    };
    match &minted.secret_access_key {
        Some(secret) => print!("{}", file.content(&minted.token.user_name, &minted.token.access_key_id, secret)),
        None => eprintln!("{}", minted.held_back.as_deref().unwrap_or_default()),
    }
    Ok(())
}

async fn find(house: &TheHouse, name: &str) -> Result<TokenId, Failure> {
    let by_key = TokenQuery { access_key_id: name.to_owned(), ..TokenQuery::default() };
    let found = tokens::list::list(house, &operator(), &by_key).await?;
    Ok(found.items.into_iter().next().map_or_else(|| TokenId::from(name), |token| token.id))
}

async fn list(house: &TheHouse, q: String, state: Option<TokenState>, as_json: bool) -> Done {
    let mut query = TokenQuery { q, state, limit: 500, ..TokenQuery::default() };
    loop {
        let page = tokens::list::list(house, &operator(), &query).await?;
        for token in &page.items {
            println!("{}", if as_json { one_line(token)? } else { line(token) });
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(()),
        }
    }
}

fn line(token: &Token) -> String {
    let expires = token.expires_at.map_or("never".to_owned(), |at| at.day());
    let facts = [token.id.as_str(), &token.access_key_id, token.state.word(), &token.team, &expires, &token.location];
    facts.map(plain).join("\t")
}

//! `aviary user create | list | reset-second-factor | setup-link | sign-in-link`

use super::{Done, Failure, TheHouse, operator, plain, read_line};
use crate::people::{entry, persons, second, sign_in_link};
use app::model::viewer::Role;
use clap::Subcommand;

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account; the password is the first line of the standard input.
    Create {
        /// The mail address to sign in with.
        #[arg(long)]
        email: String,
        /// viewer, placer, reviewer or admin.
        #[arg(long)]
        role: String,
        /// The team's name; the whole installation, if left out.
        #[arg(long, default_value = "")]
        team: String,
    },
    /// List people.
    List,
    /// Take somebody's second factors away: their app, their recovery codes, their passkeys.
    ResetSecondFactor {
        /// Their mail address.
        #[arg(long)]
        email: String,
    },
    /// Print a new link that makes the first admin.
    SetupLink,
    /// Print a link that lets somebody in once, within a quarter of an hour: for when their provider, password or second
    /// factor is out of reach. The audit log says so.
    SignInLink {
        /// Their mail address.
        email: String,
    },
}

impl UserCommand {
    /// Does it.
    pub async fn run(self, house: &TheHouse) -> Done {
        match self {
            Self::Create { email, role, team } => {
                let role = Role::parse(&role).filter(|role| Role::PEOPLE.contains(role));
                let role =
                    role.ok_or_else(|| Failure::Other("--role: expected viewer, placer, reviewer or admin".into()))?;
                let person = persons::create(house, &operator(), &email, &read_line()?, &team, role).await?;
                println!("{}", person.id);
            }
            Self::List => {
                for person in persons::list(house, &operator()).await? {
                    let roles = person
                        .memberships
                        .iter()
                        .map(|m| format!("{}:{}", m.team.as_deref().unwrap_or("*"), m.role.word()));
                    let state = if person.disabled { "disabled" } else { "good" };
                    let roles = roles.collect::<Vec<_>>().join(",");
                    println!("{}", [person.id.as_str(), &person.email, state, &roles].map(plain).join("\t"));
                }
            }
            Self::ResetSecondFactor { email } => {
                let email = email.trim().to_lowercase();
                let all = persons::list(house, &operator()).await?;
                let person = all.into_iter().find(|person| person.email == email);
                let person = person.ok_or_else(|| Failure::Other(format!("--email: nobody here is `{email}`")))?;
                second::reset(house, &operator(), &person.id).await?;
                house.letters.settle().await;
            }
            Self::SetupLink => match entry::setup_code(house).await? {
                Some(code) => println!("{}/setup/{code}", house.config.base_url),
                None => return Err(Failure::Other("there is an admin already; ask them for an invitation".into())),
            },
            Self::SignInLink { email } => {
                println!("{}", sign_in_link::make(house, &operator(), &email).await?.expose());
            }
        }
        Ok(())
    }
}

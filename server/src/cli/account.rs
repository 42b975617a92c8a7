//! `aviary account add | list | test | remove`

use super::{Done, Failure, TheHouse, one_line, operator, plain};
use crate::accounts;
use app::model::{
    account::{AccountForm, AccountView},
    health::Light,
};
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// What can be done with AWS accounts.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Add an AWS account to mint in.
    Add(Box<NewAccount>),
    /// List the AWS accounts.
    List {
        /// One JSON document a line.
        #[arg(long)]
        json: bool,
    },
    /// Test an account for real: a user is made as a mint would, and taken away again. Exits with 1 when a right is missing.
    Test {
        /// Twelve digits.
        id: String,
    },
    /// Remove an account that holds no living tokens.
    Remove {
        /// Twelve digits.
        id: String,
    },
}

/// An account, as its form has it.
#[derive(Debug, Args)]
pub struct NewAccount {
    /// Twelve digits.
    id: String,
    /// What people call it.
    #[arg(long, default_value = "")]
    name: String,
    /// `aws`, `aws-us-gov` or `aws-cn`.
    #[arg(long, default_value = "")]
    partition: String,
    /// The region of its queues.
    #[arg(long, default_value = "")]
    region: String,
    /// The role to assume; without one, Aviary's own credentials are used.
    #[arg(long, default_value = "")]
    role_arn: String,
    /// The external id that the role asks for.
    #[arg(long, default_value = "")]
    external_id: String,
    /// The IAM path of the users.
    #[arg(long, default_value = "")]
    path: String,
    /// A template of user names; may be given several times.
    #[arg(long = "name-template")]
    name_templates: Vec<String>,
    /// A tag of each user, KEY=VALUE; may be given several times.
    #[arg(long = "tag")]
    tags: Vec<String>,
    /// The address of the queue with EventBridge's events.
    #[arg(long, default_value = "")]
    events_queue: String,
    /// The address of the queue with the notices of new log files.
    #[arg(long, default_value = "")]
    files_queue: String,
    /// A topic whose messages are taken; may be given several times.
    #[arg(long = "topic")]
    topics: Vec<String>,
    /// A region in which keys are drilled; may be given several times.
    #[arg(long = "drill-region")]
    regions: Vec<String>,
    /// How often each token is drilled, in days.
    #[arg(long, default_value = "")]
    drill_days: String,
    /// Ask IAM when keys were last used.
    #[arg(long)]
    last_used: bool,
    /// How many living tokens it may hold.
    #[arg(long, default_value = "")]
    cap: String,
}

impl NewAccount {
    fn form(self) -> AccountForm {
        AccountForm {
            id: self.id,
            name: self.name,
            partition: self.partition,
            region: self.region,
            role_arn: self.role_arn,
            external_id: self.external_id,
            path: self.path,
            name_template: self.name_templates.join("\n"),
            tags: self.tags.join("\n"),
            events_queue: self.events_queue,
            files_queue: self.files_queue,
            topics: self.topics.join("\n"),
            regions: self.regions.join("\n"),
            drill_days: self.drill_days,
            last_used: if self.last_used { "on".into() } else { String::new() },
            cap: self.cap,
            ..AccountForm::default()
        }
    }
}

impl AccountCommand {
    /// Does it.
    pub async fn run(self, house: &TheHouse) -> Result<ExitCode, Failure> {
        let viewer = operator();
        match self {
            Self::Add(account) => {
                let added = accounts::add(house, &viewer, &account.form()).await?;
                println!("{}", added.id);
                eprintln!(
                    "{} is added. `aviary account test {}` shows whether its role is allowed enough.",
                    added.settings.name, added.id
                );
            }
            Self::List { json } => list(&accounts::list(house, &viewer).await?, json)?,
            Self::Test { id } => {
                let found = accounts::test(house, &viewer, &id).await?;
                for check in &found.status.checks {
                    let word = if check.light == Light::Good { "good" } else { "BAD " };
                    println!("{word}  {}: {}", plain(&check.name), plain(&check.says));
                }
                if found.status.checks.iter().any(|check| check.light == Light::Bad) {
                    return Ok(ExitCode::FAILURE);
                }
            }
            Self::Remove { id } => {
                accounts::remove(house, &viewer, &id).await?;
                eprintln!("{id} is removed.");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list(accounts: &[AccountView], json: bool) -> Done {
    for account in accounts {
        if json {
            println!("{}", one_line(account)?);
        } else {
            let tokens = format!("{} tokens", account.tokens);
            println!(
                "{}",
                [account.id.as_str(), &account.settings.name, &tokens, &account.settings.path].map(plain).join("\t")
            );
        }
    }
    Ok(())
}

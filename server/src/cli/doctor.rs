//! `aviary doctor`: how each part is doing, in the terminal.

use super::{Failure, TheHouse, operator, plain};
use crate::{accounts, health};
use app::model::health::{Check, Light};
use clap::Args;
use std::process::ExitCode;

/// Looks at every part of the house and at every AWS account; exits with 1 when something is broken.
#[derive(Debug, Args)]
pub struct DoctorCommand {
    /// Also test each account for real: a user is made as a mint would, and taken away again.
    #[arg(long)]
    test: bool,
}

impl DoctorCommand {
    /// Does it.
    pub async fn run(self, house: &TheHouse) -> Result<ExitCode, Failure> {
        let viewer = operator();
        let mut bad = report("Aviary", &health::checks(house, &viewer).await?);
        for account in accounts::list(house, &viewer).await? {
            // Not saved: what the server knows of its own queues stands there.
            let mut checks = match house.issuers.aws_of(&account.id) {
                Some(issuer) => accounts::inspect(house, &issuer).await?,
                None => account.status.ears,
            };
            if self.test {
                checks.extend(accounts::test(house, &viewer, &account.id).await?.status.checks);
            }
            checks.extend(account.advice.into_iter().map(|says| Check {
                name: "Advice".into(),
                light: Light::Look,
                says,
            }));
            bad += report(&format!("{} ({})", account.settings.name, account.id), &checks);
        }
        Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Prints a group of checks; how many of them are bad.
fn report(title: &str, checks: &[Check]) -> usize {
    println!("{}", plain(title));
    for check in checks {
        let word = match check.light {
            Light::Good => "good",
            Light::Look => "look",
            Light::Bad => "BAD ",
            Light::Off => "off ",
        };
        println!("  {word}  {}: {}", plain(&check.name), plain(&check.says));
    }
    checks.iter().filter(|check| check.light == Light::Bad).count()
}
